/* src/server/admission.c and src/server/source.c */
#include <config.h>

#include "src/server/admission.h"
#include "t/tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

static const struct keyed_hash dice = {{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};

static struct source_key v4(const char *text) {
    struct sockaddr_in address = {.sin_family = AF_INET};

    if (inet_pton(AF_INET, text, &address.sin_addr) != 1)
        abort();
    return source_key_of((struct sockaddr *)&address);
}

static struct source_key v6(const char *text) {
    struct sockaddr_in6 address = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET6, text, &address.sin6_addr) != 1)
        abort();
    return source_key_of((struct sockaddr *)&address);
}

static bool same(struct source_key a, struct source_key b) {
    return a.family == b.family && a.prefix == b.prefix;
}

/* A source for each number. */
static struct source_key numbered(uint32_t number) {
    return (struct source_key){4, number};
}

static void test_hash(void) {
    /* Key and input are the bytes from 0 to 15. */
    OK(keyed_hash(&dice, UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)) == UINT64_C(0x3f2acc7f57c29bdb),
       "SipHash-2-4 of 16 bytes is the reference's");
}

static void test_keys(void) {
    const struct sockaddr other = {.sa_family = AF_UNIX};

    OK(same(v4("192.0.2.1"), v4("192.0.2.1")), "an IPv4 address is a source");
    OK(!same(v4("192.0.2.1"), v4("192.0.2.2")), "another is another");
    OK(same(v6("2001:db8:1:2::1"), v6("2001:db8:1:2:ffff::2")), "an IPv6 network of 64 bits is a source");
    OK(!same(v6("2001:db8:1:2::1"), v6("2001:db8:1:3::1")), "another is another");
    OK(same(v6("::ffff:192.0.2.1"), v4("192.0.2.1")), "an IPv4 address in IPv6 is the IPv4 address");
    OK(!same(v6("::1"), v6("::ffff:0.0.0.1")), "which no IPv6 address is");
    OK(same(source_key_of(&other), (struct source_key){0, 0}), "all that is neither is one source");
}

static void test_table(void) {
    struct source_table *table = NULL;
    struct source_key key = numbered(0);
    struct source *held = NULL;

    if (source_table_new(&table, 100, &dice) != 0)
        abort();
    held = source_meet(table, &key, 1);
    source_hold(table, held);
    for (uint32_t i = 1; i < 1000; i++) {
        key = numbered(i);
        source_penalise(source_meet(table, &key, 1), 1000, 5000, 5000, 1);
    }
    IS_INT(source_table_count(table), 100, "the table is bounded");
    key = numbered(0);
    OK(source_find(table, &key) == held, "who has a connection is not forgotten");
    key = numbered(999);
    OK(source_find(table, &key) != NULL, "nor are the youngest");
    key = numbered(900);
    OK(source_find(table, &key) == NULL, "but the oldest are");
    key = numbered(901);
    OK(source_meet(table, &key, 1) != NULL, "who comes again");
    key = numbered(1000);
    OK(source_meet(table, &key, 1) != NULL, "before the next newcomer");
    key = numbered(901);
    OK(source_find(table, &key) != NULL, "is young again");
    source_release(table, held);
    for (uint32_t i = 2000; i < 2050; i++) {
        key = numbered(i);
        if (source_meet(table, &key, 100000) == NULL)
            abort();
    }
    OK(source_table_count(table) <= 10, "what is not worth remembering goes when others come: %zu are left",
       source_table_count(table));
    source_table_free(table);
    source_table_free(NULL);
}

static void test_table_held(void) {
    struct source_table *table = NULL;
    struct source_key key;

    if (source_table_new(&table, 2, &dice) != 0)
        abort();
    for (uint32_t i = 0; i < 2; i++) {
        key = numbered(i);
        source_hold(table, source_meet(table, &key, 1));
    }
    key = numbered(2);
    OK(source_meet(table, &key, 1) == NULL, "when all have connections there is no room");
    key = numbered(1);
    source_release(table, source_find(table, &key));
    key = numbered(2);
    OK(source_meet(table, &key, 1) != NULL, "until one has none");
    source_table_free(table);
}

/* ---- admission ------------------------------------------------------------------------------------ */

static void set_up(struct admission *admission, struct limits *limits) {
    limits_init(limits);
    if (admission_init(admission, limits, &dice) != 0)
        abort();
}

static enum admission_verdict enter(struct admission *admission, uint32_t source, uint64_t now) {
    const struct source_key key = numbered(source);

    return admission_enter(admission, &key, now);
}

static void leave(struct admission *admission, uint32_t source, enum admission_conduct conduct, uint64_t now) {
    const struct source_key key = numbered(source);

    admission_leave(admission, &key, conduct, now);
}

static void test_source_bound(void) {
    struct admission admission;
    struct limits limits;
    unsigned granted = 0;

    set_up(&admission, &limits);
    while (enter(&admission, 1, 1000) == ADMISSION_GRANTED)
        granted++;
    IS_INT(granted, 32, "a source may have 32 connections in their handshake");
    IS_INT(enter(&admission, 1, 1000), ADMISSION_SOURCE, "and no more");
    IS_INT(enter(&admission, 2, 1000), ADMISSION_GRANTED, "which is nothing to another");
    leave(&admission, 1, ADMISSION_FAIR, 1000);
    IS_INT(enter(&admission, 1, 1000), ADMISSION_GRANTED, "when one is through there is room for one");
    admission_destroy(&admission);
}

