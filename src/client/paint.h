/*
 * paint: colours for the names of senders, and whether a message mentions its receiver.  Pure.
 */
#ifndef CLIENT_PAINT_H
#define CLIENT_PAINT_H

#include "proto/span.h"

/* The control sequence for the colour of NAME: always the same for a name, whatever its case.  Static. */
const char *paint_color(const char *name);

/* The control sequence that ends every colour. */
#define PAINT_PLAIN "\033[m"

/* True if NAME stands in TEXT as a word, in any case. */
bool paint_mentions(struct span text, const char *name);

#endif
