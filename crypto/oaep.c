/*
 * RSAES-OAEP with SHA-256 (RFC 8017 section 7.1).
 *
 * Decrypting is always done here: nettle's decoder (3.10, and 4.0 still) takes a message whose padding string is not
 * all zero.  What the padding of a ciphertext is like may not show in time nor in memory accesses (Manger, CRYPTO
 * 2001), so its defects are gathered into one flag, and nothing branches on it until it has become the answer.
 */
#include <config.h>

#include <string.h>

#include <nettle/bignum.h>
#include <nettle/memops.h>
#include <nettle/memxor.h>
#include <nettle/pss-mgf1.h>

#include "crypto/rsa_root.h"

#define HASH CSC_SHA256_SIZE

/* The encoded message: a zero octet, the masked seed, and the masked data block, which is the hash of the label, zero
 * octets, a one, and the message. */
#define SEED 1
#define DATA (1 + HASH)

/* XORs SIZE bytes at TARGET with the mask that MGF1 makes of SEED. */
static void apply_mask(uint8_t *target, size_t size, const uint8_t *seed, size_t seed_size) {
    uint8_t mask[CSC_RSA_MAX_SIZE];
    struct sha256_ctx hash;

    sha256_init(&hash);
    sha256_update(&hash, seed_size, seed);
    pss_mgf1(&hash, &nettle_sha256, size, mask);
    memxor(target, mask, size);
    csc_wipe(mask, size);
    csc_wipe(&hash, sizeof(hash));
}

static void hash_label(uint8_t out[static HASH], const void *label, size_t size) {
    const struct csc_part part = {label, size};

    csc_sha256(out, &part, 1);
}

#ifdef HAVE_NETTLE_RSA_OAEP

static int encrypt(const struct rsa_public_key *key, const void *label, size_t label_size, const void *message,
                   size_t size, uint8_t *out) {
    struct cs_random_source source = {csc_random_secret, CSC_OK};
    int done = rsa_oaep_sha256_encrypt(key, &source, cs_draw_for_nettle, label_size, label_size > 0 ? label : "", size,
                                       size > 0 ? message : "", out);

    if (source.rc != CSC_OK) {
        csc_wipe(out, key->size);
        return source.rc;
    }
    return done ? CSC_OK : CSC_ERR_INTERNAL;
}

#else

/* Nettle's own has come with 3.10. */
static int encrypt(const struct rsa_public_key *key, const void *label, size_t label_size, const void *message,
                   size_t size, uint8_t *out) {
    uint8_t em[CSC_RSA_MAX_SIZE] = {0};
    mpz_t x;
    int rc = csc_random_secret(em + SEED, HASH);

    if (rc != CSC_OK)
        return rc;
    hash_label(em + DATA, label, label_size);
    em[key->size - size - 1] = 1;
    if (size > 0)
        memcpy(em + key->size - size, message, size);
    apply_mask(em + DATA, key->size - DATA, em + SEED, HASH);
    apply_mask(em + SEED, HASH, em + DATA, key->size - DATA);

    mpz_init2(x, CSC_RSA_MAX_BITS + GMP_NUMB_BITS);
    mpz_import(x, key->size, 1, 1, 0, 0, em);
    cs_rsa_power(key, x);
    nettle_mpz_get_str_256(key->size, out, x);
    mpz_clear(x);
    csc_wipe(em, sizeof(em));
    return CSC_OK;
}

#endif

int csc_oaep_encrypt(const csc_public_key *key, const void *label, size_t label_size, const void *message, size_t size,
                     uint8_t *out) {
    if (size > key->numbers.size - CSC_OAEP_OVERHEAD)
        return CSC_ERR_TOO_LONG;
    return encrypt(&key->numbers, label, label_size, message, size, out);
}

/* Writes X to the SIZE bytes at OUT in a time that its value does not change (nettle_mpz_get_str_256() shows its
 * length).  X is 0 or has been made of SIZE bytes. */
static void write_number(uint8_t *out, size_t size, const mpz_t x) {
    mp_limb_t limbs[CSC_RSA_MAX_BITS / GMP_NUMB_BITS] = {0};

    if (mpz_size(x) > 0)
        memcpy(limbs, mpz_limbs_read(x), mpz_size(x) * sizeof(mp_limb_t));
    for (size_t i = 0; i < size; i++)
        out[size - 1 - i] = (uint8_t)(limbs[i / sizeof(mp_limb_t)] >> 8 * (i % sizeof(mp_limb_t)));
    csc_wipe(limbs, sizeof(limbs));
}

/*
 * The RSA private operation: what of CIPHERTEXT becomes the encoded message EM, of the modulus's size.  *BAD is set to
 * 0 or 1.  A ciphertext with the wrong length, 0, or not below the modulus is known to all to be bad; another number
 * takes its place, so that it costs what others cost.
 */
