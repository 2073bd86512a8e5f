/* Every figure under its own name: each field has a value of its own, so that none can take the
 * place of another. */
#include <stdbool.h>
#include <string.h>

#include "tests/harness.h"
#include "tools/cli/figure_table.h"

static const wb_run_figures runs[2] = {
    {
        .run_id = 7,
        .scenario = "s",
        .contender = "a",
        .seed = 42,
        .pods_total = 1001,
        .pods_finished = 1002,
        .pods_running = 1003,
        .pods_unscheduled = 1004,
        .pods_lost = 1005,
        .cost_nusd = 2001000000003,
        .cost_on_demand_nusd = 2002000000000,
        .cost_spot_nusd = 2003000000000,
        .cost_idle_nusd = 2004000000000,
        .pod_latency_ms_p50 = 3001,
        .pod_latency_ms_p90 = 3002,
        .pod_latency_ms_p99 = 3003,
        .pod_latency_ms_max = 3004,
        .nodes_launched = 4001,
        .nodes_max = 4002,
        .node_ms = 5400000,
        .evictions = 4004,
        .evictions_refused = 4005,
        .interruptions = 4006,
        .api_calls = 4007,
        .pending_pod_ms = 5001,
        .utilisation_cpu = 0.25,
        .utilisation_memory = 0.75,
        .committed_cpu = 0.125,
        .committed_memory = 0.375,
        .daemon_cpu = 0.0625,
        .daemon_memory = 0.03125,
        .disruptions = 6001,
        .churn = 6002,
        .interruptions_survived = 6003,
        .work_lost_cpu_milli_ms = 7200000000,
        .blast_radius = 0.625,
        .not_modelled = 0.0004,
        .cost_above_bound = 0.5,
        .paid_usd = 1900.25,
        .digest = "00112233445566778899aabbccddeeff",
    },
    {.contender = "b, \"c\"",
     .seed = 42,
     .cost_nusd = 4002000000006,
     .cost_above_bound = -1.0,
     .paid_usd = -1.0,
     .digest = "d"},
};

static const char csv[] =
    "name,seed,cost_usd,cost_on_demand_usd,cost_spot_usd,cost_idle_usd,paid_usd,"
    "cost_above_bound,"
    "pod_latency_ms_p50,pod_latency_ms_p90,pod_latency_ms_p99,pod_latency_ms_max,pending_pod_ms,"
    "pods_total,pods_finished,pods_running,pods_unscheduled,pods_lost,nodes_launched,nodes_max,"
    "node_hours,churn,disruptions,evictions,evictions_refused,work_lost_cpu_hours,interruptions,"
    "interruptions_survived,blast_radius,api_calls,utilisation_cpu,utilisation_memory,"
    "committed_cpu,daemon_cpu,committed_memory,daemon_memory,not_modelled,digest\r\n"
    "a,42,2001.000000003,2002.000000000,2003.000000000,2004.000000000,1900.250000,0.500000,"
    "3001,3002,3003,"
    "3004,5001,"
    "1001,1002,1003,1004,1005,4001,4002,1.500000,6002,6001,4004,4005,2.000000,4006,6003,0.625000,"
    "4007,0.250000,0.750000,0.125000,0.062500,0.375000,0.031250,0.000400,"
    "00112233445566778899aabbccddeeff\r\n"
    "\"b, \"\"c\"\"\",42,4002.000000006,0.000000000,0.000000000,0.000000000,,,"
    "0,0,0,0,"
    "0,0,0,0,0,0,0,0,"
    "0.000000,0,0,0,0,0.000000,0,0,0.000000,0,0.000000,0.000000,0.000000,0.000000,0.000000,"
    "0.000000,0.000000,d\r\n";

