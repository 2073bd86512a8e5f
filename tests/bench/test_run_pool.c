/* Many runs side by side: the same bytes with any number of workers, after any death. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "bench/run_pool.h"
#include "tests/base/scratch_folder.h"
#include "tests/harness.h"

#define JOB_COUNT 6

/* Runs of the smallest scenario under three seeds and two contenders. */
typedef struct pool_fixture {
    wb_scratch_folder folder;
    wb_arena arena;
    wb_run_job jobs[JOB_COUNT];
    wb_run_outcome outcomes[JOB_COUNT];
    wb_error err;
} pool_fixture;

static void set_up(pool_fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    wb_scratch_folder_init(&fixture->folder);
    wb_arena_init(&fixture->arena, "test", 0, NULL);
    static char path[1024];
    static const char *const keys[JOB_COUNT] = {"k/1", "ca/1", "k/2", "ca/2", "k/3", "ca/3"};
    const char *source = getenv("WERKBANK_SOURCE");
    (void)snprintf(path, sizeof path, "%s/scenarios/nginx-demo/scenario.yaml",
                   source != NULL ? source : ".");
    for (uint32_t i = 0; i < JOB_COUNT; i++) {
        fixture->jobs[i] = (wb_run_job){
            .key = keys[i],
            .scenario_path = path,
            .contender = i % 2 == 0 ? "karpenter" : "cluster-autoscaler",
            .seed_is_set = true,
            .seed = 1 + i / 2,
        };
    }
}

static void tear_down(pool_fixture *fixture)
{
    wb_arena_release(&fixture->arena);
    wb_scratch_folder_release(&fixture->folder);
}

static const char *join(pool_fixture *fixture, const char *name)
{
    return wb_arena_copy_string(&fixture->arena, wb_scratch_folder_join(&fixture->folder, name));
}

static wb_status run(pool_fixture *fixture, const wb_run_pool_options *options)
{
    wb_run_pool_options all = *options;
    all.version = "test";
    all.set_name = "test";
    return wb_run_pool_run(fixture->jobs, JOB_COUNT, &all, &fixture->arena, fixture->outcomes,
                           &fixture->err);
}

static bool are_equal_files(pool_fixture *fixture, const char *a, const char *b)
{
    char *texts[2];
    size_t lengths[2];
    return wb_file_read(&fixture->arena, a, 0, &texts[0], &lengths[0], NULL) == WB_OK &&
           wb_file_read(&fixture->arena, b, 0, &texts[1], &lengths[1], NULL) == WB_OK &&
           lengths[0] == lengths[1] && memcmp(texts[0], texts[1], lengths[0]) == 0;
}

