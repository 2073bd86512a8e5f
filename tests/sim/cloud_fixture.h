/*
 * A small cloud for tests: the cluster of cluster_fixture, four instance types in three zones,
 * and a client that notes what it is told.
 *
 *   type      on-demand USD/h         spot      remarks
 *   cheap     0.10                    0.04
 *   also      0.10                    -         same price as cheap: the name decides
 *   dear      0.25                    0.20
 *   scarce    0.05                    -         zone a: listed, but no capacity; zone c: not listed
 */
#ifndef WB_TESTS_SIM_CLOUD_FIXTURE_H
#define WB_TESTS_SIM_CLOUD_FIXTURE_H

#include "sim/cloud/cloud.h"
#include "tests/sim/cluster_fixture.h"

enum {
    WB_CLOUD_FIXTURE_CHEAP,
    WB_CLOUD_FIXTURE_ALSO,
    WB_CLOUD_FIXTURE_DEAR,
    WB_CLOUD_FIXTURE_SCARCE,
    WB_CLOUD_FIXTURE_TYPES,
};

typedef struct wb_cloud_fixture {
    wb_cluster_fixture base;
    wb_catalog catalog;
    wb_cloud cloud;
    wb_launch_template launch_template;
    uint32_t zones[3];                                 /* us-east-1a, b, c */
    uint32_t launched, registered, ready, gone, ended; /* calls of the client and the observer */
} wb_cloud_fixture;

/* boot: a preset's name. */
void wb_cloud_fixture_init(wb_cloud_fixture *fixture, const char *boot, uint64_t seed);
/* The same under spot weather; NULL: none. */
void wb_cloud_fixture_init_under(wb_cloud_fixture *fixture, const char *boot, uint64_t seed,
                                 const wb_spot_weather *weather);
/* With boot "instant" in a market, whose arrays must outlive it. */
void wb_cloud_fixture_init_in(wb_cloud_fixture *fixture, uint64_t seed, const wb_market *market,
                              const wb_spot_weather *weather);

/* With boot "instant" under rate limits. */
void wb_cloud_fixture_init_limited(wb_cloud_fixture *fixture, const wb_throttle_limits *limits);

/* The interned zones that every fixture has, for a market that is made before its fixture. */
void wb_cloud_fixture_learn_zones(uint32_t *out_zones);
void wb_cloud_fixture_release(wb_cloud_fixture *fixture);

/* Launches one on-demand machine of that type in the zone; it must be possible. Returns its id. */
uint32_t wb_cloud_fixture_launch(wb_cloud_fixture *fixture, uint32_t type_index,
                                 uint32_t zone_index);

/* The same of any market. */
uint32_t wb_cloud_fixture_launch_of(wb_cloud_fixture *fixture, uint32_t type_index,
                                    uint32_t zone_index, wb_capacity_type capacity_type);

/* A group of cheap machines in all zones. */
uint32_t wb_cloud_fixture_group(wb_cloud_fixture *fixture, int32_t minimum, int32_t desired,
                                int32_t maximum);

/* Living instances of a group in a zone. */
uint32_t wb_cloud_fixture_population(const wb_cloud_fixture *fixture, uint32_t asg_id,
                                     uint32_t zone_index);

#endif
