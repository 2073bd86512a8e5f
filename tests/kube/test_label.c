/* Label sets, expressions against labels, selectors, tolerations against taints. */
#include <string.h>

#include "kube/label.h"
#include "kube/names.h"
#include "tests/harness.h"

static wb_arena arena;
static wb_intern intern;

static void begin(void)
{
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
}

static void end(void)
{
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static uint32_t id(const char *text)
{
    return wb_intern_add(&intern, text);
}

static void sets_stay_sorted_with_each_key_once(void)
{
    begin();
    const uint32_t a = id("a");
    const uint32_t b = id("b");
    const uint32_t c = id("c");
    wb_labels labels = {0};
    labels = wb_labels_with(&arena, labels, c, id("3"));
    labels = wb_labels_with(&arena, labels, a, id("1"));
    labels = wb_labels_with(&arena, labels, b, 0);
    labels = wb_labels_with(&arena, labels, c, id("4"));
    CU_ASSERT_EQUAL_FATAL(labels.count, 3);
    CU_ASSERT_EQUAL(labels.items[0].key, a);
    CU_ASSERT_EQUAL(labels.items[1].key, b);
    CU_ASSERT_EQUAL(labels.items[2].key, c);
    CU_ASSERT_EQUAL(wb_labels_get(labels, c), id("4"));
    CU_ASSERT_TRUE(wb_labels_has(labels, b)); /* an empty value is there all the same */
    CU_ASSERT_EQUAL(wb_labels_get(labels, b), 0);
    CU_ASSERT_FALSE(wb_labels_has(labels, id("d")));
    CU_ASSERT_EQUAL(wb_labels_get(labels, id("d")), 0);
    CU_ASSERT_FALSE(wb_labels_has((wb_labels){0}, a));
    end();
}

/* Labels of every row: zone=a size=8 empty="". */
static const struct {
    const char *name, *key;
    wb_operator op;
    const char *values[2];
    uint32_t value_count;
    bool matches, as_selector;
} expression_cases[] = {
    {"In holds the value", "zone", WB_OPERATOR_IN, {"b", "a"}, 2, true, true},
    {"In lacks the value", "zone", WB_OPERATOR_IN, {"b", "c"}, 2, false, false},
    {"In of an absent key", "none", WB_OPERATOR_IN, {"a"}, 1, false, false},
    {"In of an absent key and the empty value", "none", WB_OPERATOR_IN, {""}, 1, false, false},
    {"In of the empty value", "empty", WB_OPERATOR_IN, {""}, 1, true, true},
    {"NotIn holds the value", "zone", WB_OPERATOR_NOT_IN, {"a"}, 1, false, false},
    {"NotIn lacks the value", "zone", WB_OPERATOR_NOT_IN, {"b"}, 1, true, true},
    {"NotIn matches an absent key", "none", WB_OPERATOR_NOT_IN, {"a"}, 1, true, true},
    {"Exists", "empty", WB_OPERATOR_EXISTS, {NULL}, 0, true, true},
    {"Exists of an absent key", "none", WB_OPERATOR_EXISTS, {NULL}, 0, false, false},
    {"DoesNotExist", "zone", WB_OPERATOR_DOES_NOT_EXIST, {NULL}, 0, false, false},
    {"DoesNotExist of an absent key", "none", WB_OPERATOR_DOES_NOT_EXIST, {NULL}, 0, true, true},
    {"Gt compares integers, not texts", "size", WB_OPERATOR_GT, {"10"}, 1, false, false},
    {"Gt below", "size", WB_OPERATOR_GT, {"7"}, 1, true, false},
    {"Gt of the value itself", "size", WB_OPERATOR_GT, {"8"}, 1, false, false},
    {"Gte of the value itself", "size", WB_OPERATOR_GTE, {"8"}, 1, true, false},
    {"Lt above", "size", WB_OPERATOR_LT, {"10"}, 1, true, false},
    {"Lt of the value itself", "size", WB_OPERATOR_LT, {"8"}, 1, false, false},
    {"Lte of the value itself", "size", WB_OPERATOR_LTE, {"8"}, 1, true, false},
    {"Lt of what is no integer", "zone", WB_OPERATOR_LT, {"10"}, 1, false, false},
    {"Lt with a bound that is none", "size", WB_OPERATOR_LT, {"ten"}, 1, false, false},
    {"Lt of an absent key", "none", WB_OPERATOR_LT, {"10"}, 1, false, false},
    {"Gt with two bounds", "size", WB_OPERATOR_GT, {"1", "2"}, 2, false, false},
};

static void expressions_match_labels(void)
{
    begin();
    wb_labels labels = wb_labels_with(&arena, (wb_labels){0}, id("zone"), id("a"));
    labels = wb_labels_with(&arena, labels, id("size"), id("8"));
    labels = wb_labels_with(&arena, labels, id("empty"), 0);
    for (size_t i = 0; i < WB_TEST_COUNT(expression_cases); i++) {
        uint32_t values[2] = {0};
        for (uint32_t j = 0; j < expression_cases[i].value_count; j++) {
            values[j] = id(expression_cases[i].values[j]);
        }
        const wb_label_expression expression = {
            .key = id(expression_cases[i].key),
            .op = expression_cases[i].op,
            .value_count = expression_cases[i].value_count,
            .values = values,
        };
        const wb_label_selector selector = {
            .is_set = true,
            .expression_count = 1,
            .expressions = &expression,
        };
        if (wb_label_expression_matches(&intern, &expression, labels) !=
                expression_cases[i].matches ||
            wb_label_selector_matches(&selector, labels) != expression_cases[i].as_selector) {
            printf("\n%s\n", expression_cases[i].name);
            CU_FAIL("matched wrongly");
        }
    }
    end();
}

static void selectors_are_nil_empty_or_all(void)
{
    begin();
    const wb_labels labels = wb_labels_with(&arena, (wb_labels){0}, id("a"), id("1"));
    const wb_label_selector nil = {0};
    const wb_label_selector empty = {.is_set = true};
    CU_ASSERT_FALSE(wb_label_selector_matches(&nil, labels));
    CU_ASSERT_TRUE(wb_label_selector_matches(&empty, labels));
    CU_ASSERT_TRUE(wb_label_selector_matches(&empty, (wb_labels){0}));
    const wb_label_expression both[] = {
        {.key = id("a"), .op = WB_OPERATOR_EXISTS},
        {.key = id("b"), .op = WB_OPERATOR_EXISTS},
    };
    const wb_label_selector first = {.is_set = true, .expression_count = 1, .expressions = both};
    const wb_label_selector all = {.is_set = true, .expression_count = 2, .expressions = both};
    CU_ASSERT_TRUE(wb_label_selector_matches(&first, labels));
    CU_ASSERT_FALSE(wb_label_selector_matches(&all, labels));
    end();
}

/* The taint of every row: gpu=5, as effect says. */
static const struct {
    const char *name, *key, *value;
    wb_toleration_operator op;
    wb_taint_effect tolerated, effect;
    bool expected;
} toleration_cases[] = {
    {"key, value and effect equal", "gpu", "5", WB_TOLERATION_EQUAL, WB_TAINT_NO_SCHEDULE,
     WB_TAINT_NO_SCHEDULE, true},
    {"another value", "gpu", "6", WB_TOLERATION_EQUAL, WB_TAINT_NO_SCHEDULE, WB_TAINT_NO_SCHEDULE,
     false},
    {"another effect", "gpu", "5", WB_TOLERATION_EQUAL, WB_TAINT_NO_EXECUTE, WB_TAINT_NO_SCHEDULE,
     false},
    {"any effect", "gpu", "5", WB_TOLERATION_EQUAL, WB_TAINT_ANY, WB_TAINT_PREFER_NO_SCHEDULE,
     true},
    {"another key", "tpu", "5", WB_TOLERATION_EQUAL, WB_TAINT_ANY, WB_TAINT_NO_SCHEDULE, false},
    {"Exists looks at no value", "gpu", "", WB_TOLERATION_EXISTS, WB_TAINT_ANY, WB_TAINT_NO_EXECUTE,
     true},
    {"Exists without a key tolerates all", "", "", WB_TOLERATION_EXISTS, WB_TAINT_ANY,
     WB_TAINT_NO_EXECUTE, true},
    {"Exists without a key, one effect", "", "", WB_TOLERATION_EXISTS, WB_TAINT_NO_SCHEDULE,
     WB_TAINT_NO_EXECUTE, false},
    {"Exists with another key", "tpu", "", WB_TOLERATION_EXISTS, WB_TAINT_ANY, WB_TAINT_NO_SCHEDULE,
     false},
    {"Gt tolerates taints above", "gpu", "4", WB_TOLERATION_GT, WB_TAINT_ANY, WB_TAINT_NO_SCHEDULE,
     true},
    {"Gt does not tolerate the value itself", "gpu", "5", WB_TOLERATION_GT, WB_TAINT_ANY,
     WB_TAINT_NO_SCHEDULE, false},
    {"Lt tolerates taints below", "gpu", "10", WB_TOLERATION_LT, WB_TAINT_ANY, WB_TAINT_NO_SCHEDULE,
     true},
    {"Lt does not tolerate the value itself", "gpu", "5", WB_TOLERATION_LT, WB_TAINT_ANY,
     WB_TAINT_NO_SCHEDULE, false},
    {"Lt of a word", "gpu", "ten", WB_TOLERATION_LT, WB_TAINT_ANY, WB_TAINT_NO_SCHEDULE, false},
};

static void tolerations_tolerate_taints(void)
{
    begin();
    for (size_t i = 0; i < WB_TEST_COUNT(toleration_cases); i++) {
        const wb_taint taint = {.key = id("gpu"),
                                .value = id("5"),
                                .effect = toleration_cases[i].effect};
        const wb_toleration tolerations[] = {
            {.key = id("other"), .op = WB_TOLERATION_EXISTS, .seconds = -1},
            {.key = id(toleration_cases[i].key),
             .value = id(toleration_cases[i].value),
             .op = toleration_cases[i].op,
             .effect = toleration_cases[i].tolerated,
             .seconds = -1},
        };
        if (wb_tolerations_tolerate(&intern, tolerations, 2, &taint) !=
            toleration_cases[i].expected) {
            printf("\n%s\n", toleration_cases[i].name);
            CU_FAIL("judged wrongly");
        }
        CU_ASSERT_FALSE(wb_tolerations_tolerate(&intern, tolerations, 1, &taint));
    }
    end();
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"sets stay sorted, each key once", sets_stay_sorted_with_each_key_once},
        {"expressions match labels", expressions_match_labels},
        {"selectors: nil selects nothing, empty all", selectors_are_nil_empty_or_all},
        {"tolerations tolerate taints", tolerations_tolerate_taints},
    };
    return wb_test_run("label", cases, WB_TEST_COUNT(cases));
}
