#include <config.h>

#include "proto/handshake_state.h"

/* ---- what is known so far ------------------------------------------------------------------------ */

const char *handshake_peer_fingerprint(const struct handshake *handshake) {
    return handshake->fingerprint;
}

const csc_public_key *handshake_peer_key(const struct handshake *handshake) {
    return handshake->peer_key;
}

const struct certificates *handshake_peer_chain(const struct handshake *handshake) {
    return handshake->peer_chain;
}

const struct attest *handshake_peer_attest(const struct handshake *handshake) {
    return handshake->peer_attest;
}

bool handshake_is_answered(const struct handshake *handshake) {
    return handshake->role == HANDSHAKE_RESPONDER && handshake->id[0] != '\0';
}

bool handshake_is_proving(const struct handshake *handshake) {
    return handshake->step == STEP_READ_4;
}

bool handshake_is_complete(const struct handshake *handshake) {
    return handshake->step == STEP_COMPLETE;
}

csc_public_key *handshake_take_peer_key(struct handshake *handshake) {
    csc_public_key *key = handshake->step == STEP_COMPLETE ? handshake->peer_key : NULL;

    if (key != NULL)
        handshake->peer_key = NULL;
    return key;
}

enum suite handshake_suite(const struct handshake *handshake) {
    return handshake->suite;
}

struct span handshake_id(const struct handshake *handshake) {
    return span_of(handshake->id);
}

struct span handshake_offer_id(const struct handshake *handshake) {
    return span_of(handshake->offer_id);
}

/* ---- what comes of it ---------------------------------------------------------------------------- */

int handshake_channels(struct handshake *handshake, struct channel_sender **sender,
                       struct channel_receiver **receiver) {
    const bool initiator = handshake->role == HANDSHAKE_INITIATOR;
    const struct schedule_keys *keys = &handshake->keys;
    struct channel_sender *made = NULL;
    int error;

    if (handshake->use != HANDSHAKE_CONNECT || handshake->handed_out ||
        handshake->step != (initiator ? STEP_READ_4 : STEP_FINISH))
        return PROTO_E_STATE;
    error = initiator
                ? channel_sender_new(&made, handshake->suite, keys->connect.initiator_key, keys->connect.initiator_mac)
                : channel_sender_new(&made, handshake->suite, keys->connect.responder_key, keys->connect.responder_mac);
    if (error == PROTO_OK)
        error = initiator ? channel_receiver_new(receiver, handshake->suite, keys->connect.responder_key,
                                                 keys->connect.responder_mac)
                          : channel_receiver_new(receiver, handshake->suite, keys->connect.initiator_key,
                                                 keys->connect.initiator_mac);
    if (error != PROTO_OK) {
        channel_sender_free(made);
        return error;
    }
    csc_wipe(&handshake->keys.connect, sizeof(handshake->keys.connect));
    handshake->handed_out = true;
    *sender = made;
    return PROTO_OK;
}

int handshake_ratchet(struct handshake *handshake, struct ratchet **ratchet) {
    int error;

    if (handshake->use != HANDSHAKE_PEER || handshake->handed_out || handshake->step != STEP_COMPLETE)
        return PROTO_E_STATE;
    error = ratchet_new(ratchet, &(struct ratchet_config){
                                     .suite = handshake->suite,
                                     .transcript = handshake->keys.transcript,
                                     .root = handshake->keys.peer.root,
                                     .secret = handshake->ratchet_secret,
                                     .peer = handshake->ratchet_peer,
                                     .initiator = handshake->role == HANDSHAKE_INITIATOR,
                                 });
    handshake_wipe_keys(handshake);
    handshake->handed_out = true;
    return error;
}
