#include <config.h>

#include "src/bench/workspace.h"

#include "crypto/cscrypto.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_NAME_SIZE 64

/* Removes the folder PATH and what is in it. */
static void remove_folder(const char *path) {
    struct diagnostic ignored = {""};
    char file[STATE_PATH_SIZE] = "";
    const struct dirent *entry = NULL;
    DIR *folder = opendir(path);

    if (folder == NULL)
        return;
    while ((entry = readdir(folder)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            state_dir_path(file, path, entry->d_name, &ignored) == 0 && unlink(file) != 0)
            remove_folder(file);
    closedir(folder);
    rmdir(path);
}

int workspace_open(struct workspace *workspace, const char *keys, struct diagnostic *why) {
    const char *parent = getenv("TMPDIR");

    *workspace = (struct workspace){.temporary = ""};
    if (state_dir_path(workspace->temporary, parent != NULL ? parent : "/tmp", "chatsecure-bench-XXXXXX", why) != 0) {
        workspace->temporary[0] = '\0';
        return -1;
    }
    if (mkdtemp(workspace->temporary) == NULL) {
        diagnostic_set(why, "cannot make a temporary folder: %s", diagnostic_errno(errno));
        workspace->temporary[0] = '\0';
        return -1;
    }
    if (keys == NULL)
        keys = workspace->temporary;
    else if (state_dir_make(keys, why) != 0)
        return -1;
    snprintf(workspace->keys, sizeof(workspace->keys), "%s", keys);
    return state_dir_path(workspace->state, workspace->temporary, "server", why) == 0 ? 0 : -1;
}

int workspace_another(struct workspace *workspace, struct diagnostic *why) {
    return state_dir_path(workspace->state, workspace->temporary, "another", why) == 0 ? 0 : -1;
}

void workspace_close(struct workspace *workspace) {
    if (workspace->temporary[0] == '\0')
        return;
    remove_folder(workspace->temporary);
    *workspace = (struct workspace){.temporary = ""};
}

int workspace_key(const struct workspace *workspace, const char *name, unsigned bits, char path[static STATE_PATH_SIZE],
                  struct diagnostic *why) {
    csc_private_key *key = NULL;
    char file[KEY_NAME_SIZE] = "";
    int error = 0;

    snprintf(file, sizeof(file), "%s-%u.pem", name, bits);
    if (state_dir_path(path, workspace->keys, file, why) != 0)
        return -1;
    if (access(path, F_OK) == 0)
        return 0;
    error = csc_private_key_generate(&key, bits);
    if (error == 0)
        error = csc_private_key_save(key, path, NULL, false);
    csc_private_key_free(key);
    if (error != 0)
        diagnostic_set(why, "cannot make the key %s: %s", path, csc_strerror(error));
    return error != 0 ? -1 : 0;
}
