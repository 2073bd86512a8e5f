/*
 * "What if": fields of NodePools under other values.
 *
 * An override becomes a field of a NodePool on paper, which is decoded as any manifest is: so
 * values are checked, and refused, in the words of the API server. Fields that are part of the
 * template's hash (labels, taints, expireAfter ...) are none of them: to change one is to roll
 * every node.
 */
#include <assert.h>
#include <string.h>

#include "base/nearest.h"
#include "scenarios/one_shot/consolidate_internal.h"

typedef enum field_id {
    FIELD_CONSOLIDATION_POLICY,
    FIELD_CONSOLIDATE_AFTER,
    FIELD_BUDGETS,
    FIELD_LIMITS,
    FIELD_REQUIREMENTS,
    FIELD_WEIGHT,
    FIELD_COUNT
} field_id;

static const char *const fields[FIELD_COUNT] = {
    "consolidationPolicy", "consolidateAfter", "budgets", "limits", "requirements", "weight"};

/* What an unreadable value should have been. */
static const char *const expected[FIELD_COUNT] = {
    "one word",
    "a duration",
    "a list of budgets as JSON, or one number or percentage",
    "a map as JSON, such as {\"cpu\": 100}",
    "a list of requirements as JSON",
    "a number"};

typedef struct policy {
    const char *text; /* as given */
    const char *pool; /* "": all */
    field_id field;
    const char *value;
} policy;

static wb_status unknown_field(const policy *given, const char *name, wb_error *err)
{
    const char *nearest = wb_nearest_name(name, strlen(name), fields, FIELD_COUNT);
    return wb_fail(err, WB_ERR_INPUT,
                   "--policy %s: unknown field '%s',%s%s%s expected one of consolidationPolicy, "
                   "consolidateAfter, budgets, limits, requirements, weight",
                   given->text, name, nearest != NULL ? " did you mean '" : "",
                   nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
}

/* "[POOL/]FIELD=VALUE". */
static wb_status split(wb_arena *arena, const char *text, policy *out, wb_error *err)
{
    assert(text != NULL);
    const char *equals = strchr(text, '=');
    if (equals == NULL) {
        return wb_fail(err, WB_ERR_INPUT,
                       "--policy %s: expected [NODEPOOL/]FIELD=VALUE, such as consolidateAfter=1h",
                       text);
    }
    const char *slash = memchr(text, '/', (size_t)(equals - text));
    const char *start = slash != NULL ? slash + 1 : text;
    *out = (policy){
        .text = text,
        .pool = slash != NULL ? wb_arena_copy_text(arena, text, (size_t)(slash - text)) : "",
        .field = FIELD_COUNT,
        .value = equals + 1,
    };
    const char *name = wb_arena_copy_text(arena, start, (size_t)(equals - start));
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (strcmp(name, fields[i]) == 0) {
            out->field = (field_id)i;
        }
    }
    return out->field != FIELD_COUNT ? WB_OK : unknown_field(out, name, err);
}

/* The value as the manifest has it. budgets=20% is one budget, weight=5 a number. */
static void write_value(const policy *given, wb_text *out)
{
    const bool is_json = strchr("[{", given->value[0]) != NULL;
    if (given->field == FIELD_BUDGETS && !is_json) {
        wb_text_add_string(out, "[{nodes: ");
        wb_text_add_json_string(out, given->value);
        wb_text_add_string(out, "}]");
    } else if (given->field == FIELD_BUDGETS && given->value[0] == '{') {
        wb_text_add_format(out, "[%s]", given->value);
    } else if (given->field <= FIELD_CONSOLIDATE_AFTER) {
        wb_text_add_json_string(out, given->value);
    } else {
        wb_text_add_string(out, given->value);
    }
    wb_text_add_string(out, "\n");
}

/* A NodePool on paper with that field where it belongs. */
static const char *write_pool(wb_consolidate_cluster *cluster, const policy *given)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_string(&text, "apiVersion: karpenter.sh/v1\nkind: NodePool\n"
                              "metadata: {name: policy}\nspec:\n  template:\n    spec:\n"
                              "      nodeClassRef: {group: g, kind: k, name: n}\n"
                              "      requirements: ");
    if (given->field == FIELD_REQUIREMENTS) {
        write_value(given, &text);
    } else {
        wb_text_add_string(&text, "[]\n");
    }
    if (given->field == FIELD_LIMITS || given->field == FIELD_WEIGHT) {
        wb_text_add_format(&text, "  %s: ", fields[given->field]);
        write_value(given, &text);
    }
    wb_text_add_string(&text, "  disruption:\n");
    if (given->field != FIELD_CONSOLIDATE_AFTER) {
        wb_text_add_string(&text, "    consolidateAfter: 0s\n");
    }
    if (given->field <= FIELD_BUDGETS) {
        wb_text_add_format(&text, "    %s: ", fields[given->field]);
        write_value(given, &text);
    }
    const char *kept = wb_arena_copy_string(cluster->arena, wb_text_string(&text));
    wb_text_release(&text);
    return kept;
}

