/*
 * error: what can go wrong in the protocol, and the words for it on the wire.
 *
 * Every function of proto returns 0 or one of the negative codes below.  A code that ends a
 * connection before the session exists is told to the peer as the word of its row; the rest are for
 * the program that uses the library.  Pure.
 *
 * chatsecure-protocol(7), "Errors".
 */
#ifndef PROTO_ERROR_H
#define PROTO_ERROR_H

#include "proto/span.h"

/* X(name, word, text): words that travel as `code` in an error message. */
#define WIRE_ERROR_LIST(X)                                                                                             \
    X(WIRE_BAD_MESSAGE, "bad-message", "the message is malformed or not legal here")                                   \
    X(WIRE_BAD_VERSION, "bad-version", "this protocol version is not spoken here")                                     \
    X(WIRE_NO_COMMON_CIPHER, "no-common-cipher", "no cipher suite in common")                                          \
    X(WIRE_BAD_HANDSHAKE, "bad-handshake", "the handshake failed")                                                     \
    X(WIRE_NAME_TAKEN, "name-taken", "the name is in use or belongs to another key")                                   \
    X(WIRE_BAD_NAME, "bad-name", "not a valid name")                                                                   \
    X(WIRE_DENIED, "denied", "not allowed")                                                                            \
    X(WIRE_BUSY, "busy", "the server has no room at the moment")                                                       \
    X(WIRE_TIMEOUT, "timeout", "too slow")                                                                             \
    X(WIRE_NO_SUCH_USER, "no-such-user", "nobody of that name is connected")                                           \
    X(WIRE_QUEUE_FULL, "queue-full", "the receiver's queue is full")                                                   \
    X(WIRE_TOO_LARGE, "too-large", "the message is too large")                                                         \
    X(WIRE_RATE, "rate", "too many messages")                                                                          \
    X(WIRE_UNKNOWN, "unknown", "an error this version does not know")

enum wire_error {
#define PROTO_X(name, word, text) name,
    WIRE_ERROR_LIST(PROTO_X)
#undef PROTO_X
};

/* X(name, value, wire, text) */
#define PROTO_ERROR_LIST(X)                                                                                            \
    X(PROTO_OK, 0, WIRE_UNKNOWN, "success")                                                                            \
    X(PROTO_E_MEMORY, -1, WIRE_BUSY, "out of memory")                                                                  \
    X(PROTO_E_CRYPTO, -2, WIRE_BUSY, "a cryptographic operation failed on this side")                                  \
    X(PROTO_E_FULL, -3, WIRE_TOO_LARGE, "a buffer has reached its limit")                                              \
    X(PROTO_E_LINE, -4, WIRE_BAD_MESSAGE, "a line is longer than allowed")                                             \
    X(PROTO_E_JSON, -5, WIRE_BAD_MESSAGE, "a line is not the JSON that the protocol allows")                           \
    X(PROTO_E_MEMBER, -6, WIRE_BAD_MESSAGE, "a member is missing or of the wrong kind")                                \
    X(PROTO_E_TYPE, -7, WIRE_BAD_MESSAGE, "an unknown type of message")                                                \
    X(PROTO_E_STATE, -8, WIRE_BAD_MESSAGE, "a message that is not legal in this state")                                \
    X(PROTO_E_VERSION, -9, WIRE_BAD_VERSION, "the peer speaks another version of the protocol")                        \
    X(PROTO_E_SUITE, -10, WIRE_NO_COMMON_CIPHER, "no cipher suite in common")                                          \
    X(PROTO_E_NAME, -11, WIRE_BAD_NAME, "not a valid name")                                                            \
    X(PROTO_E_KEY, -12, WIRE_BAD_HANDSHAKE, "the peer's key is not acceptable")                                        \
    X(PROTO_E_HANDSHAKE, -13, WIRE_BAD_HANDSHAKE, "the handshake failed")                                              \
    X(PROTO_E_INTEGRITY, -14, WIRE_BAD_MESSAGE, "a message failed its integrity check")                                \
    X(PROTO_E_REPLAY, -15, WIRE_BAD_MESSAGE, "a message arrived twice")                                                \
    X(PROTO_E_SESSION, -16, WIRE_BAD_MESSAGE, "a message for a session that does not exist")                           \
    X(PROTO_E_EXHAUSTED, -17, WIRE_BUSY, "the session has sent as many messages as it may")                            \
    X(PROTO_E_TEXT, -18, WIRE_BAD_MESSAGE, "a text that is not UTF-8 or has a NUL")                                    \
    X(PROTO_E_TOO_LARGE, -19, WIRE_TOO_LARGE, "a text is too long for a message")

enum proto_error {
#define PROTO_X(name, value, wire, text) name = (value),
    PROTO_ERROR_LIST(PROTO_X)
#undef PROTO_X
};

/* The English text of a proto_error; never NULL. */
const char *proto_strerror(int error);

/* The word under which a proto_error is told to a peer. */
enum wire_error proto_wire_error(int error);

/* The word itself, and a text for people; never NULL. */
const char *wire_error_word(enum wire_error error);
const char *wire_error_text(enum wire_error error);

/* The error that a peer's WORD names; WIRE_UNKNOWN if this version does not know it. */
enum wire_error wire_error_from_word(struct span word);

#endif
