/* What contradicts itself, or names what is not there: in the API server's words. */
#include <assert.h>
#include <string.h>

#include "base/nearest.h"
#include "kube/names.h"
#include "solver/requirements.h"
#include "scenarios/one_shot/lint_internal.h"

/* --- NodePools ------------------------------------------------------------------------- */

static bool is_manifest_pool(const wb_nodepool *pool)
{
    return wb_node_is_null(wb_node_get(pool->source, "status"));
}

/* The requirement that first leaves no value for its key, with those before it. */
static void check_requirement(const wb_lint *lint, const wb_nodepool *pool, uint32_t index,
                              wb_requirement before)
{
    assert(index < pool->requirement_count);
    wb_intern *intern = lint->input->intern;
    const wb_requirement one =
        wb_requirement_from_expression(lint->arena, intern, &pool->requirements[index]);
    wb_text text;
    wb_text_init(&text);
    wb_requirement_print(intern, &one, &text);
    wb_text_add_string(&text, " and ");
    wb_requirement_print(intern, &before, &text);
    const wb_lint_place place = {
        .source = pool->source,
        .object = wb_lint_pool_name(lint, pool),
        .path = wb_lint_format(lint, "spec.template.spec.requirements[%u]", index),
        .is_manifest = is_manifest_pool(pool),
    };
    wb_lint_add(lint, WB_LINT_REFUSAL, "requirements-contradict", &place,
                "Invalid value: \"%s\": no value satisfies both %s",
                wb_intern_text(intern, pool->requirements[index].key), wb_text_string(&text));
    wb_text_release(&text);
}

void wb_lint_check_pool_requirements(const wb_lint *lint)
{
    assert(lint != NULL);
    wb_intern *intern = lint->input->intern;
    for (uint32_t p = 0; p < lint->input->pool_count; p++) {
        const wb_nodepool *pool = lint->input->pools[p].nodepool;
        wb_requirements joined = wb_requirements_from_labels(lint->arena, intern, pool->labels);
        for (uint32_t i = 0; i < pool->requirement_count; i++) {
            const wb_requirement one =
                wb_requirement_from_expression(lint->arena, intern, &pool->requirements[i]);
            const wb_requirement *before = wb_requirements_get(joined, one.key);
            if (before != NULL && !wb_requirement_has_intersection(intern, before, &one)) {
                check_requirement(lint, pool, i, *before);
                break;
            }
            joined = wb_requirements_add(lint->arena, intern, joined, &one);
        }
    }
}

/* --- A pod's own requirements ---------------------------------------------------------- */

static wb_lint_place place_of(const wb_lint *lint, const wb_one_shot_group *group, const char *path)
{
    assert(group->spec_path != NULL);
    return (wb_lint_place){
        .source = group->source,
        .object = wb_lint_group_name(lint, group),
        .path = wb_lint_format(lint, "%s.%s", group->spec_path, path),
        .is_manifest = group->is_manifest,
    };
}

/* Terms are alternatives: a pod is refused when each of them contradicts the selector or itself. */
static void check_selection(const wb_lint *lint, const wb_one_shot_group *group,
                            const wb_pod_template *template)
{
    wb_intern *intern = lint->input->intern;
    uint32_t contradicting = 0;
    const char *first = NULL;
    for (uint32_t t = 0; t < template->required_term_count; t++) {
        const wb_node_term *term = &template->required_terms[t];
        wb_requirements joined =
            wb_requirements_from_labels(lint->arena, intern, template->node_selector);
        for (uint32_t e = 0; e < term->expression_count; e++) {
            const wb_requirement one =
                wb_requirement_from_expression(lint->arena, intern, &term->expressions[e]);
            const wb_requirement *before = wb_requirements_get(joined, one.key);
            if (before != NULL && !wb_requirement_has_intersection(intern, before, &one)) {
                contradicting++;
                wb_text text;
                wb_text_init(&text);
                wb_requirement_print(intern, &one, &text);
                wb_text_add_string(&text, " and ");
                wb_requirement_print(intern, before, &text);
                first = first != NULL ? first : wb_lint_format(lint, "%s", wb_text_string(&text));
                wb_text_release(&text);
                break;
            }
            joined = wb_requirements_add(lint->arena, intern, joined, &one);
        }
    }
    if (contradicting > 0 && contradicting == template->required_term_count) {
        const wb_lint_place place =
            place_of(lint, group,
                     "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution."
                     "nodeSelectorTerms[0]");
        wb_lint_add(lint, WB_LINT_REFUSAL, "requirements-contradict", &place,
                    "Invalid value: no node satisfies both %s", first);
    }
}

/* --- Topology keys --------------------------------------------------------------------- */

static bool pool_gives_label(const wb_nodepool *pool, uint32_t key)
{
    for (uint32_t i = 0; i < pool->requirement_count; i++) {
        if (pool->requirements[i].key == key) {
            return true;
        }
    }
    return wb_labels_has(pool->labels, key);
}

