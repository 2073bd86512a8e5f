#include "scenarios/one_shot/one_shot_funnel.h"

#include <assert.h>
#include <string.h>

#include "base/bitset.h"
#include "base/quantity.h"
#include "kube/names.h"
#include "solver/taints.h"
#include "solver/world_view.h"

/* A funnel being filled. */
typedef struct filter {
    wb_arena *arena;
    const wb_one_shot_solution *solution;
    wb_one_shot_funnel *funnel;
    size_t word_count;
    wb_requirements claim; /* the pool's requirements, and the pod's once they are on */
    wb_text text;          /* owned: the next step's */
} filter;

typedef bool (*type_test)(const filter *state, uint32_t type_index, const void *context);

static const wb_intern *intern_of(const filter *state)
{
    return state->solution->input->intern;
}

static void add_step(filter *state, wb_one_shot_step_kind kind)
{
    assert(state->text.length > 0);
    wb_one_shot_funnel *funnel = state->funnel;
    funnel->left_count = (uint32_t)wb_bitset_member_count(funnel->types, state->word_count);
    if (funnel->step_count < WB_ONE_SHOT_STEPS_MAX) {
        funnel->steps[funnel->step_count++] = (wb_one_shot_step){
            .kind = kind,
            .text = wb_arena_copy_string(state->arena, wb_text_string(&state->text)),
            .left_count = funnel->left_count,
        };
    }
    wb_text_clear(&state->text);
}

/* Drops the types that fail; a step is told of only when it took some. */
static void narrow(filter *state, wb_one_shot_step_kind kind, type_test test, const void *context)
{
    uint64_t *types = state->funnel->types;
    uint32_t removed = 0;
    for (size_t t = wb_bitset_next(types, state->word_count, 0); t != SIZE_MAX;
         t = wb_bitset_next(types, state->word_count, t + 1)) {
        if (!test(state, (uint32_t)t, context)) {
            wb_bitset_remove(types, t);
            removed++;
        }
    }
    if (removed > 0) {
        add_step(state, kind);
    }
    wb_text_clear(&state->text);
}

static void drop_all(filter *state, wb_one_shot_step_kind kind)
{
    wb_bitset_clear(state->funnel->types, state->word_count);
    add_step(state, kind);
}

/* --- The NodePool ---------------------------------------------------------------------- */

static bool meets(const filter *state, uint32_t type_index, const void *context)
{
    const wb_requirements one = {.items = context, .count = 1};
    return wb_requirements_intersects(
        intern_of(state), wb_world_view_type_requirements(state->solution->world, type_index), one,
        NULL);
}

static bool has_offering(const filter *state, uint32_t type_index, const void *context)
{
    (void)context;
    return wb_world_view_has_offering(state->solution->world, type_index, state->claim);
}

/* Requirements in the order of the file, then labels. */
static void apply_pool(filter *state)
{
    wb_intern *intern = state->solution->input->intern;
    const wb_nodepool *pool =
        wb_solver_world_pool(state->solution->world, state->funnel->pool_index);
    for (uint32_t i = 0; i < pool->requirement_count; i++) {
        const wb_requirement one =
            wb_requirement_from_expression(state->arena, intern, &pool->requirements[i]);
        wb_text_add_string(&state->text, "the NodePool's ");
        wb_one_shot_funnel_print_expression(intern, &pool->requirements[i], &state->text);
        narrow(state, WB_ONE_SHOT_STEP_POOL, meets, &one);
    }
    const wb_requirements labels = wb_requirements_from_labels(state->arena, intern, pool->labels);
    for (uint32_t i = 0; i < labels.count; i++) {
        wb_text_add_string(&state->text, "the NodePool's label ");
        wb_requirement_print(intern, &labels.items[i], &state->text);
        narrow(state, WB_ONE_SHOT_STEP_POOL, meets, &labels.items[i]);
    }
    for (uint32_t i = 0; i < state->claim.count; i++) {
        wb_text_add_string(&state->text, "the NodePool's ");
        wb_requirement_print(intern, &state->claim.items[i], &state->text);
        narrow(state, WB_ONE_SHOT_STEP_POOL, meets, &state->claim.items[i]);
    }
    wb_text_add_string(&state->text, "an available offering in the NodePool's zones and markets");
    narrow(state, WB_ONE_SHOT_STEP_OFFERING, has_offering, NULL);
}

