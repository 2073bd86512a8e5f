/*
 * spec.identity and a contender's identity: the role's policies, its trust, the node role, the
 * names that must agree. A contender's own replaces the scenario's as a whole.
 *
 * Names that are not given follow the getting-started guide: KarpenterNodeRole-<cluster>, a queue
 * named after the cluster, service account kube-system/karpenter.
 */
#include <assert.h>
#include <string.h>

#include "kube/helm_values.h"
#include "sim/cloud/identity.h"
#include "scenarios/scenario_internal.h"

#define POLICIES_MAX    16
#define DEFAULT_ACCOUNT "111122223333" /* as in AWS' own examples */

/* The policies that are read so far. */
typedef struct policy_list {
    wb_iam_policy *items;
    uint32_t count;
} policy_list;

static const char *join(wb_scenario_loader *loader, const char *prefix, const char *name)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "%s%s", prefix, name);
    const char *copy = wb_arena_copy_string(loader->context.arena, wb_text_string(&text));
    wb_text_release(&text);
    return copy;
}

static const char *text_or(const wb_field *owner, const char *name, const char *fallback)
{
    const wb_field field = wb_field_get(owner, name);
    return wb_field_is_set(&field) ? wb_field_text(&field) : fallback;
}

static void read_policy(wb_scenario_loader *loader, const wb_field *field, wb_iam_policy_kind kind,
                        policy_list *list)
{
    wb_document_stream stream = {.count = 0};
    if (wb_scenario_read_documents(loader, field, &stream) == NULL) {
        return;
    }
    if (list->count + stream.count > POLICIES_MAX) {
        wb_field_error(field, "more than %d policies", POLICIES_MAX);
        return;
    }
    for (size_t i = 0; i < stream.count; i++) {
        wb_iam_policy_read(stream.roots[i], kind, loader->context.findings,
                           &list->items[list->count++]);
    }
}

/* A path or a list of paths. */
static void read_policies(wb_scenario_loader *loader, const wb_field *owner, const char *name,
                          wb_iam_policy_kind kind, policy_list *list)
{
    const wb_field field = wb_field_get(owner, name);
    for (uint32_t i = 0; i < wb_field_count(&field); i++) {
        const wb_field entry = wb_field_at(&field, i);
        read_policy(loader, &entry, kind, list);
    }
    if (wb_field_is_set(&field) && field.node->kind != WB_NODE_LIST) {
        read_policy(loader, &field, kind, list);
    }
}

static bool read_values(wb_scenario_loader *loader, const wb_field *owner, wb_helm_values *out)
{
    const wb_field field = wb_field_get(owner, "values");
    wb_document_stream stream = {.count = 0};
    *out = (wb_helm_values){.cluster_name = "",
                            .interruption_queue = "",
                            .role_arn = "",
                            .cluster_endpoint = "",
                            .service_account = "karpenter"};
    if (!wb_field_is_set(&field) || wb_scenario_read_documents(loader, &field, &stream) == NULL) {
        return false;
    }
    if (stream.count != 1 || !wb_helm_values_is_one(stream.roots[0])) {
        wb_field_error(&field,
                       "'%s' holds no values of Karpenter's chart, expected a map with "
                       "settings",
                       wb_field_text(&field));
        return false;
    }
    wb_helm_values_read(stream.roots[0], loader->context.findings, out);
    return true;
}

/* What the chart's settings say to the simulated Karpenter; those of the scenario come later and
 * win. */
static void take_settings(wb_scenario_loader *loader, const wb_helm_values *values,
                          wb_contender *contender)
{
    static const char *const simulated[] = {
        "batchIdleDuration", "batchMaxDuration",        "preferencePolicy", "minValuesPolicy",
        "nodeRepair",        "spotToSpotConsolidation", "staticCapacity",   "interruptionQueue",
    };
    wb_setting *grown = WB_ARENA_ARRAY(loader->context.arena, wb_setting,
                                       (size_t)values->setting_count + contender->setting_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < values->setting_count; i++) {
        for (size_t j = 0; j < sizeof simulated / sizeof simulated[0]; j++) {
            if (strcmp(simulated[j], values->settings[i].name) == 0) {
                grown[count++] = (wb_setting){values->settings[i].name, values->settings[i].value,
                                              values->settings[i].position};
            }
        }
    }
    for (uint32_t i = 0; i < contender->setting_count; i++) {
        grown[count++] = contender->settings[i];
    }
    contender->settings = grown;
    contender->setting_count = count;
}

/* The part of an ARN behind the last slash, or the text itself. */
static const char *last_name(const char *arn)
{
    const char *slash = strrchr(arn, '/');
    return slash != NULL ? slash + 1 : arn;
}

