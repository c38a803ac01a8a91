/*
 * A spool whose rows or whose key somebody has changed: the input says which columns get which values, of whatever
 * type. What is read from it makes sense, or is an error that says what to do.
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
#include <string.h>

const char *const fuzz_name = "spool";

static const char *const columns[][2] = {
    {"lines", "number"},    {"lines", "time"},     {"lines", "expires"},   {"lines", "sign"},
    {"lines", "total"},     {"lines", "need"},     {"lines", "have"},      {"lines", "worst"},
    {"lines", "id"},        {"lines", "sealed"},   {"recipients", "line"}, {"recipients", "folded"},
    {"recipients", "name"}, {"recipients", "key"}, {"recipients", "id"},   {"ids", "id"},
    {"ids", "result"},      {"taken", "position"}, {"taken", "number"},    {"taken", "skipping"},
};

static struct identity identity;

/* The files of a spool. */
static struct file {
    const char *name;
    size_t size;
    uint8_t bytes[1 << 17];
} template = {.name = "spool.db"}, key_file = {.name = "spool.key"};

static void read_file(struct file *file) {
    char *path = fuzz_path(file->name);
    FILE *in = fopen(path, "rb");

    require(in != NULL, "a file");
    file->size = fread(file->bytes, 1, sizeof(file->bytes), in);
    require(file->size < sizeof(file->bytes) && fclose(in) == 0, "all of it");
    free(path);
}

static void clean_up(void) {
    csc_private_key_free(identity.key);
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

    require(csc_private_key_generate(&identity.key, CSC_RSA_MIN_BITS) == CSC_OK && atexit(clean_up) == 0, "a key");
    require(spool_open(&spool, fuzz_folder(), &identity, &why) == 0 &&
                spool_put(spool, &lines[0], both, 2, &why) == 0 &&
                spool_put(spool, &lines[1], &both[1], 1, &why) == 0 && spool_commit(spool, &why) == 0,
            "a spool");
    spool_close(spool);
    read_file(&template);
    read_file(&key_file);
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

/* Changes a column of the DATABASE; what the tables do not take stays. */
static void change_column(sqlite3 *database, const char *const column[2], struct fuzz_input *input) {
    sqlite3_stmt *statement = NULL;
    char text[128];

    (void)snprintf(text, sizeof(text), "UPDATE OR IGNORE %s SET %s = ?1", column[0], column[1]);
    require(sqlite3_prepare_v2(database, text, -1, &statement, NULL) == SQLITE_OK, "a statement");
    bind_value(statement, input);
    (void)sqlite3_step(statement);
    (void)sqlite3_finalize(statement);
}

static void change_key(struct fuzz_input *input) {
    struct file changed = key_file;
    const size_t at = fuzz_number(input, 2) % changed.size;
    const struct fuzz_input bytes = fuzz_bytes(input, fuzz_byte(input) % 16u);

    memcpy(changed.bytes + at, bytes.data, bytes.size < changed.size - at ? bytes.size : changed.size - at);
    fuzz_write_file(changed.name, changed.bytes, bytes.size == 15 ? at : changed.size);
}

/* Has the spool as it was made, but for what the input changes. */
static void write_spool(struct fuzz_input input) {
    char *path = fuzz_path(template.name);
    sqlite3 *changed = NULL;

    fuzz_write_file(template.name, template.bytes, template.size);
    fuzz_write_file(key_file.name, key_file.bytes, key_file.size);
    require(sqlite3_open(path, &changed) == SQLITE_OK, "a database");
    (void)sqlite3_exec(changed, "PRAGMA synchronous = OFF; BEGIN", NULL, NULL, NULL);
    while (input.size > 0) {
        const uint8_t what = fuzz_byte(&input);

        if (what == UINT8_MAX)
            change_key(&input);
        else
            change_column(changed, columns[what % COUNT(columns)], &input);
    }
    (void)sqlite3_exec(changed, "COMMIT", NULL, NULL, NULL);
    (void)sqlite3_close(changed);
    free(path);
}

static int see(void *context, unsigned long number, const char *name, const struct spool_outcome *outcome) {
    (void)context;
    (void)number;
    FUZZ_MUST(name_is_valid(span_of(name)) && outcome->pending > 0);
    return 0;
}

static int see_lost(void *context, unsigned long number, unsigned status, struct span text) {
    (void)context;
    (void)number;
    FUZZ_MUST(status <= UINT8_MAX && text.size <= 1 << 20);
    return 0;
}

/* Takes all messages for NAME out. */
static void take_all(struct spool *spool, const char *name, struct diagnostic *why) {
    struct spool_message message;
    struct spool_outcome outcome;
    unsigned long after = 0;

    spool_keep_lost(spool);
    while (spool_next(spool, name, after, &message, why) == 1) {
        struct span text = {NULL, 0};

        FUZZ_MUST(message.line.number > after && name_is_valid(span_of(message.recipient.name)));
        FUZZ_MUST(message_id_is_valid(span_of(message.recipient.id)));
        FUZZ_MUST(message.line.body.size <= MESSAGE_BODY_MAX);
        after = message.line.number;
        FUZZ_MUST(spool_text(spool, after, &text, why) == 0);
        if (spool_settle(spool, after, name, STATUS_REFUSED, &outcome, why) != 0)
            return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct diagnostic why = {""};
    struct spool *spool = NULL;
    struct spool_taken taken;
    int result = 0;

    fuzz_reset_random();
    if (identity.key == NULL)
        make_template();
    write_spool((struct fuzz_input){data, size});
    if (spool_open(&spool, fuzz_folder(), &identity, &why) != 0) {
        FUZZ_MUST(why.text[0] != '\0');
        return 0;
    }
    if (spool_get_taken(spool, &taken, &why) == 0 && spool_each(spool, see, NULL, &why) == 0 &&
        spool_find_id(spool, SPAN("a"), &result, &why) == 1)
        FUZZ_MUST(result >= -1 && result <= UINT8_MAX);
    take_all(spool, "Adam", &why);
    take_all(spool, "EVE", &why);
    if (spool_each_lost(spool, see_lost, NULL, &why) == 0 && spool_forget_lost(spool, &why) == 0)
        FUZZ_MUST(spool_each_lost(spool, see_lost, NULL, &why) == 0);
    spool_close(spool);
    return 0;
}
