/*
 * message: every message of the protocol, typed, from and to JSON.
 *
 * message_parse() takes the bytes of one message and the place it came from, and gives a struct of
 * which exactly the members that the message's row in message_table.h names are set; what is missing,
 * mistyped, out of bounds or not legal in that place never gets further.  It is the only user of json-c
 * and scans every byte with json_scan first.  The message_write functions append one message to a
 * buffer, without a line break.  Pure; a struct message has a single owner.
 *
 * chatsecure-protocol(7), "Messages".
 */
#ifndef PROTO_MESSAGE_H
#define PROTO_MESSAGE_H

#include "crypto/cscrypto.h"
#include "proto/attest.h"
#include "proto/buffer.h"
#include "proto/error.h"
#include "proto/name.h"
#include "proto/suite.h"

#define PROTOCOL_VERSION 1

/* Where a message was found: what is legal depends on it. */
enum message_place {
    PLACE_LINE_TO_SERVER = 1 << 0, /* a plain line, before the session */
    PLACE_LINE_TO_CLIENT = 1 << 1,
    PLACE_TO_SERVER = 1 << 2, /* a payload of a secure message */
    PLACE_TO_CLIENT = 1 << 3,
    PLACE_INNER = 1 << 4, /* the text inside a client-com */
};

enum message_type {
    MESSAGE_CONNECT_1,
    MESSAGE_CONNECT_2,
    MESSAGE_CONNECT_3,
    MESSAGE_CONNECT_4,
    MESSAGE_PEER_1, /* client-connect, phase 1, and so on */
    MESSAGE_PEER_2,
    MESSAGE_PEER_3,
    MESSAGE_PEER_4,
    MESSAGE_COM,
    MESSAGE_DISCONNECT,
    MESSAGE_LIST_REQUEST,
    MESSAGE_LIST,
    MESSAGE_ERROR,
    MESSAGE_PING,
    MESSAGE_PONG,
    MESSAGE_BYE,
    MESSAGE_TEXT,
    MESSAGE_RECEIPT,
    MESSAGE_PEER_PING, /* inner messages of the same words as MESSAGE_PING and MESSAGE_PONG */
    MESSAGE_PEER_PONG,
    MESSAGE_PRESENCE,
    MESSAGE_FILE_OFFER,
    MESSAGE_FILE_ANSWER,
    MESSAGE_FILE_DATA,
    MESSAGE_FILE_END,
    MESSAGE_UNKNOWN_INNER, /* an inner message of a type this version does not know */
};

#define MESSAGE_ID_MAX         64    /* [A-Za-z0-9_-] */
#define MESSAGE_NONCE_SIZE     16    /* `id` of a handshake */
#define MESSAGE_SESSION_SIZE   12    /* `session` of a client-com */
#define MESSAGE_BODY_MAX       32768 /* bytes of UTF-8 in a text */
#define MESSAGE_INNER_MAX      36352 /* bytes of an inner message with its filling */
#define MESSAGE_INNER_MULTIPLE 128   /* which fills it to a multiple of this */
#define MESSAGE_RECEIPT_MAX    256   /* ids in a receipt */
#define MESSAGE_LIST_MAX       256   /* users in one list */
#define MESSAGE_PRESENCE_MAX   256   /* bytes of what somebody says of being away */
#define MESSAGE_REASON_MAX     64    /* bytes of a reason */
#define MESSAGE_FILE_NAME_MAX  255   /* bytes of a file's name, as most file systems have it */
#define MESSAGE_FILE_DATA_MAX  24576 /* bytes of a file at a time: 32,768 in base64, and the rest fits */
/* Payload of a secure message: a line of 65,536 bytes less 85 around the base64 holds 49,086 bytes, an IV and a
 * multiple of 16 of which PKCS#7 takes at least one.  An inner message of 36,352 bytes becomes a client-com of some
 * 48,900, so it always fits. */
#define MESSAGE_PAYLOAD_MAX 49055

enum receipt_status {
    RECEIPT_DELIVERED,
    RECEIPT_READ,
    RECEIPT_EXPIRED,
    RECEIPT_FAILED,
    RECEIPT_DECLINED,
    RECEIPT_UNSUPPORTED,
    RECEIPT_UNKNOWN, /* a word that this version does not know */
};

enum presence_state {
    PRESENCE_HERE,
    PRESENCE_AWAY,
    PRESENCE_UNKNOWN, /* a word that this version does not know */
};

/* What has become of a file that is sent: the first two answer its offer, the others end it. */
enum file_status {
    FILE_ACCEPTED,
    FILE_REFUSED,
    FILE_VERIFIED,
    FILE_FAILED,
    FILE_CANCELLED,
    FILE_STATUS_UNKNOWN, /* a word that this version does not know */
};

struct message {
    enum message_type type;

