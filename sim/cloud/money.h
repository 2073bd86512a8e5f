/*
 * Money as companies pay it: what a run's machines cost after discounts and commitments, with what
 * comes on top of them.
 *
 *     list prices ─ less discount ─┬─ covered by reserved instances, savings plans (their rate)
 *                                  └─ the rest
 *     + the commitments, used or not   + surcharges per node   + root volumes
 *     + control plane                  + traffic between zones, image pulls
 *
 * Commitments are taken hour by hour, as AWS bills them: reserved instances first (of one zone,
 * then of one size, then those that count for every size of their family, from the smallest up),
 * then plans for one family, then plans for any. Plans of one kind pay the usage on which they save
 * the greatest share first; where that is equal, types by name, or with rates by family the lowest
 * rate first. What a commitment does not cover in an hour is lost. Everything is settled when the
 * run ends: no decision reads it (what Karpenter is to see of prices is a NodeOverlay's).
 * Source of the order: AWS' documentation of how reserved instances and Savings Plans apply to
 * usage; of prices: the user.
 */
#ifndef WB_SIM_CLOUD_MONEY_H
#define WB_SIM_CLOUD_MONEY_H

#include "sim/cloud/cloud.h"

typedef enum wb_commitment_kind {
    WB_COMMITMENT_RESERVED,      /* count machines of one type, in one zone or any */
    WB_COMMITMENT_INSTANCE_PLAN, /* dollars per hour, for one family ("m5") */
    WB_COMMITMENT_COMPUTE_PLAN,  /* dollars per hour, for any type */
} wb_commitment_kind;

/* A plan's discount on a family or one type of it, where that is another than the plan's. */
typedef struct wb_plan_rate {
    const char *of; /* borrowed: "m5", "m5.metal"; a type goes before its family */
    double discount;
} wb_plan_rate;

typedef struct wb_commitment {
    wb_commitment_kind kind;
    const char *name, *family; /* borrowed; family of INSTANCE_PLAN */
    uint32_t type_index, zone; /* RESERVED; zone 0: any */
    int32_t count;             /* RESERVED */
    bool is_size_flexible;     /* RESERVED of no zone: counts for every size of its family */
    int64_t nusd_per_hour;     /* paid whether used or not; RESERVED: each */
    double discount;           /* plans: off the list price of what they cover, 0 to 1 */
    const wb_plan_rate *rates; /* plans; borrowed */
    uint32_t rate_count;
} wb_commitment;

typedef struct wb_surcharge {
    const char *name; /* borrowed: "monitoring" */
    int64_t nusd_per_hour;
    bool is_per_cpu; /* of the machine; else per node */
} wb_surcharge;

/* What volumes of a class cost. */
typedef struct wb_volume_price {
    const char *name;       /* borrowed: the class's */
    uint32_t storage_class; /* interned */
    int64_t nusd_per_gib_month;
} wb_volume_price;

typedef struct wb_money {
    bool is_set;
    const char *source;                       /* of the prices, with a date; "" */
    double on_demand_discount, spot_discount; /* off list and market prices, 0 to 1 */
    const wb_commitment *commitments;         /* borrowed */
    const wb_surcharge *surcharges;           /* borrowed */
    const wb_volume_price *volume_prices;     /* borrowed: of claims, by storage class */
    uint32_t commitment_count, surcharge_count, volume_price_count;
    int64_t control_plane_nusd_per_hour;
    double volume_gib;                  /* of each root volume */
    int64_t volume_nusd_per_gib_month;  /* of 730 hours */
    double cross_zone_gib_per_pod_hour; /* that a pod exchanges with the others */
    int64_t cross_zone_nusd_per_gib;    /* both directions together */
    double image_gib_per_node;
    int64_t image_nusd_per_gib;
} wb_money;

/* A line of the bill. */
typedef struct wb_bill_item {
    const char *item;   /* literal: "on-demand", "savings plan", "unused commitment" ... */
    const char *detail; /* borrowed or in the arena: the plan's name, "" */
    double quantity;    /* in unit: instance-hours, GiB, hours */
    const char *unit;   /* literal */
    int64_t cost_nusd;
} wb_bill_item;

typedef struct wb_bill {
    const wb_bill_item *items;
    uint32_t item_count;
    int64_t total_nusd;     /* the sum of items */
    int64_t committed_nusd; /* of which commitments, used and unused */
    int64_t unused_nusd;    /* of which no machine used */
} wb_bill;

/* What of a run's pods the bill needs. */
typedef struct wb_bill_pods {
    double pod_hours;
    double cross_zone_share; /* chance that two pods taken by their time are in two zones, 0 to 1 */
} wb_bill_pods;

/* The bill of a run whose machines' billing is closed, from 0 to end_ms. epoch_ms (-1: none) says
 * where hours begin. Everything lives in arena. */
wb_bill wb_money_bill(const wb_money *money, const wb_cloud *cloud, const wb_bill_pods *pods,
                      int64_t end_ms, int64_t epoch_ms, wb_arena *arena);

#endif
