/* Importing a recording that a test holds in memory, and what came out of it. */
#ifndef WB_TESTS_TRACES_IMPORT_FIXTURE_H
#define WB_TESTS_TRACES_IMPORT_FIXTURE_H

#include "traces/trace.h"
#include "traces/trace_import.h"
#include "tests/base/scratch_folder.h"

typedef struct wb_import_fixture {
    wb_scratch_folder folder;
    wb_arena arena;
    wb_status status; /* of the last import */
    wb_error err;     /* its message, the folder's name cut off when it came first */
    wb_trace_import_report report;
    char *text; /* the trace that was written, "" without; in arena */
} wb_import_fixture;

/* Starts with an empty folder. */
void wb_import_fixture_init(wb_import_fixture *fixture);
/* Removes the folder. */
void wb_import_fixture_release(wb_import_fixture *fixture);

/* Imports length bytes as the file "in"; format may be NULL. On success the trace is checked. */
void wb_import_fixture_run(wb_import_fixture *fixture, const char *format, const void *bytes,
                           size_t length);

/* The same for a file that is there. */
void wb_import_fixture_run_file(wb_import_fixture *fixture, const char *path);

/* What the check says about the last trace; it must be good. */
wb_trace_summary wb_import_fixture_summary(wb_import_fixture *fixture);

#endif
