/*
 * From the JSON of a Cluster Autoscaler case to its little world: flags, groups and their
 * machines, nodes, pods, owners, budgets. Defaults are those of the recording harness
 * (golden/cluster-autoscaler/README.md): a node an hour old, a pod bound for half an hour, one
 * pending for a minute, a machine that boots in 60 s.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/quantity.h"
#include "kube/names.h"
#include "bench/cases_cluster_autoscaler_internal.h"

#define NODE_AGE_S       3600
#define BOUND_AGE_MS     (30 * WB_MS_PER_MINUTE)
#define PENDING_SINCE_MS (-60 * WB_MS_PER_SECOND)
#define BOOT_S           60

/* ---- flags ---- */

static wb_status load_flags(wb_ca_case *of, wb_error *err)
{
    const wb_node *options = wb_node_get(of->root, "options");
    const uint32_t count = options != NULL ? options->count : 0;
    wb_setting *settings = WB_ARENA_ARRAY(of->arena, wb_setting, (size_t)count + 2);
    for (uint32_t i = 0; i < count; i++) {
        settings[i] = (wb_setting){.name = options->keys[i],
                                   .value = options->children[i]->text,
                                   .position = wb_node_position(options->children[i])};
    }
    settings[count] = (wb_setting){
        .name = "priority-config",
        .value = wb_node_string(wb_node_get(of->root, "priorityExpanderConfig"), ""),
    };
    wb_findings findings;
    wb_findings_init(&findings, of->arena, false);
    wb_ca_flags_init(&of->flags);
    wb_ca_flags_apply(&of->flags, settings, count + 1, &findings);
    return wb_findings_status(&findings, err);
}

/* ---- groups ---- */

/* cpu, memory, pods and extraResources; override: allocatable. */
static wb_resource_list load_resources(wb_ca_case *of, const wb_node *group,
                                       const wb_node *override)
{
    static const char *const names[] = {"cpu", "memory", "pods"};
    wb_resource_list list = {0};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const wb_node *own = wb_node_get(group, names[i]);
        const wb_node *given = wb_node_get(override, names[i]);
        const wb_node *text = given != NULL ? given : own;
        wb_quantity quantity;
        if (text != NULL && wb_quantity_parse(text->text, &quantity, NULL) == WB_OK) {
            list = wb_resource_list_with(of->arena, list, wb_intern_add(of->intern, names[i]),
                                         i == 0 ? wb_quantity_milli(&quantity)
                                                : wb_quantity_units(&quantity));
        }
    }
    const wb_node *extras[] = {wb_node_get(group, "extraResources"), override};
    for (size_t e = 0; e < 2; e++) {
        const wb_resource_list more = wb_manifest_decode_resources(&of->context, extras[e], "");
        for (uint32_t i = 0; i < more.count; i++) {
            list = wb_resource_list_with(of->arena, list, more.items[i].name, more.items[i].amount);
        }
    }
    return list;
}

static wb_labels put(wb_ca_case *of, wb_labels labels, const char *key, const char *value)
{
    return wb_labels_with(of->arena, labels, wb_intern_add(of->intern, key),
                          wb_intern_add(of->intern, value));
}

static wb_labels load_labels(wb_ca_case *of, const wb_node *group)
{
    const char *zone = wb_node_string(wb_node_get(group, "zone"), "us-east-1a");
    wb_labels labels =
        wb_manifest_decode_labels(&of->context, wb_node_get(group, "labels"), "labels");
    labels = put(of, labels, "kubernetes.io/os", "linux");
    labels = put(of, labels, "kubernetes.io/arch", "amd64");
    labels = put(of, labels, "node.kubernetes.io/instance-type",
                 wb_node_string(wb_node_get(group, "instanceType"), ""));
    labels = put(of, labels, "topology.kubernetes.io/zone", zone);
    labels = put(of, labels, "topology.kubernetes.io/region", "us-east-1");
    labels = put(of, labels, "topology.ebs.csi.aws.com/zone", zone);
    return put(of, labels, "eks.amazonaws.com/nodegroup",
               wb_node_string(wb_node_get(group, "name"), ""));
}

/* Tags are texts, whatever they hold. */
static double option_number(const wb_node *options, const char *name, double otherwise)
{
    const wb_node *text = wb_node_get(options, name);
    char *end = NULL;
    const double value = text != NULL ? strtod(text->text, &end) : otherwise;
    return text == NULL || end == text->text ? otherwise : value;
}

