/*
 * Cloud, API server and scheduler of Cluster Autoscaler's golden cases: no more than their README
 * promises, so that what is compared is the autoscaler alone.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/sort.h"
#include "kube/names.h"
#include "bench/cases_cluster_autoscaler_internal.h"

#define CAPACITY_ERROR_AFTER_MS (60 * WB_MS_PER_SECOND)

/* ---- timeline ---- */

/* Adds to the line of this second, kind and group, or begins one. */
static void record(wb_ca_case *of, const char *what, uint32_t group, int64_t count)
{
    assert(of != NULL);
    if (!of->is_recording) {
        return;
    }
    const char *subject = group == WB_CA_CASE_NONE ? "" : of->groups[group].name;
    const int64_t at_s = of->now_ms / WB_MS_PER_SECOND;
    const bool has_target = strcmp(what, "increaseSize") == 0 || strcmp(what, "deleteNode") == 0 ||
                            strcmp(what, "decreaseTarget") == 0;
    wb_ca_case_event *line = NULL;
    for (uint32_t i = 0; i < of->timeline_count && line == NULL; i++) {
        wb_ca_case_event *known = &of->timeline[i];
        if (known->at_s == at_s && strcmp(known->what, what) == 0 &&
            strcmp(known->subject, subject) == 0) {
            line = known;
        }
    }
    if (line == NULL) {
        if (of->timeline_count == of->timeline_capacity) {
            const uint32_t capacity = of->timeline_capacity * 2 + 64;
            of->timeline = wb_arena_grow(of->arena, of->timeline, of->timeline_count, capacity,
                                         sizeof(*of->timeline));
            of->timeline_capacity = capacity;
        }
        line = &of->timeline[of->timeline_count++];
        *line = (wb_ca_case_event){
            .at_s = at_s, .what = what, .subject = subject, .has_target = has_target};
    }
    line->count += count;
    line->target_after = has_target ? of->groups[group].target : 0;
}

/* ---- tables ---- */

uint32_t wb_cases_cluster_autoscaler_owner(wb_ca_case *of, const char *kind_name, const char *name,
                                           uint32_t namespace_name)
{
    assert(of != NULL && kind_name != NULL && name != NULL);
    static const struct {
        const char *name;
        wb_owner_kind kind;
    } kinds[] = {
        {"ReplicaSet", WB_OWNER_REPLICA_SET},
        {"Deployment", WB_OWNER_DEPLOYMENT},
        {"StatefulSet", WB_OWNER_STATEFUL_SET},
        {"DaemonSet", WB_OWNER_DAEMON_SET},
        {"Job", WB_OWNER_JOB},
        {"CronJob", WB_OWNER_CRON_JOB},
        {"ReplicationController", WB_OWNER_REPLICATION_CONTROLLER},
        {"Node", WB_OWNER_NODE},
    };
    for (uint32_t i = 0; i < of->owner_count; i++) {
        if (strcmp(of->owners[i].kind_name, kind_name) == 0 &&
            strcmp(of->owners[i].name, name) == 0 &&
            of->owners[i].namespace_name == namespace_name) {
            return i;
        }
    }
    if (of->owner_count == of->owner_capacity) {
        const uint32_t capacity = of->owner_capacity * 2 + 64;
        of->owners =
            wb_arena_grow(of->arena, of->owners, of->owner_count, capacity, sizeof(*of->owners));
        of->owner_capacity = capacity;
    }
    wb_ca_case_owner *owner = &of->owners[of->owner_count];
    *owner = (wb_ca_case_owner){.kind = WB_OWNER_OTHER,
                                .kind_name = kind_name,
                                .name = name,
                                .namespace_name = namespace_name};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].name, kind_name) == 0) {
            owner->kind = kinds[i].kind;
        }
    }
    return of->owner_count++;
}

