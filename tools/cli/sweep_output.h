/* What a sweep found, for people and programs: the front, the best point, what each of its changes
 * brought. */
#ifndef WB_TOOLS_CLI_SWEEP_OUTPUT_H
#define WB_TOOLS_CLI_SWEEP_OUTPUT_H

#include "base/text.h"
#include "bench/sweep.h"

typedef struct wb_sweep_output {
    const wb_sweep *sweep; /* borrowed; judged */
    const char *format;    /* table, wide, json, csv or markdown; json and csv have every point */
    bool shows_all;        /* tables too */
    bool is_colored;
    const char *price_source;
} wb_sweep_output;

/* Appends the points and, to tables, the story of the best one. */
void wb_sweep_output_print(const wb_sweep_output *output, wb_text *out);

/* "cost 3.1 % less (± 0.4 %)": one figure of a point beside another's, seed by seed. */
void wb_sweep_output_print_difference(uint32_t figure, const wb_sweep_point *point,
                                      const wb_sweep_point *baseline, wb_text *out);

/* "cost 3.1 % less (± 0.4 %), pod latency p99 2.0 s longer": a point beside another, objective by
 * objective. Over several seeds with the 95 % interval of paired differences. */
void wb_sweep_output_print_change(const wb_sweep *sweep, const wb_sweep_point *point,
                                  const wb_sweep_point *baseline, wb_text *out);

/* What best.atMost asks for, by the keys of a sweep file: "pod_latency_ms_p99 at most 1.1x,
 * evictions at most 100"; "none" where there are none. */
void wb_sweep_output_print_limits(const wb_sweep_spec *spec, wb_text *out);

#endif
