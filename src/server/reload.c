#include <config.h>

#include "src/server/reload.h"

#include "src/common/log.h"
#include "src/server/allow_list.h"
#include "src/server/eviction.h"

int reload_policy(struct server *server, struct diagnostic *why) {
    const struct settings *settings = server->settings;
    struct name_table *allowed = NULL;

    if (settings->policy == REGISTRY_ALLOW && allow_list_read(&allowed, settings->allow_file, why) != 0)
        return -1;
    registry_set_policy(server->registry, settings->policy, allowed);
    return 0;
}

void reload(struct server *server) {
    struct diagnostic why = {""};

    log_info(LOG_NO_CLIENT, "reading files again");
    if (reload_policy(server, &why) != 0)
        log_error(LOG_NO_CLIENT, "%s; the list as it was before stays in force", why.text);
    if (vetting_reload(&server->vetting, &why) != 0)
        log_error(LOG_NO_CLIENT, "%s; the authorities as they were before stay in force", why.text);
    if (registry_reload(server->registry, &why) != 0)
        log_error(LOG_NO_CLIENT, "%s; the names as they were before stay in force", why.text);
    eviction_check_all(server);
    log_info(LOG_NO_CLIENT, "files were read again");
}
