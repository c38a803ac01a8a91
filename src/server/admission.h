/*
 * admission: which strangers may begin a handshake.
 *
 * Until a client has proven its key it costs a thread, a descriptor and soon an RSA operation, and nothing is known of
 * it but its address.  So there is a bound for all of them, with random early drop from a part of it on, which leaves
 * newcomers a chance while somebody holds places; there are bounds for each source in number and in rate; and a source
 * whose handshakes fail gets penalties that pass with time.
 * Locked: rank admission.
 *
 * Early drop is that of sshd's MaxStartups, penalties are those of its PerSourcePenalties: sshd_config(5).
 */
#ifndef SERVER_ADMISSION_H
#define SERVER_ADMISSION_H

#include "src/common/lock.h"
#include "src/server/limits.h"
#include "src/server/source.h"

enum admission_verdict {
    ADMISSION_GRANTED,
    ADMISSION_FULL,       /* too many are in their handshake */
    ADMISSION_EARLY_DROP, /* soon there would be */
    ADMISSION_SOURCE,     /* too many of this source are */
    ADMISSION_RATE,       /* the source begins handshakes too fast */
    ADMISSION_PENALTY     /* the source's handshakes have failed too often */
};

/* How a handshake ended, as far as it tells something about who made it. */
enum admission_conduct { ADMISSION_FAIR, ADMISSION_BAD, ADMISSION_TIMEOUT };

struct admission {
    struct lock lock;
    const struct limits *limits;
    struct source_table *sources GUARDED_BY(lock);
    size_t handshakes GUARDED_BY(lock);
    struct keyed_hash dice;
    uint64_t thrown GUARDED_BY(lock); /* how often */
};

/* LIMITS is borrowed.  DICE is random, and the same makes the same decisions.  -ENOMEM. */
int admission_init(struct admission *admission, const struct limits *limits, const struct keyed_hash *dice)
    __attribute__((warn_unused_result));

void admission_destroy(struct admission *admission);

/* A connection has come from SOURCE.  If it is granted, admission_leave() is due when the handshake is over. */
enum admission_verdict admission_enter(struct admission *admission, const struct source_key *source, uint64_t now)
    EXCLUDES(admission->lock) __attribute__((warn_unused_result));

void admission_leave(struct admission *admission, const struct source_key *source, enum admission_conduct conduct,
                     uint64_t now) EXCLUDES(admission->lock);

/* How many are in their handshake, and how many sources are remembered. */
void admission_count(struct admission *admission, size_t *handshakes, size_t *sources) EXCLUDES(admission->lock);

/* A sentence for who is refused. */
const char *admission_verdict_text(enum admission_verdict verdict);

#endif
