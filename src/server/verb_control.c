/* `chatsecure-server reload`, `stats` and `upgrade`: what the running server has to do, and to tell. */
#include <config.h>

#include "src/server/control.h"
#include "src/server/verbs.h"

#include <stdio.h>

/* Prints what the running server answers to REQUEST. */
static enum server_exit ask_and_print(const struct settings *settings, const char *request) {
    struct buffer text = BUFFER_INIT(CONTROL_ANSWER_MAX);
    char dir[STATE_PATH_SIZE] = "";
    struct diagnostic why = {""};
    int asked = settings_state_dir(settings, dir, &why);

    if (asked == 0)
        asked = control_ask(dir, request, &text, &why);
    if (asked == CONTROL_NOBODY)
        diagnostic_set(&why, "no server runs in %s: is that its --state-dir?", dir);
    if (asked == 0)
        fwrite(buffer_data(&text), 1, text.size, stdout);
    buffer_free(&text);
    return asked == 0 ? verb_flush() : verb_fail(SERVER_EXIT_FAILED, &why);
}

enum server_exit verb_reload(const struct settings *settings) {
    return ask_and_print(settings, "reload");
}

enum server_exit verb_stats(const struct settings *settings) {
    return ask_and_print(settings, "stats");
}

enum server_exit verb_upgrade(const struct settings *settings) {
    return ask_and_print(settings, "upgrade");
}
