/* proto/name.c and proto/suite.c */
#include <config.h>

#include "proto/name.h"
#include "proto/suite.h"
#include "t/proto_fixture.h"
#include "t/tap.h"

#include <ctype.h>
#include <stdlib.h>

/* ---- names ------------------------------------------------------------------------------------ */

static bool valid(const char *data, size_t size) {
    char *copy = copy_exact(data, size);
    bool result = name_is_valid((struct span){copy, size});

    free(copy);
    return result;
}

static void test_valid(void) {
    static const char longest[] = "abcdefghijklmnopqrstuvwxyz.12345x";
    unsigned wrong_first = 0, wrong_later = 0;

    OK(!name_is_valid((struct span){NULL, 0}), "an empty name is none");
    OK(valid(longest, NAME_LENGTH_MAX), "32 characters are one");
    OK(!valid(longest, NAME_LENGTH_MAX + 1), "33 are too many");
    for (int c = 0; c < 256; c++) {
        const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        const bool other = (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        const char name[] = {'n', (char)c};

        wrong_first += valid(name + 1, 1) != letter;
        wrong_later += valid(name, 2) != (letter || other);
    }
    IS_INT(wrong_first, 0, "a name begins with an ASCII letter");
    IS_INT(wrong_later, 0, "and goes on with letters, digits, '.', '_' and '-'");
    OK(!valid("Ad\0m", 4), "a NUL does not end it");
}

static int sign(int number) {
    return (number > 0) - (number < 0);
}

static void test_compare(void) {
    static const char *const order[] = {"A", "a-b", "a.b", "a0", "a_", "aA", "ab", "ABC", "b", "z"};
    unsigned wrong = 0;

    for (size_t i = 0; i < COUNT(order); i++)
        for (size_t j = 0; j < COUNT(order); j++) {
            const int want = i < j ? -1 : i > j ? 1 : 0;

            wrong += sign(name_compare(span_of(order[i]), span_of(order[j]))) != want;
            wrong += name_equal(span_of(order[i]), span_of(order[j])) != (i == j);
        }
    IS_INT(wrong, 0, "names sort as ASCII does after folding");
    OK(name_equal(SPAN("Adam"), SPAN("aDAM")), "case does not count");
    OK(!name_equal(SPAN("Adam"), SPAN("Adams")), "length does");
    OK(name_compare(SPAN("Z"), SPAN("_")) > 0, "folding is to lower case: '_' sorts before letters");
}

static void test_copy(void) {
    char out[NAME_SIZE + 1];

    memset(out, '!', sizeof(out));
    name_copy(out, SPAN("Adam.B-C_9"));
    IS_STR(out, "Adam.B-C_9", "a copy is as it was");
    name_fold(out, SPAN("Adam.B-C_9"));
    IS_STR(out, "adam.b-c_9", "a folded one in lower case");
    name_fold(out, SPAN("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF"));
    IS_STR(out, "abcdefghijklmnopqrstuvwxyzabcdef", "all 32 characters of it");
    IS_INT(out[NAME_SIZE], '!', "and nothing behind");
}

/* ---- suites ----------------------------------------------------------------------------------- */

static void test_suites(void) {
    enum suite suite = SUITE_COUNT;

    IS_STR(suite_name(SUITE_AES_256), "RSA-OAEP-SHA256_AES-256-CBC_HMAC-SHA256", "the strongest suite");
    IS_STR(suite_name(SUITE_AES_128), "RSA-OAEP-SHA256_AES-128-CBC_HMAC-SHA256", "and the other");
    IS_STR(suite_short_name(SUITE_AES_128), "AES-128", "have short names too");
    IS_INT(suite_cipher(SUITE_AES_256), CSC_AES_256_CBC, "each has its cipher");
    IS_INT(suite_cipher(SUITE_AES_128), CSC_AES_128_CBC, "the other as well");
    for (int i = 0; i < SUITE_COUNT; i++) {
        OK(suite_from_name(span_of(suite_name((enum suite)i)), &suite), "a suite is found by its name");
        IS_INT(suite, i, "and it is that one");
    }
    suite = SUITE_COUNT;
    OK(!suite_from_name(SPAN("AES-256"), &suite), "a short name is none on the wire");
    OK(!suite_from_name(SPAN("rsa-oaep-sha256_aes-256-cbc_hmac-sha256"), &suite), "case counts");
    OK(!suite_from_name(SPAN(""), &suite), "the empty name is none");
    IS_INT(suite, SUITE_COUNT, "and nothing is written then");
}

static void test_suite_lists(void) {
    const struct suite_list all = SUITE_LIST_ALL, strong = {{SUITE_AES_256}, 1}, weak = {{SUITE_AES_128}, 1};
    const struct suite_list reversed = {{SUITE_AES_128, SUITE_AES_256}, 2}, none = {.count = 0};
    struct suite_list list = {.count = 0};

    suite_list_add(&list, SUITE_AES_128);
    suite_list_add(&list, SUITE_AES_128);
    IS_INT(list.count, 1, "nothing is in a list twice");
    OK(suite_list_has(&list, SUITE_AES_128) && !suite_list_has(&list, SUITE_AES_256), "a list has what was added");
    list = suite_list_common(&all, &reversed);
    OK(list.count == 2 && list.suites[0] == SUITE_AES_256, "what is common is in the order of the first");
    list = suite_list_common(&reversed, &all);
    OK(list.count == 2 && list.suites[0] == SUITE_AES_128, "whichever that is");
    IS_INT(suite_list_common(&strong, &weak).count, 0, "nothing may be common");
    IS_INT(suite_list_common(&all, &none).count, 0, "least of all with nothing");
}

static void test_suite_option(void) {
    static const struct {
        const char *text, *bad;
    } wrong[] = {{"", ""},
                 {",AES-256", ""},
                 {"AES-256,", ""},
                 {"AES-256,,AES-128", ""},
                 {"AES-192", "AES-192"},
                 {"AES-256, AES-128", " AES-128"},
                 {"aes-256", "aes-256"},
                 {"AES-256,x,AES-128", "x"}};
    struct suite_list list = {.count = 0};
    struct span bad = {NULL, 0};

    OK(suite_list_parse(&list, "AES-128,RSA-OAEP-SHA256_AES-256-CBC_HMAC-SHA256,AES-128", &bad), "names of both kinds");
    OK(list.count == 2 && list.suites[0] == SUITE_AES_128 && list.suites[1] == SUITE_AES_256, "in order, each once");
    for (size_t i = 0; i < COUNT(wrong); i++) {
        list.count = 77;
        OK(!suite_list_parse(&list, wrong[i].text, &bad), "'%s' is no list", wrong[i].text);
        OK(span_equal(bad, span_of(wrong[i].bad)), "because of '%s'", wrong[i].bad);
        IS_INT(list.count, 77, "and none is given");
    }
}

int main(void) {
    test_valid();
    test_compare();
    test_copy();
    test_suites();
    test_suite_lists();
    test_suite_option();
    return tap_done();
}
