/*
 * text: UTF-8, and what of a stranger's text may reach a terminal or a log.  Pure.
 */
#ifndef PROTO_TEXT_H
#define PROTO_TEXT_H

#include "proto/buffer.h"

/* True for well-formed UTF-8 (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF).
 * A NUL is well-formed. */
bool text_is_utf8(struct span text);

/* Decodes the character at the start of TEXT.  Returns the bytes it takes, 0 if they are not UTF-8. */
size_t text_decode(struct span text, uint32_t *character);

/* False for the characters that text_escape() escapes. */
bool text_is_safe(uint32_t character);

/*
 * Appends TEXT to OUT so that it is nothing but text on one line: control characters (C0, DEL,
 * C1), line and paragraph separators, bidirectional controls, zero-width and other invisible
 * format characters, tags, and bytes that are not UTF-8 are written as \xHH or \u{HHHH}.
 * OUT grows by at most TEXT_ESCAPE_MAX(text.size).  PROTO_E_MEMORY, PROTO_E_FULL.
 */
int text_escape(struct buffer *out, struct span text) __attribute__((warn_unused_result));

/* The same, but tabs stay: for output that is no terminal, where they may mean something to who reads it. */
int text_escape_but_tabs(struct buffer *out, struct span text) __attribute__((warn_unused_result));

/* "\xHH" is the longest thing that one byte becomes. */
#define TEXT_ESCAPE_MAX(size) (4 * (size))

/* The same into a fixed array of SIZE bytes with a NUL, cut (at a character, marked with "...") where it does not
 * fit: for log records.  Returns OUT.  SIZE is at least 8. */
const char *text_escape_cut(char *out, size_t size, struct span text);

#endif
