/* The trials in which users talk. */
#include <config.h>

#include "src/bench/flow.h"
#include "src/bench/samples.h"
#include "src/bench/trials.h"

#include <stdio.h>
#include <stdlib.h>

/* Messages before the measuring begins: sessions stand then, and memory has been touched. */
#define WARM_UP 100

/* The server's memory counts as settled when it has not become less for so long. */
#define SETTLED_MS 2000

/* What is measured from begin_measuring() on. */
struct measure {
    struct usage usage;
    uint64_t wall_ns;
    uint64_t relayed;
};

static void begin_measuring(struct measure *measure, const struct bench *bench, const struct crowd *crowd) {
    *measure = (struct measure){
        .usage = relay_process_usage(&bench->relay), .wall_ns = usage_wall_ns(), .relayed = crowd->relayed};
}

/* Adds what was measured since BEGUN, in which MESSAGES were delivered, to ROW.  A payload is what the relay carries: a
 * message, and end to end a receipt too. */
static void add_measured(struct report_row *row, const struct measure *begun, const struct bench *bench,
                         const struct crowd *crowd, uint64_t messages) {
    const struct usage usage = relay_process_usage(&bench->relay);
    const double seconds = (double)(usage_wall_ns() - begun->wall_ns) / 1e9;
    const double relayed = (double)(crowd->relayed - begun->relayed);

    report_add(row, "messages", (double)messages);
    report_add(row, "messages/s", (double)messages / seconds);
    report_add(row, "payloads", relayed);
    report_add(row, "cpu_us/payload", (double)(usage.cpu_ns - begun->usage.cpu_ns) / 1e3 / relayed);
    report_add(row, "rss_kib", (double)usage.memory_kib);
}

static void name_row(struct report_row *row, const char *trial, const struct traffic *traffic) {
    *row = (struct report_row){.trial = trial};
    snprintf(row->label, sizeof(row->label), "%s %zu B", traffic->opaque ? "opaque" : "end-to-end", traffic->size);
}

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
    name_row(row, "throughput", traffic);
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
    begin_measuring(&measure, bench, &crowd);
    if (error == 0)
        error = run_flows(&crowd, flows, traffic->pairs, traffic, WARM_UP + traffic->messages);
    add_measured(row, &measure, bench, &crowd, traffic->messages * traffic->pairs);
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
    name_row(row, "fan-out", traffic);
    snprintf(row->label + strlen(row->label), sizeof(row->label) - strlen(row->label), ", 1 to %zu", receivers);
    report_progress(&bench->report, "%s", row->label);
    error = crowd_grow(&crowd, receivers + 1);
    if (error == 0)
        flows = make_flows(&crowd, receivers, true);
    if (error == 0)
        error = crowd.failed ? -1 : run_rounds(&crowd, flows, receivers, 2);
    begin_measuring(&measure, bench, &crowd);
    if (error == 0)
        error = run_rounds(&crowd, flows, receivers, traffic->messages);
    add_measured(row, &measure, bench, &crowd, traffic->messages * receivers);
    free_flows(&crowd, flows, receivers);
    return bench_disperse(bench, &crowd, error);
}

/* ---- to and fro ------------------------------------------------------------------------------------ */

static int round_trip(struct crowd *crowd, struct flow *flow) {
    for (int side = FLOW_NEAR; side <= FLOW_FAR; side++) {
        const struct flow_end *other = &flow->ends[1 - side];
        const uint64_t before = other->arrived;

        flow_send(flow, (enum flow_side)side, 1);
        user_flush(flow->ends[side].user);
        while (other->arrived == before)
            if (crowd_step(crowd) != 0)
                return -1;
    }
    return 0;
}

static int run_round_trips(struct crowd *crowd, struct flow *flow, uint64_t count, struct samples *samples) {
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t begun = usage_wall_ns();

        if (round_trip(crowd, flow) != 0)
            return -1;
        if (samples != NULL)
            samples_add(samples, usage_wall_ns() - begun);
    }
    return 0;
}

