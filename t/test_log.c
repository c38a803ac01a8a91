/* src/common/log.c: what syslog gets; linked so that it does not get it. */
#include <config.h>

#include "src/common/log.h"
#include "src/common/system_log.h"
#include "t/tap.h"

#include <stdio.h>
#include <string.h>

bool __wrap_system_log_send(struct system_log *log, int priority, const char *text, size_t size);

static int priority_got;
static char text_got[4096];
static char text_before[sizeof(text_got)];
static bool is_stalled;

bool __wrap_system_log_send(struct system_log *log, int priority, const char *text, size_t size) {
    (void)log;
    priority_got = priority;
    memcpy(text_before, text_got, sizeof(text_before));
    snprintf(text_got, sizeof(text_got), "%.*s", (int)size, text);
    return !is_stalled;
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

static void test_lost(void) {
    is_stalled = true;
    log_info(LOG_NO_CLIENT, "one");
    log_info(LOG_NO_CLIENT, "two");
    is_stalled = false;
    log_info(LOG_NO_CLIENT, "three");
    IS_STR(text_before, "... 2 records were lost", "what was lost is told");
    IS_STR(text_got, "info three", "before the next");
    log_info(LOG_NO_CLIENT, "four");
    IS_STR(text_before, "info three", "once");
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
    test_lost();
    test_json();
    return tap_done();
}
