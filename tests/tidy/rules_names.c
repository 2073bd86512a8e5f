/*
 * Rules about names: every symbol tells its file, every file its noun. Tests may name their own
 * functions as they like as long as these are static.
 */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/tidy/tidy_rule.h"
#include "tests/tidy/tidy_words.h"

#define NAME_LENGTH_MAX 256

/* Files that define more nouns than the one they are named after. */
static const struct {
    const char *path;     /* without its ending; one that ends in _ stands for all that begin so */
    const char *prefixes; /* of further symbols, separated by blanks */
    const char *reason;
} further_nouns[] = {
    {"base/status", "wb_fail", "the word that callers return"},
    {"base/document", "wb_node_", "a document is a tree of nodes"},
    {"kube/label", "wb_toleration_ wb_tolerations_", "the other half of labels and taints"},
    {"kube/decode_", "wb_manifest_decode_", "the manifest's decoder, one body per object"},
    {"kube/policy", "wb_pdb_", "the only policy so far"},
    {"kube/catalog/catalog", "wb_capacity_type_", "a column of its offerings"},
    {"sim/cluster/observer", "wb_cause_", "why something happened, as observers are told"},
    {"sim/store/store", "wb_recorder_ wb_row_", "the writing half of the store"},
    {"sim/store/store_internal", "wb_row_", "rows are how the recorder writes"},
    {"tests/harness", "wb_test_", "what every test program calls"},
    {"tests/tidy/tidy_rule", "wb_tidy_report_", "rules and their report are one contract"},
};

/* Functions whose names others have chosen. */
static const char *const given_names[] = {"main", "LLVMFuzzerTestOneInput"};

/* A name that fits everything says nothing. */
static const char *const vague_stems[] = {
    "util", "utils", "common", "misc", "helper", "helpers", "types", "defs", "global", "globals",
};

/* These occur once per folder, by convention. */
static const char *const repeated_names[] = {"README.md", "CMakeLists.txt"};

static bool is_listed(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* wb_<noun> or wb_<noun>_..., the noun being in the plural or not: label.h is the place to look for
 * wb_labels_with, requirements.h for wb_requirement_has. */
static bool names_noun(const char *symbol, const char *noun, size_t noun_length)
{
    assert(noun_length > 0);
    noun_length -= noun[noun_length - 1] == 's' ? 1 : 0;
    if (strncmp(symbol, "wb_", 3) != 0 || strncmp(symbol + 3, noun, noun_length) != 0) {
        return false;
    }
    const char *rest = symbol + 3 + noun_length;
    rest += *rest == 's' ? 1 : 0;
    return *rest == '_' || *rest == '\0';
}

/* The noun of the file: its stem without _internal. */
static size_t noun_length_of(const wb_source_text *source)
{
    const size_t length = strlen(source->stem);
    return wb_source_text_has_suffix(source->stem, "_internal") ? length - strlen("_internal")
                                                                : length;
}

/* disruption_emptiness.c may define wb_disruption_...: a body split by idea, as disruption.h,
 * disruption_internal.h or disruption.c beside it shows. */
static bool names_noun_of_split_body(const wb_tidy_tree *tree, const wb_source_text *source,
                                     const char *symbol)
{
    for (size_t length = noun_length_of(source); length > 0; length--) {
        if (source->stem[length] != '_' || !names_noun(symbol, source->stem, length)) {
            continue;
        }
        static const char *const endings[] = {".h", "_internal.h", ".c"};
        for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
            char whole[NAME_LENGTH_MAX];
            snprintf(whole, sizeof whole, "%.*s%s", (int)length, source->stem, endings[i]);
            if (wb_tidy_tree_find_beside(tree, source, whole) != NULL) {
                return true;
            }
        }
    }
    return false;
}

/* A header may declare what a body beside it defines under its own noun: a table of contenders, the
 * parts of a split body. */
static bool names_noun_of_body_beside(const wb_tidy_tree *tree, const wb_source_text *source,
                                      const char *symbol)
{
    const size_t folder_length = (size_t)(source->name - source->path);
    for (size_t i = 0; i < tree->count; i++) {
        const wb_source_text *other = &tree->files[i].source;
        if (other->is_c && !other->is_header &&
            (size_t)(other->name - other->path) == folder_length &&
            strncmp(other->path, source->path, folder_length) == 0 &&
            names_noun(symbol, other->stem, strlen(other->stem))) {
            return true;
        }
    }
    return false;
}

