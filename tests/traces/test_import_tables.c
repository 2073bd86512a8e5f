/*
 * The importers of tables (DLRM, GPU nodes, spot GPU jobs, Borg, Azure, prices, SkyPilot, our own
 * CSV) on small tables made in each form: what lines come out, and what is refused how.
 */
#include <stdbool.h>
#include <string.h>

#include <sqlite3.h>

#include "tests/harness.h"
#include "tests/traces/import_fixture.h"

#define DLRM_HEAD                                                                           \
    "instance_sn,role,app_name,cpu_request,cpu_limit,gpu_request,gpu_limit,rdma_request,"   \
    "rdma_limit,memory_request,memory_limit,disk_request,disk_limit,max_instance_per_node," \
    "creation_time,scheduled_time,deletion_time\n"
#define JOB_HEAD                                                                               \
    "job_name,organization,gpu_model,cpu_request,gpu_request,worker_num,submit_time,duration," \
    "job_type\n"
#define BORG_HEAD                                                                            \
    "time,type,collection_id,scheduling_class,collection_type,priority,alloc_collection_id," \
    "instance_index,machine_id,resource_request.cpus,resource_request.memory\n"

static const struct {
    const char *name, *format, *text;
    uint64_t pods, objects;
    int64_t end_ms;
    const char *lines[6]; /* each must be in the trace */
} good_cases[] = {
    {"DLRM: services, one per node, n per node, there before the start and at the end",
     "dlrm",
     DLRM_HEAD "i_0,HN,app_0,12,12,1,1,25,25,120.0,120.0,640.5,800.0,1,,,\n"
               "i_1,CN,app_0,64,64,0,0,1,1,320.0,320.0,0,0,8,100.00000000000006,101.0,250.5\n",
     2,
     0,
     250500,
     {"{\"at\":0,\"pod\":\"i-0\",\"shape\":0,\"owner\":0}\n",
      "{\"at\":100000,\"pod\":\"i-1\",\"shape\":1,\"owner\":1,\"until\":250500,\"bound\":101000,"
      "\"started\":101000,\"gone\":250500}\n",
      "{\"owner\":0,\"kind\":\"Deployment\",\"namespace\":\"dlrm\",\"name\":\"app-0-hn\"}\n",
      "\"affinity\":{\"podAntiAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":[{"
      "\"labelSelector\":{\"matchLabels\":{\"app\":\"app-0\",\"role\":\"hn\"}},\"topologyKey\":"
      "\"kubernetes.io/hostname\"}]}}",
      "\"topologySpreadConstraints\":[{\"maxSkew\":8,\"whenUnsatisfiable\":\"DoNotSchedule\"",
      "\"requests\":{\"cpu\":\"12000m\",\"memory\":\"128849018880\",\"ephemeral-storage\":"
      "\"687731638272\",\"nvidia.com/gpu\":\"1\",\"rdma/nic-percent\":\"25\"},\"limits\":{"
      "\"nvidia.com/gpu\":\"1\",\"rdma/nic-percent\":\"25\"}"}},
    {"nodes of the openb cluster",
     "gpu-nodes",
     "sn,cpu_milli,memory_mib,gpu,model\nopenb-node-0000,64000,262144,2,P100\n"
     "openb-node-0001,32000,131072,0,\n",
     0,
     2,
     0,
     {"{\"at\":0,\"node\":\"openb-node-0000\",\"ready\":true,\"object\":{",
      "\"allocatable\":{\"cpu\":\"32000m\",\"memory\":\"131072Mi\",\"pods\":\"250\"}",
      "\"karpenter.k8s.aws/instance-gpu-name\":\"t4\",\"gpu-model\":\"P100\""}},
    {"nodes of the spot GPU cluster",
     "gpu-nodes",
     "gpu_model,gpu_capacity_num,cpu_num,node_name\nA800-SXM4-80GB,8,96,17\n",
     0,
     1,
     0,
     {"\"node\":\"node-17\"", "\"memory\":\"786432Mi\"", "\"nvidia.com/gpu\":\"8\""}},
    {"spot GPU jobs: a pod per worker",
     "spot-gpu",
     JOB_HEAD "j1,orgA,A100-SXM4-80GB,8,1,2,60,3600,Spot\nj0,orgB,H800,16,0.5,1,5,10,HP\n",
     3,
     0,
     3660000,
     {"{\"at\":5000,\"pod\":\"j0-0\",\"shape\":1,\"owner\":1,\"runs\":10000}\n",
      "{\"at\":60000,\"pod\":\"j1-1\",\"shape\":0,\"owner\":0,\"runs\":3600000}\n",
      "\"organization\":\"orga\",\"job-type\":\"Spot\"}},\"spec\":{\"priority\":0,",
      "\"nodeSelector\":{\"karpenter.k8s.aws/instance-gpu-name\":\"h100\"}",
      "\"cpu\":\"16000m\",\"nvidia.com/gpu\":\"1\"}"}},
    {"Borg: a restart is another pod, a task in a reservation none, shares of a machine",
     "borg",
     BORG_HEAD "900000000,3,1,0,0,200,0,0,7,0.25,0.125\n" /* scheduled before it was submitted, */
               "800000000,0,1,0,0,200,0,0,,0.25,0.125\n"  /* in the file only */
               "1000000000,4,1,0,0,200,0,0,7,,\n"         /* evicted, */
               "1000000000,0,1,0,0,200,0,0,,0.25,0.125\n" /* submitted again that very moment, */
               "1100000000,3,1,0,0,200,0,0,8,,\n"
               "1600000000,FINISH,1,0,0,200,0,0,8,,\n"
               "0,3,2,3,1,360,0,5,7,0.5,0.5\n"             /* there before, an alloc instance */
               "9223372036854775807,6,2,3,1,360,0,5,7,,\n" /* and after */
               "700000000,3,3,0,0,0,2,1,7,0.1,0.1\n",      /* inside it */
     3,
     0,
     1000000,
     {"{\"at\":0,\"pod\":\"task-2-5-0\",\"shape\":1,\"owner\":1,\"bound\":0,\"started\":0}\n",
      "{\"at\":200000,\"pod\":\"task-1-0-200\",\"shape\":0,\"owner\":0,\"until\":400000,"
      "\"bound\":300000,\"started\":300000,\"gone\":400000}\n",
      "{\"at\":400000,\"pod\":\"task-1-0-400\",\"shape\":0,\"owner\":0,\"runs\":500000,"
      "\"bound\":500000,\"started\":500000,\"gone\":1000000,\"exit\":0}\n",
      "\"band\":\"production\",\"scheduling-class\":\"0\"}},\"spec\":{\"priority\":200,",
      "\"cpu\":\"32000m\",\"memory\":\"65536Mi\""}},
    {"Borg: JSON lines, integers as strings",
     "borg",
     "{\"time\":\"700000000\",\"type\":\"SCHEDULE\",\"collection_id\":\"398745783455\","
     "\"instance_index\":\"4\",\"priority\":\"25\",\"resource_request\":{\"cpus\":0.0000001,"
     "\"memory\":1.5e-05}}\n"
     "{\"time\":\"701000000\",\"type\":\"FAIL\",\"collection_id\":\"398745783455\","
     "\"instance_index\":\"4\",\"priority\":\"25\"}\n",
     1,
     0,
     101000,
     {"{\"at\":100000,\"pod\":\"task-398745783455-4-100\",\"shape\":0,\"owner\":0,\"runs\":1000,",
      "\"band\":\"free\"", "\"cpu\":\"1m\",\"memory\":\"8Mi\""}},
    {"prices: other products left out, times from the first",
     "spot-price",
     "use1-az2\tm5.large\tLinux/UNIX\t0.038100\t2022-05-31T18:20:41+00:00\n"
     "use1-az2\tm5.large\tWindows\t0.138100\t2022-05-31T18:20:42+00:00\n"
     "use1-az4\tc5.large\tLinux/UNIX\t1\t2022-05-31T18:20:40+00:00\n",
     0,
     2,
     1000,
     {"\"epoch\":\"2022-05-31T18:20:40Z\"",
      "{\"at\":0,\"spot\":\"price\",\"type\":\"c5.large\",\"zone\":\"use1-az4\",\"value\":"
      "1000000000}\n"
      "{\"at\":1000,\"spot\":\"price\",\"type\":\"m5.large\",\"zone\":\"use1-az2\",\"value\":"
      "38100000}\n"}},
    {"our own CSV, rows in no order",
     "csv",
     "arrival,end,duration,cpu,memory,name,namespace,owner,gpu,priority,node_selector,label:app,"
     "color\n"
     "2,5,,500m,1Gi,web-1,shop,web,0,,,api,red\n1,,3.5,\"1.5\",512Mi,,,,1,7,pool=a;zone=b,,\n"
     "3,,,0,0,x,,,,,,,\n",
     3,
     0,
     5000,
     {"{\"at\":1000,\"pod\":\"pod-1\",\"shape\":1,\"runs\":3500}\n",
      "{\"at\":2000,\"pod\":\"web-1\",\"shape\":0,\"owner\":0,\"until\":5000}\n",
      "{\"at\":3000,\"pod\":\"x\",\"shape\":2}\n", "{\"labels\":{\"app\":\"api\"}}",
      "\"nodeSelector\":{\"pool\":\"a\",\"zone\":\"b\"}",
      "\"cpu\":\"1500m\",\"memory\":\"512Mi\",\"nvidia.com/gpu\":\"1\""}},
};

static void expect_line(const wb_import_fixture *fixture, const char *line)
{
    const bool is_there = strstr(fixture->text, line) != NULL;
    if (!is_there) {
        printf("\n  missing: %s\n%s\n%s", line, fixture->text, fixture->err.text);
    }
    CU_ASSERT(is_there);
}

static void import_made_tables(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(good_cases); i++) {
        wb_import_fixture fixture;
        wb_import_fixture_init(&fixture);
        wb_import_fixture_run(&fixture, NULL, good_cases[i].text, strlen(good_cases[i].text));
        CU_ASSERT_EQUAL(fixture.status, WB_OK);
        for (size_t j = 0; j < 6 && good_cases[i].lines[j] != NULL; j++) {
            expect_line(&fixture, good_cases[i].lines[j]);
        }
        if (fixture.status == WB_OK) {
            CU_ASSERT_STRING_EQUAL(fixture.report.format, good_cases[i].format);
            CU_ASSERT_EQUAL(fixture.report.pod_count, good_cases[i].pods);
            CU_ASSERT_EQUAL(fixture.report.object_count, good_cases[i].objects);
            CU_ASSERT_EQUAL(fixture.report.end_ms, good_cases[i].end_ms);
            CU_ASSERT_EQUAL(wb_import_fixture_summary(&fixture).end_ms, good_cases[i].end_ms);
        }
        wb_import_fixture_release(&fixture);
    }
}

/* Made here as the trace's description says it is. */
static const char azure_schema[] =
    "CREATE TABLE vmType (id INT, vmTypeId INT, machineId INT, core REAL, memory REAL, hdd REAL, "
    "ssd REAL, nic REAL);"
    "CREATE TABLE vm (vmId INT, tenantId INT, vmTypeId INT, priority INT, starttime REAL, "
    "endtime REAL);"
    "INSERT INTO vmType VALUES (1, 7, 4, 0.5, 0.5, 0, 0, 0), (2, 7, 3, 0.25, 0.125, 0, 0, 0), "
    "(3, 8, 3, 1, 1, 0, 0, 0);";

static void import_azure(const char *rows, wb_import_fixture *fixture)
{
    sqlite3 *database = NULL;
    const char *path = wb_scratch_folder_join(&fixture->folder, "azure.db");
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &database), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(database, azure_schema, NULL, NULL, NULL), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(database, rows, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    wb_import_fixture_run_file(fixture, path);
}

static void import_a_database(void)
{
    wb_import_fixture fixture;
    wb_import_fixture_init(&fixture);
    import_azure("INSERT INTO vm VALUES (11, 5, 7, 1, -3.5, 2), (12, 5, 8, 0, 0.5, NULL)",
                 &fixture);
    CU_ASSERT_EQUAL_FATAL(fixture.status, WB_OK);
    CU_ASSERT_STRING_EQUAL(fixture.report.format, "azure");
    expect_line(&fixture, "{\"at\":0,\"pod\":\"11\",\"shape\":0,\"owner\":0,\"until\":172800000}");
    expect_line(&fixture, "{\"at\":43200000,\"pod\":\"12\",\"shape\":1,\"owner\":0}");
    expect_line(&fixture, "\"cpu\":\"32000m\",\"memory\":\"65536Mi\""); /* of machine 3 */
    expect_line(&fixture, "\"spec\":{\"priority\":1000,");
    CU_ASSERT_EQUAL(fixture.report.end_ms, 172800000);
    wb_import_fixture_release(&fixture);
}

static const struct {
    const char *name, *rows, *message;
} bad_databases[] = {
    {"a type that is in no table", "INSERT INTO vm VALUES (11, 5, 9, 1, 0, 2)",
     "azure.db: row 1 of vm: core: expected a number from 0 to 1 (is the type in vmType?)"},
    {"a time that is text", "INSERT INTO vm VALUES (11, 5, 7, 1, 'monday', 2)",
     "azure.db: row 1 of vm: starttime: expected a number from -11574 to 11574"},
    {"an end before the start", "INSERT INTO vm VALUES (11, 5, 7, 1, 3, 2)",
     "azure.db: row 1 of vm: endtime: expected a number from 3 to 11574"},
    {"no rows", "DELETE FROM vm", "azure.db: holds no pods"},
    {"a view for a table", "ALTER TABLE vm RENAME TO v; CREATE VIEW vm AS SELECT * FROM v",
     "azure.db: a database without the tables vm and vmType"},
    {"a missing column", "ALTER TABLE vm DROP COLUMN priority",
     "azure.db: no such column: v.priority, expected Azure's tables vm and vmType"},
};

static void refuse_bad_databases(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(bad_databases); i++) {
        wb_import_fixture fixture;
        wb_import_fixture_init(&fixture);
        import_azure(bad_databases[i].rows, &fixture);
        const char *text = strstr(fixture.err.text, "azure.db");
        CU_ASSERT_EQUAL(fixture.status, WB_ERR_INPUT);
        if (text == NULL || strcmp(text, bad_databases[i].message) != 0) {
            printf("\n  %s: %s", bad_databases[i].name, fixture.err.text);
            CU_FAIL("another message");
        }
        CU_ASSERT_EQUAL(wb_scratch_folder_file_count(&fixture.folder), 1);
        wb_import_fixture_release(&fixture);
    }
}

