/*
 * Pods: which run, which want a place, and which their workloads still have to make.
 *
 *     a pod of a dump   bound: takes room; given up on by the scheduler: wants a place; else it is
 *                       left alone (gated, nominated, not looked at yet), and a note says so
 *     a pod on paper    wants a place (or runs, where it names its node)
 *     a workload        as many pods as it lacks
 *     a DaemonSet       overhead of every node
 *
 * A Deployment's pods belong to a ReplicaSet named after it and the label pod-template-hash: they
 * are counted for the Deployment.
 */
#include <assert.h>
#include <string.h>

#include "kube/names.h"
#include "scenarios/one_shot/one_shot_internal.h"

static const char *const kind_names[] = {
    [WB_OWNER_NONE] = "Pod",
    [WB_OWNER_REPLICA_SET] = "ReplicaSet",
    [WB_OWNER_DEPLOYMENT] = "Deployment",
    [WB_OWNER_STATEFUL_SET] = "StatefulSet",
    [WB_OWNER_DAEMON_SET] = "DaemonSet",
    [WB_OWNER_JOB] = "Job",
    [WB_OWNER_CRON_JOB] = "CronJob",
    [WB_OWNER_REPLICATION_CONTROLLER] = "ReplicationController",
    [WB_OWNER_NODE] = "Node",
    [WB_OWNER_OTHER] = "owner",
};

/* --- Growing arrays -------------------------------------------------------------------- */

/* One template for all pods that have the same: dumps repeat it in every pod. */
static const wb_pod_template *share_template(wb_one_shot_reader *reader,
                                             const wb_pod_template *template)
{
    assert(template != NULL);
    uint64_t key = wb_pod_template_hash(template);
    uint64_t index = 0;
    for (; wb_hash_map_get(&reader->template_by_hash, key, &index); key++) {
        if (wb_pod_template_equals(reader->templates[index], template)) {
            return reader->templates[index];
        }
    }
    if (reader->template_count == reader->template_capacity) {
        reader->template_capacity = reader->template_capacity * 2 + 16;
        reader->templates = wb_arena_grow(reader->arena, reader->templates, reader->template_count,
                                          reader->template_capacity, sizeof(*reader->templates));
    }
    (void)wb_hash_map_put(&reader->template_by_hash, key, reader->template_count);
    reader->templates[reader->template_count++] = template;
    return template;
}

typedef struct group_key {
    wb_owner_kind kind;
    uint32_t namespace_name, name;
} group_key;

static uint32_t add_group(wb_one_shot_reader *reader, group_key key)
{
    assert((size_t)key.kind < sizeof(kind_names) / sizeof(kind_names[0]));
    wb_one_shot_input *input = reader->input;
    if (input->group_count == reader->group_capacity) {
        const uint32_t capacity = reader->group_capacity * 2 + 16;
        reader->groups = wb_arena_grow(reader->arena, reader->groups, input->group_count, capacity,
                                       sizeof(*reader->groups));
        reader->live_counts = wb_arena_grow(reader->arena, reader->live_counts, input->group_count,
                                            capacity, sizeof(*reader->live_counts));
        reader->group_capacity = capacity;
    }
    reader->groups[input->group_count] = (wb_one_shot_group){.kind = kind_names[key.kind],
                                                             .namespace_name = key.namespace_name,
                                                             .name = key.name};
    reader->live_counts[input->group_count] = 0;
    return input->group_count++;
}

/* The group of that name, made on first sight. */
static uint32_t group_of(wb_one_shot_reader *reader, group_key wanted)
{
    uint64_t key =
        wb_hash_map_join(wb_hash_map_join(wanted.kind, wanted.namespace_name), wanted.name);
    uint64_t index = 0;
    for (; wb_hash_map_get(&reader->group_by_name, key, &index); key++) {
        const wb_one_shot_group *group = &reader->groups[index];
        if (group->kind == kind_names[wanted.kind] && group->name == wanted.name &&
            group->namespace_name == wanted.namespace_name) {
            return (uint32_t)index;
        }
    }
    const uint32_t made = add_group(reader, wanted);
    (void)wb_hash_map_put(&reader->group_by_name, key, made);
    return made;
}

