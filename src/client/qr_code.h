/*
 * qr_code: draws digits as a QR code on a terminal.
 *
 * Half blocks put two modules into a character; control sequences make it black on white whatever the colours of the
 * terminal are.  Builds without libqrencode draw nothing.  Pure but for the environment.
 */
#ifndef CLIENT_QR_CODE_H
#define CLIENT_QR_CODE_H

#include "proto/buffer.h"
#include <stdbool.h>

/* True if the terminal at FD can show one: UTF-8, and more than a dumb one. */
bool qr_code_is_possible(int fd);

/* Appends the lines of the code of DIGITS to OUT; nothing without libqrencode.  PROTO_E_MEMORY, PROTO_E_FULL. */
int qr_code_append(struct buffer *out, const char *digits) __attribute__((warn_unused_result));

#endif
