/*
 * spool_place: the folder of --spool, and what is open in it.
 *
 * What goes wrong is said on stderr; the status is what the program should end with.  Single owner.
 */
#ifndef CLIENT_SPOOL_PLACE_H
#define CLIENT_SPOOL_PLACE_H

#include "src/client/exit_status.h"
#include "src/client/intake.h"
#include "src/client/spool.h"

struct spool_place {
    int lock; /* negative: not taken */
    struct spool *spool;
    struct intake *intake; /* NULL: the input is read without */
};

#define SPOOL_PLACE_INIT                                                                                               \
    { .lock = -1 }

/* Opens what is in DIR, which is made if it is missing, for IDENTITY; waits WAIT milliseconds for another process to
 * let go of it.  INPUT_FD is what may be read again by another run, -1: nothing. */
enum exit_status spool_place_open(struct spool_place *place, const char *dir, const struct identity *identity,
                                  int input_fd, uint64_t wait);

void spool_place_close(struct spool_place *place);

#endif
