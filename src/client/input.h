/*
 * input: bytes of standard input to lines that may be sent.
 *
 * Bytes come in pieces of any size, from a pipe or from the line editor; lines go out one by one, numbered from 1,
 * each with what is wrong with it.  A line may end with "\n" or "\r\n"; the last one needs no end.  A line over the
 * limit is reported once, when it is known to be too long, and the rest of it skipped: nothing is cut short in
 * silence, and memory stays bounded whatever comes.  Where all of the input is one message, it is one line, whose own
 * line breaks stay but for the last.  Does no input itself.  Single owner.
 */
#ifndef CLIENT_INPUT_H
#define CLIENT_INPUT_H

#include "proto/buffer.h"
#include "proto/message.h"
#include "src/client/recipients.h"

/* Bytes of a line without its end: the longest list of recipients, ": ", the longest body. */
#define INPUT_LINE_MAX (RECIPIENTS_TEXT_MAX + 2 + MESSAGE_BODY_MAX)

/* Bytes held: a line with its end, and as much again, so that reads stay large. */
#define INPUT_LIMIT (2 * (INPUT_LINE_MAX + 2))

enum input_defect {
    INPUT_GOOD,
    INPUT_TOO_LONG, /* the text is empty then */
    INPUT_NUL,
    INPUT_NOT_UTF8,
};

struct input_line {
    unsigned long number;
    struct span text; /* valid until the next call */
    enum input_defect defect;
};

struct input {
    struct buffer bytes;
    size_t taken;         /* bytes of the last line, dropped at the next call */
    unsigned long number; /* of the last line */
    bool whole;           /* all of it is one line, even if it is empty */
    bool skipping;        /* inside a line that was too long */
    bool ended;
};

#define INPUT_INIT ((struct input){.bytes = BUFFER_INIT(INPUT_LIMIT)})

/* Room for up to *SIZE bytes; *SIZE is what there is, 0 while a whole line waits.  PROTO_E_MEMORY. */
int input_reserve(struct input *input, uint8_t **room, size_t *size) __attribute__((warn_unused_result));
void input_commit(struct input *input, size_t size);

/* TEXT is all there is: a whole. */
int input_preset(struct input *input, struct span text) __attribute__((warn_unused_result));

/* There is nothing more to come. */
void input_end(struct input *input);

/* Takes the next line.  False: none is complete. */
bool input_next(struct input *input, struct input_line *line);

/* Takes the last line back: it comes again. */
void input_put_back(struct input *input);

/* What is held and no whole line, after input_next() had none. */
struct span input_rest(const struct input *input);

/* True while a line, or the beginning of one, waits. */
bool input_waiting(const struct input *input);

/* True when the end was seen and every line taken. */
bool input_is_over(const struct input *input);

/* The text of a defect, for people. */
const char *input_defect_text(enum input_defect defect);

/* Wipes. */
void input_free(struct input *input);

#endif
