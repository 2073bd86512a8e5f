/*
 * The contender cluster_autoscaler: node groups become ASGs, the loop of ca_loop.h runs over the
 * simulated cluster.
 *
 * The loop's clock: a pass every scan-interval, counted from the last pass. With frequent loops
 * (the default of the release that is modelled) the next pass follows a productive one at once, and
 * a pod that just became unschedulable starts one. Passes that could find nothing new are not run:
 * after a pass that changed nothing the contender sleeps until the cluster changes or a timer of
 * the loop is due, and wakes on the tick at which the real program would have looked. So an idle
 * month costs nothing, and gives the same as if every tick had been run.
 */
#include "sim/autoscaler/cluster_autoscaler/cluster_autoscaler.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "kube/catalog/catalog_nodeclass.h"
#include "kube/names.h"
#include "sim/autoscaler/cluster_autoscaler/cluster_autoscaler_internal.h"

/* What one pass takes in the real program, API calls included: "at once" is after that. */
#define PASS_TAKES_MS 500

/* What the AWS provider puts on every template: kubelets take no more pods than that anyway. */
#define ZERO_TEMPLATE_PODS 110

/* ---- when ---- */

/* Makes sure of an event at or before at_ms; *slot is the time of the one that counts. */
static wb_status schedule(wb_cluster_autoscaler *self, uint16_t kind, int64_t at_ms, int64_t *slot,
                          wb_error *err)
{
    const int64_t now_ms = self->env.kernel->now_ms;
    at_ms = at_ms > now_ms ? at_ms : now_ms; /* overdue while the control plane stood still */
    if (*slot >= 0 && *slot <= at_ms) {
        return WB_OK;
    }
    *slot = at_ms; /* an event that was later finds itself void */
    return wb_kernel_schedule(self->env.kernel, at_ms, WB_PHASE_CONTROLLER, kind, 0, err);
}

/* A failure to schedule is the queue's limit, which the cluster meets first and reports. */
static void schedule_pass(wb_cluster_autoscaler *self, int64_t at_ms)
{
    const int64_t free_ms = at_ms > self->free_ms ? at_ms : self->free_ms;
    (void)schedule(self, WB_CLUSTER_AUTOSCALER_EVENT_PASS, free_ms, &self->pass_at_ms, NULL);
}

/* The first tick at or after at_ms, and after the last pass. */
static int64_t tick_at(const wb_cluster_autoscaler *self, int64_t at_ms)
{
    assert(at_ms >= 0);
    const int64_t interval_ms = self->loop.flags.scan_interval_ms;
    const int64_t last_ms = self->loop.last_pass_ms < 0 ? 0 : self->loop.last_pass_ms;
    const int64_t past_ms = at_ms > last_ms ? at_ms - last_ms : 1;
    const int64_t ticks = (past_ms + interval_ms - 1) / interval_ms;
    return last_ms + (ticks > 0 ? ticks : 1) * interval_ms;
}

void wb_cluster_autoscaler_wake(wb_cluster_autoscaler *self, bool at_once)
{
    const int64_t now_ms = self->env.kernel->now_ms;
    if (at_once && self->loop.flags.frequent_loops_enabled) {
        const int64_t free_ms = self->loop.last_pass_ms + PASS_TAKES_MS;
        schedule_pass(self, self->loop.last_pass_ms >= 0 && free_ms > now_ms ? free_ms : now_ms);
        return;
    }
    schedule_pass(self, tick_at(self, now_ms));
}

static wb_status schedule_deletions(wb_cluster_autoscaler *self, wb_error *err)
{
    const int64_t next_ms = wb_ca_loop_next_deletion_ms(&self->loop);
    return next_ms == INT64_MAX ? WB_OK
                                : schedule(self, WB_CLUSTER_AUTOSCALER_EVENT_DELETIONS, next_ms,
                                           &self->deletion_at_ms, err);
}

