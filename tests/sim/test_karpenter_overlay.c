/*
 * NodeOverlays in a run: what Karpenter launches for a pod of 1.5 CPUs when it believes in other
 * prices than EC2's (small 0.10, medium 0.18, large 0.40 USD/h). The bill stays EC2's.
 */
#include <string.h>

#include "kube/names.h"
#include "tests/harness.h"
#include "tests/sim/karpenter_fixture.h"

#define OVERLAY(name, weight, spec)                                                     \
    "---\napiVersion: karpenter.sh/v1alpha1\nkind: NodeOverlay\nmetadata: {name: " name \
    "}\nspec: {weight: " weight ", " spec "}\n"
#define LIGHT(name, spec)                                                               \
    "---\napiVersion: karpenter.sh/v1alpha1\nkind: NodeOverlay\nmetadata: {name: " name \
    "}\nspec: {" spec "}\n"
#define ON(type) \
    "requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: [" type "]}]"
#define SPOT "{key: karpenter.sh/capacity-type, operator: In, values: [spot]}"
#define POOL "{key: karpenter.sh/nodepool, operator: In, values: [other]}"

static const struct {
    const char *name, *overlays, *type;
    bool is_off;
} rows[] = {
    {"none", "", "small", false},
    {"a percentage", OVERLAY("a", "1", ON("medium") ", priceAdjustment: \"-60%\""), "medium",
     false},
    {"a percentage that is not enough",
     OVERLAY("a", "1", ON("medium") ", priceAdjustment: \"-40%\""), "small", false},
    {"an amount more", OVERLAY("a", "1", ON("small") ", priceAdjustment: \"+1\""), "medium", false},
    {"a price", OVERLAY("a", "1", ON("large") ", price: \"0.001\""), "large", false},
    {"less than nothing is nothing", OVERLAY("a", "1", ON("large") ", priceAdjustment: \"-7\""),
     "large", false},
    {"of another market", OVERLAY("a", "1", "requirements: [" SPOT "], priceAdjustment: \"-99%\""),
     "small", false},
    {"of another pool", OVERLAY("a", "1", "requirements: [" POOL "], price: \"9\""), "small",
     false},
    {"the higher weight wins",
     OVERLAY("a", "1", ON("medium") ", price: \"0.01\"")
         OVERLAY("b", "10", ON("medium") ", price: \"5\""),
     "small", false},
    {"of one weight the earlier name is out",
     OVERLAY("a", "5", ON("large") ", price: \"0.001\"")
         OVERLAY("b", "5", ON("large") ", price: \"9\""),
     "small", false},
    {"one that is out is out everywhere",
     OVERLAY("a", "5", ON("medium, large") ", price: \"0.001\"")
         OVERLAY("b", "5", ON("large") ", price: \"9\""),
     "small", false},
    {"one that is out is in nobody's way",
     OVERLAY("a", "5", ON("medium") ", price: \"0.001\"")
         OVERLAY("b", "5", ON("medium, large") ", price: \"0.002\"")
             OVERLAY("c", "5", ON("large") ", price: \"9\""),
     "medium", false},
    {"the same price twice is a conflict",
     OVERLAY("a", "5", ON("medium, large") ", price: \"0.001\"")
         OVERLAY("b", "5", ON("large") ", price: \"0.001\""),
     "large", false},
    {"a weight that is not said is the lowest",
     OVERLAY("a", "1", ON("medium") ", price: \"9\"") LIGHT("b", ON("medium") ", price: \"0.01\""),
     "small", false},
    {"without the feature gate", OVERLAY("a", "1", ON("large") ", price: \"0.001\""), "small",
     true},
};

static wb_karpenter_fixture fixture;

static void what_is_launched(void)
{
    static const wb_setting on = {.name = "nodeOverlay", .value = "true"};
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        const wb_karpenter_fixture_options options = {
            .more_pools = rows[i].overlays,
            .settings = &on,
            .setting_count = rows[i].is_off ? 0 : 1,
        };
        wb_karpenter_fixture_init(&fixture, &options);
        (void)wb_karpenter_fixture_pod(&fixture, "a", 1500);
        wb_karpenter_fixture_run(&fixture, 60000);
        CU_ASSERT_EQUAL_FATAL(wb_karpenter_fixture_claim_count(&fixture), 1);
        const wb_claim_view claim = wb_karpenter_fixture_claim(&fixture, 0);
        if (strcmp(claim.instance_type, rows[i].type) != 0) {
            printf("\n    %s: %s", rows[i].name, claim.instance_type);
        }
        CU_ASSERT_STRING_EQUAL(claim.instance_type, rows[i].type);
        const double paid = strcmp(claim.instance_type, "small") == 0    ? 0.10
                            : strcmp(claim.instance_type, "medium") == 0 ? 0.18
                                                                         : 0.40;
        CU_ASSERT_DOUBLE_EQUAL(claim.price_usd_per_hour, paid, 1e-9);
        wb_karpenter_fixture_release(&fixture);
    }
}

static const wb_setting gate = {.name = "nodeOverlay", .value = "true"};

