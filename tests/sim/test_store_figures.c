/*
 * The figures of runs with a few hundred pods, summed in memory, against the views of the schema
 * and against plain SQL over the tables; and what becomes of runs that do not finish.
 */
#include <string.h>

#include <sqlite3.h>

#include "base/file.h"
#include "base/text.h"
#include "tests/harness.h"
#include "tests/scenarios/scenario_fixture.h"

static wb_scenario_fixture fixture;
static wb_run_figures figures[3];
static const char *path;
static sqlite3 *db;

/* The world's trace says that of its recording seven pods are approximated, and three missing. */
static void leave_something_out(void)
{
    const char *trace_path =
        wb_arena_copy_string(&fixture.arena,
                             wb_scratch_folder_join(&fixture.folder, "world.trace"));
    char *text = NULL;
    size_t length = 0;
    CU_ASSERT_EQUAL_FATAL(wb_file_read(&fixture.arena, trace_path, 1U << 30, &text, &length, NULL),
                          WB_OK);
    CU_ASSERT_FATAL(length > 2 && strcmp(text + length - 2, "}\n") == 0);
    text[length - 2] = '\0';
    wb_text changed;
    wb_text_init(&changed);
    wb_text_add_format(&changed, "%s,\"approximated\":7,\"left_out\":3}\n", text);
    (void)wb_scenario_fixture_write(&fixture, "world.trace", wb_text_string(&changed));
    wb_text_release(&changed);
}

static void record_the_world(void)
{
    wb_scenario_fixture_init(&fixture);
    wb_scenario_fixture_write_world(&fixture);
    leave_something_out();
    wb_scenario_fixture_load(&fixture, "world.yaml");
    CU_ASSERT_EQUAL_FATAL(fixture.status, WB_OK);
    path =
        wb_arena_copy_string(&fixture.arena, wb_scratch_folder_join(&fixture.folder, "world.db"));
    wb_store *store = NULL;
    CU_ASSERT_EQUAL_FATAL(wb_store_open(path, &store, NULL), WB_OK);
    for (uint32_t i = 0; i < 3; i++) {
        wb_scenario_fixture_run(&fixture, i, store, NULL, &figures[i]);
        CU_ASSERT_EQUAL_FATAL(fixture.status, WB_OK);
    }
    wb_store_close(store);
    CU_ASSERT_EQUAL_FATAL(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    /* the world is worth looking at: waiting, evictions and pods that never ran */
    CU_ASSERT(figures[0].pods_total > 300);
    CU_ASSERT(figures[0].pod_latency_ms_p99 > 60000);
    CU_ASSERT(figures[0].pods_unscheduled > 5);
    CU_ASSERT(figures[2].evictions > 0);
    CU_ASSERT(figures[2].nodes_launched > 3);
}

/* The first column of the first row, with the run's id as ?1; NULL shows as INT64_MIN. */
static int64_t ask(const char *sql, int64_t run_id)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        printf("\n  %s: %s\n", sql, sqlite3_errmsg(db));
        CU_FAIL("no such query");
        return INT64_MIN;
    }
    (void)sqlite3_bind_int64(statement, 1, run_id);
    const int step = sqlite3_step(statement);
    const bool has_value = step == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL;
    const int64_t value = has_value ? sqlite3_column_int64(statement, 0) : INT64_MIN;
    (void)sqlite3_finalize(statement);
    return value;
}

#define WORKLOAD "FROM pods WHERE run_id = ?1 AND is_daemon = 0 AND replaces IS NULL"

/* Pods of the workload by how the last of their replacements ended, when any of them ran. */
#define CHAINS(ending)                                                                             \
    "WITH RECURSIVE c (pod_id, ran) AS (SELECT pod_id, running_ms IS NOT NULL " WORKLOAD           \
    " UNION ALL SELECT p.pod_id, c.ran OR p.running_ms IS NOT NULL FROM c JOIN pods p"             \
    " ON p.run_id = ?1 AND p.replaces = c.pod_id) SELECT count(*) FROM c JOIN pods p"              \
    " ON p.run_id = ?1 AND p.pod_id = c.pod_id WHERE p.replaced_by IS NULL AND c.ran AND (" ending \
    ")"

