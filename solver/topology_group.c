#include "solver/topology_group.h"

#include <assert.h>
#include <string.h>

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

bool wb_topology_filters_equal(const wb_topology_filter *a, const wb_topology_filter *b)
{
    assert(a != NULL && b != NULL);
    if (a->term_count != b->term_count || a->honors_affinity != b->honors_affinity ||
        a->honors_taints != b->honors_taints ||
        !wb_taints_tolerances_equal(a->tolerance, b->tolerance)) {
        return false;
    }
    for (uint32_t i = 0; i < a->term_count; i++) {
        if (!wb_requirements_equals(a->terms[i], b->terms[i])) {
            return false;
        }
    }
    return true;
}

static bool keys_equal(wb_requirements a, wb_requirements b)
{
    if (a.count != b.count) {
        return false;
    }
    for (uint32_t i = 0; i < a.count; i++) {
        if (a.items[i].key != b.items[i].key) {
            return false;
        }
    }
    return true;
}

/* Whether an odd number of the filter's terms has these keys. */
static bool has_odd(const wb_topology_filter *filter, wb_requirements keys)
{
    assert(filter != NULL);
    bool is_odd = false;
    for (uint32_t i = 0; i < filter->term_count; i++) {
        is_odd ^= keys_equal(filter->terms[i], keys);
    }
    return is_odd;
}

/* Upstream tells filters apart by a hash that sees the keys of requirements, not their operators
 * and values, and in which two terms with the same keys cancel out. */
static bool filters_hash_alike(const wb_topology_filter *a, const wb_topology_filter *b)
{
    assert(a != NULL && b != NULL);
    bool is_alike = a->honors_affinity == b->honors_affinity &&
                    a->honors_taints == b->honors_taints &&
                    wb_taints_tolerances_equal(a->tolerance, b->tolerance);
    for (uint32_t i = 0; i < a->term_count && is_alike; i++) {
        is_alike = has_odd(a, a->terms[i]) == has_odd(b, a->terms[i]);
    }
    for (uint32_t i = 0; i < b->term_count && is_alike; i++) {
        is_alike = has_odd(a, b->terms[i]) == has_odd(b, b->terms[i]);
    }
    return is_alike;
}

bool wb_topology_group_equals(const wb_topology_group *a, const wb_topology_group *b)
{
    assert(a != NULL && b != NULL);
    return a->kind == b->kind && a->key == b->key && a->max_skew == b->max_skew &&
           a->namespace_count == b->namespace_count &&
           (a->namespace_count == 0 || memcmp(a->namespaces, b->namespaces,
                                              a->namespace_count * sizeof(*a->namespaces)) == 0) &&
           selectors_equal(&a->selector, &b->selector) &&
           (a->kind != WB_TOPOLOGY_SPREAD || filters_hash_alike(&a->filter, &b->filter));
}

static bool has_namespace(const wb_topology_group *group, uint32_t name)
{
    for (uint32_t i = 0; i < group->namespace_count; i++) {
        if (group->namespaces[i] == name) {
            return true;
        }
    }
    return false;
}

bool wb_topology_group_selects(const wb_topology_group *group, const wb_pod_labels *labels)
{
    assert(group != NULL && labels != NULL);
    return has_namespace(group, labels->namespace_name) &&
           wb_label_selector_matches(&group->selector, labels->labels);
}

bool wb_topology_group_counts_running(const wb_topology_group *group, const wb_pod_labels *labels)
{
    assert(group != NULL && labels != NULL);
    return has_namespace(group, labels->namespace_name) &&
           (!group->selector.is_set || wb_label_selector_matches(&group->selector, labels->labels));
}

bool wb_topology_group_counts_node(const wb_topology_group *group, const wb_intern *intern,
                                   const wb_taint *taints, uint32_t taint_count,
                                   wb_requirements requirements)
{
    assert(group != NULL && intern != NULL);
    const wb_topology_filter *filter = &group->filter;
    if (filter->honors_taints &&
        !wb_taints_tolerated(intern, taints, taint_count, filter->tolerance)) {
        return false;
    }
    if (!filter->honors_affinity || filter->term_count == 0) {
        return true;
    }
    for (uint32_t i = 0; i < filter->term_count; i++) {
        if (wb_requirements_compatible(intern, requirements, filter->terms[i], WB_UNDEFINED_NONE,
                                       NULL) == WB_COMPATIBLE) {
            return true;
        }
    }
    return false;
}

