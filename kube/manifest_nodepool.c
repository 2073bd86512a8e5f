/*
 * Karpenter's NodePool, v1: defaults of the CRD, its CEL rules, and the runtime
 * validation that turns a pool's Ready condition false.
 * Source: sigs.k8s.io/karpenter pkg/apis/v1 and the CRD of the AWS provider (August 2026).
 *
 * What is read, its default, and what must hold:
 *
 *   metadata.labels (template)     none that Karpenter sets itself
 *   requirements                   required, at most 100; keys not restricted, as many values as
 *                                  the operator takes, minValues 1 to 50
 *   taints, startupTaints          unique by key and effect over both lists
 *   nodeClassRef                   group without a version, kind, name
 *   expireAfter                    720h; hours, minutes, seconds, or Never
 *   terminationGracePeriod         none; hours, minutes, seconds
 *   disruption.consolidateAfter    0s; as expireAfter
 *   disruption.consolidationPolicy WhenEmptyOrUnderutilized
 *   disruption.budgets             one of 10 %; a number or 0 % to 100 %; schedule and duration
 *                                  together; at most 50
 *   limits                         quantities; nodes is Karpenter's own
 *   weight                         none, which counts as 0; 1 to 100
 *   replicas                       none; static pools: no weight, no limits but nodes
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "base/hash_map.h"
#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/schema.h"

enum {
    REQUIREMENT_LIMIT = 100,
    BUDGET_LIMIT = 50,
    DEFAULT_EXPIRE_HOURS = 720
};

/* --- Requirements ------------------------------------------------------------------- */

/* Runtime validation reads old keys under their current names, so the alias goes first. */
static void check_requirement_key(const wb_field *element, uint32_t key)
{
    const wb_field field = wb_field_get(element, "key");
    const wb_intern *intern = element->context->intern;
    const uint32_t current = wb_names_unalias(element->context->intern, key);
    if (current == WB_NAME_NODEPOOL) {
        wb_field_invalid(&field, "label \"karpenter.sh/nodepool\" is restricted");
    } else if (current == WB_NAME_HOSTNAME) {
        wb_field_invalid(&field, "label \"kubernetes.io/hostname\" is restricted");
    } else if (wb_names_is_restricted(intern, current)) {
        wb_field_invalid(&field,
                         "label domain \"%s\" is restricted; use a well-known label or a "
                         "domain of your own",
                         strstr(wb_intern_text(intern, current), "karpenter.k8s.aws") != NULL
                             ? "karpenter.k8s.aws"
                             : "karpenter.sh");
    }
}

/* Capacity type and tenancy have a closed set of values: In must name at least one of them, and as
 * many as minValues asks for. */
static void check_known_values(const wb_field *element, const wb_label_expression *requirement)
{
    static const char *const capacity_types[] = {"on-demand", "reserved", "spot"};
    static const char *const tenancies[] = {"dedicated", "default"};
    const bool is_tenancy = requirement->key == WB_NAME_INSTANCE_TENANCY;
    if (requirement->op != WB_OPERATOR_IN || requirement->value_count == 0 ||
        (requirement->key != WB_NAME_CAPACITY_TYPE && !is_tenancy)) {
        return;
    }
    const char *const *known = is_tenancy ? tenancies : capacity_types;
    const uint32_t known_count = is_tenancy ? 2 : 3;
    int32_t valid = 0;
    for (uint32_t i = 0; i < requirement->value_count; i++) {
        const char *value = wb_intern_text(element->context->intern, requirement->values[i]);
        for (uint32_t j = 0; j < known_count; j++) {
            valid += strcmp(value, known[j]) == 0 ? 1 : 0;
        }
    }
    const wb_field values = wb_field_get(element, "values");
    if (valid == 0 || valid < requirement->min_values) {
        wb_field_error(&values, "Invalid value: %d valid values found, expected at least %d of %s",
                       valid, requirement->min_values > 1 ? requirement->min_values : 1,
                       is_tenancy ? "dedicated, default" : "on-demand, reserved, spot");
    }
}

