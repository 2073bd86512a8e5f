/*
 * EC2NodeClass v1: its CEL rules, and the checks on spec.kubelet that the provider makes when it
 * reconciles. Source: karpenter-provider-aws pkg/apis/v1 (August 2026).
 *
 * What is read, its default, and what must hold:
 *
 *     role, instanceProfile       exactly one of them
 *     subnetSelectorTerms, …      at least one term each; tags or an id (or a name), not both
 *     amiSelectorTerms            at least one; an alias stands alone
 *     amiFamily                   from the alias; required without one
 *     kubelet.maxPods, podsPerCore    0: by network interfaces, no limit
 *     kubelet.kubeReserved, systemReserved  none: the defaults of EKS
 *     kubelet.evictionHard, evictionSoft  memory.available and nodefs.available are kept, as text:
 *                                 they may be percentages
 *     blockDeviceMappings         20 GiB on the family's device (50 GiB for Windows)
 *     instanceStorePolicy         none; RAID0 offers instance disks to pods
 *     tags                        none that Karpenter or EKS write themselves
 *
 * What the provider only passes on (metadata options, user data, network interfaces, monitoring) is
 * held against the table of fields and not kept.
 */
#include <assert.h>
#include <string.h>

#include "base/hash_map.h"
#include "base/quantity.h"
#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/schema.h"
#include "kube/syntax.h"

#define GIB_BYTES (INT64_C(1) << 30)

enum {
    TERM_LIMIT = 30,
    MAPPING_LIMIT = 50,
    TAG_LIMIT = 20
};

/* Families in the order of wb_ami_family: name, alias, the device that pods' disks lie on, and its
 * size by default (Windows images need more). */
static const struct {
    const char *name, *alias, *device;
    int64_t volume_gib;
} families[] = {
    [WB_AMI_FAMILY_AL2023] = {"AL2023", "al2023", "/dev/xvda", 20},
    [WB_AMI_FAMILY_AL2] = {"AL2", "al2", "/dev/xvda", 20},
    [WB_AMI_FAMILY_BOTTLEROCKET] = {"Bottlerocket", "bottlerocket", "/dev/xvdb", 20},
    [WB_AMI_FAMILY_WINDOWS2019] = {"Windows2019", "windows2019", "/dev/sda1", 50},
    [WB_AMI_FAMILY_WINDOWS2022] = {"Windows2022", "windows2022", "/dev/sda1", 50},
    [WB_AMI_FAMILY_WINDOWS2025] = {"Windows2025", "windows2025", "/dev/sda1", 50},
    [WB_AMI_FAMILY_CUSTOM] = {"Custom", "", "", 20},
};

enum {
    FAMILY_COUNT = sizeof(families) / sizeof(families[0])
};

/* --- Selector terms -------------------------------------------------------------------- */

/* Which fields a kind of term has, and how its ids begin. */
typedef struct wb_term_rules {
    const char *list;      /* in spec */
    const char *id_prefix; /* "subnet-" */
    const char *expected;  /* the fields of which one must be given, for the message */
    const char *const *fields;
    size_t field_count;
} wb_term_rules;

static const char *const subnet_fields[] = {"tags", "id"};
static const char *const group_fields[] = {"tags", "id", "name"};
static const char *const ami_fields[] = {"tags", "id", "name", "alias", "ssmParameter"};
static const char *const reservation_fields[] = {"tags", "id", "instanceMatchCriteria"};

static const wb_term_rules subnet_rules = {"subnetSelectorTerms", "subnet-", "['tags', 'id']",
                                           subnet_fields, 2};
static const wb_term_rules group_rules = {"securityGroupSelectorTerms", "sg-",
                                          "['tags', 'id', 'name']", group_fields, 3};
static const wb_term_rules ami_rules = {"amiSelectorTerms", "ami-",
                                        "['tags', 'id', 'name', 'alias', 'ssmParameter']",
                                        ami_fields, 5};
static const wb_term_rules reservation_rules = {"capacityReservationSelectorTerms", "cr-",
                                                "['tags', 'id', 'instanceMatchCriteria']",
                                                reservation_fields, 3};

