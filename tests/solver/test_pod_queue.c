/* The order of the queue against the plain definition, on random batches. */
#include <string.h>

#include "base/random.h"
#include "kube/names.h"
#include "solver/pod_queue.h"
#include "tests/harness.h"
#include "tests/solver/small_world.h"

static const wb_small_type types[] = {{"four", 4}};

enum {
    MOST_PODS = 60,
    ROUNDS = 300
};

/* What a pod of the batch is, beside its solver form. */
typedef struct batch {
    wb_solver_pod pods[MOST_PODS];
    int64_t cpu_milli[MOST_PODS], memory_mib[MOST_PODS];
    uint32_t count;
} batch;

static void fill(wb_small_world *small, batch *out, uint64_t round)
{
    const wb_random_key key = {.seed = 3, .stream = WB_RANDOM_TEST, .ordinal = round};
    out->count = (uint32_t)wb_random_below(key, 0, MOST_PODS + 1);
    const char *prefix = round % 2 == 0 ? "pod-" : ""; /* with something in common, or nothing */
    for (uint32_t i = 0; i < out->count; i++) {
        const uint64_t draw = 1 + (uint64_t)i * 5;
        out->cpu_milli[i] = 100 * (int64_t)wb_random_below(key, draw, 3);
        out->memory_mib[i] = 100 * (int64_t)wb_random_below(key, draw + 1, 3);
        char uid[48];
        (void)snprintf(uid, sizeof(uid), "%s%llx-%u", prefix,
                       (unsigned long long)wb_random_below(key, draw + 2, 5000), i);
        out->pods[i] = (wb_solver_pod){
            .uid = wb_intern_add(&small->intern, uid),
            .created_ms = 400 * (int64_t)wb_random_below(key, draw + 3, 6),
            .shape_id = wb_solver_world_shape(
                small->world, wb_small_world_template(small, out->cpu_milli[i], out->memory_mib[i]),
                WB_NAME_DEFAULT),
        };
    }
}

/* Section 4 of the specification, word by word. */
static bool comes_before(const wb_small_world *small, const batch *from, uint32_t a, uint32_t b)
{
    if (from->cpu_milli[a] != from->cpu_milli[b]) {
        return from->cpu_milli[a] > from->cpu_milli[b];
    }
    if (from->memory_mib[a] != from->memory_mib[b]) {
        return from->memory_mib[a] > from->memory_mib[b];
    }
    if (from->pods[a].created_ms / 1000 != from->pods[b].created_ms / 1000) {
        return from->pods[a].created_ms < from->pods[b].created_ms;
    }
    return strcmp(wb_intern_text(&small->intern, from->pods[a].uid),
                  wb_intern_text(&small->intern, from->pods[b].uid)) < 0;
}

static void orders_random_batches(void)
{
    wb_small_world small;
    wb_small_world_init(&small, types, 1);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        static batch from;
        fill(&small, &from, round);
        const wb_solver_problem problem = {.pods = from.pods, .pod_count = from.count};
        wb_pod_queue queue = wb_pod_queue_make(&small.arena, small.world, &problem);
        CU_ASSERT_EQUAL_FATAL(queue.length, from.count);
        uint32_t last = UINT32_MAX;
        while (queue.length > 0) {
            const uint32_t pod = wb_pod_queue_peek(&queue);
            CU_ASSERT_FATAL(last == UINT32_MAX || comes_before(&small, &from, last, pod));
            wb_pod_queue_pop(&queue);
            last = pod;
        }
    }
    wb_small_world_release(&small);
}

static void goes_round(void)
{
    uint32_t ring[3] = {10, 11, 12};
    wb_pod_queue queue = {.ring = ring, .capacity = 3, .length = 3};
    for (uint32_t turn = 0; turn < 7; turn++) {
        const uint32_t pod = wb_pod_queue_peek(&queue);
        CU_ASSERT_EQUAL(pod, 10 + turn % 3);
        wb_pod_queue_pop(&queue);
        wb_pod_queue_push(&queue, pod);
    }
    CU_ASSERT_EQUAL(queue.length, 3);
}

static const wb_test_case cases[] = {
    {"largest, oldest, then by uid, whatever the batch", orders_random_batches},
    {"a pod that is pushed comes after all others", goes_round},
};

int main(void)
{
    return wb_test_run("pod_queue", cases, WB_TEST_COUNT(cases));
}
