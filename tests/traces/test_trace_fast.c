/*
 * The fast path against the plain reader: traces of pod lines, good ones, broken ones and ones
 * changed at random, must give the same records, or the same message.
 */
#include <string.h>

#include "base/random.h"
#include "kube/names.h"
#include "traces/trace.h"
#include "traces/trace_fast.h"
#include "traces/trace_internal.h"
#include "tests/base/scratch_folder.h"
#include "tests/harness.h"

#define HEAD                                                                      \
    "{\"trace\":\"werkbank/v1\"}\n"                                               \
    "{\"shape\":0,\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\"}]}}}\n" \
    "{\"owner\":0,\"kind\":\"Deployment\",\"name\":\"api\"}\n"                    \
    "{\"at\":5,\"pod\":\"first\",\"shape\":0}\n"
#define TAIL "\n{\"end\":1000000000000,\"records\":4}\n"

static wb_scratch_folder folder;

static const struct {
    const char *name, *line;
    bool is_fast;
} line_cases[] = {
    {"the shortest", "{\"at\":5,\"pod\":\"a\",\"shape\":0}", true},
    {"a service", "{\"at\":120,\"pod\":\"api-5\",\"shape\":0,\"owner\":0,\"until\":86400000}",
     true},
    {"a job", "{\"at\":121,\"pod\":\"job-1\",\"shape\":0,\"owner\":0,\"runs\":540000}", true},
    {"all that there is",
     "{\"at\":121,\"pod\":\"x\",\"shape\":0,\"owner\":0,\"runs\":1,\"checkpointed\":true,"
     "\"node\":\"ip-1\",\"bound\":900,\"started\":2000,\"gone\":9000,\"exit\":137}",
     true},
    {"the latest time", "{\"at\":1000000000000,\"pod\":\"a\",\"shape\":0}", true},
    {"a time beyond", "{\"at\":1000000000001,\"pod\":\"a\",\"shape\":0}", false},
    {"a number of many digits", "{\"at\":99999999999999999999999,\"pod\":\"a\",\"shape\":0}",
     false},
    {"a leading zero", "{\"at\":05,\"pod\":\"a\",\"shape\":0}", false},
    {"a fraction", "{\"at\":5.0,\"pod\":\"a\",\"shape\":0}", false},
    {"an exponent", "{\"at\":5e2,\"pod\":\"a\",\"shape\":0}", false},
    {"a negative time", "{\"at\":-5,\"pod\":\"a\",\"shape\":0}", false},
    {"no digits", "{\"at\":,\"pod\":\"a\",\"shape\":0}", false},
    {"a time that goes back", "{\"at\":4,\"pod\":\"a\",\"shape\":0}", false},
    {"an end before the begin", "{\"at\":9,\"pod\":\"a\",\"shape\":0,\"until\":8}", false},
    {"two ends", "{\"at\":9,\"pod\":\"a\",\"shape\":0,\"until\":9,\"runs\":1}", false},
    {"a shape that is none", "{\"at\":9,\"pod\":\"a\",\"shape\":1}", false},
    {"an owner that is none", "{\"at\":9,\"pod\":\"a\",\"shape\":0,\"owner\":1}", false},
    {"no name", "{\"at\":9,\"pod\":\"\",\"shape\":0}", false},
    {"an escape", "{\"at\":9,\"pod\":\"a\\u0062\",\"shape\":0}", false},
    {"an umlaut", "{\"at\":9,\"pod\":\"\xc3\xa4\",\"shape\":0}", false},
    {"invalid UTF-8", "{\"at\":9,\"pod\":\"\xff\",\"shape\":0}", false},
    {"a control character", "{\"at\":9,\"pod\":\"a\tb\",\"shape\":0}", false},
    {"blanks", "{ \"at\":9, \"pod\":\"a\", \"shape\":0 }", false},
    {"another order", "{\"pod\":\"a\",\"at\":9,\"shape\":0}", false},
    {"history in another order", "{\"at\":9,\"pod\":\"a\",\"shape\":0,\"gone\":10,\"bound\":9}",
     false},
    {"a field twice", "{\"at\":9,\"pod\":\"a\",\"shape\":0,\"shape\":0}", false},
    {"a field of the future", "{\"at\":9,\"pod\":\"a\",\"shape\":0,\"mood\":1}", false},
    {"not checkpointed", "{\"at\":9,\"pod\":\"a\",\"shape\":0,\"checkpointed\":false}", false},
    {"a large exit code", "{\"at\":9,\"pod\":\"a\",\"shape\":0,\"exit\":2147483648}", false},
    {"something behind", "{\"at\":9,\"pod\":\"a\",\"shape\":0}}", false},
    {"cut short", "{\"at\":9,\"pod\":\"a\",\"sha", false},
    {"a record of another kind", "{\"at\":9,\"delete\":\"Pod\",\"name\":\"a\"}", false},
};

/* The last record but the end, or the message, of a trace with this one line in it. */
typedef struct answer {
    wb_status status;
    char message[512];
    wb_trace_record record;
    char name[300], node_name[300];
} answer;

