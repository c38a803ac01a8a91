#include <config.h>

#include "src/server/outbox.h"

#include <errno.h>
#include <sys/socket.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

void outbox_init(struct outbox *outbox, int socket, const struct wake *wake,
                 struct outbox_pool *pool) NO_THREAD_ANALYSIS {
    *outbox = (struct outbox){
        .socket = socket,
        .wake = wake,
        .pool = pool,
        .state = OUTBOX_PLAIN,
        .queue = BUFFER_INIT(SIZE_MAX), /* has_room_locked() bounds it, by limits that may change */
    };
    lock_init(&outbox->lock);
}

/* Charges the pool for a queue of SIZE bytes; MUST it be, or only if there is room.  False: there is none.  Nobody gets
 * more than is left. */
static bool charge_locked(struct outbox *outbox, size_t size, bool must) REQUIRES(outbox->lock) {
    const uint64_t most = outbox->pool->limits->outbox_total;
    const uint64_t charge = size - size % OUTBOX_STEP;
    const uint64_t more = charge - outbox->charged;
    uint64_t held = 0;

    if (charge == outbox->charged)
        return true;
    /* What is less wraps around, and comes out right. */
    held = atomic_fetch_add_explicit(&outbox->pool->held, more, memory_order_relaxed) + more;
    if (charge > outbox->charged && !must && most > 0 && (held > most || charge > most - held)) {
        atomic_fetch_sub_explicit(&outbox->pool->held, more, memory_order_relaxed);
        return false;
    }
    outbox->charged = charge;
    return true;
}

static int append_locked(struct outbox *outbox, struct span line) REQUIRES(outbox->lock) {
    int error = buffer_append(&outbox->queue, line.data, line.size);

    if (error == 0)
        outbox->messages++;
    return error;
}

int outbox_append(struct outbox *outbox, struct span lines) {
    int error = PROTO_E_STATE;

    lock_acquire(&outbox->lock);
    if (outbox->state == OUTBOX_PLAIN)
        error = append_locked(outbox, lines);
    lock_release(&outbox->lock);
    return error;
}

int outbox_open(struct outbox *outbox, struct channel_sender *sender, struct span line) {
    int error = PROTO_E_STATE;

    lock_acquire(&outbox->lock);
    if (outbox->state == OUTBOX_PLAIN)
        error = append_locked(outbox, line);
    if (error == 0) {
        outbox->sender = sender;
        outbox->state = OUTBOX_OPEN;
        sender = NULL;
    }
    lock_release(&outbox->lock);
    channel_sender_free(sender);
    return error;
}

void outbox_withdraw(struct outbox *outbox) {
    lock_acquire(&outbox->lock);
    channel_sender_free(outbox->sender);
    outbox->sender = NULL;
    buffer_truncate(&outbox->queue, 0);
    outbox->messages = 0;
    outbox->state = OUTBOX_PLAIN;
    lock_release(&outbox->lock);
}

static int seal_locked(struct outbox *outbox, struct span payload) REQUIRES(outbox->lock) {
    int error = channel_seal(outbox->sender, payload, &outbox->queue);

    if (error == 0)
        outbox->messages++;
    return error;
}

/* Whether a line of SIZE more bytes may wait. */
static bool has_room_locked(struct outbox *outbox, size_t size, enum outbox_from from) REQUIRES(outbox->lock) {
    const struct limits *limits = outbox->pool->limits;
    const size_t together = outbox->queue.size + size;
    const size_t reserve = from == OUTBOX_FROM_SELF ? OUTBOX_RESERVE : 0;

    if (together > limits->outbox_bytes + reserve ||
        (from == OUTBOX_FROM_OTHERS && outbox->messages >= limits->outbox_messages))
        return false;
    return charge_locked(outbox, together, from == OUTBOX_FROM_SELF);
}

int outbox_push(struct outbox *outbox, struct span payload, enum outbox_from from) {
    int error = 0;

    lock_acquire(&outbox->lock);
    if (outbox->state != OUTBOX_OPEN || outbox->broken)
        error = PROTO_E_STATE;
    else if (!has_room_locked(outbox, channel_line_size(payload.size), from))
        error = PROTO_E_FULL;
    else
        error = seal_locked(outbox, payload);
    lock_release(&outbox->lock);
    return error;
}

void outbox_finish(struct outbox *outbox, struct span bye, struct span line) {
    lock_acquire(&outbox->lock);
    if (outbox->state == OUTBOX_OPEN || outbox->state == OUTBOX_PLAIN) {
        /* The connection ends either way; a last word that has no room ends it without one. */
        if (outbox->state == OUTBOX_OPEN && bye.size > 0 && seal_locked(outbox, bye) != 0)
            outbox->broken = true;
        if (line.size > 0 && append_locked(outbox, line) != 0)
            outbox->broken = true;
        outbox->state = OUTBOX_FINISHING;
        channel_sender_free(outbox->sender);
        outbox->sender = NULL;
    }
    lock_release(&outbox->lock);
}

