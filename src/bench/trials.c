/* The choice of the trial. */
#include <config.h>

#include "src/bench/trials.h"

/* What a trial does unless it is told otherwise. */
#define DEFAULT_MESSAGES   20000
#define DEFAULT_SEALED     2000
#define DEFAULT_ROUNDS     200
#define DEFAULT_RECEIVERS  100
#define DEFAULT_IDLE       1000
#define DEFAULT_HANDSHAKES 400
#define DEFAULT_AT_ONCE    4

static const size_t sizes[] = {16, 100, 1024, 4096, 16384, 32768};

static uint64_t or_default(uint64_t given, uint64_t standard) {
    return given != 0 ? given : standard;
}

static int run_sizes(struct bench *bench, struct traffic *traffic) {
    struct report_row row;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        traffic->size = sizes[i];
        if (trial_throughput(bench, traffic, &row) != 0)
            return -1;
        report_print(&bench->report, &row);
    }
    return 0;
}

static int run_one(struct bench *bench) {
    const struct arguments *arguments = bench->arguments;
    struct traffic traffic = {
        .pairs = (size_t)arguments->pairs,
        .window = arguments->window,
        .per_write = arguments->per_write,
        .messages = or_default(arguments->messages, arguments->opaque ? DEFAULT_MESSAGES : DEFAULT_SEALED),
        .size = (size_t)arguments->size,
        .opaque = arguments->opaque,
    };
    struct report_row row;
    int error = 0;

    switch (arguments->trial) {
    case TRIAL_THROUGHPUT:
        error = trial_throughput(bench, &traffic, &row);
        break;
    case TRIAL_ROUND_TRIP:
        error = trial_round_trip(bench, &traffic, (size_t)arguments->users, &row);
        break;
    case TRIAL_FAN_OUT:
        traffic.messages = or_default(arguments->messages, DEFAULT_ROUNDS);
        error = trial_fan_out(bench, &traffic, (size_t)or_default(arguments->users, DEFAULT_RECEIVERS), &row);
        break;
    case TRIAL_IDLE:
        error = trial_round_trip(bench, &traffic, (size_t)or_default(arguments->users, DEFAULT_IDLE), &row);
        break;
    case TRIAL_HANDSHAKES:
        error = trial_handshakes(bench, or_default(arguments->messages, DEFAULT_HANDSHAKES),
                                 (size_t)or_default(arguments->users, DEFAULT_AT_ONCE), &row);
        break;
    case TRIAL_OTHERS:
        return trial_others(bench, (unsigned)arguments->bits);
    default:
        return run_sizes(bench, &traffic);
    }
    if (error == 0)
        report_print(&bench->report, &row);
    return error;
}

int trial_run(struct bench *bench) {
    const struct arguments *arguments = bench->arguments;
    int error = 0;

    if (arguments->trial == TRIAL_SET)
        return trial_set(bench);
    if (bench_start_relay(bench, (unsigned)arguments->bits, RELAY_CLIENTS) != 0)
        return -1;
    error = run_one(bench);
    if (bench_stop_relay(bench) != 0 && error == 0)
        error = -1;
    return error;
}
