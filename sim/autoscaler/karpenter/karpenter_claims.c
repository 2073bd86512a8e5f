/* NodeClaims from creation to the end of their instance. Source: spec/disruption.md 16, 19. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define HIDDEN_MS          (3 * WB_MS_PER_MINUTE)  /* unavailable-offerings cache */
#define SWEEP_MS           (10 * WB_MS_PER_SECOND) /* which is swept so often, from its start on */
#define GONE_POLL_MS       (5 * WB_MS_PER_SECOND)  /* spec/disruption.md section 17, step 6 */
#define ALTERNATIVES_SHOWN 5

static wb_karpenter_claim *add_claim_row(wb_karpenter *self)
{
    if (self->claim_count == self->claim_capacity) {
        self->claim_capacity =
            (uint32_t)wb_heap_memory_next_capacity(self->claim_capacity,
                                                   (size_t)self->claim_count + 1);
        self->claims =
            wb_heap_memory_resize(self->claims, self->claim_capacity, sizeof self->claims[0]);
        self->living_claims = wb_heap_memory_resize(self->living_claims, self->claim_capacity,
                                                    sizeof self->living_claims[0]);
    }
    self->living_claims[self->living_count++] = self->claim_count;
    return &self->claims[self->claim_count++];
}

static void remove_living(wb_karpenter *self, uint32_t claim_id)
{
    uint32_t at = 0;
    while (self->living_claims[at] != claim_id) {
        at++;
        assert(at < self->living_count);
    }
    self->living_count--;
    memmove(&self->living_claims[at], &self->living_claims[at + 1],
            (self->living_count - at) * sizeof self->living_claims[0]);
}

/* Labels that the node will carry beyond the type's own: the pool's, and requirements with one
 * value (with several the smallest, section 14.5 of the scheduling specification). */
static wb_labels claim_labels(wb_karpenter *self, const wb_karpenter_claim_request *request)
{
    wb_arena *arena = self->env.arena;
    wb_labels labels = request->pool->labels;
    labels = wb_labels_with(arena, labels, WB_NAME_NODEPOOL, request->pool->name);
    labels = wb_labels_with(arena, labels, WB_NAME_EC2NODECLASS, request->pool->node_class_name);
    for (uint32_t i = 0; i < request->requirements.count; i++) {
        const wb_requirement *requirement = &request->requirements.items[i];
        if (requirement->is_complement || requirement->value_count == 0 ||
            wb_names_is_well_known(requirement->key)) {
            continue;
        }
        uint32_t smallest = requirement->values[0];
        for (uint32_t j = 1; j < requirement->value_count; j++) {
            if (strcmp(wb_intern_text(self->env.intern, requirement->values[j]),
                       wb_intern_text(self->env.intern, smallest)) < 0) {
                smallest = requirement->values[j];
            }
        }
        labels = wb_labels_with(arena, labels, requirement->key, smallest);
    }
    return labels;
}

/* The pool's taints and startup taints, and the one that only registration takes off. */
static const wb_launch_template *launch_template(wb_karpenter *self, const wb_nodepool *pool,
                                                 wb_labels labels, const char *name)
{
    const uint32_t count = pool->taint_count + pool->startup_taint_count + 1;
    wb_taint *taints = WB_ARENA_ARRAY(self->env.arena, wb_taint, count);
    for (uint32_t i = 0; i < pool->taint_count; i++) {
        taints[i] = pool->taints[i];
    }
    for (uint32_t i = 0; i < pool->startup_taint_count; i++) {
        taints[pool->taint_count + i] = pool->startup_taints[i];
    }
    taints[count - 1] =
        (wb_taint){.key = WB_NAME_TAINT_UNREGISTERED, .effect = WB_TAINT_NO_EXECUTE};
    const wb_nodeclass *node_class = wb_karpenter_class_of(self, pool);
    wb_launch_template *template = WB_ARENA_NEW(self->env.arena, wb_launch_template);
    *template = (wb_launch_template){
        .labels = labels,
        .taints = taints,
        .taint_count = count,
        .startup_taints = pool->startup_taints,
        .startup_taint_count = pool->startup_taint_count,
        .name_prefix = name,
        .sizes = wb_karpenter_pool_catalog(self, pool),
        .gone_poll_ms = GONE_POLL_MS,
        .boot = self->env.cloud->boot.is_by_family && node_class != NULL
                    ? wb_boot_model_of_family(node_class->ami_family)
                    : NULL,
        .has_karpenter_labels = true,
    };
    return template;
}

