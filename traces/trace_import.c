/*
 * Finds the importer for a recording and keeps what all importers need: the table of formats, the
 * notes of the report, the stand-ins for GPUs that AWS never sold.
 *
 * A recording is recognised by its content and not by its name: openb lists are called
 * anything.csv, SimKube's traces travel as .sktrace, .json and without an ending. Most importers
 * read row by row and put pods in order through a sorter; those of small recordings (SimKube's
 * trees, the openb list of some 8,000 rows) take the input whole, up to 256 MiB unpacked.
 */
#include "traces/trace_import.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/byte_source.h"
#include "base/file.h"
#include "base/line_reader.h"
#include "traces/import_internal.h"
#include "traces/recording.h"
#include "traces/trace_internal.h"

#define INPUT_LIMIT_BYTES ((size_t)256 << 20)

static const wb_importer *const importers[] = {
    &wb_import_openb,      &wb_import_gpu_nodes,    &wb_import_simkube, &wb_import_dlrm,
    &wb_import_spot_gpu,   &wb_import_borg,         &wb_import_azure,   &wb_import_skypilot,
    &wb_import_spot_price, &wb_import_spot_advisor, &wb_import_csv,     &wb_import_recording,
};

#define IMPORTER_COUNT (sizeof(importers) / sizeof(importers[0]))

/* Stand-ins by memory and class. AWS never had P100; single V100s (p3) are in no current instance
 * reference, so the nearest that can be bought stands in. G1 to G3 are undisclosed in the
 * source. */
static const wb_gpu_twin gpu_twins[] = {
    {"T4", "t4", "the same GPU (g4dn)"},
    {"P100", "t4", "16 GiB; AWS never offered P100"},
    {"V100M16", "a10g", "16 GiB; p3 is no longer in the instance reference"},
    {"V100M32", "l40s", "32 GiB; the next larger memory that is sold singly"},
    {"A10", "a10g", "AWS' variant of the same GPU (g5)"},
    {"A100-SXM4-80GB", "a100", "the same GPU (p4de)"},
    {"A100", "a100", "the same GPU (p4d, p4de)"},
    {"A800", "a100", "an export variant of A100"},
    {"A800-SXM4-80GB", "a100", "an export variant of A100"},
    {"H800", "h100", "an export variant of H100"},
    {"G1", "t4", "undisclosed; taken as the smallest class"},
    {"G2", "a10g", "undisclosed; taken as the middle class"},
    {"G3", "a100", "undisclosed; taken as the largest class"},
    {"GPU-series-1", "a10g", "undisclosed; taken as the middle class"},
    {"GPU-series-2", "a100", "undisclosed; taken as the largest class"},
};

const wb_gpu_twin *wb_trace_import_gpu_twin(const char *model, size_t length)
{
    assert(model != NULL);
    for (size_t i = 0; i < sizeof(gpu_twins) / sizeof(gpu_twins[0]); i++) {
        if (strlen(gpu_twins[i].model) == length &&
            strncmp(gpu_twins[i].model, model, length) == 0) {
            return &gpu_twins[i];
        }
    }
    return NULL;
}

void wb_trace_import_note(wb_import *import, const char *fmt, ...)
{
    assert(import != NULL && fmt != NULL);
    wb_trace_import_report *report = import->report;
    if (report->note_count == WB_TRACE_IMPORT_NOTES_MAX) {
        return;
    }
    char text[512];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    report->notes[report->note_count++] = wb_arena_copy_string(import->arena, text);
}

/* Whether line begins with these marks, blanks between them left aside. */
static bool begins_with(const char *line, const char *const *marks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        line += strspn(line, " \t");
        const size_t length = strlen(marks[i]);
        if (strncmp(line, marks[i], length) != 0) {
            return false;
        }
        line += length;
    }
    return true;
}

wb_status wb_trace_import_is_trace(const char *path, bool *out, wb_error *err)
{
    static const char *const marks[] = {"{", "\"trace\"", ":", ("\"" WB_TRACE_MAGIC)};
    assert(path != NULL && out != NULL);
    wb_line_reader *lines = NULL;
    WB_TRY(wb_line_reader_open(path, &lines, err));
    char *line = NULL;
    size_t length = 0;
    bool is_cut = false;
    const wb_status status = wb_line_reader_next(lines, &line, &length, &is_cut, err);
    if (status == WB_OK) {
        *out = line != NULL && begins_with(line, marks, sizeof(marks) / sizeof(marks[0]));
    }
    wb_line_reader_close(lines);
    return status;
}

int64_t wb_trace_import_machine_cpu_milli(const wb_import *import)
{
    assert(import != NULL && import->options->machine_cpu_milli >= 0);
    return import->options->machine_cpu_milli > 0 ? import->options->machine_cpu_milli
                                                  : WB_TRACE_IMPORT_MACHINE_CPU_MILLI;
}

