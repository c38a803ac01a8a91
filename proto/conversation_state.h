/*
 * conversation_state: what the parts of a conversation share.
 *
 * conversation.c is the public face and the clock; conversation_session.c makes sessions and gives them
 * up; conversation_traffic.c sends and receives what travels in them, of which conversation_files.c has the steps of
 * sending a file, conversation_receipts.c the receipts and conversation_notices.c what has none; conversation_signing.c
 * signs texts and checks signatures.  Only these
 * include this.
 *
 * Errors: functions here return this side's trouble (PROTO_E_MEMORY, PROTO_E_CRYPTO) only.  What the peer
 * does wrong becomes an event; an output that is full means "later" or, for an answer that the other side
 * asks for again, "not".
 */
#ifndef PROTO_CONVERSATION_STATE_H
#define PROTO_CONVERSATION_STATE_H

#include "proto/conversation.h"
#include "proto/event_queue.h"
#include "proto/id_set.h"
#include "proto/unacked.h"

#define NEVER UINT64_MAX

static inline uint64_t earlier(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* Ids of messages: a random part for this conversation, a dash, a number. */
#define ID_RANDOM_SIZE 9
#define ID_PREFIX_SIZE (CSC_BASE64_LENGTH(ID_RANDOM_SIZE) + 1)

/* A handshake under way, in one of the two roles. */
struct attempt {
    struct handshake *handshake; /* NULL: none */
    uint64_t deadline;
    bool deciding; /* the program is asked about the peer's key */
};

/* Ids of messages that one thing became of, and of the receipt that says so, once it is sent. */
struct receipt_batch {
    char id[MESSAGE_ID_MAX + 1];
    char ids[CONVERSATION_RECEIPTS_MAX][MESSAGE_ID_MAX + 1];
    size_t count;
    enum receipt_status status; /* of all of them */
    uint32_t exit;
};

/* The last answer in a handshake (phase 2 or 4), in case the relay's queue for the peer is full just then. */
struct answer {
    struct buffer payload;
    uint64_t retry_at; /* NEVER unless it was refused */
    unsigned refusals;
};

struct conversation {
    struct conversation_config config;
    struct suite_list suites;
    csc_public_key *own_key;
    char self[NAME_SIZE], peer[NAME_SIZE];
    char id_prefix[ID_PREFIX_SIZE + 1];
    uint64_t next_id;
    bool offline; /* there is no way to the relay */
    bool closed;  /* goodbye was said: nothing begins any more */

    /* sessions */
    struct ratchet *ratchet;                /* the session that stands, or NULL */
    char fingerprint[CSC_FINGERPRINT_SIZE]; /* of the peer in the last session, "" before the first */
    csc_public_key *peer_key;               /* the key of it, NULL before the first */
    struct attempt initiating, responding;
    struct answer answer;
    unsigned attempts;         /* handshakes begun here since the last receipt */
    unsigned stale;            /* what came of handshakes that are given up, and was ignored */
    uint64_t awaited_until;    /* the way was lost, and the peer may not have found it again before; 0: it was not */
    uint64_t begin_at;         /* when the next one may begin */
    unsigned begin_delays;     /* times in a row that the relay's full queue delayed it */
    enum suite suite;          /* of the last session */
    uint64_t connect_token;    /* of conversation_connect(), 0: a session is not wanted for its own sake */
    uint64_t connect_deadline; /* when that is given up */

    /* traffic */
    struct unacked_list unacked;
    uint64_t progress_at;          /* when the receipt of the oldest message last came */
    struct receipt_batch receipts; /* gathered, and to be sent by then: */
    uint64_t receipts_due;
    struct receipt_batch sent_receipts; /* the last that were sent, in case the relay's queue is full just then */
    uint64_t receipts_retry_at;         /* NEVER unless it was */
    unsigned receipt_refusals;
    struct id_set received;
    struct buffer unread; /* ids, each with a NUL, that were handed on while the person was absent */
    struct id_set delivered; /* own messages that the peer may still say are read */
    struct id_set pinged;    /* own pings: ID_SEEN while they may still be answered */
    uint64_t pongs_since;    /* when the second began in which so many of the peer's pings were answered: */
    unsigned pongs;

    struct buffer output;
    struct event_queue events;
};

/* ---- conversation.c */

int put_event(struct conversation *conversation, const struct conversation_event *event);
int report_violation(struct conversation *conversation, int error);

/* True for trouble of this side, which goes to the caller; all else is the peer's doing. */
bool is_own_error(int error);

/* Ends the payload that was appended to the output from BEFORE on, or takes it back. */
int end_payload(struct conversation *conversation, size_t before);

/* Says client-disconnect, with the names of both sides and what else WHAT has. */
int send_disconnect(struct conversation *conversation, const struct disconnect_fields *what);

/* How long to wait before what the relay refused for the REFUSALS-th time is sent again. */
uint64_t retry_delay(unsigned refusals);

/* ---- conversation_session.c */

/* Begins a handshake if a session is wanted and none is on its way. */
int seek_session(struct conversation *conversation, uint64_t now);

/* The session is gone; what has no receipt waits for the next one. */
void drop_session(struct conversation *conversation);
void drop_attempts(struct conversation *conversation);

/* Gives conversation_connect() up, if it is due. */
int fail_connect(struct conversation *conversation, enum conversation_failure failure);

int receive_handshake(struct conversation *conversation, const struct message *message, struct span raw, uint64_t now);
int receive_disconnect(struct conversation *conversation, const struct message *message, uint64_t now);

/* Whether it is about a message of some session, and not about a handshake. */
bool disconnect_names_session(const struct message *disconnect);

/* The relay refused a message of a handshake, if ERROR is about one. */
int handshake_refused(struct conversation *conversation, const struct message *error, uint64_t now);

/* What is due, and when that will be. */
int session_tick(struct conversation *conversation, uint64_t now);
uint64_t session_deadline(const struct conversation *conversation);

/* ---- conversation_traffic.c */

/* Sends what the window and the output have room for, in order. */
int send_queued(struct conversation *conversation, uint64_t now);

/* Begins a message under ID, NULL for one that is made: ends a session with another key than KEY, NULL for whoever has
 * the session or gets the next one, and appends *ENTRY. */
int begin_entry(struct conversation *conversation, const char *id, uint64_t token, const char *key, uint64_t now,
                struct unacked **entry);

/* Sends ENTRY, whose inner message was written with ERROR, as soon as it can be; or takes it back. */
int send_entry(struct conversation *conversation, struct unacked *entry, int error, uint64_t now);

/* Gives up one message, all and conversation_connect(), or those meant for another key than FINGERPRINT. */
int fail_entry(struct conversation *conversation, struct unacked *entry, enum conversation_failure failure);
int fail_all(struct conversation *conversation, enum conversation_failure failure);
int fail_others(struct conversation *conversation, const char *fingerprint, enum conversation_failure failure);

/* The end of ENTRY: EVENT is what the program hears of it, but for the token. */
int settle(struct conversation *conversation, struct unacked *entry, struct conversation_event *event);

/* Encrypts INNER under ID in the session that stands. */
int send_inner(struct conversation *conversation, const char *id, struct span inner);

int receive_com(struct conversation *conversation, const struct message *com, uint64_t now);
int message_refused(struct conversation *conversation, struct unacked *entry, enum wire_error code, uint64_t now);

int traffic_tick(struct conversation *conversation, uint64_t now);
uint64_t traffic_deadline(const struct conversation *conversation);

/* The relay's refusals: those that may not last, and what the others mean for a message. */
bool is_passing(enum wire_error code);
enum conversation_failure failure_of(enum wire_error code);

/* ---- conversation_files.c */

int receive_file(struct conversation *conversation, const struct message *com, const struct message *step,
                 uint64_t now);

/* ---- conversation_signing.c */

/* Makes the signature of ENTRY, if it is to have one, good in the session that stands. */
int sign_entry(struct conversation *conversation, struct unacked *entry);

/* Whether the signature of TEXT is the peer's, in the session that stands: PROTO_E_INTEGRITY if not.  SIGNATURE becomes
 * the proof of it. */
int check_signature(struct conversation *conversation, const struct message *text, struct text_signature *signature);

/* The message COM has a signature that is none: says so to the program and to the peer. */
int refuse_signature(struct conversation *conversation, const struct message *com);

/* The peer said that of one of this side's messages. */
int signature_refused(struct conversation *conversation, const struct message *disconnect, uint64_t now);

/* ---- conversation_receipts.c */

/* Gathers the receipt for the text ID of the peer, whose STATE is known. */
int add_receipt(struct conversation *conversation, struct span id, enum id_state state, uint32_t exit, uint64_t now);

/* Says that the message of id REFUSED is of a kind that is not known. */
int send_unsupported(struct conversation *conversation, struct span refused);

/* The relay refused the last receipts, if ERROR is about them; and sends them again. */
bool receipt_refused(struct conversation *conversation, const struct message *error, uint64_t now);
int retry_receipts(struct conversation *conversation);

int receive_receipt(struct conversation *conversation, const struct message *receipt, uint64_t now);

/* ---- conversation_notices.c */

/*
 * Sends INNER as a notice under ID, from conversation_make_id(): an inner message that has no receipt.  It goes at once
 * or never.  It is dropped if no session stands, if as much waits to be taken as texts may fill, and if the relay
 * refuses it, for nothing of it is kept; and it takes no room in the window.
 *
 * A new type of notice is a row in message_table.c with PLACE_INNER, a message_write function that fills to the
 * multiple, a function here that sends it, and a case in receive_inner() that makes an event of it.  Older peers answer
 * it by a receipt `unsupported` that names ID, which receive_receipt() ignores; what is sent in answer to the peer has
 * to have its bound, as the pongs have.
 */
int send_notice(struct conversation *conversation, const char *id, struct span inner);

int receive_ping(struct conversation *conversation, const struct message *com, const struct message *ping,
                 uint64_t now);

int receive_presence(struct conversation *conversation, const struct message *com, const struct message *presence);

/* Takes the answer to the ping ID, whichever form it had.  Without effect if no such ping waits for one. */
int receive_pong(struct conversation *conversation, struct span id);

#endif
