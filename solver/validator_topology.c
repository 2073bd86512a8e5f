/*
 * Spread, affinity and anti-affinity over the final places of all pods.
 *
 * Upstream decides pod by pod, and what came later may bend a rule that was kept when its owner was
 * placed. So each rule is judged only as far as no order of placements could excuse it:
 *   - a spread, when all pods of the batch that it counts are its owners (then the fullest domain
 *     was filled by one of them, and the least count only grew since);
 *   - an affinity, by the partners that settled domains have; a pod that selects itself may be the
 *     first anywhere its own selector reaches no running partner;
 *   - an anti-affinity, between pods of which the one that was there first was certainly counted: a
 *     claim that names no domains yet counts for none of them.
 */
#include <assert.h>
#include <string.h>

#include "solver/validator_internal.h"

/* A rule of the pods of one class. */
typedef struct rule {
    uint32_t owner_class;
    uint32_t key;
    const wb_label_selector *selector;
    const uint32_t *match_keys, *mismatch_keys; /* as labels of the owner fill them */
    uint32_t match_key_count, mismatch_key_count;
    const wb_pod_term *term;         /* for its namespaces; NULL: the owner's own namespace */
    bool *selects, *selects_running; /* by class: pods of the batch, and those that run already */
} rule;

static const char *text_of(const wb_validation *of, uint32_t id)
{
    return wb_intern_text(of->intern, id);
}

/* ---- whom a rule selects ---- */

static bool selects_namespace(const wb_validation *of, const rule *from, uint32_t namespace_name)
{
    const wb_pod_term *term = from->term;
    if (term == NULL || (term->namespace_count == 0 && !term->namespace_selector.is_set)) {
        return namespace_name == of->classes[from->owner_class].namespace_name;
    }
    for (uint32_t i = 0; i < term->namespace_count; i++) {
        if (term->namespaces[i] == namespace_name) {
            return true;
        }
    }
    for (uint32_t i = 0; i < of->problem->namespace_count; i++) {
        if (of->problem->namespaces[i].name == namespace_name) {
            return wb_label_selector_matches(&term->namespace_selector,
                                             of->problem->namespaces[i].labels);
        }
    }
    const wb_label own_name = {.key = WB_NAME_NAMESPACE_NAME, .value = namespace_name};
    return wb_label_selector_matches(&term->namespace_selector, (wb_labels){&own_name, 1});
}

/* Keys whose values the owner and the other must share, or must not. */
static bool key_values_match(const wb_validation *of, const rule *from, wb_labels others)
{
    const wb_labels own = of->classes[from->owner_class].template->labels;
    for (uint32_t i = 0; i < from->match_key_count; i++) {
        const uint32_t key = from->match_keys[i];
        if (wb_labels_has(own, key) && (!wb_labels_has(others, key) ||
                                        wb_labels_get(others, key) != wb_labels_get(own, key))) {
            return false;
        }
    }
    for (uint32_t i = 0; i < from->mismatch_key_count; i++) {
        const uint32_t key = from->mismatch_keys[i];
        if (wb_labels_has(own, key) && wb_labels_has(others, key) &&
            wb_labels_get(others, key) == wb_labels_get(own, key)) {
            return false;
        }
    }
    return true;
}

static void fill_selected(const wb_validation *of, rule *from)
{
    from->selects = WB_ARENA_ARRAY(of->arena, bool, of->class_count);
    from->selects_running = WB_ARENA_ARRAY(of->arena, bool, of->class_count);
    for (uint32_t c = 0; c < of->class_count; c++) {
        const wb_labels labels = of->classes[c].template->labels;
        const bool is_near = selects_namespace(of, from, of->classes[c].namespace_name);
        from->selects[c] = is_near && wb_label_selector_matches(from->selector, labels) &&
                           key_values_match(of, from, labels);
        /* Without a selector upstream lists whatever runs in the namespaces. */
        from->selects_running[c] = from->selector->is_set ? from->selects[c] : is_near;
    }
}

static rule rule_of_term(const wb_validation *of, uint32_t class_id, const wb_pod_term *term)
{
    rule made = {
        .owner_class = class_id,
        .key = term->topology_key,
        .selector = &term->selector,
        .match_keys = term->match_label_keys,
        .match_key_count = term->match_label_key_count,
        .mismatch_keys = term->mismatch_label_keys,
        .mismatch_key_count = term->mismatch_label_key_count,
        .term = term,
    };
    fill_selected(of, &made);
    return made;
}

