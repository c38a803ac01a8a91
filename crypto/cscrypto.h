/*
 * cscrypto.h: the cryptography of ChatSecure, as a library.
 *
 * RSA keys in PEM, RSA-OAEP, RSA-PSS, X25519, HKDF, AES-CBC with HMAC, fingerprints, base64, random
 * bytes, X.509 certificates and signatures by their keys.
 * Everything works on bytes: serialising is the caller's.  Nothing here logs, prints or keeps
 * global state (but for the PKCS#11 modules that csc_signer_open() loads); every function may be
 * called from any thread, and an object may be shared by threads as long as nobody frees it.
 *
 * Errors: 0 (CSC_OK) or a negative code of enum csc_error; csc_strerror() has the text.  Outputs
 * are written only on success, unless a function says otherwise.
 * Ownership: what a function hands out through a pointer to a pointer belongs to the caller, who
 * frees it with the matching *_free().  Freeing NULL is legal, and freeing wipes.
 *
 * See cscrypto(3).
 */
#ifndef CSCRYPTO_H
#define CSCRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CSC_USE_RESULT __attribute__((warn_unused_result))
#define CSC_API        __attribute__((visibility("default")))
#else
#define CSC_USE_RESULT
#define CSC_API
#endif

/* C has [static n] to say that an array parameter is never NULL and this long; C++ has not. */
#ifdef __cplusplus
#define CSC_AT_LEAST(n)
#else
#define CSC_AT_LEAST(n) static n
#endif

/* ---- errors ------------------------------------------------------------------------------- */

/* X(name, value, text): the one list that enum csc_error and csc_strerror() are made from. */
#define CSC_ERROR_LIST(X)                                                                                              \
    X(CSC_OK, 0, "success")                                                                                            \
    X(CSC_ERR_MEMORY, -1, "out of memory")                                                                             \
    X(CSC_ERR_ARGUMENT, -2, "invalid argument")                                                                        \
    X(CSC_ERR_RANDOM, -3, "the random number generator failed")                                                        \
    X(CSC_ERR_INTERNAL, -4, "a cryptographic library reported an internal error")                                      \
    X(CSC_ERR_SYSTEM, -5, "the file could not be read or written")                                                     \
    X(CSC_ERR_FORMAT, -6, "not a key in PEM format")                                                                   \
    X(CSC_ERR_TRUNCATED, -7, "the PEM data are cut short")                                                             \
    X(CSC_ERR_KEY_TYPE, -8, "the key is not an RSA key of the wanted kind")                                            \
    X(CSC_ERR_KEY_SIZE, -9, "the RSA key is not between 2048 and 4096 bits")                                           \
    X(CSC_ERR_KEY_INVALID, -10, "the RSA key is not valid")                                                            \
    X(CSC_ERR_PASSWORD_NEEDED, -11, "the key is encrypted and needs a password")                                       \
    X(CSC_ERR_PASSWORD_WRONG, -12, "wrong password")                                                                   \
    X(CSC_ERR_TOO_LONG, -13, "the input is too long")                                                                  \
    X(CSC_ERR_BASE64, -14, "not canonical base64")                                                                     \
    X(CSC_ERR_DECRYPT, -15, "decryption failed")                                                                       \
    X(CSC_ERR_VERIFY, -16, "the message authentication code does not match")                                           \
    X(CSC_ERR_WEAK_SHARE, -17, "the X25519 result is zero")                                                            \
    X(CSC_ERR_SIGNATURE, -18, "the signature is not that of the message")                                              \
    X(CSC_ERR_CERTIFICATE, -19, "not an X.509 certificate")                                                            \
    X(CSC_ERR_CHAIN_SIZE, -20, "a chain has at most 8 certificates and 16384 bytes")                                   \
    X(CSC_ERR_CRL, -21, "not a list of revoked certificates")                                                          \
    X(CSC_ERR_SIGNER, -22, "the key to sign with is not RSA of 2048 to 4096 bits, P-256 or P-384")                     \
    X(CSC_ERR_TOKEN_URL, -23, "not a pkcs11: URL, or one with a PIN in it")                                            \
    X(CSC_ERR_TOKEN_MODULE, -24, "the PKCS#11 module cannot be loaded")                                                \
    X(CSC_ERR_TOKEN, -25, "the token, or the key or certificate on it, is not there")                                  \
    X(CSC_ERR_PIN_NEEDED, -26, "the token needs a PIN")                                                                \
    X(CSC_ERR_PIN_WRONG, -27, "wrong PIN")                                                                             \
    X(CSC_ERR_PIN_LOCKED, -28, "the PIN is locked")                                                                    \
    X(CSC_ERR_PASSWORD_COST, -29, "the key takes more than 4000000 rounds to open with its password")

