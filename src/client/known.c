#include <config.h>

#include "src/client/known.h"

#include "src/client/qr_code.h"
#include "src/client/roster.h"

#include <stdio.h>
#include <unistd.h>

static bool has_session(void *context, const char *name) {
    const struct peers *peers = context;

    for (size_t i = 0; i < peers->count; i++) {
        const struct conversation *conversation = peers->list[i].conversation;

        if (name_equal(span_of(conversation_peer(conversation)), span_of(name)))
            return conversation_is_ready(conversation);
    }
    return false;
}

/* A word as a string; one that is too long for any name is none. */
static void copy_word(char *out, size_t size, struct span word) {
    snprintf(out, size, "%.*s", (int)word.size, word.data);
}

static enum exit_status run(struct client *client, const struct request *request, struct buffer *out,
                            struct diagnostic *said) {
    const struct trust *trust = &client->config->trust;
    char name[TRUST_NAME_SIZE] = "";
    char fingerprint[CSC_FINGERPRINT_SIZE + 1] = "";

    if (request->operand_count > 0)
        copy_word(name, sizeof(name), request->operands[0]);
    switch (request->command) {
    case COMMAND_TRUST:
        copy_word(fingerprint, sizeof(fingerprint), request->operands[1]);
        return roster_trust(trust, name, fingerprint, said);
    case COMMAND_UNTRUST:
        return roster_untrust(trust, name, said);
    case COMMAND_PEERS:
        return roster_peers(trust, has_session, &client->peers, out, said);
    default:
        return roster_verify(trust, client->config->identity->fingerprint, name, request->rest,
                             client->config->interactive && qr_code_is_possible(STDOUT_FILENO), out, said);
    }
}

int known_command(struct client *client, const struct request *request, unsigned long number) {
    struct buffer out = BUFFER_INIT(ROSTER_PEERS_MAX);
    struct diagnostic said = {""};
    enum exit_status status = run(client, request, &out, &said);
    int error = out.size > 0 ? console_answer(client->console, buffer_span(&out)) : PROTO_OK;

    buffer_free(&out);
    if (status == STATUS_USAGE)
        client_bad_line(client, number, said.text);
    else if (status != STATUS_OK)
        client_fail(client, status, "%s", said.text);
    else if (said.text[0] != '\0')
        console_notice(client->console, "%s", said.text);
    return error;
}
