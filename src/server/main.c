#include <config.h>

#include "src/common/clock.h"
#include "src/common/log.h"
#include "src/common/process.h"
#include "src/server/administration.h"
#include "src/server/descriptors.h"
#include "src/server/farewell.h"
#include "src/server/listener.h"
#include "src/server/memory.h"
#include "src/server/privileges.h"
#include "src/server/reload.h"
#include "src/server/sandbox.h"
#include "src/server/signals.h"
#include "src/server/state.h"
#include "src/server/thread.h"
#include "src/server/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* All clients have ended by then, and the registry is written, or they are left behind: the server promises to end
 * within five seconds. */
#define STOP_MS       (FAREWELL_DRAIN_MS + FAREWELL_LINGER_MS + 300)
#define STOP_WRITE_MS 500

/* For an errand that is under way, so that there is time left for the rest. */
#define STOP_ERRAND_MS 2000

/* Clients of the server that was replaced are back by then. */
#define RETURN_MS 5000

/* What a server that has said that it is replaced may take to let go of its state directory. */
#define REPLACED_MS 5000

static int failed(const char *text) {
    log_error(LOG_NO_CLIENT, "%s", text);
    /* Whoever has started it looks here first. */
    if (!log_is_on_stderr())
        fprintf(stderr, "%schatsecure-server: %s\n", log_error_mark(), text);
    return SERVER_EXIT_FAILED;
}

/* A server that replaces another one makes no key, and asks nobody for a passphrase. */
static int load_identity(struct server *server, const struct settings *settings, struct diagnostic *why) {
    struct identity *identity = &server->identity;
    const bool replaces = handover_is_due(&server->handover);
    const struct passphrase_source source = settings_passphrase(settings);
    char path[STATE_PATH_SIZE] = "";

    if (replaces && settings->passphrase_fd >= 0) {
        diagnostic_set(why, "what --passphrase-fd had is read already: for an upgrade give --passphrase-file");
        return -1;
    }
    if (settings_key_path(settings, path, true, why) != 0)
        return -1;
    if (settings->key[0] != '\0' || replaces)
        return identity_load(identity, path, &source, why);
    if (identity_load_or_make(identity, path, &source, why) != 0)
        return -1;
    if (identity->made)
        log_info(LOG_NO_CLIENT, "a new key was made: %s", path);
    return 0;
}

static size_t rsa_parallel(const struct limits *limits) {
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (limits->rsa_parallel > 0)
        return (size_t)limits->rsa_parallel;
    return processors > 0 ? 2 * (size_t)processors : 2;
}

static int server_init(struct server *server, struct settings *settings, struct diagnostic *why) {
    const struct limits *limits = &server->limits;
    struct keyed_hash dice;

    server->limits = settings->limits;
    descriptors_fit(&server->limits);
    own_chain_init(&server->chain);
    if (ending_open(&server->ending) != 0 || session_table_new(&server->table, (size_t)limits->max_clients) != 0 ||
        csc_random_nonce(&dice, sizeof(dice)) != CSC_OK || admission_init(&server->admission, limits, &dice) != 0) {
        diagnostic_set(why, "out of memory or descriptors");
        return -1;
    }
    server->outboxes.limits = limits;
    gate_init(&server->rsa, rsa_parallel(limits));
    census_init(&server->census, (size_t)limits->max_clients);
    return own_chain_load(&server->chain, &server->identity, settings->certificate, why) == 0
               ? vetting_init(&server->vetting, settings, why)
               : -1;
}

static void server_free(struct server *server) {
    control_close(&server->control);
    session_table_free(server->table);
    registry_free(server->registry);
    admission_destroy(&server->admission);
    state_release(server);
    ending_close(&server->ending);
    supervisor_close(&server->supervisor);
    upgrade_close(&server->upgrade);
    vetting_free(&server->vetting);
    own_chain_destroy(&server->chain);
    identity_free(&server->identity);
}

/* ---- the end -------------------------------------------------------------------------------------------------------
 */

/* Has everything end that others may have to wait for.  False if something did not: its threads still use what would be
 * freed. */
static bool wind_up(struct server *server, struct listener *listener, uint64_t deadline) {
    bool clean = errands_stop(&server->errands, clock_monotonic_ms() + STOP_ERRAND_MS);

    /* Only now, since an upgrade may just have been about to hand its sockets on. */
    if (clean)
        listener_close(listener);
    else
        log_warning(LOG_NO_CLIENT, "stopped in the middle of reading files: the disk does not answer");
    if (!control_stop(&server->control, deadline)) {
        log_warning(LOG_NO_CLIENT, "stopped in the middle of a command");
        clean = false;
    }
    /* Clients that are slow to fetch their last words need nothing that another server waits for. */
    if (!census_wait_departed(&server->census, deadline))
        clean = false;
    if (!registry_stop(server->registry, clock_monotonic_ms() + STOP_WRITE_MS)) {
        log_warning(LOG_NO_CLIENT, "stopped before the registry was written: the disk does not answer");
        clean = false;
    }
    return clean;
}

/* The status to exit with. */
static int hand_over(struct server *server) {
    if (ending_kind(&server->ending) != ENDING_RESTART)
        return SERVER_EXIT_OK;
    state_release(server);
    return upgrade_hand_over(server) ? SERVER_EXIT_OK : failed("the server that was to take over is gone");
}

