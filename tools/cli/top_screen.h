/* The terminal of `werkbank top`: replays a recorded run, and lets a person stop, step and sort. */
#ifndef WB_TOOLS_CLI_TOP_SCREEN_H
#define WB_TOOLS_CLI_TOP_SCREEN_H

#include "tools/runs/run_set.h"

typedef struct wb_top_screen_options {
    int64_t start_ms;   /* virtual time that is shown first */
    int64_t speed;      /* virtual seconds per second, >= 1 */
    bool is_paused;     /* at the start */
    uint32_t first_run; /* of the set */
} wb_top_screen_options;

/* Takes over the terminal until q, a signal, or an error. WB_ERR_IO: the database. */
WB_MUST_CHECK wb_status wb_top_screen_run(const wb_run_set *set,
                                          const wb_top_screen_options *options, wb_error *err);

#endif
