#include "solver/provisioning_base.h"

#include <assert.h>
#include <string.h>

#include "solver/provisioning_internal.h"

enum {
    BLOCK = WB_NODE_ROOMS_BLOCK
};

static int64_t room_of(const wb_live_node *live, uint32_t resource)
{
    return live->is_full ? -1 : resource < live->remaining_count ? live->remaining[resource] : 0;
}

/* What the columns say of a node may have become less: a block's most only where it was the
 * node's. */
static void lower_block(const wb_provisioning_base *base, uint32_t block)
{
    const wb_node_rooms *rooms = &base->rooms;
    const uint32_t end =
        (block + 1) * BLOCK < base->node_count ? (block + 1) * BLOCK : base->node_count;
    int64_t cpu_milli = -1;
    int64_t memory_bytes = -1;
    for (uint32_t i = block * BLOCK; i < end; i++) {
        cpu_milli = rooms->cpu_milli[i] > cpu_milli ? rooms->cpu_milli[i] : cpu_milli;
        memory_bytes =
            rooms->memory_bytes[i] > memory_bytes ? rooms->memory_bytes[i] : memory_bytes;
    }
    rooms->block_cpu_milli[block] = cpu_milli;
    rooms->block_memory_bytes[block] = memory_bytes;
}

void wb_provisioning_base_measure(wb_provisioning_base *base, uint32_t place)
{
    assert(base != NULL);
    assert(place < base->node_count);
    const wb_node_rooms *rooms = &base->rooms;
    const uint32_t block = place / BLOCK;
    const int64_t cpu_before = rooms->cpu_milli[place];
    const int64_t memory_before = rooms->memory_bytes[place];
    const int64_t cpu_milli = room_of(&base->nodes[place], WB_WORLD_CPU);
    const int64_t memory_bytes = room_of(&base->nodes[place], WB_WORLD_MEMORY);
    rooms->cpu_milli[place] = cpu_milli;
    rooms->memory_bytes[place] = memory_bytes;
    if ((cpu_milli < cpu_before && cpu_before == rooms->block_cpu_milli[block]) ||
        (memory_bytes < memory_before && memory_before == rooms->block_memory_bytes[block])) {
        lower_block(base, block);
        return;
    }
    if (cpu_milli > rooms->block_cpu_milli[block]) {
        rooms->block_cpu_milli[block] = cpu_milli;
    }
    if (memory_bytes > rooms->block_memory_bytes[block]) {
        rooms->block_memory_bytes[block] = memory_bytes;
    }
}

static void build_rooms(wb_provisioning_base *base)
{
    const uint32_t blocks = (base->node_count + BLOCK - 1) / BLOCK;
    wb_node_rooms *rooms = &base->rooms;
    rooms->cpu_milli = wb_arena_alloc(base->arena, base->node_count * sizeof(int64_t));
    rooms->memory_bytes = wb_arena_alloc(base->arena, base->node_count * sizeof(int64_t));
    rooms->block_cpu_milli = wb_arena_alloc(base->arena, blocks * sizeof(int64_t));
    rooms->block_memory_bytes = wb_arena_alloc(base->arena, blocks * sizeof(int64_t));
    for (uint32_t i = 0; i < base->node_count; i++) {
        rooms->cpu_milli[i] = room_of(&base->nodes[i], WB_WORLD_CPU);
        rooms->memory_bytes[i] = room_of(&base->nodes[i], WB_WORLD_MEMORY);
    }
    for (uint32_t b = 0; b < blocks; b++) {
        lower_block(base, b);
    }
}

/* A live node as its own node has it. */
static void fill_live(wb_live_node *live)
{
    wb_solver_node *node = live->node;
    live->requirements = node->requirements;
    live->is_full = !wb_solver_node_room(node, &live->remaining);
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
        if (node->solve_serial != base->cluster.serial || node->is_initialized != are_initialized) {
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
    wb_topology_cluster_take(&base->cluster, base->arena, world, problem);
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
    } else if (world->stamp_serial != base->cluster.serial) {
        wb_topology_cluster_stamp(&base->cluster, world, problem);
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
