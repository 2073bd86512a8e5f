#include "solver/solver_node.h"

#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "solver/solver_node_internal.h"

/* Taints that keep pods away now: not those that a starting node loses by itself. */
static uint32_t keep_blocking(const wb_intern *intern, const wb_solver_node_desc *desc,
                              wb_taint *out)
{
    assert(intern != NULL && desc != NULL);
    const bool is_starting = desc->is_managed && !desc->is_initialized;
    uint32_t count = 0;
    for (uint32_t i = 0; i < desc->taint_count; i++) {
        bool passes = is_starting && wb_taints_is_ephemeral(intern, &desc->taints[i]);
        for (uint32_t s = 0; is_starting && s < desc->startup_taint_count; s++) {
            passes = passes || wb_taints_matches(&desc->startup_taints[s], &desc->taints[i]);
        }
        if (!passes) {
            out[count++] = desc->taints[i];
        }
    }
    return count;
}

/* Labels as In requirements, hostname added or replaced by what the scheduler uses: the label, or
 * the node's name where it is missing. Values point into the label items. */
static uint32_t fill_requirements(wb_intern *intern, const wb_label *labels, uint32_t count,
                                  wb_requirement *out)
{
    assert(intern != NULL && out != NULL);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        const wb_requirement one = {.key = wb_names_unalias(intern, labels[i].key),
                                    .values = &labels[i].value,
                                    .value_count = 1};
        uint32_t slot = kept;
        while (slot > 0 && out[slot - 1].key > one.key) {
            slot--;
        }
        if (slot > 0 && out[slot - 1].key == one.key) {
            continue; /* an old name beside the current one */
        }
        memmove(out + slot + 1, out + slot, (kept - slot) * sizeof(*out));
        out[slot] = one;
        kept++;
    }
    return kept;
}

/* One block: label items (one spare for the hostname), taints twice, requirement items. */
static void fill_payload(wb_solver_node *node, const wb_solver_node_desc *desc)
{
    assert(node != NULL && desc != NULL);
    const size_t label_bytes = (desc->labels.count + 1U) * sizeof(wb_label);
    const size_t taint_bytes = desc->taint_count * sizeof(wb_taint);
    const size_t item_bytes = (desc->labels.count + 1U) * sizeof(wb_requirement);
    char *payload = wb_heap_memory_zalloc(1, item_bytes + label_bytes + 2 * taint_bytes);
    wb_requirement *items = (wb_requirement *)(void *)payload;
    wb_label *labels = (wb_label *)(void *)(payload + item_bytes);
    wb_taint *taints = (wb_taint *)(void *)(payload + item_bytes + label_bytes);
    wb_taint *blocking = taints + desc->taint_count;
    uint32_t label_count = desc->labels.count;
    if (label_count > 0) {
        memcpy(labels, desc->labels.items, label_count * sizeof(*labels));
    }
    const wb_labels shown = {.items = labels, .count = label_count};
    const bool has_host = wb_labels_has(shown, WB_NAME_HOSTNAME);
    if (!has_host) { /* behind the shown ones: part of requirements only */
        labels[label_count++] = (wb_label){.key = WB_NAME_HOSTNAME, .value = desc->name};
    }
    if (desc->taint_count > 0) {
        memcpy(taints, desc->taints, taint_bytes);
    }
    wb_intern *intern = node->world->intern;
    wb_heap_memory_free(node->payload);
    node->payload = payload;
    node->labels = shown;
    node->requirements.items = items;
    node->requirements.count = fill_requirements(intern, labels, label_count, items);
    node->taints = taints;
    node->taint_count = desc->taint_count;
    node->blocking = blocking;
    node->blocking_count = keep_blocking(intern, desc, blocking);
}

/* Makes room for resources that the world learnt of since. */
static void widen(wb_solver_node *node)
{
    const uint32_t count = node->world->resource_count;
    if (node->resource_count == count) {
        return;
    }
    int64_t *const old = node->capacity;
    int64_t *block = wb_heap_memory_zalloc((size_t)count * 5, sizeof(*block));
    bool *flags = wb_heap_memory_zalloc(count, sizeof(*flags));
    int64_t **const vectors[] = {&node->capacity, &node->allocatable, &node->used,
                                 &node->daemon_used, &node->remaining};
    for (size_t v = 0; v < 5; v++) {
        if (node->resource_count > 0) {
            memcpy(block + v * count, *vectors[v], node->resource_count * sizeof(*block));
        }
        *vectors[v] = block + v * count;
    }
    if (node->resource_count > 0) {
        memcpy(flags, node->has_allocatable, node->resource_count * sizeof(*flags));
    }
    wb_heap_memory_free(old);
    wb_heap_memory_free(node->has_allocatable);
    node->has_allocatable = flags;
    node->resource_count = count;
    node->remaining_is_known = false;
}

