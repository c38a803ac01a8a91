/* `chatsecure trust`, `untrust`, `peers`, `verify`: the keys on file, without a connection. */
#include <config.h>

#include "src/client/home.h"
#include "src/client/qr_code.h"
#include "src/client/roster.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Says what there is to say, and prints the answer. */
static enum exit_status finish(enum exit_status status, const struct diagnostic *said, struct buffer *out) {
    enum exit_status printed = STATUS_OK;

    if (out->size > 0) {
        fwrite(buffer_data(out), 1, out->size, stdout);
        printed = verb_flush();
    }
    buffer_free(out);
    if (said->text[0] != '\0')
        fprintf(stderr, "chatsecure: %s\n", said->text);
    return exit_status_worse(status, printed);
}

static enum exit_status open_files(struct home *home, const struct arguments *arguments, struct trust *trust) {
    enum exit_status status = home_open(home, arguments);

    return status == STATUS_OK ? home_set_trust(home, arguments, trust) : status;
}

enum exit_status verb_trust(const struct arguments *arguments) {
    struct buffer none = BUFFER_INIT(0);
    struct home home = HOME_INIT;
    struct trust trust = {.pin = NULL};
    struct diagnostic said = {""};
    enum exit_status status = open_files(&home, arguments, &trust);

    if (status == STATUS_OK)
        status = roster_trust(&trust, arguments->operands[0], arguments->operands[1], &said);
    return finish(status, &said, &none);
}

enum exit_status verb_untrust(const struct arguments *arguments) {
    struct buffer none = BUFFER_INIT(0);
    struct home home = HOME_INIT;
    struct trust trust = {.pin = NULL};
    struct diagnostic said = {""};
    enum exit_status status = open_files(&home, arguments, &trust);

    if (status == STATUS_OK)
        status = roster_untrust(&trust, arguments->operands[0], &said);
    return finish(status, &said, &none);
}

enum exit_status verb_peers(const struct arguments *arguments) {
    struct buffer out = BUFFER_INIT(ROSTER_PEERS_MAX);
    struct home home = HOME_INIT;
    struct trust trust = {.pin = NULL};
    struct diagnostic said = {""};
    enum exit_status status = open_files(&home, arguments, &trust);

    if (status == STATUS_OK)
        status = roster_peers(&trust, NULL, NULL, &out, &said);
    return finish(status, &said, &out);
}

/* The operands behind the name in a row. */
static struct span join_answer(const struct arguments *arguments, char *out, size_t size) {
    size_t used = 0;

    for (size_t i = 1; i < arguments->operand_count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i > 1 ? " " : "", arguments->operands[i]);
    return (struct span){out, used < size ? used : size - 1};
}

enum exit_status verb_verify(const struct arguments *arguments) {
    struct buffer out = BUFFER_INIT(ROSTER_VERIFY_MAX);
    struct home home = HOME_INIT;
    struct trust trust = {.pin = NULL};
    struct diagnostic said = {""};
    char joined[256] = "";
    struct span answer = join_answer(arguments, joined, sizeof(joined));
    enum exit_status status = open_files(&home, arguments, &trust);

    if (status == STATUS_OK)
        status = home_load_identity(&home, arguments, false);
    if (status == STATUS_OK)
        status = roster_verify(&trust, home.identity.fingerprint, arguments->operands[0], answer,
                               qr_code_is_possible(STDOUT_FILENO), &out, &said);
    home_close(&home);
    return finish(status, &said, &out);
}
