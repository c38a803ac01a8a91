#include <config.h>

#include "t/crypto_der.h"

#include "crypto/pem.h"
#include "t/crypto_fixture.h"

#include <stdlib.h>
#include <string.h>

void der_raw(struct der *to, const void *bytes, size_t size) {
    if (size > sizeof(to->bytes) - to->size)
        abort();
    memmove(to->bytes + to->size, bytes, size);
    to->size += size;
}

void der_add(struct der *to, uint8_t tag, const void *content, size_t size) {
    const uint8_t header[4] = {tag, 0x82, (uint8_t)(size >> 8), (uint8_t)size};

    if (size < 0x80)
        der_raw(to, (const uint8_t[]){tag, (uint8_t)size}, 2);
    else if (size < 0x100)
        der_raw(to, (const uint8_t[]){tag, 0x81, (uint8_t)size}, 3);
    else
        der_raw(to, header, sizeof(header));
    der_raw(to, content, size);
}

void der_number(struct der *to, const mpz_t x) {
    uint8_t bytes[4096] = {0};
    size_t size = mpz_sizeinbase(x, 2) / 8 + 1;
    size_t digits = (mpz_sizeinbase(x, 2) + 7) / 8;

    if (size > sizeof(bytes))
        abort();
    mpz_export(bytes + size - digits, NULL, 1, 1, 0, 0, x);
    der_add(to, DER_INTEGER, bytes, size);
}

void der_wrap(struct der *it, uint8_t tag) {
    static struct der content;

    content = *it;
    it->size = 0;
    der_add(it, tag, content.bytes, content.size);
}

const char *der_pem(const struct der *it, const char *label, size_t *size) {
    static char text[2 * CSC_PEM_MAX];

    *size = sizeof(text);
    if (cs_pem_write(text, size, label, it->bytes, it->size) != CSC_OK)
        abort();
    return text;
}

void der_public(struct der *to, const struct der *key, const char *algorithm) {
    static struct der string;
    uint8_t identifier[64];
    size_t size = unhex(identifier, algorithm != NULL ? algorithm : "300d06092a864886f70d0101010500");

    string.size = 0;
    der_raw(&string, "", 1);
    der_raw(&string, key->bytes, key->size);
    to->size = 0;
    der_raw(to, identifier, size);
    der_add(to, DER_BITSTRING, string.bytes, string.size);
    der_wrap(to, DER_SEQUENCE);
}

static void add_hex(struct der *to, const char *hex) {
    for (; *hex != '\0'; hex += 2)
        der_raw(to, (const uint8_t[]){(uint8_t)strtoul((const char[]){hex[0], hex[1], '\0'}, NULL, 16)}, 1);
}

void der_envelope(struct der *to, unsigned long rounds) {
    static const uint8_t nothing[32];
    static struct der derivation, parameters, algorithm;
    mpz_t number;

    derivation.size = parameters.size = algorithm.size = to->size = 0;
    /* PBKDF2: the salt, the rounds, HMAC-SHA256 */
    mpz_init_set_ui(number, rounds);
    der_add(&parameters, DER_OCTETSTRING, nothing, 8);
    der_number(&parameters, number);
    add_hex(&parameters, "300c06082a864886f70d02090500");
    der_wrap(&parameters, DER_SEQUENCE);
    mpz_clear(number);
    add_hex(&derivation, "06092a864886f70d01050c");
    der_raw(&derivation, parameters.bytes, parameters.size);
    der_wrap(&derivation, DER_SEQUENCE);
    /* AES-256-CBC, and its IV */
    add_hex(&derivation, "301d060960864801650304012a0410");
    der_raw(&derivation, nothing, 16);
    der_wrap(&derivation, DER_SEQUENCE);
    /* PBES2 of the two */
    add_hex(&algorithm, "06092a864886f70d01050d");
    der_raw(&algorithm, derivation.bytes, derivation.size);
    der_wrap(&algorithm, DER_SEQUENCE);
    der_raw(to, algorithm.bytes, algorithm.size);
    der_add(to, DER_OCTETSTRING, nothing, sizeof(nothing));
    der_wrap(to, DER_SEQUENCE);
}
