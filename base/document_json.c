/*
 * JSON with places, in one pass over a writable copy of the text.
 *
 * Built for the output of kubectl over whole clusters (hundreds of MB, half of it indentation and
 * short ASCII strings). Strings are not copied: their closing quote becomes the zero byte that ends
 * them, and escapes are resolved where they stand, since no escape is shorter than its character.
 * A number moves one byte to the left, over the byte before it, which is read already, to make room
 * for its zero byte. So everything left of reader.at belongs to nodes, everything right of it is
 * untouched, and a place is a difference of two pointers.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/document_internal.h"
#include "base/utf8.h"

typedef struct frame {
    wb_node *node;
    size_t first_entry; /* of its children in builder->entries */
} frame;

typedef struct json_reader {
    wb_document_builder *builder; /* borrowed */
    char *start, *at, *end;       /* *end is a zero byte */
    char *line_start;
    uint32_t line;
    uint32_t wide_bytes; /* continuation bytes of UTF-8 in this line: columns count characters */
    bool has_zero;       /* the string read last holds a zero byte */
    wb_document_entry pending; /* key of the value to come, with its place; key NULL in lists */
    frame open[WB_DOCUMENT_MAX_DEPTH];
    size_t depth;
} json_reader;

/* Columns count characters, as editors and libyaml do, not bytes. */
static uint32_t column_of(const json_reader *r, const char *at)
{
    return (uint32_t)(at - r->line_start) - r->wide_bytes + 1;
}

/* Fails at r->at with "<what is there>, expected <expected>". */
static wb_status fail_here(const json_reader *r, const char *expected)
{
    char found[32];
    const unsigned char byte = (unsigned char)*r->at;
    const size_t length = wb_utf8_sequence_length(r->at, (size_t)(r->end - r->at));
    if (r->at == r->end) {
        (void)snprintf(found, sizeof(found), "the text ends");
    } else if (byte < ' ' || byte == 0x7f || length == 0) {
        (void)snprintf(found, sizeof(found), "found byte 0x%02x", byte);
    } else {
        (void)snprintf(found, sizeof(found), "found '%.*s'", (int)length, r->at);
    }
    return wb_document_builder_fail(r->builder, WB_ERR_INPUT, r->line, column_of(r, r->at),
                                    "%s, expected %s", found, expected);
}

/* memcpy and not a cast: at may have any alignment. Compilers make one load of it. */
static uint64_t load_word(const char *at)
{
    uint64_t word = 0;
    memcpy(&word, at, sizeof(word));
    return word;
}

/* Half of the bytes that kubectl prints are spaces at the start of lines, so those are skipped by
 * the word. */
static void skip_blanks(json_reader *r)
{
    const uint64_t eight_spaces = UINT64_C(0x2020202020202020);
    char *at = r->at;
    for (;;) {
        if (*at == ' ') {
            at++;
            while (r->end - at >= 8 && load_word(at) == eight_spaces) {
                at += 8;
            }
        } else if (*at == '\n') {
            at++;
            r->line++;
            r->line_start = at;
            r->wide_bytes = 0;
        } else if (*at == '\t' || *at == '\r') {
            at++;
        } else {
            break;
        }
    }
    r->at = at;
}

/* The first byte from at on that ends or interrupts a run of plain characters: a quote, a
 * backslash, a control character (so also the zero byte at the end), or the start of wide UTF-8. */
static char *skip_plain(char *at, const char *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highs = UINT64_C(0x8080808080808080);
    while (end - at >= 8) {
        const uint64_t word = load_word(at);
        const uint64_t quote = word ^ (ones * '"');
        const uint64_t backslash = word ^ (ones * '\\');
        /* The classic test for a byte below n: exact about whether there is one, which is all that
         * the loop asks. */
        const uint64_t special = (word - ones * ' ') | (quote - ones) | (backslash - ones) | word;
        if ((special & highs) != 0) {
            break;
        }
        at += 8;
    }
    while ((signed char)*at >= ' ' && *at != '"' && *at != '\\') {
        at++;
    }
    return at;
}

/* The value of four hexadecimal digits, or -1. */
static int32_t read_hex4(const char *at, const char *end)
{
    if (end - at < 4) {
        return -1;
    }
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        const char c = at[i];
        if (c >= '0' && c <= '9') {
            value = value * 16 + (c - '0');
        } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
            value = value * 16 + ((c | 0x20) - 'a' + 10);
        } else {
            return -1;
        }
    }
    return value;
}

