/* Which file is what: by the fields at its root, as a person would tell them apart. */
#include <assert.h>
#include <string.h>

#include "scenarios/preflight/preflight_internal.h"

static bool has_string(const wb_node *map, const char *key)
{
    const wb_node *node = wb_node_get(map, key);
    return node != NULL && node->kind == WB_NODE_STRING;
}

static bool is_cluster(const wb_node *root)
{
    return wb_node_find(root, "cluster.arn") != NULL;
}

static bool is_profile(const wb_node *root)
{
    return wb_node_find(root, "InstanceProfile.InstanceProfileName") != NULL;
}

static bool is_attached(const wb_node *root)
{
    return wb_node_get(root, "AttachedPolicies") != NULL;
}

static bool is_queue(const wb_node *root)
{
    return wb_node_find(root, "Attributes.QueueArn") != NULL;
}

static bool is_subnets(const wb_node *root)
{
    return wb_node_get(root, "Subnets") != NULL;
}

static bool is_groups(const wb_node *root)
{
    return wb_node_get(root, "SecurityGroups") != NULL;
}

static bool is_account(const wb_node *root)
{
    return strcmp(wb_node_string(wb_node_get(root, "kind"), ""), "ServiceAccount") == 0;
}

static bool is_association(const wb_node *root)
{
    return wb_node_find(root, "association.roleArn") != NULL;
}

/* A policy: of the kind that the option says, or a trust policy by its principals. */
static wb_status add_policy(wb_preflight_input *in, const wb_node *root, wb_iam_policy_kind kind,
                            wb_error *err)
{
    if (in->policy_count == WB_PREFLIGHT_DOCUMENTS_MAX ||
        in->trust_count == WB_PREFLIGHT_DOCUMENTS_MAX) {
        return wb_fail(err, WB_ERR_LIMIT, "more than %d policies", WB_PREFLIGHT_DOCUMENTS_MAX);
    }
    if (kind == WB_IAM_POLICY_IDENTITY && wb_iam_policy_is_trust(root)) {
        in->trust_roles[in->trust_count] = wb_node_string(wb_node_find(root, "Role.RoleName"), "");
        wb_iam_policy_read(root, WB_IAM_POLICY_TRUST, in->findings, &in->trusts[in->trust_count++]);
        return WB_OK;
    }
    in->has_identity_policy = in->has_identity_policy || kind == WB_IAM_POLICY_IDENTITY;
    wb_iam_policy_read(root, kind, in->findings, &in->policies[in->policy_count++]);
    return WB_OK;
}

/* What the AWS CLI prints, kept as it is. */
static bool keep_answer(wb_preflight_input *in, const wb_node *root)
{
    const struct {
        bool (*is_one)(const wb_node *root);
        const wb_node **slot;
    } answers[] = {
        {is_cluster, &in->cluster},   {is_profile, &in->profile},
        {is_attached, &in->attached}, {is_queue, &in->queue},
        {is_subnets, &in->subnets},   {is_groups, &in->groups},
        {is_account, &in->account},   {is_association, &in->association},
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        if (answers[i].is_one(root)) {
            *answers[i].slot = root;
            return true;
        }
    }
    return false;
}

static wb_status add_document(wb_preflight_input *in, const wb_node *root, wb_error *err)
{
    if (wb_iam_policy_is_one(root)) {
        return add_policy(in, root, WB_IAM_POLICY_IDENTITY, err);
    }
    if (keep_answer(in, root)) {
        return WB_OK;
    }
    if (wb_helm_values_is_one(root)) {
        if (in->has_values) {
            return wb_fail(err, WB_ERR_INPUT, "%s:1: a second values.yaml beside %s", root->file,
                           in->values.file);
        }
        in->has_values = true;
        wb_helm_values_read(root, in->findings, &in->values);
        return WB_OK;
    }
    if (has_string(root, "kind") && has_string(root, "apiVersion")) {
        const wb_decode_context context = {.arena = in->arena,
                                           .intern = in->intern,
                                           .findings = in->findings};
        wb_manifest_add_document(&in->manifest, &context, root);
        return WB_OK;
    }
    return wb_fail(err, WB_ERR_INPUT,
                   "%s:%u: not known by its content, expected a policy, values.yaml of Karpenter's "
                   "chart, a manifest, or what aws eks describe-cluster, iam get-instance-profile, "
                   "iam list-attached-role-policies, sqs get-queue-attributes, ec2 "
                   "describe-subnets or describe-security-groups print",
                   root->file, root->line);
}

static wb_status read_bounds(wb_preflight_input *in, const char *const *paths, uint32_t count,
                             wb_iam_policy_kind kind, wb_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        wb_document_stream stream = {.count = 0};
        WB_TRY(wb_document_read_file(in->arena, paths[i], 0, &stream, err));
        for (size_t k = 0; k < stream.count; k++) {
            WB_TRY(add_policy(in, stream.roots[k], kind, err));
        }
    }
    return WB_OK;
}

wb_status wb_preflight_read(wb_preflight_input *in, wb_error *err)
{
    assert(in != NULL && in->options != NULL);
    const wb_preflight_options *options = in->options;
    wb_manifest_init(&in->manifest);
    in->values = (wb_helm_values){.cluster_name = "",
                                  .cluster_endpoint = "",
                                  .interruption_queue = "",
                                  .role_arn = "",
                                  .service_account = "karpenter"};
    for (uint32_t i = 0; i < options->path_count; i++) {
        wb_document_stream stream = {.count = 0};
        WB_TRY(wb_document_read_file(in->arena, options->paths[i], 0, &stream, err));
        if (stream.count == 0) {
            return wb_fail(err, WB_ERR_INPUT, "%s: is empty", options->paths[i]);
        }
        for (size_t k = 0; k < stream.count; k++) {
            WB_TRY(add_document(in, stream.roots[k], err));
        }
    }
    WB_TRY(read_bounds(in, options->boundary_paths, options->boundary_count, WB_IAM_POLICY_BOUNDARY,
                       err));
    WB_TRY(read_bounds(in, options->scp_paths, options->scp_count, WB_IAM_POLICY_SERVICE_CONTROL,
                       err));
    return wb_findings_status(in->findings, err);
}
