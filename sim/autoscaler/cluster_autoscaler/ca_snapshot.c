/*
 * The snapshot's tables and its undo log.
 *
 * A step of the log names a row and nothing else: what a removed row held stays in the table until
 * the fork is over (rows are handed out again only outside of forks, or when the step that added
 * them is undone), so undoing is a matter of linking it in again. Sizes in real use: 1,000 nodes,
 * 10,000 pods, some 100 steps per fork; a scale-up of the plain way up to 1,000 nodes.
 */
#include "sim/autoscaler/cluster_autoscaler/ca_snapshot.h"

#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "kube/names.h"

typedef enum step_kind {
    STEP_NODE_ADDED,
    STEP_NODE_REMOVED,
    STEP_POD_ADDED,
    STEP_POD_REMOVED,
} step_kind;

/* What undoes one change: row, and for a removed node its place in order. */
typedef struct wb_ca_snapshot_step {
    step_kind kind;
    uint32_t row, place;
} wb_ca_snapshot_step;

void wb_ca_snapshot_init(wb_ca_snapshot *snapshot, wb_intern *intern)
{
    assert(snapshot != NULL && intern != NULL);
    const wb_scheduler_core_options options = {.preemption_is_off = true, .is_plain = true};
    *snapshot = (wb_ca_snapshot){.intern = intern};
    snapshot->core = wb_scheduler_core_new(intern, &options);
}

void wb_ca_snapshot_release(wb_ca_snapshot *snapshot)
{
    assert(snapshot->fork_depth == 0);
    wb_scheduler_core_free(snapshot->core);
    void *const blocks[] = {snapshot->shapes,      snapshot->nodes,     snapshot->order,
                            snapshot->is_excluded, snapshot->free_pods, snapshot->free_cpu_milli,
                            snapshot->pods,        snapshot->steps,     snapshot->free_memory_bytes,
                            snapshot->spare_nodes, snapshot->spare_pods};
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        wb_heap_memory_free(blocks[i]);
    }
    *snapshot = (wb_ca_snapshot){0};
}

/* ---- shapes ---- */

/* Soft constraints only score; they never turn a pod away. */
static bool has_hard_spread(const wb_pod_template *template)
{
    for (uint32_t i = 0; i < template->spread_count; i++) {
        if (template->spreads[i].when_unsatisfiable == WB_SPREAD_DO_NOT_SCHEDULE) {
            return true;
        }
    }
    return false;
}

/* Volumes of other kinds bind a pod to no node. */
static bool has_claims(const wb_pod_template *template)
{
    for (uint32_t i = 0; i < template->volume_count; i++) {
        if (template->volumes[i].kind == WB_VOLUME_CLAIM ||
            template->volumes[i].kind == WB_VOLUME_EPHEMERAL) {
            return true;
        }
    }
    return false;
}

uint32_t wb_ca_snapshot_add_shape(wb_ca_snapshot *snapshot, const wb_pod_template *template,
                                  uint32_t namespace_name)
{
    assert(template != NULL);
    const uint32_t shape = wb_scheduler_core_add_shape(snapshot->core, template, namespace_name);
    if (shape < snapshot->shape_count) {
        return shape;
    }
    assert(shape == snapshot->shape_count); /* the core numbers them from 0 */
    if (snapshot->shape_count == snapshot->shape_capacity) {
        snapshot->shape_capacity =
            (uint32_t)wb_heap_memory_next_capacity(snapshot->shape_capacity, (size_t)shape + 64);
        snapshot->shapes = wb_heap_memory_resize(snapshot->shapes, snapshot->shape_capacity,
                                                 sizeof(*snapshot->shapes));
    }
    const bool has_anti_affinity = template->anti_affinity_required_count > 0;
    snapshot->shapes[snapshot->shape_count++] = (wb_ca_snapshot_shape){
        .template = template,
        .namespace_name = namespace_name,
        .priority = template->priority,
        .cpu_milli = wb_resource_list_get(template->requests, WB_NAME_CPU),
        .memory_bytes = wb_resource_list_get(template->requests, WB_NAME_MEMORY),
        .looks_beyond_node = has_hard_spread(template) || has_anti_affinity ||
                             template->affinity_required_count > 0 ||
                             template->host_port_count > 0 || has_claims(template),
        .has_anti_affinity = has_anti_affinity,
    };
    snapshot->any_anti_affinity = snapshot->any_anti_affinity || has_anti_affinity;
    return shape;
}

/* Whether a required anti-affinity term of carrier may select pods of shape. Terms with namespaces
 * of their own are taken to: this only chooses between a fast and a slow way. */
