#include "tests/scenarios/run_fixture.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kube/names.h"

#define ROWS_SHOWN 5

void wb_run_fixture_init(wb_run_fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    wb_scratch_folder_init(&fixture->folder);
    wb_arena_init(&fixture->arena, "test", 0, NULL);
    wb_intern_init(&fixture->intern, &fixture->arena);
    wb_names_init(&fixture->intern);
    wb_findings_init(&fixture->findings, &fixture->arena, true);
    const char *path = wb_scratch_folder_join(&fixture->folder, "runs.db");
    const wb_status status = wb_store_open(path, &fixture->store, NULL);
    assert(status == WB_OK);
    (void)status;
    const int opened = sqlite3_open_v2(path, &fixture->db, SQLITE_OPEN_READWRITE, NULL);
    assert(opened == SQLITE_OK);
    (void)opened;
}

void wb_run_fixture_release(wb_run_fixture *fixture)
{
    (void)sqlite3_close(fixture->db);
    wb_store_close(fixture->store);
    wb_intern_release(&fixture->intern);
    wb_arena_release(&fixture->arena);
    wb_scratch_folder_release(&fixture->folder);
}

bool wb_run_fixture_load(wb_run_fixture *fixture, const char *path)
{
    const wb_scenario_overrides overrides = {.findings = &fixture->findings};
    wb_error err = {0};
    const char *kept = wb_arena_copy_string(&fixture->arena, path);
    const wb_status status = wb_scenario_load(&fixture->arena, &fixture->intern, kept, &overrides,
                                              &fixture->scenario, &err);
    if (status != WB_OK) {
        printf("\n  %s\n", err.text);
        for (size_t i = 0; i < fixture->findings.error_count; i++) {
            printf("  %s\n", fixture->findings.errors[i].text);
        }
    }
    return status == WB_OK;
}

bool wb_run_fixture_load_shipped(wb_run_fixture *fixture, const char *name)
{
    const char *source = getenv("WERKBANK_SOURCE");
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/scenarios/%s/scenario.yaml",
                   source != NULL ? source : ".", name);
    return wb_run_fixture_load(fixture, path);
}

wb_run_figures wb_run_fixture_run(wb_run_fixture *fixture, uint32_t contender_index,
                                  wb_event_queue_kind queue_kind)
{
    const wb_simulation_options options = {.store = fixture->store,
                                           .queue_kind = queue_kind,
                                           .version = "test"};
    wb_run_figures figures;
    wb_error err = {0};
    const wb_status status = wb_simulation_run(&fixture->scenario, &fixture->intern,
                                               contender_index, &options, &figures, &err);
    if (status != WB_OK) {
        printf("\n  %s\n", err.text);
    }
    assert(status == WB_OK);
    return figures;
}

sqlite3 *wb_run_fixture_writable(wb_run_fixture *fixture)
{
    const int began = sqlite3_exec(fixture->db, "BEGIN", NULL, NULL, NULL);
    assert(began == SQLITE_OK);
    (void)began;
    return fixture->db;
}

static sqlite3_stmt *prepare(wb_run_fixture *fixture, const char *sql, int64_t run_id)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(fixture->db, sql, -1, &statement, NULL) != SQLITE_OK) {
        printf("\n  %s\n  %s\n", sqlite3_errmsg(fixture->db), sql);
        assert(false);
    }
    (void)sqlite3_bind_int64(statement, 1, run_id);
    return statement;
}

uint32_t wb_run_fixture_count_rows(wb_run_fixture *fixture, const char *title, const char *sql,
                                   int64_t run_id)
{
    sqlite3_stmt *statement = prepare(fixture, sql, run_id);
    uint32_t count = 0;
    while (sqlite3_step(statement) == SQLITE_ROW) {
        if (count == 0 && title != NULL) {
            printf("\n  %s:", title);
        }
        if (count++ < ROWS_SHOWN && title != NULL) {
            printf("\n   ");
            for (int i = 0; i < sqlite3_column_count(statement); i++) {
                const unsigned char *text = sqlite3_column_text(statement, i);
                printf(" %s=%s", sqlite3_column_name(statement, i),
                       text != NULL ? (const char *)text : "NULL");
            }
        }
    }
    (void)sqlite3_finalize(statement);
    return count;
}
