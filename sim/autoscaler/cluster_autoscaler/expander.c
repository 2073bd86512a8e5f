/*
 * Expanders as rows of a table. Most are a figure of each option, of which the smallest stay;
 * random and priority choose in their own way. Doubles are compared exactly, as the real program
 * does: the figures come from integers in a fixed order of operations, so equal options are equal
 * everywhere.
 */
#include "sim/autoscaler/cluster_autoscaler/expander.h"

#include <assert.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/document.h"
#include "base/random.h"

#define GIB (1024.0 * 1024.0 * 1024.0)

/* Price of pods where the scenario states none: the figures of the golden cases, close to what a
 * core and a GiB of m5 cost. */
#define CORE_HOUR_PRICE 0.033
#define GIB_HOUR_PRICE  0.0045

/* Cores of the node that a cluster of so many nodes likes best: the real program's table. */
static const struct {
    uint32_t node_count;
    double cores;
} preferred_nodes[] = {{2, 1.0}, {6, 2.0}, {20, 4.0}, {60, 8.0}, {200, 16.0}, {UINT32_MAX, 32.0}};

/* ---- figures: the options with the smallest are kept ---- */

/* Most pods placed: the smallest negative. */
static double by_pods(const wb_expander *expander, wb_expander_option *option)
{
    (void)expander;
    return -(double)option->pod_count;
}

/* Fewest nodes. */
static double by_nodes(const wb_expander *expander, wb_expander_option *option)
{
    (void)expander;
    return (double)option->node_count;
}

/* Over capacity, not allocatable; in the real program's order of operations. */
static double by_waste(const wb_expander *expander, wb_expander_option *option)
{
    assert(option->node_count > 0);
    (void)expander;
    const int64_t cpu_milli = option->node_cpu_milli * option->node_count;
    const int64_t memory_bytes = option->node_memory_bytes * option->node_count;
    const double cpu = (double)(cpu_milli - option->cpu_milli) / (double)cpu_milli;
    const double memory = (double)(memory_bytes - option->memory_bytes) / (double)memory_bytes;
    return cpu + memory;
}

/* From the exponential that is the same on every machine. */
static double hyperbolic_tangent(double x)
{
    assert(x >= 0.0);
    const double square = wb_random_exp(2.0 * (x < 20.0 ? x : 20.0));
    return (square - 1.0) / (square + 1.0);
}

/* The node that suits a cluster of that size. */
static double preferred_cores(uint32_t node_count)
{
    size_t i = 0;
    while (node_count > preferred_nodes[i].node_count) {
        i++;
    }
    return preferred_nodes[i].cores;
}

/* What pods of so much cpu and memory are worth for an hour. */
static double pod_price(const wb_expander *expander, int64_t cpu_milli, double memory_bytes)
{
    return (double)cpu_milli / 1000.0 * expander->core_hour_price +
           memory_bytes / GIB * expander->gib_hour_price;
}

/* Price of the nodes over worth of the pods, worse for nodes of the wrong size. */
static double by_price(const wb_expander *expander, wb_expander_option *option)
{
    const double stabilization = pod_price(expander, 500, 500.0 * 1024.0 * 1024.0);
    const double cores = (double)option->node_cpu_milli / 1000.0;
    const double preferred = preferred_cores(expander->cluster_node_count);
    option->all_nodes_price = (double)option->node_count * option->node_price;
    option->pods_price = pod_price(expander, option->cpu_milli, (double)option->memory_bytes);
    option->stabilized_ratio =
        (option->all_nodes_price + stabilization) / (option->pods_price + stabilization);
    option->unfitness = preferred > cores ? preferred / cores : cores / preferred;
    option->suppressed =
        option->node_has_gpu
            ? 1000.0
            : (option->unfitness - 1.0) *
                      (1.0 - hyperbolic_tangent((double)(option->node_count - 1) / 15.0)) +
                  1.0;
    return option->suppressed * option->stabilized_ratio;
}

/* ---- filters of another kind ---- */

/* One, uniformly: a function of the seed and of how many choices came before. */
static uint32_t keep_random(const wb_expander *expander, wb_expander_option *options,
                            uint32_t *kept, uint32_t count)
{
    assert(count > 0);
    (void)options;
    const wb_random_key key = {expander->seed, WB_RANDOM_EXPANDER, expander->draw_count};
    kept[0] = kept[wb_random_below(key, 0, count)];
    return 1;
}

/* Searches anywhere in the name; Go's syntax as far as POSIX has it. */
static bool matches(const char *pattern, const char *name)
{
    regex_t expression;
    if (regcomp(&expression, pattern, REG_EXTENDED | REG_NOSUB) != 0) {
        return false; /* the real program drops a bad pattern with a warning */
    }
    const bool is_match = regexec(&expression, name, 0, NULL, 0) == 0;
    regfree(&expression);
    return is_match;
}

