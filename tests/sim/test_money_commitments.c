/*
 * Reservations that count for every size of a family, and plans whose discounts differ by family:
 * bills worked out by hand, and what must hold of any.
 *
 *   type         USD/h   units          list prices go by units: m5 0.025, c5 0.02
 *   m5.large      0.10       4
 *   m5.xlarge     0.20       8
 *   m5.2xlarge    0.40      16
 *   m5.metal      4.80     192
 *   c5.large      0.08       4
 *   c5.9xlarge    1.44      72
 */
#include <string.h>

#include "base/duration.h"
#include "base/random.h"
#include "sim/cloud/money.h"
#include "tests/harness.h"
#include "tests/sim/bill_fixture.h"
#include "tests/sim/cloud_fixture.h"

enum {
    LARGE,
    XLARGE,
    TWO,
    METAL,
    C_LARGE,
    C_NINE,
    TYPES
};

#define MACHINES_MAX    12
#define COMMITMENTS_MAX 4
#define ITEMS_MAX       6
#define MINUTE          WB_MS_PER_MINUTE
#define SEEDS           300

typedef struct type_row {
    const char *name;
    int64_t nusd_per_hour, vcpu_count;
    double units;
} type_row;

static const type_row types[TYPES] = {
    [LARGE] = {"m5.large", 100000000, 2, 4.0},  [XLARGE] = {"m5.xlarge", 200000000, 4, 8.0},
    [TWO] = {"m5.2xlarge", 400000000, 8, 16.0}, [METAL] = {"m5.metal", 4800000000, 96, 192.0},
    [C_LARGE] = {"c5.large", 80000000, 2, 4.0}, [C_NINE] = {"c5.9xlarge", 1440000000, 36, 72.0},
};

typedef struct machine {
    uint32_t type_index, zone; /* zone: 0 is us-east-1a */
    int32_t from, to;          /* minutes, in the property test seconds */
} machine;

typedef struct bill_case {
    const char *name;
    machine machines[MACHINES_MAX];
    wb_commitment commitments[COMMITMENTS_MAX]; /* zone: 1 is us-east-1a */
    int32_t end, epoch;                         /* minutes */
    wb_bill_expected items[ITEMS_MAX];
    int64_t total_nusd;
} bill_case;

/* All that the bill is made from. */
typedef struct world {
    wb_cloud_fixture fixture;
    wb_catalog catalog;
    wb_catalog_type types[TYPES];
    wb_instance instances[MACHINES_MAX];
    wb_commitment commitments[COMMITMENTS_MAX];
    wb_cloud cloud;
    wb_money money;
} world;

#define RESERVED(type, number, usd, flexible)                                                  \
    {                                                                                          \
        .kind = WB_COMMITMENT_RESERVED, .name = "ri", .type_index = (type), .count = (number), \
        .nusd_per_hour = (usd), .is_size_flexible = (flexible)                                 \
    }
#define ZONAL(type, in_zone, usd)                                                                 \
    {                                                                                             \
        .kind = WB_COMMITMENT_RESERVED, .name = "zonal", .type_index = (type), .zone = (in_zone), \
        .count = 1, .nusd_per_hour = (usd)                                                        \
    }
#define PLAN(title, usd, off, list)                                                  \
    {                                                                                \
        .kind = WB_COMMITMENT_COMPUTE_PLAN, .name = (title), .nusd_per_hour = (usd), \
        .discount = (off), .rates = (list), .rate_count = WB_TEST_COUNT(list)        \
    }
#define FAMILY_PLAN(usd, off, list, number)                                                \
    {                                                                                      \
        .kind = WB_COMMITMENT_INSTANCE_PLAN, .name = "m5 plan", .family = "m5",            \
        .nusd_per_hour = (usd), .discount = (off), .rates = (list), .rate_count = (number) \
    }

