/* The JSON reader: values, places, and one exact message for each way to be wrong. */
#include <string.h>

#include "base/hash_map.h"
#include "base/heap_memory.h"
#include "base/text.h"
#include "tests/base/document_check.h"
#include "tests/harness.h"

static const struct {
    const char *name, *text, *json;
} read_rows[] = {
    {"an empty map", "{}", "{}\n"},
    {"an empty list", "[ ]", "[]\n"},
    {"nothing at all", "", ""},
    {"blanks only", " \t\r\n", ""},
    {"keys in the order of the file", "{\"b\":1,\"a\":2}", "{\"b\":1,\"a\":2}\n"},
    {"scalars", "[true,false,null,\"x\",1]", "[true,false,null,\"x\",1]\n"},
    {"numbers as they are written", "[-0,1.50,1E+2,12345678901234567890123,0.0]",
     "[-0,1.50,1E+2,12345678901234567890123,0.0]\n"},
    {"nesting", "{\"a\":[{\"b\":[[]]}]}", "{\"a\":[{\"b\":[[]]}]}\n"},
    {"short escapes", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
     "[\"\\\"\\\\/\\u0008\\u000c\\n\\r\\t\"]\n"},
    {"escapes of one to four bytes", "[\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"]",
     "[\"A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]\n"},
    {"upper case in escapes", "[\"\\u00E9\\uD83D\\uDE00\"]", "[\"\xc3\xa9\xf0\x9f\x98\x80\"]\n"},
    {"an escaped zero byte", "[\"a\\u0000b\"]", "[\"a\\u0000b\"]\n"},
    {"escapes between runs", "[\"abcdefghijkl\\nmnopqrstuvwxyz\\n\"]",
     "[\"abcdefghijkl\\nmnopqrstuvwxyz\\n\"]\n"},
    {"wide characters as they are", "[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]",
     "[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]\n"},
    {"an escaped key", "{\"a\\u0062\":1}", "{\"ab\":1}\n"},
    {"an empty key", "{\"\":1}", "{\"\":1}\n"},
    {"values one behind the other", "{\"a\":1}{\"b\":2}\n[3]", "{\"a\":1}\n{\"b\":2}\n[3]\n"},
    {"lines of values", "{\"a\":1}\r\n{\"b\":2}\r\n", "{\"a\":1}\n{\"b\":2}\n"},
    {"scalars one behind the other", "1 2\n\"a\"3 true \"b\"null",
     "1\n2\n\"a\"\n3\ntrue\n\"b\"\nnull\n"},
    {"a string before a number", "\"a\"3", "\"a\"\n3\n"},
    {"a number at the start", "12", "12\n"},
    {"a byte order mark", "\xef\xbb\xbf{\"a\":1}", "{\"a\":1}\n"},
    {"a long string", "[\"0123456789abcdef0123456789abcdef0123456789\"]",
     "[\"0123456789abcdef0123456789abcdef0123456789\"]\n"},
};

static void read_rows_of_json(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(read_rows); i++) {
        wb_document_check_reads(read_rows[i].text, WB_DOCUMENT_JSON, read_rows[i].json);
    }
}