/* "c7g.large $0.0725, m7g.large $0.0816, ...": what came next in price. */
static const char *describe_alternatives(wb_karpenter *self, const wb_launch_plan *plan,
                                         uint32_t launched_type)
{
    wb_text text;
    wb_text_init(&text);
    uint32_t shown = 0;
    for (uint32_t i = 0; i < plan->type_count && shown < ALTERNATIVES_SHOWN; i++) {
        const wb_catalog_type *type = wb_solver_world_type(self->world, plan->type_indices[i]);
        if (wb_catalog_find(self->env.catalog, type->name) == launched_type) {
            continue;
        }
        double price = -1.0;
        for (uint32_t j = 0; j < plan->override_count; j++) {
            const wb_launch_override *override = &plan->overrides[j];
            if (override->type_index == plan->type_indices[i] &&
                (price < 0.0 || override->price_usd_per_hour < price)) {
                price = override->price_usd_per_hour;
            }
        }
        if (price >= 0.0) {
            wb_text_add_format(&text, "%s%s $%.4f", shown > 0 ? ", " : "",
                               wb_intern_text(self->env.intern, type->name), price);
            shown++;
        }
    }
    const char *copy = wb_arena_copy_string(self->env.arena, wb_text_string(&text));
    wb_text_release(&text);
    return copy;
}

/* EC2 knows nothing of overlaid prices: then Karpenter gives it the order, as priorities. */
static wb_allocation_strategy strategy_of(const wb_karpenter *self, wb_capacity_type market)
{
    const bool is_ordered = wb_catalog_overlay_has_prices(&self->overlays_in_force);
    if (market == WB_CAPACITY_SPOT) {
        return is_ordered ? WB_ALLOCATION_CAPACITY_OPTIMIZED_PRIORITIZED
                          : WB_ALLOCATION_PRICE_CAPACITY_OPTIMIZED;
    }
    return is_ordered ? WB_ALLOCATION_PRIORITIZED : WB_ALLOCATION_LOWEST_PRICE;
}

/* The plan's overrides, each with the subnet of its zone; those in zones whose subnets are all
 * hidden are left out, and hidden as well. */
static const wb_fleet_override *list_overrides(wb_karpenter *self, const wb_launch_plan *plan,
                                               const wb_nodeclass *nodeclass, uint32_t *out_count)
{
    wb_fleet_override *overrides =
        WB_ARENA_ARRAY(&self->solve_arena, wb_fleet_override, plan->override_count + 1);
    for (uint32_t i = 0; i < plan->override_count; i++) {
        const wb_launch_override *override = &plan->overrides[i];
        const wb_catalog_type *type = wb_solver_world_type(self->world, override->type_index);
        const wb_fleet_override made = {
            .type_index = wb_catalog_find(self->env.catalog, type->name),
            .zone = wb_solver_world_offering(self->world, override->type_index,
                                             override->offering_index)
                        .zone,
            .priority = override->price_usd_per_hour,
        };
        overrides[*out_count] = made;
        if (wb_karpenter_pick_subnet(self, nodeclass, made.zone, &overrides[*out_count].subnet)) {
            (*out_count)++;
        } else {
            wb_karpenter_hide_offering(self, type->name, made.zone, plan->capacity_type);
        }
    }
    return overrides;
}