static const wb_plan_rate half_on_large[] = {{"m5.large", 0.5}};
static const wb_plan_rate half_on_m5[] = {{"m5", 0.5}};
static const wb_plan_rate type_before_family[] = {{"m5.xlarge", 0.6}, {"m5", 0.3}};
static const wb_plan_rate by_size[] = {{"m5.large", 0.4}, {"m5.2xlarge", 0.1}};
static const wb_plan_rate more_on_m5[] = {{"m5", 0.4}};
static const wb_plan_rate as_the_rest[] = {{"c5", 0.3}};
static const wb_plan_rate half_on_metal[] = {{"m5.metal", 0.5}};

static const bill_case bills[] = {
    /* AWS' second example: 16 units go to two large (8) and one xlarge (8). */
    {"from the smallest size up, in any zone",
     {{XLARGE, 0, 0, 60}, {XLARGE, 0, 0, 60}, {LARGE, 1, 0, 60}, {LARGE, 1, 0, 60}},
     {RESERVED(TWO, 1, 240000000, true)},
     60,
     0,
     {{"on-demand", "", 200000000},
      {"reserved instances", "ri", 240000000},
      {"unused commitment", "ri", 0}},
     440000000},
    /* Both large; then half an hour of the 2xlarge at 0.36/h by the plan, no large at 0.05. */
    {"the smallest first, and a plan has the rest",
     {{TWO, 0, 0, 60}, {LARGE, 0, 0, 60}, {LARGE, 1, 0, 60}},
     {RESERVED(XLARGE, 1, 120000000, true), PLAN("plan", 180000000, 0.1, half_on_large)},
     60,
     0,
     {{"on-demand", "", 200000000},
      {"reserved instances", "ri", 120000000},
      {"savings plan", "plan", 180000000},
      {"unused commitment", "plan", 0}},
     500000000},
    /* Were the flexible one first, it would take the xlarge, and the other nothing. */
    {"a reservation without a choice first",
     {{XLARGE, 0, 0, 60}, {TWO, 0, 0, 60}},
     {RESERVED(XLARGE, 1, 120000000, true),
      {.kind = WB_COMMITMENT_RESERVED,
       .name = "z",
       .type_index = XLARGE,
       .count = 1,
       .nusd_per_hour = 150000000}},
     60,
     0,
     {{"on-demand", "", 200000000},
      {"reserved instances", "z", 150000000},
      {"unused commitment", "z", 0},
      {"reserved instances", "ri", 120000000},
      {"unused commitment", "ri", 0}},
     470000000},
    {"half of a bigger machine",
     {{XLARGE, 0, 0, 60}},
     {RESERVED(LARGE, 1, 60000000, true)},
     60,
     0,
     {{"on-demand", "", 100000000},
      {"reserved instances", "ri", 60000000},
      {"unused commitment", "ri", 0}},
     160000000},
    {"several make a bigger machine",
     {{XLARGE, 0, 0, 60}, {XLARGE, 1, 0, 60}},
     {RESERVED(LARGE, 4, 60000000, true)},
     60,
     0,
     {{"on-demand", "", 0},
      {"reserved instances", "ri", 240000000},
      {"unused commitment", "ri", 0}},
     240000000},
    /* 24 units reserved at 0.36, 4 used. */
    {"more reserved than runs",
     {{LARGE, 0, 0, 60}},
     {RESERVED(XLARGE, 3, 120000000, true)},
     60,
     0,
     {{"on-demand", "", 0},
      {"reserved instances", "ri", 60000000},
      {"unused commitment", "ri", 300000000}},
     360000000},
    {"another family is not covered",
     {{LARGE, 0, 0, 60}, {C_LARGE, 0, 0, 60}},
     {RESERVED(XLARGE, 1, 120000000, true)},
     60,
     0,
     {{"on-demand", "", 80000000},
      {"reserved instances", "ri", 60000000},
      {"unused commitment", "ri", 60000000}},
     200000000},
    /* Were the regional one first, it would take the large, and the zonal one nothing. */
    {"a zone's reservation first",
     {{LARGE, 1, 0, 60}, {XLARGE, 0, 0, 60}},
     {RESERVED(LARGE, 1, 60000000, true), ZONAL(LARGE, 2, 70000000)},
     60,
     0,
     {{"on-demand", "", 100000000},
      {"reserved instances", "zonal", 70000000},
      {"unused commitment", "zonal", 0},
      {"reserved instances", "ri", 60000000},
      {"unused commitment", "ri", 0}},
     230000000},
    {"a zone's reservation is for one size",
     {{LARGE, 0, 0, 60}, {LARGE, 0, 0, 60}},
     {ZONAL(XLARGE, 1, 120000000)},
     60,
     0,
     {{"on-demand", "", 200000000},
      {"reserved instances", "zonal", 0},
      {"unused commitment", "zonal", 120000000}},
     320000000},
    {"a regional one without flexibility too",
     {{LARGE, 0, 0, 60}, {XLARGE, 1, 0, 30}},
     {RESERVED(XLARGE, 1, 120000000, false)},
     60,
     0,
     {{"on-demand", "", 100000000},
      {"reserved instances", "ri", 60000000},
      {"unused commitment", "ri", 60000000}},
     220000000},
    /* 48 units of 192. */
    {"a quarter of bare metal",
     {{METAL, 0, 0, 60}},
     {RESERVED(LARGE, 12, 60000000, true)},
     60,
     0,
     {{"on-demand", "", 3600000000},
      {"reserved instances", "ri", 720000000},
      {"unused commitment", "ri", 0}},
     4320000000},
    {"bare metal's reservation on virtual machines",
     {{TWO, 0, 0, 60}, {XLARGE, 2, 0, 60}},
     {RESERVED(METAL, 1, 2400000000, true)},
     60,
     0,
     {{"on-demand", "", 0},
      {"reserved instances", "ri", 300000000}, /* 24 units of 192 */
      {"unused commitment", "ri", 2100000000}},
     2400000000},
    /* 59 minutes: 1.44 x 59/60 x 17/18 and 0.05 x 59/60; the eighteenth is 196,666.7 ms. */
    {"no whole millisecond",
     {{C_NINE, 0, 0, 59}},
     {RESERVED(C_LARGE, 1, 50000000, true)},
     59,
     0,
     {{"on-demand", "", 1337333333},
      {"reserved instances", "ri", 49166667},
      {"unused commitment", "ri", 0}},
     1386500000},
    /* Two quarters of an hour of the calendar each: 7.5 of 15 minutes in either. */
    {"hours of the calendar",
     {{TWO, 0, 0, 30}},
     {RESERVED(XLARGE, 1, 120000000, true)},
     30,
     45,
     {{"on-demand", "", 100000000},
      {"reserved instances", "ri", 60000000},
      {"unused commitment", "ri", 0}},
     160000000},
    /* What the reservation leaves of the xlarge is 0.10 at list, 0.08 by the plan. */
    {"reservations before plans",
     {{XLARGE, 0, 0, 60}},
     {{.kind = WB_COMMITMENT_COMPUTE_PLAN,
       .name = "plan",
       .nusd_per_hour = 100000000,
       .discount = 0.2},
      RESERVED(LARGE, 1, 60000000, true)},
     60,
     0,
     {{"on-demand", "", 0},
      {"reserved instances", "ri", 60000000},
      {"unused commitment", "ri", 0},
      {"savings plan", "plan", 80000000},
      {"unused commitment", "plan", 20000000}},
     160000000},
    /* m5 at 0.05 first, then 0.05 of c5 at 0.064/h; by name c5 would have been first. */
    {"the highest discount first",
     {{LARGE, 0, 0, 60}, {C_LARGE, 0, 0, 60}},
     {PLAN("plan", 100000000, 0.2, half_on_m5)},
     60,
     0,
     {{"on-demand", "", 17500000},
      {"savings plan", "plan", 100000000},
      {"unused commitment", "plan", 0}},
     117500000},
    /* 0.07 + 0.08 + 0.072 of 1.00 */
    {"a type before its family, else the plan's discount",
     {{LARGE, 0, 0, 60}, {XLARGE, 0, 0, 60}, {C_LARGE, 0, 0, 60}},
     {PLAN("plan", 1000000000, 0.1, type_before_family)},
     60,
     0,
     {{"on-demand", "", 0},
      {"savings plan", "plan", 222000000},
      {"unused commitment", "plan", 778000000}},
     1000000000},
    /* The family's plan takes the large, at 0.05 the lower rate; the other ten minutes of the
     * 2xlarge at 0.36/h. By name the 2xlarge would have been first. */
    {"of equal discounts the lowest rate first",
     {{LARGE, 0, 0, 60}, {TWO, 0, 0, 60}},
     {PLAN("plan", 60000000, 0.1, by_size), FAMILY_PLAN(50000000, 0.5, NULL, 0)},
     60,
     0,
     {{"on-demand", "", 333333333},
      {"savings plan", "m5 plan", 50000000},
      {"savings plan", "plan", 60000000},
      {"unused commitment", "plan", 0}},
     443333333},
    /* a: half an hour of m5 at 0.06. b: c5 at 0.056, the other half hour at 0.035. */
    {"two plans, each where it saves most",
     {{LARGE, 0, 0, 60}, {C_LARGE, 0, 0, 60}},
     {PLAN("a", 30000000, 0.1, more_on_m5), PLAN("b", 100000000, 0.1 + 0.2, as_the_rest)},
     60,
     0,
     {{"on-demand", "", 0},
      {"savings plan", "a", 30000000},
      {"unused commitment", "a", 0},
      {"savings plan", "b", 91000000},
      {"unused commitment", "b", 9000000}},
     130000000},
    {"a family's plan with rates by type",
     {{LARGE, 0, 0, 60}, {METAL, 0, 0, 60}},
     {FAMILY_PLAN(1200000000, 0.2, half_on_metal, 1)},
     60,
     0,
     {{"on-demand", "", 2500000000},
      {"savings plan", "m5 plan", 1200000000},
      {"unused commitment", "m5 plan", 0}},
     3700000000},
    {"a plan of two hours that one uses",
     {{LARGE, 0, 60, 120}},
     {PLAN("plan", 100000000, 0.2, half_on_m5)},
     120,
     0,
     {{"on-demand", "", 0},
      {"savings plan", "plan", 50000000},
      {"unused commitment", "plan", 150000000}},
     200000000},
};

