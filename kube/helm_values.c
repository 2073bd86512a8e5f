#include "kube/helm_values.h"

#include <assert.h>
#include <string.h>

#include "base/nearest.h"

/* charts/karpenter/values.yaml, v1.0 to v1.8. */
static const char *const known_settings[] = {
    "batchMaxDuration",
    "batchIdleDuration",
    "preferencePolicy",
    "minValuesPolicy",
    "clusterCABundle",
    "clusterName",
    "clusterEndpoint",
    "isolatedVPC",
    "eksControlPlane",
    "vmMemoryOverheadPercent",
    "interruptionQueue",
    "reservedENIs",
    "disableClusterStateObservability",
    "disableDryRun",
    "ignoreDRARequests",
    "featureGates",
};

static const char *const known_gates[] = {
    "nodeRepair", "nodeOverlay",    "reservedCapacity", "spotToSpotConsolidation",
    "drift",      "staticCapacity", "capacityBuffer",
};

#define SETTING_COUNT (sizeof known_settings / sizeof known_settings[0])
#define GATE_COUNT    (sizeof known_gates / sizeof known_gates[0])

bool wb_helm_values_is_one(const wb_node *root)
{
    return root != NULL && root->kind == WB_NODE_MAP && wb_node_get(root, "kind") == NULL &&
           (wb_node_get(root, "settings") != NULL || wb_node_get(root, "serviceAccount") != NULL);
}

static bool is_known(const char *name, const char *const *known, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(known[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Takes the scalars of a map; maps below it are left to the caller. */
static void take_scalars(const wb_node *map, bool is_gates, wb_findings *findings,
                         wb_helm_values *out)
{
    const char *path = is_gates ? "settings.featureGates" : "settings";
    const char *const *known = is_gates ? known_gates : known_settings;
    const size_t known_count = is_gates ? GATE_COUNT : SETTING_COUNT;
    for (uint32_t i = 0; i < map->count; i++) {
        const char *key = map->keys[i];
        const wb_node *value = map->children[i];
        if (!is_known(key, known, known_count)) {
            const char *near = wb_nearest_name(key, strlen(key), known, known_count);
            wb_findings_add(findings, WB_SEVERITY_WARNING, wb_node_key_position(map, i), path,
                            "the chart knows no '%.60s'%s%s%s", key,
                            near != NULL ? ": did you mean '" : "", near != NULL ? near : "",
                            near != NULL ? "'?" : "");
            continue;
        }
        if (value->kind == WB_NODE_LIST || value->kind == WB_NODE_MAP) {
            continue;
        }
        out->settings[out->setting_count++] = (wb_helm_setting){
            .name = key,
            .value = value->text,
            .is_feature_gate = is_gates,
            .position = wb_node_position(value),
        };
    }
}

void wb_helm_values_read(const wb_node *root, wb_findings *findings, wb_helm_values *out)
{
    assert(root != NULL && findings != NULL && out != NULL);
    const wb_node *settings = wb_node_get(root, "settings");
    const wb_node *gates = wb_node_get(settings, "featureGates");
    const wb_node *account = wb_node_get(root, "serviceAccount");
    const wb_node *annotations = wb_node_get(account, "annotations");
    const wb_node *name = wb_node_get(settings, "clusterName");
    const wb_node *queue = wb_node_get(settings, "interruptionQueue");
    *out = (wb_helm_values){
        .file = root->file,
        .cluster_name = wb_node_string(name, ""),
        .cluster_endpoint = wb_node_string(wb_node_get(settings, "clusterEndpoint"), ""),
        .interruption_queue = wb_node_string(queue, ""),
        .service_account = wb_node_string(wb_node_get(account, "name"), ""),
        .role_arn = wb_node_string(wb_node_get(annotations, "eks.amazonaws.com/role-arn"), ""),
        .is_isolated_vpc = wb_node_bool(wb_node_get(settings, "isolatedVPC"), false),
        .keeps_service_account = !wb_node_bool(wb_node_get(account, "create"), true),
        .settings_position = wb_node_position(settings != NULL ? settings : root),
        .cluster_name_position = wb_node_position(name),
        .queue_position = wb_node_position(queue),
        .account_position = wb_node_position(account != NULL ? account : root),
    };
    if (out->service_account[0] == '\0') {
        out->service_account = "karpenter"; /* the release's name, as the guides call it */
    }
    if (settings != NULL && settings->kind != WB_NODE_MAP) {
        wb_findings_add(findings, WB_SEVERITY_ERROR, wb_node_position(settings), "settings",
                        "%s, expected a map", wb_node_kind_name(settings->kind));
        return;
    }
    if (wb_node_get(settings, "aws") != NULL) {
        wb_findings_add(findings, WB_SEVERITY_ERROR, wb_node_position(wb_node_get(settings, "aws")),
                        "settings.aws",
                        "is of charts before v0.33 and means nothing since: its fields stand "
                        "directly under settings");
    }
    const uint32_t room = (settings != NULL ? settings->count : 0) +
                          (gates != NULL && gates->kind == WB_NODE_MAP ? gates->count : 0);
    out->settings = WB_ARENA_ARRAY(findings->arena, wb_helm_setting, room + 1);
    if (settings != NULL) {
        take_scalars(settings, false, findings, out);
    }
    if (gates != NULL && gates->kind == WB_NODE_MAP) {
        take_scalars(gates, true, findings, out);
    }
}
