/*
 * spec.workload: a list whose entries are a trace, a manifest that is applied at a time, a workload
 * that is scaled, or one that is deleted.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "base/sort.h"
#include "kube/names.h"
#include "scenarios/scenario_internal.h"

static wb_scenario_step *add_step(wb_scenario_loader *loader, const wb_field *entry,
                                  wb_step_kind kind)
{
    wb_scenario *scenario = loader->scenario;
    const wb_field at = wb_field_get(entry, "at");
    scenario->steps = wb_arena_grow(loader->context.arena, scenario->steps, scenario->step_count,
                                    scenario->step_count + 1U, sizeof scenario->steps[0]);
    wb_scenario_step *step = &scenario->steps[scenario->step_count++];
    *step = (wb_scenario_step){.kind = kind, .at_ms = wb_scenario_duration(&at, 0)};
    return step;
}

/* What is looked for while a trace is checked. */
typedef struct trace_look {
    wb_scenario_size_check sizes;
    uint64_t standing_count;
    bool has_daemon_sets;
} trace_look;

static void look(void *context, const wb_trace_record *record)
{
    trace_look *found = context;
    wb_scenario_size_check_visit(&found->sizes, record);
    found->standing_count += wb_scenario_standing_count(record);
    found->has_daemon_sets =
        found->has_daemon_sets ||
        (record->kind == WB_TRACE_APPLY && record->manifest->workload_count > 0 &&
         record->manifest->workloads[0].kind == WB_OWNER_DAEMON_SET);
}

static void load_trace(wb_scenario_loader *loader, const char *path, int64_t shift_ms,
                       const wb_field *field)
{
    wb_scenario *scenario = loader->scenario;
    wb_scenario_trace trace = {.path = path, .shift_ms = shift_ms};
    wb_error err;
    trace_look found = {.sizes = {.loader = loader, .path = path}};
    const wb_trace_visitor visitor = {&found, look};
    if (wb_trace_check_each(path, &visitor, &trace.summary, &err) != WB_OK) {
        if (field != NULL) {
            wb_field_error(field, "%s", err.text);
        } else {
            wb_findings_add(loader->context.findings, WB_SEVERITY_ERROR, (wb_position){0}, NULL,
                            "%s", err.text);
        }
        return;
    }
    trace.has_daemon_sets = found.has_daemon_sets;
    wb_scenario_take_standing(loader, path, found.standing_count);
    wb_digest_add_text(loader->digest, trace.summary.digest);
    scenario->traces = wb_arena_grow(loader->context.arena, scenario->traces, scenario->trace_count,
                                     scenario->trace_count + 1U, sizeof scenario->traces[0]);
    scenario->traces[scenario->trace_count++] = trace;
    /* the first trace with a calendar lends it to the scenario; shifted, its 0 comes later */
    if (scenario->epoch_ms < 0 && trace.summary.epoch_ms >= shift_ms) {
        scenario->epoch_ms = trace.summary.epoch_ms - shift_ms;
    }
}

/* kind, namespace and name of what a scale or delete step is about. */
static void load_target(const wb_scenario_loader *loader, const wb_field *target,
                        wb_scenario_step *step)
{
    const wb_field kind = wb_field_get(target, "kind");
    const wb_field name = wb_field_get(target, "name");
    const wb_field namespace_name = wb_field_get(target, "namespace");
    step->owner_kind = wb_trace_owner_kind(wb_field_text(&kind));
    if (step->owner_kind == WB_OWNER_OTHER) {
        wb_field_error(&kind,
                       "'%s' is not a workload, expected Deployment, StatefulSet, "
                       "ReplicaSet, DaemonSet, Job or CronJob",
                       wb_field_text(&kind));
    }
    (void)wb_field_expect(&name, "the workload's name");
    step->name = wb_field_id(&name);
    step->namespace_name =
        wb_field_is_set(&namespace_name) ? wb_field_id(&namespace_name) : (uint32_t)WB_NAME_DEFAULT;
    (void)loader;
}

/* An entry is one thing: of two, one would silently be left out. */
static bool is_one_thing(const wb_field *entry)
{
    static const char *const things[] = {"trace", "manifest", "scale", "delete"};
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
        const wb_field thing = wb_field_get(entry, things[i]);
        count += wb_field_is_set(&thing) ? 1 : 0;
    }
    if (count != 1) {
        wb_field_error(entry, "has %s of trace, manifest, scale, delete, expected one",
                       count == 0 ? "none" : "several");
    }
    return count == 1;
}