enum csc_error {
#define CSC_X(name, value, text) name = (value),
    CSC_ERROR_LIST(CSC_X)
#undef CSC_X
};

/* The English text of an error code; never NULL, static, without a final newline. */
CSC_API const char *csc_strerror(int error);

/* ---- memory and random -------------------------------------------------------------------- */

/* Overwrites SIZE bytes at P with zeros in a way that the compiler keeps.  P may be NULL if SIZE is 0. */
CSC_API void csc_wipe(void *p, size_t size);

/* Compares SIZE bytes in a time that depends on SIZE alone. */
CSC_API bool csc_equal(const void *a, const void *b, size_t size);

/* Fills OUT with SIZE bytes fit for keys.  CSC_ERR_RANDOM: OUT is wiped and must not be used. */
CSC_API int csc_random_secret(void *out, size_t size) CSC_USE_RESULT;

/* Fills OUT with SIZE unpredictable bytes fit for what travels in clear (IVs, ids), cheaper than
 * csc_random_secret(): many are drawn at a time.  CSC_ERR_RANDOM as there. */
CSC_API int csc_random_nonce(void *out, size_t size) CSC_USE_RESULT;

/* ---- base64: RFC 4648 section 4, padded, no line breaks ------------------------------------- */

/* Characters that encode SIZE bytes, without a final NUL. */
#define CSC_BASE64_LENGTH(size) (((size) + 2) / 3 * 4)
/* Bytes that LENGTH characters decode to at most. */
#define CSC_BASE64_SIZE(length) ((length) / 4 * 3)

/* Writes the CSC_BASE64_LENGTH(SIZE) characters of DATA to OUT, without a final NUL.  OUT and DATA
 * may overlap only if they end at the same place: then DATA is encoded where it lies. */
CSC_API void csc_base64_encode(char *out, const void *data, size_t size);

/* Decodes LENGTH characters of TEXT into OUT, which has room for CSC_BASE64_SIZE(LENGTH) bytes and
 * may be TEXT itself; *SIZE is set to the number of bytes.  Takes the canonical form only:
 * CSC_ERR_BASE64 for any other character, missing or excess padding, non-zero unused bits.  OUT may
 * have been written to then. */
CSC_API int csc_base64_decode(void *out, size_t *size, const char *text, size_t length) CSC_USE_RESULT;

/* ---- hash, HMAC, HKDF ----------------------------------------------------------------------- */

#define CSC_SHA256_SIZE 32

/* A piece of what is hashed: SIZE bytes at DATA, which may be NULL if SIZE is 0. */
struct csc_part {
    const void *data;
    size_t size;
};

/* SHA-256 (FIPS 180-4) over COUNT parts, one behind the other. */
CSC_API void csc_sha256(uint8_t out[CSC_AT_LEAST(CSC_SHA256_SIZE)], const struct csc_part *parts, size_t count);

/* The same over bytes that come one after the other. */
typedef struct csc_sha256_stream csc_sha256_stream;

/* Begins; with csc_sha256_add() what is hashed gets longer, and csc_sha256_end() gives the hash of it and begins anew.
 * CSC_ERR_MEMORY.  csc_sha256_free() wipes; NULL is legal. */
CSC_API int csc_sha256_new(csc_sha256_stream **stream) CSC_USE_RESULT;
CSC_API void csc_sha256_add(csc_sha256_stream *stream, const void *data, size_t size);
CSC_API void csc_sha256_end(csc_sha256_stream *stream, uint8_t out[CSC_AT_LEAST(CSC_SHA256_SIZE)]);
CSC_API void csc_sha256_free(csc_sha256_stream *stream);

/* HMAC-SHA256 (RFC 2104) over COUNT parts with a secret key of any length. */
CSC_API void csc_hmac_sha256(uint8_t out[CSC_AT_LEAST(CSC_SHA256_SIZE)], const void *key, size_t key_size,
                             const struct csc_part *parts, size_t count);

