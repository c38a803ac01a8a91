#include <config.h>

#include "src/server/settings_file.h"

#include "src/server/settings_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char blanks[] = " \t\r";

/* Where the parser is. */
struct place {
    const char *path;
    unsigned long line;
    unsigned long set[OPTION_RUN]; /* the line that has it, or 0 */
};

/* Ends TEXT before the blanks at its end, and gives its beginning behind those there. */
static char *trim(char *text) {
    size_t size;

    text += strspn(text, blanks);
    size = strlen(text);
    while (size > 0 && strchr(blanks, text[size - 1]) != NULL)
        size--;
    text[size] = '\0';
    return text;
}

static int wrong(struct diagnostic *why, const struct place *place, const char *name, const char *what) {
    diagnostic_set(why, "%s:%lu: %s%s%s", place->path, place->line, name, name[0] != '\0' ? " " : "", what);
    return -1;
}

static int take_setting(struct settings *settings, struct place *place, const char *name, const char *value,
                        struct diagnostic *why) {
    const struct option_row *row = options_find(&settings_program, name, strlen(name));
    struct diagnostic what = {""};

    if (row == NULL) {
        diagnostic_set(&what, "there is no setting \"%s\": the names are those of the long options", name);
        return wrong(why, place, "", what.text);
    }
    if (row->id >= OPTION_RUN)
        return wrong(why, place, name, "is for the command line alone: take it out");
    if (place->set[row->id] != 0 && row->id != OPTION_LISTEN) {
        diagnostic_set(&what, "stands in line %lu already: take one of them out", place->set[row->id]);
        return wrong(why, place, name, what.text);
    }
    place->set[row->id] = place->line;
    return settings_set(settings, row->id, value, &what) == 0 ? 0 : wrong(why, place, name, what.text);
}

static int take_line(struct settings *settings, struct place *place, char *line, struct diagnostic *why) {
    char *equals = NULL;

    line = trim(line);
    if (line[0] == '\0' || line[0] == '#')
        return 0;
    equals = strchr(line, '=');
    if (equals == NULL)
        return wrong(why, place, "", "there is no `=': write NAME = VALUE");
    *equals = '\0';
    return take_setting(settings, place, trim(line), trim(equals + 1), why);
}

int settings_file_parse(struct settings *settings, const char *path, char *text, size_t size, struct diagnostic *why) {
    struct place place = {.path = path};
    int error = 0;

    for (char *line = text; line != NULL && error == 0;) {
        char *end = memchr(line, '\n', size - (size_t)(line - text));

        if (end != NULL)
            *end = '\0';
        place.line++;
        if (strlen(line) != (end != NULL ? (size_t)(end - line) : size - (size_t)(line - text)))
            error = wrong(why, &place, "", "there is a NUL: this is not a configuration file");
        else
            error = take_line(settings, &place, line, why);
        line = end != NULL ? end + 1 : NULL;
    }
    return error;
}

/* Reads what FD has into TEXT, of SETTINGS_FILE_MAX + 2 bytes, and ends it by a NUL. */
static int read_text(int fd, const char *path, char *text, size_t *size, struct diagnostic *why) {
    ssize_t got = 1;

    *size = 0;
    while (got != 0 && *size <= SETTINGS_FILE_MAX) {
        got = read(fd, text + *size, SETTINGS_FILE_MAX + 1 - *size);
        if (got > 0)
            *size += (size_t)got;
        else if (got < 0 && errno != EINTR)
            break;
    }
    text[*size] = '\0';
    if (got >= 0 && *size <= SETTINGS_FILE_MAX)
        return 0;
    if (got < 0)
        diagnostic_set(why, "cannot read %s: %s", path, diagnostic_errno(errno));
    else
        diagnostic_set(why, "%s is longer than %d bytes: this is not a configuration file", path, SETTINGS_FILE_MAX);
    return -1;
}

/* Whether FD may say how the server is to run.  A device such as /dev/null stands for an empty file. */
static int check(int fd, const char *path, struct diagnostic *why) {
    struct stat status = {0};

    if (fstat(fd, &status) != 0) {
        diagnostic_set(why, "cannot read %s: %s", path, diagnostic_errno(errno));
        return -1;
    }
    if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) {
        diagnostic_set(why, "cannot read %s: it is not a file", path);
        return -1;
    }
    if (S_ISREG(status.st_mode) && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        diagnostic_set(why, "others may write to %s, and so decide what the server does: chmod go-w %s", path, path);
        return -1;
    }
    return 0;
}

int settings_file_read(struct settings *settings, const char *path, struct diagnostic *why) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *text = NULL;
    size_t size = 0;
    int error = -1;

    if (fd < 0) {
        error = errno == ENOENT ? 1 : -1;
        diagnostic_set(why, "cannot read %s: %s", path, diagnostic_errno(errno));
        return error;
    }
    text = malloc(SETTINGS_FILE_MAX + 2);
    if (text == NULL) {
        diagnostic_set(why, "cannot read %s: out of memory", path);
        error = -ENOMEM;
    } else if (check(fd, path, why) == 0 && read_text(fd, path, text, &size, why) == 0) {
        error = settings_file_parse(settings, path, text, size, why);
    }
    free(text);
    close(fd);
    return error;
}

/* What SETTINGS have for ROW, as lines of a file; NULL without memory. */
static char *text_of(const struct settings *settings, const struct option_row *row) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    settings_print(settings, row->id, row->name, out);
    return fclose(out) == 0 ? text : NULL;
}

bool settings_file_same(const struct settings *settings, const struct settings *other, const struct option_row *row) {
    char *first = text_of(settings, row);
    char *second = text_of(other, row);
    const bool same = first != NULL && second != NULL && strcmp(first, second) == 0;

    free(first);
    free(second);
    return same;
}

int settings_file_print(const struct settings *settings, FILE *out) {
    for (size_t i = 0; i < settings_program.count; i++)
        if (settings_program.rows[i].id < OPTION_RUN)
            settings_print(settings, settings_program.rows[i].id, settings_program.rows[i].name, out);
    return fflush(out) != 0 || ferror(out) ? -1 : 0;
}
