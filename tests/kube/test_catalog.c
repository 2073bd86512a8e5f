/* The shipped catalog: counts, pinned rows, the rules of sizing, finding, picking. */
#include <string.h>

#include "kube/catalog/catalog.h"
#include "kube/catalog/catalog_facts.h"
#include "kube/catalog/catalog_shipped.h"
#include "kube/catalog/catalog_table.h"
#include "kube/names.h"
#include "tests/harness.h"

#define MIB INT64_C(1048576)
#define GIB INT64_C(1073741824)

typedef struct world {
    wb_arena arena;
    wb_intern intern;
    wb_catalog catalog;
} world;

static void make_world(world *w, const char *region)
{
    wb_arena_init(&w->arena, "test", 0, NULL);
    wb_intern_init(&w->intern, &w->arena);
    wb_names_init(&w->intern);
    wb_error err = {.status = WB_OK};
    const wb_catalog_place place = {.region = region};
    CU_ASSERT_EQUAL_FATAL(wb_catalog_load(&w->arena, &w->intern, &place, &w->catalog, &err), WB_OK);
}

static void release_world(world *w)
{
    wb_intern_release(&w->intern);
    wb_arena_release(&w->arena);
}

static const wb_catalog_type *find_type(const world *w, const char *name)
{
    const uint32_t index = wb_catalog_find(&w->catalog, wb_intern_find(&w->intern, name));
    CU_ASSERT_NOT_EQUAL_FATAL(index, UINT32_MAX);
    return &w->catalog.types[index];
}

static const char *label_of(const world *w, const wb_catalog_type *type, uint32_t key)
{
    return wb_labels_has(type->labels, key)
               ? wb_intern_text(&w->intern, wb_labels_get(type->labels, key))
               : "absent";
}

static const struct {
    const char *region, *currency, *first, *last, *zone_b;
    uint32_t type_count, spot_count;
} region_cases[] = {
    {"us-east-1", "USD", "a1.medium", "z1d.metal", "us-east-1b", 1345, 883},
    {"us-gov-east-1", "USD", "c5.large", "x2iedn.metal", "us-gov-east-1b", 545, 0},
    {"us-gov-west-1", "USD", "c1.medium", "x8i.metal-96xl", "us-gov-west-1b", 750, 0},
    {"cn-north-1", "CNY", "c3.large", "x2iedn.metal", "cn-north-1b", 304, 0},
};

static void each_shipped_region_has_its_types(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(region_cases); i++) {
        world w;
        make_world(&w, region_cases[i].region);
        const wb_catalog *catalog = &w.catalog;
        CU_ASSERT_STRING_EQUAL(wb_intern_text(&w.intern, catalog->region), region_cases[i].region);
        CU_ASSERT_STRING_EQUAL(catalog->currency, region_cases[i].currency);
        CU_ASSERT_EQUAL(catalog->type_count, region_cases[i].type_count);
        CU_ASSERT_EQUAL_FATAL(catalog->zone_count, 3);
        CU_ASSERT_STRING_EQUAL(wb_intern_text(&w.intern, catalog->zones[1]),
                               region_cases[i].zone_b);
        CU_ASSERT_STRING_EQUAL(wb_intern_text(&w.intern, catalog->types[0].name),
                               region_cases[i].first);
        CU_ASSERT_STRING_EQUAL(wb_intern_text(&w.intern,
                                              catalog->types[catalog->type_count - 1].name),
                               region_cases[i].last);
        uint32_t spot_count = 0;
        for (uint32_t t = 0; t < catalog->type_count; t++) {
            spot_count += catalog->types[t].offering_count == 6 ? 1 : 0;
            CU_ASSERT_EQUAL(wb_catalog_find(catalog, catalog->types[t].name), t);
        }
        CU_ASSERT_EQUAL(spot_count, region_cases[i].spot_count);
        release_world(&w);
    }
}

