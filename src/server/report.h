/*
 * report: the statistics of the whole server.  Any thread.
 */
#ifndef SERVER_REPORT_H
#define SERVER_REPORT_H

#include "src/server/connection.h"

/* Appends them to OUT, as stats.h has it.  Errors of stats_write(). */
int report_statistics(struct server *server, struct buffer *out) __attribute__((warn_unused_result));

#endif
