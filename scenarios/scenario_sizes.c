/*
 * Pods that no machine can hold. A run with such a pod is no mistake (it shows as one that never
 * ran, with its reason), but who wrote 500 CPUs for 500m wants to know before the run. So it is a
 * warning.
 */
#include <assert.h>
#include <stdio.h>

#include "base/quantity.h"
#include "kube/names.h"
#include "scenarios/scenario_internal.h"

#define WARNINGS_MAX 3 /* per trace; a wrong unit makes all its shapes too large */

/* The largest that a pod may have on a type, less what the node keeps for itself. */
static int64_t allocatable(const wb_catalog_type *type, uint32_t resource)
{
    return wb_resource_list_get(type->capacity, resource) -
           wb_resource_list_get(type->overhead, resource);
}

static bool fits_somewhere(const wb_catalog *catalog, int64_t cpu_milli, int64_t memory_bytes)
{
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        if (cpu_milli <= allocatable(&catalog->types[i], WB_NAME_CPU) &&
            memory_bytes <= allocatable(&catalog->types[i], WB_NAME_MEMORY)) {
            return true;
        }
    }
    return false;
}

/* The type with most of a resource, the first of equal ones. */
static const wb_catalog_type *largest_by(const wb_catalog *catalog, uint32_t resource)
{
    const wb_catalog_type *largest = &catalog->types[0];
    for (uint32_t i = 1; i < catalog->type_count; i++) {
        if (allocatable(&catalog->types[i], resource) > allocatable(largest, resource)) {
            largest = &catalog->types[i];
        }
    }
    return largest;
}

/* Warns when template asks for more than any type has; true then. what names the pod. */
static bool warn(const wb_scenario_loader *loader, const wb_pod_template *template,
                 wb_position position, const char *what)
{
    const wb_catalog *catalog = &loader->scenario->catalog;
    const int64_t cpu_milli = wb_resource_list_get(template->requests, WB_NAME_CPU);
    const int64_t memory_bytes = wb_resource_list_get(template->requests, WB_NAME_MEMORY);
    if (catalog->type_count == 0 || fits_somewhere(catalog, cpu_milli, memory_bytes)) {
        return false;
    }
    const bool is_cpu = cpu_milli > allocatable(largest_by(catalog, WB_NAME_CPU), WB_NAME_CPU);
    const wb_catalog_type *largest = largest_by(catalog, is_cpu ? WB_NAME_CPU : WB_NAME_MEMORY);
    char texts[4][48];
    wb_quantity_print_milli(cpu_milli, texts[0]);
    wb_quantity_print_bytes(memory_bytes, texts[1]);
    wb_quantity_print_milli(allocatable(largest, WB_NAME_CPU), texts[2]);
    wb_quantity_print_bytes(allocatable(largest, WB_NAME_MEMORY), texts[3]);
    wb_findings_add(loader->context.findings, WB_SEVERITY_WARNING, position, NULL,
                    "%s asks for cpu %s and memory %s, more than any instance type has for pods; "
                    "the largest, %s, has %s and %s",
                    what, texts[0], texts[1], wb_intern_text(loader->context.intern, largest->name),
                    texts[2], texts[3]);
    return true;
}

void wb_scenario_warn_of_sizes(const wb_scenario_loader *loader, const wb_manifest *manifest)
{
    assert(loader != NULL && manifest != NULL);
    const wb_intern *intern = loader->context.intern;
    for (uint32_t i = 0; i < manifest->workload_count; i++) {
        const wb_workload *workload = &manifest->workloads[i];
        char what[320];
        (void)snprintf(what, sizeof what, "%s '%s'", wb_trace_owner_kind_name(workload->kind),
                       wb_intern_text(intern, workload->name));
        (void)warn(loader, workload->template, wb_node_position(workload->source), what);
    }
    for (uint32_t i = 0; i < manifest->pod_count; i++) {
        char what[320];
        (void)snprintf(what, sizeof what, "pod '%s'",
                       wb_intern_text(intern, manifest->pods[i].name));
        (void)warn(loader, manifest->pods[i].template, wb_node_position(manifest->pods[i].source),
                   what);
    }
}

void wb_scenario_size_check_visit(void *context, const wb_trace_record *record)
{
    wb_scenario_size_check *check = context;
    assert(record->kind == WB_TRACE_SHAPE || record->kind == WB_TRACE_APPLY);
    const wb_position position = {.file = check->path, .line = (uint32_t)record->line};
    char what[64];
    if (record->kind == WB_TRACE_SHAPE) {
        (void)snprintf(what, sizeof what, "a pod of shape %u", record->shape_number);
    } else if (record->manifest->workload_count > 0) {
        (void)snprintf(what, sizeof what, "the %s applied at %lld ms",
                       wb_trace_owner_kind_name(record->manifest->workloads[0].kind),
                       (long long)record->at_ms);
    } else {
        return;
    }
    const wb_pod_template *template =
        record->kind == WB_TRACE_SHAPE ? record->template : record->manifest->workloads[0].template;
    if (check->count < WARNINGS_MAX) {
        check->count += warn(check->loader, template, position, what) ? 1U : 0U;
    }
}
