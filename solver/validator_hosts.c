/* The validator's rules between pods: what may not share a host or a domain. */
#include <assert.h>
#include <string.h>

#include "kube/names.h"
#include "solver/host_ports.h"
#include "solver/validator_internal.h"

/* Whether a term (or a spread's selector) selects pods of a shape. Selected namespaces are beyond
 * this check: then nothing is said to be selected. */
static bool term_selects(const wb_pod_term *term, const wb_solver_shape *owner,
                         const wb_solver_shape *other)
{
    const uint32_t other_namespace = other->kind->labels->namespace_name;
    if (term->namespace_selector.is_set || term->match_label_key_count > 0 ||
        term->mismatch_label_key_count > 0) {
        return false;
    }
    bool is_in_namespaces =
        term->namespace_count == 0 && other_namespace == owner->kind->labels->namespace_name;
    for (uint32_t i = 0; i < term->namespace_count; i++) {
        is_in_namespaces = is_in_namespaces || term->namespaces[i] == other_namespace;
    }
    return is_in_namespaces && wb_label_selector_matches(&term->selector, other->template->labels);
}

static void check_ports(wb_validation *check, const wb_validator_host *host)
{
    for (uint32_t i = 0; i < host->pod_count; i++) {
        const wb_solver_shape *shape = host->pods[i].shape;
        for (uint32_t j = 0; shape->port_count > 0 && j < host->pod_count; j++) {
            const wb_solver_shape *other = host->pods[j].shape;
            const bool is_new = host->pods[i].pod_index != UINT32_MAX;
            if (i != j && is_new &&
                wb_host_ports_clash(shape->ports, shape->port_count, other->ports,
                                    other->port_count)) {
                wb_validator_report(check, host->pods[i].pod_index, "host port clash");
            }
        }
    }
}

/* Whether two hosts are, or may come to be, in one domain of a key. */
static bool share_domain(const wb_validation *check, const wb_validator_host *a,
                         const wb_validator_host *b, uint32_t key)
{
    if (key == WB_NAME_HOSTNAME) {
        return a == b;
    }
    const uint32_t *a_values = NULL;
    const uint32_t *b_values = NULL;
    uint32_t a_count = 0;
    uint32_t b_count = 0;
    if (!wb_validator_domain(check, a, key, &a_values, &a_count) ||
        !wb_validator_domain(check, b, key, &b_values, &b_count) || a_values == NULL ||
        b_values == NULL) {
        return a == b;
    }
    for (uint32_t i = 0; i < a_count; i++) {
        for (uint32_t j = 0; j < b_count; j++) {
            if (a_values[i] == b_values[j]) {
                return true;
            }
        }
    }
    return false;
}

/* Pods on other that a required anti-affinity term of pod at home forbids. */
static void check_apart(wb_validation *check, const wb_validator_host *home,
                        const wb_validator_pod *pod, const wb_validator_host *other,
                        const wb_pod_term *term)
{
    for (uint32_t i = 0; i < other->pod_count; i++) {
        const wb_validator_pod *friend = &other->pods[i];
        const bool is_itself = friend == pod && pod->count == 1;
        const bool one_is_new = pod->pod_index != UINT32_MAX || friend->pod_index != UINT32_MAX;
        if (!is_itself && one_is_new && term_selects(term, pod->shape, friend->shape) &&
            share_domain(check, home, other, term->topology_key)) {
            wb_validator_report(check,
                                pod->pod_index != UINT32_MAX ? pod->pod_index : friend->pod_index,
                                "anti-affinity by %s is broken",
                                wb_intern_text(check->world->intern, term->topology_key));
            return;
        }
    }
}

static void check_anti_affinity(wb_validation *check, const wb_validator_host *home,
                                const wb_validator_pod *pod)
{
    const wb_pod_template *template = pod->shape->template;
    for (uint32_t t = 0; t < template->anti_affinity_required_count; t++) {
        const wb_pod_term *term = &template->anti_affinity_required[t];
        if (term->topology_key == WB_NAME_HOSTNAME) {
            check_apart(check, home, pod, home, term);
            continue;
        }
        for (uint32_t h = 0; h < check->host_count; h++) {
            if (pod->pod_index != UINT32_MAX || check->hosts[h].new_count > 0) {
                check_apart(check, home, pod, &check->hosts[h], term);
            }
        }
    }
}

