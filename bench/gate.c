#include "bench/gate.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORK_TOLERANCE 0.05
#define VERDICT_BYTES  256
#define SHOWN_MAX      3 /* decisions told from between two marks of a trail */

/* Changes of one run, being gathered. */
typedef struct change_list {
    wb_arena *arena;
    wb_gate_change *items;
    uint32_t count, failure_count;
} change_list;

static wb_gate_change *add_change(change_list *list, const char *name, const char *before,
                                  const char *after, const char *verdict)
{
    assert(list != NULL);
    list->items = wb_arena_grow(list->arena, list->items, list->count, (size_t)list->count + 1,
                                sizeof list->items[0]);
    wb_gate_change *change = &list->items[list->count++];
    *change = (wb_gate_change){
        .name = name,
        .before = before,
        .after = after,
        .verdict = wb_arena_copy_string(list->arena, verdict),
    };
    return change;
}

static void add_failure(change_list *list, const char *name, const char *before, const char *after,
                        const char *verdict)
{
    add_change(list, name, before, after, verdict)->is_failure = true;
    list->failure_count++;
}

static double number_of(const char *text)
{
    return strtod(text, NULL); /* written by us, or by hand: garbage reads as 0 and differs */
}

static bool is_work(const char *name)
{
    return strncmp(name, "work.", 5) == 0;
}

/* "1 %", or the amount of an absolute one. */
static void print_tolerance(double tolerance, bool is_relative, char *out, size_t size)
{
    (void)snprintf(out, size, is_relative ? "%g %%" : "%g",
                   is_relative ? tolerance * 100.0 : tolerance);
}

/* One value that has other digits than before. */
static void judge_value(change_list *list, const wb_suite_bound *bound, const char *name,
                        const char *before, const char *after)
{
    const double old_value = number_of(before);
    const double new_value = number_of(after);
    const double delta = new_value - old_value;
    const bool is_relative = bound == NULL || !bound->has_tolerance || bound->is_relative;
    double tolerance = is_work(name) ? WORK_TOLERANCE : 0.0;
    if (bound != NULL && bound->has_tolerance) {
        tolerance = bound->tolerance;
    }
    const double allowed = is_relative ? tolerance * fabs(old_value) : tolerance;
    const bool is_less_work = is_work(name) && delta < 0.0;
    const bool is_failure = !is_less_work && !(fabs(delta) <= allowed);
    char limit[48];
    char verdict[VERDICT_BYTES];
    print_tolerance(tolerance, is_relative, limit, sizeof limit);
    if (is_less_work) {
        (void)snprintf(verdict, sizeof verdict, "less work");
    } else if (is_failure && tolerance == 0.0) {
        (void)snprintf(verdict, sizeof verdict, "changed, and no change is tolerated");
    } else {
        (void)snprintf(verdict, sizeof verdict, "%s its tolerance of %s",
                       is_failure ? "beyond" : "within", limit);
    }
    wb_gate_change *change = add_change(list, name, before, after, verdict);
    change->share = old_value != 0.0 ? delta / fabs(old_value) : 0.0;
    change->is_failure = is_failure;
    list->failure_count += is_failure ? 1U : 0U;
}

/* The suite's own limits, which need no baseline. */
static void judge_bound(change_list *list, const wb_suite_bound *bound, const char *name,
                        const char *before, const char *after)
{
    const double value = number_of(after);
    char verdict[VERDICT_BYTES];
    if (bound->has_maximum && !(value <= bound->maximum)) {
        (void)snprintf(verdict, sizeof verdict, "more than its bound of %.15g", bound->maximum);
        add_failure(list, name, before, after, verdict);
    }
    if (bound->has_minimum && !(value >= bound->minimum)) {
        (void)snprintf(verdict, sizeof verdict, "less than its bound of %.15g", bound->minimum);
        add_failure(list, name, before, after, verdict);
    }
}

