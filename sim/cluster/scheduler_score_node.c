/*
 * Scores that read one node and the shape alone: NodeResourcesFit with its three strategies,
 * NodeResourcesBalancedAllocation, and the raw figures of TaintToleration, NodeAffinity and
 * ImageLocality. spec/kube-scheduler.md section 4 has the formulas; each order of
 * operations below is kube-scheduler's, since integer divisions and roundings decide ties.
 */
#include <assert.h>
#include <string.h>

#include "kube/names.h"
#include "sim/cluster/scheduler_internal.h"

/* ImageLocality's thresholds: below 23 MiB an image is pulled in no time. */
#define IMAGE_LEAST_BYTES (INT64_C(23) * 1024 * 1024)
#define IMAGE_MOST_BYTES  (INT64_C(1000) * 1024 * 1024)

/* The user's curve at a utilization: straight lines between its points, level outside. */
static int64_t read_curve(const wb_scheduler_profile *profile, int64_t utilization)
{
    assert(profile->point_count > 0);
    const wb_score_point *points = profile->points;
    for (uint32_t i = 0; i < profile->point_count; i++) {
        if (utilization > points[i].utilization) {
            continue;
        }
        if (i == 0) {
            return points[0].score;
        }
        return points[i - 1].score + (points[i].score - points[i - 1].score) *
                                         (utilization - points[i - 1].utilization) /
                                         (points[i].utilization - points[i - 1].utilization);
    }
    return points[profile->point_count - 1].score;
}

/* What one resource scores; a pod that does not fit by its defaults counts as filling the node. */
static int64_t score_resource(const wb_scheduler_profile *profile, int64_t requested,
                              int64_t allocatable)
{
    assert(allocatable > 0);
    const int64_t used = requested > allocatable ? allocatable : requested;
    switch (profile->strategy) {
    case WB_SCORE_MOST_ALLOCATED: return used * WB_NODE_SCORE_MAX / allocatable;
    case WB_SCORE_CAPACITY_RATIO:
        return read_curve(profile, used * WB_NODE_SCORE_MAX / allocatable);
    case WB_SCORE_LEAST_ALLOCATED: break;
    }
    return (allocatable - used) * WB_NODE_SCORE_MAX / allocatable;
}

/* What a pod of shape asks of a resource that has no default. */
static int64_t request_of(const wb_scheduler_shape *shape, uint32_t resource)
{
    for (uint32_t i = 0; i < shape->request_count; i++) {
        if (shape->requests[i].resource == resource) {
            return shape->requests[i].amount;
        }
    }
    return 0;
}

/* Use of a resource with the pod on the node; false: the resource takes no part in the score. An
 * extended one does so only for pods that ask for it. */
static bool find_use(const wb_scheduler_core *core, const wb_scheduler_shape *shape, uint32_t slot,
                     uint32_t resource, int64_t *out_requested)
{
    const wb_scheduler_row *row = &core->rows[slot];
    if (resource == WB_SCHEDULER_RESOURCE_CPU) {
        *out_requested = row->nonzero_cpu_milli + shape->score_cpu_milli;
        return true;
    }
    if (resource == WB_SCHEDULER_RESOURCE_MEMORY) {
        *out_requested = row->nonzero_memory_bytes + shape->score_memory_bytes;
        return true;
    }
    const int64_t asked = request_of(shape, resource);
    *out_requested = core->requested[(size_t)slot * core->resource_stride + resource] + asked;
    return asked > 0 || core->resource_names[resource] == WB_NAME_EPHEMERAL_STORAGE;
}

/* The weighted mean over the strategy's resources; one that the node does not have is left out.
 * RequestedToCapacityRatio also leaves out those that score 0, and rounds where others truncate. */
static int64_t score_fit(const wb_scheduler_core *core, const wb_scheduler_shape *shape,
                         uint32_t slot)
{
    assert(core->rows[slot].is_present);
    const wb_scheduler_rules *rules = shape->rules;
    const bool is_ratio = rules->config->strategy == WB_SCORE_CAPACITY_RATIO;
    const int64_t *allocatable = &core->allocatable[(size_t)slot * core->resource_stride];
    int64_t sum = 0;
    int64_t weights = 0;
    for (uint32_t i = 0; i < rules->fit_resource_count; i++) {
        const wb_scheduler_fit_resource *resource = &rules->fit_resources[i];
        int64_t requested = 0;
        if (allocatable[resource->resource] <= 0 ||
            !find_use(core, shape, slot, resource->resource, &requested)) {
            continue;
        }
        const int64_t score =
            score_resource(rules->config, requested, allocatable[resource->resource]);
        if (score > 0 || !is_ratio) {
            sum += score * resource->weight;
            weights += resource->weight;
        }
    }
    if (weights == 0) {
        return 0;
    }
    return is_ratio ? (2 * sum + weights) / (2 * weights) : sum / weights;
}

/* (1 - std) * 100 truncated, std over the fractions used; with one fraction, or none, std is 0. */
static int64_t balance(const int64_t *requested, const int64_t *allocatable)
{
    assert(requested != NULL && allocatable != NULL);
    double fractions[2] = {0, 0};
    int count = 0;
    for (uint32_t i = WB_SCHEDULER_RESOURCE_CPU; i <= WB_SCHEDULER_RESOURCE_MEMORY; i++) {
        if (allocatable[i] != 0) {
            const double fraction = (double)requested[i] / (double)allocatable[i];
            fractions[count++] = fraction > 1 ? 1 : fraction;
        }
    }
    double deviation = 0;
    if (count == 2) {
        deviation = (fractions[0] - fractions[1]) / 2;
        deviation = deviation < 0 ? -deviation : deviation;
    }
    return (int64_t)((1 - deviation) * WB_NODE_SCORE_MAX);
}

