/*
 * Golden files: inputs with what the real programs made of them, replayed through ours.
 *
 * A path is a file or a folder (its files by name, folders below included); .json, .jsonl (one case
 * a line), either gzipped or zstd-packed. What kind a case is shows in its fields; each kind is one
 * file, cases_<kind>.c, listed in cases.c. A case passes when everything that is recorded matches;
 * each thing that does not is one line.
 */
#ifndef WB_BENCH_CASES_H
#define WB_BENCH_CASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct wb_cases_options {
    const char *const *paths; /* borrowed */
    size_t path_count;
    const char *catalog_path;    /* NULL: the case's catalog name beside it, or in a folder above */
    bool open_claims_are_stable; /* --open-claim-sort stable instead of upstream's order */
    bool plain;                  /* the plain solver instead of the fast one */
    bool validates;              /* hold decisions to the constraints as well, not only to what is
                                    recorded; a rule that upstream breaks is a mismatch then */
    size_t only_failures;        /* stop after so many failed cases; 0: never */
    /* Called with each line (no line end): a mismatch, or why a case could not be run. */
    void (*on_line)(void *context, const char *line);
    void *context;
} wb_cases_options;

/* Counts of one feature, as the cases name it ("spread-zone"; "" for cases that name none). */
typedef struct wb_cases_feature {
    char name[48];
    size_t passed, failed;
} wb_cases_feature;

#define WB_CASES_FEATURE_MAX 128

typedef struct wb_cases_report {
    size_t passed, failed;
    size_t skipped; /* files and lines that are no case of a known kind */
    wb_cases_feature features[WB_CASES_FEATURE_MAX];
    size_t feature_count;
    double expected_usd_per_hour, actual_usd_per_hour; /* summed over scheduling cases */
} wb_cases_report;

/* WB_ERR_IO, WB_ERR_INPUT: a path or catalog that can't be read or parsed. Mismatches are no error:
 * they are in *out. */
WB_MUST_CHECK wb_status wb_cases_run(const wb_cases_options *options, wb_cases_report *out,
                                     wb_error *err);

#endif