/* Runs the pass, then asks for the next one where this one leaves a reason. */
static wb_status on_pass(void *context, const wb_event *event, wb_error *err)
{
    wb_cluster_autoscaler *self = context;
    if (self->pass_at_ms < 0 || event->at_ms < self->pass_at_ms) {
        return WB_OK; /* void: an earlier one took its place */
    }
    self->pass_at_ms = -1;
    if (self->env.cloud->permissions.no_launch != NULL) {
        return WB_OK; /* each pass ends where it asks for the groups */
    }
    const int64_t now_ms = self->env.kernel->now_ms;
    wb_cluster_autoscaler_sync_nodes(self);
    wb_ca_loop_run(&self->loop, now_ms);
    self->free_ms = now_ms + wb_cluster_autoscaler_take_time(self);
    if (wb_cluster_autoscaler_holds_back(self)) {
        WB_TRY(wb_kernel_schedule(self->env.kernel, self->free_ms, WB_PHASE_CONTROLLER,
                                  WB_CLUSTER_AUTOSCALER_EVENT_SIZES, 0, err));
    }
    if (self->loop.was_productive && self->loop.flags.frequent_loops_enabled) {
        schedule_pass(self, now_ms + PASS_TAKES_MS);
    } else if (self->loop.has_changed) {
        schedule_pass(self, now_ms + self->loop.flags.scan_interval_ms);
    }
    if (self->loop.next_ms != INT64_MAX) {
        schedule_pass(self, tick_at(self, self->loop.next_ms));
    }
    WB_TRY(schedule_deletions(self, err));
    return wb_cluster_status(self->env.cluster, err);
}

static wb_status on_sizes(void *context, const wb_event *event, wb_error *err)
{
    wb_cluster_autoscaler *self = context;
    (void)event;
    wb_cluster_autoscaler_set_sizes(self);
    return wb_cluster_status(self->env.cluster, err);
}

static wb_status on_deletions(void *context, const wb_event *event, wb_error *err)
{
    wb_cluster_autoscaler *self = context;
    if (self->deletion_at_ms < 0 || event->at_ms < self->deletion_at_ms) {
        return WB_OK;
    }
    self->deletion_at_ms = -1;
    wb_cluster_autoscaler_sync_nodes(self);
    wb_ca_loop_run_deletions(&self->loop, self->env.kernel->now_ms);
    wb_cluster_autoscaler_wake(self, false);
    WB_TRY(schedule_deletions(self, err));
    return wb_cluster_status(self->env.cluster, err);
}

/* ---- groups ---- */

typedef struct zone_list {
    const uint32_t *items; /* borrowed; interned */
    uint32_t count;
} zone_list;

/* Labels that EKS gives the nodes of a managed group, with the group's own. */
static wb_labels group_labels(wb_arena *arena, wb_intern *intern, const wb_node_group *group,
                              const char *name)
{
    if (group->is_self_managed) {
        return group->labels;
    }
    wb_labels labels =
        wb_labels_with(arena, group->labels, wb_intern_add(intern, "eks.amazonaws.com/nodegroup"),
                       wb_intern_add(intern, name));
    return wb_labels_with(
        arena, labels, wb_intern_add(intern, "eks.amazonaws.com/capacityType"),
        wb_intern_add(intern, group->capacity_type == WB_CAPACITY_SPOT ? "SPOT" : "ON_DEMAND"));
}

/* What the provider makes up of the first instance type: memory as advertised and nothing reserved,
 * so the first node may turn out smaller. Other resources as if the group's tags stated them. */
static wb_resource_list zero_capacity(wb_arena *arena, const wb_intern *intern,
                                      const wb_catalog_type *type, wb_resource_list tagged)
{
    wb_resource_list capacity =
        wb_resource_list_with(arena, type->capacity, WB_NAME_PODS, ZERO_TEMPLATE_PODS);
    const char *mib = wb_intern_text(intern, wb_labels_get(type->labels, WB_NAME_INSTANCE_MEMORY));
    int64_t memory_mib = 0;
    for (; *mib >= '0' && *mib <= '9' && memory_mib < INT32_MAX; mib++) {
        memory_mib = memory_mib * 10 + (*mib - '0');
    }
    if (memory_mib > 0) {
        capacity = wb_resource_list_with(arena, capacity, WB_NAME_MEMORY, memory_mib * 1024 * 1024);
    }
    for (uint32_t i = 0; i < tagged.count; i++) {
        capacity =
            wb_resource_list_with(arena, capacity, tagged.items[i].name, tagged.items[i].amount);
    }
    return capacity;
}

/* Labels of a node that does not exist yet: those that its kubelet will bring. */
static wb_labels zero_labels(const wb_autoscaler_env *env, const wb_catalog_type *type,
                             wb_labels labels, uint32_t zone)
{
    const wb_label more[] = {
        {WB_NAME_ARCH, wb_labels_get(type->labels, WB_NAME_ARCH)},
        {WB_NAME_OS, wb_labels_get(type->labels, WB_NAME_OS)},
        {WB_NAME_INSTANCE_TYPE, type->name},
        {WB_NAME_ZONE, zone},
        {WB_NAME_REGION, env->catalog->region},
    };
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        labels = wb_labels_with(env->arena, labels, more[i].key, more[i].value);
    }
    return labels;
}

