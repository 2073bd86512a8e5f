/*
 * Measuring a trace, in two passes: the first counts each shape's pods, the second measures groups.
 *
 *   pod -> shape -> frequent? -> group of the shape        events by hour of the week,
 *                      no     -> group of its class        (shape, pods at once) by frequency,
 *                                                          lives that ended, lives cut by the end
 *
 * Lives are told by histograms of eight buckets a doubling. A pod that is there at 0 and at the end
 * is neither an arrival nor a life: it stands, and is counted only.
 */
#include "traces/trace_fit.h"

#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/duration.h"
#include "base/heap_memory.h"
#include "traces/fit_internal.h"

#define FREQUENT_EVENTS     50 /* from here on a shape's arrivals are a process of their own */
#define FREQUENT_SHAPES_MAX 100
#define QUARTERS            4
#define TREND_MINIMUM_MS    (14 * WB_MS_PER_DAY) /* below, each hour of the week comes once */

/* A pod without a stated end that is alive. */
typedef struct open_pod {
    int64_t at_ms;
    uint32_t group; /* UINT32_MAX: of the first pass, none */
    uint32_t shape_number;
    bool is_alive;
} open_pod;

typedef struct fit_pass {
    wb_fit *fit;
    bool is_second;
    wb_hash_map open; /* namespace and name to row */
    open_pod *rows;   /* owned */
    size_t row_count, row_capacity;
} fit_pass;

/* ---- shapes ---- */

static wb_fit_shape *shape_of(wb_fit *fit, uint32_t shape_number)
{
    while (fit->shape_count <= shape_number) {
        if (fit->shape_count == fit->shape_capacity) {
            fit->shape_capacity =
                wb_heap_memory_next_capacity(fit->shape_capacity, fit->shape_count + 1);
            fit->shapes =
                wb_heap_memory_resize(fit->shapes, fit->shape_capacity, sizeof fit->shapes[0]);
        }
        fit->shapes[fit->shape_count++] = (wb_fit_shape){.last_ms = -1};
    }
    return &fit->shapes[shape_number];
}

/* The frequent shapes: those with enough events; when these are too many, those with the most. The
 * bar is raised by doubling, so that equals are treated alike. */
static void choose_frequent(wb_fit *fit)
{
    uint64_t bar = FREQUENT_EVENTS;
    for (size_t count = SIZE_MAX; count > FREQUENT_SHAPES_MAX; bar *= 2) {
        count = 0;
        for (size_t i = 0; i < fit->shape_count; i++) {
            fit->shapes[i].is_frequent = fit->shapes[i].event_count >= bar;
            count += fit->shapes[i].is_frequent ? 1 : 0;
        }
    }
}

/* ---- groups ---- */

static uint32_t hour_of_week(const wb_fit *fit, int64_t at_ms)
{
    assert(at_ms >= 0);
    return (uint32_t)((at_ms + fit->week_offset_ms) / WB_MS_PER_HOUR % WB_GENERATE_WEEK_HOURS);
}

/* Events closer than a twentieth of the mean gap are one cluster: of a Poisson process that is one
 * in twenty. Above ten seconds nobody would say "at once". */
static int64_t cluster_gap_of(const wb_fit *fit, const wb_fit_group *group)
{
    uint64_t events = 1;
    if (group->shape_number != UINT32_MAX) {
        events = fit->shapes[group->shape_number].event_count;
    } else {
        for (size_t i = 0; i < fit->shape_count; i++) {
            events += fit->shapes[i].is_frequent ? 0 : fit->shapes[i].event_count;
        }
    }
    const int64_t gap_ms = fit->end_ms / (int64_t)(events > 0 ? events : 1) / 20;
    return gap_ms > 10 * WB_MS_PER_SECOND ? 10 * WB_MS_PER_SECOND : gap_ms;
}

