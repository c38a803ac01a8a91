#include <config.h>

#include "src/client/keeping.h"
#include "src/client/loop.h"
#include "src/client/spooling.h"
#include "src/client/waiting.h"
#include "src/common/clock.h"
#include "src/common/log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

/* Random bytes of the ids of a run. */
#define PREFIX_RANDOM 9

void spooling_fail(struct client *client, const struct diagnostic *why) {
    if (!client->spooling->failed)
        client_fail(client, STATUS_INTERNAL, "%s", why->text);
    client->spooling->failed = true;
}

bool spooling_has_failed(const struct client *client) {
    return client->spooling && client->spooling->failed;
}

/* ---- beginning and end ------------------------------------------------------------------------------------------- */

static int load_lane(void *context, unsigned long number, const char *name, const struct spool_outcome *outcome) {
    struct lane *lane = lanes_get(context, name);

    (void)number;
    (void)outcome;
    if (!lane)
        return 1;
    lane->waiting++;
    return 0;
}

static int load_lost(void *context, unsigned long number, unsigned status, struct span text) {
    struct client *client = context;

    if (or_else_note(client->or_else, number, text) != PROTO_OK)
        return 1;
    client_take_result(client, number, (enum exit_status)status);
    return 0;
}

/* Takes the lost lines that killed runs have not given to their --or-else, with their results. */
static int take_up_lost(struct client *client, struct diagnostic *why) {
    if (!client->or_else)
        return 0;
    spool_keep_lost(client->spooling->spool);
    return spool_each_lost(client->spooling->spool, load_lost, client, why);
}

/* Takes the input that a killed run has read, unless this run's input begins with the same bytes again. */
static int take_up_input(struct client *client) {
    struct spooling *spooling = client->spooling;
    const enum intake_input input = intake_compare(spooling->intake);
    struct span rest = intake_rest(spooling->intake);
    size_t size = rest.size;
    uint8_t *room = NULL;
    int error;

    if (input == INTAKE_AGAIN || (input == INTAKE_OTHER && client->input.whole) || rest.size > INPUT_LIMIT) {
        intake_forget(spooling->intake, intake_position(spooling->intake));
        return PROTO_OK;
    }
    client->input.skipping = spooling->taken.skipping && (input == INTAKE_SAME || rest.size > 0);
    /* That input has ended, so its last line is complete. */
    if (input == INTAKE_OTHER && rest.size > 0 && rest.data[rest.size - 1] != '\n')
        intake_add(spooling->intake, SPAN("\n"));
    rest = intake_rest(spooling->intake);
    size = rest.size;
    if (size == 0)
        return PROTO_OK;
    error = input_reserve(&client->input, &room, &size);
    if (error != PROTO_OK || size < rest.size)
        return error;
    memcpy(room, rest.data, rest.size);
    input_commit(&client->input, rest.size);
    return PROTO_OK;
}

