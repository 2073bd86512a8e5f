/* Workloads: pods that no NodePool can serve, spreads that can't hold, limits below the need. */
#include <assert.h>

#include "base/bitset.h"
#include "kube/names.h"
#include "solver/world_view.h"
#include "scenarios/one_shot/lint_internal.h"
#include "scenarios/one_shot/one_shot_funnel.h"

static wb_lint_place place_of(const wb_lint *lint, const wb_one_shot_group *group, const char *path)
{
    assert(group->spec_path != NULL);
    return (wb_lint_place){
        .source = group->source,
        .object = wb_lint_group_name(lint, group),
        .path = path[0] != '\0' ? wb_lint_format(lint, "%s.%s", group->spec_path, path)
                                : group->spec_path,
        .is_manifest = group->is_manifest,
    };
}

/* --- Pods without a node --------------------------------------------------------------- */

/* What took the last types of each pool, in the order in which pools are tried. */
static void print_why(const wb_lint *lint, uint32_t pod_index, wb_text *out)
{
    const wb_one_shot_solution *solution = lint->solution;
    const uint32_t pools = wb_solver_world_pool_count(solution->world);
    const char *separator = "";
    for (uint32_t p = 0; p < pools; p++) {
        wb_one_shot_funnel *funnel = WB_ARENA_NEW(lint->arena, wb_one_shot_funnel);
        wb_one_shot_funnel_pod(lint->arena, solution, p, pod_index, funnel);
        const char *name =
            wb_intern_text(lint->input->intern, wb_solver_world_pool(solution->world, p)->name);
        const char *why = funnel->step_count > 0 ? funnel->steps[funnel->step_count - 1].text
                                                 : "it was not tried";
        wb_text_add_format(out, "%sNodePool %s: %s", separator, name, why);
        separator = "; ";
    }
}

static void check_served(const wb_lint *lint, uint32_t group_index)
{
    assert(group_index < lint->input->group_count);
    const wb_one_shot_input *input = lint->input;
    const wb_one_shot_solution *solution = lint->solution;
    const wb_one_shot_group *group = &input->groups[group_index];
    uint32_t first = WB_ONE_SHOT_NONE;
    uint32_t left = 0;
    for (uint32_t i = 0; i < input->pod_count; i++) {
        uint32_t claim_index = 0;
        uint32_t node_index = 0;
        if (input->pods[i].group_index == group_index &&
            !wb_one_shot_is_placed(solution, i, &claim_index, &node_index)) {
            first = left == 0 ? i : first;
            left++;
        }
    }
    if (left == 0 || solution->verdicts[first] == WB_POD_IGNORED_OPT_OUT ||
        wb_lint_is_refused(lint, wb_lint_group_name(lint, group))) {
        return; /* one that opts out of Karpenter's nodes means it */
    }
    wb_text why;
    wb_text_init(&why);
    if (solution->problem_index[first] == WB_ONE_SHOT_NONE) {
        wb_one_shot_print_reason(solution, first, &why);
    } else {
        print_why(lint, first, &why);
    }
    const wb_lint_place place = place_of(lint, group, "");
    wb_lint_add(lint, WB_LINT_ERROR, "pod-unserved", &place,
                "%u of %u pods find no node even in an empty cluster without limits: %s", left,
                group->pod_count, wb_text_string(&why));
    wb_text_release(&why);
}

/* --- Spreads --------------------------------------------------------------------------- */

/* Values of a key that the pools' types, the pools and the pod allow: the domains there are. Some
 * 3 zones; distinct values are gathered in a set over interned ids. */
static uint32_t count_domains(const wb_lint *lint, const wb_pod_template *template, uint32_t key)
{
    assert(key != 0);
    wb_intern *intern = lint->input->intern;
    const wb_solver_world *world = lint->solution->world;
    const wb_requirements asked =
        wb_requirements_from_labels(lint->arena, intern, template->node_selector);
    const wb_requirement *of_pod = wb_requirements_get(asked, key);
    uint64_t *seen = WB_ARENA_ARRAY(lint->arena, uint64_t, wb_bitset_word_count(intern->count));
    const size_t words = wb_bitset_word_count(intern->count);
    for (uint32_t p = 0; p < wb_solver_world_pool_count(world); p++) {
        const wb_requirement *of_pool =
            wb_requirements_get(wb_world_view_pool_requirements(world, p), key);
        const wb_world_view_types range = wb_world_view_pool_types(world, p);
        for (uint32_t t = range.begin; t < range.end; t++) {
            const wb_requirement *of_type =
                wb_requirements_get(wb_world_view_type_requirements(world, t), key);
            const wb_requirement *values = of_type != NULL ? of_type : of_pool;
            for (uint32_t v = 0;
                 values != NULL && !values->is_complement && v < values->value_count; v++) {
                const uint32_t value = values->values[v];
                if ((of_pool == NULL || wb_requirement_has(intern, of_pool, value)) &&
                    (of_pod == NULL || wb_requirement_has(intern, of_pod, value))) {
                    wb_bitset_add(seen, value);
                }
            }
        }
    }
    return (uint32_t)wb_bitset_member_count(seen, words);
}

/* With fewer domains than minDomains the least count is taken to be 0: each domain holds maxSkew
 * pods and not one more. */
