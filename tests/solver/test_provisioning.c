/*
 * Provisioning by table: a small cluster as JSON, and where each pod goes.
 *
 * All rows share four instance types of a made-up family: small 2 CPU, large 8 CPU, arm 4 CPU
 * (cheaper), gpu 4 CPU with a GPU; three zones, on-demand and spot at half the price. Expected
 * texts list claims in the order in which they were opened, "pool(pods):cheapest type", then nodes,
 * then errors.
 */
#include <string.h>

#include "kube/names.h"
#include "bench/case_catalog.h"
#include "bench/case_input.h"
#include "tests/harness.h"

#define MARKETS(on_demand, spot)                                                                   \
    "[{\"zone\":\"a\",\"capacityType\":\"on-demand\",\"price\":" on_demand ",\"available\":true}," \
    "{\"zone\":\"b\",\"capacityType\":\"on-demand\",\"price\":" on_demand ",\"available\":true},"  \
    "{\"zone\":\"c\",\"capacityType\":\"on-demand\",\"price\":" on_demand ",\"available\":true},"  \
    "{\"zone\":\"a\",\"capacityType\":\"spot\",\"price\":" spot ",\"available\":true},"            \
    "{\"zone\":\"b\",\"capacityType\":\"spot\",\"price\":" spot ",\"available\":false}]"

#define TYPE(name, arch, cpu, memory, extra, on_demand, spot)                               \
    "{\"name\":\"" name "\",\"labels\":{\"kubernetes.io/arch\":\"" arch                     \
    "\",\"kubernetes.io/os\":\"linux\",\"karpenter.k8s.aws/instance-family\":\"" name       \
    "\"},\"capacity\":{\"cpu\":\"" cpu "\",\"memory\":\"" memory "\",\"pods\":\"10\"" extra \
    "},\"overhead\":{\"cpu\":\"100m\"},\"offerings\":" MARKETS(on_demand, spot) "}"

static const char catalog[] =
    "\"catalogInline\":{\"region\":\"r\",\"zones\":[\"a\",\"b\",\"c\"],\"instanceTypes\":[" TYPE(
        "small", "amd64", "2", "4Gi", "", "0.1",
        "0.05") "," TYPE("large", "amd64", "8", "16Gi", "", "0.4",
                         "0.2") "," TYPE("arm", "arm64", "4", "8Gi", "", "0.08",
                                         "0.04") "," TYPE("gpu", "amd64", "4", "8Gi",
                                                          ",\"nvidia.com/gpu\":\"1\"", "1.0",
                                                          "0.5") "]}";

#define POOL(name, spec, requirements)                                                         \
    "{\"apiVersion\":\"karpenter.sh/v1\",\"kind\":\"NodePool\",\"metadata\":{\"name\":\"" name \
    "\"},\"spec\":{" spec "\"template\":{\"spec\":{\"nodeClassRef\":{\"group\":"               \
    "\"karpenter.k8s.aws\",\"kind\":\"EC2NodeClass\",\"name\":\"default\"},\"requirements\":[" \
    "{\"key\":\"kubernetes.io/os\",\"operator\":\"In\",\"values\":[\"linux\"]}" requirements   \
    "]}}}}"
#define AMD64 ",{\"key\":\"kubernetes.io/arch\",\"operator\":\"In\",\"values\":[\"amd64\"]}"
#define ON_DEMAND \
    ",{\"key\":\"karpenter.sh/capacity-type\",\"operator\":\"In\",\"values\":[\"on-demand\"]}"
#define TAINTED(name, effect)                                                                     \
    "{\"apiVersion\":\"karpenter.sh/v1\",\"kind\":\"NodePool\",\"metadata\":{\"name\":\"" name    \
    "\"},\"spec\":{\"template\":{\"spec\":{\"nodeClassRef\":{\"group\":\"karpenter.k8s.aws\","    \
    "\"kind\":\"EC2NodeClass\",\"name\":\"default\"},\"taints\":[{\"key\":\"t\",\"value\":\"v\"," \
    "\"effect\":\"" effect "\"}],\"requirements\":[{\"key\":\"kubernetes.io/arch\",\"operator\":" \
    "\"In\",\"values\":[\"amd64\"]}]}}}}"

