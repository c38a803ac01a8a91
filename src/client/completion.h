/*
 * completion: what the word in front of the cursor may become.
 *
 * completion_begin() looks at the line; whoever knows words of the kinds that it wants offers them; completion_end()
 * says what to put there.  Names are compared as the protocol does, without their case.  Pure.  Single owner.
 */
#ifndef CLIENT_COMPLETION_H
#define CLIENT_COMPLETION_H

#include "proto/buffer.h"
#include "proto/name.h"

/* Words that are told apart; of more only so many are shown. */
#define COMPLETION_MAX 64

/* Bytes of a word: "@", a name, and a NUL. */
#define COMPLETION_WORD_SIZE (NAME_SIZE + 1)

/* Bytes of the line with the words to choose from. */
#define COMPLETION_LINE_MAX (COMPLETION_MAX * (COMPLETION_WORD_SIZE + 1) + 8)

enum completion_kind {
    COMPLETION_NOTHING, /* nothing can stand here but text */
    COMPLETION_COMMAND, /* "/li" */
    COMPLETION_FIRST,   /* a command, or a recipient with ":" behind it */
    COMPLETION_LIST,    /* a further recipient: "Eve,Bo" */
    COMPLETION_OPERAND, /* a name behind a command */
};

struct completion {
    enum completion_kind kind;
    struct span word; /* in the line */
    char found[COMPLETION_MAX][COMPLETION_WORD_SIZE];
    size_t count;
    bool more;         /* than COMPLETION_MAX */
    bool is_command;   /* the first of them is one */
    bool has_operands; /* and takes some */
};

/* BEFORE is what stands in front of the cursor; it must stay. */
void completion_begin(struct completion *completion, struct span before);

/* A user, a group of recipients, or a command there is.  Groups are "@NAME", and only looked for behind an "@". */
void completion_offer_name(struct completion *completion, struct span name);
void completion_offer_group(struct completion *completion, struct span name);
bool completion_wants_group(const struct completion *completion);
void completion_offer_command(struct completion *completion, const char *word, const char *operands);

/* Bytes of what is put in place. */
#define COMPLETION_TEXT_SIZE (COMPLETION_WORD_SIZE + 2)

/* Writes what takes the place of the word to TEXT, and appends a line of what there is to choose from to CHOICES, if
 * that is more than one and the word cannot become longer.  PROTO_E_MEMORY, PROTO_E_FULL. */
int completion_end(const struct completion *completion, char text[static COMPLETION_TEXT_SIZE], struct buffer *choices)
    __attribute__((warn_unused_result));

#endif
