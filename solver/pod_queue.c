#include "solver/pod_queue.h"

#include <assert.h>
#include <string.h>

#include "base/sort.h"
#include "solver/pod_shape.h"

/* What order needs of a pod, gathered so that a comparison touches one cache line. */
typedef struct waiting_pod {
    int64_t created_s;
    uint64_t uid_start; /* eight bytes of the uid behind what all uids share, first byte highest */
    const char *uid;
    uint32_t pod_index;
} waiting_pod;

typedef struct pod_size {
    int64_t cpu_milli, memory_bytes;
    uint32_t count; /* of pods; then where the next one goes */
} pod_size;

/* How many leading bytes all uids have in common. */
static size_t shared_prefix(const wb_solver_world *world, const wb_solver_problem *problem)
{
    assert(world != NULL && problem != NULL);
    const char *first = wb_intern_text(world->intern, problem->pods[0].uid);
    size_t shared = strlen(first);
    for (uint32_t i = 1; i < problem->pod_count && shared > 0; i++) {
        const uint32_t id = problem->pods[i].uid;
        const char *uid = wb_intern_text(world->intern, id);
        if (world->intern->lengths[id] >= shared && memcmp(uid, first, shared) == 0) {
            continue; /* as all but the first few */
        }
        size_t length = 0;
        while (length < shared && uid[length] == first[length]) {
            length++;
        }
        shared = length;
    }
    return shared;
}

static uint64_t bytes_at(const char *text, size_t offset)
{
    uint64_t value = 0;
    const char *at = text + offset;
    for (int i = 0; i < 8; i++) { /* zero bytes beyond the end order as the end does */
        value = value << 8 | (unsigned char)*at;
        at += *at != '\0';
    }
    return value;
}

static int compare_waiting(const void *a, const void *b, void *context)
{
    (void)context;
    const waiting_pod *p = a;
    const waiting_pod *q = b;
    if (p->created_s != q->created_s) {
        return p->created_s < q->created_s ? -1 : 1;
    }
    if (p->uid_start != q->uid_start) {
        return p->uid_start < q->uid_start ? -1 : 1;
    }
    const int by_uid = strcmp(p->uid, q->uid);
    return by_uid != 0 ? by_uid : (p->pod_index > q->pod_index) - (p->pod_index < q->pod_index);
}

static int compare_sizes(const void *a, const void *b, void *context)
{
    const pod_size *sizes = context;
    const pod_size *p = &sizes[*(const uint32_t *)a];
    const pod_size *q = &sizes[*(const uint32_t *)b];
    if (p->cpu_milli != q->cpu_milli) {
        return p->cpu_milli > q->cpu_milli ? -1 : 1;
    }
    return (p->memory_bytes < q->memory_bytes) - (p->memory_bytes > q->memory_bytes);
}

/* The distinct sizes of the batch; size_of gets each pod's. */
typedef struct size_table {
    pod_size *sizes;
    uint32_t count, capacity;
    wb_hash_map by_hash; /* equal hashes sit in neighbouring keys */
} size_table;

static uint32_t find_size(wb_arena *arena, size_table *table, const wb_solver_shape *shape)
{
    assert(arena != NULL && table != NULL && shape != NULL);
    uint64_t key = wb_hash_map_join((uint64_t)shape->cpu_milli, (uint64_t)shape->memory_bytes);
    uint64_t found = 0;
    for (; wb_hash_map_get(&table->by_hash, key, &found); key++) {
        if (table->sizes[found].cpu_milli == shape->cpu_milli &&
            table->sizes[found].memory_bytes == shape->memory_bytes) {
            return (uint32_t)found;
        }
    }
    if (table->count == table->capacity) {
        const uint32_t capacity = table->capacity * 2 + 32;
        table->sizes =
            wb_arena_grow(arena, table->sizes, table->count, capacity, sizeof(*table->sizes));
        table->capacity = capacity;
    }
    table->sizes[table->count] = (pod_size){shape->cpu_milli, shape->memory_bytes, 0};
    (void)wb_hash_map_put(&table->by_hash, key, table->count);
    return table->count++;
}

