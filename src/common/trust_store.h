/*
 * trust_store: a file of names and the fingerprints of the keys that belong to them.
 *
 * One entry a line, "NAME FINGERPRINT [WORD...]"; empty lines and lines that begin with '#' are kept and mean nothing;
 * words behind the fingerprint are kept too.  Names are compared without case, and the first line of a name counts.
 * A line that cannot be read is an error and not an unknown name: a damaged file must not make anybody trusted anew.
 * The file is read anew at each call, so that what a person edits counts at once.  Changes are made under a lock on
 * "PATH.lock" and replace the file as a whole.
 * Errors: -errno with WHY (-EBADMSG for a line that cannot be read, -EFBIG).
 */
#ifndef COMMON_TRUST_STORE_H
#define COMMON_TRUST_STORE_H

#include "crypto/cscrypto.h"
#include "src/common/diagnostic.h"
#include <stdbool.h>

/* A file is not longer: some ten thousand entries, read in a few milliseconds. */
#define TRUST_STORE_MAX (1024 * 1024)

struct trust_entry {
    char fingerprint[CSC_FINGERPRINT_SIZE];
    unsigned long line; /* where it stands in the file, from 1 */
};

/* Looks NAME up in the file at PATH, which need not exist.  1 and *ENTRY, or 0 if it is not there. */
int trust_store_find(const char *path, const char *name, struct trust_entry *entry, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Adds a line for NAME, which has no blanks.  The file is made with mode 0600.  -EEXIST if NAME is there by now. */
int trust_store_add(const char *path, const char *name, const char *fingerprint, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* True if TEXT has the form of a fingerprint. */
bool trust_fingerprint_is_valid(const char *text);

#endif
