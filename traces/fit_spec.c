/*
 * What was measured, as a specification: a service for what stands, a queue for each group. JSON is
 * YAML, so templates stay as the trace has them.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "base/sort.h"
#include "traces/fit_internal.h"

#define ROWS_MAX        2000 /* of one group: the most frequent */
#define QUANTILE_STEPS  100
#define TREND_MINIMUM   2.0 /* variance of the parts over what chance makes of it */
#define CLUSTER_MINIMUM 1.5 /* events a cluster: below, clusters are what chance makes */

/* ---- templates ---- */

static bool is_claim(const wb_node *volume)
{
    return wb_node_get(volume, "persistentVolumeClaim") != NULL;
}

static void print_volumes_without_claims(const wb_node *volumes, wb_text *out)
{
    const char *separator = "";
    assert(volumes->kind == WB_NODE_LIST);
    wb_text_add_string(out, "[");
    for (uint32_t i = 0; i < volumes->count; i++) {
        if (!is_claim(volumes->children[i])) {
            wb_text_add_string(out, separator);
            wb_node_print_json(volumes->children[i], out);
            separator = ",";
        }
    }
    wb_text_add_string(out, "]");
}

/* Prints a template or its spec, with the list of volumes without its claims: nobody makes them,
 * and the pod would wait for ever. */
/* NOLINTNEXTLINE(misc-no-recursion): two levels */
static void print_without_claims(const wb_node *map, wb_text *out)
{
    const char *separator = "";
    wb_text_add_string(out, "{");
    for (uint32_t i = 0; i < map->count; i++) {
        const wb_node *child = map->children[i];
        wb_text_add_string(out, separator);
        separator = ",";
        wb_text_add_json_string(out, map->keys[i]);
        wb_text_add_string(out, ":");
        if (strcmp(map->keys[i], "spec") == 0 && child->kind == WB_NODE_MAP) {
            print_without_claims(child, out);
        } else if (strcmp(map->keys[i], "volumes") == 0 && child->kind == WB_NODE_LIST) {
            print_volumes_without_claims(child, out);
        } else {
            wb_node_print_json(child, out);
        }
    }
    wb_text_add_string(out, "}");
}

/* JSON as YAML takes it: inside of strings there may be characters that YAML wants escaped (DEL, C1
 * controls, U+FEFF, U+FFFE, U+FFFF). */
static void add_escaped(const char *json, wb_text *out)
{
    const unsigned char *at = (const unsigned char *)json;
    while (*at != 0) {
        const bool is_mark =
            at[0] == 0xEF && ((at[1] == 0xBB && at[2] == 0xBF) || (at[1] == 0xBF && at[2] >= 0xBE));
        if (at[0] == 0x7F) {
            wb_text_add_string(out, "\\u007f");
            at += 1;
        } else if (at[0] == 0xC2 && at[1] >= 0x80 && at[1] <= 0x9F) {
            wb_text_add_format(out, "\\u%04x", at[1]);
            at += 2;
        } else if (is_mark) {
            wb_text_add_format(out, "\\u%04x", 0xF000 | (at[1] & 0x3F) << 6 | (at[2] & 0x3F));
            at += 3;
        } else {
            wb_text_add(out, (const char *)at, 1);
            at += 1;
        }
    }
}

/* A recorded namespace, where a specification takes it as one. */
static void add_namespace(const char *name, wb_text *out)
{
    const size_t length = strlen(name);
    const bool is_good = length > 0 && length <= 50 && name[0] != '-' && name[length - 1] != '-' &&
                         strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
    wb_text_add_json_string(out, is_good ? name : "fit");
}

static void add_template(const wb_fit *fit, uint32_t shape_number, wb_text *out)
{
    assert(shape_number < fit->input.shape_count);
    const char *json = fit->input.shapes[shape_number].json;
    if (strstr(json, "persistentVolumeClaim") == NULL) {
        add_escaped(json, out);
        return;
    }
    wb_arena arena;
    wb_text text;
    wb_text_init(&text);
    wb_document_stream stream = {0};
    const wb_document_input input = {
        .file = "", .text = json, .length = strlen(json), .syntax = WB_DOCUMENT_JSON};
    wb_arena_init(&arena, "template", 0, NULL);
    const bool is_read = wb_document_read_text(&arena, &input, &stream, NULL) == WB_OK;
    assert(is_read && stream.count == 1); /* the reader took it before */
    print_without_claims(stream.roots[0], &text);
    add_escaped(wb_text_string(&text), out);
    wb_text_release(&text);
    wb_arena_release(&arena);
}

