/*
 * SkyPilot's spot traces (skypilot-org/spot-traces): how many spot instances of one type could be
 * had in one zone (availability), or were alive (preemption), at every tick.
 *
 *   {"metadata": {"gap_seconds": 300}, "data": [0, 0, 3, 16, ...]}     some 2,000 to 25,000 ticks
 *
 * Zone, accelerator and count are in the file's name (us-west-2a_v100_8.json), the first day in its
 * folder's (aws-08-27-2023). Every change becomes a spot record "capacity" of the pool; a step down
 * is a loss of so many instances.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/document.h"
#include "base/duration.h"
#include "traces/import_internal.h"

#define GAP_MAX_S         86400
#define INPUT_LIMIT_BYTES ((size_t)64 << 20) /* the real ones have 200 KB */
#define CAPACITY_MAX      1000000

/* What stands for an accelerator and count. The source says p2.2xlarge and p2.16xlarge for K80s,
 * which do not exist with 1 and 8 of them. */
static const struct {
    const char *accelerator, *instance_type;
} machines[] = {
    {"v100_1", "p3.2xlarge"},    {"v100_4", "p3.8xlarge"}, {"v100_8", "p3.16xlarge"},
    {"k80_1", "p2.xlarge"},      {"k80_8", "p2.8xlarge"},  {"k80_16", "p2.16xlarge"},
    {"intel_64", "r5.16xlarge"},
};

typedef struct spot_pool {
    char zone[64];
    const char *instance_type;
    int64_t epoch_ms; /* -1: the folder says no day */
    int64_t gap_ms;
} spot_pool;

static bool recognises(const wb_import *import)
{
    const size_t head = import->length < 256 ? import->length : 256;
    char text[257];
    memcpy(text, import->text, head);
    text[head] = 0;
    return text[0] == '{' && strstr(text, "\"gap_seconds\"") != NULL;
}

/* "us-west-2a_v100_8.json" or, behind a packed one, ".json.zst". */
static wb_status read_name(const char *path, spot_pool *out, wb_error *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *bar = strchr(name, '_');
    const size_t zone_length = bar == NULL ? 0 : (size_t)(bar - name);
    const size_t length = bar == NULL ? 0 : strcspn(bar + 1, ".");
    for (size_t i = 0; bar != NULL && i < sizeof(machines) / sizeof(machines[0]); i++) {
        if (strlen(machines[i].accelerator) == length && zone_length < sizeof out->zone &&
            strncmp(machines[i].accelerator, bar + 1, length) == 0) {
            (void)snprintf(out->zone, sizeof out->zone, "%.*s", (int)zone_length, name);
            out->instance_type = machines[i].instance_type;
            return WB_OK;
        }
    }
    return wb_fail(err, WB_ERR_INPUT,
                   "%s: the file's name does not say the pool, expected ZONE_ACCELERATOR_COUNT "
                   "such as us-west-2a_v100_8.json (v100, k80, intel)",
                   path);
}

/* The day in ".../aws-08-27-2023/file", as calendar time; -1 when there is none. */
static int64_t day_of_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash - path < 11) {
        return -1;
    }
    const char *day = slash - 11; /* "-mm-dd-yyyy" */
    int64_t epoch_ms = -1;
    char text[48];
    (void)snprintf(text, sizeof text, "%.4s-%.2s-%.2sT00:00:00Z", day + 7, day + 1, day + 4);
    wb_error ignored;
    const bool is_day = day[0] == '-' && day[3] == '-' && day[6] == '-' &&
                        wb_duration_parse_time(text, &epoch_ms, &ignored) == WB_OK;
    return is_day && epoch_ms >= 0 ? epoch_ms : -1;
}

typedef struct loss_count {
    uint64_t steps, instances, ticks_with_any;
} loss_count;

