/*
 * Files against one another: the trust of the role, the node role, and the names that stand in
 * several places and must be the same.
 */
#include <assert.h>
#include <string.h>

#include "scenarios/preflight/preflight_internal.h"

#define INLINE_CHARACTERS_MAX 10240 /* of all inline policies of a role together */

static const char cluster_tag[] = "kubernetes.io/cluster/";

/* ---- trust ---- */

/* The trust policy of the controller's role: one that lets a service account or a pod in. */
static const wb_iam_policy *controller_trust(const wb_preflight_input *in)
{
    for (uint32_t t = 0; t < in->trust_count; t++) {
        for (uint32_t s = 0; s < in->trusts[t].statement_count; s++) {
            const wb_iam_statement *statement = &in->trusts[t].statements[s];
            for (uint32_t i = 0; i < statement->principal_count; i++) {
                const wb_iam_principal *principal = &statement->principals[i];
                if (strcmp(principal->kind, "Federated") == 0 ||
                    strstr(principal->value, "pods.eks.amazonaws.com") != NULL) {
                    return &in->trusts[t];
                }
            }
        }
    }
    return NULL;
}

static bool is_pod_identity(const wb_iam_policy *trust)
{
    const wb_iam_request request = {.action = "sts:AssumeRole",
                                    .resource = "*",
                                    .principal_kind = "Service",
                                    .principal = "pods.eks.amazonaws.com"};
    wb_arena scratch;
    wb_arena_init(&scratch, "trust", 0, NULL);
    const bool is_one =
        wb_iam_decision_make(&scratch, trust, 1, &request).outcome == WB_IAM_ALLOWED;
    wb_arena_release(&scratch);
    return is_one;
}

static wb_iam_outcome decide_trust(wb_preflight_checker *checker, const wb_iam_policy *trust,
                                   const char *service_account, const char **out_hint)
{
    const wb_identity identity = {
        .names = checker->names,
        .oidc_provider = wb_preflight_oidc_provider(checker->in),
        .service_account = service_account,
    };
    const wb_iam_request request = wb_identity_assume_request(checker->arena, &identity);
    const wb_iam_decision decision = wb_iam_decision_make(checker->arena, trust, 1, &request);
    char hint[512];
    wb_iam_decision_print_hint(&decision, &request, hint, sizeof hint);
    *out_hint = wb_arena_copy_string(checker->arena, hint);
    return decision.outcome;
}

/* The service account, as namespace:name. */
static const char *service_account(const wb_preflight_checker *checker)
{
    const wb_preflight_input *in = checker->in;
    const char *name =
        wb_node_string(wb_node_find(in->account, "metadata.name"), in->values.service_account);
    const char *of_manifest =
        wb_node_string(wb_node_find(in->account, "metadata.namespace"), "kube-system");
    return wb_preflight_print(checker->arena, "%s:%s",
                              in->options->namespace_name != NULL ? in->options->namespace_name
                                                                  : of_manifest,
                              name);
}

static void check_annotation(wb_preflight_checker *checker)
{
    const wb_preflight_input *in = checker->in;
    const char *in_manifest =
        wb_node_string(wb_node_get(wb_node_find(in->account, "metadata.annotations"),
                                   "eks.amazonaws.com/role-arn"),
                       "");
    if ((!in->has_values && in->account == NULL) || in->values.role_arn[0] != '\0' ||
        in_manifest[0] != '\0') {
        return;
    }
    wb_preflight_finding *finding = wb_preflight_add(
        checker, WB_PREFLIGHT_MISSING, "annotation eks.amazonaws.com/role-arn",
        "the service account names no role, and the trust policy is one of IAM roles for service "
        "accounts");
    finding->is_error = true;
    finding->failing = "sts:AssumeRoleWithWebIdentity is never called; the controller runs with "
                       "the role of its node, or without credentials";
    finding->where = in->account != NULL
                         ? wb_preflight_place(checker->arena, wb_node_position(in->account))
                         : wb_preflight_place(checker->arena, in->values.account_position);
}

