#include "tests/tidy/source_outline.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

/* One item while its end is being looked for. */
typedef struct item_scan {
    size_t begin, end;
    size_t open_brace;   /* the { that may begin a body; 0: none yet */
    bool has_assignment; /* a = outside all brackets: an initialiser, never a function */
    bool has_body;
} item_scan;

static size_t word_end(const char *view, size_t offset)
{
    while (wb_source_text_is_word_byte(view[offset])) {
        offset++;
    }
    return offset;
}

static bool begins_with_word(const char *view, size_t offset, const char *word)
{
    const size_t length = strlen(word);
    return strncmp(view + offset, word, length) == 0 &&
           !wb_source_text_is_word_byte(view[offset + length]);
}

/* A body follows its parameter list; the braces of structs, enums and initialisers do not. */
static bool opens_body(const wb_source_text *source, const item_scan *scan, size_t brace)
{
    return !scan->has_assignment &&
           wb_source_text_byte_before(source->statements + scan->begin, brace - scan->begin) == ')';
}

/* Finds the end of the item that begins at scan->begin. */
static void find_item_end(const wb_source_text *source, item_scan *scan)
{
    const char *view = source->statements;
    for (size_t i = scan->begin; i < source->length; i++) {
        if (view[i] == ';') {
            scan->end = i + 1;
            return;
        }
        scan->has_assignment = scan->has_assignment || view[i] == '=';
        if (view[i] == '{' && opens_body(source, scan, i)) {
            scan->open_brace = i;
            scan->has_body = true;
            scan->end = wb_source_text_closing(source, view, i) + 1;
            return;
        }
        if (view[i] == '{' || view[i] == '(' || view[i] == '[') {
            i = wb_source_text_closing(source, view, i);
        }
    }
    scan->end = source->length;
}

/* NODE_ATTRIBUTE(3, 4), __attribute__((...)) and assertions look like calls but name nothing. */
static bool names_no_function(const char *view, size_t begin, size_t end)
{
    if (begins_with_word(view, begin, "__attribute__") ||
        begins_with_word(view, begin, "static_assert") ||
        begins_with_word(view, begin, "_Static_assert")) {
        return true;
    }
    for (size_t i = begin; i < end; i++) {
        if (islower((unsigned char)view[i])) {
            return false;
        }
    }
    return true;
}

/* The ( of the parameter list of the function that the item declares; its end when it declares
 * none. *out_name is the offset of the function's name. */
static size_t find_parameters(const wb_source_text *source, const item_scan *scan, size_t *out_name)
{
    const char *view = source->statements;
    size_t i = scan->begin;
    while (i < scan->end && view[i] != '=' && view[i] != '{') {
        if (!wb_source_text_is_word_byte(view[i])) {
            i++;
            continue;
        }
        const size_t end = word_end(view, i);
        const size_t next = wb_source_text_skip_blank(source, view, end);
        if (next >= scan->end || view[next] != '(') {
            i = end;
            continue;
        }
        if (!names_no_function(view, i, end)) {
            const size_t inside = wb_source_text_skip_blank(source, view, next + 1);
            *out_name = i;
            return view[inside] == '*' ? scan->end : next; /* type (*variable)(...) */
        }
        i = wb_source_text_closing(source, view, next) + 1;
    }
    return scan->end;
}

static uint32_t count_parameters(const wb_source_text *source, size_t open)
{
    const char *view = source->statements;
    const size_t close = wb_source_text_closing(source, view, open);
    const size_t first = wb_source_text_skip_blank(source, view, open + 1);
    if (first >= close || (begins_with_word(view, first, "void") &&
                           wb_source_text_skip_blank(source, view, first + 4) == close)) {
        return 0;
    }
    uint32_t count = 1;
    for (size_t i = open + 1; i < close; i++) {
        if (view[i] == '(' || view[i] == '[') {
            i = wb_source_text_closing(source, view, i);
        }
        count += view[i] == ',' ? 1U : 0U;
    }
    return count;
}

