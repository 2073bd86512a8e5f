/*
 * Both runs' decisions are read and walked side by side. A run of a month has some ten thousand of
 * them; pods, of which there may be a million, are compared by a fingerprint each.
 */
#include "bench/run_diff.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "sim/store/store_rows.h"
#include "bench/decision_trail.h"

#define PHRASE_BYTES 512

/* ---- words ---- */

void wb_run_diff_print_time(int64_t at_ms, char out[48])
{
    assert(at_ms >= 0);
    const long long seconds = at_ms / 1000;
    const int ms = (int)(at_ms % 1000);
    int length =
        snprintf(out, 48, "%02lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if (ms != 0 && length > 0 && length < 40) {
        (void)snprintf(out + length, 8, ".%03d", ms);
    }
}

/* "replace 2 nodes by c6a.xlarge on-demand" of "default-00002 and others". */
static bool tell_removal(const wb_decision_row *row, char *out, size_t size)
{
    assert(row != NULL);
    const bool is_replacement = strncmp(row->outcome, "replace ", 8) == 0;
    const bool is_deletion = strncmp(row->outcome, "delete ", 7) == 0;
    if (!is_replacement && !is_deletion) {
        return false;
    }
    const char *by = is_replacement ? strstr(row->outcome, " by ") : NULL;
    char who[PHRASE_BYTES / 2];
    if (row->node_count > 1) {
        (void)snprintf(who, sizeof who, "%lld nodes (%s)", (long long)row->node_count,
                       row->subject);
    } else {
        (void)snprintf(who, sizeof who, "%s", row->subject);
    }
    (void)snprintf(out, size, "%s %s%s (%s)", is_replacement ? "replaced" : "deleted", who,
                   by != NULL ? by : "", row->kind);
    return true;
}

const char *wb_run_diff_tell(const wb_decision_row *row, wb_arena *arena)
{
    assert(row != NULL && arena != NULL);
    char text[PHRASE_BYTES];
    if (tell_removal(row, text, sizeof text)) {
        return wb_arena_copy_string(arena, text);
    }
    if (strcmp(row->kind, "provision") == 0) {
        (void)snprintf(text, sizeof text, "launched %s for %lld pod%s", row->outcome,
                       (long long)row->pod_count, row->pod_count == 1 ? "" : "s");
    } else if (strcmp(row->kind, "replacement") == 0) {
        (void)snprintf(text, sizeof text, "launched %s as a replacement", row->outcome);
    } else if (strcmp(row->kind, "scale-up") == 0) {
        (void)snprintf(text, sizeof text, "scaled up %s: %s", row->subject, row->outcome);
    } else if (strcmp(row->kind, "scale-down") == 0) {
        (void)snprintf(text, sizeof text, "removed %s (scale-down, %s)", row->subject,
                       row->outcome);
    } else {
        (void)snprintf(text, sizeof text, "decided %s of %s: %s", row->kind, row->subject,
                       row->outcome);
    }
    return wb_arena_copy_string(arena, text);
}

static bool is_removal(const wb_decision_row *row)
{
    return strncmp(row->outcome, "replace ", 8) == 0 || strncmp(row->outcome, "delete ", 7) == 0 ||
           strcmp(row->kind, "scale-down") == 0;
}

/* ---- decisions ---- */

/* The one text that a query gives. */
typedef struct told_text {
    wb_arena *arena;
    const char *text; /* NULL: no row */
} told_text;

static void see_text(void *context, const wb_store_row *row)
{
    told_text *told = context;
    told->text = wb_arena_copy_string(told->arena, wb_store_rows_text(row, 0));
}

/* A command that it gave up; else what it said of a node that it left alone. */
static const char refusal_sql[] =
    "SELECT why FROM (SELECT coalesce(nullif(c.failure, ''), c.state) AS why, 0 AS rank,"
    " abs(c.found_ms - ?2) AS distance FROM commands c JOIN command_nodes n USING (run_id,"
    " command_id) JOIN claims k ON k.run_id = c.run_id AND k.claim_id = n.claim_id"
    " WHERE c.run_id = ?1 AND n.role = 'candidate' AND k.name = ?3"
    " AND c.state IN ('rejected', 'failed') AND abs(c.found_ms - ?2) <= 60000"
    " UNION ALL SELECT coalesce(nullif(s.detail, ''), s.reason), 1, abs(s.first_ms - ?2)"
    " FROM stays s JOIN nodes n USING (run_id, node_id)"
    " LEFT JOIN claims k ON k.run_id = n.run_id AND k.claim_id = n.claim_id"
    " WHERE s.run_id = ?1 AND (n.name = ?3 OR k.name = ?3) AND s.first_ms <= ?2"
    " AND coalesce(s.last_ms, ?2) >= ?2 - 60000) ORDER BY rank, distance, why LIMIT 1";