static size_t count_lines(const uint8_t *data, size_t size) {
    const uint8_t *end = data + size;
    size_t count = 0;

    while (size > 0 && (data = memchr(data, '\n', (size_t)(end - data))) != NULL) {
        count++;
        data++;
    }
    return count;
}

/* Three quarters of what there is for all outboxes are taken. */
static bool is_scarce(const struct outbox_pool *pool) {
    const uint64_t most = pool->limits->outbox_total;

    return most > 0 && atomic_load_explicit(&pool->held, memory_order_relaxed) > most - most / 4;
}

/* From now on it counts as progress when the kernel takes what is due, but not a byte now and then.  Where memory is
 * scarce, who holds much has to take much. */
static void expect_progress_locked(struct outbox *outbox, uint64_t now) REQUIRES(outbox->lock) {
    const size_t size = outbox->queue.size;
    size_t due = is_scarce(outbox->pool) ? size / 2 : 0;

    if (due < OUTBOX_PROGRESS_MIN)
        due = OUTBOX_PROGRESS_MIN;
    outbox->progress = now;
    outbox->owed = size < due ? size : due;
}

static void take_sent_locked(struct outbox *outbox, size_t sent, uint64_t now) REQUIRES(outbox->lock) {
    outbox->messages -= count_lines(buffer_data(&outbox->queue), sent);
    buffer_consume(&outbox->queue, sent);
    outbox->waiting = outbox->queue.size > 0;
    if (sent >= outbox->owed)
        expect_progress_locked(outbox, now);
    else
        outbox->owed -= sent;
}

static void send_locked(struct outbox *outbox, uint64_t now) REQUIRES(outbox->lock) {
    while (outbox->queue.size > 0) {
        ssize_t sent =
            send(outbox->socket, buffer_data(&outbox->queue), outbox->queue.size, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            outbox->waiting = errno == EAGAIN || errno == EWOULDBLOCK;
            outbox->broken = !outbox->waiting;
            break;
        }
        take_sent_locked(outbox, (size_t)sent, now);
        if (outbox->waiting)
            break;
    }
    charge_locked(outbox, outbox->queue.size, true);
    buffer_shrink(&outbox->queue, OUTBOX_KEEP);
}

void outbox_flush(struct outbox *outbox, uint64_t now) {
    bool wake = false;

    lock_acquire(&outbox->lock);
    if (outbox->state != OUTBOX_CLOSED && !outbox->waiting && !outbox->broken) {
        expect_progress_locked(outbox, now);
        send_locked(outbox, now);
        wake = outbox->waiting || outbox->broken;
    }
    lock_release(&outbox->lock);
    if (wake)
        wake_signal(outbox->wake);
}

void outbox_resume(struct outbox *outbox, uint64_t now) {
    lock_acquire(&outbox->lock);
    if (outbox->state != OUTBOX_CLOSED && !outbox->broken) {
        outbox->waiting = false;
        send_locked(outbox, now);
    }
    lock_release(&outbox->lock);
}

struct outbox_status outbox_status(struct outbox *outbox) {
    const struct limits *limits = outbox->pool->limits;
    struct outbox_status status = {.deadline = UINT64_MAX};

    lock_acquire(&outbox->lock);
    status.waiting = outbox->waiting;
    status.broken = outbox->broken;
    status.empty = outbox->queue.size == 0;
    status.crowded = outbox->queue.size > limits->outbox_bytes / 2 || outbox->messages > limits->outbox_messages / 2;
    if (outbox->waiting)
        status.deadline = outbox->progress + limits->stall_timeout;
    lock_release(&outbox->lock);
    return status;
}

void outbox_idle(struct outbox *outbox) {
    lock_acquire(&outbox->lock);
    buffer_shrink(&outbox->queue, 0);
    lock_release(&outbox->lock);
}

void outbox_close(struct outbox *outbox) {
    lock_acquire(&outbox->lock);
    outbox->state = OUTBOX_CLOSED;
    channel_sender_free(outbox->sender);
    outbox->sender = NULL;
    buffer_free(&outbox->queue);
    charge_locked(outbox, 0, true);
    outbox->messages = 0;
    outbox->waiting = false;
    lock_release(&outbox->lock);
}

void outbox_destroy(struct outbox *outbox) {
    lock_destroy(&outbox->lock);
}