static const struct {
    const char *name, *format, *text, *message;
} bad_cases[] = {
    {"no rows", NULL, DLRM_HEAD, "in: holds no pods"},
    {"a missing column", NULL, "instance_sn,role,app_name,cpu_request\n",
     "in:1: the column 'gpu_request' is missing"},
    {"a column twice", "csv", "arrival,cpu,cpu,memory\n", "in:1: two columns are named 'cpu'"},
    {"nothing at all", "csv", "", "in: is empty, expected a line of column names"},
    {"a role that is none", NULL, DLRM_HEAD "i,XX,a,1,1,0,0,0,0,1,1,0,0,-1,,,\n",
     "in:2: role: 'XX' is not one of CN, HN"},
    {"a number that is none", NULL, DLRM_HEAD "i,CN,a,nan,1,0,0,0,0,1,1,0,0,-1,,,\n",
     "in:2: cpu_request: 'nan' is not a number from 0 to 100000"},
    {"a number of thousands of digits is still one message", NULL,
     DLRM_HEAD "i,CN,a,1e400,1,0,0,0,0,1,1,0,0,-1,,,\n",
     "in:2: cpu_request: '1e400' is not a number from 0 to 100000"},
    {"a deletion before its creation", NULL, DLRM_HEAD "i,CN,a,1,1,0,0,0,0,1,1,0,0,-1,9,9,8\n",
     "in:2: instance 'i' is scheduled or deleted before its creation"},
    {"a row that is cut", NULL, DLRM_HEAD "i,CN,a",
     "in:2: the list is cut in the middle of a row, expected a line end"},
    {"a field too few", NULL, DLRM_HEAD "i,CN,a\n", "in:2: found 3 fields, expected 17"},
    {"a quote that stays open", NULL, DLRM_HEAD "\"i,CN,a\n",
     "in:2: field 1: a quote that is not closed on its line, or text behind one"},
    {"bytes that are no text", NULL, DLRM_HEAD "\xff,CN\n",
     "in:2: the row is not text, expected UTF-8"},
    {"a model that nobody knows", NULL,
     "gpu_model,gpu_capacity_num,cpu_num,node_name\nB9,8,96,17\n",
     "in:2: gpu_model: 'B9' is not a known GPU model"},
    {"a node list without nodes", NULL, "sn,cpu_milli,memory_mib,gpu,model\n",
     "in: holds no nodes"},
    {"a job of no kind", NULL, JOB_HEAD "j,o,A10,1,1,1,0,1,Low\n",
     "in:2: job_type: 'Low' is not one of HP, Spot"},
    {"a job of a million workers", NULL, JOB_HEAD "j,o,A10,1,1,1000000,0,1,HP\n",
     "in:2: worker_num: '1000000' is not a number from 1 to 100000"},
    {"an event of no type", NULL, BORG_HEAD "1,11,1,0,0,0,0,0,,,\n",
     "in:2: type: '11' is not an event type (0 to 10, or its name)"},
    {"a share of two machines", NULL, BORG_HEAD "1,3,1,0,0,0,0,0,,2,0\n",
     "in:2: resource_request.cpus: '2' is not a share from 0 to 1"},
    {"an event without its time", "borg", "{\"type\":3}\n",
     "in:1: time: '' is not a whole number from 0 to 9223372036854775807"},
    {"a price without its pool", "spot-price", "a\tb\n",
     "in:1: found 2 fields, expected 5: zone, type, product, price, time"},
    {"a price of no time", "spot-price", "a\tb\tLinux/UNIX\t1\tmonday\n",
     "in:1: 'monday' is not a time such as 2022-05-31T18:20:41+00:00"},
    {"advice without a number", NULL,
     "region,os,instance_type,savings_pct,interruption_band\nus-east-1,Linux,m5.large,,0\n",
     "in:2: savings_pct: '' is not a number from -1000 to 100"},
    {"advice in no band", NULL,
     "{\"spot_advisor\":{\"us-east-1\":{\"Linux\":{\"m5.large\":{\"s\":50,\"r\":5}}}}}",
     "in: spot_advisor.us-east-1.Linux.m5.large: expected 's' from -1000 to 100"},
    {"only other products", "spot-price", "a\tb\tWindows\t1\t2022-05-31T18:20:41Z\n",
     "in: holds no prices of Linux/UNIX"},
    {"an end and a duration", NULL, "arrival,cpu,memory,end,duration\n1,1,1Gi,2,3\n",
     "in:2: duration: '3' is not empty beside an end, expected one of them"},
    {"an end before the arrival", NULL, "arrival,cpu,memory,end\n2,1,1Gi,1\n",
     "in:2: end: '1' is not at or behind the arrival"},
    {"a quantity that is none", NULL, "arrival,cpu,memory\n2,1x,1Gi\n",
     "in:2: cpu: '1x' is not a quantity such as 500m or 1Gi"},
    {"a label that Kubernetes refuses", NULL, "arrival,cpu,memory,label:a b\n2,1,1Gi,x\n",
     "in: a row makes no valid pod:"},
    {"a selector that is none", NULL, "arrival,cpu,memory,node_selector\n2,1,1Gi,pool\n",
     "in:2: node_selector: 'pool' is not a list such as key=value;key=value"},
    {"a pool that the name does not say", NULL,
     "{\"metadata\": {\"gap_seconds\": 300}, \"data\": [0, 1]}",
     ": the file's name does not say the pool"},
    {"ticks of no length", NULL, "{\"metadata\": {\"gap_seconds\": 0}, \"data\": [0, 1]}",
     "in: metadata.gap_seconds: is missing or no whole number from 1 to 86400"},
};

static void refuse_bad_tables(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(bad_cases); i++) {
        wb_import_fixture fixture;
        wb_import_fixture_init(&fixture);
        wb_import_fixture_run(&fixture, bad_cases[i].format, bad_cases[i].text,
                              strlen(bad_cases[i].text));
        CU_ASSERT_EQUAL(fixture.status, WB_ERR_INPUT);
        if (strstr(fixture.err.text, bad_cases[i].message) == NULL) {
            printf("\n  %s:\n    found    %s\n    expected %s\n", bad_cases[i].name,
                   fixture.err.text, bad_cases[i].message);
            CU_FAIL("another message");
        }
        CU_ASSERT_PTR_NULL(strchr(fixture.err.text, '\n'));
        CU_ASSERT_EQUAL(wb_scratch_folder_file_count(&fixture.folder), 1); /* only the input */
        wb_import_fixture_release(&fixture);
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"tables made in each form", import_made_tables},
        {"a database made in Azure's form", import_a_database},
        {"databases that are refused", refuse_bad_databases},
        {"rows that are refused, with their line", refuse_bad_tables},
    };
    return wb_test_run("import tables", cases, WB_TEST_COUNT(cases));
}
