#include "scenarios/scenario_patch.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#define CONTENDER  "contender/"
#define NODE_GROUP "nodegroup/"

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

/* Where a document that is a file of node groups, or a contender, lists them. */
static const char *const group_lists[] = {"nodeGroups", "managedNodeGroups", "AutoScalingGroups"};

static bool is_node_group(const wb_node *group, const char *name)
{
    const wb_node *own = wb_node_get(group, "name");
    const wb_node *of_asg = wb_node_get(group, "AutoScalingGroupName");
    return strcmp(wb_node_string(own != NULL ? own : of_asg, ""), name) == 0;
}

/* Of an owner's groups with a name the one that *skip others come before; counts *skip down. */
static wb_node *find_group(const wb_node *owner, const char *name, uint32_t *skip)
{
    for (size_t l = 0; l < sizeof group_lists / sizeof *group_lists; l++) {
        const wb_node *list = wb_node_get(owner, group_lists[l]);
        const uint32_t count = list != NULL && list->kind == WB_NODE_LIST ? list->count : 0;
        for (uint32_t i = 0; i < count; i++) {
            if (is_node_group(list->children[i], name) && (*skip)-- == 0) {
                return list->children[i];
            }
        }
    }
    return NULL;
}

/* The same over all that may own groups in a document: contenders, or the file itself. */
static wb_node *find_group_inside(const wb_node *document, bool is_scenario, const char *name,
                                  uint32_t skip)
{
    if (!is_scenario) {
        return find_group(document, name, &skip);
    }
    const wb_node *list = wb_node_find(document, "spec.contenders");
    wb_node *found = NULL;
    for (uint32_t i = 0; found == NULL && list != NULL && i < list->count; i++) {
        found = find_group(list->children[i], name, &skip);
    }
    return found;
}

static bool is_whole(const wb_node *document, bool is_scenario, const char *target)
{
    return is_scenario ? strcmp(target, "scenario") == 0 : is_object(document, target);
}

/* What a target names inside of a document: a contender, an item of a List, or a node group, of
 * which there may be several of one name (two contenders, say): nth of them, from 0. NULL: no
 * (more) such part. */
static wb_node *find_inside(const wb_node *document, bool is_scenario, const char *target,
                            uint32_t nth)
{
    if (strncasecmp(target, NODE_GROUP, strlen(NODE_GROUP)) == 0) {
        return find_group_inside(document, is_scenario, target + strlen(NODE_GROUP), nth);
    }
    if (nth > 0) {
        return NULL;
    }
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

static wb_status set(const wb_scenario_patches *patches, uint32_t index, wb_node *part,
                     wb_arena *arena, wb_error *err)
{
    const wb_scenario_patch *patch = &patches->items[index];
    WB_TRY(wb_document_patch_set(arena, part, patch->path, patch->value, err));
    patches->hits[index]++;
    return WB_OK;
}

wb_status wb_scenario_patch_apply(const wb_scenario_patches *patches, wb_node *document,
                                  bool is_scenario, wb_arena *arena, wb_error *err)
{
    assert(arena != NULL && document != NULL && patches != NULL);
    assert((patches->items != NULL && patches->hits != NULL) || patches->count == 0);
    for (uint32_t i = 0; i < patches->count; i++) {
        const wb_scenario_patch *patch = &patches->items[i];
        if (is_whole(document, is_scenario, patch->target)) {
            WB_TRY(set(patches, i, document, arena, err));
            continue;
        }
        wb_node *part = find_inside(document, is_scenario, patch->target, 0);
        for (uint32_t nth = 1; part != NULL; nth++) {
            WB_TRY(set(patches, i, part, arena, err));
            part = find_inside(document, is_scenario, patch->target, nth);
        }
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
                              : find_inside(document, is_scenario, target, 0);
    return part == NULL ? NULL : wb_document_patch_find(part, path);
}