/* What came back: offerings without room are not planned on for a while; any other error of a fleet
 * that launched nothing is the launch's. */
static void heed_errors(wb_karpenter *self, const wb_fleet_result *result,
                        wb_capacity_type capacity_type)
{
    const wb_cloud_permissions *permissions = &self->env.cloud->permissions;
    self->launch_refusal = result->call_error;
    for (uint32_t i = 0; i < result->error_count; i++) {
        const wb_fleet_error *error = &result->errors[i];
        if (wb_karpenter_is_capacity_error(error->code)) {
            wb_karpenter_hide_offering(self, self->env.catalog->types[error->type_index].name,
                                       error->zone, capacity_type);
        } else if (result->instance_id == WB_NO_ID && self->launch_refusal == NULL) {
            self->launch_refusal = error->code;
        }
        if (error->subnet > 0 && strcmp(error->code, "InsufficientFreeAddressesInSubnet") == 0) {
            wb_karpenter_hide_subnet(self, error->subnet);
        }
    }
    self->launch_message = self->launch_refusal != NULL ? permissions->message : NULL;
}

static uint32_t ask_fleet(wb_karpenter *self, const wb_launch_plan *plan,
                          const wb_launch_template *template, const wb_nodeclass *nodeclass)
{
    uint32_t override_count = 0;
    const wb_fleet_override *overrides = list_overrides(self, plan, nodeclass, &override_count);
    if (override_count == 0) {
        self->launch_refusal = self->launch_message = NULL;
        return WB_NO_ID; /* every subnet that could take it is hidden */
    }
    const wb_fleet_request request = {
        .overrides = overrides,
        .override_count = override_count,
        .strategy = strategy_of(self, plan->capacity_type),
        .capacity_type = plan->capacity_type,
        .launch_template = template,
        .claim_id = self->claim_count, /* the one that is about to be made */
    };
    wb_fleet_result result;
    self->launch_was_asked = true;
    wb_cloud_create_fleet(self->env.cloud, &request, &result);
    heed_errors(self, &result, plan->capacity_type);
    return result.instance_id;
}

static void announce(wb_karpenter *self, const wb_karpenter_claim *claim,
                     const wb_karpenter_claim_request *request)
{
    const wb_intern *intern = self->env.intern;
    char outcome[256];
    char reason[512];
    (void)snprintf(outcome, sizeof outcome, "%s: %s %s in %s, $%.4f/h", claim->name,
                   wb_intern_text(intern, self->env.catalog->types[claim->type_index].name),
                   wb_capacity_type_name(claim->capacity_type), wb_intern_text(intern, claim->zone),
                   claim->price_usd_per_hour);
    (void)snprintf(reason, sizeof reason,
                   "the cheapest of %u instance types that take %u pod%s%s%s", claim->type_count,
                   claim->pod_count, claim->pod_count == 1 ? "" : "s",
                   claim->alternatives[0] != 0 ? "; next: " : "", claim->alternatives);
    const wb_decision decision = {
        .at_ms = self->env.kernel->now_ms,
        .kind = request->why,
        .subject = wb_intern_text(intern, request->pool->name),
        .outcome = outcome,
        .reason = reason,
        .pod_count = claim->pod_count,
        .node_count = 1,
    };
    WB_NOTIFY(self->env.observers, decision, &decision);
}

/* Every type of a catalog, by its index in the world; 0 when the world does not hold it. */
static uint32_t list_types(wb_karpenter *self, const wb_catalog *catalog, uint32_t *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < wb_solver_world_type_count(self->world); i++) {
        const wb_catalog_type *type = wb_solver_world_type(self->world, i);
        const uint32_t index = wb_catalog_find(catalog, type->name);
        if (index != UINT32_MAX && &catalog->types[index] == type) {
            out[count++] = i;
        }
    }
    return count;
}

/* What the fleet is asked for. A static pool's claim names no types; its catalog is the run's where
 * no other pool shares it. */
