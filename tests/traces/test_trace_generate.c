/* Generated traces: same specification and seed, same bytes; the load has the shape that was asked
 * for; mistakes in a specification are findings with their place. */
#include <stdbool.h>
#include <string.h>

#include "base/file.h"
#include "kube/names.h"
#include "traces/trace.h"
#include "traces/trace_generate.h"
#include "tests/base/scratch_folder.h"
#include "tests/harness.h"

#define POD  "pod: {spec: {containers: [{name: c, resources: {requests: {cpu: 500m}}}]}}\n"
#define HEAD "apiVersion: werkbank/v1\nkind: TraceSpec\nmetadata: {name: t}\nspec:\n"

typedef struct generated {
    wb_scratch_folder folder;
    wb_arena arena;
    wb_findings findings;
    wb_status status;
    wb_error err;
    wb_trace_generate_report report;
    const char *path;
    const char *bytes;
} generated;

static void generate(generated *gen, const char *spec, double scale, int64_t seed)
{
    memset(gen, 0, sizeof *gen);
    wb_scratch_folder_init(&gen->folder);
    wb_arena_init(&gen->arena, "test", 0, NULL);
    wb_intern intern;
    wb_intern_init(&intern, &gen->arena);
    wb_names_init(&intern);
    wb_findings_init(&gen->findings, &gen->arena, true);
    wb_trace_generate_options options = {
        .spec_path = wb_scratch_folder_write(&gen->folder, "s.yaml", spec, strlen(spec)),
        .output_path = wb_scratch_folder_join(&gen->folder, "out"),
        .scale = scale,
        .seed_is_set = seed >= 0,
        .seed = (uint64_t)seed,
    };
    gen->path = options.output_path;
    gen->status =
        wb_trace_generate(&options, &gen->arena, &intern, &gen->findings, &gen->report, &gen->err);
    gen->bytes = "";
    if (gen->status == WB_OK) {
        char *text = NULL;
        size_t length = 0;
        CU_ASSERT_EQUAL(wb_file_read(&gen->arena, gen->path, 0, &text, &length, NULL), WB_OK);
        gen->bytes = text != NULL ? text : "";
        CU_ASSERT_EQUAL(wb_trace_check(gen->path, NULL, &gen->err), WB_OK);
    }
    wb_intern_release(&intern);
}

static void release(generated *gen)
{
    wb_scratch_folder_release(&gen->folder);
    wb_arena_release(&gen->arena);
}

static const char mixed_spec[] = HEAD "  seed: 7\n  span: 24h\n  epoch: \"2026-01-05T00:00:00Z\"\n"
                                      "  services:\n"
                                      "  - name: web\n    base: 2\n    peak: 20\n"
                                      "    profile: office\n    " POD "  batches:\n"
                                      "  - name: job\n    jobsPerHour: 60\n    podsPerJob: 2\n"
                                      "    duration: {median: 5m, sigma: 0.5, max: 1h}\n"
                                      "    checkpointed: true\n    " POD;

static void give_the_same_bytes_twice(void)
{
    generated first;
    generated second;
    generated other;
    generate(&first, mixed_spec, 1.0, -1);
    generate(&second, mixed_spec, 1.0, 7);
    generate(&other, mixed_spec, 1.0, 8);
    CU_ASSERT_EQUAL_FATAL(first.status, WB_OK);
    CU_ASSERT(first.report.pod_count > 2000);
    CU_ASSERT_STRING_EQUAL(first.bytes, second.bytes);
    CU_ASSERT_STRING_NOT_EQUAL(first.bytes, other.bytes);
    release(&first);
    release(&second);
    release(&other);
}

/* Adding a source leaves the draws of the others alone: sources have streams of their own. */
static void keep_sources_apart(void)
{
    char more[2048];
    generated alone;
    generated together;
    (void)snprintf(more, sizeof more, "%s  - name: late\n    jobsPerHour: 30\n    %s", mixed_spec,
                   POD);
    generate(&alone, mixed_spec, 1.0, -1);
    generate(&together, more, 1.0, -1);
    CU_ASSERT_EQUAL_FATAL(together.status, WB_OK);
    CU_ASSERT(together.report.pod_count > alone.report.pod_count + 500);
    uint32_t missing_count = 0;
    char *line = wb_arena_copy_string(&alone.arena, alone.bytes);
    for (char *end = strchr(line, '\n'); end != NULL; end = strchr(line, '\n')) {
        *end = 0;
        const bool is_pod = strstr(line, "\"pod\":") != NULL;
        missing_count += is_pod && strstr(together.bytes, line) == NULL ? 1 : 0;
        line = end + 1;
    }
    CU_ASSERT_EQUAL(missing_count, 0);
    release(&alone);
    release(&together);
}

