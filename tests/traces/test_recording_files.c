/* The real recordings: skipped, and said so, where the shared folder is absent. One cluster was
 * recorded twice at once, by a watch and by its audit log, and both must give the same pods; the
 * figures are those of the folder's README. */
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "kube/names.h"
#include "traces/trace.h"
#include "tests/harness.h"
#include "tests/traces/import_fixture.h"

static const char *shared;

/* One pod as a trace has it, in calendar time. */
typedef struct told_pod {
    char name[64], owner[64], node[64];
    int64_t created_ms, until_ms, runs_ms, bound_ms, started_ms, gone_ms;
    int32_t exit_code;
    wb_owner_kind owner_kind;
    uint64_t shape; /* hash of the template */
} told_pod;

typedef struct told_pods {
    told_pod pods[64];
    uint32_t count;
    uint64_t shape_hashes[64];
    char owners[64][64];
    wb_owner_kind owner_kinds[64];
} told_pods;

static int64_t calendar(int64_t epoch_ms, int64_t at_ms)
{
    return at_ms >= 0 ? epoch_ms + at_ms : -1;
}

static void take_record(told_pods *told, const wb_trace_record *record, int64_t epoch_ms)
{
    if (record->kind == WB_TRACE_SHAPE) {
        wb_text json;
        wb_text_init(&json);
        wb_node_print_json(wb_node_get(record->source, "template"), &json);
        told->shape_hashes[record->shape_number] =
            wb_digest_hash64(wb_text_string(&json), json.length);
        wb_text_release(&json);
    } else if (record->kind == WB_TRACE_OWNER) {
        (void)snprintf(told->owners[record->owner_number], 64, "%s", record->name);
        told->owner_kinds[record->owner_number] = record->owner_kind;
    } else if (record->kind == WB_TRACE_POD) {
        const bool is_bare = record->owner_number == UINT32_MAX;
        told_pod *pod = &told->pods[told->count++];
        *pod = (told_pod){
            .created_ms = calendar(epoch_ms, record->at_ms),
            .until_ms = calendar(epoch_ms, record->until_ms),
            .bound_ms = calendar(epoch_ms, record->history.bound_ms),
            .started_ms = calendar(epoch_ms, record->history.started_ms),
            .gone_ms = calendar(epoch_ms, record->history.gone_ms),
            .runs_ms = record->runs_ms,
            .exit_code = record->history.exit_code,
            .owner_kind = is_bare ? WB_OWNER_NONE : told->owner_kinds[record->owner_number],
            .shape = told->shape_hashes[record->shape_number],
        };
        (void)snprintf(pod->name, sizeof pod->name, "%s", record->name);
        (void)snprintf(pod->owner, sizeof pod->owner, "%s",
                       is_bare ? "" : told->owners[record->owner_number]);
        (void)snprintf(pod->node, sizeof pod->node, "%s", record->history.node_name);
    }
}

