#include <config.h>

#include "src/client/spool_state.h"

/* In front of the ciphertext of a line is the IV, behind it the tag. */
#define SEALED_MIN (CSC_CBC_IV + CSC_CBC_BLOCK + CSC_SHA256_SIZE)

/* What is encrypted: the size of the body as 4 bytes, the body, the line as it was read. */
#define PLAIN_HEAD 4

size_t spool_count(const struct spool *spool) {
    return spool->count;
}

bool spool_is_full(const struct spool *spool) {
    return spool->count >= SPOOL_LINES_MAX || spool->bytes >= SPOOL_BYTES_MAX;
}

bool spool_is_empty(const struct spool *spool) {
    return spool->count == 0 && spool->lost == 0;
}

/* ---- statements -------------------------------------------------------------------------------------------------- */

/* Ready for its parameters. */
static sqlite3_stmt *take(struct spool *spool, enum spool_statement number) {
    sqlite3_reset(spool->statements[number]);
    sqlite3_clear_bindings(spool->statements[number]);
    return spool->statements[number];
}

/* TEXT stays where it is until the statement is reset; so nothing is copied, and nothing can fail. */
static void bind(sqlite3_stmt *statement, int parameter, struct span text) {
    sqlite3_bind_text(statement, parameter, text.data, (int)text.size, SQLITE_STATIC);
}

static void bind_number(sqlite3_stmt *statement, int parameter, uint64_t number) {
    sqlite3_bind_int64(statement, parameter, (sqlite3_int64)number);
}

static uint64_t number_of(sqlite3_stmt *statement, int column) {
    const sqlite3_int64 number = sqlite3_column_int64(statement, column);

    return number > 0 ? (uint64_t)number : 0;
}

/* A value that is no exit status counts as this side's trouble, and never as a success. */
static unsigned status_of(sqlite3_stmt *statement, int column) {
    const sqlite3_int64 number = sqlite3_column_int64(statement, column);
    const bool good = sqlite3_column_type(statement, column) == SQLITE_INTEGER && number >= 0 && number <= UINT8_MAX;

    return good ? (unsigned)number : STATUS_INTERNAL;
}

static int run(struct spool *spool, sqlite3_stmt *statement, struct diagnostic *why) {
    const int error = sqlite3_step(statement) == SQLITE_DONE ? 0 : spool_failed(spool, why);

    sqlite3_reset(statement);
    return error;
}

/* Takes a row: 1, or 0 if there is none. */
static int step(struct spool *spool, sqlite3_stmt *statement, struct diagnostic *why) {
    switch (sqlite3_step(statement)) {
    case SQLITE_ROW:
        return 1;
    case SQLITE_DONE:
        return 0;
    default:
        return spool_failed(spool, why);
    }
}

/* Begins a transaction unless one is open. */
static int change(struct spool *spool, struct diagnostic *why) {
    if (spool->changing)
        return 0;
    if (run(spool, take(spool, SPOOL_BEGIN), why) != 0)
        return SPOOL_ERROR;
    spool->changing = true;
    return 0;
}

/* Removes the oldest ids, except those of lines in the spool; once a transaction, since it goes through all of them. */
static int trim_ids(struct spool *spool, struct diagnostic *why) {
    sqlite3_stmt *statement = take(spool, SPOOL_TRIM_IDS);

    sqlite3_bind_int64(statement, 1, SPOOL_IDS_MAX);
    return run(spool, statement, why);
}

int spool_commit(struct spool *spool, struct diagnostic *why) {
    if (!spool->changing)
        return 0;
    if ((spool->trims && trim_ids(spool, why) != 0) || run(spool, take(spool, SPOOL_COMMIT), why) != 0)
        return SPOOL_ERROR;
    spool->changing = spool->trims = false;
    return 0;
}

/* A row that this program has not written. */
static int damaged(const struct spool *spool, unsigned long number, struct diagnostic *why) {
    diagnostic_set(why, "line %lu in the spool %s makes no sense: delete it with sqlite3, or move the spool away",
                   number, spool->path);
    return SPOOL_ERROR;
}

/* ---- the input --------------------------------------------------------------------------------------------------- */