static const struct {
    const char *text;
    wb_status status;
    const char *message;
} fail_rows[] = {
    {"{", WB_ERR_INPUT, "f:1:2: the text ends, expected a key in double quotes"},
    {"[", WB_ERR_INPUT, "f:1:2: the text ends, expected a value"},
    {"[1", WB_ERR_INPUT, "f:1:3: the text ends, expected ',' or ']'"},
    {"[1,", WB_ERR_INPUT, "f:1:4: the text ends, expected a value"},
    {"[1,]", WB_ERR_INPUT, "f:1:4: found ']', expected a value"},
    {"[,1]", WB_ERR_INPUT, "f:1:2: found ',', expected a value"},
    {"[1 2]", WB_ERR_INPUT, "f:1:4: found '2', expected ',' or ']'"},
    {"[1}", WB_ERR_INPUT, "f:1:3: found '}', expected ',' or ']'"},
    {"]", WB_ERR_INPUT, "f:1:1: found ']', expected a value"},
    {"{a:1}", WB_ERR_INPUT, "f:1:2: found 'a', expected a key in double quotes"},
    {"{'a':1}", WB_ERR_INPUT, "f:1:2: found ''', expected a key in double quotes"},
    {"{\"a\" 1}", WB_ERR_INPUT, "f:1:6: found '1', expected ':' after the key"},
    {"{\"a\":}", WB_ERR_INPUT, "f:1:6: found '}', expected a value"},
    {"{\"a\":1,}", WB_ERR_INPUT, "f:1:8: found '}', expected a key in double quotes"},
    {"{\"a\":1 \"b\":2}", WB_ERR_INPUT, "f:1:8: found '\"', expected ',' or '}'"},
    {"{\n  \"a\": 1,\n  \"a\": 2\n}", WB_ERR_INPUT,
     "f:3:3: duplicate key 'a', expected each key once in a map"},
    {"{\"\\u0061\":1,\"a\":2}", WB_ERR_INPUT,
     "f:1:13: duplicate key 'a', expected each key once in a map"},
    {"{\"a\\u0000\":1}", WB_ERR_INPUT, "f:1:2: a key holds a zero byte, expected text"},
    {"[\"abc", WB_ERR_INPUT, "f:1:6: the text ends, expected '\"' at the end of the string"},
    {"[\"abc\\", WB_ERR_INPUT,
     "f:1:6: found '\\', expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u after a backslash"},
    {"[\"\\x\"]", WB_ERR_INPUT,
     "f:1:3: found '\\', expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u after a backslash"},
    {"[\"a\nb\"]", WB_ERR_INPUT,
     "f:1:4: found byte 0x0a, expected control characters to be escaped"},
    {"[\"\\u12\"]", WB_ERR_INPUT, "f:1:3: found '\\', expected four hexadecimal digits after \\u"},
    {"[\"\\u123g\"]", WB_ERR_INPUT,
     "f:1:3: found '\\', expected four hexadecimal digits after \\u"},
    {"[\"\\u12", WB_ERR_INPUT, "f:1:3: found '\\', expected four hexadecimal digits after \\u"},
    {"[\"\\ud800\"]", WB_ERR_INPUT,
     "f:1:3: found '\\', expected the second half of a surrogate pair after the first"},
    {"[\"\\ud800\\u0041\"]", WB_ERR_INPUT,
     "f:1:3: found '\\', expected the second half of a surrogate pair after the first"},
    {"[\"\\ud800\\ue000\"]", WB_ERR_INPUT,
     "f:1:3: found '\\', expected the second half of a surrogate pair after the first"},
    {"[\"\\udc00\"]", WB_ERR_INPUT,
     "f:1:3: found '\\', expected the first half of a surrogate pair before the second"},
    {"[\"\xc3\xa9\xff\"]", WB_ERR_INPUT, "f:1:4: found byte 0xff, expected valid UTF-8"},
    {"[\"\xc0\xaf\"]", WB_ERR_INPUT, "f:1:3: found byte 0xc0, expected valid UTF-8"},
    {"[\"\xed\xa0\x80\"]", WB_ERR_INPUT, "f:1:3: found byte 0xed, expected valid UTF-8"},
    {"[\xc3\xa9]", WB_ERR_INPUT, "f:1:2: found '\xc3\xa9', expected a value"},
    {"[\"\xc3\xa9\", x]", WB_ERR_INPUT, "f:1:7: found 'x', expected a value"},
    {"[01]", WB_ERR_INPUT, "f:1:2: found '0', expected a number such as -1, 0.5 or 2e3"},
    {"[-]", WB_ERR_INPUT, "f:1:2: found '-', expected a number such as -1, 0.5 or 2e3"},
    {"[1.]", WB_ERR_INPUT, "f:1:2: found '1', expected a number such as -1, 0.5 or 2e3"},
    {"[1e]", WB_ERR_INPUT, "f:1:2: found '1', expected a number such as -1, 0.5 or 2e3"},
    {"[1e+]", WB_ERR_INPUT, "f:1:2: found '1', expected a number such as -1, 0.5 or 2e3"},
    {"[1x]", WB_ERR_INPUT, "f:1:2: found '1', expected a number such as -1, 0.5 or 2e3"},
    {"[+1]", WB_ERR_INPUT, "f:1:2: found '+', expected a value"},
    {"[.5]", WB_ERR_INPUT, "f:1:2: found '.', expected a value"},
    {"[NaN]", WB_ERR_INPUT, "f:1:2: found 'N', expected a value"},
    {"[nul]", WB_ERR_INPUT, "f:1:2: found 'n', expected a value"},
    {"[trueish]", WB_ERR_INPUT, "f:1:2: found 't', expected a value"},
    {"{} x", WB_ERR_INPUT, "f:1:4: found 'x', expected a value"},
    {"{}\n\n  }", WB_ERR_INPUT, "f:3:3: found '}', expected a value"},
    {"{} // no", WB_ERR_INPUT, "f:1:4: found '/', expected a value"},
};

