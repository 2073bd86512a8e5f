/*
 * Filters and scores, one rule a row: nodes, pods that run there, the pod to place, and what the
 * plugins say. The rules are those of spec/kube-scheduler.md; figures were worked out by hand.
 */
#include <string.h>

#include "base/document.h"
#include "kube/manifest.h"
#include "kube/names.h"
#include "sim/cluster/scheduler_report.h"
#include "tests/harness.h"

/* A document with nodes, running (pods with nodeName), pod, and perhaps a scheduler config. */
typedef struct plugin_world {
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_scheduler_core *core; /* owned */
    wb_scheduler_config config;
    wb_node_object nodes[8];
    uint32_t node_count;
    wb_scheduler_report report;
} plugin_world;

static void load_nodes(plugin_world *world, const wb_decode_context *context, const wb_node *list)
{
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        wb_node_object *node = &world->nodes[world->node_count];
        (void)wb_manifest_decode_node(context, list->children[i], node);
        const wb_scheduler_core_node row = {
            .node_id = world->node_count++,
            .name = node->name,
            .labels = node->labels,
            .taints = node->taints,
            .taint_count = node->taint_count,
            .images = node->images,
            .image_count = node->image_count,
            .allocatable = node->allocatable.items,
            .allocatable_count = node->allocatable.count,
            .is_unschedulable = node->is_unschedulable,
        };
        wb_scheduler_core_set_node(world->core, &row);
    }
}

static wb_scheduler_core_pod load_pod(plugin_world *world, const wb_decode_context *context,
                                      const wb_node *object, uint32_t pod_id)
{
    wb_pod pod;
    (void)wb_manifest_decode_pod(context, object, &pod);
    const uint32_t shape =
        wb_scheduler_core_add_shape(world->core, pod.template, pod.namespace_name);
    return (wb_scheduler_core_pod){.pod_id = pod_id,
                                   .shape = shape,
                                   .group = WB_SCHEDULER_NONE,
                                   .name = wb_intern_text(&world->intern, pod.name),
                                   .is_terminating = pod.deletion_ms >= 0};
}

static void place_running(plugin_world *world, const wb_decode_context *context,
                          const wb_node *list)
{
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        const wb_scheduler_core_pod pod = load_pod(world, context, list->children[i], i);
        const char *name = wb_node_string(wb_node_find(list->children[i], "spec.nodeName"), "");
        for (uint32_t n = 0; n < world->node_count; n++) {
            if (strcmp(wb_intern_text(&world->intern, world->nodes[n].name), name) == 0) {
                wb_scheduler_core_assign(world->core, &pod, n);
            }
        }
    }
}

static void decide(plugin_world *world, const char *text)
{
    *world = (plugin_world){.node_count = 0};
    wb_arena_init(&world->arena, "test", 0, NULL);
    wb_intern_init(&world->intern, &world->arena);
    wb_names_init(&world->intern);
    wb_findings_init(&world->findings, &world->arena, false);
    const wb_decode_context context = {.arena = &world->arena,
                                       .intern = &world->intern,
                                       .findings = &world->findings};
    wb_document_stream stream = {0};
    wb_error err = {0};
    const wb_document_input input = {
        .file = "row", .text = text, .length = strlen(text), .syntax = WB_DOCUMENT_YAML};
    if (wb_document_read_text(&world->arena, &input, &stream, &err) != WB_OK) {
        printf("\n    %s\n", err.text);
        CU_FAIL_FATAL("a row is no document");
    }
    const wb_node *root = stream.roots[0];
    const wb_node *config = wb_node_get(root, "config");
    wb_scheduler_core_options options = {.percentage_of_nodes_to_score = 100};
    if (config != NULL) {
        CU_ASSERT_FATAL(wb_manifest_decode_scheduler_config(&context, config, &world->config));
        options.config = &world->config;
    }
    world->core = wb_scheduler_core_new(&world->intern, &options);
    load_nodes(world, &context, wb_node_get(root, "nodes"));
    place_running(world, &context, wb_node_get(root, "running"));
    const wb_scheduler_core_pod pod = load_pod(world, &context, wb_node_get(root, "pod"), 100);
    wb_scheduler_decision decision;
    world->report.arena = &world->arena;
    wb_scheduler_core_decide(world->core, &pod, &world->report, &decision);
}

