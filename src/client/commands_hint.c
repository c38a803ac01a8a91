#include <config.h>

#include "src/client/commands.h"

#include <stdio.h>

/* Letters of a word that is compared: no command has more. */
#define WORD_MAX 16

/* Mistakes with which a word is still taken for another. */
#define MISTAKES_MAX 2

static size_t least(size_t a, size_t b, size_t c) {
    size_t less = a < b ? a : b;

    return less < c ? less : c;
}

static char lower(char letter) {
    return (char)(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
}

/* Letters to add, drop, change, or swap with the next to make B of A (optimal string alignment). */
static size_t distance(struct span a, struct span b) {
    size_t rows[WORD_MAX + 1][WORD_MAX + 1];

    for (size_t i = 0; i <= a.size; i++)
        rows[i][0] = i;
    for (size_t j = 0; j <= b.size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        for (size_t j = 1; j <= b.size; j++) {
            const size_t change = lower(a.data[i - 1]) != lower(b.data[j - 1]);

            rows[i][j] = least(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + change);
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1])
                rows[i][j] = least(rows[i][j], rows[i - 2][j - 2] + 1, rows[i][j]);
        }
    }
    return rows[a.size][b.size];
}

/* The command that WORD is most like, or NULL if it is like none. */
static const char *nearest(struct span word, const char **operands) {
    const char *best = NULL, *other, *takes;
    size_t fewest = MISTAKES_MAX + 1;

    for (size_t i = 0; word.size <= WORD_MAX && (other = commands_word(i, &takes)) != NULL; i++) {
        size_t mistakes = distance(word, span_of(other));

        /* One letter in three may be wrong: of a short word, two are most of it. */
        if (mistakes < fewest && 3 * mistakes <= word.size) {
            fewest = mistakes;
            best = other;
            *operands = takes;
        }
    }
    return best;
}

static struct span first_word(struct span line) {
    struct span word = line;

    while (word.size > 0 && (word.data[0] == ' ' || word.data[0] == '\t' || word.data[0] == '/'))
        word = (struct span){word.data + 1, word.size - 1};
    for (size_t i = 0; i < word.size; i++)
        if (word.data[i] == ' ' || word.data[i] == '\t' || word.data[i] == ':')
            word.size = i;
    return word;
}

void commands_hint(char out[static COMMANDS_HINT_SIZE], struct span line) {
    const char *operands = "";
    struct span word = first_word(line);
    const char *meant = nearest(word, &operands);

    if (!meant)
        snprintf(out, COMMANDS_HINT_SIZE, "neither a command nor NAME: text; see help");
    else if (span_equal(word, span_of(meant)))
        snprintf(out, COMMANDS_HINT_SIZE, "the command is: %s%s%s", meant, operands[0] != '\0' ? " " : "", operands);
    else
        snprintf(out, COMMANDS_HINT_SIZE, "%.*s: did you mean %s?", (int)word.size, word.data, meant);
}