int spool_get_taken(struct spool *spool, struct spool_taken *taken, struct diagnostic *why) {
    sqlite3_stmt *statement = take(spool, SPOOL_GET_TAKEN);
    const int found = step(spool, statement, why);

    if (found == 1)
        *taken = (struct spool_taken){.position = number_of(statement, 0),
                                      .number = (unsigned long)number_of(statement, 1),
                                      .skipping = number_of(statement, 2) > 0};
    sqlite3_reset(statement);
    return found == 0 ? damaged(spool, 0, why) : found < 0 ? found : 0;
}

int spool_set_taken(struct spool *spool, const struct spool_taken *taken, struct diagnostic *why) {
    sqlite3_stmt *statement = take(spool, SPOOL_SET_TAKEN);

    if (change(spool, why) != 0)
        return SPOOL_ERROR;
    bind_number(statement, 1, taken->position);
    bind_number(statement, 2, taken->number);
    bind_number(statement, 3, taken->skipping);
    return run(spool, statement, why);
}

/* ---- what a line says -------------------------------------------------------------------------------------------- */

static void put_number(uint8_t *out, size_t size, uint64_t number) {
    while (size-- > 0) {
        out[size] = (uint8_t)number;
        number >>= 8;
    }
}

static int out_of_memory(struct diagnostic *why) {
    diagnostic_set(why, "%s", proto_strerror(PROTO_E_MEMORY));
    return SPOOL_ERROR;
}

/* Encrypts what LINE says into `sealed`; its number is bound to it. */
static int seal(struct spool *spool, const struct spool_line *line, struct diagnostic *why) {
    const size_t size = PLAIN_HEAD + line->body.size + line->text.size;
    uint8_t head[PLAIN_HEAD], number[8], *out = NULL;
    bool good;

    put_number(head, sizeof(head), line->body.size);
    put_number(number, sizeof(number), line->number);
    buffer_truncate(&spool->plain, 0);
    buffer_truncate(&spool->sealed, 0);
    good = buffer_append(&spool->plain, head, sizeof(head)) == PROTO_OK &&
           buffer_append(&spool->plain, line->body.data, line->body.size) == PROTO_OK &&
           buffer_append(&spool->plain, line->text.data, line->text.size) == PROTO_OK &&
           buffer_reserve(&spool->sealed, CSC_CBC_IV + CSC_CBC_LENGTH(size) + CSC_SHA256_SIZE, &out) == PROTO_OK &&
           csc_random_nonce(out, CSC_CBC_IV) == CSC_OK;
    if (good) {
        csc_symkey_encrypt(spool->key, out, number, sizeof(number), buffer_data(&spool->plain), size, out + CSC_CBC_IV,
                           out + CSC_CBC_IV + CSC_CBC_LENGTH(size));
        buffer_commit(&spool->sealed, CSC_CBC_IV + CSC_CBC_LENGTH(size) + CSC_SHA256_SIZE);
    }
    buffer_truncate(&spool->plain, 0);
    return good ? 0 : out_of_memory(why);
}