static void check_trust_width(wb_preflight_checker *checker, const wb_iam_policy *trust)
{
    const char *hint = "";
    if (decide_trust(checker, trust, "default:werkbank-other", &hint) == WB_IAM_ALLOWED) {
        wb_preflight_finding *finding = wb_preflight_add(
            checker, WB_PREFLIGHT_WIDE, "trust policy",
            "every service account of the cluster may take the role on: ask for the provider's "
            ":sub");
        finding->where = wb_preflight_place(checker->arena, trust->statements[0].position);
    }
}

void wb_preflight_check_trust(wb_preflight_checker *checker)
{
    assert(checker != NULL);
    const wb_preflight_input *in = checker->in;
    const wb_iam_policy *trust = controller_trust(in);
    if (trust == NULL) {
        (void)wb_preflight_add(checker, WB_PREFLIGHT_NOTE, "trust policy",
                               "none of the controller's role among the files; not checked");
        return;
    }
    if (is_pod_identity(trust)) {
        return; /* the association says which service account; nothing here can disagree */
    }
    check_annotation(checker);
    const char *account = service_account(checker);
    const char *hint = "";
    if (decide_trust(checker, trust, account, &hint) != WB_IAM_ALLOWED) {
        wb_preflight_finding *finding =
            wb_preflight_add(checker, WB_PREFLIGHT_MISSING, "sts:AssumeRoleWithWebIdentity",
                             "the trust policy of role %s does not let service account %s of %s in",
                             checker->names.controller_role, account,
                             wb_preflight_oidc_provider(in));
        finding->is_error = true;
        finding->failing = "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity";
        finding->therefore = "the controller has no credentials; every call fails";
        finding->where = hint[0] != '\0' ? hint : NULL;
        return;
    }
    check_trust_width(checker, trust);
}

/* ---- node role ---- */

static bool node_may_assume(wb_preflight_checker *checker, const wb_iam_policy *trust)
{
    const wb_iam_request request = {.action = "sts:AssumeRole",
                                    .resource = "*",
                                    .principal_kind = "Service",
                                    .principal = strcmp(checker->names.partition, "aws-cn") == 0
                                                     ? "ec2.amazonaws.com.cn"
                                                     : "ec2.amazonaws.com"};
    return wb_iam_decision_make(checker->arena, trust, 1, &request).outcome == WB_IAM_ALLOWED;
}

/* A trust policy that is not the controller's must be the node role's. */
static void check_node_trust(wb_preflight_checker *checker)
{
    const wb_preflight_input *in = checker->in;
    for (uint32_t t = 0; t < in->trust_count; t++) {
        if (&in->trusts[t] == controller_trust(in) || node_may_assume(checker, &in->trusts[t])) {
            continue;
        }
        wb_preflight_finding *finding =
            wb_preflight_add(checker, WB_PREFLIGHT_MISSING, "sts:AssumeRole of the node role",
                             "the trust policy does not let ec2.amazonaws.com in");
        finding->is_error = true;
        finding->therefore = "machines run without credentials and never join";
        if (in->trusts[t].statement_count > 0) {
            finding->where =
                wb_preflight_place(checker->arena, in->trusts[t].statements[0].position);
        }
    }
}

