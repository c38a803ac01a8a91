/* proto/attest.c, message_attest.c, and the way of certificates through a handshake. */
#include <config.h>

#include "proto/line.h"
#include "proto/message_attest.h"
#include "t/proto_fixture.h"
#include "t/pump.h"
#include "t/tap.h"

#include <stdlib.h>

static struct identity adam, eve, relay;
static const struct suite_list all = SUITE_LIST_ALL;

static csc_public_key *public_of(const struct identity *identity) {
    csc_public_key *key = NULL;

    require(csc_private_key_public(identity->key, &key) == CSC_OK, "a public key");
    return key;
}

/* As large as the bounds allow. */
static void fill(struct certificates *chain) {
    chain->count = CSC_CHAIN_MAX;
    for (size_t i = 0; i < CSC_CHAIN_MAX; i++)
        chain->sizes[i] = CSC_CHAIN_BYTES / CSC_CHAIN_MAX;
    memset(chain->bytes, 0xfb, sizeof(chain->bytes));
}

static void make_attest(struct attest *attest, const char *name, const struct identity *identity) {
    csc_public_key *key = public_of(identity);

    memset(attest, 0, sizeof(*attest));
    attest->algorithm = CSC_RSA_PKCS1_SHA256;
    attest->statement_size = attest_statement(attest->statement, span_of(name), key);
    attest->signature_size = CSC_SIGNATURE_MAX;
    memset(attest->signature, 0xfb, CSC_SIGNATURE_MAX);
    fill(&attest->chain);
    csc_public_key_free(key);
}

static bool same(const struct attest *a, const struct attest *b) {
    return a != NULL && memcmp(a, b, sizeof(*a)) == 0;
}

static void test_statement(void) {
    static const char begin[] = "\0\0\0\x13"
                                "chatsecure/1 attest\0\0\0\4adam";
    csc_public_key *mine = public_of(&adam), *others = public_of(&eve);
    const struct csc_part der = csc_public_key_der(mine);
    static struct attest attest;

    make_attest(&attest, "Adam", &adam);
    IS_INT(attest.statement_size, sizeof(begin) - 1 + 4 + der.size, "a statement is three pieces with their lengths");
    IS_MEM(attest.statement, begin, sizeof(begin) - 1, "the label, the name in lower case,");
    IS_MEM(attest.statement + sizeof(begin) - 1 + 4, der.data, der.size, "and the key");
    OK(attest_is_for(&attest, SPAN("aDAM"), mine), "it is for that name in any case");
    OK(!attest_is_for(&attest, SPAN("Adams"), mine), "for no other name");
    OK(!attest_is_for(&attest, SPAN("Adam"), others), "for no other key");
    attest.statement_size--;
    OK(!attest_is_for(&attest, SPAN("Adam"), mine), "nor cut");
    csc_public_key_free(mine);
    csc_public_key_free(others);
}

static void test_text(void) {
    /* Its digits would be base64. */
    static const char number[] = "{\"statement\":\"AAAA\",\"algorithm\":\"RSA-PSS-SHA256\",\"signature\":\"AAAA\","
                                 "\"chain\":[1234]}";
    static struct attest attest;
    struct attest *read = NULL;
    struct buffer text = BUFFER_INIT(65536);

    make_attest(&attest, "Adam", &adam);
    IS_INT(attest_to_text(&attest, &text), PROTO_OK, "an attest as a text");
    IS_INT(attest_from_text(&read, (char *)buffer_data(&text), text.size), PROTO_OK, "is read");
    OK(same(read, &attest), "as it was");
    free(read);
    IS_INT(attest_from_text(&read, (char *)buffer_data(&text), text.size - 1), PROTO_E_JSON, "a cut one is not");
    IS_INT(attest_from_text(&read, "{}", 2), PROTO_E_MEMBER, "nor an empty object");
    IS_INT(attest_from_text(&read, number, strlen(number)), PROTO_E_MEMBER, "nor a certificate that is a number");
    buffer_free(&text);
}

