#include <config.h>

#include "proto/suite.h"

static const struct {
    const char *name;
    const char *short_name;
    enum csc_cipher cipher;
} suites[SUITE_COUNT] = {
    [SUITE_AES_256] = {"RSA-OAEP-SHA256_AES-256-CBC_HMAC-SHA256", "AES-256", CSC_AES_256_CBC},
    [SUITE_AES_128] = {"RSA-OAEP-SHA256_AES-128-CBC_HMAC-SHA256", "AES-128", CSC_AES_128_CBC},
};

const char *suite_name(enum suite suite) {
    return suites[suite].name;
}

const char *suite_short_name(enum suite suite) {
    return suites[suite].short_name;
}

enum csc_cipher suite_cipher(enum suite suite) {
    return suites[suite].cipher;
}

bool suite_from_name(struct span name, enum suite *suite) {
    for (size_t i = 0; i < SUITE_COUNT; i++) {
        if (span_equal(name, span_of(suites[i].name))) {
            *suite = (enum suite)i;
            return true;
        }
    }
    return false;
}

static bool suite_from_short_name(struct span name, enum suite *suite) {
    for (size_t i = 0; i < SUITE_COUNT; i++) {
        if (span_equal(name, span_of(suites[i].short_name))) {
            *suite = (enum suite)i;
            return true;
        }
    }
    return false;
}

bool suite_list_has(const struct suite_list *list, enum suite suite) {
    for (size_t i = 0; i < list->count; i++)
        if (list->suites[i] == suite)
            return true;
    return false;
}

void suite_list_add(struct suite_list *list, enum suite suite) {
    if (!suite_list_has(list, suite))
        list->suites[list->count++] = suite;
}

bool suite_list_parse(struct suite_list *list, const char *text, struct span *bad) {
    struct suite_list result = {.count = 0};

    for (;;) {
        struct span name = {text, strcspn(text, ",")};
        enum suite suite;

        if (!suite_from_name(name, &suite) && !suite_from_short_name(name, &suite)) {
            *bad = name;
            return false;
        }
        suite_list_add(&result, suite);
        text += name.size;
        if (*text++ == '\0')
            break;
    }
    *list = result;
    return true;
}

struct suite_list suite_list_common(const struct suite_list *first, const struct suite_list *second) {
    struct suite_list common = {.count = 0};

    for (size_t i = 0; i < first->count; i++)
        if (suite_list_has(second, first->suites[i]))
            suite_list_add(&common, first->suites[i]);
    return common;
}
