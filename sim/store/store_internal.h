/*
 * Shared by the files of sim/store only: the open database, how rows go in, and a run being
 * recorded.
 *
 * A value enters the database and the run's fingerprint by one call, wb_row_add_*, in the order of
 * the columns: what is recorded cannot be left out of the digest by forgetting a line.
 */
#ifndef WB_SIM_STORE_STORE_INTERNAL_H
#define WB_SIM_STORE_STORE_INTERNAL_H

#include <stdbool.h>

#include <sqlite3.h>

#include "base/digest.h"
#include "base/intern.h"
#include "sim/store/store.h"

struct wb_store {
    sqlite3 *db; /* owned */
    char *path;  /* owned; for messages */
};

/* The schema of a new database: tables and views, one statement each, NULL at the end. */
extern const char *const wb_store_schema[];

/* WB_ERR_IO with the path and SQLite's own words. */
wb_status wb_store_fail(const wb_store *store, const char *what, wb_error *err);

/* Runs statements that return nothing. */
WB_MUST_CHECK wb_status wb_store_execute(wb_store *store, const char *sql, wb_error *err);
WB_MUST_CHECK wb_status wb_store_prepare(wb_store *store, const char *sql, sqlite3_stmt **out,
                                         wb_error *err);

/* One row on its way in: values are bound in order and, unless digest is NULL, also go into the
 * fingerprint of the run. */
typedef struct wb_row {
    sqlite3_stmt *statement; /* borrowed */
    wb_digest *digest;       /* borrowed */
    int next;                /* number of the next parameter, from 1 */
} wb_row;

/* Parameter 1 is always run_id, which is no part of the fingerprint. */
wb_row wb_row_begin(sqlite3_stmt *statement, wb_digest *digest, int64_t run_id);
void wb_row_add_int(wb_row *row, int64_t value);

/* -1 becomes NULL: "not yet" and "none" in the tables. */
void wb_row_add_int_or_null(wb_row *row, int64_t value);

/* WB_NO_ID becomes NULL. */
void wb_row_add_id(wb_row *row, uint32_t id);

/* text is borrowed until the row is inserted; NULL and "" become NULL. */
void wb_row_add_text(wb_row *row, const char *text);
WB_MUST_CHECK wb_status wb_row_insert(wb_row *row, const wb_store *store, wb_error *err);

/* What a node was used for, summed while the run goes on. */
typedef struct wb_node_use {
    int64_t since_ms;     /* of the last change */
    int64_t cpu_milli_ms; /* requested x time */
    int64_t memory_mib_ms;
    int64_t cpu_milli, memory_mib; /* requested now */
    /* The part of these that DaemonSets' pods ask for. */
    int64_t daemon_cpu_milli_ms, daemon_memory_mib_ms;
    int64_t daemon_cpu_milli, daemon_memory_mib;
    uint32_t first_stay; /* into stays, from 1, in order of the first time; 0: none */
} wb_node_use;

/* A reason for which a node was left alone. Times are -1 until they have come. */
typedef struct wb_stay {
    const char *code; /* a literal of the contender's */
    uint32_t text_id; /* into stay_texts; 0: none */
    uint32_t spell_count;
    int64_t first_ms, since_ms; /* since_ms: of the spell that goes on */
    int64_t last_ms, total_ms;  /* of those that are over */
    uint32_t next;              /* as first_stay */
} wb_stay;

/* A column of the table figures and its field of wb_run_figures: an int64_t, or a double. */
typedef struct wb_figure_column {
    const char *name;
    size_t offset;
    bool is_real;
} wb_figure_column;

/* All of them: what is written and what is read back both go by this list, in its order. */
const wb_figure_column *wb_store_figure_columns(uint32_t *out_count);

struct wb_store_bound;
struct wb_bill;