/* Two queues that are alike do not arrive in step. */
static void draw_for_each_source(void)
{
    static const char spec[] = HEAD "  span: 1h\n  batches:\n  - name: a\n"
                                    "    jobsPerHour: 100\n    " POD "  - name: b\n"
                                    "    jobsPerHour: 100\n    " POD;
    generated gen;
    generate(&gen, spec, 1.0, -1);
    uint32_t equal_count = 0;
    const char *before = "";
    for (const char *at = strstr(gen.bytes, "{\"at\":"); at != NULL; at = strstr(at, "{\"at\":")) {
        const size_t length = strcspn(at, ",");
        equal_count += strncmp(before, at, length) == 0 ? 1 : 0;
        before = at;
        at += length;
    }
    CU_ASSERT(gen.report.pod_count > 100);
    CU_ASSERT(equal_count < 10);
    release(&gen);
}

/* The pods of a trace, read back: the replicas of a service per hour, the arrivals of a queue. */
typedef struct load_shape {
    int64_t alive_at_hour[24]; /* services */
    int64_t arrivals_in_hour[24];
    int64_t shortest_ms, longest_ms; /* of batch pods */
} load_shape;

static void add_pod(load_shape *shape, const wb_trace_record *record)
{
    for (int64_t hour = 0; hour < 24 && record->until_ms >= 0; hour++) {
        const int64_t at_ms = hour * 3600000 + 1800000;
        shape->alive_at_hour[hour] += record->at_ms <= at_ms && record->until_ms > at_ms;
    }
    if (record->runs_ms >= 0) {
        shape->arrivals_in_hour[record->at_ms / 3600000]++;
        shape->shortest_ms =
            record->runs_ms < shape->shortest_ms ? record->runs_ms : shape->shortest_ms;
        shape->longest_ms =
            record->runs_ms > shape->longest_ms ? record->runs_ms : shape->longest_ms;
    }
}

static load_shape read_shape(const generated *gen)
{
    load_shape shape = {.shortest_ms = INT64_MAX};
    wb_arena arena;
    wb_intern intern;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    wb_trace_reader *reader = NULL;
    CU_ASSERT_EQUAL_FATAL(wb_trace_reader_open(gen->path, &arena, &intern, &reader, NULL), WB_OK);
    wb_trace_record record = {0};
    do {
        CU_ASSERT_EQUAL_FATAL(wb_trace_reader_next(reader, &record, NULL), WB_OK);
        if (record.kind == WB_TRACE_POD) {
            add_pod(&shape, &record);
        }
    } while (record.kind != WB_TRACE_END);
    wb_trace_reader_close(reader);
    wb_intern_release(&intern);
    wb_arena_release(&arena);
    return shape;
}

/* "office" at half past: between the hours' values on a straight line, from base 2 to peak 20. */
static void follow_the_day(void)
{
    static const int64_t office[25] = {40,  20,   0,   0,   10,  40,  150, 400, 750,
                                       950, 1000, 960, 880, 940, 990, 960, 880, 700,
                                       480, 320,  220, 150, 100, 60,  40};
    generated gen;
    generate(&gen, mixed_spec, 1.0, -1);
    const load_shape shape = read_shape(&gen);
    for (int hour = 0; hour < 24; hour++) {
        const int64_t expected = 2 + 18 * (office[hour] + office[hour + 1]) / 2 / 1000;
        const int64_t difference = shape.alive_at_hour[hour] - expected;
        CU_ASSERT(difference >= -1 &&
                  difference <= 1); /* a step of five minutes may be under way */
        /* 60 jobs of two pods; six standard deviations of a Poisson count */
        CU_ASSERT(shape.arrivals_in_hour[hour] > 120 - 93 &&
                  shape.arrivals_in_hour[hour] < 120 + 93);
    }
    CU_ASSERT(shape.shortest_ms >= 1000);
    CU_ASSERT_EQUAL(shape.longest_ms <= 3600000, true);
    CU_ASSERT_EQUAL(gen.report.pod_count,
                    gen.report.service_pod_count + gen.report.batch_pod_count);
    CU_ASSERT_EQUAL(gen.report.shape_count, 2);
    CU_ASSERT_EQUAL(gen.report.end_ms, 86400000);
    CU_ASSERT_PTR_NOT_NULL(strstr(gen.bytes, "\"checkpointed\":true"));
    release(&gen);
}