/* By hostname only: a zone may still be open where nobody is counted yet. */
static void check_affinity(wb_validation *check, const wb_validator_host *home,
                           const wb_validator_pod *pod)
{
    const wb_pod_template *template = pod->shape->template;
    for (uint32_t t = 0; t < template->affinity_required_count; t++) {
        const wb_pod_term *term = &template->affinity_required[t];
        if (term->topology_key != WB_NAME_HOSTNAME || term->namespace_selector.is_set ||
            term->match_label_key_count > 0 || term->mismatch_label_key_count > 0) {
            continue;
        }
        bool has_friend = false; /* itself counts: somebody has to be first */
        for (uint32_t i = 0; i < home->pod_count && !has_friend; i++) {
            has_friend = term_selects(term, pod->shape, home->pods[i].shape);
        }
        if (!has_friend) {
            wb_validator_report(check, pod->pod_index, "no friend on its host");
        }
    }
}

static bool selectors_equal(const wb_label_selector *a, const wb_label_selector *b)
{
    if (a->is_set != b->is_set || a->expression_count != b->expression_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->expression_count; i++) {
        const wb_label_expression *p = &a->expressions[i];
        const wb_label_expression *q = &b->expressions[i];
        if (p->key != q->key || p->op != q->op || p->value_count != q->value_count ||
            (p->value_count > 0 &&
             memcmp(p->values, q->values, p->value_count * sizeof(*p->values)) != 0)) {
            return false;
        }
    }
    return true;
}

/* Whether every pod of the shape was placed under this very spread: with several required terms it
 * may have been relaxed, and counted anew since. */
static bool carries(const wb_solver_shape *shape, const wb_spread_constraint *spread)
{
    const wb_pod_template *template = shape->template;
    if (template->required_term_count > 1 || wb_validator_may_contradict_itself(template)) {
        return false;
    }
    for (uint32_t i = 0; i < template->spread_count; i++) {
        const wb_spread_constraint *one = &template->spreads[i];
        if (one->topology_key == spread->topology_key && one->max_skew == spread->max_skew &&
            one->when_unsatisfiable == WB_SPREAD_DO_NOT_SCHEDULE &&
            selectors_equal(&one->selector, &spread->selector)) {
            return true;
        }
    }
    return false;
}

static bool spread_selects(const wb_spread_constraint *spread, const wb_solver_shape *owner,
                           const wb_solver_shape *other)
{
    return other->kind->labels->namespace_name == owner->kind->labels->namespace_name &&
           wb_label_selector_matches(&spread->selector, other->template->labels);
}

/* Pods of a hostname spread on one host: at most max_skew, if all that it selects carry it. */
static void check_host_spread(wb_validation *check, const wb_validator_host *home,
                              const wb_validator_pod *pod, const wb_spread_constraint *spread)
{
    int64_t count = 0;
    for (uint32_t i = 0; i < home->pod_count; i++) {
        if (!spread_selects(spread, pod->shape, home->pods[i].shape)) {
            continue;
        }
        if (!carries(home->pods[i].shape, spread) || home->pods[i].pod_index == UINT32_MAX) {
            return; /* came without asking */
        }
        count += home->pods[i].count;
    }
    if (count > spread->max_skew) {
        wb_validator_report(check, pod->pod_index, "%lld pods of a hostname spread of %d",
                            (long long)count, spread->max_skew);
    }
}

static void check_spread(wb_validation *check, const wb_validator_host *home,
                         const wb_validator_pod *pod)
{
    const wb_pod_template *template = pod->shape->template;
    if (check->world->prefers_no_schedule) {
        return; /* pods relaxed to tolerate the preference are another rule, counted from zero */
    }
    for (uint32_t s = 0; s < template->spread_count; s++) {
        const wb_spread_constraint *spread = &template->spreads[s];
        if (spread->topology_key == WB_NAME_HOSTNAME && spread->match_label_key_count == 0 &&
            spread->when_unsatisfiable == WB_SPREAD_DO_NOT_SCHEDULE) {
            check_host_spread(check, home, pod, spread);
        }
    }
}

void wb_validator_check_hosts(wb_validation *check)
{
    for (uint32_t h = 0; h < check->host_count; h++) {
        const wb_validator_host *home = &check->hosts[h];
        if (home->new_count > 0) {
            check_ports(check, home);
        }
        for (uint32_t i = 0; i < home->pod_count; i++) {
            const wb_validator_pod *pod = &home->pods[i];
            check_anti_affinity(check, home, pod);
            if (pod->pod_index != UINT32_MAX) {
                check_affinity(check, home, pod);
                check_spread(check, home, pod);
            }
        }
    }
}
