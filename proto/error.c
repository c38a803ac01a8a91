#include <config.h>

#include "proto/error.h"

const char *proto_strerror(int error) {
    switch (error) {
#define PROTO_X(name, value, wire, text)                                                                               \
    case name:                                                                                                         \
        return text;
        PROTO_ERROR_LIST(PROTO_X)
#undef PROTO_X
    default:
        return "unknown error";
    }
}

enum wire_error proto_wire_error(int error) {
    switch (error) {
#define PROTO_X(name, value, wire, text)                                                                               \
    case name:                                                                                                         \
        return wire;
        PROTO_ERROR_LIST(PROTO_X)
#undef PROTO_X
    default:
        return WIRE_UNKNOWN;
    }
}

static const struct {
    const char *word;
    const char *text;
} wire_errors[] = {
#define PROTO_X(name, word, text) [name] = {word, text},
    WIRE_ERROR_LIST(PROTO_X)
#undef PROTO_X
};

const char *wire_error_word(enum wire_error error) {
    return wire_errors[error].word;
}

const char *wire_error_text(enum wire_error error) {
    return wire_errors[error].text;
}

enum wire_error wire_error_from_word(struct span word) {
    for (size_t i = 0; i < WIRE_UNKNOWN; i++)
        if (span_equal(word, span_of(wire_errors[i].word)))
            return (enum wire_error)i;
    return WIRE_UNKNOWN;
}
