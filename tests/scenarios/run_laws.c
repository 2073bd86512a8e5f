#include "tests/scenarios/run_laws.h"

#include <assert.h>

/* A pod's chain of replacements, from the pod that the workload made. */
#define CHAINS                                                                            \
    "WITH RECURSIVE chain(root, pod_id, state, cause, has_run, next) AS ("                \
    " SELECT pod_id, pod_id, state, cause, running_ms IS NOT NULL, replaced_by FROM pods" \
    " WHERE run_id = ?1 AND replaces IS NULL AND NOT is_daemon"                           \
    " UNION ALL SELECT c.root, p.pod_id, p.state, p.cause,"                               \
    " c.has_run OR p.running_ms IS NOT NULL, p.replaced_by"                               \
    " FROM chain c JOIN pods p ON p.run_id = ?1 AND p.pod_id = c.next),"                  \
    " ends AS (SELECT * FROM chain WHERE next IS NULL) "

/* What is on each node after each change; leaving comes before arriving within a millisecond. */
#define LOADS                                                                               \
    "WITH moves AS (SELECT node_id, bound_ms AS at_ms, 1 AS turn, cpu_milli AS cpu,"        \
    " memory_bytes AS memory FROM pods JOIN shapes USING (run_id, shape_id)"                \
    " WHERE run_id = ?1 AND bound_ms IS NOT NULL UNION ALL"                                 \
    " SELECT node_id, gone_ms, 0, -cpu_milli, -memory_bytes"                                \
    " FROM pods JOIN shapes USING (run_id, shape_id)"                                       \
    " WHERE run_id = ?1 AND bound_ms IS NOT NULL AND gone_ms IS NOT NULL),"                 \
    " loads AS (SELECT node_id, at_ms, sum(cpu) OVER node AS cpu, sum(memory) OVER node AS" \
    " memory FROM moves WINDOW node AS (PARTITION BY node_id ORDER BY at_ms, turn"          \
    " ROWS UNBOUNDED PRECEDING)) "

