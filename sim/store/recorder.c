/*
 * Listens to one run and writes it down. Hooks return nothing, so the first failure is kept and
 * handed out by wb_recorder_status, which the run asks for at every sample.
 *
 * What the figures need is summed as it happens: pod-milliseconds of waiting, and per node the
 * requested CPU and memory over time. A hook of a pod is O(1).
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "base/text.h"
#include "sim/store/store.h"
#include "sim/store/store_internal.h"

#define ROWS_PER_COMMIT  50000
#define REASONS_MAX      5000 /* distinct texts kept; a run has some dozens */
#define BYTES_PER_MIB    1048576
#define REASON_BYTES_MAX 640 /* IAM's messages hold two ARNs */

static void keep_failure(wb_recorder *recorder, wb_status status, const wb_error *error)
{
    if (recorder->status == WB_OK && status != WB_OK) {
        recorder->status = status;
        recorder->error = *error;
    }
}

/* Commits now and then, so that a killed run leaves what it had and the log stays short. */
static void count_row(wb_recorder *recorder)
{
    if (++recorder->open_row_count < ROWS_PER_COMMIT) {
        return;
    }
    recorder->open_row_count = 0;
    wb_error error = {0};
    keep_failure(recorder, wb_store_execute(recorder->store, "COMMIT; BEGIN", &error), &error);
}

static int64_t now_of(const wb_recorder *recorder)
{
    return recorder->env.kernel->now_ms;
}

static void add_event(wb_recorder *recorder, const char *kind, uint32_t pod_id, uint32_t node_id,
                      const char *detail)
{
    wb_row row = wb_row_begin(recorder->insert_event, recorder->digest, recorder->run_id);
    wb_row_add_int(&row, (int64_t)recorder->event_count++);
    wb_row_add_int(&row, now_of(recorder));
    wb_row_add_text(&row, kind);
    wb_row_add_id(&row, pod_id);
    wb_row_add_id(&row, node_id);
    wb_row_add_text(&row, detail);
    wb_error error = {0};
    keep_failure(recorder, wb_row_insert(&row, recorder->store, &error), &error);
    count_row(recorder);
}

/* Pods times milliseconds of waiting are summed up at each change, so the integral is exact and
 * needs no samples. DaemonSets' pods do not count: no autoscaler launches nodes for them. */
static void change_pending(wb_recorder *recorder, int64_t by)
{
    const int64_t now_ms = now_of(recorder);
    recorder->pending_pod_ms += recorder->pending_count * (now_ms - recorder->pending_since_ms);
    recorder->pending_since_ms = now_ms;
    recorder->pending_count += by;
    assert(recorder->pending_count >= 0);
}

void wb_recorder_touch_node(wb_recorder *recorder, uint32_t node_id)
{
    assert(recorder != NULL);
    if (node_id >= recorder->node_capacity) {
        const uint32_t old = recorder->node_capacity;
        recorder->node_capacity = (uint32_t)wb_heap_memory_next_capacity(old, (size_t)node_id + 1);
        recorder->nodes = wb_heap_memory_resize(recorder->nodes, recorder->node_capacity,
                                                sizeof recorder->nodes[0]);
        memset(&recorder->nodes[old], 0,
               (recorder->node_capacity - old) * sizeof recorder->nodes[0]);
    }
    wb_node_use *use = &recorder->nodes[node_id];
    const int64_t now_ms = now_of(recorder);
    use->cpu_milli_ms += use->cpu_milli * (now_ms - use->since_ms);
    use->memory_mib_ms += use->memory_mib * (now_ms - use->since_ms);
    use->daemon_cpu_milli_ms += use->daemon_cpu_milli * (now_ms - use->since_ms);
    use->daemon_memory_mib_ms += use->daemon_memory_mib * (now_ms - use->since_ms);
    use->since_ms = now_ms;
}

