/*
 * Why nodes stayed: for each node and reason, since when, until when, and for how long in all.
 *
 * A contender looks at its nodes every ten seconds and mostly finds what it found before. So it
 * tells changes only, and here a reason that comes and goes is one row with its spells counted:
 * some three rows a node, however long it lives.
 */
#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "sim/store/store_internal.h"

/* Distinct texts that are kept: they name pods, so a large run has many. The code says enough
 * beyond that. */
#define STAY_TEXTS_MAX 200000

/* The reason's row; made where the node has none of that code. */
static wb_stay *stay_of(wb_recorder *recorder, uint32_t node_id, const char *code)
{
    assert(node_id < recorder->node_capacity);
    uint32_t *link = &recorder->nodes[node_id].first_stay;
    while (*link != 0) {
        wb_stay *stay = &recorder->stays[*link - 1];
        if (strcmp(stay->code, code) == 0) {
            return stay;
        }
        link = &stay->next;
    }
    *link = ++recorder->stay_count;
    if (recorder->stay_count > recorder->stay_capacity) { /* link may point into what moves */
        recorder->stay_capacity =
            (uint32_t)wb_heap_memory_next_capacity(recorder->stay_capacity, recorder->stay_count);
        recorder->stays = wb_heap_memory_resize(recorder->stays, recorder->stay_capacity,
                                                sizeof recorder->stays[0]);
    }
    wb_stay *made = &recorder->stays[recorder->stay_count - 1];
    *made = (wb_stay){.code = code, .first_ms = -1, .since_ms = -1, .last_ms = -1};
    return made;
}

static void close_stay(wb_stay *stay, int64_t now_ms)
{
    if (stay->since_ms >= 0) {
        stay->total_ms += now_ms - stay->since_ms;
        stay->last_ms = now_ms;
        stay->since_ms = -1;
    }
}

void wb_recorder_hold_node(wb_recorder *recorder, uint32_t node_id, const wb_hold *hold)
{
    assert(recorder != NULL && hold != NULL && hold->code != NULL);
    const int64_t now_ms = recorder->env.kernel->now_ms;
    wb_stay *stay = stay_of(recorder, node_id, hold->code);
    if (!hold->is_held) {
        close_stay(stay, now_ms);
        return;
    }
    assert(hold->text != NULL);
    if (stay->spell_count == 0 && recorder->stay_texts.count < STAY_TEXTS_MAX) {
        stay->text_id = wb_intern_add(&recorder->stay_texts, hold->text); /* of the first spell */
    }
    stay->first_ms = stay->first_ms < 0 ? now_ms : stay->first_ms;
    stay->since_ms = stay->since_ms < 0 ? now_ms : stay->since_ms;
    stay->spell_count++;
}

void wb_recorder_release_node(wb_recorder *recorder, uint32_t node_id)
{
    assert(node_id < recorder->node_capacity);
    const int64_t now_ms = recorder->env.kernel->now_ms;
    for (uint32_t i = recorder->nodes[node_id].first_stay; i != 0;) {
        close_stay(&recorder->stays[i - 1], now_ms);
        i = recorder->stays[i - 1].next;
    }
}

static wb_status write_stay(wb_recorder *recorder, sqlite3_stmt *statement, uint32_t node_id,
                            const wb_stay *stay, wb_error *err)
{
    const int64_t now_ms = recorder->env.kernel->now_ms;
    const bool is_open = stay->since_ms >= 0;
    wb_row row = wb_row_begin(statement, recorder->digest, recorder->run_id);
    wb_row_add_int(&row, node_id);
    wb_row_add_text(&row, stay->code);
    wb_row_add_text(&row, wb_intern_text(&recorder->stay_texts, stay->text_id));
    wb_row_add_int(&row, stay->first_ms);
    wb_row_add_int_or_null(&row, is_open ? -1 : stay->last_ms);
    wb_row_add_int(&row, stay->spell_count);
    wb_row_add_int(&row, stay->total_ms + (is_open ? now_ms - stay->since_ms : 0));
    return wb_row_insert(&row, recorder->store, err);
}

wb_status wb_recorder_write_stays(wb_recorder *recorder, wb_error *err)
{
    assert(recorder != NULL);
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(recorder->store, "INSERT INTO stays VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                            &statement, err));
    wb_status status = WB_OK;
    const uint32_t node_count = recorder->env.cluster->node_count;
    for (uint32_t node_id = 0; node_id < node_count && status == WB_OK; node_id++) {
        for (uint32_t i = recorder->nodes[node_id].first_stay; i != 0 && status == WB_OK;) {
            status = write_stay(recorder, statement, node_id, &recorder->stays[i - 1], err);
            i = recorder->stays[i - 1].next;
        }
    }
    (void)sqlite3_finalize(statement);
    return status;
}
