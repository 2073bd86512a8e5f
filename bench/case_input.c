/*
 * Decodes a case's objects by the same code that decodes users' manifests, so that a golden case
 * also tests the decoder. Cases leave apiVersion and kind out where the list says them; they are
 * put in front here.
 *
 * Nodes are what a cluster would hold: the labels that everybody knows of an instance type with
 * the node's own on top, allocatable from the catalog, less what the pods take that are bound. Two
 * steps, world before pods, so that a benchmark can time the second alone.
 */
#include "bench/case_input.h"

#include <assert.h>
#include <string.h>

#include "kube/manifest.h"
#include "kube/names.h"

/* An object with apiVersion and kind in front, as the decoder of whole documents wants it. */
static const wb_node *with_kind(wb_arena *arena, const wb_node *object, const char *kind)
{
    if (wb_node_get(object, "kind") != NULL || object->kind != WB_NODE_MAP) {
        return object;
    }
    wb_node *named = WB_ARENA_NEW(arena, wb_node);
    *named = *object;
    named->count = object->count + 2;
    named->keys = WB_ARENA_ARRAY(arena, const char *, named->count);
    named->children = WB_ARENA_ARRAY(arena, wb_node *, named->count);
    const char *const keys[] = {"apiVersion", "kind"};
    const char *const texts[] = {strcmp(kind, "StorageClass") == 0 ? "storage.k8s.io/v1" : "v1",
                                 kind};
    for (uint32_t i = 0; i < 2; i++) {
        wb_node *scalar = WB_ARENA_NEW(arena, wb_node);
        *scalar = (wb_node){.kind = WB_NODE_STRING,
                            .line = object->line,
                            .column = object->column,
                            .text = texts[i],
                            .text_length = strlen(texts[i]),
                            .file = object->file};
        named->keys[i] = keys[i];
        named->children[i] = scalar;
    }
    for (uint32_t i = 0; i < object->count; i++) {
        named->keys[i + 2] = object->keys[i];
        named->children[i + 2] = object->children[i];
    }
    return named;
}

static void add_objects(const wb_decode_context *context, wb_manifest *manifest,
                        const wb_node *list, const char *kind)
{
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        wb_manifest_add_document(manifest, context,
                                 with_kind(context->arena, list->children[i], kind));
    }
}

static uint32_t list_count(const wb_node *list)
{
    return list != NULL && list->kind == WB_NODE_LIST ? list->count : 0;
}

/* Nothing makes claims while a case is judged: a generic ephemeral volume has the claim that the
 * case lists for it, or a missing one. */
static void name_ephemeral_claims(const wb_decode_context *context, wb_pod *pod)
{
    assert(context != NULL && pod != NULL);
    if (pod->template == NULL) {
        return; /* was refused by the reader */
    }
    wb_pod_template *template = WB_ARENA_NEW(context->arena, wb_pod_template);
    *template = *pod->template;
    wb_volume *volumes = WB_ARENA_ARRAY(context->arena, wb_volume, template->volume_count);
    wb_text name;
    wb_text_init(&name);
    for (uint32_t i = 0; i < template->volume_count; i++) {
        volumes[i] = template->volumes[i];
        if (volumes[i].kind == WB_VOLUME_EPHEMERAL) {
            wb_text_add_format(&name, "%s-%s", wb_intern_text(context->intern, pod->name),
                               wb_intern_text(context->intern, volumes[i].name));
            volumes[i].kind = WB_VOLUME_CLAIM;
            volumes[i].claim_name = wb_intern_add(context->intern, wb_text_string(&name));
            wb_text_clear(&name);
        }
    }
    wb_text_release(&name);
    template->volumes = volumes;
    pod->template = template;
}

/* A pod without status is pending and known to be unschedulable. */
static bool decode_pod(const wb_decode_context *context, const wb_node *node, wb_pod *out)
{
    const bool is_usable = wb_manifest_decode_pod(context, node, out);
    name_ephemeral_claims(context, out);
    if (wb_node_get(node, "status") == NULL) {
        out->is_unschedulable = true;
        out->phase = WB_POD_PENDING;
    }
    return is_usable;
}

static void decode_pods(const wb_decode_context *context, const wb_node *root, wb_case_input *out)
{
    const wb_node *list = wb_node_get(root, "pods");
    wb_pod *pods = WB_ARENA_ARRAY(context->arena, wb_pod, list_count(list));
    for (uint32_t i = 0; i < list_count(list); i++) {
        (void)decode_pod(context, list->children[i], &pods[i]);
    }
    out->pods = pods;
    out->pod_count = list_count(list);
}

