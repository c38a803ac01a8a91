#include <config.h>

#include "src/common/clock.h"
#include "src/common/log.h"
#include "src/server/registry_state.h"

#include <poll.h>
#include <stdlib.h>

/* Last-seen times in one transaction: for so long at most a command waits for its turn. */
#define SEEN_BATCH 1000

/* A database that cannot be written is in the log once in so long. */
#define COMPLAIN_MS 60000

/* ---- last-seen times ------------------------------------------------------------------------------------ */

static uint64_t last_seen(struct registry *registry, const char *folded) {
    const struct name_entry *entry = NULL;
    uint64_t seen = 0;

    lock_acquire(&registry->lock);
    entry = name_table_find(registry->table, folded);
    if (entry != NULL)
        seen = entry->seen;
    lock_release(&registry->lock);
    return seen;
}

static int write_seen(struct registry *registry, struct seen *seen, size_t count, struct diagnostic *why) {
    int error = registry_file_begin(registry->file, why);

    if (error != 0)
        return error;
    for (size_t i = 0; i < count && error == 0; i++) {
        seen[i].written = last_seen(registry, seen[i].folded);
        if (seen[i].written > 0 && registry_file_seen(registry->file, seen[i].folded, seen[i].written, why) < 0)
            error = REGISTRY_FILE_ERROR;
    }
    if (error == 0)
        return registry_file_commit(registry->file, why);
    registry_file_rollback(registry->file);
    return error;
}

/* What of SEEN was not written, or has changed since, is noted again. */
static void settle(struct registry *registry, const struct seen *seen, size_t count, bool written) {
    lock_acquire(&registry->lock);
    for (size_t i = 0; i < count; i++) {
        struct name_entry *entry = name_table_find(registry->table, seen[i].folded);

        if (entry == NULL)
            continue;
        if (written && entry->seen == seen[i].written)
            entry->noted = false;
        else
            registry_note_locked(registry, entry);
    }
    lock_release(&registry->lock);
}

static int flush(struct registry *registry, struct diagnostic *why) {
    struct seen *seen = NULL;
    size_t count = 0;
    int error = 0;

    lock_acquire(&registry->lock);
    seen = registry->seen;
    count = registry->seen_count;
    registry->seen = NULL;
    registry->seen_count = registry->seen_capacity = 0;
    lock_release(&registry->lock);
    for (size_t done = 0; done < count;) {
        size_t batch = error == 0 && count - done > SEEN_BATCH ? SEEN_BATCH : count - done;

        if (error == 0)
            error = write_seen(registry, seen + done, batch, why);
        settle(registry, seen + done, batch, error == 0);
        done += batch;
    }
    free(seen);
    return error;
}

/* ---- requests ------------------------------------------------------------------------------------------- */

/* Tells the log that something cannot be written, now and then while it cannot. */
static void complain(struct registry *registry, const struct diagnostic *why) {
    const uint64_t now = clock_monotonic_ms();

    if (now < registry->complain_at)
        return;
    log_error(LOG_NO_CLIENT, "%s; until that is mended new names are refused", why->text);
    registry->complain_at = now + COMPLAIN_MS;
    registry->complained = true;
}

/* Tells it that a name was written. */
static void praise(struct registry *registry) {
    if (registry->complained)
        log_info(LOG_NO_CLIENT, "new names are taken again");
    registry->complained = false;
}

/* Puts the claims among REQUESTS into the database, all or none; ROOM is left for so many. */
static int write_claims(struct registry *registry, struct request *requests, size_t room, struct diagnostic *why) {
    int error = registry_file_begin(registry->file, why);

    if (error != 0)
        return error;
    for (struct request *request = requests; request != NULL && error == 0; request = request->next) {
        if (request->kind != REQUEST_CLAIM)
            continue;
        request->error = room > 0 ? 0 : REGISTRY_FILE_ERROR;
        if (room == 0)
            continue;
        error = registry_file_claim(registry->file, &request->row, why);
        room--;
    }
    if (error == 0)
        return registry_file_commit(registry->file, why);
    registry_file_rollback(registry->file);
    return error;
}

/* Makes TABLE say what ROW says.  False: no room or no memory. */
static bool enter(struct name_table *table, const struct registry_row *row) {
    char folded[NAME_SIZE] = "";
    struct name_entry *entry = NULL;

    name_fold(folded, span_of(row->name));
    entry = name_table_find(table, folded);
    if (entry == NULL)
        return name_table_add(table, folded, row->fingerprint, row->state) != NULL;
    if (strcmp(entry->fingerprint, row->fingerprint) != 0)
        entry->seen = 0;
    memcpy(entry->fingerprint, row->fingerprint, CSC_FINGERPRINT_SIZE);
    entry->state = row->state;
    return true;
}

