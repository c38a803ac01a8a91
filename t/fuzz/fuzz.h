/*
 * fuzz: what the fuzzers share.
 *
 * Each t/fuzz/NAME.c has the entry point that libFuzzer calls and a name.  It is linked twice: with libFuzzer, for
 * `make fuzz`, and with replay.c, which gives it the files of t/fuzz/corpus/NAME, for `make check`.  Random bytes are
 * the same in every run, so that an input does the same every time.
 *
 * Seeds are made by hand, a case each with a name for it.  What breaks a promise becomes one, cut down to what it takes
 * (fuzz_NAME -minimize_crash=1), and so does what reaches code that the others do not (fuzz_NAME -merge=1).
 */
#ifndef CHATSECURE_T_FUZZ_FUZZ_H
#define CHATSECURE_T_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* The name of the fuzzer, and of the folder of its seeds. */
extern const char *const fuzz_name;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Random bytes begin anew; to be called first for each input. */
void fuzz_reset_random(void);

/* Ends the program, as a crash that the fuzzer reports, unless it holds. */
#define FUZZ_MUST(condition) fuzz_must((condition), #condition, __FILE__, __LINE__)
void fuzz_must(int holds, const char *condition, const char *file, int line);

/* What is left of an input. */
struct fuzz_input {
    const uint8_t *data;
    size_t size;
};

/* Takes a byte, 0 at the end; a number of SIZE bytes, at most 8; or up to SIZE bytes, of which there may be fewer. */
uint8_t fuzz_byte(struct fuzz_input *input);
uint64_t fuzz_number(struct fuzz_input *input, size_t size);
struct fuzz_input fuzz_bytes(struct fuzz_input *input, size_t size);

/* A folder of this program's own, which goes with all that is in it when the program ends. */
const char *fuzz_folder(void);

/* The path of NAME in it, to be freed by the caller. */
char *fuzz_path(const char *name);

/* Puts the file NAME there, with mode 0600, in place of one that is there. */
void fuzz_write_file(const char *name, const void *data, size_t size);

#endif