static void release(plugin_world *world)
{
    wb_scheduler_core_free(world->core);
    wb_intern_release(&world->intern);
    wb_arena_release(&world->arena);
}

static const wb_scheduler_report_node *find_report(const plugin_world *world, uint32_t node_id)
{
    for (uint32_t i = 0; i < world->report.node_count; i++) {
        if (world->report.nodes[i].node_id == node_id) {
            return &world->report.nodes[i];
        }
    }
    return NULL;
}

/* ---- filters ---- */

#define ROOM "status: {allocatable: {cpu: '4', memory: 16Gi, pods: '3'}}"
#define NODE "nodes: [{metadata: {name: n1}, " ROOM "}]\n"
#define ZONES                                                   \
    "nodes: [{metadata: {name: n1, labels: {z: a}}, " ROOM "}," \
    " {metadata: {name: n2, labels: {z: b}}, " ROOM "}, {metadata: {name: n3}, " ROOM "}]\n"
#define CORDONED "nodes: [{metadata: {name: n1}, spec: {unschedulable: true}, " ROOM "}]\n"
#define TAINTED                                                                            \
    "nodes: [{metadata: {name: n1}, spec: {taints: [{key: k, value: v, effect: NoSchedule" \
    "}]}, " ROOM "}]\n"
#define NODE_USES_3                                                           \
    NODE "running: [{metadata: {name: r}, spec: {nodeName: n1, containers: [" \
         "{name: c, resources: {requests: {cpu: '3'}}}]}}]\n"
#define NODE_USES_PORT                                                                  \
    NODE "running: [{metadata: {name: r}, spec: {nodeName: n1, containers: [{name: c, " \
         "ports: [{containerPort: 80, hostPort: 80}]}]}}]\n"
#define WEB_N1        "{metadata: {name: r, labels: {app: web}}, spec: {nodeName: n1}}"
#define WEB_N2        "{metadata: {name: r, labels: {app: web}}, spec: {nodeName: n2}}"
#define ZONES_WEB_N1  ZONES "running: [" WEB_N1 "]\n"
#define ZONES_WEB_N2  ZONES "running: [" WEB_N2 "]\n"
#define ZONES_WEB_TWO ZONES "running: [" WEB_N1 ", " WEB_N2 "]\n"
#define PLAIN         "pod: {metadata: {name: p}}"
#define POD           "pod: {metadata: {name: p}, spec: "
#define WEB_POD       "pod: {metadata: {name: p, labels: {app: web}}, spec: "
#define CPU           "{containers: [{name: c, resources: {requests: {cpu: "
#define SPREAD                                                                     \
    "topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: " \
    "DoNotSchedule, labelSelector: {matchLabels: {app: web}}"
#define REQUIRED  "requiredDuringSchedulingIgnoredDuringExecution: "
#define TERM      REQUIRED "[{topologyKey: z, labelSelector: {matchLabels: {app: web}}}]"
#define NODE_TERM "{affinity: {nodeAffinity: {" REQUIRED "{nodeSelectorTerms: "

/* Expected: per node "ok", or the first plugin that rejects, with "!" when removing pods can't
 * help. */
