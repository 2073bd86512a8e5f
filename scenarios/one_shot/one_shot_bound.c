#include "scenarios/one_shot/one_shot_bound.h"

#include <assert.h>

#include "base/bitset.h"
#include "kube/names.h"
#include "solver/machine_list.h"
#include "solver/packing_bound.h"
#include "solver/taints.h"

/* Pods alike to the bound. */
typedef struct pod_class {
    wb_resource_list requests;
    wb_machine_wish wish;
    uint32_t pod_count, per_machine;
    const wb_pod_template *last; /* the template that was sorted in last: most pods come in a row */
} pod_class;

typedef struct bound_maker {
    wb_arena *arena;
    const wb_one_shot_solution *solution;
    pod_class classes[WB_KNAPSACK_CLASSES_MAX];
    uint32_t class_count;
    uint32_t resources[WB_KNAPSACK_RESOURCES_MAX]; /* interned names that pods ask for */
    uint32_t resource_count;
    wb_one_shot_bound *out;
} bound_maker;

/* ---- pods ---- */

static bool same_requests(wb_resource_list a, wb_resource_list b)
{
    if (a.count != b.count) {
        return false;
    }
    for (uint32_t i = 0; i < a.count; i++) {
        if (a.items[i].name != b.items[i].name || a.items[i].amount != b.items[i].amount) {
            return false;
        }
    }
    return true;
}

