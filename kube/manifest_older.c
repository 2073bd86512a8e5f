/*
 * Karpenter's earlier objects, rewritten as v1 documents that the readers of v1 then decode.
 *
 * What means the same is carried over with its place in the file; what v1 says otherwise is said
 * so; what v1 has no word for is named in a warning. Source: the conversion of karpenter.sh/v1 and
 * the migration guides to v1beta1 and v1.
 *
 *   earlier                                     v1
 *   NodePool v1beta1
 *     template.spec.kubelet                     annotation compatibility.karpenter.sh/v1beta1-...
 *     template.spec.nodeClassRef.apiVersion     group
 *     disruption.expireAfter                    template.spec.expireAfter
 *     disruption.consolidationPolicy            WhenUnderutilized: WhenEmptyOrUnderutilized, with a
 *                                               consolidateAfter of 0s
 *   EC2NodeClass v1beta1
 *     amiFamily without amiSelectorTerms        an alias @latest
 *   Provisioner v1alpha5
 *     consolidation.enabled                     WhenEmptyOrUnderutilized, 0s
 *     ttlSecondsAfterEmpty                      WhenEmpty, consolidateAfter; neither: Never
 *     ttlSecondsUntilExpired                    expireAfter; without: Never
 *     requirements left out                     its webhook's: linux, amd64, on-demand, c m r
 *     no budgets                                100 %
 *     provider                                  an EC2NodeClass of the Provisioner's name
 *   AWSNodeTemplate v1alpha1
 *     amiSelector, subnetSelector, ...          terms; aws-ids and aws::ids are ids
 *
 * Settings of the kubelet that change no node of a simulation are named, too; those of a class
 * (userData, tags, metadataOptions ...) count, since nodes drift when they change.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/schema.h"

enum {
    LIST_MAX = 32,
    PART_SIZE = 64,
    DEPTH_MAX = 4
};

/* ---- making documents ---- */

/* A node that stands where the object it is made from stands. */
static wb_node *make(const wb_field *object, wb_node_kind kind, const char *text)
{
    wb_node *node = WB_ARENA_NEW(object->context->arena, wb_node);
    *node = (wb_node){
        .kind = kind,
        .line = object->node->line,
        .column = object->node->column,
        .text = wb_arena_copy_string(object->context->arena, text),
        .text_length = strlen(text),
        .file = object->node->file,
    };
    return node;
}

static wb_node *make_text(const wb_field *object, const char *text)
{
    return make(object, WB_NODE_STRING, text);
}

static void add_child(const wb_field *object, wb_node *parent, const char *key, wb_node *child)
{
    wb_arena *arena = object->context->arena;
    assert(parent->kind == WB_NODE_MAP || parent->kind == WB_NODE_LIST);
    const char **keys = WB_ARENA_ARRAY(arena, const char *, parent->count + 1U);
    wb_node **children = WB_ARENA_ARRAY(arena, wb_node *, parent->count + 1U);
    for (uint32_t i = 0; i < parent->count; i++) {
        keys[i] = parent->kind == WB_NODE_MAP ? parent->keys[i] : NULL;
        children[i] = parent->children[i];
    }
    keys[parent->count] = key;
    children[parent->count] = child;
    parent->keys = parent->kind == WB_NODE_MAP ? keys : NULL;
    parent->key_places = NULL;
    parent->children = children;
    parent->count++;
}

/* The child under key, which stays the document's own; NULL: absent or null. */
static wb_node *child_of(const wb_node *map, const char *key)
{
    for (uint32_t i = 0; map != NULL && map->kind == WB_NODE_MAP && i < map->count; i++) {
        if (strcmp(map->keys[i], key) == 0) {
            return map->children[i]->kind == WB_NODE_NULL ? NULL : map->children[i];
        }
    }
    return NULL;
}

/* Cuts the first part of a dotted path off. */
static const char *next_part(const char *path, char out[PART_SIZE])
{
    const size_t length = strcspn(path, ".");
    assert(length < PART_SIZE);
    (void)snprintf(out, PART_SIZE, "%.*s", (int)length, path);
    return path[length] == '.' ? path + length + 1 : NULL;
}

