/*
 * Files from hostile peers and to them: the input says what peers offer, send, answer and end, and what becomes of what
 * is sent to them, while a person accepts, refuses, sends and cancels.  The conversations are played here, so that no
 * time goes to cryptography.  Each step is answered once; what is sent is what was asked for and fits; the folder has
 * only whole files that were said to be verified, and nothing is written beside it.
 */
#include <config.h>

#include "proto/error.h"
#include "src/client/files.h"
#include "src/client/files_parts.h"
#include "src/client/folder.h"
#include "src/client/remembering.h"
#include "src/client/sending.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const fuzz_name = "files";

#define STEPS_MAX  300
#define TURNS_MAX  300
#define SENT_MAX   4096
#define TIMEOUT_MS 30000

/* Files that there are, of sizes that differ. */
#define CONTENTS 4
static const size_t sizes[CONTENTS] = {0, 1, 5, 2 * MESSAGE_FILE_DATA_MAX + 100};
static char contents[CONTENTS][2 * MESSAGE_FILE_DATA_MAX + 100];
static uint8_t hashes[CONTENTS][CSC_SHA256_SIZE];

static const char *const peers[] = {"Eve", "Mallory", "Bob"};

static struct world {
    struct client client;
    struct client_config config;
    uint64_t sent[SENT_MAX]; /* tokens without a fate */
    size_t sent_count;
    unsigned steps;    /* of files that peers have sent */
    unsigned answers;  /* to the last of them */
    unsigned verified; /* files of peers that they were told of */
    bool full;         /* the connection */
    bool keyed;        /* peers have keys before they have spoken */
    uint64_t now;
} world;

static csc_private_key *own_key; /* the client's, which nothing is done with */
static int folder;

/* ---- the conversations ------------------------------------------------------------------------------------------ */

int __wrap_conversation_send_file(struct conversation *conversation, const struct conversation_file *file,
                                  uint64_t now);
int __wrap_conversation_handed_on(struct conversation *conversation, const char *fingerprint, const char *id,
                                  uint64_t now);
int __wrap_conversation_declined(struct conversation *conversation, const char *fingerprint, const char *id,
                                 uint64_t now) __attribute__((alias("__wrap_conversation_handed_on")));
int __wrap_conversation_answer_data(struct conversation *conversation, const char *fingerprint, const char *id,
                                    enum data_fate fate, uint64_t now);
size_t __wrap_conversation_pending(const struct conversation *conversation);
const char *__wrap_conversation_fingerprint(const struct conversation *conversation);
int __wrap_sending_meet(struct client *client, const char *name, uint64_t now, struct sending_meeting *meeting);
bool __wrap_connection_is_full(const struct connection *connection);
int __wrap_fsync(int fd);

static void check_data(const struct transfer *transfer, const struct file_fields *fields) {
    for (size_t i = 0; i < CONTENTS; i++)
        if (sizes[i] == transfer->size)
            FUZZ_MUST(fields->offset + fields->data.size <= sizes[i] && fields->data.size > 0 &&
                      memcmp(contents[i] + fields->offset, fields->data.data, fields->data.size) == 0);
}

/* What is sent could be written, and is of a transfer that there is, unless it answers what is not. */
int __wrap_conversation_send_file(struct conversation *conversation, const struct conversation_file *file,
                                  uint64_t now) {
    const struct transfer *transfer = transfers_find(&world.client.transfers, transfer_token_number(file->token));
    struct file_fields fields = *file->fields;
    struct buffer text = BUFFER_INIT(MESSAGE_INNER_MAX);

    (void)conversation;
    FUZZ_MUST(now == world.now && transfer_is_token(file->token) && world.sent_count < SENT_MAX);
    fields.id = SPAN("id");
    FUZZ_MUST(message_write_file(&text, &fields) == PROTO_OK);
    buffer_free(&text);
    FUZZ_MUST(transfer != NULL || (fields.type == MESSAGE_FILE_ANSWER && fields.status == FILE_REFUSED));
    if (fields.type == MESSAGE_FILE_DATA)
        check_data(transfer, &fields);
    if (fields.type == MESSAGE_FILE_ANSWER && transfer != NULL)
        FUZZ_MUST(!transfer->outgoing && fields.offset <= transfer->size);
    world.verified += fields.type == MESSAGE_FILE_END && fields.status == FILE_VERIFIED && !transfer->outgoing;
    world.sent[world.sent_count++] = file->token;
    return PROTO_OK;
}