/* The list is required even where it is empty: the CRD says so. */
const wb_label_expression *wb_manifest_decode_requirements(const wb_field *spec, bool is_pool,
                                                           uint32_t *out_count)
{
    assert(out_count != NULL);
    const wb_field list = wb_field_get(spec, "requirements");
    if (!wb_field_is_set(&list)) {
        wb_field_error(&list, "Required value");
    }
    const wb_label_expression *requirements =
        wb_manifest_decode_expressions(&list, WB_EXPRESSIONS_NODEPOOL, out_count);
    if (*out_count > REQUIREMENT_LIMIT) {
        wb_field_error(&list, "Too many: %u: must have at most %d items", *out_count,
                       REQUIREMENT_LIMIT);
    }
    for (uint32_t i = 0; i < *out_count && is_pool; i++) {
        const wb_field element = wb_field_at(&list, i);
        check_requirement_key(&element, requirements[i].key);
        check_known_values(&element, &requirements[i]);
    }
    return requirements;
}

/* --- Durations ---------------------------------------------------------------------- */

/* ^([0-9]+(s|m|h))+$ */
static bool is_plain_duration(const char *text)
{
    assert(text != NULL);
    do {
        const size_t digits = strspn(text, "0123456789");
        if (digits == 0 || text[digits] == '\0' || strchr("smh", text[digits]) == NULL) {
            return false;
        }
        text += digits + 1;
    } while (*text != '\0');
    return true;
}

/* Days have no unit here: 30d is the mistake that most pools are refused for. */
int64_t wb_manifest_decode_duration(const wb_field *owner, const char *name, bool is_never_allowed,
                                    int64_t fallback)
{
    assert(owner != NULL && name != NULL);
    const wb_field field = wb_field_get(owner, name);
    if (!wb_field_is_set(&field)) {
        return fallback;
    }
    const char *text = wb_field_text(&field);
    if (is_never_allowed && strcmp(text, "Never") == 0) {
        return WB_DURATION_NEVER;
    }
    int64_t ms = 0;
    if (field.node->kind != WB_NODE_STRING || !is_plain_duration(text)) {
        wb_field_invalid(&field, "must be a duration of hours, minutes and seconds (\"1h30m\")%s",
                         is_never_allowed ? " or \"Never\"" : "");
        return fallback;
    }
    wb_error err;
    if (wb_duration_parse(text, &ms, &err) != WB_OK) {
        wb_field_error(&field, "%s", err.text);
        return fallback;
    }
    return ms;
}

/* --- What NodePool templates and NodeClaims share ----------------------------------- */

/* A reference must name all three parts; the group has no version in it. */
void wb_manifest_check_class_reference(const wb_field *reference)
{
    assert(reference != NULL);
    const wb_field group = wb_field_get(reference, "group");
    const wb_field kind = wb_field_get(reference, "kind");
    const wb_field name = wb_field_get(reference, "name");
    if (!wb_field_is_set(reference)) {
        wb_field_error(reference, "Required value");
        return;
    }
    (void)wb_field_require(&kind, "kind may not be empty");
    (void)wb_field_require(&name, "name may not be empty");
    if (wb_field_require(&group, "group may not be empty") &&
        strchr(wb_field_text(&group), '/') != NULL) {
        wb_field_invalid(&group, "must be a group without a version (\"karpenter.k8s.aws\")");
    }
}

/* Both lists end on one node, so they share one set of pairs. */
static void check_taints_are_unique(const wb_field *spec, const wb_nodepool *pool)
{
    const wb_field list = wb_field_get(spec, "startupTaints");
    for (uint32_t i = 0; i < pool->startup_taint_count; i++) {
        for (uint32_t j = 0; j < pool->taint_count; j++) {
            if (pool->taints[j].key == pool->startup_taints[i].key &&
                pool->taints[j].effect == pool->startup_taints[i].effect) {
                const wb_field element = wb_field_at(&list, i);
                wb_field_error(&element,
                               "Duplicate value: \"%s\" of the same effect stands in taints",
                               wb_intern_text(spec->context->intern, pool->taints[j].key));
            }
        }
    }
}

/* --- Template ----------------------------------------------------------------------- */

/* A template's labels become node labels: those that Karpenter sets itself are refused. */
static void check_template_labels(const wb_field *labels)
{
    wb_intern *intern = labels->context->intern;
    for (uint32_t i = 0; i < wb_field_entry_count(labels); i++) {
        const wb_field entry = wb_field_at(labels, i);
        const uint32_t key = wb_intern_add(intern, entry.name);
        if (key == WB_NAME_NODEPOOL || wb_names_is_restricted(intern, key)) {
            wb_field_error(&entry, "Invalid value: \"%s\": label is restricted", entry.name);
        }
    }
}