/* Checks TAG against the HMAC of the parts, in constant time.  CSC_ERR_VERIFY if it differs. */
CSC_API int csc_hmac_sha256_verify(const uint8_t tag[CSC_AT_LEAST(CSC_SHA256_SIZE)], const void *key, size_t key_size,
                                   const struct csc_part *parts, size_t count) CSC_USE_RESULT;

/* The most that HKDF-SHA256 gives: 255 blocks (RFC 5869 section 2.3). */
#define CSC_HKDF_MAX (255 * CSC_SHA256_SIZE)

/* HKDF-Extract (RFC 5869).  SALT may be NULL if SALT_SIZE is 0; IKM is secret, and so is PRK. */
CSC_API void csc_hkdf_extract(uint8_t prk[CSC_AT_LEAST(CSC_SHA256_SIZE)], const void *salt, size_t salt_size,
                              const void *ikm, size_t ikm_size);

/* HKDF-Expand (RFC 5869): SIZE bytes from PRK under INFO.  CSC_ERR_TOO_LONG over CSC_HKDF_MAX. */
CSC_API int csc_hkdf_expand(void *out, size_t size, const uint8_t prk[CSC_AT_LEAST(CSC_SHA256_SIZE)], const void *info,
                            size_t info_size) CSC_USE_RESULT;

/* ---- X25519: RFC 7748 ------------------------------------------------------------------------ */

#define CSC_X25519_SIZE 32

/* Makes a fresh pair.  SECRET is secret.  CSC_ERR_RANDOM. */
CSC_API int csc_x25519_generate(uint8_t secret[CSC_AT_LEAST(CSC_X25519_SIZE)],
                                uint8_t public_key[CSC_AT_LEAST(CSC_X25519_SIZE)]) CSC_USE_RESULT;

/* The public half that belongs to SECRET. */
CSC_API void csc_x25519_public(uint8_t public_key[CSC_AT_LEAST(CSC_X25519_SIZE)],
                               const uint8_t secret[CSC_AT_LEAST(CSC_X25519_SIZE)]);

/* The shared secret of SECRET and the peer's PUBLIC_KEY.  CSC_ERR_WEAK_SHARE if it is all zero, as
 * it is for the peer's low-order points; SHARED is wiped then. */
CSC_API int csc_x25519(uint8_t shared[CSC_AT_LEAST(CSC_X25519_SIZE)],
                       const uint8_t secret[CSC_AT_LEAST(CSC_X25519_SIZE)],
                       const uint8_t public_key[CSC_AT_LEAST(CSC_X25519_SIZE)]) CSC_USE_RESULT;

/* ---- RSA keys --------------------------------------------------------------------------------- */

#define CSC_RSA_MIN_BITS 2048
#define CSC_RSA_MAX_BITS 4096
#define CSC_RSA_MAX_SIZE (CSC_RSA_MAX_BITS / 8)
/* A PEM text of one key is never longer; longer input is refused before it is looked at. */
#define CSC_PEM_MAX 16384
/* Rounds that it may take at most to try a password on an encrypted key: some seconds.  Programs that make keys use
 * 2,048 to a million. */
#define CSC_PASSWORD_ROUNDS_MAX 4000000
/* A fingerprint: "SHA256:", 43 characters of base64 without padding, and the NUL. */
#define CSC_FINGERPRINT_SIZE 51

typedef struct csc_private_key csc_private_key;
typedef struct csc_public_key csc_public_key;

/* Generates an RSA key with public exponent 65537.  BITS is 2048 to 4096, a multiple of 8, else
 * CSC_ERR_KEY_SIZE.  Takes from a tenth of a second to several.  CSC_ERR_RANDOM, CSC_ERR_MEMORY. */
CSC_API int csc_private_key_generate(csc_private_key **key, unsigned bits) CSC_USE_RESULT;

