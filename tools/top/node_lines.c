#include "tools/top/node_lines.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"

#define HOURS_PER_MONTH 730 /* as AWS' own calculator has it */
#define BAR_WIDTH       10

/* "[#####.....]" of width columns, with the share of whole filled; full when part exceeds it. */
static void add_bar(int64_t part, int64_t whole, int width, wb_text *out)
{
    assert(width >= 3 && out != NULL);
    const int64_t inner = width - 2;
    int64_t filled = whole > 0 ? (part * inner + whole / 2) / whole : 0;
    filled = filled > inner ? inner : filled < 0 ? 0 : filled;
    wb_text_add_string(out, "[");
    for (int64_t i = 0; i < inner; i++) {
        wb_text_add_string(out, i < filled ? "#" : ".");
    }
    wb_text_add_string(out, "]");
}

static void add_age(int64_t age_ms, char *out, size_t size)
{
    const int64_t minutes = age_ms / WB_MS_PER_MINUTE;
    if (minutes < 60) {
        (void)snprintf(out, size, "%lldm", (long long)minutes);
    } else if (minutes < 48 * 60) {
        (void)snprintf(out, size, "%lldh%02lldm", (long long)(minutes / 60),
                       (long long)(minutes % 60));
    } else {
        (void)snprintf(out, size, "%lldd%02lldh", (long long)(minutes / 1440),
                       (long long)(minutes / 60 % 24));
    }
}

/* Cuts what was added since start to width columns and ends the line. Text is ASCII here, but for
 * what users name; a byte of those more or less does no harm. */
static void end_line(wb_text *out, size_t start, int width)
{
    if (out->length - start > (size_t)width) {
        out->length = start + (size_t)width;
        out->bytes[out->length] = '\0';
    }
    wb_text_add_string(out, "\n");
}

static int per_cent(int64_t part, int64_t whole)
{
    return whole > 0 ? (int)((part * 100 + whole / 2) / whole) : 0;
}

static void add_head(const wb_node_view *view, const char *title, int width, wb_text *out)
{
    const int64_t second = view->at_ms / WB_MS_PER_SECOND;
    size_t start = out->length;
    wb_text_add_format(out, "%s at %lldd %02d:%02d:%02d: %u nodes, %lld pods, %lld waiting", title,
                       (long long)(second / 86400), (int)(second / 3600 % 24),
                       (int)(second / 60 % 60), (int)(second % 60), view->node_count,
                       (long long)view->pod_count, (long long)view->pods_waiting);
    end_line(out, start, width);
    start = out->length;
    const double hourly = (double)view->price_nusd_per_hour / 1e9;
    wb_text_add_format(out, "$%.4f/hour, $%.2f/month, $%.2f spent so far", hourly,
                       hourly * HOURS_PER_MONTH, (double)view->cost_nusd / 1e9);
    end_line(out, start, width);
    start = out->length;
    wb_text_add_string(out, "CPU ");
    add_bar(view->cpu_milli_requested, view->cpu_milli, 22, out);
    wb_text_add_format(out, " %3d %%   memory ",
                       per_cent(view->cpu_milli_requested, view->cpu_milli));
    add_bar(view->memory_bytes_requested, view->memory_bytes, 22, out);
    wb_text_add_format(out, " %3d %%", per_cent(view->memory_bytes_requested, view->memory_bytes));
    end_line(out, start, width);
    start = out->length;
    wb_text_add_format(out, "%-22s %-14s %-11s %-9s %8s %6s %4s  %-15s  %-15s", "NODE",
                       "INSTANCE TYPE", "ZONE", "MARKET", "$/HOUR", "AGE", "PODS", "CPU", "MEMORY");
    end_line(out, start, width);
}

static void add_node(const wb_node_view_row *node, int width, wb_text *out)
{
    char age[32];
    add_age(node->age_ms, age, sizeof age);
    const size_t start = out->length;
    wb_text_add_format(out, "%-22.22s %-14.14s %-11.11s %-9.9s %8.4f %6.6s %4lld  ", node->name,
                       node->instance_type, node->zone, node->is_ready ? node->market : "booting",
                       (double)node->price_nusd_per_hour / 1e9, age, (long long)node->pod_count);
    add_bar(node->cpu_milli_requested, node->cpu_milli, BAR_WIDTH, out);
    wb_text_add_format(out, " %3d%%  ", per_cent(node->cpu_milli_requested, node->cpu_milli));
    add_bar(node->memory_bytes_requested, node->memory_bytes, BAR_WIDTH, out);
    wb_text_add_format(out, " %3d%%", per_cent(node->memory_bytes_requested, node->memory_bytes));
    end_line(out, start, width);
}

void wb_node_lines_add(const wb_node_view *view, const char *title, uint32_t first,
                       const int size[2], wb_text *out)
{
    assert(view != NULL && title != NULL && size != NULL && size[0] >= 20 && out != NULL);
    add_head(view, title, size[0], out);
    for (uint32_t i = first;
         i < view->node_count && (int64_t)(i - first) < size[1] - WB_NODE_LINES_HEAD; i++) {
        add_node(&view->nodes[i], size[0], out);
    }
}
