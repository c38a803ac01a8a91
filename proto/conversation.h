/*
 * conversation: one peer of a client, end to end.
 *
 * Runs the handshake with the peer, then the ratchet; keeps what was sent until its receipt comes and
 * sends it again when the session had to be made anew, to the same identity key only; knows what was
 * handed on and hands nothing on twice; gathers receipts.
 * Payloads received from the relay go in; payloads to send lie in conversation_output(), one a line;
 * events are taken with conversation_next_event() after every call.  Time is an argument: milliseconds
 * of any steady clock.  Single owner.
 *
 * A message belongs to the caller's token and ends in exactly one event, DELIVERED or FAILED.  Before DELIVERED there
 * is one SENT.  Messages are sent in the order of the calls and arrive in it, unless the relay refuses one for a while
 * and takes a later one.
 *
 * chatsecure-protocol(7), "Client to client".
 */
#ifndef PROTO_CONVERSATION_H
#define PROTO_CONVERSATION_H

#include "proto/handshake.h"

/* Bytes of payload on their way without a receipt: half of a relay's queue for one client (1 MiB), so that one sender
 * alone never overruns it. */
#define CONVERSATION_BYTES_MAX (512 * 1024)
/* Messages on their way without a receipt. */
#define CONVERSATION_WINDOW 256
/* Receipts are sent when this many have gathered, or the first has waited this long. */
#define CONVERSATION_RECEIPTS_MAX     64
#define CONVERSATION_RECEIPT_DELAY_MS 20
/* Handshakes in a row that lead to no receipt before the messages are given up. */
#define CONVERSATION_ATTEMPTS_MAX 3

/* Pings of the peer that are answered in one second. */
#define CONVERSATION_PONGS_MAX 32

/* A public key in PEM and a NUL: csc_public_key_to_pem() writes no longer one. */
#define TEXT_SIGNATURE_KEY_SIZE 1024

enum conversation_event_type {
    CONVERSATION_EVENT_KEY,       /* the peer showed its key: conversation_trust() is due */
    CONVERSATION_EVENT_READY,     /* a session stands */
    CONVERSATION_EVENT_TEXT,      /* a message: conversation_handed_on() is due when it is */
    CONVERSATION_EVENT_FILE,      /* a step of sending a file: the same is due, or conversation_answer_data() */
    CONVERSATION_EVENT_SENT,      /* `token` goes out for the first time */
    CONVERSATION_EVENT_DELIVERED, /* the receipt for `token` */
    CONVERSATION_EVENT_READ,      /* a person was shown the message `id`, whose receipt had come before */
    CONVERSATION_EVENT_FAILED,    /* `token` will not be delivered, or nobody knows */
    CONVERSATION_EVENT_PONG,      /* the peer has had the ping `id` */
    CONVERSATION_EVENT_PRESENCE,  /* the peer says that its person is there, or `away` */
    CONVERSATION_EVENT_CLOSED,    /* the peer ended the session or left: `reason` */
    CONVERSATION_EVENT_STALE,     /* what belongs to a handshake that was given up was ignored, `stale` times so far */
    CONVERSATION_EVENT_VIOLATION, /* the peer or the relay broke the protocol: `error` */
};

enum conversation_failure {
    FAILURE_NO_SUCH_USER, /* never sent, or refused: nobody of that name is connected */
    FAILURE_TIMEOUT,      /* no answer or no receipt in time */
    FAILURE_LEFT,         /* sent, but the peer left before its receipt came */
    FAILURE_UNTRUSTED,    /* this side does not trust the peer's key */
    FAILURE_REFUSED,      /* the peer does not trust this side's key */
    FAILURE_QUOTA,        /* the relay refused it: queue full, rate, too large */
    FAILURE_DENIED,       /* the relay's policy */
    FAILURE_INTEGRITY,    /* handshakes or messages failed their checks */
    FAILURE_SIGNATURE,    /* the peer has found its signature wrong */
    FAILURE_EXPIRED,      /* its time was over before it was handed on */
    FAILURE_HANDLER,      /* the peer's program for it failed, with the status `exit`; data came out of order */
    FAILURE_DECLINED,     /* the peer takes no messages of this name, or does not know the file */
    FAILURE_UNSUPPORTED,  /* the peer does not know this kind of message */
    FAILURE_INTERNAL,     /* this side's trouble */
};

