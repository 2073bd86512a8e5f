/* A specification fitted to a trace: how close what it makes is, that it makes the same again, and
 * what is done with lives that the end cuts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap_memory.h"
#include "traces/trace_distance.h"
#include "traces/trace_fit.h"
#include "tests/harness.h"
#include "tests/traces/generate_fixture.h"

#define HEAD WB_GENERATE_HEAD
#define POD  WB_GENERATE_POD
#define HOUR INT64_C(3600000)

/* A trace, the specification fitted to it, and how far the two are apart. */
typedef struct fitted {
    wb_trace_fit_report report;
    wb_text spec;
    wb_generate_fixture made;
    wb_trace_distance *distances; /* owned */
    wb_trace_stats *stats;        /* owned: two */
} fitted;

static void fit(fitted *f, const char *path, int64_t span_ms, double scale)
{
    const wb_trace_fit_options options = {.span_ms = span_ms, .seed = 1};
    wb_error err = {0};
    wb_text_init(&f->spec);
    CU_ASSERT_EQUAL_FATAL(wb_trace_fit(path, &options, &f->spec, &f->report, &err), WB_OK);
    wb_generate_fixture_run(&f->made, wb_text_string(&f->spec), scale, -1);
    CU_ASSERT_EQUAL_FATAL(f->made.status, WB_OK);
    f->stats = wb_heap_memory_zalloc(2, sizeof *f->stats);
    f->distances = wb_heap_memory_zalloc(WB_TRACE_MEASURE_COUNT, sizeof *f->distances);
    CU_ASSERT_EQUAL_FATAL(wb_trace_stats_read(path, &f->stats[0], &err), WB_OK);
    CU_ASSERT_EQUAL_FATAL(wb_trace_stats_read(f->made.path, &f->stats[1], &err), WB_OK);
    wb_trace_distance_measure(&f->stats[0], &f->stats[1], scale, f->distances);
}

static void release(fitted *f)
{
    wb_text_release(&f->spec);
    wb_generate_fixture_release(&f->made);
    wb_heap_memory_free(f->stats);
    wb_heap_memory_free(f->distances);
}

/* Bounds on gaps, CPU, memory, lives, pods and CPUs that are there; and on the pods a day, in per
 * cent of the recorded. The recording has 50 pods in three minutes: its own noise is large, and of
 * a day of it only what is drawn by the thousand can be held. */
static const struct {
    const char *trace;
    int64_t span_ms;
    double scale;
    double most[WB_TRACE_MEASURE_COUNT];
    double rate_percent;
} closeness[] = {
    {"scenarios/day/day.trace.zst", 0, 1.0, {0.08, 0.08, 0.08, 0.08, 0.15, 0.2}, 15},
    {"scenarios/day/day.trace.zst", 720 * HOUR, 1.0, {0.05, 0.05, 0.05, 0.05, 0.12, 0.15}, 8},
    {"scenarios/day/day.trace.zst", 0, 10.0, {0.06, 0.05, 0.05, 0.05, 0.12, 0.15}, 8},
    {"scenarios/month/month.trace.zst", 0, 1.0, {0.05, 0.05, 0.05, 0.05, 0.12, 0.15}, 10},
    {"scenarios/recorded/shop.trace.zst", 24 * HOUR, 1.0, {0.25, 0.05, 0.05, 0.3, 0.3, 0.35}, 10},
};

static void come_close(void)
{
    const char *source = getenv("WERKBANK_SOURCE");
    if (source == NULL) {
        printf("\n  not compared: WERKBANK_SOURCE names no folder\n");
        return;
    }
    for (size_t i = 0; i < WB_TEST_COUNT(closeness); i++) {
        char path[512];
        fitted f;
        (void)snprintf(path, sizeof path, "%s/%s", source, closeness[i].trace);
        fit(&f, path, closeness[i].span_ms, closeness[i].scale);
        for (uint32_t j = 0; j < WB_TRACE_MEASURE_COUNT; j++) {
            if (f.distances[j].distance > closeness[i].most[j]) {
                printf("\n  %s: %s is %.4f apart, expected at most %.2f\n", closeness[i].trace,
                       wb_trace_distance_name((wb_trace_measure)j), f.distances[j].distance,
                       closeness[i].most[j]);
                CU_FAIL("too far apart");
            }
        }
        const wb_trace_summary *recorded = &f.stats[0].summary;
        const wb_trace_summary *made = &f.stats[1].summary;
        const double rate = (double)made->pod_count / (double)made->end_ms /
                            (double)recorded->pod_count * (double)recorded->end_ms /
                            closeness[i].scale;
        CU_ASSERT(fabs(rate - 1.0) * 100.0 < closeness[i].rate_percent);
        release(&f);
    }
}

