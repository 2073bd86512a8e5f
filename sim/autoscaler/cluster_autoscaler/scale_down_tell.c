/* Why nodes stay, told to the world when it changes: nothing here decides anything. */
#include <assert.h>
#include <stdio.h>

#include "sim/autoscaler/cluster_autoscaler/ca_loop.h"
#include "sim/autoscaler/cluster_autoscaler/scale_down.h"

#define SENTENCE_BYTES 400

/* Half a sentence for each reason that needs no names or numbers. */
static const char *const sentences[] = {
    [WB_SCALE_DOWN_NO_REASON] = "",
    [WB_SCALE_DOWN_CURRENTLY_BEING_DELETED] = "it is being deleted",
    [WB_SCALE_DOWN_DISABLED_ANNOTATION] =
        "the node is annotated cluster-autoscaler.kubernetes.io/scale-down-disabled",
    [WB_SCALE_DOWN_UNREADY_DISABLED] = "it is not ready, and scale-down of such nodes is off",
    [WB_SCALE_DOWN_NOT_UNDERUTILIZED] = "it is not underutilised",
    [WB_SCALE_DOWN_RECENTLY_UNREMOVABLE] = "it could not be removed a moment ago",
    [WB_SCALE_DOWN_NO_PLACE] = "not all of its pods would find another place",
    [WB_SCALE_DOWN_BLOCKED_BY_POD] = "a pod may not be moved",
    [WB_SCALE_DOWN_BLOCKED_BY_ON_COMPLETION] = "a pod may not be moved before it completes",
    [WB_SCALE_DOWN_NOT_UNNEEDED_LONG_ENOUGH] = "it is unneeded, but not for long enough",
    [WB_SCALE_DOWN_NOT_UNREADY_LONG_ENOUGH] = "it is unready and unneeded, but not for long enough",
    [WB_SCALE_DOWN_MIN_SIZE] = "its group is at its minimum size",
    [WB_SCALE_DOWN_MIN_RESOURCES] = "the cluster's minimum of cores or memory would not be kept",
};

static void print_sentence(const wb_ca_loop *loop, uint32_t row, char out[SENTENCE_BYTES])
{
    const wb_scale_down_mark *mark = &loop->scale_down.marks[row];
    assert((size_t)mark->reason < sizeof(sentences) / sizeof(sentences[0]));
    if (mark->reason == WB_SCALE_DOWN_NOT_UNDERUTILIZED && mark->has_utilization) {
        (void)snprintf(out, SENTENCE_BYTES, "its utilisation of %s is %.2f, too much to be removed",
                       mark->utilized, mark->utilization);
    } else if (mark->reason == WB_SCALE_DOWN_BLOCKED_BY_POD && mark->blocking_pod != NULL) {
        (void)snprintf(out, SENTENCE_BYTES, "pod %s may not be moved: %s", mark->blocking_pod,
                       mark->blocking_reason);
    } else {
        (void)snprintf(out, SENTENCE_BYTES, "%s", sentences[mark->reason]);
    }
}

static void tell(const wb_ca_loop *loop, uint32_t row, wb_scale_down_reason reason, bool is_held)
{
    const wb_ca_world *world = &loop->world;
    char text[SENTENCE_BYTES] = "";
    if (is_held) {
        print_sentence(loop, row, text);
    }
    const wb_hold hold = {.code = wb_scale_down_reason_name(reason),
                          .text = is_held ? text : NULL,
                          .is_held = is_held};
    world->held(world->context, loop->scale_down.marks[row].node_id, &hold);
}

void wb_scale_down_tell(wb_ca_loop *loop)
{
    assert(loop != NULL);
    for (uint32_t i = 0; loop->world.held != NULL && i < loop->snapshot.order_count; i++) {
        const uint32_t row = loop->snapshot.order[i];
        wb_scale_down_mark *mark = &loop->scale_down.marks[row];
        /* the one word hides the reason of the look before, which still holds */
        const bool is_same =
            mark->reason == mark->told || (mark->reason == WB_SCALE_DOWN_RECENTLY_UNREMOVABLE &&
                                           mark->told != WB_SCALE_DOWN_NO_REASON);
        if (mark->node_id == WB_CA_SNAPSHOT_NONE || is_same ||
            mark->reason == WB_SCALE_DOWN_CURRENTLY_BEING_DELETED) {
            continue; /* a node's end is told by other rows */
        }
        if (mark->told != WB_SCALE_DOWN_NO_REASON) {
            tell(loop, row, mark->told, false);
        }
        if (mark->reason != WB_SCALE_DOWN_NO_REASON) {
            tell(loop, row, mark->reason, true);
        }
        mark->told = mark->reason;
    }
}
