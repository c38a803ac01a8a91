/*
 * intake: bytes of standard input, from when they are read until their lines are in the spool.
 *
 * A program that is killed takes with it what it has read.  So the input is read into a mapping, the file
 * `spool.input`: what read(2) has taken from a pipe is in there, and what is in there was taken, since it is one system
 * call that does both, whenever the kill comes.  How much it was shows in the bytes: the room behind them is filled
 * with 0xff, which no text has.  Positions count all bytes ever read.  Single owner.
 *
 * chatsecure(1), "SPOOL".
 */
#ifndef CLIENT_INTAKE_H
#define CLIENT_INTAKE_H

#include "crypto/cscrypto.h"
#include "proto/span.h"
#include "src/client/mapped_file.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What a line and one read take. */
#define INTAKE_SIZE (256 * 1024)

struct intake;

/* Opens the file in DIR, or makes it, for the descriptor FD.  What is before POSITION is forgotten.  0 or -errno with
 * WHY. */
int intake_open(struct intake **intake, const char *dir, int fd, uint64_t position, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* WAY is a hash over what says what lines mean and who they are for.  What is read from now on is for it.  False, and
 * nothing may be read or taken, if there is a rest that was read for another one. */
bool intake_bind(struct intake *intake, const uint8_t way[static CSC_SHA256_SIZE]) __attribute__((warn_unused_result));

/* NULL is legal. */
void intake_close(struct intake *intake);

/* What was read and not forgotten; after opening, what a program has read that was killed. */
struct span intake_rest(const struct intake *intake);

/* How the input that it is from goes on. */
enum intake_input {
    INTAKE_SAME,  /* in FD */
    INTAKE_OTHER, /* it does not */
    INTAKE_AGAIN, /* FD begins with it once more */
};
enum intake_input intake_compare(const struct intake *intake);

/* The position behind it. */
uint64_t intake_position(const struct intake *intake);

/* Reads SIZE bytes at most, as read(2) does: the last ones of the rest. */
ssize_t intake_read(struct intake *intake, size_t size);

/* Adds TEXT as if it had been read. */
void intake_add(struct intake *intake, struct span text);

/* What is before POSITION is in the spool. */
void intake_forget(struct intake *intake, uint64_t position);

#endif
