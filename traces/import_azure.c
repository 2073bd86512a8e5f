/*
 * Azure's packing trace 2020, an SQLite database: which VMs came when, and what share of a machine
 * each type takes.
 *
 *   vm      vmId, tenantId, vmTypeId, priority, starttime, endtime      fractional days
 *   vmType  id, vmTypeId, machineId, core, memory, hdd, ssd, nic        shares of that machine
 *
 * A VM is a pod of its tenant's Deployment, there from starttime (0 when it lies before the start)
 * to endtime (open when NULL). Of the machines that a type fits, that of the lowest machineId
 * counts; 1.0 is the machine of the options. Low priority (1) becomes priority 0, high 1000. No
 * sample is here: the tests make a database of this form. The file is only read, and nothing in it
 * is run: tables alone are taken, no views, no triggers.
 */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "base/duration.h"
#include "base/quantity.h"
#include "traces/import_sink.h"

#define NAMESPACE     "azure"
#define HIGH_PRIORITY 1000
#define DAYS_MAX      ((double)(WB_TRACE_TIME_MAX_MS / WB_MS_PER_DAY))

static const char magic[] = "SQLite format 3";

enum {
    FIELD_VM,
    FIELD_TENANT,
    FIELD_TYPE,
    FIELD_PRIORITY,
    FIELD_START,
    FIELD_END,
    FIELD_CORE,
    FIELD_MEMORY
};

/* A bare column beside min() is that of the row which holds the minimum (SQLite's documented
 * behaviour), so a type's core and memory are those on its first machine. */
static const char query[] =
    "SELECT v.vmId, v.tenantId, v.vmTypeId, v.priority, v.starttime, v.endtime, t.core, t.memory "
    "FROM vm AS v LEFT JOIN (SELECT vmTypeId, core, memory, min(machineId) FROM vmType "
    "GROUP BY vmTypeId) AS t ON t.vmTypeId = v.vmTypeId";

typedef struct azure_trace {
    wb_import *import;
    sqlite3 *database;       /* owned */
    sqlite3_stmt *statement; /* owned */
    wb_import_sink sink;
    wb_text json;
    uint64_t row; /* for messages */
    int64_t end_ms;
    uint64_t early_count, open_count, low_count;
} azure_trace;

typedef struct azure_vm {
    char name[64], tenant[64];
    int64_t start_ms, end_ms; /* end -1: open */
    int64_t cpu_milli, memory_mib;
    bool is_low;
} azure_vm;

static bool recognises(const wb_import *import)
{
    return import->length >= sizeof magic && memcmp(import->text, magic, sizeof magic) == 0;
}

static wb_status fail_database(const azure_trace *trace, wb_error *err)
{
    return wb_fail(err, WB_ERR_INPUT, "%s: %s, expected Azure's tables vm and vmType",
                   trace->import->options->input_path, sqlite3_errmsg(trace->database));
}

/* Both names must be tables: a view would be a program of whoever made the file. */
static wb_status check_tables(azure_trace *trace, wb_error *err)
{
    static const char tables[] = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND "
                                 "lower(name) IN ('vm', 'vmtype')";
    sqlite3_stmt *statement = NULL;
    int count = 0;
    bool is_read = sqlite3_prepare_v2(trace->database, tables, -1, &statement, NULL) == SQLITE_OK;
    if (is_read) {
        is_read = sqlite3_step(statement) == SQLITE_ROW;
        count = is_read ? sqlite3_column_int(statement, 0) : 0;
    }
    (void)sqlite3_finalize(statement);
    if (!is_read) {
        return fail_database(trace, err);
    }
    if (count != 2) {
        return wb_fail(err, WB_ERR_INPUT, "%s: a database without the tables vm and vmType",
                       trace->import->options->input_path);
    }
    return WB_OK;
}