static wb_launch_request launch_request(wb_karpenter *self,
                                        const wb_karpenter_claim_request *request)
{
    wb_launch_request launch = {
        .requirements = request->requirements,
        .type_indices = request->type_indices,
        .type_count = request->type_count,
        .requests = request->requests,
    };
    if (launch.type_count > 0) {
        return launch;
    }
    uint32_t *types =
        WB_ARENA_ARRAY(&self->solve_arena, uint32_t, wb_solver_world_type_count(self->world) + 1);
    launch.type_count = list_types(self, wb_karpenter_pool_catalog(self, request->pool), types);
    if (launch.type_count == 0) {
        launch.type_count = list_types(self, self->env.catalog, types);
    }
    launch.type_indices = types;
    return launch;
}

static const char *claim_name(const wb_karpenter *self, const wb_nodepool *pool, uint32_t claim_id)
{
    char name[128];
    (void)snprintf(name, sizeof name, "%s-%05u", wb_intern_text(self->env.intern, pool->name),
                   claim_id);
    return wb_arena_copy_string(self->env.arena, name);
}

uint32_t wb_karpenter_create_claim(wb_karpenter *self, const wb_karpenter_claim_request *request)
{
    const bool is_barred = self->env.cloud->permissions.no_launch != NULL || /* by IAM */
                           !request->pool->is_ready;
    const wb_launch_request launch = launch_request(self, request);
    const wb_launch_plan plan = wb_launch_prepare(&self->solve_arena, self->world, &launch);
    if (plan.is_insufficient || plan.override_count == 0 || is_barred) {
        return WB_NO_ID;
    }
    const uint32_t claim_id = self->claim_count;
    const char *kept_name = claim_name(self, request->pool, claim_id);
    const wb_labels labels = claim_labels(self, request);
    const wb_launch_template *template = launch_template(self, request->pool, labels, kept_name);
    const uint32_t instance_id =
        ask_fleet(self, &plan, template, wb_karpenter_class_of(self, request->pool));
    if (instance_id == WB_NO_ID) {
        if (self->launch_refusal != NULL && request->is_retried) {
            wb_karpenter_keep_launch(self, request, self->launch_refusal);
        }
        return WB_NO_ID; /* insufficient capacity: the NodeClaim is deleted at once */
    }
    const wb_instance *instance = &self->env.cloud->instances[instance_id];
    const int64_t now_ms = self->env.kernel->now_ms;
    *add_claim_row(self) = (wb_karpenter_claim){
        .name = kept_name,
        .name_id = wb_intern_add(self->env.intern, kept_name),
        .pool = request->pool,
        .origin = wb_karpenter_pool_version(self, request->pool),
        .node_class = wb_karpenter_class_of(self, request->pool),
        .catalog = wb_karpenter_pool_catalog(self, request->pool),
        .drifted_ms = -1,
        .instance_id = instance_id,
        .node_id = WB_NO_ID,
        .type_index = instance->type_index,
        .zone = instance->zone,
        .capacity_type = instance->capacity_type,
        .price_usd_per_hour = (double)instance->price_nusd_per_hour / 1e9,
        .pod_count = request->pod_count,
        .type_count = launch.type_count,
        .alternatives = describe_alternatives(self, &plan, instance->type_index),
        .ruled_out = wb_karpenter_describe_ruled_out(self, request),
        .labels = labels,
        .created_ms = now_ms,
        .launched_ms = -1,
        .registered_ms = -1,
        .initialized_ms = -1,
        .gone_ms = -1,
        .nominated_until_ms = now_ms + 20 * WB_MS_PER_SECOND,
        .last_pod_event_ms = -1,
        .deleted_ms = -1,
        .tainted_ms = -1,
        .deadline_ms = -1,
        .command_id = WB_NO_ID,
        .removed_by = WB_NO_ID,
    };
    self->unlaunched_count++;
    wb_karpenter_update_node(self, claim_id);
    if (request->pool->expire_after_ms != WB_DURATION_NEVER) {
        wb_karpenter_schedule(self, now_ms + request->pool->expire_after_ms,
                              WB_KARPENTER_EVENT_EXPIRE, claim_id);
    }
    wb_karpenter_watch_liveness(self, claim_id);
    wb_karpenter_mark_state(self);
    wb_karpenter_wake_loop(self); /* which finds that its state is not in step */
    WB_NOTIFY(self->env.observers, claim_created, claim_id);
    announce(self, &self->claims[claim_id], request);
    return claim_id;
}

