#include <config.h>

#include "src/server/admission.h"

int admission_init(struct admission *admission, const struct limits *limits,
                   const struct keyed_hash *dice) NO_THREAD_ANALYSIS {
    *admission = (struct admission){.limits = limits, .dice = *dice};
    lock_init(&admission->lock);
    return source_table_new(&admission->sources, (size_t)limits->penalty_sources, dice);
}

void admission_destroy(struct admission *admission) NO_THREAD_ANALYSIS {
    source_table_free(admission->sources);
    lock_destroy(&admission->lock);
}

static struct bucket_rate source_rate(const struct limits *limits) {
    const uint64_t rate = limits->source_rate;

    /* The first of a burst needs no time. */
    return (struct bucket_rate){
        .per_second = rate,
        .burst = rate > 0 ? (limits->source_burst - 1) * 1000 / rate : 0,
    };
}

/* Random early drop: from early_drop handshakes on, with a probability that grows to 1 at max_handshakes. */
static bool is_dropped_locked(struct admission *admission) REQUIRES(admission->lock) {
    const uint64_t begin = admission->limits->early_drop;
    const uint64_t end = admission->limits->max_handshakes;

    if (begin >= end || admission->handshakes <= begin)
        return false;
    /* The domain of the source table's hash has no family this large. */
    return keyed_hash(&admission->dice, UINT64_MAX, admission->thrown++) % (end - begin) <
           admission->handshakes - begin;
}

static enum admission_verdict judge_locked(struct admission *admission, struct source *source, uint64_t now)
    REQUIRES(admission->lock) {
    const struct limits *limits = admission->limits;
    const struct bucket_rate rate = source_rate(limits);

    if (source == NULL)
        return ADMISSION_FULL;
    if (source_is_refused(source, now))
        return ADMISSION_PENALTY;
    if (source->handshakes >= limits->source_handshakes)
        return ADMISSION_SOURCE;
    if (bucket_ready(&source->begun, &rate) > now)
        return ADMISSION_RATE;
    if (is_dropped_locked(admission))
        return ADMISSION_EARLY_DROP;
    bucket_take(&source->begun, &rate, 1, now);
    source_hold(admission->sources, source);
    admission->handshakes++;
    return ADMISSION_GRANTED;
}

enum admission_verdict admission_enter(struct admission *admission, const struct source_key *source, uint64_t now) {
    enum admission_verdict verdict = ADMISSION_FULL;

    lock_acquire(&admission->lock);
    if (admission->handshakes < admission->limits->max_handshakes)
        verdict = judge_locked(admission, source_meet(admission->sources, source, now), now);
    lock_release(&admission->lock);
    return verdict;
}

static uint64_t penalty_for(const struct limits *limits, enum admission_conduct conduct) {
    switch (conduct) {
    case ADMISSION_BAD:
        return limits->penalty_bad;
    case ADMISSION_TIMEOUT:
        return limits->penalty_timeout;
    default:
        return 0;
    }
}

void admission_leave(struct admission *admission, const struct source_key *source, enum admission_conduct conduct,
                     uint64_t now) {
    const struct limits *limits = admission->limits;
    const uint64_t penalty = penalty_for(limits, conduct);
    struct source *known = NULL;

    lock_acquire(&admission->lock);
    admission->handshakes--;
    known = source_find(admission->sources, source); /* it is held, so it is there */
    if (penalty > 0)
        source_penalise(known, penalty, limits->penalty_from, limits->penalty_max, now);
    source_release(admission->sources, known);
    lock_release(&admission->lock);
}

void admission_count(struct admission *admission, size_t *handshakes, size_t *sources) {
    lock_acquire(&admission->lock);
    *handshakes = admission->handshakes;
    *sources = source_table_count(admission->sources);
    lock_release(&admission->lock);
}

const char *admission_verdict_text(enum admission_verdict verdict) {
    static const char *const texts[] = {
        [ADMISSION_GRANTED] = "welcome",
        [ADMISSION_FULL] = "too many are connecting at the moment",
        [ADMISSION_EARLY_DROP] = "too many are connecting at the moment",
        [ADMISSION_SOURCE] = "too many are connecting from your address",
        [ADMISSION_RATE] = "too many have just connected from your address",
        [ADMISSION_PENALTY] = "too many connections from your address have failed",
    };

    return texts[verdict];
}