static wb_node *find(const wb_field *object, const char *path)
{
    char part[PART_SIZE];
    const char *rest = next_part(path, part);
    wb_node *node = child_of(object->node, part);
    while (rest != NULL) {
        rest = next_part(rest, part);
        node = child_of(node, part);
    }
    return node;
}

/* Puts a node under a dotted path, making the maps on the way. */
static void put(const wb_field *object, wb_node *root, const char *path, wb_node *node)
{
    char part[PART_SIZE];
    const char *rest = path;
    while (node != NULL) {
        rest = next_part(rest, part);
        wb_node *child = child_of(root, part);
        if (rest == NULL) {
            assert(child == NULL); /* each path is written once */
            add_child(object, root, wb_arena_copy_string(object->context->arena, part), node);
            return;
        }
        if (child == NULL) {
            child = make(object, WB_NODE_MAP, "");
            add_child(object, root, wb_arena_copy_string(object->context->arena, part), child);
        }
        root = child;
    }
}

static void put_text(const wb_field *object, wb_node *root, const char *path, const char *text)
{
    put(object, root, path, make_text(object, text));
}

/* What is carried over as it stands. */
typedef struct wb_move {
    const char *from, *to; /* dotted paths; to NULL: has no meaning in v1, which is said */
} wb_move;

/* At the place of a dotted path, with that path in front. */
static void warn_at(const wb_field *object, const char *path)
{
    wb_field fields[DEPTH_MAX + 1] = {*object};
    char parts[DEPTH_MAX][PART_SIZE];
    uint32_t depth = 0;
    for (const char *rest = path; rest != NULL; depth++) {
        assert(depth < DEPTH_MAX);
        rest = next_part(rest, parts[depth]);
        fields[depth + 1] = wb_field_get(&fields[depth], parts[depth]);
    }
    wb_field_warn(&fields[depth], "is not honoured: v1 has nothing like it");
}

static void move_all(const wb_field *object, wb_node *root, const wb_move *moves, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        wb_node *node = find(object, moves[i].from);
        if (node != NULL && moves[i].to == NULL) {
            warn_at(object, moves[i].from);
        } else if (node != NULL) {
            put(object, root, moves[i].to, node);
        }
    }
}

#define MOVE_ALL(object, root, moves) \
    move_all(object, root, moves, sizeof(moves) / sizeof((moves)[0]))

/* ---- what the pools share ---- */

/* {apiVersion, kind, name}, the first two often left out, as {group, kind, name}. */
static void put_reference(const wb_field *object, wb_node *root, const char *path,
                          const wb_node *reference)
{
    const char *api_version = wb_node_string(wb_node_get(reference, "apiVersion"), "");
    char group[PART_SIZE];
    (void)snprintf(group, sizeof group, "%.*s", (int)strcspn(api_version, "/"), api_version);
    wb_node *made = make(object, WB_NODE_MAP, "");
    put_text(object, made, "group",
             strchr(api_version, '/') != NULL
                 ? group
                 : wb_node_string(wb_node_get(reference, "group"), "karpenter.k8s.aws"));
    put_text(object, made, "kind", "EC2NodeClass");
    put(object, made, "name", child_of(reference, "name"));
    put(object, root, path, made);
}

/* The kubelet's settings moved to the NodeClass in v1; the conversion keeps them in an annotation,
 * from where they still count for this pool. */
static void put_kubelet(const wb_field *object, wb_node *root, const wb_node *kubelet)
{
    if (kubelet == NULL) {
        return;
    }
    wb_text json;
    wb_text_init(&json);
    wb_node_print_json(kubelet, &json);
    wb_node *metadata = make(object, WB_NODE_MAP, "");
    wb_node *annotations = make(object, WB_NODE_MAP, "");
    const wb_node *old = child_of(root, "metadata");
    for (uint32_t i = 0; old != NULL && old->kind == WB_NODE_MAP && i < old->count; i++) {
        if (strcmp(old->keys[i], "annotations") != 0) {
            add_child(object, metadata, old->keys[i], old->children[i]);
        }
    }
    old = child_of(old, "annotations");
    for (uint32_t i = 0; old != NULL && old->kind == WB_NODE_MAP && i < old->count; i++) {
        add_child(object, annotations, old->keys[i], old->children[i]);
    }
    wb_node *text = make_text(object, wb_text_string(&json));
    text->line = kubelet->line;
    text->column = kubelet->column;
    add_child(object, annotations, WB_MANIFEST_KUBELET_ANNOTATION, text);
    add_child(object, metadata, "annotations", annotations);
    for (uint32_t i = 0; i < root->count; i++) {
        if (strcmp(root->keys[i], "metadata") == 0) {
            root->children[i] = metadata;
        }
    }
    wb_text_release(&json);
}