/* Source: the hash tags of NodeClaimTemplate; requirements are compared for themselves. */
static uint64_t hash_template(const wb_field *template, const wb_nodepool *pool)
{
    static const char *const decoded[] = {"requirements", "expireAfter", "terminationGracePeriod",
                                          NULL};
    const wb_field metadata = wb_field_get(template, "metadata");
    const wb_field spec = wb_field_get(template, "spec");
    uint64_t hash =
        wb_hash_map_join(wb_manifest_hash(&metadata, NULL), wb_manifest_hash(&spec, decoded));
    hash = wb_hash_map_join(hash, (uint64_t)pool->expire_after_ms);
    return wb_hash_map_join(hash, (uint64_t)pool->termination_grace_period_ms);
}

/* Everything that goes from the pool into its NodeClaims. */
static void decode_template(const wb_field *template, wb_nodepool *out)
{
    assert(out != NULL);
    const wb_field metadata = wb_field_get(template, "metadata");
    const wb_field labels = wb_field_get(&metadata, "labels");
    const wb_field spec = wb_field_get(template, "spec");
    const wb_field taints = wb_field_get(&spec, "taints");
    const wb_field startup_taints = wb_field_get(&spec, "startupTaints");
    const wb_field reference = wb_field_get(&spec, "nodeClassRef");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_TEMPLATE, &meta);
    check_template_labels(&labels);
    out->labels = meta.labels;
    out->annotations = meta.annotations;
    out->requirements = wb_manifest_decode_requirements(&spec, true, &out->requirement_count);
    out->taints = wb_manifest_decode_taint_list(&taints, &out->taint_count);
    out->startup_taints = wb_manifest_decode_taint_list(&startup_taints, &out->startup_taint_count);
    check_taints_are_unique(&spec, out);
    wb_manifest_check_class_reference(&reference);
    out->node_class_group = wb_field_get_id(&reference, "group");
    out->node_class_kind = wb_field_get_id(&reference, "kind");
    out->node_class_name = wb_field_get_id(&reference, "name");
    out->expire_after_ms = wb_manifest_decode_duration(&spec, "expireAfter", true,
                                                       DEFAULT_EXPIRE_HOURS * WB_MS_PER_HOUR);
    out->termination_grace_period_ms =
        wb_manifest_decode_duration(&spec, "terminationGracePeriod", false, -1);
    out->template_hash = hash_template(template, out);
}

/* --- Budgets ------------------------------------------------------------------------ */

/* ^((100|[0-9]{1,2})%|[0-9]+)$ */
static bool parse_budget_nodes(const char *text, wb_budget *out)
{
    assert(out != NULL);
    const size_t digits = strspn(text, "0123456789");
    const bool is_percent = text[digits] == '%' && text[digits + 1] == '\0';
    if (digits == 0 || digits > 9 || (!is_percent && text[digits] != '\0')) {
        return false;
    }
    int32_t nodes = 0;
    for (size_t i = 0; i < digits; i++) {
        nodes = nodes * 10 + (text[i] - '0');
    }
    if (is_percent && ((digits > 2 && nodes != 100) || digits > 3)) {
        return false;
    }
    out->is_percent = is_percent;
    out->nodes = nodes;
    return true;
}

/* None named means all of them. */
static uint32_t decode_reasons(const wb_field *budget)
{
    static const char *const names[] = {"Empty", "Drifted", "Underutilized"};
    static const uint32_t bits[] = {WB_DISRUPTION_EMPTY, WB_DISRUPTION_DRIFTED,
                                    WB_DISRUPTION_UNDERUTILIZED, 0};
    const wb_field list = wb_field_get(budget, "reasons");
    uint32_t reasons = 0;
    for (uint32_t i = 0; i < wb_field_count(&list); i++) {
        const wb_field element = wb_field_at(&list, i);
        reasons |= bits[wb_field_choice(&element, names, 3, 3)];
    }
    return reasons;
}

/* One of five fields of a cron line: numbers, names, and what joins them. */
static bool is_cron_field(const char *text, size_t length)
{
    static const char allowed[] = "0123456789*/,-?"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return length > 0 && strspn(text, allowed) >= length;
}

/* A macro, or five fields: what decides (days, ranges) is read where budgets are evaluated. */
bool wb_manifest_is_cron(const char *text)
{
    assert(text != NULL);
    static const char *const macros[] = {"@annually", "@yearly",   "@monthly", "@weekly",
                                         "@daily",    "@midnight", "@hourly"};
    for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++) {
        if (strcmp(text, macros[i]) == 0) {
            return true;
        }
    }
    uint32_t fields = 0;
    for (const char *at = text + strspn(text, " \t"); *at != '\0'; at += strspn(at, " \t")) {
        const size_t length = strcspn(at, " \t");
        if (!is_cron_field(at, length)) {
            return false;
        }
        fields++;
        at += length;
    }
    return fields == 5;
}

