/*
 * Rules about functions: their size and shape, and that a header says what each is for. Lines are
 * counted from the signature's first to the closing brace, both included.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "tests/tidy/tidy_rule.h"

#define FUNCTION_LINE_MAX 70
#define PARAMETER_MAX     6
#define NESTING_MAX       4

/* Flat tables and switches that may be longer, each with its reason. Empty so far. */
static const struct {
    const char *path, *function, *reason;
} long_functions[] = {
    {"", "", ""},
};

static bool may_be_long(const wb_source_text *source, const wb_source_item *item)
{
    for (size_t i = 0; i < sizeof long_functions / sizeof *long_functions; i++) {
        if (strcmp(long_functions[i].path, source->path) == 0 &&
            strcmp(long_functions[i].function, item->name) == 0) {
            return true;
        }
    }
    return false;
}

static void check_length(const wb_tidy_tree *tree, const wb_tidy_file *file, wb_tidy_report *report)
{
    (void)tree;
    for (size_t i = 0; i < file->outline.count; i++) {
        const wb_source_item *item = &file->outline.items[i];
        const uint32_t length = item->last_line - item->first_line + 1;
        if (item->kind == WB_SOURCE_ITEM_FUNCTION && length > FUNCTION_LINE_MAX &&
            !may_be_long(&file->source, item)) {
            wb_tidy_report_add(report, item->first_line, "%s has %u lines, at most %d", item->name,
                               length, FUNCTION_LINE_MAX);
        }
    }
}

static void check_parameters(const wb_tidy_tree *tree, const wb_tidy_file *file,
                             wb_tidy_report *report)
{
    (void)tree;
    for (size_t i = 0; i < file->outline.count; i++) {
        const wb_source_item *item = &file->outline.items[i];
        if (item->parameter_count > PARAMETER_MAX) {
            wb_tidy_report_add(report, item->first_line,
                               "%s has %u parameters, at most %d: take a struct", item->name,
                               item->parameter_count, PARAMETER_MAX);
        }
    }
}

/* A { that opens a block rather than a compound literal, (type){...}, or an initialiser. */
static bool opens_block(const char *view, size_t brace)
{
    assert(brace > 0 && view[brace] == '{');
    const char before = wb_source_text_byte_before(view, brace);
    if (before == ')') {
        return view[brace - 1] != ')';
    }
    return strchr(";{}:", before) != NULL || wb_source_text_is_word_byte(before);
}

/* The line of the first block that lies too deep, or 0. */
static uint32_t first_too_deep(const wb_source_text *source, const wb_source_item *item)
{
    const char *view = source->statements;
    bool is_block[256] = {false};
    size_t open_count = 0;
    int depth = 0;
    for (size_t i = item->body_begin + 1; i < item->end - 1; i++) {
        if (view[i] == '{' && open_count < sizeof is_block) {
            is_block[open_count] = opens_block(view, i);
            depth += is_block[open_count] ? 1 : 0;
            open_count++;
            if (depth > NESTING_MAX) {
                return wb_source_text_line(source, i);
            }
        }
        if (view[i] == '}' && open_count > 0) {
            open_count--;
            depth -= is_block[open_count] ? 1 : 0;
        }
    }
    return 0;
}

static void check_nesting(const wb_tidy_tree *tree, const wb_tidy_file *file,
                          wb_tidy_report *report)
{
    (void)tree;
    for (size_t i = 0; i < file->outline.count; i++) {
        const wb_source_item *item = &file->outline.items[i];
        const uint32_t line =
            item->kind == WB_SOURCE_ITEM_FUNCTION ? first_too_deep(&file->source, item) : 0;
        if (line > 0) {
            wb_tidy_report_add(report, line, "%s nests more than %d blocks", item->name,
                               NESTING_MAX);
        }
    }
}

/* Offset of what a control word governs: behind its parentheses, if it has any. */
static size_t governed(const wb_source_text *source, size_t at, const char *word)
{
    const char *view = source->statements;
    const size_t next = wb_source_text_skip_blank(source, view, at + strlen(word));
    if (next < source->length && view[next] == '(' && strcmp(word, "else") != 0 &&
        strcmp(word, "do") != 0) {
        const size_t close = wb_source_text_closing(source, view, next);
        return wb_source_text_skip_blank(source, view, close < source->length ? close + 1 : close);
    }
    return next;
}

static void check_braces(const wb_tidy_tree *tree, const wb_tidy_file *file, wb_tidy_report *report)
{
    (void)tree;
    static const char *const words[] = {"if", "else", "for", "while", "do"};
    const wb_source_text *source = &file->source;
    const char *view = source->statements;
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        size_t at = wb_source_text_find_word(source, view, 0, words[w]);
        while (at < source->length) {
            const size_t next = governed(source, at, words[w]);
            const bool is_else_if = strcmp(words[w], "else") == 0 &&
                                    wb_source_text_find_word(source, view, next, "if") == next;
            const bool ends_do = strcmp(words[w], "while") == 0 && view[next] == ';' &&
                                 wb_source_text_byte_before(view, at) == '}';
            if (view[next] != '{' && !is_else_if && !ends_do) {
                wb_tidy_report_add(report, wb_source_text_line(source, at), "%s without braces",
                                   words[w]);
            }
            at = wb_source_text_find_word(source, view, at + 1, words[w]);
        }
    }
}

/* A comment directly above, or on the item's last line. */
static bool has_comment(const wb_source_text *source, const wb_source_item *item)
{
    const size_t last_begin = wb_source_text_line_begin(source, item->last_line);
    const size_t last_end = wb_source_text_line_end(source, item->last_line);
    if (!wb_source_text_is_blank(source->comments, last_begin, last_end)) {
        return true;
    }
    if (item->first_line == 1) {
        return false;
    }
    const size_t begin = wb_source_text_line_begin(source, item->first_line - 1);
    const size_t end = wb_source_text_line_end(source, item->first_line - 1);
    return !wb_source_text_is_blank(source->comments, begin, end) &&
           wb_source_text_is_blank(source->code, begin, end);
}

/* One comment serves a group of declarations that no empty line parts. */
static void check_documented(const wb_tidy_tree *tree, const wb_tidy_file *file,
                             wb_tidy_report *report)
{
    (void)tree;
    if (!file->source.is_header) {
        return;
    }
    uint32_t group_line = 0; /* the last line of the documented group so far; 0: none */
    for (size_t i = 0; i < file->outline.count; i++) {
        const wb_source_item *item = &file->outline.items[i];
        const bool is_documented = has_comment(&file->source, item) ||
                                   (group_line > 0 && item->first_line == group_line + 1);
        group_line = is_documented ? item->last_line : 0;
        if (!is_documented && item->kind == WB_SOURCE_ITEM_DECLARATION) {
            wb_tidy_report_add(report, item->first_line, "%s: no comment above says what it does",
                               item->name);
        }
    }
}

static const wb_tidy_rule rules[] = {
    {"function-length", WB_TIDY_SCOPE_C, check_length, "a function has at most 70 lines"},
    {"parameters", WB_TIDY_SCOPE_C, check_parameters, "a function has at most 6 parameters"},
    {"nesting", WB_TIDY_SCOPE_C, check_nesting, "blocks nest at most 4 deep"},
    {"braces", WB_TIDY_SCOPE_C, check_braces, "if, else, for, while and do have braces"},
    {"documented", WB_TIDY_SCOPE_C, check_documented, "a header says what each function does"},
};

const wb_tidy_rule *wb_rules_functions(size_t *out_count)
{
    assert(out_count != NULL);
    *out_count = sizeof rules / sizeof *rules;
    return rules;
}