static void begin(wb_karpenter_fixture_options options)
{
    options.settings = &gate;
    options.setting_count = 1;
    wb_karpenter_fixture_init(&fixture, &options);
}

/* A pod that has a node to itself, whatever is there. */
static void add_pod(const char *name, const char *resources)
{
    char text[512];
    (void)snprintf(
        text, sizeof text,
        "{apiVersion: v1, kind: Pod, metadata: {name: %s, labels: {a: b}}, spec: "
        "{affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
        "[{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {a: b}}}]}}"
        ", containers: [{name: c, image: i, resources: {requests: {%s}, limits: {%s}}}]}}",
        name, resources, resources);
    wb_karpenter_fixture_apply(&fixture, text);
}

/* What is bought follows the overlay that is applied, replaced and deleted. */
static void changes_are_heeded(void)
{
    static const wb_karpenter_fixture_change changes[] = {
        {.at_ms = 60000, .more_pools = OVERLAY("o", "1", ON("large") ", price: \"0.001\"")},
        {.at_ms = 160000, .more_pools = OVERLAY("o", "1", ON("medium") ", price: \"0.001\"")},
        {.at_ms = 260000, .deleted_overlay = "o"},
    };
    begin((wb_karpenter_fixture_options){.changes = changes, .change_count = 3});
    for (int i = 0; i < 4; i++) {
        const char name[] = {(char)('a' + i), 0};
        wb_karpenter_fixture_run(&fixture, i * INT64_C(100000));
        add_pod(name, "cpu: 1500m");
    }
    wb_karpenter_fixture_run(&fixture, 900000);
    wb_karpenter_fixture_expect(&fixture, "decided",
                                "1000 decided provision: default-00000: small on-demand in "
                                "us-east-1a, $0.1000/h\n"
                                "101000 decided provision: default-00001: large on-demand in "
                                "us-east-1a, $0.4000/h\n"
                                "201000 decided provision: default-00002: medium on-demand in "
                                "us-east-1a, $0.1800/h\n"
                                "301000 decided provision: default-00003: small on-demand in "
                                "us-east-1a, $0.1000/h\n");
    wb_karpenter_fixture_release(&fixture);
}

/* A node does not drift by a price, but it is consolidated by it: both ways, and not a second time
 * while nothing changes. */
static void prices_move_consolidation(void)
{
    static const wb_karpenter_fixture_change changes[] = {
        {.at_ms = 600000,
         .more_pools = OVERLAY("o", "1", ON("large") ", priceAdjustment: \"-99%\"")},
        {.at_ms = 1200000, .deleted_overlay = "o"},
    };
    begin((wb_karpenter_fixture_options){
        .changes = changes,
        .change_count = 2,
        .disruption = "consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 30s"});
    wb_karpenter_fixture_deploy(&fixture, "web", 1, 1500, NULL);
    wb_karpenter_fixture_run(&fixture, 599999);
    wb_text_clear(&fixture.story);
    wb_karpenter_fixture_run(&fixture, 3000000);
    wb_karpenter_fixture_expect(
        &fixture, "decided",
        "615000 decided replacement: default-00001: large on-demand in us-east-1a, $0.4000/h\n"
        "615000 decided single-node consolidation: replace 1 node by large on-demand\n"
        "1222000 decided replacement: default-00002: small on-demand in us-east-1a, $0.1000/h\n"
        "1222000 decided single-node consolidation: replace 1 node by small on-demand\n");
    wb_karpenter_fixture_release(&fixture);
}

/* Who waits for a resource gets it from the overlay that comes; the node keeps it when the overlay
 * goes, and nobody gets another. */
static void capacity_comes_and_stays(void)
{
    static const wb_karpenter_fixture_change changes[] = {
        {.at_ms = 60000,
         .more_pools = OVERLAY("o", "1", ON("medium") ", capacity: {example.com/fpga: 1}")},
        {.at_ms = 160000, .deleted_overlay = "o"},
    };
    begin((wb_karpenter_fixture_options){.changes = changes, .change_count = 2});
    add_pod("a", "example.com/fpga: 1");
    wb_karpenter_fixture_run(&fixture, 200000);
    add_pod("b", "example.com/fpga: 1");
    wb_karpenter_fixture_run(&fixture, 900000);
    CU_ASSERT_EQUAL(wb_karpenter_fixture_claim_count(&fixture), 1);
    wb_karpenter_fixture_expect(&fixture, "pod",
                                "0 pod a created\n"
                                "81000 pod a bound 0\n"
                                "81000 pod a running\n"
                                "200000 pod b created\n");
    wb_karpenter_fixture_release(&fixture);
}

/* Spot of small is heard to cost 0.09, medium is 0.07; the overlay makes a tenth of what was heard.
 */
