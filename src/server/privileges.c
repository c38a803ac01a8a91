#include <config.h>

#include "src/server/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

/* Whom to become. */
struct who {
    char name[SETTINGS_USER_SIZE];
    uid_t user;
    gid_t group;
};

/* Finds NAME or NAME:GROUP. */
static int find(struct who *who, const char *text, struct diagnostic *why) {
    const size_t size = strcspn(text, ":");
    const struct passwd *user;
    const struct group *group;

    memcpy(who->name, text, size);
    who->name[size] = '\0';
    user = getpwnam(who->name);
    if (user == NULL) {
        diagnostic_set(why, "there is no user %s for --user", who->name);
        return -1;
    }
    who->user = user->pw_uid;
    who->group = user->pw_gid;
    if (text[size] == '\0')
        return 0;
    group = getgrnam(text + size + 1);
    if (group == NULL) {
        diagnostic_set(why, "there is no group %s for --user", text + size + 1);
        return -1;
    }
    who->group = group->gr_gid;
    return 0;
}

/* The folders above it may be root's alone to write. */
static int give_state_dir(const struct settings *settings, const struct who *who, struct diagnostic *why) {
    char dir[STATE_PATH_SIZE] = "";

    if (settings_state_dir(settings, dir, why) != 0)
        return -1;
    if (access(dir, F_OK) == 0 || errno != ENOENT)
        return 0;
    if (state_dir_make(dir, why) != 0)
        return -1;
    if (chown(dir, who->user, who->group) == 0)
        return 0;
    diagnostic_set(why, "cannot give %s to %s: %s", dir, who->name, diagnostic_errno(errno));
    return -1;
}

static int become(const struct who *who, struct diagnostic *why) {
    if (initgroups(who->name, who->group) == 0 && setgid(who->group) == 0 && setuid(who->user) == 0 &&
        (who->user == 0 || setuid(0) != 0))
        return 0;
    diagnostic_set(why, "cannot become %s: %s", who->name, diagnostic_errno(errno));
    return -1;
}

int privileges_drop(const struct settings *settings, struct diagnostic *why) {
    struct who who = {.name = ""};

    if (settings->user[0] == '\0')
        return 0;
    if (find(&who, settings->user, why) != 0)
        return -1;
    if (geteuid() != 0 && geteuid() == who.user && getegid() == who.group)
        return 0;
    if (geteuid() != 0) {
        diagnostic_set(why, "only root can become %s: start the server as root, or without --user", who.name);
        return -1;
    }
    return give_state_dir(settings, &who, why) == 0 ? become(&who, why) : -1;
}

void privileges_refuse_new(void) {
#if defined(HAVE_SYS_PRCTL_H) && defined(PR_SET_NO_NEW_PRIVS)
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#endif
}
