/*
 * Tables and JSON of trace info. A bar of a table is as long as its share of the largest; times
 * are given in the unit that a person would take.
 */
#include "tools/cli/trace_info_output.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/quantity.h"
#include "tools/cli/json_output.h"
#include "tools/cli/result_table.h"

#define BAR_WIDTH 40
#define TIME_ROWS 24 /* of arrivals and concurrency */

static const wb_result_column columns[] = {
    {"TRACE", "trace", false, false},
    {"RECORDS", "records", true, false},
    {"PODS", "pods", true, false},
    {"SERVICES", "services", true, false},
    {"BATCH", "batch", true, false},
    {"OPEN", "open", true, false},
    {"SHAPES", "shapes", true, false},
    {"OWNERS", "owners", true, false},
    {"APPLIED", "applied", true, false},
    {"DELETED", "deleted", true, false},
    {"NODES", "nodes", true, false},
    {"SCALES", "scales", true, false},
    {"SPOT", "spot", true, false},
    {"SPAN", "span", false, false},
    {"SPAN MS", "span_ms", true, true},
    {"CPU HOURS", "cpu_hours", true, false},
    {"GPU HOURS", "gpu_hours", true, false},
    {"RESIDENT", "resident_cpu_hours", true, false},
    {"RESIDENT GPU", "resident_gpu_hours", true, true},
    {"DECLARED", "declared_cpu_hours", true, false},
    {"PEAK PODS", "peak_pods", true, true},
    {"PEAK CPUS", "peak_cpus", true, true},
    {"DIGEST", "digest", false, true},
};

static void add_row(wb_result_table *table, const char *path, const wb_trace_stats *stats)
{
    const wb_trace_summary *summary = &stats->summary;
    const uint64_t counts[] = {summary->record_count, summary->pod_count,   summary->service_count,
                               summary->batch_count,  summary->open_count,  summary->shape_count,
                               summary->owner_count,  summary->apply_count, summary->delete_count,
                               summary->node_count,   summary->scale_count, summary->spot_count};
    const int64_t hours[] = {summary->cpu_milli_hours, summary->gpu_milli_hours,
                             stats->resident_cpu_milli_hours, stats->resident_gpu_milli_hours,
                             stats->workload_cpu_milli_hours};
    const int64_t end_ms = summary->end_ms;
    char span[48];
    uint32_t column = 0;
    wb_duration_print(end_ms, span);
    wb_result_table_add_row(table);
    wb_result_table_set(table, column++, path);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        wb_result_table_set_format(table, column++, "%llu", (unsigned long long)counts[i]);
    }
    wb_result_table_set(table, column++, span);
    wb_result_table_set_format(table, column++, "%lld", (long long)end_ms);
    for (size_t i = 0; i < sizeof(hours) / sizeof(hours[0]); i++) {
        wb_result_table_set_format(table, column++, "%.3f", (double)hours[i] / 1e3);
    }
    wb_result_table_set_format(table, column++, "%lld",
                               (long long)wb_trace_series_running_peak(&stats->pods, end_ms));
    wb_result_table_set_format(table, column++, "%.3f",
                               (double)wb_trace_series_running_peak(&stats->cpu_milli, end_ms) /
                                   1e3);
    wb_result_table_set(table, column, summary->digest);
}

static void add_bar(double share, wb_text *out)
{
    const int length = (int)(share * BAR_WIDTH + 0.5);
    for (int i = 0; i < length; i++) {
        wb_text_add_string(out, "#");
    }
    wb_text_add_string(out, "\n");
}

/* ---- over time ---- */

/* Arrivals, and what is there at its most, in one row of the table of times. */
typedef struct time_row {
    int64_t start_ms, arrivals, pods, cpu_milli;
} time_row;