static bool term_may_select(const wb_ca_snapshot_shape *carrier, const wb_pod_term *term,
                            const wb_ca_snapshot_shape *shape)
{
    if (term->namespace_count > 0 || term->namespace_selector.is_set) {
        return true;
    }
    return carrier->namespace_name == shape->namespace_name &&
           wb_label_selector_matches(&term->selector, shape->template->labels);
}

bool wb_ca_snapshot_is_plain(const wb_ca_snapshot *snapshot, uint32_t shape_id)
{
    assert(shape_id < snapshot->shape_count);
    const wb_ca_snapshot_shape *shape = &snapshot->shapes[shape_id];
    if (shape->looks_beyond_node) {
        return false;
    }
    for (uint32_t i = 0; snapshot->any_anti_affinity && i < snapshot->shape_count; i++) {
        const wb_ca_snapshot_shape *carrier = &snapshot->shapes[i];
        for (uint32_t t = 0; t < carrier->template->anti_affinity_required_count; t++) {
            if (term_may_select(carrier, &carrier->template->anti_affinity_required[t], shape)) {
                return false;
            }
        }
    }
    return true;
}

/* ---- rows ---- */

/* Everything kept by row grows together; order and spare rows never outgrow the rows. */
static void grow_nodes(wb_ca_snapshot *snapshot)
{
    const uint32_t old = snapshot->node_capacity;
    const size_t capacity = wb_heap_memory_next_capacity(old, (size_t)old + 64);
    snapshot->nodes = wb_heap_memory_resize(snapshot->nodes, capacity, sizeof(*snapshot->nodes));
    snapshot->order = wb_heap_memory_resize(snapshot->order, capacity, sizeof(*snapshot->order));
    snapshot->spare_nodes =
        wb_heap_memory_resize(snapshot->spare_nodes, capacity, sizeof(*snapshot->spare_nodes));
    snapshot->is_excluded =
        wb_heap_memory_resize(snapshot->is_excluded, capacity, sizeof(*snapshot->is_excluded));
    int64_t **const columns[] = {&snapshot->free_cpu_milli, &snapshot->free_memory_bytes,
                                 &snapshot->free_pods};
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        *columns[i] = wb_heap_memory_resize(*columns[i], capacity, sizeof(**columns[i]));
    }
    snapshot->node_capacity = (uint32_t)capacity;
}

/* Outside of forks nothing is to be undone, and nothing is noted. */
static void log_step(wb_ca_snapshot *snapshot, step_kind kind, uint32_t row, uint32_t place)
{
    if (snapshot->fork_depth == 0) {
        return;
    }
    if (snapshot->step_count == snapshot->step_capacity) {
        snapshot->step_capacity =
            (uint32_t)wb_heap_memory_next_capacity(snapshot->step_capacity,
                                                   (size_t)snapshot->step_count + 256);
        snapshot->steps = wb_heap_memory_resize(snapshot->steps, snapshot->step_capacity,
                                                sizeof(*snapshot->steps));
    }
    snapshot->steps[snapshot->step_count++] = (wb_ca_snapshot_step){kind, row, place};
}

/* Rows serve as the core's ids of nodes: they are unique among present ones, which is all that it
 * asks for. */
static void tell_core_of_node(wb_ca_snapshot *snapshot, uint32_t row)
{
    assert(row < snapshot->node_row_count);
    const wb_ca_snapshot_node *node = &snapshot->nodes[row];
    const wb_scheduler_core_node told = {
        .node_id = row,
        .name = node->name,
        .labels = node->labels,
        .taints = node->taints,
        .taint_count = node->taint_count,
        .allocatable = node->allocatable.items,
        .allocatable_count = node->allocatable.count,
        .is_unschedulable = node->is_unschedulable,
    };
    wb_scheduler_core_set_node(snapshot->core, &told);
}

/* Free resources of an empty node; pods are taken off as they come. */
static void fill_free(wb_ca_snapshot *snapshot, uint32_t row)
{
    assert(row < snapshot->node_capacity);
    const wb_resource_list allocatable = snapshot->nodes[row].allocatable;
    snapshot->free_cpu_milli[row] = wb_resource_list_get(allocatable, WB_NAME_CPU);
    snapshot->free_memory_bytes[row] = wb_resource_list_get(allocatable, WB_NAME_MEMORY);
    snapshot->free_pods[row] = wb_resource_list_get(allocatable, WB_NAME_PODS);
}

