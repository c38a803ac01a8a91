/* Texts of the error codes, from the list in cscrypto.h. */
#include <config.h>

#include "crypto/cscrypto.h"

const char *csc_strerror(int error) {
    switch (error) {
#define CSC_X(name, value, text)                                                                                       \
    case name:                                                                                                         \
        return text;
        CSC_ERROR_LIST(CSC_X)
#undef CSC_X
    default:
        return "unknown error";
    }
}
