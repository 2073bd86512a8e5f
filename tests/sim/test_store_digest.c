/* The digest of a run: any value that is recorded changes it; what is not part of the run does
 * not. */
#include <string.h>

#include "sim/store/store_internal.h"
#include "tests/harness.h"
#include "tests/scenarios/scenario_fixture.h"

static const char scenario_text[] =
    "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: small}\nspec:\n  seed: 5\n"
    "  sampleInterval: 10m\n"
    "  workload:\n  - {trace: t}\n  contenders:\n"
    "  - {name: one, kind: fixed, boot: {preset: instant, join: 20s}, nodes: [{name: fix, "
    "instanceType: m5.large, zone: us-east-1a}]}\n";

static const char trace_text[] =
    "{\"trace\":\"werkbank/v1\",\"epoch\":\"2026-01-05T00:00:00Z\"}\n"
    "{\"shape\":0,\"namespace\":\"x\",\"template\":{\"metadata\":{\"labels\":{\"app\":\"a\"}},"
    "\"spec\":{\"containers\":[{\"name\":\"c\",\"resources\":{\"requests\":{\"cpu\":\"500m\","
    "\"memory\":\"1Gi\"}}}]}}}\n"
    "{\"owner\":0,\"kind\":\"Deployment\",\"namespace\":\"x\",\"name\":\"web\"}\n"
    "{\"at\":60000,\"pod\":\"web-1\",\"shape\":0,\"owner\":0,\"until\":3600000}\n"
    "{\"at\":120000,\"pod\":\"job-1\",\"shape\":0,\"runs\":600000}\n"
    "{\"at\":120000,\"pod\":\"wait-1\",\"shape\":0,\"until\":700000}\n"
    "{\"at\":120000,\"pod\":\"wait-2\",\"shape\":0,\"until\":800000}\n"
    "{\"at\":120000,\"pod\":\"wait-3\",\"shape\":0,\"until\":900000}\n"
    "{\"end\":3600000,\"records\":7}\n";

