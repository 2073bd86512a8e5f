/*
 * Bills worked out by hand. Two types: m5.large at 0.10 USD/h, c5.large at 0.25. Within an hour
 * commitments take types by name, so c5.large before m5.large; times are minutes.
 */
#include <string.h>

#include "base/duration.h"
#include "sim/cloud/money.h"
#include "tests/harness.h"
#include "tests/sim/bill_fixture.h"
#include "tests/sim/cloud_fixture.h"

#define M5 WB_CLOUD_FIXTURE_CHEAP
#define C5 WB_CLOUD_FIXTURE_DEAR

/* Minutes of an instance; a market. */
typedef struct row {
    uint32_t type_index, zone; /* zone: 0 is us-east-1a */
    double from, to;
    wb_capacity_type capacity_type;
} row;

typedef struct bill_case {
    const char *name;
    row rows[4];
    wb_commitment commitments[3];
    double discount;
    double end, epoch; /* minutes */
    wb_bill_expected items[6];
    int64_t total_nusd;
} bill_case;

#define MINUTE WB_MS_PER_MINUTE
#define PLAN(usd, off)                                                                            \
    {                                                                                             \
        .kind = WB_COMMITMENT_COMPUTE_PLAN, .name = "plan", .nusd_per_hour = usd, .discount = off \
    }

static const bill_case bills[] = {
    {"nothing ran", {{0}}, {{0}}, 0.0, 60, 0, {{"on-demand", "", 0}}, 0},
    {"a minute at least, seconds whole",
     {{M5, 0, 0, 0.2, WB_CAPACITY_ON_DEMAND}},
     {{0}},
     0.0,
     60,
     0,
     {{"on-demand", "", 1666667}},
     1666667},
    {"a discount off what is not committed",
     {{M5, 0, 0, 120, WB_CAPACITY_ON_DEMAND}, {C5, 0, 0, 60, WB_CAPACITY_ON_DEMAND}},
     {{0}},
     0.1,
     120,
     0,
     {{"on-demand", "", 405000000}}, /* (0.20 + 0.25) x 0.9 */
     405000000},
    /* In each hour the plan's 0.10 pays 30 minutes of c5 at 0.20/h (0.10); m5 stays. */
    {"a plan pays the hour's types by name",
     {{M5, 0, 0, 120, WB_CAPACITY_ON_DEMAND}, {C5, 0, 30, 90, WB_CAPACITY_ON_DEMAND}},
     {PLAN(100000000, 0.2)},
     0.0,
     120,
     0,
     {{"on-demand", "", 200000000},
      {"savings plan", "plan", 200000000},
      {"unused commitment", "plan", 0}},
     400000000},
    /* Each hour: c5 0.10, then 0.05 of m5 at 0.08/h, 37.5 of its 60 minutes. */
    {"part of a type's hour",
     {{M5, 0, 0, 120, WB_CAPACITY_ON_DEMAND}, {C5, 0, 30, 90, WB_CAPACITY_ON_DEMAND}},
     {PLAN(150000000, 0.2)},
     0.0,
     120,
     0,
     {{"on-demand", "", 75000000},
      {"savings plan", "plan", 300000000},
      {"unused commitment", "plan", 0}},
     375000000},
    /* What an hour does not use is lost: 1.00 x 3 h paid, 0.20 x 1 h used. */
    {"what is not used is paid and lost",
     {{C5, 0, 60, 120, WB_CAPACITY_ON_DEMAND}},
     {PLAN(1000000000, 0.2)},
     0.0,
     180,
     0,
     {{"on-demand", "", 0},
      {"savings plan", "plan", 200000000},
      {"unused commitment", "plan", 2800000000}},
     3000000000},
    /* Two m5 for 0.06 each and hour, in zone b: one runs there, one in a. */
    {"reserved instances of a zone",
     {{M5, 0, 0, 120, WB_CAPACITY_ON_DEMAND}, {M5, 1, 0, 60, WB_CAPACITY_ON_DEMAND}},
     {{.kind = WB_COMMITMENT_RESERVED,
       .name = "ri",
       .type_index = M5,
       .zone = 2, /* its place in the fixture: set by the test */
       .count = 2,
       .nusd_per_hour = 60000000}},
     0.0,
     120,
     0,
     {{"on-demand", "", 200000000},
      {"reserved instances", "ri", 60000000},
      {"unused commitment", "ri", 180000000}},
     440000000},
    /* The family's plan first, at 0.07/h; the other plan takes the c5 at 0.20/h. */
    {"a family's plan before one for all",
     {{M5, 0, 0, 60, WB_CAPACITY_ON_DEMAND}, {C5, 0, 0, 60, WB_CAPACITY_ON_DEMAND}},
     {PLAN(200000000, 0.2),
      {.kind = WB_COMMITMENT_INSTANCE_PLAN,
       .name = "m5 plan",
       .family = "m5",
       .nusd_per_hour = 70000000,
       .discount = 0.3}},
     0.0,
     60,
     0,
     {{"on-demand", "", 0},
      {"savings plan", "plan", 200000000},
      {"savings plan", "m5 plan", 70000000},
      {"unused commitment", "m5 plan", 0}},
     270000000},
    /* The run begins at a quarter to: its first 15 minutes are one hour of the calendar, the next
     * 15 another. c5 runs in the second: 0.0625, of which a quarter of 0.10 is committed. */
    {"hours of the calendar",
     {{C5, 0, 15, 30, WB_CAPACITY_ON_DEMAND}},
     {PLAN(100000000, 0.0)},
     0.0,
     30,
     45,
     {{"on-demand", "", 37500000},
      {"savings plan", "plan", 25000000},
      {"unused commitment", "plan", 25000000}},
     87500000},
    {"spot is not committed",
     {{M5, 0, 0, 60, WB_CAPACITY_SPOT}},
     {PLAN(50000000, 0.0)},
     0.0,
     60,
     0,
     {{"on-demand", "", 0},
      {"spot", "", 40000000},
      {"savings plan", "plan", 0},
      {"unused commitment", "plan", 50000000}},
     90000000},
};