/* <prefix>[0-9a-z]+ */
static void check_id(const wb_field *term, const char *prefix)
{
    assert(prefix != NULL && prefix[0] != '\0');
    const wb_field id = wb_field_get(term, "id");
    const char *text = wb_field_text(&id);
    if (!wb_field_is_set(&id)) {
        return;
    }
    const size_t length = strlen(prefix);
    if (strncmp(text, prefix, length) != 0 || text[length] == '\0' ||
        text[length + strspn(text + length, "0123456789abcdefghijklmnopqrstuvwxyz")] != '\0') {
        wb_field_invalid(&id, "should match '%s[0-9a-z]+'", prefix);
    }
}

/* "*" selects any value; an empty text would select nothing and is a mistake. */
static void check_selector_tags(const wb_field *term)
{
    const wb_field tags = wb_field_get(term, "tags");
    if (wb_field_entry_count(&tags) > TAG_LIMIT) {
        wb_field_error(&tags, "Too many: %u: must have at most %d items",
                       wb_field_entry_count(&tags), TAG_LIMIT);
    }
    for (uint32_t i = 0; i < wb_field_entry_count(&tags); i++) {
        const wb_field entry = wb_field_at(&tags, i);
        if (wb_field_text(&entry)[0] == '\0' || entry.name[0] == '\0') {
            wb_field_error(&entry, "Invalid value: empty tag keys or values aren't supported");
        }
    }
}

/* A field that stands alone: no other field of the term may be set beside it. */
static void check_exclusive(const wb_field *term, const wb_term_rules *rules, const char *name)
{
    assert(term != NULL && rules != NULL);
    const wb_field field = wb_field_get(term, name);
    if (!wb_field_is_set(&field)) {
        return;
    }
    for (uint32_t i = 0; i < wb_field_entry_count(term); i++) {
        const wb_field other = wb_field_at(term, i);
        if (wb_field_is_set(&other) && strcmp(other.name, name) != 0 &&
            strcmp(other.name, "ssmParameter") != 0) {
            wb_field_error(term,
                           "Invalid value: '%s' is mutually exclusive, cannot be set with a "
                           "combination of other fields in %s",
                           name, rules->list);
            return;
        }
    }
}

/* The three rules that all kinds of terms share. */
static void check_term(const wb_field *term, const wb_term_rules *rules)
{
    assert(rules->field_count > 0);
    bool has_any = false;
    for (size_t i = 0; i < rules->field_count; i++) {
        const wb_field field = wb_field_get(term, rules->fields[i]);
        has_any = has_any || wb_field_is_set(&field);
    }
    if (!has_any) {
        wb_field_error(term, "Invalid value: expected at least one, got none, %s", rules->expected);
    }
    check_id(term, rules->id_prefix);
    check_selector_tags(term);
    check_exclusive(term, rules, "id");
}

/* Terms are ORed; what they select is the cloud's to say, above. */
static const wb_selector_term *decode_terms(const wb_field *spec, const wb_term_rules *rules,
                                            bool is_required, uint32_t *out_count)
{
    assert(out_count != NULL);
    const wb_field list = wb_field_get(spec, rules->list);
    const uint32_t count = wb_field_count(&list);
    *out_count = count;
    if (is_required && !wb_field_is_set(&list)) {
        wb_field_error(&list, "Required value");
    } else if (is_required && count == 0) {
        wb_field_error(&list, "Invalid value: %s cannot be empty", rules->list);
    }
    if (count > TERM_LIMIT) {
        wb_field_error(&list, "Too many: %u: must have at most %d items", count, TERM_LIMIT);
    }
    wb_selector_term *terms = WB_ARENA_ARRAY(spec->context->arena, wb_selector_term, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field term = wb_field_at(&list, i);
        const wb_field tags = wb_field_get(&term, "tags");
        check_term(&term, rules);
        terms[i] = (wb_selector_term){
            .tags = wb_manifest_decode_text_map(&tags),
            .id = wb_field_get_id(&term, "id"),
            .name = wb_field_get_id(&term, "name"),
            .alias = wb_field_get_id(&term, "alias"),
            .owner = wb_field_get_id(&term, "owner"),
        };
    }
    return terms;
}

/* --- AMI family and alias -------------------------------------------------------------- */