/* The text of a failure for people. */
const char *conversation_failure_text(enum conversation_failure failure);

/* What proves to anybody, later, that the peer wrote a text. */
struct text_signature {
    char key[TEXT_SIGNATURE_KEY_SIZE];     /* the peer's public key, PEM */
    char recipient[CSC_FINGERPRINT_SIZE];  /* of this side's */
    uint8_t session[MESSAGE_SESSION_SIZE]; /* the session in which it came */
    uint8_t value[CSC_RSA_MAX_SIZE];
    size_t size; /* of the value */
};

/* What a step of sending a file says, beside its text. */
struct file_step {
    enum message_type type;          /* MESSAGE_FILE_OFFER and so on */
    char file[MESSAGE_ID_MAX + 1];   /* which */
    uint64_t size;                   /* OFFER */
    uint8_t sha256[CSC_SHA256_SIZE]; /* OFFER */
    uint64_t offset;                 /* DATA, ANSWER */
    enum file_status status;         /* ANSWER, END */
};

struct conversation_event {
    enum conversation_event_type type;
    uint64_t token;                         /* SENT, DELIVERED, FAILED */
    enum conversation_failure failure;      /* FAILED */
    int error;                              /* VIOLATION: a proto_error */
    unsigned stale;                         /* STALE: how many so far */
    enum suite suite;                       /* READY */
    char fingerprint[CSC_FINGERPRINT_SIZE]; /* KEY, READY, TEXT, FILE: of the peer */
    bool read;                              /* DELIVERED: and a person was shown it */
    bool away;                              /* PRESENCE */
    uint32_t exit;                          /* FAILED */
    char id[MESSAGE_ID_MAX + 1];            /* TEXT, FILE, READ, PONG */
    uint64_t time;                          /* TEXT: the sender's, Unix milliseconds */
    uint64_t expires;                       /* TEXT: not to be handed on from then on, Unix milliseconds; 0: never */
    struct file_step file;                  /* FILE */
    char *body;                             /* TEXT: `body_size` bytes of UTF-8 and a NUL; until the next call of */
    size_t body_size;                       /*       conversation_next_event().  FILE: the same for a name, for data, */
                                            /*       or for a reason, which may be empty.  PRESENCE: what the peer */
                                            /*       says of it, which may be empty */
    struct text_signature *signature;       /* TEXT: NULL: not signed; it holds, and lives as long as `body` */
    char reason[64];                        /* CLOSED: the word, escaped */
};

struct conversation;

struct conversation_config {
    const csc_private_key *identity; /* borrowed */
    const char *identity_pem;        /* borrowed */
    const char *self;                /* own name */
    const char *peer;                /* another than `self` */
    const struct suite_list *suites;
    const struct attest *attest; /* own, borrowed, or NULL */
    uint64_t timeout;            /* milliseconds: for a handshake, and for a receipt */
    bool shows;                  /* what is handed on, a person is shown: receipts say so */
    bool absent;                 /* but not just now: until conversation_attend() they say delivered */
};

int conversation_new(struct conversation **conversation, const struct conversation_config *config)
    __attribute__((warn_unused_result));

/* Wipes.  NULL is legal. */
void conversation_free(struct conversation *conversation);

/* The peer's name, in the case in which the peer itself writes it once something came from it. */
const char *conversation_peer(const struct conversation *conversation);

/* True while a session stands. */
bool conversation_is_ready(const struct conversation *conversation);

/* The peer's key in the session that stands or the last that did, "" before the first; and the suite of that session.
 */
