/* src/server/limits.c and src/server/bucket.c */
#include <config.h>

#include "src/server/bucket.h"
#include "src/server/limits.h"
#include "t/tap.h"

#include <string.h>

static void test_defaults(void) {
    struct limits limits;

    limits_init(&limits);
    IS_INT(limits.max_clients, 10000, "a number");
    IS_INT(limits.penalty_max, 600000, "seconds are kept in milliseconds");
    IS_INT(limits.ping_after, 60000, "the last of the table has its default too");
}

static void is_wrong(enum limit limit, const char *text) {
    struct limits limits;
    struct limits before;
    struct diagnostic why = {""};

    limits_init(&limits);
    before = limits;
    OK(limits_set(&limits, limit, text, &why) != 0 && strstr(why.text, "takes a number") != NULL,
       "\"%s\" is refused: %s", text, why.text);
    IS_MEM(&limits, &before, sizeof(limits), "and nothing has changed");
}

static void test_set(void) {
    struct limits limits;
    struct diagnostic why = {""};

    limits_init(&limits);
    IS_INT(limits_set(&limits, LIMIT_HANDSHAKE_TIMEOUT, "86400", &why), 0, "the largest number is taken");
    IS_INT(limits.handshake_timeout, 86400000, "as what it says");
    IS_INT(limits_set(&limits, LIMIT_RATE, "64K", &why), 0, "bytes may be kilobytes");
    IS_INT(limits.rate, 65536, "of 1,024");
    IS_INT(limits_set(&limits, LIMIT_RATE, "1G", &why), 0, "or gigabytes, up to the largest number");
    IS_INT(limits.rate, 1073741824, "as what it says");
    is_wrong(LIMIT_RATE, "2G");
    is_wrong(LIMIT_RATE, "18014398509481985K");
    is_wrong(LIMIT_RATE, "1k");
    is_wrong(LIMIT_RATE, "1KB");
    is_wrong(LIMIT_RATE, "K");
    is_wrong(LIMIT_OUTBOX_BYTES, "127K");
    is_wrong(LIMIT_HANDSHAKE_TIMEOUT, "86401");
    is_wrong(LIMIT_HANDSHAKE_TIMEOUT, "0");
    is_wrong(LIMIT_HANDSHAKE_TIMEOUT, "1K");
    is_wrong(LIMIT_MAX_CLIENTS, "");
    is_wrong(LIMIT_MAX_CLIENTS, "-1");
    is_wrong(LIMIT_MAX_CLIENTS, " 1");
    is_wrong(LIMIT_MAX_CLIENTS, "1 ");
    is_wrong(LIMIT_MAX_CLIENTS, "18446744073709551617");
}

static void test_bucket(void) {
    const struct bucket_rate rate = {.per_second = 20, .burst = 1950};
    const struct bucket_rate none = {.per_second = 0, .burst = 1950};
    struct bucket bucket = {0};
    unsigned taken = 0;
    uint64_t now = 1000000;

    for (; bucket_ready(&bucket, &rate) <= now; taken++)
        bucket_take(&bucket, &rate, 1, now);
    IS_INT(taken, 40, "a full bucket gives its burst at once");
    IS_INT(bucket_ready(&bucket, &rate), now + 50, "and the next when there is one again");
    for (taken = 0; now < 1010000; now++) {
        for (; bucket_ready(&bucket, &rate) <= now; taken++)
            bucket_take(&bucket, &rate, 1, now);
    }
    IS_INT(taken, 199, "then it gives the rate");
    bucket_take(&bucket, &rate, 100, now);
    OK(bucket_ready(&bucket, &rate) >= now + 4950, "what is taken beyond it is waited for");
    now += 3600000;
    for (taken = 0; bucket_ready(&bucket, &rate) <= now; taken++)
        bucket_take(&bucket, &rate, 1, now);
    IS_INT(taken, 40, "a pause fills it to the burst and no more");
    bucket = (struct bucket){0};
    bucket_take(&bucket, &none, 1000000, now);
    IS_INT(bucket_ready(&bucket, &none), 0, "no rate is no bound");
}

static void test_bucket_extremes(void) {
    const struct bucket_rate slow = {.per_second = 1, .burst = 3600000};
    const struct bucket_rate fast = {.per_second = UINT64_C(1) << 30, .burst = 1000};
    struct bucket bucket = {0};

    bucket_take(&bucket, &slow, UINT32_MAX, 1000);
    IS_INT(bucket_ready(&bucket, &slow), (UINT64_C(1) + UINT32_MAX - 3600) * 1000,
           "the largest debt at the lowest rate");
    bucket = (struct bucket){0};
    bucket_take(&bucket, &fast, UINT64_C(1) << 31, 5000);
    IS_INT(bucket_ready(&bucket, &fast), 6000, "a gigabyte a second");
}

int main(void) {
    test_defaults();
    test_set();
    test_bucket();
    test_bucket_extremes();
    return tap_done();
}
