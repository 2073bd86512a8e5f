/*
 * KubeSchedulerConfiguration.
 *
 * What is read, and what must hold:
 *
 *   profiles[]          schedulerName, unique; none at all is the default profile
 *   plugins             of multiPoint and score: which scores count and how much; a weight of 0 is
 *                       1, "*" disables all, score overrules multiPoint. DefaultPreemption under
 *                       multiPoint or postFilter switches preemption. Filters are always on
 *   pluginConfig        NodeResourcesFit: scoringStrategy; PodTopologySpread: defaultConstraints;
 *                       InterPodAffinity; DefaultPreemption
 *   percentageOfNodesToScore, of the whole and of a profile: 0 to 100
 *   podInitialBackoffSeconds, podMaxBackoffSeconds: 1 or more, the second not below the first
 *
 * What would change decisions and is not simulated is a warning that names it.
 * Source: k8s.io/kubernetes pkg/scheduler/apis/config (defaults and validation), v1.36.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/schema.h"

enum {
    RESOURCES_MAX = 64, /* of one scoring strategy */
    HIGHEST_POINT_SCORE = 10
};

/* Names of the plugins that score, by wb_score_plugin. */
static const char *const score_names[WB_SCORE_PLUGIN_COUNT] = {
    [WB_SCORE_TAINT_TOLERATION] = "TaintToleration",
    [WB_SCORE_NODE_AFFINITY] = "NodeAffinity",
    [WB_SCORE_NODE_RESOURCES_FIT] = "NodeResourcesFit",
    [WB_SCORE_POD_TOPOLOGY_SPREAD] = "PodTopologySpread",
    [WB_SCORE_INTER_POD_AFFINITY] = "InterPodAffinity",
    [WB_SCORE_BALANCED_ALLOCATION] = "NodeResourcesBalancedAllocation",
    [WB_SCORE_IMAGE_LOCALITY] = "ImageLocality",
};

/* Plugins of the default profile that have no score here: enabling one changes nothing. */
static const char *const other_names[] = {
    "DefaultBinder",
    "DefaultPreemption",
    "DynamicResources",
    "NodeName",
    "NodePorts",
    "NodeUnschedulable",
    "NodeVolumeLimits",
    "PrioritySort",
    "SchedulingGates",
    "VolumeBinding",
    "VolumeRestrictions",
    "VolumeZone",
    "NodeDeclaredFeatures",
    "GangScheduling",
};

static uint32_t find_name(const char *const *names, size_t count, const char *name)
{
    uint32_t i = 0;
    while (i < count && strcmp(names[i], name) != 0) {
        i++;
    }
    return i;
}

/* ---- plugins ---- */

/* Where plugins are listed that werkbank can switch. */
typedef enum plugin_point {
    POINT_MULTI,
    POINT_SCORE,
    POINT_POST_FILTER,
    POINT_OTHER,
} plugin_point;

static bool switches_scores(plugin_point point)
{
    return point == POINT_MULTI || point == POINT_SCORE;
}

static void disable(const wb_field *name, plugin_point point, wb_scheduler_profile *out)
{
    const char *text = wb_field_text(name);
    const bool is_all = strcmp(text, "*") == 0;
    const uint32_t score = find_name(score_names, WB_SCORE_PLUGIN_COUNT, text);
    for (uint32_t i = 0; i < WB_SCORE_PLUGIN_COUNT && switches_scores(point); i++) {
        out->weights[i] = is_all || i == score ? 0 : out->weights[i];
    }
    const bool switches_preemption = point == POINT_MULTI || point == POINT_POST_FILTER;
    if (switches_preemption && (is_all || strcmp(text, "DefaultPreemption") == 0)) {
        out->preemption_is_off = true;
    }
    const bool is_score_only = score == WB_SCORE_BALANCED_ALLOCATION ||
                               score == WB_SCORE_IMAGE_LOCALITY || point == POINT_SCORE;
    if (!is_score_only && point != POINT_POST_FILTER && strcmp(text, "DefaultPreemption") != 0) {
        wb_field_warn(name,
                      "'%s' is disabled beyond its score, which is not simulated: filters, "
                      "queue and binding stay as they are",
                      text);
    }
}