static uint32_t group_of(wb_fit *fit, const wb_trace_record *record, bool is_batch)
{
    const bool is_frequent = fit->shapes[record->shape_number].is_frequent;
    const bool is_initial = record->at_ms == 0;
    const uint32_t quarter = is_batch || is_initial || fit->end_ms < WB_MS_PER_DAY
                                 ? 0
                                 : hour_of_week(fit, record->at_ms) % 24 / (24 / QUARTERS);
    const uint32_t shape_number = is_frequent ? record->shape_number : UINT32_MAX;
    const uint64_t marks = (uint64_t)quarter << 3 | (is_batch ? 4U : 0U) |
                           (record->is_checkpointed ? 2U : 0U) | (is_initial ? 1U : 0U);
    const uint64_t key = wb_hash_map_join(shape_number, marks);
    uint64_t index = 0;
    if (wb_hash_map_get(&fit->group_rows, key, &index)) {
        return (uint32_t)index;
    }
    if (fit->group_count == fit->group_capacity) {
        fit->group_capacity =
            wb_heap_memory_next_capacity(fit->group_capacity, fit->group_count + 1);
        fit->groups =
            wb_heap_memory_resize(fit->groups, fit->group_capacity, sizeof fit->groups[0]);
    }
    wb_fit_group *group = &fit->groups[fit->group_count];
    memset(group, 0, sizeof *group);
    group->shape_number = shape_number;
    group->quarter = quarter;
    group->is_batch = is_batch;
    group->is_checkpointed = record->is_checkpointed;
    group->is_initial = is_initial;
    group->last_ms = -1;
    group->cluster_gap_ms = cluster_gap_of(fit, group);
    (void)wb_hash_map_put(&fit->group_rows, key, fit->group_count);
    return (uint32_t)fit->group_count++;
}

/* Up to 16 as it is, above in eighths of a doubling: rows stay few. */
static int64_t size_class(int64_t pods)
{
    int64_t unit = 1;
    assert(pods >= 1);
    while (pods / unit > 16) {
        unit *= 2;
    }
    return (pods + unit / 2) / unit * unit;
}

/* The event under way is over: its row counts it. */
static void end_event(wb_fit *fit, wb_fit_group *group)
{
    if (group->last_ms < 0) {
        return;
    }
    const int64_t pods = size_class(group->last_pods);
    const uint64_t key =
        wb_hash_map_join(wb_hash_map_join((uint64_t)(group - fit->groups), group->last_shape),
                         (uint64_t)pods);
    uint64_t index = 0;
    if (!wb_hash_map_get(&fit->row_rows, key, &index)) {
        if (group->row_count == group->row_capacity) {
            group->row_capacity =
                wb_heap_memory_next_capacity(group->row_capacity, group->row_count + 1);
            group->rows =
                wb_heap_memory_resize(group->rows, group->row_capacity, sizeof group->rows[0]);
        }
        index = group->row_count++;
        group->rows[index] = (wb_fit_row){group->last_shape, pods, 0};
        (void)wb_hash_map_put(&fit->row_rows, key, index);
    }
    group->rows[index].event_count++;
}

static void note_arrival(wb_fit *fit, wb_fit_group *group, const wb_trace_record *record)
{
    if (record->at_ms == group->last_ms && record->shape_number == group->last_shape) {
        group->last_pods++;
        return;
    }
    end_event(fit, group);
    group->events[hour_of_week(fit, record->at_ms)]++;
    group->event_count++;
    if (group->last_ms >= 0 && record->at_ms - group->last_ms <= group->cluster_gap_ms) {
        group->inside_ms += record->at_ms - group->last_ms;
    } else {
        group->cluster_count++;
        if (fit->part_ms > 0 && record->at_ms < fit->end_ms) {
            group->parts[record->at_ms / fit->part_ms]++;
        }
    }
    group->last_ms = record->at_ms;
    group->last_shape = record->shape_number;
    group->last_pods = 1;
}

/* ---- pods ---- */

