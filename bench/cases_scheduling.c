/*
 * Scheduling cases: the solver's outcome against what Karpenter's scheduler made of the same input.
 * Both sides are turned into the same texts, field by field, and the texts are compared. Format:
 * golden/scheduling/README.md ("expected").
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/sort.h"
#include "kube/names.h"
#include "solver/validator.h"
#include "bench/case_input.h"
#include "bench/cases_internal.h"

typedef enum claim_field {
    FIELD_NODEPOOL,
    FIELD_PODS,
    FIELD_REQUIREMENTS,
    FIELD_REQUESTS,
    FIELD_TYPES,
    FIELD_CHEAPEST,
    FIELD_RELAXED,
    FIELD_COUNT
} claim_field;

static const char *const field_names[FIELD_COUNT] = {"nodePool",        "pods",
                                                     "requirements",    "requests",
                                                     "instanceTypes",   "cheapest",
                                                     "minValuesRelaxed"};

/* A claim, a node with pods or an error, as texts; key orders and pairs them. */
typedef struct entry {
    const char *key;
    const char *fields[FIELD_COUNT];
} entry;

typedef struct entries {
    entry *items;
    uint32_t count;
} entries;

static bool recognises(const char *path, const wb_node *root)
{
    (void)path;
    return wb_node_find(root, "expected.newNodeClaims") != NULL &&
           wb_node_get(root, "pods") != NULL;
}

static int compare_entries(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const entry *)a)->key, ((const entry *)b)->key);
}

static int compare_strings(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Takes what text holds and empties it. */
static const char *take(wb_arena *arena, wb_text *text)
{
    const char *copy = wb_arena_copy_string(arena, wb_text_string(text));
    wb_text_clear(text);
    return copy;
}

static const char *join_list(wb_arena *arena, const wb_node *list)
{
    wb_text text;
    wb_text_init(&text);
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        wb_text_add_format(&text, "%s%s", i > 0 ? " " : "", wb_node_string(list->children[i], "?"));
    }
    const char *joined = take(arena, &text);
    wb_text_release(&text);
    return joined;
}

/* ---- the recorded side ---- */

static const char *expected_requirements(wb_arena *arena, const wb_node *list)
{
    wb_text text;
    wb_text_init(&text);
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        const wb_node *one = list->children[i];
        wb_text_add_format(&text, "%s%s %s [%s]", i > 0 ? ", " : "",
                           wb_node_string(wb_node_get(one, "key"), "?"),
                           wb_node_string(wb_node_get(one, "operator"), "?"),
                           join_list(arena, wb_node_get(one, "values")));
        const int64_t least = wb_node_int64(wb_node_get(one, "minValues"), 0);
        if (least > 0) {
            wb_text_add_format(&text, " min %lld", (long long)least);
        }
    }
    const char *made = take(arena, &text);
    wb_text_release(&text);
    return made;
}

static const char *expected_requests(wb_arena *arena, const wb_node *map)
{
    wb_text text;
    wb_text_init(&text);
    const char **parts = WB_ARENA_ARRAY(arena, const char *, map != NULL ? map->count : 0);
    for (uint32_t i = 0; map != NULL && i < map->count; i++) {
        wb_text_add_format(&text, "%s=%s", map->keys[i], map->children[i]->text);
        parts[i] = take(arena, &text);
    }
    wb_sort(parts, map != NULL ? map->count : 0, sizeof(*parts), compare_strings, NULL);
    for (uint32_t i = 0; map != NULL && i < map->count; i++) {
        wb_text_add_format(&text, "%s%s", i > 0 ? " " : "", parts[i]);
    }
    const char *made = take(arena, &text);
    wb_text_release(&text);
    return made;
}

static const char *expected_types(wb_arena *arena, const wb_node *expected, const wb_node *types)
{
    if (types != NULL && types->kind == WB_NODE_STRING && types->text[0] == '@') {
        types = wb_node_get(wb_node_get(expected, "instanceTypeSets"), types->text + 1);
    }
    return join_list(arena, types);
}

