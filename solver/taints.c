#include "solver/taints.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "kube/names.h"

bool wb_taints_tolerated(const wb_intern *intern, const wb_taint *taints, uint32_t count,
                         wb_taints_tolerance tolerance)
{
    assert(intern != NULL);
    assert(count == 0 || taints != NULL);
    for (uint32_t i = 0; i < count; i++) {
        const bool is_preference = taints[i].effect == WB_TAINT_PREFER_NO_SCHEDULE;
        if (!(is_preference && tolerance.tolerates_preference) &&
            !wb_tolerations_tolerate(intern, tolerance.tolerations, tolerance.count, &taints[i])) {
            return false;
        }
    }
    return true;
}

bool wb_taints_tolerates_preference(wb_taints_tolerance tolerance)
{
    for (uint32_t i = 0; i < tolerance.count; i++) {
        const wb_toleration *one = &tolerance.tolerations[i];
        if (one->key == 0 && one->value == 0 && one->op == WB_TOLERATION_EXISTS &&
            one->effect == WB_TAINT_PREFER_NO_SCHEDULE) {
            return true;
        }
    }
    return tolerance.tolerates_preference;
}

bool wb_taints_tolerances_equal(wb_taints_tolerance a, wb_taints_tolerance b)
{
    if (a.count != b.count || a.tolerates_preference != b.tolerates_preference) {
        return false;
    }
    for (uint32_t i = 0; i < a.count; i++) {
        const wb_toleration *p = &a.tolerations[i];
        const wb_toleration *q = &b.tolerations[i];
        if (p->key != q->key || p->value != q->value || p->op != q->op || p->effect != q->effect ||
            p->seconds != q->seconds) {
            return false;
        }
    }
    return true;
}

bool wb_taints_is_ephemeral(const wb_intern *intern, const wb_taint *taint)
{
    assert(intern != NULL);
    static const char readiness_prefix[] = "readiness.k8s.io/";
    switch (taint->key) {
    case WB_NAME_TAINT_NOT_READY:
        return taint->effect == WB_TAINT_NO_SCHEDULE || taint->effect == WB_TAINT_NO_EXECUTE;
    case WB_NAME_TAINT_UNREACHABLE:
    case WB_NAME_TAINT_UNINITIALIZED: return taint->effect == WB_TAINT_NO_SCHEDULE;
    case WB_NAME_TAINT_UNREGISTERED: return taint->effect == WB_TAINT_NO_EXECUTE;
    default:
        return strncmp(wb_intern_text(intern, taint->key), readiness_prefix,
                       sizeof(readiness_prefix) - 1) == 0;
    }
}

bool wb_taints_matches(const wb_taint *a, const wb_taint *b)
{
    return a->key == b->key && a->effect == b->effect;
}