static uint64_t pod_key(uint32_t namespace_name, const char *name)
{
    return wb_hash_map_join(namespace_name, wb_digest_hash64(name, strlen(name)));
}

static void add_open(fit_pass *pass, const wb_trace_record *record, uint32_t group)
{
    const uint32_t namespace_name =
        wb_intern_add(&pass->fit->input.intern,
                      pass->fit->input.shapes[record->shape_number].namespace_name);
    if (pass->row_count == pass->row_capacity) {
        pass->row_capacity = wb_heap_memory_next_capacity(pass->row_capacity, pass->row_count + 1);
        pass->rows = wb_heap_memory_resize(pass->rows, pass->row_capacity, sizeof pass->rows[0]);
    }
    (void)wb_hash_map_put(&pass->open, pod_key(namespace_name, record->name), pass->row_count);
    pass->rows[pass->row_count++] = (open_pod){record->at_ms, group, record->shape_number, true};
}

/* Whether it is there from the first moment to the last. */
static bool is_standing(const wb_fit *fit, const wb_trace_record *record)
{
    return record->at_ms == 0 && record->runs_ms < 0 && record->until_ms >= fit->end_ms;
}

static void note_pod(fit_pass *pass, const wb_trace_record *record)
{
    wb_fit *fit = pass->fit;
    wb_fit_shape *shape = shape_of(fit, record->shape_number);
    const bool is_batch = record->runs_ms >= 0;
    if (!pass->is_second) {
        shape->pod_count++;
        shape->event_count += record->at_ms > shape->last_ms ? 1 : 0;
        shape->last_ms = record->at_ms;
        return;
    }
    if (is_standing(fit, record)) {
        shape->standing_count++;
        fit->report->standing_count++;
        return;
    }
    const uint32_t index = group_of(fit, record, is_batch);
    wb_fit_group *group = &fit->groups[index];
    if (record->until_ms < 0 && !is_batch && record->at_ms == 0) {
        add_open(pass, record, index); /* standing, unless it is deleted: no arrival before */
        return;
    }
    note_arrival(fit, group, record);
    if (is_batch) {
        wb_trace_histogram_add(&group->ended, record->runs_ms, 1);
    } else if (record->until_ms < 0) {
        add_open(pass, record, index);
    } else if (record->until_ms >= fit->end_ms) {
        wb_trace_histogram_add(&group->censored, fit->end_ms - record->at_ms, 1);
        fit->report->censored_count++;
    } else {
        wb_trace_histogram_add(&group->ended, record->until_ms - record->at_ms, 1);
    }
}

static void note_delete(fit_pass *pass, const wb_trace_record *record)
{
    uint64_t index = 0;
    if (!pass->is_second || strcmp(record->delete_kind, "Pod") != 0 ||
        !wb_hash_map_get(&pass->open, pod_key(record->namespace_name, record->name), &index)) {
        return;
    }
    open_pod *pod = &pass->rows[index];
    wb_fit_group *group = &pass->fit->groups[pod->group];
    if (!pod->is_alive) {
        return;
    }
    pod->is_alive = false;
    (void)wb_hash_map_remove(&pass->open, pod_key(record->namespace_name, record->name));
    wb_trace_histogram_add(&group->ended, record->at_ms - pod->at_ms, 1);
    if (pod->at_ms == 0) {
        const wb_trace_record arrival = {.at_ms = 0, .shape_number = pod->shape_number};
        note_arrival(pass->fit, group, &arrival);
    }
}

/* What is still alive: standing if it was there from the start, else a life that the end cut. */
static void end_second(fit_pass *pass)
{
    wb_fit *fit = pass->fit;
    for (size_t i = 0; i < pass->row_count; i++) {
        const open_pod *pod = &pass->rows[i];
        if (pod->is_alive && pod->at_ms == 0) {
            fit->shapes[pod->shape_number].standing_count++;
            fit->report->standing_count++;
        } else if (pod->is_alive) {
            wb_trace_histogram_add(&fit->groups[pod->group].censored, fit->end_ms - pod->at_ms, 1);
            fit->report->censored_count++;
        }
    }
    for (size_t i = 0; i < fit->group_count; i++) {
        end_event(fit, &fit->groups[i]);
    }
}