static const struct {
    const char *name, *document, *expected;
} filter_rows[] = {
    {"a pod that asks nothing fits", NODE PLAIN, "ok"},
    {"a cordon rejects", CORDONED PLAIN, "NodeUnschedulable!"},
    {"but not whom its taint is tolerated by", CORDONED POD "{tolerations: [{operator: Exists}]}}",
     "ok"},
    {"NoSchedule rejects", TAINTED PLAIN, "TaintToleration!"},
    {"an equal value tolerates", TAINTED POD "{tolerations: [{key: k, value: v}]}}", "ok"},
    {"another value does not", TAINTED POD "{tolerations: [{key: k, value: w}]}}",
     "TaintToleration!"},
    {"a toleration of another effect does not",
     TAINTED POD "{tolerations: [{key: k, operator: Exists, effect: NoExecute}]}}",
     "TaintToleration!"},
    {"a node selector picks its nodes", ZONES POD "{nodeSelector: {z: b}}}",
     "NodeAffinity! ok NodeAffinity!"},
    {"NotIn matches a node without the key",
     ZONES POD NODE_TERM "[{matchExpressions: [{key: z, operator: NotIn, values: [a]}]}]}}}}}",
     "NodeAffinity! ok ok"},
    {"terms are alternatives",
     ZONES POD NODE_TERM "[{matchExpressions: [{key: z, operator: In, values: [a]}]}, "
                         "{matchExpressions: [{key: z, operator: DoesNotExist}]}]}}}}}",
     "ok NodeAffinity! ok"},
    {"expressions of a term go together",
     ZONES POD NODE_TERM "[{matchExpressions: [{key: z, operator: In, values: [a]}, "
                         "{key: y, operator: Exists}]}]}}}}}",
     "NodeAffinity! NodeAffinity! NodeAffinity!"},
    {"a term of a node name looks at that node alone",
     ZONES POD NODE_TERM "[{matchFields: [{key: metadata.name, operator: In, values: [n2]}]}]}}}}}",
     "NodeAffinity! ok NodeAffinity!"},
    {"more than the node has can't be helped", NODE POD CPU "'5'}}}]}}", "NodeResourcesFit!"},
    {"more than is left can", NODE_USES_3 POD CPU "'2'}}}]}}", "NodeResourcesFit"},
    {"all that is left fits", NODE_USES_3 POD CPU "'1'}}}]}}", "ok"},
    {"a request of 0 is not checked", NODE_USES_3 POD CPU "'0'}}}]}}", "ok"},
    {"pods are counted", NODE "running: [" WEB_N1 ", " WEB_N1 ", " WEB_N1 "]\n" PLAIN,
     "NodeResourcesFit"},
    {"a resource that the node lacks can't be helped",
     NODE POD "{containers: [{name: c, resources: {requests: {nvidia.com/gpu: '1'}, "
              "limits: {nvidia.com/gpu: '1'}}}]}}",
     "NodeResourcesFit!"},
    {"host ports collide, whatever the address of one is",
     NODE_USES_PORT POD "{containers: [{name: c, ports: [{containerPort: 80, hostPort: 80, "
                        "hostIP: 10.0.0.1}]}]}}",
     "NodePorts"},
    {"another protocol does not collide",
     NODE_USES_PORT POD "{containers: [{name: c, ports: [{containerPort: 80, hostPort: 80, "
                        "protocol: UDP}]}]}}",
     "ok"},
    {"spread: the fuller zone is out, a node without the key too",
     ZONES_WEB_N1 WEB_POD "{" SPREAD "}]}}", "PodTopologySpread ok PodTopologySpread!"},
    {"spread: a pod that does not match itself adds nothing", ZONES_WEB_N1 POD "{" SPREAD "}]}}",
     "ok ok PodTopologySpread!"},
    {"spread: with fewer domains than minDomains the least is 0",
     ZONES_WEB_TWO WEB_POD "{" SPREAD ", minDomains: 3}]}}",
     "PodTopologySpread PodTopologySpread PodTopologySpread!"},
    {"spread: terminating pods don't count",
     ZONES "running: [{metadata: {name: r1, labels: {app: web}, deletionTimestamp: "
           "'2026-01-01T00:00:00Z'}, spec: {nodeName: n1}}]\n" WEB_POD "{" SPREAD "}]}}",
     "ok ok PodTopologySpread!"},
    {"spread: nodes that the pod may not use are no domains",
     ZONES_WEB_N1 WEB_POD "{nodeSelector: {z: a}, " SPREAD "}]}}",
     "ok NodeAffinity! NodeAffinity!"},
    {"affinity wants company in the zone",
     ZONES_WEB_N2 POD "{affinity: {podAffinity: {" TERM "}}}}",
     "InterPodAffinity! ok InterPodAffinity!"},
    {"the first of a group that likes itself may be alone",
     ZONES WEB_POD "{affinity: {podAffinity: {" TERM "}}}}", "ok ok InterPodAffinity!"},
    {"anti-affinity keeps apart, a node without the key passes",
     ZONES_WEB_N2 POD "{affinity: {podAntiAffinity: {" TERM "}}}}", "ok InterPodAffinity ok"},
    {"anti-affinity of a running pod keeps apart too",
     ZONES "running: [{metadata: {name: r}, spec: {nodeName: n1, affinity: {podAntiAffinity: "
           "{" TERM "}}}}]\n" WEB_POD "{}}",
     "InterPodAffinity ok ok"},
    {"pods of other namespaces don't count",
     ZONES "running: [{metadata: {name: r, namespace: other, labels: {app: web}}, spec: "
           "{nodeName: n2}}]\n" POD "{affinity: {podAntiAffinity: {" TERM "}}}}",
     "ok ok ok"},
};