static void make_types(world *of)
{
    wb_arena *arena = &of->fixture.base.arena;
    of->catalog = of->fixture.catalog;
    of->catalog.types = of->types;
    of->catalog.type_count = TYPES;
    const wb_resource_list none = {NULL, 0};
    for (uint32_t i = 0; i < TYPES; i++) {
        of->types[i] = (wb_catalog_type){
            .name = wb_intern_add(&of->fixture.base.intern, types[i].name),
            .capacity = wb_resource_list_with(arena, none, WB_NAME_CPU, types[i].vcpu_count * 1000),
        };
    }
}

/* Machines' times and the end in units of unit_ms. */
static void make_world(world *of, const bill_case *from, int64_t unit_ms)
{
    *of = (world){0};
    wb_cloud_fixture_init(&of->fixture, "instant", 1);
    make_types(of);
    of->cloud = of->fixture.cloud;
    of->cloud.catalog = &of->catalog;
    of->cloud.instances = of->instances;
    of->cloud.instance_count = 0;
    for (uint32_t i = 0; i < MACHINES_MAX && from->machines[i].to > from->machines[i].from; i++) {
        const machine *one = &from->machines[i];
        const int64_t price = types[one->type_index].nusd_per_hour;
        of->instances[of->cloud.instance_count++] = (wb_instance){
            .capacity_type = WB_CAPACITY_ON_DEMAND,
            .type_index = one->type_index,
            .zone = of->fixture.zones[one->zone],
            .price_nusd_per_hour = price,
            .running_ms = one->from * unit_ms,
            .ended_ms = one->to * unit_ms,
            .cost_nusd = wb_cloud_bill_nusd(price, (one->to - one->from) * unit_ms),
        };
    }
    of->money = (wb_money){.is_set = true, .commitments = of->commitments};
    while (of->money.commitment_count < COMMITMENTS_MAX &&
           from->commitments[of->money.commitment_count].name != NULL) {
        wb_commitment *one = &of->commitments[of->money.commitment_count];
        *one = from->commitments[of->money.commitment_count++];
        one->zone = one->zone != 0 ? of->fixture.zones[one->zone - 1] : 0;
    }
}

