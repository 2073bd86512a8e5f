/*
 * Workloads under a controller here: scaling, rolling, Jobs and CronJobs.
 */
#include <string.h>

#include "tests/harness.h"
#include "tests/sim/cluster_fixture.h"

static const wb_owner *owner_of(const wb_cluster_fixture *f, uint32_t owner_id)
{
    return &f->cluster.owners[owner_id];
}

static wb_cluster_options slow_start(void)
{
    wb_cluster_options options = wb_cluster_default_options();
    options.pod_start_ms = 2000;
    return options;
}

/* Names of the living pods that are not terminating, oldest first, with a blank after each. */
static void list_names(const wb_cluster_fixture *f, char *out, size_t size)
{
    size_t length = 0;
    out[0] = '\0';
    for (uint32_t id = 0; id < f->cluster.pods.count; id++) {
        if (f->cluster.pods.state[id] < WB_POD_STATE_TERMINATING) {
            length +=
                (size_t)snprintf(out + length, size - length, "%s ", f->cluster.pods.name[id]);
        }
    }
}

#define ASSERT_NAMES(fixture, expected)               \
    do {                                              \
        char names_text[512];                         \
        list_names(fixture, names_text, 512);         \
        CU_ASSERT_STRING_EQUAL(names_text, expected); \
        if (strcmp(names_text, expected) != 0) {      \
            printf("\n    living: %s\n", names_text); \
        }                                             \
    } while (0)

/* ---- scaling ---- */

static void test_scale(void)
{
    static const wb_owner_kind kinds[] = {WB_OWNER_DEPLOYMENT, WB_OWNER_REPLICA_SET,
                                          WB_OWNER_REPLICATION_CONTROLLER};
    for (size_t i = 0; i < WB_TEST_COUNT(kinds); i++) {
        wb_cluster_fixture f;
        wb_cluster_fixture_init(&f, NULL);
        (void)wb_cluster_fixture_node(&f, "n1", 4);
        wb_workload web = wb_cluster_fixture_workload(&f, kinds[i], "web", 3);
        const uint32_t owner_id = wb_cluster_fixture_apply(&f, &web);
        ASSERT_NAMES(&f, "web-0 web-1 web-2 ");
        CU_ASSERT_EQUAL(owner_of(&f, owner_id)->desired_replicas, 3);
        wb_cluster_fixture_run(&f, 1000);
        web.replicas = 5;
        (void)wb_cluster_fixture_apply(&f, &web);
        ASSERT_NAMES(&f, "web-0 web-1 web-2 web-3 web-4 ");
        wb_cluster_fixture_run(&f, 2000);
        web.replicas = 2;
        (void)wb_cluster_fixture_apply(&f, &web);
        ASSERT_NAMES(&f, "web-0 web-1 ");
        CU_ASSERT(wb_cluster_scale_workload(&f.cluster, kinds[i], WB_NAME_DEFAULT, web.name, 0));
        CU_ASSERT_FALSE(
            wb_cluster_scale_workload(&f.cluster, kinds[i], WB_NAME_KUBE_SYSTEM, web.name, 1));
        wb_cluster_fixture_run(&f, 9000);
        CU_ASSERT_EQUAL(owner_of(&f, owner_id)->living_count, 0);
        CU_ASSERT_EQUAL(f.cluster.eviction_count, 0);
        wb_cluster_fixture_release(&f);
    }
}

