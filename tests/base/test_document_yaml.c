/* The YAML reader: kinds of scalars, anchors, merges, places, and one message for each way to be
 * wrong. */
#include <string.h>

#include "base/text.h"
#include "tests/base/document_check.h"
#include "tests/harness.h"

static const struct {
    const char *name, *text, *json;
} read_rows[] = {
    {"nothing at all", "", ""},
    {"only a comment", "# nothing\n", ""},
    {"only separators", "---\n---\n# still nothing\n...\n---\n", ""},
    {"a map", "a: 1\nb: x\n", "{\"a\":1,\"b\":\"x\"}\n"},
    {"a list", "- 1\n- - 2\n  - 3\n", "[1,[2,3]]\n"},
    {"flow style", "{a: [1, {b: c}], 'd': \"e\"}", "{\"a\":[1,{\"b\":\"c\"}],\"d\":\"e\"}\n"},
    {"documents", "a: 1\n---\nb: 2\n---\n\n---\nc: 3\n", "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n"},
    {"an explicit null document stays", "---\nnull\n---\n~\n", "null\nnull\n"},
    {"a scalar document", "--- hello\n", "\"hello\"\n"},
    {"nulls", "[~, null, Null, NULL, ]", "[null,null,null,null]\n"},
    {"a key without a value", "a:\nb:\n", "{\"a\":null,\"b\":null}\n"},
    {"truth", "[true, True, TRUE, false, False, FALSE]", "[true,true,true,false,false,false]\n"},
    {"yes and no are words", "[yes, no, on, off, y, n, tRUE]",
     "[\"yes\",\"no\",\"on\",\"off\",\"y\",\"n\",\"tRUE\"]\n"},
    {"numbers of JSON", "[0, -1, 1.50, 1e3, -2.5E-3]", "[0,-1,1.50,1e3,-2.5E-3]\n"},
    {"other numbers are words", "[010, 0x1f, 0o17, +1, .5, 5., 1_000, .inf, .nan, 1e, -]",
     "[\"010\",\"0x1f\",\"0o17\",\"+1\",\".5\",\"5.\",\"1_000\",\".inf\",\".nan\",\"1e\",\"-\"]\n"},
    {"quantities are words", "{cpu: 100m, memory: 1.5Gi}",
     "{\"cpu\":\"100m\",\"memory\":\"1.5Gi\"}\n"},
    {"times are words", "[10:30:00, 2026-01-15]", "[\"10:30:00\",\"2026-01-15\"]\n"},
    {"quoted is a string", "['1', \"true\", '~', \"\"]", "[\"1\",\"true\",\"~\",\"\"]\n"},
    {"tags", "[!!str 5, !!int \"7\", ! 9, !!float '1.5', !!bool \"true\", !!null '']",
     "[\"5\",7,\"9\",1.5,true,null]\n"},
    {"tags on lists and maps", "!!map {a: !!seq [1]}", "{\"a\":[1]}\n"},
    {"a literal block", "a: |\n  x\n   y\n\n  z\n", "{\"a\":\"x\\n y\\n\\nz\\n\"}\n"},
    {"a folded block", "a: >-\n  x\n  y\n\n  z\n", "{\"a\":\"x y\\nz\"}\n"},
    {"a plain text over lines", "a: x\n  y\n", "{\"a\":\"x y\"}\n"},
    {"escapes in double quotes", "\"\\t\\u00e9\\U0001F600\\0\"",
     "\"\\t\xc3\xa9\xf0\x9f\x98\x80\\u0000\"\n"},
    {"numbers as keys", "1: a\ntrue: b\n", "{\"1\":\"a\",\"true\":\"b\"}\n"},
    {"an alias", "a: &x [1, 2]\nb: *x\n", "{\"a\":[1,2],\"b\":[1,2]}\n"},
    {"an anchor given again", "a: &x 1\nb: &x 2\nc: *x\n", "{\"a\":1,\"b\":2,\"c\":2}\n"},
    {"an alias as a key", "a: &x k\n*x : 1\n", "{\"a\":\"k\",\"k\":1}\n"},
    {"a merge", "a: &x {k: 1, z: 2}\nb:\n  <<: *x\n  k: 3\n",
     "{\"a\":{\"k\":1,\"z\":2},\"b\":{\"k\":3,\"z\":2}}\n"},
    {"own keys win in any order", "b:\n  k: 3\n  <<: {k: 1, z: 2}\n",
     "{\"b\":{\"k\":3,\"z\":2}}\n"},
    {"the first of merged maps wins", "<<: [{a: 1, b: 2}, {b: 3, c: 4}]\nd: 5\n",
     "{\"d\":5,\"a\":1,\"b\":2,\"c\":4}\n"},
    {"a merge of nothing", "<<: {}\na: 1\n", "{\"a\":1}\n"},
    {"a merge of an empty list", "<<: []\na: 1\n", "{\"a\":1}\n"},
    {"merges within merges", "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b, z: 3}\n",
     "{\"a\":{\"x\":1},\"b\":{\"y\":2,\"x\":1},\"c\":{\"z\":3,\"y\":2,\"x\":1}}\n"},
    {"a quoted << is a key", "'<<': 1\n", "{\"<<\":1}\n"},
    {"a list under its key's column", "a:\n- 1\n- 2\nb: 3\n", "{\"a\":[1,2],\"b\":3}\n"},
    {"Windows line ends", "a: 1\r\nb: 2\r\n", "{\"a\":1,\"b\":2}\n"},
    {"a byte order mark",
     "\xef\xbb\xbf"
     "a: 1\n",
     "{\"a\":1}\n"},
    {"a tab behind a value", "a: 1\t# comment\n", "{\"a\":1}\n"},
    {"JSON in a YAML document", "--- {\"a\": [1, null]}\n", "{\"a\":[1,null]}\n"},
};

