/* Whole files and their byte source: plain, packed, cut short, damaged, too long. */
#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "base/byte_source.h"
#include "base/document.h"
#include "base/file.h"
#include "base/hash_map.h"
#include "base/heap_memory.h"
#include "tests/base/packed_bytes.h"
#include "tests/base/scratch_folder.h"
#include "tests/harness.h"

static wb_scratch_folder folder;
static char pattern[300000]; /* longer than every buffer in between, hard to pack */

static void check_reads(const char *path, const void *bytes, size_t length)
{
    wb_arena arena;
    wb_arena_init(&arena, "file", 0, NULL);
    char *text = NULL;
    size_t found = 0;
    wb_error err = {WB_OK, ""};
    CU_ASSERT_EQUAL(wb_file_read(&arena, path, 0, &text, &found, &err), WB_OK);
    CU_ASSERT_STRING_EQUAL(err.text, "");
    CU_ASSERT_EQUAL_FATAL(found, length);
    CU_ASSERT_EQUAL(memcmp(text, bytes, length), 0);
    CU_ASSERT_EQUAL(text[length], '\0');
    wb_arena_release(&arena);
}

static void check_fails(const char *path, size_t limit_bytes, wb_status status, const char *reason)
{
    wb_arena arena;
    wb_arena_init(&arena, "file", 0, NULL);
    char *text = NULL;
    size_t length = 77;
    wb_error err = {WB_OK, ""};
    const wb_status found = wb_file_read(&arena, path, limit_bytes, &text, &length, &err);
    if (found != status || strstr(err.text, reason) == NULL || strstr(err.text, path) == NULL) {
        printf("%s: status %d, %s\n", path, (int)found, err.text);
        CU_FAIL("a file fails otherwise");
    }
    CU_ASSERT_PTR_NULL(text);
    CU_ASSERT_EQUAL(length, 77);
    wb_arena_release(&arena);
}

static void read_plain_files(void)
{
    check_reads(wb_scratch_folder_write(&folder, "empty", "", 0), "", 0);
    check_reads(wb_scratch_folder_write(&folder, "small", "a\0b", 3), "a\0b", 3);
    check_reads(wb_scratch_folder_write(&folder, "large", pattern, sizeof(pattern)), pattern,
                sizeof(pattern));
}

static const size_t lengths[] = {0, 1, 100, 65536, 131072, sizeof(pattern)};

static void read_packed_files(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(lengths); i++) {
        wb_packed_bytes gzip = wb_packed_bytes_gzip(pattern, lengths[i]);
        wb_packed_bytes zstd = wb_packed_bytes_zstd(pattern, lengths[i]);
        check_reads(wb_scratch_folder_write(&folder, "a.gz", gzip.bytes, gzip.length), pattern,
                    lengths[i]);
        check_reads(wb_scratch_folder_write(&folder, "a.zst", zstd.bytes, zstd.length), pattern,
                    lengths[i]);
        /* Only the name decides. */
        check_reads(wb_scratch_folder_write(&folder, "a", gzip.bytes, gzip.length), gzip.bytes,
                    gzip.length);
        wb_packed_bytes_release(&gzip);
        wb_packed_bytes_release(&zstd);
    }
}

static void read_members_in_a_row(void)
{
    wb_packed_bytes (*const packers[])(const void *, size_t) = {wb_packed_bytes_gzip,
                                                                wb_packed_bytes_zstd};
    for (size_t p = 0; p < WB_TEST_COUNT(packers); p++) {
        wb_packed_bytes first = packers[p](pattern, 1000);
        wb_packed_bytes second = packers[p](pattern + 1000, 200000);
        unsigned char *both = wb_heap_memory_alloc(first.length + second.length, 1);
        memcpy(both, first.bytes, first.length);
        memcpy(both + first.length, second.bytes, second.length);
        check_reads(wb_scratch_folder_write(&folder, p == 0 ? "b.gz" : "b.zst", both,
                                            first.length + second.length),
                    pattern, 201000);
        wb_heap_memory_free(both);
        wb_packed_bytes_release(&first);
        wb_packed_bytes_release(&second);
    }
}