/* The message alone: places on paper mean nothing to the user. */
static const char *message_of(const wb_findings *findings, const char *field)
{
    assert(findings->error_count > 0);
    const char *text = findings->errors[0].text;
    const char *at = strstr(text, field);
    return at != NULL ? at : text;
}

static wb_status decode(wb_consolidate_cluster *cluster, const policy *given, wb_nodepool *out,
                        wb_error *err)
{
    const char *text = write_pool(cluster, given);
    const wb_document_input input = {"policy", text, strlen(text), WB_DOCUMENT_YAML};
    wb_findings findings;
    wb_findings_init(&findings, cluster->arena, true);
    const wb_decode_context context = {.arena = cluster->arena,
                                       .intern = cluster->intern,
                                       .findings = &findings};
    wb_document_stream stream = {0};
    if (wb_document_read_text(cluster->arena, &input, &stream, NULL) != WB_OK ||
        stream.count != 1) {
        return wb_fail(err, WB_ERR_INPUT, "--policy %s: '%s' can't be read: expected %s",
                       given->text, given->value, expected[given->field]);
    }
    if (!wb_manifest_decode_nodepool(&context, stream.roots[0], out)) {
        return wb_fail(err, WB_ERR_INPUT, "--policy %s: %s", given->text,
                       message_of(&findings, fields[given->field]));
    }
    return WB_OK;
}

static void apply(const policy *given, const wb_nodepool *decoded, wb_nodepool *pool)
{
    switch (given->field) {
    case FIELD_CONSOLIDATION_POLICY:
        pool->consolidation_policy = decoded->consolidation_policy;
        break;
    case FIELD_CONSOLIDATE_AFTER: pool->consolidate_after_ms = decoded->consolidate_after_ms; break;
    case FIELD_BUDGETS:
        pool->budgets = decoded->budgets;
        pool->budget_count = decoded->budget_count;
        break;
    case FIELD_LIMITS:
        pool->limits = decoded->limits;
        pool->limit_nodes = decoded->limit_nodes;
        break;
    case FIELD_REQUIREMENTS:
        pool->requirements = decoded->requirements;
        pool->requirement_count = decoded->requirement_count;
        break;
    case FIELD_WEIGHT: pool->weight = decoded->weight; break;
    case FIELD_COUNT: assert(false); break;
    }
}

wb_status wb_consolidate_override(wb_consolidate_cluster *cluster, wb_error *err)
{
    assert(cluster->pools == NULL);
    const wb_one_shot_input *input = cluster->input;
    wb_nodepool *copies = WB_ARENA_ARRAY(cluster->arena, wb_nodepool, input->pool_count);
    wb_solver_pool *pools = WB_ARENA_ARRAY(cluster->arena, wb_solver_pool, input->pool_count);
    for (uint32_t i = 0; i < input->pool_count; i++) {
        copies[i] = *input->pools[i].nodepool;
        pools[i] = (wb_solver_pool){&copies[i], input->pools[i].catalog};
    }
    for (uint32_t o = 0; o < cluster->options->policy_count; o++) {
        policy given = {0};
        wb_nodepool decoded = {0};
        bool is_used = false;
        WB_TRY(split(cluster->arena, cluster->options->policies[o], &given, err));
        WB_TRY(decode(cluster, &given, &decoded, err));
        for (uint32_t i = 0; i < input->pool_count; i++) {
            if (given.pool[0] == '\0' ||
                strcmp(given.pool, wb_intern_text(cluster->intern, copies[i].name)) == 0) {
                apply(&given, &decoded, &copies[i]);
                is_used = true;
            }
        }
        if (!is_used) {
            return wb_fail(err, WB_ERR_INPUT,
                           "--policy %s: no NodePool '%s' in the files, there is '%s'", given.text,
                           given.pool, wb_intern_text(cluster->intern, copies[0].name));
        }
    }
    cluster->pools = pools;
    return WB_OK;
}
