/*
 * qr_code: digits as a picture for a telephone's camera.
 *
 * Drawn with half blocks, two modules a character, white on black by control sequences, so that it can be read on a
 * screen of any colours.  In builds without libqrencode there is none.  Pure but for the environment.
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
