/* SimKube traces made by hand: JSON, and the same as MessagePack by a small encoder. */
#include <stdbool.h>
#include <string.h>

#include "base/document.h"
#include "base/text.h"
#include "tests/harness.h"
#include "tests/traces/import_fixture.h"

#define POD_SPEC "{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}"
#define POD(name)                                                            \
    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"" name \
    "\",\"namespace\":\"x\",\"labels\":{\"app\":\"a\"}},\"spec\":" POD_SPEC "}"
#define DEPLOYMENT(replicas)                                                                   \
    "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"web\","      \
    "\"namespace\":\"x\"},\"spec\":{\"replicas\":" replicas ",\"selector\":{\"matchLabels\":{" \
    "\"app\":\"a\"}},\"template\":{\"metadata\":{\"creationTimestamp\":null,\"labels\":{"      \
    "\"app\":\"a\"}},\"spec\":" POD_SPEC "}}}"
#define JOB(name)                                                                           \
    "{\"apiVersion\":\"batch/v1\",\"kind\":\"Job\",\"metadata\":{\"name\":\"" name          \
    "\",\"namespace\":\"x\"},\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"a\":" \
    "\"b\"}},\"spec\":{\"restartPolicy\":\"Never\",\"containers\":[{\"name\":\"c\","        \
    "\"image\":\"i\"}]}}}}"
#define CRON_JOB                                                                            \
    "{\"apiVersion\":\"batch/v1\",\"kind\":\"CronJob\",\"metadata\":{\"name\":\"tick\","    \
    "\"namespace\":\"x\"},\"spec\":{\"schedule\":\"* * * * *\",\"jobTemplate\":{\"spec\":{" \
    "\"template\":{\"spec\":{\"restartPolicy\":\"Never\",\"containers\":[{\"name\":\"c\","  \
    "\"image\":\"i\"}]}}}}}}"
#define TRACE(events, lifecycles)                                           \
    "{\"version\":2,\"config\":{\"trackedObjects\":{}},\"events\":[" events \
    "],\"index\":{\"v1.Pod\":{\"x/p\":18446744073709551615}},\"pod_lifecycles\":" lifecycles "}"

/* All that occurs: an empty first event, applies, a changed Deployment, a bare pod that is recorded
 * again, one that is deleted and comes back, run times. */
static const char whole[] = TRACE(
    "{\"ts\":1700000000,\"applied_objs\":[],\"deleted_objs\":[]},"
    "{\"ts\":1700000010,\"applied_objs\":[" DEPLOYMENT("2") "," POD("p") "," JOB(
        "render") "],\"deleted_objs\":[]},"
                  "{\"ts\":1700000010,\"applied_objs\":[" CRON_JOB "," POD(
                      "q") "]},"
                           "{\"ts\":1700000060,\"applied_objs\":[" DEPLOYMENT("5") "," POD(
                               "p") "]},"
                                    "{\"ts\":1700000090,\"deleted_objs\":[" POD(
                                        "q") ",{\"kind\":\"Pod\"}]},"
                                             "{\"ts\":1700000091,\"applied_objs\":[" POD("q") "]}",
    "{\"v1.Pod|x/p\":{\"1\":[{\"Finished\":[1700000012,1700000042]}]},"
    "\"v1.Pod|x/q\":{\"2\":[\"Empty\",{\"Running\":1700000012}]},"
    "\"batch/v1.Job|x/render\":{\"3\":[{\"Finished\":[100,110]},{\"Finished\":[100,190]}],"
    "\"4\":[{\"Finished\":[100,130]},{\"Finished\":[130,100]},{\"Finished\":[9,0]}]},"
    "\"batch/v1.CronJob|x/tick\":{\"5\":[{\"Finished\":[100,107]}]}}");