static int64_t option_duration(const wb_node *options, const char *name, int64_t otherwise)
{
    const wb_node *text = wb_node_get(options, name);
    int64_t ms = otherwise;
    if (text != NULL && wb_duration_parse(text->text, &ms, NULL) != WB_OK) {
        ms = otherwise;
    }
    return ms;
}

static bool option_bool(const wb_node *options, const char *name, bool otherwise)
{
    const wb_node *text = wb_node_get(options, name);
    return text == NULL ? otherwise : strcmp(text->text, "true") == 0;
}

static void load_group(wb_ca_case *of, const wb_node *node, uint32_t index)
{
    assert(index < of->group_count);
    wb_ca_case_group *group = &of->groups[index];
    const wb_node *options = wb_node_get(node, "autoscalingOptions");
    *group = (wb_ca_case_group){
        .name = wb_node_string(wb_node_get(node, "name"), ""),
        .capacity = load_resources(of, node, NULL),
        .allocatable = load_resources(of, node, wb_node_get(node, "allocatable")),
        .labels = load_labels(of, node),
        .boot_ms = wb_node_int64(wb_node_get(node, "bootSeconds"), BOOT_S) * WB_MS_PER_SECOND,
        .cloud_capacity = (int32_t)wb_node_int64(wb_node_get(node, "cloudCapacity"), -1),
        .never_registers = wb_node_bool(wb_node_get(node, "neverRegisters"), false),
    };
    group->taints = wb_manifest_decode_taints(&of->context, wb_node_get(node, "taints"), "taints",
                                              &group->taint_count);
    const wb_ca_flags *flags = &of->flags;
    of->configs[index] = (wb_ca_group){
        .name = group->name,
        .min_count = (int32_t)wb_node_int64(wb_node_get(node, "min"), 0),
        .max_count = (int32_t)wb_node_int64(wb_node_get(node, "max"), 0),
        .labels = group->labels,
        .taints = group->taints,
        .taint_count = group->taint_count,
        .capacity = group->capacity,
        .price_per_hour = wb_node_double(wb_node_get(node, "price"), 0.0),
        .is_price_known = true,
        .utilization_threshold = option_number(options, "scaledownutilizationthreshold",
                                               flags->scale_down_utilization_threshold),
        .gpu_utilization_threshold = option_number(options, "scaledowngpuutilizationthreshold",
                                                   flags->scale_down_gpu_utilization_threshold),
        .unneeded_time_ms =
            option_duration(options, "scaledownunneededtime", flags->scale_down_unneeded_time_ms),
        .unready_time_ms =
            option_duration(options, "scaledownunreadytime", flags->scale_down_unready_time_ms),
        .ignores_daemons = option_bool(options, "ignoredaemonsetsutilization",
                                       flags->ignore_daemonsets_utilization),
    };
}

static void load_groups(wb_ca_case *of)
{
    const wb_node *list = wb_node_get(of->root, "nodeGroups");
    of->group_count = list != NULL ? list->count : 0;
    of->groups = WB_ARENA_ARRAY(of->arena, wb_ca_case_group, (size_t)of->group_count + 1);
    of->configs = WB_ARENA_ARRAY(of->arena, wb_ca_group, (size_t)of->group_count + 1);
    for (uint32_t i = 0; i < of->group_count; i++) {
        load_group(of, list->children[i], i);
    }
}

/* ---- pods ---- */

static const char *owner_kind_name(const wb_node *pod, const char **out_name)
{
    const wb_node *owners = wb_node_find(pod, "metadata.ownerReferences");
    for (uint32_t i = 0; owners != NULL && i < owners->count; i++) {
        if (wb_node_bool(wb_node_get(owners->children[i], "controller"), false)) {
            *out_name = wb_node_string(wb_node_get(owners->children[i], "name"), "");
            return wb_node_string(wb_node_get(owners->children[i], "kind"), "");
        }
    }
    return NULL;
}

