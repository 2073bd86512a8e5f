/*
 * YAML through libyaml's events.
 *
 * libyaml knows the syntax and leaves the meaning to us: what a plain scalar is, which keys repeat,
 * what an anchor stands for. An alias shares the node of its anchor, so a tree may be a graph; what
 * walkers would see of it is counted and bounded. Manifests have some KB to a few MB.
 */
#include <assert.h>
#include <string.h>

#include <yaml.h>

#include "base/document_internal.h"
#include "base/heap_memory.h"
#include "base/intern.h"
#include "base/utf8.h"

typedef struct anchor {
    wb_node *node; /* NULL until its end is read: an alias inside would hold itself */
    uint64_t node_count;
    uint32_t height; /* levels of lists and maps, 0 for a scalar */
} anchor;

typedef struct frame {
    wb_node *node;
    size_t first_entry;
    uint32_t anchor_id; /* 0: none */
    uint32_t height;    /* of the children so far */
    uint64_t nodes_before;
    bool expects_key; /* map only */
    bool has_merge;   /* map only: "<<" was among the keys */
    wb_document_entry key;
} frame;

typedef struct yaml_reader {
    wb_document_builder *builder; /* borrowed */
    const char *text;             /* borrowed */
    size_t length;
    frame open[WB_DOCUMENT_MAX_DEPTH];
    size_t depth;
    wb_node *root;
    bool is_root_empty;
    uint64_t node_count; /* of this document, aliased ones counted as often as they are met */
    uint64_t aliased_count;
    wb_arena names; /* of anchors, for this document */
    wb_intern anchor_ids;
    anchor *anchors; /* owned; by id */
    size_t anchor_capacity;
} yaml_reader;

/* The key of a merge; told from a quoted "<<" by its address. */
static const char merge_key[] = "<<";

static uint32_t line_of(yaml_mark_t mark)
{
    return (uint32_t)mark.line + 1;
}

static uint32_t column_of(yaml_mark_t mark)
{
    return (uint32_t)mark.column + 1;
}

/* ---- What libyaml complains about, in our words -------------------------------------------- */

static const struct {
    const char *problem; /* libyaml's, exactly */
    const char *message;
} messages[] = {
    {"did not find expected key",
     "this line fits no map or list above it, expected 'key: value' in the column of its siblings"},
    {"did not find expected '-' indicator",
     "this line fits no list above it, expected '- ' in the column of the list's other items"},
    {"mapping values are not allowed in this context",
     "a ':' where no key can stand, expected a new line or quotes around the text"},
    {"block sequence entries are not allowed in this context",
     "a '- ' where no list can start, expected it on a line of its own"},
    {"block mapping keys are not allowed in this context",
     "a key where none can stand, expected it on a line of its own"},
    {"could not find expected ':'", "a key without a value, expected 'key: value'"},
    {"found character that cannot start any token",
     "a character that cannot start a value, expected quotes around the text"},
    {"found unexpected end of stream", "the text ends inside quotes, expected a closing quote"},
    {"found unexpected document indicator",
     "the document ends inside quotes, expected a closing quote"},
    {"did not find expected ',' or ']'", "a list in brackets goes wrong, expected ',' or ']'"},
    {"did not find expected ',' or '}'", "a map in braces goes wrong, expected ',' or '}'"},
    {"did not find expected node content", "nothing here, expected a value"},
    {"did not find expected <document start>",
     "text behind the end of the document, expected '---' between documents"},
    {"did not find expected alphabetic or numeric character",
     "no name behind '&' or '*', expected one, or quotes around the text"},
    {"did not find URI escaped octet", "a broken tag, expected none"},
    {"control characters are not allowed",
     "a control character, expected it escaped in double quotes"},
    {"found unknown escape character",
     "an unknown escape, expected one of YAML's, or single quotes around the text"},
    {"found undefined tag handle", "an undefined tag, expected none"},
};

static const char *message_for(const char *problem)
{
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (strcmp(problem, messages[i].problem) == 0) {
            return messages[i].message;
        }
    }
    return NULL;
}

/* Line and column (in characters) of the byte at offset. */
static void locate(const yaml_reader *r, size_t offset, uint32_t *line, uint32_t *column)
{
    assert(offset <= r->length);
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (r->text[i] == '\n') {
            (*line)++;
            *column = 1;
        } else if (((unsigned char)r->text[i] & 0xc0) != 0x80) {
            (*column)++;
        }
    }
}

