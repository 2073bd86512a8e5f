#include "solver/requirements.h"

#include <assert.h>
#include <string.h>

#include "base/hash_map.h"
#include "kube/names.h"

/* Where key is, or should go. */
static uint32_t find_slot(wb_requirements requirements, uint32_t key)
{
    uint32_t low = 0;
    uint32_t high = requirements.count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (requirements.items[middle].key < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const wb_requirement *wb_requirements_get(wb_requirements requirements, uint32_t key)
{
    const uint32_t slot = find_slot(requirements, key);
    const bool is_there = slot < requirements.count && requirements.items[slot].key == key;
    return is_there ? &requirements.items[slot] : NULL;
}

wb_requirements wb_requirements_set(wb_arena *arena, wb_requirements requirements,
                                    const wb_requirement *replaced)
{
    assert(arena != NULL);
    assert(replaced->key != 0);
    const uint32_t slot = find_slot(requirements, replaced->key);
    const bool is_there =
        slot < requirements.count && requirements.items[slot].key == replaced->key;
    const uint32_t count = requirements.count + (is_there ? 0 : 1);
    wb_requirement *items = wb_arena_alloc(arena, count * sizeof(*items));
    if (slot > 0) {
        memcpy(items, requirements.items, slot * sizeof(*items));
    }
    items[slot] = *replaced;
    const uint32_t from = slot + (is_there ? 1 : 0);
    if (from < requirements.count) {
        memcpy(items + slot + 1, requirements.items + from,
               (requirements.count - from) * sizeof(*items));
    }
    return (wb_requirements){.items = items, .count = count};
}

wb_requirements wb_requirements_add(wb_arena *arena, const wb_intern *intern,
                                    wb_requirements requirements, const wb_requirement *added)
{
    assert(arena != NULL && intern != NULL && added != NULL);
    const wb_requirement *present = wb_requirements_get(requirements, added->key);
    if (present == NULL) {
        return wb_requirements_set(arena, requirements, added);
    }
    const wb_requirement both = wb_requirement_intersect(arena, intern, present, added);
    return wb_requirements_set(arena, requirements, &both);
}

wb_requirements wb_requirements_merge(wb_arena *arena, const wb_intern *intern, wb_requirements a,
                                      wb_requirements b)
{
    assert(arena != NULL && intern != NULL);
    if (b.count == 0) {
        return a;
    }
    wb_requirement *items = wb_arena_alloc(arena, (a.count + b.count) * sizeof(*items));
    uint32_t count = 0;
    uint32_t i = 0;
    uint32_t j = 0;
    while (i < a.count || j < b.count) {
        if (j == b.count || (i < a.count && a.items[i].key < b.items[j].key)) {
            items[count++] = a.items[i++];
        } else if (i == a.count || b.items[j].key < a.items[i].key) {
            items[count++] = b.items[j++];
        } else {
            items[count++] = wb_requirement_intersect(arena, intern, &a.items[i++], &b.items[j++]);
        }
    }
    return (wb_requirements){.items = items, .count = count};
}

wb_requirements wb_requirements_without(wb_arena *arena, wb_requirements requirements, uint32_t key)
{
    assert(arena != NULL);
    const uint32_t slot = find_slot(requirements, key);
    if (slot == requirements.count || requirements.items[slot].key != key) {
        return requirements;
    }
    const uint32_t count = requirements.count - 1;
    wb_requirement *items = wb_arena_alloc(arena, count * sizeof(*items));
    if (slot > 0) {
        memcpy(items, requirements.items, slot * sizeof(*items));
    }
    if (slot < count) {
        memcpy(items + slot, requirements.items + slot + 1, (count - slot) * sizeof(*items));
    }
    return (wb_requirements){.items = items, .count = count};
}

wb_requirements wb_requirements_copy(wb_arena *arena, wb_requirements requirements)
{
    assert(arena != NULL);
    wb_requirement *items = wb_arena_alloc(arena, requirements.count * sizeof(*items));
    for (uint32_t i = 0; i < requirements.count; i++) {
        const wb_requirement *from = &requirements.items[i];
        uint32_t *values = wb_arena_alloc(arena, from->value_count * sizeof(*values));
        if (from->value_count > 0) {
            memcpy(values, from->values, from->value_count * sizeof(*values));
        }
        items[i] = *from;
        items[i].values = values;
    }
    return (wb_requirements){.items = items, .count = requirements.count};
}

wb_requirements wb_requirements_from_expressions(wb_arena *arena, wb_intern *intern,
                                                 const wb_label_expression *expressions,
                                                 uint32_t count)
{
    assert(arena != NULL && intern != NULL);
    assert(count == 0 || expressions != NULL);
    wb_requirements made = {0};
    for (uint32_t i = 0; i < count; i++) {
        const wb_requirement one = wb_requirement_from_expression(arena, intern, &expressions[i]);
        made = wb_requirements_add(arena, intern, made, &one);
    }
    return made;
}

wb_requirements wb_requirements_from_labels(wb_arena *arena, wb_intern *intern, wb_labels labels)
{
    assert(arena != NULL && intern != NULL);
    wb_requirement *items = wb_arena_alloc(arena, labels.count * sizeof(*items));
    wb_requirements made = {.items = items, .count = 0};
    for (uint32_t i = 0; i < labels.count; i++) {
        const uint32_t key = wb_names_unalias(intern, labels.items[i].key);
        const wb_requirement one = wb_requirement_in(arena, key, &labels.items[i].value, 1);
        if (made.count == 0 || made.items[made.count - 1].key < key) {
            if (made.items == items) { /* the ordinary case: no alias among the labels */
                items[made.count++] = one;
                continue;
            }
        }
        made = wb_requirements_add(arena, intern, made, &one);
    }
    return made;
}

static bool is_absence(const wb_requirement *requirement)
{
    const wb_requirement_kind kind = wb_requirement_kind_of(requirement);
    return kind == WB_REQUIREMENT_NOT_IN || kind == WB_REQUIREMENT_DOES_NOT_EXIST;
}

bool wb_requirements_intersects(const wb_intern *intern, wb_requirements node_side,
                                wb_requirements incoming, uint32_t *out_key)
{
    assert(intern != NULL);
    uint32_t i = 0;
    uint32_t j = 0;
    while (i < node_side.count && j < incoming.count) {
        const wb_requirement *a = &node_side.items[i];
        const wb_requirement *b = &incoming.items[j];
        if (a->key != b->key) {
            i += a->key < b->key;
            j += b->key < a->key;
            continue;
        }
        if (!wb_requirement_has_intersection(intern, a, b) && !(is_absence(a) && is_absence(b))) {
            if (out_key != NULL) {
                *out_key = a->key;
            }
            return false;
        }
        i++;
        j++;
    }
    return true;
}

wb_compatibility wb_requirements_compatible(const wb_intern *intern, wb_requirements node_side,
                                            wb_requirements incoming,
                                            wb_undefined_labels allow_undefined, uint32_t *out_key)
{
    assert(intern != NULL);
    for (uint32_t i = 0; i < incoming.count; i++) {
        const wb_requirement *asked = &incoming.items[i];
        const bool may_be_undefined =
            allow_undefined == WB_UNDEFINED_WELL_KNOWN && wb_names_is_well_known(asked->key);
        if (!may_be_undefined && !is_absence(asked) &&
            wb_requirements_get(node_side, asked->key) == NULL) {
            if (out_key != NULL) {
                *out_key = asked->key;
            }
            return WB_INCOMPATIBLE_UNDEFINED;
        }
    }
    return wb_requirements_intersects(intern, node_side, incoming, out_key)
               ? WB_COMPATIBLE
               : WB_INCOMPATIBLE_VALUES;
}

bool wb_requirements_has_min_values(wb_requirements requirements)
{
    for (uint32_t i = 0; i < requirements.count; i++) {
        if (requirements.items[i].min_values > 0) {
            return true;
        }
    }
    return false;
}

bool wb_requirements_equals(wb_requirements a, wb_requirements b)
{
    if (a.count != b.count) {
        return false;
    }
    for (uint32_t i = 0; i < a.count && a.items != b.items; i++) {
        if (!wb_requirement_equals(&a.items[i], &b.items[i])) {
            return false;
        }
    }
    return true;
}

uint64_t wb_requirements_hash(wb_requirements requirements)
{
    uint64_t hash = requirements.count;
    for (uint32_t i = 0; i < requirements.count; i++) {
        hash = wb_hash_map_join(hash, wb_requirement_hash(&requirements.items[i]));
    }
    return hash;
}
