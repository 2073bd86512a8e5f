/*
 * The rows that are written when a run ends, in order of id.
 *
 * Pods, nodes, instances and claims change many times while a run goes on, and only their last
 * state is a row: written at the end they cost one insert each, where keeping rows up to date
 * would cost an update per change. The price: a killed run has events, decisions and samples, but
 * no pods.
 */
#include <assert.h>

#include "kube/names.h"
#include "sim/store/store.h"
#include "sim/store/store_internal.h"

static const char *pod_state_name(wb_pod_state state)
{
    switch (state) {
    case WB_POD_STATE_PENDING: return "pending";
    case WB_POD_STATE_STARTING: return "starting";
    case WB_POD_STATE_RUNNING: return "running";
    case WB_POD_STATE_TERMINATING: return "terminating";
    case WB_POD_STATE_SUCCEEDED: return "succeeded";
    case WB_POD_STATE_DELETED: return "deleted";
    case WB_POD_STATE_EVICTED: return "evicted";
    case WB_POD_STATE_LOST: return "lost";
    }
    return "unknown";
}

static const char *owner_kind_name(wb_owner_kind kind)
{
    static const char *const names[] = {
        [WB_OWNER_NONE] = NULL,
        [WB_OWNER_REPLICA_SET] = "ReplicaSet",
        [WB_OWNER_DEPLOYMENT] = "Deployment",
        [WB_OWNER_STATEFUL_SET] = "StatefulSet",
        [WB_OWNER_DAEMON_SET] = "DaemonSet",
        [WB_OWNER_JOB] = "Job",
        [WB_OWNER_CRON_JOB] = "CronJob",
        [WB_OWNER_REPLICATION_CONTROLLER] = "ReplicationController",
        [WB_OWNER_NODE] = "Node",
        [WB_OWNER_OTHER] = "Other",
    };
    assert((size_t)kind < sizeof(names) / sizeof(names[0]));
    return names[kind];
}

/* NULL for "none", so that the column is empty. */
static const char *cause_text(wb_cause cause)
{
    return cause == WB_CAUSE_NONE ? NULL : wb_cause_name(cause);
}

static void fill_pod_row(const wb_recorder *recorder, uint32_t pod_id, wb_row *row)
{
    assert(pod_id < recorder->env.cluster->pods.count);
    const wb_cluster *cluster = recorder->env.cluster;
    const wb_intern *intern = recorder->env.intern;
    const wb_pod_table *pods = &cluster->pods;
    const wb_shape *shape = &cluster->shapes[pods->shape_id[pod_id]];
    const wb_owner *owner =
        pods->owner_id[pod_id] == WB_NO_ID ? NULL : &cluster->owners[pods->owner_id[pod_id]];
    wb_row_add_int(row, pod_id);
    wb_row_add_text(row, pods->name[pod_id]);
    wb_row_add_text(row, wb_intern_text(intern, shape->namespace_name));
    wb_row_add_text(row, owner != NULL ? owner_kind_name(owner->kind) : NULL);
    wb_row_add_text(row, owner != NULL ? wb_intern_text(intern, owner->name) : NULL);
    wb_row_add_int(row, pods->shape_id[pod_id]);
    wb_row_add_text(row, pod_state_name((wb_pod_state)pods->state[pod_id]));
    wb_row_add_text(row, cause_text((wb_cause)pods->cause[pod_id]));
    wb_row_add_id(row, pods->bound_ms[pod_id] >= 0 ? pods->node_id[pod_id] : WB_NO_ID);
    wb_row_add_int(row, pods->created_ms[pod_id]);
    wb_row_add_int_or_null(row, pods->first_unschedulable_ms[pod_id]);
    wb_row_add_int_or_null(row, pods->bound_ms[pod_id]);
    wb_row_add_int_or_null(row, pods->running_ms[pod_id]);
    wb_row_add_int_or_null(row, pods->gone_ms[pod_id]);
    wb_row_add_id(row, pods->replaces[pod_id]);
    wb_row_add_id(row, pods->replaced_by[pod_id]);
    wb_row_add_int(row, (pods->flags[pod_id] & WB_POD_IS_DAEMON) != 0);
    wb_row_add_int(row, (pods->flags[pod_id] & WB_POD_IS_BATCH) != 0);
    wb_row_add_int(row, (pods->flags[pod_id] & WB_POD_IS_CHECKPOINTED) != 0);
    wb_row_add_text(row,
                    pods->running_ms[pod_id] < 0 ? wb_recorder_reason(recorder, pod_id) : NULL);
    const bool has_waited =
        pods->first_unschedulable_ms[pod_id] >= 0 && pod_id < recorder->reason_capacity;
    wb_row_add_id(row, has_waited ? recorder->reason_ids[pod_id] : WB_NO_ID);
}

