#include <config.h>

#include "proto/line.h"
#include "proto/link.h"
#include "proto/text.h"

#include <stdlib.h>

/* What one receive call is offered. */
#define RECEIVE_SIZE 65536
/* And at the least: below it the input is full of lines that link_next() has not been asked for. */
#define RECEIVE_MIN 1024

struct link {
    enum link_role role;
    enum link_state state;
    struct line_reader reader;
    struct handshake *handshake; /* until the session stands */
    struct channel_sender *sender;
    struct channel_receiver *receiver;
    char peer_name[NAME_SIZE];
    char fingerprint[CSC_FINGERPRINT_SIZE];
    enum suite suite;
    uint64_t session_id;
};

int link_new(struct link **link, const struct link_config *config) {
    struct link *made = calloc(1, sizeof(*made));
    int error = PROTO_E_MEMORY;

    if (made != NULL) {
        made->role = config->role;
        made->reader = LINE_READER_INIT;
        error = handshake_new(&made->handshake,
                              &(struct handshake_config){
                                  .role = config->role == LINK_CLIENT ? HANDSHAKE_INITIATOR : HANDSHAKE_RESPONDER,
                                  .use = HANDSHAKE_CONNECT,
                                  .identity = config->identity,
                                  .identity_pem = config->identity_pem,
                                  .self = config->name,
                                  .suites = config->suites,
                                  .chain = config->chain,
                                  .attest = config->attest,
                              });
    }
    if (error != PROTO_OK) {
        link_free(made);
        return error;
    }
    *link = made;
    return PROTO_OK;
}

void link_free(struct link *link) {
    if (link == NULL)
        return;
    line_reader_free(&link->reader);
    handshake_free(link->handshake);
    channel_sender_free(link->sender);
    channel_receiver_free(link->receiver);
    free(link);
}

enum link_state link_state(const struct link *link) {
    return link->state;
}

const char *link_state_name(enum link_state state) {
    static const char *const names[] = {
        [LINK_START] = "start",
        [LINK_AWAIT_PHASE_2] = "await phase 2",
        [LINK_DECIDE] = "decide",
        [LINK_AWAIT_PHASE_3] = "await phase 3",
        [LINK_VERIFY] = "verify",
        [LINK_REGISTER] = "register",
        [LINK_AWAIT_PHASE_4] = "await phase 4",
        [LINK_ESTABLISHED] = "established",
        [LINK_CLOSED] = "closed",
    };

    return names[state];
}

const char *link_peer_name(const struct link *link) {
    return link->peer_name;
}

const char *link_peer_fingerprint(const struct link *link) {
    return link->fingerprint;
}

const csc_public_key *link_peer_key(const struct link *link) {
    return link->handshake == NULL ? NULL : handshake_peer_key(link->handshake);
}

const struct certificates *link_peer_chain(const struct link *link) {
    return link->handshake == NULL ? NULL : handshake_peer_chain(link->handshake);
}

const struct attest *link_peer_attest(const struct link *link) {
    return link->handshake == NULL ? NULL : handshake_peer_attest(link->handshake);
}

enum suite link_suite(const struct link *link) {
    return link->suite;
}

uint64_t link_session_id(const struct link *link) {
    return link->session_id;
}

/* Errors are final. */
static int fail(struct link *link, int error) {
    link->state = LINK_CLOSED;
    return error;
}

/* ---- bytes in ----------------------------------------------------------------------------------- */

int link_reserve(struct link *link, uint8_t **room, size_t *size) {
    struct buffer *input = &link->reader.input;
    size_t free_size = input->limit - input->size;
    int error;

    if (free_size < RECEIVE_MIN)
        return PROTO_E_FULL;
    *size = free_size < RECEIVE_SIZE ? free_size : RECEIVE_SIZE;
    error = buffer_reserve(input, *size, room);
    return error;
}

void link_commit(struct link *link, size_t size) {
    buffer_commit(&link->reader.input, size);
}

bool link_partial(const struct link *link) {
    return line_partial(&link->reader);
}

void link_idle(struct link *link) {
    if (!line_partial(&link->reader))
        line_reader_free(&link->reader);
}

/* ---- messages before the session -------------------------------------------------------------------- */

static int end_line(struct buffer *out) {
    return buffer_append(out, "\n", 1);
}

int link_start(struct link *link, struct buffer *out) {
    int error;

    if (link->role != LINK_CLIENT || link->state != LINK_START)
        return PROTO_E_STATE;
    if ((error = handshake_start(link->handshake, out)) != PROTO_OK || (error = end_line(out)) != PROTO_OK)
        return fail(link, error);
    link->state = LINK_AWAIT_PHASE_2;
    return PROTO_OK;
}

static void take_error(struct link_event *event, const struct message *message) {
    event->type = LINK_EVENT_ERROR;
    event->code = message->code;
    text_escape_cut(event->text, sizeof(event->text), message->text);
}

/* Nothing but secure lines is legal any more. */
static bool is_secure(const struct link *link) {
    return link->state == LINK_ESTABLISHED || link->state == LINK_AWAIT_PHASE_4;
}

/* A plain line: a phase of the handshake or, at any time, the `error` of a peer that gives up, which is the last thing
 * it says.  Returns 1 and an event, or an error. */
