/*
 * Writes the Test Anything Protocol for the unit tests in t/test_*.c.
 *
 * Called by a test's main() and by what it calls, from one thread; the counters are static. Each macro below makes one
 * test line on stdout and gives true when the test passed, so that a test can leave what depends on it:
 *
 *     if (IS_INT(csc_load(...), 0, "a PKCS#8 key loads"))
 *         check_key(...);
 *     return tap_done();
 *
 * The description is a printf format with its arguments; it names what is expected to hold. A failed test adds lines
 * with the file, the line and both values. Nothing here ends the program.
 */
#ifndef CHATSECURE_T_TAP_H
#define CHATSECURE_T_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TAP_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define TAP_PRINTF(fmt, args)
#endif

/* The condition holds. */
#define OK(cond, ...) tap_ok(!!(cond), __FILE__, __LINE__, #cond, __VA_ARGS__)

/* Two integers, of any type that fits intmax_t, are equal. */
#define IS_INT(got, want, ...) tap_is_int((intmax_t)(got), (intmax_t)(want), __FILE__, __LINE__, __VA_ARGS__)

/* Two strings are equal; NULL equals NULL only. */
#define IS_STR(got, want, ...) tap_is_str((got), (want), __FILE__, __LINE__, __VA_ARGS__)

/* The first size bytes of both are equal. NULL is legal where size is 0. */
#define IS_MEM(got, want, size, ...) tap_is_mem((got), (want), (size), __FILE__, __LINE__, __VA_ARGS__)

/* The functions behind the macros. */
bool tap_ok(bool ok, const char *file, int line, const char *expr, const char *fmt, ...) TAP_PRINTF(5, 6);
bool tap_is_int(intmax_t got, intmax_t want, const char *file, int line, const char *fmt, ...) TAP_PRINTF(5, 6);
bool tap_is_str(const char *got, const char *want, const char *file, int line, const char *fmt, ...) TAP_PRINTF(5, 6);
bool tap_is_mem(const void *got, const void *want, size_t size, const char *file, int line, const char *fmt, ...)
    TAP_PRINTF(6, 7);

/* Prints a comment, each of its lines after "# ". */
void tap_diag(const char *fmt, ...) TAP_PRINTF(1, 2);

/*
 * Counts count tests as skipped because of why, a phrase without newline. With count 0, before any other test, the
 * whole program is skipped: call tap_done() next.
 */
void tap_skip(unsigned count, const char *why);

/* Prints the plan. Returns what main() is to return: 0 when no test failed and the output was written, else 1. */
int tap_done(void);

#endif
