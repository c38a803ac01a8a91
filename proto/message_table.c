#include <config.h>

#include "proto/message_table.h"

/* Longest `reason`, error `text`, and `id` that another program may have chosen. */
#define ERROR_TEXT_MAX 512

#define FIELD(field)      offsetof(struct message, field), sizeof(((struct message *)NULL)->field)
#define TEXT(field, size) offsetof(struct message, field), size

#define M_VERSION                                                                                                      \
    { "version", MEMBER_VERSION, 0, 0, false, false }
#define M_NAME                                                                                                         \
    { "name", MEMBER_NAME, FIELD(name), false, false }
#define M_SRC                                                                                                          \
    { "src", MEMBER_NAME, FIELD(src), false, false }
#define M_DST                                                                                                          \
    { "dst", MEMBER_NAME, FIELD(dst), false, false }
#define M_NONCE                                                                                                        \
    { "id", MEMBER_NONCE, FIELD(id), false, false }
#define M_OFFER                                                                                                        \
    { "offer", MEMBER_NONCE, FIELD(offer), false, true }
#define M_CIPHERS                                                                                                      \
    { "ciphers", MEMBER_CIPHERS, FIELD(ciphers), false, false }
#define M_KEY                                                                                                          \
    { "key", MEMBER_TEXT, TEXT(key, CSC_PEM_MAX), true, false }
#define M_DH                                                                                                           \
    { "dh", MEMBER_BYTES, FIELD(dh), true, false }
#define M_SECRET                                                                                                       \
    { "secret", MEMBER_SECRET, FIELD(secret), true, false }
#define M_CONFIRM                                                                                                      \
    { "confirm", MEMBER_BYTES, FIELD(confirm), true, false }
#define M_ID                                                                                                           \
    { "id", MEMBER_ID, FIELD(id), false, false }
#define M_OPTIONAL_ID                                                                                                  \
    { "id", MEMBER_TEXT, TEXT(id, MESSAGE_ID_MAX), false, true }
#define M_OPTIONAL_DST                                                                                                 \
    { "dst", MEMBER_NAME, FIELD(dst), false, true }
#define M_REASON                                                                                                       \
    { "reason", MEMBER_TEXT, TEXT(reason, MESSAGE_REASON_MAX), false, true }

#define M_CHAIN                                                                                                        \
    { "chain", MEMBER_CHAIN, FIELD(chain), true, true }
#define M_ATTEST                                                                                                       \
    { "attest", MEMBER_ATTEST, FIELD(attest), true, true }

#define M_FILE                                                                                                         \
    { "file", MEMBER_ID, FIELD(file), false, false }
#define M_FILE_STATUS                                                                                                  \
    { "status", MEMBER_FILE_STATUS, FIELD(file_status), false, false }

#define BOTH_SESSIONS (PLACE_TO_SERVER | PLACE_TO_CLIENT)

