#include "solver/validator.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kube/names.h"
#include "solver/validator_internal.h"

void wb_validator_report(wb_validation *check, uint32_t pod_index, const char *fmt, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, fmt);
    (void)vsnprintf(line, sizeof(line), fmt, arguments);
    va_end(arguments);
    if (pod_index != UINT32_MAX) {
        wb_text_add_format(
            check->out,
            "pod %s: ", wb_intern_text(check->world->intern, check->problem->pods[pod_index].name));
    }
    wb_text_add_format(check->out, "%s\n", line);
    check->violation_count++;
}

static const wb_pod_template *template_of(const wb_validation *check, uint32_t pod_index)
{
    return wb_pod_shape_get(check->world, check->problem->pods[pod_index].shape_id)->template;
}

/* ---- each pod once ---- */

static void check_placements(wb_validation *check)
{
    const wb_solver_result *result = check->result;
    uint32_t *seen = WB_ARENA_ARRAY(check->arena, uint32_t, check->problem->pod_count);
    for (uint32_t c = 0; c < result->claim_count; c++) {
        for (uint32_t i = 0; i < result->claims[c].pod_count; i++) {
            const uint32_t pod = result->claims[c].pod_indices[i];
            seen[pod]++;
            if (result->placements[pod].claim_index != c) {
                wb_validator_report(check, pod, "listed by claim %u, placed elsewhere", c);
            }
        }
    }
    for (uint32_t i = 0; i < check->problem->pod_count; i++) {
        const wb_solver_placement *placement = &result->placements[i];
        const bool on_node = placement->node_index != WB_PLACED_ON_NONE;
        const bool on_claim = placement->claim_index != WB_PLACED_ON_NONE;
        const uint32_t places = (on_node ? 1U : 0U) + (on_claim ? 1U : 0U);
        if (places + (placement->refused != 0 ? 1U : 0U) != 1) {
            wb_validator_report(check, i, "placed %u times, refused for %#x", places,
                                placement->refused);
        }
        if (seen[i] != (on_claim ? 1U : 0U)) {
            wb_validator_report(check, i, "listed by %u claims", seen[i]);
        }
    }
}

/* ---- taints and selectors ---- */

/* PreferNoSchedule is a wish: relaxation may have given it up. */
static void check_taints(wb_validation *check, uint32_t pod_index, const wb_taint *taints,
                         uint32_t count)
{
    const wb_pod_template *pod = template_of(check, pod_index);
    for (uint32_t i = 0; i < count; i++) {
        if (taints[i].effect != WB_TAINT_PREFER_NO_SCHEDULE &&
            !wb_tolerations_tolerate(check->world->intern, pod->tolerations, pod->toleration_count,
                                     &taints[i])) {
            wb_validator_report(check, pod_index, "taint %s not tolerated",
                                wb_intern_text(check->world->intern, taints[i].key));
        }
    }
}

/* Whether every value that a claim leaves open under the key satisfies the expression. */
static bool claim_satisfies(const wb_validation *check, wb_requirements requirements,
                            const wb_label_expression *expression)
{
    wb_intern *intern = check->world->intern;
    const wb_requirement asked = wb_requirement_from_expression(check->arena, intern, expression);
    if (asked.key == WB_NAME_HOSTNAME) {
        return true; /* a claim's host has no name yet */
    }
    const wb_requirement *given = wb_requirements_get(requirements, asked.key);
    if (expression->op == WB_OPERATOR_DOES_NOT_EXIST || expression->op == WB_OPERATOR_NOT_IN) {
        for (uint32_t i = 0; given != NULL && !given->is_complement && i < given->value_count;
             i++) {
            if (!wb_requirement_has(intern, &asked, given->values[i])) {
                return false;
            }
        }
        return true;
    }
    if (given == NULL) {
        return asked.key == WB_NAME_REGISTERED || asked.key == WB_NAME_INITIALIZED;
    }
    if (given->is_complement) {
        return asked.is_complement; /* the claim took the bounds over */
    }
    for (uint32_t i = 0; i < given->value_count; i++) {
        if (!wb_requirement_has(intern, &asked, given->values[i])) {
            return false;
        }
    }
    return given->value_count > 0;
}

