/*
 * json_request: reads a line of input as JSON (`-i json`).
 *
 * {"to":"Eve,Bob","text":"hello"} is a message, {"command":"list"} a command.  Pure.
 *
 * chatsecure(1), "JSON".
 */
#ifndef CLIENT_JSON_REQUEST_H
#define CLIENT_JSON_REQUEST_H

#include "src/client/commands.h"

/* Reads LINE into REQUEST, whose spans point into MEMORY, the content of which is replaced.  `to` is empty if the line
 * names nobody.  If it is REQUEST_UNKNOWN, *WHY says why, for people.  PROTO_E_MEMORY, PROTO_E_FULL. */
int json_request_parse(struct buffer *memory, struct span line, struct request *request, const char **why)
    __attribute__((warn_unused_result));

#endif
