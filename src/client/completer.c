#include <config.h>

#include "src/client/commands.h"
#include "src/client/completer.h"

static int offer_known(void *context, const struct trust_entry *entry) {
    completion_offer_name(context, span_of(entry->name));
    return 0;
}

static void offer(void *context, struct completion *completion) {
    const struct client *client = context;
    const char *word, *operands;
    struct diagnostic why;

    for (size_t i = 0; (word = commands_word(i, &operands)) != NULL; i++)
        completion_offer_command(completion, word, operands);
    for (size_t i = 0; i < client->peers.count; i++)
        completion_offer_name(completion, span_of(conversation_peer(client->peers.list[i].conversation)));
    for (size_t i = 0; i < client->names.count; i++)
        completion_offer_name(completion, span_of(client->names.list[i]));
    /* A file that cannot be read has no names to offer, and says why where it matters. */
    if (trust_store_list(client->config->trust.peers_path, offer_known, completion, &why) != 0)
        return;
}

void completer_attach(struct client *client) {
    struct terminal *terminal = console_terminal(client->console);

    if (terminal)
        terminal_set_completer(terminal, offer, client);
}