/* The family of "al2023@v20240625", or FAMILY_COUNT after a finding. */
static size_t decode_alias(const wb_field *alias)
{
    const char *text = wb_field_text(alias);
    const size_t length = strcspn(text, "@");
    if (length == 0 || text[length] == '\0' || text[length + 1] == '\0') {
        wb_field_invalid(alias, "'alias' is improperly formatted, must match the format "
                                "'family@version'");
        return FAMILY_COUNT;
    }
    for (size_t i = 0; i < WB_AMI_FAMILY_CUSTOM; i++) {
        if (strlen(families[i].alias) == length && strncmp(text, families[i].alias, length) == 0) {
            if (strncmp(text, "windows", 7) == 0 && strcmp(text + length, "@latest") != 0) {
                wb_field_invalid(alias, "windows families may only specify version 'latest'");
            }
            return i;
        }
    }
    wb_field_invalid(alias, "family is not supported, must be one of the following: 'al2', "
                            "'al2023', 'bottlerocket', 'windows2019', 'windows2022', "
                            "'windows2025'");
    return FAMILY_COUNT;
}

/* The alias decides the family unless amiFamily says Custom. */
static void decode_family(const wb_field *spec, wb_nodeclass *out)
{
    assert(out != NULL);
    const char *names[FAMILY_COUNT];
    for (size_t i = 0; i < FAMILY_COUNT; i++) {
        names[i] = families[i].name;
    }
    const wb_field family = wb_field_get(spec, "amiFamily");
    const wb_field terms = wb_field_get(spec, "amiSelectorTerms");
    const size_t errors_before = wb_field_error_count(spec);
    out->ami_family =
        (wb_ami_family)wb_field_choice(&family, names, FAMILY_COUNT, WB_AMI_FAMILY_CUSTOM);
    bool has_alias = false;
    for (uint32_t i = 0; i < wb_field_count(&terms); i++) {
        const wb_field term = wb_field_at(&terms, i);
        const wb_field alias = wb_field_get(&term, "alias");
        if (!wb_field_is_set(&alias)) {
            continue;
        }
        has_alias = true;
        check_exclusive(&term, &ami_rules, "alias");
        const size_t found = decode_alias(&alias);
        if (found == FAMILY_COUNT) {
            continue;
        }
        if (!wb_field_is_set(&family)) {
            out->ami_family = (wb_ami_family)found;
        } else if (wb_field_error_count(spec) == errors_before &&
                   out->ami_family != (wb_ami_family)found &&
                   out->ami_family != WB_AMI_FAMILY_CUSTOM) {
            wb_field_invalid(&family,
                             "if set, amiFamily must be '%s' or 'Custom' when using an "
                             "alias of that family",
                             families[found].name);
        }
    }
    if (has_alias && wb_field_count(&terms) != 1) {
        wb_field_error(&terms, "Invalid value: 'alias' is mutually exclusive, cannot be set with a "
                               "combination of other amiSelectorTerms");
    }
    if (!has_alias && !wb_field_is_set(&family) && wb_field_count(&terms) > 0) {
        wb_field_error(&family, "Required value: must specify amiFamily if amiSelectorTerms does "
                                "not contain an alias");
    }
}

/* --- Kubelet --------------------------------------------------------------------------- */

/* kubeReserved and systemReserved: quantities, or expressions that the provider evaluates per
 * instance type and we leave out with a warning. */
static wb_resource_list decode_reserved(const wb_field *kubelet, const char *name)
{
    static const char *const known[] = {"cpu", "memory", "ephemeral-storage", "pid"};
    const wb_field map = wb_field_get(kubelet, name);
    wb_intern *intern = kubelet->context->intern;
    wb_resource_list reserved = {0};
    for (uint32_t i = 0; i < wb_field_entry_count(&map); i++) {
        const wb_field entry = wb_field_at(&map, i);
        bool is_known = false;
        for (size_t j = 0; j < 4; j++) {
            is_known = is_known || strcmp(entry.name, known[j]) == 0;
        }
        wb_quantity quantity;
        if (!is_known) {
            wb_field_error(&entry, "Invalid value: isn't a reservable resource, must be one of "
                                   "cpu, memory, ephemeral-storage, pid");
        } else if (wb_field_text(&entry)[0] == '-') {
            wb_field_invalid(&entry, "can't be a negative resource quantity");
        } else if (wb_quantity_parse(wb_field_text(&entry), &quantity, NULL) != WB_OK) {
            wb_field_warn(&entry,
                          "'%.60s' is not a quantity: expressions are not evaluated, "
                          "the default is used",
                          wb_field_text(&entry));
        } else {
            const uint32_t id = wb_intern_add(intern, entry.name);
            reserved = wb_resource_list_with(kubelet->context->arena, reserved, id,
                                             id == WB_NAME_CPU ? wb_quantity_milli(&quantity)
                                                               : wb_quantity_units(&quantity));
        }
    }
    return reserved;
}

