/*
 * The JSON documents of a recording, one at a time, from files of any length.
 *
 * kubectl, the API server and AWS write the same kinds of object in different wrappings. All of
 * these come out as a sequence of objects:
 *
 *     {..}{..}  {..}\n{..}\n              documents one after another, pretty-printed or one a line
 *     [{..},{..}]                         an array of them
 *     {"kind":"List","items":[{..},..]}   a wrapper with one of these keys: items, Records,
 *                                         SpotPriceHistory, events, Messages
 *     2026-11-23T23:28:40.979Z {..}       a log group's export: the time in front is left aside
 *
 * A wrapper is never held whole: a list of a million pods costs the memory of its longest pod.
 * Knows nothing of what the objects mean.
 */
#ifndef WB_TRACES_RECORDING_STREAM_H
#define WB_TRACES_RECORDING_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/document.h"
#include "base/status.h"

/* Longest object; the longest real one (a node with many images) has some 100 KiB. */
#define WB_RECORDING_DOCUMENT_MAX_BYTES ((size_t)64 << 20)

typedef struct wb_recording_stream wb_recording_stream;

/* path as base/byte_source.h takes it. WB_ERR_IO: it can't be opened. */
WB_MUST_CHECK wb_status wb_recording_stream_open(const char *path, wb_recording_stream **out,
                                                 wb_error *err);

/* NULL is allowed. */
void wb_recording_stream_close(wb_recording_stream *stream);

/* The next object, in scratch, which is cleared first; *out is NULL at the end. A last document
 * that is cut off ends the stream too (see _was_cut), unless it lies in an array or a wrapper:
 * those name how they end, so that WB_ERR_INPUT says they did not. WB_ERR_INPUT with file and line:
 * no JSON; WB_ERR_LIMIT: an object beyond the limit. */
WB_MUST_CHECK wb_status wb_recording_stream_next(wb_recording_stream *stream, wb_arena *scratch,
                                                 const wb_node **out, wb_error *err);

/* Line on which the object returned last begins, from 1. */
uint64_t wb_recording_stream_line(const wb_recording_stream *stream);

/* Whether that object was an element of a wrapper's array, so one of a list. */
bool wb_recording_stream_is_item(const wb_recording_stream *stream);

/* After the end: whether the file stopped in the middle of a document. */
bool wb_recording_stream_was_cut(const wb_recording_stream *stream);

/* Unpacked bytes read so far. */
uint64_t wb_recording_stream_bytes(const wb_recording_stream *stream);

#endif
