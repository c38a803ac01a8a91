/* src/common/log.c: what syslog gets; linked so that it does not get it. */
#include <config.h>

#include "src/common/log.h"
#include "t/tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

void __wrap_syslog(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));
void __wrap___syslog_chk(int priority, int flag, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int priority_got;
static char text_got[4096];

static void __attribute__((format(printf, 2, 0))) take(int priority, const char *format, va_list arguments) {
    priority_got = priority;
    vsnprintf(text_got, sizeof(text_got), format, arguments);
}

void __wrap_syslog(int priority, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    take(priority, format, arguments);
    va_end(arguments);
}

void __wrap___syslog_chk(int priority, int flag, const char *format, ...) {
    va_list arguments;

    (void)flag;
    va_start(arguments, format);
    take(priority, format, arguments);
    va_end(arguments);
}

static void test_text(void) {
    log_warning(7, "%s", "a \"b\"\n\x1b[2J%s");
    IS_INT(priority_got, LOG_WARNING, "a warning is one");
    IS_STR(text_got, "warning [7] a \"b\"\\x0a\\x1b[2J%s", "without the time, escaped, and no format");
    log_error(LOG_NO_CLIENT, "no");
    IS_INT(priority_got, LOG_ERR, "an error is one");
    IS_STR(text_got, "error no", "without a client");
    log_debug(LOG_NO_CLIENT, "hidden");
    IS_STR(text_got, "error no", "what is below the level is not sent");
    log_set_level(LOG_LEVEL_DEBUG);
    log_debug(LOG_NO_CLIENT, "shown");
    IS_INT(priority_got, LOG_DEBUG, "and what is not is");
}

static void test_json(void) {
    static const char end[] = "Z\",\"level\":\"info\",\"client\":7,\"text\":\"a \\\"b\\\" \\\\x0a\"}";
    char text[2 * LOG_TEXT_SIZE];
    size_t size;

    log_set_format(LOG_FORMAT_JSON);
    log_info(7, "a \"b\" \n");
    IS_INT(priority_got, LOG_INFO, "JSON has its priority too");
    size = strlen(text_got);
    OK(size > sizeof(end) && strcmp(text_got + size - strlen(end), end) == 0, "and is whole: %s", text_got);
    memset(text, '"', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    log_info(UINT64_MAX, "%s", text);
    size = strlen(text_got);
    OK(size > 2000 && text_got[size - 1] == '}', "the longest text of quotes, %zu bytes", size);
    OK(size < 4096, "is less than a pipe takes at once");
}

int main(void) {
    log_set_target(LOG_TARGET_SYSLOG);
    OK(!log_is_on_stderr(), "the log is not on stderr");
    test_text();
    test_json();
    return tap_done();
}
