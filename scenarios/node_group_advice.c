#include "scenarios/node_group_advice.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/sort.h"
#include "base/text.h"
#include "kube/names.h"
#include "scenarios/node_group_advice_internal.h"
#include "scenarios/node_group_fit.h"

#define GIB               ((double)(INT64_C(1) << 30))
#define PODS_PER_NODE     3.0  /* of the larger pods of a class */
#define NODES_WANTED      25.0 /* for the mean demand, at most, while larger nodes are there */
#define SMALL_SHARE       0.1  /* of its pool: such a class is not worth groups of its own */
#define GROUP_MAX_DEFAULT 1000

WB_PRINTF(2, 3) static const char *format(wb_node_group_advisor *self, const char *fmt, ...)
{
    char text[600];
    va_list arguments;
    va_start(arguments, fmt);
    (void)vsnprintf(text, sizeof text, fmt, arguments);
    va_end(arguments);
    return wb_arena_copy_string(self->arena, text);
}

static void add_note(wb_node_group_advisor *self, const char *note)
{
    if (self->note_count == self->note_capacity) {
        self->notes = wb_arena_grow(self->arena, self->notes, self->note_capacity,
                                    (size_t)self->note_capacity * 2 + 8, sizeof self->notes[0]);
        self->note_capacity = self->note_capacity * 2 + 8;
    }
    self->notes[self->note_count++] = note;
}

/* ---- classes ---- */

static uint32_t ratio_of(double cores, double gib)
{
    const double gib_per_core = cores > 0.0 ? gib / cores : 1e9;
    uint32_t ratio = 0;
    while (gib_per_core > wb_node_group_types_ratios[ratio].up_to) {
        ratio++;
    }
    assert(ratio < WB_NODE_GROUP_RATIO_COUNT);
    return cores > 0.0 || gib > 0.0 ? ratio : WB_NODE_GROUP_GENERAL;
}

static double size_in(const wb_node_group_placed *kind, uint32_t ratio)
{
    const double by_memory = kind->gib / wb_node_group_types_ratios[ratio].gib_per_core;
    return kind->cores > by_memory ? kind->cores : by_memory;
}

static uint32_t class_for(wb_node_group_advisor *self, const wb_node_group_class *wanted)
{
    for (uint32_t i = 0; i < self->class_count; i++) {
        const wb_node_group_class *class = &self->classes[i];
        if (class->pool_index == wanted->pool_index && class->arch == wanted->arch &&
            class->gpu_resource == wanted->gpu_resource && class->ratio == wanted->ratio &&
            class->selector_hash == wanted->selector_hash && !(class->gpus < wanted->gpus) &&
            !(class->gpus > wanted->gpus)) {
            return i;
        }
    }
    if (self->class_count == self->class_capacity) {
        self->classes =
            wb_arena_grow(self->arena, self->classes, self->class_capacity,
                          (size_t)self->class_capacity * 2 + 8, sizeof self->classes[0]);
        self->class_capacity = self->class_capacity * 2 + 8;
    }
    self->classes[self->class_count] = *wanted;
    return self->class_count++;
}

/* The first pool by weight, then by the file, that takes the pod; UINT32_MAX: none. */
static uint32_t find_pool(const wb_node_group_advisor *self, const wb_pod_template *template)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < self->input->pool_count; i++) {
        const wb_nodepool *pool = &self->input->pools[i];
        if (pool->replicas < 0 && wb_node_group_fit_takes(self->input->intern, pool, template) &&
            (best == UINT32_MAX || pool->weight > self->input->pools[best].weight)) {
            best = i;
        }
    }
    return best;
}

static bool allows_arch(const wb_node_group_advisor *self, uint32_t pool_index,
                        const wb_pod_template *template, uint32_t arch)
{
    return wb_node_group_fit_allows_value(self->input->intern, &self->input->pools[pool_index],
                                          template, WB_NAME_ARCH, arch);
}

/* amd64 unless pool or pod say otherwise: images for both are not a matter of course. */
static uint32_t arch_for(const wb_node_group_advisor *self, uint32_t pool_index,
                         const wb_pod_template *template)
{
    return !allows_arch(self, pool_index, template, WB_NAME_AMD64) &&
                   allows_arch(self, pool_index, template, WB_NAME_ARM64)
               ? WB_NAME_ARM64
               : WB_NAME_AMD64;
}

