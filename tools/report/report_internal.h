/* Shared by the files of the report only. */
#ifndef WB_TOOLS_REPORT_REPORT_INTERNAL_H
#define WB_TOOLS_REPORT_REPORT_INTERNAL_H

#include "tools/plot/plot.h"
#include "tools/report/report.h"
#include "tools/report/run_groups.h"

/* The sections that read rows: what mattered in each drawn run, and how to run it again. */
WB_MUST_CHECK wb_status wb_report_moments_add(const wb_run_set *set, wb_text *out, wb_error *err);
WB_MUST_CHECK wb_status wb_report_inputs_add(const wb_run_set *set, wb_text *out, wb_error *err);

/* The style sheet, for screens light, dark and narrow, and for paper. */
extern const char wb_report_style[];

#endif
