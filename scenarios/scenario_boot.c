/* boot of a contender: a preset, its phases, and the classes of instance types with their own. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sim/cloud/boot_class.h"
#include "scenarios/scenario_internal.h"

#define CLASSES_MAX 256

/* ---- phases ---- */

#define OF_MODEL(name, field)                          \
    {                                                  \
        name, offsetof(wb_boot_model, field), SIZE_MAX \
    }
#define OF_BOTH(name, field)                                                 \
    {                                                                        \
        name, offsetof(wb_boot_model, field), offsetof(wb_boot_class, field) \
    }

const wb_scenario_phase wb_scenario_phases[WB_SCENARIO_PHASE_COUNT] = {
    OF_MODEL("asg", asg),
    OF_MODEL("health", health),
    OF_MODEL("api", api),
    OF_BOTH("start", start),
    OF_BOTH("join", join),
    OF_BOTH("ready", ready),
    OF_BOTH("startupTaints", startup_taints),
    OF_MODEL("imagePull", image_pull),
    OF_BOTH("shutdown", shutdown),
};

void wb_scenario_load_phase(const wb_field *boot, const char *name, wb_boot_phase *out)
{
    assert(boot != NULL && out != NULL);
    const wb_field phase = wb_field_get(boot, name);
    if (!wb_field_is_set(&phase)) {
        return;
    }
    if (phase.node->kind != WB_NODE_MAP) { /* "ready: 20s" is a constant */
        *out = (wb_boot_phase){.median_ms = wb_scenario_duration(&phase, out->median_ms)};
        return;
    }
    wb_schema_check(&phase, &wb_scenario_phase_schema);
    const wb_field median = wb_field_get(&phase, "median");
    const wb_field sigma = wb_field_get(&phase, "sigma");
    out->median_ms = wb_scenario_duration(&median, out->median_ms);
    out->sigma = wb_node_double(sigma.node, out->sigma);
    if (out->sigma < 0.0 || out->sigma > 3.0) {
        wb_field_error(&sigma, "is '%s', expected a number from 0 to 3", wb_field_text(&sigma));
    }
}

/* ---- classes of instance types ---- */

/* A class as a map has it. */
static wb_boot_class read_class(const wb_field *entry)
{
    const wb_field selector = wb_field_get(entry, "selector");
    wb_boot_class out = {
        WB_BOOT_CLASS_OF(wb_field_is_set(&selector) ? wb_field_text(&selector) : "")};
    bool is_any_set = false;
    wb_schema_check(entry, &wb_scenario_boot_class_schema);
    (void)wb_field_expect(&selector, "labels of instance types such as instance-family=p5");
    for (size_t i = 0; i < WB_SCENARIO_PHASE_COUNT; i++) {
        const wb_field field = wb_field_get(entry, wb_scenario_phases[i].name);
        if (wb_scenario_phases[i].of_class == SIZE_MAX || !wb_field_is_set(&field)) {
            continue;
        }
        wb_boot_phase *phase = (void *)((char *)&out + wb_scenario_phases[i].of_class);
        wb_scenario_load_phase(entry, field.name, phase);
        if (phase->median_ms < 0) {
            wb_field_error(&field, "has no median, expected a duration or {median, sigma}");
        }
        is_any_set = true;
    }
    if (!is_any_set) {
        wb_field_error(entry, "changes no phase, expected one of start, join, ready, "
                              "startupTaints, shutdown");
    }
    return out;
}

/* "typical" or a map; returns how many classes it is, with them at *out. */
static uint32_t read_entry(const wb_scenario_loader *loader, const wb_field *entry,
                           const wb_boot_class **out)
{
    uint32_t count = 0;
    if (entry->node->kind == WB_NODE_MAP) {
        wb_boot_class *own = WB_ARENA_NEW(loader->context.arena, wb_boot_class);
        *own = read_class(entry);
        *out = own;
        return 1;
    }
    if (strcmp(wb_field_text(entry), "typical") != 0) {
        wb_field_error(entry, "is '%s', expected typical or {selector, start, join, ready, ...}",
                       wb_field_text(entry));
        return 0;
    }
    *out = wb_boot_class_typical(&count);
    return count;
}

