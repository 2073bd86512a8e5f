/*
 * Who ends up where: pods that ran on nodes before, and pods of the batch in their new places.
 */
#include <assert.h>

#include "base/hash_map.h"
#include "solver/validator_internal.h"

/* Classes are few beside pods, except where every pod has a template of its own. */
static uint32_t find_class(wb_validation *of, wb_hash_map *by_hash, const wb_pod_template *template,
                           uint32_t namespace_name)
{
    uint64_t key = wb_hash_map_join(wb_pod_template_hash(template), namespace_name);
    uint64_t found = 0;
    for (; wb_hash_map_get(by_hash, key, &found); key++) {
        const wb_validator_class *known = &of->classes[found];
        if (known->namespace_name == namespace_name &&
            (known->template == template || wb_pod_template_equals(known->template, template))) {
            return (uint32_t)found;
        }
    }
    (void)wb_hash_map_put(by_hash, key, of->class_count);
    of->classes[of->class_count] = (wb_validator_class){template, namespace_name};
    return of->class_count++;
}

static void add_running(wb_validation *of, wb_hash_map *by_hash, uint32_t node_index)
{
    const wb_validator_node *node = &of->input->nodes[node_index];
    for (uint32_t i = 0; i < node->pod_count; i++) {
        const wb_validator_pod *pod = &node->pods[i];
        of->residents[of->resident_count++] = (wb_validator_resident){
            .class_id = find_class(of, by_hash, pod->template, pod->namespace_name),
            .host = node_index,
            .pod_index = UINT32_MAX,
            .pod_name = pod->name,
            .count = pod->count > 0 ? pod->count : 1,
            .is_terminating = (pod->flags & WB_SOLVER_POD_TERMINATING) != 0,
            .is_daemon = (pod->flags & WB_SOLVER_POD_DAEMON) != 0,
            .is_being_placed = pod->is_in_batch,
        };
    }
}

static void add_resident(wb_validation *of, uint32_t pod_index, uint32_t host, uint32_t rank)
{
    of->residents[of->resident_count++] = (wb_validator_resident){
        .class_id = of->class_of_pod[pod_index],
        .host = host,
        .pod_index = pod_index,
        .rank = rank,
        .pod_name = of->problem->pods[pod_index].name,
        .count = 1,
    };
}

void wb_validator_fill_roster(wb_validation *of)
{
    const wb_solver_problem *problem = of->problem;
    size_t room = problem->pod_count;
    for (uint32_t n = 0; n < problem->node_count; n++) {
        room += of->input->nodes[n].pod_count;
    }
    of->classes = WB_ARENA_ARRAY(of->arena, wb_validator_class, room + 1);
    of->residents = WB_ARENA_ARRAY(of->arena, wb_validator_resident, room + 1);
    of->class_of_pod = WB_ARENA_ARRAY(of->arena, uint32_t, problem->pod_count + 1U);
    wb_hash_map by_hash;
    wb_hash_map_init(&by_hash);
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        of->class_of_pod[i] =
            find_class(of, &by_hash, of->input->templates[i], problem->pods[i].namespace_name);
    }
    for (uint32_t n = 0; n < problem->node_count; n++) {
        add_running(of, &by_hash, n);
    }
    wb_hash_map_release(&by_hash);
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        if (of->result->placements[i].node_index != WB_PLACED_ON_NONE) {
            add_resident(of, i, of->result->placements[i].node_index, 0);
        }
    }
    for (uint32_t c = 0; c < of->result->claim_count; c++) {
        const wb_solver_claim *claim = &of->result->claims[c];
        for (uint32_t i = 0; i < claim->pod_count; i++) {
            add_resident(of, claim->pod_indices[i], problem->node_count + c, i);
        }
    }
    assert(of->resident_count <= room);
}

wb_validator_domains wb_validator_host_domains(const wb_validation *of, uint32_t host, uint32_t key)
{
    if (host < of->problem->node_count) {
        uint32_t *value = WB_ARENA_NEW(of->arena, uint32_t);
        const bool has = wb_validator_node_label(of, host, key, value);
        return (wb_validator_domains){.values = value, .count = has};
    }
    const wb_requirement *asked =
        wb_requirements_get(of->result->claims[host - of->problem->node_count].requirements, key);
    return asked == NULL || asked->is_complement
               ? (wb_validator_domains){0}
               : (wb_validator_domains){.values = asked->values, .count = asked->value_count};
}
