/*
 * What a sweep is to try: a file of kind Sweep, decoded (docs/sweep.md).
 *
 *     spec.parameters: target -> path -> values   nodepool/default:
 *                                                   spec.disruption.consolidateAfter: [0s, 30s, 5m]
 *
 * A value may be anything that the field may be (a word, a number, a whole list of requirements),
 * or null, which removes the field. A range {from, to, steps, scale} stands for its steps; without
 * steps it is continuous, for searches that draw points.
 */
#ifndef WB_BENCH_SWEEP_SPEC_H
#define WB_BENCH_SWEEP_SPEC_H

#include "kube/manifest.h"
#include "bench/sobol.h"

#define WB_SWEEP_PARAMETERS_MAX WB_SOBOL_DIMENSIONS_MAX
#define WB_SWEEP_OBJECTIVES_MAX 6
#define WB_SWEEP_POINTS_MAX     100000

typedef struct wb_sweep_value {
    const char *label; /* for people: the value itself, or the name that the file gives it */
    wb_node *node;     /* NULL: the field is removed */
} wb_sweep_value;

typedef enum wb_sweep_unit {
    WB_SWEEP_NUMBER,
    WB_SWEEP_INTEGER,
    WB_SWEEP_DURATION, /* in ms */
} wb_sweep_unit;

typedef struct wb_sweep_parameter {
    const char *target, *path; /* as a scenario's patch has them */
    const char *name;          /* short: the last steps of the path */
    wb_sweep_value *values;    /* in the order of the file; none: continuous */
    uint32_t value_count;
    double from, to; /* continuous */
    bool is_log;
    wb_sweep_unit unit;
    wb_position position;
    const char *file; /* of the sweep */
} wb_sweep_parameter;

typedef enum wb_sweep_method {
    WB_SWEEP_GRID,    /* every combination, the last parameter fastest */
    WB_SWEEP_SOBOL,   /* points of a Sobol sequence */
    WB_SWEEP_HALVING, /* such points at a small share of the work, the better part at a larger one
                         ... */
} wb_sweep_method;

/* What the share of a round of halving is a share of. */
typedef enum wb_sweep_resource {
    WB_SWEEP_HORIZON,
    WB_SWEEP_SEEDS,
} wb_sweep_resource;

/* "at most so much", of the value itself or as a multiple of the baseline's. */
typedef struct wb_sweep_limit {
    uint32_t figure; /* of the figure list */
    double value;
    bool is_relative;
} wb_sweep_limit;

typedef struct wb_sweep_spec {
    const char *name, *scenario_path, *contender;
    const char **trace_paths; /* instead of the scenario's */
    uint32_t trace_count;
    const uint64_t *seeds; /* at least one, unless the scenario's is taken */
    uint32_t seed_count;   /* 0: the scenario's own */
    wb_sweep_method method;
    wb_sweep_resource resource;
    uint32_t point_count; /* of methods that draw */
    uint64_t search_seed;
    uint32_t round_count; /* halving */
    double keep_share; /* of the points, from round to round; a round has 1/keep_share more work */
    uint32_t objectives[WB_SWEEP_OBJECTIVES_MAX]; /* figures, all to be small */
    uint32_t objective_count;
    uint32_t minimise; /* the figure by which the best point is chosen */
    wb_sweep_limit limits[WB_SWEEP_OBJECTIVES_MAX];
    uint32_t limit_count;
    double split; /* tune: the share of the time that the search sees */
    wb_sweep_parameter parameters[WB_SWEEP_PARAMETERS_MAX];
    uint32_t parameter_count;
} wb_sweep_spec;

/* Reads a sweep; complaints go to the findings (then WB_ERR_INPUT). Paths in it are resolved
 * against its folder. Everything lives in the context's arena. */
WB_MUST_CHECK wb_status wb_sweep_spec_load(const wb_decode_context *context, const char *path,
                                           wb_sweep_spec *out, wb_error *err);

/* A value of a continuous parameter, share in [0, 1) of the way from one end to the other. */
wb_sweep_value wb_sweep_spec_value(wb_arena *arena, const wb_sweep_parameter *parameter,
                                   double share);

/* The figure of the list with that key, or UINT32_MAX. */
uint32_t wb_sweep_spec_figure(const char *key);

#endif
