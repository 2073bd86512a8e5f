/* PodDisruptionBudgets that let no pod go: nodes under them can never be drained. */
#include <assert.h>

#include "scenarios/one_shot/lint_internal.h"

static wb_lint_place place_of(const wb_lint *lint, const wb_pdb *pdb, const char *path)
{
    assert(pdb->name != 0);
    return (wb_lint_place){
        .source = pdb->source,
        .object = wb_lint_format(lint, "PodDisruptionBudget %s/%s",
                                 wb_intern_text(lint->input->intern, pdb->namespace_name),
                                 wb_intern_text(lint->input->intern, pdb->name)),
        .path = path,
    };
}

static bool selects(const wb_pdb *pdb, uint32_t namespace_name, const wb_pod_template *template)
{
    return pdb->namespace_name == namespace_name &&
           wb_label_selector_matches(&pdb->selector, template->labels);
}

static int32_t count_selected(const wb_lint *lint, const wb_pdb *pdb)
{
    int32_t count = 0;
    for (uint32_t i = 0; i < lint->input->pod_count; i++) {
        const wb_one_shot_pod *pod = &lint->input->pods[i];
        count += selects(pdb, pod->namespace_name, pod->template);
    }
    return count;
}

/* Pods that are not placed here: those of DaemonSets and of workloads at rest. */
static bool selects_others(const wb_lint *lint, const wb_pdb *pdb)
{
    const wb_manifest *manifest = &lint->input->manifest;
    for (uint32_t i = 0; i < manifest->workload_count; i++) {
        if (selects(pdb, manifest->workloads[i].namespace_name, manifest->workloads[i].template)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < manifest->pod_count; i++) {
        if (selects(pdb, manifest->pods[i].namespace_name, manifest->pods[i].template)) {
            return true;
        }
    }
    return false;
}

static void check_blocking(const wb_lint *lint, const wb_pdb *pdb, int32_t selected)
{
    assert(selected > 0);
    if (pdb->min_available_kind == WB_BOUND_NONE && pdb->max_unavailable_kind == WB_BOUND_NONE) {
        const wb_lint_place place = place_of(lint, pdb, "spec");
        wb_lint_add(lint, WB_LINT_ERROR, "pdb-blocks-drain", &place,
                    "neither minAvailable nor maxUnavailable is set, so no eviction is ever "
                    "allowed and no node under these %d pods can be drained",
                    selected);
        return;
    }
    if (wb_pdb_allowed(pdb, selected, selected) > 0) {
        return;
    }
    const bool is_minimum = pdb->min_available_kind != WB_BOUND_NONE;
    const wb_bound_kind kind = is_minimum ? pdb->min_available_kind : pdb->max_unavailable_kind;
    const wb_lint_place place =
        place_of(lint, pdb, is_minimum ? "spec.minAvailable" : "spec.maxUnavailable");
    wb_lint_add(lint, WB_LINT_ERROR, "pdb-blocks-drain", &place,
                "%s %d%s allows none of its %d pods to be evicted, so their nodes are neither "
                "consolidated nor drifted nor drained before terminationGracePeriod",
                is_minimum ? "minAvailable" : "maxUnavailable",
                is_minimum ? pdb->min_available : pdb->max_unavailable,
                kind == WB_BOUND_PERCENT ? "%" : "", selected);
}

/* The eviction API answers 500 for a pod under two budgets. */
static void check_overlap(const wb_lint *lint, uint32_t index)
{
    assert(index < lint->input->manifest.pdb_count);
    const wb_manifest *manifest = &lint->input->manifest;
    const wb_pdb *pdb = &manifest->pdbs[index];
    for (uint32_t b = 0; b < index; b++) {
        const wb_pdb *other = &manifest->pdbs[b];
        for (uint32_t i = 0; i < lint->input->pod_count; i++) {
            const wb_one_shot_pod *pod = &lint->input->pods[i];
            if (selects(pdb, pod->namespace_name, pod->template) &&
                selects(other, pod->namespace_name, pod->template)) {
                const wb_lint_place place = place_of(lint, pdb, "spec.selector");
                wb_lint_add(lint, WB_LINT_ERROR, "pdb-overlap", &place,
                            "pods such as %s are under PodDisruptionBudget %s as well, and a pod "
                            "under two budgets can't be evicted",
                            wb_intern_text(lint->input->intern, pod->name),
                            wb_intern_text(lint->input->intern, other->name));
                return;
            }
        }
    }
}

void wb_lint_check_budgets(const wb_lint *lint)
{
    assert(lint != NULL && lint->solution != NULL);
    const wb_manifest *manifest = &lint->input->manifest;
    for (uint32_t i = 0; i < manifest->pdb_count; i++) {
        const wb_pdb *pdb = &manifest->pdbs[i];
        const int32_t selected = count_selected(lint, pdb);
        if (selected > 0) {
            check_blocking(lint, pdb, selected);
            check_overlap(lint, i);
        } else if (!selects_others(lint, pdb)) {
            const wb_lint_place place = place_of(lint, pdb, "spec.selector");
            wb_lint_add(lint, WB_LINT_WARNING, "pdb-selects-nothing", &place,
                        "no pod of these files is selected, so nothing is protected");
        }
    }
}
