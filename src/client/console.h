/*
 * console: what the client shows to the person or the script in front of it.
 *
 * Messages and answers go to standard output; notices go to standard error, a line each.  If either is the terminal at
 * which lines are typed, it goes through the terminal's queue, and appears above the line being typed.  Everything is
 * escaped here.  Single owner.  Errors: 0 or a proto_error; that standard output cannot be written is told by
 * console_output_error().
 */
#ifndef CLIENT_CONSOLE_H
#define CLIENT_CONSOLE_H

#include "src/client/json_events.h"
#include "src/client/terminal.h"

struct console;

/* INTERACTIVE: standard input is a terminal at which lines are typed.  JSON: standard output gets events as lines of
 * JSON, and nothing else; never both.  NULL: out of memory. */
struct console *console_new(bool interactive, bool json);

/* COLOR: colour the names of senders.  BELL: ring a terminal at which lines are typed for a message that mentions its
 * receiver's name. */
void console_set_style(struct console *console, bool color, bool bell);

/* Standard output is written through the journal HANDING, borrowed (output.h).  Not on a terminal where lines are
 * typed. */
void console_hand_through(struct console *console, struct handing *handing);

/* Writes what still can be written within LINGER milliseconds, and restores the terminal.  NULL is legal. */
void console_free(struct console *console, int linger);

/* The terminal at which lines are typed, or NULL. */
struct terminal *console_terminal(const struct console *console);

/* Shows MESSAGE, of a TEXT event; its mark comes out of console_next_mark() when it is written. */
int console_message(struct console *console, const struct json_message *message) __attribute__((warn_unused_result));

/* The same for a message whose text is in the journal already, left there by a run that was killed: only the mark is
 * added. */
int console_left(struct console *console, const struct json_message *message) __attribute__((warn_unused_result));

/* Writes LINE, with its "\n", to standard output; MARK, unless it is NULL, comes out when it is written. */
int console_event(struct console *console, struct span line, const struct output_mark *mark)
    __attribute__((warn_unused_result));

/* Shows the answer to a command: whole lines, escaped by the caller.  With JSON they go to standard error. */
int console_answer(struct console *console, struct span text) __attribute__((warn_unused_result));

/* Tells something in one line on standard error: "chatsecure: ...", on a terminal without the prefix. */
void console_notice(struct console *console, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Shows LINE, escaped by the caller and narrower than console_columns(), as the status line at the bottom of the
 * terminal, above the line being typed if there is one, in place of the one before; "" takes it away. */
void console_progress(struct console *console, const char *line);

/* Columns of the status line; 0 if standard error is no terminal that can show one. */
size_t console_columns(const struct console *console);

/* True while a status line is shown. */
bool console_has_progress(const struct console *console);

/* Writes as much as the descriptors take now. */
void console_write(struct console *console);

/* The errno of a failed write to standard output, or 0. */
int console_output_error(const struct console *console);

/* Takes the mark of the oldest message that has been written.  False: there is none. */
bool console_next_mark(struct console *console, struct output_mark *mark);

/* True while so much waits to be written that no more messages should be taken. */
bool console_is_full(const struct console *console);

/* True when nothing waits. */
bool console_is_empty(const struct console *console);

/* The queues to poll for writing while they are not empty: standard output's, and the terminal's if it is another one,
 * else NULL. */
struct output *console_output(const struct console *console);
struct output *console_screen(const struct console *console);

/* Writes "[HH:MM:SS] ", the local time of day at WALL, Unix milliseconds. */
#define CONSOLE_TIME_SIZE 16
void console_time(char out[static CONSOLE_TIME_SIZE], uint64_t wall);

#endif