/* A percentage of 0 to 100 or a quantity. */
static void check_threshold(const wb_field *entry)
{
    const char *text = wb_field_text(entry);
    const size_t length = strlen(text);
    if (length > 0 && text[length - 1] == '%') {
        const size_t digits = strspn(text, "0123456789.");
        if (digits != length - 1 || digits == 0 ||
            (digits >= 3 && text[0] != '0' && strncmp(text, "100", 3) != 0 &&
             strcspn(text, ".") > 2)) {
            wb_field_invalid(entry, "must be a percentage or a resource quantity");
        }
        return;
    }
    wb_quantity quantity;
    if (wb_quantity_parse(text, &quantity, NULL) != WB_OK) {
        wb_field_invalid(entry, "must be a percentage or a resource quantity");
    } else if (quantity.nanos < 0) {
        wb_field_invalid(entry, "can't be a negative resource quantity");
    }
}

/* The kubelet ignores signals that it does not know; the provider refuses them for that reason. */
static void check_eviction(const wb_field *kubelet, const char *name)
{
    static const char *const signals[] = {"memory.available",   "nodefs.available",
                                          "nodefs.inodesFree",  "imagefs.available",
                                          "imagefs.inodesFree", "pid.available"};
    const wb_field map = wb_field_get(kubelet, name);
    for (uint32_t i = 0; i < wb_field_entry_count(&map); i++) {
        const wb_field entry = wb_field_at(&map, i);
        bool is_known = false;
        for (size_t j = 0; j < 6; j++) {
            is_known = is_known || strcmp(entry.name, signals[j]) == 0;
        }
        if (!is_known) {
            wb_field_error(&entry, "Invalid value: isn't a valid eviction signal, must be one of "
                                   "memory.available, nodefs.available, nodefs.inodesFree, "
                                   "imagefs.available, imagefs.inodesFree, pid.available");
        } else if (strcmp(name, "evictionSoftGracePeriod") != 0) {
            check_threshold(&entry);
        }
    }
}

/* Both soft maps must name the same signals. */
static void check_soft_pairs(const wb_field *kubelet, const char *name, const char *other_name)
{
    assert(strcmp(name, other_name) != 0);
    const wb_field map = wb_field_get(kubelet, name);
    const wb_field other = wb_field_get(kubelet, other_name);
    for (uint32_t i = 0; i < wb_field_entry_count(&map); i++) {
        const wb_field entry = wb_field_at(&map, i);
        const wb_field match = wb_field_get(&other, entry.name);
        if (!wb_field_is_set(&match)) {
            wb_field_error(&entry, "Invalid value: has no matching %s", other_name);
        }
    }
}

/* Collection starts above high and ends below low: the other way round it never ends. */
static void check_image_thresholds(const wb_field *kubelet)
{
    const wb_field high = wb_field_get(kubelet, "imageGCHighThresholdPercent");
    const wb_field low = wb_field_get(kubelet, "imageGCLowThresholdPercent");
    const wb_field *both[] = {&high, &low};
    for (size_t i = 0; i < 2; i++) {
        const int64_t percent = wb_field_int64(both[i], 0);
        if (percent < 0 || percent > 100) {
            wb_field_invalid(both[i], "must be between 0 and 100");
        }
    }
    if (wb_field_is_set(&high) && wb_field_is_set(&low) &&
        wb_field_int64(&high, 0) <= wb_field_int64(&low, 0)) {
        wb_field_invalid(&high, "imageGCHighThresholdPercent must be greater than "
                                "imageGCLowThresholdPercent");
    }
}

