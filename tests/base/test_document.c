/* Finding one's way in a tree, and which reader a text gets. */
#include <string.h>

#include "base/document.h"
#include "base/text.h"
#include "tests/base/document_check.h"
#include "tests/harness.h"

static wb_arena arena;

static const wb_node *read_one(const char *text)
{
    const wb_document_input input = {"pods.yaml", text, strlen(text), WB_DOCUMENT_AUTO};
    wb_document_stream stream = {NULL, 0};
    CU_ASSERT_EQUAL_FATAL(wb_document_read_text(&arena, &input, &stream, NULL), WB_OK);
    CU_ASSERT_EQUAL_FATAL(stream.count, 1);
    return stream.roots[0];
}

static void find_children(void)
{
    const wb_node *pod = read_one("spec:\n  template: {spec: {nodeName: n1}}\nspecial: 1\n");
    CU_ASSERT_STRING_EQUAL(wb_node_string(wb_node_find(pod, "spec.template.spec.nodeName"), "?"),
                           "n1");
    CU_ASSERT_PTR_EQUAL(wb_node_find(pod, "spec"), wb_node_get(pod, "spec"));
    CU_ASSERT_EQUAL(wb_node_int64(wb_node_get(pod, "special"), 0), 1);
    CU_ASSERT_PTR_NULL(wb_node_get(pod, "spe"));
    CU_ASSERT_PTR_NULL(wb_node_get(pod, "specials"));
    CU_ASSERT_PTR_NULL(wb_node_find(pod, "spec.nothing.here"));
    CU_ASSERT_PTR_NULL(wb_node_find(pod, "special.deeper"));
    CU_ASSERT_PTR_NULL(wb_node_find(pod, ""));
    CU_ASSERT_PTR_NULL(wb_node_get(NULL, "spec"));
    CU_ASSERT_PTR_NULL(wb_node_find(NULL, "spec"));
}

static const struct {
    const char *text;
    bool fits;
    int64_t as_int64;
    uint64_t as_uint64; /* fallback 7 */
    double as_double;
} number_rows[] = {
    {"0", true, 0, 0, 0},
    {"-0", true, 0, 0, 0},
    {"42", true, 42, 42, 42},
    {"-42", true, -42, 7, -42},
    {"1e3", true, 1000, 1000, 1000},
    {"-1e3", true, -1000, 7, -1000},
    {"0e999999999", true, 0, 0, 0},
    {"1.5", false, 0, 7, 1.5},
    {"1.0", false, 0, 7, 1},
    {"10e-1", false, 0, 7, 1},
    {"9223372036854775807", true, INT64_MAX, INT64_MAX, 9223372036854775807.0},
    {"9223372036854775808", false, 0, UINT64_C(9223372036854775808), 9223372036854775808.0},
    {"-9223372036854775808", true, INT64_MIN, 7, -9223372036854775808.0},
    {"-9223372036854775809", false, 0, 7, -9223372036854775809.0},
    {"18446744073709551615", false, 0, UINT64_MAX, 18446744073709551615.0},
    {"18446744073709551616", false, 0, 7, 18446744073709551616.0},
    {"9007199254740993", true, 9007199254740993, 9007199254740993, 9007199254740993.0},
    {"1e20", false, 0, 7, 1e20},
    {"1e999", false, 0, 7, 0}, /* infinite: compared below */
};

static void read_numbers(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(number_rows); i++) {
        const wb_node *node = read_one(number_rows[i].text);
        int64_t value = 0;
        CU_ASSERT_EQUAL(wb_node_is_int64(node, &value), number_rows[i].fits);
        CU_ASSERT_EQUAL(value, number_rows[i].as_int64);
        CU_ASSERT_EQUAL(wb_node_int64(node, 5), number_rows[i].fits ? value : 5);
        CU_ASSERT_EQUAL(wb_node_uint64(node, 7), number_rows[i].as_uint64);
        if (strcmp(number_rows[i].text, "1e999") != 0) {
            CU_ASSERT_EQUAL(wb_node_double(node, -1), number_rows[i].as_double);
        }
        CU_ASSERT_STRING_EQUAL(node->text, number_rows[i].text);
    }
}

static void fall_back(void)
{
    const wb_node *map = read_one("--- {n: null, s: '5', t: true, f: False, i: 5, l: [], m: {}}");
    CU_ASSERT_EQUAL(wb_node_int64(wb_node_get(map, "s"), 9), 9);
    CU_ASSERT_EQUAL(wb_node_int64(NULL, 9), 9);
    CU_ASSERT_EQUAL(wb_node_uint64(wb_node_get(map, "n"), 9), 9);
    CU_ASSERT_EQUAL(wb_node_double(wb_node_get(map, "t"), 9), 9);
    CU_ASSERT_STRING_EQUAL(wb_node_string(wb_node_get(map, "i"), "x"), "x");
    CU_ASSERT_STRING_EQUAL(wb_node_string(NULL, "x"), "x");
    CU_ASSERT_TRUE(wb_node_bool(wb_node_get(map, "t"), false));
    CU_ASSERT_FALSE(wb_node_bool(wb_node_get(map, "f"), true));
    CU_ASSERT_TRUE(wb_node_bool(wb_node_get(map, "s"), true));
    CU_ASSERT_TRUE(wb_node_is_null(wb_node_get(map, "n")));
    CU_ASSERT_TRUE(wb_node_is_null(NULL));
    CU_ASSERT_FALSE(wb_node_is_null(wb_node_get(map, "l")));
    CU_ASSERT_EQUAL(wb_node_get(map, "l")->count, 0);
    CU_ASSERT_STRING_EQUAL(wb_node_get(map, "m")->text, "");
}