const struct message_row message_table[] = {
    {MESSAGE_CONNECT_1,
     "connect",
     1,
     PLACE_LINE_TO_SERVER,
     {M_VERSION, M_NAME, M_NONCE, M_CIPHERS, M_KEY, M_DH, M_ATTEST}},
    {MESSAGE_CONNECT_2,
     "connect",
     2,
     PLACE_LINE_TO_CLIENT,
     {M_VERSION, M_NAME, M_NONCE, M_CIPHERS, M_KEY, M_DH, M_SECRET, M_CHAIN}},
    {MESSAGE_CONNECT_3, "connect", 3, PLACE_LINE_TO_SERVER, {M_CIPHERS, M_SECRET, M_CONFIRM}},
    {MESSAGE_CONNECT_4,
     "connect",
     4,
     PLACE_TO_CLIENT,
     {M_NAME, {"id", MEMBER_INTEGER, FIELD(session_id), false, false}, M_CONFIRM}},
    {MESSAGE_PEER_1,
     "client-connect",
     1,
     BOTH_SESSIONS,
     {M_SRC, M_DST, M_VERSION, M_NONCE, M_CIPHERS, M_KEY, M_DH, M_ATTEST}},
    {MESSAGE_PEER_2,
     "client-connect",
     2,
     BOTH_SESSIONS,
     {M_SRC, M_DST, M_OFFER, M_VERSION, M_NONCE, M_CIPHERS, M_KEY, M_DH, M_SECRET, M_ATTEST}},
    {MESSAGE_PEER_3, "client-connect", 3, BOTH_SESSIONS, {M_SRC, M_DST, M_OFFER, M_CIPHERS, M_SECRET, M_CONFIRM, M_DH}},
    {MESSAGE_PEER_4, "client-connect", 4, BOTH_SESSIONS, {M_SRC, M_DST, M_OFFER, M_CONFIRM}},
    {MESSAGE_COM,
     "client-com",
     0,
     BOTH_SESSIONS,
     {M_SRC,
      M_DST,
      M_ID,
      {"session", MEMBER_BYTES, FIELD(session), true, false},
      M_DH,
      {"pn", MEMBER_COUNTER, FIELD(pn), true, false},
      {"n", MEMBER_COUNTER, FIELD(n), true, false},
      {"payload", MEMBER_PAYLOAD, FIELD(payload), true, false},
      {"hmac", MEMBER_BYTES, FIELD(hmac), true, false}}},
    {MESSAGE_DISCONNECT,
     "client-disconnect",
     0,
     BOTH_SESSIONS,
     {M_SRC, M_OPTIONAL_DST, M_REASON, {"session", MEMBER_BYTES, FIELD(session), false, true}, M_OPTIONAL_ID, M_OFFER}},
    {MESSAGE_LIST_REQUEST, "list", 0, PLACE_TO_SERVER, {{"after", MEMBER_NAME, FIELD(after), false, true}}},
    {MESSAGE_LIST,
     "list",
     0,
     PLACE_TO_CLIENT,
     {{"data", MEMBER_USERS, FIELD(array), false, false}, {"more", MEMBER_BOOLEAN, FIELD(more), false, false}}},
    {MESSAGE_ERROR,
     "error",
     0,
     PLACE_LINE_TO_CLIENT | PLACE_LINE_TO_SERVER | PLACE_TO_CLIENT,
     {{"code", MEMBER_CODE, FIELD(code), false, false},
      {"text", MEMBER_TEXT, TEXT(text, ERROR_TEXT_MAX), false, false},
      M_OPTIONAL_ID,
      M_OPTIONAL_DST}},
    {MESSAGE_PING, "ping", 0, BOTH_SESSIONS, {M_OPTIONAL_ID}},
    {MESSAGE_PONG, "pong", 0, BOTH_SESSIONS, {M_OPTIONAL_ID}},
    {MESSAGE_BYE, "bye", 0, BOTH_SESSIONS, {M_REASON}},
    {MESSAGE_TEXT,
     "text",
     0,
     PLACE_INNER,
     {M_ID,
      {"time", MEMBER_INTEGER, FIELD(time), false, false},
      {"expires", MEMBER_INTEGER, FIELD(expires), false, true},
      {"body", MEMBER_TEXT, TEXT(body, MESSAGE_BODY_MAX), false, false},
      {"signature", MEMBER_SIGNATURE, FIELD(signature), false, true}}},
    {MESSAGE_RECEIPT,
     "receipt",
     0,
     PLACE_INNER,
     {{"ids", MEMBER_IDS, FIELD(array), false, false},
      {"status", MEMBER_STATUS, FIELD(status), false, false},
      {"exit", MEMBER_COUNTER, FIELD(exit), false, true}}},
    {MESSAGE_PEER_PING, "ping", 0, PLACE_INNER, {M_ID}},
    {MESSAGE_PEER_PONG, "pong", 0, PLACE_INNER, {M_ID}},
    {MESSAGE_PRESENCE,
     "presence",
     0,
     PLACE_INNER,
     {M_ID,
      {"state", MEMBER_PRESENCE, FIELD(presence), false, false},
      {"text", MEMBER_TEXT, TEXT(text, MESSAGE_PRESENCE_MAX), false, true}}},
    {MESSAGE_FILE_OFFER,
     "file-offer",
     0,
     PLACE_INNER,
     {M_ID,
      M_FILE,
      {"name", MEMBER_TEXT, TEXT(name, MESSAGE_FILE_NAME_MAX), false, false},
      {"size", MEMBER_INTEGER, FIELD(file_size), false, false},
      {"sha256", MEMBER_BYTES, FIELD(sha256), false, false}}},
    {MESSAGE_FILE_ANSWER,
     "file-answer",
     0,
     PLACE_INNER,
     {M_ID, M_FILE, M_FILE_STATUS, {"offset", MEMBER_INTEGER, FIELD(offset), false, true}, M_REASON}},
    {MESSAGE_FILE_DATA,
     "file-data",
     0,
     PLACE_INNER,
     {M_ID,
      M_FILE,
      {"offset", MEMBER_INTEGER, FIELD(offset), false, false},
      {"data", MEMBER_DATA, TEXT(payload, MESSAGE_FILE_DATA_MAX), false, false}}},
    {MESSAGE_FILE_END, "file-end", 0, PLACE_INNER, {M_ID, M_FILE, M_FILE_STATUS, M_REASON}},
};

