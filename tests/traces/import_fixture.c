#include "tests/traces/import_fixture.h"

#include <assert.h>
#include <string.h>

#include "base/file.h"

void wb_import_fixture_init(wb_import_fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    wb_scratch_folder_init(&fixture->folder);
    wb_arena_init(&fixture->arena, "test", 0, NULL);
}

void wb_import_fixture_release(wb_import_fixture *fixture)
{
    wb_scratch_folder_release(&fixture->folder);
    wb_arena_release(&fixture->arena);
}

static char no_text[] = "";

static void import_path(wb_import_fixture *fixture, const char *format, const char *path)
{
    const char *output_path = wb_scratch_folder_join(&fixture->folder, "out");
    const wb_trace_import_options options = {.input_path = path,
                                             .output_path = output_path,
                                             .format = format};
    memset(&fixture->err, 0, sizeof fixture->err);
    fixture->text = no_text;
    fixture->status = wb_trace_import(&options, &fixture->arena, &fixture->report, &fixture->err);
    const size_t length = strlen(fixture->folder.path) + 1;
    if (strncmp(fixture->err.text, path, length) == 0) {
        memmove(fixture->err.text, fixture->err.text + length, sizeof fixture->err.text - length);
    }
    if (fixture->status == WB_OK) {
        size_t size = 0;
        const wb_status status =
            wb_file_read(&fixture->arena, output_path, 0, &fixture->text, &size, NULL);
        assert(status == WB_OK);
        (void)status;
    }
}

void wb_import_fixture_run(wb_import_fixture *fixture, const char *format, const void *bytes,
                           size_t length)
{
    import_path(fixture, format, wb_scratch_folder_write(&fixture->folder, "in", bytes, length));
}

void wb_import_fixture_run_file(wb_import_fixture *fixture, const char *path)
{
    import_path(fixture, NULL, path);
}

wb_trace_summary wb_import_fixture_summary(wb_import_fixture *fixture)
{
    wb_trace_summary summary = {0};
    wb_error err = {0};
    const wb_status status =
        wb_trace_check(wb_scratch_folder_join(&fixture->folder, "out"), &summary, &err);
    assert(status == WB_OK);
    (void)status;
    return summary;
}
