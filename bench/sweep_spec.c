/* The loader of a file of kind Sweep. */
#include "bench/sweep_spec.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/text.h"
#include "kube/field.h"
#include "kube/schema_table.h"
#include "bench/figure_list.h"

#define FILE_LIMIT_BYTES ((size_t)4 << 20)
#define LABEL_MAX        48

static const wb_schema_field metadata_fields[] = {WB_STRING("name")};
static const wb_schema metadata = WB_SCHEMA_OF(metadata_fields);

static const wb_schema_field search_fields[] = {
    WB_STRING("by"),      WB_NUMBER("keep"),    WB_STRING("method"),
    WB_INTEGER("points"), WB_INTEGER("rounds"), WB_INTEGER("seed"),
};
static const wb_schema search = WB_SCHEMA_OF(search_fields);

static const wb_schema_field best_fields[] = {WB_ANY("atMost"), WB_STRING("minimise")};
static const wb_schema best = WB_SCHEMA_OF(best_fields);

static const wb_schema_field spec_fields[] = {
    WB_OBJECT("best", &best),     WB_STRING("contender"), WB_LIST_OF_STRINGS("objectives"),
    WB_ANY("parameters"),         WB_STRING("scenario"),  WB_OBJECT("search", &search),
    WB_LIST_OF_INTEGERS("seeds"), WB_NUMBER("split"),     WB_LIST_OF_STRINGS("traces"),
};
static const wb_schema spec_schema = WB_SCHEMA_OF(spec_fields);

static const wb_schema_field sweep_fields[] = {
    WB_STRING("apiVersion"),
    WB_STRING("kind"),
    WB_OBJECT("metadata", &metadata),
    WB_OBJECT("spec", &spec_schema),
};
static const wb_schema sweep_schema = WB_SCHEMA_OF(sweep_fields);

typedef struct loader {
    wb_decode_context context;
    const char *folder; /* with a trailing slash, or "" */
    const char *path;
    wb_sweep_spec *spec;
} loader;

uint32_t wb_sweep_spec_figure(const char *key)
{
    assert(key != NULL);
    for (uint32_t i = 0; i < wb_figure_list_count(); i++) {
        if (strcmp(wb_figure_list_get(i)->key, key) == 0) {
            return i;
        }
    }
    return UINT32_MAX;
}

static uint32_t read_figure(const wb_field *field, const char *key)
{
    const uint32_t figure = wb_sweep_spec_figure(key);
    if (figure == UINT32_MAX) {
        wb_field_error(field,
                       "'%s' is not a figure, expected a key of compare -o json such as cost_usd, "
                       "pod_latency_ms_p99 or disruptions",
                       key);
        return 0;
    }
    return figure;
}

static const char *resolve(const loader *of, const char *path)
{
    if (*path == '/') {
        return path;
    }
    wb_text joined;
    wb_text_init(&joined);
    wb_text_add_format(&joined, "%s%s", of->folder, path);
    path = wb_arena_copy_string(of->context.arena, wb_text_string(&joined));
    wb_text_release(&joined);
    return path;
}

/* ---- values ---- */

static const char *label_of(wb_arena *arena, const wb_node *node)
{
    if (wb_node_is_null(node)) {
        return "none";
    }
    if (node->kind != WB_NODE_LIST && node->kind != WB_NODE_MAP) {
        return node->text;
    }
    wb_text text;
    wb_text_init(&text);
    wb_node_print_json(node, &text);
    char label[LABEL_MAX + 4];
    (void)snprintf(label, sizeof label, "%.*s%s", LABEL_MAX, wb_text_string(&text),
                   text.length > LABEL_MAX ? "..." : "");
    wb_text_release(&text);
    return wb_arena_copy_string(arena, label);
}

/* One value of a list: itself, or {label, value}. */
static wb_sweep_value read_value(const loader *of, wb_node *node)
{
    const wb_node *label = wb_node_get(node, "label");
    const bool is_named = label != NULL && node->count == 2 && strcmp(node->keys[1], "value") == 0;
    wb_node *value = is_named ? node->children[1] : node;
    return (wb_sweep_value){
        .label = is_named ? label->text : label_of(of->context.arena, value),
        .node = wb_node_is_null(value) ? NULL : value,
    };
}

