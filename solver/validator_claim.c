/*
 * What a claim promises: that every instance type in its list can be bought now and has room for
 * all its pods and the DaemonSets that come along, cheapest first, within its NodePool's bounds.
 */
#include <assert.h>
#include <string.h>

#include "solver/validator_internal.h"

static const char *text_of(const wb_validation *of, uint32_t id)
{
    return wb_intern_text(of->intern, id);
}

static const char *type_name(const wb_validation *of, uint32_t type_index)
{
    return text_of(of, wb_solver_world_type(of->input->world, type_index)->name);
}

/* ---- instance types ---- */

/* A claim with a reservation is narrowed to it at the end, and keeps types that it does not offer.
 */
static bool holds_reservation(const wb_solver_claim *claim)
{
    const wb_requirement *ids =
        wb_requirements_get(claim->requirements, WB_NAME_CAPACITY_RESERVATION_ID);
    return ids != NULL && !ids->is_complement && ids->value_count > 0;
}

/* Requirement by requirement: the two meet, or both say that the label may be missing. */
static bool type_meets_requirements(wb_validation *of, uint32_t claim_index, uint32_t type_index)
{
    const wb_solver_claim *claim = &of->result->claims[claim_index];
    for (uint32_t i = 0; i < claim->requirements.count; i++) {
        const wb_requirement *asked = &claim->requirements.items[i];
        const wb_validator_type_label has =
            wb_validator_type_values(of, claim->pool_index, type_index, asked->key);
        const bool may_be_missing =
            asked->is_complement == (asked->value_count > 0); /* NotIn or DoesNotExist */
        const bool is_of_reservation =
            holds_reservation(claim) &&
            (asked->key == WB_NAME_CAPACITY_TYPE || asked->key == WB_NAME_CAPACITY_RESERVATION_ID);
        bool meets = is_of_reservation || !has.is_known || (has.count == 0 && may_be_missing);
        for (uint32_t v = 0; v < has.count && !meets; v++) {
            const wb_validator_value value = wb_validator_value_of(of->intern, has.values[v]);
            meets = wb_validator_admits(asked, &value);
        }
        if (!meets) {
            wb_text_add_format(of->violation,
                               "claim %u lists type %s, which does not meet its requirement on %s",
                               claim_index, type_name(of, type_index), text_of(of, asked->key));
            return false;
        }
    }
    return true;
}

/* Capacity less overhead; memory that hugepages hold is not there for others. */
static int64_t allocatable(const wb_validation *of, const wb_catalog_type *type, uint32_t resource)
{
    int64_t left = wb_resource_list_get(type->capacity, resource) -
                   (wb_resource_list_has(type->capacity, resource)
                        ? wb_resource_list_get(type->overhead, resource)
                        : 0);
    int64_t huge_bytes = 0;
    for (uint32_t i = 0; resource == WB_NAME_MEMORY && i < type->capacity.count; i++) {
        const char *name = text_of(of, type->capacity.items[i].name);
        huge_bytes += strncmp(name, "hugepages-", 10) == 0 ? type->capacity.items[i].amount : 0;
    }
    if (huge_bytes > 0) {
        left = left > huge_bytes ? left - huge_bytes : 0;
    }
    return left;
}

static bool type_has_room(wb_validation *of, uint32_t claim_index, uint32_t type_index,
                          wb_resource_list pods)
{
    const wb_solver_claim *claim = &of->result->claims[claim_index];
    const wb_catalog_type *type = wb_solver_world_type(of->input->world, type_index);
    const wb_validator_daemons *daemons =
        wb_validator_daemons_of(of, claim->pool_index, type_index);
    const wb_arena_mark mark = wb_arena_get_mark(of->arena);
    const wb_resource_list total = wb_resource_list_add(of->arena, pods, daemons->requests);
    bool has_room = true;
    for (uint32_t i = 0; has_room && i < total.count; i++) {
        const int64_t there = allocatable(of, type, total.items[i].name);
        if (total.items[i].amount > there) {
            wb_text_add_format(of->violation,
                               "claim %u lists type %s, which has %lld of %s allocatable, its "
                               "pods and DaemonSets ask for %lld",
                               claim_index, type_name(of, type_index), (long long)there,
                               text_of(of, total.items[i].name), (long long)total.items[i].amount);
            has_room = false;
        }
    }
    wb_arena_rewind(of->arena, mark);
    return has_room;
}

