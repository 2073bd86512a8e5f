#include "tests/traces/generate_fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "kube/names.h"
#include "tests/harness.h"

static void read_pods(wb_generate_fixture *fixture, wb_intern *intern)
{
    wb_trace_reader *reader = NULL;
    wb_trace_record record = {0};
    fixture->pods = WB_ARENA_ARRAY(&fixture->arena, wb_generate_fixture_pod,
                                   (size_t)fixture->report.pod_count + 1);
    CU_ASSERT_EQUAL_FATAL(
        wb_trace_reader_open(fixture->path, &fixture->arena, intern, &reader, NULL), WB_OK);
    while (record.kind != WB_TRACE_END) {
        CU_ASSERT_EQUAL_FATAL(wb_trace_reader_next(reader, &record, NULL), WB_OK);
        if (record.kind == WB_TRACE_POD) {
            fixture->pods[fixture->pod_count++] = (wb_generate_fixture_pod){
                record.at_ms,        record.until_ms,
                record.runs_ms,      record.shape_number,
                record.owner_number, wb_arena_copy_string(&fixture->arena, record.name)};
        }
    }
    wb_trace_reader_close(reader);
    CU_ASSERT_EQUAL(fixture->pod_count, fixture->report.pod_count);
}

void wb_generate_fixture_run(wb_generate_fixture *fixture, const char *spec, double scale,
                             int64_t seed)
{
    wb_intern intern;
    memset(fixture, 0, sizeof *fixture);
    wb_scratch_folder_init(&fixture->folder);
    wb_arena_init(&fixture->arena, "test", 0, NULL);
    wb_intern_init(&intern, &fixture->arena);
    wb_names_init(&intern);
    wb_findings_init(&fixture->findings, &fixture->arena, true);
    fixture->path = wb_scratch_folder_join(&fixture->folder, "out");
    fixture->text = "";
    const wb_trace_generate_options options = {
        .spec_path = "s.yaml",
        .spec_text = spec,
        .output_path = fixture->path,
        .scale = scale,
        .seed_is_set = seed >= 0,
        .seed = (uint64_t)seed,
    };
    fixture->status = wb_trace_generate(&options, &fixture->arena, &intern, &fixture->findings,
                                        &fixture->report, &fixture->err);
    if (fixture->status == WB_OK) {
        char *text = NULL;
        size_t length = 0;
        CU_ASSERT_EQUAL(wb_file_read(&fixture->arena, fixture->path, 0, &text, &length, NULL),
                        WB_OK);
        fixture->text = text != NULL ? text : "";
        CU_ASSERT_EQUAL(wb_trace_check(fixture->path, NULL, &fixture->err), WB_OK);
        read_pods(fixture, &intern);
    }
    wb_intern_release(&intern);
}

void wb_generate_fixture_release(wb_generate_fixture *fixture)
{
    wb_scratch_folder_release(&fixture->folder);
    wb_arena_release(&fixture->arena);
}

void wb_generate_fixture_refuse(const wb_generate_bad_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        wb_generate_fixture f;
        wb_generate_fixture_run(&f, cases[i].spec, 1.0, -1);
        CU_ASSERT_EQUAL(f.status, WB_ERR_INPUT);
        CU_ASSERT_EQUAL(f.findings.error_count, 1);
        const char *found = f.findings.error_count > 0 ? f.findings.errors[0].text : "";
        if (cases[i].message[0] != 0 && strcmp(found, cases[i].message) != 0) {
            printf("\n  %s:\n    found    %s\n    expected %s\n", cases[i].name, found,
                   cases[i].message);
            CU_FAIL("another message");
        }
        wb_generate_fixture_release(&f);
    }
}

int64_t wb_generate_fixture_alive(const wb_generate_fixture *fixture, int64_t at_ms)
{
    int64_t alive = 0;
    for (size_t i = 0; i < fixture->pod_count; i++) {
        const wb_generate_fixture_pod *pod = &fixture->pods[i];
        alive += pod->at_ms <= at_ms && pod->until_ms > at_ms ? 1 : 0;
    }
    return alive;
}

size_t wb_generate_fixture_count(const wb_generate_fixture *fixture, const char *what)
{
    size_t count = 0;
    for (const char *at = strstr(fixture->text, what); at != NULL; at = strstr(at + 1, what)) {
        count++;
    }
    return count;
}
