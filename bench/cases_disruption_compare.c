/*
 * Ours against the recording: both sides become the same texts, field by field.
 * Format: golden/disruption/README.md ("expected").
 */
#include <assert.h>
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "base/sort.h"
#include "kube/names.h"
#include "bench/cases_disruption_internal.h"

#define PLACEMENT_NODES_MAX 40 /* larger cases leave out entries that equal the command's */

static int compare_strings(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Takes what text holds and empties it. */
static const char *take(wb_arena *arena, wb_text *text)
{
    const char *copy = wb_arena_copy_string(arena, wb_text_string(text));
    wb_text_release(text);
    return copy;
}

static const char *join(wb_arena *arena, const char **words, uint32_t count, const char *separator)
{
    wb_text text;
    wb_text_init(&text);
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(&text, "%s%s", i > 0 ? separator : "", words[i]);
    }
    return take(arena, &text);
}

const char *wb_cases_disruption_join(wb_arena *arena, const char **words, uint32_t count)
{
    wb_sort_stable(words, count, sizeof(*words), compare_strings, NULL);
    return join(arena, words, count, " ");
}

static uint32_t list_count(const wb_node *list)
{
    return list != NULL && list->kind == WB_NODE_LIST ? list->count : 0;
}

static uint32_t map_count(const wb_node *map)
{
    return map != NULL && map->kind == WB_NODE_MAP ? map->count : 0;
}

/* Strings of a list; sorted: the order is not compared. */
static const char *list_text(wb_arena *arena, const wb_node *list, bool is_sorted)
{
    const char **words = WB_ARENA_ARRAY(arena, const char *, list_count(list));
    for (uint32_t i = 0; i < list_count(list); i++) {
        words[i] = wb_node_string(list->children[i], "?");
    }
    return is_sorted ? wb_cases_disruption_join(arena, words, list_count(list))
                     : join(arena, words, list_count(list), " ");
}

static const char *money(wb_arena *arena, double usd)
{
    char *text = wb_arena_alloc(arena, 400);
    (void)snprintf(text, 400, "%.9f", usd);
    return strcmp(text, "-0.000000000") == 0 ? text + 1 : text;
}

/* ---- requirements ---- */

static const char *expected_requirements(wb_arena *arena, const wb_node *list)
{
    const char **words = WB_ARENA_ARRAY(arena, const char *, list_count(list));
    for (uint32_t i = 0; i < list_count(list); i++) {
        const wb_node *one = list->children[i];
        wb_text text;
        wb_text_init(&text);
        wb_text_add_format(&text, "%s %s [%s]", wb_node_string(wb_node_get(one, "key"), "?"),
                           wb_node_string(wb_node_get(one, "operator"), "?"),
                           list_text(arena, wb_node_get(one, "values"), true));
        const int64_t least = wb_node_int64(wb_node_get(one, "minValues"), 0);
        if (least > 0) {
            wb_text_add_format(&text, " min %lld", (long long)least);
        }
        words[i] = take(arena, &text);
    }
    wb_sort_stable(words, list_count(list), sizeof(*words), compare_strings, NULL);
    return join(arena, words, list_count(list), ", ");
}

static const char *expression_text(wb_arena *arena, const wb_intern *intern,
                                   const wb_label_expression *expression)
{
    static const char *const operators[] = {"In", "NotIn", "Exists", "DoesNotExist",
                                            "Gt", "Lt",    "Gte",    "Lte"};
    const char **values = WB_ARENA_ARRAY(arena, const char *, expression->value_count);
    for (uint32_t v = 0; v < expression->value_count; v++) {
        values[v] = wb_intern_text(intern, expression->values[v]);
    }
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "%s %s [%s]", wb_intern_text(intern, expression->key),
                       operators[expression->op],
                       wb_cases_disruption_join(arena, values, expression->value_count));
    if (expression->min_values > 0) {
        wb_text_add_format(&text, " min %d", expression->min_values);
    }
    return take(arena, &text);
}

static const char *actual_requirements(wb_arena *arena, wb_intern *intern,
                                       wb_requirements requirements)
{
    const char **words = WB_ARENA_ARRAY(arena, const char *, (size_t)requirements.count * 2);
    uint32_t count = 0;
    for (uint32_t i = 0; i < requirements.count; i++) {
        uint32_t made_count = 0;
        const wb_label_expression *made =
            wb_requirement_to_expressions(arena, intern, &requirements.items[i], &made_count);
        for (uint32_t e = 0; e < made_count; e++) {
            words[count++] = expression_text(arena, intern, &made[e]);
        }
    }
    wb_sort_stable(words, count, sizeof(*words), compare_strings, NULL);
    return join(arena, words, count, ", ");
}

