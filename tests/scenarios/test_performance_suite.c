/*
 * Karpenter's own performance suite, shipped as scenarios/performance: the limits that its CI holds
 * the real one to, read off the database in virtual time. Source: kubernetes-sigs/karpenter,
 * test/suites/performance (2026).
 *
 * Shares are of all nodes together. The suite scales in as soon as all pods run, then watches until
 * three minutes pass without a drain, or until the limit; what holds then is compared.
 */
#include <stdio.h>

#include "base/duration.h"
#include "tests/harness.h"
#include "tests/scenarios/run_fixture.h"

typedef struct limits {
    const char *name;     /* of the scenario's folder */
    int64_t scale_out_ms; /* all pods of the first step run so soon */
    int64_t change_ms;    /* the last step: scale-in, or the change that nodes drift from */
    int64_t watch_ms;     /* how long it may take from there */
    double cpu, memory;   /* shares reserved, before the last step and at the end */
    int64_t pods_after;   /* that run at the end */
    int64_t rest_ms;      /* by when it is at rest; later than watch_ms: the suite stops watching */
    bool is_drift;        /* every node is another one at the end */
} limits;

#define MINUTES(n) ((n)*WB_MS_PER_MINUTE)

static const limits suite[] = {
    {"basic", MINUTES(2), MINUTES(2), MINUTES(20), 0.53, 0.65, 700, 0, false},
    {"host-name-spreading", MINUTES(5), MINUTES(2), MINUTES(30), 0.38, 0.40, 700, 0, false},
    {"host-name-spreading-xl", MINUTES(35), MINUTES(2), MINUTES(35), 0.38, 0.40, 1400, 0, false},
    {"interference", MINUTES(5), MINUTES(4), MINUTES(25), 0.38, 0.40, 600, MINUTES(39), false},
    {"do-not-disrupt", MINUTES(4), MINUTES(2), MINUTES(35), 0.38, 0.40, 600, 0, false},
    {"wide-deployments", MINUTES(5), MINUTES(2), MINUTES(40), 0.20, 0.20, 700, 0, false},
    {"drift", MINUTES(5), MINUTES(2), MINUTES(50), 0.38, 0.40, 600, 0, true},
};

/* One number; ?1 is the run, ?2 the moment. */
static double ask(wb_run_fixture *fixture, const char *sql, int64_t run_id, int64_t at_ms)
{
    sqlite3_stmt *statement = NULL;
    CU_ASSERT_EQUAL_FATAL(sqlite3_prepare_v2(fixture->db, sql, -1, &statement, NULL), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_bind_int64(statement, 1, run_id), SQLITE_OK);
    if (sqlite3_bind_parameter_count(statement) > 1) {
        CU_ASSERT_EQUAL(sqlite3_bind_int64(statement, 2, at_ms), SQLITE_OK);
    }
    CU_ASSERT_EQUAL_FATAL(sqlite3_step(statement), SQLITE_ROW);
    const double value = sqlite3_column_double(statement, 0);
    CU_ASSERT_EQUAL(sqlite3_finalize(statement), SQLITE_OK);
    return value;
}

#define LAST_SAMPLE                                                                      \
    " FROM samples WHERE run_id = ?1 AND at_ms = (SELECT max(at_ms) FROM samples WHERE " \
    "run_id = ?1 AND at_ms <= ?2)"

/* The share of one resource that is reserved at a moment. */
static double cpu_share(wb_run_fixture *fixture, int64_t run_id, int64_t at_ms)
{
    return ask(fixture, "SELECT 1.0 * cpu_milli_requested / cpu_milli_allocatable" LAST_SAMPLE,
               run_id, at_ms);
}

static double memory_share(wb_run_fixture *fixture, int64_t run_id, int64_t at_ms)
{
    return ask(fixture,
               "SELECT 1.0 * memory_bytes_requested / memory_bytes_allocatable" LAST_SAMPLE, run_id,
               at_ms);
}

static double count_nodes(wb_run_fixture *fixture, int64_t run_id, int64_t at_ms)
{
    return ask(fixture, "SELECT nodes" LAST_SAMPLE, run_id, at_ms);
}

/* Pods that the first step made, on their way from creation to running. */
static void check_scale_out(wb_run_fixture *fixture, const limits *of, int64_t run_id)
{
    const double slowest_ms =
        ask(fixture,
            "SELECT max(coalesce(running_ms, 1e12)) FROM pods WHERE run_id = ?1 AND created_ms = 0",
            run_id, 0);
    const int64_t before_ms = of->change_ms - 1;
    CU_ASSERT(slowest_ms < (double)of->scale_out_ms);
    CU_ASSERT(slowest_ms < (double)of->change_ms);
    CU_ASSERT(cpu_share(fixture, run_id, before_ms) > of->cpu);
    CU_ASSERT(memory_share(fixture, run_id, before_ms) > of->memory);
    printf("\n    %-24s all run after %.1f s, %.0f nodes, %.0f %% CPU, %.0f %% memory;", of->name,
           slowest_ms / 1e3, count_nodes(fixture, run_id, before_ms),
           cpu_share(fixture, run_id, before_ms) * 100,
           memory_share(fixture, run_id, before_ms) * 100);
}

