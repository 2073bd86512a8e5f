#include "bench/decision_trail.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

/* All decisions of a run. */
static wb_status read_all(wb_store *store, int64_t run_id, wb_arena *arena, wb_decision_rows *out,
                          wb_error *err)
{
    WB_TRY(wb_store_decisions(store, arena, run_id, 0, out, err));
    assert(out->total_count >= 0 && out->total_count <= UINT32_MAX);
    return wb_store_decisions(store, arena, run_id, (uint32_t)out->total_count, out, err);
}

static void add(wb_digest *digest, const wb_decision_row *row)
{
    wb_digest_add_int64(digest, row->at_ms);
    wb_digest_add_text(digest, row->kind);
    wb_digest_add_text(digest, row->subject);
    wb_digest_add_text(digest, row->outcome);
    wb_digest_add_int64(digest, row->pod_count);
    wb_digest_add_int64(digest, row->node_count);
}

bool wb_decision_trail_is_same(const wb_decision_row *a, const wb_decision_row *b)
{
    assert(a != NULL && b != NULL);
    return a->at_ms == b->at_ms && strcmp(a->kind, b->kind) == 0 &&
           strcmp(a->subject, b->subject) == 0 && strcmp(a->outcome, b->outcome) == 0 &&
           a->pod_count == b->pod_count && a->node_count == b->node_count;
}

/* The fingerprints of the first counts[i] rows each, as far as there are so many; how many. */
static uint32_t print_marks(const wb_decision_rows *rows, const uint32_t *counts, uint32_t count,
                            uint16_t *out)
{
    wb_digest *digest = wb_digest_new();
    uint32_t mark = 0;
    for (uint32_t i = 0; i < rows->count && mark < count; i++) {
        add(digest, &rows->items[i]);
        if (i + 1 == counts[mark]) {
            char hex[33];
            wb_digest_text(digest, hex);
            hex[4] = 0;
            out[mark++] = (uint16_t)strtoul(hex, NULL, 16);
        }
    }
    wb_digest_free(digest);
    return mark;
}

wb_status wb_decision_trail_read(wb_store *store, int64_t run_id, wb_arena *arena,
                                 wb_decision_trail *out, wb_error *err)
{
    assert(store != NULL && arena != NULL && out != NULL);
    wb_decision_rows rows;
    WB_TRY(read_all(store, run_id, arena, &rows, err));
    wb_decision_trail trail = {.decision_count = rows.count};
    trail.mark_count = rows.count < WB_DECISION_TRAIL_MARKS ? rows.count : WB_DECISION_TRAIL_MARKS;
    for (uint32_t i = 0; i < trail.mark_count; i++) {
        trail.counts[i] = (uint32_t)((uint64_t)rows.count * (i + 1) / trail.mark_count);
    }
    const uint32_t printed = print_marks(&rows, trail.counts, trail.mark_count, trail.prints);
    assert(printed == trail.mark_count);
    (void)printed;
    *out = trail;
    return WB_OK;
}

wb_status wb_decision_trail_compare(wb_store *store, int64_t run_id, const wb_decision_trail *other,
                                    wb_arena *arena, wb_decision_parting *out, wb_error *err)
{
    assert(store != NULL && other != NULL && arena != NULL && out != NULL);
    wb_decision_rows rows;
    WB_TRY(read_all(store, run_id, arena, &rows, err));
    uint16_t prints[WB_DECISION_TRAIL_MARKS];
    const uint32_t reached = print_marks(&rows, other->counts, other->mark_count, prints);
    wb_decision_parting parting = {0, 0};
    for (uint32_t i = 0; i < other->mark_count; i++) {
        if (i >= reached || prints[i] != other->prints[i]) {
            parting.parted_count = other->counts[i];
            break;
        }
        parting.same_count = other->counts[i];
    }
    if (parting.parted_count == 0 && rows.count > other->decision_count) {
        parting.parted_count = other->decision_count + 1; /* goes on where the other ended */
    }
    *out = parting;
    return WB_OK;
}

void wb_decision_trail_print(const wb_decision_trail *trail, wb_text *out)
{
    assert(trail != NULL && trail->mark_count <= WB_DECISION_TRAIL_MARKS);
    for (uint32_t i = 0; i < trail->mark_count; i++) {
        wb_text_add_format(out, "%s%u:%04x", i == 0 ? "" : " ", trail->counts[i],
                           (unsigned)trail->prints[i]);
    }
}

/* "8:9f3a" at text; where it ends, or NULL when it is no mark. */
static const char *parse_mark(const char *text, uint32_t *out_count, uint16_t *out_print)
{
    char *colon = NULL;
    char *end = NULL;
    if (strspn(text, "0123456789") == 0) { /* strtoul takes signs and blanks */
        return NULL;
    }
    const unsigned long count = strtoul(text, &colon, 10);
    if (*colon != ':' || count > UINT32_MAX || strspn(colon + 1, "0123456789abcdef") == 0) {
        return NULL;
    }
    const unsigned long print = strtoul(colon + 1, &end, 16);
    if (print > UINT16_MAX || (*end != ' ' && *end != 0)) {
        return NULL;
    }
    *out_count = (uint32_t)count;
    *out_print = (uint16_t)print;
    return end;
}

bool wb_decision_trail_parse(const char *text, wb_decision_trail *out)
{
    assert(text != NULL && out != NULL);
    wb_decision_trail trail = {0};
    while (*text != 0) {
        uint32_t count = 0;
        uint16_t print = 0;
        const char *end = parse_mark(text, &count, &print);
        if (end == NULL || trail.mark_count == WB_DECISION_TRAIL_MARKS ||
            count <= trail.decision_count) {
            return false;
        }
        trail.counts[trail.mark_count] = count;
        trail.prints[trail.mark_count++] = print;
        trail.decision_count = count;
        text = end + (*end == ' ' ? 1 : 0);
    }
    *out = trail;
    return true;
}