static const char *cheapest_text(wb_arena *arena, const char *type, const char *zone,
                                 const char *market, double price)
{
    char *text = wb_arena_alloc(arena, 256);
    (void)snprintf(text, 256, "%s %s %s %.9g", type, zone, market, price);
    return text;
}

static entries expected_claims(wb_arena *arena, const wb_node *expected)
{
    const wb_node *list = wb_node_get(expected, "newNodeClaims");
    entries made = {.items = WB_ARENA_ARRAY(arena, entry, list->count), .count = list->count};
    for (uint32_t i = 0; i < list->count; i++) {
        const wb_node *claim = list->children[i];
        const wb_node *pods = wb_node_get(claim, "pods");
        const wb_node *cheapest = wb_node_get(claim, "cheapest");
        entry *one = &made.items[i];
        one->key = pods != NULL && pods->count > 0 ? wb_node_string(pods->children[0], "") : "";
        one->fields[FIELD_NODEPOOL] = wb_node_string(wb_node_get(claim, "nodePool"), "");
        one->fields[FIELD_PODS] = join_list(arena, pods);
        one->fields[FIELD_REQUIREMENTS] =
            expected_requirements(arena, wb_node_get(claim, "requirements"));
        one->fields[FIELD_REQUESTS] = expected_requests(arena, wb_node_get(claim, "requests"));
        one->fields[FIELD_TYPES] =
            expected_types(arena, expected, wb_node_get(claim, "instanceTypes"));
        one->fields[FIELD_CHEAPEST] =
            cheapest_text(arena, wb_node_string(wb_node_get(cheapest, "instanceType"), "none"),
                          wb_node_string(wb_node_get(cheapest, "zone"), ""),
                          wb_node_string(wb_node_get(cheapest, "capacityType"), ""),
                          wb_node_double(wb_node_get(cheapest, "price"), 0));
        one->fields[FIELD_RELAXED] =
            wb_node_bool(wb_node_get(claim, "minValuesRelaxed"), false) ? "true" : "false";
    }
    wb_sort_stable(made.items, made.count, sizeof(*made.items), compare_entries, NULL);
    return made;
}

static entries expected_nodes(wb_arena *arena, const wb_node *expected)
{
    const wb_node *list = wb_node_get(expected, "existingNodes");
    const uint32_t count = list != NULL ? list->count : 0;
    entries made = {.items = WB_ARENA_ARRAY(arena, entry, count), .count = count};
    for (uint32_t i = 0; i < count; i++) {
        made.items[i].key = wb_node_string(wb_node_get(list->children[i], "name"), "");
        made.items[i].fields[FIELD_PODS] = join_list(arena, wb_node_get(list->children[i], "pods"));
    }
    wb_sort_stable(made.items, made.count, sizeof(*made.items), compare_entries, NULL);
    return made;
}

static const char *sorted_words(wb_arena *arena, const char **words, uint32_t count)
{
    wb_text text;
    wb_text_init(&text);
    wb_sort_stable(words, count, sizeof(*words), compare_strings, NULL);
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(&text, "%s%s", i > 0 ? " " : "", words[i]);
    }
    const char *made = take(arena, &text);
    wb_text_release(&text);
    return made;
}

static entries expected_errors(wb_arena *arena, const wb_node *expected)
{
    const wb_node *map = wb_node_get(expected, "errors");
    const uint32_t count = map != NULL ? map->count : 0;
    entries made = {.items = WB_ARENA_ARRAY(arena, entry, count), .count = count};
    for (uint32_t i = 0; i < count; i++) {
        const wb_node *classes = map->children[i];
        const char **words = WB_ARENA_ARRAY(arena, const char *, classes->count);
        for (uint32_t c = 0; c < classes->count; c++) {
            words[c] = wb_node_string(classes->children[c], "");
        }
        made.items[i].key = map->keys[i];
        made.items[i].fields[FIELD_PODS] = sorted_words(arena, words, classes->count);
    }
    wb_sort_stable(made.items, made.count, sizeof(*made.items), compare_entries, NULL);
    return made;
}