static void fail_with_one_line(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(fail_rows); i++) {
        wb_document_check_fails(fail_rows[i].text, strlen(fail_rows[i].text), WB_DOCUMENT_JSON,
                                fail_rows[i].status, fail_rows[i].message);
    }
}

static void refuse_zero_bytes(void)
{
    wb_document_check_fails("[1\0]", 4, WB_DOCUMENT_JSON, WB_ERR_INPUT,
                            "f:1:3: found byte 0x00, expected ',' or ']'");
    wb_document_check_fails("[\"a\0b\"]", 7, WB_DOCUMENT_JSON, WB_ERR_INPUT,
                            "f:1:4: found byte 0x00, expected control characters to be escaped");
}

static void know_every_place(void)
{
    const char *text = "{\n"
                       "  \"a\": 208,\n"
                       "  \"b\": [309, 314,\n"
                       "\t402, {\"c\": 413}],\n"
                       "  \"\xc3\xa9\xf0\x9f\x98\x80\": 509, \"\\u00e9\": 524,\n"
                       "  \"x\": {}, \"y\": 617\r\n"
                       "}\n";
    /* A tab and a character beyond ASCII count as one column each. */
    CU_ASSERT_EQUAL(wb_document_check_places(text, WB_DOCUMENT_JSON), 8);
}

/* A string at the top level ends in the byte before the number, which must not move over it. */
static void keep_neighbours_apart(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "document", 0, NULL);
    const wb_document_input input = {"f", "\"a\"3 [4,\"b\",5]", 14, WB_DOCUMENT_JSON};
    wb_document_stream stream = {NULL, 0};
    CU_ASSERT_EQUAL_FATAL(wb_document_read_text(&arena, &input, &stream, NULL), WB_OK);
    CU_ASSERT_EQUAL_FATAL(stream.count, 3);
    CU_ASSERT_STRING_EQUAL(stream.roots[0]->text, "a");
    CU_ASSERT_STRING_EQUAL(stream.roots[1]->text, "3");
    CU_ASSERT_STRING_EQUAL(stream.roots[2]->children[0]->text, "4");
    CU_ASSERT_STRING_EQUAL(stream.roots[2]->children[1]->text, "b");
    CU_ASSERT_STRING_EQUAL(stream.roots[2]->children[2]->text, "5");
    wb_arena_release(&arena);
}

/* depth lists inside each other. */
static void check_depth(size_t depth, bool fits)
{
    wb_text text;
    wb_text_init(&text);
    for (size_t i = 0; i < depth; i++) {
        wb_text_add_string(&text, "[");
    }
    for (size_t i = 0; i < depth; i++) {
        wb_text_add_string(&text, "]");
    }
    if (fits) {
        wb_text printed;
        wb_text_init(&printed);
        wb_text_add_format(&printed, "%s\n", wb_text_string(&text));
        wb_document_check_reads(wb_text_string(&text), WB_DOCUMENT_JSON, wb_text_string(&printed));
        wb_text_release(&printed);
    } else {
        wb_document_check_fails(wb_text_string(&text), text.length, WB_DOCUMENT_JSON, WB_ERR_LIMIT,
                                "f:1:101: nested more than 100 deep, expected at most that");
    }
    wb_text_release(&text);
}

static void limit_the_depth(void)
{
    check_depth(1, true);
    check_depth(100, true);
    check_depth(101, false);
    check_depth(100000, false);
}

/* A map of count keys with one prefix, the last of them repeating the first or not. */
static void check_many_keys(size_t count, bool repeats)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_string(&text, "{");
    for (size_t i = 0; i < count; i++) {
        wb_text_add_format(&text, "%s\n\"karpenter.sh/nodepool-%zu\":1", i == 0 ? "" : ",",
                           repeats && i + 1 == count ? 0 : i);
    }
    wb_text_add_string(&text, "}");
    wb_arena arena;
    wb_arena_init(&arena, "keys", 0, NULL);
    const wb_document_input input = {"f", text.bytes, text.length, WB_DOCUMENT_JSON};
    wb_document_stream stream = {NULL, 0};
    wb_error err = {WB_OK, ""};
    char message[128];
    (void)snprintf(message, sizeof(message), "f:%zu:1: duplicate key 'karpenter.sh/nodepool-0', %s",
                   count + 1, "expected each key once in a map");
    CU_ASSERT_EQUAL(wb_document_read_text(&arena, &input, &stream, &err),
                    repeats ? WB_ERR_INPUT : WB_OK);
    CU_ASSERT_STRING_EQUAL(err.text, repeats ? message : "");
    wb_arena_release(&arena);
    wb_text_release(&text);
}

