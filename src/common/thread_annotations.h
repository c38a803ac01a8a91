/*
 * thread_annotations: names for clang's thread-safety attributes, nothing for other compilers.
 *
 * A field that a lock protects says GUARDED_BY(lock) where it is declared; a function whose caller
 * holds the lock ends in _locked and says REQUIRES(lock).  Checked by -Wthread-safety.
 */
#ifndef COMMON_THREAD_ANNOTATIONS_H
#define COMMON_THREAD_ANNOTATIONS_H

#if defined(__clang__)
#define THREAD_ANNOTATION(x) __attribute__((x))
#else
#define THREAD_ANNOTATION(x)
#endif

#define CAPABILITY(name) THREAD_ANNOTATION(capability(name))
/* In C, clang's guarded_by() cannot name another member of the struct that it stands in (before clang 20, and then by
 * an experimental option), so the check is the weaker one that some lock is held; the name is for the reader. */
#define GUARDED_BY(lock) THREAD_ANNOTATION(guarded_var)

#define REQUIRES(...)      THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define EXCLUDES(...)      THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define ACQUIRE(...)       THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define RELEASE(...)       THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define NO_THREAD_ANALYSIS THREAD_ANNOTATION(no_thread_safety_analysis)

#endif