/* ---- rates ---- */

/* How many hours of the trace lie in each hour of the profile. */
static double exposure_hours(const wb_fit *fit, uint32_t hour, uint32_t hour_count)
{
    const int64_t period_ms = hour_count * WB_MS_PER_HOUR;
    const int64_t begin_ms = hour * WB_MS_PER_HOUR;
    const int64_t from_ms = fit->week_offset_ms % period_ms;
    const int64_t to_ms = from_ms + fit->end_ms;
    const int64_t whole = to_ms / period_ms; /* periods before the one that to_ms lies in */
    const int64_t rest_ms = to_ms % period_ms - begin_ms;
    const int64_t before_ms = from_ms - begin_ms;
    const int64_t clipped_rest = rest_ms < 0                ? 0
                                 : rest_ms > WB_MS_PER_HOUR ? WB_MS_PER_HOUR
                                                            : rest_ms;
    const int64_t clipped_before = before_ms < 0                ? 0
                                   : before_ms > WB_MS_PER_HOUR ? WB_MS_PER_HOUR
                                                                : before_ms;
    return (double)(whole * WB_MS_PER_HOUR + clipped_rest - clipped_before) /
           (double)WB_MS_PER_HOUR;
}

/* Events per hour at each hour of the profile; returns the largest. */
static double measure_rates(const wb_fit *fit, const wb_fit_group *group, double *rates)
{
    const uint32_t hour_count = fit->report->hour_count;
    double largest = 0.0;
    assert(WB_GENERATE_WEEK_HOURS % hour_count == 0);
    for (uint32_t hour = 0; hour < hour_count; hour++) {
        uint64_t events = 0;
        for (uint32_t i = hour; i < WB_GENERATE_WEEK_HOURS; i += hour_count) {
            events += group->events[i];
        }
        const double hours = hour_count == 1 ? (double)fit->end_ms / (double)WB_MS_PER_HOUR
                                             : exposure_hours(fit, hour, hour_count);
        rates[hour] = hours > 0.0 ? (double)events / hours : 0.0;
        largest = rates[hour] > largest ? rates[hour] : largest;
    }
    return largest;
}

/* Events that the rates of the week make in one part of the trace. */
static double expected_of(const wb_fit *fit, const double *rates, uint32_t part)
{
    const int64_t from_ms = (int64_t)part * fit->part_ms;
    const int64_t to_ms =
        from_ms + fit->part_ms < fit->end_ms ? from_ms + fit->part_ms : fit->end_ms;
    double sum = 0.0;
    assert(fit->part_ms > 0);
    for (int64_t at_ms = from_ms; at_ms < to_ms; at_ms += WB_MS_PER_HOUR) {
        const int64_t hour = (at_ms + fit->week_offset_ms) / WB_MS_PER_HOUR;
        const int64_t left_ms = to_ms - at_ms;
        sum += rates[hour % fit->report->hour_count] *
               (left_ms < WB_MS_PER_HOUR ? (double)left_ms / (double)WB_MS_PER_HOUR : 1.0);
    }
    return sum;
}

/* Where the parts of a trace differ by more than chance, their factors. */
static void add_trend(const wb_fit *fit, const wb_fit_group *group, const double *rates,
                      wb_text *out)
{
    double factors[WB_FIT_PARTS] = {0};
    double deviation = 0.0;
    uint32_t count = 0;
    if (fit->part_ms == 0) {
        return;
    }
    const double clusters = (double)group->cluster_count / (double)group->event_count;
    for (; count < WB_FIT_PARTS && (int64_t)count * fit->part_ms < fit->end_ms; count++) {
        const double expected = expected_of(fit, rates, count) * clusters;
        const double found = (double)group->parts[count];
        factors[count] = expected > 0.0 ? found / expected : 0.0;
        deviation += expected > 0.0 ? (found - expected) * (found - expected) / expected : 0.0;
    }
    if (count < 2 || deviation / (double)(count - 1) < TREND_MINIMUM) {
        return;
    }
    wb_text_add_format(out, "      trend: {every: %lldms, factors: [", (long long)fit->part_ms);
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(out, "%s%.3f", i > 0 ? ", " : "",
                           factors[i] < 1000.0 ? factors[i] : 1000.0);
    }
    wb_text_add_string(out, "]}\n");
}