/* sign 1: the pod's requests count on the node from now on; -1: no longer. */
static void change_node(wb_recorder *recorder, uint32_t pod_id, uint32_t node_id, int64_t sign)
{
    assert(sign == 1 || sign == -1);
    const wb_cluster *cluster = recorder->env.cluster;
    const wb_shape *shape = &cluster->shapes[cluster->pods.shape_id[pod_id]];
    wb_recorder_touch_node(recorder, node_id);
    const int64_t cpu_milli = sign * shape->cpu_milli;
    const int64_t memory_mib = sign * (shape->memory_bytes / BYTES_PER_MIB);
    wb_node_use *use = &recorder->nodes[node_id];
    use->cpu_milli += cpu_milli;
    use->memory_mib += memory_mib;
    if (wb_cluster_pod_is_daemon(cluster, pod_id)) {
        use->daemon_cpu_milli += cpu_milli;
        use->daemon_memory_mib += memory_mib;
    }
}

/* Only the last reason is kept, as an id: a pod that waits for an hour is told why every five
 * minutes. Beyond REASONS_MAX distinct texts (a reason that names the pod, say) the rest is
 * lumped together, or a run's memory would grow with its messages. */
static void set_reason(wb_recorder *recorder, uint32_t pod_id, const char *reason)
{
    assert(reason != NULL);
    if (pod_id >= recorder->reason_capacity) {
        const uint32_t old = recorder->reason_capacity;
        recorder->reason_capacity = (uint32_t)wb_heap_memory_next_capacity(old, (size_t)pod_id + 1);
        recorder->reason_ids =
            wb_heap_memory_resize(recorder->reason_ids, recorder->reason_capacity,
                                  sizeof recorder->reason_ids[0]);
        memset(&recorder->reason_ids[old], 0,
               (recorder->reason_capacity - old) * sizeof recorder->reason_ids[0]);
    }
    const bool is_full = recorder->reasons.count >= REASONS_MAX;
    recorder->reason_ids[pod_id] =
        wb_intern_add(&recorder->reasons, is_full ? "one of many other reasons" : reason);
}

const char *wb_recorder_reason(const wb_recorder *recorder, uint32_t pod_id)
{
    assert(recorder != NULL);
    return pod_id < recorder->reason_capacity
               ? wb_intern_text(&recorder->reasons, recorder->reason_ids[pod_id])
               : "";
}

static void on_pod_created(void *context, uint32_t pod_id)
{
    wb_recorder *recorder = context;
    if (!wb_cluster_pod_is_daemon(recorder->env.cluster, pod_id)) {
        change_pending(recorder, 1);
    }
}

static void on_pod_unschedulable(void *context, uint32_t pod_id, const char *reason)
{
    set_reason(context, pod_id, reason != NULL ? reason : "");
}

static void on_pod_bound(void *context, uint32_t pod_id, uint32_t node_id)
{
    wb_recorder *recorder = context;
    if (!wb_cluster_pod_is_daemon(recorder->env.cluster, pod_id)) {
        change_pending(recorder, -1);
    }
    change_node(recorder, pod_id, node_id, 1);
}

static void on_pod_terminating(void *context, uint32_t pod_id, wb_cause cause)
{
    wb_recorder *recorder = context;
    const bool is_disruption = cause != WB_CAUSE_WORKLOAD && cause != WB_CAUSE_FINISHED;
    if (is_disruption && !wb_cluster_pod_is_daemon(recorder->env.cluster, pod_id)) {
        add_event(recorder, "eviction", pod_id, recorder->env.cluster->pods.node_id[pod_id],
                  wb_cause_name(cause));
    }
}

/* The contender knows best why a pod found no node: its last word replaces the scheduler's. */
static void ask_contender(wb_recorder *recorder, uint32_t pod_id)
{
    char text[REASON_BYTES_MAX];
    if (recorder->ops != NULL && recorder->ops->explain_pod != NULL &&
        recorder->ops->explain_pod(recorder->contender_self, pod_id, text, sizeof text)) {
        set_reason(recorder, pod_id, text);
    }
}

