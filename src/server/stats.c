#include <config.h>

#include "src/server/stats.h"

#include "proto/error.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define NAME_PREFIX "chatsecure_"
#define LINE_MAX    256

/* From what a relay does without waiting for anything to what a person notices. */
static const struct bound {
    uint64_t ns;
    const char *seconds;
} bounds[STATS_BUCKETS] = {
    {10000, "0.00001"},  {25000, "0.000025"}, {50000, "0.00005"},  {100000, "0.0001"}, {250000, "0.00025"},
    {500000, "0.0005"},  {1000000, "0.001"},  {2500000, "0.0025"}, {5000000, "0.005"}, {10000000, "0.01"},
    {25000000, "0.025"}, {100000000, "0.1"},  {250000000, "0.25"}, {1000000000, "1"},
};

#define COUNTER_ROW(id, family, label, value) [STATS_##id] = {family, label, value},
static const struct counter { const char *family, *label, *value; } counters[STATS_COUNTERS] = {STATS(COUNTER_ROW)};

static const struct help {
    const char *family, *text;
} helps[] = {
    {"connections_total", "Connections accepted or refused."},
    {"handshakes_total", "Handshakes that are over."},
    {"refused_connections_total", "Connections refused before their handshake."},
    {"relayed_messages_total", "Messages carried from one client to another."},
    {"relayed_bytes_total", "Bytes of their payloads."},
    {"undelivered_messages_total", "Messages whose senders were told that they could not be carried."},
    {"slowed_clients_total", "Times that a client was read from later because it sent too fast."},
    {"dropped_clients_total", "Clients dropped for taking nothing or giving no sign of life."},
};

void stats_add(struct stats *stats, enum stats_counter counter, uint64_t amount) {
    atomic_fetch_add_explicit(&stats->counters[counter], amount, memory_order_relaxed);
}

void stats_relayed(struct stats *stats, uint64_t messages, uint64_t bytes, uint64_t latency) {
    size_t bucket = 0;

    while (bucket < STATS_BUCKETS && latency > bounds[bucket].ns)
        bucket++;
    stats_add(stats, STATS_MESSAGES, messages);
    stats_add(stats, STATS_BYTES, bytes);
    atomic_fetch_add_explicit(&stats->latency[bucket], messages, memory_order_relaxed);
    atomic_fetch_add_explicit(&stats->latency_sum, messages * latency, memory_order_relaxed);
}

/* ---- the text ------------------------------------------------------------------------------------ */

static uint64_t load(const atomic_uint_fast64_t *counter) {
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* Appends to OUT unless *ERROR says that something before it had no room. */
static void print(struct buffer *out, int *error, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void print(struct buffer *out, int *error, const char *format, ...) {
    char line[LINE_MAX] = "";
    va_list arguments;
    int size = 0;

    if (*error != 0)
        return;
    va_start(arguments, format);
    size = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    *error = size >= 0 && (size_t)size < sizeof(line) ? buffer_append(out, line, (size_t)size) : PROTO_E_FULL;
}

static void print_head(struct buffer *out, int *error, const char *family, const char *type, const char *help) {
    print(out, error, "# HELP " NAME_PREFIX "%s %s\n", family, help);
    print(out, error, "# TYPE " NAME_PREFIX "%s %s\n", family, type);
}

static const char *help_of(const char *family) {
    size_t i = 0;

    while (i + 1 < sizeof(helps) / sizeof(helps[0]) && strcmp(helps[i].family, family) != 0)
        i++;
    return helps[i].text;
}

static void print_counters(const struct stats *stats, struct buffer *out, int *error) {
    for (size_t i = 0; i < STATS_COUNTERS; i++) {
        const struct counter *counter = &counters[i];
        const uint64_t value = load(&stats->counters[i]);

        if (i == 0 || strcmp(counter->family, counters[i - 1].family) != 0)
            print_head(out, error, counter->family, "counter", help_of(counter->family));
        if (counter->label[0] == '\0')
            print(out, error, NAME_PREFIX "%s %" PRIu64 "\n", counter->family, value);
        else
            print(out, error, NAME_PREFIX "%s{%s=\"%s\"} %" PRIu64 "\n", counter->family, counter->label,
                  counter->value, value);
    }
}

static void print_gauges(const struct stats_gauges *gauges, struct buffer *out, int *error) {
    const struct {
        const char *name, *help;
        uint64_t value;
    } rows[] = {
        {"connections", "Connections there are.", gauges->connections},
        {"clients", "Connections whose handshake is done.", gauges->clients},
        {"handshakes", "Connections in their handshake.", gauges->handshakes},
        {"sources", "Sources remembered.", gauges->sources},
        {"outbox_bytes", "Bytes that wait for slow clients.", gauges->outbox_bytes},
        {"rsa_running", "RSA private operations under way.", gauges->rsa_running},
        {"rsa_waiting", "Handshakes that wait for theirs.", gauges->rsa_waiting},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_head(out, error, rows[i].name, "gauge", rows[i].help);
        print(out, error, NAME_PREFIX "%s %" PRIu64 "\n", rows[i].name, rows[i].value);
    }
}

static void print_limits(const struct limits *limits, struct buffer *out, int *error) {
    print_head(out, error, "limit", "gauge", "Limits in force: counts, bytes and seconds.");
    for (size_t i = 0; i < LIMITS_COUNT; i++)
        print(out, error, NAME_PREFIX "limit{name=\"%s\"} %" PRIu64 "\n", limits_name((enum limit)i),
              limits_value(limits, (enum limit)i));
}

static void print_latency(const struct stats *stats, struct buffer *out, int *error) {
    const uint64_t sum = load(&stats->latency_sum);
    uint64_t count = 0;

    print_head(out, error, "relay_seconds", "histogram",
               "From receiving a message to handing it to the kernel, or to the outbox of a slow client.");
    for (size_t i = 0; i < STATS_BUCKETS; i++) {
        count += load(&stats->latency[i]);
        print(out, error, NAME_PREFIX "relay_seconds_bucket{le=\"%s\"} %" PRIu64 "\n", bounds[i].seconds, count);
    }
    count += load(&stats->latency[STATS_BUCKETS]);
    print(out, error, NAME_PREFIX "relay_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n", count);
    print(out, error, NAME_PREFIX "relay_seconds_sum %" PRIu64 ".%09" PRIu64 "\n", sum / 1000000000, sum % 1000000000);
    print(out, error, NAME_PREFIX "relay_seconds_count %" PRIu64 "\n", count);
}

int stats_write(const struct stats *stats, const struct stats_gauges *gauges, struct buffer *out) {
    int error = 0;

    print_counters(stats, out, &error);
    print_gauges(gauges, out, &error);
    print_limits(gauges->limits, out, &error);
    print_latency(stats, out, &error);
    return error;
}
