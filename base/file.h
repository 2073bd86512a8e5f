/*
 * Whole files. Line by line: line_reader.h; writing: file_writer.h.
 */
#ifndef WB_BASE_FILE_H
#define WB_BASE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

/* Reads path ("-" is standard input; .zst and .gz are unpacked) into the arena, with a zero byte
 * behind. WB_ERR_IO: cannot be opened or read; WB_ERR_LIMIT: more than limit_bytes unpacked
 * (0 means 1 GiB); WB_ERR_INPUT: a damaged or truncated archive. */
WB_MUST_CHECK wb_status wb_file_read(wb_arena *arena, const char *path, size_t limit_bytes,
                                     char **out_text, size_t *out_length, wb_error *err);

/* Size of path in bytes, or -1 when it is no regular file. */
int64_t wb_file_size_bytes(const char *path);

#endif