static void load_entry(wb_scenario_loader *loader, const wb_field *entry)
{
    if (!is_one_thing(entry)) {
        return;
    }
    const wb_field trace = wb_field_get(entry, "trace");
    const wb_field manifest = wb_field_get(entry, "manifest");
    const wb_field scale = wb_field_get(entry, "scale");
    const wb_field delete_target = wb_field_get(entry, "delete");
    if (wb_field_is_set(&trace)) {
        const wb_field shift = wb_field_get(entry, "shift");
        const char *path = wb_scenario_resolve(loader, &trace);
        if (path != NULL && loader->overrides->trace_count == 0) {
            load_trace(loader, path, wb_scenario_duration(&shift, 0), &trace);
        }
    } else if (wb_field_is_set(&manifest)) {
        wb_manifest *objects = WB_ARENA_NEW(loader->context.arena, wb_manifest);
        wb_manifest_init(objects);
        wb_scenario_read_manifests(loader, &manifest, objects);
        wb_scenario_warn_of_sizes(loader, objects);
        add_step(loader, entry, WB_STEP_APPLY)->manifest = objects;
    } else if (wb_field_is_set(&scale)) {
        wb_scenario_step *step = add_step(loader, entry, WB_STEP_SCALE);
        const wb_field replicas = wb_field_get(&scale, "replicas");
        load_target(loader, &scale, step);
        const wb_field over = wb_field_get(&scale, "over");
        step->over_ms = wb_scenario_duration(&over, 0);
        step->replicas = wb_field_int32(&replicas, -1);
        if (step->replicas < 0) {
            wb_field_error(&replicas, "is missing or negative, expected a number of pods");
        }
    } else if (wb_field_is_set(&delete_target)) {
        load_target(loader, &delete_target, add_step(loader, entry, WB_STEP_DELETE));
    }
}

static int compare_steps(const void *a, const void *b, void *context)
{
    const wb_scenario_step *left = a;
    const wb_scenario_step *right = b;
    (void)context;
    return left->at_ms < right->at_ms ? -1 : left->at_ms > right->at_ms ? 1 : 0;
}

static bool holds_workload(const wb_manifest *manifest, const wb_scenario_step *step)
{
    for (uint32_t i = 0; manifest != NULL && i < manifest->workload_count; i++) {
        const wb_workload *workload = &manifest->workloads[i];
        if (workload->kind == step->owner_kind && workload->name == step->name &&
            workload->namespace_name == step->namespace_name) {
            return true;
        }
    }
    return false;
}

/* Whether a workload that a step is about is there by then, as far as manifests tell; traces may
 * apply anything. */
static bool has_target(const wb_scenario *scenario, const wb_scenario_step *step)
{
    if (scenario->trace_count > 0 || holds_workload(scenario->base, step)) {
        return true;
    }
    for (uint32_t i = 0; i < scenario->step_count; i++) {
        const wb_scenario_step *other = &scenario->steps[i];
        if (other->kind == WB_STEP_APPLY && other->at_ms <= step->at_ms &&
            holds_workload(other->manifest, step)) {
            return true;
        }
    }
    return false;
}

/* Steps are still in the order of the file, each with its entry's index. */
static void check_targets(const wb_scenario_loader *loader, const wb_field *workload)
{
    const wb_scenario *scenario = loader->scenario;
    uint32_t step_index = 0;
    for (uint32_t i = 0; i < wb_field_count(workload); i++) {
        const wb_field entry = wb_field_at(workload, i);
        const wb_field trace = wb_field_get(&entry, "trace");
        if (wb_field_is_set(&trace) || step_index == scenario->step_count) {
            continue;
        }
        const wb_scenario_step *step = &scenario->steps[step_index++];
        if (step->kind != WB_STEP_APPLY && step->name != 0 && !has_target(scenario, step)) {
            const wb_intern *intern = loader->context.intern;
            wb_field_error(&entry, "no manifest brings the workload '%s' of namespace '%s' by then",
                           wb_intern_text(intern, step->name),
                           wb_intern_text(intern, step->namespace_name));
        }
    }
}

/* ---- ramps ---- */

#define RAMP_INTERVAL_MS WB_MS_PER_SECOND

static int32_t replicas_in(const wb_manifest *manifest, const wb_scenario_step *step,
                           int32_t fallback)
{
    for (uint32_t i = 0; manifest != NULL && i < manifest->workload_count; i++) {
        const wb_workload *workload = &manifest->workloads[i];
        if (workload->kind == step->owner_kind && workload->name == step->name &&
            workload->namespace_name == step->namespace_name) {
            fallback = workload->replicas;
        }
    }
    return fallback;
}

