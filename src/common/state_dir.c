#include <config.h>

#include "src/common/state_dir.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int join(char out[static STATE_PATH_SIZE], struct diagnostic *why, const char *a, const char *b, const char *c) {
    char path[STATE_PATH_SIZE] = "";
    int size = snprintf(path, sizeof(path), "%s%s%s", a, b, c);

    if (size < 0 || (size_t)size >= sizeof(path)) {
        diagnostic_set(why, "the path of the state directory is too long");
        return -ENAMETOOLONG;
    }
    memcpy(out, path, (size_t)size + 1);
    return 0;
}

int state_dir_default(char out[static STATE_PATH_SIZE], const char *name, struct diagnostic *why) {
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    struct passwd entry = {0};
    struct passwd *found = NULL;
    char memory[4096] = "";

    if (state != NULL && state[0] == '/')
        return join(out, why, state, "/", name);
    if (home == NULL || home[0] != '/') {
        if (getpwuid_r(getuid(), &entry, memory, sizeof(memory), &found) != 0 || found == NULL) {
            diagnostic_set(why, "there is no home folder to keep state in: give --state-dir DIR");
            return -ENOENT;
        }
        home = entry.pw_dir;
    }
    return join(out, why, home, "/.local/state/", name);
}

/* mkdir() for each folder on the way to PATH.  Those above it get the same mode: all that is made here holds state. */
static int make_all(const char *path) {
    char part[STATE_PATH_SIZE] = "";
    size_t length = strlen(path);

    if (length == 0 || length >= sizeof(part))
        return length == 0 ? -ENOENT : -ENAMETOOLONG;
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return -errno;
    }
    return 0;
}

int state_dir_make(const char *path, struct diagnostic *why) {
    struct stat status = {0};
    int error = make_all(path);

    if (error == 0 && stat(path, &status) != 0)
        error = -errno;
    if (error == 0 && !S_ISDIR(status.st_mode))
        error = -ENOTDIR;
    if (error != 0) {
        diagnostic_set(why, "cannot make the state directory %s: %s", path, diagnostic_errno(-error));
        return error;
    }
    if (status.st_uid != geteuid() && status.st_uid != 0) {
        diagnostic_set(why, "the state directory %s belongs to another user", path);
        return -EPERM;
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        diagnostic_set(why, "others may write to the state directory %s: chmod 700 %s", path, path);
        return -EPERM;
    }
    return 0;
}

int state_dir_path(char out[static STATE_PATH_SIZE], const char *dir, const char *file, struct diagnostic *why) {
    return join(out, why, dir, "/", file);
}
