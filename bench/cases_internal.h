/* What the kinds of golden cases share. To add a kind: write cases_<kind>.c with a wb_cases_kind,
 * declare it here, list it in cases.c. */
#ifndef WB_BENCH_CASES_INTERNAL_H
#define WB_BENCH_CASES_INTERNAL_H

#include "base/arena.h"
#include "base/document.h"
#include "base/text.h"
#include "kube/catalog/catalog.h"
#include "bench/cases.h"

/* One case on its way. */
typedef struct wb_cases_run_state wb_cases_run_state;

typedef struct wb_cases_case {
    wb_cases_run_state *run; /* borrowed: for the calls below */
    const wb_cases_options *options;
    const wb_node *root;
    const char *path;  /* the file */
    const char *name;  /* for messages: the file's name, with ":id" or ":line" in a list of cases */
    wb_arena *arena;   /* emptied after the case */
    wb_intern *intern; /* shared by all cases of the run */
    size_t mismatch_count;
} wb_cases_case;

typedef struct wb_cases_kind {
    const char *name;
    /* Whether a document of this file is a case of this kind. */
    bool (*recognises)(const char *path, const wb_node *root);
    /* Runs it and reports mismatches. An error is one that makes the case unusable; it counts as a
     * failure. */
    wb_status (*run)(wb_cases_case *one, wb_error *err);
} wb_cases_kind;

extern const wb_cases_kind wb_cases_scheduling;
extern const wb_cases_kind wb_cases_requirements;
extern const wb_cases_kind wb_cases_sort;
extern const wb_cases_kind wb_cases_benchmark;
extern const wb_cases_kind wb_cases_kube_scheduler;
extern const wb_cases_kind wb_cases_cluster_autoscaler;
extern const wb_cases_kind wb_cases_disruption;

/* One mismatch: "<case>: <where>: expected <expected>, got <actual>", long texts cut. */
void wb_cases_mismatch(wb_cases_case *one, const char *where, const char *expected,
                       const char *actual);

/* Reports the difference of two texts if there is any; true when they are equal. */
bool wb_cases_compare(wb_cases_case *one, const char *where, const char *expected,
                      const char *actual);

/* Adds to the run's sums of hourly prices. */
void wb_cases_add_price(wb_cases_case *one, double expected_usd_per_hour,
                        double actual_usd_per_hour);

/* The catalog of a case: catalogInline, or the named file (read once per run), cut down to
 * instanceTypes; plainInstanceRequirements seen to. */
WB_MUST_CHECK wb_status wb_cases_catalog(wb_cases_case *one, wb_catalog *out, wb_error *err);

#endif
