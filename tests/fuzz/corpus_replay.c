/*
 * The main of a fuzz target outside the fuzzer: feeds it every file of a corpus folder, in the
 * order of their names, so that what fuzzing once found stays found under plain ctest, gcc and
 * valgrind.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/status.h"
#include "tests/fuzz/fuzz_target.h"

#define FILE_BYTES_MAX ((size_t)64 << 20)

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* False when path cannot be read; the target itself reports by crashing. */
static bool replay_file(const char *path)
{
    wb_arena arena;
    wb_arena_init(&arena, "corpus", 0, NULL);
    char *text = NULL;
    size_t length = 0;
    wb_error err;
    const bool is_read = wb_file_read(&arena, path, FILE_BYTES_MAX, &text, &length, &err) == WB_OK;
    if (is_read) {
        LLVMFuzzerTestOneInput((const uint8_t *)text, length);
    } else {
        printf("%s\n", err.text);
    }
    wb_arena_release(&arena);
    return is_read;
}

int main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    const int entry_count = argc == 2 ? scandir(argv[1], &entries, is_visible, alphasort) : -1;
    if (entry_count <= 0) {
        printf("usage: %s CORPUS-FOLDER (which must hold at least one file)\n", argv[0]);
        return 1;
    }
    int failed_count = 0;
    for (int i = 0; i < entry_count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
        printf("%s\n", path);
        fflush(stdout);
        failed_count += replay_file(path) ? 0 : 1;
        free(entries[i]);
    }
    free(entries);
    return failed_count == 0 ? 0 : 1;
}
