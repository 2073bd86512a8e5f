/*
 * Rules about what includes what: the floors of the house, read from the include lines. The order
 * of the table below is the order of the floors; a file may include its own and what lies under it.
 */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/tidy/tidy_rule.h"

#define NAME_LENGTH_MAX 256

/* From the ground up; the longest matching prefix decides. */
static const char *const floors[] = {
    "base/",         "kube/",      "solver/",         "traces/",     "sim/kernel/",
    "sim/cluster/",  "sim/cloud/", "sim/autoscaler/", "sim/store/",  "sim/",
    "scenarios/",    "bench/",     "tools/runs/",     "tools/plot/", "tools/report/",
    "tools/export/", "tools/",     "tests/",
};

/* Headers that only some folders may know; homes are prefixes, separated by blanks. */
static const struct {
    const char *header, *homes, *reason;
} homes[] = {
    {"sqlite3.h", "sim/store/ traces/import_azure.c tests/", "the database is sim/store's"},
    {"yaml.h", "base/ tests/", "documents are read by base/document"},
    {"zstd.h", "base/ tests/", "packed files are read and written in base/"},
    {"zlib.h", "base/ tests/", "packed files are read in base/"},
    {"xxhash.h", "base/ tests/", "fingerprints are made by base/digest"},
    {"glpk.h", "solver/ tests/", "linear programs are solved by solver/linear_program"},
    {"ncurses.h", "tools/", "the terminal is tools/'"},
    {"cjson/cJSON.h", "tools/ tests/", "JSON for programs is printed by tools/"},
    {"pthread.h", "bench/ tests/", "one simulation is one thread"},
};

/* The solver makes pure decisions: what it must not even be able to ask for. */
static const char *const barred_from_solver[] = {
    "time.h",
    "unistd.h",
    "pthread.h",
    "base/file.h",
    "base/line_reader.h",
    "base/file_writer.h",
    "base/byte_source.h",
    "base/random.h",
};

typedef struct include_line {
    char name[NAME_LENGTH_MAX];
    bool is_quoted; /* "name", not <name> */
} include_line;

/* Whether the line is an include; fills out when it is. */
static bool read_include(const wb_source_text *source, uint32_t line, include_line *out)
{
    const size_t end = wb_source_text_line_end(source, line);
    size_t i =
        wb_source_text_skip_blank(source, source->code, wb_source_text_line_begin(source, line));
    if (i >= end || source->code[i] != '#') {
        return false;
    }
    i = wb_source_text_skip_blank(source, source->code, i + 1);
    if (!wb_source_text_has_prefix(source->code + i, "include")) {
        return false;
    }
    i = wb_source_text_skip_blank(source, source->code, i + strlen("include"));
    if (i >= end || (source->text[i] != '"' && source->text[i] != '<')) {
        return false;
    }
    out->is_quoted = source->text[i] == '"';
    const size_t length = strcspn(source->text + i + 1, "\">\n");
    snprintf(out->name, sizeof out->name, "%.*s", (int)length, source->text + i + 1);
    return true;
}

/* The floor's number, or -1 outside the house. */
static int floor_of(const char *path)
{
    int best = -1;
    size_t best_length = 0;
    for (size_t i = 0; i < sizeof floors / sizeof *floors; i++) {
        const size_t length = strlen(floors[i]);
        if (wb_source_text_has_prefix(path, floors[i]) && length > best_length) {
            best = (int)i;
            best_length = length;
        }
    }
    return best;
}

static void check_floors(const wb_tidy_tree *tree, const wb_tidy_file *file, wb_tidy_report *report)
{
    (void)tree;
    const int own = floor_of(file->source.path);
    if (own < 0) {
        wb_tidy_report_add(report, 1, "stands on no floor of the house");
        return;
    }
    for (uint32_t line = 1; line <= file->source.line_count; line++) {
        include_line include;
        if (read_include(&file->source, line, &include) && include.is_quoted &&
            floor_of(include.name) > own) {
            wb_tidy_report_add(report, line, "'%s' is on a higher floor than %s", include.name,
                               floors[own]);
        }
    }
}

static void check_include_paths(const wb_tidy_tree *tree, const wb_tidy_file *file,
                                wb_tidy_report *report)
{
    for (uint32_t line = 1; line <= file->source.line_count; line++) {
        include_line include;
        if (!read_include(&file->source, line, &include)) {
            continue;
        }
        if (strstr(include.name, "..") != NULL) {
            wb_tidy_report_add(report, line, "'%s' climbs: write the path from the root",
                               include.name);
        } else if (include.is_quoted && wb_tidy_tree_find(tree, include.name) == NULL) {
            wb_tidy_report_add(report, line, "there is no '%s' under the root", include.name);
        }
    }
}

