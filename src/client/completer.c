#include <config.h>

#include "src/client/commands.h"
#include "src/client/completer.h"

#include <dirent.h>

static int offer_known(void *context, const struct trust_entry *entry) {
    completion_offer_name(context, span_of(entry->name));
    return 0;
}

static int note_name(void *context, const struct history_entry *entry) {
    names_note(context, entry->name);
    return 0;
}

/* Adds the names in the history; once, since whoever writes later has a session, and is known from that. */
static void read_history(struct client *client) {
    const struct history_query query = {.count = HISTORY_ANSWER_MAX};
    struct diagnostic why;
    size_t damaged;

    if (!client->history || client->history_named)
        return;
    client->history_named = true;
    if (history_read(client->history, &query, note_name, &client->names, &damaged, &why) != 0)
        console_notice(client->console, "%s", why.text);
}

static void offer_groups(const struct client *client, struct completion *completion) {
    DIR *folder = completion_wants_group(completion) ? opendir(client->config->groups) : NULL;
    const struct dirent *file;

    while (folder && (file = readdir(folder)) != NULL)
        completion_offer_group(completion, span_of(file->d_name));
    if (folder)
        closedir(folder);
}

static void offer(void *context, struct completion *completion) {
    struct client *client = context;
    const char *word, *operands;
    struct diagnostic why;

    for (size_t i = 0; (word = commands_word(i, &operands)) != NULL; i++)
        completion_offer_command(completion, word, operands);
    for (size_t i = 0; i < client->peers.count; i++)
        completion_offer_name(completion, span_of(conversation_peer(client->peers.list[i].conversation)));
    read_history(client);
    for (size_t i = 0; i < client->names.count; i++)
        completion_offer_name(completion, span_of(client->names.list[i]));
    offer_groups(client, completion);
    /* If the file cannot be read, that is told elsewhere, when a key is looked up. */
    if (trust_store_list(client->config->trust.peers_path, offer_known, completion, &why) != 0)
        return;
}

void completer_attach(struct client *client) {
    struct terminal *terminal = console_terminal(client->console);

    if (terminal)
        terminal_set_completer(terminal, offer, client);
}