static void load_names(wb_scenario_loader *loader, const wb_field *field,
                       const wb_contender *contender, const wb_helm_values *values,
                       wb_iam_call_names *out)
{
    const wb_intern *intern = loader->context.intern;
    const wb_manifest *manifest = contender->manifest;
    const wb_nodeclass *nodeclass =
        manifest->nodeclass_count > 0 ? &manifest->nodeclasses[0] : NULL;
    const char *cluster = text_or(field, "clusterName", values->cluster_name);
    const char *role = nodeclass != NULL ? wb_intern_text(intern, nodeclass->role) : "";
    const char *profile =
        nodeclass != NULL ? wb_intern_text(intern, nodeclass->instance_profile) : "";
    *out = (wb_iam_call_names){
        .partition = text_or(field, "partition", "aws"),
        .account = text_or(field, "account", DEFAULT_ACCOUNT),
        .region = wb_intern_text(intern, loader->scenario->region),
        .cluster = cluster,
        .controller_role = text_or(field, "controllerRole",
                                   values->role_arn[0] != '\0'
                                       ? last_name(values->role_arn)
                                       : join(loader, "KarpenterControllerRole-", cluster)),
        .node_role = text_or(field, "nodeRole",
                             role[0] != '\0' ? last_name(role)
                                             : join(loader, "KarpenterNodeRole-", cluster)),
        .queue = last_name(values->file != NULL ? values->interruption_queue : cluster),
        .instance_profile = profile[0] != '\0' ? profile : join(loader, cluster, "_1234567890"),
        .node_pool = manifest->nodepool_count > 0
                         ? wb_intern_text(intern, manifest->nodepools[0].name)
                         : "default",
        .node_class = nodeclass != NULL ? wb_intern_text(intern, nodeclass->name) : "default",
        .resource_id = "*",
        .brings_profile = profile[0] != '\0' && role[0] == '\0',
        .is_isolated = values->is_isolated_vpc,
        .is_cluster_autoscaler = strcmp(contender->kind, "cluster_autoscaler") == 0,
    };
}

static void check_account(const wb_field *owner, const char *account)
{
    const wb_field field = wb_field_get(owner, "account");
    if (strlen(account) != 12 || strspn(account, "0123456789") != 12) {
        wb_field_error(&field, "'%.40s', expected the 12 digits of an account in quotes", account);
    }
}

static const char *const *load_node_policies(wb_scenario_loader *loader, const wb_field *owner,
                                             uint32_t *out_count)
{
    const wb_field list = wb_field_get(owner, "nodeRolePolicies");
    *out_count = wb_field_count(&list);
    const char **names =
        WB_ARENA_ARRAY(loader->context.arena, const char *, (size_t)*out_count + 1);
    for (uint32_t i = 0; i < *out_count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        names[i] = wb_field_text(&entry);
    }
    return wb_field_is_set(&list) ? names : NULL;
}

void wb_scenario_load_identity(wb_scenario_loader *loader, const wb_field *spec,
                               const wb_field *entry, wb_contender *contender)
{
    assert(loader != NULL && contender->manifest != NULL);
    const wb_field own = wb_field_get(entry, "identity");
    const wb_field shared = wb_field_get(spec, "identity");
    const wb_field *field = wb_field_is_set(&own) ? &own : &shared;
    const bool is_asked = strcmp(contender->kind, "karpenter") == 0 ||
                          strcmp(contender->kind, "cluster_autoscaler") == 0;
    if (!wb_field_is_set(field) || !is_asked) {
        return;
    }
    wb_helm_values values;
    if (read_values(loader, field, &values) && strcmp(contender->kind, "karpenter") == 0) {
        take_settings(loader, &values, contender);
    }
    wb_arena *arena = loader->context.arena;
    policy_list policies = {.items = WB_ARENA_ARRAY(arena, wb_iam_policy, POLICIES_MAX)};
    read_policies(loader, field, "policies", WB_IAM_POLICY_IDENTITY, &policies);
    read_policies(loader, field, "permissionsBoundary", WB_IAM_POLICY_BOUNDARY, &policies);
    read_policies(loader, field, "serviceControlPolicies", WB_IAM_POLICY_SERVICE_CONTROL,
                  &policies);
    policy_list trust = {.items = WB_ARENA_ARRAY(arena, wb_iam_policy, POLICIES_MAX)};
    read_policies(loader, field, "trustPolicy", WB_IAM_POLICY_TRUST, &trust);
    wb_identity *identity = WB_ARENA_NEW(arena, wb_identity);
    *identity = (wb_identity){
        .policies = policies.items,
        .policy_count = policies.count,
        .trust = trust.count > 0 ? trust.items : NULL,
        .oidc_provider = text_or(field, "oidcProvider", ""),
        .service_account =
            text_or(field, "serviceAccount", join(loader, "kube-system:", values.service_account)),
        .node_role_is_mapped = wb_field_get_bool(field, "nodeRoleMapped", true),
    };
    identity->has_annotation =
        identity->oidc_provider[0] == '\0' || values.file == NULL || values.role_arn[0] != '\0';
    identity->node_policies = load_node_policies(loader, field, &identity->node_policy_count);
    load_names(loader, field, contender, &values, &identity->names);
    check_account(field, identity->names.account);
    if (identity->names.cluster[0] == '\0') {
        wb_field_error(field, "clusterName is missing, expected it here or as "
                              "settings.clusterName in values");
    }
    contender->identity = identity;
}
