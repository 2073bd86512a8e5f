/*
 * By field names: a table says of a field whether its texts are kept, its labels treated as labels,
 * or whether it is left out; a text under any other name is hashed. So a field that nobody thought
 * of is hashed or, being a map, walked, and never told.
 */
#include "traces/anonymize_json.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef enum field_rule {
    RULE_HASH,      /* texts are hashed; maps and lists are walked */
    RULE_KEEP,      /* texts stay */
    RULE_DROP,      /* left out */
    RULE_LABELS,    /* a map of labels: keys and values by the label's key */
    RULE_LABEL_KEY, /* a text, or a list of them, that is a label's key */
    RULE_RESOURCES, /* a map from resource to quantity */
    RULE_DOMAIN,    /* a text that is kept when a public domain begins it or ends it */
} field_rule;

static const struct {
    const char *field;
    field_rule rule;
} rules[] = {
    {"kind", RULE_KEEP},
    {"apiVersion", RULE_KEEP},
    {"operator", RULE_KEEP},
    {"whenUnsatisfiable", RULE_KEEP},
    {"effect", RULE_KEEP},
    {"restartPolicy", RULE_KEEP},
    {"preemptionPolicy", RULE_KEEP},
    {"nodeAffinityPolicy", RULE_KEEP},
    {"nodeTaintsPolicy", RULE_KEEP},
    {"schedule", RULE_KEEP},
    {"timeZone", RULE_KEEP},
    {"concurrencyPolicy", RULE_KEEP},
    {"completionMode", RULE_KEEP},
    {"podManagementPolicy", RULE_KEEP},
    {"minAvailable", RULE_KEEP},
    {"maxUnavailable", RULE_KEEP},
    {"maxSurge", RULE_KEEP},
    {"unhealthyPodEvictionPolicy", RULE_KEEP},
    {"accessModes", RULE_KEEP},
    {"volumeMode", RULE_KEEP},
    {"volumeBindingMode", RULE_KEEP},
    {"reclaimPolicy", RULE_KEEP},
    {"persistentVolumeReclaimPolicy", RULE_KEEP},
    {"provisioner", RULE_DOMAIN},
    {"driver", RULE_DOMAIN},
    {"medium", RULE_KEEP},
    {"protocol", RULE_KEEP},
    {"phase", RULE_KEEP},
    {"type", RULE_KEEP},
    {"status", RULE_KEEP},
    {"creationTimestamp", RULE_KEEP},
    {"deletionTimestamp", RULE_KEEP},
    {"resource", RULE_KEEP},
    {"averageUtilization", RULE_KEEP},
    {"averageValue", RULE_KEEP},
    {"selectPolicy", RULE_KEEP},
    {"sizeLimit", RULE_KEEP},
    {"labels", RULE_LABELS},
    {"matchLabels", RULE_LABELS},
    {"nodeSelector", RULE_LABELS},
    {"annotations", RULE_LABELS},
    {"topologyKey", RULE_LABEL_KEY},
    {"matchLabelKeys", RULE_LABEL_KEY},
    {"mismatchLabelKeys", RULE_LABEL_KEY},
    {"key", RULE_LABEL_KEY},
    {"requests", RULE_RESOURCES},
    {"limits", RULE_RESOURCES},
    {"capacity", RULE_RESOURCES},
    {"allocatable", RULE_RESOURCES},
    {"overhead", RULE_RESOURCES},
    {"env", RULE_DROP},
    {"envFrom", RULE_DROP},
    {"command", RULE_DROP},
    {"args", RULE_DROP},
    {"workingDir", RULE_DROP},
    {"livenessProbe", RULE_DROP},
    {"readinessProbe", RULE_DROP},
    {"startupProbe", RULE_DROP},
    {"lifecycle", RULE_DROP},
    {"volumeMounts", RULE_DROP},
    {"securityContext", RULE_DROP},
    {"hostAliases", RULE_DROP},
    {"dnsConfig", RULE_DROP},
    {"dnsPolicy", RULE_DROP},
    {"terminationMessagePath", RULE_DROP},
    {"terminationMessagePolicy", RULE_DROP},
    {"imagePullPolicy", RULE_DROP},
    {"imagePullSecrets", RULE_DROP},
    {"serviceAccount", RULE_DROP},
    {"serviceAccountName", RULE_DROP},
    {"managedFields", RULE_DROP},
    {"ownerReferences", RULE_DROP},
    {"addresses", RULE_DROP},
    {"nodeInfo", RULE_DROP},
    {"images", RULE_DROP},
    {"providerID", RULE_DROP},
    {"podCIDR", RULE_DROP},
    {"podCIDRs", RULE_DROP},
    {"message", RULE_DROP},
    {"reason", RULE_DROP},
    {"data", RULE_DROP},
    {"parameters", RULE_DROP},
    {"volumeAttributes", RULE_DROP},
    {"stringData", RULE_DROP},
    {"binaryData", RULE_DROP},
    {"userData", RULE_DROP},
    {"tags", RULE_DROP},
};