/* Of a pod whose containers never ran; what kept them, where that is known. */
static void explain_start(wb_recorder *recorder, uint32_t pod_id, const char *what)
{
    const char *need = wb_cluster_start_need(recorder->env.cluster, pod_id);
    char text[REASON_BYTES_MAX];
    (void)snprintf(text, sizeof text, "%s%s%s", what, need != NULL ? ": waited for " : "",
                   need != NULL ? need : "");
    set_reason(recorder, pod_id, text);
}

static void on_pod_gone(void *context, uint32_t pod_id, wb_cause cause)
{
    wb_recorder *recorder = context;
    const wb_cluster *cluster = recorder->env.cluster;
    (void)cause;
    if (cluster->pods.bound_ms[pod_id] >= 0) {
        change_node(recorder, pod_id, cluster->pods.node_id[pod_id], -1);
        if (cluster->pods.running_ms[pod_id] < 0) {
            explain_start(recorder, pod_id, "gone while its containers were starting");
        }
    } else if (!wb_cluster_pod_is_daemon(cluster, pod_id)) {
        change_pending(recorder, -1);
        if (cluster->pods.first_unschedulable_ms[pod_id] < 0) {
            set_reason(recorder, pod_id, "gone before the scheduler could try it");
        }
        ask_contender(recorder, pod_id);
    }
}

static void on_eviction_refused(void *context, uint32_t pod_id)
{
    wb_recorder *recorder = context;
    add_event(recorder, "eviction-refused", pod_id, recorder->env.cluster->pods.node_id[pod_id],
              NULL);
}

static void on_node_added(void *context, uint32_t node_id)
{
    wb_recorder *recorder = context;
    wb_recorder_touch_node(recorder, node_id);
    recorder->nodes[node_id].since_ms = now_of(recorder);
    const uint32_t living = recorder->env.cluster->living_node_count;
    recorder->living_node_max =
        living > recorder->living_node_max ? living : recorder->living_node_max;
    add_event(recorder, "node-registered", WB_NO_ID, node_id, NULL);
}

static void on_node_ready(void *context, uint32_t node_id)
{
    add_event(context, "node-ready", WB_NO_ID, node_id, NULL);
}

static void on_node_removed(void *context, uint32_t node_id, wb_cause cause)
{
    wb_recorder *recorder = context;
    wb_recorder_touch_node(recorder, node_id);
    wb_recorder_release_node(recorder, node_id);
    add_event(recorder, "node-removed", WB_NO_ID, node_id, wb_cause_name(cause));
}

static void on_claim_created(void *context, uint32_t claim_id)
{
    wb_recorder *recorder = context;
    recorder->claim_count =
        claim_id + 1 > recorder->claim_count ? claim_id + 1 : recorder->claim_count;
}

static void on_cloud_error(void *context, const char *call, const char *code, const char *detail)
{
    char text[REASON_BYTES_MAX];
    (void)snprintf(text, sizeof text, "%s: %s: %s", call, code, detail != NULL ? detail : "");
    add_event(context, "cloud-error", WB_NO_ID, WB_NO_ID, text);
}

static void on_fault(void *context, const wb_fault_note *note)
{
    add_event(context, note->is_over ? "fault-over" : "fault", WB_NO_ID, WB_NO_ID, note->detail);
}

static void on_fault_hit(void *context, uint32_t node_id, const char *kind)
{
    add_event(context, "fault-hit", WB_NO_ID, node_id, kind);
}

