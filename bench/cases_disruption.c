/*
 * Disruption cases: what Karpenter's disruption code decided in one pass, and what each of its
 * methods decided alone, put to ours.
 */
#include <assert.h>
#include <string.h>

#include "kube/names.h"
#include "bench/cases_disruption_internal.h"

const char *const wb_cases_disruption_methods[WB_DISRUPTION_METHOD_COUNT] = {
    [WB_DISRUPTION_EMPTINESS] = "emptiness", [WB_DISRUPTION_STATIC_DRIFT] = "staticDrift",
    [WB_DISRUPTION_DRIFT] = "drift",         [WB_DISRUPTION_MULTI_NODE] = "multi",
    [WB_DISRUPTION_SINGLE_NODE] = "single",
};

static bool recognises(const char *path, const wb_node *root)
{
    (void)path;
    return wb_node_find(root, "expected.perMethod") != NULL &&
           wb_node_find(root, "expected.budgets") != NULL;
}

/* A picture of the case as it is now, and the memory that a look at it needs. */
typedef struct look {
    wb_arena scratch;
    wb_disruption *picture;
} look;

static void take_look(wb_cases_case *one, const wb_disruption_case *of, look *out)
{
    wb_arena_init(&out->scratch, "disruption scratch", 0, NULL);
    out->picture = wb_disruption_new(one->arena, &out->scratch, &of->state);
}

/* Joins what was noted in a picture, and forgets the picture. */
static void end_look(const wb_disruption_case *of, look *ended, wb_disruption_case_result *result)
{
    for (uint32_t i = 0; i < of->state.node_count; i++) {
        result->blocked[i] |= wb_disruption_blocked(ended->picture, i);
    }
    for (uint32_t p = 0; p < of->state.pool_count; p++) {
        result->blocked_pool[p] |= wb_disruption_blocked_pool(ended->picture, p);
    }
    wb_arena_release(&ended->scratch);
}

static void note_validation(wb_cases_case *one, const wb_disruption_command *command,
                            wb_disruption_verdict verdict, wb_disruption_case_result *result)
{
    assert(result->validation_count < WB_CASES_DISRUPTION_VALIDATIONS);
    const char **names = WB_ARENA_ARRAY(one->arena, const char *, command->candidate_count);
    for (uint32_t i = 0; i < command->candidate_count; i++) {
        names[i] = wb_intern_text(one->intern, command->candidate_names[i]);
    }
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "[%s] %s %s",
                       wb_cases_disruption_join(one->arena, names, command->candidate_count),
                       verdict == WB_DISRUPTION_VALID ? "valid" : "invalid",
                       wb_disruption_verdict_name(verdict));
    result->validations[result->validation_count++] =
        wb_arena_copy_string(one->arena, wb_text_string(&text));
    wb_text_release(&text);
}

/* One method on a fresh picture; its command, if it has to wait, is looked at again. */
static void run_method(wb_cases_case *one, wb_disruption_case *of, wb_disruption_method method,
                       wb_disruption_case_result *result)
{
    look first;
    take_look(one, of, &first);
    result->allowances[method] =
        wb_disruption_allowances(first.picture, wb_disruption_reason(method));
    const wb_disruption_candidates found = wb_disruption_find(first.picture, method);
    for (uint32_t i = 0; i < found.count; i++) {
        result->is_eligible[method][found.items[i].node_index] = true;
    }
    wb_disruption_outcome *outcome = &result->by_method[method];
    *outcome = wb_disruption_compute(first.picture, method);
    end_look(of, &first, result);
    if (outcome->command_count == 0 || !wb_disruption_waits(method)) {
        return;
    }
    const bool changes = of->changes != NULL;
    wb_cases_disruption_wait(of);
    look second;
    take_look(one, of, &second);
    wb_disruption_command *held = WB_ARENA_NEW(one->arena, wb_disruption_command);
    const wb_disruption_verdict verdict =
        wb_disruption_validate(second.picture, &outcome->commands[0], held);
    if (changes || wb_node_get(one->root, "duringValidation") != NULL) {
        note_validation(one, &outcome->commands[0], verdict, result);
    }
    outcome->command_count = verdict == WB_DISRUPTION_VALID;
    outcome->commands = held;
    end_look(of, &second, result);
}

