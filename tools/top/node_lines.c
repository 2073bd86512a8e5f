#include "tools/top/node_lines.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"

#define HOURS_PER_MONTH  730 /* as AWS' own calculator has it */
#define BAR_WIDTH        10
#define TOTAL_BAR_WIDTH  22
#define TOTAL_BARS_TEXT  27 /* letters of the line of totals beside its two bars */
#define CELL_BYTES       64
#define NAME_WIDTH_LEAST 12
#define NAME_WIDTH_MOST  32

typedef enum column {
    COLUMN_NODE,
    COLUMN_TYPE,
    COLUMN_ZONE,
    COLUMN_MARKET,
    COLUMN_PRICE,
    COLUMN_AGE,
    COLUMN_PODS,
    COLUMN_CPU,
    COLUMN_MEMORY,
    COLUMN_COUNT,
} column;

/* From left to right. rank: a narrow terminal keeps those of low rank. */
static const struct {
    const char *title;
    int width, rank, gap; /* gap: blanks in front */
    bool is_right;
} columns[COLUMN_COUNT] = {
    [COLUMN_NODE] = {"NODE", 0, 0, 0, false}, /* as wide as its names */
    [COLUMN_TYPE] = {"INSTANCE TYPE", 14, 2, 1, false},
    [COLUMN_ZONE] = {"ZONE", 11, 8, 1, false},
    [COLUMN_MARKET] = {"MARKET", 9, 7, 1, false},
    [COLUMN_PRICE] = {"$/HOUR", 8, 4, 1, true},
    [COLUMN_AGE] = {"AGE", 6, 6, 1, true},
    [COLUMN_PODS] = {"PODS", 4, 5, 1, true},
    [COLUMN_CPU] = {"CPU", BAR_WIDTH + 5, 1, 2, false},
    [COLUMN_MEMORY] = {"MEMORY", BAR_WIDTH + 5, 3, 2, false},
};

/* Widths of the columns that are shown; 0: it is not. */
typedef struct layout {
    int widths[COLUMN_COUNT];
} layout;

static layout lay_out(const wb_node_view *view, int width)
{
    int name_width = NAME_WIDTH_LEAST;
    for (uint32_t i = 0; i < view->node_count; i++) {
        const int length = (int)strlen(view->nodes[i].name);
        name_width = length > name_width ? length : name_width;
    }
    name_width = name_width > NAME_WIDTH_MOST ? NAME_WIDTH_MOST : name_width;
    layout of = {.widths = {[COLUMN_NODE] = name_width < width ? name_width : width}};
    int left = width - of.widths[COLUMN_NODE];
    for (int rank = 1; rank < COLUMN_COUNT; rank++) {
        for (int c = 0; c < COLUMN_COUNT; c++) {
            const int needed = columns[c].width + columns[c].gap;
            if (columns[c].rank == rank && needed <= left) {
                of.widths[c] = columns[c].width;
                left -= needed;
            }
        }
    }
    return of;
}

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

static void add_total(const char *title, int64_t part, int64_t whole, int width, wb_text *out)
{
    wb_text_add_format(out, "%s ", title);
    add_bar(part, whole, width, out);
    wb_text_add_format(out, " %3d %%", per_cent(part, whole));
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
    int bar_width = (width - TOTAL_BARS_TEXT) / 2;
    bar_width = bar_width > TOTAL_BAR_WIDTH ? TOTAL_BAR_WIDTH : bar_width < 3 ? 3 : bar_width;
    add_total("CPU", view->cpu_milli_requested, view->cpu_milli, bar_width, out);
    wb_text_add_string(out, "   ");
    add_total("memory", view->memory_bytes_requested, view->memory_bytes, bar_width, out);
    end_line(out, start, width);
}

/* A cell, cut or filled up to the width of its column. */
static void add_cell(const layout *of, column which, const char *text, wb_text *out)
{
    const int width = of->widths[which];
    if (width > 0) {
        wb_text_add_format(out, columns[which].is_right ? "%*s%*.*s" : "%*s%-*.*s",
                           columns[which].gap, "", width, width, text);
    }
}

static void add_use(const layout *of, column which, const int64_t use[2], wb_text *out)
{
    if (of->widths[which] > 0) {
        wb_text_add_format(out, "%*s", columns[which].gap, "");
        add_bar(use[0], use[1], BAR_WIDTH, out);
        wb_text_add_format(out, " %3d%%", per_cent(use[0], use[1]));
    }
}

static void add_titles(const layout *of, int width, wb_text *out)
{
    const size_t start = out->length;
    for (int c = 0; c < COLUMN_COUNT; c++) {
        add_cell(of, (column)c, columns[c].title, out);
    }
    end_line(out, start, width);
}

static void add_node(const wb_node_view_row *node, const layout *of, int width, wb_text *out)
{
    char price[CELL_BYTES];
    char age[CELL_BYTES];
    char pods[CELL_BYTES];
    (void)snprintf(price, sizeof price, "%.4f", (double)node->price_nusd_per_hour / 1e9);
    (void)snprintf(pods, sizeof pods, "%lld", (long long)node->pod_count);
    add_age(node->age_ms, age, sizeof age);
    const char *const cells[] = {
        [COLUMN_NODE] = node->name, [COLUMN_TYPE] = node->instance_type,
        [COLUMN_ZONE] = node->zone, [COLUMN_MARKET] = node->is_ready ? node->market : "booting",
        [COLUMN_PRICE] = price,     [COLUMN_AGE] = age,
        [COLUMN_PODS] = pods,
    };
    const size_t start = out->length;
    for (int c = 0; c <= COLUMN_PODS; c++) {
        add_cell(of, (column)c, cells[c], out);
    }
    const int64_t cpu[2] = {node->cpu_milli_requested, node->cpu_milli};
    const int64_t memory[2] = {node->memory_bytes_requested, node->memory_bytes};
    add_use(of, COLUMN_CPU, cpu, out);
    add_use(of, COLUMN_MEMORY, memory, out);
    end_line(out, start, width);
}

void wb_node_lines_add(const wb_node_view *view, const char *title, uint32_t first,
                       const int size[2], wb_text *out)
{
    assert(view != NULL && title != NULL && size != NULL && size[0] >= 20 && out != NULL);
    const layout of = lay_out(view, size[0]);
    add_head(view, title, size[0], out);
    add_titles(&of, size[0], out);
    for (uint32_t i = first;
         i < view->node_count && (int64_t)(i - first) < size[1] - WB_NODE_LINES_HEAD; i++) {
        add_node(&view->nodes[i], &of, size[0], out);
    }
}
