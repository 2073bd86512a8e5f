/*
 * The owners of pods: Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob,
 * ReplicationController.
 *
 * What is read, its default, and what must hold:
 *
 *   replicas                1; 0 or more (Deployment, ReplicaSet, StatefulSet, RC)
 *   selector                required, not empty, matches the template's labels; RC: those labels by
 *                           default; Job and CronJob: none, the controller makes one
 *   template                required; restartPolicy Always for services, another one for jobs
 *   strategy                RollingUpdate of 25 % down (rounded down) and 25 % up (rounded up); not
 *                           both zero. Recreate: all down, none up
 *   volumeClaimTemplates    StatefulSet; a name each
 *   completions             1, or as many as parallelism where only that is given (a work queue)
 *   parallelism             1
 *   backoffLimit            6
 *   suspend                 false; of a CronJob or of its job
 *   schedule                CronJob; five fields or a macro
 *
 * Source: k8s.io/kubernetes pkg/apis/apps/validation, pkg/apis/batch/validation and their defaults.
 */
#include <assert.h>
#include <string.h>

#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/schema.h"

static const struct {
    const char *kind;
    wb_owner_kind owner;
    const wb_schema *schema;
} workload_kinds[] = {
    {"Deployment", WB_OWNER_DEPLOYMENT, &wb_schema_deployment},
    {"ReplicaSet", WB_OWNER_REPLICA_SET, &wb_schema_replica_set},
    {"StatefulSet", WB_OWNER_STATEFUL_SET, &wb_schema_stateful_set},
    {"DaemonSet", WB_OWNER_DAEMON_SET, &wb_schema_daemon_set},
    {"Job", WB_OWNER_JOB, &wb_schema_job},
    {"CronJob", WB_OWNER_CRON_JOB, &wb_schema_cron_job},
    {"ReplicationController", WB_OWNER_REPLICATION_CONTROLLER, &wb_schema_replication_controller},
};

enum {
    KIND_COUNT = sizeof(workload_kinds) / sizeof(workload_kinds[0])
};

/* Jobs end, services do not: restart policies and selectors differ by this. */
static bool runs_to_completion(wb_owner_kind kind)
{
    return kind == WB_OWNER_JOB || kind == WB_OWNER_CRON_JOB;
}

/* --- Pod template ---------------------------------------------------------------------- */

/* Services restart their containers for ever; jobs must say how they don't. */
static void check_restart_policy(const wb_field *template, wb_owner_kind kind)
{
    assert(kind != WB_OWNER_NONE);
    const wb_field spec = wb_field_get(template, "spec");
    const wb_field policy = wb_field_get(&spec, "restartPolicy");
    const bool is_always =
        wb_field_text(&policy)[0] == '\0' || strcmp(wb_field_text(&policy), "Always") == 0;
    if (runs_to_completion(kind) && is_always) {
        wb_field_error(&policy, "Required value: must be one of OnFailure, Never");
    } else if (!runs_to_completion(kind) && !is_always) {
        wb_field_error(&policy, "Unsupported value: \"%.30s\": must be Always",
                       wb_field_text(&policy));
    }
}

/* A missing template is complained about once; an empty one stands in for it. */
static void decode_template(const wb_field *spec, wb_workload *out)
{
    const wb_field template = wb_field_get(spec, "template");
    wb_pod_template *decoded = WB_ARENA_NEW(spec->context->arena, wb_pod_template);
    if (!wb_field_is_set(&template)) {
        wb_field_error(&template, "Required value");
    } else {
        wb_manifest_decode_template_field(&template, decoded);
        check_restart_policy(&template, out->kind);
    }
    out->template = decoded;
}

/* --- Selector -------------------------------------------------------------------------- */

/* A ReplicationController's selector is a plain map, and the template's labels by default. */
static void decode_plain_selector(const wb_field *field, wb_workload *out)
{
    wb_labels labels = wb_manifest_decode_label_map(field);
    if (labels.count == 0) {
        labels = out->template->labels;
    }
    wb_label_expression *expressions =
        WB_ARENA_ARRAY(field->context->arena, wb_label_expression, labels.count);
    for (uint32_t i = 0; i < labels.count; i++) {
        expressions[i] = (wb_label_expression){
            .key = labels.items[i].key,
            .op = WB_OPERATOR_IN,
            .value_count = 1,
            .values = &labels.items[i].value,
        };
    }
    out->selector = (wb_label_selector){
        .is_set = true,
        .expression_count = labels.count,
        .expressions = expressions,
    };
}