static void test_rate(void) {
    struct admission admission;
    struct limits limits;
    unsigned granted = 0;

    set_up(&admission, &limits);
    for (; enter(&admission, 1, 1000) == ADMISSION_GRANTED; granted++)
        leave(&admission, 1, ADMISSION_FAIR, 1000);
    IS_INT(granted, 40, "a source may begin 40 handshakes at once");
    IS_INT(enter(&admission, 1, 1049), ADMISSION_RATE, "and no more");
    IS_INT(enter(&admission, 2, 1049), ADMISSION_GRANTED, "which is nothing to another");
    IS_INT(enter(&admission, 1, 1050), ADMISSION_GRANTED, "then 20 a second");
    IS_INT(enter(&admission, 1, 1050), ADMISSION_RATE, "and no more");
    limits.source_rate = 0;
    IS_INT(enter(&admission, 1, 1050), ADMISSION_GRANTED, "a rate of 0 is any");
    admission_destroy(&admission);
}

static void test_early_drop(void) {
    struct admission admission;
    struct limits limits;
    unsigned granted[3] = {0};
    uint32_t source = 1;

    set_up(&admission, &limits);
    while (granted[0] < 128 && enter(&admission, source++, 1000) == ADMISSION_GRANTED)
        granted[0]++;
    IS_INT(granted[0], 128, "nobody is refused as long as 128 are in their handshake");
    /* With 192 half of the newcomers are let in; each that is leaves again. */
    while (granted[1] < 64)
        granted[1] += enter(&admission, source++, 1000) == ADMISSION_GRANTED;
    for (unsigned i = 0; i < 10000; i++, source++) {
        if (enter(&admission, source, 1000) == ADMISSION_GRANTED) {
            granted[2]++;
            leave(&admission, source, ADMISSION_FAIR, 1000);
        }
    }
    OK(granted[2] > 4700 && granted[2] < 5300, "with 192 about half are let in: %u of 10000", granted[2]);
    granted[0] = 0;
    for (unsigned i = 0; i < 1000000 && granted[0] < 64; i++)
        granted[0] += enter(&admission, source++, 1000) == ADMISSION_GRANTED;
    IS_INT(granted[0], 64, "until there are 256");
    IS_INT(enter(&admission, source, 1000), ADMISSION_FULL, "then nobody is");
    admission_destroy(&admission);
}

static void fail(struct admission *admission, enum admission_conduct conduct, uint64_t now) {
    IS_INT(enter(admission, 1, now), ADMISSION_GRANTED, "let in at %ju", (uintmax_t)now);
    leave(admission, 1, conduct, now);
}

static void test_penalties(void) {
    struct admission admission;
    struct limits limits;

    set_up(&admission, &limits);
    fail(&admission, ADMISSION_BAD, 1000);
    fail(&admission, ADMISSION_BAD, 1000);
    fail(&admission, ADMISSION_FAIR, 1000);
    fail(&admission, ADMISSION_BAD, 1000);
    IS_INT(enter(&admission, 1, 1000), ADMISSION_PENALTY, "after three bad handshakes the source is refused");
    IS_INT(enter(&admission, 2, 1000), ADMISSION_GRANTED, "and nobody else");
    IS_INT(enter(&admission, 1, 15999), ADMISSION_PENALTY, "until the penalty is over");
    fail(&admission, ADMISSION_BAD, 16000);
    fail(&admission, ADMISSION_TIMEOUT, 20999);
    fail(&admission, ADMISSION_BAD, 22000);
    fail(&admission, ADMISSION_BAD, 31000);
    fail(&admission, ADMISSION_TIMEOUT, 32000);
    IS_INT(enter(&admission, 1, 32000), ADMISSION_PENALTY, "what is left of penalties adds up");
    admission_destroy(&admission);
}

static void test_penalty_bound(void) {
    struct admission admission;
    struct limits limits;
    const uint64_t now = 1000;

    set_up(&admission, &limits);
    limits.source_handshakes = limits.max_handshakes = 1000;
    limits.early_drop = 1000;
    limits.source_rate = 0;
    for (unsigned i = 0; i < 1000; i++)
        if (enter(&admission, 1, now) != ADMISSION_GRANTED)
            abort();
    for (unsigned i = 0; i < 1000; i++)
        leave(&admission, 1, ADMISSION_TIMEOUT, now);
    IS_INT(enter(&admission, 1, now + 599999), ADMISSION_PENALTY, "a penalty lasts");
    IS_INT(enter(&admission, 1, now + 600000), ADMISSION_GRANTED, "ten minutes at most");
    admission_destroy(&admission);
}

int main(void) {
    test_hash();
    test_keys();
    test_table();
    test_table_held();
    test_source_bound();
    test_rate();
    test_early_drop();
    test_penalties();
    test_penalty_bound();
    return tap_done();
}
