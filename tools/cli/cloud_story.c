#include "tools/cli/cloud_story.h"

#include <assert.h>

#include "sim/store/store_rows.h"

#define ERRORS_SHOWN 6 /* of a run; the table api_calls has all */

static const char *plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_warnings(const wb_run_figures *run, const wb_warning_summary *summary,
                           wb_text *out)
{
    if (summary->warned > 0) {
        wb_text_add_format(out,
                           "%s: EC2 warned %lld machine%s: %lld drained in time (%.0f s on "
                           "average), %lld went down with pods\n",
                           run->contender, (long long)summary->warned, plural(summary->warned),
                           (long long)summary->drained, summary->mean_drain_s,
                           (long long)(summary->warned - summary->drained));
    }
    if (summary->unwarned > 0) {
        wb_text_add_format(out, "%s: %lld machine%s ended without a warning\n", run->contender,
                           (long long)summary->unwarned, plural(summary->unwarned));
    }
    if (summary->left_early > 0) {
        wb_text_add_format(out, "%s: %lld machine%s given up at EC2's recommendation\n",
                           run->contender, (long long)summary->left_early,
                           plural(summary->left_early));
    }
    if (summary->warned + summary->unwarned + summary->left_early > 0) {
        wb_text_add_format(out,
                           "%s: %lld pod%s on them, %lld lost with them; %.1f CPU-hours of batch "
                           "work to do again\n",
                           run->contender, (long long)summary->pods, plural(summary->pods),
                           (long long)summary->pods_lost,
                           (double)run->work_lost_cpu_milli_ms / 3.6e9);
    }
}

/* Where the lines of refusals go. */
typedef struct refusal_lines {
    const wb_run_figures *run;
    wb_text *out;
} refusal_lines;

/* A call that IAM refused: action, kinds of resources, times, what follows, where to look. */
static void see_refusal(void *context, const wb_store_row *row)
{
    const refusal_lines *lines = context;
    const char *kinds = wb_store_rows_text(row, 1);
    const char *hint = wb_store_rows_text(row, 4);
    const int64_t count = wb_store_rows_int(row, 2);
    wb_text_add_format(lines->out, "%s: IAM refused %s%s%s %lld time%s: %s%s%s\n",
                       lines->run->contender, wb_store_rows_text(row, 0),
                       kinds[0] != 0 ? " on " : "", kinds, (long long)count, plural(count),
                       wb_store_rows_text(row, 3), hint[0] != 0 ? "; see " : "", hint);
}

static wb_status print_refusals(wb_store *store, const wb_run_figures *run, wb_text *out,
                                wb_error *err)
{
    const wb_store_query query = {
        .sql = "SELECT action, coalesce(group_concat(resource_kind, ', '), ''), sum(count),"
               " consequence, coalesce(min(hint), '') FROM iam_calls WHERE run_id = ?1 AND"
               " decision <> 'allowed' GROUP BY action, consequence ORDER BY min(call_id) LIMIT 6",
        .run_id = run->run_id,
    };
    refusal_lines lines = {.run = run, .out = out};
    return wb_store_rows_read(store, &query, see_refusal, &lines, err);
}

wb_status wb_cloud_story_print(wb_store *store, const wb_run_figures *run, wb_arena *arena,
                               wb_text *out, wb_error *err)
{
    assert(store != NULL && run != NULL && out != NULL);
    wb_warning_summary summary;
    wb_api_error_row *errors = NULL;
    uint32_t count = 0;
    WB_TRY(wb_store_warnings(store, run->run_id, &summary, err));
    WB_TRY(wb_store_api_errors(store, arena, run->run_id, &errors, &count, err));
    print_warnings(run, &summary, out);
    for (uint32_t i = 0; i < count && i < ERRORS_SHOWN; i++) {
        wb_text_add_format(out, "%s: %s: %lld of %lld call%s failed: %s\n", run->contender,
                           errors[i].call, (long long)errors[i].failed, (long long)errors[i].calls,
                           plural(errors[i].calls), errors[i].error);
    }
    return print_refusals(store, run, out, err);
}
