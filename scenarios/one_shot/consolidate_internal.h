/*
 * Shared by the files of the dry run:
 *
 *     consolidate.c            the loop: pass, command, time
 *     consolidate_state.c      the cluster as it is at a moment, from the files
 *     consolidate_provision.c  first of all: pods that wait, nodes that are being deleted
 *     consolidate_apply.c      what a command does to it
 *     consolidate_policy.c     NodePools under the overrides that were asked for
 *     consolidate_why.c        why a node stays
 */
#ifndef WB_SCENARIOS_ONE_SHOT_CONSOLIDATE_INTERNAL_H
#define WB_SCENARIOS_ONE_SHOT_CONSOLIDATE_INTERNAL_H

#include "scenarios/one_shot/consolidate.h"

/* A node of the cluster, or one that is gone. */
typedef struct wb_consolidate_place {
    wb_disruption_node node; /* pods and is_consolidatable are filled for a picture */
    wb_disruption_pod *pods;
    uint32_t pod_count, pod_capacity;
    wb_consolidate_node shown;      /* pod_count is not kept */
    const wb_one_shot_node *source; /* NULL: launched by a command */
    bool is_gone;
    int64_t tried_ms; /* when its removal was last tried since the last command; -1: it was not */
} wb_consolidate_place;

typedef struct wb_consolidate_cluster {
    wb_arena *arena; /* borrowed: of the report */
    wb_arena pass;   /* owned: of one picture */
    wb_arena scratch;
    const wb_one_shot_input *input;
    const wb_consolidate_options *options;
    wb_intern *intern;
    wb_solver_world *world;      /* owned */
    const wb_solver_pool *pools; /* as the input's, overridden */
    wb_disruption_pool *disruption_pools;
    wb_consolidate_place *places;
    uint32_t place_count, place_capacity;
    wb_disruption_pod *pending;
    uint32_t pending_count, pending_capacity;
    wb_pdb *pdbs;
    uint32_t pdb_count;
    uint32_t launched_count;
    wb_consolidate_step *commands; /* of the report */
    uint32_t command_capacity;
    int64_t start_ms, now_ms;
    wb_disruption_state state; /* of the newest picture */
    uint32_t *living;          /* places of its nodes */
    wb_solver_problem frame;
    bool is_stopped; /* before the end: not every node had its turn */
    const char **notes;
    uint32_t note_count;
} wb_consolidate_cluster;

/* ---- consolidate_policy.c ---- */

/* The input's pools with the overrides applied to copies of their NodePools. */
WB_MUST_CHECK wb_status wb_consolidate_override(wb_consolidate_cluster *cluster, wb_error *err);

/* ---- consolidate_state.c ---- */

/* Builds the cluster of the files; pools are there. */
void wb_consolidate_start(wb_consolidate_cluster *cluster);
void wb_consolidate_end(wb_consolidate_cluster *cluster);

/* A picture of the cluster as it is now, in the pass's arena; explains: solves say why. */
wb_disruption *wb_consolidate_look(wb_consolidate_cluster *cluster, bool explains);

/* A new row; the pointer holds until the next one. */
wb_consolidate_place *wb_consolidate_add_place(wb_consolidate_cluster *cluster);

/* Adds a pod to a place, the solver's node included; takes one off. */
void wb_consolidate_bind(wb_consolidate_cluster *cluster, uint32_t place_index,
                         const wb_disruption_pod *pod);
void wb_consolidate_unbind(wb_consolidate_cluster *cluster, uint32_t place_index,
                           uint32_t pod_index);
void wb_consolidate_add_pending(wb_consolidate_cluster *cluster, const wb_disruption_pod *pod);

/* Whether the pod would be made anew elsewhere. */
bool wb_consolidate_is_reschedulable(const wb_disruption_pod *pod);

/* The place as people see it. */
wb_consolidate_node wb_consolidate_show(const wb_consolidate_place *place);

/* Sums over nodes of ours that are there. */
void wb_consolidate_count(const wb_consolidate_cluster *cluster, uint32_t *out_count,
                          double *out_usd_per_hour);

/* A text, and a note, in the arena of the report. */
WB_PRINTF(2, 3)
const char *wb_consolidate_format(const wb_consolidate_cluster *cluster, const char *fmt, ...);
WB_PRINTF(2, 3) void wb_consolidate_note(wb_consolidate_cluster *cluster, const char *fmt, ...);

/* ---- consolidate_apply.c ---- */

/* Carries a command of the newest picture out, which ends that picture's use. False: a replacement
 * can't be launched, and nothing has changed. */
bool wb_consolidate_apply(wb_consolidate_cluster *cluster, const wb_disruption_command *command,
                          wb_consolidate_step *out);

/* ---- consolidate_provision.c ---- */

/* Places pods that wait and empties nodes that are being deleted; false: there is nothing to do. */
bool wb_consolidate_provision(wb_consolidate_cluster *cluster);

/* ---- consolidate_why.c ---- */

/* Remembers of which nodes the removal was tried in the newest picture, in which no method found a
 * command: a reason from then says more than a window that has closed since. */
void wb_consolidate_note_tried(wb_consolidate_cluster *cluster, const wb_disruption *picture);

/* Reasons for every node that is there, after no method found a command. Time stays as it is. */
void wb_consolidate_explain(wb_consolidate_cluster *cluster, wb_consolidate_report *out);

#endif