/* Settings that change neither what fits on a node nor how it is drained. */
static void warn_of_idle_settings(const wb_field *kubelet)
{
    static const char *const idle[] = {
        "clusterDNS",
        "cpuCFSQuota",
        "evictionMaxPodGracePeriod",
        "evictionSoftGracePeriod",
        "imageGCHighThresholdPercent",
        "imageGCLowThresholdPercent",
    };
    for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++) {
        const wb_field setting = wb_field_get(kubelet, idle[i]);
        if (wb_field_is_set(&setting)) {
            wb_field_warn(&setting, "is checked, but has no effect on a simulation");
        }
    }
}

/* ---- v1beta1 ---- */

static void convert_beta_pool(const wb_field *object, wb_node *root)
{
    static const wb_move moves[] = {
        {"metadata", "metadata"},
        {"status", "status"},
        {"spec.limits", "spec.limits"},
        {"spec.weight", "spec.weight"},
        {"spec.template.metadata", "spec.template.metadata"},
        {"spec.template.spec.requirements", "spec.template.spec.requirements"},
        {"spec.template.spec.taints", "spec.template.spec.taints"},
        {"spec.template.spec.startupTaints", "spec.template.spec.startupTaints"},
        {"spec.template.spec.terminationGracePeriod", "spec.template.spec.terminationGracePeriod"},
        {"spec.template.spec.resources", NULL},
        {"spec.disruption.expireAfter", "spec.template.spec.expireAfter"},
        {"spec.disruption.budgets", "spec.disruption.budgets"},
    };
    MOVE_ALL(object, root, moves);
    put_kubelet(object, root, find(object, "spec.template.spec.kubelet"));
    const wb_field spec = wb_field_get(object, "spec");
    const wb_field template = wb_field_get(&spec, "template");
    const wb_field template_spec = wb_field_get(&template, "spec");
    const wb_field kubelet = wb_field_get(&template_spec, "kubelet");
    warn_of_idle_settings(&kubelet);
    if (find(object, "spec.template.spec.nodeClassRef") != NULL) {
        put_reference(object, root, "spec.template.spec.nodeClassRef",
                      find(object, "spec.template.spec.nodeClassRef"));
    }
    wb_node *policy = find(object, "spec.disruption.consolidationPolicy");
    wb_node *after = find(object, "spec.disruption.consolidateAfter");
    const bool is_underutilized =
        policy == NULL || strcmp(wb_node_string(policy, ""), "WhenUnderutilized") == 0;
    if (is_underutilized) {
        put_text(object, root, "spec.disruption.consolidationPolicy", "WhenEmptyOrUnderutilized");
    } else {
        put(object, root, "spec.disruption.consolidationPolicy", policy);
    }
    if (after != NULL) {
        put(object, root, "spec.disruption.consolidateAfter", after);
    } else {
        put_text(object, root, "spec.disruption.consolidateAfter", "0s");
    }
    const wb_field disruption = wb_field_get(&spec, "disruption");
    if (after != NULL && is_underutilized && strcmp(wb_node_string(after, ""), "Never") != 0) {
        wb_field_error(&disruption, "Invalid value: consolidateAfter cannot be combined with "
                                    "consolidationPolicy=WhenUnderutilized");
    } else if (after == NULL && !is_underutilized) {
        wb_field_error(&disruption, "Invalid value: consolidateAfter must be specified with "
                                    "consolidationPolicy=WhenEmpty");
    }
}

static void convert_beta_claim(const wb_field *object, wb_node *root)
{
    static const wb_move moves[] = {
        {"metadata", "metadata"},
        {"status", "status"},
        {"spec.requirements", "spec.requirements"},
        {"spec.resources", "spec.resources"},
        {"spec.taints", "spec.taints"},
        {"spec.startupTaints", "spec.startupTaints"},
        {"spec.terminationGracePeriod", "spec.terminationGracePeriod"},
        {"spec.expireAfter", "spec.expireAfter"},
        {"spec.kubelet", NULL},
    };
    MOVE_ALL(object, root, moves);
    if (find(object, "spec.nodeClassRef") != NULL) {
        put_reference(object, root, "spec.nodeClassRef", find(object, "spec.nodeClassRef"));
    }
}

