/*
 * What the autoscaler did against what is recorded. Exact cases match exactly; in the others the
 * recorded alternatives and ranges are the measure (README of the cases, "What is random").
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/sort.h"
#include "base/text.h"
#include "bench/cases_cluster_autoscaler_internal.h"

/* Ranges of node counts are samples: they are widened by this share on either side. */
#define RANGE_SLACK_PERCENT 3

static const wb_node *expected(const wb_ca_case *of, const char *field)
{
    return wb_node_get(wb_node_get(of->root, "expected"), field);
}

static bool varies(const wb_ca_case *of, const char *field)
{
    const wb_node *list = expected(of, "varies");
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        if (strcmp(wb_node_string(list->children[i], ""), field) == 0) {
            return true;
        }
    }
    return false;
}

static const char *print(wb_ca_case *of, const wb_node *node)
{
    wb_text text;
    wb_text_init(&text);
    if (node != NULL) {
        wb_node_print_json(node, &text);
    }
    const char *copy = wb_arena_copy_string(of->arena, wb_text_string(&text));
    wb_text_release(&text);
    return copy;
}

/* Keeps what was written into text and releases it. */
static const char *keep(wb_ca_case *of, wb_text *text)
{
    const char *copy = wb_arena_copy_string(of->arena, wb_text_string(text));
    wb_text_release(text);
    return copy;
}

/* Compares with the recorded value, or with any of the alternatives' values under field. */
static void compare_any(wb_ca_case *of, const char *field, const char *found)
{
    const wb_node *recorded = expected(of, field);
    if (recorded == NULL || strcmp(print(of, recorded), found) == 0) {
        return;
    }
    char name[64];
    (void)snprintf(name, sizeof(name), "%sAlternatives", field);
    const wb_node *alternatives = expected(of, name);
    for (uint32_t i = 0; alternatives != NULL && i < alternatives->count; i++) {
        const wb_node *inner = wb_node_get(alternatives->children[i], field);
        if (strcmp(print(of, inner != NULL ? inner : alternatives->children[i]), found) == 0) {
            return;
        }
    }
    wb_cases_mismatch(of->one, field, print(of, recorded), found);
}

/* ---- scale-up ---- */

/* Where the estimates vary, so do the sizes that follow from them: found, the new size of group, is
 * to lie in the span of the recorded ones of that group, widened. */
static bool is_in_span(const wb_ca_case *of, const char *group, int64_t found)
{
    const wb_node *alternatives = expected(of, "scaleUpAlternatives");
    int64_t least = INT64_MAX;
    int64_t most = INT64_MIN;
    for (uint32_t i = 0; alternatives != NULL && i < alternatives->count; i++) {
        const wb_node *list = wb_node_get(alternatives->children[i], "scaleUp");
        const wb_node *one = list != NULL && list->count == 1 ? list->children[0] : NULL;
        if (strcmp(wb_node_string(wb_node_get(one, "group"), ""), group) == 0) {
            const int64_t size = wb_node_int64(wb_node_get(one, "newSize"), 0);
            least = size < least ? size : least;
            most = size > most ? size : most;
        }
    }
    return least <= most && found >= least - (least * RANGE_SLACK_PERCENT + 99) / 100 &&
           found <= most + (most * RANGE_SLACK_PERCENT + 99) / 100;
}

/* A scale-up of one group whose size follows from an estimate that varies, and lies in its span. */
static bool size_may_vary(const wb_ca_case *of)
{
    const wb_scale_up_report *report = &of->loop.report.scale_up;
    if (!varies(of, "optionsConsidered") || !varies(of, "scaleUp") || report->increases == NULL) {
        return false;
    }
    bool is_seen = false;
    for (uint32_t group = 0; group < of->group_count; group++) {
        if (report->increases[group] > 0) {
            is_seen = is_in_span(of, of->groups[group].name, of->groups[group].target);
        }
    }
    return is_seen;
}

