/*
 * The workload of upstream's own benchmark (golden/scheduling/bench.md): its synthetic instance
 * types, its NodePool, and its classes of pods in equal parts: plain, spread over zones and over
 * hosts, with affinity and with anti-affinity.
 *
 * Draws follow upstream's order but come from our own streams, so figures are comparable and pods
 * are not the same ones; golden files of kind "benchmark" hold pods that Go drew.
 */
#include "bench/solver_workload.h"

#include <assert.h>
#include <stdio.h>

#include "base/random.h"
#include "kube/names.h"

enum {
    TYPE_COUNT = 400,
    OFFERING_COUNT = 5,
    CLASS_COUNT = 5
};

#define GIB (INT64_C(1) << 30)
#define MIB (INT64_C(1) << 20)

/* ---- instance types ---- */

static wb_resource_list resources(wb_arena *arena, int64_t cpu_milli, int64_t memory_bytes,
                                  int64_t pods)
{
    assert(cpu_milli >= 0 && memory_bytes >= 0 && pods >= 0);
    wb_resource *items = WB_ARENA_ARRAY(arena, wb_resource, 3);
    uint32_t count = 0;
    items[count++] = (wb_resource){WB_NAME_CPU, cpu_milli};
    items[count++] = (wb_resource){WB_NAME_MEMORY, memory_bytes};
    if (pods > 0) {
        items[count++] = (wb_resource){WB_NAME_PODS, pods};
    }
    return (wb_resource_list){.items = items, .count = count};
}

static const wb_offering *offerings(wb_arena *arena, const uint32_t zones[3], double price)
{
    assert(price > 0.0);
    wb_offering *made = WB_ARENA_ARRAY(arena, wb_offering, OFFERING_COUNT);
    for (uint32_t i = 0; i < OFFERING_COUNT; i++) {
        made[i] = (wb_offering){
            .zone = zones[i < 2 ? i : i - 2],
            .capacity_type = i < 2 ? WB_CAPACITY_SPOT : WB_CAPACITY_ON_DEMAND,
            .price_usd_per_hour = price,
            .is_available = true,
        };
    }
    return made;
}

static wb_extra_requirement extra(wb_arena *arena, wb_intern *intern, const char *key,
                                  const char *const *values, uint32_t count)
{
    uint32_t *ids = WB_ARENA_ARRAY(arena, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = wb_intern_add(intern, values[i]);
    }
    return (wb_extra_requirement){.key = wb_intern_add(intern, key),
                                  .values = ids,
                                  .value_count = count};
}

static wb_catalog_type make_type(wb_arena *arena, wb_intern *intern, uint32_t index,
                                 const uint32_t zones[3])
{
    static const char *const systems[] = {"linux", "windows", "darwin"};
    static const char *const optional[] = {"optional"};
    char text[32];
    const int64_t cpu = (int64_t)index + 1;
    const int64_t memory_bytes = 2 * cpu * GIB;
    const bool is_large = cpu > 4 && memory_bytes > 8 * GIB;
    (void)snprintf(text, sizeof(text), "fake-it-%u", index);
    const uint32_t name = wb_intern_add(intern, text);
    (void)snprintf(text, sizeof(text), "%lld", (long long)cpu);
    wb_labels labels = {0};
    labels = wb_labels_with(arena, labels, WB_NAME_INSTANCE_TYPE, name);
    labels = wb_labels_with(arena, labels, WB_NAME_ARCH, WB_NAME_AMD64);
    labels = wb_labels_with(arena, labels, wb_intern_add(intern, "integer"),
                            wb_intern_add(intern, text));
    labels = wb_labels_with(arena, labels, wb_intern_add(intern, "size"),
                            wb_intern_add(intern, is_large ? "large" : "small"));
    wb_extra_requirement *extras = WB_ARENA_ARRAY(arena, wb_extra_requirement, 2);
    extras[0] = extra(arena, intern, "kubernetes.io/os", systems, 3);
    extras[1] = extra(arena, intern, "special", optional, is_large ? 1 : 0);
    return (wb_catalog_type){
        .name = name,
        .labels = labels,
        .capacity = resources(arena, cpu * 1000, memory_bytes, 10 * cpu),
        .overhead = resources(arena, 100, 10 * MIB, 0),
        .offerings = offerings(arena, zones, 0.1 * (double)cpu + 0.1 * (double)memory_bytes / 1e9),
        .offering_count = OFFERING_COUNT,
        .interruption_band = -1,
        .savings_percent = INT32_MIN,
        .extra_requirements = extras,
        .extra_requirement_count = 2,
        .plain_requirements = true,
    };
}

