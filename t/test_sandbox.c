/* src/server/sandbox.c: what is left to do in it, and what is not. */
#include <config.h>

#include "src/server/sandbox.h"
#include "t/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static int pipe_ends[2];

/* Whether a network socket can be had, once the main thread says so. */
static void *try_socket(void *argument) {
    int *error = argument;
    char byte = 0;

    if (read(pipe_ends[0], &byte, 1) != 1)
        abort();
    *error = socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
    return NULL;
}

static void *add_one(void *argument) {
    int *number = argument;

    ++*number;
    return NULL;
}

static void test_denied(void) {
    char *const arguments[] = {(char *)"true", NULL};
    pid_t child;
    void *memory;

    IS_INT(socket(AF_INET, SOCK_STREAM, 0), -1, "no socket of the network");
    IS_INT(errno, EPERM, "is allowed");
    IS_INT(execv("/bin/true", arguments), -1, "no program is started");
    IS_INT(errno, EPERM, "and nothing ends for it");
    child = fork();
    if (child == 0)
        _exit(0);
    IS_INT(child, -1, "no process is made");
    memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    OK(memory == MAP_FAILED, "no memory is there to be executed");
    memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    OK(memory != MAP_FAILED && mprotect(memory, 4096, PROT_READ | PROT_EXEC) != 0, "nor is made so");
    IS_INT(setuid(0), -1, "nobody else can be become");
}

static void test_allowed(void) {
    pthread_t thread;
    int number = 0;
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    OK(fd >= 0 && write(fd, "x", 1) == 1, "files are opened and written");
    close(fd);
    IS_INT(pthread_create(&thread, NULL, add_one, &number), 0, "threads are made");
    pthread_join(thread, NULL);
    IS_INT(number, 1, "and run");
#ifdef SYS_tkill
    IS_INT(syscall(SYS_tkill, (pid_t)syscall(SYS_gettid), 0), 0, "threads are signalled, in the way of musl, too");
#endif
    fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    OK(fd >= 0, "sockets of this machine can be had");
    close(fd);
}

int main(void) {
    struct diagnostic why = {""};
    pthread_t early;
    int error = 0;

    /* A tool such as valgrind would be in the sandbox with it. */
    if (getenv("CHATSECURE_TEST_WRAP")) {
        tap_skip(0, "under a checking tool");
        return tap_done();
    }
    if (!sandbox_is_there()) {
        OK(sandbox_enter(&why) != 0, "a sandbox that is not there cannot be entered");
        return tap_done();
    }
    if (pipe(pipe_ends) != 0 || pthread_create(&early, NULL, try_socket, &error) != 0)
        abort();
    if (!OK(sandbox_enter(&why) == 0, "the sandbox is entered: %s", why.text))
        return tap_done();
    OK(write(pipe_ends[1], "", 1) == 1, "pipes go on");
    pthread_join(early, NULL);
    IS_INT(error, EPERM, "it holds for a thread that was there before");
    test_denied();
    test_allowed();
    return tap_done();
}