/* Why the other side, which had the same cluster until now, did not take a node away; NULL: nothing
 * is recorded. */
static wb_status find_refusal(const wb_run_side *side, const wb_decision_row *row, wb_arena *arena,
                              const char **out, wb_error *err)
{
    told_text found = {.arena = arena};
    char name[PHRASE_BYTES / 2]; /* "default-00002 and others": the first of them */
    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(row->subject, " "), row->subject);
    const wb_store_query query = {
        .sql = refusal_sql, .run_id = side->run_id, .subject = row->at_ms, .text = name};
    WB_TRY(wb_store_rows_read(side->store, &query, see_text, &found, err));
    *out = found.text;
    return WB_OK;
}

/* Two runs that part: what one did first, and what the other did in its place. */
typedef struct parting {
    const wb_run_side *actor, *other;
    const wb_decision_row *act, *next; /* next: the other's next decision; NULL: none */
} parting;

/* What the other side did later, where it did nothing then. */
static void tell_next(const wb_decision_row *next, wb_arena *arena, char *out, size_t size)
{
    if (next == NULL) {
        (void)snprintf(out, size, " and decided nothing more");
        return;
    }
    char at[48];
    wb_run_diff_print_time(next->at_ms, at);
    (void)snprintf(out, size, "; its next, at %s: %s", at, wb_run_diff_tell(next, arena));
}

/* A command tells its launches first; the removal that they are for says more. */
static const wb_decision_row *find_act(const wb_decision_rows *rows, uint32_t index)
{
    assert(rows != NULL);
    const wb_decision_row *first = &rows->items[index];
    if (strcmp(first->kind, "replacement") != 0) {
        return first;
    }
    for (uint32_t i = index; i < rows->count && rows->items[i].at_ms == first->at_ms; i++) {
        if (is_removal(&rows->items[i])) {
            return &rows->items[i];
        }
    }
    return first;
}

static wb_status tell_parting(const parting *of, wb_arena *arena, const char **out, wb_error *err)
{
    char at[48];
    char sentence[4 * PHRASE_BYTES];
    wb_run_diff_print_time(of->act->at_ms, at);
    const int length = snprintf(sentence, sizeof sentence, "at %s %s %s, %s ", at, of->actor->label,
                                wb_run_diff_tell(of->act, arena), of->other->label);
    assert(length > 0 && (size_t)length < sizeof sentence);
    const bool is_at_once = of->next != NULL && of->next->at_ms == of->act->at_ms;
    if (is_at_once) {
        (void)snprintf(sentence + length, sizeof sentence - (size_t)length, "%s",
                       wb_run_diff_tell(of->next, arena));
        *out = wb_arena_copy_string(arena, sentence);
        return WB_OK;
    }
    const char *why = NULL;
    if (is_removal(of->act)) {
        WB_TRY(find_refusal(of->other, of->act, arena, &why, err));
    }
    const size_t room = sizeof sentence - (size_t)length;
    if (why != NULL) {
        (void)snprintf(sentence + length, room, "kept %s: %s",
                       of->act->node_count > 1 ? "them" : "it", why);
    } else {
        char next[PHRASE_BYTES + 64];
        tell_next(of->next, arena, next, sizeof next);
        (void)snprintf(sentence + length, room, "%s%s",
                       !is_removal(of->act)      ? "did not"
                       : of->act->node_count > 1 ? "kept them"
                                                 : "kept it",
                       next);
    }
    *out = wb_arena_copy_string(arena, sentence);
    return WB_OK;
}

static wb_status read_decisions(const wb_run_side *side, wb_arena *arena, wb_decision_rows *out,
                                wb_error *err)
{
    WB_TRY(wb_store_decisions(side->store, arena, side->run_id, 0, out, err));
    return wb_store_decisions(side->store, arena, side->run_id, (uint32_t)out->total_count, out,
                              err);
}

