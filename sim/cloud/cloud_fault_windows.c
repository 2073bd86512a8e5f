/* Faults that last: of calls (the fault gate of the front door, cloud_api.h), of messages, of
 * offerings. And how a fault is told. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"

/* ---- calls ---- */

/* The n-th call that the fault could hit. */
static bool hits_call(wb_cloud *cloud, uint32_t fault_index)
{
    wb_cloud_fault_tally *tally = &cloud->fault_tallies[fault_index];
    const wb_random_key key = {cloud->seed, WB_RANDOM_FAULT, fault_index};
    const bool is_hit = wb_random_unit(key, tally->seen_count) < cloud->faults[fault_index].share;
    tally->seen_count++;
    tally->hit_count += is_hit ? 1U : 0U;
    return is_hit;
}

static const char *check_call(void *context, wb_cloud_call *call)
{
    wb_cloud *cloud = context;
    const char *code = NULL;
    for (uint32_t i = 0; i < cloud->fault_count; i++) {
        const wb_fault *fault = &cloud->faults[i];
        const bool is_of_calls =
            fault->kind == WB_FAULT_API_ERROR || fault->kind == WB_FAULT_API_LATENCY;
        if (!is_of_calls || !wb_cloud_faults_is_on(cloud, i) ||
            (fault->action != WB_CLOUD_ACTION_COUNT && fault->action != call->action) ||
            !hits_call(cloud, i)) {
            continue;
        }
        if (fault->kind == WB_FAULT_API_LATENCY) {
            call->delay_ms += fault->delay_ms;
        } else if (code == NULL) {
            code = fault->code;
        }
    }
    return code;
}

/* ---- messages ---- */

uint32_t wb_cloud_deliver_message(wb_cloud *cloud, uint32_t instance_id,
                                  int64_t out_delays_ms[WB_CLOUD_MESSAGE_COPIES])
{
    assert(cloud != NULL && instance_id < cloud->instance_count);
    uint32_t copies = 1;
    int64_t delay_ms = 0;
    int64_t again_ms = 0;
    for (uint32_t i = 0; i < cloud->fault_count; i++) {
        const wb_fault *fault = &cloud->faults[i];
        if (fault->kind < WB_FAULT_MESSAGE_LOST || fault->kind > WB_FAULT_MESSAGE_DUPLICATE ||
            !wb_cloud_faults_is_on(cloud, i) ||
            !wb_cloud_faults_hit(cloud, i, &cloud->instances[instance_id])) {
            continue;
        }
        cloud->fault_tallies[i].hit_count++;
        if (fault->kind == WB_FAULT_MESSAGE_LOST) {
            copies = 0;
        } else if (fault->kind == WB_FAULT_MESSAGE_DELAYED) {
            delay_ms += fault->delay_ms;
        } else {
            again_ms = fault->delay_ms;
            copies = copies == 1 ? 2 : copies;
        }
    }
    out_delays_ms[0] = delay_ms;
    out_delays_ms[1] = delay_ms + again_ms;
    return copies;
}

/* ---- offerings ---- */

static bool is_meant(const wb_cloud *cloud, const wb_fault *fault, uint32_t type_index,
                     uint32_t zone, wb_capacity_type capacity_type)
{
    return fault->kind == WB_FAULT_OFFERING_ENDS &&
           fault->instance_type == cloud->catalog->types[type_index].name &&
           (fault->zone == 0 || fault->zone == zone) &&
           (fault->capacity_type < 0 || fault->capacity_type == (int)capacity_type);
}

bool wb_cloud_offering_has_ended(const wb_cloud *cloud, const wb_fleet_override *offering,
                                 wb_capacity_type capacity_type, int64_t at_ms)
{
    assert(cloud != NULL && offering->type_index < cloud->catalog->type_count);
    for (uint32_t i = 0; i < cloud->fault_count; i++) {
        const wb_fault *fault = &cloud->faults[i];
        if (is_meant(cloud, fault, offering->type_index, offering->zone, capacity_type) &&
            wb_fault_is_on(fault, at_ms)) {
            return true;
        }
    }
    return false;
}

