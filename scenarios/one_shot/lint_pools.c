/*
 * NodePools: whether any node can come of them, whether they are ever reached, and what keeps
 * their nodes from being replaced. Static, deleting and unready pools take no part in provisioning
 * and are left out.
 */
#include <assert.h>

#include "base/bitset.h"
#include "kube/names.h"
#include "solver/world_view.h"
#include "scenarios/one_shot/lint_internal.h"
#include "scenarios/one_shot/one_shot_funnel.h"

#define SPOT_TO_SPOT_TYPES 15 /* spec/disruption.md section 10 */

/* One pool of the world with what it can become. */
typedef struct pool_view {
    const wb_nodepool *pool; /* as written, limits included */
    const wb_solver_pool *source;
    uint32_t pool_index; /* of the world */
    wb_requirements requirements;
    wb_one_shot_funnel funnel;
} pool_view;

static wb_lint_place place_of(const wb_lint *lint, const wb_nodepool *pool, const char *path)
{
    assert(pool != NULL && path != NULL);
    return (wb_lint_place){.source = pool->source,
                           .object = wb_lint_pool_name(lint, pool),
                           .path = path};
}

static const char *name_of(const wb_lint *lint, const wb_nodepool *pool)
{
    return wb_intern_text(lint->input->intern, pool->name);
}

/* --- Whether a node can come of it ----------------------------------------------------- */

static void check_types(const wb_lint *lint, const pool_view *view)
{
    if (view->funnel.left_count > 0 || view->funnel.step_count == 0 ||
        wb_lint_is_refused(lint, wb_lint_pool_name(lint, view->pool))) {
        return;
    }
    const wb_one_shot_funnel *funnel = &view->funnel;
    const uint32_t before = funnel->step_count > 1
                                ? funnel->steps[funnel->step_count - 2].left_count
                                : funnel->type_count;
    const wb_lint_place place = place_of(lint, view->pool, "spec.template.spec.requirements");
    wb_lint_add(lint, WB_LINT_ERROR, "pool-without-types", &place,
                "no instance type is left of %u: %s takes the last %u", funnel->type_count,
                funnel->steps[funnel->step_count - 1].text, before);
}

/* BestEffort lowers minValues instead of refusing. */
static void check_min_values(const wb_lint *lint, const pool_view *view)
{
    for (uint32_t i = 0; i < view->pool->requirement_count && view->funnel.left_count > 0; i++) {
        const wb_label_expression *one = &view->pool->requirements[i];
        const uint32_t wanted = one->min_values > 0 ? (uint32_t)one->min_values : 0;
        const uint32_t key = wb_names_unalias(lint->input->intern, one->key);
        const uint32_t found =
            wanted > 0 ? wb_world_view_value_count(lint->solution->world, view->funnel.types, key)
                       : 0;
        if (found >= wanted) {
            continue;
        }
        const wb_lint_place place =
            place_of(lint, view->pool,
                     wb_lint_format(lint, "spec.template.spec.requirements[%u].minValues", i));
        wb_lint_add(lint,
                    lint->input->options.min_values_best_effort ? WB_LINT_WARNING : WB_LINT_ERROR,
                    "min-values-unmet", &place,
                    "minValues %u of %s can't be met: the %u instance types left have %u values",
                    wanted, wb_intern_text(lint->input->intern, one->key), view->funnel.left_count,
                    found);
    }
}

/* The least of a resource that any type left has, and that type. */
static int64_t least_capacity(const wb_lint *lint, const pool_view *view, uint32_t resource,
                              uint32_t *out_type)
{
    assert(view->funnel.left_count > 0);
    const wb_solver_world *world = lint->solution->world;
    const size_t words = wb_bitset_word_count(wb_solver_world_type_count(world));
    int64_t least = INT64_MAX;
    for (size_t t = wb_bitset_next(view->funnel.types, words, 0); t != SIZE_MAX;
         t = wb_bitset_next(view->funnel.types, words, t + 1)) {
        const int64_t capacity =
            wb_resource_list_get(wb_solver_world_type(world, (uint32_t)t)->capacity, resource);
        if (capacity < least) {
            least = capacity;
            *out_type = (uint32_t)t;
        }
    }
    return least;
}