/* ---- whom topologies count ---- */

static bool is_batch(const wb_validator_resident *pod)
{
    return pod->pod_index != UINT32_MAX;
}

static bool selects_resident(const rule *from, const wb_validator_resident *pod)
{
    return (is_batch(pod) ? from->selects : from->selects_running)[pod->class_id];
}

static bool counts(const wb_validation *of, const wb_validator_resident *pod)
{
    return is_batch(pod) || (!pod->is_terminating && !pod->is_being_placed &&
                             of->input->nodes[pod->host].desc->has_node);
}

/* A host without the label has no domain, and Kubernetes keeps owners away from it. Upstream may
 * not: what the pod itself says about a label that an existing node lacks counts as knowing it, and
 * two rules that contradict each other leave "does not exist", which a custom label may. */
static bool lacks_domain(const wb_validation *of, const wb_validator_resident *pod, uint32_t key)
{
    if (pod->host < of->problem->node_count) {
        return wb_validator_host_domains(of, pod->host, key).count == 0;
    }
    const wb_solver_claim *claim = &of->result->claims[pod->host - of->problem->node_count];
    const wb_requirement *said = wb_requirements_get(claim->requirements, key);
    return said != NULL && !said->is_complement && said->value_count == 0;
}

/* Whether upstream counted pods for the rule in ways that the result does not show: in a domain
 * that their host does not have, or in a claim that lost its minValues when its list was cut, which
 * takes its pods with it. */
static bool counts_are_unsure(const wb_validation *of, const rule *from)
{
    for (uint32_t i = 0; i < of->problem->pod_count; i++) {
        if ((of->result->placements[i].refused & WB_REFUSED_MIN_VALUES) != 0 &&
            from->selects[of->class_of_pod[i]]) {
            return true;
        }
    }
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *pod = &of->residents[i];
        if (is_batch(pod) && from->selects[pod->class_id] && lacks_domain(of, pod, from->key)) {
            return true;
        }
    }
    return false;
}

/* Pods per value of a key. */
typedef struct tally_entry {
    uint32_t value;
    uint32_t count, running_count;
} tally_entry;

typedef struct tally {
    tally_entry *entries;
    uint32_t count, capacity;
} tally;

static tally_entry *tally_at(const wb_validation *of, tally *made, uint32_t value)
{
    for (uint32_t i = 0; i < made->count; i++) {
        if (made->entries[i].value == value) {
            return &made->entries[i];
        }
    }
    if (made->count == made->capacity) {
        const uint32_t capacity = made->capacity * 2 + 8;
        made->entries =
            wb_arena_grow(of->arena, made->entries, made->count, capacity, sizeof(*made->entries));
        made->capacity = capacity;
    }
    made->entries[made->count] = (tally_entry){.value = value};
    return &made->entries[made->count++];
}

/* Selected pods whose domain is settled. Host names need no tally: see count_on_hosts. */
static tally tally_selected(const wb_validation *of, const rule *from)
{
    tally made = {0};
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *pod = &of->residents[i];
        if (!selects_resident(from, pod) || !counts(of, pod)) {
            continue;
        }
        const wb_validator_domains domains = wb_validator_host_domains(of, pod->host, from->key);
        if (domains.count == 1) {
            tally_entry *entry = tally_at(of, &made, domains.values[0]);
            entry->count += pod->count;
            entry->running_count += is_batch(pod) ? 0 : pod->count;
        }
    }
    return made;
}

/* Selected pods by host. */
static uint32_t *count_on_hosts(const wb_validation *of, const rule *from)
{
    const size_t host_count = (size_t)of->problem->node_count + of->result->claim_count;
    uint32_t *made = WB_ARENA_ARRAY(of->arena, uint32_t, host_count + 1);
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *pod = &of->residents[i];
        made[pod->host] += selects_resident(from, pod) && counts(of, pod) ? pod->count : 0;
    }
    return made;
}

/* ---- spread ---- */

/* A pod that relaxation changes in what a spread reads would start a new count. */
static bool is_never_relaxed(const wb_validation *of, const wb_pod_template *template)
{
    for (uint32_t p = 0; p < wb_solver_world_pool_count(of->input->world); p++) {
        const wb_nodepool *nodepool = wb_solver_world_pool(of->input->world, p);
        for (uint32_t i = 0; i < nodepool->taint_count; i++) {
            if (nodepool->taints[i].effect == WB_TAINT_PREFER_NO_SCHEDULE) {
                return false;
            }
        }
    }
    return template->required_term_count <= 1;
}

