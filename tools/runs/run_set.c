#include "tools/runs/run_set.h"

#include <assert.h>
#include <string.h>

#include "sim/store/store_rows.h"

/* Home colours first; the rest of the palette goes to further contenders in order. */
static const struct {
    const char *contender_kind, *color;
} homes[] = {
    {"karpenter", "#0072B2"},
    {"cluster_autoscaler", "#D55E00"},
    {"fixed", "#009E73"},
};
static const char *const others[] = {"#CC79A7", "#E69F00", "#56B4E9",
                                     "#7F7F7F", "#B8A600", "#000000"};

static bool is_taken(const wb_run_set *set, const char *color)
{
    for (uint32_t i = 0; i < set->run_count; i++) {
        if (strcmp(set->runs[i].color, color) == 0) {
            return true;
        }
    }
    return false;
}

static const char *color_of(const wb_run_set *set, const char *contender_kind)
{
    for (size_t i = 0; i < sizeof homes / sizeof homes[0]; i++) {
        if (strcmp(homes[i].contender_kind, contender_kind) == 0 &&
            !is_taken(set, homes[i].color)) {
            return homes[i].color;
        }
    }
    size_t other = 0;
    while (is_taken(set, others[other])) {
        other++;
        assert(other < sizeof others / sizeof others[0]);
    }
    return others[other];
}

/* Row: run_id, contender, contender_kind, end_ms, scenario. A contender recorded again replaces. */
static void see_run(void *context, const wb_store_row *row)
{
    wb_run_set *set = context;
    const char *contender = wb_store_rows_text(row, 1);
    uint32_t at = 0;
    while (at < set->run_count && strcmp(set->runs[at].contender, contender) != 0) {
        at++;
    }
    if (at == WB_RUN_SET_MAX) {
        return;
    }
    wb_run_set_item *run = &set->runs[at];
    if (at == set->run_count) {
        const char *kind = wb_store_rows_text(row, 2);
        *run = (wb_run_set_item){.contender = wb_arena_copy_string(set->arena, contender),
                                 .kind = wb_arena_copy_string(set->arena, kind),
                                 .color = color_of(set, kind)};
        set->run_count++;
    }
    run->run_id = wb_store_rows_int(row, 0);
    run->end_ms = wb_store_rows_int(row, 3);
    set->scenario = wb_arena_copy_string(set->arena, wb_store_rows_text(row, 4));
    set->epoch_ms = wb_store_rows_int(row, 5);
}

static void see_seed(void *context, const wb_store_row *row)
{
    int64_t *seed = context;
    if (!wb_store_rows_is_null(row, 0)) {
        *seed = wb_store_rows_int(row, 0);
    }
}

wb_status wb_run_set_open(wb_store *store, int64_t seed, wb_arena *arena, wb_run_set *out,
                          wb_error *err)
{
    assert(store != NULL && arena != NULL && out != NULL);
    const wb_store_query lowest = {"SELECT min(seed) FROM runs WHERE state = 'finished'", 0, 0,
                                   NULL};
    int64_t lowest_seed = -1;
    WB_TRY(wb_store_rows_read(store, &lowest, see_seed, &lowest_seed, err));
    if (lowest_seed < 0) {
        return wb_fail(err, WB_ERR_INPUT, "the database holds no finished run");
    }
    wb_run_set set = {.store = store,
                      .arena = arena,
                      .scenario = "",
                      .seed = (uint64_t)(seed < 0 ? lowest_seed : seed),
                      .span_ms = 1};
    const wb_store_query runs = {
        "SELECT run_id, contender, contender_kind, end_ms, scenario, coalesce(epoch_ms, -1)"
        " FROM runs WHERE state = 'finished' AND seed = ?2 ORDER BY run_id",
        0, (int64_t)set.seed, NULL};
    WB_TRY(wb_store_rows_read(store, &runs, see_run, &set, err));
    if (set.run_count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "no finished run has seed %llu, the lowest is %lld",
                       (unsigned long long)set.seed, (long long)lowest_seed);
    }
    for (uint32_t i = 0; i < set.run_count; i++) {
        set.span_ms = set.runs[i].end_ms > set.span_ms ? set.runs[i].end_ms : set.span_ms;
    }
    *out = set;
    return WB_OK;
}
