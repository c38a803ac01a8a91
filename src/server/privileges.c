#include <config.h>

#include "src/server/privileges.h"

#include "src/server/verbs.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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

/* Whether a command, not the server, is run on the state directory. */
static bool is_command_on_state(const struct settings *settings) {
    const bool about_key = settings->print_fingerprint || settings->verb == VERB_ID_verb_keygen ||
                           settings->verb == VERB_ID_verb_fingerprint || settings->verb == VERB_ID_verb_export_key;

    return about_key ? settings->key[0] == '\0' : settings->verb != OPTIONS_NO_VERB;
}

/* What is in another user's folder is done as that user, who could have its links lead anywhere.  A user whom only the
 * service manager knows has no name. */
static int become_owner(const struct settings *settings, struct diagnostic *why) {
    char dir[STATE_PATH_SIZE] = "";
    struct stat status = {0};
    const struct passwd *user;
    struct who who;

    if (settings_state_dir(settings, dir, why) != 0)
        return -1;
    if (stat(dir, &status) != 0 || status.st_uid == 0)
        return 0;
    user = getpwuid(status.st_uid);
    who = (struct who){.user = status.st_uid, .group = user != NULL ? user->pw_gid : status.st_gid};
    if (user != NULL)
        snprintf(who.name, sizeof(who.name), "%s", user->pw_name);
    else
        snprintf(who.name, sizeof(who.name), "%lu", (unsigned long)status.st_uid);
    return become(&who, why);
}

int privileges_drop(const struct settings *settings, struct diagnostic *why) {
    struct who who = {.name = ""};

    if (settings->user[0] == '\0')
        return geteuid() == 0 && is_command_on_state(settings) ? become_owner(settings, why) : 0;
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
