/*
 * What the tests of manifests share: a text in, the decoded objects and all findings out.
 *
 * Findings are compared as text, one a line, "E " or "W " in front and the file's name left out:
 * "E 5:3: spec.replicas: expected an integer, found a string (two)".
 */
#ifndef WB_TESTS_KUBE_MANIFEST_FIXTURE_H
#define WB_TESTS_KUBE_MANIFEST_FIXTURE_H

#include <string.h>

#include "base/text.h"
#include "kube/manifest.h"
#include "kube/names.h"
#include "tests/harness.h"

typedef struct wb_manifest_fixture {
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_decode_context context;
    wb_manifest manifest;
    wb_text told; /* the findings as text */
} wb_manifest_fixture;

static inline void wb_manifest_fixture_init(wb_manifest_fixture *f)
{
    wb_arena_init(&f->arena, "test", 0, NULL);
    wb_intern_init(&f->intern, &f->arena);
    wb_names_init(&f->intern);
    wb_findings_init(&f->findings, &f->arena, false);
    f->context = (wb_decode_context){
        .arena = &f->arena,
        .intern = &f->intern,
        .findings = &f->findings,
    };
    wb_manifest_init(&f->manifest);
    wb_text_init(&f->told);
}

static inline void wb_manifest_fixture_release(wb_manifest_fixture *f)
{
    wb_text_release(&f->told);
    wb_intern_release(&f->intern);
    wb_arena_release(&f->arena);
}

/* Decodes every document of text, which must be readable as such. */
static inline void wb_manifest_fixture_load(wb_manifest_fixture *f, const char *text)
{
    wb_document_stream stream = {0};
    wb_error err = {.text = ""};
    const wb_document_input input = {.file = "m", .text = text, .length = strlen(text)};
    if (wb_document_read_text(&f->arena, &input, &stream, &err) != WB_OK) {
        printf("\n%s\n", err.text);
        CU_FAIL_FATAL("the test's own document cannot be read");
    }
    for (size_t i = 0; i < stream.count; i++) {
        wb_manifest_add_document(&f->manifest, &f->context, stream.roots[i]);
    }
}

/* All findings as text; valid until the next call. */
static inline const char *wb_manifest_fixture_tell(wb_manifest_fixture *f)
{
    wb_text_clear(&f->told);
    for (size_t i = 0; i < f->findings.error_count; i++) {
        wb_text_add_format(&f->told, "E %s\n", f->findings.errors[i].text + strlen("m:"));
    }
    for (size_t i = 0; i < f->findings.warning_count; i++) {
        wb_text_add_format(&f->told, "W %s\n", f->findings.warnings[i].text + strlen("m:"));
    }
    return wb_text_string(&f->told);
}

/* Loads head followed by body and holds the findings against expected. */
static inline void wb_manifest_fixture_expect(const char *name, const char *head, const char *body,
                                              const char *expected)
{
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    wb_text text;
    wb_text_init(&text);
    wb_text_add_string(&text, head);
    wb_text_add_string(&text, body);
    wb_manifest_fixture_load(&f, wb_text_string(&text));
    const char *told = wb_manifest_fixture_tell(&f);
    if (strcmp(told, expected) != 0) {
        printf("\n%s:\n  told     %s  expected %s", name, told, expected);
    }
    CU_ASSERT_STRING_EQUAL(told, expected);
    wb_text_release(&text);
    wb_manifest_fixture_release(&f);
}

/* A row of a table of rules: what is wrong with body, told in full; "" where nothing is. */
typedef struct wb_manifest_fixture_case {
    const char *name, *body, *expected;
} wb_manifest_fixture_case;

static inline void wb_manifest_fixture_expect_all(const wb_manifest_fixture_case *cases,
                                                  size_t count, const char *head)
{
    for (size_t i = 0; i < count; i++) {
        wb_manifest_fixture_expect(cases[i].name, head, cases[i].body, cases[i].expected);
    }
}

/* "cpu=100 memory=1024", in the order of the list. */
static inline const char *wb_manifest_fixture_resources(wb_manifest_fixture *f,
                                                        wb_resource_list list)
{
    wb_text_clear(&f->told);
    for (uint32_t i = 0; i < list.count; i++) {
        wb_text_add_format(&f->told, "%s%s=%lld", i == 0 ? "" : " ",
                           wb_intern_text(&f->intern, list.items[i].name),
                           (long long)list.items[i].amount);
    }
    return wb_text_string(&f->told);
}

/* "a=1 b=2", in the order of the set. */
static inline const char *wb_manifest_fixture_labels(wb_manifest_fixture *f, wb_labels labels)
{
    wb_text_clear(&f->told);
    for (uint32_t i = 0; i < labels.count; i++) {
        wb_text_add_format(&f->told, "%s%s=%s", i == 0 ? "" : " ",
                           wb_intern_text(&f->intern, labels.items[i].key),
                           wb_intern_text(&f->intern, labels.items[i].value));
    }
    return wb_text_string(&f->told);
}

/* Whether id is the text's; for assertions on fields. */
static inline bool wb_manifest_fixture_is(const wb_manifest_fixture *f, uint32_t id,
                                          const char *text)
{
    return strcmp(wb_intern_text(&f->intern, id), text) == 0;
}

#endif