static void test_link(void) {
    static struct certificates chain;
    static struct attest attest;
    struct link_pair pair;
    struct link_event event;

    fill(&chain);
    make_attest(&attest, "Adam", &adam);
    adam.attest = &attest;
    relay.chain = &chain;
    link_pair_make(&pair, &adam, &relay, &all, &all);
    OK(pair.to_server.size <= LINE_MAX_HANDSHAKE, "the largest attest fits: %zu bytes", pair.to_server.size);
    link_feed(pair.server, &pair.to_server, SIZE_MAX);
    IS_INT(link_next(pair.server, &event), 1, "and is read");
    OK(same(link_peer_attest(pair.server), &attest), "as it was");
    OK(link_peer_chain(pair.server) == NULL, "a client shows no chain");
    OK(attest_is_for(link_peer_attest(pair.server), span_of(link_peer_name(pair.server)), link_peer_key(pair.server)),
       "it is for the name and the key");
    require(link_accept(pair.server, &pair.to_client) == PROTO_OK, "phase 2");
    OK(pair.to_client.size <= LINE_MAX_HANDSHAKE, "the largest chain fits: %zu bytes", pair.to_client.size);
    link_feed(pair.client, &pair.to_client, SIZE_MAX);
    IS_INT(link_next(pair.client, &event), 1, "and is read");
    OK(link_peer_chain(pair.client) != NULL && memcmp(link_peer_chain(pair.client), &chain, sizeof(chain)) == 0,
       "as it was");
    OK(link_peer_attest(pair.client) == NULL, "a server shows no attest");
    require(link_accept(pair.client, &pair.to_server) == PROTO_OK, "phase 3");
    link_feed(pair.server, &pair.to_server, SIZE_MAX);
    require(link_next(pair.server, &event) == 1 && link_verify(pair.server) == PROTO_OK, "its proof");
    OK(same(link_peer_attest(pair.server), &attest), "the attest is still there when the key is proven");
    require(link_register(pair.server, 1, &pair.to_client) == PROTO_OK, "phase 4");
    link_feed(pair.client, &pair.to_client, SIZE_MAX);
    IS_INT(link_next(pair.client, &event), 1, "and the session stands");
    OK(link_peer_chain(pair.client) == NULL && link_peer_attest(pair.server) == NULL, "when they are gone");
    link_pair_free(&pair);
    adam.attest = NULL;
    relay.chain = NULL;
}

/* What Eve's side is shown of Adam's attest, and the other way round. */
static void test_conversation(void) {
    static struct attest adams, eves;
    struct pump *pump = calloc(1, sizeof(*pump));

    require(pump != NULL, "memory");
    make_attest(&adams, "Adam", &adam);
    make_attest(&eves, "Eve", &eve);
    adam.attest = &adams;
    eve.attest = &eves;
    pump_make(pump, &adam, &eve);
    IS_INT(pump_send(pump, &pump->adam, 1, "hello"), PROTO_OK, "a text");
    pump_run(pump);
    OK(same(pump->eve.attest, &adams), "the one who is called sees the caller's attest");
    OK(same(pump->adam.attest, &eves), "and the caller that of the one called");
    IS_INT(party_count(&pump->adam, CONVERSATION_EVENT_DELIVERED), 1, "and the text arrives");
    pump_free(pump);
    adam.attest = eve.attest = NULL;

    adam.attest = &adams;
    pump_make(pump, &adam, &eve);
    IS_INT(pump_send(pump, &pump->eve, 1, "hello"), PROTO_OK, "a text of somebody without one");
    pump_run(pump);
    OK(same(pump->eve.attest, &adams) && pump->adam.attest == NULL, "for somebody with one");
    adam.attest = NULL;
    IS_INT(party_count(&pump->eve, CONVERSATION_EVENT_DELIVERED), 1, "arrives");
    pump_free(pump);
    free(pump);
}

int main(void) {
    identity_load(&adam, "adam");
    identity_load(&eve, "eve");
    identity_load(&relay, "relay");
    test_statement();
    test_text();
    test_link();
    test_conversation();
    identity_free(&adam);
    identity_free(&eve);
    identity_free(&relay);
    return tap_done();
}
