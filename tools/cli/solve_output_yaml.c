/*
 * NodeClaims as Karpenter would create them (pkg/controllers/provisioning/scheduling/
 * nodeclaimtemplate.go, ToNodeClaim): the template's labels, annotations and taints, the settled
 * requirements, the instance types as one requirement more, the requests. Owner references and
 * hashes are left out: the cluster's uids are not known here.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "base/quantity.h"
#include "base/sort.h"
#include "kube/names.h"
#include "tools/cli/solve_output.h"

/* Label values like "true", "2" or "" must stay strings: everything is quoted that could be read
 * as something else, which JSON's quoting does. */
static void add_scalar(wb_text *out, const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const bool is_plain = strspn(text, letters) > 0 && strcmp(text, "true") != 0 &&
                          strcmp(text, "false") != 0 && strcmp(text, "null") != 0 &&
                          strcmp(text, "yes") != 0 && strcmp(text, "no") != 0 &&
                          strcmp(text, "on") != 0 && strcmp(text, "off") != 0 &&
                          strpbrk(text, ": #{}[],&*!|>'\"%@`") == NULL;
    if (is_plain) {
        wb_text_add_string(out, text);
    } else {
        wb_text_add_json_string(out, text);
    }
}

/* A line of a map whose values must not become numbers. */
static void add_entry(wb_text *out, const char *indent, const char *key, const char *value)
{
    wb_text_add_format(out, "%s%s: ", indent, key);
    add_scalar(out, value);
    wb_text_add_string(out, "\n");
}

typedef struct text_pair {
    const char *key, *value;
} text_pair;

static int compare_pairs(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const text_pair *)a)->key, ((const text_pair *)b)->key);
}

static void print_map(const wb_intern *intern, wb_labels labels, wb_arena *scratch, wb_text *out)
{
    text_pair *pairs = WB_ARENA_ARRAY(scratch, text_pair, labels.count);
    for (uint32_t i = 0; i < labels.count; i++) {
        pairs[i] = (text_pair){wb_intern_text(intern, labels.items[i].key),
                               wb_intern_text(intern, labels.items[i].value)};
    }
    wb_sort(pairs, labels.count, sizeof(*pairs), compare_pairs, NULL);
    for (uint32_t i = 0; i < labels.count; i++) {
        add_entry(out, "    ", pairs[i].key, pairs[i].value);
    }
}

/* Requirements settled to one value are labels already. */
static wb_labels claim_labels(const wb_one_shot_solution *solution, const wb_one_shot_claim *claim,
                              wb_arena *scratch)
{
    const wb_nodepool *pool = wb_solver_world_pool(solution->world, claim->made->pool_index);
    wb_labels labels = pool->labels;
    const wb_requirements requirements = claim->made->requirements;
    for (uint32_t i = 0; i < requirements.count; i++) {
        const wb_requirement *one = &requirements.items[i];
        if (!one->is_complement && one->value_count == 1) {
            labels = wb_labels_with(scratch, labels, one->key, one->values[0]);
        }
    }
    return labels;
}

static int compare_texts(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void print_requirement(const wb_intern *intern, const wb_label_expression *expression,
                              int32_t min_values, wb_text *out)
{
    assert((size_t)expression->op <= WB_OPERATOR_LTE);
    static const char *const operators[] = {"In", "NotIn", "Exists", "DoesNotExist",
                                            "Gt", "Lt",    "Gte",    "Lte"};
    wb_text_add_format(out, "    - key: %s\n      operator: %s\n",
                       wb_intern_text(intern, expression->key), operators[expression->op]);
    if (min_values > 0) {
        wb_text_add_format(out, "      minValues: %d\n", min_values);
    }
    if (expression->value_count > 0) {
        wb_text_add_string(out, "      values:\n");
    }
    for (uint32_t v = 0; v < expression->value_count; v++) {
        wb_text_add_string(out, "        - ");
        add_scalar(out, wb_intern_text(intern, expression->values[v]));
        wb_text_add_string(out, "\n");
    }
}

/* All instance types that the claim may become, in the order of their names. */
static void print_types(const wb_one_shot_solution *solution, const wb_one_shot_claim *claim,
                        wb_arena *scratch, wb_text *out)
{
    assert(claim->made->type_count > 0);
    const wb_intern *intern = solution->input->intern;
    const uint32_t count = claim->made->type_count;
    const char **names = WB_ARENA_ARRAY(scratch, const char *, count);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = wb_intern_text(
            intern, wb_solver_world_type(solution->world, claim->made->type_indices[i])->name);
    }
    wb_sort_stable(names, count, sizeof(*names), compare_texts, NULL);
    wb_text_add_format(out, "    - key: %s\n      operator: In\n",
                       wb_intern_text(intern, WB_NAME_INSTANCE_TYPE));
    const wb_requirement *given =
        wb_requirements_get(claim->made->requirements, WB_NAME_INSTANCE_TYPE);
    if (given != NULL && given->min_values > 0) {
        wb_text_add_format(out, "      minValues: %d\n", given->min_values);
    }
    wb_text_add_string(out, "      values:\n");
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(out, "        - %s\n", names[i]);
    }
}

typedef struct keyed_requirement {
    const char *key;
    const wb_requirement *requirement;
} keyed_requirement;

static int compare_requirements(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const keyed_requirement *)a)->key, ((const keyed_requirement *)b)->key);
}

