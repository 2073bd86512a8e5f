/*
 * The figures of a run as people and programs get them: one list with titles, keys, units and the
 * form of each, from which the comparison table, JSON, CSV and the report are all printed, and by
 * which baselines are kept. A new figure is a field of wb_run_figures, a column of the table
 * figures and of the view runs_summary, a row of sim/store/store_query.c, and a row here.
 */
#ifndef WB_BENCH_FIGURE_LIST_H
#define WB_BENCH_FIGURE_LIST_H

#include <stdbool.h>

#include "sim/store/store.h"

typedef enum wb_figure_kind {
    WB_FIGURE_COUNT,
    WB_FIGURE_MONEY,    /* nano-dollars, shown as USD */
    WB_FIGURE_LATENCY,  /* ms, shown as seconds */
    WB_FIGURE_HOURS,    /* ms, shown as hours */
    WB_FIGURE_POD_TIME, /* ms, shown as seconds */
    WB_FIGURE_CPU_TIME, /* milli-CPU x ms, shown as CPU-hours */
    WB_FIGURE_SHARE,    /* a double from 0 to 1, shown as per cent */
    WB_FIGURE_PAID,     /* a double, USD */
} wb_figure_kind;

/* Where people see it; JSON, CSV, the report and -o wide have every figure. */
typedef enum wb_figure_place {
    WB_FIGURE_ALWAYS, /* in the table */
    WB_FIGURE_IF_ANY, /* in the table, unless it is 0 for every contender */
    WB_FIGURE_DETAIL, /* not in the table */
} wb_figure_place;

typedef struct wb_figure {
    const char *title; /* of the table; two blanks in front: a part of the one above */
    const char *key;   /* of JSON and CSV; also what bounds and baselines call it */
    size_t offset;     /* in wb_run_figures: of an int64_t; of a double for SHARE, PAID */
    wb_figure_kind kind;
    wb_figure_place place;
} wb_figure;

/* The list, in the order of the table. */
uint32_t wb_figure_list_count(void);
const wb_figure *wb_figure_list_get(uint32_t index);

/* Whether it is a double in wb_run_figures (else an int64_t); below 0 it is then not known. */
bool wb_figure_list_is_real(uint32_t index);

/* The value in the unit of wb_run_figures (nano-dollars, ms, share). */
double wb_figure_list_value(const wb_run_figures *run, uint32_t index);

/* Whether value as a multiple of base says something: both are known, and base is not nothing, nor
 * a share that reads as 0.0 %. */
bool wb_figure_list_has_ratio(uint32_t index, double value, double base);

/* As a person reads it: "$398.73", "49.5 s", "54.9 %". */
void wb_figure_list_print(const wb_run_figures *run, uint32_t index, char *out, size_t size);

/* The same of an amount that is no run's, a mean or a difference, without sign. */
void wb_figure_list_print_amount(uint32_t index, double amount, char *out, size_t size);

/* What a value is divided by to be in the unit of the key: 1e9 for cost_usd. */
double wb_figure_list_unit(uint32_t index);

/* As a program reads it: bare numbers in the unit of the key; money exact to the nano-dollar. */
void wb_figure_list_print_bare(const wb_run_figures *run, uint32_t index, char *out, size_t size);

#endif
