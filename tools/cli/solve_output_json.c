/* One JSON object, a field a line; docs/solve.md names the fields. */
#include <assert.h>

#include "kube/names.h"
#include "tools/cli/solve_output.h"

static void add_name(wb_text *out, const char *name)
{
    wb_text_add_json_string(out, name);
    wb_text_add_string(out, ": ");
}

static void add_string(wb_text *out, const char *name, const char *value)
{
    add_name(out, name);
    wb_text_add_json_string(out, value);
}

/* CPU in cores as a decimal, the rest in whole units. */
static void add_resources(wb_text *out, const wb_intern *intern, wb_resource_list list)
{
    wb_text_add_string(out, "{");
    for (uint32_t i = 0; i < list.count; i++) {
        wb_text_add_string(out, i > 0 ? ", " : "");
        add_name(out, wb_intern_text(intern, list.items[i].name));
        if (list.items[i].name == WB_NAME_CPU) {
            wb_text_add_format(out, "%.3f", (double)list.items[i].amount / 1000.0);
        } else {
            wb_text_add_format(out, "%lld", (long long)list.items[i].amount);
        }
    }
    wb_text_add_string(out, "}");
}

static void add_pod(wb_text *out, const wb_one_shot_solution *solution, uint32_t pod_index)
{
    assert(pod_index < solution->input->pod_count);
    wb_text name;
    wb_text_init(&name);
    wb_solve_output_pod(solution->input, pod_index, &name);
    wb_text_add_json_string(out, wb_text_string(&name));
    wb_text_release(&name);
}

static void add_launch(wb_text *out, const wb_one_shot_solution *solution,
                       const wb_one_shot_claim *claim)
{
    assert(claim->made != NULL);
    const wb_intern *intern = solution->input->intern;
    if (claim->type_index == WB_ONE_SHOT_NONE) {
        wb_text_add_string(out, ", \"instance_type\": null, \"instance_types\": []");
        return;
    }
    wb_text_add_string(out, ", ");
    add_string(out, "instance_type",
               wb_intern_text(intern,
                              wb_solver_world_type(solution->world, claim->type_index)->name));
    wb_text_add_string(out, ", ");
    add_string(out, "zone", wb_intern_text(intern, claim->zone));
    wb_text_add_string(out, ", ");
    add_string(out, "capacity_type", wb_capacity_type_name(claim->capacity_type));
    wb_text_add_format(out, ",\n     \"price_per_hour\": %.6f, \"utilisation_cpu\": %.4f",
                       claim->price_usd_per_hour,
                       (double)claim->cpu_requested_milli / (double)claim->cpu_allocatable_milli);
    wb_text_add_format(out, ", \"utilisation_memory\": %.4f,\n     \"instance_types\": [",
                       (double)claim->memory_requested_bytes /
                           (double)claim->memory_allocatable_bytes);
    for (uint32_t i = 0; i < claim->plan.type_count; i++) {
        wb_text_add_string(out, i > 0 ? ", " : "");
        wb_text_add_json_string(
            out,
            wb_intern_text(
                intern, wb_solver_world_type(solution->world, claim->plan.type_indices[i])->name));
    }
    wb_text_add_string(out, "]");
}

static void add_claims(wb_text *out, const wb_one_shot_solution *solution)
{
    wb_text_add_string(out, ",\n  \"node_claims\": [");
    for (uint32_t i = 0; i < solution->result.claim_count; i++) {
        const wb_one_shot_claim *claim = &solution->claims[i];
        wb_text_add_string(out, i > 0 ? ",\n    {" : "\n    {");
        add_string(out, "name", claim->name);
        wb_text_add_string(out, ", ");
        add_string(
            out, "nodepool",
            wb_intern_text(solution->input->intern,
                           wb_solver_world_pool(solution->world, claim->made->pool_index)->name));
        add_launch(out, solution, claim);
        wb_text_add_string(out, ",\n     \"requests\": ");
        add_resources(out, solution->input->intern, claim->made->requests);
        wb_text_add_string(out, ",\n     \"pods\": [");
        for (uint32_t p = 0; p < claim->made->pod_count; p++) {
            wb_text_add_string(out, p > 0 ? ", " : "");
            add_pod(out, solution, solution->pod_index[claim->made->pod_indices[p]]);
        }
        wb_text_add_string(out, "]}");
    }
    wb_text_add_string(out, solution->result.claim_count > 0 ? "\n  ]" : "]");
}

