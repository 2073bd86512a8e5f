/* Recordings made by hand: each way in which a watch, a list or an audit log falls short, and what
 * the import makes of it. The real recordings are in test_recording_files.c. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tests/harness.h"
#include "tests/traces/import_fixture.h"

#define DAY "2026-11-23T"

static wb_import_fixture fixture;
static wb_text input;

/* One pod in a watch event; grace < 0: it is not being deleted. */
typedef struct watched {
    const char *event, *name;
    int revision;
    const char *created, *node, *deletion; /* times of the day "10:00:05"; NULL: not there */
    int grace;
    const char *phase, *started, *finished;
} watched;

static void add(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void add(const char *fmt, ...)
{
    char text[1024];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    wb_text_add_string(&input, text);
}

static void add_pod(const watched *w)
{
    const char *phase = w->phase != NULL ? w->phase : "Running";
    add("{\"kind\":\"Pod\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"x\",\"uid\":\"u-%s\","
        "\"resourceVersion\":\"%d\",\"creationTimestamp\":\"" DAY "%sZ\"",
        w->name, w->name, w->revision, w->created);
    if (w->deletion != NULL) {
        add(",\"deletionTimestamp\":\"" DAY "%sZ\",\"deletionGracePeriodSeconds\":%d", w->deletion,
            w->grace);
    }
    add("},\"spec\":{\"restartPolicy\":\"%s\",\"containers\":[{\"name\":\"c\",\"resources\":{"
        "\"requests\":{\"cpu\":\"500m\"}}}]",
        w->finished != NULL ? "Never" : "Always");
    if (w->node != NULL) {
        add(",\"nodeName\":\"%s\"", w->node);
    }
    add("},\"status\":{\"phase\":\"%s\"", phase);
    if (w->finished != NULL) {
        add(",\"containerStatuses\":[{\"state\":{\"terminated\":{\"startedAt\":\"" DAY "%sZ\","
            "\"finishedAt\":\"" DAY "%sZ\",\"exitCode\":3}}}]",
            w->started, w->finished);
    } else if (w->started != NULL) {
        add(",\"containerStatuses\":[{\"state\":{\"running\":{\"startedAt\":\"" DAY "%sZ\"}}}]",
            w->started);
    }
    add("}}");
}

static void add_event(const watched *w)
{
    add("{\"type\":\"%s\",\"object\":", w->event);
    add_pod(w);
    add("}\n");
}

static void begin(void)
{
    wb_import_fixture_init(&fixture);
    wb_text_init(&input);
}

static void end(void)
{
    wb_text_release(&input);
    wb_import_fixture_release(&fixture);
}

static void import(void)
{
    wb_import_fixture_run(&fixture, NULL, wb_text_string(&input), input.length);
    CU_ASSERT_STRING_EQUAL(fixture.err.text, "");
}

/* How often the import said so; the reason is known by some words of it. */
static uint64_t times(const char *words)
{
    for (uint32_t i = 0; i < fixture.report.change_count; i++) {
        if (strstr(fixture.report.changes[i].reason, words) != NULL) {
            return fixture.report.changes[i].count;
        }
    }
    return 0;
}

static bool has(const char *line)
{
    return strstr(fixture.text, line) != NULL;
}

static void take_a_life_from_a_watch(void)
{
    static const watched events[] = {
        {"ADDED", "a", 10, "10:00:00", NULL, NULL, 0, "Pending", NULL, NULL},
        {"MODIFIED", "a", 11, "10:00:00", "n1", NULL, 0, NULL, "10:00:05", NULL},
        {"MODIFIED", "a", 12, "10:00:00", "n1", "10:01:30", 30, NULL, "10:00:05", NULL},
        {"MODIFIED", "a", 13, "10:00:00", "n1", "10:01:02", 0, NULL, "10:00:05", NULL},
        {"DELETED", "a", 14, "10:00:00", "n1", "10:01:02", 0, NULL, "10:00:05", NULL},
    };
    begin();
    for (size_t i = 0; i < WB_TEST_COUNT(events); i++) {
        add_event(&events[i]);
    }
    import();
    CU_ASSERT_EQUAL(fixture.report.pod_count, 1);
    CU_ASSERT_EQUAL(fixture.report.end_ms, 62000);
    CU_ASSERT(has("{\"at\":0,\"pod\":\"a\",\"shape\":0,\"until\":60000,\"node\":\"n1\","
                  "\"started\":5000,\"gone\":62000}"));
    CU_ASSERT_EQUAL(fixture.report.cpu_milli_hours, 500 * 62 / 3600);
    CU_ASSERT_EQUAL(times("on nodes that were not recorded"), 1);
    end();
}

static void take_a_run_from_a_watch(void)
{
    static const watched events[] = {
        {"ADDED", "a", 10, "10:00:00", NULL, NULL, 0, "Pending", NULL, NULL},
        {"MODIFIED", "a", 12, "10:00:00", "n", NULL, 0, "Failed", "10:00:05", "10:00:25"},
        {"DELETED", "a", 14, "10:00:00", "n", "10:03:00", 0, "Failed", "10:00:05", "10:00:25"},
    };
    begin();
    for (size_t i = 0; i < WB_TEST_COUNT(events); i++) {
        add_event(&events[i]);
    }
    import();
    CU_ASSERT(has("\"runs\":20000,\"node\":\"n\",\"started\":5000,\"gone\":25000,\"exit\":3}"));
    end();
}

/* A watch that ends with an error and is begun anew: what it lists again is a repetition, what it
 * does not list went in between. */
static void close_a_gap(void)
{
    static const watched before[] = {
        {"ADDED", "stays", 10, "10:00:00", "n", NULL, 0, NULL, NULL, NULL},
        {"ADDED", "goes", 11, "10:00:01", "n", NULL, 0, NULL, NULL, NULL},
        {"MODIFIED", "stays", 12, "10:00:00", "n", NULL, 0, NULL, NULL, NULL},
    };
    static const watched after[] = {
        {"ADDED", "stays", 12, "10:00:00", "n", NULL, 0, NULL, NULL, NULL},
        {"ADDED", "new", 40, "10:05:00", "n", NULL, 0, NULL, NULL, NULL},
        {"MODIFIED", "unseen", 41, "10:06:00", "n", NULL, 0, NULL, NULL, NULL},
        {"DELETED", "unheard", 42, "10:04:00", "n", "10:06:30", 0, NULL, NULL, NULL},
    };
    begin();
    for (size_t i = 0; i < WB_TEST_COUNT(before); i++) {
        add_event(&before[i]);
    }
    add("{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\",\"metadata\":{\"resourceVersion\":"
        "\"13\"}}}\n{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,"
        "\"message\":\"too old\"}}\n");
    for (size_t i = 0; i < WB_TEST_COUNT(after); i++) {
        add_event(&after[i]);
    }
    import();
    CU_ASSERT_EQUAL(fixture.report.pod_count, 5);
    CU_ASSERT_EQUAL(times("BOOKMARK"), 1);
    CU_ASSERT_EQUAL(times("ERROR"), 1);
    CU_ASSERT_EQUAL(times("repeat what was told"), 1);
    CU_ASSERT_EQUAL(times("went in a gap"), 1);
    CU_ASSERT_EQUAL(times("first seen at MODIFIED"), 1);
    CU_ASSERT_EQUAL(times("first seen at DELETED"), 1);
    CU_ASSERT(has("\"pod\":\"goes\",\"shape\":0,\"until\":300000,"));
    CU_ASSERT(has("\"pod\":\"stays\",\"shape\":0,\"node\":\"n\"}"));
    end();
}

/* kubectl started again behind the first, into the same file, without a word in between. */
static void notice_a_restart(void)
{
    static const watched events[] = {
        {"ADDED", "a", 10, "10:00:00", "n", NULL, 0, NULL, NULL, NULL},
        {"ADDED", "b", 11, "10:00:01", "n", NULL, 0, NULL, NULL, NULL},
        {"ADDED", "a", 10, "10:00:00", "n", NULL, 0, NULL, NULL, NULL},
        {"ADDED", "c", 30, "10:02:00", "n", NULL, 0, NULL, NULL, NULL},
    };
    begin();
    for (size_t i = 0; i < WB_TEST_COUNT(events); i++) {
        add_event(&events[i]);
    }
    import();
    CU_ASSERT_EQUAL(times("began anew"), 1);
    CU_ASSERT_EQUAL(times("went in a gap"), 1);
    CU_ASSERT(has("\"pod\":\"b\",\"shape\":0,\"until\":120000,"));
    end();
}

/* The same for nodes: one that is not listed again went. */
static void close_a_gap_of_nodes(void)
{
    static const char node[] =
        "{\"type\":\"%s\",\"object\":{\"kind\":\"Node\",\"metadata\":{\"name\":\"%s\","
        "\"resourceVersion\":\"%d\",\"creationTimestamp\":\"" DAY "%sZ\"},\"status\":{"
        "\"capacity\":{\"cpu\":\"2\"}}}}\n";
    begin();
    for (int i = 0; i < 2; i++) { /* an error, then once more without one */
        wb_text_clear(&input);
        add(node, "ADDED", "stays", 10, "10:00:00");
        add(node, "ADDED", "goes", 11, "10:00:01");
        add("%s", i == 0 ? "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\"}}" : "");
        add(node, "ADDED", "stays", 10, "10:00:00");
        add(node, "ADDED", "new", 30, "10:02:00");
        import();
        CU_ASSERT_EQUAL(fixture.report.node_count, 3);
        CU_ASSERT_EQUAL(times("went in a gap"), 1);
        CU_ASSERT_EQUAL(times("began anew"), i == 0 ? 0 : 1);
        CU_ASSERT(has("{\"at\":120000,\"node\":\"goes\",\"gone\":true}"));
        CU_ASSERT(!has("\"node\":\"stays\",\"gone\""));
    }
    end();
}

static void repair_clocks(void)
{
    static const watched event = {"ADDED",    "a", 10,   "10:00:10", "n",
                                  "10:01:00", 0,   NULL, "10:00:03", NULL};
    begin();
    add_event(&event);
    import();
    CU_ASSERT_EQUAL(times("a clock was wrong"), 1);
    CU_ASSERT(has("\"started\":0,\"gone\":50000}"));
    end();
}

/* An ADDED that is but a copy of the event before it, or comes late, begins no new list; one that
 * looks like a copy and is the first of a new list is told by the next. */
static void tell_copies_from_restarts(void)
{
    static const watched events[] = {
        {"ADDED", "a", 10, "10:00:00", "n", NULL, 0, NULL, NULL, NULL},
        {"ADDED", "a", 10, "10:00:00", "n", NULL, 0, NULL, NULL, NULL},
        {"ADDED", "b", 12, "10:00:10", "n", NULL, 0, NULL, NULL, NULL},
        {"ADDED", "c", 14, "10:00:20", "n", NULL, 0, NULL, NULL, NULL},
        {"MODIFIED", "a", 15, "10:00:00", "n", NULL, 0, NULL, NULL, NULL},
        {"ADDED", "a", 10, "10:00:00", "n", NULL, 0, NULL, NULL, NULL},
        {"MODIFIED", "a", 16, "10:00:00", "n", NULL, 0, NULL, NULL, NULL},
        {"ADDED", "a", 16, "10:00:00", "n", NULL, 0, NULL, NULL, NULL},
        {"ADDED", "c", 14, "10:00:20", "n", NULL, 0, NULL, NULL, NULL},
    };
    for (size_t count = 8; count <= 9; count++) {
        begin();
        for (size_t i = 0; i < count; i++) {
            add_event(&events[i]);
        }
        import();
        CU_ASSERT_EQUAL(times("watches that began anew"), count == 9 ? 1 : 0);
        CU_ASSERT_EQUAL(times("objects that went in a gap"), count == 9 ? 1 : 0);
        CU_ASSERT_EQUAL(times("pods still there at the end"), count == 9 ? 2 : 3);
        end();
    }
}

/* Nodes whose clocks are two hours off: how long containers ran is kept, when they did is not.
 * The trace begins at 10:00:30, a minute before the list with which the watch begins. */
static void keep_runs_of_wrong_clocks(void)
{
    static const watched events[] = {
        {"ADDED", "still", 10, "10:00:00", "n", NULL, 0, NULL, "12:00:03", NULL},
        {"ADDED", "ahead", 11, "10:00:10", "n", "10:01:00", 0, "Succeeded", "12:00:20", "12:00:40"},
        {"ADDED", "behind", 12, "10:00:30", "n", "10:01:30", 0, "Failed", "08:00:20", "08:00:40"},
    };
    begin();
    for (size_t i = 0; i < 3; i++) {
        add_event(&events[i]);
    }
    import();
    CU_ASSERT_EQUAL(times("a clock was wrong"), 3);
    CU_ASSERT(has("\"pod\":\"still\",\"shape\":0,\"node\":\"n\",\"started\":0}"));
    CU_ASSERT(has("\"runs\":20000,\"node\":\"n\",\"started\":10000,\"gone\":30000,"));
    CU_ASSERT(has("\"runs\":20000,\"node\":\"n\",\"started\":0,\"gone\":20000,"));
    CU_ASSERT(has("{\"end\":60000,"));
    end();
}

/* Pods of last month are there from the start; --history moves the line. */
static void begin_with_the_recording(void)
{
    static const watched events[] = {
        {"ADDED", "old", 10, "01:00:00", "n", NULL, 0, NULL, NULL, NULL},
        {"ADDED", "young", 50, "10:00:00", "n", NULL, 0, NULL, NULL, NULL},
        {"ADDED", "next", 50, "10:00:30", "n", NULL, 0, NULL, NULL, NULL},
    };
    begin();
    for (size_t i = 0; i < WB_TEST_COUNT(events); i++) {
        add_event(&events[i]);
    }
    import();
    CU_ASSERT(has("\"epoch\":\"2026-11-23T09:59:30Z\""));
    CU_ASSERT(has("{\"at\":0,\"pod\":\"old\""));
    CU_ASSERT(has("{\"at\":30000,\"pod\":\"young\""));
    CU_ASSERT_EQUAL(times("older than the trace"), 1);
    end();
}

static const struct {
    const char *name, *text, *message;
} bad_cases[] = {
    {"a list that is cut", "{\"kind\":\"List\",\"items\":[{\"kind\":\"Pod\",\"metadata\":{}},",
     "in:1: the list is cut off, expected ']'"},
    {"an element that is cut", "{\"kind\":\"List\",\"items\":[\n{\"kind\":\"Pod\",\"metadata\":{",
     "in:2: the list is cut off in this element"},
    {"a watch event of no type",
     "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}}\n"
     "{\"type\":\"HELLO\",\"object\":{}}",
     "in:2: type: 'HELLO' is no watch event, expected ADDED, MODIFIED, DELETED, BOOKMARK or ERROR"},
    {"bytes between documents", "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}} what",
     "in:1: found 'w', expected a JSON object"},
    {"a document that is no JSON", "{\"metadata\":{}}\n{\"type\":\"ADDED\",\"object\":{]}}",
     "in:1: not part of a recording, expected a Kubernetes object, a watch event, an audit event, "
     "an EC2 event or a spot price"},
    {"brackets that do not match", "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Pod\"]}}",
     "in:1: in the object that begins here: found ']', expected ',' or '}'"},
    {"invalid UTF-8", "{\"type\":\"ADDED\",\"object\":{\"kind\":\"\xff\"}}",
     "in:1: in the object that begins here: found byte 0xff, expected valid UTF-8"},
    {"a message that is no JSON", "{\"events\":[{\"message\":\"audit.k8s.io/ {\"}]}",
     "in:1: the message in this object is no JSON object"},
    {"nothing but a wrapper", "{\"kind\":\"List\",\"items\":[]}",
     "in: holds no objects or events of a recording"},
};

static void refuse_what_is_broken(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(bad_cases); i++) {
        begin();
        wb_import_fixture_run(&fixture, NULL, bad_cases[i].text, strlen(bad_cases[i].text));
        CU_ASSERT_NOT_EQUAL(fixture.status, WB_OK);
        CU_ASSERT_STRING_EQUAL(fixture.err.text, bad_cases[i].message);
        if (strcmp(fixture.err.text, bad_cases[i].message) != 0) {
            printf("\n    %s\n    found    %s\n", bad_cases[i].name, fixture.err.text);
        }
        CU_ASSERT_EQUAL(wb_scratch_folder_file_count(&fixture.folder), 1);
        end();
    }
}

