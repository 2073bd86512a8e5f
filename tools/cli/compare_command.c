/*
 * werkbank compare: the finished runs of one or more databases, side by side. Databases are opened
 * for reading only and may be in use: a run that goes on in one of them is left out and counted.
 */
#include <assert.h>
#include <string.h>

#include "sim/store/store_rows.h"
#include "tools/cli/cloud_story.h"
#include "tools/cli/command_list.h"
#include "tools/cli/figure_table.h"
#include "tools/cli/terminal.h"

static const wb_option options[] = {
    {.name = "baseline",
     .kind = WB_OPTION_TEXT,
     .value_name = "NAME",
     .help = "the contender that ratios are against (the first run otherwise)"},
    WB_OPTION_OUTPUT("table|wide|json|csv|markdown"),
};

#define STORIES_MAX 12

/* Runs of all databases, in the order of the command line. */
typedef struct compared_runs {
    wb_run_figures *runs;
    const wb_unscheduled_group **unscheduled;
    uint32_t *unscheduled_counts;
    uint32_t count;
    int64_t unfinished_count; /* left out: interrupted, killed, failed, or going on */
    wb_arena *arena;          /* borrowed; holds all of it */
    const char *price_source; /* of the first run */
    bool prices_differ;       /* another run had other ones */
    wb_text *story;           /* borrowed: what the cloud did to them, a few lines a run */
} compared_runs;

static void add_run(compared_runs *all, wb_arena *arena, const wb_run_figures *run,
                    const wb_unscheduled_group *groups, uint32_t group_count)
{
    assert(groups != NULL || group_count == 0);
    const size_t count = all->count;
    all->runs = wb_arena_grow(arena, all->runs, count, count + 1, sizeof all->runs[0]);
    all->unscheduled = wb_arena_grow(arena, all->unscheduled, count, count + 1,
                                     sizeof(const wb_unscheduled_group *));
    all->unscheduled_counts = wb_arena_grow(arena, all->unscheduled_counts, count, count + 1,
                                            sizeof all->unscheduled_counts[0]);
    all->runs[count] = *run;
    all->unscheduled[count] = groups;
    all->unscheduled_counts[count] = group_count;
    all->count++;
}

/* Row: price_source. */
static void see_prices(void *context, const wb_store_row *row)
{
    compared_runs *all = context;
    const char *source = wb_store_rows_text(row, 0);
    if (all->price_source == NULL) {
        all->price_source = wb_arena_copy_string(all->arena, source);
    }
    all->prices_differ = all->prices_differ || strcmp(all->price_source, source) != 0;
}

static wb_status read_prices(wb_store *store, compared_runs *all, wb_error *err)
{
    const wb_store_query query = {
        "SELECT price_source FROM runs WHERE state = 'finished' ORDER BY run_id", 0, 0, NULL};
    return wb_store_rows_read(store, &query, see_prices, all, err);
}

/* Everything is copied into the arena, so that one database is open at a time. */
static wb_status read_database(const char *path, wb_arena *arena, compared_runs *all, wb_error *err)
{
    wb_store *store = NULL;
    WB_TRY(wb_store_open_readonly(path, &store, err));
    wb_run_figures *runs = NULL;
    uint32_t count = 0;
    int64_t unfinished_count = 0;
    wb_status status = wb_store_figures(store, arena, &runs, &count, err);
    for (uint32_t i = 0; i < count && status == WB_OK; i++) {
        wb_unscheduled_group *groups = NULL;
        uint32_t group_count = 0;
        status = wb_store_unscheduled(store, arena, runs[i].run_id, &groups, &group_count, err);
        if (status == WB_OK) {
            status = wb_cloud_story_print(store, &runs[i], arena, all->story, err);
        }
        if (status == WB_OK) {
            add_run(all, arena, &runs[i], groups, group_count);
        }
    }
    if (status == WB_OK) {
        status = read_prices(store, all, err);
    }
    if (status == WB_OK) {
        status = wb_store_unfinished_count(store, &unfinished_count, err);
    }
    wb_store_close(store);
    if (status == WB_OK) {
        all->unfinished_count += unfinished_count;
    }
    return status;
}