/* An archive cut after any byte fails; one with a flipped bit fails or (in a header field that says
 * nothing about the data) reads the same. */
static void refuse_damage(const char *name, const wb_packed_bytes *packed, size_t length)
{
    assert(packed->length > 0);
    for (size_t cut = 0; cut < packed->length; cut += cut < 40 ? 1 : packed->length / 20) {
        check_fails(wb_scratch_folder_write(&folder, name, packed->bytes, cut), 0, WB_ERR_INPUT,
                    "expected");
    }
    wb_arena arena;
    wb_arena_init(&arena, "damage", 0, NULL);
    for (size_t i = 0; i < 200; i++) {
        const uint64_t bits = wb_hash_map_mix(i + 1);
        const size_t at = (size_t)(bits % packed->length);
        const unsigned char flip = (unsigned char)(1U << (bits >> 61));
        char *text = NULL;
        size_t found = 0;
        packed->bytes[at] ^= flip;
        const char *path = wb_scratch_folder_write(&folder, name, packed->bytes, packed->length);
        packed->bytes[at] ^= flip;
        const wb_status status = wb_file_read(&arena, path, 1U << 22, &text, &found, NULL);
        CU_ASSERT(status == WB_ERR_INPUT || status == WB_ERR_LIMIT ||
                  (status == WB_OK && found == length && memcmp(text, pattern, length) == 0));
        wb_arena_clear(&arena);
    }
    wb_arena_release(&arena);
}

static void refuse_damaged_archives(void)
{
    wb_packed_bytes gzip = wb_packed_bytes_gzip(pattern, 5000);
    wb_packed_bytes zstd = wb_packed_bytes_zstd(pattern, 5000);
    refuse_damage("c.gz", &gzip, 5000);
    refuse_damage("c.zst", &zstd, 5000);
    check_fails(wb_scratch_folder_write(&folder, "plain.gz", "{}", 2), 0, WB_ERR_INPUT, "expected");
    check_fails(wb_scratch_folder_write(&folder, "plain.zst", "kind: Pod", 9), 0, WB_ERR_INPUT,
                "damaged archive");
    wb_packed_bytes_release(&gzip);
    wb_packed_bytes_release(&zstd);
}

static void stop_at_the_limit(void)
{
    wb_packed_bytes zstd = wb_packed_bytes_zstd(pattern, 1000);
    const char *packed = wb_scratch_folder_write(&folder, "d.zst", zstd.bytes, zstd.length);
    const char *plain = wb_scratch_folder_write(&folder, "d", pattern, 1000);
    check_fails(packed, 999, WB_ERR_LIMIT, "more than 999 bytes, expected at most that many");
    check_fails(plain, 999, WB_ERR_LIMIT, "more than 999 bytes, expected at most that many");
    check_reads(packed, pattern, 1000);
    check_reads(plain, pattern, 1000);
    wb_packed_bytes_release(&zstd);
}

static void bound_what_a_bomb_unpacks_to(void)
{
    enum {
        BOMB_BYTES = 200 << 20
    };
    char *zeros = wb_heap_memory_zalloc(BOMB_BYTES, 1);
    wb_packed_bytes bomb = wb_packed_bytes_zstd(zeros, BOMB_BYTES);
    wb_heap_memory_free(zeros);
    CU_ASSERT(bomb.length < 100000);
    check_fails(wb_scratch_folder_write(&folder, "bomb.zst", bomb.bytes, bomb.length), 1 << 20,
                WB_ERR_LIMIT, "more than 1048576 bytes");
    wb_packed_bytes_release(&bomb);
}

static void name_what_the_system_refuses(void)
{
    check_fails(wb_scratch_folder_join(&folder, "absent"), 0, WB_ERR_IO,
                "cannot open: No such file or directory");
    check_fails(folder.path, 0, WB_ERR_IO, "cannot read: Is a directory");
}

static void know_sizes(void)
{
    CU_ASSERT_EQUAL(wb_file_size_bytes(wb_scratch_folder_write(&folder, "size", "1234", 4)), 4);
    CU_ASSERT_EQUAL(wb_file_size_bytes(wb_scratch_folder_join(&folder, "absent")), -1);
    CU_ASSERT_EQUAL(wb_file_size_bytes(folder.path), -1);
    CU_ASSERT_EQUAL(wb_file_size_bytes("/dev/null"), -1);
}

