#include <config.h>

#include "src/bench/crowd.h"

#include "src/common/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Handshakes at a time: keeps the server busy, and is under what it lets one address have. */
#define CONNECTING_MAX 16

/* How often those who rest are looked after, and the clocks of conversations looked at. */
#define REST_MS 250
#define TICK_MS 10

volatile sig_atomic_t crowd_interrupted;

int crowd_init(struct crowd *crowd, const struct crowd_config *config, size_t capacity) {
    *crowd = (struct crowd){
        .config = *config,
        .users = calloc(capacity, sizeof(*crowd->users)),
        .fds = calloc(capacity, sizeof(*crowd->fds)),
        .capacity = capacity,
        .now = clock_monotonic_ms(),
    };
    crowd->progress = crowd->now;
    if (crowd->users != NULL && crowd->fds != NULL)
        return 0;
    crowd_free(crowd);
    crowd_fail(crowd, "out of memory");
    return -1;
}

void crowd_free(struct crowd *crowd) {
    for (size_t i = 0; crowd->users != NULL && i < crowd->count; i++) {
        user_free(crowd->users[i]);
        free(crowd->users[i]);
    }
    free(crowd->users);
    free(crowd->fds);
    crowd->users = NULL;
    crowd->fds = NULL;
    crowd->count = crowd->capacity = crowd->end = 0;
}

void crowd_fail(struct crowd *crowd, const char *format, ...) {
    char text[DIAGNOSTIC_SIZE] = "";
    va_list arguments;

    if (crowd->failed)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    diagnostic_set(&crowd->why, "%s", text);
    crowd->failed = true;
}

static int add_user(struct crowd *crowd) {
    struct user *user = calloc(1, sizeof(*user));

    if (user == NULL) {
        crowd_fail(crowd, "out of memory");
        return -1;
    }
    crowd->users[crowd->count++] = user;
    return user_start(user, crowd, crowd->count - 1);
}

int crowd_grow(struct crowd *crowd, size_t count) {
    crowd->first = crowd->count;
    while (crowd->ready < count) {
        while (crowd->count < count && crowd->count - crowd->ready < CONNECTING_MAX)
            if (add_user(crowd) != 0)
                return -1;
        /* Those who have registered while others still connect have nothing to do. */
        while (crowd->users[crowd->first]->state == USER_READY)
            crowd->first++;
        crowd->end = crowd->count;
        if (crowd_step(crowd) != 0)
            return -1;
    }
    crowd->first = 0;
    return 0;
}

void crowd_rest(struct crowd *crowd, size_t first) {
    for (size_t i = first; i < crowd->count; i++) {
        link_idle(crowd->users[i]->link);
        buffer_shrink(&crowd->users[i]->output, 0);
    }
    crowd->end = first;
}

/* Polls users [FIRST, END) and gives each its turn. */
static int poll_users(struct crowd *crowd, size_t first, size_t end, int timeout) {
    int found = 0;

    for (size_t i = first; i < end; i++)
        crowd->fds[i] = (struct pollfd){.fd = crowd->users[i]->socket, .events = user_events(crowd->users[i])};
    found = poll(crowd->fds + first, (nfds_t)(end - first), timeout);
    crowd->now = clock_monotonic_ms();
    if (found < 0 && errno != EINTR)
        crowd_fail(crowd, "poll: %s", diagnostic_errno(errno));
    for (size_t i = first; found > 0 && i < end && !crowd->failed; i++)
        user_turn(crowd->users[i], crowd->fds[i].revents);
    return found;
}

static void look_after(struct crowd *crowd) {
    crowd->looked_after = crowd->now;
    if (crowd->first > 0)
        poll_users(crowd, 0, crowd->first, 0);
    if (crowd->end < crowd->count)
        poll_users(crowd, crowd->end, crowd->count, 0);
}

int crowd_step(struct crowd *crowd) {
    int timeout = crowd->config.opaque ? REST_MS : TICK_MS;

    if (poll_users(crowd, crowd->first, crowd->end, timeout) == 0 &&
        crowd->now - crowd->progress > crowd->config.timeout)
        crowd_fail(crowd, "nothing has come for %llu seconds: messages are lost",
                   (unsigned long long)crowd->config.timeout / 1000);
    if (crowd->now - crowd->looked_after >= REST_MS)
        look_after(crowd);
    if (!crowd->config.opaque && crowd->now - crowd->ticked >= TICK_MS) {
        crowd->ticked = crowd->now;
        crowd->config.listener->tick(crowd);
    }
    if (crowd_interrupted)
        crowd_fail(crowd, "interrupted");
    return crowd->failed ? -1 : 0;
}

int crowd_leave(struct crowd *crowd) {
    size_t gone = 0;

    crowd->end = crowd->count;
    while (gone < crowd->count) {
        gone = 0;
        for (size_t i = 0; i < crowd->count; i++) {
            if (crowd->users[i]->state == USER_READY)
                user_leave(crowd->users[i]);
            gone += crowd->users[i]->state == USER_GONE;
        }
        if (gone < crowd->count && crowd_step(crowd) != 0)
            return -1;
    }
    return 0;
}