/* Existing nodes that were given pods. */
static void add_nodes(wb_text *out, const wb_one_shot_solution *solution)
{
    wb_text_add_string(out, ",\n  \"nodes\": [");
    const char *separator = "\n    {";
    for (uint32_t n = 0; n < solution->problem.node_count; n++) {
        bool is_open = false;
        for (uint32_t p = 0; p < solution->problem.pod_count; p++) {
            if (solution->result.placements[p].node_index != n) {
                continue;
            }
            if (!is_open) {
                wb_text_add_string(out, separator);
                add_string(out, "name",
                           wb_intern_text(solution->input->intern,
                                          wb_solver_node_name(solution->nodes[n])));
                wb_text_add_string(out, ", \"pods\": [");
                separator = ",\n    {";
            }
            wb_text_add_string(out, is_open ? ", " : "");
            add_pod(out, solution, solution->pod_index[p]);
            is_open = true;
        }
        wb_text_add_string(out, is_open ? "]}" : "");
    }
    wb_text_add_string(out, "]");
}

/* The classes of refusal of each NodePool, as the golden vectors name them. */
static void add_refusals(wb_text *out, const wb_one_shot_solution *solution, uint32_t index)
{
    const char *separator = "";
    for (uint32_t i = 0; index != WB_ONE_SHOT_NONE && i < solution->result.reason_count; i++) {
        const wb_solver_reason *reason = &solution->result.reasons[i];
        if (reason->pod_index != index) {
            continue;
        }
        wb_text_add_format(out, "%s{", separator);
        add_string(out, "nodepool",
                   wb_intern_text(solution->input->intern,
                                  wb_solver_world_pool(solution->world, reason->pool_index)->name));
        wb_text_add_string(out, ", \"refused\": [");
        const char *comma = "";
        for (uint32_t bit = 1; bit <= WB_REFUSED_TYPES_TRIPLE; bit <<= 1) {
            if ((reason->refused & bit) != 0) {
                wb_text_add_string(out, comma);
                wb_text_add_json_string(out, wb_provisioning_refused_name(bit));
                comma = ", ";
            }
        }
        wb_text_add_string(out, "]}");
        separator = ", ";
    }
}

static void add_left(wb_text *out, const wb_one_shot_solution *solution)
{
    const wb_one_shot_input *input = solution->input;
    wb_text text;
    wb_text_init(&text);
    const char *separator = "\n    {";
    wb_text_add_string(out, ",\n  \"left_over\": [");
    for (uint32_t i = 0; i < input->pod_count; i++) {
        uint32_t claim_index = 0;
        uint32_t node_index = 0;
        if (wb_one_shot_is_placed(solution, i, &claim_index, &node_index)) {
            continue;
        }
        wb_text_add_string(out, separator);
        add_name(out, "pod");
        add_pod(out, solution, i);
        wb_text_clear(&text);
        wb_one_shot_print_group(input, &input->groups[input->pods[i].group_index], &text);
        wb_text_add_string(out, ", ");
        add_string(out, "workload", wb_text_string(&text));
        wb_text_clear(&text);
        wb_one_shot_print_reason(solution, i, &text);
        wb_text_add_string(out, ",\n     ");
        add_string(out, "reason", wb_text_string(&text));
        wb_text_add_string(out, ",\n     \"nodepools\": [");
        add_refusals(out, solution, solution->problem_index[i]);
        wb_text_add_string(out, "]}");
        separator = ",\n    {";
    }
    wb_text_add_string(out, "]");
    wb_text_release(&text);
}

void wb_solve_output_json(const wb_one_shot_solution *solution, wb_text *out)
{
    assert(solution != NULL && out != NULL);
    const wb_one_shot_input *input = solution->input;
    wb_text_add_string(out, "{\n  \"schema\": \"werkbank/solve/v1\",\n  ");
    add_string(out, "region", wb_intern_text(input->intern, input->catalog.region));
    wb_text_add_string(out, ",\n  ");
    add_string(out, "currency", input->catalog.currency);
    wb_text_add_string(out, ",\n  ");
    add_string(out, "price_source", input->catalog.price_source);
    wb_text_add_format(out,
                       ",\n  \"pods_total\": %u, \"pods_placed\": %u, "
                       "\"pods_on_existing_nodes\": %u, \"pods_left_over\": %u",
                       input->pod_count, input->pod_count - solution->left_count,
                       solution->on_node_count, solution->left_count);
    wb_text_add_format(out, ",\n  \"price_per_hour\": %.6f", solution->price_usd_per_hour);
    add_claims(out, solution);
    add_nodes(out, solution);
    add_left(out, solution);
    wb_text_add_string(out, ",\n  \"notes\": [");
    for (uint32_t i = 0; i < input->note_count; i++) {
        wb_text_add_string(out, i > 0 ? ",\n    " : "\n    ");
        wb_text_add_json_string(out, input->notes[i]);
    }
    wb_text_add_string(out, "]");
}
