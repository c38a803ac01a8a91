#include <config.h>

#include "src/bench/trials.h"
#include "src/common/process.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

enum { EXIT_FINE = 0, EXIT_WRONG_USAGE = 1, EXIT_TRIAL_FAILED = 2 };

static void interrupt(int number) {
    (void)number;
    crowd_interrupted = 1;
}

/* A trial that is interrupted still ends its server and removes its folder. */
static void catch_signals(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = interrupt};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaction(numbers[i], &action, NULL);
}

/* Each user takes a descriptor. */
static void raise_descriptors(void) {
    struct rlimit limit = {0};

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv) {
    struct arguments arguments;
    struct bench bench;
    int error = 0;

    process_open_standard_descriptors();
    process_protect();
    switch (arguments_read(&arguments, argc, argv)) {
    case ARGUMENTS_RUN:
        break;
    case ARGUMENTS_DONE:
        return EXIT_FINE;
    case ARGUMENTS_WRONG:
        return EXIT_WRONG_USAGE;
    default:
        return EXIT_TRIAL_FAILED;
    }
    catch_signals();
    raise_descriptors();
    error = bench_open(&bench, &arguments);
    if (error == 0)
        error = trial_run(&bench);
    if (error != 0)
        fprintf(stderr, "%schatsecure-bench: %s\n", bench.report.progress ? "\r\033[K" : "", bench.why.text);
    bench_close(&bench);
    if (report_end(&bench.report) != 0)
        error = -1;
    return error == 0 ? EXIT_FINE : EXIT_TRIAL_FAILED;
}
