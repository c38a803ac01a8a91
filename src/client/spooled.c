/* The lines that leave the spool, and what becomes of them. */
#include <config.h>

#include "src/client/sending.h"
#include "src/client/spooling.h"
#include "src/common/clock.h"
#include "src/common/log.h"

/* How often a handshake is tried again after the end of the input. */
#define INTEGRITY_TRIES 4

/* ---- sending ----------------------------------------------------------------------------------------------------- */

/* Sends the next line of LANE. */
static int send_next(struct client *client, struct lane *lane, uint64_t now) {
    const uint64_t wall = clock_wall_ms();
    struct spool_message message;
    struct ledger_line line = {.token = 0};
    struct diagnostic why;
    int found = spool_next(client->spooling->spool, lane->name, lane->sent, &message, &why);

    if (found <= 0) {
        lane->waiting = 0;
        if (found < 0)
            spooling_fail(client, &why);
        return PROTO_OK;
    }
    lane->waiting--;
    lane->flying++;
    lane->sent = message.line.number;
    line.number = message.line.number;
    line.since = now - (wall > message.line.time && wall - message.line.time < now ? wall - message.line.time : 0);
    line.keyless = message.recipient.key[0] == '\0';
    memcpy(line.peer, message.recipient.name, sizeof(line.peer));
    memcpy(line.id, message.recipient.id, sizeof(line.id));
    if (message.line.expires > 0 && message.line.expires <= wall) {
        client_expire_line(client, &line, conversation_failure_text(FAILURE_EXPIRED));
        return PROTO_OK;
    }
    return sending_spooled(client, &line, &message, now);
}

int spooling_pump(struct client *client, uint64_t now) {
    struct lane *lane;
    int error = PROTO_OK;

    if (client->phase != CLIENT_RUNNING && client->phase != CLIENT_DRAINING)
        return PROTO_OK;
    while (error == PROTO_OK && !client->spooling->failed && !ledger_is_full(&client->ledger) &&
           !connection_is_full(client->connection) && !status_is_full(&client->statuses) &&
           (lane = lanes_next(&client->spooling->lanes, now)) != NULL)
        error = send_next(client, lane, now);
    return error;
}

uint64_t spooling_deadline(const struct client *client, uint64_t now) {
    return client->spooling ? lanes_deadline(&client->spooling->lanes, now) : CLOCK_NEVER;
}

bool spooling_is_done(const struct client *client) {
    return !client->spooling || client->spooling->failed || lanes_are_done(&client->spooling->lanes);
}

bool spooling_sent(struct client *client, const struct ledger_line *line, const char *fingerprint) {
    struct lane *lane = lanes_get(&client->spooling->lanes, line->peer);
    struct diagnostic why;

    if (line->keyless && !client->spooling->failed &&
        spool_set_key(client->spooling->spool, line->number, line->peer, fingerprint, &why) != 0)
        spooling_fail(client, &why);
    if (!lane || line->number <= lane->reported)
        return false;
    lane->reported = line->number;
    return true;
}

/* ---- results ----------------------------------------------------------------------------------------------------- */

static enum exit_status status_of(const struct spool_outcome *outcome, enum exit_status worst) {
    const size_t needed = outcome->need == 0 || outcome->need > outcome->total ? outcome->total : outcome->need;

    return outcome->have >= needed ? STATUS_OK : worst;
}

/* The line has been deleted; if it was not delivered, it goes to the command of --or-else. */
static void take_line_result(struct client *client, unsigned long number, const struct spool_outcome *outcome,
                             struct span text) {
    const enum exit_status status = status_of(outcome, (enum exit_status)outcome->worst);

    if (client->or_else && status != STATUS_OK && or_else_note(client->or_else, number, text) != PROTO_OK)
        log_debug(LOG_NO_CLIENT, "no memory for a line of --or-else");
    client_take_result(client, number, status);
}

void spooling_settle(struct client *client, const struct ledger_line *line, enum exit_status status) {
    struct lane *lane = lanes_find(&client->spooling->lanes, line->peer);
    struct spool_outcome outcome = {.pending = 1};
    struct span text = {NULL, 0};
    struct diagnostic why;

    if (client->spooling->failed)
        return;
    if (lane && lane->flying > 0)
        lane->flying--;
    if (lane && status == STATUS_OK) {
        lane->resting = false;
        lane->backoff = (struct backoff){.tries = 0};
    }
    if ((client->or_else && spool_text(client->spooling->spool, line->number, &text, &why) != 0) ||
        spool_settle(client->spooling->spool, line->number, line->peer, status, &outcome, &why) != 0)
        spooling_fail(client, &why);
    else if (outcome.pending == 0)
        take_line_result(client, line->number, &outcome, text);
}

