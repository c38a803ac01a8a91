/*
 * message_table: every message of the protocol, a row each: its type and phase, where it is legal,
 * and its members.
 *
 * message_parse() works through it: what is not in a row does not exist, and handlers see only what
 * passed it.  Constant.
 *
 * chatsecure-protocol(7), "Messages".
 */
#ifndef PROTO_MESSAGE_TABLE_H
#define PROTO_MESSAGE_TABLE_H

#include "proto/message.h"

enum member_kind {
    MEMBER_VERSION,     /* PROTOCOL_VERSION, else PROTO_E_VERSION; not stored */
    MEMBER_NAME,        /* a valid name, else PROTO_E_NAME */
    MEMBER_ID,          /* message_id_is_valid() */
    MEMBER_NONCE,       /* base64 of MESSAGE_NONCE_SIZE bytes, kept as text */
    MEMBER_TEXT,        /* a string of at most `size` bytes */
    MEMBER_CODE,        /* an error's word */
    MEMBER_STATUS,      /* a receipt's word */
    MEMBER_FILE_STATUS, /* a file's */
    MEMBER_PRESENCE,    /* a presence's */
    MEMBER_INTEGER,     /* 0 to 2^53-1, a uint64_t */
    MEMBER_COUNTER,     /* 0 to 2^32-1, a uint32_t */
    MEMBER_BOOLEAN,
    MEMBER_CIPHERS,   /* an array of strings, at least one */
    MEMBER_BYTES,     /* base64 of exactly `size` bytes */
    MEMBER_SECRET,    /* base64 of an RSA ciphertext */
    MEMBER_SIGNATURE, /* base64 of an RSA signature, else PROTO_E_INTEGRITY */
    MEMBER_PAYLOAD,   /* base64 of any length */
    MEMBER_DATA,      /* base64 of at least one byte and at most `size` */
    MEMBER_IDS,       /* an array of 1 to MESSAGE_RECEIPT_MAX ids */
    MEMBER_USERS,     /* an array of at most MESSAGE_LIST_MAX users */
    MEMBER_CHAIN,     /* an array of certificates */
    MEMBER_ATTEST,    /* an object: what a certificate's key signed */
};

struct message_member {
    const char *name;
    enum member_kind kind;
    size_t offset; /* in struct message */
    size_t size;
    bool in_data; /* a member of `data` */
    bool optional;
};

#define MESSAGE_MEMBERS_MAX 10

struct message_row {
    enum message_type type;
    const char *word;
    unsigned phase; /* 0: the message has none */
    unsigned places;
    struct message_member members[MESSAGE_MEMBERS_MAX]; /* up to the first without a name */
};

extern const struct message_row message_table[];
extern const size_t message_table_rows;

/* The words of a receipt's status, up to RECEIPT_UNKNOWN. */
extern const char *const message_receipt_words[RECEIPT_UNKNOWN];

/* Those of a presence's state, up to PRESENCE_UNKNOWN. */
extern const char *const message_presence_words[PRESENCE_UNKNOWN];

/* Those of a file's, up to FILE_STATUS_UNKNOWN. */
extern const char *const message_file_words[FILE_STATUS_UNKNOWN];

#endif