static void on_decision(void *context, const wb_decision *decision)
{
    wb_recorder *recorder = context;
    wb_row row = wb_row_begin(recorder->insert_decision, recorder->digest, recorder->run_id);
    wb_row_add_int(&row, (int64_t)recorder->decision_count++);
    wb_row_add_int(&row, decision->at_ms);
    wb_row_add_text(&row, decision->kind);
    wb_row_add_text(&row, decision->subject);
    wb_row_add_text(&row, decision->outcome);
    wb_row_add_text(&row, decision->reason);
    wb_row_add_int(&row, decision->pod_count);
    wb_row_add_int(&row, decision->node_count);
    wb_row_add_int(&row, decision->saving_nusd_per_hour);
    wb_error error = {0};
    keep_failure(recorder, wb_row_insert(&row, recorder->store, &error), &error);
    count_row(recorder);
}

static void on_node_held(void *context, uint32_t node_id, const wb_hold *hold)
{
    wb_recorder_hold_node(context, node_id, hold);
}

/* A hook that is missing here is not recorded; the observer's header says when each is called. */
static void observe(wb_recorder *recorder)
{
    const wb_observer observer = {
        .context = recorder,
        .pod_created = on_pod_created,
        .pod_unschedulable = on_pod_unschedulable,
        .pod_bound = on_pod_bound,
        .pod_terminating = on_pod_terminating,
        .pod_gone = on_pod_gone,
        .eviction_refused = on_eviction_refused,
        .node_added = on_node_added,
        .node_ready = on_node_ready,
        .node_removed = on_node_removed,
        .claim_created = on_claim_created,
        .cloud_error = on_cloud_error,
        .decision = on_decision,
        .node_held = on_node_held,
        .fault = on_fault,
        .fault_hit = on_fault_hit,
    };
    wb_observers_add(recorder->env.observers, &observer);
}

/* Committed before the run begins, so that even a run killed in its first millisecond shows as
 * unfinished. The wall clock goes into the row and not into the digest. */
static wb_status insert_run(wb_recorder *recorder, const wb_run_identity *identity, wb_error *err)
{
    assert(recorder->run_id == 0); /* given by the database */
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(
        recorder->store,
        "INSERT INTO runs (state, scenario, scenario_digest, trace_digest, contender,"
        " contender_kind, parameters, price_source, version, seed, trace_records,"
        " trace_unmodelled, epoch_ms, started_wall)"
        " VALUES ('running', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
        " strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
        &statement, err));
    const char *const texts[] = {
        identity->scenario_name,  identity->scenario_digest, identity->trace_digest,
        identity->contender_name, identity->contender_kind,  identity->parameters_json,
        identity->price_source,   identity->version,
    };
    int next = 1;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        (void)sqlite3_bind_text(statement, next++, texts[i] != NULL ? texts[i] : "", -1,
                                SQLITE_STATIC);
        wb_digest_add_text(recorder->digest, texts[i] != NULL ? texts[i] : "");
    }
    const int64_t numbers[] = {(int64_t)identity->seed, identity->trace_record_count,
                               identity->trace_unmodelled_count};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        (void)sqlite3_bind_int64(statement, next++, numbers[i]);
        wb_digest_add_int64(recorder->digest, numbers[i]);
    }
    wb_digest_add_int64(recorder->digest, identity->epoch_ms);
    if (identity->epoch_ms >= 0) {
        (void)sqlite3_bind_int64(statement, next, identity->epoch_ms);
    }
    const int step = sqlite3_step(statement);
    (void)sqlite3_finalize(statement);
    if (step != SQLITE_DONE) {
        return wb_store_fail(recorder->store, "write a row", err);
    }
    recorder->run_id = sqlite3_last_insert_rowid(recorder->store->db);
    return WB_OK;
}