static uint32_t collect_rows(const wb_trace_stats *stats, time_row rows[TIME_ROWS])
{
    const int64_t end_ms = stats->summary.end_ms;
    const uint32_t bin_count = wb_trace_series_bin_count(&stats->arrivals, end_ms);
    const uint32_t per_row = (bin_count + TIME_ROWS - 1) / TIME_ROWS;
    int64_t pods = 0;
    int64_t cpu_milli = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < bin_count; i++) {
        if (i % per_row == 0) {
            rows[count++] = (time_row){.start_ms = (int64_t)i * stats->arrivals.width_ms};
        }
        time_row *row = &rows[count - 1];
        pods += stats->pods.sums[i];
        cpu_milli += stats->cpu_milli.sums[i];
        row->arrivals += stats->arrivals.sums[i];
        row->pods = pods > row->pods ? pods : row->pods;
        row->cpu_milli = cpu_milli > row->cpu_milli ? cpu_milli : row->cpu_milli;
    }
    return count;
}

static void print_times(const wb_trace_stats *stats, wb_text *out)
{
    time_row rows[TIME_ROWS];
    const uint32_t count = collect_rows(stats, rows);
    int64_t most = 1;
    for (uint32_t i = 0; i < count; i++) {
        most = rows[i].arrivals > most ? rows[i].arrivals : most;
    }
    wb_text_add_format(out, "\n%-14s %10s %10s %12s  %s\n", "FROM", "ARRIVALS", "PODS", "CPUS",
                       "arrivals; pods and CPUs that are there, at the most");
    for (uint32_t i = 0; i < count; i++) {
        char start[48];
        wb_duration_print(rows[i].start_ms / 1000 * 1000, start);
        wb_text_add_format(out, "%-14s %10lld %10lld %12.1f  ", start, (long long)rows[i].arrivals,
                           (long long)rows[i].pods, (double)rows[i].cpu_milli / 1e3);
        add_bar((double)rows[i].arrivals / (double)most, out);
    }
}

/* ---- sizes ---- */

static void name_milli(int64_t value, char out[48])
{
    wb_quantity_print_milli(value, out);
}

static void name_mib(int64_t value, char out[48])
{
    wb_quantity_print_bytes(value << 20, out);
}

static void name_count(int64_t value, char out[48])
{
    (void)snprintf(out, 48, "%lld", (long long)value);
}

static void name_seconds(int64_t value, char out[48])
{
    wb_duration_print(value * WB_MS_PER_SECOND, out);
}

static void name_ms(int64_t value, char out[48])
{
    wb_duration_print(value, out);
}

/* The histograms, each with its steps: values that begin buckets. */
static const struct {
    const char *title, *key, *unit;
    void (*name)(int64_t value, char out[48]);
    size_t offset; /* of the histogram in wb_trace_stats */
    int64_t steps[16];
    uint32_t step_count;
} sizes[] = {
    {"CPU REQUEST",
     "cpu_request",
     "milli",
     name_milli,
     offsetof(wb_trace_stats, cpu_requests),
     {0, 1, 112, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072},
     13},
    {"MEMORY REQUEST",
     "memory_request",
     "mib",
     name_mib,
     offsetof(wb_trace_stats, memory_requests),
     {0, 1, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144},
     14},
    {"GPU REQUEST",
     "gpu_request",
     "gpus",
     name_count,
     offsetof(wb_trace_stats, gpu_requests),
     {0, 1, 2, 4, 8, 16},
     6},
    {"LIFETIME",
     "lifetime",
     "seconds",
     name_seconds,
     offsetof(wb_trace_stats, lifetimes),
     {0, 1, 10, 60, 320, 640, 1792, 3584, 14336, 40960, 81920, 655360, 2621440},
     13},
    {"BETWEEN ARRIVALS",
     "gap",
     "ms",
     name_ms,
     offsetof(wb_trace_stats, gaps),
     {0, 1, 10, 104, 1024, 10240, 57344, 655360, 3670016},
     9},
};

#define SIZE_COUNT (sizeof(sizes) / sizeof(sizes[0]))

static const wb_trace_histogram *histogram_of(const wb_trace_stats *stats, size_t index)
{
    assert(index < SIZE_COUNT);
    return (const wb_trace_histogram *)(const void *)((const char *)stats + sizes[index].offset);
}