int __wrap_conversation_handed_on(struct conversation *conversation, const char *fingerprint, const char *id,
                                  uint64_t now) {
    (void)conversation;
    (void)fingerprint;
    (void)id;
    (void)now;
    world.answers++;
    return PROTO_OK;
}

int __wrap_conversation_answer_data(struct conversation *conversation, const char *fingerprint, const char *id,
                                    enum data_fate fate, uint64_t now) {
    (void)conversation;
    (void)fingerprint;
    (void)id;
    (void)now;
    FUZZ_MUST(fate == DATA_WRITTEN || fate == DATA_OUT_OF_ORDER || fate == DATA_UNKNOWN);
    world.answers++;
    return PROTO_OK;
}

size_t __wrap_conversation_pending(const struct conversation *conversation) {
    (void)conversation;
    return world.sent_count;
}

/* A key that is like no other. */
static const char *make_key(unsigned number) {
    static char key[CSC_FINGERPRINT_SIZE];

    (void)snprintf(key, sizeof(key), "SHA256:%043u", number);
    return key;
}

const char *__wrap_conversation_fingerprint(const struct conversation *conversation) {
    (void)conversation;
    return make_key(0);
}

int __wrap_sending_meet(struct client *client, const char *name, uint64_t now, struct sending_meeting *meeting) {
    *meeting = (struct sending_meeting){.status = STATUS_OK, .key = world.keyed ? make_key(0) : NULL};
    return peers_get(&client->peers, span_of(name), now, &meeting->conversation);
}

bool __wrap_connection_is_full(const struct connection *connection) {
    (void)connection;
    return world.full;
}

int __wrap_fsync(int fd) {
    (void)fd;
    return 0;
}

/* ---- what happens ----------------------------------------------------------------------------------------------- */

/* A step from a peer, about EVENT's file, with a BODY of its own. */
static void give(struct conversation_event *event, uint8_t who, const char *body, size_t size) {
    struct conversation *conversation = NULL;
    char *copy = malloc(size + 1);

    require(copy != NULL, "memory");
    memcpy(copy, body, size);
    copy[size] = '\0';
    event->type = CONVERSATION_EVENT_FILE;
    event->body = copy;
    event->body_size = size;
    (void)snprintf(event->id, sizeof(event->id), "m%u", world.steps++);
    memcpy(event->fingerprint, make_key(who / 4 % 8u), sizeof(event->fingerprint));
    require(peers_get(&world.client.peers, span_of(peers[who % COUNT(peers)]), world.now, &conversation) == PROTO_OK,
            "a peer");
    world.answers = 0;
    FUZZ_MUST(files_event(&world.client, conversation, event, world.now) == PROTO_OK);
    FUZZ_MUST(world.answers == 1);
    free(copy);
}

static void give_text(struct conversation_event *event, uint8_t who, struct fuzz_input *input) {
    const struct fuzz_input text = fuzz_bytes(input, fuzz_byte(input) % 64u);
    char body[65] = "";

    memcpy(body, text.data, text.size);
    give(event, who, body, text.size);
}

static void offer(uint8_t who, struct fuzz_input *input) {
    struct conversation_event event = {.file = {.type = MESSAGE_FILE_OFFER}};
    const uint8_t what = fuzz_byte(input);

    (void)snprintf(event.file.file, sizeof(event.file.file), "f%u", fuzz_byte(input) % 12u);
    event.file.size = what & 32 ? fuzz_number(input, 7) >> 3 : sizes[what % CONTENTS];
    memcpy(event.file.sha256, hashes[what % CONTENTS], CSC_SHA256_SIZE);
    event.file.sha256[0] ^= what >> 6;
    give_text(&event, who, input);
}