/* All that it counts of the batch are pods of its owner's class. */
static bool is_closed(const wb_validation *of, const rule *from)
{
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *pod = &of->residents[i];
        if (is_batch(pod) && from->selects[pod->class_id] && pod->class_id != from->owner_class) {
            return false;
        }
    }
    return true;
}

static bool tolerates_all(const wb_validation *of, const wb_pod_template *template,
                          const wb_taint *taints, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!wb_tolerations_tolerate(of->intern, template->tolerations, template->toleration_count,
                                     &taints[i])) {
            return false;
        }
    }
    return true;
}

/* nodeAffinityPolicy and nodeTaintsPolicy: hosts that the constraint sees, with whom runs there
 * (taints as the node shows them) or with whom is placed there now (taints that keep pods away). */
static bool sees_host(const wb_validation *of, uint32_t class_id,
                      const wb_spread_constraint *spread, uint32_t host, bool is_for_placed)
{
    const wb_pod_template *template = of->classes[class_id].template;
    if (host < of->problem->node_count && spread->node_taints_policy == WB_NODE_POLICY_HONOR) {
        const wb_solver_node_desc *desc = of->input->nodes[host].desc;
        for (uint32_t i = 0; i < desc->taint_count; i++) {
            const wb_taint *taint = &desc->taints[i];
            if (!(is_for_placed && !wb_validator_taint_blocks(of, desc, taint)) &&
                !tolerates_all(of, template, taint, 1)) {
                return false;
            }
        }
    }
    uint32_t key = 0;
    return spread->node_affinity_policy == WB_NODE_POLICY_IGNORE ||
           (wb_validator_selector_holds(of, host, template->node_selector, &key) &&
            (template->required_term_count == 0 ||
             wb_validator_term_holds(of, host, &template->required_terms[0])));
}

/* What the pool says on key, all of it together; NULL: nothing. */
static const wb_requirement *pool_requirement(const wb_validation *of, const wb_nodepool *nodepool,
                                              uint32_t key)
{
    const wb_requirements said =
        wb_requirements_merge(of->arena, of->intern,
                              wb_requirements_from_expressions(of->arena, of->intern,
                                                               nodepool->requirements,
                                                               nodepool->requirement_count),
                              wb_requirements_from_labels(of->arena, of->intern, nodepool->labels));
    return wb_requirements_get(said, key);
}

/* Values that one of the pool's types has and the pool admits. */
static void add_type_domains(const wb_validation *of, uint32_t pool_index, uint32_t type_index,
                             uint32_t key, const wb_requirement *said, tally *made)
{
    const wb_validator_type_label label = wb_validator_type_values(of, pool_index, type_index, key);
    for (uint32_t v = 0; v < label.count; v++) {
        const wb_validator_value value = wb_validator_value_of(of->intern, label.values[v]);
        if (wb_validator_admits(said, &value)) {
            (void)tally_at(of, made, label.values[v]);
        }
    }
}

/* Domains that a NodePool can give: values of its types, and what it lists itself. */
static void add_pool_domains(const wb_validation *of, uint32_t pool_index, uint32_t key,
                             tally *made)
{
    const wb_nodepool *nodepool = wb_solver_world_pool(of->input->world, pool_index);
    const wb_requirement *said = pool_requirement(of, nodepool, key);
    const wb_catalog *catalog = wb_validator_catalog(of, pool_index);
    for (uint32_t t = 0; t < wb_solver_world_type_count(of->input->world); t++) {
        const wb_catalog_type *type = wb_solver_world_type(of->input->world, t);
        if (type >= catalog->types && type < catalog->types + catalog->type_count) {
            add_type_domains(of, pool_index, t, key, said, made);
        }
    }
    for (uint32_t v = 0; said != NULL && !said->is_complement && v < said->value_count; v++) {
        (void)tally_at(of, made, said->values[v]);
    }
}

/* Of all pools; with nodeTaintsPolicy Honor of those whose taints the pod tolerates. */
static void add_domains(const wb_validation *of, const wb_pod_template *template,
                        const wb_spread_constraint *spread, tally *made)
{
    for (uint32_t p = 0; p < wb_solver_world_pool_count(of->input->world); p++) {
        const wb_nodepool *nodepool = wb_solver_world_pool(of->input->world, p);
        if (spread->node_taints_policy != WB_NODE_POLICY_HONOR ||
            tolerates_all(of, template, nodepool->taints, nodepool->taint_count)) {
            add_pool_domains(of, p, spread->topology_key, made);
        }
    }
}