/* One pod of the case; NONE for a finished one, which the autoscaler does not list. */
static uint32_t load_pod(wb_ca_case *of, const wb_node *node, int64_t created_ms)
{
    assert(of != NULL);
    wb_pod decoded;
    (void)wb_manifest_decode_pod(&of->context, node, &decoded);
    if (decoded.phase == WB_POD_SUCCEEDED || decoded.phase == WB_POD_FAILED) {
        return WB_CA_CASE_NONE;
    }
    const char *owner_name = "";
    const char *kind_name = owner_kind_name(node, &owner_name);
    wb_ca_case_pod pod = {
        .name = wb_intern_text(of->intern, decoded.name),
        .template = decoded.template,
        .namespace_name = decoded.namespace_name,
        .owner = WB_CA_CASE_NONE,
        .created_ms = created_ms,
        .is_mirror = wb_node_find(node, "metadata.annotations") != NULL &&
                     wb_node_get(wb_node_find(node, "metadata.annotations"),
                                 "kubernetes.io/config.mirror") != NULL,
    };
    pod.base_name = pod.name;
    if (kind_name != NULL) {
        pod.owner =
            wb_cases_cluster_autoscaler_owner(of, kind_name, owner_name, decoded.namespace_name);
        pod.is_daemon = of->owners[pod.owner].kind == WB_OWNER_DAEMON_SET;
        pod.is_mirror = pod.is_mirror || of->owners[pod.owner].kind == WB_OWNER_NODE;
    }
    return wb_cases_cluster_autoscaler_add_pod(of, &pod);
}

void wb_cases_cluster_autoscaler_add_workloads(wb_ca_case *of, const wb_node *list,
                                               int64_t created_ms)
{
    assert(of != NULL);
    for (uint32_t w = 0; list != NULL && w < list->count; w++) {
        const wb_node *workload = list->children[w];
        const char *name = wb_node_string(wb_node_get(workload, "name"), "");
        const char *kind = wb_node_string(wb_node_get(workload, "kind"), "ReplicaSet");
        const wb_node *pod_node = wb_node_get(workload, "pod");
        wb_pod decoded;
        (void)wb_manifest_decode_pod(&of->context, pod_node, &decoded);
        wb_ca_case_pod pod = {
            .template = decoded.template,
            .namespace_name = decoded.namespace_name,
            .owner = WB_CA_CASE_NONE,
            .created_ms = created_ms,
        };
        if (strcmp(kind, "none") != 0) {
            pod.owner = wb_cases_cluster_autoscaler_owner(of, kind, name, decoded.namespace_name);
            pod.is_daemon = of->owners[pod.owner].kind == WB_OWNER_DAEMON_SET;
        }
        const int64_t replicas = wb_node_int64(wb_node_get(workload, "replicas"), 1);
        for (int64_t i = 0; i < replicas; i++) {
            char pod_name[300];
            (void)snprintf(pod_name, sizeof(pod_name), "%.250s-%lld", name, (long long)i);
            pod.name = wb_arena_copy_string(of->arena, pod_name);
            pod.base_name = pod.name;
            (void)wb_cases_cluster_autoscaler_add_pod(of, &pod);
        }
    }
}

static void load_pending(wb_ca_case *of)
{
    wb_cases_cluster_autoscaler_add_workloads(of, wb_node_get(of->root, "workloads"),
                                              PENDING_SINCE_MS);
    const wb_node *pods = wb_node_get(of->root, "pods");
    for (uint32_t i = 0; pods != NULL && i < pods->count; i++) {
        (void)load_pod(of, pods->children[i], PENDING_SINCE_MS);
    }
}

/* ---- nodes ---- */

static uint32_t find_group(const wb_ca_case *of, const char *name)
{
    for (uint32_t i = 0; i < of->group_count; i++) {
        if (strcmp(of->groups[i].name, name) == 0) {
            return i;
        }
    }
    return WB_CA_CASE_NONE;
}

/* Adds the node, and its machine where it belongs to a group. */
static uint32_t add_node(wb_ca_case *of, wb_ca_case_node *node)
{
    const uint32_t index = wb_cases_cluster_autoscaler_add_node(of, node);
    if (node->group != WB_CA_CASE_NONE) {
        const wb_ca_case_machine machine = {
            .name = node->name, .node = index, .ready_at_ms = -1, .fails_at_ms = -1};
        wb_cases_cluster_autoscaler_add_machine(of, node->group, &machine);
        of->groups[node->group].target++;
    }
    return index;
}

