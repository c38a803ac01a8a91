/*
 * attest: certificates that travel in a handshake, and what they are for.
 *
 * A server may show its certificates (`chain`); a client may show a statement that its name and identity key are those
 * of the owner of a certificate, signed with the certificate's key (`attest`).  Here they are carried, bounded, and the
 * statement is built and compared; whether certificates and signature are good is decided above, with crypto.
 * Pure; a struct is a value that can be copied.
 *
 * chatsecure-protocol(7), "Certificates".
 */
#ifndef PROTO_ATTEST_H
#define PROTO_ATTEST_H

#include "crypto/cscrypto.h"
#include "proto/error.h"

/* DER certificates, one behind the other. */
struct certificates {
    size_t count;
    size_t sizes[CSC_CHAIN_MAX];
    uint8_t bytes[CSC_CHAIN_BYTES];
};

/* The label, a name and the longest SubjectPublicKeyInfo take some 640 bytes. */
#define ATTEST_STATEMENT_MAX 1024

struct attest {
    enum csc_signature algorithm;
    uint8_t statement[ATTEST_STATEMENT_MAX];
    size_t statement_size;
    uint8_t signature[CSC_SIGNATURE_MAX];
    size_t signature_size;
    struct certificates chain;
};

/* Sets *CERTIFICATES to those of CHAIN. */
void certificates_set(struct certificates *certificates, const csc_chain *chain);

/* Makes a chain of them.  Errors of csc_chain_from_der(). */
int certificates_chain(const struct certificates *certificates, csc_chain **chain) __attribute__((warn_unused_result));

/* Writes what the owner of NAME and KEY has signed to OUT, and returns its size. */
size_t attest_statement(uint8_t out[static ATTEST_STATEMENT_MAX], struct span name, const csc_public_key *key);

/* Whether the statement of ATTEST is that of NAME, in any case, and KEY. */
bool attest_is_for(const struct attest *attest, struct span name, const csc_public_key *key);

/* The word of an algorithm on the wire, and the opposite, which is false for one that is not known. */
const char *attest_algorithm_word(enum csc_signature algorithm);
bool attest_algorithm_from_word(struct span word, enum csc_signature *algorithm);

#endif
