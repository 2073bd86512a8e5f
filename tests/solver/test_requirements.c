/* Requirement maps: who is compatible with whom, by table. */
#include <string.h>

#include "kube/names.h"
#include "solver/requirements.h"
#include "tests/harness.h"

/* Sides as "key op value" triples separated by commas; "-" for no value. */
static const struct {
    const char *name, *node, *incoming;
    wb_compatibility strict, lenient; /* well-known labels must be there, or may be missing */
} rows[] = {
    {"nothing asks for nothing", "", "", WB_COMPATIBLE, WB_COMPATIBLE},
    {"a label that is there", "rack In r1", "rack In r1", WB_COMPATIBLE, WB_COMPATIBLE},
    {"another value", "rack In r1", "rack In r2", WB_INCOMPATIBLE_VALUES, WB_INCOMPATIBLE_VALUES},
    {"a label of one's own that is missing", "", "rack In r1", WB_INCOMPATIBLE_UNDEFINED,
     WB_INCOMPATIBLE_UNDEFINED},
    {"a well-known label that is missing", "", "kubernetes.io/arch In amd64",
     WB_INCOMPATIBLE_UNDEFINED, WB_COMPATIBLE},
    {"absence is met by absence", "", "rack DoesNotExist -", WB_COMPATIBLE, WB_COMPATIBLE},
    {"exclusion is met by absence", "", "rack NotIn r1", WB_COMPATIBLE, WB_COMPATIBLE},
    {"existence is not", "", "rack Exists -", WB_INCOMPATIBLE_UNDEFINED, WB_INCOMPATIBLE_UNDEFINED},
    {"a bound is existence", "", "rack Gt 3", WB_INCOMPATIBLE_UNDEFINED, WB_INCOMPATIBLE_UNDEFINED},
    {"two exclusions go together", "rack NotIn r1", "rack NotIn r2", WB_COMPATIBLE, WB_COMPATIBLE},
    {"exclusion and absence too", "rack NotIn r1", "rack DoesNotExist -", WB_COMPATIBLE,
     WB_COMPATIBLE},
    {"existence and absence do not", "rack Exists -", "rack DoesNotExist -", WB_INCOMPATIBLE_VALUES,
     WB_INCOMPATIBLE_VALUES},
    {"old names are read", "topology.kubernetes.io/zone In a",
     "failure-domain.beta.kubernetes.io/zone In a", WB_COMPATIBLE, WB_COMPATIBLE},
    {"one key of several fails", "rack In r1,team In x", "rack In r1,team In y",
     WB_INCOMPATIBLE_VALUES, WB_INCOMPATIBLE_VALUES},
};

static wb_requirements parse(wb_arena *arena, wb_intern *intern, const char *side)
{
    static const char *const operators[] = {"In", "NotIn", "Exists", "DoesNotExist",
                                            "Gt", "Lt",    "Gte",    "Lte"};
    wb_requirements made = {0};
    while (*side != '\0') {
        char key[80];
        char op[20];
        char value[40];
        int length = 0;
        CU_ASSERT_EQUAL_FATAL(sscanf(side, "%79[^ ] %19[^ ] %39[^,]%n", key, op, value, &length),
                              3);
        side += length + (side[length] == ',' ? 1 : 0);
        const uint32_t id = wb_intern_add(intern, value);
        wb_label_expression expression = {.key = wb_intern_add(intern, key),
                                          .value_count = value[0] != '-',
                                          .values = &id};
        for (size_t i = 0; i < WB_TEST_COUNT(operators); i++) {
            expression.op = strcmp(op, operators[i]) == 0 ? (wb_operator)i : expression.op;
        }
        const wb_requirement one = wb_requirement_from_expression(arena, intern, &expression);
        made = wb_requirements_add(arena, intern, made, &one);
    }
    return made;
}

static void compatible_by_table(void)
{
    wb_arena arena;
    wb_intern intern;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        const wb_requirements node = parse(&arena, &intern, rows[i].node);
        const wb_requirements incoming = parse(&arena, &intern, rows[i].incoming);
        const wb_compatibility strict =
            wb_requirements_compatible(&intern, node, incoming, WB_UNDEFINED_NONE, NULL);
        const wb_compatibility lenient =
            wb_requirements_compatible(&intern, node, incoming, WB_UNDEFINED_WELL_KNOWN, NULL);
        if (strict != rows[i].strict || lenient != rows[i].lenient) {
            printf("\n    %s", rows[i].name);
            CU_FAIL("compatibility");
        }
    }
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

/* Laws of maps: merging is the same either way round, and again changes nothing. */
static void merges_by_law(void)
{
    wb_arena arena;
    wb_intern intern;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        for (size_t j = 0; j < WB_TEST_COUNT(rows); j++) {
            const wb_requirements a = parse(&arena, &intern, rows[i].node);
            const wb_requirements b = parse(&arena, &intern, rows[j].incoming);
            const wb_requirements ab = wb_requirements_merge(&arena, &intern, a, b);
            const wb_requirements ba = wb_requirements_merge(&arena, &intern, b, a);
            CU_ASSERT_TRUE(wb_requirements_equals(ab, ba));
            CU_ASSERT_EQUAL(wb_requirements_hash(ab), wb_requirements_hash(ba));
            CU_ASSERT_TRUE(
                wb_requirements_equals(ab, wb_requirements_merge(&arena, &intern, ab, b)));
        }
    }
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static const wb_test_case cases[] = {
    {"compatible as the table says", compatible_by_table},
    {"merging keeps its laws", merges_by_law},
};

int main(void)
{
    return wb_test_run("requirements", cases, WB_TEST_COUNT(cases));
}
