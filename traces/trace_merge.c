/*
 * A merge by looking at the next record of each input: a handful of traces, so the earliest is
 * found by going through them.
 */
#include "traces/trace_merge.h"

#include <assert.h>

#include "base/heap_memory.h"
#include "traces/trace_rewrite.h"

/* One trace and where its times go. */
typedef struct merge_source {
    wb_trace_rewrite_input input;
    const char *path; /* borrowed */
    int64_t shift_ms;
    bool is_open, has_ended;
} merge_source;

typedef struct merge_pass {
    merge_source *sources; /* owned */
    uint32_t count;
    wb_trace_rewrite_output output;
    wb_text text;
    int64_t end_ms;
    uint64_t read_pod_count;
} merge_pass;

/* Adds a source's shift to a time that may be unknown (-1). */
static int64_t moved(const merge_source *source, int64_t at_ms)
{
    return at_ms < 0 ? -1 : at_ms + source->shift_ms < 0 ? 0 : at_ms + source->shift_ms;
}

static wb_status read_on(merge_source *source, wb_error *err)
{
    WB_TRY(wb_trace_rewrite_next(&source->input, err));
    const wb_trace_record *record = &source->input.record;
    const int64_t at_ms = record->at_ms + source->shift_ms;
    if ((at_ms < 0 && record->kind != WB_TRACE_END) || at_ms > WB_TRACE_TIME_MAX_MS) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: the record at %lld ms would come to %lld ms, expected 0 or more, "
                       "within 31 years (see: werkbank trace cut --from)",
                       source->path, (unsigned long long)record->line, (long long)record->at_ms,
                       (long long)at_ms);
    }
    return WB_OK;
}

/* The first of the sources whose next record is earliest; NULL when all have ended. */
static merge_source *earliest(merge_pass *pass)
{
    merge_source *found = NULL;
    for (uint32_t i = 0; i < pass->count; i++) {
        merge_source *source = &pass->sources[i];
        if (!source->has_ended &&
            (found == NULL || source->input.record.at_ms + source->shift_ms <
                                  found->input.record.at_ms + found->shift_ms)) {
            found = source;
        }
    }
    return found;
}

static wb_status write_record(merge_pass *pass, merge_source *source, wb_error *err)
{
    const wb_trace_record *record = &source->input.record;
    if (record->kind != WB_TRACE_POD) {
        wb_text_clear(&pass->text);
        wb_trace_rewrite_rest(record, &pass->text);
        return wb_trace_rewrite_other(&pass->output, record->at_ms + source->shift_ms,
                                      wb_text_string(&pass->text), err);
    }
    wb_trace_pod pod = wb_trace_rewrite_pod_of(record);
    wb_trace_pod_history history = record->history;
    pod.at_ms += source->shift_ms;
    pod.until_ms = moved(source, pod.until_ms);
    history.bound_ms = moved(source, history.bound_ms);
    history.started_ms = moved(source, history.started_ms);
    history.gone_ms = moved(source, history.gone_ms);
    pod.history = &history;
    pass->read_pod_count++;
    return wb_trace_rewrite_pod(&pass->output, &source->input, &pod, err);
}

static wb_status write_all(merge_pass *pass, wb_error *err)
{
    for (uint32_t i = 0; i < pass->count; i++) {
        WB_TRY(read_on(&pass->sources[i], err));
    }
    for (;;) {
        merge_source *source = earliest(pass);
        if (source == NULL) {
            return WB_OK;
        }
        if (source->input.record.kind == WB_TRACE_END) {
            const int64_t end_ms = moved(source, source->input.record.at_ms);
            pass->end_ms = end_ms > pass->end_ms ? end_ms : pass->end_ms;
            source->has_ended = true;
            wb_trace_rewrite_note_end(&pass->output, &source->input.record);
            continue;
        }
        WB_TRY(write_record(pass, source, err));
        WB_TRY(read_on(source, err));
    }
}

/* The calendar time of the output's 0: the earliest of the inputs', to which the others are moved,
 * when all have one; else that of the first. */
static int64_t lay_out(merge_pass *pass, const wb_trace_merge_options *options)
{
    int64_t earliest_ms = -1;
    bool have_all = !options->ignores_calendar;
    for (uint32_t i = 0; i < pass->count; i++) {
        const int64_t epoch_ms = wb_trace_reader_header(pass->sources[i].input.reader)->epoch_ms;
        have_all = have_all && epoch_ms >= 0;
        earliest_ms = earliest_ms < 0 || epoch_ms < earliest_ms ? epoch_ms : earliest_ms;
    }
    for (uint32_t i = 0; have_all && i < pass->count; i++) {
        merge_source *source = &pass->sources[i];
        source->shift_ms += wb_trace_reader_header(source->input.reader)->epoch_ms - earliest_ms;
    }
    return options->has_epoch ? options->epoch_ms
           : have_all         ? earliest_ms
                              : wb_trace_reader_header(pass->sources[0].input.reader)->epoch_ms;
}

static wb_status merge_to(merge_pass *pass, const wb_trace_merge_options *options,
                          const char *output_path, wb_trace_tool_report *out, wb_error *err)
{
    for (uint32_t i = 0; i < pass->count; i++) {
        WB_TRY(wb_trace_rewrite_open(&pass->sources[i].input, pass->sources[i].path, err));
        pass->sources[i].is_open = true;
    }
    const wb_trace_info_header header = {
        .epoch_ms = lay_out(pass, options),
        .end_ms = -1,
        .source = pass->count > 1 ? "merge"
                                  : wb_trace_reader_header(pass->sources[0].input.reader)->source,
    };
    WB_TRY(wb_trace_rewrite_begin(&pass->output, output_path, &header, err));
    wb_status status = write_all(pass, err);
    status = wb_trace_rewrite_finish(&pass->output, status, pass->end_ms, err);
    *out = (wb_trace_tool_report){.read_pod_count = pass->read_pod_count,
                                  .pod_count = pass->output.pod_count,
                                  .record_count = pass->output.record_count,
                                  .end_ms = pass->output.last_ms};
    return status;
}

wb_status wb_trace_merge(const wb_trace_merge_input *inputs, uint32_t count,
                         const wb_trace_merge_options *options, const char *output_path,
                         wb_trace_tool_report *out, wb_error *err)
{
    assert(inputs != NULL && count > 0 && options != NULL && output_path != NULL && out != NULL);
    merge_pass pass = {.sources = wb_heap_memory_zalloc(count, sizeof(merge_source)),
                       .count = count};
    wb_text_init(&pass.text);
    for (uint32_t i = 0; i < count; i++) {
        pass.sources[i].path = inputs[i].path;
        pass.sources[i].shift_ms = inputs[i].shift_ms;
    }
    const wb_status status = merge_to(&pass, options, output_path, out, err);
    for (uint32_t i = 0; i < count; i++) {
        if (pass.sources[i].is_open) {
            wb_trace_rewrite_close(&pass.sources[i].input);
        }
    }
    wb_heap_memory_free(pass.sources);
    wb_text_release(&pass.text);
    return status;
}
