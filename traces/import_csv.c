/*
 * The way in for any other data: a CSV with a row per pod, its columns named as below, in any order
 * and as many as there are.
 *
 *   arrival                   seconds from the start                                     required
 *   cpu, memory               quantities: 500m, 0.5; 512Mi, or bytes                     required
 *   end or duration           seconds; empty: open. end: deleted then; duration: runs so long
 *   name, namespace, owner, kind (Deployment ...), gpu, priority, node_selector (k=v;k=v)
 *   label:KEY                 a label of the pod
 *
 * Rows may come in any order and number: they go through a sorter on disk. Columns of other names
 * are left out, which a note says.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "traces/csv_rows.h"
#include "traces/import_sink.h"

static const wb_csv_range time_range = {1000, 0, (double)(WB_TRACE_TIME_MAX_MS / 1000)};
static const wb_csv_range gpu_range = {1, 0, 1000};
static const wb_csv_range priority_range = {1, -1e9, 1e9};

enum {
    COLUMN_ARRIVAL,
    COLUMN_CPU,
    COLUMN_MEMORY,
    COLUMN_REQUIRED, /* so many columns must be there */
    COLUMN_END = COLUMN_REQUIRED,
    COLUMN_DURATION,
    COLUMN_NAME,
    COLUMN_NAMESPACE,
    COLUMN_OWNER,
    COLUMN_KIND,
    COLUMN_GPU,
    COLUMN_PRIORITY,
    COLUMN_SELECTOR,
    COLUMN_COUNT
};

static const char *const column_names[COLUMN_COUNT] = {
    "arrival",   "cpu",   "memory", "end", "duration", "name",
    "namespace", "owner", "kind",   "gpu", "priority", "node_selector",
};

static const char label_prefix[] = "label:";

typedef struct pod_table {
    wb_import *import;
    wb_csv_rows *rows;
    uint32_t columns[COLUMN_COUNT];
    wb_import_sink sink;
    wb_text json, labels;
    uint64_t row;
    int64_t end_ms;
    uint64_t open_count;
} pod_table;

typedef struct csv_pod {
    int64_t at_ms, until_ms, runs_ms, gpu_count, priority;
    char cpu[48], memory[48], name[64], namespace_name[64], owner[64];
    wb_owner_kind kind; /* NONE: a bare pod */
} csv_pod;

static bool recognises(const wb_import *import)
{
    char line[2048];
    (void)snprintf(line, sizeof line, ",%.*s,", (int)strcspn(import->text, "\r\n"), import->text);
    return strstr(line, ",arrival,") != NULL && strstr(line, ",cpu,") != NULL &&
           strstr(line, ",memory,") != NULL;
}

static const char *text_of(const pod_table *table, int column)
{
    assert(column >= 0 && column < COLUMN_COUNT);
    return wb_csv_rows_text(table->rows, table->columns[column]);
}

static wb_status fail_field(const pod_table *table, int column, const char *expected, wb_error *err)
{
    return wb_fail(err, WB_ERR_INPUT, "%s:%llu: %s: '%.64s' is not %s",
                   wb_csv_rows_path(table->rows), (unsigned long long)wb_csv_rows_line(table->rows),
                   column_names[column], text_of(table, column), expected);
}

static wb_status take_quantity(const pod_table *table, int column, char out[48], wb_error *err)
{
    wb_quantity quantity;
    wb_error inner;
    if (wb_quantity_parse(text_of(table, column), &quantity, &inner) != WB_OK ||
        quantity.nanos < 0) {
        return fail_field(table, column, "a quantity such as 500m or 1Gi", err);
    }
    wb_quantity_print(&quantity, out);
    return WB_OK;
}

static wb_status take_optional(const pod_table *table, int column, const wb_csv_range *range,
                               int64_t absent_value, int64_t *out, wb_error *err)
{
    *out = absent_value;
    return *text_of(table, column) == 0
               ? WB_OK
               : wb_csv_rows_scaled(table->rows, table->columns[column], range, out, err);
}

static wb_status read_times(const pod_table *table, csv_pod *out, wb_error *err)
{
    WB_TRY(wb_csv_rows_scaled(table->rows, table->columns[COLUMN_ARRIVAL], &time_range, &out->at_ms,
                              err));
    WB_TRY(take_optional(table, COLUMN_END, &time_range, -1, &out->until_ms, err));
    WB_TRY(take_optional(table, COLUMN_DURATION, &time_range, -1, &out->runs_ms, err));
    if (out->until_ms >= 0 && out->runs_ms >= 0) {
        return fail_field(table, COLUMN_DURATION, "empty beside an end, expected one of them", err);
    }
    if (out->until_ms >= 0 && out->until_ms < out->at_ms) {
        return fail_field(table, COLUMN_END, "at or behind the arrival", err);
    }
    return WB_OK;
}