static void enable(const wb_field *entry, plugin_point point, wb_scheduler_profile *out)
{
    const wb_field name = wb_field_get(entry, "name");
    const wb_field weight = wb_field_get(entry, "weight");
    const char *text = wb_field_text(&name);
    const uint32_t score = find_name(score_names, WB_SCORE_PLUGIN_COUNT, text);
    const size_t other_count = sizeof(other_names) / sizeof(other_names[0]);
    if (score == WB_SCORE_PLUGIN_COUNT &&
        find_name(other_names, other_count, text) == other_count) {
        wb_field_warn(&name, "'%s' does not come with kube-scheduler: it is left out", text);
        return;
    }
    const int32_t value = wb_field_int32(&weight, 0);
    if (value < 0 || value > 1000000) {
        wb_field_error(&weight, "is %d, expected 0 (counts as 1) to 1000000", value);
        return;
    }
    if (score < WB_SCORE_PLUGIN_COUNT && switches_scores(point)) {
        out->weights[score] = value == 0 ? 1 : value;
    }
    if (strcmp(text, "DefaultPreemption") == 0) {
        out->preemption_is_off = false;
    }
}

static void read_point(const wb_field *plugins, const char *name, plugin_point point,
                       wb_scheduler_profile *out)
{
    const wb_field set = wb_field_get(plugins, name);
    const wb_field disabled = wb_field_get(&set, "disabled");
    const wb_field enabled = wb_field_get(&set, "enabled");
    for (uint32_t i = 0; i < wb_field_count(&disabled); i++) {
        const wb_field entry = wb_field_at(&disabled, i);
        const wb_field plugin = wb_field_get(&entry, "name");
        disable(&plugin, point, out);
    }
    for (uint32_t i = 0; i < wb_field_count(&enabled); i++) {
        const wb_field entry = wb_field_at(&enabled, i);
        enable(&entry, point, out);
    }
}

/* multiPoint first: what a point of its own says overrules it. */
static void read_plugins(const wb_field *profile, wb_scheduler_profile *out)
{
    static const char *const others[] = {"queueSort", "preEnqueue", "preFilter", "filter",
                                         "preScore",  "reserve",    "permit",    "preBind",
                                         "bind",      "postBind"};
    const wb_field plugins = wb_field_get(profile, "plugins");
    read_point(&plugins, "multiPoint", POINT_MULTI, out);
    read_point(&plugins, "score", POINT_SCORE, out);
    read_point(&plugins, "postFilter", POINT_POST_FILTER, out);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        read_point(&plugins, others[i], POINT_OTHER, out);
    }
}

/* ---- arguments ---- */

/* An integer of a plugin's arguments, held to a range; fallback when absent. */
static int32_t read_bounded(const wb_field *owner, const char *name, int32_t least, int32_t most,
                            int32_t fallback)
{
    const wb_field field = wb_field_get(owner, name);
    const int32_t value = wb_field_int32(&field, fallback);
    if (value < least || value > most) {
        wb_field_error(&field, "is %d, expected %d to %d", value, least, most);
        return fallback;
    }
    return value;
}

static void read_resources(const wb_field *strategy, wb_scheduler_profile *out)
{
    const wb_field list = wb_field_get(strategy, "resources");
    const uint32_t count = wb_field_count(&list);
    if (count == 0) {
        return; /* cpu and memory, as in the default */
    }
    if (count > RESOURCES_MAX) {
        wb_field_error(&list, "has %u resources, expected at most %d", count, RESOURCES_MAX);
        return;
    }
    wb_score_resource *resources =
        WB_ARENA_ARRAY(strategy->context->arena, wb_score_resource, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        const wb_field name = wb_field_get(&entry, "name");
        (void)wb_field_require(&name, NULL);
        const int32_t weight = read_bounded(&entry, "weight", 0, 100, 1);
        resources[i] =
            (wb_score_resource){.name = wb_field_id(&name), .weight = weight == 0 ? 1 : weight};
        for (uint32_t j = 0; j < i; j++) {
            if (resources[j].name == resources[i].name) {
                wb_field_error(&name, "'%s' is there twice", wb_field_text(&name));
            }
        }
    }
    out->resources = resources;
    out->resource_count = count;
}