static wb_cloud_fixture fixture;

/* The fixture's cloud with other names and these machines. */
static wb_cloud make_cloud(const bill_case *of, wb_instance *instances, wb_catalog *catalog,
                           wb_catalog_type *types)
{
    *catalog = fixture.catalog;
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        types[i] = catalog->types[i];
    }
    types[M5].name = wb_intern_add(&fixture.base.intern, "m5.large");
    types[C5].name = wb_intern_add(&fixture.base.intern, "c5.large");
    catalog->types = types;
    wb_cloud cloud = fixture.cloud;
    cloud.catalog = catalog;
    cloud.instances = instances;
    cloud.instance_count = 0;
    for (uint32_t i = 0; i < 4 && of->rows[i].to > of->rows[i].from; i++) {
        const row *from = &of->rows[i];
        const bool is_spot = from->capacity_type == WB_CAPACITY_SPOT;
        const int64_t price = is_spot ? 40000000 : from->type_index == M5 ? 100000000 : 250000000;
        const int64_t ran_ms = (int64_t)((from->to - from->from) * (double)MINUTE);
        instances[cloud.instance_count++] = (wb_instance){
            .capacity_type = from->capacity_type,
            .type_index = from->type_index,
            .zone = fixture.zones[from->zone],
            .price_nusd_per_hour = price,
            .running_ms = (int64_t)(from->from * (double)MINUTE),
            .ended_ms = (int64_t)(from->to * (double)MINUTE),
            .cost_nusd = wb_cloud_bill_nusd(price, ran_ms),
        };
    }
    return cloud;
}

static void check(const bill_case *of)
{
    wb_cloud_fixture_init(&fixture, "instant", 1);
    wb_instance instances[4];
    wb_catalog catalog;
    wb_catalog_type types[WB_CLOUD_FIXTURE_TYPES];
    const wb_cloud cloud = make_cloud(of, instances, &catalog, types);
    wb_commitment commitments[3];
    uint32_t count = 0;
    while (count < 3 && of->commitments[count].name != NULL) {
        commitments[count] = of->commitments[count];
        commitments[count].zone =
            commitments[count].zone != 0 ? fixture.zones[commitments[count].zone - 1] : 0;
        count++;
    }
    const wb_money money = {
        .is_set = true,
        .on_demand_discount = of->discount,
        .commitments = commitments,
        .commitment_count = count,
    };
    const wb_bill_pods pods = {0};
    const wb_bill bill = wb_money_bill(&money, &cloud, &pods, (int64_t)(of->end * (double)MINUTE),
                                       (int64_t)(of->epoch * (double)MINUTE), &fixture.base.arena);
    wb_bill_fixture_check(of->name, &bill, of->items, 6, of->total_nusd);
    wb_cloud_fixture_release(&fixture);
}

static void bills_by_hand(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(bills); i++) {
        check(&bills[i]);
    }
}

/* Two m5 for two hours: 4 node-hours, 8 CPU-hours (2 each), 3 pod-hours half of them apart. */
static void what_comes_on_top(void)
{
    static const bill_case two = {
        .rows = {{M5, 0, 0, 120, WB_CAPACITY_ON_DEMAND}, {M5, 1, 0, 120, WB_CAPACITY_ON_DEMAND}},
    };
    static const wb_surcharge surcharges[] = {{"agent", 10000000, false},
                                              {"licence", 5000000, true}};
    wb_cloud_fixture_init(&fixture, "instant", 1);
    wb_instance instances[4];
    wb_catalog catalog;
    wb_catalog_type types[WB_CLOUD_FIXTURE_TYPES];
    const wb_cloud cloud = make_cloud(&two, instances, &catalog, types);
    const wb_money money = {
        .is_set = true,
        .surcharges = surcharges,
        .surcharge_count = 2,
        .control_plane_nusd_per_hour = 100000000,
        .volume_gib = 73.0,
        .volume_nusd_per_gib_month = 80000000,
        .cross_zone_gib_per_pod_hour = 2.0,
        .cross_zone_nusd_per_gib = 20000000,
        .image_gib_per_node = 3.0,
        .image_nusd_per_gib = 45000000,
    };
    const wb_bill_pods pods = {.pod_hours = 3.0, .cross_zone_share = 0.5};
    const wb_bill bill =
        wb_money_bill(&money, &cloud, &pods, 120 * MINUTE, -1, &fixture.base.arena);
    static const wb_bill_expected items[] = {
        {"on-demand", "", 400000000},
        {"surcharge", "agent", 40000000},
        {"control plane", "", 200000000},
        {"root volumes", "", 32000000}, /* 0.4 GiB-months */
        {"traffic between zones", "", 60000000},
        {"image pulls", "", 270000000},
    };
    int64_t sum = 0;
    for (size_t i = 0; i < WB_TEST_COUNT(items); i++) {
        sum += items[i].cost_nusd;
    }
    const int64_t licence_nusd = wb_bill_fixture_cost(&bill, "surcharge", "licence");
    CU_ASSERT_TRUE(licence_nusd > 0);
    wb_bill_fixture_check("on top", &bill, items, WB_TEST_COUNT(items), sum + licence_nusd);
    wb_cloud_fixture_release(&fixture);
}

static const wb_test_case cases[] = {
    {"bills worked out by hand", bills_by_hand},
    {"what comes on top of machines", what_comes_on_top},
};

int main(void)
{
    return wb_test_run("money", cases, WB_TEST_COUNT(cases));
}