static void test_filters(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(filter_rows); i++) {
        plugin_world world;
        decide(&world, filter_rows[i].document);
        char found[256] = "";
        for (uint32_t n = 0; n < world.node_count; n++) {
            const wb_scheduler_report_node *row = find_report(&world, n);
            const char *name = row == NULL ? "?" : wb_scheduler_core_plugin_name(row->plugin);
            const size_t length = strlen(found);
            (void)snprintf(found + length, sizeof(found) - length, "%s%s%s", n == 0 ? "" : " ",
                           name == NULL ? "ok" : name,
                           row != NULL && row->is_unresolvable ? "!" : "");
        }
        CU_ASSERT_STRING_EQUAL(found, filter_rows[i].expected);
        if (strcmp(found, filter_rows[i].expected) != 0) {
            printf("\n    failed: %s: '%s'\n", filter_rows[i].name, found);
        }
        release(&world);
    }
}

/* ---- scores ---- */

#define N1        "{metadata: {name: n1, labels: {z: a, kubernetes.io/hostname: n1}}, "
#define N2        "{metadata: {name: n2, labels: {z: b, kubernetes.io/hostname: n2}}, "
#define PAIR      "nodes: [" N1 ROOM "}, " N2 ROOM "}]\n"
#define SOFT      "{effect: PreferNoSchedule, key: "
#define USES      "spec: {nodeName: n2, containers: [{name: c, resources: {requests: "
#define PAIR_USES PAIR "running: [{metadata: {name: r}, " USES
#define PREFERRED "preferredDuringSchedulingIgnoredDuringExecution: "
#define LIKES                                                                                    \
    POD "{affinity: {podAffinity: {" PREFERRED "[{weight: 7, podAffinityTerm: {topologyKey: z, " \
        "labelSelector: {matchLabels: {app: web}}}}]}}}}"
#define POD_1     POD "{containers: [{name: c, resources: {requests: {cpu: '1', memory: 0}}}]}}"
#define POD_1_4GI POD "{containers: [{name: c, resources: {requests: {cpu: '1', memory: 4Gi}}}]}}"
#define SOFT_SPREAD                                                                 \
    "{topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: " \
    "ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}]}}"

/* Expected: the weighted score of one plugin on n1 and n2; -1, -1: it is skipped. */
typedef struct score_row {
    const char *name;
    wb_scheduler_plugin plugin;
    const char *document;
    int64_t expected[2];
} score_row;