/* By host, whether the constraint sees pods that are placed there. One that contradicts itself may
 * be where its own constraint does not look. */
static bool *seen_hosts(const wb_validation *of, const rule *from,
                        const wb_spread_constraint *spread)
{
    const uint32_t host_count = of->problem->node_count + of->result->claim_count;
    bool *sees = WB_ARENA_ARRAY(of->arena, bool, host_count + 1U);
    for (uint32_t h = 0; h < host_count; h++) {
        sees[h] = sees_host(of, from->owner_class, spread, h, true);
    }
    return sees;
}

/* By node, whether it sees those that run there. */
static bool *seen_nodes(const wb_validation *of, const rule *from,
                        const wb_spread_constraint *spread)
{
    bool *sees = WB_ARENA_ARRAY(of->arena, bool, of->problem->node_count + 1U);
    for (uint32_t n = 0; n < of->problem->node_count; n++) {
        sees[n] = of->input->nodes[n].desc->has_node &&
                  sees_host(of, from->owner_class, spread, n, false);
    }
    return sees;
}

/* Counts per domain, empty ones included; sees is of seen_hosts. */
static tally tally_spread(const wb_validation *of, const rule *from,
                          const wb_spread_constraint *spread, const bool *sees)
{
    tally made = {0};
    add_domains(of, of->classes[from->owner_class].template, spread, &made);
    const bool *sees_running = seen_nodes(of, from, spread);
    for (uint32_t n = 0; n < of->problem->node_count; n++) {
        const wb_validator_domains domains = wb_validator_host_domains(of, n, from->key);
        if (sees_running[n] && wb_validator_node_stays(of, n) && domains.count == 1) {
            (void)tally_at(of, &made, domains.values[0]);
        }
    }
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *pod = &of->residents[i];
        if (!selects_resident(from, pod) || !counts(of, pod) ||
            !(is_batch(pod) ? sees[pod->host] : sees_running[pod->host])) {
            continue;
        }
        const wb_validator_domains domains = wb_validator_host_domains(of, pod->host, from->key);
        if (domains.count == 1) {
            tally_at(of, &made, domains.values[0])->count += pod->count;
        }
    }
    return made;
}

/* Rules alike but for minDomains are one to upstream, with the value of whichever came first
 * (spec/scheduling.md section 10.1); which that was the answer does not show, so the least. */
static int32_t min_domains_of(const wb_validation *of, const rule *from,
                              const wb_spread_constraint *spread)
{
    int32_t least = spread->min_domains;
    for (uint32_t c = 0; c < of->class_count; c++) {
        const wb_pod_template *template = of->classes[c].template;
        for (uint32_t i = 0; i < template->spread_count; i++) {
            const wb_spread_constraint *other = &template->spreads[i];
            if (other->topology_key != spread->topology_key ||
                other->max_skew != spread->max_skew || other->min_domains >= least) {
                continue;
            }
            rule twin = {.owner_class = c, .key = from->key, .selector = &other->selector};
            twin.match_keys = other->match_label_keys;
            twin.match_key_count = other->match_label_key_count;
            fill_selected(of, &twin);
            if (memcmp(twin.selects, from->selects, of->class_count * sizeof(bool)) == 0) {
                least = other->min_domains;
            }
        }
    }
    return least;
}

/* The least count over the domains that an owner may use. */
static uint32_t least_of(const wb_validation *of, const rule *from,
                         const wb_spread_constraint *spread, const tally *made)
{
    uint32_t least = UINT32_MAX;
    int32_t usable_count = 0;
    for (uint32_t i = 0; i < made->count; i++) {
        const tally_entry *entry = &made->entries[i];
        if (wb_validator_class_allows(of, from->owner_class, from->key, entry->value)) {
            usable_count++;
            least = entry->count < least ? entry->count : least;
        }
    }
    return usable_count < min_domains_of(of, from, spread) ? 0 : least;
}

static bool report_skew(const wb_validation *of, const wb_validator_resident *owner,
                        const wb_spread_constraint *spread, uint32_t count, uint32_t least)
{
    wb_text_add_format(of->violation,
                       "%s makes %u pods in its domain of %s, the least has %u, maxSkew is %d",
                       wb_validator_pod_name(of, owner->pod_index), count,
                       text_of(of, spread->topology_key), least, spread->max_skew);
    return false;
}