void wb_preflight_check_node_role(wb_preflight_checker *checker)
{
    assert(checker != NULL);
    const wb_preflight_input *in = checker->in;
    check_node_trust(checker);
    const wb_node *list = wb_node_get(in->attached, "AttachedPolicies");
    if (list == NULL || list->kind != WB_NODE_LIST) {
        (void)wb_preflight_add(checker, WB_PREFLIGHT_NOTE, "node role",
                               "its attached policies are in no file (aws iam "
                               "list-attached-role-policies); not checked");
        return;
    }
    const char **names = WB_ARENA_ARRAY(checker->arena, const char *, (size_t)list->count + 1);
    for (uint32_t i = 0; i < list->count; i++) {
        names[i] = wb_node_string(wb_node_get(list->children[i], "PolicyName"), "");
    }
    const wb_identity role = {.node_policies = names, .node_policy_count = list->count};
    uint32_t count = 0;
    const wb_identity_node_policy *wanted = wb_identity_node_policies(&count);
    for (uint32_t i = 0; i < count; i++) {
        if (wb_identity_has_node_policy(&role, &wanted[i])) {
            continue;
        }
        wb_preflight_finding *finding =
            wb_preflight_add(checker, WB_PREFLIGHT_MISSING, wanted[i].name,
                             "is not attached to the node role%s%s",
                             wanted[i].alternative != NULL ? ", nor is " : "",
                             wanted[i].alternative != NULL ? wanted[i].alternative : "");
        finding->is_error = wanted[i].is_needed;
        finding->therefore = wanted[i].consequence;
        finding->where = wb_preflight_place(checker->arena, wb_node_position(list));
    }
}

/* ---- names ---- */

static void disagree(wb_preflight_checker *checker, const char *subject, const char *text,
                     wb_position position, bool is_error)
{
    const char *place = wb_preflight_place(checker->arena, position);
    for (uint32_t i = 0; i < checker->count; i++) {
        wb_preflight_finding *one = &checker->findings[i];
        if (one->kind == WB_PREFLIGHT_INCONSISTENT && strcmp(one->subject, subject) == 0 &&
            strcmp(one->text, text) == 0) {
            one->where = wb_preflight_print(checker->arena, "%s, %s", one->where, place);
            return;
        }
    }
    wb_preflight_finding *finding =
        wb_preflight_add(checker, WB_PREFLIGHT_INCONSISTENT, subject, "%s", text);
    finding->is_error = is_error;
    finding->where = place;
}

/* Tag conditions of the policies that name another cluster. */
static void check_condition(wb_preflight_checker *checker, const wb_iam_condition *condition)
{
    const char *cluster = checker->names.cluster;
    const char *tag = strstr(condition->key, cluster_tag);
    if (tag != NULL && strcmp(tag + strlen(cluster_tag), cluster) != 0) {
        disagree(checker, "cluster name",
                 wb_preflight_print(checker->arena, "the condition is about cluster '%s', not '%s'",
                                    tag + strlen(cluster_tag), cluster),
                 condition->position, true);
    }
    if (strstr(condition->key, "/eks:eks-cluster-name") != NULL && condition->value_count == 1 &&
        strcmp(condition->values[0], cluster) != 0) {
        disagree(checker, "cluster name",
                 wb_preflight_print(checker->arena, "the condition asks for '%s', not '%s'",
                                    condition->values[0], cluster),
                 condition->position, true);
    }
}

static void check_policy_names(wb_preflight_checker *checker)
{
    const wb_preflight_input *in = checker->in;
    for (uint32_t p = 0; p < in->policy_count; p++) {
        for (uint32_t s = 0; s < in->policies[p].statement_count; s++) {
            const wb_iam_statement *statement = &in->policies[p].statements[s];
            for (uint32_t i = 0; i < statement->condition_count; i++) {
                check_condition(checker, &statement->conditions[i]);
            }
        }
        if (in->policies[p].character_count > WB_IAM_POLICY_CHARACTERS_MAX) {
            disagree(checker, "policy size",
                     wb_preflight_print(checker->arena,
                                        "%u characters without blanks, and a managed policy has "
                                        "%d at most, a role's inline policies %d: split it",
                                        in->policies[p].character_count,
                                        WB_IAM_POLICY_CHARACTERS_MAX, INLINE_CHARACTERS_MAX),
                     in->policies[p].statements[0].position,
                     in->policies[p].character_count > INLINE_CHARACTERS_MAX);
        }
    }
}