/* Lines of the table for people, each found as it stands. */
static const char *const wide_lines[] = {
    "cost                      $2001.00    $4002.00   2.00x    +$2001.00\n",
    "  on-demand               $2002.00       $0.00   0.00x    -$2002.00\n",
    "  spot                    $2003.00       $0.00   0.00x    -$2003.00\n",
    "  idle                    $2004.00       $0.00   0.00x    -$2004.00\n",
    "  above the bound           50.0 %           -       -            -\n",
    "pod latency p50              3.0 s       0.0 s   0.00x       -3.0 s\n",
    "waiting, summed            5 pod-s     0 pod-s   0.00x     -5 pod-s\n",
    "pods                          1001           0   0.00x        -1001\n",
    "  finished                    1002           0   0.00x        -1002\n",
    "  running at the end          1003           0   0.00x        -1003\n",
    "  never ran                   1004           0   0.00x        -1004\n",
    "  lost                        1005           0   0.00x        -1005\n",
    "nodes launched                4001           0   0.00x        -4001\n",
    "nodes at most                 4002           0   0.00x        -4002\n",
    "node hours                     1.5         0.0   0.00x         -1.5\n",
    "churn (launched, gone)        6002           0   0.00x        -6002\n",
    "disruptions                   6001           0   0.00x        -6001\n",
    "evictions                     4004           0   0.00x        -4004\n",
    "evictions refused             4005           0   0.00x        -4005\n",
    "work lost                2.0 CPU-h   0.0 CPU-h   0.00x   -2.0 CPU-h\n",
    "interruptions                 4006           0   0.00x        -4006\n",
    "  survived                    6003           0   0.00x        -6003\n",
    "blast radius                62.5 %       0.0 %   0.00x     -62.5 pp\n",
    "API calls                     4007           0   0.00x        -4007\n",
    "utilisation CPU             25.0 %       0.0 %   0.00x     -25.0 pp\n",
    "utilisation memory          75.0 %       0.0 %   0.00x     -75.0 pp\n",
    "committed CPU               12.5 %       0.0 %   0.00x     -12.5 pp\n",
    "  DaemonSets                 6.2 %       0.0 %   0.00x      -6.2 pp\n",
    "committed memory            37.5 %       0.0 %   0.00x     -37.5 pp\n",
    "  DaemonSets                 3.1 %       0.0 %   0.00x      -3.1 pp\n",
    "not modelled                 0.0 %       0.0 %       -      -0.0 pp\n", /* 0.04 % */
    "a: 3 pods never ran (p, ...): too large\n",
    "prices: somewhere\n",
};

static const wb_unscheduled_group groups[] = {{"too large", "p", 3}};
static const wb_unscheduled_group *const groups_of_runs[] = {groups, NULL};
static const uint32_t group_counts[] = {1, 0};

static void print(const char *format, wb_text *out)
{
    const wb_figure_table table = {
        .runs = runs,
        .run_count = 2,
        .unscheduled = groups_of_runs,
        .unscheduled_counts = group_counts,
        .scenario = "s",
        .price_source = "somewhere",
    };
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_text_init(out);
    wb_figure_table_print(&table, &arena, format, out);
    wb_arena_release(&arena);
}

static void print_csv(void)
{
    wb_text out;
    print("csv", &out);
    CU_ASSERT_STRING_EQUAL(wb_text_string(&out), csv);
    wb_text_release(&out);
}

static void print_wide(void)
{
    wb_text out;
    print("wide", &out);
    for (size_t i = 0; i < WB_TEST_COUNT(wide_lines); i++) {
        if (strstr(wb_text_string(&out), wide_lines[i]) == NULL) {
            printf("\n  missing: %s  in\n%s", wide_lines[i], wb_text_string(&out));
            CU_FAIL("a line is missing");
        }
    }
    wb_text_release(&out);
}

/* JSON has the same names and numbers as CSV, in the same order. */
static void print_json(void)
{
    wb_text out;
    print("json", &out);
    char names[2048];
    char values[2048];
    const char *line = strchr(csv, '\n') + 1;
    (void)snprintf(names, sizeof names, "%.*s", (int)(strchr(csv, '\r') - csv), csv);
    (void)snprintf(values, sizeof values, "%.*s", (int)(strchr(line, '\r') - line), line);
    char *name = names;
    char *value = values;
    const char *at = wb_text_string(&out);
    while (name != NULL && value != NULL) {
        char *next_name = strchr(name, ',');
        char *next_value = strchr(value, ',');
        if (next_name != NULL && next_value != NULL) {
            *next_name++ = 0;
            *next_value++ = 0;
        }
        char wanted[4200];
        const bool is_text = strcmp(name, "name") == 0 || strcmp(name, "digest") == 0;
        (void)snprintf(wanted, sizeof wanted, "\"%s\":\t%s%s%s", name, is_text ? "\"" : "", value,
                       is_text ? "\"" : "");
        const char *found = strstr(at, wanted);
        if (found == NULL) {
            printf("\n  missing: %s\n", wanted);
            CU_FAIL("a name or value is missing");
            break;
        }
        at = found;
        name = next_name;
        value = next_value;
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(at, "\"reason\":\t\"too large\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(at, "\"name\":\t\"b, \\\"c\\\"\""));
    wb_text_release(&out);
}

