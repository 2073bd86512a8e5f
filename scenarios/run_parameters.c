#include "scenarios/run_parameters.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "sim/cloud/boot_class.h"
#include "sim/cloud/identity.h"
#include "scenarios/scenario_internal.h"

/* The phase that stands at an offset of a model or a class; one that a class leaves alone is left
 * out. */
static void add_phase(const char *name, const void *owner, size_t offset, wb_text *out)
{
    const wb_boot_phase *phase = (const void *)((const char *)owner + offset);
    if (phase->median_ms >= 0) {
        wb_text_add_format(out, ",\"%s\":{\"median_ms\":%lld,\"sigma\":%.6g}", name,
                           (long long)phase->median_ms, phase->sigma);
    }
}

static void add_boot_classes(const wb_boot_model *boot, wb_text *out)
{
    for (uint32_t i = 0; i < boot->class_count; i++) {
        wb_text_add_string(out, i > 0 ? ",{\"selector\":" : ",\"instanceClasses\":[{\"selector\":");
        wb_text_add_json_string(out, boot->classes[i].selector);
        for (size_t p = 0; p < WB_SCENARIO_PHASE_COUNT; p++) {
            const wb_scenario_phase *phase = &wb_scenario_phases[p];
            if (phase->of_class != SIZE_MAX) {
                add_phase(phase->name, &boot->classes[i], phase->of_class, out);
            }
        }
        wb_text_add_string(out, "}");
    }
    wb_text_add_string(out, boot->class_count > 0 ? "]" : "");
}

static void add_boot(const wb_boot_model *boot, wb_text *out)
{
    wb_text_add_string(out, "\"boot\":{\"preset\":");
    wb_text_add_json_string(out, boot->name);
    for (size_t i = 0; i < WB_SCENARIO_PHASE_COUNT; i++) {
        add_phase(wb_scenario_phases[i].name, boot, wb_scenario_phases[i].of_model, out);
    }
    wb_text_add_format(out, ",\"podStart_ms\":%lld", (long long)boot->pod_start_ms);
    add_boot_classes(boot, out);
    wb_text_add_string(out, "}");
}

static void add_settings(const wb_contender *contender, wb_text *out)
{
    wb_text_add_string(out, "\"settings\":{");
    for (uint32_t i = 0; i < contender->setting_count; i++) {
        wb_text_add_string(out, i > 0 ? "," : "");
        wb_text_add_json_string(out, contender->settings[i].name);
        wb_text_add_string(out, ":");
        wb_text_add_json_string(out, contender->settings[i].value);
    }
    wb_text_add_string(out, "}");
}

static void add_groups(const wb_scenario *scenario, const wb_contender *contender,
                       const wb_intern *intern, wb_text *out)
{
    wb_text_add_string(out, "\"nodeGroups\":[");
    for (uint32_t i = 0; i < contender->node_group_count; i++) {
        const wb_node_group *group = &contender->node_groups[i];
        wb_text_add_string(out, i > 0 ? ",{\"name\":" : "{\"name\":");
        wb_text_add_json_string(out, group->name);
        wb_text_add_string(out, ",\"instanceTypes\":[");
        for (uint32_t t = 0; t < group->type_count; t++) {
            wb_text_add_string(out, t > 0 ? "," : "");
            wb_text_add_json_string(
                out, wb_intern_text(intern, scenario->catalog.types[group->type_indexes[t]].name));
        }
        wb_text_add_format(out, "],\"capacityType\":\"%s\",\"min\":%d,\"max\":%d,\"perZone\":%s}",
                           wb_capacity_type_name(group->capacity_type), group->min_count,
                           group->max_count, group->is_per_zone ? "true" : "false");
    }
    wb_text_add_string(out, "]");
}

static void add_nodes(const wb_scenario *scenario, const wb_contender *contender,
                      const wb_intern *intern, wb_text *out)
{
    wb_text_add_string(out, ",\"nodes\":[");
    for (uint32_t i = 0; i < contender->fixed_nodes_count; i++) {
        const wb_fixed_nodes *nodes = &contender->fixed_nodes[i];
        wb_text_add_string(out, i > 0 ? ",{\"name\":" : "{\"name\":");
        wb_text_add_json_string(out, nodes->name_prefix);
        wb_text_add_string(out, ",\"instanceType\":");
        wb_text_add_json_string(
            out, wb_intern_text(intern, scenario->catalog.types[nodes->type_index].name));
        wb_text_add_format(out, ",\"capacityType\":\"%s\",\"count\":%u}",
                           wb_capacity_type_name(nodes->capacity_type), nodes->count);
    }
    wb_text_add_string(out, "]");
}

/* What the first profile says, which is all that most runs have; the rest is in the digest. */
static void add_scheduler(const wb_scheduler_options *options, wb_text *out)
{
    static const char *const strategies[] = {"LeastAllocated", "MostAllocated",
                                             "RequestedToCapacityRatio"};
    const wb_scheduler_config *config =
        options->config != NULL ? options->config : wb_scheduler_config_default();
    const wb_scheduler_profile *first = &config->profiles[0];
    const int32_t percentage = options->percentage_of_nodes_to_score > 0
                                   ? options->percentage_of_nodes_to_score
                                   : first->percentage_of_nodes_to_score;
    wb_text_add_format(out, ",\"scheduler\":{\"strategy\":\"%s\",\"percentageOfNodesToScore\":%d},",
                       strategies[first->strategy], percentage);
}

