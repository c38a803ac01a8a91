/*
 * csc_tool: the operations of libcscrypto as a command, so that a script can hold them against other programs.
 *
 *     csc_tool COMMAND ARGUMENT...
 *
 * Input is stdin, output stdout, both raw bytes.  Arguments are texts, paths of key files, or hexadecimal digits.  A
 * failure prints the library's text of it on stderr and ends with 1; wrong use ends with 2.
 */
#include <config.h>

#include "crypto/cscrypto.h"
#include "t/crypto_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX  100000
#define OUTPUT_MAX (INPUT_MAX + 2 * CSC_SHA256_SIZE)

/* A PASSWORD argument that says there is none. */
#define NO_PASSWORD "-"

struct bytes {
    uint8_t data[OUTPUT_MAX];
    size_t size;
};

static struct bytes input, output;

static const char *password(const char *argument) {
    return strcmp(argument, NO_PASSWORD) == 0 ? NULL : argument;
}

static int load_public(csc_public_key **key, const char *path) {
    static char text[CSC_PEM_MAX + 1];
    FILE *file = fopen(path, "rb");
    size_t size;

    if (file == NULL)
        return CSC_ERR_SYSTEM;
    size = fread(text, 1, sizeof(text), file);
    (void)fclose(file);
    return csc_public_key_from_pem(key, text, size);
}

/* generate BITS PATH PASSWORD */
static int generate(char **arg) {
    csc_private_key *key = NULL;
    int rc = csc_private_key_generate(&key, (unsigned)strtoul(arg[0], NULL, 10));

    if (rc == CSC_OK)
        rc = csc_private_key_save(key, arg[1], password(arg[2]), false);
    csc_private_key_free(key);
    return rc;
}

/* convert PATH PASSWORD NEW-PASSWORD: to PKCS#8 */
static int convert(char **arg) {
    csc_private_key *key = NULL;
    int rc = csc_private_key_load(&key, arg[0], password(arg[1]));

    output.size = sizeof(output.data);
    if (rc == CSC_OK)
        rc = csc_private_key_to_pem(key, (char *)output.data, &output.size, password(arg[2]));
    csc_private_key_free(key);
    return rc;
}

/* public PATH PASSWORD: the public half of a private key */
static int public_half(char **arg) {
    csc_private_key *key = NULL;
    csc_public_key *public_key = NULL;
    int rc = csc_private_key_load(&key, arg[0], password(arg[1]));

    output.size = sizeof(output.data);
    if (rc == CSC_OK)
        rc = csc_private_key_public(key, &public_key);
    if (rc == CSC_OK)
        rc = csc_public_key_to_pem(public_key, (char *)output.data, &output.size);
    csc_public_key_free(public_key);
    csc_private_key_free(key);
    return rc;
}

/* fingerprint PUBLIC-PATH */
static int fingerprint(char **arg) {
    csc_public_key *key = NULL;
    int rc = load_public(&key, arg[0]);

    if (rc == CSC_OK) {
        csc_public_key_fingerprint(key, (char *)output.data);
        output.size = CSC_FINGERPRINT_SIZE - 1;
    }
    csc_public_key_free(key);
    return rc;
}

/* oaep-encrypt PUBLIC-PATH LABEL */
static int oaep_encrypt(char **arg) {
    csc_public_key *key = NULL;
    int rc = load_public(&key, arg[0]);

    if (rc == CSC_OK)
        rc = csc_oaep_encrypt(key, arg[1], strlen(arg[1]), input.data, input.size, output.data);
    if (rc == CSC_OK)
        output.size = csc_public_key_size(key);
    csc_public_key_free(key);
    return rc;
}

/* oaep-decrypt PATH LABEL */
static int oaep_decrypt(char **arg) {
    csc_private_key *key = NULL;
    int rc = csc_private_key_load(&key, arg[0], NULL);

    output.size = sizeof(output.data);
    if (rc == CSC_OK)
        rc = csc_oaep_decrypt(key, arg[1], strlen(arg[1]), input.data, input.size, output.data, &output.size);
    csc_private_key_free(key);
    return rc;
}

/* pss-sign PATH */
static int pss_sign(char **arg) {
    const struct csc_part part = {input.data, input.size};
    csc_private_key *key = NULL;
    int rc = csc_private_key_load(&key, arg[0], NULL);

    if (rc == CSC_OK)
        rc = csc_pss_sign(key, &part, 1, output.data);
    if (rc == CSC_OK)
        output.size = csc_private_key_size(key);
    csc_private_key_free(key);
    return rc;
}

/* pss-verify PUBLIC-PATH SIGNATURE */
static int pss_verify(char **arg) {
    const struct csc_part part = {input.data, input.size};
    uint8_t signature[CSC_RSA_MAX_SIZE];
    csc_public_key *key = NULL;
    int rc = load_public(&key, arg[0]);

    if (rc == CSC_OK && strlen(arg[1]) > 2 * sizeof(signature))
        rc = CSC_ERR_TOO_LONG;
    if (rc == CSC_OK)
        rc = csc_pss_verify(key, &part, 1, signature, unhex(signature, arg[1]));
    csc_public_key_free(key);
    return rc;
}