/*
 * Reads a private key from PEM text of SIZE bytes: PKCS#1, PKCS#8, or encrypted PKCS#8, which
 * PASSWORD opens (NULL: none was given; it is ignored for a key that is not encrypted).
 *   CSC_ERR_FORMAT           no PEM, or more than one block, or text around it, or damaged
 *   CSC_ERR_TRUNCATED        it begins but does not end
 *   CSC_ERR_KEY_TYPE         a public key, a certificate, or not RSA
 *   CSC_ERR_KEY_SIZE         under 2048 or over 4096 bits (found before any arithmetic with it)
 *   CSC_ERR_KEY_INVALID      its numbers do not fit together
 *   CSC_ERR_PASSWORD_NEEDED  encrypted and PASSWORD is NULL
 *   CSC_ERR_PASSWORD_WRONG   PASSWORD does not open it
 *   CSC_ERR_PASSWORD_COST    over CSC_PASSWORD_ROUNDS_MAX
 *   CSC_ERR_TOO_LONG         SIZE is over CSC_PEM_MAX
 */
CSC_API int csc_private_key_from_pem(csc_private_key **key, const char *pem, size_t size,
                                     const char *password) CSC_USE_RESULT;

/* The same from the file at PATH.  CSC_ERR_SYSTEM if it cannot be read (errno says why; a folder,
 * a device or a file over CSC_PEM_MAX is not read at all). */
CSC_API int csc_private_key_load(csc_private_key **key, const char *path, const char *password) CSC_USE_RESULT;

/* Writes KEY as PKCS#8 PEM to OUT of *SIZE bytes, and sets *SIZE to its length without the NUL that
 * follows it.  Encrypted (PBES2, AES-256-CBC) if PASSWORD is not NULL; an empty PASSWORD is
 * CSC_ERR_ARGUMENT.  CSC_ERR_TOO_LONG if OUT is too small (CSC_PEM_MAX always does).  OUT is secret. */
CSC_API int csc_private_key_to_pem(const csc_private_key *key, char *out, size_t *size,
                                   const char *password) CSC_USE_RESULT;

/* Saves KEY at PATH, mode 0600, as csc_private_key_to_pem() writes it: to a temporary file beside
 * it, fsync, rename, fsync of the folder, so that PATH has the old key or the new one whatever
 * happens.  With REPLACE false an existing PATH is left alone: CSC_ERR_SYSTEM with errno EEXIST. */
CSC_API int csc_private_key_save(const csc_private_key *key, const char *path, const char *password,
                                 bool replace) CSC_USE_RESULT;

/* The public half, as an object of its own.  CSC_ERR_MEMORY. */
CSC_API int csc_private_key_public(const csc_private_key *key, csc_public_key **public_key) CSC_USE_RESULT;

CSC_API void csc_private_key_free(csc_private_key *key);

/*
 * Reads one PEM SubjectPublicKeyInfo ("BEGIN PUBLIC KEY") of SIZE bytes, an RSA key of 2048 to 4096
 * bits with an odd modulus and an odd exponent from 65537 to 32 bits.  Errors as in
 * csc_private_key_from_pem(), CSC_ERR_KEY_INVALID for a bad modulus or exponent.  What does not
 * qualify costs microseconds, whatever its size.
 */
CSC_API int csc_public_key_from_pem(csc_public_key **key, const char *pem, size_t size) CSC_USE_RESULT;

/* Writes KEY as PEM SubjectPublicKeyInfo to OUT of *SIZE bytes, and sets *SIZE to its length without
 * the NUL that follows it.  CSC_ERR_TOO_LONG if OUT is too small (1024 bytes always do). */
CSC_API int csc_public_key_to_pem(const csc_public_key *key, char *out, size_t *size) CSC_USE_RESULT;

/* SHA-256 over the DER SubjectPublicKeyInfo: what the fingerprint shows. */
CSC_API void csc_public_key_hash(const csc_public_key *key, uint8_t out[CSC_AT_LEAST(CSC_SHA256_SIZE)]);

/* "SHA256:" and the base64, without padding, of csc_public_key_hash(); always CSC_FINGERPRINT_SIZE - 1
 * characters and a NUL. */
CSC_API void csc_public_key_fingerprint(const csc_public_key *key, char out[CSC_AT_LEAST(CSC_FINGERPRINT_SIZE)]);

/* Bits of the modulus, and bytes of it: the size of a ciphertext and of a signature. */
CSC_API unsigned csc_public_key_bits(const csc_public_key *key);
CSC_API size_t csc_public_key_size(const csc_public_key *key);
CSC_API size_t csc_private_key_size(const csc_private_key *key);