/* ^((([0-9]+(h|m))|([0-9]+h[0-9]+m))(0s)?)$: cron knows no seconds. */
static bool is_budget_duration(const char *text)
{
    if (!is_plain_duration(text)) {
        return false;
    }
    const char *seconds = strchr(text, 's');
    return seconds == NULL || (seconds - text >= 2 && strcmp(seconds - 1, "0s") == 0 &&
                               strchr("hm", seconds[-2]) != NULL);
}

/* A budget without a schedule holds always; half of one would hold at no known time. */
static void decode_schedule(const wb_field *budget, wb_budget *out)
{
    const wb_field schedule = wb_field_get(budget, "schedule");
    const wb_field duration = wb_field_get(budget, "duration");
    if (wb_field_is_set(&schedule) != wb_field_is_set(&duration)) {
        wb_field_error(budget, "Invalid value: 'schedule' must be set with 'duration'");
        return;
    }
    if (!wb_field_is_set(&schedule)) {
        return;
    }
    if (!wb_manifest_is_cron(wb_field_text(&schedule))) {
        wb_field_invalid(&schedule, "must be five cron fields (minute, hour, day of month, month, "
                                    "day of week) or a macro like @daily");
    }
    if (!is_budget_duration(wb_field_text(&duration))) {
        wb_field_invalid(&duration, "must be a duration of hours and minutes (\"8h30m\")");
        return;
    }
    out->schedule = wb_arena_copy_string(budget->context->arena, wb_field_text(&schedule));
    out->duration_ms = wb_manifest_decode_duration(budget, "duration", false, 0);
}

/* nodes defaults to 10 % in each budget, not only in the default one. */
static void decode_budget(const wb_field *field, wb_budget *out)
{
    const wb_field nodes = wb_field_get(field, "nodes");
    *out = (wb_budget){.is_percent = true, .nodes = 10};
    if (wb_field_is_set(&nodes) && !parse_budget_nodes(wb_field_text(&nodes), out)) {
        wb_field_error(&nodes,
                       "'%.60s' is neither a number of nodes nor a percentage between 0%% "
                       "and 100%%",
                       wb_field_text(&nodes));
    }
    out->reasons = decode_reasons(field);
    decode_schedule(field, out);
}

/* No list at all gives the default of 10 %; an empty list allows everything. */
static void decode_budgets(const wb_field *disruption, wb_nodepool *out)
{
    assert(out != NULL);
    const wb_field list = wb_field_get(disruption, "budgets");
    const uint32_t count = wb_field_is_set(&list) ? wb_field_count(&list) : 1;
    if (count > BUDGET_LIMIT) {
        wb_field_error(&list, "Too many: %u: must have at most %d items", count, BUDGET_LIMIT);
    }
    wb_budget *budgets = WB_ARENA_ARRAY(disruption->context->arena, wb_budget, count);
    for (uint32_t i = 0; i < wb_field_count(&list); i++) {
        const wb_field element = wb_field_at(&list, i);
        decode_budget(&element, &budgets[i]);
    }
    if (!wb_field_is_set(&list)) {
        budgets[0] = (wb_budget){.is_percent = true, .nodes = 10};
    }
    out->budgets = budgets;
    out->budget_count = count;
}

/* Three settings that decide whether and how soon a node is looked at again. */
static void decode_disruption(const wb_field *spec, wb_nodepool *out)
{
    static const char *const names[] = {
        [WB_CONSOLIDATE_WHEN_EMPTY_OR_UNDERUTILIZED] = "WhenEmptyOrUnderutilized",
        [WB_CONSOLIDATE_WHEN_EMPTY] = "WhenEmpty",
        [WB_CONSOLIDATE_BALANCED] = "Balanced",
    };
    const wb_field disruption = wb_field_get(spec, "disruption");
    const wb_field policy = wb_field_get(&disruption, "consolidationPolicy");
    out->consolidation_policy =
        (wb_consolidation_policy)wb_field_choice(&policy, names, 3,
                                                 WB_CONSOLIDATE_WHEN_EMPTY_OR_UNDERUTILIZED);
    const wb_field after = wb_field_get(&disruption, "consolidateAfter");
    if (wb_field_is_set(&disruption) && !wb_field_is_set(&after)) {
        /* The CRD defaults the whole block, but not this field of a block that is given. Many pools
         * on paper leave it out, and what is meant is plain: so we say it and go on. */
        wb_field_warn(&after, "Required value: an API server refuses this; \"0s\" is assumed");
    }
    out->consolidate_after_ms =
        wb_manifest_decode_duration(&disruption, "consolidateAfter", true, 0);
    decode_budgets(&disruption, out);
}