/* Whether the claim's requirements under key admit the value; 0: that there is none. */
static bool claim_admits(const wb_validation *of, const wb_solver_claim *claim, uint32_t key,
                         uint32_t value_id)
{
    const wb_requirement *asked = wb_requirements_get(claim->requirements, key);
    if (asked == NULL) {
        return true;
    }
    if (value_id == 0) {
        return asked->is_complement == (asked->value_count > 0);
    }
    const wb_validator_value value = wb_validator_value_of(of->intern, value_id);
    return wb_validator_admits(asked, &value);
}

static bool offering_is_open(const wb_validation *of, const wb_solver_claim *claim,
                             const wb_offering *offering)
{
    static const uint32_t markets[] = {
        [WB_CAPACITY_ON_DEMAND] = WB_NAME_ON_DEMAND,
        [WB_CAPACITY_SPOT] = WB_NAME_SPOT,
        [WB_CAPACITY_RESERVED] = WB_NAME_RESERVED,
    };
    const bool is_reserved = offering->capacity_type == WB_CAPACITY_RESERVED;
    return offering->is_available && claim_admits(of, claim, WB_NAME_ZONE, offering->zone) &&
           claim_admits(of, claim, WB_NAME_CAPACITY_TYPE, markets[offering->capacity_type]) &&
           claim_admits(of, claim, WB_NAME_CAPACITY_RESERVATION_ID,
                        is_reserved ? offering->reservation_id : 0) &&
           claim_admits(of, claim, WB_NAME_CAPACITY_RESERVATION_TYPE,
                        is_reserved ? WB_NAME_DEFAULT : 0) &&
           claim_admits(of, claim, WB_NAME_CAPACITY_RESERVATION_INTERRUPTIBLE,
                        is_reserved ? WB_NAME_FALSE : 0);
}

/* The lowest price at which the type can be had for the claim; false: it can't be had. */
static bool lowest_price(const wb_validation *of, const wb_solver_claim *claim, uint32_t type_index,
                         double *out)
{
    const wb_catalog_type *type = wb_solver_world_type(of->input->world, type_index);
    bool is_found = false;
    for (uint32_t i = 0; i < type->offering_count; i++) {
        const wb_offering offering = wb_solver_world_offering(of->input->world, type_index, i);
        if (offering_is_open(of, claim, &offering) &&
            (!is_found || offering.price_usd_per_hour < *out)) {
            *out = offering.price_usd_per_hour;
            is_found = true;
        }
    }
    return is_found;
}

static bool comes_before(const wb_validation *of, uint32_t a, double a_price, uint32_t b,
                         double b_price)
{
    return a_price < b_price ||
           (a_price <= b_price && strcmp(type_name(of, a), type_name(of, b)) < 0);
}

/* Cheapest first, ties by name; types that can't be had (reservations only) at the end. */
static bool check_prices(wb_validation *of, uint32_t claim_index)
{
    const wb_solver_claim *claim = &of->result->claims[claim_index];
    double last_price = 0;
    bool last_has_price = true;
    for (uint32_t i = 0; i < claim->type_count; i++) {
        const uint32_t type_index = claim->type_indices[i];
        double price = 0;
        const bool has_price = lowest_price(of, claim, type_index, &price);
        if (!has_price && (i == 0 || !holds_reservation(claim))) {
            wb_text_add_format(of->violation,
                               "claim %u lists type %s, of which it can have no offering",
                               claim_index, type_name(of, type_index));
            return false;
        }
        const bool is_ordered =
            i == 0 || has_price < last_has_price ||
            (has_price == last_has_price &&
             comes_before(of, claim->type_indices[i - 1], last_price, type_index, price));
        if (!is_ordered) {
            wb_text_add_format(of->violation, "claim %u lists type %s before %s, which is cheaper",
                               claim_index, type_name(of, claim->type_indices[i - 1]),
                               type_name(of, type_index));
            return false;
        }
        last_price = price;
        last_has_price = has_price;
    }
    return true;
}

/* The offering that is named as the cheapest is one, of the first type. */
static bool check_cheapest(wb_validation *of, uint32_t claim_index)
{
    const wb_solver_claim *claim = &of->result->claims[claim_index];
    const wb_solver_cheapest *named = &claim->cheapest;
    double price = 0;
    if (!lowest_price(of, claim, claim->type_indices[0], &price) ||
        named->type_index != claim->type_indices[0]) {
        wb_text_add_format(of->violation, "claim %u names a cheapest type that is not its first",
                           claim_index);
        return false;
    }
    const wb_catalog_type *type = wb_solver_world_type(of->input->world, named->type_index);
    if (named->offering_index < type->offering_count) {
        const wb_offering offering =
            wb_solver_world_offering(of->input->world, named->type_index, named->offering_index);
        const double gap_usd = offering.price_usd_per_hour - price;
        if (offering_is_open(of, claim, &offering) && gap_usd <= 0 &&
            named->price_usd_per_hour <= price && named->price_usd_per_hour >= price) {
            return true;
        }
    }
    wb_text_add_format(of->violation, "claim %u names a cheapest offering that is not the cheapest",
                       claim_index);
    return false;
}