/* A pod of shape comes to the node (sign 1) or leaves it (-1). */
static void use(wb_ca_snapshot *snapshot, uint32_t row, uint32_t shape, int64_t sign)
{
    snapshot->free_cpu_milli[row] -= sign * snapshot->shapes[shape].cpu_milli;
    snapshot->free_memory_bytes[row] -= sign * snapshot->shapes[shape].memory_bytes;
    snapshot->free_pods[row] -= sign;
}

/* Linear, but what forks add goes to the end. */
static void insert_in_order(wb_ca_snapshot *snapshot, uint32_t row, uint32_t place)
{
    assert(place <= snapshot->order_count && snapshot->order_count < snapshot->node_capacity);
    memmove(&snapshot->order[place + 1], &snapshot->order[place],
            (snapshot->order_count - place) * sizeof(*snapshot->order));
    snapshot->order[place] = row;
    snapshot->order_count++;
}

static uint32_t remove_from_order(wb_ca_snapshot *snapshot, uint32_t row)
{
    uint32_t place = snapshot->order_count; /* from the end: what forks add goes first */
    while (place > 0 && snapshot->order[place - 1] != row) {
        place--;
    }
    assert(place > 0);
    place--;
    snapshot->order_count--;
    memmove(&snapshot->order[place], &snapshot->order[place + 1],
            (snapshot->order_count - place) * sizeof(*snapshot->order));
    return place;
}

uint32_t wb_ca_snapshot_add_node(wb_ca_snapshot *snapshot, const wb_ca_snapshot_node *node)
{
    assert(node->taint_count <= WB_CA_SNAPSHOT_TAINTS_MAX);
    if (snapshot->spare_node_count == 0 && snapshot->node_row_count == snapshot->node_capacity) {
        grow_nodes(snapshot);
    }
    const uint32_t row = snapshot->spare_node_count > 0
                             ? snapshot->spare_nodes[--snapshot->spare_node_count]
                             : snapshot->node_row_count++;
    snapshot->nodes[row] = *node;
    snapshot->nodes[row].first_pod = WB_CA_SNAPSHOT_NONE;
    snapshot->nodes[row].pod_count = 0;
    snapshot->is_excluded[row] = false;
    insert_in_order(snapshot, row, snapshot->order_count);
    fill_free(snapshot, row);
    tell_core_of_node(snapshot, row);
    log_step(snapshot, STEP_NODE_ADDED, row, 0);
    return row;
}

void wb_ca_snapshot_change_node(wb_ca_snapshot *snapshot, uint32_t row,
                                const wb_ca_snapshot_node *node)
{
    assert(snapshot->fork_depth == 0 && node->taint_count <= WB_CA_SNAPSHOT_TAINTS_MAX);
    const uint32_t first_pod = snapshot->nodes[row].first_pod;
    const uint32_t pod_count = snapshot->nodes[row].pod_count;
    snapshot->nodes[row] = *node;
    snapshot->nodes[row].first_pod = first_pod;
    snapshot->nodes[row].pod_count = pod_count;
    fill_free(snapshot, row);
    for (uint32_t pod = first_pod; pod != WB_CA_SNAPSHOT_NONE; pod = snapshot->pods[pod].next) {
        use(snapshot, row, snapshot->pods[pod].shape, 1);
    }
    tell_core_of_node(snapshot, row);
}

void wb_ca_snapshot_remove_node(wb_ca_snapshot *snapshot, uint32_t row)
{
    assert(row < snapshot->node_row_count);
    while (snapshot->nodes[row].first_pod != WB_CA_SNAPSHOT_NONE) {
        wb_ca_snapshot_remove_pod(snapshot, snapshot->nodes[row].first_pod);
    }
    wb_scheduler_core_remove_node(snapshot->core, row);
    const uint32_t place = remove_from_order(snapshot, row);
    log_step(snapshot, STEP_NODE_REMOVED, row, place);
    if (snapshot->fork_depth == 0) {
        snapshot->spare_nodes[snapshot->spare_node_count++] = row;
    }
}

/* ---- pods ---- */

/* Puts what is in pods[pod_row] on its node. */
static void place_pod(wb_ca_snapshot *snapshot, uint32_t pod_row, uint32_t node_row)
{
    wb_ca_snapshot_pod *pod = &snapshot->pods[pod_row];
    wb_ca_snapshot_node *node = &snapshot->nodes[node_row];
    pod->node_row = node_row;
    pod->previous = WB_CA_SNAPSHOT_NONE;
    pod->next = node->first_pod;
    if (node->first_pod != WB_CA_SNAPSHOT_NONE) {
        snapshot->pods[node->first_pod].previous = pod_row;
    }
    node->first_pod = pod_row;
    node->pod_count++;
    use(snapshot, node_row, pod->shape, 1);
    const wb_scheduler_core_pod told = {
        .pod_id = pod_row,
        .shape = pod->shape,
        .group = WB_SCHEDULER_NONE,
        .name = pod->name,
        .is_terminating = pod->deletion_ms >= 0,
    };
    wb_scheduler_core_assign(snapshot->core, &told, node_row);
}

