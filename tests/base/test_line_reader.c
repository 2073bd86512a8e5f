/* Lines against a plain split of the same text, plain and packed, and lines beyond the limit. */
#include <string.h>

#include "base/hash_map.h"
#include "base/heap_memory.h"
#include "base/line_reader.h"
#include "base/text.h"
#include "tests/base/packed_bytes.h"
#include "tests/base/scratch_folder.h"
#include "tests/harness.h"

static wb_scratch_folder folder;

/* Reads path and compares each line with the next one of text. */
static void check_lines(const char *path, const char *text, size_t length)
{
    wb_line_reader *reader = NULL;
    CU_ASSERT_EQUAL_FATAL(wb_line_reader_open(path, &reader, NULL), WB_OK);
    size_t at = 0;
    uint64_t line = 0;
    for (;;) {
        char *found = NULL;
        size_t found_length = 77;
        bool is_cut = false;
        CU_ASSERT_EQUAL_FATAL(wb_line_reader_next(reader, &found, &found_length, &is_cut, NULL),
                              WB_OK);
        if (found == NULL) {
            break;
        }
        const char *end = memchr(text + at, '\n', length - at);
        size_t expected = end == NULL ? length - at : (size_t)(end - text) - at;
        const size_t next = at + expected + (end == NULL ? 0 : 1);
        expected -= end != NULL && expected > 0 && end[-1] == '\r' ? 1 : 0;
        CU_ASSERT_EQUAL(is_cut, end == NULL);
        CU_ASSERT_EQUAL_FATAL(found_length, expected);
        CU_ASSERT_EQUAL(memcmp(found, text + at, expected), 0);
        CU_ASSERT_EQUAL(found[expected], '\0');
        CU_ASSERT_EQUAL(wb_line_reader_line(reader), ++line);
        at = next;
    }
    CU_ASSERT_EQUAL(at, length);
    wb_line_reader_close(reader);
}

static void check_text(const char *text, size_t length)
{
    wb_packed_bytes gzip = wb_packed_bytes_gzip(text, length);
    wb_packed_bytes zstd = wb_packed_bytes_zstd(text, length);
    check_lines(wb_scratch_folder_write(&folder, "l.csv", text, length), text, length);
    check_lines(wb_scratch_folder_write(&folder, "l.csv.gz", gzip.bytes, gzip.length), text,
                length);
    check_lines(wb_scratch_folder_write(&folder, "l.csv.zst", zstd.bytes, zstd.length), text,
                length);
    wb_packed_bytes_release(&gzip);
    wb_packed_bytes_release(&zstd);
}

static const char *const texts[] = {
    "",      "a",          "a\n",  "\n",     "\n\n", "a\nb",   "a\n\nb\n",
    "a\r\n", "a\r\nb\r\n", "\r\n", "a\rb\n", "a\r",  "\r\r\n", "last is cut\nlike this\r",
};

static void split_small_texts(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(texts); i++) {
        check_text(texts[i], strlen(texts[i]));
    }
    check_text("a\0b\n\0", 5);
}

static void split_large_texts(void)
{
    static const size_t longest[] = {3, 100, 5000, 300000, 1000000};
    for (size_t i = 0; i < WB_TEST_COUNT(longest); i++) {
        wb_text text;
        wb_text_init(&text);
        for (uint64_t line = 0; text.length < 2 * longest[i] + 600000; line++) {
            const size_t length = (size_t)(wb_hash_map_join(i, line) % longest[i]);
            for (size_t k = 0; k < length; k += 10) {
                wb_text_add_format(&text, "%09llu,", (unsigned long long)line);
            }
            wb_text_add_string(&text, line % 3 == 0 ? "\r\n" : "\n");
        }
        check_text(text.bytes, text.length);
        wb_text_release(&text);
    }
}

/* One line of length bytes, packed: the reader must stop at 64 MiB or hand it out whole. */
static void check_long_line(size_t length, wb_status expected)
{
    char *bytes = wb_heap_memory_alloc(length + 2, 1);
    memset(bytes, 'x', length + 2);
    bytes[0] = '\n';
    bytes[length + 1] = '\n';
    wb_packed_bytes zstd = wb_packed_bytes_zstd(bytes, length + 2);
    wb_heap_memory_free(bytes);
    const char *path = wb_scratch_folder_write(&folder, "long.zst", zstd.bytes, zstd.length);
    wb_packed_bytes_release(&zstd);
    wb_line_reader *reader = NULL;
    char *line = NULL;
    size_t found = 0;
    bool is_cut = false;
    wb_error err = {WB_OK, ""};
    CU_ASSERT_EQUAL_FATAL(wb_line_reader_open(path, &reader, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_line_reader_next(reader, &line, &found, &is_cut, &err), WB_OK);
    CU_ASSERT_EQUAL(wb_line_reader_next(reader, &line, &found, &is_cut, &err), expected);
    if (expected == WB_OK) {
        CU_ASSERT_EQUAL(found, length);
    } else {
        CU_ASSERT(strstr(err.text, "long.zst:2: a line of more than 64 MiB") != NULL);
    }
    wb_line_reader_close(reader);
}

static void limit_the_length_of_a_line(void)
{
    const size_t limit = 64U << 20;
    check_long_line(limit, WB_OK);
    check_long_line(limit + 1, WB_ERR_LIMIT);
    check_long_line(3 * limit, WB_ERR_LIMIT);
}

static void fail_on_a_cut_archive(void)
{
    wb_packed_bytes zstd = wb_packed_bytes_zstd("a\nb\n", 4);
    const char *path = wb_scratch_folder_write(&folder, "cut.zst", zstd.bytes, zstd.length - 3);
    wb_packed_bytes_release(&zstd);
    wb_line_reader *reader = NULL;
    wb_status status = wb_line_reader_open(path, &reader, NULL);
    CU_ASSERT_EQUAL_FATAL(status, WB_OK);
    char start[] = "";
    char *line = start;
    size_t length = 0;
    bool is_cut = false;
    for (int i = 0; i < 4 && status == WB_OK && line != NULL; i++) {
        status = wb_line_reader_next(reader, &line, &length, &is_cut, NULL);
    }
    CU_ASSERT_EQUAL(status, WB_ERR_INPUT); /* never a quiet end */
    wb_line_reader_close(reader);
}

static void fail_to_open(void)
{
    wb_line_reader *reader = NULL;
    wb_error err;
    CU_ASSERT_EQUAL(wb_line_reader_open(wb_scratch_folder_join(&folder, "absent"), &reader, &err),
                    WB_ERR_IO);
    CU_ASSERT_PTR_NULL(reader);
    wb_line_reader_close(NULL);
}

static const wb_test_case cases[] = {
    {"small texts are split as by hand", split_small_texts},
    {"large texts are split as by hand", split_large_texts},
    {"a line is at most 64 MiB long", limit_the_length_of_a_line},
    {"a cut archive fails instead of ending", fail_on_a_cut_archive},
    {"a file that is not there fails to open", fail_to_open},
};

int main(void)
{
    wb_scratch_folder_init(&folder);
    const int result = wb_test_run("line_reader", cases, WB_TEST_COUNT(cases));
    wb_scratch_folder_release(&folder);
    return result;
}
