#include <config.h>

#include "src/server/starter.h"

#include "src/server/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

/* What the server asks for, one byte each. */
#define REQUEST_START 's'
#define REQUEST_END   'e'

/* The answer to the first, which has the listening sockets with it: the child's two descriptors are with it unless
 * there is an error. */
struct started {
    int error; /* an errno value */
    pid_t pid;
};

/* What the starter is called where there is room, and where there is little. */
#define STARTER_TITLE "chatsecure-server: starts its successor"
#define STARTER_NAME  "upgrade-starter"

/* A program that could not be executed. */
#define EXIT_NOT_STARTED 127

/* Descriptors that go with a message. */
struct descriptors {
    int list[LISTENER_MAX];
    size_t count;
};

/* ---- messages between the two ------------------------------------------------------------------------------------ */

union rights {
    struct cmsghdr header;
    char room[CMSG_SPACE(LISTENER_MAX * sizeof(int))];
};

static bool send_message(int socket, const void *data, size_t size, const int *list, size_t count) {
    union rights control = {.room = {0}};
    struct iovec part = {(void *)data, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t sent = 0;

    if (count > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(&control.header), list, count * sizeof(int));
    }
    do
        sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)size;
}

/* All of it, or false.  No program that is executed gets the descriptors. */
static bool receive_message(int socket, void *out, size_t size, struct descriptors *with) {
    union rights control = {.room = {0}};
    struct iovec part = {out, size};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control.room)};
    const struct cmsghdr *header = NULL;
    ssize_t received = 0;

    with->count = 0;
    do
        received = recvmsg(socket, &message, MSG_WAITALL);
    while (received < 0 && errno == EINTR);
    if (received > 0 && (header = CMSG_FIRSTHDR(&message)) != NULL && header->cmsg_type == SCM_RIGHTS) {
        with->count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(with->list, CMSG_DATA(header), with->count * sizeof(int));
    }
    for (size_t i = 0; i < with->count; i++)
        fcntl(with->list[i], F_SETFD, FD_CLOEXEC);
    return received == (ssize_t)size;
}

static void close_all(const int *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (list[i] >= 0)
            close(list[i]);
}

/* ---- the child: becomes the new server --------------------------------------------------------------------------- */

/* Has the descriptor at FROM[i] be FIRST + i, and stay open when the program is executed. */
static int move(int *from, size_t count, int first) {
    for (size_t i = 0; i < count; i++)
        if ((from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, first + (int)count)) < 0)
            return -1;
    for (size_t i = 0; i < count; i++)
        if (dup2(from[i], first + (int)i) < 0)
            return -1;
    return 0;
}

static int arrange_descriptors(const struct descriptors *sockets, int handover, int errors) {
    int from[LISTENER_MAX + 3];
    const size_t count = sockets->count + 2;

    memcpy(from, sockets->list, sizeof(sockets->list));
    from[sockets->count] = handover;
    from[sockets->count + 1] = STDERR_FILENO;
    from[count] = errors;
    return move(from, count + 1, SUPERVISOR_FIRST) == 0 && dup2(SUPERVISOR_FIRST + (int)count, STDERR_FILENO) >= 0 &&
                   close(SUPERVISOR_FIRST + (int)count) == 0
               ? 0
               : -1;
}

static int set_number(const char *name, long number) {
    char text[24] = "";

    snprintf(text, sizeof(text), "%ld", number);
    return setenv(name, text, 1);
}

static int set_environment(const struct starter_job *job, size_t sockets) {
    if (set_number("LISTEN_PID", (long)getpid()) != 0 || set_number("LISTEN_FDS", (long)sockets) != 0 ||
        set_number(HANDOVER_VARIABLE, SUPERVISOR_FIRST + (long)sockets) != 0)
        return -1;
    if (job->state_dir != NULL && setenv("STATE_DIRECTORY", job->state_dir, 0) != 0)
        return -1;
    return job->notify[0] != '\0' ? setenv("NOTIFY_SOCKET", job->notify, 1) : 0;
}

/* Whether this user may replace the program, which would be a way around the sandbox. */
static bool may_be_replaced(const char *program) {
    char path[STATE_PATH_SIZE];

    memcpy(path, program, sizeof(path));
    return geteuid() != 0 && (access(program, W_OK) == 0 || access(dirname(path), W_OK) == 0);
}

