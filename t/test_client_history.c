/* history: what was kept comes back, whatever happens to the file. */
#include <config.h>

#include "src/client/history.h"
#include "src/client/sealed_key.h"
#include "t/crypto_fixture.h"
#include "t/tap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/chatsecure-history-XXXXXX";
static struct identity adam, eve;

/* The path of NAME, static; of the last two calls. */
static const char *path(const char *name) {
    static char out[2][256];
    static int turn;

    turn = !turn;
    snprintf(out[turn], sizeof(out[turn]), "%s/%s", dir, name);
    return out[turn];
}

static off_t size_of(const char *name) {
    struct stat status;

    return stat(path(name), &status) == 0 ? status.st_size : -1;
}

static unsigned mode_of(const char *name) {
    struct stat status;

    return stat(path(name), &status) == 0 ? status.st_mode & 0777 : 0;
}

static struct history *must_open(void) {
    struct history *history = NULL;
    struct diagnostic why = {""};

    if (history_open(&history, dir, &adam, &why) != 0) {
        printf("Bail out! %s\n", why.text);
        exit(1);
    }
    return history;
}

static void add(struct history *history, bool sent, const char *name, const char *text) {
    const struct history_entry entry = {.sent = sent, .time = 1, .name = span_of(name), .text = span_of(text)};
    struct diagnostic why;

    if (history_add(history, &entry, &why) != 0)
        printf("Bail out! %s\n", why.text);
}

static int gather(void *context, const struct history_entry *entry) {
    char *out = context;
    size_t used = strlen(out);

    snprintf(out + used, 512 - used, "%s%.*s:%.*s ", entry->sent ? ">" : "", (int)entry->name.size, entry->name.data,
             (int)(entry->text.size < 20 ? entry->text.size : 20), entry->text.data);
    return 0;
}

static void check(struct history *history, size_t count, const char *name, const char *text, const char *want,
                  size_t want_damaged, const char *what) {
    const struct history_query query = {.count = count, .name = span_of(name), .text = span_of(text)};
    char got[512] = "";
    struct diagnostic why;
    size_t damaged = 99;

    IS_INT(history_read(history, &query, gather, got, &damaged, &why), 0, "%s", what);
    IS_STR(got, want, "is right");
    IS_INT(damaged, want_damaged, "with so many damaged");
}

/* Changes a byte AT of the file. */
static void change(const char *name, long at) {
    FILE *file = fopen(path(name), "r+b");
    int byte;

    if (!file)
        abort();
    fseek(file, at, SEEK_SET);
    byte = fgetc(file);
    fseek(file, at, SEEK_SET);
    fputc(byte ^ 1, file);
    fclose(file);
}

static void test_keeping(void) {
    struct history *history = must_open();

    check(history, 10, "", "", "", 0, "an empty one");
    add(history, true, "Eve", "one");
    add(history, false, "eve", "Two");
    add(history, false, "Bob", "three");
    history_close(history);
    history = must_open();
    check(history, 10, "", "", ">Eve:one eve:Two Bob:three ", 0, "all");
    check(history, 2, "", "", "eve:Two Bob:three ", 0, "the last");
    check(history, 10, "EVE", "", ">Eve:one eve:Two ", 0, "those of one");
    check(history, 10, "", "tWo", "eve:Two ", 0, "those with a text");
    check(history, 10, "Bob", "o", "", 0, "those with both");
    check(history, 0, "", "", "", 99, "none");
    history_close(history);
    IS_INT(mode_of("history"), 0600, "the file is for nobody else");
    IS_INT(mode_of("history.key"), 0600, "and so is its key");
}

