/* What became of commands, for the recorder: nothing here decides anything. */
#include <assert.h>

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