static void place_kinds(wb_node_group_advisor *self)
{
    const wb_node_group_demand *demand = self->input->demand;
    double unplaced = 0.0;
    self->kinds = WB_ARENA_ARRAY(self->arena, wb_node_group_placed, (size_t)demand->count + 1);
    for (uint32_t i = 0; i < demand->count; i++) {
        const wb_node_group_demand_kind *kind = &demand->kinds[i];
        const wb_resource_list requests = kind->template->requests;
        wb_node_group_placed placed = {
            .kind = kind,
            .cores = (double)wb_resource_list_get(requests, WB_NAME_CPU) / 1000.0,
            .gib = (double)wb_resource_list_get(requests, WB_NAME_MEMORY) / GIB,
        };
        const uint32_t pool_index = find_pool(self, kind->template);
        if (pool_index == UINT32_MAX) {
            unplaced += kind->count;
            continue;
        }
        const uint32_t gpu = wb_node_group_types_gpu(requests);
        const uint64_t selector_hash =
            wb_node_group_fit_selector_hash(self->input->intern, kind->template);
        placed.gpus = gpu != 0 ? (double)wb_resource_list_get(requests, gpu) : 0.0;
        const wb_node_group_class wanted = {
            .pool_index = pool_index,
            .arch = arch_for(self, pool_index, kind->template),
            .gpu_resource = gpu,
            .ratio = gpu != 0 ? WB_NODE_GROUP_GENERAL : ratio_of(placed.cores, placed.gib),
            .gpus = placed.gpus,
            .selector_hash = selector_hash,
            .selecting = selector_hash != 0 ? kind->template : NULL,
        };
        placed.class_index = class_for(self, &wanted);
        self->kinds[self->kind_count++] = placed;
    }
    if (unplaced > 0.0) {
        add_note(self, format(self, "no NodePool takes %.0f pods: no group is made for them",
                              unplaced < 1.0 ? 1.0 : unplaced));
    }
}

/* Demand, rules and selectors of each class, from its kinds. */
static void sum_up(wb_node_group_advisor *self)
{
    for (uint32_t i = 0; i < self->class_count; i++) {
        wb_node_group_class *class = &self->classes[i];
        class->cores = class->pods = 0.0;
        class->is_zonal = class->has_zonal_volumes = false;
        class->selects_pool = class->selects_market = false;
    }
    for (uint32_t i = 0; i < self->kind_count; i++) {
        wb_node_group_placed *placed = &self->kinds[i];
        wb_node_group_class *class = &self->classes[placed->class_index];
        const wb_pod_template *template = placed->kind->template;
        placed->size = size_in(placed, class->ratio);
        class->cores += placed->size * placed->kind->count;
        class->pods += placed->kind->count;
        class->has_zonal_volumes = class->has_zonal_volumes || placed->kind->has_zonal_volume;
        class->is_zonal = class->is_zonal || placed->kind->has_zonal_volume ||
                          wb_node_group_fit_is_zonal(template);
        class->selects_pool =
            class->selects_pool || wb_node_group_fit_selects(template, WB_NAME_NODEPOOL);
        class->selects_market =
            class->selects_market || wb_node_group_fit_selects(template, WB_NAME_CAPACITY_TYPE);
    }
    for (uint32_t i = 0; i < self->class_count; i++) {
        double of_pool = 0.0;
        for (uint32_t j = 0; j < self->class_count; j++) {
            of_pool += self->classes[j].pool_index == self->classes[i].pool_index
                           ? self->classes[j].cores
                           : 0.0;
        }
        self->classes[i].share = of_pool > 0.0 ? self->classes[i].cores / of_pool : 1.0;
    }
}

