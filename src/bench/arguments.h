/*
 * arguments: the command line of chatsecure-bench.
 */
#ifndef BENCH_ARGUMENTS_H
#define BENCH_ARGUMENTS_H

#include "src/common/net.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum trial {
    TRIAL_THROUGHPUT,
    TRIAL_ROUND_TRIP,
    TRIAL_FAN_OUT,
    TRIAL_IDLE,
    TRIAL_HANDSHAKES,
    TRIAL_SIZES,
    TRIAL_OTHERS,
    TRIAL_SET
};

/* 0 stands for a trial's own default. */
struct arguments {
    enum trial trial;
    bool server_given;
    struct net_endpoint server;
    pid_t server_pid; /* 0: unknown */
    const char *program;
    const char *identity_dir; /* NULL: keys are made anew */
    bool opaque, json;
    uint64_t bits;      /* of the server's key */
    uint64_t pairs;     /* of users who talk */
    uint64_t users;     /* who receive, who idle, or who connect at once */
    uint64_t window;    /* messages on their way in a pair */
    uint64_t per_write; /* messages in a write */
    uint64_t messages;  /* of each pair, or all in all where there are none */
    uint64_t size;      /* of a text, bytes */
    uint64_t runs;      /* of the set, of which the medians are printed */
    uint64_t timeout;   /* seconds */
};

enum arguments_result { ARGUMENTS_RUN, ARGUMENTS_DONE, ARGUMENTS_WRONG, ARGUMENTS_FAILED };

/* Reads ARGV, or prints the help. */
enum arguments_result arguments_read(struct arguments *arguments, int argc, char **argv);

#endif