static const char *const expected_lines[] = {
    "{\"trace\":\"werkbank/v1\",\"epoch\":\"2023-11-14T22:13:20Z\",\"source\":\"simkube\"}\n",
    "{\"at\":10000,\"apply\":" DEPLOYMENT("2") "}\n",
    "{\"at\":60000,\"apply\":" DEPLOYMENT("5") "}\n",
    "{\"at\":10000,\"pod\":\"p\",\"shape\":0,\"runs\":30000}\n",
    "{\"at\":10000,\"pod\":\"q\",\"shape\":1}\n",
    "{\"at\":90000,\"delete\":\"Pod\",\"namespace\":\"x\",\"name\":\"q\"}\n",
    "{\"at\":91000,\"pod\":\"q\",\"shape\":2}\n",
    /* the median of 10, 30 and 90 s, in front of the annotations that were there */
    "\"metadata\":{\"annotations\":{\"werkbank/duration\":\"30s\",\"a\":\"b\"}}",
    /* a template without metadata gets it */
    "\"metadata\":{\"annotations\":{\"werkbank/duration\":\"7s\"}}",
    "{\"end\":91000,\"records\":11}\n",
};

static void check_whole(wb_import_fixture *fixture)
{
    CU_ASSERT_EQUAL_FATAL(fixture->status, WB_OK);
    CU_ASSERT_STRING_EQUAL(fixture->report.format, "simkube");
    CU_ASSERT_EQUAL(fixture->report.pod_count, 3);
    CU_ASSERT_EQUAL(fixture->report.object_count, 4);
    CU_ASSERT_EQUAL(fixture->report.end_ms, 91000);
    for (size_t i = 0; i < WB_TEST_COUNT(expected_lines); i++) {
        const bool is_there = strstr(fixture->text, expected_lines[i]) != NULL;
        if (!is_there) {
            printf("\n  missing: %s\n%s", expected_lines[i], fixture->text);
        }
        CU_ASSERT(is_there);
    }
    const wb_trace_summary found = wb_import_fixture_summary(fixture);
    CU_ASSERT_EQUAL(found.pod_count, 3);
    CU_ASSERT_EQUAL(found.epoch_ms, 1700000000000);
}

static void import_json(void)
{
    wb_import_fixture fixture;
    wb_import_fixture_init(&fixture);
    wb_import_fixture_run(&fixture, NULL, whole, strlen(whole));
    check_whole(&fixture);
    wb_import_fixture_release(&fixture);
}

/* ---- MessagePack ---- */

static void add_big_endian(wb_text *out, uint8_t tag, uint64_t value, unsigned size)
{
    wb_text_add(out, (const char *)&tag, 1);
    for (unsigned i = size; i-- > 0;) {
        const char byte = (char)(value >> (8 * i) & 0xff);
        wb_text_add(out, &byte, 1);
    }
}

static void add_string(wb_text *out, const char *text, size_t length)
{
    add_big_endian(out, 0xda, length, 2);
    wb_text_add(out, text, length);
}

