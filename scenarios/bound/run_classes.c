#include "scenarios/bound/run_classes.h"

#include <assert.h>

#include "base/hash_map.h"
#include "base/sort.h"

#define NO_CLASS        UINT32_MAX
#define PODS_SORTED_MAX 50000U /* more are not worth the time: their machines are full */

bool wb_run_classes_served(const wb_finished_run *run, uint32_t pod_id, wb_served_pod *out)
{
    const wb_pod_table *pods = &run->cluster->pods;
    assert(pod_id < pods->count);
    if ((pods->flags[pod_id] & WB_POD_IS_DAEMON) != 0 || pods->bound_ms[pod_id] < 0 ||
        pods->node_id[pod_id] == WB_NO_ID) {
        return false;
    }
    const uint32_t instance_id = run->cluster->nodes[pods->node_id[pod_id]].instance_id;
    if (instance_id == WB_NO_ID) {
        return false;
    }
    const wb_instance *instance = &run->cloud->instances[instance_id];
    if (instance->is_free || instance->cost_nusd <= 0 || instance->running_ms < 0 ||
        instance->capacity_type == WB_CAPACITY_RESERVED) {
        return false;
    }
    assert(instance->ended_ms >= 0); /* billing is closed */
    const int64_t gone_ms = pods->gone_ms[pod_id] >= 0 ? pods->gone_ms[pod_id] : run->end_ms;
    const int64_t bound_ms = pods->bound_ms[pod_id];
    *out = (wb_served_pod){
        .instance_id = instance_id,
        .begin_ms = bound_ms > instance->running_ms ? bound_ms : instance->running_ms,
        .end_ms = gone_ms < instance->ended_ms ? gone_ms : instance->ended_ms,
    };
    return out->end_ms > out->begin_ms;
}

/* ---- classes ---- */

/* Served time by shape, and its wish. */
typedef struct shape_use {
    int64_t served_ms;
    uint32_t wish, pod_count;
} shape_use;

static uint32_t find_wish(wb_arena *arena, wb_intern *intern, const wb_pod_template *template,
                          wb_run_classes *out)
{
    const wb_machine_wish wish = wb_machine_list_wish(arena, intern, template);
    for (uint32_t i = 0; i < out->wish_count; i++) {
        if (wb_machine_list_same(&out->wishes[i], &wish)) {
            return i;
        }
    }
    out->wishes = wb_arena_grow(arena, out->wishes, out->wish_count, (size_t)out->wish_count + 1,
                                sizeof out->wishes[0]);
    out->wishes[out->wish_count] = wish;
    return out->wish_count++;
}

static shape_use *measure_shapes(wb_arena *arena, const wb_finished_run *run, wb_run_classes *out)
{
    const wb_cluster *cluster = run->cluster;
    shape_use *uses = WB_ARENA_ARRAY(arena, shape_use, (size_t)cluster->shape_count + 1);
    for (uint32_t id = 0; id < cluster->pods.count; id++) {
        wb_served_pod served;
        if (wb_run_classes_served(run, id, &served)) {
            uses[cluster->pods.shape_id[id]].served_ms += served.end_ms - served.begin_ms;
            uses[cluster->pods.shape_id[id]].pod_count++;
            out->served_sum_ms += served.end_ms - served.begin_ms;
        }
    }
    for (uint32_t s = 0; s < cluster->shape_count; s++) {
        if (uses[s].served_ms > 0) {
            uses[s].wish = find_wish(arena, run->intern, cluster->shapes[s].template, out);
        }
    }
    return uses;
}

/* The amount with all but its first bits cut off: smaller by less than one part in 2^(bits-1). */
static int64_t cut(int64_t amount, uint32_t bits)
{
    uint32_t length = 0;
    for (int64_t rest = amount; rest > 0; rest >>= 1) {
        length++;
    }
    return bits == 0 || length <= bits ? amount : (amount >> (length - bits)) << (length - bits);
}