/* ---- our side ---- */

static const char *pod_name(wb_arena *arena, const wb_intern *intern, const wb_pod *pod)
{
    assert(pod != NULL);
    const char *name = wb_intern_text(intern, pod->name);
    if (pod->namespace_name == WB_NAME_DEFAULT) {
        return name;
    }
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "%s/%s", wb_intern_text(intern, pod->namespace_name), name);
    const char *made = take(arena, &text);
    wb_text_release(&text);
    return made;
}

/* Names of pods of the problem, sorted and joined; *out_first is the smallest. */
static const char *pod_names(wb_arena *arena, const wb_intern *intern, const wb_case_input *input,
                             const uint32_t *pods, uint32_t count, const char **out_first)
{
    const char **names = WB_ARENA_ARRAY(arena, const char *, count);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = pod_name(arena, intern, &input->pods[input->pod_of_problem[pods[i]]]);
    }
    const char *joined = sorted_words(arena, names, count);
    *out_first = count > 0 ? names[0] : "";
    return joined;
}

static void add_expression(wb_text *text, const wb_intern *intern,
                           const wb_label_expression *expression)
{
    static const char *const operators[] = {"In", "NotIn", "Exists", "DoesNotExist",
                                            "Gt", "Lt",    "Gte",    "Lte"};
    wb_text_add_format(text, "%s [", operators[expression->op]);
    for (uint32_t v = 0; v < expression->value_count; v++) {
        wb_text_add_format(text, "%s%s", v > 0 ? " " : "",
                           wb_intern_text(intern, expression->values[v]));
    }
    wb_text_add_string(text, "]");
    if (expression->min_values > 0) {
        wb_text_add_format(text, " min %d", expression->min_values);
    }
}

typedef struct keyed_text {
    const char *key, *text;
} keyed_text;

static int compare_keyed(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const keyed_text *)a)->key, ((const keyed_text *)b)->key);
}

static const char *actual_requirements(wb_arena *arena, wb_intern *intern,
                                       wb_requirements requirements)
{
    wb_text text;
    wb_text_init(&text);
    keyed_text *parts = WB_ARENA_ARRAY(arena, keyed_text, requirements.count);
    for (uint32_t i = 0; i < requirements.count; i++) {
        uint32_t count = 0;
        const wb_label_expression *made =
            wb_requirement_to_expressions(arena, intern, &requirements.items[i], &count);
        parts[i].key = wb_intern_text(intern, requirements.items[i].key);
        for (uint32_t e = 0; e < count; e++) {
            wb_text_add_format(&text, "%s%s ", e > 0 ? ", " : "", parts[i].key);
            add_expression(&text, intern, &made[e]);
        }
        parts[i].text = take(arena, &text);
    }
    wb_sort_stable(parts, requirements.count, sizeof(*parts), compare_keyed, NULL);
    for (uint32_t i = 0; i < requirements.count; i++) {
        wb_text_add_format(&text, "%s%s", i > 0 ? ", " : "", parts[i].text);
    }
    const char *made = take(arena, &text);
    wb_text_release(&text);
    return made;
}

static const char *actual_requests(wb_arena *arena, const wb_intern *intern, wb_resource_list list)
{
    wb_text text;
    wb_text_init(&text);
    const char **parts = WB_ARENA_ARRAY(arena, const char *, list.count);
    for (uint32_t i = 0; i < list.count; i++) {
        const bool is_cpu = list.items[i].name == WB_NAME_CPU;
        wb_text_add_format(&text, "%s=%lld%s", wb_intern_text(intern, list.items[i].name),
                           (long long)list.items[i].amount, is_cpu ? "m" : "");
        parts[i] = take(arena, &text);
    }
    wb_text_release(&text);
    return sorted_words(arena, parts, list.count);
}

