#include "tools/report/html.h"

#include <assert.h>
#include <string.h>

#include "base/utf8.h"

void wb_html_add_text(wb_text *out, const char *text)
{
    assert(out != NULL && text != NULL);
    const size_t length = strlen(text);
    for (size_t i = 0; i < length;) {
        const size_t step = wb_utf8_sequence_length(text + i, length - i);
        const char c = text[i];
        if (step == 0) {
            wb_text_add_string(out, "\xEF\xBF\xBD");
            i++;
            continue;
        }
        switch (c) {
        case '&': wb_text_add_string(out, "&amp;"); break;
        case '<': wb_text_add_string(out, "&lt;"); break;
        case '>': wb_text_add_string(out, "&gt;"); break;
        case '"': wb_text_add_string(out, "&quot;"); break;
        case '\'': wb_text_add_string(out, "&#39;"); break;
        default:
            if ((unsigned char)c >= ' ' || c == '\n' || c == '\t') {
                wb_text_add(out, text + i, step);
            }
        }
        i += step;
    }
}

void wb_html_begin_table(wb_text *out, const char *caption)
{
    wb_text_add_string(out, "<div class=\"scroll\" tabindex=\"0\"><table>\n<caption>");
    wb_html_add_text(out, caption);
    wb_text_add_string(out, "</caption>\n");
}

void wb_html_end_table(wb_text *out)
{
    wb_text_add_string(out, "</table></div>\n");
}

void wb_html_begin_row(wb_text *out)
{
    wb_text_add_string(out, "<tr>");
}

void wb_html_end_row(wb_text *out)
{
    wb_text_add_string(out, "</tr>\n");
}

void wb_html_add_heading(wb_text *out, const char *text, bool is_number)
{
    wb_text_add_string(out, is_number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
    wb_html_add_text(out, text);
    wb_text_add_string(out, "</th>");
}

void wb_html_add_cell(wb_text *out, const char *text, bool is_number)
{
    wb_text_add_string(out, is_number ? "<td class=\"n\">" : "<td>");
    wb_html_add_text(out, text);
    wb_text_add_string(out, "</td>");
}

static void add_base64(wb_text *out, const unsigned char *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        const size_t count = length - i < 3 ? length - i : 3;
        const unsigned b0 = bytes[i];
        const unsigned b1 = count > 1 ? bytes[i + 1] : 0;
        const unsigned b2 = count > 2 ? bytes[i + 2] : 0;
        const char group[4] = {
            digits[b0 >> 2],
            digits[((b0 & 3U) << 4) | (b1 >> 4)],
            digits[((b1 & 15U) << 2) | (b2 >> 6)],
            digits[b2 & 63U],
        };
        wb_text_add(out, group, count + 1);
        wb_text_add(out, "==", 3 - count); /* the last group is filled up */
    }
}

void wb_html_add_picture(wb_text *out, const wb_text *svg, const char *alt, const char *caption)
{
    assert(out != NULL && svg != NULL && alt != NULL && caption != NULL);
    wb_text_add_string(out, "<figure><img alt=\"");
    wb_html_add_text(out, alt);
    wb_text_add_string(out, "\" src=\"data:image/svg+xml;base64,");
    add_base64(out, (const unsigned char *)svg->bytes, svg->length);
    wb_text_add_string(out, "\"><figcaption>");
    wb_html_add_text(out, caption);
    wb_text_add_string(out, "</figcaption></figure>\n");
}
