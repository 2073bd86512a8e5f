/*
 * The counters of table work, by name: what a baseline keeps of them and a bound may name.
 */
#ifndef WB_BENCH_WORK_LIST_H
#define WB_BENCH_WORK_LIST_H

#include "sim/store/store.h"

#define WB_WORK_LIST_COUNT 6

/* "work.events" ..., in the order of the table's columns. */
const char *wb_work_list_name(uint32_t index);

/* Reads the counters of one finished run. WB_ERR_INPUT: it has none. */
WB_MUST_CHECK wb_status wb_work_list_read(wb_store *store, int64_t run_id,
                                          int64_t out[WB_WORK_LIST_COUNT], wb_error *err);

#endif