/* Another host can always be added, so the least count of host names is 0. */
static bool check_host_spread(const wb_validation *of, const rule *from,
                              const wb_spread_constraint *spread, const bool *sees)
{
    const bool *sees_running = seen_nodes(of, from, spread);
    uint32_t *on_host = count_on_hosts(of, from);
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *pod = &of->residents[i];
        if (!is_batch(pod) && !sees_running[pod->host] && selects_resident(from, pod) &&
            counts(of, pod)) {
            on_host[pod->host] -= pod->count;
        }
    }
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *pod = &of->residents[i];
        if (is_batch(pod) && pod->class_id == from->owner_class && sees[pod->host] &&
            on_host[pod->host] > (uint32_t)spread->max_skew) {
            return report_skew(of, pod, spread, on_host[pod->host], 0);
        }
    }
    return true;
}

static bool selects_nodes(const wb_pod_template *template)
{
    return template->node_selector.count > 0 || template->required_term_count > 0;
}

/* Spreads whose pods select nodes by the same keys may be one to upstream, whatever the values: the
 * first one's say which nodes count, and which that was the answer does not show. */
static bool filter_is_shared(const wb_validation *of, const rule *from,
                             const wb_spread_constraint *spread)
{
    bool is_shared = false;
    for (uint32_t c = 0; c < of->class_count && !is_shared; c++) {
        const wb_pod_template *template = of->classes[c].template;
        for (uint32_t i = 0; i < template->spread_count && c != from->owner_class; i++) {
            is_shared = is_shared || (template->spreads[i].topology_key == spread->topology_key &&
                                      template->spreads[i].max_skew == spread->max_skew);
        }
        is_shared = is_shared && selects_nodes(template);
    }
    return is_shared && selects_nodes(of->classes[from->owner_class].template);
}

static bool check_spread(const wb_validation *of, const rule *from,
                         const wb_spread_constraint *spread)
{
    if (counts_are_unsure(of, from) || filter_is_shared(of, from, spread) || !is_closed(of, from) ||
        !is_never_relaxed(of, of->classes[from->owner_class].template)) {
        return true;
    }
    const bool *sees = seen_hosts(of, from, spread);
    if (from->key == WB_NAME_HOSTNAME) {
        return check_host_spread(of, from, spread, sees);
    }
    tally made = tally_spread(of, from, spread, sees);
    const uint32_t least = least_of(of, from, spread, &made);
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *pod = &of->residents[i];
        if (!is_batch(pod) || pod->class_id != from->owner_class || !sees[pod->host] ||
            lacks_domain(of, pod, from->key)) {
            continue;
        }
        const wb_validator_domains domains = wb_validator_host_domains(of, pod->host, from->key);
        if (domains.count != 1) {
            wb_text_add_format(of->violation, "%s is spread over %s, but its domain is not settled",
                               wb_validator_pod_name(of, pod->pod_index), text_of(of, from->key));
            return false;
        }
        const uint32_t count = tally_at(of, &made, domains.values[0])->count;
        if ((int64_t)count - least > spread->max_skew) {
            return report_skew(of, pod, spread, count, least);
        }
    }
    return true;
}

static bool check_spreads(const wb_validation *of, uint32_t class_id)
{
    const wb_pod_template *template = of->classes[class_id].template;
    for (uint32_t i = 0; i < template->spread_count; i++) {
        const wb_spread_constraint *spread = &template->spreads[i];
        if (spread->when_unsatisfiable != WB_SPREAD_DO_NOT_SCHEDULE) {
            continue;
        }
        rule from = {
            .owner_class = class_id,
            .key = spread->topology_key,
            .selector = &spread->selector,
            .match_keys = spread->match_label_keys,
            .match_key_count = spread->match_label_key_count,
        };
        fill_selected(of, &from);
        if (!check_spread(of, &from, spread)) {
            return false;
        }
    }
    return true;
}

/* ---- affinity ---- */

static bool report_lonely(const wb_validation *of, const wb_validator_resident *owner,
                          const rule *from)
{
    wb_text_add_format(of->violation, "%s has no partner where its affinity by %s wants one",
                       wb_validator_pod_name(of, owner->pod_index), text_of(of, from->key));
    return false;
}

