/* Batch queues of a generated trace: bursts, tails, stages, gangs, schedules, and the shipped
 * specifications. Tolerances are six standard deviations. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tests/harness.h"
#include "tests/traces/generate_fixture.h"

#define HEAD   WB_GENERATE_HEAD
#define POD    WB_GENERATE_POD
#define HOUR   INT64_C(3600000)
#define MINUTE INT64_C(60000)

/* Share of a law's jobs that run longer than a multiple of the median, by its formula. */
static const struct {
    const char *name, *duration;
    double multiple, expected;
} tails[] = {
    {"lognormal, the middle", "{median: 10m, sigma: 1, max: 1000h}", 1.0, 0.5},
    {"lognormal, the tail", "{median: 10m, sigma: 1, max: 1000h}", 5.0, 0.0538},
    {"pareto, the middle", "{kind: pareto, median: 10m, shape: 1.2, max: 1000h}", 1.0, 0.5},
    {"pareto, the tail", "{kind: pareto, median: 10m, shape: 1.2, max: 1000h}", 10.0, 0.03155},
    {"pareto, nothing below its least", "{kind: pareto, median: 10m, shape: 1, max: 1000h}", 0.499,
     1.0},
    {"weibull, the middle", "{kind: weibull, median: 10m, shape: 0.5, max: 1000h}", 1.0, 0.5},
    {"weibull, the tail", "{kind: weibull, median: 10m, shape: 0.5, max: 1000h}", 9.0, 0.125},
    {"exponential, the tail", "{kind: exponential, median: 10m, max: 1000h}", 3.0, 0.125},
    {"no longer than the longest", "{kind: pareto, median: 10m, shape: 0.5, max: 30m}", 3.0, 0.0},
    {"measured, between two values", "{quantiles: [0s, 10m, 40m]}", 2.5, 0.25},
};

static void draw_from_the_law(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(tails); i++) {
        char spec[500];
        wb_generate_fixture f;
        uint64_t longer = 0;
        (void)snprintf(spec, sizeof spec,
                       HEAD
                       "  batches:\n  - name: a\n    jobsPerHour: 1000\n    duration: %s\n    %s",
                       tails[i].duration, POD);
        wb_generate_fixture_run(&f, spec, 1.0, -1);
        CU_ASSERT_FATAL(f.pod_count > 20000);
        for (size_t j = 0; j < f.pod_count; j++) {
            longer += (double)f.pods[j].runs_ms > tails[i].multiple * 600000.0 ? 1 : 0;
        }
        const double share = (double)longer / (double)f.pod_count;
        const double slack =
            6.0 * sqrt(tails[i].expected * (1.0 - tails[i].expected) / (double)f.pod_count);
        if (fabs(share - tails[i].expected) > slack + 0.0001) {
            printf("\n  %s: %.4f run longer, expected %.4f\n", tails[i].name, share,
                   tails[i].expected);
            CU_FAIL("another law");
        }
        wb_generate_fixture_release(&f);
    }
}

/* Variance over mean of the arrivals per ten minutes: 1 for a Poisson process. */
static double dispersion_of(const wb_generate_fixture *f, size_t bins)
{
    double *counts = calloc(bins, sizeof *counts);
    double sum = 0.0;
    double squares = 0.0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(counts);
    for (size_t i = 0; i < f->pod_count; i++) {
        counts[f->pods[i].at_ms / (10 * MINUTE)] += 1.0;
    }
    for (size_t i = 0; i < bins; i++) {
        sum += counts[i];
        squares += counts[i] * counts[i];
    }
    free(counts);
    const double mean = sum / (double)bins;
    return (squares / (double)bins - mean * mean) / mean;
}