/* The labels that the scheduler sees: the claim's, the type's and the offering's. */
static wb_labels solver_labels(wb_karpenter *self, const wb_karpenter_claim *claim)
{
    static const uint32_t market_names[] = {WB_NAME_ON_DEMAND, WB_NAME_SPOT, WB_NAME_RESERVED};
    const wb_catalog_type *type = &self->env.catalog->types[claim->type_index];
    wb_arena *arena = &self->solve_arena;
    wb_labels labels = claim->labels;
    for (uint32_t i = 0; i < type->labels.count; i++) {
        labels =
            wb_labels_with(arena, labels, type->labels.items[i].key, type->labels.items[i].value);
    }
    labels = wb_labels_with(arena, labels, WB_NAME_INSTANCE_TYPE, type->name);
    labels = wb_labels_with(arena, labels, WB_NAME_ZONE, claim->zone);
    labels = wb_labels_with(arena, labels, WB_NAME_REGION, self->env.catalog->region);
    labels = wb_labels_with(arena, labels, WB_NAME_REGISTERED, WB_NAME_TRUE);
    return wb_labels_with(arena, labels, WB_NAME_CAPACITY_TYPE, market_names[claim->capacity_type]);
}

/* What a CSINode of that name says, else what the machine can take; NULL: no limit is known. */
static const wb_attach_limit *find_attach_limit(wb_karpenter *self, const wb_cluster_node *node)
{
    const wb_manifest *manifest = self->env.cluster->manifest;
    const uint32_t driver = self->env.cluster->volume_driver;
    if (node->volume_limit <= 0) {
        return NULL; /* volumes are not followed */
    }
    for (uint32_t i = 0; i < manifest->attach_limit_count; i++) {
        if (manifest->attach_limits[i].node_name == node->name &&
            manifest->attach_limits[i].driver == driver) {
            return &manifest->attach_limits[i];
        }
    }
    wb_attach_limit *limit = WB_ARENA_NEW(self->env.arena, wb_attach_limit);
    *limit =
        (wb_attach_limit){.node_name = node->name, .driver = driver, .count = node->volume_limit};
    return limit;
}

void wb_karpenter_update_node(wb_karpenter *self, uint32_t claim_id)
{
    assert(claim_id < self->claim_count);
    wb_karpenter_claim *claim = &self->claims[claim_id];
    const wb_arena_mark mark = wb_arena_get_mark(&self->solve_arena);
    const wb_catalog_type *type = &claim->catalog->types[claim->type_index];
    const wb_cluster_node *node =
        claim->node_id == WB_NO_ID ? NULL : &self->env.cluster->nodes[claim->node_id];
    const wb_resource_list allocatable =
        wb_resource_list_subtract(&self->solve_arena, type->capacity, type->overhead);
    if (node != NULL && claim->attach_limit == NULL) {
        claim->attach_limit = find_attach_limit(self, node);
    }
    const wb_solver_node_desc desc = {
        .attach_limits = claim->attach_limit,
        .attach_limit_count = claim->attach_limit != NULL ? 1U : 0U,
        .name = node != NULL ? node->name : claim->name_id,
        .nodepool = claim->pool->name,
        .labels = node != NULL ? node->labels : solver_labels(self, claim),
        .taints = node != NULL ? node->taints : claim->origin->taints,
        .taint_count = node != NULL ? node->taint_count : claim->origin->taint_count,
        .startup_taints = claim->origin->startup_taints,
        .startup_taint_count = claim->origin->startup_taint_count,
        .is_managed = !claim->is_orphaned,
        .is_initialized = claim->initialized_ms >= 0,
        .has_node = node != NULL,
        .capacity = type->capacity,
        .allocatable = allocatable,
        .claim_capacity = type->capacity,
        .claim_allocatable = allocatable,
    };
    if (claim->node == NULL) {
        claim->node = wb_solver_node_new(self->world, &desc);
    } else {
        wb_solver_node_update(self->world, claim->node, &desc);
    }
    wb_arena_rewind(&self->solve_arena, mark);
}