/* Labels that Karpenter's nodes have, those of NodePools, and those of nodes in the files. */
static bool key_is_known(const wb_lint *lint, uint32_t key)
{
    const wb_manifest *manifest = &lint->input->manifest;
    const uint32_t current = wb_names_unalias(lint->input->intern, key);
    if (wb_names_is_well_known(current) || current == WB_NAME_HOSTNAME) {
        return true;
    }
    for (uint32_t i = 0; i < manifest->nodepool_count; i++) {
        if (pool_gives_label(&manifest->nodepools[i], key)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < manifest->node_count; i++) {
        if (wb_labels_has(manifest->nodes[i].labels, key)) {
            return true;
        }
    }
    return false;
}

/* Without its prefix a key is near many others, so only whole keys are compared. */
static const char *nearest_key(const char *key)
{
    static const char *const usual[] = {
        "topology.kubernetes.io/zone",      "kubernetes.io/hostname",
        "topology.kubernetes.io/region",    "karpenter.sh/capacity-type",
        "node.kubernetes.io/instance-type", "kubernetes.io/arch",
        "topology.k8s.aws/zone-id",         "karpenter.sh/nodepool",
    };
    return wb_nearest_name(key, strlen(key), usual, sizeof(usual) / sizeof(usual[0]));
}

static void check_key(const wb_lint *lint, const wb_one_shot_group *group, uint32_t key,
                      const char *path)
{
    assert(key != 0);
    if (key_is_known(lint, key)) {
        return;
    }
    const char *text = wb_intern_text(lint->input->intern, key);
    const char *nearest = nearest_key(text);
    const wb_lint_place place = place_of(lint, group, path);
    wb_lint_add(lint, WB_LINT_REFUSAL, "unknown-topology-key", &place,
                "Invalid value: \"%s\": no NodePool, instance type or node has this label%s%s%s",
                text, nearest != NULL ? ", did you mean '" : "", nearest != NULL ? nearest : "",
                nearest != NULL ? "'?" : "");
}

static void check_keys(const wb_lint *lint, const wb_one_shot_group *group,
                       const wb_pod_template *template)
{
    for (uint32_t i = 0; i < template->spread_count; i++) {
        if (template->spreads[i].when_unsatisfiable == WB_SPREAD_DO_NOT_SCHEDULE) {
            check_key(lint, group, template->spreads[i].topology_key,
                      wb_lint_format(lint, "topologySpreadConstraints[%u].topologyKey", i));
        }
    }
    const struct {
        const char *name;
        const wb_pod_term *terms;
        uint32_t count;
    } lists[] = {
        {"podAffinity", template->affinity_required, template->affinity_required_count},
        {"podAntiAffinity", template->anti_affinity_required,
         template->anti_affinity_required_count},
    };
    for (size_t l = 0; l < sizeof(lists) / sizeof(lists[0]); l++) {
        for (uint32_t i = 0; i < lists[l].count; i++) {
            check_key(lint, group, lists[l].terms[i].topology_key,
                      wb_lint_format(lint,
                                     "affinity.%s.requiredDuringSchedulingIgnoredDuringExecution"
                                     "[%u].topologyKey",
                                     lists[l].name, i));
        }
    }
}

/* --- Affinity to nothing --------------------------------------------------------------- */

static bool namespace_fits(const wb_lint *lint, const wb_pod_term *term, uint32_t own,
                           uint32_t other)
{
    if (term->namespace_selector.is_set) {
        const wb_manifest *manifest = &lint->input->manifest;
        for (uint32_t i = 0; i < manifest->namespace_count; i++) {
            if (manifest->namespaces[i].name == other) {
                return wb_label_selector_matches(&term->namespace_selector,
                                                 manifest->namespaces[i].labels);
            }
        }
        return true; /* labels that the files do not hold */
    }
    for (uint32_t i = 0; i < term->namespace_count; i++) {
        if (term->namespaces[i] == other) {
            return true;
        }
    }
    return term->namespace_count == 0 && own == other;
}

/* Whether any pod that is there or will be is selected; DaemonSets' and CronJobs' too. */
static bool selects_any(const wb_lint *lint, const wb_pod_term *term, uint32_t own)
{
    assert(own != 0);
    const wb_manifest *manifest = &lint->input->manifest;
    for (uint32_t i = 0; i < manifest->workload_count; i++) {
        const wb_workload *workload = &manifest->workloads[i];
        if (namespace_fits(lint, term, own, workload->namespace_name) &&
            wb_label_selector_matches(&term->selector, workload->template->labels)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < manifest->pod_count; i++) {
        const wb_pod *pod = &manifest->pods[i];
        if (namespace_fits(lint, term, own, pod->namespace_name) &&
            wb_label_selector_matches(&term->selector, pod->template->labels)) {
            return true;
        }
    }
    return false;
}

static void check_affinities(const wb_lint *lint, const wb_one_shot_group *group,
                             const wb_pod_template *template)
{
    for (uint32_t i = 0; i < template->affinity_required_count; i++) {
        const wb_pod_term *term = &template->affinity_required[i];
        if (selects_any(lint, term, group->namespace_name)) {
            continue;
        }
        const wb_lint_place place = place_of(
            lint, group,
            wb_lint_format(lint,
                           "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution"
                           "[%u].labelSelector",
                           i));
        wb_lint_add(lint, WB_LINT_REFUSAL, "affinity-to-nothing", &place,
                    "Invalid value: %s: the pod can be placed beside such a pod only",
                    term->selector.is_set ? "it selects no pod of these files"
                                          : "no selector, which selects no pod");
    }
}

void wb_lint_check_pod_refusals(const wb_lint *lint)
{
    assert(lint != NULL);
    for (uint32_t g = 0; g < lint->input->group_count; g++) {
        const wb_one_shot_group *group = &lint->input->groups[g];
        const wb_pod_template *template = group->pod_count > 0 ? wb_lint_template(lint, g) : NULL;
        if (template != NULL) {
            check_selection(lint, group, template);
            check_keys(lint, group, template);
            check_affinities(lint, group, template);
        }
    }
}
