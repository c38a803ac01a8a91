#include <config.h>

#include "src/common/trust_store.h"
#include "src/server/registry_file_state.h"

const char *name_state_word(enum name_state state) {
    return state == NAME_BLOCKED ? "blocked" : "active";
}

/* ---- statements ----------------------------------------------------------------------------- */

/* Ready for its parameters. */
static sqlite3_stmt *take(struct registry_file *file, enum statement number) {
    sqlite3_reset(file->statements[number]);
    sqlite3_clear_bindings(file->statements[number]);
    return file->statements[number];
}

/* TEXT stays where it is until the statement is reset. */
static void bind(sqlite3_stmt *statement, int parameter, const char *text) {
    /* Copies nothing, so there is nothing that could fail. */
    sqlite3_bind_text(statement, parameter, text, -1, SQLITE_STATIC);
}

/* Runs a statement without result.  The number of rows that it changed, or the error. */
static int run(struct registry_file *file, sqlite3_stmt *statement, struct diagnostic *why) {
    int changed = 0;

    if (sqlite3_step(statement) != SQLITE_DONE)
        changed = registry_file_failed(file, why);
    else
        changed = sqlite3_changes(file->database);
    sqlite3_reset(statement);
    return changed;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static bool read_time(sqlite3_stmt *statement, int column, uint64_t *time) {
    sqlite3_int64 value = sqlite3_column_int64(statement, column);
    int type = sqlite3_column_type(statement, column);

    *time = value > 0 ? (uint64_t)value : 0;
    return type == SQLITE_NULL || (type == SQLITE_INTEGER && value >= 0);
}

static bool read_text(sqlite3_stmt *statement, int column, struct span *text) {
    if (sqlite3_column_type(statement, column) != SQLITE_TEXT)
        return false;
    text->data = (const char *)sqlite3_column_text(statement, column);
    text->size = (size_t)sqlite3_column_bytes(statement, column);
    return text->data != NULL && memchr(text->data, '\0', text->size) == NULL;
}

/* Takes nothing on trust: the file may have been changed by other programs. */
static int read_row(const struct registry_file *file, sqlite3_stmt *statement, struct registry_row *row,
                    struct diagnostic *why) {
    struct span name = SPAN(""), fingerprint = SPAN(""), state = SPAN(""), folded = SPAN("");
    char fold[NAME_SIZE] = "";
    bool good = read_text(statement, 0, &name) && read_text(statement, 1, &fingerprint) &&
                read_text(statement, 2, &state) && read_time(statement, 3, &row->first_seen) &&
                read_time(statement, 4, &row->last_seen) && read_text(statement, 5, &folded) && name_is_valid(name) &&
                trust_fingerprint_is_valid(fingerprint.data);

    if (good) {
        name_fold(fold, name);
        row->state = span_equal(state, SPAN("active")) ? NAME_ACTIVE : NAME_BLOCKED;
        good = span_equal(folded, span_of(fold)) && span_equal(state, span_of(name_state_word(row->state)));
    }
    if (!good) {
        diagnostic_set(why, "%s has a row that makes no sense, of \"%.*s\": mend or delete it with sqlite3", file->path,
                       (int)name.size, name.data);
        return REGISTRY_FILE_ERROR;
    }
    name_copy(row->name, name);
    memcpy(row->fingerprint, fingerprint.data, CSC_FINGERPRINT_SIZE);
    return 0;
}

int registry_file_each(struct registry_file *file, registry_file_visitor *each, void *context, struct diagnostic *why) {
    sqlite3_stmt *statement = take(file, STATEMENT_ALL);
    struct registry_row row = {.name = ""};
    int result = 0;
    int step = 0;

    while (result == 0 && (step = sqlite3_step(statement)) == SQLITE_ROW) {
        result = read_row(file, statement, &row, why);
        if (result == 0)
            result = each(context, &row, why);
    }
    if (result == 0 && step != SQLITE_DONE)
        result = registry_file_failed(file, why);
    sqlite3_reset(statement);
    return result;
}

int registry_file_find(struct registry_file *file, struct span name, struct registry_row *row, struct diagnostic *why) {
    sqlite3_stmt *statement = take(file, STATEMENT_FIND);
    char folded[NAME_SIZE] = "";
    int result = 0;
    int step = 0;

    name_fold(folded, name);
    bind(statement, 1, folded);
    step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        result = read_row(file, statement, row, why) == 0 ? 1 : REGISTRY_FILE_ERROR;
    else if (step != SQLITE_DONE)
        result = registry_file_failed(file, why);
    sqlite3_reset(statement);
    return result;
}

/* ---- changes -------------------------------------------------------------------------------- */

/* The file that is open must be the one at its path, or what is written is written to nothing. */
static int check_place(const struct registry_file *file, struct diagnostic *why) {
    int moved = 0;

    if (sqlite3_file_control(file->database, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved) {
        diagnostic_set(why, "%s was moved or deleted under the program: put it back and start again", file->path);
        return REGISTRY_FILE_ERROR;
    }
    return 0;
}

int registry_file_begin(struct registry_file *file, struct diagnostic *why) {
    if (check_place(file, why) != 0)
        return REGISTRY_FILE_ERROR;
    return run(file, take(file, STATEMENT_BEGIN), why) < 0 ? REGISTRY_FILE_ERROR : 0;
}

int registry_file_commit(struct registry_file *file, struct diagnostic *why) {
    if (run(file, take(file, STATEMENT_COMMIT), why) >= 0)
        return 0;
    registry_file_rollback(file);
    return REGISTRY_FILE_ERROR;
}

void registry_file_rollback(struct registry_file *file) {
    struct diagnostic ignored = {""};

    /* Some errors have undone the transaction already. */
    if (sqlite3_get_autocommit(file->database) == 0 && run(file, take(file, STATEMENT_ROLLBACK), &ignored) < 0)
        return;
}

int registry_file_claim(struct registry_file *file, struct registry_row *row, struct diagnostic *why) {
    sqlite3_stmt *statement = take(file, STATEMENT_CLAIM);
    char folded[NAME_SIZE] = "";
    int changed = 0;

    name_fold(folded, span_of(row->name));
    bind(statement, 1, folded);
    bind(statement, 2, row->name);
    bind(statement, 3, row->fingerprint);
    sqlite3_bind_int64(statement, 4, (sqlite3_int64)row->last_seen);
    changed = run(file, statement, why);
    if (changed == 0)
        return registry_file_find(file, span_of(row->name), row, why) == 1 ? 0 : REGISTRY_FILE_ERROR;
    return changed < 0 ? changed : 0;
}

int registry_file_assign(struct registry_file *file, struct span name, const char *fingerprint,
                         struct diagnostic *why) {
    sqlite3_stmt *statement = take(file, STATEMENT_ASSIGN);
    char folded[NAME_SIZE] = "";
    char written[NAME_SIZE] = "";

    name_fold(folded, name);
    name_copy(written, name);
    bind(statement, 1, folded);
    bind(statement, 2, written);
    bind(statement, 3, fingerprint);
    return run(file, statement, why) < 0 ? REGISTRY_FILE_ERROR : 0;
}

int registry_file_seen(struct registry_file *file, const char *folded, uint64_t when, struct diagnostic *why) {
    sqlite3_stmt *statement = take(file, STATEMENT_SEEN);

    bind(statement, 1, folded);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)when);
    return run(file, statement, why);
}

int registry_file_set_state(struct registry_file *file, struct span name, enum name_state state,
                            struct diagnostic *why) {
    sqlite3_stmt *statement = take(file, STATEMENT_SET_STATE);
    char folded[NAME_SIZE] = "";

    name_fold(folded, name);
    bind(statement, 1, folded);
    bind(statement, 2, name_state_word(state));
    return run(file, statement, why);
}

int registry_file_remove(struct registry_file *file, struct span name, struct diagnostic *why) {
    sqlite3_stmt *statement = take(file, STATEMENT_REMOVE);
    char folded[NAME_SIZE] = "";

    name_fold(folded, name);
    bind(statement, 1, folded);
    return run(file, statement, why);
}