static wb_ca_case_node make_node(wb_ca_case *of, const char *name, uint32_t group)
{
    assert(group == WB_CA_CASE_NONE || group < of->group_count);
    wb_ca_case_node node = {
        .name = name,
        .name_id = wb_intern_add(of->intern, name),
        .group = group,
        .is_ready = true,
        .created_ms = -NODE_AGE_S * WB_MS_PER_SECOND,
    };
    if (group != WB_CA_CASE_NONE) {
        const wb_ca_case_group *like = &of->groups[group];
        node.labels = like->labels;
        node.capacity = like->capacity;
        node.allocatable = like->allocatable;
        node.taint_count = like->taint_count;
        if (like->taint_count > 0) {
            memcpy(node.taints, like->taints, like->taint_count * sizeof(node.taints[0]));
        }
    }
    node.labels = wb_labels_with(of->arena, node.labels, WB_NAME_HOSTNAME, node.name_id);
    return node;
}

static void load_node(wb_ca_case *of, const wb_node *source)
{
    const char *group_name = wb_node_string(wb_node_get(source, "group"), "");
    const char *name = wb_node_string(wb_node_get(source, "name"), "");
    wb_ca_case_node node = make_node(of, name, find_group(of, group_name));
    if (node.group == WB_CA_CASE_NONE) { /* of no group: it states its own size, or the first's */
        node.capacity = wb_node_get(source, "cpu") != NULL || of->group_count == 0
                            ? load_resources(of, source, NULL)
                            : of->groups[0].capacity;
        node.allocatable = wb_node_get(source, "cpu") != NULL || of->group_count == 0
                               ? load_resources(of, source, wb_node_get(source, "allocatable"))
                               : of->groups[0].allocatable;
    }
    const wb_labels labels =
        wb_manifest_decode_labels(&of->context, wb_node_get(source, "labels"), "labels");
    for (uint32_t i = 0; i < labels.count; i++) {
        node.labels =
            wb_labels_with(of->arena, node.labels, labels.items[i].key, labels.items[i].value);
    }
    uint32_t taint_count = 0;
    const wb_taint *taints = wb_manifest_decode_taints(&of->context, wb_node_get(source, "taints"),
                                                       "taints", &taint_count);
    for (uint32_t i = 0; i < taint_count && node.taint_count < WB_CA_SNAPSHOT_TAINTS_MAX; i++) {
        node.taints[node.taint_count++] = taints[i];
    }
    node.is_ready = wb_node_bool(wb_node_get(source, "ready"), true);
    if (!node.is_ready && node.taint_count < WB_CA_SNAPSHOT_TAINTS_MAX) {
        node.taints[node.taint_count++] =
            (wb_taint){.key = WB_NAME_TAINT_NOT_READY, .effect = WB_TAINT_NO_SCHEDULE};
    }
    node.created_ms =
        -wb_node_int64(wb_node_get(source, "ageSeconds"), NODE_AGE_S) * WB_MS_PER_SECOND;
    const wb_node *annotations = wb_node_get(source, "annotations");
    node.has_disabled_scale_down =
        strcmp(wb_node_string(wb_node_get(annotations,
                                          "cluster-autoscaler.kubernetes.io/scale-down-disabled"),
                              ""),
               "true") == 0;
    const uint32_t added = add_node(of, &node);
    const wb_node *pods = wb_node_get(source, "pods");
    for (uint32_t i = 0; pods != NULL && i < pods->count; i++) {
        const uint32_t pod = load_pod(of, pods->children[i], -BOUND_AGE_MS);
        if (pod != WB_CA_CASE_NONE) {
            wb_cases_cluster_autoscaler_bind(of, pod, added);
        }
    }
}

static void load_nodes(wb_ca_case *of)
{
    const wb_node *nodes = wb_node_get(of->root, "nodes");
    for (uint32_t i = 0; nodes != NULL && i < nodes->count; i++) {
        load_node(of, nodes->children[i]);
    }
    const wb_node *groups = wb_node_get(of->root, "nodeGroups");
    for (uint32_t g = 0; g < of->group_count; g++) {
        const int64_t size = wb_node_int64(wb_node_get(groups->children[g], "size"), 0);
        for (int32_t i = of->groups[g].target; i < size; i++) {
            char name[200];
            (void)snprintf(name, sizeof(name), "%.150s-%d", of->groups[g].name, i);
            wb_ca_case_node node = make_node(of, wb_arena_copy_string(of->arena, name), g);
            (void)add_node(of, &node);
        }
    }
}

/* ---- the rest ---- */

