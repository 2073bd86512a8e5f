/*
 * Subnet and security group selectors of EC2NodeClasses: against what AWS printed, where that is
 * among the files, else the discovery tag against the cluster's name.
 */
#include <assert.h>
#include <string.h>

#include "scenarios/preflight/preflight_internal.h"

static const char discovery_key[] = "karpenter.sh/discovery";

/* Whether a list [{"Key": k, "Value": v}] holds a tag; value "*" is any. */
static bool has_tag(const wb_node *tags, const char *key, const char *value)
{
    for (uint32_t i = 0; tags != NULL && tags->kind == WB_NODE_LIST && i < tags->count; i++) {
        if (strcmp(wb_node_string(wb_node_get(tags->children[i], "Key"), ""), key) == 0 &&
            wb_iam_pattern_matches(
                value, wb_node_string(wb_node_get(tags->children[i], "Value"), ""), false)) {
            return true;
        }
    }
    return false;
}

/* One of the things that a selector may find, as AWS prints it. */
typedef struct selectable {
    const wb_node *list;
    const char *id_key, *name_key; /* "SubnetId"; "GroupName", or NULL */
    const char *what;              /* "subnet" */
} selectable;

static bool term_finds(const wb_preflight_input *in, const wb_selector_term *term,
                       const selectable *of, const wb_node *item)
{
    const char *id = wb_intern_text(in->intern, term->id);
    const char *name = wb_intern_text(in->intern, term->name);
    if (id[0] != '\0') {
        return strcmp(id, wb_node_string(wb_node_get(item, of->id_key), "")) == 0;
    }
    if (name[0] != '\0' && of->name_key != NULL &&
        strcmp(name, wb_node_string(wb_node_get(item, of->name_key), "")) != 0) {
        return false;
    }
    for (uint32_t i = 0; i < term->tags.count; i++) {
        const wb_label *tag = &term->tags.items[i];
        const char *value = wb_intern_text(in->intern, tag->value);
        if (!has_tag(wb_node_get(item, "Tags"), wb_intern_text(in->intern, tag->key), value)) {
            return false;
        }
    }
    return true;
}

static bool any_found(const wb_preflight_input *in, const wb_selector_term *terms, uint32_t count,
                      const selectable *of)
{
    for (uint32_t i = 0; of->list->kind == WB_NODE_LIST && i < of->list->count; i++) {
        for (uint32_t t = 0; t < count; t++) {
            if (term_finds(in, &terms[t], of, of->list->children[i])) {
                return true;
            }
        }
    }
    return false;
}

/* Without a list of AWS: a discovery tag that names another cluster is most likely a slip. */
static void check_discovery(wb_preflight_checker *checker, const wb_nodeclass *nodeclass,
                            const wb_selector_term *terms, uint32_t count, const char *field)
{
    const wb_preflight_input *in = checker->in;
    for (uint32_t t = 0; t < count; t++) {
        for (uint32_t i = 0; i < terms[t].tags.count; i++) {
            const char *key = wb_intern_text(in->intern, terms[t].tags.items[i].key);
            const char *value = wb_intern_text(in->intern, terms[t].tags.items[i].value);
            if (strcmp(key, discovery_key) == 0 && strcmp(value, "*") != 0 &&
                strcmp(value, checker->names.cluster) != 0) {
                wb_preflight_finding *finding =
                    wb_preflight_add(checker, WB_PREFLIGHT_INCONSISTENT, field,
                                     "EC2NodeClass %s looks for %s: %s, and the cluster is '%s'",
                                     wb_intern_text(in->intern, nodeclass->name), key, value,
                                     checker->names.cluster);
                finding->where =
                    wb_preflight_place(checker->arena, wb_node_position(nodeclass->source));
            }
        }
    }
}

static void check_terms(wb_preflight_checker *checker, const wb_nodeclass *nodeclass,
                        const wb_selector_term *terms, uint32_t count, const selectable *of)
{
    const char *field = wb_preflight_print(checker->arena, "%sSelectorTerms", of->what);
    if (of->list == NULL) {
        check_discovery(checker, nodeclass, terms, count, field);
        return;
    }
    if (any_found(checker->in, terms, count, of)) {
        return;
    }
    wb_preflight_finding *finding =
        wb_preflight_add(checker, WB_PREFLIGHT_INCONSISTENT, field,
                         "of EC2NodeClass %s find nothing among %u",
                         wb_intern_text(checker->in->intern, nodeclass->name), of->list->count);
    finding->is_error = true;
    finding->therefore = "the EC2NodeClass never becomes ready; no node is launched";
    finding->where = wb_preflight_place(checker->arena, wb_node_position(nodeclass->source));
}

void wb_preflight_check_selectors(wb_preflight_checker *checker)
{
    assert(checker != NULL);
    const wb_preflight_input *in = checker->in;
    const selectable subnets = {wb_node_get(in->subnets, "Subnets"), "SubnetId", NULL, "subnet"};
    const selectable groups = {wb_node_get(in->groups, "SecurityGroups"), "GroupId", "GroupName",
                               "securityGroup"};
    for (uint32_t i = 0; i < in->manifest.nodeclass_count; i++) {
        const wb_nodeclass *nodeclass = &in->manifest.nodeclasses[i];
        check_terms(checker, nodeclass, nodeclass->subnets, nodeclass->subnet_count, &subnets);
        check_terms(checker, nodeclass, nodeclass->security_groups, nodeclass->security_group_count,
                    &groups);
    }
    if (in->manifest.nodeclass_count == 0 && !checker->names.is_cluster_autoscaler) {
        (void)wb_preflight_add(checker, WB_PREFLIGHT_NOTE, "EC2NodeClass",
                               "none among the files; node role and selectors are not checked");
    }
}