/* ---- replacements ---- */

static const char *replacement_text(wb_arena *arena, const char *pool, const char *types,
                                    const char *price, const char *requirements, const char *pods)
{
    const char *words[] = {pool, types, price, requirements, pods};
    return join(arena, words, 5, " | ");
}

static const char *expected_replacement(wb_arena *arena, const wb_node *one)
{
    return replacement_text(arena, wb_node_string(wb_node_get(one, "nodePool"), ""),
                            list_text(arena, wb_node_get(one, "instanceTypes"), false),
                            money(arena, wb_node_double(wb_node_get(one, "cheapestPrice"), -1)),
                            expected_requirements(arena, wb_node_get(one, "requirements")),
                            list_text(arena, wb_node_get(one, "pods"), true));
}

/* "name", or "namespace/name" outside of default. */
static const char *pod_name(wb_arena *arena, const wb_intern *intern,
                            const wb_disruption_move *move)
{
    const char *name = wb_intern_text(intern, move->name);
    if (move->namespace_name == WB_NAME_DEFAULT) {
        return name;
    }
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "%s/%s", wb_intern_text(intern, move->namespace_name), name);
    return take(arena, &text);
}

/* Pods of a command that go to one node, or into one replacement. */
static const char *moved_pods(wb_arena *arena, const wb_intern *intern,
                              const wb_disruption_command *command, uint32_t node,
                              uint32_t replacement_index)
{
    const char **words = WB_ARENA_ARRAY(arena, const char *, command->move_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < command->move_count; i++) {
        const wb_disruption_move *move = &command->moves[i];
        if (move->to_node == node && move->replacement_index == replacement_index) {
            words[count++] = pod_name(arena, intern, move);
        }
    }
    return wb_cases_disruption_join(arena, words, count);
}

static const char *actual_replacement(wb_cases_case *one, const wb_disruption_case *of,
                                      const wb_disruption_command *command, uint32_t index)
{
    assert(command != NULL);
    const wb_disruption_replacement *made = &command->replacements[index];
    wb_text types;
    wb_text_init(&types);
    for (uint32_t t = 0; t < made->type_count; t++) {
        const uint32_t name = wb_solver_world_type(of->input.world, made->type_indices[t])->name;
        wb_text_add_format(&types, "%s%s", t > 0 ? " " : "", wb_intern_text(one->intern, name));
    }
    const bool has_price = made->cheapest.type_index != UINT32_MAX;
    const double price = has_price              ? made->cheapest.price_usd_per_hour
                         : made->type_count > 0 ? 1e18
                                                : 0; /* as the recorder writes "none" */
    return replacement_text(one->arena, wb_intern_text(one->intern, made->nodepool->name),
                            take(one->arena, &types), money(one->arena, price),
                            actual_requirements(one->arena, one->intern, made->requirements),
                            moved_pods(one->arena, one->intern, command, 0, index));
}

/* ---- commands ---- */

static const char *expected_moves(wb_arena *arena, const wb_node *map)
{
    const char **words = WB_ARENA_ARRAY(arena, const char *, map_count(map));
    for (uint32_t i = 0; i < map_count(map); i++) {
        const char *parts[] = {map->keys[i], list_text(arena, map->children[i], true)};
        words[i] = join(arena, parts, 2, ": ");
    }
    wb_sort_stable(words, map_count(map), sizeof(*words), compare_strings, NULL);
    return join(arena, words, map_count(map), "; ");
}

static const char *actual_moves(wb_cases_case *one, const wb_disruption_case *of,
                                const wb_disruption_command *command)
{
    assert(one != NULL && of != NULL);
    const char **words = WB_ARENA_ARRAY(one->arena, const char *, of->state.node_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < of->state.node_count; i++) {
        const uint32_t node = wb_solver_node_name(of->nodes[i].solver_node);
        const char *parts[] = {wb_intern_text(one->intern, node),
                               moved_pods(one->arena, one->intern, command, node, UINT32_MAX)};
        if (parts[1][0] != '\0') {
            words[count++] = join(one->arena, parts, 2, ": ");
        }
    }
    wb_sort_stable(words, count, sizeof(*words), compare_strings, NULL);
    return join(one->arena, words, count, "; ");
}

/* A command as lines that are compared one by one. */
enum {
    LINE_HEAD,
    LINE_SAVING,
    LINE_REPLACEMENTS,
    LINE_MOVES,
    LINE_COUNT
};
static const char *const line_names[] = {"head", "savings", "replacements", "podsToExistingNodes"};