/* A trace that is generated is its own measure: what was put in is found. */
static const struct {
    const char *name, *spec;
    const char *found[4]; /* in the fitted specification */
    uint64_t standing;
} known[] = {
    {"what stands is told apart",
     HEAD "  services:\n  - name: a\n    base: 7\n    " POD
          "  batches:\n  - name: b\n    jobsPerHour: 3\n    " POD,
     {"name: standing-0\n", "base: 7\n", "kind: Job\n"},
     7},
    {"jobs of several pods stay together",
     HEAD "  batches:\n  - name: b\n    jobsPerHour: 30\n    podsPerJob: 12\n    " POD,
     {"- {weight: ", "podsPerJob: 12, pod: {"},
     0},
    {"a week has its hours",
     HEAD "  span: 168h\n  batches:\n  - name: b\n    jobsPerHour: 30\n    " POD,
     {"stepped: true\n      hours: ["},
     0},
    {"a constant length is one",
     HEAD "  batches:\n  - name: b\n    jobsPerHour: 30\n    duration: {median: 64s}\n    " POD,
     {"quantiles: [64000ms, 64000ms, 64000ms"},
     0},
    {"checkpoints are kept",
     HEAD "  batches:\n  - name: b\n    jobsPerHour: 30\n    checkpointed: true\n    " POD,
     {"checkpointed: true\n"},
     0},
    {"claims of volumes are not, for nobody makes them",
     HEAD
     "  services:\n  - name: db\n    kind: StatefulSet\n    base: 2\n    volumes: [{}]\n    " POD,
     {"\"volumes\":[]"},
     2},
};

static void find_what_was_put_in(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(known); i++) {
        wb_generate_fixture origin;
        fitted f;
        wb_generate_fixture_run(&origin, known[i].spec, 1.0, -1);
        CU_ASSERT_EQUAL_FATAL(origin.status, WB_OK);
        fit(&f, origin.path, 0, 1.0);
        CU_ASSERT_EQUAL(f.report.standing_count, known[i].standing);
        CU_ASSERT_EQUAL(f.report.pod_count, origin.pod_count);
        for (size_t j = 0; j < 4 && known[i].found[j] != NULL; j++) {
            if (strstr(wb_text_string(&f.spec), known[i].found[j]) == NULL) {
                printf("\n  %s: '%s' is not in\n%.2000s\n", known[i].name, known[i].found[j],
                       wb_text_string(&f.spec));
                CU_FAIL("another specification");
            }
        }
        release(&f);
        wb_generate_fixture_release(&origin);
    }
}

/* Bursts that were generated are measured within a third. */
static void measure_bursts(void)
{
    wb_generate_fixture origin;
    fitted f;
    wb_generate_fixture_run(&origin,
                            HEAD "  span: 100h\n  batches:\n  - name: b\n    jobsPerHour: 60\n"
                                 "    bursts: {jobs: 12, within: 2s}\n    " POD,
                            1.0, -1);
    fit(&f, origin.path, 0, 1.0);
    const char *bursts = strstr(wb_text_string(&f.spec), "bursts: {jobs: ");
    CU_ASSERT_PTR_NOT_NULL_FATAL(bursts);
    const double jobs = strtod(bursts + strlen("bursts: {jobs: "), NULL);
    CU_ASSERT(jobs > 8.0 && jobs < 16.0);
    CU_ASSERT(f.distances[WB_TRACE_MEASURE_GAP].distance < 0.15);
    release(&f);
    wb_generate_fixture_release(&origin);
}

/* Half of the pods live five hours or longer, and the trace is twelve hours long: many lives are
 * cut by its end. Those that ended alone would tell lives that are too short. */