static wb_status read_row(const pod_table *table, csv_pod *out, wb_error *err)
{
    *out = (csv_pod){.at_ms = 0};
    WB_TRY(read_times(table, out, err));
    WB_TRY(take_quantity(table, COLUMN_CPU, out->cpu, err));
    WB_TRY(take_quantity(table, COLUMN_MEMORY, out->memory, err));
    WB_TRY(take_optional(table, COLUMN_GPU, &gpu_range, 0, &out->gpu_count, err));
    WB_TRY(take_optional(table, COLUMN_PRIORITY, &priority_range, 0, &out->priority, err));
    const char *kind = text_of(table, COLUMN_KIND);
    const char *owner = text_of(table, COLUMN_OWNER);
    out->kind = *owner == 0         ? WB_OWNER_NONE
                : *kind != 0        ? wb_trace_owner_kind(kind)
                : out->runs_ms >= 0 ? WB_OWNER_JOB
                                    : WB_OWNER_DEPLOYMENT;
    if (*kind != 0 && wb_trace_owner_kind(kind) == WB_OWNER_OTHER) {
        return fail_field(table, COLUMN_KIND, "a kind of owner such as Deployment or Job", err);
    }
    wb_import_sink_name(owner, out->owner);
    const char *namespace_name = text_of(table, COLUMN_NAMESPACE);
    wb_import_sink_name(*namespace_name == 0 ? "default" : namespace_name, out->namespace_name);
    wb_import_sink_name(text_of(table, COLUMN_NAME), out->name);
    if (*text_of(table, COLUMN_NAME) == 0) {
        (void)snprintf(out->name, sizeof out->name, "pod-%llu", (unsigned long long)table->row);
    }
    return WB_OK;
}

/* Label values allow more than names do: upper case, '.' and '_'. The sink's check has the last
 * word. */
static void add_labels(const pod_table *table, wb_text *out)
{
    bool has_label = false;
    wb_text_clear(out);
    for (uint32_t i = 0; i < wb_csv_rows_column_count(table->rows); i++) {
        const char *name = wb_csv_rows_column_name(table->rows, i);
        const char *value = wb_csv_rows_text(table->rows, i);
        if (strncmp(name, label_prefix, sizeof label_prefix - 1) != 0 || *value == 0) {
            continue;
        }
        wb_text_add_string(out, has_label ? "," : "");
        wb_text_add_json_string(out, name + sizeof label_prefix - 1);
        wb_text_add_string(out, ":");
        wb_text_add_json_string(out, value);
        has_label = true;
    }
}

/* "k=v;k=v" as the entries of a node selector. */
static wb_status add_selector(const pod_table *table, wb_text *out, wb_error *err)
{
    const char *at = text_of(table, COLUMN_SELECTOR);
    if (*at == 0) {
        return WB_OK;
    }
    wb_text_add_string(out, "\"nodeSelector\":{");
    for (bool is_first = true; *at != 0; is_first = false) {
        const size_t length = strcspn(at, ";");
        const size_t key_length = strcspn(at, "=");
        if (key_length == 0 || key_length >= length) {
            return fail_field(table, COLUMN_SELECTOR, "a list such as key=value;key=value", err);
        }
        wb_text_add_string(out, is_first ? "" : ",");
        wb_text_add_json_bytes(out, at, key_length);
        wb_text_add_string(out, ":");
        wb_text_add_json_bytes(out, at + key_length + 1, length - key_length - 1);
        at += length + (at[length] == ';' ? 1 : 0);
    }
    wb_text_add_string(out, "},");
    return WB_OK;
}

static wb_status add_template(pod_table *table, const csv_pod *pod, wb_error *err)
{
    wb_text *out = &table->json;
    add_labels(table, &table->labels);
    wb_text_clear(out);
    wb_text_add_format(out, "{\"metadata\":{\"labels\":{%s}},\"spec\":{",
                       wb_text_string(&table->labels));
    if (pod->priority != 0) {
        wb_text_add_format(out, "\"priority\":%lld,", (long long)pod->priority);
    }
    WB_TRY(add_selector(table, out, err));
    wb_text_add_format(out,
                       "\"containers\":[{\"name\":\"main\",\"image\":\"csv\",\"resources\":{"
                       "\"requests\":{\"cpu\":\"%s\",\"memory\":\"%s\"",
                       pod->cpu, pod->memory);
    if (pod->gpu_count > 0) {
        wb_text_add_format(out,
                           ",\"nvidia.com/gpu\":\"%lld\"},\"limits\":{\"nvidia.com/gpu\":"
                           "\"%lld\"",
                           (long long)pod->gpu_count, (long long)pod->gpu_count);
    }
    wb_text_add_format(out, "}}}],\"restartPolicy\":\"%s\"}}",
                       pod->runs_ms >= 0 ? "Never" : "Always");
    return WB_OK;
}