static bool terms_exclude(const wb_node_term *terms, uint32_t count, uint32_t key)
{
    for (uint32_t t = 0; t < count; t++) {
        for (uint32_t e = 0; e < terms[t].expression_count; e++) {
            if (terms[t].expressions[e].key == key &&
                terms[t].expressions[e].op == WB_OPERATOR_NOT_IN) {
                return true;
            }
        }
    }
    return false;
}

/* Upstream's quirk: a pod that says NotIn about a label which the node lacks makes it a label that
 * the node might have, to pods placed there after it. */
static bool may_seem_to_have(const wb_validator_host *host, uint32_t key)
{
    for (uint32_t i = 0; i < host->pod_count; i++) {
        const wb_pod_template *pod = host->pods[i].shape->template;
        if (host->pods[i].pod_index != UINT32_MAX &&
            (terms_exclude(pod->required_terms, pod->required_term_count, key) ||
             terms_exclude(pod->preferred_terms, pod->preferred_term_count, key))) {
            return true;
        }
    }
    return false;
}

static bool host_satisfies(const wb_validation *check, const wb_validator_host *host,
                           const wb_label_expression *expression)
{
    if (host->claim != NULL) {
        return claim_satisfies(check, host->claim->requirements, expression);
    }
    const wb_requirement asked =
        wb_requirement_from_expression(check->arena, check->world->intern, expression);
    const wb_requirement *label = wb_requirements_get(host->node->requirements, asked.key);
    if (label == NULL) {
        return expression->op == WB_OPERATOR_DOES_NOT_EXIST ||
               expression->op == WB_OPERATOR_NOT_IN || may_seem_to_have(host, asked.key);
    }
    return wb_requirement_has(check->world->intern, &asked, label->values[0]);
}

static bool some_term_holds(const wb_validation *check, const wb_validator_host *host,
                            const wb_pod_template *pod)
{
    for (uint32_t t = 0; t < pod->required_term_count; t++) {
        bool holds = true;
        for (uint32_t e = 0; e < pod->required_terms[t].expression_count && holds; e++) {
            holds = host_satisfies(check, host, &pod->required_terms[t].expressions[e]);
        }
        if (holds) {
            return true;
        }
    }
    return pod->required_term_count == 0;
}

static bool terms_name(const wb_node_term *terms, uint32_t count, uint32_t key)
{
    for (uint32_t t = 0; t < count; t++) {
        for (uint32_t e = 0; e < terms[t].expression_count; e++) {
            if (terms[t].expressions[e].key == key) {
                return true;
            }
        }
    }
    return false;
}

bool wb_validator_may_contradict_itself(const wb_pod_template *pod)
{
    for (uint32_t i = 0; i < pod->node_selector.count; i++) {
        const uint32_t key = pod->node_selector.items[i].key;
        if (terms_name(pod->required_terms, pod->required_term_count, key) ||
            terms_name(pod->preferred_terms, pod->preferred_term_count, key)) {
            return true;
        }
    }
    for (uint32_t t = 0; t < pod->required_term_count; t++) {
        for (uint32_t e = 0; e < pod->required_terms[t].expression_count; e++) {
            const uint32_t key = pod->required_terms[t].expressions[e].key;
            if (terms_name(pod->preferred_terms, pod->preferred_term_count, key)) {
                return true;
            }
        }
    }
    return false;
}

static void check_selectors(wb_validation *check, const wb_validator_host *host, uint32_t pod_index)
{
    const wb_pod_template *pod = template_of(check, pod_index);
    if (wb_validator_may_contradict_itself(pod)) {
        return;
    }
    for (uint32_t i = 0; i < pod->node_selector.count; i++) {
        const wb_label *label = &pod->node_selector.items[i];
        const wb_label_expression expression = {
            .key = label->key, .op = WB_OPERATOR_IN, .value_count = 1, .values = &label->value};
        if (!host_satisfies(check, host, &expression)) {
            wb_validator_report(check, pod_index, "node selector %s not met",
                                wb_intern_text(check->world->intern, label->key));
        }
    }
    if (!some_term_holds(check, host, pod)) {
        wb_validator_report(check, pod_index, "no required node affinity term is met");
    }
}

