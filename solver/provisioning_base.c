#include "solver/provisioning_base.h"

#include <assert.h>
#include <string.h>

#include "solver/provisioning_internal.h"

enum {
    LEVELS = WB_NODE_ROOMS_LEVELS,
    MEMORY_SHIFT = 16 /* levels of memory begin at 64 KiB */
};

/* The level that an amount reaches, -1 below nothing; never less for more. */
static int level_of(int64_t amount)
{
    if (amount <= 0) {
        return amount < 0 ? -1 : 0;
    }
    const int log = 63 - __builtin_clzll((uint64_t)amount);
    const int half = log > 0 ? (int)((uint64_t)amount >> (log - 1) & 1) : 0;
    const int level = 1 + 2 * log + half;
    return level < LEVELS ? level : LEVELS - 1;
}

static int memory_level_of(int64_t bytes)
{
    return bytes < 0 ? -1 : level_of(bytes >> MEMORY_SHIFT);
}

static wb_node_room room_of(const wb_live_node *live)
{
    if (live->is_full) {
        return (wb_node_room){-1, -1};
    }
    const int64_t *left = live->remaining;
    return (wb_node_room){live->remaining_count > WB_WORLD_CPU ? left[WB_WORLD_CPU] : 0,
                          live->remaining_count > WB_WORLD_MEMORY ? left[WB_WORLD_MEMORY] : 0};
}

/* Moves a node from one level to another. */
static void change_level(uint64_t *rows, size_t words, uint32_t place, int from, int to)
{
    for (int level = to + 1; level <= from; level++) {
        wb_bitset_remove(rows + (size_t)level * words, place);
    }
    for (int level = from + 1; level <= to; level++) {
        wb_bitset_add(rows + (size_t)level * words, place);
    }
}

void wb_provisioning_base_measure(wb_provisioning_base *base, uint32_t place)
{
    assert(base != NULL);
    assert(place < base->node_count);
    const wb_node_rooms *rooms = &base->rooms;
    const wb_node_room before = rooms->rooms[place];
    const wb_node_room now = room_of(&base->nodes[place]);
    rooms->rooms[place] = now;
    change_level(rooms->cpu_rows, rooms->word_count, place, level_of(before.cpu_milli),
                 level_of(now.cpu_milli));
    change_level(rooms->memory_rows, rooms->word_count, place, memory_level_of(before.memory_bytes),
                 memory_level_of(now.memory_bytes));
}

/* Who has a level has those below. */
static void fill_down(uint64_t *rows, size_t words)
{
    for (int level = LEVELS - 1; level > 0; level--) {
        wb_bitset_or(rows + (size_t)(level - 1) * words, rows + (size_t)level * words, words);
    }
}

static void build_rooms(wb_provisioning_base *base)
{
    wb_node_rooms *rooms = &base->rooms;
    const size_t words = wb_bitset_word_count(base->node_count);
    rooms->word_count = (uint32_t)words;
    rooms->rooms = wb_arena_alloc(base->arena, base->node_count * sizeof(wb_node_room));
    rooms->cpu_rows = WB_ARENA_ARRAY(base->arena, uint64_t, LEVELS * words);
    rooms->memory_rows = WB_ARENA_ARRAY(base->arena, uint64_t, LEVELS * words);
    for (uint32_t i = 0; i < base->node_count; i++) {
        const wb_node_room room = room_of(&base->nodes[i]);
        rooms->rooms[i] = room;
        const int cpu = level_of(room.cpu_milli);
        const int memory = memory_level_of(room.memory_bytes);
        if (cpu >= 0) {
            wb_bitset_add(rooms->cpu_rows + (size_t)cpu * words, i);
        }
        if (memory >= 0) {
            wb_bitset_add(rooms->memory_rows + (size_t)memory * words, i);
        }
    }
    fill_down(rooms->cpu_rows, words);
    fill_down(rooms->memory_rows, words);
}

uint32_t wb_provisioning_base_next(const wb_provisioning_base *base, uint32_t from,
                                   int64_t cpu_milli, int64_t memory_bytes)
{
    assert(base != NULL);
    const wb_node_rooms *rooms = &base->rooms;
    const size_t words = rooms->word_count;
    const int cpu_level = level_of(cpu_milli);
    const int memory_level = memory_level_of(memory_bytes);
    const uint64_t *cpu = rooms->cpu_rows + (size_t)(cpu_level > 0 ? cpu_level : 0) * words;
    const uint64_t *memory =
        rooms->memory_rows + (size_t)(memory_level > 0 ? memory_level : 0) * words;
    uint64_t begin = UINT64_MAX << from % 64;
    for (size_t w = from / 64; w < words; w++) {
        for (uint64_t left = cpu[w] & memory[w] & begin; left != 0; left &= left - 1) {
            const uint32_t place = (uint32_t)w * 64 + (uint32_t)__builtin_ctzll(left);
            const wb_node_room *room = &rooms->rooms[place];
            if (room->cpu_milli >= cpu_milli && room->memory_bytes >= memory_bytes) {
                return place;
            }
        }
        begin = UINT64_MAX;
    }
    return base->node_count;
}

