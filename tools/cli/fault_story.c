#include "tools/cli/fault_story.h"

#include <assert.h>

#include "base/duration.h"
#include "sim/store/store_rows.h"

#define FAULTS_SHOWN 20 /* of a run; the view faults has all */

typedef struct story {
    const char *contender;
    wb_text *out;
    uint32_t count;
} story;

/* Those that last have hit something when they are over, the others when they begin. */
static void see_fault(void *context, const wb_store_row *row)
{
    story *of = context;
    char at[48];
    of->count++;
    if (of->count > FAULTS_SHOWN) {
        return;
    }
    const int64_t at_ms = wb_store_rows_int(row, 0);
    wb_duration_print(at_ms - at_ms % WB_MS_PER_SECOND, at);
    wb_text_add_format(of->out, "%s: fault %s %s: %s\n", of->contender,
                       wb_store_rows_int(row, 1) != 0 ? "until" : "at", at,
                       wb_store_rows_text(row, 2));
}

static void see_cause(void *context, const wb_store_row *row)
{
    story *of = context;
    const int64_t pods = wb_store_rows_int(row, 1);
    wb_text_add_format(of->out, "%s: %lld pod%s taken away by '%s', %lld lost\n", of->contender,
                       (long long)pods, pods == 1 ? "" : "s", wb_store_rows_text(row, 0),
                       (long long)wb_store_rows_int(row, 2));
}

wb_status wb_fault_story_print(wb_store *store, const wb_run_figures *run, wb_text *out,
                               wb_error *err)
{
    assert(store != NULL && run != NULL && out != NULL);
    story of = {.contender = run->contender, .out = out};
    const wb_store_query faults = {
        .sql = "SELECT at_ms, is_over, detail FROM faults WHERE run_id = ?1 AND is_over = (kind IN"
               " ('neverRegisters', 'apiError', 'apiLatency', 'messageLost', 'messageDelayed',"
               " 'messageDuplicate', 'controlPlane')) ORDER BY event_id",
        .run_id = run->run_id,
    };
    WB_TRY(wb_store_rows_read(store, &faults, see_fault, &of, err));
    if (of.count == 0) {
        return WB_OK;
    }
    if (of.count > FAULTS_SHOWN) {
        wb_text_add_format(out, "%s: %u more (view faults)\n", run->contender,
                           of.count - FAULTS_SHOWN);
    }
    const wb_store_query causes = {
        .sql = "SELECT cause, count(*), sum(state = 'lost') FROM pods WHERE run_id = ?1 AND"
               " is_daemon = 0 AND cause IN ('node-not-ready', 'instance-lost', 'node-repair',"
               " 'garbage-collection') GROUP BY cause ORDER BY cause",
        .run_id = run->run_id,
    };
    return wb_store_rows_read(store, &causes, see_cause, &of, err);
}
