/*
 * Golden files, one case after another: finds them, asks each kind whether a case is its own,
 * counts.
 *
 *     path ─▶ folders, sorted by name ─▶ file or line ─▶ document ─▶ kind that recognises it ─▶ run
 *                                                                        none: skipped, counted
 *
 * Some thousand cases, most of a few KiB, some of megabytes; each lives in an arena that is
 * emptied after it. Catalogs are large and named by many cases, so they are read once per run and
 * stay. A case that cannot be run is a failed case and not an error: the rest still counts.
 */
#include "bench/cases.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/intern.h"
#include "base/line_reader.h"
#include "base/sort.h"
#include "kube/names.h"
#include "bench/case_catalog.h"
#include "bench/cases_internal.h"

/* In the order in which they are asked. */
static const wb_cases_kind *const kinds[] = {
    &wb_cases_requirements,       &wb_cases_sort,       &wb_cases_kube_scheduler,
    &wb_cases_cluster_autoscaler, &wb_cases_disruption, &wb_cases_benchmark,
    &wb_cases_scheduling,
};

typedef struct known_catalog {
    const char *path;
    wb_catalog catalog;
} known_catalog;

enum {
    CATALOG_MAX = 8, /* distinct catalogs per run; the golden folder has one */
    DEPTH_MAX = 16,  /* of folders */
    CUT_LENGTH = 600 /* of a text in a mismatch line */
};

struct wb_cases_run_state {
    const wb_cases_options *options;
    wb_cases_report *report;
    wb_arena lasting; /* catalogs and interned texts */
    wb_arena arena;   /* of the case at hand */
    wb_intern intern;
    known_catalog catalogs[CATALOG_MAX];
    size_t catalog_count;
};

static void say(const wb_cases_run_state *run, const char *line)
{
    if (run->options->on_line != NULL) {
        run->options->on_line(run->options->context, line);
    }
}

static void add_cut(wb_text *line, const char *text)
{
    const size_t length = strlen(text);
    wb_text_add(line, text, length > CUT_LENGTH ? CUT_LENGTH : length);
    if (length > CUT_LENGTH) {
        wb_text_add_format(line, "... (%zu bytes)", length);
    }
}

void wb_cases_mismatch(wb_cases_case *one, const char *where, const char *expected,
                       const char *actual)
{
    assert(one != NULL && where != NULL && expected != NULL && actual != NULL);
    wb_text line;
    wb_text_init(&line);
    wb_text_add_format(&line, "%s: %s: expected ", one->name, where);
    add_cut(&line, expected);
    wb_text_add_string(&line, ", got ");
    add_cut(&line, actual);
    say(one->run, wb_text_string(&line));
    wb_text_release(&line);
    one->mismatch_count++;
}

bool wb_cases_compare(wb_cases_case *one, const char *where, const char *expected,
                      const char *actual)
{
    assert(one != NULL && where != NULL && expected != NULL && actual != NULL);
    if (strcmp(expected, actual) == 0) {
        return true;
    }
    wb_cases_mismatch(one, where, expected, actual);
    return false;
}

void wb_cases_add_price(wb_cases_case *one, double expected_usd_per_hour,
                        double actual_usd_per_hour)
{
    one->run->report->expected_usd_per_hour += expected_usd_per_hour;
    one->run->report->actual_usd_per_hour += actual_usd_per_hour;
}

static wb_status read_catalog(wb_cases_run_state *run, const char *path, const wb_catalog **out,
                              wb_error *err)
{
    for (size_t i = 0; i < run->catalog_count; i++) {
        if (strcmp(run->catalogs[i].path, path) == 0) {
            *out = &run->catalogs[i].catalog;
            return WB_OK;
        }
    }
    if (run->catalog_count == CATALOG_MAX) {
        return wb_fail(err, WB_ERR_LIMIT, "%s: more than %d catalogs in one run", path,
                       (int)CATALOG_MAX);
    }
    wb_document_stream stream = {0};
    WB_TRY(wb_document_read_file(&run->lasting, path, 0, &stream, err));
    if (stream.count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: is empty, expected a catalog", path);
    }
    known_catalog *known = &run->catalogs[run->catalog_count];
    WB_TRY(wb_catalog_decode(&run->lasting, &run->intern, stream.roots[0], &known->catalog, err));
    known->path = wb_arena_copy_string(&run->lasting, path);
    run->catalog_count++;
    *out = &known->catalog;
    return WB_OK;
}

