/* openb pod lists: a small list made by hand, with all that the real ones have, and broken rows. */
#include <stdbool.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/traces/import_fixture.h"

#define HEAD                                                                            \
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time," \
    "deletion_time,scheduled_time\n"

/* Rows in no order, as in the default list. */
static const char list[] = HEAD
    "openb-pod-0001,12000,16384,1,1000,,LS,Running,100,5000,101\n" /* a service */
    "openb-pod-0000,6000,12288,1,460,,BE,Running,100,400,110\n"    /* best effort: runs for 290 s */
    "openb-pod-0002,88000,327680,8,1000,V100M16|V100M32|A10,Burstable,Failed,20,50,30\n"
    "openb-pod-0003,1000,1024,0,0,,LS,Pending,0,300,\n" /* never ran: waits */
    "openb-pod-0004,1000,1024,0,0,,LS,Pending,10,300,\n"
    "openb-pod-0005,6000,12288,1,1000,,BE,Failed,700,900,710\n" /* a twin of 0000 */
    "openb-pod-0006,2000,2048,1,500,T4,Guaranteed,Succeeded,1000,1000,1000\n";

static void import_a_list(void)
{
    wb_import_fixture fixture;
    wb_import_fixture_init(&fixture);
    wb_import_fixture_run(&fixture, NULL, list, strlen(list));
    CU_ASSERT_EQUAL_FATAL(fixture.status, WB_OK);
    CU_ASSERT_STRING_EQUAL(fixture.report.format, "openb");
    CU_ASSERT_EQUAL(fixture.report.pod_count, 7);
    CU_ASSERT_EQUAL(fixture.report.shape_count, 5);
    CU_ASSERT_EQUAL(fixture.report.end_ms, 5000000);
    CU_ASSERT_EQUAL_FATAL(fixture.report.note_count, 3);
    CU_ASSERT_STRING_EQUAL(fixture.report.notes[0],
                           "2 pods share a GPU in the recording; EKS hands out whole ones, so "
                           "each asks for one");
    /* (4900 + 0.46 x 300 + 8 x 30 + 200) s, and 300 for the shared one */
    CU_ASSERT_STRING_EQUAL(fixture.report.notes[1],
                           "1.5 GPU hours from creation to deletion; 1.6 as asked for here");
    CU_ASSERT_STRING_EQUAL(fixture.report.notes[2],
                           "2 pods never ran in the recording; they wait from creation to "
                           "deletion");
    const wb_trace_summary found = wb_import_fixture_summary(&fixture);
    CU_ASSERT_EQUAL(found.epoch_ms, -1);
    CU_ASSERT_EQUAL(found.pod_count, 7);
    CU_ASSERT_EQUAL(found.batch_count, 4);
    CU_ASSERT_EQUAL(found.service_count, 3);
    /* milli-CPU seconds: services 12000 x 4900 + 1000 x (300 + 290), jobs 6000 x (290 + 190) +
     * 88000 x 20 + 2000 x 0 */
    CU_ASSERT_EQUAL(found.cpu_milli_hours,
                    (12000 * 4900 + 1000 * 590 + 6000 * 480 + 88000 * 20) / 3600);
    CU_ASSERT_EQUAL(found.max_pod_memory_bytes, INT64_C(320) << 30);
    wb_import_fixture_release(&fixture);
}

static const char *const expected_lines[] = {
    /* in order of creation, equal times in the order of the list */
    "{\"at\":0,\"pod\":\"openb-pod-0003\",\"shape\":0,\"owner\":0,"
    "\"until\":300000,\"gone\":300000}\n"
    "{\"at\":10000,\"pod\":\"openb-pod-0004\",\"shape\":0,\"owner\":0,"
    "\"until\":300000,\"gone\":300000}\n",
    "{\"at\":100000,\"pod\":\"openb-pod-0000\",\"shape\":3,\"owner\":3,"
    "\"runs\":290000,\"bound\":110000,"
    "\"gone\":400000}\n",
    "{\"at\":700000,\"pod\":\"openb-pod-0005\",\"shape\":3,\"owner\":3,"
    "\"runs\":190000,\"bound\":710000,"
    "\"gone\":900000}\n",
    "{\"at\":1000000,\"pod\":\"openb-pod-0006\",\"shape\":4,\"owner\":4,"
    "\"runs\":0,\"bound\":1000000,"
    "\"gone\":1000000}\n",
    /* V100M16 and A10 have one stand-in */
    "\"operator\":\"In\",\"values\":[\"a10g\",\"l40s\"]}",
    ("\"requests\":{\"cpu\":\"88000m\",\"memory\":\"327680Mi\",\"nvidia.com/gpu\":\"8\"},"
     "\"limits\":{\"nvidia.com/gpu\":\"8\"}"),
    "{\"owner\":0,\"kind\":\"Deployment\",\"namespace\":\"openb\",\"name\":\"openb-service-0\"}\n",
    "{\"owner\":3,\"kind\":\"Job\",\"namespace\":\"openb\",\"name\":\"openb-job-3\"}\n",
    "{\"end\":5000000,\"records\":17,\"approximated\":2}\n",
};

