#include <config.h>

#include "src/server/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *name;
    enum limit_unit unit;
    uint64_t smallest, largest;
    const char *standard;
    size_t offset;
};

#define ROW(id, member, unit, name, argument, smallest, largest, standard, help)                                       \
    [LIMIT_##id] = {name, LIMIT_##unit, smallest, largest, standard, offsetof(struct limits, member)},
static const struct row rows[] = {LIMITS(ROW)};

/* The factor that SUFFIX stands for; 0 if it is none of UNIT. */
static uint64_t factor(enum limit_unit unit, const char *suffix) {
    static const char letters[] = "KMG";
    const char *letter = suffix;

    if (suffix[0] == '\0')
        return 1;
    letter = strchr(letters, suffix[0]);
    if (unit != LIMIT_BYTES || suffix[1] != '\0' || letter == NULL)
        return 0;
    return UINT64_C(1) << (10 * (letter - letters + 1));
}

static bool parse(const struct row *row, const char *text, uint64_t *value) {
    char *end = NULL;
    uintmax_t number = 0;
    uint64_t unit = 0;

    errno = 0;
    /* strtoumax() would take white space and a sign as well. */
    if (text[0] >= '0' && text[0] <= '9')
        number = strtoumax(text, &end, 10);
    if (end == NULL || errno != 0)
        return false;
    unit = factor(row->unit, end);
    if (unit == 0 || number > row->largest / unit || number * unit < row->smallest)
        return false;
    *value = number * unit;
    return true;
}

int limits_set(struct limits *limits, enum limit limit, const char *text, struct diagnostic *why) {
    static const char *const of[] = {
        [LIMIT_BYTES] = " of bytes (K, M and G may follow)", [LIMIT_SECONDS] = " of seconds"};
    const struct row *row = &rows[limit];
    uint64_t value = 0;

    if (!parse(row, text, &value)) {
        diagnostic_set(why, "takes a number%s from %" PRIu64 " to %" PRIu64 ", not \"%s\"",
                       row->unit == LIMIT_COUNT ? "" : of[row->unit], row->smallest, row->largest, text);
        return -EINVAL;
    }
    if (row->unit == LIMIT_SECONDS)
        value *= 1000;
    memcpy((char *)limits + row->offset, &value, sizeof(value));
    return 0;
}

void limits_follow(struct limits *live, const struct limits *fresh) {
#define FOLLOW(id, member, unit, name, argument, smallest, largest, standard, help) live->member = fresh->member;
    LIMITS(FOLLOW)
#undef FOLLOW
}

const char *limits_name(enum limit limit) {
    return rows[limit].name;
}

uint64_t limits_value(const struct limits *limits, enum limit limit) {
    const struct row *row = &rows[limit];
    const uint64_t value = *(const _Atomic uint64_t *)(const void *)((const char *)limits + row->offset);

    return row->unit == LIMIT_SECONDS ? value / 1000 : value;
}

void limits_text(const struct limits *limits, enum limit limit, char out[static LIMITS_TEXT_SIZE]) {
    static const char *const suffixes[] = {"", "K", "M", "G"};
    uint64_t value = limits_value(limits, limit);
    size_t power = 0;

    for (; rows[limit].unit == LIMIT_BYTES && power < 3 && value > 0 && value % 1024 == 0; power++)
        value /= 1024;
    snprintf(out, LIMITS_TEXT_SIZE, "%" PRIu64 "%s", value, suffixes[power]);
}

void limits_init(struct limits *limits) {
    struct diagnostic why = {""};

    *limits = (struct limits){0};
    for (size_t i = 0; i < LIMITS_COUNT; i++)
        if (limits_set(limits, (enum limit)i, rows[i].standard, &why) != 0)
            abort();
}
