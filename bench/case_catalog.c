/*
 * Finding the catalog that a case names: beside the case, or in a folder above, so that a folder
 * of cases shares one file and a case can be copied out together with it.
 */
#include "bench/case_catalog.h"

#include <assert.h>
#include <string.h>

#include "base/file.h"

enum {
    DEPTH_MAX = 16 /* folders above a case that are looked into */
};

/* The named file beside path, or in a folder above; NULL when there is none. */
static const char *find_above(wb_arena *arena, const char *path, const char *name)
{
    const size_t name_length = strlen(name);
    size_t length = strlen(path);
    for (int depth = 0; depth < DEPTH_MAX; depth++) {
        while (length > 0 && path[length - 1] != '/') {
            length--;
        }
        char *candidate = wb_arena_alloc(arena, length + name_length + 1);
        memcpy(candidate, path, length);
        memcpy(candidate + length, name, name_length + 1);
        if (wb_file_size_bytes(candidate) >= 0) {
            return candidate;
        }
        if (length == 0) {
            return NULL;
        }
        length--;
    }
    return NULL;
}

wb_status wb_case_catalog_find(wb_arena *arena, const char *case_path, const wb_node *root,
                               const char **out_path, wb_error *err)
{
    assert(arena != NULL && case_path != NULL && root != NULL && out_path != NULL);
    const char *name = wb_node_string(wb_node_get(root, "catalog"), "catalog.json");
    const char *path = find_above(arena, case_path, name);
    if (path == NULL) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s: catalog '%s' is neither beside the case nor above it", case_path, name);
    }
    *out_path = path;
    return WB_OK;
}

/* The benchmark's synthetic catalog has a region without a name, which a catalog of ours must
 * have. */
static const wb_node *with_named_region(wb_arena *arena, const wb_node *catalog)
{
    const wb_node *region = wb_node_get(catalog, "region");
    if (region == NULL || region->text_length > 0) {
        return catalog;
    }
    wb_node *named = WB_ARENA_NEW(arena, wb_node);
    *named = *catalog;
    named->children = WB_ARENA_ARRAY(arena, wb_node *, catalog->count);
    for (uint32_t i = 0; i < catalog->count; i++) {
        named->children[i] = catalog->children[i];
        if (catalog->children[i] == region) {
            wb_node *text = WB_ARENA_NEW(arena, wb_node);
            *text = *region;
            text->text = "unnamed";
            text->text_length = strlen(text->text);
            named->children[i] = text;
        }
    }
    return named;
}

wb_status wb_case_catalog_inline(wb_arena *arena, wb_intern *intern, const wb_node *root,
                                 wb_catalog *out, wb_error *err)
{
    const wb_node *catalog = wb_node_get(root, "catalogInline");
    assert(catalog != NULL);
    WB_TRY(wb_catalog_decode(arena, intern, with_named_region(arena, catalog), out, err));
    const bool is_plain = wb_node_bool(wb_node_get(root, "plainInstanceRequirements"), false);
    for (uint32_t i = 0; i < out->type_count; i++) {
        out->types[i].plain_requirements = out->types[i].plain_requirements || is_plain;
    }
    return WB_OK;
}

wb_catalog wb_case_catalog_select(wb_arena *arena, const wb_intern *intern, const wb_node *root,
                                  const wb_catalog *catalog)
{
    assert(arena != NULL && intern != NULL && root != NULL && catalog != NULL);
    const wb_node *chosen = wb_node_get(root, "instanceTypes");
    if (chosen == NULL || chosen->kind != WB_NODE_LIST) {
        return *catalog;
    }
    const char **globs = WB_ARENA_ARRAY(arena, const char *, chosen->count);
    for (uint32_t i = 0; i < chosen->count; i++) {
        globs[i] = wb_node_string(chosen->children[i], "");
    }
    return wb_catalog_select(arena, intern, catalog, globs, chosen->count);
}

static wb_status load_named(wb_arena *arena, wb_intern *intern, const char *case_path,
                            const wb_node *root, wb_catalog *out, wb_error *err)
{
    const char *path = NULL;
    wb_document_stream stream = {0};
    WB_TRY(wb_case_catalog_find(arena, case_path, root, &path, err));
    WB_TRY(wb_document_read_file(arena, path, 0, &stream, err));
    if (stream.count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: is empty, expected a catalog", path);
    }
    return wb_catalog_decode(arena, intern, stream.roots[0], out, err);
}

wb_status wb_case_catalog_load(wb_arena *arena, wb_intern *intern, const char *case_path,
                               const wb_node *root, wb_catalog *out, wb_error *err)
{
    assert(arena != NULL && intern != NULL && case_path != NULL && root != NULL && out != NULL);
    wb_catalog catalog = {0};
    WB_TRY(wb_node_get(root, "catalogInline") != NULL
               ? wb_case_catalog_inline(arena, intern, root, &catalog, err)
               : load_named(arena, intern, case_path, root, &catalog, err));
    *out = wb_case_catalog_select(arena, intern, root, &catalog);
    return WB_OK;
}
