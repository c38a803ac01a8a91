#include <config.h>

#include "src/server/program.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Writes to OUT the path of NAME in FOLDER, of SIZE bytes, or else in the current folder, which also a relative FOLDER
 * is below.  False if no program is there. */
static bool is_there(char out[static STATE_PATH_SIZE], const char *folder, size_t size, const char *name) {
    char current[PATH_MAX] = "";
    int length = 0;

    if ((size > 0 ? folder : name)[0] != '/' && getcwd(current, sizeof(current)) == NULL)
        return false;
    length = snprintf(out, STATE_PATH_SIZE, "%s%s%.*s%s%s", current, current[0] != '\0' ? "/" : "", (int)size, folder,
                      size > 0 ? "/" : "", name);
    return length > 0 && length < STATE_PATH_SIZE && access(out, X_OK) == 0;
}

int program_find(char out[static STATE_PATH_SIZE], const char *name, struct diagnostic *why) {
    const bool searched = strchr(name, '/') == NULL;
    bool found = !searched && is_there(out, "", 0, name);

    for (const char *folder = searched ? getenv("PATH") : NULL; folder != NULL && !found;) {
        const size_t size = strcspn(folder, ":");

        found = is_there(out, folder, size, name);
        folder = folder[size] == ':' ? folder + size + 1 : NULL;
    }
    if (!found)
        diagnostic_set(why, "there is no program where \"%s\" says", name);
    return found ? 0 : -1;
}