/* A live node as its own node has it. */
static void fill_live(wb_live_node *live)
{
    wb_solver_node *node = live->node;
    live->requirements = node->requirements;
    live->is_full = !wb_solver_node_room(node, &live->remaining) || live->is_over_attached;
    live->remaining_count = node->resource_count;
    live->left = NULL;
    live->ports = NULL;
    live->port_count = 0;
    live->volume_pods = NULL;
    live->volume_pod_count = 0;
}

/* Nodes of one readiness, in the order of their names. */
static void add_live_nodes(wb_provisioning_base *base, bool are_initialized)
{
    const wb_solver_world *world = base->world;
    for (uint32_t i = 0; i < world->node_count; i++) {
        wb_solver_node *node = world->nodes_by_name[i];
        if (node->solve_serial != base->cluster.node_serial ||
            node->is_initialized != are_initialized) {
            continue;
        }
        const uint32_t index = node->host_index;
        const uint8_t role = base->roles[index];
        if (role != WB_NODE_ROLE_OFFERED && role != WB_NODE_ROLE_OFFERED_TO_PENDING) {
            continue;
        }
        wb_live_node *live = &base->nodes[base->node_count];
        *live = (wb_live_node){.node = node,
                               .node_index = index,
                               .only_pending = role == WB_NODE_ROLE_OFFERED_TO_PENDING};
        fill_live(live);
        base->place_of_node[index] = base->node_count++;
    }
}

static bool carries_claims(const wb_solver_node *node)
{
    for (uint32_t e = 0; e < node->entry_count; e++) {
        if (node->entries[e]->shape->has_claim_volumes) {
            return true;
        }
    }
    return false;
}

/* A node may run more volumes than it may attach now (its limit was lowered, or pods were bound by
 * hand). Upstream then refuses all pods there, those without volumes too. */
static void close_over_attached(wb_provisioning_base *base, const wb_solver_problem *problem)
{
    assert(base != NULL && problem != NULL);
    for (uint32_t n = 0; n < base->node_count; n++) {
        wb_live_node *live = &base->nodes[n];
        if (live->node->attach_limit_count == 0 || !carries_claims(live->node)) {
            continue;
        }
        const wb_volume_query as_is = {.node = live->node};
        live->is_over_attached = !wb_volumes_fit(base->arena, base->world->intern, problem, &as_is);
        live->is_full = live->is_full || live->is_over_attached;
    }
}

/* Charges a node to the limits of its pool; sign -1 takes the charge back. */
static void charge_node(const wb_solver_world *world, wb_pool_limits *limits,
                        const wb_solver_node *node, int64_t sign)
{
    const uint32_t p = node->pool_index;
    if (p == UINT32_MAX) {
        return;
    }
    const wb_demands named = world->pools[p].limits;
    limits[p].nodes_left -= world->pools[p].limits_nodes ? sign : 0;
    for (uint32_t i = 0; i < named.count; i++) {
        const uint32_t r = named.items[i].resource;
        limits[p].left[i] -= r < node->resource_count ? sign * node->capacity[r] : 0;
    }
}

static wb_pool_limits *start_limits(wb_arena *arena, const wb_solver_world *world)
{
    wb_pool_limits *made = WB_ARENA_ARRAY(arena, wb_pool_limits, world->pool_count);
    for (uint32_t p = 0; p < world->pool_count; p++) {
        const wb_world_pool *pool = &world->pools[p];
        made[p].nodes_left = pool->limits_nodes ? pool->nodepool->limit_nodes : INT64_MAX;
        made[p].left = WB_ARENA_ARRAY(arena, int64_t, pool->limits.count);
        for (uint32_t i = 0; i < pool->limits.count; i++) {
            made[p].left[i] = pool->limits.items[i].amount;
        }
    }
    return made;
}

/* Puts together everything that the world and the nodes say now. Roles are those that the base was
 * made with: the problem's may say already that some nodes are removed. */
