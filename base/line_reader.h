/*
 * A file line by line (plain, .gz, .zst), in memory that depends on the longest line only.
 *
 * One loop serves plain and packed files alike:
 *
 *     for (;;) {
 *         WB_TRY(wb_line_reader_next(reader, &line, &length, &is_cut, err));
 *         if (line == NULL) {
 *             break;
 *         }
 *         ...
 *     }
 *
 * A last line without an end is handed out and marked: a trace that lost its tail is refused by its
 * reader, a list of names is not.
 */
#ifndef WB_BASE_LINE_READER_H
#define WB_BASE_LINE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* A stream of lines. Opaque: holds a file and an unpacker. */
typedef struct wb_line_reader wb_line_reader;

/* "-" is standard input. WB_ERR_IO when path cannot be opened. */
WB_MUST_CHECK wb_status wb_line_reader_open(const char *path, wb_line_reader **out, wb_error *err);

/* NULL is allowed. */
void wb_line_reader_close(wb_line_reader *reader);

/* The next line without its end ("\n" or "\r\n"), zero-terminated, valid until the next call;
 * *out_line is NULL at the end. A line is at most 64 MiB (WB_ERR_LIMIT). *out_is_cut: the last line
 * had no line end. */
WB_MUST_CHECK wb_status wb_line_reader_next(wb_line_reader *reader, char **out_line,
                                            size_t *out_length, bool *out_is_cut, wb_error *err);

/* Number of the line returned last, from 1. Bytes consumed of the file on disk, for progress. */
uint64_t wb_line_reader_line(const wb_line_reader *reader);
uint64_t wb_line_reader_offset_bytes(const wb_line_reader *reader);

#endif