typedef struct lines {
    const char *text[LINE_COUNT];
} lines;

static lines expected_lines(wb_arena *arena, const wb_node *command)
{
    const wb_node *list = wb_node_get(command, "replacements");
    const char **replacements = WB_ARENA_ARRAY(arena, const char *, list_count(list));
    for (uint32_t i = 0; i < list_count(list); i++) {
        replacements[i] = expected_replacement(arena, list->children[i]);
    }
    wb_sort_stable(replacements, list_count(list), sizeof(*replacements), compare_strings, NULL);
    const char *head[] = {wb_node_string(wb_node_get(command, "method"), "?"),
                          wb_node_string(wb_node_get(command, "reason"), "?"),
                          wb_node_string(wb_node_get(command, "decision"), "?"),
                          list_text(arena, wb_node_get(command, "candidates"), true)};
    return (lines){{join(arena, head, 4, " "),
                    money(arena, wb_node_double(wb_node_get(command, "savings"), -1)),
                    join(arena, replacements, list_count(list), " || "),
                    expected_moves(arena, wb_node_get(command, "podsToExistingNodes"))}};
}

static lines actual_lines(wb_cases_case *one, const wb_disruption_case *of,
                          const wb_disruption_command *command)
{
    assert(one != NULL && command != NULL);
    wb_arena *arena = one->arena;
    const char **replacements = WB_ARENA_ARRAY(arena, const char *, command->replacement_count);
    for (uint32_t i = 0; i < command->replacement_count; i++) {
        replacements[i] = actual_replacement(one, of, command, i);
    }
    wb_sort_stable(replacements, command->replacement_count, sizeof(*replacements), compare_strings,
                   NULL);
    const char **names = WB_ARENA_ARRAY(arena, const char *, command->candidate_count);
    for (uint32_t i = 0; i < command->candidate_count; i++) {
        names[i] = wb_intern_text(one->intern, command->candidate_names[i]);
    }
    const char *head[] = {wb_cases_disruption_methods[command->method],
                          wb_disruption_reason_name(command->method),
                          command->replacement_count > 0 ? "replace" : "delete",
                          wb_cases_disruption_join(arena, names, command->candidate_count)};
    return (lines){{join(arena, head, 4, " "), money(arena, command->saving_usd_per_hour),
                    join(arena, replacements, command->replacement_count, " || "),
                    actual_moves(one, of, command)}};
}

static void compare_commands(wb_cases_case *one, const wb_disruption_case *of, const char *where,
                             const wb_node *expected, const wb_disruption_outcome *outcome)
{
    const uint32_t most = list_count(expected) > outcome->command_count ? list_count(expected)
                                                                        : outcome->command_count;
    for (uint32_t i = 0; i < most; i++) {
        const lines wanted = i < list_count(expected)
                                 ? expected_lines(one->arena, expected->children[i])
                                 : (lines){{"none", "", "", ""}};
        const lines ours = i < outcome->command_count ? actual_lines(one, of, &outcome->commands[i])
                                                      : (lines){{"none", "", "", ""}};
        for (int l = 0; l < LINE_COUNT; l++) {
            char place[128];
            (void)snprintf(place, sizeof(place), "%s[%u].%s", where, i, line_names[l]);
            if (!wb_cases_compare(one, place, wanted.text[l], ours.text[l]) && l == LINE_HEAD) {
                break;
            }
        }
    }
}

static void compare_methods(wb_cases_case *one, const wb_disruption_case *of,
                            const wb_disruption_case_result *result, const wb_node *expected)
{
    static const wb_disruption_outcome nothing = {0};
    const wb_disruption_outcome *first = &nothing;
    const wb_node *per_method = wb_node_get(expected, "perMethod");
    for (int m = WB_DISRUPTION_METHOD_COUNT - 1; m >= 0; m--) {
        first = result->by_method[m].command_count > 0 ? &result->by_method[m] : first;
    }
    compare_commands(one, of, "commands", wb_node_get(expected, "commands"), first);
    for (int m = 0; m < WB_DISRUPTION_METHOD_COUNT; m++) {
        const wb_node *recorded = wb_node_get(per_method, wb_cases_disruption_methods[m]);
        if (recorded == NULL && first == &result->by_method[m] &&
            of->state.node_count > PLACEMENT_NODES_MAX) {
            continue;
        }
        char where[64];
        (void)snprintf(where, sizeof(where), "perMethod.%s", wb_cases_disruption_methods[m]);
        compare_commands(one, of, where, recorded, &result->by_method[m]);
    }
}

/* ---- candidates, budgets, totals, blocked, validations ---- */

