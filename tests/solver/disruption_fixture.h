/*
 * A little cluster for the tests of disruption: one catalog of 24 types in two zones, a few
 * NodePools, nodes and pods.
 *
 * Type t<i> has i CPUs and 4 GiB each, so that CPU decides, and costs 0.10 * i dollars per hour on
 * demand and 0.04 * i on spot. All fields of pools, nodes, pods and PDBs may be changed before the
 * picture is taken.
 */
#ifndef WB_TESTS_SOLVER_DISRUPTION_FIXTURE_H
#define WB_TESTS_SOLVER_DISRUPTION_FIXTURE_H

#include "kube/names.h"
#include "solver/disruption.h"

enum {
    WB_DISRUPTION_FIXTURE_TYPES = 24,
    WB_DISRUPTION_FIXTURE_POOLS = 4,
    WB_DISRUPTION_FIXTURE_NODES = 320,
    WB_DISRUPTION_FIXTURE_PODS = 16, /* per node */
    WB_DISRUPTION_FIXTURE_PDBS = 4
};

#define WB_DISRUPTION_FIXTURE_NOW INT64_C(1773144000000) /* 2026-03-10T12:00:00Z, a Tuesday */

typedef struct wb_disruption_fixture {
    wb_arena arena, scratch; /* owned */
    wb_intern intern;        /* owned */
    wb_catalog catalog;
    wb_nodepool nodepools[WB_DISRUPTION_FIXTURE_POOLS];
    wb_disruption_pool pools[WB_DISRUPTION_FIXTURE_POOLS];
    wb_disruption_node nodes[WB_DISRUPTION_FIXTURE_NODES];
    wb_disruption_pod *pods[WB_DISRUPTION_FIXTURE_NODES]; /* what nodes[i].pods points to */
    wb_pod_template *templates[WB_DISRUPTION_FIXTURE_NODES];
    wb_pdb pdbs[WB_DISRUPTION_FIXTURE_PDBS];
    wb_solver_pod pending[WB_DISRUPTION_FIXTURE_PODS];
    wb_solver_problem frame;
    wb_disruption_state state;
    uint32_t pod_count; /* of all nodes: names and uids */
} wb_disruption_fixture;

/* The catalog, and a NodePool "default" that takes every type on demand, consolidates at once and
 * has a budget of 100 %. */
void wb_disruption_fixture_init(wb_disruption_fixture *fixture);
void wb_disruption_fixture_release(wb_disruption_fixture *fixture);

/* One more NodePool like that; before the world is made. */
wb_nodepool *wb_disruption_fixture_pool(wb_disruption_fixture *fixture, const char *name);

/* Makes the world of the pools as they are now; nodes come after. */
void wb_disruption_fixture_start(wb_disruption_fixture *fixture);

/* A ready node, two days old, of type t<type>; its index. market: WB_NAME_ON_DEMAND or _SPOT. */
uint32_t wb_disruption_fixture_node(wb_disruption_fixture *fixture, const char *name,
                                    const char *pool, uint32_t type, uint32_t market);

/* A running pod of a ReplicaSet on a node, with a template of its own. It is bound for the solver
 * when the picture is taken. */
wb_disruption_pod *wb_disruption_fixture_pod(wb_disruption_fixture *fixture, uint32_t node_index,
                                             int64_t cpu_milli);

/* The template of that pod, for changes. */
wb_pod_template *wb_disruption_fixture_template(const wb_disruption_pod *pod);

/* Gives the pod's template a label or an annotation. */
void wb_disruption_fixture_label(wb_disruption_fixture *fixture, wb_disruption_pod *pod,
                                 const char *key, const char *value);
void wb_disruption_fixture_annotate(wb_disruption_fixture *fixture, wb_disruption_pod *pod,
                                    uint32_t key, const char *value);

/* A PDB on pods with label app=<app>. */
wb_pdb *wb_disruption_fixture_pdb(wb_disruption_fixture *fixture, const char *app);

/* A pending pod of so much CPU. */
void wb_disruption_fixture_pending(wb_disruption_fixture *fixture, int64_t cpu_milli);

/* A picture of the cluster as it is now. Pods that came since the last one are bound. */
wb_disruption *wb_disruption_fixture_look(wb_disruption_fixture *fixture);

/* "n-a n-b", names of a command's nodes in their order, or of candidates; in the arena. */
const char *wb_disruption_fixture_names(wb_disruption_fixture *fixture,
                                        const wb_disruption_command *command);
const char *wb_disruption_fixture_candidates(wb_disruption_fixture *fixture,
                                             wb_disruption_candidates candidates);

/* "t1 t2", a replacement's types in their order; in the arena. */
const char *wb_disruption_fixture_types(wb_disruption_fixture *fixture,
                                        const wb_disruption_replacement *replacement);

#endif
