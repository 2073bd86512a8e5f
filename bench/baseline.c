#include "bench/baseline.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "sim/store/store_join.h"
#include "sim/store/store_rows.h"
#include "bench/figure_list.h"
#include "bench/work_list.h"

#define VALUES_MAX 128

/* ---- from a database ---- */

typedef struct run_inputs {
    char digest[33];
    char version[64];
} run_inputs;

/* Row: scenario_digest, trace_digest, version. */
static void see_run(void *context, const wb_store_row *row)
{
    run_inputs *inputs = context;
    wb_digest *digest = wb_digest_new();
    wb_digest_add_text(digest, wb_store_rows_text(row, 0));
    wb_digest_add_text(digest, wb_store_rows_text(row, 1));
    wb_digest_text(digest, inputs->digest);
    wb_digest_free(digest);
    (void)snprintf(inputs->version, sizeof inputs->version, "%s", wb_store_rows_text(row, 2));
}

static wb_status read_inputs(wb_store *store, int64_t run_id, run_inputs *out, wb_error *err)
{
    const wb_store_query query = {
        .sql = "SELECT scenario_digest, trace_digest, version FROM runs WHERE run_id = ?1",
        .run_id = run_id,
    };
    return wb_store_rows_read(store, &query, see_run, out, err);
}

/* Figures as CSV has them, then the counters. */
static wb_status read_values(wb_store *store, const wb_run_figures *figures, wb_arena *arena,
                             wb_baseline_run *out, wb_error *err)
{
    const uint32_t figure_count = wb_figure_list_count();
    int64_t work[WB_WORK_LIST_COUNT];
    WB_TRY(wb_work_list_read(store, figures->run_id, work, err));
    wb_baseline_value *values =
        WB_ARENA_ARRAY(arena, wb_baseline_value, figure_count + WB_WORK_LIST_COUNT);
    char text[64];
    for (uint32_t i = 0; i < figure_count; i++) {
        wb_figure_list_print_bare(figures, i, text, sizeof text);
        values[i] =
            (wb_baseline_value){wb_figure_list_get(i)->key, wb_arena_copy_string(arena, text)};
    }
    for (uint32_t i = 0; i < WB_WORK_LIST_COUNT; i++) {
        (void)snprintf(text, sizeof text, "%lld", (long long)work[i]);
        values[figure_count + i] =
            (wb_baseline_value){wb_work_list_name(i), wb_arena_copy_string(arena, text)};
    }
    out->values = values;
    out->value_count = figure_count + WB_WORK_LIST_COUNT;
    return WB_OK;
}

static wb_status read_run(wb_store *store, const wb_store_job *job, const wb_run_figures *figures,
                          wb_arena *arena, wb_baseline_run *out, wb_error *err)
{
    assert(job != NULL);
    run_inputs inputs = {{0}, {0}};
    WB_TRY(read_inputs(store, job->run_id, &inputs, err));
    *out = (wb_baseline_run){
        .key = job->job_key,
        .inputs = wb_arena_copy_string(arena, inputs.digest),
        .digest = wb_arena_copy_string(arena, figures->digest),
        .run_id = job->run_id,
    };
    WB_TRY(read_values(store, figures, arena, out, err));
    return wb_decision_trail_read(store, job->run_id, arena, &out->trail, err);
}

wb_status wb_baseline_from_store(wb_store *store, wb_arena *arena, wb_baseline *out, wb_error *err)
{
    assert(store != NULL && arena != NULL && out != NULL);
    wb_store_job *jobs = NULL;
    wb_run_figures *figures = NULL;
    uint32_t job_count = 0;
    uint32_t figure_count = 0;
    WB_TRY(wb_store_join_jobs(store, arena, &jobs, &job_count, err));
    WB_TRY(wb_store_figures(store, arena, &figures, &figure_count, err));
    if (job_count == 0 || job_count != figure_count) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%u runs of which %u belong to a suite, expected a database that bench run "
                       "or merge wrote",
                       figure_count, job_count);
    }
    wb_baseline_run *runs = WB_ARENA_ARRAY(arena, wb_baseline_run, job_count);
    for (uint32_t i = 0; i < job_count; i++) {
        assert(jobs[i].run_id == figures[i].run_id);
        WB_TRY(read_run(store, &jobs[i], &figures[i], arena, &runs[i], err));
    }
    run_inputs first = {{0}, {0}};
    WB_TRY(read_inputs(store, jobs[0].run_id, &first, err));
    *out = (wb_baseline){
        .suite = jobs[0].set_name,
        .version = wb_arena_copy_string(arena, first.version),
        .runs = runs,
        .run_count = job_count,
    };
    return WB_OK;
}

/* ---- the file ---- */

void wb_baseline_print(const wb_baseline *baseline, wb_text *out)
{
    assert(baseline != NULL && out != NULL);
    wb_text_add_format(out, "werkbank-baseline 1\nsuite %s\nversion %s\n", baseline->suite,
                       baseline->version);
    for (uint32_t r = 0; r < baseline->run_count; r++) {
        const wb_baseline_run *run = &baseline->runs[r];
        wb_text_add_format(out, "\nrun %s\n  inputs %s\n  digest %s\n", run->key, run->inputs,
                           run->digest);
        for (uint32_t i = 0; i < run->value_count; i++) {
            wb_text_add_format(out, "  %s %s\n", run->values[i].name, run->values[i].text);
        }
        wb_text_add_string(out, "  trail ");
        wb_decision_trail_print(&run->trail, out);
        wb_text_add_string(out, "\n");
    }
}