wb_topology_group wb_topology_group_borrow(const wb_topology_group *lender)
{
    assert(lender != NULL);
    wb_topology_group group = *lender;
    group.counts_are_borrowed = true;
    return group;
}

static void own_counts(wb_topology_group *group, wb_arena *arena)
{
    assert(group->counts_are_borrowed);
    group->counts_are_borrowed = false;
    if (group->domain_count > 0) {
        const size_t bytes = group->domain_capacity * sizeof(*group->domains);
        wb_topology_domain *domains = wb_arena_alloc(arena, bytes);
        memcpy(domains, group->domains, group->domain_count * sizeof(*domains));
        group->domains = domains;
    } else {
        group->domain_capacity = 0;
        group->domains = NULL;
    }
    if (group->host_capacity > 0) {
        const size_t bytes = group->host_capacity * sizeof(*group->host_counts);
        int32_t *host_counts = wb_arena_alloc(arena, bytes);
        memcpy(host_counts, group->host_counts, bytes);
        group->host_counts = host_counts;
    }
}

wb_topology_domain *wb_topology_group_domain(wb_topology_group *group, wb_arena *arena,
                                             const wb_intern *intern, uint32_t value)
{
    assert(arena != NULL && intern != NULL);
    assert(!group->is_hostname);
    if (group->counts_are_borrowed) {
        own_counts(group, arena);
    }
    for (uint32_t i = 0; i < group->domain_count; i++) {
        if (group->domains[i].value == value) {
            return &group->domains[i];
        }
    }
    if (group->domain_count == group->domain_capacity) {
        const uint32_t capacity = group->domain_capacity * 2 + 8;
        group->domains = wb_arena_grow(arena, group->domains, group->domain_count, capacity,
                                       sizeof(*group->domains));
        group->domain_capacity = capacity;
    }
    const char *text = wb_intern_text(intern, value);
    uint32_t slot = group->domain_count++;
    for (; slot > 0 && strcmp(wb_intern_text(intern, group->domains[slot - 1].value), text) > 0;
         slot--) {
        group->domains[slot] = group->domains[slot - 1];
    }
    group->domains[slot] = (wb_topology_domain){.value = value};
    group->version++;
    return &group->domains[slot];
}

void wb_topology_group_forget(wb_topology_group *group, wb_arena *arena, uint32_t domain_index)
{
    assert(group != NULL && arena != NULL);
    assert(domain_index < group->domain_count);
    assert(!group->domains[domain_index].is_given && group->domains[domain_index].count == 0);
    if (group->counts_are_borrowed) {
        own_counts(group, arena);
    }
    group->domain_count--;
    memmove(group->domains + domain_index, group->domains + domain_index + 1,
            (group->domain_count - domain_index) * sizeof(*group->domains));
    group->version++;
}

void wb_topology_group_reserve_host(wb_topology_group *group, wb_arena *arena, uint32_t host_index)
{
    assert(arena != NULL);
    assert(group->is_hostname);
    if (group->counts_are_borrowed) {
        own_counts(group, arena);
    }
    if (host_index < group->host_capacity) {
        return;
    }
    const uint32_t capacity = (host_index + 1) * 2 + 64;
    group->host_counts = wb_arena_grow(arena, group->host_counts, group->host_capacity, capacity,
                                       sizeof(*group->host_counts));
    memset(group->host_counts + group->host_capacity, 0,
           (capacity - group->host_capacity) * sizeof(*group->host_counts));
    group->host_capacity = capacity;
}

void wb_topology_group_record(wb_topology_group *group, wb_arena *arena, const wb_intern *intern,
                              uint32_t value)
{
    assert(group != NULL && arena != NULL && intern != NULL);
    wb_topology_domain *domain = wb_topology_group_domain(group, arena, intern, value);
    group->used_count += domain->count == 0;
    domain->count++;
    group->version++;
}

/* The count from which a host is taken for a pod that adds self to it; never for affinity. */
static int64_t taken_from(const wb_topology_group *group, int32_t self)
{
    switch (group->kind) {
    case WB_TOPOLOGY_SPREAD: return (int64_t)group->max_skew - self + 1;
    case WB_TOPOLOGY_AFFINITY: return INT64_MAX;
    case WB_TOPOLOGY_ANTI_AFFINITY:
    case WB_TOPOLOGY_INVERSE: break;
    }
    return 1;
}

