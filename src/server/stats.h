/*
 * stats: counters of what the server does, and their text.
 *
 * Any thread adds; nothing is locked, and a reader may see one counter ahead of another.  What the relay does is added
 * once a batch of messages, not once a message.
 * The text is the Prometheus exposition format, version 0.0.4.
 */
#ifndef SERVER_STATS_H
#define SERVER_STATS_H

#include "proto/buffer.h"
#include "src/server/limits.h"
#include <stdatomic.h>

/* X(id, family, label, value): counters of a family stand together, and those without a label are alone in it. */
#define STATS(X)                                                                                                       \
    X(CONNECTIONS, "connections_total", "", "")                                                                        \
    X(HANDSHAKE_DONE, "handshakes_total", "outcome", "done")                                                           \
    X(HANDSHAKE_BAD, "handshakes_total", "outcome", "bad")                                                             \
    X(HANDSHAKE_TIMEOUT, "handshakes_total", "outcome", "timeout")                                                     \
    X(HANDSHAKE_BUSY, "handshakes_total", "outcome", "busy")                                                           \
    X(HANDSHAKE_REFUSED, "handshakes_total", "outcome", "refused")                                                     \
    X(HANDSHAKE_LOST, "handshakes_total", "outcome", "lost")                                                           \
    X(REFUSED_HANDSHAKES, "refused_connections_total", "reason", "handshakes")                                         \
    X(REFUSED_EARLY, "refused_connections_total", "reason", "early-drop")                                              \
    X(REFUSED_SOURCE, "refused_connections_total", "reason", "source-handshakes")                                      \
    X(REFUSED_RATE, "refused_connections_total", "reason", "source-rate")                                              \
    X(REFUSED_PENALTY, "refused_connections_total", "reason", "penalty")                                               \
    X(REFUSED_CLIENTS, "refused_connections_total", "reason", "clients")                                               \
    X(REFUSED_SYSTEM, "refused_connections_total", "reason", "system")                                                 \
    X(MESSAGES, "relayed_messages_total", "", "")                                                                      \
    X(BYTES, "relayed_bytes_total", "", "")                                                                            \
    X(UNDELIVERED_NOBODY, "undelivered_messages_total", "reason", "no-such-user")                                      \
    X(UNDELIVERED_QUEUE, "undelivered_messages_total", "reason", "queue-full")                                         \
    X(UNDELIVERED_OTHER, "undelivered_messages_total", "reason", "other")                                              \
    X(SLOWED, "slowed_clients_total", "", "")                                                                          \
    X(DROPPED_STALLED, "dropped_clients_total", "reason", "stalled")                                                   \
    X(DROPPED_SILENT, "dropped_clients_total", "reason", "silent")

#define STATS_ID(id, family, label, value) STATS_##id,
enum stats_counter { STATS(STATS_ID) STATS_COUNTERS };
#undef STATS_ID

/* What is counted elsewhere and is true at the moment. */
struct stats_gauges {
    uint64_t connections;
    uint64_t clients;
    uint64_t handshakes;
    uint64_t sources;
    uint64_t outbox_bytes;
    uint64_t rsa_running;
    uint64_t rsa_waiting;
    const struct limits *limits; /* in force */
};

/* Upper bounds of the latency's buckets: see stats.c.  One more is for what is longer than all. */
#define STATS_BUCKETS 14

struct stats {
    atomic_uint_fast64_t counters[STATS_COUNTERS];
    atomic_uint_fast64_t latency[STATS_BUCKETS + 1]; /* messages */
    atomic_uint_fast64_t latency_sum;                /* nanoseconds of all messages */
};

void stats_add(struct stats *stats, enum stats_counter counter, uint64_t amount);

/* MESSAGES of BYTES in all were carried, LATENCY nanoseconds after they had been received. */
void stats_relayed(struct stats *stats, uint64_t messages, uint64_t bytes, uint64_t latency);

/* Appends the text.  PROTO_E_FULL, PROTO_E_MEMORY. */
int stats_write(const struct stats *stats, const struct stats_gauges *gauges, struct buffer *out)
    __attribute__((warn_unused_result));

#endif
