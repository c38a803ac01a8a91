#include <config.h>

#include "src/bench/loopback.h"
#include "src/bench/rival.h"
#include "src/bench/tls.h"
#include "src/common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_MS 10000
#define RETRY_MS 10

const char *rival_program(const struct rival *rival) {
    for (size_t i = 0; rival->programs[i] != NULL; i++)
        if (access(rival->programs[i], X_OK) == 0)
            return rival->programs[i];
    return NULL;
}

/* Becomes the server, without standard input, output and error. */
static void become(const struct rival *rival, const char *config) {
    const char *argv[5] = {rival_program(rival)};
    int null = open("/dev/null", O_RDWR);
    size_t count = 1;

    for (size_t i = 0; rival->flags[i] != NULL; i++)
        argv[count++] = rival->flags[i];
    argv[count++] = config;
    argv[count] = NULL;
    if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0)
        execv(argv[0], (char *const *)argv);
    _exit(127);
}

/* A port that nobody listened on a moment ago. */
static int find_port(struct sockaddr_in *address) {
    int fd = loopback_listen(address);

    if (fd >= 0)
        close(fd);
    return fd >= 0 ? 0 : -1;
}

static int write_config(const struct rival *rival, const char *path, uint16_t port, const char *certificate,
                        const char *key) {
    FILE *file = fopen(path, "we");

    if (file == NULL)
        return -1;
    rival->configure(file, port, certificate, key);
    return fclose(file) == 0 ? 0 : -1;
}

/* Until it listens, or has ended. */
static int await(struct rival_process *process) {
    const uint64_t deadline = clock_monotonic_ms() + START_MS;

    while (clock_monotonic_ms() < deadline) {
        int fd = loopback_connect(&process->address);

        if (fd >= 0) {
            close(fd);
            return 0;
        }
        if (waitpid(process->pid, NULL, WNOHANG) == process->pid) {
            process->pid = 0;
            return -1;
        }
        poll(NULL, 0, RETRY_MS);
    }
    return -1;
}

int rival_process_start(struct rival_process *process, const struct rival *rival, const struct workspace *workspace,
                        unsigned bits, struct diagnostic *why) {
    char key[STATE_PATH_SIZE] = "";
    char certificate[STATE_PATH_SIZE] = "";
    char config[STATE_PATH_SIZE] = "";

    *process = (struct rival_process){.rival = rival};
    if (workspace_key(workspace, "server", bits, key, why) != 0 ||
        state_dir_path(certificate, workspace->temporary, "certificate.pem", why) != 0 ||
        state_dir_path(config, workspace->temporary, "config", why) != 0)
        return -1;
    if (tls_make_certificate(key, certificate) != 0 || find_port(&process->address) != 0 ||
        write_config(rival, config, ntohs(process->address.sin_port), certificate, key) != 0) {
        diagnostic_set(why, "cannot prepare %s: %s", rival->name, diagnostic_errno(errno));
        return -1;
    }
    process->pid = fork();
    if (process->pid == 0)
        become(rival, config);
    if (process->pid > 0 && await(process) == 0)
        return 0;
    diagnostic_set(why, "%s does not start", rival->name);
    rival_process_stop(process);
    return -1;
}

void rival_process_stop(struct rival_process *process) {
    if (process->pid > 0) {
        kill(process->pid, SIGTERM);
        while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    process->pid = 0;
}
