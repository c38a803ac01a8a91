/*
 * spool_place: opens and locks the folder of --spool, with the spool and the journal of the input in it.
 *
 * What goes wrong is said on stderr, and the exit status for it is returned.  Single owner.
 */
#ifndef CLIENT_SPOOL_PLACE_H
#define CLIENT_SPOOL_PLACE_H

#include "src/client/exit_status.h"
#include "src/client/intake.h"
#include "src/client/spool.h"

struct spool_place {
    int lock; /* negative: not taken */
    struct spool *spool;
    struct intake *intake; /* NULL: the input is read without a journal */
};

#define SPOOL_PLACE_INIT                                                                                               \
    { .lock = -1 }

/* Opens the spool in the folder DIR, which is made if it is missing, for IDENTITY.  Waits for the lock of DIR for WAIT
 * milliseconds. */
enum exit_status spool_place_open(struct spool_place *place, const char *dir, const struct identity *identity,
                                  uint64_t wait);

/* Opens the journal for input from INPUT_FD.  WAY is that of intake_bind().  If a killed run has left input that was
 * read under another WAY, a terminal or /dev/null is read without the journal, and any other INPUT_FD is refused. */
enum exit_status spool_place_read(struct spool_place *place, const char *dir, int input_fd,
                                  const uint8_t way[static CSC_SHA256_SIZE]);

void spool_place_close(struct spool_place *place);

#endif
