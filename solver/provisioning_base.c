#include "solver/provisioning_base.h"

#include <assert.h>
#include <string.h>

#include "solver/provisioning_internal.h"

enum {
    FANOUT = WB_NODE_ROOMS_FANOUT,
    FANOUT_BITS = 3,
    LEVELS = WB_NODE_ROOMS_LEVELS
};

_Static_assert(FANOUT == 1 << FANOUT_BITS, "levels are found by shifts");

static int64_t room_of(const wb_live_node *live, uint32_t resource)
{
    return live->is_full ? -1 : resource < live->remaining_count ? live->remaining[resource] : 0;
}

/* The most of FANOUT neighbours on the level below, resource by resource. */
static wb_node_room most_below(const wb_node_rooms *rooms, uint32_t level, uint32_t index)
{
    const wb_node_room *below = rooms->levels[level - 1];
    const uint32_t begin = index * FANOUT;
    const uint32_t last = begin + FANOUT;
    const uint32_t end = last < rooms->counts[level - 1] ? last : rooms->counts[level - 1];
    wb_node_room most = {-1, -1};
    for (uint32_t i = begin; i < end; i++) {
        most.cpu_milli = below[i].cpu_milli > most.cpu_milli ? below[i].cpu_milli : most.cpu_milli;
        most.memory_bytes =
            below[i].memory_bytes > most.memory_bytes ? below[i].memory_bytes : most.memory_bytes;
    }
    return most;
}

/* A level above may have to follow: upwards where more came, downwards where the most went. */
void wb_provisioning_base_measure(wb_provisioning_base *base, uint32_t place)
{
    assert(base != NULL);
    assert(place < base->node_count);
    const wb_node_rooms *rooms = &base->rooms;
    wb_node_room now = {room_of(&base->nodes[place], WB_WORLD_CPU),
                        room_of(&base->nodes[place], WB_WORLD_MEMORY)};
    uint32_t index = place;
    for (uint32_t level = 0; level < LEVELS; level++) {
        const wb_node_room before = rooms->levels[level][index];
        rooms->levels[level][index] = now;
        if (level + 1 == LEVELS ||
            (now.cpu_milli == before.cpu_milli && now.memory_bytes == before.memory_bytes)) {
            return;
        }
        index /= FANOUT;
        const wb_node_room most = rooms->levels[level + 1][index];
        if ((now.cpu_milli < before.cpu_milli && before.cpu_milli == most.cpu_milli) ||
            (now.memory_bytes < before.memory_bytes && before.memory_bytes == most.memory_bytes)) {
            now = most_below(rooms, level + 1, index);
        } else {
            now.cpu_milli = now.cpu_milli > most.cpu_milli ? now.cpu_milli : most.cpu_milli;
            now.memory_bytes =
                now.memory_bytes > most.memory_bytes ? now.memory_bytes : most.memory_bytes;
        }
    }
}

static void build_rooms(wb_provisioning_base *base)
{
    wb_node_rooms *rooms = &base->rooms;
    uint32_t count = base->node_count;
    for (uint32_t level = 0; level < LEVELS; level++) {
        rooms->levels[level] = wb_arena_alloc(base->arena, count * sizeof(wb_node_room));
        rooms->counts[level] = count;
        count = (count + FANOUT - 1) / FANOUT;
    }
    for (uint32_t i = 0; i < base->node_count; i++) {
        rooms->levels[0][i] = (wb_node_room){room_of(&base->nodes[i], WB_WORLD_CPU),
                                             room_of(&base->nodes[i], WB_WORLD_MEMORY)};
    }
    for (uint32_t level = 1; level < LEVELS; level++) {
        for (uint32_t i = 0; i < rooms->counts[level]; i++) {
            rooms->levels[level][i] = most_below(rooms, level, i);
        }
    }
}

static inline bool has_room(const wb_node_room *room, int64_t cpu_milli, int64_t memory_bytes)
{
    return room->cpu_milli >= cpu_milli && room->memory_bytes >= memory_bytes;
}

/* Behind the largest block that starts at node i and has no room; i when there is none. */
static inline uint32_t pass_over(const wb_node_rooms *rooms, uint32_t i, int64_t cpu_milli,
                                 int64_t memory_bytes)
{
    for (uint32_t level = LEVELS - 1; level > 0; level--) {
        const uint32_t width = 1U << (level * FANOUT_BITS);
        if (i % width == 0 &&
            !has_room(&rooms->levels[level][i / width], cpu_milli, memory_bytes)) {
            return i + width;
        }
    }
    return i;
}

uint32_t wb_provisioning_base_next(const wb_provisioning_base *base, uint32_t from,
                                   int64_t cpu_milli, int64_t memory_bytes)
{
    assert(base != NULL);
    const wb_node_rooms *rooms = &base->rooms;
    for (uint32_t i = from; i < base->node_count;) {
        const uint32_t next = pass_over(rooms, i, cpu_milli, memory_bytes);
        if (next != i) {
            i = next;
            continue;
        }
        const uint32_t block_end = i - i % FANOUT + FANOUT;
        const uint32_t end = block_end < base->node_count ? block_end : base->node_count;
        for (; i < end; i++) {
            if (has_room(&rooms->levels[0][i], cpu_milli, memory_bytes)) {
                return i;
            }
        }
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
