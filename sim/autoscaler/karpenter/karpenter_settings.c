/* Karpenter's settings by name, and what is wrong with a contender's manifests and changes. */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "base/nearest.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

static bool take_bool(const wb_setting *setting, bool *out)
{
    const bool is_true = strcmp(setting->value, "true") == 0;
    if (!is_true && strcmp(setting->value, "false") != 0) {
        return false;
    }
    *out = is_true;
    return true;
}

static bool take_duration(const wb_setting *setting, int64_t *out)
{
    wb_error ignored;
    return wb_duration_parse(setting->value, out, &ignored) == WB_OK && *out >= 0;
}

static bool set_batch_idle(wb_karpenter_settings *settings, const wb_setting *setting)
{
    return take_duration(setting, &settings->batch_idle_ms);
}

static bool set_batch_max(wb_karpenter_settings *settings, const wb_setting *setting)
{
    return take_duration(setting, &settings->batch_max_ms);
}

static bool set_preference_policy(wb_karpenter_settings *settings, const wb_setting *setting)
{
    const bool is_ignore = strcmp(setting->value, "Ignore") == 0;
    settings->preference_policy = is_ignore ? WB_PREFERENCE_IGNORE : WB_PREFERENCE_RESPECT;
    return is_ignore || strcmp(setting->value, "Respect") == 0;
}

static bool set_min_values_policy(wb_karpenter_settings *settings, const wb_setting *setting)
{
    settings->min_values_best_effort = strcmp(setting->value, "BestEffort") == 0;
    return settings->min_values_best_effort || strcmp(setting->value, "Strict") == 0;
}

static bool set_open_claim_sort(wb_karpenter_settings *settings, const wb_setting *setting)
{
    const bool is_stable = strcmp(setting->value, "stable") == 0;
    settings->open_claim_sort = is_stable ? WB_OPEN_CLAIM_SORT_STABLE : WB_OPEN_CLAIM_SORT_EXACT;
    return is_stable || strcmp(setting->value, "exact") == 0;
}

static bool set_spot_to_spot(wb_karpenter_settings *settings, const wb_setting *setting)
{
    return take_bool(setting, &settings->spot_to_spot);
}

static bool set_node_repair(wb_karpenter_settings *settings, const wb_setting *setting)
{
    return take_bool(setting, &settings->repairs_nodes);
}

static bool set_static_capacity(wb_karpenter_settings *settings, const wb_setting *setting)
{
    return take_bool(setting, &settings->keeps_static_pools);
}

static bool set_node_overlay(wb_karpenter_settings *settings, const wb_setting *setting)
{
    return take_bool(setting, &settings->heeds_overlays);
}

static bool set_disruption(wb_karpenter_settings *settings, const wb_setting *setting)
{
    bool is_on = true;
    const bool is_valid = take_bool(setting, &is_on);
    settings->disruption_is_off = !is_on;
    return is_valid;
}

/* The queue's name; "false" or nothing is none: then nobody hears of interruptions. */
static bool set_interruption_queue(wb_karpenter_settings *settings, const wb_setting *setting)
{
    settings->interruption_queue_is_off =
        strcmp(setting->value, "false") == 0 || *setting->value == '\0';
    return true;
}

/* Karpenter's settings by the names of its Helm chart, and two of our own (openClaimSort,
 * disruption). */
static const struct {
    const char *name, *expected;
    bool (*set)(wb_karpenter_settings *settings, const wb_setting *setting);
} setting_rows[] = {
    {"batchIdleDuration", "a duration such as 1s", set_batch_idle},
    {"batchMaxDuration", "a duration such as 10s", set_batch_max},
    {"preferencePolicy", "Respect or Ignore", set_preference_policy},
    {"minValuesPolicy", "Strict or BestEffort", set_min_values_policy},
    {"openClaimSort", "exact or stable", set_open_claim_sort},
    {"spotToSpotConsolidation", "true or false", set_spot_to_spot},
    {"nodeRepair", "true or false", set_node_repair},
    {"staticCapacity", "true or false", set_static_capacity},
    {"nodeOverlay", "true or false", set_node_overlay},
    {"disruption", "true or false", set_disruption},
    {"interruptionQueue", "the queue's name, or false", set_interruption_queue},
};

#define SETTING_COUNT (sizeof(setting_rows) / sizeof(setting_rows[0]))

