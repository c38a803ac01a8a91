/*
 * paint: how a message looks on a terminal, besides its text.  Pure.
 */
#ifndef CLIENT_PAINT_H
#define CLIENT_PAINT_H

#include "proto/span.h"

/* The control sequence that colours what NAME has sent: the same for the same name, in any case. */
const char *paint_color(const char *name);

/* Ends every colour. */
#define PAINT_PLAIN "\033[m"

/* True if TEXT has NAME as a word, in any case. */
bool paint_mentions(struct span text, const char *name);

#endif
