/* One block of PEM. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "crypto/cscrypto.h"
#include "crypto/pem.h"

#define BEGIN  "-----BEGIN "
#define END    "-----END "
#define DASHES "-----"

/* Characters of base64 in a line (RFC 7468 section 2). */
#define LINE_LENGTH 64

struct cursor {
    const char *at;
    const char *end;
};

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_space(struct cursor *in) {
    while (in->at < in->end && is_space(*in->at))
        in->at++;
}

/* Takes WANTED, SIZE characters of it.  CSC_ERR_TRUNCATED if the text ends within it, CSC_ERR_FORMAT if it differs. */
static int take(struct cursor *in, const char *wanted, size_t size) {
    size_t left = (size_t)(in->end - in->at);

    if (memcmp(in->at, wanted, left < size ? left : size) != 0)
        return CSC_ERR_FORMAT;
    if (left < size)
        return CSC_ERR_TRUNCATED;
    in->at += size;
    return CSC_OK;
}

static int take_begin(struct cursor *in, struct cs_pem *block) {
    int rc = take(in, BEGIN, strlen(BEGIN));

    if (rc != CSC_OK)
        return rc;
    block->label = in->at;
    while (in->at < in->end &&
           ((*in->at >= 'A' && *in->at <= 'Z') || (*in->at >= '0' && *in->at <= '9') || *in->at == ' '))
        in->at++;
    block->label_size = (size_t)(in->at - block->label);
    return take(in, DASHES, strlen(DASHES));
}

static int take_body(struct cursor *in, struct cs_pem *block) {
    const char *dash = memchr(in->at, '-', (size_t)(in->end - in->at));
    size_t length = 0, capacity;

    if (dash == NULL)
        return CSC_ERR_TRUNCATED;
    capacity = (size_t)(dash - in->at) + 1;
    block->der = malloc(capacity);
    if (block->der == NULL)
        return CSC_ERR_MEMORY;
    block->capacity = capacity;
    for (; in->at < dash; in->at++)
        if (!is_space(*in->at))
            block->der[length++] = (uint8_t)*in->at;
    if (csc_base64_decode(block->der, &block->der_size, (const char *)block->der, length) != CSC_OK)
        return CSC_ERR_FORMAT;
    return block->der_size > 0 ? CSC_OK : CSC_ERR_FORMAT;
}

static int take_end(struct cursor *in, const struct cs_pem *block) {
    int rc = take(in, END, strlen(END));

    if (rc == CSC_OK)
        rc = take(in, block->label, block->label_size);
    if (rc == CSC_OK)
        rc = take(in, DASHES, strlen(DASHES));
    return rc;
}

int cs_pem_open(struct cs_pem *block, const char *text, size_t size) {
    struct cursor in = {text, text + size};
    struct cs_pem found = {0};
    int rc;

    if (size > CSC_PEM_MAX)
        return CSC_ERR_TOO_LONG;
    skip_space(&in);
    if (in.at == in.end)
        return CSC_ERR_FORMAT;
    rc = take_begin(&in, &found);
    if (rc == CSC_OK)
        rc = take_body(&in, &found);
    if (rc == CSC_OK)
        rc = take_end(&in, &found);
    skip_space(&in);
    if (rc == CSC_OK && in.at < in.end)
        rc = CSC_ERR_FORMAT;
    if (rc == CSC_OK)
        *block = found;
    else
        cs_pem_close(&found);
    return rc;
}

/* The place of the PATTERN in TEXT, or NULL. */
static const char *find(struct cursor text, const char *pattern) {
    size_t size = strlen(pattern);

    while ((size_t)(text.end - text.at) >= size) {
        text.at = memchr(text.at, *pattern, (size_t)(text.end - text.at) - size + 1);
        if (text.at == NULL || memcmp(text.at, pattern, size) == 0)
            return text.at;
        text.at++;
    }
    return NULL;
}

int cs_pem_find(struct cs_pem *block, const char **text, size_t *size, const char *label) {
    struct cursor in = {*text, *text + *size};
    size_t length = strlen(label);

    while ((in.at = find(in, BEGIN)) != NULL) {
        const char *begin = in.at;
        struct cursor behind = {begin + strlen(BEGIN), in.end};
        int rc;

        in.at = behind.at;
        if (take(&behind, label, length) != CSC_OK || take(&behind, DASHES, strlen(DASHES)) != CSC_OK)
            continue;
        behind.at = find(behind, END);
        if (behind.at == NULL)
            return CSC_ERR_TRUNCATED;
        behind.at += strlen(END);
        if ((rc = take(&behind, label, length)) != CSC_OK || (rc = take(&behind, DASHES, strlen(DASHES))) != CSC_OK ||
            (rc = cs_pem_open(block, begin, (size_t)(behind.at - begin))) != CSC_OK)
            return rc;
        *text = behind.at;
        *size = (size_t)(behind.end - behind.at);
        return 1;
    }
    return 0;
}

bool cs_pem_has_label(const struct cs_pem *block, const char *label) {
    return block->label_size == strlen(label) && memcmp(block->label, label, block->label_size) == 0;
}

void cs_pem_close(struct cs_pem *block) {
    csc_wipe(block->der, block->capacity);
    free(block->der);
    *block = (struct cs_pem){0};
}

static char *put(char *to, const char *text) {
    size_t length = strlen(text);

    memcpy(to, text, length);
    return to + length;
}

int cs_pem_write(char *out, size_t *size, const char *label, const uint8_t *der, size_t der_size) {
    const size_t bytes_in_line = CSC_BASE64_SIZE(LINE_LENGTH);
    char *to = out;

    if (*size < CS_PEM_LENGTH(strlen(label), der_size))
        return CSC_ERR_TOO_LONG;
    to = put(put(put(to, BEGIN), label), DASHES "\n");
    for (size_t done = 0; done < der_size;) {
        size_t line = der_size - done < bytes_in_line ? der_size - done : bytes_in_line;

        csc_base64_encode(to, der + done, line);
        to += CSC_BASE64_LENGTH(line);
        *to++ = '\n';
        done += line;
    }
    to = put(put(put(to, END), label), DASHES "\n");
    *to = '\0';
    *size = (size_t)(to - out);
    return CSC_OK;
}