/* Gives the types that a class picks to it. That a class of the user's picks none is odd; a typical
 * one may not even have its label in a catalog of one's own. */
static void assign(const wb_boot_class_table *table, const wb_field *entry,
                   const wb_boot_class *boot_class)
{
    const bool is_own = entry->node->kind == WB_NODE_MAP;
    const wb_field selector = wb_field_get(entry, "selector");
    uint32_t count = 0;
    wb_error err;
    const wb_status status = wb_boot_class_assign(table, boot_class, &count, &err);
    if (!is_own || !wb_field_is_set(&selector)) {
        return;
    }
    if (status != WB_OK) {
        wb_field_error(&selector, "%s", err.text);
    } else if (count == 0) {
        wb_field_warn(&selector, "picks no instance type of the catalog");
    }
}

/* boot.instanceClasses. */
static void load_classes(const wb_scenario_loader *loader, const wb_field *boot, wb_boot_model *out)
{
    const wb_field list = wb_field_get(boot, "instanceClasses");
    if (!wb_field_is_set(&list)) {
        return;
    }
    if (list.node->kind != WB_NODE_LIST) {
        wb_field_error(&list, "is %s, expected a list such as [typical]",
                       wb_node_kind_name(list.node->kind));
        return;
    }
    wb_arena *arena = loader->context.arena;
    const wb_catalog *catalog = &loader->scenario->catalog;
    wb_boot_class *classes = WB_ARENA_ARRAY(arena, wb_boot_class, CLASSES_MAX);
    const wb_boot_class_table table = {
        .catalog = catalog,
        .arena = arena,
        .intern = loader->context.intern,
        .of_type = WB_ARENA_ARRAY(arena, const wb_boot_class *, (size_t)catalog->type_count + 1),
    };
    for (uint32_t i = 0; i < wb_field_count(&list); i++) {
        const wb_field entry = wb_field_at(&list, i);
        const wb_boot_class *read = NULL;
        const uint32_t count = read_entry(loader, &entry, &read);
        if (out->class_count + count > CLASSES_MAX) {
            wb_field_error(&list, "has too many classes, expected at most %d", CLASSES_MAX);
            return;
        }
        for (uint32_t c = 0; c < count; c++) {
            classes[out->class_count] = read[c];
            assign(&table, &entry, &classes[out->class_count++]);
        }
    }
    out->classes = classes;
    out->class_of_type = table.of_type;
}

/* ---- the model ---- */

static const char *default_boot(const char *kind)
{
    if (strcmp(kind, "cluster_autoscaler") == 0) {
        return "ca-asg-typical";
    }
    return strcmp(kind, "karpenter") == 0 ? "karpenter-typical" : "instant";
}

void wb_scenario_load_boot(const wb_scenario_loader *loader, const wb_field *contender,
                           const char *kind, wb_boot_model *out)
{
    assert(loader != NULL && contender != NULL && kind != NULL && out != NULL);
    const wb_field boot = wb_field_get(contender, "boot");
    const bool is_map = boot.node != NULL && boot.node->kind == WB_NODE_MAP;
    const wb_field preset = is_map ? wb_field_get(&boot, "preset") : boot;
    const char *name = wb_field_is_set(&preset) ? wb_field_text(&preset) : default_boot(kind);
    wb_error err;
    if (wb_boot_model_preset(name, out, &err) != WB_OK) {
        wb_field_error(&preset, "%s", err.text);
        return;
    }
    if (!is_map) {
        return;
    }
    wb_schema_check(&boot, &wb_scenario_boot_schema);
    for (size_t i = 0; i < WB_SCENARIO_PHASE_COUNT; i++) {
        wb_scenario_load_phase(&boot, wb_scenario_phases[i].name,
                               (void *)((char *)out + wb_scenario_phases[i].of_model));
    }
    load_classes(loader, &boot, out);
    const wb_field pod_start = wb_field_get(&boot, "podStart");
    out->pod_start_ms = wb_scenario_duration(&pod_start, out->pod_start_ms);
}
