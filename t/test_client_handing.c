/* What is handed on to standard output, and a program that is killed at any moment: all of it comes out, once. */
#include <config.h>

#include "crypto/cscrypto.h"
#include "src/client/output.h"
#include "t/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINES     12000
#define KILLS_MIN 10
#define LINE_SIZE 12000

static char dir[] = "/tmp/chatsecure-t-XXXXXX";

/* Writes line NUMBER: some are longer than what one system call takes. */
static size_t make_line(char line[static LINE_SIZE], unsigned number) {
    const int width = number % 31 == 0 ? 9000 : number % 3 == 0 ? 700 : 8;
    const int size = snprintf(line, LINE_SIZE, "%0*u\n", width, number);

    return (size_t)size;
}

/* Hands on what was not yet, as messages that are sent again until they have their receipts. */
static int hand_on(int fd) {
    char line[LINE_SIZE];
    struct received *received = NULL;
    struct handing *handing = NULL;
    struct output *output = output_new(fd);
    struct output_mark mark = {.peer = "Adam", .fingerprint = "SHA256:x"};
    struct diagnostic why;
    size_t waiting;

    if (!output || received_open(&received, dir, true, &why) != 0 ||
        handing_open(&handing, dir, fd, received, true, &why) != 0)
        return 2;
    output_hand_through(output, handing);
    for (unsigned number = 0; number < LINES; number++) {
        uint8_t digest[RECEIVED_DIGEST_SIZE];

        snprintf(mark.id, sizeof(mark.id), "id-%u", number);
        received_digest(digest, mark.fingerprint, mark.id);
        if (received_has(received, digest) || handing_has(handing, digest))
            continue;
        if (output_append(output, (struct span){line, make_line(line, number)}) != PROTO_OK ||
            output_add_mark(output, &mark) != PROTO_OK)
            return 3;
        /* Sometimes several at once. */
        if (number % 5 != 0)
            output_drain(output, 10000);
        while (output_next_mark(output, &mark))
            ;
    }
    output_drain(output, 10000);
    waiting = output_waiting(output);
    output_free(output);
    handing_close(handing);
    received_close(received);
    return waiting == 0 ? 0 : 4;
}

/* Reads what a pipe has within WAIT microseconds, and writes it to OUT. */
static void read_for(int fd, FILE *out, unsigned wait) {
    const struct timespec time = {.tv_nsec = (long)wait * 1000};
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    char bytes[65536];

    if (fd >= 0 && poll(&poller, 1, 0) > 0) {
        ssize_t size = read(fd, bytes, sizeof(bytes));

        if (size > 0)
            fwrite(bytes, 1, (size_t)size, out);
    }
    nanosleep(&time, NULL);
}

static unsigned random_below(unsigned bound) {
    uint32_t number = 0;

    return csc_random_nonce(&number, sizeof(number)) == CSC_OK ? number % bound : 0;
}

/* Runs hand_on() on FD until it ends by itself, killing it again and again.  The number of kills, or -1. */
static int run_and_kill(int fd, int read_fd, FILE *out) {
    int kills = 0, status = 0;

    for (;;) {
        const pid_t pid = fork();
        unsigned slices = random_below(25);
        bool ended = false;

        if (pid == 0)
            _exit(hand_on(fd));
        while (!(ended = waitpid(pid, &status, WNOHANG) == pid) && (slices-- > 0 || kills > 100 * KILLS_MIN))
            read_for(read_fd, out, random_below(150));
        if (ended)
            return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? kills : -1;
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        kills++;
    }
}

static void check(FILE *out, const char *what) {
    char want[LINE_SIZE], got[LINE_SIZE];
    unsigned number = 0;

    rewind(out);
    while (number < LINES) {
        const size_t size = make_line(want, number);

        if (fread(got, 1, size, out) != size || memcmp(got, want, size) != 0)
            break;
        number++;
    }
    IS_INT(number, LINES, "%s: every line is there, whole and in order", what);
    OK(fgetc(out) == EOF, "%s: and nothing twice", what);
}

