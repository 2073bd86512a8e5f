/* decisionLatency: how long the contenders compute before they act; of the spec, or of one. */
#include <assert.h>
#include <string.h>

#include "scenarios/scenario_internal.h"

#define PERCENT 100

void wb_scenario_load_latency(const wb_field *owner, wb_decision_latency *out)
{
    assert(owner != NULL);
    assert(out != NULL);
    const wb_field field = wb_field_get(owner, "decisionLatency");
    if (!wb_field_is_set(&field)) {
        return;
    }
    const char *text = wb_field_text(&field);
    const double factor = strcmp(text, "measured") == 0 ? 1.0
                          : strcmp(text, "off") == 0 || strcmp(text, "false") == 0
                              ? 0.0 /* YAML's off is a boolean */
                              : wb_node_double(field.node, -1.0);
    if (!(factor >= 0.0 && factor * PERCENT <= WB_DECISION_LATENCY_PERCENT_MAX)) {
        wb_field_error(&field,
                       "is '%s', expected off, measured, or by how much longer than measured (0.5, "
                       "2), up to %d",
                       text, WB_DECISION_LATENCY_PERCENT_MAX / PERCENT);
        return;
    }
    out->percent = (uint32_t)(factor * PERCENT + 0.5);
}