static int symkey(csc_symkey **key, const char *encryption_hex, const char *mac_hex) {
    uint8_t encryption_key[CSC_SYMKEY_SIZE] = {0}, mac_key[CSC_SYMKEY_SIZE];
    size_t size = unhex(encryption_key, encryption_hex);

    (void)unhex(mac_key, mac_hex);
    return csc_symkey_new(key, size == CSC_SYMKEY_SIZE ? CSC_AES_256_CBC : CSC_AES_128_CBC, encryption_key, mac_key);
}

/* encrypt KEY MAC-KEY IV: the tag and the ciphertext; the key's length chooses the cipher, the IV is in the MAC */
static int encrypt(char **arg) {
    csc_symkey *key = NULL;
    uint8_t iv[CSC_CBC_IV];
    int rc = symkey(&key, arg[0], arg[1]);

    (void)unhex(iv, arg[2]);
    if (rc == CSC_OK) {
        csc_symkey_encrypt(key, iv, iv, sizeof(iv), input.data, input.size, output.data + CSC_SHA256_SIZE, output.data);
        output.size = CSC_SHA256_SIZE + CSC_CBC_LENGTH(input.size);
    }
    csc_symkey_free(key);
    return rc;
}

/* decrypt KEY MAC-KEY IV: the opposite */
static int decrypt(char **arg) {
    csc_symkey *key = NULL;
    uint8_t iv[CSC_CBC_IV];
    int rc = input.size < CSC_SHA256_SIZE ? CSC_ERR_VERIFY : symkey(&key, arg[0], arg[1]);

    (void)unhex(iv, arg[2]);
    if (rc == CSC_OK)
        rc = csc_symkey_decrypt(key, iv, iv, sizeof(iv), input.data + CSC_SHA256_SIZE, input.size - CSC_SHA256_SIZE,
                                input.data, output.data, &output.size);
    csc_symkey_free(key);
    return rc;
}

/* hmac KEY */
static int hmac(char **arg) {
    const struct csc_part part = {input.data, input.size};
    uint8_t key[256];

    csc_hmac_sha256(output.data, key, unhex(key, arg[0]), &part, 1);
    output.size = CSC_SHA256_SIZE;
    return CSC_OK;
}

/* hkdf SALT INFO SIZE: of stdin */
static int hkdf(char **arg) {
    uint8_t salt[256], info[256], prk[CSC_SHA256_SIZE];

    csc_hkdf_extract(prk, salt, unhex(salt, arg[0]), input.data, input.size);
    output.size = strtoul(arg[2], NULL, 10);
    return csc_hkdf_expand(output.data, output.size, prk, info, unhex(info, arg[1]));
}

/* x25519 SECRET PUBLIC */
static int x25519(char **arg) {
    uint8_t secret[CSC_X25519_SIZE], public_key[CSC_X25519_SIZE];

    (void)unhex(secret, arg[0]);
    (void)unhex(public_key, arg[1]);
    output.size = CSC_X25519_SIZE;
    return csc_x25519(output.data, secret, public_key);
}

static const struct {
    const char *name;
    int arguments;
    bool reads;
    int (*run)(char **arguments);
} commands[] = {
    {"generate", 3, false, generate},
    {"convert", 3, false, convert},
    {"public", 2, false, public_half},
    {"fingerprint", 1, false, fingerprint},
    {"oaep-encrypt", 2, true, oaep_encrypt},
    {"oaep-decrypt", 2, true, oaep_decrypt},
    {"pss-sign", 1, true, pss_sign},
    {"pss-verify", 2, true, pss_verify},
    {"encrypt", 3, true, encrypt},
    {"decrypt", 3, true, decrypt},
    {"hmac", 1, true, hmac},
    {"hkdf", 3, true, hkdf},
    {"x25519", 2, false, x25519},
};

int main(int argc, char **argv) {
    for (size_t i = 0; argc >= 2 && i < sizeof(commands) / sizeof(commands[0]); i++) {
        int rc;

        if (strcmp(argv[1], commands[i].name) != 0 || argc - 2 != commands[i].arguments)
            continue;
        if (commands[i].reads)
            input.size = fread(input.data, 1, INPUT_MAX, stdin);
        rc = commands[i].run(argv + 2);
        if (rc == CSC_OK && fwrite(output.data, 1, output.size, stdout) == output.size && fflush(stdout) == 0)
            return 0;
        (void)fprintf(stderr, "csc_tool: %s\n", csc_strerror(rc));
        return 1;
    }
    (void)fprintf(stderr, "csc_tool: no such command, or not with as many arguments\n");
    return 2;
}
