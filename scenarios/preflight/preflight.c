#include "scenarios/preflight/preflight.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/preflight/preflight_internal.h"

const char *wb_preflight_kind_name(wb_preflight_kind kind)
{
    static const char *const names[WB_PREFLIGHT_KIND_COUNT] = {"inconsistent", "missing", "wide",
                                                               "note"};
    assert(kind < WB_PREFLIGHT_KIND_COUNT);
    return names[kind];
}

const char *wb_preflight_print(wb_arena *arena, const char *fmt, ...)
{
    char text[1024];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return wb_arena_copy_string(arena, text);
}

const char *wb_preflight_place(wb_arena *arena, wb_position position)
{
    return position.file != NULL ? wb_preflight_print(arena, "%s:%u", position.file, position.line)
                                 : "";
}

wb_preflight_finding *wb_preflight_add(wb_preflight_checker *checker, wb_preflight_kind kind,
                                       const char *subject, const char *fmt, ...)
{
    assert(checker != NULL && kind < WB_PREFLIGHT_KIND_COUNT);
    if (checker->count == checker->capacity) {
        const uint32_t capacity = checker->capacity == 0 ? 32 : 2 * checker->capacity;
        checker->findings = wb_arena_grow(checker->arena, checker->findings, checker->count,
                                          capacity, sizeof checker->findings[0]);
        checker->capacity = capacity;
    }
    char text[512];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    wb_preflight_finding *finding = &checker->findings[checker->count++];
    *finding = (wb_preflight_finding){.kind = kind,
                                      .subject = subject,
                                      .text = wb_arena_copy_string(checker->arena, text)};
    return finding;
}

/* By kind, each in the order of the checks. */
static void fill_report(const wb_preflight_checker *checker, wb_preflight_report *out)
{
    wb_preflight_finding *sorted =
        WB_ARENA_ARRAY(checker->arena, wb_preflight_finding, (size_t)checker->count + 1);
    for (int kind = 0; kind < WB_PREFLIGHT_KIND_COUNT; kind++) {
        for (uint32_t i = 0; i < checker->count; i++) {
            if ((int)checker->findings[i].kind == kind) {
                sorted[out->count++] = checker->findings[i];
                out->error_count += checker->findings[i].is_error ? 1U : 0U;
            }
        }
    }
    assert(out->count == checker->count);
    out->findings = sorted;
    out->call_count = checker->call_count;
    out->names = checker->names;
}

wb_status wb_preflight_check(wb_arena *arena, wb_intern *intern,
                             const wb_preflight_options *options, wb_findings *findings,
                             wb_preflight_report *out, wb_error *err)
{
    assert(arena != NULL && intern != NULL && options != NULL);
    wb_preflight_input *in = WB_ARENA_NEW(arena, wb_preflight_input);
    in->options = options;
    in->arena = arena;
    in->intern = intern;
    in->findings = findings;
    WB_TRY(wb_preflight_read(in, err));
    *out = (wb_preflight_report){.count = 0};
    wb_preflight_checker checker = {.in = in, .arena = arena};
    out->names_sources = wb_preflight_find_names(in, &checker.names);
    wb_preflight_check_names(&checker);
    if (checker.names.cluster[0] != '\0') {
        wb_preflight_check_trust(&checker);
        wb_preflight_check_calls(&checker);
        wb_preflight_check_node_role(&checker);
        wb_preflight_check_selectors(&checker);
        wb_preflight_check_width(&checker);
    }
    fill_report(&checker, out);
    return WB_OK;
}
