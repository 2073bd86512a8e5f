/* Sweeps: what a file asks for, the points of a search, and what they say together. */
#include <string.h>

#include "kube/names.h"
#include "bench/figure_list.h"
#include "bench/sweep.h"
#include "tests/base/scratch_folder.h"
#include "tests/harness.h"

#define HEAD \
    "apiVersion: werkbank/v1\nkind: Sweep\nmetadata: {name: s}\nspec:\n  scenario: s.yaml\n"

typedef struct world {
    wb_scratch_folder folder;
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_sweep_spec spec;
    wb_sweep sweep;
    wb_error err;
} world;

static world w;

static wb_status begin(const char *text)
{
    memset(&w, 0, sizeof w);
    wb_scratch_folder_init(&w.folder);
    wb_arena_init(&w.arena, "test", 0, NULL);
    wb_intern_init(&w.intern, &w.arena);
    wb_names_init(&w.intern);
    wb_findings_init(&w.findings, &w.arena, false);
    const char *path = wb_scratch_folder_write(&w.folder, "sweep.yaml", text, strlen(text));
    const wb_decode_context context = {.arena = &w.arena,
                                       .intern = &w.intern,
                                       .findings = &w.findings};
    return wb_sweep_spec_load(&context, path, &w.spec, &w.err);
}

static void end(void)
{
    wb_intern_release(&w.intern);
    wb_arena_release(&w.arena);
    wb_scratch_folder_release(&w.folder);
}

static const char *point_text(uint32_t index)
{
    wb_text text;
    wb_text_init(&text);
    wb_sweep_point_print(&w.sweep, &w.sweep.points[index], &text);
    const char *kept = wb_arena_copy_string(&w.arena, wb_text_string(&text));
    wb_text_release(&text);
    return kept;
}

static void a_grid_has_every_combination(void)
{
    CU_ASSERT_EQUAL_FATAL(
        begin(HEAD "  parameters:\n"
                   "    nodepool/default:\n"
                   "      spec.disruption.consolidateAfter: [0s, 5m]\n"
                   "      spec.template.spec.requirements[karpenter.k8s.aws/instance-cpu].values: "
                   "[[\"3\"], {label: big, value: [\"15\"]}, null]\n"
                   "    contender/ca:\n"
                   "      flags.scale-down-unneeded-time: {from: 1m, to: 9m, steps: 3}\n"),
        WB_OK);
    CU_ASSERT_EQUAL_FATAL(wb_sweep_init(&w.sweep, &w.arena, &w.spec, "", &w.err), WB_OK);
    CU_ASSERT_EQUAL(w.sweep.point_count, 1 + 2 * 3 * 3);
    CU_ASSERT_STRING_EQUAL(point_text(0), "as it is");
    CU_ASSERT_STRING_EQUAL(
        point_text(1), "consolidateAfter=0s instance-cpu=[\"3\"] scale-down-unneeded-time=1m0s");
    CU_ASSERT_STRING_EQUAL(point_text(5),
                           "consolidateAfter=0s instance-cpu=big scale-down-unneeded-time=5m0s");
    CU_ASSERT_STRING_EQUAL(point_text(18),
                           "consolidateAfter=5m instance-cpu=none scale-down-unneeded-time=9m0s");
    CU_ASSERT_PTR_NULL(w.sweep.points[18].values[1]->node);
    CU_ASSERT_EQUAL(w.spec.objective_count, 3);
    CU_ASSERT_EQUAL(w.spec.minimise, wb_sweep_spec_figure("cost_usd"));
    CU_ASSERT_EQUAL(w.spec.limit_count, 2);
    end();
}

static void drawn_points_are_apart(void)
{
    CU_ASSERT_EQUAL_FATAL(
        begin(HEAD "  search: {method: sobol, points: 40, seed: 3}\n  parameters:\n"
                   "    nodepool/default:\n"
                   "      spec.weight: {from: 1, to: 100, scale: log}\n"
                   "      spec.disruption.consolidationPolicy: [WhenEmpty, Balanced]\n"),
        WB_OK);
    CU_ASSERT_EQUAL_FATAL(wb_sweep_init(&w.sweep, &w.arena, &w.spec, "", &w.err), WB_OK);
    CU_ASSERT_TRUE(w.sweep.point_count > 25 && w.sweep.point_count <= 41);
    for (uint32_t i = 1; i < w.sweep.point_count; i++) {
        const int64_t weight = wb_node_int64(w.sweep.points[i].values[0]->node, -1);
        CU_ASSERT_TRUE(weight >= 1 && weight <= 100);
        for (uint32_t j = 1; j < i; j++) {
            CU_ASSERT_STRING_NOT_EQUAL(point_text(i), point_text(j));
        }
    }
    end();
}

