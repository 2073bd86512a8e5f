/*
 * Offerings that are sold no more, as the provider notices them, and reservations that end.
 *
 * Types and their offerings are refreshed every 12 hours, which begin with the run; until then a
 * launch is refused with "Unsupported" and its offering hidden for three minutes like any other.
 * From then on nothing is planned on it, and a NodeClaim that stands on it drifts: it is looked for
 * when the NodeClaim is an hour old, then every 30 minutes. The end of a reservation is noticed
 * within a minute: its machines go on as on-demand ones, and are relabelled so. Source:
 * spec/disruption.md sections 14 and 20; the provider's capacityreservation controllers.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "kube/names.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define REFRESH_MS     (12 * WB_MS_PER_HOUR)
#define RESERVATION_MS WB_MS_PER_MINUTE
#define FIRST_LOOK_MS  WB_MS_PER_HOUR
#define LOOK_MS        (30 * WB_MS_PER_MINUTE)
#define EVERY_CLAIM    UINT32_MAX /* as the subject of an event: the provider's refresh */

static int64_t period_of(wb_capacity_type capacity_type)
{
    return capacity_type == WB_CAPACITY_RESERVED ? RESERVATION_MS : REFRESH_MS;
}

/* Whether the offering had ended, as far as was known at a moment. */
static bool is_known_ended(const wb_karpenter *self, uint32_t type_index,
                           const wb_offering *offering, int64_t at_ms)
{
    const int64_t period_ms = period_of(offering->capacity_type);
    const wb_fleet_override asked = {.type_index = type_index, .zone = offering->zone};
    return wb_cloud_offering_has_ended(self->env.cloud, &asked, offering->capacity_type,
                                       at_ms / period_ms * period_ms);
}

void wb_karpenter_schedule_offering_ends(wb_karpenter *self)
{
    const wb_cloud *cloud = self->env.cloud;
    for (uint32_t i = 0; i < cloud->fault_count; i++) {
        const wb_fault *fault = &cloud->faults[i];
        if (fault->kind != WB_FAULT_OFFERING_ENDS) {
            continue;
        }
        const int64_t ends_ms[] = {fault->at_ms, fault->at_ms + fault->for_ms};
        const int64_t periods_ms[] = {RESERVATION_MS, REFRESH_MS};
        for (size_t end = 0; end < (fault->for_ms >= 0 ? 2U : 1U); end++) {
            for (size_t p = 0; p < 2; p++) {
                const int64_t periods = (ends_ms[end] + periods_ms[p] - 1) / periods_ms[p];
                wb_karpenter_schedule(self, periods * periods_ms[p], WB_KARPENTER_EVENT_CATALOG,
                                      EVERY_CLAIM);
            }
        }
    }
}

bool wb_karpenter_is_capacity_error(const char *code)
{
    static const char *const codes[] = {
        "InsufficientInstanceCapacity",
        "MaxSpotInstanceCountExceeded",
        "VcpuLimitExceeded",
        "UnfulfillableCapacity",
        "Unsupported",
        "InsufficientFreeAddressesInSubnet",
        "MaxFleetCountExceeded",
        "ReservationCapacityExceeded",
    };
    assert(code != NULL);
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (strcmp(codes[i], code) == 0) {
            return true;
        }
    }
    return false;
}

void wb_karpenter_hide_ended(wb_karpenter *self)
{
    for (uint32_t t = 0; t < self->env.catalog->type_count && self->env.cloud->fault_count > 0;
         t++) {
        const wb_catalog_type *type = &self->env.catalog->types[t];
        for (uint32_t i = 0; i < type->offering_count; i++) {
            const wb_offering *offering = &type->offerings[i];
            if (is_known_ended(self, t, offering, self->env.kernel->now_ms)) {
                wb_solver_world_set_available(self->world, type->name, offering->zone,
                                              offering->capacity_type, false);
            }
        }
    }
}

