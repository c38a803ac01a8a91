/*
 * roster: the commands about the keys on file, for the prompt (known.h) and for the verbs of the shell.
 *
 * Each function is one command and returns its exit status.  SAID is set to what is to be told on standard error, the
 * outcome or what went wrong, or to "".  STATUS_USAGE: the name or fingerprint is not valid, or the file must not be
 * written.  Single owner.
 *
 * chatsecure(1), "COMMANDS".
 */
#ifndef CLIENT_ROSTER_H
#define CLIENT_ROSTER_H

#include "proto/buffer.h"
#include "src/client/exit_status.h"
#include "src/client/trust.h"

/* The most bytes that roster_peers() and roster_verify() append. */
#define ROSTER_PEERS_MAX  (4 * TRUST_STORE_MAX)
#define ROSTER_VERIFY_MAX (16 * 1024)

/* Puts the key of FINGERPRINT on file for NAME, a user or HOST:PORT of a server, in place of any other. */
enum exit_status roster_trust(const struct trust *trust, const char *name, const char *fingerprint,
                              struct diagnostic *said);

/* Removes the key of NAME from the file. */
enum exit_status roster_untrust(const struct trust *trust, const char *name, struct diagnostic *said);

/* True if there is a session with PEER. */
typedef bool roster_has_session(void *context, const char *peer);

/* Appends a line for each known peer to OUT: name, fingerprint, "verified" or "unverified", the day since which it is
 * known or "-", and "session" or "-".  HAS_SESSION, which gets CONTEXT, may be NULL. */
enum exit_status roster_peers(const struct trust *trust, roster_has_session *has_session, void *context,
                              struct buffer *out, struct diagnostic *said);

/*
 * Compares keys with PEER; OWN is the user's fingerprint.  If ANSWER is empty, appends the safety number to OUT, with a
 * QR code if CODE.  If ANSWER is "yes", or the number that the peer sees, marks the key as verified.  A different
 * number is STATUS_INTEGRITY.
 */
enum exit_status roster_verify(const struct trust *trust, const char *own, const char *peer, struct span answer,
                               bool code, struct buffer *out, struct diagnostic *said);

/* Appends what the file says of the key of FINGERPRINT that PEER has shown, in lines "PEER WORD ...". */
enum exit_status roster_describe(const struct trust *trust, const char *peer, const char *fingerprint,
                                 struct buffer *out, struct diagnostic *said);

#endif
