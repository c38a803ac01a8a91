#include <config.h>

#include "t/conversation_fixture.h"

#include <stdlib.h>

struct identity adam, eve, mallory;

void fixture_begin(void) {
    identity_load(&adam, "adam");
    identity_load(&eve, "eve");
    identity_load(&mallory, "mallory");
}

int fixture_done(void) {
    identity_free(&adam);
    identity_free(&eve);
    identity_free(&mallory);
    return tap_done();
}

void fixture_run(const char *name, void (*test)(struct pump *pump)) {
    struct pump *pump = calloc(1, sizeof(*pump));

    if (pump == NULL)
        abort();
    tap_diag("%s", name);
    pump_make(pump, &adam, &eve);
    test(pump);
    pump_free(pump);
    free(pump);
}

bool texts_are(const struct party *party, const char *wanted) {
    return span_equal(buffer_span(&party->texts), span_of(wanted));
}

bool failed_with(const struct party *party, enum conversation_failure failure) {
    const struct conversation_event *event = party_last(party, CONVERSATION_EVENT_FAILED);

    return event != NULL && event->failure == failure;
}

bool lose(struct pump *pump, struct party *from, char *payload, size_t size) {
    (void)pump, (void)from, (void)payload, (void)size;
    return false;
}

int pass_disconnect(struct pump *pump, struct party *to, const struct party *from, const char *reason,
                    const uint8_t *session, const char *id) {
    struct buffer payload = BUFFER_INIT(1024);
    struct message message;
    int error;

    if (message_write_disconnect(&payload, &(struct disconnect_fields){.src = span_of(from->name),
                                                                       .dst = span_of(to->name),
                                                                       .reason = span_of(reason),
                                                                       .session = session,
                                                                       .id = span_of(id)}) != PROTO_OK ||
        message_parse(&message, PLACE_TO_CLIENT, (char *)buffer_data(&payload), payload.size) != PROTO_OK)
        abort();
    error = conversation_receive(to->conversation, &message, buffer_span(&payload), pump->now);
    message_free(&message);
    buffer_free(&payload);
    pump_run(pump);
    return error;
}

void give_disconnect(struct pump *pump, struct party *to, const struct party *from, const char *reason) {
    OK(pass_disconnect(pump, to, from, reason, NULL, "") == PROTO_OK, "client-disconnect %s is taken", reason);
}
