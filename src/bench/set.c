/* The set: all trials, and beside them what the machine can do at best. */
#include <config.h>

#include "src/bench/limits.h"
#include "src/bench/samples.h"

#include <stdio.h>

/* Texts as people and scripts write them. */
#define TEXT_SIZE 100

#define IDLE_USERS 5000

/* Of the server's key, but where handshakes are measured: users are sooner there. */
#define SET_BITS 2048

/* What one kind of traffic takes, over all runs. */
struct relay_cost {
    struct traffic traffic;
    const char *label;
    struct samples server, crypto, loopback, ratio; /* nanoseconds; thousandths */
};

static void print_ratio(struct bench *bench, const char *label, double ratio, double goal) {
    struct report_row row = {.trial = "ratio"};

    snprintf(row.label, sizeof(row.label), "%s", label);
    report_add(&row, "ratio", ratio);
    report_add(&row, "goal", goal);
    report_print(&bench->report, &row);
}

static double median(struct samples *samples) {
    return (double)samples_percentile(samples, 500) / 1e3;
}

/* ---- a relayed message ----------------------------------------------------------------------------- */

/* The server between two measurements of the limits, so that a machine whose speed changes is fair to both. */
static int compare_once(struct bench *bench, struct relay_cost *cost) {
    struct report_row row;
    double loopback[2] = {0, 0};
    double crypto[2] = {0, 0};
    double server = 0;
    double limit = 0;

    if (limit_crypto(&cost->traffic, &crypto[0], &bench->why) != 0 ||
        limit_loopback(&cost->traffic, &loopback[0], &bench->why) != 0 ||
        trial_throughput(bench, &cost->traffic, &row) != 0 ||
        limit_loopback(&cost->traffic, &loopback[1], &bench->why) != 0 ||
        limit_crypto(&cost->traffic, &crypto[1], &bench->why) != 0)
        return -1;
    server = report_get(&row, "cpu_us/payload");
    limit = (crypto[0] + crypto[1] + loopback[0] + loopback[1]) / 2;
    samples_add(&cost->server, (uint64_t)(server * 1e3));
    samples_add(&cost->crypto, (uint64_t)((crypto[0] + crypto[1]) / 2 * 1e3));
    samples_add(&cost->loopback, (uint64_t)((loopback[0] + loopback[1]) / 2 * 1e3));
    samples_add(&cost->ratio, (uint64_t)(server / limit * 1e3));
    return 0;
}

static void print_cost(struct bench *bench, struct relay_cost *cost) {
    struct report_row row = {.trial = "relayed message"};

    snprintf(row.label, sizeof(row.label), "%s", cost->label);
    report_add(&row, "server_us", median(&cost->server));
    report_add(&row, "crypto_us", median(&cost->crypto));
    report_add(&row, "loopback_us", median(&cost->loopback));
    report_add(&row, "ratio", median(&cost->ratio));
    report_add(&row, "goal", 1.5);
    report_print(&bench->report, &row);
}

static int compare_cost(struct bench *bench, struct relay_cost *cost) {
    const size_t runs = (size_t)bench->arguments->runs;
    int error = 0;

    if (samples_init(&cost->server, runs) != 0 || samples_init(&cost->crypto, runs) != 0 ||
        samples_init(&cost->loopback, runs) != 0 || samples_init(&cost->ratio, runs) != 0)
        error = -1;
    for (size_t run = 0; run < runs && error == 0; run++)
        error = compare_once(bench, cost);
    if (error == 0)
        print_cost(bench, cost);
    samples_free(&cost->server);
    samples_free(&cost->crypto);
    samples_free(&cost->loopback);
    samples_free(&cost->ratio);
    return error;
}

static int compare_costs(struct bench *bench) {
    struct relay_cost costs[] = {
        {{.pairs = 1, .window = 1, .per_write = 1, .messages = 10000, .size = TEXT_SIZE, .opaque = true},
         .label = "one at a time"},
        {{.pairs = 1, .window = 64, .per_write = 1, .messages = 20000, .size = TEXT_SIZE, .opaque = true},
         .label = "single writes, 64 on their way"},
        {{.pairs = 1, .window = 128, .per_write = 32, .messages = 50000, .size = TEXT_SIZE, .opaque = true},
         .label = "32 a write"},
    };

    for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++)
        if (compare_cost(bench, &costs[i]) != 0)
            return -1;
    return 0;
}

/* ---- a login --------------------------------------------------------------------------------------- */

/* What a login takes, over all runs: nanoseconds, and thousandths of ratios. */
enum {
    LOGIN_SERVER,
    LOGIN_RSA,
    LOGIN_CRYPTO,
    LOGIN_SOCKETS,
    LOGIN_GNUTLS,
    LOGIN_GNUTLS_RATIO,
    LOGIN_FLOOR,
    LOGIN_RATIO,
    LOGIN_FIGURES,
};

static const char *const login_figures[LOGIN_FIGURES] = {
    "server_us", "rsa_us", "crypto_us", "sockets_us", "gnutls_us", "gnutls_ratio", "floor", "ratio",
};

struct login_cost {
    const char *key; /* path of the server's */
    struct samples figures[LOGIN_FIGURES];
};

static int login_cost_init(struct login_cost *cost, size_t runs) {
    for (size_t i = 0; i < LOGIN_FIGURES; i++)
        if (samples_init(&cost->figures[i], runs) != 0)
            return -1;
    return 0;
}

static void login_cost_free(struct login_cost *cost) {
    for (size_t i = 0; i < LOGIN_FIGURES; i++)
        samples_free(&cost->figures[i]);
}

