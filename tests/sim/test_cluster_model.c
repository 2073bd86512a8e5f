/*
 * Random programs of verbs; after each step everything is recomputed from the pods' rows and must
 * agree (wb_cluster_check), and a few laws hold. Two runs of one seed end in the same rows.
 */
#include <string.h>

#include "base/digest.h"
#include "base/random.h"
#include "tests/harness.h"
#include "tests/sim/cluster_fixture.h"

enum {
    SEED_COUNT = 12,
    STEP_COUNT = 700,
    NAME_BYTES = 32
};

typedef struct model_run {
    wb_cluster_fixture fixture;
    uint64_t seed, draw;
    uint32_t named; /* things named so far */
} model_run;

static uint32_t below(model_run *run, uint32_t bound)
{
    const wb_random_key key = {run->seed, WB_RANDOM_TEST, 0};
    return (uint32_t)wb_random_below(key, run->draw++, bound);
}

static const char *const apps[] = {"web", "db", "api"};

/* ---- steps ---- */

static void create_pod(model_run *run)
{
    static const wb_owner_kind kinds[] = {WB_OWNER_NONE,         WB_OWNER_REPLICA_SET,
                                          WB_OWNER_STATEFUL_SET, WB_OWNER_JOB,
                                          WB_OWNER_OTHER,        WB_OWNER_DAEMON_SET};
    wb_cluster_fixture *f = &run->fixture;
    char name[NAME_BYTES];
    (void)snprintf(name, sizeof(name), "p-%u", run->named++);
    const int64_t ms = (int64_t)below(run, 60000);
    const wb_pod_create create = {
        /* Not the names of workloads below: an owner has one driver. */
        .owner_id = wb_cluster_fixture_owner(f, kinds[below(run, WB_TEST_COUNT(kinds))], "traced"),
        .lifetime = (wb_lifetime_kind)below(run, 3),
        .end_ms = f->kernel.now_ms + ms,
        .duration_ms = ms,
        .is_checkpointed = below(run, 2) == 0,
        .bound_node_id = WB_NO_ID,
        .replaces = WB_NO_ID,
    };
    (void)wb_cluster_fixture_pod(f, name, apps[below(run, 3)], create);
}

static void add_node(model_run *run)
{
    char name[NAME_BYTES];
    (void)snprintf(name, sizeof(name), "n-%u", run->named++);
    if (below(run, 2) == 0) {
        (void)wb_cluster_fixture_node(&run->fixture, name, 1 + below(run, 3));
    } else {
        (void)wb_cluster_fixture_new_node(&run->fixture, name, 1 + below(run, 3));
    }
}

static void change_node(model_run *run)
{
    wb_cluster *c = &run->fixture.cluster;
    if (c->living_node_count == 0) {
        return;
    }
    const uint32_t id = c->living_nodes[below(run, c->living_node_count)];
    const wb_taint taint = {WB_NAME_TAINT_DISRUPTED, 0,
                            (wb_taint_effect)(WB_TAINT_NO_SCHEDULE + below(run, 3))};
    switch (below(run, 8)) {
    case 0:
        wb_cluster_remove_node(c, id, below(run, 4) == 0 ? WB_CAUSE_HORIZON : WB_CAUSE_DRIFT);
        break;
    case 1: wb_cluster_cordon_node(c, id, below(run, 2) == 0); break;
    case 2: wb_cluster_add_node_taint(c, id, taint); break;
    case 3: (void)wb_cluster_remove_node_taint(c, id, taint.key, taint.effect); break;
    case 4: wb_cluster_set_node_label(c, id, WB_NAME_ZONE, WB_NAME_TRUE + below(run, 2)); break;
    case 5: wb_cluster_set_node_draining(c, id, below(run, 2) == 0); break;
    default: wb_cluster_set_node_ready(c, id, below(run, 3) != 0); break;
    }
}