/* The same rate with and without bursts: of a geometric burst of mean 20, E[n^2]/E[n] is 39. */
static void arrive_in_bursts(void)
{
    static const struct {
        const char *bursts;
        double least, most;
    } cases[] = {{"", 0.6, 1.5}, {"    bursts: {jobs: 20, within: 5s}\n", 25, 55}};
    for (size_t i = 0; i < 2; i++) {
        char spec[500];
        wb_generate_fixture f;
        (void)snprintf(spec, sizeof spec,
                       HEAD "  span: 240h\n  batches:\n  - name: a\n    jobsPerHour: 100\n%s    %s",
                       cases[i].bursts, POD);
        wb_generate_fixture_run(&f, spec, 1.0, -1);
        const double dispersion = dispersion_of(&f, 1440);
        CU_ASSERT(dispersion > cases[i].least && dispersion < cases[i].most);
        CU_ASSERT(fabs((double)f.pod_count - 24000.0) < 6.0 * sqrt(24000.0 * cases[i].most));
        wb_generate_fixture_release(&f);
    }
}

/* Weekends of a quarter: 20 days and 8 of 2,400 and 600 jobs. At midnight the rate changes along a
 * straight line of an hour: Friday loses what Sunday gains. */
static void rest_at_weekends(void)
{
    wb_generate_fixture f;
    int64_t weekend = 0;
    wb_generate_fixture_run(&f,
                            HEAD "  span: 672h\n  batches:\n  - name: a\n    jobsPerHour: 100\n"
                                 "    weekend: 0.25\n    " POD,
                            1.0, -1);
    for (size_t i = 0; i < f.pod_count; i++) {
        weekend += f.pods[i].at_ms / (24 * HOUR) % 7 >= 5 ? 1 : 0;
    }
    CU_ASSERT(llabs((int64_t)f.pod_count - weekend - (48000 - 150)) < 6 * 219);
    CU_ASSERT(llabs(weekend - (4800 + 150)) < 6 * 71);
    wb_generate_fixture_release(&f);
}

/* Three stages of four pods: each begins when the longest of the one before has run. */
static void go_through_stages(void)
{
    wb_generate_fixture f;
    wb_generate_fixture_run(&f,
                            HEAD "  batches:\n  - name: a\n    jobsPerHour: 0\n    initialJobs: 1\n"
                                 "    podsPerJob: 4\n    stages: 3\n"
                                 "    duration: {median: 5m, sigma: 0.5}\n    " POD,
                            1.0, -1);
    CU_ASSERT_EQUAL_FATAL(f.pod_count, 12);
    int64_t begin_ms = 0;
    for (size_t stage = 0; stage < 3; stage++) {
        int64_t longest_ms = 0;
        for (size_t i = 4 * stage; i < 4 * stage + 4; i++) {
            CU_ASSERT_EQUAL(f.pods[i].at_ms, begin_ms);
            longest_ms = f.pods[i].runs_ms > longest_ms ? f.pods[i].runs_ms : longest_ms;
        }
        CU_ASSERT_NOT_EQUAL(f.pods[4 * stage].runs_ms, f.pods[4 * stage + 1].runs_ms);
        begin_ms += longest_ms;
    }
    wb_generate_fixture_release(&f);
}

