/* What the writer writes the reader reads, field by field; and the file appears whole or not. */
#include <string.h>

#include "base/file.h"
#include "kube/names.h"
#include "traces/trace.h"
#include "tests/base/scratch_folder.h"
#include "tests/harness.h"

#define TEMPLATE                                                                            \
    "{\"metadata\":{\"labels\":{\"app\":\"a\"}},\"spec\":{\"containers\":[{\"name\":\"c\"," \
    "\"resources\":{\"requests\":{\"cpu\":\"250m\"}}}]}}"
#define DEPLOYMENT                                                                           \
    "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"web\"},"   \
    "\"spec\":{\"replicas\":3,\"selector\":{\"matchLabels\":{\"app\":\"a\"}},\"template\":{" \
    "\"metadata\":{\"labels\":{\"app\":\"a\"}},\"spec\":{\"containers\":[{\"name\":\"c\","   \
    "\"image\":\"i\"}]}}}}"

static const wb_trace_pod pods[] = {
    {.at_ms = 0, .name = "first", .owner_number = UINT32_MAX, .until_ms = -1, .runs_ms = -1},
    {.at_ms = 5, .name = "quote\"and\\", .until_ms = 5, .runs_ms = -1},
    {.at_ms = 5, .name = "b\xc3\xa4r", .shape_number = 1, .owner_number = 1, .until_ms = -1},
    {.at_ms = 999999999999,
     .name = "last",
     .shape_number = 1,
     .owner_number = 1,
     .until_ms = -1,
     .runs_ms = 1000000000000,
     .is_checkpointed = true},
};