static wb_status open_database(azure_trace *trace, wb_error *err)
{
    const char *path = trace->import->options->input_path;
    if (sqlite3_open_v2(path, &trace->database, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
        return fail_database(trace, err);
    }
    (void)sqlite3_db_config(trace->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(trace->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(trace->database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    WB_TRY(check_tables(trace, err));
    if (sqlite3_prepare_v2(trace->database, query, -1, &trace->statement, NULL) != SQLITE_OK) {
        return fail_database(trace, err);
    }
    return WB_OK;
}

static wb_status fail_field(const azure_trace *trace, const char *field, const char *expected,
                            wb_error *err)
{
    return wb_fail(err, WB_ERR_INPUT, "%s: row %llu of vm: %s: expected %s",
                   trace->import->options->input_path, (unsigned long long)trace->row, field,
                   expected);
}

static wb_status take_number(const azure_trace *trace, int field, double minimum, double maximum,
                             double *out, wb_error *err)
{
    static const char *const names[] = {"vmId",      "tenantId", "vmTypeId", "priority",
                                        "starttime", "endtime",  "core",     "memory"};
    const int type = sqlite3_column_type(trace->statement, field);
    const double value = sqlite3_column_double(trace->statement, field);
    if ((type != SQLITE_INTEGER && type != SQLITE_FLOAT) ||
        !(value >= minimum && value <= maximum)) {
        char expected[96];
        (void)snprintf(expected, sizeof expected, "a number from %g to %g%s", minimum, maximum,
                       field >= FIELD_CORE ? " (is the type in vmType?)" : "");
        return fail_field(trace, names[field], expected, err);
    }
    *out = value;
    return WB_OK;
}

static void take_name(const azure_trace *trace, int field, char out[64])
{
    const char *text = (const char *)sqlite3_column_text(trace->statement, field);
    wb_import_sink_name(text == NULL ? "" : text, out);
}

static wb_status read_vm(azure_trace *trace, azure_vm *out, wb_error *err)
{
    const wb_import *import = trace->import;
    double priority = 0;
    double start_days = 0;
    double end_days = 0;
    double core = 0;
    double memory = 0;
    take_name(trace, FIELD_VM, out->name);
    take_name(trace, FIELD_TENANT, out->tenant);
    WB_TRY(take_number(trace, FIELD_PRIORITY, 0, 1, &priority, err));
    WB_TRY(take_number(trace, FIELD_START, -DAYS_MAX, DAYS_MAX, &start_days, err));
    WB_TRY(take_number(trace, FIELD_CORE, 0, 1, &core, err));
    WB_TRY(take_number(trace, FIELD_MEMORY, 0, 1, &memory, err));
    const double day_ms = (double)WB_MS_PER_DAY;
    trace->early_count += start_days < 0 ? 1 : 0;
    out->start_ms = start_days < 0 ? 0 : (int64_t)floor(start_days * day_ms + 0.5);
    out->end_ms = -1;
    if (sqlite3_column_type(trace->statement, FIELD_END) != SQLITE_NULL) {
        WB_TRY(take_number(trace, FIELD_END, start_days, DAYS_MAX, &end_days, err));
        out->end_ms = (int64_t)floor((end_days < 0 ? 0 : end_days) * day_ms + 0.5);
        out->end_ms = out->end_ms < out->start_ms ? out->start_ms : out->end_ms;
    }
    out->is_low = priority > 0;
    /* Rounded up, as requests are: never less than its share. */
    out->cpu_milli = (int64_t)ceil(core * (double)wb_trace_import_machine_cpu_milli(import));
    out->memory_mib =
        (int64_t)ceil(memory * (double)(wb_trace_import_machine_memory_bytes(import) >> 20));
    return WB_OK;
}

static wb_status write_vm(azure_trace *trace, const azure_vm *vm, wb_error *err)
{
    uint32_t shape_number = 0;
    uint32_t owner_number = 0;
    char type[64];
    take_name(trace, FIELD_TYPE, type);
    wb_text_clear(&trace->json);
    wb_text_add_format(&trace->json,
                       "{\"metadata\":{\"labels\":{\"vm-type\":\"%s\",\"priority\":\"%s\"}},"
                       "\"spec\":{\"priority\":%d,\"containers\":[{\"name\":\"vm\",\"image\":"
                       "\"vm\",\"resources\":{\"requests\":{\"cpu\":\"%lldm\",\"memory\":"
                       "\"%lldMi\"}}}]}}",
                       type, vm->is_low ? "low" : "high", vm->is_low ? 0 : HIGH_PRIORITY,
                       (long long)vm->cpu_milli, (long long)vm->memory_mib);
    WB_TRY(wb_import_sink_shape(&trace->sink, NAMESPACE, wb_text_string(&trace->json),
                                &shape_number, err));
    WB_TRY(wb_import_sink_owner(&trace->sink, WB_OWNER_DEPLOYMENT, NAMESPACE, vm->tenant,
                                &owner_number, err));
    const wb_trace_pod pod = {.at_ms = vm->start_ms,
                              .name = vm->name,
                              .shape_number = shape_number,
                              .owner_number = owner_number,
                              .until_ms = vm->end_ms,
                              .runs_ms = -1};
    const int64_t last_ms = vm->end_ms > vm->start_ms ? vm->end_ms : vm->start_ms;
    trace->end_ms = last_ms > trace->end_ms ? last_ms : trace->end_ms;
    trace->open_count += vm->end_ms < 0 ? 1 : 0;
    trace->low_count += vm->is_low ? 1 : 0;
    return wb_import_sink_pod(&trace->sink, &pod, err);
}

static wb_status write_vms(azure_trace *trace, wb_error *err)
{
    for (;;) {
        const int result = sqlite3_step(trace->statement);
        if (result == SQLITE_DONE) {
            return WB_OK;
        }
        if (result != SQLITE_ROW) {
            return fail_database(trace, err);
        }
        azure_vm vm = {0};
        trace->row++;
        WB_TRY(read_vm(trace, &vm, err));
        WB_TRY(write_vm(trace, &vm, err));
    }
}

static void add_note(const azure_trace *trace)
{
    char memory[48];
    const wb_import *import = trace->import;
    assert(import != NULL);
    wb_quantity_print_bytes(wb_trace_import_machine_memory_bytes(import), memory);
    wb_trace_import_note(trace->import,
                         "1.0 stands for a machine of %lld CPUs and %s (--machine); %llu VMs were "
                         "there before the start, %llu are still there at the end, %llu have low "
                         "priority",
                         (long long)(wb_trace_import_machine_cpu_milli(import) / 1000), memory,
                         (unsigned long long)trace->early_count,
                         (unsigned long long)trace->open_count,
                         (unsigned long long)trace->low_count);
}

static wb_status read(wb_import *import, wb_error *err)
{
    azure_trace trace = {.import = import};
    const wb_trace_info_header header = {.epoch_ms = -1, .end_ms = -1, .source = "azure"};
    wb_status status = open_database(&trace, err);
    if (status == WB_OK) {
        status = wb_import_sink_open(&trace.sink, import, &header, err);
        if (status == WB_OK) {
            wb_text_init(&trace.json);
            status = write_vms(&trace, err);
            wb_text_release(&trace.json);
            status = wb_import_sink_close(&trace.sink, status, trace.end_ms, err);
        }
    }
    (void)sqlite3_finalize(trace.statement);
    (void)sqlite3_close(trace.database);
    if (status == WB_OK) {
        add_note(&trace);
    }
    return status;
}

const wb_importer wb_import_azure = {
    .name = "azure",
    .help = "Azure packing trace 2020, SQLite",
    .is_streamed = true,
    .recognises = recognises,
    .read = read,
};