static void count_lives_that_were_cut(void)
{
    wb_generate_fixture origin;
    fitted f;
    wb_generate_fixture_run(&origin,
                            HEAD
                            "  span: 12h\n  batches:\n  - name: b\n    kind: Deployment\n"
                            "    jobsPerHour: 100\n"
                            "    duration: {kind: exponential, median: 5h, max: 1000h}\n    " POD,
                            1.0, -1);
    fit(&f, origin.path, 120 * HOUR, 1.0);
    CU_ASSERT(f.report.censored_count > 500);
    uint64_t longer = 0;
    uint64_t early = 0; /* of pods whose end cannot be cut again */
    for (size_t i = 0; i < f.made.pod_count; i++) {
        const int64_t lived_ms = f.made.pods[i].until_ms - f.made.pods[i].at_ms;
        early += f.made.pods[i].at_ms < 100 * HOUR ? 1 : 0;
        longer += f.made.pods[i].at_ms < 100 * HOUR && lived_ms > 5 * HOUR ? 1 : 0;
    }
    const double share = (double)longer / (double)early;
    CU_ASSERT(share > 0.42 && share < 0.58);
    release(&f);
    wb_generate_fixture_release(&origin);
}

/* Four weeks of which the third has a tenth: seen, and made again; four weeks alike have none. */
static void follow_a_trend(void)
{
    static const char *const factors[] = {"[1, 1, 0.1, 1]", "[1]"};
    for (size_t i = 0; i < 2; i++) {
        char spec[400];
        wb_generate_fixture origin;
        fitted f;
        uint64_t third = 0;
        (void)snprintf(spec, sizeof spec,
                       HEAD "  span: 672h\n  batches:\n  - name: b\n    jobsPerHour: 40\n"
                            "    trend: {every: 168h, factors: %s}\n    %s",
                       factors[i], POD);
        wb_generate_fixture_run(&origin, spec, 1.0, -1);
        fit(&f, origin.path, 0, 1.0);
        CU_ASSERT_EQUAL(strstr(wb_text_string(&f.spec), "trend: ") != NULL, i == 0);
        for (size_t j = 0; j < f.made.pod_count; j++) {
            third += f.made.pods[j].at_ms / (168 * HOUR) == 2 ? 1 : 0;
        }
        const double share = (double)third / (double)f.made.pod_count;
        const double expected = i == 0 ? 0.1 / 3.1 : 0.25;
        CU_ASSERT(fabs(share - expected) < 0.02);
        release(&f);
        wb_generate_fixture_release(&origin);
    }
}

/* Equal traces and seeds, equal bytes: of the specification, and of what it makes. */
static void give_the_same_twice(void)
{
    wb_generate_fixture origin;
    fitted first;
    fitted second;
    wb_generate_fixture_run(&origin,
                            HEAD "  services:\n  - name: a\n    base: 2\n    peak: 30\n"
                                 "    profile: office\n    " POD
                                 "  batches:\n  - name: b\n    jobsPerHour: 90\n    " POD,
                            1.0, -1);
    fit(&first, origin.path, 0, 1.0);
    fit(&second, origin.path, 0, 1.0);
    CU_ASSERT_STRING_EQUAL(wb_text_string(&first.spec), wb_text_string(&second.spec));
    CU_ASSERT(strcmp(first.made.text, second.made.text) == 0);
    for (uint32_t i = 0; i < WB_TRACE_MEASURE_COUNT; i++) {
        CU_ASSERT(first.distances[i].distance < 0.2);
    }
    release(&first);
    release(&second);
    wb_generate_fixture_release(&origin);
}

/* What a recording may hold in names and texts and YAML does not take as it is. */
static void write_any_text(void)
{
    static const char trace[] =
        "{\"trace\":\"werkbank/v1\"}\n{\"shape\":0,\"namespace\":\"%s\",\"template\":{"
        "\"metadata\":{\"annotations\":{\"a\":\"\x7f \xc2\x80\xc2\x9f \xef\xbb\xbf "
        "\xef\xbf\xbe \xf0\x9f\x98\x80 # : ' \\\" \\\\ \\n\"}},\"spec\":{\"containers\":[{"
        "\"name\":\"c\"}]}}}\n{\"at\":0,\"pod\":\"x\",\"shape\":0}\n"
        "{\"end\":1000,\"records\":2}\n";
    static const char *const names[] = {
        "web", "a-namespace-whose-name-has-more-than-fifty-characters-in-it"};
    for (size_t i = 0; i < WB_TEST_COUNT(names); i++) {
        char text[1000];
        wb_scratch_folder folder;
        fitted f;
        wb_scratch_folder_init(&folder);
        (void)snprintf(text, sizeof text, trace, names[i]);
        fit(&f, wb_scratch_folder_write(&folder, "t.trace", text, strlen(text)), 0, 1.0);
        CU_ASSERT_EQUAL(f.made.pod_count, 1);
        CU_ASSERT_EQUAL(wb_generate_fixture_count(&f.made, "\x7f \xc2\x80\xc2\x9f \xef\xbb\xbf"),
                        1);
        CU_ASSERT_EQUAL(wb_generate_fixture_count(&f.made, "\xf0\x9f\x98\x80 # : '"), 1);
        release(&f);
        wb_scratch_folder_release(&folder);
    }
}

