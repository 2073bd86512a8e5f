/*
 * HTML pieces: text escaped, tables with scopes, pictures inside the page. What is here makes valid
 * HTML 5 whatever text comes in; what a page says is its caller's business.
 */
#ifndef WB_TOOLS_REPORT_HTML_H
#define WB_TOOLS_REPORT_HTML_H

#include <stdbool.h>

#include "base/text.h"

/* Adds text as content or attribute value: & < > " ' become references, control characters go,
 * invalid UTF-8 becomes U+FFFD. */
void wb_html_add_text(wb_text *out, const char *text);

/* "<table>" with its caption; wrapped so that a narrow screen scrolls the table, not the page. */
void wb_html_begin_table(wb_text *out, const char *caption);
void wb_html_end_table(wb_text *out);

/* A row: begin, cells, end. Headings are of columns; numbers stand to the right. */
void wb_html_begin_row(wb_text *out);
void wb_html_end_row(wb_text *out);
void wb_html_add_heading(wb_text *out, const char *text, bool is_number);
void wb_html_add_cell(wb_text *out, const char *text, bool is_number);

/* An SVG picture as data of the page, with what it shows in words (alt) and a caption. */
void wb_html_add_picture(wb_text *out, const wb_text *svg, const char *alt, const char *caption);

#endif
