#include <config.h>

#include "src/bench/tls.h"

#include "src/bench/loopback.h"
#include "src/common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define RECEIVE_SIZE 16384
#define YEAR         ((time_t)365 * 24 * 60 * 60)

static int wait_for(const struct tls *tls, short events, uint64_t deadline) {
    struct pollfd fd = {.fd = tls->socket, .events = events};
    const uint64_t now = clock_monotonic_ms();

    if (now >= deadline)
        return -1;
    return poll(&fd, 1, clock_poll_timeout(now, deadline)) < 0 && errno != EINTR ? -1 : 0;
}

/* Waits until what has given ERROR can go on.  -1: it cannot. */
static int wait_out(const struct tls *tls, int error, uint64_t deadline) {
    if (error == GNUTLS_E_INTERRUPTED)
        return 0;
    if (error != GNUTLS_E_AGAIN)
        return -1;
    return wait_for(tls, gnutls_record_get_direction(tls->session) == 1 ? POLLOUT : POLLIN, deadline);
}

static int shake_hands(struct tls *tls, uint64_t timeout) {
    const uint64_t deadline = clock_monotonic_ms() + timeout;
    int error = 0;

    if (gnutls_certificate_allocate_credentials(&tls->credentials) < 0 ||
        gnutls_init(&tls->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK) < 0 ||
        gnutls_set_default_priority(tls->session) < 0 ||
        gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE, tls->credentials) < 0)
        return -1;
    gnutls_transport_set_int(tls->session, tls->socket);
    while ((error = gnutls_handshake(tls->session)) < 0)
        if (wait_out(tls, error, deadline) != 0)
            return -1;
    return 0;
}

int tls_connect(struct tls *tls, const struct sockaddr_in *address, uint64_t timeout) {
    *tls = (struct tls){.socket = loopback_connect(address)};
    if (tls->socket >= 0 && fcntl(tls->socket, F_SETFL, O_NONBLOCK) == 0 && shake_hands(tls, timeout) == 0)
        return 0;
    tls_close(tls);
    return -1;
}

void tls_close(struct tls *tls) {
    if (tls->session != NULL)
        gnutls_deinit(tls->session);
    if (tls->credentials != NULL)
        gnutls_certificate_free_credentials(tls->credentials);
    if (tls->socket >= 0)
        close(tls->socket);
    *tls = (struct tls){.socket = -1};
}

int tls_send(struct tls *tls, const void *data, size_t size, uint64_t timeout) {
    const uint64_t deadline = clock_monotonic_ms() + timeout;
    size_t done = 0;

    while (done < size) {
        const ssize_t sent = gnutls_record_send(tls->session, (const char *)data + done, size - done);

        if (sent > 0)
            done += (size_t)sent;
        else if (wait_out(tls, (int)sent, deadline) != 0)
            return -1;
    }
    return 0;
}

int tls_receive(struct tls *tls, struct buffer *in) {
    bool some = false;
    ssize_t received = 0;
    uint8_t *room = NULL;

    do {
        if (buffer_reserve(in, RECEIVE_SIZE, &room) != 0)
            return -1;
        received = gnutls_record_recv(tls->session, room, RECEIVE_SIZE);
        if (received > 0) {
            buffer_commit(in, (size_t)received);
            some = true;
        }
    } while (received > 0 || received == GNUTLS_E_INTERRUPTED);
    if (some)
        return 1;
    return received == GNUTLS_E_AGAIN ? 0 : -1;
}

int tls_wait(struct tls *tls, uint64_t timeout) {
    return gnutls_record_check_pending(tls->session) > 0 ? 0 : wait_for(tls, POLLIN, clock_monotonic_ms() + timeout);
}

/* ---- a certificate ----------------------------------------------------------------------------------- */

static int sign(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key) {
    static const char name[] = "localhost";
    const time_t now = time(NULL);

    if (gnutls_x509_crt_set_version(certificate, 3) < 0 || gnutls_x509_crt_set_serial(certificate, "\1", 1) < 0 ||
        gnutls_x509_crt_set_activation_time(certificate, now - YEAR) < 0 ||
        gnutls_x509_crt_set_expiration_time(certificate, now + YEAR) < 0 ||
        gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name, sizeof(name) - 1) < 0 ||
        gnutls_x509_crt_set_key(certificate, key) < 0)
        return -1;
    return gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0) < 0 ? -1 : 0;
}

static int write_file(const char *path, const gnutls_datum_t *data) {
    FILE *file = fopen(path, "we");
    size_t written = 0;

    if (file == NULL)
        return -1;
    written = fwrite(data->data, 1, data->size, file);
    return fclose(file) == 0 && written == data->size ? 0 : -1;
}

int tls_make_certificate(const char *key_path, const char *path) {
    gnutls_x509_privkey_t key = NULL;
    gnutls_x509_crt_t certificate = NULL;
    gnutls_datum_t pem = {0};
    int error = -1;

    if (gnutls_load_file(key_path, &pem) < 0)
        return -1;
    if (gnutls_x509_privkey_init(&key) == 0 && gnutls_x509_crt_init(&certificate) == 0 &&
        gnutls_x509_privkey_import(key, &pem, GNUTLS_X509_FMT_PEM) == 0 && sign(certificate, key) == 0) {
        gnutls_memset(pem.data, 0, pem.size);
        gnutls_free(pem.data);
        pem.data = NULL;
        if (gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &pem) == 0)
            error = write_file(path, &pem);
    }
    gnutls_free(pem.data);
    gnutls_x509_crt_deinit(certificate);
    gnutls_x509_privkey_deinit(key);
    return error;
}
