/* Dumps of real clusters are read in silence: no error, no warning. */
#include "tests/kube/manifest_fixture.h"

static const char *shared;

static void load(wb_manifest_fixture *f, const char *name)
{
    char path[512];
    wb_error err = {.text = ""};
    wb_manifest_fixture_init(f);
    (void)snprintf(path, sizeof(path), "%s/traces/%s", shared, name);
    if (wb_manifest_add_path(&f->manifest, &f->context, path, &err) != WB_OK) {
        printf("\n%s\n", err.text);
        CU_FAIL_FATAL("cannot be read");
    }
    for (size_t i = 0; i < f->findings.error_count; i++) {
        printf("\n%s\n", f->findings.errors[i].text);
    }
    for (size_t i = 0; i < f->findings.warning_count; i++) {
        printf("\n%s\n", f->findings.warnings[i].text);
    }
    CU_ASSERT_EQUAL(f->findings.error_count, 0);
    CU_ASSERT_EQUAL(f->findings.warning_count, 0);
}

/* Figures of traces/README.md: 157 Running, 1 Failed; owners by kind; 14.65 CPUs requested. */
static void the_anonymised_pods_are_all_there(void)
{
    wb_manifest_fixture f;
    load(&f, "kubectl-pods/pods-anonymised.json");
    CU_ASSERT_EQUAL(f.manifest.pod_count, 158);
    uint32_t running = 0;
    uint32_t failed = 0;
    uint32_t owners[WB_OWNER_OTHER + 1] = {0};
    int64_t cpu_milli = 0;
    for (uint32_t i = 0; i < f.manifest.pod_count; i++) {
        const wb_pod *pod = &f.manifest.pods[i];
        running += pod->phase == WB_POD_RUNNING ? 1U : 0U;
        failed += pod->phase == WB_POD_FAILED ? 1U : 0U;
        owners[pod->owner_kind]++;
        CU_ASSERT(pod->created_ms > 0);
        CU_ASSERT(pod->template->node_name != 0);
        CU_ASSERT_EQUAL(pod->finished_ms, -1); /* the failed one was evicted and says no time */
        for (uint32_t j = 0; j < pod->template->container_count; j++) {
            if (!pod->template->containers[j].is_init) {
                cpu_milli +=
                    wb_resource_list_get(pod->template->containers[j].requests, WB_NAME_CPU);
            }
        }
    }
    CU_ASSERT_EQUAL(running, 157);
    CU_ASSERT_EQUAL(failed, 1);
    CU_ASSERT_EQUAL(owners[WB_OWNER_REPLICA_SET], 126);
    CU_ASSERT_EQUAL(owners[WB_OWNER_STATEFUL_SET], 15);
    CU_ASSERT_EQUAL(owners[WB_OWNER_DAEMON_SET], 9);
    CU_ASSERT_EQUAL(owners[WB_OWNER_REPLICATION_CONTROLLER], 4);
    CU_ASSERT_EQUAL(owners[WB_OWNER_NONE], 4);
    CU_ASSERT_EQUAL(cpu_milli, 14650);
    wb_manifest_fixture_release(&f);
}

static void the_recording_is_all_there(void)
{
    wb_manifest_fixture f;
    load(&f, "k8s-recording/end-all.json");
    CU_ASSERT_EQUAL(f.manifest.pod_count, 16);
    CU_ASSERT_EQUAL(f.manifest.node_count, 4);
    CU_ASSERT_EQUAL(f.manifest.workload_count, 10);
    CU_ASSERT_EQUAL(f.manifest.pdb_count, 1);
    CU_ASSERT_EQUAL(f.manifest.skipped_count, 0);
    wb_manifest_fixture_release(&f);
    load(&f, "k8s-recording/pods-start.json");
    CU_ASSERT_EQUAL(f.manifest.pod_count, 15);
    wb_manifest_fixture_release(&f);
}

/* A watch stream: one {type, object} after the other. */
static void the_watch_streams_are_read(void)
{
    static const struct {
        const char *name;
        uint32_t pod_count, node_count;
    } streams[] = {
        {"k8s-recording/pods-watch.json", 247, 0},
        {"k8s-recording/nodes-watch.json", 0, 9},
    };
    for (size_t i = 0; i < WB_TEST_COUNT(streams); i++) {
        char path[512];
        wb_manifest_fixture f;
        wb_document_stream stream = {0};
        wb_manifest_fixture_init(&f);
        (void)snprintf(path, sizeof(path), "%s/traces/%s", shared, streams[i].name);
        CU_ASSERT_EQUAL_FATAL(wb_document_read_file(&f.arena, path, 0, &stream, NULL), WB_OK);
        for (size_t j = 0; j < stream.count; j++) {
            const wb_node *object = wb_node_get(stream.roots[j], "object");
            wb_manifest_add_document(&f.manifest, &f.context,
                                     object != NULL ? object : stream.roots[j]);
        }
        CU_ASSERT_EQUAL(f.findings.error_count, 0);
        CU_ASSERT_EQUAL(f.findings.warning_count, 0);
        CU_ASSERT_EQUAL(f.manifest.pod_count, streams[i].pod_count);
        CU_ASSERT_EQUAL(f.manifest.node_count, streams[i].node_count);
        wb_manifest_fixture_release(&f);
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"the anonymised pods are all there", the_anonymised_pods_are_all_there},
        {"the recorded objects are all there", the_recording_is_all_there},
        {"the watch streams are read", the_watch_streams_are_read},
    };
    shared = wb_test_shared_folder();
    if (shared == NULL) {
        wb_test_skip("the folder of recordings is not there");
    }
    return wb_test_run("manifest_recorded", cases, WB_TEST_COUNT(cases));
}
