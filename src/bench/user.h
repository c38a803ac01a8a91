/*
 * user: one connection of the load generator to the server, from connect() to bye.
 *
 * Runs the real protocol (proto/link) on a non-blocking socket that a crowd polls.  Payloads to send
 * are sealed into its output and go out when it is flushed, all in one call, so that a trial says how
 * many messages a write has.
 * What goes wrong is told to the crowd, which ends the trial.  Single owner: the crowd.
 */
#ifndef BENCH_USER_H
#define BENCH_USER_H

#include "proto/link.h"
#include "src/common/identity.h"

struct crowd;
struct flow;

enum user_state {
    USER_CONNECTING,
    USER_HANDSHAKING,
    USER_READY,   /* registered */
    USER_LEAVING, /* bye is said, the server's end of the stream is awaited */
    USER_GONE,    /* closed, in order */
};

struct user {
    struct crowd *crowd;
    size_t index;
    char name[NAME_SIZE];
    enum user_state state;
    int socket; /* -1: closed */
    struct link *link;
    struct buffer output;
    struct flow *flow; /* of which this user is the far end; NULL: none */
};

/* Begins to connect number INDEX of CROWD. */
int user_start(struct user *user, struct crowd *crowd, size_t index) __attribute__((warn_unused_result));
void user_free(struct user *user);

/* What poll() is to wait for. */
short user_events(const struct user *user);

/* Does what the socket is ready for. */
void user_turn(struct user *user, short events);

/* Seals PAYLOAD into the output. */
void user_put(struct user *user, struct span payload);

/* Sends what the kernel takes of the output. */
void user_flush(struct user *user);

/* Says bye. */
void user_leave(struct user *user);

#endif