static int compare_candidates(const wb_disruption_case *of, const wb_disruption_candidate *a,
                              const wb_disruption_candidate *b)
{
    if (a->savings_ratio < b->savings_ratio || a->savings_ratio > b->savings_ratio) {
        return a->savings_ratio > b->savings_ratio ? -1 : 1;
    }
    const wb_intern *intern = of->context.intern;
    return strcmp(wb_intern_text(intern, wb_solver_node_name(of->nodes[a->node_index].solver_node)),
                  wb_intern_text(intern,
                                 wb_solver_node_name(of->nodes[b->node_index].solver_node)));
}

/* Candidates of the graceful class, and those that only drift takes, merged in their order. */
static wb_disruption_candidates all_candidates(wb_cases_case *one, const wb_disruption_case *of,
                                               wb_disruption *picture)
{
    const wb_disruption_candidates lists[] = {
        wb_disruption_find_all(picture), wb_disruption_find(picture, WB_DISRUPTION_DRIFT),
        wb_disruption_find(picture, WB_DISRUPTION_STATIC_DRIFT)};
    wb_disruption_candidate *items =
        WB_ARENA_ARRAY(one->arena, wb_disruption_candidate, of->state.node_count);
    bool *is_in = WB_ARENA_ARRAY(one->arena, bool, of->state.node_count);
    uint32_t count = 0;
    for (size_t l = 0; l < 3; l++) {
        for (uint32_t i = 0; i < lists[l].count; i++) {
            const wb_disruption_candidate *added = &lists[l].items[i];
            if (is_in[added->node_index]) {
                continue;
            }
            is_in[added->node_index] = true;
            uint32_t slot = count++;
            for (; slot > 0 && compare_candidates(of, added, &items[slot - 1]) < 0; slot--) {
                items[slot] = items[slot - 1];
            }
            items[slot] = *added;
        }
    }
    return (wb_disruption_candidates){items, count};
}

/* What is recorded of the cluster itself, before any method. */
static void look_at_start(wb_cases_case *one, const wb_disruption_case *of,
                          wb_disruption_case_result *result)
{
    look start;
    take_look(one, of, &start);
    result->candidates = all_candidates(one, of, start.picture);
    result->totals = wb_disruption_pool_totals(start.picture);
    wb_arena_release(&start.scratch); /* without what was noted: no method has asked */
}

static wb_status run(wb_cases_case *one, wb_error *err)
{
    wb_disruption_case of;
    WB_TRY(wb_cases_disruption_load(one, &of, err));
    const bool is_pass = of.changes != NULL;
    wb_disruption_case_result result = {
        .blocked = WB_ARENA_ARRAY(one->arena, uint32_t, of.state.node_count),
        .blocked_pool = WB_ARENA_ARRAY(one->arena, uint32_t, of.state.pool_count),
    };
    for (size_t m = 0; m < WB_DISRUPTION_METHOD_COUNT; m++) {
        result.is_eligible[m] = WB_ARENA_ARRAY(one->arena, bool, of.state.node_count);
    }
    look_at_start(one, &of, &result);
    for (int m = 0; m < WB_DISRUPTION_METHOD_COUNT; m++) {
        run_method(one, &of, (wb_disruption_method)m, &result);
        if (is_pass && result.by_method[m].command_count > 0) {
            break;
        }
    }
    wb_cases_disruption_compare(one, &of, &result);
    wb_cases_disruption_release(&of);
    return WB_OK;
}

const wb_cases_kind wb_cases_disruption = {.name = "disruption",
                                           .recognises = recognises,
                                           .run = run};