wb_catalog wb_solver_workload_catalog(wb_arena *arena, wb_intern *intern)
{
    assert(arena != NULL && intern != NULL);
    uint32_t *zones = WB_ARENA_ARRAY(arena, uint32_t, 3);
    for (uint32_t i = 0; i < 3; i++) {
        char text[16];
        (void)snprintf(text, sizeof(text), "test-zone-%u", i + 1);
        zones[i] = wb_intern_add(intern, text);
    }
    wb_catalog_type *types = WB_ARENA_ARRAY(arena, wb_catalog_type, TYPE_COUNT);
    for (uint32_t i = 0; i < TYPE_COUNT; i++) {
        types[i] = make_type(arena, intern, i, zones);
    }
    return (wb_catalog){.zones = zones,
                        .zone_count = 3,
                        .types = types,
                        .type_count = TYPE_COUNT,
                        .currency = "USD",
                        .price_source = "0.1 $ per CPU and per GB"};
}

wb_nodepool wb_solver_workload_nodepool(wb_arena *arena, wb_intern *intern)
{
    assert(arena != NULL && intern != NULL);
    return (wb_nodepool){
        .name = wb_intern_add(intern, "default"),
        .is_ready = true,
        .replicas = -1,
        .node_class_name = WB_NAME_DEFAULT,
        .limits = resources(arena, INT64_C(10000000) * 1000, INT64_C(10000000) * GIB, 0),
        .limit_nodes = -1,
    };
}

/* ---- pods ---- */

/* One generator for all draws, in the order of the pods, as upstream has it. */
typedef struct generator {
    wb_arena *arena;
    wb_intern *intern;
    wb_random_key key;
    uint64_t draw;
} generator;

static uint32_t draw_below(generator *from, uint32_t bound)
{
    assert(bound > 0);
    return (uint32_t)wb_random_below(from->key, from->draw++, bound);
}

static uint32_t draw_letter(generator *from)
{
    const char letter[2] = {(char)('a' + draw_below(from, 7)), '\0'};
    return wb_intern_add(from->intern, letter);
}

static wb_resource_list draw_requests(generator *from)
{
    static const int64_t cpu_milli[] = {100, 250, 500, 1000, 1500};
    static const int64_t memory_mib[] = {100, 256, 512, 1024, 2048, 4096};
    const int64_t cpu = cpu_milli[draw_below(from, 5)];
    const int64_t memory = memory_mib[draw_below(from, 6)];
    return resources(from->arena, cpu, memory * MIB, 1);
}

static wb_labels one_label(const generator *from, const char *key, uint32_t value)
{
    return wb_labels_with(from->arena, (wb_labels){0}, wb_intern_add(from->intern, key), value);
}

/* matchLabels with one label. */
static wb_label_selector select_label(const generator *from, const char *key, uint32_t value)
{
    wb_label_expression *expression = WB_ARENA_NEW(from->arena, wb_label_expression);
    uint32_t *values = WB_ARENA_NEW(from->arena, uint32_t);
    *values = value;
    *expression = (wb_label_expression){.key = wb_intern_add(from->intern, key),
                                        .op = WB_OPERATOR_IN,
                                        .value_count = 1,
                                        .values = values};
    return (wb_label_selector){.is_set = true, .expression_count = 1, .expressions = expression};
}

static wb_pod_term *make_term(const generator *from, const char *key, uint32_t value,
                              uint32_t topology_key)
{
    wb_pod_term *term = WB_ARENA_NEW(from->arena, wb_pod_term);
    *term = (wb_pod_term){.selector = select_label(from, key, value), .topology_key = topology_key};
    return term;
}

static void make_spread(generator *from, wb_pod_template *pod, uint32_t topology_key)
{
    wb_spread_constraint *spread = WB_ARENA_NEW(from->arena, wb_spread_constraint);
    *spread = (wb_spread_constraint){
        .max_skew = 1,
        .topology_key = topology_key,
        .selector = select_label(from, "my-label", draw_letter(from)),
    };
    pod->spreads = spread;
    pod->spread_count = 1;
}