static void print_requirements(const wb_one_shot_solution *solution, const wb_one_shot_claim *claim,
                               wb_arena *scratch, wb_text *out)
{
    wb_intern *intern = solution->input->intern;
    const wb_requirements requirements = claim->made->requirements;
    keyed_requirement *sorted = WB_ARENA_ARRAY(scratch, keyed_requirement, requirements.count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < requirements.count; i++) {
        if (requirements.items[i].key != WB_NAME_INSTANCE_TYPE) {
            sorted[count++] = (keyed_requirement){wb_intern_text(intern, requirements.items[i].key),
                                                  &requirements.items[i]};
        }
    }
    wb_sort(sorted, count, sizeof(*sorted), compare_requirements, NULL);
    wb_text_add_string(out, "  requirements:\n");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t expression_count = 0;
        const wb_label_expression *made =
            wb_requirement_to_expressions(scratch, intern, sorted[i].requirement,
                                          &expression_count);
        for (uint32_t e = 0; e < expression_count; e++) {
            print_requirement(intern, &made[e], sorted[i].requirement->min_values, out);
        }
    }
    print_types(solution, claim, scratch, out);
}

static void print_requests(const wb_one_shot_solution *solution, wb_resource_list requests,
                           wb_arena *scratch, wb_text *out)
{
    const wb_intern *intern = solution->input->intern;
    text_pair *pairs = WB_ARENA_ARRAY(scratch, text_pair, requests.count);
    for (uint32_t i = 0; i < requests.count; i++) {
        const wb_resource *one = &requests.items[i];
        char amount[48];
        if (one->name == WB_NAME_CPU) {
            wb_quantity_print_milli(one->amount, amount);
        } else {
            wb_quantity_print_bytes(one->amount, amount);
        }
        pairs[i] =
            (text_pair){wb_intern_text(intern, one->name), wb_arena_copy_string(scratch, amount)};
    }
    wb_sort(pairs, requests.count, sizeof(*pairs), compare_pairs, NULL);
    wb_text_add_string(out, "  resources:\n    requests:\n");
    for (uint32_t i = 0; i < requests.count; i++) {
        add_entry(out, "      ", pairs[i].key, pairs[i].value);
    }
}

static void print_taints(const wb_intern *intern, const char *name, const wb_taint *taints,
                         uint32_t count, wb_text *out)
{
    assert(count == 0 || taints != NULL);
    static const char *const effects[] = {"", "NoSchedule", "PreferNoSchedule", "NoExecute"};
    if (count == 0) {
        return;
    }
    wb_text_add_format(out, "  %s:\n", name);
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(out, "    - effect: %s\n      key: %s\n", effects[taints[i].effect],
                           wb_intern_text(intern, taints[i].key));
        if (taints[i].value != 0) {
            add_entry(out, "      ", "value", wb_intern_text(intern, taints[i].value));
        }
    }
}

/* "720h0m0s" is "720h" in a manifest. */
static void trim_zeros(char *text)
{
    static const char *const tails[] = {"m0s", "h0m"};
    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        const size_t length = strlen(text);
        if (length > 3 && strcmp(text + length - 3, tails[i]) == 0) {
            text[length - 2] = '\0';
        }
    }
}

static void print_duration(const char *name, int64_t ms, wb_text *out)
{
    char text[48];
    if (ms == WB_DURATION_NEVER) {
        wb_text_add_format(out, "  %s: Never\n", name);
    } else if (ms >= 0) {
        wb_duration_print(ms, text);
        trim_zeros(text);
        wb_text_add_format(out, "  %s: %s\n", name, text);
    }
}

static void print_class(const wb_intern *intern, const wb_nodepool *pool, wb_text *out)
{
    wb_text_add_string(out, "  nodeClassRef:\n");
    add_entry(out, "    ", "group", wb_intern_text(intern, pool->node_class_group));
    add_entry(out, "    ", "kind", wb_intern_text(intern, pool->node_class_kind));
    add_entry(out, "    ", "name", wb_intern_text(intern, pool->node_class_name));
}

static void print_claim(const wb_one_shot_solution *solution, const wb_one_shot_claim *claim,
                        wb_arena *scratch, wb_text *out)
{
    const wb_intern *intern = solution->input->intern;
    const wb_nodepool *pool = wb_solver_world_pool(solution->world, claim->made->pool_index);
    wb_text_add_string(out, "apiVersion: karpenter.sh/v1\nkind: NodeClaim\nmetadata:\n");
    if (pool->annotations.count > 0 || claim->made->min_values_relaxed) {
        wb_text_add_string(out, "  annotations:\n");
        print_map(intern, pool->annotations, scratch, out);
    }
    if (claim->made->min_values_relaxed) {
        wb_text_add_string(out, "    karpenter.sh/nodeclaim-min-values-relaxed: \"true\"\n");
    }
    wb_text_add_string(out, "  labels:\n");
    print_map(intern, claim_labels(solution, claim, scratch), scratch, out);
    add_entry(out, "  ", "name", claim->name);
    wb_text_add_string(out, "spec:\n");
    print_duration("expireAfter", pool->expire_after_ms, out);
    print_class(intern, pool, out);
    print_requirements(solution, claim, scratch, out);
    print_requests(solution, claim->made->requests, scratch, out);
    print_taints(intern, "startupTaints", pool->startup_taints, pool->startup_taint_count, out);
    print_taints(intern, "taints", pool->taints, pool->taint_count, out);
    print_duration("terminationGracePeriod", pool->termination_grace_period_ms, out);
}

void wb_solve_output_yaml(const wb_one_shot_solution *solution, wb_arena *scratch, wb_text *out)
{
    assert(solution != NULL && scratch != NULL && out != NULL);
    for (uint32_t i = 0; i < solution->result.claim_count; i++) {
        wb_text_add_string(out, i > 0 ? "---\n" : "");
        print_claim(solution, &solution->claims[i], scratch, out);
    }
}
