/*
 * Cron schedules: five fields (minute, hour, day of month, month, day of week) in UTC, read as
 * Kubernetes' CronJobs and Karpenter's budgets read them (robfig/cron v3, standard parser).
 *
 * Fields: lists, ranges, steps, "*" and "?", three-letter English names of months and days in any
 * case; days of the week are 0 (Sunday) to 6. "a/n" means from a to the end of the field by n. When
 * one of the two day fields is a star (by no step, or by 1) both must hold, else either suffices.
 * Macros: @yearly @annually @monthly @weekly @daily @midnight @hourly.
 * Not read: seconds, time zones (TZ=), "@every" (it has no calendar of its own to replay).
 */
#ifndef WB_BASE_CRON_H
#define WB_BASE_CRON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

typedef struct wb_cron {
    uint64_t minutes;          /* bit m: minute m, 0 to 59 */
    uint32_t hours;            /* bit h: hour h, 0 to 23 */
    uint32_t days_of_month;    /* bit d: 1 to 31 */
    uint32_t months;           /* bit m: 1 to 12 */
    uint32_t days_of_week;     /* bit d: 0, Sunday, to 6 */
    bool both_days_must_match; /* some day field is a plain star */
} wb_cron;

/* WB_ERR_INPUT: text is no schedule; err says which field and why. */
WB_MUST_CHECK wb_status wb_cron_parse(const char *text, wb_cron *out, wb_error *err);

/* The first minute of the schedule strictly after after_unix_ms; false when there is none within
 * the next five years, like 30 February ("0 0 30 2 *"). Times are epoch milliseconds, UTC. */
bool wb_cron_next(const wb_cron *cron, int64_t after_unix_ms, int64_t *out_unix_ms);

#endif
