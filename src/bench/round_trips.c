/* Messages to and fro, with silent users beside them. */
#include <config.h>

#include "src/bench/flow.h"
#include "src/bench/measure.h"
#include "src/bench/samples.h"

#include <stdio.h>
#include <string.h>

/* Round trips before the measuring begins: sessions stand then, and memory has been touched. */
#define WARM_UP 100

/* The server's memory counts as settled when it has not become less for so long. */
#define SETTLED_MS 2000

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

static const struct {
    unsigned per_mille;
    const char *name;
} percentiles[] = {{500, "p50_us"}, {990, "p99_us"}, {999, "p999_us"}};
#define PERCENTILES (sizeof(percentiles) / sizeof(percentiles[0]))

/* The percentiles of some runs, of which the medians count: a machine that has something else to do for a moment spoils
 * one run and not all. */
struct timing {
    struct samples run; /* nanoseconds, of the run that goes on */
    struct samples medians[PERCENTILES];
};

static int timing_init(struct timing *timing, uint64_t runs, uint64_t count) {
    int error = samples_init(&timing->run, (size_t)count);

    for (size_t i = 0; i < PERCENTILES && error == 0; i++)
        error = samples_init(&timing->medians[i], (size_t)runs);
    return error;
}

static void timing_free(struct timing *timing) {
    samples_free(&timing->run);
    for (size_t i = 0; i < PERCENTILES; i++)
        samples_free(&timing->medians[i]);
}

/* A run of COUNT. */
static int time_round_trips(struct timing *timing, struct crowd *crowd, struct flow *flow, uint64_t count) {
    timing->run.count = 0;
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t begun = usage_wall_ns();

        if (round_trip(crowd, flow) != 0)
            return -1;
        samples_add(&timing->run, usage_wall_ns() - begun);
    }
    for (size_t i = 0; i < PERCENTILES; i++)
        samples_add(&timing->medians[i], samples_percentile(&timing->run, percentiles[i].per_mille));
    return 0;
}

static void add_timing(struct report_row *row, struct timing *timing) {
    for (size_t i = 0; i < PERCENTILES; i++)
        report_add(row, percentiles[i].name, (double)samples_percentile(&timing->medians[i], 500) / 1e3);
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

/* A server, its pair who talk, and those who are silent. */
struct side {
    struct bench *bench;
    struct crowd crowd;
    struct flow flow;
    struct timing timing;
    struct report_row row;
};

/* Has IDLE users and the pair connect.  What a user takes of the server's memory and threads goes to the row, if there
 * are any. */
static int open_side(struct side *side, const struct traffic *traffic, size_t idle) {
    const struct usage before = relay_process_usage(&side->bench->relay);
    struct report_row *row = &side->row;
    int error = bench_crowd(side->bench, &side->crowd, idle + 2, traffic->opaque, traffic->size);

    measure_name(row, idle > 0 ? "idle" : "round-trip", traffic);
    snprintf(row->label + strlen(row->label), sizeof(row->label) - strlen(row->label), ", %zu idle", idle);
    report_progress(&side->bench->report, "%s", row->label);
    if (error == 0)
        error = crowd_grow(&side->crowd, idle + 2);
    if (error == 0)
        crowd_rest(&side->crowd, 2);
    if (error == 0 && idle > 0)
        error = settle(side->bench, &side->crowd);
    if (idle > 0)
        add_memory(row, side->bench, &before, idle + 2);
    if (error == 0)
        error = flow_init(&side->flow, side->crowd.users[0], side->crowd.users[1]);
    side->flow.ends[FLOW_FAR].eager = true;
    for (uint64_t i = 0; i < WARM_UP && error == 0; i++)
        error = round_trip(&side->crowd, &side->flow);
    return error;
}

static int close_side(struct side *side, int error) {
    for (size_t i = 0; i < 2 && i < side->crowd.count; i++)
        side->crowd.users[i]->flow = NULL;
    flow_free(&side->flow);
    timing_free(&side->timing);
    return bench_disperse(side->bench, &side->crowd, error);
}

int trial_round_trip(struct bench *bench, const struct traffic *traffic, size_t idle, struct report_row *row) {
    const uint64_t runs = traffic->messages < bench->arguments->runs ? traffic->messages : bench->arguments->runs;
    const uint64_t count = traffic->messages / runs;
    struct side side = {.bench = bench};
    struct measure measure;
    int error = timing_init(&side.timing, runs, count);

    if (error == 0)
        error = open_side(&side, traffic, idle);
    measure_begin(&measure, bench, &side.crowd);
    for (uint64_t run = 0; run < runs && error == 0; run++)
        error = time_round_trips(&side.timing, &side.crowd, &side.flow, count);
    add_timing(&side.row, &side.timing);
    measure_add(&side.row, &measure, bench, &side.crowd, runs * count);
    *row = side.row;
    return close_side(&side, error);
}

/* ---- with and without silent users ------------------------------------------------------------------- */

/* Runs of each side, and round trips in one: so short that the machine is the same for both. */
#define TURNS      100
#define TURN_COUNT 500

static int take_turns(struct side sides[static 2], const struct traffic *traffic, size_t idle) {
    int error = 0;

    for (size_t i = 0; i < 2 && error == 0; i++) {
        error = timing_init(&sides[i].timing, TURNS, TURN_COUNT);
        if (error == 0)
            error = open_side(&sides[i], traffic, i == 0 ? 0 : idle);
    }
    for (size_t turn = 0; turn < 2 * TURNS && error == 0; turn++) {
        struct side *side = &sides[turn % 2];

        error = time_round_trips(&side->timing, &side->crowd, &side->flow, TURN_COUNT);
    }
    for (size_t i = 0; i < 2; i++) {
        add_timing(&sides[i].row, &sides[i].timing);
        error = close_side(&sides[i], error);
    }
    return error;
}

int trial_idle_beside_none(struct bench *bench, const struct traffic *traffic, size_t idle, unsigned bits,
                           struct report_row rows[static 2]) {
    /* A server of its own for those who are silent. */
    struct bench second = *bench;
    struct side sides[2] = {{.bench = bench}, {.bench = &second}};
    int error = 0;

    second.relay = (struct relay_process){0};
    second.address = NULL;
    error = workspace_another(&second.workspace, &second.why);
    if (error == 0)
        error = bench_start_relay(&second, bits, RELAY_CLIENTS);
    if (error == 0)
        error = take_turns(sides, traffic, idle);
    if (error == 0)
        error = bench_stop_relay(&second);
    else
        relay_process_stop(&second.relay, NULL);
    if (second.why.text[0] != '\0')
        bench->why = second.why;
    rows[0] = sides[0].row;
    rows[1] = sides[1].row;
    return error;
}