static void add_pod(wb_one_shot_reader *reader, const wb_one_shot_pod *pod)
{
    assert(pod->template != NULL && pod->group_index < reader->input->group_count);
    wb_one_shot_input *input = reader->input;
    if (input->pod_count == reader->pod_capacity) {
        reader->pod_capacity = reader->pod_capacity * 2 + 64;
        reader->pods = wb_arena_grow(reader->arena, reader->pods, input->pod_count,
                                     reader->pod_capacity, sizeof(*reader->pods));
    }
    reader->pods[input->pod_count++] = *pod;
    reader->groups[pod->group_index].pod_count++;
}

static void add_running(wb_one_shot_reader *reader, const wb_one_shot_running *pod)
{
    assert(pod->template != NULL && pod->node_index < reader->input->node_count);
    wb_one_shot_input *input = reader->input;
    if (input->running_count == reader->running_capacity) {
        reader->running_capacity = reader->running_capacity * 2 + 64;
        reader->running = wb_arena_grow(reader->arena, reader->running, input->running_count,
                                        reader->running_capacity, sizeof(*reader->running));
    }
    reader->running[input->running_count++] = *pod;
}

/* --- Pods of the files ----------------------------------------------------------------- */

/* An object that the API server has seen carries a status. */
static bool is_manifest(const wb_node *source)
{
    return wb_node_is_null(wb_node_get(source, "status"));
}

/* "web" of "web-6d4cf56db6", whose pods carry the hash as a label; 0 for other ReplicaSets. */
static uint32_t deployment_of(wb_one_shot_reader *reader, const wb_pod *pod)
{
    assert(pod->owner_kind == WB_OWNER_REPLICA_SET);
    const uint32_t label = wb_intern_find(reader->intern, "pod-template-hash");
    const uint32_t value = label != 0 ? wb_labels_get(pod->template->labels, label) : 0;
    const char *hash = wb_intern_text(reader->intern, value);
    const char *name = wb_intern_text(reader->intern, pod->owner_name);
    const size_t hash_length = strlen(hash);
    const size_t length = strlen(name);
    if (hash_length == 0 || length < hash_length + 2 ||
        strcmp(name + length - hash_length, hash) != 0 || name[length - hash_length - 1] != '-') {
        return 0;
    }
    return wb_intern_add_length(reader->intern, name, length - hash_length - 1);
}

static group_key owner_of(wb_one_shot_reader *reader, const wb_pod *pod)
{
    if (pod->owner_kind == WB_OWNER_NONE) {
        return (group_key){WB_OWNER_NONE, pod->namespace_name, pod->name};
    }
    const uint32_t deployment =
        pod->owner_kind == WB_OWNER_REPLICA_SET ? deployment_of(reader, pod) : 0;
    return deployment != 0 ? (group_key){WB_OWNER_DEPLOYMENT, pod->namespace_name, deployment}
                           : (group_key){pod->owner_kind, pod->namespace_name, pod->owner_name};
}

static bool is_finished(const wb_pod *pod)
{
    return pod->phase == WB_POD_SUCCEEDED || pod->phase == WB_POD_FAILED;
}

/* Pods that nothing will move: they go with their node, or are on their way out. */
static bool is_reschedulable(const wb_pod *pod)
{
    return pod->owner_kind != WB_OWNER_DAEMON_SET && pod->owner_kind != WB_OWNER_NODE &&
           (pod->deletion_ms < 0 || pod->owner_kind == WB_OWNER_STATEFUL_SET);
}

