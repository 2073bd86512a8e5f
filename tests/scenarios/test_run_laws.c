/*
 * The laws of runs, held against the shipped scenarios and against random ones; and that each law
 * can fail: faults planted in a record are found.
 */
#include <string.h>

#include "tests/harness.h"
#include "tests/scenarios/run_laws.h"
#include "tests/scenarios/scenario_maker.h"

#define RANDOM_RUNS 60

static void check_shipped(const char *name)
{
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    CU_ASSERT_FATAL(wb_run_fixture_load_shipped(&fixture, name));
    for (uint32_t i = 0; i < fixture.scenario.contender_count; i++) {
        const wb_run_figures figures = wb_run_fixture_run(&fixture, i, WB_EVENT_QUEUE_CALENDAR);
        CU_ASSERT_EQUAL(wb_run_laws_check(&fixture, figures.run_id), 0);
    }
    wb_run_fixture_release(&fixture);
}

static void check_nginx(void)
{
    check_shipped("nginx-demo");
}

static void check_day(void)
{
    check_shipped("day");
}

/* ---- random scenarios ---- */

/* Groups stay within their maximum, and a NodePool with a limit within that. */
static uint32_t check_bounds(wb_run_fixture *fixture, int64_t run_id)
{
    char sql[1024];
    (void)snprintf(sql, sizeof sql,
                   "SELECT node_group, max(size) AS size FROM (SELECT node_group, sum(turn) OVER"
                   " (PARTITION BY node_group ORDER BY at_ms, turn ROWS UNBOUNDED PRECEDING) AS"
                   " size FROM (SELECT node_group, requested_ms AS at_ms, 1 AS turn FROM instances"
                   " WHERE run_id = ?1 AND node_group IS NOT NULL UNION ALL SELECT node_group,"
                   " ended_ms, -1 FROM instances WHERE run_id = ?1 AND node_group IS NOT NULL))"
                   " GROUP BY node_group HAVING max(size) > %d",
                   WB_SCENARIO_MAKER_GROUP_MAX);
    uint32_t broken =
        wb_run_fixture_count_rows(fixture, "a group outgrew its maximum", sql, run_id);
    const wb_manifest *pools = fixture->scenario.contenders[0].manifest;
    for (uint32_t i = 0; i < pools->nodepool_count; i++) {
        if (pools->nodepools[i].limits.count > 0) { /* its nodes stay, so all of them count */
            (void)snprintf(sql, sizeof sql,
                           "SELECT nodepool, sum(n.cpu_milli) AS cpu FROM claims c JOIN nodes n"
                           " USING (run_id, node_id) WHERE run_id = ?1 AND nodepool = '%s'"
                           " HAVING sum(n.cpu_milli) > 1000 * " WB_SCENARIO_MAKER_LIMIT,
                           wb_intern_text(&fixture->intern, pools->nodepools[i].name));
            broken +=
                wb_run_fixture_count_rows(fixture, "a NodePool outgrew its limit", sql, run_id);
        }
    }
    return broken;
}

/* No command takes more nodes of a pool than its budgets allow of those that are there; the maker's
 * scheduled budget is closed for four of every twenty minutes. */
static uint32_t check_budgets(wb_run_fixture *fixture, const wb_nodepool *pool, int64_t run_id)
{
    uint32_t broken = 0;
    for (uint32_t i = 0; i < pool->budget_count; i++) {
        const wb_budget *budget = &pool->budgets[i];
        char sql[1024];
        (void)snprintf(sql, sizeof sql,
                       "SELECT command_id, taken, size, started_ms FROM (SELECT c.command_id,"
                       " c.started_ms, epoch_ms, count(*) AS taken, (SELECT count(*) FROM claims k"
                       " WHERE k.run_id = ?1 AND k.nodepool = n.nodepool AND k.initialized_ms <="
                       " c.started_ms AND (k.gone_ms IS NULL OR k.gone_ms > c.started_ms)) AS size"
                       " FROM commands c JOIN command_nodes n USING (run_id, command_id) JOIN runs"
                       " USING (run_id) WHERE run_id = ?1 AND role = 'candidate' AND n.nodepool ="
                       " '%s' AND c.state = 'done' GROUP BY c.command_id) WHERE taken > %s",
                       wb_intern_text(&fixture->intern, pool->name),
                       budget->schedule == NULL
                           ? budget->is_percent ? "(size * ?2 + 99) / 100" : "?2"
                           : "0 AND (epoch_ms + started_ms) / 60000 % 20 < 4");
        char *place = strstr(sql, "?2");
        if (place != NULL) { /* two characters, two digits: budgets are below 100 */
            CU_ASSERT_FATAL(budget->nodes < 100);
            place[0] = (char)('0' + budget->nodes / 10);
            place[1] = (char)('0' + budget->nodes % 10);
        }
        broken += wb_run_fixture_count_rows(fixture, "a budget is broken", sql, run_id);
    }
    return broken;
}

