/*
 * descriptors: how many connections the limit of open files has room for.
 */
#ifndef SERVER_DESCRIPTORS_H
#define SERVER_DESCRIPTORS_H

#include "src/server/limits.h"

/* Raises the limit of descriptors as far as it goes, and lowers LIMITS, which are nobody else's yet, to what fits. */
void descriptors_fit(struct limits *limits);

#endif