static void add_rates(const wb_fit *fit, const wb_fit_group *group, wb_text *out)
{
    double rates[WB_GENERATE_WEEK_HOURS] = {0};
    assert(group->event_count > 0 && group->cluster_count > 0);
    if (group->is_initial) {
        wb_text_add_format(out, "      jobsPerHour: 0\n      initialJobs: %llu\n",
                           (unsigned long long)group->event_count);
        return;
    }
    const double largest = measure_rates(fit, group, rates);
    wb_text_add_format(out, "      jobsPerHour: %.6f\n", largest);
    if (fit->report->hour_count > 1) {
        wb_text_add_string(out, "      stepped: true\n      hours: [");
        for (uint32_t i = 0; i < fit->report->hour_count; i++) {
            wb_text_add_format(out, "%s%.3f", i > 0 ? ", " : "", rates[i] / largest);
        }
        wb_text_add_string(out, "]\n");
    }
    add_trend(fit, group, rates, out);
    const double jobs = (double)group->event_count / (double)group->cluster_count;
    const uint64_t inside = group->event_count - group->cluster_count;
    if (jobs >= CLUSTER_MINIMUM) {
        const double within_ms = (double)group->inside_ms / (double)inside * jobs;
        wb_text_add_format(out, "      bursts: {jobs: %.3f, within: %lldms}\n", jobs,
                           (long long)within_ms + 1);
    }
}

/* ---- lives ---- */

/* Lives of about one length, and which share of all has ended before them and with them. */
typedef struct life_bucket {
    int64_t low_ms, high_ms; /* within what was seen */
    double before, after;
} life_bucket;

/* A bucket of the lives that ended; its shares are not known yet. */
static life_bucket bucket_at(const wb_fit_group *group, uint32_t index, int64_t longest_ms)
{
    assert(index < WB_TRACE_HISTOGRAM_BUCKETS);
    const int64_t begin = wb_trace_histogram_bucket_start(index);
    const int64_t end = index + 1 < WB_TRACE_HISTOGRAM_BUCKETS
                            ? wb_trace_histogram_bucket_start(index + 1) - 1
                            : INT64_MAX;
    return (life_bucket){.low_ms = begin > group->ended.minimum ? begin : group->ended.minimum,
                         .high_ms = end < longest_ms ? end : longest_ms};
}

static void add_quantile(uint32_t step, int64_t length_ms, wb_text *out)
{
    wb_text_add_format(out, "%s%lldms", step > 0 ? ", " : "", (long long)length_ms);
}

/* The quantiles from step on that lie in the bucket, evenly spread over it; returns the first one
 * that lies behind it. */
static uint32_t add_quantiles_of(const life_bucket *bucket, uint32_t step, wb_text *out)
{
    const double within = bucket->after - bucket->before;
    for (; step <= QUANTILE_STEPS && (double)step / QUANTILE_STEPS <= bucket->after + 1e-12;
         step++) {
        const double share = bucket->after > bucket->before
                                 ? ((double)step / QUANTILE_STEPS - bucket->before) / within
                                 : 1.0;
        const double inside = share < 0.0 ? 0.0 : share > 1.0 ? 1.0 : share;
        const double length_ms = (double)(bucket->high_ms - bucket->low_ms) * inside;
        add_quantile(step, (int64_t)((double)bucket->low_ms + length_ms), out);
    }
    return step;
}

/* Kaplan and Meier: a life that was cut lasts as long as others that had lasted as long. What is
 * left behind the longest that ended lasts as long as the longest that was seen. */
static void add_quantiles(const wb_fit_group *group, wb_text *out)
{
    const int64_t longest_ms = group->ended.maximum > group->censored.maximum
                                   ? group->ended.maximum
                                   : group->censored.maximum;
    double at_risk = (double)(group->ended.count + group->censored.count);
    double survival = 1.0;
    assert(at_risk > 0.0);
    uint32_t step = 0;
    wb_text_add_string(out, "      duration: {quantiles: [");
    for (uint32_t i = 0; i < WB_TRACE_HISTOGRAM_BUCKETS && step <= QUANTILE_STEPS; i++) {
        const uint64_t ended = group->ended.counts[i];
        life_bucket bucket = bucket_at(group, i, longest_ms);
        bucket.before = 1.0 - survival;
        survival *= ended > 0 ? 1.0 - (double)ended / at_risk : 1.0;
        at_risk -= (double)(ended + group->censored.counts[i]);
        bucket.after = 1.0 - survival;
        step = ended > 0 ? add_quantiles_of(&bucket, step, out) : step;
    }
    for (; step <= QUANTILE_STEPS; step++) {
        add_quantile(step, longest_ms, out);
    }
    wb_text_add_string(out, "]}\n");
}

/* ---- sources ---- */