/* Rates are kept where arrivals lie closer together than a millisecond. */
static void scale_arrivals(void)
{
    static const char spec[] = HEAD "  span: 1h\n  batches:\n  - name: job\n"
                                    "    jobsPerHour: 1000\n    " POD;
    static const struct {
        double scale;
        int64_t expected, slack; /* six standard deviations */
    } rows[] = {{1.0, 1000, 190}, {10.0, 10000, 600}, {200.0, 200000, 2700}};
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        generated gen;
        generate(&gen, spec, rows[i].scale, -1);
        const int64_t difference = (int64_t)gen.report.batch_pod_count - rows[i].expected;
        CU_ASSERT(difference > -rows[i].slack && difference < rows[i].slack);
        release(&gen);
    }
}

/* "night" per hour, 600 jobs at the peak, within six standard deviations; and none at all at nine
 * and at ten, where the profile is at 0. */
static void arrive_as_the_profile_says(void)
{
    static const char spec[] = HEAD "  batches:\n  - name: job\n    profile: night\n"
                                    "    jobsPerHour: 600\n    " POD;
    static const int64_t night[25] = {1000, 960, 900, 820, 700, 520, 300, 120, 40,
                                      0,    0,   0,   20,  20,  30,  40,  60,  100,
                                      180,  300, 460, 640, 820, 940, 1000};
    generated gen;
    generate(&gen, spec, 1.0, -1);
    const load_shape shape = read_shape(&gen);
    for (int hour = 0; hour < 24; hour++) {
        const int64_t expected = 600 * (night[hour] + night[hour + 1]) / 2 / 1000;
        const int64_t difference = shape.arrivals_in_hour[hour] - expected;
        CU_ASSERT(difference * difference <= 36 * expected);
    }
    CU_ASSERT_EQUAL(shape.arrivals_in_hour[9] + shape.arrivals_in_hour[10], 0);
    release(&gen);
}

static const struct {
    const char *name;
    const char *spec;
    const char *message; /* behind the path */
} bad_cases[] = {
    {"another kind",
     "apiVersion: werkbank/v1\nkind: Scenario\nspec: {batches: [{name: a, " POD "}]}",
     ":2:7: kind: is 'Scenario', expected TraceSpec"},
    {"nothing to generate", HEAD "  span: 1h\n", ":5:3: spec: has neither services nor batches"},
    {"an unknown field", HEAD "  batches: []\n  services:\n  - name: a\n    replicas: 3\n    " POD,
     ":8:5: unknown field 'spec.services[0].replicas'"},
    {"services that are no list", HEAD "  services: {name: a}\n",
     ":5:13: spec.services: expected a list, found a map"},
    {"a count in quotes", HEAD "  services:\n  - name: a\n    base: \"3\"\n    " POD,
     ":7:11: spec.services[0].base: expected an integer, found a string (3)"},
    {"a profile that is none", HEAD "  services:\n  - name: a\n    profile: weekend\n    " POD,
     ":7:14: spec.services[0].profile: 'weekend' is not one of flat, office, evening, night"},
    {"no name", HEAD "  services:\n  - base: 1\n    " POD,
     ":6:5: spec.services[0].name: is missing, expected a name"},
    {"a name for no pod", HEAD "  services:\n  - name: Web_1\n    " POD,
     ":6:11: spec.services[0].name: 'Web_1' is not a name of at most 50 lower-case letters, "
     "digits and '-'"},
    {"a name twice", HEAD "  services:\n  - name: a\n    " POD "  batches:\n  - name: a\n    " POD,
     ":9:11: spec.batches[0].name: 'a' is taken by another service or batch queue"},
    {"a peak below the base", HEAD "  services:\n  - name: a\n    base: 5\n    peak: 4\n    " POD,
     ":6:5: spec.services[0]: peak 4 is less than base 5"},
    {"a negative count", HEAD "  services:\n  - name: a\n    base: -1\n    " POD,
     ":7:11: spec.services[0].base: is -1, expected 0 to 10000000"},
    {"a duration that is none", HEAD "  span: tomorrow\n  services:\n  - name: a\n    " POD,
     ":5:9: spec.span: 'tomorrow' is not a duration like 1h30m"},
    {"a span of nothing", HEAD "  span: 0s\n  services:\n  - name: a\n    " POD,
     ":5:9: spec.span: '0s' is not a duration like 1h30m"},
    {"jobs of no pods", HEAD "  batches:\n  - name: a\n    podsPerJob: 0\n    " POD,
     ":7:17: spec.batches[0].podsPerJob: is 0, expected at least 1"},
    {"a rate that is none", HEAD "  batches:\n  - name: a\n    jobsPerHour: -3\n    " POD,
     ":7:18: spec.batches[0].jobsPerHour: is '-3', expected a number from 0 to 10000000"},
    {"no pod", HEAD "  services:\n  - name: a\n",
     ":6:5: spec.services[0].pod: has no spec, expected a pod template"},
    {"a request that is none",
     HEAD "  services:\n  - name: a\n    pod: {spec: {containers: [{name: c, resources: {requests: "
          "{cpu: 1.5.2Gi}}}]}}\n",
     ""},
};

