#include "tools/cli/trace_fit_output.h"

#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "tools/cli/result_table.h"

static const wb_result_column trace_columns[] = {
    {"TRACE", "trace", false, false},        {"SPAN", "span", false, false},
    {"SPAN MS", "span_ms", true, true},      {"PODS", "pods", true, false},
    {"PODS A DAY", "pods_day", true, false}, {"SHAPES", "shapes", true, false},
};

static const wb_result_column distance_columns[] = {
    {"MEASURE", "measure", false, false},
    {"UNIT", "unit", false, false},
    {"RECORDED P50", "recorded_p50", true, false},
    {"GENERATED P50", "generated_p50", true, false},
    {"RECORDED P95", "recorded_p95", true, false},
    {"GENERATED P95", "generated_p95", true, false},
    {"KS", "ks", true, false},
};

static void add_trace(wb_result_table *table, const char *path, const wb_trace_summary *summary)
{
    char span[48];
    const double days = (double)summary->end_ms / (double)WB_MS_PER_DAY;
    wb_duration_print(summary->end_ms, span);
    wb_result_table_add_row(table);
    wb_result_table_set(table, 0, path);
    wb_result_table_set(table, 1, span);
    wb_result_table_set_format(table, 2, "%lld", (long long)summary->end_ms);
    wb_result_table_set_format(table, 3, "%llu", (unsigned long long)summary->pod_count);
    wb_result_table_set_format(table, 4, "%.1f",
                               days > 0.0 ? (double)summary->pod_count / days : 0.0);
    wb_result_table_set_format(table, 5, "%llu", (unsigned long long)summary->shape_count);
}

static void add_distance(wb_result_table *table, wb_trace_measure measure,
                         const wb_trace_distance *distance)
{
    static const double quantiles[] = {0.5, 0.95};
    wb_result_table_add_row(table);
    wb_result_table_set(table, 0, wb_trace_distance_name(measure));
    wb_result_table_set(table, 1, wb_trace_distance_unit(measure));
    for (uint32_t i = 0; i < 2; i++) {
        wb_result_table_set_format(table, 2 + 2 * i, "%lld",
                                   (long long)wb_trace_histogram_quantile(&distance->first,
                                                                          quantiles[i]));
        wb_result_table_set_format(table, 3 + 2 * i, "%lld",
                                   (long long)wb_trace_histogram_quantile(&distance->second,
                                                                          quantiles[i]));
    }
    if (distance->first.count > 0 && distance->second.count > 0) { /* else there is none */
        wb_result_table_set_format(table, 6, "%.4f", distance->distance);
    }
}

static void add_fit_json(const wb_trace_fit_report *fit, wb_text *out)
{
    wb_text_add_format(out,
                       "{\"pods\":%llu,\"standing\":%llu,\"censored\":%llu,\"sources\":%u,"
                       "\"rows\":%u,\"hours\":%u,\"objects_left_out\":%llu,\"pods_left_out\":%llu}",
                       (unsigned long long)fit->pod_count, (unsigned long long)fit->standing_count,
                       (unsigned long long)fit->censored_count, fit->source_count, fit->row_count,
                       fit->hour_count, (unsigned long long)fit->object_count,
                       (unsigned long long)fit->dropped_count);
}

void wb_trace_fit_output_print(const wb_trace_fit_result *result, wb_arena *arena,
                               const char *format, wb_text *out)
{
    wb_result_table traces;
    wb_result_table distances;
    assert(result != NULL && format != NULL && out != NULL);
    wb_result_table_init(&traces, arena, trace_columns,
                         sizeof(trace_columns) / sizeof(trace_columns[0]));
    wb_result_table_init(&distances, arena, distance_columns,
                         sizeof(distance_columns) / sizeof(distance_columns[0]));
    add_trace(&traces, result->trace_path, result->recorded);
    add_trace(&traces, result->output_path, result->generated);
    for (uint32_t i = 0; i < WB_TRACE_MEASURE_COUNT; i++) {
        add_distance(&distances, (wb_trace_measure)i, &result->distances[i]);
    }
    traces.is_colored = result->is_colored;
    distances.is_colored = result->is_colored;
    if (strcmp(format, "json") == 0) {
        wb_text_add_string(out, "{\"fit\":");
        add_fit_json(result->fit, out);
        wb_text_add_string(out, ",\n\"traces\":");
        wb_result_table_print(&traces, format, out);
        wb_text_add_string(out, ",\"distances\":");
        wb_result_table_print(&distances, format, out);
        wb_text_add_string(out, "}\n");
        return;
    }
    if (strcmp(format, "table") == 0) {
        wb_result_table_print(&traces, format, out);
        wb_text_add_string(out, "\n");
    }
    wb_result_table_print(&distances, format, out);
}
