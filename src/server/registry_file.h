/*
 * registry_file: the registry on the disk, an SQLite database.
 *
 * Used by the registry's writer while the server runs, and by the commands that look at it and change it, which may be
 * other processes at the same time.  A file that is not such a database, or from a newer version, is never written to.
 * What a commit has returned for is on the disk (WAL, synchronous=FULL).
 *
 * Errors: 0 or REGISTRY_FILE_ERROR with WHY, which says what to do.  Single owner.
 */
#ifndef SERVER_REGISTRY_FILE_H
#define SERVER_REGISTRY_FILE_H

#include "src/common/diagnostic.h"
#include "src/server/name_table.h"

/* What the file in a state directory is called. */
#define REGISTRY_FILE "registry.db"

/* In the database's header: "ChSr", and the version of its tables. */
#define REGISTRY_FILE_APPLICATION 0x43685372
#define REGISTRY_FILE_VERSION     1

#define REGISTRY_FILE_ERROR (-1)

enum registry_file_mode {
    REGISTRY_FILE_CREATE, /* make it where it is missing */
    REGISTRY_FILE_EXISTING
};

struct registry_row {
    char name[NAME_SIZE]; /* as it was written when it was taken */
    char fingerprint[CSC_FINGERPRINT_SIZE];
    enum name_state state;
    uint64_t first_seen; /* Unix seconds; 0: never */
    uint64_t last_seen;
};

struct registry_file;

/* Opens the database at PATH, and brings its tables up to this version. */
int registry_file_open(struct registry_file **file, const char *path, enum registry_file_mode mode,
                       struct diagnostic *why) __attribute__((warn_unused_result));

/* Whether it could be opened at PATH, where another process has it open, and does not change a thing. */
int registry_file_check(const char *path, struct diagnostic *why) __attribute__((warn_unused_result));

/* Undoes what was not committed.  NULL is legal. */
void registry_file_close(struct registry_file *file);

/* Calls EACH for every row, by name, until it returns other than 0, which is then returned, with its WHY. */
typedef int registry_file_visitor(void *context, const struct registry_row *row, struct diagnostic *why);
int registry_file_each(struct registry_file *file, registry_file_visitor *each, void *context, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* The row of NAME, whatever its case: 1 and *ROW, or 0 if there is none. */
int registry_file_find(struct registry_file *file, struct span name, struct registry_row *row, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Changes stand between begin and commit; a commit that fails has changed nothing, and ends the transaction. */
int registry_file_begin(struct registry_file *file, struct diagnostic *why) __attribute__((warn_unused_result));
int registry_file_commit(struct registry_file *file, struct diagnostic *why) __attribute__((warn_unused_result));
void registry_file_rollback(struct registry_file *file);

/* Adds *ROW unless its name is there; then *ROW becomes what is there. */
int registry_file_claim(struct registry_file *file, struct registry_row *row, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Adds a name, or gives it to another key; it is active then, and of another key never seen. */
int registry_file_assign(struct registry_file *file, struct span name, const char *fingerprint, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* These return 1, or 0 if the name is not there. */
int registry_file_seen(struct registry_file *file, const char *folded, uint64_t when, struct diagnostic *why)
    __attribute__((warn_unused_result));
int registry_file_set_state(struct registry_file *file, struct span name, enum name_state state, struct diagnostic *why)
    __attribute__((warn_unused_result));
int registry_file_remove(struct registry_file *file, struct span name, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* The word for a state. */
const char *name_state_word(enum name_state state);

#endif
