#include <config.h>

#include "src/client/arrival.h"
#include "src/client/listing.h"
#include "src/client/phases.h"
#include "src/client/pinging.h"
#include "src/client/reconnect.h"
#include "src/client/spooling.h"
#include "src/common/clock.h"
#include "src/common/log.h"

#include <stdio.h>

/* True if a client in PHASE still has something to do that needs the server. */
static bool is_needed(const struct client *client, enum client_phase phase) {
    return phase != CLIENT_DRAINING || client->ledger.count > 0 || client->listing || !spooling_is_done(client) ||
           transfers_are_going(&client->transfers);
}

bool reconnect_wants(const struct client *client, const struct connection_event *event) {
    if (client->config->no_reconnect)
        return false;
    if (client->away || (client->config->retry && client->phase == CLIENT_CONNECTING))
        return event->status == STATUS_NETWORK || event->busy;
    return event->status == STATUS_NETWORK && (client->phase == CLIENT_RUNNING || client->phase == CLIENT_DRAINING) &&
           is_needed(client, client->phase);
}

/* The connection has just been lost. */
static void go_away(struct client *client, const struct connection_event *event, uint64_t now) {
    const bool for_ever = client->config->receive || client->config->interactive;

    console_notice(client->console, "%s; connecting again", event->text);
    if (client->met)
        status_disconnected(&client->statuses, client->server, event->text);
    client->away = true;
    client->away_until = for_ever ? CLOCK_NEVER : now + client->config->timeout;
    client->resumes = client->met ? client->phase : CLIENT_RUNNING;
    client->backoff = (struct backoff){.tries = 0};
    pinging_give_up(client, STATUS_NETWORK, "the connection was lost");
    for (size_t i = 0; i < client->peers.count; i++)
        conversation_interrupted(client->peers.list[i].conversation, now);
}

void reconnect_rest(struct client *client, const struct connection_event *event, uint64_t now) {
    uint64_t rest, until;

    if (!client->away)
        go_away(client, event, now);
    rest = event->restarts ? 0 : backoff_next(&client->backoff);
    until = now + rest;
    log_debug(LOG_NO_CLIENT, "%s; connecting again in %llu ms", event->text, (unsigned long long)rest);
    snprintf(client->away_reason, sizeof(client->away_reason), "%s", event->text);
    phase_set(client, CLIENT_RESTING, until < client->away_until ? until : client->away_until);
}

int reconnect_check(struct client *client, uint64_t now) {
    int error;

    if (!client->away)
        return PROTO_OK;
    /* Messages that waited for receipts may have failed meanwhile, so that nothing is left to wait for. */
    if (!is_needed(client, client->resumes)) {
        phase_set(client, CLIENT_DONE, CLOCK_NEVER);
    } else if (client->away_until <= now) {
        client_fail(client, STATUS_NETWORK, "not connected again in time: %s", client->away_reason);
        phase_give_up(client, STATUS_NETWORK, "no receipt before the connection ended");
        phase_set(client, CLIENT_DONE, CLOCK_NEVER);
    } else if (client->phase == CLIENT_RESTING && client->deadline <= now) {
        error = arrival_begin(client, now);
        client->deadline = client->away_until;
        return error;
    }
    return PROTO_OK;
}

int reconnect_done(struct client *client, uint64_t now) {
    int error = PROTO_OK;

    console_notice(client->console, "connected to %s again", client->server);
    status_reconnected(&client->statuses,
                       &(struct json_ready){.name = client->name,
                                            .server = client->server,
                                            .fingerprint = connection_fingerprint(client->connection),
                                            .session = connection_session_id(client->connection)});
    client->away = false;
    phase_set(client, client->resumes,
              client->resumes == CLIENT_DRAINING ? now + client->config->timeout : CLOCK_NEVER);
    client->line_left = true;
    for (size_t i = 0; error == PROTO_OK && i < client->peers.count; i++)
        error = conversation_resumed(client->peers.list[i].conversation, now);
    return error == PROTO_OK && client->listing ? listing_ask(client) : error;
}
