#include "solver/class_runs.h"

#include <assert.h>
#include <string.h>

void wb_class_runs_init(wb_class_runs *runs, wb_arena *arena)
{
    assert(runs != NULL);
    assert(arena != NULL);
    *runs = (wb_class_runs){.arena = arena};
}

/* Doubles an array of numbers until index is in it, new ones zero. */
static uint32_t *reach(wb_arena *arena, uint32_t *numbers, uint32_t *capacity, uint32_t index)
{
    if (index < *capacity) {
        return numbers;
    }
    const uint32_t wanted = (index + 1) * 2 + 14;
    uint32_t *grown = wb_arena_grow(arena, numbers, *capacity, wanted, sizeof(*grown));
    memset(grown + *capacity, 0, (wanted - *capacity) * sizeof(*grown));
    *capacity = wanted;
    return grown;
}

static wb_class_run *find_class(wb_class_runs *runs, uint32_t class_id)
{
    runs->place_of = reach(runs->arena, runs->place_of, &runs->place_capacity, class_id);
    if (runs->place_of[class_id] > 0) {
        return &runs->classes[runs->place_of[class_id] - 1];
    }
    if (runs->class_count == runs->class_capacity) {
        const uint32_t capacity = runs->class_capacity * 2 + 16;
        runs->classes = wb_arena_grow(runs->arena, runs->classes, runs->class_count, capacity,
                                      sizeof(*runs->classes));
        runs->class_capacity = capacity;
    }
    runs->classes[runs->class_count] = (wb_class_run){.class_id = class_id};
    runs->place_of[class_id] = ++runs->class_count;
    return &runs->classes[runs->class_count - 1];
}

void wb_class_runs_add(wb_class_runs *runs, uint32_t class_id, uint32_t pod_count)
{
    assert(runs != NULL);
    wb_class_run *class = find_class(runs, class_id);
    class->claim_counts = reach(runs->arena, class->claim_counts, &class->capacity, pod_count);
    class->claim_counts[pod_count]++;
}

void wb_class_runs_move(wb_class_runs *runs, uint32_t from_class_id, uint32_t to_class_id,
                        uint32_t pod_count)
{
    assert(from_class_id < runs->place_capacity && runs->place_of[from_class_id] > 0);
    wb_class_run *from = &runs->classes[runs->place_of[from_class_id] - 1];
    assert(pod_count < from->capacity && from->claim_counts[pod_count] > 0);
    from->claim_counts[pod_count]--;
    if (from_class_id == to_class_id && pod_count + 1 < from->capacity) {
        from->claim_counts[pod_count + 1]++;
    } else {
        wb_class_runs_add(runs, to_class_id, pod_count + 1);
    }
}

bool wb_class_runs_has_open(const wb_class_runs *runs, uint32_t pod_count,
                            const uint64_t *refused_try, uint64_t try_serial)
{
    assert(runs != NULL);
    for (uint32_t i = 0; i < runs->class_count; i++) {
        const wb_class_run *class = &runs->classes[i];
        if (refused_try[class->class_id] != try_serial &&
            pod_count<class->capacity &&class->claim_counts[pod_count]> 0) {
            return true;
        }
    }
    return false;
}
