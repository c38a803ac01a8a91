#include <config.h>

#include "src/bench/relay_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ADDRESS_WORD "listening "

/* In the child: becomes the server, with its standard output in the pipe and its log nowhere. */
static void become(const char *const argv[], int output) {
    int null = open("/dev/null", O_RDWR);

    if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0 &&
        dup2(output, STDOUT_FILENO) >= 0)
        execv(argv[0], (char *const *)argv);
    _exit(127);
}

/* Reads the line in which the server tells its address. */
static int read_address(struct relay_process *relay, int input, struct diagnostic *why) {
    FILE *file = fdopen(input, "r");
    char line[256] = "";
    struct diagnostic ignored = {""};

    if (file == NULL) {
        close(input);
        diagnostic_set(why, "no memory");
        return -1;
    }
    if (fgets(line, sizeof(line), file) == NULL)
        line[0] = '\0';
    fclose(file);
    if (strncmp(line, ADDRESS_WORD, strlen(ADDRESS_WORD)) == 0) {
        line[strlen(ADDRESS_WORD) + strcspn(line + strlen(ADDRESS_WORD), " \n")] = '\0';
        if (net_parse(&relay->endpoint, line + strlen(ADDRESS_WORD), 0, &ignored) == 0)
            return 0;
    }
    diagnostic_set(why, "the server does not start");
    return -1;
}

int relay_process_start(struct relay_process *relay, const char *program, const char *key, const char *state,
                        size_t clients, struct diagnostic *why) {
    char number[32] = "";
    const char *const argv[] = {program, "--listen", "127.0.0.1:0", "--key", key, "--state-dir", state, "--max-clients",
                                number,
                                /* All users come from one address, and all are as fast as they can. */
                                "--max-handshakes", "1000", "--early-drop", "1000", "--source-handshakes", "1000",
                                "--source-rate", "0", "--rate", "0", "--message-rate", "0", NULL};
    int fds[2] = {-1, -1};

    snprintf(number, sizeof(number), "%zu", clients);
    if (access(program, X_OK) != 0) {
        diagnostic_set(why, "cannot run %s: %s; --program names another server", program, diagnostic_errno(errno));
        return -1;
    }
    if (pipe(fds) != 0) {
        diagnostic_set(why, "cannot make a pipe: %s", diagnostic_errno(errno));
        return -1;
    }
    *relay = (struct relay_process){.owned = true, .pid = fork()};
    if (relay->pid == 0)
        become(argv, fds[1]);
    close(fds[1]);
    if (relay->pid < 0) {
        close(fds[0]);
        diagnostic_set(why, "cannot make a process: %s", diagnostic_errno(errno));
        *relay = (struct relay_process){0};
        return -1;
    }
    if (read_address(relay, fds[0], why) == 0)
        return 0;
    relay_process_stop(relay, NULL);
    return -1;
}

int relay_process_stop(struct relay_process *relay, struct diagnostic *why) {
    const pid_t pid = relay->pid;
    int status = 0;

    if (!relay->owned)
        return 0;
    *relay = (struct relay_process){0};
    kill(pid, SIGTERM);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (why != NULL)
        diagnostic_set(why, "the server ended with %s %d", WIFSIGNALED(status) ? "signal" : "status",
                       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    return -1;
}

struct usage relay_process_usage(const struct relay_process *relay) {
    struct usage usage = {0};

    if (relay->pid == 0 || usage_read(&usage, relay->pid) != 0)
        usage = (struct usage){0};
    return usage;
}