static void check_limits(const wb_lint *lint, const pool_view *view)
{
    const wb_intern *intern = lint->input->intern;
    for (uint32_t i = 0; i < view->pool->limits.count && view->funnel.left_count > 0; i++) {
        const wb_resource *limit = &view->pool->limits.items[i];
        uint32_t smallest = 0;
        const int64_t least = least_capacity(lint, view, limit->name, &smallest);
        if (least <= limit->amount) {
            continue;
        }
        const wb_lint_place place =
            place_of(lint, view->pool,
                     wb_lint_format(lint, "spec.limits.%s", wb_intern_text(intern, limit->name)));
        wb_text text;
        wb_text_init(&text);
        wb_one_shot_funnel_print_amount(limit->name, limit->amount, &text);
        wb_text_add_format(
            &text,
            " of %s is below one node: the smallest instance type left, %s, "
            "has ",
            wb_intern_text(intern, limit->name),
            wb_intern_text(intern, wb_solver_world_type(lint->solution->world, smallest)->name));
        wb_one_shot_funnel_print_amount(limit->name, least, &text);
        wb_lint_add(lint, WB_LINT_ERROR, "limit-below-node", &place, "%s", wb_text_string(&text));
        wb_text_release(&text);
    }
    if (view->pool->limit_nodes == 0) {
        const wb_lint_place place = place_of(lint, view->pool, "spec.limits.nodes");
        wb_lint_add(lint, WB_LINT_ERROR, "limit-below-node", &place,
                    "0 nodes: the NodePool can't make any");
    }
}

/* --- Whether it is ever reached -------------------------------------------------------- */

static bool allows(const wb_lint *lint, wb_requirements requirements, uint32_t key, uint32_t value)
{
    assert(key != 0 && value != 0);
    const wb_requirement *one = wb_requirements_get(requirements, key);
    return one == NULL || wb_requirement_has(lint->input->intern, one, value);
}

static uint32_t market_of(wb_capacity_type capacity_type)
{
    assert(capacity_type <= WB_CAPACITY_RESERVED);
    static const uint32_t names[] = {
        [WB_CAPACITY_ON_DEMAND] = WB_NAME_ON_DEMAND,
        [WB_CAPACITY_SPOT] = WB_NAME_SPOT,
        [WB_CAPACITY_RESERVED] = WB_NAME_RESERVED,
    };
    return names[capacity_type];
}

static bool offers(const wb_lint *lint, const pool_view *view, const wb_offering *offering)
{
    return offering->is_available &&
           allows(lint, view->requirements, WB_NAME_ZONE, offering->zone) &&
           allows(lint, view->requirements, WB_NAME_CAPACITY_TYPE,
                  market_of(offering->capacity_type));
}

/* Every type and offering of the lighter pool is one of the heavier one's. */
static bool covers_offerings(const wb_lint *lint, const pool_view *heavy, const pool_view *light)
{
    const wb_solver_world *world = lint->solution->world;
    const size_t words = wb_bitset_word_count(wb_solver_world_type_count(world));
    for (size_t t = wb_bitset_next(light->funnel.types, words, 0); t != SIZE_MAX;
         t = wb_bitset_next(light->funnel.types, words, t + 1)) {
        const wb_catalog_type *type = wb_solver_world_type(world, (uint32_t)t);
        if (!wb_bitset_has(heavy->funnel.types, t)) {
            return false;
        }
        for (uint32_t o = 0; o < type->offering_count; o++) {
            if (offers(lint, light, &type->offerings[o]) &&
                !offers(lint, heavy, &type->offerings[o])) {
                return false;
            }
        }
    }
    return true;
}

