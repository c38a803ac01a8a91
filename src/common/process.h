/*
 * process: what both programs ask of the system before they touch a secret.
 *
 * Called by main() while there is one thread.
 */
#ifndef COMMON_PROCESS_H
#define COMMON_PROCESS_H

/* Defined in builds with a sanitizer that replaces memory or threads. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PROCESS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define PROCESS_SANITIZED 1
#endif
#endif

/* No core dumps and no attaching of debuggers by the same user (left possible in builds with a
 * sanitizer, which needs it), and SIGPIPE and SIGXFSZ ignored: a write to a closed connection, or beyond the
 * size that a file may have, is an error code. */
void process_protect(void);

/* Makes sure that descriptors 0, 1 and 2 are open, so that no socket or key file gets their number.  One that
 * was closed reads as empty and fails to be written to, as before. */
void process_open_standard_descriptors(void);

#endif
