#include <config.h>

#include "src/common/log.h"

#include "proto/text.h"
#include "src/common/clock.h"
#include "src/common/lock.h"
#include "src/common/system_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A text each byte of which is escaped for JSON, and what is around it; less than PIPE_BUF. */
#define RECORD_SIZE (2 * LOG_TEXT_SIZE + 128)

/* How many records were lost. */
#define NOTE_SIZE 64

static const char *const level_names[] = {"error", "warning", "info", "debug"};

static _Atomic enum log_level threshold = LOG_LEVEL_INFO;
static struct lock lock = LOCK_INIT;
static log_writer *writer;
static void *writer_context;
static enum log_format format GUARDED_BY(lock) = LOG_FORMAT_TEXT;
static enum log_target target GUARDED_BY(lock) = LOG_TARGET_STDERR;
static int file GUARDED_BY(lock) = -1;      /* negative: there is none */
static unsigned long lost GUARDED_BY(lock); /* records since one was last taken */
static struct system_log system_log GUARDED_BY(lock) = SYSTEM_LOG_INIT("chatsecure-server");
static bool is_journal; /* standard error is */

void log_set_level(enum log_level level) {
    threshold = level;
}

void log_set_writer(log_writer *new_writer, void *context) {
    writer = new_writer;
    writer_context = context;
}

bool log_enabled(enum log_level level) {
    return level <= threshold;
}

void log_set_format(enum log_format new_format) {
    lock_acquire(&lock);
    format = new_format;
    lock_release(&lock);
}

void log_set_target(enum log_target new_target) {
    lock_acquire(&lock);
    target = new_target;
    lock_release(&lock);
}

int log_open_file(const char *path, struct diagnostic *why) {
    int fresh = -1, stale;

    if (path[0] != '\0') {
        fresh = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
        if (fresh < 0) {
            diagnostic_set(why, "cannot write the log %s: %s", path, diagnostic_errno(errno));
            return -1;
        }
    }
    lock_acquire(&lock);
    stale = file;
    file = fresh;
    lock_release(&lock);
    if (stale >= 0)
        close(stale);
    return 0;
}

void log_look_for_journal(void) {
    const char *stream = getenv("JOURNAL_STREAM");
    char own[64] = "";
    struct stat status;

    if (stream == NULL || fstat(STDERR_FILENO, &status) != 0)
        return;
    snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
    is_journal = strcmp(own, stream) == 0;
}

const char *log_error_mark(void) {
    return is_journal ? "<3>" : "";
}

bool log_is_on_stderr(void) {
    bool is;

    lock_acquire(&lock);
    is = file < 0 && target == LOG_TARGET_STDERR;
    lock_release(&lock);
    return is;
}

/* Writes how many records were lost, as a line; its size, or 0 if none was. */
static size_t note_lost_locked(char note[static NOTE_SIZE]) REQUIRES(lock) {
    return lost > 0 ? (size_t)snprintf(note, NOTE_SIZE, "... %lu records were lost\n", lost) : 0;
}

/* Writes RECORD to FD, or counts it: a log that nobody reads must not stop the program.  A pipe that polls as writable
 * takes PIPE_BUF bytes, and a record is not longer. */
static void emit_locked(int fd, const char *record, size_t size) REQUIRES(lock) {
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
    char note[NOTE_SIZE] = "";
    size_t note_size;

    if (poll(&poll_fd, 1, 0) == 0) {
        lost++;
        return;
    }
    if ((note_size = note_lost_locked(note)) > 0 && write(fd, note, note_size) > 0)
        lost = 0;
    /* A log that cannot be written has nowhere to say so. */
    if (write(fd, record, size) < 0)
        return;
}

/* The priority of syslog, and of the journal. */
static int priority_of(enum log_level level) {
    static const int priorities[] = {[LOG_LEVEL_ERROR] = LOG_ERR,
                                     [LOG_LEVEL_WARNING] = LOG_WARNING,
                                     [LOG_LEVEL_INFO] = LOG_INFO,
                                     [LOG_LEVEL_DEBUG] = LOG_DEBUG};

    return priorities[level];
}

/* Sends TEXT to the system's log, or counts it. */
static void report_locked(enum log_level level, const char *text, size_t size) REQUIRES(lock) {
    char note[NOTE_SIZE] = "";
    const size_t note_size = note_lost_locked(note);

    if (note_size > 0 && system_log_send(&system_log, LOG_WARNING, note, note_size - 1))
        lost = 0;
    if (!system_log_send(&system_log, priority_of(level), text, size))
        lost++;
}

/* TEXT, which is escaped, as it stands in a JSON string. */
static void escape_json(char out[static 2 * LOG_TEXT_SIZE], const char *text) {
    size_t size = 0;

    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            out[size++] = '\\';
        out[size++] = *text;
    }
    out[size] = '\0';
}

static size_t compose(char record[static RECORD_SIZE], enum log_level level, uint64_t client, const char *text,
                      enum log_format how) {
    char date[32] = "", number[40] = "", json[2 * LOG_TEXT_SIZE] = "";
    const uint64_t now = clock_wall_ms();
    const time_t seconds = (time_t)(now / 1000);
    struct tm utc = {0};
    int size = 0;

    gmtime_r(&seconds, &utc);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
    if (client != LOG_NO_CLIENT)
        snprintf(number, sizeof(number), how == LOG_FORMAT_JSON ? ",\"client\":%" PRIu64 : "[%" PRIu64 "] ", client);
    if (how == LOG_FORMAT_JSON) {
        escape_json(json, text);
        size = snprintf(record, RECORD_SIZE, "{\"time\":\"%s.%03uZ\",\"level\":\"%s\"%s,\"text\":\"%s\"}\n", date,
                        (unsigned)(now % 1000), level_names[level], number, json);
    } else {
        size = snprintf(record, RECORD_SIZE, "%s.%03uZ %s %s%s\n", date, (unsigned)(now % 1000), level_names[level],
                        number, text);
    }
    return (size_t)size;
}

static void write_record_locked(enum log_level level, uint64_t client, const char *text) REQUIRES(lock) {
    /* Room for the priority in front, which may take the place of the time. */
    char room[3 + RECORD_SIZE] = "";
    char *record = room + 3;
    const size_t size = compose(record, level, client, text, format);
    char *untimed = format == LOG_FORMAT_JSON ? record : strchr(record, ' ') + 1;
    const size_t untimed_size = (size_t)(record + size - untimed);

    if (writer != NULL) {
        writer(writer_context, record, size);
    } else if (file >= 0) {
        emit_locked(file, record, size);
    } else if (target == LOG_TARGET_SYSLOG) {
        /* Without the line's end. */
        report_locked(level, untimed, untimed_size - 1);
    } else if (is_journal) {
        memcpy(untimed - 3, (char[]){'<', (char)('0' + priority_of(level)), '>'}, 3);
        emit_locked(STDERR_FILENO, untimed - 3, 3 + untimed_size);
    } else {
        emit_locked(STDERR_FILENO, record, size);
    }
}

void log_write(enum log_level level, uint64_t client, const char *words, ...) {
    char raw[LOG_TEXT_SIZE] = "";
    char text[LOG_TEXT_SIZE] = "";
    va_list arguments;

    if (!log_enabled(level))
        return;
    va_start(arguments, words);
    vsnprintf(raw, sizeof(raw), words, arguments);
    va_end(arguments);
    text_escape_cut(text, sizeof(text), span_of(raw));
    lock_acquire(&lock);
    write_record_locked(level, client, text);
    lock_release(&lock);
}