static void tell_node(wb_ca_case *of, uint32_t index)
{
    assert(index < of->node_count);
    const wb_ca_case_node *node = &of->nodes[index];
    wb_ca_snapshot_node told = {
        .node_id = index,
        .name = node->name_id,
        .group = node->group,
        .labels = node->labels,
        .taint_count = node->taint_count,
        .capacity = node->capacity,
        .allocatable = node->allocatable,
        .is_ready = node->is_ready,
        .is_unschedulable = node->is_unschedulable,
        .has_disabled_scale_down = node->has_disabled_scale_down,
        .created_ms = node->created_ms,
        .ready_since_ms = node->created_ms,
    };
    memcpy(told.taints, node->taints, node->taint_count * sizeof(node->taints[0]));
    (void)wb_ca_loop_set_node(&of->loop, &told);
}

uint32_t wb_cases_cluster_autoscaler_add_node(wb_ca_case *of, const wb_ca_case_node *node)
{
    assert(of != NULL && node != NULL);
    if (of->node_count == of->node_capacity) {
        const uint32_t capacity = of->node_capacity * 2 + 64;
        of->nodes =
            wb_arena_grow(of->arena, of->nodes, of->node_count, capacity, sizeof(*of->nodes));
        of->node_capacity = capacity;
    }
    const uint32_t index = of->node_count++;
    of->nodes[index] = *node;
    of->nodes[index].free_cpu_milli = wb_resource_list_get(node->allocatable, WB_NAME_CPU);
    of->nodes[index].free_memory_bytes = wb_resource_list_get(node->allocatable, WB_NAME_MEMORY);
    of->nodes[index].free_pods = wb_resource_list_get(node->allocatable, WB_NAME_PODS);
    tell_node(of, index);
    return index;
}

uint32_t wb_cases_cluster_autoscaler_add_pod(wb_ca_case *of, const wb_ca_case_pod *pod)
{
    assert(of != NULL && pod != NULL);
    if (of->pod_count == of->pod_capacity) {
        const uint32_t capacity = of->pod_capacity * 2 + 256;
        of->pods = wb_arena_grow(of->arena, of->pods, of->pod_count, capacity, sizeof(*of->pods));
        of->pod_capacity = capacity;
    }
    const uint32_t index = of->pod_count++;
    wb_ca_case_pod *added = &of->pods[index];
    *added = *pod;
    added->shape = wb_ca_snapshot_add_shape(&of->loop.snapshot, pod->template, pod->namespace_name);
    added->node = WB_CA_CASE_NONE;
    added->row = WB_CA_CASE_NONE;
    added->is_expendable = pod->template->priority < of->flags.expendable_pods_priority_cutoff;
    if (pod->owner != WB_CA_CASE_NONE && !pod->is_replacement &&
        !of->owners[pod->owner].is_stated) {
        of->owners[pod->owner].replicas++;
    }
    return index;
}

static wb_ca_snapshot_pod describe_pod(const wb_ca_case *of, uint32_t index)
{
    assert(index < of->pod_count);
    const wb_ca_case_pod *pod = &of->pods[index];
    return (wb_ca_snapshot_pod){
        .pod_id = index,
        .shape = pod->shape,
        .owner = pod->owner,
        .owner_kind = pod->owner != WB_CA_CASE_NONE ? of->owners[pod->owner].kind : WB_OWNER_NONE,
        .name = pod->name,
        .created_ms = pod->created_ms,
        .deletion_ms = -1,
        .is_daemon = pod->is_daemon,
        .is_mirror = pod->is_mirror,
    };
}

/* sign 1: the pod takes its requests from the node; -1: it gives them back. */
static void use(wb_ca_case_node *node, const wb_pod_template *template, int64_t sign)
{
    assert(sign == 1 || sign == -1);
    node->free_cpu_milli -= sign * wb_resource_list_get(template->requests, WB_NAME_CPU);
    node->free_memory_bytes -= sign * wb_resource_list_get(template->requests, WB_NAME_MEMORY);
    node->free_pods -= sign;
}

