/* src/common/net.c */
#include <config.h>

#include "src/common/net.h"
#include "t/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void test_parse(void) {
    static const struct {
        const char *text, *host;
        int port;
    } good[] = {
        {"localhost", "localhost", 24723},
        {"localhost:1", "localhost", 1},
        {"127.0.0.1:0", "127.0.0.1", 0},
        {"127.0.0.1:65535", "127.0.0.1", 65535},
        {"[::1]", "::1", 24723},
        {"[::1]:80", "::1", 80},
        {"[fe80::1%eth0]:80", "fe80::1%eth0", 80},
        {"::1", "::1", 24723},
        {"::", "::", 24723},
        {"*:80", "", 80},
        {"*", "", 24723},
        {":80", "", 80},
    };
    static const char *const bad[] = {"localhost:",    "localhost:x",      "localhost:-1", "localhost:65536",
                                      "localhost:1x",  "localhost: 1",     "[::1",         "[::1]x",
                                      "[::1]80",       "localhost:000001", "[::1]:",       "([::]:2",
                                      "a]:1",          "[[::]]:1",         "local host:1", "local\thost",
                                      "h\xc3\xb6st:1", "host\x1b[2J:1",    "host\x7f"};
    char endless[400] = "";
    struct net_endpoint endpoint = {.port = 7};
    struct diagnostic why = {""};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        IS_INT(net_parse(&endpoint, good[i].text, NET_PORT_DEFAULT, &why), 0, "\"%s\"", good[i].text);
        IS_STR(endpoint.host, good[i].host, "its host");
        IS_INT(endpoint.port, good[i].port, "its port");
    }
    endpoint.port = 7;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        why.text[0] = '\0';
        IS_INT(net_parse(&endpoint, bad[i], NET_PORT_DEFAULT, &why), -EINVAL, "\"%s\"", bad[i]);
        OK(why.text[0] != '\0', "is explained");
    }
    memset(endless, 'a', sizeof(endless) - 1);
    IS_INT(net_parse(&endpoint, endless, NET_PORT_DEFAULT, &why), -EINVAL, "a host of 399 characters");
    IS_INT(endpoint.port, 7, "an error leaves the endpoint alone");
}

static void test_text(void) {
    char text[NET_HOST_SIZE + 20] = "";

    net_endpoint_text(text, sizeof(text), &(struct net_endpoint){"::1", 80});
    IS_STR(text, "[::1]:80", "an IPv6 address has brackets");
    net_endpoint_text(text, sizeof(text), &(struct net_endpoint){"host", 80});
    IS_STR(text, "host:80", "a name has none");
    net_endpoint_text(text, sizeof(text), &(struct net_endpoint){"", 80});
    IS_STR(text, "*:80", "no host is all");
}

/* The address that LISTENER is bound to, to connect to. */
static struct addrinfo own_address(int listener, struct sockaddr_storage *storage) {
    socklen_t size = sizeof(*storage);

    getsockname(listener, (struct sockaddr *)storage, &size);
    return (struct addrinfo){.ai_family = storage->ss_family,
                             .ai_socktype = SOCK_STREAM,
                             .ai_addr = (struct sockaddr *)storage,
                             .ai_addrlen = size};
}

static void test_connection(void) {
    const struct net_endpoint endpoint = {"127.0.0.1", 0};
    struct sockaddr_storage storage = {0};
    struct diagnostic why = {""};
    struct addrinfo *list = NULL;
    char text[NET_TEXT_SIZE] = "";
    char expected[NET_TEXT_SIZE] = "";
    struct addrinfo address;
    struct sockaddr_storage peer = {0};
    int listener = -1, client = -1, server = -1;

    if (!OK(net_resolve(&list, &endpoint, true, &why) == 0, "an address in numbers resolves"))
        return;
    listener = net_listen(list);
    freeaddrinfo(list);
    if (!OK(listener >= 0, "it can be listened on"))
        return;
    net_local_text(text, listener);
    OK(strncmp(text, "127.0.0.1:", 10) == 0 && strcmp(text + 10, "0") != 0, "it has a port: %s", text);
    IS_INT(net_accept(listener, &peer, text), -EAGAIN, "nobody is waiting");
    address = own_address(listener, &storage);
    IS_INT(net_listen(&address), -EADDRINUSE, "it cannot be listened on twice");
    client = net_connect_start(&address);
    OK(client >= 0, "a connection is begun");
    poll(&(struct pollfd){.fd = client, .events = POLLOUT}, 1, -1);
    IS_INT(net_connect_result(client), 0, "and stands");
    poll(&(struct pollfd){.fd = listener, .events = POLLIN}, 1, -1);
    server = net_accept(listener, &peer, text);
    OK(server >= 0, "it is accepted");
    net_local_text(expected, client);
    IS_STR(text, expected, "with the address of the other side");
    IS_INT(peer.ss_family, AF_INET, "as a socket address too");
    OK((fcntl(server, F_GETFL) & O_NONBLOCK) != 0 && (fcntl(client, F_GETFL) & O_NONBLOCK) != 0,
       "both sides do not block");
    OK((fcntl(server, F_GETFD) & FD_CLOEXEC) != 0 && (fcntl(client, F_GETFD) & FD_CLOEXEC) != 0,
       "and are closed on exec");
    close(server);
    close(client);
    close(listener);
    client = net_connect_start(&address);
    if (client >= 0) {
        poll(&(struct pollfd){.fd = client, .events = POLLOUT}, 1, -1);
        IS_INT(net_connect_result(client), -ECONNREFUSED, "a port that nobody listens on refuses");
        close(client);
    } else {
        IS_INT(client, -ECONNREFUSED, "a port that nobody listens on refuses at once");
    }
}

int main(void) {
    test_parse();
    test_text();
    test_connection();
    return tap_done();
}