/* The word that ends at or before offset, in the arena. */
static const char *copy_word_before(wb_arena *arena, const char *view, size_t begin, size_t offset)
{
    while (offset > begin && !wb_source_text_is_word_byte(view[offset - 1])) {
        offset--;
    }
    size_t first = offset;
    while (first > begin && wb_source_text_is_word_byte(view[first - 1])) {
        first--;
    }
    return wb_arena_copy_text(arena, view + first, offset - first);
}

/* typedef int (*name)(int); typedef struct { ... } name; typedef char name[4]; */
static const char *typedef_name(wb_arena *arena, const wb_source_text *source,
                                const item_scan *scan)
{
    const char *view = source->statements;
    const char *star = strstr(view + scan->begin, "(*");
    const char *brace = strchr(view + scan->begin, '{');
    const char *end = view + scan->end;
    if (star != NULL && star < end && (brace == NULL || star < brace)) {
        const size_t first = (size_t)(star - view) + 2;
        return wb_arena_copy_text(arena, view + first, word_end(view, first) - first);
    }
    size_t end_of_name = scan->end - 1;
    while (wb_source_text_byte_before(view, end_of_name) == ']') {
        while (end_of_name > scan->begin && view[--end_of_name] != '[') {}
    }
    return copy_word_before(arena, view, scan->begin, end_of_name);
}

static wb_source_item describe(const wb_source_text *source, wb_arena *arena, const item_scan *scan)
{
    const char *view = source->statements;
    wb_source_item item = {.kind = WB_SOURCE_ITEM_OTHER,
                           .name = "",
                           .begin = scan->begin,
                           .end = scan->end,
                           .body_begin = scan->begin,
                           .first_line = wb_source_text_line(source, scan->begin),
                           .last_line = wb_source_text_line(source, scan->end - 1)};
    const bool is_typedef = begins_with_word(view, scan->begin, "typedef");
    const size_t type =
        is_typedef ? wb_source_text_skip_blank(source, view, scan->begin + 7) : scan->begin;
    item.is_static = wb_source_text_find_word(source, view, scan->begin, "static") < scan->end;
    item.is_enum = begins_with_word(view, type, "enum");
    if (is_typedef) {
        item.kind = WB_SOURCE_ITEM_TYPEDEF;
        item.name = typedef_name(arena, source, scan);
        return item;
    }
    size_t name = 0;
    const size_t open = find_parameters(source, scan, &name);
    if (open < scan->end) {
        item.kind = scan->has_body ? WB_SOURCE_ITEM_FUNCTION : WB_SOURCE_ITEM_DECLARATION;
        item.name = wb_arena_copy_text(arena, view + name, word_end(view, name) - name);
        item.body_begin = scan->has_body ? scan->open_brace : scan->begin;
        item.is_static = wb_source_text_find_word(source, view, scan->begin, "static") < name;
        item.parameter_count = count_parameters(source, open);
    }
    return item;
}

void wb_source_outline_init(wb_source_outline *out, wb_arena *arena, const wb_source_text *source)
{
    assert(out != NULL && source->statements != NULL);
    *out = (wb_source_outline){.items = NULL};
    size_t offset = wb_source_text_skip_blank(source, source->statements, 0);
    while (offset < source->length) {
        item_scan scan = {.begin = offset};
        find_item_end(source, &scan);
        scan.end = scan.end < source->length ? scan.end : source->length;
        if (out->count == out->capacity) {
            const size_t capacity = out->capacity < 16 ? 16 : 2 * out->capacity;
            out->items = wb_arena_grow(arena, out->items, out->count, capacity, sizeof *out->items);
            out->capacity = capacity;
        }
        out->items[out->count++] = describe(source, arena, &scan);
        assert(scan.end > offset);
        offset = wb_source_text_skip_blank(source, source->statements, scan.end);
    }
}