static void write_these_lines(void)
{
    wb_import_fixture fixture;
    wb_import_fixture_init(&fixture);
    wb_import_fixture_run(&fixture, "openb", list, strlen(list));
    for (size_t i = 0; i < WB_TEST_COUNT(expected_lines); i++) {
        const bool is_there = strstr(fixture.text, expected_lines[i]) != NULL;
        if (!is_there) {
            printf("\n  missing: %s\n%s", expected_lines[i], fixture.text);
        }
        CU_ASSERT(is_there);
    }
    wb_import_fixture_release(&fixture);
}

static void import_a_list_without_times(void)
{
    static const char text[] = "name,cpu_milli,memory_mib,num_gpu,gpu_milli\r\n"
                               "p0,4000,1024,0,0\r\np1,4000,1024,4,1000\r\n";
    wb_import_fixture fixture;
    wb_import_fixture_init(&fixture);
    wb_import_fixture_run(&fixture, NULL, text, strlen(text));
    CU_ASSERT_EQUAL_FATAL(fixture.status, WB_OK);
    CU_ASSERT_EQUAL(fixture.report.end_ms, 3600000);
    CU_ASSERT_EQUAL_FATAL(fixture.report.note_count, 1);
    CU_ASSERT_STRING_EQUAL(fixture.report.notes[0],
                           "the list has no times; its pods are there for the first hour");
    const wb_trace_summary found = wb_import_fixture_summary(&fixture);
    CU_ASSERT_EQUAL(found.service_count, 2);
    CU_ASSERT_EQUAL(found.cpu_milli_hours, 8000);
    CU_ASSERT_EQUAL(found.gpu_milli_hours, 4000);
    wb_import_fixture_release(&fixture);
}

static const struct {
    const char *name;
    const char *row; /* below the header */
    const char *message;
} bad_cases[] = {
    {"no pods", "", "in: holds no pods"},
    {"a row that is cut", "a,1,1,0,0,,LS,Runn",
     "in:2: the list is cut in the middle of a row, expected a line end"},
    {"an empty row", "\n", "in:2: found 1 fields, expected 11"},
    {"a field too few", "a,1,1,0,0,,LS,Running,0,1\n", "in:2: found 10 fields, expected 11"},
    {"a field too many", "a,1,1,0,0,,LS,Running,0,1,1,1\n",
     "in:2: found more than 11 fields, expected 11"},
    {"no name", ",1,1,0,0,,LS,Running,0,1,1\n", "in:2: name: is empty, expected the pod's name"},
    {"a CPU count that is none", "a,1.5,1,0,0,,LS,Running,0,1,1\n",
     "in:2: cpu_milli: '1.5' is not a whole number from 0 to 100000000"},
    {"no memory", "a,1,,0,0,,LS,Running,0,1,1\n",
     "in:2: memory_mib: '' is not a whole number from 0 to 1000000000"},
    {"memory beyond belief", "a,1,1000000001,0,0,,LS,Running,0,1,1\n",
     "in:2: memory_mib: '1000000001' is not a whole number from 0 to 1000000000"},
    {"a number of 40 digits",
     "a,1,1,9999999999999999999999999999999999999999,0,,LS,Running,0,1,1\n",
     "in:2: num_gpu: '9999999999999999999999999999999999999999' is not a whole number from 0 to "
     "1000"},
    {"a share beyond one GPU", "a,1,1,1,1001,,LS,Running,0,1,1\n",
     "in:2: gpu_milli: '1001' is not a whole number from 0 to 1000"},
    {"a time before the start", "a,1,1,0,0,,LS,Running,-5,1,1\n",
     "in:2: creation_time: '-5' is not a whole number from 0 to 1000000000"},
    {"a deletion before its creation", "a,1,1,0,0,,LS,Pending,10,9,\n",
     "in:2: pod 'a' is deleted at 9 s, before its creation at 10 s"},
    {"a deletion before scheduling", "a,1,1,0,0,,LS,Running,10,19,20\n",
     "in:2: pod 'a' is deleted at 19 s, before its scheduling at 20 s"},
    {"scheduled before it was created", "a,1,1,0,0,,LS,Running,10,19,9\n",
     "in:2: pod 'a' is scheduled at 9 s, before its creation at 10 s"},
    {"a class of service that is none", "a,1,1,0,0,,\"}],Running,0,1,1\n",
     "in:2: qos: '\"}]' is not one of LS, BE, Burstable, Guaranteed"},
    {"a phase that is none", "a,1,1,0,0,,LS,Done,0,1,1\n",
     "in:2: pod_phase: 'Done' is not one of Pending, Running, Succeeded, Failed, Unknown"},
    {"a GPU that nobody knows",
     "a,1,1,0,0,,LS,Running,0,1,1\nb,1,1,1,1000,T4|B9,LS,Running,0,1,1\n",
     "in:3: gpu_spec: 'B9' is not a known GPU model"},
};

