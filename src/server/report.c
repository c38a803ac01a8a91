#include <config.h>

#include "src/server/report.h"

int report_statistics(struct server *server, struct buffer *out) {
    size_t connections = 0, clients = 0, handshakes = 0, sources = 0, running = 0, waiting = 0;

    census_count(&server->census, &connections, &clients);
    admission_count(&server->admission, &handshakes, &sources);
    gate_count(&server->rsa, &running, &waiting);
    return stats_write(&server->stats,
                       &(struct stats_gauges){
                           .connections = connections,
                           .clients = clients,
                           .handshakes = handshakes,
                           .sources = sources,
                           .outbox_bytes = atomic_load_explicit(&server->outboxes.held, memory_order_relaxed),
                           .rsa_running = running,
                           .rsa_waiting = waiting,
                           .limits = &server->limits,
                       },
                       out);
}