static wb_status prepare_inserts(wb_recorder *recorder, wb_error *err)
{
    WB_TRY(wb_store_prepare(recorder->store, "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
                            &recorder->insert_event, err));
    WB_TRY(wb_store_prepare(recorder->store,
                            "INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            &recorder->insert_decision, err));
    return wb_store_prepare(recorder->store,
                            "INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            &recorder->insert_sample, err);
}

static void free_recorder(wb_recorder *recorder)
{
    (void)sqlite3_finalize(recorder->insert_event);
    (void)sqlite3_finalize(recorder->insert_decision);
    (void)sqlite3_finalize(recorder->insert_sample);
    wb_intern_release(&recorder->reasons);
    wb_intern_release(&recorder->stay_texts);
    wb_arena_release(&recorder->arena);
    wb_digest_free(recorder->digest);
    wb_heap_memory_free(recorder->nodes);
    wb_heap_memory_free(recorder->stays);
    wb_heap_memory_free(recorder->reason_ids);
    wb_heap_memory_free(recorder);
}

wb_status wb_recorder_begin(wb_store *store, const wb_autoscaler_env *env,
                            const wb_run_identity *identity, wb_recorder **out, wb_error *err)
{
    assert(store != NULL && env != NULL && identity != NULL && out != NULL);
    wb_recorder *recorder = wb_heap_memory_zalloc(1, sizeof *recorder);
    recorder->store = store;
    recorder->env = *env;
    recorder->digest = wb_digest_new();
    recorder->rows_before = sqlite3_total_changes64(store->db);
    recorder->identity.seed = identity->seed;
    if (identity->trace_record_count > 0) {
        recorder->identity.not_modelled =
            (double)identity->trace_unmodelled_count / (double)identity->trace_record_count;
    }
    (void)snprintf(recorder->identity.scenario, sizeof recorder->identity.scenario, "%s",
                   identity->scenario_name);
    (void)snprintf(recorder->identity.contender, sizeof recorder->identity.contender, "%s",
                   identity->contender_name);
    wb_arena_init(&recorder->arena, "recorder", 0, NULL);
    wb_intern_init(&recorder->reasons, &recorder->arena);
    wb_intern_init(&recorder->stay_texts, &recorder->arena);
    wb_status status = insert_run(recorder, identity, err);
    status = status == WB_OK ? prepare_inserts(recorder, err) : status;
    status = status == WB_OK ? wb_store_execute(store, "BEGIN", err) : status;
    if (status != WB_OK) {
        free_recorder(recorder);
        return status;
    }
    observe(recorder);
    *out = recorder;
    return WB_OK;
}

void wb_recorder_set_contender(wb_recorder *recorder, const wb_autoscaler_ops *ops, void *self)
{
    recorder->ops = ops;
    recorder->contender_self = self;
}

/* Requested and allocatable over the nodes that are there now. */
typedef struct cluster_totals {
    int64_t cpu_requested, cpu_allocatable, memory_requested, memory_allocatable;
} cluster_totals;

static cluster_totals total_resources(const wb_cluster *cluster)
{
    cluster_totals totals = {0};
    for (uint32_t i = 0; i < cluster->living_node_count; i++) {
        const wb_cluster_node *node = &cluster->nodes[cluster->living_nodes[i]];
        totals.cpu_requested += node->requested[0];
        totals.cpu_allocatable += node->allocatable[0];
        totals.memory_requested += node->requested[1];
        totals.memory_allocatable += node->allocatable[1];
    }
    return totals;
}

static int64_t cost_rate(const wb_cloud *cloud)
{
    int64_t rate = 0;
    for (uint32_t i = 0; i < cloud->living_instance_count; i++) {
        const wb_instance *instance = &cloud->instances[cloud->living_instances[i]];
        const bool is_billed = instance->running_ms >= 0 && instance->ended_ms < 0;
        rate += is_billed ? instance->price_nusd_per_hour : 0;
    }
    return rate;
}

wb_status wb_recorder_sample(wb_recorder *recorder, wb_error *err)
{
    assert(recorder != NULL);
    const wb_cluster *cluster = recorder->env.cluster;
    const cluster_totals totals = total_resources(cluster);
    wb_row row = wb_row_begin(recorder->insert_sample, recorder->digest, recorder->run_id);
    wb_row_add_int(&row, (int64_t)recorder->sample_count++);
    wb_row_add_int(&row, now_of(recorder));
    wb_row_add_int(&row, cluster->living_node_count);
    wb_row_add_int(&row, cluster->ready_node_count);
    wb_row_add_int(&row, cluster->pending_count);
    wb_row_add_int(&row, cluster->running_count);
    wb_row_add_int(&row, totals.cpu_requested);
    wb_row_add_int(&row, totals.cpu_allocatable);
    wb_row_add_int(&row, totals.memory_requested);
    wb_row_add_int(&row, totals.memory_allocatable);
    wb_row_add_int(&row, wb_cloud_cost_nusd(recorder->env.cloud, now_of(recorder)));
    wb_row_add_int(&row, cost_rate(recorder->env.cloud));
    WB_TRY(wb_row_insert(&row, recorder->store, err));
    count_row(recorder);
    return WB_OK;
}

wb_status wb_recorder_status(const wb_recorder *recorder, wb_error *err)
{
    assert(recorder != NULL);
    if (recorder->status != WB_OK && err != NULL) {
        *err = recorder->error;
    }
    return recorder->status;
}

/* "INSERT INTO figures (run_id, ...) VALUES (?, ...)", by the list of columns. */
static void print_figures_insert(wb_text *out)
{
    uint32_t count = 0;
    const wb_figure_column *columns = wb_store_figure_columns(&count);
    wb_text_add_string(out, "INSERT INTO figures (run_id");
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(out, ", %s", columns[i].name);
    }
    wb_text_add_string(out, ") VALUES (?");
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_string(out, ", ?");
    }
    wb_text_add_string(out, ")");
}

/* Shares are left out of the digest: they are quotients of what is in it. */
static wb_status insert_figures(wb_recorder *recorder, const wb_run_figures *figures, wb_error *err)
{
    sqlite3_stmt *statement = NULL;
    wb_text sql;
    wb_text_init(&sql);
    print_figures_insert(&sql);
    wb_status status = wb_store_prepare(recorder->store, wb_text_string(&sql), &statement, err);
    wb_text_release(&sql);
    WB_TRY(status);
    uint32_t count = 0;
    const wb_figure_column *columns = wb_store_figure_columns(&count);
    wb_row row = wb_row_begin(statement, recorder->digest, recorder->run_id);
    for (uint32_t i = 0; i < count; i++) {
        const char *field = (const char *)figures + columns[i].offset;
        double real = 0.0;
        int64_t whole = 0;
        if (columns[i].is_real) {
            memcpy(&real, field, sizeof real);
            (void)sqlite3_bind_double(statement, row.next++, real);
        } else {
            memcpy(&whole, field, sizeof whole);
            wb_row_add_int(&row, whole);
        }
    }
    status = wb_row_insert(&row, recorder->store, err);
    (void)sqlite3_finalize(statement);
    return status;
}

/* The last statement of the last transaction: state and figures become visible together. */
static wb_status mark_finished(wb_recorder *recorder, const char *digest, wb_error *err)
{
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(recorder->store,
                            "UPDATE runs SET state = 'finished', digest = ?2, end_ms = ?3,"
                            " finished_wall = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"
                            " WHERE run_id = ?1",
                            &statement, err));
    wb_row row = wb_row_begin(statement, NULL, recorder->run_id);
    wb_row_add_text(&row, digest);
    wb_row_add_int(&row, now_of(recorder));
    const wb_status status = wb_row_insert(&row, recorder->store, err);
    (void)sqlite3_finalize(statement);
    return status;
}

