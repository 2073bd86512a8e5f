/*
 * The names that everything hangs on, from whichever file says them: an option first, then what
 * AWS itself printed, then values.yaml, then the policies.
 */
#include <assert.h>
#include <string.h>

#include "scenarios/preflight/preflight_internal.h"

#define DEFAULT_ACCOUNT "111122223333"
#define DEFAULT_REGION  "us-east-1"

static const char cluster_tag[] = "kubernetes.io/cluster/";

/* The n-th part of an ARN, from 0, in arena; "" when it is empty or a pattern. */
static const char *arn_part(wb_arena *arena, const char *arn, uint32_t n)
{
    for (; n > 0; n--) {
        const char *colon = strchr(arn, ':');
        if (colon == NULL) {
            return "";
        }
        arn = colon + 1;
    }
    const size_t length = strcspn(arn, ":");
    if (strcspn(arn, "*?$") < length) {
        return "";
    }
    return wb_arena_copy_text(arena, arn, length);
}

/* The first ARN of the policies with such a part; its statement goes to *out_position. */
static const char *part_in_policies(const wb_preflight_input *in, uint32_t part,
                                    wb_position *out_position)
{
    for (uint32_t p = 0; p < in->policy_count; p++) {
        for (uint32_t s = 0; s < in->policies[p].statement_count; s++) {
            const wb_iam_statement *statement = &in->policies[p].statements[s];
            for (uint32_t i = 0; i < statement->resources.count; i++) {
                const char *found = arn_part(in->arena, statement->resources.texts[i], part);
                if (found[0] != '\0' && strcmp(found, "aws") != 0) {
                    *out_position = statement->position;
                    return found;
                }
            }
        }
    }
    return "";
}

/* The cluster that a tag condition of the policies names. */
static const char *cluster_in_policies(const wb_preflight_input *in, wb_position *out_position)
{
    for (uint32_t p = 0; p < in->policy_count; p++) {
        for (uint32_t s = 0; s < in->policies[p].statement_count; s++) {
            const wb_iam_statement *statement = &in->policies[p].statements[s];
            for (uint32_t i = 0; i < statement->condition_count; i++) {
                const char *found = strstr(statement->conditions[i].key, cluster_tag);
                if (found != NULL) {
                    *out_position = statement->conditions[i].position;
                    return found + strlen(cluster_tag);
                }
            }
        }
    }
    return "";
}

/* One name: candidates in their order, each with where it is from. */
typedef struct name_source {
    const char *value; /* NULL or "": not here */
    const char *from;
} name_source;

static const char *choose(wb_text *told, wb_arena *arena, const char *what,
                          const name_source *sources, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (sources[i].value != NULL && sources[i].value[0] != '\0') {
            wb_text_add_format(told, "%s%s %s (%s)", told->length > 0 ? ", " : "", what,
                               sources[i].value, sources[i].from);
            return wb_arena_copy_string(arena, sources[i].value);
        }
    }
    return "";
}

static const char *last_name(const char *arn)
{
    const char *slash = strrchr(arn, '/');
    return slash != NULL ? slash + 1 : arn;
}

const char *wb_preflight_oidc_provider(const wb_preflight_input *in)
{
    assert(in != NULL);
    static const char scheme[] = "https://";
    const char *issuer =
        wb_node_string(wb_node_find(in->cluster, "cluster.identity.oidc.issuer"), "");
    if (in->options->oidc_provider != NULL) {
        issuer = in->options->oidc_provider;
    }
    if (strncmp(issuer, scheme, strlen(scheme)) == 0) {
        return issuer + strlen(scheme);
    }
    for (uint32_t t = 0; t < in->trust_count && issuer[0] == '\0'; t++) {
        for (uint32_t s = 0; s < in->trusts[t].statement_count; s++) {
            const wb_iam_statement *statement = &in->trusts[t].statements[s];
            for (uint32_t i = 0; i < statement->principal_count; i++) {
                const char *found = strstr(statement->principals[i].value, ":oidc-provider/");
                issuer = found != NULL ? strchr(found, '/') + 1 : issuer;
            }
        }
    }
    return issuer;
}

/* The account of the trust policies' OIDC provider. */
static const char *account_in_trust(const wb_preflight_input *in)
{
    for (uint32_t t = 0; t < in->trust_count; t++) {
        for (uint32_t s = 0; s < in->trusts[t].statement_count; s++) {
            const wb_iam_statement *statement = &in->trusts[t].statements[s];
            for (uint32_t i = 0; i < statement->principal_count; i++) {
                const char *account = arn_part(in->arena, statement->principals[i].value, 4);
                if (account[0] != '\0') {
                    return account;
                }
            }
        }
    }
    return "";
}

