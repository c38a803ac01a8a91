/*
 * recipients: reads a list of recipients as people write it.
 *
 * "Eve,Bob,@ops" has names with commas between them.  @ops stands for the names in the file "ops" of the folder of
 * groups: one a line, where empty lines and lines that begin with '#' are ignored.  Nobody is in a list twice, whatever
 * the case.  A group is read anew each time it is named, and cannot contain groups.  Elements are added one by one, so
 * that one that cannot be used does not affect the others.
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

/* Bytes of a list in a line of input: RECIPIENTS_MAX of the longest names. */
#define RECIPIENTS_TEXT_MAX (RECIPIENTS_MAX * (NAME_LENGTH_MAX + 1))

/* Bytes of a group's file: the names, and a comment to each. */
#define RECIPIENTS_GROUP_MAX (64 * 1024)

struct recipient {
    char name[NAME_SIZE];
    bool grouped; /* it comes from a group, and so may be the user's own: it is skipped then */
};

struct recipients {
    struct recipient list[RECIPIENTS_MAX];
    size_t count;
};

/* True if TEXT is meant as a list: it has no blanks and no empty element, and at least one name or group. */
bool recipients_is_list(struct span text);

/* Takes the first element off LIST, into *ELEMENT.  False: there is none. */
bool recipients_split(struct span *list, struct span *element);

/* Adds the recipients that ELEMENT stands for, NAME or @GROUP; GROUPS is the folder of groups.  -EINVAL: it is neither;
 * -E2BIG: there are more than RECIPIENTS_MAX; for a group also -EFBIG and the errors of open(2).  After an error, those
 * names of a group that could be added stay added. */
int recipients_add(struct recipients *recipients, struct span element, const char *groups, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Adds all of LIST, where @PATH, with a slash in it, is the file of a group anywhere.  The error is that of the first
 * bad element. */
int recipients_add_list(struct recipients *recipients, const char *list, const char *groups, struct diagnostic *why)
    __attribute__((warn_unused_result));

#endif