static wb_bill bill_of(world *of, const bill_case *from, int64_t unit_ms)
{
    static const wb_bill_pods no_pods = {0};
    make_world(of, from, unit_ms);
    return wb_money_bill(&of->money, &of->cloud, &no_pods, from->end * MINUTE, from->epoch * MINUTE,
                         &of->fixture.base.arena);
}

static void bills_by_hand(void)
{
    static world now;
    for (size_t i = 0; i < WB_TEST_COUNT(bills); i++) {
        const wb_bill bill = bill_of(&now, &bills[i], MINUTE);
        wb_bill_fixture_check(bills[i].name, &bill, bills[i].items, ITEMS_MAX, bills[i].total_nusd);
        wb_cloud_fixture_release(&now.fixture);
    }
}

/* ---- what holds of any bill ---- */

static const char *const commitment_names[COMMITMENTS_MAX] = {"a", "b", "c", "d"};
static uint64_t seed, draws;

static uint32_t drawn(uint32_t bound)
{
    return (uint32_t)wb_random_below((wb_random_key){seed, WB_RANDOM_TEST, 0}, draws++, bound);
}

/* A commitment that asks for list prices less that discount, whatever it covers. */
static wb_commitment draw_commitment(const char *name, double discount, const wb_plan_rate *rates)
{
    const uint32_t kind = drawn(4);
    wb_commitment made = {.name = name, .family = ""};
    if (kind < 2) {
        made.type_index = drawn(TYPES);
        made.zone = kind == 0 ? 1 + drawn(3) : 0;
        made.is_size_flexible = kind == 1 && drawn(4) > 0;
        made.count = 1 + (int32_t)drawn(20);
        made.nusd_per_hour =
            (int64_t)((double)types[made.type_index].nusd_per_hour * (1.0 - discount));
        return made;
    }
    made.kind = kind == 2 ? WB_COMMITMENT_INSTANCE_PLAN : WB_COMMITMENT_COMPUTE_PLAN;
    made.family = drawn(2) == 0 ? "m5" : "c5";
    made.nusd_per_hour = 10000000 * (int64_t)(1 + drawn(500));
    made.discount = discount;
    made.rates = rates; /* the same discount once more: with rates nothing is rounded to ms */
    made.rate_count = 1;
    return made;
}

