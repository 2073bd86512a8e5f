/* spec.faults and spec.images: what happens to machines and to their images, for every contender
 * alike. */
#include <assert.h>

#include "base/duration.h"
#include "base/sort.h"
#include "scenarios/scenario_internal.h"

static bool is_condition(wb_fault_kind kind)
{
    return kind == WB_FAULT_CONDITION;
}

static bool is_of_machines(wb_fault_kind kind)
{
    return kind <= WB_FAULT_ORPHANED;
}

static bool is_of_offerings(wb_fault_kind kind)
{
    return kind == WB_FAULT_OFFERING_ENDS;
}

static bool has_share(wb_fault_kind kind)
{
    return kind < WB_FAULT_OFFERING_ENDS;
}

static bool is_of_calls(wb_fault_kind kind)
{
    return kind == WB_FAULT_API_ERROR || kind == WB_FAULT_API_LATENCY;
}

static bool is_refusal(wb_fault_kind kind)
{
    return kind == WB_FAULT_API_ERROR;
}

static bool is_late(wb_fault_kind kind)
{
    return kind == WB_FAULT_API_LATENCY || kind == WB_FAULT_MESSAGE_DELAYED;
}

#define DUPLICATE_MS (20 * WB_MS_PER_SECOND) /* a message that was not deleted is seen again */

/* Fields that go with some kinds only. */
static const struct {
    const char *name;
    bool is_required;
    bool (*goes_with)(wb_fault_kind kind);
    const char *expected;
} fault_fields[] = {
    {"condition", true, is_condition,
     "goes with kind condition and only with it: the condition that turns False, such as "
     "StorageReady"},
    {"count", false, is_of_machines, "goes with faults of machines"},
    {"share", false, has_share, "goes with faults of machines, calls and messages"},
    {"call", false, is_of_calls, "goes with apiError and apiLatency"},
    {"code", false, is_refusal, "goes with apiError"},
    {"delay", true, is_late,
     "goes with apiLatency and messageDelayed, which need it, and with messageDuplicate"},
    {"instanceType", true, is_of_offerings, "goes with offeringEnds and only with it"},
    {"zone", false, is_of_offerings, "goes with offeringEnds"},
    {"capacityType", false, is_of_offerings, "goes with offeringEnds"},
};

static void check_fields(const wb_field *entry, wb_fault_kind kind)
{
    for (size_t i = 0; i < sizeof(fault_fields) / sizeof(fault_fields[0]); i++) {
        const wb_field field = wb_field_get(entry, fault_fields[i].name);
        const bool may_be = fault_fields[i].goes_with(kind) ||
                            (kind == WB_FAULT_MESSAGE_DUPLICATE &&
                             fault_fields[i].goes_with(WB_FAULT_MESSAGE_DELAYED));
        const bool must_be = fault_fields[i].is_required && fault_fields[i].goes_with(kind);
        if ((wb_field_is_set(&field) && !may_be) || (!wb_field_is_set(&field) && must_be)) {
            wb_field_error(&field, "%s%s", wb_field_is_set(&field) ? "" : "is missing; it ",
                           fault_fields[i].expected);
        }
    }
}

/* The call that a fault is of; all of them where none is named. */
static wb_cloud_action load_action(const wb_field *entry)
{
    const char *names[WB_CLOUD_DESCRIBE_INSTANCES]; /* what is asked for is not simulated */
    const wb_field call = wb_field_get(entry, "call");
    for (int i = 0; i < WB_CLOUD_DESCRIBE_INSTANCES; i++) {
        names[i] = wb_cloud_api_action_name((wb_cloud_action)i);
    }
    return wb_field_is_set(&call)
               ? (wb_cloud_action)wb_field_choice(&call, names, WB_CLOUD_DESCRIBE_INSTANCES, 0)
               : WB_CLOUD_ACTION_COUNT;
}

/* What an end of offerings is about. */
static void load_offering(const wb_scenario_loader *loader, const wb_field *entry, wb_fault *out)
{
    static const char *const markets[] = {"on-demand", "spot", "reserved"};
    const wb_field type = wb_field_get(entry, "instanceType");
    const wb_field zone = wb_field_get(entry, "zone");
    const wb_field market = wb_field_get(entry, "capacityType");
    uint32_t ignored = 0;
    if (wb_field_is_set(&type) && wb_scenario_type(loader, &type, &ignored)) {
        out->instance_type = wb_field_id(&type);
    }
    out->zone = wb_scenario_zone(loader, &zone);
    out->capacity_type =
        wb_field_is_set(&market) ? (int)wb_field_choice(&market, markets, 3, 0) : -1;
}

