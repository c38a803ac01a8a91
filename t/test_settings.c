/* src/server/settings.c: the standard configuration file, which may be missing, comes and goes. */
#include <config.h>

#include "src/server/settings.h"
#include "t/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/chatsecure-t-XXXXXX";

static void put(const char *text) {
    FILE *file = fopen(path, "w");

    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
}

int main(void) {
    char *argv[] = {(char *)"chatsecure-server", NULL};
    struct settings settings = {0}, fresh;
    struct diagnostic why = {""};
    int fd = mkstemp(path);

    if (fd < 0)
        abort();
    close(fd);
    unlink(path);
    IS_INT(settings_read(&settings, 1, argv, path), -1, "the standard file need not be there");
    IS_INT(settings.policy, REGISTRY_OPEN, "and then all is as by default");
    IS_INT(settings_read_again(&fresh, &settings, &why), 0, "nor need it the next time");
    put("register = closed\n");
    IS_INT(settings_read_again(&fresh, &settings, &why), 0, "it may come");
    IS_INT(fresh.policy, REGISTRY_CLOSED, "and is followed");
    settings = fresh;
    unlink(path);
    IS_INT(settings_read_again(&fresh, &settings, &why), -1, "when it has gone nobody is let in for that");
    OK(strstr(why.text, path) != NULL, "and it is told: %s", why.text);
    put("");
    IS_INT(settings_read_again(&fresh, &settings, &why), 0, "an empty one");
    IS_INT(fresh.policy, REGISTRY_OPEN, "stands for the defaults");
    unlink(path);
    return tap_done();
}
