#include <config.h>

#include "src/client/exit_status.h"

static unsigned rank(enum exit_status status) {
    static const enum exit_status order[] = {
#define EXIT_STATUS_X(name, value, text) name,
        EXIT_STATUS_LIST(EXIT_STATUS_X)
#undef EXIT_STATUS_X
    };
    unsigned i = 0;

    while (i < sizeof(order) / sizeof(order[0]) && order[i] != status)
        i++;
    return i;
}

enum exit_status exit_status_worse(enum exit_status a, enum exit_status b) {
    return rank(a) >= rank(b) ? a : b;
}

enum exit_status exit_status_of_failure(enum conversation_failure failure) {
    switch (failure) {
    case FAILURE_NO_SUCH_USER:
        return STATUS_NO_SUCH_USER;
    /* The peer may have received it, and only the receipt is missing: it is not known, as after a time-out. */
    case FAILURE_LEFT:
    case FAILURE_TIMEOUT:
    case FAILURE_EXPIRED:
    case FAILURE_UNSUPPORTED:
        return STATUS_NO_RECEIPT;
    case FAILURE_UNTRUSTED:
    case FAILURE_REFUSED:
        return STATUS_UNTRUSTED;
    case FAILURE_HANDLER:
        return STATUS_HANDLER;
    case FAILURE_DECLINED:
    case FAILURE_QUOTA:
    case FAILURE_DENIED:
        return STATUS_REFUSED;
    case FAILURE_INTEGRITY:
    case FAILURE_SIGNATURE:
        return STATUS_INTEGRITY;
    case FAILURE_INTERNAL:
        break;
    }
    return STATUS_INTERNAL;
}

enum exit_status exit_status_of_wire(enum wire_error error) {
    switch (error) {
    case WIRE_NAME_TAKEN:
    case WIRE_BAD_NAME:
        return STATUS_NAME_REFUSED;
    case WIRE_DENIED:
    case WIRE_BUSY:
    case WIRE_QUEUE_FULL:
    case WIRE_TOO_LARGE:
    case WIRE_RATE:
    case WIRE_BAD_VERSION:
    case WIRE_NO_COMMON_CIPHER:
        return STATUS_REFUSED;
    case WIRE_NO_SUCH_USER:
        return STATUS_NO_SUCH_USER;
    /* The server saw this side's proof fail, as it does when somebody in between changes bytes. */
    case WIRE_BAD_HANDSHAKE:
        return STATUS_INTEGRITY;
    default:
        return STATUS_NETWORK;
    }
}

enum exit_status exit_status_of_proto(int error, bool established) {
    switch (error) {
    case PROTO_E_MEMORY:
    case PROTO_E_CRYPTO:
    case PROTO_E_FULL:
        return STATUS_INTERNAL;
    case PROTO_E_EXHAUSTED:
        return STATUS_NETWORK;
    case PROTO_E_HANDSHAKE:
    case PROTO_E_KEY:
    case PROTO_E_SUITE:
    case PROTO_E_INTEGRITY:
    case PROTO_E_REPLAY:
        return STATUS_INTEGRITY;
    default:
        return established ? STATUS_INTEGRITY : STATUS_NETWORK;
    }
}
