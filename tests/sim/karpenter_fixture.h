/*
 * A whole small simulation under Karpenter, built by hand: kernel, cluster, the real scheduler, a
 * cloud with three instance types, and the contender. What happens is written down as a story, one
 * line per event, which tests hold against the lines that they expect.
 *
 *   type    cpu  memory  on-demand USD/h  spot
 *   small   2    8Gi     0.10             0.04
 *   medium  4    16Gi    0.18             0.07
 *   large   8    32Gi    0.40             0.15
 *
 * Zones us-east-1a and us-east-1b, the same prices in both; nothing is reserved on a node. A launch
 * takes 2 s until the call is back, 3 s more until the machine runs, 10 s until its node is
 * registered, 5 s until it is Ready: 20 s in all, and 7 s more until startup taints are off.
 * Containers start in no time and stop in 1 s; a machine that was told to end is gone after 30 s.
 */
#ifndef WB_TESTS_SIM_KARPENTER_FIXTURE_H
#define WB_TESTS_SIM_KARPENTER_FIXTURE_H

#include "base/text.h"
#include "sim/autoscaler/autoscaler.h"

typedef struct wb_karpenter_fixture {
    wb_arena arena;
    wb_intern intern;
    wb_kernel kernel;
    wb_observers observers;
    wb_cluster cluster;
    wb_scheduler *scheduler; /* owned */
    wb_catalog catalog;      /* what the contender believes */
    wb_catalog stock;        /* the same types as the cloud has them in stock */
    wb_cloud cloud;
    wb_contender contender;
    wb_manifest pools, objects;
    wb_manifest *changed; /* of the contender's changes */
    wb_contender_change *changes;
    void *self; /* the contender's */
    wb_text story;
    char selection[16384];
} wb_karpenter_fixture;

/* The NodePool "default" and its NodeClass as they are from at_ms on; NULL: as at the beginning. */
typedef struct wb_karpenter_fixture_change {
    int64_t at_ms;
    const char *template_spec, *template_metadata, *disruption, *limits, *requirements;
    const char *class_spec;      /* the whole spec of EC2NodeClass "default" */
    const char *more_pools;      /* further documents */
    const char *deleted_pool;    /* the NodePool that is deleted, after that; NULL: none */
    const char *deleted_overlay; /* likewise, a NodeOverlay */
} wb_karpenter_fixture_change;

/* YAML in flow style, put into the NodePool "default"; NULL: nothing. */
typedef struct wb_karpenter_fixture_options {
    const char *template_spec;     /* "expireAfter: 1h": into spec.template.spec */
    const char *template_metadata; /* "labels: {team: a}": into spec.template.metadata */
    const char *disruption;        /* into spec.disruption; NULL: consolidateAfter: Never */
    const char *limits;            /* into spec.limits */
    const char *requirements;      /* list entries; NULL: on-demand only */
    const char *more_pools;        /* further documents */
    const char *class_spec;        /* the whole spec of EC2NodeClass "default" */
    const wb_karpenter_fixture_change *changes;
    uint32_t change_count;
    const wb_setting *settings;
    uint32_t setting_count;
    const wb_spot_weather *weather; /* NULL: nothing is interrupted */
    const wb_market *market;        /* NULL: none */
    const wb_fault *faults;
    uint32_t fault_count;
    const wb_image_release *releases;
    uint32_t release_count;
    const char *fault_condition; /* of those of kind CONDITION */
    const char *fault_type;      /* of those of kind OFFERING_ENDS */
    bool has_reservation;        /* of two machines of type small in us-east-1a, 0.05 USD/h */
    uint32_t latency_percent;    /* of decisions, of what was measured; 0: none */
    int64_t api_ms;              /* of a launch call; 0: 2 s */
    int64_t pod_stop_ms;         /* 0: 1 s */
    int64_t epoch_unix_ms;       /* calendar time of 0 */
} wb_karpenter_fixture_options;

/* Builds it and starts the contender at time 0. The manifests must be faultless (asserted). */
void wb_karpenter_fixture_init(wb_karpenter_fixture *fixture,
                               const wb_karpenter_fixture_options *options);
void wb_karpenter_fixture_release(wb_karpenter_fixture *fixture);

/* Applies YAML documents (workloads, pods, PDBs) now. */
void wb_karpenter_fixture_apply(wb_karpenter_fixture *fixture, const char *yaml);

/* A bare pod with label app=<name>, so much cpu and 128Mi, that lives until it is deleted. */
uint32_t wb_karpenter_fixture_pod(wb_karpenter_fixture *fixture, const char *name,
                                  int64_t cpu_milli);

/* A Deployment of such pods (app=<name>); spec is put into the pods' spec, NULL: nothing. */
void wb_karpenter_fixture_deploy(wb_karpenter_fixture *fixture, const char *name, int32_t replicas,
                                 int64_t cpu_milli, const char *spec);
void wb_karpenter_fixture_scale(wb_karpenter_fixture *fixture, const char *name, int32_t replicas);

/* A PDB over app=<name>; rule is "maxUnavailable: 0" or the like. */
void wb_karpenter_fixture_protect(wb_karpenter_fixture *fixture, const char *name,
                                  const char *rule);

/* Whether the cloud has a type in stock in a zone and market; the contender is not told. */
void wb_karpenter_fixture_stock(wb_karpenter_fixture *fixture, const char *type, const char *zone,
                                wb_capacity_type capacity_type, bool is_there);

/* Runs to the end of at_ms, then checks the sums of cluster and scheduler. */
void wb_karpenter_fixture_run(wb_karpenter_fixture *fixture, int64_t at_ms);

/* The lines of the story that begin (after their time) with one of words: "claim,pod web-0". Valid
 * until the next call. Lines:
 *
 *   <ms> claim <id> created|launched|registered|initialized|gone: <cause>
 *   <ms> instance <id> launched|ended: <cause>
 *   <ms> pod <name> created|bound <node>|running|terminating: <cause>|gone: <cause>
 *   <ms> refused <pod>                        (an eviction, by a PDB)
 *   <ms> error <call>: <code>: <type>
 *   <ms> decided <kind>: <outcome>
 *
 * A node is called by its NodeClaim's number. */
const char *wb_karpenter_fixture_story(wb_karpenter_fixture *fixture, const char *words);

/* Fails the test, and prints both, when the story of those words is another. */
void wb_karpenter_fixture_expect(wb_karpenter_fixture *fixture, const char *words,
                                 const char *expected);

/* The NodeClaim of that number. */
wb_claim_view wb_karpenter_fixture_claim(const wb_karpenter_fixture *fixture, uint32_t claim_id);

/* The node of a NodeClaim that is registered. */
const wb_cluster_node *wb_karpenter_fixture_node(const wb_karpenter_fixture *fixture,
                                                 uint32_t claim_id);

/* The value of a node's label, or "". */
const char *wb_karpenter_fixture_label(const wb_karpenter_fixture *fixture, uint32_t claim_id,
                                       const char *key);

/* Whether the node has a taint of that key. */
bool wb_karpenter_fixture_has_taint(const wb_karpenter_fixture *fixture, uint32_t claim_id,
                                    const char *key);

/* NodeClaims ever made. */
uint32_t wb_karpenter_fixture_claim_count(const wb_karpenter_fixture *fixture);

#endif