/* An alias of the family's latest image; Custom has none, and v1 does not know Ubuntu. */
static void put_family(const wb_field *object, wb_node *root, const wb_field *spec,
                       bool has_ami_terms)
{
    static const char *const families[][2] = {
        {"AL2", "al2@latest"},
        {"AL2023", "al2023@latest"},
        {"Bottlerocket", "bottlerocket@latest"},
        {"Windows2019", "windows2019@latest"},
        {"Windows2022", "windows2022@latest"},
    };
    const wb_field family = wb_field_get(spec, "amiFamily");
    const char *name = wb_field_is_set(&family) ? wb_field_text(&family) : "AL2";
    if (strcmp(name, "Ubuntu") == 0) {
        wb_field_warn(&family, "'Ubuntu' is not a family of v1; AL2 is assumed, which has the same "
                               "devices");
        name = "AL2";
    }
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]) && !has_ami_terms; i++) {
        if (strcmp(families[i][0], name) == 0) {
            wb_node *terms = make(object, WB_NODE_LIST, "");
            wb_node *term = make(object, WB_NODE_MAP, "");
            put_text(object, term, "alias", families[i][1]);
            add_child(object, terms, NULL, term);
            put(object, root, "spec.amiSelectorTerms", terms);
            return;
        }
    }
    put_text(object, root, "spec.amiFamily", name);
}

static void convert_beta_class(const wb_field *object, wb_node *root)
{
    static const wb_move moves[] = {{"metadata", "metadata"}, {"status", "status"}};
    MOVE_ALL(object, root, moves);
    const wb_field spec = wb_field_get(object, "spec");
    const wb_field terms = wb_field_get(&spec, "amiSelectorTerms");
    const wb_node *fields = child_of(object->node, "spec");
    put(object, root, "spec", make(object, WB_NODE_MAP, ""));
    wb_node *made = child_of(root, "spec");
    for (uint32_t i = 0; fields != NULL && fields->kind == WB_NODE_MAP && i < fields->count; i++) {
        if (strcmp(fields->keys[i], "amiFamily") != 0) {
            add_child(object, made, fields->keys[i], fields->children[i]);
        }
    }
    put_family(object, root, &spec, wb_field_is_set(&terms));
}

/* ---- v1alpha5: Provisioner ---- */

static void add_requirement(const wb_field *object, wb_node *list, const char *key, const char *op,
                            const char *values)
{
    wb_node *requirement = make(object, WB_NODE_MAP, "");
    wb_node *made = make(object, WB_NODE_LIST, "");
    char part[PART_SIZE];
    for (const char *rest = values; rest != NULL;) {
        rest = next_part(rest, part);
        add_child(object, made, NULL, make_text(object, part));
    }
    put_text(object, requirement, "key", key);
    put_text(object, requirement, "operator", op);
    add_child(object, requirement, "values", made);
    add_child(object, list, NULL, requirement);
}

static bool constrains(const wb_field *object, const char *key)
{
    const wb_node *list = find(object, "spec.requirements");
    for (uint32_t i = 0; list != NULL && list->kind == WB_NODE_LIST && i < list->count; i++) {
        if (strcmp(wb_node_string(wb_node_get(list->children[i], "key"), ""), key) == 0) {
            return true;
        }
    }
    return child_of(find(object, "spec.labels"), key) != NULL;
}

