/* The pings of one run: what is answered, in which order, and how long it took. */
#include <config.h>

#include "src/client/ping_run.h"
#include "t/tap.h"

#include <stdio.h>

#define MS 1000000

static void begin(struct ping_run *run) {
    ping_run_begin(run, SPAN("Eve"), 1000);
}

static void test_both_ways(void) {
    struct ping_run run;
    struct ping done;

    begin(&run);
    IS_INT(ping_run_waiting(&run), 0, "nothing is on its way");
    OK(ping_run_oldest(&run) == UINT64_MAX, "so nothing is the oldest");
    ping_run_sent(&run, "a", 100 * MS);
    ping_run_sent(&run, "b", 200 * MS);
    IS_INT(ping_run_oldest(&run), 100 * MS, "the oldest of two");
    OK(!ping_run_answered(&run, PING_PEER, SPAN("b"), 207 * MS, &done), "one way has answered");
    OK(ping_run_answered(&run, PING_RELAY, SPAN("b"), 209 * MS, &done), "with the other it is done");
    IS_INT(done.number, 2, "by its number");
    OK(done.took[PING_PEER] == 7 * MS && done.took[PING_RELAY] == 9 * MS, "with both times");
    IS_INT(ping_run_waiting(&run), 1, "and the other is still waited for");
    OK(!ping_run_answered(&run, PING_RELAY, SPAN("b"), 300 * MS, &done), "an answer that comes again is none");
    OK(!ping_run_answered(&run, PING_RELAY, SPAN("a"), 101 * MS, &done), "the relay answers the first");
    OK(!ping_run_answered(&run, PING_RELAY, SPAN("a"), 301 * MS, &done), "once");
    OK(!ping_run_answered(&run, PING_PEER, SPAN(""), 301 * MS, &done), "an empty id is nobody's");
    OK(!ping_run_answered(&run, PING_PEER, SPAN("aa"), 301 * MS, &done), "nor is one that was not sent");
    IS_INT(run.times[PING_RELAY].count, 2, "two answers of the relay");
    OK(run.times[PING_RELAY].least == MS && run.times[PING_RELAY].most == 9 * MS &&
           run.times[PING_RELAY].sum == 10 * MS,
       "make the least, the most and the sum");
    IS_INT(run.times[PING_PEER].count, 1, "and one of the peer");
}

static void test_late(void) {
    struct ping_run run;
    struct ping late;

    begin(&run);
    ping_run_sent(&run, "a", 100 * MS);
    ping_run_sent(&run, "b", 200 * MS);
    OK(!ping_run_take_late(&run, 100 * MS - 1, &late), "nothing is late yet");
    OK(ping_run_take_late(&run, 100 * MS, &late), "one is");
    IS_STR(late.id, "a", "the oldest");
    OK(!ping_run_answered(&run, PING_PEER, SPAN("a"), 300 * MS, &late), "its answer comes too late");
    OK(!ping_run_take_late(&run, 199 * MS, &late), "the other is not late");
    OK(ping_run_take_late(&run, UINT64_MAX, &late), "until all are");
    IS_INT(run.sent, 2, "they were sent all the same");
}

/* As many as there are places, in places that become free in any order. */
static void test_many(void) {
    struct ping_run run;
    struct ping done;
    char id[16];

    begin(&run);
    for (unsigned i = 0; i < PING_WAITING_MAX; i++) {
        snprintf(id, sizeof(id), "%u", i);
        ping_run_sent(&run, id, 1 + i);
    }
    IS_INT(ping_run_waiting(&run), PING_WAITING_MAX, "all places are taken");
    OK(!ping_run_answered(&run, PING_PEER, SPAN("0"), 1, &done), "an answer at once");
    OK(ping_run_answered(&run, PING_RELAY, SPAN("0"), 1, &done) && done.took[PING_PEER] > 0, "takes a moment at least");
    ping_run_sent(&run, "new", 9999);
    OK(ping_run_take_late(&run, UINT64_MAX, &done) && done.number == 2, "the oldest is not who has the first place");
}

int main(void) {
    test_both_ways();
    test_late();
    test_many();
    return tap_done();
}