static void find_account(const wb_preflight_input *in, wb_text *told, wb_iam_call_names *out)
{
    wb_position place = {.file = NULL};
    const char *arn = wb_node_string(wb_node_find(in->cluster, "cluster.arn"), "");
    const char *in_policies = part_in_policies(in, 4, &place);
    const name_source accounts[] = {
        {in->options->account, "--account"},
        {arn_part(in->arena, arn, 4), "describe-cluster"},
        {arn_part(in->arena, in->values.role_arn, 4), "role-arn in values"},
        {in_policies, wb_preflight_place(in->arena, place)},
        {account_in_trust(in), "trust policy"},
        {DEFAULT_ACCOUNT, "no file says it"},
    };
    out->account = choose(told, in->arena, "account", accounts, 6);
    const char *region_in_policies = part_in_policies(in, 3, &place);
    const name_source regions[] = {
        {in->options->region, "--region"},
        {arn_part(in->arena, arn, 3), "describe-cluster"},
        {region_in_policies, wb_preflight_place(in->arena, place)},
        {DEFAULT_REGION, "no file says it"},
    };
    out->region = choose(told, in->arena, "region", regions, 4);
    const char *partition = arn_part(in->arena, in->values.role_arn, 1);
    out->partition = strncmp(out->region, "cn-", 3) == 0 ? "aws-cn"
                     : partition[0] != '\0'              ? partition
                                                         : "aws";
}

static void find_cluster(const wb_preflight_input *in, wb_text *told, wb_iam_call_names *out)
{
    wb_position place = {.file = NULL};
    const char *in_policies = cluster_in_policies(in, &place);
    const name_source clusters[] = {
        {in->options->cluster, "--cluster"},
        {wb_node_string(wb_node_find(in->cluster, "cluster.name"), ""), "describe-cluster"},
        {in->values.cluster_name, wb_preflight_place(in->arena, in->values.cluster_name_position)},
        {in_policies, wb_preflight_place(in->arena, place)},
    };
    out->cluster = choose(told, in->arena, "cluster", clusters, 4);
}

static bool may_be_spot(const wb_intern *intern, const wb_label_expression *expression)
{
    bool is_named = false;
    for (uint32_t i = 0; i < expression->value_count; i++) {
        is_named = is_named || strcmp(wb_intern_text(intern, expression->values[i]), "spot") == 0;
    }
    return expression->op == WB_OPERATOR_IN ? is_named : !is_named;
}

/* Whether a NodePool may launch spot; without NodePools, and where one says nothing, it may. */
static bool uses_spot(const wb_preflight_input *in)
{
    bool is_any = in->manifest.nodepool_count == 0;
    for (uint32_t p = 0; p < in->manifest.nodepool_count; p++) {
        const wb_nodepool *pool = &in->manifest.nodepools[p];
        bool is_allowed = true;
        for (uint32_t i = 0; i < pool->requirement_count; i++) {
            if (strcmp(wb_intern_text(in->intern, pool->requirements[i].key),
                       "karpenter.sh/capacity-type") == 0) {
                is_allowed = is_allowed && may_be_spot(in->intern, &pool->requirements[i]);
            }
        }
        is_any = is_any || is_allowed;
    }
    return is_any;
}

/* A type that the NodePools name, else one that everybody has: for conditions on it. */
static const char *sample_type(const wb_preflight_input *in)
{
    for (uint32_t p = 0; p < in->manifest.nodepool_count; p++) {
        const wb_nodepool *pool = &in->manifest.nodepools[p];
        for (uint32_t i = 0; i < pool->requirement_count; i++) {
            const wb_label_expression *expression = &pool->requirements[i];
            if (expression->op == WB_OPERATOR_IN && expression->value_count > 0 &&
                strcmp(wb_intern_text(in->intern, expression->key),
                       "node.kubernetes.io/instance-type") == 0) {
                return wb_intern_text(in->intern, expression->values[0]);
            }
        }
    }
    return "m5.large";
}

const char *wb_preflight_find_names(const wb_preflight_input *in, wb_iam_call_names *out)
{
    assert(in != NULL && out != NULL);
    wb_text told;
    wb_text_init(&told);
    *out = (wb_iam_call_names){.resource_id = "*", .node_pool = "default", .node_class = "default"};
    find_cluster(in, &told, out);
    find_account(in, &told, out);
    const char *annotation =
        wb_node_string(wb_node_get(wb_node_find(in->account, "metadata.annotations"),
                                   "eks.amazonaws.com/role-arn"),
                       in->values.role_arn);
    const char *associated =
        wb_node_string(wb_node_find(in->association, "association.roleArn"), annotation);
    const char *role = last_name(associated);
    out->controller_role =
        role[0] != '\0' ? role
                        : wb_preflight_print(in->arena, "KarpenterControllerRole-%s", out->cluster);
    out->node_role = wb_preflight_print(in->arena, "KarpenterNodeRole-%s", out->cluster);
    out->instance_profile = wb_preflight_print(in->arena, "%s_1234567890", out->cluster);
    out->queue = last_name(in->values.interruption_queue);
    if (!in->has_values) {
        out->queue = out->cluster;
    }
    out->uses_spot = uses_spot(in);
    out->instance_type = sample_type(in);
    out->is_isolated = in->values.is_isolated_vpc;
    out->is_cluster_autoscaler = in->options->is_cluster_autoscaler;
    const char *sources = wb_arena_copy_string(in->arena, wb_text_string(&told));
    wb_text_release(&told);
    return sources;
}
