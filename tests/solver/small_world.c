#include "tests/solver/small_world.h"

#include <string.h>

#include "kube/names.h"

wb_resource_list wb_small_world_requests(wb_small_world *small, int64_t cpu_milli,
                                         int64_t memory_mib)
{
    wb_resource *items = WB_ARENA_ARRAY(&small->arena, wb_resource, 3);
    items[0] = (wb_resource){WB_NAME_CPU, cpu_milli};
    items[1] = (wb_resource){WB_NAME_MEMORY, memory_mib << 20};
    items[2] = (wb_resource){WB_NAME_PODS, 1};
    return (wb_resource_list){.items = items, .count = 3};
}

wb_pod_template *wb_small_world_template(wb_small_world *small, int64_t cpu_milli,
                                         int64_t memory_mib)
{
    wb_pod_template *made = WB_ARENA_NEW(&small->arena, wb_pod_template);
    made->requests = wb_small_world_requests(small, cpu_milli, memory_mib);
    return made;
}

static wb_catalog_type make_type(wb_small_world *small, const wb_small_type *from)
{
    wb_arena *arena = &small->arena;
    const uint32_t zones[] = {wb_intern_add(&small->intern, "a"),
                              wb_intern_add(&small->intern, "b")};
    wb_resource_list capacity = wb_small_world_requests(small, from->cpu * 1000, from->cpu * 2048);
    capacity = wb_resource_list_with(arena, capacity, WB_NAME_PODS, 20);
    if (strstr(from->name, "gpu") != NULL) {
        capacity = wb_resource_list_with(arena, capacity, WB_NAME_NVIDIA_GPU, 1);
    }
    wb_offering *offerings = WB_ARENA_ARRAY(arena, wb_offering, 4);
    for (uint32_t i = 0; i < 4; i++) {
        offerings[i] = (wb_offering){
            .zone = zones[i % 2],
            .capacity_type = i < 2 ? WB_CAPACITY_ON_DEMAND : WB_CAPACITY_SPOT,
            .price_usd_per_hour = (double)from->cpu * (i < 2 ? 0.1 : 0.05),
            .is_available = true,
        };
    }
    const uint32_t name = wb_intern_add(&small->intern, from->name);
    return (wb_catalog_type){
        .name = name,
        .labels = wb_labels_with(arena, (wb_labels){0}, WB_NAME_INSTANCE_TYPE, name),
        .capacity = capacity,
        .offerings = offerings,
        .offering_count = 4,
    };
}

void wb_small_world_init(wb_small_world *small, const wb_small_type *types, uint32_t count)
{
    wb_arena_init(&small->arena, "test", 0, NULL);
    wb_intern_init(&small->intern, &small->arena);
    wb_names_init(&small->intern);
    wb_catalog_type *made = WB_ARENA_ARRAY(&small->arena, wb_catalog_type, count);
    for (uint32_t i = 0; i < count; i++) {
        made[i] = make_type(small, &types[i]);
    }
    small->catalog = (wb_catalog){.region = wb_intern_add(&small->intern, "r"),
                                  .types = made,
                                  .type_count = count};
    small->pool = (wb_nodepool){.name = wb_intern_add(&small->intern, "p"),
                                .is_ready = true,
                                .replicas = -1,
                                .limit_nodes = -1,
                                .node_class_name = WB_NAME_DEFAULT};
    small->world_pool = (wb_solver_pool){&small->pool, &small->catalog};
    const wb_solver_world_desc desc = {.intern = &small->intern,
                                       .pools = &small->world_pool,
                                       .pool_count = 1};
    small->world = wb_solver_world_new(&small->arena, &desc);
}

void wb_small_world_release(wb_small_world *small)
{
    wb_solver_world_release(small->world);
    wb_intern_release(&small->intern);
    wb_arena_release(&small->arena);
}
