/*
 * What the commands sweep and tune share: the sweep's file loaded and its scenario looked at, the
 * pool's options, the progress line, and how an end becomes an exit status.
 */
#ifndef WB_TOOLS_CLI_SWEEP_SESSION_H
#define WB_TOOLS_CLI_SWEEP_SESSION_H

#include "bench/sweep.h"
#include "tools/cli/command.h"

/* Rows of both commands' tables of options. */
#define WB_SWEEP_OPTION_DB                                                                   \
    {                                                                                        \
        .name = "db", .kind = WB_OPTION_TEXT, .value_name = "FILE",                          \
        .help = "the database of all runs (default: NAME.sweep.db, NAME.tune.db); what was " \
                "stopped goes on where it was when it is given the same"                     \
    }
#define WB_SWEEP_OPTION_JOBS                                                         \
    {                                                                                \
        .name = "jobs", .letter = 'j', .kind = WB_OPTION_INTEGER, .value_name = "N", \
        .default_text = "1", .minimum = 1, .maximum = WB_RUN_POOL_WORKERS_MAX,       \
        .help = "simulations at a time"                                              \
    }
#define WB_SWEEP_OPTION_TRACE                                                                   \
    {                                                                                           \
        .name = "trace", .kind = WB_OPTION_TEXT, .is_repeated = true, .value_name = "FILE",     \
        .help = "replay this trace instead of the scenario's; formats that trace import knows " \
                "are imported on the way"                                                       \
    }
#define WB_SWEEP_OPTION_WRITE_BEST                                                           \
    {                                                                                        \
        .name = "write-best", .kind = WB_OPTION_TEXT, .value_name = "DIR",                   \
        .help = "write the manifests of the best point into this folder, each changed line " \
                "with what it brought"                                                       \
    }

typedef struct wb_sweep_session {
    wb_invocation *invocation;
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_sweep_spec spec;
    wb_scenario scenario; /* as it is, without any point's values */
    wb_sweep sweep;
    wb_run_pool_options pool;
    double started_at;
} wb_sweep_session;

/* One run of a command: init, load, set_pool, the work, and end. */
void wb_sweep_session_init(wb_sweep_session *session, wb_invocation *invocation);
void wb_sweep_session_release(wb_sweep_session *session);

/* Reads the sweep that the command names, and the scenario once, so that faults in it are told once
 * and not per point; makes the points. What is said as findings leaves err empty. */
WB_MUST_CHECK wb_status wb_sweep_session_load(wb_sweep_session *session, wb_error *err);

/* The pool by the options; suffix is that of the default database ("sweep"). */
void wb_sweep_session_set_pool(wb_sweep_session *session, const char *suffix);

/* Says what went wrong, if something did, and how to go on after a signal. */
wb_exit wb_sweep_session_end(wb_sweep_session *session, wb_status status, const wb_error *err);

#endif