int64_t wb_trace_import_machine_memory_bytes(const wb_import *import)
{
    assert(import != NULL && import->options->machine_memory_bytes >= 0);
    return import->options->machine_memory_bytes > 0 ? import->options->machine_memory_bytes
                                                     : WB_TRACE_IMPORT_MACHINE_MEMORY_BYTES;
}

bool wb_trace_import_leaves_out(const wb_import *import, const char *resource)
{
    assert(import != NULL && resource != NULL);
    for (uint32_t i = 0; i < import->options->left_out_count; i++) {
        if (strcmp(import->options->left_out[i], resource) == 0) {
            return true;
        }
    }
    return false;
}

/* The first importer that knows the input, or is named, among the streamed or the other ones. */
static const wb_importer *pick(const wb_import *import, bool is_streamed)
{
    for (size_t i = 0; i < IMPORTER_COUNT; i++) {
        const wb_importer *importer = importers[i];
        const bool is_it = import->options->format != NULL
                               ? strcmp(importer->name, import->options->format) == 0
                               : importer->recognises(import);
        if (importer->is_streamed == is_streamed && is_it) {
            return importer;
        }
    }
    return NULL;
}

static bool is_format(const char *name)
{
    for (size_t i = 0; i < IMPORTER_COUNT; i++) {
        if (strcmp(importers[i]->name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* The beginning of the input: enough to know a format by. Standard input can't be read twice, so it
 * has none. */
static wb_status read_head(wb_import *import, wb_error *err)
{
    char *head = wb_arena_zalloc(import->arena, WB_IMPORT_HEAD_BYTES + 1, 1);
    import->text = head;
    if (strcmp(import->options->input_path, "-") == 0) {
        return WB_OK;
    }
    wb_byte_source *source = NULL;
    WB_TRY(wb_byte_source_open(import->options->input_path, &source, err));
    wb_status status = WB_OK;
    size_t added = 1;
    while (status == WB_OK && added > 0 && import->length < WB_IMPORT_HEAD_BYTES) {
        status = wb_byte_source_read(source, head + import->length,
                                     WB_IMPORT_HEAD_BYTES - import->length, &added, err);
        import->length += status == WB_OK ? added : 0;
    }
    wb_byte_source_close(source);
    return status;
}

/* No importer is named so, or knows the input. */
static wb_status fail_unknown(const wb_trace_import_options *options, wb_error *err)
{
    wb_text names;
    wb_text_init(&names);
    for (size_t i = 0; i < IMPORTER_COUNT; i++) {
        wb_text_add_format(&names, "%s%s", i > 0 ? ", " : "", importers[i]->name);
    }
    const wb_status status =
        options->format != NULL
            ? wb_fail(err, WB_ERR_INPUT, "'%s' is no format of recordings, expected one of %s",
                      options->format, wb_text_string(&names))
            : wb_fail(
                  err, WB_ERR_INPUT,
                  "%s: not a recording that trace import knows, expected one of %s (see: werkbank "
                  "help trace import)",
                  options->input_path, wb_text_string(&names));
    wb_text_release(&names);
    return status;
}

/* Standard input, which can't be read twice, is taken for one. */
static wb_status expect_part_of_recording(const char *path, wb_error *err)
{
    bool is_part = strcmp(path, "-") == 0;
    if (!is_part) {
        WB_TRY(wb_recording_is_one(path, &is_part, err));
    }
    if (!is_part) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s: no part of a cluster's recording, expected kubectl's, the audit log's "
                       "or EC2's JSON, or spot prices: other traces are imported one by one",
                       path);
    }
    return WB_OK;
}

/* Only the files of one cluster's recording belong together. */
static wb_status import_several(const wb_trace_import_options *options, wb_arena *arena,
                                wb_trace_import_report *out, wb_error *err)
{
    assert(options->input_count > 1);
    for (uint32_t i = 0; i < options->input_count; i++) {
        WB_TRY(expect_part_of_recording(options->input_paths[i], err));
    }
    return wb_recording_import(options, arena, out, err);
}

wb_status wb_trace_import(const wb_trace_import_options *options, wb_arena *arena,
                          wb_trace_import_report *out, wb_error *err)
{
    assert(options != NULL && arena != NULL);
    assert(options->input_path != NULL && options->output_path != NULL && out != NULL);
    wb_import import = {.options = options, .arena = arena, .report = out};
    *out = (wb_trace_import_report){.end_ms = -1, .epoch_ms = -1};
    if (options->input_count > 1) {
        return import_several(options, arena, out, err);
    }
    if (options->format != NULL && !is_format(options->format)) {
        return fail_unknown(options, err);
    }
    WB_TRY(read_head(&import, err));
    const wb_importer *importer = pick(&import, true);
    if (importer == NULL) {
        char *text = NULL;
        WB_TRY(wb_file_read(arena, options->input_path, INPUT_LIMIT_BYTES, &text, &import.length,
                            err));
        import.text = text;
        importer = pick(&import, false);
    }
    if (importer == NULL) {
        return fail_unknown(options, err);
    }
    out->format = importer->name;
    return importer->read(&import, err);
}