/* Signals as they were when the server was started.  One that asks a whole group for a reload or an upgrade is not
 * meant for a server that is not there yet. */
static void set_signals(const sigset_t *mask) {
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    sigemptyset(&ignore.sa_mask);
    sigaction(SIGHUP, &ignore, NULL);
    sigaction(SIGUSR2, &ignore, NULL);
    sigprocmask(SIG_SETMASK, mask, NULL);
}

/* Until it is ready it ends with whoever has started it. */
static void end_with(pid_t parent) {
#if defined(HAVE_SYS_PRCTL_H) && defined(PR_SET_PDEATHSIG)
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
#endif
    if (getppid() != parent)
        _exit(EXIT_NOT_STARTED);
}

static void try_to_become(const struct starter_job *job, const struct descriptors *sockets, int handover, int errors) {
    if (arrange_descriptors(sockets, handover, errors) != 0 || set_environment(job, sockets->count) != 0)
        return;
    if (job->guarded && may_be_replaced(job->program)) {
        errno = EPERM;
        return;
    }
    set_signals(&job->signals);
    execv(job->program, job->argv);
}

static _Noreturn void become(const struct starter_job *job, const struct descriptors *sockets, int handover,
                             int errors) {
    const char *hint = "";

    try_to_become(job, sockets, handover, errors);
    if (errno == EPERM && job->guarded)
        hint = "; the server's user may not be able to write to it or its folder";
    dprintf(STDERR_FILENO, "cannot start %s: %s%s\n", job->program, diagnostic_errno(errno), hint);
    _exit(EXIT_NOT_STARTED);
}

/* ---- the starter ------------------------------------------------------------------------------------------------- */

