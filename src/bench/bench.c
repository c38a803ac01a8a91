#include <config.h>

#include "src/bench/bench.h"

#include "src/bench/flow.h"

/* Of the users' keys: what a client's own part of a handshake costs is not what is measured. */
#define USER_BITS 2048

int bench_open(struct bench *bench, const struct arguments *arguments) {
    char path[STATE_PATH_SIZE] = "";

    *bench = (struct bench){.arguments = arguments};
    report_begin(&bench->report, arguments->json);
    if (workspace_open(&bench->workspace, arguments->identity_dir, &bench->why) != 0 ||
        workspace_key(&bench->workspace, "user", USER_BITS, path, &bench->why) != 0)
        return -1;
    return identity_load(&bench->identity, path, NULL, &bench->why) == 0 ? 0 : -1;
}

void bench_close(struct bench *bench) {
    relay_process_stop(&bench->relay, NULL);
    if (bench->address != NULL)
        freeaddrinfo(bench->address);
    bench->address = NULL;
    identity_free(&bench->identity);
    workspace_close(&bench->workspace);
}

int bench_start_relay(struct bench *bench, unsigned bits, size_t clients) {
    const struct arguments *arguments = bench->arguments;
    char key[STATE_PATH_SIZE] = "";
    int error = 0;

    if (arguments->server_given) {
        bench->relay = (struct relay_process){.endpoint = arguments->server, .pid = arguments->server_pid};
    } else {
        error = workspace_key(&bench->workspace, "server", bits, key, &bench->why);
        if (error == 0)
            error = relay_process_start(&bench->relay, arguments->program, key, bench->workspace.state, clients,
                                        &bench->why);
    }
    if (error == 0)
        error = net_resolve(&bench->address, &bench->relay.endpoint, false, &bench->why);
    return error != 0 ? -1 : 0;
}

int bench_stop_relay(struct bench *bench) {
    int error = relay_process_stop(&bench->relay, &bench->why);

    freeaddrinfo(bench->address);
    bench->address = NULL;
    return error;
}

int bench_crowd(struct bench *bench, struct crowd *crowd, size_t capacity, bool opaque, size_t size) {
    const struct crowd_config config = {
        .address = bench->address,
        .identity = &bench->identity,
        .suites = SUITE_LIST_ALL,
        .listener = &flow_listener,
        .opaque = opaque,
        .size = size,
        .timeout = bench->arguments->timeout * 1000,
    };
    int error = crowd_init(crowd, &config, capacity);

    if (error != 0)
        bench->why = crowd->why;
    return error;
}

int bench_disperse(struct bench *bench, struct crowd *crowd, int error) {
    if (error == 0)
        error = crowd_leave(crowd);
    if (crowd->failed)
        bench->why = crowd->why;
    crowd_free(crowd);
    return error;
}