/* Labels of the user's own that only the lighter pool gives: a pod can ask for it by them. */
static bool covers_labels(const pool_view *heavy, const pool_view *light)
{
    for (uint32_t i = 0; i < light->requirements.count; i++) {
        const wb_requirement *one = &light->requirements.items[i];
        if (wb_names_is_well_known(one->key) || one->key == WB_NAME_REGISTERED ||
            one->key == WB_NAME_INITIALIZED) {
            continue;
        }
        const wb_requirement *other = wb_requirements_get(heavy->requirements, one->key);
        if (one->key == WB_NAME_EC2NODECLASS) {
            continue; /* nobody selects by it */
        }
        if (other == NULL || !wb_requirement_equals(one, other)) {
            return false;
        }
    }
    return true;
}

/* What tolerates the lighter pool's taints tolerates the heavier one's. */
static bool covers_taints(const wb_nodepool *heavy, const wb_nodepool *light)
{
    for (uint32_t i = 0; i < heavy->taint_count; i++) {
        bool is_there = false;
        for (uint32_t j = 0; j < light->taint_count; j++) {
            is_there = is_there || (heavy->taints[i].key == light->taints[j].key &&
                                    heavy->taints[i].value == light->taints[j].value &&
                                    heavy->taints[i].effect == light->taints[j].effect);
        }
        if (!is_there) {
            return false;
        }
    }
    return true;
}

/* Whether some pod of the files asks for the pool by name. */
static bool is_selected(const wb_lint *lint, const wb_nodepool *pool)
{
    for (uint32_t i = 0; i < lint->input->pod_count; i++) {
        const wb_pod_template *template = lint->input->pods[i].template;
        if (wb_labels_get(template->node_selector, WB_NAME_NODEPOOL) == pool->name) {
            return true;
        }
        for (uint32_t t = 0; t < template->required_term_count; t++) {
            const wb_node_term *term = &template->required_terms[t];
            for (uint32_t e = 0; e < term->expression_count; e++) {
                if (term->expressions[e].key == WB_NAME_NODEPOOL) {
                    return true;
                }
            }
        }
    }
    return false;
}

static bool is_limited(const wb_nodepool *pool)
{
    return pool->limits.count > 0 || pool->limit_nodes >= 0;
}

/* A heavier pool that takes every pod that this one could have. */
static void check_reached(const wb_lint *lint, const pool_view *views, uint32_t index)
{
    assert(views[index].pool != NULL);
    const pool_view *light = &views[index];
    if (light->funnel.left_count == 0 || is_selected(lint, light->pool)) {
        return;
    }
    for (uint32_t i = 0; i < index; i++) {
        const pool_view *heavy = &views[i];
        if (is_limited(heavy->pool) || wb_requirements_has_min_values(heavy->requirements) ||
            heavy->source->catalog != light->source->catalog ||
            !covers_taints(heavy->pool, light->pool) || !covers_labels(heavy, light) ||
            !covers_offerings(lint, heavy, light)) {
            continue;
        }
        const bool is_even = heavy->pool->weight == light->pool->weight;
        const wb_lint_place place = place_of(lint, light->pool, "spec.weight");
        wb_lint_add(lint, WB_LINT_WARNING, "pool-never-wins", &place,
                    "NodePool %s%s is tried first and takes every pod that this one could: all %u "
                    "instance types here are there, and it has no limits to run into",
                    name_of(lint, heavy->pool),
                    is_even ? " (the same weight, its name sorts later)"
                            : wb_lint_format(lint, " (weight %d)", heavy->pool->weight),
                    light->funnel.left_count);
        return;
    }
}

/* --- What keeps its nodes from being replaced ------------------------------------------ */

static uint32_t count_spot_types(const wb_lint *lint, const pool_view *view)
{
    const wb_solver_world *world = lint->solution->world;
    const size_t words = wb_bitset_word_count(wb_solver_world_type_count(world));
    uint32_t count = 0;
    for (size_t t = wb_bitset_next(view->funnel.types, words, 0); t != SIZE_MAX;
         t = wb_bitset_next(view->funnel.types, words, t + 1)) {
        const wb_catalog_type *type = wb_solver_world_type(world, (uint32_t)t);
        bool has_spot = false;
        for (uint32_t o = 0; o < type->offering_count; o++) {
            has_spot = has_spot || (type->offerings[o].capacity_type == WB_CAPACITY_SPOT &&
                                    offers(lint, view, &type->offerings[o]));
        }
        count += has_spot;
    }
    return count;
}