static void test_damage(void) {
    const off_t size = size_of("history");
    struct history *history;
    struct diagnostic why;

    for (off_t cut = 1; cut < 60; cut += 29) {
        if (truncate(path("history"), size - cut) != 0)
            abort();
        history = must_open();
        check(history, 10, "", "", ">Eve:one eve:Two ", 0, "a record that a crash has cut");
        add(history, false, "Bob", "three");
        history_close(history);
        IS_INT(size_of("history"), size, "is written anew");
    }
    change("history", 30);
    history = must_open();
    check(history, 10, "", "", "eve:Two Bob:three ", 1, "a record that was changed");
    history_close(history);
    change("history", 30);
    change("history", 0);
    IS_INT(history_open(&history, dir, &adam, &why), -EBADMSG, "a file that is none");
    change("history", 0);
    IS_INT(history_open(&history, dir, &eve, &why), -EKEYREJECTED, "another identity");
    change("history.key", 9);
    IS_INT(history_open(&history, dir, &adam, &why), -EKEYREJECTED, "another key");
    change("history.key", 9);
    if (chmod(path("history"), 0644) != 0)
        abort();
    IS_INT(history_open(&history, dir, &adam, &why), -EBADMSG, "a file that others may read");
    if (chmod(path("history"), 0600) != 0)
        abort();
    if (rename(path("history.key"), path("away")) != 0)
        abort();
    IS_INT(history_open(&history, dir, &adam, &why), -ENOKEY, "one without its key");
    if (rename(path("away"), path("history.key")) != 0)
        abort();
}

/* Two records of the same size change places: neither is where it was written. */
static void test_order(void) {
    const off_t start = size_of("history");
    struct history *history = must_open();
    uint8_t records[2][4096];
    off_t size;
    FILE *file;

    add(history, false, "Bob", "aaa");
    size = size_of("history") - start;
    add(history, false, "Bob", "bbb");
    file = fopen(path("history"), "r+b");
    if (!file || size > 4096)
        abort();
    fseek(file, start, SEEK_SET);
    if (fread(records[0], (size_t)size, 1, file) + fread(records[1], (size_t)size, 1, file) != 2)
        abort();
    fseek(file, start, SEEK_SET);
    fwrite(records[1], (size_t)size, 1, file);
    fwrite(records[0], (size_t)size, 1, file);
    fclose(file);
    check(history, 10, "", "", ">Eve:one eve:Two Bob:three ", 2, "records that have changed places");
    history_close(history);
}

static void test_bound(void) {
    struct history *history = must_open();
    char *text = calloc(1, MESSAGE_BODY_MAX + 1);

    if (!text)
        abort();
    memset(text, 'x', MESSAGE_BODY_MAX);
    for (int i = 0; i < 3 * (HISTORY_MAX / MESSAGE_BODY_MAX); i++)
        add(history, false, "Bob", text);
    OK(size_of("history") <= HISTORY_MAX, "the file has a bound");
    OK(size_of("history") >= HISTORY_MAX / 4, "and what is new is kept");
    add(history, true, "Bob", "last");
    check(history, 1, "", "", ">Bob:last ", 0, "the last one");
    check(history, 10, "Eve", "", "", 0, "the first ones are gone");
    history_close(history);
    IS_INT(size_of("history.new"), -1, "nothing is left beside it");
    free(text);
}

/* ---- forms ------------------------------------------------------------------------------------------------------- */

/* Appends a record with PLAIN as the manual says, in a file that is empty. */
static void write_record(const uint8_t *plain, size_t size) {
    const size_t cipher_size = CSC_CBC_LENGTH(size);
    uint8_t record[4 + CSC_CBC_IV + 256 + CSC_SHA256_SIZE] = {0}, header[8 + 4 + CSC_CBC_IV] = {0};
    FILE *file = fopen(path("history"), "r+b");
    struct diagnostic why;
    csc_symkey *key = NULL;

    if (!file || cipher_size > 256 ||
        sealed_key_load(&key, "chatsecure/1 history", path("history.key"), false, &adam, &why) != 0)
        abort();
    record[3] = (uint8_t)(CSC_CBC_IV + cipher_size + CSC_SHA256_SIZE);
    memcpy(header + 8, record, 4 + CSC_CBC_IV);
    csc_symkey_encrypt(key, record + 4, header, sizeof(header), plain, size, record + 4 + CSC_CBC_IV,
                       record + 4 + CSC_CBC_IV + cipher_size);
    fwrite(record, 4U + record[3], 1, file);
    fclose(file);
    csc_symkey_free(key);
}