/* A thousand brackets deep: refused at the reader's limit, not on the stack. */
static void bound_what_is_hostile(void)
{
    begin();
    add("{\"type\":\"ADDED\",\"object\":");
    for (int i = 0; i < 1000; i++) {
        add("{\"a\":");
    }
    add("1");
    for (int i = 0; i < 1001; i++) {
        add("}");
    }
    wb_import_fixture_run(&fixture, NULL, wb_text_string(&input), input.length);
    CU_ASSERT_EQUAL(fixture.status, WB_ERR_LIMIT);
    CU_ASSERT(strncmp(fixture.err.text, "in:1: in the object that begins here: ", 38) == 0);
    wb_text_clear(&input);
    add("{\"type\":\"ADDED\",\"object\":{\"a\":\"");
    static char filler[1 << 20];
    memset(filler, 'x', sizeof filler);
    for (int i = 0; i < 66; i++) {
        wb_text_add(&input, filler, sizeof filler);
    }
    wb_import_fixture_run(&fixture, NULL, wb_text_string(&input), input.length);
    CU_ASSERT_EQUAL(fixture.status, WB_ERR_LIMIT);
    CU_ASSERT_STRING_EQUAL(fixture.err.text,
                           "in:1: an object of more than 64 MiB, expected at most that");
    end();
}