/* What must end, and what may come again. */
static void check_times(const wb_field *entry, const wb_fault *fault)
{
    const wb_field lasts = wb_field_get(entry, "for");
    const wb_field every = wb_field_get(entry, "every");
    const bool is_drawn = wb_field_is_set(&every);
    if (fault->kind == WB_FAULT_CONTROL_PLANE && fault->for_ms <= 0) {
        wb_field_error(&lasts, "is missing, expected how long the control plane stands still");
    } else if (is_drawn && fault->kind >= WB_FAULT_NEVER_REGISTERS && fault->for_ms <= 0) {
        wb_field_error(&lasts, "is missing, expected how long a fault lasts that comes again");
    }
    if (fault->kind == WB_FAULT_MAINTENANCE && fault->for_ms <= 0) {
        wb_field_error(&lasts,
                       "is missing, expected how long after the notice EC2 stops the machine");
    }
    if (is_drawn && (fault->every_ms == 0 || fault->kind == WB_FAULT_OFFERING_ENDS)) {
        wb_field_error(&every, "expected more than nothing, and not with offeringEnds");
    }
}

static void load_fault(const wb_scenario_loader *loader, const wb_field *entry, wb_fault *out)
{
    const char *kinds[WB_FAULT_KIND_COUNT];
    for (int i = 0; i < WB_FAULT_KIND_COUNT; i++) {
        kinds[i] = wb_fault_kind_name((wb_fault_kind)i);
    }
    const wb_field at = wb_field_get(entry, "at");
    const wb_field kind = wb_field_get(entry, "kind");
    const wb_field lasts = wb_field_get(entry, "for");
    const wb_field condition = wb_field_get(entry, "condition");
    const wb_field share = wb_field_get(entry, "share");
    const wb_field count = wb_field_get(entry, "count");
    const wb_field code = wb_field_get(entry, "code");
    const wb_field delay = wb_field_get(entry, "delay");
    const wb_field every = wb_field_get(entry, "every");
    *out = (wb_fault){
        .kind =
            (wb_fault_kind)wb_field_choice(&kind, kinds, WB_FAULT_KIND_COUNT, WB_FAULT_NOT_READY),
        .every_ms = wb_scenario_duration(&every, 0),
        .at_ms = wb_scenario_duration(&at, 0),
        .for_ms = wb_scenario_duration(&lasts, -1),
        .condition = wb_field_id(&condition),
        .share = wb_node_double(share.node, 1.0),
        .count = (uint32_t)wb_field_int32(&count, INT32_MAX),
        .action = load_action(entry),
        .code = wb_field_is_set(&code) ? wb_field_text(&code) : "InternalError",
        .delay_ms = wb_scenario_duration(&delay, DUPLICATE_MS),
    };
    load_offering(loader, entry, out);
    check_fields(entry, out->kind);
    if (!wb_field_is_set(&at) && !wb_field_is_set(&every)) {
        wb_field_error(&at, "is missing, expected the time of the fault, or every");
    }
    check_times(entry, out);
    (void)wb_field_expect(&kind, "what happens: lost, notReady, apiError ...");
    if (out->share <= 0.0 || out->share > 1.0) {
        wb_field_error(&share, "is '%s', expected a number above 0, up to 1",
                       wb_field_text(&share));
    }
    if (wb_field_int32(&count, 1) < 1) {
        wb_field_error(&count, "is %d, expected 1 or more", wb_field_int32(&count, 1));
    }
}

static int compare_releases(const void *a, const void *b, void *context)
{
    const wb_image_release *left = a;
    const wb_image_release *right = b;
    (void)context;
    return (left->at_ms > right->at_ms) - (left->at_ms < right->at_ms);
}

static void load_images(wb_scenario_loader *loader, const wb_field *spec)
{
    const wb_field list = wb_field_get(spec, "images");
    const uint32_t count = wb_field_count(&list);
    wb_image_release *images = WB_ARENA_ARRAY(loader->context.arena, wb_image_release, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        const wb_field at = wb_field_get(&entry, "at");
        const wb_field family = wb_field_get(&entry, "family");
        (void)wb_field_expect(&at, "when the image comes out");
        (void)wb_field_expect(&family, "a family as in an alias: al2023, al2, bottlerocket");
        images[i] = (wb_image_release){.at_ms = wb_scenario_duration(&at, 0),
                                       .family = wb_field_text(&family)};
    }
    if (count > 0) {
        wb_sort_stable(images, count, sizeof images[0], compare_releases, NULL);
    }
    loader->scenario->images = images;
    loader->scenario->image_count = count;
}

void wb_scenario_load_faults(wb_scenario_loader *loader, const wb_field *spec)
{
    assert(loader != NULL && spec != NULL);
    const wb_field list = wb_field_get(spec, "faults");
    const uint32_t count = wb_field_count(&list);
    wb_fault *faults = WB_ARENA_ARRAY(loader->context.arena, wb_fault, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        load_fault(loader, &entry, &faults[i]);
    }
    loader->scenario->faults = faults;
    loader->scenario->fault_count = count;
    load_images(loader, spec);
}