/* The column of the first tab before anything but blanks in line, or 0. */
static uint32_t indenting_tab(const yaml_reader *r, uint32_t line)
{
    const char *at = r->text;
    const char *end = r->text + r->length;
    for (uint32_t i = 1; i < line; i++) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        if (next == NULL) {
            return 0;
        }
        at = next + 1;
    }
    const char *start = at;
    while (at < end && *at == ' ') {
        at++;
    }
    return at < end && *at == '\t' ? (uint32_t)(at - start) + 1 : 0;
}

/* libyaml says where it noticed, which for a tab is often the token behind it: a tab in the line's
 * indentation is nearly always the reason, so it is looked for first. */
static wb_status fail_syntax(const yaml_reader *r, const yaml_parser_t *parser)
{
    uint32_t line = line_of(parser->problem_mark);
    uint32_t column = column_of(parser->problem_mark);
    if (parser->error == YAML_MEMORY_ERROR) {
        return wb_fail(r->builder->err, WB_ERR_LIMIT, "%s: no memory to read it with",
                       r->builder->file);
    }
    if (parser->error == YAML_READER_ERROR) {
        const size_t offset = parser->problem_offset;
        locate(r, offset < r->length ? offset : r->length, &line, &column);
    }
    const uint32_t tab_column = indenting_tab(r, line);
    if (tab_column > 0) {
        return wb_document_builder_fail(r->builder, WB_ERR_INPUT, line, tab_column,
                                        "a tab indents this line, expected spaces");
    }
    const char *problem = parser->problem == NULL ? "broken" : parser->problem;
    const char *message = message_for(problem);
    if (message != NULL) {
        return wb_document_builder_fail(r->builder, WB_ERR_INPUT, line, column, "%s", message);
    }
    return wb_document_builder_fail(r->builder, WB_ERR_INPUT, line, column,
                                    "%s, expected valid YAML", problem);
}

/* ---- Scalars ------------------------------------------------------------------------------- */

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* YAML 1.2's core schema, but that numbers are JSON's only: 0o17, 017, 0x1f, .inf and 1_000 stay
 * text, since no two readers agree on them. */
static wb_node_kind kind_of_plain(const char *text, size_t length)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    static const char *const bools[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
    if (strlen(text) != length) {
        return WB_NODE_STRING;
    }
    if (is_one_of(text, nulls, sizeof(nulls) / sizeof(nulls[0]))) {
        return WB_NODE_NULL;
    }
    if (is_one_of(text, bools, sizeof(bools) / sizeof(bools[0]))) {
        return WB_NODE_BOOL;
    }
    return length > 0 && wb_document_builder_number_length(text) == length ? WB_NODE_NUMBER
                                                                           : WB_NODE_STRING;
}

static const struct {
    const char *tag;
    wb_node_kind kind;
} tags[] = {
    {"!", WB_NODE_STRING},         {YAML_STR_TAG, WB_NODE_STRING}, {YAML_NULL_TAG, WB_NODE_NULL},
    {YAML_BOOL_TAG, WB_NODE_BOOL}, {YAML_INT_TAG, WB_NODE_NUMBER}, {YAML_FLOAT_TAG, WB_NODE_NUMBER},
    {YAML_SEQ_TAG, WB_NODE_LIST},  {YAML_MAP_TAG, WB_NODE_MAP},
};

/* Moves the kind that tag asks for to *kind. It must be what the text would be without quotes
 * (from_text), but that any scalar may be asked to be a string. */
static wb_status apply_tag(const yaml_reader *r, const yaml_event_t *event, const char *tag,
                           wb_node_kind from_text, wb_node_kind *kind)
{
    const bool is_scalar = from_text != WB_NODE_LIST && from_text != WB_NODE_MAP;
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        if (strcmp(tag, tags[i].tag) == 0 &&
            (tags[i].kind == from_text || (tags[i].kind == WB_NODE_STRING && is_scalar))) {
            *kind = tags[i].kind;
            return WB_OK;
        }
    }
    return wb_document_builder_fail(r->builder, WB_ERR_INPUT, line_of(event->start_mark),
                                    column_of(event->start_mark),
                                    "tag '%.60s' does not fit %s, expected no tag", tag,
                                    wb_node_kind_name(from_text));
}

/* ---- Anchors ------------------------------------------------------------------------------- */

/* Anchors live for one document of a stream. */
static void forget_anchors(yaml_reader *r)
{
    wb_intern_release(&r->anchor_ids);
    wb_arena_clear(&r->names);
    wb_intern_init(&r->anchor_ids, &r->names);
}