static wb_status named_catalog(wb_cases_case *one, wb_catalog *out, wb_error *err)
{
    const char *path = one->options->catalog_path;
    if (path == NULL) {
        WB_TRY(wb_case_catalog_find(one->arena, one->path, one->root, &path, err));
    }
    const wb_catalog *catalog = NULL;
    WB_TRY(read_catalog(one->run, path, &catalog, err));
    assert(catalog != NULL);
    *out = *catalog;
    return WB_OK;
}

wb_status wb_cases_catalog(wb_cases_case *one, wb_catalog *out, wb_error *err)
{
    assert(one != NULL && out != NULL);
    if (wb_node_get(one->root, "catalogInline") != NULL) {
        WB_TRY(wb_case_catalog_inline(one->arena, one->intern, one->root, out, err));
    } else {
        WB_TRY(named_catalog(one, out, err));
    }
    *out = wb_case_catalog_select(one->arena, one->intern, one->root, out);
    return WB_OK;
}

/* Features beyond the table are counted in the totals only. */
static void count_feature(wb_cases_report *report, const char *name, bool passed)
{
    assert(report->feature_count <= WB_CASES_FEATURE_MAX);
    size_t i = 0;
    while (i < report->feature_count && strcmp(report->features[i].name, name) != 0) {
        i++;
    }
    if (i == WB_CASES_FEATURE_MAX) {
        return; /* the totals still count it */
    }
    wb_cases_feature *feature = &report->features[i];
    if (i == report->feature_count) {
        (void)snprintf(feature->name, sizeof(feature->name), "%s", name);
        report->feature_count++;
    }
    feature->passed += passed;
    feature->failed += !passed;
}

/* The case's failure is its own: mismatches and errors are told and counted, and the run goes
 * on. */
static void run_case(wb_cases_run_state *run, const char *path, const char *name,
                     const wb_node *root)
{
    assert(path != NULL && name != NULL && root != NULL);
    const wb_cases_kind *kind = NULL;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && kind == NULL; i++) {
        kind = kinds[i]->recognises(path, root) ? kinds[i] : NULL;
    }
    if (kind == NULL) {
        run->report->skipped++;
        return;
    }
    wb_cases_case one = {
        .run = run,
        .options = run->options,
        .root = root,
        .path = path,
        .name = name,
        .arena = &run->arena,
        .intern = &run->intern,
    };
    wb_error err = {0};
    if (kind->run(&one, &err) != WB_OK) {
        wb_cases_mismatch(&one, "run", "a usable case", err.text);
    }
    const bool passed = one.mismatch_count == 0;
    run->report->passed += passed;
    run->report->failed += !passed;
    count_feature(run->report, wb_node_string(wb_node_get(root, "feature"), kind->name), passed);
}