static const score_row score_rows[] = {
    /* cpu (4-1)/4 = 75, memory (16-4)/16 = 75; on n2 a cpu and 4 Gi more are used: 50, 50 */
    {"least allocated: the mean of what is left",
     WB_PLUGIN_NODE_RESOURCES_FIT,
     PAIR_USES "{cpu: '1', memory: 4Gi}}}]}}]\n" POD_1_4GI,
     {75, 50}},
    /* 100m and 200 MiB by default: (4000-100)*100/4000 = 97, (16384-200)*100/16384 = 98 */
    {"a pod without requests counts by default",
     WB_PLUGIN_NODE_RESOURCES_FIT,
     PAIR POD "{containers: [{name: c}]}}",
     {97, 97}},
    /* no cpu of 4 is left and counts 0, memory 75; n1: 75 and all of the memory */
    {"a resource that is used up counts nothing",
     WB_PLUGIN_NODE_RESOURCES_FIT,
     PAIR_USES "{cpu: '3', memory: 4Gi}}}]}}]\n" POD_1,
     {87, 37}},
    /* n1: 25 % and 25 % after, 0 and 0 before: 50 + (50 + 100 - 100) / 2. n2 has 50 % of memory
     * more: before |0 - 50| / 2 = 25 % off, after |25 - 75| / 2 the same. */
    {"balanced allocation: about 75 when balance stays",
     WB_PLUGIN_BALANCED_ALLOCATION,
     PAIR_USES "{cpu: '0', memory: 8Gi}}}]}}]\n" POD_1_4GI,
     {75, 75}},
    /* n1: after |25 - 0| / 2 = 12.5 % off, (1 - 0.125) * 100 = 87: 50 + (50 + 87 - 100) / 2 = 68.
     * n2 was 12.5 % off the other way and is level after: 50 + (50 + 100 - 87) / 2 = 81. */
    {"balanced allocation: better where the pod makes it level",
     WB_PLUGIN_BALANCED_ALLOCATION,
     PAIR_USES "{cpu: '0', memory: 4Gi}}}]}}]\n" POD_1,
     {68, 81}},
    {"balanced allocation is skipped without requests",
     WB_PLUGIN_BALANCED_ALLOCATION,
     PAIR PLAIN,
     {-1, -1}},
    {"no soft taints: all the same", WB_PLUGIN_TAINT_TOLERATION, PAIR PLAIN, {300, 300}},
    {"a soft taint costs, as against the most",
     WB_PLUGIN_TAINT_TOLERATION,
     "nodes: [" N1 "spec: {taints: [" SOFT "k}]}, " ROOM "}, " N2 "spec: {taints: [" SOFT
     "k}, " SOFT "l}]}, " ROOM "}]\n" PLAIN,
     {150, 0}},
    {"a toleration of NoSchedule does not help",
     WB_PLUGIN_TAINT_TOLERATION,
     "nodes: [" N1 "spec: {taints: [" SOFT "k}]}, " ROOM "}, " N2 ROOM "}]\n" POD
     "{tolerations: [{key: k, operator: Exists, effect: NoSchedule}]}}",
     {0, 300}},
    {"preferred node affinity, as against the most",
     WB_PLUGIN_NODE_AFFINITY,
     PAIR POD "{affinity: {nodeAffinity: {" PREFERRED
              "[{weight: 60, preference: {matchExpressions: [{key: z, operator: Exists}]}}, "
              "{weight: 20, preference: {matchExpressions: [{key: z, operator: In, "
              "values: [b]}]}}]}}}}",
     {150, 200}},
    {"it is skipped without preferred terms", WB_PLUGIN_NODE_AFFINITY, PAIR PLAIN, {-1, -1}},
    /* two domains: 2 pods * ln 4 = 2.77, rounded 3; 0: (3 + 0 - 3) / 3 and (3 + 0 - 0) / 3 */
    {"soft spread: the emptier zone",
     WB_PLUGIN_POD_TOPOLOGY_SPREAD,
     PAIR "running: [" WEB_N1 ", " WEB_N1 "]\n" WEB_POD SOFT_SPREAD,
     {0, 200}},
    {"soft spread is skipped without constraints",
     WB_PLUGIN_POD_TOPOLOGY_SPREAD,
     PAIR PLAIN,
     {-1, -1}},
    {"preferred affinity: company",
     WB_PLUGIN_INTER_POD_AFFINITY,
     PAIR "running: [" WEB_N1 "]\n" LIKES,
     {200, 0}},
    {"preferred affinity is skipped when no term matches",
     WB_PLUGIN_INTER_POD_AFFINITY,
     PAIR LIKES,
     {-1, -1}},
    {"required affinity of a running pod attracts a little",
     WB_PLUGIN_INTER_POD_AFFINITY,
     PAIR "running: [{metadata: {name: r, labels: {app: web}}, spec: {nodeName: n2, "
          "affinity: {podAffinity: {" TERM "}}}}]\n" WEB_POD "{}}",
     {0, 200}},
};

/* ---- profiles ---- */

#define CONFIG                                                \
    "config:\n  apiVersion: kubescheduler.config.k8s.io/v1\n" \
    "  kind: KubeSchedulerConfiguration\n  profiles:\n  - "