static void take_claims(struct registry *registry, struct request *requests) {
    struct diagnostic why = {""};
    char folded[NAME_SIZE] = "";
    size_t room = 0;
    int error = 0;

    lock_acquire(&registry->lock);
    room = NAME_TABLE_MAX - name_table_count(registry->table);
    lock_release(&registry->lock);
    error = write_claims(registry, requests, room, &why);
    if (error == 0 && room == 0) {
        diagnostic_set(&why, "%d names are remembered, and there is room for no more", NAME_TABLE_MAX);
        error = REGISTRY_FILE_ERROR;
    }
    if (error != 0)
        complain(registry, &why);
    else
        praise(registry);
    lock_acquire(&registry->lock);
    for (struct request *request = requests; request != NULL; request = request->next) {
        if (request->kind != REQUEST_CLAIM)
            continue;
        request->answer = REGISTRY_FULL;
        if (error != 0 || request->error != 0 || !enter(registry->table, &request->row))
            continue;
        name_fold(folded, span_of(request->row.name));
        request->answer = registry_look_locked(registry, folded, request->fingerprint);
    }
    lock_release(&registry->lock);
}

static int refresh(struct registry *registry, struct request *request) {
    char folded[NAME_SIZE] = "";
    struct registry_row row = {.name = ""};
    int found = registry_file_find(registry->file, span_of(request->row.name), &row, request->why);
    bool entered = true;

    if (found < 0)
        return found;
    name_fold(folded, span_of(request->row.name));
    lock_acquire(&registry->lock);
    if (found == 1)
        entered = enter(registry->table, &row);
    else
        name_table_remove(registry->table, folded);
    lock_release(&registry->lock);
    if (!entered)
        diagnostic_set(request->why, "there is no room for another name");
    return entered ? 0 : REGISTRY_FILE_ERROR;
}

static int load_row(void *context, const struct registry_row *row, struct diagnostic *why) {
    if (enter(context, row))
        return 0;
    diagnostic_set(why, "the registry has more names than there is room for (%d at most)", NAME_TABLE_MAX);
    return REGISTRY_FILE_ERROR;
}

int registry_load(struct registry_file *file, struct name_table **table, struct diagnostic *why) {
    struct name_table *loaded = NULL;
    int error = name_table_new(&loaded) == 0 ? 0 : REGISTRY_FILE_ERROR;

    if (error != 0)
        diagnostic_set(why, "out of memory");
    else
        error = registry_file_each(file, load_row, loaded, why);
    if (error != 0)
        name_table_free(loaded);
    else
        *table = loaded;
    return error;
}

static int reload(struct registry *registry, struct diagnostic *why) {
    struct name_table *loaded = NULL, *old = NULL;
    int error = registry_load(registry->file, &loaded, why);

    if (error != 0)
        return error;
    lock_acquire(&registry->lock);
    old = registry->table;
    registry->table = loaded;
    for (size_t i = 0; i < registry->seen_count; i++) {
        const struct name_entry *from = name_table_find(old, registry->seen[i].folded);
        struct name_entry *to = name_table_find(loaded, registry->seen[i].folded);

        if (from != NULL && to != NULL) {
            to->seen = from->seen;
            to->noted = true;
        }
    }
    lock_release(&registry->lock);
    name_table_free(old);
    return 0;
}

static void complete(struct registry *registry, struct request *request) {
    lock_acquire(&registry->lock);
    request->done = true;
    pthread_cond_signal(&request->finished);
    lock_release(&registry->lock);
}

/* Claims go first and together; what is done is the waiting thread's again. */
static void serve(struct registry *registry, struct request *requests) {
    bool claims = false;

    for (const struct request *request = requests; request != NULL; request = request->next)
        claims = claims || request->kind == REQUEST_CLAIM;
    if (claims)
        take_claims(registry, requests);
    while (requests != NULL) {
        struct request *request = requests;

        requests = request->next;
        if (request->kind == REQUEST_REFRESH)
            request->error = refresh(registry, request);
        else if (request->kind == REQUEST_RELOAD)
            request->error = reload(registry, request->why);
        else if (request->kind == REQUEST_FLUSH)
            request->error = flush(registry, request->why);
        complete(registry, request);
    }
}

/* Takes what there is to do.  Sets when the gathered times are due. */
static struct request *take_work(struct registry *registry, bool *stopping) {
    struct request *requests = NULL;

    lock_acquire(&registry->lock);
    requests = registry->first;
    registry->first = NULL;
    registry->last = &registry->first;
    *stopping = registry->stopping;
    if (registry->seen_count == 0)
        registry->flush_at = UINT64_MAX;
    else if (registry->flush_at == UINT64_MAX)
        registry->flush_at = clock_monotonic_ms() + REGISTRY_GATHER_MS;
    lock_release(&registry->lock);
    return requests;
}

void *registry_write_until_stopped(void *argument) {
    struct registry *registry = argument;
    struct diagnostic why = {""};
    bool stopping = false;

    while (!stopping) {
        struct pollfd fd = {.fd = registry->work.poll_fd, .events = POLLIN};
        struct request *requests = take_work(registry, &stopping);

        if (requests != NULL)
            serve(registry, requests);
        if (stopping || clock_monotonic_ms() >= registry->flush_at) {
            if (flush(registry, &why) != 0)
                complain(registry, &why);
            registry->flush_at = UINT64_MAX;
        } else if (requests == NULL && poll(&fd, 1, clock_poll_timeout(clock_monotonic_ms(), registry->flush_at)) > 0) {
            wake_drain(&registry->work);
        }
    }
    wake_signal(&registry->stopped);
    return NULL;
}