/* ---- claims ---- */

static void sum_requests(const wb_validator_host *host, int64_t *sum, bool only_new)
{
    for (uint32_t i = 0; i < host->pod_count; i++) {
        const wb_validator_pod *pod = &host->pods[i];
        if (only_new && pod->pod_index == UINT32_MAX) {
            continue;
        }
        for (uint32_t d = 0; d < pod->shape->demands.count; d++) {
            const wb_demand *demand = &pod->shape->demands.items[d];
            sum[demand->resource] += demand->amount * pod->count;
        }
    }
}

static void check_type(wb_validation *check, uint32_t claim_index, uint32_t type_index,
                       const int64_t *sum)
{
    const wb_solver_world *world = check->world;
    const wb_solver_claim *claim = &check->result->claims[claim_index];
    const char *name = wb_intern_text(world->intern, world->types[type_index].source->name);
    uint32_t key = 0;
    if (!wb_requirements_intersects(world->intern, world->types[type_index].requirements,
                                    claim->requirements, &key)) {
        const bool was_narrowed_last =
            key == WB_NAME_CAPACITY_TYPE || key == WB_NAME_CAPACITY_RESERVATION_ID;
        if (!was_narrowed_last) { /* to its reservations, after the types were chosen */
            wb_validator_report(check, UINT32_MAX, "claim %u: type %s contradicts %s", claim_index,
                                name, wb_intern_text(world->intern, key));
        }
    }
    for (uint32_t r = 0; r < world->resource_count; r++) {
        if (sum[r] > wb_solver_world_allocatable_of(world, r, type_index)) {
            wb_validator_report(check, UINT32_MAX, "claim %u: type %s lacks %s", claim_index, name,
                                wb_intern_text(world->intern, world->resource_names[r]));
        }
    }
}

/* Prices of the list rise, and the first has an offering to be bought. */
static void check_prices(wb_validation *check, uint32_t claim_index)
{
    const wb_solver_claim *claim = &check->result->claims[claim_index];
    double last = 0;
    for (uint32_t t = 0; t < claim->type_count; t++) {
        const double price =
            wb_provisioning_cheapest(check->world, claim->requirements, claim->type_indices[t])
                .price_usd_per_hour;
        if (price < last) {
            wb_validator_report(check, UINT32_MAX,
                                "claim %u: type %u is cheaper than the one before", claim_index, t);
        }
        last = price;
    }
    if (claim->type_count == 0 || claim->cheapest.type_index != claim->type_indices[0]) {
        wb_validator_report(check, UINT32_MAX,
                            "claim %u: no type, or the first is not the cheapest", claim_index);
    }
}

static void check_claim_values(wb_validation *check, uint32_t claim_index)
{
    const wb_solver_claim *claim = &check->result->claims[claim_index];
    const wb_solver_world *world = check->world;
    for (uint32_t i = 0; i < claim->requirements.count && !world->min_values_best_effort; i++) {
        const wb_requirement *one = &claim->requirements.items[i];
        if (one->min_values <= 0) {
            continue;
        }
        uint64_t *seen =
            WB_ARENA_ARRAY(check->arena, uint64_t, wb_bitset_word_count(world->intern->count));
        uint32_t count = 0;
        for (uint32_t t = 0; t < claim->type_count; t++) {
            const wb_requirement *of_type =
                wb_requirements_get(world->types[claim->type_indices[t]].requirements, one->key);
            for (uint32_t v = 0; of_type != NULL && v < of_type->value_count; v++) {
                count += !wb_bitset_has(seen, of_type->values[v]);
                wb_bitset_add(seen, of_type->values[v]);
            }
        }
        if (count < (uint32_t)one->min_values) {
            wb_validator_report(check, UINT32_MAX, "claim %u: %u of %d values under minValues",
                                claim_index, count, one->min_values);
        }
    }
}

