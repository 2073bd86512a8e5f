#include "scenarios/bound/run_bound.h"

#include <assert.h>

#include "base/sort.h"
#include "solver/packing_bound.h"
#include "scenarios/bound/bound_machines.h"

#define MS_PER_HOUR 3.6e6
/* Intervals: a program of n classes takes some n^2 steps, and the whole should stay well below the
 * time of the run itself. */
#define INTERVALS_MAX       64U
#define INTERVAL_CLASSES    2048U
#define INTERVALS_MIN       8U
#define WHOLE_CLASSES_MAX   32U /* of pods, above which they are not looked at as whole */
#define WHOLE_ROUNDS        30U /* of column generation for that */
#define PODS_SCALE_MAX      1e6
#define ROUNDED_DOWN_TO     100000 /* nano-dollars: a hundredth of a cent hides the last digits */
#define MACHINES_SHOWN      12U
#define LEAST_MACHINE_HOURS 1e-6 /* less than that is a rounding */

static uint32_t count_intervals(uint32_t class_count)
{
    assert(class_count > 0);
    const uint32_t wanted = INTERVAL_CLASSES / class_count;
    const uint32_t most = wanted < INTERVALS_MAX ? wanted : INTERVALS_MAX;
    return most > INTERVALS_MIN ? most : INTERVALS_MIN;
}

/* What one bound is found for. */
typedef struct bound_task {
    wb_cost_bound_problem problem;
    const wb_bound_machine **names; /* of the problem's machines */
    bool have_prices;               /* of the machines: some change over time */
    const double *demand_ms;        /* by interval and class */
    uint32_t interval_count;
    int64_t end_ms;
    const uint32_t *most; /* by class: pods at one moment; NULL: whole pods are not asked about */
    const double *worths; /* by class: of a pod, when pods are whole; NULL: likewise */
    double *hours;        /* by machine of the problem, summed up; NULL: not asked for */
    double usd;           /* likewise */
} bound_task;

/* One interval by a bound that is prepared. */
static void add_interval(bound_task *task, wb_cost_bound *bound, uint32_t interval, double *demand)
{
    const uint32_t class_count = task->problem.class_count;
    double total = 0.0;
    double whole = 0.0;
    for (uint32_t g = 0; g < class_count; g++) {
        demand[g] = task->demand_ms[(size_t)interval * class_count + g] / MS_PER_HOUR;
        total += demand[g];
        whole += task->worths != NULL ? demand[g] * task->worths[g] : 0.0;
    }
    const double fluid = total > 0.0 ? wb_cost_bound_least(bound, demand, task->hours) : 0.0;
    task->usd += fluid > whole ? fluid : whole;
}

/* What pods are worth when they and packings of them are whole: one proof for all intervals, found
 * for the sum of them. Only the proportions of the pods matter to it, and that there are no fewer
 * of a class than stood on a machine at one moment. */
static void price_whole_pods(wb_arena *arena, bound_task *task)
{
    const uint32_t class_count = task->problem.class_count;
    uint32_t *pods = WB_ARENA_ARRAY(arena, uint32_t, class_count);
    double *worths = WB_ARENA_ARRAY(arena, double, class_count);
    double *sums = WB_ARENA_ARRAY(arena, double, class_count);
    double scale = 1.0; /* pods that stand for one pod at all times: no fewer than there were */
    for (uint32_t g = 0; g < class_count; g++) {
        for (uint32_t i = 0; i < task->interval_count; i++) {
            sums[g] += task->demand_ms[(size_t)i * class_count + g] / (double)(task->end_ms + 1);
        }
        const double ratio = sums[g] > 0.0 ? (double)task->most[g] / sums[g] : 1.0;
        scale = ratio > scale ? ratio : scale;
    }
    scale = scale < PODS_SCALE_MAX ? scale : PODS_SCALE_MAX;
    for (uint32_t g = 0; g < class_count; g++) {
        const double share = sums[g] * scale;
        pods[g] = share < 1e9 ? (uint32_t)share : 1000000000U;
        pods[g] = pods[g] < task->most[g] ? task->most[g] : pods[g];
    }
    const wb_packing_problem problem = {
        .base = task->problem,
        .pods = pods,
        .per_machine = task->most,
        .round_limit = WHOLE_ROUNDS,
    };
    wb_packing_bound found;
    wb_packing_bound_find(arena, &problem, &found, worths);
    task->worths = found.bound > 0.0 ? worths : NULL;
}

/* With prices that move, each interval has machines of its own, at the least price of the time. */
static void add_priced_intervals(wb_arena *arena, bound_task *task, double *demand)
{
    const int64_t length_ms = wb_run_classes_interval_ms(task->end_ms, task->interval_count);
    wb_cost_bound_problem problem = task->problem;
    wb_cost_bound_machine *machines =
        WB_ARENA_ARRAY(arena, wb_cost_bound_machine, (size_t)problem.machine_count + 1);
    problem.machines = machines;
    for (uint32_t i = 0; i < task->interval_count; i++) {
        const wb_arena_mark mark = wb_arena_get_mark(arena);
        for (uint32_t j = 0; j < problem.machine_count; j++) {
            machines[j] = task->problem.machines[j];
            machines[j].price =
                wb_bound_machines_least_price(task->names[j], i * length_ms, (i + 1) * length_ms);
        }
        wb_cost_bound *bound = wb_cost_bound_new(arena, &problem);
        add_interval(task, bound, i, demand);
        wb_cost_bound_release(bound);
        wb_arena_rewind(arena, mark);
    }
}

