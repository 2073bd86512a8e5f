#include "tools/cli/solve_output.h"

#include <assert.h>

#include "kube/names.h"
#include "tools/cli/result_table.h"

#define PLACES_SHOWN 6 /* of one workload; the rest is counted */
#define GIB          1073741824.0

static const wb_result_column claim_columns[] = {
    {"NODECLAIM", "nodeclaim", false, false},
    {"INSTANCE TYPE", "instance_type", false, false},
    {"ZONE", "zone", false, false},
    {"MARKET", "capacity_type", false, false},
    {"$/HOUR", "price_per_hour", true, false},
    {"CPU", "cpu", true, false},
    {"MEMORY", "memory", true, false},
    {"PODS", "pods", true, false},
    {"OTHER TYPES", "other_types", true, false},
};

static const wb_result_column workload_columns[] = {
    {"WORKLOAD", "workload", false, false},
    {"PODS", "pods", true, false},
    {"WHERE", "where", false, false},
};

void wb_solve_output_pod(const wb_one_shot_input *input, uint32_t pod_index, wb_text *out)
{
    assert(pod_index < input->pod_count);
    wb_text_add_format(out, "%s/%s",
                       wb_intern_text(input->intern, input->pods[pod_index].namespace_name),
                       wb_intern_text(input->intern, input->pods[pod_index].name));
}

static int percent(int64_t part, int64_t whole)
{
    return whole > 0 ? (int)((part * 100 + whole / 2) / whole) : 0;
}

/* --- NodeClaims ------------------------------------------------------------------------ */

static void add_claim_row(wb_result_table *table, const wb_one_shot_solution *solution,
                          const wb_one_shot_claim *claim)
{
    assert(claim->made != NULL);
    const wb_intern *intern = solution->input->intern;
    wb_result_table_add_row(table);
    wb_result_table_set(table, 0, claim->name);
    wb_result_table_set_format(table, 7, "%u", claim->made->pod_count);
    if (claim->type_index == WB_ONE_SHOT_NONE) {
        wb_result_table_set(table, 1, "none can be launched");
        return;
    }
    const wb_catalog_type *type = wb_solver_world_type(solution->world, claim->type_index);
    wb_result_table_set(table, 1, wb_intern_text(intern, type->name));
    wb_result_table_set(table, 2, wb_intern_text(intern, claim->zone));
    wb_result_table_set(table, 3, wb_capacity_type_name(claim->capacity_type));
    wb_result_table_set_format(table, 4, "%.4f", claim->price_usd_per_hour);
    wb_result_table_set_format(table, 5, "%.2f/%.2f %2d %%",
                               (double)claim->cpu_requested_milli / 1000.0,
                               (double)claim->cpu_allocatable_milli / 1000.0,
                               percent(claim->cpu_requested_milli, claim->cpu_allocatable_milli));
    wb_result_table_set_format(
        table, 6, "%.1f/%.1f Gi %2d %%", (double)claim->memory_requested_bytes / GIB,
        (double)claim->memory_allocatable_bytes / GIB,
        percent(claim->memory_requested_bytes, claim->memory_allocatable_bytes));
    wb_result_table_set_format(table, 8, "%u", claim->plan.type_count - 1);
}

static void print_claims(const wb_one_shot_solution *solution, wb_arena *scratch, wb_text *out)
{
    if (solution->result.claim_count == 0) {
        wb_text_add_string(out, "no NodeClaims\n");
        return;
    }
    wb_result_table table;
    wb_result_table_init(&table, scratch, claim_columns,
                         sizeof(claim_columns) / sizeof(claim_columns[0]));
    for (uint32_t i = 0; i < solution->result.claim_count; i++) {
        add_claim_row(&table, solution, &solution->claims[i]);
    }
    wb_result_table_print(&table, "table", out);
}

/* --- Workloads ------------------------------------------------------------------------- */

/* Where the pods of one group went: places in order of first use. */
typedef struct place {
    uint32_t claim_index, node_index, pod_count;
} place;

typedef struct place_list {
    place *items;
    uint32_t count;
} place_list;

static void count_place(place_list *list, uint32_t claim_index, uint32_t node_index)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i].claim_index == claim_index && list->items[i].node_index == node_index) {
            list->items[i].pod_count++;
            return;
        }
    }
    list->items[list->count++] = (place){claim_index, node_index, 1};
}