static void decode_pools(const wb_decode_context *context, const wb_node *root, wb_case_input *out)
{
    const wb_node *list = wb_node_get(root, "nodePools");
    wb_nodepool *pools = WB_ARENA_ARRAY(context->arena, wb_nodepool, list_count(list));
    for (uint32_t i = 0; i < list_count(list); i++) {
        (void)wb_manifest_decode_nodepool(context, list->children[i], &pools[i]);
        pools[i].is_ready = true;
    }
    out->nodepools = pools;
    out->nodepool_count = list_count(list);
}

static void decode_daemons(const wb_decode_context *context, const wb_node *root,
                           wb_case_input *out)
{
    const wb_node *list = wb_node_get(root, "daemonSetPods");
    out->daemon_count = list_count(list);
    out->daemon_templates =
        WB_ARENA_ARRAY(context->arena, const wb_pod_template *, out->daemon_count);
    for (uint32_t i = 0; i < out->daemon_count; i++) {
        wb_pod pod = {0};
        (void)decode_pod(context, list->children[i], &pod);
        out->daemon_templates[i] = pod.template;
    }
}

static void decode_storage(const wb_decode_context *context, const wb_node *root,
                           wb_case_input *out)
{
    wb_manifest manifest;
    wb_manifest_init(&manifest);
    add_objects(context, &manifest, wb_node_get(root, "namespaces"), "Namespace");
    add_objects(context, &manifest, wb_node_get(root, "storageClasses"), "StorageClass");
    add_objects(context, &manifest, wb_node_get(root, "persistentVolumeClaims"),
                "PersistentVolumeClaim");
    add_objects(context, &manifest, wb_node_get(root, "persistentVolumes"), "PersistentVolume");
    out->problem = (wb_solver_problem){
        .namespaces = manifest.namespaces,
        .namespace_count = manifest.namespace_count,
        .volume_claims = manifest.volume_claims,
        .volume_claim_count = manifest.volume_claim_count,
        .persistent_volumes = manifest.persistent_volumes,
        .persistent_volume_count = manifest.persistent_volume_count,
        .storage_classes = manifest.storage_classes,
        .storage_class_count = manifest.storage_class_count,
    };
}

static bool option_is(const wb_node *root, const char *name, const char *value)
{
    return strcmp(wb_node_string(wb_node_get(wb_node_get(root, "options"), name), ""), value) == 0;
}

wb_status wb_case_input_decode(wb_arena *arena, wb_intern *intern, const wb_node *root,
                               const wb_catalog *catalog, wb_case_input *out, wb_error *err)
{
    assert(arena != NULL && intern != NULL && root != NULL && catalog != NULL && out != NULL);
    wb_findings *findings = WB_ARENA_NEW(arena, wb_findings);
    wb_findings_init(findings, arena, false);
    const wb_decode_context context = {.arena = arena, .intern = intern, .findings = findings};
    *out = (wb_case_input){.catalog = *catalog};
    decode_pods(&context, root, out);
    decode_pools(&context, root, out);
    decode_daemons(&context, root, out);
    decode_storage(&context, root, out);
    out->min_values_best_effort = option_is(root, "minValuesPolicy", "BestEffort");
    if (option_is(root, "preferencePolicy", "Ignore")) {
        out->problem.options.preference_policy = WB_PREFERENCE_IGNORE;
    }
    /* Recorded inputs were accepted by the real programs' own readers, some of them laxer than the
     * API server: findings are no reason to refuse. */
    (void)err;
    return WB_OK;
}

/* a with the labels of b, which win. */
static wb_labels with_labels(wb_arena *arena, wb_labels a, wb_labels b)
{
    for (uint32_t i = 0; i < b.count; i++) {
        a = wb_labels_with(arena, a, b.items[i].key, b.items[i].value);
    }
    return a;
}