/* kubectl is stopped with Ctrl-C: the last event may be half there. */
static void leave_half_an_event(void)
{
    static const watched event = {"ADDED", "a", 10, "10:00:00", "n", NULL, 0, NULL, NULL, NULL};
    begin();
    add_event(&event);
    add("{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Po");
    import();
    CU_ASSERT_EQUAL(fixture.report.pod_count, 1);
    CU_ASSERT_EQUAL(times("cut off"), 1);
    end();
}

/* ---- the audit log ---- */

#define AUDIT(verb, subresource, name, code, time, more)                                      \
    "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Request\",\"stage\":" \
    "\"ResponseComplete\",\"verb\":\"" verb "\",\"user\":{\"username\":\"system:node:n\"},"   \
    "\"objectRef\":{\"resource\":\"pods\",\"namespace\":\"x\",\"name\":\"" name               \
    "\",\"subresource\":\"" subresource "\"},\"responseStatus\":{\"code\":" code              \
    "},\"requestReceivedTimestamp\":\"" DAY time "Z\"" more "}"
#define SPEC                                                                             \
    ",\"requestObject\":{\"kind\":\"Pod\",\"metadata\":{\"namespace\":\"x\"},\"spec\":{" \
    "\"containers\":[{\"name\":\"c\"}]}}"
