/*
 * Specifications of generated traces: any bytes as one. What is made is a trace that our own reader
 * takes, and a specification can be fitted to it that makes one again; what is refused is refused
 * with a finding or in one line, and leaves no file. Numbers are kept small, for a large count is
 * no mistake but a large trace.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kube/names.h"
#include "traces/trace_fit.h"
#include "traces/trace_generate.h"
#include "tests/fuzz/fuzz_target.h"

#define SCALE 1e-6 /* of rates and replicas; what remains of each is at least one */

/* No number of more than three digits but years, and no exponents. */
static int is_small(const uint8_t *data, size_t size)
{
    size_t digits = 0;
    for (size_t i = 0; i < size; i++) {
        const int is_digit = data[i] >= '0' && data[i] <= '9';
        digits = is_digit ? digits + 1 : 0;
        const int is_year = digits == 4 && data[i - 3] == '2' && data[i - 2] == '0';
        if ((digits > 3 && !is_year) ||
            (i > 0 && (data[i] | 32) == 'e' && data[i - 1] >= '0' && data[i - 1] <= '9')) {
            return 0;
        }
    }
    return 1;
}

/* Whether text made a trace at path; if not, that something says why. */
static int makes_trace(const char *text, const char *path)
{
    const wb_trace_generate_options options = {
        .spec_path = "spec", .spec_text = text, .output_path = path, .scale = SCALE};
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_trace_generate_report report;
    wb_error err = {0};
    wb_arena_init(&arena, "fuzz", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    wb_findings_init(&findings, &arena, true);
    const wb_status status = wb_trace_generate(&options, &arena, &intern, &findings, &report, &err);
    if (status == WB_OK) {
        const wb_status read = wb_trace_check(path, NULL, &err);
        assert(read == WB_OK);
    } else {
        assert(findings.error_count > 0 || err.text[0] != 0);
        assert(access(path, F_OK) != 0);
    }
    wb_intern_release(&intern);
    wb_arena_release(&arena);
    return status == WB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    char again_path[80];
    if (!is_small(data, size)) {
        return 0;
    }
    (void)snprintf(path, sizeof path, "/tmp/werkbank-fuzz-%ld", (long)getpid());
    (void)snprintf(again_path, sizeof again_path, "%s-again", path);
    char *text = malloc(size + 1);
    assert(text != NULL);
    memcpy(text, data, size);
    text[size] = 0;
    if (makes_trace(text, path)) {
        const wb_trace_fit_options options = {.seed = 1};
        wb_trace_fit_report report;
        wb_text spec;
        wb_error err;
        wb_text_init(&spec);
        if (wb_trace_fit(path, &options, &spec, &report, &err) == WB_OK) {
            const int is_made = makes_trace(wb_text_string(&spec), again_path);
            assert(is_made);
        } else {
            assert(report.pod_count == 0);
        }
        wb_text_release(&spec);
    }
    free(text);
    (void)unlink(path);
    (void)unlink(again_path);
    return 0;
}