/* Which of the pods go first; each row is one pair, the first of which must go. */
static void test_scale_down_order(void)
{
    const wb_cluster_options options = slow_start();
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, &options);
    wb_cluster *c = &f.cluster;
    const uint32_t ready = wb_cluster_fixture_node(&f, "ready", 1);
    const uint32_t broken = wb_cluster_fixture_node(&f, "broken", 1);
    wb_workload web = wb_cluster_fixture_workload(&f, WB_OWNER_DEPLOYMENT, "web", 2);
    web.template = wb_cluster_fixture_template(&f, "web", 500, 1);
    (void)wb_cluster_fixture_apply(&f, &web); /* web-0 and web-1 fill the first node */
    wb_cluster_fixture_run(&f, 5000);
    web.replicas = 4;
    (void)wb_cluster_fixture_apply(&f, &web); /* web-2 and web-3 fill the second */
    wb_cluster_fixture_run(&f, 10000);
    wb_cluster_set_node_ready(c, broken, false);
    web.replicas = 5;
    (void)wb_cluster_fixture_apply(&f, &web);
    (void)wb_cluster_fixture_node(&f, "third", 1);
    wb_cluster_fixture_run(&f, 11000); /* web-4 starts there */
    wb_cluster_cordon_node(c, 2, true);
    web.replicas = 6;
    (void)wb_cluster_fixture_apply(&f, &web); /* web-5 stays pending */
    wb_cluster_fixture_run(&f, 11500);
    static const char *const left[] = {
        "web-0 web-1 web-2 web-3 web-4 ", /* not scheduled */
        "web-0 web-1 web-2 web-3 ",       /* not started */
        "web-0 web-1 web-2 ",             /* on a node that is not ready, the newer */
        "web-0 web-1 ",
        "web-0 ", /* the newer */
    };
    for (int32_t i = 0; i < 5; i++) {
        web.replicas = 5 - i;
        (void)wb_cluster_fixture_apply(&f, &web);
        ASSERT_NAMES(&f, left[i]);
    }
    (void)ready;
    wb_cluster_fixture_release(&f);
}

static void test_deletion_cost(void)
{
    static const struct {
        const char *text;
        int32_t cost;
    } rows[] = {{"-5", -5},        {"100", 100}, {"2147483647", INT32_MAX},
                {"2147483648", 0}, {"1.5", 0},   {"+5", 0},
                {"", 0},           {"many", 0}};
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    const wb_labels none = {NULL, 0};
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_pod_template *template = wb_cluster_fixture_template(&f, "web", 100, (int64_t)i);
        template->annotations = wb_labels_with(&f.arena, none, WB_NAME_POD_DELETION_COST,
                                               wb_intern_add(&f.intern, rows[i].text));
        const uint32_t shape = wb_cluster_add_shape(&f.cluster, template, WB_NAME_DEFAULT);
        CU_ASSERT_EQUAL(f.cluster.shapes[shape].deletion_cost, rows[i].cost);
    }
    wb_cluster_fixture_release(&f);
}

/* Cheaper pods go first, although they are older. */
static void test_deletion_cost_order(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    (void)wb_cluster_fixture_node(&f, "n1", 4);
    static const char *const costs[] = {"-5", "100"};
    wb_workload web = wb_cluster_fixture_workload(&f, WB_OWNER_REPLICA_SET, "web", 0);
    for (int64_t i = 0; i < 2; i++) {
        const wb_labels none = {NULL, 0};
        wb_pod_template *template = wb_cluster_fixture_template(&f, "web", 100, 1);
        template->annotations = wb_labels_with(&f.arena, none, WB_NAME_POD_DELETION_COST,
                                               wb_intern_add(&f.intern, costs[i]));
        web.template = template;
        web.replicas += 2;
        (void)wb_cluster_fixture_apply(&f, &web);
        wb_cluster_fixture_run(&f, (i + 1) * 1000);
    }
    web.replicas = 3;
    (void)wb_cluster_fixture_apply(&f, &web);
    ASSERT_NAMES(&f, "web-0 web-2 web-3 ");
    wb_cluster_fixture_release(&f);
}

/* ---- rolling ---- */

/* Ten pods of a Deployment get a new template; a start takes 2 s, a stop 1 s. */
static const struct {
    const char *name;
    int32_t surge, unavailable;
    uint32_t least_running, most_living; /* at any time; living: not terminating */
    int64_t done_ms;                     /* after the change */
} roll_rows[] = {
    {"a surge keeps all available", 3, 0, 10, 13, 8000},
    {"without a surge some are missing", 0, 2, 8, 10, 10000},
    {"the default: a quarter up and down", 3, 2, 8, 13, 4000},
    {"all at once", 10, 10, 0, 10, 2000},
    {"neither: one at a time all the same", 0, 0, 9, 10, 20000},
};

