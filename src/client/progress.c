#include <config.h>

#include "src/client/progress.h"

#include "src/client/columns.h"

#include <inttypes.h>
#include <stdio.h>

/* The rate is an exponential average: measured over so long, each new value counting for a third. */
#define MEASURE_MS 250
#define SMOOTHING  3

/* The narrowest bar, with its brackets, and the widest. */
#define BAR_MIN 7
#define BAR_MAX 42

void progress_begin(struct progress *progress, uint64_t done, uint64_t now) {
    *progress = (struct progress){.mark_at = now, .mark_done = done};
}

void progress_note(struct progress *progress, uint64_t done, uint64_t now) {
    uint64_t rate;

    if (done < progress->mark_done)
        progress_begin(progress, done, now);
    if (now < progress->mark_at + MEASURE_MS)
        return;
    rate = (done - progress->mark_done) * 1000 / (now - progress->mark_at);
    progress->rate = progress->rate == 0 ? rate : (progress->rate * (SMOOTHING - 1) + rate) / SMOOTHING;
    progress->mark_at = now;
    progress->mark_done = done;
}

void progress_size(char out[static PROGRESS_SIZE_SIZE], uint64_t bytes) {
    static const char units[] = "KMGTPE";
    uint64_t tenths = bytes * 10;
    size_t unit = 0;

    if (bytes < 1024) {
        snprintf(out, PROGRESS_SIZE_SIZE, "%" PRIu64 " B", bytes);
        return;
    }
    for (tenths /= 1024; tenths >= 10240 && unit + 2 < sizeof(units); unit++)
        tenths /= 1024;
    snprintf(out, PROGRESS_SIZE_SIZE, "%" PRIu64 ".%u %ciB", tenths / 10, (unsigned)(tenths % 10), units[unit]);
}

/* "  1.2 MiB/s  0:05", as far as it is known. */
static void put_rate(char *out, size_t size, const struct progress *progress, uint64_t left) {
    char rate[PROGRESS_SIZE_SIZE];
    uint64_t seconds;

    out[0] = '\0';
    if (progress->rate == 0)
        return;
    progress_size(rate, progress->rate);
    seconds = left / progress->rate;
    if (seconds < 3600)
        snprintf(out, size, "  %s/s  %u:%02u", rate, (unsigned)(seconds / 60), (unsigned)(seconds % 60));
    else if (seconds < UINT64_C(100) * 3600)
        snprintf(out, size, "  %s/s  %u:%02u:%02u", rate, (unsigned)(seconds / 3600), (unsigned)(seconds / 60 % 60),
                 (unsigned)(seconds % 60));
    else
        snprintf(out, size, "  %s/s", rate);
}

/* "  [####    ]" of WIDTH characters behind the blanks, or nothing where that is too few. */
static void put_bar(char out[static BAR_MAX + 3], size_t width, unsigned percent) {
    size_t inside;

    out[0] = '\0';
    if (width < BAR_MIN)
        return;
    inside = (width < BAR_MAX ? width : BAR_MAX) - 2;
    memcpy(out, "  [", 3);
    for (size_t i = 0; i < inside; i++)
        out[3 + i] = i < inside * percent / 100 ? '#' : ' ';
    out[3 + inside] = ']';
    out[4 + inside] = '\0';
}

void progress_line(char out[static PROGRESS_LINE_SIZE], const struct progress *progress, const char *name,
                   uint64_t done, uint64_t size, size_t columns) {
    /* No overflow: sizes in the protocol have 53 bits. */
    const unsigned percent = size > 0 ? (unsigned)(done * 100 / size) : 100;
    char numbers[64], rate[48], bar[BAR_MAX + 3];
    size_t taken, bytes, width;

    put_rate(rate, sizeof(rate), progress, size - done);
    snprintf(numbers, sizeof(numbers), " %3u%%", percent);
    taken = strlen(numbers) + strlen(rate);
    /* Half of what is left is the name's, and what it does not need is the bar's. */
    bytes = columns_fit(span_of(name), taken < columns ? (columns - taken) / 2 : 0, &width);
    if (taken > columns)
        rate[0] = '\0';
    taken += width + 2;
    put_bar(bar, taken < columns ? columns - taken : 0, percent);
    snprintf(out, PROGRESS_LINE_SIZE, "%.*s%s%s%s", (int)bytes, name, numbers, bar, rate);
}