/* Decrypts SIZE bytes at SEALED, of line NUMBER, into `plain`. */
static int unseal(struct spool *spool, unsigned long number, const uint8_t *sealed, size_t size, struct span *body,
                  struct span *text, struct diagnostic *why) {
    const size_t cipher_size = size > SEALED_MIN ? size - CSC_CBC_IV - CSC_SHA256_SIZE : 0;
    uint8_t bound[8], *out = NULL;
    size_t plain_size = 0, body_size = 0;

    put_number(bound, sizeof(bound), number);
    buffer_truncate(&spool->plain, 0);
    if (size < SEALED_MIN)
        return damaged(spool, number, why);
    if (buffer_reserve(&spool->plain, size, &out) != PROTO_OK)
        return out_of_memory(why);
    if (csc_symkey_decrypt(spool->key, sealed, bound, sizeof(bound), sealed + CSC_CBC_IV,
                           size - CSC_CBC_IV - CSC_SHA256_SIZE, sealed + size - CSC_SHA256_SIZE, out,
                           &plain_size) != CSC_OK ||
        plain_size < PLAIN_HEAD || cipher_size > size)
        return damaged(spool, number, why);
    buffer_commit(&spool->plain, plain_size);
    for (size_t i = 0; i < PLAIN_HEAD; i++)
        body_size = body_size << 8 | out[i];
    if (body_size > plain_size - PLAIN_HEAD)
        return damaged(spool, number, why);
    *body = (struct span){(char *)out + PLAIN_HEAD, body_size};
    *text = (struct span){body->data + body_size, plain_size - PLAIN_HEAD - body_size};
    return 0;
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static int put_recipient(struct spool *spool, unsigned long number, const struct spool_recipient *recipient,
                         struct diagnostic *why) {
    sqlite3_stmt *statement = take(spool, SPOOL_PUT_RECIPIENT);
    char folded[NAME_SIZE];

    name_fold(folded, span_of(recipient->name));
    bind(statement, 1, span_of(folded));
    bind_number(statement, 2, number);
    bind(statement, 3, span_of(recipient->name));
    bind(statement, 4, span_of(recipient->key));
    bind(statement, 5, span_of(recipient->id));
    return run(spool, statement, why);
}

static int put_line(struct spool *spool, const struct spool_line *line, struct diagnostic *why) {
    sqlite3_stmt *statement = take(spool, SPOOL_PUT_LINE);

    bind_number(statement, 1, line->number);
    bind_number(statement, 2, line->time);
    bind_number(statement, 3, line->expires);
    bind_number(statement, 4, line->sign);
    bind_number(statement, 5, line->outcome.total);
    bind_number(statement, 6, line->outcome.need);
    bind_number(statement, 7, line->outcome.have);
    bind_number(statement, 8, line->outcome.worst);
    if (line->id.size > 0)
        bind(statement, 9, line->id);
    sqlite3_bind_blob(statement, 10, buffer_data(&spool->sealed), (int)spool->sealed.size, SQLITE_STATIC);
    return run(spool, statement, why);
}

static int put_id(struct spool *spool, struct span id, struct diagnostic *why) {
    sqlite3_stmt *statement = take(spool, SPOOL_PUT_ID);

    bind(statement, 1, id);
    spool->trims = true;
    return run(spool, statement, why);
}

/* A line of SIZE bytes is lost.  False if there is no room for it. */
static bool count_lost(struct spool *spool, size_t size) {
    if (spool->lost_bytes + size > SPOOL_LOST_MAX)
        return false;
    spool->lost++;
    spool->lost_bytes += size;
    return true;
}

int spool_put(struct spool *spool, const struct spool_line *line, const struct spool_recipient *recipients,
              size_t count, struct diagnostic *why) {
    int error = seal(spool, line, why);

    if (error == 0 && count == 0 && !count_lost(spool, spool->sealed.size))
        return 0;
    if (error == 0)
        error = change(spool, why);
    if (error == 0)
        error = put_line(spool, line, why);
    if (error == 0 && line->id.size > 0)
        error = put_id(spool, line->id, why);
    for (size_t i = 0; error == 0 && i < count; i++)
        error = put_recipient(spool, line->number, &recipients[i], why);
    if (error != 0 || count == 0)
        return error;
    spool->count++;
    spool->bytes += spool->sealed.size;
    return 0;
}

/* Copies a text of the row to OUT of SIZE bytes.  False if it is longer. */
static bool copy(char *out, size_t size, sqlite3_stmt *statement, int column) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    const size_t length = text ? strlen(text) : size;

    if (length >= size)
        return false;
    memcpy(out, text, length + 1);
    return true;
}

static int read_message(struct spool *spool, sqlite3_stmt *statement, struct spool_message *message,
                        struct diagnostic *why) {
    struct spool_recipient *recipient = &message->recipient;
    struct spool_line *line = &message->line;

    *line = (struct spool_line){.number = (unsigned long)number_of(statement, 0),
                                .time = number_of(statement, 4),
                                .expires = number_of(statement, 5),
                                .sign = number_of(statement, 6) > 0};
    if (!copy(recipient->name, sizeof(recipient->name), statement, 1) ||
        !copy(recipient->key, sizeof(recipient->key), statement, 2) ||
        !copy(recipient->id, sizeof(recipient->id), statement, 3) || !name_is_valid(span_of(recipient->name)) ||
        !message_id_is_valid(span_of(recipient->id)))
        return damaged(spool, line->number, why);
    return unseal(spool, line->number, sqlite3_column_blob(statement, 7), (size_t)sqlite3_column_bytes(statement, 7),
                  &line->body, &line->text, why);
}