static void write_records(wb_trace_writer *writer)
{
    CU_ASSERT_EQUAL(wb_trace_writer_shape(writer, 0, "default", TEMPLATE, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_owner(writer, 0, WB_OWNER_STATEFUL_SET, "default", "db", NULL),
                    WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_pod(writer, &pods[0], NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_shape(writer, 1, "data", TEMPLATE, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_owner(writer, 1, WB_OWNER_OTHER, "data", "x", NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_pod(writer, &pods[1], NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_pod(writer, &pods[2], NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_apply(writer, 6, DEPLOYMENT, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_delete(writer, 7, "Deployment", "default", "web", NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_pod(writer, &pods[3], NULL), WB_OK);
}

static void check_pod(const wb_trace_record *found, const wb_trace_pod *expected)
{
    CU_ASSERT_EQUAL(found->kind, WB_TRACE_POD);
    CU_ASSERT_EQUAL(found->at_ms, expected->at_ms);
    CU_ASSERT_STRING_EQUAL(found->name, expected->name);
    CU_ASSERT_EQUAL(found->shape_number, expected->shape_number);
    CU_ASSERT_EQUAL(found->owner_number, expected->owner_number);
    CU_ASSERT_EQUAL(found->until_ms, expected->until_ms);
    CU_ASSERT_EQUAL(found->runs_ms, expected->runs_ms);
    CU_ASSERT_EQUAL(found->is_checkpointed, expected->is_checkpointed);
}

static void check_other(const wb_intern *intern, const wb_trace_record *found, uint32_t index)
{
    switch (found->kind) {
    case WB_TRACE_SHAPE:
        CU_ASSERT_EQUAL(found->shape_number, index == 0 ? 0 : 1);
        CU_ASSERT_STRING_EQUAL(wb_intern_text(intern, found->namespace_name),
                               index == 0 ? "default" : "data");
        CU_ASSERT_EQUAL(wb_resource_list_get(found->template->requests, WB_NAME_CPU), 250);
        break;
    case WB_TRACE_OWNER:
        CU_ASSERT_EQUAL(found->owner_kind, index == 1 ? WB_OWNER_STATEFUL_SET : WB_OWNER_OTHER);
        CU_ASSERT_STRING_EQUAL(found->name, index == 1 ? "db" : "x");
        break;
    case WB_TRACE_APPLY:
        CU_ASSERT_EQUAL(found->at_ms, 6);
        CU_ASSERT_EQUAL_FATAL(found->manifest->workload_count, 1);
        CU_ASSERT_EQUAL(found->manifest->workloads[0].replicas, 3);
        break;
    case WB_TRACE_DELETE:
        CU_ASSERT_EQUAL(found->at_ms, 7);
        CU_ASSERT_STRING_EQUAL(found->delete_kind, "Deployment");
        CU_ASSERT_EQUAL(found->owner_kind, WB_OWNER_DEPLOYMENT);
        CU_ASSERT_STRING_EQUAL(found->name, "web");
        break;
    case WB_TRACE_NODE:
    case WB_TRACE_SCALE:
    case WB_TRACE_SPOT:
    case WB_TRACE_POD:
    case WB_TRACE_END: break;
    }
}

static void read_back(const char *path)
{
    wb_arena arena;
    wb_intern intern;
    wb_trace_reader *reader = NULL;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    CU_ASSERT_EQUAL_FATAL(wb_trace_reader_open(path, &arena, &intern, &reader, NULL), WB_OK);
    const wb_trace_info_header *header = wb_trace_reader_header(reader);
    CU_ASSERT_EQUAL(header->epoch_ms, 1767571200123);
    CU_ASSERT_EQUAL(header->end_ms, 1000000000000);
    CU_ASSERT_STRING_EQUAL(header->source, "a \"test\"");
    wb_trace_record record = {0};
    uint32_t pod_count = 0;
    uint32_t index = 0;
    uint64_t offset = 0;
    do {
        CU_ASSERT_EQUAL_FATAL(wb_trace_reader_next(reader, &record, NULL), WB_OK);
        CU_ASSERT_EQUAL(record.line, index + 2);
        CU_ASSERT(wb_trace_reader_offset_bytes(reader) >= offset);
        offset = wb_trace_reader_offset_bytes(reader);
        if (record.kind == WB_TRACE_POD && pod_count < WB_TEST_COUNT(pods)) {
            check_pod(&record, &pods[pod_count++]);
        }
        check_other(&intern, &record, index++);
    } while (record.kind != WB_TRACE_END);
    CU_ASSERT_EQUAL(index, 11);
    CU_ASSERT_EQUAL(pod_count, WB_TEST_COUNT(pods));
    CU_ASSERT_EQUAL(record.at_ms, 1000000000000);
    CU_ASSERT_EQUAL(record.approximated_count, 3);
    CU_ASSERT_EQUAL(record.left_out_count, 4);
    CU_ASSERT(offset > 0);
    wb_trace_reader_close(reader);
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static const wb_trace_info_header test_header = {1767571200123, 1000000000000, "a \"test\""};

static void read_what_was_written(void)
{
    static const char *const names[] = {"t.trace", "t.trace.zst"};
    wb_scratch_folder folder;
    wb_scratch_folder_init(&folder);
    for (size_t i = 0; i < WB_TEST_COUNT(names); i++) {
        wb_trace_writer *writer = NULL;
        const char *path = wb_scratch_folder_join(&folder, names[i]);
        CU_ASSERT_EQUAL_FATAL(wb_trace_writer_open(path, &test_header, &writer, NULL), WB_OK);
        write_records(writer);
        const wb_trace_unmodelled unmodelled = {.approximated_count = 3, .left_out_count = 4};
        wb_trace_writer_set_unmodelled(writer, unmodelled);
        CU_ASSERT_EQUAL(wb_trace_writer_commit(writer, 1000000000000, NULL), WB_OK);
        read_back(path);
    }
    wb_scratch_folder_release(&folder);
}

static void leave_nothing_when_abandoned(void)
{
    wb_scratch_folder folder;
    wb_scratch_folder_init(&folder);
    wb_trace_writer *writer = NULL;
    const char *path = wb_scratch_folder_join(&folder, "t.trace");
    CU_ASSERT_EQUAL_FATAL(wb_trace_writer_open(path, &test_header, &writer, NULL), WB_OK);
    write_records(writer);
    wb_trace_writer_abandon(writer);
    wb_trace_writer_abandon(NULL);
    CU_ASSERT_EQUAL(wb_scratch_folder_file_count(&folder), 0);
    wb_error err;
    CU_ASSERT_EQUAL(wb_trace_writer_open("/nowhere/t", &test_header, &writer, &err), WB_ERR_IO);
    CU_ASSERT(strncmp(err.text, "/nowhere/t: ", 12) == 0);
    wb_scratch_folder_release(&folder);
}

/* The bytes themselves: the format is a promise to other programs. */
static void write_these_bytes(void)
{
    static const char expected[] =
        "{\"trace\":\"werkbank/v1\",\"epoch\":\"2026-01-05T00:00:00.123Z\",\"source\":"
        "\"a \\\"test\\\"\",\"end_ms\":1000000000000}\n"
        "{\"shape\":0,\"namespace\":\"default\",\"template\":{}}\n"
        "{\"owner\":0,\"kind\":\"Job\",\"namespace\":\"default\",\"name\":\"j\"}\n"
        "{\"at\":1,\"pod\":\"j-0\",\"shape\":0,\"owner\":0,\"runs\":7,\"checkpointed\":true}\n"
        "{\"at\":2,\"pod\":\"x\",\"shape\":0,\"until\":9}\n"
        "{\"at\":3,\"delete\":\"Pod\",\"namespace\":\"default\",\"name\":\"x\"}\n"
        "{\"end\":9,\"records\":5}\n";
    wb_scratch_folder folder;
    wb_scratch_folder_init(&folder);
    wb_trace_writer *writer = NULL;
    const char *path = wb_scratch_folder_join(&folder, "t.trace");
    const wb_trace_pod job = {1, "j-0", 0, 0, -1, 7, true, NULL};
    const wb_trace_pod bare = {2, "x", 0, UINT32_MAX, 9, -1, false, NULL};
    CU_ASSERT_EQUAL_FATAL(wb_trace_writer_open(path, &test_header, &writer, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_shape(writer, 0, "default", "{}", NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_owner(writer, 0, WB_OWNER_JOB, "default", "j", NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_pod(writer, &job, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_pod(writer, &bare, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_delete(writer, 3, "Pod", "default", "x", NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_commit(writer, 9, NULL), WB_OK);
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    char *text = NULL;
    size_t length = 0;
    CU_ASSERT_EQUAL_FATAL(wb_file_read(&arena, path, 0, &text, &length, NULL), WB_OK);
    CU_ASSERT_STRING_EQUAL(text, expected);
    wb_arena_release(&arena);
    wb_scratch_folder_release(&folder);
}

#define NODE                                                                                \
    "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"ip-1\",\"labels\":{" \
    "\"node.kubernetes.io/instance-type\":\"m5.large\"}}}"

static void write_cluster_records(wb_trace_writer *writer)
{
    static const wb_trace_pod_history history = {"ip-1", 6, 8, 20, 137};
    static const wb_trace_pod_history unbound = {NULL, -1, -1, -1, -1};
    const wb_trace_scale scale = {7, WB_OWNER_DEPLOYMENT, "web", "api", 4};
    const wb_trace_spot price = {.at_ms = 8,
                                 .event = WB_TRACE_SPOT_PRICE,
                                 .instance_type = "m5.large",
                                 .zone = "use1-az2",
                                 .value = 61300000};
    const wb_trace_spot warning = {
        .at_ms = 9, .event = WB_TRACE_SPOT_INTERRUPTION, .instance = "i-0a", .node_name = "ip-1"};
    wb_trace_pod pod = {.at_ms = 5,
                        .name = "a",
                        .owner_number = UINT32_MAX,
                        .until_ms = 20,
                        .runs_ms = -1,
                        .history = &history};
    CU_ASSERT_EQUAL(wb_trace_writer_node(writer, 0, "ip-1", true, NODE, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_shape(writer, 0, "default", TEMPLATE, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_pod(writer, &pod, NULL), WB_OK);
    pod.history = &unbound;
    CU_ASSERT_EQUAL(wb_trace_writer_pod(writer, &pod, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_scale(writer, &scale, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_spot(writer, &price, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_spot(writer, &warning, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_node(writer, 10, "ip-1", false, NULL, NULL), WB_OK);
}

static void check_cluster_record(const wb_intern *intern, const wb_trace_record *found)
{
    switch (found->line) {
    case 2:
        CU_ASSERT_EQUAL_FATAL(found->kind, WB_TRACE_NODE);
        CU_ASSERT(found->is_ready);
        CU_ASSERT_PTR_NOT_NULL_FATAL(found->node);
        CU_ASSERT_STRING_EQUAL(wb_intern_text(intern, found->node->name), "ip-1");
        break;
    case 4:
        CU_ASSERT_STRING_EQUAL(found->history.node_name, "ip-1");
        CU_ASSERT_EQUAL(found->history.bound_ms, 6);
        CU_ASSERT_EQUAL(found->history.started_ms, 8);
        CU_ASSERT_EQUAL(found->history.gone_ms, 20);
        CU_ASSERT_EQUAL(found->history.exit_code, 137);
        break;
    case 5:
        CU_ASSERT_PTR_NULL(found->history.node_name);
        CU_ASSERT_EQUAL(found->history.bound_ms, -1);
        CU_ASSERT_EQUAL(found->history.exit_code, -1);
        break;
    case 6:
        CU_ASSERT_EQUAL(found->kind, WB_TRACE_SCALE);
        CU_ASSERT_EQUAL(found->replicas, 4);
        CU_ASSERT_EQUAL(found->owner_kind, WB_OWNER_DEPLOYMENT);
        CU_ASSERT_STRING_EQUAL(wb_intern_text(intern, found->namespace_name), "web");
        break;
    case 7:
        CU_ASSERT_EQUAL(found->kind, WB_TRACE_SPOT);
        CU_ASSERT_EQUAL(found->spot_event, WB_TRACE_SPOT_PRICE);
        CU_ASSERT_EQUAL(found->value, 61300000);
        CU_ASSERT_STRING_EQUAL(found->zone, "use1-az2");
        CU_ASSERT_PTR_NULL(found->instance);
        break;
    case 8:
        CU_ASSERT_EQUAL(found->spot_event, WB_TRACE_SPOT_INTERRUPTION);
        CU_ASSERT_STRING_EQUAL(found->instance, "i-0a");
        CU_ASSERT_STRING_EQUAL(found->node_name, "ip-1");
        break;
    case 9:
        CU_ASSERT_EQUAL(found->kind, WB_TRACE_NODE);
        CU_ASSERT_PTR_NULL(found->node);
        break;
    default: break;
    }
}

/* What was recorded of a cluster beside its workload comes back as it was written. */
static void read_a_cluster(void)
{
    wb_scratch_folder folder;
    wb_scratch_folder_init(&folder);
    wb_trace_writer *writer = NULL;
    wb_trace_reader *reader = NULL;
    const char *path = wb_scratch_folder_join(&folder, "t.trace");
    CU_ASSERT_EQUAL_FATAL(wb_trace_writer_open(path, &test_header, &writer, NULL), WB_OK);
    write_cluster_records(writer);
    CU_ASSERT_EQUAL(wb_trace_writer_commit(writer, 20, NULL), WB_OK);
    wb_trace_summary summary;
    CU_ASSERT_EQUAL_FATAL(wb_trace_check(path, &summary, NULL), WB_OK);
    CU_ASSERT_EQUAL(summary.node_count, 2);
    CU_ASSERT_EQUAL(summary.scale_count, 1);
    CU_ASSERT_EQUAL(summary.spot_count, 2);
    wb_arena arena;
    wb_intern intern;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    CU_ASSERT_EQUAL_FATAL(wb_trace_reader_open(path, &arena, &intern, &reader, NULL), WB_OK);
    wb_trace_record record = {0};
    while (record.kind != WB_TRACE_END) {
        CU_ASSERT_EQUAL_FATAL(wb_trace_reader_next(reader, &record, NULL), WB_OK);
        CU_ASSERT(record.kind == WB_TRACE_POD || record.source != NULL);
        check_cluster_record(&intern, &record);
    }
    CU_ASSERT_EQUAL(record.line, 10);
    wb_trace_reader_close(reader);
    wb_intern_release(&intern);
    wb_arena_release(&arena);
    wb_scratch_folder_release(&folder);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"nodes, scales, spot events and a pod's fate are read back", read_a_cluster},
        {"what was written is read, plain and packed", read_what_was_written},
        {"an abandoned trace leaves no file", leave_nothing_when_abandoned},
        {"the format is these bytes", write_these_bytes},
    };
    return wb_test_run("trace writer", cases, WB_TEST_COUNT(cases));
}
