#include "tools/cli/program_file.h"

#include <assert.h>

#include "base/digest.h"
#include "base/file.h"

const char *wb_program_file_digest(wb_arena *arena)
{
    assert(arena != NULL);
    const wb_arena_mark mark = wb_arena_get_mark(arena);
    char *bytes = NULL;
    size_t length = 0;
    char hex[33] = "";
    if (wb_file_read(arena, "/proc/self/exe", 0, &bytes, &length, NULL) == WB_OK) {
        wb_digest *digest = wb_digest_new();
        wb_digest_add_bytes(digest, bytes, length);
        wb_digest_text(digest, hex);
        wb_digest_free(digest);
    }
    wb_arena_rewind(arena, mark);
    return wb_arena_copy_string(arena, hex);
}