static void check_roll(size_t row)
{
    const wb_cluster_options options = slow_start();
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, &options);
    (void)wb_cluster_fixture_node(&f, "n1", 64);
    wb_workload web = wb_cluster_fixture_workload(&f, WB_OWNER_DEPLOYMENT, "web", 10);
    web.max_surge = roll_rows[row].surge;
    web.max_unavailable = roll_rows[row].unavailable;
    const uint32_t owner_id = wb_cluster_fixture_apply(&f, &web);
    wb_cluster_fixture_run(&f, 10000);
    web.template = wb_cluster_fixture_template(&f, "web", 200, 1);
    (void)wb_cluster_fixture_apply(&f, &web);
    uint32_t least = UINT32_MAX;
    uint32_t most = 0;
    int64_t done_ms = -1;
    for (int64_t ms = 0; ms <= 40000; ms += 250) {
        wb_cluster_fixture_run(&f, 10000 + ms);
        const uint32_t running = f.cluster.running_count;
        const uint32_t active = owner_of(&f, owner_id)->active_count;
        least = running < least ? running : least;
        most = active > most ? active : most;
        uint32_t fresh = 0;
        for (uint32_t id = 0; id < f.cluster.pods.count; id++) {
            fresh += f.cluster.pods.state[id] == WB_POD_STATE_RUNNING &&
                             wb_cluster_pod_template(&f.cluster, id) == web.template
                         ? 1U
                         : 0U;
        }
        done_ms = done_ms < 0 && fresh == 10 ? ms : done_ms;
    }
    CU_ASSERT_EQUAL(least, roll_rows[row].least_running);
    CU_ASSERT_EQUAL(most, roll_rows[row].most_living);
    CU_ASSERT_EQUAL(done_ms, roll_rows[row].done_ms);
    CU_ASSERT_EQUAL(owner_of(&f, owner_id)->living_count, 10);
    if (done_ms != roll_rows[row].done_ms || least != roll_rows[row].least_running) {
        printf("\n    least %u most %u done %lld\n", least, most, (long long)done_ms);
    }
    wb_cluster_fixture_release(&f);
}

static void test_rolls(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(roll_rows); i++) {
        const unsigned failures = CU_get_number_of_failures();
        check_roll(i);
        if (CU_get_number_of_failures() != failures) {
            printf("\n    failed: %s\n", roll_rows[i].name);
        }
    }
}

/* Without a node nothing becomes available: as in Kubernetes, old pods go only as far as
 * replicas - maxUnavailable allows, counting new ones that do not run as missing. */
static void test_stuck_roll(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_workload web = wb_cluster_fixture_workload(&f, WB_OWNER_DEPLOYMENT, "web", 10);
    web.max_surge = 3;
    web.max_unavailable = 2;
    const uint32_t owner_id = wb_cluster_fixture_apply(&f, &web);
    web.template = wb_cluster_fixture_template(&f, "web", 200, 1);
    (void)wb_cluster_fixture_apply(&f, &web);
    wb_cluster_fixture_run(&f, 60000);
    uint32_t fresh = 0;
    for (uint32_t id = 0; id < f.cluster.pods.count; id++) {
        fresh += f.cluster.pods.state[id] == WB_POD_STATE_PENDING &&
                         wb_cluster_pod_template(&f.cluster, id) == web.template
                     ? 1U
                     : 0U;
    }
    CU_ASSERT_EQUAL(owner_of(&f, owner_id)->active_count, 13);
    CU_ASSERT_EQUAL(fresh, 5);
    wb_cluster_fixture_release(&f);
}

static void test_replica_set_does_not_roll(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    (void)wb_cluster_fixture_node(&f, "n1", 4);
    wb_workload web = wb_cluster_fixture_workload(&f, WB_OWNER_REPLICA_SET, "web", 2);
    (void)wb_cluster_fixture_apply(&f, &web);
    wb_cluster_fixture_run(&f, 1000);
    web.template = wb_cluster_fixture_template(&f, "web", 200, 1);
    (void)wb_cluster_fixture_apply(&f, &web);
    wb_cluster_fixture_run(&f, 9000);
    ASSERT_NAMES(&f, "web-0 web-1 ");
    (void)wb_cluster_evict_pod(&f.cluster, 0, WB_CAUSE_DRIFT);
    wb_cluster_fixture_run(&f, 19000);
    ASSERT_NAMES(&f, "web-1 web-2 ");
    CU_ASSERT_EQUAL(wb_cluster_pod_template(&f.cluster, 2), web.template);
    wb_cluster_fixture_release(&f);
}