static void read_trace(const char *path, bool is_plain, answer *out)
{
    wb_arena arena;
    wb_intern intern;
    wb_trace_reader *reader = NULL;
    wb_error err = {0};
    memset(out, 0, sizeof *out);
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    out->status = wb_trace_reader_open(path, &arena, &intern, &reader, &err);
    if (is_plain && out->status == WB_OK) {
        wb_trace_reader_set_plain(reader);
    }
    for (int i = 0; i < 5 && out->status == WB_OK; i++) {
        wb_trace_record record;
        out->status = wb_trace_reader_next(reader, &record, &err);
        if (out->status == WB_OK && i == 3) {
            out->record = record;
            (void)snprintf(out->name, sizeof out->name, "%s",
                           record.name == NULL ? "" : record.name);
            (void)snprintf(out->node_name, sizeof out->node_name, "%s",
                           record.history.node_name == NULL ? "" : record.history.node_name);
        }
    }
    (void)snprintf(out->message, sizeof out->message, "%s", err.text);
    wb_trace_reader_close(reader);
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static void expect_same(const answer *a, const answer *b)
{
    const wb_trace_record *left = &a->record;
    const wb_trace_record *right = &b->record;
    CU_ASSERT_EQUAL(a->status, b->status);
    CU_ASSERT_STRING_EQUAL(a->message, b->message);
    CU_ASSERT_STRING_EQUAL(a->name, b->name);
    CU_ASSERT_STRING_EQUAL(a->node_name, b->node_name);
    CU_ASSERT_EQUAL(left->kind, right->kind);
    CU_ASSERT_EQUAL(left->line, right->line);
    CU_ASSERT_EQUAL(left->at_ms, right->at_ms);
    CU_ASSERT_EQUAL(left->shape_number, right->shape_number);
    CU_ASSERT_EQUAL(left->owner_number, right->owner_number);
    CU_ASSERT_EQUAL(left->until_ms, right->until_ms);
    CU_ASSERT_EQUAL(left->runs_ms, right->runs_ms);
    CU_ASSERT_EQUAL(left->is_checkpointed, right->is_checkpointed);
    CU_ASSERT_EQUAL(left->history.bound_ms, right->history.bound_ms);
    CU_ASSERT_EQUAL(left->history.started_ms, right->history.started_ms);
    CU_ASSERT_EQUAL(left->history.gone_ms, right->history.gone_ms);
    CU_ASSERT_EQUAL(left->history.exit_code, right->history.exit_code);
}

/* Whether the fast path took it is seen by the tree that is not there. */
static bool compare_line(const char *line, size_t length)
{
    static answer fast;
    static answer plain;
    char text[4096];
    size_t at = strlen(HEAD);
    memcpy(text, HEAD, at);
    memcpy(text + at, line, length);
    memcpy(text + at + length, TAIL, strlen(TAIL));
    const char *path = wb_scratch_folder_write(&folder, "t", text, at + length + strlen(TAIL));
    read_trace(path, false, &fast);
    read_trace(path, true, &plain);
    expect_same(&fast, &plain);
    CU_ASSERT(plain.record.kind != WB_TRACE_POD || plain.record.source != NULL);
    return fast.record.kind == WB_TRACE_POD && fast.record.source == NULL && fast.record.line == 5;
}

static void read_lines_both_ways(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(line_cases); i++) {
        const bool is_fast = compare_line(line_cases[i].line, strlen(line_cases[i].line));
        if (is_fast != line_cases[i].is_fast) {
            printf("\n  %s: %s\n", line_cases[i].name, line_cases[i].line);
            CU_FAIL("read by the other way");
        }
    }
}

/* Good lines with some bytes changed, taken out or doubled. */
static void read_changed_lines_both_ways(void)
{
    static const char bytes[] = "0123456789{}\",:atpodshapewnruil -.e\\\xff";
    for (uint64_t i = 0; i < 4000; i++) {
        const wb_random_key key = {1, WB_RANDOM_TEST, i};
        char line[1024];
        const char *good = line_cases[wb_random_below(key, 0, 4)].line;
        size_t length = strlen(good);
        memcpy(line, good, length);
        for (uint64_t j = 0; j < 1 + wb_random_below(key, 1, 3); j++) {
            const size_t at = wb_random_below(key, 10 + 3 * j, length);
            switch (wb_random_below(key, 11 + 3 * j, 3)) {
            case 0: line[at] = bytes[wb_random_below(key, 12 + 3 * j, sizeof bytes - 1)]; break;
            case 1:
                memmove(line + at, line + at + 1, length - at - 1);
                length--;
                break;
            default:
                memmove(line + at + 1, line + at, length - at);
                length++;
                break;
            }
        }
        (void)compare_line(line, length);
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"lines of every kind", read_lines_both_ways},
        {"lines changed at random", read_changed_lines_both_ways},
    };
    wb_scratch_folder_init(&folder);
    const int status = wb_test_run("trace fast path", cases, WB_TEST_COUNT(cases));
    wb_scratch_folder_release(&folder);
    return status;
}
