/* The trial in which ours and other servers do the same. */
#include <config.h>

#include "src/bench/guests.h"
#include "src/bench/trials.h"

#include <stdio.h>

/* Messages one by one, unless the arguments say otherwise, and users who say nothing. */
#define MESSAGES 50000
#define IDLE     1000

#define WINDOW    64
#define RECEIVERS 100
#define AT_ONCE   4
#define WARM_UP   100

/* In one write: what ngIRCd reads at a time. */
#define BATCH 16

#define TEXT_SIZE 100

/* What a server takes: microseconds of CPU, and memory. */
struct taken {
    double single, batched; /* a message, by how many are in a write */
    double delivery;        /* one of those that a message to many has */
    double login;
    double idle; /* kB of a user who says nothing */
};

/* How often each thing is done. */
struct measures {
    uint64_t single, batched; /* messages, those in whole batches */
    uint64_t rounds, logins, idle;
};

static struct measures measures_of(const struct arguments *arguments) {
    const uint64_t messages = arguments->messages > 0 ? arguments->messages : MESSAGES;

    return (struct measures){
        .single = messages,
        .batched = 2 * (messages / BATCH + 1) * BATCH,
        .rounds = messages / 100 + 1,
        .logins = messages / 250 + 4 * AT_ONCE,
        .idle = arguments->users > 0 ? arguments->users : IDLE,
    };
}

static void print(struct bench *bench, const char *name, const struct taken *taken) {
    struct report_row row = {.trial = "others"};

    snprintf(row.label, sizeof(row.label), "%s", name);
    report_add(&row, "single_us", taken->single);
    report_add(&row, "batched_us", taken->batched);
    report_add(&row, "delivery_us", taken->delivery);
    report_add(&row, "login_us", taken->login);
    report_add(&row, "idle_kB", taken->idle);
    report_print(&bench->report, &row);
}

/* ---- ours -------------------------------------------------------------------------------------------- */

static int measure_ours(struct bench *bench, const struct measures *measures, struct taken *taken) {
    struct traffic single = {.pairs = 1, .window = WINDOW, .per_write = 1, .size = TEXT_SIZE, .opaque = true};
    struct traffic batched = single;
    struct traffic many = single;
    struct traffic few = single;
    struct report_row rows[5];

    single.messages = measures->single;
    batched.messages = measures->batched;
    batched.per_write = BATCH;
    many.messages = measures->rounds;
    few.messages = WARM_UP;
    if (trial_throughput(bench, &single, &rows[0]) != 0 || trial_throughput(bench, &batched, &rows[1]) != 0 ||
        trial_fan_out(bench, &many, RECEIVERS, &rows[2]) != 0 ||
        trial_handshakes(bench, measures->logins, AT_ONCE, &rows[3]) != 0 ||
        trial_round_trip(bench, &few, (size_t)measures->idle, &rows[4]) != 0)
        return -1;
    *taken = (struct taken){
        .single = report_get(&rows[0], "cpu_us/payload"),
        .batched = report_get(&rows[1], "cpu_us/payload"),
        .delivery = report_get(&rows[2], "cpu_us/payload"),
        .login = report_get(&rows[3], "cpu_us/handshake"),
        .idle = report_get(&rows[4], "rss_kib/user") * 1.024,
    };
    return 0;
}

/* ---- theirs ------------------------------------------------------------------------------------------ */

static struct usage usage_of(const struct rival_process *process) {
    struct usage usage = {0};

    if (usage_read(&usage, process->pid) != 0)
        usage = (struct usage){0};
    return usage;
}

/* Microseconds since BEFORE for each of COUNT. */
static double share(const struct rival_process *process, const struct usage *before, uint64_t count) {
    return (double)(usage_of(process).cpu_ns - before->cpu_ns) / 1e3 / (double)count;
}

/* Sends from guest 0 to guest 1 until number GOAL has arrived. */
static int send_until(struct guests *guests, uint64_t *sent, uint64_t goal, uint64_t per_write, uint64_t window) {
    const struct guest *receiver = &guests->guests[1];

    while (receiver->arrived < goal) {
        while (*sent < goal && *sent + per_write <= receiver->arrived + window) {
            if (guests_tell(guests, *sent + 1, per_write) != 0)
                return -1;
            *sent += per_write;
        }
        if (guests_step(guests) != 0)
            return -1;
    }
    return 0;
}