static bool budget_selects(const wb_ca_case *of, const wb_ca_budget *budget,
                           const wb_ca_case_pod *pod)
{
    return wb_drain_rules_selects(&of->loop.snapshot, budget->pdb, pod->shape);
}

void wb_cases_cluster_autoscaler_bind(wb_ca_case *of, uint32_t index, uint32_t node)
{
    assert(index < of->pod_count && node < of->node_count);
    assert(of != NULL);
    wb_ca_case_pod *pod = &of->pods[index];
    pod->node = node;
    use(&of->nodes[node], pod->template, 1);
    for (uint32_t i = 0; i < of->budget_count && pod->is_replacement; i++) {
        of->budgets[i].allowed += budget_selects(of, &of->budgets[i], pod) ? 1 : 0;
    }
    if (!pod->is_expendable) {
        const wb_ca_snapshot_pod told = describe_pod(of, index);
        pod->row =
            wb_ca_snapshot_add_pod(&of->loop.snapshot, &told, wb_ca_loop_find_row(&of->loop, node));
    }
}

/* The pod is no more. */
static void remove_pod(wb_ca_case *of, uint32_t index)
{
    assert(index < of->pod_count && !of->pods[index].is_gone);
    wb_ca_case_pod *pod = &of->pods[index];
    if (pod->row != WB_CA_CASE_NONE) {
        wb_ca_snapshot_remove_pod(&of->loop.snapshot, pod->row);
    }
    if (pod->node != WB_CA_CASE_NONE) {
        use(&of->nodes[pod->node], pod->template, -1);
    }
    pod->row = WB_CA_CASE_NONE;
    pod->node = WB_CA_CASE_NONE;
    pod->is_gone = true;
}

/* The owner makes another, pending from the next second on. */
static void replace_pod(wb_ca_case *of, uint32_t index)
{
    assert(index < of->pod_count && of->pods[index].is_gone);
    wb_ca_case_pod copy = of->pods[index];
    if (copy.owner == WB_CA_CASE_NONE || copy.is_daemon || copy.is_mirror) {
        return;
    }
    uint32_t ordinal = 1;
    for (uint32_t i = 0; i < of->pod_count; i++) {
        ordinal += of->pods[i].is_replacement && strcmp(of->pods[i].base_name, copy.base_name) == 0;
    }
    char name[300];
    (void)snprintf(name, sizeof(name), "%.250s.r%u", copy.base_name, ordinal);
    copy.name = wb_arena_copy_string(of->arena, name);
    copy.created_ms = of->now_ms + WB_MS_PER_SECOND;
    copy.is_gone = false;
    copy.is_replacement = true;
    (void)wb_cases_cluster_autoscaler_add_pod(of, &copy);
}

/* ---- machines ---- */

void wb_cases_cluster_autoscaler_add_machine(wb_ca_case *of, uint32_t group_index,
                                             const wb_ca_case_machine *machine)
{
    assert(group_index < of->group_count);
    assert(of != NULL && machine != NULL);
    wb_ca_case_group *group = &of->groups[group_index];
    if (group->machine_count == group->machine_capacity) {
        const uint32_t capacity = group->machine_capacity * 2 + 64;
        group->machines = wb_arena_grow(of->arena, group->machines, group->machine_count, capacity,
                                        sizeof(*group->machines));
        group->machine_capacity = capacity;
    }
    group->machines[group->machine_count] = *machine;
    group->machines[group->machine_count++].key = of->next_key++;
}

/* Machines that the cloud has given, those that can't be made left out. */
static int32_t given_count(const wb_ca_case_group *group)
{
    int32_t count = 0;
    for (uint32_t i = 0; i < group->machine_count; i++) {
        count += !group->machines[i].is_gone && group->machines[i].fails_at_ms < 0 ? 1 : 0;
    }
    return count;
}

