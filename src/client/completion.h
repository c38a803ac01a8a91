/*
 * completion: completes the word in front of the cursor.
 *
 * completion_begin() finds out from the line what kind of word is being typed.  The caller then offers all the words it
 * knows, of which those of the right kind and beginning are kept.  completion_end() says what to put in place of the
 * word.  Names are compared as the protocol does, without their case.  Pure.  Single owner.
 */
#ifndef CLIENT_COMPLETION_H
#define CLIENT_COMPLETION_H

#include "proto/buffer.h"
#include "proto/name.h"

/* Words to choose from that are kept; if there are more, the rest are not shown. */
#define COMPLETION_MAX 64

/* Bytes of a word: "@", a name, and a NUL. */
#define COMPLETION_WORD_SIZE (NAME_SIZE + 1)

/* Bytes of the line that shows the words to choose from. */
#define COMPLETION_LINE_MAX (COMPLETION_MAX * (COMPLETION_WORD_SIZE + 1) + 8)

enum completion_kind {
    COMPLETION_NOTHING, /* only text can stand here, which is not completed */
    COMPLETION_COMMAND, /* "/li" */
    COMPLETION_FIRST,   /* the first word: a command, or a recipient, which gets ": " behind it */
    COMPLETION_LIST,    /* a further recipient in a list: "Eve,Bo" */
    COMPLETION_OPERAND, /* a name behind a command */
};

struct completion {
    enum completion_kind kind;
    struct span word; /* the word being typed, in the line */
    char found[COMPLETION_MAX][COMPLETION_WORD_SIZE];
    size_t count;
    bool more;         /* there were more than COMPLETION_MAX */
    bool is_command;   /* found[0] is a command: */
    bool has_operands; /*   one that takes operands */
};

/* BEFORE is the part of the line in front of the cursor, borrowed until completion_end(). */
void completion_begin(struct completion *completion, struct span before);

/* Offer a word: the NAME of a user; the NAME of a group of recipients, written "@NAME"; the WORD of a command, with its
 * OPERANDS as commands_word() gives them.  Words that do not fit are ignored. */
void completion_offer_name(struct completion *completion, struct span name);
void completion_offer_group(struct completion *completion, struct span name);

/* True if a group may stand here, so that the caller need not look for groups otherwise. */
bool completion_wants_group(const struct completion *completion);
void completion_offer_command(struct completion *completion, const char *word, const char *operands);

/* Bytes of the text that takes the place of the word, with its NUL. */
#define COMPLETION_TEXT_SIZE (COMPLETION_WORD_SIZE + 2)

/* Writes the text that takes the place of the word to TEXT: as much as all the words found have in common.  If that is
 * no more than was typed, and there are several, appends a line with all of them to CHOICES.  PROTO_E_MEMORY,
 * PROTO_E_FULL. */
int completion_end(const struct completion *completion, char text[static COMPLETION_TEXT_SIZE], struct buffer *choices)
    __attribute__((warn_unused_result));

#endif
