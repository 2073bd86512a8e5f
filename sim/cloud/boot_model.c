#include "sim/cloud/boot_model.h"

#include <assert.h>
#include <string.h>

#include "base/random.h"

/*
 * karpenter-typical: 1.5 + 6 + 26 + 14 s and jitter, about 48 s from launch to Ready in the median,
 * which with the batch window gives the 45-60 s of field reports. ca-asg-typical: the ASG's own
 * reaction and a slower join, about 190 s, which with the scan interval gives the 180-240 s that
 * were reported. AMI families: al2 registers 39 s after its request (awslabs/amazon-eks-ami#1099,
 * c5.xlarge); bottlerocket is registered and initialised after some 30 s under Karpenter
 * (akingscote.co.uk/posts/aws-eks-bottlerocket-prefetch), though 71 s from a group's change was
 * measured in 2021 (keikoproj/instance-manager#290); windows takes five minutes (hackernoon.com,
 * how-i-reduced-eks-windows-node-start-time-from-5-min-to-90s, m5a.xlarge, 2024); al2023 is taken
 * for what field reports have today, the 30-40 s of aws/karpenter-provider-aws#6165 and more.
 * Single measurements, how they divide is ours: override them with your own. Startup taints: an
 * agent of a DaemonSet whose image is pulled and started takes them off, about 10 s; nothing
 * measured is known, so it is an assumption. Source: facts/published-results.md section 8,
 * facts/aws-api.md section 3; for health spec/cluster-autoscaler.md section 8, a minute or two.
 */

/* What AMI families differ in is join and ready, and by-ami-family chooses among them; the rest is
 * karpenter-typical's, behind an ASG's own reaction. */
#define BY_FAMILY(name_, join_ms, ready_ms, is_by_family_)                                   \
    {                                                                                        \
        .name = (name_), .asg = {40000, 0.3}, .health = {60000, 0.0}, .api = {1500, 0.2},    \
        .start = {6000, 0.3}, .join = {(join_ms), 0.15}, .ready = {(ready_ms), 0.2},         \
        .startup_taints = {10000, 0.3}, .image_pull = {4000, 0.4}, .shutdown = {35000, 0.3}, \
        .pod_start_ms = 1500, .is_by_family = (is_by_family_),                               \
    }

static const wb_boot_model presets[] = {
    {
        .name = "karpenter-typical",
        .asg = {0, 0.0},
        .health = {60000, 0.0},
        .api = {1500, 0.2},
        .start = {6000, 0.3},
        .join = {26000, 0.15},
        .ready = {14000, 0.2},
        .startup_taints = {10000, 0.3},
        .image_pull = {4000, 0.4},
        .shutdown = {35000, 0.3},
        .pod_start_ms = 1500,
    },
    {
        .name = "ca-asg-typical",
        .asg = {40000, 0.3},
        .health = {60000, 0.0},
        .api = {2000, 0.2},
        .start = {35000, 0.25},
        .join = {75000, 0.15},
        .ready = {38000, 0.2},
        .startup_taints = {10000, 0.3},
        .image_pull = {4000, 0.4},
        .shutdown = {35000, 0.3},
        .pod_start_ms = 1500,
    },
    {.name = "instant", .health = {60000, 0.0}},
    BY_FAMILY("al2023", 26000, 14000, false),
    BY_FAMILY("al2", 31000, 14000, false),
    BY_FAMILY("bottlerocket", 15000, 8000, false),
    BY_FAMILY("windows", 240000, 50000, false),
    BY_FAMILY("by-ami-family", 26000, 14000, true),
};

wb_status wb_boot_model_preset(const char *name, wb_boot_model *out, wb_error *err)
{
    assert(name != NULL && out != NULL);
    for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++) {
        if (strcmp(presets[i].name, name) == 0) {
            *out = presets[i];
            return WB_OK;
        }
    }
    return wb_fail(
        err, WB_ERR_INPUT,
        "'%s' is not a boot model, expected karpenter-typical, ca-asg-typical, instant, al2023, "
        "al2, bottlerocket, windows or by-ami-family",
        name);
}

const wb_boot_model *wb_boot_model_of_family(wb_ami_family family)
{
    static const char *const names[] = {
        [WB_AMI_FAMILY_AL2] = "al2",
        [WB_AMI_FAMILY_BOTTLEROCKET] = "bottlerocket",
        [WB_AMI_FAMILY_WINDOWS2019] = "windows",
        [WB_AMI_FAMILY_WINDOWS2022] = "windows",
        [WB_AMI_FAMILY_WINDOWS2025] = "windows",
        [WB_AMI_FAMILY_CUSTOM] = NULL,
    };
    const char *name = names[family] != NULL ? names[family] : "al2023";
    size_t at = 0;
    while (strcmp(presets[at].name, name) != 0) {
        at++;
        assert(at < sizeof(presets) / sizeof(presets[0]));
    }
    return &presets[at];
}

int64_t wb_boot_model_draw(const wb_boot_phase *phase, uint64_t seed, uint64_t pool,
                           uint64_t ordinal, uint32_t phase_index)
{
    assert(phase != NULL && phase->median_ms >= 0);
    if (phase->median_ms == 0 || phase->sigma <= 0.0) {
        return phase->median_ms;
    }
    const wb_random_key key = {seed, WB_RANDOM_BOOT_LATENCY,
                               pool + ordinal * UINT64_C(0x9E3779B97F4A7C15)};
    const double ms = wb_random_lognormal(key, phase_index, (double)phase->median_ms, phase->sigma);
    const double longest = (double)phase->median_ms * 20.0; /* a draw is never absurd */
    return (int64_t)(ms < longest ? ms : longest);
}
