/*
 * recipients: who a message is for, from a list as people write it.
 *
 * "Eve,Bob,@ops": names with commas between them, where @ops stands for the names in the file "ops" of the groups
 * folder: one a line, empty lines and lines that begin with '#' apart.  Nobody is in a list twice, whatever the case.
 * A group is read anew each time it is named, and has no groups in it.  One element that cannot be used never hides
 * the others: they are added one by one, and each answers for itself.
 * Errors: 0 or -errno with WHY.  Single owner.
 *
 * chatsecure(1), "INPUT AND OUTPUT".
 */
#ifndef CLIENT_RECIPIENTS_H
#define CLIENT_RECIPIENTS_H

#include "proto/name.h"
#include "src/common/diagnostic.h"

/* Recipients of one message: as many as there may be messages without a receipt to one peer. */
#define RECIPIENTS_MAX 256

/* Bytes of a list in a line of input: so many of the longest names. */
#define RECIPIENTS_TEXT_MAX (RECIPIENTS_MAX * (NAME_LENGTH_MAX + 1))

/* Bytes of a group's file: room for the names and a comment to each. */
#define RECIPIENTS_GROUP_MAX (64 * 1024)

struct recipient {
    char name[NAME_SIZE];
    bool grouped; /* a group has it: that may be oneself */
};

struct recipients {
    struct recipient list[RECIPIENTS_MAX];
    size_t count;
};

/* True if TEXT is meant as a list: no blanks, no empty element, and one that is a name or names a group. */
bool recipients_is_list(struct span text);

/* Takes the first element off LIST.  False: there is none. */
bool recipients_split(struct span *list, struct span *element);

/* Adds what ELEMENT stands for, NAME or @NAME; GROUPS is the folder of the groups.  -EINVAL for what is neither; -E2BIG
 * for one too many; of a group, -EFBIG and what open(2) says.  Names of a group that could be added stay added. */
int recipients_add(struct recipients *recipients, struct span element, const char *groups, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Adds all of LIST, where @PATH with a slash in it is a file anywhere.  The error is that of the first bad element. */
int recipients_add_list(struct recipients *recipients, const char *list, const char *groups, struct diagnostic *why)
    __attribute__((warn_unused_result));

#endif
