/*
 * What the YAML and the JSON reader share: nodes, the stack of unfinished children, duplicate keys,
 * messages with a place. Only document*.c include this.
 */
#ifndef WB_BASE_DOCUMENT_INTERNAL_H
#define WB_BASE_DOCUMENT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/document.h"
#include "base/status.h"

/* Manifests nest some 15 deep, a pod's schema at most 30. Keeps every walk of a tree bounded. */
#define WB_DOCUMENT_MAX_DEPTH 100

/* Nodes that aliases may stand for in one document, counted as if they were copied: whoever walks
 * the tree does that much work ("billion laughs"). */
#define WB_DOCUMENT_MAX_ALIASED 100000

/* One child of a list or map that is not closed yet. */
typedef struct wb_document_entry {
    const char *key; /* NULL in a list */
    wb_node *node;
    uint32_t line, column; /* of the key */
} wb_document_entry;

typedef struct wb_document_builder {
    wb_arena *arena;            /* borrowed: where nodes go */
    const char *file;           /* in the arena */
    wb_error *err;              /* borrowed: where messages go; may be NULL */
    const char *skipped_key;    /* borrowed: JSON only; NULL: everything is read */
    wb_node *batch;             /* nodes allocated ahead */
    size_t batch_left;          /* of them, not used yet */
    wb_document_entry *entries; /* owned: children of all open lists and maps, innermost last */
    size_t entry_count, entry_capacity;
    wb_node **roots; /* in the arena */
    size_t root_count, root_capacity;
} wb_document_builder;

/* file must live as long as the arena. */
void wb_document_builder_init(wb_document_builder *builder, wb_arena *arena, const char *file,
                              wb_error *err);
void wb_document_builder_release(wb_document_builder *builder);

/* A node without text or children. */
wb_node *wb_document_builder_node(wb_document_builder *builder, wb_node_kind kind, uint32_t line,
                                  uint32_t column);

/* Adds a child to the innermost open list or map. */
void wb_document_builder_push(wb_document_builder *builder, wb_document_entry entry);

/* Makes the entries from first_entry on the children of list, or of map. A duplicate key is
 * WB_ERR_INPUT at its second place. */
void wb_document_builder_close_list(wb_document_builder *builder, wb_node *list,
                                    size_t first_entry);
WB_MUST_CHECK wb_status wb_document_builder_close_map(wb_document_builder *builder, wb_node *map,
                                                      size_t first_entry);

/* Adds one document to the stream. */
void wb_document_builder_add_root(wb_document_builder *builder, wb_node *root);

/* Fails with "<file>:<line>:<column>: <message>". */
WB_PRINTF(5, 6)
wb_status wb_document_builder_fail(const wb_document_builder *builder, wb_status status,
                                   uint32_t line, uint32_t column, const char *fmt, ...);

/* For each of count entries sets same_before[i]: whether an entry before it has its key. Sorts, so
 * that a hostile map of a million keys costs n log n. */
void wb_document_builder_find_repeats(const wb_document_entry *entries, size_t count,
                                      bool *same_before);

/* Length of the JSON number that text starts with, 0 when it starts with none. text ends in a byte
 * that belongs to no number. */
size_t wb_document_builder_number_length(const char *text);

/* Reads text in place: strings stay where they are, unescaped and ended by a zero byte. text is
 * writable, text[length] is zero, and both live as long as the builder's arena. */
WB_MUST_CHECK wb_status wb_document_json_read(wb_document_builder *builder, char *text,
                                              size_t length);

/* Leaves text alone. */
WB_MUST_CHECK wb_status wb_document_yaml_read(wb_document_builder *builder, const char *text,
                                              size_t length);

#endif
