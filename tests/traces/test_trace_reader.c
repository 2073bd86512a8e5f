/* Every kind of line that a trace must not have, with the message that the user reads. */
#include <inttypes.h>
#include <string.h>

#include "base/file_writer.h"
#include "kube/names.h"
#include "traces/trace.h"
#include "tests/base/scratch_folder.h"
#include "tests/harness.h"

#define HEAD  "{\"trace\":\"werkbank/v1\"}\n"
#define SHAPE "{\"shape\":0,\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\"}]}}}\n"
#define OWNER "{\"owner\":0,\"kind\":\"Deployment\",\"name\":\"api\"}\n"
#define POD   "{\"at\":100,\"pod\":\"a\",\"shape\":0}\n"

static wb_scratch_folder folder;

/* The check's verdict on text; the message without the folder, or "" when all is well. */
static const char *verdict_on(const char *name, const char *text, size_t length)
{
    static wb_error err;
    static wb_trace_summary summary;
    memset(&err, 0, sizeof err);
    const char *path = wb_scratch_folder_write(&folder, name, text, length);
    const wb_status status = wb_trace_check(path, &summary, &err);
    CU_ASSERT(status == WB_OK || status == WB_ERR_INPUT);
    if (status == WB_OK) {
        return "";
    }
    CU_ASSERT_EQUAL(err.status, status);
    CU_ASSERT_PTR_NULL(strchr(err.text, '\n'));
    const size_t folder_length = strlen(folder.path) + 1;
    return strncmp(err.text, path, folder_length) == 0 ? err.text + folder_length : err.text;
}

