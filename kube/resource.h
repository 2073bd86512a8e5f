/*
 * Sparse resource lists as manifests write them: name and 64-bit amount. CPU is in milli-units,
 * everything else in whole units (bytes, counts), rounded up as Kubernetes does.
 */
#ifndef WB_KUBE_RESOURCE_H
#define WB_KUBE_RESOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct wb_resource {
    uint32_t name; /* interned: WB_NAME_CPU, ... */
    int64_t amount;
} wb_resource;

/* Sorted by name id, each name once; a list may hold explicit zeros. */
typedef struct wb_resource_list {
    const wb_resource *items;
    uint32_t count;
} wb_resource_list;

/* The amount of name, 0 when absent. */
int64_t wb_resource_list_get(wb_resource_list list, uint32_t name);
bool wb_resource_list_has(wb_resource_list list, uint32_t name);

/* a + b, max(a, b), a - b (absent is 0; negative results stay), each a new list in arena. */
wb_resource_list wb_resource_list_add(wb_arena *arena, wb_resource_list a, wb_resource_list b);
wb_resource_list wb_resource_list_max(wb_arena *arena, wb_resource_list a, wb_resource_list b);
wb_resource_list wb_resource_list_subtract(wb_arena *arena, wb_resource_list a, wb_resource_list b);

/* A list with name set to amount. */
wb_resource_list wb_resource_list_with(wb_arena *arena, wb_resource_list list, uint32_t name,
                                       int64_t amount);

#endif
