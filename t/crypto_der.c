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
