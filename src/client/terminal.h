/*
 * terminal: a prompt, the line typed behind it, and lines that arrive above it.
 *
 * While a prompt is set the terminal is raw and the line being typed is this program's to draw.  Whatever else is to be
 * shown goes through terminal_print(), which takes the typed line off the screen first; terminal_show() puts it back
 * under what was printed, text and cursor kept.  All of it goes through one queue, so nothing is torn.
 * A line that was typed stays on the screen, and terminal_mark() puts a mark behind it for as long as it is certain
 * where it is (rows.h).
 * On a terminal without cursor movement (TERM unset or "dumb") lines are edited by the kernel, and the prompt is only
 * printed again.
 * The terminal's mode is restored by terminal_free(), at exit, while the program is stopped, and when a signal kills
 * it. Single owner, and one at a time, since there is one mode to restore.
 */
#ifndef CLIENT_TERMINAL_H
#define CLIENT_TERMINAL_H

#include "src/client/completion.h"
#include "src/client/editor.h"
#include "src/client/input.h"
#include "src/client/output.h"
#include "src/client/progress.h"
#include "src/client/rows.h"

/* Columns of the longest prompt, "[HH:MM:SS] [NAME-18446744073709551615] ", and room for a question. */
#define TERMINAL_PROMPT_SIZE 128

struct terminal;

/* Takes keys from FD and shows on SCREEN, both borrowed, both of the same terminal.  NULL: out of memory. */
struct terminal *terminal_new(int fd, struct output *screen);

/* Restores the mode.  NULL is legal. */
void terminal_free(struct terminal *terminal);

/* Asks for a line behind PROMPT, at most TERMINAL_PROMPT_SIZE bytes of plain text; empty: for none. */
void terminal_set_prompt(struct terminal *terminal, const char *prompt);

/* A line above the prompt that changes, of at most terminal_status_columns(); "": none.  A terminal without cursor
 * movement has 0 columns for it. */
void terminal_set_status(struct terminal *terminal, const char *status);
size_t terminal_status_columns(const struct terminal *terminal);

/* Offers the words there are to COMPLETION, when Tab is pressed. */
typedef void terminal_offer(void *context, struct completion *completion);
void terminal_set_completer(struct terminal *terminal, terminal_offer *offer, void *context);

/* Shows TEXT, whole lines that are safe for a terminal, above the line being typed. */
int terminal_print(struct terminal *terminal, struct span text) __attribute__((warn_unused_result));

/* Columns that are kept free behind each line that was typed. */
#define TERMINAL_MARK_COLUMNS 4

/* Puts MARK, of WIDTH columns and without controls but for colours, behind line NUMBER of the input, or in place of the
 * mark that is there.  *DONE is false if that line can no longer be reached, or has no room for it. */
int terminal_mark(struct terminal *terminal, unsigned long number, struct span mark, size_t width, bool *done)
    __attribute__((warn_unused_result));

/* The prompt and the line being typed are on the screen. */
bool terminal_is_shown(const struct terminal *terminal);

/* A line was begun, and is not finished. */
bool terminal_is_typing(const struct terminal *terminal);

/* Puts them there, if a prompt is set.  They are taken off the screen with terminal_hide(). */
int terminal_show(struct terminal *terminal) __attribute__((warn_unused_result));
int terminal_hide(struct terminal *terminal) __attribute__((warn_unused_result));

/* Reads keys that wait, once, and gives finished lines to INPUT; ends INPUT at the end of the terminal.  INPUT has no
 * line waiting.  0, PROTO_E_MEMORY or PROTO_E_FULL. */
int terminal_read(struct terminal *terminal, struct input *input) __attribute__((warn_unused_result));

/* The size of the screen has changed. */
int terminal_resize(struct terminal *terminal) __attribute__((warn_unused_result));

/* Gives the terminal back to the shell and takes it again, around the stop of the program. */
void terminal_suspend(struct terminal *terminal);
int terminal_resume(struct terminal *terminal) __attribute__((warn_unused_result));

#endif
