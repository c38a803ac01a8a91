/* proto/id_set.c */
#include <config.h>

#include "proto/error.h"
#include "proto/id_set.h"
#include "t/proto_fixture.h"
#include "t/tap.h"

#include <stdio.h>

static const struct span owner = {"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", 50};

static int note(struct id_set *set, unsigned number, enum id_state state) {
    char id[16];

    snprintf(id, sizeof(id), "id-%u", number);
    return id_set_note(set, owner, span_of(id), state);
}

static enum id_state find(const struct id_set *set, unsigned number) {
    char id[16];

    snprintf(id, sizeof(id), "id-%u", number);
    return id_set_find(set, owner, span_of(id));
}

static void test_states(void) {
    const struct span other = {"SHA256:57DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", 50};
    struct id_set set = {0};

    IS_INT(find(&set, 1), ID_UNKNOWN, "an empty set knows nothing");
    IS_INT(note(&set, 1, ID_SEEN), PROTO_OK, "an id is noted");
    IS_INT(find(&set, 1), ID_SEEN, "and known");
    IS_INT(find(&set, 2), ID_UNKNOWN, "another is not");
    IS_INT(id_set_find(&set, other, SPAN("id-1")), ID_UNKNOWN, "nor is it known of another owner");
    IS_INT(note(&set, 1, ID_DONE), PROTO_OK, "its state changes");
    IS_INT(find(&set, 1), ID_DONE, "to the new one");
    id_set_free(&set);
    IS_INT(find(&set, 1), ID_UNKNOWN, "a freed set knows nothing");
    id_set_free(&set);
}

static void test_memory(void) {
    enum { TOTAL = 5 * ID_SET_MAX };
    struct id_set set = {0};
    unsigned forgotten = 0, unnoted = 0, most = 0, least = TOTAL, false_hits = 0;

    for (unsigned i = 0; i < TOTAL; i++) {
        unsigned remembered = 0;

        unnoted += note(&set, i, i % 2 ? ID_SEEN : ID_DONE) != PROTO_OK;
        forgotten += find(&set, i) != (i % 2 ? ID_SEEN : ID_DONE);
        if (i >= ID_SET_MAX / 2)
            forgotten += find(&set, i + 1 - ID_SET_MAX / 2) == ID_UNKNOWN;
        if (i % 509 != 0 && i != TOTAL - 1)
            continue;
        for (unsigned j = 0; j <= i; j++)
            remembered += find(&set, j) != ID_UNKNOWN;
        most = remembered > most ? remembered : most;
        if (i >= ID_SET_MAX)
            least = remembered < least ? remembered : least;
    }
    for (unsigned i = TOTAL; i < 2 * TOTAL; i++)
        false_hits += find(&set, i) != ID_UNKNOWN;
    IS_INT(unnoted, 0, "%d ids are noted", (int)TOTAL);
    IS_INT(forgotten, 0, "the last half of ID_SET_MAX is always remembered");
    OK(most <= ID_SET_MAX, "never more than ID_SET_MAX");
    OK(least >= ID_SET_MAX / 2, "nor less than half of it");
    IS_INT(false_hits, 0, "and nothing that was not noted");
    OK(set.young.capacity <= 2 * ID_SET_MAX && set.old.capacity <= 2 * ID_SET_MAX, "the memory is bounded");
    id_set_free(&set);
}

/* What was noted in the older half changes there, and is forgotten with it. */
static void test_generations(void) {
    struct id_set set = {0};
    unsigned i = 0;

    for (; i < ID_SET_MAX / 2 + 1; i++)
        require(note(&set, i, ID_SEEN) == PROTO_OK, "an id is noted");
    IS_INT(note(&set, 0, ID_DONE), PROTO_OK, "an old id is noted again");
    IS_INT(find(&set, 0), ID_DONE, "and has its new state");
    for (; i < ID_SET_MAX; i++)
        require(note(&set, i, ID_SEEN) == PROTO_OK, "an id is noted");
    IS_INT(find(&set, 0), ID_DONE, "while the set has room");
    IS_INT(note(&set, i, ID_SEEN), PROTO_OK, "one more than the set holds");
    IS_INT(find(&set, 0), ID_UNKNOWN, "and the older half is forgotten");
    IS_INT(find(&set, ID_SET_MAX / 2), ID_SEEN, "not the younger");
    id_set_free(&set);
}

int main(void) {
    test_states();
    test_memory();
    test_generations();
    return tap_done();
}
