/* SHA-256, HMAC-SHA256 and HKDF-SHA256. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "crypto/cscrypto.h"
#include "crypto/nettle_digest.h"

void csc_sha256(uint8_t out[static CSC_SHA256_SIZE], const struct csc_part *parts, size_t count) {
    struct sha256_ctx context;

    sha256_init(&context);
    for (size_t i = 0; i < count; i++)
        if (parts[i].size > 0)
            sha256_update(&context, parts[i].size, parts[i].data);
    cs_sha256_digest(&context, out);
    csc_wipe(&context, sizeof(context));
}

struct csc_sha256_stream {
    struct sha256_ctx context;
};

int csc_sha256_new(csc_sha256_stream **stream) {
    *stream = malloc(sizeof(**stream));
    if (*stream == NULL)
        return CSC_ERR_MEMORY;
    sha256_init(&(*stream)->context);
    return CSC_OK;
}

void csc_sha256_add(csc_sha256_stream *stream, const void *data, size_t size) {
    if (size > 0)
        sha256_update(&stream->context, size, data);
}

void csc_sha256_end(csc_sha256_stream *stream, uint8_t out[static CSC_SHA256_SIZE]) {
    cs_sha256_digest(&stream->context, out);
    sha256_init(&stream->context);
}

void csc_sha256_free(csc_sha256_stream *stream) {
    if (stream != NULL)
        csc_wipe(stream, sizeof(*stream));
    free(stream);
}

void csc_hmac_sha256(uint8_t out[static CSC_SHA256_SIZE], const void *key, size_t key_size,
                     const struct csc_part *parts, size_t count) {
    struct hmac_sha256_ctx context;

    hmac_sha256_set_key(&context, key_size, key_size > 0 ? key : "");
    for (size_t i = 0; i < count; i++)
        if (parts[i].size > 0)
            hmac_sha256_update(&context, parts[i].size, parts[i].data);
    cs_hmac_sha256_digest(&context, out);
    csc_wipe(&context, sizeof(context));
}

int csc_hmac_sha256_verify(const uint8_t tag[static CSC_SHA256_SIZE], const void *key, size_t key_size,
                           const struct csc_part *parts, size_t count) {
    uint8_t expected[CSC_SHA256_SIZE];
    bool same;

    csc_hmac_sha256(expected, key, key_size, parts, count);
    same = csc_equal(tag, expected, sizeof(expected));
    csc_wipe(expected, sizeof(expected));
    return same ? CSC_OK : CSC_ERR_VERIFY;
}

/* RFC 5869's default salt, 32 zero bytes, and an empty salt are the same HMAC key. */
void csc_hkdf_extract(uint8_t prk[static CSC_SHA256_SIZE], const void *salt, size_t salt_size, const void *ikm,
                      size_t ikm_size) {
    const struct csc_part part = {ikm, ikm_size};

    csc_hmac_sha256(prk, salt, salt_size, &part, 1);
}

/* Not nettle's hkdf_expand(), which repeats its output after 255 blocks. */
int csc_hkdf_expand(void *out, size_t size, const uint8_t prk[static CSC_SHA256_SIZE], const void *info,
                    size_t info_size) {
    struct hmac_sha256_ctx keyed, context;
    uint8_t block[CSC_SHA256_SIZE];
    uint8_t *to = out;
    uint8_t number = 1;

    if (size > CSC_HKDF_MAX)
        return CSC_ERR_TOO_LONG;
    hmac_sha256_set_key(&keyed, CSC_SHA256_SIZE, prk);
    for (size_t done = 0; done < size; number++) {
        size_t take = size - done < sizeof(block) ? size - done : sizeof(block);

        context = keyed;
        if (done > 0)
            hmac_sha256_update(&context, sizeof(block), block);
        if (info_size > 0)
            hmac_sha256_update(&context, info_size, info);
        hmac_sha256_update(&context, 1, &number);
        cs_hmac_sha256_digest(&context, block);
        memcpy(to + done, block, take);
        done += take;
    }
    csc_wipe(&keyed, sizeof(keyed));
    csc_wipe(&context, sizeof(context));
    csc_wipe(block, sizeof(block));
    return CSC_OK;
}
