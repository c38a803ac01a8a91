#include <config.h>

#include "src/client/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#if !HAVE_DECL_ENVIRON
extern char **environ;
#endif

bool child_split(struct child_command *command, const char *text) {
    size_t length = strlen(text), count = 0;
    bool inside = false;

    if (length >= sizeof(command->text))
        return false;
    memcpy(command->text, text, length + 1);
    for (char *c = command->text; *c != '\0'; c++) {
        bool blank = *c == ' ' || *c == '\t' || *c == '\n';

        if (!blank && !inside && count == CHILD_WORDS_MAX)
            return false;
        if (!blank && !inside)
            command->words[count++] = c;
        if (blank)
            *c = '\0';
        inside = !blank;
    }
    command->words[count] = NULL;
    return count > 0;
}

/* The program's own environment with the variables of ADDED, in an array to free.  NULL: out of memory. */
static char **join(char *const *added) {
    size_t own = 0, more = 0;
    char **all;

    while (environ && environ[own])
        own++;
    while (added[more])
        more++;
    all = calloc(own + more + 1, sizeof(*all));
    for (size_t i = 0; all && i < own; i++)
        all[i] = environ[i];
    for (size_t i = 0; all && i < more; i++)
        all[own + i] = added[i];
    return all;
}

/* Restores the default actions of the signals that this program ignores or catches.  GROUPED: the child leads a process
 * group of its own. */
static int set_attributes(posix_spawnattr_t *attributes, bool grouped) {
    static const int numbers[] = {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP, SIGCHLD};
    sigset_t set;
    int error;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaddset(&set, numbers[i]);
    error = posix_spawnattr_setsigdefault(attributes, &set);
    if (error == 0 && grouped)
        error = posix_spawnattr_setpgroup(attributes, 0);
    if (error != 0)
        return error;
    return posix_spawnattr_setflags(attributes, (short)(POSIX_SPAWN_SETSIGDEF | (grouped ? POSIX_SPAWN_SETPGROUP : 0)));
}

/* Starts the program with READ_END as its standard input; 0 or an errno. */
static int spawn(pid_t *pid, const struct child_command *command, char **environment, int read_end) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);

    if (error != 0)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        error = set_attributes(&attributes, command->grouped);
        if (error == 0)
            error = posix_spawn_file_actions_adddup2(&actions, read_end, STDIN_FILENO);
        if (error == 0 && command->to_stderr)
            error = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
        if (error == 0)
            error = posix_spawnp(pid, command->words[0], &actions, &attributes, command->words, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static int make_pipe(int ends[2]) {
    if (pipe(ends) != 0)
        return errno;
    if (fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0 &&
        fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
        return 0;
    close(ends[0]);
    close(ends[1]);
    return EMFILE;
}

void child_close_input(struct child *child) {
    output_free(child->input);
    child->input = NULL;
    if (child->fd > 0)
        close(child->fd);
    child->fd = 0;
}

int child_open(struct child *child, const struct child_command *command, char *const *environment) {
    char **all = join(environment);
    int ends[2];
    int error = all ? make_pipe(ends) : ENOMEM;

    if (error == 0) {
        error = spawn(&child->pid, command, all, ends[0]);
        close(ends[0]);
        child->fd = ends[1];
        child->ending = false;
    }
    free(all);
    if (error != 0) {
        child_close_input(child);
        child->pid = 0;
    }
    return -error;
}

int child_start(struct child *child, const struct child_command *command, char *const *environment, struct span text) {
    int error = child_open(child, command, environment);

    if (error != 0)
        return error;
    child->input = output_new(child->fd);
    if (!child->input || output_append(child->input, text) != PROTO_OK) {
        child_free(child);
        return -ENOMEM;
    }
    child_write(child);
    return 0;
}

void child_write(struct child *child) {
    if (child->input && (output_write(child->input) != 0 || output_waiting(child->input) == 0))
        child_close_input(child);
}

struct output *child_output(const struct child *child) {
    return child->input;
}

void child_end(struct child *child, int signal) {
    child->ending = true;
    kill(-child->pid, signal);
}

/* Kills what is left of the process group of a child that has ended.  That is done before it is waited for, while
 * nobody else can have its number. */
static void end_group(const struct child *child) {
    siginfo_t info = {.si_pid = 0};

    if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child->pid)
        kill(-child->pid, SIGKILL);
}

bool child_ended(struct child *child, unsigned *status) {
    int how = 0;

    if (child->pid != 0 && child->ending)
        end_group(child);
    if (child->pid == 0 || waitpid(child->pid, &how, WNOHANG) != child->pid)
        return false;
    child->pid = 0;
    child_close_input(child);
    *status = WIFEXITED(how) ? (unsigned)WEXITSTATUS(how) : CHILD_SIGNALLED + (unsigned)WTERMSIG(how);
    return true;
}

void child_free(struct child *child) {
    child_close_input(child);
    child->pid = 0;
}
