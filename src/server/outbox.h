/*
 * outbox: what is on its way to one client, where any thread may put something.
 *
 * Before the session stands its own thread appends the plain lines of the handshake; from outbox_open()
 * on, payloads are sealed into it by whoever has one, and the order of sealing is the order on the wire.
 * Whoever has put something in flushes: one non-blocking send.  When the kernel takes no more the outbox
 * is `waiting`: others only add, and the client's own thread is woken to poll for writing and resume.
 * So nobody ever blocks on somebody else's socket.
 *
 * Others are refused at a limit in bytes and one in messages, and at one in bytes for all outboxes
 * together; the client's own answers have room beyond, OUTBOX_RESERVE, and never fail for want of it as
 * long as its thread takes no more requests while the outbox is crowded.
 *
 * Locked: rank outbox.  Errors: PROTO_E_FULL, PROTO_E_STATE (no session yet, or no more), and those of
 * channel_seal().
 */
#ifndef SERVER_OUTBOX_H
#define SERVER_OUTBOX_H

#include "proto/channel.h"
#include "proto/error.h"
#include "src/common/lock.h"
#include "src/server/limits.h"
#include "src/server/wake.h"
#include <stdatomic.h>

/* For the client's own answers: the longest line and one more. */
#define OUTBOX_RESERVE (128 * 1024)
/* Memory that an outbox without content keeps between bursts. */
#define OUTBOX_KEEP (64 * 1024)
/* What counts as taking something: so much, or all that waited.  With the default of --stall-timeout it is 550 bytes a
 * second, and a full outbox lasts half an hour at most; where memory is scarce it is half of what waits. */
#define OUTBOX_PROGRESS_MIN (16 * 1024)
/* All outboxes together are counted in whole steps of this, so that one without a backlog costs no shared counter and
 * is refused nothing however much the others hold. */
#define OUTBOX_STEP (16 * 1024)

/* What all outboxes share. */
struct outbox_pool {
    const struct limits *limits; /* borrowed */
    atomic_uint_fast64_t held;   /* bytes, in whole steps of each */
};

enum outbox_state {
    OUTBOX_PLAIN,     /* no session yet */
    OUTBOX_OPEN,      /* a session */
    OUTBOX_FINISHING, /* the last line is in; only sending is left */
    OUTBOX_CLOSED     /* the socket is gone */
};

enum outbox_from { OUTBOX_FROM_OTHERS, OUTBOX_FROM_SELF };

struct outbox {
    int socket;              /* valid until OUTBOX_CLOSED */
    const struct wake *wake; /* of the client's thread */
    struct outbox_pool *pool;
    struct lock lock;
    enum outbox_state state GUARDED_BY(lock);
    struct channel_sender *sender GUARDED_BY(lock);
    struct buffer queue GUARDED_BY(lock); /* whole lines, less what of the first was sent */
    size_t messages GUARDED_BY(lock);     /* line ends in `queue` */
    bool waiting GUARDED_BY(lock);        /* the kernel took no more */
    bool broken GUARDED_BY(lock);         /* the connection failed */
    uint64_t charged GUARDED_BY(lock);    /* of `queue`, to the pool */
    uint64_t progress GUARDED_BY(lock);   /* when the kernel had last taken what counts, or the queue was empty */
    size_t owed GUARDED_BY(lock);         /* what it has to take for the next progress */
};

/* What the client's own thread needs to know before it sleeps. */
struct outbox_status {
    bool waiting; /* poll for writing, then outbox_resume() */
    bool broken;
    bool empty;
    bool crowded;      /* half full: take no more requests of this client */
    uint64_t deadline; /* when the client counts as stalled; UINT64_MAX: nothing waits */
};

/* SOCKET, WAKE and POOL are borrowed. */
void outbox_init(struct outbox *outbox, int socket, const struct wake *wake, struct outbox_pool *pool);

/* Appends plain LINES of the handshake. */
int outbox_append(struct outbox *outbox, struct span lines) EXCLUDES(outbox->lock) __attribute__((warn_unused_result));

/* The session begins: appends LINE, its first secure message, and takes SENDER, on failure too. */
int outbox_open(struct outbox *outbox, struct channel_sender *sender, struct span line) EXCLUDES(outbox->lock)
    __attribute__((warn_unused_result));

/* The session does not begin after all: takes the line and the sender back.  Before anybody else can reach the outbox,
 * and before anything was sent. */
void outbox_withdraw(struct outbox *outbox) EXCLUDES(outbox->lock);

/* Seals PAYLOAD into the outbox. */
int outbox_push(struct outbox *outbox, struct span payload, enum outbox_from from) EXCLUDES(outbox->lock)
    __attribute__((warn_unused_result));

/* The last of this direction: BYE is sealed if there is a session and it is not empty, then the plain LINE appended.
 * What others push from now on is refused.  What has no room is left out. */
void outbox_finish(struct outbox *outbox, struct span bye, struct span line) EXCLUDES(outbox->lock);

/* Sends what the kernel takes, unless somebody waits for it already.  NOW in milliseconds of the monotonic clock. */
void outbox_flush(struct outbox *outbox, uint64_t now) EXCLUDES(outbox->lock);

/* The same when poll() says that the kernel takes more.  Own thread. */
void outbox_resume(struct outbox *outbox, uint64_t now) EXCLUDES(outbox->lock);

struct outbox_status outbox_status(struct outbox *outbox) EXCLUDES(outbox->lock);

/* Gives its memory back if it has no content; there will be none for a while. */
void outbox_idle(struct outbox *outbox) EXCLUDES(outbox->lock);

/* Drops all, wipes the keys, and uses the socket no more. */
void outbox_close(struct outbox *outbox) EXCLUDES(outbox->lock);

/* After outbox_close(), when nobody else can reach it any more. */
void outbox_destroy(struct outbox *outbox);

#endif
