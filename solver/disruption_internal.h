/*
 * The inside of a picture that is being looked at, for the files disruption_*.c.
 *
 *     disruption.c                the table of methods, words
 *     disruption_pods.c           what one pod says: its cost, whether it may be moved
 *     disruption_candidates.c     which nodes may go, what they cost, in which order
 *     disruption_budget.c         how many may go
 *     disruption_simulation.c     where the pods of a set of nodes would go
 *     disruption_consolidation.c  what a set may be replaced by: price rules
 *     disruption_command.c        commands as the caller gets them
 *     disruption_emptiness.c, disruption_drift.c, disruption_multi_node.c,
 *     disruption_single_node.c    the methods
 *     disruption_balanced.c       the score
 *     disruption_validate.c       the second look
 */
#ifndef WB_SOLVER_DISRUPTION_INTERNAL_H
#define WB_SOLVER_DISRUPTION_INTERNAL_H

#include "solver/disruption.h"
#include "solver/pod_shape.h"
#include "solver/provisioning_base.h"
#include "solver/solver_node_internal.h"

#define WB_DISRUPTION_BASE_COST 1.0 /* of a node without any pod; at most this: empty */

/* What all pods of one shape say, worked out at the first of them. */
typedef struct wb_disruption_shape {
    bool is_known;
    bool is_beyond_pdbs; /* tolerates the disruption taint: is never evicted */
    const wb_pdb *pdb;   /* the one that selects it */
    uint32_t pdb_count;  /* 0, 1, or 2 for more */
} wb_disruption_shape;

/* A node as a candidate, worked out at the first question about it. */
typedef struct wb_disruption_facts {
    bool is_known;
    uint32_t node_block;       /* WB_BLOCKED_* of the first check that fails, 0: none */
    uint32_t pod_block;        /* of its pods; not looked at behind a node_block */
    bool has_market, has_zone; /* labels; likewise */
    wb_disruption_candidate candidate;
    const wb_solver_pod *moving; /* pods that would move now; NULL: not asked for yet */
    uint32_t moving_count;
} wb_disruption_facts;

struct wb_disruption {
    wb_arena *arena, *scratch; /* borrowed */
    const wb_disruption_state *state;
    wb_solver_world *world;
    wb_intern *intern;
    uint32_t *blocked;      /* per node */
    uint32_t *blocked_pool; /* per pool: reasons */
    uint32_t *pool_of_node; /* UINT32_MAX: none that we know */
    uint32_t *by_name;      /* the nodes in the order of their names, then of their indices */
    wb_disruption_facts *facts;
    wb_disruption_shape *shapes;
    uint32_t shape_count;
    const wb_disruption_totals *totals; /* NULL: not asked for yet */
    /* The simulation's part: what all removals have in common. */
    wb_solver_node **solver_nodes;
    uint8_t *roles; /* of the mode below, but for the candidates of the simulation under way */
    bool roles_are_known, roles_are_consolidation;
    wb_provisioning_base *base;         /* of these roles */
    const wb_solver_pod *deleting_pods; /* of nodes that are marked */
    uint32_t deleting_pod_count;
};

/* ---- disruption.c ---- */

/* One method. keeps is the filter of candidates; it notes in blocked why it refuses. compute is
 * given the allowances of its reason to spend. All entries are required. */
typedef struct wb_disruption_ops {
    const char *name, *reason_name;
    uint32_t reason;
    bool is_eventual; /* pods don't hold back nodes that have a terminationGracePeriod */
    bool waits;
    bool (*keeps)(wb_disruption *disruption, const wb_disruption_candidate *candidate);
    void (*compute)(wb_disruption *disruption, wb_disruption_candidates candidates,
                    int64_t *allowed, wb_disruption_outcome *out);
} wb_disruption_ops;

/* The row of the table. */
const wb_disruption_ops *wb_disruption_ops_of(wb_disruption_method method);

static inline void wb_disruption_note(wb_disruption *disruption, uint32_t node_index, uint32_t bits)
{
    disruption->blocked[node_index] |= bits;
}

static inline const wb_nodepool *wb_disruption_nodepool(const wb_disruption *disruption,
                                                        const wb_disruption_candidate *candidate)
{
    return disruption->state->pools[candidate->pool_index].nodepool;
}

/* ---- disruption_pods.c ---- */

/* Neither finished nor terminating. */
static inline bool wb_disruption_pod_is_active(const wb_disruption_pod *pod)
{
    return !pod->is_terminating && pod->phase != WB_POD_SUCCEEDED && pod->phase != WB_POD_FAILED;
}

/* Would be made anew elsewhere: active, or a StatefulSet's on its way out; no DaemonSet's, no
 * static one. */
static inline bool wb_disruption_pod_is_reschedulable(const wb_disruption_pod *pod)
{
    const bool comes_back = pod->owner_kind == WB_OWNER_STATEFUL_SET && pod->is_terminating;
    return (wb_disruption_pod_is_active(pod) || comes_back) &&
           pod->owner_kind != WB_OWNER_DAEMON_SET && pod->owner_kind != WB_OWNER_NODE;
}

/* What evicting it costs, -10 to 10. */
double wb_disruption_pod_cost(const wb_disruption *disruption, const wb_disruption_pod *pod);

/* do-not-disrupt is in force. */
bool wb_disruption_pod_is_protected(const wb_disruption *disruption, const wb_disruption_pod *pod);

/* WB_BLOCKED_PDB or _MULTIPLE_PDBS when no eviction is possible now; 0: it is. */
uint32_t wb_disruption_pod_held(wb_disruption *disruption, const wb_disruption_pod *pod);

