/*
 * The bytes of one file in order, unpacked on the way: by name, .gz through zlib and .zst through
 * zstd, several members or frames in a row included. "-" is standard input as it comes. Constant
 * memory whatever the file holds.
 */
#ifndef WB_BASE_BYTE_SOURCE_H
#define WB_BASE_BYTE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Opaque: holds a file and an unpacker. */
typedef struct wb_byte_source wb_byte_source;

/* WB_ERR_IO with path and reason when it cannot be opened. */
WB_MUST_CHECK wb_status wb_byte_source_open(const char *path, wb_byte_source **out, wb_error *err);

/* NULL is allowed. */
void wb_byte_source_close(wb_byte_source *source);

/* Moves up to capacity (> 0) bytes to out; *out_length is 0 only at the end. WB_ERR_IO: the system
 * refused; WB_ERR_INPUT: a damaged or truncated archive. */
WB_MUST_CHECK wb_status wb_byte_source_read(wb_byte_source *source, char *out, size_t capacity,
                                            size_t *out_length, wb_error *err);

/* Bytes consumed of the file on disk (packed ones), for progress. */
uint64_t wb_byte_source_offset_bytes(const wb_byte_source *source);

/* Bytes in all, where they are known before reading: a regular file that is not packed; else -1. */
int64_t wb_byte_source_size_bytes(const wb_byte_source *source);

#endif
