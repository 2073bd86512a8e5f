/*
 * Rows that differ in one thing only are folded: first resources of one action under one
 * condition, then actions with the same resources and condition. Two folds are enough, since a
 * statement is a product of both.
 */
#include "scenarios/preflight/least_policy.h"

#include <assert.h>
#include <string.h>

#include "sim/store/store_rows.h"

#define PARTS_MAX 128 /* of a statement; the table of calls is shorter */

/* A statement under construction; lists in the order of the calls. */
typedef struct statement {
    const char *actions[PARTS_MAX];
    const char *resources[PARTS_MAX];
    const char *condition;
    uint32_t action_count, resource_count;
} statement;

typedef struct policy {
    wb_arena *arena;
    statement *statements;
    uint32_t count, capacity;
} policy;

static statement *add_statement(policy *to)
{
    if (to->count == to->capacity) {
        const uint32_t capacity = to->capacity == 0 ? 32 : 2 * to->capacity;
        to->statements =
            wb_arena_grow(to->arena, to->statements, to->count, capacity, sizeof to->statements[0]);
        to->capacity = capacity;
    }
    to->statements[to->count] = (statement){.condition = ""};
    return &to->statements[to->count++];
}

/* One row: action, resource, condition. */
static void see_call(void *context, const wb_store_row *row)
{
    policy *to = context;
    const char *action = wb_store_rows_text(row, 0);
    const char *condition = wb_store_rows_text(row, 2);
    statement *same = NULL;
    for (uint32_t i = 0; i < to->count; i++) {
        if (strcmp(to->statements[i].actions[0], action) == 0 &&
            strcmp(to->statements[i].condition, condition) == 0) {
            same = &to->statements[i];
        }
    }
    if (same == NULL) {
        same = add_statement(to);
        same->actions[same->action_count++] = wb_arena_copy_string(to->arena, action);
        same->condition = wb_arena_copy_string(to->arena, condition);
    }
    assert(same->resource_count < PARTS_MAX);
    same->resources[same->resource_count++] =
        wb_arena_copy_string(to->arena, wb_store_rows_text(row, 1));
}

static void see_count(void *context, const wb_store_row *row)
{
    *(uint32_t *)context = (uint32_t)wb_store_rows_int(row, 0);
}

static bool same_resources(const statement *a, const statement *b)
{
    if (a->resource_count != b->resource_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->resource_count; i++) {
        if (strcmp(a->resources[i], b->resources[i]) != 0) {
            return false;
        }
    }
    return true;
}

/* Actions with the same resources and condition become one statement. */
static void fold_actions(policy *of)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < of->count; i++) {
        statement *into = NULL;
        for (uint32_t k = 0; k < kept && into == NULL; k++) {
            if (strcmp(of->statements[k].condition, of->statements[i].condition) == 0 &&
                same_resources(&of->statements[k], &of->statements[i])) {
                into = &of->statements[k];
            }
        }
        if (into == NULL) {
            of->statements[kept++] = of->statements[i];
        } else {
            assert(into->action_count < PARTS_MAX);
            into->actions[into->action_count++] = of->statements[i].actions[0];
        }
    }
    of->count = kept;
}

static void print_list(const char *name, const char *const *items, uint32_t count, wb_text *out)
{
    wb_text_add_format(out, "      \"%s\": [", name);
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_string(out, i > 0 ? ",\n        " : "\n        ");
        wb_text_add_json_string(out, items[i]);
    }
    wb_text_add_string(out, "\n      ]");
}

static void print_policy(const policy *of, wb_text *out)
{
    wb_text_add_string(out, "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [");
    for (uint32_t i = 0; i < of->count; i++) {
        const statement *one = &of->statements[i];
        wb_text_add_format(out,
                           "%s\n    {\n      \"Sid\": \"Needed%u\",\n"
                           "      \"Effect\": \"Allow\",\n",
                           i > 0 ? "," : "", i + 1);
        print_list("Action", one->actions, one->action_count, out);
        wb_text_add_string(out, ",\n");
        print_list("Resource", one->resources, one->resource_count, out);
        if (strcmp(one->condition, "{}") != 0) {
            wb_text_add_format(out, ",\n      \"Condition\": %s", one->condition);
        }
        wb_text_add_string(out, "\n    }");
    }
    wb_text_add_string(out, "\n  ]\n}\n");
}

wb_status wb_least_policy_print(wb_store *store, wb_arena *arena, const char *contender,
                                wb_text *out, uint32_t *out_runs, wb_error *err)
{
    assert(store != NULL && out != NULL && out_runs != NULL);
    const char *name = contender != NULL ? contender : "";
    const wb_store_query runs = {
        .sql = "SELECT count(DISTINCT run_id) FROM iam_calls JOIN runs USING (run_id)"
               " WHERE state = 'finished' AND ?3 IN ('', contender)",
        .text = name,
    };
    const wb_store_query calls = {
        .sql = "SELECT action, resource, condition FROM iam_calls JOIN runs USING (run_id)"
               " WHERE state = 'finished' AND ?3 IN ('', contender)"
               " GROUP BY action, resource, condition ORDER BY min(call_id), resource",
        .text = name,
    };
    policy made = {.arena = arena};
    *out_runs = 0;
    WB_TRY(wb_store_rows_read(store, &runs, see_count, out_runs, err));
    WB_TRY(wb_store_rows_read(store, &calls, see_call, &made, err));
    if (*out_runs > 0) {
        fold_actions(&made);
        print_policy(&made, out);
    }
    return WB_OK;
}