static int take_plain(struct link *link, const char *line, size_t size, struct link_event *event) {
    const enum message_place place = link->role == LINK_SERVER ? PLACE_LINE_TO_SERVER : PLACE_LINE_TO_CLIENT;
    struct message message;
    int error = message_parse(&message, place, line, size);

    if (error != PROTO_OK)
        return error;
    if (message.type == MESSAGE_ERROR) {
        take_error(event, &message);
        link->state = LINK_CLOSED;
    } else if (is_secure(link)) {
        error = PROTO_E_STATE;
    } else if ((error = handshake_read(link->handshake, &message, (struct span){line, size})) == PROTO_OK) {
        if (message.type == MESSAGE_CONNECT_3) {
            event->type = LINK_EVENT_PROOF;
            link->state = LINK_VERIFY;
        } else {
            event->type = LINK_EVENT_OFFER;
            name_copy(link->peer_name, message.name);
            memcpy(link->fingerprint, handshake_peer_fingerprint(link->handshake), CSC_FINGERPRINT_SIZE);
            link->state = LINK_DECIDE;
        }
    }
    message_free(&message);
    return error == PROTO_OK ? 1 : error;
}

int link_accept(struct link *link, struct buffer *out) {
    int error;

    if (link->state != LINK_DECIDE)
        return PROTO_E_STATE;
    if ((error = handshake_accept(link->handshake, out)) != PROTO_OK || (error = end_line(out)) != PROTO_OK)
        return fail(link, error);
    if (link->role == LINK_SERVER) {
        link->state = LINK_AWAIT_PHASE_3;
        return PROTO_OK;
    }
    link->suite = handshake_suite(link->handshake);
    if ((error = handshake_channels(link->handshake, &link->sender, &link->receiver)) != PROTO_OK)
        return fail(link, error);
    link->state = LINK_AWAIT_PHASE_4;
    return PROTO_OK;
}

int link_verify(struct link *link) {
    int error;

    if (link->state != LINK_VERIFY)
        return PROTO_E_STATE;
    if ((error = handshake_verify(link->handshake)) != PROTO_OK)
        return fail(link, error);
    link->suite = handshake_suite(link->handshake);
    link->state = LINK_REGISTER;
    return PROTO_OK;
}

int link_register(struct link *link, uint64_t session_id, struct buffer *out) {
    struct buffer payload = BUFFER_INIT(MESSAGE_PAYLOAD_MAX);
    int error;

    if (link->state != LINK_REGISTER)
        return PROTO_E_STATE;
    if ((error = handshake_channels(link->handshake, &link->sender, &link->receiver)) != PROTO_OK ||
        (error = handshake_finish(link->handshake, session_id, &payload)) != PROTO_OK ||
        (error = channel_seal(link->sender, buffer_span(&payload), out)) != PROTO_OK) {
        error = fail(link, error);
    } else {
        handshake_free(link->handshake);
        link->handshake = NULL;
        link->session_id = session_id;
        link->state = LINK_ESTABLISHED;
    }
    buffer_free(&payload);
    return error;
}

int link_refuse(struct link *link, enum wire_error code, struct buffer *out) {
    int error = message_write_error(out, code, NULL, (struct span){NULL, 0}, (struct span){NULL, 0});

    link->state = LINK_CLOSED;
    return error == PROTO_OK ? end_line(out) : error;
}

/* ---- the session --------------------------------------------------------------------------------------- */

/* Client: the server's first secure message must be phase 4. */
static int take_phase4(struct link *link, const char *payload, size_t size, struct link_event *event) {
    const struct span raw = {payload, size};
    struct message message;
    int error = message_parse(&message, PLACE_TO_CLIENT, payload, size);

    if (error != PROTO_OK)
        return error;
    if ((error = handshake_read(link->handshake, &message, raw)) == PROTO_OK) {
        link->session_id = message.session_id;
        handshake_free(link->handshake);
        link->handshake = NULL;
        link->state = LINK_ESTABLISHED;
        event->type = LINK_EVENT_ESTABLISHED;
    }
    message_free(&message);
    return error == PROTO_OK ? 1 : error;
}

/* A line of the session.  Returns 1 and an event, or an error. */
static int take_secure(struct link *link, char *line, size_t size, struct link_event *event) {
    char *payload;
    size_t payload_size;
    int error = channel_open(link->receiver, line, size, &payload, &payload_size);

    /* Nothing was written to the line yet when it turns out not to be `secure`. */
    if (error == PROTO_E_STATE)
        return take_plain(link, line, size, event);
    if (error != PROTO_OK)
        return error;
    if (link->state == LINK_AWAIT_PHASE_4)
        return take_phase4(link, payload, payload_size, event);
    event->type = LINK_EVENT_PAYLOAD;
    event->payload = payload;
    event->payload_size = payload_size;
    return 1;
}

int link_next(struct link *link, struct link_event *event) {
    const bool secure = is_secure(link);
    char *line;
    size_t size;
    int result;

    switch (link->state) {
    case LINK_DECIDE:
    case LINK_VERIFY:
    case LINK_REGISTER:
        return 0; /* this side's turn; what comes meanwhile waits */
    case LINK_CLOSED:
        return PROTO_E_STATE;
    default:
        break;
    }
    result = line_next(&link->reader, secure ? LINE_MAX_SESSION : LINE_MAX_HANDSHAKE, &line, &size);
    if (result == 0)
        return 0;
    if (result > 0)
        result = secure ? take_secure(link, line, size, event) : take_plain(link, line, size, event);
    return result > 0 ? result : fail(link, result);
}

int link_seal(struct link *link, struct span payload, struct buffer *out) {
    if (link->state != LINK_ESTABLISHED || link->sender == NULL)
        return PROTO_E_STATE;
    return channel_seal(link->sender, payload, out);
}

struct channel_sender *link_take_sender(struct link *link) {
    struct channel_sender *sender = link->sender;

    link->sender = NULL;
    return sender;
}
