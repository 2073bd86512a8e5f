/*
 * Pod templates of a source, and their variants. What a constraint adds is written as a piece of a
 * pod template and laid over the source's own: maps are joined key by key, lists one behind the
 * other, so that a pod with two constraints has both.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "base/text.h"
#include "kube/syntax.h"
#include "traces/generate_internal.h"

#define CHOICES_MAX 10000

/* ---- joining ---- */

/* a with b laid over it; either may be NULL, not both. */
/* NOLINTNEXTLINE(misc-no-recursion): a document is at most 100 deep */
static void print_joined(const wb_node *a, const wb_node *b, wb_text *out)
{
    assert(a != NULL || b != NULL);
    if (a == NULL || b == NULL || a->kind != b->kind ||
        (a->kind != WB_NODE_MAP && a->kind != WB_NODE_LIST)) {
        wb_node_print_json(b != NULL ? b : a, out);
        return;
    }
    const bool is_map = a->kind == WB_NODE_MAP;
    const char *separator = "";
    wb_text_add_string(out, is_map ? "{" : "[");
    for (uint32_t i = 0; i < a->count; i++) {
        wb_text_add_string(out, separator);
        separator = ",";
        if (is_map) {
            wb_text_add_json_string(out, a->keys[i]);
            wb_text_add_string(out, ":");
            print_joined(a->children[i], wb_node_get(b, a->keys[i]), out);
        } else {
            wb_node_print_json(a->children[i], out);
        }
    }
    for (uint32_t i = 0; i < b->count; i++) {
        if (is_map && wb_node_get(a, b->keys[i]) != NULL) {
            continue;
        }
        wb_text_add_string(out, separator);
        separator = ",";
        if (is_map) {
            wb_text_add_json_string(out, b->keys[i]);
            wb_text_add_string(out, ":");
        }
        wb_node_print_json(b->children[i], out);
    }
    wb_text_add_string(out, is_map ? "}" : "]");
}

/* JSON that we made, or joined, as a document. */
static const wb_node *parse(const wb_text *text, wb_arena *arena)
{
    wb_document_stream stream = {0};
    const wb_document_input input = {.file = "",
                                     .text = wb_text_string(text),
                                     .length = text->length,
                                     .syntax = WB_DOCUMENT_JSON};
    const bool is_read = wb_document_read_text(arena, &input, &stream, NULL) == WB_OK;
    assert(is_read && stream.count == 1);
    return stream.roots[0];
}

/* ---- constraints ---- */

static const char *topology_key(const wb_field *field)
{
    static const char *const names[] = {"zone", "host"};
    return wb_field_choice(field, names, 2, 0) == 0 ? "topology.kubernetes.io/zone"
                                                    : "kubernetes.io/hostname";
}

/* The label by which a source's pods find each other: its name, which the overlay brings along. */
static void add_selector(const char *name, wb_text *out)
{
    wb_text_add_string(out, "{\"matchLabels\":{\"werkbank.dev/source\":");
    wb_text_add_json_string(out, name);
    wb_text_add_string(out, "}}");
}

static void add_spread(const wb_field *spread, const wb_field *entry, const char *name,
                       wb_text *out)
{
    const wb_field skew = wb_field_get(entry, "maxSkew");
    const bool is_soft = wb_field_get_bool(entry, "soft", false);
    const int64_t max_skew = wb_field_int64(&skew, 1);
    if (max_skew < 1 || max_skew > 1000) {
        wb_field_error(&skew, "is %lld, expected 1 to 1000", (long long)max_skew);
    }
    wb_text_add_format(out,
                       "\"topologySpreadConstraints\":[{\"maxSkew\":%lld,\"topologyKey\":\"%s\","
                       "\"whenUnsatisfiable\":\"%s\",\"labelSelector\":",
                       (long long)max_skew, topology_key(spread),
                       is_soft ? "ScheduleAnyway" : "DoNotSchedule");
    add_selector(name, out);
    wb_text_add_string(out, "}]");
}

/* kind: podAffinity or podAntiAffinity. */
static void add_affinity(const char *kind, const wb_field *field, const wb_field *entry,
                         const char *name, wb_text *out)
{
    const bool is_soft = wb_field_get_bool(entry, "soft", false);
    wb_text_add_format(out, "\"affinity\":{\"%s\":{\"%sDuringSchedulingIgnoredDuringExecution\":[",
                       kind, is_soft ? "preferred" : "required");
    wb_text_add_string(out, is_soft ? "{\"weight\":100,\"podAffinityTerm\":" : "");
    wb_text_add_format(out, "{\"topologyKey\":\"%s\",\"labelSelector\":", topology_key(field));
    add_selector(name, out);
    wb_text_add_string(out, is_soft ? "}}]}}" : "}]}}");
}