/* Counts pods per size and turns the counts into each bucket's start, largest size first. */
static uint32_t *deal_sizes(wb_arena *arena, const wb_solver_world *world,
                            const wb_solver_problem *problem, size_table *table)
{
    assert(arena != NULL && world != NULL && problem != NULL && table != NULL);
    uint32_t *size_of = wb_arena_alloc(arena, problem->pod_count * sizeof(*size_of));
    uint32_t last_shape = UINT32_MAX;
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        const uint32_t shape_id = problem->pods[i].shape_id;
        size_of[i] = shape_id == last_shape
                         ? size_of[i - 1]
                         : find_size(arena, table, wb_pod_shape_get(world, shape_id));
        last_shape = shape_id;
        table->sizes[size_of[i]].count++;
    }
    uint32_t *order = wb_arena_alloc(arena, table->count * sizeof(*order));
    for (uint32_t s = 0; s < table->count; s++) {
        order[s] = s;
    }
    wb_sort(order, table->count, sizeof(*order), compare_sizes, table->sizes);
    uint32_t start = 0;
    for (uint32_t s = 0; s < table->count; s++) {
        pod_size *size = &table->sizes[order[s]];
        const uint32_t count = size->count;
        size->count = start;
        start += count;
    }
    return size_of;
}

/* Sorts runs of one size that are not in order yet. */
static void sort_buckets(waiting_pod *pods, uint32_t count, const uint32_t *size_of)
{
    for (uint32_t begin = 0; begin < count;) {
        const uint32_t size = size_of[pods[begin].pod_index];
        uint32_t end = begin + 1;
        bool is_sorted = true;
        for (; end < count && size_of[pods[end].pod_index] == size; end++) {
            is_sorted = is_sorted && compare_waiting(&pods[end - 1], &pods[end], NULL) < 0;
        }
        if (!is_sorted) {
            wb_sort(pods + begin, end - begin, sizeof(*pods), compare_waiting, NULL);
        }
        begin = end;
    }
}

wb_pod_queue wb_pod_queue_make(wb_arena *arena, const wb_solver_world *world,
                               const wb_solver_problem *problem)
{
    assert(arena != NULL && world != NULL && problem != NULL);
    const uint32_t count = problem->pod_count;
    wb_pod_queue queue = {.ring = wb_arena_alloc(arena, count * sizeof(*queue.ring)),
                          .capacity = count,
                          .length = count};
    if (count == 0) {
        return queue;
    }
    const wb_arena_mark mark = wb_arena_get_mark(arena);
    size_table table = {0};
    wb_hash_map_init(&table.by_hash);
    const uint32_t *size_of = deal_sizes(arena, world, problem, &table);
    const size_t shared = shared_prefix(world, problem);
    waiting_pod *pods = wb_arena_alloc(arena, count * sizeof(*pods));
    for (uint32_t i = 0; i < count; i++) {
        const wb_solver_pod *pod = &problem->pods[i];
        const char *uid = wb_intern_text(world->intern, pod->uid);
        pods[table.sizes[size_of[i]].count++] =
            (waiting_pod){pod->created_ms / 1000, bytes_at(uid, shared), uid, i};
    }
    sort_buckets(pods, count, size_of);
    for (uint32_t i = 0; i < count; i++) {
        queue.ring[i] = pods[i].pod_index;
    }
    wb_hash_map_release(&table.by_hash);
    wb_arena_rewind(arena, mark);
    return queue;
}

uint32_t wb_pod_queue_peek(const wb_pod_queue *queue)
{
    assert(queue->length > 0);
    return queue->ring[queue->head];
}

void wb_pod_queue_pop(wb_pod_queue *queue)
{
    assert(queue->length > 0);
    queue->head = queue->head + 1 == queue->capacity ? 0 : queue->head + 1;
    queue->length--;
}

void wb_pod_queue_push(wb_pod_queue *queue, uint32_t pod_index)
{
    assert(queue->length < queue->capacity);
    uint32_t tail = queue->head + queue->length;
    tail -= tail >= queue->capacity ? queue->capacity : 0;
    queue->ring[tail] = pod_index;
    queue->length++;
}