static int open_envelope(const csc_private_key *key, const uint8_t *ciphertext, size_t size, uint8_t *em,
                         unsigned *bad) {
    const struct rsa_public_key *pub = &key->public_half.numbers;
    struct cs_random_source source = {csc_random_nonce, CSC_OK};
    mpz_t c, x;

    mpz_init(c);
    mpz_init(x);
    *bad = size != pub->size;
    if (!*bad) {
        mpz_import(c, size, 1, 1, 0, 0, ciphertext);
        *bad = mpz_sgn(c) == 0 || mpz_cmp(c, pub->n) >= 0;
    }
    if (*bad)
        mpz_sub_ui(c, pub->n, 2);
    *bad |= !cs_rsa_root(key, &source, x, c);
    write_number(em, pub->size, x);
    csc_wipe(x->_mp_d, (size_t)x->_mp_alloc * sizeof(mp_limb_t));
    mpz_clear(x);
    mpz_clear(c);
    return source.rc;
}

/* 1 if X is 0, else 0, for X below 2^31. */
static unsigned is_zero(unsigned x) {
    return (x - 1) >> 31 & 1;
}

/* EME-OAEP decoding of the SIZE bytes at EM, in place.  *START is set to where the message begins, and has no meaning
 * if *BAD becomes 1. */
static void decode(uint8_t *em, size_t size, const uint8_t label_hash[static HASH], size_t *start, unsigned *bad) {
    unsigned searching = 1;
    size_t found = 0;

    apply_mask(em + SEED, HASH, em + DATA, size - DATA);
    apply_mask(em + DATA, size - DATA, em + SEED, HASH);
    *bad |= 1 ^ is_zero(em[0]);
    *bad |= 1 ^ (unsigned)memeql_sec(em + DATA, label_hash, HASH);
    for (size_t i = DATA + HASH; i < size; i++) {
        unsigned one = is_zero(em[i] ^ 1u);

        *bad |= searching & (1 ^ one) & (1 ^ is_zero(em[i]));
        found |= (i + 1) & (0 - (size_t)(searching & one));
        searching &= 1 ^ one;
    }
    *bad |= searching;
    *start = found;
}

/* Both steps.  EM gets the decoded message, and is secret whether or not it is BAD. */
static int open_message(const csc_private_key *key, const struct csc_part *label, const uint8_t *ciphertext,
                        size_t size, uint8_t em[static CSC_RSA_MAX_SIZE], size_t *start, unsigned *bad) {
    uint8_t label_hash[HASH];
    int rc = open_envelope(key, ciphertext, size, em, bad);

    if (rc != CSC_OK)
        return rc;
    hash_label(label_hash, label->data, label->size);
    decode(em, csc_private_key_size(key), label_hash, start, bad);
    return CSC_OK;
}

int csc_oaep_decrypt(const csc_private_key *key, const void *label, size_t label_size, const uint8_t *ciphertext,
                     size_t ciphertext_size, void *message, size_t *size) {
    const struct csc_part label_part = {label, label_size};
    uint8_t em[CSC_RSA_MAX_SIZE];
    size_t start = 0;
    unsigned bad = 1;
    int rc = open_message(key, &label_part, ciphertext, ciphertext_size, em, &start, &bad);

    bad |= csc_private_key_size(key) - start > *size;
    if (rc == CSC_OK && bad)
        rc = CSC_ERR_DECRYPT;
    if (rc == CSC_OK) {
        *size = csc_private_key_size(key) - start;
        memcpy(message, em + start, *size);
    } else {
        csc_wipe(message, *size);
    }
    csc_wipe(em, sizeof(em));
    return rc;
}

int csc_oaep_decrypt_secret(const csc_private_key *key, const void *label, size_t label_size, const uint8_t *ciphertext,
                            size_t ciphertext_size, void *secret, size_t size) {
    const struct csc_part label_part = {label, label_size};
    const size_t key_size = csc_private_key_size(key);
    uint8_t em[CSC_RSA_MAX_SIZE];
    size_t start = 0;
    unsigned bad = 1;
    int rc;

    if (size > key_size - CSC_OAEP_OVERHEAD)
        return CSC_ERR_TOO_LONG;
    rc = csc_random_secret(secret, size);
    if (rc != CSC_OK)
        return rc;
    rc = open_message(key, &label_part, ciphertext, ciphertext_size, em, &start, &bad);
    bad |= 1 ^ is_zero((unsigned)(start ^ (key_size - size)));
    if (rc == CSC_OK)
        cnd_memcpy((int)(1 ^ bad), secret, em + key_size - size, size);
    else
        csc_wipe(secret, size);
    csc_wipe(em, sizeof(em));
    return rc;
}
