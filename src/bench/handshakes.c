/* The trial in which users come and go. */
#include <config.h>

#include "src/bench/trials.h"

#include <stdio.h>

/* Handshakes before the measuring begins. */
#define WARM_UP 20

/* Lets users come and go until COUNT more handshakes are done. */
static int run_handshakes(struct crowd *crowd, uint64_t count) {
    const uint64_t goal = crowd->accepted + count;

    while (crowd->accepted < goal) {
        for (size_t i = 0; i < crowd->count; i++) {
            struct user *user = crowd->users[i];

            if (user->state == USER_READY)
                user_leave(user);
            else if (user->state == USER_GONE && user_start(user, crowd, i) != 0)
                return -1;
        }
        if (crowd_step(crowd) != 0)
            return -1;
    }
    return 0;
}

int trial_handshakes(struct bench *bench, uint64_t count, size_t at_once, struct report_row *row) {
    struct crowd crowd;
    struct usage before = {0};
    struct usage after = {0};
    uint64_t begun = 0;
    int error = bench_crowd(bench, &crowd, at_once, true, 0);

    if (error != 0)
        return error;
    *row = (struct report_row){.trial = "handshakes"};
    snprintf(row->label, sizeof(row->label), "%zu at a time", at_once);
    report_progress(&bench->report, "handshakes, %s", row->label);
    error = crowd_grow(&crowd, at_once);
    if (error == 0)
        error = run_handshakes(&crowd, WARM_UP);
    before = relay_process_usage(&bench->relay);
    begun = usage_wall_ns();
    if (error == 0)
        error = run_handshakes(&crowd, count);
    after = relay_process_usage(&bench->relay);
    report_add(row, "handshakes", (double)count);
    report_add(row, "handshakes/s", (double)count / ((double)(usage_wall_ns() - begun) / 1e9));
    report_add(row, "cpu_us/handshake", (double)(after.cpu_ns - before.cpu_ns) / 1e3 / (double)count);
    return bench_disperse(bench, &crowd, error);
}
