/* Shared by the files that load a scenario: where they are, what they have, where complaints go. */
#ifndef WB_SCENARIOS_SCENARIO_INTERNAL_H
#define WB_SCENARIOS_SCENARIO_INTERNAL_H

#include "base/digest.h"
#include "kube/field.h"
#include "kube/schema.h"
#include "scenarios/scenario.h"
#include "scenarios/scenario_patch.h"

typedef struct wb_scenario_loader {
    wb_decode_context context;
    wb_scenario *scenario; /* being filled */
    const char *folder;    /* of the scenario file, with a trailing slash, or "" */
    wb_digest *digest;     /* owned: the file and all that it names */
    const wb_scenario_overrides *overrides;
    uint32_t *patch_hits;      /* by overrides->patches: documents that it changed */
    const wb_node *priorities; /* of ConfigMap cluster-autoscaler-priority-expander; NULL: none */
} wb_scenario_loader;

/* The fields of a scenario file, of a boot model in it, of one phase of that, and of a scheduler's
 * settings. */
extern const wb_schema wb_scenario_schema;
extern const wb_schema wb_scenario_node_groups_schema; /* a file with a plain list */
extern const wb_schema wb_scenario_boot_schema;
extern const wb_schema wb_scenario_boot_class_schema;
extern const wb_schema wb_scenario_phase_schema;
extern const wb_schema wb_scenario_scheduler_schema;

/* The market's: spec.capacity, spec.quotas, and an entry of spec.spot.recorded. */
extern const wb_schema wb_scenario_capacity_schema;
extern const wb_schema wb_scenario_quotas_schema;
extern const wb_schema wb_scenario_recorded_schema;
extern const wb_schema wb_scenario_api_limits_schema;
extern const wb_schema wb_scenario_network_schema;
extern const wb_schema wb_scenario_storage_schema;

/* A path that a field names, resolved against the scenario's folder; NULL after a finding. */
const char *wb_scenario_resolve(const wb_scenario_loader *loader, const wb_field *field);

/* The documents of the file that a field names, which become part of the digest; its path, or NULL
 * after a finding. */
const char *wb_scenario_read_documents(wb_scenario_loader *loader, const wb_field *field,
                                       wb_document_stream *out);

/* Reads the manifests that a string or a list of strings names into out; findings on failure. */
void wb_scenario_read_manifests(wb_scenario_loader *loader, const wb_field *field,
                                wb_manifest *out);

/* A duration field in ms; fallback when absent or after a finding. */
int64_t wb_scenario_duration(const wb_field *field, int64_t fallback);

/* The index in the catalog of the type that a field names; false after a finding. */
bool wb_scenario_type(const wb_scenario_loader *loader, const wb_field *field, uint32_t *out);

/* The zone that a field names, checked against the scenario's; 0 when absent or after a finding. */
uint32_t wb_scenario_zone(const wb_scenario_loader *loader, const wb_field *field);

/* Zones that a list names, each checked against the scenario's; absent: all of them. */
const uint32_t *wb_scenario_zones(const wb_scenario_loader *loader, const wb_field *field,
                                  uint32_t *out_count);

/* owner.scheduler; *out stays as it is where there is none. */
void wb_scenario_load_scheduler(wb_scenario_loader *loader, const wb_field *owner,
                                wb_scheduler_options *out);

/* owner.decisionLatency; *out stays as it is where there is none. */
void wb_scenario_load_latency(const wb_field *owner, wb_decision_latency *out);

/* The identity of a contender, its own or spec's, after its manifests and settings. */
void wb_scenario_load_identity(wb_scenario_loader *loader, const wb_field *spec,
                               const wb_field *entry, wb_contender *contender);

/* spec.money; and its fields. */
void wb_scenario_load_money(wb_scenario_loader *loader, const wb_field *spec);
extern const wb_schema wb_scenario_money_schema;

/* spec.loads, after spec.workload. */
void wb_scenario_load_signals(wb_scenario_loader *loader, const wb_field *spec);

/* spec.faults and spec.images, spec.spot, spec.workload and spec.contenders. */
void wb_scenario_load_faults(wb_scenario_loader *loader, const wb_field *spec);
void wb_scenario_load_spot(wb_scenario_loader *loader, const wb_field *spec);

/* spec.apiLimits. */
void wb_scenario_load_api(wb_scenario_loader *loader, const wb_field *spec);

/* A phase of owner's ("5s", or median and sigma); *out stays as it is where there is none. */
void wb_scenario_load_phase(const wb_field *owner, const char *name, wb_boot_phase *out);

/* The phases of a boot, in their order, by the names that scenario files use. */
typedef struct wb_scenario_phase {
    const char *name;
    size_t of_model, of_class; /* offsets in wb_boot_model, wb_boot_class; SIZE_MAX: no class's */
} wb_scenario_phase;
#define WB_SCENARIO_PHASE_COUNT 9
extern const wb_scenario_phase wb_scenario_phases[WB_SCENARIO_PHASE_COUNT];

/* boot of a contender of that kind, or what is usual for the kind. */
void wb_scenario_load_boot(const wb_scenario_loader *loader, const wb_field *contender,
                           const char *kind, wb_boot_model *out);

/* spec.imageSizes: pulls by size. */
void wb_scenario_load_image_sizes(wb_scenario_loader *loader, const wb_field *spec);

/* spec.storage, after spec.workload: claims of StatefulSets join the scenario's objects. */
void wb_scenario_load_storage(wb_scenario_loader *loader, const wb_field *spec);

/* spec.network; prefix delegation changes the catalog. */
void wb_scenario_load_network(wb_scenario_loader *loader, const wb_field *spec);

/* spec.capacity, spec.quotas and spec.spot.recorded: the market. */
void wb_scenario_load_market(wb_scenario_loader *loader, const wb_field *spec);
void wb_scenario_load_recorded(wb_scenario_loader *loader, const wb_field *spec);

/* Adds capacities (copied) to those of the scenario's market. */
void wb_scenario_add_capacities(const wb_scenario_loader *loader,
                                const wb_market_capacity *capacities, uint32_t count);
void wb_scenario_load_workload(wb_scenario_loader *loader, const wb_field *spec);
void wb_scenario_load_contenders(wb_scenario_loader *loader, const wb_field *spec);

/* Warns of workloads and pods that ask for more than any instance type has. */
void wb_scenario_warn_of_sizes(const wb_scenario_loader *loader, const wb_manifest *manifest);

/* The same for the shapes and objects of one trace, as the visitor of its check; the first few. */
typedef struct wb_scenario_size_check {
    const wb_scenario_loader *loader;
    const char *path;
    uint32_t count;
} wb_scenario_size_check;

/* Its visit: a record of kind SHAPE or APPLY. */
void wb_scenario_size_check_visit(void *context, const wb_trace_record *record);

/* How many claims, volumes, classes and namespaces a record applies. */
uint64_t wb_scenario_standing_count(const wb_trace_record *record);

/* Adds the count of them that the trace at path applies to the scenario's own objects. */
void wb_scenario_take_standing(wb_scenario_loader *loader, const char *path, uint64_t count);

#endif