static wb_status compare_decisions(const wb_run_side *a, const wb_run_side *b, wb_arena *arena,
                                   wb_run_difference *out, wb_error *err)
{
    wb_decision_rows rows_a;
    wb_decision_rows rows_b;
    WB_TRY(read_decisions(a, arena, &rows_a, err));
    WB_TRY(read_decisions(b, arena, &rows_b, err));
    uint32_t i = 0;
    while (i < rows_a.count && i < rows_b.count &&
           wb_decision_trail_is_same(&rows_a.items[i], &rows_b.items[i])) {
        i++;
    }
    out->same_count = i;
    if (i == rows_a.count && i == rows_b.count) {
        return WB_OK;
    }
    const wb_decision_row *next_a = i < rows_a.count ? find_act(&rows_a, i) : NULL;
    const wb_decision_row *next_b = i < rows_b.count ? find_act(&rows_b, i) : NULL;
    const bool is_a_first = next_b == NULL || (next_a != NULL && next_a->at_ms <= next_b->at_ms);
    const parting parted = {
        .actor = is_a_first ? a : b,
        .other = is_a_first ? b : a,
        .act = is_a_first ? next_a : next_b,
        .next = is_a_first ? next_b : next_a,
    };
    assert(parted.act != NULL); /* not both lists are at their end */
    out->is_different = true;
    out->kind = "decision";
    out->at_ms = parted.act->at_ms;
    return tell_parting(&parted, arena, &out->sentence, err);
}

/* ---- pods ---- */

typedef struct pod_times {
    int64_t at_ms; /* bound, or created where it never was */
    uint64_t print;
} pod_times;

typedef struct pod_list {
    wb_arena *arena;
    pod_times *items;
    uint32_t count, capacity;
} pod_list;

static const char pods_sql[] =
    "SELECT coalesce(p.bound_ms, p.created_ms), coalesce(p.bound_ms, -1),"
    " coalesce(p.running_ms, -1), coalesce(p.gone_ms, -1), p.state, coalesce(n.name, '')"
    " FROM pods p LEFT JOIN nodes n ON n.run_id = p.run_id AND n.node_id = p.node_id"
    " WHERE p.run_id = ?1 ORDER BY p.pod_id";

static void see_pod(void *context, const wb_store_row *row)
{
    pod_list *list = context;
    if (list->count == list->capacity) {
        const uint32_t old = list->capacity;
        list->capacity = old * 2 + 1024;
        list->items =
            wb_arena_grow(list->arena, list->items, old, list->capacity, sizeof list->items[0]);
    }
    char text[PHRASE_BYTES];
    const int length =
        snprintf(text, sizeof text, "%lld %lld %lld %s %s", (long long)wb_store_rows_int(row, 1),
                 (long long)wb_store_rows_int(row, 2), (long long)wb_store_rows_int(row, 3),
                 wb_store_rows_text(row, 4), wb_store_rows_text(row, 5));
    list->items[list->count++] = (pod_times){
        .at_ms = wb_store_rows_int(row, 0),
        .print =
            wb_digest_hash64(text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1),
    };
}

static const char pod_sql[] =
    "SELECT p.namespace || '/' || p.name || CASE WHEN p.bound_ms IS NULL THEN ' was never bound'"
    " ELSE ' was bound to ' || coalesce(n.name, 'a node') || ' at ' || p.bound_ms || ' ms' END"
    " || coalesce(', ran from ' || p.running_ms || ' ms', '')"
    " || coalesce(' to ' || p.gone_ms || ' ms', '') || ' (' || p.state || ')'"
    " FROM pods p LEFT JOIN nodes n ON n.run_id = p.run_id AND n.node_id = p.node_id"
    " WHERE p.run_id = ?1 AND p.pod_id = ?2";

static wb_status tell_pod(const wb_run_side *side, uint32_t pod_id, wb_arena *arena,
                          const char **out, wb_error *err)
{
    const wb_store_query query = {.sql = pod_sql, .run_id = side->run_id, .subject = pod_id};
    told_text found = {.arena = arena};
    WB_TRY(wb_store_rows_read(side->store, &query, see_text, &found, err));
    *out = found.text != NULL ? found.text : "there was no such pod";
    return WB_OK;
}

