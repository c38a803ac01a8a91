/*
 * A spool whose rows somebody has changed: the input says which columns get which values, of whatever type.  What is
 * read from it makes sense, or is an error that says what to do.
 */
#include <config.h>

#include "proto/name.h"
#include "src/client/exit_status.h"
#include "src/client/spool.h"
#include "t/fuzz/fuzz.h"
#include "t/proto_fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *const fuzz_name = "spool";

static const char *const columns[][2] = {
    {"lines", "number"},    {"lines", "time"},     {"lines", "expires"},   {"lines", "sign"},
    {"lines", "total"},     {"lines", "need"},     {"lines", "have"},      {"lines", "worst"},
    {"lines", "id"},        {"lines", "sealed"},   {"recipients", "line"}, {"recipients", "folded"},
    {"recipients", "name"}, {"recipients", "key"}, {"recipients", "id"},   {"ids", "id"},
    {"ids", "result"},      {"taken", "position"}, {"taken", "number"},    {"taken", "skipping"},
};

static char folder[] = "/tmp/fuzz_spool.XXXXXX";
static char database[sizeof(folder) + 16], key_file[sizeof(folder) + 16];
static struct identity identity;
static uint8_t *template;
static size_t template_size;

static void clean_up(void) {
    (void)unlink(database);
    (void)unlink(key_file);
    (void)rmdir(folder);
    csc_private_key_free(identity.key);
    free(template);
}

/* A spool of two lines, one of them for two. */
static void make_template(void) {
    static const struct spool_recipient both[] = {{"Adam", "", "m1"}, {"Eve", "SHA256:x", "m2"}};
    const struct spool_line lines[] = {
        {.number = 1, .time = 1, .id = SPAN("a"), .body = SPAN("hello"), .outcome = {.total = 2}},
        {.number = 2, .time = 2, .expires = 3, .body = SPAN("you"), .text = SPAN("Eve: you"), .outcome = {.total = 1}},
    };
    struct diagnostic why = {""};
    struct spool *spool = NULL;
    FILE *file;

    require(mkdtemp(folder) != NULL && csc_private_key_generate(&identity.key, CSC_RSA_MIN_BITS) == CSC_OK, "a key");
    (void)snprintf(database, sizeof(database), "%s/spool.db", folder);
    (void)snprintf(key_file, sizeof(key_file), "%s/spool.key", folder);
    (void)atexit(clean_up);
    require(spool_open(&spool, folder, &identity, &why) == 0 && spool_put(spool, &lines[0], both, 2, &why) == 0 &&
                spool_put(spool, &lines[1], &both[1], 1, &why) == 0 && spool_commit(spool, &why) == 0,
            "a spool");
    spool_close(spool);
    template = malloc(1 << 20);
    file = fopen(database, "rb");
    require(template != NULL && file != NULL, "a file");
    template_size = fread(template, 1, 1 << 20, file);
    (void)fclose(file);
}

static void bind_value(sqlite3_stmt *statement, struct fuzz_input *input) {
    const uint8_t type = fuzz_byte(input);
    const struct fuzz_input bytes = fuzz_bytes(input, type % 4 == 1 ? 8 : type % 4 >= 2 ? fuzz_byte(input) : 0);
    sqlite3_int64 number = 0;

    memcpy(&number, bytes.data, bytes.size < sizeof(number) ? bytes.size : sizeof(number));
    if (type % 4 == 1)
        sqlite3_bind_int64(statement, 1, number);
    else if (type % 4 == 2)
        sqlite3_bind_text(statement, 1, (const char *)bytes.data, (int)bytes.size, SQLITE_TRANSIENT);
    else if (type % 4 == 3)
        sqlite3_bind_blob(statement, 1, bytes.data, (int)bytes.size, SQLITE_TRANSIENT);
}

/* Has the spool as it was made, but for what the input changes; what the tables do not take stays. */
static void write_spool(struct fuzz_input input) {
    FILE *file = fopen(database, "wb");
    sqlite3 *changed = NULL;

    require(file != NULL && fwrite(template, 1, template_size, file) == template_size && fclose(file) == 0, "a file");
    require(sqlite3_open(database, &changed) == SQLITE_OK, "a database");
    (void)sqlite3_exec(changed, "PRAGMA synchronous = OFF; BEGIN", NULL, NULL, NULL);
    while (input.size > 0) {
        const char *const *column = columns[fuzz_byte(&input) % COUNT(columns)];
        sqlite3_stmt *statement = NULL;
        char text[128];

        (void)snprintf(text, sizeof(text), "UPDATE OR IGNORE %s SET %s = ?1", column[0], column[1]);
        require(sqlite3_prepare_v2(changed, text, -1, &statement, NULL) == SQLITE_OK, "a statement");
        bind_value(statement, &input);
        (void)sqlite3_step(statement);
        (void)sqlite3_finalize(statement);
    }
    (void)sqlite3_exec(changed, "COMMIT", NULL, NULL, NULL);
    (void)sqlite3_close(changed);
}

static int see(void *context, unsigned long number, const char *name, const struct spool_outcome *outcome) {
    (void)context;
    (void)number;
    FUZZ_MUST(name_is_valid(span_of(name)) && outcome->pending > 0);
    return 0;
}

/* Takes all messages for NAME out. */
static void take_all(struct spool *spool, const char *name, struct diagnostic *why) {
    struct spool_message message;
    struct spool_outcome outcome;
    unsigned long after = 0;

    while (spool_next(spool, name, after, &message, why) == 1) {
        struct span text = {NULL, 0};

        FUZZ_MUST(message.line.number > after && name_is_valid(span_of(message.recipient.name)));
        FUZZ_MUST(message_id_is_valid(span_of(message.recipient.id)));
        FUZZ_MUST(message.line.body.size <= MESSAGE_BODY_MAX);
        after = message.line.number;
        FUZZ_MUST(spool_text(spool, after, &text, why) == 0);
        if (spool_settle(spool, after, name, STATUS_OK, &outcome, why) != 0)
            return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct diagnostic why = {""};
    struct spool *spool = NULL;
    struct spool_taken taken;
    int result = 0;

    fuzz_reset_random();
    if (template == NULL)
        make_template();
    write_spool((struct fuzz_input){data, size});
    if (spool_open(&spool, folder, &identity, &why) != 0) {
        FUZZ_MUST(why.text[0] != '\0');
        return 0;
    }
    if (spool_get_taken(spool, &taken, &why) == 0 && spool_each(spool, see, NULL, &why) == 0 &&
        spool_find_id(spool, SPAN("a"), &result, &why) == 1)
        FUZZ_MUST(result >= -1 && result <= UINT8_MAX);
    take_all(spool, "Adam", &why);
    take_all(spool, "EVE", &why);
    spool_close(spool);
    return 0;
}