static const struct {
    const char *name;
    const char *text;
    const char *message; /* "" : the trace is good */
} line_cases[] = {
    {"a trace of nothing is a trace", HEAD "{\"end\":0,\"records\":0}\n", ""},
    {"line ends of Windows are line ends",
     "{\"trace\":\"werkbank/v1\"}\r\n{\"end\":0,\"records\":0}\r\n", ""},
    {"a pod and its shape", HEAD SHAPE POD "{\"end\":100,\"records\":2}\n", ""},
    {"unknown fields are left alone", HEAD "{\"end\":0,\"records\":0,\"who\":\"me\"}\n", ""},
    {"an empty file", "",
     "t:1: not a werkbank trace, expected {\"trace\":\"werkbank/v1\",...} in the first line "
     "(see: werkbank trace import)"},
    {"another format's first line", "name,cpu_milli\n",
     "t:1: not a werkbank trace, expected {\"trace\":\"werkbank/v1\",...} in the first line "
     "(see: werkbank trace import)"},
    {"another version", "{\"trace\":\"werkbank/v2\"}\n",
     "t:1: not a werkbank trace, expected {\"trace\":\"werkbank/v1\",...} in the first line "
     "(see: werkbank trace import)"},
    {"an epoch that is no time", "{\"trace\":\"werkbank/v1\",\"epoch\":\"monday\"}\n",
     "t:1:32: 'epoch' is monday, expected an RFC 3339 time"},
    {"a first line that is cut", "{\"trace\":\"werkbank/v1\"}",
     "t:1: the trace is cut in the middle of a record, expected a line end"},
    {"a record that is cut", HEAD SHAPE "{\"at\":100,\"pod\":\"a\",\"sha",
     "t:3: the trace is cut in the middle of a record, expected a line end"},
    {"a last line that is missing", HEAD SHAPE POD,
     "t: the trace ends after line 3 without its last line, expected {\"end\":...}: it is cut off"},
    {"a line that is missing", HEAD SHAPE "{\"end\":100,\"records\":2}\n",
     "t:3: the last line counts 2 records, 1 were found: lines are missing or doubled"},
    {"a line that is doubled", HEAD SHAPE POD POD "{\"end\":100,\"records\":2}\n",
     "t:5: the last line counts 2 records, 3 were found: lines are missing or doubled"},
    {"a last line without its count", HEAD "{\"end\":0}\n",
     "t:2: 'records' is missing, expected a whole number that is not negative"},
    {"a line behind the last one", HEAD "{\"end\":0,\"records\":0}\n" POD,
     "t:3: a line behind the last one ('end')"},
    {"an end before the last record", HEAD SHAPE POD "{\"end\":99,\"records\":2}\n",
     "t:4: 'end' is 99, before the last record at 100"},
    {"more stand-ins than records",
     HEAD SHAPE POD "{\"end\":100,\"records\":2,\"approximated\":3}\n",
     "t:4: 'approximated' is 3 and 'left_out' 0, expected at most the 2 records and 1000000000"},
    {"a count that is none", HEAD SHAPE POD "{\"end\":100,\"records\":2,\"left_out\":-1}\n",
     "t:4:35: 'left_out' is -1, expected a whole number that is not negative"},
    {"times that go back", HEAD SHAPE POD "{\"at\":99,\"pod\":\"b\",\"shape\":0}\n",
     "t:4: 'at' is 99, expected no less than 100, the time of the record before"},
    {"a deletion before its creation",
     HEAD SHAPE "{\"at\":100,\"pod\":\"a\",\"shape\":0,"
                "\"until\":99}\n",
     "t:3: pod 'a' is deleted at 99 ms ('until'), before its creation at 100 ms ('at')"},
    {"both kinds of end",
     HEAD SHAPE "{\"at\":1,\"pod\":\"a\",\"shape\":0,\"until\":9,"
                "\"runs\":9}\n",
     "t:3: pod 'a' has both 'until' and 'runs', expected one of them"},
    {"a shape that was not declared", HEAD SHAPE "{\"at\":1,\"pod\":\"a\",\"shape\":1}\n",
     "t:3: shape 1 was not declared before, expected one of the 1 above"},
    {"an owner that was not declared",
     HEAD SHAPE "{\"at\":1,\"pod\":\"a\",\"shape\":0,"
                "\"owner\":0}\n",
     "t:3: owner 0 was not declared before, expected one of the 0 above"},
    {"a pod without a shape", HEAD SHAPE "{\"at\":1,\"pod\":\"a\"}\n",
     "t:3: 'shape' is missing, expected a whole number that is not negative"},
    {"a pod without a time", HEAD SHAPE "{\"pod\":\"a\",\"shape\":0}\n",
     "t:3: 'at' is missing, expected a whole number that is not negative"},
    {"a pod without a name", HEAD SHAPE "{\"at\":1,\"pod\":\"\",\"shape\":0}\n",
     "t:3:15: 'pod' is a string, expected a name"},
    {"a time with a fraction", HEAD SHAPE "{\"at\":1.5,\"pod\":\"a\",\"shape\":0}\n",
     "t:3:7: 'at' is 1.5, expected a whole number that is not negative"},
    {"a time before the beginning", HEAD SHAPE "{\"at\":-1,\"pod\":\"a\",\"shape\":0}\n",
     "t:3:7: 'at' is -1, expected a whole number that is not negative"},
    {"a time beyond the limit", HEAD SHAPE "{\"at\":1000000000001,\"pod\":\"a\",\"shape\":0}\n",
     "t:3: 'at' is 1000000000001 ms, expected at most 1000000000000 (31 years)"},
    {"a life beyond the limit",
     HEAD SHAPE "{\"at\":0,\"pod\":\"a\",\"shape\":0,"
                "\"runs\":9223372036854775807}\n",
     "t:3: 'runs' is 9223372036854775807 ms, expected at most 1000000000000 (31 years)"},
    {"shapes out of order", HEAD "{\"shape\":1,\"template\":{}}\n",
     "t:2: 'shape' is 1, expected 0: shapes are numbered from 0 in order"},
    {"a template that is no map", HEAD "{\"shape\":0,\"template\":[]}\n",
     "t:2:23: 'template' is a list, expected a pod template"},
    {"a template that Kubernetes refuses",
     HEAD "{\"shape\":0,\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\",\"resources\":"
          "{\"requests\":{\"cpu\":\"1.5.2\"}}}]}}}\n",
     "t:2: spec.containers[0].resources.requests.cpu: '1.5.2' is not a quantity, expected "},
    {"owners out of order", HEAD "{\"owner\":3,\"kind\":\"Job\",\"name\":\"j\"}\n",
     "t:2: 'owner' is 3, expected 0: owners are numbered from 0 in order"},
    {"an owner without a kind", HEAD "{\"owner\":0,\"name\":\"j\"}\n",
     "t:2: 'kind' is missing, expected a name"},
    {"an owner of no name", HEAD "{\"owner\":0,\"kind\":\"Job\"}\n",
     "t:2: 'name' is missing, expected a name"},
    {"a deletion of no name", HEAD "{\"at\":0,\"delete\":\"Pod\"}\n",
     "t:2: 'name' is missing, expected a name"},
    {"an object that Kubernetes refuses",
     HEAD "{\"at\":0,\"apply\":{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\","
          "\"metadata\":{\"name\":\"d\"},\"spec\":{\"template\":{\"spec\":{\"containers\":"
          "[{\"name\":\"c\",\"image\":\"i\"}]}}}}}\n",
     "t:2: spec.selector: Required value"},
    {"a record of no kind", HEAD "{\"at\":0}\n",
     "t:2: not a record, expected one of the fields pod, delete, apply, template, owner, spot, "
     "node, scale, end"},
    {"a node without its object", HEAD "{\"at\":0,\"node\":\"n\"}\n",
     "t:2: 'object' is missing, expected a Node, or \"gone\":true"},
    {"a node with another's object",
     HEAD "{\"at\":0,\"node\":\"n\",\"object\":{\"metadata\":{\"name\":\"m\"}}}\n",
     "t:2: 'node' is 'n', but its object is that of 'm'"},
    {"a spot event that nobody knows", HEAD "{\"at\":0,\"spot\":\"mood\"}\n",
     "t:2:16: 'spot' is mood, expected interruption, rebalance, ended, price or capacity"},
    {"a price of no pool", HEAD "{\"at\":0,\"spot\":\"price\",\"type\":\"a\",\"value\":1}\n",
     "t:2: 'zone' is missing, expected the pool's"},
    {"a scale of no number",
     HEAD "{\"at\":0,\"scale\":\"Deployment\",\"name\":\"a\",\"replicas\":-1}\n",
     "t:2:52: 'replicas' is -1, expected a whole number that is not negative"},
    {"a scale of no workload", HEAD "{\"at\":0,\"scale\":\"Pod\",\"name\":\"a\",\"replicas\":1}\n",
     "t:2:17: 'scale' is Pod, expected a kind of workload"},
    {"an exit code beyond all codes",
     HEAD SHAPE "{\"at\":0,\"pod\":\"a\",\"shape\":0,\"exit\":3000000000}\n",
     "t:3:36: 'exit' is 3000000000, expected an exit code"},
    {"a list instead of a record", HEAD "[1]\n", "t:2: expected one JSON object per line"},
    {"two records in a line", HEAD "{\"end\":0,\"records\":0} {}\n",
     "t:2: expected one JSON object per line"},
    {"an empty line", HEAD "\n", "t:2: expected one JSON object per line"},
    {"garbage", HEAD "\x01\x02\n", "t:2: found byte 0x01, expected a value"},
    {"a key twice", HEAD "{\"end\":0,\"end\":0}\n", "t:2: "},
};

