/* proto/unacked.c */
#include <config.h>

#include "proto/error.h"
#include "proto/unacked.h"
#include "t/proto_fixture.h"
#include "t/tap.h"

static struct unacked *append(struct unacked_list *list, const char *id, uint64_t token) {
    struct unacked *entry = unacked_append(list, id, token, 1000 + token);

    require(entry != NULL, "an entry");
    require(buffer_append(&entry->inner, "text", 4) == PROTO_OK, "its text");
    return entry;
}

/* Holds if the list is sound and has the tokens, ended by 0, in order. */
static bool is_list(const struct unacked_list *list, const uint64_t *tokens) {
    const struct unacked *last = NULL;
    size_t count = 0, sent = 0, bytes = 0;

    for (const struct unacked *entry = list->first; entry != NULL; entry = entry->next) {
        if (entry->token != tokens[count++])
            return false;
        if (entry->on_its_way) {
            sent++;
            bytes += entry->cost;
        }
        last = entry;
    }
    return tokens[count] == 0 && list->last == last && list->count == count && list->sent_count == sent &&
           list->sent_bytes == bytes;
}

#define IS_LIST(list, what, ...) OK(is_list((list), (const uint64_t[]){__VA_ARGS__}), what)

static void test_order(void) {
    struct unacked_list list = {0};
    struct unacked *one, *two, *three;

    IS_LIST(&list, "an empty list", 0);
    OK(unacked_find(&list, SPAN("a")) == NULL, "in which nothing is found");
    one = append(&list, "a", 1);
    two = append(&list, "b", 2);
    three = append(&list, "c", 3);
    IS_LIST(&list, "entries stand in order", 1, 2, 3, 0);
    IS_INT(one->since, 1001, "with their time");
    IS_INT(one->inner.limit, MESSAGE_INNER_MAX, "and room for the longest message");
    unacked_sent(&list, one, 1, 1);
    OK(unacked_find(&list, SPAN("a")) == one && unacked_find(&list, SPAN("b")) == two,
       "what was sent is found by its id");
    OK(unacked_find(&list, SPAN("c")) == NULL, "but nothing behind the first that never was");
    OK(unacked_find(&list, SPAN("")) == NULL && unacked_find(&list, SPAN("ab")) == NULL, "and by no other");
    unacked_remove(&list, two);
    IS_LIST(&list, "one is taken from the middle", 1, 3, 0);
    unacked_remove(&list, three);
    IS_LIST(&list, "from the end", 1, 0);
    append(&list, "d", 4);
    IS_LIST(&list, "another follows", 1, 4, 0);
    unacked_remove(&list, one);
    IS_LIST(&list, "from the front", 4, 0);
    unacked_remove(&list, list.first);
    IS_LIST(&list, "and the last", 0);
}

static void test_sent(void) {
    struct unacked_list list = {0};
    struct unacked *one = append(&list, "a", 1), *two = append(&list, "b", 2);

    two->retry_at = 5;
    unacked_sent(&list, one, 100, 1);
    unacked_sent(&list, two, 50, 1);
    IS_LIST(&list, "two are on their way", 1, 2, 0);
    IS_INT(list.sent_bytes, 150, "with their bytes");
    IS_INT(two->retry_at, 0, "nothing waits for a time any more");
    unacked_requeue(&list, one);
    IS_LIST(&list, "one is not sent after all", 1, 2, 0);
    unacked_requeue(&list, one);
    IS_INT(list.sent_count, 1, "which is the same when it is said twice");
    unacked_sent(&list, one, 70, 2);
    IS_INT(one->transmissions, 2, "it is sent again");
    IS_INT(list.sent_bytes, 120, "for what it costs now");
    unacked_remove(&list, one);
    IS_INT(list.sent_bytes, 50, "what is removed is on its way no more");
    unacked_remove(&list, two);
    IS_LIST(&list, "nothing is left", 0);
    IS_INT(list.sent_count + list.sent_bytes, 0, "nor counted");
}

static void test_longest_id(void) {
    static const char id[] = "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789ABCD_-";
    struct unacked_list list = {0};
    struct unacked *entry = append(&list, id, 1);

    IS_INT(strlen(id), MESSAGE_ID_MAX, "the longest id");
    IS_STR(entry->id, id, "is kept");
    OK(unacked_find(&list, span_of(id)) == entry, "and found");
    unacked_remove(&list, entry);
}

int main(void) {
    test_order();
    test_sent();
    test_longest_id();
    return tap_done();
}