static void refuse_bad_rows(void)
{
    wb_import_fixture fixture;
    wb_import_fixture_init(&fixture);
    for (size_t i = 0; i < WB_TEST_COUNT(bad_cases); i++) {
        char text[512];
        (void)snprintf(text, sizeof text, "%s%s", HEAD, bad_cases[i].row);
        wb_import_fixture_run(&fixture, NULL, text, strlen(text));
        if (strcmp(fixture.err.text, bad_cases[i].message) != 0) {
            printf("\n  %s:\n    found    %s\n    expected %s\n", bad_cases[i].name,
                   fixture.err.text, bad_cases[i].message);
        }
        CU_ASSERT_EQUAL(fixture.status, WB_ERR_INPUT);
        CU_ASSERT_STRING_EQUAL(fixture.err.text, bad_cases[i].message);
        CU_ASSERT_EQUAL(wb_scratch_folder_file_count(&fixture.folder), 1); /* only the input */
    }
    wb_import_fixture_release(&fixture);
}

static void refuse_other_columns(void)
{
    static const char text[] = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,color\na,1,1,0,0,red\n";
    wb_import_fixture fixture;
    wb_import_fixture_init(&fixture);
    wb_import_fixture_run(&fixture, NULL, text, strlen(text));
    CU_ASSERT_EQUAL(fixture.status, WB_ERR_INPUT);
    CU_ASSERT(strncmp(fixture.err.text, "in:1: unknown columns, expected 'name,", 38) == 0);
    wb_import_fixture_release(&fixture);
}

/* The table of docs/trace-format.md. */
static const struct {
    const char *model, *gpu_name; /* gpu_name NULL: not known */
} twin_cases[] = {
    {"T4", "t4"},    {"P100", "t4"},   {"V100M16", "a10g"}, {"V100M32", "l40s"},
    {"A10", "a10g"}, {"A100", "a100"}, {"A800", "a100"},    {"H800", "h100"},
    {"G1", "t4"},    {"G2", "a10g"},   {"G3", "a100"},      {"A100-SXM4-80GB", "a100"},
    {"t4", NULL},    {"", NULL},       {"V100", NULL},      {"V100M161", NULL},
};

static void find_twins_of_gpus(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(twin_cases); i++) {
        const wb_gpu_twin *twin =
            wb_trace_import_gpu_twin(twin_cases[i].model, strlen(twin_cases[i].model));
        CU_ASSERT_EQUAL(twin == NULL, twin_cases[i].gpu_name == NULL);
        if (twin != NULL && twin_cases[i].gpu_name != NULL) {
            CU_ASSERT_STRING_EQUAL(twin->gpu_name, twin_cases[i].gpu_name);
            CU_ASSERT(twin->reason[0] != 0);
        }
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"a list becomes services and jobs", import_a_list},
        {"the trace has these lines", write_these_lines},
        {"a list without times is there for an hour", import_a_list_without_times},
        {"bad rows are refused with their line", refuse_bad_rows},
        {"other columns are refused", refuse_other_columns},
        {"GPU models have twins", find_twins_of_gpus},
    };
    return wb_test_run("import openb", cases, WB_TEST_COUNT(cases));
}