/* maxPods may be an expression over the instance type, which is not evaluated here. */
static int32_t decode_pod_count(const wb_field *kubelet, const char *name)
{
    const wb_field field = wb_field_get(kubelet, name);
    if (wb_field_is_set(&field) && field.node->kind == WB_NODE_STRING) {
        wb_field_warn(&field,
                      "'%.60s' is not a number: expressions are not evaluated, the limit "
                      "of the instance type is used",
                      wb_field_text(&field));
        return 0;
    }
    const int32_t count = wb_field_int32(&field, 0);
    if (count < 0) {
        wb_field_invalid(&field, "can't be negative");
        return 0;
    }
    return count;
}

/* The text of a threshold, NULL when it is not given. */
static const char *decode_threshold(const wb_field *kubelet, const char *name, const char *signal)
{
    const wb_field map = wb_field_get(kubelet, name);
    const wb_field threshold = wb_field_get(&map, signal);
    return wb_field_is_set(&threshold)
               ? wb_arena_copy_string(kubelet->context->arena, wb_field_text(&threshold))
               : NULL;
}

/* Six fields change what fits on a node; the rest is held to the provider's rules and dropped. */
static void decode_kubelet(const wb_field *spec, wb_nodeclass *out)
{
    assert(out != NULL);
    const wb_field kubelet = wb_field_get(spec, "kubelet");
    const wb_field taints = wb_field_get(&kubelet, "registerWithTaints");
    out->max_pods = decode_pod_count(&kubelet, "maxPods");
    out->pods_per_core = decode_pod_count(&kubelet, "podsPerCore");
    out->kube_reserved = decode_reserved(&kubelet, "kubeReserved");
    out->system_reserved = decode_reserved(&kubelet, "systemReserved");
    check_eviction(&kubelet, "evictionHard");
    check_eviction(&kubelet, "evictionSoft");
    check_eviction(&kubelet, "evictionSoftGracePeriod");
    check_soft_pairs(&kubelet, "evictionSoft", "evictionSoftGracePeriod");
    check_soft_pairs(&kubelet, "evictionSoftGracePeriod", "evictionSoft");
    check_image_thresholds(&kubelet);
    if (wb_field_is_set(&taints)) {
        wb_field_error(&taints, "Forbidden: can't be set, Karpenter sets it from the NodeClaim's "
                                "taints");
    }
    out->eviction_hard_memory = decode_threshold(&kubelet, "evictionHard", "memory.available");
    out->eviction_soft_memory = decode_threshold(&kubelet, "evictionSoft", "memory.available");
    out->eviction_hard_disk = decode_threshold(&kubelet, "evictionHard", "nodefs.available");
    out->eviction_soft_disk = decode_threshold(&kubelet, "evictionSoft", "nodefs.available");
}

/* A text within a file has no lines of its own that anybody could look up: all of it is where the
 * text is. */
// NOLINTNEXTLINE(misc-no-recursion): documents have a limited depth
static void place_at(wb_node *node, const wb_node *place)
{
    node->line = place->line;
    node->column = place->column;
    node->key_places = NULL;
    for (uint32_t i = 0; i < node->count; i++) {
        place_at(node->children[i], place);
    }
}

const wb_nodeclass *wb_manifest_decode_kubelet_annotation(const wb_field *metadata)
{
    const wb_field annotations = wb_field_get(metadata, "annotations");
    const wb_field kept = wb_field_get(&annotations, WB_MANIFEST_KUBELET_ANNOTATION);
    if (!wb_field_is_set(&kept)) {
        return NULL;
    }
    wb_arena *arena = metadata->context->arena;
    wb_document_stream stream = {0};
    wb_error err = {.text = ""};
    const wb_document_input input = {.file = kept.node->file,
                                     .text = wb_field_text(&kept),
                                     .length = strlen(wb_field_text(&kept)),
                                     .syntax = WB_DOCUMENT_JSON};
    if (wb_document_read_text(arena, &input, &stream, &err) != WB_OK || stream.count != 1) {
        wb_field_error(&kept, "is not the JSON that the conversion from v1beta1 writes");
        return NULL;
    }
    place_at(stream.roots[0], kept.node);
    static const wb_schema_field expected = {"kubelet", WB_SCHEMA_OBJECT, WB_SCHEMA_ONE,
                                             &wb_schema_kubelet_configuration};
    const wb_schema_field *fields = &expected;
    const wb_schema schema = {fields, 1};
    wb_node *children[] = {stream.roots[0]};
    const char *keys[] = {"kubelet"};
    const wb_node map = {.kind = WB_NODE_MAP,
                         .line = kept.node->line,
                         .column = kept.node->column,
                         .count = 1,
                         .text = "",
                         .keys = keys,
                         .children = children,
                         .file = kept.node->file};
    const wb_field spec = wb_field_root(metadata->context, &map, "");
    wb_schema_check(&spec, &schema);
    wb_nodeclass *kubelet = WB_ARENA_NEW(arena, wb_nodeclass);
    *kubelet = (wb_nodeclass){0};
    decode_kubelet(&spec, kubelet);
    return kubelet;
}