/* The highest priority of a pattern that the group's name matches; false when none does. */
static bool priority_of(const wb_expander *expander, const char *name, int64_t *out)
{
    bool is_found = false;
    for (uint32_t i = 0; i < expander->priority_count; i++) {
        const wb_expander_priority *row = &expander->priorities[i];
        if ((!is_found || row->priority > *out) && matches(row->pattern, name)) {
            *out = row->priority;
            is_found = true;
        }
    }
    return is_found;
}

/* Those of the highest priority that any name matches. */
static uint32_t keep_priority(const wb_expander *expander, wb_expander_option *options,
                              uint32_t *kept, uint32_t count)
{
    int64_t best = 0;
    bool any = false;
    for (uint32_t i = 0; i < count; i++) {
        int64_t priority = 0;
        if (priority_of(expander, options[kept[i]].group_name, &priority) &&
            (!any || priority > best)) {
            best = priority;
            any = true;
        }
    }
    if (!any) {
        return count; /* no map, or nothing matches: everyone stays */
    }
    uint32_t kept_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        int64_t priority = 0;
        options[kept[i]].figure = -(double)best;
        if (priority_of(expander, options[kept[i]].group_name, &priority) && priority == best) {
            kept[kept_count++] = kept[i];
        }
    }
    return kept_count;
}

/* ---- the table ---- */

static const struct {
    const char *name;
    /* One of the two: a figure whose smallest values are kept, or a filter. */
    double (*figure)(const wb_expander *expander, wb_expander_option *option);
    uint32_t (*keep)(const wb_expander *expander, wb_expander_option *options, uint32_t *kept,
                     uint32_t count);
    const char *word; /* for reasons: what the figure is */
    double sign;      /* of the figure, as people read it */
} expanders[] = {
    {"random", NULL, keep_random, "drawn", 1.0},
    {"most-pods", by_pods, NULL, "pods placed", -1.0},
    {"least-nodes", by_nodes, NULL, "nodes", 1.0},
    {"least-waste", by_waste, NULL, "waste", 1.0},
    {"priority", NULL, keep_priority, "priority", -1.0},
    {"price", by_price, NULL, "score", 1.0},
};

enum {
    EXPANDER_COUNT = sizeof(expanders) / sizeof(expanders[0]),
    EXPANDER_RANDOM = 0
};

/* The row of an expander; EXPANDER_COUNT: none. */
static uint32_t find_expander(const char *name)
{
    uint32_t i = 0;
    while (i < EXPANDER_COUNT && strcmp(expanders[i].name, name) != 0) {
        i++;
    }
    return i;
}

/* Equality of floats is exact, as it is there. */
static uint32_t keep_smallest(wb_expander_option *options, uint32_t *kept, uint32_t count)
{
    uint32_t kept_count = 0;
    double best = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        const double figure = options[kept[i]].figure;
        if (kept_count == 0 || figure < best) {
            best = figure;
            kept_count = 0;
        }
        if (figure <= best) {
            kept[kept_count++] = kept[i];
        }
    }
    return kept_count;
}

/* Runs one expander over what is kept so far. */
static uint32_t apply(const wb_expander *expander, uint32_t row, wb_expander_option *options,
                      uint32_t *kept, uint32_t count)
{
    assert(row < EXPANDER_COUNT && count > 0);
    if (expanders[row].figure == NULL) {
        return expanders[row].keep(expander, options, kept, count);
    }
    for (uint32_t i = 0; i < count; i++) {
        options[kept[i]].figure = expanders[row].figure(expander, &options[kept[i]]);
    }
    return keep_smallest(options, kept, count);
}

uint32_t wb_expander_filter(const wb_expander *expander, const char *name,
                            wb_expander_option *options, uint32_t count, uint32_t *out_kept)
{
    const uint32_t row = find_expander(name);
    assert(row < EXPANDER_COUNT && count > 0);
    for (uint32_t i = 0; i < count; i++) {
        out_kept[i] = i;
    }
    return apply(expander, row, options, out_kept, count);
}

/* ---- setting up ---- */

/* One line of the map: a priority and its patterns. */
static void add_priorities(wb_expander *expander, wb_arena *arena, const char *key,
                           const wb_node *patterns)
{
    char *end = NULL;
    const long long priority = strtoll(key, &end, 10);
    if (end == key || *end != '\0' || patterns->kind != WB_NODE_LIST) {
        return;
    }
    for (uint32_t i = 0; i < patterns->count; i++) {
        if (expander->priority_count < WB_EXPANDER_PRIORITIES_MAX) {
            expander->priorities[expander->priority_count++] = (wb_expander_priority){
                .priority = priority,
                .pattern = wb_arena_copy_string(arena, wb_node_string(patterns->children[i], "")),
            };
        }
    }
}

