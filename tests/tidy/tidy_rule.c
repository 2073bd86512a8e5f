#include "tests/tidy/tidy_rule.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/tidy/tidy_words.h"

typedef const wb_tidy_rule *(*rule_table)(size_t *out_count);

static const rule_table tables[] = {
    wb_rules_layout, wb_rules_includes, wb_rules_names, wb_rules_functions, wb_rules_words,
};

void wb_tidy_report_init(wb_tidy_report *report, wb_arena *arena)
{
    assert(report != NULL && arena != NULL);
    *report = (wb_tidy_report){.arena = arena};
}

void wb_tidy_report_add(wb_tidy_report *report, uint32_t line, const char *fmt, ...)
{
    assert(report->rule != NULL && report->path != NULL);
    char message[512];
    va_list arguments;
    va_start(arguments, fmt);
    vsnprintf(message, sizeof message, fmt, arguments);
    va_end(arguments);
    if (report->count == report->capacity) {
        const size_t capacity = report->capacity < 64 ? 64 : 2 * report->capacity;
        report->findings = wb_arena_grow(report->arena, report->findings, report->count, capacity,
                                         sizeof *report->findings);
        report->capacity = capacity;
    }
    report->findings[report->count++] =
        (wb_tidy_finding){.rule = report->rule,
                          .path = report->path,
                          .line = line,
                          .message = wb_arena_copy_string(report->arena, message)};
}

size_t wb_tidy_report_rule_count(const wb_tidy_report *report, const char *rule)
{
    assert(report != NULL && rule != NULL);
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++) {
        count += strcmp(report->findings[i].rule, rule) == 0 ? 1 : 0;
    }
    return count;
}

size_t wb_tidy_rule_count(void)
{
    size_t total = 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        size_t count = 0;
        (void)tables[i](&count);
        total += count;
    }
    return total;
}

const wb_tidy_rule *wb_tidy_rule_at(size_t index)
{
    assert(index < wb_tidy_rule_count());
    size_t count = 0;
    size_t table = 0;
    const wb_tidy_rule *rules = tables[0](&count);
    while (index >= count) {
        index -= count;
        rules = tables[++table](&count);
    }
    return &rules[index];
}

static bool is_in_scope(const wb_tidy_rule *rule, const wb_source_text *source)
{
    switch (rule->scope) {
    case WB_TIDY_SCOPE_C: return source->is_c;
    case WB_TIDY_SCOPE_CODE: return !wb_source_text_has_suffix(source->name, ".md");
    case WB_TIDY_SCOPE_FILES: return true;
    }
    return false;
}

void wb_tidy_rule_run_all(const wb_tidy_tree *tree, wb_tidy_report *report)
{
    assert(tree != NULL && report != NULL);
    wb_tidy_words words;
    wb_tidy_words_init(&words, tree);
    wb_tidy_tree indexed = *tree;
    indexed.words = &words;
    for (size_t i = 0; i < indexed.count; i++) {
        const wb_tidy_file *file = &indexed.files[i];
        report->path = file->source.path;
        for (size_t r = 0; r < wb_tidy_rule_count(); r++) {
            const wb_tidy_rule *rule = wb_tidy_rule_at(r);
            report->rule = rule->name;
            if (is_in_scope(rule, &file->source)) {
                rule->check(&indexed, file, report);
            }
        }
    }
    wb_tidy_words_release(&words);
}
