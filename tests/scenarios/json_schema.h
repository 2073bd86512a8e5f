/*
 * JSON Schema, as much of it as docs/scenario.schema.json uses: type, const, enum, properties,
 * required, additionalProperties, items, minItems, minimum, maximum, oneOf. A keyword that is none
 * of these and no remark is a complaint: a rule that nobody checks is none.
 */
#ifndef WB_TESTS_SCENARIOS_JSON_SCHEMA_H
#define WB_TESTS_SCENARIOS_JSON_SCHEMA_H

#include "base/document.h"
#include "base/text.h"

/* Adds one line per thing in which value is not what schema says: "<path>: <what>\n". */
void wb_json_schema_check(const wb_node *schema, const wb_node *value, const char *path,
                          wb_text *complaints);

/* Whether a schema says that its values are of that type ("object"): by type, or by the texts of an
 * enum or const. */
bool wb_json_schema_is(const wb_node *schema, const char *type);

#endif
