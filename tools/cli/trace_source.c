#include "tools/cli/trace_source.h"

#include <assert.h>

wb_status wb_trace_source_open(const char *path, wb_arena *arena, const char **out_path,
                               wb_error *err)
{
    assert(path != NULL && arena != NULL && out_path != NULL);
    (void)arena;
    (void)err;
    *out_path = path;
    return WB_OK;
}

void wb_trace_source_remove_all(void)
{
}