static void read_rows_of_yaml(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(read_rows); i++) {
        wb_document_check_reads(read_rows[i].text, WB_DOCUMENT_YAML, read_rows[i].json);
    }
}

#define BAD_INDENT \
    "this line fits no map or list above it, expected 'key: value' in the column of its siblings"

static const struct {
    const char *text, *message;
} fail_rows[] = {
    {"a:\n\tb: 1\n", "f:2:1: a tab indents this line, expected spaces"},
    {"a:\n  b: 1\n\tc: 2\n", "f:3:1: a tab indents this line, expected spaces"},
    {"a:\n  b: 1\n  \tc: 2\n", "f:3:3: a tab indents this line, expected spaces"},
    {"a: 1\n\tb: 2\n", "f:2:1: a tab indents this line, expected spaces"},
    {"- a\n\t- b\n", "f:2:1: a tab indents this line, expected spaces"},
    {"a:\n  b: 1\n c: 2\n", "f:3:2: " BAD_INDENT},
    {"a: 1\n- b\n", "f:2:1: " BAD_INDENT},
    {"a: - b\n", "f:1:4: a '- ' where no list can start, expected it on a line of its own"},
    {"a:\n  b: 1\n    c: 2\n",
     "f:3:6: a ':' where no key can stand, expected a new line or quotes around the text"},
    {"a: b: c\n",
     "f:1:5: a ':' where no key can stand, expected a new line or quotes around the text"},
    {"a:\n- 1\nb\n", "f:4:1: a key without a value, expected 'key: value'"},
    {"a: \"x\nb: 1\n", "f:3:1: the text ends inside quotes, expected a closing quote"},
    {"a: 'x\n", "f:2:1: the text ends inside quotes, expected a closing quote"},
    {"a: @x\n", "f:1:4: a character that cannot start a value, expected quotes around the text"},
    {"a: %x\n", "f:1:4: a character that cannot start a value, expected quotes around the text"},
    {"[1, 2\n", "f:2:1: a list in brackets goes wrong, expected ',' or ']'"},
    {"{a: 1\nb: 2}\n", "f:2:2: a map in braces goes wrong, expected ',' or '}'"},
    {"a: 1\na: 2\n", "f:2:1: duplicate key 'a', expected each key once in a map"},
    {"a: {b: 1, 'b': 2}\n", "f:1:11: duplicate key 'b', expected each key once in a map"},
    {"<<: {a: 1}\nb: 1\nb: 2\n", "f:3:1: duplicate key 'b', expected each key once in a map"},
    {"<<: {a: 1}\n<<: {b: 1}\n", "f:2:1: duplicate key '<<', expected one list of maps"},
    {"<<: 1\n", "f:1:1: '<<' merges a number, expected a map or a list of maps"},
    {"<<: [{a: 1}, 2]\n", "f:1:1: '<<' merges a number, expected a map or a list of maps"},
    {"a: *x\n", "f:1:4: alias '*x' has no anchor, expected '&x' before it"},
    {"a: &x 1\n---\nb: *x\n", "f:3:4: alias '*x' has no anchor, expected '&x' before it"},
    {"a: &x [1, *x]\n", "f:1:11: alias '*x' stands inside its own anchor, expected it behind"},
    {"? [a]\n: b\n", "f:1:3: a list as a key, expected plain text"},
    {"{a: 1}: b\n", "f:1:1: a map as a key, expected plain text"},
    {"\"a\\0\": b\n", "f:1:1: text with a zero byte as a key, expected plain text"},
    {"a: !foo x\n", "f:1:4: tag '!foo' does not fit a string, expected no tag"},
    {"a: !!int x\n", "f:1:4: tag 'tag:yaml.org,2002:int' does not fit a string, expected no tag"},
    {"a: !!str [1]\n", "f:1:4: tag 'tag:yaml.org,2002:str' does not fit a list, expected no tag"},
    {"a: !x!y 1\n", "f:1:4: an undefined tag, expected none"},
    {"a: \"\\q\"\n",
     "f:1:5: an unknown escape, expected one of YAML's, or single quotes around the text"},
    {"a: x\xff\n", "f:1:5: found byte 0xff, expected valid UTF-8"},
    {"\xc3\xa9: \xc3\n", "f:1:4: found byte 0xc3, expected valid UTF-8"},
    {"a: 1\nb: \x01\n", "f:2:4: a control character, expected it escaped in double quotes"},
    {"a: 1\n} b\n", "f:2:1: " BAD_INDENT},
    {"&: 1\n", "f:1:2: no name behind '&' or '*', expected one, or quotes around the text"},
};