/* Jobs get a selector of their own from the controller; all others must select their own pods. */
static void decode_selector(const wb_field *spec, wb_workload *out)
{
    assert(out->template != NULL);
    const wb_field field = wb_field_get(spec, "selector");
    const wb_field template = wb_field_get(spec, "template");
    const wb_field template_meta = wb_field_get(&template, "metadata");
    const wb_field labels = wb_field_get(&template_meta, "labels");
    const size_t errors_before = wb_field_error_count(spec);
    if (out->kind == WB_OWNER_REPLICATION_CONTROLLER) {
        decode_plain_selector(&field, out);
    } else {
        wb_manifest_decode_label_selector(&field, &out->selector);
    }
    if (runs_to_completion(out->kind) || wb_field_error_count(spec) != errors_before) {
        return;
    }
    if (!out->selector.is_set) {
        wb_field_error(&field, "Required value");
    } else if (out->selector.expression_count == 0) {
        wb_field_error(&field, "Invalid value: empty selector is invalid");
    } else if (wb_field_is_set(&template) &&
               !wb_label_selector_matches(&out->selector, out->template->labels)) {
        wb_field_error(&labels, "Invalid value: `selector` does not match template `labels`");
    }
}

/* --- Counts ---------------------------------------------------------------------------- */

static int32_t decode_count(const wb_field *spec, const char *name, int32_t fallback)
{
    const wb_field field = wb_field_get(spec, name);
    const int32_t count = wb_field_int32(&field, fallback);
    if (count < 0) {
        wb_field_invalid(&field, "must be greater than or equal to 0");
        return fallback;
    }
    return count;
}

/* A bound in pods: percentages of the replicas round down for what may be missing, up for what may
 * come on top. 25 % when absent. */
static int32_t decode_bound_pods(const wb_field *field, int32_t replicas, bool rounds_up)
{
    assert(replicas >= 0);
    int32_t value = 25;
    wb_bound_kind kind = WB_BOUND_PERCENT;
    if (wb_field_is_set(field)) {
        kind = wb_manifest_decode_bound(field, &value);
    }
    if (kind != WB_BOUND_PERCENT) {
        return value;
    }
    const int64_t product = (int64_t)value * replicas;
    return (int32_t)((product + (rounds_up ? 99 : 0)) / 100);
}

/* Deployment: spec.strategy. Recreate takes all pods away at once and surges by none. */
static void decode_strategy(const wb_field *spec, wb_workload *out)
{
    assert(out->replicas >= 0 && out->max_surge == 0);
    static const char *const names[] = {"RollingUpdate", "Recreate"};
    const wb_field strategy = wb_field_get(spec, "strategy");
    const wb_field type = wb_field_get(&strategy, "type");
    const wb_field rolling = wb_field_get(&strategy, "rollingUpdate");
    const wb_field unavailable = wb_field_get(&rolling, "maxUnavailable");
    const wb_field surge = wb_field_get(&rolling, "maxSurge");
    if (wb_field_choice(&type, names, 2, 0) == 1) {
        if (wb_field_is_set(&rolling)) {
            wb_field_error(&rolling, "Forbidden: may not be specified when strategy `type` is "
                                     "'Recreate'");
        }
        out->max_unavailable = out->replicas;
        return;
    }
    out->max_unavailable = decode_bound_pods(&unavailable, out->replicas, false);
    out->max_surge = decode_bound_pods(&surge, out->replicas, true);
    int32_t given_surge = 1;
    int32_t given_unavailable = 1;
    if (wb_field_is_set(&surge) && wb_field_is_set(&unavailable)) {
        (void)wb_manifest_decode_bound(&surge, &given_surge);
        (void)wb_manifest_decode_bound(&unavailable, &given_unavailable);
    }
    if (given_surge == 0 && given_unavailable == 0) {
        wb_field_error(&unavailable, "Invalid value: may not be 0 when `maxSurge` is 0");
    } else if (out->max_surge == 0 && out->max_unavailable == 0) {
        out->max_unavailable = 1; /* the controller's way out: neither rounds to a pod */
    }
}

/* Without completions a job is a work queue: each of its parallel pods ends once. */
static void decode_job_counts(const wb_field *spec, wb_workload *out)
{
    const wb_field completions = wb_field_get(spec, "completions");
    out->parallelism = decode_count(spec, "parallelism", 1);
    out->completions =
        wb_field_is_set(&completions) ? decode_count(spec, "completions", 1) : out->parallelism;
    out->backoff_limit = decode_count(spec, "backoffLimit", 6);
    out->is_suspended = out->is_suspended || wb_field_get_bool(spec, "suspend", false);
}

/* --- By kind --------------------------------------------------------------------------- */

/* Selectors of jobs are made by the controller, from a uid that does not exist yet. */
static void decode_job(const wb_field *spec, wb_workload *out)
{
    decode_job_counts(spec, out);
    decode_template(spec, out);
    decode_selector(spec, out);
}