static void refuse_bad_lines(void)
{
    wb_scratch_folder_init(&folder);
    for (size_t i = 0; i < WB_TEST_COUNT(line_cases); i++) {
        const char *found = verdict_on("t", line_cases[i].text, strlen(line_cases[i].text));
        const char *expected = line_cases[i].message;
        const size_t length = strlen(expected);
        /* a row that ends in a blank leaves the rest to the tests of base/ and kube/ */
        const bool is_prefix = length > 0 && expected[length - 1] == ' ';
        const bool is_same =
            is_prefix ? strncmp(found, expected, length) == 0 : strcmp(found, expected) == 0;
        if (!is_same) {
            printf("\n  %s:\n    found    %s\n    expected %s\n", line_cases[i].name, found,
                   expected);
        }
        CU_ASSERT(is_same);
    }
    wb_scratch_folder_release(&folder);
}

/* A good trace of 700 pods, packed, cut at every length: each is refused, none crashes. */
static void refuse_packed_files_that_are_cut(void)
{
    wb_scratch_folder_init(&folder);
    const char *path = wb_scratch_folder_join(&folder, "whole.zst");
    wb_trace_writer *writer = NULL;
    const wb_trace_info_header header = {.epoch_ms = -1, .end_ms = -1, .source = "test"};
    CU_ASSERT_EQUAL_FATAL(wb_trace_writer_open(path, &header, &writer, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_writer_shape(writer, 0, "default",
                                          "{\"spec\":{\"containers\":[{\"name\":\"c\"}]}}", NULL),
                    WB_OK);
    for (int64_t i = 0; i < 700; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "pod-%" PRId64, i * i);
        const wb_trace_pod pod = {.at_ms = i * 37,
                                  .name = name,
                                  .owner_number = UINT32_MAX,
                                  .until_ms = -1,
                                  .runs_ms = i * i * i};
        CU_ASSERT_EQUAL(wb_trace_writer_pod(writer, &pod, NULL), WB_OK);
    }
    CU_ASSERT_EQUAL_FATAL(wb_trace_writer_commit(writer, 30000, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_check(path, NULL, NULL), WB_OK);

    static char bytes[65536];
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    const size_t length = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    CU_ASSERT(length > 1000 && length < sizeof bytes);
    for (size_t cut = 0; cut < length; cut += cut + 20 < length ? 13 : 1) {
        const char *found = verdict_on("cut.zst", bytes, cut);
        CU_ASSERT(strncmp(found, "cut.zst", 7) == 0);
    }
    CU_ASSERT_STRING_EQUAL(verdict_on("cut.zst", bytes, length), "");
    wb_scratch_folder_release(&folder);
}

static void say_what_cannot_be_opened(void)
{
    wb_error err;
    CU_ASSERT_EQUAL(wb_trace_check("/nowhere/x.trace", NULL, &err), WB_ERR_IO);
    CU_ASSERT_STRING_EQUAL(err.text, "/nowhere/x.trace: cannot open: No such file or directory");
    CU_ASSERT_EQUAL(wb_trace_check("/tmp", NULL, &err), WB_ERR_IO);
}

/* One line of each kind, and what the sums make of them. */
static const char summed[] =
    "{\"trace\":\"werkbank/v1\",\"epoch\":\"2026-01-05T00:00:00Z\",\"end_ms\":7200000}\n"
    "{\"shape\":0,\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\",\"resources\":{"
    "\"requests\":{\"cpu\":\"1500m\",\"memory\":\"1Gi\"}}}]}}}\n"
    "{\"shape\":1,\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\",\"resources\":{"
    "\"requests\":{\"cpu\":\"1\",\"memory\":\"4Gi\",\"nvidia.com/gpu\":\"2\"},"
    "\"limits\":{\"nvidia.com/gpu\":\"2\"}}}]}}}\n" OWNER
    "{\"at\":1000,\"pod\":\"a\",\"shape\":0,\"owner\":0,\"until\":3601000}\n"
    "{\"at\":2000,\"pod\":\"b\",\"shape\":1,\"runs\":1800000}\n"
    "{\"at\":3000,\"pod\":\"c\",\"shape\":0}\n"
    "{\"at\":4000,\"apply\":{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":"
    "{\"name\":\"s\"}}}\n"
    "{\"at\":5000,\"delete\":\"Pod\",\"name\":\"c\"}\n"
    "{\"end\":7200000,\"records\":8}\n";

static void count_visit(void *context, const wb_trace_record *record)
{
    uint32_t *counts = context;
    counts[record->kind]++;
}

static void sum_up_a_trace(void)
{
    wb_scratch_folder_init(&folder);
    const char *path = wb_scratch_folder_write(&folder, "t", summed, strlen(summed));
    wb_trace_summary found;
    uint32_t visits[WB_TRACE_END + 1] = {0};
    const wb_trace_visitor visitor = {visits, count_visit};
    CU_ASSERT_EQUAL_FATAL(wb_trace_check_each(path, &visitor, &found, NULL), WB_OK);
    CU_ASSERT_EQUAL(found.record_count, 9);
    CU_ASSERT_EQUAL(found.pod_count, 3);
    CU_ASSERT_EQUAL(found.service_count, 1);
    CU_ASSERT_EQUAL(found.batch_count, 1);
    CU_ASSERT_EQUAL(found.open_count, 1);
    CU_ASSERT_EQUAL(found.shape_count, 2);
    CU_ASSERT_EQUAL(found.owner_count, 1);
    CU_ASSERT_EQUAL(found.apply_count, 1);
    CU_ASSERT_EQUAL(found.delete_count, 1);
    CU_ASSERT_EQUAL(found.epoch_ms, 1767571200000);
    CU_ASSERT_EQUAL(found.first_ms, 1000);
    CU_ASSERT_EQUAL(found.end_ms, 7200000);
    CU_ASSERT_EQUAL(found.cpu_milli_hours, 1500 + 500);
    CU_ASSERT_EQUAL(found.gpu_milli_hours, 1000);
    CU_ASSERT_EQUAL(found.max_pod_cpu_milli, 1500);
    CU_ASSERT_EQUAL(found.max_pod_memory_bytes, INT64_C(4) << 30);
    CU_ASSERT_EQUAL(visits[WB_TRACE_SHAPE], 2);
    CU_ASSERT_EQUAL(visits[WB_TRACE_APPLY], 1);
    CU_ASSERT_EQUAL(visits[WB_TRACE_POD] + visits[WB_TRACE_DELETE] + visits[WB_TRACE_END], 0);
    wb_scratch_folder_release(&folder);
}

/* Packed or plain, the digest is of the lines; any other byte in any line changes it. */
static void tell_traces_apart_by_digest(void)
{
    wb_scratch_folder_init(&folder);
    wb_trace_summary plain;
    wb_trace_summary packed;
    wb_trace_summary later;
    const char *path = wb_scratch_folder_write(&folder, "t", summed, strlen(summed));
    CU_ASSERT_EQUAL(wb_trace_check(path, &plain, NULL), WB_OK);
    path = wb_scratch_folder_join(&folder, "t.zst");
    wb_file_writer *writer = NULL;
    CU_ASSERT_EQUAL_FATAL(wb_file_writer_open(path, &writer, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_file_writer_write(writer, summed, strlen(summed), NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_file_writer_commit(writer, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_check(path, &packed, NULL), WB_OK);
    CU_ASSERT_STRING_EQUAL(plain.digest, packed.digest);

    char other[sizeof summed];
    memcpy(other, summed, sizeof summed);
    char *year = strstr(other, "2026"); /* in the first line: a calendar decides CronJobs */
    CU_ASSERT_PTR_NOT_NULL_FATAL(year);
    if (year != NULL) {
        year[3] = '7';
    }
    path = wb_scratch_folder_write(&folder, "t", other, strlen(other));
    CU_ASSERT_EQUAL(wb_trace_check(path, &later, NULL), WB_OK);
    CU_ASSERT_STRING_NOT_EQUAL(plain.digest, later.digest);
    wb_scratch_folder_release(&folder);
}

/* Sums that do not fit stop at the largest number instead of wrapping. */
static void bear_huge_numbers(void)
{
    static const char text[] =
        HEAD "{\"shape\":0,\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\",\"resources\":{"
             "\"requests\":{\"cpu\":\"9223372036854775\"}}}]}}}\n"
             "{\"at\":0,\"pod\":\"a\",\"shape\":0,\"until\":1000000000000}\n"
             "{\"at\":0,\"pod\":\"b\",\"shape\":0,\"runs\":1000000000000}\n"
             "{\"end\":0,\"records\":3}\n";
    wb_scratch_folder_init(&folder);
    wb_trace_summary found;
    wb_error err;
    const char *path = wb_scratch_folder_write(&folder, "t", text, strlen(text));
    CU_ASSERT_EQUAL_FATAL(wb_trace_check(path, &found, &err), WB_OK);
    CU_ASSERT_EQUAL(found.cpu_milli_hours, INT64_MAX / 3600);
    wb_scratch_folder_release(&folder);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"bad lines are refused with their place", refuse_bad_lines},
        {"a packed trace that is cut anywhere is refused", refuse_packed_files_that_are_cut},
        {"what cannot be opened is said", say_what_cannot_be_opened},
        {"a trace is summed up", sum_up_a_trace},
        {"digests tell traces apart", tell_traces_apart_by_digest},
        {"sums that do not fit stop at the largest number", bear_huge_numbers},
    };
    return wb_test_run("trace reader", cases, WB_TEST_COUNT(cases));
}