/* ---- the claim as a whole ---- */

static uint32_t max_types(const wb_validation *of)
{
    const uint32_t given = of->problem->options.max_types;
    return given != 0 ? given : WB_PROVISIONING_MAX_TYPES;
}

/* The list names types of the pool's catalog, each once, and not too many. */
static bool check_list(wb_validation *of, uint32_t claim_index)
{
    const wb_solver_claim *claim = &of->result->claims[claim_index];
    if (claim->type_count == 0 || claim->type_count > max_types(of)) {
        wb_text_add_format(of->violation, "claim %u lists %u instance types, 1 to %u were possible",
                           claim_index, claim->type_count, max_types(of));
        return false;
    }
    const wb_catalog *catalog = wb_validator_catalog(of, claim->pool_index);
    const uint32_t type_count = wb_solver_world_type_count(of->input->world);
    bool *seen = WB_ARENA_ARRAY(of->arena, bool, type_count);
    for (uint32_t i = 0; i < claim->type_count; i++) {
        const uint32_t type_index = claim->type_indices[i];
        if (type_index >= type_count || seen[type_index]) {
            wb_text_add_format(of->violation, "claim %u lists type %u twice, or there is none",
                               claim_index, type_index);
            return false;
        }
        seen[type_index] = true;
        const wb_catalog_type *type = wb_solver_world_type(of->input->world, type_index);
        if (type < catalog->types || type >= catalog->types + catalog->type_count) {
            wb_text_add_format(of->violation, "claim %u lists type %s, which its pool can't buy",
                               claim_index, type_name(of, type_index));
            return false;
        }
    }
    return true;
}

/* Everything that the claim admits is admitted by the pool's expression. */
static bool stays_within(const wb_validation *of, const wb_solver_claim *claim,
                         const wb_label_expression *expression)
{
    const uint32_t key = wb_names_unalias(of->intern, expression->key);
    const wb_requirement *asked = wb_requirements_get(claim->requirements, key);
    if (asked == NULL) {
        return false;
    }
    static const wb_validator_type_label nothing_said = {0};
    const wb_validator_options options =
        wb_validator_options_of(of, asked, nothing_said, expression);
    for (uint32_t i = 0; i < options.count; i++) {
        if (!wb_validator_accepts_value(of, expression, &options.values[i])) {
            return false;
        }
    }
    return true;
}

/* A label of the pool stands in the claim with that value. */
static bool carries(const wb_validation *of, const wb_solver_claim *claim, uint32_t key,
                    uint32_t value)
{
    const wb_label_expression expression = {
        .key = key, .op = WB_OPERATOR_IN, .value_count = 1, .values = &value};
    return stays_within(of, claim, &expression);
}

static bool check_pool(wb_validation *of, uint32_t claim_index)
{
    const wb_solver_claim *claim = &of->result->claims[claim_index];
    const wb_nodepool *nodepool = wb_solver_world_pool(of->input->world, claim->pool_index);
    uint32_t broken = 0;
    for (uint32_t i = 0; broken == 0 && i < nodepool->requirement_count; i++) {
        if (!stays_within(of, claim, &nodepool->requirements[i])) {
            broken = nodepool->requirements[i].key;
        }
    }
    for (uint32_t i = 0; broken == 0 && i < nodepool->labels.count; i++) {
        const wb_label *label = &nodepool->labels.items[i];
        if (!carries(of, claim, label->key, label->value)) {
            broken = label->key;
        }
    }
    if (broken == 0 && !carries(of, claim, WB_NAME_NODEPOOL, nodepool->name)) {
        broken = WB_NAME_NODEPOOL;
    }
    static const uint32_t unwanted[] = {WB_NAME_HOSTNAME, WB_NAME_REGISTERED, WB_NAME_INITIALIZED};
    for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
        if (wb_requirements_get(claim->requirements, unwanted[i]) != NULL) {
            broken = unwanted[i];
        }
    }
    if (broken != 0) {
        wb_text_add_format(of->violation, "claim %u leaves what NodePool %s says on %s",
                           claim_index, text_of(of, nodepool->name), text_of(of, broken));
    }
    return broken == 0;
}