#define FIT      CONFIG "pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: "
#define AFFINITY CONFIG "pluginConfig: [{name: InterPodAffinity, args: "
#define ATTRACTED                                                                              \
    PAIR "running: [{metadata: {name: r, labels: {app: web}}, spec: {nodeName: n2, affinity: " \
         "{podAffinity: {" TERM "}}}}]\n" WEB_POD "{}}"
#define GPU_ROOM "status: {allocatable: {cpu: '4', memory: 16Gi, pods: '3', g/gpu: '4'}}"
#define GPU_PAIR "nodes: [" N1 GPU_ROOM "}, " N2 ROOM "}]\n"
#define GPU_POD  POD "{containers: [{name: c, resources: {requests: {cpu: '1', g/gpu: '1'}}}]}}"

/* PAIR's nodes have 4 CPUs and 16 GiB, POD_1 asks for 1 CPU and 0 of memory. */
static const score_row profile_rows[] = {
    /* cpu 25 and 75, memory 0: half of it */
    {"MostAllocated: the fuller node",
     WB_PLUGIN_NODE_RESOURCES_FIT,
     FIT "{type: MostAllocated}}}]\n" PAIR_USES "{cpu: '2', memory: '0'}}}]}}]\n" POD_1,
     {12, 37}},
    {"MostAllocated over cpu alone",
     WB_PLUGIN_NODE_RESOURCES_FIT,
     FIT "{type: MostAllocated, resources: [{name: cpu}]}}}]\n" PAIR_USES
         "{cpu: '2', memory: '0'}}}]}}]\n" POD_1,
     {25, 75}},
    /* (3 * 25 + 0) / 4, (3 * 75 + 0) / 4 */
    {"MostAllocated, cpu three times as important",
     WB_PLUGIN_NODE_RESOURCES_FIT,
     FIT "{type: MostAllocated, resources: [{name: cpu, weight: 3}, {name: memory}]}}}]\n" PAIR_USES
         "{cpu: '2', memory: '0'}}}]}}]\n" POD_1,
     {18, 56}},
    /* up to 50 % a line from 0 to 100, down to 20 at 100 %: 25 % is 50, 75 % is 60 */
    {"RequestedToCapacityRatio follows its curve",
     WB_PLUGIN_NODE_RESOURCES_FIT,
     FIT "{type: RequestedToCapacityRatio, resources: [{name: cpu}], requestedToCapacityRatio: "
         "{shape: [{utilization: 0, score: 0}, {utilization: 50, score: 10}, {utilization: 100, "
         "score: 2}]}}}}]\n" PAIR_USES "{cpu: '2', memory: '0'}}}]}}]\n" POD_1,
     {50, 60}},
    /* memory is at 0 %, which the curve puts at 0: left out, so cpu alone counts */
    {"RequestedToCapacityRatio leaves out what scores nothing",
     WB_PLUGIN_NODE_RESOURCES_FIT,
     FIT "{type: RequestedToCapacityRatio, requestedToCapacityRatio: {shape: [{utilization: 10, "
         "score: 0}, {utilization: 70, score: 6}]}}}}]\n" PAIR_USES
         "{cpu: '2', memory: '0'}}}]}}]\n" POD_1,
     {15, 60}},
    {"an extended resource counts where it is asked for and present",
     WB_PLUGIN_NODE_RESOURCES_FIT,
     FIT "{type: MostAllocated, resources: [{name: g/gpu, weight: 2}, {name: cpu}]}}}]\n"
         "nodes: [" N1 GPU_ROOM "}, " N2 GPU_ROOM "}]\n"
         "running: [{metadata: {name: r}, spec: {nodeName: n1, containers: [{name: c, resources: "
         "{requests: {g/gpu: '2', cpu: '1'}}}]}}]\n" GPU_POD,
     {66, 25}},
    {"and not where the pod asks for none",
     WB_PLUGIN_NODE_RESOURCES_FIT,
     FIT "{type: MostAllocated, resources: [{name: g/gpu, weight: 2}, {name: cpu}]}}}]\n" GPU_PAIR
         POD_1,
     {25, 25}},
    {"a weight of its own",
     WB_PLUGIN_NODE_RESOURCES_FIT,
     CONFIG "plugins: {score: {enabled: [{name: NodeResourcesFit, weight: 5}]}}\n" PAIR POD_1,
     {435, 435}},
    {"a score that is turned off is not run",
     WB_PLUGIN_NODE_RESOURCES_FIT,
     CONFIG "plugins: {score: {disabled: [{name: NodeResourcesFit}]}}\n" PAIR POD_1,
     {-1, -1}},
    {"score overrules multiPoint",
     WB_PLUGIN_NODE_RESOURCES_FIT,
     CONFIG "plugins: {multiPoint: {enabled: [{name: NodeResourcesFit, weight: 5}]}, score: "
            "{enabled: [{name: NodeResourcesFit, weight: 2}]}}\n" PAIR POD_1,
     {174, 174}},
    {"listed without a weight: 1, whatever the default",
     WB_PLUGIN_TAINT_TOLERATION,
     CONFIG "plugins: {multiPoint: {enabled: [{name: TaintToleration}]}}\n" PAIR PLAIN,
     {100, 100}},
    {"all off, one on again",
     WB_PLUGIN_BALANCED_ALLOCATION,
     CONFIG "plugins: {score: {disabled: [{name: '*'}], enabled: "
            "[{name: NodeResourcesBalancedAllocation, weight: 3}]}}\n" PAIR POD_1,
     {204, 204}},
    {"all off, one on again: the others",
     WB_PLUGIN_TAINT_TOLERATION,
     CONFIG "plugins: {score: {disabled: [{name: '*'}], enabled: "
            "[{name: NodeResourcesBalancedAllocation, weight: 3}]}}\n" PAIR PLAIN,
     {-1, -1}},
    {"hardPodAffinityWeight 0: a running pod's required affinity attracts nobody",
     WB_PLUGIN_INTER_POD_AFFINITY,
     AFFINITY "{hardPodAffinityWeight: 0}}]\n" ATTRACTED,
     {-1, -1}},
    {"the profile of the pod's schedulerName",
     WB_PLUGIN_NODE_RESOURCES_FIT,
     CONFIG "schedulerName: other\n  - schedulerName: packing\n    pluginConfig: "
            "[{name: NodeResourcesFit, args: {scoringStrategy: {type: MostAllocated, resources: "
            "[{name: cpu}]}}}]\n" PAIR POD
            "{schedulerName: packing, containers: [{name: c, resources: {requests: {cpu: '1'}}}]}}",
     {25, 25}},
    {"no profile of that name: the first",
     WB_PLUGIN_NODE_RESOURCES_FIT,
     CONFIG
     "schedulerName: other\n    plugins: {score: {enabled: [{name: NodeResourcesFit, weight: "
     "2}]}}\n" PAIR POD_1,
     {174, 174}},
};