CSC_API bool csc_public_key_equal(const csc_public_key *a, const csc_public_key *b);

/* The DER SubjectPublicKeyInfo of KEY, as long as KEY lives. */
CSC_API struct csc_part csc_public_key_der(const csc_public_key *key);

CSC_API void csc_public_key_free(csc_public_key *key);

/* ---- RSA-OAEP: RFC 8017 section 7.1, SHA-256, MGF1 with SHA-256 ------------------------------ */

/* The overhead of OAEP: a message has at most csc_public_key_size() less this many bytes. */
#define CSC_OAEP_OVERHEAD (2 * CSC_SHA256_SIZE + 2)

/* Encrypts SIZE bytes of MESSAGE under LABEL into csc_public_key_size() bytes at OUT.
 * CSC_ERR_TOO_LONG, CSC_ERR_RANDOM, CSC_ERR_MEMORY. */
CSC_API int csc_oaep_encrypt(const csc_public_key *key, const void *label, size_t label_size, const void *message,
                             size_t size, uint8_t *out) CSC_USE_RESULT;

/* Decrypts CIPHERTEXT of CIPHERTEXT_SIZE bytes into MESSAGE, which has room for *SIZE bytes, and sets *SIZE to
 * the length.  Every defect of the ciphertext is one and the same CSC_ERR_DECRYPT, found without a branch that
 * depends on which, and so is a message that has no room; MESSAGE is wiped then.  The private operation is blinded. */
CSC_API int csc_oaep_decrypt(const csc_private_key *key, const void *label, size_t label_size,
                             const uint8_t *ciphertext, size_t ciphertext_size, void *message,
                             size_t *size) CSC_USE_RESULT;

/* For key transport: as csc_oaep_decrypt(), for a message that must have exactly SIZE bytes; when it has not, or
 * the ciphertext is bad, SECRET gets SIZE random bytes, the result is CSC_OK and the time is the same, so that
 * neither the caller nor one who watches learns of it (RFC 3218 section 2.3.2).  CSC_ERR_TOO_LONG if no ciphertext
 * under KEY can have SIZE bytes in it; CSC_ERR_RANDOM. */
CSC_API int csc_oaep_decrypt_secret(const csc_private_key *key, const void *label, size_t label_size,
                                    const uint8_t *ciphertext, size_t ciphertext_size, void *secret,
                                    size_t size) CSC_USE_RESULT;

/* ---- RSA-PSS: RFC 8017 section 8.1, SHA-256, MGF1 with SHA-256, 32 bytes of salt ------------- */

/* Signs COUNT parts, one behind the other, into csc_private_key_size() bytes at SIGNATURE, another signature each
 * time.  The private operation is blinded and takes milliseconds.  CSC_ERR_RANDOM, CSC_ERR_INTERNAL. */
CSC_API int csc_pss_sign(const csc_private_key *key, const struct csc_part *parts, size_t count,
                         uint8_t *signature) CSC_USE_RESULT;

/* Checks the SIZE bytes of SIGNATURE against the parts.  CSC_ERR_SIGNATURE for every defect alike: the size, another
 * key, other parts, another hash or length of salt. */
CSC_API int csc_pss_verify(const csc_public_key *key, const struct csc_part *parts, size_t count,
                           const uint8_t *signature, size_t size) CSC_USE_RESULT;

/* ---- AES-CBC with HMAC-SHA256, encrypt then MAC ------------------------------------------------ */

#define CSC_CBC_BLOCK   16
#define CSC_CBC_IV      16
#define CSC_SYMKEY_SIZE 32
/* Bytes of ciphertext that SIZE bytes of plaintext become (PKCS#7 always pads). */
#define CSC_CBC_LENGTH(size) (((size) / CSC_CBC_BLOCK + 1) * CSC_CBC_BLOCK)

enum csc_cipher { CSC_AES_128_CBC, CSC_AES_256_CBC };

/* A pair of an AES key and an HMAC key, expanded once.  Secret. */
typedef struct csc_symkey csc_symkey;

/* ENCRYPTION_KEY has 32 bytes, of which AES-128 uses the first 16.  CSC_ERR_MEMORY. */
CSC_API int csc_symkey_new(csc_symkey **key, enum csc_cipher cipher,
                           const uint8_t encryption_key[CSC_AT_LEAST(CSC_SYMKEY_SIZE)],
                           const uint8_t mac_key[CSC_AT_LEAST(CSC_SYMKEY_SIZE)]) CSC_USE_RESULT;