/* A pair of sockets, or a pipe, that is closed when a program is executed. */
static int open_both(int fds[2], bool sockets) {
    if ((sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, fds) : pipe(fds)) != 0)
        return -1;
    return fcntl(fds[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(fds[1], F_SETFD, FD_CLOEXEC) == 0 ? 0 : -1;
}

/* Starts the program and says so.  The child, or -1.  To a server that is gone nothing is said: what comes next is the
 * end of the stream. */
static pid_t answer_start(int socket, const struct starter_job *job, const struct descriptors *sockets) {
    struct started answer = {.pid = -1};
    const pid_t self = getpid();
    int handover[2] = {-1, -1}, errors[2] = {-1, -1};
    bool sent = true;

    if (open_both(handover, true) != 0 || open_both(errors, false) != 0 || (answer.pid = fork()) < 0)
        answer.error = errno;
    if (answer.pid == 0) {
        end_with(self);
        become(job, sockets, handover[1], errors[1]);
    }
    sent =
        send_message(socket, &answer, sizeof(answer), (const int[]){handover[0], errors[0]}, answer.error == 0 ? 2 : 0);
    close_all(handover, 2);
    close_all(errors, 2);
    return sent || answer.pid > 0 ? answer.pid : -1;
}

static bool answer_end(int socket, pid_t child) {
    int status = -1;

    if (child > 0) {
        kill(child, SIGKILL);
        if (waitpid(child, &status, 0) != child)
            status = -1;
    }
    return send_message(socket, &status, sizeof(status), NULL, 0);
}

static void serve(int socket, const struct starter_job *job) {
    struct descriptors sockets;
    pid_t child = -1;
    char request = '\0';

    while (receive_message(socket, &request, 1, &sockets)) {
        if (request == REQUEST_START)
            child = answer_start(socket, job, &sockets);
        else if (answer_end(socket, child))
            child = -1;
        close_all(sockets.list, sockets.count);
    }
}

/* ---- forking it -------------------------------------------------------------------------------------------------- */

static void free_strings(char **strings) {
    for (size_t i = 0; strings != NULL && strings[i] != NULL; i++)
        free(strings[i]);
    free(strings);
}

static char **copy_strings(char **strings) {
    size_t count = 0;
    char **copy;

    while (strings[count] != NULL)
        count++;
    copy = calloc(count + 1, sizeof(*copy));
    for (size_t i = 0; copy != NULL && i < count; i++)
        if ((copy[i] = strdup(strings[i])) == NULL) {
            free_strings(copy);
            return NULL;
        }
    return copy;
}

/* How many bytes the STRINGS take that lie one behind the other from BEGIN on. */
static size_t extent(char **strings, const char *begin) {
    const char *end = begin;

    for (size_t i = 0; strings[i] != NULL; i++)
        if (strings[i] == end)
            end += strlen(end) + 1;
    return (size_t)(end - begin);
}

/* Has ps show TITLE in place of the command line, whose memory it is written to, and that of the environment behind it.
 * The JOB has copies of both then.  Where that fails the process is called as the server is. */
static void show_title(struct starter_job *job, const char *title) {
    char *room = job->argv[0];
    const size_t size = extent(job->argv, room) + extent(environ, room + extent(job->argv, room));
    char **argv_copy = copy_strings(job->argv);
    char **environ_copy = copy_strings(environ);

    if (argv_copy == NULL || environ_copy == NULL) {
        free_strings(argv_copy);
        free_strings(environ_copy);
        return;
    }
    job->argv = argv_copy;
    job->environment = environ = environ_copy;
    memset(room, 0, size);
    snprintf(room, size, "%s", title);
}

/* Descriptors have low numbers while the server starts. */
#define DESCRIPTORS_SEEN 256

static void close_others(int socket) {
    for (int fd = STDERR_FILENO + 1; fd < DESCRIPTORS_SEEN; fd++)
        if (fd != socket)
            close(fd);
}

/* In a session of its own, so that no terminal stops or ends it, and nobody is asked for a passphrase there. */
static _Noreturn void run(struct starter_job job, int socket, pid_t parent) {
    end_with(parent);
    setsid();
    handover_leave(job.handover);
    close_others(socket);
    show_title(&job, STARTER_TITLE);
#if defined(HAVE_SYS_PRCTL_H) && defined(PR_SET_NAME)
    prctl(PR_SET_NAME, STARTER_NAME, 0, 0, 0);
#endif
    serve(socket, &job);
    if (job.environment != NULL) {
        free_strings(job.argv);
        free_strings(job.environment);
        environ = NULL;
    }
    _exit(0);
}

int starter_open(struct starter *starter, struct starter_job *job, struct diagnostic *why) {
    const pid_t parent = getpid();
    int pair[2] = {-1, -1};
    sigset_t all;
    pid_t child = -1;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &job->signals);
    if (open_both(pair, true) == 0)
        child = fork();
    if (child == 0)
        run(*job, pair[1], parent);
    if (child < 0) {
        diagnostic_set(why, "%s", diagnostic_errno(errno));
        close_all(pair, 2);
    } else {
        close(pair[1]);
        starter->socket = pair[0];
    }
    sigprocmask(SIG_SETMASK, &job->signals, NULL);
    return child < 0 ? -1 : 0;
}

/* ---- the server's side ------------------------------------------------------------------------------------------- */

int starter_start(const struct starter *starter, const int *sockets, size_t count, struct starter_child *child,
                  struct diagnostic *why) {
    const char request = REQUEST_START;
    struct started answer = {.error = 0};
    struct descriptors with = {.count = 0};

    if (starter->socket < 0 || !send_message(starter->socket, &request, 1, sockets, count) ||
        !receive_message(starter->socket, &answer, sizeof(answer), &with)) {
        diagnostic_set(why, "there is no process that could start another server");
        return -1;
    }
    if (answer.error != 0 || with.count != 2) {
        diagnostic_set(why, "cannot start another server: %s", diagnostic_errno(answer.error));
        return -1;
    }
    *child = (struct starter_child){.pid = answer.pid, .handover = with.list[0], .errors = with.list[1]};
    fcntl(child->errors, F_SETFL, O_NONBLOCK);
    return 0;
}

int starter_end(const struct starter *starter) {
    const char request = REQUEST_END;
    struct descriptors none;
    int status = -1;

    if (!send_message(starter->socket, &request, 1, NULL, 0) ||
        !receive_message(starter->socket, &status, sizeof(status), &none))
        return -1;
    return status;
}

void starter_close(struct starter *starter) {
    if (starter->socket >= 0)
        close(starter->socket);
    *starter = (struct starter)STARTER_NONE;
}
