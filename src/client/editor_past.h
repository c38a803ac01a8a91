/*
 * editor_past: the part of the editor that brings lines back that were typed before.
 *
 * Private to editor.c.
 */
#ifndef CLIENT_EDITOR_PAST_H
#define CLIENT_EDITOR_PAST_H

#include "src/client/editor.h"

/* The bytes that a terminal sends for Ctrl and a letter, and for Backspace on most keyboards. */
#define CTRL(letter) ((letter)&0x1f)
#define KEY_DELETE   0x7f

/* Brings the line of AGE into the editor; 0 is the new one, which is kept meanwhile.  EDITOR_FULL: there is none so
 * old. */
enum editor_event editor_recall(struct editor *editor, size_t age);

/* Takes BYTE during a search.  EDITOR_NOTHING: it is none of the keys of the search, and has ended it. */
enum editor_event editor_search(struct editor *editor, uint8_t byte);

/* Appends the prompt of a search, with the text searched for, to OUT, and sets *PROMPT to it.  PROTO_E_MEMORY,
 * PROTO_E_FULL. */
int editor_show_search(const struct editor *editor, struct buffer *out, struct span *prompt)
    __attribute__((warn_unused_result));

#endif