static void launch(wb_ca_case *of, uint32_t group_index)
{
    assert(group_index < of->group_count);
    wb_ca_case_group *group = &of->groups[group_index];
    char name[200];
    (void)snprintf(name, sizeof(name), "%.150s-new-%u", group->name, ++group->new_count);
    const bool is_lacking =
        group->cloud_capacity >= 0 && given_count(group) >= group->cloud_capacity;
    const wb_ca_case_machine machine = {
        .name = wb_arena_copy_string(of->arena, name),
        .node = WB_CA_CASE_NONE,
        .ready_at_ms = is_lacking || group->never_registers ? -1 : of->now_ms + group->boot_ms,
        .fails_at_ms = is_lacking ? of->now_ms + CAPACITY_ERROR_AFTER_MS : -1,
    };
    wb_cases_cluster_autoscaler_add_machine(of, group_index, &machine);
}

/* A node is ready when it registers: the cases know no boot phases after that. */
static void register_node(wb_ca_case *of, uint32_t group_index, wb_ca_case_machine *machine)
{
    assert(group_index < of->group_count && machine->node == WB_CA_CASE_NONE);
    const wb_ca_case_group *group = &of->groups[group_index];
    wb_ca_case_node node = {
        .name = machine->name,
        .name_id = wb_intern_add(of->intern, machine->name),
        .group = group_index,
        .capacity = group->capacity,
        .allocatable = group->allocatable,
        .taint_count = group->taint_count,
        .is_ready = true,
        .created_ms = of->now_ms,
    };
    node.labels = wb_labels_with(of->arena, group->labels, WB_NAME_HOSTNAME, node.name_id);
    if (group->taint_count > 0) {
        memcpy(node.taints, group->taints, group->taint_count * sizeof(node.taints[0]));
    }
    machine->node = wb_cases_cluster_autoscaler_add_node(of, &node);
    record(of, "nodeReady", group_index, 1);
}

/* The node vanishes; replaces: its pods come back by their owners. */
static void remove_node(wb_ca_case *of, uint32_t index)
{
    assert(index < of->node_count && !of->nodes[index].is_gone);
    const uint32_t count = of->pod_count;
    for (uint32_t i = 0; i < count; i++) {
        if (of->pods[i].node == index) {
            remove_pod(of, i);
            replace_pod(of, i);
        }
    }
    of->nodes[index].is_gone = true;
    wb_ca_loop_remove_node(&of->loop, index);
}

static wb_ca_case_machine *machine_of_node(wb_ca_case *of, uint32_t node)
{
    assert(node < of->node_count);
    const uint32_t group = of->nodes[node].group;
    for (uint32_t i = 0; group != WB_CA_CASE_NONE && i < of->groups[group].machine_count; i++) {
        if (of->groups[group].machines[i].node == node && !of->groups[group].machines[i].is_gone) {
            return &of->groups[group].machines[i];
        }
    }
    return NULL;
}

static void remove_machine(wb_ca_case *of, wb_ca_case_machine *machine)
{
    machine->is_gone = true;
    if (machine->node != WB_CA_CASE_NONE) {
        remove_node(of, machine->node);
    }
}

/* ---- ops: seeing ---- */

static void refresh(void *context)
{
    (void)context; /* the cloud of the cases is always read anew */
}

static int32_t target_size(void *context, uint32_t group)
{
    return ((const wb_ca_case *)context)->groups[group].target;
}

static uint32_t instances(void *context, uint32_t index, const wb_ca_instance **out)
{
    wb_ca_case *of = context;
    const wb_ca_case_group *group = &of->groups[index];
    if (group->machine_count > of->instance_capacity) {
        of->instance_capacity = group->machine_count * 2;
        of->instances = WB_ARENA_ARRAY(of->arena, wb_ca_instance, of->instance_capacity);
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < group->machine_count; i++) {
        const wb_ca_case_machine *machine = &group->machines[i];
        if (!machine->is_gone) {
            of->instances[count++] = (wb_ca_instance){
                .key = machine->key,
                .node_id = machine->node,
                .has_failed = machine->fails_at_ms >= 0 && machine->fails_at_ms <= of->now_ms,
            };
        }
    }
    *out = of->instances;
    return count;
}