/* The class that a small one joins: of the same pool, architecture and no GPU, the largest. */
static uint32_t host_of(const wb_node_group_advisor *self, uint32_t class_index)
{
    const wb_node_group_class *class = &self->classes[class_index];
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < self->class_count; i++) {
        const wb_node_group_class *other = &self->classes[i];
        if (i != class_index && !other->is_merged && other->gpu_resource == 0 &&
            other->selector_hash == 0 && other->pool_index == class->pool_index &&
            other->arch == class->arch && other->share >= SMALL_SHARE &&
            (best == UINT32_MAX || other->share > self->classes[best].share)) {
            best = i;
        }
    }
    return best;
}

static void merge_small(wb_node_group_advisor *self)
{
    sum_up(self);
    for (uint32_t i = 0; i < self->class_count; i++) {
        wb_node_group_class *class = &self->classes[i];
        const uint32_t host = host_of(self, i);
        if (class->gpu_resource != 0 || class->selector_hash != 0 || class->share >= SMALL_SHARE ||
            host == UINT32_MAX) {
            continue;
        }
        class->is_merged = true;
        for (uint32_t k = 0; k < self->kind_count; k++) {
            self->kinds[k].class_index =
                self->kinds[k].class_index == i ? host : self->kinds[k].class_index;
        }
        add_note(self, format(self,
                              "pods of ratio %s are %.0f %% of NodePool %s: they share the groups "
                              "of ratio %s",
                              wb_node_group_types_ratios[class->ratio].name, class->share * 100.0,
                              wb_intern_text(self->input->intern,
                                             self->input->pools[class->pool_index].name),
                              wb_node_group_types_ratios[self->classes[host].ratio].name));
    }
    sum_up(self);
}

/* ---- sizes ---- */

/* By size, then by the order of reading. */
static int compare_sizes(const void *a, const void *b, void *context)
{
    const wb_node_group_placed *left = *(const wb_node_group_placed *const *)a;
    const wb_node_group_placed *right = *(const wb_node_group_placed *const *)b;
    (void)context;
    if (left->size < right->size || right->size < left->size) {
        return left->size < right->size ? -1 : 1;
    }
    return left->kind < right->kind ? -1 : left->kind > right->kind ? 1 : 0;
}

/* The kinds of a class by size. */
static const wb_node_group_placed **sort_kinds(wb_node_group_advisor *self, uint32_t class_index,
                                               uint32_t *out_count)
{
    const wb_node_group_placed **sorted =
        WB_ARENA_ARRAY(self->arena, const wb_node_group_placed *, (size_t)self->kind_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < self->kind_count; i++) {
        if (self->kinds[i].class_index == class_index) {
            sorted[count++] = &self->kinds[i];
        }
    }
    wb_sort(sorted, count, sizeof sorted[0], compare_sizes, NULL);
    *out_count = count;
    return sorted;
}

/* The size that 95 % of the class' pods do not exceed. */
static double large_pod(const wb_node_group_class *class, const wb_node_group_placed *const *sorted,
                        uint32_t count)
{
    double below = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        below += sorted[i]->kind->count;
        if (below >= class->pods * 0.95) {
            return sorted[i]->size;
        }
    }
    return count > 0 ? sorted[count - 1]->size : 0.0;
}

/* Room for the largest of the kinds from first on, and the size to aim at. */
static wb_node_group_need need_of(const wb_node_group_placed *const *sorted, uint32_t first,
                                  uint32_t count, double cores)
{
    wb_node_group_need need = {.cores = cores};
    for (uint32_t i = first; i < count; i++) {
        need.pod_cores = sorted[i]->cores > need.pod_cores ? sorted[i]->cores : need.pod_cores;
        need.pod_gib = sorted[i]->gib > need.pod_gib ? sorted[i]->gib : need.pod_gib;
        need.pod_gpus = sorted[i]->gpus > need.pod_gpus ? sorted[i]->gpus : need.pod_gpus;
    }
    return need;
}

/* ---- groups ---- */

static bool allows_market(const wb_node_group_advisor *self, const wb_node_group_class *class,
                          wb_capacity_type market)
{
    return wb_node_group_fit_allows_value(
        self->input->intern, &self->input->pools[class->pool_index], NULL, WB_NAME_CAPACITY_TYPE,
        market == WB_CAPACITY_SPOT ? WB_NAME_SPOT : WB_NAME_ON_DEMAND);
}

