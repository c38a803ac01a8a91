/* src/server/stats.c */
#include <config.h>

#include "src/server/stats.h"
#include "t/tap.h"

#include <stdlib.h>
#include <string.h>

static struct limits limits;

/* The text, ended by a NUL. */
static const char *text_of(const struct stats *stats, const struct stats_gauges *gauges, struct buffer *out) {
    *out = BUFFER_INIT(65536);
    if (stats_write(stats, gauges, out) != 0 || buffer_append(out, "", 1) != 0)
        abort();
    return buffer_span(out).data;
}

static void has(const char *text, const char *line) {
    const char *found = strstr(text, line);

    OK(found != NULL && found[strlen(line)] == '\n' && (found == text || found[-1] == '\n'), "has \"%s\"", line);
}

static void test_text(void) {
    const struct stats_gauges gauges = {.connections = 3, .rsa_waiting = 7, .limits = &limits};
    struct stats stats = {0};
    struct buffer out;
    const char *text = NULL;

    stats_add(&stats, STATS_HANDSHAKE_BAD, 2);
    stats_add(&stats, STATS_DROPPED_SILENT, UINT64_MAX);
    stats_relayed(&stats, 3, 300, 10000);
    stats_relayed(&stats, 1, 50, 10001);
    stats_relayed(&stats, 1, 50, 5000000000);
    text = text_of(&stats, &gauges, &out);
    has(text, "# TYPE chatsecure_handshakes_total counter");
    has(text, "chatsecure_handshakes_total{outcome=\"done\"} 0");
    has(text, "chatsecure_handshakes_total{outcome=\"bad\"} 2");
    has(text, "chatsecure_dropped_clients_total{reason=\"silent\"} 18446744073709551615");
    has(text, "chatsecure_relayed_messages_total 5");
    has(text, "chatsecure_relayed_bytes_total 400");
    has(text, "# TYPE chatsecure_connections gauge");
    has(text, "chatsecure_connections 3");
    has(text, "chatsecure_rsa_waiting 7");
    has(text, "chatsecure_limit{name=\"max-handshakes\"} 256");
    has(text, "chatsecure_limit{name=\"outbox-bytes\"} 1048576");
    has(text, "chatsecure_limit{name=\"handshake-timeout\"} 30");
    has(text, "# TYPE chatsecure_relay_seconds histogram");
    has(text, "chatsecure_relay_seconds_bucket{le=\"0.00001\"} 3");
    has(text, "chatsecure_relay_seconds_bucket{le=\"0.000025\"} 4");
    has(text, "chatsecure_relay_seconds_bucket{le=\"1\"} 4");
    has(text, "chatsecure_relay_seconds_bucket{le=\"+Inf\"} 5");
    has(text, "chatsecure_relay_seconds_sum 5.000040001");
    has(text, "chatsecure_relay_seconds_count 5");
    buffer_free(&out);
}

/* Each family is declared once, before its samples, and they stand together. */
static void test_families(void) {
    const struct stats_gauges gauges = {.limits = &limits};
    struct stats stats = {0};
    struct buffer out;
    const char *text = text_of(&stats, &gauges, &out);
    char family[128] = "";
    bool good = true;
    unsigned families = 0;

    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        size_t size = 0;

        if (strncmp(line, "# TYPE ", 7) == 0) {
            size = strcspn(line + 7, " ");
            memcpy(family, line + 7, size);
            family[size] = '\0';
            families++;
        } else if (line[0] != '#') {
            good = good && strncmp(line, family, strlen(family)) == 0;
        }
    }
    OK(good, "all samples are of the family declared before them");
    IS_INT(families, 17, "of which there are as many as there should be");
    buffer_free(&out);
    out = BUFFER_INIT(100);
    OK(stats_write(&stats, &gauges, &out) != 0, "a buffer that is too small is an error");
    buffer_free(&out);
}

int main(void) {
    limits_init(&limits);
    test_text();
    test_families();
    return tap_done();
}
