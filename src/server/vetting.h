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

struct vetting {
    const struct settings *settings;
    struct lock lock;
    csc_anchors *anchors GUARDED_BY(lock); /* NULL: certificates are not wanted */
};

/* Reads the files that SETTINGS name, if certificates are wanted.  -1 with WHY; vetting_free() is due in any case. */
int vetting_init(struct vetting *vetting, const struct settings *settings, struct diagnostic *why)
    __attribute__((warn_unused_result));

/* Legal on a zeroed struct. */
void vetting_free(struct vetting *vetting);

/* Reads the files again.  -1 with WHY: what was read before stays. */
int vetting_reload(struct vetting *vetting, struct diagnostic *why) __attribute__((warn_unused_result));

/* Whether a client that shows ATTEST, or NULL, with NAME and the proven KEY, is let in.  If not, WHY; if it is and
 * certificates are wanted, WHY is whose its certificate is, else "". */
bool vetting_admits(struct vetting *vetting, const struct attest *attest, struct span name, const csc_public_key *key,
                    struct diagnostic *why);

#endif
