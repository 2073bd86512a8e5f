/*
 * spec.loads: the load on workloads over time, written out as points or read from a CSV file of
 * times and values, for the HorizontalPodAutoscalers of the scenario's manifests.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "base/file.h"
#include "base/quantity.h"
#include "kube/names.h"
#include "scenarios/scenario_internal.h"

#define FILE_LIMIT_BYTES ((size_t)64 << 20)
#define POINTS_MAX       10000000U
#define CELL_SIZE        64

/* Points as they come, in the loader's arena. */
typedef struct point_list {
    wb_load_point *items;
    uint32_t count;
} point_list;

/* Appends a point; false when it lies before the last one. */
static bool add_point(wb_scenario_loader *loader, point_list *list, int64_t at_ms, int64_t value)
{
    if (list->count > 0 && at_ms < list->items[list->count - 1].at_ms) {
        return false;
    }
    list->items = wb_arena_grow(loader->context.arena, list->items, list->count, list->count + 1U,
                                sizeof list->items[0]);
    list->items[list->count++] = (wb_load_point){at_ms, value};
    return true;
}

static bool parse_value(const char *text, int64_t *out)
{
    wb_quantity quantity;
    if (wb_quantity_parse(text, &quantity, NULL) != WB_OK) {
        return false;
    }
    *out = wb_quantity_milli(&quantity);
    return *out >= 0;
}

/* "90s", "1h30m", or a plain number of seconds. */
static bool parse_time(const char *text, int64_t *out)
{
    if (wb_duration_parse(text, out, NULL) == WB_OK) {
        return *out >= 0;
    }
    wb_quantity seconds;
    if (wb_quantity_parse(text, &seconds, NULL) != WB_OK) {
        return false;
    }
    *out = wb_quantity_milli(&seconds);
    return *out >= 0;
}

/* ---- points ---- */

static void read_points(wb_scenario_loader *loader, const wb_field *points, point_list *out)
{
    for (uint32_t i = 0; i < wb_field_count(points); i++) {
        const wb_field entry = wb_field_at(points, i);
        const wb_field at = wb_field_get(&entry, "at");
        const wb_field value = wb_field_get(&entry, "value");
        int64_t thousandths = 0;
        if (!wb_field_is_set(&value) || !parse_value(wb_field_text(&value), &thousandths)) {
            wb_field_error(&value, "'%s' is not a quantity of 0 or more", wb_field_text(&value));
            continue;
        }
        if (!add_point(loader, out, wb_scenario_duration(&at, 0), thousandths)) {
            wb_field_error(&at, "lies before the point in front of it");
        }
    }
}

/* ---- CSV ---- */

/* The next cell of a line, without spaces around it, into out; the rest of the line. */
static const char *take_cell(const char *at, const char *end, char out[CELL_SIZE])
{
    const char *stop = at;
    while (stop < end && *stop != ',') {
        stop++;
    }
    const char *last = stop;
    while (at < last && (*at == ' ' || *at == '"')) {
        at++;
    }
    while (last > at && (last[-1] == ' ' || last[-1] == '"' || last[-1] == '\r')) {
        last--;
    }
    size_t length = (size_t)(last - at);
    length = length < CELL_SIZE - 1 ? length : CELL_SIZE - 1;
    memcpy(out, at, length);
    out[length] = '\0';
    return stop < end ? stop + 1 : end;
}

/* One line: time, value; empty ones, comments and a header are passed over. NULL or what is wrong
 * with it. */
static const char *read_line(wb_scenario_loader *loader, const char *at, const char *end,
                             bool is_first, point_list *out)
{
    char time[CELL_SIZE];
    char value[CELL_SIZE];
    const char *rest = take_cell(at, end, time);
    (void)take_cell(rest, end, value);
    int64_t at_ms = 0;
    int64_t thousandths = 0;
    if (time[0] == '\0' || time[0] == '#') {
        return NULL;
    }
    if (!parse_time(time, &at_ms)) {
        return is_first ? NULL : "the first cell is no time, expected seconds or 1h30m";
    }
    if (!parse_value(value, &thousandths)) {
        return "the second cell is no quantity of 0 or more";
    }
    if (out->count >= POINTS_MAX) {
        return "there are more than ten million points";
    }
    return add_point(loader, out, at_ms, thousandths) ? NULL : "times go backwards";
}