/* Applies one setting; findings may be NULL when it was validated before. */
static void apply_setting(wb_karpenter_settings *settings, const wb_setting *setting,
                          wb_findings *findings)
{
    const char *names[SETTING_COUNT];
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        names[i] = setting_rows[i].name;
        if (strcmp(setting_rows[i].name, setting->name) != 0) {
            continue;
        }
        if (!setting_rows[i].set(settings, setting) && findings != NULL) {
            wb_findings_add(findings, WB_SEVERITY_ERROR, setting->position, "settings",
                            "%s is '%s', expected %s", setting->name, setting->value,
                            setting_rows[i].expected);
        }
        return;
    }
    if (findings != NULL) {
        const char *nearest =
            wb_nearest_name(setting->name, strlen(setting->name), names, SETTING_COUNT);
        wb_findings_add(findings, WB_SEVERITY_ERROR, setting->position, "settings",
                        "'%s' is not a setting of Karpenter, did you mean '%s'?", setting->name,
                        nearest != NULL ? nearest : names[0]);
    }
}

wb_karpenter_settings wb_karpenter_read_settings(const wb_contender *contender,
                                                 wb_findings *findings)
{
    wb_karpenter_settings settings = {.batch_idle_ms = WB_MS_PER_SECOND,
                                      .batch_max_ms = 10 * WB_MS_PER_SECOND};
    for (uint32_t i = 0; i < contender->setting_count; i++) {
        apply_setting(&settings, &contender->settings[i], findings);
    }
    return settings;
}

/* Whether the NodeClass is there by the time that the first change_count changes are applied. */
static bool class_is_known(const wb_contender *contender, uint32_t change_count, uint32_t name)
{
    bool is_known = wb_karpenter_find_nodeclass(contender->manifest, name) != NULL;
    for (uint32_t i = 0; i < change_count && !is_known; i++) {
        is_known = wb_karpenter_find_nodeclass(contender->changes[i].manifest, name) != NULL;
    }
    return is_known;
}

static bool holds_pool(const wb_manifest *manifest, uint32_t name)
{
    bool is_there = false;
    for (uint32_t i = 0; i < manifest->nodepool_count; i++) {
        is_there = is_there || manifest->nodepools[i].name == name;
    }
    return is_there;
}

static bool holds_overlay(const wb_manifest *manifest, uint32_t name)
{
    bool is_there = false;
    for (uint32_t i = 0; i < manifest->node_overlay_count; i++) {
        is_there = is_there || manifest->node_overlays[i].name == name;
    }
    return is_there;
}

/* What a change deletes must be there by then, and not deleted before. */
static void validate_deletion(const wb_contender *contender, uint32_t index, wb_intern *intern,
                              wb_findings *findings)
{
    const wb_contender_change *change = &contender->changes[index];
    const bool is_pool = change->deleted_nodepool != 0;
    const uint32_t name = is_pool ? change->deleted_nodepool : change->deleted_overlay;
    bool (*const holds)(const wb_manifest *, uint32_t) = is_pool ? holds_pool : holds_overlay;
    bool is_there = holds(contender->manifest, name);
    for (uint32_t i = 0; i < index; i++) {
        const wb_contender_change *before = &contender->changes[i];
        const uint32_t deleted = is_pool ? before->deleted_nodepool : before->deleted_overlay;
        is_there = (is_there || holds(before->manifest, name)) && deleted != name;
    }
    if (!is_there) {
        wb_findings_add(findings, WB_SEVERITY_ERROR, change->position, "delete",
                        "%s '%s' is not there by then", is_pool ? "NodePool" : "NodeOverlay",
                        wb_intern_text(intern, name));
    }
}

/* The API server has one object of a name. */
static void validate_overlays(const wb_manifest *manifest, wb_position position, const char *field,
                              wb_intern *intern, wb_findings *findings)
{
    for (uint32_t i = 0; i < manifest->node_overlay_count; i++) {
        bool is_new = true;
        for (uint32_t j = 0; j < i; j++) {
            is_new = is_new && manifest->node_overlays[j].name != manifest->node_overlays[i].name;
        }
        if (!is_new) {
            wb_findings_add(findings, WB_SEVERITY_ERROR, position, field,
                            "NodeOverlay '%s' is there twice, expected once",
                            wb_intern_text(intern, manifest->node_overlays[i].name));
        }
    }
}