/* Names that Kubernetes itself gives: they say nothing about anybody. */
static const char *const public_names[] = {
    "system-node-critical",
    "system-cluster-critical",
    "default-scheduler",
};

static field_rule rule_of(const char *field)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (strcmp(rules[i].field, field) == 0) {
            return rules[i].rule;
        }
    }
    return RULE_HASH;
}

/* Whether the first length bytes of name are, or end in a dot and, one of the projects' domains. */
static bool is_public_domain(const char *name, size_t length)
{
    static const char *const domains[] = {
        "kubernetes.io", "k8s.io",   "karpenter.sh", "k8s.aws", "eks.amazonaws.com",
        "csi.aws.com",   "werkbank", "nvidia.com",   "amd.com"};
    for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
        const size_t wanted = strlen(domains[i]);
        if (length >= wanted && strncmp(name + length - wanted, domains[i], wanted) == 0 &&
            (length == wanted || name[length - wanted - 1] == '.')) {
            return true;
        }
    }
    return false;
}

/* Length of what may be told of a label's key, up to its end or a slash: a project's domain vouches
 * for the name behind it, but where names are the user's; 0: nothing may. */
static size_t public_length(const char *key)
{
    static const char *const open[] = {"node-role.kubernetes.io/",
                                       "node-restriction.kubernetes.io/", "kubernetes.io/cluster/"};
    const char *slash = strchr(key, '/');
    const size_t domain_length = slash == NULL ? 0 : (size_t)(slash - key);
    if (slash == NULL || !is_public_domain(key, domain_length)) {
        return 0;
    }
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
        if (strncmp(key, open[i], strlen(open[i])) == 0) {
            return strlen(open[i]);
        }
    }
    return strchr(slash + 1, '/') == NULL ? strlen(key) : domain_length + 1;
}

/* Labels whose values are places, sizes and switches. */
static bool has_public_value(const char *key)
{
    static const char *const keys[] = {
        "topology.kubernetes.io/",
        "node.kubernetes.io/instance-type",
        "kubernetes.io/arch",
        "kubernetes.io/os",
        "topology.k8s.aws/zone-id",
        "karpenter.k8s.aws/instance-",
        "karpenter.k8s.aws/capacity-reservation-type",
        "karpenter.sh/capacity-type",
        "karpenter.sh/do-not-disrupt",
        "werkbank/",
        "beta.kubernetes.io/",
        "failure-domain.beta.kubernetes.io/",
        "eks.amazonaws.com/capacityType",
        "cluster-autoscaler.kubernetes.io/safe-to-evict",
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strncmp(key, keys[i], strlen(keys[i])) == 0) {
            return true;
        }
    }
    return false;
}

void wb_anonymize_json_name(wb_keyed_hash_key key, const char *text, char out[24])
{
    assert(text != NULL && out != NULL);
    out[0] = 0;
    if (*text != 0) {
        (void)snprintf(out, 24, "x%016llx",
                       (unsigned long long)wb_keyed_hash_bytes(key, text, strlen(text)));
    }
}

static void add_hashed(wb_keyed_hash_key key, const char *text, wb_text *out)
{
    char name[24];
    for (size_t i = 0; i < sizeof(public_names) / sizeof(public_names[0]); i++) {
        if (strcmp(public_names[i], text) == 0) {
            wb_text_add_json_string(out, text);
            return;
        }
    }
    wb_anonymize_json_name(key, text, name);
    wb_text_add_json_string(out, name);
}

static void add_label_key(wb_keyed_hash_key key, const char *label, wb_text *out)
{
    const size_t length = public_length(label);
    char hashed[24];
    if (length == 0) {
        add_hashed(key, label, out);
        return;
    }
    wb_text shown;
    wb_text_init(&shown);
    wb_anonymize_json_name(key, label + length, hashed); /* nothing of nothing */
    wb_text_add(&shown, label, length);
    wb_text_add_string(&shown, hashed);
    wb_text_add_json_string(out, wb_text_string(&shown));
    wb_text_release(&shown);
}

/* kubernetes.io/aws-ebs or ebs.csi.aws.com. */
static void add_domain(wb_keyed_hash_key key, const char *name, wb_text *out)
{
    if (public_length(name) == strlen(name) || is_public_domain(name, strlen(name))) {
        wb_text_add_json_string(out, name);
    } else {
        add_hashed(key, name, out);
    }
}

static void add_label_value(wb_keyed_hash_key key, const char *label, const wb_node *value,
                            wb_text *out)
{
    if (value->kind == WB_NODE_STRING && !has_public_value(label)) {
        add_hashed(key, value->text, out);
    } else {
        wb_node_print_json(value, out);
    }
}

