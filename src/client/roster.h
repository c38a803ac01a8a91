/*
 * roster: what a user does with the keys on file, from the shell and at the prompt alike.
 *
 * Each call is one command: it returns the exit status that the command comes to, and SAID has what is to be told on
 * standard error, the outcome or what went wrong; it is "" if there is nothing to tell.  STATUS_USAGE is for what no
 * file could answer: a name or a fingerprint that is none, a file that is only read.  Single owner.
 *
 * chatsecure(1), "COMMANDS".
 */
#ifndef CLIENT_ROSTER_H
#define CLIENT_ROSTER_H

#include "proto/buffer.h"
#include "src/client/exit_status.h"
#include "src/client/trust.h"

/* Room for what roster_peers() appends, and roster_verify(). */
#define ROSTER_PEERS_MAX  (4 * TRUST_STORE_MAX)
#define ROSTER_VERIFY_MAX (16 * 1024)

/* NAME is a user's, or HOST:PORT of a server. */
enum exit_status roster_trust(const struct trust *trust, const char *name, const char *fingerprint,
                              struct diagnostic *said);
enum exit_status roster_untrust(const struct trust *trust, const char *name, struct diagnostic *said);

/* True if a session with PEER stands. */
typedef bool roster_has_session(void *context, const char *peer);

/* Appends a line each peer to OUT: name, fingerprint, "verified" or "unverified", the day it is known since or "-", and
 * "session" or "-".  HAS_SESSION may be NULL. */
enum exit_status roster_peers(const struct trust *trust, roster_has_session *has_session, void *context,
                              struct buffer *out, struct diagnostic *said);

/*
 * Compares keys with PEER; OWN is this side's fingerprint.  Without an ANSWER it appends the safety number to OUT, with
 * a QR code if CODE.  The answer "yes", or the number as the peer sees it, marks the key as verified; a number that is
 * another one is STATUS_INTEGRITY.  An empty answer is none.
 */
enum exit_status roster_verify(const struct trust *trust, const char *own, const char *peer, struct span answer,
                               bool code, struct buffer *out, struct diagnostic *said);

/* Appends what is on file of the key that PEER has shown, lines of "PEER WORD ...". */
enum exit_status roster_describe(const struct trust *trust, const char *peer, const char *fingerprint,
                                 struct buffer *out, struct diagnostic *said);

#endif