static const struct {
    const char *type;
    int64_t cpu_milli, memory_mib, pods, overhead_cpu_milli, overhead_memory_mib;
    int32_t volume_limit, savings_percent, interruption_band;
    double on_demand, spot;
} size_cases[] = {
    {"a1.medium", 1000, 1835, 8, 60, 443, 27, 0, 4, 0.0255, 0.0255},
    {"m5.large", 2000, 7577, 29, 70, 674, 27, 66, 3, 0.096, 0.03264},
    {"c5.metal", 96000, 181862, 737, 310, 8462, 31, 77, 1, 4.08, 0.9384},
    {"m8a.large", 2000, 7577, 59, 70, 1004, 32, INT32_MIN, -1, 0.12172, -1.0},
};

static void pinned_types_have_their_sizes_and_prices(void)
{
    world w;
    make_world(&w, "us-east-1");
    for (size_t i = 0; i < WB_TEST_COUNT(size_cases); i++) {
        const wb_catalog_type *type = find_type(&w, size_cases[i].type);
        const uint32_t index = (uint32_t)(type - w.catalog.types);
        CU_ASSERT_EQUAL(wb_resource_list_get(type->capacity, WB_NAME_CPU), size_cases[i].cpu_milli);
        CU_ASSERT_EQUAL(wb_resource_list_get(type->capacity, WB_NAME_MEMORY),
                        size_cases[i].memory_mib * MIB);
        CU_ASSERT_EQUAL(wb_resource_list_get(type->capacity, WB_NAME_PODS), size_cases[i].pods);
        CU_ASSERT_EQUAL(wb_resource_list_get(type->capacity, WB_NAME_EPHEMERAL_STORAGE), 20 * GIB);
        CU_ASSERT_EQUAL(wb_resource_list_get(type->overhead, WB_NAME_CPU),
                        size_cases[i].overhead_cpu_milli);
        CU_ASSERT_EQUAL(wb_resource_list_get(type->overhead, WB_NAME_MEMORY),
                        size_cases[i].overhead_memory_mib * MIB);
        CU_ASSERT_EQUAL(wb_resource_list_get(type->overhead, WB_NAME_EPHEMERAL_STORAGE), 3 * GIB);
        CU_ASSERT_EQUAL(type->volume_limit, size_cases[i].volume_limit);
        CU_ASSERT_EQUAL(type->savings_percent, size_cases[i].savings_percent);
        CU_ASSERT_EQUAL(type->interruption_band, size_cases[i].interruption_band);
        double price = -1.0;
        CU_ASSERT_TRUE(
            wb_catalog_price(&w.catalog, index, w.catalog.zones[2], WB_CAPACITY_ON_DEMAND, &price));
        CU_ASSERT_EQUAL(price, size_cases[i].on_demand);
        price = -1.0;
        CU_ASSERT_EQUAL(wb_catalog_price(&w.catalog, index, w.catalog.zones[0], WB_CAPACITY_SPOT,
                                         &price),
                        size_cases[i].spot >= 0.0);
        CU_ASSERT_EQUAL(price, size_cases[i].spot);
    }
    release_world(&w);
}

static const struct {
    const char *name, *type;
    uint32_t key;
    const char *value;
} label_cases[] = {
    {"the hypervisor of metal is the empty string", "c5.metal", WB_NAME_INSTANCE_HYPERVISOR, ""},
    {"a Nitro type says so", "m5.large", WB_NAME_INSTANCE_HYPERVISOR, "nitro"},
    {"flex is a family of its own", "m7i-flex.large", WB_NAME_INSTANCE_FAMILY, "m7i-flex"},
    {"flex is a capability", "m7i-flex.large", WB_NAME_INSTANCE_CAPABILITY_FLEX, "true"},
    {"most are not flex", "m7i.large", WB_NAME_INSTANCE_CAPABILITY_FLEX, "false"},
    {"memory in a family's name", "u7i-12tb.224xlarge", WB_NAME_INSTANCE_CATEGORY, "u"},
    {"generation before the memory", "u7i-12tb.224xlarge", WB_NAME_INSTANCE_GENERATION, "7"},
    {"a fractional GPU counts 0", "g6f.large", WB_NAME_INSTANCE_GPU_COUNT, "0"},
    {"a fractional GPU has a name", "g6f.large", WB_NAME_INSTANCE_GPU_NAME, "l4"},
    {"memory is that of one GPU", "g5.48xlarge", WB_NAME_INSTANCE_GPU_MEMORY, "22888"},
    {"an accelerator has its name", "inf2.24xlarge", WB_NAME_INSTANCE_ACCELERATOR_NAME,
     "inferentia2"},
    {"Graviton is aws", "m7g.large", WB_NAME_INSTANCE_CPU_MANUFACTURER, "aws"},
    {"a clock that is not known is 0", "m1.small", WB_NAME_INSTANCE_CPU_CLOCK, "0"},
    {"no disk, no label", "m5.large", WB_NAME_INSTANCE_LOCAL_NVME, "absent"},
    {"disks in decimal GB", "m5d.24xlarge", WB_NAME_INSTANCE_LOCAL_NVME, "3600"},
    {"every type runs Linux", "m7g.large", WB_NAME_OS, "linux"},
};

