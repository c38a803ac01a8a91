/*
 * limits: what strangers and clients may have of the server, from one table.
 *
 * LIMITS is the one place where a limit is declared: its member of struct limits, its option, its range, its default
 * and its sentence in the help are made from it.  chatsecure-server(8), "LIMITS", says why each is there.
 * Pure.
 */
#ifndef SERVER_LIMITS_H
#define SERVER_LIMITS_H

#include "src/common/diagnostic.h"
#include <stddef.h>
#include <stdint.h>

enum limit_unit {
    LIMIT_COUNT,
    LIMIT_BYTES,  /* written with K, M or G behind it if wanted, powers of 1024 */
    LIMIT_SECONDS /* kept in milliseconds */
};

/* X(id, member, unit, name, argument, smallest, largest, default, help).  Smallest and largest are in the unit as it is
 * written.  0, where it is legal, does away with the limit unless the help says something else. */
#define LIMITS(X)                                                                                                      \
    X(MAX_CLIENTS, max_clients, COUNT, "max-clients", "N", 1, 1000000, "10000", "connections at a time")               \
    X(MAX_HANDSHAKES, max_handshakes, COUNT, "max-handshakes", "N", 1, 1000000, "256",                                 \
      "connections at a time that are in their handshake")                                                             \
    X(EARLY_DROP, early_drop, COUNT, "early-drop", "N", 0, 1000000, "128",                                             \
      "with so many in their handshake begin to refuse at random; more of them the nearer --max-handshakes is")        \
    X(HANDSHAKE_TIMEOUT, handshake_timeout, SECONDS, "handshake-timeout", "SEC", 1, 86400, "30",                       \
      "time a client has for its handshake")                                                                           \
    X(SOURCE_HANDSHAKES, source_handshakes, COUNT, "source-handshakes", "N", 1, 1000000, "32",                         \
      "connections in their handshake from one source, which is an IPv4 address or an IPv6 network of 64 bits")        \
    X(SOURCE_RATE, source_rate, COUNT, "source-rate", "N", 0, 1000000, "20",                                           \
      "handshakes a second from one source; 0: any number")                                                            \
    X(SOURCE_BURST, source_burst, COUNT, "source-burst", "N", 1, 1000000, "40",                                        \
      "handshakes from one source at once after a pause")                                                              \
    X(RSA_PARALLEL, rsa_parallel, COUNT, "rsa-parallel", "N", 0, 1000000, "0",                                         \
      "RSA private operations at a time; 0: twice the number of processors")                                           \
    X(PENALTY_BAD, penalty_bad, SECONDS, "penalty-bad", "SEC", 0, 86400, "5",                                          \
      "added to the penalty of a source for a handshake that is wrong")                                                \
    X(PENALTY_TIMEOUT, penalty_timeout, SECONDS, "penalty-timeout", "SEC", 0, 86400, "10",                             \
      "added to the penalty of a source for a handshake that takes too long")                                          \
    X(PENALTY_FROM, penalty_from, SECONDS, "penalty-from", "SEC", 1, 86400, "15",                                      \
      "a source with so much penalty is refused until it has passed")                                                  \
    X(PENALTY_MAX, penalty_max, SECONDS, "penalty-max", "SEC", 1, 86400, "600", "most penalty that a source can have") \
    X(PENALTY_SOURCES, penalty_sources, COUNT, "penalty-sources", "N", 1, 16777216, "65536",                           \
      "sources remembered; the oldest is forgotten for the next")                                                      \
    X(RATE, rate, BYTES, "rate", "BYTES", 0, 1073741824, "1M",                                                         \
      "bytes a second that are taken from a client on average; 0: any number")                                         \
    X(MESSAGE_RATE, message_rate, COUNT, "message-rate", "N", 0, 10000000, "2000",                                     \
      "messages a second that are taken from a client on average; 0: any number")                                      \
    X(RATE_BURST, rate_burst, SECONDS, "rate-burst", "SEC", 1, 3600, "4",                                              \
      "after a pause a client may send at once what --rate and --message-rate allow in this time")                     \
    X(OUTBOX_BYTES, outbox_bytes, BYTES, "outbox-bytes", "BYTES", 131072, 1073741824, "1M",                            \
      "bytes that wait for a client that is slow to read")                                                             \
    X(OUTBOX_MESSAGES, outbox_messages, COUNT, "outbox-messages", "N", 2, 10000000, "1000",                            \
      "messages that wait for a client that is slow to read")                                                          \
    X(OUTBOX_TOTAL, outbox_total, BYTES, "outbox-total", "BYTES", 0, 1099511627776, "256M",                            \
      "bytes that wait for all slow clients together; 0: any number")                                                  \
    X(STALL_TIMEOUT, stall_timeout, SECONDS, "stall-timeout", "SEC", 1, 86400, "30",                                   \
      "drop a client that takes next to nothing of what waits for it for so long")                                     \
    X(PING_AFTER, ping_after, SECONDS, "ping-after", "SEC", 1, 86400, "60",                                            \
      "ask a client that was silent for so long, and drop it if there is no answer within a third of that")            \
    X(UPGRADE_TIMEOUT, upgrade_timeout, SECONDS, "upgrade-timeout", "SEC", 1, 20, "10",                                \
      "time a new server has to get ready, after which this one goes on")

#define LIMITS_ID(id, member, unit, name, argument, smallest, largest, standard, help) LIMIT_##id,
enum limit { LIMITS(LIMITS_ID) LIMITS_COUNT };
#undef LIMITS_ID

#define LIMITS_MEMBER(id, member, unit, name, argument, smallest, largest, standard, help) _Atomic uint64_t member;

/* Those that are in force may change while others read them, each for itself. */
struct limits {
    LIMITS(LIMITS_MEMBER)
};
#undef LIMITS_MEMBER

/* The defaults. */
void limits_init(struct limits *limits);

/* Sets one from how it is written on a command line.  0, or -EINVAL and WHY, which goes on behind the option's name. */
int limits_set(struct limits *limits, enum limit limit, const char *text, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Has those of LIVE, which others may be reading, follow FRESH. */
void limits_follow(struct limits *live, const struct limits *fresh);

/* How one is called, and what it is: a count, bytes or seconds. */
const char *limits_name(enum limit limit);
uint64_t limits_value(const struct limits *limits, enum limit limit);

/* Writes one as limits_set() takes it. */
#define LIMITS_TEXT_SIZE 24
void limits_text(const struct limits *limits, enum limit limit, char out[static LIMITS_TEXT_SIZE]);

#endif
