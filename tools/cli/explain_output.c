#include "tools/cli/explain_output.h"

#include <assert.h>

#include "tools/cli/solve_output.h"

static const wb_intern *intern_of(const wb_one_shot_solution *solution)
{
    return solution->input->intern;
}

/* "Deployment shop/web, pod shop/web-1: left over, with 2 others of it". */
static void print_head(const wb_one_shot_solution *solution,
                       const wb_one_shot_explanation *explanation, wb_text *out)
{
    assert(explanation->pod_index < solution->input->pod_count);
    const wb_one_shot_pod *pod = &solution->input->pods[explanation->pod_index];
    wb_text_add_string(out, "\nexplain ");
    wb_one_shot_print_group(solution->input, &solution->input->groups[pod->group_index], out);
    wb_text_add_string(out, ", pod ");
    wb_solve_output_pod(solution->input, explanation->pod_index, out);
    if (explanation->node_index != WB_ONE_SHOT_NONE) {
        wb_text_add_format(
            out, ": placed on node %s, as existing nodes come first",
            wb_intern_text(intern_of(solution),
                           wb_solver_node_name(solution->nodes[explanation->node_index])));
    } else if (explanation->claim_index != WB_ONE_SHOT_NONE) {
        const wb_one_shot_claim *claim = &solution->claims[explanation->claim_index];
        const uint32_t first = solution->pod_index[claim->made->pod_indices[0]];
        wb_text_add_format(out, ": placed on NodeClaim %s", claim->name);
        if (first == explanation->pod_index) {
            wb_text_add_string(out, ", opened for it");
        } else {
            wb_text_add_string(out, ", which was open (for pod ");
            wb_solve_output_pod(solution->input, first, out);
            wb_text_add_string(out, ")");
        }
    } else {
        wb_text_add_string(out, ": left over");
        if (explanation->left_count > 1) {
            wb_text_add_format(out, ", with %u more", explanation->left_count - 1);
        }
    }
    wb_text_add_string(out, "\n");
}

static void print_nodes(const wb_one_shot_node_counts *nodes, wb_text *out)
{
    const struct {
        uint32_t count;
        const char *what;
    } rows[] = {
        {nodes->tainted, "have a taint that it does not tolerate"},
        {nodes->unlabelled, "do not match its node selector or affinity"},
        {nodes->full, "lack room"},
        {nodes->other, "would do, but for spread, affinity to pods, ports or volumes"},
    };
    if (nodes->offered == 0) {
        return;
    }
    wb_text_add_format(out, "  %u existing nodes", nodes->offered);
    const char *separator = ": ";
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].count > 0) {
            wb_text_add_format(out, "%s%u %s", separator, rows[i].count, rows[i].what);
            separator = ", ";
        }
    }
    wb_text_add_string(out, "\n");
}

static void print_funnel(const wb_one_shot_solution *solution, const wb_one_shot_funnel *funnel,
                         wb_text *out)
{
    assert(funnel->step_count <= WB_ONE_SHOT_STEPS_MAX);
    const wb_nodepool *pool = wb_solver_world_pool(solution->world, funnel->pool_index);
    wb_text_add_format(out, "  NodePool %s", wb_intern_text(intern_of(solution), pool->name));
    if (pool->weight != 0) {
        wb_text_add_format(out, " (weight %d)", pool->weight);
    }
    wb_text_add_format(out, "\n    %6u instance types\n", funnel->type_count);
    for (uint32_t i = 0; i < funnel->step_count; i++) {
        wb_text_add_format(out, "    %6u after %s\n", funnel->steps[i].left_count,
                           funnel->steps[i].text);
    }
}

static void print_fixes(const wb_one_shot_solution *solution,
                        const wb_one_shot_explanation *explanation, wb_text *out)
{
    assert(explanation->fixes.count <= WB_ONE_SHOT_FIXES_MAX);
    const wb_one_shot_fixes *fixes = &explanation->fixes;
    const uint32_t group_index = solution->input->pods[explanation->pod_index].group_index;
    if (fixes->count == 0) {
        wb_text_add_format(out, "  none of %u small changes would help\n", fixes->tried_count);
        return;
    }
    wb_text_add_format(out, "  what would help (%s of %u tried):\n",
                       fixes->are_pairs ? "two changes at once," : "one change,",
                       fixes->tried_count);
    for (uint32_t i = 0; i < fixes->count; i++) {
        const wb_one_shot_fix *fix = &fixes->items[i];
        wb_text_add_format(out, "    %+9.4f %s/h  %u of %u placed", fix->added_price_usd_per_hour,
                           solution->input->catalog.currency, fix->placed_count,
                           solution->input->groups[group_index].pod_count);
        if (fix->other_lost_count > 0) {
            wb_text_add_format(out, " (%u others lose their place)", fix->other_lost_count);
        }
        wb_text_add_format(out, ": %s\n", fix->text);
    }
    if (fixes->dropped_count > 0) {
        wb_text_add_format(out, "    and %u more, no better\n", fixes->dropped_count);
    }
}

