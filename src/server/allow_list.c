#include <config.h>

#include "src/server/allow_list.h"

#include "src/common/trust_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* A name and a fingerprint take 84; a longer line is no such file's. */
#define LINE_SIZE 1024

static const char blanks[] = " \t\r\n";

/* Takes the first word off *TEXT, and ends it with a NUL. */
static char *take_word(char **text) {
    char *word = *text + strspn(*text, blanks);
    char *end = word + strcspn(word, blanks);

    *text = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return word;
}

static int wrong(struct diagnostic *why, const char *path, unsigned long number, const char *what) {
    diagnostic_set(why, "%s:%lu %s", path, number, what);
    return -1;
}

static int add_line(struct name_table *table, char *line, const char *path, unsigned long number,
                    struct diagnostic *why) {
    char folded[NAME_SIZE] = "";
    const char *name = take_word(&line);
    const char *fingerprint = take_word(&line);

    if (name[0] == '\0' || name[0] == '#')
        return 0;
    if (!name_is_valid(span_of(name)) || !trust_fingerprint_is_valid(fingerprint))
        return wrong(why, path, number, "is not a name and a fingerprint");
    name_fold(folded, span_of(name));
    if (name_table_find(table, folded) != NULL)
        return wrong(why, path, number, "has a name that another line has already");
    if (name_table_add(table, folded, fingerprint, NAME_ACTIVE) == NULL)
        return wrong(why, path, number, "is one more than there is room for");
    return 0;
}

static int read_lines(struct name_table *table, FILE *file, const char *path, struct diagnostic *why) {
    char line[LINE_SIZE] = "";
    unsigned long number = 0;
    int error = 0;

    while (error == 0 && fgets(line, sizeof(line), file) != NULL) {
        number++;
        /* The last line may lack its end; a line with a NUL seems to end there. */
        if (strchr(line, '\n') == NULL && !feof(file))
            error = wrong(why, path, number, "is too long, or has a NUL");
        else
            error = add_line(table, line, path, number, why);
    }
    if (error == 0 && ferror(file)) {
        diagnostic_set(why, "cannot read %s: %s", path, diagnostic_errno(errno));
        error = -1;
    }
    return error;
}

static int check(int fd, const char *path, struct diagnostic *why) {
    struct stat status = {0};

    if (fd < 0 || fstat(fd, &status) != 0) {
        diagnostic_set(why, "cannot read %s: %s", path, diagnostic_errno(errno));
        return -1;
    }
    if (!S_ISREG(status.st_mode)) {
        diagnostic_set(why, "cannot read %s: it is not a file", path);
        return -1;
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        diagnostic_set(why, "others may write to %s, and so decide who may come: chmod go-w %s", path, path);
        return -1;
    }
    return 0;
}

int allow_list_read(struct name_table **table, const char *path, struct diagnostic *why) {
    struct name_table *made = NULL;
    FILE *file = NULL;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int error = check(fd, path, why);

    if (error == 0 && ((file = fdopen(fd, "r")) == NULL || name_table_new(&made) != 0)) {
        diagnostic_set(why, "cannot read %s: out of memory", path);
        error = -1;
    }
    if (error == 0)
        error = read_lines(made, file, path, why);
    if (file != NULL)
        fclose(file);
    else if (fd >= 0)
        close(fd);
    if (error != 0)
        name_table_free(made);
    else
        *table = made;
    return error;
}