static void read_a_pipe(void)
{
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    CU_ASSERT_EQUAL(write(ends[1], "a: 1\n", 5), 5);
    close(ends[1]);
    const int input = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    check_reads("-", "a: 1\n", 5);
    dup2(input, STDIN_FILENO);
    close(input);
    close(ends[0]);
}

static void report_progress_in_packed_bytes(void)
{
    wb_packed_bytes zstd = wb_packed_bytes_zstd(pattern, sizeof(pattern));
    const char *path = wb_scratch_folder_write(&folder, "p.zst", zstd.bytes, zstd.length);
    wb_byte_source *source = NULL;
    CU_ASSERT_EQUAL_FATAL(wb_byte_source_open(path, &source, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_byte_source_size_bytes(source), -1);
    char bytes[1000];
    uint64_t before = 0;
    size_t length = 1;
    size_t total = 0;
    while (length > 0) {
        CU_ASSERT_EQUAL_FATAL(wb_byte_source_read(source, bytes, sizeof(bytes), &length, NULL),
                              WB_OK);
        CU_ASSERT(wb_byte_source_offset_bytes(source) >= before);
        before = wb_byte_source_offset_bytes(source);
        total += length;
    }
    CU_ASSERT_EQUAL(total, sizeof(pattern));
    CU_ASSERT_EQUAL(before, zstd.length);
    wb_byte_source_close(source);
    wb_byte_source_close(NULL);
    wb_packed_bytes_release(&zstd);
}

static void read_documents_from_files(void)
{
    static const char manifest[] = "kind: Pod\n---\nkind: NodePool\n";
    wb_packed_bytes gzip = wb_packed_bytes_gzip(manifest, sizeof(manifest) - 1);
    const char *const paths[] = {
        wb_scratch_folder_write(&folder, "m.yaml", manifest, sizeof(manifest) - 1),
        wb_scratch_folder_write(&folder, "m.yaml.gz", gzip.bytes, gzip.length),
    };
    for (size_t i = 0; i < WB_TEST_COUNT(paths); i++) {
        wb_arena arena;
        wb_arena_init(&arena, "document", 0, NULL);
        wb_document_stream stream;
        CU_ASSERT_EQUAL_FATAL(wb_document_read_file(&arena, paths[i], 0, &stream, NULL), WB_OK);
        CU_ASSERT_EQUAL_FATAL(stream.count, 2);
        CU_ASSERT_STRING_EQUAL(stream.roots[1]->file, paths[i]);
        CU_ASSERT_EQUAL(stream.roots[1]->line, 3);
        CU_ASSERT_EQUAL(wb_document_read_file(&arena, paths[i], 10, &stream, NULL), WB_ERR_LIMIT);
        wb_arena_release(&arena);
    }
    wb_packed_bytes_release(&gzip);
}

static const wb_test_case cases[] = {
    {"plain files are read", read_plain_files},
    {"packed files are unpacked, by their name", read_packed_files},
    {"members and frames in a row are one file", read_members_in_a_row},
    {"an archive that is cut or damaged is refused", refuse_damaged_archives},
    {"the limit is exact, packed or not", stop_at_the_limit},
    {"a bomb stops at the limit", bound_what_a_bomb_unpacks_to},
    {"what the system refuses is named", name_what_the_system_refuses},
    {"sizes are those of regular files", know_sizes},
    {"standard input may be a pipe", read_a_pipe},
    {"progress counts packed bytes", report_progress_in_packed_bytes},
    {"documents are read from files", read_documents_from_files},
};

int main(void)
{
    for (size_t i = 0; i < sizeof(pattern); i++) {
        pattern[i] = (char)(wb_hash_map_mix(i) % 23 + 'a');
    }
    wb_scratch_folder_init(&folder);
    const int result = wb_test_run("file", cases, WB_TEST_COUNT(cases));
    wb_scratch_folder_release(&folder);
    return result;
}