/* Data for what is known of the file, or for somewhere else. */
static void send_data(uint8_t who, struct fuzz_input *input) {
    struct conversation_event event = {.file = {.type = MESSAGE_FILE_DATA}};
    static char body[MESSAGE_FILE_DATA_MAX + 1];
    const uint8_t what = fuzz_byte(input);
    const struct transfer *transfer;
    size_t size = what & 8 ? MESSAGE_FILE_DATA_MAX : fuzz_byte(input);

    (void)snprintf(event.file.file, sizeof(event.file.file), "f%u", fuzz_byte(input) % 12u);
    transfer = transfers_find_id(&world.client.transfers, peers[who % COUNT(peers)], make_key(who / 4 % 8u),
                                 event.file.file, false);
    event.file.offset = transfer != NULL && (what & 1) ? transfer->done : fuzz_number(input, what & 2 ? 7 : 2) >> 3;
    memset(body, what, sizeof(body));
    for (size_t i = 0; i < CONTENTS && (what & 4) == 0; i++)
        if (transfer != NULL && transfer->size == sizes[i] && event.file.offset < sizes[i]) {
            size = size < sizes[i] - event.file.offset ? size : (size_t)(sizes[i] - event.file.offset);
            memcpy(body, contents[i] + event.file.offset, size);
        }
    give(&event, who, body, size);
}

/* The transfer that NUMBER stands for, or one that there is not. */
static struct transfer *pick(uint8_t number) {
    return &world.client.transfers.list[number % TRANSFERS_MAX];
}

static void say(enum message_type type, uint8_t who, struct fuzz_input *input) {
    struct conversation_event event = {.file = {.type = type}};
    const struct transfer *transfer = pick(fuzz_byte(input));
    const uint8_t what = fuzz_byte(input);

    memcpy(event.file.file, transfer->id, sizeof(event.file.file));
    event.file.status = what % (FILE_STATUS_UNKNOWN + 1);
    event.file.offset = what & 64 ? fuzz_number(input, what & 128 ? 7 : 2) >> 3 : 0;
    give_text(&event, who, input);
}

/* What was sent has its receipt, or has failed. */
static void settle(uint8_t who, struct fuzz_input *input) {
    const uint8_t what = fuzz_byte(input);
    struct conversation *conversation = NULL;
    size_t at = fuzz_byte(input);
    uint64_t token;

    if (world.sent_count == 0)
        return;
    at %= world.sent_count--;
    token = world.sent[at];
    memmove(&world.sent[at], &world.sent[at + 1], (world.sent_count - at) * sizeof(token));
    require(peers_get(&world.client.peers, span_of(peers[who % COUNT(peers)]), world.now, &conversation) == PROTO_OK,
            "a peer");
    if (what % 2 == 0)
        files_delivered(&world.client, conversation, token, world.now);
    else
        FUZZ_MUST(files_failed(&world.client, token, (enum conversation_failure)(what / 2 % (FAILURE_INTERNAL + 1)),
                               world.now) == PROTO_OK);
}

static void send_file(uint8_t who, uint8_t number) {
    struct recipients recipients = {.count = 0};
    struct diagnostic why = {""};
    char name[16], *path;

    (void)snprintf(name, sizeof(name), "content%u", number % CONTENTS);
    path = fuzz_path(name);
    for (size_t i = 0; i < COUNT(peers); i++)
        if (who % COUNT(peers) == i || (number & 64))
            require(recipients_add(&recipients, span_of(peers[i]), "/nowhere", &why) == 0, "a recipient");
    FUZZ_MUST(files_send_to(&world.client,
                            &(struct files_order){.line = 1, .path = path, .unreadable = STATUS_BAD_LINE}, &recipients,
                            world.now) == PROTO_OK);
    free(path);
}

static void command(enum command which, uint8_t number) {
    struct request request = {.type = REQUEST_COMMAND, .command = which};
    char text[24];

    (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)pick(number)->number);
    request.operands[0] = request.rest = span_of(text);
    request.operand_count = which == COMMAND_CANCEL || number < 128;
    FUZZ_MUST(files_command(&world.client, &request, 1, world.now) == PROTO_OK);
}