static wb_status write_steps(const wb_import *import, const wb_node *data, const spot_pool *pool,
                             wb_trace_writer *writer, loss_count *losses, wb_error *err)
{
    int64_t before = -1;
    for (uint32_t i = 0; i < data->count; i++) {
        int64_t value = 0;
        if (!wb_node_is_int64(data->children[i], &value) || value < 0 || value > CAPACITY_MAX) {
            return wb_fail(err, WB_ERR_INPUT,
                           "%s:%u:%u: data[%u] is not a number of instances from 0 to %d",
                           import->options->input_path, data->children[i]->line,
                           data->children[i]->column, i, CAPACITY_MAX);
        }
        losses->ticks_with_any += value > 0 ? 1 : 0;
        if (before > value) {
            losses->steps++;
            losses->instances += (uint64_t)(before - value);
        }
        if (before == value) {
            continue;
        }
        before = value;
        const wb_trace_spot spot = {.at_ms = (int64_t)i * pool->gap_ms,
                                    .event = WB_TRACE_SPOT_CAPACITY,
                                    .instance_type = pool->instance_type,
                                    .zone = pool->zone,
                                    .value = value};
        import->report->object_count++;
        WB_TRY(wb_trace_writer_spot(writer, &spot, err));
    }
    return WB_OK;
}

static wb_status write_pool(wb_import *import, const wb_node *data, const spot_pool *pool,
                            wb_error *err)
{
    const int64_t end_ms = (int64_t)data->count * pool->gap_ms;
    const wb_trace_info_header header = {.epoch_ms = pool->epoch_ms,
                                         .end_ms = end_ms,
                                         .source = "skypilot"};
    wb_trace_writer *writer = NULL;
    loss_count losses = {0};
    WB_TRY(wb_trace_writer_open(import->options->output_path, &header, &writer, err));
    const wb_status status = write_steps(import, data, pool, writer, &losses, err);
    if (status != WB_OK) {
        wb_trace_writer_abandon(writer);
        return status;
    }
    import->report->end_ms = end_ms;
    wb_trace_import_note(import,
                         "spot pool %s in %s: %.1f days, at least one instance %.2f of the time, "
                         "%llu losses of %llu instances%s",
                         pool->instance_type, pool->zone, (double)end_ms / (double)WB_MS_PER_DAY,
                         (double)losses.ticks_with_any / (double)data->count,
                         (unsigned long long)losses.steps, (unsigned long long)losses.instances,
                         pool->epoch_ms < 0 ? "; the folder's name has no day, so no calendar"
                                            : "");
    return wb_trace_writer_commit(writer, end_ms, err);
}

static wb_status read(wb_import *import, wb_error *err)
{
    spot_pool pool = {.epoch_ms = -1};
    wb_document_stream stream = {0};
    int64_t gap_s = 0;
    WB_TRY(wb_document_read_file(import->arena, import->options->input_path, INPUT_LIMIT_BYTES,
                                 &stream, err));
    const wb_node *root = stream.count == 1 ? stream.roots[0] : NULL;
    const wb_node *gap = wb_node_find(root, "metadata.gap_seconds");
    const wb_node *data = wb_node_get(root, "data");
    if (gap == NULL || !wb_node_is_int64(gap, &gap_s) || gap_s < 1 || gap_s > GAP_MAX_S) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s: metadata.gap_seconds: is missing or no whole number from 1 to %d",
                       import->options->input_path, GAP_MAX_S);
    }
    if (data == NULL || data->kind != WB_NODE_LIST || data->count == 0 ||
        (int64_t)data->count * gap_s > WB_TRACE_TIME_MAX_MS / WB_MS_PER_SECOND) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s: data: is missing or empty, expected a list of numbers over at most 31 "
                       "years",
                       import->options->input_path);
    }
    pool.gap_ms = gap_s * WB_MS_PER_SECOND;
    WB_TRY(read_name(import->options->input_path, &pool, err));
    pool.epoch_ms = day_of_folder(import->options->input_path);
    return write_pool(import, data, &pool, err);
}

const wb_importer wb_import_skypilot = {
    .name = "skypilot",
    .help = "SkyPilot spot availability or preemption, JSON",
    .is_streamed = true, /* to be known before other JSON */
    .recognises = recognises,
    .read = read,
};
