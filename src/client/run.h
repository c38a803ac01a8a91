/*
 * run: the client as the command line wants it, from its files to its end.
 *
 * Called once, by main() or by a verb that connects.
 */
#ifndef CLIENT_RUN_H
#define CLIENT_RUN_H

#include "src/client/arguments.h"

/* Says what goes wrong on stderr. */
enum exit_status run_client(const struct arguments *arguments);

/* The same for a verb that connects: a run whose only line is the command WORD, about the NAME that is the first
 * operand, and REST; the server is the second operand. */
enum exit_status run_command(const struct arguments *arguments, const char *word, const char *rest);

#endif