bool spooling_keeps(enum conversation_failure failure) {
    switch (failure) {
    case FAILURE_NO_SUCH_USER:
    case FAILURE_TIMEOUT:
    case FAILURE_LEFT:
    case FAILURE_QUOTA:
    case FAILURE_INTERNAL:
    /* No session was made, so it is not about the line; or whoever disturbs handshakes could empty the spool. */
    case FAILURE_INTEGRITY:
        return true;
    default:
        return false;
    }
}

/* ---- lines that come back ---------------------------------------------------------------------------------------- */

/* LANE will send line NUMBER, or the next one that it has, as its next. */
static void go_back(struct lane *lane, unsigned long number) {
    lane->waiting++;
    if (lane->flying > 0)
        lane->flying--;
    if (number <= lane->sent)
        lane->sent = number - 1;
}

/* Takes all lines of LANE back, so that none overtakes the one that could not be delivered. */
static void pull_back(struct client *client, struct lane *lane, uint64_t now) {
    struct conversation *conversation = peers_find(&client->peers, span_of(lane->name), now);
    struct ledger_line line;

    while (ledger_take_to(&client->ledger, lane->name, &line))
        go_back(lane, line.number);
    if (conversation)
        conversation_withdraw(conversation);
}

/* True if the lines of LANE, which come back for STATUS, are not tried again in this run.  At the end of the input,
 * what is no session yet may become one: with a peer that does not name the offers it answers, its answers to a run
 * before this one are in the way of it for a while. */
static bool is_last_try(const struct client *client, const struct lane *lane, enum exit_status status) {
    if (client->spooling->ending)
        return true;
    return (client->away ? client->resumes : client->phase) == CLIENT_DRAINING &&
           (status != STATUS_INTEGRITY || lane->backoff.tries >= INTEGRITY_TRIES);
}

void spooling_keep(struct client *client, const struct ledger_line *line, enum exit_status status, const char *why,
                   uint64_t now) {
    struct lane *lane = lanes_get(&client->spooling->lanes, line->peer);

    if (!lane)
        return;
    lane->status = status;
    go_back(lane, line->number);
    if (is_last_try(client, lane, status)) {
        if (!lane->given_up)
            console_notice(client->console, "line %lu to %s: %s", line->number, line->peer, why);
        lane->given_up = true;
        status_kept(&client->statuses, line, why, now);
        return;
    }
    pull_back(client, lane, now);
    lane->until = now + backoff_next(&lane->backoff);
    if (!lane->resting)
        console_notice(client->console, "line %lu to %s: %s; tried again", line->number, line->peer, why);
    lane->resting = true;
}

void spooling_wake(struct client *client, const char *name) {
    struct lanes *lanes = client->spooling ? &client->spooling->lanes : NULL;

    for (size_t i = 0; lanes && i < lanes->count; i++)
        if (!name || name_equal(span_of(name), span_of(lanes->list[i].name)))
            lanes->list[i].until = 0;
}

/* ---- the end ----------------------------------------------------------------------------------------------------- */

void spooling_end(struct client *client, enum exit_status status) {
    if (!client->spooling->ending)
        client->spooling->last = status;
    client->spooling->ending = true;
}

/* What the lines that are kept come to, one after the other. */
struct reckoning {
    struct client *client;
    unsigned long number; /* the line at hand, 0: none */
    struct spool_outcome outcome;
    enum exit_status worst;
};

static void reckon(const struct reckoning *reckoning) {
    if (reckoning->number > 0)
        reckoning->client->status =
            exit_status_worse(reckoning->client->status, status_of(&reckoning->outcome, reckoning->worst));
}

static int reckon_recipient(void *context, unsigned long number, const char *name,
                            const struct spool_outcome *outcome) {
    struct reckoning *reckoning = context;
    const struct spooling *spooling = reckoning->client->spooling;
    const struct lane *lane = lanes_find(&spooling->lanes, name);

    if (number != reckoning->number) {
        reckon(reckoning);
        reckoning->number = number;
        reckoning->outcome = *outcome;
        reckoning->worst = (enum exit_status)outcome->worst;
    }
    reckoning->worst =
        exit_status_worse(reckoning->worst, lane && lane->status != STATUS_OK ? lane->status : spooling->last);
    return 0;
}

void spooling_forget_lost(struct client *client) {
    struct diagnostic why;

    if (client->spooling && !client->spooling->failed && spool_forget_lost(client->spooling->spool, &why) != 0)
        spooling_fail(client, &why);
}

void spooling_tell(struct client *client) {
    struct spooling *spooling = client->spooling;
    struct reckoning reckoning = {.client = client};
    const size_t count = spool_count(spooling->spool);
    struct diagnostic why;

    if (spooling->failed || count == 0)
        return;
    if (spool_each(spooling->spool, reckon_recipient, &reckoning, &why) != 0)
        spooling_fail(client, &why);
    reckon(&reckoning);
    console_notice(client->console,
                   count == 1 ? "%zu line is kept in %s, and sent by the next run with it"
                              : "%zu lines are kept in %s, and sent by the next run with it",
                   count, client->config->spool_dir);
}
