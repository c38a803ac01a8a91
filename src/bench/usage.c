#include <config.h>

#include "src/bench/usage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t read_clock(clockid_t clock) {
    struct timespec now = {0};

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t usage_wall_ns(void) {
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t usage_thread_ns(void) {
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

/* The number behind NAME in LINE, if it is there. */
static void take_number(const char *line, const char *name, uint64_t *number) {
    size_t size = strlen(name);

    if (strncmp(line, name, size) == 0)
        *number = strtoull(line + size, NULL, 10);
}

static void read_status(struct usage *usage, pid_t pid) {
    char path[64] = "";
    char line[256] = "";
    FILE *file = NULL;

    snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
    file = fopen(path, "re");
    if (file == NULL)
        return;
    while (fgets(line, sizeof(line), file) != NULL) {
        take_number(line, "VmRSS:", &usage->memory_kib);
        take_number(line, "Threads:", &usage->threads);
    }
    fclose(file);
}

int usage_read(struct usage *usage, pid_t pid) {
    clockid_t clock;
    struct timespec taken = {0};
    int error = clock_getcpuclockid(pid, &clock);

    if (error != 0)
        return -error;
    if (clock_gettime(clock, &taken) != 0)
        return -errno;
    *usage = (struct usage){.cpu_ns = (uint64_t)taken.tv_sec * 1000000000 + (uint64_t)taken.tv_nsec};
    read_status(usage, pid);
    return 0;
}