static int compare_group_names(const void *a, const void *b, void *context)
{
    const wb_ca_case *of = context;
    return strcmp(of->groups[*(const uint32_t *)a].name, of->groups[*(const uint32_t *)b].name);
}

/* Indices of all groups by name. */
static const uint32_t *groups_by_name(wb_ca_case *of)
{
    uint32_t *order = WB_ARENA_ARRAY(of->arena, uint32_t, (size_t)of->group_count + 1);
    for (uint32_t i = 0; i < of->group_count; i++) {
        order[i] = i;
    }
    wb_sort_stable(order, of->group_count, sizeof(*order), compare_group_names, of);
    return order;
}

static void compare_scale_up(wb_ca_case *of)
{
    const wb_scale_up_report *report = &of->loop.report.scale_up;
    const uint32_t *order = groups_by_name(of);
    wb_text text;
    wb_text_init(&text);
    wb_text_add_string(&text, "[");
    for (uint32_t i = 0; i < of->group_count; i++) {
        const uint32_t group = order[i];
        if (report->increases != NULL && report->increases[group] > 0) {
            wb_text_add_format(&text, "%s{\"group\":\"%s\",\"newSize\":%d}",
                               text.length > 1 ? "," : "", of->groups[group].name,
                               of->groups[group].target);
        }
    }
    wb_text_add_string(&text, "]");
    const char *found = keep(of, &text);
    if (!size_may_vary(of)) {
        compare_any(of, "scaleUp", found);
    }
}

static bool is_within(const wb_node *option, const char *field, const char *range_field,
                      uint32_t found, bool is_wide)
{
    const wb_node *range = wb_node_get(option, range_field);
    int64_t least = wb_node_int64(wb_node_get(option, field), -1);
    int64_t most = least;
    if (range != NULL && range->count == 2) {
        least = wb_node_int64(range->children[0], 0);
        most = wb_node_int64(range->children[1], 0);
    }
    if (is_wide) {
        least -= (least * RANGE_SLACK_PERCENT + 99) / 100;
        most += (most * RANGE_SLACK_PERCENT + 99) / 100;
    }
    return found >= least && found <= most;
}

static void compare_similar(wb_ca_case *of, const wb_node *option, uint32_t index)
{
    assert(of != NULL);
    const wb_scale_up_report *report = &of->loop.report.scale_up;
    const wb_node *list = wb_node_get(option, "similar");
    wb_text text;
    wb_text_init(&text);
    for (uint32_t i = 0; i < report->similar_counts[index]; i++) {
        wb_text_add_format(&text, "%s\"%s\"", i > 0 ? "," : "[",
                           of->groups[report->similar[index][i]].name);
    }
    wb_text_add_string(&text, report->similar_counts[index] > 0 ? "]" : "");
    (void)wb_cases_compare(of->one, "similar", print(of, list), keep(of, &text));
}

static void compare_price(wb_ca_case *of, const wb_node *option, const wb_expander_option *found)
{
    const wb_node *price = wb_node_get(option, "price");
    if (price == NULL) {
        return;
    }
    const struct {
        const char *name;
        double value;
    } figures[] = {
        {"all_nodes_price", found->all_nodes_price},
        {"pods_price", found->pods_price},
        {"stabilized_ratio", found->stabilized_ratio},
        {"unfitness", found->unfitness},
        {"suppressed", found->suppressed},
        {"final_score", found->figure},
    };
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
        char text[40];
        (void)snprintf(text, sizeof(text), "%f", figures[i].value);
        (void)wb_cases_compare(of->one, figures[i].name,
                               wb_node_string(wb_node_get(price, figures[i].name), ""), text);
    }
}

static const wb_node *find_option(const wb_node *list, const char *group)
{
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        if (strcmp(wb_node_string(wb_node_get(list->children[i], "group"), ""), group) == 0) {
            return list->children[i];
        }
    }
    return NULL;
}

