/* Random bytes for nettle. */
#include <config.h>

#include <string.h>

#include "crypto/cscrypto.h"
#include "crypto/nettle_random.h"

void cs_draw_for_nettle(void *context, size_t size, uint8_t *out) {
    struct cs_random_source *source = context;

    if (source->rc == CSC_OK)
        source->rc = source->draw(out, size);
    /* Anything that is not zero: nettle looks for an invertible number until it has one. */
    if (source->rc != CSC_OK)
        memset(out, 1, size);
}