enum csc_symkey_use { CSC_SYMKEY_BOTH, CSC_SYMKEY_ENCRYPT, CSC_SYMKEY_DECRYPT };

/* The same for USE, which takes 240 bytes less if that is one direction alone; a call for the other one ends the
 * program.  CSC_ERR_ARGUMENT for another USE. */
CSC_API int csc_symkey_new_for(csc_symkey **key, enum csc_symkey_use use, enum csc_cipher cipher,
                               const uint8_t encryption_key[CSC_AT_LEAST(CSC_SYMKEY_SIZE)],
                               const uint8_t mac_key[CSC_AT_LEAST(CSC_SYMKEY_SIZE)]) CSC_USE_RESULT;

CSC_API void csc_symkey_free(csc_symkey *key);

/* Encrypts SIZE bytes of PLAINTEXT under IV into CSC_CBC_LENGTH(SIZE) bytes at CIPHERTEXT, and sets TAG to
 * HMAC-SHA256(mac_key, HEADER || ciphertext).  CIPHERTEXT may be PLAINTEXT or apart from it.  The IV is not part of
 * the output nor of the MAC: a caller that sends it puts it into HEADER.  Cannot fail. */
CSC_API void csc_symkey_encrypt(const csc_symkey *key, const uint8_t iv[CSC_AT_LEAST(CSC_CBC_IV)], const void *header,
                                size_t header_size, const void *plaintext, size_t size, void *ciphertext,
                                uint8_t tag[CSC_AT_LEAST(CSC_SHA256_SIZE)]);

/* Checks TAG over HEADER and the SIZE bytes of CIPHERTEXT, and only then decrypts into PLAINTEXT, which has room
 * for SIZE bytes and may be CIPHERTEXT; *PLAINTEXT_SIZE is set to the length without padding.  CSC_ERR_VERIFY for
 * every defect alike: length, MAC, padding; nothing was decrypted unless the MAC held. */
CSC_API int csc_symkey_decrypt(const csc_symkey *key, const uint8_t iv[CSC_AT_LEAST(CSC_CBC_IV)], const void *header,
                               size_t header_size, const void *ciphertext, size_t size,
                               const uint8_t tag[CSC_AT_LEAST(CSC_SHA256_SIZE)], void *plaintext,
                               size_t *plaintext_size) CSC_USE_RESULT;

/* ---- certificates: X.509 (RFC 5280) ------------------------------------------------------------ */

/* A chain has no more certificates nor bytes of DER: with base64 and a handshake around them they fit into 32,768. */
#define CSC_CHAIN_MAX   8
#define CSC_CHAIN_BYTES 16384
/* Room for a name out of a certificate with its NUL; a longer one is cut. */
#define CSC_CERTIFICATE_NAME_SIZE 512

/* Certificates, that of interest first, each certified by the next.  That an object exists says nothing of whether
 * they are genuine. */
typedef struct csc_chain csc_chain;

/* Reads COUNT certificates in DER.  CSC_ERR_CHAIN_SIZE if there is none or too much, before anything is parsed;
 * CSC_ERR_CERTIFICATE. */
CSC_API int csc_chain_from_der(csc_chain **chain, const struct csc_part *parts, size_t count) CSC_USE_RESULT;

/* The same from the CERTIFICATE blocks of the PEM file at PATH; what else is in it is ignored.  CSC_ERR_SYSTEM with
 * errno. */
CSC_API int csc_chain_load(csc_chain **chain, const char *path) CSC_USE_RESULT;

CSC_API void csc_chain_free(csc_chain *chain);

CSC_API size_t csc_chain_count(const csc_chain *chain);

/* The certificate number INDEX in DER, as long as CHAIN lives. */
CSC_API struct csc_part csc_chain_der(const csc_chain *chain, size_t index);

/* Whose the first certificate is, and who says so, as RFC 4514 writes names.  The text is what the certificate says:
 * escape it before it is shown. */
CSC_API void csc_chain_subject(const csc_chain *chain, char out[CSC_AT_LEAST(CSC_CERTIFICATE_NAME_SIZE)]);
CSC_API void csc_chain_issuer(const csc_chain *chain, char out[CSC_AT_LEAST(CSC_CERTIFICATE_NAME_SIZE)]);

