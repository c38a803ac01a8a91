#include <config.h>

#include "src/server/bucket.h"

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  UINT64_C(1000000000)

uint64_t bucket_ready(const struct bucket *bucket, const struct bucket_rate *rate) {
    const uint64_t full = (bucket->full + NS_PER_MS - 1) / NS_PER_MS;

    return rate->per_second == 0 || full < rate->burst ? 0 : full - rate->burst;
}

void bucket_take(struct bucket *bucket, const struct bucket_rate *rate, uint64_t amount, uint64_t now) {
    const uint64_t since = now * NS_PER_MS;

    if (rate->per_second == 0)
        return;
    if (bucket->full < since)
        bucket->full = since;
    bucket->full += amount * NS_PER_S / rate->per_second;
}