/* What a pod that has not run, and now won't, is told. */
static void explain_open_pod(wb_recorder *recorder, uint32_t pod_id)
{
    const wb_pod_table *pods = &recorder->env.cluster->pods;
    if (pods->state[pod_id] != WB_POD_STATE_PENDING) {
        explain_start(recorder, pod_id, "its containers were starting when the run ended");
        return;
    }
    if (pods->first_unschedulable_ms[pod_id] < 0) {
        set_reason(recorder, pod_id, "the run ended before the scheduler could try it");
    }
    ask_contender(recorder, pod_id);
}

/* Waiting pods and used nodes are summed up to the end of the run. */
static void close_sums(wb_recorder *recorder)
{
    const wb_cluster *cluster = recorder->env.cluster;
    change_pending(recorder, 0);
    for (uint32_t i = 0; i < cluster->living_node_count; i++) {
        wb_recorder_touch_node(recorder, cluster->living_nodes[i]);
    }
    for (uint32_t pod_id = 0; pod_id < cluster->pods.count; pod_id++) {
        if (wb_cluster_pod_is_living(cluster, pod_id) && cluster->pods.running_ms[pod_id] < 0 &&
            !wb_cluster_pod_is_daemon(cluster, pod_id)) {
            explain_open_pod(recorder, pod_id);
        }
    }
}

