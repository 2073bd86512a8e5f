/* A trace generated from a specification that a test holds in memory, its pods in an array. */
#ifndef WB_TESTS_TRACES_GENERATE_FIXTURE_H
#define WB_TESTS_TRACES_GENERATE_FIXTURE_H

#include "traces/trace.h"
#include "traces/trace_generate.h"
#include "tests/base/scratch_folder.h"

/* Begins a specification: what follows are fields of spec. */
#define WB_GENERATE_HEAD "apiVersion: werkbank/v1\nkind: TraceSpec\nmetadata: {name: t}\nspec:\n"
#define WB_GENERATE_POD \
    "pod: {spec: {containers: [{name: c, resources: {requests: {cpu: 500m}}}]}}\n"

typedef struct wb_generate_fixture_pod {
    int64_t at_ms, until_ms, runs_ms;
    uint32_t shape, owner;
    const char *name; /* in the fixture's arena */
} wb_generate_fixture_pod;

typedef struct wb_generate_fixture {
    wb_scratch_folder folder;
    wb_arena arena;
    wb_findings findings;
    wb_status status;
    wb_error err;
    wb_trace_generate_report report;
    const char *path;
    const char *text; /* the trace, "" without */
    wb_generate_fixture_pod *pods;
    size_t pod_count;
} wb_generate_fixture;

/* Generates at scale with the specification's seed (seed -1) or another. On success the trace is
 * checked and its pods are read. */
void wb_generate_fixture_run(wb_generate_fixture *fixture, const char *spec, double scale,
                             int64_t seed);
void wb_generate_fixture_release(wb_generate_fixture *fixture);

/* A specification that is refused with exactly this finding; "": with any. */
typedef struct wb_generate_bad_case {
    const char *name, *spec, *message;
} wb_generate_bad_case;

/* Asserts of each case that it is refused with one finding, the expected one. */
void wb_generate_fixture_refuse(const wb_generate_bad_case *cases, size_t count);

/* Pods that are there at a time, of those with a stated end. */
int64_t wb_generate_fixture_alive(const wb_generate_fixture *fixture, int64_t at_ms);

/* How often what occurs in the trace's text. */
size_t wb_generate_fixture_count(const wb_generate_fixture *fixture, const char *what);

#endif