#define TARGET ",\"requestObject\":{\"target\":{\"name\":\"n\"}}"

/* Level Request: no stored object comes back, so the pod is known by name, and times are those of
 * the requests. */
static void piece_a_pod_together(void)
{
    static const char log[] = AUDIT("create", "", "a", "201", "10:00:00.5", SPEC) "\n" AUDIT(
        "create", "binding", "a", "201", "10:00:01.25",
        TARGET) "\n" AUDIT("create", "eviction", "a", "429", "10:00:30",
                           "") "\n" AUDIT("create", "eviction", "a", "201", "10:00:40",
                                          "") "\n" AUDIT("delete", "", "a", "200", "10:00:44.9",
                                                         "") "\n" AUDIT("create", "", "", "201",
                                                                        "10:00:50",
                                                                        "") "\n" AUDIT("list", "",
                                                                                       "", "200",
                                                                                       "10:00:51",
                                                                                       "") "\n";
    begin();
    wb_import_fixture_run(&fixture, NULL, log, strlen(log));
    CU_ASSERT_STRING_EQUAL(fixture.err.text, "");
    CU_ASSERT(has("{\"at\":0,\"pod\":\"a\",\"shape\":0,\"until\":40000,\"node\":\"n\",\"bound\":"
                  "1000,\"gone\":44000}"));
    CU_ASSERT_EQUAL(times("evictions that were accepted"), 1);
    CU_ASSERT_EQUAL(times("a budget refused"), 1);
    CU_ASSERT_EQUAL(times("do not name their object"), 1);
    CU_ASSERT_EQUAL(times("events of reads"), 1);
    end();
}

