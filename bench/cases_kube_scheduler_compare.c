/*
 * One attempt of ours against one recorded step, field by field: the feasible nodes, the first
 * plugin that refused each other one, every plugin's score and the total, the best nodes, and in a
 * preemption the candidates with their victims and the one chosen. Each difference is a line that
 * names node and plugin: that is where to look.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/sort.h"
#include "base/text.h"
#include "bench/cases_kube_scheduler_internal.h"

/* Where differences go, and what they are about. */
typedef struct wb_case_diff {
    const wb_scheduler_case *of;
    const wb_scheduler_case_step *step;
    const wb_cases_kube_scheduler_sink *sink;
    uint32_t count;
} wb_case_diff;

/* about: a node, or NULL for the step as a whole. */
static void differ(wb_case_diff *diff, const char *about, const char *what, const char *expected,
                   const char *found)
{
    char where[512];
    (void)snprintf(where, sizeof(where), "%s%s: %s%s%s", diff->of->pods[diff->step->pod_id].title,
                   diff->step->is_retry ? " (retry)" : "", about == NULL ? "" : about,
                   about == NULL ? "" : ": ", what);
    diff->sink->on_difference(diff->sink->context, where, expected, found);
    diff->count++;
}

static void compare_numbers(wb_case_diff *diff, const char *about, const char *what,
                            int64_t expected, int64_t found)
{
    if (expected != found) {
        char texts[2][32];
        (void)snprintf(texts[0], sizeof(texts[0]), "%lld", (long long)expected);
        (void)snprintf(texts[1], sizeof(texts[1]), "%lld", (long long)found);
        differ(diff, about, what, texts[0], texts[1]);
    }
}

static void compare_texts(wb_case_diff *diff, const char *about, const char *what,
                          const char *expected, const char *found)
{
    if (strcmp(found, expected) != 0) {
        differ(diff, about, what, expected, found);
    }
}

static const char *node_name(const wb_case_diff *diff, uint32_t node_id)
{
    return wb_intern_text(&diff->of->intern, diff->of->nodes[node_id].name);
}

static int compare_names(const void *a, const void *b, void *context)
{
    (void)context;
    const char *const *x = a;
    const char *const *y = b;
    return strcmp(*x, *y);
}

/* Sorts names and holds them to a list of strings. */
static void compare_list(wb_case_diff *diff, const char *what, const char **names, uint32_t count,
                         const wb_node *expected)
{
    assert(names != NULL || count == 0);
    wb_sort_stable(names, count, sizeof(*names), compare_names, NULL);
    const uint32_t wanted = expected == NULL ? 0 : expected->count;
    bool is_equal = wanted == count;
    for (uint32_t i = 0; is_equal && i < count; i++) {
        is_equal = strcmp(names[i], wb_node_string(expected->children[i], "")) == 0;
    }
    if (is_equal) {
        return;
    }
    wb_text found;
    wb_text_init(&found);
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(&found, "%s%s", i == 0 ? "" : ",", names[i]);
    }
    wb_text list;
    wb_text_init(&list);
    if (expected != NULL) {
        wb_node_print_json(expected, &list);
    }
    differ(diff, NULL, what, wb_text_string(&list), wb_text_string(&found));
    wb_text_release(&found);
    wb_text_release(&list);
}

/* ---- filters ---- */

static void compare_rejection(wb_case_diff *diff, const wb_scheduler_report_node *node,
                              const wb_node *expected)
{
    assert(node != NULL);
    const char *name = node_name(diff, node->node_id);
    const wb_node *row = wb_node_get(expected, name);
    if (row == NULL) {
        differ(diff, name, "plugin", "feasible", wb_scheduler_core_plugin_name(node->plugin));
        return;
    }
    compare_texts(diff, name, "plugin", wb_node_string(wb_node_get(row, "plugin"), ""),
                  wb_scheduler_core_plugin_name(node->plugin));
    compare_texts(diff, name, "reason", wb_node_string(wb_node_get(row, "reason"), ""),
                  node->reason);
    compare_numbers(diff, name, "unresolvable",
                    wb_node_bool(wb_node_get(row, "unresolvable"), false), node->is_unresolvable);
}

static void compare_filters(wb_case_diff *diff, const wb_node *expected)
{
    assert(diff != NULL);
    const wb_scheduler_report *report = diff->step->report;
    wb_arena scratch;
    wb_arena_init(&scratch, "comparison", 0, NULL);
    const char **names = WB_ARENA_ARRAY(&scratch, const char *, (size_t)report->node_count + 1);
    uint32_t count = 0;
    const wb_node *infeasible = wb_node_get(expected, "infeasible");
    for (uint32_t i = 0; i < report->node_count; i++) {
        if (report->nodes[i].plugin == WB_PLUGIN_PASSED) {
            names[count++] = node_name(diff, report->nodes[i].node_id);
        } else {
            compare_rejection(diff, &report->nodes[i], infeasible);
        }
    }
    compare_numbers(diff, NULL, "infeasible nodes", infeasible == NULL ? 0 : infeasible->count,
                    report->node_count - count);
    compare_list(diff, "feasible", names, count, wb_node_get(expected, "feasible"));
    wb_arena_release(&scratch);
}

/* ---- scores ---- */