static void refuse_bad_specifications(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(bad_cases); i++) {
        generated gen;
        generate(&gen, bad_cases[i].spec, 1.0, -1);
        CU_ASSERT_EQUAL(gen.status, WB_ERR_INPUT);
        CU_ASSERT_EQUAL(gen.findings.error_count, 1);
        const char *found = gen.findings.error_count > 0 ? gen.findings.errors[0].text : "";
        const char *place = strstr(found, "s.yaml");
        const char *message = place != NULL ? place + 6 : found;
        if (bad_cases[i].message[0] != 0 && strcmp(message, bad_cases[i].message) != 0) {
            printf("\n  %s:\n    found    %s\n    expected %s\n", bad_cases[i].name, message,
                   bad_cases[i].message);
            CU_FAIL("another message");
        }
        CU_ASSERT_EQUAL(wb_scratch_folder_file_count(&gen.folder), 1); /* only the specification */
        release(&gen);
    }
}

static void stop_at_too_many_pods(void)
{
    static const char spec[] = HEAD "  services:\n  - name: a\n    base: 10000000\n    " POD;
    generated gen;
    generate(&gen, spec, 10.0, -1);
    CU_ASSERT_EQUAL(gen.status, WB_ERR_LIMIT);
    CU_ASSERT_PTR_NOT_NULL(strstr(gen.err.text, "makes more than 20000000 pods"));
    release(&gen);
}

/* The day that is shipped is what its specification makes. */
static void match_the_shipped_day(void)
{
    const char *source = getenv("WERKBANK_SOURCE");
    char spec_path[512];
    char trace_path[512];
    if (source == NULL) {
        printf("\n  not compared: WERKBANK_SOURCE names no folder\n");
        return;
    }
    (void)snprintf(spec_path, sizeof spec_path, "%s/scenarios/day/day.spec.yaml", source);
    (void)snprintf(trace_path, sizeof trace_path, "%s/scenarios/day/day.trace.zst", source);
    wb_arena arena;
    char *spec = NULL;
    size_t length = 0;
    wb_trace_summary shipped = {0};
    wb_trace_summary made = {0};
    generated gen;
    wb_arena_init(&arena, "test", 0, NULL);
    CU_ASSERT_EQUAL_FATAL(wb_file_read(&arena, spec_path, 0, &spec, &length, NULL), WB_OK);
    generate(&gen, spec, 1.0, -1);
    CU_ASSERT_EQUAL(wb_trace_check(trace_path, &shipped, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_trace_check(gen.path, &made, NULL), WB_OK);
    CU_ASSERT_STRING_EQUAL(shipped.digest, made.digest);
    release(&gen);
    wb_arena_release(&arena);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"same specification and seed, same bytes", give_the_same_bytes_twice},
        {"a new source leaves the others alone", keep_sources_apart},
        {"every source draws for itself", draw_for_each_source},
        {"services and queues follow the day", follow_the_day},
        {"arrivals scale", scale_arrivals},
        {"queues follow their profile", arrive_as_the_profile_says},
        {"bad specifications are refused with their place", refuse_bad_specifications},
        {"too many pods are a limit", stop_at_too_many_pods},
        {"the shipped day is what its specification makes", match_the_shipped_day},
    };
    return wb_test_run("trace generate", cases, WB_TEST_COUNT(cases));
}
