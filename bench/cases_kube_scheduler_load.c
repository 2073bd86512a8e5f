/*
 * From the objects of a kube-scheduler case to a filled scheduler core: nodes, pods bound and
 * pending, volumes, and for each pod the group over which the system would spread it (its Services
 * and its owner), which only a cluster knows and a pod does not say.
 */
#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "kube/names.h"
#include "bench/cases_kube_scheduler_internal.h"

/* ---- lists of kinds that the manifest reader knows ---- */

/* The case's lists leave out apiVersion and kind; a typed list supplies them. */
static void add_list(wb_scheduler_case *of, const wb_decode_context *context, const wb_node *root,
                     const char *field, const char *api_version, const char *kind)
{
    const wb_node *items = wb_node_get(root, field);
    if (items == NULL || items->count == 0) {
        return;
    }
    static const char *const keys[] = {"apiVersion", "kind", "items"};
    wb_node *version = WB_ARENA_NEW(&of->arena, wb_node);
    *version = (wb_node){.kind = WB_NODE_STRING,
                         .text = api_version,
                         .text_length = strlen(api_version),
                         .file = root->file};
    wb_node *kind_node = WB_ARENA_NEW(&of->arena, wb_node);
    *kind_node = *version;
    kind_node->text = kind;
    kind_node->text_length = strlen(kind);
    wb_node *list = WB_ARENA_NEW(&of->arena, wb_node);
    *list = *items;
    wb_node **children = WB_ARENA_ARRAY(&of->arena, wb_node *, 3);
    children[0] = version;
    children[1] = kind_node;
    children[2] = list;
    const char **names = WB_ARENA_ARRAY(&of->arena, const char *, 3);
    memcpy(names, keys, sizeof(keys));
    wb_node *typed = WB_ARENA_NEW(&of->arena, wb_node);
    *typed = (wb_node){.kind = WB_NODE_MAP,
                       .line = items->line,
                       .column = items->column,
                       .count = 3,
                       .text = "",
                       .keys = names,
                       .children = children,
                       .file = root->file};
    wb_manifest_add_document(&of->manifest, context, typed);
}

static void load_lists(wb_scheduler_case *of, const wb_decode_context *context, const wb_node *root)
{
    static const struct {
        const char *field, *api_version, *kind;
    } lists[] = {
        {"namespaces", "v1", "NamespaceList"},
        {"storageClasses", "storage.k8s.io/v1", "StorageClassList"},
        {"persistentVolumes", "v1", "PersistentVolumeList"},
        {"persistentVolumeClaims", "v1", "PersistentVolumeClaimList"},
        {"csiNodes", "storage.k8s.io/v1", "CSINodeList"},
        {"podDisruptionBudgets", "policy/v1", "PodDisruptionBudgetList"},
    };
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        add_list(of, context, root, lists[i].field, lists[i].api_version, lists[i].kind);
    }
    wb_scheduler_core_set_namespaces(of->core, of->manifest.namespaces,
                                     of->manifest.namespace_count);
    wb_scheduler_core_set_pdbs(of->core, of->manifest.pdbs, of->manifest.pdb_count, NULL, NULL);
    const wb_scheduler_storage storage = {
        .claims = of->manifest.volume_claims,
        .volumes = of->manifest.persistent_volumes,
        .classes = of->manifest.storage_classes,
        .limits = of->manifest.attach_limits,
        .claim_count = of->manifest.volume_claim_count,
        .volume_count = of->manifest.persistent_volume_count,
        .class_count = of->manifest.storage_class_count,
        .limit_count = of->manifest.attach_limit_count,
    };
    wb_scheduler_core_set_storage(of->core, &storage);
}

/* ---- nodes ---- */

static void load_nodes(wb_scheduler_case *of, const wb_decode_context *context, const wb_node *list)
{
    const uint32_t count = list == NULL ? 0 : list->count;
    of->nodes = WB_ARENA_ARRAY(&of->arena, wb_node_object, (size_t)count + 1);
    of->node_count = count;
    for (uint32_t i = 0; i < count; i++) {
        wb_node_object *node = &of->nodes[i];
        /* The vectors are no API objects in every detail: what could be read is used. */
        (void)wb_manifest_decode_node(context, list->children[i], node);
        const wb_scheduler_core_node row = {
            .node_id = i,
            .name = node->name,
            .labels = node->labels,
            .taints = node->taints,
            .taint_count = node->taint_count,
            .images = node->images,
            .image_count = node->image_count,
            .allocatable = node->allocatable.items,
            .allocatable_count = node->allocatable.count,
            .is_unschedulable = node->is_unschedulable,
        };
        wb_scheduler_core_set_node(of->core, &row);
    }
}