static void take_zones(wb_node_group_advisor *self, const wb_node_group_class *class,
                       wb_node_group *out)
{
    uint32_t *zones = WB_ARENA_ARRAY(self->arena, uint32_t, (size_t)self->input->zone_count + 1);
    for (uint32_t z = 0; z < self->input->zone_count; z++) {
        if (wb_node_group_fit_allows_value(self->input->intern,
                                           &self->input->pools[class->pool_index], NULL,
                                           WB_NAME_ZONE, self->input->zones[z])) {
            zones[out->zone_count++] = self->input->zones[z];
        }
    }
    out->zones = zones;
    out->is_per_zone = class->is_zonal && out->zone_count > 1;
}

static void take_labels(wb_node_group_advisor *self, const wb_node_group_class *class,
                        wb_node_group *out)
{
    const wb_nodepool *pool = &self->input->pools[class->pool_index];
    out->labels = pool->labels;
    out->taints = pool->taints;
    out->taint_count = pool->taint_count;
    if (class->selects_pool) {
        out->labels = wb_labels_with(self->arena, out->labels, WB_NAME_NODEPOOL, pool->name);
    }
    if (class->selects_market) {
        out->labels = wb_labels_with(self->arena, out->labels, WB_NAME_CAPACITY_TYPE,
                                     out->capacity_type == WB_CAPACITY_SPOT ? WB_NAME_SPOT
                                                                            : WB_NAME_ON_DEMAND);
    }
}

/* Labels of the type that pods select it by: a group's nodes have none of Karpenter's by
 * themselves. */
static void take_type_labels(wb_node_group_advisor *self, const wb_node_group_class *class,
                             uint32_t base, wb_node_group *out)
{
    uint32_t keys[8];
    const wb_catalog_type *type = &self->input->catalog->types[base];
    const uint32_t count =
        class->selecting != NULL
            ? wb_node_group_fit_selected_keys(self->input->intern, class->selecting, keys, 8)
            : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (keys[i] != WB_NAME_INSTANCE_TYPE && wb_labels_has(type->labels, keys[i])) {
            out->labels = wb_labels_with(self->arena, out->labels, keys[i],
                                         wb_labels_get(type->labels, keys[i]));
        }
    }
}

/* The first free name: two classes that differ in what their pods select have one stem. */
static const char *free_name(wb_node_group_advisor *self, const char *stem)
{
    const char *name = stem;
    for (uint32_t number = 2;; number++) {
        bool is_taken = false;
        for (uint32_t i = 0; i < self->group_count; i++) {
            is_taken = is_taken || strcmp(self->groups[i].group.name, name) == 0;
        }
        if (!is_taken) {
            return name;
        }
        name = format(self, "%s-%u", stem, number);
    }
}

static const char *name_group(wb_node_group_advisor *self, const wb_node_group_class *class,
                              wb_capacity_type market, const char *suffix)
{
    const char *kind = class->gpu_resource != 0 ? format(self, "gpu%.0f", class->gpus)
                                                : wb_node_group_types_ratios[class->ratio].name;
    const uint32_t pool_name = self->input->pools[class->pool_index].name;
    return free_name(self,
                     format(self, "%s-%s%s%s%s", wb_intern_text(self->input->intern, pool_name),
                            kind, class->arch == WB_NAME_ARM64 ? "-arm64" : "", suffix,
                            market == WB_CAPACITY_SPOT ? "-spot" : ""));
}

/* The pool's limit on cores as a number of nodes, of one zone where there are several groups. */
static int32_t maximum_of(const wb_node_group_advisor *self, const wb_node_group_class *class,
                          const wb_node_group *group)
{
    const int64_t limit_milli =
        wb_resource_list_get(self->input->pools[class->pool_index].limits, WB_NAME_CPU);
    const double cores =
        wb_node_group_types_cores(&self->input->catalog->types[group->type_indexes[0]]);
    if (limit_milli <= 0) {
        return GROUP_MAX_DEFAULT;
    }
    const double nodes = (double)limit_milli / 1000.0 / cores;
    return nodes < 1.0 ? 1 : nodes > GROUP_MAX_DEFAULT ? GROUP_MAX_DEFAULT : (int32_t)nodes;
}

