/*
 * vetting: which clients are certified, for a server that wants that.
 *
 * Holds the authorities and the lists of revoked certificates, which may be read anew while the server runs, and looks
 * at what a client showed once its key is proven.
 * Locked: rank vetting, held while a chain is looked at, which takes about a millisecond.
 *
 * chatsecure-server(8), "CERTIFICATES".
 */
#ifndef SERVER_VETTING_H
#define SERVER_VETTING_H

#include "src/common/certification.h"
#include "src/common/lock.h"
#include "src/server/settings.h"
#include <stdatomic.h>

struct vetting {
    bool ready;
    struct lock lock;
    atomic_bool wanted;                    /* for those who need not wait for the lock then */
    csc_anchors *anchors GUARDED_BY(lock); /* NULL: certificates are not wanted */
    bool any_name GUARDED_BY(lock);        /* whatever name is in a certificate */
};

/* Reads the files that SETTINGS name, if certificates are wanted.  -1 with WHY; vetting_free() is due in any case. */
int vetting_init(struct vetting *vetting, const struct settings *settings, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Legal on a zeroed struct. */
void vetting_free(struct vetting *vetting);

/* Follows SETTINGS, and the files they name as they are now.  -1 with WHY: all is as it was before. */
int vetting_reload(struct vetting *vetting, const struct settings *settings, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Whether a client that shows ATTEST, or NULL, with NAME and the proven KEY, is let in.  If not, WHY; if it is and
 * certificates are wanted, WHY is whose its certificate is, else "". */
bool vetting_admits(struct vetting *vetting, const struct attest *attest, struct span name, const csc_public_key *key,
                    struct diagnostic *why);

#endif