typedef struct baseline_reader {
    const char *path;
    wb_arena *arena;
    wb_baseline baseline;
    wb_baseline_run *runs;
    wb_baseline_value *values; /* of the run at hand */
    uint32_t line;
} baseline_reader;

static wb_status begin_run(baseline_reader *reader, const char *key, wb_error *err)
{
    assert(reader != NULL);
    wb_baseline *baseline = &reader->baseline;
    baseline->runs = reader->runs;
    if (wb_baseline_find(baseline, key) != NULL) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%u: run '%s' occurs twice, expected it once",
                       reader->path, reader->line, key);
    }
    reader->runs = wb_arena_grow(reader->arena, reader->runs, baseline->run_count,
                                 (size_t)baseline->run_count + 1, sizeof reader->runs[0]);
    reader->values = WB_ARENA_ARRAY(reader->arena, wb_baseline_value, VALUES_MAX);
    reader->runs[baseline->run_count++] =
        (wb_baseline_run){.key = key, .inputs = "", .digest = "", .values = reader->values};
    return WB_OK;
}

/* A line of a run: name, blank, text. */
static wb_status add_to_run(baseline_reader *reader, const char *name, const char *text,
                            wb_error *err)
{
    assert(reader != NULL);
    wb_baseline_run *run = &reader->runs[reader->baseline.run_count - 1];
    if (strcmp(name, "inputs") == 0) {
        run->inputs = text;
    } else if (strcmp(name, "digest") == 0) {
        run->digest = text;
    } else if (strcmp(name, "trail") == 0) {
        if (!wb_decision_trail_parse(text, &run->trail)) {
            return wb_fail(err, WB_ERR_INPUT,
                           "%s:%u: '%s' is no trail, expected marks such as 8:9f3a with rising "
                           "counts",
                           reader->path, reader->line, text);
        }
    } else if (run->value_count < VALUES_MAX) {
        reader->values[run->value_count++] = (wb_baseline_value){name, text};
    } else {
        return wb_fail(err, WB_ERR_LIMIT, "%s:%u: more than %d values of one run", reader->path,
                       reader->line, VALUES_MAX);
    }
    return WB_OK;
}

/* The head: what it is, of which suite, by which version. */
static wb_status add_to_head(baseline_reader *reader, const char *name, const char *text,
                             wb_error *err)
{
    if (reader->line == 1 && strcmp(name, "werkbank-baseline") == 0 && strcmp(text, "1") == 0) {
        return WB_OK;
    }
    if (reader->line > 1 && strcmp(name, "suite") == 0) {
        reader->baseline.suite = text;
        return WB_OK;
    }
    if (reader->line > 1 && strcmp(name, "version") == 0) {
        reader->baseline.version = text;
        return WB_OK;
    }
    return wb_fail(err, WB_ERR_INPUT, "%s:%u: found '%s %s', expected %s", reader->path,
                   reader->line, name, text,
                   reader->line == 1 ? "'werkbank-baseline 1'" : "suite, version or run");
}

static wb_status read_line(baseline_reader *reader, char *line, wb_error *err)
{
    const bool is_inside = line[0] == ' ';
    char *name = line + strspn(line, " ");
    if (*name == 0) {
        return WB_OK;
    }
    char *text = name + strcspn(name, " ");
    if (*text != 0) {
        *text++ = 0;
    }
    if (is_inside && reader->baseline.run_count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%u: '%s' stands in front of the first run",
                       reader->path, reader->line, name);
    }
    if (is_inside) {
        return add_to_run(reader, name, text, err);
    }
    return strcmp(name, "run") == 0 && reader->line > 1 ? begin_run(reader, text, err)
                                                        : add_to_head(reader, name, text, err);
}

wb_status wb_baseline_read(const char *path, wb_arena *arena, wb_baseline *out, wb_error *err)
{
    assert(path != NULL && arena != NULL && out != NULL);
    char *text = NULL;
    size_t length = 0;
    WB_TRY(wb_file_read(arena, path, 0, &text, &length, err));
    if (strlen(text) != length) {
        return wb_fail(err, WB_ERR_INPUT, "%s: holds a zero byte, expected text", path);
    }
    baseline_reader reader = {.path = path,
                              .arena = arena,
                              .baseline = {.suite = "", .version = ""}};
    while (*text != 0) {
        char *end = text + strcspn(text, "\n");
        char *next = *end == 0 ? end : end + 1;
        *end = 0;
        reader.line++;
        WB_TRY(read_line(&reader, text, err));
        text = next;
    }
    if (reader.baseline.run_count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: holds no run, expected what bench baseline wrote",
                       path);
    }
    reader.baseline.runs = reader.runs;
    *out = reader.baseline;
    return WB_OK;
}

const wb_baseline_run *wb_baseline_find(const wb_baseline *baseline, const char *key)
{
    assert(baseline != NULL && key != NULL);
    for (uint32_t i = 0; i < baseline->run_count; i++) {
        if (strcmp(baseline->runs[i].key, key) == 0) {
            return &baseline->runs[i];
        }
    }
    return NULL;
}

const char *wb_baseline_value_of(const wb_baseline_run *run, const char *name)
{
    assert(run != NULL && name != NULL);
    for (uint32_t i = 0; i < run->value_count; i++) {
        if (strcmp(run->values[i].name, name) == 0) {
            return run->values[i].text;
        }
    }
    return NULL;
}