void wb_explain_output_table(const wb_one_shot_solution *solution,
                             const wb_one_shot_explanation *explanation, wb_text *out)
{
    assert(solution != NULL && explanation != NULL && out != NULL);
    print_head(solution, explanation, out);
    if (solution->problem_index[explanation->pod_index] == WB_ONE_SHOT_NONE) {
        wb_text_add_string(out, "  ");
        wb_one_shot_print_reason(solution, explanation->pod_index, out);
        wb_text_add_string(out, "\n");
    } else {
        print_nodes(&explanation->nodes, out);
        for (uint32_t i = 0; i < explanation->funnel_count; i++) {
            print_funnel(solution, &explanation->funnels[i], out);
        }
    }
    if (!explanation->is_placed) {
        print_fixes(solution, explanation, out);
    }
}

/* --- JSON ------------------------------------------------------------------------------ */

static void add_steps(const wb_one_shot_solution *solution, const wb_one_shot_funnel *funnel,
                      wb_text *out)
{
    static const char *const kinds[] = {
        [WB_ONE_SHOT_STEP_POOL] = "nodepool", [WB_ONE_SHOT_STEP_LIMIT] = "limit",
        [WB_ONE_SHOT_STEP_TAINT] = "taint",   [WB_ONE_SHOT_STEP_POD] = "pod",
        [WB_ONE_SHOT_STEP_ROOM] = "room",     [WB_ONE_SHOT_STEP_OFFERING] = "offering",
        [WB_ONE_SHOT_STEP_SOLVER] = "solver",
    };
    const wb_nodepool *pool = wb_solver_world_pool(solution->world, funnel->pool_index);
    wb_text_add_string(out, "{\"nodepool\": ");
    wb_text_add_json_string(out, wb_intern_text(intern_of(solution), pool->name));
    wb_text_add_format(out, ", \"instance_types\": %u, \"steps\": [", funnel->type_count);
    for (uint32_t i = 0; i < funnel->step_count; i++) {
        wb_text_add_format(out, "%s\n        {\"constraint\": \"%s\", \"left\": %u, \"text\": ",
                           i > 0 ? "," : "", kinds[funnel->steps[i].kind],
                           funnel->steps[i].left_count);
        wb_text_add_json_string(out, funnel->steps[i].text);
        wb_text_add_string(out, "}");
    }
    wb_text_add_string(out, "]}");
}

void wb_explain_output_json(const wb_one_shot_solution *solution,
                            const wb_one_shot_explanation *explanation, wb_text *out)
{
    assert(solution != NULL && explanation != NULL && out != NULL);
    wb_text name;
    wb_text_init(&name);
    wb_solve_output_pod(solution->input, explanation->pod_index, &name);
    wb_text_add_string(out, "\n    {\"pod\": ");
    wb_text_add_json_string(out, wb_text_string(&name));
    wb_text_release(&name);
    const wb_one_shot_node_counts *nodes = &explanation->nodes;
    wb_text_add_format(out,
                       ", \"placed\": %s,\n     \"nodes\": {\"offered\": %u, \"tainted\": %u, "
                       "\"unlabelled\": %u, \"full\": %u, \"other\": %u},\n     \"nodepools\": [",
                       explanation->is_placed ? "true" : "false", nodes->offered, nodes->tainted,
                       nodes->unlabelled, nodes->full, nodes->other);
    for (uint32_t i = 0; i < explanation->funnel_count; i++) {
        wb_text_add_string(out, i > 0 ? ",\n      " : "\n      ");
        add_steps(solution, &explanation->funnels[i], out);
    }
    wb_text_add_string(out, "],\n     \"would_help\": [");
    for (uint32_t i = 0; i < explanation->fixes.count; i++) {
        const wb_one_shot_fix *fix = &explanation->fixes.items[i];
        wb_text_add_string(out, i > 0 ? ",\n      {\"change\": " : "\n      {\"change\": ");
        wb_text_add_json_string(out, fix->text);
        wb_text_add_format(out,
                           ", \"pods_placed\": %u, \"others_lost\": %u, "
                           "\"added_price_per_hour\": %.6f}",
                           fix->placed_count, fix->other_lost_count, fix->added_price_usd_per_hour);
    }
    wb_text_add_string(out, "]}");
}