static void read_list(const loader *of, const wb_field *list, wb_sweep_parameter *out)
{
    const uint32_t count = wb_field_count(list);
    if (count == 0) {
        wb_field_error(list, "is empty, expected values to try");
    }
    out->values = WB_ARENA_ARRAY(of->context.arena, wb_sweep_value, count);
    out->value_count = count;
    for (uint32_t i = 0; i < count; i++) {
        out->values[i] = read_value(of, list->node->children[i]);
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(out->values[i].label, out->values[j].label) == 0) {
                const wb_field entry = wb_field_at(list, i);
                wb_field_error(&entry,
                               "'%s' is there twice, expected each value once (or with "
                               "labels of their own: {label, value})",
                               out->values[i].label);
            }
        }
    }
}

/* A duration in ms, or a number; false after a finding. */
static bool read_end(const wb_field *field, double *out, wb_sweep_unit *unit)
{
    const char *text = wb_field_text(field);
    int64_t whole = 0;
    char *end = NULL;
    if (!wb_field_expect(field, "an end of the range")) {
        return false;
    }
    if (field->node->kind == WB_NODE_NUMBER && wb_node_is_int64(field->node, &whole)) {
        *unit = WB_SWEEP_INTEGER;
        *out = (double)whole;
        return true;
    }
    *out = strtod(text, &end);
    if (*end == '\0' && end != text && isfinite(*out)) {
        *unit = WB_SWEEP_NUMBER;
        return true;
    }
    *unit = WB_SWEEP_DURATION;
    wb_error err;
    if (wb_duration_parse(text, &whole, &err) != WB_OK) {
        wb_field_error(field, "is '%s', expected a number or a duration", text);
        return false;
    }
    *out = (double)whole;
    return true;
}

static wb_node *make_scalar(wb_arena *arena, const wb_sweep_parameter *parameter, const char *text)
{
    wb_node *node = WB_ARENA_NEW(arena, wb_node);
    *node = (wb_node){
        .kind = parameter->unit == WB_SWEEP_DURATION ? WB_NODE_STRING : WB_NODE_NUMBER,
        .line = (uint32_t)parameter->position.line,
        .column = (uint32_t)parameter->position.column,
        .text = text,
        .text_length = strlen(text),
        .file = parameter->file,
    };
    return node;
}

wb_sweep_value wb_sweep_spec_value(wb_arena *arena, const wb_sweep_parameter *parameter,
                                   double share)
{
    assert(arena != NULL && parameter != NULL);
    assert(share >= 0.0 && share <= 1.0);
    const double from = parameter->from;
    const double to = parameter->to;
    const double value =
        parameter->is_log ? from * pow(to / from, share) : from + (to - from) * share;
    char text[48];
    switch (parameter->unit) {
    case WB_SWEEP_DURATION: /* to the second: nobody writes less */
        wb_duration_print((int64_t)(value / 1000.0 + 0.5) * 1000, text);
        break;
    case WB_SWEEP_INTEGER: (void)snprintf(text, sizeof text, "%.0f", value); break;
    case WB_SWEEP_NUMBER: (void)snprintf(text, sizeof text, "%.3g", value); break;
    }
    const char *kept = wb_arena_copy_string(arena, text);
    return (wb_sweep_value){.label = kept, .node = make_scalar(arena, parameter, kept)};
}

static void read_range(const loader *of, const wb_field *range, wb_sweep_parameter *out)
{
    static const char *const scales[] = {"linear", "log"};
    const wb_field from = wb_field_get(range, "from");
    const wb_field to = wb_field_get(range, "to");
    const wb_field steps = wb_field_get(range, "steps");
    const wb_field scale = wb_field_get(range, "scale");
    wb_sweep_unit to_unit = WB_SWEEP_NUMBER;
    if (!read_end(&from, &out->from, &out->unit) || !read_end(&to, &out->to, &to_unit)) {
        return;
    }
    out->unit = out->unit == to_unit                                             ? out->unit
                : out->unit == WB_SWEEP_DURATION || to_unit == WB_SWEEP_DURATION ? WB_SWEEP_DURATION
                                                                                 : WB_SWEEP_NUMBER;
    out->is_log = wb_field_choice(&scale, scales, 2, 0) == 1;
    if (out->from >= out->to || (out->is_log && out->from <= 0.0)) {
        wb_field_error(&to, "is '%s', expected more than from (and from above 0 on a log scale)",
                       wb_field_text(&to));
        return;
    }
    if (!wb_field_is_set(&steps)) {
        return;
    }
    const int32_t count = wb_field_int32(&steps, 2);
    if (count < 2 || count > 1000) {
        wb_field_error(&steps, "is %d, expected 2 to 1000", count);
        return;
    }
    out->values = WB_ARENA_ARRAY(of->context.arena, wb_sweep_value, (size_t)count);
    for (int32_t i = 0; i < count; i++) {
        const wb_sweep_value value =
            wb_sweep_spec_value(of->context.arena, out, (double)i / (double)(count - 1));
        const uint32_t last = out->value_count;
        if (last == 0 || strcmp(out->values[last - 1].label, value.label) != 0) {
            out->values[out->value_count++] = value;
        }
    }
}