static int measure_messages(struct guests *guests, const struct measures *measures, struct taken *taken) {
    const struct rival_process *process = guests->process;
    struct usage before;
    uint64_t sent = 0;

    for (unsigned i = 0; i < 2; i++)
        if (guests_add(guests, false) != 0)
            return -1;
    if (send_until(guests, &sent, WARM_UP, 1, WINDOW) != 0)
        return -1;
    before = usage_of(process);
    if (send_until(guests, &sent, sent + measures->single, 1, WINDOW) != 0)
        return -1;
    taken->single = share(process, &before, measures->single);
    before = usage_of(process);
    if (send_until(guests, &sent, sent + measures->batched, BATCH, WINDOW) != 0)
        return -1;
    taken->batched = share(process, &before, measures->batched);
    return 0;
}

/* Sends number ROUND to the group, and waits until all but the one who sends have it. */
static int run_round(struct guests *guests, uint64_t round) {
    size_t done = 1;

    if (guests_tell_group(guests, round) != 0)
        return -1;
    while (done < guests->count) {
        if (guests->guests[done].arrived >= round)
            done++;
        else if (guests_step(guests) != 0)
            return -1;
    }
    return 0;
}

static int measure_fan_out(struct guests *guests, const struct measures *measures, struct taken *taken) {
    struct usage before = {0};

    /* Who sends must have joined a channel, where it hears nothing of its own; of a topic it would hear. */
    for (size_t i = 0; i < RECEIVERS + 1; i++)
        if (guests_add(guests, i > 0 || guests->process->rival == &rival_irc) != 0)
            return -1;
    for (uint64_t round = 1; round <= measures->rounds + 2; round++) {
        if (round == 3)
            before = usage_of(guests->process);
        if (run_round(guests, round) != 0)
            return -1;
    }
    taken->delivery = share(guests->process, &before, measures->rounds * RECEIVERS);
    return 0;
}

static int measure_logins(struct guests *guests, const struct measures *measures, struct taken *taken) {
    struct usage before = {0};

    for (size_t i = 0; i < measures->logins + AT_ONCE; i++) {
        if (i == AT_ONCE)
            before = usage_of(guests->process);
        if (guests_add(guests, false) != 0 || guests_remove(guests) != 0)
            return -1;
    }
    taken->login = share(guests->process, &before, measures->logins);
    return 0;
}

static int measure_idle(struct guests *guests, const struct measures *measures, struct taken *taken) {
    const struct usage before = usage_of(guests->process);

    for (uint64_t i = 0; i < measures->idle; i++)
        if (guests_add(guests, false) != 0)
            return -1;
    taken->idle =
        ((double)usage_of(guests->process).memory_kib - (double)before.memory_kib) * 1.024 / (double)measures->idle;
    return 0;
}

/* Each part has a server that is fresh. */
static int measure_rival(struct bench *bench, const struct rival *rival, unsigned bits, struct taken *taken) {
    static int (*const parts[])(struct guests *, const struct measures *,
                                struct taken *) = {measure_messages, measure_fan_out, measure_logins, measure_idle};
    const struct measures measures = measures_of(bench->arguments);
    const uint64_t capacity = measures.idle > RECEIVERS ? measures.idle : RECEIVERS + 1;
    int error = 0;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && error == 0; i++) {
        struct rival_process process;
        struct guests guests;

        if (rival_process_start(&process, rival, &bench->workspace, bits, &bench->why) != 0)
            return -1;
        error = guests_init(&guests, &process, (size_t)capacity, TEXT_SIZE, bench->arguments->timeout * 1000);
        if (error == 0)
            error = parts[i](&guests, &measures, taken);
        if (error != 0)
            bench->why = guests.why;
        guests_free(&guests);
        rival_process_stop(&process);
    }
    return error;
}

int trial_others(struct bench *bench, unsigned bits) {
    static const struct rival *const rivals[] = {&rival_irc, &rival_mqtt};
    const struct measures measures = measures_of(bench->arguments);
    struct taken taken = {0};

    if (measure_ours(bench, &measures, &taken) != 0)
        return -1;
    print(bench, "chatsecure-server", &taken);
    for (size_t i = 0; i < sizeof(rivals) / sizeof(rivals[0]); i++) {
        if (rival_program(rivals[i]) == NULL)
            continue;
        report_progress(&bench->report, "%s", rivals[i]->name);
        if (measure_rival(bench, rivals[i], bits, &taken) != 0)
            return -1;
        print(bench, rivals[i]->name, &taken);
    }
    return 0;
}
