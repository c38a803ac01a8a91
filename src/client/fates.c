#include <config.h>

#include "src/client/fates.h"
#include "src/client/pinging.h"
#include "src/client/spooling.h"
#include "src/client/ticking.h"
#include "src/client/whois.h"
#include "src/common/log.h"

#include <inttypes.h>
#include <stdio.h>

/* The message LINE has come as far as --wait asks for; it is kept, since it may still be read. */
static void arrived(struct client *client, const struct ledger_line *line, uint64_t now) {
    struct ledger_line taken;

    if (ledger_settle(&client->ledger, line->token, &taken)) {
        ledger_keep(&client->ledger, &taken);
        client_settle_line(client, &taken);
    }
    if (client->phase == CLIENT_DRAINING)
        client->deadline = now + client->config->timeout;
}

void fate_sent(struct client *client, const struct conversation *conversation, uint64_t token, uint64_t now) {
    const struct ledger_line *line = ledger_find(&client->ledger, token);

    if (!line || (client->spooling && !spooling_sent(client, line, conversation_fingerprint(conversation))))
        return;
    status_sent(&client->statuses, line, now);
    ticking_note(client, line->number, TICK_SENT);
    if (client->config->wait == WAIT_SENT)
        arrived(client, line, now);
}

static void tell_read(struct client *client, const struct ledger_line *line, uint64_t now) {
    status_read(&client->statuses, line, now);
    ticking_note(client, line->number, TICK_READ);
}

void fate_delivered(struct client *client, const struct conversation_event *event, uint64_t now) {
    struct ledger_line *line = ledger_find(&client->ledger, event->token);
    const bool waited_for = line != NULL;

    if (!waited_for && (line = ledger_find_kept(&client->ledger, event->token)) == NULL)
        return;
    log_debug(LOG_NO_CLIENT, "line %lu to %s: delivered", line->number, line->peer);
    status_delivered(&client->statuses, line, now);
    ticking_note(client, line->number, TICK_DELIVERED);
    if (event->read)
        tell_read(client, line, now);
    if (waited_for && (event->read || client->config->wait != WAIT_READ))
        arrived(client, line, now);
    else if (waited_for)
        line->unread_until = now + client->config->timeout;
}

void fate_read(struct client *client, const char *peer, const char *id, uint64_t now) {
    struct ledger_line *line = ledger_find_unread(&client->ledger, peer, id);

    if (line) {
        tell_read(client, line, now);
        arrived(client, line, now);
    } else if ((line = ledger_find_kept_unread(&client->ledger, peer, id)) != NULL) {
        tell_read(client, line, now);
    }
}

/* A message that was no longer waited for has failed. */
static void fail_kept(struct client *client, uint64_t token) {
    const struct ledger_line *line = ledger_find_kept(&client->ledger, token);

    if (line)
        ticking_note(client, line->number, TICK_FAILED);
}

void fate_failed(struct client *client, const struct conversation *conversation, const struct conversation_event *event,
                 uint64_t now) {
    const char *why = conversation_failure_text(event->failure);
    struct ledger_line line;
    char text[128];

    if (event->token == SESSION_TOKEN) {
        whois_failed(client, conversation, event->failure);
        pinging_failed(client, conversation, event->failure);
        return;
    }
    if (!ledger_settle(&client->ledger, event->token, &line)) {
        fail_kept(client, event->token);
        return;
    }
    if (event->failure == FAILURE_EXPIRED) {
        client_expire_line(client, &line, why);
        return;
    }
    if (event->failure == FAILURE_NO_SUCH_USER)
        why = "no such user";
    if (client->spooling && spooling_keeps(event->failure)) {
        spooling_keep(client, &line, client->away ? STATUS_NETWORK : exit_status_of_failure(event->failure), why, now);
        return;
    }
    /* While the connection is lost, that is the reason why there is no receipt. */
    if (client->away && event->failure == FAILURE_TIMEOUT) {
        client_fail_line(client, STATUS_NETWORK, &line, "no receipt before the connection was back");
        return;
    }
    if (event->failure == FAILURE_HANDLER && event->exit > 0) {
        snprintf(text, sizeof(text), "%s with status %" PRIu32, why, event->exit);
        why = text;
    }
    client_fail_line(client, exit_status_of_failure(event->failure), &line, why);
}
