/* `chatsecure trust`, `untrust`, `peers`, `verify`: the keys on file, without a connection. */
#include <config.h>

#include "src/client/home.h"
#include "src/client/qr_code.h"
#include "src/client/roster.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a command works with, and what comes of it. */
struct command {
    struct home home;
    struct trust trust;
    struct diagnostic said; /* to be told, or "" */
    struct buffer out;      /* to be printed */
};

/* ROOM is for what is printed. */
static enum exit_status begin(struct command *command, const struct arguments *arguments, size_t room) {
    enum exit_status status;

    *command = (struct command){.home = HOME_INIT, .out = BUFFER_INIT(room)};
    status = home_open(&command->home, arguments);
    return status == STATUS_OK ? home_set_trust(&command->home, arguments, &command->trust) : status;
}

/* Says what there is to say, and prints the answer. */
static enum exit_status finish(struct command *command, enum exit_status status) {
    enum exit_status printed = STATUS_OK;

    home_close(&command->home);
    if (command->out.size > 0) {
        fwrite(buffer_data(&command->out), 1, command->out.size, stdout);
        printed = verb_flush();
    }
    buffer_free(&command->out);
    if (command->said.text[0] != '\0')
        fprintf(stderr, "chatsecure: %s\n", command->said.text);
    return exit_status_worse(status, printed);
}

enum exit_status verb_trust(const struct arguments *arguments) {
    struct command command;
    enum exit_status status = begin(&command, arguments, 0);

    if (status == STATUS_OK)
        status = roster_trust(&command.trust, arguments->operands[0], arguments->operands[1], &command.said);
    return finish(&command, status);
}

enum exit_status verb_untrust(const struct arguments *arguments) {
    struct command command;
    enum exit_status status = begin(&command, arguments, 0);

    if (status == STATUS_OK)
        status = roster_untrust(&command.trust, arguments->operands[0], &command.said);
    return finish(&command, status);
}

enum exit_status verb_peers(const struct arguments *arguments) {
    struct command command;
    enum exit_status status = begin(&command, arguments, ROSTER_PEERS_MAX);

    if (status == STATUS_OK)
        status = roster_peers(&command.trust, NULL, NULL, &command.out, &command.said);
    return finish(&command, status);
}

/* The operands behind the name in a row. */
static struct span join_answer(const struct arguments *arguments, char *out, size_t size) {
    size_t used = 0;

    for (size_t i = 1; i < arguments->operand_count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i > 1 ? " " : "", arguments->operands[i]);
    return (struct span){out, used < size ? used : size - 1};
}

enum exit_status verb_verify(const struct arguments *arguments) {
    char joined[256] = "";
    struct span answer = join_answer(arguments, joined, sizeof(joined));
    struct command command;
    enum exit_status status = begin(&command, arguments, ROSTER_VERIFY_MAX);

    if (status == STATUS_OK)
        status = home_load_identity(&command.home, arguments, false);
    if (status == STATUS_OK)
        status = roster_verify(&command.trust, command.home.identity.fingerprint, arguments->operands[0], answer,
                               qr_code_is_possible(STDOUT_FILENO), &command.out, &command.said);
    return finish(&command, status);
}