const wb_catalog *wb_cluster_autoscaler_sizes(wb_arena *arena, wb_intern *intern,
                                              const wb_catalog *catalog, const wb_node_group *group)
{
    const wb_nodeclass kubelet = {.max_pods = group->max_pods,
                                  .root_volume_bytes = group->volume_bytes > 0 ? group->volume_bytes
                                                                               : INT64_C(20) << 30};
    if (!wb_catalog_nodeclass_matters(&kubelet)) {
        return NULL;
    }
    wb_catalog *sizes = WB_ARENA_NEW(arena, wb_catalog);
    *sizes = wb_catalog_nodeclass_apply(arena, intern, catalog, &kubelet);
    return sizes;
}

/* What flags say about scale-down, unless the group's tags say otherwise. */
static void set_options(const wb_ca_flags *flags, const wb_node_group_options *own,
                        wb_ca_group *out)
{
    out->utilization_threshold = own->has_utilization_threshold
                                     ? own->utilization_threshold
                                     : flags->scale_down_utilization_threshold;
    out->gpu_utilization_threshold = own->has_gpu_utilization_threshold
                                         ? own->gpu_utilization_threshold
                                         : flags->scale_down_gpu_utilization_threshold;
    out->unneeded_time_ms =
        own->has_unneeded_time ? own->unneeded_time_ms : flags->scale_down_unneeded_time_ms;
    out->unready_time_ms =
        own->has_unready_time ? own->unready_time_ms : flags->scale_down_unready_time_ms;
    out->ignores_daemons =
        own->has_ignores_daemons ? own->ignores_daemons : flags->ignore_daemonsets_utilization;
}

/* The index-th ASG of the run, from what the scenario says of its group. */
static void make_group(wb_cluster_autoscaler *self, uint32_t index, const wb_node_group *group,
                       const zone_list *zones, const char *name, wb_ca_group *out)
{
    assert(group->type_count > 0 && zones->count > 0);
    const wb_autoscaler_env *env = &self->env;
    const wb_ca_flags *flags = &self->loop.flags;
    const wb_catalog_type *type = &env->catalog->types[group->type_indexes[0]];
    wb_launch_template *template = WB_ARENA_NEW(env->arena, wb_launch_template);
    *template = (wb_launch_template){
        .labels = group_labels(env->arena, env->intern, group, name),
        .taints = group->taints,
        .taint_count = group->taint_count,
        .name_prefix = name,
        .sizes = wb_cluster_autoscaler_sizes(env->arena, env->intern, env->catalog, group),
    };
    const wb_asg asg = {
        .name = name,
        .type_indexes = group->type_indexes,
        .type_count = group->type_count,
        .zones = zones->items,
        .zone_count = zones->count,
        .capacity_type = group->capacity_type,
        .policy = group->policy,
        .min_count = group->min_count,
        .max_count = group->max_count,
        .desired_count = group->desired_count,
        .launch_template = template,
    };
    self->groups[index] = (wb_cluster_autoscaler_group){
        .asg_id = wb_cloud_add_asg(env->cloud, &asg),
        .config = group,
        .known_desired = group->desired_count,
        .changed_ms = -1,
        .failed_ms = -1,
    };
    *out = (wb_ca_group){
        .name = name,
        .min_count = group->min_count,
        .max_count = group->max_count,
        .labels = zero_labels(env, type, template->labels, zones->items[0]),
        .taints = group->taints,
        .taint_count = group->taint_count,
        .capacity = zero_capacity(env->arena, env->intern, type, group->template_resources),
    };
    set_options(flags, &group->options, out);
    out->is_price_known = wb_catalog_price(env->catalog, group->type_indexes[0], zones->items[0],
                                           group->capacity_type, &out->price_per_hour);
}

/* The zones that a group spans: its own, or all of the scenario's. */
static zone_list zones_of(const wb_autoscaler_env *env, const wb_node_group *group)
{
    return group->zone_count > 0 ? (zone_list){group->zones, group->zone_count}
                                 : (zone_list){env->zones, env->zone_count};
}

static uint32_t asg_count(const wb_autoscaler_env *env, const wb_contender *contender)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < contender->node_group_count; i++) {
        const wb_node_group *group = &contender->node_groups[i];
        count += group->is_per_zone ? zones_of(env, group).count : 1;
    }
    return count;
}