/* ---- default spreading ---- */

/* A selector of all labels in a map; not set for an empty one. */
static wb_label_selector selector_of_labels(wb_scheduler_case *of, wb_labels labels)
{
    assert(of != NULL);
    wb_label_expression *expressions =
        WB_ARENA_ARRAY(&of->arena, wb_label_expression, (size_t)labels.count + 1);
    for (uint32_t i = 0; i < labels.count; i++) {
        expressions[i] = (wb_label_expression){.key = labels.items[i].key,
                                               .op = WB_OPERATOR_IN,
                                               .value_count = 1,
                                               .values = &labels.items[i].value};
    }
    return (wb_label_selector){.is_set = labels.count > 0,
                               .expression_count = labels.count,
                               .expressions = expressions};
}

static bool is_in_namespace(const wb_scheduler_case *of, const wb_node *object,
                            uint32_t namespace_name)
{
    const char *name = wb_node_string(wb_node_find(object, "metadata.namespace"), "default");
    return strcmp(name, wb_intern_text(&of->intern, namespace_name)) == 0;
}

/* The selector of the ReplicaSet or StatefulSet that controls pod; not set when there is none. */
static wb_label_selector owner_selector(wb_scheduler_case *of, const wb_decode_context *context,
                                        const wb_node *root, const wb_pod *pod)
{
    assert(pod != NULL);
    wb_label_selector selector = {0};
    const bool is_stateful = pod->owner_kind == WB_OWNER_STATEFUL_SET;
    if (!is_stateful && pod->owner_kind != WB_OWNER_REPLICA_SET &&
        pod->owner_kind != WB_OWNER_DEPLOYMENT) {
        return selector;
    }
    const wb_node *list = wb_node_get(root, is_stateful ? "statefulSets" : "replicaSets");
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        const wb_node *name = wb_node_find(list->children[i], "metadata.name");
        if (is_in_namespace(of, list->children[i], pod->namespace_name) &&
            strcmp(wb_node_string(name, ""), wb_intern_text(&of->intern, pod->owner_name)) == 0) {
            (void)wb_manifest_decode_selector(context,
                                              wb_node_find(list->children[i], "spec.selector"),
                                              "spec.selector", &selector);
        }
    }
    return selector;
}

/* The group over which the system would spread pod: Services that select it, and its owner. */
static uint32_t default_group(wb_scheduler_case *of, const wb_decode_context *context,
                              const wb_node *root, const wb_pod *pod)
{
    const wb_node *services = wb_node_get(root, "services");
    const size_t most = (services == NULL ? 0 : (size_t)services->count) + 1;
    wb_label_selector *selectors = WB_ARENA_ARRAY(&of->arena, wb_label_selector, most);
    uint32_t count = 0;
    for (uint32_t i = 0; services != NULL && i < services->count; i++) {
        const wb_label_selector selector = selector_of_labels(
            of,
            wb_manifest_decode_labels(context, wb_node_find(services->children[i], "spec.selector"),
                                      "spec.selector"));
        if (selector.is_set && is_in_namespace(of, services->children[i], pod->namespace_name) &&
            wb_label_selector_matches(&selector, pod->template->labels)) {
            selectors[count++] = selector;
        }
    }
    const wb_label_selector owner = owner_selector(of, context, root, pod);
    if (owner.is_set && owner.expression_count > 0) {
        selectors[count++] = owner;
    }
    return count == 0 ? WB_SCHEDULER_NONE
                      : wb_scheduler_core_add_default_group(of->core, pod->namespace_name,
                                                            selectors, count);
}

/* ---- pods ---- */

static void load_pod(wb_scheduler_case *of, const wb_decode_context *context, const wb_node *root,
                     const wb_node *object, wb_scheduler_case_pod *out)
{
    assert(out != NULL);
    (void)wb_manifest_decode_pod(context, object, &out->pod);
    const wb_pod *pod = &out->pod;
    out->shape = wb_scheduler_core_add_shape(of->core, pod->template, pod->namespace_name);
    out->group = default_group(of, context, root, pod);
    wb_text title;
    wb_text_init(&title);
    if (pod->namespace_name != WB_NAME_DEFAULT) {
        wb_text_add_format(&title, "%s/", wb_intern_text(&of->intern, pod->namespace_name));
    }
    wb_text_add_string(&title, wb_intern_text(&of->intern, pod->name));
    out->title = wb_arena_copy_string(&of->arena, wb_text_string(&title));
    wb_text_release(&title);
}

