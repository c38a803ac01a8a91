#include <config.h>

#include "src/client/output.h"
#include "src/common/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Bytes that a pipe takes without blocking when it polls as writable. */
#ifdef PIPE_BUF
#define OUTPUT_PIECE PIPE_BUF
#else
#define OUTPUT_PIECE _POSIX_PIPE_BUF
#endif

/* Bytes of memory that the queue keeps when it is empty. */
#define OUTPUT_KEEP 65536

struct pending_mark {
    uint64_t end; /* of its bytes, counted from the first ever appended */
    struct output_mark mark;
};

struct output {
    int fd;
    int error; /* errno of the write that failed */
    struct buffer bytes;
    struct handing *handing; /* NULL: bytes are written from where they are */
    size_t inherited;        /* bytes laid down there that were never appended here */
    uint64_t written;
    struct pending_mark *marks; /* a ring of `capacity` */
    size_t capacity, first, count;
};

void output_mark_set(struct output_mark *mark, const char *peer, const char *fingerprint, const char *id) {
    name_copy(mark->peer, span_of(peer));
    snprintf(mark->fingerprint, sizeof(mark->fingerprint), "%s", fingerprint);
    snprintf(mark->id, sizeof(mark->id), "%s", id);
}

struct output *output_new(int fd) {
    struct output *output = calloc(1, sizeof(*output));

    if (output) {
        output->fd = fd;
        output->bytes = BUFFER_INIT(OUTPUT_LIMIT);
    }
    return output;
}

void output_free(struct output *output) {
    if (!output)
        return;
    buffer_free(&output->bytes);
    free(output->marks);
    free(output);
}

int output_fd(const struct output *output) {
    return output->fd;
}

void output_hand_through(struct output *output, struct handing *handing) {
    output->handing = handing;
    output->inherited = handing_rest(handing).size;
}

/* Bytes that are laid down. */
static size_t laid(const struct output *output) {
    return output->handing && output->error == 0 ? handing_rest(output->handing).size : 0;
}

size_t output_waiting(const struct output *output) {
    return output->bytes.size + laid(output);
}

int output_append(struct output *output, struct span text) {
    return buffer_append(&output->bytes, text.data, text.size);
}

static int grow_marks(struct output *output) {
    size_t capacity = output->capacity ? 2 * output->capacity : 64;
    struct pending_mark *marks = calloc(capacity, sizeof(*marks));

    if (!marks)
        return PROTO_E_MEMORY;
    for (size_t i = 0; i < output->count; i++)
        marks[i] = output->marks[(output->first + i) % output->capacity];
    free(output->marks);
    output->marks = marks;
    output->capacity = capacity;
    output->first = 0;
    return PROTO_OK;
}

int output_add_mark(struct output *output, const struct output_mark *mark) {
    struct pending_mark *pending;
    int error = output->count == output->capacity ? grow_marks(output) : PROTO_OK;

    if (error != PROTO_OK)
        return error;
    pending = &output->marks[(output->first + output->count++) % output->capacity];
    *pending =
        (struct pending_mark){.end = output->written + output_waiting(output) - output->inherited, .mark = *mark};
    return PROTO_OK;
}

bool output_next_mark(struct output *output, struct output_mark *mark) {
    if (output->count == 0 || output->inherited > 0 || output->marks[output->first].end > output->written)
        return false;
    *mark = output->marks[output->first].mark;
    output->first = (output->first + 1) % output->capacity;
    output->count--;
    return true;
}

/* True if a write will not block: it takes bytes, or fails. */
static bool takes_bytes(int fd) {
    struct pollfd poller = {.fd = fd, .events = POLLOUT};

    return poll(&poller, 1, 0) > 0;
}

/* Lays down what waits, as many whole lines as there is room for. */
static void lay_down(struct output *output) {
    struct span text = buffer_span(&output->bytes);
    struct handing_message messages[HANDING_MESSAGES_MAX];
    size_t count = 0;

    if (text.size > HANDING_MAX) {
        text.size = HANDING_MAX;
        while (text.size > 1 && text.data[text.size - 1] != '\n')
            text.size--;
    }
    for (; count < HANDING_MESSAGES_MAX && count < output->count; count++) {
        const struct pending_mark *pending = &output->marks[(output->first + count) % output->capacity];
        const uint64_t end = pending->end - output->written;

        if (end > text.size)
            break;
        messages[count].end = (uint32_t)end;
        received_digest(messages[count].digest, pending->mark.fingerprint, pending->mark.id);
    }
    if (count == HANDING_MESSAGES_MAX)
        text.size = messages[count - 1].end;
    handing_lay(output->handing, text, messages, count);
    buffer_consume(&output->bytes, text.size);
}

/* Writes a piece of what waits, as write(2) does. */
static ssize_t write_piece(struct output *output) {
    size_t size;

    if (output->handing && laid(output) == 0)
        lay_down(output);
    size = output->handing ? laid(output) : output->bytes.size;
    size = size < OUTPUT_PIECE ? size : OUTPUT_PIECE;
    return output->handing ? handing_write(output->handing, size)
                           : write(output->fd, buffer_data(&output->bytes), size);
}

/* SIZE further bytes are written. */
static void count_written(struct output *output, size_t size) {
    if (output->inherited > 0) {
        output->inherited -= size;
        return;
    }
    if (!output->handing)
        buffer_consume(&output->bytes, size);
    output->written += size;
}

int output_write(struct output *output) {
    while (output->error == 0 && output_waiting(output) > 0 && takes_bytes(output->fd)) {
        const ssize_t written = write_piece(output);

        if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (written < 0 && errno != EINTR)
            output->error = errno;
        if (written > 0)
            count_written(output, (size_t)written);
    }
    if (output->error != 0)
        buffer_truncate(&output->bytes, 0);
    buffer_shrink(&output->bytes, OUTPUT_KEEP);
    return output->error;
}

void output_drain(struct output *output, int linger) {
    uint64_t until = clock_monotonic_ms() + (uint64_t)linger;

    while (output_write(output) == 0 && output_waiting(output) > 0) {
        struct pollfd poller = {.fd = output_fd(output), .events = POLLOUT};
        int timeout = clock_poll_timeout(clock_monotonic_ms(), until);

        if (timeout == 0 || (poll(&poller, 1, timeout) < 0 && errno != EINTR))
            break;
    }
}