wb_status wb_recorder_finish(wb_recorder *recorder, wb_run_figures *out, wb_error *err)
{
    assert(recorder != NULL && out != NULL);
    close_sums(recorder);
    wb_run_figures figures = recorder->identity;
    figures.run_id = recorder->run_id;
    wb_recorder_sum_up(recorder, &figures);
    wb_error inner = {0};
    wb_status status = wb_recorder_status(recorder, &inner);
    status = status == WB_OK ? wb_recorder_write_tables(recorder, &inner) : status;
    figures.paid_usd = wb_recorder_paid_usd(recorder);
    figures.cost_above_bound = wb_recorder_above_bound(recorder, figures.cost_nusd);
    status = status == WB_OK ? insert_figures(recorder, &figures, &inner) : status;
    status = status == WB_OK ? wb_recorder_write_bound(recorder, &inner) : status;
    status = status == WB_OK ? wb_recorder_write_bill(recorder, &inner) : status;
    status = status == WB_OK ? wb_recorder_write_work(recorder, &inner) : status;
    status = status == WB_OK ? wb_recorder_check_bill(recorder, &figures, &inner) : status;
    wb_digest_text(recorder->digest, figures.digest);
    status = status == WB_OK ? mark_finished(recorder, figures.digest, &inner) : status;
    status = status == WB_OK ? wb_store_execute(recorder->store, "COMMIT", &inner) : status;
    if (status != WB_OK) {
        (void)sqlite3_exec(recorder->store->db, "ROLLBACK", NULL, NULL, NULL);
        wb_recorder_fail(recorder, inner.text);
        return wb_fail(err, status, "%s", inner.text);
    }
    free_recorder(recorder);
    *out = figures;
    return WB_OK;
}

void wb_recorder_fail(wb_recorder *recorder, const char *reason)
{
    assert(recorder != NULL && reason != NULL);
    sqlite3_stmt *statement = NULL;
    /* What was written stays; if even this fails the run shows as unfinished, which is true. */
    (void)sqlite3_exec(recorder->store->db, "COMMIT", NULL, NULL, NULL);
    if (wb_store_prepare(recorder->store,
                         "UPDATE runs SET state = 'failed', failure = ?2 WHERE run_id = ?1",
                         &statement, NULL) == WB_OK) {
        wb_row row = wb_row_begin(statement, NULL, recorder->run_id);
        wb_row_add_text(&row, reason);
        const wb_status status = wb_row_insert(&row, recorder->store, NULL);
        (void)status;
        (void)sqlite3_finalize(statement);
    }
    free_recorder(recorder);
}

void wb_recorder_abandon(wb_recorder *recorder)
{
    (void)sqlite3_exec(recorder->store->db, "COMMIT", NULL, NULL, NULL);
    free_recorder(recorder);
}