/* The common names of the subject, escaped as RFC 4514 does, and the subjectAltNames of two kinds. */
enum csc_name_kind { CSC_NAME_COMMON, CSC_NAME_EMAIL, CSC_NAME_URI };

/* The first certificate's name number INDEX, from 0, of KIND.  False if it has no more; a name that is too long comes
 * out empty, and one with a NUL in it likewise or not at all.  At most 64 subjectAltNames are looked at. */
CSC_API bool csc_chain_name(const csc_chain *chain, enum csc_name_kind kind, size_t index,
                            char out[CSC_AT_LEAST(CSC_CERTIFICATE_NAME_SIZE)]);

/* Whether the first certificate is for KEY. */
CSC_API bool csc_chain_has_key(const csc_chain *chain, const csc_public_key *key);

/* The end of the first certificate's validity, in Unix seconds. */
CSC_API int64_t csc_chain_expires(const csc_chain *chain);

/* Whom to believe: certificates of authorities and lists of what they revoked, all from local files.  Fill it before
 * threads share it. */
typedef struct csc_anchors csc_anchors;

CSC_API int csc_anchors_new(csc_anchors **anchors) CSC_USE_RESULT;
CSC_API void csc_anchors_free(csc_anchors *anchors);

/* Adds the certificates of the PEM file at PATH, or those the system trusts.  CSC_ERR_CERTIFICATE also if there are
 * none, CSC_ERR_SYSTEM with errno; nothing was added then. */
CSC_API int csc_anchors_add_file(csc_anchors *anchors, const char *path) CSC_USE_RESULT;
CSC_API int csc_anchors_add_system(csc_anchors *anchors) CSC_USE_RESULT;

/* Adds the X509 CRL blocks of the PEM file at PATH.  CSC_ERR_CRL, CSC_ERR_SYSTEM with errno. */
CSC_API int csc_anchors_add_crl(csc_anchors *anchors, const char *path) CSC_USE_RESULT;

/* X(name, bit, text): what can be wrong with a chain, the worst first. */
#define CSC_DEFECT_LIST(X)                                                                                             \
    X(CSC_DEFECT_REVOKED, 0x001, "a certificate of it was revoked")                                                    \
    X(CSC_DEFECT_BROKEN, 0x002, "a signature in it is wrong, or a certificate of it may not issue others")             \
    X(CSC_DEFECT_WEAK, 0x004, "a key or an algorithm in it is too weak")                                               \
    X(CSC_DEFECT_NAME, 0x008, "the certificate is for another host")                                                   \
    X(CSC_DEFECT_USAGE, 0x010, "the certificate is not for this use")                                                  \
    X(CSC_DEFECT_EXPIRED, 0x020, "a certificate of it has expired")                                                    \
    X(CSC_DEFECT_NOT_YET, 0x040, "a certificate of it is not valid yet")                                               \
    X(CSC_DEFECT_CRL_MISSING, 0x080, "there is no list of what its issuer has revoked")                                \
    X(CSC_DEFECT_CRL_OLD, 0x100, "the list of what its issuer has revoked is out of date")                             \
    X(CSC_DEFECT_ISSUER, 0x200, "its issuer is not known here")

enum csc_defect {
#define CSC_X(name, bit, text) name = (bit),
    CSC_DEFECT_LIST(CSC_X)
#undef CSC_X
};

/* The text of the worst of DEFECTS; "the chain is valid" if there are none. */
CSC_API const char *csc_defect_text(unsigned defects);

/* What a chain is to be good for: a server (key usage digitalSignature or keyEncipherment, extended usage serverAuth),
 * or a person (digitalSignature or nonRepudiation, clientAuth or emailProtection).  A certificate without such an
 * extension is good for both. */
enum csc_purpose { CSC_PURPOSE_SERVER, CSC_PURPOSE_USER };

/*
 * Checks CHAIN (RFC 5280 section 6) from its first certificate to the first one that an authority of ANCHORS issued,
 * at NOW in Unix seconds, and sets *DEFECTS to what is wrong with it: 0 if it is valid.  HOST, which may be NULL, is a
 * DNS name or an IP address that the first certificate must have.  RSA keys have at least 2048 bits.
 * If ANCHORS has any list of revoked certificates, it must have one of the first certificate's issuer that is genuine
 * and current at NOW; the certificates above are looked up in the lists that are there.
 * What is wrong apart from an unknown issuer is found when the issuer is unknown too, but for what its key would prove.
 * CSC_ERR_MEMORY.
 */