static void refuse_what_cannot_be_fitted(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{\"trace\":\"werkbank/v1\"}\n{\"end\":1000,\"records\":0}\n",
         "holds no pods, expected a trace that can be fitted"},
        {"{\"trace\":\"werkbank/v1\"}\n{\"shape\":0,\"namespace\":\"a\",\"template\":{\"spec\":{"
         "\"containers\":[{\"name\":\"c\"}]}}}\n{\"at\":0,\"pod\":\"x\",\"shape\":0}\n"
         "{\"end\":0,\"records\":2}\n",
         "holds no time, expected a trace that can be fitted"},
        {"{\"trace\":\"werkbank/v1\"}\n", ""},
    };
    for (size_t i = 0; i < WB_TEST_COUNT(cases); i++) {
        const wb_trace_fit_options options = {.seed = 1};
        wb_trace_fit_report report;
        wb_scratch_folder folder;
        wb_error err = {0};
        wb_text spec;
        wb_text_init(&spec);
        wb_scratch_folder_init(&folder);
        const char *path =
            wb_scratch_folder_write(&folder, "t.trace", cases[i].text, strlen(cases[i].text));
        CU_ASSERT_EQUAL(wb_trace_fit(path, &options, &spec, &report, &err), WB_ERR_INPUT);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, cases[i].message));
        wb_scratch_folder_release(&folder);
        wb_text_release(&spec);
    }
}

/* 0 of a trace to itself; 1 of lives that have nothing in common. */
static void tell_distances(void)
{
    static const char *const lengths[] = {"1m", "1m", "100m"};
    wb_generate_fixture made[3];
    wb_trace_stats *stats = wb_heap_memory_zalloc(3, sizeof *stats);
    wb_trace_distance *distances = wb_heap_memory_zalloc(WB_TRACE_MEASURE_COUNT, sizeof *distances);
    for (size_t i = 0; i < 3; i++) {
        char spec[400];
        (void)snprintf(spec, sizeof spec,
                       HEAD "  batches:\n  - name: b\n    jobsPerHour: 90\n    duration: {median: "
                            "%s}\n    %s",
                       lengths[i], POD);
        wb_generate_fixture_run(&made[i], spec, 1.0, -1);
        CU_ASSERT_EQUAL_FATAL(wb_trace_stats_read(made[i].path, &stats[i], NULL), WB_OK);
    }
    wb_trace_distance_measure(&stats[0], &stats[1], 1.0, distances);
    for (uint32_t i = 0; i < WB_TRACE_MEASURE_COUNT; i++) {
        CU_ASSERT_EQUAL(distances[i].distance, 0.0);
    }
    wb_trace_distance_measure(&stats[0], &stats[2], 1.0, distances);
    CU_ASSERT_EQUAL(distances[WB_TRACE_MEASURE_LIFETIME].distance, 1.0);
    CU_ASSERT_EQUAL(distances[WB_TRACE_MEASURE_GAP].distance, 0.0);
    CU_ASSERT(distances[WB_TRACE_MEASURE_PODS].distance > 0.9);
    for (size_t i = 0; i < 3; i++) {
        wb_generate_fixture_release(&made[i]);
    }
    wb_heap_memory_free(stats);
    wb_heap_memory_free(distances);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"what is made comes close", come_close},
        {"what was put in is found", find_what_was_put_in},
        {"bursts are measured", measure_bursts},
        {"a trend is followed", follow_a_trend},
        {"lives that were cut count as longer", count_lives_that_were_cut},
        {"the same trace gives the same specification", give_the_same_twice},
        {"any text is written as YAML takes it", write_any_text},
        {"what cannot be fitted is refused", refuse_what_cannot_be_fitted},
        {"distances run from 0 to 1", tell_distances},
    };
    return wb_test_run("trace fit", cases, WB_TEST_COUNT(cases));
}