/* The id of the anchor that event names, not usable yet; 0 when it names none. */
static uint32_t open_anchor(yaml_reader *r, const yaml_char_t *name)
{
    if (name == NULL) {
        return 0;
    }
    const uint32_t id = wb_intern_add(&r->anchor_ids, (const char *)name);
    assert(id > 0);
    if (id >= r->anchor_capacity) {
        r->anchor_capacity = wb_heap_memory_next_capacity(r->anchor_capacity, (size_t)id + 1);
        r->anchors = wb_heap_memory_resize(r->anchors, r->anchor_capacity, sizeof(*r->anchors));
    }
    r->anchors[id] = (anchor){0};
    return id;
}

/* From here on aliases may name it. Does nothing for id 0. */
static void close_anchor(yaml_reader *r, uint32_t id, anchor what)
{
    assert(what.node != NULL);
    if (id > 0) {
        assert(id < r->anchor_capacity);
        r->anchors[id] = what;
    }
}

/* ---- Building ------------------------------------------------------------------------------ */

/* Makes node the key of the value to come. Only its text counts: 1 and "1" are one key, as in the
 * JSON that the API server sees. */
static wb_status set_key(yaml_reader *r, frame *parent, const wb_node *node, bool is_merge)
{
    if (node->kind == WB_NODE_LIST || node->kind == WB_NODE_MAP ||
        strlen(node->text) != node->text_length) {
        return wb_document_builder_fail(
            r->builder, WB_ERR_INPUT, node->line, node->column, "%s as a key, expected plain text",
            node->kind == WB_NODE_STRING ? "text with a zero byte" : wb_node_kind_name(node->kind));
    }
    parent->key = (wb_document_entry){
        .key = is_merge ? merge_key : node->text,
        .line = node->line,
        .column = node->column,
    };
    parent->has_merge = parent->has_merge || is_merge;
    parent->expects_key = false;
    return WB_OK;
}

/* Gives node its place: root, item, key or value. height counts the levels of it. */
static wb_status place(yaml_reader *r, wb_node *node, uint32_t height, bool is_merge)
{
    if (r->depth == 0) {
        r->root = node;
        return WB_OK;
    }
    frame *parent = &r->open[r->depth - 1];
    if (r->depth + height > WB_DOCUMENT_MAX_DEPTH) {
        return wb_document_builder_fail(r->builder, WB_ERR_LIMIT, node->line, node->column,
                                        "nested more than %d deep, expected at most that",
                                        WB_DOCUMENT_MAX_DEPTH);
    }
    parent->height = height > parent->height ? height : parent->height;
    if (parent->node->kind == WB_NODE_LIST) {
        wb_document_builder_push(r->builder, (wb_document_entry){.node = node});
        return WB_OK;
    }
    if (parent->expects_key) {
        return set_key(r, parent, node, is_merge);
    }
    parent->key.node = node;
    wb_document_builder_push(r->builder, parent->key);
    parent->expects_key = true;
    return WB_OK;
}

/* Style and tag decide what the text may mean: only a plain scalar is typed by its looks. */
static wb_status read_scalar(yaml_reader *r, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    const size_t length = event->data.scalar.length;
    const char *tag = (const char *)event->data.scalar.tag;
    const bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    const wb_node_kind from_text = kind_of_plain(text, length);
    wb_node_kind kind = is_plain ? from_text : WB_NODE_STRING;
    if (tag != NULL) {
        WB_TRY(apply_tag(r, event, tag, from_text, &kind));
    }
    wb_node *node = wb_document_builder_node(r->builder, kind, line_of(event->start_mark),
                                             column_of(event->start_mark));
    node->text = length == 0 ? "" : wb_arena_copy_text(r->builder->arena, text, length);
    node->text_length = length;
    r->node_count++;
    r->is_root_empty = is_plain && length == 0 && tag == NULL;
    close_anchor(r, open_anchor(r, event->data.scalar.anchor), (anchor){node, 1, 0});
    return place(r, node, 0, is_plain && tag == NULL && strcmp(text, merge_key) == 0);
}

/* Shares the node of the anchor. Its line and column are the anchor's, so a message about the value
 * points to where the value is written. */
