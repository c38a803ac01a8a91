#include <config.h>

#include "src/server/handover.h"

#include "src/common/options.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

int handover_take(struct handover *handover, struct diagnostic *why) {
    const char *value = getenv(HANDOVER_VARIABLE);
    uint64_t number = 0;
    int type = 0;
    socklen_t size = sizeof(type);

    if (value == NULL)
        return 0;
    if (!options_parse_number(value, STDERR_FILENO + 1, INT_MAX - 1, &number) ||
        getsockopt((int)number, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM ||
        fcntl((int)number, F_SETFD, FD_CLOEXEC) != 0 || fcntl((int)number + 1, F_SETFD, FD_CLOEXEC) != 0) {
        diagnostic_set(why, "%s=%s is not what a server leaves that is to be replaced", HANDOVER_VARIABLE, value);
        return -1;
    }
    unsetenv(HANDOVER_VARIABLE);
    *handover = (struct handover){(int)number, (int)number + 1};
    return 0;
}

bool handover_is_due(const struct handover *handover) {
    return handover->socket >= 0;
}

static void take_standard_error(const struct handover *handover) {
    dup2(handover->errors, STDERR_FILENO);
    close(handover->errors);
}

/* From here on this process goes on when the one that has started it ends. */
static void outlive_parent(void) {
#if defined(HAVE_SYS_PRCTL_H) && defined(PR_SET_PDEATHSIG)
    prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
#endif
}

int handover_wait(struct handover *handover, struct diagnostic *why) {
    const char ready = HANDOVER_READY;
    char answer = '\0';
    ssize_t size = 0;

    take_standard_error(handover);
    outlive_parent();
    size = send(handover->socket, &ready, 1, MSG_NOSIGNAL);
    while (size == 1 && (size = recv(handover->socket, &answer, 1, 0)) < 0 && errno == EINTR)
        size = 1;
    close(handover->socket);
    *handover = (struct handover)HANDOVER_NONE;
    if (size == 1 && answer == HANDOVER_GO)
        return 0;
    diagnostic_set(why, "the server that was to be replaced has not let go");
    return -1;
}

void handover_leave(const struct handover *handover) {
    if (handover->socket < 0)
        return;
    take_standard_error(handover);
    close(handover->socket);
}
