/*
 * Where a pod wants to be: node affinity, pod affinity and anti-affinity, topology spread,
 * tolerations.
 *
 * Terms stay in the order of the file: the solver drops required terms from the front and preferred
 * ones by weight, and both break ties by position. Nothing is rewritten here, old label keys
 * included; the solver's own view of a pod does that.
 *
 * Rules: k8s.io/kubernetes pkg/apis/core/validation (validateAffinity,
 * validateTopologySpreadConstraints, ValidateTolerations).
 *
 * What is read, from where, and what must hold:
 *
 *   nodeAffinity.required…       nodeSelectorTerms: at least one, ORed; a term ANDs its expressions
 *                                and fields, and without either matches nothing
 *   nodeAffinity.preferred…      weight 1 to 100, a term as above
 *   pod(Anti)Affinity.required…  topologyKey, selector (nil selects nothing), namespaces or a
 *                                selector of them, (mis)matchLabelKeys with a selector only
 *   pod(Anti)Affinity.preferred… the same within podAffinityTerm, weight 1 to 100
 *   topologySpreadConstraints    maxSkew > 0, topologyKey, whenUnsatisfiable; minDomains > 0 and
 *                                only with DoNotSchedule; one of a key and a way each
 *   tolerations                  operator Equal by default; no key only with Exists; no value with
 *                                Exists; seconds only with NoExecute
 */
#include <assert.h>
#include <string.h>

#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/syntax.h"

static const char required_name[] = "requiredDuringSchedulingIgnoredDuringExecution";
static const char preferred_name[] = "preferredDuringSchedulingIgnoredDuringExecution";

/* Weights of preferred terms. */
static int32_t decode_weight(const wb_field *term)
{
    const wb_field weight = wb_field_get(term, "weight");
    const int32_t value = wb_field_int32(&weight, 0);
    if (value < 1 || value > 100) {
        if (wb_field_is_set(&weight)) {
            wb_field_invalid(&weight, "must be in the range 1-100");
        } else {
            wb_field_error(&weight, "Required value: must be in the range 1-100");
        }
    }
    return value;
}

/* --- Node affinity ------------------------------------------------------------------ */

/* Required terms are alternatives; a required affinity without a term could match nothing and is
 * refused. */
static void decode_node_affinity(const wb_field *field, wb_pod_template *out)
{
    const wb_field required = wb_field_get(field, required_name);
    if (wb_field_is_set(&required)) {
        const wb_field terms = wb_field_get(&required, "nodeSelectorTerms");
        out->required_is_set = true;
        out->required_terms = wb_manifest_decode_node_terms(&terms, &out->required_term_count);
        if (out->required_term_count == 0) {
            wb_field_error(&terms, "Required value: must have at least one node selector term");
        }
    }
    const wb_field preferred = wb_field_get(field, preferred_name);
    const uint32_t count = wb_field_count(&preferred);
    if (count == 0) {
        return;
    }
    wb_node_term *terms = WB_ARENA_ARRAY(field->context->arena, wb_node_term, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field element = wb_field_at(&preferred, i);
        const wb_field preference = wb_field_get(&element, "preference");
        wb_manifest_decode_node_term(&preference, &terms[i]);
        terms[i].weight = decode_weight(&element);
    }
    out->preferred_terms = terms;
    out->preferred_term_count = count;
}

/* --- Pod affinity ------------------------------------------------------------------- */

/* The API server merges matchLabelKeys into the selector as "key In (the pod's value)", so a stored
 * pod holds both; anything else beside the key contradicts it. */
static bool is_merged(const wb_label_expression *expression)
{
    return expression->op == WB_OPERATOR_IN && expression->value_count == 1;
}