static void fill_reason_row(const wb_recorder *recorder, uint32_t reason_id, wb_row *row)
{
    wb_row_add_int(row, reason_id);
    wb_row_add_text(row, wb_intern_text(&recorder->reasons, reason_id));
}

static void fill_shape_row(const wb_recorder *recorder, uint32_t shape_id, wb_row *row)
{
    const wb_shape *shape = &recorder->env.cluster->shapes[shape_id];
    wb_row_add_int(row, shape_id);
    wb_row_add_text(row, wb_intern_text(recorder->env.intern, shape->namespace_name));
    wb_row_add_int(row, shape->cpu_milli);
    wb_row_add_int(row, shape->memory_bytes);
    wb_row_add_int(row, wb_resource_list_get(shape->template->requests, WB_NAME_NVIDIA_GPU));
    wb_row_add_int(row, shape->pod_count);
}

static void fill_node_row(const wb_recorder *recorder, uint32_t node_id, wb_row *row)
{
    assert(node_id < recorder->node_capacity); /* every node was added, so touched */
    const wb_cluster_node *node = &recorder->env.cluster->nodes[node_id];
    const wb_intern *intern = recorder->env.intern;
    wb_row_add_int(row, node_id);
    wb_row_add_text(row, wb_intern_text(intern, node->name));
    wb_row_add_id(row, node->instance_id);
    wb_row_add_id(row, node->claim_id);
    wb_row_add_text(row, wb_intern_text(intern, node->instance_type));
    wb_row_add_text(row, wb_intern_text(intern, node->zone));
    wb_row_add_int(row, node->allocatable[0]);
    wb_row_add_int(row, node->allocatable[1]);
    wb_row_add_int(row, node->added_ms);
    wb_row_add_int_or_null(row, node->ready_ms);
    wb_row_add_int_or_null(row, node->gone_ms);
    wb_row_add_int(row, recorder->nodes[node_id].cpu_milli_ms);
    wb_row_add_int(row, recorder->nodes[node_id].memory_mib_ms);
    wb_row_add_int(row, node->capacity[0]);
    wb_row_add_int(row, node->capacity[1]);
    wb_row_add_int(row, recorder->nodes[node_id].daemon_cpu_milli_ms);
    wb_row_add_int(row, recorder->nodes[node_id].daemon_memory_mib_ms);
}

static void fill_instance_row(const wb_recorder *recorder, uint32_t instance_id, wb_row *row)
{
    assert(instance_id < recorder->env.cloud->instance_count);
    const wb_cloud *cloud = recorder->env.cloud;
    const wb_instance *instance = &cloud->instances[instance_id];
    const wb_intern *intern = recorder->env.intern;
    wb_row_add_int(row, instance_id);
    wb_row_add_text(row, wb_intern_text(intern, cloud->catalog->types[instance->type_index].name));
    wb_row_add_text(row, wb_intern_text(intern, instance->zone));
    wb_row_add_text(row, wb_capacity_type_name(instance->capacity_type));
    wb_row_add_int(row, instance->price_nusd_per_hour);
    wb_row_add_id(row, instance->node_id);
    wb_row_add_id(row, instance->claim_id);
    wb_row_add_text(row, instance->asg_id == WB_NO_ID ? NULL : cloud->asgs[instance->asg_id].name);
    wb_row_add_int(row, instance->requested_ms);
    wb_row_add_int_or_null(row, instance->launched_ms);
    wb_row_add_int_or_null(row, instance->running_ms);
    wb_row_add_int_or_null(row, instance->registered_ms);
    wb_row_add_int_or_null(row, instance->ready_ms);
    wb_row_add_int_or_null(row, instance->ended_ms);
    wb_row_add_text(row, cause_text(instance->cause));
    wb_row_add_int(row, instance->cost_nusd);
}

