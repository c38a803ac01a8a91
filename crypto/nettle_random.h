/*
 * nettle_random.h: random bytes for functions of nettle that draw them.  For the sources of libcscrypto only.
 *
 * They cannot be told that the generator failed, so the failure is kept beside it, and looked at afterwards.
 */
#ifndef CS_NETTLE_RANDOM_H
#define CS_NETTLE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct cs_random_source {
    int (*draw)(void *out, size_t size); /* csc_random_secret or csc_random_nonce */
    int rc;                              /* CSC_OK, or how it failed first */
};

/* A nettle_random_func; SOURCE is a struct cs_random_source. */
void cs_draw_for_nettle(void *source, size_t size, uint8_t *out);

#endif
