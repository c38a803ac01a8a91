#include <config.h>

#include "src/common/log.h"

#include "proto/text.h"
#include "src/common/clock.h"
#include "src/common/lock.h"

#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const level_names[] = {"error", "warning", "info", "debug"};

static _Atomic enum log_level threshold = LOG_LEVEL_INFO;
static struct lock lock = LOCK_INIT;
static log_writer *writer;
static void *writer_context;
static unsigned long lost GUARDED_BY(lock); /* records since standard error last took one */

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

/* Writes RECORD to standard error, or counts it: a log that nobody reads must not stop the program.  A pipe that polls
 * as writable takes PIPE_BUF bytes, and a record is not longer. */
static void emit_locked(const char *record, size_t size) REQUIRES(lock) {
    struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};
    char note[64] = "";

    if (poll(&fd, 1, 0) == 0) {
        lost++;
        return;
    }
    if (lost > 0 && snprintf(note, sizeof(note), "... %lu records were lost\n", lost) > 0 &&
        write(STDERR_FILENO, note, strlen(note)) > 0)
        lost = 0;
    /* A log that cannot be written has nowhere to say so. */
    if (write(STDERR_FILENO, record, size) < 0)
        return;
}

static void write_record_locked(enum log_level level, uint64_t client, const char *text) REQUIRES(lock) {
    char record[LOG_TEXT_SIZE + 96] = "";
    char date[32] = "";
    char number[24] = "";
    uint64_t now = clock_wall_ms();
    time_t seconds = (time_t)(now / 1000);
    struct tm utc = {0};
    int size = 0;

    gmtime_r(&seconds, &utc);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
    if (client != LOG_NO_CLIENT)
        snprintf(number, sizeof(number), "[%" PRIu64 "] ", client);
    size = snprintf(record, sizeof(record), "%s.%03uZ %s %s%s\n", date, (unsigned)(now % 1000), level_names[level],
                    number, text);
    if (writer != NULL)
        writer(writer_context, record, (size_t)size);
    else
        emit_locked(record, (size_t)size);
}

void log_write(enum log_level level, uint64_t client, const char *format, ...) {
    char raw[LOG_TEXT_SIZE] = "";
    char text[LOG_TEXT_SIZE] = "";
    va_list arguments;

    if (!log_enabled(level))
        return;
    va_start(arguments, format);
    vsnprintf(raw, sizeof(raw), format, arguments);
    va_end(arguments);
    text_escape_cut(text, sizeof(text), span_of(raw));
    lock_acquire(&lock);
    write_record_locked(level, client, text);
    lock_release(&lock);
}