/* What its webhook filled in where the user said nothing. */
static void put_requirements(const wb_field *object, wb_node *root)
{
    static const struct {
        const char *key, *op, *values;
    } defaults[] = {
        {"kubernetes.io/os", "In", "linux"},
        {"kubernetes.io/arch", "In", "amd64"},
        {"karpenter.sh/capacity-type", "In", "on-demand"},
    };
    wb_node *list = make(object, WB_NODE_LIST, "");
    const wb_node *given = find(object, "spec.requirements");
    for (uint32_t i = 0; given != NULL && given->kind == WB_NODE_LIST && i < given->count; i++) {
        add_child(object, list, NULL, given->children[i]);
    }
    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        if (!constrains(object, defaults[i].key)) {
            add_requirement(object, list, defaults[i].key, defaults[i].op, defaults[i].values);
        }
    }
    if (!constrains(object, "node.kubernetes.io/instance-type") &&
        !constrains(object, "karpenter.k8s.aws/instance-family") &&
        !constrains(object, "karpenter.k8s.aws/instance-category") &&
        !constrains(object, "karpenter.k8s.aws/instance-generation")) {
        add_requirement(object, list, "karpenter.k8s.aws/instance-category", "In", "c.m.r");
        add_requirement(object, list, "karpenter.k8s.aws/instance-generation", "Gt", "2");
    }
    put(object, root, "spec.template.spec.requirements", list);
}

static void put_seconds(const wb_field *object, wb_node *root, const char *path,
                        const wb_field *seconds)
{
    char text[PART_SIZE];
    if (wb_field_int64(seconds, 0) < 0) {
        wb_field_invalid(seconds, "cannot be negative");
    }
    (void)snprintf(text, sizeof text, "%llds", (long long)wb_field_int64(seconds, 0));
    put_text(object, root, path, text);
}

/* Without either nothing is ever taken away; there were no budgets. */
static void put_disruption(const wb_field *object, wb_node *root)
{
    const wb_field spec = wb_field_get(object, "spec");
    const wb_field consolidation = wb_field_get(&spec, "consolidation");
    const wb_field after_empty = wb_field_get(&spec, "ttlSecondsAfterEmpty");
    const wb_field until_expired = wb_field_get(&spec, "ttlSecondsUntilExpired");
    const bool is_enabled = wb_field_get_bool(&consolidation, "enabled", false);
    put_text(object, root, "spec.disruption.consolidationPolicy",
             is_enabled ? "WhenEmptyOrUnderutilized" : "WhenEmpty");
    if (is_enabled && wb_field_is_set(&after_empty)) {
        wb_field_error(&after_empty,
                       "Invalid value: ttlSecondsAfterEmpty and consolidation.enabled "
                       "are mutually exclusive");
    }
    if (!is_enabled && wb_field_is_set(&after_empty)) {
        put_seconds(object, root, "spec.disruption.consolidateAfter", &after_empty);
    } else {
        put_text(object, root, "spec.disruption.consolidateAfter", is_enabled ? "0s" : "Never");
    }
    wb_node *budgets = make(object, WB_NODE_LIST, "");
    wb_node *budget = make(object, WB_NODE_MAP, "");
    put_text(object, budget, "nodes", "100%");
    add_child(object, budgets, NULL, budget);
    put(object, root, "spec.disruption.budgets", budgets);
    if (wb_field_is_set(&until_expired)) {
        put_seconds(object, root, "spec.template.spec.expireAfter", &until_expired);
    } else {
        put_text(object, root, "spec.template.spec.expireAfter", "Never");
    }
}

static void convert_provisioner(const wb_field *object, wb_node *root)
{
    static const wb_move moves[] = {
        {"metadata", "metadata"},
        {"status", "status"},
        {"spec.labels", "spec.template.metadata.labels"},
        {"spec.annotations", "spec.template.metadata.annotations"},
        {"spec.taints", "spec.template.spec.taints"},
        {"spec.startupTaints", "spec.template.spec.startupTaints"},
        {"spec.limits.resources", "spec.limits"},
        {"spec.weight", "spec.weight"},
        {"spec.kubeletConfiguration.containerRuntime", NULL},
    };
    MOVE_ALL(object, root, moves);
    put_requirements(object, root);
    put_disruption(object, root);
    const wb_node *kubelet = find(object, "spec.kubeletConfiguration");
    if (kubelet != NULL && kubelet->kind == WB_NODE_MAP) {
        wb_node *kept = make(object, WB_NODE_MAP, "");
        for (uint32_t i = 0; i < kubelet->count; i++) {
            if (strcmp(kubelet->keys[i], "containerRuntime") != 0) {
                add_child(object, kept, kubelet->keys[i], kubelet->children[i]);
            }
        }
        kept->line = kubelet->line;
        kept->column = kubelet->column;
        put_kubelet(object, root, kept);
    }
    const wb_field spec = wb_field_get(object, "spec");
    const wb_field settings = wb_field_get(&spec, "kubeletConfiguration");
    warn_of_idle_settings(&settings);
    const wb_field reference = wb_field_get(&spec, "providerRef");
    const wb_field provider = wb_field_get(&spec, "provider");
    if (wb_field_is_set(&reference) && wb_field_is_set(&provider)) {
        wb_field_error(&provider, "expected exactly one, got both: provider, providerRef");
    } else if (wb_field_is_set(&reference)) {
        put_reference(object, root, "spec.template.spec.nodeClassRef", reference.node);
    } else if (wb_field_is_set(&provider) && provider.node->kind != WB_NODE_MAP) {
        wb_field_error(&provider, "expected a map, found %s",
                       wb_node_kind_name(provider.node->kind));
    } else if (wb_field_is_set(&provider)) { /* wb_manifest_inline_template makes the class */
        put_reference(object, root, "spec.template.spec.nodeClassRef", find(object, "metadata"));
    } else {
        wb_field_error(&reference, "Required value: the name of an AWSNodeTemplate");
    }
}

