/*
 * conversation_fixture: what the tests of proto/conversation.c and its parts share.
 *
 * A program loads the identities, runs each of its tests between two conversations of their own, and ends:
 *
 *     fixture_begin();
 *     RUN(test_both_ways);
 *     return fixture_done();
 *
 * One thread; a failure of set-up ends the program.
 */
#ifndef CHATSECURE_T_CONVERSATION_FIXTURE_H
#define CHATSECURE_T_CONVERSATION_FIXTURE_H

#include "t/pump.h"
#include "t/tap.h"

/* Those of t/keys, between fixture_begin() and fixture_done().  A test is between Adam and Eve; Mallory is who would
 * like to be one of them. */
extern struct identity adam, eve, mallory;

void fixture_begin(void);

/* Frees the identities.  What main() is to return, as of tap_done(). */
int fixture_done(void);

/* Runs TEST, named NAME, with a pump of its own. */
void fixture_run(const char *name, void (*test)(struct pump *pump));
#define RUN(test) fixture_run(#test, test)

/* The bodies that PARTY has received, each followed by "\n", are WANTED. */
bool texts_are(const struct party *party, const char *wanted);

/* The last message of PARTY's that failed did so for FAILURE. */
bool failed_with(const struct party *party, enum conversation_failure failure);

/* A filter for the pump that loses everything. */
bool lose(struct pump *pump, struct party *from, char *payload, size_t size);

/* Gives TO a client-disconnect from FROM for REASON, about SESSION unless it is NULL and the message ID unless it is
 * "", and carries what comes of it.  What conversation_receive() has returned. */
int pass_disconnect(struct pump *pump, struct party *to, const struct party *from, const char *reason,
                    const uint8_t *session, const char *id);

/* The same about no session and no message; a test that it is taken. */
void give_disconnect(struct pump *pump, struct party *to, const struct party *from, const char *reason);

#endif
