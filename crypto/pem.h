/*
 * pem.h: one block of PEM (RFC 7468), read strictly and written.  For the sources of libcscrypto only.
 *
 * A text holds exactly one block and beside it white space only, but for cs_pem_find().  Pure; the DER bytes of a block
 * may be secret, and are wiped by cs_pem_close().
 */
#ifndef CS_PEM_H
#define CS_PEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cs_pem {
    const char *label; /* into the text that was read, LABEL_SIZE characters without a NUL */
    size_t label_size;
    uint8_t *der;
    size_t der_size;
    size_t capacity; /* of der, for wiping */
};

/* Characters that cs_pem_write() makes of SIZE bytes, with the NUL. */
#define CS_PEM_LENGTH(label_size, size)                                                                                \
    ((CSC_BASE64_LENGTH(size) + 63) / 64 + CSC_BASE64_LENGTH(size) + 2 * (label_size) + sizeof("-----BEGIN ") - 1 +    \
     sizeof("-----END ") - 1 + 2 * sizeof("-----\n") - 2 + 1)

/*
 * Reads SIZE bytes of TEXT.  On success BLOCK must be given to cs_pem_close(), and lives no longer than TEXT.
 *   CSC_ERR_TOO_LONG   over CSC_PEM_MAX
 *   CSC_ERR_TRUNCATED  the block begins but does not end
 *   CSC_ERR_FORMAT     no block, more than one, text around it, or no canonical base64 in it
 *   CSC_ERR_MEMORY
 */
int cs_pem_open(struct cs_pem *block, const char *text, size_t size);

/* Finds the next block of LABEL in the *SIZE bytes of *TEXT, whatever else is there, and sets both to what is behind
 * it.  1 and BLOCK as from cs_pem_open(), 0 if there is none, or an error of it. */
int cs_pem_find(struct cs_pem *block, const char **text, size_t *size, const char *label);

bool cs_pem_has_label(const struct cs_pem *block, const char *label);

/* Wipes and frees what cs_pem_open() made. */
void cs_pem_close(struct cs_pem *block);

/* Writes a block and a NUL to OUT of *SIZE bytes, and sets *SIZE to the length without the NUL.  CSC_ERR_TOO_LONG if
 * that is too small. */
int cs_pem_write(char *out, size_t *size, const char *label, const uint8_t *der, size_t der_size);

#endif
