#include <config.h>

#include "proto/text.h"
#include "src/client/input.h"

/* The bytes held, without the line that was taken last. */
static struct span held(const struct input *input) {
    struct span bytes = buffer_span(&input->bytes);

    if (input->taken == 0)
        return bytes;
    return (struct span){bytes.data + input->taken, bytes.size - input->taken};
}

static void drop_taken(struct input *input) {
    buffer_consume(&input->bytes, input->taken);
    input->taken = 0;
}

static const char *find_end(const struct input *input, struct span bytes) {
    return bytes.size > 0 && !input->whole ? memchr(bytes.data, '\n', bytes.size) : NULL;
}

/* True if all of the input is one line, and that has not been taken: it comes even if it is empty. */
static bool owes_line(const struct input *input) {
    return input->whole && input->number == 0;
}

int input_reserve(struct input *input, uint8_t **room, size_t *size) {
    size_t space;
    int error;

    drop_taken(input);
    space = input->bytes.limit - input->bytes.size;
    if (find_end(input, held(input)) || space == 0) {
        *size = 0;
        return PROTO_OK;
    }
    if (*size < space)
        space = *size;
    error = buffer_reserve(&input->bytes, space, room);
    if (error == PROTO_OK)
        *size = space;
    return error;
}

void input_commit(struct input *input, size_t size) {
    buffer_commit(&input->bytes, size);
}

int input_preset(struct input *input, struct span text) {
    input->whole = input->ended = true;
    /* Of a text that is too long, so much is enough to find that out. */
    return buffer_append(&input->bytes, text.data, text.size < INPUT_LIMIT ? text.size : INPUT_LIMIT);
}

void input_end(struct input *input) {
    input->ended = true;
}

static enum input_defect judge(struct span text) {
    if (text.size > 0 && memchr(text.data, '\0', text.size))
        return INPUT_NUL;
    return text_is_utf8(text) ? INPUT_GOOD : INPUT_NOT_UTF8;
}

/* Skips the rest of a line that was too long.  False: it has not ended yet. */
static bool skip(struct input *input) {
    struct span bytes = held(input);
    const char *end = find_end(input, bytes);

    buffer_consume(&input->bytes, end ? (size_t)(end - bytes.data) + 1 : bytes.size);
    input->skipping = end == NULL;
    return end != NULL;
}

/* SIZE bytes of TEXT without the character END that may be their last. */
static size_t drop_end(struct span text, size_t size, char end) {
    return size > 0 && text.data && text.data[size - 1] == end ? size - 1 : size;
}

bool input_next(struct input *input, struct input_line *line) {
    struct span bytes;
    const char *end;
    size_t size;

    drop_taken(input);
    if (input->skipping && !skip(input))
        return false;

    bytes = held(input);
    end = find_end(input, bytes);
    size = end ? (size_t)(end - bytes.data) : bytes.size;
    if (!end && size <= INPUT_LINE_MAX + 1 && (!input->ended || (size == 0 && !owes_line(input))))
        return false;

    *line = (struct input_line){.number = ++input->number};
    input->taken = size + (end != NULL);
    input->skipping = !end && !input->ended;
    if (input->whole)
        size = drop_end(bytes, size, '\n');
    size = drop_end(bytes, size, '\r');
    if (size > INPUT_LINE_MAX) {
        line->defect = INPUT_TOO_LONG;
        return true;
    }
    line->text = (struct span){bytes.data, size};
    line->defect = judge(line->text);
    return true;
}

void input_put_back(struct input *input) {
    input->taken = 0;
    input->number--;
}

struct span input_rest(const struct input *input) {
    return held(input);
}

bool input_waiting(const struct input *input) {
    return held(input).size > 0;
}

bool input_is_over(const struct input *input) {
    return input->ended && !input_waiting(input) && !owes_line(input);
}

const char *input_defect_text(enum input_defect defect) {
    switch (defect) {
    case INPUT_TOO_LONG:
        return "too long for a message";
    case INPUT_NUL:
        return "it has a NUL byte";
    case INPUT_NOT_UTF8:
        return "it is not UTF-8";
    case INPUT_GOOD:
        break;
    }
    return "good";
}

void input_free(struct input *input) {
    buffer_free(&input->bytes);
}