/* By host name every placement counts at once, so only one owner can have been the first. */
static bool check_host_affinity(const wb_validation *of, const rule *from)
{
    const uint32_t *on_host = count_on_hosts(of, from);
    const bool is_selected = from->selects[from->owner_class];
    uint32_t running_count = 0;
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *pod = &of->residents[i];
        running_count += !is_batch(pod) && selects_resident(from, pod) && counts(of, pod);
    }
    bool has_first = running_count > 0;
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *pod = &of->residents[i];
        if (!is_batch(pod) || pod->class_id != from->owner_class ||
            on_host[pod->host] > (is_selected ? 1U : 0U)) {
            continue;
        }
        if (!is_selected || has_first) {
            return report_lonely(of, pod, from);
        }
        has_first = true;
    }
    return true;
}

/* Whether a running partner stands where the owner could have gone. */
static bool has_reachable_partner(const wb_validation *of, const rule *from, const tally *selected)
{
    for (uint32_t i = 0; i < selected->count; i++) {
        if (selected->entries[i].running_count > 0 &&
            wb_validator_class_allows(of, from->owner_class, from->key,
                                      selected->entries[i].value)) {
            return true;
        }
    }
    return false;
}

static bool has_partners(const wb_validation *of, const rule *from, tally *selected,
                         const wb_validator_resident *pod)
{
    const wb_validator_domains domains = wb_validator_host_domains(of, pod->host, from->key);
    const uint32_t self = domains.count == 1 && from->selects[from->owner_class] ? 1 : 0;
    for (uint32_t i = 0; i < domains.count; i++) {
        if (tally_at(of, selected, domains.values[i])->count <= self) {
            return false;
        }
    }
    return domains.count > 0;
}

static bool check_affinity(const wb_validation *of, const rule *from)
{
    if (counts_are_unsure(of, from)) {
        return true;
    }
    if (from->key == WB_NAME_HOSTNAME) {
        return check_host_affinity(of, from);
    }
    tally selected = tally_selected(of, from);
    const bool may_be_first =
        from->selects[from->owner_class] && !has_reachable_partner(of, from, &selected);
    for (uint32_t i = 0; i < of->resident_count && !may_be_first; i++) {
        const wb_validator_resident *pod = &of->residents[i];
        if (is_batch(pod) && pod->class_id == from->owner_class &&
            !lacks_domain(of, pod, from->key) && !has_partners(of, from, &selected, pod)) {
            return report_lonely(of, pod, from);
        }
    }
    return true;
}

/* ---- anti-affinity ---- */

static bool report_together(const wb_validation *of, const wb_validator_resident *pod,
                            const rule *from)
{
    wb_text_add_format(of->violation, "%s is in one domain of %s with a pod that %s keeps apart",
                       wb_validator_pod_name(of, pod->pod_index), text_of(of, from->key),
                       pod->class_id == from->owner_class ? "its anti-affinity" : "anti-affinity");
    return false;
}

static bool check_host_anti_affinity(const wb_validation *of, const rule *from)
{
    const uint32_t *selected = count_on_hosts(of, from);
    const size_t host_count = (size_t)of->problem->node_count + of->result->claim_count;
    bool *has_batch = WB_ARENA_ARRAY(of->arena, bool, host_count + 1);
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *pod = &of->residents[i];
        has_batch[pod->host] =
            has_batch[pod->host] ||
            (is_batch(pod) && (from->selects[pod->class_id] || pod->class_id == from->owner_class));
    }
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *pod = &of->residents[i];
        const uint32_t self = from->selects[from->owner_class] ? 1 : 0;
        if (pod->class_id != from->owner_class || !counts(of, pod) || !has_batch[pod->host] ||
            selected[pod->host] <= self) {
            continue;
        }
        for (uint32_t k = 0; k < of->resident_count; k++) { /* name one of the batch */
            const wb_validator_resident *named = &of->residents[k];
            if (is_batch(named) && named->host == pod->host &&
                (from->selects[named->class_id] || named->class_id == from->owner_class)) {
                return report_together(of, named, from);
            }
        }
    }
    return true;
}