static void load_daemon_sets(wb_ca_case *of)
{
    const wb_node *list = wb_node_get(of->root, "daemonSets");
    of->daemon_set_count = list != NULL ? list->count : 0;
    of->daemon_sets = WB_ARENA_ARRAY(of->arena, wb_workload, (size_t)of->daemon_set_count + 1);
    for (uint32_t i = 0; i < of->daemon_set_count; i++) {
        const wb_node *source = list->children[i];
        wb_pod_template *template = WB_ARENA_NEW(of->arena, wb_pod_template);
        (void)wb_manifest_decode_pod_template(&of->context,
                                              wb_node_find(source, "spec.template.metadata"),
                                              wb_node_find(source, "spec.template.spec"), template);
        const char *space = wb_node_string(wb_node_find(source, "metadata.namespace"), "default");
        of->daemon_sets[i] = (wb_workload){
            .kind = WB_OWNER_DAEMON_SET,
            .name = wb_intern_add(of->intern,
                                  wb_node_string(wb_node_find(source, "metadata.name"), "")),
            .namespace_name = wb_intern_add(of->intern, space),
            .template = template,
        };
    }
}

static void load_budgets(wb_ca_case *of)
{
    const wb_node *list = wb_node_get(of->root, "podDisruptionBudgets");
    of->budget_count = list != NULL ? list->count : 0;
    of->budgets = WB_ARENA_ARRAY(of->arena, wb_ca_budget, (size_t)of->budget_count + 1);
    for (uint32_t i = 0; i < of->budget_count; i++) {
        wb_pdb *pdb = WB_ARENA_NEW(of->arena, wb_pdb);
        (void)wb_manifest_decode_pdb(&of->context, list->children[i], pdb);
        of->budgets[i] = (wb_ca_budget){
            .pdb = pdb,
            .allowed = (int32_t)wb_node_int64(
                wb_node_find(list->children[i], "status.disruptionsAllowed"), 0),
        };
    }
}

/* "ReplicaSet/a" in the default namespace. */
static wb_ca_case_owner *named_owner(wb_ca_case *of, const char *text)
{
    const char *slash = strchr(text, '/');
    if (slash == NULL) {
        return NULL;
    }
    const char *kind = wb_arena_copy_text(of->arena, text, (size_t)(slash - text));
    const uint32_t index = wb_cases_cluster_autoscaler_owner(of, kind, slash + 1, WB_NAME_DEFAULT);
    return &of->owners[index];
}

static void load_owners(wb_ca_case *of)
{
    const wb_node *stated = wb_node_get(of->root, "controllerReplicas");
    for (uint32_t i = 0; stated != NULL && i < stated->count; i++) {
        wb_ca_case_owner *owner = named_owner(of, stated->keys[i]);
        if (owner != NULL) {
            owner->is_stated = true;
            owner->replicas = (int32_t)wb_node_int64(stated->children[i], 0);
        }
    }
    const wb_node *missing = wb_node_get(of->root, "missingControllers");
    for (uint32_t i = 0; missing != NULL && i < missing->count; i++) {
        wb_ca_case_owner *owner = named_owner(of, wb_node_string(missing->children[i], ""));
        if (owner != NULL) {
            owner->is_stated = true;
            owner->replicas = -1;
        }
    }
}

wb_status wb_cases_cluster_autoscaler_load(wb_ca_case *of, wb_error *err)
{
    assert(of != NULL);
    wb_findings_init(&of->findings, of->arena, false);
    of->context =
        (wb_decode_context){.arena = of->arena, .intern = of->intern, .findings = &of->findings};
    of->refused = wb_node_get(of->root, "evictionRefused");
    WB_TRY(load_flags(of, err));
    load_groups(of);
    load_budgets(of);
    const wb_ca_world world = wb_cases_cluster_autoscaler_world(of);
    const wb_ca_loop_options options = {
        .flags = &of->flags,
        .world = &world,
        .groups = of->configs,
        .group_count = of->group_count,
    };
    WB_TRY(wb_ca_loop_init(&of->loop, of->arena, of->intern, &options, err));
    const wb_node *price = wb_node_get(of->root, "podPrice");
    of->loop.expander.core_hour_price =
        wb_node_double(wb_node_get(price, "CPU"), of->loop.expander.core_hour_price);
    of->loop.expander.gib_hour_price =
        wb_node_double(wb_node_get(price, "GiB"), of->loop.expander.gib_hour_price);
    load_owners(of);
    load_daemon_sets(of);
    load_nodes(of);
    load_pending(of);
    return WB_OK;
}