/* One ASG per group, or per group and zone. */
static void make_groups(wb_cluster_autoscaler *self, wb_ca_group *out)
{
    const wb_autoscaler_env *env = &self->env;
    uint32_t count = 0;
    for (uint32_t i = 0; i < self->contender->node_group_count; i++) {
        const wb_node_group *group = &self->contender->node_groups[i];
        const zone_list zones = zones_of(env, group);
        if (!group->is_per_zone) {
            make_group(self, count, group, &zones, group->name, &out[count]);
            count++;
            continue;
        }
        for (uint32_t z = 0; z < zones.count; z++) {
            const zone_list zone = {&zones.items[z], 1};
            char name[160];
            (void)snprintf(name, sizeof(name), "%.100s-%.50s", group->name,
                           wb_intern_text(env->intern, zones.items[z]));
            make_group(self, count, group, &zone, wb_arena_copy_string(env->arena, name),
                       &out[count]);
            count++;
        }
    }
}

/* ---- ops ---- */

/* Names are ASG names; nodes need room for the autoscaler's own taints. */
static void check_groups(const wb_contender *contender, wb_findings *findings)
{
    for (uint32_t i = 0; i < contender->node_group_count; i++) {
        const wb_node_group *group = &contender->node_groups[i];
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(contender->node_groups[j].name, group->name) == 0) {
                wb_findings_add(findings, WB_SEVERITY_ERROR, group->position, "nodeGroups",
                                "name '%s' is taken by another node group", group->name);
            }
        }
        if (group->taint_count + 4 > WB_NODE_TAINTS_MAX) {
            wb_findings_add(findings, WB_SEVERITY_ERROR, group->position, "nodeGroups",
                            "node group '%s' has %u taints, expected at most %d", group->name,
                            group->taint_count, WB_NODE_TAINTS_MAX - 4);
        }
    }
    if (contender->node_group_count == 0) {
        wb_findings_add(findings, WB_SEVERITY_ERROR, contender->position, "nodeGroups",
                        "contender '%s' of kind 'cluster_autoscaler' has no node groups, expected "
                        "at least one",
                        contender->name);
    }
}

static void validate(const wb_contender *contender, wb_intern *intern, wb_findings *findings)
{
    assert(contender != NULL && findings != NULL);
    (void)intern;
    wb_ca_flags flags;
    wb_ca_flags_init(&flags);
    wb_ca_flags_apply(&flags, contender->settings, contender->setting_count, findings);
    wb_expander expander;
    wb_error err;
    if (wb_expander_init(&expander, findings->arena, &flags, 0, &err) != WB_OK) {
        wb_position position = contender->position;
        for (uint32_t i = 0; i < contender->setting_count; i++) {
            if (strcmp(contender->settings[i].name, "expander") == 0) {
                position = contender->settings[i].position;
            }
        }
        wb_findings_add(findings, WB_SEVERITY_ERROR, position, "flags", "%s", err.text);
    }
    check_groups(contender, findings);
}

static wb_status create(const wb_autoscaler_env *env, const wb_contender *contender,
                        void **out_self, wb_error *err)
{
    wb_cluster_autoscaler *self = WB_ARENA_NEW(env->arena, wb_cluster_autoscaler);
    self->self = self;
    self->env = *env;
    self->contender = contender;
    self->refreshed_ms = -1;
    self->pass_at_ms = -1;
    self->deletion_at_ms = -1;
    wb_findings findings;
    wb_findings_init(&findings, env->arena, false);
    wb_ca_flags flags;
    wb_ca_flags_init(&flags);
    wb_ca_flags_apply(&flags, contender->settings, contender->setting_count, &findings);
    WB_TRY(wb_findings_status(&findings, err));
    self->loop.flags = flags; /* make_groups reads the defaults of groups from there */
    const uint32_t count = asg_count(env, contender);
    wb_ca_group *groups = WB_ARENA_ARRAY(env->arena, wb_ca_group, (size_t)count + 1);
    self->groups = WB_ARENA_ARRAY(env->arena, wb_cluster_autoscaler_group, (size_t)count + 1);
    wb_cluster_autoscaler_heed_interruptions(self);
    make_groups(self, groups);
    const wb_ca_world world = wb_cluster_autoscaler_world(self);
    const wb_ca_loop_options options = {
        .flags = &flags,
        .world = &world,
        .groups = groups,
        .group_count = count,
        .seed = env->seed,
        .latency = contender->decision_latency,
    };
    WB_TRY(wb_ca_loop_init(&self->loop, env->arena, env->intern, &options, err));
    wb_kernel_subscribe(env->kernel, WB_CLUSTER_AUTOSCALER_EVENT_PASS, on_pass, self);
    wb_kernel_subscribe(env->kernel, WB_CLUSTER_AUTOSCALER_EVENT_DELETIONS, on_deletions, self);
    wb_kernel_subscribe(env->kernel, WB_CLUSTER_AUTOSCALER_EVENT_SIZES, on_sizes, self);
    wb_cluster_autoscaler_listen(self);
    *out_self = self;
    return WB_OK;
}

