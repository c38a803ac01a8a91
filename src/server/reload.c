#include <config.h>

#include "src/server/reload.h"

#include "src/common/log.h"
#include "src/server/allow_list.h"
#include "src/server/descriptors.h"
#include "src/server/eviction.h"
#include "src/server/settings_file.h"
#include "src/server/settings_table.h"

#include <stdlib.h>
#include <string.h>

/* Whether option ID can follow the file while the server runs: all limits do, but for those that something is made to
 * the measure of. */
static bool follows(int id) {
    static const int options[] = {
        OPTION_REGISTER,          OPTION_CERTIFICATE, OPTION_CA,  OPTION_CRL,      OPTION_REQUIRE_CERTIFICATE,
        OPTION_CERTIFICATE_NAMES, OPTION_DEBUG,       OPTION_LOG, OPTION_LOG_FILE, OPTION_LOG_FORMAT};
    static const enum limit measures[] = {LIMIT_MAX_CLIENTS, LIMIT_PENALTY_SOURCES, LIMIT_RSA_PARALLEL};

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (options[i] == id)
            return true;
    for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++)
        if (OPTION_LIMITS + (int)measures[i] == id)
            return false;
    return id >= OPTION_LIMITS && id < OPTION_LIMITS + LIMITS_COUNT;
}

/* Says what is as it was in SETTINGS although FRESH has it otherwise. */
static void tell_what_stays(const struct settings *settings, const struct settings *fresh) {
    for (size_t i = 0; i < settings_program.count; i++) {
        const struct option_row *row = &settings_program.rows[i];

        if (row->id < OPTION_RUN && !follows(row->id) && !settings_file_same(settings, fresh, row))
            log_warning(LOG_NO_CLIENT, "%s has changed in the configuration file: that takes a restart", row->name);
    }
}

/* Has SERVER follow what FRESH says about itself, without another file. */
static void take_settings(struct server *server, const struct settings *fresh) {
    struct limits limits = fresh->limits;

    tell_what_stays(server->settings, fresh);
    server->settings->configured = fresh->configured;
    limits.max_clients = server->limits.max_clients;
    limits.penalty_sources = server->limits.penalty_sources;
    limits.rsa_parallel = server->limits.rsa_parallel;
    descriptors_fit(&limits);
    limits.max_clients = server->limits.max_clients;
    limits_follow(&server->limits, &limits);
}

int reload_log(const struct settings *settings, struct diagnostic *why) {
    if (log_open_file(settings->log_file, why) != 0)
        return -1;
    log_set_target(settings->log);
    log_set_format(settings->log_format);
    log_set_level(settings->debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
    return 0;
}

int reload_policy(struct server *server, const struct settings *settings, struct diagnostic *why) {
    struct name_table *allowed = NULL;

    if (settings->policy == REGISTRY_ALLOW && allow_list_read(&allowed, settings->allow_file, why) != 0)
        return -1;
    registry_set_policy(server->registry, settings->policy, allowed);
    return 0;
}

/* The parts stand each for itself: what one cannot do is no reason for the others to stay behind.  FIRST has what went
 * wrong first. */
static void complain(struct diagnostic *first, const struct diagnostic *why, const char *consequence) {
    log_error(LOG_NO_CLIENT, "%s; %s", why->text, consequence);
    if (first->text[0] == '\0')
        diagnostic_set(first, "%s; %s", why->text, consequence);
}

static void take_log(struct server *server, const struct settings *fresh, struct diagnostic *first) {
    struct settings *settings = server->settings;
    struct diagnostic why = {""};

    if (reload_log(fresh, &why) != 0) {
        complain(first, &why, "the log as it was before goes on");
        return;
    }
    settings->debug = fresh->debug;
    settings->log = fresh->log;
    settings->log_format = fresh->log_format;
    memcpy(settings->log_file, fresh->log_file, sizeof(fresh->log_file));
}

static void take_policy(struct server *server, const struct settings *fresh, struct diagnostic *first) {
    struct diagnostic why = {""};

    if (reload_policy(server, fresh, &why) != 0) {
        complain(first, &why, "the list as it was before stays in force");
        return;
    }
    server->settings->policy = fresh->policy;
    memcpy(server->settings->allow_file, fresh->allow_file, sizeof(fresh->allow_file));
}

static void take_certificate(struct server *server, const struct settings *fresh, struct diagnostic *first) {
    struct diagnostic why = {""};

    if (own_chain_load(&server->chain, &server->identity, fresh->certificate, &why) != 0) {
        complain(first, &why, "the certificates as they were before stay in force");
        return;
    }
    memcpy(server->settings->certificate, fresh->certificate, sizeof(fresh->certificate));
}

static void take_authorities(struct server *server, const struct settings *fresh, struct diagnostic *first) {
    struct settings *settings = server->settings;
    struct diagnostic why = {""};

    if (vetting_reload(&server->vetting, fresh, &why) != 0) {
        complain(first, &why, "the authorities as they were before stay in force");
        return;
    }
    settings->require_certificate = fresh->require_certificate;
    settings->any_certificate_name = fresh->any_certificate_name;
    memcpy(settings->ca, fresh->ca, sizeof(fresh->ca));
    memcpy(settings->crl, fresh->crl, sizeof(fresh->crl));
}

/* The configuration as it is now, or else as it was. */
static void read_settings(struct server *server, struct settings *fresh, struct diagnostic *first) {
    struct diagnostic why = {""};

    if (settings_read_again(fresh, server->settings, &why) == 0) {
        take_settings(server, fresh);
        return;
    }
    complain(first, &why, "the configuration as it was before stays in force");
    *fresh = *server->settings;
}

int reload(struct server *server, struct diagnostic *first) {
    struct settings *fresh = malloc(sizeof(*fresh));
    struct diagnostic why = {""};

    first->text[0] = '\0';
    log_info(LOG_NO_CLIENT, "reading files again");
    if (fresh == NULL) {
        diagnostic_set(&why, "out of memory");
        complain(first, &why, "all stays as it was before");
        return -1;
    }
    read_settings(server, fresh, first);
    take_log(server, fresh, first);
    take_policy(server, fresh, first);
    take_certificate(server, fresh, first);
    take_authorities(server, fresh, first);
    free(fresh);
    if (registry_reload(server->registry, &why) != 0)
        complain(first, &why, "the names as they were before stay in force");
    eviction_check_all(server);
    log_info(LOG_NO_CLIENT, "files were read again");
    return first->text[0] == '\0' ? 0 : -1;
}
