#include <config.h>

#include "src/common/clock.h"

#include <limits.h>
#include <time.h>

static uint64_t read_clock(clockid_t id) {
    struct timespec now = {0};

    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t clock_monotonic_ms(void) {
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t clock_monotonic_ns(void) {
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t clock_wall_ms(void) {
    return read_clock(CLOCK_REALTIME);
}

int clock_poll_timeout(uint64_t now, uint64_t deadline) {
    if (deadline == CLOCK_NEVER)
        return -1;
    if (deadline <= now)
        return 0;
    return deadline - now > INT_MAX ? INT_MAX : (int)(deadline - now);
}