static void add_group(wb_node_group_advisor *self, const wb_node_group_advice_group *group)
{
    if (self->group_count == self->group_capacity) {
        self->groups = wb_arena_grow(self->arena, self->groups, self->group_capacity,
                                     (size_t)self->group_capacity * 2 + 8, sizeof self->groups[0]);
        self->group_capacity = self->group_capacity * 2 + 8;
    }
    self->groups[self->group_count++] = *group;
}

static const char *why(wb_node_group_advisor *self, const wb_node_group_class *class,
                       const wb_node_group *group, const char *part)
{
    const wb_catalog_type *type = &self->input->catalog->types[group->type_indexes[0]];
    const char *zones = !group->is_per_zone        ? ""
                        : class->has_zonal_volumes ? "; one group per zone, since volumes are zonal"
                                                   : "; one group per zone, since pods are spread "
                                                     "over or bound to zones";
    const char *market = group->capacity_type == WB_CAPACITY_SPOT && group->type_count > 1
                             ? "; types of one size mixed, so that no one pool decides"
                             : "";
    return format(self,
                  "%s of NodePool %s, %.1f pods at a time (%.0f %% of its demand): %.0f cores and "
                  "%.0f GiB a node%s%s",
                  part,
                  wb_intern_text(self->input->intern, self->input->pools[class->pool_index].name),
                  class->pods, class->share * 100.0, wb_node_group_types_cores(type),
                  wb_node_group_types_gib(self->input->intern, type), market, zones);
}

/* One group of a class in one market; false when the pool has no type for it. */
static bool make_group(wb_node_group_advisor *self, const wb_node_group_class *class,
                       const wb_node_group_need *need, wb_capacity_type market, const char *suffix)
{
    const uint32_t base = wb_node_group_types_base(self, class, need, market);
    if (base == UINT32_MAX) {
        return false;
    }
    wb_node_group_advice_group out = {.group = {.capacity_type = market}};
    wb_node_group *group = &out.group;
    group->name = name_group(self, class, market, suffix);
    group->type_indexes = wb_node_group_types_mix(self, class, base, market, &group->type_count);
    take_zones(self, class, group);
    take_labels(self, class, group);
    take_type_labels(self, class, base, group);
    group->max_count = maximum_of(self, class, group);
    group->policy.spot_strategy = WB_ALLOCATION_PRICE_CAPACITY_OPTIMIZED;
    group->policy.on_demand_strategy = WB_ALLOCATION_PRIORITIZED;
    const double cores =
        wb_node_group_types_cores(&self->input->catalog->types[base]) * WB_NODE_GROUP_TYPES_USABLE;
    out.node_count = class->cores / cores;
    out.pod_count = class->pods;
    const char *part =
        *suffix != '\0' ? "pods too large for the class' ordinary nodes"
        : class->gpu_resource != 0
            ? format(self, "pods that ask for %.0f of a GPU resource", class->gpus)
            : format(self, "pods of ratio %s", wb_node_group_types_ratios[class->ratio].name);
    out.why = why(self, class, group, part);
    add_group(self, &out);
    return true;
}

/* Spot with on-demand behind it, or the one that the pool allows. */
static bool make_markets(wb_node_group_advisor *self, const wb_node_group_class *class,
                         const wb_node_group_need *need, const char *suffix)
{
    bool is_made = false;
    if (allows_market(self, class, WB_CAPACITY_SPOT)) {
        is_made = make_group(self, class, need, WB_CAPACITY_SPOT, suffix);
    }
    if (!allows_market(self, class, WB_CAPACITY_ON_DEMAND) ||
        !make_group(self, class, need, WB_CAPACITY_ON_DEMAND, suffix)) {
        return is_made;
    }
    if (is_made) {
        wb_node_group_advice_group *fallback = &self->groups[self->group_count - 1];
        fallback->node_count = 0.0;
        fallback->why =
            format(self, "%s; behind the spot group, for when that has no capacity", fallback->why);
    }
    return true;
}

