#include "tests/sim/cloud_fixture.h"

#include <assert.h>

static const struct {
    const char *name;
    double on_demand, spot; /* spot 0: not offered */
} type_rows[WB_CLOUD_FIXTURE_TYPES] = {
    {"cheap", 0.10, 0.04},
    {"also", 0.10, 0.0},
    {"dear", 0.25, 0.20},
    {"scarce", 0.05, 0.0},
};

static void see_launched(void *context, uint32_t instance_id)
{
    wb_cloud_fixture *fixture = context;
    assert(fixture->cloud.instances[instance_id].launched_ms == fixture->base.kernel.now_ms);
    fixture->launched++;
}

static void see_registered(void *context, uint32_t instance_id, uint32_t node_id)
{
    wb_cloud_fixture *fixture = context;
    assert(fixture->cloud.instances[instance_id].node_id == node_id);
    fixture->registered++;
}

static void see_ready(void *context, uint32_t instance_id, uint32_t node_id)
{
    wb_cloud_fixture *fixture = context;
    assert(fixture->base.cluster.nodes[node_id].instance_id == instance_id);
    fixture->ready++;
}

static void see_gone(void *context, uint32_t instance_id, wb_cause cause)
{
    wb_cloud_fixture *fixture = context;
    assert(fixture->cloud.instances[instance_id].cause == cause);
    fixture->gone++;
}

static void see_ended(void *context, uint32_t instance_id, wb_cause cause)
{
    wb_cloud_fixture *fixture = context;
    assert(fixture->cloud.instances[instance_id].cause == cause);
    fixture->ended++;
}

static void make_type(wb_cloud_fixture *fixture, uint32_t type_index, wb_catalog_type *out)
{
    wb_arena *arena = &fixture->base.arena;
    wb_offering *offerings = WB_ARENA_ARRAY(arena, wb_offering, 6);
    uint32_t count = 0;
    for (uint32_t zone = 0; zone < 3; zone++) {
        const bool is_scarce = type_index == WB_CLOUD_FIXTURE_SCARCE;
        if (is_scarce && zone == 2) {
            continue;
        }
        offerings[count++] = (wb_offering){
            .zone = fixture->zones[zone],
            .capacity_type = WB_CAPACITY_ON_DEMAND,
            .price_usd_per_hour = type_rows[type_index].on_demand,
            .is_available = !is_scarce || zone != 0,
        };
        if (type_rows[type_index].spot > 0.0) {
            offerings[count++] = (wb_offering){
                .zone = fixture->zones[zone],
                .capacity_type = WB_CAPACITY_SPOT,
                .price_usd_per_hour = type_rows[type_index].spot,
                .is_available = true,
            };
        }
    }
    wb_resource_list capacity = {NULL, 0};
    capacity = wb_resource_list_with(arena, capacity, WB_NAME_CPU, 4000);
    capacity = wb_resource_list_with(arena, capacity, WB_NAME_MEMORY, INT64_C(16) << 30);
    capacity = wb_resource_list_with(arena, capacity, WB_NAME_PODS, 58);
    const wb_resource_list none = {NULL, 0};
    const wb_labels no_labels = {NULL, 0};
    *out = (wb_catalog_type){
        .name = wb_intern_add(&fixture->base.intern, type_rows[type_index].name),
        .labels = wb_labels_with(arena, no_labels, WB_NAME_ARCH,
                                 wb_intern_add(&fixture->base.intern, "amd64")),
        .capacity = capacity,
        .overhead = wb_resource_list_with(arena, none, WB_NAME_CPU, 80),
        .offerings = offerings,
        .offering_count = count,
        .interruption_band = -1,
    };
}

static void init(wb_cloud_fixture *fixture, const char *boot, uint64_t seed,
                 const wb_cloud_options *given)
{
    static const char *const zone_names[] = {"us-east-1a", "us-east-1b", "us-east-1c"};
    *fixture = (wb_cloud_fixture){.launch_template = {.name_prefix = "n"}};
    wb_cluster_fixture_init(&fixture->base, NULL);
    for (uint32_t i = 0; i < 3; i++) {
        fixture->zones[i] = wb_intern_add(&fixture->base.intern, zone_names[i]);
    }
    fixture->catalog = (wb_catalog){
        .region = wb_intern_add(&fixture->base.intern, "us-east-1"),
        .zones = fixture->zones,
        .zone_count = 3,
        .types = WB_ARENA_ARRAY(&fixture->base.arena, wb_catalog_type, WB_CLOUD_FIXTURE_TYPES),
        .type_count = WB_CLOUD_FIXTURE_TYPES,
        .currency = "USD",
    };
    for (uint32_t i = 0; i < WB_CLOUD_FIXTURE_TYPES; i++) {
        make_type(fixture, i, &fixture->catalog.types[i]);
    }
    wb_cloud_options options = *given;
    options.seed = seed;
    options.catalog = &fixture->catalog;
    const wb_status status = wb_boot_model_preset(boot, &options.boot, NULL);
    assert(status == WB_OK);
    (void)status;
    wb_cloud_init(&fixture->cloud, &fixture->base.cluster, &options);
    const wb_cloud_client client = {
        .context = fixture,
        .instance_launched = see_launched,
        .instance_registered = see_registered,
        .instance_ready = see_ready,
        .instance_gone = see_gone,
    };
    wb_cloud_set_client(&fixture->cloud, &client);
    const wb_observer observer = {.context = fixture, .instance_ended = see_ended};
    wb_observers_add(&fixture->base.observers, &observer);
}