static void print_place(const wb_one_shot_solution *solution, const place *one, wb_text *out)
{
    assert(one->pod_count > 0);
    wb_text_add_format(out, "%u ", one->pod_count);
    if (one->claim_index != WB_ONE_SHOT_NONE) {
        wb_text_add_format(out, "on %s", solution->claims[one->claim_index].name);
    } else if (one->node_index != WB_ONE_SHOT_NONE) {
        wb_text_add_format(out, "on node %s",
                           wb_intern_text(solution->input->intern,
                                          wb_solver_node_name(solution->nodes[one->node_index])));
    } else {
        wb_text_add_string(out, "left over");
    }
}

static void add_workload_row(wb_result_table *table, const wb_one_shot_solution *solution,
                             uint32_t group_index, const place_list *places)
{
    assert(group_index < solution->input->group_count);
    const wb_one_shot_input *input = solution->input;
    const wb_one_shot_group *group = &input->groups[group_index];
    wb_text text;
    wb_text_init(&text);
    wb_one_shot_print_group(input, group, &text);
    wb_result_table_add_row(table);
    wb_result_table_set(table, 0, wb_text_string(&text));
    wb_result_table_set_format(table, 1, "%u", group->pod_count);
    wb_text_clear(&text);
    for (uint32_t i = 0; i < places->count; i++) {
        const bool is_left = places->items[i].claim_index == WB_ONE_SHOT_NONE &&
                             places->items[i].node_index == WB_ONE_SHOT_NONE;
        if (i < PLACES_SHOWN || is_left) {
            wb_text_add_string(&text, text.length > 0 ? ", " : "");
            print_place(solution, &places->items[i], &text);
        }
    }
    if (places->count > PLACES_SHOWN) {
        wb_text_add_format(&text, " (%u places in all)", places->count);
    }
    wb_result_table_set(table, 2, wb_text_string(&text));
    wb_text_release(&text);
}

/* Pods by group, in one pass: a list of pods threaded through next. */
typedef struct group_pods {
    uint32_t *first, *next; /* per group, per pod; WB_ONE_SHOT_NONE ends */
} group_pods;

static group_pods thread_pods(const wb_one_shot_input *input, wb_arena *scratch)
{
    group_pods made = {.first = WB_ARENA_ARRAY(scratch, uint32_t, input->group_count),
                       .next = WB_ARENA_ARRAY(scratch, uint32_t, input->pod_count)};
    for (uint32_t g = 0; g < input->group_count; g++) {
        made.first[g] = WB_ONE_SHOT_NONE;
    }
    for (uint32_t i = input->pod_count; i-- > 0;) {
        const uint32_t group_index = input->pods[i].group_index;
        made.next[i] = made.first[group_index];
        made.first[group_index] = i;
    }
    return made;
}

static void print_workloads(const wb_one_shot_solution *solution, wb_arena *scratch, wb_text *out)
{
    const wb_one_shot_input *input = solution->input;
    const group_pods by_group = thread_pods(input, scratch);
    wb_result_table table;
    wb_result_table_init(&table, scratch, workload_columns,
                         sizeof(workload_columns) / sizeof(workload_columns[0]));
    for (uint32_t g = 0; g < input->group_count; g++) {
        if (input->groups[g].pod_count == 0) {
            continue;
        }
        place_list places = {.items = WB_ARENA_ARRAY(scratch, place, input->groups[g].pod_count)};
        for (uint32_t i = by_group.first[g]; i != WB_ONE_SHOT_NONE; i = by_group.next[i]) {
            uint32_t claim_index = 0;
            uint32_t node_index = 0;
            (void)wb_one_shot_is_placed(solution, i, &claim_index, &node_index);
            count_place(&places, claim_index, node_index);
        }
        add_workload_row(&table, solution, g, &places);
    }
    if (table.row_count > 0) {
        wb_text_add_string(out, "\n");
        wb_result_table_print(&table, "table", out);
    }
}

/* --- Left over ------------------------------------------------------------------------- */

/* One reason a line. */
static void print_reasons(const wb_one_shot_solution *solution, uint32_t pod_index, wb_text *out)
{
    const uint32_t index = solution->problem_index[pod_index];
    bool is_said = false;
    for (uint32_t i = 0; index != WB_ONE_SHOT_NONE && i < solution->result.reason_count; i++) {
        if (solution->result.reasons[i].pod_index == index) {
            wb_text_add_string(out, "  ");
            wb_provisioning_reason_print(solution->world, &solution->result.reasons[i], out);
            wb_text_add_string(out, "\n");
            is_said = true;
        }
    }
    if (!is_said) {
        wb_text_add_string(out, "  ");
        wb_one_shot_print_reason(solution, pod_index, out);
        wb_text_add_string(out, "\n");
    }
}

