/* proto/conversation_files.c: the steps of sending a file, between two conversations. */
#include <config.h>

#include "t/conversation_fixture.h"

static const uint8_t hash[CSC_SHA256_SIZE] = {1, 2, 3};

static const struct file_fields offer = {
    .type = MESSAGE_FILE_OFFER, .file = SPAN("f1"), .name = SPAN("a name"), .size = 5, .sha256 = hash};
static const struct file_fields data = {.type = MESSAGE_FILE_DATA,
                                        .file = SPAN("f1"),
                                        .offset = 7,
                                        .data = SPAN("\0\xff"
                                                     "abc")};

static int send_step(struct pump *pump, struct party *party, uint64_t token, const struct file_fields *fields) {
    return conversation_send_file(party->conversation, &(struct conversation_file){.token = token, .fields = fields},
                                  pump->now);
}

/* Waits for the next step that PARTY gets, and leaves it to the caller to answer. */
static const struct conversation_event *last_step(struct pump *pump, struct party *party) {
    pump_run(pump);
    return party_last(party, CONVERSATION_EVENT_FILE);
}

static void test_an_offer(struct pump *pump) {
    const struct conversation_event *event;

    IS_INT(send_step(pump, &pump->adam, 1, &offer), PROTO_OK, "an offer is sent");
    if (!OK((event = last_step(pump, &pump->eve)) != NULL, "and arrives"))
        return;
    IS_INT(event->file.type, MESSAGE_FILE_OFFER, "as one");
    IS_STR(event->file.file, "f1", "of that transfer");
    IS_INT(event->file.size, 5, "with its size");
    IS_MEM(event->file.sha256, hash, sizeof(hash), "its hash");
    OK(texts_are(&pump->eve, "a name\n"), "and its name");
    IS_STR(event->fingerprint, adam.fingerprint, "of whose key is known");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 0, "before it is handed on there is no receipt");
    IS_INT(conversation_handed_on(pump->eve.conversation, event->fingerprint, event->id, pump->now), PROTO_OK,
           "then it is handed on");
    pump_wait(pump, CONVERSATION_RECEIPT_DELAY_MS);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 1, "and there is one");
}

static void test_in_order_with_texts(struct pump *pump) {
    IS_INT(send_step(pump, &pump->adam, 1, &offer), PROTO_OK, "an offer");
    IS_INT(pump_send(pump, &pump->adam, 2, "a text"), PROTO_OK, "and a text");
    pump_run(pump);
    OK(texts_are(&pump->eve, "a name\na text\n"), "arrive in order");
}

static void test_data(struct pump *pump) {
    static const enum conversation_event_type wanted[] = {[DATA_WRITTEN] = CONVERSATION_EVENT_DELIVERED,
                                                          [DATA_OUT_OF_ORDER] = CONVERSATION_EVENT_FAILED,
                                                          [DATA_UNKNOWN] = CONVERSATION_EVENT_FAILED};

    for (int fate = DATA_WRITTEN; fate <= DATA_UNKNOWN; fate++) {
        const struct conversation_event *event;

        IS_INT(send_step(pump, &pump->adam, 10 + (uint64_t)fate, &data), PROTO_OK, "data is sent");
        if (!OK((event = last_step(pump, &pump->eve)) != NULL, "and arrives"))
            return;
        IS_INT(event->file.offset, 7, "for its place");
        IS_INT(conversation_answer_data(pump->eve.conversation, event->fingerprint, event->id, (enum data_fate)fate,
                                        pump->now),
               PROTO_OK, "it is answered");
        pump_wait(pump, CONVERSATION_RECEIPT_DELAY_MS);
        event = party_last(&pump->adam, wanted[fate]);
        OK(event != NULL && event->token == 10 + (uint64_t)fate, "and the sender hears it");
        if (fate != DATA_WRITTEN)
            OK(failed_with(&pump->adam, fate == DATA_UNKNOWN ? FAILURE_DECLINED : FAILURE_HANDLER), "as what it is");
    }
    OK(span_equal(buffer_span(&pump->eve.texts), (struct span){"\0\xff"
                                                               "abc\n\0\xff"
                                                               "abc\n\0\xff"
                                                               "abc\n",
                                                               18}),
       "data is any bytes");
}