/* Keys of matchLabelKeys and mismatchLabelKeys need a selector to be merged into. */
static const uint32_t *decode_label_keys(const wb_field *owner, const char *name,
                                         const wb_label_selector *selector, uint32_t *out_count)
{
    assert(selector != NULL && out_count != NULL);
    const wb_field list = wb_field_get(owner, name);
    const bool is_match = strcmp(name, "matchLabelKeys") == 0;
    const uint32_t *keys = wb_field_ids(&list, out_count);
    if (*out_count > 0 && !selector->is_set) {
        wb_field_error(&list, "Forbidden: must not be specified when labelSelector is not set");
    }
    for (uint32_t i = 0; i < *out_count; i++) {
        const wb_field element = wb_field_at(&list, i);
        (void)wb_field_accept(&element, wb_syntax_check_qualified_name(wb_field_text(&element)));
        for (uint32_t j = 0; is_match && j < selector->expression_count; j++) {
            const wb_label_expression *expression = &selector->expressions[j];
            if (expression->key == keys[i] && !is_merged(expression)) {
                wb_field_invalid(&element, "exists in both matchLabelKeys and labelSelector");
            }
        }
    }
    return keys;
}

/* Neither list nor selector means the pod's own namespace: the solver fills that in. */
static void decode_namespaces(const wb_field *field, wb_pod_term *out)
{
    const wb_field namespaces = wb_field_get(field, "namespaces");
    out->namespaces = wb_field_ids(&namespaces, &out->namespace_count);
    for (uint32_t i = 0; i < out->namespace_count; i++) {
        const wb_field element = wb_field_at(&namespaces, i);
        (void)wb_field_accept(&element, wb_syntax_check_dns_label(wb_field_text(&element)));
    }
}

/* An empty key once meant "any"; it is refused since that was removed. */
static uint32_t decode_topology_key(const wb_field *owner)
{
    const wb_field key = wb_field_get(owner, "topologyKey");
    if (wb_field_require(&key, "can not be empty")) {
        (void)wb_field_accept(&key, wb_syntax_check_qualified_name(wb_field_text(&key)));
    }
    return wb_field_id(&key);
}

static void decode_pod_term(const wb_field *field, wb_pod_term *out)
{
    const wb_field selector = wb_field_get(field, "labelSelector");
    const wb_field namespace_selector = wb_field_get(field, "namespaceSelector");
    *out = (wb_pod_term){.topology_key = decode_topology_key(field)};
    wb_manifest_decode_label_selector(&selector, &out->selector);
    wb_manifest_decode_label_selector(&namespace_selector, &out->namespace_selector);
    decode_namespaces(field, out);
    out->match_label_keys =
        decode_label_keys(field, "matchLabelKeys", &out->selector, &out->match_label_key_count);
    out->mismatch_label_keys = decode_label_keys(field, "mismatchLabelKeys", &out->selector,
                                                 &out->mismatch_label_key_count);
}

/* A preferred term wraps the same term that is required bare. */
static const wb_pod_term *decode_pod_terms(const wb_field *owner, bool is_preferred,
                                           uint32_t *out_count)
{
    assert(out_count != NULL);
    const wb_field list = wb_field_get(owner, is_preferred ? preferred_name : required_name);
    const uint32_t count = wb_field_count(&list);
    *out_count = count;
    if (count == 0) {
        return NULL;
    }
    wb_pod_term *terms = WB_ARENA_ARRAY(owner->context->arena, wb_pod_term, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field element = wb_field_at(&list, i);
        if (is_preferred) {
            const wb_field term = wb_field_get(&element, "podAffinityTerm");
            decode_pod_term(&term, &terms[i]);
            terms[i].weight = decode_weight(&element);
        } else {
            decode_pod_term(&element, &terms[i]);
        }
    }
    return terms;
}

void wb_manifest_decode_affinity(const wb_field *affinity, wb_pod_template *out)
{
    assert(affinity != NULL);
    assert(out != NULL);
    const wb_field node = wb_field_get(affinity, "nodeAffinity");
    const wb_field pod = wb_field_get(affinity, "podAffinity");
    const wb_field anti = wb_field_get(affinity, "podAntiAffinity");
    decode_node_affinity(&node, out);
    out->affinity_required = decode_pod_terms(&pod, false, &out->affinity_required_count);
    out->affinity_preferred = decode_pod_terms(&pod, true, &out->affinity_preferred_count);
    out->anti_affinity_required =
        decode_pod_terms(&anti, false, &out->anti_affinity_required_count);
    out->anti_affinity_preferred =
        decode_pod_terms(&anti, true, &out->anti_affinity_preferred_count);
}