static void read_csv(wb_scenario_loader *loader, const wb_field *field, point_list *out)
{
    const char *path = wb_scenario_resolve(loader, field);
    wb_error err;
    char *text = NULL;
    size_t length = 0;
    if (path == NULL) {
        return;
    }
    if (wb_file_read(loader->context.arena, path, FILE_LIMIT_BYTES, &text, &length, &err) !=
        WB_OK) {
        wb_field_error(field, "%s", err.text);
        return;
    }
    wb_digest_add_bytes(loader->digest, text, length);
    const char *end = text + length;
    uint32_t line = 1;
    for (const char *at = text; at < end; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop == NULL ? end : stop;
        const char *problem = read_line(loader, at, stop, line == 1, out);
        if (problem != NULL) {
            wb_field_error(field, "%s:%u: %s", path, line, problem);
            return;
        }
        at = stop < end ? stop + 1 : end;
    }
}

/* ---- a signal ---- */

static void read_target(const wb_field *target, wb_load_signal *out)
{
    const wb_field kind = wb_field_get(target, "kind");
    const wb_field name = wb_field_get(target, "name");
    const wb_field namespace_name = wb_field_get(target, "namespace");
    out->is_external = !wb_field_is_set(target);
    if (out->is_external) {
        return;
    }
    out->target_kind = wb_trace_owner_kind(wb_field_text(&kind));
    if (out->target_kind == WB_OWNER_OTHER) {
        wb_field_error(&kind,
                       "'%s' is not a workload, expected Deployment, StatefulSet or "
                       "ReplicaSet",
                       wb_field_text(&kind));
    }
    (void)wb_field_expect(&name, "the workload's name");
    out->target_name = wb_field_id(&name);
    out->namespace_name =
        wb_field_is_set(&namespace_name) ? wb_field_id(&namespace_name) : (uint32_t)WB_NAME_DEFAULT;
}

static void read_signal(wb_scenario_loader *loader, const wb_field *entry, wb_load_signal *out)
{
    static const char *const interpolations[] = {"linear", "step"};
    const wb_field target = wb_field_get(entry, "target");
    const wb_field metric = wb_field_get(entry, "metric");
    const wb_field points = wb_field_get(entry, "points");
    const wb_field file = wb_field_get(entry, "file");
    const wb_field interpolation = wb_field_get(entry, "interpolation");
    *out = (wb_load_signal){.metric = wb_field_id(&metric)};
    (void)wb_field_expect(&metric, "cpu, memory or a metric's name");
    read_target(&target, out);
    out->is_stepped = wb_field_choice(&interpolation, interpolations, 2, 0) == 1;
    point_list list = {0};
    const size_t errors_before = wb_field_error_count(entry);
    read_points(loader, &points, &list);
    if (wb_field_is_set(&file)) {
        read_csv(loader, &file, &list);
    }
    if (list.count == 0 && wb_field_error_count(entry) == errors_before) {
        wb_field_error(entry, "has no points, expected 'points' or a 'file' with some");
    }
    out->points = list.items;
    out->point_count = list.count;
}

/* ---- who is fed ---- */

static void warn_of_unfed(const wb_scenario_loader *loader, const wb_manifest *manifest)
{
    const wb_scenario *scenario = loader->scenario;
    for (uint32_t i = 0; manifest != NULL && i < manifest->hpa_count; i++) {
        const wb_hpa *hpa = &manifest->hpas[i];
        for (uint32_t m = 0; m < hpa->metric_count; m++) {
            if (wb_load_signal_find(scenario->signals, scenario->signal_count, hpa,
                                    &hpa->metrics[m]) == NULL) {
                wb_findings_add(loader->context.findings, WB_SEVERITY_WARNING, (wb_position){0},
                                NULL,
                                "HorizontalPodAutoscaler '%s': nothing in spec.loads feeds its "
                                "metric '%s'",
                                wb_intern_text(loader->context.intern, hpa->name),
                                wb_intern_text(loader->context.intern, hpa->metrics[m].name));
            }
        }
    }
}

void wb_scenario_load_signals(wb_scenario_loader *loader, const wb_field *spec)
{
    assert(loader != NULL && spec != NULL);
    wb_scenario *scenario = loader->scenario;
    const wb_field list = wb_field_get(spec, "loads");
    const uint32_t count = wb_field_count(&list);
    scenario->signals = WB_ARENA_ARRAY(loader->context.arena, wb_load_signal, (size_t)count + 1);
    scenario->signal_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        read_signal(loader, &entry, &scenario->signals[i]);
    }
    warn_of_unfed(loader, scenario->base);
    for (uint32_t i = 0; i < scenario->step_count; i++) {
        warn_of_unfed(loader, scenario->steps[i].manifest);
    }
}