static void compare_options(wb_ca_case *of)
{
    assert(of != NULL);
    const wb_scale_up_report *report = &of->loop.report.scale_up;
    const wb_node *list = expected(of, "optionsConsidered");
    if (list == NULL) {
        return;
    }
    const bool is_wide = varies(of, "optionsConsidered");
    for (uint32_t i = 0; i < report->option_count; i++) {
        const wb_expander_option *option = &report->options[i];
        const wb_node *recorded = find_option(list, option->group_name);
        char text[80];
        (void)snprintf(text, sizeof(text), "%u nodes for %u pods", option->node_count,
                       option->pod_count);
        if (recorded == NULL) {
            wb_cases_mismatch(of->one, option->group_name, "no option", text);
            continue;
        }
        if (!is_within(recorded, "nodes", "nodesRange", option->node_count, is_wide) ||
            !is_within(recorded, "pods", "podsRange", option->pod_count, is_wide)) {
            wb_cases_mismatch(of->one, option->group_name, print(of, recorded), text);
        }
        compare_similar(of, recorded, i);
        compare_price(of, recorded, option);
    }
    for (uint32_t i = 0; i < list->count; i++) {
        const char *group = wb_node_string(wb_node_get(list->children[i], "group"), "");
        bool is_found = wb_node_get(list->children[i], "seen") != NULL; /* not in every run */
        for (uint32_t j = 0; j < report->option_count; j++) {
            is_found = is_found || strcmp(report->options[j].group_name, group) == 0;
        }
        if (!is_found) {
            wb_cases_mismatch(of->one, group, print(of, list->children[i]), "no option");
        }
    }
}

static bool is_listed(const wb_node *list, const char *name)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const char *text = wb_node_string(list->children[i], "");
        const char *slash = strrchr(text, '/'); /* with or without the namespace */
        if (strcmp(slash != NULL ? slash + 1 : text, name) == 0) {
            return true;
        }
    }
    return false;
}

static void compare_unhelped(wb_ca_case *of)
{
    assert(of != NULL);
    const wb_node *list = expected(of, "noOptionFor");
    const wb_scale_up_report *report = &of->loop.report.scale_up;
    if (list == NULL) {
        return;
    }
    for (uint32_t i = 0; i < report->unhelped_count; i++) {
        const char *name = of->pods[report->unhelped_pods[i]].name;
        if (!is_listed(list, name)) {
            wb_cases_mismatch(of->one, "noOptionFor", "an option", name);
        }
    }
    char counts[2][24];
    (void)snprintf(counts[0], sizeof(counts[0]), "%u pods", list->count);
    (void)snprintf(counts[1], sizeof(counts[1]), "%u pods", report->unhelped_count);
    (void)wb_cases_compare(of->one, "noOptionFor", counts[0], counts[1]);
}

/* Groups as a map from name to reason, or a list of names or of maps. */
static bool is_skipped_group(const wb_node *groups, const char *name)
{
    for (uint32_t i = 0; i < groups->count; i++) {
        const wb_node *child = groups->children[i];
        const char *text = groups->kind == WB_NODE_MAP ? groups->keys[i]
                           : child->kind == WB_NODE_MAP
                               ? wb_node_string(wb_node_get(child, "group"), "")
                               : wb_node_string(child, "");
        if (strcmp(text, name) == 0) {
            return true;
        }
    }
    return false;
}

static void compare_skipped(wb_ca_case *of)
{
    const wb_node *groups = expected(of, "skippedGroups");
    const wb_scale_up_report *report = &of->loop.report.scale_up;
    for (uint32_t i = 0; groups != NULL && report->skips != NULL && i < of->group_count; i++) {
        const bool is_recorded = is_skipped_group(groups, of->groups[i].name);
        if (is_recorded != (report->skips[i] != WB_SCALE_UP_CONSIDERED)) {
            wb_cases_mismatch(of->one, of->groups[i].name, is_recorded ? "skipped" : "considered",
                              is_recorded ? "considered" : wb_scale_up_skip_text(report->skips[i]));
        }
    }
}