static bill_case draw_case(double discount, const wb_plan_rate *rates)
{
    bill_case made = {.end = 300, .epoch = (int32_t)drawn(60)};
    const uint32_t machine_count = 1 + drawn(MACHINES_MAX);
    for (uint32_t i = 0; i < machine_count; i++) {
        const int32_t from = (int32_t)drawn(3 * 3600);
        made.machines[i] =
            (machine){drawn(TYPES), drawn(3), from, from + 60 + (int32_t)drawn(7000)};
    }
    const uint32_t count = 1 + drawn(COMMITMENTS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        made.commitments[i] = draw_commitment(commitment_names[i], discount, rates);
    }
    return made;
}

static double list_cost(const bill_case *of)
{
    double nusd = 0.0;
    for (uint32_t i = 0; i < MACHINES_MAX; i++) {
        const machine *one = &of->machines[i];
        nusd += (double)types[one->type_index].nusd_per_hour * (one->to - one->from) / 3600.0;
    }
    return nusd;
}

/* Of every commitment used and unused parts make what is paid; returns what is used. */
static double check_commitments(const bill_case *of, const wb_bill *bill)
{
    double used = 0.0;
    for (uint32_t i = 0; i < COMMITMENTS_MAX && of->commitments[i].name != NULL; i++) {
        const wb_commitment *one = &of->commitments[i];
        const bool is_plan = one->kind != WB_COMMITMENT_RESERVED;
        const int64_t part =
            wb_bill_fixture_cost(bill, is_plan ? "savings plan" : "reserved instances", one->name);
        const int64_t unused = wb_bill_fixture_cost(bill, "unused commitment", one->name);
        CU_ASSERT_TRUE(part >= 0 && unused >= 0);
        CU_ASSERT_EQUAL(part + unused, one->nusd_per_hour * (is_plan ? 1 : one->count) * 5);
        used += (double)part;
    }
    return used;
}