const char *conversation_fingerprint(const struct conversation *conversation);
enum suite conversation_suite(const struct conversation *conversation);

/* A text to send. */
struct conversation_text {
    uint64_t token; /* what its event will name */
    struct span body;
    uint64_t time;       /* to show, Unix milliseconds */
    bool sign;           /* so that the peer can prove who wrote it */
    uint64_t expires;    /* the peer does not hand it on from then on, Unix milliseconds; 0: never */
    uint64_t give_up_at; /* the same by the clock of `now`; 0: never */
    const char *id;      /* from conversation_make_id(), maybe of another conversation; NULL: one is made */
    const char *key; /* the fingerprint of whom it is meant for, NULL: whoever has the session, or gets the next one */
};

/* An id for a text that no other has. */
void conversation_make_id(struct conversation *conversation, char id[static MESSAGE_ID_MAX + 1]);

/* Begins a session if none stands.  It comes as READY, or not at all, as FAILED with TOKEN, which is not 0. */
int conversation_connect(struct conversation *conversation, uint64_t token, uint64_t now)
    __attribute__((warn_unused_result));

/* Takes TEXT for the peer: starts a handshake if there is no session, and sends it as soon as there is one and the
 * window has room; in the order of the calls.  A signature takes milliseconds and is made once for each session in
 * which the text is sent.  It never goes to another key than the one it is meant for: FAILURE_UNTRUSTED.  A session
 * with another key is ended, as untrusted, since the caller holds the name for somebody else's by now.
 *   PROTO_E_TEXT       not UTF-8, or a NUL
 *   PROTO_E_TOO_LARGE  over MESSAGE_BODY_MAX, or too long with its escapes and its signature
 *   PROTO_E_MEMORY, PROTO_E_CRYPTO
 * After an error there is no event for its token. */
int conversation_send(struct conversation *conversation, const struct conversation_text *text, uint64_t now)
    __attribute__((warn_unused_result));

/* Asks the peer for a sign of life: CONVERSATION_EVENT_PONG with the same ID, which is written here, or none at all if
 * it, or its answer, is lost or dropped on the way.  A ping is a notice: it waits for nothing, no session is begun for
 * it, and it is no progress of messages that wait for their receipts.  A peer that does not know pings says so, which
 * is a sign of life as well.
 *   PROTO_E_STATE  no session stands
 *   PROTO_E_MEMORY, PROTO_E_CRYPTO */
int conversation_ping(struct conversation *conversation, char id[static MESSAGE_ID_MAX + 1])
    __attribute__((warn_unused_result));

/* Tells the peer that this side's person is there or AWAY, with a TEXT of at most MESSAGE_PRESENCE_MAX bytes that may
 * be empty: a notice, as a ping is.  Without effect if no session stands.
 *   PROTO_E_TEXT, PROTO_E_TOO_LARGE, PROTO_E_MEMORY, PROTO_E_CRYPTO */
int conversation_tell_presence(struct conversation *conversation, bool away, struct span text)
    __attribute__((warn_unused_result));

/* A step of sending a file to send; its id is made. */
struct conversation_file {
    uint64_t token;
    const char *key; /* as in a text */
    const struct file_fields *fields;
};

/* Takes FILE as conversation_send() takes a text, and in order with the texts.  Errors: the same. */
int conversation_send_file(struct conversation *conversation, const struct conversation_file *file, uint64_t now)
    __attribute__((warn_unused_result));

/* Takes all texts without a receipt back: they end without an event, though some may have arrived. */
void conversation_withdraw(struct conversation *conversation);

/* Messages that have neither failed nor a receipt.  Each takes memory until then: a caller that reads them from
 * somewhere stops reading at some number. */
size_t conversation_pending(const struct conversation *conversation);

/* Takes a parsed payload whose `src` is the peer: client-connect, client-com or client-disconnect.  RAW is its exact
 * bytes.  What is wrong with it comes as an event; an error is this side's trouble (PROTO_E_MEMORY, PROTO_E_CRYPTO). */
