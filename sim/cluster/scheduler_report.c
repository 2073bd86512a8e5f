/* How rejections read: kube-scheduler's own words, for events, conditions and golden cases. */
#include "sim/cluster/scheduler_report.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/sort.h"
#include "kube/names.h"
#include "sim/cluster/scheduler_internal.h"

static const char *const reason_texts[WB_REASON_COUNT] = {
    [WB_REASON_NONE] = "",
    [WB_REASON_UNSCHEDULABLE] = "node(s) were unschedulable",
    [WB_REASON_NODE_NAME] = "node(s) didn't match the requested node name",
    [WB_REASON_TAINT] = "node(s) had untolerated taint(s)",
    [WB_REASON_NODE_AFFINITY] = "node(s) didn't match Pod's node affinity/selector",
    [WB_REASON_EXCLUDED] = "excluded by prefilter",
    [WB_REASON_TERMS_CONFLICT] = "pod affinity terms conflict",
    [WB_REASON_PORTS] = "node(s) didn't have free ports for the requested pod ports",
    [WB_REASON_RWOP] = ("node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod "
                        "access mode already in-use by another pod"),
    [WB_REASON_VOLUME_COUNT] = "node(s) exceed max volume count",
    [WB_REASON_NO_VOLUME] = "node(s) didn't find available persistent volumes to bind",
    [WB_REASON_VOLUME_NODE] = "node(s) didn't match PersistentVolume's node affinity",
    [WB_REASON_VOLUME_MISSING] =
        "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)",
    [WB_REASON_IMMEDIATE_UNBOUND] = "pod has unbound immediate PersistentVolumeClaims",
    [WB_REASON_VOLUME_ZONE] = "node(s) had no available volume zone",
    [WB_REASON_VOLUME_TEXT] = "",
    [WB_REASON_SPREAD] = "node(s) didn't match pod topology spread constraints",
    [WB_REASON_SPREAD_LABEL] =
        "node(s) didn't match pod topology spread constraints (missing required label)",
    [WB_REASON_AFFINITY] = "node(s) didn't match pod affinity rules",
    [WB_REASON_ANTI_AFFINITY] = "node(s) didn't match pod anti-affinity rules",
    [WB_REASON_EXISTING_ANTI_AFFINITY] = "node(s) didn't satisfy existing pods anti-affinity rules",
};

wb_scheduler_reason wb_scheduler_report_plugin_reason(wb_scheduler_plugin plugin)
{
    switch (plugin) {
    case WB_PLUGIN_NODE_UNSCHEDULABLE: return WB_REASON_UNSCHEDULABLE;
    case WB_PLUGIN_NODE_NAME: return WB_REASON_NODE_NAME;
    case WB_PLUGIN_TAINT_TOLERATION: return WB_REASON_TAINT;
    case WB_PLUGIN_NODE_AFFINITY: return WB_REASON_NODE_AFFINITY;
    case WB_PLUGIN_NODE_PORTS: return WB_REASON_PORTS;
    default: assert(false && "a plugin with one reason"); return WB_REASON_NONE;
    }
}

wb_scheduler_plugin wb_scheduler_report_reason_plugin(uint32_t row)
{
    if (row >= WB_REASON_COUNT) {
        return WB_PLUGIN_NODE_RESOURCES_FIT;
    }
    for (uint32_t plugin = WB_PLUGIN_NODE_UNSCHEDULABLE; plugin <= WB_PLUGIN_NODE_PORTS; plugin++) {
        if (wb_scheduler_report_plugin_reason(plugin) == row) {
            return plugin;
        }
    }
    assert(false && "a reason of a node-local plugin");
    return WB_PLUGIN_PASSED;
}

