/*
 * pump: the programs' state machines back to back in memory.
 *
 * For the unit tests and the fuzzers: identities from t/keys, a client's and a server's link joined by two buffers, and
 * two conversations joined by a relay that tests may tell to lose, refuse or change what passes.  Time stands still
 * unless a test moves it.
 */
#ifndef CHATSECURE_T_PUMP_H
#define CHATSECURE_T_PUMP_H

#include "proto/conversation.h"
#include "proto/line.h"
#include "proto/link.h"

/* ---- identities ------------------------------------------------------------------------------- */

struct identity {
    csc_private_key *key;
    char pem[1024];
    char fingerprint[CSC_FINGERPRINT_SIZE];
    const struct certificates *chain; /* to show, or NULL; borrowed */
    const struct attest *attest;
};

/* Loads t/keys/NAME.pem.  Ends the program if it cannot. */
void identity_load(struct identity *identity, const char *name);
void identity_free(struct identity *identity);

/* ---- a client and a server ---------------------------------------------------------------------- */

struct link_pair {
    struct link *client, *server;
    struct buffer to_server, to_client;
};

void link_pair_make(struct link_pair *pair, const struct identity *client, const struct identity *server,
                    const struct suite_list *client_suites, const struct suite_list *server_suites);
void link_pair_free(struct link_pair *pair);

/* Gives LINK the bytes of FROM, at most SIZE of them, which are consumed. */
void link_feed(struct link *link, struct buffer *from, size_t size);

/* Runs the handshake to its end; the first error of either side, or PROTO_OK when both have a session. */
int link_pair_connect(struct link_pair *pair);

/* ---- two clients and a relay --------------------------------------------------------------------- */

#define PUMP_EVENTS_MAX 4096

/* What one side has seen: its events in order, without bodies, and the bodies of its texts, and of the steps of files,
 * in a row. */
struct party {
    struct conversation *conversation;
    const struct identity *identity;
    const char *name, *peer_name;
    struct conversation_event events[PUMP_EVENTS_MAX];
    size_t event_count;
    struct buffer texts;             /* each followed by "\n" */
    struct text_signature signature; /* of the last text; its size is 0 if that had none */
    struct attest *attest;           /* that was last shown with a key, or NULL */
    bool signs;                      /* its texts */
    bool distrusts;                  /* answers no to every key */
    const char *answers_for;         /* answers for this fingerprint, whichever was shown; NULL: for that */
    bool shows;                      /* a person is shown what is handed on; for pump_restart() */
    bool keeps_receipts;             /* never hands anything on */
    bool gone;                       /* the relay knows nobody of this name */
    bool full;                       /* its queue is full */
};

struct pump {
    struct party adam, eve;
    struct suite_list suites;
    uint64_t now;
    size_t passed; /* payloads relayed */
    /* Looks at a payload, and may change it or, by returning false, lose it.  NULL: all pass. */
    bool (*filter)(struct pump *pump, struct party *from, char *payload, size_t size);
};

void pump_make(struct pump *pump, const struct identity *adam, const struct identity *eve);
void pump_free(struct pump *pump);

/* A new conversation for PARTY, as after a restart of its program. */
void pump_restart(struct pump *pump, struct party *party);

/* Carries payloads until nothing moves. */
void pump_run(struct pump *pump);

/* The same after MS milliseconds have gone by. */
void pump_wait(struct pump *pump, uint64_t ms);

/* Sends TEXT from PARTY under TOKEN. */
int pump_send(struct pump *pump, struct party *party, uint64_t token, const char *text);

/* The number of PARTY's events of TYPE, and the last of them, or NULL. */
size_t party_count(const struct party *party, enum conversation_event_type type);
const struct conversation_event *party_last(const struct party *party, enum conversation_event_type type);

#endif
