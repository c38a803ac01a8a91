/*
 * suite: cipher suites and ordered lists of them.  Pure.
 *
 * chatsecure-protocol(7), "Cipher suites".
 */
#ifndef PROTO_SUITE_H
#define PROTO_SUITE_H

#include "crypto/cscrypto.h"
#include "proto/span.h"

/* Strongest first. */
enum suite { SUITE_AES_256, SUITE_AES_128, SUITE_COUNT };

struct suite_list {
    enum suite suites[SUITE_COUNT]; /* in order of preference, none twice */
    size_t count;
};

/* All suites, strongest first. */
#define SUITE_LIST_ALL ((struct suite_list){{SUITE_AES_256, SUITE_AES_128}, SUITE_COUNT})

/* The name on the wire; a static string. */
const char *suite_name(enum suite suite);

/* The short name for people: "AES-256", "AES-128". */
const char *suite_short_name(enum suite suite);

enum csc_cipher suite_cipher(enum suite suite);

/* Finds a suite by its name on the wire.  False if there is none. */
bool suite_from_name(struct span name, enum suite *suite);

bool suite_list_has(const struct suite_list *list, enum suite suite);

/* Appends SUITE unless the list has it. */
void suite_list_add(struct suite_list *list, enum suite suite);

/* Reads a list for a program's option: names of either kind with commas between them, at least one.  False, and
 * *BAD is the part that is no suite, for anything else. */
bool suite_list_parse(struct suite_list *list, const char *text, struct span *bad);

/* What is in both lists, in the order of FIRST. */
struct suite_list suite_list_common(const struct suite_list *first, const struct suite_list *second);

#endif