/* ---- parameters ---- */

/* "consolidateAfter" of spec.disruption.consolidateAfter; with what a bracket before it says. */
static const char *short_name(wb_arena *arena, const char *path)
{
    const char *bracket = strrchr(path, '[');
    const char *dot = strrchr(path, '.');
    if (dot == NULL || (bracket != NULL && bracket > dot)) {
        dot = bracket == NULL ? dot : bracket; /* a dot inside of the brackets is none */
    }
    if (bracket == NULL) {
        return dot == NULL ? path : dot + 1;
    }
    const size_t length = strcspn(bracket + 1, "]");
    wb_text name;
    wb_text_init(&name);
    wb_text_add_format(&name, "%.*s", (int)length, bracket + 1);
    const char *kept = wb_arena_copy_string(arena, wb_text_string(&name));
    wb_text_release(&name);
    const char *slash = strrchr(kept, '/');
    return slash == NULL ? kept : slash + 1;
}

/* A name that another parameter has too gets its target in front. */
static void tell_apart(const loader *of, wb_sweep_parameter *parameter)
{
    for (uint32_t i = 0; i < of->spec->parameter_count; i++) {
        if (strcmp(of->spec->parameters[i].name, parameter->name) == 0) {
            wb_text name;
            wb_text_init(&name);
            wb_text_add_format(&name, "%s %s", parameter->target, parameter->name);
            parameter->name = wb_arena_copy_string(of->context.arena, wb_text_string(&name));
            wb_text_release(&name);
            return;
        }
    }
}

static void read_parameter(loader *of, const char *target, const wb_field *field)
{
    wb_sweep_spec *spec = of->spec;
    if (spec->parameter_count == WB_SWEEP_PARAMETERS_MAX) {
        wb_field_error(field, "is one too many, expected at most %d parameters",
                       WB_SWEEP_PARAMETERS_MAX);
        return;
    }
    wb_sweep_parameter parameter = {
        .target = target,
        .path = field->name,
        .name = short_name(of->context.arena, field->name),
        .position = wb_node_position(field->node),
        .file = of->path,
    };
    const size_t error_count = wb_field_error_count(field);
    if (field->node != NULL && field->node->kind == WB_NODE_LIST) {
        read_list(of, field, &parameter);
    } else if (field->node != NULL && field->node->kind == WB_NODE_MAP) {
        read_range(of, field, &parameter);
    } else {
        wb_field_error(field, "expected a list of values, or {from, to, steps}");
    }
    const bool is_continuous =
        parameter.value_count == 0 && wb_field_error_count(field) == error_count;
    if (spec->method == WB_SWEEP_GRID && is_continuous) {
        wb_field_error(field, "is continuous, expected steps in a search of method grid");
    }
    tell_apart(of, &parameter);
    spec->parameters[spec->parameter_count++] = parameter;
}

static void read_parameters(loader *of, const wb_field *spec)
{
    const wb_field targets = wb_field_get(spec, "parameters");
    if (wb_field_entry_count(&targets) == 0) {
        wb_field_error(&targets, "is empty, expected targets with paths and values to try");
    }
    for (uint32_t t = 0; t < wb_field_entry_count(&targets); t++) {
        const wb_field target = wb_field_at(&targets, t);
        if (wb_field_entry_count(&target) == 0) {
            wb_field_error(&target, "is empty, expected paths with values to try");
        }
        for (uint32_t p = 0; p < wb_field_entry_count(&target); p++) {
            const wb_field path = wb_field_at(&target, p);
            read_parameter(of, target.name, &path);
        }
    }
}

/* ---- the rest ---- */