CSC_API int csc_chain_verify(const csc_chain *chain, const csc_anchors *anchors, enum csc_purpose purpose,
                             const char *host, int64_t now, unsigned *defects) CSC_USE_RESULT;

/* ---- signatures by a certificate's key ---------------------------------------------------------- */

/* RSASSA-PSS with MGF1 and a salt of the hash's size, RSASSA-PKCS1-v1_5 (RFC 8017), ECDSA with the signature in DER
 * (RFC 3279 section 2.2.3). */
enum csc_signature { CSC_RSA_PSS_SHA256, CSC_RSA_PKCS1_SHA256, CSC_ECDSA_SHA256, CSC_ECDSA_SHA384 };

#define CSC_SIGNATURE_MAX 512

/* Checks SIGNATURE over DATA by the key of CHAIN's first certificate.  CSC_ERR_SIGNER for a key that does not qualify
 * or is not of ALGORITHM's kind, before any arithmetic with it; CSC_ERR_SIGNATURE. */
CSC_API int csc_chain_check_signature(const csc_chain *chain, enum csc_signature algorithm, const void *data,
                                      size_t size, const void *signature, size_t signature_size) CSC_USE_RESULT;

/* A private key, in a file or on a PKCS#11 token, that belongs to a certificate. */
typedef struct csc_signer csc_signer;

/* Reads an RSA or EC key from the PEM file at PATH, the first there whatever else it has.  PASSWORD and errors as in
 * csc_private_key_load(), but CSC_ERR_SIGNER for a key that does not qualify. */
CSC_API int csc_signer_load(csc_signer **signer, const char *path, const char *password) CSC_USE_RESULT;

/*
 * Called for the PIN of the token that LABEL names: writes at most SIZE - 1 characters and a NUL to PIN and returns
 * true, or false to give up.  ATTEMPT counts the PINs that were wrong already; LAST: the token says that one more
 * wrong PIN locks it.  PIN is secret and is wiped.
 */
typedef bool (*csc_pin_function)(void *user, const char *label, unsigned attempt, bool last, char *pin, size_t size);

/*
 * Finds a key by a URL of RFC 7512.  With `module-path` in it that one module is loaded, else those that p11-kit's
 * configuration names; a URL with `pin-value` or `pin-source` is CSC_ERR_TOKEN_URL.  PIN and USER are used as long as
 * the signer lives.  One at a time: freeing it lets all tokens go.  CSC_ERR_TOKEN_MODULE, CSC_ERR_TOKEN,
 * CSC_ERR_PIN_NEEDED (PIN gave up), CSC_ERR_PIN_WRONG (it gave up after a wrong one), CSC_ERR_PIN_LOCKED,
 * CSC_ERR_SIGNER.
 */
CSC_API int csc_signer_open(csc_signer **signer, const char *url, csc_pin_function pin, void *user) CSC_USE_RESULT;

CSC_API void csc_signer_free(csc_signer *signer);

/* The certificate that lies beside the key on the token, and its issuers' as far as they are there.  CSC_ERR_TOKEN if
 * there is none, CSC_ERR_CHAIN_SIZE. */
CSC_API int csc_signer_chain(csc_signer *signer, csc_chain **chain) CSC_USE_RESULT;

/* Signs DATA with the key that belongs to the first certificate of CHAIN: by RSA-PSS or, with a token that has none,
 * PKCS#1; by ECDSA with the curve's hash.  What was signed is checked with that certificate: CSC_ERR_SIGNATURE if it
 * has another key.  The errors of a token as in csc_signer_open(), CSC_ERR_SIGNER, CSC_ERR_INTERNAL. */
CSC_API int csc_signer_sign(csc_signer *signer, const csc_chain *chain, const void *data, size_t size,
                            enum csc_signature *algorithm, uint8_t signature[CSC_AT_LEAST(CSC_SIGNATURE_MAX)],
                            size_t *signature_size) CSC_USE_RESULT;

#ifdef __cplusplus
}
#endif

#endif