static void check_result(pool_fixture *fixture, const char *path)
{
    wb_store *store = NULL;
    CU_ASSERT_EQUAL_FATAL(wb_store_open_readonly(path, &store, NULL), WB_OK);
    wb_run_figures *runs = NULL;
    wb_store_job *jobs = NULL;
    uint32_t run_count = 0;
    uint32_t job_count = 0;
    CU_ASSERT_EQUAL(wb_store_figures(store, &fixture->arena, &runs, &run_count, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_store_join_jobs(store, &fixture->arena, &jobs, &job_count, NULL), WB_OK);
    wb_store_close(store);
    CU_ASSERT_EQUAL_FATAL(run_count, JOB_COUNT);
    CU_ASSERT_EQUAL_FATAL(job_count, JOB_COUNT);
    for (uint32_t i = 0; i < JOB_COUNT; i++) {
        CU_ASSERT_EQUAL(runs[i].seed, fixture->jobs[i].seed);
        CU_ASSERT_STRING_EQUAL(runs[i].contender, fixture->jobs[i].contender);
        CU_ASSERT_STRING_EQUAL(runs[i].digest, fixture->outcomes[i].figures.digest);
        CU_ASSERT_EQUAL(runs[i].run_id, fixture->outcomes[i].figures.run_id);
        CU_ASSERT_STRING_EQUAL(jobs[i].job_key, fixture->jobs[i].key);
        CU_ASSERT_EQUAL(jobs[i].position, i);
    }
}

static void test_the_number_of_workers_does_not_matter(void)
{
    pool_fixture fixture;
    set_up(&fixture);
    const char *one = join(&fixture, "one.db");
    const char *four = join(&fixture, "four.db");
    wb_run_pool_options options = {.worker_count = 1, .db_path = one};
    CU_ASSERT_EQUAL(run(&fixture, &options), WB_OK);
    check_result(&fixture, one);
    CU_ASSERT(!fixture.outcomes[0].was_there);
    CU_ASSERT_EQUAL(run(&fixture, &options), WB_OK); /* again: it is there */
    check_result(&fixture, one);
    CU_ASSERT(fixture.outcomes[0].was_there);
    options.program = "rebuilt";
    CU_ASSERT_EQUAL(run(&fixture, &options), WB_OK);
    CU_ASSERT(!fixture.outcomes[0].was_there);
    options.program = NULL;
    CU_ASSERT_EQUAL(run(&fixture, &options), WB_OK);
    options.worker_count = 4;
    options.db_path = four;
    CU_ASSERT_EQUAL(run(&fixture, &options), WB_OK);
    check_result(&fixture, four);
    CU_ASSERT(are_equal_files(&fixture, one, four));
    CU_ASSERT_EQUAL(wb_scratch_folder_file_count(&fixture.folder), 2); /* the parts are gone */
    /* Figures alone are the same figures in a smaller file. */
    const char *small = join(&fixture, "small.db");
    options.db_path = small;
    options.keep = WB_STORE_KEEP_FIGURES;
    CU_ASSERT_EQUAL(run(&fixture, &options), WB_OK);
    check_result(&fixture, small);
    CU_ASSERT(wb_file_size_bytes(small) < wb_file_size_bytes(one));
    tear_down(&fixture);
}

static wb_status crash(const wb_run_job *job, wb_arena *arena, wb_intern *intern,
                       wb_scenario *scenario, wb_error *err)
{
    (void)job;
    (void)arena;
    (void)intern;
    (void)scenario;
    (void)err;
    (void)raise(SIGKILL);
    return WB_OK;
}

static void test_a_crash_is_an_error_of_its_own(void)
{
    pool_fixture fixture;
    set_up(&fixture);
    const char *path = join(&fixture, "result.db");
    const wb_run_pool_options options = {.worker_count = 2, .db_path = path};
    fixture.jobs[2].prepare = crash;
    fixture.jobs[5].contender = "nobody";
    CU_ASSERT_EQUAL(run(&fixture, &options), WB_OK);
    CU_ASSERT_EQUAL(wb_run_pool_failed_count(fixture.outcomes, JOB_COUNT), 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(fixture.outcomes[2].error, "signal 9"));
    CU_ASSERT_PTR_NOT_NULL(strstr(fixture.outcomes[5].error, "no contender 'nobody'"));
    CU_ASSERT_EQUAL(fixture.outcomes[5].status, WB_ERR_INPUT);
    CU_ASSERT(fixture.outcomes[3].is_finished);
    CU_ASSERT_EQUAL(wb_file_size_bytes(path), -1); /* no result that lacks runs */
    fixture.jobs[2].prepare = NULL;
    fixture.jobs[5].contender = "cluster-autoscaler";
    CU_ASSERT_EQUAL(run(&fixture, &options), WB_OK);
    check_result(&fixture, path);
    CU_ASSERT(fixture.outcomes[3].was_there); /* not done again */
    CU_ASSERT(!fixture.outcomes[2].was_there);
    tear_down(&fixture);
}

/* In the worker: the end of the pool, as kill -9 would have it. */
static wb_status kill_pool(const wb_run_job *job, wb_arena *arena, wb_intern *intern,
                           wb_scenario *scenario, wb_error *err)
{
    (void)kill(getppid(), SIGKILL);
    (void)pause();
    return crash(job, arena, intern, scenario, err);
}

static void test_a_killed_pool_goes_on_where_it_was(void)
{
    pool_fixture fixture;
    set_up(&fixture);
    const char *path = join(&fixture, "result.db");
    const char *calm = join(&fixture, "calm.db");
    wb_run_pool_options options = {.worker_count = 1, .db_path = path};
    for (uint32_t killed = 2; killed < 5; killed += 2) { /* twice */
        const pid_t child = fork();
        if (child == 0) {
            fixture.jobs[killed].prepare = kill_pool;
            _exit(run(&fixture, &options) == WB_OK ? 0 : 1);
        }
        int state = 0;
        CU_ASSERT_EQUAL(waitpid(child, &state, 0), child);
        CU_ASSERT(WIFSIGNALED(state));
        CU_ASSERT_EQUAL(wb_file_size_bytes(path), -1);
    }
    wb_status status = WB_ERR_LIMIT; /* the last worker may hold the lock for a moment */
    for (int i = 0; i < 100 && status == WB_ERR_LIMIT; i++) {
        status = run(&fixture, &options);
        (void)usleep(20000);
    }
    CU_ASSERT_EQUAL(status, WB_OK);
    check_result(&fixture, path);
    for (uint32_t i = 0; i < JOB_COUNT; i++) {
        CU_ASSERT_EQUAL(fixture.outcomes[i].was_there, i < 4);
    }
    options.db_path = calm;
    CU_ASSERT_EQUAL(run(&fixture, &options), WB_OK);
    CU_ASSERT(are_equal_files(&fixture, path, calm));
    tear_down(&fixture);
}

static void test_what_differs_is_done_anew(void)
{
    pool_fixture fixture;
    set_up(&fixture);
    const char *path = join(&fixture, "result.db");
    wb_run_pool_options options = {.worker_count = 2, .db_path = path};
    fixture.jobs[0].prepare = crash;
    CU_ASSERT_EQUAL(run(&fixture, &options), WB_OK);
    fixture.jobs[0].prepare = NULL;
    fixture.jobs[1].inputs_digest = "another";
    fixture.jobs[3].key = "ca/two";
    CU_ASSERT_EQUAL(run(&fixture, &options), WB_OK);
    static const bool there[JOB_COUNT] = {false, false, true, false, true, true};
    for (uint32_t i = 0; i < JOB_COUNT; i++) {
        CU_ASSERT_EQUAL(fixture.outcomes[i].was_there, there[i]);
    }
    tear_down(&fixture);
}

static void test_a_pool_keeps_others_out_of_its_folder(void)
{
    pool_fixture fixture;
    set_up(&fixture);
    const char *path = join(&fixture, "result.db");
    const char *folder = join(&fixture, "result.db.parts");
    CU_ASSERT_EQUAL(mkdir(folder, 0777), 0);
    const int lock = open(join(&fixture, "result.db.parts/lock"), O_RDWR | O_CREAT, 0666);
    CU_ASSERT_EQUAL(flock(lock, LOCK_EX), 0);
    const wb_run_pool_options options = {.worker_count = 1, .db_path = path};
    CU_ASSERT_EQUAL(run(&fixture, &options), WB_ERR_LIMIT);
    CU_ASSERT_PTR_NOT_NULL(strstr(fixture.err.text, "another werkbank is at work"));
    (void)close(lock);
    CU_ASSERT_EQUAL(run(&fixture, &options), WB_OK);
    fixture.jobs[4].key = "k/1";
    CU_ASSERT_EQUAL(run(&fixture, &options), WB_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(fixture.err.text, "'k/1' occurs twice, expected each run once");
    tear_down(&fixture);
}

static void test_a_raised_flag_ends_it(void)
{
    pool_fixture fixture;
    set_up(&fixture);
    static volatile sig_atomic_t flag = SIGTERM;
    const wb_run_pool_options options = {.worker_count = 2, .stop_flag = &flag};
    CU_ASSERT_EQUAL(run(&fixture, &options), WB_ERR_LIMIT);
    CU_ASSERT_STRING_EQUAL(fixture.err.text, "interrupted");
    tear_down(&fixture);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"the number of workers does not matter", test_the_number_of_workers_does_not_matter},
        {"a crash is an error of its own", test_a_crash_is_an_error_of_its_own},
        {"a killed pool goes on where it was", test_a_killed_pool_goes_on_where_it_was},
        {"what differs is done anew", test_what_differs_is_done_anew},
        {"a pool keeps others out of its folder", test_a_pool_keeps_others_out_of_its_folder},
        {"a raised flag ends it", test_a_raised_flag_ends_it},
    };
    return wb_test_run("run_pool", cases, WB_TEST_COUNT(cases));
}