static void list(void) {
    struct buffer text = BUFFER_INIT(TRANSFERS_MAX * 1024);

    FUZZ_MUST(files_list(&world.client, &text) == PROTO_OK);
    for (size_t i = 0; i < text.size; i++)
        FUZZ_MUST(buffer_data(&text)[i] >= ' ' || buffer_data(&text)[i] == '\n');
    buffer_free(&text);
}

/* Works until nothing is due: a program that always had something to do would never sleep. */
static void work(void) {
    for (unsigned turns = 0; turns < TURNS_MAX && files_deadline(&world.client) <= world.now; turns++)
        FUZZ_MUST(files_work(&world.client, world.now) == PROTO_OK);
    FUZZ_MUST(files_deadline(&world.client) > world.now);
}

static void step(struct fuzz_input *input) {
    static const enum command commands[] = {COMMAND_ACCEPT, COMMAND_REFUSE, COMMAND_CANCEL};
    const uint8_t what = fuzz_byte(input), who = fuzz_byte(input);

    switch (what % 16) {
    case 0:
    case 1:
        offer(who, input);
        break;
    case 2:
    case 3:
        send_data(who, input);
        break;
    case 4:
        say(MESSAGE_FILE_ANSWER, who, input);
        break;
    case 5:
        say(MESSAGE_FILE_END, who, input);
        break;
    case 6:
    case 7:
        settle(who, input);
        break;
    case 8:
        send_file(who, fuzz_byte(input));
        break;
    case 9:
        command(commands[who % COUNT(commands)], fuzz_byte(input));
        break;
    case 10:
        world.now += (uint64_t)who * who * who;
        break;
    case 11:
        files_peer_left(&world.client, peers[who % COUNT(peers)]);
        break;
    case 12:
        world.full = who & 1;
        world.client.phase = who & 2 ? CLIENT_DRAINING : CLIENT_RUNNING;
        break;
    case 13:
        list();
        break;
    case 14:
        FUZZ_MUST(files_work(&world.client, world.now) == PROTO_OK);
        break;
    default:
        work();
    }
}

/* ---- what holds ------------------------------------------------------------------------------------------------- */

static void check_transfer(const struct transfer *transfer) {
    unsigned in_flight = 0;

    for (size_t i = 0; i < world.sent_count; i++)
        in_flight += transfer_token_number(world.sent[i]) == transfer->number &&
                     transfer_token_message(world.sent[i]) == TRANSFER_DATA;
    FUZZ_MUST(transfer->in_flight == in_flight && transfer->done <= transfer->size && transfer->name[0] != '\0');
    FUZZ_MUST(transfer->outgoing == (transfer->upload != NULL) && !(transfer->outgoing && transfer->download != NULL));
    FUZZ_MUST(transfer->outgoing || transfer->state != TRANSFER_MOVING || transfer->download != NULL);
}

static void check(void) {
    size_t in = 0, of_key[8] = {0};

    for (size_t i = 0; i < TRANSFERS_MAX; i++) {
        const struct transfer *transfer = &world.client.transfers.list[i];

        if (transfer->number == 0)
            continue;
        check_transfer(transfer);
        in += !transfer->outgoing;
        for (unsigned key = 0; key < COUNT(of_key) && !transfer->outgoing; key++)
            of_key[key] += strcmp(transfer->key, make_key(key)) == 0;
    }
    FUZZ_MUST(in <= TRANSFERS_IN_MAX);
    for (size_t i = 0; i < COUNT(of_key); i++)
        FUZZ_MUST(of_key[i] <= TRANSFERS_PEER_MAX);
    for (size_t i = 0; i < COUNT(peers); i++)
        FUZZ_MUST(transfers_in_flight(&world.client.transfers, peers[i]) <= FILES_WINDOW);
    FUZZ_MUST(status_fault(&world.client.statuses) == 0);
    status_write(&world.client.statuses);
}

/* A file of the folder that has its name is one of those that there are. */
static void check_kept(const char *name) {
    static char bytes[sizeof(contents[0]) + 1];
    const int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    const ssize_t size = read(fd, bytes, sizeof(bytes));
    bool found = false;

    require(fd >= 0 && close(fd) == 0, "a file");
    for (size_t i = 0; i < CONTENTS; i++)
        found = found || (size == (ssize_t)sizes[i] && memcmp(bytes, contents[i], sizes[i]) == 0);
    FUZZ_MUST(found);
}