    /* Spans point into memory of the message and live as long as it. */
    struct span name;   /* connect 1, 2, 4; file-offer: any text */
    struct span src;    /* client-*: valid names */
    struct span dst;    /* client-*; error where present */
    struct span id;     /* com, and all inner ones but receipts: MESSAGE_ID; error, ping, pong, disconnect: any text, */
                        /* where present */
    struct span offer;  /* client-connect 2 to 4, disconnect, where present: the id of the phase 1 that it is about */
    struct span reason; /* bye, disconnect, file-answer, file-end, where present */
    struct span text;   /* error; presence, where present */
    struct span after;  /* list request, where present: a valid name */
    struct span body;   /* text */
    enum wire_error code;

    /* handshake */
    struct suite_list ciphers; /* those we know, in the peer's order */
    bool unknown_ciphers;      /* the peer's list had others too */
    struct span key;           /* PEM */
    uint8_t dh[CSC_X25519_SIZE];
    uint8_t secret[CSC_RSA_MAX_SIZE]; /* ciphertext */
    size_t secret_size;
    uint8_t confirm[CSC_SHA256_SIZE];
    uint64_t session_id;        /* connect 4 */
    struct certificates *chain; /* connect 2, or NULL */
    struct attest *attest;      /* connect 1, client-connect 1 and 2, or NULL */

    /* com */
    uint8_t session[MESSAGE_SESSION_SIZE]; /* disconnect too, where present; else zeros */
    uint32_t pn, n;
    struct span payload; /* ciphertext, or the data of a file-data; decoded */
    uint8_t hmac[CSC_SHA256_SIZE];

    /* text, receipt, list */
    uint64_t time;    /* Unix milliseconds */
    uint64_t expires; /* text, where present: Unix milliseconds; else 0 */
    enum receipt_status status;
    uint32_t exit; /* receipt, where present: the status of a program; else 0 */
    bool more;
    bool is_signed; /* a text that has a signature: */
    uint8_t signature[CSC_RSA_MAX_SIZE];
    size_t signature_size;

    enum presence_state presence;

    /* file-* */
    struct span file;                /* which: a MESSAGE_ID */
    uint64_t file_size;              /* offer */
    uint8_t sha256[CSC_SHA256_SIZE]; /* offer */
    uint64_t offset;                 /* data; answer, where present, else 0 */
    enum file_status file_status;    /* answer, end */

    struct buffer decoded;     /* holds `payload`, and the spans of what people send to each other; wiped */
    struct json_object *root;  /* holds the other spans */
    struct json_object *array; /* `ids` of a receipt, `data` of a list; NULL for others */
};

/*
 * Reads the message of SIZE bytes at TEXT, found in PLACE.
 *   PROTO_E_JSON     not the JSON that is allowed
 *   PROTO_E_TYPE     no such type (in PLACE_INNER that is MESSAGE_UNKNOWN_INNER and no error)
 *   PROTO_E_STATE    a type or phase that is not legal in PLACE
 *   PROTO_E_INTEGRITY  a text whose signature cannot be one
 *   PROTO_E_VERSION, PROTO_E_NAME, PROTO_E_MEMBER, PROTO_E_MEMORY
 * On success the caller calls message_free() when it is done.  TEXT is not kept.
 */
int message_parse(struct message *message, enum message_place place, const char *text, size_t size)
    __attribute__((warn_unused_result));

/* Frees and wipes; legal on a zeroed struct. */
void message_free(struct message *message);

/* The word of a type for logs: "client-com", "connect 3". */
const char *message_type_name(enum message_type type);

/* The number of ids of a receipt or users of a list. */
size_t message_count(const struct message *message);

/* The id number INDEX of a receipt. */
struct span message_receipt_id(const struct message *message, size_t index);

struct list_entry {
    struct span name;
    uint64_t id;
    struct span fingerprint;
    uint64_t since; /* Unix seconds */
};

/* The user number INDEX of a list. */
struct list_entry message_list_entry(const struct message *message, size_t index);

bool message_id_is_valid(struct span id);

/* What the relay reads of a payload: copies, since the payload goes on byte for byte. */
struct route {
    enum message_type type;
    char src[NAME_SIZE], dst[NAME_SIZE]; /* valid names, of client-* only; else empty */
    char id[MESSAGE_ID_MAX + 1];         /* UTF-8; empty if absent or longer */
};

/* Reads the route of a payload from a client, without a tree.  Checks all of the JSON, the type and the
 * members it returns; for what the server itself answers (list, ping, bye) message_parse() is called
 * next.  Errors as in message_parse(). */
int message_route(struct route *route, const char *text, size_t size) __attribute__((warn_unused_result));

/* ---- writing --------------------------------------------------------------------------------- */

/* Each appends one JSON object to OUT.  PROTO_E_MEMORY or PROTO_E_FULL, and OUT is as before. */

/* Who speaks in a handshake: for `connect` a name, which phase 3 may leave empty; for client-connect
 * SRC and DST. */
struct handshake_header {
    bool peer; /* client-connect */
    struct span name;
    struct span src, dst;
    struct span offer; /* the id of phase 1, in those that follow it; empty: it is left out */
};

