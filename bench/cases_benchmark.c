/*
 * The benchmark's own bytes: an input whose outcome lies beside it, in <name>.expected.json[.gz],
 * claim by claim: pods, zones, number of types, cheapest type and price.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/sort.h"
#include "kube/names.h"
#include "bench/case_input.h"
#include "bench/cases_internal.h"

/* The path of the outcome, or NULL when there is none. */
static const char *outcome_path(wb_arena *arena, const char *path)
{
    const char *ending = strstr(path, ".json");
    if (ending == NULL || strstr(path, ".expected.json") != NULL) {
        return NULL;
    }
    const size_t stem = (size_t)(ending - path);
    const size_t length = strlen(path);
    char *made = wb_arena_alloc(arena, length + 16);
    memcpy(made, path, stem);
    (void)snprintf(made + stem, length + 16 - stem, ".expected%s", ending);
    return wb_file_size_bytes(made) >= 0 ? made : NULL;
}

static bool recognises(const char *path, const wb_node *root)
{
    return wb_node_get(root, "expected") == NULL && wb_node_get(root, "pods") != NULL &&
           wb_node_get(root, "nodePools") != NULL && strstr(path, ".json") != NULL;
}

static int compare_lines(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *join_sorted(wb_arena *arena, const char **words, uint32_t count,
                               const char *separator)
{
    wb_text text;
    wb_text_init(&text);
    wb_sort_stable(words, count, sizeof(*words), compare_lines, NULL);
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(&text, "%s%s", i > 0 ? separator : "", words[i]);
    }
    const char *made = wb_arena_copy_string(arena, wb_text_string(&text));
    wb_text_release(&text);
    return made;
}

static const char *list_text(wb_arena *arena, const wb_node *list)
{
    const uint32_t count = list != NULL ? list->count : 0;
    const char **words = WB_ARENA_ARRAY(arena, const char *, count);
    for (uint32_t i = 0; i < count; i++) {
        words[i] = wb_node_string(list->children[i], "");
    }
    return join_sorted(arena, words, count, " ");
}

static const char *claim_line(wb_arena *arena, const char *pods, const char *zones,
                              long long type_count, const char *cheapest, double price)
{
    assert(type_count >= 0);
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "%s | %s | %lld types | %s %.9g", pods, zones, type_count, cheapest,
                       price);
    const char *made = wb_arena_copy_string(arena, wb_text_string(&text));
    wb_text_release(&text);
    return made;
}

static const char *zone_values(wb_arena *arena, const wb_intern *intern,
                               wb_requirements requirements)
{
    const wb_requirement *zone = wb_requirements_get(requirements, WB_NAME_ZONE);
    const uint32_t count = zone != NULL && !zone->is_complement ? zone->value_count : 0;
    const char **words = WB_ARENA_ARRAY(arena, const char *, count);
    for (uint32_t i = 0; i < count; i++) {
        words[i] = wb_intern_text(intern, zone->values[i]);
    }
    return join_sorted(arena, words, count, " ");
}

static const char **actual_lines(wb_cases_case *one, const wb_case_input *input,
                                 const wb_solver_result *result)
{
    const char **lines = WB_ARENA_ARRAY(one->arena, const char *, result->claim_count);
    for (uint32_t i = 0; i < result->claim_count; i++) {
        const wb_solver_claim *claim = &result->claims[i];
        const char **pods = WB_ARENA_ARRAY(one->arena, const char *, claim->pod_count);
        for (uint32_t p = 0; p < claim->pod_count; p++) {
            pods[p] = wb_intern_text(one->intern, input->problem.pods[claim->pod_indices[p]].name);
        }
        const wb_catalog_type *cheapest =
            wb_solver_world_type(input->world, claim->cheapest.type_index);
        lines[i] = claim_line(one->arena, join_sorted(one->arena, pods, claim->pod_count, " "),
                              zone_values(one->arena, one->intern, claim->requirements),
                              claim->type_count, wb_intern_text(one->intern, cheapest->name),
                              claim->cheapest.price_usd_per_hour);
    }
    wb_sort_stable(lines, result->claim_count, sizeof(*lines), compare_lines, NULL);
    return lines;
}

static void compare_outcome(wb_cases_case *one, const wb_node *outcome, const wb_case_input *input,
                            const wb_solver_result *result)
{
    const wb_node *claims = wb_node_get(outcome, "newNodeClaims");
    const uint32_t count = claims != NULL ? claims->count : 0;
    const char **expected = WB_ARENA_ARRAY(one->arena, const char *, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_node *claim = claims->children[i];
        expected[i] =
            claim_line(one->arena, list_text(one->arena, wb_node_get(claim, "pods")),
                       list_text(one->arena, wb_node_get(claim, "zones")),
                       (long long)wb_node_int64(wb_node_get(claim, "instanceTypeCount"), -1),
                       wb_node_string(wb_node_get(claim, "cheapestType"), ""),
                       wb_node_double(wb_node_get(claim, "price"), 0));
    }
    wb_sort_stable(expected, count, sizeof(*expected), compare_lines, NULL);
    const char **actual = actual_lines(one, input, result);
    const uint32_t most = count > result->claim_count ? count : result->claim_count;
    for (uint32_t i = 0; i < most && one->mismatch_count < 20; i++) {
        (void)wb_cases_compare(one, "claim", i < count ? expected[i] : "none",
                               i < result->claim_count ? actual[i] : "none");
    }
    const wb_node *summary = wb_node_get(outcome, "summary");
    char expected_counts[96];
    char actual_counts[96];
    (void)snprintf(expected_counts, sizeof(expected_counts), "%lld nodes, %lld placed",
                   (long long)wb_node_int64(wb_node_get(summary, "newNodes"), -1),
                   (long long)wb_node_int64(wb_node_get(summary, "scheduled"), -1));
    (void)snprintf(actual_counts, sizeof(actual_counts), "%u nodes, %u placed", result->claim_count,
                   result->placed_count);
    (void)wb_cases_compare(one, "summary", expected_counts, actual_counts);
}

static wb_status run(wb_cases_case *one, wb_error *err)
{
    assert(one != NULL);
    const char *path = outcome_path(one->arena, one->path);
    if (path == NULL) {
        return wb_fail(err, WB_ERR_INPUT, "%s: no expected outcome, in the case or beside it",
                       one->name);
    }
    wb_document_stream outcome = {0};
    WB_TRY(wb_document_read_file(one->arena, path, 0, &outcome, err));
    if (outcome.count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: is empty", path);
    }
    wb_catalog catalog = {0};
    WB_TRY(wb_cases_catalog(one, &catalog, err));
    wb_case_input input;
    WB_TRY(wb_case_input_decode(one->arena, one->intern, one->root, &catalog, &input, err));
    wb_case_input_prepare_world(one->arena, one->intern, one->root, &input);
    wb_case_input_prepare_pods(one->arena, one->intern, &input);
    input.problem.options.plain = one->options->plain;
    const wb_solver_result result = wb_provisioning_solve(one->arena, input.world, &input.problem);
    compare_outcome(one, outcome.roots[0], &input, &result);
    wb_case_input_release(&input);
    return WB_OK;
}

const wb_cases_kind wb_cases_benchmark = {.name = "benchmark",
                                          .recognises = recognises,
                                          .run = run};
