#include <config.h>

#include "src/server/upgrade.h"

#include "src/common/clock.h"
#include "src/common/log.h"
#include "src/server/listener.h"
#include "src/server/program.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is kept of what a new server writes on its standard error: why it cannot go on is said in a few lines. */
#define COMPLAINT_MAX 4096

struct complaint {
    char text[COMPLAINT_MAX];
    size_t size;
};

void upgrade_open(struct server *server, const struct listener *listener) {
    const struct settings *settings = server->settings;
    struct starter_job job = {.argv = settings->argv,
                              .notify = server->supervisor.path,
                              .state_dir = settings->of_root ? SETTINGS_STATE_DIR_OF_ROOT : NULL,
                              .handover = &server->handover,
                              .guarded = settings->user[0] != '\0'};
    struct diagnostic why = {""};

    server->upgrade.listener = listener;
    if (program_find(job.program, settings->argv[0], &why) != 0 ||
        starter_open(&server->upgrade.starter, &job, &why) != 0)
        log_warning(LOG_NO_CLIENT, "there will be no upgrade without a restart: %s", why.text);
}

/* ---- what the new server says --------------------------------------------------------------------------------------
 */

/* Takes what is there.  False at its end. */
static bool collect(struct complaint *complaint, int fd) {
    char piece[1024];
    ssize_t got = 0;

    while ((got = read(fd, piece, sizeof(piece))) > 0) {
        const size_t room = sizeof(complaint->text) - complaint->size;
        const size_t size = (size_t)got < room ? (size_t)got : room;

        memcpy(complaint->text + complaint->size, piece, size);
        complaint->size += size;
    }
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

/* Has the log have its lines, and gives the last of them. */
static struct span tell(const struct complaint *complaint) {
    struct span last = SPAN("");

    for (size_t begin = 0, end = 0; begin < complaint->size; begin = end + 1) {
        const char *line = complaint->text + begin;
        const char *stop = memchr(line, '\n', complaint->size - begin);

        end = stop != NULL ? (size_t)(stop - complaint->text) : complaint->size;
        if (end == begin)
            continue;
        last = (struct span){line, end - begin};
        log_warning(LOG_NO_CLIENT, "the new server: %.*s", (int)last.size, last.data);
    }
    return last;
}

/* 1: it is ready; 0: nothing yet; -1 with WHY. */
static int take_word(int fd, struct diagnostic *why) {
    char word = '\0';
    const ssize_t size = recv(fd, &word, 1, MSG_DONTWAIT);

    if (size == 1 && word == HANDOVER_READY)
        return 1;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return 0;
    diagnostic_set(why, size == 1 ? "is none" : "has ended");
    return -1;
}

/* Waits until it is ready.  -1 with WHY, which says what it is or does instead. */
static int await(struct server *server, const struct starter_child *child, struct complaint *complaint,
                 struct diagnostic *why) {
    const uint64_t patience = server->limits.upgrade_timeout;
    const uint64_t deadline = clock_monotonic_ms() + patience;
    struct pollfd fds[] = {{.fd = child->handover, .events = POLLIN},
                           {.fd = child->errors, .events = POLLIN},
                           {.fd = server->ending.wake.poll_fd, .events = POLLIN}};
    int word = 0;

    while (word == 0) {
        const int found = poll(fds, 3, clock_poll_timeout(clock_monotonic_ms(), deadline));

        if (found > 0 && fds[1].revents != 0 && !collect(complaint, child->errors))
            fds[1].fd = -1;
        if (found > 0 && fds[2].revents != 0) {
            diagnostic_set(why, "was not waited for: this one ends");
            word = -1;
        } else if (found > 0 && fds[0].revents != 0) {
            word = take_word(child->handover, why);
        } else if (clock_monotonic_ms() >= deadline) {
            diagnostic_set(why, "has said nothing for %llu seconds", (unsigned long long)patience / 1000);
            word = -1;
        }
    }
    return word > 0 ? 0 : -1;
}

/* ---- an attempt ----------------------------------------------------------------------------------------------------
 */

static void close_child(struct starter_child *child) {
    if (child->handover >= 0)
        close(child->handover);
    if (child->errors >= 0)
        close(child->errors);
    *child = (struct starter_child)STARTER_CHILD_NONE;
}

/* Ends CHILD, and says of WHAT about it why it cannot take over. */
static void give_up(struct server *server, struct starter_child *child, struct complaint *complaint,
                    const struct diagnostic *what, struct diagnostic *why) {
    const int status = starter_end(&server->upgrade.starter);
    char how[32] = "";
    struct span last;

    collect(complaint, child->errors);
    last = tell(complaint);
    close_child(child);
    if (status >= 0 && WIFEXITED(status))
        snprintf(how, sizeof(how), " (status %d)", WEXITSTATUS(status));
    else if (status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
        snprintf(how, sizeof(how), " (signal %d)", WTERMSIG(status));
    diagnostic_set(why, "no upgrade: the new server %s%s%s%.*s", what->text, how, last.size > 0 ? ": " : "",
                   (int)last.size, last.data);
}

int upgrade_run(struct server *server, struct diagnostic *why) {
    struct upgrade *upgrade = &server->upgrade;
    struct complaint complaint = {.size = 0};
    struct starter_child child = STARTER_CHILD_NONE;
    struct diagnostic what = {"is not needed: this one ends"};

    /* Whoever runs as the first process of a container takes the container along. */
    if (getpid() == 1) {
        diagnostic_set(why, "no upgrade: this server is process 1, which nothing can take the place of");
        return -1;
    }
    if (starter_start(&upgrade->starter, upgrade->listener->sockets, upgrade->listener->count, &child, why) != 0)
        return -1;
    log_info(LOG_NO_CLIENT, "upgrade: a new server was started, process %ld", (long)child.pid);
    if (await(server, &child, &complaint, &what) == 0) {
        upgrade->child = child;
        session_table_expect(server->table, UINT64_MAX);
        if (ending_restart(&server->ending)) {
            /* Not for the log, where it is by its own writer, but for whoever else reads what servers say here. */
            if (write(STDERR_FILENO, complaint.text, complaint.size) >= 0)
                log_info(LOG_NO_CLIENT, "upgrade: process %ld is ready, and takes over", (long)child.pid);
            return 0;
        }
        upgrade->child = (struct starter_child)STARTER_CHILD_NONE;
    }
    give_up(server, &child, &complaint, &what, why);
    return -1;
}

bool upgrade_hand_over(struct server *server) {
    const struct starter_child *child = &server->upgrade.child;
    const char go = HANDOVER_GO;

    supervisor_replaced(&server->supervisor, child->pid);
    return send(child->handover, &go, 1, MSG_NOSIGNAL) == 1;
}

void upgrade_close(struct upgrade *upgrade) {
    close_child(&upgrade->child);
    starter_close(&upgrade->starter);
}
