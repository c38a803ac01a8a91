/*
 * net: TCP addresses and sockets.
 *
 * Every socket made here is non-blocking and close-on-exec, and connections have TCP_NODELAY: both
 * ends write what belongs together in one call, and waiting for more would only add a delay.
 * Errors: 0 or more on success, else -errno, unless a function says otherwise.  Any thread.
 */
#ifndef COMMON_NET_H
#define COMMON_NET_H

#include "src/common/diagnostic.h"
#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define NET_PORT_DEFAULT 24723

/* A host name has at most 253 characters; an IPv6 address with its zone fewer. */
#define NET_HOST_SIZE 256

/* "[host]:port", with its NUL. */
#define NET_ENDPOINT_SIZE (NET_HOST_SIZE + 16)

/* "[address%zone]:port" */
#define NET_TEXT_SIZE 80

struct net_endpoint {
    char host[NET_HOST_SIZE]; /* without brackets; "" stands for every address of this machine */
    uint16_t port;            /* 0: any free one, for listening */
};

/*
 * Reads HOST, HOST:PORT, [V6], [V6]:PORT, or a bare IPv6 address, which has no port; `*` and an empty host stand for
 * every address.  PORT is DEFAULT_PORT where there is none.  -EINVAL and WHY.
 */
int net_parse(struct net_endpoint *endpoint, const char *text, uint16_t default_port, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* "host:port", with brackets where they are needed. */
void net_endpoint_text(char *out, size_t size, const struct net_endpoint *endpoint);

/* Looks ENDPOINT up, which may block for as long as the system's resolver does.  *LIST is freed with freeaddrinfo().
 * -EHOSTUNREACH and WHY. */
int net_resolve(struct addrinfo **list, const struct net_endpoint *endpoint, bool to_listen, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* A listening socket for ADDRESS; an IPv6 one takes IPv6 only, so that both families can have the port. */
int net_listen(const struct addrinfo *address) __attribute__((warn_unused_result));

/* What waits in the kernel, before it is on its way, for the peer of a connection that was accepted: enough for it to
 * go on while the program fetches more, and little beside what a program queues for a peer.  Linux keeps to it. */
#define NET_UNSENT_MAX (128 * 1024)

/* Takes a waiting connection of LISTENER.  PEER, and in words TEXT, of NET_TEXT_SIZE, get the peer's address.  -EAGAIN
 * if none waits. */
int net_accept(int listener, struct sockaddr_storage *peer, char *text) __attribute__((warn_unused_result));

/* Starts a connection to ADDRESS and returns its socket; poll() says that it is writable when net_connect_result() is
 * due. */
int net_connect_start(const struct addrinfo *address) __attribute__((warn_unused_result));

/* 0 if the connection of FD stands, -errno if it failed. */
int net_connect_result(int fd) __attribute__((warn_unused_result));

/* The address in numbers as "host:port" into TEXT of NET_TEXT_SIZE; "?" if it cannot be told. */
void net_text(char *text, const struct sockaddr *address, socklen_t size);

/* The same for the address that FD itself is bound to. */
void net_local_text(char *text, int fd);

#endif