/* Takes what is in pods[pod_row] off its node; node_row stays, for whoever undoes this. */
static void displace_pod(wb_ca_snapshot *snapshot, uint32_t pod_row)
{
    assert(pod_row < snapshot->pod_row_count);
    const wb_ca_snapshot_pod *pod = &snapshot->pods[pod_row];
    wb_ca_snapshot_node *node = &snapshot->nodes[pod->node_row];
    if (pod->previous == WB_CA_SNAPSHOT_NONE) {
        node->first_pod = pod->next;
    } else {
        snapshot->pods[pod->previous].next = pod->next;
    }
    if (pod->next != WB_CA_SNAPSHOT_NONE) {
        snapshot->pods[pod->next].previous = pod->previous;
    }
    node->pod_count--;
    use(snapshot, pod->node_row, pod->shape, -1);
    const bool was_there = wb_scheduler_core_unassign(snapshot->core, pod_row);
    assert(was_there);
    (void)was_there;
}

uint32_t wb_ca_snapshot_add_pod(wb_ca_snapshot *snapshot, const wb_ca_snapshot_pod *pod,
                                uint32_t node_row)
{
    assert(pod->shape < snapshot->shape_count && node_row < snapshot->node_row_count);
    if (snapshot->spare_pod_count == 0 && snapshot->pod_row_count == snapshot->pod_capacity) {
        const size_t capacity = wb_heap_memory_next_capacity(snapshot->pod_capacity,
                                                             (size_t)snapshot->pod_capacity + 256);
        snapshot->pods = wb_heap_memory_resize(snapshot->pods, capacity, sizeof(*snapshot->pods));
        snapshot->spare_pods =
            wb_heap_memory_resize(snapshot->spare_pods, capacity, sizeof(*snapshot->spare_pods));
        snapshot->pod_capacity = (uint32_t)capacity;
    }
    const uint32_t row = snapshot->spare_pod_count > 0
                             ? snapshot->spare_pods[--snapshot->spare_pod_count]
                             : snapshot->pod_row_count++;
    snapshot->pods[row] = *pod;
    place_pod(snapshot, row, node_row);
    log_step(snapshot, STEP_POD_ADDED, row, 0);
    return row;
}

void wb_ca_snapshot_remove_pod(wb_ca_snapshot *snapshot, uint32_t pod_row)
{
    assert(pod_row < snapshot->pod_row_count);
    displace_pod(snapshot, pod_row);
    log_step(snapshot, STEP_POD_REMOVED, pod_row, 0);
    if (snapshot->fork_depth == 0) {
        snapshot->pods[pod_row].node_row = WB_CA_SNAPSHOT_NONE;
        snapshot->spare_pods[snapshot->spare_pod_count++] = pod_row;
    }
}

void wb_ca_snapshot_end_pod(wb_ca_snapshot *snapshot, uint32_t pod_row, int64_t deletion_ms)
{
    assert(snapshot->fork_depth == 0 && deletion_ms >= 0);
    snapshot->pods[pod_row].deletion_ms = deletion_ms;
    wb_scheduler_core_set_terminating(snapshot->core, pod_row);
}

/* ---- forks ---- */

uint32_t wb_ca_snapshot_fork(wb_ca_snapshot *snapshot)
{
    assert(snapshot->fork_depth > 0 || snapshot->step_count == 0);
    snapshot->fork_depth++;
    snapshot->fork_count++;
    return snapshot->step_count;
}

/* Steps are undone newest first, so each meets the tables as they were right after it. */
static void undo(wb_ca_snapshot *snapshot, const wb_ca_snapshot_step *step)
{
    switch (step->kind) {
    case STEP_NODE_ADDED:
        assert(snapshot->nodes[step->row].first_pod == WB_CA_SNAPSHOT_NONE);
        wb_scheduler_core_remove_node(snapshot->core, step->row);
        (void)remove_from_order(snapshot, step->row);
        snapshot->spare_nodes[snapshot->spare_node_count++] = step->row;
        return;
    case STEP_NODE_REMOVED:
        insert_in_order(snapshot, step->row, step->place);
        fill_free(snapshot, step->row);
        tell_core_of_node(snapshot, step->row);
        return;
    case STEP_POD_ADDED:
        displace_pod(snapshot, step->row);
        snapshot->pods[step->row].node_row = WB_CA_SNAPSHOT_NONE;
        snapshot->spare_pods[snapshot->spare_pod_count++] = step->row;
        return;
    case STEP_POD_REMOVED:
        place_pod(snapshot, step->row, snapshot->pods[step->row].node_row);
        return;
    }
}