static bool has_further_noun(const wb_source_text *source, const char *symbol)
{
    for (size_t i = 0; i < sizeof further_nouns / sizeof *further_nouns; i++) {
        const size_t length = strlen(further_nouns[i].path);
        const bool is_whole = further_nouns[i].path[length - 1] != '_';
        if (strncmp(source->path, further_nouns[i].path, length) == 0 &&
            (!is_whole || source->path[length] == '.') &&
            wb_source_text_has_prefix_of(symbol, further_nouns[i].prefixes)) {
            return true;
        }
    }
    return false;
}

static void check_symbols(const wb_tidy_tree *tree, const wb_tidy_file *file,
                          wb_tidy_report *report)
{
    const wb_source_text *source = &file->source;
    for (size_t i = 0; i < file->outline.count; i++) {
        const wb_source_item *item = &file->outline.items[i];
        const bool is_external =
            item->kind == WB_SOURCE_ITEM_FUNCTION
                ? source->is_header || !item->is_static
                : item->kind == WB_SOURCE_ITEM_DECLARATION && source->is_header;
        if (!is_external ||
            is_listed(item->name, given_names, sizeof given_names / sizeof *given_names) ||
            names_noun(item->name, source->stem, noun_length_of(source)) ||
            has_further_noun(source, item->name) ||
            names_noun_of_split_body(tree, source, item->name) ||
            (source->is_header && names_noun_of_body_beside(tree, source, item->name))) {
            continue;
        }
        wb_tidy_report_add(report, item->first_line, "%s does not tell its file: wb_%.*s_<verb>",
                           item->name, (int)noun_length_of(source), source->stem);
    }
}

/* What a header offers and nobody takes, test or other, is a wish or a leftover. */
static void check_dead(const wb_tidy_tree *tree, const wb_tidy_file *file, wb_tidy_report *report)
{
    for (size_t i = 0; i < file->outline.count && file->source.is_header; i++) {
        const wb_source_item *item = &file->outline.items[i];
        if (item->kind == WB_SOURCE_ITEM_DECLARATION &&
            !wb_tidy_words_is_shared(tree->words, item->name)) {
            wb_tidy_report_add(report, item->first_line, "%s is used by no other file", item->name);
        }
    }
}

static void check_statics(const wb_tidy_tree *tree, const wb_tidy_file *file,
                          wb_tidy_report *report)
{
    (void)tree;
    for (size_t i = 0; i < file->outline.count; i++) {
        const wb_source_item *item = &file->outline.items[i];
        if (item->kind == WB_SOURCE_ITEM_FUNCTION && item->is_static && !file->source.is_header &&
            wb_source_text_has_prefix(item->name, "wb_")) {
            wb_tidy_report_add(report, item->first_line, "%s is static: no prefix", item->name);
        }
    }
}

static void check_typedefs(const wb_tidy_tree *tree, const wb_tidy_file *file,
                           wb_tidy_report *report)
{
    (void)tree;
    for (size_t i = 0; i < file->outline.count; i++) {
        const wb_source_item *item = &file->outline.items[i];
        if (item->kind != WB_SOURCE_ITEM_TYPEDEF) {
            continue;
        }
        if (wb_source_text_has_suffix(item->name, "_t")) {
            wb_tidy_report_add(report, item->first_line, "%s: _t belongs to the C library",
                               item->name);
        }
        if (file->source.is_header && !wb_source_text_has_prefix(item->name, "wb_")) {
            wb_tidy_report_add(report, item->first_line, "%s: a type in a header is wb_<noun>",
                               item->name);
        }
    }
}

static void check_macros(const wb_tidy_tree *tree, const wb_tidy_file *file, wb_tidy_report *report)
{
    (void)tree;
    const wb_source_text *source = &file->source;
    for (uint32_t line = 1; line <= source->line_count; line++) {
        const char *name = source->code + wb_source_text_line_begin(source, line);
        if (!wb_source_text_has_prefix(name, "#define ")) {
            continue;
        }
        name += strlen("#define ");
        size_t length = 0;
        bool is_upper = true;
        while (wb_source_text_is_word_byte(name[length])) {
            is_upper = is_upper && !islower((unsigned char)name[length]);
            length++;
        }
        if (!is_upper) {
            wb_tidy_report_add(report, line, "macro %.*s: in capitals", (int)length, name);
        } else if (source->is_header && !wb_source_text_has_prefix(name, "WB_")) {
            wb_tidy_report_add(report, line, "macro %.*s: WB_ in front", (int)length, name);
        }
    }
}