static void observe_scale_up(wb_ca_case *of)
{
    const wb_scale_up_report *report = &of->loop.report.scale_up;
    if (!of->has_result && expected(of, "result") != NULL && !of->loop.report.is_unhealthy &&
        report->result != WB_SCALE_UP_NOT_TRIED && report->result != WB_SCALE_UP_IN_COOLDOWN &&
        (report->result != WB_SCALE_UP_NOT_NEEDED || of->runs_once)) {
        of->has_result = true;
        (void)wb_cases_compare(of->one, "result", wb_node_string(expected(of, "result"), ""),
                               wb_scale_up_result_name(report->result));
    }
    if (of->has_scaled_up || (report->increases == NULL && !of->runs_once)) {
        return;
    }
    if (report->result != WB_SCALE_UP_SUCCESSFUL && !of->runs_once) {
        return;
    }
    of->has_scaled_up = true;
    compare_scale_up(of);
    compare_options(of);
    compare_unhelped(of);
    compare_skipped(of);
}

/* ---- scale-down ---- */

static int compare_node_names(const void *a, const void *b, void *context)
{
    const wb_ca_snapshot *snapshot = context;
    const char *left = wb_intern_text(snapshot->intern, snapshot->nodes[*(const uint32_t *)a].name);
    const char *right =
        wb_intern_text(snapshot->intern, snapshot->nodes[*(const uint32_t *)b].name);
    return strcmp(left, right);
}

/* Rows of the snapshot's nodes by name. */
static uint32_t *rows_by_name(wb_ca_case *of, uint32_t *out_count)
{
    wb_ca_snapshot *snapshot = &of->loop.snapshot;
    uint32_t *rows = WB_ARENA_ARRAY(of->arena, uint32_t, (size_t)snapshot->order_count + 1);
    memcpy(rows, snapshot->order, snapshot->order_count * sizeof(*rows));
    wb_sort_stable(rows, snapshot->order_count, sizeof(*rows), compare_node_names, snapshot);
    *out_count = snapshot->order_count;
    return rows;
}

static const char *name_of(const wb_ca_case *of, uint32_t row)
{
    return wb_intern_text(of->intern, of->loop.snapshot.nodes[row].name);
}

/* What the planner says now, as two JSON texts. */
static void describe_plan(wb_ca_case *of, const char **out_unneeded, const char **out_unremovable)
{
    uint32_t count = 0;
    const uint32_t *rows = rows_by_name(of, &count);
    wb_text unneeded;
    wb_text unremovable;
    wb_text_init(&unneeded);
    wb_text_init(&unremovable);
    wb_text_add_string(&unneeded, "[");
    wb_text_add_string(&unremovable, "{");
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i] >= of->loop.scale_down.mark_count) {
            continue;
        }
        const wb_scale_down_mark *mark = &of->loop.scale_down.marks[rows[i]];
        if (mark->is_unneeded) {
            wb_text_add_format(&unneeded, "%s\"%s\"", unneeded.length > 1 ? "," : "",
                               name_of(of, rows[i]));
        }
        if (mark->reason != WB_SCALE_DOWN_NO_REASON) {
            wb_text_add_format(&unremovable, "%s\"%s\":\"%s\"", unremovable.length > 1 ? "," : "",
                               name_of(of, rows[i]), wb_scale_down_reason_name(mark->reason));
        }
    }
    wb_text_add_string(&unneeded, "]");
    wb_text_add_string(&unremovable, "}");
    *out_unneeded = keep(of, &unneeded);
    *out_unremovable = keep(of, &unremovable);
}