void wb_ca_snapshot_revert(wb_ca_snapshot *snapshot, uint32_t mark)
{
    assert(snapshot->fork_depth > 0 && mark <= snapshot->step_count);
    while (snapshot->step_count > mark) {
        undo(snapshot, &snapshot->steps[--snapshot->step_count]);
    }
    snapshot->fork_depth--;
}

void wb_ca_snapshot_keep(wb_ca_snapshot *snapshot, uint32_t mark)
{
    assert(snapshot->fork_depth > 1 && mark <= snapshot->step_count);
    (void)mark;
    snapshot->fork_depth--;
}

/* ---- rules ---- */

wb_scheduler_plugin wb_ca_snapshot_check(wb_ca_snapshot *snapshot, uint32_t shape, uint32_t row,
                                         char *out_reason, size_t reason_size)
{
    assert(shape < snapshot->shape_count && row < snapshot->node_row_count);
    snapshot->fit_count++;
    const wb_scheduler_core_pod pod = {
        .pod_id = WB_CA_SNAPSHOT_NONE, .shape = shape, .group = WB_SCHEDULER_NONE, .name = ""};
    return wb_scheduler_core_filter(snapshot->core, &pod, row, out_reason, reason_size);
}

bool wb_ca_snapshot_fits(wb_ca_snapshot *snapshot, uint32_t shape, uint32_t row)
{
    assert(shape < snapshot->shape_count && row < snapshot->node_row_count);
    const wb_ca_snapshot_shape *wanted = &snapshot->shapes[shape];
    if (snapshot->free_pods[row] < 1 ||
        (wanted->cpu_milli > 0 && snapshot->free_cpu_milli[row] < wanted->cpu_milli) ||
        (wanted->memory_bytes > 0 && snapshot->free_memory_bytes[row] < wanted->memory_bytes)) {
        return false;
    }
    return wb_ca_snapshot_check(snapshot, shape, row, NULL, 0) == WB_PLUGIN_PASSED;
}

uint32_t wb_ca_snapshot_find_node(wb_ca_snapshot *snapshot, uint32_t shape, uint32_t hint_row)
{
    assert(shape < snapshot->shape_count);
    assert(hint_row == WB_CA_SNAPSHOT_NONE || hint_row < snapshot->node_row_count);
    if (hint_row != WB_CA_SNAPSHOT_NONE && !snapshot->is_excluded[hint_row] &&
        wb_ca_snapshot_fits(snapshot, shape, hint_row)) {
        return hint_row;
    }
    const uint32_t count = snapshot->order_count;
    uint32_t index = count > 0 ? snapshot->next_search % count : 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t row = snapshot->order[index];
        index = index + 1 == count ? 0 : index + 1;
        if (!snapshot->is_excluded[row] && wb_ca_snapshot_fits(snapshot, shape, row)) {
            snapshot->next_search = index;
            return row;
        }
    }
    return WB_CA_SNAPSHOT_NONE;
}

void wb_ca_snapshot_check_sums(const wb_ca_snapshot *snapshot)
{
    for (uint32_t i = 0; i < snapshot->order_count; i++) {
        const uint32_t row = snapshot->order[i];
        const wb_ca_snapshot_node *node = &snapshot->nodes[row];
        int64_t cpu_milli = wb_resource_list_get(node->allocatable, WB_NAME_CPU);
        int64_t memory_bytes = wb_resource_list_get(node->allocatable, WB_NAME_MEMORY);
        uint32_t count = 0;
        for (uint32_t pod = node->first_pod; pod != WB_CA_SNAPSHOT_NONE;
             pod = snapshot->pods[pod].next) {
            assert(snapshot->pods[pod].node_row == row);
            cpu_milli -= snapshot->shapes[snapshot->pods[pod].shape].cpu_milli;
            memory_bytes -= snapshot->shapes[snapshot->pods[pod].shape].memory_bytes;
            count++;
        }
        assert(count == node->pod_count && cpu_milli == snapshot->free_cpu_milli[row]);
        assert(memory_bytes == snapshot->free_memory_bytes[row]);
    }
    wb_scheduler_core_check(snapshot->core);
}