static void print_histogram(const wb_trace_stats *stats, size_t index, wb_text *out)
{
    const wb_trace_histogram *histogram = histogram_of(stats, index);
    uint64_t counts[16] = {0};
    uint64_t most = 1;
    if (histogram->count == 0 || histogram->maximum == 0) {
        return; /* nothing to tell */
    }
    for (uint32_t i = 0; i < sizes[index].step_count; i++) {
        const int64_t to = i + 1 < sizes[index].step_count ? sizes[index].steps[i + 1] : INT64_MAX;
        counts[i] = wb_trace_histogram_count_between(histogram, sizes[index].steps[i], to);
        most = counts[i] > most ? counts[i] : most;
    }
    char p50[48];
    char p90[48];
    char p99[48];
    char largest[48];
    sizes[index].name(wb_trace_histogram_quantile(histogram, 0.5), p50);
    sizes[index].name(wb_trace_histogram_quantile(histogram, 0.9), p90);
    sizes[index].name(wb_trace_histogram_quantile(histogram, 0.99), p99);
    sizes[index].name(histogram->maximum, largest);
    wb_text_add_format(out, "\n%-16s %10s  median %s, p90 %s, p99 %s, largest %s\n",
                       sizes[index].title, "PODS", p50, p90, p99, largest);
    for (uint32_t i = 0; i < sizes[index].step_count; i++) {
        if (counts[i] > 0) {
            char from[48];
            sizes[index].name(sizes[index].steps[i], from);
            wb_text_add_format(out, ">= %-13s %10llu  ", from, (unsigned long long)counts[i]);
            add_bar((double)counts[i] / (double)most, out);
        }
    }
}

static void print_shapes(const wb_trace_stats *stats, wb_text *out)
{
    wb_text_add_format(out, "\n%-8s %-20s %10s %10s %10s %5s\n", "SHAPE", "NAMESPACE", "PODS",
                       "CPU", "MEMORY", "GPUS");
    for (uint32_t i = 0; i < stats->shape_count; i++) {
        const wb_trace_stats_shape *shape = &stats->shapes[i];
        char cpu[48];
        char memory[48];
        wb_quantity_print_milli(shape->cpu_milli, cpu);
        wb_quantity_print_bytes(shape->memory_bytes, memory);
        wb_text_add_format(out, "%-8u %-20s %10llu %10s %10s %5lld\n", shape->shape_number,
                           shape->namespace_name, (unsigned long long)shape->pod_count, cpu, memory,
                           (long long)shape->gpu_count);
    }
    if (stats->summary.shape_count > stats->shape_count) {
        wb_text_add_format(out, "and %llu more\n",
                           (unsigned long long)(stats->summary.shape_count - stats->shape_count));
    }
}

static void print_details(const wb_trace_info_set *set, wb_text *out)
{
    for (uint32_t i = 0; i < set->count; i++) {
        const wb_trace_stats *stats = &set->stats[i];
        if (set->count > 1) {
            wb_text_add_format(out, "\n%s\n", set->paths[i]);
        }
        if (stats->workload_replicas_peak > 0) {
            wb_text_add_format(out, "\nreplicas of applied workloads: peak %lld, at the end %lld\n",
                               (long long)stats->workload_replicas_peak,
                               (long long)stats->workload_replicas_end);
        }
        if (stats->summary.pod_count > 0) {
            print_times(stats, out);
            for (size_t j = 0; j < SIZE_COUNT; j++) {
                print_histogram(stats, j, out);
            }
            print_shapes(stats, out);
        }
    }
}

/* ---- JSON ---- */

static cJSON *add_object(cJSON *parent, const char *key)
{
    return cJSON_AddObjectToObject(parent, key);
}

static void add_number(cJSON *object, const char *key, double value)
{
    (void)cJSON_AddNumberToObject(object, key, value);
}

static void add_series_json(cJSON *object, const wb_trace_stats *stats)
{
    time_row rows[TIME_ROWS];
    const uint32_t count = stats->summary.pod_count > 0 ? collect_rows(stats, rows) : 0;
    cJSON *list = cJSON_AddArrayToObject(object, "over_time");
    for (uint32_t i = 0; i < count; i++) {
        cJSON *row = cJSON_CreateObject();
        add_number(row, "from_ms", (double)rows[i].start_ms);
        add_number(row, "arrivals", (double)rows[i].arrivals);
        add_number(row, "pods", (double)rows[i].pods);
        add_number(row, "cpus", (double)rows[i].cpu_milli / 1e3);
        (void)cJSON_AddItemToArray(list, row);
    }
}