wb_scheduler_core_pod wb_cases_kube_scheduler_pod(const wb_scheduler_case *of, uint32_t pod_id)
{
    assert(pod_id < of->pod_count);
    const wb_scheduler_case_pod *row = &of->pods[pod_id];
    return (wb_scheduler_core_pod){
        .pod_id = pod_id,
        .shape = row->shape,
        .group = row->group,
        .name = wb_intern_text(&of->intern, row->pod.name),
        .start_ms = row->pod.start_ms,
        .is_terminating = row->pod.deletion_ms >= 0,
    };
}

/* The node of that interned name, or WB_SCHEDULER_NONE. */
static uint32_t find_node(const wb_scheduler_case *of, uint32_t name)
{
    for (uint32_t i = 0; i < of->node_count; i++) {
        if (of->nodes[i].name == name && name != 0) {
            return i;
        }
    }
    return WB_SCHEDULER_NONE;
}

static wb_status load_pods(wb_scheduler_case *of, const wb_decode_context *context,
                           const wb_node *root, wb_error *err)
{
    const wb_node *bound = wb_node_get(root, "boundPods");
    const wb_node *pending = wb_node_get(root, "pods");
    of->bound_count = bound == NULL ? 0 : bound->count;
    of->pod_count = of->bound_count + (pending == NULL ? 0 : pending->count);
    of->pods = WB_ARENA_ARRAY(&of->arena, wb_scheduler_case_pod, (size_t)of->pod_count + 1);
    for (uint32_t i = 0; i < of->pod_count; i++) {
        const bool is_bound = i < of->bound_count;
        const wb_node *list = is_bound ? bound : pending;
        assert(list != NULL); /* one that is missing counts 0 */
        const wb_node *object = list->children[is_bound ? i : i - of->bound_count];
        load_pod(of, context, root, object, &of->pods[i]);
    }
    for (uint32_t i = 0; i < of->pod_count; i++) {
        const wb_scheduler_core_pod pod = wb_cases_kube_scheduler_pod(of, i);
        const wb_pod *object = &of->pods[i].pod;
        if (i < of->bound_count) {
            const uint32_t node = find_node(of, object->template->node_name);
            if (node == WB_SCHEDULER_NONE) {
                return wb_fail(err, WB_ERR_INPUT, "bound pod '%s' names a node that is not there",
                               of->pods[i].title);
            }
            wb_scheduler_core_assign(of->core, &pod, node);
        } else if (find_node(of, object->nominated_node_name) != WB_SCHEDULER_NONE) {
            wb_scheduler_core_nominate(of->core, &pod, find_node(of, object->nominated_node_name));
        }
    }
    return WB_OK;
}

/* ---- the case ---- */

wb_status wb_cases_kube_scheduler_load(const wb_node *root, bool is_plain, wb_scheduler_case *out,
                                       wb_error *err)
{
    assert(root != NULL && out != NULL);
    *out = (wb_scheduler_case){.node_count = 0};
    wb_arena_init(&out->arena, "scheduler case", 0, NULL);
    wb_intern_init(&out->intern, &out->arena);
    wb_names_init(&out->intern);
    wb_findings_init(&out->findings, &out->arena, false);
    wb_manifest_init(&out->manifest);
    /* The vectors were recorded with every node looked at. */
    const wb_scheduler_core_options options = {.percentage_of_nodes_to_score = 100,
                                               .is_plain = is_plain};
    out->core = wb_scheduler_core_new(&out->intern, &options);
    if (wb_node_find(root, "expected.steps") == NULL || wb_node_get(root, "nodes") == NULL) {
        return wb_fail(err, WB_ERR_INPUT,
                       "not a kube-scheduler case: expected nodes and expected.steps");
    }
    const wb_decode_context context = {.arena = &out->arena,
                                       .intern = &out->intern,
                                       .findings = &out->findings};
    load_lists(out, &context, root);
    WB_TRY(wb_findings_status(&out->findings, err));
    load_nodes(out, &context, wb_node_get(root, "nodes"));
    return load_pods(out, &context, root, err);
}

void wb_cases_kube_scheduler_release(wb_scheduler_case *of)
{
    wb_scheduler_core_free(of->core);
    wb_intern_release(&of->intern);
    wb_arena_release(&of->arena);
}