/* Resolves the \u escape at r->at, with its second half where it is a surrogate, to *to. */
static wb_status read_unicode_escape(json_reader *r, char **to)
{
    int32_t code = read_hex4(r->at + 2, r->end);
    size_t length = 6;
    if (code < 0) {
        return fail_here(r, "four hexadecimal digits after \\u");
    }
    if (code >= 0xd800 && code <= 0xdbff) {
        int32_t low = -1;
        if (r->end - r->at >= 12 && r->at[6] == '\\' && r->at[7] == 'u') {
            low = read_hex4(r->at + 8, r->end);
        }
        if (low < 0xdc00 || low > 0xdfff) {
            return fail_here(r, "the second half of a surrogate pair after the first");
        }
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        length = 12;
    } else if (code >= 0xdc00 && code <= 0xdfff) {
        return fail_here(r, "the first half of a surrogate pair before the second");
    }
    r->has_zero = r->has_zero || code == 0;
    char encoded[4];
    const size_t encoded_length = wb_utf8_encode((uint32_t)code, encoded);
    assert(encoded_length <= length); /* so that writing never overtakes reading */
    memcpy(*to, encoded, encoded_length);
    *to += encoded_length;
    r->at += length;
    return WB_OK;
}

/* Resolves the escape at r->at to *to. No escape is shorter than what it stands for (\u and four
 * digits give at most three bytes, a pair of them four), so *to never passes r->at. */
static wb_status read_escape(json_reader *r, char **to)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    assert(*r->at == '\\');
    if (r->at[1] == 'u') {
        return read_unicode_escape(r, to);
    }
    const char *name = r->at[1] == '\0' ? NULL : strchr(names, r->at[1]);
    if (name == NULL) {
        return fail_here(r, "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u after a backslash");
    }
    *(*to)++ = values[name - names];
    r->at += 2;
    return WB_OK;
}

/* Moves the run of plain characters at r->at, or the one wide character there, down to *to. */
static wb_status move_run(json_reader *r, char **to)
{
    char *next = skip_plain(r->at, r->end);
    if (next == r->at) {
        const size_t length = wb_utf8_sequence_length(r->at, (size_t)(r->end - r->at));
        if (length == 0) {
            return fail_here(r, "valid UTF-8");
        }
        next += length;
        r->wide_bytes += (uint32_t)length - 1;
    }
    assert(*to <= r->at && next > r->at);
    memmove(*to, r->at, (size_t)(next - r->at));
    *to += next - r->at;
    r->at = next;
    return WB_OK;
}

/* One step in a string that is not plain: an escape, or a run of characters. */
static wb_status read_string_part(json_reader *r, char **to)
{
    if (*r->at == '\\') {
        return read_escape(r, to);
    }
    if ((unsigned char)*r->at < ' ') {
        return fail_here(r, r->at == r->end ? "'\"' at the end of the string"
                                            : "control characters to be escaped");
    }
    return move_run(r, to);
}

/* Reads on from r->at, where skip_plain stopped short of the end, and moves what follows down to
 * close the gaps that escapes leave. *out_end is then the end of the unescaped string. */
static wb_status read_special_string(json_reader *r, char **out_end)
{
    char *to = r->at;
    while (*r->at != '"') {
        WB_TRY(read_string_part(r, &to));
    }
    *out_end = to;
    return WB_OK;
}

/* Reads the string whose opening quote is at r->at and steps behind its closing one. */
static wb_status read_string(json_reader *r, const char **out, size_t *out_length)
{
    assert(*r->at == '"');
    r->has_zero = false;
    char *start = r->at + 1;
    r->at = skip_plain(start, r->end);
    char *end = r->at;
    if (*r->at != '"') {
        WB_TRY(read_special_string(r, &end));
    }
    assert(*r->at == '"' && end <= r->at);
    r->at++;
    *end = '\0';
    *out = start;
    *out_length = (size_t)(end - start);
    return WB_OK;
}

/* Whether a number or word that ends before c ends there indeed. */
static bool is_delimiter(char c)
{
    return c == '\0' || strchr(" \t\r\n,]}:", c) != NULL;
}

