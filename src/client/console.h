/*
 * console: the person or the script in front of the program.
 *
 * Messages and answers go to standard output; what is to be known besides goes to standard error, a line each.  Where
 * either is the terminal that lines are typed at, it goes through the terminal's queue, above the line being typed.
 * Everything said here is escaped here.  Single owner.  Errors: 0 or a proto_error; a standard output that cannot be
 * written is told by console_output_error().
 */
#ifndef CLIENT_CONSOLE_H
#define CLIENT_CONSOLE_H

#include "src/client/json_events.h"
#include "src/client/terminal.h"

struct console;

/* Takes the standard descriptors; INTERACTIVE if standard input is a terminal.  JSON: standard output has events only,
 * as lines of JSON, which is never on a terminal that lines are typed at.  NULL: out of memory. */
struct console *console_new(bool interactive, bool json);

/* COLOR: the names of senders have colours.  BELL: a terminal that lines are typed at rings for a message that has its
 * receiver's name in it. */
void console_set_style(struct console *console, bool color, bool bell);

/* Standard output goes through HANDING, borrowed (output.h); not where lines are typed. */
void console_hand_through(struct console *console, struct handing *handing);

/* Writes what still can be written within LINGER milliseconds, and restores the terminal.  NULL is legal. */
void console_free(struct console *console, int linger);

/* The terminal that lines are typed at, or NULL. */
struct terminal *console_terminal(const struct console *console);

/* A message, from a TEXT event: shows it, and marks it (output.h). */
int console_message(struct console *console, const struct json_message *message) __attribute__((warn_unused_result));

/* The same for one that another run has left to be shown (output_hand_through()): it is marked only. */
int console_left(struct console *console, const struct json_message *message) __attribute__((warn_unused_result));

/* One event, a line of JSON, for standard output; MARK, if it is not NULL, comes when it is written. */
int console_event(struct console *console, struct span line, const struct output_mark *mark)
    __attribute__((warn_unused_result));

/* The answer to a command, whole lines of safe text; where standard output has events only it goes to standard error.
 */
int console_answer(struct console *console, struct span text) __attribute__((warn_unused_result));

/* Something to know: one line, "chatsecure: ..." on standard error, without the prefix on a terminal. */
void console_notice(struct console *console, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How far something is: LINE, safe text of less than console_columns(), stands at the bottom of a terminal, above the
 * line being typed if there is one, until it is another; "" takes it away.  Where standard error is no terminal that
 * can do that, there are 0 columns, and nothing is shown. */
void console_progress(struct console *console, const char *line);
size_t console_columns(const struct console *console);
bool console_has_progress(const struct console *console);

/* Writes what the descriptors take now. */
void console_write(struct console *console);

/* The errno of a failed write to standard output, or 0. */
int console_output_error(const struct console *console);

/* The oldest message that standard output has taken. */
bool console_next_mark(struct console *console, struct output_mark *mark);

/* True while so much waits that no more messages should come. */
bool console_is_full(const struct console *console);

/* True when nothing waits. */
bool console_is_empty(const struct console *console);

/* The queues to poll for writing while they have something: standard output's, and the terminal's or NULL. */
struct output *console_output(const struct console *console);
struct output *console_screen(const struct console *console);

/* Appends the time of day of WALL (Unix ms), "[HH:MM:SS] ", to OUT of at least CONSOLE_TIME_SIZE bytes. */
#define CONSOLE_TIME_SIZE 16
void console_time(char out[static CONSOLE_TIME_SIZE], uint64_t wall);

#endif
