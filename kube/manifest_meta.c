/*
 * ObjectMeta: identity, labels, the annotations that some decision reads.
 *
 * Owners are not read here: only pods have owners that matter, and manifest_pod.c reads them.
 *
 * What is read, and what must hold:
 *
 *     name           a DNS subdomain; generateName stands in for it
 *     namespace      a DNS label; "default" by default where objects have one
 *     uid, creationTimestamp, deletionTimestamp
 *     labels         sorted by id, spelling checked
 *     annotations    only those that some decision reads, unless the context keeps all
 */
#include <assert.h>
#include <string.h>

#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/syntax.h"

/* Annotations that anything above reads, or may: the rest of a dump is checksums and last-applied
 * manifests, larger than all that matters together. */
static bool annotation_matters(const char *key)
{
    static const char *const domains[] = {"cluster-autoscaler.kubernetes.io/", "karpenter.sh/",
                                          "karpenter.k8s.aws/", "werkbank/"};
    if (strcmp(key, "controller.kubernetes.io/pod-deletion-cost") == 0) {
        return true;
    }
    for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
        if (strncmp(key, domains[i], strlen(domains[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* Filtered before anything is interned: a dump's annotations are most of its bytes. */
static wb_labels decode_annotations(const wb_field *map)
{
    if (map->context->keep_annotations) {
        return wb_manifest_decode_text_map(map);
    }
    wb_labels kept = {0};
    for (uint32_t i = 0; i < wb_field_entry_count(map); i++) {
        const wb_field entry = wb_field_at(map, i);
        if (annotation_matters(entry.name)) {
            kept = wb_labels_with(map->context->arena, kept,
                                  wb_intern_add(map->context->intern, entry.name),
                                  wb_field_id(&entry));
        }
    }
    return kept;
}

/* A manifest may leave the end of a name to the API server; we keep the given part as the name,
 * which is unique enough within one file. */
static uint32_t decode_name(const wb_field *meta)
{
    const wb_field name = wb_field_get(meta, "name");
    if (wb_field_text(&name)[0] != '\0') {
        (void)wb_field_accept(&name, wb_syntax_check_dns_subdomain(wb_field_text(&name)));
        return wb_field_id(&name);
    }
    const wb_field generate_name = wb_field_get(meta, "generateName");
    if (wb_field_text(&generate_name)[0] == '\0') {
        (void)wb_field_require(&name, "name or generateName is required");
    }
    return wb_field_id(&generate_name);
}

/* Namespaces default here, since every reader compares them. */
void wb_manifest_decode_meta(const wb_field *meta, wb_meta_scope scope, wb_object_meta *out)
{
    assert(meta != NULL);
    assert(out != NULL);
    const wb_field labels = wb_field_get(meta, "labels");
    const wb_field annotations = wb_field_get(meta, "annotations");
    *out = (wb_object_meta){
        .uid = wb_field_get_id(meta, "uid"),
        .labels = wb_manifest_decode_label_map(&labels),
        .annotations = decode_annotations(&annotations),
        .created_ms = wb_field_get_time_ms(meta, "creationTimestamp"),
        .deletion_ms = wb_field_get_time_ms(meta, "deletionTimestamp"),
    };
    if (scope == WB_META_TEMPLATE) {
        return;
    }
    out->name = decode_name(meta);
    if (scope == WB_META_CLUSTER) {
        return;
    }
    const wb_field namespace_name = wb_field_get(meta, "namespace");
    if (wb_field_text(&namespace_name)[0] == '\0') {
        out->namespace_name = WB_NAME_DEFAULT;
        return;
    }
    (void)wb_field_accept(&namespace_name,
                          wb_syntax_check_dns_label(wb_field_text(&namespace_name)));
    out->namespace_name = wb_field_id(&namespace_name);
}
