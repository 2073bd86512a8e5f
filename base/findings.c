/*
 * Gathering what is wrong with a file: errors in a fixed array, since nobody reads past twenty, and
 * warnings in the arena. The text is made at once, place included, so that a finding outlives the
 * document it speaks of.
 */
#include "base/findings.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void wb_findings_init(wb_findings *findings, wb_arena *arena, bool strict)
{
    assert(findings != NULL);
    assert(arena != NULL);
    *findings = (wb_findings){.arena = arena, .strict = strict};
}

/* The parts of the place that are known: "<file>:<line>:<column>: <path>: ". */
static void print_place(wb_position position, const char *path, char *out, size_t size)
{
    assert(size > 0);
    char place[32] = "";
    if (position.line > 0 && position.column > 0) {
        (void)snprintf(place, sizeof(place), ":%u:%u", position.line, position.column);
    } else if (position.line > 0) {
        (void)snprintf(place, sizeof(place), ":%u", position.line);
    }
    const bool has_file = position.file != NULL && position.file[0] != '\0';
    const bool has_path = path != NULL && path[0] != '\0';
    (void)snprintf(out, size, "%s%s%s%s%s", has_file ? position.file : "", has_file ? place : "",
                   has_file ? ": " : "", has_path ? path : "", has_path ? ": " : "");
}

/* Room for one more warning, or NULL for an error beyond those kept. */
static wb_finding *next_slot(wb_findings *findings, wb_severity severity)
{
    if (severity == WB_SEVERITY_ERROR) {
        if (wb_findings_is_full(findings)) {
            findings->dropped_count++;
            return NULL;
        }
        return &findings->errors[findings->error_count++];
    }
    if (findings->warning_count == findings->warning_capacity) {
        const size_t capacity =
            findings->warning_capacity == 0 ? 8 : 2 * findings->warning_capacity;
        findings->warnings =
            wb_arena_grow(findings->arena, findings->warnings, findings->warning_count, capacity,
                          sizeof(*findings->warnings));
        findings->warning_capacity = capacity;
    }
    return &findings->warnings[findings->warning_count++];
}

void wb_findings_add(wb_findings *findings, wb_severity severity, wb_position position,
                     const char *path, const char *fmt, ...)
{
    assert(findings != NULL && findings->arena != NULL);
    assert(fmt != NULL);
    wb_finding *slot = next_slot(findings, severity);
    if (slot == NULL) {
        return;
    }
    /* Longer texts are cut: a message quotes input, and input has no bounds. */
    char text[1024];
    print_place(position, path, text, sizeof(text) / 2);
    const size_t length = strlen(text);
    va_list args;
    va_start(args, fmt);
    const int added = vsnprintf(text + length, sizeof(text) - length, fmt, args);
    va_end(args);
    assert(added >= 0);
    wb_status_flatten_text(text);
    *slot = (wb_finding){
        .severity = severity,
        .position = position,
        .text = wb_arena_copy_string(findings->arena, text),
    };
}

bool wb_findings_is_full(const wb_findings *findings)
{
    assert(findings != NULL);
    assert(findings->error_count <= WB_FINDINGS_MAX);
    return findings->error_count == WB_FINDINGS_MAX;
}

wb_status wb_findings_status(const wb_findings *findings, wb_error *err)
{
    assert(findings != NULL);
    if (findings->error_count == 0) {
        return WB_OK;
    }
    const char *first = findings->errors[0].text;
    const size_t more = findings->error_count - 1 + findings->dropped_count;
    if (more == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s", first);
    }
    /* 450 leaves room for the count behind even where the first text is long. */
    return wb_fail(err, WB_ERR_INPUT, "%.450s (and %zu more)", first, more);
}