static uint64_t hash_of(const wb_shape *shape, uint32_t wish, uint32_t bits)
{
    uint64_t hash = wb_hash_map_mix(wish);
    for (uint32_t i = 0; i < shape->request_count; i++) {
        hash = wb_hash_map_join(hash, shape->requests[i].resource);
        hash = wb_hash_map_join(hash, (uint64_t)cut(shape->requests[i].amount, bits));
    }
    return hash;
}

/* Whether the shape, cut, is of the class; requests that a shape does not name are 0. */
static bool is_of_class(const wb_run_classes *out, uint32_t class_index, const wb_shape *shape)
{
    const double *requests = &out->requests[(size_t)class_index * out->resource_count];
    uint32_t at = 0;
    for (uint32_t r = 0; r < out->resource_count; r++) {
        int64_t amount = 0;
        if (at < shape->request_count && shape->requests[at].resource == r) {
            amount = cut(shape->requests[at++].amount, out->rounding_bits);
        }
        if (requests[r] != (double)amount) {
            return false;
        }
    }
    return true;
}

static uint32_t add_class(wb_arena *arena, wb_run_classes *out, const wb_shape *shape,
                          uint32_t wish)
{
    const size_t count = out->class_count;
    out->requests = wb_arena_grow(arena, out->requests, count * out->resource_count,
                                  (count + 1) * out->resource_count, sizeof out->requests[0]);
    out->wish_of = wb_arena_grow(arena, out->wish_of, count, count + 1, sizeof out->wish_of[0]);
    out->served_ms =
        wb_arena_grow(arena, out->served_ms, count, count + 1, sizeof out->served_ms[0]);
    out->pod_counts =
        wb_arena_grow(arena, out->pod_counts, count, count + 1, sizeof out->pod_counts[0]);
    out->pod_counts[count] = 0;
    double *requests = &out->requests[count * out->resource_count];
    for (uint32_t r = 0; r < out->resource_count; r++) {
        requests[r] = 0.0;
    }
    for (uint32_t i = 0; i < shape->request_count; i++) {
        requests[shape->requests[i].resource] =
            (double)cut(shape->requests[i].amount, out->rounding_bits);
    }
    out->wish_of[count] = wish;
    out->served_ms[count] = 0;
    return out->class_count++;
}

/* Sorts the shapes into classes by requests cut to so many bits; false: they are too many. */
static bool classify(wb_arena *arena, const wb_cluster *cluster, const shape_use *uses,
                     wb_run_classes *out)
{
    wb_hash_map class_by_hash;
    wb_hash_map_init(&class_by_hash);
    out->class_count = 0;
    bool fits = true;
    for (uint32_t s = 0; s < cluster->shape_count && fits; s++) {
        out->class_of_shape[s] = NO_CLASS;
        if (uses[s].served_ms == 0) {
            continue;
        }
        const wb_shape *shape = &cluster->shapes[s];
        uint64_t key = hash_of(shape, uses[s].wish, out->rounding_bits);
        uint64_t found = 0;
        while (wb_hash_map_get(&class_by_hash, key, &found) &&
               (out->wish_of[found] != uses[s].wish || !is_of_class(out, (uint32_t)found, shape))) {
            key++; /* another class has this hash: the next place */
        }
        if (!wb_hash_map_get(&class_by_hash, key, &found)) {
            fits = out->class_count < WB_RUN_CLASSES_MAX;
            if (!fits) {
                break;
            }
            found = add_class(arena, out, shape, uses[s].wish);
            (void)wb_hash_map_put(&class_by_hash, key, found);
        }
        out->class_of_shape[s] = (uint32_t)found;
        out->served_ms[found] += uses[s].served_ms;
        out->pod_counts[found] += uses[s].pod_count;
    }
    wb_hash_map_release(&class_by_hash);
    return fits;
}

/* The finest cut first. With the last one requests are powers of two; should even those be too many
 * (hundreds of wishes), what no longer fits in is left out, which is less demand. */