/* Keeps the digits as they are written: which of them count (a quantity, an int64, a double) is the
 * decoder's to say, and a double would lose some of 2^53 and more. */
static wb_status read_number(json_reader *r, wb_node *node)
{
    const size_t length = wb_document_builder_number_length(r->at);
    if (length == 0 || !is_delimiter(r->at[length])) {
        return fail_here(r, "a number such as -1, 0.5 or 2e3");
    }
    if (r->at == r->start || r->at[-1] == '\0') {
        /* No byte to spare: the text starts here, or a string at the top level ended here. */
        node->text = wb_arena_copy_text(r->builder->arena, r->at, length);
    } else {
        memmove(r->at - 1, r->at, length);
        r->at[length - 1] = '\0';
        node->text = r->at - 1;
    }
    node->text_length = length;
    r->at += length;
    return WB_OK;
}

/* The text of true, false and null is a literal, so nothing of the input is touched. */
static wb_status read_word(json_reader *r, wb_node *node)
{
    static const struct {
        const char *text;
        size_t length;
        wb_node_kind kind;
    } words[] = {
        {"true", 4, WB_NODE_BOOL},
        {"false", 5, WB_NODE_BOOL},
        {"null", 4, WB_NODE_NULL},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strncmp(r->at, words[i].text, words[i].length) == 0 &&
            is_delimiter(r->at[words[i].length])) {
            node->kind = words[i].kind;
            node->text = words[i].text;
            node->text_length = words[i].length;
            r->at += words[i].length;
            return WB_OK;
        }
    }
    return fail_here(r, "a value");
}

/* Reads `"key":` to r->pending. */
static wb_status read_key(json_reader *r)
{
    skip_blanks(r);
    if (*r->at != '"') {
        return fail_here(r, "a key in double quotes");
    }
    r->pending.line = r->line;
    r->pending.column = column_of(r, r->at);
    size_t length = 0;
    WB_TRY(read_string(r, &r->pending.key, &length));
    assert(r->has_zero || r->pending.key[length] == '\0');
    if (r->has_zero) {
        return wb_document_builder_fail(r->builder, WB_ERR_INPUT, r->pending.line,
                                        r->pending.column,
                                        "a key holds a zero byte, expected text");
    }
    skip_blanks(r);
    if (*r->at != ':') {
        return fail_here(r, "':' after the key");
    }
    r->at++;
    return WB_OK;
}

/* Steps over the closing bracket and gives the innermost list or map its children. */
static wb_status close_container(json_reader *r)
{
    assert(r->depth > 0);
    const frame closed = r->open[--r->depth];
    r->at++;
    if (closed.node->kind == WB_NODE_MAP) {
        return wb_document_builder_close_map(r->builder, closed.node, closed.first_entry);
    }
    wb_document_builder_close_list(r->builder, closed.node, closed.first_entry);
    return WB_OK;
}

/* Opens the list or map at r->at. *out_is_complete: it is empty and closed again. */
static wb_status open_container(json_reader *r, wb_node *node, bool *out_is_complete)
{
    if (r->depth == WB_DOCUMENT_MAX_DEPTH) {
        return wb_document_builder_fail(r->builder, WB_ERR_LIMIT, node->line, node->column,
                                        "nested more than %d deep, expected at most that",
                                        WB_DOCUMENT_MAX_DEPTH);
    }
    node->kind = *r->at == '{' ? WB_NODE_MAP : WB_NODE_LIST;
    r->open[r->depth++] = (frame){node, r->builder->entry_count};
    r->at++;
    skip_blanks(r);
    *out_is_complete = *r->at == (node->kind == WB_NODE_MAP ? '}' : ']');
    if (*out_is_complete) {
        return close_container(r);
    }
    r->pending = (wb_document_entry){0};
    return node->kind == WB_NODE_MAP ? read_key(r) : WB_OK;
}

/* Steps behind the string at r->at, unread. */
static wb_status skip_string(json_reader *r)
{
    assert(*r->at == '"');
    r->at = skip_plain(r->at + 1, r->end);
    while (*r->at != '"') {
        if (r->at == r->end || (*r->at == '\\' && r->end - r->at < 2)) {
            r->at = r->end;
            return fail_here(r, "'\"' at the end of the string");
        }
        r->wide_bytes += ((unsigned char)*r->at & 0xc0U) == 0x80U ? 1U : 0U;
        r->at = skip_plain(r->at + (*r->at == '\\' ? 2 : 1), r->end);
    }
    r->at++;
    return WB_OK;
}