/* Without its gate Karpenter takes no notice of overlays. */
static void warn_of_overlays(const wb_manifest *manifest, wb_position position, const char *field,
                             wb_intern *intern, wb_findings *findings)
{
    if (manifest->node_overlay_count > 0) {
        wb_findings_add(findings, WB_SEVERITY_WARNING, position, field,
                        "NodeOverlay '%s' changes nothing without the setting nodeOverlay: true",
                        wb_intern_text(intern, manifest->node_overlays[0].name));
    }
}

/* A change is of NodePools, NodeClasses and NodeOverlays; workloads are the scenario's. */
static void validate_changes(const wb_contender *contender, wb_intern *intern,
                             wb_findings *findings)
{
    for (uint32_t i = 0; i < contender->change_count; i++) {
        const wb_contender_change *change = &contender->changes[i];
        if (change->deleted_nodepool != 0 || change->deleted_overlay != 0) {
            validate_deletion(contender, i, intern, findings);
        } else if (change->manifest->nodepool_count == 0 &&
                   change->manifest->nodeclass_count == 0 &&
                   change->manifest->node_overlay_count == 0) {
            wb_findings_add(findings, WB_SEVERITY_ERROR, change->position, "changes",
                            "holds no NodePool, EC2NodeClass or NodeOverlay, expected some");
        }
        validate_overlays(change->manifest, change->position, "changes", intern, findings);
        for (uint32_t j = 0; j < change->manifest->nodepool_count; j++) {
            const wb_nodepool *pool = &change->manifest->nodepools[j];
            if (!class_is_known(contender, i + 1, pool->node_class_name)) {
                wb_findings_add(findings, WB_SEVERITY_ERROR, change->position, "changes",
                                "NodePool '%s' refers to EC2NodeClass '%s', which no manifest of "
                                "the contender holds by then",
                                wb_intern_text(intern, pool->name),
                                wb_intern_text(intern, pool->node_class_name));
            }
        }
    }
}

/* Without its gate Karpenter takes no notice of a static pool. */
static void warn_of_static_pool(const wb_contender *contender, const wb_nodepool *pool,
                                wb_intern *intern, wb_findings *findings)
{
    if (pool->replicas >= 0) {
        wb_findings_add(findings, WB_SEVERITY_WARNING, contender->position, "manifests",
                        "NodePool '%s' is static and has no nodes without the setting "
                        "staticCapacity: true",
                        wb_intern_text(intern, pool->name));
    }
}

void wb_karpenter_validate(const wb_contender *contender, wb_intern *intern, wb_findings *findings)
{
    const wb_manifest *manifest = contender->manifest;
    const wb_karpenter_settings settings = wb_karpenter_read_settings(contender, findings);
    validate_changes(contender, intern, findings);
    if (manifest->nodepool_count == 0) {
        wb_findings_add(findings, WB_SEVERITY_ERROR, contender->position, "manifests",
                        "contender '%s' has no NodePool, expected at least one", contender->name);
    }
    validate_overlays(manifest, contender->position, "manifests", intern, findings);
    if (!settings.heeds_overlays) {
        warn_of_overlays(manifest, contender->position, "manifests", intern, findings);
        for (uint32_t i = 0; i < contender->change_count; i++) {
            const wb_contender_change *change = &contender->changes[i];
            warn_of_overlays(change->manifest, change->position, "changes", intern, findings);
        }
    }
    for (uint32_t i = 0; i < manifest->nodepool_count; i++) {
        const wb_nodepool *pool = &manifest->nodepools[i];
        if (!settings.keeps_static_pools) {
            warn_of_static_pool(contender, pool, intern, findings);
        }
        for (uint32_t j = 0; j < i; j++) {
            if (manifest->nodepools[j].name == pool->name) {
                wb_findings_add(findings, WB_SEVERITY_ERROR, contender->position, "manifests",
                                "NodePool '%s' is there twice, expected once",
                                wb_intern_text(intern, pool->name));
            }
        }
        if (wb_karpenter_find_nodeclass(manifest, pool->node_class_name) == NULL) {
            wb_findings_add(findings, WB_SEVERITY_ERROR, contender->position, "manifests",
                            "NodePool '%s' refers to EC2NodeClass '%s', which no manifest of the "
                            "contender holds",
                            wb_intern_text(intern, pool->name),
                            wb_intern_text(intern, pool->node_class_name));
        }
    }
}