/* The pods of a gang end together, those of two gangs do not; sizes are drawn by weight. */
static void keep_gangs_together(void)
{
    wb_generate_fixture f;
    int64_t jobs[2] = {0};
    wb_generate_fixture_run(&f,
                            HEAD "  batches:\n  - name: a\n    jobsPerHour: 50\n    gang: true\n"
                                 "    checkpointed: true\n    duration: {median: 1h, sigma: 1}\n"
                                 "    pods:\n    - {weight: 3, podsPerJob: 8, "
                                 "pod: {spec: {containers: [{name: c, resources: {limits: "
                                 "{nvidia.com/gpu: 1}}}]}}}\n"
                                 "    - {weight: 1, podsPerJob: 2, "
                                 "pod: {spec: {containers: [{name: c}]}}}\n",
                            1.0, -1);
    CU_ASSERT_FATAL(f.pod_count > 1000 && f.report.shape_count == 2);
    for (size_t i = 0; i < f.pod_count;) {
        const size_t size = f.pods[i].shape == 0 ? 8 : 2;
        for (size_t j = i; j < i + size; j++) {
            CU_ASSERT_FATAL(j < f.pod_count);
            CU_ASSERT_EQUAL(f.pods[j].at_ms, f.pods[i].at_ms);
            CU_ASSERT_EQUAL(f.pods[j].runs_ms, f.pods[i].runs_ms);
            CU_ASSERT_EQUAL(f.pods[j].shape, f.pods[i].shape);
        }
        jobs[f.pods[i].shape]++;
        i += size;
    }
    const double share = (double)jobs[0] / (double)(jobs[0] + jobs[1]); /* of about 1,200 */
    CU_ASSERT(share > 0.75 - 0.08 && share < 0.75 + 0.08);
    CU_ASSERT_EQUAL(wb_generate_fixture_count(&f, "\"checkpointed\":true"), f.pod_count);
    wb_generate_fixture_release(&f);
}

/* Fifty CronJobs at half past, for a day that begins at 9:15. */
static void fire_by_the_clock(void)
{
    wb_generate_fixture f;
    wb_generate_fixture_run(
        &f,
        HEAD "  epoch: \"2026-01-05T09:15:00Z\"\n  batches:\n  - name: a\n    kind: CronJob\n"
             "    copies: 50\n    schedule: \"30 * * * *\"\n    jitter: 20s\n    " POD,
        1.0, -1);
    CU_ASSERT_EQUAL(f.pod_count, 50 * 24);
    int64_t early = 0;
    for (size_t i = 0; i < f.pod_count; i++) {
        const int64_t of_hour_ms = f.pods[i].at_ms % HOUR;
        CU_ASSERT(of_hour_ms >= 15 * MINUTE && of_hour_ms < 15 * MINUTE + 20000);
        early += of_hour_ms < 15 * MINUTE + 10000 ? 1 : 0;
    }
    CU_ASSERT(early > 600 - 105 && early < 600 + 105);
    CU_ASSERT_EQUAL(wb_generate_fixture_count(&f, "\"kind\":\"CronJob\""), 50);
    wb_generate_fixture_release(&f);
}

static const wb_generate_bad_case bad_cases[] = {
    {"a law that is none", HEAD "  batches:\n  - name: a\n    duration: {kind: normal}\n    " POD,
     "s.yaml:7:22: spec.batches[0].duration.kind: Invalid value: \"normal\": must be one of "
     "lognormal, pareto, weibull, exponential"},
    {"a tail without a shape",
     HEAD "  batches:\n  - name: a\n    duration: {kind: pareto, shape: 0}\n    " POD,
     "s.yaml:7:37: spec.batches[0].duration.shape: is 0, expected at least 0.05"},
    {"one quantile", HEAD "  batches:\n  - name: a\n    duration: {quantiles: [1m]}\n    " POD,
     "s.yaml:7:27: spec.batches[0].duration.quantiles: has 1 durations, expected 2 to 1001, from "
     "the shortest to the longest"},
    {"quantiles that fall",
     HEAD "  batches:\n  - name: a\n    duration: {quantiles: [2m, 1m]}\n    " POD,
     "s.yaml:7:32: spec.batches[0].duration.quantiles[1]: '1m' is shorter than the one before"},
    {"a schedule that is none",
     HEAD
     "  epoch: \"2026-01-05T00:00:00Z\"\n  batches:\n  - name: a\n    schedule: hourly\n    " POD,
     ""},
    {"a schedule without a calendar",
     HEAD "  batches:\n  - name: a\n    schedule: \"@hourly\"\n    " POD,
     "s.yaml:7:15: spec.batches[0].schedule: needs a calendar, expected spec.epoch"},
    {"a schedule and a rate",
     HEAD "  epoch: \"2026-01-05T00:00:00Z\"\n  batches:\n  - name: a\n    schedule: \"@hourly\"\n"
          "    jobsPerHour: 3\n    " POD,
     "s.yaml:8:15: spec.batches[0].schedule: stands beside jobsPerHour or bursts, expected one of "
     "them"},
    {"bursts of less than a job", HEAD "  batches:\n  - name: a\n    bursts: {jobs: 0.5}\n    " POD,
     "s.yaml:7:20: spec.batches[0].bursts.jobs: is 0.5, expected at least 1"},
    {"no stage", HEAD "  batches:\n  - name: a\n    stages: 0\n    " POD,
     "s.yaml:7:13: spec.batches[0].stages: is 0, expected 1 to 100"},
    {"pods that weigh nothing",
     HEAD
     "  batches:\n  - name: a\n    pods: [{weight: 0, pod: {spec: {containers: [{name: c}]}}}]\n",
     "s.yaml:7:11: spec.batches[0].pods: has weights that are all 0, expected one that is not"},
    {"pod and pods",
     HEAD "  batches:\n  - name: a\n    pods: [{pod: {spec: {containers: [{name: c}]}}}]\n    " POD,
     "s.yaml:7:11: spec.batches[0].pods: stands beside pod, expected one of the two"},
};

