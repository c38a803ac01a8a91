#include <config.h>

#include "src/common/passphrase.h"

#include "crypto/cscrypto.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#define TERMINAL "/dev/tty"

/* The signals that end or stop a program at a terminal. */
static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};

#define NUMBER_COUNT (sizeof(numbers) / sizeof(numbers[0]))

static volatile sig_atomic_t caught; /* the number of the last one, or 0 */

/* ---- a line from a descriptor ------------------------------------------------------------------------------------ */

/* The length of the line, -ENODATA at the end, -EINVAL for what is no passphrase. */
static int read_line(int fd, char out[static PASSPHRASE_SIZE]) {
    int length = 0;
    ssize_t got;
    char c = '\0';

    for (;;) {
        got = read(fd, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || c == '\n')
            break;
        if (c == '\0' || length == PASSPHRASE_MAX)
            return -EINVAL;
        out[length++] = c;
    }
    out[length] = '\0';
    if (got < 0)
        return -errno;
    return got == 0 && length == 0 ? -ENODATA : length;
}

bool passphrase_is_given(const struct passphrase_source *source) {
    return source->file != NULL || source->fd >= 0;
}

int passphrase_read(char out[static PASSPHRASE_SIZE], const struct passphrase_source *source, struct diagnostic *why) {
    char from[DIAGNOSTIC_SIZE] = "";
    int fd = source->fd;
    int length;

    if (source->file != NULL) {
        snprintf(from, sizeof(from), "%s", source->file);
        fd = open(source->file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    } else {
        snprintf(from, sizeof(from), "descriptor %d", fd);
    }
    length = fd < 0 ? -errno : read_line(fd, out);
    if (fd > STDERR_FILENO)
        close(fd);
    if (length > 0)
        return 0;
    csc_wipe(out, PASSPHRASE_SIZE);
    if (length == 0 || length == -EINVAL || length == -ENODATA)
        diagnostic_set(why, "%s has no passphrase: a first line of 1 to %d bytes is one", from, PASSPHRASE_MAX);
    else
        diagnostic_set(why, "cannot read the passphrase from %s: %s", from, diagnostic_errno(-length));
    return length == 0 ? -EINVAL : length;
}

/* ---- a line from a person ---------------------------------------------------------------------------------------- */

/* What must be as before when the question is over. */
struct question {
    int fd; /* of the terminal */
    struct termios mode;
    sigset_t mask;
    struct sigaction actions[NUMBER_COUNT];
};

static void catch_signal(int number) {
    caught = number;
}

/* Nothing can be done about a terminal that takes no text: the answer is waited for all the same. */
static void say(int fd, const char *text) {
    if (write(fd, text, strlen(text)) < 0)
        return;
}

/* Signals are taken only where the answer is waited for.  What is ignored stays so. */
static void hold_signals(struct question *question) {
    struct sigaction action = {.sa_handler = catch_signal};
    sigset_t held;

    sigemptyset(&action.sa_mask);
    sigemptyset(&held);
    for (size_t i = 0; i < NUMBER_COUNT; i++)
        sigaddset(&held, numbers[i]);
    sigprocmask(SIG_BLOCK, &held, &question->mask);
    caught = 0;
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        sigaction(numbers[i], NULL, &question->actions[i]);
        if (question->actions[i].sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

static void release_signals(const struct question *question) {
    for (size_t i = 0; i < NUMBER_COUNT; i++)
        sigaction(numbers[i], &question->actions[i], NULL);
    sigprocmask(SIG_SETMASK, &question->mask, NULL);
}

/* The terminal without echo, but for the newline.  What was typed before the question is no answer to it. */
static int hide_typing(struct question *question) {
    struct termios hidden;

    if (tcgetattr(question->fd, &question->mode) != 0)
        return -errno;
    hidden = question->mode;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hidden.c_lflag |= ICANON | ISIG | ECHONL;
    return tcsetattr(question->fd, TCSAFLUSH, &hidden) == 0 ? 0 : -errno;
}

/* Waits for FD, with the signals of MASK blocked and no others.  ppoll() where there is one: it takes any descriptor,
 * and the thread sanitizer knows that it waits. */
static int wait_readable(int fd, const sigset_t *mask) {
#ifdef HAVE_PPOLL
    struct pollfd poller = {.fd = fd, .events = POLLIN};

    return ppoll(&poller, 1, NULL, mask);
#else
    fd_set set;

    if (fd >= FD_SETSIZE) {
        errno = EMFILE;
        return -1;
    }
    FD_ZERO(&set);
    FD_SET(fd, &set);
    return pselect(fd + 1, &set, NULL, NULL, NULL, mask);
#endif
}

/* Waits for a line or a signal. */
static int wait_for_answer(const struct question *question) {
    sigset_t open_mask = question->mask;

    for (size_t i = 0; i < NUMBER_COUNT; i++)
        sigdelset(&open_mask, numbers[i]);
    while (caught == 0) {
        if (wait_readable(question->fd, &open_mask) > 0)
            return 0;
        if (errno != EINTR)
            return -errno;
    }
    return -EINTR;
}

/* Asks once.  The length of the answer, or -EINTR: the signal is in `caught`, and not acted on yet. */
static int ask_once(struct question *question, char out[static PASSPHRASE_SIZE], const char *prompt) {
    int length = hide_typing(question);

    if (length != 0)
        return length;
    hold_signals(question);
    say(question->fd, prompt);
    length = wait_for_answer(question);
    if (length == 0)
        length = read_line(question->fd, out);
    /* Also drops the rest of a line that is too long. */
    tcsetattr(question->fd, TCSAFLUSH, &question->mode);
    if (length == -EINTR)
        say(question->fd, "\n");
    release_signals(question);
    return length;
}

static int open_terminal(void) {
    int fd = open(TERMINAL, O_RDWR | O_CLOEXEC | O_NOCTTY);

    return fd < 0 ? -errno : fd;
}

/* Asks until something but a stop of the program ends the question. */
static int ask(int fd, char out[static PASSPHRASE_SIZE], const char *prompt) {
    struct question question = {.fd = fd};
    int length;

    do {
        length = ask_once(&question, out, prompt);
        if (length == -EINTR)
            raise(caught);
    } while (length == -EINTR && caught == SIGTSTP);
    return length;
}

int passphrase_ask(char out[static PASSPHRASE_SIZE], const char *prompt, struct diagnostic *why) {
    int fd = open_terminal();
    int length = fd < 0 ? fd : ask(fd, out, prompt);

    if (fd >= 0)
        close(fd);
    if (length >= 0)
        return 0;
    csc_wipe(out, PASSPHRASE_SIZE);
    if (length == -EINVAL)
        diagnostic_set(why, "a passphrase has at most %d bytes", PASSPHRASE_MAX);
    else if (length == -ENODATA)
        diagnostic_set(why, "no passphrase was given");
    else
        diagnostic_set(why, "cannot ask for a passphrase: %s",
                       fd < 0 ? "there is no terminal" : diagnostic_errno(-length));
    return length;
}

int passphrase_ask_new(char out[static PASSPHRASE_SIZE], struct diagnostic *why) {
    char again[PASSPHRASE_SIZE] = "";
    int error = 0;

    for (int i = 0; i < PASSPHRASE_TRIES; i++) {
        error = passphrase_ask(out, "New passphrase (empty for none): ", why);
        if (error == 0)
            error = passphrase_ask(again, "Once more: ", why);
        if (error != 0 || strcmp(out, again) == 0)
            goto out;
        passphrase_say("These differ.");
    }
    diagnostic_set(why, "the passphrase was not typed twice alike");
    error = -EINVAL;
out:
    csc_wipe(again, sizeof(again));
    if (error != 0)
        csc_wipe(out, PASSPHRASE_SIZE);
    return error;
}

void passphrase_say(const char *text) {
    int fd = open_terminal();

    if (fd < 0)
        return;
    say(fd, text);
    say(fd, "\n");
    close(fd);
}
