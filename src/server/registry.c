#include <config.h>

#include "src/server/registry.h"

#include "src/common/clock.h"
#include "src/server/registry_state.h"

#include <stdlib.h>

#define SEEN_FIRST 64

/* ---- in memory ------------------------------------------------------------------------------ */

/* What the policy says about a name that is not there. */
static enum registry_answer admit_locked(const struct registry *registry, const char *folded, const char *fingerprint)
    REQUIRES(registry->lock) {
    const struct name_entry *allowed = NULL;

    if (registry->policy == REGISTRY_OPEN)
        return REGISTRY_FREE;
    if (registry->policy == REGISTRY_CLOSED)
        return REGISTRY_DENIED;
    allowed = name_table_find(registry->allowed, folded);
    if (allowed == NULL)
        return REGISTRY_DENIED;
    return strcmp(allowed->fingerprint, fingerprint) == 0 ? REGISTRY_FREE : REGISTRY_OTHER;
}

enum registry_answer registry_look_locked(const struct registry *registry, const char *folded,
                                          const char *fingerprint) {
    const struct name_entry *entry = name_table_find(registry->table, folded);
    enum registry_answer admitted = REGISTRY_FREE;

    if (entry == NULL)
        return admit_locked(registry, folded, fingerprint);
    if (entry->state == NAME_BLOCKED)
        return REGISTRY_DENIED;
    if (strcmp(entry->fingerprint, fingerprint) != 0)
        return REGISTRY_OTHER;
    if (registry->policy != REGISTRY_ALLOW)
        return REGISTRY_OWN;
    admitted = admit_locked(registry, folded, fingerprint);
    return admitted == REGISTRY_FREE ? REGISTRY_OWN : admitted;
}

void registry_note_locked(struct registry *registry, struct name_entry *entry) {
    if (registry->seen_count == registry->seen_capacity) {
        size_t capacity = registry->seen_capacity > 0 ? 2 * registry->seen_capacity : SEEN_FIRST;
        struct seen *seen = realloc(registry->seen, capacity * sizeof(*seen));

        entry->noted = seen != NULL;
        if (seen == NULL)
            return;
        registry->seen = seen;
        registry->seen_capacity = capacity;
    }
    memcpy(registry->seen[registry->seen_count++].folded, entry->folded, NAME_SIZE);
    entry->noted = true;
}

/* The key with FINGERPRINT is here under FOLDED. */
static void see_locked(struct registry *registry, const char *folded, const char *fingerprint)
    REQUIRES(registry->lock) {
    struct name_entry *entry = name_table_find(registry->table, folded);

    if (entry == NULL || strcmp(entry->fingerprint, fingerprint) != 0)
        return;
    entry->seen = clock_wall_ms() / 1000;
    if (entry->noted)
        return;
    registry_note_locked(registry, entry);
    if (registry->seen_count == 1)
        wake_signal(&registry->work);
}

/* ---- what others call ----------------------------------------------------------------------- */

int registry_open(struct registry **registry, const char *path, struct diagnostic *why) NO_THREAD_ANALYSIS {
    struct registry *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        diagnostic_set(why, "out of memory");
        return REGISTRY_FILE_ERROR;
    }
    lock_init(&made->lock);
    made->last = &made->first;
    made->flush_at = UINT64_MAX;
    made->work = made->stopped = (struct wake)WAKE_INIT;
    if (registry_file_open(&made->file, path, REGISTRY_FILE_CREATE, why) != 0 ||
        registry_load(made->file, &made->table, why) != 0)
        goto fail;
    if (wake_open(&made->work) != 0 || wake_open(&made->stopped) != 0 ||
        pthread_create(&made->writer, NULL, registry_write_until_stopped, made) != 0) {
        diagnostic_set(why, "out of memory, descriptors or threads");
        goto fail;
    }
    made->running = true;
    *registry = made;
    return 0;
fail:
    registry_free(made);
    return REGISTRY_FILE_ERROR;
}

bool registry_stop(struct registry *registry, uint64_t deadline) {
    lock_acquire(&registry->lock);
    registry->stopping = true;
    lock_release(&registry->lock);
    wake_signal(&registry->work);
    if (!wake_wait(&registry->stopped, deadline))
        return false;
    pthread_join(registry->writer, NULL);
    registry->running = false;
    return true;
}

void registry_free(struct registry *registry) NO_THREAD_ANALYSIS {
    if (registry == NULL || (registry->running && !registry_stop(registry, UINT64_MAX)))
        return;
    registry_file_close(registry->file);
    wake_close(&registry->work);
    wake_close(&registry->stopped);
    name_table_free(registry->table);
    name_table_free(registry->allowed);
    free(registry->seen);
    lock_destroy(&registry->lock);
    free(registry);
}

void registry_set_policy(struct registry *registry, enum registry_policy policy, struct name_table *allowed) {
    struct name_table *old = NULL;

    lock_acquire(&registry->lock);
    old = registry->allowed;
    registry->policy = policy;
    registry->allowed = allowed;
    lock_release(&registry->lock);
    name_table_free(old);
}

enum registry_answer registry_look(struct registry *registry, struct span name, const char *fingerprint) {
    enum registry_answer answer = REGISTRY_FREE;
    char folded[NAME_SIZE] = "";

    name_fold(folded, name);
    lock_acquire(&registry->lock);
    answer = registry_look_locked(registry, folded, fingerprint);
    lock_release(&registry->lock);
    return answer;
}

/* Has the writer do REQUEST and waits for it. */
static void ask(struct registry *registry, struct request *request) {
    pthread_cond_init(&request->finished, NULL);
    lock_acquire(&registry->lock);
    *registry->last = request;
    registry->last = &request->next;
    wake_signal(&registry->work);
    while (!request->done)
        pthread_cond_wait(&request->finished, &registry->lock.mutex);
    lock_release(&registry->lock);
    pthread_cond_destroy(&request->finished);
}

enum registry_answer registry_claim(struct registry *registry, struct span name, const char *fingerprint) {
    struct request request = {.kind = REQUEST_CLAIM, .fingerprint = fingerprint};
    enum registry_answer answer = REGISTRY_FULL;
    char folded[NAME_SIZE] = "";

    name_fold(folded, name);
    lock_acquire(&registry->lock);
    answer = registry_look_locked(registry, folded, fingerprint);
    if (answer == REGISTRY_OWN)
        see_locked(registry, folded, fingerprint);
    lock_release(&registry->lock);
    if (answer != REGISTRY_FREE)
        return answer;
    name_copy(request.row.name, name);
    memcpy(request.row.fingerprint, fingerprint, CSC_FINGERPRINT_SIZE);
    request.row.last_seen = clock_wall_ms() / 1000;
    ask(registry, &request);
    return request.answer;
}

void registry_seen(struct registry *registry, struct span name, const char *fingerprint) {
    char folded[NAME_SIZE] = "";

    name_fold(folded, name);
    lock_acquire(&registry->lock);
    see_locked(registry, folded, fingerprint);
    lock_release(&registry->lock);
}

int registry_refresh(struct registry *registry, struct span name, struct diagnostic *why) {
    struct request request = {.kind = REQUEST_REFRESH, .why = why};

    name_copy(request.row.name, name);
    ask(registry, &request);
    return request.error;
}

int registry_reload(struct registry *registry, struct diagnostic *why) {
    struct request request = {.kind = REQUEST_RELOAD, .why = why};

    ask(registry, &request);
    return request.error;
}

int registry_flush(struct registry *registry, struct diagnostic *why) {
    struct request request = {.kind = REQUEST_FLUSH, .why = why};

    ask(registry, &request);
    return request.error;
}