static void read_search(loader *of, const wb_field *spec)
{
    static const char *const methods[] = {"grid", "sobol", "halving"};
    static const char *const resources[] = {"horizon", "seeds"};
    const wb_field field = wb_field_get(spec, "search");
    const wb_field method = wb_field_get(&field, "method");
    const wb_field by = wb_field_get(&field, "by");
    const wb_field points = wb_field_get(&field, "points");
    const wb_field rounds = wb_field_get(&field, "rounds");
    const wb_field keep = wb_field_get(&field, "keep");
    wb_sweep_spec *out = of->spec;
    out->method = (wb_sweep_method)wb_field_choice(&method, methods, 3, 0);
    out->resource = (wb_sweep_resource)wb_field_choice(&by, resources, 2, 0);
    const int32_t point_count = wb_field_int32(&points, 64);
    const int32_t round_count = wb_field_int32(&rounds, 3);
    const wb_field seed = wb_field_get(&field, "seed");
    out->search_seed = (uint64_t)wb_field_int64(&seed, 1);
    out->keep_share = wb_node_double(keep.node, 0.25);
    if (point_count < 1 || point_count > WB_SWEEP_POINTS_MAX) {
        wb_field_error(&points, "is %d, expected 1 to %d", point_count, WB_SWEEP_POINTS_MAX);
    }
    if (round_count < 2 || round_count > 10) {
        wb_field_error(&rounds, "is %d, expected 2 to 10", round_count);
    }
    if (!(out->keep_share > 0.0 && out->keep_share < 1.0)) {
        wb_field_error(&keep, "is '%s', expected a share between 0 and 1", wb_field_text(&keep));
    }
    out->point_count = point_count > 0 ? (uint32_t)point_count : 1;
    out->round_count = round_count > 0 ? (uint32_t)round_count : 1;
}

static void read_objectives(loader *of, const wb_field *spec)
{
    static const char *const usual[] = {"cost_usd", "pod_latency_ms_p99", "disruptions"};
    wb_sweep_spec *out = of->spec;
    const wb_field list = wb_field_get(spec, "objectives");
    const uint32_t count = wb_field_count(&list);
    if (count > WB_SWEEP_OBJECTIVES_MAX) {
        wb_field_error(&list, "has %u figures, expected at most %d", count,
                       WB_SWEEP_OBJECTIVES_MAX);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        out->objectives[i] = read_figure(&entry, wb_field_text(&entry));
    }
    out->objective_count = count;
    for (uint32_t i = 0; count == 0 && i < 3; i++) {
        out->objectives[i] = wb_sweep_spec_figure(usual[i]);
        out->objective_count = 3;
    }
}

static void read_limit(loader *of, const wb_field *field)
{
    wb_sweep_spec *out = of->spec;
    if (out->limit_count == WB_SWEEP_OBJECTIVES_MAX) {
        wb_field_error(field, "is one too many, expected at most %d", WB_SWEEP_OBJECTIVES_MAX);
        return;
    }
    const char *text = wb_field_text(field);
    char *end = NULL;
    wb_sweep_limit limit = {.figure = read_figure(field, field->name)};
    limit.value = strtod(text, &end);
    limit.is_relative = strcmp(end, "x") == 0;
    if (end == text || !isfinite(limit.value) || (*end != '\0' && !limit.is_relative)) {
        wb_field_error(field, "is '%s', expected a number, or a multiple of the baseline's: 1.1x",
                       text);
    }
    limit.value *= limit.is_relative ? 1.0 : wb_figure_list_unit(limit.figure);
    out->limits[out->limit_count++] = limit;
}

/* Without limits of its own the best point is about as good as the baseline in all but one. */
static void read_best(loader *of, const wb_field *spec)
{
    wb_sweep_spec *out = of->spec;
    const wb_field field = wb_field_get(spec, "best");
    const wb_field minimise = wb_field_get(&field, "minimise");
    const wb_field at_most = wb_field_get(&field, "atMost");
    out->minimise = wb_field_is_set(&minimise) ? read_figure(&minimise, wb_field_text(&minimise))
                                               : out->objectives[0];
    for (uint32_t i = 0; i < wb_field_entry_count(&at_most); i++) {
        const wb_field entry = wb_field_at(&at_most, i);
        read_limit(of, &entry);
    }
    for (uint32_t i = 0; i < out->objective_count && !wb_field_is_set(&at_most); i++) {
        if (out->objectives[i] != out->minimise) {
            out->limits[out->limit_count++] =
                (wb_sweep_limit){.figure = out->objectives[i], .value = 1.1, .is_relative = true};
        }
    }
}