/* A key "a|b" is what SimKube writes as the list of a and b. */
static void add_key(wb_text *out, const char *key)
{
    const char *bar = strchr(key, '|');
    if (bar == NULL) {
        add_string(out, key, strlen(key));
        return;
    }
    add_big_endian(out, 0x92, 0, 0);
    add_string(out, key, (size_t)(bar - key));
    add_string(out, bar + 1, strlen(bar + 1));
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the document above */
static void encode(wb_text *out, const wb_node *node)
{
    switch (node->kind) {
    case WB_NODE_NULL: add_big_endian(out, 0xc0, 0, 0); break;
    case WB_NODE_BOOL: add_big_endian(out, wb_node_bool(node, false) ? 0xc3 : 0xc2, 0, 0); break;
    case WB_NODE_NUMBER: add_big_endian(out, 0xcf, wb_node_uint64(node, 0), 8); break;
    case WB_NODE_STRING: add_string(out, node->text, node->text_length); break;
    case WB_NODE_LIST:
        add_big_endian(out, 0xdc, node->count, 2);
        for (uint32_t i = 0; i < node->count; i++) {
            encode(out, node->children[i]);
        }
        break;
    case WB_NODE_MAP:
        if (node->count < 16) {
            add_big_endian(out, (uint8_t)(0x80 | node->count), 0, 0);
        } else {
            add_big_endian(out, 0xde, node->count, 2);
        }
        for (uint32_t i = 0; i < node->count; i++) {
            add_key(out, node->keys[i]);
            encode(out, node->children[i]);
        }
        break;
    }
}

static void encode_json(wb_arena *arena, const char *json, wb_text *out)
{
    const wb_document_input input = {"test", json, strlen(json), WB_DOCUMENT_JSON};
    wb_document_stream stream;
    CU_ASSERT_EQUAL_FATAL(wb_document_read_text(arena, &input, &stream, NULL), WB_OK);
    wb_text_init(out);
    encode(out, stream.roots[0]);
}

static void import_msgpack(void)
{
    wb_import_fixture fixture;
    wb_text bytes;
    wb_import_fixture_init(&fixture);
    encode_json(&fixture.arena, whole, &bytes);
    wb_import_fixture_run(&fixture, NULL, whole, strlen(whole));
    const char *from_json = fixture.text;
    wb_import_fixture_run(&fixture, NULL, bytes.bytes, bytes.length);
    check_whole(&fixture);
    CU_ASSERT_STRING_EQUAL(fixture.text, from_json);
    for (size_t cut = 1; cut < bytes.length; cut += cut < 100 ? 1 : 97) {
        wb_import_fixture_run(&fixture, "simkube", bytes.bytes, cut);
        CU_ASSERT_EQUAL(fixture.status, WB_ERR_INPUT);
        CU_ASSERT(strncmp(fixture.err.text, "in: byte ", 9) == 0);
    }
    wb_text_release(&bytes);
    wb_import_fixture_release(&fixture);
}

/* ---- what is refused ---- */

static const struct {
    const char *name;
    const char *text;
    const char *message;
} bad_cases[] = {
    {"an old version", "{\"config\":{\"trackedObjects\":{}},\"events\":[]}",
     "in: a SimKube trace of version 1, expected 2"},
    {"a later version", "{\"version\":3,\"config\":{\"trackedObjects\":{}},\"events\":[]}",
     "in: a SimKube trace of version 3, expected 2"},
    {"no events", TRACE("", "{}"), "in: 'events' is missing or empty, expected a list"},
    {"JSON that is cut",
     "{\"version\":2,\"config\":{\"trackedObjects\":", "in:1:41: the text ends, expected a value"},
    {"an event without a time", TRACE("{\"applied_objs\":[]}", "{}"),
     "in: events[0].ts: is missing or no time, expected Unix seconds"},
    {"an event in a far year", TRACE("{\"ts\":9223372036854775807}", "{}"),
     "in: events[0].ts: is missing or no time, expected Unix seconds"},
    {"an event that is no map", TRACE("7", "{}"),
     "in: events[0].ts: is missing or no time, expected Unix seconds"},
    {"times that go back", TRACE("{\"ts\":5},{\"ts\":4}", "{}"),
     "in: events[1].ts: is 4, expected at least the one before, and at most 31 years after the "
     "first"},
    {"a century between two events", TRACE("{\"ts\":5},{\"ts\":3155760005}", "{}"),
     "in: events[1].ts: is 3155760005, expected at least the one before, and at most 31 years "
     "after the first"},
    {"an object without a name", TRACE("{\"ts\":5,\"applied_objs\":[{\"kind\":\"Pod\"}]}", "{}"),
     "in: events[0].applied_objs: an object has no kind or no metadata.name"},
    {"an object that is no map", TRACE("{\"ts\":5,\"applied_objs\":[7]}", "{}"),
     "in: events[0].applied_objs: an object has no kind or no metadata.name"},
    {"an object that Kubernetes refuses",
     TRACE("{\"ts\":5,\"applied_objs\":[{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\","
           "\"metadata\":{\"name\":\"web\"},\"spec\":{\"template\":{\"spec\":" POD_SPEC "}}}]}",
           "{}"),
     "in:1:156: spec.selector: Required value"},
};

static void refuse_bad_traces(void)
{
    wb_import_fixture fixture;
    wb_import_fixture_init(&fixture);
    for (size_t i = 0; i < WB_TEST_COUNT(bad_cases); i++) {
        wb_import_fixture_run(&fixture, NULL, bad_cases[i].text, strlen(bad_cases[i].text));
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

/* The same in MessagePack, where there are no lines: the event and the object are named. */
static void name_the_object_in_msgpack(void)
{
    wb_import_fixture fixture;
    wb_text bytes;
    wb_import_fixture_init(&fixture);
    encode_json(&fixture.arena, bad_cases[WB_TEST_COUNT(bad_cases) - 1].text, &bytes);
    wb_import_fixture_run(&fixture, NULL, bytes.bytes, bytes.length);
    CU_ASSERT_EQUAL(fixture.status, WB_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(fixture.err.text,
                           "in: events[0], Deployment 'web': spec.selector: Required value");
    wb_text_release(&bytes);
    wb_import_fixture_run(&fixture, "simkube",
                          "\x82\xa1"
                          "a\x01\xa1"
                          "a\x02",
                          7);
    CU_ASSERT_STRING_EQUAL(fixture.err.text,
                           "in: duplicate key 'a', expected each key once in a map");
    wb_import_fixture_release(&fixture);
}

/* ---- the table of importers ---- */

static void know_recordings_by_content(void)
{
    wb_import_fixture fixture;
    wb_import_fixture_init(&fixture);
    wb_import_fixture_run(&fixture, NULL, "hello\n", 6);
    CU_ASSERT_EQUAL(fixture.status, WB_ERR_INPUT);
    static const char unknown[] = "in: not a recording that trace import knows, expected one of ";
    CU_ASSERT(strncmp(fixture.err.text, unknown, sizeof(unknown) - 1) == 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(fixture.err.text, "simkube"));
    wb_import_fixture_run(&fixture, NULL, "", 0);
    CU_ASSERT_EQUAL(fixture.status, WB_ERR_INPUT);
    wb_import_fixture_run(&fixture, "simkube", "", 0);
    CU_ASSERT_STRING_EQUAL(fixture.err.text, "in: byte 0: the data ends in the middle of a value");
    wb_import_fixture_run_file(&fixture, "/nowhere/x.csv");
    CU_ASSERT_EQUAL(fixture.status, WB_ERR_IO);
    wb_import_fixture_release(&fixture);
}

static const struct {
    const char *first_line;
    bool is_trace;
} first_lines[] = {
    {"{\"trace\":\"werkbank/v1\"}\n", true},
    {"{ \"trace\" : \"werkbank/v1\" }\n", true},
    {"{\"trace\":\"werkbank/v1", true}, /* cut: ours, and the reader says what is wrong */
    {"{\"trace\":\"other/v1\"}\n", false},
    {"{\"version\":2}\n", false},
    {"name,cpu_milli\n", false},
    {"", false},
};

static void know_our_own_traces(void)
{
    wb_scratch_folder folder;
    wb_scratch_folder_init(&folder);
    for (size_t i = 0; i < WB_TEST_COUNT(first_lines); i++) {
        const char *line = first_lines[i].first_line;
        bool found = !first_lines[i].is_trace;
        const char *path = wb_scratch_folder_write(&folder, "t", line, strlen(line));
        CU_ASSERT_EQUAL(wb_trace_import_is_trace(path, &found, NULL), WB_OK);
        CU_ASSERT_EQUAL(found, first_lines[i].is_trace);
    }
    bool found = false;
    CU_ASSERT_EQUAL(wb_trace_import_is_trace("/nowhere/t", &found, NULL), WB_ERR_IO);
    wb_scratch_folder_release(&folder);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"JSON becomes applies, deletes and bare pods", import_json},
        {"MessagePack becomes the same bytes", import_msgpack},
        {"bad traces are refused with their place", refuse_bad_traces},
        {"MessagePack has no lines, so objects are named", name_the_object_in_msgpack},
        {"recordings are known by their content", know_recordings_by_content},
        {"our own traces are known by their first line", know_our_own_traces},
    };
    return wb_test_run("import simkube", cases, WB_TEST_COUNT(cases));
}
