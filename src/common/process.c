#include <config.h>

#include "src/common/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

void process_protect(void) {
    const struct rlimit none = {0, 0};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    setrlimit(RLIMIT_CORE, &none);
    /* The leak checker of the sanitizers traces its own process, which an undumpable one refuses. */
#if defined(HAVE_SYS_PRCTL_H) && defined(PR_SET_DUMPABLE) && !defined(PROCESS_SANITIZED)
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

void process_open_standard_descriptors(void) {
    int fd = -1;

    do {
        /* For reading only: what is written to a closed stdout must not count as written. */
        fd = open("/dev/null", O_RDONLY);
        if (fd < 0)
            abort();
    } while (fd <= STDERR_FILENO);
    close(fd);
}