/* What phases 1 and 2 offer. */
struct handshake_offer {
    const uint8_t *id; /* MESSAGE_NONCE_SIZE */
    struct suite_list ciphers;
    const char *pem;
    const uint8_t *dh;                /* CSC_X25519_SIZE */
    const struct certificates *chain; /* or NULL; for phase 2 of connect */
    const struct attest *attest;      /* or NULL; for the others */
};

int message_write_phase1(struct buffer *out, const struct handshake_header *header,
                         const struct handshake_offer *offer);
/* SECRET is a ciphertext of SECRET_SIZE bytes. */
int message_write_phase2(struct buffer *out, const struct handshake_header *header, const struct handshake_offer *offer,
                         const uint8_t *secret, size_t secret_size);

/* What phase 3 proves. */
struct handshake_proof {
    const uint8_t *secret; /* ciphertext */
    size_t secret_size;
    const uint8_t *confirm; /* CSC_SHA256_SIZE */
    const uint8_t *dh;      /* CSC_X25519_SIZE; NULL in connect */
};

int message_write_phase3(struct buffer *out, const struct handshake_header *header, enum suite suite,
                         const struct handshake_proof *proof);
/* SESSION_ID is written in connect only. */
int message_write_phase4(struct buffer *out, const struct handshake_header *header,
                         const uint8_t confirm[static CSC_SHA256_SIZE], uint64_t session_id);

/* ID and DST may be empty, and are left out then.  TEXT NULL: the standard text of CODE. */
int message_write_error(struct buffer *out, enum wire_error code, const char *text, struct span id, struct span dst);
/* AFTER may be empty. */
int message_write_list_request(struct buffer *out, struct span after);
int message_write_list(struct buffer *out, const struct list_entry *entries, size_t count, bool more);
/* TYPE is MESSAGE_PING or MESSAGE_PONG; ID may be empty. */
int message_write_ping(struct buffer *out, enum message_type type, struct span id);
/* REASON may be empty. */
int message_write_bye(struct buffer *out, struct span reason);

struct disconnect_fields {
    struct span src, dst;
    struct span reason;     /* may be empty, as the others that follow */
    const uint8_t *session; /* MESSAGE_SESSION_SIZE; or NULL */
    struct span id;         /* of the message that it is about */
    struct span offer;      /* the id of the phase 1 that it answers */
};
int message_write_disconnect(struct buffer *out, const struct disconnect_fields *fields);

struct com_fields {
    struct span src, dst, id;
    const uint8_t *session; /* MESSAGE_SESSION_SIZE */
    const uint8_t *dh;      /* CSC_X25519_SIZE */
    uint32_t pn, n;
    struct span payload;
    const uint8_t *hmac; /* CSC_SHA256_SIZE */
};
int message_write_com(struct buffer *out, const struct com_fields *fields);

struct text_fields {
    struct span id;
    uint64_t time;
    uint64_t expires;         /* 0: never, and it is not written */
    struct span body;         /* UTF-8 without NUL, at most MESSAGE_BODY_MAX bytes */
    const uint8_t *signature; /* NULL: none */
    size_t signature_size;
};

/* Inner messages, filled to the multiple.  PROTO_E_TEXT or PROTO_E_TOO_LARGE for a body that is not as it should be;
 * PROTO_E_TOO_LARGE also if its escapes, or the signature, make the whole longer than MESSAGE_INNER_MAX.  The longest
 * body with few escapes and the longest signature, 700 bytes of text, fit together. */
int message_write_text(struct buffer *out, const struct text_fields *fields);
/* EXIT is written if it is not 0. */
int message_write_receipt(struct buffer *out, const struct span *ids, size_t count, enum receipt_status status,
                          uint32_t exit);
/* TYPE is MESSAGE_PEER_PING or MESSAGE_PEER_PONG. */
int message_write_peer_ping(struct buffer *out, enum message_type type, struct span id);

/* TEXT, which may be empty, is UTF-8 without NUL and has at most MESSAGE_PRESENCE_MAX bytes, else PROTO_E_TEXT or
 * PROTO_E_TOO_LARGE. */
int message_write_presence(struct buffer *out, struct span id, enum presence_state state, struct span text);

/* What file-offer, file-answer, file-data and file-end have, each its own. */
struct file_fields {
    enum message_type type;
    struct span id;
    struct span file;
    struct span name; /* offer: UTF-8 without NUL, at most MESSAGE_FILE_NAME_MAX bytes */
    uint64_t size;
    const uint8_t *sha256;   /* CSC_SHA256_SIZE */
    enum file_status status; /* answer, end */
    uint64_t offset;         /* data, answer */
    struct span reason;      /* answer, end; may be empty */
    struct span data;        /* at most MESSAGE_FILE_DATA_MAX bytes */
};

/* PROTO_E_TEXT or PROTO_E_TOO_LARGE for a name or data that is not as it should be. */
int message_write_file(struct buffer *out, const struct file_fields *fields);

#endif