#define POD(name, cpu, spec)                                                                      \
    "{\"metadata\":{\"name\":\"" name "\",\"uid\":\"" name "\",\"creationTimestamp\":"            \
    "\"2026-01-15T10:00:00Z\",\"labels\":{\"app\":\"web\"}},\"spec\":{\"containers\":[{\"name\":" \
    "\"c\",\"image\":\"i\",\"resources\":{\"requests\":{\"cpu\":\"" cpu                           \
    "\",\"memory\":\"256Mi\"}}}]" spec "}}"
#define SELECT_WEB "\"labelSelector\":{\"matchLabels\":{\"app\":\"web\"}}"
#define ALONE                                                                                 \
    ",\"affinity\":{\"podAntiAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":" \
    "[{\"topologyKey\":\"kubernetes.io/hostname\"," SELECT_WEB "}]}}"
#define TOGETHER                                                                          \
    ",\"affinity\":{\"podAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":" \
    "[{\"topologyKey\":\"kubernetes.io/hostname\"," SELECT_WEB "}]}}"
#define SPREAD_ZONES                                                  \
    ",\"topologySpreadConstraints\":[{\"maxSkew\":1,\"topologyKey\":" \
    "\"topology.kubernetes.io/zone\",\"whenUnsatisfiable\":\"DoNotSchedule\"," SELECT_WEB "}]"
#define IN_ZONE(zone) ",\"nodeSelector\":{\"topology.kubernetes.io/zone\":\"" zone "\"}"
#define PREFERS_ZONE(zone)                                                                  \
    ",\"affinity\":{\"nodeAffinity\":{\"preferredDuringSchedulingIgnoredDuringExecution\":" \
    "[{\"weight\":1,\"preference\":{\"matchExpressions\":[{\"key\":"                        \
    "\"topology.kubernetes.io/zone\",\"operator\":\"In\",\"values\":[\"" zone "\"]}]}}]}}"
#define NODE(name, zone, pods)                                                              \
    "{\"name\":\"" name "\",\"nodePool\":\"p\",\"instanceType\":\"small\",\"zone\":\"" zone \
    "\",\"capacityType\":\"on-demand\",\"pods\":[" pods "]}"

#define NEAR_ANY                                                                          \
    ",\"affinity\":{\"podAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":" \
    "[{\"topologyKey\":\"topology.kubernetes.io/zone\"}]}}"
#define LEAVING(name, spec)                                                            \
    "{\"metadata\":{\"name\":\"" name "\",\"uid\":\"" name "\",\"deletionTimestamp\":" \
    "\"2026-01-15T10:00:00Z\",\"labels\":{\"app\":\"web\"}},\"spec\":{\"containers\":" \
    "[{\"name\":\"c\",\"image\":\"i\"}]" spec "}}"
#define MOUNTS(claim) \
    ",\"volumes\":[{\"name\":\"v\",\"persistentVolumeClaim\":{\"claimName\":\"" claim "\"}}]"
#define MOUNTS_TWO(a, b)                                                                  \
    ",\"volumes\":[{\"name\":\"v\",\"persistentVolumeClaim\":{\"claimName\":\"" a "\"}}," \
    "{\"name\":\"w\",\"persistentVolumeClaim\":{\"claimName\":\"" b "\"}}]"
#define MOUNTS_OWN                                                                      \
    ",\"volumes\":[{\"name\":\"v\",\"ephemeral\":{\"volumeClaimTemplate\":{\"spec\":{"  \
    "\"accessModes\":[\"ReadWriteOnce\"],\"storageClassName\":\"disk\",\"resources\":{" \
    "\"requests\":{\"storage\":\"1Gi\"}}}}}}]"
#define CLAIM(name, spec)                                                              \
    "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"default\",\"annotations\":{" \
    "\"pv.kubernetes.io/bind-completed\":\"yes\"}},\"spec\":{\"accessModes\":"         \
    "[\"ReadWriteOnce\"],\"storageClassName\":\"disk\"" spec "}}"
#define VOLUME(name, zone)                                                                   \
    "{\"metadata\":{\"name\":\"" name "\"},\"spec\":{\"csi\":{\"driver\":\"disk.example\","  \
    "\"volumeHandle\":\"" name "\"},\"nodeAffinity\":{\"required\":{\"nodeSelectorTerms\":[" \
    "{\"matchExpressions\":[{\"key\":\"topology.kubernetes.io/zone\",\"operator\":\"In\","   \
    "\"values\":[\"" zone "\"]}]}]}}}}"
#define BOUND(name, volume) CLAIM(name, ",\"volumeName\":\"" volume "\"")
#define DISK_CLASS                                                        \
    "{\"metadata\":{\"name\":\"disk\"},\"provisioner\":\"disk.example\"," \
    "\"volumeBindingMode\":\"WaitForFirstConsumer\"}"
#define DISK_VOLUMES VOLUME("in-a", "a") "," VOLUME("in-b", "b")
#define DISK_CLAIMS \
    CLAIM("one", "") "," CLAIM("two", "") "," BOUND("at-a", "in-a") "," BOUND("at-b", "in-b")
#define DISKS                                                                        \
    ",\"storageClasses\":[" DISK_CLASS "],\"persistentVolumes\":[" DISK_VOLUMES "]," \
    "\"persistentVolumeClaims\":[" DISK_CLAIMS "]"
#define ATTACHING(name, count, pods)                                                               \
    "{\"name\":\"" name "\",\"nodePool\":\"p\",\"instanceType\":\"small\",\"zone\":\"a\","         \
    "\"capacityType\":\"on-demand\",\"volumeLimits\":{\"disk.example\":" count "},\"pods\":[" pods \
    "]}"

static const struct {
    const char *name;
    const char *pools, *pods, *more; /* more: further fields of the case */
    const char *expected;
} rows[] = {
    {"the cheapest type that fits, spot where it is allowed", POOL("p", "", AMD64),
     POD("x", "1", ""), "", "p(x):small spot a;"},
    {"on-demand where spot is not allowed, the arm type where it is", POOL("p", "", ON_DEMAND),
     POD("x", "1", ""), "", "p(x):arm on-demand a;"},
    {"pods share a claim as long as one type holds them", POOL("p", "", AMD64),
     POD("x", "1", "") "," POD("y", "2", "") "," POD("z", "4", ""), "", "p(z y x):large spot a;"},
    {"a second claim when nothing is large enough", POOL("p", "", AMD64),
     POD("x", "7", "") "," POD("y", "7", ""), "", "p(x):large spot a;p(y):large spot a;"},
    {"an unavailable offering leaves the dearer one", POOL("p", "", AMD64),
     POD("x", "1", IN_ZONE("b")), "", "p(x):small on-demand b;"},
    {"the heavier pool is tried first", POOL("p", "", AMD64) "," POOL("q", "\"weight\":5,", AMD64),
     POD("x", "1", ""), "", "q(x):small spot a;"},
    {"of equal weight the later name", POOL("p", "", AMD64) "," POOL("q", "", AMD64),
     POD("x", "1", ""), "", "q(x):small spot a;"},
    {"the other pool when the heavier one is at its limit",
     POOL("p", "", AMD64) "," POOL("q", "\"weight\":5,\"limits\":{\"cpu\":\"1\"},", AMD64),
     POD("x", "1", ""), "", "p(x):small spot a;"},
    {"a limit stops the second claim, which is charged as its largest type",
     POOL("p", "\"limits\":{\"cpu\":\"9\"},", AMD64), POD("x", "1", ALONE) "," POD("y", "1", ALONE),
     "", "p(x):small spot a;y=limits;"},
    {"a taint keeps pods away", TAINTED("p", "NoSchedule"), POD("x", "1", ""), "", "x=taint;"},
    {"a toleration lets them in", TAINTED("p", "NoSchedule"),
     POD("x", "1", ",\"tolerations\":[{\"key\":\"t\",\"operator\":\"Exists\"}]"), "",
     "p(x):small spot a;"},
    {"a preference not to be there is given up last", TAINTED("p", "PreferNoSchedule"),
     POD("x", "1", ""), "", "p(x):small spot a;"},
    {"pods that stand alone, also from those that do not ask for it", POOL("p", "", AMD64),
     POD("x", "1", ALONE) "," POD("y", "1", ALONE) "," POD("z", "1", ""), "",
     "p(x):small spot a;p(y):small spot a;p(z):small spot a;"},
    {"pods that stand together", POOL("p", "", AMD64),
     POD("x", "1", TOGETHER) "," POD("y", "6", TOGETHER), "", "p(y x):large spot a;"},
    {"pods spread over zones, the first zone first", POOL("p", "", AMD64),
     POD("x", "1", SPREAD_ZONES) "," POD("y", "1", SPREAD_ZONES) "," POD("z", "1", SPREAD_ZONES),
     "", "p(x):small spot a;p(y):small on-demand b;p(z):small on-demand c;"},
    {"a zone that can't be had is preferred in vain", POOL("p", "", AMD64),
     POD("x", "1", PREFERS_ZONE("nowhere")), "", "p(x):small spot a;"},
    {"a preference counts as a requirement while it can be met", POOL("p", "", AMD64),
     POD("x", "1", PREFERS_ZONE("c")), "", "p(x):small on-demand c;"},
    {"unless preferences are ignored", POOL("p", "", AMD64), POD("x", "1", PREFERS_ZONE("c")),
     ",\"options\":{\"preferencePolicy\":\"Ignore\"}", "p(x):small spot a;"},
    {"a GPU is looked for where there is one", POOL("p", "", AMD64),
     "{\"metadata\":{\"name\":\"x\",\"uid\":\"x\"},\"spec\":{\"containers\":[{\"name\":\"c\","
     "\"image\":\"i\",\"resources\":{\"limits\":{\"nvidia.com/gpu\":\"1\"}}}]}}",
     "", "p(x):gpu spot a;"},
    {"two GPUs are nowhere", POOL("p", "", AMD64),
     "{\"metadata\":{\"name\":\"x\",\"uid\":\"x\"},\"spec\":{\"containers\":[{\"name\":\"c\","
     "\"image\":\"i\",\"resources\":{\"limits\":{\"nvidia.com/gpu\":\"2\"}}}]}}",
     "", "x=instance-types+instance-types:fit;"},
    {"a label that nobody defines", POOL("p", "", AMD64),
     POD("x", "1", ",\"nodeSelector\":{\"rack\":\"r1\"}"), "",
     "x=requirements+requirements:undefined-label;"},
    {"existing room is used first, by name", POOL("p", "", AMD64),
     POD("x", "1", "") "," POD("y", "1", "") "," POD("z", "1", ""),
     ",\"nodes\":[" NODE("n2", "a", "") "," NODE("n1", "b", POD("old", "900m", "")) "]",
     "p(z):small spot a;n1(x);n2(y);"},
    {"an existing pod keeps others off its host", POOL("p", "", AMD64), POD("x", "100m", ""),
     ",\"nodes\":[" NODE("n1", "a", POD("old", "100m", ALONE)) "]", "p(x):small spot a;"},
    {"DaemonSets take their share of a new node", POOL("p", "", AMD64), POD("x", "1", ""),
     ",\"daemonSetPods\":[" POD("agent", "1", "") "]", "p(x):large spot a;"},
    {"minValues keeps a claim choosable",
     POOL("p", "",
          AMD64 ",{\"key\":\"karpenter.k8s.aws/instance-family\",\"operator\":\"Exists\","
                "\"minValues\":2}"),
     POD("x", "1", "") "," POD("y", "7", ""), "", "p(x):small spot a;y=min-values;"},
    {"unless best effort will do",
     POOL("p", "",
          AMD64 ",{\"key\":\"karpenter.k8s.aws/instance-family\",\"operator\":\"Exists\","
                "\"minValues\":2}"),
     POD("y", "7", ""), ",\"options\":{\"minValuesPolicy\":\"BestEffort\"}", "p(y):large spot a;"},
    {"a pool without types is no pool",
     POOL("p", "", ",{\"key\":\"kubernetes.io/arch\",\"operator\":\"In\",\"values\":[\"mips\"]}"),
     POD("x", "1", ""), "", "x=no-nodepool;"},
    {"no node left is told before what else is used up",
     POOL("p", "\"limits\":{\"cpu\":\"1\",\"nodes\":\"1\"},", AMD64), POD("x", "1", ""),
     ",\"nodes\":[" NODE("n1", "a", POD("old", "1500m", "")) "]", "x=node-limits;"},
    {"more nodes than allowed is a limit like others",
     POOL("p", "\"limits\":{\"nodes\":\"1\"},", AMD64), POD("x", "1", ""),
     ",\"nodes\":[" NODE("n1", "a", POD("old", "1500m", "")) "," NODE(
         "n2", "a", POD("older", "1500m", "")) "]",
     "x=limits;"},
    {"an affinity without selector is met by whatever runs", POOL("p", "", AMD64),
     POD("x", "1", NEAR_ANY), ",\"nodes\":[" NODE("n1", "b", POD("old", "1500m", "")) "]",
     "p(x):small on-demand b;"},
    {"but not by pods of the batch", POOL("p", "", AMD64),
     POD("x", "1", NEAR_ANY) "," POD("y", "1", ""), "", "p(y):small spot a;x=topology;"},
    {"the anti-affinity of a pod that leaves still holds", POOL("p", "", AMD64),
     POD("x", "100m", ""), ",\"nodes\":[" NODE("n1", "a", LEAVING("old", ALONE)) "]",
     "p(x):small spot a;"},
    {"but nobody need stay away from it", POOL("p", "", AMD64), POD("x", "100m", ALONE),
     ",\"nodes\":[" NODE("n1", "a", LEAVING("old", "")) "]", "n1(x);"},
    {"volumes in two zones are nowhere", POOL("p", "", AMD64),
     POD("x", "1", MOUNTS_TWO("at-a", "at-b")), DISKS,
     "x=instance-types+instance-types:req|fit|off;"},
    {"which a rule about zones notices first", POOL("p", "", AMD64),
     POD("x", "1", MOUNTS_TWO("at-a", "at-b") SPREAD_ZONES), DISKS, "x=topology;"},
    {"and a pool with zones of its own before that",
     POOL("p", "",
          AMD64 ",{\"key\":\"topology.kubernetes.io/zone\",\"operator\":\"In\","
                "\"values\":[\"a\"]}"),
     POD("x", "1", MOUNTS_TWO("at-a", "at-b") SPREAD_ZONES), DISKS, "x=volume-requirements;"},
    {"a node attaches as many claims as it may", POOL("p", "", AMD64),
     POD("x", "100m", MOUNTS("one")),
     DISKS ",\"nodes\":[" ATTACHING("n1", "1", POD("old", "100m", MOUNTS("two"))) "]",
     "p(x):small spot a;"},
    {"claims that are gone are not counted", POOL("p", "", AMD64), POD("x", "100m", MOUNTS("one")),
     DISKS ",\"nodes\":[" ATTACHING("n1", "1", POD("old", "100m", MOUNTS_OWN)) "]", "n1(x);"},
    {"a node with too many takes no pod at all", POOL("p", "", AMD64), POD("x", "100m", ""),
     DISKS ",\"nodes\":[" ATTACHING("n1", "0", POD("old", "100m", MOUNTS("two"))) "]",
     "p(x):small spot a;"},
    {"a pod whose own claim is not made yet is left out", POOL("p", "", AMD64),
     POD("x", "1", MOUNTS_OWN) "," POD("y", "1", ""), DISKS, "p(y):small spot a;"},
};

/* ---- outcomes as texts ---- */

static void add_pods(wb_text *text, const wb_intern *intern, const wb_case_input *input,
                     const uint32_t *pods, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(text, "%s%s", i > 0 ? " " : "",
                           wb_intern_text(intern, input->problem.pods[pods[i]].name));
    }
}

static void describe(const wb_intern *intern, const wb_case_input *input,
                     const wb_solver_result *result, wb_text *out)
{
    for (uint32_t c = 0; c < result->claim_count; c++) {
        const wb_solver_claim *claim = &result->claims[c];
        wb_text_add_format(
            out, "%s(",
            wb_intern_text(intern, wb_solver_world_pool(input->world, claim->pool_index)->name));
        add_pods(out, intern, input, claim->pod_indices, claim->pod_count);
        const uint32_t type = claim->cheapest.type_index;
        const wb_offering offering =
            wb_solver_world_offering(input->world, type, claim->cheapest.offering_index);
        wb_text_add_format(out, "):%s %s %s;",
                           wb_intern_text(intern, wb_solver_world_type(input->world, type)->name),
                           wb_capacity_type_name(offering.capacity_type),
                           wb_intern_text(intern, offering.zone));
    }
    for (uint32_t i = 0; i < input->problem.pod_count; i++) {
        const char *name = wb_intern_text(intern, input->problem.pods[i].name);
        const wb_solver_placement *placement = &result->placements[i];
        if (placement->node_index != WB_PLACED_ON_NONE) {
            const wb_solver_node *node = input->problem.nodes[placement->node_index];
            wb_text_add_format(out, "%s(%s);", wb_intern_text(intern, wb_solver_node_name(node)),
                               name);
        }
        const char *separator = "=";
        for (uint32_t bit = 1; placement->refused != 0 && bit <= WB_REFUSED_TYPES_TRIPLE;
             bit <<= 1) {
            if ((placement->refused & bit) != 0) {
                wb_text_add_format(out, "%s%s%s", separator[0] == '=' ? name : "", separator,
                                   wb_provisioning_refused_name(bit));
                separator = "+";
            }
        }
        wb_text_add_string(out, placement->refused != 0 ? ";" : "");
    }
}

/* Solves the row's input; out is what came. */
static void solve_row(size_t row, bool is_plain, wb_text *out)
{
    wb_arena arena;
    wb_intern intern;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    wb_text json;
    wb_text_init(&json);
    wb_text_add_format(&json, "{%s,\"nodePools\":[%s],\"pods\":[%s]%s}", catalog, rows[row].pools,
                       rows[row].pods, rows[row].more);
    const wb_document_input text = {.file = rows[row].name,
                                    .text = wb_text_string(&json),
                                    .length = strlen(wb_text_string(&json)),
                                    .syntax = WB_DOCUMENT_JSON};
    wb_document_stream stream = {0};
    wb_error err = {0};
    wb_catalog types = {0};
    wb_case_input input = {0};
    bool is_read =
        wb_document_read_text(&arena, &text, &stream, &err) == WB_OK &&
        wb_case_catalog_inline(&arena, &intern, stream.roots[0], &types, &err) == WB_OK &&
        wb_case_input_decode(&arena, &intern, stream.roots[0], &types, &input, &err) == WB_OK;
    if (is_read) {
        wb_case_input_prepare_world(&arena, &intern, stream.roots[0], &input);
        wb_case_input_prepare_pods(&arena, &intern, &input);
        input.problem.options.plain = is_plain;
        const wb_solver_result result = wb_provisioning_solve(&arena, input.world, &input.problem);
        describe(&intern, &input, &result, out);
        wb_case_input_release(&input);
    } else {
        wb_text_add_string(out, err.text);
    }
    wb_text_release(&json);
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static void run_rows(bool is_plain)
{
    wb_text actual;
    wb_text_init(&actual);
    for (size_t row = 0; row < WB_TEST_COUNT(rows); row++) {
        wb_text_clear(&actual);
        solve_row(row, is_plain, &actual);
        const bool is_equal = strcmp(wb_text_string(&actual), rows[row].expected) == 0;
        if (!is_equal) {
            printf("\n    %s: expected %s, got %s", rows[row].name, rows[row].expected,
                   wb_text_string(&actual));
        }
        CU_ASSERT_TRUE(is_equal);
    }
    wb_text_release(&actual);
}

static void fast_by_table(void)
{
    run_rows(false);
}

static void plain_by_table(void)
{
    run_rows(true);
}

static const wb_test_case cases[] = {
    {"the fast solver places pods as the table says", fast_by_table},
    {"so does the plain one", plain_by_table},
};

int main(void)
{
    return wb_test_run("provisioning", cases, WB_TEST_COUNT(cases));
}
