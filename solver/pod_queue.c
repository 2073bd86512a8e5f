#include "solver/pod_queue.h"

#include <assert.h>
#include <string.h>

#include "base/sort.h"
#include "solver/pod_shape.h"

enum {
    RUN_LENGTH = 8 /* of sizes that are ordered by insertion */
};

/* What order needs of a pod, gathered so that a comparison touches one cache line. */
typedef struct waiting_pod {
    int64_t created_s;
    uint64_t uid_start; /* eight bytes of the uid behind what all uids share, first byte highest */
    const char *uid;
    uint32_t pod_index;
} waiting_pod;

/* The size of one shape of the batch. */
typedef struct shape_size {
    int64_t cpu_milli, memory_bytes;
    uint32_t slot;
} shape_size;

/* The distinct shapes of the batch by their slot, in the order of first appearance. */
typedef struct shape_table {
    shape_size *sizes;
    uint32_t *pod_counts;
    uint32_t *slot_of_pod;
    uint32_t count;
} shape_table;

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

static uint64_t bytes_at(const char *text, size_t length, size_t offset)
{
    uint64_t value = 0;
    for (size_t i = 0; i < 8; i++) { /* zero bytes beyond the end order as the end does */
        value = value << 8 | (offset + i < length ? (unsigned char)text[offset + i] : 0U);
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

static inline bool is_larger(const shape_size *a, const shape_size *b)
{
    return a->cpu_milli != b->cpu_milli ? a->cpu_milli > b->cpu_milli
                                        : a->memory_bytes > b->memory_bytes;
}

/* Merges two neighbouring runs of from to to; of equals the left one comes first. */
static void merge_sizes(const shape_size *from, size_t middle, size_t count, shape_size *to)
{
    size_t left = 0;
    size_t right = middle;
    for (size_t i = 0; i < count; i++) {
        const bool takes_right =
            right < count && (left == middle || is_larger(&from[right], &from[left]));
        to[i] = takes_right ? from[right] : from[left];
        right += takes_right;
        left += !takes_right;
    }
}

/* Orders a few sizes where they lie, with less ado than merging runs of one, two and four. */
static void insert_sizes(shape_size *sizes, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const shape_size size = sizes[i];
        size_t at = i;
        for (; at > 0 && is_larger(&size, &sizes[at - 1]); at--) {
            sizes[at] = sizes[at - 1];
        }
        sizes[at] = size;
    }
}

/* Largest first. As wb_sort, which would spend most of its time on calling a comparator; a batch of
 * disruption has nearly as many sizes as pods. */
static shape_size *sort_sizes(wb_arena *arena, shape_size *sizes, size_t count)
{
    shape_size *from = sizes;
    shape_size *to = wb_arena_alloc(arena, count * sizeof(*to));
    for (size_t start = 0; start < count; start += RUN_LENGTH) {
        insert_sizes(from + start, count - start < RUN_LENGTH ? count - start : RUN_LENGTH);
    }
    for (size_t width = RUN_LENGTH; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width) {
            const size_t rest = count - start;
            merge_sizes(from + start, rest < width ? rest : width,
                        rest < 2 * width ? rest : 2 * width, to + start);
        }
        shape_size *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

/* Which shapes there are, and how many pods of each. */
static shape_table gather_shapes(wb_arena *arena, wb_solver_world *world,
                                 const wb_solver_problem *problem)
{
    const uint64_t serial = ++world->solve_serial;
    shape_table table = {.slot_of_pod =
                             wb_arena_alloc(arena, problem->pod_count * sizeof(uint32_t))};
    wb_solver_shape **shapes = NULL; /* grows in place: nothing else is allocated meanwhile */
    uint32_t capacity = 0;
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        wb_solver_shape *shape = wb_pod_shape_get(world, problem->pods[i].shape_id);
        if (shape->queue_serial != serial) {
            if (table.count == capacity) {
                capacity = capacity * 2 + 64;
                shapes =
                    wb_arena_grow(arena, shapes, table.count, capacity, sizeof(wb_solver_shape *));
            }
            shape->queue_serial = serial;
            shape->queue_slot = table.count;
            shapes[table.count++] = shape;
        }
        table.slot_of_pod[i] = shape->queue_slot;
    }
    table.sizes = wb_arena_alloc(arena, table.count * sizeof(*table.sizes));
    table.pod_counts = WB_ARENA_ARRAY(arena, uint32_t, table.count);
    for (uint32_t s = 0; s < table.count; s++) {
        table.sizes[s] = (shape_size){shapes[s]->cpu_milli, shapes[s]->memory_bytes, s};
    }
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        table.pod_counts[table.slot_of_pod[i]]++;
    }
    return table;
}

