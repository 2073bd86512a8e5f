/*
 * Manifests: any bytes as the documents of a file, once as users read them and once under --strict.
 * Whatever is wrong is a finding of one line; strictness only turns warnings into errors.
 */
#include <assert.h>
#include <string.h>

#include "kube/manifest.h"
#include "kube/names.h"
#include "tests/fuzz/fuzz_target.h"

static void check_finding(const wb_finding *finding)
{
    assert(finding->text[0] != '\0' && strchr(finding->text, '\n') == NULL);
}

/* Decodes all documents; returns how many errors were found. */
static size_t decode(wb_arena *arena, const wb_document_stream *stream, bool is_strict)
{
    wb_intern intern;
    wb_intern_init(&intern, arena);
    wb_names_init(&intern);
    wb_findings findings;
    wb_findings_init(&findings, arena, is_strict);
    const wb_decode_context context = {.arena = arena, .intern = &intern, .findings = &findings};
    wb_manifest manifest;
    wb_manifest_init(&manifest);
    for (size_t i = 0; i < stream->count; i++) {
        wb_manifest_add_document(&manifest, &context, stream->roots[i]);
    }
    for (size_t i = 0; i < findings.error_count; i++) {
        check_finding(&findings.errors[i]);
    }
    for (size_t i = 0; i < findings.warning_count; i++) {
        check_finding(&findings.warnings[i]);
    }
    wb_intern_release(&intern);
    return findings.error_count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wb_arena arena;
    wb_arena_init(&arena, "fuzz", 0, NULL);
    const char *text = wb_arena_copy_text(&arena, (const char *)data, size);
    wb_document_stream stream;
    wb_error err;
    const wb_document_input input = {.file = "fuzz", .text = text, .length = size};
    if (wb_document_read_text(&arena, &input, &stream, &err) == WB_OK) {
        const size_t error_count = decode(&arena, &stream, false);
        assert(decode(&arena, &stream, true) >= error_count);
    }
    wb_arena_release(&arena);
    return 0;
}