static void check_claim(wb_validation *check, uint32_t claim_index)
{
    const wb_solver_claim *claim = &check->result->claims[claim_index];
    const wb_validator_host *host = &check->hosts[check->problem->node_count + claim_index];
    const wb_nodepool *pool = wb_solver_world_pool(check->world, claim->pool_index);
    int64_t *sum = WB_ARENA_ARRAY(check->arena, int64_t, check->world->resource_count);
    sum_requests(host, sum, true);
    for (uint32_t t = 0; t < claim->type_count; t++) {
        check_type(check, claim_index, claim->type_indices[t], sum);
    }
    for (uint32_t r = 0; r < check->world->resource_count; r++) {
        if (wb_resource_list_get(claim->requests, check->world->resource_names[r]) < sum[r]) {
            wb_validator_report(check, UINT32_MAX, "claim %u: requests below its pods'",
                                claim_index);
        }
    }
    check_prices(check, claim_index);
    check_claim_values(check, claim_index);
    for (uint32_t i = 0; i < claim->pod_count; i++) {
        check_taints(check, claim->pod_indices[i], pool->taints, pool->taint_count);
        check_selectors(check, host, claim->pod_indices[i]);
    }
}

/* Even if every new claim became its largest type, the pool would stay inside its limits. */
static void check_limits(wb_validation *check)
{
    const wb_solver_world *world = check->world;
    for (uint32_t p = 0; p < world->pool_count; p++) {
        const wb_demands limits = world->pools[p].limits;
        for (uint32_t i = 0; i < limits.count; i++) {
            const uint32_t r = limits.items[i].resource;
            int64_t used = 0;
            uint32_t new_count = 0;
            for (uint32_t n = 0; n < check->problem->node_count; n++) {
                const wb_solver_node *node = check->problem->nodes[n];
                const bool counts =
                    check->problem->node_roles == NULL ||
                    check->problem->node_roles[n] <= WB_NODE_ROLE_OFFERED_TO_PENDING;
                used += counts && node->pool_index == p && r < node->resource_count
                            ? node->capacity[r]
                            : 0;
            }
            for (uint32_t c = 0; c < check->result->claim_count; c++) {
                const wb_solver_claim *claim = &check->result->claims[c];
                int64_t largest = 0;
                for (uint32_t t = 0; claim->pool_index == p && t < claim->type_count; t++) {
                    const int64_t capacity =
                        wb_solver_world_capacity_of(world, r, claim->type_indices[t]);
                    largest = capacity > largest ? capacity : largest;
                }
                used += largest;
                new_count += claim->pool_index == p;
            }
            if (new_count > 0 && used > limits.items[i].amount) {
                wb_validator_report(check, UINT32_MAX, "NodePool %u goes beyond its limit of %s", p,
                                    wb_intern_text(world->intern, world->resource_names[r]));
            }
        }
    }
}

/* ---- nodes ---- */

static void check_node(wb_validation *check, uint32_t node_index)
{
    const wb_validator_host *host = &check->hosts[node_index];
    const wb_solver_node *node = host->node;
    if (host->new_count == 0) {
        return;
    }
    int64_t *sum = WB_ARENA_ARRAY(check->arena, int64_t, check->world->resource_count);
    for (uint32_t r = 0; r < node->resource_count; r++) {
        sum[r] = node->used[r];
    }
    sum_requests(host, sum, true);
    for (uint32_t r = 0; r < check->world->resource_count; r++) {
        const int64_t allocatable = r < node->resource_count ? node->allocatable[r] : 0;
        if (sum[r] > allocatable && sum[r] > (r < node->resource_count ? node->used[r] : 0)) {
            wb_validator_report(check, UINT32_MAX, "node %s: %s is overcommitted",
                                wb_intern_text(check->world->intern, node->name),
                                wb_intern_text(check->world->intern,
                                               check->world->resource_names[r]));
        }
    }
    for (uint32_t i = 0; i < host->pod_count; i++) {
        const uint32_t pod = host->pods[i].pod_index;
        if (pod != UINT32_MAX) {
            check_taints(check, pod, node->blocking, node->blocking_count);
            check_selectors(check, host, pod);
        }
    }
}

/* ---- the outcome as hosts ---- */