static void read_pods(const char *path, told_pods *out)
{
    wb_arena arena;
    wb_intern intern;
    wb_trace_reader *reader = NULL;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    CU_ASSERT_EQUAL_FATAL(wb_trace_reader_open(path, &arena, &intern, &reader, NULL), WB_OK);
    const int64_t epoch_ms = wb_trace_reader_header(reader)->epoch_ms;
    wb_trace_record record = {0};
    while (record.kind != WB_TRACE_END) {
        CU_ASSERT_EQUAL_FATAL(wb_trace_reader_next(reader, &record, NULL), WB_OK);
        CU_ASSERT_FATAL(out->count < WB_TEST_COUNT(out->pods));
        take_record(out, &record, epoch_ms);
    }
    wb_trace_reader_close(reader);
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

/* Imports files of k8s-recording/, named with blanks between. */
static void import_files(wb_import_fixture *fixture, const char *names)
{
    char joined[8][1024];
    const char *paths[8];
    char copy[256];
    uint32_t count = 0;
    (void)snprintf(copy, sizeof copy, "%s", names);
    for (char *name = copy; name != NULL && *name != 0; count++) {
        char *blank = strchr(name, ' ');
        if (blank != NULL) {
            *blank++ = 0;
        }
        (void)snprintf(joined[count], sizeof joined[count], "%s/traces/k8s-recording/%s", shared,
                       name);
        paths[count] = joined[count];
        name = blank;
    }
    const wb_trace_import_options options = {
        .input_path = paths[0],
        .input_paths = paths,
        .input_count = count,
        .output_path = wb_scratch_folder_join(&fixture->folder, "out.trace"),
    };
    wb_error err = {0};
    CU_ASSERT_EQUAL(wb_trace_import(&options, &fixture->arena, &fixture->report, &err), WB_OK);
    CU_ASSERT_STRING_EQUAL(err.text, "");
}

static const told_pod *find(const told_pods *told, const char *name)
{
    for (uint32_t i = 0; i < told->count; i++) {
        if (strcmp(told->pods[i].name, name) == 0) {
            return &told->pods[i];
        }
    }
    return NULL;
}

/* An eviction's request and the deadline that it set may lie in two seconds. The stand-in for the
 * kubelet rewrote the condition PodScheduled, so the watch's time of binding comes later. */
static void compare(const told_pod *a, const told_pod *b)
{
    const int64_t until_ms = b->until_ms - a->until_ms;
    CU_ASSERT_PTR_NOT_NULL_FATAL(b);
    CU_ASSERT_STRING_EQUAL(a->owner, b->owner);
    CU_ASSERT_STRING_EQUAL(a->node, b->node);
    CU_ASSERT_EQUAL(a->owner_kind, b->owner_kind);
    CU_ASSERT_EQUAL(a->shape, b->shape);
    CU_ASSERT_EQUAL(a->created_ms, b->created_ms);
    CU_ASSERT(until_ms >= 0 && until_ms <= 1000);
    CU_ASSERT_EQUAL(a->runs_ms, b->runs_ms);
    CU_ASSERT_EQUAL(a->started_ms, b->started_ms);
    CU_ASSERT_EQUAL(a->gone_ms, b->gone_ms);
    CU_ASSERT_EQUAL(a->exit_code, b->exit_code);
    CU_ASSERT(a->bound_ms >= a->created_ms && a->bound_ms <= b->bound_ms);
}

static void tell_the_same_pods_twice(void)
{
    wb_import_fixture fixture;
    static told_pods audit;
    static told_pods watch;
    wb_import_fixture_init(&fixture);
    import_files(&fixture, "audit.jsonl");
    CU_ASSERT_EQUAL(fixture.report.pod_count, 50);
    CU_ASSERT_EQUAL(fixture.report.event_count, 525);
    CU_ASSERT_EQUAL(fixture.report.node_count, 5);
    CU_ASSERT_EQUAL(fixture.report.cpu_milli_hours, 815); /* the README's 0.82 CPU-hours */
    read_pods(wb_scratch_folder_join(&fixture.folder, "out.trace"), &audit);
    import_files(&fixture, "pods-watch.json");
    CU_ASSERT_EQUAL(fixture.report.pod_count, 50);
    CU_ASSERT_EQUAL(fixture.report.event_count, 247);
    read_pods(wb_scratch_folder_join(&fixture.folder, "out.trace"), &watch);
    CU_ASSERT_EQUAL_FATAL(audit.count, 50);
    CU_ASSERT_EQUAL_FATAL(watch.count, 50);
    for (uint32_t i = 0; i < audit.count; i++) {
        compare(&audit.pods[i], find(&watch, audit.pods[i].name));
    }
    wb_import_fixture_release(&fixture);
}

static void count_owners(void)
{
    static const struct {
        wb_owner_kind kind;
        uint32_t count;
    } expected[] = {{WB_OWNER_DEPLOYMENT, 25}, /* through their ReplicaSets */
                    {WB_OWNER_JOB, 17},
                    {WB_OWNER_DAEMON_SET, 5},
                    {WB_OWNER_STATEFUL_SET, 2},
                    {WB_OWNER_NONE, 1}};
    wb_import_fixture fixture;
    static told_pods told;
    wb_import_fixture_init(&fixture);
    import_files(&fixture, "pods-watch.json nodes-watch.json end-all.json pods-start.json");
    read_pods(wb_scratch_folder_join(&fixture.folder, "out.trace"), &told);
    for (size_t i = 0; i < WB_TEST_COUNT(expected); i++) {
        uint32_t count = 0;
        for (uint32_t j = 0; j < told.count; j++) {
            count += told.pods[j].owner_kind == expected[i].kind ? 1U : 0U;
        }
        CU_ASSERT_EQUAL(count, expected[i].count);
    }
    CU_ASSERT_EQUAL(fixture.report.node_count, 5);
    wb_import_fixture_release(&fixture);
}

/* The order of files and the telling of things several times change nothing about the pods. */
static void gather_all_files(void)
{
    static const char *const orders[] = {
        "pods-start.json pods-watch.json nodes-watch.json end-all.json audit.jsonl",
        "audit.jsonl end-all.json nodes-watch.json pods-watch.json pods-start.json",
    };
    wb_import_fixture fixture;
    wb_trace_summary summaries[2];
    wb_import_fixture_init(&fixture);
    for (size_t i = 0; i < 2; i++) {
        import_files(&fixture, orders[i]);
        CU_ASSERT_EQUAL(fixture.report.pod_count, 50);
        CU_ASSERT_EQUAL(fixture.report.end_ms, 202000);
        CU_ASSERT_EQUAL(wb_trace_check(wb_scratch_folder_join(&fixture.folder, "out.trace"),
                                       &summaries[i], NULL),
                        WB_OK);
    }
    CU_ASSERT_EQUAL(summaries[0].cpu_milli_hours, summaries[1].cpu_milli_hours);
    CU_ASSERT_EQUAL(summaries[0].node_count, summaries[1].node_count);
    CU_ASSERT_EQUAL(summaries[0].scale_count, 7);
    wb_import_fixture_release(&fixture);
}

static const struct {
    const char *path;
    uint64_t pods, events, spots;
    int64_t span_s;
} single_cases[] = {
    {"kubectl-pods/pods-anonymised.json", 158, 158, 0, 25368768},
    {"k8s-audit/demo.log", 0, 37, 0, 2039}, /* reads only */
    {"eventbridge/sample-events.jsonl", 0, 7, 3, 1176},
};

static void import_single_files(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(single_cases); i++) {
        wb_import_fixture fixture;
        char path[512];
        wb_import_fixture_init(&fixture);
        (void)snprintf(path, sizeof path, "%s/traces/%s", shared, single_cases[i].path);
        wb_import_fixture_run_file(&fixture, path);
        CU_ASSERT_EQUAL(fixture.status, WB_OK);
        CU_ASSERT_STRING_EQUAL(fixture.err.text, "");
        CU_ASSERT_EQUAL(fixture.report.pod_count, single_cases[i].pods);
        CU_ASSERT_EQUAL(fixture.report.event_count, single_cases[i].events);
        CU_ASSERT_EQUAL(fixture.report.spot_count, single_cases[i].spots);
        CU_ASSERT_EQUAL(fixture.report.end_ms, single_cases[i].span_s * 1000);
        wb_import_fixture_release(&fixture);
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"the watch and the audit log tell of the same 50 pods", tell_the_same_pods_twice},
        {"owners are counted as the README counts them", count_owners},
        {"all files together tell no more pods, in any order", gather_all_files},
        {"the other recordings import, or hold nothing", import_single_files},
    };
    shared = wb_test_shared_folder();
    if (shared == NULL) {
        wb_test_skip("the shared folder with the recordings is absent");
    }
    return wb_test_run("recording files", cases, WB_TEST_COUNT(cases));
}
