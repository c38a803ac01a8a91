/* What is read from an input that goes on, by a program that is killed at any moment: all of it, once. */
#include <config.h>

#include "crypto/cscrypto.h"
#include "src/client/intake.h"
#include "t/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define NUMBERS       200000
#define KILLS_MIN     5
#define FILE_RUNS_MAX 1000

static char dir[] = "/tmp/chatsecure-t-XXXXXX";

/* What stands for the database: changed as a whole, so it is what a commit leaves. */
struct taken {
    volatile uint64_t state[2][2]; /* position, next number */
    volatile uint64_t current;
};

static void commit(struct taken *taken, uint64_t position, uint64_t number) {
    volatile uint64_t *next = taken->state[(taken->current + 1) % 2];

    next[0] = position;
    next[1] = number;
    mapped_file_order();
    taken->current++;
}

/* Takes the whole lines of REST, which must be the numbers that are due.  The bytes taken, or -1. */
static long take_lines(struct span rest, uint64_t *number) {
    size_t at = 0;
    const char *end;

    while (at < rest.size && (end = memchr(rest.data + at, '\n', rest.size - at)) != NULL) {
        if (strtoull(rest.data + at, NULL, 10) != *number)
            return -1;
        ++*number;
        at = (size_t)(end - rest.data) + 1;
    }
    return (long)at;
}

/* Reads FD to its end. */
static int read_all(int fd, struct taken *taken) {
    const volatile uint64_t *state = taken->state[taken->current % 2];
    uint64_t number = state[1];
    struct intake *intake = NULL;
    struct diagnostic why;
    ssize_t got = 1;

    if (intake_open(&intake, dir, fd, state[0], &why) != 0)
        return 2;
    if (intake_rest(intake).size > 0 && intake_compare(intake) != INTAKE_SAME)
        return 3;
    while (got > 0) {
        const long size = take_lines(intake_rest(intake), &number);

        if (size < 0)
            return 4;
        commit(taken, intake_position(intake) - intake_rest(intake).size + (uint64_t)size, number);
        intake_forget(intake, taken->state[taken->current % 2][0]);
        got = intake_read(intake, number % 3 == 0 ? 65536 : 300);
    }
    intake_close(intake);
    return 0;
}

/* Writes the numbers, and ends. */
static void write_numbers(int fd) {
    char line[32];

    for (unsigned number = 0; number < NUMBERS; number++) {
        const int size = snprintf(line, sizeof(line), "%u\n", number);

        if (write(fd, line, (size_t)size) != size)
            _exit(1);
    }
    _exit(0);
}

/* Runs read_all() on FD until it ends by itself, killing it again and again.  The number of kills; its status. */
static int run_and_kill(int fd, struct taken *taken, int *status) {
    int kills = 0;

    for (;;) {
        const pid_t pid = fork();
        struct pollfd nothing = {.fd = -1};
        uint8_t random = 0;

        if (pid == 0)
            _exit(read_all(fd, taken));
        if (csc_random_nonce(&random, 1) != CSC_OK || kills > 100 * KILLS_MIN)
            waitpid(pid, status, 0);
        else if (poll(&nothing, 1, random % 4) == 0 && kill(pid, SIGKILL) == 0)
            waitpid(pid, status, 0);
        if (WIFEXITED(*status))
            return kills;
        kills++;
    }
}

static void forget(void) {
    char path[64];

    snprintf(path, sizeof(path), "%s/spool.input", dir);
    unlink(path);
}

static void test_pipe(struct taken *taken) {
    int ends[2], status = 0, kills;
    pid_t writer;

    memset((void *)taken, 0, sizeof(*taken));
    if (!OK(pipe(ends) == 0, "a pipe"))
        return;
    if ((writer = fork()) == 0) {
        close(ends[0]);
        write_numbers(ends[1]);
    }
    close(ends[1]);
    kills = run_and_kill(ends[0], taken, &status);
    OK(kills >= KILLS_MIN, "the reader was killed %d times", kills);
    IS_INT(WEXITSTATUS(status), 0, "every line came in order");
    IS_INT(taken->state[taken->current % 2][1], NUMBERS, "and none was lost");
    close(ends[0]);
    waitpid(writer, NULL, 0);
    forget();
}

static void test_file(struct taken *taken) {
    FILE *file = tmpfile();
    int status = 0, kills = 0;

    if (!OK(file != NULL, "a file"))
        return;
    if (fork() == 0)
        write_numbers(fileno(file));
    wait(NULL);
    /* It may be read before the first kill comes. */
    for (int runs = 0; runs < FILE_RUNS_MAX && kills == 0; runs++) {
        forget();
        memset((void *)taken, 0, sizeof(*taken));
        lseek(fileno(file), 0, SEEK_SET);
        kills = run_and_kill(fileno(file), taken, &status);
    }
    OK(kills > 0, "the reader was killed %d times", kills);
    IS_INT(WEXITSTATUS(status), 0, "every line came in order");
    IS_INT(taken->state[taken->current % 2][1], NUMBERS, "and none was lost");
    fclose(file);
    forget();
}

/* What was left of one input, when there is another. */
static void test_other_input(void) {
    struct intake *intake = NULL;
    struct diagnostic why;
    int one[2], other[2];

    if (!OK(pipe(one) == 0 && pipe(other) == 0 && write(one[1], "half a line", 11) == 11, "two pipes"))
        return;
    OK(intake_open(&intake, dir, one[0], 100, &why) == 0 && intake_read(intake, 1000) == 11, "of the one something");
    IS_INT(intake_position(intake), 111, "is read");
    intake_close(intake);
    OK(intake_open(&intake, dir, one[0], 100, &why) == 0 && span_equal(intake_rest(intake), SPAN("half a line")),
       "and is there the next time");
    IS_INT(intake_compare(intake), INTAKE_SAME, "when the same goes on");
    intake_close(intake);
    OK(intake_open(&intake, dir, other[0], 105, &why) == 0 && span_equal(intake_rest(intake), SPAN("a line")),
       "or another, but for what is in the spool");
    IS_INT(intake_compare(intake), INTAKE_OTHER, "which is known");
    intake_add(intake, SPAN("\n"));
    OK(span_equal(intake_rest(intake), SPAN("a line\n")) && intake_position(intake) == 112, "something is added");
    intake_close(intake);
    OK(intake_open(&intake, dir, other[0], 500, &why) == 0 && intake_rest(intake).size == 0 &&
           intake_position(intake) == 500,
       "a spool that is ahead is right");
    intake_close(intake);
    forget();
}

int main(void) {
    struct taken *taken = mmap(NULL, sizeof(*taken), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (!OK(taken != MAP_FAILED && mkdtemp(dir) != NULL, "a folder"))
        return tap_done();
    test_other_input();
    test_pipe(taken);
    test_file(taken);
    rmdir(dir);
    return tap_done();
}