void wb_run_classes_make(wb_arena *arena, const wb_finished_run *run, wb_run_classes *out)
{
    assert(run != NULL);
    static const uint32_t cuts[] = {0, 8, 7, 6, 5, 4, 3, 2, 1};
    const wb_cluster *cluster = run->cluster;
    *out = (wb_run_classes){.resource_count = cluster->resource_count};
    const shape_use *uses = measure_shapes(arena, run, out);
    out->class_of_shape = WB_ARENA_ARRAY(arena, uint32_t, (size_t)cluster->shape_count + 1);
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        for (uint32_t s = 0; s < cluster->shape_count; s++) {
            out->class_of_shape[s] = NO_CLASS;
        }
        out->rounding_bits = cuts[i];
        if (classify(arena, cluster, uses, out)) {
            break;
        }
    }
}

/* ---- time ---- */

/* A pod of a class comes or goes. */
typedef struct change {
    int64_t at_ms;
    uint32_t class_index, pod_id;
    int32_t step; /* 1 or -1 */
} change;

/* Who leaves in a millisecond leaves before others come. */
static int compare_changes(const void *a, const void *b, void *context)
{
    const change *left = a;
    const change *right = b;
    (void)context;
    if (left->at_ms != right->at_ms) {
        return left->at_ms < right->at_ms ? -1 : 1;
    }
    if (left->step != right->step) {
        return left->step < right->step ? -1 : 1;
    }
    return left->pod_id < right->pod_id ? -1 : 1;
}

uint32_t *wb_run_classes_most(wb_arena *arena, const wb_finished_run *run,
                              const wb_run_classes *classes)
{
    const wb_cluster *cluster = run->cluster;
    uint32_t *most = WB_ARENA_ARRAY(arena, uint32_t, (size_t)classes->class_count + 1);
    if (cluster->pods.count > PODS_SORTED_MAX) {
        for (uint32_t g = 0; g < classes->class_count; g++) {
            most[g] = classes->pod_counts[g];
        }
        return most;
    }
    change *changes = WB_ARENA_ARRAY(arena, change, 2 * (size_t)cluster->pods.count + 1);
    uint32_t count = 0;
    for (uint32_t id = 0; id < cluster->pods.count; id++) {
        wb_served_pod served;
        const uint32_t class_index = classes->class_of_shape[cluster->pods.shape_id[id]];
        if (class_index != NO_CLASS && wb_run_classes_served(run, id, &served)) {
            changes[count++] = (change){served.begin_ms, class_index, id, 1};
            changes[count++] = (change){served.end_ms, class_index, id, -1};
        }
    }
    wb_sort(changes, count, sizeof changes[0], compare_changes, NULL);
    int64_t *now = WB_ARENA_ARRAY(arena, int64_t, (size_t)classes->class_count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t g = changes[i].class_index;
        now[g] += changes[i].step;
        assert(now[g] >= 0);
        most[g] = now[g] > (int64_t)most[g] ? (uint32_t)now[g] : most[g];
    }
    return most;
}

int64_t wb_run_classes_interval_ms(int64_t end_ms, uint32_t interval_count)
{
    assert(end_ms >= 0 && interval_count > 0);
    return end_ms / (int64_t)interval_count + 1;
}

double *wb_run_classes_demand(wb_arena *arena, const wb_finished_run *run,
                              const wb_run_classes *classes, uint32_t interval_count)
{
    assert(interval_count > 0);
    const wb_cluster *cluster = run->cluster;
    double *demand = WB_ARENA_ARRAY(arena, double, (size_t)interval_count * classes->class_count);
    const int64_t length_ms = wb_run_classes_interval_ms(run->end_ms, interval_count);
    for (uint32_t id = 0; id < cluster->pods.count; id++) {
        wb_served_pod served;
        const uint32_t class_index = classes->class_of_shape[cluster->pods.shape_id[id]];
        if (class_index == NO_CLASS || !wb_run_classes_served(run, id, &served)) {
            continue;
        }
        for (int64_t i = served.begin_ms / length_ms; i * length_ms < served.end_ms; i++) {
            assert(i < (int64_t)interval_count);
            const int64_t from_ms =
                i * length_ms > served.begin_ms ? i * length_ms : served.begin_ms;
            const int64_t to_ms =
                (i + 1) * length_ms < served.end_ms ? (i + 1) * length_ms : served.end_ms;
            demand[(size_t)i * classes->class_count + class_index] += (double)(to_ms - from_ms);
        }
    }
    return demand;
}