/* Whether the template itself ties its node to listed values of key. */
static bool settles_key(const wb_validation *of, const wb_pod_template *template, uint32_t key)
{
    for (uint32_t i = 0; i < template->node_selector.count; i++) {
        if (wb_names_unalias(of->intern, template->node_selector.items[i].key) == key) {
            return true;
        }
    }
    for (uint32_t i = 0; i < template->spread_count; i++) {
        if (template->spreads[i].topology_key == key &&
            template->spreads[i].when_unsatisfiable == WB_SPREAD_DO_NOT_SCHEDULE) {
            return true;
        }
    }
    for (uint32_t i = 0; i < template->affinity_required_count; i++) {
        if (template->affinity_required[i].topology_key == key) {
            return true;
        }
    }
    for (uint32_t i = 0; i < template->anti_affinity_required_count; i++) {
        if (template->anti_affinity_required[i].topology_key == key) {
            return true;
        }
    }
    return false;
}

/* Whether the pod counted for all domains that its host may end up in, as soon as it was there: the
 * claim named them by then. */
static bool was_counted(const wb_validation *of, const wb_validator_resident *pod, uint32_t key)
{
    if (pod->host < of->problem->node_count) {
        return true;
    }
    const wb_solver_claim *claim = &of->result->claims[pod->host - of->problem->node_count];
    const wb_nodepool *nodepool = wb_solver_world_pool(of->input->world, claim->pool_index);
    const wb_requirement *said = pool_requirement(of, nodepool, key);
    if (said != NULL && !said->is_complement) {
        return true;
    }
    for (uint32_t i = 0; i <= pod->rank; i++) {
        const uint32_t class_id = of->class_of_pod[claim->pod_indices[i]];
        if (settles_key(of, of->classes[class_id].template, key)) {
            return true;
        }
    }
    return false;
}

static bool domains_meet(wb_validator_domains a, wb_validator_domains b)
{
    for (uint32_t i = 0; i < a.count; i++) {
        for (uint32_t k = 0; k < b.count; k++) {
            if (a.values[i] == b.values[k]) {
                return true;
            }
        }
    }
    return false;
}

/* Whether the two, of which one owns the rule and the other is selected, must be apart. */
static bool must_be_apart(const wb_validation *of, const rule *from,
                          const wb_validator_resident *owner, const wb_validator_resident *other)
{
    return owner != other && from->selects[other->class_id] && counts(of, other) &&
           (is_batch(owner) || is_batch(other)) && was_counted(of, other, from->key);
}

static bool check_anti_affinity(const wb_validation *of, const rule *from)
{
    if (from->key == WB_NAME_HOSTNAME) {
        return check_host_anti_affinity(of, from);
    }
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *owner = &of->residents[i];
        if (owner->class_id != from->owner_class || !counts(of, owner)) {
            continue;
        }
        const wb_validator_domains own = wb_validator_host_domains(of, owner->host, from->key);
        for (uint32_t k = 0; k < of->resident_count; k++) {
            const wb_validator_resident *other = &of->residents[k];
            if (must_be_apart(of, from, owner, other) &&
                domains_meet(own, wb_validator_host_domains(of, other->host, from->key))) {
                return report_together(of, is_batch(owner) ? owner : other, from);
            }
        }
    }
    return true;
}

/* ---- all rules ---- */

static bool check_class(const wb_validation *of, uint32_t class_id, bool is_in_batch)
{
    const wb_pod_template *template = of->classes[class_id].template;
    for (uint32_t i = 0; i < template->anti_affinity_required_count; i++) {
        const rule from = rule_of_term(of, class_id, &template->anti_affinity_required[i]);
        if (!check_anti_affinity(of, &from)) {
            return false;
        }
    }
    if (!is_in_batch) {
        return true; /* of a running pod only what it forbids others matters */
    }
    for (uint32_t i = 0; i < template->affinity_required_count; i++) {
        const rule from = rule_of_term(of, class_id, &template->affinity_required[i]);
        if (!check_affinity(of, &from)) {
            return false;
        }
    }
    return check_spreads(of, class_id);
}

bool wb_validator_check_topology(wb_validation *of)
{
    assert(of->violation->length == 0);
    bool *is_in_batch = WB_ARENA_ARRAY(of->arena, bool, of->class_count + 1U);
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *pod = &of->residents[i];
        is_in_batch[pod->class_id] = is_in_batch[pod->class_id] || is_batch(pod);
    }
    for (uint32_t c = 0; c < of->class_count; c++) {
        const wb_arena_mark mark = wb_arena_get_mark(of->arena);
        if (!check_class(of, c, is_in_batch[c])) {
            return false;
        }
        wb_arena_rewind(of->arena, mark);
    }
    return true;
}
