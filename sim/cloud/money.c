#include "sim/cloud/money.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/duration.h"
#include "base/hash_map.h"
#include "base/heap_memory.h"
#include "base/sort.h"
#include "kube/names.h"
#include "sim/cloud/reserved_size.h"

#define HOURS_PER_MONTH 730

/* On-demand time of one type in one zone within one hour of the calendar. */
typedef struct usage {
    int64_t hour;
    uint32_t type_index, zone;
    const char *type_name;
    double units; /* of size, as reservations count it */
    int64_t list_nusd_per_hour;
    double ms; /* not covered yet */
} usage;

/* What a commitment may pay; of several the first by compare_matches is paid first. */
typedef struct match {
    uint32_t commitment, usage;
    uint32_t rank;   /* the commitment's, by compare_commitments */
    double discount; /* plans */
    double weight;   /* reservations: units of the size; plans, with rates by family: the rate */
} match;

typedef struct biller {
    const wb_money *money;
    const wb_cloud *cloud;
    int64_t end_ms, offset_ms; /* of time 0 within its hour of the calendar */
    usage *usages;             /* owned */
    uint32_t usage_count, usage_capacity;
    wb_hash_map usage_by_key;
    wb_bill_item *items; /* in the arena */
    uint32_t item_count, item_capacity;
    wb_arena *arena;
    bool has_rates;     /* some plan's discount differs by family */
    int64_t *used_nusd; /* by commitment; in the arena, as the next two */
    double *room;    /* by commitment, of the hour: nano-dollars, of reservations ms of a machine */
    uint32_t *order; /* of the commitments */
    match *matches;  /* owned */
    size_t match_capacity;
} biller;

static int64_t to_nusd(double amount)
{
    assert(amount >= 0.0);
    return (int64_t)(amount + 0.5);
}

static void add_item(biller *of, const wb_bill_item *item)
{
    if (of->item_count == of->item_capacity) {
        const uint32_t capacity = of->item_capacity * 2 + 16;
        of->items =
            wb_arena_grow(of->arena, of->items, of->item_capacity, capacity, sizeof of->items[0]);
        of->item_capacity = capacity;
    }
    of->items[of->item_count++] = *item;
}

static int64_t cpus_of(const biller *of, uint32_t type_index)
{
    const wb_resource_list capacity = of->cloud->catalog->types[type_index].capacity;
    return wb_resource_list_get(capacity, WB_NAME_CPU) / 1000;
}

static const char *name_of(const biller *of, uint32_t type_index)
{
    return wb_intern_text(of->cloud->intern, of->cloud->catalog->types[type_index].name);
}

/* ---- usage by the hour ---- */

static usage *find_usage(biller *of, const wb_instance *instance, int64_t hour)
{
    const uint64_t pool = ((uint64_t)instance->type_index << 32) | instance->zone;
    const uint64_t key = wb_hash_map_join(pool, (uint64_t)hour);
    uint64_t found = 0;
    if (wb_hash_map_get(&of->usage_by_key, key, &found)) {
        return &of->usages[found];
    }
    if (of->usage_count == of->usage_capacity) {
        of->usage_capacity =
            (uint32_t)wb_heap_memory_next_capacity(of->usage_capacity, (size_t)of->usage_count + 1);
        of->usages = wb_heap_memory_resize(of->usages, of->usage_capacity, sizeof of->usages[0]);
    }
    (void)wb_hash_map_put(&of->usage_by_key, key, of->usage_count);
    usage *made = &of->usages[of->usage_count++];
    *made = (usage){
        .hour = hour,
        .type_index = instance->type_index,
        .zone = instance->zone,
        .type_name = name_of(of, instance->type_index),
        .units = wb_reserved_size_units(name_of(of, instance->type_index),
                                        cpus_of(of, instance->type_index)),
        .list_nusd_per_hour = instance->price_nusd_per_hour,
    };
    return made;
}