static void take_pod(model_run *run)
{
    wb_cluster *c = &run->fixture.cluster;
    if (c->pods.count == 0) {
        return;
    }
    const uint32_t id = below(run, c->pods.count);
    const uint64_t refused = c->eviction_refused_count;
    switch (below(run, 4)) {
    case 0: wb_cluster_delete_pod(c, id, WB_CAUSE_WORKLOAD); break;
    case 1: wb_cluster_kill_pod(c, id, WB_CAUSE_PREEMPTION, (int64_t)below(run, 3000) - 1); break;
    default: (void)wb_cluster_evict_pod(c, id, WB_CAUSE_CONSOLIDATION); break;
    }
    CU_ASSERT(c->pdb_count > 0 || c->eviction_refused_count == refused);
}

static void apply_workload(model_run *run)
{
    static const wb_owner_kind kinds[] = {WB_OWNER_DEPLOYMENT, WB_OWNER_STATEFUL_SET,
                                          WB_OWNER_DAEMON_SET, WB_OWNER_JOB, WB_OWNER_CRON_JOB};
    wb_cluster_fixture *f = &run->fixture;
    const wb_owner_kind kind = kinds[below(run, WB_TEST_COUNT(kinds))];
    const char *app = apps[below(run, 3)];
    char name[NAME_BYTES]; /* of two kinds never the same: their pods' names would clash */
    (void)snprintf(name, sizeof(name), "%s-%d", app, (int)kind);
    if (below(run, 6) == 0) {
        (void)wb_cluster_delete_workload(&f->cluster, kind, WB_NAME_DEFAULT,
                                         wb_intern_add(&f->intern, name));
        return;
    }
    wb_workload workload = wb_cluster_fixture_workload(f, kind, name, (int32_t)below(run, 9));
    wb_pod_template *template = wb_cluster_fixture_template(f, app, 50 + below(run, 3) * 100, 1);
    if (kind == WB_OWNER_DAEMON_SET && below(run, 2) == 0) {
        const wb_labels none = {NULL, 0};
        template->node_selector = wb_labels_with(&f->arena, none, WB_NAME_ZONE, WB_NAME_TRUE);
    }
    workload.template = template;
    workload.schedule = wb_intern_add(&f->intern, "* * * * *");
    workload.completions = 1 + (int32_t)below(run, 4);
    workload.parallelism = 1 + (int32_t)below(run, 3);
    workload.backoff_limit = (int32_t)below(run, 3);
    (void)wb_cluster_fixture_apply(f, &workload);
}

static void change_pdbs(model_run *run)
{
    wb_cluster_fixture *f = &run->fixture;
    const uint32_t name = 1 + below(run, 3);
    if (below(run, 3) == 0) {
        (void)wb_cluster_delete_pdb(&f->cluster, WB_NAME_DEFAULT, name);
        return;
    }
    const wb_pdb pdb = {.name = name,
                        .namespace_name = WB_NAME_DEFAULT,
                        .selector = wb_cluster_fixture_selector(f, apps[below(run, 3)]),
                        .max_unavailable_kind = WB_BOUND_PERCENT,
                        .max_unavailable = (int32_t)below(run, 100)};
    wb_cluster_apply_pdb(&f->cluster, &pdb);
}

static void take_step(model_run *run)
{
    static void (*const steps[])(model_run *) = {create_pod, create_pod,  create_pod,    create_pod,
                                                 add_node,   take_pod,    take_pod,      take_pod,
                                                 take_pod,   change_node, apply_workload};
    const uint32_t choice = below(run, 2 * WB_TEST_COUNT(steps) + 1);
    if (choice < WB_TEST_COUNT(steps)) {
        steps[choice](run);
    } else if (choice < 2 * WB_TEST_COUNT(steps)) {
        wb_cluster_fixture_run(&run->fixture,
                               run->fixture.kernel.now_ms + (int64_t)below(run, 5000));
    } else {
        change_pdbs(run);
    }
}

/* ---- laws ---- */