static wb_status start(void *context, wb_error *err)
{
    assert(context != NULL);
    wb_cluster_autoscaler *self = context;
    return schedule(self, WB_CLUSTER_AUTOSCALER_EVENT_PASS, self->loop.flags.scan_interval_ms,
                    &self->pass_at_ms, err);
}

/* Why one group does not help a pod of this shape; false when it does. The snapshot is forked and
 * reverted: as before for whoever looks. */
static bool refuses(wb_ca_loop *loop, uint32_t group, uint32_t shape, char *out, size_t out_size)
{
    const wb_group_health *health = &loop->health[group];
    if (wb_group_health_is_backed_off(health, loop->now_ms)) {
        (void)snprintf(out, out_size, "%s", wb_scale_up_skip_text(WB_SCALE_UP_SKIP_BACKED_OFF));
        return true;
    }
    if (health->target >= loop->groups[group].max_count) {
        (void)snprintf(out, out_size, "%s (%d)", wb_scale_up_skip_text(WB_SCALE_UP_SKIP_MAX_SIZE),
                       loop->groups[group].max_count);
        return true;
    }
    if (!loop->templates[group].is_known) {
        return false;
    }
    const uint32_t mark = wb_ca_snapshot_fork(&loop->snapshot);
    const uint32_t row =
        wb_node_template_add_node(&loop->templates[group], &loop->snapshot, &loop->scratch, 0);
    const bool is_refused =
        wb_ca_snapshot_check(&loop->snapshot, shape, row, out, out_size) != WB_PLUGIN_PASSED;
    wb_ca_snapshot_revert(&loop->snapshot, mark);
    return is_refused;
}

/* Why no group helps, as of the last pass; where one does, its node came too late. */
static bool explain_pod(const void *context, uint32_t pod_id, char *out, size_t out_size)
{
    wb_cluster_autoscaler *self = ((const wb_cluster_autoscaler *)context)->self;
    wb_ca_loop *loop = &self->loop;
    const wb_cloud_permissions *permissions = &self->env.cloud->permissions;
    if (permissions->no_launch != NULL || permissions->message != NULL) {
        (void)snprintf(out, out_size, "Cluster Autoscaler: %s",
                       permissions->no_launch != NULL ? permissions->no_launch
                                                      : permissions->message);
        return true;
    }
    const uint32_t shape =
        wb_cluster_autoscaler_shape(self, self->env.cluster->pods.shape_id[pod_id]);
    wb_text text;
    wb_text_init(&text);
    bool is_helped = false;
    for (uint32_t group = 0; group < loop->group_count && !is_helped; group++) {
        char reason[160];
        is_helped = !refuses(loop, group, shape, reason, sizeof(reason));
        if (!is_helped) {
            wb_text_add_format(&text, "%sgroup %s: %s", group > 0 ? "; " : "",
                               loop->groups[group].name, reason);
        }
    }
    (void)snprintf(out, out_size, "%s",
                   is_helped ? "it was gone before a node that a group could give was ready"
                             : wb_text_string(&text));
    wb_text_release(&text);
    return loop->group_count > 0;
}

static void destroy(void *context)
{
    wb_cluster_autoscaler *self = context;
    for (uint32_t group = 0; group < self->loop.group_count; group++) {
        wb_heap_memory_free(self->groups[group].known);
    }
    void *const blocks[] = {self->instances,   self->budgets,     self->shape_of,
                            self->row_of_pod,  self->capacity_of, self->allocatable_of,
                            self->dirty_nodes, self->pending,     self->pending_pods};
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        wb_heap_memory_free(blocks[i]);
    }
    wb_ca_loop_release(&self->loop);
}

static void count_work(const void *context, wb_autoscaler_work *out)
{
    const wb_cluster_autoscaler *self = context;
    assert(self != NULL && out != NULL);
    *out = (wb_autoscaler_work){
        .simulations = self->loop.snapshot.fork_count,
        .requirement_checks = self->loop.snapshot.fit_count,
    };
}

const wb_autoscaler_ops wb_cluster_autoscaler_ops = {
    .kind = "cluster_autoscaler",
    .help = "Kubernetes Cluster Autoscaler over Auto Scaling groups",
    .validate = validate,
    .create = create,
    .start = start,
    .explain_pod = explain_pod,
    .count_work = count_work,
    .destroy = destroy,
};
