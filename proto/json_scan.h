/*
 * json_scan: the strict check that a line passes before anything else reads it.
 *
 * Takes one JSON object of RFC 8259 in the subset of the protocol: nesting, number of values and
 * kinds of numbers bounded, no duplicate member, no bare control byte, valid UTF-8, no lone surrogate,
 * no NUL, nothing after the object.  One pass, no allocation.  On the way it finds the top-level
 * members the caller asks for, so that the relay needs no tree.  Pure.
 *
 * chatsecure-protocol(7), "JSON".
 */
#ifndef PROTO_JSON_SCAN_H
#define PROTO_JSON_SCAN_H

#include "proto/buffer.h"

/* Depth of objects and arrays, the outermost counted; and values of every kind, it included.  They
 * bound what the parser behind the scanner allocates: at json-c's 260 bytes a value, half a megabyte. */
#define JSON_DEPTH_MAX  6
#define JSON_VALUES_MAX 2048

enum json_kind { JSON_NONE, JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_INTEGER, JSON_BOOLEAN, JSON_NULL };

/* A top-level member to find.  The caller sets `name`; the scanner the rest, JSON_NONE if absent. */
struct json_member {
    struct span name;
    enum json_kind kind;
    struct span value; /* the bytes of the value; of a string, between its quotes */
    bool escaped;      /* the string has a backslash in it */
};

/* Checks TEXT of SIZE bytes and fills in COUNT MEMBERS.  PROTO_E_JSON; MEMBERS are undefined then. */
int json_scan(const char *text, size_t size, struct json_member *members, size_t count)
    __attribute__((warn_unused_result));

/* Resolves the escapes of a scanned string's VALUE in place, at DATA, which is where VALUE points; returns the new
 * size.  For scanned strings only: it checks nothing again. */
size_t json_unescape(char *data, size_t size);

#endif