void wb_cloud_fault_end_offering(wb_cloud *cloud, uint32_t fault_index)
{
    for (uint32_t t = 0; t < cloud->catalog->type_count; t++) {
        const wb_catalog_type *type = &cloud->catalog->types[t];
        for (uint32_t i = 0; i < type->offering_count; i++) {
            const wb_offering *offering = &type->offerings[i];
            cloud->fault_tallies[fault_index].hit_count +=
                is_meant(cloud, &cloud->faults[fault_index], t, offering->zone,
                         offering->capacity_type)
                    ? 1U
                    : 0U;
        }
    }
}

/* ---- telling ---- */

/* What the fault is about, beyond its kind. */
static void describe_subject(const wb_cloud *cloud, const wb_fault *fault, char *out, size_t size)
{
    const wb_intern *intern = cloud->intern;
    const char *call = fault->action == WB_CLOUD_ACTION_COUNT
                           ? "every call"
                           : wb_cloud_api_action_name(fault->action);
    if (fault->kind == WB_FAULT_API_ERROR) {
        (void)snprintf(out, size, " %s: %s", call, fault->code);
    } else if (fault->kind == WB_FAULT_API_LATENCY) {
        (void)snprintf(out, size, " %s: %.1f s later", call, (double)fault->delay_ms / 1e3);
    } else if (fault->kind == WB_FAULT_CONDITION) {
        (void)snprintf(out, size, " %s", wb_intern_text(intern, fault->condition));
    } else if (fault->kind == WB_FAULT_OFFERING_ENDS) {
        (void)snprintf(out, size, " %s%s%s%s%s", wb_intern_text(intern, fault->instance_type),
                       fault->zone != 0 ? " in " : "",
                       fault->zone != 0 ? wb_intern_text(intern, fault->zone) : "",
                       fault->capacity_type >= 0 ? ", " : "",
                       fault->capacity_type >= 0
                           ? wb_capacity_type_name((wb_capacity_type)fault->capacity_type)
                           : "");
    }
}

void wb_cloud_fault_describe(const wb_cloud *cloud, uint32_t fault_index, bool is_over, char *out,
                             size_t size)
{
    assert(fault_index < cloud->fault_count && size > 0);
    const wb_fault *fault = &cloud->faults[fault_index];
    const unsigned long long hits = cloud->fault_tallies[fault_index].hit_count;
    char subject[160] = "";
    char hit[48] = "";
    describe_subject(cloud, fault, subject, sizeof subject);
    /* Faults that last have hit nothing yet when they begin. */
    const bool is_counted =
        is_over || fault->kind <= WB_FAULT_ORPHANED || fault->kind == WB_FAULT_OFFERING_ENDS;
    if (is_counted && fault->kind != WB_FAULT_CONTROL_PLANE) {
        (void)snprintf(hit, sizeof hit, "%s%llu %s", subject[0] != 0 ? "; " : ": ", hits,
                       wb_fault_kind_target(fault->kind, hits != 1));
    }
    (void)snprintf(out, size, "%s%s%s", wb_fault_kind_name(fault->kind), subject, hit);
}

void wb_cloud_fault_windows_init(wb_cloud *cloud)
{
    bool has_calls = false;
    for (uint32_t i = 0; i < cloud->fault_count; i++) {
        const wb_fault_kind kind = cloud->faults[i].kind;
        has_calls = has_calls || kind == WB_FAULT_API_ERROR || kind == WB_FAULT_API_LATENCY;
    }
    if (has_calls) {
        const wb_cloud_gate gate = {.context = cloud, .check = check_call};
        wb_cloud_api_set_gate(&cloud->api, WB_CLOUD_GATE_FAULT, &gate);
    }
}
