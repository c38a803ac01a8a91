#include <config.h>

#include "src/client/recipients.h"
#include "src/common/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLANKS " \t\r"

static bool names_group(struct span element) {
    return element.size > 1 && element.data[0] == '@' &&
           name_is_valid((struct span){element.data + 1, element.size - 1});
}

bool recipients_split(struct span *list, struct span *element) {
    const char *comma = list->size > 0 ? memchr(list->data, ',', list->size) : NULL;

    if (!list->data)
        return false;
    *element = (struct span){list->data, comma ? (size_t)(comma - list->data) : list->size};
    if (comma)
        *list = (struct span){comma + 1, list->size - element->size - 1};
    else
        *list = (struct span){NULL, 0};
    return true;
}

bool recipients_is_list(struct span text) {
    struct span element;
    bool good = false;

    if (text.size == 0)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (strchr(BLANKS, text.data[i]))
            return false;
    while (recipients_split(&text, &element)) {
        if (element.size == 0)
            return false;
        good = good || name_is_valid(element) || names_group(element);
    }
    return good;
}

static int add_name(struct recipients *recipients, struct span name, bool grouped, struct diagnostic *why) {
    for (size_t i = 0; i < recipients->count; i++) {
        struct recipient *other = &recipients->list[i];

        if (!name_equal(span_of(other->name), name))
            continue;
        other->grouped = other->grouped && grouped;
        return 0;
    }
    if (recipients->count == RECIPIENTS_MAX) {
        diagnostic_set(why, "more than %d recipients", RECIPIENTS_MAX);
        return -E2BIG;
    }
    name_copy(recipients->list[recipients->count].name, name);
    recipients->list[recipients->count++].grouped = grouped;
    return 0;
}

/* ---- groups ------------------------------------------------------------------------------------------------------ */

/* Reads the file of a group into *TEXT, which the caller frees. */
static int read_group(const char *path, char **text, size_t *size) {
    struct stat status;
    /* Opening a pipe that nobody writes to must not wait. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *memory = NULL;
    ssize_t got = 1;
    int error = 0;

    if (fd < 0)
        return -errno;
    if (fstat(fd, &status) != 0)
        error = -errno;
    else if (!S_ISREG(status.st_mode))
        error = S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
    else if (!(memory = malloc(RECIPIENTS_GROUP_MAX + 1)))
        error = -ENOMEM;
    *size = 0;
    while (error == 0 && got > 0 && *size <= RECIPIENTS_GROUP_MAX) {
        got = read(fd, memory + *size, RECIPIENTS_GROUP_MAX + 1 - *size);
        if (got < 0)
            error = -errno;
        else
            *size += (size_t)got;
    }
    if (error == 0 && *size > RECIPIENTS_GROUP_MAX)
        error = -EFBIG;
    close(fd);
    if (error != 0)
        free(memory);
    else
        *text = memory;
    return error;
}

static struct span trim(struct span line) {
    while (line.size > 0 && strchr(BLANKS, line.data[line.size - 1]))
        line.size--;
    while (line.size > 0 && strchr(BLANKS, line.data[0])) {
        line.data++;
        line.size--;
    }
    return line;
}

/* Adds the names of TEXT, the file at PATH; a line that is none is told, and the others count. */
static int add_lines(struct recipients *recipients, const char *path, struct span text, struct diagnostic *why) {
    unsigned long number = 0;
    int result = 0;

    while (text.size > 0) {
        const char *end = memchr(text.data, '\n', text.size);
        size_t size = end ? (size_t)(end - text.data) : text.size;
        struct span line = trim((struct span){text.data, size});
        struct diagnostic trouble;
        int error = 0;

        number++;
        text = (struct span){text.data + size + (end != NULL), text.size - size - (end != NULL)};
        if (line.size == 0 || line.data[0] == '#')
            continue;
        if (name_is_valid(line)) {
            error = add_name(recipients, line, true, &trouble);
        } else {
            diagnostic_set(&trouble, "it is no name");
            error = -EINVAL;
        }
        if (error != 0 && result == 0) {
            result = error;
            diagnostic_set(why, "%s:%lu: %s", path, number, trouble.text);
        }
    }
    return result;
}

static int add_group(struct recipients *recipients, const char *path, struct diagnostic *why) {
    char *text = NULL;
    size_t size = 0;
    int error = read_group(path, &text, &size);

    if (error != 0) {
        diagnostic_set(why, "cannot read the group %s: %s", path, diagnostic_errno(-error));
        return error;
    }
    error = add_lines(recipients, path, (struct span){text, size}, why);
    free(text);
    return error;
}

/* ---- elements ---------------------------------------------------------------------------------------------------- */

int recipients_add(struct recipients *recipients, struct span element, const char *groups, struct diagnostic *why) {
    char path[STATE_PATH_SIZE];
    char name[NAME_SIZE];
    int error;

    if (name_is_valid(element))
        return add_name(recipients, element, false, why);
    if (!names_group(element)) {
        diagnostic_set(why, "neither a name nor @ and the name of a group");
        return -EINVAL;
    }
    name_copy(name, (struct span){element.data + 1, element.size - 1});
    error = state_dir_path(path, groups, name, why);
    return error != 0 ? error : add_group(recipients, path, why);
}

int recipients_add_list(struct recipients *recipients, const char *list, const char *groups, struct diagnostic *why) {
    struct span left = span_of(list), element;
    struct diagnostic trouble;
    int result = 0;

    while (recipients_split(&left, &element)) {
        char path[STATE_PATH_SIZE] = "";
        int error;

        if (element.size > 1 && element.size <= sizeof(path) && element.data[0] == '@' &&
            memchr(element.data, '/', element.size)) {
            memcpy(path, element.data + 1, element.size - 1);
            error = add_group(recipients, path, &trouble);
        } else {
            error = recipients_add(recipients, element, groups, &trouble);
        }
        if (error != 0 && result == 0) {
            result = error;
            diagnostic_set(why, "\"%.*s\": %s", (int)element.size, element.data, trouble.text);
        }
    }
    return result;
}
