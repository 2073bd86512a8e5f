/*
 * Stories: what happened to one pod, to one node, or around one moment, told from the rows of a
 * recorded run, moment by moment. Nothing is worked out anew: why a type was chosen or a pod waited
 * is what the contender said when it decided.
 */
#ifndef WB_TOOLS_REPORT_STORY_H
#define WB_TOOLS_REPORT_STORY_H

#include "base/arena.h"
#include "sim/store/store.h"

typedef struct wb_story_moment {
    int64_t at_ms;    /* virtual */
    const char *text; /* one sentence without capital or full stop */
} wb_story_moment;

typedef struct wb_story {
    const char *title; /* "pod shop/web-3 (Deployment web)" */
    wb_story_moment *moments;
    uint32_t count, capacity;
    wb_arena *arena; /* borrowed; holds all of it */
} wb_story;

/* A pod by name, or namespace/name; with it all that replaced it, or that it replaced.
 * WB_ERR_INPUT: no such pod in the run, or several namespaces have one. */
WB_MUST_CHECK wb_status wb_story_of_pod(wb_store *store, int64_t run_id, const char *name,
                                        wb_arena *arena, wb_story *out, wb_error *err);

/* A node by the name of its Node, of its NodeClaim, or i-<instance id>. */
WB_MUST_CHECK wb_status wb_story_of_node(wb_store *store, int64_t run_id, const char *name,
                                         wb_arena *arena, wb_story *out, wb_error *err);

/* A time and what belongs to it: so much before and after. Both >= 0. */
typedef struct wb_story_window {
    int64_t at_ms, around_ms;
} wb_story_window;

/* How things stood when the window began, and the decisions and events in it. */
WB_MUST_CHECK wb_status wb_story_of_moment(wb_store *store, int64_t run_id, wb_story_window window,
                                           wb_arena *arena, wb_story *out, wb_error *err);

#endif
