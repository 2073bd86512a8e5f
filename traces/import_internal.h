/*
 * Shared by the importers only: one import under way, and the ops struct that an importer fills.
 *
 * To add a format: write import_<name>.c with a wb_importer, declare it here, list it in
 * trace_import.c.
 */
#ifndef WB_TRACES_IMPORT_INTERNAL_H
#define WB_TRACES_IMPORT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash_map.h"
#include "base/text.h"
#include "traces/trace.h"
#include "traces/trace_import.h"

/* One import under way. */
typedef struct wb_import {
    const wb_trace_import_options *options;
    wb_arena *arena;
    const char *text; /* the input, unpacked, zero-terminated; of a streamed one the beginning */
    size_t length;    /* of text */
    wb_trace_import_report *report;
} wb_import;

typedef struct wb_importer {
    const char *name;
    const char *help;
    bool is_streamed; /* read opens the input itself and never holds all of it */
    bool (*recognises)(const wb_import *import); /* by text; of a streamed one WB_IMPORT_HEAD_BYTES
                                                    at most are there */
    wb_status (*read)(wb_import *import, wb_error *err);
} wb_importer;

/* What is read of an input before its format is known. */
#define WB_IMPORT_HEAD_BYTES ((size_t)64 << 10)

extern const wb_importer wb_import_openb;
extern const wb_importer wb_import_simkube;
extern const wb_importer wb_import_dlrm;
extern const wb_importer wb_import_gpu_nodes;
extern const wb_importer wb_import_spot_gpu;
extern const wb_importer wb_import_borg;
extern const wb_importer wb_import_azure;
extern const wb_importer wb_import_skypilot;
extern const wb_importer wb_import_spot_price;
extern const wb_importer wb_import_spot_advisor;
extern const wb_importer wb_import_csv;
extern const wb_importer wb_import_recording;

/* The machine of the options, or the default one. */
int64_t wb_trace_import_machine_cpu_milli(const wb_import *import);
int64_t wb_trace_import_machine_memory_bytes(const wb_import *import);

/* Whether the options leave this resource out. */
bool wb_trace_import_leaves_out(const wb_import *import, const char *resource);

/* Adds a sentence to the report; beyond the limit the rest is dropped. */
WB_PRINTF(2, 3) void wb_trace_import_note(wb_import *import, const char *fmt, ...);

#endif