static filter start(wb_arena *arena, const wb_one_shot_solution *solution, uint32_t pool_index,
                    wb_one_shot_funnel *out)
{
    assert(pool_index < wb_solver_world_pool_count(solution->world));
    const wb_world_view_types range = wb_world_view_pool_types(solution->world, pool_index);
    const size_t words = wb_bitset_word_count(wb_solver_world_type_count(solution->world));
    *out = (wb_one_shot_funnel){
        .pool_index = pool_index,
        .type_count = range.end - range.begin,
        .types = WB_ARENA_ARRAY(arena, uint64_t, words),
        .left_count = range.end - range.begin,
    };
    for (uint32_t t = range.begin; t < range.end; t++) {
        wb_bitset_add(out->types, t);
    }
    filter state = {
        .arena = arena,
        .solution = solution,
        .funnel = out,
        .word_count = words,
        .claim = wb_world_view_pool_requirements(solution->world, pool_index),
    };
    wb_text_init(&state.text);
    return state;
}

void wb_one_shot_funnel_pool(wb_arena *arena, const wb_one_shot_solution *solution,
                             uint32_t pool_index, wb_one_shot_funnel *out)
{
    assert(arena != NULL && solution != NULL && out != NULL);
    filter state = start(arena, solution, pool_index, out);
    apply_pool(&state);
    wb_text_release(&state.text);
}

/* --- Limits ---------------------------------------------------------------------------- */

/* What the limits still allow after the solve; INT64_MAX: unlimited. Existing nodes count with what
 * they have, open claims with their largest type. */
static int64_t limit_left(const wb_one_shot_solution *solution, uint32_t pool_index,
                          uint32_t resource)
{
    const wb_nodepool *pool = wb_solver_world_pool(solution->world, pool_index);
    assert(resource != 0);
    if (!wb_resource_list_has(pool->limits, resource)) {
        return INT64_MAX;
    }
    int64_t left = wb_resource_list_get(pool->limits, resource);
    for (uint32_t i = 0; i < solution->input->node_count; i++) {
        const wb_solver_node_desc *node = &solution->input->nodes[i].desc;
        if (node->nodepool == pool->name) {
            left -= wb_resource_list_get(node->capacity, resource);
        }
    }
    for (uint32_t i = 0; i < solution->result.claim_count; i++) {
        const wb_solver_claim *claim = &solution->result.claims[i];
        int64_t largest = 0;
        for (uint32_t t = 0; claim->pool_index == pool_index && t < claim->type_count; t++) {
            const int64_t capacity = wb_resource_list_get(
                wb_solver_world_type(solution->world, claim->type_indices[t])->capacity, resource);
            largest = capacity > largest ? capacity : largest;
        }
        left -= largest;
    }
    return left;
}

void wb_one_shot_funnel_print_expression(const wb_intern *intern,
                                         const wb_label_expression *expression, wb_text *out)
{
    static const char *const operators[] = {"In", "NotIn", "Exists", "DoesNotExist",
                                            "Gt", "Lt",    "Gte",    "Lte"};
    assert(expression != NULL && (size_t)expression->op < sizeof(operators) / sizeof(*operators));
    wb_text_add_format(out, "%s %s", wb_intern_text(intern, expression->key),
                       operators[expression->op]);
    for (uint32_t i = 0; i < expression->value_count; i++) {
        wb_text_add_format(out, "%s%s", i == 0 ? " [" : " ",
                           wb_intern_text(intern, expression->values[i]));
    }
    wb_text_add_string(out, expression->value_count > 0 ? "]" : "");
}

void wb_one_shot_funnel_print_amount(uint32_t resource, int64_t amount, wb_text *out)
{
    char text[48];
    if (resource == WB_NAME_CPU) {
        wb_quantity_print_milli(amount, text);
    } else {
        wb_quantity_print_bytes(amount, text);
    }
    wb_text_add_string(out, text);
}

typedef struct amount_test {
    uint32_t resource, pool_index;
    int64_t amount;
} amount_test;

static bool is_within_limit(const filter *state, uint32_t type_index, const void *context)
{
    const amount_test *limit = context;
    const wb_catalog_type *type = wb_solver_world_type(state->solution->world, type_index);
    return wb_resource_list_get(type->capacity, limit->resource) <= limit->amount;
}

static void apply_limits(filter *state)
{
    const uint32_t pool_index = state->funnel->pool_index;
    const wb_nodepool *pool = wb_solver_world_pool(state->solution->world, pool_index);
    for (uint32_t i = 0; i < pool->limits.count; i++) {
        const uint32_t resource = pool->limits.items[i].name;
        const amount_test limit = {.resource = resource,
                                   .amount = limit_left(state->solution, pool_index, resource)};
        wb_text_add_format(&state->text, "the NodePool's limit of ");
        wb_one_shot_funnel_print_amount(resource, pool->limits.items[i].amount, &state->text);
        wb_text_add_format(&state->text, " %s, of which ",
                           wb_intern_text(intern_of(state), resource));
        wb_one_shot_funnel_print_amount(resource, limit.amount > 0 ? limit.amount : 0,
                                        &state->text);
        wb_text_add_string(&state->text, " is left");
        narrow(state, WB_ONE_SHOT_STEP_LIMIT, is_within_limit, &limit);
    }
}

