/*
 * tls: a connection to another server, whose certificate is not looked at.
 *
 * Errors: 0 or -1.  Single owner.
 */
#ifndef BENCH_TLS_H
#define BENCH_TLS_H

#include "proto/buffer.h"
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct tls {
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
    int socket;
};

/* Connects and does the handshake, for at most TIMEOUT milliseconds. */
int tls_connect(struct tls *tls, const struct sockaddr_in *address, uint64_t timeout)
    __attribute__((warn_unused_result));

/* Legal on a zeroed struct whose socket is -1. */
void tls_close(struct tls *tls);

/* Sends DATA of SIZE bytes in one write. */
int tls_send(struct tls *tls, const void *data, size_t size, uint64_t timeout) __attribute__((warn_unused_result));

/* Appends what has come to IN, and does not wait.  1; 0: nothing, or -1: the connection has ended. */
int tls_receive(struct tls *tls, struct buffer *in) __attribute__((warn_unused_result));

/* Waits until something has come, for at most TIMEOUT milliseconds. */
int tls_wait(struct tls *tls, uint64_t timeout) __attribute__((warn_unused_result));

/* Writes a certificate for the private key in the file at KEY, signed by itself, to the file at PATH. */
int tls_make_certificate(const char *key, const char *path) __attribute__((warn_unused_result));

#endif
