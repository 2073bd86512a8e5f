/*
 * The decisions of a run as a short line: fingerprints of the first n of them, for some thirty n.
 *
 *     decisions   0 1 2 3 4 5 6 7 8 9 10 11 ...
 *     trail       ────┤4:9f3a ──────┤8:01c7 ───────┤12:77d0
 *
 * Two runs of one program part at some decision and seldom meet again. A baseline that holds only
 * the line still tells between which two marks that was; what was decided there is then told by
 * the run at hand. Reasons are left out: wording is no decision.
 */
#ifndef WB_BENCH_DECISION_TRAIL_H
#define WB_BENCH_DECISION_TRAIL_H

#include <stdbool.h>

#include "base/text.h"
#include "sim/store/store.h"

#define WB_DECISION_TRAIL_MARKS 32

typedef struct wb_decision_trail {
    uint32_t decision_count, mark_count;
    uint32_t counts[WB_DECISION_TRAIL_MARKS]; /* ascending; the last is decision_count */
    uint16_t prints[WB_DECISION_TRAIL_MARKS]; /* of the first counts[i] decisions */
} wb_decision_trail;

/* The trail of a finished run. */
WB_MUST_CHECK wb_status wb_decision_trail_read(wb_store *store, int64_t run_id, wb_arena *arena,
                                               wb_decision_trail *out, wb_error *err);

/* Where a run leaves another's trail: the first same_count decisions are the same, and one of those
 * up to parted_count differs. parted_count 0: the same decisions throughout. */
typedef struct wb_decision_parting {
    uint32_t same_count, parted_count;
} wb_decision_parting;

/* Compares the decisions of a finished run with the trail of another. */
WB_MUST_CHECK wb_status wb_decision_trail_compare(wb_store *store, int64_t run_id,
                                                  const wb_decision_trail *other, wb_arena *arena,
                                                  wb_decision_parting *out, wb_error *err);

/* Whether two decisions are the same but for the wording of their reason. */
bool wb_decision_trail_is_same(const wb_decision_row *a, const wb_decision_row *b);

/* "4:9f3a 8:01c7 ...", and back; false when text is no trail. */
void wb_decision_trail_print(const wb_decision_trail *trail, wb_text *out);
bool wb_decision_trail_parse(const char *text, wb_decision_trail *out);

#endif