/* x_internal.h is for the bodies beside it, and for tests of the same noun. */
static void check_internal_headers(const wb_tidy_tree *tree, const wb_tidy_file *file,
                                   wb_tidy_report *report)
{
    (void)tree;
    const wb_source_text *source = &file->source;
    const size_t folder_length = (size_t)(source->name - source->path);
    for (uint32_t line = 1; line <= source->line_count; line++) {
        include_line include;
        if (!read_include(source, line, &include) ||
            !wb_source_text_has_suffix(include.name, "_internal.h")) {
            continue;
        }
        const char *slash = strrchr(include.name, '/');
        const size_t length = slash != NULL ? (size_t)(slash + 1 - include.name) : 0;
        const bool is_sibling =
            length == folder_length && strncmp(source->path, include.name, length) == 0;
        if (!is_sibling && !wb_source_text_has_prefix(source->path, "tests/")) {
            wb_tidy_report_add(report, line, "'%s' is only for the files beside it", include.name);
        }
    }
}

/* The body's own header comes first: that proves that the header stands alone. */
static void check_own_header(const wb_tidy_tree *tree, const wb_tidy_file *file,
                             wb_tidy_report *report)
{
    const wb_source_text *source = &file->source;
    char own[NAME_LENGTH_MAX];
    snprintf(own, sizeof own, "%s.h", source->stem);
    if (source->is_header || wb_tidy_tree_find_beside(tree, source, own) == NULL) {
        return;
    }
    snprintf(own, sizeof own, "%.*sh", (int)strlen(source->path) - 1, source->path);
    for (uint32_t line = 1; line <= source->line_count; line++) {
        include_line include;
        if (read_include(source, line, &include)) {
            if (strcmp(include.name, own) != 0) {
                wb_tidy_report_add(report, line, "the first include must be '%s'", own);
            }
            return;
        }
    }
}

static void check_homes(const wb_tidy_tree *tree, const wb_tidy_file *file, wb_tidy_report *report)
{
    (void)tree;
    for (uint32_t line = 1; line <= file->source.line_count; line++) {
        include_line include;
        if (!read_include(&file->source, line, &include)) {
            continue;
        }
        for (size_t i = 0; i < sizeof homes / sizeof *homes; i++) {
            if (strcmp(include.name, homes[i].header) == 0 &&
                !wb_source_text_has_prefix_of(file->source.path, homes[i].homes)) {
                wb_tidy_report_add(report, line, "<%s> is for %s only: %s", include.name,
                                   homes[i].homes, homes[i].reason);
            }
        }
    }
}

static void check_solver(const wb_tidy_tree *tree, const wb_tidy_file *file, wb_tidy_report *report)
{
    (void)tree;
    if (!wb_source_text_has_prefix(file->source.path, "solver/")) {
        return;
    }
    for (uint32_t line = 1; line <= file->source.line_count; line++) {
        include_line include;
        if (!read_include(&file->source, line, &include)) {
            continue;
        }
        for (size_t i = 0; i < sizeof barred_from_solver / sizeof *barred_from_solver; i++) {
            if (strcmp(include.name, barred_from_solver[i]) == 0) {
                wb_tidy_report_add(report, line, "the solver has no use for '%s'", include.name);
            }
        }
    }
}

/* WB_<PATH>_H, from the first directive to the last. */
static void check_guard(const wb_tidy_tree *tree, const wb_tidy_file *file, wb_tidy_report *report)
{
    (void)tree;
    const wb_source_text *source = &file->source;
    if (!source->is_header) {
        return;
    }
    char guard[NAME_LENGTH_MAX];
    snprintf(guard, sizeof guard, "WB_%s", source->path);
    for (char *byte = guard; *byte != '\0'; byte++) {
        *byte = isalnum((unsigned char)*byte) ? (char)toupper((unsigned char)*byte) : '_';
    }
    char opening[2 * NAME_LENGTH_MAX + 32];
    snprintf(opening, sizeof opening, "#ifndef %s\n#define %s\n", guard, guard);
    const size_t first = wb_source_text_skip_blank(source, source->code, 0);
    const char last = wb_source_text_byte_before(source->code, source->length);
    if (!wb_source_text_has_prefix(source->code + first, opening) || last != 'f') {
        wb_tidy_report_add(report, 1, "the guard must be %s, around everything", guard);
    }
}

static const wb_tidy_rule rules[] = {
    {"floors", WB_TIDY_SCOPE_C, check_floors, "a file includes its own floor and those below"},
    {"include-path", WB_TIDY_SCOPE_C, check_include_paths,
     "includes name an existing file from the root, without '..'"},
    {"internal-header", WB_TIDY_SCOPE_C, check_internal_headers,
     "an _internal.h is included by its siblings only"},
    {"own-header", WB_TIDY_SCOPE_C, check_own_header, "a body includes its own header first"},
    {"library-home", WB_TIDY_SCOPE_C, check_homes, "each library is known to one folder"},
    {"pure-solver", WB_TIDY_SCOPE_C, check_solver,
     "the solver knows no clock, no files and no random numbers"},
    {"guard", WB_TIDY_SCOPE_C, check_guard, "a header is guarded by WB_<PATH>_H"},
};

const wb_tidy_rule *wb_rules_includes(size_t *out_count)
{
    assert(out_count != NULL);
    *out_count = sizeof rules / sizeof *rules;
    return rules;
}