static void sum_up(wb_arena *arena, bound_task *task)
{
    double *demand = WB_ARENA_ARRAY(arena, double, task->problem.class_count);
    if (task->have_prices) {
        add_priced_intervals(arena, task, demand);
        return;
    }
    if (task->most != NULL && task->problem.class_count <= WHOLE_CLASSES_MAX) {
        price_whole_pods(arena, task);
    }
    wb_cost_bound *bound = wb_cost_bound_new(arena, &task->problem);
    for (uint32_t i = 0; i < task->interval_count; i++) {
        add_interval(task, bound, i, demand);
    }
    wb_cost_bound_release(bound);
}

/* The machines of a contender, or of all (UINT32_MAX). */
static void choose_machines(wb_arena *arena, const wb_bound_machines *machines, uint32_t contender,
                            bound_task *out)
{
    wb_cost_bound_machine *items =
        WB_ARENA_ARRAY(arena, wb_cost_bound_machine, (size_t)machines->count + 1);
    out->names = WB_ARENA_ARRAY(arena, const wb_bound_machine *, (size_t)machines->count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < machines->count; i++) {
        if (contender == UINT32_MAX || machines->names[i].contender == contender) {
            items[count] = machines->items[i];
            out->names[count++] = &machines->names[i];
        }
    }
    out->problem.machines = items;
    out->problem.machine_count = count;
}

/* Costs are rounded to the nano-dollar, machine by machine. */
static int64_t round_down(double usd, uint32_t instance_count)
{
    const int64_t nusd = (int64_t)(usd * 1e9) - (int64_t)instance_count;
    return nusd > 0 ? nusd - nusd % ROUNDED_DOWN_TO : 0;
}

/* ---- the mix ---- */

static int compare_mix(const void *a, const void *b, void *context)
{
    const wb_store_bound_machine *left = a;
    const wb_store_bound_machine *right = b;
    (void)context;
    if (left->cost_nusd != right->cost_nusd) {
        return left->cost_nusd > right->cost_nusd ? -1 : 1;
    }
    return left->position < right->position ? -1 : 1;
}

/* What the programs would run, dearest first; what lies beyond the first ones is summed up. */
static void describe_mix(wb_arena *arena, const wb_intern *intern,
                         const wb_bound_machines *machines, const double *hours,
                         wb_store_bound *out)
{
    wb_store_bound_machine *mix =
        WB_ARENA_ARRAY(arena, wb_store_bound_machine, (size_t)machines->count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < machines->count; i++) {
        if (hours[i] < LEAST_MACHINE_HOURS) {
            continue;
        }
        mix[count] = (wb_store_bound_machine){
            .position = count,
            .instance_type = wb_intern_text(intern, machines->names[i].type_name),
            .zone = wb_intern_text(intern, machines->names[i].zone),
            .capacity_type = wb_capacity_type_name(machines->names[i].capacity_type),
            .node_ms = (int64_t)(hours[i] * MS_PER_HOUR),
            .cost_nusd = (int64_t)(hours[i] * machines->items[i].price * 1e9),
        };
        count++;
    }
    wb_sort(mix, count, sizeof mix[0], compare_mix, NULL);
    for (uint32_t i = 0; i < count; i++) {
        mix[i].position = i;
    }
    out->mix = mix;
    out->mix_count = count < MACHINES_SHOWN ? count : MACHINES_SHOWN;
}

void wb_run_bound_compute(wb_arena *arena, const wb_scenario *scenario, uint32_t contender_index,
                          const wb_finished_run *run, wb_store_bound *out)
{
    assert(contender_index < scenario->contender_count);
    wb_run_classes classes;
    wb_run_classes_make(arena, run, &classes);
    *out = (wb_store_bound){.served_pod_ms = classes.served_sum_ms};
    if (classes.class_count == 0) {
        return; /* nothing ran on anything that costs: no cost can be less */
    }
    wb_bound_universe universe;
    wb_bound_universe_init(arena, run->intern, scenario, &universe);
    wb_bound_machines machines;
    wb_bound_machines_make(arena, &universe, run, &classes, contender_index, &machines);
    const uint32_t interval_count = count_intervals(classes.class_count);
    const double *demand = wb_run_classes_demand(arena, run, &classes, interval_count);
    bound_task task = {
        .problem = {.requests = classes.requests,
                    .class_count = classes.class_count,
                    .resource_count = classes.resource_count},
        .have_prices = machines.have_prices,
        .demand_ms = demand,
        .interval_count = interval_count,
        .end_ms = run->end_ms,
        .most = wb_run_classes_most(arena, run, &classes),
        .hours = WB_ARENA_ARRAY(arena, double, (size_t)machines.count + 1),
    };
    const uint32_t instance_count = run->cloud->instance_count;
    choose_machines(arena, &machines, UINT32_MAX, &task);
    sum_up(arena, &task);
    out->bound_nusd = round_down(task.usd, instance_count);
    describe_mix(arena, run->intern, &machines, task.hours, out);

    choose_machines(arena, &machines, contender_index, &task);
    const uint32_t own_count = task.problem.machine_count;
    out->own_nusd = out->bound_nusd;
    if (own_count < machines.count) {
        task.hours = NULL;
        task.worths = NULL;
        task.usd = 0.0;
        sum_up(arena, &task);
        /* What no machine can undercut, those of one contender can't: the better proof of two. */
        const int64_t own_nusd = round_down(task.usd, instance_count);
        out->own_nusd = own_nusd > out->own_nusd ? own_nusd : out->own_nusd;
    }
    out->class_count = classes.class_count;
    out->rounding_bits = classes.rounding_bits;
    out->interval_count = interval_count;
    out->machine_count = machines.count;
    out->own_machine_count = own_count;
    out->seen_machine_count = machines.seen_count;
    out->counts_daemons = machines.counts_daemons;
    wb_bound_universe_release(&universe);
}
