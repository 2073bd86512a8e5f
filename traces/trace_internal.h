/*
 * Shared by the files of traces/ that read and write our own format: what marks it, and the
 * fingerprint that a run records of its inputs.
 */
#ifndef WB_TRACES_TRACE_INTERNAL_H
#define WB_TRACES_TRACE_INTERNAL_H

#include "traces/trace.h"

#define WB_TRACE_MAGIC "werkbank/v1" /* value of "trace" in the first line */

/* The fingerprint of the lines read so far, unpacked. */
void wb_trace_reader_digest(const wb_trace_reader *reader, char out[33]);

#endif