/* A file of the program before it kept ids and proofs. */
static void test_old_file(void) {
    static const uint8_t plain[] = "\1\0\0\1\130\232\0\0\0\3Eveold";
    struct history *history;

    history_close(must_open());
    write_record(plain, sizeof(plain) - 1);
    history = must_open();
    check(history, 10, "", "", ">Eve:old ", 0, "a record of the first form");
    add(history, false, "Eve", "new");
    check(history, 10, "", "", ">Eve:old Eve:new ", 0, "and one of the newest behind it");
    history_close(history);
    unlink(path("history"));
    unlink(path("history.key"));
}

/* One process reads while another writes. */
static void test_reading(void) {
    struct history *writer, *reader = NULL;
    struct diagnostic why;
    off_t size;

    IS_INT(history_open_read(&reader, dir, &adam, &why), -ENOENT, "there is none to read");
    IS_INT(size_of("history"), -1, "and none is made");
    writer = must_open();
    IS_INT(history_open_read(&reader, dir, &adam, &why), -ENOENT, "one that is just made");
    add(writer, false, "Eve", "one");
    IS_INT(history_open_read(&reader, dir, &adam, &why), 0, "a first message");
    add(writer, false, "Eve", "two");
    check(reader, 10, "", "", "Eve:one ", 0, "what there was");
    history_close(reader);
    size = size_of("history");
    if (truncate(path("history"), size - 5) != 0)
        abort();
    IS_INT(history_open_read(&reader, dir, &adam, &why), 0, "in the middle of a write");
    check(reader, 10, "", "", "Eve:one ", 0, "what is whole");
    IS_INT(size_of("history"), size - 5, "and nothing is cut off");
    history_close(reader);
    history_close(writer);
}

static struct text_signature signature = {.key = "-----BEGIN PUBLIC KEY-----\n",
                                          .recipient = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                          .session = "0123456789a",
                                          .value = "value",
                                          .size = 384};

static struct history_entry full_entry(void) {
    return (struct history_entry){.time = UINT64_C(0x0102030405060708),
                                  .name = SPAN("Eve"),
                                  .text = SPAN("text"),
                                  .own = SPAN("Adam"),
                                  .id = SPAN("Zm9v-1"),
                                  .fingerprint = span_of(signature.recipient),
                                  .signature = &signature};
}

static void test_form(void) {
    static uint8_t bytes[HISTORY_FORM_MAX], copy[HISTORY_FORM_MAX];
    const struct history_entry written = full_entry();
    struct text_signature found;
    struct history_entry entry;
    size_t size = history_form_write(bytes, &written), taken = 0;

    OK(history_form_read(&entry, &found, bytes, size), "an entry with everything");
    OK(!entry.sent && entry.time == written.time && span_equal(entry.name, written.name) &&
           span_equal(entry.text, written.text) && span_equal(entry.own, written.own) &&
           span_equal(entry.id, written.id) && span_equal(entry.fingerprint, written.fingerprint),
       "is as it was");
    OK(entry.signature == &found && memcmp(&found, &signature, sizeof(found)) == 0, "with its proof");
    for (size_t cut = 1; cut <= size - written.text.size; cut++)
        taken += history_form_read(&entry, &found, bytes, cut);
    IS_INT(taken, 1, "what is cut is none, but where only the text is");
    for (size_t at = 9; at < size - written.text.size; at++) {
        memcpy(copy, bytes, size);
        copy[at] = 0xff;
        if (history_form_read(&entry, &found, copy, size))
            taken += entry.text.size + entry.name.size + entry.own.size + entry.id.size > size;
    }
    IS_INT(taken, 1, "no size reaches behind the end");
    bytes[0] = 4;
    OK(!history_form_read(&entry, &found, bytes, size), "a form of another version is none");
}

int main(void) {
    adam.key = load_key("adam.pem");
    eve.key = load_key("eve.pem");
    if (!mkdtemp(dir))
        abort();
    test_form();
    test_old_file();
    test_reading();
    unlink(path("history"));
    unlink(path("history.key"));
    test_keeping();
    test_damage();
    test_order();
    test_bound();
    unlink(path("history"));
    unlink(path("history.key"));
    rmdir(dir);
    csc_private_key_free(adam.key);
    csc_private_key_free(eve.key);
    return tap_done();
}
