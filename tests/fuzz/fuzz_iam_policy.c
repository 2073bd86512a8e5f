/* IAM policies: any text is refused in one line or decides a few requests. */
#include <assert.h>

#include "kube/iam/iam_decision.h"
#include "tests/fuzz/fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const values[] = {"demo", "Name"};
    static const wb_iam_context_value items[] = {
        {"aws:RequestTag/kubernetes.io/cluster/demo", values, 1},
        {"aws:TagKeys", values, 2},
        {"aws:PrincipalTag/team", values, 1},
    };
    static const wb_iam_request requests[] = {
        {.action = "ec2:RunInstances",
         .resource = "arn:aws:ec2:eu-west-1:111122223333:instance/*",
         .context = {items, 3}},
        {.action = "ec2:DescribeSubnets", .resource = "*", .context = {items, 0}},
        {.action = "sts:AssumeRole",
         .resource = "*",
         .context = {items, 3},
         .principal_kind = "Service",
         .principal = "ec2.amazonaws.com"},
    };
    wb_arena arena;
    wb_arena_init(&arena, "fuzz", 0, NULL);
    const wb_document_input input = {"fuzz", (const char *)data, size, WB_DOCUMENT_JSON};
    wb_document_stream stream = {.count = 0};
    if (wb_document_read_text(&arena, &input, &stream, NULL) == WB_OK && stream.count > 0) {
        wb_findings findings;
        wb_findings_init(&findings, &arena, false);
        wb_iam_policy policy;
        const bool is_trust = wb_iam_policy_is_trust(stream.roots[0]);
        wb_iam_policy_read(stream.roots[0], is_trust ? WB_IAM_POLICY_TRUST : WB_IAM_POLICY_IDENTITY,
                           &findings, &policy);
        for (size_t i = 0; findings.error_count == 0 && i < 3; i++) {
            const wb_iam_decision decision = wb_iam_decision_make(&arena, &policy, 1, &requests[i]);
            char hint[512];
            wb_iam_decision_print_hint(&decision, &requests[i], hint, sizeof hint);
            assert(decision.outcome == WB_IAM_IMPLICIT_DENY || decision.statement != NULL);
        }
    }
    wb_arena_release(&arena);
    return 0;
}