static void check_scores(const score_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        plugin_world world;
        decide(&world, rows[i].document);
        const wb_scheduler_plugin plugin = rows[i].plugin;
        for (uint32_t n = 0; n < 2; n++) {
            const wb_scheduler_report_node *row = find_report(&world, n);
            CU_ASSERT_PTR_NOT_NULL_FATAL(row);
            const bool has_run = (world.report.score_plugins >> plugin & 1U) != 0;
            const int64_t found = has_run && row != NULL ? row->scores[plugin] : -1;
            CU_ASSERT_EQUAL(found, rows[i].expected[n]);
            if (found != rows[i].expected[n]) {
                printf("\n    failed: %s: n%u: %lld\n", rows[i].name, n + 1, (long long)found);
            }
        }
        release(&world);
    }
}

static void test_scores(void)
{
    check_scores(score_rows, WB_TEST_COUNT(score_rows));
}

static void test_profiles(void)
{
    check_scores(profile_rows, WB_TEST_COUNT(profile_rows));
}

static const wb_test_case cases[] = {
    {"filters reject for the right reason", test_filters},
    {"scores are kube-scheduler's", test_scores},
    {"scores follow the profile", test_profiles},
};

int main(void)
{
    return wb_test_run("scheduler plugins", cases, WB_TEST_COUNT(cases));
}