static uint32_t pending_pods(void *context, const wb_ca_snapshot_pod **out)
{
    wb_ca_case *of = context;
    if (of->pod_count > of->pending_capacity) {
        of->pending_capacity = of->pod_count * 2;
        of->pending = WB_ARENA_ARRAY(of->arena, wb_ca_snapshot_pod, of->pending_capacity);
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < of->pod_count; i++) {
        const wb_ca_case_pod *pod = &of->pods[i];
        if (!pod->is_gone && pod->node == WB_CA_CASE_NONE && pod->created_ms <= of->now_ms) {
            of->pending[count++] = describe_pod(of, i);
        }
    }
    *out = of->pending;
    return count;
}

static uint32_t budgets(void *context, const wb_ca_budget **out)
{
    const wb_ca_case *of = context;
    *out = of->budgets;
    return of->budget_count;
}

static int32_t replicas(void *context, const wb_ca_snapshot_pod *pod)
{
    return ((const wb_ca_case *)context)->owners[pod->owner].replicas;
}

/* Whether a DaemonSet's pods run on such a node: the node-local rules but resources. */
static bool daemon_fits(wb_ca_case *of, const wb_pod_template *template, uint32_t shape,
                        const wb_ca_snapshot_node *probe)
{
    wb_ca_snapshot *snapshot = &of->loop.snapshot;
    (void)template;
    const uint32_t mark = wb_ca_snapshot_fork(snapshot);
    const uint32_t row = wb_ca_snapshot_add_node(snapshot, probe);
    const wb_scheduler_plugin plugin = wb_ca_snapshot_check(snapshot, shape, row, NULL, 0);
    wb_ca_snapshot_revert(snapshot, mark);
    return plugin != WB_PLUGIN_TAINT_TOLERATION && plugin != WB_PLUGIN_NODE_AFFINITY &&
           plugin != WB_PLUGIN_NODE_NAME;
}

static uint32_t daemons(void *context, wb_labels labels, const wb_taint *taints,
                        uint32_t taint_count, wb_node_template_pod *out)
{
    wb_ca_case *of = context;
    wb_ca_snapshot_node probe = {
        .node_id = WB_CA_SNAPSHOT_NONE,
        .name = wb_intern_add(of->intern, "daemon-probe"),
        .group = WB_CA_SNAPSHOT_NONE,
        .labels = labels,
        .taint_count = taint_count,
        .is_ready = true,
    };
    if (taint_count > 0) {
        memcpy(probe.taints, taints, taint_count * sizeof(taints[0]));
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < of->daemon_set_count && count < WB_NODE_TEMPLATE_PODS_MAX; i++) {
        const wb_workload *set = &of->daemon_sets[i];
        const uint32_t shape =
            wb_ca_snapshot_add_shape(&of->loop.snapshot, set->template, set->namespace_name);
        if (daemon_fits(of, set->template, shape, &probe)) {
            const char *name = wb_intern_text(of->intern, set->name);
            const char *priority_class =
                wb_intern_text(of->intern, set->template->priority_class_name);
            out[count++] = (wb_node_template_pod){
                .shape = shape,
                .owner =
                    wb_cases_cluster_autoscaler_owner(of, "DaemonSet", name, set->namespace_name),
                .is_critical = strcmp(priority_class, "system-node-critical") == 0,
            };
        }
    }
    return count;
}

/* ---- ops: doing ---- */

static bool increase_size(void *context, uint32_t group, int32_t delta)
{
    wb_ca_case *of = context;
    of->groups[group].target += delta;
    for (int32_t i = 0; i < delta; i++) {
        launch(of, group);
    }
    record(of, "increaseSize", group, delta);
    return true;
}

