/* `chatsecure history`: what was kept of messages, without a connection, also while a client keeps more. */
#include <config.h>

#include "src/client/history_answer.h"
#include "src/client/home.h"
#include "src/client/json_events.h"
#include "src/common/trust_store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct reading {
    const struct arguments *arguments;
    struct home home;
    struct trust trust;
    struct buffer line;
};

static enum exit_status fail(enum exit_status status, const char *why) {
    fprintf(stderr, "chatsecure: %s\n", why);
    return status;
}

/* Whether somebody has compared the key that has sent ENTRY. */
static bool is_verified(const struct reading *reading, const struct history_entry *entry) {
    struct trust_entry known;
    struct diagnostic why;
    char name[NAME_SIZE];

    name_copy(name, entry->name);
    return !entry->sent && trust_store_find(reading->trust.peers_path, name, &known, &why) == 1 && known.verified &&
           span_equal(span_of(known.fingerprint), entry->fingerprint);
}

static int print(void *context, const struct history_entry *entry) {
    struct reading *reading = context;
    int error;

    buffer_truncate(&reading->line, 0);
    error = reading->arguments->json ? history_answer_event(&reading->line, entry, reading->home.identity.fingerprint,
                                                            is_verified(reading, entry))
                                     : history_answer_line(&reading->line, entry);
    if (error == PROTO_OK)
        fwrite(buffer_data(&reading->line), 1, reading->line.size, stdout);
    return error == PROTO_OK ? 0 : -ENOMEM;
}

static enum exit_status status_of(int error) {
    return error == -EBADMSG ? STATUS_INTEGRITY : error == -EKEYREJECTED ? STATUS_USAGE : STATUS_INTERNAL;
}

static enum exit_status answer(struct reading *reading, const struct history_query *query) {
    struct history *history = NULL;
    enum exit_status printed;
    struct diagnostic why;
    size_t damaged = 0;
    int error = history_open_read(&history, reading->home.dir, &reading->home.identity, &why);

    if (error == -ENOENT)
        return fail(STATUS_OK, "no history is kept here");
    if (error == 0)
        error = history_read(history, query, print, reading, &damaged, &why);
    history_close(history);
    if (error != 0)
        return fail(status_of(error), why.text);
    printed = verb_flush();
    if (damaged > 0)
        fprintf(stderr, "chatsecure: records of the history that are damaged: %zu\n", damaged);
    return damaged > 0 ? exit_status_worse(printed, STATUS_INTEGRITY) : printed;
}

/* What ARGUMENTS ask for. */
static bool read_query(const struct arguments *arguments, struct history_query *query) {
    struct span words[2];

    for (size_t i = 0; i < arguments->operand_count; i++)
        words[i] = span_of(arguments->operands[i]);
    if (!history_answer_query(query, words, arguments->operand_count))
        return false;
    if (arguments->search)
        query->text = span_of(arguments->search);
    return true;
}

enum exit_status verb_history(const struct arguments *arguments) {
    struct reading reading = {.arguments = arguments, .home = HOME_INIT, .line = BUFFER_INIT(JSON_EVENT_MAX)};
    struct history_query query;
    enum exit_status status;

    if (!read_query(arguments, &query))
        return fail(STATUS_USAGE, "history takes [NAME] [N], N from 1 to 1000");
    status = home_open(&reading.home, arguments);
    if (status == STATUS_OK)
        status = home_set_trust(&reading.home, arguments, &reading.trust);
    if (status == STATUS_OK)
        status = home_load_identity(&reading.home, arguments, false);
    if (status == STATUS_OK)
        status = answer(&reading, &query);
    buffer_free(&reading.line);
    home_close(&reading.home);
    return status;
}