static void judge_values(change_list *list, const wb_suite *suite, uint32_t job,
                         const wb_baseline_run *before, const wb_baseline_run *after)
{
    for (uint32_t i = 0; i < after->value_count; i++) {
        const wb_baseline_value *value = &after->values[i];
        const wb_suite_bound *bound =
            job != UINT32_MAX ? wb_suite_find_bound(suite, job, value->name) : NULL;
        const char *old_text = before != NULL ? wb_baseline_value_of(before, value->name) : NULL;
        if (bound != NULL) {
            judge_bound(list, bound, value->name, old_text != NULL ? old_text : "", value->text);
        }
        if (before != NULL && old_text == NULL) {
            (void)add_change(list, value->name, "", value->text, "not in the baseline");
        } else if (old_text != NULL && strcmp(old_text, value->text) != 0) {
            judge_value(list, bound, value->name, old_text, value->text);
        }
    }
    for (uint32_t i = 0; before != NULL && i < before->value_count; i++) {
        if (wb_baseline_value_of(after, before->values[i].name) == NULL) {
            add_failure(list, before->values[i].name, before->values[i].text, "",
                        "only in the baseline");
        }
    }
}

static uint32_t find_job(const wb_suite *suite, const char *key)
{
    for (uint32_t i = 0; i < suite->job_count; i++) {
        if (strcmp(suite->jobs[i].key, key) == 0) {
            return i;
        }
    }
    return UINT32_MAX;
}

static wb_gate_run compare_run(const wb_suite *suite, const wb_baseline *before,
                               const wb_baseline_run *after, wb_arena *arena)
{
    assert(after != NULL);
    change_list list = {.arena = arena};
    wb_gate_run run = {.key = after->key, .after = after, .first_difference = ""};
    run.before = before != NULL ? wb_baseline_find(before, after->key) : NULL;
    if (before != NULL && run.before == NULL) {
        (void)add_change(&list, "run", "", after->key, "not in the baseline");
    }
    if (run.before != NULL && strcmp(run.before->inputs, after->inputs) != 0) {
        add_failure(&list, "inputs", run.before->inputs, after->inputs,
                    "another scenario, manifest or trace than the baseline's");
    }
    judge_values(&list, suite, find_job(suite, after->key), run.before, after);
    run.is_same = run.before != NULL && strcmp(run.before->digest, after->digest) == 0;
    if (run.before != NULL && !run.is_same && list.count == 0) {
        (void)add_change(&list, "digest", run.before->digest, after->digest,
                         "all figures are the same, recorded rows are not");
    }
    run.changes = list.items;
    run.change_count = list.count;
    run.failure_count = list.failure_count;
    return run;
}

/* What the baseline has and nobody ran; traces that are absent explain it. */
static wb_gate_run missing_run(const wb_suite *suite, const wb_baseline_run *before,
                               wb_arena *arena)
{
    assert(suite != NULL);
    change_list list = {.arena = arena};
    if (suite->absent_count > 0) {
        (void)add_change(&list, "run", before->key, "", "not run: traces are absent");
    } else {
        add_failure(&list, "run", before->key, "", "only in the baseline");
    }
    return (wb_gate_run){
        .key = before->key,
        .before = before,
        .changes = list.items,
        .change_count = list.count,
        .failure_count = list.failure_count,
        .first_difference = "",
    };
}

void wb_gate_compare(const wb_suite *suite, const wb_baseline *before, const wb_baseline *after,
                     wb_arena *arena, wb_gate *out)
{
    assert(suite != NULL && after != NULL && arena != NULL && out != NULL);
    const size_t room = after->run_count + (before != NULL ? (size_t)before->run_count : 0);
    wb_gate_run *runs = WB_ARENA_ARRAY(arena, wb_gate_run, room + 1);
    wb_gate gate = {.runs = runs};
    for (uint32_t i = 0; i < after->run_count; i++) {
        runs[gate.run_count++] = compare_run(suite, before, &after->runs[i], arena);
    }
    for (uint32_t i = 0; before != NULL && i < before->run_count; i++) {
        if (wb_baseline_find(after, before->runs[i].key) == NULL) {
            runs[gate.run_count++] = missing_run(suite, &before->runs[i], arena);
        }
    }
    for (uint32_t i = 0; i < gate.run_count; i++) {
        gate.changed_count += runs[i].change_count > 0 ? 1U : 0U;
        gate.failed_count += runs[i].failure_count > 0 ? 1U : 0U;
    }
    *out = gate;
}

