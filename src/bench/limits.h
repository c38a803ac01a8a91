/*
 * limits: what the machine does at best with the parts that a relay is made of.
 *
 * Measured beside the server itself, in the same run, so that the ratio holds on any machine.
 * Errors: 0 or -1 with WHY.
 */
#ifndef BENCH_LIMITS_H
#define BENCH_LIMITS_H

#include "src/bench/trials.h"

/* Microseconds of CPU that the relay's work on a message takes without sockets: a secure line is scanned, decoded,
 * opened, its payload scanned for the route, and sealed and encoded again. */
int limit_crypto(const struct traffic *traffic, double *microseconds, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Microseconds of CPU that a process takes which passes the same bytes on over the loopback, and does nothing else. */
int limit_loopback(const struct traffic *traffic, double *microseconds, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Microseconds of CPU of one RSA private operation of the relay, OAEP and all, with the private key at PATH. */
int limit_rsa(const char *path, double *microseconds, struct diagnostic *why) __attribute__((warn_unused_result));

/* Microseconds of CPU of a login with a server's private key at PATH and a user's key. */
struct login_limit {
    double crypto;  /* all that the server computes, with base64, scanning and writing of lines, without sockets */
    double sockets; /* a process that takes connections, passes lines of the same sizes to and fro, and closes */
    double gnutls;  /* the RSA private operation alone as GnuTLS does it, which is nettle's rsa_compute_root_tr() */
};

int limit_login(const char *path, const struct identity *user, struct login_limit *limit, struct diagnostic *why)
    __attribute__((warn_unused_result));

#endif
