/*
 * link: one connection between a client and the server, from its first byte to its last.
 *
 * Bytes go in with link_reserve() and link_commit(), events come out of link_next(); what is to be
 * sent is appended to buffers of the caller.  Frames lines, runs the handshake, then opens secure
 * messages; refuses whatever is not legal in the state it is in.  The role is data.
 * Single owner; on the server the sending half is taken out with link_take_sender() once the session
 * stands, and belongs to the outbox from then on.
 * Errors are final: the caller sends link_refuse()'s line if it wants to, and closes.
 *
 *   server: OFFER -> link_accept; PROOF -> link_verify; then link_register      -> PAYLOAD...
 *   client: link_start; OFFER -> link_accept; ESTABLISHED                       -> PAYLOAD...
 *
 * chatsecure-protocol(7), "The connection".
 */
#ifndef PROTO_LINK_H
#define PROTO_LINK_H

#include "proto/handshake.h"

enum link_role { LINK_CLIENT, LINK_SERVER };

enum link_state {
    LINK_START,         /* client: nothing sent yet; server: nothing received yet */
    LINK_AWAIT_PHASE_2, /* client */
    LINK_DECIDE,        /* the peer's key is shown, link_accept() is due */
    LINK_AWAIT_PHASE_3, /* server */
    LINK_VERIFY,        /* server: link_verify() is due */
    LINK_REGISTER,      /* server: link_register() is due */
    LINK_AWAIT_PHASE_4, /* client */
    LINK_ESTABLISHED,
    LINK_CLOSED, /* an error happened, or `error` was received in plain */
};

enum link_event_type {
    LINK_EVENT_OFFER,       /* the peer's key is known; server: the wanted name too */
    LINK_EVENT_PROOF,       /* server: phase 3 is here, link_verify() will do the costly part */
    LINK_EVENT_ESTABLISHED, /* client: registered */
    LINK_EVENT_PAYLOAD,     /* a payload was opened */
    LINK_EVENT_ERROR,       /* the peer gave a plain error; the link is closed */
};

struct link_event {
    enum link_event_type type;
    char *payload; /* PAYLOAD: may be written to; valid until the next call of link_next() */
    size_t payload_size;
    enum wire_error code; /* ERROR */
    char text[256];       /* ERROR: the peer's text, escaped */
};

struct link;

struct link_config {
    enum link_role role;
    const csc_private_key *identity; /* borrowed */
    const char *identity_pem;        /* borrowed */
    const char *name;                /* own name */
    const struct suite_list *suites;
    const struct certificates *chain; /* server: its certificates, borrowed, or NULL */
    const struct attest *attest;      /* client: its attest, borrowed, or NULL */
};

int link_new(struct link **link, const struct link_config *config) __attribute__((warn_unused_result));

/* Wipes.  NULL is legal. */
void link_free(struct link *link);

enum link_state link_state(const struct link *link);
const char *link_state_name(enum link_state state);

/* Client: writes phase 1 to OUT, with its "\n". */
int link_start(struct link *link, struct buffer *out) __attribute__((warn_unused_result));

/* Room for up to *SIZE received bytes; *SIZE is set to what there is.  PROTO_E_FULL if two lines' worth of input wait
 * for link_next() or for this side's turn, PROTO_E_MEMORY. */
int link_reserve(struct link *link, uint8_t **room, size_t *size) __attribute__((warn_unused_result));
void link_commit(struct link *link, size_t size);

/* True if the input holds an unfinished line: an end of the stream here is a cut in mid-message. */
bool link_partial(const struct link *link);

/* Gives memory of the input back when it is empty; for a connection about to sleep. */
void link_idle(struct link *link);

/* The next event: 1 and *EVENT, 0 if more bytes are needed, or an error. */
int link_next(struct link *link, struct link_event *event) __attribute__((warn_unused_result));

/* After LINK_EVENT_OFFER: the key is acceptable.  Writes phase 2 or 3, with its "\n". */
int link_accept(struct link *link, struct buffer *out) __attribute__((warn_unused_result));

/* Server, after LINK_EVENT_PROOF: the RSA private operation.  PROTO_E_HANDSHAKE if the proof fails. */
int link_verify(struct link *link) __attribute__((warn_unused_result));

/* Server, after link_verify(): writes phase 4, sealed, to OUT. */
int link_register(struct link *link, uint64_t session_id, struct buffer *out) __attribute__((warn_unused_result));

/* Writes a plain error line for CODE to OUT: before the session, and as its one last line. */
int link_refuse(struct link *link, enum wire_error code, struct buffer *out);

/* Seals PAYLOAD into a line at the end of OUT.  Errors of channel_seal(). */
int link_seal(struct link *link, struct span payload, struct buffer *out) __attribute__((warn_unused_result));

/* Hands the sending half out, from link_register() on, once: link_seal() is not legal any more. */
struct channel_sender *link_take_sender(struct link *link);

/* What is known of the peer: from LINK_EVENT_OFFER on.  The name is the client's on a server, the server's on a client.
 */
const char *link_peer_name(const struct link *link);
const char *link_peer_fingerprint(const struct link *link);

/* Its key and what it showed with it, from then on until the session stands: a server's certificates, a client's
 * attest.  NULL if there is none. */
const csc_public_key *link_peer_key(const struct link *link);
const struct certificates *link_peer_chain(const struct link *link);
const struct attest *link_peer_attest(const struct link *link);

enum suite link_suite(const struct link *link);

/* Client: the number of the session; from LINK_EVENT_ESTABLISHED on. */
uint64_t link_session_id(const struct link *link);

#endif
