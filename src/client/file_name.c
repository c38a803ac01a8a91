#include <config.h>

#include "src/client/file_name.h"

#include "proto/text.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>

/* What is put in the place of a name that has nothing. */
#define NAMELESS "file"

/* Bytes of an extension with its dot: a longer one is none. */
#define EXTENSION_MAX 16

static bool is_separator(char c) {
    return c == '/' || c == '\\';
}

/* What stands behind the last separator that has something behind it. */
static struct span last_component(struct span name) {
    size_t begin;

    while (name.size > 0 && is_separator(name.data[name.size - 1]))
        name.size--;
    for (begin = name.size; begin > 0 && !is_separator(name.data[begin - 1]); begin--)
        ;
    return name.size > 0 ? (struct span){name.data + begin, name.size - begin} : name;
}

/* Where the extension of NAME of SIZE bytes begins: at its end if there is none. */
static size_t extension_of(const char *name, size_t size) {
    for (size_t i = size; i > 1 && size - i < EXTENSION_MAX; i--)
        if (name[i - 1] == '.')
            return i - 1;
    return size;
}

/* The most of the SIZE bytes of TEXT, of valid UTF-8, that are whole characters in ROOM bytes. */
static size_t cut(const char *text, size_t size, size_t room) {
    if (size <= room)
        return size;
    while (room > 0 && ((unsigned char)text[room] & 0xc0) == 0x80)
        room--;
    return room;
}

/* BEFORE, as much of NAME in front of its extension as there is room for in LIMIT bytes, BETWEEN, the extension, and
 * BEHIND. */
static void compose(char out[static FILE_NAME_SIZE], const char *before, const char *name, const char *between,
                    const char *behind) {
    const size_t size = strlen(name), extension = extension_of(name, size);
    const size_t others = strlen(before) + strlen(between) + (size - extension) + strlen(behind);

    assert(others < FILE_NAME_SIZE);
    snprintf(out, FILE_NAME_SIZE, "%s%.*s%s%s%s", before, (int)cut(name, extension, FILE_NAME_SIZE - 1 - others), name,
             between, name + extension, behind);
}

static bool is_safe_first(uint32_t character) {
    return character != '.' && character != '-' && character != '~' && character != ' ';
}

void file_name_make_safe(char out[static FILE_NAME_SIZE], struct span name) {
    /* A name of the protocol has a quarter of it, and no character gets longer. */
    char made[4 * FILE_NAME_SIZE] = "";
    struct span rest = last_component(name);
    size_t size = 0;

    while (rest.size > 0 && size + 4 < sizeof(made)) {
        uint32_t character;
        size_t length = text_decode(rest, &character);
        bool good = length > 0 && text_is_safe(character) && (size > 0 || is_safe_first(character));

        length = length > 0 ? length : 1;
        if (good)
            memcpy(made + size, rest.data, length);
        else
            made[size] = '_';
        size += good ? length : 1;
        rest = (struct span){rest.data + length, rest.size - length};
    }
    made[size] = '\0';
    compose(out, "", size > 0 ? made : NAMELESS, "", "");
}

void file_name_number(char out[static FILE_NAME_SIZE], const char *name, unsigned number) {
    char text[16] = "";

    if (number > 0)
        snprintf(text, sizeof(text), " (%u)", number);
    compose(out, "", name, text, "");
}

void file_name_part(char out[static FILE_NAME_SIZE], const char *name, const char *mark) {
    char behind[FILE_NAME_MARK_SIZE + 8];

    snprintf(behind, sizeof(behind), ".%.*s.part", FILE_NAME_MARK_SIZE, mark);
    compose(out, ".", name, "", behind);
}
