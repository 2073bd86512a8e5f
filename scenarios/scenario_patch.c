#include "scenarios/scenario_patch.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#define CONTENDER "contender/"

/* Whether text ends in "/name", and what is before that has the given length. */
static bool ends_in(const char *text, size_t before, const char *name)
{
    return strlen(text) == before + 1 + strlen(name) && text[before] == '/' &&
           strcmp(text + before + 1, name) == 0;
}

/* "kind/name" or "kind/namespace/name"; a namespace that is not said is any. */
static bool is_object(const wb_node *object, const char *target)
{
    const char *kind = wb_node_string(wb_node_get(object, "kind"), "");
    const char *name = wb_node_string(wb_node_find(object, "metadata.name"), "");
    const char *space = wb_node_string(wb_node_find(object, "metadata.namespace"), "default");
    const size_t length = strlen(kind);
    if (length == 0 || strncasecmp(target, kind, length) != 0) {
        return false;
    }
    const size_t with_space = length + 1 + strlen(space);
    return ends_in(target, length, name) ||
           (strlen(target) > with_space && target[length] == '/' &&
            strncmp(target + length + 1, space, strlen(space)) == 0 &&
            ends_in(target, with_space, name));
}

static wb_node *find_contender(const wb_node *scenario, const char *name)
{
    const wb_node *list = wb_node_find(scenario, "spec.contenders");
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        const wb_node *own = wb_node_get(list->children[i], "name");
        const wb_node *kind = wb_node_get(list->children[i], "kind");
        if (strcmp(wb_node_string(own != NULL ? own : kind, ""), name) == 0) {
            return list->children[i];
        }
    }
    return NULL;
}

static bool is_whole(const wb_node *document, bool is_scenario, const char *target)
{
    return is_scenario ? strcmp(target, "scenario") == 0 : is_object(document, target);
}

/* What a target names inside of a document: a contender, or an item of a List; NULL. */
static wb_node *find_inside(const wb_node *document, bool is_scenario, const char *target)
{
    if (is_scenario) {
        const bool is_contender = strncmp(target, CONTENDER, strlen(CONTENDER)) == 0;
        return is_contender ? find_contender(document, target + strlen(CONTENDER)) : NULL;
    }
    const wb_node *items = wb_node_get(document, "items");
    for (uint32_t i = 0; items != NULL && items->kind == WB_NODE_LIST && i < items->count; i++) {
        if (is_object(items->children[i], target)) {
            return items->children[i];
        }
    }
    return NULL;
}

wb_status wb_scenario_patch_apply(const wb_scenario_patches *patches, wb_node *document,
                                  bool is_scenario, wb_arena *arena, wb_error *err)
{
    assert(arena != NULL && document != NULL && patches != NULL);
    assert((patches->items != NULL && patches->hits != NULL) || patches->count == 0);
    for (uint32_t i = 0; i < patches->count; i++) {
        const wb_scenario_patch *patch = &patches->items[i];
        wb_node *part = is_whole(document, is_scenario, patch->target)
                            ? document
                            : find_inside(document, is_scenario, patch->target);
        if (part == NULL) {
            continue;
        }
        WB_TRY(wb_document_patch_set(arena, part, patch->path, patch->value, err));
        patches->hits[i]++;
    }
    return WB_OK;
}

const wb_node *wb_scenario_patch_find(const wb_node *document, bool is_scenario, const char *target,
                                      const char *path)
{
    assert(target != NULL && path != NULL);
    const wb_node *part = document == NULL ? NULL
                          : is_whole(document, is_scenario, target)
                              ? document
                              : find_inside(document, is_scenario, target);
    return part == NULL ? NULL : wb_document_patch_find(part, path);
}
