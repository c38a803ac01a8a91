#include <config.h>

#include "proto/error.h"
#include "proto/json_scan.h"
#include "proto/message.h"
#include "src/client/json_request.h"
#include "src/client/recipients.h"

enum { MEMBER_TO, MEMBER_TEXT, MEMBER_COMMAND, MEMBER_ID, MEMBERS };

/* The string of a scanned MEMBER, unescaped where it stands in MEMORY. */
static struct span string_of(struct buffer *memory, const struct json_member *member) {
    char *text = (char *)buffer_data(memory) + (member->value.data - (char *)buffer_data(memory));

    return (struct span){text, member->escaped ? json_unescape(text, member->value.size) : member->value.size};
}

static void read_command(struct span text, struct request *request, const char **why) {
    request_parse(text, request);
    if (request->type == REQUEST_COMMAND)
        return;
    request->type = REQUEST_UNKNOWN;
    *why = "there is no such command";
}

static void read_message(struct buffer *memory, const struct json_member *members, struct request *request,
                         const char **why) {
    *why = "it is no message: \"text\" is a string, and so is \"to\" if it is there";
    if (members[MEMBER_TEXT].kind != JSON_STRING ||
        (members[MEMBER_TO].kind != JSON_NONE && members[MEMBER_TO].kind != JSON_STRING))
        return;
    request->body = string_of(memory, &members[MEMBER_TEXT]);
    if (members[MEMBER_TO].kind == JSON_STRING) {
        request->to = string_of(memory, &members[MEMBER_TO]);
        *why = "\"to\" is no list of recipients";
        if (!recipients_is_list(request->to))
            return;
    }
    if (members[MEMBER_ID].kind != JSON_NONE) {
        *why = "\"id\" is no id: 1 to 64 of A-Z a-z 0-9 - _";
        if (members[MEMBER_ID].kind != JSON_STRING)
            return;
        request->id = string_of(memory, &members[MEMBER_ID]);
        if (!message_id_is_valid(request->id))
            return;
    }
    request->type = REQUEST_MESSAGE;
}

int json_request_parse(struct buffer *memory, struct span line, struct request *request, const char **why) {
    struct json_member members[MEMBERS] = {[MEMBER_TO] = {.name = SPAN("to")},
                                           [MEMBER_TEXT] = {.name = SPAN("text")},
                                           [MEMBER_COMMAND] = {.name = SPAN("command")},
                                           [MEMBER_ID] = {.name = SPAN("id")}};
    int error;

    *request = (struct request){.type = REQUEST_NOTHING};
    buffer_truncate(memory, 0);
    if (line.size == 0)
        return PROTO_OK;
    request->type = REQUEST_UNKNOWN;
    *why = "it is no JSON object";
    if ((error = buffer_append(memory, line.data, line.size)) != PROTO_OK)
        return error;
    if (json_scan((const char *)buffer_data(memory), memory->size, members, MEMBERS) != PROTO_OK)
        return PROTO_OK;
    if (members[MEMBER_COMMAND].kind == JSON_STRING)
        read_command(string_of(memory, &members[MEMBER_COMMAND]), request, why);
    else
        read_message(memory, members, request, why);
    return PROTO_OK;
}