/* The curve must rise along its x axis, and may do as it likes along the other. */
static void read_points(const wb_field *strategy, wb_scheduler_profile *out)
{
    const wb_field ratio = wb_field_get(strategy, "requestedToCapacityRatio");
    const wb_field shape = wb_field_get(&ratio, "shape");
    const uint32_t count = wb_field_count(&shape);
    if (count == 0) {
        wb_field_error(&shape, "is empty, expected at least one point {utilization, score}");
        return;
    }
    wb_score_point *points = WB_ARENA_ARRAY(strategy->context->arena, wb_score_point, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&shape, i);
        points[i].utilization = read_bounded(&entry, "utilization", 0, 100, 0);
        points[i].score =
            read_bounded(&entry, "score", 0, HIGHEST_POINT_SCORE, 0) * (100 / HIGHEST_POINT_SCORE);
        if (i > 0 && points[i].utilization <= points[i - 1].utilization) {
            wb_field_error(&entry, "utilization %d does not lie above the point before it",
                           points[i].utilization);
        }
    }
    out->points = points;
    out->point_count = count;
}

static void read_fit(const wb_field *args, wb_scheduler_profile *out)
{
    static const char *const types[] = {"LeastAllocated", "MostAllocated",
                                        "RequestedToCapacityRatio"};
    static const char *const ignored[] = {"ignoredResources", "ignoredResourceGroups"};
    const wb_field strategy = wb_field_get(args, "scoringStrategy");
    const wb_field type = wb_field_get(&strategy, "type");
    out->strategy = (wb_score_strategy)wb_field_choice(&type, types, 3, WB_SCORE_LEAST_ALLOCATED);
    read_resources(&strategy, out);
    if (out->strategy == WB_SCORE_CAPACITY_RATIO) {
        read_points(&strategy, out);
    }
    for (size_t i = 0; i < 2; i++) {
        const wb_field list = wb_field_get(args, ignored[i]);
        if (wb_field_is_set(&list)) {
            wb_field_warn(&list, "is not simulated: all resources are looked at");
        }
    }
}

/* System defaults stay unless a list replaces them; an empty list leaves none. */
static void read_spread(const wb_field *args, wb_scheduler_profile *out)
{
    static const char *const types[] = {"System", "List"};
    const wb_field type = wb_field_get(args, "defaultingType");
    const wb_field list = wb_field_get(args, "defaultConstraints");
    const uint32_t count = wb_field_count(&list);
    if (wb_field_choice(&type, types, 2, 0) == 0) {
        if (count > 0) {
            wb_field_error(&list, "when .defaultingType is System, it must be empty");
        }
        return;
    }
    wb_pod_template holder = {0};
    wb_manifest_decode_spreads(&list, &holder);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        if (holder.spreads[i].when_unsatisfiable == WB_SPREAD_DO_NOT_SCHEDULE) {
            wb_field_error(&entry, "whenUnsatisfiable: DoNotSchedule is not simulated for default "
                                   "constraints, expected ScheduleAnyway");
        }
        if (holder.spreads[i].selector.is_set) {
            wb_field_error(&entry, "constraint must not define a selector, as they deduced for "
                                   "each pod");
        }
    }
    out->has_system_spreads = false;
    out->default_spreads = holder.spreads;
    out->default_spread_count = count;
}

static void read_affinity(const wb_field *args, wb_scheduler_profile *out)
{
    out->hard_affinity_weight = read_bounded(args, "hardPodAffinityWeight", 0, 100, 1);
    out->ignores_preferred_terms_of_existing =
        wb_field_get_bool(args, "ignorePreferredTermsOfExistingPods", false);
}

static void read_preemption(const wb_field *args, wb_scheduler_profile *out)
{
    out->candidate_percentage = read_bounded(args, "minCandidateNodesPercentage", 0, 100, 10);
    out->candidate_least = read_bounded(args, "minCandidateNodesAbsolute", 0, INT32_MAX, 100);
    if (out->candidate_percentage == 0 && out->candidate_least == 0) {
        wb_field_error(args, "minCandidateNodesPercentage and minCandidateNodesAbsolute cannot "
                             "both be zero");
    }
}

/* Names a part of the arguments that would change decisions. */
static void warn_of(const wb_field *args, const char *name)
{
    const wb_field field = wb_field_get(args, name);
    if (wb_field_is_set(&field)) {
        wb_field_warn(&field, "is not simulated");
    }
}

static void read_args(const wb_field *entry, wb_scheduler_profile *out)
{
    const wb_field name = wb_field_get(entry, "name");
    const wb_field args = wb_field_get(entry, "args");
    const char *text = wb_field_text(&name);
    if (strcmp(text, "NodeResourcesFit") == 0) {
        read_fit(&args, out);
    } else if (strcmp(text, "PodTopologySpread") == 0) {
        read_spread(&args, out);
    } else if (strcmp(text, "InterPodAffinity") == 0) {
        read_affinity(&args, out);
    } else if (strcmp(text, "DefaultPreemption") == 0) {
        read_preemption(&args, out);
    } else if (strcmp(text, "NodeAffinity") == 0) {
        warn_of(&args, "addedAffinity");
    } else if (strcmp(text, "NodeResourcesBalancedAllocation") == 0) {
        warn_of(&args, "resources");
    } else if (strcmp(text, "VolumeBinding") == 0) {
        warn_of(&args, "shape"); /* bindTimeoutSeconds: binding takes no time here */
    } else {
        wb_field_warn(&name, "'%s' takes no arguments here: they are left out", text);
    }
}