/* Prices go by units and every commitment asks for the same share of them: so what is used, at list
 * prices, and what is billed on demand are together what the machines cost at list prices. */
static void covered_and_billed_are_the_usage(void)
{
    static const double discounts[] = {0.0, 0.25, 0.5};
    static world now;
    for (seed = 1; seed <= SEEDS; seed++) {
        draws = 0;
        const double discount = discounts[drawn(3)];
        const wb_plan_rate rates[] = {{"m5", discount}};
        const bill_case of = draw_case(discount, rates);
        const wb_bill bill = bill_of(&now, &of, WB_MS_PER_SECOND);
        const double used = check_commitments(&of, &bill);
        const double found =
            used / (1.0 - discount) + (double)wb_bill_fixture_cost(&bill, "on-demand", "");
        const double wanted = list_cost(&of);
        /* half a nano-dollar for each commitment, type, zone and hour, at most doubled */
        const double slack = COMMITMENTS_MAX * MACHINES_MAX * 6.0;
        if (found < wanted - slack || found > wanted + slack) {
            printf("\n    seed %llu: %.1f, expected %.1f", (unsigned long long)seed, found, wanted);
        }
        CU_ASSERT_TRUE(found >= wanted - slack && found <= wanted + slack);
        wb_cloud_fixture_release(&now.fixture);
    }
}

/* Units of a family that run in one hour of the run, in machine-hours of one unit. */
static double units_in_hour(const bill_case *of, const char *family, int32_t hour)
{
    double units = 0.0;
    for (uint32_t i = 0; i < MACHINES_MAX; i++) {
        const machine *one = &of->machines[i];
        const int32_t begin = hour * 3600;
        const int32_t from = one->from > begin ? one->from : begin;
        const int32_t to = one->to < begin + 3600 ? one->to : begin + 3600;
        if (to > from && strncmp(types[one->type_index].name, family, 2) == 0) {
            units += types[one->type_index].units * (to - from) / 3600.0;
        }
    }
    return units;
}

/* One reservation alone is used as far as units of its family run, hour by hour. */
static void a_reservation_goes_by_units(void)
{
    static world now;
    for (seed = 1; seed <= SEEDS; seed++) {
        draws = 0;
        bill_case of = draw_case(0.0, NULL);
        of.epoch = 0;
        const uint32_t type = drawn(TYPES);
        const int32_t count = 1 + (int32_t)drawn(8);
        memset(of.commitments, 0, sizeof of.commitments);
        of.commitments[0] = (wb_commitment)RESERVED(type, count, 70000000, true);
        const wb_bill bill = bill_of(&now, &of, WB_MS_PER_SECOND);
        double wanted = 0.0;
        for (int32_t hour = 0; hour < 5; hour++) {
            const double running = units_in_hour(&of, types[type].name, hour) / types[type].units;
            wanted += 70000000.0 * (running < count ? running : (double)count);
        }
        const double found = (double)wb_bill_fixture_cost(&bill, "reserved instances", "ri");
        const double slack = MACHINES_MAX * 5.0;
        CU_ASSERT_TRUE(found >= wanted - slack && found <= wanted + slack);
        wb_cloud_fixture_release(&now.fixture);
    }
}

static const wb_test_case cases[] = {
    {"bills worked out by hand", bills_by_hand},
    {"what is covered and what is billed are the usage", covered_and_billed_are_the_usage},
    {"a reservation goes by the units of its family", a_reservation_goes_by_units},
};

int main(void)
{
    return wb_test_run("money_commitments", cases, WB_TEST_COUNT(cases));
}
