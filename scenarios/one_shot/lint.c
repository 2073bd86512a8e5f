#include "scenarios/one_shot/lint.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/one_shot/lint_internal.h"

#define TEXT_SIZE 1024
#define NAME_SIZE 128

/* --- Places ---------------------------------------------------------------------------- */

/* The child that one part of a path means: "requirements[1]". */
static const wb_node *step_into(const wb_node *node, const char *part, size_t length)
{
    assert(part != NULL && length > 0);
    char name[NAME_SIZE];
    const size_t name_length = strcspn(part, "[.");
    if (name_length >= sizeof(name) || name_length > length) {
        return NULL;
    }
    memcpy(name, part, name_length);
    name[name_length] = '\0';
    const wb_node *child = wb_node_get(node, name);
    if (child == NULL || name_length == length) {
        return child;
    }
    const unsigned long index = strtoul(part + name_length + 1, NULL, 10);
    return child->kind == WB_NODE_LIST && index < child->count ? child->children[index] : NULL;
}

/* The deepest node on the path that is there: a default has no place of its own. */
static wb_position locate(const wb_node *source, const char *path)
{
    assert(path != NULL);
    const wb_node *node = source;
    for (const char *at = path; node != NULL && *at != '\0';) {
        const size_t length = strcspn(at, ".");
        const wb_node *child = step_into(node, at, length);
        if (child == NULL) {
            break;
        }
        node = child;
        at += length + (at[length] == '.' ? 1 : 0);
    }
    return wb_node_position(node);
}

/* --- The report ------------------------------------------------------------------------ */

const char *wb_lint_format(const wb_lint *lint, const char *fmt, ...)
{
    assert(lint != NULL && fmt != NULL);
    char text[TEXT_SIZE];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return wb_arena_copy_string(lint->arena, text);
}

void wb_lint_add(const wb_lint *lint, wb_lint_weight weight, const char *check,
                 const wb_lint_place *place, const char *fmt, ...)
{
    assert(lint != NULL && check != NULL && place != NULL && fmt != NULL);
    char text[TEXT_SIZE];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    wb_lint_report *report = lint->report;
    if (report->count == report->capacity) {
        const uint32_t capacity = report->capacity * 2 + 16;
        report->findings = wb_arena_grow(lint->arena, report->findings, report->count, capacity,
                                         sizeof(*report->findings));
        report->capacity = capacity;
    }
    report->findings[report->count++] = (wb_lint_finding){
        .severity = weight == WB_LINT_WARNING ? WB_SEVERITY_WARNING : WB_SEVERITY_ERROR,
        .position = locate(place->source, place->path),
        .check = check,
        .object = place->object,
        .path = place->path,
        .text = wb_arena_copy_string(lint->arena, text),
        .is_refusal = weight == WB_LINT_REFUSAL,
        .is_manifest = place->is_manifest,
    };
    report->error_count += weight != WB_LINT_WARNING;
    report->warning_count += weight == WB_LINT_WARNING;
}

const char *wb_lint_pool_name(const wb_lint *lint, const wb_nodepool *pool)
{
    return wb_lint_format(lint, "NodePool %s", wb_intern_text(lint->input->intern, pool->name));
}

const char *wb_lint_group_name(const wb_lint *lint, const wb_one_shot_group *group)
{
    wb_text text;
    wb_text_init(&text);
    wb_one_shot_print_group(lint->input, group, &text);
    const char *name = wb_arena_copy_string(lint->arena, wb_text_string(&text));
    wb_text_release(&text);
    return name;
}

bool wb_lint_is_refused(const wb_lint *lint, const char *object)
{
    for (uint32_t i = 0; i < lint->report->count; i++) {
        if (lint->report->findings[i].is_refusal &&
            strcmp(lint->report->findings[i].object, object) == 0) {
            return true;
        }
    }
    return false;
}

const wb_pod_template *wb_lint_template(const wb_lint *lint, uint32_t group_index)
{
    assert(group_index < lint->input->group_count);
    for (uint32_t i = 0; i < lint->input->pod_count; i++) {
        if (lint->input->pods[i].group_index == group_index) {
            return lint->input->pods[i].template;
        }
    }
    return NULL;
}

/* --- Running --------------------------------------------------------------------------- */

/* The input's pools without limits: whether there is a node for a pod, not how many. */
static const wb_solver_pool *lift_limits(wb_arena *arena, const wb_one_shot_input *input)
{
    assert(input->pool_count > 0);
    wb_solver_pool *pools = WB_ARENA_ARRAY(arena, wb_solver_pool, input->pool_count);
    for (uint32_t i = 0; i < input->pool_count; i++) {
        wb_nodepool *pool = WB_ARENA_NEW(arena, wb_nodepool);
        *pool = *input->pools[i].nodepool;
        pool->limits = (wb_resource_list){0};
        pool->limit_nodes = -1;
        pools[i] = (wb_solver_pool){pool, input->pools[i].catalog};
    }
    return pools;
}

void wb_lint_run(wb_arena *arena, const wb_one_shot_input *input, wb_lint_report *out)
{
    assert(arena != NULL && input != NULL && out != NULL);
    assert(input->options.ignores_cluster);
    *out = (wb_lint_report){0};
    const wb_one_shot_change change = {.pools = lift_limits(arena, input)};
    wb_one_shot_solution solution;
    wb_one_shot_solve(arena, input, &change, true, &solution);
    const wb_lint lint = {.arena = arena, .input = input, .solution = &solution, .report = out};
    wb_lint_check_pool_requirements(&lint);
    wb_lint_check_pools(&lint);
    wb_lint_check_pod_refusals(&lint);
    wb_lint_check_pods(&lint);
    wb_lint_check_budgets(&lint);
    wb_one_shot_release(&solution);
}

wb_status wb_lint_refuse(wb_arena *arena, const wb_one_shot_input *input, wb_findings *findings,
                         wb_error *err)
{
    assert(arena != NULL && input != NULL && findings != NULL);
    wb_lint_report report = {0};
    const wb_lint lint = {.arena = arena, .input = input, .report = &report};
    wb_lint_check_pool_requirements(&lint);
    wb_lint_check_pod_refusals(&lint);
    for (uint32_t i = 0; i < report.count; i++) {
        const wb_lint_finding *one = &report.findings[i];
        if (one->is_refusal && one->is_manifest) {
            wb_findings_add(findings, WB_SEVERITY_ERROR, one->position, one->path, "%s", one->text);
        }
    }
    return wb_findings_status(findings, err);
}