static void pinned_types_have_their_labels(void)
{
    world w;
    make_world(&w, "us-east-1");
    for (size_t i = 0; i < WB_TEST_COUNT(label_cases); i++) {
        const char *value = label_of(&w, find_type(&w, label_cases[i].type), label_cases[i].key);
        if (strcmp(value, label_cases[i].value) != 0) {
            CU_FAIL("a label differs");
            printf("%s: '%s' instead of '%s'\n", label_cases[i].name, value, label_cases[i].value);
        }
    }
    release_world(&w);
}

static const struct {
    const char *type;
    uint32_t resource;
    int64_t amount;
} device_cases[] = {
    {"g5.12xlarge", WB_NAME_NVIDIA_GPU, 4},     {"g6f.large", WB_NAME_NVIDIA_GPU, 0},
    {"g4ad.xlarge", WB_NAME_AMD_GPU, 1},        {"inf2.24xlarge", WB_NAME_NEURON, 6},
    {"inf2.24xlarge", WB_NAME_NEURON_CORE, 12}, {"p5.48xlarge", WB_NAME_EFA, 32},
    {"m5.large", WB_NAME_POD_ENI, 9},           {"c3.large", WB_NAME_POD_ENI, 0},
};

static void devices_are_resources(void)
{
    world w;
    make_world(&w, "us-east-1");
    for (size_t i = 0; i < WB_TEST_COUNT(device_cases); i++) {
        const wb_catalog_type *type = find_type(&w, device_cases[i].type);
        CU_ASSERT_EQUAL(wb_resource_list_get(type->capacity, device_cases[i].resource),
                        device_cases[i].amount);
        CU_ASSERT_EQUAL(wb_resource_list_has(type->capacity, device_cases[i].resource),
                        device_cases[i].amount > 0);
    }
    release_world(&w);
}

static const struct {
    int64_t vcpus, reserved_milli;
} reserved_cases[] = {
    {1, 60},   {2, 70},   {3, 75},   {4, 80},   {8, 90},    {16, 110},
    {32, 150}, {48, 190}, {64, 230}, {96, 310}, {128, 390}, {192, 550},
};

static void kube_reserved_cpu_follows_the_steps(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(reserved_cases); i++) {
        CU_ASSERT_EQUAL(wb_catalog_facts_reserved_cpu_milli(reserved_cases[i].vcpus),
                        reserved_cases[i].reserved_milli);
    }
    CU_ASSERT_EQUAL(wb_catalog_facts_capacity_memory_mib(4096, true), 3729);
    CU_ASSERT_EQUAL(wb_catalog_facts_capacity_memory_mib(8192, false), 7577);
    CU_ASSERT_EQUAL(wb_catalog_facts_eni_pods(4, 15), 58);
    CU_ASSERT_EQUAL(wb_catalog_facts_overhead_memory_mib(58), 993);
}

static wb_status load_places(world *w, const char *region, const char *const *zones,
                             uint32_t zone_count, wb_error *err)
{
    const wb_catalog_place place = {.region = region, .zones = zones, .zone_count = zone_count};
    return wb_catalog_load(&w->arena, &w->intern, &place, &w->catalog, err);
}

