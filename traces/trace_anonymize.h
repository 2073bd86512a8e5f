/*
 * A trace without the names of whoever recorded it.
 *
 * Every text that is not known to be harmless is replaced by a keyed hash of it, so equal names
 * stay equal and selectors still select, in this trace and in others made with the same key; fields
 * that decide nothing (env, commands, probes, annotations, volumes' contents) are left out. What
 * stays as it is: see wb_trace_anonymize_kept.
 */
#ifndef WB_TRACES_TRACE_ANONYMIZE_H
#define WB_TRACES_TRACE_ANONYMIZE_H

#include <stddef.h>

#include "traces/trace_tools.h"

/* Writes the anonymous trace; key of length bytes. */
WB_MUST_CHECK wb_status wb_trace_anonymize(const char *path, const char *key, size_t length,
                                           const char *output_path, wb_trace_tool_report *out,
                                           wb_error *err);

/* What is kept, for people: a list of sentences, NULL behind the last. */
const char *const *wb_trace_anonymize_kept(void);

#endif
