/*
 * Rules about files as text: what clang-format leaves alone, and what holds for scripts too. Widths
 * are counted in characters, not bytes, since comments draw.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "tests/tidy/tidy_rule.h"

#define COLUMN_MAX    100
#define FILE_LINE_MAX 800

static size_t column_count(const char *text, size_t begin, size_t end)
{
    size_t count = 0;
    for (size_t i = begin; i < end; i++) {
        const bool is_continuation = ((unsigned char)text[i] & 0xC0U) == 0x80U;
        count += is_continuation ? 0 : 1;
    }
    return count;
}

static void check_columns(const wb_tidy_tree *tree, const wb_tidy_file *file,
                          wb_tidy_report *report)
{
    (void)tree;
    const wb_source_text *source = &file->source;
    for (uint32_t line = 1; line <= source->line_count; line++) {
        const size_t columns = column_count(source->text, wb_source_text_line_begin(source, line),
                                            wb_source_text_line_end(source, line));
        if (columns > COLUMN_MAX) {
            wb_tidy_report_add(report, line, "%zu columns, at most %d", columns, COLUMN_MAX);
        }
    }
}

static void check_blanks(const wb_tidy_tree *tree, const wb_tidy_file *file, wb_tidy_report *report)
{
    (void)tree;
    const wb_source_text *source = &file->source;
    for (uint32_t line = 1; line <= source->line_count; line++) {
        const size_t begin = wb_source_text_line_begin(source, line);
        const size_t end = wb_source_text_line_end(source, line);
        if (memchr(source->text + begin, '\t', end - begin) != NULL) {
            wb_tidy_report_add(report, line, "a tab");
        }
        if (end > begin && strchr(" \t\r", source->text[end - 1]) != NULL) {
            wb_tidy_report_add(report, line, "blanks at the end of the line");
        }
    }
    if (source->length > 0 && source->text[source->length - 1] != '\n') {
        wb_tidy_report_add(report, source->line_count, "no line end at the end of the file");
    }
}

static void check_file_length(const wb_tidy_tree *tree, const wb_tidy_file *file,
                              wb_tidy_report *report)
{
    (void)tree;
    if (file->source.line_count > FILE_LINE_MAX) {
        wb_tidy_report_add(report, FILE_LINE_MAX + 1, "%u lines, at most %d: split it by idea",
                           file->source.line_count, FILE_LINE_MAX);
    }
}

/* A header says what it is; so does a body that has no header to say it. A test says it by its
 * table. */
static void check_head(const wb_tidy_tree *tree, const wb_tidy_file *file, wb_tidy_report *report)
{
    const wb_source_text *source = &file->source;
    char header[256];
    snprintf(header, sizeof header, "%s.h", source->stem);
    const bool is_exempt =
        wb_source_text_has_prefix(source->name, "test_") ||
        (!source->is_header && wb_tidy_tree_find_beside(tree, source, header) != NULL);
    const size_t first = wb_source_text_skip_blank(source, source->text, 0);
    if (!is_exempt && (first >= source->length || source->comments[first] == ' ')) {
        wb_tidy_report_add(report, 1, "no comment that says what this file is");
    }
}

static const wb_tidy_rule rules[] = {
    {"columns", WB_TIDY_SCOPE_CODE, check_columns, "a line has at most 100 columns"},
    {"blanks", WB_TIDY_SCOPE_CODE, check_blanks,
     "no tabs, nothing blank at a line's end, a line end at the file's end"},
    {"file-length", WB_TIDY_SCOPE_CODE, check_file_length, "a file has at most 800 lines"},
    {"head", WB_TIDY_SCOPE_C, check_head, "a file begins by saying what it is"},
};

const wb_tidy_rule *wb_rules_layout(size_t *out_count)
{
    assert(out_count != NULL);
    *out_count = sizeof rules / sizeof *rules;
    return rules;
}