static void loading_refuses_what_it_does_not_know(void)
{
    world w;
    make_world(&w, "us-east-1");
    const wb_catalog before = w.catalog;
    wb_error err;
    CU_ASSERT_EQUAL(load_places(&w, "eu-west-1", NULL, 0, &err), WB_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(err.text,
                           "no prices for region 'eu-west-1': shipped are us-east-1, "
                           "us-gov-east-1, us-gov-west-1, cn-north-1; 'werkbank catalog import' "
                           "makes a catalog of another region from AWS' own files");
    static const char *const foreign[] = {"us-east-1f", "us-east-2a"};
    CU_ASSERT_EQUAL(load_places(&w, "us-east-1", foreign, 2, &err), WB_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(err.text,
                           "zone 'us-east-2a' is not in region 'us-east-1' ('us-east-1a', ...)");
    static const char *const twice[] = {"us-east-1f", "us-east-1f"};
    CU_ASSERT_EQUAL(load_places(&w, "us-east-1", twice, 2, &err), WB_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(err.text, "zone 'us-east-1f' is named twice");
    CU_ASSERT_EQUAL(w.catalog.types, before.types); /* untouched on failure */
    release_world(&w);
}

static void zones_are_those_asked_for(void)
{
    world w;
    make_world(&w, "us-east-1");
    static const char *const zones[] = {"us-east-1f", "us-east-1a"};
    wb_error err;
    CU_ASSERT_EQUAL_FATAL(load_places(&w, "us-east-1", zones, 2, &err), WB_OK);
    CU_ASSERT_EQUAL(w.catalog.zone_count, 2);
    const wb_catalog_type *type = find_type(&w, "m5.large");
    CU_ASSERT_EQUAL_FATAL(type->offering_count, 4);
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&w.intern, type->offerings[0].zone), "us-east-1f");
    CU_ASSERT_EQUAL(type->offerings[1].capacity_type, WB_CAPACITY_SPOT);
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&w.intern, type->offerings[3].zone), "us-east-1a");
    CU_ASSERT_STRING_EQUAL(w.catalog.price_source,
                           "USD per hour; on-demand: Karpenter AWS provider's price tables of "
                           "2026-07-20; spot: savings of the AWS Spot Instance Advisor of "
                           "2025-06-28");
    release_world(&w);
}

static void globs_select_in_catalog_order(void)
{
    world w;
    make_world(&w, "us-east-1");
    static const char *const globs[] = {"m5.*large", "a1.medium", "nothing.*"};
    const wb_catalog picked = wb_catalog_select(&w.arena, &w.intern, &w.catalog, globs, 3);
    static const char *const expected[] = {"a1.medium",   "m5.large",    "m5.xlarge",
                                           "m5.2xlarge",  "m5.4xlarge",  "m5.8xlarge",
                                           "m5.12xlarge", "m5.16xlarge", "m5.24xlarge"};
    CU_ASSERT_EQUAL_FATAL(picked.type_count, WB_TEST_COUNT(expected));
    for (uint32_t i = 0; i < picked.type_count; i++) {
        CU_ASSERT_STRING_EQUAL(wb_intern_text(&w.intern, picked.types[i].name), expected[i]);
        CU_ASSERT_EQUAL(wb_catalog_find(&picked, picked.types[i].name), i);
    }
    CU_ASSERT_EQUAL(wb_catalog_find(&picked, wb_intern_find(&w.intern, "c5.large")), UINT32_MAX);
    CU_ASSERT_EQUAL(wb_catalog_find(&picked, 0), UINT32_MAX);
    const wb_catalog none = wb_catalog_select(&w.arena, &w.intern, &w.catalog, globs, 0);
    CU_ASSERT_EQUAL(none.type_count, 0);
    CU_ASSERT_EQUAL(wb_catalog_find(&none, picked.types[0].name), UINT32_MAX);
    release_world(&w);
}

static void a_catalog_made_by_hand_is_searched_by_walking(void)
{
    wb_catalog_type types[2] = {{.name = 7}, {.name = 3}};
    const wb_catalog catalog = {.types = types, .type_count = 2};
    CU_ASSERT_EQUAL(wb_catalog_find(&catalog, 3), 1);
    CU_ASSERT_EQUAL(wb_catalog_find(&catalog, 4), UINT32_MAX);
}

/* Rows of the side tables that do not follow the order of instance_types.tsv would be passed over
 * in silence; so each row that names a documented type must be found. */
