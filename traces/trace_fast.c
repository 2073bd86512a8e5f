/*
 * A pod line in one pass. What is accepted here is a subset of what the plain reader accepts, and
 * read the same; tests/traces/test_trace_fast.c holds both to the same answer. Any doubt (a blank,
 * an escape, a byte beyond ASCII, a number of many digits, a value out of range) is left to it.
 */
#include "traces/trace_fast.h"

#include <assert.h>
#include <string.h>

#define DIGITS_MAX 15 /* of a number: any time in a trace has fewer */

typedef struct cursor {
    const char *at, *end;
} cursor;

/* Steps over literal when it comes next. */
static bool take(cursor *c, const char *literal, size_t length)
{
    if ((size_t)(c->end - c->at) < length || memcmp(c->at, literal, length) != 0) {
        return false;
    }
    c->at += length;
    return true;
}

#define TAKE(c, literal) take(c, literal, sizeof(literal) - 1)

/* A whole number from 0 to maximum, without leading zeros. */
static bool take_number(cursor *c, int64_t maximum, int64_t *out)
{
    const char *start = c->at;
    int64_t value = 0;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9' && c->at - start < DIGITS_MAX) {
        value = value * 10 + (*c->at++ - '0');
    }
    const bool has_leading_zero = *start == '0' && c->at - start > 1;
    if (c->at == start || has_leading_zero || value > maximum) {
        return false;
    }
    *out = value;
    return true;
}

/* A text of plain ASCII up to its closing quote, not empty, as a zero-terminated copy. */
static bool take_name(cursor *c, char out[WB_TRACE_FAST_NAME_MAX])
{
    size_t length = 0;
    while (c->at < c->end && *c->at != '"') {
        const char byte = *c->at++;
        if (byte < ' ' || byte == '\\' || byte == 0x7f || length + 1 == WB_TRACE_FAST_NAME_MAX) {
            return false;
        }
        out[length++] = byte;
    }
    out[length] = 0;
    return length > 0 && TAKE(c, "\"");
}

/* An optional time field; *out stays -1 without it. */
static bool take_time(cursor *c, const char *field, size_t length, int64_t *out)
{
    *out = -1;
    return !take(c, field, length) || take_number(c, WB_TRACE_TIME_MAX_MS, out);
}

#define TAKE_TIME(c, field, out) take_time(c, field, sizeof(field) - 1, out)

/* What a recording knows, behind the fields that a replay needs. */
static bool take_history(wb_trace_fast_state *state, cursor *c, wb_trace_pod_history *out)
{
    int64_t exit_code = -1;
    *out = (wb_trace_pod_history){.exit_code = -1};
    if (TAKE(c, ",\"node\":\"")) {
        if (!take_name(c, state->node_name)) {
            return false;
        }
        out->node_name = state->node_name;
    }
    if (!TAKE_TIME(c, ",\"bound\":", &out->bound_ms) ||
        !TAKE_TIME(c, ",\"started\":", &out->started_ms) ||
        !TAKE_TIME(c, ",\"gone\":", &out->gone_ms)) {
        return false;
    }
    if (TAKE(c, ",\"exit\":") && !take_number(c, INT32_MAX, &exit_code)) {
        return false;
    }
    out->exit_code = (int32_t)exit_code;
    return true;
}

bool wb_trace_fast_read_pod(wb_trace_fast_state *state, const char *line, size_t length,
                            wb_trace_record *out)
{
    assert(state != NULL && line != NULL && out != NULL);
    cursor c = {line, line + length};
    int64_t at_ms = 0;
    int64_t shape = 0;
    int64_t owner = UINT32_MAX;
    int64_t until_ms = -1;
    int64_t runs_ms = -1;
    wb_trace_pod_history history;
    if (!TAKE(&c, "{\"at\":") || !take_number(&c, WB_TRACE_TIME_MAX_MS, &at_ms) ||
        !TAKE(&c, ",\"pod\":\"") || !take_name(&c, state->name) || !TAKE(&c, ",\"shape\":") ||
        !take_number(&c, (int64_t)state->shape_count - 1, &shape)) {
        return false;
    }
    if (TAKE(&c, ",\"owner\":") && !take_number(&c, (int64_t)state->owner_count - 1, &owner)) {
        return false;
    }
    if (!TAKE_TIME(&c, ",\"until\":", &until_ms) || !TAKE_TIME(&c, ",\"runs\":", &runs_ms)) {
        return false;
    }
    const bool is_checkpointed = TAKE(&c, ",\"checkpointed\":true");
    if (!take_history(state, &c, &history) || !TAKE(&c, "}") || c.at != c.end ||
        at_ms < state->last_ms || (until_ms >= 0 && (until_ms < at_ms || runs_ms >= 0))) {
        return false;
    }
    out->kind = WB_TRACE_POD;
    out->at_ms = at_ms;
    out->name = state->name;
    out->shape_number = (uint32_t)shape;
    out->owner_number = (uint32_t)owner;
    out->until_ms = until_ms;
    out->runs_ms = runs_ms;
    out->is_checkpointed = is_checkpointed;
    out->history = history;
    state->last_ms = at_ms;
    return true;
}
