/*
 * What bench run, baseline and check share: a suite loaded, its runs made or read, the database
 * with them open. Messages are printed here; the caller passes the exit status on.
 *
 *     wb_suite_session session;
 *     wb_exit exit_status = wb_suite_session_open(&session, invocation);
 *     exit_status = exit_status == WB_EXIT_DONE ? wb_suite_session_run(&session, &shard)
 *                                               : exit_status;
 *     ... session.store, session.found ...
 *     wb_suite_session_close(&session);
 */
#ifndef WB_TOOLS_CLI_SUITE_SESSION_H
#define WB_TOOLS_CLI_SUITE_SESSION_H

#include "bench/baseline.h"
#include "bench/shard.h"
#include "bench/suite.h"
#include "tools/cli/command.h"

/* The options of them all. */
#define WB_SUITE_SESSION_OPTIONS                                                               \
    {.name = "jobs",                                                                           \
     .letter = 'j',                                                                            \
     .kind = WB_OPTION_INTEGER,                                                                \
     .value_name = "N",                                                                        \
     .default_text = "0",                                                                      \
     .minimum = 0,                                                                             \
     .maximum = WB_RUN_POOL_WORKERS_MAX,                                                       \
     .help = "simulations at a time; 0: as many as this process has CPUs"},                    \
        {.name = "db",                                                                         \
         .kind = WB_OPTION_TEXT,                                                               \
         .value_name = "FILE",                                                                 \
         .help = "keep the runs in this SQLite database, which is replaced; runs of the same " \
                 "program and inputs that are there are not made again"},                      \
        {.name = "work",                                                                       \
         .kind = WB_OPTION_TEXT,                                                               \
         .value_name = "FOLDER",                                                               \
         .help = "where finished runs wait for the rest (FILE.parts beside the database "      \
                 "otherwise)"},                                                                \
        {.name = "traces",                                                                     \
         .kind = WB_OPTION_TEXT,                                                               \
         .is_repeated = true,                                                                  \
         .value_name = "FOLDER",                                                               \
         .help = "look for traces of the suite here too"},                                     \
    {                                                                                          \
        .name = "strict", .kind = WB_OPTION_FLAG,                                              \
        .help = "refuse unknown fields in scenarios and manifests instead of warning"          \
    }

typedef struct wb_suite_session {
    wb_invocation *invocation; /* borrowed */
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_suite suite;
    wb_run_outcome *outcomes; /* by job; after run */
    wb_store *store;          /* owned: with the runs; after run */
    wb_baseline found;        /* what is in it */
    const char *db_path;
    wb_store_keep keep; /* what the database holds of each run; the caller may change it */
    bool is_temporary;  /* db_path goes with the session */
    double started_at;  /* of the runs, for the progress line */
} wb_suite_session;

/* Loads the suite that the first operand names. */
wb_exit wb_suite_session_open(wb_suite_session *session, wb_invocation *invocation);

/* Makes the runs of the shard (NULL: all) and opens the database with them. */
wb_exit wb_suite_session_run(wb_suite_session *session, const wb_shard *shard);

/* Opens a database of runs that were made before instead. */
wb_exit wb_suite_session_read(wb_suite_session *session, const char *path);

/* Releases all of it, after whatever came before. */
void wb_suite_session_close(wb_suite_session *session);

#endif