static wb_one_shot_pod describe_pod(const wb_pod *pod, const wb_pod_template *template,
                                    uint32_t group_index, uint32_t node_index)
{
    assert(template != NULL);
    return (wb_one_shot_pod){
        .name = pod->name,
        .namespace_name = pod->namespace_name,
        .uid = pod->uid,
        .created_ms = pod->created_ms < 0 ? 0 : pod->created_ms,
        .template = template,
        .group_index = group_index,
        .bound_node_index = node_index,
    };
}

/* Takes room on its node; wants another where that is going away. */
static void add_bound(wb_one_shot_reader *reader, const wb_pod *pod,
                      const wb_pod_template *template, uint32_t group_index)
{
    assert(pod->template->node_name != 0);
    uint64_t node_index = 0;
    if (!wb_hash_map_get(&reader->node_by_name, pod->template->node_name, &node_index)) {
        return;
    }
    const wb_one_shot_running running = {
        .name = pod->name,
        .namespace_name = pod->namespace_name,
        .template = template,
        .node_index = (uint32_t)node_index,
        .flags = (pod->owner_kind == WB_OWNER_DAEMON_SET ? WB_SOLVER_POD_DAEMON : 0U) |
                 (pod->deletion_ms >= 0 ? WB_SOLVER_POD_TERMINATING : 0U),
        .pod = pod,
    };
    add_running(reader, &running);
    if (reader->nodes[node_index].role == WB_NODE_ROLE_DELETING && is_reschedulable(pod)) {
        const wb_one_shot_pod moved =
            describe_pod(pod, template, group_index, (uint32_t)node_index);
        add_pod(reader, &moved);
    }
}

/* What Karpenter leaves alone, counted for one note each. */
typedef struct idle_counts {
    uint32_t gated, nominated, unseen, elsewhere;
} idle_counts;

static bool is_left_alone(const wb_pod *pod, idle_counts *counts)
{
    if (pod->owner_kind == WB_OWNER_DAEMON_SET || pod->owner_kind == WB_OWNER_NODE ||
        pod->deletion_ms >= 0) {
        return true;
    }
    const bool is_gated = pod->template->has_scheduling_gates;
    const bool is_nominated = pod->nominated_node_name != 0;
    const bool is_unseen = !pod->is_unschedulable && !is_manifest(pod->source);
    counts->gated += is_gated;
    counts->nominated += !is_gated && is_nominated;
    counts->unseen += !is_gated && !is_nominated && is_unseen;
    return is_gated || is_nominated || is_unseen;
}

/* Without its node: lint asks where the pod could go, not where it is. */
static const wb_pod_template *unbound_template(wb_one_shot_reader *reader,
                                               const wb_pod_template *template)
{
    if (template->node_name == 0) {
        return template;
    }
    wb_pod_template *made = WB_ARENA_NEW(reader->arena, wb_pod_template);
    *made = *template;
    made->node_name = 0;
    return made;
}

static void add_dumped(wb_one_shot_reader *reader, const wb_pod *pod, idle_counts *counts)
{
    assert(!is_finished(pod));
    const uint32_t group_index = group_of(reader, owner_of(reader, pod));
    wb_one_shot_group *group = &reader->groups[group_index];
    if (group->source == NULL) {
        group->source = pod->source;
        group->spec_path = "spec";
        group->is_manifest = is_manifest(pod->source);
    }
    reader->latest_ms = pod->created_ms > reader->latest_ms ? pod->created_ms : reader->latest_ms;
    reader->live_counts[group_index] += pod->deletion_ms < 0;
    const bool is_bound = pod->template->node_name != 0;
    if (reader->input->options.ignores_cluster) {
        if (is_reschedulable(pod) && pod->deletion_ms < 0) {
            const wb_one_shot_pod wanting =
                describe_pod(pod, share_template(reader, unbound_template(reader, pod->template)),
                             group_index, WB_ONE_SHOT_NONE);
            add_pod(reader, &wanting);
        }
    } else if (is_bound) {
        uint64_t node_index = 0;
        counts->elsewhere +=
            !wb_hash_map_get(&reader->node_by_name, pod->template->node_name, &node_index);
        add_bound(reader, pod, share_template(reader, pod->template), group_index);
    } else if (!is_left_alone(pod, counts)) {
        const wb_one_shot_pod wanting =
            describe_pod(pod, share_template(reader, pod->template), group_index, WB_ONE_SHOT_NONE);
        add_pod(reader, &wanting);
    }
}