static entries actual_claims(wb_arena *arena, wb_intern *intern, const wb_case_input *input,
                             const wb_solver_result *result)
{
    assert(result != NULL);
    entries made = {.items = WB_ARENA_ARRAY(arena, entry, result->claim_count),
                    .count = result->claim_count};
    for (uint32_t i = 0; i < result->claim_count; i++) {
        const wb_solver_claim *claim = &result->claims[i];
        entry *one = &made.items[i];
        one->fields[FIELD_NODEPOOL] =
            wb_intern_text(intern, wb_solver_world_pool(input->world, claim->pool_index)->name);
        one->fields[FIELD_PODS] =
            pod_names(arena, intern, input, claim->pod_indices, claim->pod_count, &one->key);
        one->fields[FIELD_REQUIREMENTS] = actual_requirements(arena, intern, claim->requirements);
        one->fields[FIELD_REQUESTS] = actual_requests(arena, intern, claim->requests);
        wb_text text;
        wb_text_init(&text);
        for (uint32_t t = 0; t < claim->type_count; t++) {
            const uint32_t name = wb_solver_world_type(input->world, claim->type_indices[t])->name;
            wb_text_add_format(&text, "%s%s", t > 0 ? " " : "", wb_intern_text(intern, name));
        }
        one->fields[FIELD_TYPES] = take(arena, &text);
        wb_text_release(&text);
        one->fields[FIELD_CHEAPEST] = "none   0";
        if (claim->cheapest.type_index != UINT32_MAX) {
            const wb_offering offering =
                wb_solver_world_offering(input->world, claim->cheapest.type_index,
                                         claim->cheapest.offering_index);
            one->fields[FIELD_CHEAPEST] = cheapest_text(
                arena,
                wb_intern_text(
                    intern, wb_solver_world_type(input->world, claim->cheapest.type_index)->name),
                wb_intern_text(intern, offering.zone),
                wb_capacity_type_name(offering.capacity_type), claim->cheapest.price_usd_per_hour);
        }
        one->fields[FIELD_RELAXED] = claim->min_values_relaxed ? "true" : "false";
    }
    wb_sort_stable(made.items, made.count, sizeof(*made.items), compare_entries, NULL);
    return made;
}

static entries actual_nodes(wb_arena *arena, const wb_intern *intern, const wb_case_input *input,
                            const wb_solver_result *result)
{
    assert(input != NULL);
    const wb_solver_problem *problem = &input->problem;
    entries made = {.items = WB_ARENA_ARRAY(arena, entry, problem->node_count)};
    uint32_t *pods = WB_ARENA_ARRAY(arena, uint32_t, problem->pod_count);
    for (uint32_t n = 0; n < problem->node_count; n++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < problem->pod_count; i++) {
            if (result->placements[i].node_index == n) {
                pods[count++] = i;
            }
        }
        if (count > 0) {
            const char *first = NULL;
            entry *one = &made.items[made.count++];
            one->key = wb_intern_text(intern, wb_solver_node_name(problem->nodes[n]));
            one->fields[FIELD_PODS] = pod_names(arena, intern, input, pods, count, &first);
        }
    }
    wb_sort_stable(made.items, made.count, sizeof(*made.items), compare_entries, NULL);
    return made;
}

static const char *refused_words(wb_arena *arena, uint32_t refused)
{
    const char *words[32];
    uint32_t count = 0;
    for (uint32_t bit = 1; bit <= WB_REFUSED_TYPES_TRIPLE; bit <<= 1) {
        if ((refused & bit) != 0) {
            words[count++] = wb_provisioning_refused_name(bit);
        }
    }
    return sorted_words(arena, words, count);
}