static void check_spot(const wb_lint *lint, const pool_view *view)
{
    if (view->pool->consolidation_policy == WB_CONSOLIDATE_WHEN_EMPTY ||
        !allows(lint, view->requirements, WB_NAME_CAPACITY_TYPE, WB_NAME_SPOT)) {
        return;
    }
    const uint32_t count = count_spot_types(lint, view);
    if (count == 0 || count >= SPOT_TO_SPOT_TYPES) {
        return;
    }
    const wb_lint_place place = place_of(lint, view->pool, "spec.template.spec.requirements");
    wb_lint_add(lint, WB_LINT_WARNING, "spot-to-spot", &place,
                "%u instance types have spot offerings here, and replacing one spot node by a "
                "cheaper one takes at least %d (with the gate SpotToSpotConsolidation), so a spot "
                "node is never exchanged for a cheaper one",
                count, SPOT_TO_SPOT_TYPES);
}

static void check_disruption(const wb_lint *lint, const pool_view *view)
{
    for (uint32_t i = 0; i < view->pool->budget_count; i++) {
        const wb_budget *budget = &view->pool->budgets[i];
        if (budget->nodes == 0 && budget->schedule == NULL && budget->reasons == 0) {
            const wb_lint_place place =
                place_of(lint, view->pool,
                         wb_lint_format(lint, "spec.disruption.budgets[%u].nodes", i));
            wb_lint_add(lint, WB_LINT_WARNING, "budget-blocks", &place,
                        "a budget of 0 at all times: no node of this NodePool is ever "
                        "consolidated or replaced for drift");
        }
    }
}

static bool has_class(const wb_lint *lint, uint32_t name)
{
    for (uint32_t i = 0; i < lint->input->manifest.nodeclass_count; i++) {
        if (lint->input->manifest.nodeclasses[i].name == name) {
            return true;
        }
    }
    return false;
}

static void check_class(const wb_lint *lint, const pool_view *view)
{
    if (!has_class(lint, view->pool->node_class_name)) {
        const wb_lint_place place =
            place_of(lint, view->pool, "spec.template.spec.nodeClassRef.name");
        wb_lint_add(lint, WB_LINT_WARNING, "nodeclass-missing", &place,
                    "NodeClass %s is not in these files: AL2023 with the kubelet's defaults is "
                    "assumed",
                    wb_intern_text(lint->input->intern, view->pool->node_class_name));
    }
}

/* --- All pools ------------------------------------------------------------------------- */

static const wb_solver_pool *find_source(const wb_one_shot_input *input, uint32_t name)
{
    for (uint32_t i = 0; i < input->pool_count; i++) {
        if (input->pools[i].nodepool->name == name) {
            return &input->pools[i];
        }
    }
    assert(false && "the world's pools are the input's");
    return NULL;
}

/* In the order in which they are tried, which is what reaching one depends on. */
void wb_lint_check_pools(const wb_lint *lint)
{
    assert(lint != NULL && lint->solution != NULL);
    const wb_solver_world *world = lint->solution->world;
    const uint32_t count = wb_solver_world_pool_count(world);
    pool_view *views = WB_ARENA_ARRAY(lint->arena, pool_view, count);
    for (uint32_t p = 0; p < count; p++) {
        pool_view *view = &views[p];
        view->source = find_source(lint->input, wb_solver_world_pool(world, p)->name);
        view->pool = view->source->nodepool;
        view->pool_index = p;
        view->requirements = wb_world_view_pool_requirements(world, p);
        wb_one_shot_funnel_pool(lint->arena, lint->solution, p, &view->funnel);
        check_class(lint, view);
        check_types(lint, view);
        check_min_values(lint, view);
        check_limits(lint, view);
        check_reached(lint, views, p);
        check_spot(lint, view);
        check_disruption(lint, view);
    }
}