static void add_histogram_json(cJSON *object, const wb_trace_stats *stats, size_t index)
{
    const wb_trace_histogram *histogram = histogram_of(stats, index);
    char key[64];
    (void)snprintf(key, sizeof key, "%s_%s", sizes[index].key, sizes[index].unit);
    cJSON *found = add_object(object, key);
    add_number(found, "count", (double)histogram->count);
    add_number(found, "p50", (double)wb_trace_histogram_quantile(histogram, 0.5));
    add_number(found, "p90", (double)wb_trace_histogram_quantile(histogram, 0.9));
    add_number(found, "p99", (double)wb_trace_histogram_quantile(histogram, 0.99));
    add_number(found, "max", (double)histogram->maximum);
    cJSON *buckets = cJSON_AddArrayToObject(found, "buckets");
    for (uint32_t i = 0; i < WB_TRACE_HISTOGRAM_BUCKETS; i++) {
        if (histogram->counts[i] > 0) {
            cJSON *bucket = cJSON_CreateObject();
            add_number(bucket, "from", (double)wb_trace_histogram_bucket_start(i));
            add_number(bucket, "count", (double)histogram->counts[i]);
            (void)cJSON_AddItemToArray(buckets, bucket);
        }
    }
}

static void add_shapes_json(cJSON *object, const wb_trace_stats *stats)
{
    cJSON *list = cJSON_AddArrayToObject(object, "leading_shapes");
    for (uint32_t i = 0; i < stats->shape_count; i++) {
        const wb_trace_stats_shape *shape = &stats->shapes[i];
        cJSON *row = cJSON_CreateObject();
        add_number(row, "shape", shape->shape_number);
        (void)cJSON_AddStringToObject(row, "namespace", shape->namespace_name);
        add_number(row, "pods", (double)shape->pod_count);
        add_number(row, "cpu_milli", (double)shape->cpu_milli);
        add_number(row, "memory_bytes", (double)shape->memory_bytes);
        add_number(row, "gpus", (double)shape->gpu_count);
        (void)cJSON_AddItemToArray(list, row);
    }
}

/* The table's cells, and behind them what has more than one number. */
static void print_json(const wb_trace_info_set *set, const wb_result_table *table, wb_text *out)
{
    cJSON_Delete(wb_json_output_new()); /* sets where memory comes from */
    cJSON *list = cJSON_CreateArray();
    for (uint32_t i = 0; i < set->count; i++) {
        cJSON *object = cJSON_CreateObject();
        for (uint32_t j = 0; j < table->column_count; j++) {
            const char *cell = table->cells[(size_t)i * table->column_count + j];
            if (columns[j].is_number) {
                (void)cJSON_AddRawToObject(object, columns[j].key, cell);
            } else {
                (void)cJSON_AddStringToObject(object, columns[j].key, cell);
            }
        }
        const wb_trace_stats *stats = &set->stats[i];
        add_number(object, "declared_replicas_peak", (double)stats->workload_replicas_peak);
        add_number(object, "declared_replicas_end", (double)stats->workload_replicas_end);
        add_series_json(object, stats);
        for (size_t j = 0; j < SIZE_COUNT; j++) {
            add_histogram_json(object, stats, j);
        }
        add_shapes_json(object, stats);
        (void)cJSON_AddItemToArray(list, object);
    }
    wb_json_output_print(list, out);
}

void wb_trace_info_output_print(const wb_trace_info_set *set, wb_arena *arena, const char *format,
                                wb_text *out)
{
    assert(set != NULL && arena != NULL && format != NULL && out != NULL);
    wb_result_table table;
    wb_result_table_init(&table, arena, columns, sizeof(columns) / sizeof(columns[0]));
    for (uint32_t i = 0; i < set->count; i++) {
        add_row(&table, set->paths[i], &set->stats[i]);
    }
    table.is_colored = set->is_colored;
    if (strcmp(format, "json") == 0) {
        print_json(set, &table, out);
        return;
    }
    wb_result_table_print(&table, format, out);
    if (strcmp(format, "table") == 0) {
        print_details(set, out);
    }
}