/* ---- eviction under a controller ---- */

static void test_controlled_eviction(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    (void)wb_cluster_fixture_node(&f, "n1", 4);
    const wb_workload web = wb_cluster_fixture_workload(&f, WB_OWNER_DEPLOYMENT, "web", 2);
    const wb_workload db = wb_cluster_fixture_workload(&f, WB_OWNER_STATEFUL_SET, "db", 2);
    (void)wb_cluster_fixture_apply(&f, &web);
    (void)wb_cluster_fixture_apply(&f, &db);
    wb_cluster_fixture_run(&f, 1000);
    const uint32_t web_1 = wb_cluster_fixture_find(&f, "web-1");
    const uint32_t db_0 = wb_cluster_fixture_find(&f, "db-0");
    (void)wb_cluster_evict_pod(c, web_1, WB_CAUSE_DRIFT);
    (void)wb_cluster_evict_pod(c, db_0, WB_CAUSE_DRIFT);
    ASSERT_NAMES(&f, "web-0 db-1 web-2 "); /* the Deployment's at once */
    CU_ASSERT_STRING_EQUAL(c->pods.name[c->pods.replaced_by[web_1]], "web-2");
    wb_cluster_fixture_run(&f, 1500);
    ASSERT_NAMES(&f, "web-0 db-1 web-2 ");
    wb_cluster_fixture_run(&f, 3000);
    ASSERT_NAMES(&f, "web-0 db-1 web-2 db-0 "); /* the StatefulSet's when the name is free */
    CU_ASSERT_EQUAL(c->pods.state[db_0], WB_POD_STATE_EVICTED);
    CU_ASSERT_EQUAL(c->pods.replaced_by[db_0], wb_cluster_fixture_find(&f, "db-0"));
    wb_cluster_delete_pod(c, wb_cluster_fixture_find(&f, "web-0"), WB_CAUSE_WORKLOAD);
    wb_cluster_fixture_run(&f, 5000); /* deleted by hand: created again all the same */
    ASSERT_NAMES(&f, "db-1 web-2 db-0 web-3 ");
    CU_ASSERT_EQUAL(c->eviction_count, 2);
    wb_cluster_fixture_release(&f);
}

/* ---- StatefulSet ---- */

static void test_stateful_scale(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    (void)wb_cluster_fixture_node(&f, "n1", 4);
    wb_workload db = wb_cluster_fixture_workload(&f, WB_OWNER_STATEFUL_SET, "db", 3);
    const uint32_t owner_id = wb_cluster_fixture_apply(&f, &db);
    ASSERT_NAMES(&f, "db-0 db-1 db-2 ");
    wb_cluster_fixture_run(&f, 1000);
    db.replicas = 1;
    (void)wb_cluster_fixture_apply(&f, &db);
    ASSERT_NAMES(&f, "db-0 ");
    db.replicas = 3; /* the ordinals are still taken for a second */
    (void)wb_cluster_fixture_apply(&f, &db);
    ASSERT_NAMES(&f, "db-0 ");
    wb_cluster_fixture_run(&f, 5000);
    CU_ASSERT_EQUAL(owner_of(&f, owner_id)->active_count, 3);
    CU_ASSERT_NOT_EQUAL(wb_cluster_fixture_find(&f, "db-2"), WB_NO_ID);
    CU_ASSERT(
        wb_cluster_delete_workload(&f.cluster, WB_OWNER_STATEFUL_SET, WB_NAME_DEFAULT, db.name));
    (void)wb_cluster_fixture_apply(&f, &db); /* while the old ones stop */
    wb_cluster_fixture_run(&f, 9000);
    CU_ASSERT_EQUAL(owner_of(&f, owner_id)->living_count, 3);
    wb_cluster_fixture_release(&f);
}