static void expect_key_at(const wb_node *map, uint32_t index, uint32_t line, uint32_t column)
{
    const wb_position place = wb_node_key_position(map, index);
    CU_ASSERT_STRING_EQUAL(place.file, "pods.yaml");
    CU_ASSERT_EQUAL(place.line, line);
    CU_ASSERT_EQUAL(place.column, column);
}

static void keys_have_places(void)
{
    const wb_node *json = read_one("{\"n\": null,\n \"x\": [1]}");
    expect_key_at(json, 0, 1, 2);
    expect_key_at(json, 1, 2, 2);
    const wb_node *yaml = read_one("n: 1\nx:\n  y:\n  - 1\n");
    expect_key_at(yaml, 0, 1, 1);
    expect_key_at(yaml, 1, 2, 1);
    expect_key_at(wb_node_get(yaml, "x"), 0, 3, 3);
    wb_node bare = *yaml; /* a tree that no reader made has the values' places */
    bare.key_places = NULL;
    expect_key_at(&bare, 1, 3, 3);
}

static void name_kinds_and_places(void)
{
    const wb_node *map = read_one("{\"n\": null,\n \"x\": [1]}");
    const wb_position place = wb_node_position(wb_node_get(map, "x"));
    CU_ASSERT_STRING_EQUAL(place.file, "pods.yaml");
    CU_ASSERT_EQUAL(place.line, 2);
    CU_ASSERT_EQUAL(place.column, 7);
    CU_ASSERT_PTR_NULL(wb_node_position(NULL).file);
    CU_ASSERT_STRING_EQUAL(wb_node_kind_name(map->kind), "a map");
    CU_ASSERT_STRING_EQUAL(wb_node_kind_name(WB_NODE_LIST), "a list");
    CU_ASSERT_STRING_EQUAL(wb_node_kind_name(WB_NODE_BOOL), "true or false");
    CU_ASSERT_STRING_EQUAL(wb_node_kind_name(WB_NODE_NULL), "null");
    CU_ASSERT_STRING_EQUAL(wb_node_kind_name(WB_NODE_NUMBER), "a number");
    CU_ASSERT_STRING_EQUAL(wb_node_kind_name(WB_NODE_STRING), "a string");
}

static void guess_the_syntax(void)
{
    wb_document_check_reads(" \n{\"a\":1}{\"b\":2}", WB_DOCUMENT_AUTO, "{\"a\":1}\n{\"b\":2}\n");
    wb_document_check_reads("[1]", WB_DOCUMENT_AUTO, "[1]\n");
    wb_document_check_reads("# {\na: 1\n", WB_DOCUMENT_AUTO, "{\"a\":1}\n");
    wb_document_check_reads("", WB_DOCUMENT_AUTO, "");
    wb_document_check_reads("\xef\xbb\xbf{\"a\":1}", WB_DOCUMENT_AUTO, "{\"a\":1}\n");
    /* What looks like JSON is held to JSON: its messages are the better ones. */
    wb_document_check_fails("{a: 1}", 6, WB_DOCUMENT_AUTO, WB_ERR_INPUT,
                            "f:1:2: found 'a', expected a key in double quotes");
}

/* A manifest in both syntaxes gives the same tree. */
static void agree_on_both_syntaxes(void)
{
    const wb_node *yaml = read_one("kind: Pod\nspec:\n  containers:\n  - name: a\n    cpu: 1.5\n"
                                   "  enabled: true\n  note: null\n");
    const wb_node *json = read_one("{\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"name\":\"a\","
                                   "\"cpu\":1.5}],\"enabled\":true,\"note\":null}}");
    wb_text from_yaml;
    wb_text from_json;
    wb_text_init(&from_yaml);
    wb_text_init(&from_json);
    wb_node_print_json(yaml, &from_yaml);
    wb_node_print_json(json, &from_json);
    CU_ASSERT_STRING_EQUAL(wb_text_string(&from_yaml), wb_text_string(&from_json));
    wb_text_release(&from_yaml);
    wb_text_release(&from_json);
}

static void leave_the_text_alone(void)
{
    char text[] = "{\"a\": [1, \"x\\n\", 2]}";
    const char before[] = "{\"a\": [1, \"x\\n\", 2]}";
    (void)read_one(text);
    CU_ASSERT_EQUAL(memcmp(text, before, sizeof(before)), 0);
}

static const wb_test_case cases[] = {
    {"children are found by key and by path", find_children},
    {"numbers are read exactly or not at all", read_numbers},
    {"other kinds give the fallback", fall_back},
    {"kinds and places have names", name_kinds_and_places},
    {"keys have places of their own", keys_have_places},
    {"the syntax is guessed from the first byte", guess_the_syntax},
    {"YAML and JSON of one manifest agree", agree_on_both_syntaxes},
    {"the caller's text is left alone", leave_the_text_alone},
};

int main(void)
{
    wb_arena_init(&arena, "test", 0, NULL);
    const int result = wb_test_run("document", cases, WB_TEST_COUNT(cases));
    wb_arena_release(&arena);
    return result;
}