/* Utilisation and the pods that block, of the first pass. */
static void compare_nodes(wb_ca_case *of)
{
    const wb_node *utilization = expected(of, "utilization");
    const wb_node *blocking = expected(of, "blockingPods");
    uint32_t count = 0;
    const uint32_t *rows = rows_by_name(of, &count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_scale_down_mark *mark = &of->loop.scale_down.marks[rows[i]];
        const char *name = name_of(of, rows[i]);
        char text[160];
        (void)snprintf(text, sizeof(text), "%.6f %s", mark->utilization,
                       mark->utilized != NULL ? mark->utilized : "");
        if (utilization != NULL) {
            (void)wb_cases_compare(of->one, name,
                                   wb_node_string(wb_node_get(utilization, name), ""),
                                   mark->has_utilization ? text : "");
        }
        (void)snprintf(text, sizeof(text), "%s: %s",
                       mark->blocking_pod != NULL ? mark->blocking_pod : "",
                       mark->blocking_reason != NULL ? mark->blocking_reason : "");
        if (blocking != NULL && !varies(of, "unneeded")) {
            (void)wb_cases_compare(of->one, name, wb_node_string(wb_node_get(blocking, name), ""),
                                   mark->blocking_pod != NULL ? text : "");
        }
    }
}

/* The recorded entry of candidates at this second, or NULL. */
static const wb_node *candidates_at(const wb_ca_case *of, int64_t at_s)
{
    const wb_node *list = expected(of, "candidates");
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        if (wb_node_int64(wb_node_get(list->children[i], "at"), -1) == at_s) {
            return list->children[i];
        }
    }
    return NULL;
}

static void compare_change(wb_ca_case *of, const char *unneeded, const char *unremovable)
{
    assert(of != NULL);
    const wb_node *recorded = candidates_at(of, of->now_ms / WB_MS_PER_SECOND);
    char where[40];
    (void)snprintf(where, sizeof(where), "candidates at %lld",
                   (long long)(of->now_ms / WB_MS_PER_SECOND));
    const bool is_same = of->last_unneeded != NULL && strcmp(of->last_unneeded, unneeded) == 0 &&
                         strcmp(of->last_unremovable, unremovable) == 0;
    of->last_unneeded = unneeded;
    of->last_unremovable = unremovable;
    if (recorded == NULL) {
        if (!is_same) {
            wb_cases_mismatch(of->one, where, "no change", unneeded);
            wb_cases_mismatch(of->one, where, "no change", unremovable);
        }
        return;
    }
    (void)wb_cases_compare(of->one, where, print(of, wb_node_get(recorded, "unneeded")), unneeded);
    (void)wb_cases_compare(of->one, where, print(of, wb_node_get(recorded, "unremovable")),
                           unremovable);
}

static void observe_scale_down(wb_ca_case *of)
{
    if (expected(of, "unneeded") == NULL && expected(of, "candidates") == NULL) {
        return;
    }
    const char *unneeded = NULL;
    const char *unremovable = NULL;
    describe_plan(of, &unneeded, &unremovable);
    if (of->loop.pass_count == 1) {
        compare_any(of, "unneeded", unneeded);
        if (!varies(of, "unneeded")) {
            compare_any(of, "unremovable", unremovable);
        }
        compare_nodes(of);
    }
    if (expected(of, "candidates") != NULL) {
        compare_change(of, unneeded, unremovable);
    }
}

void wb_cases_cluster_autoscaler_observe(wb_ca_case *of)
{
    assert(of != NULL);
    observe_scale_up(of);
    if (!of->runs_once) {
        observe_scale_down(of);
    }
}

/* ---- the end ---- */

static int compare_deletions(const void *a, const void *b, void *context)
{
    const wb_ca_case_deletion *left = a;
    const wb_ca_case_deletion *right = b;
    (void)context;
    return left->at_s != right->at_s ? (left->at_s < right->at_s ? -1 : 1)
                                     : strcmp(left->node, right->node);
}

static const char *print_deletions(wb_ca_case *of)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_string(&text, "[");
    for (uint32_t i = 0; i < of->deletion_count; i++) {
        wb_text_add_format(&text, "%s{\"node\":\"%s\",\"at\":%lld,\"drain\":%s}", i > 0 ? "," : "",
                           of->deletions[i].node, (long long)of->deletions[i].at_s,
                           of->deletions[i].is_drain ? "true" : "false");
    }
    wb_text_add_string(&text, "]");
    return keep(of, &text);
}

