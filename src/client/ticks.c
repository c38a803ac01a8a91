#include <config.h>

#include "proto/text.h"
#include "src/client/paint.h"
#include "src/client/ticks.h"

#include <stdio.h>

static const struct look {
    const char *utf8, *ascii, *color;
    size_t columns;
} looks[TICK_STATES] = {
    [TICK_SENT] = {"\xc2\xb7", ".", "", 1},
    [TICK_DELIVERED] = {"\xe2\x9c\x93", "+", "", 1},
    [TICK_READ] = {"\xe2\x9c\x93\xe2\x9c\x93", "++", "\033[32m", 2},
    [TICK_FAILED] = {"\xe2\x9c\x97", "x", "\033[31m", 1},
};

static struct tick *find(struct ticks *ticks, unsigned long number) {
    for (size_t i = 1; i <= TICKS_MAX; i++) {
        struct tick *tick = &ticks->list[(ticks->next + TICKS_MAX - i) % TICKS_MAX];

        if (tick->number == number)
            return tick;
        if (tick->number == 0)
            break;
    }
    return NULL;
}

void ticks_begin(struct ticks *ticks, unsigned long number, struct span text) {
    struct tick *tick = &ticks->list[ticks->next];

    *tick = (struct tick){.number = number};
    text_escape_cut(tick->text, sizeof(tick->text), text);
    ticks->next = (ticks->next + 1) % TICKS_MAX;
}

void ticks_add(struct ticks *ticks, unsigned long number, const char *peer) {
    struct tick *tick = find(ticks, number);

    if (tick && tick->recipients++ == 0)
        name_copy(tick->to, span_of(peer));
}

void ticks_note(struct ticks *ticks, unsigned long number, enum tick_state state) {
    struct tick *tick = find(ticks, number);

    if (!tick)
        return;
    tick->count[state]++;
    tick->changed = ticks->changed = true;
}

struct tick *ticks_next(struct ticks *ticks) {
    for (size_t i = 0; ticks->changed && i < TICKS_MAX; i++) {
        struct tick *tick = &ticks->list[(ticks->next + i) % TICKS_MAX];

        if (tick->changed) {
            tick->changed = false;
            return tick;
        }
    }
    ticks->changed = false;
    return NULL;
}

/* How far the line as a whole has come. */
static enum tick_state state_of(const struct tick *tick) {
    const size_t *count = tick->count;

    if (count[TICK_FAILED] > 0 && count[TICK_DELIVERED] + count[TICK_FAILED] >= tick->recipients)
        return TICK_FAILED;
    if (count[TICK_READ] > 0 && count[TICK_DELIVERED] >= tick->recipients)
        return TICK_READ;
    return count[TICK_DELIVERED] > 0 ? TICK_DELIVERED : TICK_SENT;
}

size_t ticks_mark(const struct ticks *ticks, struct tick *tick, char out[static TICKS_MARK_SIZE]) {
    const enum tick_state state = state_of(tick);
    const size_t have = tick->count[state == TICK_FAILED ? TICK_DELIVERED : state];
    const struct look *look = &looks[state];
    const bool colored = ticks->color && look->color[0] != '\0';
    char numbers[24] = "";
    size_t width;

    if (state == TICK_SENT && have == 0)
        return 0;
    if (tick->recipients > 1 && state != TICK_SENT)
        snprintf(numbers, sizeof(numbers), " %zu/%zu", have, tick->recipients);
    width = 1 + look->columns + strlen(numbers);
    tick->width = width > tick->width ? width : tick->width;
    snprintf(out, TICKS_MARK_SIZE, " %s%s%s%s%*s", colored ? look->color : "", ticks->utf8 ? look->utf8 : look->ascii,
             numbers, colored ? PAINT_PLAIN : "", (int)(tick->width - width), "");
    return tick->width;
}

/* What of the state of TICK is told in a line of its own: that all have it, or that all were shown it. */
static enum tick_state news_of(const struct tick *tick) {
    if (tick->count[TICK_READ] >= tick->recipients)
        return TICK_READ;
    return tick->count[TICK_DELIVERED] >= tick->recipients ? TICK_DELIVERED : TICK_SENT;
}

void ticks_shown(struct tick *tick) {
    tick->told = news_of(tick);
}

bool ticks_tell(const struct ticks *ticks, struct tick *tick, char out[static TICKS_LINE_SIZE]) {
    const enum tick_state news = news_of(tick);
    char who[NAME_SIZE + 8];

    if (news <= tick->told)
        return false;
    tick->told = news;
    if (tick->recipients > 1)
        snprintf(who, sizeof(who), "all %zu", tick->recipients);
    else
        snprintf(who, sizeof(who), "%s", tick->to);
    snprintf(out, TICKS_LINE_SIZE, "%s %s %s: %s\n", ticks->utf8 ? looks[news].utf8 : looks[news].ascii, who,
             news == TICK_READ      ? "read"
             : tick->recipients > 1 ? "have"
                                    : "has",
             tick->text);
    return true;
}
