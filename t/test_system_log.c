/* src/common/system_log.c, with a daemon that fetches, does not, and is started anew. */
#include <config.h>

#include "src/common/system_log.h"
#include "t/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/chatsecure-t-XXXXXX";
static char path[64];

static int start_daemon(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

    unlink(path);
    memcpy(address.sun_path, path, sizeof(path));
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
        abort();
    return fd;
}

/* The next record from its text on, or "" if there is none. */
static const char *fetch(int fd) {
    static char record[256];
    const ssize_t size = recv(fd, record, sizeof(record) - 1, MSG_DONTWAIT);
    const char *text;

    record[size > 0 ? size : 0] = '\0';
    text = strstr(record, "]: ");
    return text != NULL ? text + strlen("]: ") : "";
}

static void test_record(struct system_log *log, int fd) {
    char record[256] = "", priority[16] = "", expected[64] = "";
    struct tm date = {0};
    const char *rest = NULL;

    OK(system_log_send(log, LOG_WARNING, "a text and more", 6), "a record is taken");
    OK(recv(fd, record, sizeof(record) - 1, 0) > 0, "and arrives");
    snprintf(priority, sizeof(priority), "<%d>", LOG_DAEMON | LOG_WARNING);
    if (OK(strncmp(record, priority, strlen(priority)) == 0, "with its priority, as a daemon's: %s", record))
        rest = strptime(record + strlen(priority), "%b %e %H:%M:%S", &date);
    snprintf(expected, sizeof(expected), " relay[%ld]: a text", (long)getpid());
    IS_STR(rest != NULL ? rest : "", expected, "a date, the program's name, the process and the text");
}

static void test_stalled(struct system_log *log, int fd) {
    int sent = 0;

    /* It would be the test's time limit that ends a wait. */
    while (sent < 100000 && system_log_send(log, LOG_INFO, "more", 4))
        sent++;
    OK(sent < 100000, "a daemon that does not fetch is not waited for: %d records", sent);
    while (fetch(fd)[0] != '\0')
        sent--;
    IS_INT(sent, 0, "what it was sent before is there");
    OK(system_log_send(log, LOG_INFO, "again", 5), "and it can be sent more when it has fetched it");
    IS_STR(fetch(fd), "again", "which it gets");
}

int main(void) {
    struct system_log log = {"relay", path, -1};
    int fd;

    if (mkdtemp(folder) == NULL)
        abort();
    snprintf(path, sizeof(path), "%s/log", folder);
    OK(!system_log_send(&log, LOG_INFO, "no", 2), "without a daemon a record is lost");
    fd = start_daemon();
    test_record(&log, fd);
    test_stalled(&log, fd);
    close(fd);
    OK(!system_log_send(&log, LOG_INFO, "no", 2), "when it has gone, too");
    fd = start_daemon();
    OK(system_log_send(&log, LOG_INFO, "new", 3), "not when another has come");
    IS_STR(fetch(fd), "new", "which gets it");
    close(fd);
    fd = start_daemon();
    OK(system_log_send(&log, LOG_INFO, "newer", 5), "nor when that was unnoticed");
    IS_STR(fetch(fd), "newer", "which gets it");
    close(fd);
    close(log.fd);
    unlink(path);
    rmdir(folder);
    return tap_done();
}