/* Steps over the string, line end or character at r->at, and counts brackets. */
static wb_status skip_piece(json_reader *r, size_t *depth)
{
    const char c = *r->at;
    if (c == '"') {
        return skip_string(r);
    }
    if (r->at == r->end) {
        return fail_here(r, "the brackets to be closed");
    }
    if (c == '\n') {
        skip_blanks(r);
        return WB_OK;
    }
    *depth += c == '{' || c == '[' ? 1U : 0U;
    *depth -= c == '}' || c == ']' ? 1U : 0U;
    r->at++;
    return WB_OK;
}

/* Steps behind the list or map at r->at, of which nobody wants to know. */
static wb_status skip_container(json_reader *r)
{
    size_t depth = 0;
    do {
        WB_TRY(skip_piece(r, &depth));
    } while (depth > 0);
    return WB_OK;
}

/* Whether the value to come stands under the key that is left out. */
static bool is_skipped(const json_reader *r)
{
    const char *key = r->builder->skipped_key;
    return key != NULL && r->pending.key != NULL && r->pending.key[0] == key[0] &&
           strcmp(r->pending.key, key) == 0;
}

/* Reads the value at r->at: all of a scalar, the opening of a list or map. */
static wb_status read_value(json_reader *r, bool *out_is_complete)
{
    wb_node *node =
        wb_document_builder_node(r->builder, WB_NODE_NULL, r->line, column_of(r, r->at));
    r->pending.node = node;
    wb_document_builder_push(r->builder, r->pending);
    *out_is_complete = true;
    const char c = *r->at;
    if (c == '"') {
        node->kind = WB_NODE_STRING;
        return read_string(r, &node->text, &node->text_length);
    }
    if (c == '{' || c == '[') {
        if (is_skipped(r)) {
            node->kind = c == '{' ? WB_NODE_MAP : WB_NODE_LIST;
            return skip_container(r);
        }
        return open_container(r, node, out_is_complete);
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        node->kind = WB_NODE_NUMBER;
        return read_number(r, node);
    }
    return read_word(r, node);
}

/* After a complete value: closes what closes behind it, and stands before the next one, or at depth
 * 0 when the whole document is read. */
static wb_status go_to_next_value(json_reader *r)
{
    while (r->depth > 0) {
        const bool in_map = r->open[r->depth - 1].node->kind == WB_NODE_MAP;
        skip_blanks(r);
        if (*r->at == ',') {
            r->at++;
            r->pending = (wb_document_entry){0};
            return in_map ? read_key(r) : WB_OK;
        }
        if (*r->at != (in_map ? '}' : ']')) {
            return fail_here(r, in_map ? "',' or '}'" : "',' or ']'");
        }
        WB_TRY(close_container(r));
    }
    return WB_OK;
}

/* Reads the value at r->at as far as it goes and steps to the next one. */
static wb_status read_step(json_reader *r)
{
    bool is_complete = false;
    skip_blanks(r);
    WB_TRY(read_value(r, &is_complete));
    return is_complete ? go_to_next_value(r) : WB_OK;
}

/* Reads the document at r->at. */
static wb_status read_document(json_reader *r)
{
    assert(r->depth == 0 && r->builder->entry_count == 0);
    r->pending = (wb_document_entry){0};
    do {
        WB_TRY(read_step(r));
    } while (r->depth > 0);
    assert(r->builder->entry_count == 1);
    wb_document_builder_add_root(r->builder, r->builder->entries[0].node);
    r->builder->entry_count = 0;
    return WB_OK;
}

wb_status wb_document_json_read(wb_document_builder *builder, char *text, size_t length)
{
    assert(builder != NULL && text != NULL);
    assert(text[length] == '\0');
    json_reader r = {.builder = builder, .start = text, .at = text, .end = text + length};
    r.line_start = text;
    r.line = 1;
    for (skip_blanks(&r); r.at < r.end; skip_blanks(&r)) {
        WB_TRY(read_document(&r));
    }
    return WB_OK;
}
