#include <config.h>

#include "crypto/cscrypto.h"
#include "src/client/recall.h"

#include <stdlib.h>

static void drop(struct span line) {
    char *memory = (char *)line.data;

    csc_wipe(memory, line.size);
    free(memory);
}

static void drop_oldest(struct recall *recall) {
    recall->bytes -= recall->lines[0].size;
    drop(recall->lines[0]);
    memmove(recall->lines, recall->lines + 1, --recall->count * sizeof(recall->lines[0]));
}

void recall_add(struct recall *recall, struct span line) {
    char *copy;

    if (line.size == 0 || line.size > RECALL_BYTES_MAX || span_equal(line, recall_line(recall, 1)))
        return;
    copy = malloc(line.size);
    if (!copy)
        return;
    while (recall->count == RECALL_LINES_MAX || recall->bytes + line.size > RECALL_BYTES_MAX)
        drop_oldest(recall);
    memcpy(copy, line.data, line.size);
    recall->lines[recall->count++] = (struct span){copy, line.size};
    recall->bytes += line.size;
}

struct span recall_line(const struct recall *recall, size_t age) {
    return age > 0 && age <= recall->count ? recall->lines[recall->count - age] : (struct span){NULL, 0};
}

static bool has(struct span line, struct span query) {
    for (size_t at = 0; at + query.size <= line.size; at++)
        if (memcmp(line.data + at, query.data, query.size) == 0)
            return true;
    return false;
}

size_t recall_find(const struct recall *recall, struct span query, size_t age) {
    for (age = age > 0 ? age : 1; query.size > 0 && age <= recall->count; age++)
        if (has(recall_line(recall, age), query))
            return age;
    return 0;
}

void recall_free(struct recall *recall) {
    for (size_t i = 0; i < recall->count; i++)
        drop(recall->lines[i]);
    recall->count = recall->bytes = 0;
}