static void build(wb_provisioning_base *base, const wb_solver_problem *problem)
{
    wb_solver_world *world = base->world;
    wb_topology_cluster_start(&base->cluster, base->arena, world, problem);
    base->nodes = wb_arena_alloc(base->arena, problem->node_count * sizeof(*base->nodes));
    base->place_of_node =
        wb_arena_alloc(base->arena, problem->node_count * sizeof(*base->place_of_node));
    base->changed = wb_arena_alloc(base->arena, problem->node_count * sizeof(*base->changed));
    base->node_count = 0;
    for (uint32_t i = 0; i < problem->node_count; i++) {
        base->place_of_node[i] = UINT32_MAX;
    }
    add_live_nodes(base, true);
    add_live_nodes(base, false);
    close_over_attached(base, problem);
    build_rooms(base);
    base->limits = start_limits(base->arena, world);
    for (uint32_t n = 0; n < base->node_count; n++) {
        charge_node(world, base->limits, base->nodes[n].node, 1);
    }
    base->reservations = wb_reservations_start(base->arena, world);
    base->offering_version = world->offering_version;
    base->resource_count = world->resource_count;
}

wb_provisioning_base *wb_provisioning_base_new(wb_arena *arena, wb_solver_world *world,
                                               const wb_solver_problem *problem)
{
    assert(arena != NULL && world != NULL && problem != NULL);
    assert(problem->node_count == 0 || problem->nodes != NULL);
    wb_solver_world_prepare(world);
    wb_provisioning_base *base = WB_ARENA_NEW(arena, wb_provisioning_base);
    base->arena = arena;
    base->world = world;
    base->given_count = problem->node_count;
    base->roles = WB_ARENA_ARRAY(arena, uint8_t, problem->node_count); /* all offered */
    if (problem->node_roles != NULL && problem->node_count > 0) {
        memcpy(base->roles, problem->node_roles, problem->node_count);
    }
    build(base, problem);
    return base;
}

void wb_provisioning_base_refresh(wb_provisioning_base *base, const wb_solver_problem *problem)
{
    assert(base != NULL && problem != NULL);
    assert(base->given_count == problem->node_count);
    assert(base->changed_count == 0); /* the solve before put everything back */
    wb_solver_world *world = base->world;
    wb_solver_world_prepare(world);
    /* Daemons that nodes expect, vectors of rooms, reservations: all hang on these two. */
    if (base->offering_version != world->offering_version ||
        base->resource_count != world->resource_count) {
        build(base, problem);
    } else {
        wb_topology_cluster_refresh(&base->cluster, problem);
    }
}

void wb_provisioning_base_lend(wb_provisioning_base *base, wb_solve *solve, const uint32_t *removed,
                               uint32_t removed_count)
{
    assert(base != NULL && solve != NULL);
    assert(removed != NULL || removed_count == 0);
    const wb_solver_world *world = base->world;
    solve->base = base;
    solve->nodes = base->nodes;
    solve->node_count = base->node_count;
    solve->limits = WB_ARENA_ARRAY(solve->arena, wb_pool_limits, world->pool_count);
    for (uint32_t p = 0; p < world->pool_count; p++) {
        const uint32_t count = world->pools[p].limits.count;
        solve->limits[p].nodes_left = base->limits[p].nodes_left;
        solve->limits[p].left = WB_ARENA_ARRAY(solve->arena, int64_t, count);
        if (count > 0) {
            memcpy(solve->limits[p].left, base->limits[p].left, count * sizeof(int64_t));
        }
    }
    solve->reservations = base->reservations;
    if (base->reservations.count > 0) {
        const size_t bytes = base->reservations.count * sizeof(*solve->reservations.left);
        solve->reservations.left = wb_arena_alloc(solve->arena, bytes);
        memcpy(solve->reservations.left, base->reservations.left, bytes);
    }
    for (uint32_t i = 0; i < removed_count; i++) {
        const uint32_t place = base->place_of_node[removed[i]];
        if (place == UINT32_MAX) {
            continue; /* was offered to nobody anyway */
        }
        charge_node(world, solve->limits, base->nodes[place].node, -1);
        base->nodes[place].is_full = true;
        wb_provisioning_base_measure(base, place);
        base->changed[base->changed_count++] = place;
    }
}

void wb_provisioning_base_restore(wb_provisioning_base *base)
{
    assert(base != NULL);
    assert(base->changed_count <= base->node_count);
    for (uint32_t i = 0; i < base->changed_count; i++) {
        fill_live(&base->nodes[base->changed[i]]);
        wb_provisioning_base_measure(base, base->changed[i]);
    }
    base->changed_count = 0;
}