/* --- The pod --------------------------------------------------------------------------- */

static const wb_pod_template *template_of(const filter *state, uint32_t pod_index)
{
    assert(pod_index < state->solution->input->pod_count);
    return state->solution->input->pods[pod_index].template;
}

static void apply_taints(filter *state, uint32_t pod_index)
{
    static const char *const effects[] = {"", "NoSchedule", "PreferNoSchedule", "NoExecute"};
    const wb_nodepool *pool =
        wb_solver_world_pool(state->solution->world, state->funnel->pool_index);
    const wb_pod_template *template = template_of(state, pod_index);
    const wb_taints_tolerance tolerance = {template->tolerations, template->toleration_count, true};
    for (uint32_t i = 0; i < pool->taint_count; i++) {
        if (wb_taints_tolerated(intern_of(state), &pool->taints[i], 1, tolerance)) {
            continue;
        }
        wb_text_add_format(&state->text, "the NodePool's taint %s",
                           wb_intern_text(intern_of(state), pool->taints[i].key));
        if (pool->taints[i].value != 0) {
            wb_text_add_format(&state->text, "=%s",
                               wb_intern_text(intern_of(state), pool->taints[i].value));
        }
        wb_text_add_format(&state->text, ":%s, which the pod does not tolerate",
                           effects[pool->taints[i].effect]);
        drop_all(state, WB_ONE_SHOT_STEP_TAINT);
    }
}

/* One requirement of the pod's; what the NodePool has under its key is said where the two clash. */
static void apply_requirement(filter *state, const wb_requirement *one, const char *where)
{
    wb_intern *intern = state->solution->input->intern;
    if (one->key == WB_NAME_HOSTNAME) {
        return; /* no new node has a name that a pod could ask for: the solver says so */
    }
    const wb_requirements asked = {.items = one, .count = 1};
    const wb_requirement *of_pool = wb_requirements_get(state->claim, one->key);
    wb_text_add_format(&state->text, "the pod's %s ", where);
    wb_requirement_print(intern, one, &state->text);
    const wb_compatibility compatibility =
        wb_requirements_compatible(intern, state->claim, asked, WB_UNDEFINED_WELL_KNOWN, NULL);
    if (compatibility == WB_INCOMPATIBLE_UNDEFINED) {
        wb_text_add_string(&state->text, ", a label that the NodePool does not give its nodes");
        drop_all(state, WB_ONE_SHOT_STEP_POD);
    } else if (compatibility != WB_COMPATIBLE && of_pool != NULL) {
        wb_text_add_string(&state->text, ", where the NodePool has ");
        wb_requirement_print(intern, of_pool, &state->text);
        drop_all(state, WB_ONE_SHOT_STEP_POD);
    } else {
        state->claim = wb_requirements_add(state->arena, intern, state->claim, one);
        const wb_requirement *joined = wb_requirements_get(state->claim, one->key);
        narrow(state, WB_ONE_SHOT_STEP_POD, meets, joined);
    }
}

static void apply_pod(filter *state, uint32_t pod_index, uint32_t term_index)
{
    wb_intern *intern = state->solution->input->intern;
    const wb_pod_template *template = template_of(state, pod_index);
    const wb_requirements selector =
        wb_requirements_from_labels(state->arena, intern, template->node_selector);
    for (uint32_t i = 0; i < selector.count; i++) {
        apply_requirement(state, &selector.items[i], "node selector");
    }
    if (term_index >= template->required_term_count) {
        return;
    }
    const wb_node_term *term = &template->required_terms[term_index];
    for (uint32_t i = 0; i < term->expression_count; i++) {
        const wb_requirement one =
            wb_requirement_from_expression(state->arena, intern, &term->expressions[i]);
        apply_requirement(state, &one, "node affinity");
    }
}

static bool has_room(const filter *state, uint32_t type_index, const void *context)
{
    const amount_test *request = context;
    const wb_arena_mark mark = wb_arena_get_mark(state->arena);
    const wb_solver_world *world = state->solution->world;
    const int64_t allocatable =
        wb_resource_list_get(wb_solver_world_allocatable(state->arena, world, type_index),
                             request->resource);
    const int64_t daemons = wb_resource_list_get(
        wb_world_view_daemon_requests(state->arena, world, request->pool_index, type_index),
        request->resource);
    wb_arena_rewind(state->arena, mark);
    return request->amount + daemons <= allocatable;
}