static const struct {
    const char *name;
    const char *sql;
    size_t offset; /* of an int64_t of wb_run_figures */
} figure_cases[] = {
#define ROW(field, sql)                              \
    {                                                \
#        field, sql, offsetof(wb_run_figures, field) \
    }
    ROW(pods_total, "SELECT count(*) " WORKLOAD),
    ROW(pods_finished, CHAINS("p.state IN ('succeeded', 'deleted') OR (p.state = 'terminating' AND"
                              " p.cause = 'workload')")),
    ROW(pods_running, CHAINS("p.state = 'running'")),
    ROW(pods_lost, CHAINS("p.state IN ('pending', 'starting', 'evicted', 'lost') OR (p.state ="
                          " 'terminating' AND p.cause <> 'workload')")),
    ROW(pods_unscheduled, "SELECT coalesce(sum(pods), 0) FROM unscheduled WHERE run_id = ?1"),
    ROW(cost_nusd, "SELECT sum(cost_nusd) FROM costs WHERE run_id = ?1"),
    ROW(cost_nusd, "SELECT sum(cost_nusd) FROM instances WHERE run_id = ?1"),
    ROW(cost_nusd, "SELECT cost_nusd FROM samples WHERE run_id = ?1 ORDER BY sample_id DESC"),
    ROW(cost_on_demand_nusd, "SELECT coalesce(sum(cost_nusd), 0) FROM costs WHERE run_id = ?1 AND "
                             "capacity_type = 'on-demand'"),
    ROW(cost_spot_nusd, "SELECT coalesce(sum(cost_nusd), 0) FROM costs WHERE run_id = ?1 AND "
                        "capacity_type = 'spot'"),
    ROW(pod_latency_ms_p50, "SELECT p50_ms FROM pod_latency_percentiles WHERE run_id = ?1"),
    ROW(pod_latency_ms_p90, "SELECT p90_ms FROM pod_latency_percentiles WHERE run_id = ?1"),
    ROW(pod_latency_ms_p99, "SELECT p99_ms FROM pod_latency_percentiles WHERE run_id = ?1"),
    ROW(pod_latency_ms_max, "SELECT max_ms FROM pod_latency_percentiles WHERE run_id = ?1"),
    ROW(pod_latency_ms_p50,
        "SELECT running_ms - created_ms FROM pods WHERE run_id = ?1 AND is_daemon = 0 AND "
        "running_ms IS NOT NULL ORDER BY 1 LIMIT 1 OFFSET (SELECT (count(*) + 1) / 2 - 1 FROM pods "
        "WHERE run_id = ?1 AND is_daemon = 0 AND running_ms IS NOT NULL)"),
    ROW(nodes_launched, "SELECT count(*) FROM instances WHERE run_id = ?1"),
    ROW(nodes_max, "WITH c AS (SELECT added_ms AS at, 0 AS o, 1 AS d FROM nodes WHERE run_id = ?1 "
                   "UNION ALL SELECT gone_ms, 1, -1 FROM nodes WHERE run_id = ?1 AND gone_ms IS "
                   "NOT NULL) SELECT max(s) FROM (SELECT sum(d) OVER (ORDER BY at, o DESC, "
                   "rowid_ ROWS UNBOUNDED PRECEDING) AS s FROM (SELECT *, row_number() OVER () AS "
                   "rowid_ FROM c))"),
    ROW(node_ms, "SELECT sum(node_ms) FROM costs WHERE run_id = ?1"),
    ROW(evictions, "SELECT count(*) FROM events WHERE run_id = ?1 AND kind = 'eviction'"),
    ROW(evictions_refused,
        "SELECT count(*) FROM events WHERE run_id = ?1 AND kind = 'eviction-refused'"),
    ROW(interruptions,
        "SELECT count(*) FROM instances WHERE run_id = ?1 AND cause = 'interruption'"),
    ROW(pending_pod_ms, "SELECT sum(coalesce(bound_ms, gone_ms, (SELECT end_ms FROM runs WHERE "
                        "run_id = ?1)) - created_ms) FROM pods WHERE run_id = ?1 AND is_daemon = "
                        "0"),
    ROW(disruptions, "SELECT count(*) FROM instances WHERE run_id = ?1 AND cause IN ('emptiness',"
                     " 'consolidation', 'drift', 'expiration', 'node-repair', 'scale-down',"
                     " 'rebalance')"),
    ROW(churn, "SELECT count(*) + sum(cause <> 'horizon') FROM instances WHERE run_id = ?1"),
    ROW(interruptions_survived,
        "SELECT count(*) FROM instances i WHERE run_id = ?1 AND cause = 'interruption' AND NOT"
        " EXISTS (SELECT 1 FROM pods p JOIN nodes n USING (run_id, node_id) WHERE p.run_id ="
        " i.run_id AND n.instance_id = i.instance_id AND p.is_daemon = 0 AND (p.gone_ms IS NULL OR"
        " p.gone_ms >= i.ended_ms OR (p.state = 'lost' AND p.cause = 'interruption')))"),
    ROW(work_lost_cpu_milli_ms,
        "SELECT coalesce(sum(s.cpu_milli * (coalesce(p.gone_ms, r.end_ms) - p.running_ms)), 0) FROM"
        " pods p JOIN shapes s USING (run_id, shape_id) JOIN runs r USING (run_id) WHERE p.run_id ="
        " ?1 AND p.is_daemon = 0 AND p.is_batch = 1 AND p.running_ms IS NOT NULL AND p.cause NOT IN"
        " ('finished', 'workload', 'horizon') AND NOT (p.is_checkpointed = 1 AND p.state <>"
        " 'lost')"),
#undef ROW
};

