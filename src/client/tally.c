#include <config.h>

#include "src/client/tally.h"

#include <assert.h>

static struct tally *find(struct tallies *tallies, unsigned long number) {
    for (size_t i = 0; i < TALLY_SIZE; i++)
        if (tallies->list[i].number == number)
            return &tallies->list[i];
    return NULL;
}

void tally_begin(struct tallies *tallies, unsigned long number, size_t need) {
    struct tally *tally = find(tallies, 0);

    assert(tally && number > 0);
    *tally = (struct tally){.number = number, .need = need, .worst = STATUS_OK};
}

void tally_add(struct tallies *tallies, unsigned long number) {
    struct tally *tally = find(tallies, number);

    assert(tally && !tally->complete);
    tally->recipients++;
    tally->open++;
}

size_t tally_recipients(struct tallies *tallies, unsigned long number) {
    const struct tally *tally = find(tallies, number);

    assert(tally);
    return tally->recipients;
}

static bool is_over(struct tally *tally, enum exit_status *status) {
    size_t needed = tally->need == 0 || tally->need > tally->recipients ? tally->recipients : tally->need;

    if (!tally->complete || tally->open > 0)
        return false;
    *status = tally->have >= needed ? STATUS_OK : tally->worst;
    tally->number = 0;
    return true;
}

bool tally_complete(struct tallies *tallies, unsigned long number, enum exit_status *status) {
    struct tally *tally = find(tallies, number);

    assert(tally);
    tally->complete = true;
    return is_over(tally, status);
}

bool tally_settle(struct tallies *tallies, unsigned long number, enum exit_status result, enum exit_status *status) {
    struct tally *tally = find(tallies, number);

    assert(tally && tally->open > 0);
    tally->open--;
    if (result == STATUS_OK)
        tally->have++;
    else
        tally->worst = exit_status_worse(tally->worst, result);
    return is_over(tally, status);
}
