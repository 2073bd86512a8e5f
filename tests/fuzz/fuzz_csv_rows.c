/*
 * Tables: any bytes as a CSV, with and without a header. A table that is read has as many fields in
 * each row as it has columns; one that is not says so in one line.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "traces/csv_rows.h"
#include "tests/fuzz/fuzz_target.h"

static void read_rows(const char *path, char separator, bool has_header)
{
    static const wb_csv_range range = {1e3, -1e6, 1e6};
    wb_csv_rows *rows = NULL;
    wb_error err = {0};
    wb_status status = wb_csv_rows_open(path, separator, has_header, &rows, &err);
    for (bool is_there = true; status == WB_OK && is_there;) {
        status = wb_csv_rows_next(rows, &is_there, &err);
        for (uint32_t i = 0; status == WB_OK && is_there && i < wb_csv_rows_column_count(rows);
             i++) {
            int64_t value = 0;
            assert(strlen(wb_csv_rows_text(rows, i)) < SIZE_MAX);
            if (wb_csv_rows_scaled(rows, i, &range, &value, NULL) == WB_OK) {
                assert(value >= -1000000000 && value <= 1000000000);
            }
        }
    }
    assert(status == WB_OK || (err.text[0] != 0 && strchr(err.text, '\n') == NULL));
    wb_csv_rows_close(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/werkbank-fuzz-XXXXXX";
    const int file = mkstemp(path);
    assert(file >= 0);
    const ssize_t written = write(file, data, size);
    assert(written == (ssize_t)size);
    close(file);
    read_rows(path, ',', true);
    read_rows(path, '\t', false);
    unlink(path);
    return 0;
}
