/*
 * state_dir: the folder where a program keeps what lasts.
 *
 * Errors: 0 or -errno with WHY.  Called by main() before there are threads, since it reads the
 * environment.
 */
#ifndef COMMON_STATE_DIR_H
#define COMMON_STATE_DIR_H

#include "src/common/diagnostic.h"
#include <stddef.h>

/* As long as the system's longest path. */
#define STATE_PATH_SIZE 4096

/* The folder NAME of the user: $XDG_STATE_HOME/NAME, or ~/.local/state/NAME.  An XDG_STATE_HOME that is not absolute
 * is ignored, as its specification wants.  -ENOENT if there is no home either, -ENAMETOOLONG. */
int state_dir_default(char out[static STATE_PATH_SIZE], const char *name, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Makes PATH with the folders above it, mode 0700, where they are missing.  A folder that is there already must be this
 * user's own or root's, and one that others may write to is refused. */
int state_dir_make(const char *path, struct diagnostic *why) __attribute__((warn_unused_result));

/* "DIR/FILE".  -ENAMETOOLONG. */
int state_dir_path(char out[static STATE_PATH_SIZE], const char *dir, const char *file, struct diagnostic *why)
    __attribute__((warn_unused_result));

#endif
