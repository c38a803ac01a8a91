/*
 * json_request: a line of input of a program, as JSON.
 *
 * {"to":"Eve,Bob","text":"hello"} is a message, {"command":"list"} a command.  Pure.
 *
 * chatsecure(1), "JSON".
 */
#ifndef CLIENT_JSON_REQUEST_H
#define CLIENT_JSON_REQUEST_H

#include "src/client/commands.h"

/* Reads LINE.  Spans of REQUEST point into MEMORY, which is filled anew; `to` is empty if the line names nobody.  What
 * is REQUEST_UNKNOWN has its reason in *WHY.  PROTO_E_MEMORY, PROTO_E_FULL. */
int json_request_parse(struct buffer *memory, struct span line, struct request *request, const char **why)
    __attribute__((warn_unused_result));

#endif
