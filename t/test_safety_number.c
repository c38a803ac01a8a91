/* safety_number: known answers, from t/client_trust.t's reckoning of it in Python. */
#include <config.h>

#include "proto/safety_number.h"

#include "proto/error.h"
#include "t/tap.h"

#include <string.h>

#define COUNTING "SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8" /* the bytes 0 to 31 */
#define HASH     "SHA256:KqULR8kjQt3aHcy3dOUOSX11ljLbLDqLhrManXN/gVE" /* SHA-256 of "another key" */
#define ZERO     "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

#define COUNTING_DIGITS "605376983986355050614160492561"
#define HASH_DIGITS     "019748312941418703972963981190"
#define ZERO_DIGITS     "273700059963250262393701500771"

static void check(const char *one, const char *other, const char *want, const char *name) {
    char digits[SAFETY_NUMBER_SIZE] = "";

    IS_INT(safety_number(digits, one, other), PROTO_OK, "%s", name);
    IS_STR(digits, want, "its digits");
}

static void test_known(void) {
    check(COUNTING, HASH, HASH_DIGITS COUNTING_DIGITS, "the smaller half is first");
    check(HASH, COUNTING, HASH_DIGITS COUNTING_DIGITS, "on both sides");
    check(COUNTING, ZERO, ZERO_DIGITS COUNTING_DIGITS, "another pair");
    check(ZERO, ZERO, ZERO_DIGITS ZERO_DIGITS, "a key and itself");
}

static void test_bad(void) {
    static const char *const bad[] = {"", "SHA256:", "MD5:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ZERO "A",
                                      "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB"};
    char digits[SAFETY_NUMBER_SIZE] = "x";

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        IS_INT(safety_number(digits, bad[i], HASH), PROTO_E_KEY, "\"%s\" is no fingerprint", bad[i]);
        IS_INT(safety_number(digits, HASH, bad[i]), PROTO_E_KEY, "in neither place");
    }
    IS_STR(digits, "x", "nothing is written then");
}

static void test_text(void) {
    char text[SAFETY_NUMBER_TEXT_SIZE];

    safety_number_text(text, HASH_DIGITS COUNTING_DIGITS);
    IS_STR(text, "01974 83129 41418 70397 29639 81190 60537 69839 86355 05061 41604 92561", "twelve groups of five");
    OK(safety_number_equal(HASH_DIGITS COUNTING_DIGITS, span_of(text)), "with blanks it is the same");
    OK(safety_number_equal(HASH_DIGITS COUNTING_DIGITS, SPAN(HASH_DIGITS COUNTING_DIGITS)), "and without");
    OK(!safety_number_equal(HASH_DIGITS COUNTING_DIGITS, SPAN(COUNTING_DIGITS HASH_DIGITS)), "not in another order");
    OK(!safety_number_equal(HASH_DIGITS COUNTING_DIGITS, SPAN(HASH_DIGITS)), "nor the half of it");
    OK(!safety_number_equal(HASH_DIGITS COUNTING_DIGITS, SPAN(HASH_DIGITS COUNTING_DIGITS "0")), "nor more than it");
    OK(!safety_number_equal(HASH_DIGITS COUNTING_DIGITS, SPAN("")), "nor nothing");
}

int main(void) {
    test_known();
    test_bad();
    test_text();
    return tap_done();
}
