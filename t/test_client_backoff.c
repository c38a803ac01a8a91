/* backoff: rests that grow, have a bound, and are not the same for everybody. */
#include <config.h>

#include "src/client/backoff.h"
#include "t/tap.h"

int main(void) {
    struct backoff backoff = {.tries = 0};
    uint64_t expected = BACKOFF_FIRST_MS, first = 0;
    unsigned outside = 0, different = 0;

    for (unsigned i = 0; i < 40; i++) {
        uint64_t rest = backoff_next(&backoff);

        outside += rest < expected / 2 || rest > expected;
        expected = 2 * expected < BACKOFF_MAX_MS ? 2 * expected : BACKOFF_MAX_MS;
    }
    IS_INT(outside, 0, "each rest is twice as long as the one before, up to a bound, less a part of at most the half");
    for (unsigned i = 0; i < 40; i++) {
        uint64_t rest = backoff_next(&backoff);

        different += i > 0 && rest != first;
        first = i == 0 ? rest : first;
    }
    OK(different > 0, "and the part is not always the same");
    return tap_done();
}
