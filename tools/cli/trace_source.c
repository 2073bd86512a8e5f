/*
 * A trace named on the command line may be a recording of another format: it is imported into a
 * temporary file on the way, which is removed when the command ends, by an error, a signal or for
 * want of memory too (not by SIGKILL, nor when a second signal ends it at once).
 */
#include "tools/cli/trace_source.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "traces/trace_import.h"
#include "tools/cli/terminal.h"

#define SOURCES_MAX 32

static char temporary_paths[SOURCES_MAX][256];
static unsigned temporary_count;

/* A new empty file in the user's temporary folder; only this user can read it. */
static wb_status make_temporary(const char **out, wb_error *err)
{
    if (temporary_count == SOURCES_MAX) {
        return wb_fail(err, WB_ERR_LIMIT, "more than %d traces to import", SOURCES_MAX);
    }
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment */
    const char *folder = getenv("TMPDIR");
    char *path = temporary_paths[temporary_count];
    (void)snprintf(path, sizeof temporary_paths[0], "%s/werkbank-trace-XXXXXX",
                   folder != NULL && *folder != 0 ? folder : "/tmp");
    const int file = mkstemp(path);
    if (file < 0) {
        return wb_fail_io(err, path, "create", errno);
    }
    (void)close(file);
    temporary_count++;
    *out = path;
    return WB_OK;
}

wb_status wb_trace_source_open(const char *path, bool is_quiet, wb_arena *arena,
                               const char **out_path, wb_error *err)
{
    assert(path != NULL && arena != NULL && out_path != NULL);
    bool is_trace = false;
    wb_error ignored;
    if (wb_trace_import_is_trace(path, &is_trace, &ignored) == WB_OK && is_trace) {
        *out_path = path;
        return WB_OK;
    }
    wb_trace_import_options options = {.input_path = path};
    wb_trace_import_report report;
    WB_TRY(make_temporary(&options.output_path, err));
    WB_TRY(wb_trace_import(&options, arena, &report, err));
    for (uint32_t i = 0; i < report.note_count && !is_quiet; i++) {
        wb_terminal_error("%s: %s", path, report.notes[i]);
    }
    for (uint32_t i = 0; i < report.change_count && !is_quiet; i++) {
        const wb_trace_import_change *change = &report.changes[i];
        if (strcmp(change->action, "noted") != 0) {
            wb_terminal_error("%s: %s: %llu %s", path, change->action,
                              (unsigned long long)change->count, change->reason);
        }
    }
    *out_path = options.output_path;
    return WB_OK;
}

void wb_trace_source_remove_all(void)
{
    for (unsigned i = 0; i < temporary_count; i++) {
        (void)unlink(temporary_paths[i]);
    }
    temporary_count = 0;
}