/* The one field that says what is asked for, as a piece of a pod's spec. */
static void add_piece(const wb_field *entry, const char *name, wb_text *out)
{
    static const char *const kinds[] = {"spread",       "affinity",    "antiAffinity",
                                        "nodeSelector", "tolerations", "pod"};
    uint32_t found = 0;
    uint32_t found_count = 0;
    for (uint32_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const wb_field field = wb_field_get(entry, kinds[i]);
        if (wb_field_is_set(&field)) {
            found = i;
            found_count++;
        }
    }
    const wb_field field = wb_field_get(entry, kinds[found]);
    if (found_count != 1) {
        wb_field_error(entry,
                       "has %s of spread, affinity, antiAffinity, nodeSelector, tolerations, pod, "
                       "expected one",
                       found_count == 0 ? "none" : "several");
        wb_text_add_string(out, "{}");
        return;
    }
    if (strcmp(kinds[found], "pod") == 0) {
        wb_node_print_json(field.node, out);
        return;
    }
    wb_text_add_string(out, "{\"metadata\":{\"labels\":{\"werkbank.dev/source\":");
    wb_text_add_json_string(out, name);
    wb_text_add_string(out, "}},\"spec\":{");
    switch (found) {
    case 0: add_spread(&field, entry, name, out); break;
    case 1: add_affinity("podAffinity", &field, entry, name, out); break;
    case 2: add_affinity("podAntiAffinity", &field, entry, name, out); break;
    default:
        wb_text_add_format(out, "\"%s\":", kinds[found]);
        wb_node_print_json(field.node, out);
        break;
    }
    wb_text_add_string(out, "}}");
}

static wb_generated_constraint read_constraint(const wb_field *entry, const char *name)
{
    static const char *const units[] = {"owner", "pod"};
    const wb_field share = wb_field_get(entry, "share");
    const wb_field per = wb_field_get(entry, "per");
    const double value = wb_node_double(share.node, 1.0);
    if (!(value >= 0.0 && value <= 1.0)) {
        wb_field_error(&share, "is '%s', expected a share from 0 to 1", wb_field_text(&share));
    }
    wb_text text;
    wb_text_init(&text);
    add_piece(entry, name, &text);
    const wb_generated_constraint out = {
        .share = value,
        .overlay = parse(&text, entry->context->arena),
        .is_per_pod = wb_field_is_set(&per) && wb_field_choice(&per, units, 2, 0) == 1,
    };
    wb_text_release(&text);
    return out;
}

static void read_constraints(const wb_field *entry, const char *name, wb_generated_pods *out)
{
    const wb_field list = wb_field_get(entry, "constraints");
    uint32_t count = wb_field_count(&list);
    if (count > WB_GENERATE_CONSTRAINTS_MAX) {
        wb_field_error(&list, "has %u entries, expected at most %d", count,
                       WB_GENERATE_CONSTRAINTS_MAX);
        count = 0;
    }
    wb_generated_constraint *constraints =
        WB_ARENA_ARRAY(entry->context->arena, wb_generated_constraint, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field constraint = wb_field_at(&list, i);
        constraints[i] = read_constraint(&constraint, name);
    }
    out->constraints = constraints;
    out->constraint_count = count;
}

/* ---- templates ---- */

/* A pod template as Kubernetes has it ({metadata, spec}); decoded once, to be sure. */
static const char *take_template(const wb_field *parent, const wb_node **out_node)
{
    const wb_field pod = wb_field_get(parent, "pod");
    const wb_field metadata = wb_field_get(&pod, "metadata");
    const wb_field spec = wb_field_get(&pod, "spec");
    wb_pod_template template;
    *out_node = pod.node;
    if (!wb_field_is_set(&spec)) {
        wb_field_error(&pod, "has no spec, expected a pod template");
        return "{}";
    }
    (void)wb_manifest_decode_pod_template(parent->context, metadata.node, spec.node, &template);
    wb_text text;
    wb_text_init(&text);
    wb_node_print_json(pod.node, &text);
    const char *copy = wb_arena_copy_string(parent->context->arena, wb_text_string(&text));
    wb_text_release(&text);
    return copy;
}