const wb_node *wb_manifest_inline_template(const wb_field *object, const char *kind)
{
    assert(object != NULL && kind != NULL);
    const wb_node *provider = find(object, "spec.provider");
    if (strcmp(kind, "Provisioner") != 0 || provider == NULL || provider->kind != WB_NODE_MAP ||
        find(object, "spec.providerRef") != NULL) {
        return NULL;
    }
    wb_node *template = make(object, WB_NODE_MAP, "");
    wb_node *spec = make(object, WB_NODE_MAP, "");
    spec->line = provider->line;
    spec->column = provider->column;
    put_text(object, template, "apiVersion", "karpenter.k8s.aws/v1alpha1");
    put_text(object, template, "kind", "AWSNodeTemplate");
    put(object, template, "metadata.name", find(object, "metadata.name"));
    for (uint32_t i = 0; i < provider->count; i++) { /* its own kind has one meaning: AWS */
        if (strcmp(provider->keys[i], "apiVersion") != 0 &&
            strcmp(provider->keys[i], "kind") != 0) {
            add_child(object, spec, provider->keys[i], provider->children[i]);
        }
    }
    add_child(object, template, "spec", spec);
    return template;
}

/* ---- v1alpha1: AWSNodeTemplate ---- */

static void add_term(const wb_field *object, wb_node *terms, const char *key, const char *value)
{
    wb_node *term = make(object, WB_NODE_MAP, "");
    add_child(object, term, key, make_text(object, value));
    add_child(object, terms, NULL, term);
}

/* Values are lists joined by commas: one term for each. */
static void add_each(const wb_field *object, wb_node *terms, const char *key, const char *values)
{
    uint32_t count = 0;
    for (const char *at = values; *at != 0 && count < LIST_MAX; count++) {
        char value[PART_SIZE * 4];
        const size_t length = strcspn(at, ",");
        const size_t blank = strspn(at, " ");
        (void)snprintf(value, sizeof value, "%.*s", (int)(length - (blank < length ? blank : 0)),
                       at + (blank < length ? blank : 0));
        add_term(object, terms, key, value);
        at += length + (at[length] == ',' ? 1 : 0);
    }
}

/* A map of tags, with keys of its own for ids, names and owners. */
static void put_terms(const wb_field *object, wb_node *root, const char *from, const char *to)
{
    const wb_node *selector = find(object, from);
    if (selector == NULL || selector->kind != WB_NODE_MAP) {
        return;
    }
    wb_node *terms = make(object, WB_NODE_LIST, "");
    wb_node *tags = make(object, WB_NODE_MAP, "");
    const char *owner = NULL;
    for (uint32_t i = 0; i < selector->count; i++) {
        const char *key = selector->keys[i];
        const char *value = wb_node_string(selector->children[i], "");
        if (strcmp(key, "aws-ids") == 0 || strcmp(key, "aws::ids") == 0) {
            add_each(object, terms, "id", value);
        } else if (strcmp(key, "aws::name") == 0) {
            add_each(object, terms, "name", value);
        } else if (strcmp(key, "aws::owners") == 0) {
            owner = value;
        } else {
            add_child(object, tags, key, selector->children[i]);
        }
    }
    for (uint32_t i = 0; i < terms->count && owner != NULL; i++) {
        if (child_of(terms->children[i], "name") != NULL) {
            put_text(object, terms->children[i], "owner", owner);
        }
    }
    if (tags->count > 0) {
        wb_node *term = make(object, WB_NODE_MAP, "");
        add_child(object, term, "tags", tags);
        add_child(object, terms, NULL, term);
    }
    put(object, root, to, terms);
}

