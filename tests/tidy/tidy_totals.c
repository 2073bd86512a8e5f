#include "tests/tidy/tidy_totals.h"

#include <assert.h>

#include "base/sort.h"

static int compare_lengths(const void *a, const void *b, void *context)
{
    (void)context;
    const uint32_t left = *(const uint32_t *)a;
    const uint32_t right = *(const uint32_t *)b;
    return left < right ? -1 : left > right ? 1 : 0;
}

static size_t count_words(const wb_source_text *source, const char *word)
{
    size_t count = 0;
    size_t at = wb_source_text_find_word(source, source->statements, 0, word);
    while (at < source->length) {
        count++;
        at = wb_source_text_find_word(source, source->statements, at + 1, word);
    }
    return count;
}

static void add_lines(wb_tidy_totals *totals, const wb_source_text *source)
{
    for (uint32_t line = 1; line <= source->line_count; line++) {
        const size_t begin = wb_source_text_line_begin(source, line);
        const size_t end = wb_source_text_line_end(source, line);
        totals->line_count += wb_source_text_is_blank(source->text, begin, end) ? 0 : 1;
        totals->comment_line_count += wb_source_text_is_blank(source->comments, begin, end) ? 0 : 1;
    }
}

/* Appends the lengths of the file's functions to lengths. */
static void add_functions(wb_tidy_totals *totals, const wb_source_outline *outline,
                          uint32_t *lengths)
{
    for (size_t i = 0; i < outline->count; i++) {
        const wb_source_item *item = &outline->items[i];
        if (item->kind == WB_SOURCE_ITEM_FUNCTION) {
            const uint32_t length = item->last_line - item->first_line + 1;
            totals->long_function_count += length > WB_TIDY_LONG_FUNCTION ? 1 : 0;
            lengths[totals->function_count++] = length;
        }
    }
}

static size_t item_count_of(const wb_tidy_tree *tree)
{
    size_t count = 0;
    for (size_t i = 0; i < tree->count; i++) {
        count += tree->files[i].outline.count;
    }
    return count;
}

void wb_tidy_totals_init(wb_tidy_totals *out, const wb_tidy_tree *tree, const char *folders)
{
    assert(out != NULL && tree != NULL && folders != NULL);
    *out = (wb_tidy_totals){.file_count = 0};
    uint32_t *lengths = WB_ARENA_ARRAY(tree->arena, uint32_t, item_count_of(tree) + 1);
    for (size_t i = 0; i < tree->count; i++) {
        const wb_tidy_file *file = &tree->files[i];
        if (file->source.is_c && wb_source_text_has_prefix_of(file->source.path, folders)) {
            out->file_count++;
            out->assert_count +=
                count_words(&file->source, "assert") + count_words(&file->source, "static_assert");
            add_lines(out, &file->source);
            add_functions(out, &file->outline, lengths);
        }
    }
    const size_t count = out->function_count;
    if (count > 0) {
        wb_sort_stable(lengths, count, sizeof *lengths, compare_lengths, NULL);
        out->lines_median = lengths[count / 2];
        out->lines_p90 = lengths[(count * 9) / 10];
        out->lines_max = lengths[count - 1];
    }
}

static double ratio(double factor, size_t part, size_t whole)
{
    return whole == 0 ? 0.0 : factor * (double)part / (double)whole;
}

double wb_tidy_totals_comment_percent(const wb_tidy_totals *totals)
{
    assert(totals->comment_line_count <= totals->line_count);
    return ratio(100.0, totals->comment_line_count, totals->line_count);
}

double wb_tidy_totals_long_function_percent(const wb_tidy_totals *totals)
{
    assert(totals->long_function_count <= totals->function_count);
    return ratio(100.0, totals->long_function_count, totals->function_count);
}

double wb_tidy_totals_asserts_per_1000(const wb_tidy_totals *totals)
{
    return ratio(1000.0, totals->assert_count, totals->line_count);
}