/* Two pods that cannot share a machine: they take the same host port, or repel their own kind. */
static bool is_alone(const wb_pod_template *template)
{
    for (uint32_t i = 0; i < template->anti_affinity_required_count; i++) {
        const wb_pod_term *term = &template->anti_affinity_required[i];
        if (term->topology_key == WB_NAME_HOSTNAME && term->namespace_count == 0 &&
            !term->namespace_selector.is_set && term->match_label_key_count == 0 &&
            term->mismatch_label_key_count == 0 &&
            wb_label_selector_matches(&term->selector, template->labels)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < template->host_port_count; i++) {
        if (!template->host_ports[i].is_init_container) {
            return true;
        }
    }
    return false;
}

static uint32_t find_class(bound_maker *maker, const wb_pod_template *template)
{
    for (uint32_t i = 0; i < maker->class_count; i++) {
        if (maker->classes[i].last == template) {
            return i;
        }
    }
    const wb_machine_wish wish =
        wb_machine_list_wish(maker->arena, maker->solution->input->intern, template);
    const uint32_t per_machine = is_alone(template) ? 1 : UINT32_MAX;
    for (uint32_t i = 0; i < maker->class_count; i++) {
        pod_class *one = &maker->classes[i];
        if (one->per_machine == per_machine && same_requests(one->requests, template->requests) &&
            wb_machine_list_same(&one->wish, &wish)) {
            one->last = template;
            return i;
        }
    }
    if (maker->class_count == WB_KNAPSACK_CLASSES_MAX) {
        return WB_ONE_SHOT_NONE;
    }
    maker->classes[maker->class_count] = (pod_class){
        .requests = template->requests,
        .wish = wish,
        .per_machine = per_machine,
        .last = template,
    };
    return maker->class_count++;
}

/* More resources than there is room for are not asked about, which asks for less. */
static void note_resources(bound_maker *maker, wb_resource_list requests)
{
    for (uint32_t i = 0; i < requests.count; i++) {
        bool is_known = requests.items[i].amount <= 0;
        for (uint32_t r = 0; r < maker->resource_count && !is_known; r++) {
            is_known = maker->resources[r] == requests.items[i].name;
        }
        if (!is_known && maker->resource_count < WB_KNAPSACK_RESOURCES_MAX) {
            maker->resources[maker->resource_count++] = requests.items[i].name;
        }
    }
}

static void count_pods(bound_maker *maker)
{
    const wb_one_shot_solution *solution = maker->solution;
    for (uint32_t i = 0; i < solution->input->pod_count; i++) {
        uint32_t claim_index = 0;
        uint32_t node_index = 0;
        if (!wb_one_shot_is_placed(solution, i, &claim_index, &node_index)) {
            continue;
        }
        const wb_one_shot_claim *claim =
            claim_index != WB_ONE_SHOT_NONE ? &solution->claims[claim_index] : NULL;
        const bool is_counted = claim == NULL || (claim->type_index != WB_ONE_SHOT_NONE &&
                                                  claim->capacity_type != WB_CAPACITY_RESERVED);
        const uint32_t class_index =
            is_counted ? find_class(maker, solution->input->pods[i].template) : WB_ONE_SHOT_NONE;
        if (class_index == WB_ONE_SHOT_NONE) {
            maker->out->left_out_count++;
            continue;
        }
        maker->classes[class_index].pod_count++;
        maker->out->pod_count++;
        note_resources(maker, maker->classes[class_index].requests);
    }
    for (uint32_t i = 0; i < solution->result.claim_count; i++) {
        const wb_one_shot_claim *claim = &solution->claims[i];
        if (claim->type_index != WB_ONE_SHOT_NONE && claim->capacity_type != WB_CAPACITY_RESERVED) {
            maker->out->price_usd_per_hour += claim->price_usd_per_hour;
        }
    }
}

static double *dense(const bound_maker *maker, wb_resource_list list)
{
    double *amounts = WB_ARENA_ARRAY(maker->arena, double, maker->resource_count);
    for (uint32_t r = 0; r < maker->resource_count; r++) {
        const int64_t amount = wb_resource_list_get(list, maker->resources[r]);
        amounts[r] = amount > 0 ? (double)amount : 0.0;
    }
    return amounts;
}

/* ---- machines ---- */

/* What DaemonSets take of every node of the option for certain. Karpenter forgets a required term
 * that failed once, so those with several are not counted. */
static void take_daemons(const bound_maker *maker, const wb_machine_option *option,
                         double *capacity)
{
    const wb_one_shot_input *input = maker->solution->input;
    for (uint32_t i = 0; i < input->daemon_count; i++) {
        const wb_pod_template *template = input->daemons[i];
        const wb_machine_wish wish = wb_machine_list_wish(maker->arena, input->intern, template);
        if (template->required_term_count > 1 ||
            !wb_machine_list_carries(maker->solution->world, option, &wish)) {
            continue;
        }
        for (uint32_t r = 0; r < maker->resource_count; r++) {
            const double left =
                capacity[r] - (double)wb_resource_list_get(template->requests, maker->resources[r]);
            capacity[r] = left > 0.0 ? left : 0.0;
        }
    }
}

static uint32_t make_machines(const bound_maker *maker, wb_cost_bound_machine **out)
{
    const wb_solver_world *world = maker->solution->world;
    const wb_machine_option *options = NULL;
    const uint32_t option_count = wb_machine_list_make(maker->arena, world, &options);
    wb_cost_bound_machine *machines =
        WB_ARENA_ARRAY(maker->arena, wb_cost_bound_machine, (size_t)option_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < option_count; i++) {
        if (!(options[i].offering.price_usd_per_hour > 0.0) || !options[i].offering.is_available) {
            continue;
        }
        uint64_t *classes =
            WB_ARENA_ARRAY(maker->arena, uint64_t, wb_bitset_word_count(maker->class_count));
        for (uint32_t g = 0; g < maker->class_count; g++) {
            if (wb_machine_list_allows(world, &options[i], &maker->classes[g].wish)) {
                wb_bitset_add(classes, g);
            }
        }
        double *capacity =
            dense(maker, wb_solver_world_allocatable(maker->arena, world, options[i].type_index));
        take_daemons(maker, &options[i], capacity);
        machines[count++] = (wb_cost_bound_machine){
            .price = options[i].offering.price_usd_per_hour,
            .capacity = capacity,
            .classes = classes,
        };
    }
    *out = machines;
    return count;
}

/* ---- nodes that are there ---- */

/* Taints that go by themselves, startup taints and preferences do not keep a pod away for good. */
static bool tolerates_node(const wb_intern *intern, const wb_machine_wish *wish,
                           const wb_solver_node_desc *desc)
{
    for (uint32_t i = 0; i < desc->taint_count; i++) {
        const wb_taint *taint = &desc->taints[i];
        bool is_startup = wb_taints_is_ephemeral(intern, taint);
        for (uint32_t k = 0; k < desc->startup_taint_count; k++) {
            is_startup = is_startup || wb_taints_matches(&desc->startup_taints[k], taint);
        }
        if (!is_startup && taint->effect != WB_TAINT_PREFER_NO_SCHEDULE &&
            !wb_tolerations_tolerate(intern, wish->tolerations, wish->toleration_count, taint)) {
            return false;
        }
    }
    return true;
}

static uint64_t *classes_of_node(const bound_maker *maker, uint32_t node_index)
{
    wb_intern *intern = maker->solution->input->intern;
    const wb_solver_node_desc *desc = &maker->solution->input->nodes[node_index].desc;
    const wb_requirements labels =
        wb_requirements_from_labels(maker->arena, intern,
                                    wb_solver_node_labels(maker->solution->nodes[node_index]));
    uint64_t *classes =
        WB_ARENA_ARRAY(maker->arena, uint64_t, wb_bitset_word_count(maker->class_count));
    for (uint32_t g = 0; g < maker->class_count; g++) {
        const wb_machine_wish *wish = &maker->classes[g].wish;
        bool is_met = false;
        for (uint32_t i = 0; i < wish->alternative_count && !is_met; i++) {
            is_met = wb_requirements_compatible(intern, labels, wish->alternatives[i],
                                                WB_UNDEFINED_NONE, NULL) == WB_COMPATIBLE;
        }
        if (is_met && tolerates_node(intern, wish, desc)) {
            wb_bitset_add(classes, g);
        }
    }
    return classes;
}

static uint32_t make_places(const bound_maker *maker, wb_packing_place **out)
{
    const wb_one_shot_solution *solution = maker->solution;
    const uint32_t node_count = solution->input->node_count;
    wb_packing_place *places =
        WB_ARENA_ARRAY(maker->arena, wb_packing_place, (size_t)node_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < node_count; i++) {
        const uint8_t role = solution->problem.node_roles[i];
        if (role == WB_NODE_ROLE_REMOVED || role == WB_NODE_ROLE_DELETING) {
            continue;
        }
        places[count++] = (wb_packing_place){
            .room = dense(maker, wb_solver_node_remaining(maker->arena, solution->nodes[i])),
            .classes = classes_of_node(maker, i),
        };
    }
    *out = places;
    return count;
}

/* ---- together ---- */

static void find(bound_maker *maker)
{
    wb_cost_bound_machine *machines = NULL;
    wb_packing_place *places = NULL;
    const uint32_t machine_count = make_machines(maker, &machines);
    const uint32_t place_count = make_places(maker, &places);
    double *requests =
        WB_ARENA_ARRAY(maker->arena, double, (size_t)maker->class_count * maker->resource_count);
    uint32_t pods[WB_KNAPSACK_CLASSES_MAX];
    uint32_t per_machine[WB_KNAPSACK_CLASSES_MAX];
    for (uint32_t g = 0; g < maker->class_count; g++) {
        const double *own = dense(maker, maker->classes[g].requests);
        for (uint32_t r = 0; r < maker->resource_count; r++) {
            requests[(size_t)g * maker->resource_count + r] = own[r];
        }
        pods[g] = maker->classes[g].pod_count;
        per_machine[g] = maker->classes[g].per_machine;
    }
    const wb_packing_problem problem = {
        .base = {.machines = machines,
                 .requests = requests,
                 .machine_count = machine_count,
                 .class_count = maker->class_count,
                 .resource_count = maker->resource_count},
        .pods = pods,
        .per_machine = per_machine,
        .places = places,
        .place_count = place_count,
    };
    wb_packing_bound found;
    wb_packing_bound_find(maker->arena, &problem, &found, NULL);
    maker->out->bound_usd_per_hour = found.bound;
    maker->out->program_usd_per_hour = found.program;
    maker->out->machine_count = found.machine_count;
    maker->out->packing_count = found.packing_count;
    maker->out->round_count = found.round_count;
}

void wb_one_shot_bound_find(wb_arena *scratch, const wb_one_shot_solution *solution,
                            wb_one_shot_bound *out)
{
    assert(solution->world != NULL && out != NULL);
    const wb_arena_mark mark = wb_arena_get_mark(scratch);
    *out = (wb_one_shot_bound){.program_usd_per_hour = -1.0};
    bound_maker *maker = WB_ARENA_NEW(scratch, bound_maker);
    maker->arena = scratch;
    maker->solution = solution;
    maker->out = out;
    count_pods(maker);
    out->class_count = maker->class_count;
    if (maker->class_count > 0) {
        find(maker);
    }
    wb_arena_rewind(scratch, mark);
}