static void check_values(wb_preflight_checker *checker)
{
    const wb_preflight_input *in = checker->in;
    const wb_helm_values *values = &in->values;
    if (!in->has_values) {
        (void)wb_preflight_add(checker, WB_PREFLIGHT_NOTE, "values.yaml",
                               "not among the files; settings and annotation are not checked");
        return;
    }
    if (values->cluster_name[0] == '\0') {
        disagree(checker, "settings.clusterName", "is missing; the controller does not start",
                 values->settings_position, true);
    } else if (strcmp(values->cluster_name, checker->names.cluster) != 0) {
        disagree(checker, "settings.clusterName",
                 wb_preflight_print(checker->arena, "is '%s', and the cluster is '%s'",
                                    values->cluster_name, checker->names.cluster),
                 values->cluster_name_position, true);
    }
    if (values->interruption_queue[0] == '\0') {
        wb_preflight_finding *finding =
            wb_preflight_add(checker, WB_PREFLIGHT_NOTE, "settings.interruptionQueue",
                             "is not set: spot interruptions are not heard of");
        finding->where = wb_preflight_place(checker->arena, values->settings_position);
    }
    const char *queue = wb_node_string(wb_node_find(in->queue, "Attributes.QueueArn"), "");
    const char *name = strrchr(queue, ':');
    if (name != NULL && values->interruption_queue[0] != '\0' &&
        strcmp(name + 1, checker->names.queue) != 0) {
        disagree(checker, "settings.interruptionQueue",
                 wb_preflight_print(checker->arena, "is '%s', and the queue is '%s'",
                                    values->interruption_queue, name + 1),
                 values->queue_position, true);
    }
    const char *endpoint = wb_node_string(wb_node_find(in->cluster, "cluster.endpoint"), "");
    if (endpoint[0] != '\0' && values->cluster_endpoint[0] != '\0' &&
        strcmp(endpoint, values->cluster_endpoint) != 0) {
        disagree(checker, "settings.clusterEndpoint",
                 wb_preflight_print(checker->arena, "is '%s', and the cluster's is '%s'",
                                    values->cluster_endpoint, endpoint),
                 values->settings_position, true);
    }
}

/* The role in the instance profile against the EC2NodeClass. */
static void check_profile(wb_preflight_checker *checker, const wb_nodeclass *nodeclass)
{
    const wb_preflight_input *in = checker->in;
    const wb_node *roles = wb_node_find(in->profile, "InstanceProfile.Roles");
    const char *profile_name =
        wb_node_string(wb_node_find(in->profile, "InstanceProfile.InstanceProfileName"), "");
    const char *named = wb_intern_text(in->intern, nodeclass->instance_profile);
    if (in->profile == NULL || named[0] == '\0') {
        return;
    }
    const wb_position position = wb_node_position(nodeclass->source);
    if (strcmp(named, profile_name) != 0) {
        disagree(checker, "instanceProfile",
                 wb_preflight_print(checker->arena,
                                    "EC2NodeClass %s names '%s', and the profile is '%s'",
                                    wb_intern_text(in->intern, nodeclass->name), named,
                                    profile_name),
                 position, true);
    }
    if (roles == NULL || roles->kind != WB_NODE_LIST || roles->count == 0) {
        disagree(checker, "instanceProfile",
                 wb_preflight_print(checker->arena,
                                    "'%s' holds no role: machines run without credentials and "
                                    "never join",
                                    profile_name),
                 wb_node_position(in->profile), true);
    }
}

void wb_preflight_check_names(wb_preflight_checker *checker)
{
    assert(checker != NULL);
    const wb_preflight_input *in = checker->in;
    if (checker->names.cluster[0] == '\0') {
        wb_preflight_finding *finding =
            wb_preflight_add(checker, WB_PREFLIGHT_MISSING, "cluster name",
                             "no file says it, expected settings.clusterName or --cluster");
        finding->is_error = true;
        return;
    }
    check_values(checker);
    check_policy_names(checker);
    for (uint32_t i = 0; i < in->manifest.nodeclass_count; i++) {
        check_profile(checker, &in->manifest.nodeclasses[i]);
    }
}