int spool_next(struct spool *spool, const char *name, unsigned long after, struct spool_message *message,
               struct diagnostic *why) {
    sqlite3_stmt *statement = take(spool, SPOOL_NEXT);
    char folded[NAME_SIZE];
    int found;

    name_fold(folded, span_of(name));
    bind(statement, 1, span_of(folded));
    bind_number(statement, 2, after);
    found = step(spool, statement, why);
    if (found == 1 && read_message(spool, statement, message, why) != 0)
        found = SPOOL_ERROR;
    sqlite3_reset(statement);
    return found;
}

int spool_text(struct spool *spool, unsigned long number, struct span *text, struct diagnostic *why) {
    sqlite3_stmt *statement = take(spool, SPOOL_TEXT);
    struct span body = {NULL, 0};
    int found, error;

    bind_number(statement, 1, number);
    found = step(spool, statement, why);
    error = found == 1 ? unseal(spool, number, sqlite3_column_blob(statement, 0),
                                (size_t)sqlite3_column_bytes(statement, 0), &body, text, why)
                       : SPOOL_ERROR;
    if (error == 0 && text->size == 0)
        *text = body;
    sqlite3_reset(statement);
    return found == 0 ? damaged(spool, number, why) : error;
}

int spool_set_key(struct spool *spool, unsigned long number, const char *name, const char *key,
                  struct diagnostic *why) {
    sqlite3_stmt *statement = take(spool, SPOOL_SET_KEY);
    char folded[NAME_SIZE];

    if (change(spool, why) != 0)
        return SPOOL_ERROR;
    name_fold(folded, span_of(name));
    bind(statement, 1, span_of(folded));
    bind_number(statement, 2, number);
    bind(statement, 3, span_of(key));
    return run(spool, statement, why);
}

/* ---- results ----------------------------------------------------------------------------------------------------- */

static void read_outcome(sqlite3_stmt *statement, int column, struct spool_outcome *outcome) {
    *outcome = (struct spool_outcome){.total = (size_t)number_of(statement, column),
                                      .need = (size_t)number_of(statement, column + 1),
                                      .have = (size_t)number_of(statement, column + 2),
                                      .worst = status_of(statement, column + 3)};
}

/* Line NUMBER, of SIZE bytes, has no pending recipients any more: it is deleted, or lost. */
static int end_line(struct spool *spool, unsigned long number, struct span id, const struct spool_outcome *outcome,
                    uint64_t size, struct diagnostic *why) {
    const size_t needed = outcome->need == 0 || outcome->need > outcome->total ? outcome->total : outcome->need;
    const unsigned result = outcome->have >= needed ? STATUS_OK : outcome->worst;
    sqlite3_stmt *statement = take(spool, SPOOL_SETTLE_ID);
    int error = 0;

    spool->count--;
    spool->bytes -= size;
    if (id.size > 0) {
        bind(statement, 1, id);
        bind_number(statement, 2, result);
        error = run(spool, statement, why);
    }
    if (error != 0 || (spool->keeps && result != STATUS_OK && count_lost(spool, size)))
        return error;
    statement = take(spool, SPOOL_DELETE);
    bind_number(statement, 1, number);
    return run(spool, statement, why);
}