static void apply_room(filter *state, uint32_t pod_index, uint32_t without)
{
    assert(state->funnel != NULL);
    const wb_resource_list requests = template_of(state, pod_index)->requests;
    for (uint32_t i = 0; i < requests.count; i++) {
        const amount_test request = {.resource = requests.items[i].name,
                                     .pool_index = state->funnel->pool_index,
                                     .amount = requests.items[i].amount};
        if (request.resource == without || request.amount == 0) {
            continue;
        }
        wb_text_add_string(&state->text, "the pod's request of ");
        wb_one_shot_funnel_print_amount(request.resource, request.amount, &state->text);
        wb_text_add_format(&state->text, " %s beside the DaemonSets",
                           wb_intern_text(intern_of(state), request.resource));
        narrow(state, WB_ONE_SHOT_STEP_ROOM, has_room, &request);
    }
}

/* What no step above covers, in the solver's words. */
static void apply_verdict(filter *state, uint32_t pod_index)
{
    const uint32_t index = state->solution->problem_index[pod_index];
    const wb_solver_result *result = &state->solution->result;
    for (uint32_t i = 0; index != WB_ONE_SHOT_NONE && i < result->reason_count; i++) {
        const wb_solver_reason *reason = &result->reasons[i];
        if (reason->pod_index != index || reason->pool_index != state->funnel->pool_index) {
            continue;
        }
        const char *separator = "";
        for (uint32_t bit = 1; bit <= WB_REFUSED_TYPES_TRIPLE; bit <<= 1) {
            if ((reason->refused & bit) != 0) {
                wb_text_add_format(&state->text, "%s%s", separator,
                                   wb_provisioning_refused_sentence(bit));
                separator = "; ";
            }
        }
        if (reason->key != 0) {
            wb_text_add_format(&state->text, " (%s)",
                               wb_intern_text(intern_of(state), reason->key));
        }
        drop_all(state, WB_ONE_SHOT_STEP_SOLVER);
        return;
    }
}

static void run_pod(filter *state, uint32_t pod_index, uint32_t term_index, uint32_t without)
{
    assert(state->funnel->step_count == 0);
    apply_pool(state);
    if (without == 0) {
        apply_limits(state);
    }
    apply_taints(state, pod_index);
    apply_pod(state, pod_index, term_index);
    apply_room(state, pod_index, without);
    wb_text_add_string(&state->text, "an available offering in the zones and markets left");
    narrow(state, WB_ONE_SHOT_STEP_OFFERING, has_offering, NULL);
}

void wb_one_shot_funnel_pod(wb_arena *arena, const wb_one_shot_solution *solution,
                            uint32_t pool_index, uint32_t pod_index, wb_one_shot_funnel *out)
{
    assert(pod_index < solution->input->pod_count);
    const uint32_t terms = solution->input->pods[pod_index].template->required_term_count;
    uint32_t term_index = 0;
    do {
        wb_one_shot_funnel *tried = WB_ARENA_NEW(arena, wb_one_shot_funnel);
        filter state = start(arena, solution, pool_index, tried);
        run_pod(&state, pod_index, term_index, 0);
        if (tried->left_count > 0) {
            apply_verdict(&state, pod_index);
        }
        wb_text_release(&state.text);
        if (term_index == 0 || tried->left_count > out->left_count) {
            *out = *tried;
        }
        term_index++;
    } while (term_index < terms);
}

int64_t wb_one_shot_funnel_most(wb_arena *arena, const wb_one_shot_solution *solution,
                                uint32_t pool_index, uint32_t pod_index, uint32_t resource)
{
    assert(pod_index < solution->input->pod_count && resource != 0);
    wb_one_shot_funnel *funnel = WB_ARENA_NEW(arena, wb_one_shot_funnel);
    filter state = start(arena, solution, pool_index, funnel);
    run_pod(&state, pod_index, 0, resource);
    wb_text_release(&state.text);
    int64_t most = 0;
    for (size_t t = wb_bitset_next(funnel->types, state.word_count, 0); t != SIZE_MAX;
         t = wb_bitset_next(funnel->types, state.word_count, t + 1)) {
        const int64_t allocatable =
            wb_resource_list_get(wb_solver_world_allocatable(arena, solution->world, (uint32_t)t),
                                 resource);
        const int64_t daemons = wb_resource_list_get(
            wb_world_view_daemon_requests(arena, solution->world, pool_index, (uint32_t)t),
            resource);
        most = allocatable - daemons > most ? allocatable - daemons : most;
    }
    return most;
}
