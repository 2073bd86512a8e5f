/* volumeClaimTemplates of StatefulSets: each ordinal's pod names claims of its own, so it is of a
 * shape of its own, which stands for the workload's. */
#include <assert.h>
#include <stdio.h>

#include "sim/cluster/cluster.h"
#include "sim/cluster/cluster_internal.h"

/* "<claim template>-<StatefulSet>-<ordinal>", as the controller names claims. */
static uint32_t claim_name(wb_cluster *cluster, const wb_workload *workload, uint32_t template_name,
                           uint32_t ordinal)
{
    char name[600];
    (void)snprintf(name, sizeof name, "%s-%s-%u", wb_intern_text(cluster->intern, template_name),
                   wb_intern_text(cluster->intern, workload->name), ordinal);
    return wb_intern_add(cluster->intern, name);
}

/* Whether a claim template takes the place of a volume of the pod template. */
static bool is_replaced(const wb_workload *workload, const wb_volume *volume)
{
    for (uint32_t i = 0; i < workload->claim_template_count; i++) {
        if (workload->claim_templates[i].name == volume->name) {
            return true;
        }
    }
    return false;
}

uint32_t wb_cluster_claimed_shape(wb_cluster *cluster, const wb_workload *workload,
                                  uint32_t shape_id, uint32_t ordinal)
{
    assert(workload->claim_template_count > 0 && shape_id < cluster->shape_count);
    const wb_pod_template *from = workload->template;
    wb_volume *volumes = WB_ARENA_ARRAY(cluster->arena, wb_volume,
                                        from->volume_count + workload->claim_template_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < workload->claim_template_count; i++) {
        const wb_volume *claim = &workload->claim_templates[i];
        volumes[count++] =
            (wb_volume){.kind = WB_VOLUME_CLAIM,
                        .name = claim->name,
                        .claim_name = claim_name(cluster, workload, claim->name, ordinal)};
    }
    for (uint32_t i = 0; i < from->volume_count; i++) {
        if (!is_replaced(workload, &from->volumes[i])) {
            volumes[count++] = from->volumes[i];
        }
    }
    wb_pod_template *made = WB_ARENA_NEW(cluster->arena, wb_pod_template);
    *made = *from;
    made->volumes = volumes;
    made->volume_count = count;
    const uint32_t claimed = wb_cluster_add_shape(cluster, made, workload->namespace_name);
    cluster->shapes[claimed].base_shape_id = shape_id;
    return claimed;
}
