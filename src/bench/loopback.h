/*
 * loopback: bare connections over the loopback, for the limits.
 *
 * Single owner.
 */
#ifndef BENCH_LOOPBACK_H
#define BENCH_LOOPBACK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

/* A socket that listens on a free port, which ADDRESS is set to; -1. */
int loopback_listen(struct sockaddr_in *address) __attribute__((warn_unused_result));

/* A connection to there; -1. */
int loopback_connect(const struct sockaddr_in *address) __attribute__((warn_unused_result));

/* The next of those that have connected; -1. */
int loopback_accept(int listener) __attribute__((warn_unused_result));

/* Sends all SIZE bytes of DATA. */
bool loopback_send(int fd, const char *data, size_t size) __attribute__((warn_unused_result));

/* Receives SIZE bytes, whatever they are. */
bool loopback_receive(int fd, size_t size) __attribute__((warn_unused_result));

#endif