static void refuse_bad_queues(void)
{
    wb_generate_fixture_refuse(bad_cases, WB_TEST_COUNT(bad_cases));
}

/* What is shipped is read without a finding, the same twice, other with another seed, and has about
 * as many pods as it says. */
static void make_what_is_shipped(void)
{
    static const struct {
        const char *name;
        uint64_t least, most;
    } shipped[] = {
        {"fleet", 3500, 6500}, {"volumes", 30, 60},    {"queues", 14000, 23000},
        {"ci", 65000, 92000},  {"training", 150, 450}, {"cron-storm", 1950, 1950},
    };
    const char *source = getenv("WERKBANK_SOURCE");
    if (source == NULL) {
        printf("\n  not compared: WERKBANK_SOURCE names no folder\n");
        return;
    }
    for (size_t i = 0; i < WB_TEST_COUNT(shipped); i++) {
        char path[512];
        char *spec = NULL;
        size_t length = 0;
        wb_arena arena;
        wb_generate_fixture runs[3];
        wb_arena_init(&arena, "test", 0, NULL);
        (void)snprintf(path, sizeof path, "%s/scenarios/generate/%s.spec.yaml", source,
                       shipped[i].name);
        CU_ASSERT_EQUAL_FATAL(wb_file_read(&arena, path, 0, &spec, &length, NULL), WB_OK);
        for (size_t j = 0; j < 3; j++) {
            wb_generate_fixture_run(&runs[j], spec, 1.0, j < 2 ? -1 : 99);
            CU_ASSERT_EQUAL(runs[j].status, WB_OK);
            CU_ASSERT(runs[j].pod_count >= shipped[i].least &&
                      runs[j].pod_count <= shipped[i].most);
        }
        CU_ASSERT(strcmp(runs[0].text, runs[1].text) == 0);
        CU_ASSERT(strcmp(runs[0].text, runs[2].text) != 0);
        for (size_t j = 0; j < 3; j++) {
            wb_generate_fixture_release(&runs[j]);
        }
        wb_arena_release(&arena);
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"lengths follow their law", draw_from_the_law},
        {"bursts cluster, rates stay", arrive_in_bursts},
        {"weekends are quieter", rest_at_weekends},
        {"stages follow each other", go_through_stages},
        {"gangs end together", keep_gangs_together},
        {"schedules fire by the calendar", fire_by_the_clock},
        {"bad queues are refused with their place", refuse_bad_queues},
        {"the shipped specifications make what they say", make_what_is_shipped},
    };
    return wb_test_run("generate batch", cases, WB_TEST_COUNT(cases));
}
