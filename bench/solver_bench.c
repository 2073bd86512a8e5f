/*
 * One solve, timed as upstream times it: everything that a controller does for a batch, from the
 * pods' shapes to the NodeClaims, and nothing of reading files or making pods. The arena is fresh,
 * as a controller's first solve would have it.
 */
#include "bench/solver_bench.h"

#include <assert.h>

#include "base/intern.h"
#include "kube/names.h"
#include "bench/case_catalog.h"
#include "bench/case_input.h"
#include "bench/solver_workload.h"
#include "bench/stopwatch.h"

static double ms_since(int64_t start_ns)
{
    return (double)(wb_stopwatch_cpu_ns() - start_ns) / 1e6;
}

static wb_status decode_case(wb_arena *arena, wb_intern *intern, const char *path,
                             const wb_node **out_root, wb_case_input *out, wb_error *err)
{
    wb_document_stream stream = {0};
    WB_TRY(wb_document_read_file(arena, path, 0, &stream, err));
    if (stream.count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: is empty, expected a scheduling case", path);
    }
    wb_catalog catalog = {0};
    WB_TRY(wb_case_catalog_load(arena, intern, path, stream.roots[0], &catalog, err));
    *out_root = stream.roots[0];
    return wb_case_input_decode(arena, intern, stream.roots[0], &catalog, out, err);
}

static void generate(wb_arena *arena, wb_intern *intern, const wb_solver_bench_options *options,
                     wb_case_input *out)
{
    wb_nodepool *pool = WB_ARENA_NEW(arena, wb_nodepool);
    *pool = wb_solver_workload_nodepool(arena, intern);
    *out = (wb_case_input){.catalog = wb_solver_workload_catalog(arena, intern),
                           .nodepools = pool,
                           .nodepool_count = 1};
    if (options->preference_pods > 0) {
        out->pod_count = options->preference_pods;
        out->pods = wb_solver_workload_preference(arena, intern, out->pod_count, options->seed);
    } else {
        out->pod_count = options->diverse_pods;
        out->pods = wb_solver_workload_diverse(arena, intern, out->pod_count, options->seed);
    }
}

/* All that is timed. The solve's arena is fresh, as a controller's first solve would have it. */
static void solve(wb_arena *arena, wb_intern *intern, const wb_node *root, wb_case_input *input,
                  wb_solver_bench_result *out)
{
    const int64_t start_ns = wb_stopwatch_cpu_ns();
    wb_case_input_prepare_world(arena, intern, root, input);
    out->world_ms = ms_since(start_ns);
    const int64_t shapes_ns = wb_stopwatch_cpu_ns();
    wb_case_input_prepare_pods(arena, intern, input);
    out->shapes_ms = ms_since(shapes_ns);
    wb_arena scratch;
    wb_arena_init(&scratch, "solve", 0, NULL);
    const wb_solver_result result = wb_provisioning_solve(&scratch, input->world, &input->problem);
    out->solve_ms = ms_since(start_ns);
    out->pods = input->problem.pod_count;
    out->nodes = result.claim_count;
    out->unscheduled = result.refused_count;
    out->node_checks = result.work.node_checks;
    out->claim_checks = result.work.claim_checks;
    out->type_checks = result.work.type_checks;
    out->relaxations = result.work.relaxations;
    for (uint32_t i = 0; i < result.claim_count; i++) {
        out->usd_per_hour += result.claims[i].cheapest.price_usd_per_hour;
    }
    wb_arena_release(&scratch);
}

wb_status wb_solver_bench_run(const wb_solver_bench_options *options, wb_solver_bench_result *out,
                              wb_error *err)
{
    assert(options != NULL && out != NULL);
    if (options->case_path == NULL && options->diverse_pods == 0 && options->preference_pods == 0) {
        return wb_fail(err, WB_ERR_INPUT, "nothing to solve: expected a case or a number of pods");
    }
    wb_arena arena;
    wb_intern intern;
    wb_arena_init(&arena, "solver bench", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    wb_case_input input = {0};
    const wb_node *root = NULL;
    wb_status status = WB_OK;
    if (options->case_path != NULL) {
        status = decode_case(&arena, &intern, options->case_path, &root, &input, err);
    } else {
        generate(&arena, &intern, options, &input);
    }
    if (status == WB_OK) {
        *out = (wb_solver_bench_result){0};
        input.problem.options.plain = options->plain;
        if (options->preferences_ignored) {
            input.problem.options.preference_policy = WB_PREFERENCE_IGNORE;
        }
        solve(&arena, &intern, root, &input, out);
        out->rss_bytes = wb_stopwatch_resident_bytes_max();
        wb_case_input_release(&input);
    }
    wb_intern_release(&intern);
    wb_arena_release(&arena);
    return status;
}
