/*
 * Input that means harm: archives that unpack to far more or ask for gigabytes, endless lines, deep
 * nesting, bytes that are no text, files cut anywhere. Each is told in one line, and the largest
 * memory of the process stays below a bound.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <zstd.h>

#include "base/text.h"
#include "traces/trace_stats.h"
#include "tests/harness.h"
#include "tests/traces/import_fixture.h"

#define FRAME_BYTES ((size_t)64 << 20)
#define FRAME_COUNT 48 /* 3 GiB */
#if defined(__SANITIZE_ADDRESS__)
#    define BOUND_MIB 1200 /* the sanitizer keeps freed blocks, and room around each */
#else
#    define BOUND_MIB 500
#endif

static const char *const formats[] = {NULL,       "openb",      "simkube", "gpu-nodes",
                                      "dlrm",     "spot-gpu",   "borg",    "azure",
                                      "skypilot", "spot-price", "csv",     "spot-advisor",
                                      "recording"};

static void expect_one_line(wb_status status, const char *text)
{
    CU_ASSERT(status == WB_ERR_INPUT || status == WB_ERR_LIMIT);
    CU_ASSERT(*text != 0);
    CU_ASSERT_PTR_NULL(strchr(text, '\n'));
}

static int64_t largest_mib(void)
{
    struct rusage usage;
    CU_ASSERT_EQUAL(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss >> 10;
}

/* Every reader of traces on the file at path, which none of them may take. */
static void refuse_everywhere(const char *path)
{
    wb_error err = {0};
    static wb_trace_stats stats;
    expect_one_line(wb_trace_check(path, NULL, &err), err.text);
    expect_one_line(wb_trace_stats_read(path, &stats, &err), err.text);
    for (size_t i = 0; i < WB_TEST_COUNT(formats); i++) {
        wb_arena arena;
        wb_trace_import_report report;
        char output_path[600];
        (void)snprintf(output_path, sizeof output_path, "%s.out", path);
        wb_arena_init(&arena, "test", 0, NULL);
        const wb_trace_import_options options = {.input_path = path,
                                                 .output_path = output_path,
                                                 .format = formats[i]};
        const wb_status status = wb_trace_import(&options, &arena, &report, &err);
        expect_one_line(status, err.text);
        CU_ASSERT_NOT_EQUAL(access(output_path, F_OK), 0);
        wb_arena_release(&arena);
    }
    CU_ASSERT(largest_mib() < BOUND_MIB);
}

static const struct {
    const char *name, *begin;
    char filling;
} bombs[] = {
    {"an endless line", "", 'a'},
    {"endless empty lines", "", '\n'},
    {"an endless trace's line", "{\"trace\":\"werkbank/v1\",\"x\":\"", 'a'},
    {"an endless row", "arrival,cpu,memory\n1,1,", '1'},
    {"endless nesting", "{\"apiVersion\":", '['},
    {"endless blanks in JSON", "{\"metadata\": {\"gap_seconds\": 1},", ' '},
};

/* begin, and behind it the same packed frame again and again. */
static void write_bomb(wb_scratch_folder *folder, const char *begin, char filling)
{
    char *plain = malloc(FRAME_BYTES);
    const size_t room = ZSTD_compressBound(FRAME_BYTES);
    char *packed = malloc(room);
    CU_ASSERT_FATAL(plain != NULL && packed != NULL);
    memset(plain, filling, FRAME_BYTES);
    const size_t begin_length = ZSTD_compress(packed, room, begin, strlen(begin), 1);
    const size_t frame_length =
        ZSTD_compress(packed + begin_length, room - begin_length, plain, FRAME_BYTES, 1);
    CU_ASSERT_FATAL(!ZSTD_isError(begin_length) && !ZSTD_isError(frame_length));
    char *file = malloc(begin_length + FRAME_COUNT * frame_length);
    CU_ASSERT_FATAL(file != NULL);
    memcpy(file, packed, begin_length);
    for (size_t i = 0; i < FRAME_COUNT; i++) {
        memcpy(file + begin_length + i * frame_length, packed + begin_length, frame_length);
    }
    (void)wb_scratch_folder_write(folder, "bomb.zst", file,
                                  begin_length + FRAME_COUNT * frame_length);
    free(file);
    free(packed);
    free(plain);
}

static void refuse_bombs(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(bombs); i++) {
        wb_scratch_folder folder;
        wb_scratch_folder_init(&folder);
        write_bomb(&folder, bombs[i].begin, bombs[i].filling);
        refuse_everywhere(wb_scratch_folder_join(&folder, "bomb.zst"));
        wb_scratch_folder_release(&folder);
    }
}