/* The class as if it had only the kinds from first to last - 1. */
static wb_node_group_class part_of(const wb_node_group_class *class,
                                   const wb_node_group_placed *const *sorted, uint32_t first,
                                   uint32_t last)
{
    wb_node_group_class part = *class;
    part.cores = part.pods = 0.0;
    for (uint32_t i = first; i < last; i++) {
        part.cores += sorted[i]->size * sorted[i]->kind->count;
        part.pods += sorted[i]->kind->count;
    }
    part.share = class->cores > 0.0 ? class->share * part.cores / class->cores : class->share;
    return part;
}

static void make_class(wb_node_group_advisor *self, uint32_t class_index)
{
    const wb_node_group_class *class = &self->classes[class_index];
    uint32_t count = 0;
    const wb_node_group_placed **sorted = sort_kinds(self, class_index, &count);
    if (count == 0 || class->is_merged) {
        return;
    }
    const double by_pod = PODS_PER_NODE * large_pod(class, sorted, count);
    const double by_demand = class->cores / NODES_WANTED;
    const double cores = by_pod > by_demand ? by_pod : by_demand;
    uint32_t ordinary = count; /* kinds that fit an ordinary node */
    while (ordinary > 1 && class->gpu_resource == 0 &&
           sorted[ordinary - 1]->size > cores * WB_NODE_GROUP_TYPES_USABLE) {
        ordinary--;
    }
    const wb_node_group_need need = need_of(sorted, 0, ordinary, cores);
    const wb_node_group_class most = part_of(class, sorted, 0, ordinary);
    bool is_made = make_markets(self, &most, &need, "");
    if (ordinary < count) {
        const double largest = sorted[count - 1]->size / WB_NODE_GROUP_TYPES_USABLE;
        const wb_node_group_need large = need_of(sorted, ordinary, count, largest);
        const wb_node_group_class rest = part_of(class, sorted, ordinary, count);
        is_made = make_markets(self, &rest, &large, "-large") && is_made;
    }
    if (!is_made) {
        add_note(self, format(self,
                              "NodePool %s allows no instance type for its largest pods of "
                              "ratio %s",
                              wb_intern_text(self->input->intern,
                                             self->input->pools[class->pool_index].name),
                              wb_node_group_types_ratios[class->ratio].name));
    }
}

/* ---- the whole ---- */

static void add_flag(wb_setting *flags, uint32_t *count, const char *name, const char *value)
{
    flags[(*count)++] = (wb_setting){.name = name, .value = value};
}

/* What the engineer sets: the order of markets, balance over zones, and that neither local storage
 * nor system pods hold nodes, which hold none of Karpenter's. */
static void take_flags(wb_node_group_advisor *self, wb_node_group_advice_set *out)
{
    wb_setting *flags = WB_ARENA_ARRAY(self->arena, wb_setting, 8);
    bool has_fallback = false;
    bool is_per_zone = false;
    for (uint32_t i = 0; i < self->group_count; i++) {
        has_fallback = has_fallback || self->groups[i].node_count <= 0.0;
        is_per_zone = is_per_zone || self->groups[i].group.is_per_zone;
    }
    add_flag(flags, &out->flag_count, "expander",
             has_fallback ? "priority,least-waste" : "least-waste");
    if (has_fallback) {
        add_flag(flags, &out->flag_count, "priority-config", "20:\n  - .*-spot.*\n10:\n  - .*\n");
    }
    if (is_per_zone) {
        add_flag(flags, &out->flag_count, "balance-similar-node-groups", "true");
    }
    add_flag(flags, &out->flag_count, "skip-nodes-with-local-storage", "false");
    add_flag(flags, &out->flag_count, "skip-nodes-with-system-pods", "false");
    const int64_t limit_milli = wb_resource_list_get(self->input->pools[0].limits, WB_NAME_CPU);
    if (self->input->pool_count == 1 && limit_milli > 0) {
        add_flag(flags, &out->flag_count, "cores-total",
                 format(self, "0:%lld", (long long)(limit_milli / 1000)));
    }
    out->flags = flags;
}

/* The class with most demand that asks for no GPU; without one the first. */
static uint32_t main_class(const wb_node_group_advisor *self)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < self->class_count; i++) {
        const bool is_plain_class = self->classes[i].gpu_resource == 0;
        if (is_plain_class && (self->classes[best].gpu_resource != 0 ||
                               self->classes[i].cores > self->classes[best].cores)) {
            best = i;
        }
    }
    return best;
}