static void test_once(struct pump *pump) {
    const struct conversation_event *event;

    pump->eve.keeps_receipts = true;
    IS_INT(send_step(pump, &pump->adam, 1, &offer), PROTO_OK, "an offer");
    IS_INT(send_step(pump, &pump->adam, 2, &data), PROTO_OK, "and data");
    pump_run(pump);
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_FILE), 2, "have come");
    give_disconnect(pump, &pump->adam, &pump->eve, "bad-session");
    pump_run(pump);
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_FILE), 3, "after a new session one of them has come again");
    event = party_last(&pump->eve, CONVERSATION_EVENT_FILE);
    IS_INT(event->file.type, MESSAGE_FILE_DATA, "which is the data: its place says whether it was written");
}

/* Steps that come again, in a new session, before they were handed on, and after it when the receipt was lost. */
static void test_receipts_of_those_that_come_again(struct pump *pump) {
    const struct conversation_event *event;

    IS_INT(send_step(pump, &pump->adam, 1, &offer), PROTO_OK, "an offer");
    if (!OK(last_step(pump, &pump->eve) != NULL, "has come"))
        return;
    give_disconnect(pump, &pump->adam, &pump->eve, "bad-session");
    pump_wait(pump, CONVERSATION_RECEIPT_DELAY_MS);
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 0, "again, which is no reason for a receipt");
    event = party_last(&pump->eve, CONVERSATION_EVENT_FILE);
    pump->filter = lose;
    IS_INT(conversation_handed_on(pump->eve.conversation, event->fingerprint, event->id, pump->now), PROTO_OK,
           "when it was handed on");
    pump_wait(pump, CONVERSATION_RECEIPT_DELAY_MS);
    pump->filter = NULL;
    give_disconnect(pump, &pump->adam, &pump->eve, "bad-session");
    pump_wait(pump, CONVERSATION_RECEIPT_DELAY_MS);
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_FILE), 1, "it is not handed on again");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 1, "but has its receipt");
}

static void test_to_one_key_only(struct pump *pump) {
    const struct conversation_file file = {.token = 1, .key = mallory.fingerprint, .fields = &offer};

    IS_INT(conversation_send_file(pump->adam.conversation, &file, pump->now), PROTO_OK, "an offer for another key");
    pump_run(pump);
    OK(failed_with(&pump->adam, FAILURE_UNTRUSTED), "is not sent to this one");
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_FILE), 0, "at all");
}

static void test_what_cannot_be_sent(struct pump *pump) {
    static char longer[MESSAGE_FILE_DATA_MAX + 1];
    struct file_fields bad = data;

    bad.data = (struct span){longer, sizeof(longer)};
    IS_INT(send_step(pump, &pump->adam, 1, &bad), PROTO_E_TOO_LARGE, "more data than there may be");
    bad = offer;
    bad.name = (struct span){longer, MESSAGE_FILE_NAME_MAX + 1};
    IS_INT(send_step(pump, &pump->adam, 1, &bad), PROTO_E_TOO_LARGE, "too long a name");
    bad.name = SPAN("a\0b");
    IS_INT(send_step(pump, &pump->adam, 1, &bad), PROTO_E_TEXT, "a name with a NUL");
    bad.name = SPAN("\xff");
    IS_INT(send_step(pump, &pump->adam, 1, &bad), PROTO_E_TEXT, "one that is not UTF-8");
    IS_INT(conversation_pending(pump->adam.conversation), 0, "nothing is left of them");
    bad = data;
    bad.data = (struct span){longer, MESSAGE_FILE_DATA_MAX};
    IS_INT(send_step(pump, &pump->adam, 1, &bad), PROTO_OK, "as much as there may be");
    pump_run(pump);
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_FILE), 1, "arrives");
}

/* What cannot be written is taken back from behind others, too. */
static void test_taken_back_from_a_queue(struct pump *pump) {
    struct file_fields bad = offer;

    bad.name = SPAN("\xff");
    pump->eve.gone = true;
    IS_INT(pump_send(pump, &pump->adam, 1, "first"), PROTO_OK, "a text waits for a session");
    IS_INT(pump_send(pump, &pump->adam, 2, "second"), PROTO_OK, "another behind it");
    IS_INT(send_step(pump, &pump->adam, 3, &bad), PROTO_E_TEXT, "what is refused behind them");
    IS_INT(conversation_pending(pump->adam.conversation), 2, "is not there");
}

int main(void) {
    fixture_begin();
    RUN(test_an_offer);
    RUN(test_in_order_with_texts);
    RUN(test_data);
    RUN(test_once);
    RUN(test_receipts_of_those_that_come_again);
    RUN(test_to_one_key_only);
    RUN(test_what_cannot_be_sent);
    RUN(test_taken_back_from_a_queue);
    return fixture_done();
}