void wb_cloud_fixture_init(wb_cloud_fixture *fixture, const char *boot, uint64_t seed)
{
    wb_cloud_fixture_init_under(fixture, boot, seed, NULL);
}

void wb_cloud_fixture_init_under(wb_cloud_fixture *fixture, const char *boot, uint64_t seed,
                                 const wb_spot_weather *weather)
{
    wb_cloud_options options = {0};
    if (weather != NULL) {
        options.weather = *weather;
    }
    init(fixture, boot, seed, &options);
}

void wb_cloud_fixture_init_in(wb_cloud_fixture *fixture, uint64_t seed, const wb_market *market,
                              const wb_spot_weather *weather)
{
    wb_cloud_options options = {.market = market};
    if (weather != NULL) {
        options.weather = *weather;
    }
    init(fixture, "instant", seed, &options);
}

void wb_cloud_fixture_init_limited(wb_cloud_fixture *fixture, const wb_throttle_limits *limits)
{
    init(fixture, "instant", 1, &(wb_cloud_options){.limits = *limits});
}

void wb_cloud_fixture_learn_zones(uint32_t *out_zones)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "instant", 1);
    for (uint32_t i = 0; i < 3; i++) {
        out_zones[i] = fixture.zones[i];
    }
    wb_cloud_fixture_release(&fixture);
}

void wb_cloud_fixture_release(wb_cloud_fixture *fixture)
{
    wb_cloud_release(&fixture->cloud);
    wb_cluster_fixture_release(&fixture->base);
}

uint32_t wb_cloud_fixture_launch_of(wb_cloud_fixture *fixture, uint32_t type_index,
                                    uint32_t zone_index, wb_capacity_type capacity_type)
{
    const wb_fleet_override override = {.type_index = type_index,
                                        .zone = fixture->zones[zone_index]};
    const wb_fleet_request request = {
        .overrides = &override,
        .override_count = 1,
        .capacity_type = capacity_type,
        .launch_template = &fixture->launch_template,
        .claim_id = WB_NO_ID,
    };
    wb_fleet_result result;
    wb_cloud_create_fleet(&fixture->cloud, &request, &result);
    assert(result.instance_id != WB_NO_ID);
    return result.instance_id;
}

uint32_t wb_cloud_fixture_launch(wb_cloud_fixture *fixture, uint32_t type_index,
                                 uint32_t zone_index)
{
    return wb_cloud_fixture_launch_of(fixture, type_index, zone_index, WB_CAPACITY_ON_DEMAND);
}

uint32_t wb_cloud_fixture_group(wb_cloud_fixture *fixture, int32_t minimum, int32_t desired,
                                int32_t maximum)
{
    static const uint32_t cheap[] = {WB_CLOUD_FIXTURE_CHEAP};
    const wb_asg asg = {
        .name = "group",
        .type_indexes = cheap,
        .type_count = 1,
        .zones = fixture->zones,
        .zone_count = 3,
        .capacity_type = WB_CAPACITY_ON_DEMAND,
        .min_count = minimum,
        .max_count = maximum,
        .desired_count = desired,
        .launch_template = &fixture->launch_template,
    };
    return wb_cloud_add_asg(&fixture->cloud, &asg);
}

uint32_t wb_cloud_fixture_population(const wb_cloud_fixture *fixture, uint32_t asg_id,
                                     uint32_t zone_index)
{
    uint32_t population = 0;
    for (uint32_t i = 0; i < fixture->cloud.instance_count; i++) {
        const wb_instance *instance = &fixture->cloud.instances[i];
        population += instance->asg_id == asg_id && instance->ended_ms < 0 &&
                              instance->zone == fixture->zones[zone_index]
                          ? 1
                          : 0;
    }
    return population;
}
