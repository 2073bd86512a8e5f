/*
 * The disruption commands that Karpenter would issue for a cluster as a dump shows it, one after
 * the other until nothing is left, and why every node that stays does stay.
 *
 *     files ──▶ wb_one_shot_read ──▶ input ──▶ wb_consolidate_run ──▶ report
 *                        a picture ──▶ the first method with a command ──▶ done to the cluster ─┐
 *                            ▲                                                                  │
 *                            └──────────────────────────────────────────────────────────────────┘
 *
 * Time is counted from the moment of the dump. A command is issued 15 s after the pass that
 * proposes it (drift at once) and is complete a minute later: launches succeed at today's prices,
 * pods move where the simulation put them. Where nothing can be done now, but a window
 * (consolidateAfter, a budget's schedule, a do-not-disrupt with a duration) closes or opens within
 * the time that is asked for, time goes on to that moment. Some 1,000 nodes and 10,000 pods.
 */
#ifndef WB_SCENARIOS_ONE_SHOT_CONSOLIDATE_H
#define WB_SCENARIOS_ONE_SHOT_CONSOLIDATE_H

#include "solver/disruption.h"
#include "scenarios/one_shot/one_shot.h"

typedef struct wb_consolidate_options {
    const char *const *policies; /* "consolidateAfter=1h", "general/budgets=20%" */
    uint32_t policy_count;
    int64_t now_ms;         /* epoch; -1: the newest moment that the files name */
    int64_t within_ms;      /* how far time may go on */
    uint32_t command_limit; /* stop after so many: a guard against going round in circles */
    bool spot_to_spot;      /* feature gate SpotToSpotConsolidation */
} wb_consolidate_options;

/* A node for people. Ids are interned; 0: not known. */
typedef struct wb_consolidate_node {
    uint32_t name, nodepool, type, zone, market;
    double price_usd_per_hour; /* of its offering; 0 where there is none, or no Karpenter node */
    uint32_t pod_count;        /* without DaemonSets' and static pods */
} wb_consolidate_node;

typedef struct wb_consolidate_move {
    uint32_t name, namespace_name, from_node, to_node; /* from_node 0: it was pending */
    bool is_lost; /* a bare pod: it is deleted, and nobody makes it anew */
} wb_consolidate_move;

typedef struct wb_consolidate_step {
    wb_disruption_method method;
    int64_t after_ms; /* since the start */
    const wb_consolidate_node *removed, *launched;
    const wb_consolidate_move *moves;
    uint32_t removed_count, launched_count, move_count;
    uint32_t moved_count, lost_count; /* pods of the removed nodes */
    double saving_usd_per_hour;       /* of what goes less what comes */
    double estimate_usd_per_hour;     /* as Karpenter's event states it */
} wb_consolidate_step;

/* One thing that keeps a node. */
typedef struct wb_consolidate_reason {
    const char *code; /* "pdb": a closed list, docs/consolidate.md */
    const char *text; /* half a sentence with names and figures */
} wb_consolidate_reason;

typedef struct wb_consolidate_stay {
    wb_consolidate_node node;
    const wb_consolidate_reason *reasons; /* at least one */
    uint32_t reason_count;
} wb_consolidate_stay;

typedef struct wb_consolidate_report {
    const wb_one_shot_input *input; /* borrowed */
    int64_t start_ms, end_ms;       /* epoch: the dump's moment, that of the reasons */
    const wb_consolidate_step *commands;
    const wb_consolidate_stay *stays;
    uint32_t command_count, stay_count;
    uint32_t before_count, after_count; /* nodes that Karpenter manages */
    double before_usd_per_hour, after_usd_per_hour;
    uint32_t moved_count, lost_count;
    const char *stopped;      /* why the end was not reached; NULL: nothing is left to do */
    const char *const *notes; /* beyond the input's */
    uint32_t note_count;
} wb_consolidate_report;

/* Runs until no method has a command. input must have been read with the cluster. WB_ERR_INPUT: an
 * override names no field, no NodePool, or a value that the API server would refuse. Everything
 * lives in arena. */
WB_MUST_CHECK wb_status wb_consolidate_run(wb_arena *arena, const wb_one_shot_input *input,
                                           const wb_consolidate_options *options,
                                           wb_consolidate_report *out, wb_error *err);

#endif