/* What is billed of an on-demand machine, in whole seconds as EC2 bills, dealt to hours. */
static void add_usage(biller *of, const wb_instance *instance)
{
    const int64_t price = instance->price_nusd_per_hour;
    if (price <= 0 || instance->cost_nusd <= 0) {
        return;
    }
    const int64_t ran_ms = instance->ended_ms - instance->running_ms;
    const int64_t least_ms = WB_MS_PER_MINUTE;
    const int64_t billed_ms =
        ran_ms < least_ms ? least_ms
                          : (ran_ms + WB_MS_PER_SECOND - 1) / WB_MS_PER_SECOND * WB_MS_PER_SECOND;
    int64_t from_ms = instance->running_ms + of->offset_ms;
    const int64_t to_ms = from_ms + billed_ms;
    while (from_ms < to_ms) {
        const int64_t hour = from_ms / WB_MS_PER_HOUR;
        const int64_t next_ms = (hour + 1) * WB_MS_PER_HOUR;
        const int64_t part_ms = (next_ms < to_ms ? next_ms : to_ms) - from_ms;
        find_usage(of, instance, hour)->ms += (double)part_ms;
        from_ms += part_ms;
    }
}

static int compare_usages(const void *a, const void *b, void *context)
{
    const usage *left = a;
    const usage *right = b;
    (void)context;
    if (left->hour != right->hour) {
        return left->hour < right->hour ? -1 : 1;
    }
    const int by_name = strcmp(left->type_name, right->type_name);
    if (by_name != 0) {
        return by_name;
    }
    return (left->zone > right->zone) - (left->zone < right->zone);
}

/* ---- commitments ---- */

/* "m5" of "m5.2xlarge". */
static bool is_family(const char *type_name, const char *family)
{
    const size_t length = strlen(family);
    return strncmp(type_name, family, length) == 0 && type_name[length] == '.';
}

/* A plan's discount on a type: by its name, by its family, else the plan's. */
static double discount_on(const wb_commitment *plan, const char *type_name)
{
    double found = plan->discount;
    for (uint32_t i = 0; i < plan->rate_count; i++) {
        if (strcmp(plan->rates[i].of, type_name) == 0) {
            return plan->rates[i].discount;
        }
        if (is_family(type_name, plan->rates[i].of)) {
            found = plan->rates[i].discount;
        }
    }
    return found;
}

/* How many reserved machines one of that usage takes up; 0: the reservation is not for it. */
static double machines_of(const biller *of, const wb_commitment *reserved, const usage *one)
{
    if (reserved->type_index == one->type_index) {
        return reserved->zone == 0 || reserved->zone == one->zone ? 1.0 : 0.0;
    }
    const char *name = name_of(of, reserved->type_index);
    if (!reserved->is_size_flexible || !wb_reserved_size_is_same_family(name, one->type_name)) {
        return 0.0;
    }
    const double units = wb_reserved_size_units(name, cpus_of(of, reserved->type_index));
    return units > 0.0 ? one->units / units : 0.0;
}

static bool covers(const biller *of, const wb_commitment *by, const usage *one)
{
    switch (by->kind) {
    case WB_COMMITMENT_RESERVED: return machines_of(of, by, one) > 0.0;
    case WB_COMMITMENT_INSTANCE_PLAN: return is_family(one->type_name, by->family);
    case WB_COMMITMENT_COMPUTE_PLAN: return true;
    }
    return false;
}

/* How much of the hour lies within the run, in ms. */
static int64_t hour_ms(const biller *of, int64_t hour)
{
    const int64_t begin_ms = hour * WB_MS_PER_HOUR;
    const int64_t from_ms = begin_ms > of->offset_ms ? begin_ms : of->offset_ms;
    const int64_t to_ms = begin_ms + WB_MS_PER_HOUR;
    const int64_t end_ms = of->end_ms + of->offset_ms;
    return (to_ms < end_ms ? to_ms : end_ms) - from_ms;
}

/* What a millisecond of a usage takes of a commitment's room. */
static double price_per_ms(const biller *of, const wb_commitment *by, const usage *one)
{
    return by->kind == WB_COMMITMENT_RESERVED
               ? machines_of(of, by, one)
               : (double)one->list_nusd_per_hour * (1.0 - discount_on(by, one->type_name)) /
                     (double)WB_MS_PER_HOUR;
}

/* One commitment on one usage; what it covers is taken off both. */
static void cover_usage(biller *of, uint32_t index, usage *one)
{
    const wb_commitment *by = &of->money->commitments[index];
    const double price = price_per_ms(of, by, one);
    const double whole = price * one->ms;
    double *room = &of->room[index];
    const double spent = whole < *room ? whole : *room;
    if (whole <= *room) {
        one->ms = 0.0;
    } else {
        /* Plans of one discount end within a usage on a whole millisecond. */
        const double taken_ms = spent / price;
        const bool is_exact = by->is_size_flexible || by->rate_count > 0;
        const double left_ms = one->ms - (is_exact ? taken_ms : floor(taken_ms + 0.5));
        one->ms = left_ms > 0.0 ? left_ms : 0.0;
    }
    *room -= spent;
    of->used_nusd[index] += to_nusd(by->kind == WB_COMMITMENT_RESERVED
                                        ? (double)by->nusd_per_hour * spent / (double)WB_MS_PER_HOUR
                                        : spent);
}