/* A frame of one byte that says its window is 2 GiB. */
static void refuse_a_large_window(void)
{
    static const unsigned char frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x09, 0, 0, 'a'};
    wb_scratch_folder folder;
    wb_error err = {0};
    wb_scratch_folder_init(&folder);
    const char *path = wb_scratch_folder_write(&folder, "window.zst", frame, sizeof frame);
    CU_ASSERT_EQUAL(wb_trace_check(path, NULL, &err), WB_ERR_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "window.zst: damaged archive (Frame requires too much "
                                            "memory for decoding)"));
    refuse_everywhere(path);
    wb_scratch_folder_release(&folder);
}

static const char head[] = "{\"trace\":\"werkbank/v1\"}\n";

static const struct {
    const char *name, *before, *repeated, *after;
    size_t count;
    const char *message;
} long_cases[] = {
    {"a template nested a hundred thousand deep", "{\"at\":0,\"apply\":", "[", "", 100000,
     "t:2: nested more than 100 deep, expected at most that"},
    {"maps nested a hundred thousand deep", "{\"at\":0,\"apply\":", "{\"a\":", "", 100000,
     "t:2: nested more than 100 deep, expected at most that"},
    {"a number of a million digits", "{\"at\":", "9", ",\"pod\":\"a\",\"shape\":0}\n", 1000000,
     "t:2:7: 'at' is "},
    {"a name of a million bytes of no UTF-8", "{\"at\":0,\"pod\":\"", "\xff", "\",\"shape\":0}\n",
     1000000, "t:2: found byte 0xff, expected valid UTF-8"},
    {"a million fields of one name", "{\"at\":0", ",\"at\":0", "}\n", 1000000, "t:2: "},
    {"zero bytes", "", "\x01", "\n", 1000000, "t:2: "},
};

static void refuse_long_lines(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(long_cases); i++) {
        wb_scratch_folder folder;
        wb_text text;
        wb_error err = {0};
        wb_scratch_folder_init(&folder);
        wb_text_init(&text);
        wb_text_add_string(&text, head);
        wb_text_add_string(&text, long_cases[i].before);
        for (size_t j = 0; j < long_cases[i].count; j++) {
            wb_text_add_string(&text, long_cases[i].repeated);
        }
        wb_text_add_string(&text, long_cases[i].after);
        wb_text_add_string(&text, "\n");
        const char *path =
            wb_scratch_folder_write(&folder, "t", wb_text_string(&text), text.length);
        expect_one_line(wb_trace_check(path, NULL, &err), err.text);
        if (strstr(err.text, long_cases[i].message) == NULL) {
            printf("\n  %s: %s\n", long_cases[i].name, err.text);
            CU_FAIL("another message");
        }
        refuse_everywhere(path);
        wb_text_release(&text);
        wb_scratch_folder_release(&folder);
    }
}

/* A good trace, plain and packed, is refused wherever it is cut. */
static void refuse_cut_traces(void)
{
    static const char trace[] =
        "{\"trace\":\"werkbank/v1\"}\n"
        "{\"shape\":0,\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\"}]}}}\n"
        "{\"at\":1,\"pod\":\"a\",\"shape\":0,\"until\":5}\n{\"end\":5,\"records\":2}\n";
    char packed[1024];
    const size_t packed_length = ZSTD_compress(packed, sizeof packed, trace, sizeof trace - 1, 3);
    CU_ASSERT_FATAL(!ZSTD_isError(packed_length));
    wb_scratch_folder folder;
    wb_error err = {0};
    wb_scratch_folder_init(&folder);
    for (size_t i = 0; i + 1 < sizeof trace; i++) {
        const char *path = wb_scratch_folder_write(&folder, "cut", trace, i);
        expect_one_line(wb_trace_check(path, NULL, &err), err.text);
    }
    for (size_t i = 0; i < packed_length; i++) {
        const char *path = wb_scratch_folder_write(&folder, "cut.zst", packed, i);
        expect_one_line(wb_trace_check(path, NULL, &err), err.text);
    }
    const char *path = wb_scratch_folder_write(&folder, "whole.zst", packed, packed_length);
    CU_ASSERT_EQUAL(wb_trace_check(path, NULL, &err), WB_OK);
    wb_scratch_folder_release(&folder);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"traces cut anywhere", refuse_cut_traces},
        {"an archive that asks for a large window", refuse_a_large_window},
        {"lines of a million bytes", refuse_long_lines},
        {"archives that unpack to far more", refuse_bombs},
    };
    return wb_test_run("hostile input", cases, WB_TEST_COUNT(cases));
}