static void test_stateful_roll(void)
{
    const wb_cluster_options options = slow_start();
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, &options);
    (void)wb_cluster_fixture_node(&f, "n1", 8);
    wb_workload db = wb_cluster_fixture_workload(&f, WB_OWNER_STATEFUL_SET, "db", 3);
    const uint32_t owner_id = wb_cluster_fixture_apply(&f, &db);
    wb_cluster_fixture_run(&f, 10000);
    db.template = wb_cluster_fixture_template(&f, "db", 200, 1);
    (void)wb_cluster_fixture_apply(&f, &db);
    /* Each takes 1 s to stop and 2 s to start: db-2 at 13 s, db-1 at 16 s, db-0 at 19 s. */
    static const struct {
        int64_t at_ms;
        const char *names;
        int64_t requested_milli;
    } steps[] = {{10000, "db-0 db-1 ", 300}, {11000, "db-0 db-1 db-2 ", 400},
                 {13000, "db-0 db-2 ", 400}, {14000, "db-0 db-2 db-1 ", 500},
                 {16000, "db-2 db-1 ", 500}, {17000, "db-2 db-1 db-0 ", 600}};
    for (size_t i = 0; i < WB_TEST_COUNT(steps); i++) {
        wb_cluster_fixture_run(&f, steps[i].at_ms);
        ASSERT_NAMES(&f, steps[i].names);
        CU_ASSERT_EQUAL(f.cluster.nodes[0].requested[0], steps[i].requested_milli);
    }
    wb_cluster_fixture_run(&f, 19000);
    CU_ASSERT_EQUAL(f.cluster.running_count, 3);
    CU_ASSERT_EQUAL(owner_of(&f, owner_id)->living_count, 3);
    wb_cluster_fixture_release(&f);
}

/* ---- Jobs ---- */

static wb_workload job_of(wb_cluster_fixture *f, int32_t completions, int32_t parallelism)
{
    wb_workload job = wb_cluster_fixture_workload(f, WB_OWNER_JOB, "job", 0);
    job.completions = completions;
    job.parallelism = parallelism;
    return job;
}

static void test_job(void)
{
    wb_cluster_options options = wb_cluster_default_options();
    options.job_duration_ms = 10000;
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, &options);
    (void)wb_cluster_fixture_node(&f, "n1", 4);
    const wb_workload job = job_of(&f, 5, 2);
    const uint32_t owner_id = wb_cluster_fixture_apply(&f, &job);
    static const uint32_t active[] = {2, 2, 1, 0}; /* 2 + 2 + 1 */
    for (size_t i = 0; i < WB_TEST_COUNT(active); i++) {
        wb_cluster_fixture_run(&f, (int64_t)i * 10000 + 5000);
        CU_ASSERT_EQUAL(owner_of(&f, owner_id)->active_count, active[i]);
    }
    CU_ASSERT_EQUAL(f.cluster.pods.count, 5);
    (void)wb_cluster_fixture_apply(&f, &job); /* complete: applying it again does nothing */
    CU_ASSERT_EQUAL(f.cluster.pods.count, 5);
    wb_cluster_fixture_release(&f);
}

static void test_job_duration(void)
{
    static const struct {
        const char *annotation;
        int64_t duration_ms;
    } rows[] = {{NULL, 60000}, {"90s", 90000}, {"1h30m", 5400000}, {"soon", 60000}, {"-5s", 60000}};
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_cluster_fixture f;
        wb_cluster_fixture_init(&f, NULL);
        wb_workload job = job_of(&f, 1, 1);
        wb_pod_template *template = wb_cluster_fixture_template(&f, "job", 100, 1);
        if (rows[i].annotation != NULL) {
            const wb_labels none = {NULL, 0};
            template->annotations =
                wb_labels_with(&f.arena, none, wb_intern_add(&f.intern, "werkbank/duration"),
                               wb_intern_add(&f.intern, rows[i].annotation));
        }
        job.template = template;
        (void)wb_cluster_fixture_apply(&f, &job);
        CU_ASSERT_EQUAL(f.cluster.pods.duration_ms[0], rows[i].duration_ms);
        wb_cluster_fixture_release(&f);
    }
}

