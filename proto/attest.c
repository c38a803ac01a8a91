#include <config.h>

#include "proto/attest.h"
#include "proto/name.h"
#include "proto/prefixed.h"

void certificates_set(struct certificates *certificates, const csc_chain *chain) {
    size_t used = 0;

    certificates->count = csc_chain_count(chain);
    for (size_t i = 0; i < certificates->count; i++) {
        const struct csc_part der = csc_chain_der(chain, i);

        memcpy(certificates->bytes + used, der.data, der.size);
        certificates->sizes[i] = der.size;
        used += der.size;
    }
}

int certificates_chain(const struct certificates *certificates, csc_chain **chain) {
    struct csc_part parts[CSC_CHAIN_MAX];
    size_t used = 0;

    for (size_t i = 0; i < certificates->count; i++) {
        parts[i] = (struct csc_part){certificates->bytes + used, certificates->sizes[i]};
        used += certificates->sizes[i];
    }
    return csc_chain_from_der(chain, parts, certificates->count);
}

size_t attest_statement(uint8_t out[static ATTEST_STATEMENT_MAX], struct span name, const csc_public_key *key) {
    const struct csc_part der = csc_public_key_der(key);
    char folded[NAME_SIZE];
    struct prefixed pieces[3];
    size_t size = 0;

    name_fold(folded, name);
    pieces[0] = prefix(SPAN("chatsecure/1 attest"));
    pieces[1] = prefix(span_of(folded));
    pieces[2] = prefix((struct span){der.data, der.size});
    for (size_t i = 0; i < 3; i++) {
        memcpy(out + size, pieces[i].length, sizeof(pieces[i].length));
        size += sizeof(pieces[i].length);
        memcpy(out + size, pieces[i].data.data, pieces[i].data.size);
        size += pieces[i].data.size;
    }
    return size;
}

bool attest_is_for(const struct attest *attest, struct span name, const csc_public_key *key) {
    uint8_t wanted[ATTEST_STATEMENT_MAX];
    size_t size = attest_statement(wanted, name, key);

    return attest->statement_size == size && memcmp(attest->statement, wanted, size) == 0;
}

static const char *const words[] = {
    [CSC_RSA_PSS_SHA256] = "RSA-PSS-SHA256",
    [CSC_RSA_PKCS1_SHA256] = "RSA-PKCS1-SHA256",
    [CSC_ECDSA_SHA256] = "ECDSA-SHA256",
    [CSC_ECDSA_SHA384] = "ECDSA-SHA384",
};

const char *attest_algorithm_word(enum csc_signature algorithm) {
    return words[algorithm];
}

bool attest_algorithm_from_word(struct span word, enum csc_signature *algorithm) {
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (span_equal(word, span_of(words[i]))) {
            *algorithm = (enum csc_signature)i;
            return true;
        }
    }
    return false;
}
