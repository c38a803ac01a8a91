/*
 * connection: a client's thread, from accept() to close().
 *
 * It polls its socket and its session's wake, runs the protocol (link), gives what it opens to the
 * service, and empties its own outbox when the kernel could not take all at once.  Everything in it
 * belongs to its thread; others reach the client through its session only.
 */
#ifndef SERVER_CONNECTION_H
#define SERVER_CONNECTION_H

#include "src/common/identity.h"
#include "src/server/admission.h"
#include "src/server/census.h"
#include "src/server/control.h"
#include "src/server/ending.h"
#include "src/server/errands.h"
#include "src/server/gate.h"
#include "src/server/handover.h"
#include "src/server/own_chain.h"
#include "src/server/registry.h"
#include "src/server/session_table.h"
#include "src/server/settings.h"
#include "src/server/stats.h"
#include "src/server/supervisor.h"
#include "src/server/upgrade.h"
#include "src/server/vetting.h"

/* What all connections share.  Constant while they run, but for what has a lock of its own. */
struct server {
    struct settings *settings; /* name and suites are constant, the rest is main()'s and then reload()'s */
    struct limits limits;      /* in force; change at any time */
    struct identity identity;
    struct own_chain chain;
    struct vetting vetting;
    struct session_table *table;
    struct registry *registry;
    struct admission admission;
    struct gate rsa; /* around private operations */
    struct outbox_pool outboxes;
    struct stats stats;
    int state_lock; /* of the state directory */
    struct control control;
    struct census census;
    struct supervisor supervisor;
    struct errands errands;
    struct upgrade upgrade;
    struct handover handover; /* main()'s, until this server has taken over */
    struct ending ending;
};

/* A client that was just accepted. */
struct arrival {
    int socket;
    uint64_t id;              /* from census_enter() */
    struct source_key source; /* granted by admission_enter() */
    const char *address;      /* for the log */
};

/* Starts the thread of ARRIVAL, whose socket it owns from now on, on failure too.  Admission and census are left when
 * the connection ends.  0, or a negative code: there is no memory or no thread to be had. */
int connection_start(struct server *server, const struct arrival *arrival) __attribute__((warn_unused_result));

/* Tells the one behind SOCKET that there is no room, and WHY, which needs no escaping, and closes it.  Does not wait.
 */
void connection_refuse(int socket, const char *why);

#endif