static void note_idle(wb_one_shot_reader *reader, const idle_counts *counts)
{
    const struct {
        uint32_t count;
        const char *what;
    } rows[] = {
        {counts->gated, "have scheduling gates and are left alone"},
        {counts->nominated, "are about to preempt others and are left alone"},
        {counts->unseen, "are pending, but not unschedulable as far as the dump knows: the "
                         "scheduler may still place them"},
        {counts->elsewhere, "run on nodes that the files do not hold"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].count > 0) {
            wb_one_shot_note(reader, "pods: %u %s", rows[i].count, rows[i].what);
        }
    }
}

static void add_pods(wb_one_shot_reader *reader)
{
    const wb_manifest *manifest = &reader->input->manifest;
    idle_counts counts = {0};
    for (uint32_t i = 0; i < manifest->pod_count; i++) {
        const wb_pod *pod = &manifest->pods[i];
        const uint64_t key = wb_hash_map_join(pod->namespace_name, pod->name);
        if (is_finished(pod) || !wb_hash_map_put(&reader->pod_by_name, key, i)) {
            continue; /* done, or seen in another dump of the same cluster */
        }
        add_dumped(reader, pod, &counts);
    }
    note_idle(reader, &counts);
}

/* --- Workloads ------------------------------------------------------------------------- */

static const char *spec_path_of(wb_owner_kind kind)
{
    return kind == WB_OWNER_CRON_JOB ? "spec.jobTemplate.spec.template.spec" : "spec.template.spec";
}

/* Pods that the workload wants at any moment, those that are there included. */
static int64_t wanted_count(const wb_workload *workload)
{
    assert(workload->replicas >= 0 && workload->parallelism >= 0);
    if (workload->kind != WB_OWNER_JOB && workload->kind != WB_OWNER_CRON_JOB) {
        return workload->replicas;
    }
    const int64_t done = wb_node_int64(wb_node_find(workload->source, "status.succeeded"), 0);
    const int64_t left = workload->completions > done ? workload->completions - done : 0;
    return left < workload->parallelism ? left : workload->parallelism;
}

/* A ReplicaSet of a Deployment counts as the Deployment, which may be there itself. */
static uint32_t controlling_deployment(wb_one_shot_reader *reader, const wb_workload *workload)
{
    const wb_node *owners = wb_node_find(workload->source, "metadata.ownerReferences");
    for (uint32_t i = 0; owners != NULL && owners->kind == WB_NODE_LIST && i < owners->count; i++) {
        const wb_node *owner = owners->children[i];
        if (strcmp(wb_node_string(wb_node_get(owner, "kind"), ""), "Deployment") == 0) {
            return wb_intern_add(reader->intern, wb_node_string(wb_node_get(owner, "name"), ""));
        }
    }
    return 0;
}

static bool has_deployment(const wb_manifest *manifest, uint32_t namespace_name, uint32_t name)
{
    for (uint32_t i = 0; i < manifest->workload_count; i++) {
        const wb_workload *workload = &manifest->workloads[i];
        if (workload->kind == WB_OWNER_DEPLOYMENT && workload->name == name &&
            workload->namespace_name == namespace_name) {
            return true;
        }
    }
    return false;
}

