/* What became of commands, and why nodes are left alone, for the recorder: nothing here decides
 * anything. */
#include <assert.h>
#include <stdlib.h>

#include "sim/autoscaler/karpenter/karpenter_internal.h"

void wb_karpenter_note_removed(wb_karpenter *self, uint32_t claim_id)
{
    assert(claim_id < self->claim_count);
    const uint32_t command_id = self->claims[claim_id].removed_by;
    if (command_id == WB_NO_ID) {
        return;
    }
    wb_karpenter_command *command = &self->commands[command_id];
    assert(command->going_count > 0);
    command->going_count--;
    if (command->going_count == 0) {
        command->finished_ms = self->env.kernel->now_ms;
    }
}

void wb_karpenter_note_evicted(wb_karpenter *self, const wb_karpenter_claim *claim, wb_cause cause)
{
    assert(claim != NULL);
    if (claim->removed_by != WB_NO_ID && cause == claim->cause) {
        self->commands[claim->removed_by].evicted_pod_count++;
    }
}

static int64_t price_nusd(const wb_karpenter *self, uint32_t claim_id)
{
    return claim_id == WB_NO_ID ? 0
                                : (int64_t)(self->claims[claim_id].price_usd_per_hour * 1e9 + 0.5);
}

/* Prices of what went less prices of what came. */
static int64_t actual_saving(const wb_karpenter *self, const wb_karpenter_command *command)
{
    int64_t saving = 0;
    for (uint32_t i = 0; i < command->claim_count; i++) {
        saving += price_nusd(self, command->claim_ids[i]);
    }
    for (uint32_t i = 0; i < command->plan.replacement_count; i++) {
        saving -= price_nusd(self, command->replacement_ids[i]);
    }
    return saving;
}

bool wb_karpenter_view_command(const void *context, uint32_t command_id, wb_command_view *out)
{
    static const char *const states[] = {
        [WB_KARPENTER_COMMAND_VALIDATING] = "validating",
        [WB_KARPENTER_COMMAND_WAITING] = "waiting",
        [WB_KARPENTER_COMMAND_DONE] = "done",
        [WB_KARPENTER_COMMAND_FAILED] = "failed",
        [WB_KARPENTER_COMMAND_REJECTED] = "rejected",
    };
    const wb_karpenter *self = context;
    if (command_id >= self->command_count) {
        return false;
    }
    const wb_karpenter_command *command = &self->commands[command_id];
    const bool is_done = command->state == WB_KARPENTER_COMMAND_DONE;
    *out = (wb_command_view){
        .method = wb_disruption_method_name(command->plan.method),
        .reason = wb_disruption_reason_name(command->plan.method),
        .state = states[command->state],
        .failure = command->failure,
        .found_ms = command->found_ms,
        .started_ms = command->started_ms,
        .deleted_ms = command->deleted_ms,
        .finished_ms = command->finished_ms,
        .considered_count = command->considered_count,
        .simulation_count = command->simulation_count,
        .candidate_ids = command->claim_ids,
        .replacement_ids = command->replacement_ids,
        .candidate_count = command->claim_count,
        .replacement_count = command->plan.replacement_count,
        .evicted_pod_count = command->evicted_pod_count,
        .predicted_saving_nusd_per_hour = (int64_t)(command->plan.saving_usd_per_hour * 1e9),
        .actual_saving_nusd_per_hour = is_done ? actual_saving(self, command) : 0,
    };
    return true;
}

void wb_karpenter_count_work(const void *context, wb_autoscaler_work *out)
{
    const wb_karpenter *self = context;
    assert(self != NULL && out != NULL);
    *out = (wb_autoscaler_work){
        .simulations = self->work.simulations,
        .requirement_checks = self->work.requirement_checks,
    };
}

/* Its end, which other rows tell. */
#define UNTOLD (WB_BLOCKED_QUEUED | WB_BLOCKED_DELETING | WB_BLOCKED_NO_NODE)
#define HELD   (WB_BLOCKED_POD_DO_NOT_DISRUPT | WB_BLOCKED_PDB | WB_BLOCKED_MULTIPLE_PDBS)

/* What the methods find beyond the checks that every look makes. */
#define SEARCHED (~(WB_BLOCKED_CONSOLIDATION_DISABLED - 1U))

/* The first pod that holds the node so, with what it does it by. */
static void print_hold(const wb_karpenter *self, wb_disruption *picture, uint32_t node_index,
                       uint32_t bit, wb_text *out)
{
    const wb_disruption_holder *holders = NULL;
    const uint32_t count = wb_disruption_holders(picture, node_index, &holders);
    for (uint32_t i = 0; i < count; i++) {
        if (holders[i].blocked == bit) {
            const wb_disruption_pod *pod =
                wb_disruption_pod_of(picture, node_index, holders[i].pod_index);
            /* a picture's pods have no names; their uid is their id, in digits */
            const unsigned long pod_id =
                strtoul(wb_intern_text(self->env.intern, pod->uid), NULL, 10);
            wb_disruption_print_hold(self->env.intern, &holders[i], out);
            wb_text_add_format(out, "%s/%s", wb_intern_text(self->env.intern, pod->namespace_name),
                               self->env.cluster->pods.name[pod_id]);
            return;
        }
    }
    wb_text_add_string(out, wb_disruption_blocked_sentence(bit));
}

static void tell_hold(const wb_karpenter *self, wb_disruption *picture, uint32_t node_index,
                      uint32_t bit, bool is_held)
{
    const uint32_t node_id = self->claims[self->living_claims[node_index]].node_id;
    wb_text text;
    wb_text_init(&text);
    if (is_held && (bit & HELD) != 0) {
        print_hold(self, picture, node_index, bit, &text);
    } else if (is_held) {
        wb_text_add_string(&text, wb_disruption_blocked_sentence(bit));
    }
    const wb_hold hold = {.code = wb_disruption_blocked_name(bit),
                          .text = is_held ? wb_text_string(&text) : NULL,
                          .is_held = is_held};
    WB_NOTIFY(self->env.observers, node_held, node_id, &hold);
    wb_text_release(&text);
}

void wb_karpenter_note_holds(wb_karpenter *self, wb_disruption *picture, bool is_partial)
{
    assert(self != NULL && picture != NULL);
    for (uint32_t i = 0; i < self->living_count; i++) {
        wb_karpenter_claim *claim = &self->claims[self->living_claims[i]];
        if (claim->node_id == WB_NO_ID) {
            continue;
        }
        const uint32_t kept = is_partial ? claim->told_holds & SEARCHED : 0U;
        const uint32_t holds = (wb_disruption_blocked(picture, i) & ~UNTOLD) | kept;
        for (uint32_t left = holds ^ claim->told_holds; left != 0; left &= left - 1U) {
            const uint32_t bit = left & ~(left - 1U);
            tell_hold(self, picture, i, bit, (holds & bit) != 0);
        }
        claim->told_holds = holds;
    }
}
