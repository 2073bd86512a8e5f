/*
 * The contender that does nothing: it measures the simulator itself, and is the template to copy
 * for a new one. Pods that fit on no node stay pending.
 */
#include "sim/autoscaler/null/null_autoscaler.h"

#include <assert.h>

static void validate(const wb_contender *contender, wb_intern *intern, wb_findings *findings)
{
    (void)intern;
    for (uint32_t i = 0; i < contender->setting_count; i++) {
        wb_findings_add(findings, WB_SEVERITY_ERROR, contender->settings[i].position, "settings",
                        "'%s' is not a setting of contender kind 'null', which has none",
                        contender->settings[i].name);
    }
}

static wb_status create(const wb_autoscaler_env *env, const wb_contender *contender,
                        void **out_self, wb_error *err)
{
    assert(env != NULL && contender != NULL && out_self != NULL);
    (void)err;
    *out_self = NULL;
    return WB_OK;
}

static wb_status start(void *self, wb_error *err)
{
    assert(self == NULL);
    (void)err;
    return WB_OK;
}

const wb_autoscaler_ops wb_null_autoscaler_ops = {
    .kind = "null",
    .help = "no autoscaler at all: what the cluster does by itself",
    .validate = validate,
    .create = create,
    .start = start,
};
