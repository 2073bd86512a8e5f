/*
 * Bytes in and out of files: whole files with a limit, line streams (plain, .gz, .zst) in constant
 * memory, and files that appear only when they are complete (written under a temporary name beside
 * the target, renamed at the end).
 */
#ifndef WB_BASE_FILE_H
#define WB_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

/* Reads path ("-" is standard input; .zst and .gz are unpacked) into the arena, with a zero byte
 * behind. WB_ERR_IO: cannot be opened or read; WB_ERR_LIMIT: more than limit_bytes unpacked;
 * WB_ERR_INPUT: a damaged or truncated archive. */
WB_MUST_CHECK wb_status wb_file_read(wb_arena *arena, const char *path, size_t limit_bytes,
                                     char **out_text, size_t *out_length, wb_error *err);

/* A stream of lines. Opaque: holds a file and an unpacker. */
typedef struct wb_line_reader wb_line_reader;

WB_MUST_CHECK wb_status wb_line_reader_open(const char *path, wb_line_reader **out, wb_error *err);
void wb_line_reader_close(wb_line_reader *reader);

/* The next line without its end, zero-terminated, valid until the next call; *out_line is NULL at
 * the end. A line is at most 64 MiB (WB_ERR_LIMIT). *out_is_cut: the last line had no line end. */
WB_MUST_CHECK wb_status wb_line_reader_next(wb_line_reader *reader, char **out_line,
                                            size_t *out_length, bool *out_is_cut, wb_error *err);

/* Number of the line returned last, from 1. Bytes consumed of the file on disk, for progress. */
uint64_t wb_line_reader_line(const wb_line_reader *reader);
uint64_t wb_line_reader_offset_bytes(const wb_line_reader *reader);

/* Size of path in bytes, or -1 when it is no regular file. */
int64_t wb_file_size_bytes(const char *path);

/* A file that is complete or not there: bytes go to "<path>.tmp-<pid>" (packed by zstd when path
 * ends in .zst), commit renames it. "-" writes to standard output. */
typedef struct wb_file_writer wb_file_writer;

WB_MUST_CHECK wb_status wb_file_writer_open(const char *path, wb_file_writer **out, wb_error *err);
WB_MUST_CHECK wb_status wb_file_writer_write(wb_file_writer *writer, const char *bytes,
                                             size_t length, wb_error *err);

/* Flushes, syncs, renames and frees writer, on failure too (then nothing is left on disk). */
WB_MUST_CHECK wb_status wb_file_writer_commit(wb_file_writer *writer, wb_error *err);

/* Removes what was written and frees writer; NULL is allowed. */
void wb_file_writer_abandon(wb_file_writer *writer);

#endif