static const unsigned percentiles[] = {500, 990, 999};
#define PERCENTILES (sizeof(percentiles) / sizeof(percentiles[0]))

/* COUNT round trips in as many runs as the arguments say, and the percentiles of each, of which the medians are added:
 * a machine that has something else to do for a moment spoils one run and not all. */
static int time_round_trips(struct bench *bench, struct crowd *crowd, struct flow *flow, uint64_t count,
                            struct report_row *row) {
    static const char *const names[] = {"p50_us", "p99_us", "p999_us"};
    const uint64_t runs = count < bench->arguments->runs ? count : bench->arguments->runs;
    struct samples medians[PERCENTILES] = {{0}};
    struct samples samples = {0};
    int error = samples_init(&samples, (size_t)(count / runs));

    for (size_t i = 0; i < PERCENTILES && error == 0; i++)
        error = samples_init(&medians[i], (size_t)runs);
    for (uint64_t run = 0; run < runs && error == 0; run++) {
        samples.count = 0;
        error = run_round_trips(crowd, flow, count / runs, &samples);
        for (size_t i = 0; i < PERCENTILES; i++)
            samples_add(&medians[i], samples_percentile(&samples, percentiles[i]));
    }
    for (size_t i = 0; i < PERCENTILES; i++) {
        report_add(row, names[i], (double)samples_percentile(&medians[i], 500) / 1e3);
        samples_free(&medians[i]);
    }
    samples_free(&samples);
    return error;
}

/* Waits until the server's memory has not become less for a while: what connections have used in their handshakes goes
 * back when they have been silent for a moment. */
static int settle(struct bench *bench, struct crowd *crowd) {
    uint64_t least = relay_process_usage(&bench->relay).memory_kib;
    uint64_t since = crowd->now;

    while (crowd->now - since < SETTLED_MS) {
        struct usage usage;

        if (crowd_step(crowd) != 0)
            return -1;
        usage = relay_process_usage(&bench->relay);
        if (usage.memory_kib < least) {
            least = usage.memory_kib;
            since = crowd->now;
        }
    }
    return 0;
}

/* Adds what the server keeps for each of COUNT users who came since BEFORE. */
static void add_memory(struct report_row *row, const struct bench *bench, const struct usage *before, size_t count) {
    const struct usage usage = relay_process_usage(&bench->relay);

    report_add(row, "rss_kib/user", ((double)usage.memory_kib - (double)before->memory_kib) / (double)count);
    report_add(row, "threads/user", ((double)usage.threads - (double)before->threads) / (double)count);
}

int trial_round_trip(struct bench *bench, const struct traffic *traffic, size_t idle, struct report_row *row) {
    const struct usage before = relay_process_usage(&bench->relay);
    struct crowd crowd;
    struct flow *flow = NULL;
    struct measure measure;
    int error = bench_crowd(bench, &crowd, idle + 2, traffic->opaque, traffic->size);

    if (error != 0)
        return error;
    name_row(row, idle > 0 ? "idle" : "round-trip", traffic);
    snprintf(row->label + strlen(row->label), sizeof(row->label) - strlen(row->label), ", %zu idle", idle);
    report_progress(&bench->report, "%s", row->label);
    error = crowd_grow(&crowd, idle + 2);
    crowd_rest(&crowd, 2);
    if (error == 0 && idle > 0)
        error = settle(bench, &crowd);
    if (idle > 0)
        add_memory(row, bench, &before, idle + 2);
    if (error == 0)
        flow = make_flows(&crowd, 1, false);
    if (error == 0)
        error = crowd.failed ? -1 : run_round_trips(&crowd, flow, WARM_UP, NULL);
    begin_measuring(&measure, bench, &crowd);
    if (error == 0)
        error = time_round_trips(bench, &crowd, flow, traffic->messages, row);
    add_measured(row, &measure, bench, &crowd, traffic->messages);
    free_flows(&crowd, flow, 1);
    return bench_disperse(bench, &crowd, error);
}