/* Distinct values under key over the claim's types. */
static uint32_t count_values(const wb_validation *of, const wb_solver_claim *claim, uint32_t key)
{
    const wb_arena_mark mark = wb_arena_get_mark(of->arena);
    bool *seen = WB_ARENA_ARRAY(of->arena, bool, of->intern->count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < claim->type_count; i++) {
        const wb_validator_type_label label =
            wb_validator_type_values(of, claim->pool_index, claim->type_indices[i], key);
        for (uint32_t v = 0; v < label.count; v++) {
            count += !seen[label.values[v]];
            seen[label.values[v]] = true;
        }
    }
    wb_arena_rewind(of->arena, mark);
    return count;
}

/* With best effort, minValues counted before the list was cut, and may have been lowered. */
static bool check_min_values(wb_validation *of, uint32_t claim_index)
{
    const wb_solver_claim *claim = &of->result->claims[claim_index];
    const bool is_lax = of->input->desc->min_values_best_effort;
    for (uint32_t i = 0; i < claim->requirements.count; i++) {
        const wb_requirement *one = &claim->requirements.items[i];
        const bool is_cut = is_lax && claim->type_count == max_types(of);
        if (one->min_values > 0 && !is_cut &&
            count_values(of, claim, one->key) < (uint32_t)one->min_values) {
            wb_text_add_format(of->violation, "claim %u offers fewer than %d values of %s",
                               claim_index, one->min_values, text_of(of, one->key));
            return false;
        }
    }
    const wb_nodepool *nodepool = wb_solver_world_pool(of->input->world, claim->pool_index);
    for (uint32_t i = 0; !is_lax && i < nodepool->requirement_count; i++) {
        const wb_label_expression *asked = &nodepool->requirements[i];
        const wb_requirement *kept =
            wb_requirements_get(claim->requirements, wb_names_unalias(of->intern, asked->key));
        if (kept == NULL || kept->min_values < asked->min_values) {
            wb_text_add_format(of->violation, "claim %u has lost minValues of %s", claim_index,
                               text_of(of, asked->key));
            return false;
        }
    }
    return true;
}

static wb_resource_list sum_pods(const wb_validation *of, const wb_solver_claim *claim)
{
    wb_resource_list sum = {0};
    for (uint32_t i = 0; i < claim->pod_count; i++) {
        const uint32_t class_id = of->class_of_pod[claim->pod_indices[i]];
        sum = wb_resource_list_add(of->arena, sum, of->classes[class_id].template->requests);
    }
    return sum;
}

/* Requests say what the pods ask for, and daemons on top. */
static bool check_requests(wb_validation *of, uint32_t claim_index, wb_resource_list pods)
{
    const wb_solver_claim *claim = &of->result->claims[claim_index];
    const bool has_daemons = of->input->desc->daemon_count > 0;
    for (uint32_t i = 0; i < pods.count; i++) {
        const int64_t said = wb_resource_list_get(claim->requests, pods.items[i].name);
        if (said < pods.items[i].amount || (!has_daemons && said > pods.items[i].amount)) {
            wb_text_add_format(of->violation, "claim %u requests %lld of %s, its pods ask for %lld",
                               claim_index, (long long)said, text_of(of, pods.items[i].name),
                               (long long)pods.items[i].amount);
            return false;
        }
    }
    return true;
}

static bool check_claim(wb_validation *of, uint32_t claim_index)
{
    if (!check_list(of, claim_index) || !check_pool(of, claim_index)) {
        return false;
    }
    const wb_solver_claim *claim = &of->result->claims[claim_index];
    const wb_resource_list pods = sum_pods(of, claim);
    for (uint32_t i = 0; i < claim->type_count; i++) {
        if (!type_meets_requirements(of, claim_index, claim->type_indices[i]) ||
            !type_has_room(of, claim_index, claim->type_indices[i], pods)) {
            return false;
        }
    }
    return check_prices(of, claim_index) && check_cheapest(of, claim_index) &&
           check_min_values(of, claim_index) && check_requests(of, claim_index, pods);
}

bool wb_validator_check_claims(wb_validation *of)
{
    assert(of->violation->length == 0);
    for (uint32_t c = 0; c < of->result->claim_count; c++) {
        if (!check_claim(of, c)) {
            return false;
        }
    }
    return true;
}