static const struct {
    const char *law, *sql;
} laws[] = {
    /* ---- pods ---- */
    {"pods are numbered without a gap",
     "SELECT count(*) AS pods, max(pod_id) AS last FROM pods WHERE run_id = ?1"
     " HAVING count(*) > 0 AND count(*) <> max(pod_id) + 1"},
    {"every pod of the workload ends in exactly one count",
     CHAINS "SELECT count(*) AS pods, pods_total, sum(NOT has_run) AS never_ran, pods_unscheduled"
            " FROM ends, figures f WHERE f.run_id = ?1 GROUP BY f.run_id"
            " HAVING count(*) <> pods_total OR sum(NOT has_run) <> pods_unscheduled"
            " OR pods_total <> pods_finished + pods_running + pods_unscheduled + pods_lost"
            " OR sum(has_run AND state IN ('succeeded', 'deleted')"
            "  OR has_run AND state = 'terminating' AND cause = 'workload') <> pods_finished"
            " OR sum(has_run AND state = 'running') <> pods_running"},
    {"no pod is in two chains, none outside of them",
     CHAINS "SELECT p.pod_id, p.name, count(c.root) AS chains FROM pods p"
            " LEFT JOIN chain c USING (pod_id) WHERE p.run_id = ?1 AND NOT p.is_daemon"
            " GROUP BY p.pod_id HAVING count(c.root) <> 1"},
    {"a replacement knows whom it replaces, and that one knows it",
     "SELECT p.pod_id, p.replaced_by, q.replaces FROM pods p LEFT JOIN pods q"
     " ON q.run_id = p.run_id AND q.pod_id = p.replaced_by"
     " WHERE p.run_id = ?1 AND p.replaced_by IS NOT NULL AND q.replaces IS NOT p.pod_id"
     " UNION ALL SELECT q.pod_id, p.replaced_by, q.replaces FROM pods q LEFT JOIN pods p"
     " ON p.run_id = q.run_id AND p.pod_id = q.replaces"
     " WHERE q.run_id = ?1 AND q.replaces IS NOT NULL AND p.replaced_by IS NOT q.pod_id"},
    {"a pod's times follow one another",
     "SELECT pod_id, created_ms, bound_ms, running_ms, gone_ms FROM pods WHERE run_id = ?1 AND"
     " (bound_ms < created_ms OR running_ms < bound_ms OR gone_ms < coalesce(running_ms, bound_ms,"
     " created_ms) OR running_ms IS NOT NULL AND bound_ms IS NULL"
     " OR first_unschedulable_ms < created_ms)"},
    {"a pod's state fits its times",
     "SELECT pod_id, state, bound_ms, running_ms, gone_ms FROM pods WHERE run_id = ?1 AND NOT"
     " CASE state WHEN 'pending' THEN bound_ms IS NULL AND gone_ms IS NULL"
     " WHEN 'starting' THEN bound_ms IS NOT NULL AND running_ms IS NULL AND gone_ms IS NULL"
     " WHEN 'running' THEN running_ms IS NOT NULL AND gone_ms IS NULL"
     " WHEN 'terminating' THEN bound_ms IS NOT NULL AND gone_ms IS NULL"
     " WHEN 'succeeded' THEN running_ms IS NOT NULL AND gone_ms IS NOT NULL"
     " ELSE gone_ms IS NOT NULL END"},
    {"a pod that is gone, or going, has a cause",
     "SELECT pod_id, state, cause FROM pods WHERE run_id = ?1"
     " AND (cause IS NULL) <> (state IN ('pending', 'starting', 'running'))"},
    {"a lost pod has no replacement",
     "SELECT pod_id, state, replaced_by FROM pods WHERE run_id = ?1 AND state = 'lost'"
     " AND replaced_by IS NOT NULL"},
    {"a pod that never ran says why",
     "SELECT reason, pods, example FROM unscheduled WHERE run_id = ?1"
     " AND (reason = 'no reason recorded' OR reason = '')"},

    /* ---- pods on nodes ---- */
    {"a pod is bound to a node that is there",
     "SELECT p.pod_id, p.bound_ms, n.node_id, n.added_ms, n.gone_ms FROM pods p LEFT JOIN nodes n"
     " USING (run_id, node_id) WHERE p.run_id = ?1 AND p.bound_ms IS NOT NULL"
     " AND NOT coalesce(p.bound_ms >= n.added_ms AND p.bound_ms <= coalesce(n.gone_ms,"
     " p.bound_ms), 0)"},
    {"a pod is gone when its node is",
     "SELECT p.pod_id, p.gone_ms, n.node_id, n.gone_ms AS node_gone_ms FROM pods p JOIN nodes n"
     " USING (run_id, node_id) WHERE p.run_id = ?1 AND n.gone_ms IS NOT NULL"
     " AND (p.gone_ms IS NULL OR p.gone_ms > n.gone_ms)"},
    {"a pod runs on a node that is ready",
     "SELECT p.pod_id, p.running_ms, n.node_id, n.ready_ms FROM pods p JOIN nodes n"
     " USING (run_id, node_id) WHERE p.run_id = ?1 AND p.running_ms IS NOT NULL"
     " AND NOT coalesce(p.running_ms >= n.ready_ms, 0)"},
    {"requests never exceed what a node has",
     LOADS "SELECT l.node_id, l.at_ms, l.cpu, n.cpu_milli, l.memory, n.memory_bytes"
           " FROM loads l JOIN nodes n ON n.run_id = ?1 AND n.node_id = l.node_id"
           " WHERE l.cpu > n.cpu_milli OR l.memory > n.memory_bytes OR l.cpu < 0 OR l.memory < 0"},

    /* ---- nodes, instances, claims ---- */
    {"a node's times follow one another",
     "SELECT node_id, added_ms, ready_ms, gone_ms FROM nodes WHERE run_id = ?1 AND"
     " (ready_ms < added_ms OR gone_ms < coalesce(ready_ms, added_ms))"},
    {"a node is its instance's, registered when it was added",
     "SELECT n.node_id, n.added_ms, i.instance_id, i.registered_ms FROM nodes n LEFT JOIN"
     " instances i USING (run_id, instance_id) WHERE n.run_id = ?1 AND n.instance_id IS NOT NULL"
     " AND NOT coalesce(i.node_id = n.node_id AND i.registered_ms = n.added_ms"
     " AND i.instance_type = n.instance_type AND i.zone = n.zone, 0)"},
    {"an instance's times follow one another",
     "SELECT instance_id, requested_ms, launched_ms, running_ms, registered_ms, ready_ms, ended_ms"
     " FROM instances WHERE run_id = ?1 AND (launched_ms < requested_ms OR running_ms <"
     " launched_ms OR registered_ms < running_ms OR ready_ms < registered_ms OR"
     " ended_ms < requested_ms OR registered_ms > ended_ms OR ended_ms IS NULL)"},
    {"a claim's times follow one another, and its instance is its own",
     "SELECT c.claim_id, c.created_ms, c.launched_ms, c.registered_ms, c.initialized_ms, c.gone_ms"
     " FROM claims c LEFT JOIN instances i USING (run_id, instance_id) WHERE c.run_id = ?1 AND"
     " (c.launched_ms < c.created_ms OR c.registered_ms < c.launched_ms OR c.initialized_ms <"
     " c.registered_ms OR c.gone_ms < coalesce(c.initialized_ms, c.registered_ms, c.launched_ms,"
     " c.created_ms) OR i.claim_id IS NOT c.claim_id OR i.requested_ms <> c.created_ms"
     " OR i.instance_type <> c.instance_type OR i.node_id IS NOT c.node_id)"},

    /* ---- commands of the disruption loop ---- */
    {"a command's times follow one another and fit its state",
     "SELECT command_id, state, found_ms, started_ms, deleted_ms, finished_ms FROM commands"
     " WHERE run_id = ?1 AND (started_ms < found_ms OR deleted_ms < started_ms"
     " OR finished_ms < deleted_ms OR (state IN ('rejected', 'validating')) <> (started_ms IS NULL)"
     " OR (state = 'done') <> (deleted_ms IS NOT NULL)"
     " OR (state IN ('rejected', 'failed')) <> (failure IS NOT NULL))"},
    {"a command's nodes are there, as many as it says",
     "SELECT c.command_id, candidates, replacements, count(n.position) AS rows FROM commands c"
     " LEFT JOIN command_nodes n USING (run_id, command_id) WHERE c.run_id = ?1"
     " GROUP BY c.command_id HAVING count(*) <> candidates + replacements"
     " OR sum(role = 'candidate') <> candidates"},
    {"no node goes by two commands",
     "SELECT n.claim_id, count(*) AS commands FROM command_nodes n JOIN commands c USING (run_id,"
     " command_id) WHERE run_id = ?1 AND role = 'candidate' AND state = 'done' GROUP BY n.claim_id"
     " HAVING count(*) > 1"},
    {"a replacement is initialised before the nodes that it replaces are told to go",
     "SELECT c.command_id, n.claim_id, l.initialized_ms, c.deleted_ms FROM commands c JOIN"
     " command_nodes n USING (run_id, command_id) LEFT JOIN claims l USING (run_id, claim_id)"
     " WHERE c.run_id = ?1 AND role = 'replacement' AND state = 'done'"
     " AND NOT coalesce(l.initialized_ms <= c.deleted_ms AND l.created_ms = c.started_ms, 0)"},
    {"pods that commands evicted were evicted",
     "SELECT sum(pods_evicted) AS by_commands, evictions FROM commands JOIN figures USING (run_id)"
     " WHERE run_id = ?1 GROUP BY run_id HAVING sum(pods_evicted) > evictions"},
    {"what a command saved is what went less what came",
     "SELECT c.command_id, actual_saving_nusd_per_hour, sum(CASE role WHEN 'candidate' THEN"
     " price_nusd_per_hour ELSE -price_nusd_per_hour END) AS summed FROM commands c JOIN"
     " command_nodes USING (run_id, command_id) WHERE run_id = ?1 AND state = 'done' GROUP BY"
     " c.command_id HAVING summed <> actual_saving_nusd_per_hour"},

    /* ---- money and sums ---- */
    {"an instance costs its seconds, sixty at least",
     "SELECT instance_id, price_nusd_per_hour, running_ms, ended_ms, cost_nusd FROM instances"
     " WHERE run_id = ?1 AND cost_nusd <> CASE WHEN running_ms IS NULL THEN 0 ELSE"
     " (price_nusd_per_hour * max(60, (ended_ms - running_ms + 999) / 1000) + 1800) / 3600 END"},
    {"costs add up to the total, by row, by market and by view",
     "SELECT f.cost_nusd, sum(i.cost_nusd) AS instances_nusd FROM figures f LEFT JOIN instances i"
     " USING (run_id) WHERE run_id = ?1 GROUP BY run_id HAVING f.cost_nusd <>"
     " coalesce(sum(i.cost_nusd), 0) OR f.cost_on_demand_nusd <> coalesce(sum(i.cost_nusd) FILTER"
     " (WHERE i.capacity_type = 'on-demand'), 0) OR f.cost_spot_nusd <> coalesce(sum(i.cost_nusd)"
     " FILTER (WHERE i.capacity_type = 'spot'), 0) OR f.cost_nusd <>"
     " (SELECT coalesce(sum(cost_nusd), 0) FROM costs WHERE run_id = ?1)"
     " OR f.nodes_launched <> count(i.instance_id) OR f.node_ms <>"
     " coalesce(sum(i.ended_ms - i.running_ms), 0)"},
    {"idle cost is a part of the cost, utilisation a part of one",
     "SELECT cost_nusd, cost_idle_nusd, utilisation_cpu, utilisation_memory FROM figures"
     " WHERE run_id = ?1 AND (cost_idle_nusd < 0 OR cost_idle_nusd > cost_nusd OR"
     " utilisation_cpu NOT BETWEEN 0 AND 1 OR utilisation_memory NOT BETWEEN 0 AND 1)"},
    {"waiting adds up to the pending pods' time",
     "SELECT pending_pod_ms, sum(coalesce(p.bound_ms, p.gone_ms, r.end_ms) - p.created_ms) AS"
     " summed_ms FROM figures f JOIN runs r USING (run_id) JOIN pods p USING (run_id)"
     " WHERE run_id = ?1 AND NOT p.is_daemon GROUP BY run_id HAVING summed_ms <> pending_pod_ms"},
    {"latencies are those of the view",
     "SELECT v.*, f.pod_latency_ms_p50 FROM figures f JOIN pod_latency_percentiles v USING"
     " (run_id) WHERE run_id = ?1 AND (v.p50_ms <> f.pod_latency_ms_p50 OR v.p90_ms <>"
     " f.pod_latency_ms_p90 OR v.p99_ms <> f.pod_latency_ms_p99 OR v.max_ms <>"
     " f.pod_latency_ms_max)"},
    {"a node's use over time is that of its pods",
     "SELECT n.node_id, n.cpu_milli_ms, sum(s.cpu_milli * (coalesce(p.gone_ms, r.end_ms) -"
     " p.bound_ms)) AS summed FROM nodes n JOIN runs r USING (run_id) JOIN pods p USING (run_id,"
     " node_id) JOIN shapes s USING (run_id, shape_id) WHERE n.run_id = ?1 AND p.bound_ms IS NOT"
     " NULL GROUP BY n.node_id HAVING summed <> n.cpu_milli_ms"},
    {"evictions in the log are those of the figures",
     "SELECT evictions, (SELECT count(*) FROM events WHERE run_id = ?1 AND kind = 'eviction') AS"
     " logged FROM figures WHERE run_id = ?1 AND evictions <> logged"},

    /* ---- disruption ---- */
    {"no consolidation raises the hourly price",
     "SELECT command_id, removed, made FROM (SELECT c.command_id, sum(n.price_nusd_per_hour) FILTER"
     " (WHERE role = 'candidate') AS removed, coalesce(sum(n.price_nusd_per_hour) FILTER"
     " (WHERE role = 'replacement'), 0) AS made FROM commands c JOIN command_nodes n"
     " USING (run_id, command_id) WHERE c.run_id = ?1 AND c.state = 'done' AND c.method IN"
     " ('multi-node consolidation', 'single-node consolidation') GROUP BY c.command_id)"
     " WHERE made >= removed"},
    {"a pod that a command moved does not wait for ever",
     "SELECT p.pod_id, p.cause, q.pod_id AS next, q.created_ms FROM pods p JOIN pods q ON q.run_id"
     " = p.run_id AND q.pod_id = p.replaced_by JOIN runs r ON r.run_id = p.run_id WHERE p.run_id ="
     " ?1 AND p.cause IN ('consolidation', 'emptiness', 'drift') AND q.bound_ms IS NULL AND"
     " q.gone_ms IS NULL AND r.end_ms - q.created_ms > 600000"},

    {"a reason for leaving a node alone holds while the node is there",
     "SELECT s.node_id, s.reason, s.first_ms, s.last_ms, s.spells, s.total_ms FROM stays s JOIN"
     " runs r USING (run_id) LEFT JOIN nodes n USING (run_id, node_id) WHERE run_id = ?1 AND"
     " (n.added_ms IS NULL OR s.first_ms < n.added_ms OR s.spells < 1 OR s.total_ms < 0 OR"
     " coalesce(s.last_ms, r.end_ms) > coalesce(n.gone_ms, r.end_ms) OR s.last_ms IS NULL AND"
     " n.gone_ms IS NOT NULL OR s.total_ms > coalesce(s.last_ms, r.end_ms) - s.first_ms OR"
     " s.spells = 1 AND s.total_ms <> coalesce(s.last_ms, r.end_ms) - s.first_ms)"},
    {"a pod that holds a node is on it",
     "SELECT s.node_id, s.detail FROM stays s WHERE s.run_id = ?1 AND s.reason IN ('pdb',"
     " 'multiple-pdbs', 'pod-do-not-disrupt') AND NOT EXISTS (SELECT 1 FROM pods p WHERE p.run_id ="
     " ?1 AND p.node_id = s.node_id AND s.detail LIKE '% ' || p.namespace || '/' || p.name AND"
     " p.bound_ms <= s.first_ms AND coalesce(p.gone_ms, s.first_ms) >= s.first_ms)"},
    {"what is less than a whole is counted so",
     "SELECT * FROM figures WHERE run_id = ?1 AND (committed_cpu + daemon_cpu > utilisation_cpu +"
     " 1e-9 OR committed_memory + daemon_memory > utilisation_memory + 1e-3 OR blast_radius NOT"
     " BETWEEN 0 AND 1 OR not_modelled NOT BETWEEN 0 AND 1 OR interruptions_survived >"
     " interruptions OR nodes_launched + disruptions > churn OR churn > 2 * nodes_launched OR"
     " work_lost_cpu_milli_ms < 0)"},

    /* ---- samples ---- */
    {"samples count the nodes and pods that the tables have then",
     "SELECT * FROM (SELECT s.at_ms, s.nodes, s.pods_pending,"
     " (SELECT count(*) FROM nodes n WHERE n.run_id = ?1 AND n.added_ms <= s.at_ms AND"
     "  (n.gone_ms IS NULL OR n.gone_ms > s.at_ms)) AS nodes_there,"
     " (SELECT count(*) FROM pods p WHERE p.run_id = ?1 AND NOT p.is_daemon AND p.created_ms <="
     "  s.at_ms AND (p.bound_ms IS NULL OR p.bound_ms > s.at_ms) AND (p.gone_ms IS NULL OR"
     "  p.gone_ms > s.at_ms)) AS pods_waiting FROM samples s WHERE s.run_id = ?1)"
     " WHERE nodes <> nodes_there OR pods_pending <> pods_waiting"},
    {"money spent never shrinks, and ends at the total",
     "SELECT at_ms, cost_nusd, before FROM (SELECT at_ms, cost_nusd, lag(cost_nusd, 1, 0) OVER"
     " (ORDER BY sample_id) AS before FROM samples WHERE run_id = ?1) WHERE cost_nusd < before"
     " UNION ALL SELECT max(at_ms), max(s.cost_nusd), f.cost_nusd FROM samples s JOIN figures f"
     " USING (run_id) WHERE run_id = ?1 HAVING max(s.cost_nusd) <> f.cost_nusd"},
    {"no run costs less than its bound",
     "SELECT bound_nusd, own_bound_nusd, cost_nusd FROM figures JOIN bounds USING (run_id)"
     " WHERE run_id = ?1 AND (bound_nusd > own_bound_nusd OR own_bound_nusd > cost_nusd)"
     " UNION ALL SELECT 0, 0, cost_nusd FROM figures f WHERE run_id = ?1 AND NOT EXISTS"
     " (SELECT 1 FROM bounds b WHERE b.run_id = f.run_id)"},
};

#define LAW_COUNT (sizeof(laws) / sizeof(laws[0]))

size_t wb_run_laws_count(void)
{
    return LAW_COUNT;
}

const char *wb_run_laws_name(size_t law)
{
    assert(law < LAW_COUNT);
    return laws[law].law;
}

bool wb_run_laws_is_kept(wb_run_fixture *fixture, size_t law, int64_t run_id, bool is_silent)
{
    assert(law < LAW_COUNT);
    return wb_run_fixture_count_rows(fixture, is_silent ? NULL : laws[law].law, laws[law].sql,
                                     run_id) == 0;
}

uint32_t wb_run_laws_check(wb_run_fixture *fixture, int64_t run_id)
{
    uint32_t broken = 0;
    for (size_t law = 0; law < LAW_COUNT; law++) {
        broken += wb_run_laws_is_kept(fixture, law, run_id, false) ? 0U : 1U;
    }
    return broken;
}