static bool decrease_target(void *context, uint32_t index, int32_t delta)
{
    wb_ca_case *of = context;
    wb_ca_case_group *group = &of->groups[index];
    int32_t count = 0;
    for (uint32_t i = 0; i < group->machine_count; i++) {
        count += group->machines[i].is_gone ? 0 : 1;
    }
    if (group->target - delta < count) {
        record(of, "decreaseTargetRefused", index, delta);
        return false;
    }
    group->target -= delta;
    record(of, "decreaseTarget", index, delta);
    return true;
}

static bool delete_instances(void *context, uint32_t index, const uint64_t *keys, uint32_t count)
{
    wb_ca_case *of = context;
    wb_ca_case_group *group = &of->groups[index];
    for (uint32_t k = 0; k < count; k++) {
        for (uint32_t i = 0; i < group->machine_count; i++) {
            if (group->machines[i].key == keys[k] && !group->machines[i].is_gone) {
                group->target--;
                remove_machine(of, &group->machines[i]);
                record(of, "deleteNode", index, 1);
            }
        }
    }
    return true;
}

static bool delete_node(void *context, uint32_t node)
{
    wb_ca_case *of = context;
    wb_ca_case_machine *machine = machine_of_node(of, node);
    assert(machine != NULL);
    of->groups[of->nodes[node].group].target--;
    record(of, "deleteNode", of->nodes[node].group, 1);
    remove_machine(of, machine);
    return true;
}

static void set_taint(void *context, uint32_t index, wb_ca_taint taint, bool is_on)
{
    wb_ca_case *of = context;
    wb_ca_case_node *node = &of->nodes[index];
    const bool is_candidate = taint == WB_CA_TAINT_CANDIDATE;
    const uint32_t key =
        is_candidate ? WB_NAME_TAINT_DELETION_CANDIDATE : WB_NAME_TAINT_TO_BE_DELETED;
    if (node->is_gone) {
        return;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < node->taint_count; i++) {
        if (node->taints[i].key != key) {
            node->taints[kept++] = node->taints[i];
        }
    }
    node->taint_count = kept;
    if (is_on && kept < WB_CA_SNAPSHOT_TAINTS_MAX) {
        node->taints[node->taint_count++] =
            (wb_taint){.key = key,
                       .effect = is_candidate ? WB_TAINT_PREFER_NO_SCHEDULE : WB_TAINT_NO_SCHEDULE};
    }
    if (!is_candidate) {
        node->is_unschedulable = is_on;
    }
    tell_node(of, index);
}

static bool is_refused(const wb_ca_case *of, const char *name)
{
    for (uint32_t i = 0; of->refused != NULL && i < of->refused->count; i++) {
        if (strcmp(wb_node_string(of->refused->children[i], ""), name) == 0) {
            return true;
        }
    }
    return false;
}

static wb_ca_eviction evict(void *context, uint32_t index)
{
    wb_ca_case *of = context;
    wb_ca_case_pod *pod = &of->pods[index];
    if (pod->is_gone) {
        return WB_CA_EVICTION_GONE;
    }
    bool is_short = is_refused(of, pod->name);
    for (uint32_t i = 0; i < of->budget_count; i++) {
        is_short =
            is_short || (budget_selects(of, &of->budgets[i], pod) && of->budgets[i].allowed < 1);
    }
    if (is_short) {
        record(of, "evictionRefused", WB_CA_CASE_NONE, 1);
        return WB_CA_EVICTION_REFUSED;
    }
    for (uint32_t i = 0; i < of->budget_count; i++) {
        of->budgets[i].allowed -= budget_selects(of, &of->budgets[i], pod) ? 1 : 0;
    }
    remove_pod(of, index);
    replace_pod(of, index);
    return WB_CA_EVICTION_ACCEPTED;
}

