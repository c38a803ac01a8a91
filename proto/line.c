#include <config.h>

#include "proto/error.h"
#include "proto/line.h"

/* Drops what the last line took. */
static void drop_taken(struct line_reader *reader) {
    buffer_consume(&reader->input, reader->taken);
    reader->taken = 0;
}

int line_next(struct line_reader *reader, size_t limit, char **line, size_t *size) {
    for (;;) {
        char *data, *end;
        size_t held, length;

        drop_taken(reader);
        data = (char *)buffer_data(&reader->input);
        held = reader->input.size;
        end = held > reader->scanned ? memchr(data + reader->scanned, '\n', held - reader->scanned) : NULL;
        if (end == NULL) {
            reader->scanned = held;
            /* Without its end in sight, `limit` bytes are already one too many. */
            return held >= limit ? PROTO_E_LINE : 0;
        }
        length = (size_t)(end - data);
        reader->taken = length + 1;
        reader->scanned = 0;
        if (length + 1 > limit)
            return PROTO_E_LINE;
        if (length > 0 && data[length - 1] == '\r')
            length--;
        if (length > 0) {
            *line = data;
            *size = length;
            return 1;
        }
    }
}

bool line_partial(const struct line_reader *reader) {
    return reader->input.size > reader->taken;
}

void line_reader_free(struct line_reader *reader) {
    buffer_free(&reader->input);
    reader->scanned = reader->taken = 0;
}
