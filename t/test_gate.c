/* src/server/gate.c */
#include <config.h>

#include "src/server/gate.h"
#include "t/tap.h"

#include <poll.h>
#include <stdlib.h>

#define GUESTS 6

struct guest {
    struct gate_pass pass;
    struct wake wake;
};

static bool is_awake(const struct guest *guest) {
    struct pollfd fd = {.fd = guest->wake.poll_fd, .events = POLLIN};

    return poll(&fd, 1, 0) == 1;
}

static bool comes(struct gate *gate, struct guest *guest) {
    return gate_enter(gate, &guest->pass, &guest->wake);
}

static void counts(struct gate *gate, size_t inside, size_t waiting) {
    size_t is_inside = 0, is_waiting = 0;

    gate_count(gate, &is_inside, &is_waiting);
    OK(is_inside == inside && is_waiting == waiting, "%zu are inside and %zu wait", inside, waiting);
}

static void test_order(struct gate *gate, struct guest guests[static GUESTS]) {
    OK(comes(gate, &guests[0]) && comes(gate, &guests[1]), "there is room for two");
    for (size_t i = 2; i < GUESTS; i++)
        OK(!comes(gate, &guests[i]), "and for no more");
    counts(gate, 2, GUESTS - 2);
    gate_leave(gate, &guests[3].pass);
    counts(gate, 2, GUESTS - 3);
    OK(!is_awake(&guests[2]), "who gives up in line makes no room");
    gate_leave(gate, &guests[1].pass);
    OK(gate_is_inside(gate, &guests[2].pass) && is_awake(&guests[2]),
       "when one leaves the first in line is in, and told");
    OK(!gate_is_inside(gate, &guests[4].pass) && !is_awake(&guests[4]), "and nobody else");
    gate_leave(gate, &guests[0].pass);
    OK(gate_is_inside(gate, &guests[4].pass), "then the next, the one who gave up being no more");
    OK(!comes(gate, &guests[0]), "who comes now is behind those in line");
    gate_leave(gate, &guests[2].pass);
    OK(gate_is_inside(gate, &guests[5].pass) && !gate_is_inside(gate, &guests[0].pass), "as is fair");
    for (size_t i = 0; i < GUESTS; i++)
        gate_leave(gate, &guests[i].pass);
    counts(gate, 0, 0);
    gate_leave(gate, &guests[0].pass);
    counts(gate, 0, 0);
}

int main(void) {
    struct guest guests[GUESTS] = {0};
    struct gate gate;

    for (size_t i = 0; i < GUESTS; i++)
        if (wake_open(&guests[i].wake) != 0)
            abort();
    gate_init(&gate, 2);
    test_order(&gate, guests);
    gate_destroy(&gate);
    for (size_t i = 0; i < GUESTS; i++)
        wake_close(&guests[i].wake);
    return tap_done();
}
