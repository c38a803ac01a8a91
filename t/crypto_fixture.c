#include <config.h>

#include "t/crypto_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void stop(const char *what, int rc) {
    printf("Bail out! %s: %s\n", what, csc_strerror(rc));
    exit(1);
}

size_t unhex(uint8_t *out, const char *hex) {
    size_t size = 0;

    while (*hex != '\0') {
        char digits[3] = {0};
        char *end = NULL;

        if (*hex == ' ') {
            hex++;
            continue;
        }
        memcpy(digits, hex, strnlen(hex, 2));
        out[size++] = (uint8_t)strtoul(digits, &end, 16);
        if (end != digits + 2)
            stop("a test has bad hexadecimal digits", CSC_ERR_ARGUMENT);
        hex += 2;
    }
    return size;
}

const char *key_path(const char *name) {
    static char path[4096];
    const char *top = getenv("top_srcdir");

    (void)snprintf(path, sizeof(path), "%s/t/keys/%s", top != NULL ? top : ".", name);
    return path;
}

csc_private_key *load_key(const char *name) {
    csc_private_key *key = NULL;
    int rc = csc_private_key_load(&key, key_path(name), NULL);

    if (rc != CSC_OK)
        stop(key_path(name), rc);
    return key;
}

csc_public_key *public_of(const csc_private_key *key) {
    csc_public_key *public_key = NULL;
    int rc = csc_private_key_public(key, &public_key);

    if (rc != CSC_OK)
        stop("csc_private_key_public", rc);
    return public_key;
}
