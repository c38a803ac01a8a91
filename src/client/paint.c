#include <config.h>

#include "proto/name.h"
#include "src/client/paint.h"

#include <stdint.h>

/* Red is for what is wrong; black and white are one or the other's background. */
static const char *const colors[] = {"\033[32m", "\033[33m", "\033[34m", "\033[35m", "\033[36m", "\033[94m"};

const char *paint_color(const char *name) {
    char folded[NAME_SIZE];
    uint32_t hash = 2166136261; /* FNV-1a */

    name_fold(folded, span_of(name));
    for (const char *c = folded; *c != '\0'; c++)
        hash = (hash ^ (uint8_t)*c) * 16777619;
    return colors[hash % (sizeof(colors) / sizeof(colors[0]))];
}

/* True for what may be part of a name, or of a letter that is not ASCII. */
static bool is_of_word(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (uint8_t)c >= 0x80;
}

bool paint_mentions(struct span text, const char *name) {
    const size_t size = strlen(name);

    for (size_t at = 0; at + size <= text.size; at++)
        if (name_equal((struct span){text.data + at, size}, span_of(name)) &&
            (at == 0 || !is_of_word(text.data[at - 1])) &&
            (at + size == text.size || !is_of_word(text.data[at + size])))
            return true;
    return false;
}