/* db-0 is deleted and made again: two pods of one name, told apart by time alone. */
static void tell_namesakes_apart(void)
{
    static const char log[] = AUDIT("create", "", "a", "201", "10:00:00", SPEC)
        AUDIT("create", "binding", "a", "201", "10:00:01", TARGET)
            AUDIT("delete", "", "a", "200", "10:00:10", "")
                AUDIT("create", "", "a", "201", "10:00:20", SPEC)
                    AUDIT("create", "binding", "a", "201", "10:00:21", TARGET);
    begin();
    wb_import_fixture_run(&fixture, NULL, log, strlen(log));
    CU_ASSERT_STRING_EQUAL(fixture.err.text, "");
    CU_ASSERT_EQUAL(fixture.report.pod_count, 2);
    CU_ASSERT(
        has("{\"at\":0,\"pod\":\"a\",\"shape\":0,\"until\":10000,\"node\":\"n\",\"bound\":1000,"
            "\"gone\":10000}"));
    CU_ASSERT(has("{\"at\":20000,\"pod\":\"a\",\"shape\":0,\"node\":\"n\",\"bound\":21000}"));
    end();
}

static void unwrap_a_log_group(void)
{
    static const char line[] = AUDIT("create", "", "a", "201", "10:00:00", SPEC);
    begin();
    add(DAY "10:00:00.000Z %s\n" DAY "10:00:01.000Z %s\n", line, line);
    import();
    CU_ASSERT_EQUAL(fixture.report.pod_count, 1);
    wb_text_clear(&input);
    add("{\"events\":[{\"timestamp\":1,\"message\":");
    wb_text_add_json_string(&input, line);
    add("}],\"nextToken\":\"x\"}");
    import();
    CU_ASSERT_EQUAL(fixture.report.pod_count, 1);
    end();
}

