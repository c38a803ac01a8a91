/* src/server/session_table.c and session.c */
#include <config.h>

#include "src/server/session_table.h"
#include "t/tap.h"

#include <stdio.h>
#include <stdlib.h>

static const struct limits limits;
static struct outbox_pool pool = {.limits = &limits};

/* A fingerprint that ends in LETTER. */
static const char *fingerprint(char letter) {
    static char text[CSC_FINGERPRINT_SIZE];

    snprintf(text, sizeof(text), "SHA256:%042d%c", 0, letter);
    return text;
}

static struct session *make(uint64_t id, const char *name, char letter) {
    struct session *session = NULL;

    if (session_new(&session, id, -1, &pool) != 0)
        abort();
    session_name(session, span_of(name), fingerprint(letter), 1000 + id);
    return session;
}

static void is_found(struct session_table *table, const char *name, const struct session *want) {
    struct session *found = session_table_find(table, span_of(name));

    OK(found == want, "%s is %s", name, want != NULL ? "found" : "not there");
    session_release(found);
}

static void test_names(void) {
    struct session_table *table = NULL;
    struct session *adam = make(1, "Adam", 'a'), *thief = make(2, "aDAM", 'm'), *again = make(3, "ADAM", 'a');
    struct session *replaced = thief;

    if (!OK(session_table_new(&table, 10) == 0, "a table"))
        return;
    is_found(table, "Adam", NULL);
    OK(session_table_insert(table, adam, &replaced), "Adam comes");
    OK(replaced == NULL, "and replaces nobody");
    is_found(table, "aDaM", adam);
    OK(!session_table_insert(table, thief, &replaced), "the name is not given to another key");
    is_found(table, "Adam", adam);
    OK(session_table_insert(table, again, &replaced), "the same key takes it over");
    OK(replaced == adam, "and the old session is handed out");
    is_found(table, "Adam", again);
    session_table_remove(table, adam);
    is_found(table, "Adam", again);
    session_table_remove(table, again);
    is_found(table, "Adam", NULL);
    session_table_remove(table, again);
    session_release(replaced);
    session_release(adam);
    session_release(thief);
    session_release(again);
    session_table_free(table);
}

static void test_list(void) {
    enum { COUNT = 500 };
    struct session_table *table = NULL;
    struct session *sessions[COUNT];
    struct session *replaced = NULL;
    struct session *more = make(COUNT + 1, "more", 'x');
    struct session_user users[COUNT];
    char name[NAME_SIZE] = "";
    bool sorted = true;

    if (!OK(session_table_new(&table, COUNT) == 0, "a table for %d", COUNT))
        return;
    for (int i = 0; i < COUNT; i++) {
        /* In no order, and in both cases. */
        snprintf(name, sizeof(name), "%c%03d", i % 2 != 0 ? 'u' : 'U', i * 271 % COUNT);
        sessions[i] = make((uint64_t)i + 1, name, 'x');
        if (!session_table_insert(table, sessions[i], &replaced))
            OK(false, "%s comes", name);
    }
    OK(!session_table_insert(table, more, &replaced), "it is full with %d", COUNT);
    IS_INT(session_table_list(table, SPAN(""), users, COUNT), COUNT, "all are listed");
    for (int i = 1; i < COUNT; i++)
        sorted = sorted && name_compare(span_of(users[i - 1].name), span_of(users[i].name)) < 0;
    OK(sorted, "by name");
    IS_STR(users[7].fingerprint, fingerprint('x'), "with their keys");
    IS_INT(users[7].since, 1000 + users[7].id, "sessions and times");
    IS_INT(session_table_list(table, SPAN("u009"), users, 5), 5, "a page of five");
    OK(name_equal(span_of(users[0].name), SPAN("u010")), "begins after the name given");
    IS_INT(session_table_list(table, SPAN("U499"), users, 5), 0, "after the last there is nobody");
    IS_INT(session_table_list(table, SPAN("u4985"), users, 5), 1, "the name itself need not be there");
    for (int i = 0; i < COUNT; i++) {
        session_table_remove(table, sessions[i]);
        session_release(sessions[i]);
    }
    IS_INT(session_table_list(table, SPAN(""), users, COUNT), 0, "in the end nobody is left");
    session_release(more);
    session_table_free(table);
}

static void test_peers(void) {
    struct session *adam = make(1, "Adam", 'a'), *eve = make(2, "Eve", 'e');

    IS_INT(session_acquaint(adam, eve), 0, "two get acquainted");
    IS_INT(session_acquaint(eve, adam), 0, "and again");
    IS_INT(session_acquaint(adam, adam), 0, "nobody is acquainted with himself");
    lock_acquire(&adam->lock);
    IS_INT(adam->peer_count, 1, "each is noted once");
    IS_STR(adam->peers[0].name, "eve", "by folded name");
    adam->departed = true;
    lock_release(&adam->lock);
    IS_INT(session_acquaint(eve, adam), PROTO_E_STATE, "who has departed makes no acquaintances");
    for (int i = 0; i < SESSION_PEERS_MAX + 10; i++) {
        struct session *other = make(100 + (uint64_t)i, "Other", 'o');

        if (session_acquaint(eve, other) != 0)
            OK(false, "acquaintance %d", i);
        session_release(other);
    }
    lock_acquire(&eve->lock);
    IS_INT(eve->peer_count, SESSION_PEERS_MAX, "there is a limit, and the oldest are forgotten");
    lock_release(&eve->lock);
    session_release(adam);
    session_release(eve);
}

int main(void) {
    test_names();
    test_list();
    test_peers();
    return tap_done();
}
