/* The outcome of a comparison in plain sentences, one for each contender beside the baseline. */
#ifndef WB_TOOLS_REPORT_VERDICT_H
#define WB_TOOLS_REPORT_VERDICT_H

#include "base/text.h"
#include "tools/report/run_groups.h"

/* Adds lines such as "cluster-autoscaler costs 16.7 % more than karpenter; its p99 pod latency is
 * 167.8 s longer". With several seeds differences carry their 95 % confidence interval, and one
 * that may be chance is called so. Nothing with a single contender. */
void wb_verdict_add(const wb_run_groups *groups, const wb_run_group *baseline, wb_text *out);

#endif