static void check_min_domains(const wb_lint *lint, const wb_one_shot_group *group,
                              const wb_pod_template *template, uint32_t index)
{
    assert(index < template->spread_count);
    const wb_spread_constraint *spread = &template->spreads[index];
    const uint32_t key = wb_names_unalias(lint->input->intern, spread->topology_key);
    if (spread->min_domains <= 1 || key == WB_NAME_HOSTNAME ||
        spread->when_unsatisfiable != WB_SPREAD_DO_NOT_SCHEDULE) {
        return;
    }
    const uint32_t domains = count_domains(lint, template, key);
    if (domains == 0 || domains >= (uint32_t)spread->min_domains) {
        return;
    }
    const uint64_t room = (uint64_t)domains * (uint32_t)spread->max_skew;
    const wb_lint_place place =
        place_of(lint, group,
                 wb_lint_format(lint, "topologySpreadConstraints[%u].minDomains", index));
    wb_lint_add(lint, room < group->pod_count ? WB_LINT_ERROR : WB_LINT_WARNING,
                "spread-unsatisfiable", &place,
                "minDomains %d, but the NodePools reach %u values of %s: no more than maxSkew %d "
                "pods can be in each, %llu of %u",
                spread->min_domains, domains,
                wb_intern_text(lint->input->intern, spread->topology_key), spread->max_skew,
                (unsigned long long)(room < group->pod_count ? room : group->pod_count),
                group->pod_count);
}

static void check_spreads(const wb_lint *lint, const wb_one_shot_group *group,
                          const wb_pod_template *template)
{
    for (uint32_t i = 0; i < template->spread_count; i++) {
        check_min_domains(lint, group, template, i);
        if (!wb_label_selector_matches(&template->spreads[i].selector, template->labels)) {
            const wb_lint_place place =
                place_of(lint, group,
                         wb_lint_format(lint, "topologySpreadConstraints[%u].labelSelector", i));
            wb_lint_add(lint, WB_LINT_WARNING, "spread-selects-others", &place,
                        "it does not select the pod itself, so the pod's own copies are not "
                        "spread by it");
        }
    }
}

/* --- Requests -------------------------------------------------------------------------- */

static void check_requests(const wb_lint *lint, const wb_one_shot_group *group,
                           const wb_pod_template *template)
{
    const bool has_cpu = wb_resource_list_get(template->requests, WB_NAME_CPU) > 0;
    const bool has_memory = wb_resource_list_get(template->requests, WB_NAME_MEMORY) > 0;
    if (has_cpu && has_memory) {
        return;
    }
    const wb_lint_place place = place_of(lint, group, "containers[0].resources");
    wb_lint_add(lint, WB_LINT_WARNING, "no-requests", &place,
                "no request of %s: nodes are chosen as if the pod needed none, and fill up until "
                "it is starved or evicted",
                has_cpu      ? "memory"
                : has_memory ? "cpu"
                             : "cpu and memory");
}

/* --- Limits ---------------------------------------------------------------------------- */

/* What the NodeClaims of one pool would have of a resource if there were no limits. */
static int64_t needed_amount(const wb_lint *lint, uint32_t pool_index, uint32_t resource)
{
    assert(resource != 0);
    const wb_one_shot_solution *solution = lint->solution;
    int64_t sum = 0;
    for (uint32_t i = 0; i < solution->result.claim_count; i++) {
        const wb_one_shot_claim *claim = &solution->claims[i];
        if (claim->made->pool_index == pool_index && claim->type_index != WB_ONE_SHOT_NONE) {
            sum += wb_resource_list_get(
                wb_solver_world_type(solution->world, claim->type_index)->capacity, resource);
        }
    }
    return sum;
}

static void check_need(const wb_lint *lint, const wb_nodepool *pool)
{
    const wb_intern *intern = lint->input->intern;
    const uint32_t pool_index = wb_solver_world_find_pool(lint->solution->world, pool->name);
    for (uint32_t i = 0; pool_index != UINT32_MAX && i < pool->limits.count; i++) {
        const wb_resource *limit = &pool->limits.items[i];
        const int64_t needed = needed_amount(lint, pool_index, limit->name);
        if (needed <= limit->amount) {
            continue;
        }
        const wb_lint_place place = {
            .source = pool->source,
            .object = wb_lint_pool_name(lint, pool),
            .path = wb_lint_format(lint, "spec.limits.%s", wb_intern_text(intern, limit->name)),
        };
        wb_text text;
        wb_text_init(&text);
        wb_one_shot_funnel_print_amount(limit->name, limit->amount, &text);
        wb_text_add_format(&text, " of %s is less than the ", wb_intern_text(intern, limit->name));
        wb_one_shot_funnel_print_amount(limit->name, needed, &text);
        wb_lint_add(lint, WB_LINT_WARNING, "limit-below-need", &place,
                    "%s of the nodes that the pods of these files would get",
                    wb_text_string(&text));
        wb_text_release(&text);
    }
}

void wb_lint_check_pods(const wb_lint *lint)
{
    assert(lint != NULL && lint->solution != NULL);
    for (uint32_t g = 0; g < lint->input->group_count; g++) {
        const wb_one_shot_group *group = &lint->input->groups[g];
        const wb_pod_template *template = group->pod_count > 0 ? wb_lint_template(lint, g) : NULL;
        if (template != NULL) {
            check_served(lint, g);
            check_spreads(lint, group, template);
            check_requests(lint, group, template);
        }
    }
    for (uint32_t p = 0; p < lint->input->pool_count; p++) {
        check_need(lint, lint->input->pools[p].nodepool);
    }
}