/* The ConfigMap's text; anything that is no such map counts as none. */
static void read_priorities(wb_expander *expander, wb_arena *arena, const char *text)
{
    wb_document_stream stream = {0};
    const wb_document_input input = {
        .file = "priorities", .text = text, .length = strlen(text), .syntax = WB_DOCUMENT_YAML};
    if (wb_document_read_text(arena, &input, &stream, NULL) != WB_OK || stream.count == 0 ||
        stream.roots[0]->kind != WB_NODE_MAP) {
        return; /* everyone stays, then */
    }
    const wb_node *map = stream.roots[0];
    for (uint32_t i = 0; i < map->count; i++) {
        add_priorities(expander, arena, map->keys[i], map->children[i]);
    }
}

wb_status wb_expander_init(wb_expander *expander, wb_arena *arena, const wb_ca_flags *flags,
                           uint64_t seed, wb_error *err)
{
    assert(expander != NULL && arena != NULL);
    *expander = (wb_expander){
        .seed = seed,
        .core_hour_price = CORE_HOUR_PRICE,
        .gib_hour_price = GIB_HOUR_PRICE,
    };
    const wb_ca_flags_list *names = &flags->expander;
    for (uint32_t i = 0; i < names->count; i++) {
        const uint32_t row = find_expander(names->items[i]);
        if (row == EXPANDER_COUNT) {
            return wb_fail(err, WB_ERR_INPUT,
                           "expander '%s' is not known, expected a comma list of random, "
                           "most-pods, least-nodes, least-waste, priority, price",
                           names->items[i]);
        }
        if (row == EXPANDER_RANDOM && i + 1 < names->count) {
            return wb_fail(err, WB_ERR_INPUT,
                           "expander 'random' leaves nothing to choose, expected it last");
        }
        expander->chain[expander->chain_count++] = row;
    }
    read_priorities(expander, arena, flags->priority_config);
    return WB_OK;
}

/* ---- the choice ---- */

/* Says by which figure chosen won, and against whom; counts: of options, and of those that
 * the chain left to draw from. */
static void explain(uint32_t row, const wb_expander_option *options, const uint32_t counts[2],
                    uint32_t chosen, char *reason, size_t size)
{
    const uint32_t count = counts[0];
    const uint32_t left = counts[1];
    assert(chosen < count && row < EXPANDER_COUNT);
    uint32_t runner_up = count;
    for (uint32_t i = 0; i < count; i++) {
        const bool is_beaten = options[i].figure > options[chosen].figure;
        if (i != chosen && is_beaten &&
            (runner_up == count || options[i].figure < options[runner_up].figure)) {
            runner_up = i;
        }
    }
    const double sign = expanders[row].sign;
    const int digits =
        expanders[row].figure == by_pods || expanders[row].figure == by_nodes ? 0 : 2;
    if (expanders[row].figure == NULL && left == 1) {
        (void)snprintf(reason, size, "%s: %.0f, the highest of %u groups", expanders[row].name,
                       sign * options[chosen].figure, count);
        return;
    }
    if (expanders[row].figure == NULL || runner_up == count) {
        (void)snprintf(reason, size, "%s: one of %u equally good groups", expanders[row].name,
                       left);
        return;
    }
    (void)snprintf(reason, size, "%s: %s %.*f against %.*f of group %s", expanders[row].name,
                   expanders[row].word, digits, sign * options[chosen].figure, digits,
                   sign * options[runner_up].figure, options[runner_up].group_name);
}

uint32_t wb_expander_choose(wb_expander *expander, wb_expander_option *options, uint32_t count,
                            char *reason, size_t reason_size)
{
    assert(count > 0 && reason_size > 0);
    uint32_t *kept = NULL;
    wb_arena scratch;
    wb_arena_init(&scratch, "expander", 0, NULL);
    kept = WB_ARENA_ARRAY(&scratch, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        kept[i] = i;
    }
    uint32_t kept_count = count;
    uint32_t deciding = EXPANDER_RANDOM;
    uint32_t left = count; /* to draw from */
    for (uint32_t i = 0; i < expander->chain_count && kept_count > 1; i++) {
        deciding = expander->chain[i];
        kept_count = apply(expander, deciding, options, kept, kept_count);
        left = deciding != EXPANDER_RANDOM ? kept_count : left;
    }
    if (kept_count > 1) {
        (void)keep_random(expander, options, kept, kept_count);
    }
    expander->draw_count++;
    const uint32_t chosen = kept[0];
    wb_arena_release(&scratch);
    if (count == 1) {
        (void)snprintf(reason, reason_size, "the only group that helps");
    } else {
        explain(deciding, options, (const uint32_t[2]){count, left}, chosen, reason, reason_size);
    }
    return chosen;
}
