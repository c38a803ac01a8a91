/* The trials in which some users send and others receive. */
#include <config.h>

#include "src/bench/flow.h"
#include "src/bench/measure.h"
#include "src/bench/trials.h"

#include <stdio.h>
#include <stdlib.h>

/* Messages before the measuring begins: sessions stand then, and memory has been touched. */
#define WARM_UP 100

/* ---- flows ----------------------------------------------------------------------------------------- */

/* COUNT flows; from user 0 to each of the others, or from each even user to the next. */
static struct flow *make_flows(struct crowd *crowd, size_t count, bool from_one) {
    struct flow *flows = calloc(count, sizeof(*flows));

    if (flows == NULL)
        crowd_fail(crowd, "out of memory");
    for (size_t i = 0; flows != NULL && i < count; i++) {
        struct user *near = crowd->users[from_one ? 0 : 2 * i];
        struct user *far = crowd->users[from_one ? i + 1 : 2 * i + 1];

        if (flow_init(&flows[i], near, far) != 0)
            break;
        flows[i].ends[FLOW_FAR].eager = true;
    }
    return flows;
}

static void free_flows(struct crowd *crowd, struct flow *flows, size_t count) {
    for (size_t i = 0; i < crowd->count; i++)
        crowd->users[i]->flow = NULL;
    for (size_t i = 0; flows != NULL && i < count; i++)
        flow_free(&flows[i]);
    free(flows);
}

/* Sends what FLOW has room for, until GOAL messages are sent.  True if that is done and all have arrived. */
static bool pump(struct flow *flow, const struct traffic *traffic, uint64_t goal) {
    struct flow_end *near = &flow->ends[FLOW_NEAR];

    while (near->sent < goal) {
        uint64_t count = goal - near->sent < traffic->per_write ? goal - near->sent : traffic->per_write;

        if (flow_pending(flow, FLOW_NEAR) + count > traffic->window)
            return false;
        flow_send(flow, FLOW_NEAR, count);
        user_flush(near->user);
    }
    return flow_is_settled(flow);
}

/* Runs all flows until each has sent GOAL messages, and all have arrived. */
static int run_flows(struct crowd *crowd, struct flow *flows, size_t count, const struct traffic *traffic,
                     uint64_t goal) {
    for (;;) {
        bool done = true;

        for (size_t i = 0; i < count; i++)
            done = pump(&flows[i], traffic, goal) && done;
        if (crowd->failed)
            return -1;
        if (done)
            return 0;
        if (crowd_step(crowd) != 0)
            return -1;
    }
}

int trial_throughput(struct bench *bench, const struct traffic *traffic, struct report_row *row) {
    struct crowd crowd;
    struct flow *flows = NULL;
    struct measure measure;
    int error = bench_crowd(bench, &crowd, 2 * traffic->pairs, traffic->opaque, traffic->size);

    if (error != 0)
        return error;
    measure_name(row, "throughput", traffic);
    snprintf(row->label + strlen(row->label), sizeof(row->label) - strlen(row->label), ", %zu pair%s", traffic->pairs,
             traffic->pairs == 1 ? "" : "s");
    report_add(row, "window", (double)traffic->window);
    report_add(row, "per_write", (double)traffic->per_write);
    report_progress(&bench->report, "%s", row->label);
    error = crowd_grow(&crowd, 2 * traffic->pairs);
    if (error == 0)
        flows = make_flows(&crowd, traffic->pairs, false);
    if (error == 0)
        error = crowd.failed ? -1 : run_flows(&crowd, flows, traffic->pairs, traffic, WARM_UP);
    measure_begin(&measure, bench, &crowd);
    if (error == 0)
        error = run_flows(&crowd, flows, traffic->pairs, traffic, WARM_UP + traffic->messages);
    measure_add(row, &measure, bench, &crowd, traffic->messages * traffic->pairs);
    free_flows(&crowd, flows, traffic->pairs);
    return bench_disperse(bench, &crowd, error);
}

/* ---- one to many ----------------------------------------------------------------------------------- */

/* Sends ROUNDS messages on every flow, one after the other. */
static int run_rounds(struct crowd *crowd, struct flow *flows, size_t count, uint64_t rounds) {
    for (uint64_t round = 0; round < rounds; round++) {
        size_t settled = 0;

        for (size_t i = 0; i < count; i++)
            flow_send(&flows[i], FLOW_NEAR, 1);
        user_flush(flows[0].ends[FLOW_NEAR].user);
        while (settled < count) {
            if (crowd_step(crowd) != 0)
                return -1;
            while (settled < count && flow_is_settled(&flows[settled]))
                settled++;
        }
    }
    return 0;
}

int trial_fan_out(struct bench *bench, const struct traffic *traffic, size_t receivers, struct report_row *row) {
    struct crowd crowd;
    struct flow *flows = NULL;
    struct measure measure;
    int error = bench_crowd(bench, &crowd, receivers + 1, traffic->opaque, traffic->size);

    if (error != 0)
        return error;
    measure_name(row, "fan-out", traffic);
    snprintf(row->label + strlen(row->label), sizeof(row->label) - strlen(row->label), ", 1 to %zu", receivers);
    report_progress(&bench->report, "%s", row->label);
    error = crowd_grow(&crowd, receivers + 1);
    if (error == 0)
        flows = make_flows(&crowd, receivers, true);
    if (error == 0)
        error = crowd.failed ? -1 : run_rounds(&crowd, flows, receivers, 2);
    measure_begin(&measure, bench, &crowd);
    if (error == 0)
        error = run_rounds(&crowd, flows, receivers, traffic->messages);
    measure_add(row, &measure, bench, &crowd, traffic->messages * receivers);
    free_flows(&crowd, flows, receivers);
    return bench_disperse(bench, &crowd, error);
}
