/*
 * What a recording's objects must be held against before they are written: our own reader, which
 * would refuse the trace; and each other, for a claim without its volume, or an instance without
 * its node, means nothing in a replay.
 */
#include <assert.h>
#include <string.h>

#include "base/findings.h"
#include "base/text.h"
#include "kube/names.h"
#include "traces/recording_internal.h"

/* json as a tree in the check arena, or NULL. */
static const wb_node *parse(wb_recording *recording, const char *json)
{
    const wb_document_input input = {
        .file = "", .text = json, .length = strlen(json), .syntax = WB_DOCUMENT_JSON};
    wb_document_stream stream = {0};
    wb_error ignored;
    wb_arena_clear(&recording->check);
    const wb_status status = wb_document_read_text(&recording->check, &input, &stream, &ignored);
    return status == WB_OK && stream.count == 1 ? stream.roots[0] : NULL;
}

bool wb_recording_check_refuses(wb_recording *recording, const char *json)
{
    assert(recording != NULL && json != NULL);
    const wb_node *root = parse(recording, json);
    if (root == NULL) {
        return true;
    }
    wb_intern intern;
    wb_findings findings;
    wb_manifest manifest;
    wb_intern_init(&intern, &recording->check);
    wb_names_init(&intern);
    wb_findings_init(&findings, &recording->check, false);
    wb_manifest_init(&manifest);
    const wb_decode_context context = {.arena = &recording->check,
                                       .intern = &intern,
                                       .findings = &findings};
    wb_manifest_add_document(&manifest, &context, root);
    const bool is_refused = findings.error_count > 0;
    wb_intern_release(&intern);
    return is_refused;
}

static bool is_recorded(const wb_recording *recording, const char *kind, const char *namespace_name,
                        const wb_node *name)
{
    const char *text = wb_node_string(name, "");
    return *text != 0 &&
           wb_recording_objects_find(recording, kind, namespace_name, text) != UINT32_MAX;
}

/* The newest text of an object; NULL: none is known. */
static const char *text_of(const wb_recording *recording, uint32_t row)
{
    const char *json = NULL;
    for (size_t i = 0; i < recording->versions.count; i++) {
        const wb_recording_version *version = &recording->versions.rows[i];
        json = version->object == row && version->json != NULL ? version->json : json;
    }
    return json;
}

/* A claim means something when its volume is known, or the class that makes one. */
static bool is_usable_claim(wb_recording *recording, const char *namespace_name, const char *name)
{
    const uint32_t row =
        wb_recording_objects_find(recording, "PersistentVolumeClaim", namespace_name, name);
    const char *json = row != UINT32_MAX ? text_of(recording, row) : NULL;
    const wb_node *root = json != NULL ? parse(recording, json) : NULL;
    const wb_node *volume = wb_node_find(root, "spec.volumeName");
    return root != NULL &&
           (volume != NULL ? is_recorded(recording, "PersistentVolume", "", volume)
                           : is_recorded(recording, "StorageClass", "",
                                         wb_node_find(root, "spec.storageClassName")));
}

/* Copies of the claims' names, since a look at one claim forgets the shape's tree. */
static bool has_unusable_claim(wb_recording *recording, const char *json,
                               const char *namespace_name)
{
    const wb_node *volumes = wb_node_find(parse(recording, json), "spec.volumes");
    const uint32_t count = volumes != NULL ? volumes->count : 0;
    const char **names = WB_ARENA_ARRAY(&recording->arena, const char *, count);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = wb_arena_copy_string(
            &recording->arena,
            wb_node_string(wb_node_find(volumes->children[i], "persistentVolumeClaim.claimName"),
                           ""));
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!is_usable_claim(recording, namespace_name, names[i])) {
            return true;
        }
    }
    return false;
}

static void print_without_volumes(const wb_node *root, wb_text *out)
{
    const wb_node *metadata = wb_node_get(root, "metadata");
    const wb_node *spec = wb_node_get(root, "spec");
    bool has_entry = false;
    wb_text_add_string(out, "{\"metadata\":");
    wb_node_print_json(metadata, out);
    wb_text_add_string(out, ",\"spec\":{");
    for (uint32_t i = 0; i < spec->count; i++) {
        if (strcmp(spec->keys[i], "volumes") == 0) {
            continue;
        }
        wb_text_add_string(out, has_entry ? "," : "");
        has_entry = true;
        wb_text_add_json_string(out, spec->keys[i]);
        wb_text_add_string(out, ":");
        wb_node_print_json(spec->children[i], out);
    }
    wb_text_add_string(out, "}}");
}

const char *wb_recording_check_volumes(wb_recording *recording, wb_recording_shape *shape)
{
    assert(recording != NULL && shape != NULL);
    if (strstr(shape->json, "\"persistentVolumeClaim\"") == NULL ||
        !has_unusable_claim(recording, shape->json,
                            wb_intern_text(&recording->intern, shape->namespace_name))) {
        return shape->json;
    }
    const wb_node *root = parse(recording, shape->json);
    assert(root != NULL); /* it was read before */
    wb_text json;
    wb_text_init(&json);
    print_without_volumes(root, &json);
    shape->lost_volumes = true;
    shape->json = wb_arena_copy_text(&recording->arena, wb_text_string(&json), json.length);
    wb_text_release(&json);
    return shape->json;
}

/* ---- instances ---- */

/* The instance of a Node's text: the last step of "providerID":"aws:///us-east-1b/i-0a". */
static size_t instance_of(const char *json, const char **out)
{
    static const char mark[] = "\"providerID\":\"";
    const char *provider = strstr(json, mark);
    if (provider == NULL) {
        return 0;
    }
    provider += sizeof(mark) - 1;
    const size_t length = strcspn(provider, "\"");
    size_t start = length;
    while (start > 0 && provider[start - 1] != '/') {
        start--;
    }
    *out = provider + start;
    return length - start;
}

/* Once, before the first look: a spot archive may hold a hundred thousand events. */
static void index_instances(wb_recording *recording)
{
    for (size_t i = 0; i < recording->versions.count; i++) {
        const wb_recording_version *version = &recording->versions.rows[i];
        const char *id = NULL;
        if (version->json == NULL || !recording->objects.rows[version->object].is_node) {
            continue;
        }
        const size_t length = instance_of(version->json, &id);
        if (length > 0) {
            const uint32_t key = wb_intern_add_length(&recording->intern, id, length);
            (void)wb_hash_map_put(&recording->node_by_instance, key, i);
        }
    }
    recording->instances_are_indexed = true;
}

static const char *label_of(wb_recording *recording, const wb_node *root, const char *key)
{
    const char *value = wb_node_string(wb_node_get(wb_node_find(root, "metadata.labels"), key), "");
    return *value != 0
               ? wb_intern_text(&recording->intern, wb_intern_add(&recording->intern, value))
               : NULL;
}

bool wb_recording_check_instance(wb_recording *recording, uint32_t instance, wb_trace_spot *out)
{
    assert(recording != NULL && out != NULL);
    uint64_t row = 0;
    if (!recording->instances_are_indexed) {
        index_instances(recording);
    }
    if (!wb_hash_map_get(&recording->node_by_instance, instance, &row)) {
        return false;
    }
    const wb_recording_version *version = &recording->versions.rows[row];
    const wb_node *root = parse(recording, version->json);
    const char *zone = label_of(recording, root, "topology.kubernetes.io/zone");
    out->node_name =
        wb_intern_text(&recording->intern, recording->objects.rows[version->object].name);
    out->instance_type = label_of(recording, root, "node.kubernetes.io/instance-type");
    out->zone = zone != NULL ? zone : out->zone;
    return true;
}