/* The text of one histogram row: a reason, or a lacking resource. buffer has room for it. */
static const char *row_text(const wb_scheduler_core *core, const char *cycle_text, uint32_t row,
                            char buffer[256])
{
    assert(row < WB_SCHEDULER_HISTOGRAM);
    if (row == WB_REASON_VOLUME_TEXT) {
        return cycle_text == NULL ? "" : cycle_text;
    }
    if (row < WB_REASON_COUNT) {
        return reason_texts[row];
    }
    const uint32_t name = core->resource_names[row - WB_REASON_COUNT];
    if (name == WB_NAME_PODS) {
        return "Too many pods";
    }
    (void)snprintf(buffer, 256, "Insufficient %.200s", wb_intern_text(core->intern, name));
    return buffer;
}

static int compare_texts(const void *a, const void *b, void *context)
{
    (void)context;
    const char *const *x = a;
    const char *const *y = b;
    return strcmp(*x, *y);
}

/* Copies of the texts, sorted, one after another with separator between them. */
static void join_sorted(const char **texts, uint32_t count, const char *separator, wb_text *out)
{
    assert(count == 0 || texts != NULL);
    wb_sort_stable(texts, count, sizeof(*texts), compare_texts, NULL);
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_string(out, i == 0 ? "" : separator);
        wb_text_add_string(out, texts[i]);
    }
}

/* The histogram rows of a rejection, as bits from *out_first on. */
static uint64_t rejection_rows(const wb_scheduler_rejection *rejection, uint32_t *out_first)
{
    assert(rejection->plugin < WB_PLUGIN_COUNT);
    *out_first = rejection->plugin == WB_PLUGIN_NODE_RESOURCES_FIT ? WB_REASON_COUNT : 0;
    return rejection->lacking != 0 ? rejection->lacking : UINT64_C(1) << rejection->reason;
}

void wb_scheduler_report_reason(wb_scheduler_core *core, const char *cycle_text,
                                const wb_scheduler_rejection *rejection, wb_text *out)
{
    assert(rejection->plugin < WB_PLUGIN_COUNT);
    const wb_arena_mark mark = wb_arena_get_mark(&core->scratch);
    const char *texts[WB_SCHEDULER_RESOURCES_MAX];
    uint32_t count = 0;
    uint32_t first = 0;
    for (uint64_t bits = rejection_rows(rejection, &first); bits != 0; bits &= bits - 1) {
        char buffer[256];
        const uint32_t row = first + (uint32_t)__builtin_ctzll(bits);
        texts[count++] =
            wb_arena_copy_string(&core->scratch, row_text(core, cycle_text, row, buffer));
    }
    join_sorted(texts, count, "; ", out);
    wb_arena_rewind(&core->scratch, mark);
}

void wb_scheduler_report_count(const wb_scheduler_rejection *rejection, uint32_t *histogram)
{
    uint32_t first = 0;
    for (uint64_t bits = rejection_rows(rejection, &first); bits != 0; bits &= bits - 1) {
        histogram[first + (uint32_t)__builtin_ctzll(bits)]++;
    }
}

void wb_scheduler_report_message(wb_scheduler_core *core, const char *cycle_text,
                                 const uint32_t *histogram, wb_text *out)
{
    const wb_arena_mark mark = wb_arena_get_mark(&core->scratch);
    wb_text_clear(out);
    if (core->node_count == 0) {
        wb_text_add_string(out, "no nodes available to schedule pods");
        return;
    }
    wb_text_add_format(out, "0/%u nodes are available: ", core->node_count);
    const char *texts[WB_SCHEDULER_HISTOGRAM];
    uint32_t count = 0;
    for (uint32_t row = 0; row < WB_SCHEDULER_HISTOGRAM; row++) {
        if (histogram[row] > 0) {
            char buffer[256];
            char line[320];
            (void)snprintf(line, sizeof(line), "%u %s", histogram[row],
                           row_text(core, cycle_text, row, buffer));
            texts[count++] = wb_arena_copy_string(&core->scratch, line);
        }
    }
    join_sorted(texts, count, ", ", out);
    wb_text_add_string(out, ".");
    wb_arena_rewind(&core->scratch, mark);
}