static entries actual_errors(wb_arena *arena, const wb_intern *intern, const wb_case_input *input,
                             const wb_solver_result *result)
{
    static const char *const verdicts[] = {
        [WB_POD_NOT_CONSIDERED] = "not-considered",
        [WB_POD_IGNORED_OPT_OUT] = "ignored ignored:opt-out",
        [WB_POD_IGNORED_RESTRICTED_LABEL] = "ignored ignored:restricted-label",
        [WB_POD_IGNORED_MATCH_FIELDS] = "ignored ignored:match-fields",
        [WB_POD_IGNORED_UNKNOWN_VALUE] = "ignored ignored:unknown-value",
        [WB_POD_IGNORED_VOLUME] = "ignored ignored:volume",
    };
    entries made = {.items = WB_ARENA_ARRAY(arena, entry, input->pod_count)};
    uint32_t at = 0;
    for (uint32_t i = 0; i < input->pod_count; i++) {
        const bool is_in_problem = at < input->problem.pod_count && input->pod_of_problem[at] == i;
        const uint32_t refused = is_in_problem ? result->placements[at].refused : 0;
        at += is_in_problem;
        if (is_in_problem && refused == 0) {
            continue;
        }
        entry *one = &made.items[made.count++];
        one->key = pod_name(arena, intern, &input->pods[i]);
        one->fields[FIELD_PODS] =
            is_in_problem ? refused_words(arena, refused) : verdicts[input->verdicts[i]];
    }
    wb_sort_stable(made.items, made.count, sizeof(*made.items), compare_entries, NULL);
    return made;
}

/* ---- comparison ---- */

static const char *or_none(const char *text)
{
    return text != NULL ? text : "";
}

static void compare_lists(wb_cases_case *one, const char *what, entries expected, entries actual)
{
    uint32_t i = 0;
    uint32_t j = 0;
    while (i < expected.count || j < actual.count) {
        const int order = i == expected.count ? 1
                          : j == actual.count ? -1
                                              : strcmp(expected.items[i].key, actual.items[j].key);
        char where[300];
        if (order != 0) {
            const entry *alone = order < 0 ? &expected.items[i++] : &actual.items[j++];
            (void)snprintf(where, sizeof(where), "%s %.200s", what, alone->key);
            const char *pods = or_none(alone->fields[FIELD_PODS]);
            wb_cases_mismatch(one, where, order < 0 ? pods : "none", order < 0 ? "none" : pods);
            continue;
        }
        for (size_t f = 0; f < FIELD_COUNT; f++) {
            (void)snprintf(where, sizeof(where), "%s %.200s: %s", what, expected.items[i].key,
                           field_names[f]);
            (void)wb_cases_compare(one, where, or_none(expected.items[i].fields[f]),
                                   or_none(actual.items[j].fields[f]));
        }
        i++;
        j++;
    }
}

/* Zone of a requirement map that is settled to one, else "flexible". */
static const char *settled_zone(const wb_intern *intern, wb_requirements requirements)
{
    const wb_requirement *zone = wb_requirements_get(requirements, WB_NAME_ZONE);
    return zone != NULL && !zone->is_complement && zone->value_count == 1
               ? wb_intern_text(intern, zone->values[0])
               : "flexible";
}

typedef struct zone_count {
    const char *zone;
    uint32_t pods;
} zone_count;

static void count_zone(zone_count *zones, uint32_t *count, const char *zone, uint32_t pods)
{
    uint32_t slot = 0;
    while (slot < *count && strcmp(zones[slot].zone, zone) < 0) {
        slot++;
    }
    if (slot == *count || strcmp(zones[slot].zone, zone) != 0) {
        memmove(zones + slot + 1, zones + slot, (*count - slot) * sizeof(*zones));
        zones[slot] = (zone_count){zone, 0};
        (*count)++;
    }
    zones[slot].pods += pods;
}

static const char *actual_zones(wb_arena *arena, const wb_intern *intern,
                                const wb_case_input *input, const wb_solver_result *result,
                                const wb_node *root)
{
    assert(input != NULL && result != NULL);
    const wb_node *nodes = wb_node_get(root, "nodes");
    const size_t room = (size_t)result->claim_count + input->problem.node_count + 1;
    zone_count *zones = WB_ARENA_ARRAY(arena, zone_count, room);
    uint32_t count = 0;
    for (uint32_t i = 0; i < result->claim_count; i++) {
        count_zone(zones, &count, settled_zone(intern, result->claims[i].requirements),
                   result->claims[i].pod_count);
    }
    for (uint32_t i = 0; i < input->problem.pod_count; i++) {
        const uint32_t n = result->placements[i].node_index;
        if (n != WB_PLACED_ON_NONE) {
            count_zone(zones, &count, wb_node_string(wb_node_get(nodes->children[n], "zone"), ""),
                       1);
        }
    }
    wb_text text;
    wb_text_init(&text);
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(&text, "%s%s=%u", i > 0 ? " " : "", zones[i].zone, zones[i].pods);
    }
    const char *made = take(arena, &text);
    wb_text_release(&text);
    return made;
}

