/*
 * The schema, version 3. Times are milliseconds of virtual time since the scenario's epoch,
 * money is nano-dollars, NULL means "not yet" or "none". docs/database.md explains every column.
 *
 * The tables of pods, nodes, instances and claims are written in order of id when a run ends, so
 * they need no index beside their key; events, decisions and samples are written as they happen.
 */
#include "sim/store/store_internal.h"

/* One statement per element: compilers need not take longer strings. */
const char *const wb_store_schema[] = {
    "CREATE TABLE runs ("
    " run_id INTEGER PRIMARY KEY, state TEXT NOT NULL CHECK (state IN"
    " ('running','finished','failed')),"
    " scenario TEXT NOT NULL, scenario_digest TEXT NOT NULL, trace_digest TEXT NOT NULL,"
    " contender TEXT NOT NULL, contender_kind TEXT NOT NULL, parameters TEXT NOT NULL,"
    " price_source TEXT NOT NULL, seed INTEGER NOT NULL, version TEXT NOT NULL,"
    " epoch_ms INTEGER, end_ms INTEGER, digest TEXT, failure TEXT,"
    " trace_records INTEGER NOT NULL, trace_unmodelled INTEGER NOT NULL,"
    " started_wall TEXT NOT NULL, finished_wall TEXT) STRICT;",
    "CREATE TABLE figures ("
    " run_id INTEGER PRIMARY KEY REFERENCES runs,"
    " pods_total INTEGER NOT NULL, pods_finished INTEGER NOT NULL, pods_running INTEGER NOT NULL,"
    " pods_unscheduled INTEGER NOT NULL, pods_lost INTEGER NOT NULL, cost_nusd INTEGER NOT NULL,"
    " cost_on_demand_nusd INTEGER NOT NULL, cost_spot_nusd INTEGER NOT NULL,"
    " cost_idle_nusd INTEGER NOT NULL, pod_latency_ms_p50 INTEGER NOT NULL,"
    " pod_latency_ms_p90 INTEGER NOT NULL, pod_latency_ms_p99 INTEGER NOT NULL,"
    " pod_latency_ms_max INTEGER NOT NULL, nodes_launched INTEGER NOT NULL,"
    " nodes_max INTEGER NOT NULL, node_ms INTEGER NOT NULL, evictions INTEGER NOT NULL,"
    " evictions_refused INTEGER NOT NULL, interruptions INTEGER NOT NULL,"
    " api_calls INTEGER NOT NULL, pending_pod_ms INTEGER NOT NULL,"
    " utilisation_cpu REAL NOT NULL, utilisation_memory REAL NOT NULL,"
    " committed_cpu REAL NOT NULL, committed_memory REAL NOT NULL, daemon_cpu REAL NOT NULL,"
    " daemon_memory REAL NOT NULL, disruptions INTEGER NOT NULL, churn INTEGER NOT NULL,"
    " interruptions_survived INTEGER NOT NULL, work_lost_cpu_milli_ms INTEGER NOT NULL,"
    " blast_radius REAL NOT NULL, not_modelled REAL NOT NULL,"
    " cost_above_bound REAL NOT NULL, paid_usd REAL NOT NULL) STRICT;",
    "CREATE TABLE bill ("
    " run_id INTEGER NOT NULL, position INTEGER NOT NULL, item TEXT NOT NULL,"
    " detail TEXT, quantity REAL NOT NULL, unit TEXT NOT NULL,"
    " cost_nusd INTEGER NOT NULL, PRIMARY KEY (run_id, position)) STRICT, WITHOUT ROWID;",
    "CREATE TABLE shapes ("
    " run_id INTEGER NOT NULL, shape_id INTEGER NOT NULL, namespace TEXT NOT NULL,"
    " cpu_milli INTEGER NOT NULL, memory_bytes INTEGER NOT NULL, gpu_count INTEGER NOT NULL,"
    " pod_count INTEGER NOT NULL, PRIMARY KEY (run_id, shape_id)) STRICT, WITHOUT ROWID;",
    "CREATE TABLE pods ("
    " run_id INTEGER NOT NULL, pod_id INTEGER NOT NULL, name TEXT NOT NULL,"
    " namespace TEXT NOT NULL, owner_kind TEXT, owner TEXT, shape_id INTEGER NOT NULL,"
    " state TEXT NOT NULL, cause TEXT, node_id INTEGER, created_ms INTEGER NOT NULL,"
    " first_unschedulable_ms INTEGER, bound_ms INTEGER, running_ms INTEGER, gone_ms INTEGER,"
    " replaces INTEGER, replaced_by INTEGER, is_daemon INTEGER NOT NULL,"
    " is_batch INTEGER NOT NULL, is_checkpointed INTEGER NOT NULL, reason TEXT,"
    " waited_for INTEGER,"
    " PRIMARY KEY (run_id, pod_id)) STRICT, WITHOUT ROWID;",
    "CREATE TABLE reasons ("
    " run_id INTEGER NOT NULL, reason_id INTEGER NOT NULL, text TEXT,"
    " PRIMARY KEY (run_id, reason_id)) STRICT, WITHOUT ROWID;",
    "CREATE TABLE nodes ("
    " run_id INTEGER NOT NULL, node_id INTEGER NOT NULL, name TEXT NOT NULL, instance_id INTEGER,"
    " claim_id INTEGER, instance_type TEXT, zone TEXT, cpu_milli INTEGER NOT NULL,"
    " memory_bytes INTEGER NOT NULL, added_ms INTEGER NOT NULL, ready_ms INTEGER,"
    " gone_ms INTEGER, cpu_milli_ms INTEGER NOT NULL, memory_mib_ms INTEGER NOT NULL,"
    " capacity_cpu_milli INTEGER NOT NULL, capacity_memory_bytes INTEGER NOT NULL,"
    " daemon_cpu_milli_ms INTEGER NOT NULL, daemon_memory_mib_ms INTEGER NOT NULL,"
    " PRIMARY KEY (run_id, node_id)) STRICT, WITHOUT ROWID;",
    "CREATE TABLE instances ("
    " run_id INTEGER NOT NULL, instance_id INTEGER NOT NULL, instance_type TEXT NOT NULL,"
    " zone TEXT NOT NULL, capacity_type TEXT NOT NULL, price_nusd_per_hour INTEGER NOT NULL,"
    " node_id INTEGER, claim_id INTEGER, node_group TEXT, requested_ms INTEGER NOT NULL,"
    " launched_ms INTEGER, running_ms INTEGER, registered_ms INTEGER, ready_ms INTEGER,"
    " ended_ms INTEGER, cause TEXT, cost_nusd INTEGER NOT NULL,"
    " PRIMARY KEY (run_id, instance_id)) STRICT, WITHOUT ROWID;",
    "CREATE TABLE claims ("
    " run_id INTEGER NOT NULL, claim_id INTEGER NOT NULL, name TEXT NOT NULL, nodepool TEXT,"
    " instance_id INTEGER, node_id INTEGER, created_ms INTEGER NOT NULL, launched_ms INTEGER,"
    " registered_ms INTEGER, initialized_ms INTEGER, gone_ms INTEGER, cause TEXT,"
    " pod_count INTEGER NOT NULL, type_count INTEGER NOT NULL, instance_type TEXT, zone TEXT,"
    " capacity_type TEXT, price_nusd_per_hour INTEGER NOT NULL, alternatives TEXT,"
    " drifted_ms INTEGER, drift TEXT, ruled_out TEXT,"
    " PRIMARY KEY (run_id, claim_id)) STRICT, WITHOUT ROWID;",
    "CREATE TABLE stays ("
    " run_id INTEGER NOT NULL, node_id INTEGER NOT NULL, reason TEXT NOT NULL,"
    " detail TEXT, first_ms INTEGER NOT NULL, last_ms INTEGER, spells INTEGER NOT NULL,"
    " total_ms INTEGER NOT NULL, PRIMARY KEY (run_id, node_id, reason)) STRICT, WITHOUT ROWID;",
    "CREATE TABLE commands ("
    " run_id INTEGER NOT NULL, command_id INTEGER NOT NULL, method TEXT NOT NULL,"
    " reason TEXT NOT NULL, state TEXT NOT NULL, failure TEXT, found_ms INTEGER NOT NULL,"
    " started_ms INTEGER, deleted_ms INTEGER, finished_ms INTEGER, considered INTEGER NOT NULL,"
    " simulations INTEGER NOT NULL, candidates INTEGER NOT NULL, replacements INTEGER NOT NULL,"
    " pods_evicted INTEGER NOT NULL, predicted_saving_nusd_per_hour INTEGER NOT NULL,"
    " actual_saving_nusd_per_hour INTEGER,"
    " PRIMARY KEY (run_id, command_id)) STRICT, WITHOUT ROWID;",
    "CREATE TABLE command_nodes ("
    " run_id INTEGER NOT NULL, command_id INTEGER NOT NULL, position INTEGER NOT NULL,"
    " role TEXT NOT NULL CHECK (role IN ('candidate', 'replacement')), claim_id INTEGER,"
    " node_id INTEGER, nodepool TEXT, instance_type TEXT, capacity_type TEXT, zone TEXT,"
    " price_nusd_per_hour INTEGER NOT NULL, alternatives TEXT, drift TEXT,"
    " PRIMARY KEY (run_id, command_id, position)) STRICT, WITHOUT ROWID;",
    "CREATE TABLE events ("
    " run_id INTEGER NOT NULL, event_id INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " kind TEXT NOT NULL, pod_id INTEGER, node_id INTEGER, detail TEXT,"
    " PRIMARY KEY (run_id, event_id)) STRICT, WITHOUT ROWID;",
    "CREATE TABLE decisions ("
    " run_id INTEGER NOT NULL, decision_id INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " kind TEXT NOT NULL, subject TEXT, outcome TEXT, reason TEXT, pod_count INTEGER NOT NULL,"
    " node_count INTEGER NOT NULL, saving_nusd_per_hour INTEGER NOT NULL,"
    " PRIMARY KEY (run_id, decision_id)) STRICT, WITHOUT ROWID;",
    "CREATE TABLE samples ("
    " run_id INTEGER NOT NULL, sample_id INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " nodes INTEGER NOT NULL, nodes_ready INTEGER NOT NULL, pods_pending INTEGER NOT NULL,"
    " pods_running INTEGER NOT NULL, cpu_milli_requested INTEGER NOT NULL,"
    " cpu_milli_allocatable INTEGER NOT NULL, memory_bytes_requested INTEGER NOT NULL,"
    " memory_bytes_allocatable INTEGER NOT NULL, cost_nusd INTEGER NOT NULL,"
    " cost_rate_nusd_per_hour INTEGER NOT NULL, PRIMARY KEY (run_id, sample_id))"
    " STRICT, WITHOUT ROWID;",
    "CREATE TABLE api_calls ("
    " run_id INTEGER NOT NULL, position INTEGER NOT NULL, service TEXT NOT NULL,"
    " call TEXT NOT NULL, error TEXT, calls INTEGER NOT NULL,"
    " PRIMARY KEY (run_id, position)) STRICT, WITHOUT ROWID;",
    "CREATE TABLE warnings ("
    " run_id INTEGER NOT NULL, instance_id INTEGER NOT NULL, recommended_ms INTEGER,"
    " warned_ms INTEGER, ended_ms INTEGER, is_taken INTEGER NOT NULL, pods INTEGER NOT NULL,"
    " pods_lost INTEGER NOT NULL, drained_ms INTEGER,"
    " PRIMARY KEY (run_id, instance_id)) STRICT, WITHOUT ROWID;",
    "CREATE TABLE iam_calls ("
    " run_id INTEGER NOT NULL, call_id INTEGER NOT NULL, decision TEXT NOT NULL CHECK (decision IN"
    " ('allowed', 'implicitDeny', 'explicitDeny')), step TEXT NOT NULL, action TEXT NOT NULL,"
    " resource_kind TEXT, resource TEXT NOT NULL, condition TEXT NOT NULL, count INTEGER NOT NULL,"
    " first_ms INTEGER NOT NULL, message TEXT, hint TEXT, consequence TEXT,"
    " PRIMARY KEY (run_id, call_id, decision)) STRICT, WITHOUT ROWID;",
    "CREATE TABLE work ("
    " run_id INTEGER PRIMARY KEY REFERENCES runs, events INTEGER NOT NULL,"
    " scheduler_cycles INTEGER NOT NULL, scheduler_checks INTEGER NOT NULL,"
    " simulations INTEGER NOT NULL, requirement_checks INTEGER NOT NULL,"
    " rows INTEGER NOT NULL) STRICT;",
    "CREATE TABLE jobs ("
    " run_id INTEGER PRIMARY KEY REFERENCES runs, set_name TEXT NOT NULL,"
    " set_digest TEXT NOT NULL, position INTEGER NOT NULL, job_count INTEGER NOT NULL,"
    " job_key TEXT NOT NULL) STRICT;",
    "CREATE TABLE bounds ("
    " run_id INTEGER PRIMARY KEY REFERENCES runs, bound_nusd INTEGER NOT NULL,"
    " own_bound_nusd INTEGER NOT NULL, served_pod_ms INTEGER NOT NULL, classes INTEGER NOT NULL,"
    " intervals INTEGER NOT NULL, rounding_bits INTEGER NOT NULL, machines INTEGER NOT NULL,"
    " own_machines INTEGER NOT NULL, seen_machines INTEGER NOT NULL,"
    " counts_daemons INTEGER NOT NULL) STRICT;",
    "CREATE TABLE bound_machines ("
    " run_id INTEGER NOT NULL, position INTEGER NOT NULL, instance_type TEXT NOT NULL,"
    " zone TEXT NOT NULL, capacity_type TEXT NOT NULL, node_ms INTEGER NOT NULL,"
    " cost_nusd INTEGER NOT NULL, PRIMARY KEY (run_id, position)) STRICT, WITHOUT ROWID;",
    "CREATE VIEW costs AS SELECT run_id, capacity_type, instance_type, zone,"
    " count(*) AS instances, sum(coalesce(ended_ms - running_ms, 0)) AS node_ms,"
    " sum(cost_nusd) AS cost_nusd FROM instances"
    " GROUP BY run_id, capacity_type, instance_type, zone;",
    "CREATE VIEW pod_latency AS SELECT run_id, pod_id, name, running_ms - created_ms AS latency_ms"
    " FROM pods WHERE is_daemon = 0 AND running_ms IS NOT NULL;",
    "CREATE VIEW pod_latency_percentiles AS WITH ranked AS (SELECT run_id, latency_ms,"
    " row_number() OVER (PARTITION BY run_id ORDER BY latency_ms) AS rank,"
    " count(*) OVER (PARTITION BY run_id) AS n FROM pod_latency)"
    " SELECT run_id, min(CASE WHEN rank >= (n * 50 + 99) / 100 THEN latency_ms END) AS p50_ms,"
    " min(CASE WHEN rank >= (n * 90 + 99) / 100 THEN latency_ms END) AS p90_ms,"
    " min(CASE WHEN rank >= (n * 99 + 99) / 100 THEN latency_ms END) AS p99_ms,"
    " max(latency_ms) AS max_ms FROM ranked GROUP BY run_id;",
    /* A pod of the workload never ran when neither it nor any of its replacements did. */
    "CREATE VIEW unscheduled_pods AS WITH RECURSIVE"
    " chain (run_id, root, pod_id, replaced_by, reason) AS ("
    " SELECT run_id, pod_id, pod_id, replaced_by, reason FROM pods"
    " WHERE is_daemon = 0 AND replaces IS NULL AND running_ms IS NULL"
    " UNION ALL SELECT c.run_id, c.root, p.pod_id, p.replaced_by, p.reason"
    " FROM chain c JOIN pods p ON p.run_id = c.run_id AND p.pod_id = c.replaced_by"
    " WHERE p.running_ms IS NULL)"
    " SELECT c.run_id, c.root AS pod_id, p.name, p.namespace,"
    " coalesce(c.reason, 'no reason recorded') AS reason"
    " FROM chain c JOIN pods p ON p.run_id = c.run_id AND p.pod_id = c.root"
    " WHERE c.replaced_by IS NULL;",
    "CREATE VIEW unscheduled AS SELECT run_id, reason, count(*) AS pods, min(name) AS example"
    " FROM unscheduled_pods GROUP BY run_id, reason;",
    /* A detail begins with the fault's kind: "lost: 2 machines", "apiError CreateFleet: ...". */
    "CREATE VIEW faults AS SELECT run_id, event_id, at_ms, kind = 'fault-over' AS is_over,"
    " rtrim(substr(detail, 1, instr(detail || ' ', ' ') - 1), ':') AS kind, detail"
    " FROM events WHERE kind IN ('fault', 'fault-over');",
    /* Saving is the rate by which the bill became smaller; what a replacement runs beside the node
     * that it replaces is in the bill. */
    "CREATE VIEW churn AS SELECT run_id, method, count(*) AS commands,"
    " sum(state = 'done') AS done, sum(state = 'rejected') AS rejected,"
    " sum(state = 'failed') AS failed,"
    " sum(CASE WHEN state = 'done' THEN candidates ELSE 0 END) AS nodes_removed,"
    " sum(CASE WHEN state = 'done' THEN replacements ELSE 0 END) AS nodes_made,"
    " sum(pods_evicted) AS pods_evicted,"
    " sum(CASE WHEN state = 'done' THEN predicted_saving_nusd_per_hour ELSE 0 END) / 1e9"
    " AS predicted_usd_per_hour,"
    " sum(coalesce(actual_saving_nusd_per_hour, 0)) / 1e9 AS saving_usd_per_hour,"
    " avg(finished_ms - found_ms) / 1e3 AS mean_seconds,"
    " max(finished_ms - found_ms) / 1e3 AS longest_seconds"
    " FROM commands GROUP BY run_id, method;",
    "CREATE VIEW warnings_summary AS SELECT run_id, sum(recommended_ms IS NOT NULL) AS recommended,"
    " sum(warned_ms IS NOT NULL) AS warned, sum(is_taken) AS taken,"
    " sum(is_taken AND warned_ms IS NULL) AS unwarned,"
    " sum(warned_ms IS NULL AND ended_ms IS NOT NULL AND is_taken = 0) AS left_early,"
    " sum(warned_ms IS NOT NULL AND ended_ms IS NOT NULL AND pods_lost = 0) AS drained,"
    " sum(pods) AS pods, sum(pods_lost) AS pods_lost,"
    " avg(CASE WHEN pods > 0 THEN drained_ms - warned_ms END) / 1e3 AS mean_drain_s"
    " FROM warnings GROUP BY run_id;",
    "CREATE VIEW runs_summary AS SELECT r.run_id, r.scenario, r.contender, r.state, r.seed,"
    " f.pods_total, f.pods_finished, f.pods_running, f.pods_unscheduled, f.pods_lost,"
    " f.cost_nusd / 1e9 AS cost_usd, f.cost_on_demand_nusd / 1e9 AS cost_on_demand_usd,"
    " f.cost_spot_nusd / 1e9 AS cost_spot_usd, f.cost_idle_nusd / 1e9 AS cost_idle_usd,"
    " f.pod_latency_ms_p50, f.pod_latency_ms_p90, f.pod_latency_ms_p99, f.pod_latency_ms_max,"
    " f.nodes_launched, f.nodes_max, f.node_ms / 3.6e6 AS node_hours, f.evictions,"
    " f.evictions_refused, f.interruptions, f.api_calls, f.pending_pod_ms / 1e3 AS pending_pod_s,"
    " f.utilisation_cpu, f.utilisation_memory, f.committed_cpu, f.committed_memory,"
    " f.daemon_cpu, f.daemon_memory, f.disruptions, f.churn, f.interruptions_survived,"
    " f.work_lost_cpu_milli_ms / 3.6e9 AS work_lost_cpu_hours, f.blast_radius, f.not_modelled,"
    " b.bound_nusd / 1e9 AS cost_bound_usd,"
    " CASE WHEN f.cost_above_bound >= 0 THEN f.cost_above_bound END AS cost_above_bound,"
    " CASE WHEN f.paid_usd >= 0 THEN f.paid_usd END AS paid_usd, r.digest"
    " FROM runs r LEFT JOIN figures f USING (run_id) LEFT JOIN bounds b USING (run_id);",
    NULL,
};