/* Whether the pods of one size are in order as they lie in ring: they mostly are, and then nothing
 * needs to be gathered. */
static bool is_in_order(const wb_solver_world *world, const wb_solver_problem *problem,
                        const uint32_t *ring, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        const wb_solver_pod *a = &problem->pods[ring[i - 1]];
        const wb_solver_pod *b = &problem->pods[ring[i]];
        const int64_t a_s = a->created_ms / 1000;
        const int64_t b_s = b->created_ms / 1000;
        if (a_s > b_s || (a_s == b_s && strcmp(wb_intern_text(world->intern, a->uid),
                                               wb_intern_text(world->intern, b->uid)) > 0)) {
            return false; /* of equals the first given is the first in ring */
        }
    }
    return true;
}

static void sort_bucket(const wb_solver_world *world, const wb_solver_problem *problem,
                        size_t shared, uint32_t *ring, uint32_t count, waiting_pod *room)
{
    for (uint32_t i = 0; i < count; i++) {
        const wb_solver_pod *pod = &problem->pods[ring[i]];
        const char *uid = wb_intern_text(world->intern, pod->uid);
        room[i] =
            (waiting_pod){pod->created_ms / 1000,
                          bytes_at(uid, world->intern->lengths[pod->uid], shared), uid, ring[i]};
    }
    wb_sort(room, count, sizeof(*room), compare_waiting, NULL);
    for (uint32_t i = 0; i < count; i++) {
        ring[i] = room[i].pod_index;
    }
}

/* Orders the pods of each size, which lie in ring one bucket after the other. */
static void sort_buckets(wb_arena *arena, const wb_solver_world *world,
                         const wb_solver_problem *problem, uint32_t *ring, const uint32_t *ends,
                         uint32_t bucket_count)
{
    size_t shared = SIZE_MAX; /* not known yet */
    waiting_pod *room = NULL;
    for (uint32_t b = 0; b < bucket_count; b++) {
        const uint32_t begin = b == 0 ? 0 : ends[b - 1];
        const uint32_t count = ends[b] - begin;
        if (is_in_order(world, problem, ring + begin, count)) {
            continue;
        }
        if (shared == SIZE_MAX) {
            shared = shared_prefix(world, problem);
            room = wb_arena_alloc(arena, problem->pod_count * sizeof(*room));
        }
        sort_bucket(world, problem, shared, ring + begin, count, room);
    }
}

/* Deals the pods into one bucket per size, largest first: ring has them then; *out_ends says where
 * each bucket ends. How many buckets. */
static uint32_t deal_pods(wb_arena *arena, const shape_table *table, uint32_t pod_count,
                          uint32_t *ring, uint32_t **out_ends)
{
    const shape_size *sorted = sort_sizes(arena, table->sizes, table->count);
    uint32_t *bucket_of_slot = wb_arena_alloc(arena, table->count * sizeof(*bucket_of_slot));
    uint32_t *next = wb_arena_alloc(arena, table->count * sizeof(*next)); /* place, per bucket */
    uint32_t bucket_count = 0;
    uint32_t start = 0;
    for (uint32_t s = 0; s < table->count; s++) {
        if (s == 0 || is_larger(&sorted[s - 1], &sorted[s])) {
            next[bucket_count++] = start;
        }
        bucket_of_slot[sorted[s].slot] = bucket_count - 1;
        start += table->pod_counts[sorted[s].slot];
    }
    for (uint32_t i = 0; i < pod_count; i++) {
        ring[next[bucket_of_slot[table->slot_of_pod[i]]]++] = i;
    }
    *out_ends = next; /* each has come to the end of its bucket */
    return bucket_count;
}

wb_pod_queue wb_pod_queue_make(wb_arena *arena, wb_solver_world *world,
                               const wb_solver_problem *problem)
{
    assert(arena != NULL && world != NULL && problem != NULL);
    const uint32_t count = problem->pod_count;
    wb_pod_queue queue = {.ring = wb_arena_alloc(arena, count * sizeof(*queue.ring)),
                          .capacity = count,
                          .length = count};
    const wb_arena_mark mark = wb_arena_get_mark(arena);
    const shape_table table = gather_shapes(arena, world, problem);
    uint32_t *ends = NULL;
    const uint32_t bucket_count = deal_pods(arena, &table, count, queue.ring, &ends);
    sort_buckets(arena, world, problem, queue.ring, ends, bucket_count);
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