static void compare_summary(wb_cases_case *one, const wb_case_input *input,
                            const wb_solver_result *result)
{
    assert(one != NULL);
    const wb_node *summary = wb_node_find(one->root, "expected.summary");
    double price = 0;
    for (uint32_t i = 0; i < result->claim_count; i++) {
        price += result->claims[i].cheapest.type_index != UINT32_MAX
                     ? result->claims[i].cheapest.price_usd_per_hour
                     : 0;
    }
    const double expected_price = wb_node_double(wb_node_get(summary, "hourlyPrice"), 0);
    wb_cases_add_price(one, expected_price, price);
    char expected[256];
    char actual[256];
    (void)snprintf(expected, sizeof(expected), "%lld nodes, %.6f $/h, %lld placed, %lld refused",
                   (long long)wb_node_int64(wb_node_get(summary, "newNodes"), -1), expected_price,
                   (long long)wb_node_int64(wb_node_get(summary, "scheduled"), -1),
                   (long long)wb_node_int64(wb_node_get(summary, "unscheduled"), -1));
    (void)snprintf(actual, sizeof(actual), "%u nodes, %.6f $/h, %u placed, %u refused",
                   result->claim_count, price, result->placed_count,
                   input->pod_count - result->placed_count);
    (void)wb_cases_compare(one, "summary", expected, actual);
    const wb_node *zones = wb_node_get(summary, "podsPerZone");
    (void)wb_cases_compare(one, "summary: podsPerZone", expected_requests(one->arena, zones),
                           actual_zones(one->arena, one->intern, input, result, one->root));
}

/* Whether the decision keeps the constraints, whatever was recorded. */
static void validate(wb_cases_case *one, const wb_case_input *input, const wb_solver_result *result)
{
    wb_text violation;
    wb_text_init(&violation);
    (void)wb_validator_accepts_solve(input->world, &input->problem, result, &violation);
    (void)wb_cases_compare(one, "constraints", "", wb_text_string(&violation));
    wb_text_release(&violation);
}

static wb_status run(wb_cases_case *one, wb_error *err)
{
    wb_catalog catalog = {0};
    WB_TRY(wb_cases_catalog(one, &catalog, err));
    wb_case_input input;
    WB_TRY(wb_case_input_decode(one->arena, one->intern, one->root, &catalog, &input, err));
    wb_case_input_prepare_world(one->arena, one->intern, one->root, &input);
    wb_case_input_prepare_pods(one->arena, one->intern, &input);
    input.problem.options.plain = one->options->plain;
    input.problem.options.open_claim_sort =
        one->options->open_claims_are_stable ? WB_OPEN_CLAIM_SORT_STABLE : WB_OPEN_CLAIM_SORT_EXACT;
    const wb_solver_result result = wb_provisioning_solve(one->arena, input.world, &input.problem);
    const wb_node *expected = wb_node_get(one->root, "expected");
    compare_lists(one, "claim", expected_claims(one->arena, expected),
                  actual_claims(one->arena, one->intern, &input, &result));
    compare_lists(one, "node", expected_nodes(one->arena, expected),
                  actual_nodes(one->arena, one->intern, &input, &result));
    compare_lists(one, "error", expected_errors(one->arena, expected),
                  actual_errors(one->arena, one->intern, &input, &result));
    compare_summary(one, &input, &result);
    if (one->options->validates) {
        validate(one, &input, &result);
    }
    wb_case_input_release(&input);
    return WB_OK;
}

const wb_cases_kind wb_cases_scheduling = {.name = "scheduling",
                                           .recognises = recognises,
                                           .run = run};
