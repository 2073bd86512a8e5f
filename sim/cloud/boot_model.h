/*
 * From launch call to a node that takes pods, as phases that were measured one by one:
 *
 *   call ─ api ─▶ pending ─ start ─▶ running ─ join ─▶ registered ─ ready ─▶ Ready
 *                                    └ billing starts here                 startupTaints ─▶ off
 *
 * Startup taints are taken off by an agent that starts on the Ready node (a CNI's, a CSI driver's);
 * a node without such taints does not wait for it.
 *
 * Each phase is lognormal (median, sigma of the logarithm; sigma 0 is a constant). A phase of an
 * instance is a pure function of (seed, pool, ordinal in the pool, phase), so every contender's
 * n-th machine of a pool boots alike. Presets: karpenter-typical (pending to Ready about 45-60 s)
 * and ca-asg-typical (about 180-240 s), from facts/published-results.md section 8; al2023, al2,
 * bottlerocket and windows, by-ami-family for each machine's own; instant, for tests. Classes of
 * instance types may have phases of their own: sim/cloud/boot_class.h.
 */
#ifndef WB_SIM_CLOUD_BOOT_MODEL_H
#define WB_SIM_CLOUD_BOOT_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "kube/nodeclass.h"

typedef struct wb_boot_phase {
    int64_t median_ms;
    double sigma;
} wb_boot_phase;

typedef struct wb_boot_model {
    const char *name;             /* borrowed: a preset's, or "custom" */
    wb_boot_phase asg;            /* desired capacity set to launch call; node groups only */
    wb_boot_phase health;         /* a group's machine is lost until it launches another */
    wb_boot_phase api;            /* the launch call itself */
    wb_boot_phase start;          /* pending to running */
    wb_boot_phase join;           /* running to kubelet registered */
    wb_boot_phase ready;          /* registered to Ready */
    wb_boot_phase startup_taints; /* Ready to the startup taints gone; nodes that have some only */
    wb_boot_phase image_pull;     /* first pod of an image on a node */
    wb_boot_phase shutdown;       /* terminate call to gone */
    int64_t pod_start_ms;         /* container start once the image is there */
    bool is_by_family;            /* join and ready are those of the machine's AMI family */
    /* Borrowed; by type of the catalog, NULL entries: no class. NULL: there are no classes. */
    const struct wb_boot_class *const *class_of_type;
    const struct wb_boot_class *classes; /* borrowed; those of class_of_type in their order */
    uint32_t class_count;
} wb_boot_model;

/* The preset of that name; WB_ERR_INPUT lists the names. */
WB_MUST_CHECK wb_status wb_boot_model_preset(const char *name, wb_boot_model *out, wb_error *err);

/* The preset of an AMI family; custom images boot like al2023. */
const wb_boot_model *wb_boot_model_of_family(wb_ami_family family);

/* The phase's length for the ordinal-th instance of a pool (pool: a stable hash of its name);
 * phase_index keeps the phases' draws apart. Never negative. */
int64_t wb_boot_model_draw(const wb_boot_phase *phase, uint64_t seed, uint64_t pool,
                           uint64_t ordinal, uint32_t phase_index);

#endif