static wb_status read_alias(yaml_reader *r, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    const uint32_t line = line_of(event->start_mark);
    const uint32_t column = column_of(event->start_mark);
    const uint32_t id = wb_intern_find(&r->anchor_ids, name);
    if (id == 0) {
        return wb_document_builder_fail(r->builder, WB_ERR_INPUT, line, column,
                                        "alias '*%.60s' has no anchor, expected '&%.60s' before it",
                                        name, name);
    }
    const anchor target = r->anchors[id];
    if (target.node == NULL) {
        return wb_document_builder_fail(
            r->builder, WB_ERR_INPUT, line, column,
            "alias '*%.60s' stands inside its own anchor, expected it behind", name);
    }
    r->aliased_count += target.node_count;
    r->node_count += target.node_count;
    if (r->aliased_count > WB_DOCUMENT_MAX_ALIASED) {
        return wb_document_builder_fail(
            r->builder, WB_ERR_LIMIT, line, column,
            "aliases stand for more than %d nodes, expected at most that many",
            WB_DOCUMENT_MAX_ALIASED);
    }
    return place(r, target.node, target.height, false);
}

/* The node gets its place in the parent before its children are known; the anchor opens now and
 * closes at the end, so that an alias inside is noticed. */
static wb_status open_container(yaml_reader *r, const yaml_event_t *event)
{
    const bool is_map = event->type == YAML_MAPPING_START_EVENT;
    const uint32_t line = line_of(event->start_mark);
    const uint32_t column = column_of(event->start_mark);
    wb_node_kind kind = is_map ? WB_NODE_MAP : WB_NODE_LIST;
    const yaml_char_t *tag =
        is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    if (tag != NULL && strcmp((const char *)tag, "!") != 0) {
        WB_TRY(apply_tag(r, event, (const char *)tag, kind, &kind));
    }
    wb_node *node = wb_document_builder_node(r->builder, kind, line, column);
    WB_TRY(place(r, node, 1, false));
    if (r->depth == WB_DOCUMENT_MAX_DEPTH) {
        return wb_document_builder_fail(r->builder, WB_ERR_LIMIT, line, column,
                                        "nested more than %d deep, expected at most that",
                                        WB_DOCUMENT_MAX_DEPTH);
    }
    const uint32_t anchor_id = open_anchor(r, is_map ? event->data.mapping_start.anchor
                                                     : event->data.sequence_start.anchor);
    r->open[r->depth++] = (frame){
        .node = node,
        .first_entry = r->builder->entry_count,
        .anchor_id = anchor_id,
        .nodes_before = r->node_count++,
        .expects_key = is_map,
    };
    return WB_OK;
}

/* Appends the children of source, a map, to the entries. */
static wb_status append_merged(yaml_reader *r, const wb_document_entry *merge,
                               const wb_node *source)
{
    if (source->kind != WB_NODE_MAP) {
        return wb_document_builder_fail(r->builder, WB_ERR_INPUT, merge->line, merge->column,
                                        "'<<' merges %s, expected a map or a list of maps",
                                        wb_node_kind_name(source->kind));
    }
    for (uint32_t i = 0; i < source->count; i++) {
        wb_document_builder_push(r->builder, (wb_document_entry){
                                                 .key = source->keys[i],
                                                 .node = source->children[i],
                                                 .line = merge->line,
                                                 .column = merge->column,
                                             });
    }
    return WB_OK;
}

/* Replaces the one "<<" from first_entry on by what it merges, behind the map's own keys: those
 * win, then the first map merged. */
static wb_status expand_merge(yaml_reader *r, size_t first_entry, size_t merge_index)
{
    wb_document_builder *builder = r->builder;
    const wb_document_entry merge = builder->entries[merge_index];
    memmove(builder->entries + merge_index, builder->entries + merge_index + 1,
            (builder->entry_count - merge_index - 1) * sizeof(merge));
    builder->entry_count--;
    const size_t own_count = builder->entry_count - first_entry;
    const bool is_list = merge.node->kind == WB_NODE_LIST;
    for (uint32_t i = 0; i < (is_list ? merge.node->count : 1); i++) {
        WB_TRY(append_merged(r, &merge, is_list ? merge.node->children[i] : merge.node));
    }
    const size_t count = builder->entry_count - first_entry;
    wb_document_entry *entries = builder->entries + first_entry;
    bool *same_before = wb_heap_memory_alloc(count, sizeof(*same_before));
    wb_document_builder_find_repeats(entries, count, same_before);
    size_t kept = own_count; /* repeats among the own keys stay, to be refused */
    for (size_t i = own_count; i < count; i++) {
        if (!same_before[i]) {
            entries[kept++] = entries[i];
        }
    }
    wb_heap_memory_free(same_before);
    builder->entry_count = first_entry + kept;
    return WB_OK;
}