static void find_duplicates_among_many(void)
{
    static const size_t counts[] = {2, 23, 24, 25, 26, 100, 100000};
    for (size_t i = 0; i < WB_TEST_COUNT(counts); i++) {
        check_many_keys(counts[i], true);
        check_many_keys(counts[i], false);
    }
}

/* ---- Random trees: what is printed reads back to the same ------------------------------------ */

static void print_random_string(wb_text *out, uint64_t bits)
{
    static const char *const pieces[] = {
        "pod",  "\\n",  "\\u00e9",          "\xc3\xa9",   " ",
        "\\\\", "\\\"", "\xf0\x9f\x98\x80", "0123456789", "\\ud83d\\ude00"};
    wb_text_add_string(out, "\"");
    for (uint64_t i = 0; i < bits % 12; i++) {
        wb_text_add_string(out, pieces[wb_hash_map_join(bits, i) % WB_TEST_COUNT(pieces)]);
    }
}

static void print_random_blanks(wb_text *out, uint64_t bits)
{
    static const char *const blanks[] = {"",   "",     "",   " ",
                                         "\n", "\r\n", "\t", "\n                   "};
    wb_text_add_string(out, blanks[bits % WB_TEST_COUNT(blanks)]);
}

/* Writes a random value as a sequence of steps with a stack of closing brackets. */
static void print_random_tree(wb_text *out, uint64_t seed)
{
    char closing[64];
    bool is_first[64];
    size_t depth = 0;
    uint64_t step = 0;
    do {
        const uint64_t bits = wb_hash_map_join(seed, step++);
        if (depth > 0 && (bits % 5 == 0 || step > 200)) {
            wb_text_add(out, &closing[--depth], 1);
            continue;
        }
        if (depth > 0) {
            wb_text_add_string(out, is_first[depth - 1] ? "" : ",");
            is_first[depth - 1] = false;
            print_random_blanks(out, bits >> 8);
            if (closing[depth - 1] == '}') {
                print_random_string(out, bits >> 16);
                wb_text_add_format(out, "%llu\"", (unsigned long long)step); /* a key of its own */
                print_random_blanks(out, bits >> 24);
                wb_text_add_string(out, ":");
            }
        }
        print_random_blanks(out, bits >> 32);
        if ((depth == 0 || (bits >> 40) % 3 == 0) && depth < 60) {
            const bool is_map = (bits >> 48) % 2 == 0;
            wb_text_add_string(out, is_map ? "{" : "[");
            is_first[depth] = true;
            closing[depth++] = is_map ? '}' : ']';
        } else if ((bits >> 48) % 2 == 0) {
            print_random_string(out, bits >> 16);
            wb_text_add_string(out, "\"");
        } else {
            wb_text_add_format(out, "%d.5e3", (int)(bits >> 48));
        }
    } while (depth > 0);
}

/* Prints the one document of text to out. */
static void reprint(const char *text, size_t length, wb_text *out)
{
    wb_arena arena;
    wb_arena_init(&arena, "tree", 0, NULL);
    const wb_document_input input = {"f", text, length, WB_DOCUMENT_JSON};
    wb_document_stream stream = {NULL, 0};
    wb_error err = {WB_OK, ""};
    if (wb_document_read_text(&arena, &input, &stream, &err) != WB_OK || stream.count != 1) {
        printf("%s\n%s\n", text, err.text);
        CU_FAIL_FATAL("a valid document is refused");
    }
    wb_node_print_json(stream.roots[0], out);
    wb_arena_release(&arena);
}

static void read_back_random_trees(void)
{
    for (uint64_t seed = 0; seed < 500; seed++) {
        wb_text text;
        wb_text once;
        wb_text twice;
        wb_text_init(&text);
        wb_text_init(&once);
        wb_text_init(&twice);
        print_random_tree(&text, seed);
        reprint(text.bytes, text.length, &once);
        reprint(once.bytes, once.length, &twice);
        CU_ASSERT_STRING_EQUAL(wb_text_string(&once), wb_text_string(&twice));
        /* Cut anywhere, it is refused (or, at depth 0, empty), and never read beyond its end. */
        const size_t length = (size_t)(wb_hash_map_mix(seed) % once.length);
        char *cut = wb_heap_memory_alloc(length, 1); /* exact: ASan sees a byte too many */
        memcpy(cut, once.bytes, length);
        wb_arena arena;
        wb_arena_init(&arena, "cut", 0, NULL);
        const wb_document_input input = {"f", cut, length, WB_DOCUMENT_JSON};
        wb_document_stream stream = {NULL, 0};
        CU_ASSERT_EQUAL(wb_document_read_text(&arena, &input, &stream, NULL),
                        length == 0 ? WB_OK : WB_ERR_INPUT);
        wb_arena_release(&arena);
        wb_heap_memory_free(cut);
        wb_text_release(&text);
        wb_text_release(&once);
        wb_text_release(&twice);
    }
}

