/*
 * Durations as Kubernetes and Go write them ("1h30m", "250ms", "720h", "1.5s") and calendar times
 * (RFC 3339), both as integers: milliseconds, and milliseconds since 1970-01-01T00:00:00Z.
 */
#ifndef WB_BASE_DURATION_H
#define WB_BASE_DURATION_H

#include <stdint.h>

#include "base/status.h"

#define WB_DURATION_NEVER INT64_MAX /* the word "Never" */

#define WB_MS_PER_SECOND INT64_C(1000)
#define WB_MS_PER_MINUTE INT64_C(60000)
#define WB_MS_PER_HOUR   INT64_C(3600000)
#define WB_MS_PER_DAY    INT64_C(86400000)

/* Go's time.ParseDuration grammar: units h m s ms us ns, several parts, sign; below one
 * millisecond rounds up. "Never" is refused here. WB_ERR_INPUT with the reason in err. */
WB_MUST_CHECK wb_status wb_duration_parse(const char *text, int64_t *out_ms, wb_error *err);

/* The same, with "Never" as WB_DURATION_NEVER. */
WB_MUST_CHECK wb_status wb_duration_parse_or_never(const char *text, int64_t *out_ms,
                                                   wb_error *err);

/* Go's Duration.String form: "1h30m0s", "250ms", "0s", "Never". */
void wb_duration_print(int64_t ms, char out[48]);

/* RFC 3339 with optional fraction and zone ("2026-01-15T10:00:00.123Z", "...+02:00"). */
WB_MUST_CHECK wb_status wb_duration_parse_time(const char *text, int64_t *out_epoch_ms,
                                               wb_error *err);

/* UTC, with ".mmm" only when the milliseconds are not zero. */
void wb_duration_print_time(int64_t epoch_ms, char out[48]);

#endif
