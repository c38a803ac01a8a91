#include <config.h>

#include "src/server/outbox.h"

#include <errno.h>
#include <sys/socket.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

void outbox_init(struct outbox *outbox, int socket, const struct wake *wake) NO_THREAD_ANALYSIS {
    *outbox = (struct outbox){
        .socket = socket,
        .wake = wake,
        .state = OUTBOX_PLAIN,
        .queue = BUFFER_INIT(OUTBOX_BYTES_MAX + OUTBOX_RESERVE),
    };
    lock_init(&outbox->lock);
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

int outbox_push(struct outbox *outbox, struct span payload, enum outbox_from from) {
    int error = 0;

    lock_acquire(&outbox->lock);
    if (outbox->state != OUTBOX_OPEN || outbox->broken)
        error = PROTO_E_STATE;
    else if (from == OUTBOX_FROM_OTHERS && (outbox->messages >= OUTBOX_MESSAGES_MAX ||
                                            outbox->queue.size + channel_line_size(payload.size) > OUTBOX_BYTES_MAX))
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

static void send_locked(struct outbox *outbox, uint64_t now) REQUIRES(outbox->lock) {
    while (outbox->queue.size > 0) {
        const uint8_t *data = buffer_data(&outbox->queue);
        ssize_t sent = send(outbox->socket, data, outbox->queue.size, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            outbox->waiting = errno == EAGAIN || errno == EWOULDBLOCK;
            outbox->broken = !outbox->waiting;
            break;
        }
        outbox->messages -= count_lines(data, (size_t)sent);
        outbox->waiting = (size_t)sent < outbox->queue.size;
        outbox->progress = now;
        buffer_consume(&outbox->queue, (size_t)sent);
        if (outbox->waiting)
            break;
    }
    buffer_shrink(&outbox->queue, OUTBOX_KEEP_BUSY);
}

void outbox_flush(struct outbox *outbox, uint64_t now) {
    bool wake = false;

    lock_acquire(&outbox->lock);
    if (outbox->state != OUTBOX_CLOSED && !outbox->waiting && !outbox->broken) {
        outbox->progress = now;
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
    struct outbox_status status = {.deadline = UINT64_MAX};

    lock_acquire(&outbox->lock);
    status.waiting = outbox->waiting;
    status.broken = outbox->broken;
    status.empty = outbox->queue.size == 0;
    status.crowded = outbox->queue.size > OUTBOX_BYTES_MAX / 2 || outbox->messages > OUTBOX_MESSAGES_MAX / 2;
    if (outbox->waiting)
        status.deadline = outbox->progress + OUTBOX_STALL_MS;
    lock_release(&outbox->lock);
    return status;
}

void outbox_idle(struct outbox *outbox) {
    lock_acquire(&outbox->lock);
    buffer_shrink(&outbox->queue, OUTBOX_KEEP_IDLE);
    lock_release(&outbox->lock);
}

void outbox_close(struct outbox *outbox) {
    lock_acquire(&outbox->lock);
    outbox->state = OUTBOX_CLOSED;
    channel_sender_free(outbox->sender);
    outbox->sender = NULL;
    buffer_free(&outbox->queue);
    outbox->messages = 0;
    outbox->waiting = false;
    lock_release(&outbox->lock);
}

void outbox_destroy(struct outbox *outbox) {
    lock_destroy(&outbox->lock);
}