/* The earliest of the two times that are there. */
static int64_t first_time(const pod_list lists[2], uint32_t pod_id)
{
    int64_t at_ms = INT64_MAX;
    for (int s = 0; s < 2; s++) {
        if (pod_id < lists[s].count && lists[s].items[pod_id].at_ms < at_ms) {
            at_ms = lists[s].items[pod_id].at_ms;
        }
    }
    return at_ms;
}

/* The pod that differs first, in time; UINT32_MAX: none does. */
static uint32_t find_pod(const pod_list lists[2], int64_t *out_at_ms)
{
    const uint32_t both = lists[0].count < lists[1].count ? lists[0].count : lists[1].count;
    const uint32_t all = lists[0].count + lists[1].count - both;
    uint32_t first = UINT32_MAX;
    for (uint32_t i = 0; i < all; i++) {
        if (i < both && lists[0].items[i].print == lists[1].items[i].print) {
            continue;
        }
        const int64_t at_ms = first_time(lists, i);
        if (first == UINT32_MAX || at_ms < *out_at_ms) {
            first = i;
            *out_at_ms = at_ms;
        }
    }
    return first;
}

static wb_status compare_pods(const wb_run_side *a, const wb_run_side *b, wb_arena *arena,
                              wb_run_difference *out, wb_error *err)
{
    pod_list lists[2] = {{.arena = arena}, {.arena = arena}};
    const wb_run_side *const sides[2] = {a, b};
    const char *told[2] = {"", ""};
    for (int s = 0; s < 2; s++) {
        const wb_store_query query = {.sql = pods_sql, .run_id = sides[s]->run_id};
        WB_TRY(wb_store_rows_read(sides[s]->store, &query, see_pod, &lists[s], err));
    }
    const uint32_t pod_id = find_pod(lists, &out->at_ms);
    if (pod_id == UINT32_MAX) {
        return WB_OK;
    }
    WB_TRY(tell_pod(a, pod_id, arena, &told[0], err));
    WB_TRY(tell_pod(b, pod_id, arena, &told[1], err));
    char sentence[4 * PHRASE_BYTES];
    (void)snprintf(sentence, sizeof sentence, "all %u decisions are the same; %s: %s; %s: %s",
                   out->same_count, a->label, told[0], b->label, told[1]);
    out->is_different = true;
    out->kind = "pod";
    out->sentence = wb_arena_copy_string(arena, sentence);
    return WB_OK;
}

/* ---- both ---- */

static wb_status read_digest(const wb_run_side *side, wb_arena *arena, const char **out,
                             wb_error *err)
{
    const wb_store_query query = {.sql = "SELECT digest FROM runs WHERE run_id = ?1"
                                         " AND state = 'finished'",
                                  .run_id = side->run_id};
    told_text found = {.arena = arena};
    WB_TRY(wb_store_rows_read(side->store, &query, see_text, &found, err));
    if (found.text == NULL) {
        return wb_fail(err, WB_ERR_INPUT, "%s: run %lld is not there or not finished", side->label,
                       (long long)side->run_id);
    }
    *out = found.text;
    return WB_OK;
}

wb_status wb_run_diff_find(const wb_run_side *a, const wb_run_side *b, wb_arena *arena,
                           wb_run_difference *out, wb_error *err)
{
    assert(a != NULL && b != NULL && arena != NULL && out != NULL);
    const char *digests[2] = {"", ""};
    WB_TRY(read_digest(a, arena, &digests[0], err));
    WB_TRY(read_digest(b, arena, &digests[1], err));
    wb_run_difference found = {.kind = "", .sentence = "", .at_ms = -1};
    WB_TRY(compare_decisions(a, b, arena, &found, err));
    if (!found.is_different) {
        WB_TRY(compare_pods(a, b, arena, &found, err));
    }
    if (!found.is_different && strcmp(digests[0], digests[1]) != 0) {
        char sentence[PHRASE_BYTES];
        (void)snprintf(sentence, sizeof sentence,
                       "all %u decisions and all pods are the same; what is recorded beside them "
                       "differs (inputs, settings, reasons, samples)",
                       found.same_count);
        found.is_different = true;
        found.kind = "record";
        found.sentence = wb_arena_copy_string(arena, sentence);
    }
    *out = found;
    return WB_OK;
}
