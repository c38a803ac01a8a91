/*
 * trust_store: a file of names and the fingerprints of the keys that belong to them.
 *
 * One entry a line, "NAME FINGERPRINT [verified] [since=YYYY-MM-DD] [WORD...]"; empty lines and lines that begin with
 * '#' mean nothing.  The two words count only in front of any other, so that a remark like "not verified yet" does not;
 * what is not understood is kept, and so is the order.  Names are compared without case, and the first line of a name
 * counts.
 * A line that cannot be read is an error and not an unknown name: a damaged file must not make anybody trusted anew.
 * The file is read anew at each call, so that what a person edits counts at once.  Changes are those of a locked_file.
 * Errors: -errno with WHY (-EBADMSG for a line that cannot be read, -EFBIG).
 */
#ifndef COMMON_TRUST_STORE_H
#define COMMON_TRUST_STORE_H

#include "crypto/cscrypto.h"
#include "src/common/diagnostic.h"
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

/* A file is not longer: some ten thousand entries, read in a few milliseconds. */
#define TRUST_STORE_MAX (1024 * 1024)

/* A host's name and port, or a user's name; a longer one is cut where it is listed. */
#define TRUST_NAME_SIZE 288
/* "YYYY-MM-DD" */
#define TRUST_DATE_SIZE 11

struct trust_entry {
    char name[TRUST_NAME_SIZE]; /* as the file has it */
    char fingerprint[CSC_FINGERPRINT_SIZE];
    char since[TRUST_DATE_SIZE]; /* when the key was noted, "" if the file does not say */
    bool verified;
    unsigned long line; /* where it stands in the file, from 1 */
};

/* Looks NAME up in the file at PATH, which need not exist.  1 and *ENTRY, or 0 if it is not there. */
int trust_store_find(const char *path, const char *name, struct trust_entry *entry, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Takes an entry.  Not 0 ends the list, and is what trust_store_list() returns. */
typedef int trust_store_visitor(void *context, const struct trust_entry *entry);

/* Gives every entry that counts to VISIT, in the order of the names. */
int trust_store_list(const char *path, trust_store_visitor *visit, void *context, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Adds a line for NAME, which has no blanks, since today.  The file is made with mode 0600.  -EEXIST if NAME is there
 * by now. */
int trust_store_add(const char *path, const char *name, const char *fingerprint, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* The same, or gives the NAME that is there another key, in its place, since today and no longer verified.  What is
 * there with this key stays as it is.  1 if something was changed, else 0. */
int trust_store_set(const char *path, const char *name, const char *fingerprint, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Takes all lines of NAME out, those behind the first one even if they cannot be read.  1, or 0 if there was none. */
int trust_store_remove(const char *path, const char *name, struct diagnostic *why) __attribute__((warn_unused_result));

/* Notes that NAME's key is verified, if it is FINGERPRINT.  1 if so, 0 if NAME is not there or has another key. */
int trust_store_mark_verified(const char *path, const char *name, const char *fingerprint, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* What the file at a path was: equal stamps have nothing changed between them. */
struct trust_stamp {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified, changed;
};

/* Takes the stamp of the file at PATH; all zero if there is none.  True if it is another than *STAMP was. */
bool trust_store_has_changed(const char *path, struct trust_stamp *stamp);

/* True if TEXT has the form of a fingerprint. */
bool trust_fingerprint_is_valid(const char *text);

#endif
