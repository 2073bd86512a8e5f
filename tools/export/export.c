#include "tools/export/export.h"

#include <assert.h>
#include <string.h>

#define SINK_BYTES ((size_t)1 << 16)

static const wb_export_format formats[] = {
    {"openmetrics", "metrics over time for Prometheus", wb_export_openmetrics},
    {"focus", "cost rows after FOCUS 1.0", wb_export_focus},
    {"perfetto", "trace of nodes and pods", wb_export_perfetto},
    {"csv", "a table or view", wb_export_csv},
    {"events", "Kubernetes Events", wb_export_events},
};

const wb_export_format *wb_export_find(const char *name)
{
    assert(name != NULL);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, name) == 0) {
            return &formats[i];
        }
    }
    return NULL;
}

void wb_export_sink_flush(wb_export_sink *sink, bool is_last)
{
    assert(sink != NULL);
    if (sink->text.length < SINK_BYTES && !is_last) {
        return;
    }
    if (sink->status == WB_OK && sink->text.length > 0) {
        sink->status =
            wb_file_writer_write(sink->writer, sink->text.bytes, sink->text.length, &sink->error);
    }
    wb_text_clear(&sink->text);
}