/* A map of labels. Of annotations only those that decide something stay. */
static void add_labels(wb_keyed_hash_key key, const wb_node *map, bool are_annotations,
                       wb_text *out)
{
    bool is_first = true;
    wb_text_add_string(out, "{");
    for (uint32_t i = 0; i < map->count; i++) {
        if (are_annotations && !has_public_value(map->keys[i])) {
            continue;
        }
        wb_text_add_string(out, is_first ? "" : ",");
        add_label_key(key, map->keys[i], out);
        wb_text_add_string(out, ":");
        add_label_value(key, map->keys[i], map->children[i], out);
        is_first = false;
    }
    wb_text_add_string(out, "}");
}

/* Resources of the projects keep their names; quantities are numbers, whatever their form. */
static void add_resources(wb_keyed_hash_key key, const wb_node *map, wb_text *out)
{
    wb_text_add_string(out, "{");
    for (uint32_t i = 0; i < map->count; i++) {
        const char *name = map->keys[i];
        wb_text_add_string(out, i > 0 ? "," : "");
        if (strchr(name, '/') == NULL || public_length(name) == strlen(name)) {
            wb_text_add_json_string(out, name);
        } else {
            char hashed[24];
            wb_anonymize_json_name(key, name, hashed);
            wb_text_add_format(out, "\"example.com/%s\"", hashed);
        }
        wb_text_add_string(out, ":");
        wb_node_print_json(map->children[i], out);
    }
    wb_text_add_string(out, "}");
}

/* Kubernetes' fields are letters and digits. Anything else is a name in a map that nobody thought
 * of. */
static void add_field_name(wb_keyed_hash_key key, const char *field, wb_text *out)
{
    if (field[strspn(field, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")] ==
        0) {
        wb_text_add_json_string(out, field);
    } else {
        add_hashed(key, field, out);
    }
}

static void add_by_rule(wb_keyed_hash_key key, const wb_node *node, field_rule rule, wb_text *out);

/* In {key, operator, values} and {key, operator, value, effect} the values are those of a label. */
/* NOLINTNEXTLINE(misc-no-recursion): a document is at most 100 deep */
static void add_map(wb_keyed_hash_key key, const wb_node *map, wb_text *out)
{
    const wb_node *label = wb_node_get(map, "key");
    const bool has_label = label != NULL && label->kind == WB_NODE_STRING;
    bool is_first = true;
    wb_text_add_string(out, "{");
    for (uint32_t i = 0; i < map->count; i++) {
        const char *field = map->keys[i];
        const wb_node *child = map->children[i];
        const bool is_value = strcmp(field, "values") == 0 || strcmp(field, "value") == 0;
        field_rule rule = rule_of(field);
        if (rule == RULE_DROP) {
            continue;
        }
        if (has_label && is_value && has_public_value(label->text)) {
            rule = RULE_KEEP;
        }
        if (strcmp(field, "selector") == 0 && wb_node_get(child, "matchLabels") == NULL &&
            wb_node_get(child, "matchExpressions") == NULL) {
            rule = RULE_LABELS; /* the old form, of a ReplicationController or a Service */
        }
        wb_text_add_string(out, is_first ? "" : ",");
        add_field_name(key, field, out);
        wb_text_add_string(out, ":");
        if (rule == RULE_LABELS && child->kind == WB_NODE_MAP) {
            add_labels(key, child, strcmp(field, "annotations") == 0, out);
        } else {
            add_by_rule(key, child, rule, out);
        }
        is_first = false;
    }
    wb_text_add_string(out, "}");
}

/* NOLINTNEXTLINE(misc-no-recursion): a document is at most 100 deep */
static void add_by_rule(wb_keyed_hash_key key, const wb_node *node, field_rule rule, wb_text *out)
{
    if (node->kind == WB_NODE_LIST) {
        wb_text_add_string(out, "[");
        for (uint32_t i = 0; i < node->count; i++) {
            wb_text_add_string(out, i > 0 ? "," : "");
            add_by_rule(key, node->children[i], rule, out);
        }
        wb_text_add_string(out, "]");
    } else if (node->kind == WB_NODE_MAP && rule == RULE_RESOURCES) {
        /* containers' resources, and limits of a NodePool; a volume's capacity too */
        add_resources(key, node, out);
    } else if (node->kind == WB_NODE_MAP) {
        add_map(key, node, out);
    } else if (node->kind != WB_NODE_STRING || rule == RULE_KEEP) {
        wb_node_print_json(node, out);
    } else if (rule == RULE_LABEL_KEY) {
        add_label_key(key, node->text, out);
    } else if (rule == RULE_DOMAIN) {
        add_domain(key, node->text, out);
    } else {
        add_hashed(key, node->text, out);
    }
}

void wb_anonymize_json_add(wb_keyed_hash_key key, const wb_node *node, wb_text *out)
{
    assert(node != NULL && out != NULL);
    add_by_rule(key, node, RULE_HASH, out);
}
