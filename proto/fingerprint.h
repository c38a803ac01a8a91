/*
 * fingerprint: the hash of a key out of the text that people see.
 *
 * The opposite of what csc_public_key_fingerprint() does.  Pure.
 *
 * chatsecure-protocol(7), "Keys and fingerprints".
 */
#ifndef PROTO_FINGERPRINT_H
#define PROTO_FINGERPRINT_H

#include "crypto/cscrypto.h"
#include "proto/span.h"

/* Sets HASH to what TEXT shows.  False if TEXT is no fingerprint; HASH is not written then. */
bool fingerprint_decode(uint8_t hash[static CSC_SHA256_SIZE], struct span text);

#endif