/* The maker's PDBs have the name of the owner that they are about. maxUnavailable 0: consolidation
 * evicts none; 1: only while all others run. A pool's terminationGracePeriod overrides them. */
static uint32_t check_pdbs(wb_run_fixture *fixture, int64_t run_id)
{
    uint32_t broken = 0;
    const wb_manifest *base = fixture->scenario.base;
    for (uint32_t i = 0; i < base->pdb_count; i++) {
        const wb_pdb *pdb = &base->pdbs[i];
        char sql[1024];
        if (pdb->max_unavailable_kind != WB_BOUND_COUNT) {
            continue;
        }
        (void)snprintf(sql, sizeof sql,
                       "SELECT e.at_ms, e.pod_id FROM events e JOIN pods p USING (run_id, pod_id)"
                       " WHERE run_id = ?1 AND kind = 'eviction' AND detail = 'consolidation' AND"
                       " p.owner = '%s' AND (%d = 0 OR EXISTS (SELECT 1 FROM pods o WHERE o.run_id"
                       " = ?1 AND o.owner = p.owner AND o.pod_id <> p.pod_id AND o.created_ms <"
                       " e.at_ms AND (o.running_ms IS NULL OR o.running_ms > e.at_ms) AND"
                       " (o.gone_ms IS NULL OR o.gone_ms > e.at_ms)))",
                       wb_intern_text(&fixture->intern, pdb->name), pdb->max_unavailable);
        broken += wb_run_fixture_count_rows(fixture, "a PDB is broken", sql, run_id);
    }
    return broken;
}

/* What Karpenter's disruption must respect. */
static uint32_t check_disruption(wb_run_fixture *fixture, int64_t run_id)
{
    const wb_manifest *pools = fixture->scenario.contenders[0].manifest;
    uint32_t broken = 0;
    bool is_forced = false;
    for (uint32_t i = 0; i < pools->nodepool_count; i++) {
        broken += check_budgets(fixture, &pools->nodepools[i], run_id);
        is_forced = is_forced || pools->nodepools[i].termination_grace_period_ms >= 0;
    }
    return broken + (is_forced ? 0 : check_pdbs(fixture, run_id));
}

/* Every run by both queues, which must record the same. */
static uint32_t check_made(uint64_t seed)
{
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    const char *path = wb_scenario_maker_write(&fixture.folder, seed);
    uint32_t broken = wb_run_fixture_load(&fixture, path) ? 0 : 1;
    for (uint32_t i = 0; i < fixture.scenario.contender_count; i++) {
        const wb_run_figures figures = wb_run_fixture_run(&fixture, i, WB_EVENT_QUEUE_CALENDAR);
        const wb_run_figures again = wb_run_fixture_run(&fixture, i, WB_EVENT_QUEUE_HEAP);
        broken += wb_run_laws_check(&fixture, figures.run_id);
        broken += check_bounds(&fixture, figures.run_id);
        broken += i == 0 ? check_disruption(&fixture, figures.run_id) : 0;
        broken += strcmp(figures.digest, again.digest) != 0 ? 1U : 0U;
    }
    wb_run_fixture_release(&fixture);
    return broken;
}

/* WB_TEST_SEED=n tries one seed alone; WB_TEST_RUNS=n so many. */
static void check_random(void)
{
    const char *only = getenv("WB_TEST_SEED");
    const char *runs = getenv("WB_TEST_RUNS");
    const uint64_t first = only != NULL ? strtoull(only, NULL, 10) : 1;
    const uint64_t count = runs != NULL ? strtoull(runs, NULL, 10) : only != NULL ? 1 : RANDOM_RUNS;
    for (uint64_t seed = first; seed < first + count; seed++) {
        const uint32_t broken = check_made(seed);
        CU_ASSERT_EQUAL(broken, 0);
        if (broken > 0) {
            printf("\n  again by WB_TEST_SEED=%llu", (unsigned long long)seed);
        }
    }
}

/* ---- planted faults ---- */

#define SOME_POD  "(SELECT min(pod_id) FROM pods WHERE replaced_by IS NOT NULL)"
#define SOME_NODE "(SELECT min(node_id) FROM nodes WHERE gone_ms IS NOT NULL)"
#define LAST_POD  "(SELECT max(pod_id) FROM pods WHERE node_id = " SOME_NODE " AND NOT is_daemon)"

#define DONE_COMMAND "(SELECT min(command_id) FROM commands WHERE state = 'done')"