static wb_generated_choice read_choice(const wb_field *entry, int64_t pods_per_job,
                                       double weight_before)
{
    const wb_field duration = wb_field_get(entry, "duration");
    const double weight = wb_generate_load_number(entry, "weight", 1.0);
    wb_generated_choice out = {
        .weight_until = weight_before + weight,
        .pods_per_job = wb_generate_load_count(entry, "podsPerJob", pods_per_job),
    };
    if (out.pods_per_job == 0) {
        const wb_field field = wb_field_get(entry, "podsPerJob");
        wb_field_error(&field, "is 0, expected at least 1");
    }
    out.template_json = take_template(entry, &out.pod);
    if (wb_field_is_set(&duration)) {
        wb_generated_duration *lengths =
            WB_ARENA_ARRAY(entry->context->arena, wb_generated_duration, 1);
        *lengths = wb_generate_load_lengths(&duration);
        out.duration = lengths;
    }
    return out;
}

/* pod: one template; pods: several by weight. */
static void read_choices(const wb_field *entry, wb_generated_pods *out)
{
    wb_arena *arena = entry->context->arena;
    const wb_field list = wb_field_get(entry, "pods");
    const wb_field pod = wb_field_get(entry, "pod");
    uint32_t count = wb_field_count(&list);
    if (wb_field_is_set(&list) && (wb_field_is_set(&pod) || count == 0 || count > CHOICES_MAX)) {
        wb_field_error(&list, "%s",
                       wb_field_is_set(&pod) ? "stands beside pod, expected one of the two"
                                             : "has no entry or too many, expected 1 to 10000");
        count = 0;
    }
    wb_generated_choice *choices = WB_ARENA_ARRAY(arena, wb_generated_choice, (size_t)count + 1);
    const int64_t pods_per_job = wb_node_int64(wb_node_get(entry->node, "podsPerJob"), 1);
    double weight = 0.0;
    if (count == 0) {
        choices[0] = (wb_generated_choice){.pods_per_job = pods_per_job, .weight_until = 1.0};
        choices[0].template_json =
            wb_field_is_set(&list) ? "{}" : take_template(entry, &choices[0].pod);
    }
    for (uint32_t i = 0; i < count; i++) {
        const wb_field choice = wb_field_at(&list, i);
        choices[i] = read_choice(&choice, pods_per_job, weight);
        weight = choices[i].weight_until;
    }
    if (count > 0 && !(weight > 0.0)) {
        wb_field_error(&list, "has weights that are all 0, expected one that is not");
    }
    out->choices = choices;
    out->choice_count = count > 0 ? count : 1;
}

/* The claims and the class are written from these three as objects of their own, so that what the
 * API server would refuse in one is refused here. */
static wb_generated_volume read_volume(const wb_field *entry)
{
    const wb_field name = wb_field_get(entry, "name");
    const wb_field size = wb_field_get(entry, "size");
    const wb_field storage_class = wb_field_get(entry, "storageClass");
    wb_quantity quantity;
    wb_error ignored;
    const wb_generated_volume out = {
        .name = wb_field_is_set(&name) ? wb_field_text(&name) : "data",
        .size = wb_field_is_set(&size) ? wb_field_text(&size) : "10Gi",
        .storage_class = wb_field_is_set(&storage_class) ? wb_field_text(&storage_class) : "gp3",
    };
    (void)wb_field_accept(&name, wb_syntax_check_dns_label(out.name));
    (void)wb_field_accept(&storage_class, wb_syntax_check_dns_subdomain(out.storage_class));
    if (wb_quantity_parse(out.size, &quantity, &ignored) != WB_OK) {
        wb_field_error(&size, "'%s' is not a quantity like 20Gi", out.size);
    } else if (wb_quantity_units(&quantity) <= 0) {
        wb_field_error(&size, "is %s, expected more than 0", out.size);
    }
    return out;
}

static void read_volumes(const wb_field *entry, wb_generated_pods *out)
{
    const wb_field list = wb_field_get(entry, "volumes");
    out->volume_count = wb_field_count(&list);
    wb_generated_volume *volumes =
        WB_ARENA_ARRAY(entry->context->arena, wb_generated_volume, (size_t)out->volume_count + 1);
    for (uint32_t i = 0; i < out->volume_count; i++) {
        const wb_field volume = wb_field_at(&list, i);
        volumes[i] = read_volume(&volume);
    }
    out->volumes = volumes;
}