/* A contender without claims, or one that has forgotten this one, leaves a row that says so: ids
 * stay dense. */
static void fill_claim_row(const wb_recorder *recorder, uint32_t claim_id, wb_row *row)
{
    wb_claim_view claim = {
        .instance_id = WB_NO_ID, .node_id = WB_NO_ID, .name = "unknown", .drifted_ms = -1};
    if (recorder->ops != NULL && recorder->ops->view_claim != NULL) {
        (void)recorder->ops->view_claim(recorder->contender_self, claim_id, &claim);
    }
    wb_row_add_int(row, claim_id);
    wb_row_add_text(row, claim.name);
    wb_row_add_text(row, claim.nodepool);
    wb_row_add_id(row, claim.instance_id);
    wb_row_add_id(row, claim.node_id);
    wb_row_add_int(row, claim.created_ms);
    wb_row_add_int_or_null(row, claim.launched_ms);
    wb_row_add_int_or_null(row, claim.registered_ms);
    wb_row_add_int_or_null(row, claim.initialized_ms);
    wb_row_add_int_or_null(row, claim.gone_ms);
    wb_row_add_text(row, cause_text(claim.cause));
    wb_row_add_int(row, claim.pod_count);
    wb_row_add_int(row, claim.type_count);
    wb_row_add_text(row, claim.instance_type);
    wb_row_add_text(row, claim.zone);
    wb_row_add_text(row, claim.capacity_type);
    wb_row_add_int(row, (int64_t)(claim.price_usd_per_hour * 1e9 + 0.5));
    wb_row_add_text(row, claim.alternatives);
    wb_row_add_int_or_null(row, claim.drifted_ms);
    wb_row_add_text(row, claim.drift);
    wb_row_add_text(row, claim.ruled_out);
}

typedef struct final_table {
    const char *insert_sql;
    void (*fill)(const wb_recorder *recorder, uint32_t id, wb_row *row);
    uint32_t count;
} final_table;

wb_status wb_recorder_write_tables(wb_recorder *recorder, wb_error *err)
{
    assert(recorder != NULL);
    const wb_cluster *cluster = recorder->env.cluster;
    const final_table tables[] = {
        {"INSERT INTO shapes VALUES (?, ?, ?, ?, ?, ?, ?)", fill_shape_row, cluster->shape_count},
        {"INSERT INTO pods VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
         " ?)",
         fill_pod_row, cluster->pods.count},
        {"INSERT INTO reasons VALUES (?, ?, ?)", fill_reason_row, recorder->reasons.count},
        {"INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
         fill_node_row, cluster->node_count},
        {"INSERT INTO instances VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
         fill_instance_row, recorder->env.cloud->instance_count},
        {"INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
         " ?, ?)",
         fill_claim_row, recorder->claim_count},
    };
    for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
        sqlite3_stmt *statement = NULL;
        WB_TRY(wb_store_prepare(recorder->store, tables[t].insert_sql, &statement, err));
        wb_status status = WB_OK;
        for (uint32_t id = 0; id < tables[t].count && status == WB_OK; id++) {
            wb_row row = wb_row_begin(statement, recorder->digest, recorder->run_id);
            tables[t].fill(recorder, id, &row);
            status = wb_row_insert(&row, recorder->store, err);
        }
        (void)sqlite3_finalize(statement);
        WB_TRY(status);
    }
    WB_TRY(wb_recorder_write_stays(recorder, err));
    WB_TRY(wb_recorder_write_cloud(recorder, err));
    WB_TRY(wb_recorder_write_commands(recorder, err));
    return wb_recorder_write_calls(recorder, err);
}