/* About 75 when the pod leaves the balance as it is: 1.36 scores the change, not the state. */
static int64_t score_balanced(const wb_scheduler_core *core, const wb_scheduler_shape *shape,
                              uint32_t slot)
{
    const size_t first = (size_t)slot * core->resource_stride;
    const int64_t *allocatable = &core->allocatable[first];
    const int64_t *without = &core->requested[first];
    const int64_t with[] = {without[WB_SCHEDULER_RESOURCE_CPU] + shape->cpu_milli,
                            without[WB_SCHEDULER_RESOURCE_MEMORY] + shape->memory_bytes};
    const int64_t half = WB_NODE_SCORE_MAX / 2;
    return half + (half + balance(with, allocatable) - balance(without, allocatable)) / 2;
}

void wb_scheduler_score_node_fill(const wb_scheduler_core *core, const wb_scheduler_shape *shape,
                                  uint32_t slot, wb_scheduler_entry *entry)
{
    entry->fit = (uint8_t)score_fit(core, shape, slot);
    entry->balanced = 0;
    if (shape->cpu_milli > 0 || shape->memory_bytes > 0) {
        entry->balanced = (uint8_t)score_balanced(core, shape, slot);
    }
    assert(entry->fit <= WB_NODE_SCORE_MAX && entry->balanced <= WB_NODE_SCORE_MAX);
}

/* Only tolerations without an effect or with PreferNoSchedule count here. */
static bool tolerates_softly(const wb_scheduler_core *core, const wb_pod_template *template,
                             const wb_taint *taint)
{
    for (uint32_t i = 0; i < template->toleration_count; i++) {
        const wb_toleration *toleration = &template->tolerations[i];
        if ((toleration->effect == WB_TAINT_ANY ||
             toleration->effect == WB_TAINT_PREFER_NO_SCHEDULE) &&
            wb_toleration_tolerates(core->intern, toleration, taint)) {
            return true;
        }
    }
    return false;
}

void wb_scheduler_score_node_fill_static(const wb_scheduler_core *core,
                                         const wb_scheduler_shape *shape, uint32_t slot,
                                         wb_scheduler_detail *detail)
{
    const wb_scheduler_row *row = &core->rows[slot];
    const wb_pod_template *template = shape->template;
    uint32_t soft_taints = 0;
    for (uint32_t i = 0; i < row->node.taint_count; i++) {
        if (row->taints[i].effect == WB_TAINT_PREFER_NO_SCHEDULE &&
            !tolerates_softly(core, template, &row->taints[i])) {
            soft_taints++;
        }
    }
    detail->soft_taints = (uint8_t)soft_taints;
    detail->preferred = 0;
    for (uint32_t i = 0; i < template->preferred_term_count; i++) {
        const wb_node_term *term = &template->preferred_terms[i];
        if (term->weight != 0 &&
            wb_scheduler_filter_node_term(core, term, row->node.labels, row->node.name)) {
            detail->preferred += term->weight;
        }
    }
}

/* ---- images ---- */

/* Whether two image names are the same once a missing tag is read as :latest. */
static bool image_names_equal(const wb_scheduler_core *core, uint32_t as_written, uint32_t wanted)
{
    if (as_written == wanted) {
        return true;
    }
    const char *name = wb_intern_text(core->intern, wanted);
    const char *slash = strrchr(name, '/');
    if (strchr(slash == NULL ? name : slash, ':') != NULL) {
        return false;
    }
    const size_t length = strlen(name);
    const char *other = wb_intern_text(core->intern, as_written);
    return strncmp(other, name, length) == 0 && strcmp(other + length, ":latest") == 0;
}

static const wb_node_image *find_image(const wb_scheduler_core *core, const wb_scheduler_row *row,
                                       uint32_t wanted)
{
    assert(row->is_present);
    for (uint32_t i = 0; i < row->node.image_count; i++) {
        if (image_names_equal(core, row->node.images[i].name, wanted)) {
            return &row->node.images[i];
        }
    }
    return NULL;
}

/* Size of an image that slot has, scaled by the share of nodes that have it. Where nodes report
 * different sizes, the first node's counts for all. */
static int64_t scaled_image_bytes(const wb_scheduler_core *core, uint32_t slot, uint32_t image)
{
    if (find_image(core, &core->rows[slot], image) == NULL) {
        return 0;
    }
    int64_t size_bytes = -1;
    int64_t holders = 0;
    for (uint32_t i = 0; i < core->arrivals.count; i++) {
        const wb_node_image *found = find_image(core, &core->rows[core->arrivals.items[i]], image);
        if (found != NULL) {
            size_bytes = size_bytes < 0 ? found->size_bytes : size_bytes;
            holders++;
        }
    }
    assert(holders > 0 && core->node_count > 0);
    const double share = (double)holders / (double)core->node_count;
    return (int64_t)((double)size_bytes * share);
}

int64_t wb_scheduler_score_node_images(const wb_scheduler_core *core,
                                       const wb_scheduler_shape *shape, uint32_t slot)
{
    const wb_pod_template *template = shape->template;
    if (!core->has_images || template->container_count == 0) {
        return 0;
    }
    int64_t sum = 0;
    for (uint32_t i = 0; i < template->container_count; i++) {
        sum += scaled_image_bytes(core, slot, template->containers[i].image);
    }
    const int64_t most = IMAGE_MOST_BYTES * template->container_count;
    if (sum < IMAGE_LEAST_BYTES) {
        sum = IMAGE_LEAST_BYTES;
    } else if (sum > most) {
        sum = most;
    }
    return WB_NODE_SCORE_MAX * (sum - IMAGE_LEAST_BYTES) / (most - IMAGE_LEAST_BYTES);
}
