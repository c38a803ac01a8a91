#include <config.h>

#include "proto/prefixed.h"
#include "proto/signed_text.h"

enum { BEFORE = 5, PARTS = 2 * BEFORE + 1 + 2 };

/* The bytes in pieces: five with their lengths, the time, and the body with its length. */
struct layout {
    struct prefixed before[BEFORE];
    uint8_t time[8];
    struct prefixed body;
    struct csc_part parts[PARTS];
};

static void lay_out(struct layout *layout, const struct signed_text *text) {
    const struct span pieces[BEFORE] = {
        SPAN("chatsecure/1 message"),
        {(const char *)text->sender, CSC_SHA256_SIZE},
        {(const char *)text->recipient, CSC_SHA256_SIZE},
        {(const char *)text->session, MESSAGE_SESSION_SIZE},
        text->id,
    };

    for (size_t i = 0; i < BEFORE; i++)
        layout->before[i] = prefix(pieces[i]);
    for (size_t i = 0; i < sizeof(layout->time); i++)
        layout->time[i] = (uint8_t)(text->time >> (56 - 8 * i));
    layout->body = prefix(text->body);
    prefixed_parts(layout->parts, layout->before, BEFORE);
    layout->parts[2 * BEFORE] = (struct csc_part){layout->time, sizeof(layout->time)};
    prefixed_parts(layout->parts + 2 * BEFORE + 1, &layout->body, 1);
}

int signed_text_sign(const struct signed_text *text, const csc_private_key *key, uint8_t *signature) {
    struct layout layout;

    lay_out(&layout, text);
    return csc_pss_sign(key, layout.parts, PARTS, signature) == CSC_OK ? PROTO_OK : PROTO_E_CRYPTO;
}

int signed_text_verify(const struct signed_text *text, const csc_public_key *key, const uint8_t *signature,
                       size_t size) {
    struct layout layout;

    lay_out(&layout, text);
    return csc_pss_verify(key, layout.parts, PARTS, signature, size) == CSC_OK ? PROTO_OK : PROTO_E_INTEGRITY;
}
