/*
 * log: records, a line each, each in one write(), on stderr, in a file, or to syslog.
 *
 *     2026-03-01T12:00:00.123Z warning [7] the handshake failed
 *
 * Time in UTC, level, the number of the client it is about (left out where there is none), text.
 * The whole text is escaped, so that nothing of a peer's can end a line or reach a terminal raw; what
 * is longer than LOG_TEXT_SIZE is cut.  No key and no message text belongs into a record, on any level.
 * As JSON, a record is {"time":"2026-03-01T12:00:00.123Z","level":"warning","client":7,"text":"the handshake failed"}.
 * Syslog and the journal have a time of their own and get text without it; on a stderr that is the journal's, each
 * record has its priority in front, as "<4>".
 * Any thread; takes a lock of the highest rank, so that records stand in the order of their times.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include "src/common/diagnostic.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_TEXT_SIZE 1024

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* For a record that is about no client. */
#define LOG_NO_CLIENT 0

/* Records above LEVEL are dropped; LOG_LEVEL_INFO until this is called. */
void log_set_level(enum log_level level);

enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };
enum log_target { LOG_TARGET_STDERR, LOG_TARGET_SYSLOG };

/* Text on stderr until these are called. */
void log_set_format(enum log_format format);
void log_set_target(enum log_target target);

/* Records are appended to the file at PATH, whatever the target is; "" ends that.  The file is opened anew if it was
 * open already, so that it may have been moved away.  -1 with WHY: all is as it was before. */
int log_open_file(const char *path, struct diagnostic *why) __attribute__((warn_unused_result));

/* Finds out whether stderr is the journal's.  Called before there are threads. */
void log_look_for_journal(void);

/* What stands in front of a line that the program itself has for stderr when it cannot go on: the priority of an error
 * where that is the journal's, else "". */
const char *log_error_mark(void);

/* Whether records go to stderr. */
bool log_is_on_stderr(void);

/* Whether records of LEVEL are written: saves making what would be dropped. */
bool log_enabled(enum log_level level);

/* Takes one whole record with its "\n".  Called under the log's lock: it must not log. */
typedef void log_writer(void *context, const char *record, size_t size);

/* Records go to WRITER with CONTEXT, or to stderr if it is NULL.  Called before there are threads. */
void log_set_writer(log_writer *writer, void *context);

void log_write(enum log_level level, uint64_t client, const char *format, ...) __attribute__((format(printf, 3, 4)));

#define log_error(client, ...)   log_write(LOG_LEVEL_ERROR, client, __VA_ARGS__)
#define log_warning(client, ...) log_write(LOG_LEVEL_WARNING, client, __VA_ARGS__)
#define log_info(client, ...)    log_write(LOG_LEVEL_INFO, client, __VA_ARGS__)
#define log_debug(client, ...)                                                                                         \
    (log_enabled(LOG_LEVEL_DEBUG) ? log_write(LOG_LEVEL_DEBUG, client, __VA_ARGS__) : (void)0)

#endif