/* Room for all pods of a pool that ask for no GPU, where a type has that; else for none. */
static wb_node_group_need need_of_pool(const wb_node_group_advisor *self, uint32_t pool_index)
{
    wb_node_group_need need = {.cores = 4.0};
    for (uint32_t i = 0; i < self->kind_count; i++) {
        const wb_node_group_placed *placed = &self->kinds[i];
        const wb_node_group_class *class = &self->classes[placed->class_index];
        if (class->pool_index == pool_index && class->gpu_resource == 0) {
            need.pod_cores = placed->cores > need.pod_cores ? placed->cores : need.pod_cores;
            need.pod_gib = placed->gib > need.pod_gib ? placed->gib : need.pod_gib;
        }
    }
    return need;
}

/* One group of one general type, over all zones, with the flags' defaults: what people begin with.
 */
static void make_naive(wb_node_group_advisor *self, wb_node_group_advice_set *out)
{
    wb_node_group_class class = self->classes[main_class(self)];
    class.ratio = WB_NODE_GROUP_GENERAL;
    class.is_zonal = false;
    const wb_capacity_type market = allows_market(self, &class, WB_CAPACITY_ON_DEMAND)
                                        ? WB_CAPACITY_ON_DEMAND
                                        : WB_CAPACITY_SPOT;
    const wb_node_group_need all = need_of_pool(self, class.pool_index);
    const wb_node_group_need none = {.cores = 4.0};
    uint32_t *type = WB_ARENA_NEW(self->arena, uint32_t);
    *type = wb_node_group_types_base(self, &class, &all, market);
    const bool has_all = *type != UINT32_MAX;
    *type = has_all ? *type : wb_node_group_types_base(self, &class, &none, market);
    if (*type == UINT32_MAX) {
        return;
    }
    wb_node_group_advice_group *naive = WB_ARENA_NEW(self->arena, wb_node_group_advice_group);
    naive->group = (wb_node_group){.name = "general",
                                   .type_indexes = type,
                                   .type_count = 1,
                                   .capacity_type = market,
                                   .max_count = GROUP_MAX_DEFAULT};
    take_zones(self, &class, &naive->group);
    take_labels(self, &class, &naive->group);
    naive->node_count = class.cores /
                        wb_node_group_types_cores(&self->input->catalog->types[*type]) /
                        WB_NODE_GROUP_TYPES_USABLE;
    naive->pod_count = class.pods;
    naive->why = has_all ? "one type for everything, large enough for the largest pod"
                         : "one type for everything; no type has room for the largest pods";
    out->groups = naive;
    out->group_count = 1;
}

wb_status wb_node_group_advice_make(wb_arena *arena, const wb_node_group_advice_input *input,
                                    wb_node_group_advice *out, wb_error *err)
{
    assert(arena != NULL && input != NULL && out != NULL);
    wb_node_group_advisor self = {.arena = arena, .input = input};
    if (input->pool_count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "there is no NodePool, expected at least one");
    }
    if (input->demand->count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "there is no pod, expected a trace or workloads");
    }
    place_kinds(&self);
    if (self.class_count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "no NodePool takes any of the pods");
    }
    merge_small(&self);
    for (uint32_t i = 0; i < self.class_count; i++) {
        make_class(&self, i);
    }
    wb_node_group_advice advice = {.engineered = {.name = "engineered"},
                                   .naive = {.name = "naive"}};
    advice.engineered.groups = self.groups;
    advice.engineered.group_count = self.group_count;
    take_flags(&self, &advice.engineered);
    make_naive(&self, &advice.naive);
    if (input->demand->daemon_count == 0) {
        add_note(&self, "no DaemonSets are known: nodes are sized as if none ran there");
    }
    advice.notes = self.notes;
    advice.note_count = self.note_count;
    if (advice.engineered.group_count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s",
                       self.note_count > 0 ? self.notes[0] : "no instance type is allowed");
    }
    *out = advice;
    return WB_OK;
}