static const char *candidate_text(wb_arena *arena, const char *node, const double figures[4],
                                  const char *eligible)
{
    assert(node != NULL && eligible != NULL);
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "%s price %s reschedule %s disruption %s ratio %s for %s", node,
                       money(arena, figures[0]), money(arena, figures[1]), money(arena, figures[2]),
                       money(arena, figures[3]), eligible);
    return take(arena, &text);
}

static const char *actual_candidate(wb_cases_case *one, const wb_disruption_case *of,
                                    const wb_disruption_case_result *result, uint32_t index)
{
    assert(result != NULL);
    const wb_disruption_candidate *candidate = &result->candidates.items[index];
    const char *methods[WB_DISRUPTION_METHOD_COUNT];
    uint32_t count = 0;
    for (int m = 0; m < WB_DISRUPTION_METHOD_COUNT; m++) {
        if (result->is_eligible[m][candidate->node_index]) {
            methods[count++] = wb_cases_disruption_methods[m];
        }
    }
    const double figures[] = {candidate->price_usd_per_hour, candidate->reschedule_cost,
                              candidate->disruption_cost, candidate->savings_ratio};
    return candidate_text(
        one->arena,
        wb_intern_text(one->intern,
                       wb_solver_node_name(of->nodes[candidate->node_index].solver_node)),
        figures, wb_cases_disruption_join(one->arena, methods, count));
}

static const char *expected_candidate(wb_cases_case *one, const wb_node *candidate)
{
    const double figures[] = {wb_node_double(wb_node_get(candidate, "price"), -1),
                              wb_node_double(wb_node_get(candidate, "rescheduleDisruptionCost"),
                                             -1),
                              wb_node_double(wb_node_get(candidate, "disruptionCost"), -1),
                              wb_node_double(wb_node_get(candidate, "savingsRatio"), -1)};
    return candidate_text(one->arena, wb_node_string(wb_node_get(candidate, "node"), "?"), figures,
                          list_text(one->arena, wb_node_get(candidate, "eligibleFor"), true));
}

static void compare_candidates(wb_cases_case *one, const wb_disruption_case *of,
                               const wb_disruption_case_result *result, const wb_node *expected)
{
    const wb_node *list = wb_node_get(expected, "candidates");
    const uint32_t most =
        list_count(list) > result->candidates.count ? list_count(list) : result->candidates.count;
    for (uint32_t i = 0; i < most; i++) {
        char where[64];
        (void)snprintf(where, sizeof(where), "candidates[%u]", i);
        (void)wb_cases_compare(
            one, where, i < list_count(list) ? expected_candidate(one, list->children[i]) : "none",
            i < result->candidates.count ? actual_candidate(one, of, result, i) : "none");
    }
}

/* The recorder wrote them down before each method that it ran; of two methods with one reason the
 * later one stands. */
static void compare_budgets(wb_cases_case *one, const wb_disruption_case *of,
                            const wb_disruption_case_result *result, const wb_node *expected)
{
    for (int m = 0; m < WB_DISRUPTION_METHOD_COUNT; m++) {
        const int64_t *ours = NULL;
        for (int other = 0; other < WB_DISRUPTION_METHOD_COUNT; other++) {
            const bool is_same = wb_disruption_reason((wb_disruption_method)other) ==
                                 wb_disruption_reason((wb_disruption_method)m);
            ours = is_same && result->allowances[other] != NULL ? result->allowances[other] : ours;
        }
        const char *reason = wb_disruption_reason_name((wb_disruption_method)m);
        const wb_node *map = wb_node_get(wb_node_get(expected, "budgets"), reason);
        for (uint32_t p = 0; p < of->state.pool_count; p++) {
            const char *pool = wb_intern_text(one->intern, of->pools[p].nodepool->name);
            char where[300];
            char wanted[32];
            char got[32];
            (void)snprintf(where, sizeof(where), "budgets.%s.%.200s", reason, pool);
            (void)snprintf(wanted, sizeof(wanted), "%lld",
                           (long long)wb_node_int64(wb_node_get(map, pool), -1));
            (void)snprintf(got, sizeof(got), "%lld", ours != NULL ? (long long)ours[p] : -1LL);
            (void)wb_cases_compare(one, where, wanted, got);
        }
    }
}

