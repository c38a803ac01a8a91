#include <config.h>

#include "src/server/vetting.h"

#include "src/common/clock.h"
#include <stdlib.h>

static int read_anchors(csc_anchors **anchors, const struct settings *settings, struct diagnostic *why) {
    const char *crl = settings->crl[0] != '\0' ? settings->crl : NULL;

    return certification_anchors(anchors, settings->ca, crl, why) == CSC_OK ? 0 : -1;
}

int vetting_init(struct vetting *vetting, const struct settings *settings, struct diagnostic *why) {
    lock_init(&vetting->lock);
    vetting->ready = true;
    return vetting_reload(vetting, settings, why);
}

void vetting_free(struct vetting *vetting) NO_THREAD_ANALYSIS {
    if (!vetting->ready)
        return;
    csc_anchors_free(vetting->anchors);
    lock_destroy(&vetting->lock);
    *vetting = (struct vetting){0};
}

int vetting_reload(struct vetting *vetting, const struct settings *settings, struct diagnostic *why) {
    csc_anchors *fresh = NULL, *stale;

    if (settings->require_certificate && read_anchors(&fresh, settings, why) != 0)
        return -1;
    lock_acquire(&vetting->lock);
    stale = vetting->anchors;
    vetting->anchors = fresh;
    vetting->any_name = settings->any_certificate_name;
    vetting->wanted = fresh != NULL;
    lock_release(&vetting->lock);
    csc_anchors_free(stale);
    return 0;
}

bool vetting_admits(struct vetting *vetting, const struct attest *attest, struct span name, const csc_public_key *key,
                    struct diagnostic *why) {
    struct certification_rules rules = {.now = (int64_t)(clock_wall_ms() / 1000)};
    struct certification *found;
    bool good;

    diagnostic_set(why, "%s", "");
    if (!vetting->wanted)
        return true;
    found = malloc(sizeof(*found));
    if (found == NULL) {
        diagnostic_set(why, "out of memory");
        return false;
    }
    lock_acquire(&vetting->lock);
    rules.anchors = vetting->anchors;
    rules.any_name = vetting->any_name;
    if (rules.anchors != NULL)
        certification_of_user(found, attest, name, key, &rules);
    lock_release(&vetting->lock);
    if (rules.anchors == NULL) {
        free(found);
        return true;
    }
    good = found->verdict == CERTIFICATION_GOOD;
    if (good)
        diagnostic_set(why, "%s, by %s", found->subject, found->issuer);
    else if (found->verdict == CERTIFICATION_NONE)
        diagnostic_set(why, "no certificate");
    else
        diagnostic_set(why, "its certificate%s%s is not valid: %s", found->subject[0] != '\0' ? " " : "",
                       found->subject, found->why.text);
    free(found);
    return good;
}