/* Shares are sums of doubles in memory: equal to what SQL sums, to nine digits. */
static const struct {
    const char *name;
    const char *sql; /* of 1e9 times the share */
    size_t offset;   /* of a double of wb_run_figures */
} share_cases[] = {
#define ROW(field, sql)                              \
    {                                                \
#        field, sql, offsetof(wb_run_figures, field) \
    }
#define NODES(use, there)                                                                         \
    "SELECT 1e9 * sum(" use ") / sum(1.0 * (" there ") * (coalesce(gone_ms, end_ms) - added_ms))" \
    " FROM nodes JOIN runs USING (run_id) WHERE run_id = ?1"
    ROW(utilisation_cpu, NODES("cpu_milli_ms", "cpu_milli")),
    ROW(utilisation_memory, NODES("memory_mib_ms", "memory_bytes / 1048576")),
    ROW(committed_cpu, NODES("cpu_milli_ms - daemon_cpu_milli_ms", "capacity_cpu_milli")),
    ROW(committed_memory,
        NODES("memory_mib_ms - daemon_memory_mib_ms", "capacity_memory_bytes / 1048576")),
    ROW(daemon_cpu, NODES("daemon_cpu_milli_ms", "capacity_cpu_milli")),
    ROW(daemon_memory, NODES("daemon_memory_mib_ms", "capacity_memory_bytes / 1048576")),
    ROW(blast_radius,
        "SELECT 1e9 * max(t) / sum(t) FROM (SELECT sum(coalesce(p.gone_ms, r.end_ms) - p.bound_ms)"
        " AS t FROM pods p JOIN nodes n USING (run_id, node_id) JOIN runs r USING (run_id) WHERE"
        " p.run_id = ?1 AND p.is_daemon = 0 GROUP BY n.instance_type, n.zone)"),
    ROW(cost_above_bound, "SELECT 1e9 * (1.0 * cost_nusd / bound_nusd - 1) FROM figures JOIN bounds"
                          " USING (run_id) WHERE run_id = ?1"),
    ROW(not_modelled, "SELECT 1e9 * trace_unmodelled / trace_records FROM runs WHERE run_id = ?1"),
#undef NODES
#undef ROW
};

static int64_t figure_of(const wb_run_figures *run, size_t offset)
{
    int64_t value = 0;
    memcpy(&value, (const char *)run + offset, sizeof value);
    return value;
}

static void agree_with_the_tables(void)
{
    for (size_t run = 0; run < 3; run++) {
        for (size_t i = 0; i < WB_TEST_COUNT(figure_cases); i++) {
            const int64_t expected = figure_of(&figures[run], figure_cases[i].offset);
            const int64_t found = ask(figure_cases[i].sql, figures[run].run_id);
            if (found != expected) {
                printf("\n  %s of %s: %lld by %s, %lld in figures\n", figure_cases[i].name,
                       figures[run].contender, (long long)found, figure_cases[i].sql,
                       (long long)expected);
            }
            CU_ASSERT_EQUAL(found, expected);
        }
        CU_ASSERT_EQUAL(figures[run].pods_total,
                        figures[run].pods_finished + figures[run].pods_running +
                            figures[run].pods_unscheduled + figures[run].pods_lost);
    }
}

static double share_figure_of(const wb_run_figures *run, size_t offset)
{
    double value = 0.0;
    memcpy(&value, (const char *)run + offset, sizeof value);
    return value;
}