static void compare_score(wb_case_diff *diff, const wb_scheduler_report_node *node,
                          const wb_node *expected)
{
    assert(node != NULL);
    const char *name = node_name(diff, node->node_id);
    const wb_node *plugins = wb_node_get(expected, "plugins");
    compare_numbers(diff, name, "total", wb_node_int64(wb_node_get(expected, "total"), -1),
                    node->total);
    for (uint32_t plugin = 0; plugin < WB_PLUGIN_COUNT; plugin++) {
        const char *plugin_name = wb_scheduler_core_plugin_name((wb_scheduler_plugin)plugin);
        const wb_node *score = wb_node_get(plugins, plugin_name);
        const bool has_run = (diff->step->report->score_plugins >> plugin & 1U) != 0;
        if (has_run != (score != NULL)) {
            differ(diff, name, plugin_name, has_run ? "skipped" : "a score",
                   has_run ? "a score" : "skipped");
        } else if (has_run) {
            compare_numbers(diff, name, plugin_name, wb_node_int64(score, INT64_MIN),
                            node->scores[plugin]);
        }
    }
}

static void compare_scores(wb_case_diff *diff, const wb_node *expected)
{
    assert(diff != NULL);
    const wb_scheduler_report *report = diff->step->report;
    const wb_node *scores = wb_node_get(expected, "scores");
    const bool is_scored = report->score_plugins != 0;
    compare_numbers(diff, NULL, "scored nodes", scores == NULL ? 0 : scores->count,
                    is_scored ? report->feasible_count : 0);
    wb_arena scratch;
    wb_arena_init(&scratch, "comparison", 0, NULL);
    const char **best = WB_ARENA_ARRAY(&scratch, const char *, (size_t)report->node_count + 1);
    uint32_t best_count = 0;
    int64_t most = INT64_MIN;
    for (uint32_t i = 0; i < report->node_count; i++) {
        const wb_scheduler_report_node *node = &report->nodes[i];
        if (node->plugin != WB_PLUGIN_PASSED) {
            continue;
        }
        if (is_scored) {
            compare_score(diff, node, wb_node_get(scores, node_name(diff, node->node_id)));
        }
        best_count = node->total > most ? 0 : best_count;
        most = node->total > most ? node->total : most;
        if (node->total == most) {
            best[best_count++] = node_name(diff, node->node_id);
        }
    }
    compare_list(diff, "best", best, best_count, wb_node_get(expected, "best"));
    wb_arena_release(&scratch);
}

/* ---- preemption ---- */

static void compare_victims(wb_case_diff *diff, const char *what, const uint32_t *victims,
                            uint32_t count, const wb_node *expected)
{
    wb_arena scratch;
    wb_arena_init(&scratch, "comparison", 0, NULL);
    const char **names = WB_ARENA_ARRAY(&scratch, const char *, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = diff->of->pods[victims[i]].title;
    }
    compare_list(diff, what, names, count, expected);
    wb_arena_release(&scratch);
}

static void compare_candidates(wb_case_diff *diff, const wb_node *expected)
{
    assert(diff != NULL);
    const wb_scheduler_report *report = diff->step->report;
    const wb_node *candidates = wb_node_get(expected, "candidates");
    compare_numbers(diff, NULL, "candidates", candidates == NULL ? 0 : candidates->count,
                    report->candidate_count);
    wb_arena scratch;
    wb_arena_init(&scratch, "comparison", 0, NULL);
    const char **good = WB_ARENA_ARRAY(&scratch, const char *, (size_t)report->candidate_count + 1);
    uint32_t good_count = 0;
    for (uint32_t i = 0; i < report->candidate_count; i++) {
        const wb_scheduler_report_candidate *candidate = &report->candidates[i];
        const char *name = node_name(diff, candidate->node_id);
        const wb_node *row = wb_node_get(candidates, name);
        compare_victims(diff, name, candidate->victims, candidate->victim_count,
                        wb_node_get(row, "victims"));
        compare_numbers(diff, name, "pdbViolations",
                        wb_node_int64(wb_node_get(row, "pdbViolations"), -1),
                        candidate->pdb_violations);
        if (candidate->is_equally_good) {
            good[good_count++] = name;
        }
    }
    compare_list(diff, "equallyGood", good, good_count, wb_node_get(expected, "equallyGood"));
    wb_arena_release(&scratch);
}

static void compare_preemption(wb_case_diff *diff, const wb_node *expected)
{
    assert(diff != NULL);
    const uint32_t node_id = diff->step->decision->nominated_node_id;
    const bool is_expected = !wb_node_is_null(expected);
    if (is_expected != (node_id != WB_SCHEDULER_NONE)) {
        differ(diff, NULL, "preemption", is_expected ? "one" : "none",
               is_expected ? "none" : node_name(diff, node_id));
        return;
    }
    if (!is_expected) {
        return;
    }
    compare_texts(diff, NULL, "preemption.node", wb_node_string(wb_node_get(expected, "node"), ""),
                  node_name(diff, node_id));
    compare_victims(diff, "victims", diff->step->victims, diff->step->victim_count,
                    wb_node_get(expected, "victims"));
    compare_candidates(diff, expected);
}

/* ---- the step ---- */

uint32_t wb_cases_kube_scheduler_compare(const wb_scheduler_case *of,
                                         const wb_scheduler_case_step *step,
                                         const wb_node *expected,
                                         const wb_cases_kube_scheduler_sink *sink)
{
    assert(step->report != NULL && step->decision != NULL);
    wb_case_diff diff = {.of = of, .step = step, .sink = sink};
    compare_texts(&diff, NULL, "pod", wb_node_string(wb_node_get(expected, "pod"), ""),
                  of->pods[step->pod_id].title);
    compare_numbers(&diff, NULL, "retry", wb_node_bool(wb_node_get(expected, "retry"), false),
                    step->is_retry);
    compare_filters(&diff, expected);
    compare_scores(&diff, expected);
    const uint32_t node_id = step->decision->node_id;
    compare_texts(&diff, NULL, "boundTo", wb_node_string(wb_node_get(expected, "boundTo"), ""),
                  node_id == WB_SCHEDULER_NONE ? "" : node_name(&diff, node_id));
    compare_preemption(&diff, wb_node_get(expected, "preemption"));
    return diff.count;
}