static void add_login_cost(struct login_cost *cost, double server, double rsa, const struct login_limit *limit) {
    const double figures[LOGIN_FIGURES] = {
        [LOGIN_SERVER] = server,
        [LOGIN_RSA] = rsa,
        [LOGIN_CRYPTO] = limit->crypto,
        [LOGIN_SOCKETS] = limit->sockets,
        [LOGIN_GNUTLS] = limit->gnutls,
        [LOGIN_GNUTLS_RATIO] = server / limit->gnutls,
        [LOGIN_FLOOR] = (limit->crypto + limit->sockets) / rsa,
        [LOGIN_RATIO] = server / rsa,
    };

    for (size_t i = 0; i < LOGIN_FIGURES; i++)
        samples_add(&cost->figures[i], (uint64_t)(figures[i] * 1e3));
}

/* The server between measurements of the limits, as above. */
static int compare_login_once(struct bench *bench, struct login_cost *cost) {
    struct login_limit limit;
    struct report_row row;
    double rsa[2] = {0, 0};

    if (limit_rsa(cost->key, &rsa[0], &bench->why) != 0 || trial_handshakes(bench, 100, 4, &row) != 0 ||
        limit_login(cost->key, &bench->identity, &limit, &bench->why) != 0 ||
        limit_rsa(cost->key, &rsa[1], &bench->why) != 0)
        return -1;
    add_login_cost(cost, report_get(&row, "cpu_us/handshake"), (rsa[0] + rsa[1]) / 2, &limit);
    return 0;
}

static void print_login_cost(struct bench *bench, struct login_cost *cost, unsigned bits) {
    struct report_row row = {.trial = "handshake"};

    snprintf(row.label, sizeof(row.label), "RSA-%u", bits);
    for (size_t i = 0; i < LOGIN_FIGURES; i++)
        report_add(&row, login_figures[i], median(&cost->figures[i]));
    report_add(&row, "goal", 1.15);
    report_print(&bench->report, &row);
}

static int compare_logins(struct bench *bench, unsigned bits) {
    const size_t runs = (size_t)bench->arguments->runs;
    char path[STATE_PATH_SIZE] = "";
    struct login_cost cost = {.key = path};
    int error = workspace_key(&bench->workspace, "server", bits, path, &bench->why);

    if (error == 0)
        error = bench_start_relay(bench, bits, RELAY_CLIENTS);
    if (error == 0)
        error = login_cost_init(&cost, runs);
    for (size_t run = 0; run < runs && error == 0; run++)
        error = compare_login_once(bench, &cost);
    if (error == 0) {
        print_login_cost(bench, &cost, bits);
        error = bench_stop_relay(bench);
    }
    login_cost_free(&cost);
    return error;
}

/* ---- the rest -------------------------------------------------------------------------------------- */

static int print(struct bench *bench, const struct report_row *row, int error) {
    if (error == 0)
        report_print(&bench->report, row);
    return error;
}

static int run_pairs(struct bench *bench) {
    static const size_t pairs[] = {1, 8, 50};
    struct report_row row;

    for (size_t opaque = 0; opaque < 2; opaque++) {
        for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
            const struct traffic traffic = {.pairs = pairs[i],
                                            .window = 64,
                                            .per_write = 1,
                                            .messages = (opaque ? 100000 : 20000) / pairs[i],
                                            .size = TEXT_SIZE,
                                            .opaque = opaque != 0};

            if (print(bench, &row, trial_throughput(bench, &traffic, &row)) != 0)
                return -1;
        }
    }
    return 0;
}

static int run_fan_outs(struct bench *bench) {
    const struct traffic traffic = {.messages = 300, .size = TEXT_SIZE, .opaque = true};
    struct report_row row;

    return print(bench, &row, trial_fan_out(bench, &traffic, 100, &row));
}

static int run_sizes(struct bench *bench) {
    static const size_t sizes[] = {16, 1024, 32768};
    struct report_row row;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const struct traffic traffic = {
            .pairs = 1, .window = 16, .per_write = 1, .messages = 10000, .size = sizes[i], .opaque = true};

        if (print(bench, &row, trial_throughput(bench, &traffic, &row)) != 0)
            return -1;
    }
    return 0;
}

static int run_round_trips(struct bench *bench) {
    struct traffic traffic = {.messages = 20000, .size = TEXT_SIZE, .opaque = true};
    struct report_row rows[2];
    struct report_row sealed;

    if (!bench->arguments->server_given) {
        if (trial_idle_beside_none(bench, &traffic, IDLE_USERS, SET_BITS, rows) != 0)
            return -1;
        report_print(&bench->report, &rows[0]);
        report_print(&bench->report, &rows[1]);
        print_ratio(bench, "p99 with 5,000 idle users", report_get(&rows[1], "p99_us") / report_get(&rows[0], "p99_us"),
                    1.3);
        print_ratio(bench, "kB of an idle user", report_get(&rows[1], "rss_kib/user") * 1.024, 13);
    }
    traffic.opaque = false;
    traffic.messages = 2000;
    return print(bench, &sealed, trial_round_trip(bench, &traffic, 0, &sealed));
}

int trial_set(struct bench *bench) {
    if (bench_start_relay(bench, SET_BITS, RELAY_CLIENTS) != 0 || compare_costs(bench) != 0 || run_pairs(bench) != 0 ||
        run_fan_outs(bench) != 0 || run_sizes(bench) != 0 || run_round_trips(bench) != 0 ||
        trial_others(bench, SET_BITS) != 0 || bench_stop_relay(bench) != 0)
        return -1;
    if (bench->arguments->server_given)
        return 0;
    return compare_logins(bench, 2048) != 0 || compare_logins(bench, 3072) != 0 ? -1 : 0;
}
