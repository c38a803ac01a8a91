#include <config.h>

#include "src/bench/guests.h"

#include "src/bench/crowd.h"
#include "src/common/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* What may wait to be read, and what one write may have. */
#define BUFFER_MAX (4 * 1024 * 1024)

/* A text, and room for a NUL. */
#define TEXT_SIZE     1024
#define NUMBER_FORMAT "%010" PRIu64
#define NUMBER_DIGITS 10

static int fail(struct guests *guests, const char *what) {
    diagnostic_set(&guests->why, "%s: %s", guests->process->rival->name, what);
    return -1;
}

int guests_init(struct guests *guests, const struct rival_process *process, size_t capacity, size_t size,
                uint64_t timeout) {
    *guests = (struct guests){
        .process = process,
        .guests = calloc(capacity, sizeof(*guests->guests)),
        .fds = calloc(capacity, sizeof(*guests->fds)),
        .capacity = capacity,
        .size = size < TEXT_SIZE ? size : TEXT_SIZE - 1,
        .timeout = timeout,
    };
    return guests->guests != NULL && guests->fds != NULL ? 0 : fail(guests, "out of memory");
}

static void hang_up(struct guest *guest) {
    tls_close(&guest->tls);
    buffer_free(&guest->in);
}

void guests_free(struct guests *guests) {
    for (size_t i = 0; i < guests->count; i++)
        hang_up(&guests->guests[i]);
    free(guests->guests);
    free(guests->fds);
    guests->guests = NULL;
    guests->fds = NULL;
    guests->count = 0;
}

/* ---- what they say ----------------------------------------------------------------------------------- */

/* Sends OUT, unless composing it has failed, and frees it. */
static int send_out(struct guests *guests, struct guest *guest, struct buffer *out, int error) {
    if (error == 0 && out->size > 0)
        error = tls_send(&guest->tls, buffer_data(out), out->size, guests->timeout);
    buffer_free(out);
    return error != 0 ? fail(guests, "cannot send") : 0;
}

static struct span compose(char text[static TEXT_SIZE], size_t size, uint64_t number) {
    snprintf(text, TEXT_SIZE, NUMBER_FORMAT, number);
    memset(text + NUMBER_DIGITS, '.', size - NUMBER_DIGITS);
    return (struct span){text, size};
}

int guests_tell(struct guests *guests, uint64_t first, uint64_t count) {
    struct buffer out = BUFFER_INIT(BUFFER_MAX);
    char text[TEXT_SIZE] = "";
    int error = 0;

    for (uint64_t i = 0; i < count && error == 0; i++)
        error = guests->process->rival->tell(&out, 1, compose(text, guests->size, first + i));
    return send_out(guests, &guests->guests[0], &out, error);
}

int guests_tell_group(struct guests *guests, uint64_t number) {
    struct buffer out = BUFFER_INIT(BUFFER_MAX);
    char text[TEXT_SIZE] = "";
    int error = guests->process->rival->tell_group(&out, compose(text, guests->size, number));

    return send_out(guests, &guests->guests[0], &out, error);
}

/* ---- what they hear ---------------------------------------------------------------------------------- */

static int take_text(struct guests *guests, struct guest *guest, struct span text) {
    char number[NUMBER_DIGITS + 1] = "";

    memcpy(number, text.data, text.size < NUMBER_DIGITS ? text.size : NUMBER_DIGITS);
    if (strtoull(number, NULL, 10) != guest->arrived + 1)
        return fail(guests, "a message is lost or out of order");
    guest->arrived++;
    return 0;
}

static int take_all(struct guests *guests, struct guest *guest) {
    struct span text = SPAN("");
    enum rival_word word;
    size_t size = 0;
    int error = 0;

    while (error == 0 && (word = guests->process->rival->next_word(buffer_span(&guest->in), &size, &text)) != 0) {
        guest->welcome |= word == RIVAL_WELCOME;
        guest->joined |= word == RIVAL_JOINED;
        if (word == RIVAL_MESSAGE)
            error = take_text(guests, guest, text);
        buffer_consume(&guest->in, size);
    }
    return error;
}

static int hear(struct guests *guests, struct guest *guest) {
    if (crowd_interrupted)
        return fail(guests, "interrupted");
    if (tls_receive(&guest->tls, &guest->in) < 0)
        return fail(guests, "the server closes the connection");
    return take_all(guests, guest);
}

int guests_step(struct guests *guests) {
    int found = 0;
    int error = 0;

    for (size_t i = 0; i < guests->count; i++)
        guests->fds[i] = (struct pollfd){.fd = guests->guests[i].tls.socket, .events = POLLIN};
    found = poll(guests->fds, (nfds_t)guests->count, (int)guests->timeout);
    if (found == 0)
        return fail(guests, "nothing comes any more: messages are lost");
    if (found < 0)
        return errno == EINTR ? 0 : fail(guests, diagnostic_errno(errno));
    for (size_t i = 0; i < guests->count && error == 0; i++)
        if (guests->fds[i].revents != 0)
            error = hear(guests, &guests->guests[i]);
    return error;
}

/* ---- how they come and go ---------------------------------------------------------------------------- */

/* Waits until *FLAG of GUEST is set by what it hears. */
static int await(struct guests *guests, struct guest *guest, const bool *flag) {
    const uint64_t deadline = clock_monotonic_ms() + guests->timeout;

    while (!*flag) {
        if (tls_wait(&guest->tls, guests->timeout) != 0 || clock_monotonic_ms() >= deadline)
            return fail(guests, "no answer");
        if (hear(guests, guest) != 0)
            return -1;
    }
    return 0;
}

int guests_add(struct guests *guests, bool group) {
    const struct rival *rival = guests->process->rival;
    const size_t index = guests->count;
    struct guest *guest = &guests->guests[index];
    struct buffer out = BUFFER_INIT(BUFFER_MAX);
    bool asks = false;

    *guest = (struct guest){.in = BUFFER_INIT(BUFFER_MAX)};
    if (tls_connect(&guest->tls, &guests->process->address, guests->timeout) != 0)
        return fail(guests, "cannot connect");
    guests->count++;
    if (send_out(guests, guest, &out, rival->introduce(&out, index)) != 0 || await(guests, guest, &guest->welcome) != 0)
        return -1;
    out = BUFFER_INIT(BUFFER_MAX);
    if (rival->join(&out, index, group) != 0)
        return fail(guests, "out of memory");
    asks = out.size > 0;
    if (send_out(guests, guest, &out, 0) != 0)
        return -1;
    return asks ? await(guests, guest, &guest->joined) : 0;
}

int guests_remove(struct guests *guests) {
    struct guest *guest = &guests->guests[guests->count - 1];
    struct buffer out = BUFFER_INIT(BUFFER_MAX);

    if (send_out(guests, guest, &out, guests->process->rival->leave(&out)) != 0)
        return -1;
    while (tls_wait(&guest->tls, guests->timeout) == 0 && tls_receive(&guest->tls, &guest->in) >= 0)
        continue;
    hang_up(guest);
    guests->count--;
    return 0;
}