static wb_status find_baseline(const wb_invocation *invocation, const compared_runs *all,
                               uint32_t *out, wb_error *err)
{
    const char *name = wb_command_text(invocation, "baseline");
    *out = 0;
    for (uint32_t i = 0; name != NULL && i < all->count; i++) {
        if (strcmp(all->runs[i].contender, name) == 0) {
            *out = i;
            return WB_OK;
        }
    }
    return name == NULL ? WB_OK
                        : wb_fail(err, WB_ERR_INPUT,
                                  "--baseline: no finished run of contender '%s', expected one "
                                  "such as '%s'",
                                  name, all->runs[0].contender);
}

/* Stories are for people, and for as many runs as one reads line by line. */
static bool tells_stories(const wb_invocation *invocation, const compared_runs *all)
{
    const char *format = wb_command_text(invocation, "output");
    return (strcmp(format, "table") == 0 || strcmp(format, "wide") == 0) &&
           all->count <= STORIES_MAX && all->story->length > 0;
}

/* What makes the comparison less than it looks like. */
static void print_warnings(const compared_runs *all)
{
    if (all->unfinished_count > 0) {
        wb_terminal_error("warning: %lld unfinished run%s left out",
                          (long long)all->unfinished_count,
                          all->unfinished_count == 1 ? " is" : "s are");
    }
    if (all->prices_differ) {
        wb_terminal_error("warning: not all runs were made at the prices of the first: %s",
                          all->price_source);
    }
}

static wb_status compare(wb_invocation *invocation, wb_text *story, wb_text *out, wb_error *err)
{
    compared_runs all = {.arena = invocation->arena, .story = story};
    for (uint32_t i = 0; i < invocation->operand_count; i++) {
        WB_TRY(read_database(invocation->operands[i], invocation->arena, &all, err));
    }
    if (all.count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: holds no finished run, and %lld unfinished",
                       invocation->operands[0], (long long)all.unfinished_count);
    }
    if (!wb_command_flag(invocation, "quiet")) {
        print_warnings(&all);
    }
    wb_figure_table table = {
        .runs = all.runs,
        .run_count = all.count,
        .unscheduled = all.unscheduled,
        .unscheduled_counts = all.unscheduled_counts,
        .scenario = all.runs[0].scenario,
        .price_source = all.price_source,
        .is_colored = wb_terminal_has_color(invocation),
    };
    WB_TRY(find_baseline(invocation, &all, &table.baseline, err));
    for (uint32_t i = 1; i < all.count; i++) {
        if (strcmp(all.runs[i].scenario, all.runs[0].scenario) != 0) {
            return wb_fail(err, WB_ERR_INPUT,
                           "runs of two scenarios, '%s' and '%s': expected runs of one",
                           all.runs[0].scenario, all.runs[i].scenario);
        }
    }
    wb_figure_table_print(&table, invocation->arena, wb_command_text(invocation, "output"), out);
    if (tells_stories(invocation, &all)) {
        wb_text_add_format(out, "\n%s", wb_text_string(story));
    }
    return WB_OK;
}

static wb_exit run(wb_invocation *invocation)
{
    wb_text text;
    wb_text story;
    wb_text_init(&text);
    wb_text_init(&story);
    wb_error err = {0};
    const wb_status status = compare(invocation, &story, &text, &err);
    wb_text_release(&story);
    if (status != WB_OK) {
        wb_text_release(&text);
        wb_terminal_error("%s", err.text);
        return WB_EXIT_USAGE;
    }
    const wb_exit exit_status = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return exit_status;
}

const wb_command wb_compare_command = {
    .name = "compare",
    .operands = "FILE.db...",
    .operand_minimum = 1,
    .operand_maximum = UINT32_MAX,
    .summary = "the finished runs of databases, side by side",
    .description = "Prints the figures of every finished run in the databases, each as a ratio to\n"
                   "the baseline. Unfinished runs (interrupted, killed) are named and left out.",
    .examples = "  werkbank compare day.db --baseline cluster-autoscaler\n"
                "  werkbank compare day.db -o markdown",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