/* --- NodePool ----------------------------------------------------------------------- */

/* spec.limits: "nodes" is Karpenter's own and no resource of instance types. */
static void decode_limits(const wb_field *spec, wb_nodepool *out)
{
    assert(out != NULL);
    const wb_field limits = wb_field_get(spec, "limits");
    const wb_resource_list all = wb_manifest_decode_resource_map(&limits, WB_RESOURCES_ANY);
    const uint32_t nodes_id = wb_intern_add(spec->context->intern, "nodes");
    out->limit_nodes = -1;
    out->limits = (wb_resource_list){0};
    for (uint32_t i = 0; i < all.count; i++) {
        if (all.items[i].name == nodes_id) {
            out->limit_nodes = all.items[i].amount;
        } else {
            out->limits = wb_resource_list_with(spec->context->arena, out->limits,
                                                all.items[i].name, all.items[i].amount);
        }
    }
}

/* A static pool keeps a number of nodes: it knows neither weight nor limits but of nodes. */
static void decode_replicas(const wb_field *spec, wb_nodepool *out)
{
    assert(out != NULL);
    const wb_field replicas = wb_field_get(spec, "replicas");
    const wb_field weight = wb_field_get(spec, "weight");
    const wb_field limits = wb_field_get(spec, "limits");
    out->replicas = wb_field_is_set(&replicas) ? wb_field_int32(&replicas, 0) : -1;
    out->weight = wb_field_int32(&weight, 0);
    if (wb_field_is_set(&weight) && (out->weight < 1 || out->weight > 100)) {
        wb_field_invalid(&weight, "should be in the range 1-100");
    }
    if (!wb_field_is_set(&replicas)) {
        return;
    }
    if (out->replicas < 0) {
        wb_field_invalid(&replicas, "should be greater than or equal to 0");
    }
    if (out->limits.count > 0) {
        wb_field_error(&limits, "Invalid value: only 'limits.nodes' is supported on static "
                                "NodePools");
    }
    if (wb_field_is_set(&weight)) {
        wb_field_error(&weight, "Invalid value: 'weight' is not supported on static NodePools");
    }
}

/* Ready unless the status says False: a manifest has no status, and its pool is to be used. */
static bool status_is_ready(const wb_field *pool)
{
    const wb_field status = wb_field_get(pool, "status");
    const wb_field conditions = wb_field_get(&status, "conditions");
    for (uint32_t i = 0; i < wb_field_count(&conditions); i++) {
        const wb_field condition = wb_field_at(&conditions, i);
        if (wb_field_get_is(&condition, "type", "Ready")) {
            return !wb_field_get_is(&condition, "status", "False");
        }
    }
    return true;
}

/* Limits before replicas: a static pool's rules look at the limits. */
bool wb_manifest_read_nodepool(const wb_field *object, void *out_object)
{
    assert(object != NULL);
    assert(out_object != NULL);
    wb_nodepool *out = out_object;
    const size_t errors_before = wb_field_error_count(object);
    wb_schema_check(object, &wb_schema_node_pool);
    const wb_field metadata = wb_field_get(object, "metadata");
    const wb_field spec = wb_field_get(object, "spec");
    const wb_field template = wb_field_get(&spec, "template");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_CLUSTER, &meta);
    *out = (wb_nodepool){
        .name = meta.name,
        .uid = meta.uid,
        .is_deleting = meta.deletion_ms >= 0,
        .is_ready = status_is_ready(object),
        .source = object->node,
        .kubelet = wb_manifest_decode_kubelet_annotation(&metadata),
    };
    decode_template(&template, out);
    decode_disruption(&spec, out);
    decode_limits(&spec, out);
    decode_replicas(&spec, out);
    return wb_field_error_count(object) == errors_before;
}

bool wb_manifest_decode_nodepool(const wb_decode_context *context, const wb_node *node,
                                 wb_nodepool *out)
{
    const wb_field object = wb_field_root(context, node, NULL);
    return wb_manifest_read_nodepool(&object, out);
}