/* The path of the file NAME in the state directory; until the next call. */
static const char *path_of(const char *name) {
    static char path[64];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static void forget(void) {
    unlink(path_of("received"));
    unlink(path_of("handing"));
}

static void test_pipe(void) {
    FILE *out = tmpfile();
    int ends[2], kills;

    if (!OK(out && pipe(ends) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0, "a pipe"))
        return;
    kills = run_and_kill(ends[1], ends[0], out);
    close(ends[1]);
    for (int i = 0; i < 100; i++)
        read_for(ends[0], out, 1);
#if defined(HAVE_MEMFD_CREATE) && defined(HAVE_SPLICE)
    OK(kills >= KILLS_MIN, "the program was killed %d times", kills);
    check(out, "pipe");
#else
    tap_skip(3, "no splice");
#endif
    close(ends[0]);
    fclose(out);
    forget();
}

static void test_file(int flags, const char *what) {
    const int fd = open(path_of("out"), O_WRONLY | O_CREAT | O_TRUNC | flags, 0600);
    FILE *out;
    int kills;

    kills = run_and_kill(fd, -1, NULL);
    OK(kills >= KILLS_MIN, "the program was killed %d times", kills);
    out = fopen(path_of("out"), "r");
    check(out, what);
    fclose(out);
    close(fd);
    unlink(path_of("out"));
    forget();
}

/* Sets the number behind the magic of the file NAME. */
static void set_number(const char *name, uint64_t number) {
    const int fd = open(path_of(name), O_WRONLY);

    OK(fd >= 0 && pwrite(fd, &number, sizeof(number), MAPPED_FILE_MAGIC_SIZE) == (ssize_t)sizeof(number),
       "a number in %s", name);
    close(fd);
}

/* True if the file `handing` has TEXT in it. */
static bool has_text(const char *text) {
    static char bytes[2 * HANDING_MAX];
    const int fd = open(path_of("handing"), O_RDONLY);
    const ssize_t size = read(fd, bytes, sizeof(bytes));

    close(fd);
    return size > 0 && memmem(bytes, (size_t)size, text, strlen(text)) != NULL;
}

static const struct handing_message two_messages[] = {{.end = 6, .digest = {1}}, {.end = 14, .digest = {2}}};

/* A program that lays down two lines, writes SIZE bytes to FD, and is killed. */
static void lay_and_die(struct received *received, int fd, size_t size) {
    struct handing *handing = NULL;
    struct diagnostic why;

    if (fork() == 0) {
        if (handing_open(&handing, dir, fd, received, true, &why) == 0) {
            handing_lay(handing, SPAN("first\nsecond.\n"), two_messages, 2);
            handing_write(handing, size);
        }
        _exit(0);
    }
    wait(NULL);
}

/* A pipe to which a program has written, and what it has left in the state directory when it was killed. */
struct left {
    int ends[2];
    struct received *received;
    struct handing *handing; /* for the next program: NULL until a test opens it */
    struct diagnostic why;
};

/* A program writes SIZE bytes of two lines.  False: the test cannot go on. */
static bool leave(struct left *left, size_t size) {
    *left = (struct left){.ends = {-1, -1}};
    if (!OK(pipe(left->ends) == 0 && received_open(&left->received, dir, true, &left->why) == 0, "a pipe"))
        return false;
    OK(handing_open(&left->handing, dir, left->ends[1], left->received, false, &left->why) == -ENOENT,
       "that nothing was left for");
    lay_and_die(left->received, left->ends[1], size);
    return true;
}

static int open_left(struct left *left, int fd) {
    return handing_open(&left->handing, dir, fd, left->received, false, &left->why);
}

static void clean_up(struct left *left) {
    handing_close(left->handing);
    received_close(left->received);
    close(left->ends[0]);
    close(left->ends[1]);
    forget();
}

/* What another output has begun to get is no use to this one. */
static void test_other_output(void) {
    struct left left;
    int other[2];

    if (!leave(&left, 9) || !OK(pipe(other) == 0, "another pipe"))
        return;
    if (!OK(open_left(&left, other[1]) == 0, "something was left"))
        return;
    OK(span_equal(handing_rest(left.handing), SPAN("second.\n")), "of which another output gets what none has whole");
    OK(received_has(left.received, two_messages[0].digest) && !received_has(left.received, two_messages[1].digest),
       "and what one has was received");
    handing_close(left.handing);
    OK(open_left(&left, other[1]) == 0 && handing_rest(left.handing).size == 0,
       "a program that ends by itself leaves nothing");
    close(other[0]);
    close(other[1]);
    clean_up(&left);
}

/* A file that was emptied since. */
static void test_emptied(void) {
    FILE *out = tmpfile();
    struct received *received = NULL;
    struct handing *handing = NULL;
    struct diagnostic why;

    if (!OK(out && received_open(&received, dir, true, &why) == 0, "a file"))
        return;
    lay_and_die(received, fileno(out), 9);
    OK(ftruncate(fileno(out), 0) == 0 && lseek(fileno(out), 0, SEEK_SET) == 0, "is emptied when a line is half in it");
    OK(handing_open(&handing, dir, fileno(out), received, false, &why) == 0 &&
           span_equal(handing_rest(handing), SPAN("second.\n")),
       "and gets all of the line");
    handing_close(handing);
    received_close(received);
    fclose(out);
    forget();
}

/* A program that writes JSON, after one that did not. */
static void test_form(void) {
    struct left left;

    if (!leave(&left, 9) || !OK(open_left(&left, left.ends[1]) == 0, "gets the half of a line"))
        return;
    handing_set_form(left.handing, 0);
    IS_INT(handing_rest(left.handing).size, 5, "whose other half is there for the same form");
    handing_set_form(left.handing, 1);
    IS_INT(handing_rest(left.handing).size, 0, "and not for another");
    OK(!received_has(left.received, two_messages[1].digest), "so it was not received");
    clean_up(&left);
}

/* What is laid down and not said to be. */
static void test_wiped(void) {
    struct left left;

    if (!leave(&left, 1))
        return;
    set_number("handing", 0);
    OK(has_text("second"), "a text that was left behind");
    OK(open_left(&left, left.ends[1]) == 0 && handing_rest(left.handing).size == 0, "is not handed on");
    OK(!has_text("second"), "and is wiped");
    clean_up(&left);
}

static void test_damage(void) {
    struct received *received = NULL;
    struct diagnostic why;
    FILE *file;

    OK(received_open(&received, dir, true, &why) == 0, "a file is made");
    received_close(received);
    chmod(path_of("received"), 0644);
    OK(received_open(&received, dir, true, &why) != 0 && strstr(why.text, "chmod 600"),
       "one that others can read is refused, with what mends it");
    chmod(path_of("received"), 0600);
    file = fopen(path_of("received"), "r+");
    fputs("chatsecure received 2\n", file);
    fclose(file);
    OK(received_open(&received, dir, true, &why) == -EBADMSG, "so is one of a newer version");
    OK(truncate(path_of("received"), 100) == 0 && received_open(&received, dir, true, &why) == -EBADMSG,
       "or one that is cut");
    forget();
}

static void test_ring(void) {
    uint8_t digest[RECEIVED_DIGEST_SIZE] = {0};
    struct received *received = NULL;
    struct diagnostic why;
    unsigned missing = 0;

    if (!OK(received_open(&received, dir, true, &why) == 0, "a ring"))
        return;
    for (uint32_t i = 0; i < RECEIVED_MAX + 10; i++) {
        memcpy(digest + 1, &i, sizeof(i));
        received_note(received, digest);
        received_note(received, digest);
    }
    received_close(received);
    if (!OK(received_open(&received, dir, true, &why) == 0, "is there the next time"))
        return;
    for (uint32_t i = 0; i < RECEIVED_MAX + 10; i++) {
        memcpy(digest + 1, &i, sizeof(i));
        missing += !received_has(received, digest);
    }
    IS_INT(missing, 10, "with all but the oldest");
    received_close(received);
    forget();
}

/* A file that was copied without its zeros, which has no room on the disk where they are. */
static void test_sparse(void) {
    const char *path = path_of("received");
    struct received *received = NULL;
    struct diagnostic why;
    struct stat status;

    if (!OK(received_open(&received, dir, true, &why) == 0 && stat(path, &status) == 0, "a file"))
        return;
    received_close(received);
    OK(truncate(path, MAPPED_FILE_MAGIC_SIZE) == 0 && truncate(path, status.st_size) == 0, "becomes one with a hole");
    if (OK(received_open(&received, dir, false, &why) == 0 && stat(path, &status) == 0, "which is opened"))
        received_close(received);
    OK((off_t)status.st_blocks * 512 >= status.st_size, "and filled");
    forget();
}

/* A count that is about to begin anew. */
static void test_count(void) {
    struct received *received = NULL;
    struct diagnostic why;
    unsigned missing = 0;

    if (!OK(received_open(&received, dir, true, &why) == 0, "a ring"))
        return;
    received_close(received);
    set_number("received", UINT64_MAX);
    if (!OK(received_open(&received, dir, false, &why) == 0, "is opened"))
        return;
    for (uint8_t i = 1; i < 10; i++)
        received_note(received, (uint8_t[RECEIVED_DIGEST_SIZE]){i});
    received_close(received);
    if (!OK(received_open(&received, dir, false, &why) == 0, "and opened again"))
        return;
    for (uint8_t i = 1; i < 10; i++)
        missing += !received_has(received, (uint8_t[RECEIVED_DIGEST_SIZE]){i});
    IS_INT(missing, 0, "with all that was noted");
    received_close(received);
    forget();
}

int main(void) {
    if (!OK(mkdtemp(dir) != NULL, "a folder"))
        return tap_done();
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    test_ring();
    test_sparse();
    test_count();
    test_damage();
    test_other_output();
    test_emptied();
    test_form();
    test_wiped();
    test_pipe();
    test_file(O_APPEND, "appended file");
    test_file(0, "file");
    rmdir(dir);
    return tap_done();
}
