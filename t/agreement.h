/*
 * agreement: what two ways of reading the same text must agree on.
 *
 * For the unit tests and the fuzzers, which give it any text there is.
 */
#ifndef CHATSECURE_T_AGREEMENT_H
#define CHATSECURE_T_AGREEMENT_H

#include "proto/message.h"

/*
 * What the scanner accepts, json-c accepts with message.c's settings, as a tree within the scanner's bounds and with
 * the members that the scanner finds.  Sets *ACCEPTED to what the scanner says.
 */
bool json_agrees(const char *text, size_t size, bool *accepted);

/*
 * message_route() against message_parse().  What the long way takes the short way takes, with the same type, source,
 * destination and id; and what the short way takes is at least JSON of a type that a client may send.  The short way is
 * stricter in two things: a relayed message has a destination, and names are no longer than names are, escapes counted.
 * NULL, or what the two do not agree on.
 */
const char *message_disagreement(const char *text, size_t size);

#endif