const size_t message_table_rows = sizeof(message_table) / sizeof(message_table[0]);

const char *const message_receipt_words[RECEIPT_UNKNOWN] = {
    [RECEIPT_DELIVERED] = "delivered", [RECEIPT_READ] = "read",         [RECEIPT_EXPIRED] = "expired",
    [RECEIPT_FAILED] = "failed",       [RECEIPT_DECLINED] = "declined", [RECEIPT_UNSUPPORTED] = "unsupported",
};

const char *const message_presence_words[PRESENCE_UNKNOWN] = {[PRESENCE_HERE] = "here", [PRESENCE_AWAY] = "away"};

const char *const message_file_words[FILE_STATUS_UNKNOWN] = {
    [FILE_ACCEPTED] = "accepted", [FILE_REFUSED] = "refused",     [FILE_VERIFIED] = "verified",
    [FILE_FAILED] = "failed",     [FILE_CANCELLED] = "cancelled",
};

const char *message_type_name(enum message_type type) {
    static const char *const names[] = {
        [MESSAGE_CONNECT_1] = "connect 1",
        [MESSAGE_CONNECT_2] = "connect 2",
        [MESSAGE_CONNECT_3] = "connect 3",
        [MESSAGE_CONNECT_4] = "connect 4",
        [MESSAGE_PEER_1] = "client-connect 1",
        [MESSAGE_PEER_2] = "client-connect 2",
        [MESSAGE_PEER_3] = "client-connect 3",
        [MESSAGE_PEER_4] = "client-connect 4",
        [MESSAGE_COM] = "client-com",
        [MESSAGE_DISCONNECT] = "client-disconnect",
        [MESSAGE_LIST_REQUEST] = "list",
        [MESSAGE_LIST] = "list",
        [MESSAGE_ERROR] = "error",
        [MESSAGE_PING] = "ping",
        [MESSAGE_PONG] = "pong",
        [MESSAGE_BYE] = "bye",
        [MESSAGE_TEXT] = "text",
        [MESSAGE_RECEIPT] = "receipt",
        [MESSAGE_PEER_PING] = "client ping",
        [MESSAGE_PEER_PONG] = "client pong",
        [MESSAGE_PRESENCE] = "presence",
        [MESSAGE_FILE_OFFER] = "file-offer",
        [MESSAGE_FILE_ANSWER] = "file-answer",
        [MESSAGE_FILE_DATA] = "file-data",
        [MESSAGE_FILE_END] = "file-end",
        [MESSAGE_UNKNOWN_INNER] = "unknown",
    };

    return names[type];
}