/* The machine goes on, at the price of an on-demand one. */
static void leave_reservation(wb_karpenter *self, uint32_t claim_id)
{
    wb_karpenter_claim *claim = &self->claims[claim_id];
    double price = 0.0;
    claim->capacity_type = WB_CAPACITY_ON_DEMAND;
    if (wb_catalog_price(self->env.catalog, claim->type_index, claim->zone, WB_CAPACITY_ON_DEMAND,
                         &price)) {
        claim->price_usd_per_hour = price;
    }
    wb_cloud_leave_reservation(self->env.cloud, claim->instance_id);
    if (claim->node_id != WB_NO_ID) {
        wb_cluster_set_node_label(self->env.cluster, claim->node_id, WB_NAME_CAPACITY_TYPE,
                                  WB_NAME_ON_DEMAND);
    }
    wb_karpenter_update_node(self, claim_id);
    wb_karpenter_mark_state(self);
}

static int64_t next_look_ms(const wb_karpenter *self, const wb_karpenter_claim *claim)
{
    const int64_t first_ms = claim->created_ms + FIRST_LOOK_MS;
    const int64_t late_ms = self->env.kernel->now_ms - first_ms;
    return late_ms <= 0 ? first_ms : first_ms + (late_ms + LOOK_MS - 1) / LOOK_MS * LOOK_MS;
}

static void refresh(wb_karpenter *self)
{
    const int64_t now_ms = self->env.kernel->now_ms;
    self->world_is_stale = true; /* offerings that have come back, too */
    self->validation_is_void = self->loop_is_blocked;
    if (self->world != NULL) {
        wb_karpenter_refresh_world(self);
    }
    for (uint32_t i = 0; i < self->living_count; i++) {
        const uint32_t claim_id = self->living_claims[i];
        const wb_karpenter_claim *claim = &self->claims[claim_id];
        const wb_offering offering = {.zone = claim->zone, .capacity_type = claim->capacity_type};
        if (claim->capacity_type == WB_CAPACITY_RESERVED &&
            is_known_ended(self, claim->type_index, &offering, now_ms)) {
            leave_reservation(self, claim_id);
            wb_karpenter_check_drift(self, claim_id);
        }
        wb_karpenter_schedule(self, next_look_ms(self, claim), WB_KARPENTER_EVENT_CATALOG,
                              claim_id);
    }
    wb_karpenter_note_change(self);
    wb_karpenter_wake_loop(self);
}

void wb_karpenter_on_catalog(wb_karpenter *self, uint32_t claim_id)
{
    if (claim_id == EVERY_CLAIM) {
        refresh(self);
        return;
    }
    assert(claim_id < self->claim_count);
    if (self->claims[claim_id].gone_ms < 0) {
        wb_karpenter_check_drift(self, claim_id);
    }
}

const wb_catalog *wb_karpenter_catalog_for_drift(wb_karpenter *self,
                                                 const wb_karpenter_claim *claim)
{
    const int64_t since_ms = self->env.kernel->now_ms - (claim->created_ms + FIRST_LOOK_MS);
    if (since_ms < 0 || self->env.cloud->fault_count == 0) {
        return NULL;
    }
    const int64_t looked_ms = self->env.kernel->now_ms - since_ms % LOOK_MS;
    wb_arena *arena = &self->solve_arena;
    wb_catalog_type *type = WB_ARENA_NEW(arena, wb_catalog_type);
    *type = self->env.catalog->types[claim->type_index];
    wb_offering *kept = WB_ARENA_ARRAY(arena, wb_offering, type->offering_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < type->offering_count; i++) {
        if (!is_known_ended(self, claim->type_index, &type->offerings[i], looked_ms)) {
            kept[count++] = type->offerings[i];
        }
    }
    type->offerings = kept;
    type->offering_count = count;
    wb_catalog *made = WB_ARENA_NEW(arena, wb_catalog);
    *made = *self->env.catalog;
    made->types = type;
    made->type_count = 1;
    made->index_by_name = NULL;
    return made;
}