static bool node_was_seen(const wb_ca_case *of, const char *node)
{
    const wb_node *seen = expected(of, "scaleDownNodesSeen");
    for (uint32_t i = 0; seen != NULL && i < seen->count; i++) {
        if (strcmp(wb_node_string(seen->children[i], ""), node) == 0) {
            return true;
        }
    }
    return seen == NULL;
}

/* The same times and kinds, on nodes that went in some run. */
static bool times_agree(const wb_ca_case *of)
{
    assert(of != NULL);
    const wb_node *list = expected(of, "scaleDown");
    if (list->count != of->deletion_count) {
        return false;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        const wb_node *recorded = list->children[i];
        if (wb_node_int64(wb_node_get(recorded, "at"), -1) != of->deletions[i].at_s ||
            wb_node_bool(wb_node_get(recorded, "drain"), false) != of->deletions[i].is_drain ||
            !node_was_seen(of, of->deletions[i].node)) {
            return false;
        }
    }
    return true;
}

/* Where times vary too: as many as in some run, the k-th within the span of the k-th of all runs
 * (a sample: widened by a minute), on nodes that went in some run. */
static bool spans_agree(const wb_ca_case *of)
{
    const wb_node *alternatives = expected(of, "scaleDownAlternatives");
    bool count_is_seen = false;
    for (uint32_t k = 0; k < of->deletion_count; k++) {
        int64_t least = INT64_MAX;
        int64_t most = INT64_MIN;
        for (uint32_t i = 0; alternatives != NULL && i < alternatives->count; i++) {
            const wb_node *list = wb_node_get(alternatives->children[i], "scaleDown");
            count_is_seen = count_is_seen || (list != NULL && list->count == of->deletion_count);
            if (list != NULL && k < list->count) {
                const int64_t at_s = wb_node_int64(wb_node_get(list->children[k], "at"), -1);
                least = at_s < least ? at_s : least;
                most = at_s > most ? at_s : most;
            }
        }
        if (of->deletions[k].at_s < least - 60 || of->deletions[k].at_s > most + 60 ||
            !node_was_seen(of, of->deletions[k].node)) {
            return false;
        }
    }
    return count_is_seen;
}

static void compare_scale_down(wb_ca_case *of)
{
    const wb_node *recorded = expected(of, "scaleDown");
    if (recorded == NULL) {
        return;
    }
    if (of->deletion_count > 0) {
        wb_sort_stable(of->deletions, of->deletion_count, sizeof(*of->deletions), compare_deletions,
                       NULL);
    }
    const char *found = print_deletions(of);
    if (!varies(of, "scaleDown")) {
        (void)wb_cases_compare(of->one, "scaleDown", print(of, recorded), found);
    } else if (wb_node_bool(expected(of, "scaleDownTimesExact"), false) ? !times_agree(of)
                                                                        : !spans_agree(of)) {
        wb_cases_mismatch(of->one, "scaleDown", print(of, recorded), found);
    }
}

static int compare_events(const void *a, const void *b, void *context)
{
    const wb_ca_case_event *left = a;
    const wb_ca_case_event *right = b;
    (void)context;
    if (left->at_s != right->at_s) {
        return left->at_s < right->at_s ? -1 : 1;
    }
    const int by_what = strcmp(left->what, right->what);
    return by_what != 0 ? by_what : strcmp(left->subject, right->subject);
}

static const char *print_event(wb_ca_case *of, const wb_ca_case_event *line)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "at %lld %s of %s: %lld", (long long)line->at_s, line->what,
                       line->subject[0] != '\0' ? line->subject : "pods", (long long)line->count);
    if (line->has_target) {
        wb_text_add_format(&text, ", target then %lld", (long long)line->target_after);
    }
    return keep(of, &text);
}

