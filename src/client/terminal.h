/*
 * terminal: shows a prompt, the line that is typed behind it, and lines that arrive above it.
 *
 * While a prompt is set the terminal is in raw mode, and this program draws the line being typed.  Whatever else is
 * shown goes through terminal_print(), which takes the typed line off the screen first; terminal_show() puts it back
 * below, with its text and cursor.  All of it goes through one queue, so nothing is torn.  A finished line stays on the
 * screen, and terminal_mark() can put a mark behind it for as long as it is certain where it is (rows.h).  On a
 * terminal without cursor movement (TERM unset or "dumb") the kernel edits lines, and the prompt is just printed again
 * after what arrives.  The mode of the terminal is restored by terminal_free(), at exit, while the program is stopped,
 * and when a signal kills it.  Single owner, and one at a time, since there is one mode to restore.  Errors: 0,
 * PROTO_E_MEMORY or PROTO_E_FULL.
 */
#ifndef CLIENT_TERMINAL_H
#define CLIENT_TERMINAL_H

#include "src/client/completion.h"
#include "src/client/editor.h"
#include "src/client/input.h"
#include "src/client/output.h"
#include "src/client/rows.h"

/* Columns of the longest prompt, "[HH:MM:SS] [NAME-18446744073709551615] ", and room for a question. */
#define TERMINAL_PROMPT_SIZE 128

struct terminal;

/* Reads keys from FD and shows on SCREEN, both borrowed and of the same terminal.  NULL: out of memory. */
struct terminal *terminal_new(int fd, struct output *screen);

/* Restores the mode of the terminal, and wipes what was typed.  NULL is legal. */
void terminal_free(struct terminal *terminal);

/* Sets the PROMPT, at most TERMINAL_PROMPT_SIZE bytes of plain text; "": no line is asked for. */
void terminal_set_prompt(struct terminal *terminal, const char *prompt);

/* Sets the status line above the prompt, at most terminal_status_columns() wide; "": none.  A terminal without cursor
 * movement has 0 columns for it. */
void terminal_set_status(struct terminal *terminal, const char *status);
size_t terminal_status_columns(const struct terminal *terminal);

/* OFFER is called with CONTEXT when Tab is pressed, and offers all known words to COMPLETION (completion.h). */
typedef void terminal_offer(void *context, struct completion *completion);
void terminal_set_completer(struct terminal *terminal, terminal_offer *offer, void *context);

/* Shows TEXT, whole lines that are safe for a terminal, above the line being typed. */
int terminal_print(struct terminal *terminal, struct span text) __attribute__((warn_unused_result));

/* Columns that are kept free behind each line that is typed, for a mark. */
#define TERMINAL_MARK_COLUMNS 4

/* Puts MARK, WIDTH columns wide, with no control sequences but colours, behind line NUMBER, in place of a mark that is
 * there.  *DONE is false if the line can no longer be reached, or has no room for it. */
int terminal_mark(struct terminal *terminal, unsigned long number, struct span mark, size_t width, bool *done)
    __attribute__((warn_unused_result));

/* True if the prompt and the line being typed are on the screen. */
bool terminal_is_shown(const struct terminal *terminal);

/* True if a line has been begun, and is not finished. */
bool terminal_is_typing(const struct terminal *terminal);

/* Puts the prompt and the line being typed on the screen, if a prompt is set. */
int terminal_show(struct terminal *terminal) __attribute__((warn_unused_result));

/* Takes them off the screen. */
int terminal_hide(struct terminal *terminal) __attribute__((warn_unused_result));

/* Reads the keys that wait, once, and gives finished lines to INPUT, in which no line waits; ends INPUT at the end of
 * the terminal's input. */
int terminal_read(struct terminal *terminal, struct input *input) __attribute__((warn_unused_result));

/* The size of the screen has changed. */
int terminal_resize(struct terminal *terminal) __attribute__((warn_unused_result));

/* The program is going to be stopped: restores the terminal's mode for the shell. */
void terminal_suspend(struct terminal *terminal);

/* The program goes on: takes the terminal again. */
int terminal_resume(struct terminal *terminal) __attribute__((warn_unused_result));

#endif