bool wb_validator_domain(const wb_validation *check, const wb_validator_host *host, uint32_t key,
                         const uint32_t **out_values, uint32_t *out_count)
{
    (void)check;
    assert(key != WB_NAME_HOSTNAME);
    *out_values = NULL;
    *out_count = 0;
    const wb_requirements known =
        host->claim != NULL ? host->claim->requirements : host->node->requirements;
    const wb_requirement *value = wb_requirements_get(known, key);
    if (value == NULL) {
        return host->claim != NULL; /* a claim's node will have some value, perhaps */
    }
    if (value->is_complement) {
        return true;
    }
    *out_values = value->values;
    *out_count = value->value_count;
    return value->value_count > 0;
}

static void add_pod(wb_validation *check, wb_validator_host *host, wb_validator_pod pod)
{
    if (host->pod_count == host->pod_capacity) {
        const uint32_t capacity = host->pod_capacity * 2 + 4;
        host->pods =
            wb_arena_grow(check->arena, host->pods, host->pod_count, capacity, sizeof(*host->pods));
        host->pod_capacity = capacity;
    }
    host->pods[host->pod_count++] = pod;
    host->new_count += pod.pod_index != UINT32_MAX;
}

/* Running pods that the batch moves are no longer where they were. */
static void add_running(wb_validation *check, wb_validator_host *host, uint32_t node_index)
{
    const wb_solver_node *node = host->node;
    for (uint32_t e = 0; e < node->entry_count; e++) {
        const wb_node_entry *entry = node->entries[e];
        uint32_t count = (entry->flags & WB_SOLVER_POD_TERMINATING) != 0 ? 0 : entry->count;
        for (uint32_t i = 0; check->moves_pods && i < check->problem->pod_count && count > 0; i++) {
            const wb_solver_pod *pod = &check->problem->pods[i];
            count -= pod->bound_node_index == node_index && pod->shape_id == entry->shape->id;
        }
        if (count > 0) {
            add_pod(check, host, (wb_validator_pod){entry->shape, UINT32_MAX, count});
        }
    }
}

static bool moves_pods(const wb_solver_problem *problem)
{
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        if (problem->pods[i].bound_node_index != UINT32_MAX) {
            return true;
        }
    }
    return false;
}

static void build_hosts(wb_validation *check)
{
    const wb_solver_problem *problem = check->problem;
    check->host_count = problem->node_count + check->result->claim_count;
    check->hosts = WB_ARENA_ARRAY(check->arena, wb_validator_host, check->host_count);
    for (uint32_t n = 0; n < problem->node_count; n++) {
        check->hosts[n].node = problem->nodes[n];
        add_running(check, &check->hosts[n], n);
    }
    for (uint32_t c = 0; c < check->result->claim_count; c++) {
        check->hosts[problem->node_count + c].claim = &check->result->claims[c];
    }
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        const wb_solver_placement *placement = &check->result->placements[i];
        const wb_validator_pod pod = {wb_pod_shape_get(check->world, problem->pods[i].shape_id), i,
                                      1};
        if (placement->node_index != WB_PLACED_ON_NONE) {
            add_pod(check, &check->hosts[placement->node_index], pod);
        } else if (placement->claim_index != WB_PLACED_ON_NONE) {
            add_pod(check, &check->hosts[problem->node_count + placement->claim_index], pod);
        }
    }
}

uint32_t wb_validator_check(wb_arena *arena, wb_solver_world *world,
                            const wb_solver_problem *problem, const wb_solver_result *result,
                            wb_text *out)
{
    assert(problem->pod_count == 0 || result->placements != NULL);
    const wb_arena_mark mark = wb_arena_get_mark(arena);
    wb_validation check = {
        .arena = arena, .world = world, .problem = problem, .result = result, .out = out};
    check.moves_pods = moves_pods(problem);
    check_placements(&check);
    build_hosts(&check);
    for (uint32_t c = 0; c < result->claim_count; c++) {
        check_claim(&check, c);
    }
    check_limits(&check);
    for (uint32_t n = 0; n < problem->node_count && !check.moves_pods; n++) {
        check_node(&check, n); /* a moved pod's room is freed later: a node may look too full */
    }
    wb_validator_check_hosts(&check);
    wb_arena_rewind(arena, mark);
    return check.violation_count;
}