/* Reads text without what stands under "x", and prints it, or the message, into out. */
static void print_without_x(const char *text, size_t length, wb_text *out)
{
    wb_arena arena;
    wb_arena_init(&arena, "tree", 0, NULL);
    const wb_document_input input = {"f", text, length, WB_DOCUMENT_JSON};
    wb_document_stream stream = {NULL, 0};
    wb_error err = {WB_OK, ""};
    if (wb_document_read_without(&arena, &input, "x", &stream, &err) != WB_OK) {
        wb_text_add_string(out, err.text);
    }
    for (size_t i = 0; i < stream.count; i++) {
        wb_node_print_json(stream.roots[i], out);
    }
    wb_arena_release(&arena);
}

static const struct {
    const char *text, *printed; /* JSON or message */
} skip_rows[] = {
    {"{\"x\":{\"a\":[1,{\"b\":2}]},\"y\":3}", "{\"x\":{},\"y\":3}"},
    {"{\"x\":[[],\"]\"],\"y\":[{\"x\":{}}]}", "{\"x\":[],\"y\":[{\"x\":{}}]}"},
    {"{\"x\":\"a text\",\"xx\":{\"a\":1}}", "{\"x\":\"a text\",\"xx\":{\"a\":1}}"},
    {"[\"x\",{\"a\":1}]", "[\"x\",{\"a\":1}]"},
    {"{\"x\":{\"}\\\"{\":\"\\\\\"}}", "{\"x\":{}}"},
    {"{\"x\":{\n\n\"\xc3\xa9\":1},?", "f:3:8: found '?', expected a key in double quotes"},
    {"{\"x\":{\"a\":[", "f:1:12: the text ends, expected the brackets to be closed"},
    {"{\"x\":{\"a\\", "f:1:10: the text ends, expected '\"' at the end of the string"},
    {"{\"x\":{\"a", "f:1:9: the text ends, expected '\"' at the end of the string"},
};

static void leave_out_what_nobody_asks_for(void)
{
    wb_text text;
    wb_text printed;
    wb_text_init(&text);
    wb_text_init(&printed);
    for (size_t i = 0; i < WB_TEST_COUNT(skip_rows); i++) {
        wb_text_clear(&printed);
        print_without_x(skip_rows[i].text, strlen(skip_rows[i].text), &printed);
        CU_ASSERT_STRING_EQUAL(wb_text_string(&printed), skip_rows[i].printed);
    }
    for (uint64_t seed = 0; seed < 500; seed++) {
        wb_text_clear(&text);
        wb_text_clear(&printed);
        wb_text_add_string(&text, "[{\"a\":1,\"x\":[");
        print_random_tree(&text, seed);
        wb_text_add_string(&text, "],\"b\":{\"x\":{\"c\":");
        print_random_tree(&text, seed + 1000);
        wb_text_add_string(&text, "}}}]");
        print_without_x(text.bytes, text.length, &printed);
        CU_ASSERT_STRING_EQUAL(wb_text_string(&printed), "[{\"a\":1,\"x\":[],\"b\":{\"x\":{}}}]");
        /* cut anywhere, it is refused, and never read beyond its end */
        const size_t length = (size_t)(wb_hash_map_mix(seed) % text.length);
        char *cut = wb_heap_memory_alloc(length, 1);
        memcpy(cut, text.bytes, length);
        wb_text_clear(&printed);
        print_without_x(cut, length, &printed);
        CU_ASSERT_PTR_EQUAL(strstr(wb_text_string(&printed), "f:"),
                            length == 0 ? NULL : wb_text_string(&printed));
        wb_heap_memory_free(cut);
    }
    wb_text_release(&printed);
    wb_text_release(&text);
}

static const wb_test_case cases[] = {
    {"what is JSON is read", read_rows_of_json},
    {"what is not fails with one line", fail_with_one_line},
    {"zero bytes end nothing early", refuse_zero_bytes},
    {"every node knows its place", know_every_place},
    {"texts that share the buffer stay apart", keep_neighbours_apart},
    {"nesting stops at 100", limit_the_depth},
    {"duplicates are found among few and many keys", find_duplicates_among_many},
    {"random trees are read back, cut ones refused", read_back_random_trees},
    {"what nobody asks for is stepped over", leave_out_what_nobody_asks_for},
};

int main(void)
{
    return wb_test_run("document_json", cases, WB_TEST_COUNT(cases));
}
