/* AES-CBC with PKCS#7 padding and HMAC-SHA256, encrypt then MAC. */
#include <config.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/aes.h>
#include <nettle/cbc.h>

#include "crypto/cscrypto.h"
#include "crypto/nettle_digest.h"

union aes_schedule {
    struct aes128_ctx aes128;
    struct aes256_ctx aes256;
};

/* Nothing in here changes after it was made: a message works on copies, so threads may share a key. */
struct csc_symkey {
    enum csc_cipher cipher;
    struct hmac_sha256_ctx mac;                  /* keyed, nothing hashed yet */
    union aes_schedule *encryption, *decryption; /* in `schedules`; NULL: not for that direction */
    union aes_schedule schedules[];
};

static size_t symkey_size(size_t schedules) {
    return sizeof(csc_symkey) + schedules * sizeof(union aes_schedule);
}

/* Decryption's schedule is encryption's, inverted. */
static void expand(csc_symkey *key, const uint8_t *encryption_key) {
    union aes_schedule schedule;

    if (key->cipher == CSC_AES_128_CBC) {
        aes128_set_encrypt_key(&schedule.aes128, encryption_key);
        if (key->decryption != NULL)
            aes128_invert_key(&key->decryption->aes128, &schedule.aes128);
    } else {
        aes256_set_encrypt_key(&schedule.aes256, encryption_key);
        if (key->decryption != NULL)
            aes256_invert_key(&key->decryption->aes256, &schedule.aes256);
    }
    if (key->encryption != NULL)
        *key->encryption = schedule;
    csc_wipe(&schedule, sizeof(schedule));
}

int csc_symkey_new_for(csc_symkey **key, enum csc_symkey_use use, enum csc_cipher cipher,
                       const uint8_t encryption_key[static CSC_SYMKEY_SIZE],
                       const uint8_t mac_key[static CSC_SYMKEY_SIZE]) {
    const size_t schedules = use == CSC_SYMKEY_BOTH ? 2 : 1;
    csc_symkey *made;

    if ((cipher != CSC_AES_128_CBC && cipher != CSC_AES_256_CBC) ||
        (use != CSC_SYMKEY_BOTH && use != CSC_SYMKEY_ENCRYPT && use != CSC_SYMKEY_DECRYPT))
        return CSC_ERR_ARGUMENT;
    made = malloc(symkey_size(schedules));
    if (made == NULL)
        return CSC_ERR_MEMORY;
    made->cipher = cipher;
    made->encryption = use != CSC_SYMKEY_DECRYPT ? &made->schedules[0] : NULL;
    made->decryption = use != CSC_SYMKEY_ENCRYPT ? &made->schedules[schedules - 1] : NULL;
    expand(made, encryption_key);
    hmac_sha256_set_key(&made->mac, CSC_SYMKEY_SIZE, mac_key);
    *key = made;
    return CSC_OK;
}

int csc_symkey_new(csc_symkey **key, enum csc_cipher cipher, const uint8_t encryption_key[static CSC_SYMKEY_SIZE],
                   const uint8_t mac_key[static CSC_SYMKEY_SIZE]) {
    return csc_symkey_new_for(key, CSC_SYMKEY_BOTH, cipher, encryption_key, mac_key);
}

void csc_symkey_free(csc_symkey *key) {
    if (key == NULL)
        return;
    csc_wipe(key, symkey_size(key->encryption != NULL && key->decryption != NULL ? 2 : 1));
    free(key);
}

static void compute_tag(const csc_symkey *key, const void *header, size_t header_size, const uint8_t *ciphertext,
                        size_t size, uint8_t tag[static CSC_SHA256_SIZE]) {
    struct hmac_sha256_ctx mac = key->mac;

    if (header_size > 0)
        hmac_sha256_update(&mac, header_size, header);
    hmac_sha256_update(&mac, size, ciphertext);
    cs_hmac_sha256_digest(&mac, tag);
    csc_wipe(&mac, sizeof(mac));
}

