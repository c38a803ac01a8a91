/*
 * control_socket: Unix sockets as both sides of the control use them.
 *
 * The address of such a socket has little room, some hundred bytes, and the path of a state directory may be longer:
 * then it is named through a descriptor of the folder, where the system has /proc.
 */
#ifndef SERVER_CONTROL_SOCKET_H
#define SERVER_CONTROL_SOCKET_H

#include "src/common/diagnostic.h"
#include <sys/socket.h>
#include <sys/un.h>

struct control_address {
    struct sockaddr_un socket;
    int folder; /* that `socket` goes through, or -1 */
};

#define CONTROL_ADDRESS_INIT                                                                                           \
    { .folder = -1 }

/* The address of FILE in DIR.  -1 with WHY. */
int control_address(struct control_address *address, const char *dir, const char *file, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Legal on CONTROL_ADDRESS_INIT. */
void control_address_free(struct control_address *address);

/* A socket, or one that was accepted, closed on exec.  -1 with errno. */
int control_socket(void);
int control_accept(int listening);

#endif
