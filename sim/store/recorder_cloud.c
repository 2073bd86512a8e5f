/*
 * What the cloud did to a run, written at its end: the calls of its API by outcome, and what became
 * of each machine that EC2 recommended to leave, warned, or let go without a word.
 */
#include <assert.h>

#include "base/heap_memory.h"
#include "sim/store/store.h"
#include "sim/store/store_internal.h"

/* ---- calls ---- */

/* The sum of the changing calls is a figure, and with it in the run's fingerprint; of the rows only
 * errors are: a call that merely reads does not make another run of it. */
static wb_status write_call(wb_recorder *recorder, sqlite3_stmt *statement, uint32_t index,
                            wb_error *err)
{
    const wb_cloud_call_count *count = &recorder->env.cloud->api.counts[index];
    const bool is_error = count->code[0] != 0;
    wb_row row = wb_row_begin(statement, is_error ? recorder->digest : NULL, recorder->run_id);
    wb_row_add_int(&row, index);
    wb_row_add_text(&row, wb_cloud_api_service_name(count->action));
    wb_row_add_text(&row, wb_cloud_api_action_name(count->action));
    wb_row_add_text(&row, is_error ? count->code : NULL);
    wb_row_add_int(&row, (int64_t)count->count);
    return wb_row_insert(&row, recorder->store, err);
}

/* ---- warnings ---- */

/* What became of a machine's pods, DaemonSets' left aside. */
typedef struct machine_fate {
    int64_t drained_ms;            /* the last of those that were there at the warning left; -1 */
    int64_t pod_count, lost_count; /* on it at the warning; still on it at its end */
} machine_fate;

/* When the machine's last act began: at the warning, or with its end where none came. */
static int64_t since_ms(const wb_instance *instance)
{
    return instance->notice_ms >= 0 ? instance->notice_ms : instance->ended_ms;
}

static bool is_told(const wb_instance *instance)
{
    return instance->recommended_ms >= 0 || instance->notice_ms >= 0 ||
           instance->cause == WB_CAUSE_INSTANCE_LOST;
}

static void count_pods(const wb_recorder *recorder, machine_fate *fates)
{
    const wb_cluster *cluster = recorder->env.cluster;
    const wb_cloud *cloud = recorder->env.cloud;
    const wb_pod_table *pods = &cluster->pods;
    for (uint32_t i = 0; i < pods->count; i++) {
        if (pods->bound_ms[i] < 0 || (pods->flags[i] & WB_POD_IS_DAEMON) != 0) {
            continue;
        }
        const uint32_t instance_id = cluster->nodes[pods->node_id[i]].instance_id;
        if (instance_id == WB_NO_ID || !is_told(&cloud->instances[instance_id])) {
            continue;
        }
        const wb_instance *instance = &cloud->instances[instance_id];
        const int64_t from_ms = since_ms(instance);
        const int64_t gone_ms = pods->gone_ms[i] >= 0 ? pods->gone_ms[i] : INT64_MAX;
        machine_fate *fate = &fates[instance_id];
        if (from_ms < 0 || pods->bound_ms[i] > from_ms || gone_ms < from_ms) {
            continue; /* gone before, or only recommended */
        }
        fate->pod_count++;
        if (instance->ended_ms >= 0 && gone_ms >= instance->ended_ms) {
            fate->lost_count++;
        } else if (gone_ms < INT64_MAX && gone_ms > fate->drained_ms) {
            fate->drained_ms = gone_ms;
        }
    }
}

static wb_status write_warning(wb_recorder *recorder, sqlite3_stmt *statement, uint32_t instance_id,
                               const machine_fate *fate, wb_error *err)
{
    const wb_cloud *cloud = recorder->env.cloud;
    const wb_instance *instance = &cloud->instances[instance_id];
    const bool is_over = instance->ended_ms >= 0 && instance->cause != WB_CAUSE_HORIZON;
    const bool is_taken =
        is_over && (instance->cause == WB_CAUSE_INSTANCE_LOST ||
                    (instance->notice_ms >= 0 &&
                     instance->ended_ms - instance->notice_ms >= cloud->weather.notice_ms));
    wb_row row = wb_row_begin(statement, recorder->digest, recorder->run_id);
    wb_row_add_int(&row, instance_id);
    wb_row_add_int_or_null(&row, instance->recommended_ms);
    wb_row_add_int_or_null(&row, instance->notice_ms);
    wb_row_add_int_or_null(&row, is_over ? instance->ended_ms : -1);
    wb_row_add_int(&row, is_taken);
    wb_row_add_int(&row, fate->pod_count);
    wb_row_add_int(&row, fate->lost_count);
    wb_row_add_int_or_null(&row, fate->lost_count == 0 && is_over ? fate->drained_ms : -1);
    return wb_row_insert(&row, recorder->store, err);
}

static wb_status write_warnings(wb_recorder *recorder, wb_error *err)
{
    const wb_cloud *cloud = recorder->env.cloud;
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(recorder->store,
                            "INSERT INTO warnings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", &statement,
                            err));
    machine_fate *fates = wb_heap_memory_zalloc((size_t)cloud->instance_count + 1, sizeof fates[0]);
    for (uint32_t i = 0; i < cloud->instance_count; i++) {
        fates[i].drained_ms = since_ms(&cloud->instances[i]); /* empty: drained when warned */
    }
    count_pods(recorder, fates);
    wb_status status = WB_OK;
    for (uint32_t i = 0; i < cloud->instance_count && status == WB_OK; i++) {
        if (is_told(&cloud->instances[i])) {
            status = write_warning(recorder, statement, i, &fates[i], err);
        }
    }
    wb_heap_memory_free(fates);
    (void)sqlite3_finalize(statement);
    return status;
}

wb_status wb_recorder_write_cloud(wb_recorder *recorder, wb_error *err)
{
    assert(recorder != NULL && recorder->run_id > 0);
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(recorder->store, "INSERT INTO api_calls VALUES (?, ?, ?, ?, ?, ?)",
                            &statement, err));
    wb_status status = WB_OK;
    for (uint32_t i = 0; i < recorder->env.cloud->api.count_count && status == WB_OK; i++) {
        status = write_call(recorder, statement, i, err);
    }
    (void)sqlite3_finalize(statement);
    WB_TRY(status);
    return write_warnings(recorder, err);
}

wb_status wb_recorder_check_bill(const wb_recorder *recorder, const wb_run_figures *figures,
                                 wb_error *err)
{
    assert(recorder != NULL && figures != NULL);
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(recorder->store,
                            "SELECT coalesce(sum(cost_nusd), 0) FROM instances WHERE run_id = ?",
                            &statement, err));
    (void)sqlite3_bind_int64(statement, 1, recorder->run_id);
    const bool has_row = sqlite3_step(statement) == SQLITE_ROW;
    const int64_t sum_nusd = has_row ? sqlite3_column_int64(statement, 0) : 0;
    (void)sqlite3_finalize(statement);
    if (!has_row) {
        return wb_store_fail(recorder->store, "read", err);
    }
    assert(sum_nusd == figures->cost_nusd); /* else ours, not the user's */
    return WB_OK;
}
