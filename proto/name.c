#include <config.h>

#include "proto/name.h"

#include <assert.h>

/* The C locale's classes, whatever the locale is. */
static bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static char fold(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool name_is_valid(struct span name) {
    if (name.size == 0 || name.size > NAME_LENGTH_MAX || !is_letter(name.data[0]))
        return false;
    for (size_t i = 1; i < name.size; i++) {
        char c = name.data[i];

        if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-')
            return false;
    }
    return true;
}

int name_compare(struct span a, struct span b) {
    size_t common = a.size < b.size ? a.size : b.size;

    for (size_t i = 0; i < common; i++) {
        int difference = fold(a.data[i]) - fold(b.data[i]);

        if (difference != 0)
            return difference;
    }
    return (a.size > b.size) - (a.size < b.size);
}

bool name_equal(struct span a, struct span b) {
    return a.size == b.size && name_compare(a, b) == 0;
}

void name_copy(char out[static NAME_SIZE], struct span name) {
    assert(name.size <= NAME_LENGTH_MAX);
    memcpy(out, name.data, name.size);
    out[name.size] = '\0';
}

void name_fold(char out[static NAME_SIZE], struct span name) {
    name_copy(out, name);
    for (size_t i = 0; i < name.size; i++)
        out[i] = fold(out[i]);
}