static void read_seeds(loader *of, const wb_field *spec)
{
    const wb_field list = wb_field_get(spec, "seeds");
    const uint32_t count = wb_field_count(&list);
    uint64_t *seeds = WB_ARENA_ARRAY(of->context.arena, uint64_t, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        seeds[i] = (uint64_t)wb_field_int64(&entry, 1);
        for (uint32_t j = 0; j < i; j++) {
            if (seeds[j] == seeds[i]) {
                wb_field_error(&entry, "is there twice, expected each seed once");
            }
        }
    }
    of->spec->seeds = seeds;
    of->spec->seed_count = count;
}

static void read_spec(loader *of, const wb_field *spec)
{
    wb_sweep_spec *out = of->spec;
    const wb_field scenario = wb_field_get(spec, "scenario");
    const wb_field contender = wb_field_get(spec, "contender");
    const wb_field traces = wb_field_get(spec, "traces");
    const wb_field split = wb_field_get(spec, "split");
    if (wb_field_require(&scenario, "the scenario to run, as a path")) {
        out->scenario_path = resolve(of, wb_field_text(&scenario));
    }
    out->contender = wb_field_is_set(&contender) ? wb_field_text(&contender) : "karpenter";
    out->trace_count = wb_field_count(&traces);
    out->trace_paths =
        WB_ARENA_ARRAY(of->context.arena, const char *, (size_t)out->trace_count + 1);
    for (uint32_t i = 0; i < out->trace_count; i++) {
        const wb_field entry = wb_field_at(&traces, i);
        out->trace_paths[i] = resolve(of, wb_field_text(&entry));
    }
    out->split = wb_node_double(split.node, 0.5);
    if (!(out->split >= 0.05 && out->split <= 0.95)) {
        wb_field_error(&split, "is '%s', expected a share from 0.05 to 0.95",
                       wb_field_text(&split));
    }
    read_seeds(of, spec);
    read_search(of, spec);
    read_objectives(of, spec);
    read_best(of, spec);
    read_parameters(of, spec);
}

static void read_head(loader *of, const wb_field *root)
{
    const wb_field version = wb_field_get(root, "apiVersion");
    const wb_field kind = wb_field_get(root, "kind");
    const wb_field meta = wb_field_get(root, "metadata");
    const wb_field name = wb_field_get(&meta, "name");
    if (!wb_field_get_is(root, "apiVersion", "werkbank/v1")) {
        wb_field_error(&version, "is '%s', expected werkbank/v1", wb_field_text(&version));
    }
    if (!wb_field_get_is(root, "kind", "Sweep")) {
        wb_field_error(&kind, "is '%s', expected Sweep", wb_field_text(&kind));
    }
    (void)wb_field_require(&name, "the sweep's name");
    of->spec->name = wb_field_text(&name);
}

wb_status wb_sweep_spec_load(const wb_decode_context *context, const char *path, wb_sweep_spec *out,
                             wb_error *err)
{
    assert(context != NULL && path != NULL && out != NULL);
    wb_document_stream stream;
    WB_TRY(wb_document_read_file(context->arena, path, FILE_LIMIT_BYTES, &stream, err));
    if (stream.count != 1) {
        return wb_fail(err, WB_ERR_INPUT, "%s: found %zu documents, expected one Sweep", path,
                       stream.count);
    }
    const char *slash = strrchr(path, '/');
    *out = (wb_sweep_spec){0};
    loader of = {
        .context = *context,
        .folder = slash == NULL
                      ? ""
                      : wb_arena_copy_text(context->arena, path, (size_t)(slash - path) + 1),
        .path = wb_arena_copy_string(context->arena, path),
        .spec = out,
    };
    const wb_field root = wb_field_root(&of.context, stream.roots[0], "");
    if (wb_field_check_kind(&root, "Sweep")) {
        wb_schema_check(&root, &sweep_schema);
    }
    if (context->findings->error_count == 0) { /* below, kinds are taken for granted */
        read_head(&of, &root);
        const wb_field spec = wb_field_get(&root, "spec");
        read_spec(&of, &spec);
    }
    return wb_findings_status(context->findings, err);
}
