/*
 * allow_list: the file of those who may come under the policy `allow`.
 *
 * Lines "NAME FINGERPRINT [WORD...]", as known_peers has them: words behind the fingerprint mean nothing here, nor do
 * empty lines and lines that begin with '#'.  Each name stands once.  A file that others may write to is refused, since
 * whoever can write to it decides who may come.
 *
 * chatsecure-server(8), "Who may come".
 */
#ifndef SERVER_ALLOW_LIST_H
#define SERVER_ALLOW_LIST_H

#include "src/common/diagnostic.h"
#include "src/server/name_table.h"

/* Reads the file at PATH into a new table, all or nothing.  -1 with WHY, which names the line. */
int allow_list_read(struct name_table **table, const char *path, struct diagnostic *why)
    __attribute__((warn_unused_result));

#endif
