/*
 * Which node group is scaled up: a chain of expanders, each of which keeps some of the options;
 * what the last one leaves is drawn at random (spec/cluster-autoscaler.md section 4). One row of a
 * table per expander. Some tens of options, once per scale-up.
 */
#ifndef WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_EXPANDER_H
#define WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_EXPANDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "sim/autoscaler/cluster_autoscaler/ca_flags.h"

/* What scaling one group up would do. */
typedef struct wb_expander_option {
    uint32_t group;
    const char *group_name;
    uint32_t node_count, pod_count;
    int64_t cpu_milli, memory_bytes;           /* requests of the pods that it places */
    int64_t node_cpu_milli, node_memory_bytes; /* capacity of one node */
    bool node_has_gpu;
    double node_price; /* per hour; price only */
    bool is_price_known;
    double figure; /* filled in by the expander that looked last: smaller is better */
    double all_nodes_price, pods_price, stabilized_ratio, unfitness, suppressed; /* price only */
} wb_expander_option;

#define WB_EXPANDER_PRIORITIES_MAX 256

typedef struct wb_expander_priority {
    int64_t priority;
    const char *pattern; /* in the arena: an extended regular expression */
} wb_expander_priority;

typedef struct wb_expander {
    uint32_t chain[WB_CA_FLAGS_LIST_MAX]; /* rows of the table of expanders */
    uint32_t chain_count;
    wb_expander_priority priorities[WB_EXPANDER_PRIORITIES_MAX];
    uint32_t priority_count;
    uint64_t seed, draw_count;
    double core_hour_price, gib_hour_price; /* of pods; price only */
    uint32_t cluster_node_count;            /* set before each choice; price only */
} wb_expander;

/* Reads flags->expander and flags->priority_config; texts are kept in arena. WB_ERR_INPUT: a name
 * that is no expander (err lists them), or random before the end. A bad priority map is as good as
 * none, as in the real program. */
WB_MUST_CHECK wb_status wb_expander_init(wb_expander *expander, wb_arena *arena,
                                         const wb_ca_flags *flags, uint64_t seed, wb_error *err);

/* Index of the option that is taken (count > 0); options get the figures that were worked out.
 * reason gets half a sentence for people: "least-waste: waste 0.31 against 0.48 of group big". */
uint32_t wb_expander_choose(wb_expander *expander, wb_expander_option *options, uint32_t count,
                            char *reason, size_t reason_size);

/* The options, in order, that one expander keeps of all; returns how many. For tests. */
uint32_t wb_expander_filter(const wb_expander *expander, const char *name,
                            wb_expander_option *options, uint32_t count, uint32_t *out_kept);

#endif