static const struct {
    const char *law, *fault;
} faults[] = {
    {"pods are numbered without a gap", "DELETE FROM pods WHERE pod_id = 3"},
    {"every pod of the workload ends in exactly one count",
     "DELETE FROM pods WHERE pod_id = (SELECT max(pod_id) FROM pods WHERE replaces IS NULL AND NOT"
     " is_daemon)"},
    {"every pod of the workload ends in exactly one count",
     "UPDATE pods SET state = 'lost' WHERE pod_id = (SELECT min(pod_id) FROM pods WHERE state ="
     " 'deleted')"},
    {"no pod is in two chains, none outside of them",
     "UPDATE pods SET replaced_by = NULL WHERE pod_id = " SOME_POD},
    {"no pod is in two chains, none outside of them",
     "UPDATE pods SET replaced_by = (SELECT replaced_by FROM pods WHERE pod_id = " SOME_POD
     ") WHERE pod_id = (SELECT max(pod_id) FROM pods WHERE replaced_by IS NULL AND NOT is_daemon)"},
    {"a replacement knows whom it replaces, and that one knows it",
     "UPDATE pods SET replaced_by = NULL WHERE pod_id = " SOME_POD},
    {"a pod's times follow one another",
     "UPDATE pods SET running_ms = bound_ms - 1 WHERE pod_id = " SOME_POD},
    {"a pod's times follow one another",
     "UPDATE pods SET gone_ms = running_ms - 1 WHERE pod_id = " SOME_POD},
    {"a pod's state fits its times", "UPDATE pods SET gone_ms = NULL WHERE pod_id = " SOME_POD},
    {"a pod that is gone, or going, has a cause",
     "UPDATE pods SET cause = NULL WHERE pod_id = " SOME_POD},
    {"a lost pod has no replacement", "UPDATE pods SET state = 'lost' WHERE pod_id = " SOME_POD},
    {"a pod that never ran says why",
     "UPDATE pods SET running_ms = NULL, replaced_by = NULL, reason = NULL WHERE pod_id = 5"},
    {"a pod is bound to a node that is there",
     "UPDATE nodes SET added_ms = added_ms + 3600000 WHERE node_id = " SOME_NODE},
    {"a pod is bound to a node that is there",
     "UPDATE nodes SET gone_ms = added_ms WHERE node_id = " SOME_NODE},
    {"a pod is gone when its node is", "UPDATE pods SET gone_ms = gone_ms + 3600000 WHERE pod_id ="
                                       " " LAST_POD},
    {"a pod runs on a node that is ready",
     "UPDATE nodes SET ready_ms = ready_ms + 3600000 WHERE node_id = " SOME_NODE},
    {"requests never exceed what a node has",
     "UPDATE pods SET node_id = " SOME_NODE " WHERE node_id = " SOME_NODE " + 1"},
    {"requests never exceed what a node has",
     "UPDATE nodes SET memory_bytes = 100000000 WHERE node_id = " SOME_NODE},
    {"a node's times follow one another",
     "UPDATE nodes SET ready_ms = added_ms - 1 WHERE node_id = " SOME_NODE},
    {"a node is its instance's, registered when it was added",
     "UPDATE nodes SET instance_id = instance_id + 1 WHERE node_id = " SOME_NODE},
    {"an instance's times follow one another",
     "UPDATE instances SET running_ms = launched_ms - 1 WHERE instance_id = 0"},
    {"a claim's times follow one another, and its instance is its own",
     "UPDATE claims SET initialized_ms = registered_ms - 1 WHERE claim_id = 0"},
    {"a claim's times follow one another, and its instance is its own",
     "UPDATE claims SET instance_id = 1 WHERE claim_id = 0"},
    {"a command's times follow one another and fit its state",
     "UPDATE commands SET deleted_ms = found_ms - 1 WHERE command_id = " DONE_COMMAND},
    {"a command's times follow one another and fit its state",
     "UPDATE commands SET state = 'rejected' WHERE command_id = " DONE_COMMAND},
    {"a command's nodes are there, as many as it says",
     "DELETE FROM command_nodes WHERE position = 0 AND command_id = " DONE_COMMAND},
    {"no node goes by two commands",
     "UPDATE command_nodes SET claim_id = (SELECT claim_id FROM command_nodes WHERE position = 0"
     " AND command_id = " DONE_COMMAND ") WHERE role = 'candidate'"},
    {"a replacement is initialised before the nodes that it replaces are told to go",
     "UPDATE commands SET deleted_ms = found_ms WHERE state = 'done' AND replacements > 0"},
    {"pods that commands evicted were evicted",
     "UPDATE commands SET pods_evicted = 1000000 WHERE command_id = " DONE_COMMAND},
    {"what a command saved is what went less what came",
     "UPDATE commands SET actual_saving_nusd_per_hour = 1 WHERE command_id = " DONE_COMMAND},
    {"an instance costs its seconds, sixty at least",
     "UPDATE instances SET cost_nusd = cost_nusd + 1 WHERE instance_id = 0"},
    {"costs add up to the total, by row, by market and by view",
     "UPDATE figures SET cost_nusd = cost_nusd - 1"},
    {"costs add up to the total, by row, by market and by view",
     "UPDATE figures SET node_ms = node_ms - 1"},
    {"idle cost is a part of the cost, utilisation a part of one",
     "UPDATE figures SET cost_idle_nusd = cost_nusd + 1"},
    {"waiting adds up to the pending pods' time",
     "UPDATE figures SET pending_pod_ms = pending_pod_ms + 1"},
    {"latencies are those of the view", "UPDATE figures SET pod_latency_ms_p90 = 1"},
    {"a node's use over time is that of its pods",
     "UPDATE nodes SET cpu_milli_ms = cpu_milli_ms + 1 WHERE node_id = " SOME_NODE},
    {"evictions in the log are those of the figures",
     "UPDATE figures SET evictions = evictions + 1"},
    {"no consolidation raises the hourly price",
     "UPDATE command_nodes SET price_nusd_per_hour = 10000000000 WHERE role = 'replacement'"},
    {"a pod that a command moved does not wait for ever",
     "UPDATE pods SET bound_ms = NULL, gone_ms = NULL WHERE pod_id = (SELECT min(replaced_by) FROM"
     " pods WHERE cause = 'consolidation')"},
    {"a reason for leaving a node alone holds while the node is there",
     "UPDATE stays SET total_ms = total_ms + 1 WHERE spells = 1"},
    {"a pod that holds a node is on it",
     "UPDATE stays SET detail = 'karpenter.sh/do-not-disrupt on x/nobody' WHERE reason ="
     " 'pod-do-not-disrupt'"},
    {"what is less than a whole is counted so", "UPDATE figures SET interruptions_survived = 1"},
    {"samples count the nodes and pods that the tables have then",
     "UPDATE samples SET nodes = nodes + 1 WHERE sample_id = 7"},
    {"samples count the nodes and pods that the tables have then",
     "UPDATE samples SET pods_pending = pods_pending + 1 WHERE sample_id = 7"},
    {"money spent never shrinks, and ends at the total",
     "UPDATE samples SET cost_nusd = 1000000 * cost_nusd WHERE sample_id = 7"},
    {"no run costs less than its bound",
     "UPDATE bounds SET own_bound_nusd = 1 + (SELECT cost_nusd FROM figures f WHERE f.run_id ="
     " bounds.run_id)"},
};