/* What makes interruptions, where there are any: assumptions that a reader must see. */
static void add_spot(const wb_spot_weather *spot, const wb_contender *contender, wb_text *out)
{
    if (!spot->is_on && spot->event_count == 0) {
        return;
    }
    wb_text_add_format(out, ",\"spot\":{\"interruptions\":\"%s\",\"events\":%u,\"notice_ms\":%lld,",
                       spot->is_on ? "advisor" : "none", spot->event_count,
                       (long long)spot->notice_ms);
    wb_text_add_format(out, "\"rebalanceLead_ms\":%lld,\"shortage_ms\":%lld,\"share\":%.6g,",
                       (long long)spot->rebalance_lead_ms, (long long)spot->shortage_ms,
                       spot->share);
    wb_text_add_string(out, "\"monthlyByBand\":[");
    for (int i = 0; i < WB_SPOT_WEATHER_BANDS; i++) {
        wb_text_add_format(out, "%s%.6g", i > 0 ? "," : "", spot->monthly[i]);
    }
    wb_text_add_format(out, "],\"monthlyUnknown\":%.6g,\"terminationHandler\":%s}",
                       spot->unknown_monthly,
                       contender->has_termination_handler ? "true" : "false");
}

/* Who was asked for permission, where anybody was. */
/* What limits the account and the cloud, where something does. */
static void add_market(const wb_scenario *scenario, wb_text *out)
{
    const wb_market *market = &scenario->market;
    const wb_throttle_limits *limits = &scenario->api_limits;
    static const char *const markets[] = {"onDemand", "spot"};
    if (market->capacity_count + market->price_count + market->event_count + market->outage_count >
        0) {
        wb_text_add_format(out,
                           ",\"market\":{\"capacities\":%u,\"prices\":%u,\"events\":%u,"
                           "\"outages\":%u}",
                           market->capacity_count, market->price_count, market->event_count,
                           market->outage_count);
    }
    uint32_t count = 0;
    for (int i = 0; i < WB_QUOTA_MARKET_COUNT * WB_QUOTA_CLASS_COUNT; i++) {
        const int side = i / WB_QUOTA_CLASS_COUNT;
        const wb_quota_class class = (wb_quota_class)(i % WB_QUOTA_CLASS_COUNT);
        if (market->quotas.vcpus[side][class] >= 0) {
            wb_text_add_format(out, "%s\"%s.%s\":%lld", count++ == 0 ? ",\"quotas\":{" : ",",
                               markets[side], wb_quota_class_name(class),
                               (long long)market->quotas.vcpus[side][class]);
        }
    }
    wb_text_add_string(out, count > 0 ? "}" : "");
    for (int i = 0; i < WB_THROTTLE_BUCKET_COUNT && limits->is_on; i++) {
        wb_text_add_format(out, "%s\"%s\":[%d,%d]", i == 0 ? ",\"apiLimits\":{" : ",",
                           wb_throttle_bucket_name((wb_throttle_bucket)i), limits->rates[i].size,
                           limits->rates[i].per_second);
    }
    if (limits->is_on) {
        wb_text_add_format(out, ",\"perAction\":%s}", limits->per_action ? "true" : "false");
    }
}

static void add_identity(const wb_identity *identity, wb_text *out)
{
    if (identity == NULL) {
        return;
    }
    wb_text_add_string(out, ",\"identity\":{\"clusterName\":");
    wb_text_add_json_string(out, identity->names.cluster);
    wb_text_add_string(out, ",\"account\":");
    wb_text_add_json_string(out, identity->names.account);
    wb_text_add_string(out, ",\"controllerRole\":");
    wb_text_add_json_string(out, identity->names.controller_role);
    wb_text_add_string(out, ",\"nodeRole\":");
    wb_text_add_json_string(out, identity->names.node_role);
    wb_text_add_string(out, ",\"policies\":[");
    for (uint32_t i = 0; i < identity->policy_count; i++) {
        wb_text_add_string(out, i > 0 ? "," : "");
        const char *slash = strrchr(identity->policies[i].file, '/');
        wb_text_add_json_string(out, slash != NULL ? slash + 1 : identity->policies[i].file);
    }
    wb_text_add_string(out, "]}");
}

void wb_run_parameters_print(const wb_scenario *scenario, const wb_contender *contender,
                             const wb_intern *intern, wb_text *out)
{
    assert(scenario != NULL && contender != NULL && intern != NULL && out != NULL);
    wb_text_add_string(out, "{");
    add_settings(contender, out);
    wb_text_add_string(out, ",");
    add_boot(&contender->boot, out);
    add_scheduler(&contender->scheduler, out);
    add_groups(scenario, contender, intern, out);
    add_nodes(scenario, contender, intern, out);
    add_spot(&scenario->spot, contender, out);
    add_market(scenario, out);
    add_identity(contender->identity, out);
    wb_text_add_string(out, "}");
}