static void take_claim(wb_topology_taken *taken, wb_arena *arena, uint32_t claim_index)
{
    assert(taken != NULL && arena != NULL);
    const size_t needed = wb_bitset_word_count((size_t)claim_index + 1);
    if (needed > taken->word_count) {
        const size_t capacity = needed * 2 + 4;
        taken->claims = wb_arena_grow(arena, taken->claims, taken->word_count, capacity,
                                      sizeof(*taken->claims));
        memset(taken->claims + taken->word_count, 0,
               (capacity - taken->word_count) * sizeof(*taken->claims));
        taken->word_count = capacity;
    }
    wb_bitset_add(taken->claims, claim_index);
}

void wb_topology_group_record_host(wb_topology_group *group, wb_arena *arena, uint32_t host_index)
{
    assert(group != NULL && arena != NULL);
    wb_topology_group_reserve_host(group, arena, host_index);
    const int32_t count = ++group->host_counts[host_index];
    group->used_count += count == 1;
    group->version++;
    for (int32_t self = 0; self < 2 && host_index >= group->first_claim; self++) {
        if (count >= taken_from(group, self)) {
            take_claim(&group->taken[self], arena, host_index - group->first_claim);
        }
    }
}

static bool allows(const wb_intern *intern, const wb_requirement *side, uint32_t value)
{
    return side == NULL || wb_requirement_has(intern, side, value);
}

/* The least count over the domains that the pod may use; fewer of them than minDomains: 0. */
static int64_t least_count(const wb_topology_group *group, const wb_intern *intern,
                           const wb_requirement *pod_side)
{
    assert(group != NULL && intern != NULL);
    int64_t least = INT32_MAX;
    int32_t supported = 0;
    for (uint32_t i = 0; i < group->domain_count; i++) {
        if (allows(intern, pod_side, group->domains[i].value)) {
            supported++;
            least = group->domains[i].count < least ? group->domains[i].count : least;
        }
    }
    return group->min_domains > 0 && supported < group->min_domains ? 0 : least;
}

static wb_requirement choose_spread(const wb_topology_group *group, wb_arena *arena,
                                    const wb_intern *intern, bool selects_itself,
                                    const wb_requirement *pod_side, const wb_requirement *node_side)
{
    assert(group != NULL && arena != NULL && intern != NULL);
    const int64_t least = least_count(group, intern, pod_side);
    const wb_topology_domain *best = NULL;
    for (uint32_t i = 0; i < group->domain_count; i++) {
        const wb_topology_domain *domain = &group->domains[i];
        if ((best == NULL || domain->count < best->count) &&
            (int64_t)domain->count + selects_itself - least <= group->max_skew &&
            allows(intern, node_side, domain->value)) {
            best = domain;
        }
    }
    return wb_requirement_in(arena, group->key, best == NULL ? NULL : &best->value, best != NULL);
}

/* With nobody there yet the pod may start anywhere: the smallest domain open to both sides, and the
 * smallest open to the pod; upstream keeps both. */
static uint32_t choose_start(const wb_topology_group *group, const wb_intern *intern,
                             const wb_requirement *pod_side, const wb_requirement *node_side,
                             uint32_t out[2])
{
    assert(group != NULL && intern != NULL);
    uint32_t count = 0;
    for (uint32_t i = 0; i < group->domain_count && count == 0; i++) {
        const uint32_t value = group->domains[i].value;
        if (allows(intern, pod_side, value) && allows(intern, node_side, value)) {
            out[count++] = value;
        }
    }
    for (uint32_t i = 0; i < group->domain_count; i++) {
        if (allows(intern, pod_side, group->domains[i].value)) {
            out[count++] = group->domains[i].value;
            break;
        }
    }
    return count;
}

static wb_requirement choose_affinity(const wb_topology_group *group, wb_arena *arena,
                                      const wb_intern *intern, bool selects_itself,
                                      const wb_requirement *pod_side,
                                      const wb_requirement *node_side)
{
    assert(group != NULL && arena != NULL && intern != NULL);
    uint32_t *options = wb_arena_alloc(arena, group->domain_count * sizeof(*options));
    uint32_t count = 0;
    bool pod_has_some = false;
    for (uint32_t i = 0; i < group->domain_count; i++) {
        const wb_topology_domain *domain = &group->domains[i];
        if (domain->count > 0 && allows(intern, pod_side, domain->value)) {
            pod_has_some = true;
            if (allows(intern, node_side, domain->value)) {
                options[count++] = domain->value;
            }
        }
    }
    if (count > 0 || !selects_itself || pod_has_some) {
        return wb_requirement_in(arena, group->key, options, count);
    }
    uint32_t start[2];
    count = choose_start(group, intern, pod_side, node_side, start);
    return wb_requirement_in(arena, group->key, start, count);
}