/* Deletions are read from their announcement. */
static void decided(void *context, const wb_decision *decision)
{
    assert(decision != NULL);
    wb_ca_case *of = context;
    const bool is_drain = strcmp(decision->outcome, "drain") == 0;
    if (strcmp(decision->kind, "scale-down") != 0 ||
        (!is_drain && strcmp(decision->outcome, "delete") != 0)) {
        return;
    }
    if (of->deletion_count == of->deletion_capacity) {
        const uint32_t capacity = of->deletion_capacity * 2 + 64;
        of->deletions = wb_arena_grow(of->arena, of->deletions, of->deletion_count, capacity,
                                      sizeof(*of->deletions));
        of->deletion_capacity = capacity;
    }
    of->deletions[of->deletion_count++] = (wb_ca_case_deletion){
        .node = wb_arena_copy_string(of->arena, decision->subject),
        .at_s = decision->at_ms / WB_MS_PER_SECOND,
        .is_drain = is_drain,
    };
}

wb_ca_world wb_cases_cluster_autoscaler_world(wb_ca_case *of)
{
    assert(of != NULL);
    return (wb_ca_world){
        .context = of,
        .refresh = refresh,
        .target_size = target_size,
        .instances = instances,
        .pending_pods = pending_pods,
        .budgets = budgets,
        .replicas = replicas,
        .daemons = daemons,
        .increase_size = increase_size,
        .decrease_target = decrease_target,
        .delete_instances = delete_instances,
        .delete_node = delete_node,
        .set_taint = set_taint,
        .evict = evict,
        .decided = decided,
    };
}

/* ---- one second ---- */

static void register_due(wb_ca_case *of)
{
    for (uint32_t g = 0; g < of->group_count; g++) {
        for (uint32_t i = 0; i < of->groups[g].machine_count; i++) {
            wb_ca_case_machine *machine = &of->groups[g].machines[i];
            if (!machine->is_gone && machine->node == WB_CA_CASE_NONE &&
                machine->ready_at_ms >= 0 && machine->ready_at_ms <= of->now_ms) {
                register_node(of, g, machine);
            }
        }
    }
}

static bool matches(const char *pattern, const char *name)
{
    const size_t length = strlen(pattern);
    return length > 0 && pattern[length - 1] == '*' ? strncmp(pattern, name, length - 1) == 0
                                                    : strcmp(pattern, name) == 0;
}

static void delete_pods(wb_ca_case *of, const wb_node *patterns)
{
    for (uint32_t i = 0; i < of->pod_count; i++) {
        for (uint32_t p = 0; patterns != NULL && p < patterns->count; p++) {
            if (!of->pods[i].is_gone &&
                matches(wb_node_string(patterns->children[p], ""), of->pods[i].name)) {
                remove_pod(of, i);
            }
        }
    }
}

static void interrupt_nodes(wb_ca_case *of, const wb_node *names)
{
    for (uint32_t n = 0; names != NULL && n < names->count; n++) {
        for (uint32_t i = 0; i < of->node_count; i++) {
            wb_ca_case_machine *machine = machine_of_node(of, i);
            if (machine == NULL || of->nodes[i].is_gone ||
                strcmp(of->nodes[i].name, wb_node_string(names->children[n], "")) != 0) {
                continue;
            }
            const uint32_t group = of->nodes[i].group;
            remove_machine(of, machine);
            launch(of, group);
            record(of, "interrupted", group, 1);
        }
    }
}

static void run_events(wb_ca_case *of)
{
    const wb_node *events = wb_node_get(of->root, "events");
    for (uint32_t i = 0; events != NULL && i < events->count; i++) {
        const wb_node *event = events->children[i];
        if (wb_node_int64(wb_node_get(event, "at"), -1) * WB_MS_PER_SECOND == of->now_ms) {
            wb_cases_cluster_autoscaler_add_workloads(of, wb_node_get(event, "addWorkloads"),
                                                      of->now_ms);
            delete_pods(of, wb_node_get(event, "deletePods"));
            interrupt_nodes(of, wb_node_get(event, "interruptNodes"));
        }
    }
}

