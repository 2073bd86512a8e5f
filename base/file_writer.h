/*
 * A file that is complete or not there: written under a temporary name beside its target, renamed
 * at the end. Whoever reads a folder of results never meets half of one.
 *
 * The caller commits or abandons, once, whatever happened before:
 *
 *     wb_file_writer *writer = NULL;
 *     WB_TRY(wb_file_writer_open(path, &writer, err));
 *     const wb_status status = print_rows(writer, err);
 *     if (status != WB_OK) {
 *         wb_file_writer_abandon(writer);
 *         return status;
 *     }
 *     return wb_file_writer_commit(writer, err);
 */
#ifndef WB_BASE_FILE_WRITER_H
#define WB_BASE_FILE_WRITER_H

#include <stddef.h>

#include "base/status.h"

/* Bytes go to "<path>.tmp-<pid>" (packed by zstd when path ends in .zst), commit renames it. "-"
 * writes to standard output; devices and pipes are written to directly. */
typedef struct wb_file_writer wb_file_writer;

/* WB_ERR_IO with path and reason when it cannot be made. */
WB_MUST_CHECK wb_status wb_file_writer_open(const char *path, wb_file_writer **out, wb_error *err);

/* After a failure, which may come late since bytes are gathered first, the caller abandons. */
WB_MUST_CHECK wb_status wb_file_writer_write(wb_file_writer *writer, const char *bytes,
                                             size_t length, wb_error *err);

/* Flushes, syncs, renames and frees writer, on failure too (then nothing is left on disk). */
WB_MUST_CHECK wb_status wb_file_writer_commit(wb_file_writer *writer, wb_error *err);

/* All in one call: opens path, writes length bytes, commits; leaves nothing after a failure. */
WB_MUST_CHECK wb_status wb_file_writer_write_file(const char *path, const char *bytes,
                                                  size_t length, wb_error *err);

/* Removes what was written and frees writer; NULL is allowed. */
void wb_file_writer_abandon(wb_file_writer *writer);

#endif