/* --- Topology spread ---------------------------------------------------------------- */

/* Unset is kept apart from the default: Karpenter and kube-scheduler name it differently. */
static wb_node_policy decode_policy(const wb_field *owner, const char *name)
{
    static const char *const names[] = {"Honor", "Ignore"};
    static_assert(WB_NODE_POLICY_HONOR == 1 && WB_NODE_POLICY_IGNORE == 2, "order of names");
    const wb_field field = wb_field_get(owner, name);
    if (!wb_field_is_set(&field)) {
        return WB_NODE_POLICY_UNSET;
    }
    return (wb_node_policy)(1U + wb_field_choice(&field, names, 2, 0));
}

/* minDomains holds only where too few domains can block a pod, hence with DoNotSchedule. */
static void decode_counts(const wb_field *field, wb_spread_constraint *out)
{
    const wb_field max_skew = wb_field_get(field, "maxSkew");
    const wb_field min_domains = wb_field_get(field, "minDomains");
    if (wb_field_require(&max_skew, NULL)) {
        out->max_skew = wb_field_int32(&max_skew, 1);
        if (out->max_skew <= 0) {
            wb_field_invalid(&max_skew, "must be greater than zero");
        }
    }
    if (!wb_field_is_set(&min_domains)) {
        return;
    }
    out->min_domains = wb_field_int32(&min_domains, 1);
    if (out->min_domains <= 0) {
        wb_field_invalid(&min_domains, "must be greater than zero");
    }
    if (out->when_unsatisfiable != WB_SPREAD_DO_NOT_SCHEDULE) {
        wb_field_invalid(&min_domains, "can only use minDomains if "
                                       "whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway");
    }
}

/* All four fields that the API requires, then the policies. */
static void decode_spread(const wb_field *field, wb_spread_constraint *out)
{
    static const char *const names[] = {"DoNotSchedule", "ScheduleAnyway"};
    const wb_field when = wb_field_get(field, "whenUnsatisfiable");
    const wb_field selector = wb_field_get(field, "labelSelector");
    *out = (wb_spread_constraint){.topology_key = decode_topology_key(field)};
    if (wb_field_require(&when, "must be one of DoNotSchedule, ScheduleAnyway")) {
        out->when_unsatisfiable = (wb_spread_unsatisfiable)wb_field_choice(&when, names, 2, 0);
    }
    decode_counts(field, out);
    wb_manifest_decode_label_selector(&selector, &out->selector);
    out->node_affinity_policy = decode_policy(field, "nodeAffinityPolicy");
    out->node_taints_policy = decode_policy(field, "nodeTaintsPolicy");
    out->match_label_keys =
        decode_label_keys(field, "matchLabelKeys", &out->selector, &out->match_label_key_count);
}

void wb_manifest_decode_spreads(const wb_field *list, wb_pod_template *out)
{
    assert(list != NULL);
    assert(out != NULL);
    const uint32_t count = wb_field_count(list);
    if (count == 0) {
        return;
    }
    wb_spread_constraint *spreads =
        WB_ARENA_ARRAY(list->context->arena, wb_spread_constraint, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field element = wb_field_at(list, i);
        decode_spread(&element, &spreads[i]);
        for (uint32_t j = 0; j < i; j++) {
            if (spreads[j].topology_key == spreads[i].topology_key &&
                spreads[j].when_unsatisfiable == spreads[i].when_unsatisfiable) {
                wb_field_error(&element, "Duplicate value: \"{%s, %s}\"",
                               wb_intern_text(list->context->intern, spreads[i].topology_key),
                               spreads[i].when_unsatisfiable == WB_SPREAD_DO_NOT_SCHEDULE
                                   ? "DoNotSchedule"
                                   : "ScheduleAnyway");
                break;
            }
        }
    }
    out->spreads = spreads;
    out->spread_count = count;
}