/* Two "<<" in one map are refused like any repeated key: which of them should win is anybody's
 * guess. */
static wb_status merge_and_close_map(yaml_reader *r, const frame *closed)
{
    wb_document_builder *builder = r->builder;
    size_t merge_index = builder->entry_count;
    for (size_t i = closed->first_entry; closed->has_merge && i < builder->entry_count; i++) {
        const wb_document_entry *entry = &builder->entries[i];
        if (entry->key != merge_key) {
            continue;
        }
        if (merge_index < builder->entry_count) {
            return wb_document_builder_fail(builder, WB_ERR_INPUT, entry->line, entry->column,
                                            "duplicate key '<<', expected one list of maps");
        }
        merge_index = i;
    }
    if (merge_index < builder->entry_count) {
        WB_TRY(expand_merge(r, closed->first_entry, merge_index));
    }
    return wb_document_builder_close_map(builder, closed->node, closed->first_entry);
}

/* Besides closing, passes the height of the subtree up, which bounds what aliases may nest. */
static wb_status close_container(yaml_reader *r)
{
    assert(r->depth > 0);
    const frame closed = r->open[--r->depth];
    if (closed.node->kind == WB_NODE_MAP) {
        assert(closed.expects_key); /* libyaml gives a value for each key */
        WB_TRY(merge_and_close_map(r, &closed));
    } else {
        wb_document_builder_close_list(r->builder, closed.node, closed.first_entry);
    }
    const uint32_t height = closed.height + 1;
    close_anchor(r, closed.anchor_id,
                 (anchor){closed.node, r->node_count - closed.nodes_before, height});
    if (r->depth > 0 && r->open[r->depth - 1].height < height) {
        r->open[r->depth - 1].height = height;
    }
    r->is_root_empty = false;
    return WB_OK;
}

/* One event of libyaml. It has balanced starts and ends before we see them, so depth never goes
 * below 0 here. */
static wb_status take_event(yaml_reader *r, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        r->root = NULL;
        r->node_count = 0;
        r->aliased_count = 0;
        forget_anchors(r);
        return WB_OK;
    case YAML_DOCUMENT_END_EVENT:
        assert(r->depth == 0 && r->builder->entry_count == 0);
        if (r->root != NULL && !r->is_root_empty) {
            wb_document_builder_add_root(r->builder, r->root);
        }
        return WB_OK;
    case YAML_SCALAR_EVENT: return read_scalar(r, event);
    case YAML_ALIAS_EVENT: return read_alias(r, event);
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT: return open_container(r, event);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT: return close_container(r);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT: return WB_OK;
    }
    return WB_OK;
}

/* Each event is freed before the next is fetched, on failure too. */
static wb_status read_events(yaml_reader *r, yaml_parser_t *parser)
{
    for (bool is_at_end = false; !is_at_end;) {
        yaml_event_t event;
        if (yaml_parser_parse(parser, &event) == 0) {
            return fail_syntax(r, parser);
        }
        is_at_end = event.type == YAML_STREAM_END_EVENT;
        const wb_status status = take_event(r, &event);
        yaml_event_delete(&event);
        WB_TRY(status);
    }
    return WB_OK;
}

wb_status wb_document_yaml_read(wb_document_builder *builder, const char *text, size_t length)
{
    assert(builder != NULL);
    assert(text != NULL);
    yaml_reader r = {.builder = builder, .text = text, .length = length};
    const size_t invalid = wb_utf8_find_invalid(text, length);
    if (invalid < length) {
        uint32_t line = 0;
        uint32_t column = 0;
        locate(&r, invalid, &line, &column);
        return wb_document_builder_fail(builder, WB_ERR_INPUT, line, column,
                                        "found byte 0x%02x, expected valid UTF-8",
                                        (unsigned char)text[invalid]);
    }
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) {
        return wb_fail(builder->err, WB_ERR_LIMIT, "%s: no memory to read it with", builder->file);
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    wb_arena_init(&r.names, "anchors", 0, NULL);
    wb_intern_init(&r.anchor_ids, &r.names);
    const wb_status status = read_events(&r, &parser);
    wb_intern_release(&r.anchor_ids);
    wb_arena_release(&r.names);
    wb_heap_memory_free(r.anchors);
    yaml_parser_delete(&parser);
    return status;
}