/* Reports the constants of one enum, which begin behind { and behind each comma. */
static void check_constants_of(const wb_source_text *source, const wb_source_item *item,
                               wb_tidy_report *report)
{
    const char *view = source->statements;
    const char *brace = strchr(view + item->begin, '{');
    if (brace == NULL || brace >= view + item->end) {
        return;
    }
    size_t i = (size_t)(brace - view);
    const size_t close = wb_source_text_closing(source, view, i);
    for (; i < close; i++) {
        if (view[i] == '(') {
            i = wb_source_text_closing(source, view, i);
        }
        if (view[i] != '{' && view[i] != ',') {
            continue;
        }
        const size_t name = wb_source_text_skip_blank(source, view, i + 1);
        size_t length = 0;
        bool is_upper = true;
        while (wb_source_text_is_word_byte(view[name + length])) {
            is_upper = is_upper && !islower((unsigned char)view[name + length]);
            length++;
        }
        const bool has_prefix = !source->is_header || wb_source_text_has_prefix(view + name, "WB_");
        if (length > 0 && (!is_upper || !has_prefix)) {
            wb_tidy_report_add(report, wb_source_text_line(source, name), "constant %.*s: %s",
                               (int)length, view + name,
                               source->is_header ? "WB_UPPER" : "in capitals");
        }
    }
}

static void check_constants(const wb_tidy_tree *tree, const wb_tidy_file *file,
                            wb_tidy_report *report)
{
    (void)tree;
    for (size_t i = 0; i < file->outline.count; i++) {
        if (file->outline.items[i].is_enum) {
            check_constants_of(&file->source, &file->outline.items[i], report);
        }
    }
}

/* Folder and stem name a pair; the stem alone must name it too. */
static bool is_same_pair(const wb_source_text *a, const wb_source_text *b)
{
    const size_t length = (size_t)(a->name - a->path) + strlen(a->stem);
    return (size_t)(b->name - b->path) + strlen(b->stem) == length &&
           strncmp(a->path, b->path, length) == 0;
}

static void check_unique(const wb_tidy_tree *tree, const wb_tidy_file *file, wb_tidy_report *report)
{
    const wb_source_text *own = &file->source;
    if (is_listed(own->name, repeated_names, sizeof repeated_names / sizeof *repeated_names)) {
        return;
    }
    for (size_t i = 0; i < tree->count; i++) {
        const wb_source_text *other = &tree->files[i].source;
        if (other == own) {
            return;
        }
        const bool is_twin = own->is_c && other->is_c ? strcmp(own->stem, other->stem) == 0
                                                      : strcmp(own->name, other->name) == 0;
        if (is_twin && !is_same_pair(own, other)) {
            wb_tidy_report_add(report, 1, "the name is taken by %s", other->path);
        }
    }
}

static void check_vague(const wb_tidy_tree *tree, const wb_tidy_file *file, wb_tidy_report *report)
{
    (void)tree;
    if (is_listed(file->source.stem, vague_stems, sizeof vague_stems / sizeof *vague_stems)) {
        wb_tidy_report_add(report, 1, "'%s' names no noun: a helper lives with what it serves",
                           file->source.stem);
    }
}

static const wb_tidy_rule rules[] = {
    {"symbol", WB_TIDY_SCOPE_C, check_symbols, "an external function is wb_<file's noun>_<verb>"},
    {"dead", WB_TIDY_SCOPE_C, check_dead, "what a header declares, some other file uses"},
    {"static-name", WB_TIDY_SCOPE_C, check_statics, "a static function carries no prefix"},
    {"typedef", WB_TIDY_SCOPE_C, check_typedefs, "a type is wb_<noun>, without _t"},
    {"macro", WB_TIDY_SCOPE_C, check_macros, "a macro is in capitals, in a header WB_UPPER"},
    {"enum-constant", WB_TIDY_SCOPE_C, check_constants, "an enum constant is WB_UPPER"},
    {"unique-name", WB_TIDY_SCOPE_FILES, check_unique, "file names are unique in the tree"},
    {"vague-name", WB_TIDY_SCOPE_C, check_vague, "no utils, no common, no misc"},
};

const wb_tidy_rule *wb_rules_names(size_t *out_count)
{
    assert(out_count != NULL);
    *out_count = sizeof rules / sizeof *rules;
    return rules;
}
