/*
 * input: splits the bytes of standard input into lines.
 *
 * Bytes go in in pieces of any size, from a pipe or the line editor.  Lines come out one by one, numbered from 1, each
 * with what is wrong with it, if anything.  A line ends with "\n" or "\r\n"; the last one need not.  A line over the
 * limit is reported once, as soon as it is known to be too long, and the rest of it is skipped: nothing is cut short
 * silently, and memory stays bounded whatever comes.  If all of the input is one message (`whole`), it is one line, and
 * keeps its line breaks but for the last.  Reads nothing itself.  Single owner.
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
    INPUT_TOO_LONG, /* its text is empty */
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
    size_t taken;         /* bytes of the line that was taken last, dropped at the next call */
    unsigned long number; /* of that line */
    bool whole;           /* all of the input is one line, even if it is empty */
    bool skipping;        /* inside a line that was too long */
    bool ended;           /* no more bytes will come */
};

#define INPUT_INIT ((struct input){.bytes = BUFFER_INIT(INPUT_LIMIT)})

/* Makes room for up to *SIZE bytes at *ROOM, and sets *SIZE to how many fit; 0 while a whole line waits.
 * PROTO_E_MEMORY. */
int input_reserve(struct input *input, uint8_t **room, size_t *size) __attribute__((warn_unused_result));

/* SIZE bytes have been written to that room. */
void input_commit(struct input *input, size_t size);

/* Makes TEXT all of the input, one whole line.  PROTO_E_MEMORY. */
int input_preset(struct input *input, struct span text) __attribute__((warn_unused_result));

/* No more bytes will come. */
void input_end(struct input *input);

/* Takes the next line.  False: none is complete. */
bool input_next(struct input *input, struct input_line *line);

/* Puts the line that was taken last back: it is the next one. */
void input_put_back(struct input *input);

/* The bytes held, the beginning of a line, after input_next() has returned false. */
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