struct wb_recorder {
    wb_store *store;       /* borrowed */
    wb_autoscaler_env env; /* borrowed parts */
    const wb_autoscaler_ops *ops;
    void *contender_self;
    wb_digest *digest; /* owned */
    int64_t run_id;
    wb_run_figures identity; /* scenario, contender, seed and not_modelled filled in */
    sqlite3_stmt *insert_event, *insert_decision, *insert_sample; /* owned */
    const struct wb_bill *bill;                                   /* borrowed; NULL: none */
    const struct wb_store_bound *bound;                           /* borrowed; NULL: none */
    wb_status status;                                             /* the first failure of a hook */
    wb_error error;
    int64_t rows_before;     /* that the connection had written before this run */
    uint64_t open_row_count; /* rows since the last commit */
    uint64_t event_count, decision_count, sample_count;

    wb_node_use *nodes; /* owned; by node id */
    uint32_t node_capacity;
    wb_stay *stays; /* owned */
    uint32_t stay_count, stay_capacity;
    wb_intern stay_texts;
    uint32_t *reason_ids; /* owned; by pod id: why it has no node, into reasons */
    uint32_t reason_capacity;
    wb_intern reasons;
    wb_arena arena; /* owned: texts of reasons */
    uint32_t claim_count;

    int64_t pending_count, pending_since_ms, pending_pod_ms;
    uint32_t living_node_max;
};

/* How far a cost lies above the run's bound, as a share of it; -1: there is none. */
double wb_recorder_above_bound(const wb_recorder *recorder, int64_t cost_nusd);

/* What the run's bill comes to; -1: it has none. */
double wb_recorder_paid_usd(const wb_recorder *recorder);

/* The rows of the run's bill, if it has one. */
WB_MUST_CHECK wb_status wb_recorder_write_bill(wb_recorder *recorder, wb_error *err);

/* The row of the run's bound, if it has one. */
WB_MUST_CHECK wb_status wb_recorder_write_bound(wb_recorder *recorder, wb_error *err);

/* Rows that are written at the end: pods, shapes, nodes, instances, claims, costs. */
WB_MUST_CHECK wb_status wb_recorder_write_tables(wb_recorder *recorder, wb_error *err);

/* The commands of the contender's disruption loop, if it has one. */
WB_MUST_CHECK wb_status wb_recorder_write_commands(wb_recorder *recorder, wb_error *err);

/* The calls of the cloud's API by outcome, and machines that EC2 warned or took. */
WB_MUST_CHECK wb_status wb_recorder_write_cloud(wb_recorder *recorder, wb_error *err);

/* The rows of instances cost together what the figures say, to the nano-dollar (asserted); called
 * when both are written. */
WB_MUST_CHECK wb_status wb_recorder_check_bill(const wb_recorder *recorder,
                                               const wb_run_figures *figures, wb_error *err);

/* What IAM was asked, where the run has an identity. */
WB_MUST_CHECK wb_status wb_recorder_write_calls(wb_recorder *recorder, wb_error *err);

/* The counters of work: last, since they count rows. Not in the fingerprint: the same decisions may
 * be had with less work. */
WB_MUST_CHECK wb_status wb_recorder_write_work(wb_recorder *recorder, wb_error *err);

/* Keeps that a node is held for a reason, or no longer; and, when it goes, for none any more. */
void wb_recorder_hold_node(wb_recorder *recorder, uint32_t node_id, const wb_hold *hold);
void wb_recorder_release_node(wb_recorder *recorder, uint32_t node_id);

/* What was kept so, node by node. */
WB_MUST_CHECK wb_status wb_recorder_write_stays(wb_recorder *recorder, wb_error *err);

/* The figures of the run, from the tables in memory. */
void wb_recorder_sum_up(const wb_recorder *recorder, wb_run_figures *out);

/* Why pod never got a node, or "". */
const char *wb_recorder_reason(const wb_recorder *recorder, uint32_t pod_id);

/* Brings a node's use up to now. */
void wb_recorder_touch_node(wb_recorder *recorder, uint32_t node_id);

#endif
