/*
 * What a loader found wrong, gathered (up to 20 errors) before it gives up: people fix files, not
 * fields. A finding names file, line, column and field path, what was found and what was expected.
 *
 * A loader goes on after an error as long as the rest can be read:
 *
 *     if (wb_quantity_parse(text, &cpu, &err) != WB_OK) {
 *         wb_findings_add(findings, WB_SEVERITY_ERROR, wb_node_position(node), "spec.limits.cpu",
 *                         "%s", err.text);
 *     }
 *     ...
 *     return wb_findings_status(findings, err);
 */
#ifndef WB_BASE_FINDINGS_H
#define WB_BASE_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

#define WB_FINDINGS_MAX 20

typedef enum wb_severity {
    WB_SEVERITY_WARNING,
    WB_SEVERITY_ERROR,
} wb_severity;

typedef struct wb_position {
    const char *file;      /* borrowed from the document; NULL: no file (an option, a test) */
    uint32_t line, column; /* from 1; 0: not known */
} wb_position;

typedef struct wb_finding {
    wb_severity severity;
    wb_position position;
    const char *text; /* in the arena: "pool.yaml:14:7: spec.limits.cpu: '1.5.2' is no number" */
} wb_finding;

typedef struct wb_findings {
    wb_arena *arena; /* borrowed: where the texts live */
    wb_finding errors[WB_FINDINGS_MAX];
    size_t error_count;   /* kept, at most WB_FINDINGS_MAX */
    size_t dropped_count; /* errors beyond that */
    wb_finding *warnings; /* in the arena, all of them */
    size_t warning_count, warning_capacity;
    bool strict; /* unknown fields become errors (--strict) */
} wb_findings;

/* Starts empty; arena must outlive findings. */
void wb_findings_init(wb_findings *findings, wb_arena *arena, bool strict);

/* Adds one; path may be NULL or "". The text is "<file>:<line>:<column>: <path>: <message>", with
 * the parts that are not known left out. */
WB_PRINTF(5, 6)
void wb_findings_add(wb_findings *findings, wb_severity severity, wb_position position,
                     const char *path, const char *fmt, ...);

/* True when reading should stop gathering. */
bool wb_findings_is_full(const wb_findings *findings);

/* WB_OK without errors; else WB_ERR_INPUT with the first error's text and "(and N more)". */
WB_MUST_CHECK wb_status wb_findings_status(const wb_findings *findings, wb_error *err);

#endif