static int stop(struct server *server, struct listener *listener, struct signals *signals) {
    const uint64_t deadline = clock_monotonic_ms() + STOP_MS;
    bool clean = wind_up(server, listener, deadline);
    const int status = hand_over(server);

    if (!census_wait(&server->census, deadline)) {
        log_warning(LOG_NO_CLIENT, "stopped before all clients had taken their leave");
        clean = false;
    }
    if (!clean)
        _exit(status);
    signals_stop(signals);
    thread_close();
    errands_destroy(&server->errands);
    census_destroy(&server->census);
    gate_destroy(&server->rsa);
    log_info(LOG_NO_CLIENT, "stopped");
    return status;
}

/* ---- the whole -----------------------------------------------------------------------------------------------------
 */

static void end_errands(struct server *server) {
    if (errands_stop(&server->errands, UINT64_MAX))
        errands_destroy(&server->errands);
}

/* Starts what works beside the connections: all of it, or nothing. */
static int start_threads(struct server *server, struct signals *signals) {
    if (thread_open() != 0)
        return -1;
    if (errands_start(&server->errands, server) == 0) {
        if (signals_start(signals, server) == 0) {
            if (control_start(&server->control, administration_answer, server) == 0)
                return 0;
            signals_stop(signals);
        }
        end_errands(server);
    }
    thread_close();
    return -1;
}

static void end_threads(struct server *server, struct signals *signals) {
    control_close(&server->control);
    signals_stop(signals);
    end_errands(server);
    thread_close();
}

/* From the first connection to the last. */
static int serve(struct server *server, struct listener *listener, struct signals *signals) {
    struct diagnostic why = {""};

    if (start_threads(server, signals) != 0)
        return failed("cannot make a thread");
    if (server->settings->sandbox && sandbox_enter(&why) != 0) {
        end_threads(server, signals);
        return failed(why.text);
    }
    log_info(LOG_NO_CLIENT, "chatsecure-server %s, name %s, key %s", PACKAGE_VERSION, server->settings->name,
             server->identity.fingerprint);
    if (listener_announce(listener, server->identity.fingerprint) != 0)
        log_warning(LOG_NO_CLIENT, "cannot write to stdout: %s", diagnostic_errno(errno));
    supervisor_ready(&server->supervisor);
    listener_run(listener, server);
    return stop(server, listener, signals);
}

/* What may need the rights of root, which everything else does without. */
static int open_sockets(struct server *server, struct listener *listener, const struct settings *settings,
                        struct diagnostic *why) {
    if (handover_take(&server->handover, why) != 0 || supervisor_take(&server->supervisor, why) != 0)
        return -1;
    return listener_open(listener, settings, server->supervisor.listeners, why);
}

/* When this server is to replace another one, waits until that has ended but for its last clients.  Whatever could go
 * wrong later, with nobody to go on in its place, is looked at before.  *DEADLINE is until when the state directory may
 * still be in use. */
static int replace(struct server *server, const struct settings *settings, uint64_t *deadline, struct diagnostic *why) {
    *deadline = 0;
    if (!handover_is_due(&server->handover))
        return 0;
    if (state_check(settings, why) != 0 || handover_wait(&server->handover, why) != 0)
        return -1;
    log_look_for_journal();
    session_table_expect(server->table, clock_monotonic_ms() + RETURN_MS);
    *deadline = clock_monotonic_ms() + REPLACED_MS;
    return 0;
}

static int start(struct server *server, struct settings *settings) {
    struct diagnostic why = {""};
    struct listener listener = {.reserve = -1};
    struct signals signals;
    uint64_t deadline = 0;

    server->settings = settings;
    if (!settings->print_fingerprint && open_sockets(server, &listener, settings, &why) != 0)
        return failed(why.text);
    if (privileges_drop(settings, &why) != 0)
        return failed(why.text);
    /* Before it knows a secret. */
    if (!settings->print_fingerprint)
        upgrade_open(server, &listener);
    if (reload_log(settings, &why) != 0 || load_identity(server, settings, &why) != 0)
        return failed(why.text);
    if (settings->print_fingerprint) {
        printf("%s\n", server->identity.fingerprint);
        return fflush(stdout) != 0 ? failed("cannot write to stdout") : SERVER_EXIT_OK;
    }
    if (server_init(server, settings, &why) != 0 || replace(server, settings, &deadline, &why) != 0)
        return failed(why.text);
    /* Before there are threads, and after a person may have been asked for a passphrase. */
    signals_block(&signals);
    if (state_open(server, settings, deadline, &why) != 0)
        return failed(why.text);
    return serve(server, &listener, &signals);
}

/* As the server's user, who is to own what is made in the state directory. */
static int run_verb(const struct settings *settings) {
    struct diagnostic why = {""};

    if (privileges_drop(settings, &why) != 0)
        return (int)verb_fail(SERVER_EXIT_FAILED, &why);
    return (int)verb_run(settings);
}

int main(int argc, char **argv) {
    struct settings settings = {0};
    struct server server = {.ending = ENDING_INIT,
                            .state_lock = -1,
                            .control = CONTROL_INIT,
                            .supervisor = SUPERVISOR_NONE,
                            .upgrade = UPGRADE_INIT,
                            .handover = HANDOVER_NONE};
    int status = 0;

    process_open_standard_descriptors();
    process_protect();
    privileges_refuse_new();
    memory_tune();
    log_look_for_journal();
    status = settings_read(&settings, argc, argv, CONFIG_FILE);
    if (status >= 0)
        return status;
    if (settings.verb != OPTIONS_NO_VERB)
        return run_verb(&settings);
    status = start(&server, &settings);
    server_free(&server);
    return status;
}
