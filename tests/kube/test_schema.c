/* The tables of known fields: sorted, complete enough, and the nearest known name. */
#include <string.h>

#include "kube/schema.h"
#include "tests/harness.h"

static size_t object_count;

/* Every table that can be reached from schema is sorted by name, each name once. */
/* NOLINTNEXTLINE(misc-no-recursion): along the tables, at most 16 deep */
static void walk(const wb_schema *schema, int depth)
{
    object_count++;
    CU_ASSERT_FATAL(depth < 16); /* a cycle would not end */
    CU_ASSERT(schema->field_count > 0);
    for (size_t i = 0; i < schema->field_count; i++) {
        const wb_schema_field *field = &schema->fields[i];
        if (i > 0 && strcmp(schema->fields[i - 1].name, field->name) >= 0) {
            printf("\n%s stands behind %s\n", field->name, schema->fields[i - 1].name);
            CU_FAIL("not sorted");
        }
        CU_ASSERT_PTR_EQUAL(wb_schema_find(schema, field->name), field);
        CU_ASSERT_EQUAL(field->object != NULL, field->kind == WB_SCHEMA_OBJECT);
        if (field->object != NULL) {
            walk(field->object, depth + 1);
        }
    }
}

static void tables_are_sorted(void)
{
    static const wb_schema *const roots[] = {
        &wb_schema_pod,
        &wb_schema_deployment,
        &wb_schema_replica_set,
        &wb_schema_stateful_set,
        &wb_schema_daemon_set,
        &wb_schema_job,
        &wb_schema_cron_job,
        &wb_schema_replication_controller,
        &wb_schema_node,
        &wb_schema_persistent_volume_claim,
        &wb_schema_persistent_volume,
        &wb_schema_storage_class,
        &wb_schema_csi_node,
        &wb_schema_namespace,
        &wb_schema_pod_disruption_budget,
        &wb_schema_priority_class,
        &wb_schema_node_pool,
        &wb_schema_node_claim,
        &wb_schema_ec2_node_class,
    };
    object_count = 0;
    for (size_t i = 0; i < WB_TEST_COUNT(roots); i++) {
        walk(roots[i], 0);
        CU_ASSERT_PTR_NOT_NULL(wb_schema_find(roots[i], "apiVersion"));
        CU_ASSERT_PTR_NOT_NULL(wb_schema_find(roots[i], "metadata"));
        CU_ASSERT_PTR_NULL(wb_schema_find(roots[i], "Metadata"));
        CU_ASSERT_PTR_NULL(wb_schema_find(roots[i], ""));
    }
    CU_ASSERT(object_count > 1000); /* shared objects count each time they are reached */
}

static const char *const names[] = {"affinity",     "containers", "initContainers", "nodeName",
                                    "nodeSelector", "os",         "tolerations",    "volumes"};

static const struct {
    const char *text, *nearest;
} nearest_cases[] = {
    {"container", "containers"},
    {"contaienrs", "containers"},
    {"nodename", "nodeName"}, /* case costs nothing */
    {"NodeSelectors", "nodeSelector"},
    {"node_name", "nodeName"},
    {"toleration", "tolerations"},
    {"volume", "volumes"},
    {"initContainer", "initContainers"},
    {"so", NULL}, /* everything would be near */
    {"x", NULL},
    {"", NULL},
    {"replicas", NULL},
    {"aVeryLongNameThatIsLongerThanAnyNameOfAnyFieldThatThereIsInTheWholeApi", NULL},
};

static void the_nearest_name_is_found(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(nearest_cases); i++) {
        const char *found = wb_schema_nearest(nearest_cases[i].text, names, WB_TEST_COUNT(names));
        const char *expected = nearest_cases[i].nearest;
        if (found != expected &&
            (found == NULL || expected == NULL || strcmp(found, expected) != 0)) {
            printf("\n%s: %s\n", nearest_cases[i].text, found != NULL ? found : "none");
            CU_FAIL("another name");
        }
    }
    CU_ASSERT_PTR_NULL(wb_schema_nearest("anything", NULL, 0));
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"tables are sorted, fields are found", tables_are_sorted},
        {"the nearest name is found", the_nearest_name_is_found},
    };
    return wb_test_run("schema", cases, WB_TEST_COUNT(cases));
}