/* ---- the passes ---- */

static wb_status read_records(fit_pass *pass, wb_error *err)
{
    wb_fit *fit = pass->fit;
    for (;;) {
        WB_TRY(wb_trace_rewrite_next(&fit->input, err));
        const wb_trace_record *record = &fit->input.record;
        if (record->kind == WB_TRACE_END) {
            fit->end_ms = record->at_ms > fit->end_ms ? record->at_ms : fit->end_ms;
            return WB_OK;
        }
        if (record->kind == WB_TRACE_POD) {
            note_pod(pass, record);
            fit->report->pod_count += pass->is_second ? 1 : 0;
        } else if (record->kind == WB_TRACE_DELETE) {
            note_delete(pass, record);
        } else if (record->kind == WB_TRACE_APPLY) {
            fit->report->object_count += pass->is_second ? 1 : 0;
        }
    }
}

/* The second pass leaves the input open, whose templates the specification needs. */
static wb_status read_pass(wb_fit *fit, const char *path, bool is_second, wb_error *err)
{
    fit_pass pass = {.fit = fit, .is_second = is_second};
    WB_TRY(wb_trace_rewrite_open(&fit->input, path, err));
    fit->epoch_ms = wb_trace_reader_header(fit->input.reader)->epoch_ms;
    fit->week_offset_ms = wb_generate_load_week_offset(fit->epoch_ms);
    wb_hash_map_init(&pass.open);
    const wb_status status = read_records(&pass, err);
    if (status == WB_OK && is_second) {
        end_second(&pass);
    }
    wb_hash_map_release(&pass.open);
    wb_heap_memory_free(pass.rows);
    if (status != WB_OK || !is_second) {
        wb_trace_rewrite_close(&fit->input);
    }
    return status;
}

static wb_status measure(wb_fit *fit, const char *path, wb_text *out, wb_error *err)
{
    uint64_t pod_count = 0;
    WB_TRY(read_pass(fit, path, false, err));
    for (size_t i = 0; i < fit->shape_count; i++) {
        pod_count += fit->shapes[i].pod_count;
    }
    if (pod_count == 0 || fit->end_ms == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: holds no %s, expected a trace that can be fitted",
                       path, pod_count == 0 ? "pods" : "time");
    }
    choose_frequent(fit);
    if (fit->end_ms >= TREND_MINIMUM_MS) { /* whole days, so that parts hold the same hours */
        const int64_t days = (fit->end_ms - 1) / WB_MS_PER_DAY / WB_FIT_PARTS + 1;
        fit->part_ms = days * WB_MS_PER_DAY;
    }
    WB_TRY(read_pass(fit, path, true, err));
    wb_fit_spec_print(fit, out);
    wb_trace_rewrite_close(&fit->input);
    return WB_OK;
}

wb_status wb_trace_fit(const char *path, const wb_trace_fit_options *options, wb_text *out,
                       wb_trace_fit_report *report, wb_error *err)
{
    assert(path != NULL && options != NULL && out != NULL && report != NULL);
    assert(options->span_ms >= 0);
    *report = (wb_trace_fit_report){0};
    wb_fit fit = {.options = options, .report = report};
    wb_hash_map_init(&fit.group_rows);
    wb_hash_map_init(&fit.row_rows);
    const wb_status status = measure(&fit, path, out, err);
    for (size_t i = 0; i < fit.group_count; i++) {
        wb_heap_memory_free(fit.groups[i].rows);
    }
    wb_heap_memory_free(fit.groups);
    wb_heap_memory_free(fit.shapes);
    wb_hash_map_release(&fit.group_rows);
    wb_hash_map_release(&fit.row_rows);
    return status;
}