static int compare_matches(const void *a, const void *b, void *context)
{
    const match *left = a;
    const match *right = b;
    (void)context;
    if (left->discount < right->discount || left->discount > right->discount) {
        return left->discount > right->discount ? -1 : 1;
    }
    if (left->weight < right->weight || left->weight > right->weight) {
        return left->weight < right->weight ? -1 : 1;
    }
    if (left->rank != right->rank) {
        return left->rank < right->rank ? -1 : 1;
    }
    return (left->usage > right->usage) - (left->usage < right->usage);
}

static match match_of(const biller *of, uint32_t rank, const usage *usages, uint32_t usage_index)
{
    const wb_commitment *by = &of->money->commitments[of->order[rank]];
    const usage *one = &usages[usage_index];
    match made = {.commitment = of->order[rank], .usage = usage_index, .rank = rank};
    if (by->kind == WB_COMMITMENT_RESERVED) {
        made.weight = one->units;
    } else {
        made.discount = discount_on(by, one->type_name);
        made.weight = of->has_rates ? (double)one->list_nusd_per_hour * (1.0 - made.discount) : 0.0;
    }
    return made;
}

/* The commitments of these ranks together over the usages of one hour. */
static void cover_round(biller *of, uint32_t from_rank, uint32_t to_rank, usage *usages,
                        uint32_t usage_count)
{
    const size_t most = (size_t)(to_rank - from_rank) * usage_count;
    if (of->match_capacity < most) {
        of->match_capacity = wb_heap_memory_next_capacity(of->match_capacity, most);
        of->matches = wb_heap_memory_resize(of->matches, of->match_capacity, sizeof of->matches[0]);
    }
    size_t count = 0;
    for (uint32_t rank = from_rank; rank < to_rank; rank++) {
        const wb_commitment *by = &of->money->commitments[of->order[rank]];
        for (uint32_t i = 0; i < usage_count; i++) {
            if (usages[i].ms > 0.0 && covers(of, by, &usages[i])) {
                of->matches[count++] = match_of(of, rank, usages, i);
            }
        }
    }
    wb_sort(of->matches, count, sizeof of->matches[0], compare_matches, NULL);
    for (size_t i = 0; i < count; i++) {
        usage *one = &usages[of->matches[i].usage];
        if (one->ms > 0.0) {
            cover_usage(of, of->matches[i].commitment, one);
        }
    }
}

/* Reservations one after the other, plans of a kind together. */
static void cover_hour(biller *of, usage *usages, uint32_t usage_count)
{
    const wb_commitment *all = of->money->commitments;
    const uint32_t count = of->money->commitment_count;
    const double share = (double)hour_ms(of, usages[0].hour) / (double)WB_MS_PER_HOUR;
    for (uint32_t i = 0; i < count; i++) {
        of->room[i] = all[i].kind == WB_COMMITMENT_RESERVED
                          ? (double)all[i].count * share * (double)WB_MS_PER_HOUR
                          : (double)all[i].nusd_per_hour * share;
    }
    for (uint32_t from = 0; from < count;) {
        const wb_commitment_kind kind = all[of->order[from]].kind;
        uint32_t to = from + 1;
        while (kind != WB_COMMITMENT_RESERVED && to < count && all[of->order[to]].kind == kind) {
            to++;
        }
        cover_round(of, from, to, usages, usage_count);
        from = to;
    }
}

/* The order in which AWS applies them. */
static int compare_commitments(const void *a, const void *b, void *context)
{
    const wb_commitment *all = context;
    const wb_commitment *left = &all[*(const uint32_t *)a];
    const wb_commitment *right = &all[*(const uint32_t *)b];
    if (left->kind != right->kind) {
        return left->kind < right->kind ? -1 : 1;
    }
    if (left->kind == WB_COMMITMENT_RESERVED && (left->zone == 0) != (right->zone == 0)) {
        return left->zone != 0 ? -1 : 1; /* of one zone first */
    }
    if (left->is_size_flexible != right->is_size_flexible) {
        return left->is_size_flexible ? 1 : -1; /* those that have no choice first */
    }
    if (left->discount < right->discount || left->discount > right->discount) {
        return left->discount > right->discount ? -1 : 1;
    }
    return strcmp(left->name, right->name);
}

