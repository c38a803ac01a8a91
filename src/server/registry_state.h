/*
 * registry_state: what registry.c and registry_writer.c share, and nobody else sees.
 */
#ifndef SERVER_REGISTRY_STATE_H
#define SERVER_REGISTRY_STATE_H

#include "src/common/lock.h"
#include "src/server/registry.h"
#include "src/server/registry_file.h"
#include "src/server/wake.h"

/* What the writer is to do. */
enum request_kind { REQUEST_CLAIM, REQUEST_REFRESH, REQUEST_RELOAD, REQUEST_FLUSH };

/* On the stack of the thread that waits for it, and the writer's until it is done. */
struct request {
    enum request_kind kind;
    struct registry_row row; /* CLAIM: what is wanted, then what there is; REFRESH: the name */
    const char *fingerprint; /* CLAIM */
    struct diagnostic *why;  /* all but CLAIM */
    int error;
    enum registry_answer answer; /* CLAIM */
    struct request *next;
    bool done; /* with the registry's lock */
    pthread_cond_t finished;
};

/* A name whose last-seen time is to be written down. */
struct seen {
    char folded[NAME_SIZE];
    uint64_t written; /* the time that was */
};

struct registry {
    struct lock lock;
    struct name_table *table GUARDED_BY(lock);
    enum registry_policy policy GUARDED_BY(lock);
    struct name_table *allowed GUARDED_BY(lock);
    struct seen *seen GUARDED_BY(lock); /* each name once: its entry is `noted` */
    size_t seen_count GUARDED_BY(lock);
    size_t seen_capacity GUARDED_BY(lock);
    struct request *first GUARDED_BY(lock); /* in the order in which they came */
    struct request **last GUARDED_BY(lock);
    bool stopping GUARDED_BY(lock);

    struct wake work;    /* for the writer: a request, the first of `seen`, `stopping` */
    struct wake stopped; /* from the writer: it has ended */
    pthread_t writer;
    bool running; /* it was started and not joined */

    /* The writer's own. */
    struct registry_file *file;
    uint64_t flush_at;    /* UINT64_MAX: nothing is gathered */
    uint64_t complain_at; /* not before */
    bool complained;      /* and not said yet that all is well again */
};

/* registry_look() for a folded name. */
enum registry_answer registry_look_locked(const struct registry *registry, const char *folded, const char *fingerprint)
    REQUIRES(registry->lock);

/* Has the time in ENTRY written down.  Without memory it is not: only people look at it. */
void registry_note_locked(struct registry *registry, struct name_entry *entry) REQUIRES(registry->lock);

/* Reads all of FILE into a new table.  REGISTRY_FILE_ERROR with WHY. */
int registry_load(struct registry_file *file, struct name_table **table, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* The writer's thread: works for the registry, its argument, until it is told to stop and all is written. */
void *registry_write_until_stopped(void *registry);

#endif
