#include <config.h>

#include "src/client/ping_run.h"
#include "src/common/clock.h"

void ping_run_begin(struct ping_run *run, struct span name, uint64_t wanted) {
    *run = (struct ping_run){.wanted = wanted};
    name_copy(run->name, name);
}

size_t ping_run_waiting(const struct ping_run *run) {
    size_t count = 0;

    for (size_t i = 0; i < PING_WAITING_MAX; i++)
        count += run->waiting[i].number > 0;
    return count;
}

/* The place of the oldest, PING_WAITING_MAX if there is none. */
static size_t find_oldest(const struct ping_run *run) {
    size_t oldest = PING_WAITING_MAX;

    for (size_t i = 0; i < PING_WAITING_MAX; i++)
        if (run->waiting[i].number > 0 &&
            (oldest == PING_WAITING_MAX || run->waiting[i].number < run->waiting[oldest].number))
            oldest = i;
    return oldest;
}

uint64_t ping_run_oldest(const struct ping_run *run) {
    const size_t oldest = find_oldest(run);

    return oldest < PING_WAITING_MAX ? run->waiting[oldest].sent_at : CLOCK_NEVER;
}

void ping_run_sent(struct ping_run *run, const char *id, uint64_t now) {
    size_t i = 0;

    while (run->waiting[i].number > 0)
        i++;
    run->waiting[i] = (struct ping){.number = ++run->sent, .sent_at = now};
    memcpy(run->waiting[i].id, id, strlen(id) + 1);
}

static void note(struct ping_times *times, uint64_t took) {
    if (times->count == 0 || took < times->least)
        times->least = took;
    if (took > times->most)
        times->most = took;
    times->sum += took;
    times->count++;
}

bool ping_run_answered(struct ping_run *run, enum ping_way way, struct span id, uint64_t now, struct ping *done) {
    for (size_t i = 0; i < PING_WAITING_MAX; i++) {
        struct ping *ping = &run->waiting[i];

        if (ping->number == 0 || ping->took[way] > 0 || !span_equal(id, span_of(ping->id)))
            continue;
        ping->took[way] = now > ping->sent_at ? now - ping->sent_at : 1;
        note(&run->times[way], ping->took[way]);
        *done = *ping;
        if (done->took[PING_RELAY] > 0 && done->took[PING_PEER] > 0)
            ping->number = 0;
        return ping->number == 0;
    }
    return false;
}

bool ping_run_take_late(struct ping_run *run, uint64_t until, struct ping *late) {
    const size_t oldest = find_oldest(run);

    if (oldest == PING_WAITING_MAX || run->waiting[oldest].sent_at > until)
        return false;
    *late = run->waiting[oldest];
    run->waiting[oldest].number = 0;
    return true;
}