static void overlays_go_over_heard_prices(void)
{
    static const wb_market_point points[] = {{0, 90000000}};
    for (int is_overlaid = 0; is_overlaid < 2; is_overlaid++) {
        wb_market_series prices[2] = {{.points = points, .point_count = 1},
                                      {.points = points, .point_count = 1}};
        wb_market market = wb_market_none();
        market.prices = prices;
        market.price_count = 2;
        wb_karpenter_fixture_options options = {
            .requirements = "{key: karpenter.sh/capacity-type, operator: In, values: [spot]}",
            .more_pools = is_overlaid == 1
                              ? OVERLAY("o", "1", ON("small") ", priceAdjustment: \"-90%\"")
                              : NULL};
        begin(options); /* once for the names of the zones, which are then the same */
        for (int i = 0; i < 2; i++) {
            prices[i].zone = fixture.catalog.zones[i];
        }
        wb_karpenter_fixture_release(&fixture);
        options.market = &market;
        begin(options);
        (void)wb_karpenter_fixture_pod(&fixture, "a", 1500);
        wb_karpenter_fixture_run(&fixture, 60000);
        CU_ASSERT_STRING_EQUAL(wb_karpenter_fixture_claim(&fixture, 0).instance_type,
                               is_overlaid == 1 ? "small" : "medium");
        wb_karpenter_fixture_release(&fixture);
    }
}

/* A conflict that comes by a change is told, and goes with the overlay that won. */
static void conflicts_are_told(void)
{
    static const wb_karpenter_fixture_change changes[] = {
        {.at_ms = 60000, .more_pools = OVERLAY("z", "1", ON("medium") ", price: \"9\"")},
        {.at_ms = 160000, .deleted_overlay = "z"},
    };
    begin((wb_karpenter_fixture_options){.more_pools =
                                             OVERLAY("o", "1", ON("medium") ", price: \"0.001\""),
                                         .changes = changes,
                                         .change_count = 2});
    for (int i = 0; i < 3; i++) {
        const char name[] = {(char)('a' + i), 0};
        wb_karpenter_fixture_run(&fixture, i * INT64_C(100000));
        add_pod(name, "cpu: 1500m");
    }
    wb_karpenter_fixture_run(&fixture, 900000);
    wb_karpenter_fixture_expect(
        &fixture, "decided",
        "1000 decided provision: default-00000: medium on-demand in us-east-1a, $0.1800/h\n"
        "60000 decided nodeoverlay-conflict: not applied\n"
        "101000 decided provision: default-00001: small on-demand in us-east-1a, $0.1000/h\n"
        "201000 decided provision: default-00002: medium on-demand in us-east-1a, $0.1800/h\n");
    wb_karpenter_fixture_release(&fixture);
}

static const struct {
    const char *spec, *complaint;
} faults[] = {
    {ON("a") ", price: \"1\", priceAdjustment: \"+1\"", "cannot set both"},
    {ON("a") ", price: cheap", "expected a number such as 0.05"},
    {ON("a") ", priceAdjustment: \"10%\"", "expected a signed number"},
    {ON("a") ", priceAdjustment: \"-110%\"", "expected a signed number"},
    {ON("a") ", weight: 0", "should be from 1 to 10000"},
    {ON("a") ", capacity: {cpu: 4}", "is what every node has"},
    {ON("a") ", prise: \"1\"", NULL}, /* warned */
    {ON("a") ", capacity: {example.com/fpga: 2}", NULL},
    {"price: \"1\"", "requirements: Required value"},
};

static void faults_are_told(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(faults); i++) {
        char text[512];
        (void)snprintf(text, sizeof text,
                       "apiVersion: karpenter.sh/v1alpha1\nkind: NodeOverlay\nmetadata: {name: "
                       "a}\nspec: {%s}\n",
                       faults[i].spec);
        wb_arena arena;
        wb_intern intern;
        wb_findings findings;
        wb_arena_init(&arena, "test", 0, NULL);
        wb_intern_init(&intern, &arena);
        wb_names_init(&intern);
        wb_findings_init(&findings, &arena, false);
        wb_document_stream stream;
        wb_error err;
        const wb_document_input input = {.file = "o.yaml", .text = text, .length = strlen(text)};
        const wb_status status = wb_document_read_text(&arena, &input, &stream, &err);
        CU_ASSERT_EQUAL_FATAL(status, WB_OK);
        const wb_decode_context context = {.arena = &arena,
                                           .intern = &intern,
                                           .findings = &findings};
        wb_manifest manifest;
        wb_manifest_init(&manifest);
        wb_manifest_add_document(&manifest, &context, stream.roots[0]);
        CU_ASSERT_EQUAL(findings.error_count, faults[i].complaint == NULL ? 0 : 1);
        if (faults[i].complaint != NULL && findings.error_count > 0) {
            CU_ASSERT_PTR_NOT_NULL(strstr(findings.errors[0].text, faults[i].complaint));
        }
        wb_intern_release(&intern);
        wb_arena_release(&arena);
    }
}

static const wb_test_case cases[] = {
    {"what is launched", what_is_launched},
    {"changes are heeded", changes_are_heeded},
    {"prices move consolidation", prices_move_consolidation},
    {"capacity comes and stays", capacity_comes_and_stays},
    {"conflicts are told", conflicts_are_told},
    {"overlays go over heard prices", overlays_go_over_heard_prices},
    {"faults are told", faults_are_told},
};

int main(void)
{
    return wb_test_run("node overlays", cases, WB_TEST_COUNT(cases));
}