/* Entries of from; where to holds zero already and stands in, they fill the gap. */
static void overlay(wb_solver_world *world, wb_resource_list from, bool fills_gaps, int64_t *to,
                    bool *has)
{
    for (uint32_t i = 0; i < from.count; i++) {
        const uint32_t r = wb_solver_world_resource(world, from.items[i].name);
        if (!fills_gaps || to[r] == 0) {
            to[r] = from.items[i].amount;
            if (has != NULL) {
                has[r] = true;
            }
        }
    }
}

static void fill_resources(wb_solver_node *node, const wb_solver_node_desc *desc)
{
    assert(node != NULL && desc != NULL);
    const wb_resource_list lists[] = {desc->capacity, desc->allocatable, desc->claim_capacity,
                                      desc->claim_allocatable};
    for (size_t l = 0; l < 4; l++) {
        for (uint32_t i = 0; i < lists[l].count; i++) {
            (void)wb_solver_world_resource(node->world, lists[l].items[i].name);
        }
    }
    widen(node);
    memset(node->capacity, 0, node->resource_count * sizeof(*node->capacity));
    memset(node->allocatable, 0, node->resource_count * sizeof(*node->allocatable));
    memset(node->has_allocatable, 0, node->resource_count * sizeof(*node->has_allocatable));
    overlay(node->world, desc->capacity, false, node->capacity, NULL);
    overlay(node->world, desc->allocatable, false, node->allocatable, node->has_allocatable);
    if (desc->is_managed && !desc->is_initialized) {
        overlay(node->world, desc->claim_capacity, true, node->capacity, NULL);
        overlay(node->world, desc->claim_allocatable, true, node->allocatable,
                node->has_allocatable);
    }
}