static int make_prefix(struct spooling *spooling) {
    uint8_t random[PREFIX_RANDOM];

    if (csc_random_nonce(random, sizeof(random)) != CSC_OK)
        return PROTO_E_CRYPTO;
    csc_base64_encode(spooling->prefix, random, sizeof(random));
    for (char *c = spooling->prefix; *c != '\0'; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    return PROTO_OK;
}

int spooling_begin(struct client *client) {
    struct diagnostic why;
    int error;

    if (!client->config->spool)
        return PROTO_OK;
    if (!(client->spooling = calloc(1, sizeof(*client->spooling))))
        return PROTO_E_MEMORY;
    client->spooling->spool = client->config->spool;
    client->spooling->intake = client->config->intake;
    client->spooling->last = STATUS_NO_RECEIPT;
    if (spool_get_taken(client->spooling->spool, &client->spooling->taken, &why) != 0 ||
        (error = spool_each(client->spooling->spool, load_lane, &client->spooling->lanes, &why)) == SPOOL_ERROR ||
        (error == 0 && (error = take_up_lost(client, &why)) == SPOOL_ERROR)) {
        spooling_fail(client, &why);
        return PROTO_OK;
    }
    if (error != 0)
        return PROTO_E_MEMORY;
    /* The numbers up to the last line in the spool are used. */
    if (!spool_is_empty(client->spooling->spool))
        client->spooling->first = client->spooling->taken.number;
    error = make_prefix(client->spooling);
    return error == PROTO_OK && client->spooling->intake ? take_up_input(client) : error;
}

void spooling_free(struct client *client) {
    if (!client->spooling)
        return;
    lanes_free(&client->spooling->lanes);
    free(client->spooling->fresh);
    free(client->spooling);
    client->spooling = NULL;
}

/* ---- the input --------------------------------------------------------------------------------------------------- */

ssize_t spooling_read(struct client *client, uint8_t *room, size_t size) {
    struct intake *intake = client->spooling->intake;
    const ssize_t got = intake_read(intake, size);

    if (got > 0)
        memcpy(room, intake_rest(intake).data + intake_rest(intake).size - (size_t)got, (size_t)got);
    return got;
}

bool spooling_takes_lines(const struct client *client) {
    const struct spooling *spooling = client->spooling;

    if (spooling->failed || spool_is_full(spooling->spool) || status_is_full(&client->statuses) || client->listing)
        return false;
    if (client->phase == CLIENT_RUNNING)
        return true;
    /* Lines need no session, and are queued without one; commands do. */
    return !client->config->interactive && !spooling->held &&
           (client->phase == CLIENT_CONNECTING || client->phase == CLIENT_RESTING) &&
           (!client->away || client->resumes == CLIENT_RUNNING);
}

void spooling_take_rest(struct client *client, uint64_t now) {
    struct pollfd poller = {.fd = client->config->input_fd, .events = POLLIN};
    const enum client_phase phase = client->phase;

    if (client->config->interactive || client->spooling->failed || phase > CLIENT_RUNNING)
        return;
    client->phase = CLIENT_CONNECTING;
    for (;;) {
        if (loop_take_lines(client, now) != PROTO_OK || !spooling_takes_lines(client) || client->input.ended ||
            poll(&poller, 1, 0) <= 0 || waiting_read(client) != PROTO_OK)
            break;
    }
    client->phase = phase;
}

/* ---- a line ------------------------------------------------------------------------------------------------------ */

bool spooling_knows(struct client *client, unsigned long number, struct span id) {
    struct diagnostic why;
    int result = -1;
    int found = spool_find_id(client->spooling->spool, id, &result, &why);

    if (found < 0)
        spooling_fail(client, &why);
    else if (found == 1)
        status_known(&client->statuses, number, id,
                     result < 0            ? "queued"
                     : result == STATUS_OK ? "delivered"
                                           : "failed");
    return found != 0;
}

void spooling_draft(struct client *client, unsigned long number, struct span body, struct span text, struct span id) {
    const uint64_t wall = clock_wall_ms(), ttl = client->config->ttl;
    struct spooling_draft *draft = &client->spooling->draft;

    draft->count = 0;
    draft->line = (struct spool_line){.number = number,
                                      .time = wall,
                                      .expires = ttl > 0 ? wall + ttl : 0,
                                      .sign = client->sign,
                                      .id = id,
                                      .body = body,
                                      .outcome = {.need = client->config->need}};
    if (client->or_else && !span_equal(body, text))
        draft->line.text = text;
}

/* The key that a text for NAME is meant for, "" while none is known.  False, and it was told, if there may be none. */
static bool choose_key(struct client *client, const char *name, char key[static CSC_FINGERPRINT_SIZE], uint64_t now) {
    const struct spool_line *line = &client->spooling->draft.line;
    struct lane *lane = lanes_get(&client->spooling->lanes, name);
    const struct conversation *conversation = peers_find(&client->peers, span_of(name), now);
    const char *known = NULL;
    enum trust_verdict verdict;
    struct diagnostic why;

    if (!lane) {
        client_refuse(client, STATUS_INTERNAL, line->number, span_of(name), "too many peers at once");
        return false;
    }
    verdict = trust_text(&client->config->trust, name, &lane->known, &known, &why);
    if (verdict != TRUST_GOOD) {
        client_refuse(client, verdict == TRUST_FAILED ? STATUS_INTERNAL : STATUS_UNTRUSTED, line->number, span_of(name),
                      why.text);
        return false;
    }
    if (!known && conversation && conversation_is_ready(conversation))
        known = conversation_fingerprint(conversation);
    snprintf(key, CSC_FINGERPRINT_SIZE, "%s", known ? known : "");
    return true;
}

void spooling_add(struct client *client, const char *name, uint64_t now) {
    struct spooling_draft *draft = &client->spooling->draft;
    struct spool_recipient *recipient = &draft->recipients[draft->count];

    if (!choose_key(client, name, recipient->key, now))
        return;
    draft->line.outcome.total++;
    draft->count++;
    name_copy(recipient->name, span_of(name));
    if (draft->line.id.size > 0)
        snprintf(recipient->id, sizeof(recipient->id), "%.*s", (int)draft->line.id.size, draft->line.id.data);
    else
        snprintf(recipient->id, sizeof(recipient->id), "%s-%llu", client->spooling->prefix,
                 (unsigned long long)++client->spooling->ids);
}

void spooling_refused(struct client *client, enum exit_status status) {
    struct spool_outcome *outcome = &client->spooling->draft.line.outcome;

    outcome->total++;
    outcome->worst = exit_status_worse((enum exit_status)outcome->worst, status);
}

/* The message of LINE to RECIPIENT. */
static struct ledger_line message_to(const struct spool_line *line, const struct spool_recipient *recipient,
                                     uint64_t now) {
    struct ledger_line message = {.number = line->number, .since = now};

    memcpy(message.peer, recipient->name, sizeof(message.peer));
    memcpy(message.id, recipient->id, sizeof(message.id));
    return message;
}

/* Remembers to tell that MESSAGE is queued. */
static void note_fresh(struct client *client, const struct ledger_line *message) {
    struct spooling *spooling = client->spooling;
    const size_t capacity = spooling->fresh_capacity > 0 ? 2 * spooling->fresh_capacity : 64;

    if (spooling->fresh_count == spooling->fresh_capacity) {
        struct ledger_line *fresh = realloc(spooling->fresh, capacity * sizeof(*fresh));

        /* Out of memory: it is not told, but queued. */
        if (!fresh)
            return;
        spooling->fresh = fresh;
        spooling->fresh_capacity = capacity;
    }
    spooling->fresh[spooling->fresh_count++] = *message;
}

void spooling_complete(struct client *client, uint64_t now) {
    struct spooling *spooling = client->spooling;
    struct spooling_draft *draft = &spooling->draft;
    struct diagnostic why;

    if (draft->count == 0)
        spooling_lose(client, draft->line.number, draft->line.text.size > 0 ? draft->line.text : draft->line.body,
                      draft->line.outcome.total == 0 ? STATUS_BAD_LINE : (enum exit_status)draft->line.outcome.worst);
    if (draft->line.outcome.total == 0) {
        client_bad_line(client, draft->line.number, "it is for nobody");
        return;
    }
    if (draft->count == 0) {
        client_take_result(client, draft->line.number, (enum exit_status)draft->line.outcome.worst);
        return;
    }
    if (spool_put(spooling->spool, &draft->line, draft->recipients, draft->count, &why) != 0) {
        spooling_fail(client, &why);
        return;
    }
    for (size_t i = 0; i < draft->count; i++) {
        const struct ledger_line message = message_to(&draft->line, &draft->recipients[i], now);
        struct lane *lane = lanes_get(&spooling->lanes, message.peer);

        if (lane)
            lane->waiting++;
        note_fresh(client, &message);
        keeping_note_sent(client, &message, draft->line.time, draft->line.body);
    }
}

void spooling_lose(struct client *client, unsigned long number, struct span text, enum exit_status status) {
    const struct spool_line line = {
        .number = number, .time = clock_wall_ms(), .body = text, .outcome = {.total = 1, .worst = status}};
    struct diagnostic why;

    if (!client->or_else)
        return;
    if (or_else_note(client->or_else, number, text) != PROTO_OK)
        log_debug(LOG_NO_CLIENT, "no memory for a line of --or-else");
    if (!client->spooling->failed && spool_put(client->spooling->spool, &line, NULL, 0, &why) != 0)
        spooling_fail(client, &why);
}

/* ---- the disk ---------------------------------------------------------------------------------------------------- */

static struct spool_taken taken_now(const struct client *client) {
    const struct spooling *spooling = client->spooling;
    struct spool_taken taken = {.position = spooling->taken.position,
                                .number = spooling->first + client->input.number,
                                .skipping = spooling->taken.skipping};

    if (spooling->intake) {
        taken.position = intake_position(spooling->intake) - input_rest(&client->input).size;
        taken.skipping = client->input.skipping;
    }
    return taken;
}

void spooling_commit(struct client *client, uint64_t now) {
    struct spooling *spooling = client->spooling;
    const struct spool_taken taken = taken_now(client);
    struct diagnostic why;

    if (spooling->failed)
        return;
    if ((taken.position != spooling->taken.position || taken.number != spooling->taken.number ||
         taken.skipping != spooling->taken.skipping) &&
        spool_set_taken(spooling->spool, &taken, &why) != 0) {
        spooling_fail(client, &why);
        return;
    }
    if (spool_commit(spooling->spool, &why) != 0) {
        spooling_fail(client, &why);
        return;
    }
    if (spooling->intake && taken.position != spooling->taken.position)
        intake_forget(spooling->intake, taken.position);
    spooling->taken = taken;
    for (size_t i = 0; i < spooling->fresh_count; i++)
        status_queued(&client->statuses, &spooling->fresh[i], now);
    spooling->fresh_count = 0;
}
