#include <config.h>

#include "src/server/state.h"

#include "src/common/clock.h"
#include "src/common/file_lock.h"
#include "src/common/log.h"
#include "src/server/allow_list.h"
#include "src/server/registry_file.h"
#include "src/server/reload.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* Held while a server uses its state directory. */
#define LOCK_FILE "lock"

/* How often it is tried to have it. */
#define LOCK_STEP_MS 10

static int take_lock(struct server *server, const char *dir, uint64_t deadline, struct diagnostic *why) {
    char path[STATE_PATH_SIZE] = "";

    if (state_dir_path(path, dir, LOCK_FILE, why) != 0)
        return -1;
    while ((server->state_lock = file_lock_take(path, false, why)) == -EAGAIN && clock_monotonic_ms() < deadline)
        poll(NULL, 0, LOCK_STEP_MS);
    if (server->state_lock == -EAGAIN)
        diagnostic_set(why, "the state directory %s is in use by another chatsecure-server: give --state-dir another",
                       dir);
    return server->state_lock < 0 ? -1 : 0;
}

int state_check(const struct settings *settings, struct diagnostic *why) {
    char dir[STATE_PATH_SIZE] = "";
    char path[STATE_PATH_SIZE] = "";
    struct name_table *allowed = NULL;

    if (settings->policy == REGISTRY_ALLOW && allow_list_read(&allowed, settings->allow_file, why) != 0)
        return -1;
    name_table_free(allowed);
    if (settings_state_dir(settings, dir, why) != 0 || state_dir_path(path, dir, REGISTRY_FILE, why) != 0)
        return -1;
    return registry_file_check(path, why);
}

int state_open(struct server *server, const struct settings *settings, uint64_t deadline, struct diagnostic *why) {
    char dir[STATE_PATH_SIZE] = "";
    char path[STATE_PATH_SIZE] = "";
    bool made = false;

    if (settings_state_dir(settings, dir, why) != 0 || state_dir_make(dir, why) != 0 ||
        take_lock(server, dir, deadline, why) != 0 || state_dir_path(path, dir, REGISTRY_FILE, why) != 0)
        return -1;
    /* First the socket: a command that changes the registry before it is read need not tell, one that does so after
     * that finds somebody to tell. */
    if (control_open(&server->control, dir, why) != 0)
        return -1;
    made = access(path, F_OK) != 0;
    if (registry_open(&server->registry, path, why) != 0)
        return -1;
    if (made)
        log_info(LOG_NO_CLIENT, "a new registry was made: %s", path);
    return reload_policy(server, settings, why);
}

void state_release(struct server *server) {
    file_lock_release(server->state_lock);
    server->state_lock = -1;
}