static bool is_enough(const wb_cases_run_state *run)
{
    return run->options->only_failures > 0 && run->report->failed >= run->options->only_failures;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static wb_status run_lines(wb_cases_run_state *run, const char *path, wb_line_reader *reader,
                           wb_error *err)
{
    for (;;) {
        char *line = NULL;
        size_t length = 0;
        bool is_cut = false;
        WB_TRY(wb_line_reader_next(reader, &line, &length, &is_cut, err));
        if (line == NULL || is_enough(run)) {
            return WB_OK;
        }
        if (length == 0) {
            continue;
        }
        wb_document_stream stream = {0};
        const wb_document_input input = {
            .file = path, .text = line, .length = length, .syntax = WB_DOCUMENT_JSON};
        WB_TRY(wb_document_read_text(&run->arena, &input, &stream, err));
        for (size_t i = 0; i < stream.count; i++) {
            char name[256];
            const char *id = wb_node_string(wb_node_get(stream.roots[i], "id"), "");
            (void)snprintf(name, sizeof(name), "%s:%llu%s%s", base_name(path),
                           (unsigned long long)wb_line_reader_line(reader),
                           id[0] != '\0' ? ":" : "", id);
            run_case(run, path, name, stream.roots[i]);
        }
        wb_arena_clear(&run->arena);
    }
}

/* The name without .gz or .zst ends so. */
static bool has_ending(const char *path, const char *ending)
{
    assert(path != NULL && ending != NULL);
    size_t length = strlen(path);
    static const char *const packers[] = {".gz", ".zst"};
    for (size_t i = 0; i < 2; i++) {
        const size_t packer = strlen(packers[i]);
        if (length > packer && strcmp(path + length - packer, packers[i]) == 0) {
            length -= packer;
            break;
        }
    }
    const size_t wanted = strlen(ending);
    return length >= wanted && strncmp(path + length - wanted, ending, wanted) == 0;
}

static wb_status run_file(wb_cases_run_state *run, const char *path, wb_error *err)
{
    if (has_ending(path, ".jsonl")) {
        wb_line_reader *reader = NULL;
        WB_TRY(wb_line_reader_open(path, &reader, err));
        const wb_status status = run_lines(run, path, reader, err);
        wb_line_reader_close(reader);
        return status;
    }
    wb_document_stream stream = {0};
    WB_TRY(wb_document_read_file(&run->arena, path, 0, &stream, err));
    for (size_t i = 0; i < stream.count; i++) {
        run_case(run, path, base_name(path), stream.roots[i]);
    }
    wb_arena_clear(&run->arena);
    return WB_OK;
}

static int compare_names(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Folders in folders: at most DEPTH_MAX. */
static wb_status run_path(wb_cases_run_state *run, const char *path, int depth, wb_error *err);

/* Files that can't be cases: documents, notes, catalogs, and outcomes that lie beside their input.
 */
static bool may_be_case(const char *name)
{
    return (has_ending(name, ".json") || has_ending(name, ".jsonl")) &&
           strncmp(name, "catalog", 7) != 0;
}

/* NOLINTBEGIN(misc-no-recursion): at most DEPTH_MAX folders deep, which run_path checks */
static wb_status run_folder(wb_cases_run_state *run, const char *path, int depth, wb_error *err)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return wb_fail(err, WB_ERR_IO, "%s: can't be listed", path);
    }
    const char **names = NULL;
    size_t count = 0;
    const struct dirent *entry = NULL;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): safe on a stream that no other thread has */
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        names = wb_arena_grow(&run->lasting, names, count, count + 1, sizeof(const char *));
        names[count++] = wb_arena_copy_string(&run->lasting, entry->d_name);
    }
    (void)closedir(folder);
    wb_sort(names, count, sizeof(const char *), compare_names, NULL);
    const size_t path_length = strlen(path);
    for (size_t i = 0; i < count && !is_enough(run); i++) {
        const size_t name_length = strlen(names[i]);
        char *below = wb_arena_alloc(&run->lasting, path_length + name_length + 2);
        (void)snprintf(below, path_length + name_length + 2, "%s/%s", path, names[i]);
        WB_TRY(run_path(run, below, depth + 1, err));
    }
    return WB_OK;
}

static wb_status run_path(wb_cases_run_state *run, const char *path, int depth, wb_error *err)
{
    assert(depth <= DEPTH_MAX);
    struct stat facts;
    if (stat(path, &facts) != 0) {
        return wb_fail(err, WB_ERR_IO, "%s: is not there", path);
    }
    if (S_ISDIR(facts.st_mode)) {
        return depth < DEPTH_MAX ? run_folder(run, path, depth, err) : WB_OK;
    }
    return depth == 0 || may_be_case(base_name(path)) ? run_file(run, path, err) : WB_OK;
}
/* NOLINTEND(misc-no-recursion) */

wb_status wb_cases_run(const wb_cases_options *options, wb_cases_report *out, wb_error *err)
{
    assert(options->path_count == 0 || options->paths != NULL);
    *out = (wb_cases_report){0};
    wb_cases_run_state run = {.options = options, .report = out};
    wb_arena_init(&run.lasting, "cases", 0, NULL);
    wb_arena_init(&run.arena, "case", 0, NULL);
    wb_intern_init(&run.intern, &run.lasting);
    wb_names_init(&run.intern);
    wb_status status = WB_OK;
    for (size_t i = 0; i < options->path_count && status == WB_OK && !is_enough(&run); i++) {
        status = run_path(&run, options->paths[i], 0, err);
    }
    wb_intern_release(&run.intern);
    wb_arena_release(&run.arena);
    wb_arena_release(&run.lasting);
    return status;
}
