#include "traces/trace_diff.h"

#include <assert.h>
#include <string.h>

#include "kube/names.h"

#define TEXT_MAX ((size_t)400)

/* One of the two traces, read record by record, shapes and owners included. */
typedef struct diff_side {
    wb_trace_reader *reader; /* owned */
    wb_arena records, names; /* owned; records is rewound to opened at each record */
    wb_arena_mark opened;
    wb_intern intern;
    wb_trace_record record;
} diff_side;

static wb_status open_side(diff_side *side, const char *path, wb_error *err)
{
    wb_arena_init(&side->names, "trace names", 0, NULL);
    wb_arena_init(&side->records, "trace records", 0, NULL);
    wb_intern_init(&side->intern, &side->names);
    wb_names_init(&side->intern);
    WB_TRY(wb_trace_reader_open(path, &side->records, &side->intern, &side->reader, err));
    side->opened = wb_arena_get_mark(&side->records);
    return WB_OK;
}

static void close_side(diff_side *side)
{
    wb_trace_reader_close(side->reader);
    wb_intern_release(&side->intern);
    wb_arena_release(&side->names);
    wb_arena_release(&side->records);
}

static wb_status read_on(diff_side *side, wb_error *err)
{
    wb_arena_rewind(&side->records, side->opened);
    return wb_trace_reader_next(side->reader, &side->record, err);
}

static bool are_same(const wb_trace_record *a, const wb_trace_record *b)
{
    return a->text_length == b->text_length && memcmp(a->text, b->text, a->text_length) == 0;
}

static const char *copy_line(const wb_trace_record *record, wb_arena *arena)
{
    const size_t length = record->text_length < TEXT_MAX ? record->text_length : TEXT_MAX;
    return wb_arena_copy_text(arena, record->text, length);
}

/* Goes on while both say the same. */
static wb_status find_difference(diff_side *a, diff_side *b, wb_arena *arena, wb_trace_diff *out,
                                 wb_error *err)
{
    for (;;) {
        WB_TRY(read_on(a, err));
        WB_TRY(read_on(b, err));
        if (!are_same(&a->record, &b->record)) {
            break;
        }
        if (a->record.kind == WB_TRACE_END) {
            out->is_same = true;
            return WB_OK;
        }
        out->same_record_count++;
    }
    out->line_a = a->record.line;
    out->line_b = b->record.line;
    out->text_a = copy_line(&a->record, arena);
    out->text_b = copy_line(&b->record, arena);
    return WB_OK;
}

wb_status wb_trace_diff_traces(const char *path_a, const char *path_b, wb_arena *arena,
                               wb_trace_diff *out, wb_error *err)
{
    assert(path_a != NULL && path_b != NULL && arena != NULL && out != NULL);
    diff_side a = {.reader = NULL};
    diff_side b = {.reader = NULL};
    *out = (wb_trace_diff){.text_a = "", .text_b = ""};
    WB_TRY(wb_trace_check(path_a, &out->a, err));
    WB_TRY(wb_trace_check(path_b, &out->b, err));
    wb_status status = open_side(&a, path_a, err);
    if (status == WB_OK) {
        status = open_side(&b, path_b, err);
        if (status == WB_OK) {
            status = find_difference(&a, &b, arena, out, err);
        }
        close_side(&b);
    }
    close_side(&a);
    return status;
}