/* What everybody knows about a node of that type: its own labels come on top. */
static wb_labels node_labels(wb_arena *arena, const wb_node *node, const wb_catalog_type *type,
                             const wb_catalog *catalog, wb_intern *intern, wb_labels of_pool)
{
    const char *zone = wb_node_string(wb_node_get(node, "zone"), "");
    const char *market = wb_node_string(wb_node_get(node, "capacityType"), "");
    const char *pool = wb_node_string(wb_node_get(node, "nodePool"), "");
    const uint32_t name = wb_intern_add(intern, wb_node_string(wb_node_get(node, "name"), "node"));
    wb_labels labels = with_labels(arena, type != NULL ? type->labels : (wb_labels){0}, of_pool);
    labels = wb_labels_with(arena, labels, WB_NAME_HOSTNAME, name);
    labels = wb_labels_with(arena, labels, WB_NAME_ZONE, wb_intern_add(intern, zone));
    labels = wb_labels_with(arena, labels, WB_NAME_REGION, catalog->region);
    labels = wb_labels_with(arena, labels, WB_NAME_CAPACITY_TYPE, wb_intern_add(intern, market));
    if (type != NULL) {
        labels = wb_labels_with(arena, labels, WB_NAME_INSTANCE_TYPE, type->name);
    }
    if (pool[0] != '\0') {
        labels = wb_labels_with(arena, labels, WB_NAME_NODEPOOL, wb_intern_add(intern, pool));
        labels = wb_labels_with(arena, labels, WB_NAME_EC2NODECLASS, WB_NAME_DEFAULT);
        labels = wb_labels_with(arena, labels, WB_NAME_REGISTERED, WB_NAME_TRUE);
        if (wb_node_bool(wb_node_get(node, "initialized"), true)) {
            labels = wb_labels_with(arena, labels, WB_NAME_INITIALIZED, WB_NAME_TRUE);
        }
    }
    return labels;
}

/* capacity less overhead, for what the capacity names. */
static wb_resource_list node_allocatable(wb_arena *arena, const wb_catalog_type *type)
{
    wb_resource *items = WB_ARENA_ARRAY(arena, wb_resource, type->capacity.count);
    for (uint32_t i = 0; i < type->capacity.count; i++) {
        items[i] = type->capacity.items[i];
        items[i].amount -= wb_resource_list_get(type->overhead, items[i].name);
    }
    return (wb_resource_list){.items = items, .count = type->capacity.count};
}

static void read_attach_limits(wb_arena *arena, wb_intern *intern, const wb_node *node,
                               wb_solver_node_desc *desc)
{
    const wb_node *limits = wb_node_get(node, "volumeLimits");
    if (limits == NULL || limits->kind != WB_NODE_MAP) {
        return;
    }
    wb_attach_limit *made = WB_ARENA_ARRAY(arena, wb_attach_limit, limits->count);
    for (uint32_t i = 0; i < limits->count; i++) {
        made[i] = (wb_attach_limit){.node_name = desc->name,
                                    .driver = wb_intern_add(intern, limits->keys[i]),
                                    .count = (int32_t)wb_node_int64(limits->children[i], -1)};
    }
    desc->attach_limits = made;
    desc->attach_limit_count = limits->count;
}

/* The pool's taints, then the node's own. */
static void read_taints(const wb_decode_context *context, const wb_node *node,
                        const wb_nodepool *pool, wb_solver_node_desc *desc)
{
    uint32_t own_count = 0;
    const wb_taint *own =
        wb_manifest_decode_taints(context, wb_node_get(node, "taints"), "taints", &own_count);
    const uint32_t pool_count = pool != NULL ? pool->taint_count : 0;
    wb_taint *taints = WB_ARENA_ARRAY(context->arena, wb_taint, (size_t)pool_count + own_count);
    for (uint32_t i = 0; i < pool_count + own_count; i++) {
        taints[i] = i < pool_count ? pool->taints[i] : own[i - pool_count];
    }
    desc->taints = taints;
    desc->taint_count = pool_count + own_count;
    desc->startup_taints = wb_manifest_decode_taints(context, wb_node_get(node, "startupTaints"),
                                                     "startupTaints", &desc->startup_taint_count);
}

wb_solver_node *wb_case_input_make_node(const wb_decode_context *context, wb_case_input *input,
                                        const wb_node *node, const wb_nodepool *nodepool)
{
    assert(input != NULL && node != NULL);
    wb_intern *intern = context->intern;
    const char *pool = wb_node_string(wb_node_get(node, "nodePool"), "");
    const char *type_name = wb_node_string(wb_node_get(node, "instanceType"), "");
    const uint32_t type_index = wb_catalog_find(&input->catalog, wb_intern_add(intern, type_name));
    const wb_catalog_type *type =
        type_index != UINT32_MAX ? &input->catalog.types[type_index] : NULL;
    wb_solver_node_desc desc = {
        .name = wb_intern_add(intern, wb_node_string(wb_node_get(node, "name"), "node")),
        .nodepool = wb_intern_add(intern, pool),
        .is_managed = pool[0] != '\0',
        .is_initialized = wb_node_bool(wb_node_get(node, "initialized"), true),
        .has_node = true,
    };
    desc.labels =
        with_labels(context->arena,
                    node_labels(context->arena, node, type, &input->catalog, intern,
                                nodepool != NULL ? nodepool->labels : (wb_labels){0}),
                    wb_manifest_decode_labels(context, wb_node_get(node, "labels"), "labels"));
    read_taints(context, node, nodepool, &desc);
    if (type != NULL) {
        desc.capacity = type->capacity;
        desc.allocatable = node_allocatable(context->arena, type);
    }
    read_attach_limits(context->arena, intern, node, &desc);
    return wb_solver_node_new(input->world, &desc);
}

