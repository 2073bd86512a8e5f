/*
 * JSON built with cJSON, printed. cJSON answers a refused request for memory by leaving something
 * out; here it must not come to that, so it takes its memory from base/heap_memory, which ends the
 * command instead.
 */
#ifndef WB_TOOLS_CLI_JSON_OUTPUT_H
#define WB_TOOLS_CLI_JSON_OUTPUT_H

#include <cjson/cJSON.h>

#include "base/text.h"

/* An empty object, with cJSON made to take its memory as said above: the way to begin any. */
cJSON *wb_json_output_new(void);

/* Adds json, indented, with a newline behind it, and frees it. */
void wb_json_output_print(cJSON *json, wb_text *out);

#endif