/* Three seeds of two contenders whose costs differ by 1, 2 and 3 dollars: 2 in the mean, with a
 * standard deviation of 1; Student's t for two degrees of freedom is 4.303. */
static const wb_run_figures seeds[] = {
    {.contender = "a", .seed = 1, .cost_nusd = 10000000000, .blast_radius = 0.5},
    {.contender = "a", .seed = 2, .cost_nusd = 11000000000, .blast_radius = 0.5},
    {.contender = "a", .seed = 3, .cost_nusd = 9000000000, .blast_radius = 0.5},
    {.contender = "b", .seed = 3, .cost_nusd = 12000000000, .blast_radius = 0.25, .evictions = 7},
    {.contender = "b", .seed = 1, .cost_nusd = 11000000000, .blast_radius = 0.25},
    {.contender = "b", .seed = 2, .cost_nusd = 13000000000, .blast_radius = 0.25},
};

static const struct {
    const char *format, *line;
    bool is_there;
} seed_cases[] = {
    {"wide", "$12.00   1.20x ± 0.25           +$2.00 ± $2.48\n", true},
    {"wide", "50.0 %        25.0 %   0.50x ± 0.00        -25.0 pp ± 0.0 pp\n", true},
    {"wide", "0             2              -              +2.3 ± 10.0\n", true},
    {"wide", "interruptions ", true},
    {"wide", "  DaemonSets ", true},
    {"table", "evictions ", true},
    {"table", "interruptions ", false}, /* nobody had any */
    {"table", "  DaemonSets ", false},
    {"table", "difference", false},
    {"table", "b does not differ in cost from a beyond chance (+20.0 % ± 24.8 %)", true},
    {"markdown", "| cost | $10.00 | $12.00 | 1.20x ± 0.25 |", true},
    {"json", "\"baseline\":\t\"a\"", true},
    {"json", "\"mean\":\t12,\n\t\t\t\t\t\"baseline_mean\":\t10,\n", true},
    {"json", "\"difference\":\t2,\n\t\t\t\t\t\"half_width_95\":\t2.48", true},
    {"json", "\"is_significant\":\tfalse", true},
    {"json", "\"verdict\":\t\"b does not differ", true},
};

static void compare_over_seeds(void)
{
    const wb_figure_table table = {.runs = seeds,
                                   .run_count = WB_TEST_COUNT(seeds),
                                   .scenario = "s"};
    for (size_t i = 0; i < WB_TEST_COUNT(seed_cases); i++) {
        wb_arena arena;
        wb_text out;
        wb_arena_init(&arena, "test", 0, NULL);
        wb_text_init(&out);
        wb_figure_table_print(&table, &arena, seed_cases[i].format, &out);
        const bool is_there = strstr(wb_text_string(&out), seed_cases[i].line) != NULL;
        if (is_there != seed_cases[i].is_there) {
            printf("\n  %s: '%s' is %sin\n%s", seed_cases[i].format, seed_cases[i].line,
                   is_there ? "" : "not ", wb_text_string(&out));
        }
        CU_ASSERT_EQUAL(is_there, seed_cases[i].is_there);
        wb_text_release(&out);
        wb_arena_release(&arena);
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"CSV", print_csv},
        {"the wide table", print_wide},
        {"JSON", print_json},
        {"several seeds", compare_over_seeds},
    };
    return wb_test_run("figure table", cases, WB_TEST_COUNT(cases));
}