/* Looks at all in the folder, and empties it.  The files with their names. */
static unsigned empty_folder(void) {
    DIR *list = fdopendir(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const struct dirent *entry;
    unsigned kept = 0;

    require(list != NULL, "a folder");
    while ((entry = readdir(list)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (entry->d_name[0] != '.') {
            check_kept(entry->d_name);
            kept++;
        }
        require(unlinkat(folder, entry->d_name, 0) == 0, "a file");
    }
    closedir(list);
    return kept;
}

/* ---- the client ------------------------------------------------------------------------------------------------- */

static void make_files(void) {
    struct prng prng = {1};
    char name[16], *path = fuzz_path("in");

    require(mkdir(path, 0700) == 0 && (folder = folder_open(path)) >= 0, "a folder");
    free(path);
    require(csc_private_key_generate(&own_key, CSC_RSA_MIN_BITS) == CSC_OK, "a key");
    for (unsigned i = 0; i < CONTENTS; i++) {
        for (size_t at = 0; at < sizes[i]; at++)
            contents[i][at] = (char)prng_next(&prng);
        csc_sha256(hashes[i], &(struct csc_part){contents[i], sizes[i]}, 1);
        (void)snprintf(name, sizeof(name), "content%u", i);
        fuzz_write_file(name, contents[i], sizes[i]);
    }
}

/* Has an empty ring of what has arrived. */
static void remember(struct client *client) {
    char *path = fuzz_path("received");
    struct diagnostic why = {""};

    (void)unlink(path);
    require(received_open(&client->received, fuzz_folder(), true, &why) == 0, "a ring");
    free(path);
}

static void begin(uint8_t what, int statuses) {
    static const struct suite_list suites = SUITE_LIST_ALL;
    struct client *client = &world.client;

    memset(&world, 0, sizeof(world));
    world.now = 1000000;
    world.keyed = what & 8;
    world.config = (struct client_config){.timeout = TIMEOUT_MS,
                                          .interactive = what & 4,
                                          .folder = folder,
                                          .accept = (enum accept)(what % 4 % (ACCEPT_ALWAYS + 1)),
                                          .max_file_size = what & 16 ? 5 : 0};
    if (what & 32)
        remember(client);
    client->forgets = (what & 32) == 0;
    client->config = &world.config;
    client->phase = CLIENT_RUNNING;
    memcpy(client->name, "Adam", sizeof("Adam"));
    client->peers.config = (struct conversation_config){
        .identity = own_key, .identity_pem = "", .self = client->name, .suites = &suites, .timeout = TIMEOUT_MS};
    client->console = console_new(false, false);
    require(client->console != NULL && status_open(&client->statuses, client->console, false, statuses) == PROTO_OK,
            "a client");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input input = {data, size};
    unsigned kept;
    int statuses;

    if (own_key == NULL)
        make_files();
    fuzz_reset_random();
    statuses = open("/dev/null", O_WRONLY | O_CLOEXEC);
    begin(fuzz_byte(&input), statuses);
    for (unsigned steps = 0; input.size > 0 && steps < STEPS_MAX && world.sent_count < SENT_MAX / 4; steps++) {
        step(&input);
        check();
    }
    files_give_up(&world.client, STATUS_NETWORK, "the end");
    FUZZ_MUST(!transfers_are_going(&world.client.transfers));
    transfers_free(&world.client.transfers);
    peers_free(&world.client.peers);
    status_close(&world.client.statuses, 0);
    console_free(world.client.console, 0);
    remembering_end(&world.client);
    kept = empty_folder();
    /* One that is known to have arrived stays as it is. */
    FUZZ_MUST(world.client.forgets ? kept == world.verified : kept <= world.verified);
    close(statuses);
    /* All is closed that was opened. */
    FUZZ_MUST(open("/dev/null", O_WRONLY | O_CLOEXEC) == statuses && close(statuses) == 0);
    return 0;
}