/* ---- EC2 ---- */

#define BRIDGE(type, time)                                                                   \
    "{\"detail-type\":\"" type "\",\"source\":\"aws.ec2\",\"time\":\"" DAY time              \
    "Z\",\"region\":\"us-east-1\",\"resources\":[\"arn:aws:ec2:us-east-1b:instance/i-0a\"]," \
    "\"detail\":{\"instance-id\":\"i-0a\",\"state\":\"shutting-down\"}}\n"
#define NODE                                                                         \
    "{\"kind\":\"List\",\"items\":[{\"kind\":\"Node\",\"metadata\":{\"name\":\"n\"," \
    "\"creationTimestamp\":\"" DAY "09:59:00Z\",\"labels\":{"                        \
    "\"node.kubernetes.io/instance-type\":\"m5.large\"}},\"spec\":{\"providerID\":"  \
    "\"aws:///us-east-1b/i-0a\"},\"status\":{\"capacity\":{\"cpu\":\"2\"}}}]}\n"

static void tie_spot_to_nodes(void)
{
    begin();
    add(NODE "%s", BRIDGE("EC2 Instance Rebalance Recommendation", "09:59:30"));
    add("%s", BRIDGE("EC2 Spot Instance Interruption Warning", "09:59:40"));
    add("%s", BRIDGE("EC2 Spot Instance Interruption Warning", "09:59:40"));
    import();
    CU_ASSERT_EQUAL(fixture.report.node_count, 1);
    CU_ASSERT_EQUAL(fixture.report.spot_count, 2);
    CU_ASSERT_EQUAL(times("told before"), 1);
    CU_ASSERT(
        has("{\"at\":30000,\"spot\":\"rebalance\",\"type\":\"m5.large\",\"zone\":\"us-east-1b\","
            "\"instance\":\"i-0a\",\"node\":\"n\"}"));
    CU_ASSERT(has("{\"at\":40000,\"spot\":\"interruption\","));
    end();
}