/* Whether a pod that is gone went in a way that its owner allows. */
static bool ended_rightly(const model_run *run, uint32_t id)
{
    const wb_cluster *c = &run->fixture.cluster;
    const wb_pod_table *pods = &c->pods;
    const uint32_t owner_id = pods->owner_id[id];
    const bool is_bare = owner_id == WB_NO_ID;
    const wb_owner_kind kind = is_bare ? WB_OWNER_NONE : c->owners[owner_id].kind;
    const char *owner_name =
        is_bare ? "" : wb_intern_text(&run->fixture.intern, c->owners[owner_id].name);
    const bool is_traced = strcmp(owner_name, "traced") == 0;
    switch (pods->state[id]) {
    case WB_POD_STATE_EVICTED: /* somebody came instead, unless its time was over */
        return !is_bare && (!is_traced || pods->lifetime[id] == WB_LIFETIME_UNTIL ||
                            pods->replaced_by[id] != WB_NO_ID);
    case WB_POD_STATE_LOST: return is_bare || (kind == WB_OWNER_JOB && !is_traced);
    case WB_POD_STATE_SUCCEEDED: /* it ran for as long as it had to */
        return pods->gone_ms[id] - pods->running_ms[id] == pods->duration_ms[id];
    default: return true;
    }
}

static void check_laws(const model_run *run)
{
    const wb_cluster *c = &run->fixture.cluster;
    const wb_pod_table *pods = &c->pods;
    unsigned broken = 0;
    for (uint32_t id = 0; id < pods->count; id++) {
        const bool is_active = pods->state[id] < WB_POD_STATE_TERMINATING;
        const bool is_found = wb_cluster_fixture_find(&run->fixture, pods->name[id]) == id;
        broken += is_active && !is_found ? 1U : 0U;
        broken += ended_rightly(run, id) ? 0U : 1U;
    }
    for (uint32_t i = 0; i < c->node_count; i++) {
        for (uint32_t r = 0; r < c->resource_count; r++) {
            broken += c->nodes[i].requested[r] > c->nodes[i].allocatable[r] ? 1U : 0U;
        }
    }
    CU_ASSERT_EQUAL(broken, 0);
}

static void run_model(uint64_t seed, char out_digest[33])
{
    wb_cluster_options options = wb_cluster_default_options();
    options.pod_start_ms = 700;
    options.image_pull_median_ms = 500;
    options.image_pull_sigma = 0.3;
    options.job_duration_ms = 20000;
    options.seed = seed;
    model_run run = {.seed = seed};
    wb_cluster_fixture_init(&run.fixture, &options);
    for (int step = 0; step < STEP_COUNT; step++) {
        take_step(&run);
        wb_cluster_check(&run.fixture.cluster);
    }
    check_laws(&run);
    wb_digest *digest = wb_digest_new();
    const wb_pod_table *pods = &run.fixture.cluster.pods;
    for (uint32_t id = 0; id < pods->count; id++) {
        wb_digest_add_text(digest, pods->name[id]);
        wb_digest_add_int64(digest, pods->state[id]);
        wb_digest_add_int64(digest, pods->node_id[id]);
        wb_digest_add_int64(digest, pods->running_ms[id]);
        wb_digest_add_int64(digest, pods->gone_ms[id]);
    }
    wb_digest_text(digest, out_digest);
    wb_digest_free(digest);
    CU_ASSERT_EQUAL(run.fixture.calls.created, pods->count);
    wb_cluster_fixture_release(&run.fixture);
}

static void test_random_programs(void)
{
    for (uint64_t seed = 1; seed <= SEED_COUNT; seed++) {
        const unsigned failures = CU_get_number_of_failures();
        char first[33];
        char second[33];
        printf("%llu ", (unsigned long long)seed); /* an assert that fails leaves its seed */
        fflush(stdout);
        run_model(seed, first);
        run_model(seed, second);
        CU_ASSERT_STRING_EQUAL(first, second);
        if (CU_get_number_of_failures() != failures) {
            printf("\n    failed: seed %llu\n", (unsigned long long)seed);
        }
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"random programs keep every sum", test_random_programs},
    };
    return wb_test_run("sim/cluster model", cases, WB_TEST_COUNT(cases));
}
