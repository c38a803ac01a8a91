/*
 * Random bytes, from the kernel.
 *
 * GnuTLS's generators keep a state for each thread that has ever drawn, and free it when the program ends: in a server
 * with a thread a connection that is 224 bytes for each connection there ever was.  So it is used only where the system
 * has no getentropy().
 * A system call for each IV would be dear.  Of what is public in the end, a thread draws many bytes at a time and keeps
 * the rest for the next calls; what is handed out is wiped, and a child begins anew.
 */
#include <config.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_SYS_RANDOM_H
#include <sys/random.h>
#endif

#include "crypto/cscrypto.h"

/* What getentropy() gives at once. */
#define DRAW_MAX 256

/* Nonces longer than this are not kept for: IVs have 16 bytes, ids fewer. */
#define NONCE_MAX 32

static int draw(void *out, size_t size) {
#ifdef HAVE_GETENTROPY
    return getentropy(out, size);
#else
    return gnutls_rnd(GNUTLS_RND_KEY, out, size);
#endif
}

int csc_random_secret(void *out, size_t size) {
    uint8_t *bytes = out;

    for (size_t done = 0; done < size; done += DRAW_MAX) {
        if (draw(bytes + done, size - done < DRAW_MAX ? size - done : DRAW_MAX) < 0) {
            csc_wipe(bytes, size);
            return CSC_ERR_RANDOM;
        }
    }
    return CSC_OK;
}

/* How often this process was forked from another, since the first draw.  A child has one thread when it counts. */
static unsigned forks;
static bool forks_are_counted;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void count_fork(void) {
    forks++;
}

static void watch_forks(void) {
    forks_are_counted = pthread_atfork(NULL, NULL, count_fork) == 0;
}

int csc_random_nonce(void *out, size_t size) {
    static _Thread_local struct {
        uint8_t bytes[DRAW_MAX];
        size_t left; /* the last of `bytes` */
        unsigned forks;
    } kept;
    uint8_t *next = NULL;

    pthread_once(&fork_once, watch_forks);
    if (size == 0 || size > NONCE_MAX || !forks_are_counted)
        return csc_random_secret(out, size);
    if (kept.left < size || kept.forks != forks) {
        kept.left = 0;
        if (csc_random_secret(kept.bytes, sizeof(kept.bytes)) != CSC_OK) {
            csc_wipe(out, size);
            return CSC_ERR_RANDOM;
        }
        kept.left = sizeof(kept.bytes);
        kept.forks = forks;
    }
    next = kept.bytes + sizeof(kept.bytes) - kept.left;
    memcpy(out, next, size);
    csc_wipe(next, size);
    kept.left -= size;
    return CSC_OK;
}
