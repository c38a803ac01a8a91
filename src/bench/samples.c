#include <config.h>

#include "src/bench/samples.h"

#include <errno.h>
#include <stdlib.h>

int samples_init(struct samples *samples, size_t capacity) {
    *samples = (struct samples){.values = calloc(capacity, sizeof(*samples->values)), .capacity = capacity};
    return samples->values != NULL ? 0 : -ENOMEM;
}

void samples_free(struct samples *samples) {
    free(samples->values);
    *samples = (struct samples){0};
}

void samples_add(struct samples *samples, uint64_t value) {
    if (samples->count < samples->capacity)
        samples->values[samples->count++] = value;
}

static int compare(const void *a, const void *b) {
    const uint64_t *left = a;
    const uint64_t *right = b;

    return (*left > *right) - (*left < *right);
}

uint64_t samples_percentile(struct samples *samples, unsigned per_mille) {
    size_t rank = (samples->count * per_mille + 999) / 1000;

    if (samples->count == 0)
        return 0;
    qsort(samples->values, samples->count, sizeof(*samples->values), compare);
    return samples->values[rank > 0 ? rank - 1 : 0];
}