static bool is_found(wb_run_fixture *fixture, sqlite3 *db, size_t fault, int64_t run_id)
{
    for (size_t law = 0; law < wb_run_laws_count(); law++) {
        if (strcmp(wb_run_laws_name(law), faults[fault].law) == 0) {
            CU_ASSERT_EQUAL(sqlite3_exec(db, "SAVEPOINT fault", NULL, NULL, NULL), SQLITE_OK);
            CU_ASSERT_EQUAL(sqlite3_exec(db, faults[fault].fault, NULL, NULL, NULL), SQLITE_OK);
            CU_ASSERT(sqlite3_changes(db) > 0);
            const bool is_kept = wb_run_laws_is_kept(fixture, law, run_id, true);
            CU_ASSERT_EQUAL(sqlite3_exec(db, "ROLLBACK TO fault", NULL, NULL, NULL), SQLITE_OK);
            return !is_kept;
        }
    }
    return false;
}

/* A run with evictions, empty nodes, PDBs and a trace; every law has a fault. */
static void find_planted_faults(void)
{
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    CU_ASSERT_FATAL(wb_run_fixture_load_shipped(&fixture, "day"));
    const wb_run_figures figures = wb_run_fixture_run(&fixture, 0, WB_EVENT_QUEUE_CALENDAR);
    sqlite3 *db = wb_run_fixture_writable(&fixture);
    uint32_t tried = 0;
    for (size_t i = 0; i < WB_TEST_COUNT(faults); i++) {
        const bool is_seen = is_found(&fixture, db, i, figures.run_id);
        if (!is_seen) {
            printf("\n  not found: %s: %s", faults[i].law, faults[i].fault);
        }
        CU_ASSERT(is_seen);
        tried += i == 0 || strcmp(faults[i].law, faults[i - 1].law) != 0 ? 1U : 0U;
    }
    CU_ASSERT_EQUAL(tried, wb_run_laws_count());
    wb_run_fixture_release(&fixture);
}

static const wb_test_case cases[] = {
    {"nginx-demo keeps the laws", check_nginx},
    {"day keeps the laws", check_day},
    {"random scenarios keep the laws, by both queues", check_random},
    {"a fault planted in a record breaks its law", find_planted_faults},
};

int main(void)
{
    return wb_test_run("run laws", cases, WB_TEST_COUNT(cases));
}
