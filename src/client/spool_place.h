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
 * let go of it. */
enum exit_status spool_place_open(struct spool_place *place, const char *dir, const struct identity *identity,
                                  uint64_t wait);

/* Another run in DIR may go on reading INPUT_FD, whose lines are taken as the options of WAY say.  Where what is left
 * of another input was read for others, an input that has nothing is read without. */
enum exit_status spool_place_read(struct spool_place *place, const char *dir, int input_fd,
                                  const uint8_t way[static CSC_SHA256_SIZE]);

void spool_place_close(struct spool_place *place);

#endif