/* --- Disks ----------------------------------------------------------------------------- */

/* One root at most, and each disk with a size or a snapshot to take it from. */
static void check_mappings(const wb_field *list)
{
    uint32_t roots = 0;
    if (wb_field_count(list) > MAPPING_LIMIT) {
        wb_field_error(list, "Too many: %u: must have at most %d items", wb_field_count(list),
                       MAPPING_LIMIT);
    }
    for (uint32_t i = 0; i < wb_field_count(list); i++) {
        const wb_field mapping = wb_field_at(list, i);
        const wb_field ebs = wb_field_get(&mapping, "ebs");
        const wb_field size = wb_field_get(&ebs, "volumeSize");
        const wb_field snapshot = wb_field_get(&ebs, "snapshotID");
        roots += wb_field_get_bool(&mapping, "rootVolume", false) ? 1U : 0U;
        if (wb_field_is_set(&ebs) && !wb_field_is_set(&size) && !wb_field_is_set(&snapshot)) {
            wb_field_error(&ebs, "Invalid value: snapshotID or volumeSize must be defined");
        }
    }
    if (roots > 1) {
        wb_field_error(list, "Invalid value: must have only one blockDeviceMappings with "
                             "rootVolume");
    }
}

/* The mapping whose disk holds the pods' local storage: the one marked rootVolume; for Custom the
 * last; else the one on the family's device. False when none is given. */
static bool find_root_mapping(const wb_field *list, wb_ami_family family, uint32_t *out_index)
{
    assert(out_index != NULL && (size_t)family < FAMILY_COUNT);
    const uint32_t count = wb_field_count(list);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field mapping = wb_field_at(list, i);
        if (wb_field_get_bool(&mapping, "rootVolume", false)) {
            *out_index = i;
            return true;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        const wb_field mapping = wb_field_at(list, i);
        if (family == WB_AMI_FAMILY_CUSTOM
                ? i + 1 == count
                : wb_field_get_is(&mapping, "deviceName", families[family].device)) {
            *out_index = i;
            return true;
        }
    }
    return false;
}

/* The size is what a node offers as ephemeral-storage, unless RAID0 takes instance disks. */
static void decode_disks(const wb_field *spec, wb_nodeclass *out)
{
    assert((size_t)out->ami_family < FAMILY_COUNT);
    static const char *const policies[] = {"RAID0"};
    const wb_field list = wb_field_get(spec, "blockDeviceMappings");
    const wb_field policy = wb_field_get(spec, "instanceStorePolicy");
    out->is_raid0 = wb_field_is_set(&policy) && wb_field_choice(&policy, policies, 1, 1) == 0;
    out->root_volume_bytes = families[out->ami_family].volume_gib * GIB_BYTES;
    check_mappings(&list);
    uint32_t index = 0;
    if (!find_root_mapping(&list, out->ami_family, &index)) {
        return;
    }
    const wb_field mapping = wb_field_at(&list, index);
    const wb_field ebs = wb_field_get(&mapping, "ebs");
    const wb_field size = wb_field_get(&ebs, "volumeSize");
    int64_t bytes = 0;
    if (wb_field_is_set(&size) && wb_manifest_decode_quantity(&size, false, &bytes)) {
        if (bytes <= 0) {
            wb_field_invalid(&size, "must be greater than zero");
        } else {
            out->root_volume_bytes = bytes;
        }
    }
}