/* Draws in upstream's order: labels, selector, then cpu and memory. */
static wb_pod_template *make_template(generator *from, uint32_t class_index)
{
    wb_pod_template *pod = WB_ARENA_NEW(from->arena, wb_pod_template);
    const uint32_t nginx = wb_intern_add(from->intern, "nginx");
    switch (class_index) {
    case 1: /* zonal spread, of pods that it often does not belong to */
    case 2: /* the same by host */
        pod->labels = one_label(from, "my-label", draw_letter(from));
        make_spread(from, pod, class_index == 1 ? WB_NAME_ZONE : WB_NAME_HOSTNAME);
        break;
    case 3: { /* affinity to its own kind by zone; the key is spelled as upstream spells it */
        const uint32_t letter = draw_letter(from);
        pod->labels = one_label(from, "my-affininity", letter);
        pod->affinity_required = make_term(from, "my-affininity", letter, WB_NAME_ZONE);
        pod->affinity_required_count = 1;
        break;
    }
    case 4: /* one per host */
        pod->labels = one_label(from, "app", nginx);
        pod->anti_affinity_required = make_term(from, "app", nginx, WB_NAME_HOSTNAME);
        pod->anti_affinity_required_count = 1;
        break;
    default: /* generic */ pod->labels = one_label(from, "my-label", draw_letter(from)); break;
    }
    pod->requests = draw_requests(from);
    return pod;
}

static wb_pod make_pod(const generator *from, uint32_t index, const wb_pod_template *template)
{
    char text[48];
    (void)snprintf(text, sizeof(text), "p%07u", index);
    const uint32_t name = wb_intern_add(from->intern, text);
    (void)snprintf(text, sizeof(text), "00000000-0000-4000-8000-%012u", index);
    return (wb_pod){
        .name = name,
        .namespace_name = WB_NAME_DEFAULT,
        .uid = wb_intern_add(from->intern, text),
        .template = template,
        .created_ms = INT64_C(1768471200000),
        .deletion_ms = -1,
        .phase = WB_POD_PENDING,
        .is_unschedulable = true,
    };
}

static generator start(wb_arena *arena, wb_intern *intern, uint64_t seed)
{
    return (generator){.arena = arena,
                       .intern = intern,
                       .key = {.seed = seed, .stream = WB_RANDOM_GENERATE_CHOICE, .ordinal = 0}};
}

const wb_pod *wb_solver_workload_diverse(wb_arena *arena, wb_intern *intern, uint32_t count,
                                         uint64_t seed)
{
    assert(arena != NULL && intern != NULL);
    generator from = start(arena, intern, seed);
    wb_pod *pods = WB_ARENA_ARRAY(arena, wb_pod, count);
    const uint32_t per_class = count / CLASS_COUNT;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t class_index = per_class > 0 ? i / per_class : 0; /* the rest is generic */
        pods[i] = make_pod(&from, i, make_template(&from, class_index % CLASS_COUNT));
    }
    return pods;
}

/* Prefers a zone, and to stand alone in zone and host: heavy wishes that can't be met. */
static void add_preferences(generator *from, wb_pod_template *pod, uint32_t nginx)
{
    wb_label_expression *zone = WB_ARENA_NEW(from->arena, wb_label_expression);
    uint32_t *value = WB_ARENA_NEW(from->arena, uint32_t);
    *value = wb_intern_add(from->intern, "test-zone-1");
    *zone = (wb_label_expression){
        .key = WB_NAME_ZONE, .op = WB_OPERATOR_IN, .value_count = 1, .values = value};
    wb_node_term *preferred = WB_ARENA_NEW(from->arena, wb_node_term);
    *preferred = (wb_node_term){.expressions = zone, .expression_count = 1, .weight = 1};
    pod->preferred_terms = preferred;
    pod->preferred_term_count = 1;
    wb_pod_term *apart = WB_ARENA_ARRAY(from->arena, wb_pod_term, 2);
    apart[0] = *make_term(from, "app", nginx, WB_NAME_ZONE);
    apart[0].weight = 10;
    apart[1] = *make_term(from, "app", nginx, WB_NAME_HOSTNAME);
    apart[1].weight = 1;
    pod->anti_affinity_preferred = apart;
    pod->anti_affinity_preferred_count = 2;
}

const wb_pod *wb_solver_workload_preference(wb_arena *arena, wb_intern *intern, uint32_t count,
                                            uint64_t seed)
{
    assert(arena != NULL && intern != NULL);
    generator from = start(arena, intern, seed);
    const uint32_t nginx = wb_intern_add(intern, "nginx");
    const wb_resource_list requests = draw_requests(&from);
    wb_pod *pods = WB_ARENA_ARRAY(arena, wb_pod, count);
    for (uint32_t i = 0; i < count; i++) {
        wb_pod_template *pod = WB_ARENA_NEW(arena, wb_pod_template);
        pod->labels = one_label(&from, "app", nginx);
        pod->requests = requests;
        add_preferences(&from, pod, nginx);
        pods[i] = make_pod(&from, i, pod);
    }
    return pods;
}
