/*
 * One tree for YAML and JSON, with the place of every node kept for messages.
 *
 * YAML comes through libyaml's events (multi-document streams, anchors and aliases, merge keys;
 * scalars typed by the JSON schema that Kubernetes uses: true/false, null, numbers; yes/no/on/off
 * and octals stay strings unless quoted numbers say otherwise). JSON comes through our own
 * position-keeping reader (cJSON keeps no positions and rounds integers beyond 2^53).
 * Limits: nesting 100, aliases expanded to at most 100,000 nodes ("billion laughs").
 * Nodes live in the arena given to the reader.
 *
 * A manifest is read, walked by key, and asked for scalars; NULL passes through all of it:
 *
 *     wb_document_stream stream;
 *     WB_TRY(wb_document_read_file(arena, path, 0, &stream, err));
 *     for (size_t i = 0; i < stream.count; i++) {
 *         const wb_node *cpu = wb_node_find(stream.roots[i], "spec.resources.cpu");
 *         const char *text = wb_node_string(cpu, "0");
 *     }
 *
 * Decoders that must tell the user what is wrong look at kind, and report with wb_node_position.
 */
#ifndef WB_BASE_DOCUMENT_H
#define WB_BASE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/findings.h"
#include "base/status.h"

typedef enum wb_node_kind {
    WB_NODE_NULL,
    WB_NODE_BOOL,
    WB_NODE_NUMBER, /* text keeps the digits as written */
    WB_NODE_STRING,
    WB_NODE_LIST,
    WB_NODE_MAP,
} wb_node_kind;

typedef struct wb_node wb_node; /* "document node"; Kubernetes' Node is wb_kube_node */

/* A place in the file of a node; both from 1. */
typedef struct wb_node_place {
    uint32_t line, column;
} wb_node_place;

struct wb_node {
    wb_node_kind kind;
    uint32_t line, column; /* from 1 */
    uint32_t count;        /* children of a list or map */
    const char *text;      /* scalar as written (unescaped, zero-terminated); "" otherwise */
    size_t text_length;    /* of text: it may hold zero bytes */
    const char **keys;     /* map only: keys[i] names children[i], in the order of the file */
    const wb_node_place *key_places; /* map only: where keys[i] stands; NULL: not known */
    wb_node **children;              /* list and map */
    const char *file;                /* borrowed: the name that the reader was given */
};

typedef struct wb_document_stream {
    wb_node **roots; /* one per document; empty documents are left out */
    size_t count;
} wb_document_stream;

typedef enum wb_document_syntax {
    WB_DOCUMENT_AUTO, /* JSON when the first byte that is no blank is { or [, else YAML */
    WB_DOCUMENT_JSON, /* one or more concatenated values */
    WB_DOCUMENT_YAML,
} wb_document_syntax;

typedef struct wb_document_input {
    const char *file; /* borrowed: the name for messages; copied */
    const char *text; /* borrowed: left alone; what is kept of it is copied */
    size_t length;
    wb_document_syntax syntax;
} wb_document_input;

/* Reads input. Duplicate map keys, tabs as indentation, invalid UTF-8, trailing garbage and nesting
 * beyond the limit are WB_ERR_INPUT (or WB_ERR_LIMIT) with "<file>:<line>:<column>: <what>,
 * expected <...>" in err. The nodes live as long as the arena. */
WB_MUST_CHECK wb_status wb_document_read_text(wb_arena *arena, const wb_document_input *input,
                                              wb_document_stream *out, wb_error *err);

/* The same of JSON in which nobody asks for the lists and maps under skipped_key, wherever it is a
 * key: they are stepped over by their brackets and strings, so what is wrong in them goes unseen,
 * and read as empty ones. Half of what a Kubernetes API server keeps of an object is such. */
WB_MUST_CHECK wb_status wb_document_read_without(wb_arena *arena, const wb_document_input *input,
                                                 const char *skipped_key, wb_document_stream *out,
                                                 wb_error *err);

/* Reads a whole file ("-" is standard input; names ending in .zst or .gz are unpacked, at most
 * limit_bytes unpacked: 0 means 1 GiB). */
WB_MUST_CHECK wb_status wb_document_read_file(wb_arena *arena, const char *path, size_t limit_bytes,
                                              wb_document_stream *out, wb_error *err);

/* The child of map under key, or NULL (also when node is NULL or no map). */
const wb_node *wb_node_get(const wb_node *node, const char *key);

/* Follows a dotted path of map keys ("spec.template.spec"), or NULL. */
const wb_node *wb_node_find(const wb_node *node, const char *dotted_path);

/* NULL-safe: true for NULL and for an explicit null. */
bool wb_node_is_null(const wb_node *node);

/* Scalars without messages, for inputs that we wrote ourselves or that were validated before:
 * the value, or fallback when node is NULL, null or of another kind. */
const char *wb_node_string(const wb_node *node, const char *fallback);
int64_t wb_node_int64(const wb_node *node, int64_t fallback);
uint64_t wb_node_uint64(const wb_node *node, uint64_t fallback);
double wb_node_double(const wb_node *node, double fallback);
bool wb_node_bool(const wb_node *node, bool fallback);

/* Whether a NUMBER node holds an integer that fits (no fraction, no exponent with a fraction). */
bool wb_node_is_int64(const wb_node *node, int64_t *out);

/* Where node stands; all unknown for NULL. */
wb_position wb_node_position(const wb_node *node);

/* Where the index-th key of a map stands (where its value starts when that is not known). */
wb_position wb_node_key_position(const wb_node *map, uint32_t index);

/* "a map", "a list", "a string", "a number", "true or false", "null": for messages. */
const char *wb_node_kind_name(wb_node_kind kind);

/* Writes node as compact JSON (keys in the order of the file). */
struct wb_text;
void wb_node_print_json(const wb_node *node, struct wb_text *out);

#endif