/* Where a node of that name is, or goes: behind those of the same name. */
static uint32_t place_by_name(const wb_solver_world *world, uint32_t name)
{
    const char *text = wb_intern_text(world->intern, name);
    uint32_t low = 0;
    uint32_t high = world->node_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (strcmp(wb_intern_text(world->intern, world->nodes_by_name[middle]->name), text) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void list_node(wb_solver_world *world, wb_solver_node *node)
{
    assert(world != NULL && node != NULL);
    if (world->node_count == world->node_capacity) {
        world->node_capacity =
            (uint32_t)wb_heap_memory_next_capacity(world->node_capacity,
                                                   (size_t)world->node_count + 1);
        world->nodes_by_name = wb_heap_memory_resize(world->nodes_by_name, world->node_capacity,
                                                     sizeof(wb_solver_node *));
    }
    const uint32_t place = place_by_name(world, node->name);
    memmove(world->nodes_by_name + place + 1, world->nodes_by_name + place,
            (world->node_count - place) * sizeof(wb_solver_node *));
    world->nodes_by_name[place] = node;
    world->node_count++;
}

static void unlist_node(wb_solver_world *world, const wb_solver_node *node)
{
    assert(world != NULL && node != NULL);
    uint32_t place = place_by_name(world, node->name);
    do {
        assert(place > 0);
        place--;
    } while (world->nodes_by_name[place] != node);
    world->node_count--;
    memmove(world->nodes_by_name + place, world->nodes_by_name + place + 1,
            (world->node_count - place) * sizeof(wb_solver_node *));
}

/* Everything that follows from the description but the place among the world's nodes. */
static void describe(wb_solver_node *node, const wb_solver_node_desc *desc)
{
    assert(desc->name != 0);
    node->name = desc->name;
    node->nodepool = desc->nodepool;
    node->pool_index =
        desc->nodepool != 0 ? wb_solver_world_find_pool(node->world, desc->nodepool) : UINT32_MAX;
    node->is_managed = desc->is_managed;
    node->is_initialized = desc->is_initialized || !desc->is_managed;
    node->has_node = desc->has_node;
    node->attach_limits = desc->attach_limits;
    node->attach_limit_count = desc->attach_limit_count;
    fill_payload(node, desc);
    fill_resources(node, desc);
    node->remaining_is_known = false;
}

void wb_solver_node_update(wb_solver_world *world, wb_solver_node *node,
                           const wb_solver_node_desc *desc)
{
    assert(desc != NULL);
    assert(node->world == world);
    const bool is_renamed = node->name != desc->name;
    if (is_renamed) {
        unlist_node(world, node);
    }
    describe(node, desc);
    if (is_renamed) {
        list_node(world, node);
    }
}

wb_solver_node *wb_solver_node_new(wb_solver_world *world, const wb_solver_node_desc *desc)
{
    assert(world != NULL && desc != NULL);
    wb_solver_node *node = wb_heap_memory_zalloc(1, sizeof(*node));
    node->world = world;
    describe(node, desc);
    list_node(world, node);
    return node;
}

static void unlink_entry(wb_solver_node *node, uint32_t index)
{
    wb_node_entry *entry = node->entries[index];
    if (entry->newer != NULL) {
        entry->newer->older = entry->older;
    } else {
        entry->shape->running = entry->older;
    }
    if (entry->older != NULL) {
        entry->older->newer = entry->newer;
    }
    entry->older = node->world->free_entries;
    node->world->free_entries = entry;
    node->entries[index] = node->entries[--node->entry_count];
}

void wb_solver_node_free(wb_solver_node *node)
{
    if (node == NULL) {
        return;
    }
    unlist_node(node->world, node);
    while (node->entry_count > 0) {
        unlink_entry(node, node->entry_count - 1);
    }
    wb_heap_memory_free(node->entries);
    wb_heap_memory_free(node->payload);
    wb_heap_memory_free(node->capacity);
    wb_heap_memory_free(node->has_allocatable);
    wb_heap_memory_free(node);
}

static wb_node_entry *new_entry(wb_solver_node *node, wb_solver_shape *shape)
{
    assert(node != NULL && shape != NULL);
    wb_solver_world *world = node->world;
    wb_node_entry *entry = world->free_entries;
    if (entry != NULL) {
        world->free_entries = entry->older;
    } else {
        entry = WB_ARENA_NEW(world->arena, wb_node_entry);
    }
    *entry = (wb_node_entry){.node = node, .shape = shape, .older = shape->running};
    if (shape->running != NULL) {
        shape->running->newer = entry;
    }
    shape->running = entry;
    if (node->entry_count == node->entry_capacity) {
        node->entry_capacity =
            (uint32_t)wb_heap_memory_next_capacity(node->entry_capacity, node->entry_count + 1U);
        node->entries =
            wb_heap_memory_resize(node->entries, node->entry_capacity, sizeof(wb_node_entry *));
    }
    node->entries[node->entry_count++] = entry;
    return entry;
}

/* Index of the pods of that kind on the node, or entry_count. */
static uint32_t find_entry(const wb_solver_node *node, const wb_solver_shape *shape,
                           uint32_t pod_name, uint32_t flags)
{
    assert(node != NULL && shape != NULL);
    for (uint32_t i = 0; i < node->entry_count; i++) {
        const wb_node_entry *entry = node->entries[i];
        if (entry->shape == shape && entry->flags == flags && entry->pod_name == pod_name) {
            return i;
        }
    }
    return node->entry_count;
}

static void add_demands(wb_solver_node *node, const wb_solver_shape *shape, uint32_t flags,
                        int64_t sign)
{
    assert(node != NULL && shape != NULL);
    widen(node);
    for (uint32_t i = 0; i < shape->demands.count; i++) {
        const wb_demand *demand = &shape->demands.items[i];
        node->used[demand->resource] += sign * demand->amount;
        if ((flags & WB_SOLVER_POD_DAEMON) != 0) {
            node->daemon_used[demand->resource] += sign * demand->amount;
        }
    }
    node->remaining_is_known = false;
}

static void append_shape(wb_solver_world *world, wb_solver_shape ***shapes, uint32_t *count,
                         uint32_t *capacity, wb_solver_shape *shape)
{
    assert(world != NULL && shape != NULL);
    if (*count == *capacity) {
        const uint32_t more = *capacity * 2 + 64;
        *shapes = wb_arena_grow(world->arena, *shapes, *count, more, sizeof(wb_solver_shape *));
        *capacity = more;
    }
    (*shapes)[(*count)++] = shape;
}

/* Remembers a shape that has run: what topology groups look through. */
static void list_shape(wb_solver_world *world, wb_solver_shape *shape)
{
    append_shape(world, &world->listed_shapes, &world->listed_count, &world->listed_capacity,
                 shape);
    if (shape->template->anti_affinity_required_count > 0) {
        append_shape(world, &world->repelling_shapes, &world->repelling_count,
                     &world->repelling_capacity, shape);
    }
    shape->is_listed = true;
    shape->next_listed = shape->kind->labels->listed;
    shape->kind->labels->listed = shape;
}

void wb_solver_node_bind(wb_solver_world *world, wb_solver_node *node, uint32_t shape_id,
                         uint32_t pod_name, uint32_t flags)
{
    assert(world != NULL && node != NULL);
    wb_solver_shape *shape = wb_pod_shape_get(world, shape_id);
    const uint32_t name = shape->has_claim_volumes ? pod_name : 0;
    const uint32_t index = find_entry(node, shape, name, flags);
    wb_node_entry *entry =
        index < node->entry_count ? node->entries[index] : new_entry(node, shape);
    entry->flags = flags;
    entry->pod_name = name;
    entry->count++;
    if (!shape->is_listed) {
        list_shape(world, shape);
    }
    add_demands(node, shape, flags, 1);
}

void wb_solver_node_unbind(wb_solver_world *world, wb_solver_node *node, uint32_t shape_id,
                           uint32_t pod_name, uint32_t flags)
{
    assert(world != NULL);
    const wb_solver_shape *shape = wb_pod_shape_get(world, shape_id);
    const uint32_t name = shape->has_claim_volumes ? pod_name : 0;
    const uint32_t index = find_entry(node, shape, name, flags);
    assert(index < node->entry_count); /* it was bound with the same arguments */
    if (--node->entries[index]->count == 0) {
        unlink_entry(node, index);
    }
    add_demands(node, shape, flags, -1);
}

uint32_t wb_solver_node_name(const wb_solver_node *node)
{
    assert(node != NULL);
    return node->name;
}

wb_labels wb_solver_node_labels(const wb_solver_node *node)
{
    assert(node != NULL);
    return node->labels;
}

/* Requests of the DaemonSets that belong here, by what is left of their terms (spec 13c). */
static void sum_expected_daemons(const wb_solver_node *node, int64_t *out)
{
    const wb_solver_world *world = node->world;
    for (uint32_t d = 0; d < world->daemon_count; d++) {
        const wb_world_daemon *daemon = &world->daemons[d];
        const wb_taints_tolerance tolerance = {daemon->template->tolerations,
                                               daemon->template->toleration_count,
                                               daemon->tolerates_preference};
        if (!wb_taints_tolerated(world->intern, node->blocking, node->blocking_count, tolerance) ||
            wb_requirements_compatible(world->intern, node->requirements,
                                       daemon->strict[daemon->first_term], WB_UNDEFINED_NONE,
                                       NULL) != WB_COMPATIBLE) {
            continue;
        }
        for (uint32_t i = 0; i < daemon->demands.count; i++) {
            out[daemon->demands.items[i].resource] += daemon->demands.items[i].amount;
        }
    }
}

bool wb_solver_node_room(wb_solver_node *node, const int64_t **out_remaining)
{
    assert(node != NULL && out_remaining != NULL);
    widen(node);
    if (!node->remaining_is_known || node->daemon_version != node->world->daemon_version) {
        int64_t *left = node->remaining;
        memset(left, 0, node->resource_count * sizeof(*left));
        sum_expected_daemons(node, left);
        node->remaining_is_negative = false;
        for (uint32_t r = 0; r < node->resource_count; r++) {
            const int64_t missing = left[r] - node->daemon_used[r];
            left[r] = node->has_allocatable[r]
                          ? node->allocatable[r] - node->used[r] - (missing > 0 ? missing : 0)
                          : 0;
            node->remaining_is_negative = node->remaining_is_negative || left[r] < 0;
        }
        node->remaining_is_known = true;
        node->daemon_version = node->world->daemon_version;
    }
    *out_remaining = node->remaining;
    return !node->remaining_is_negative;
}

wb_resource_list wb_solver_node_remaining(wb_arena *arena, wb_solver_node *node)
{
    assert(arena != NULL && node != NULL);
    wb_solver_world_prepare(node->world);
    const int64_t *remaining = NULL;
    (void)wb_solver_node_room(node, &remaining);
    return wb_solver_world_list(node->world, arena, remaining, node->resource_count);
}