/* Whether a run would take a variant; if not, why, in out (cut at size). */
static bool is_taken(const wb_field *entry, const char *name, const wb_generated_pods *pods,
                     uint32_t variant, char out[200])
{
    wb_arena arena;
    wb_findings findings;
    wb_decode_context context = *entry->context;
    wb_pod_template template;
    wb_text text;
    wb_arena_init(&arena, "variant", 0, NULL);
    wb_findings_init(&findings, &arena, true);
    context.findings = &findings;
    context.arena = &arena;
    wb_text_init(&text);
    wb_text_add_string(&text, wb_generate_template_print(pods, name, variant, &arena));
    const wb_node *joined = parse(&text, &arena);
    (void)wb_manifest_decode_pod_template(&context, wb_node_get(joined, "metadata"),
                                          wb_node_get(joined, "spec"), &template);
    const bool is_good = findings.error_count == 0;
    (void)snprintf(out, 200, "%s", is_good ? "" : findings.errors[0].text);
    wb_text_release(&text);
    wb_arena_release(&arena);
    return is_good;
}

/* What a run would refuse in a variant is refused here: on every template its volumes, and one
 * constraint after the other on top of those before. What these take together, fewer take too. */
static void check_variants(const wb_field *entry, const char *name, const wb_generated_pods *pods)
{
    const wb_field constraints = wb_field_get(entry, "constraints");
    const wb_field volumes = wb_field_get(entry, "volumes");
    char why[200];
    for (uint32_t choice = 0; choice < pods->choice_count; choice++) {
        for (uint32_t i = 0; i <= pods->constraint_count; i++) {
            const uint32_t variant =
                wb_generate_template_variant(pods, 0, choice, (UINT32_C(1) << i) - 1);
            if ((i == 0 && pods->volume_count == 0) || is_taken(entry, name, pods, variant, why)) {
                continue; /* the template itself was read before */
            }
            const wb_field last = i > 0 ? wb_field_at(&constraints, i - 1) : volumes;
            wb_field_error(&last, "makes a pod template that is refused: %s", why);
            return;
        }
    }
}

void wb_generate_template_read(const wb_field *entry, const char *name, wb_generated_pods *out)
{
    assert(entry != NULL && name != NULL && out != NULL);
    const size_t before = wb_field_error_count(entry);
    *out = (wb_generated_pods){0};
    read_choices(entry, out);
    read_constraints(entry, name, out);
    read_volumes(entry, out);
    if (wb_field_error_count(entry) == before) {
        check_variants(entry, name, out);
    }
}

/* ---- variants ---- */

uint32_t wb_generate_template_variant(const wb_generated_pods *pods, uint32_t ordinal,
                                      uint32_t choice, uint32_t constraints)
{
    assert(choice < pods->choice_count && constraints < UINT32_C(1) << pods->constraint_count);
    assert(pods->volume_count == 0 || ordinal < WB_GENERATE_REPLICAS_MAX);
    const uint32_t place = pods->volume_count > 0 ? ordinal : 0;
    return (place * pods->choice_count + choice) << pods->constraint_count | constraints;
}

/* The claims of a StatefulSet's pod, as a piece of its template. */
static void add_claims(const wb_generated_pods *pods, const char *name, uint32_t ordinal,
                       wb_text *out)
{
    wb_text_add_string(out, "{\"spec\":{\"volumes\":[");
    for (uint32_t i = 0; i < pods->volume_count; i++) {
        const char *volume = pods->volumes[i].name;
        wb_text_add_string(out, i > 0 ? ",{\"name\":" : "{\"name\":");
        wb_text_add_json_string(out, volume);
        wb_text_add_format(out, ",\"persistentVolumeClaim\":{\"claimName\":\"%s-%s-%u\"}}", volume,
                           name, ordinal);
    }
    wb_text_add_string(out, "]}}");
}

const char *wb_generate_template_print(const wb_generated_pods *pods, const char *name,
                                       uint32_t variant, wb_arena *arena)
{
    assert(pods != NULL && name != NULL && arena != NULL);
    const uint32_t place = variant >> pods->constraint_count;
    const wb_generated_choice *choice = &pods->choices[place % pods->choice_count];
    const char *json = choice->template_json;
    const wb_node *node = choice->pod;
    for (uint32_t i = 0; i <= pods->constraint_count; i++) {
        wb_text text;
        wb_text_init(&text);
        const wb_node *overlay = NULL;
        if (i < pods->constraint_count) {
            overlay = (variant >> i & 1) != 0 ? pods->constraints[i].overlay : NULL;
        } else if (pods->volume_count > 0) {
            add_claims(pods, name, place / pods->choice_count, &text);
            overlay = parse(&text, arena);
            wb_text_clear(&text);
        }
        if (overlay != NULL) {
            print_joined(node, overlay, &text);
            json = wb_arena_copy_string(arena, wb_text_string(&text));
            node = parse(&text, arena);
        }
        wb_text_release(&text);
    }
    return json;
}