void wb_karpenter_on_launched(wb_karpenter *self, uint32_t instance_id)
{
    const uint32_t claim_id = self->env.cloud->instances[instance_id].claim_id;
    self->claims[claim_id].launched_ms = self->env.kernel->now_ms;
    assert(self->unlaunched_count > 0);
    self->unlaunched_count--;
    WB_NOTIFY(self->env.observers, claim_changed, claim_id);
    wb_karpenter_check_drift(self, claim_id); /* its pool may have changed meanwhile */
}

void wb_karpenter_on_registered(wb_karpenter *self, uint32_t instance_id, uint32_t node_id)
{
    assert(instance_id < self->env.cloud->instance_count);
    const uint32_t claim_id = self->env.cloud->instances[instance_id].claim_id;
    wb_karpenter_claim *claim = &self->claims[claim_id];
    claim->registered_ms = self->env.kernel->now_ms;
    claim->node_id = node_id;
    wb_karpenter_mark_state(self);
    wb_cluster_set_node_label(self->env.cluster, node_id, WB_NAME_REGISTERED, WB_NAME_TRUE);
    (void)wb_cluster_remove_node_taint(self->env.cluster, node_id, WB_NAME_TAINT_UNREGISTERED,
                                       WB_TAINT_NO_EXECUTE);
    wb_karpenter_update_node(self, claim_id);
    wb_karpenter_watch_health(self, claim_id);
    WB_NOTIFY(self->env.observers, claim_changed, claim_id);
}

static bool has_startup_taint(const wb_cluster_node *node, const wb_nodepool *pool)
{
    for (uint32_t i = 0; i < node->taint_count; i++) {
        for (uint32_t j = 0; j < pool->startup_taint_count; j++) {
            if (node->taints[i].key == pool->startup_taints[j].key &&
                node->taints[i].effect == pool->startup_taints[j].effect) {
                return true;
            }
        }
    }
    return false;
}

/* Initialised is a node that is Ready and has lost its startup taints (spec/disruption.md section
 * 16); what a device plugin adds is there from registration on. */
void wb_karpenter_on_ready(wb_karpenter *self, uint32_t instance_id, uint32_t node_id)
{
    assert(instance_id < self->env.cloud->instance_count);
    const uint32_t claim_id = self->env.cloud->instances[instance_id].claim_id;
    wb_karpenter_claim *claim = &self->claims[claim_id];
    const wb_cluster_node *node = &self->env.cluster->nodes[node_id];
    if (!node->is_ready || has_startup_taint(node, claim->origin)) {
        wb_karpenter_update_node(self, claim_id);
        return;
    }
    claim->initialized_ms = self->env.kernel->now_ms;
    wb_karpenter_mark_state(self);
    wb_cluster_set_node_label(self->env.cluster, node_id, WB_NAME_INITIALIZED, WB_NAME_TRUE);
    wb_karpenter_update_node(self, claim_id);
    if (claim->command_id != WB_NO_ID) {
        wb_karpenter_schedule(self, self->env.kernel->now_ms + WB_MS_PER_SECOND,
                              WB_KARPENTER_EVENT_COMMAND, claim->command_id);
    }
    WB_NOTIFY(self->env.observers, claim_changed, claim_id);
    wb_karpenter_note_change(self);
    wb_karpenter_wake_loop(self);
}