/* A CronJob is a job with a clock: the job's counts are read from its template. */
static void decode_cron_job(const wb_field *spec, wb_workload *out)
{
    assert(out->kind == WB_OWNER_CRON_JOB);
    const wb_field schedule = wb_field_get(spec, "schedule");
    const wb_field job_template = wb_field_get(spec, "jobTemplate");
    const wb_field job_spec = wb_field_get(&job_template, "spec");
    out->is_suspended = wb_field_get_bool(spec, "suspend", false);
    out->schedule = wb_field_id(&schedule);
    if (wb_field_require(&schedule, NULL) && !wb_manifest_is_cron(wb_field_text(&schedule))) {
        wb_field_invalid(&schedule, "must be five cron fields (minute, hour, day of month, month, "
                                    "day of week) or a macro like @daily");
    }
    if (!wb_field_is_set(&job_template)) {
        wb_field_error(&job_template, "Required value");
        out->template = WB_ARENA_NEW(spec->context->arena, wb_pod_template);
        return;
    }
    decode_job(&job_spec, out);
}

/* One claim per pod and template, named by ordinal: made above, when pods are. */
static void decode_claim_templates(const wb_field *spec, wb_workload *out)
{
    const wb_field list = wb_field_get(spec, "volumeClaimTemplates");
    const uint32_t count = wb_field_count(&list);
    if (count == 0) {
        return;
    }
    wb_volume *claims = WB_ARENA_ARRAY(spec->context->arena, wb_volume, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field element = wb_field_at(&list, i);
        const wb_field meta = wb_field_get(&element, "metadata");
        const wb_field name = wb_field_get(&meta, "name");
        const wb_field claim_spec = wb_field_get(&element, "spec");
        (void)wb_field_require(&name, NULL);
        claims[i] = (wb_volume){
            .kind = WB_VOLUME_CLAIM,
            .name = wb_field_id(&name),
            .storage_class = wb_field_get_id(&claim_spec, "storageClassName"),
        };
    }
    out->claim_templates = claims;
    out->claim_template_count = count;
}

/* Template before selector: the two are held against each other. */
static void decode_service(const wb_field *spec, wb_workload *out)
{
    out->replicas = decode_count(spec, "replicas", 1);
    decode_template(spec, out);
    decode_selector(spec, out);
    if (out->kind == WB_OWNER_DEPLOYMENT) {
        decode_strategy(spec, out);
    } else if (out->kind == WB_OWNER_STATEFUL_SET) {
        decode_claim_templates(spec, out);
    }
}

/* --- Workload -------------------------------------------------------------------------- */

/* Callers hand in objects of which they know only that they own pods. */
static size_t find_kind(const wb_field *object)
{
    const wb_field kind = wb_field_get(object, "kind");
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (strcmp(wb_field_text(&kind), workload_kinds[i].kind) == 0) {
            return i;
        }
    }
    wb_field_error(&kind,
                   "Invalid value: \"%.60s\": must be one of Deployment, ReplicaSet, StatefulSet, "
                   "DaemonSet, Job, CronJob, ReplicationController",
                   wb_field_text(&kind));
    return KIND_COUNT;
}

bool wb_manifest_read_workload(const wb_field *object, void *out_object)
{
    assert(object != NULL);
    assert(out_object != NULL);
    wb_workload *out = out_object;
    const size_t errors_before = wb_field_error_count(object);
    const size_t index = find_kind(object);
    if (index == KIND_COUNT) {
        return false;
    }
    wb_schema_check(object, workload_kinds[index].schema);
    const wb_field metadata = wb_field_get(object, "metadata");
    const wb_field spec = wb_field_get(object, "spec");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_NAMESPACED, &meta);
    *out = (wb_workload){
        .kind = workload_kinds[index].owner,
        .name = meta.name,
        .namespace_name = meta.namespace_name,
        .uid = meta.uid,
        .replicas = 1,
        .completions = 1,
        .parallelism = 1,
        .backoff_limit = 6,
        .created_ms = meta.created_ms,
        .source = object->node,
    };
    if (out->kind == WB_OWNER_JOB) {
        decode_job(&spec, out);
    } else if (out->kind == WB_OWNER_CRON_JOB) {
        decode_cron_job(&spec, out);
    } else {
        decode_service(&spec, out);
    }
    assert(out->template != NULL);
    return wb_field_error_count(object) == errors_before;
}

bool wb_manifest_decode_workload(const wb_decode_context *context, const wb_node *node,
                                 wb_workload *out)
{
    const wb_field object = wb_field_root(context, node, NULL);
    return wb_manifest_read_workload(&object, out);
}