static const struct {
    const char *text, *complaint;
} faults[] = {
    {HEAD "  parameters: {}\n", "expected targets with paths"},
    {HEAD "  parameters: {nodepool/a: {}}\n", "expected paths with values"},
    {HEAD "  parameters: {nodepool/a: {spec.weight: 3}}\n", "expected a list of values"},
    {HEAD "  parameters: {nodepool/a: {spec.weight: []}}\n", "expected values to try"},
    {HEAD "  parameters: {nodepool/a: {spec.weight: [1, 1]}}\n", "expected each value once"},
    {HEAD "  parameters: {nodepool/a: {spec.weight: {from: 1, to: 9}}}\n", "expected steps"},
    {HEAD "  parameters: {nodepool/a: {spec.weight: {from: 9, to: 1, steps: 2}}}\n",
     "expected more than from"},
    {HEAD "  parameters: {nodepool/a: {spec.weight: {from: x, to: 1, steps: 2}}}\n",
     "expected a number or a duration"},
    {HEAD "  parameters: {nodepool/a: {spec.weight: {from: 0, to: 1, steps: 2, scale: log}}}\n",
     "log scale"},
    {HEAD "  objectives: [cost]\n  parameters: {nodepool/a: {spec.weight: [1]}}\n",
     "'cost' is not a figure"},
    {HEAD "  best: {atMost: {cost_usd: much}}\n  parameters: {nodepool/a: {spec.weight: [1]}}\n",
     "a multiple of the baseline's"},
    {HEAD "  seeds: [1, 1]\n  parameters: {nodepool/a: {spec.weight: [1]}}\n", "each seed once"},
    {HEAD "  search: {method: luck}\n  parameters: {nodepool/a: {spec.weight: [1]}}\n", "luck"},
    {HEAD "  search: {keep: 1}\n  parameters: {nodepool/a: {spec.weight: [1]}}\n",
     "a share between 0 and 1"},
    {HEAD "  paramters: {}\n  parameters: {nodepool/a: {spec.weight: [1]}}\n", NULL}, /* warned */
    {"apiVersion: werkbank/v1\nkind: Suite\nmetadata: {name: s}\nspec: {scenario: a, parameters: "
     "{a: {b: [1]}}}\n",
     "expected Sweep"},
};

static void faults_are_told(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(faults); i++) {
        const wb_status status = begin(faults[i].text);
        CU_ASSERT_EQUAL(status, faults[i].complaint == NULL ? WB_OK : WB_ERR_INPUT);
        CU_ASSERT_EQUAL(w.findings.error_count, faults[i].complaint == NULL ? 0 : 1);
        bool is_told = faults[i].complaint == NULL;
        for (size_t e = 0; e < w.findings.error_count; e++) {
            is_told = is_told || strstr(w.findings.errors[e].text, faults[i].complaint) != NULL;
        }
        if (!is_told) {
            printf("\n    row %zu: %s", i, w.err.text);
        }
        CU_ASSERT_TRUE(is_told);
        end();
    }
}

/* cost, p99, disruptions and pods left behind, of the baseline and five points; what is said. */
static const struct {
    double cost, latency, disruptions, left;
    bool is_feasible, is_within, is_on_front;
} judged[] = {
    {100, 50, 10, 2, true, true, true},  /* as it is: the fastest */
    {90, 54, 10, 2, true, true, true},   /* within 1.1 times */
    {80, 60, 10, 2, true, false, true},  /* too slow to be the best */
    {70, 40, 5, 3, false, false, false}, /* leaves a pod behind */
    {95, 54, 11, 2, true, true, false},  /* 1 is better in all */
    {90, 54, 10, 2, true, true, false},  /* the same as 1 */
};

static void points_are_judged(void)
{
    CU_ASSERT_EQUAL_FATAL(
        begin(HEAD "  parameters: {nodepool/a: {spec.weight: [1, 2, 3, 4, 5]}}\n"), WB_OK);
    CU_ASSERT_EQUAL_FATAL(wb_sweep_init(&w.sweep, &w.arena, &w.spec, "", &w.err), WB_OK);
    wb_run_figures runs[6];
    const wb_run_figures *lists[6];
    for (uint32_t i = 0; i < 6; i++) {
        runs[i] = (wb_run_figures){
            .cost_nusd = (int64_t)(judged[i].cost * 1e9),
            .pod_latency_ms_p99 = (int64_t)judged[i].latency * 1000,
            .disruptions = (int64_t)judged[i].disruptions,
            .pods_unscheduled = (int64_t)judged[i].left,
        };
        lists[i] = &runs[i];
        w.sweep.points[i].runs = &lists[i];
        w.sweep.points[i].run_count = 1;
        w.sweep.points[i].is_complete = true;
    }
    wb_sweep_judge(&w.sweep);
    for (uint32_t i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(w.sweep.points[i].is_feasible, judged[i].is_feasible);
        CU_ASSERT_EQUAL(w.sweep.points[i].is_within, judged[i].is_within);
        CU_ASSERT_EQUAL(w.sweep.points[i].is_on_front, judged[i].is_on_front);
    }
    CU_ASSERT_EQUAL(w.sweep.best, 1);
    end();
}

static const wb_test_case cases[] = {
    {"a grid has every combination", a_grid_has_every_combination},
    {"drawn points are apart", drawn_points_are_apart},
    {"faults of the file are told", faults_are_told},
    {"points are judged against what is there", points_are_judged},
};

int main(void)
{
    return wb_test_run("sweep", cases, WB_TEST_COUNT(cases));
}