/* Names of pods that are there are passed over: ordinals of a StatefulSet that lacks a few. */
static uint32_t next_name(wb_one_shot_reader *reader, const wb_workload *workload, int32_t *number)
{
    assert(*number >= 0);
    wb_text text;
    wb_text_init(&text);
    uint32_t name = 0;
    uint64_t known = 0;
    do {
        wb_text_clear(&text);
        wb_text_add_format(&text, "%s-%d", wb_intern_text(reader->intern, workload->name),
                           (*number)++);
        name = wb_intern_add(reader->intern, wb_text_string(&text));
    } while (wb_hash_map_get(&reader->pod_by_name, wb_hash_map_join(workload->namespace_name, name),
                             &known));
    wb_text_release(&text);
    return name;
}

/* The uid orders equal pods by its text: those made here come in the order of the files. */
static uint32_t next_uid(wb_one_shot_reader *reader)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "made-%07u", reader->input->pod_count);
    const uint32_t uid = wb_intern_add(reader->intern, wb_text_string(&text));
    wb_text_release(&text);
    return uid;
}

static wb_status make_pods(wb_one_shot_reader *reader, const wb_workload *workload,
                           uint32_t group_index, int64_t count, wb_error *err)
{
    assert(count > 0 && workload->template != NULL);
    if (count > (int64_t)WB_ONE_SHOT_PODS_MAX - reader->input->pod_count) {
        return wb_fail(err, WB_ERR_LIMIT, "%s %s: more than %u pods in all",
                       reader->groups[group_index].kind,
                       wb_intern_text(reader->intern, workload->name), WB_ONE_SHOT_PODS_MAX);
    }
    const bool is_stateful = workload->kind == WB_OWNER_STATEFUL_SET;
    int32_t number = is_stateful ? 0 : 1;
    for (int64_t i = 0; i < count; i++) {
        const uint32_t name = next_name(reader, workload, &number);
        const wb_one_shot_pod pod = {
            .name = name,
            .namespace_name = workload->namespace_name,
            .uid = next_uid(reader),
            .created_ms = reader->latest_ms,
            .template = is_stateful ? wb_one_shot_claimed_template(reader, workload, number - 1)
                                    : workload->template,
            .group_index = group_index,
            .bound_node_index = WB_ONE_SHOT_NONE,
        };
        add_pod(reader, &pod);
    }
    return WB_OK;
}

static void complain_of_repetition(wb_one_shot_reader *reader, const wb_workload *workload)
{
    wb_findings_add(reader->findings, WB_SEVERITY_ERROR, wb_node_position(workload->source),
                    "metadata.name",
                    "Duplicate value: \"%s\": another %s of that name is in the files",
                    wb_intern_text(reader->intern, workload->name), kind_names[workload->kind]);
}

/* CronJobs make pods now and then: lint wants to know whether there is room for them, a solve of
 * this moment does not. */
static bool is_idle(wb_one_shot_reader *reader, const wb_workload *workload)
{
    if (workload->kind == WB_OWNER_CRON_JOB && !reader->input->options.ignores_cluster) {
        wb_one_shot_note(reader, "CronJob %s: its pods come by the clock and are left out",
                         wb_intern_text(reader->intern, workload->name));
        return true;
    }
    return workload->is_suspended;
}

static wb_status add_workload(wb_one_shot_reader *reader, const wb_workload *workload,
                              wb_error *err)
{
    const wb_manifest *manifest = &reader->input->manifest;
    group_key key = {workload->kind, workload->namespace_name, workload->name};
    const uint32_t deployment =
        workload->kind == WB_OWNER_REPLICA_SET ? controlling_deployment(reader, workload) : 0;
    if (deployment != 0) {
        if (has_deployment(manifest, workload->namespace_name, deployment)) {
            return WB_OK;
        }
        key = (group_key){WB_OWNER_DEPLOYMENT, workload->namespace_name, deployment};
    } else if (is_idle(reader, workload)) {
        return WB_OK;
    }
    const uint32_t group_index = group_of(reader, key);
    wb_one_shot_group *group = &reader->groups[group_index];
    if (deployment == 0 && group->source != NULL && strcmp(group->spec_path, "spec") != 0) {
        complain_of_repetition(reader, workload);
        return WB_OK;
    }
    if (deployment == 0 || group->source == NULL) {
        group->source = workload->source;
        group->spec_path = spec_path_of(workload->kind);
        group->is_manifest = is_manifest(workload->source);
    }
    const int64_t lacking = wanted_count(workload) - reader->live_counts[group_index];
    return lacking > 0 ? make_pods(reader, workload, group_index, lacking, err) : WB_OK;
}