/* Counts RESULT, and ends the line if it was the last. */
static int count_result(struct spool *spool, unsigned long number, unsigned result, struct spool_outcome *outcome,
                        struct diagnostic *why) {
    sqlite3_stmt *statement = take(spool, SPOOL_OUTCOME), *count = take(spool, SPOOL_COUNT_RESULT);
    char id[MESSAGE_ID_MAX + 1] = "";
    uint64_t size;
    int found;

    bind_number(statement, 1, number);
    if ((found = step(spool, statement, why)) != 1)
        return found == 0 ? damaged(spool, number, why) : found;
    read_outcome(statement, 0, outcome);
    size = number_of(statement, 4);
    outcome->pending = (size_t)number_of(statement, 6);
    if (sqlite3_column_type(statement, 5) == SQLITE_TEXT && !copy(id, sizeof(id), statement, 5))
        return damaged(spool, number, why);
    sqlite3_reset(statement);
    outcome->have += result == STATUS_OK;
    outcome->worst = exit_status_worse((enum exit_status)outcome->worst, (enum exit_status)result);
    bind_number(count, 1, number);
    bind_number(count, 2, result == STATUS_OK);
    bind_number(count, 3, outcome->worst);
    found = run(spool, count, why);
    return found == 0 && outcome->pending == 0 ? end_line(spool, number, span_of(id), outcome, size, why) : found;
}

int spool_settle(struct spool *spool, unsigned long number, const char *name, unsigned result,
                 struct spool_outcome *outcome, struct diagnostic *why) {
    sqlite3_stmt *statement = take(spool, SPOOL_SETTLE);
    char folded[NAME_SIZE];

    if (change(spool, why) != 0)
        return SPOOL_ERROR;
    name_fold(folded, span_of(name));
    bind(statement, 1, span_of(folded));
    bind_number(statement, 2, number);
    if (run(spool, statement, why) != 0)
        return SPOOL_ERROR;
    return count_result(spool, number, result, outcome, why);
}

int spool_each(struct spool *spool, spool_visitor *each, void *context, struct diagnostic *why) {
    sqlite3_stmt *statement = take(spool, SPOOL_EACH);
    struct spool_outcome outcome;
    int result = 0, found = 0;

    while (result == 0 && (found = step(spool, statement, why)) == 1) {
        char name[NAME_SIZE];

        read_outcome(statement, 2, &outcome);
        outcome.pending = 1;
        if (!copy(name, sizeof(name), statement, 1) || !name_is_valid(span_of(name)))
            result = damaged(spool, (unsigned long)number_of(statement, 0), why);
        else
            result = each(context, (unsigned long)number_of(statement, 0), name, &outcome);
    }
    sqlite3_reset(statement);
    return found < 0 ? found : result;
}

/* ---- lines that are lost ----------------------------------------------------------------------------------------- */

void spool_keep_lost(struct spool *spool) {
    spool->keeps = true;
}

int spool_each_lost(struct spool *spool, spool_lost_visitor *each, void *context, struct diagnostic *why) {
    sqlite3_stmt *statement = take(spool, SPOOL_EACH_LOST);
    int result = 0, found = 0;

    while (result == 0 && (found = step(spool, statement, why)) == 1) {
        const unsigned long number = (unsigned long)number_of(statement, 0);
        struct span body = {NULL, 0}, text = {NULL, 0};

        result = unseal(spool, number, sqlite3_column_blob(statement, 2), (size_t)sqlite3_column_bytes(statement, 2),
                        &body, &text, why);
        if (result == 0)
            result = each(context, number, status_of(statement, 1), text.size > 0 ? text : body);
    }
    sqlite3_reset(statement);
    return found < 0 ? found : result;
}

int spool_forget_lost(struct spool *spool, struct diagnostic *why) {
    if (spool->lost == 0)
        return 0;
    if (change(spool, why) != 0 || run(spool, take(spool, SPOOL_FORGET_LOST), why) != 0)
        return SPOOL_ERROR;
    spool->lost = 0;
    spool->lost_bytes = 0;
    return spool_commit(spool, why);
}

/* ---- ids of callers ---------------------------------------------------------------------------------------------- */

int spool_find_id(struct spool *spool, struct span id, int *result, struct diagnostic *why) {
    sqlite3_stmt *statement = take(spool, SPOOL_FIND_ID);
    int found;

    bind(statement, 1, id);
    found = step(spool, statement, why);
    if (found == 1)
        *result = sqlite3_column_type(statement, 0) == SQLITE_NULL ? -1 : (int)status_of(statement, 0);
    sqlite3_reset(statement);
    return found;
}
