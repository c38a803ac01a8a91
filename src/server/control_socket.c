#include <config.h>

#include "src/server/control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int control_address(struct control_address *address, const char *dir, const char *file, struct diagnostic *why) {
    struct control_address made = {.socket = {.sun_family = AF_UNIX}, .folder = -1};
    const size_t room = sizeof(made.socket.sun_path);

    if ((size_t)snprintf(made.socket.sun_path, room, "%s/%s", dir, file) >= room) {
        made.folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (made.folder < 0) {
            diagnostic_set(why, "cannot open %s: %s", dir, diagnostic_errno(errno));
            return -1;
        }
        snprintf(made.socket.sun_path, room, "/proc/self/fd/%d", made.folder);
        if (access(made.socket.sun_path, F_OK) != 0) {
            diagnostic_set(why, "the path of the state directory %s is too long for a socket in it: %zu bytes at most",
                           dir, room - sizeof("/control"));
            close(made.folder);
            return -1;
        }
        snprintf(made.socket.sun_path, room, "/proc/self/fd/%d/%s", made.folder, file);
    }
    *address = made;
    return 0;
}

void control_address_free(struct control_address *address) {
    if (address->folder >= 0)
        close(address->folder);
    address->folder = -1;
}

static int prepare(int fd) {
    if (fd >= 0)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

int control_socket(void) {
    return prepare(socket(AF_UNIX, SOCK_STREAM, 0));
}

int control_accept(int listening) {
    return prepare(accept(listening, NULL, NULL));
}
