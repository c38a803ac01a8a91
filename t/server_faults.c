/*
 * A server that is failed by what it stands on, as a test says while it runs.  The linker puts the functions below in
 * place of the real ones in the objects of this project, and its main() is the server's.
 *
 * $CHATSECURE_FAULTS names a file of 32-bit numbers that the test maps too, three for each kind of fault: every how
 * many calls one fails (0: none does), the calls since, and how many have failed.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* In the order that t/faults_system.t has. */
enum kind { MALLOC, THREAD, RANDOM, WRITE, SEND, EINTR_STORM, KINDS };

struct fault {
    _Atomic uint32_t every, calls, failed;
};

static struct fault *faults;

__attribute__((constructor)) static void map_faults(void) {
    const char *path = getenv("CHATSECURE_FAULTS");
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *mapped = MAP_FAILED;

    if (fd >= 0)
        mapped = mmap(NULL, KINDS * sizeof(*faults), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED)
        faults = mapped;
    if (fd >= 0)
        close(fd);
}

/* Whether this call of KIND is one that fails. */
static bool fails(enum kind kind) {
    const uint32_t every = faults != NULL ? atomic_load(&faults[kind].every) : 0;

    if (every == 0 || atomic_fetch_add(&faults[kind].calls, 1) % every != every - 1)
        return false;
    atomic_fetch_add(&faults[kind].failed, 1);
    return true;
}

/* Whether it is interrupted. */
static bool is_interrupted(void) {
    if (!fails(EINTR_STORM))
        return false;
    errno = EINTR;
    return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument);
int __real_getentropy(void *out, size_t size);
int __real_gnutls_rnd(gnutls_rnd_level_t level, void *out, size_t size);
ssize_t __real_read(int fd, void *data, size_t size);
ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __real_send(int fd, const void *data, size_t size, int flags);
ssize_t __real_recv(int fd, void *data, size_t size, int flags);
int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __real_accept(int fd, struct sockaddr *address, socklen_t *size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument);
int __wrap_getentropy(void *out, size_t size);
int __wrap_gnutls_rnd(gnutls_rnd_level_t level, void *out, size_t size);
ssize_t __wrap_read(int fd, void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);
ssize_t __wrap_send(int fd, const void *data, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *data, size_t size, int flags);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_accept(int fd, struct sockaddr *address, socklen_t *size);

/* Lack of memory, where it sets errno as the real one does. */
static void *no_memory(void) {
    errno = ENOMEM;
    return NULL;
}

void *__wrap_malloc(size_t size) {
    return fails(MALLOC) ? no_memory() : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return fails(MALLOC) ? no_memory() : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size) {
    return fails(MALLOC) ? no_memory() : __real_realloc(block, size);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
    return fails(THREAD) ? EAGAIN : __real_pthread_create(thread, attributes, run, argument);
}

#ifdef HAVE_GETENTROPY
int __wrap_getentropy(void *out, size_t size) {
    if (!fails(RANDOM))
        return __real_getentropy(out, size);
    errno = EIO;
    return -1;
}
#endif

int __wrap_gnutls_rnd(gnutls_rnd_level_t level, void *out, size_t size) {
    return fails(RANDOM) ? GNUTLS_E_RANDOM_FAILED : __real_gnutls_rnd(level, out, size);
}

ssize_t __wrap_read(int fd, void *data, size_t size) {
    return is_interrupted() ? -1 : __real_read(fd, data, size);
}

/* A full disk is what files and the log have; a thread is always woken. */
ssize_t __wrap_write(int fd, const void *data, size_t size) {
    struct stat st;

    if (is_interrupted())
        return -1;
    if (fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || fd == STDERR_FILENO) && fails(WRITE)) {
        errno = ENOSPC;
        return -1;
    }
    return __real_write(fd, data, size);
}

ssize_t __wrap_send(int fd, const void *data, size_t size, int flags) {
    if (is_interrupted())
        return -1;
    if (fails(SEND)) {
        errno = ECONNRESET;
        return -1;
    }
    return __real_send(fd, data, size, flags);
}

ssize_t __wrap_recv(int fd, void *data, size_t size, int flags) {
    return is_interrupted() ? -1 : __real_recv(fd, data, size, flags);
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout) {
    return is_interrupted() ? -1 : __real_poll(fds, count, timeout);
}

int __wrap_accept(int fd, struct sockaddr *address, socklen_t *size) {
    return is_interrupted() ? -1 : __real_accept(fd, address, size);
}
