/*
 * Every rule of the house against planted text: a small tree that breaks it, and the places where
 * it must say so; or one that comes close, and must pass. In the planted trees a line "-- path"
 * begins a file.
 */
#include <string.h>

#include "base/text.h"
#include "tests/harness.h"
#include "tests/tidy/tidy_rule.h"
#include "tests/tidy/tidy_tree.h"

#define X10(text)  text text text text text text text text text text
#define X100(text) X10(X10(text))

static const struct {
    const char *name;
    const char *rule;
    const char *tree;
    const char *found; /* "path:line path:line", in order */
} plants[] = {
    {"a line of 101 columns is too long", "columns", "-- base/a.c\n\n" X100("x") "y\n",
     "base/a.c:2"},
    {"columns are characters, not bytes", "columns", "-- base/a.c\n" X100("\xc3\xa9") "\n", ""},
    {"scripts have lines too", "columns", "-- dev\n" X100("x") "y\n", "dev:1"},
    {"pages of documentation wrap as they like", "columns", "-- docs/page.md\n" X100("x") "y\n",
     ""},
    {"a tab", "blanks", "-- base/a.c\n\n\tint x;\n", "base/a.c:2"},
    {"a blank behind the last word", "blanks", "-- base/a.c\nint x; \n", "base/a.c:1"},
    {"no line end at the end", "blanks", "-- base/a.c\nint x;\nint y;", "base/a.c:2"},
    {"801 lines", "file-length", "-- base/a.c\n" X100("\n\n\n\n\n\n\n\n") "\n", "base/a.c:801"},
    {"800 lines", "file-length", "-- base/a.c\n" X100("\n\n\n\n\n\n\n\n"), ""},
    {"a header that begins with its guard", "head", "-- base/a.h\n#ifndef WB_BASE_A_H\n",
     "base/a.h:1"},
    {"a body without a header begins with code", "head", "-- base/a.c\nint x;\n", "base/a.c:1"},
    {"the header speaks for the body", "head", "-- base/a.c\nint x;\n-- base/a.h\n/* A. */\n", ""},

    {"kube includes the solver", "floors",
     "-- kube/a.c\n#include \"base/b.h\"\n#include \"solver/c.h\"\n", "kube/a.c:2"},
    {"the cluster includes the cloud", "floors", "-- sim/cluster/a.c\n#include \"sim/cloud/b.h\"\n",
     "sim/cluster/a.c:1"},
    {"the cloud includes the cluster", "floors", "-- sim/cloud/a.c\n#include \"sim/cluster/b.h\"\n",
     ""},
    {"the command includes a test", "floors", "-- tools/cli/a.c\n#include \"tests/b.h\"\n",
     "tools/cli/a.c:1"},
    {"a folder outside the house", "floors", "-- extras/a.c\nint x;\n", "extras/a.c:1"},
    {"an include in a comment", "floors", "-- base/a.c\n/*\n#include \"kube/b.h\"\n*/\n", ""},
    {"an include that climbs", "include-path", "-- base/a.c\n#include \"../kube/b.h\"\n",
     "base/a.c:1"},
    {"an include beside the file instead of from the root", "include-path",
     "-- base/a.c\n#include \"b.h\"\n-- base/b.h\n", "base/a.c:1"},
    {"an include from the root", "include-path",
     "-- base/a.c\n#include \"base/b.h\"\n-- base/b.h\n", ""},
    {"someone else's internals", "internal-header",
     "-- solver/a.c\n#include \"kube/b_internal.h\"\n", "solver/a.c:1"},
    {"a sibling's internals", "internal-header",
     "-- solver/a.c\n#include \"solver/b_internal.h\"\n", ""},
    {"another header before the own one", "own-header",
     "-- base/a.c\n#include <stdio.h>\n#include \"base/a.h\"\n-- base/a.h\n", "base/a.c:1"},
    {"the own header first", "own-header",
     "-- base/a.c\n\n#include \"base/a.h\"\n#include <stdio.h>\n-- base/a.h\n", ""},
    {"SQLite in the solver", "library-home", "-- solver/a.c\n#include <sqlite3.h>\n",
     "solver/a.c:1"},
    {"SQLite in the store", "library-home", "-- sim/store/a.c\n#include <sqlite3.h>\n", ""},
    {"a clock in the solver", "pure-solver", "-- solver/a.c\n\n#include <time.h>\n",
     "solver/a.c:2"},
    {"random numbers in the solver", "pure-solver", "-- solver/a.c\n#include \"base/random.h\"\n",
     "solver/a.c:1"},
    {"a guard without its folder", "guard",
     "-- sim/kernel/a.h\n#ifndef WB_A_H\n#define WB_A_H\n#endif\n", "sim/kernel/a.h:1"},
    {"a guard that ends too early", "guard",
     "-- base/a.h\n#ifndef WB_BASE_A_H\n#define WB_BASE_A_H\n#endif\nint x;\n", "base/a.h:1"},
    {"a good guard", "guard",
     "-- base/a_b.h\n/* A. */\n#ifndef WB_BASE_A_B_H\n#define WB_BASE_A_B_H\nint x;\n#endif\n", ""},

    {"a symbol of another noun", "symbol", "-- base/arena.c\nint wb_text_add(int x)\n{\n}\n",
     "base/arena.c:1"},
    {"a symbol without the house's prefix", "symbol", "-- base/arena.h\nint arena_add(int x);\n",
     "base/arena.h:1"},
    {"a longer noun is another noun", "symbol", "-- base/are.c\nint wb_area_add(void)\n{\n}\n",
     "base/are.c:1"},
    {"the file's noun", "symbol",
     "-- base/arena.c\nWB_PRINTF(1, 2)\nint wb_arena_add(int x)\n{\n}\nvoid wb_arena(void)\n{\n}\n",
     ""},
    {"a body that was split by idea", "symbol",
     "-- solver/disruption_emptiness.c\nint wb_disruption_find(void)\n{\n}\n"
     "-- solver/disruption_internal.h\nint wb_disruption_find(void);\n",
     ""},
    {"a noun declared in document.h by agreement", "symbol",
     "-- base/document.h\nint wb_node_get(void);\n", ""},
    {"a function that only its own test does not know", "dead",
     "-- base/a.c\nint wb_a_one(void)\n{\n    return wb_a_two();\n}\n"
     "-- base/a.h\nint wb_a_one(void);\nint wb_a_two(void);\n"
     "-- tests/base/test_a.c\nint x = wb_a_one(); /* wb_a_two */\n",
     "base/a.h:2"},
    {"a static function with a prefix", "static-name",
     "-- base/a.c\nint x;\nstatic int wb_a_add(int x)\n{\n}\n", "base/a.c:2"},
    {"a type in _t", "typedef", "-- base/a.h\ntypedef struct wb_a_t {\n    int x;\n} wb_a_t;\n",
     "base/a.h:1"},
    {"a function type without prefix", "typedef", "-- base/a.h\ntypedef int (*compare)(int a);\n",
     "base/a.h:1"},
    {"good types", "typedef",
     "-- base/a.h\ntypedef int (*wb_compare)(int a);\ntypedef struct wb_a wb_a;\n"
     "typedef enum wb_b {\n    WB_B,\n} wb_b;\ntypedef char wb_name[20];\n",
     ""},
    {"a macro in small letters", "macro", "-- base/a.c\n\n#define twice(x) ((x) + (x))\n",
     "base/a.c:2"},
    {"a macro of a header without prefix", "macro", "-- base/a.h\n#define LIMIT 3\n", "base/a.h:1"},
    {"a constant in small letters", "enum-constant",
     "-- base/a.h\ntypedef enum wb_a {\n    WB_A_ONE = (1, 2),\n    WB_A_two,\n} wb_a;\n",
     "base/a.h:3"},
    {"a constant of a header without prefix", "enum-constant",
     "-- base/a.h\nenum wb_a {\n    ONE, /* one, two */\n};\n", "base/a.h:2"},
    {"the same name in two folders", "unique-name", "-- base/a.c\n-- kube/a.c\n", "kube/a.c:1"},
    {"the same noun in two folders", "unique-name", "-- base/a.h\n-- kube/a.c\n", "kube/a.c:1"},
    {"a pair, and a page per folder", "unique-name",
     "-- base/README.md\n-- base/a.c\n-- base/a.h\n-- kube/README.md\n", ""},
    {"a file named after nothing", "vague-name", "-- base/utils.h\n", "base/utils.h:1"},

    {"71 lines", "function-length",
     "-- base/a.c\nstatic int f(int x)\n{\n" X10("    x++;\n") X10("    x++;\n") X10("    x++;\n")
         X10("    x++;\n") X10("    x++;\n")
             X10("    x++;\n") "x;\nx;\nx;\nx;\nx;\nx;\nx;\nx;\n}\n",
     "base/a.c:1"},
    {"70 lines", "function-length",
     "-- base/a.c\nstatic int f(int x)\n{\n" X10("    x++;\n") X10("    x++;\n") X10("    x++;\n")
         X10("    x++;\n") X10("    x++;\n") X10("    x++;\n") "x;\nx;\nx;\nx;\nx;\nx;\nx;\n}\n",
     ""},
    {"seven parameters", "parameters",
     "-- base/a.h\n"
     "int wb_a(int a, int b, int c, int d, int e, int f,\n         int (*g)(int, int));\n",
     "base/a.h:1"},
    {"six parameters", "parameters",
     "-- base/a.h\nint wb_a(int a, int b, int c, int d, int e, int (*g)(int, int));\n"
     "int wb_a_b(void);\n",
     ""},
    {"five blocks deep", "nesting",
     "-- base/a.c\nint f(int x)\n{\n    if (x) {\n        for (;;) {\n            while (x) {\n"
     "                do {\n                    if (x) {\n                    }\n"
     "                } while (x);\n            }\n        }\n    }\n}\n",
     "base/a.c:7"},
    {"literals are no blocks", "nesting",
     "-- base/a.c\nint f(int x)\n{\n    if (x) {\n        for (;;) {\n            while (x) {\n"
     "                do {\n                    a = (b){1, {2, {3}}};\n"
     "                } while (x);\n            }\n        }\n    }\n}\n",
     ""},
    {"words of control without braces", "braces",
     "-- base/a.c\nint f(int x)\n{\n    if (x)\n        x++;\n    else\n        x--;\n"
     "    while (x > (1))\n        x--;\n    for (;;)\n        x++;\n}\n",
     "base/a.c:3 base/a.c:5 base/a.c:9 base/a.c:7"},
    {"words of control with braces", "braces",
     "-- base/a.c\nint f(int x)\n{\n    if (x) {\n        x++;\n    } else if (x) {\n    } else {\n"
     "    }\n    do {\n        x++;\n    } while (x);\n    for (;;) {\n    }\n}\n"
     "#define WHEN(x) if (x) return\n",
     ""},
    {"a function that nobody explains", "documented",
     "-- base/a.h\n/* A. */\n\nint wb_a(void);\n\n/* Two. */\nint wb_a_two(void);\n\n"
     "int wb_a_three(int x,\n               int y);\n",
     "base/a.h:3 base/a.h:8"},
    {"one comment for a group, or one behind", "documented",
     "-- base/a.h\n/* Some. */\nint wb_a_one(void);\nint wb_a_two(int x,\n             int y);\n"
     "int wb_a_three(void);\n\nint wb_a_four(void); /* four */\n",
     ""},

    {"calls that have no home", "banned-call",
     "-- solver/a.c\nint f(char *x)\n{\n    strcpy(x, \"\");\n    return atoi (x);\n}\n",
     "solver/a.c:3 solver/a.c:4"},
    {"malloc in kube", "banned-call", "-- kube/a.c\nint *x(void)\n{\n    return malloc(4);\n}\n",
     "kube/a.c:3"},
    {"malloc in base", "banned-call", "-- base/a.c\nint *x(void)\n{\n    return malloc(4);\n}\n",
     ""},
    {"the clock outside the stopwatch", "banned-call",
     "-- bench/a.c\nlong f(void)\n{\n    return time(NULL);\n}\n", "bench/a.c:3"},
    {"names that only resemble", "banned-call",
     "-- kube/a.c\nint f(int x)\n{\n    /* rand() */\n    runtime(x);\n    x.time(1);\n"
     "    q->free(2);\n    return cJSON_free(\"exit(1)\") + time;\n}\n",
     ""},
    {"goto back, and goto elsewhere", "goto",
     "-- base/a.c\nint f(int x)\n{\ncleanup:\n    x++;\n    goto cleanup;\n}\nint g(int x)\n{\n"
     "    goto out;\nout:\n}\n",
     "base/a.c:5 base/a.c:9"},
    {"goto forward to cleanup", "goto",
     "-- base/a.c\nint f(int x)\n{\n    goto cleanup;\ncleanup:\n    return x;\n}\n", ""},
    {"notes to oneself", "leftover",
     "-- base/a.c\n/* TO"
     "DO: later */\nint x;\n#if 0\nint y;\n#endif\n",
     "base/a.c:1 base/a.c:3"},
    {"a template for a name is no note", "leftover",
     "-- base/a.c\nconst char *x = \"a-XX"
     "X\";\nint TO"
     "DO_COUNT;\n",
     ""},
    {"code in comments", "commented-code",
     "-- base/a.c\n/* free(x); */\n// x->count = 3;\n/*\n * if (x > 3) {\n *     return 7;\n"
     " * return x;\n */\n",
     "base/a.c:1 base/a.c:2 base/a.c:4 base/a.c:6"},
    {"prose with semicolons", "commented-code",
     "-- base/a.c\n/* Fills err (may be NULL), so that a caller writes: return wb_fail(...); */\n"
     "/* first the cloud (phase 0);\n * then the rest; a == b;\n *\n *     wb_a_init(&a);\n */\n",
     ""},
};