/* ---- the first difference ---- */

static void add_decision(const wb_decision_row *row, bool is_first, wb_arena *arena, wb_text *out)
{
    char at[48];
    wb_run_diff_print_time(row->at_ms, at);
    wb_text_add_format(out, "%sat %s it %s", is_first ? ": " : ", ", at,
                       wb_run_diff_tell(row, arena));
}

/* Without the baseline's database: between which marks of its trail the run parts from it, and
 * what the run decided there. */
static wb_status explain_by_trail(wb_gate_run *run, wb_store *store, wb_arena *arena, wb_error *err)
{
    assert(run != NULL);
    wb_decision_parting parting;
    WB_TRY(wb_decision_trail_compare(store, run->after->run_id, &run->before->trail, arena,
                                     &parting, err));
    wb_text text;
    wb_text_init(&text);
    if (parting.parted_count == 0) {
        wb_text_add_format(&text, "all %u decisions are the same",
                           run->after->trail.decision_count);
    } else {
        wb_decision_rows rows;
        const wb_status status =
            wb_store_decisions(store, arena, run->after->run_id, parting.parted_count, &rows, err);
        if (status != WB_OK) {
            wb_text_release(&text);
            return status;
        }
        if (parting.parted_count == parting.same_count + 1) {
            wb_text_add_format(&text, "the first decision that differs is no. %u of %lld here",
                               parting.parted_count, (long long)rows.total_count);
        } else {
            wb_text_add_format(&text,
                               "the first decision that differs is one of no. %u to %u of %lld "
                               "here",
                               parting.same_count + 1, parting.parted_count,
                               (long long)rows.total_count);
        }
        for (uint32_t i = parting.same_count; i < rows.count && i < parting.same_count + SHOWN_MAX;
             i++) {
            add_decision(&rows.items[i], i == parting.same_count, arena, &text);
        }
        const bool is_cut = parting.parted_count > parting.same_count + SHOWN_MAX;
        wb_text_add_string(&text, is_cut ? ", ..." : "");
    }
    run->first_difference = wb_arena_copy_string(arena, wb_text_string(&text));
    wb_text_release(&text);
    return WB_OK;
}

wb_status wb_gate_explain_run(wb_gate_run *run, const wb_run_side *before, wb_store *after,
                              wb_arena *arena, wb_error *err)
{
    assert(run != NULL && run->after != NULL && before != NULL && after != NULL && arena != NULL);
    const wb_run_side now = {after, run->after->run_id, "this version"};
    wb_run_difference found;
    WB_TRY(wb_run_diff_find(before, &now, arena, &found, err));
    run->first_difference = found.sentence;
    return WB_OK;
}

/* From the baseline's database where it has the run; a database of other runs than the baseline's
 * would tell of other decisions. */
static wb_status explain_changed(wb_gate_run *run, const wb_gate_stores *stores, wb_arena *arena,
                                 wb_error *err)
{
    const wb_baseline_run *stored =
        stores->in_before != NULL ? wb_baseline_find(stores->in_before, run->key) : NULL;
    if (stored != NULL && strcmp(stored->digest, run->before->digest) == 0) {
        const wb_run_side before = {stores->before, stored->run_id, "the baseline"};
        return wb_gate_explain_run(run, &before, stores->after, arena, err);
    }
    return explain_by_trail(run, stores->after, arena, err);
}

wb_status wb_gate_explain(wb_gate *gate, const wb_gate_stores *stores, wb_arena *arena,
                          wb_error *err)
{
    assert(gate != NULL && stores != NULL && stores->after != NULL && arena != NULL);
    for (uint32_t i = 0; i < gate->run_count; i++) {
        wb_gate_run *run = &gate->runs[i];
        const bool is_in_both = run->before != NULL && run->after != NULL;
        if (!is_in_both || run->is_same || run->change_count == 0) {
            continue;
        }
        WB_TRY(explain_changed(run, stores, arena, err));
    }
    return WB_OK;
}