static void side_tables_keep_the_order_of_the_types(void)
{
    static const wb_catalog_table_name sides[] = {WB_CATALOG_TABLE_ON_DEMAND_PRICES,
                                                  WB_CATALOG_TABLE_SPOT_LINUX,
                                                  WB_CATALOG_TABLE_SPOT_WINDOWS,
                                                  WB_CATALOG_TABLE_EBS_LIMITS};
    static const uint32_t undocumented[] = {25, 11, 7, 10};
    for (size_t i = 0; i < WB_TEST_COUNT(sides); i++) {
        wb_catalog_table types;
        wb_catalog_table side;
        wb_catalog_table_open(&types, WB_CATALOG_TABLE_INSTANCE_TYPES);
        wb_catalog_table_open(&side, sides[i]);
        uint32_t type_count = 0;
        while (wb_catalog_table_next(&types)) {
            type_count++;
            (void)wb_catalog_table_seek(&side, types.cells[0]);
        }
        CU_ASSERT_EQUAL(type_count, 1363);
        uint32_t left_count = side.is_row_taken ? 0 : 1;
        while (wb_catalog_table_next(&side)) {
            left_count++;
        }
        CU_ASSERT_EQUAL(left_count, undocumented[i]);
    }
}

static void regions_are_the_columns_of_the_price_table(void)
{
    const char *const *names = NULL;
    const uint32_t count = wb_catalog_regions(&names);
    wb_catalog_table prices;
    wb_catalog_table_open(&prices, WB_CATALOG_TABLE_ON_DEMAND_PRICES);
    CU_ASSERT_EQUAL_FATAL(prices.column_count, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(wb_catalog_table_column(&prices, names[i]), i + 1);
    }
}

static const struct {
    const char *region, *type;
    bool is_windows, is_known;
    int32_t savings_percent, interruption_band;
} advice_cases[] = {
    {"ca-central-1", "p5.48xlarge", false, true, -62, 0},
    {"us-east-1", "m5.large", false, true, 66, 3},
    {"us-east-1", "m5.large", true, true, 46, 4},
    {"us-east-1", "m99.large", false, false, 0, 0},
    {"us-gov-east-1", "m5.large", false, false, 0, 0},
};

static void advice_is_known_for_33_regions_and_two_systems(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(advice_cases); i++) {
        int32_t savings_percent = 0;
        int32_t band = 0;
        CU_ASSERT_EQUAL(wb_catalog_shipped_advice(advice_cases[i].region, advice_cases[i].type,
                                                  advice_cases[i].is_windows, &savings_percent,
                                                  &band),
                        advice_cases[i].is_known);
        CU_ASSERT_EQUAL(savings_percent, advice_cases[i].savings_percent);
        CU_ASSERT_EQUAL(band, advice_cases[i].interruption_band);
    }
    wb_catalog_table table;
    wb_catalog_table_open(&table, WB_CATALOG_TABLE_SPOT_LINUX);
    CU_ASSERT_EQUAL(table.column_count, 34);
    wb_catalog_table_open(&table, WB_CATALOG_TABLE_SPOT_WINDOWS);
    CU_ASSERT_EQUAL(table.column_count, 34);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"each shipped region has its types", each_shipped_region_has_its_types},
        {"pinned types have their sizes and prices", pinned_types_have_their_sizes_and_prices},
        {"pinned types have their labels", pinned_types_have_their_labels},
        {"devices are resources", devices_are_resources},
        {"kube-reserved CPU follows the steps", kube_reserved_cpu_follows_the_steps},
        {"loading refuses what it does not know", loading_refuses_what_it_does_not_know},
        {"zones are those asked for", zones_are_those_asked_for},
        {"globs select in catalog order", globs_select_in_catalog_order},
        {"a catalog made by hand is searched by walking",
         a_catalog_made_by_hand_is_searched_by_walking},
        {"side tables keep the order of the types", side_tables_keep_the_order_of_the_types},
        {"regions are the columns of the price table", regions_are_the_columns_of_the_price_table},
        {"advice is known for 33 regions and two systems",
         advice_is_known_for_33_regions_and_two_systems},
    };
    return wb_test_run("catalog", cases, WB_TEST_COUNT(cases));
}