/* Fields that the recording leaves out are not looked at. */
static bool event_agrees(const wb_node *recorded, const wb_ca_case_event *line)
{
    const wb_node *count = wb_node_get(recorded, "nodes");
    count = count != NULL ? count : wb_node_get(recorded, "count");
    const wb_node *target = wb_node_get(recorded, "targetAfter");
    return wb_node_int64(wb_node_get(recorded, "at"), -1) == line->at_s &&
           strcmp(wb_node_string(wb_node_get(recorded, "what"), ""), line->what) == 0 &&
           strcmp(wb_node_string(wb_node_get(recorded, "group"), ""), line->subject) == 0 &&
           (count == NULL || wb_node_int64(count, -1) == line->count) &&
           (target == NULL || !line->has_target || wb_node_int64(target, -1) == line->target_after);
}

/* How many of a timeline's lines are compared: where it varies, those before the first deletion,
 * since choices of nodes differ from there on. */
static uint32_t compared_count(const wb_ca_case *of, const wb_node *list)
{
    uint32_t count = 0;
    while (count < list->count &&
           (!varies(of, "timeline") ||
            strcmp(wb_node_string(wb_node_get(list->children[count], "what"), ""), "deleteNode") !=
                0)) {
        count++;
    }
    return count;
}

static void compare_timeline(wb_ca_case *of)
{
    const wb_node *list = expected(of, "timeline");
    if (list == NULL) {
        return;
    }
    if (of->timeline_count > 0) {
        wb_sort_stable(of->timeline, of->timeline_count, sizeof(*of->timeline), compare_events,
                       NULL);
    }
    const uint32_t count = compared_count(of, list);
    for (uint32_t i = 0; i < count; i++) {
        if (i >= of->timeline_count) {
            wb_cases_mismatch(of->one, "timeline", print(of, list->children[i]), "its end");
        } else if (!event_agrees(list->children[i], &of->timeline[i])) {
            wb_cases_mismatch(of->one, "timeline", print(of, list->children[i]),
                              print_event(of, &of->timeline[i]));
            return; /* what follows is shifted */
        }
    }
    if (count == list->count && of->timeline_count > count) {
        wb_cases_mismatch(of->one, "timeline", "its end", print_event(of, &of->timeline[count]));
    }
}

static void compare_sizes(wb_ca_case *of)
{
    const uint32_t *order = groups_by_name(of);
    wb_text text;
    wb_text_init(&text);
    for (uint32_t i = 0; i < of->group_count; i++) {
        wb_text_add_format(&text, "%s\"%s\":%d", i > 0 ? "," : "{", of->groups[order[i]].name,
                           of->groups[order[i]].target);
    }
    wb_text_add_string(&text, "}");
    const char *found = keep(of, &text);
    if (!of->runs_once || !size_may_vary(of)) {
        compare_any(of, "finalSizes", found);
    }
}

void wb_cases_cluster_autoscaler_compare_end(wb_ca_case *of)
{
    assert(of->one != NULL);
    compare_scale_down(of);
    compare_timeline(of);
    compare_sizes(of);
    const wb_node *pending = expected(of, "pendingAtEnd");
    if (pending != NULL) {
        int64_t count = 0;
        for (uint32_t i = 0; i < of->pod_count; i++) {
            count += !of->pods[i].is_gone && of->pods[i].node == WB_CA_CASE_NONE ? 1 : 0;
        }
        char text[32];
        (void)snprintf(text, sizeof(text), "%lld", (long long)count);
        (void)wb_cases_compare(of->one, "pendingAtEnd", print(of, pending), text);
    }
    if (!of->has_scaled_up && expected(of, "scaleUp") != NULL &&
        expected(of, "scaleUp")->count > 0) {
        wb_cases_mismatch(of->one, "scaleUp", print(of, expected(of, "scaleUp")), "none");
    }
}