static bool is_same_target(const wb_scenario_step *a, const wb_scenario_step *b)
{
    return a->kind == WB_STEP_SCALE && a->owner_kind == b->owner_kind && a->name == b->name &&
           a->namespace_name == b->namespace_name;
}

/* Where a ramp begins: what manifests and earlier steps made of the workload. */
static int32_t replicas_before(const wb_scenario *scenario, uint32_t step_index)
{
    const wb_scenario_step *step = &scenario->steps[step_index];
    int32_t replicas = replicas_in(scenario->base, step, 0);
    for (uint32_t i = 0; i < step_index; i++) {
        const wb_scenario_step *other = &scenario->steps[i];
        if (other->kind == WB_STEP_APPLY) {
            replicas = replicas_in(other->manifest, step, replicas);
        } else if (is_same_target(other, step)) {
            replicas = other->replicas;
        }
    }
    return replicas;
}

/* Appends the steps of one ramp but its last, which is the step itself, moved to the ramp's end. */
static void add_ramp(wb_scenario_loader *loader, uint32_t step_index, int32_t from)
{
    wb_scenario *scenario = loader->scenario;
    const wb_scenario_step ramp = scenario->steps[step_index];
    const int64_t count = (ramp.over_ms + RAMP_INTERVAL_MS - 1) / RAMP_INTERVAL_MS;
    int32_t last = from;
    for (int64_t i = 1; i < count; i++) {
        const int32_t replicas = from + (int32_t)((int64_t)(ramp.replicas - from) * i / count);
        if (replicas == last) {
            continue;
        }
        last = replicas;
        scenario->steps =
            wb_arena_grow(loader->context.arena, scenario->steps, scenario->step_count,
                          scenario->step_count + 1U, sizeof scenario->steps[0]);
        wb_scenario_step *step = &scenario->steps[scenario->step_count++];
        *step = ramp;
        step->at_ms = ramp.at_ms + (i - 1) * RAMP_INTERVAL_MS;
        step->replicas = replicas;
        step->over_ms = 0;
    }
    scenario->steps[step_index].at_ms += (count - 1) * RAMP_INTERVAL_MS;
    scenario->steps[step_index].over_ms = 0;
}

/* Puts steps in order, ramps written out: one step a second at most. */
static void order_steps(wb_scenario_loader *loader)
{
    wb_scenario *scenario = loader->scenario;
    const uint32_t count = scenario->step_count;
    if (count == 0) {
        return;
    }
    wb_sort_stable(scenario->steps, count, sizeof scenario->steps[0], compare_steps, NULL);
    int32_t *from = WB_ARENA_ARRAY(loader->context.arena, int32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        from[i] = replicas_before(scenario, i);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (scenario->steps[i].over_ms > 0) {
            add_ramp(loader, i, from[i]);
        }
    }
    wb_sort_stable(scenario->steps, scenario->step_count, sizeof scenario->steps[0], compare_steps,
                   NULL);
}

void wb_scenario_load_workload(wb_scenario_loader *loader, const wb_field *spec)
{
    assert(loader != NULL && spec != NULL);
    wb_scenario *scenario = loader->scenario;
    const wb_field workload = wb_field_get(spec, "workload");
    for (uint32_t i = 0; i < wb_field_count(&workload); i++) {
        const wb_field entry = wb_field_at(&workload, i);
        load_entry(loader, &entry);
    }
    for (uint32_t i = 0; i < loader->overrides->trace_count; i++) {
        load_trace(loader, loader->overrides->trace_paths[i], 0, NULL);
    }
    const wb_field requires_trace = wb_field_get(spec, "requiresTrace");
    if (wb_field_bool(&requires_trace, false) && loader->overrides->trace_count == 0) {
        wb_field_error(&requires_trace,
                       "this scenario brings no trace of its own, give one: "
                       "werkbank run %s --trace FILE",
                       scenario->path);
    } else if (wb_field_count(&workload) == 0 && loader->overrides->trace_count == 0) {
        wb_field_error(&workload, "is empty, expected at least one trace or manifest");
    }
    wb_scenario_warn_of_sizes(loader, scenario->base);
    if (loader->context.findings->error_count == 0) {
        check_targets(loader, &workload);
    }
    order_steps(loader); /* steps of one time keep the order of the file */
}