int conversation_receive(struct conversation *conversation, const struct message *message, struct span raw,
                         uint64_t now) __attribute__((warn_unused_result));

/* Takes the relay's `error` about a payload to this peer. */
int conversation_refused(struct conversation *conversation, const struct message *error, uint64_t now)
    __attribute__((warn_unused_result));

/* Answers a CONVERSATION_EVENT_KEY, whose FINGERPRINT it is; without effect if the peer has gone on to another. */
int conversation_trust(struct conversation *conversation, const char *fingerprint, bool trusted, uint64_t now)
    __attribute__((warn_unused_result));

/* What the peer of that KEY event showed with its key, until conversation_trust(): its key, and NULL or its attest.
 * False if the peer has gone on to another. */
bool conversation_shown(struct conversation *conversation, const char *fingerprint, const csc_public_key **key,
                        const struct attest **attest);

/* The program has handed on (written and flushed) the message ID of the key FINGERPRINT, both from its TEXT event: its
 * receipt may go. */
int conversation_handed_on(struct conversation *conversation, const char *fingerprint, const char *id, uint64_t now)
    __attribute__((warn_unused_result));

/* The same for one that was not handed on and will not be: its time was over; it is not wanted; or the program for it
 * failed with the status EXIT. */
int conversation_expired(struct conversation *conversation, const char *fingerprint, const char *id, uint64_t now)
    __attribute__((warn_unused_result));
int conversation_declined(struct conversation *conversation, const char *fingerprint, const char *id, uint64_t now)
    __attribute__((warn_unused_result));
int conversation_failed(struct conversation *conversation, const char *fingerprint, const char *id, uint32_t exit,
                        uint64_t now) __attribute__((warn_unused_result));

/* What has become of data of a file, in place of conversation_handed_on(): it is written; it does not continue what is,
 * and is asked for again; or nobody knows the file.  Data is given as often as it comes. */
enum data_fate { DATA_WRITTEN, DATA_OUT_OF_ORDER, DATA_UNKNOWN };
int conversation_answer_data(struct conversation *conversation, const char *fingerprint, const char *id,
                             enum data_fate fate, uint64_t now) __attribute__((warn_unused_result));

/* The person of a conversation that `shows` is there from now on, or ABSENT.  What was handed on meanwhile is read when
 * the person is back, as far as its senders are still there and no more than some hundreds of messages. */
int conversation_attend(struct conversation *conversation, bool absent, uint64_t now)
    __attribute__((warn_unused_result));

/* Nothing more is waiting: gathered receipts go now. */
int conversation_flush(struct conversation *conversation) __attribute__((warn_unused_result));

/* The way to the relay is lost, and stands again.  In between nothing is sent and no handshake begins; the session and
 * what was to be sent are gone.  Messages without a receipt stay: they have their time anew from each of the calls.
 * Afterwards a peer who was there may be on the way back, and is waited for as long as for a handshake. */
void conversation_interrupted(struct conversation *conversation, uint64_t now);
int conversation_resumed(struct conversation *conversation, uint64_t now) __attribute__((warn_unused_result));

/* Says goodbye: receipts, then client-disconnect `bye` if a session stands.  Nothing begins after it, what comes is
 * dropped, and messages without a receipt stay without an event. */
int conversation_close(struct conversation *conversation) __attribute__((warn_unused_result));

/* Does what is due at NOW; and when that will be, UINT64_MAX if never. */
int conversation_tick(struct conversation *conversation, uint64_t now) __attribute__((warn_unused_result));
uint64_t conversation_deadline(const struct conversation *conversation);

/* Payloads to send, each followed by "\n"; the caller consumes them.  While half a megabyte waits no messages are
 * added; conversation_deadline() tells when to go on. */
struct buffer *conversation_output(struct conversation *conversation);

/* Takes the oldest event.  False if there is none. */
bool conversation_next_event(struct conversation *conversation, struct conversation_event *event);

#endif