static void agree_on_shares(void)
{
    for (size_t run = 0; run < 3; run++) {
        for (size_t i = 0; i < WB_TEST_COUNT(share_cases); i++) {
            const double expected = share_figure_of(&figures[run], share_cases[i].offset);
            const double found = (double)ask(share_cases[i].sql, figures[run].run_id) / 1e9;
            if (found - expected > 2e-9 || expected - found > 2e-9) {
                printf("\n  %s of %s: %.9f by SQL, %.9f in figures\n", share_cases[i].name,
                       figures[run].contender, found, expected);
            }
            CU_ASSERT_DOUBLE_EQUAL(found, expected, 2e-9);
            CU_ASSERT(expected > 0.0); /* and below 1, but for what a cost is above its bound */
            CU_ASSERT(expected < 1.0 ||
                      share_cases[i].offset == offsetof(wb_run_figures, cost_above_bound));
        }
        CU_ASSERT(figures[run].utilisation_cpu > 0.01);
        CU_ASSERT(figures[run].cost_idle_nusd > 0);
        CU_ASSERT(figures[run].cost_idle_nusd < figures[run].cost_nusd);
    }
    CU_ASSERT(figures[2].disruptions > 0);
    CU_ASSERT(figures[2].work_lost_cpu_milli_ms > 0);
}

/* What requests sum up to over the pods is what the nodes were used for. */
static void account_for_every_pod_on_every_node(void)
{
    for (size_t run = 0; run < 3; run++) {
        const int64_t by_pods =
            ask("SELECT sum(s.cpu_milli * (coalesce(p.gone_ms, r.end_ms) - p.bound_ms)) FROM pods p"
                " JOIN shapes s USING (run_id, shape_id) JOIN runs r USING (run_id)"
                " WHERE run_id = ?1 AND p.bound_ms IS NOT NULL",
                figures[run].run_id);
        const int64_t by_nodes =
            ask("SELECT sum(cpu_milli_ms) FROM nodes WHERE run_id = ?1", figures[run].run_id);
        CU_ASSERT_EQUAL(by_pods, by_nodes);
        CU_ASSERT_EQUAL(ask("SELECT count(*) FROM pods p JOIN shapes s USING (run_id, shape_id)"
                            " WHERE run_id = ?1",
                            figures[run].run_id),
                        ask("SELECT sum(pod_count) FROM shapes WHERE run_id = ?1",
                            figures[run].run_id));
    }
}

