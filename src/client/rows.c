#include <config.h>

#include "src/client/rows.h"

static void use(struct rows *rows, uint64_t bottom) {
    if (rows->bottom < bottom)
        rows->bottom = bottom;
}

void rows_forget(struct rows *rows) {
    rows->count = 0;
    /* The cursor may be anywhere by now: the lowest row is where the least can be reached. */
    rows->bottom = rows->next + 1;
}

void rows_resize(struct rows *rows, size_t columns, size_t height) {
    rows->columns = columns;
    rows->height = height;
    rows_forget(rows);
}

/* Goes on behind what takes EXTENT, whose last row is END. */
static void go_on(struct rows *rows, const struct extent *extent, size_t end) {
    rows->next += end + 1;
    if (extent->least.row != extent->most.row)
        rows_forget(rows);
    use(rows, rows->next + 1);
}

void rows_print(struct rows *rows, struct span text) {
    while (text.size > 0) {
        const char *end = memchr(text.data, '\n', text.size);
        const struct span line = {text.data, end ? (size_t)(end - text.data) : text.size};
        struct extent extent = {{0, 0}, {0, 0}};

        columns_extend(&extent, line, rows->columns);
        go_on(rows, &extent, extent.most.row);
        text.data += line.size + (end != NULL);
        text.size -= line.size + (end != NULL);
    }
}

void rows_use(struct rows *rows, size_t count) {
    use(rows, rows->next + count);
}

static void add(struct rows *rows, const struct row_line *line) {
    if (rows->count == ROWS_LINES) {
        rows->first = (rows->first + 1) % ROWS_LINES;
        rows->count--;
    }
    rows->lines[(rows->first + rows->count++) % ROWS_LINES] = *line;
}

void rows_type(struct rows *rows, unsigned long number, const struct extent *extent, struct place end) {
    const struct row_line line = {number, rows->next + end.row, end.column};
    const bool certain = extent->least.row == extent->most.row && extent->least.column == extent->most.column;

    go_on(rows, extent, end.row);
    if (certain)
        add(rows, &line);
}

bool rows_find(const struct rows *rows, unsigned long number, size_t *up, size_t *column) {
    for (size_t i = rows->count; i > 0; i--) {
        const struct row_line *line = &rows->lines[(rows->first + i - 1) % ROWS_LINES];

        if (line->number != number)
            continue;
        *up = (size_t)(rows->next - line->row);
        *column = line->column;
        return line->row + rows->height >= rows->bottom;
    }
    return false;
}