static void test_job_backoff(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    (void)wb_cluster_fixture_node(&f, "n1", 4);
    wb_workload job = job_of(&f, 3, 2);
    job.backoff_limit = 1;
    const uint32_t owner_id = wb_cluster_fixture_apply(&f, &job);
    wb_cluster_fixture_run(&f, 1000);
    (void)wb_cluster_evict_pod(c, 0, WB_CAUSE_DRIFT);
    CU_ASSERT_EQUAL(c->pods.replaced_by[0], 2); /* at once, the first failure is allowed */
    CU_ASSERT_EQUAL(c->pods.duration_ms[2], 60000);
    wb_cluster_fixture_run(&f, 3000);
    (void)wb_cluster_evict_pod(c, 1, WB_CAUSE_DRIFT); /* the second is one too many */
    wb_cluster_fixture_run(&f, 10000);
    CU_ASSERT_EQUAL(c->pods.state[0], WB_POD_STATE_EVICTED);
    CU_ASSERT_EQUAL(c->pods.state[1], WB_POD_STATE_LOST);
    CU_ASSERT_EQUAL(c->pods.state[2], WB_POD_STATE_DELETED);
    CU_ASSERT_EQUAL(owner_of(&f, owner_id)->living_count, 0);
    CU_ASSERT_EQUAL(c->pods.count, 3);
    CU_ASSERT_EQUAL(c->lost_count, 1);
    wb_cluster_fixture_release(&f);
}

static void test_job_suspended(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_workload job = job_of(&f, 1, 1);
    job.is_suspended = true;
    const uint32_t owner_id = wb_cluster_fixture_apply(&f, &job);
    CU_ASSERT_EQUAL(f.cluster.pods.count, 0);
    job.is_suspended = false;
    (void)wb_cluster_fixture_apply(&f, &job);
    CU_ASSERT_EQUAL(owner_of(&f, owner_id)->active_count, 1);
    job.is_suspended = true;
    (void)wb_cluster_fixture_apply(&f, &job);
    CU_ASSERT_EQUAL(owner_of(&f, owner_id)->active_count, 0);
    wb_cluster_fixture_release(&f);
}

/* ---- CronJobs ---- */

static void test_cron_job(void)
{
    wb_cluster_options options = wb_cluster_default_options();
    options.epoch_unix_ms = INT64_C(1767225600000) + 90000; /* 2026-01-01 00:01:30 UTC */
    options.job_duration_ms = 420000;                       /* 7 min: two overlap */
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, &options);
    wb_cluster *c = &f.cluster;
    (void)wb_cluster_fixture_node(&f, "n1", 4);
    wb_workload cron = wb_cluster_fixture_workload(&f, WB_OWNER_CRON_JOB, "tick", 0);
    cron.schedule = wb_intern_add(&f.intern, "*/5 * * * *");
    (void)wb_cluster_fixture_apply(&f, &cron);
    wb_cluster_fixture_run(&f, 209999);
    CU_ASSERT_EQUAL(c->pods.count, 0);
    wb_cluster_fixture_run(&f, 210000); /* 00:05:00 */
    ASSERT_NAMES(&f, "tick-29453765-0 ");
    wb_cluster_fixture_run(&f, 510000);
    ASSERT_NAMES(&f, "tick-29453765-0 tick-29453770-0 ");
    wb_cluster_fixture_run(&f, 3600000);
    CU_ASSERT_EQUAL(c->pods.count, 12);
    CU_ASSERT(c->workload_count <= 4); /* rows of finished Jobs are used again */
    cron.is_suspended = true;
    (void)wb_cluster_fixture_apply(&f, &cron);
    wb_cluster_fixture_run(&f, 7200000);
    CU_ASSERT_EQUAL(c->pods.count, 12);
    cron.is_suspended = false;
    cron.schedule = wb_intern_add(&f.intern, "@hourly");
    (void)wb_cluster_fixture_apply(&f, &cron);
    wb_cluster_fixture_run(&f, 7200000 + 3600000 - 60000);
    CU_ASSERT_EQUAL(c->pods.count, 13);
    CU_ASSERT(wb_cluster_delete_workload(c, WB_OWNER_CRON_JOB, WB_NAME_DEFAULT, cron.name));
    wb_cluster_fixture_run(&f, 90000000);
    CU_ASSERT_EQUAL(c->pods.count, 13);
    CU_ASSERT_EQUAL(c->running_count, 0);
    wb_cluster_fixture_release(&f);
}