static void convert_node_template(const wb_field *object, wb_node *root)
{
    static const wb_move moves[] = {
        {"metadata", "metadata"},
        {"status", "status"},
        {"spec.tags", "spec.tags"},
        {"spec.userData", "spec.userData"},
        {"spec.context", "spec.context"},
        {"spec.metadataOptions", "spec.metadataOptions"},
        {"spec.blockDeviceMappings", "spec.blockDeviceMappings"},
        {"spec.detailedMonitoring", "spec.detailedMonitoring"},
        {"spec.instanceProfile", "spec.instanceProfile"},
        {"spec.launchTemplate", NULL},
        {"spec.apiVersion", NULL},
        {"spec.kind", NULL},
    };
    MOVE_ALL(object, root, moves);
    if (find(object, "spec.instanceProfile") == NULL) { /* the controller's setting had one */
        put_text(object, root, "spec.instanceProfile", "default-instance-profile");
    }
    put_terms(object, root, "spec.subnetSelector", "spec.subnetSelectorTerms");
    put_terms(object, root, "spec.securityGroupSelector", "spec.securityGroupSelectorTerms");
    put_terms(object, root, "spec.amiSelector", "spec.amiSelectorTerms");
    const wb_field spec = wb_field_get(object, "spec");
    put_family(object, root, &spec, find(object, "spec.amiSelector") != NULL);
}

/* ---- which ---- */

static const struct {
    const char *api_version, *kind;
    const wb_schema *schema;
    void (*convert)(const wb_field *object, wb_node *root);
    const char *new_api_version, *new_kind;
} older[] = {
    {"karpenter.sh/v1beta1", "NodePool", &wb_schema_beta_node_pool, convert_beta_pool,
     "karpenter.sh/v1", "NodePool"},
    {"karpenter.sh/v1beta1", "NodeClaim", &wb_schema_beta_node_claim, convert_beta_claim,
     "karpenter.sh/v1", "NodeClaim"},
    {"karpenter.k8s.aws/v1beta1", "EC2NodeClass", &wb_schema_beta_node_class, convert_beta_class,
     "karpenter.k8s.aws/v1", "EC2NodeClass"},
    {"karpenter.sh/v1alpha5", "Provisioner", &wb_schema_provisioner, convert_provisioner,
     "karpenter.sh/v1", "NodePool"},
    {"karpenter.k8s.aws/v1alpha1", "AWSNodeTemplate", &wb_schema_aws_node_template,
     convert_node_template, "karpenter.k8s.aws/v1", "EC2NodeClass"},
};

/* Whether every value is of its kind, which conversion takes for granted. Unknown fields do no harm
 * there, and under --strict they are errors: so this look is not strict, and keeps its findings. */
static bool is_sound(const wb_field *object, const wb_schema *schema)
{
    wb_findings findings;
    wb_findings_init(&findings, object->context->arena, false);
    wb_decode_context context = *object->context;
    context.findings = &findings;
    wb_field look = *object;
    look.context = &context;
    wb_schema_check(&look, schema);
    return findings.error_count == 0;
}

bool wb_manifest_convert(const wb_field *object, const char *kind, const char *api_version,
                         const wb_node **out)
{
    assert(out != NULL);
    for (size_t i = 0; i < sizeof(older) / sizeof(older[0]); i++) {
        if (strcmp(older[i].kind, kind) != 0 || strcmp(older[i].api_version, api_version) != 0) {
            continue;
        }
        wb_schema_check(object, older[i].schema);
        *out = NULL;
        if (is_sound(object, older[i].schema)) {
            const size_t errors_before = wb_field_error_count(object);
            wb_node *root = make(object, WB_NODE_MAP, "");
            put_text(object, root, "apiVersion", older[i].new_api_version);
            put_text(object, root, "kind", older[i].new_kind);
            older[i].convert(object, root);
            *out = wb_field_error_count(object) == errors_before ? root : NULL;
        }
        return true;
    }
    return false;
}
