/*
 * intake: a journal of standard input, from when bytes are read until their lines are in the spool.
 *
 * A program that is killed takes with it what it has read from a pipe.  So read(2) reads straight into a mapped file,
 * `spool.input` (mapped_file.h): one system call takes bytes from the pipe and puts them there, whenever a kill comes.
 * How many they were can be seen in the bytes themselves: the room behind them is filled with 0xff, which UTF-8 does
 * not have.  Positions count all bytes ever read in the spool's folder.  Single owner.
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

/* Bytes held: room for the longest line and for one read. */
#define INTAKE_SIZE (256 * 1024)

struct intake;

/* Opens the journal in the folder DIR, or makes it, for input from the descriptor FD.  Bytes before POSITION are in the
 * spool by now, and forgotten.  0 or -errno with WHY. */
int intake_open(struct intake **intake, const char *dir, int fd, uint64_t position, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* WAY is a hash over the options that say what lines mean and who they are for.  False if a killed program has left
 * bytes that it read under another WAY: then nothing may be read or taken. */
bool intake_bind(struct intake *intake, const uint8_t way[static CSC_SHA256_SIZE]) __attribute__((warn_unused_result));

/* NULL is legal. */
void intake_close(struct intake *intake);

/* The bytes that were read and are not in the spool yet; after intake_open(), those that a killed program has left. */
struct span intake_rest(const struct intake *intake);

/* How the input of this run, FD, goes with the bytes that were left. */
enum intake_input {
    INTAKE_SAME,  /* it is the same pipe or file, and goes on behind them */
    INTAKE_OTHER, /* it is another one */
    INTAKE_AGAIN, /* it is the same file, from its beginning */
};
enum intake_input intake_compare(const struct intake *intake);

/* The position behind the last byte read. */
uint64_t intake_position(const struct intake *intake);

/* Reads at most SIZE bytes, with the result of read(2); they are the last ones of intake_rest(). */
ssize_t intake_read(struct intake *intake, size_t size);

/* Adds TEXT, as if it had been read: the end of a last line that has none. */
void intake_add(struct intake *intake, struct span text);

/* The bytes before POSITION are in the spool: forgets them. */
void intake_forget(struct intake *intake, uint64_t position);

#endif