static void bind_pods(const wb_decode_context *context, wb_case_input *input, const wb_node *node,
                      wb_solver_node *made)
{
    const wb_node *list = wb_node_get(node, "pods");
    for (uint32_t i = 0; i < list_count(list); i++) {
        wb_pod pod = {0};
        (void)wb_manifest_decode_pod(context, list->children[i], &pod);
        name_ephemeral_claims(context, &pod);
        if (pod.phase == WB_POD_SUCCEEDED || pod.phase == WB_POD_FAILED) {
            continue;
        }
        const uint32_t flags = (pod.owner_kind == WB_OWNER_DAEMON_SET ? WB_SOLVER_POD_DAEMON : 0) |
                               (pod.deletion_ms >= 0 ? WB_SOLVER_POD_TERMINATING : 0);
        wb_solver_node_bind(input->world, made,
                            wb_solver_world_shape(input->world, pod.template, pod.namespace_name),
                            pod.name, flags);
    }
}

static void prepare_nodes(const wb_decode_context *context, const wb_node *root,
                          wb_case_input *input)
{
    const wb_node *list = wb_node_get(root, "nodes");
    const uint32_t count = list_count(list);
    input->nodes = WB_ARENA_ARRAY(context->arena, wb_solver_node *, count);
    for (uint32_t i = 0; i < count; i++) {
        input->nodes[i] = wb_case_input_make_node(context, input, list->children[i], NULL);
        bind_pods(context, input, list->children[i], input->nodes[i]);
    }
    input->problem.nodes = input->nodes;
    input->problem.node_count = count;
}

void wb_case_input_prepare_pods(wb_arena *arena, wb_intern *intern, wb_case_input *input)
{
    assert(arena != NULL && intern != NULL && input != NULL);
    wb_solver_pod *pods = WB_ARENA_ARRAY(arena, wb_solver_pod, input->pod_count);
    wb_pod_verdict *verdicts = WB_ARENA_ARRAY(arena, wb_pod_verdict, input->pod_count);
    input->pod_of_problem = WB_ARENA_ARRAY(arena, uint32_t, input->pod_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < input->pod_count; i++) {
        const wb_pod *pod = &input->pods[i];
        verdicts[i] = wb_provisioning_check(intern, &input->problem, pod);
        if (verdicts[i] != WB_POD_PROVISIONABLE) {
            continue;
        }
        pods[count] = (wb_solver_pod){
            .name = pod->name,
            .namespace_name = pod->namespace_name,
            .uid = pod->uid,
            .created_ms = pod->created_ms,
            .shape_id = wb_solver_world_shape(input->world, pod->template, pod->namespace_name),
            .bound_node_index = UINT32_MAX,
        };
        input->pod_of_problem[count++] = i;
    }
    input->verdicts = verdicts;
    input->problem.pods = pods;
    input->problem.pod_count = count;
}

void wb_case_input_prepare_world(wb_arena *arena, wb_intern *intern, const wb_node *root,
                                 wb_case_input *input)
{
    assert(input->world == NULL);
    wb_findings *findings = WB_ARENA_NEW(arena, wb_findings);
    wb_findings_init(findings, arena, false);
    const wb_decode_context context = {.arena = arena, .intern = intern, .findings = findings};
    wb_solver_pool *pools = WB_ARENA_ARRAY(arena, wb_solver_pool, input->nodepool_count);
    for (uint32_t i = 0; i < input->nodepool_count; i++) {
        pools[i] = (wb_solver_pool){&input->nodepools[i], &input->catalog};
    }
    input->world_desc = (wb_solver_world_desc){
        .intern = intern,
        .pools = pools,
        .pool_count = input->nodepool_count,
        .daemon_templates = input->daemon_templates,
        .daemon_count = input->daemon_count,
        .min_values_best_effort = input->min_values_best_effort,
    };
    input->world = wb_solver_world_new(arena, &input->world_desc);
    if (root != NULL) {
        prepare_nodes(&context, root, input);
    }
}

void wb_case_input_release(wb_case_input *input)
{
    for (uint32_t i = 0; i < input->problem.node_count; i++) {
        wb_solver_node_free(input->nodes[i]);
    }
    if (input->world != NULL) {
        wb_solver_world_release(input->world);
    }
}