/* The last node that a command took away. */
static double rest_ms(wb_run_fixture *fixture, const limits *of, int64_t run_id)
{
    const double last_ms = ask(fixture,
                               "SELECT coalesce(max(n.gone_ms), 0) FROM command_nodes c JOIN nodes"
                               " n USING (run_id, node_id) WHERE run_id = ?1"
                               " AND role = 'candidate'",
                               run_id, 0);
    return last_ms - (double)of->change_ms;
}

static void check_end(wb_run_fixture *fixture, const limits *of, int64_t run_id)
{
    const int64_t end_ms = of->change_ms + of->watch_ms;
    const double after_ms = rest_ms(fixture, of, run_id);
    const double nodes = count_nodes(fixture, run_id, end_ms);
    printf(" then %.0f nodes, %.0f %% CPU, %.0f %% memory, %s after %.1f min", nodes,
           cpu_share(fixture, run_id, end_ms) * 100, memory_share(fixture, run_id, end_ms) * 100,
           after_ms < (double)of->watch_ms ? "at rest" : "still moving, at rest", after_ms / 6e4);
    CU_ASSERT(cpu_share(fixture, run_id, end_ms) > of->cpu);
    CU_ASSERT(memory_share(fixture, run_id, end_ms) > of->memory);
    CU_ASSERT_EQUAL(ask(fixture, "SELECT pods_running" LAST_SAMPLE, run_id, end_ms),
                    (double)of->pods_after);
    CU_ASSERT(after_ms > 0);
    CU_ASSERT(after_ms < (double)(of->rest_ms > 0 ? of->rest_ms : of->watch_ms));
    if (!of->is_drift) {
        CU_ASSERT(nodes < count_nodes(fixture, run_id, of->change_ms - 1));
        return;
    }
    const double old_nodes = ask(fixture,
                                 "SELECT count(*) FROM nodes WHERE run_id = ?1 AND added_ms < ?2"
                                 " AND gone_ms IS NULL",
                                 run_id, of->change_ms);
    CU_ASSERT_EQUAL(old_nodes, 0.0);
}

/* Nothing that says do-not-disrupt is ever evicted, and no pod is lost. */
static void check_pods(wb_run_fixture *fixture, int64_t run_id)
{
    CU_ASSERT_EQUAL(ask(fixture,
                        "SELECT count(*) FROM pods WHERE run_id = ?1 AND owner = 'protected' AND"
                        " replaces IS NOT NULL",
                        run_id, 0),
                    0.0);
    CU_ASSERT_EQUAL(ask(fixture,
                        "SELECT pods_lost + pods_unscheduled FROM figures WHERE run_id = ?1",
                        run_id, 0),
                    0.0);
}

static void check(const limits *of)
{
    char name[64];
    (void)snprintf(name, sizeof name, "performance/%s", of->name);
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    CU_ASSERT_FATAL(wb_run_fixture_load_shipped(&fixture, name));
    const wb_run_figures figures = wb_run_fixture_run(&fixture, 0, WB_EVENT_QUEUE_CALENDAR);
    check_scale_out(&fixture, of, figures.run_id);
    check_end(&fixture, of, figures.run_id);
    check_pods(&fixture, figures.run_id);
    wb_run_fixture_release(&fixture);
}

/* What keeps interference moving: 150 small pods on nodes that large ones have left. One command
 * each, 15 s apart, since that is how long the loop waits to look at one again; none twice. */
static void check_interference(void)
{
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    CU_ASSERT_FATAL(wb_run_fixture_load_shipped(&fixture, "performance/interference"));
    const int64_t run_id = wb_run_fixture_run(&fixture, 0, WB_EVENT_QUEUE_CALENDAR).run_id;
    static const char of_singles[] = " FROM commands WHERE run_id = ?1 AND state = 'done' AND "
                                     "method = 'single-node consolidation'";
    char sql[256];
    (void)snprintf(sql, sizeof sql, "SELECT count(*)%s", of_singles);
    CU_ASSERT_EQUAL(ask(&fixture, sql, run_id, 0), 150.0);
    (void)snprintf(sql, sizeof sql, "SELECT max(found_ms) - min(found_ms)%s", of_singles);
    CU_ASSERT_EQUAL(ask(&fixture, sql, run_id, 0), 149 * 15e3);
    CU_ASSERT_EQUAL(ask(&fixture,
                        "SELECT count(*) FROM commands WHERE run_id = ?1 AND state <> 'done'",
                        run_id, 0),
                    0.0);
    CU_ASSERT_EQUAL(ask(&fixture,
                        "SELECT count(*) FROM nodes WHERE run_id = ?1 AND gone_ms IS NULL AND "
                        "instance_type = 'c5.large'",
                        run_id, 0),
                    400.0);
    wb_run_fixture_release(&fixture);
}

#ifdef WB_DEBUG_CHECKS /* every solve is checked a second time, slowly: the small cases will do */
#    define CASE_COUNT 2
#else
#    define CASE_COUNT WB_TEST_COUNT(suite)
#endif

static void check_suite(void)
{
    for (size_t i = 0; i < CASE_COUNT; i++) {
        check(&suite[i]);
    }
    printf("\n  ");
}

static const wb_test_case cases[] = {
    {"the suite's limits are met in virtual time", check_suite},
    {"interference takes a command for each node that is too large", check_interference},
};

int main(void)
{
    return wb_test_run("performance suite", cases, WB_TEST_COUNT(cases));
}