static wb_requirement choose_anti_affinity(const wb_topology_group *group, wb_arena *arena,
                                           const wb_intern *intern, const wb_requirement *pod_side,
                                           const wb_requirement *node_side)
{
    assert(group != NULL && arena != NULL && intern != NULL);
    uint32_t *options = wb_arena_alloc(arena, group->domain_count * sizeof(*options));
    uint32_t count = 0;
    for (uint32_t i = 0; i < group->domain_count; i++) {
        const wb_topology_domain *domain = &group->domains[i];
        if (domain->count == 0 && allows(intern, pod_side, domain->value) &&
            allows(intern, node_side, domain->value)) {
            options[count++] = domain->value;
        }
    }
    return wb_requirement_in(arena, group->key, options, count);
}

wb_requirement wb_topology_group_choose(const wb_topology_group *group, wb_arena *arena,
                                        const wb_intern *intern, bool selects_itself,
                                        const wb_requirement *pod_side,
                                        const wb_requirement *node_side)
{
    assert(arena != NULL && intern != NULL);
    assert(!group->is_hostname);
    switch (group->kind) {
    case WB_TOPOLOGY_SPREAD:
        return choose_spread(group, arena, intern, selects_itself, pod_side, node_side);
    case WB_TOPOLOGY_AFFINITY:
        return choose_affinity(group, arena, intern, selects_itself, pod_side, node_side);
    case WB_TOPOLOGY_ANTI_AFFINITY:
    case WB_TOPOLOGY_INVERSE: break;
    }
    return choose_anti_affinity(group, arena, intern, pod_side, node_side);
}

/* A pod that follows others: where some are, or, selecting itself, where nobody is yet. */
static bool affinity_allows(const wb_topology_group *group, const wb_intern *intern,
                            bool selects_itself, const wb_requirement *pod_side,
                            const wb_topology_domain *domain)
{
    assert(group != NULL && intern != NULL && domain != NULL);
    if (!allows(intern, pod_side, domain->value)) {
        return false;
    }
    bool pod_has_some = domain->count > 0;
    for (uint32_t i = 0; i < group->domain_count && !pod_has_some; i++) {
        pod_has_some =
            group->domains[i].count > 0 && allows(intern, pod_side, group->domains[i].value);
    }
    return domain->count > 0 || (selects_itself && !pod_has_some);
}

bool wb_topology_group_allows_value(const wb_topology_group *group, const wb_intern *intern,
                                    bool selects_itself, const wb_requirement *pod_side,
                                    uint32_t value)
{
    assert(group != NULL && intern != NULL);
    assert(!group->is_hostname);
    const wb_topology_domain *domain = NULL;
    for (uint32_t i = 0; i < group->domain_count && domain == NULL; i++) {
        domain = group->domains[i].value == value ? &group->domains[i] : NULL;
    }
    if (domain == NULL) {
        return false;
    }
    switch (group->kind) {
    case WB_TOPOLOGY_SPREAD:
        return (int64_t)domain->count + selects_itself - least_count(group, intern, pod_side) <=
               group->max_skew;
    case WB_TOPOLOGY_AFFINITY:
        return affinity_allows(group, intern, selects_itself, pod_side, domain);
    case WB_TOPOLOGY_ANTI_AFFINITY:
    case WB_TOPOLOGY_INVERSE: break;
    }
    return domain->count == 0 && allows(intern, pod_side, value);
}

bool wb_topology_group_allows_host(const wb_topology_group *group, bool selects_itself,
                                   uint32_t host_index)
{
    assert(group->is_hostname);
    const int32_t count = host_index < group->host_capacity ? group->host_counts[host_index] : 0;
    switch (group->kind) {
    case WB_TOPOLOGY_SPREAD: /* an empty node can always be added: the least count is 0 */
        return (int64_t)count + selects_itself <= group->max_skew;
    case WB_TOPOLOGY_AFFINITY: return count > 0 || (selects_itself && group->used_count == 0);
    case WB_TOPOLOGY_ANTI_AFFINITY:
    case WB_TOPOLOGY_INVERSE: break;
    }
    return count == 0;
}