static void cover(biller *of)
{
    const uint32_t count = of->money->commitment_count;
    of->order = WB_ARENA_ARRAY(of->arena, uint32_t, (size_t)count + 1);
    of->room = WB_ARENA_ARRAY(of->arena, double, (size_t)count + 1);
    wb_commitment *all = WB_ARENA_ARRAY(of->arena, wb_commitment, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        of->order[i] = i;
        all[i] = of->money->commitments[i];
        assert(!all[i].is_size_flexible || all[i].zone == 0);
        of->has_rates = of->has_rates || all[i].rate_count > 0;
    }
    wb_sort(of->order, count, sizeof of->order[0], compare_commitments, all);
    for (uint32_t from = 0; from < of->usage_count;) {
        uint32_t to = from;
        while (to < of->usage_count && of->usages[to].hour == of->usages[from].hour) {
            to++;
        }
        cover_hour(of, &of->usages[from], to - from);
        from = to;
    }
    wb_heap_memory_free(of->matches);
}

static void bill_commitments(biller *of, wb_bill *out)
{
    static const char *const kinds[] = {
        [WB_COMMITMENT_RESERVED] = "reserved instances",
        [WB_COMMITMENT_INSTANCE_PLAN] = "savings plan",
        [WB_COMMITMENT_COMPUTE_PLAN] = "savings plan",
    };
    const double hours = (double)of->end_ms / (double)WB_MS_PER_HOUR;
    for (uint32_t i = 0; i < of->money->commitment_count; i++) {
        const wb_commitment *by = &of->money->commitments[i];
        const double each = by->kind == WB_COMMITMENT_RESERVED ? by->count : 1.0;
        const int64_t paid = to_nusd((double)by->nusd_per_hour * each * hours);
        const int64_t used = of->used_nusd[i] < paid ? of->used_nusd[i] : paid;
        add_item(of, &(wb_bill_item){kinds[by->kind], by->name, hours, "hours", used});
        add_item(of, &(wb_bill_item){"unused commitment", by->name, hours, "hours", paid - used});
        out->committed_nusd += paid;
        out->unused_nusd += paid - used;
    }
}

/* ---- the lines ---- */

/* The rest of on-demand time at the discounted list price. */
static void bill_on_demand(biller *of)
{
    double nusd = 0.0;
    double hours = 0.0;
    for (uint32_t i = 0; i < of->usage_count; i++) {
        const double part = of->usages[i].ms / (double)WB_MS_PER_HOUR;
        nusd += (double)of->usages[i].list_nusd_per_hour * part;
        hours += part;
    }
    add_item(of, &(wb_bill_item){"on-demand", "", hours, "instance-hours",
                                 to_nusd(nusd * (1.0 - of->money->on_demand_discount))});
}

/* Spot, and capacity that is reserved already, at what the run says. */
static void bill_others(biller *of)
{
    int64_t spot = 0;
    int64_t reserved = 0;
    double spot_hours = 0.0;
    double reserved_hours = 0.0;
    for (uint32_t i = 0; i < of->cloud->instance_count; i++) {
        const wb_instance *instance = &of->cloud->instances[i];
        if (instance->running_ms < 0) {
            continue;
        }
        const double hours =
            (double)(instance->ended_ms - instance->running_ms) / (double)WB_MS_PER_HOUR;
        const bool is_spot = instance->capacity_type == WB_CAPACITY_SPOT;
        if (instance->capacity_type == WB_CAPACITY_ON_DEMAND) {
            continue;
        }
        spot += is_spot ? instance->cost_nusd : 0;
        reserved += is_spot ? 0 : instance->cost_nusd;
        spot_hours += is_spot ? hours : 0.0;
        reserved_hours += is_spot ? 0.0 : hours;
    }
    add_item(of, &(wb_bill_item){"spot", "", spot_hours, "instance-hours",
                                 to_nusd((double)spot * (1.0 - of->money->spot_discount))});
    if (reserved_hours > 0.0) {
        add_item(of, &(wb_bill_item){"capacity reservations", "", reserved_hours, "instance-hours",
                                     reserved});
    }
}

