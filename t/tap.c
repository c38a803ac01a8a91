#include <config.h>

#include "t/tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Bytes shown of each side where two byte strings differ: enough for an RSA-2048 value's first half. */
#define HEX_SHOWN    128
#define HEX_PER_LINE 16

/* Seconds that a program may take: one that never ends has failed. */
#define LIMIT 900

/* A description or comment longer than this is cut. */
#define TEXT_MAX 1024

static unsigned tests_run;
static unsigned tests_failed;
static const char *skip_all;

#if defined(__GNUC__)
__attribute__((constructor)) static void limit_time(void) {
    alarm(LIMIT);
}
#endif

/* Prints text so that it cannot be taken for a directive or for a line of its own. */
static void print_description(const char *text) {
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < 0x20 || c > 0x7e) {
            printf("\\x%02x", c);
            continue;
        }
        if (c == '#' || c == '\\')
            putchar('\\');
        putchar(c);
    }
}

static bool report(bool ok, const char *file, int line, const char *fmt, va_list args) TAP_PRINTF(4, 0);

static bool report(bool ok, const char *file, int line, const char *fmt, va_list args) {
    char text[TEXT_MAX];

    vsnprintf(text, sizeof text, fmt, args);
    tests_run++;
    printf("%s %u - ", ok ? "ok" : "not ok", tests_run);
    print_description(text);
    putchar('\n');
    if (!ok) {
        tests_failed++;
        printf("#   failed at %s:%d\n", file, line);
    }
    fflush(stdout);
    return ok;
}

void tap_diag(const char *fmt, ...) {
    char text[TEXT_MAX];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    for (const char *line = text; line != NULL;) {
        const char *end = strchr(line, '\n');
        int length = end == NULL ? (int)strlen(line) : (int)(end - line);

        printf("# %.*s\n", length, line);
        line = end == NULL || end[1] == '\0' ? NULL : end + 1;
    }
    fflush(stdout);
}

bool tap_ok(bool ok, const char *file, int line, const char *expr, const char *fmt, ...) {
    va_list args;

    va_start(args, fmt);
    report(ok, file, line, fmt, args);
    va_end(args);
    if (!ok)
        tap_diag("  not true: %s", expr);
    return ok;
}

bool tap_is_int(intmax_t got, intmax_t want, const char *file, int line, const char *fmt, ...) {
    va_list args;
    bool ok = got == want;

    va_start(args, fmt);
    report(ok, file, line, fmt, args);
    va_end(args);
    if (!ok)
        tap_diag("   got: %jd (0x%jx)\n  want: %jd (0x%jx)", got, (uintmax_t)got, want, (uintmax_t)want);
    return ok;
}

/* Control bytes as \xNN, so that a diagnostic stays one line. */
static void print_string(const char *label, const char *string) {
    printf("# %s: ", label);
    if (string == NULL) {
        puts("NULL");
        return;
    }
    putchar('"');
    for (; *string != '\0'; string++) {
        unsigned char c = (unsigned char)*string;

        if (c < 0x20 || c == 0x7f || c == '\\' || c == '"')
            printf("\\x%02x", c);
        else
            putchar(c);
    }
    puts("\"");
}

bool tap_is_str(const char *got, const char *want, const char *file, int line, const char *fmt, ...) {
    va_list args;
    bool ok = got == want || (got != NULL && want != NULL && strcmp(got, want) == 0);

    va_start(args, fmt);
    report(ok, file, line, fmt, args);
    va_end(args);
    if (!ok) {
        print_string("   got", got);
        print_string("  want", want);
        fflush(stdout);
    }
    return ok;
}

static void print_hex(const char *label, const unsigned char *bytes, size_t from, size_t size) {
    size_t to = size - from > HEX_SHOWN ? from + HEX_SHOWN : size;

    for (size_t i = from; i < to; i++) {
        if ((i - from) % HEX_PER_LINE == 0)
            printf("%s# %s %04zx:", i == from ? "" : "\n", label, i);
        printf(" %02x", bytes[i]);
    }
    puts(to < size ? " ..." : "");
}

bool tap_is_mem(const void *got, const void *want, size_t size, const char *file, int line, const char *fmt, ...) {
    va_list args;
    bool ok = size == 0 || (got != NULL && want != NULL && memcmp(got, want, size) == 0);

    va_start(args, fmt);
    report(ok, file, line, fmt, args);
    va_end(args);
    if (!ok && (got == NULL || want == NULL)) {
        tap_diag("  %s is NULL", got == NULL ? "got" : "want");
    } else if (!ok) {
        const unsigned char *left = got, *right = want;
        size_t from = 0;

        while (left[from] == right[from])
            from++;
        tap_diag("  first difference at byte %zu of %zu", from, size);
        from -= from % HEX_PER_LINE;
        print_hex("   got", left, from, size);
        print_hex("  want", right, from, size);
        fflush(stdout);
    }
    return ok;
}

void tap_skip(unsigned count, const char *why) {
    if (count == 0 && tests_run == 0)
        skip_all = why;
    for (; count > 0; count--)
        printf("ok %u # SKIP %s\n", ++tests_run, why);
    fflush(stdout);
}

int tap_done(void) {
    if (tests_run == 0 && skip_all != NULL)
        printf("1..0 # SKIP %s\n", skip_all);
    else
        printf("1..%u\n", tests_run);
    if (tests_failed > 0)
        tap_diag("%u of %u failed", tests_failed, tests_run);
    if (fflush(stdout) != 0 || ferror(stdout))
        return 1;
    return tests_failed == 0 ? 0 : 1;
}