static void print_left(const wb_one_shot_solution *solution, wb_arena *scratch, wb_text *out)
{
    const wb_one_shot_input *input = solution->input;
    const group_pods by_group = thread_pods(input, scratch);
    for (uint32_t g = 0; g < input->group_count; g++) {
        uint32_t first = WB_ONE_SHOT_NONE;
        uint32_t count = 0;
        for (uint32_t i = by_group.first[g]; i != WB_ONE_SHOT_NONE; i = by_group.next[i]) {
            uint32_t claim_index = 0;
            uint32_t node_index = 0;
            if (!wb_one_shot_is_placed(solution, i, &claim_index, &node_index)) {
                first = count == 0 ? i : first;
                count++;
            }
        }
        if (count == 0) {
            continue;
        }
        wb_text_add_string(out, "\nleft over: ");
        wb_one_shot_print_group(input, &input->groups[g], out);
        wb_text_add_format(out, ", %u of %u pods\n", count, input->groups[g].pod_count);
        print_reasons(solution, first, out);
    }
}

static void print_totals(const wb_one_shot_solution *solution, wb_text *out)
{
    const wb_one_shot_input *input = solution->input;
    const uint32_t placed = input->pod_count - solution->left_count;
    wb_text_add_format(out, "\n%u NodeClaim%s for %.4f %s an hour; %u of %u pods placed",
                       solution->result.claim_count, solution->result.claim_count == 1 ? "" : "s",
                       solution->price_usd_per_hour, input->catalog.currency, placed,
                       input->pod_count);
    if (input->node_count > 0) {
        wb_text_add_format(out, ", %u of them on %u existing nodes", solution->on_node_count,
                           input->node_count);
    }
    wb_text_add_format(out, "\nregion %s%s; prices: %s\n",
                       wb_intern_text(input->intern, input->catalog.region),
                       input->region_is_assumed ? " (the files name none)" : "",
                       input->catalog.price_source);
}

void wb_solve_output_table(const wb_one_shot_solution *solution, wb_arena *scratch, wb_text *out)
{
    assert(solution != NULL && scratch != NULL && out != NULL);
    print_claims(solution, scratch, out);
    print_workloads(solution, scratch, out);
    print_left(solution, scratch, out);
    print_totals(solution, out);
}

/* --- The bound ------------------------------------------------------------------------- */

void wb_solve_output_bound(const wb_one_shot_bound *bound, const char *currency, wb_text *out)
{
    assert(bound != NULL && currency != NULL);
    wb_text_add_format(out, "bound: machines for %u pods cost %.4f %s an hour at least",
                       bound->pod_count, bound->bound_usd_per_hour, currency);
    if (bound->bound_usd_per_hour > 0.0) {
        wb_text_add_format(out, "; these cost %.4f, gap %.1f %%", bound->price_usd_per_hour,
                           100.0 * (bound->price_usd_per_hour / bound->bound_usd_per_hour - 1.0));
    }
    wb_text_add_format(out,
                       "\n  (%u classes of pods, %u machines that matter, %u packings in %u "
                       "rounds)\n",
                       bound->class_count, bound->machine_count, bound->packing_count,
                       bound->round_count);
    if (bound->left_out_count > 0) {
        wb_text_add_format(out,
                           "  %u pods are left out: on reserved capacity, or of too many kinds\n",
                           bound->left_out_count);
    }
}

void wb_solve_output_bound_json(const wb_one_shot_bound *bound, wb_text *out)
{
    assert(bound != NULL && out != NULL);
    wb_text_add_format(out,
                       ",\n  \"bound\": {\"bound_per_hour\": %.6f, \"price_per_hour\": %.6f, "
                       "\"pods\": %u, \"pods_left_out\": %u, \"classes\": %u, \"machines\": %u, "
                       "\"packings\": %u, \"rounds\": %u}",
                       bound->bound_usd_per_hour, bound->price_usd_per_hour, bound->pod_count,
                       bound->left_out_count, bound->class_count, bound->machine_count,
                       bound->packing_count, bound->round_count);
}