void wb_karpenter_on_gone(wb_karpenter *self, uint32_t instance_id, wb_cause cause)
{
    assert(instance_id < self->env.cloud->instance_count);
    const uint32_t claim_id = self->env.cloud->instances[instance_id].claim_id;
    wb_karpenter_claim *claim = &self->claims[claim_id];
    if (claim->gone_ms >= 0) {
        return;
    }
    if (claim->launched_ms < 0) { /* ended while its launch was under way */
        assert(self->unlaunched_count > 0);
        self->unlaunched_count--;
    }
    claim->gone_ms = self->env.kernel->now_ms;
    wb_karpenter_mark_state(self);
    claim->cause = claim->cause != WB_CAUSE_NONE ? claim->cause : cause;
    wb_solver_node_free(claim->node);
    claim->node = NULL;
    wb_heap_memory_free(claim->evictions);
    claim->evictions = NULL;
    claim->eviction_count = claim->eviction_capacity = 0;
    remove_living(self, claim_id);
    if (claim->command_id != WB_NO_ID) {
        wb_karpenter_schedule(self, self->env.kernel->now_ms, WB_KARPENTER_EVENT_COMMAND,
                              claim->command_id);
    }
    wb_karpenter_note_removed(self, claim_id);
    wb_karpenter_note_static(self, claim->pool);
    WB_NOTIFY(self->env.observers, claim_gone, claim_id, claim->cause);
    wb_karpenter_note_change(self);
    wb_karpenter_wake_loop(self);
}

void wb_karpenter_hide_offering(wb_karpenter *self, uint32_t type_name, uint32_t zone,
                                wb_capacity_type capacity_type)
{
    const int64_t expires_ms = self->env.kernel->now_ms + HIDDEN_MS;
    const int64_t until_ms = (expires_ms + SWEEP_MS - 1) / SWEEP_MS * SWEEP_MS;
    for (uint32_t i = 0; i < self->hidden_count; i++) {
        wb_karpenter_hidden_offering *hidden = &self->hidden[i];
        if (hidden->type_name == type_name && hidden->zone == zone &&
            hidden->capacity_type == capacity_type) {
            hidden->until_ms = until_ms; /* each new error starts the three minutes again */
            wb_karpenter_schedule(self, until_ms, WB_KARPENTER_EVENT_OFFERING, 0);
            return;
        }
    }
    if (self->hidden_count == self->hidden_capacity) {
        self->hidden_capacity =
            (uint32_t)wb_heap_memory_next_capacity(self->hidden_capacity,
                                                   (size_t)self->hidden_count + 1);
        self->hidden =
            wb_heap_memory_resize(self->hidden, self->hidden_capacity, sizeof self->hidden[0]);
    }
    self->hidden[self->hidden_count++] = (wb_karpenter_hidden_offering){
        .type_name = type_name,
        .zone = zone,
        .capacity_type = capacity_type,
        .until_ms = until_ms,
    };
    wb_solver_world_set_available(self->world, type_name, zone, capacity_type, false);
    wb_karpenter_schedule(self, until_ms, WB_KARPENTER_EVENT_OFFERING, 0);
}

void wb_karpenter_on_offering_due(wb_karpenter *self)
{
    const int64_t now_ms = self->env.kernel->now_ms;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < self->hidden_count; i++) {
        const wb_karpenter_hidden_offering hidden = self->hidden[i];
        if (hidden.until_ms > now_ms) {
            self->hidden[kept++] = hidden;
        } else {
            wb_solver_world_set_available(self->world, hidden.type_name, hidden.zone,
                                          hidden.capacity_type, true);
        }
    }
    self->hidden_count = kept;
    wb_karpenter_hide_ended(self);
    wb_karpenter_retry_static(self);
    wb_karpenter_note_change(self);
    wb_karpenter_wake_loop(self);
}