/* --- DaemonSets ------------------------------------------------------------------------ */

/* A DaemonSet's pod names its node by a field: what is left is what the DaemonSet says. */
static const wb_pod_template *daemon_template(wb_one_shot_reader *reader,
                                              const wb_pod_template *from)
{
    assert(from != NULL);
    wb_pod_template *made = WB_ARENA_NEW(reader->arena, wb_pod_template);
    *made = *from;
    made->node_name = 0;
    made->required_term_count = 0;
    wb_node_term *terms = WB_ARENA_ARRAY(reader->arena, wb_node_term, from->required_term_count);
    for (uint32_t i = 0; i < from->required_term_count; i++) {
        if (from->required_terms[i].expression_count > 0) {
            terms[made->required_term_count] = from->required_terms[i];
            terms[made->required_term_count].fields = NULL;
            terms[made->required_term_count++].field_count = 0;
        }
    }
    made->required_terms = terms;
    made->required_is_set = made->required_term_count > 0;
    return made;
}

static void add_daemon(wb_one_shot_reader *reader, const wb_pod_template *template,
                       uint32_t namespace_name)
{
    assert(template != NULL && namespace_name != 0);
    wb_one_shot_input *input = reader->input;
    reader->daemons = wb_arena_grow(reader->arena, reader->daemons, input->daemon_count,
                                    input->daemon_count + 1U, sizeof(wb_pod_template *));
    reader->daemons[input->daemon_count++] = template;
    input->daemon_namespace = namespace_name;
}

/* From the objects, and where a dump has only their pods, from one pod of each. */
static void add_daemons(wb_one_shot_reader *reader)
{
    const wb_manifest *manifest = &reader->input->manifest;
    wb_hash_map seen;
    wb_hash_map_init(&seen);
    for (uint32_t i = 0; i < manifest->workload_count; i++) {
        const wb_workload *set = &manifest->workloads[i];
        if (set->kind == WB_OWNER_DAEMON_SET &&
            wb_hash_map_put(&seen, wb_hash_map_join(set->namespace_name, set->name), 0)) {
            add_daemon(reader, set->template, set->namespace_name);
        }
    }
    for (uint32_t i = 0; i < manifest->pod_count; i++) {
        const wb_pod *pod = &manifest->pods[i];
        if (pod->owner_kind == WB_OWNER_DAEMON_SET && !is_finished(pod) &&
            wb_hash_map_put(&seen, wb_hash_map_join(pod->namespace_name, pod->owner_name), 0)) {
            add_daemon(reader, daemon_template(reader, pod->template), pod->namespace_name);
        }
    }
    wb_hash_map_release(&seen);
    reader->input->daemons = reader->daemons;
}

wb_status wb_one_shot_read_pods(wb_one_shot_reader *reader, wb_error *err)
{
    assert(reader != NULL && reader->input->pod_count == 0);
    const wb_manifest *manifest = &reader->input->manifest;
    add_pods(reader);
    for (uint32_t i = 0; i < manifest->workload_count; i++) {
        if (manifest->workloads[i].kind != WB_OWNER_DAEMON_SET) {
            WB_TRY(add_workload(reader, &manifest->workloads[i], err));
        }
    }
    add_daemons(reader);
    reader->input->groups = reader->groups;
    reader->input->pods = reader->pods;
    reader->input->running = reader->running;
    return WB_OK;
}