/* --- Tolerations -------------------------------------------------------------------- */

/* Run only where operator and effect were understood: half of the rules depend on them. */
static void check_toleration(const wb_field *field, const wb_toleration *toleration)
{
    const wb_field key = wb_field_get(field, "key");
    const wb_field op = wb_field_get(field, "operator");
    const wb_field value = wb_field_get(field, "value");
    const wb_field effect = wb_field_get(field, "effect");
    const wb_field seconds = wb_field_get(field, "tolerationSeconds");
    if (toleration->key != 0) {
        (void)wb_field_accept(&key, wb_syntax_check_qualified_name(wb_field_text(&key)));
    } else if (toleration->op != WB_TOLERATION_EXISTS) {
        wb_field_error(&op,
                       "Invalid value: \"%s\": operator must be Exists when `key` is empty, "
                       "which means \"match all values and all keys\"",
                       wb_field_text(&op));
    }
    if (wb_field_is_set(&seconds) && toleration->effect != WB_TAINT_NO_EXECUTE) {
        wb_field_error(&effect,
                       "Invalid value: \"%s\": effect must be 'NoExecute' when "
                       "`tolerationSeconds` is set",
                       wb_field_text(&effect));
    }
    switch (toleration->op) {
    case WB_TOLERATION_EQUAL:
        (void)wb_field_accept(&value, wb_syntax_check_label_value(wb_field_text(&value)));
        return;
    case WB_TOLERATION_EXISTS:
        if (toleration->value != 0) {
            wb_field_invalid(&value, "value must be empty when `operator` is 'Exists'");
        }
        return;
    case WB_TOLERATION_LT:
    case WB_TOLERATION_GT: {
        int64_t number = 0;
        if (!wb_syntax_parse_int64(wb_field_text(&value), &number)) {
            wb_field_invalid(&value, "must be an integer when `operator` is 'Lt' or 'Gt'");
        }
        return;
    }
    }
}

void wb_manifest_decode_tolerations(const wb_field *list, wb_pod_template *out)
{
    static const char *const names[] = {
        [WB_TOLERATION_EQUAL] = "Equal",
        [WB_TOLERATION_EXISTS] = "Exists",
        [WB_TOLERATION_LT] = "Lt",
        [WB_TOLERATION_GT] = "Gt",
    };
    assert(list != NULL);
    assert(out != NULL);
    const uint32_t count = wb_field_count(list);
    if (count == 0) {
        return;
    }
    wb_toleration *tolerations = WB_ARENA_ARRAY(list->context->arena, wb_toleration, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field element = wb_field_at(list, i);
        const wb_field op = wb_field_get(&element, "operator");
        const wb_field seconds = wb_field_get(&element, "tolerationSeconds");
        const bool has_op = wb_field_text(&op)[0] != '\0';
        const size_t errors_before = wb_field_error_count(list);
        tolerations[i] = (wb_toleration){
            .key = wb_field_get_id(&element, "key"),
            .value = wb_field_get_id(&element, "value"),
            .op = has_op
                      ? (wb_toleration_operator)wb_field_choice(&op, names, 4, WB_TOLERATION_EQUAL)
                      : WB_TOLERATION_EQUAL,
            .effect = (wb_taint_effect)wb_manifest_decode_effect(&element),
            /* Zero and negative seconds mean "evict at once". */
            .seconds = wb_field_is_set(&seconds) ? wb_field_int64(&seconds, 0) : -1,
        };
        if (wb_field_is_set(&seconds) && tolerations[i].seconds < 0) {
            tolerations[i].seconds = 0;
        }
        if (wb_field_error_count(list) == errors_before) {
            check_toleration(&element, &tolerations[i]);
        }
    }
    out->tolerations = tolerations;
    out->toleration_count = count;
}