/* ---- the whole ---- */

static void read_profile(const wb_field *profile, int32_t percentage, wb_scheduler_profile *out)
{
    *out = wb_scheduler_config_default_profile();
    const wb_field name = wb_field_get(profile, "schedulerName");
    const wb_field list = wb_field_get(profile, "pluginConfig");
    out->scheduler_name = wb_field_is_set(&name)
                              ? wb_field_id(&name)
                              : wb_intern_add(profile->context->intern, "default-scheduler");
    out->percentage_of_nodes_to_score =
        read_bounded(profile, "percentageOfNodesToScore", 0, 100, percentage);
    read_plugins(profile, out);
    for (uint32_t i = 0; i < wb_field_count(&list); i++) {
        const wb_field entry = wb_field_at(&list, i);
        read_args(&entry, out);
    }
}

static void read_profiles(const wb_field *root, wb_scheduler_config *out)
{
    const wb_field list = wb_field_get(root, "profiles");
    const uint32_t count = wb_field_count(&list);
    const int32_t percentage = read_bounded(root, "percentageOfNodesToScore", 0, 100, 0);
    const uint32_t room = count == 0 ? 1 : count;
    wb_scheduler_profile *profiles =
        WB_ARENA_ARRAY(root->context->arena, wb_scheduler_profile, room);
    profiles[0] = wb_scheduler_config_default_profile();
    profiles[0].percentage_of_nodes_to_score = percentage;
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        read_profile(&entry, percentage, &profiles[i]);
        for (uint32_t j = 0; j < i; j++) {
            if (profiles[j].scheduler_name == profiles[i].scheduler_name) {
                wb_field_error(&entry, "schedulerName is that of another profile");
            }
        }
    }
    out->profiles = profiles;
    out->profile_count = room;
}

static int64_t read_backoff(const wb_field *root, const char *name, int64_t fallback_ms)
{
    const wb_field field = wb_field_get(root, name);
    const int64_t ms = wb_field_seconds_ms(&field, fallback_ms);
    if (ms <= 0) {
        wb_field_invalid(&field, "must be greater than 0");
        return fallback_ms;
    }
    return ms;
}

static void read_backoffs(const wb_field *root, wb_scheduler_config *out)
{
    out->first_backoff_ms = read_backoff(root, "podInitialBackoffSeconds", out->first_backoff_ms);
    out->longest_backoff_ms = read_backoff(root, "podMaxBackoffSeconds", out->longest_backoff_ms);
    if (out->longest_backoff_ms < out->first_backoff_ms) {
        wb_field_error(root, "podMaxBackoffSeconds is below podInitialBackoffSeconds");
    }
}

bool wb_manifest_decode_scheduler_config(const wb_decode_context *context, const wb_node *node,
                                         wb_scheduler_config *out)
{
    assert(context != NULL && out != NULL);
    *out = *wb_scheduler_config_default();
    const wb_field root = wb_field_root(context, node, NULL);
    const size_t errors_before = wb_field_error_count(&root);
    wb_schema_check(&root, &wb_schema_kube_scheduler_configuration);
    const wb_field kind = wb_field_get(&root, "kind");
    const wb_field version = wb_field_get(&root, "apiVersion");
    if (strcmp(wb_field_text(&kind), "KubeSchedulerConfiguration") != 0) {
        wb_field_error(&kind, "is '%s', expected KubeSchedulerConfiguration", wb_field_text(&kind));
    }
    if (strcmp(wb_field_text(&version), "kubescheduler.config.k8s.io/v1") != 0) {
        wb_field_error(&version, "is '%s', expected kubescheduler.config.k8s.io/v1",
                       wb_field_text(&version));
    }
    if (wb_field_error_count(&root) == errors_before) { /* below, kinds are taken for granted */
        warn_of(&root, "extenders");
        read_profiles(&root, out);
        read_backoffs(&root, out);
    }
    return wb_field_error_count(&root) == errors_before;
}