/* SIZE is a multiple of the block; CHAIN is the IV on entry, and the last block of ciphertext afterwards. */
static void encrypt_blocks(const csc_symkey *key, uint8_t chain[static CSC_CBC_IV], size_t size, uint8_t *to,
                           const uint8_t *from) {
    if (key->cipher == CSC_AES_128_CBC)
        cbc_aes128_encrypt(&key->encryption->aes128, chain, size, to, from);
    else
        cbc_aes256_encrypt(&key->encryption->aes256, chain, size, to, from);
}

static void decrypt_blocks(const csc_symkey *key, uint8_t chain[static CSC_CBC_IV], size_t size, uint8_t *to,
                           const uint8_t *from) {
    if (key->cipher == CSC_AES_128_CBC)
        cbc_decrypt(&key->decryption->aes128, (nettle_cipher_func *)aes128_decrypt, CSC_CBC_BLOCK, chain, size, to,
                    from);
    else
        cbc_decrypt(&key->decryption->aes256, (nettle_cipher_func *)aes256_decrypt, CSC_CBC_BLOCK, chain, size, to,
                    from);
}

void csc_symkey_encrypt(const csc_symkey *key, const uint8_t iv[static CSC_CBC_IV], const void *header,
                        size_t header_size, const void *plaintext, size_t size, void *ciphertext,
                        uint8_t tag[static CSC_SHA256_SIZE]) {
    const uint8_t *from = plaintext;
    uint8_t *to = ciphertext;
    uint8_t chain[CSC_CBC_IV];
    uint8_t last[CSC_CBC_BLOCK];
    size_t rest = size % CSC_CBC_BLOCK;
    size_t whole = size - rest;

    assert(key->encryption != NULL);
    memcpy(chain, iv, sizeof(chain));
    memset(last, (int)(CSC_CBC_BLOCK - rest), sizeof(last));
    if (rest > 0)
        memcpy(last, from + whole, rest);
    if (whole > 0)
        encrypt_blocks(key, chain, whole, to, from);
    encrypt_blocks(key, chain, sizeof(last), to + whole, last);
    compute_tag(key, header, header_size, to, whole + sizeof(last), tag);
    csc_wipe(last, sizeof(last));
}

/* The length of PKCS#7 padding at the end of SIZE bytes, 0 if it is wrong.  May branch: whoever can get here has made
 * a valid MAC. */
static size_t padding_length(const uint8_t *plaintext, size_t size) {
    uint8_t length = plaintext[size - 1];

    if (length == 0 || length > CSC_CBC_BLOCK)
        return 0;
    for (size_t i = size - length; i < size; i++)
        if (plaintext[i] != length)
            return 0;
    return length;
}

int csc_symkey_decrypt(const csc_symkey *key, const uint8_t iv[static CSC_CBC_IV], const void *header,
                       size_t header_size, const void *ciphertext, size_t size,
                       const uint8_t tag[static CSC_SHA256_SIZE], void *plaintext, size_t *plaintext_size) {
    uint8_t expected[CSC_SHA256_SIZE];
    uint8_t chain[CSC_CBC_IV];
    size_t padding;
    bool genuine;

    assert(key->decryption != NULL);
    if (size == 0 || size % CSC_CBC_BLOCK != 0)
        return CSC_ERR_VERIFY;
    compute_tag(key, header, header_size, ciphertext, size, expected);
    genuine = csc_equal(tag, expected, sizeof(expected));
    csc_wipe(expected, sizeof(expected));
    if (!genuine)
        return CSC_ERR_VERIFY;

    memcpy(chain, iv, sizeof(chain));
    decrypt_blocks(key, chain, size, plaintext, ciphertext);
    padding = padding_length(plaintext, size);
    if (padding == 0) {
        csc_wipe(plaintext, size);
        return CSC_ERR_VERIFY;
    }
    *plaintext_size = size - padding;
    return CSC_OK;
}