static void compare_totals(wb_cases_case *one, const wb_disruption_case *of,
                           const wb_disruption_case_result *result, const wb_node *expected)
{
    const wb_node *map = wb_node_get(expected, "poolTotals");
    for (uint32_t p = 0; p < of->state.pool_count; p++) {
        const char *pool = wb_intern_text(one->intern, of->pools[p].nodepool->name);
        const wb_node *recorded = wb_node_get(map, pool);
        char where[300];
        char wanted[96];
        char ours[96];
        (void)snprintf(where, sizeof(where), "poolTotals.%.200s", pool);
        (void)snprintf(wanted, sizeof(wanted), "%.9f %.9f",
                       wb_node_double(wb_node_get(recorded, "cost"), 0),
                       wb_node_double(wb_node_get(recorded, "disruptionCost"), 0));
        (void)snprintf(ours, sizeof(ours), "%.9f %.9f", result->totals[p].cost_usd_per_hour,
                       result->totals[p].disruption_cost);
        (void)wb_cases_compare(one, where, wanted, ours);
    }
}

static const char *blocked_words(wb_arena *arena, uint32_t blocked)
{
    const char *words[32];
    uint32_t count = 0;
    for (uint32_t bit = 1; bit != 0; bit <<= 1) {
        if ((blocked & bit & ~WB_BLOCKED_SILENT) != 0) {
            words[count++] = wb_disruption_blocked_name(bit);
        }
    }
    return wb_cases_disruption_join(arena, words, count);
}

static const char *blocked_pool_words(wb_arena *arena, uint32_t reasons)
{
    static const struct {
        uint32_t reason;
        const char *name;
    } names[] = {{WB_DISRUPTION_EMPTY, "budget-Empty"},
                 {WB_DISRUPTION_DRIFTED, "budget-Drifted"},
                 {WB_DISRUPTION_UNDERUTILIZED, "budget-Underutilized"}};
    const char *words[3];
    uint32_t count = 0;
    for (size_t i = 0; i < 3; i++) {
        if ((reasons & names[i].reason) != 0) {
            words[count++] = names[i].name;
        }
    }
    return wb_cases_disruption_join(arena, words, count);
}

static void compare_blocked(wb_cases_case *one, const wb_disruption_case *of,
                            const wb_disruption_case_result *result, const wb_node *expected)
{
    const wb_node *map = wb_node_get(expected, "blocked");
    char where[300];
    for (uint32_t i = 0; i < of->state.node_count; i++) {
        const char *name =
            wb_intern_text(one->intern, wb_solver_node_name(of->nodes[i].solver_node));
        (void)snprintf(where, sizeof(where), "blocked.%.200s", name);
        (void)wb_cases_compare(one, where, list_text(one->arena, wb_node_get(map, name), true),
                               blocked_words(one->arena, result->blocked[i]));
    }
    for (uint32_t p = 0; p < of->state.pool_count; p++) {
        char key[300];
        (void)snprintf(key, sizeof(key), "nodepool/%.200s",
                       wb_intern_text(one->intern, of->pools[p].nodepool->name));
        (void)wb_cases_compare(one, key, list_text(one->arena, wb_node_get(map, key), true),
                               blocked_pool_words(one->arena, result->blocked_pool[p]));
    }
}

static void compare_validations(wb_cases_case *one, const wb_disruption_case_result *result,
                                const wb_node *expected)
{
    assert(one != NULL);
    const wb_node *list = wb_node_get(expected, "validations");
    const char **words = WB_ARENA_ARRAY(one->arena, const char *, list_count(list));
    for (uint32_t i = 0; i < list_count(list); i++) {
        const wb_node *recorded = list->children[i];
        wb_text text;
        wb_text_init(&text);
        wb_text_add_format(&text, "[%s] %s %s",
                           list_text(one->arena, wb_node_get(recorded, "candidates"), true),
                           wb_node_bool(wb_node_get(recorded, "valid"), false) ? "valid"
                                                                               : "invalid",
                           wb_node_string(wb_node_get(recorded, "error"), ""));
        words[i] = take(one->arena, &text);
    }
    const char **ours = WB_ARENA_ARRAY(one->arena, const char *, result->validation_count);
    for (uint32_t i = 0; i < result->validation_count; i++) {
        ours[i] = result->validations[i];
    }
    (void)wb_cases_compare(one, "validations", join(one->arena, words, list_count(list), "; "),
                           join(one->arena, ours, result->validation_count, "; "));
}

void wb_cases_disruption_compare(wb_cases_case *one, const wb_disruption_case *of,
                                 const wb_disruption_case_result *result)
{
    assert(one != NULL && of != NULL && result != NULL);
    const wb_node *expected = wb_node_get(one->root, "expected");
    compare_methods(one, of, result, expected);
    compare_candidates(one, of, result, expected);
    compare_budgets(one, of, result, expected);
    compare_totals(one, of, result, expected);
    compare_blocked(one, of, result, expected);
    compare_validations(one, result, expected);
}
