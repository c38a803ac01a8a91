/*
 * run: prepares a run of the client: opens the files that the command line names, and calls client_run().
 *
 * Called once, by main() or by a verb that connects.
 */
#ifndef CLIENT_RUN_H
#define CLIENT_RUN_H

#include "src/client/arguments.h"

/* Runs the client.  What goes wrong has been said on stderr. */
enum exit_status run_client(const struct arguments *arguments);

/* Runs the client for a verb that connects: its only line is the command "WORD NAME REST", NAME being the verb's first
 * operand.  The server is the second. */
enum exit_status run_command(const struct arguments *arguments, const char *word, const char *rest);

#endif