static void test_cron_job_deleted_with_its_jobs(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    wb_workload cron = wb_cluster_fixture_workload(&f, WB_OWNER_CRON_JOB, "tick", 0);
    cron.schedule = wb_intern_add(&f.intern, "* * * * *");
    (void)wb_cluster_fixture_apply(&f, &cron);
    wb_cluster_fixture_run(&f, 180000); /* no node: three pending pods */
    CU_ASSERT_EQUAL(c->pending_count, 3);
    CU_ASSERT(wb_cluster_delete_workload(c, WB_OWNER_CRON_JOB, WB_NAME_DEFAULT, cron.name));
    wb_cluster_check(c);
    CU_ASSERT_EQUAL(c->pending_count, 0);
    wb_cluster_fixture_run(&f, 900000);
    CU_ASSERT_EQUAL(c->pods.count, 3);
    wb_cluster_fixture_release(&f);
}

/* ---- what is refused ---- */

static void test_refused(void)
{
    wb_cluster_options options = wb_cluster_default_options();
    options.pod_limit = 100;
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, &options);
    wb_cluster *c = &f.cluster;
    wb_error err;
    wb_workload workload = wb_cluster_fixture_workload(&f, WB_OWNER_OTHER, "web", 3);
    CU_ASSERT_EQUAL(wb_cluster_apply_workload(c, &workload, &err), WB_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(err.text, "'web' is of a kind that makes no pods here");
    workload.kind = WB_OWNER_DEPLOYMENT;
    workload.replicas = 101;
    CU_ASSERT_EQUAL(wb_cluster_apply_workload(c, &workload, &err), WB_ERR_LIMIT);
    CU_ASSERT_STRING_EQUAL(err.text, "'web' asks for 101 replicas, more than 100 (limits.pods)");
    workload.replicas = 1;
    const wb_pod_create create = {.owner_id =
                                      wb_cluster_fixture_owner(&f, WB_OWNER_DEPLOYMENT, "web"),
                                  .bound_node_id = WB_NO_ID,
                                  .replaces = WB_NO_ID};
    (void)wb_cluster_fixture_pod(&f, "p", "web", create);
    CU_ASSERT_EQUAL(wb_cluster_apply_workload(c, &workload, &err), WB_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(err.text, "'web' has pods of the trace, which drives it");
    workload.kind = WB_OWNER_CRON_JOB;
    workload.schedule = wb_intern_add(&f.intern, "0 0 * *");
    CU_ASSERT_EQUAL(wb_cluster_apply_workload(c, &workload, &err), WB_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(err.text, "'0 0 * *' has 4 fields, a cron schedule has 5");
    CU_ASSERT_EQUAL(c->pods.count, 1);
    wb_cluster_fixture_release(&f);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"replicas scale up and down", test_scale},
        {"the least valuable pods go first", test_scale_down_order},
        {"pod-deletion-cost is a 32-bit integer or nothing", test_deletion_cost},
        {"a lower pod-deletion-cost goes first", test_deletion_cost_order},
        {"a new template rolls within its bounds", test_rolls},
        {"a roll without room stops half-way", test_stuck_roll},
        {"a ReplicaSet does not roll", test_replica_set_does_not_roll},
        {"a controller creates evicted pods again", test_controlled_eviction},
        {"a StatefulSet scales by ordinal", test_stateful_scale},
        {"a StatefulSet rolls from the top, one by one", test_stateful_roll},
        {"a Job runs to its completions", test_job},
        {"a Job's pod runs as long as annotated", test_job_duration},
        {"a Job gives up past its backoff limit", test_job_backoff},
        {"a suspended Job has no pods", test_job_suspended},
        {"a CronJob makes Jobs by the calendar", test_cron_job},
        {"a CronJob takes its Jobs along", test_cron_job_deleted_with_its_jobs},
        {"what can't be put in force is refused", test_refused},
    };
    return wb_test_run("sim/cluster workloads", cases, WB_TEST_COUNT(cases));
}