/* ---- binding ---- */

static bool may_run_on(const wb_ca_case *of, const wb_ca_case_pod *pod, const wb_ca_case_node *node)
{
    const wb_pod_template *template = pod->template;
    if (node->is_gone || !node->is_ready || node->is_unschedulable ||
        node->free_cpu_milli < wb_resource_list_get(template->requests, WB_NAME_CPU) ||
        node->free_memory_bytes < wb_resource_list_get(template->requests, WB_NAME_MEMORY) ||
        node->free_pods < 1) {
        return false;
    }
    for (uint32_t i = 0; i < node->taint_count; i++) {
        if (node->taints[i].effect != WB_TAINT_PREFER_NO_SCHEDULE &&
            !wb_tolerations_tolerate(of->intern, template->tolerations, template->toleration_count,
                                     &node->taints[i])) {
            return false;
        }
    }
    for (uint32_t i = 0; i < template->node_selector.count; i++) {
        const wb_label wanted = template->node_selector.items[i];
        if (wb_labels_get(node->labels, wanted.key) != wanted.value) {
            return false;
        }
    }
    return true;
}

static int64_t score_of(const wb_ca_case_pod *pod, const wb_ca_case_node *node)
{
    const wb_resource_list requests = pod->template->requests;
    const int64_t cpu = node->free_cpu_milli - wb_resource_list_get(requests, WB_NAME_CPU);
    const int64_t memory = node->free_memory_bytes - wb_resource_list_get(requests, WB_NAME_MEMORY);
    const int64_t all_cpu = wb_resource_list_get(node->allocatable, WB_NAME_CPU);
    const int64_t all_memory = wb_resource_list_get(node->allocatable, WB_NAME_MEMORY);
    return (cpu * 100 / all_cpu + memory * 100 / all_memory) / 2;
}

static int compare_pending(const void *a, const void *b, void *context)
{
    const wb_ca_case_pod *pods = context;
    const wb_ca_case_pod *left = &pods[*(const uint32_t *)a];
    const wb_ca_case_pod *right = &pods[*(const uint32_t *)b];
    if (left->created_ms != right->created_ms) {
        return left->created_ms < right->created_ms ? -1 : 1;
    }
    return strcmp(left->name, right->name);
}

static void bind_pending(wb_ca_case *of)
{
    assert(of != NULL);
    uint32_t *order = WB_ARENA_ARRAY(&of->loop.scratch, uint32_t, (size_t)of->pod_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < of->pod_count; i++) {
        if (!of->pods[i].is_gone && of->pods[i].node == WB_CA_CASE_NONE &&
            of->pods[i].created_ms <= of->now_ms) {
            order[count++] = i;
        }
    }
    wb_sort_stable(order, count, sizeof(*order), compare_pending, of->pods);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t best = WB_CA_CASE_NONE;
        int64_t best_score = 0;
        for (uint32_t n = 0; n < of->node_count; n++) {
            if (!may_run_on(of, &of->pods[order[i]], &of->nodes[n])) {
                continue;
            }
            const int64_t score = score_of(&of->pods[order[i]], &of->nodes[n]);
            if (best == WB_CA_CASE_NONE || score > best_score ||
                (score == best_score && strcmp(of->nodes[n].name, of->nodes[best].name) < 0)) {
                best = n;
                best_score = score;
            }
        }
        if (best != WB_CA_CASE_NONE) {
            wb_cases_cluster_autoscaler_bind(of, order[i], best);
        }
    }
}

void wb_cases_cluster_autoscaler_tick(wb_ca_case *of)
{
    assert(of != NULL);
    register_due(of);
    run_events(of);
    bind_pending(of);
}