/* --- NodeClass ------------------------------------------------------------------------- */

/* Tags that Karpenter writes itself: a user's value would be overwritten. */
static void check_tags(const wb_field *tags)
{
    static const char *const restricted[] = {"eks:eks-cluster-name", "karpenter.sh/nodepool",
                                             "karpenter.sh/nodeclaim",
                                             "karpenter.k8s.aws/ec2nodeclass"};
    for (uint32_t i = 0; i < wb_field_entry_count(tags); i++) {
        const wb_field entry = wb_field_at(tags, i);
        bool is_restricted = strncmp(entry.name, "kubernetes.io/cluster", 21) == 0;
        for (size_t j = 0; j < sizeof(restricted) / sizeof(restricted[0]); j++) {
            is_restricted = is_restricted || strcmp(entry.name, restricted[j]) == 0;
        }
        if (is_restricted) {
            wb_field_error(&entry, "Invalid value: tag contains a restricted tag matching %.60s",
                           entry.name);
        } else if (entry.name[0] == '\0') {
            wb_field_error(&entry, "Invalid value: empty tag keys aren't supported");
        }
    }
}

/* Either is enough to launch; both would contradict each other. */
static void decode_identity(const wb_field *spec, wb_nodeclass *out)
{
    const wb_field role = wb_field_get(spec, "role");
    const wb_field profile = wb_field_get(spec, "instanceProfile");
    if (wb_field_is_set(&role) == wb_field_is_set(&profile)) {
        wb_field_error(spec, "Invalid value: must specify exactly one of ['role', "
                             "'instanceProfile']");
    } else if (wb_field_is_set(&role)) {
        (void)wb_field_require(&role, "role cannot be empty");
    } else {
        (void)wb_field_require(&profile, "instanceProfile cannot be empty");
    }
    out->role = wb_field_id(&role);
    out->instance_profile = wb_field_id(&profile);
}

/* The family counts as it comes out, so that writing down what an alias says changes nothing.
 * Source: the hash tags of EC2NodeClassSpec. */
static uint64_t hash_spec(const wb_field *spec, const wb_nodeclass *nodeclass)
{
    static const char *const selected[] = {"amiFamily",
                                           "amiSelectorTerms",
                                           "capacityReservationSelectorTerms",
                                           "ipPrefixCount",
                                           "subnetSelectorTerms",
                                           "securityGroupSelectorTerms",
                                           NULL};
    return wb_hash_map_join(wb_manifest_hash(spec, selected), (uint64_t)nodeclass->ami_family);
}

bool wb_manifest_read_nodeclass(const wb_field *object, void *out_object)
{
    assert(object != NULL);
    assert(out_object != NULL);
    wb_nodeclass *out = out_object;
    const size_t errors_before = wb_field_error_count(object);
    wb_schema_check(object, &wb_schema_ec2_node_class);
    const wb_field metadata = wb_field_get(object, "metadata");
    const wb_field spec = wb_field_get(object, "spec");
    const wb_field tags = wb_field_get(&spec, "tags");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_CLUSTER, &meta);
    *out = (wb_nodeclass){
        .name = meta.name,
        .tags = wb_manifest_decode_text_map(&tags),
        .source = object->node,
    };
    uint32_t reservation_count = 0;
    check_tags(&tags);
    decode_identity(&spec, out);
    out->subnets = decode_terms(&spec, &subnet_rules, true, &out->subnet_count);
    out->security_groups = decode_terms(&spec, &group_rules, true, &out->security_group_count);
    out->amis = decode_terms(&spec, &ami_rules, true, &out->ami_count);
    (void)decode_terms(&spec, &reservation_rules, false, &reservation_count);
    decode_family(&spec, out);
    decode_kubelet(&spec, out);
    decode_disks(&spec, out);
    out->spec_hash = hash_spec(&spec, out);
    return wb_field_error_count(object) == errors_before;
}

bool wb_manifest_decode_nodeclass(const wb_decode_context *context, const wb_node *node,
                                  wb_nodeclass *out)
{
    const wb_field object = wb_field_root(context, node, NULL);
    return wb_manifest_read_nodeclass(&object, out);
}