/* Whether the simulation plans room for it: not protected, not held by a PDB's very spec. */
bool wb_disruption_pod_moves(wb_disruption *disruption, const wb_disruption_pod *pod);

/* ---- disruption_candidates.c ---- */

/* Checks and costs of a node, worked out once per picture. */
const wb_disruption_facts *wb_disruption_facts_of(wb_disruption *disruption, uint32_t node_index);

/* Whether the method may take the node; notes why not. ops NULL: graceful, without a filter. */
bool wb_disruption_takes(wb_disruption *disruption, const wb_disruption_ops *ops,
                         uint32_t node_index);

/* The type of a node's label among its pool's types; UINT32_MAX: not one of them. */
uint32_t wb_disruption_type_of(const wb_disruption *disruption, uint32_t node_index);

/* The price of the node's own offering; false, and 0, when there is none. */
bool wb_disruption_price_of(const wb_disruption *disruption, uint32_t node_index,
                            uint32_t type_index, double *out_usd_per_hour);

/* Filters of the methods. */
bool wb_disruption_keeps_empty(wb_disruption *disruption, const wb_disruption_candidate *candidate);
bool wb_disruption_keeps_static_drift(wb_disruption *disruption,
                                      const wb_disruption_candidate *candidate);
bool wb_disruption_keeps_drift(wb_disruption *disruption, const wb_disruption_candidate *candidate);
bool wb_disruption_keeps_consolidation(wb_disruption *disruption,
                                       const wb_disruption_candidate *candidate);

/* ---- disruption_budget.c ---- */

/* Takes one from the pool's allowance; false, and noted, when nothing is left. */
bool wb_disruption_spend(wb_disruption *disruption, int64_t *allowed,
                         const wb_disruption_candidate *candidate);

/* ---- disruption_simulation.c ---- */

/* A set of candidates to be removed; an array of pointers would serve no better: sets are slices of
 * sorted lists. */
typedef struct wb_disruption_set {
    const wb_disruption_candidate *items;
    uint32_t count;
} wb_disruption_set;

/* What became of the pods. In scratch. */
typedef struct wb_disruption_trial {
    const wb_solver_pod *pods; /* pending ones first */
    uint32_t pod_count, pending_count;
    wb_solver_result result;
    uint32_t blocked; /* WB_BLOCKED_* that forbids a command; 0: all pods that run have a place */
} wb_disruption_trial;

/* Simulates the removal of a set; false when one of it is marked for deletion. Section 6. */
bool wb_disruption_simulate(wb_disruption *disruption, wb_disruption_set set, bool is_consolidation,
                            wb_disruption_trial *out);

/* ---- disruption_consolidation.c ---- */

/* A replacement in the making: one new claim under the price rules. */
typedef struct wb_disruption_draft {
    const wb_solver_claim *claim;
    wb_requirements requirements;
    uint32_t *types; /* cheapest first under the claim's own requirements */
    uint32_t type_count;
} wb_disruption_draft;

/* Section 9.1 for one set: true, and *out (in the picture's arena), when there is a command that
 * Balanced pools approve of. The method says whether the rules of multi-node apply. */
bool wb_disruption_consolidate(wb_disruption *disruption, wb_disruption_set set,
                               wb_disruption_method method, wb_disruption_command *out);

/* ---- disruption_command.c ---- */

/* A command without replacements and moves. */
wb_disruption_command wb_disruption_command_start(wb_disruption *disruption,
                                                  wb_disruption_method method,
                                                  wb_disruption_set set);

/* Adds what the simulation found: moves, and its claims as they are. */
void wb_disruption_command_add_moves(wb_disruption *disruption, const wb_disruption_trial *trial,
                                     wb_disruption_command *out);
void wb_disruption_command_add_claims(wb_disruption *disruption, const wb_disruption_trial *trial,
                                      wb_disruption_command *out);

/* Adds the one replacement that a draft became. */
void wb_disruption_command_add_draft(wb_disruption *disruption, const wb_disruption_draft *draft,
                                     wb_disruption_command *out);

/* Sum of the candidates' prices, in their order. */
double wb_disruption_set_price(wb_disruption_set set);

/* ---- disruption_emptiness.c, disruption_drift.c, ... ---- */

/* What each method proposes for its candidates, of which there is at least one. */
void wb_disruption_compute_emptiness(wb_disruption *disruption, wb_disruption_candidates candidates,
                                     int64_t *allowed, wb_disruption_outcome *out);
void wb_disruption_compute_static_drift(wb_disruption *disruption,
                                        wb_disruption_candidates candidates, int64_t *allowed,
                                        wb_disruption_outcome *out);
void wb_disruption_compute_drift(wb_disruption *disruption, wb_disruption_candidates candidates,
                                 int64_t *allowed, wb_disruption_outcome *out);
void wb_disruption_compute_multi_node(wb_disruption *disruption,
                                      wb_disruption_candidates candidates, int64_t *allowed,
                                      wb_disruption_outcome *out);
void wb_disruption_compute_single_node(wb_disruption *disruption,
                                       wb_disruption_candidates candidates, int64_t *allowed,
                                       wb_disruption_outcome *out);

/* ---- disruption_balanced.c ---- */

/* Whether every Balanced pool of the set approves of saving so much; pools of other policies don't
 * ask. */
bool wb_disruption_approves(wb_disruption *disruption, wb_disruption_set set,
                            double saving_usd_per_hour);

/* Whether the candidate could be approved if all its price were saved. */
bool wb_disruption_may_pass(wb_disruption *disruption, const wb_disruption_candidate *candidate);

#endif
