/*
 * base64_blocks.h: the bulk of base64, sixteen characters at a time, where the processor can (SSSE3, found
 * out when it runs).  For base64.c only, which does what is left over.
 *
 * No memory is looked up, so that unlike the tables' their time does not depend on what is encoded.
 */
#ifndef CS_BASE64_BLOCKS_H
#define CS_BASE64_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

/* Encodes a part of the SIZE bytes at IN, from the first on, and returns how many bytes that were, a multiple of 12: 0
 * where the processor cannot.  OUT and IN may overlap as in csc_base64_encode(). */
size_t cs_base64_encode_blocks(char *out, const uint8_t *in, size_t size);

/* Decodes a part of the LENGTH characters at IN, of which the last four are left alone, and returns how many they were,
 * a multiple of 16.  It stops before what is not in the alphabet.  OUT has room for all, and may be IN. */
size_t cs_base64_decode_blocks(uint8_t *out, const uint8_t *in, size_t length);

#endif