/* runs_summary is what the store hands out, which is what the run returned. */
static void show_the_same_everywhere(void)
{
    wb_store *store = NULL;
    wb_run_figures *rows = NULL;
    uint32_t count = 0;
    CU_ASSERT_EQUAL_FATAL(wb_store_open_readonly(path, &store, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_store_figures(store, &fixture.arena, &rows, &count, NULL), WB_OK);
    CU_ASSERT_EQUAL_FATAL(count, 3);
    for (uint32_t run = 0; run < 3; run++) {
        for (size_t i = 0; i < WB_TEST_COUNT(figure_cases); i++) {
            CU_ASSERT_EQUAL(figure_of(&rows[run], figure_cases[i].offset),
                            figure_of(&figures[run], figure_cases[i].offset));
        }
        CU_ASSERT_STRING_EQUAL(rows[run].digest, figures[run].digest);
        CU_ASSERT_STRING_EQUAL(rows[run].contender, figures[run].contender);
        CU_ASSERT_STRING_EQUAL(rows[run].scenario, "world");
        CU_ASSERT_EQUAL(rows[run].seed, 5);
        const int64_t run_id = figures[run].run_id;
        CU_ASSERT_EQUAL(ask("SELECT round(cost_usd * 1e9) FROM runs_summary WHERE run_id = ?1",
                            run_id),
                        figures[run].cost_nusd);
        CU_ASSERT_EQUAL(ask("SELECT round(node_hours * 3.6e6) FROM runs_summary WHERE run_id = ?1",
                            run_id),
                        figures[run].node_ms);
        CU_ASSERT_EQUAL(ask("SELECT pods_total FROM runs_summary WHERE run_id = ?1 AND"
                            " state = 'finished'",
                            run_id),
                        figures[run].pods_total);
    }
    wb_store_close(store);
}

/* Each pod that never ran is in one group, with a reason; the largest group comes first. */
static void say_why_pods_never_ran(void)
{
    wb_store *store = NULL;
    CU_ASSERT_EQUAL_FATAL(wb_store_open_readonly(path, &store, NULL), WB_OK);
    for (size_t run = 0; run < 3; run++) {
        wb_unscheduled_group *groups = NULL;
        uint32_t count = 0;
        int64_t sum = 0;
        CU_ASSERT_EQUAL(wb_store_unscheduled(store, &fixture.arena, figures[run].run_id, &groups,
                                             &count, NULL),
                        WB_OK);
        CU_ASSERT(count >= 2); /* no such label, and too large */
        for (uint32_t i = 0; i < count; i++) {
            sum += groups[i].pod_count;
            CU_ASSERT(i == 0 || groups[i].pod_count <= groups[i - 1].pod_count);
            CU_ASSERT(strlen(groups[i].reason) > 10);
            CU_ASSERT_STRING_NOT_EQUAL(groups[i].reason, "no reason recorded");
            CU_ASSERT(strlen(groups[i].example_pod) > 0);
        }
        CU_ASSERT_EQUAL(sum, figures[run].pods_unscheduled);
    }
    wb_store_close(store);
}

/* A pod that fails to start and whose replacement never runs counts once, as one that never ran. */
static void follow_replacements(void)
{
    sqlite3 *writable = NULL;
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &writable), SQLITE_OK);
    const int status = sqlite3_exec(
        writable,
        "INSERT INTO pods (run_id, pod_id, name, namespace, shape_id, state, created_ms, bound_ms,"
        " running_ms, replaces, replaced_by, is_daemon, is_batch, is_checkpointed, reason) VALUES"
        " (99, 0, 'a', 'x', 0, 'evicted', 0, 1, NULL, NULL, 1, 0, 0, 0, 'first'),"
        " (99, 1, 'a2', 'x', 0, 'pending', 2, NULL, NULL, 0, NULL, 0, 0, 0, 'last'),"
        " (99, 2, 'b', 'x', 0, 'evicted', 0, 1, NULL, NULL, 3, 0, 0, 0, NULL),"
        " (99, 3, 'b2', 'x', 0, 'running', 2, 3, 4, 2, NULL, 0, 0, 0, NULL),"
        " (99, 4, 'c', 'x', 0, 'pending', 2, NULL, NULL, NULL, NULL, 0, 0, 0, NULL),"
        " (99, 5, 'd', 'x', 0, 'pending', 2, NULL, NULL, NULL, NULL, 1, 0, 0, NULL)",
        NULL, NULL, NULL);
    CU_ASSERT_EQUAL(status, SQLITE_OK);
    CU_ASSERT_EQUAL(ask("SELECT sum(pods) FROM unscheduled WHERE run_id = ?1", 99), 2);
    CU_ASSERT_EQUAL(ask("SELECT pods FROM unscheduled WHERE run_id = ?1 AND reason = 'last' AND"
                        " example = 'a'",
                        99),
                    1);
    CU_ASSERT_EQUAL(ask("SELECT pods FROM unscheduled WHERE run_id = ?1 AND reason ="
                        " 'no reason recorded' AND example = 'c'",
                        99),
                    1);
    CU_ASSERT_EQUAL(sqlite3_exec(writable, "DELETE FROM pods WHERE run_id = 99", NULL, NULL, NULL),
                    SQLITE_OK);
    (void)sqlite3_close(writable);
}

/* The settings that made the run are there as JSON. */
static void keep_the_parameters(void)
{
    CU_ASSERT_EQUAL(ask("SELECT json_extract(parameters, '$.nodes[0].count') FROM runs"
                        " WHERE run_id = ?1",
                        figures[0].run_id),
                    2);
    CU_ASSERT_EQUAL(ask("SELECT json_extract(parameters, '$.boot.join.median_ms') FROM runs"
                        " WHERE run_id = ?1",
                        figures[1].run_id),
                    26000);
    CU_ASSERT_EQUAL(ask("SELECT epoch_ms FROM runs WHERE run_id = ?1", figures[0].run_id),
                    1767600000000);
}

static void release_the_world(void)
{
    (void)sqlite3_close(db);
    wb_scenario_fixture_release(&fixture);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"a world is recorded under three contenders", record_the_world},
        {"figures agree with the tables and views", agree_with_the_tables},
        {"shares agree with the tables", agree_on_shares},
        {"what pods asked for is what nodes were used for", account_for_every_pod_on_every_node},
        {"the summary shows the same", show_the_same_everywhere},
        {"pods that never ran have a reason", say_why_pods_never_ran},
        {"replacements are followed", follow_replacements},
        {"the parameters are kept", keep_the_parameters},
        {"(the world is released)", release_the_world},
    };
    return wb_test_run("store figures", cases, WB_TEST_COUNT(cases));
}