static wb_status write_row(pod_table *table, const csv_pod *row, wb_error *err)
{
    wb_trace_pod pod = {.at_ms = row->at_ms,
                        .name = row->name,
                        .owner_number = UINT32_MAX,
                        .until_ms = row->until_ms,
                        .runs_ms = row->runs_ms};
    WB_TRY(add_template(table, row, err));
    WB_TRY(wb_import_sink_shape(&table->sink, row->namespace_name, wb_text_string(&table->json),
                                &pod.shape_number, err));
    if (row->kind != WB_OWNER_NONE) {
        WB_TRY(wb_import_sink_owner(&table->sink, row->kind, row->namespace_name, row->owner,
                                    &pod.owner_number, err));
    }
    const int64_t ends[] = {row->at_ms, row->until_ms, row->at_ms + row->runs_ms};
    for (size_t i = 0; i < 3; i++) {
        table->end_ms = ends[i] > table->end_ms ? ends[i] : table->end_ms;
    }
    table->open_count += row->until_ms < 0 && row->runs_ms < 0 ? 1 : 0;
    return wb_import_sink_pod(&table->sink, &pod, err);
}

static wb_status write_rows(pod_table *table, wb_error *err)
{
    for (;;) {
        bool is_there = false;
        csv_pod row;
        WB_TRY(wb_csv_rows_next(table->rows, &is_there, err));
        if (!is_there) {
            return WB_OK;
        }
        WB_TRY(read_row(table, &row, err));
        WB_TRY(write_row(table, &row, err));
        table->row++;
    }
}

/* Says which columns were not taken. */
static void note_columns(const pod_table *table)
{
    wb_text names;
    wb_text_init(&names);
    for (uint32_t i = 0; i < wb_csv_rows_column_count(table->rows); i++) {
        const char *name = wb_csv_rows_column_name(table->rows, i);
        bool is_known = strncmp(name, label_prefix, sizeof label_prefix - 1) == 0;
        for (int j = 0; j < COLUMN_COUNT; j++) {
            is_known = is_known || strcmp(name, column_names[j]) == 0;
        }
        if (!is_known) {
            wb_text_add_format(&names, "%s%s", names.length > 0 ? ", " : "", name);
        }
    }
    if (names.length > 0) {
        wb_trace_import_note(table->import,
                             "columns that mean nothing here are left out: %s (label:NAME makes "
                             "one a label)",
                             wb_text_string(&names));
    }
    wb_text_release(&names);
}

static wb_status read(wb_import *import, wb_error *err)
{
    pod_table table = {.import = import};
    const wb_trace_info_header header = {.epoch_ms = -1, .end_ms = -1, .source = "csv"};
    WB_TRY(wb_csv_rows_open(import->options->input_path, ',', true, &table.rows, err));
    wb_status status = WB_OK;
    for (int i = 0; i < COLUMN_COUNT && status == WB_OK; i++) {
        table.columns[i] = wb_csv_rows_column(table.rows, column_names[i]);
        if (i < COLUMN_REQUIRED) {
            status = wb_csv_rows_require(table.rows, column_names[i], &table.columns[i], err);
        }
    }
    if (status == WB_OK) {
        note_columns(&table);
        status = wb_import_sink_open(&table.sink, import, &header, err);
    }
    if (status == WB_OK) {
        wb_text_init(&table.json);
        wb_text_init(&table.labels);
        status = write_rows(&table, err);
        wb_text_release(&table.json);
        wb_text_release(&table.labels);
        table.end_ms = table.end_ms > WB_TRACE_TIME_MAX_MS ? WB_TRACE_TIME_MAX_MS : table.end_ms;
        status = wb_import_sink_close(&table.sink, status, table.end_ms, err);
    }
    wb_csv_rows_close(table.rows);
    if (status == WB_OK && table.open_count > 0) {
        wb_trace_import_note(import, "%llu pods have no end: they are there until the end",
                             (unsigned long long)table.open_count);
    }
    return status;
}

const wb_importer wb_import_csv = {
    .name = "csv",
    .help = "one pod per row, CSV: arrival, cpu, memory, end or duration ...",
    .is_streamed = true,
    .recognises = recognises,
    .read = read,
};
