/*
 * The view as lines of text, for any width: what the terminal shows, and what `top --at` prints.
 * Where not all columns fit, names and CPU stay longest, then type, memory and price; no line is
 * longer than the width.
 */
#ifndef WB_TOOLS_TOP_NODE_LINES_H
#define WB_TOOLS_TOP_NODE_LINES_H

#include "base/text.h"
#include "tools/top/node_view.h"

#define WB_NODE_LINES_HEAD 4 /* lines above the first node */

/* Adds the lines, each ended by a newline: what run and when, totals with the price a month
 * (730 h), a line of bars, the titles, then one per node from first on. title: "day, karpenter";
 * size: columns (>= 20) and lines at most. */
void wb_node_lines_add(const wb_node_view *view, const char *title, uint32_t first,
                       const int size[2], wb_text *out);

#endif