static int compare_rows(const void *a, const void *b, void *context)
{
    const wb_fit_row *left = a;
    const wb_fit_row *right = b;
    (void)context;
    if (left->event_count != right->event_count) {
        return left->event_count > right->event_count ? -1 : 1;
    }
    if (left->shape_number != right->shape_number) {
        return left->shape_number < right->shape_number ? -1 : 1;
    }
    return left->pod_count < right->pod_count ? -1 : left->pod_count > right->pod_count ? 1 : 0;
}

static void add_rows(wb_fit *fit, wb_fit_group *group, wb_text *out)
{
    wb_sort(group->rows, group->row_count, sizeof group->rows[0], compare_rows, NULL);
    wb_text_add_string(out, "      pods:\n");
    for (size_t i = 0; i < group->row_count; i++) {
        const wb_fit_row *row = &group->rows[i];
        if (i >= ROWS_MAX) {
            fit->report->dropped_count += row->event_count * (uint64_t)row->pod_count;
            continue;
        }
        wb_text_add_format(out, "        - {weight: %llu, podsPerJob: %lld, pod: ",
                           (unsigned long long)row->event_count, (long long)row->pod_count);
        add_template(fit, row->shape_number, out);
        wb_text_add_string(out, "}\n");
        fit->report->row_count++;
    }
}

static void add_group(wb_fit *fit, wb_fit_group *group, wb_text *out)
{
    const bool is_rest = group->shape_number == UINT32_MAX;
    wb_text_add_format(out, "    - name: %s%s%s", group->is_batch ? "batch" : "service",
                       group->is_checkpointed ? "-checkpointed" : "",
                       group->is_initial ? "-initial" : "");
    if (is_rest) {
        wb_text_add_string(out, "-rest");
    } else {
        wb_text_add_format(out, "-%u", group->shape_number);
    }
    if (!group->is_batch && !group->is_initial) {
        wb_text_add_format(out, "-q%u", group->quarter);
    }
    wb_text_add_string(out, "\n      namespace: ");
    add_namespace(is_rest ? "fit" : fit->input.shapes[group->shape_number].namespace_name, out);
    wb_text_add_format(out, "\n      kind: %s\n", group->is_batch ? "Job" : "Deployment");
    wb_text_add_string(out, group->is_checkpointed ? "      checkpointed: true\n" : "");
    add_rates(fit, group, out);
    add_quantiles(group, out);
    add_rows(fit, group, out);
    fit->report->source_count++;
}

static void add_standing(wb_fit *fit, wb_text *out)
{
    if (fit->report->standing_count == 0) {
        return;
    }
    wb_text_add_string(out, "  services: # there from the first moment to the last\n");
    for (size_t i = 0; i < fit->shape_count; i++) {
        if (fit->shapes[i].standing_count == 0) {
            continue;
        }
        wb_text_add_format(out, "    - name: standing-%zu\n      namespace: ", i);
        add_namespace(fit->input.shapes[i].namespace_name, out);
        wb_text_add_format(out, "\n      base: %llu\n      pod: ",
                           (unsigned long long)fit->shapes[i].standing_count);
        add_template(fit, (uint32_t)i, out);
        wb_text_add_string(out, "\n");
        fit->report->source_count++;
    }
}

void wb_fit_spec_print(wb_fit *fit, wb_text *out)
{
    assert(fit != NULL && out != NULL && fit->end_ms > 0);
    const int64_t span_ms = fit->options->span_ms > 0 ? fit->options->span_ms : fit->end_ms;
    fit->report->hour_count = fit->end_ms >= 7 * WB_MS_PER_DAY ? WB_GENERATE_WEEK_HOURS
                              : fit->end_ms >= WB_MS_PER_DAY   ? 24
                                                               : 1;
    wb_text_add_format(out,
                       "# Fitted to %llu pods: rates by hour, requests by frequency, measured "
                       "lives.\napiVersion: werkbank/v1\nkind: TraceSpec\nmetadata: {name: "
                       "fitted}\nspec:\n  seed: %llu\n  span: %lldms\n",
                       (unsigned long long)fit->report->pod_count,
                       (unsigned long long)fit->options->seed, (long long)span_ms);
    if (fit->epoch_ms >= 0) {
        char epoch[48];
        wb_duration_print_time(fit->epoch_ms, epoch);
        wb_text_add_format(out, "  epoch: \"%s\"\n", epoch);
    }
    add_standing(fit, out);
    const char *head = "  batches:\n";
    for (size_t i = 0; i < fit->group_count; i++) {
        if (fit->groups[i].event_count > 0) {
            wb_text_add_string(out, head);
            head = "";
            add_group(fit, &fit->groups[i], out);
        }
    }
}