/* Replaces the only occurrence of old in text; both must be of use. */
static void replace(const char *text, const char *old, const char *new, char *out, size_t size)
{
    const char *at = strstr(text, old);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    (void)snprintf(out, size, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
}

/* The digest of the small run with one text replaced by another, in the scenario or the trace. */
static void digest_with(const char *old, const char *new, const char *version, char out[33])
{
    static char changed[4096];
    wb_scenario_fixture fixture;
    wb_scenario_fixture_init(&fixture);
    const char *scenario = scenario_text;
    const char *trace = trace_text;
    if (old != NULL) {
        const bool is_scenario = strstr(scenario_text, old) != NULL;
        replace(is_scenario ? scenario_text : trace_text, old, new, changed, sizeof changed);
        scenario = is_scenario ? changed : scenario;
        trace = is_scenario ? trace : changed;
    }
    (void)wb_scenario_fixture_write(&fixture, "s.yaml", scenario);
    (void)wb_scenario_fixture_write(&fixture, "t", trace);
    wb_scenario_fixture_load(&fixture, "s.yaml");
    CU_ASSERT_EQUAL_FATAL(fixture.status, WB_OK);
    wb_store *store = NULL;
    CU_ASSERT_EQUAL_FATAL(wb_store_open(":memory:", &store, NULL), WB_OK);
    const wb_simulation_options options = {.store = store, .version = version};
    wb_run_figures figures = {0};
    for (int round = 0; round < 2; round++) { /* the second is another run_id, the same digest */
        char before[33];
        memcpy(before, figures.digest, sizeof before);
        CU_ASSERT_EQUAL(wb_simulation_run(&fixture.scenario, &fixture.intern, 0, &options, &figures,
                                          NULL),
                        WB_OK);
        CU_ASSERT(round == 0 || strcmp(before, figures.digest) == 0);
    }
    memcpy(out, figures.digest, 33);
    wb_store_close(store);
    wb_scenario_fixture_release(&fixture);
}

static const struct {
    const char *old, *new;
} changes[] = {
    {"name: small", "name: other"},
    {"seed: 5", "seed: 6"},
    {"sampleInterval: 10m", "sampleInterval: 11m"},
    {"name: one", "name: two"},
    {"name: fix", "name: fax"},
    {"m5.large", "m5a.large"},
    {"us-east-1a", "us-east-1b"},
    {"join: 20s", "join: 20.001s"},
    {"2026-01-05", "2026-01-06"},
    {"\"namespace\":\"x\",\"template\"", "\"namespace\":\"y\",\"template\""},
    {"\"app\":\"a\"", "\"app\":\"b\""},
    {"500m", "501m"},
    {"1Gi", "1025Mi"},
    {"\"kind\":\"Deployment\"", "\"kind\":\"StatefulSet\""},
    {"\"name\":\"web\"", "\"name\":\"wab\""},
    {"web-1", "web-2"},
    {"{\"at\":60000", "{\"at\":60001"},
    {"\"until\":3600000", "\"until\":3599999"},
    {"\"runs\":600000", "\"runs\":600001"},
};

/* Row i of the table of digests: two versions, then the changes. */
static const char *change_of(size_t i)
{
    return i < 2 ? "version" : changes[i - 2].new;
}

static void change_with_every_value(void)
{
    char digests[WB_TEST_COUNT(changes) + 2][33];
    digest_with(NULL, NULL, "v", digests[0]);
    digest_with(NULL, NULL, "w", digests[1]); /* another version of the program */
    for (size_t i = 0; i < WB_TEST_COUNT(changes); i++) {
        digest_with(changes[i].old, changes[i].new, "v", digests[i + 2]);
    }
    for (size_t i = 0; i < WB_TEST_COUNT(digests); i++) {
        for (size_t j = 0; j < i; j++) {
            const bool differs = strcmp(digests[i], digests[j]) != 0;
            CU_ASSERT(differs);
            (void)printf("%s%s", differs ? "" : "\n  no change by ", differs ? "" : change_of(i));
        }
    }
}

/* ---- rows ---- */

typedef struct row_value {
    char kind; /* i integer, n integer or null, d id, t text, 0 end */
    int64_t number;
    const char *text;
} row_value;

/* Rows of which no two may have one fingerprint. */
static const row_value rows[][4] = {
    {{'i', 0, NULL}, {'i', 0, NULL}, {'t', 0, "a"}, {0}},
    {{'i', 0, NULL}, {'i', 1, NULL}, {'t', 0, "a"}, {0}},
    {{'i', 1, NULL}, {'i', 0, NULL}, {'t', 0, "a"}, {0}},
    {{'i', 0, NULL}, {'i', 0, NULL}, {'t', 0, "b"}, {0}},
    {{'i', 0, NULL}, {'i', 0, NULL}, {'t', 0, ""}, {0}},
    {{'i', 0, NULL}, {'n', -1, NULL}, {'t', 0, "a"}, {0}},
    {{'d', 7, NULL}, {'i', 0, NULL}, {'t', 0, "a"}, {0}},
    {{'d', UINT32_MAX, NULL}, {'i', 0, NULL}, {'t', 0, "a"}, {0}},
    {{'t', 0, "ab"}, {'t', 0, "c"}, {'t', 0, "d"}, {0}},
    {{'t', 0, "a"}, {'t', 0, "bc"}, {'t', 0, "d"}, {0}},
    {{'t', 0, "a"}, {'t', 0, "bcd"}, {'t', 0, ""}, {0}},
};

static void digest_row(wb_store *store, sqlite3_stmt *statement, const row_value *values,
                       int64_t run_id, char out[33])
{
    wb_digest *digest = wb_digest_new();
    wb_row row = wb_row_begin(statement, digest, run_id);
    for (; values->kind != 0; values++) {
        switch (values->kind) {
        case 'i': wb_row_add_int(&row, values->number); break;
        case 'n': wb_row_add_int_or_null(&row, values->number); break;
        case 'd': wb_row_add_id(&row, (uint32_t)values->number); break;
        default: wb_row_add_text(&row, values->text); break;
        }
    }
    CU_ASSERT_EQUAL(wb_row_insert(&row, store, NULL), WB_OK);
    wb_digest_text(digest, out);
    wb_digest_free(digest);
}

static void tell_rows_apart(void)
{
    wb_store *store = NULL;
    sqlite3_stmt *statement = NULL;
    char digests[WB_TEST_COUNT(rows)][33];
    char again[33];
    CU_ASSERT_EQUAL_FATAL(wb_store_open(":memory:", &store, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_store_execute(store, "CREATE TABLE t (run_id, a, b, c)", NULL), WB_OK);
    CU_ASSERT_EQUAL_FATAL(
        wb_store_prepare(store, "INSERT INTO t VALUES (?, ?, ?, ?)", &statement, NULL), WB_OK);
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        digest_row(store, statement, rows[i], 1, digests[i]);
        digest_row(store, statement, rows[i], 2, again); /* run_id is no part of it */
        CU_ASSERT_STRING_EQUAL(digests[i], again);
        for (size_t j = 0; j < i; j++) {
            CU_ASSERT_STRING_NOT_EQUAL(digests[i], digests[j]);
        }
    }
    (void)sqlite3_finalize(statement);
    CU_ASSERT_EQUAL(wb_store_prepare(store,
                                     "SELECT count(*) FROM t WHERE b IS NULL OR c IS NULL"
                                     " OR a IS NULL",
                                     &statement, NULL),
                    WB_OK);
    CU_ASSERT_EQUAL(sqlite3_step(statement), SQLITE_ROW);
    CU_ASSERT_EQUAL(sqlite3_column_int64(statement, 0), 8); /* twice: "", -1, no id, "" */
    (void)sqlite3_finalize(statement);
    wb_store_close(store);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"every value of a run changes its digest", change_with_every_value},
        {"rows that differ have other fingerprints", tell_rows_apart},
    };
    return wb_test_run("store digest", cases, WB_TEST_COUNT(cases));
}
