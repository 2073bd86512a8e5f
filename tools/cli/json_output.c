#include "tools/cli/json_output.h"

#include <assert.h>

#include "base/heap_memory.h"

static void *alloc_for_json(size_t size)
{
    return wb_heap_memory_alloc(size, 1);
}

cJSON *wb_json_output_new(void)
{
    cJSON_Hooks hooks = {alloc_for_json, wb_heap_memory_free};
    cJSON_InitHooks(&hooks);
    return cJSON_CreateObject();
}

void wb_json_output_print(cJSON *json, wb_text *out)
{
    assert(json != NULL && out != NULL);
    char *printed = cJSON_Print(json);
    assert(printed != NULL); /* it fails only when memory is refused */
    wb_text_add_format(out, "%s\n", printed);
    cJSON_free(printed);
    cJSON_Delete(json);
}
