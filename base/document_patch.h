/*
 * One value in a document tree, named by a path, looked up or put in the place of what is there.
 *
 *     spec.disruption.consolidateAfter             keys of maps
 *     spec.template.spec.requirements[karpenter.k8s.aws/instance-cpu].values[0]
 *     spec.template.metadata.labels["a.b/c"]
 *
 * In brackets: the index of a list's element; the element of a list whose "key" or "name" is that;
 * or a map's key that has dots in it. Quotes around it are optional.
 */
#ifndef WB_BASE_DOCUMENT_PATCH_H
#define WB_BASE_DOCUMENT_PATCH_H

#include "base/document.h"

/* The value at path, or NULL: not there, or no path. */
const wb_node *wb_document_patch_find(const wb_node *root, const char *path);

/* Puts value (borrowed: it becomes part of the tree) at path; maps on the way that are missing are
 * made. A list's element that is not there is WB_ERR_INPUT, as is a path through a scalar. NULL as
 * value removes what is there. What is new lives in arena. */
WB_MUST_CHECK wb_status wb_document_patch_set(wb_arena *arena, wb_node *root, const char *path,
                                              wb_node *value, wb_error *err);

#endif
