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
    const char *text; /* the whole input, unpacked, zero-terminated */
    size_t length;
    wb_trace_import_report *report;
} wb_import;

typedef struct wb_importer {
    const char *name;
    const char *help;
    bool (*recognises)(const wb_import *import);
    wb_status (*read)(wb_import *import, wb_error *err);
} wb_importer;

extern const wb_importer wb_import_openb;
extern const wb_importer wb_import_simkube;

/* Adds a sentence to the report; beyond the limit the rest is dropped. */
WB_PRINTF(2, 3) void wb_trace_import_note(wb_import *import, const char *fmt, ...);

#endif
