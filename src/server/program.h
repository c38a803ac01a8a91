/*
 * program: where the file of this program is, for the one that is there later.
 */
#ifndef SERVER_PROGRAM_H
#define SERVER_PROGRAM_H

#include "src/common/diagnostic.h"
#include "src/common/state_dir.h"

/* The absolute path of the file that NAME, the first argument that the program got, was found by: in $PATH if there is
 * no slash in it.  Links stay links, so that they can be turned to another version.  -1 with WHY. */
int program_find(char out[static STATE_PATH_SIZE], const char *name, struct diagnostic *why)
    __attribute__((warn_unused_result));

#endif