static void read_prices(void)
{
    static const char history[] =
        "{\"SpotPriceHistory\":[{\"AvailabilityZone\":\"us-east-1b\",\"InstanceType\":\"m5.large\","
        "\"ProductDescription\":\"Linux/UNIX\",\"SpotPrice\":\"0.0613\",\"Timestamp\":\"" DAY
        "10:00:05+00:00\"},{\"AvailabilityZone\":\"us-east-1b\",\"InstanceType\":\"m5.large\","
        "\"ProductDescription\":\"Windows\",\"SpotPrice\":\"0.1\",\"Timestamp\":\"" DAY
        "10:00:00Z\"},{\"AvailabilityZone\":\"us-east-1b\",\"InstanceType\":\"m5.large\","
        "\"ProductDescription\":\"Linux/UNIX\",\"SpotPrice\":\"0.06\",\"Timestamp\":\"" DAY
        "10:00:00Z\"}]}";
    begin();
    wb_import_fixture_run(&fixture, NULL, history, strlen(history));
    CU_ASSERT_STRING_EQUAL(fixture.err.text, "");
    CU_ASSERT(has("{\"at\":0,\"spot\":\"price\",\"type\":\"m5.large\",\"zone\":\"us-east-1b\","
                  "\"value\":60000000}\n{\"at\":5000,"));
    CU_ASSERT(has("\"value\":61300000}"));
    CU_ASSERT_EQUAL(times("products other than Linux"), 1);
    end();
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"a pod's life is taken from a watch", take_a_life_from_a_watch},
        {"a run to completion is, too", take_a_run_from_a_watch},
        {"a gap after an ERROR is closed", close_a_gap},
        {"a restart is noticed without one", notice_a_restart},
        {"a gap in a watch of nodes is closed", close_a_gap_of_nodes},
        {"times that contradict each other are put in order", repair_clocks},
        {"copies of an event are no restart", tell_copies_from_restarts},
        {"runs keep their length under wrong clocks", keep_runs_of_wrong_clocks},
        {"the trace begins with the recording", begin_with_the_recording},
        {"what is broken is refused with its place", refuse_what_is_broken},
        {"what is hostile stays within bounds", bound_what_is_hostile},
        {"a last event that is cut is left out", leave_half_an_event},
        {"an audit log without objects pieces pods together", piece_a_pod_together},
        {"two pods of one name are two pods", tell_namesakes_apart},
        {"a log group's export is unwrapped", unwrap_a_log_group},
        {"spot events find their nodes", tie_spot_to_nodes},
        {"spot prices are read in order of time", read_prices},
    };
    return wb_test_run("recording", cases, WB_TEST_COUNT(cases));
}