static void fail_with_one_line(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(fail_rows); i++) {
        wb_document_check_fails(fail_rows[i].text, strlen(fail_rows[i].text), WB_DOCUMENT_YAML,
                                WB_ERR_INPUT, fail_rows[i].message);
    }
}

static void know_every_place(void)
{
    const char *text = "a: 104\n"
                       "b:\n"
                       "  - 305\n"
                       "  - c: 408\n"
                       "    d: [509, {e: 518}]\n"
                       "\xc3\xa9\xf0\x9f\x98\x80: 605\n"
                       "\n"
                       "# comment\n"
                       "f:   906\n";
    CU_ASSERT_EQUAL(wb_document_check_places(text, WB_DOCUMENT_YAML), 7);
}

/* Lists inside each other, level by level in flow or in block style. */
static void check_depth(size_t depth, bool in_flow, wb_status status)
{
    wb_text text;
    wb_text_init(&text);
    for (size_t i = 0; i < depth; i++) {
        wb_text_add_string(&text, in_flow ? "[" : "- ");
    }
    for (size_t i = 0; in_flow && i < depth; i++) {
        wb_text_add_string(&text, "]");
    }
    wb_arena arena;
    wb_arena_init(&arena, "depth", 0, NULL);
    const wb_document_input input = {"f", text.bytes, text.length, WB_DOCUMENT_YAML};
    wb_document_stream stream = {NULL, 0};
    wb_error err = {WB_OK, ""};
    CU_ASSERT_EQUAL(wb_document_read_text(&arena, &input, &stream, &err), status);
    CU_ASSERT_EQUAL(strstr(err.text, "nested more than 100 deep") != NULL, status != WB_OK);
    wb_arena_release(&arena);
    wb_text_release(&text);
}

static void limit_the_depth(void)
{
    check_depth(100, true, WB_OK);
    check_depth(100, false, WB_OK);
    check_depth(101, true, WB_ERR_LIMIT);
    check_depth(101, false, WB_ERR_LIMIT);
    check_depth(3000, true, WB_ERR_LIMIT);
}

static void limit_the_depth_through_aliases(void)
{
    /* Each level holds the one before in a list: a chain of 101 lists without deep nesting. */
    wb_text text;
    wb_text_init(&text);
    wb_text_add_string(&text, "- &a0 x\n");
    for (int i = 1; i <= 100; i++) {
        wb_text_add_format(&text, "- &a%d [*a%d]\n", i, i - 1);
    }
    wb_document_check_fails(text.bytes, text.length, WB_DOCUMENT_YAML, WB_ERR_LIMIT,
                            "f:100:3: nested more than 100 deep, expected at most that");
    wb_text_release(&text);
}

/* Nine levels of nine aliases each stand for 9^9 nodes ("billion laughs"). */
static void limit_what_aliases_stand_for(void)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_string(&text, "a0: &a0 lol\n");
    for (int i = 1; i <= 9; i++) {
        wb_text_add_format(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 9; k++) {
            wb_text_add_format(&text, "%s*a%d", k == 0 ? "" : ",", i - 1);
        }
        wb_text_add_string(&text, "]\n");
    }
    wb_document_check_fails(
        text.bytes, text.length, WB_DOCUMENT_YAML, WB_ERR_LIMIT,
        "f:7:10: aliases stand for more than 100000 nodes, expected at most that many");
    wb_text_release(&text);
}

static const wb_test_case cases[] = {
    {"what is YAML is read", read_rows_of_yaml},
    {"what is not fails with one line", fail_with_one_line},
    {"every node knows its place", know_every_place},
    {"nesting stops at 100", limit_the_depth},
    {"aliases do not get around that", limit_the_depth_through_aliases},
    {"aliases stand for a bounded number of nodes", limit_what_aliases_stand_for},
};

int main(void)
{
    return wb_test_run("document_yaml", cases, WB_TEST_COUNT(cases));
}
