/* Flags by their real names: defaults, values, and what is refused. */
#include <string.h>

#include "sim/autoscaler/cluster_autoscaler/ca_flags.h"
#include "tests/harness.h"

static wb_arena arena;

/* Applies one flag to the defaults; the number of errors, and the first one's text. */
static size_t apply(const char *name, const char *value, wb_ca_flags *flags, const char **out_text)
{
    wb_findings findings;
    wb_findings_init(&findings, &arena, false);
    wb_ca_flags_init(flags);
    const wb_setting setting = {.name = name,
                                .value = value,
                                .position = {.file = "s.yaml", .line = 7, .column = 3}};
    wb_ca_flags_apply(flags, &setting, 1, &findings);
    *out_text = findings.error_count > 0 ? findings.errors[0].text : "";
    return findings.error_count;
}

static void test_defaults(void)
{
    wb_ca_flags flags;
    wb_ca_flags_init(&flags);
    CU_ASSERT_EQUAL(flags.scan_interval_ms, 10000);
    CU_ASSERT_TRUE(flags.frequent_loops_enabled);
    CU_ASSERT_EQUAL(flags.expander.count, 1);
    CU_ASSERT_STRING_EQUAL(flags.expander.items[0], "least-waste");
    CU_ASSERT_EQUAL(flags.expendable_pods_priority_cutoff, -10);
    CU_ASSERT_EQUAL(flags.cores_total.maximum, 320000);
    CU_ASSERT_DOUBLE_EQUAL(flags.scale_down_utilization_threshold, 0.5, 0.0);
    CU_ASSERT_EQUAL(flags.scale_down_unneeded_time_ms, 600000);
    CU_ASSERT_EQUAL(flags.delay_after_delete_ms, 0);
    CU_ASSERT_EQUAL(flags.max_drain_parallelism, 1);
    CU_ASSERT_EQUAL(flags.blocking_system_pod_timeout_ms, 3600000);
    CU_ASSERT_EQUAL(flags.balancing_label.count, 0);
}

static void test_values(void)
{
    wb_ca_flags flags;
    const char *text = NULL;
    CU_ASSERT_EQUAL(apply("--scale-down-unneeded-time", "90s", &flags, &text), 0);
    CU_ASSERT_EQUAL(flags.scale_down_unneeded_time_ms, 90000);
    CU_ASSERT_EQUAL(apply("expander", "priority,least-waste", &flags, &text), 0);
    CU_ASSERT_EQUAL(flags.expander.count, 2);
    CU_ASSERT_STRING_EQUAL(flags.expander.items[0], "priority");
    CU_ASSERT_STRING_EQUAL(flags.expander.items[1], "least-waste");
    CU_ASSERT_EQUAL(apply("cores-total", "8:64", &flags, &text), 0);
    CU_ASSERT_EQUAL(flags.cores_total.minimum, 8);
    CU_ASSERT_EQUAL(flags.cores_total.maximum, 64);
    CU_ASSERT_EQUAL(apply("max-empty-bulk-delete", "10", &flags, &text), 0); /* of old */
    CU_ASSERT_EQUAL(apply("balance-similar-node-groups", "true", &flags, &text), 0);
    CU_ASSERT_TRUE(flags.balance_similar_node_groups);
}

static const struct {
    const char *name, *value, *words;
} refused[] = {
    {"scale-down-uneeded-time", "10m", "did you mean 'scale-down-unneeded-time'"},
    {"no-such-thing-at-all", "1", "is not a flag of Cluster Autoscaler"},
    {"scale-down-unneeded-time", "ten minutes", "expected a duration"},
    {"max-nodes-total", "5.5", "expected a whole number"},
    {"cores-total", "64:8", "expected minimum:maximum"},
    {"scale-down-enabled", "perhaps", "expected true or false"},
    {"scale-down-utilization-threshold", "nan", "expected a number"},
    {"scan-interval", "10ms", "one second or more"},
    {"estimator", "old", "expected binpacking"},
};

static void test_refused(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(refused); i++) {
        wb_ca_flags flags;
        const char *text = NULL;
        CU_ASSERT_EQUAL(apply(refused[i].name, refused[i].value, &flags, &text), 1);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, "s.yaml:7:3"));
        if (strstr(text, refused[i].words) == NULL) {
            CU_FAIL("words");
            printf("\n    %s: '%s'", refused[i].name, text);
        }
    }
}

static const struct {
    const char *name, *words; /* NULL: in silence */
} idle[] = {
    {"v", NULL},
    {"--leader-elect-resource-lock", NULL},
    {"skip_headers", NULL}, /* klog's own spelling */
    {"node-group-auto-discovery", NULL},
    {"max-bulk-soft-taint-time", "max-bulk-soft-taint-time has no effect: it bounds wall-clock"},
    {"scale-down-candidates-pool-ratio", "it has none in the release that is simulated either"},
    {"gpu-total", "gpu-total has no effect: it asks for what is not simulated"},
    {"status-taint", "asks for what is not simulated"},
};

static void test_idle(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(idle); i++) {
        wb_ca_flags flags;
        wb_ca_flags_init(&flags);
        wb_findings findings;
        wb_findings_init(&findings, &arena, false);
        const wb_setting setting = {.name = idle[i].name, .value = "1"};
        wb_ca_flags_apply(&flags, &setting, 1, &findings);
        CU_ASSERT_EQUAL(findings.error_count, 0);
        CU_ASSERT_EQUAL(findings.warning_count, idle[i].words != NULL ? 1 : 0);
        CU_ASSERT(idle[i].words == NULL ||
                  strstr(findings.warnings[0].text, idle[i].words) != NULL);
    }
}

static void test_table_describes_itself(void)
{
    const char *name = NULL;
    const char *preset = NULL;
    const char *help = NULL;
    uint32_t count = 0;
    while (wb_ca_flags_describe(count, &name, &preset, &help)) {
        wb_ca_flags flags;
        const char *text = NULL;
        CU_ASSERT_TRUE(strlen(name) > 2 && strlen(help) > 10);
        CU_ASSERT_EQUAL(apply(name, preset, &flags, &text), 0); /* the default is a fair value */
        count++;
    }
    CU_ASSERT_TRUE(count > 50);
}

static const wb_test_case tests[] = {
    {"defaults are those of the modelled release", test_defaults},
    {"values are read in their units", test_values},
    {"what is wrong is refused with its place", test_refused},
    {"flags without effect say so", test_idle},
    {"the table describes every flag", test_table_describes_itself},
};

int main(void)
{
    wb_arena_init(&arena, "test", 0, NULL);
    const int result = wb_test_run("cluster_autoscaler_flags", tests, WB_TEST_COUNT(tests));
    wb_arena_release(&arena);
    return result;
}