/* Adds the files of a planted tree, whose text the arena keeps. */
static void plant(wb_tidy_tree *tree, wb_arena *arena, const char *text)
{
    const char *file = text;
    while (file != NULL) {
        const char *path = file + strlen("-- ");
        const size_t path_length = strcspn(path, "\n");
        const char *body = path + path_length + 1;
        const char *next = strncmp(body, "-- ", 3) == 0 ? body : strstr(body, "\n-- ");
        next = next != NULL && next != body ? next + 1 : next;
        const size_t length = next != NULL ? (size_t)(next - body) : strlen(body);
        wb_tidy_tree_add(tree, wb_arena_copy_text(arena, path, path_length),
                         wb_arena_copy_text(arena, body, length), length);
        file = next;
    }
}

/* "path:line path:line" of one rule's findings. */
static void list_places(const wb_tidy_report *report, const char *rule, wb_text *out)
{
    for (size_t i = 0; i < report->count; i++) {
        const wb_tidy_finding *finding = &report->findings[i];
        if (strcmp(finding->rule, rule) == 0) {
            wb_text_add_format(out, "%s%s:%u", out->length > 0 ? " " : "", finding->path,
                               finding->line);
        }
    }
}

static void find_what_is_planted(void)
{
    for (size_t i = 0; i < sizeof plants / sizeof *plants; i++) {
        wb_arena arena;
        wb_arena_init(&arena, "plant", 0, NULL);
        wb_tidy_tree tree;
        wb_tidy_tree_init(&tree, &arena);
        plant(&tree, &arena, plants[i].tree);
        wb_tidy_report report;
        wb_tidy_report_init(&report, &arena);
        wb_tidy_rule_run_all(&tree, &report);
        wb_text places;
        wb_text_init(&places);
        list_places(&report, plants[i].rule, &places);
        if (strcmp(wb_text_string(&places), plants[i].found) != 0) {
            printf("\n%s: %s: '%s', not '%s'", plants[i].rule, plants[i].name,
                   wb_text_string(&places), plants[i].found);
            CU_FAIL("a rule found something else");
        }
        CU_PASS("planted tree");
        wb_text_release(&places);
        wb_arena_release(&arena);
    }
}

/* A rule that was never seen to fail proves nothing. */
static void have_each_rule_fail(void)
{
    for (size_t r = 0; r < wb_tidy_rule_count(); r++) {
        bool is_planted = false;
        for (size_t i = 0; i < sizeof plants / sizeof *plants; i++) {
            is_planted = is_planted || (strcmp(plants[i].rule, wb_tidy_rule_at(r)->name) == 0 &&
                                        plants[i].found[0] != '\0');
        }
        if (!is_planted) {
            printf("\nno violation of '%s' is planted", wb_tidy_rule_at(r)->name);
        }
        CU_ASSERT(is_planted);
    }
}

static const wb_test_case cases[] = {
    {"each rule finds what is planted, and nothing else", find_what_is_planted},
    {"each rule is seen to fail", have_each_rule_fail},
};

int main(void)
{
    return wb_test_run("tidy rules", cases, WB_TEST_COUNT(cases));
}
