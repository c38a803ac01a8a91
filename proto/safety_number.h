/*
 * safety_number: the digits that two people compare to know that nobody is between them.
 *
 * Made from the two identity keys alone, so that both sides, and whoever has both fingerprints, find the same: thirty
 * digits each key, the smaller ones first.  To find a key that shows the digits of another, an attacker has to try
 * about 10^30 keys, each at the cost of thousands of hashes.
 * Pure.
 *
 * chatsecure-protocol(7), "Safety numbers".
 */
#ifndef PROTO_SAFETY_NUMBER_H
#define PROTO_SAFETY_NUMBER_H

#include "proto/span.h"
#include <stdbool.h>

/* Digits, and the NUL. */
#define SAFETY_NUMBER_DIGITS 60
#define SAFETY_NUMBER_SIZE   (SAFETY_NUMBER_DIGITS + 1)

/* Groups of five with a space between them, and the NUL. */
#define SAFETY_NUMBER_GROUP     5
#define SAFETY_NUMBER_TEXT_SIZE (SAFETY_NUMBER_DIGITS + SAFETY_NUMBER_DIGITS / SAFETY_NUMBER_GROUP)

/* The digits for the keys of two fingerprints, in either order.  Takes some milliseconds.  PROTO_E_KEY if one is no
 * fingerprint. */
int safety_number(char out[static SAFETY_NUMBER_SIZE], const char *one, const char *other)
    __attribute__((warn_unused_result));

/* DIGITS for people to read. */
void safety_number_text(char out[static SAFETY_NUMBER_TEXT_SIZE], const char digits[static SAFETY_NUMBER_SIZE]);

/* True if TEXT is these DIGITS, with blanks between them or not. */
bool safety_number_equal(const char digits[static SAFETY_NUMBER_SIZE], struct span text);

#endif
