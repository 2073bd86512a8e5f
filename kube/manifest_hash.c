/*
 * Fingerprints of manifests, by which Karpenter sees that a NodePool's template or a NodeClass has
 * changed since a node was made. As in the real one, lists are sets and what has its zero value is
 * as good as absent (hashstructure's SlicesAsSets, IgnoreZeroValue). Only equality matters: the
 * numbers themselves are ours, for those of Go's library depend on the names of Go's structs.
 */
#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/hash_map.h"
#include "kube/manifest_internal.h"

enum {
    HASH_DEPTH_LIMIT = 100 /* the documents' own */
};

/* Zero of its kind: absent, null, false, an empty text, 0. */
static bool is_zero(const wb_node *node)
{
    if (node == NULL || node->kind == WB_NODE_NULL) {
        return true;
    }
    if (node->kind == WB_NODE_LIST || node->kind == WB_NODE_MAP) {
        return node->count == 0;
    }
    return node->text_length == 0 || (node->kind == WB_NODE_BOOL && node->text[0] == 'f') ||
           (node->kind == WB_NODE_NUMBER && strcmp(node->text, "0") == 0);
}

static bool is_skipped(const char *key, const char *const *skipped)
{
    for (size_t i = 0; skipped != NULL && skipped[i] != NULL; i++) {
        if (strcmp(skipped[i], key) == 0) {
            return true;
        }
    }
    return false;
}

/* NOLINTBEGIN(misc-no-recursion): documents are HASH_DEPTH_LIMIT deep at most */

/* Sums do not depend on the order of their terms, so maps and lists are sets. */
static uint64_t hash_node(const wb_node *node, const char *const *skipped, int depth)
{
    assert(depth <= HASH_DEPTH_LIMIT);
    if (is_zero(node)) {
        return 0;
    }
    if (node->kind != WB_NODE_LIST && node->kind != WB_NODE_MAP) {
        return wb_digest_hash64(node->text, node->text_length) | 1U; /* never that of nothing */
    }
    uint64_t sum = node->kind == WB_NODE_MAP ? 1 : 2;
    for (uint32_t i = 0; i < node->count; i++) {
        const char *key = node->kind == WB_NODE_MAP ? node->keys[i] : "";
        const uint64_t child = hash_node(node->children[i], NULL, depth + 1);
        if (child != 0 && !is_skipped(key, skipped)) {
            sum += wb_hash_map_join(wb_digest_hash64(key, strlen(key)), child);
        }
    }
    return sum;
}

/* NOLINTEND(misc-no-recursion) */

uint64_t wb_manifest_hash(const wb_field *field, const char *const *skipped)
{
    assert(field != NULL);
    return hash_node(field->node, skipped, 0);
}
