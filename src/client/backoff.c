#include <config.h>

#include "crypto/cscrypto.h"
#include "src/client/backoff.h"

uint64_t backoff_next(struct backoff *backoff) {
    uint64_t rest = BACKOFF_FIRST_MS;
    uint16_t random = 0;

    for (unsigned i = 0; i < backoff->tries && rest < BACKOFF_MAX_MS; i++)
        rest *= 2;
    if (rest > BACKOFF_MAX_MS)
        rest = BACKOFF_MAX_MS;
    backoff->tries++;
    /* Without a random number nothing is taken off. */
    if (csc_random_nonce(&random, sizeof(random)) != CSC_OK)
        random = 0;
    return rest - rest / 2 * random / UINT16_MAX;
}