/* Node-hours, CPU-hours, machines that ran. */
static void count_nodes(const biller *of, double *node_hours, double *cpu_hours, double *count)
{
    for (uint32_t i = 0; i < of->cloud->instance_count; i++) {
        const wb_instance *instance = &of->cloud->instances[i];
        if (instance->running_ms >= 0) {
            const double hours =
                (double)(instance->ended_ms - instance->running_ms) / (double)WB_MS_PER_HOUR;
            *node_hours += hours;
            *cpu_hours += hours * (double)cpus_of(of, instance->type_index);
            *count += 1.0;
        }
    }
}

static void bill_extras(biller *of, const wb_bill_pods *pods)
{
    const wb_money *money = of->money;
    const double hours = (double)of->end_ms / (double)WB_MS_PER_HOUR;
    double node_hours = 0.0;
    double cpu_hours = 0.0;
    double nodes = 0.0;
    count_nodes(of, &node_hours, &cpu_hours, &nodes);
    for (uint32_t i = 0; i < money->surcharge_count; i++) {
        const wb_surcharge *one = &money->surcharges[i];
        const double quantity = one->is_per_cpu ? cpu_hours : node_hours;
        add_item(of, &(wb_bill_item){"surcharge", one->name, quantity,
                                     one->is_per_cpu ? "CPU-hours" : "node-hours",
                                     to_nusd((double)one->nusd_per_hour * quantity)});
    }
    for (uint32_t i = 0; i < money->volume_price_count; i++) {
        const wb_volume_price *one = &money->volume_prices[i];
        const double months =
            wb_cloud_storage_gib_hours(of->cloud, one->storage_class, of->end_ms) / HOURS_PER_MONTH;
        add_item(of, &(wb_bill_item){"volumes", one->name, months, "GiB-months",
                                     to_nusd((double)one->nusd_per_gib_month * months)});
    }
    const double volume = money->volume_gib * node_hours / HOURS_PER_MONTH;
    const double crossed =
        money->cross_zone_gib_per_pod_hour * pods->pod_hours * pods->cross_zone_share;
    const double pulled = money->image_gib_per_node * nodes;
    const wb_bill_item items[] = {
        {"control plane", "", hours, "hours",
         to_nusd((double)money->control_plane_nusd_per_hour * hours)},
        {"root volumes", "", volume, "GiB-months",
         to_nusd((double)money->volume_nusd_per_gib_month * volume)},
        {"traffic between zones", "", crossed, "GiB",
         to_nusd((double)money->cross_zone_nusd_per_gib * crossed)},
        {"image pulls", "", pulled, "GiB", to_nusd((double)money->image_nusd_per_gib * pulled)},
    };
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        if (items[i].cost_nusd > 0) {
            add_item(of, &items[i]);
        }
    }
}

wb_bill wb_money_bill(const wb_money *money, const wb_cloud *cloud, const wb_bill_pods *pods,
                      int64_t end_ms, int64_t epoch_ms, wb_arena *arena)
{
    assert(money != NULL && cloud != NULL && pods != NULL && arena != NULL);
    assert(end_ms >= 0 && pods->cross_zone_share >= 0.0 && pods->cross_zone_share <= 1.0);
    biller of = {
        .money = money,
        .cloud = cloud,
        .end_ms = end_ms,
        .offset_ms = epoch_ms > 0 ? epoch_ms % WB_MS_PER_HOUR : 0,
        .arena = arena,
        .used_nusd = WB_ARENA_ARRAY(arena, int64_t, (size_t)money->commitment_count + 1),
    };
    wb_hash_map_init(&of.usage_by_key);
    for (uint32_t i = 0; i < cloud->instance_count; i++) {
        if (cloud->instances[i].capacity_type == WB_CAPACITY_ON_DEMAND &&
            cloud->instances[i].running_ms >= 0) {
            add_usage(&of, &cloud->instances[i]);
        }
    }
    wb_hash_map_release(&of.usage_by_key);
    wb_sort(of.usages, of.usage_count, sizeof of.usages[0], compare_usages, NULL);
    cover(&of);
    wb_bill bill = {0};
    bill_on_demand(&of);
    bill_others(&of);
    bill_commitments(&of, &bill);
    bill_extras(&of, pods);
    wb_heap_memory_free(of.usages);
    bill.items = of.items;
    bill.item_count = of.item_count;
    for (uint32_t i = 0; i < of.item_count; i++) {
        bill.total_nusd += of.items[i].cost_nusd;
    }
    return bill;
}
