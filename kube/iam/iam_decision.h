/*
 * What IAM says to one request: the policy evaluation logic for calls within one account.
 *
 * An explicit Deny in any policy wins; else each kind of policy that is present (identity,
 * permissions boundary, service control) must hold an Allow; else the request is refused by
 * default. Pure: no state, no clock; policies of the same kind add up. For a refusal by default the
 * decision names the statement that came closest, and the condition that it failed at.
 */
#ifndef WB_KUBE_IAM_IAM_DECISION_H
#define WB_KUBE_IAM_IAM_DECISION_H

#include "kube/iam/iam_pattern.h"
#include "kube/iam/iam_policy.h"

/* One action on one resource; a call of EC2 is several of these. */
typedef struct wb_iam_request {
    const char *action;   /* "ec2:RunInstances" */
    const char *resource; /* an ARN; "*" for actions that know no resources */
    wb_iam_context context;
    const char *principal_kind; /* trust policies only: "Federated", ... */
    const char *principal;      /* trust policies only */
} wb_iam_request;

typedef enum wb_iam_outcome {
    WB_IAM_ALLOWED,
    WB_IAM_IMPLICIT_DENY, /* nothing allows it */
    WB_IAM_EXPLICIT_DENY, /* a Deny statement matches */
    WB_IAM_OUTCOME_COUNT
} wb_iam_outcome;

typedef struct wb_iam_decision {
    wb_iam_outcome outcome;
    wb_iam_policy_kind kind;           /* of the policies that decided */
    const wb_iam_policy *policy;       /* that decided, or came closest; NULL: none did */
    const wb_iam_statement *statement; /* likewise */
    const wb_iam_condition *condition; /* implicit deny: what the closest statement failed at */
} wb_iam_decision;

/* Decides request under the policies. scratch is used and rewound. */
wb_iam_decision wb_iam_decision_make(wb_arena *scratch, const wb_iam_policy *policies,
                                     uint32_t policy_count, const wb_iam_request *request);

/* "allowed", "implicitDeny", "explicitDeny": as IAM's policy simulator calls them. */
const char *wb_iam_decision_outcome_name(wb_iam_outcome outcome);

/* The cause in the words of AWS: "because no identity-based policy allows the ec2:CreateFleet
 * action", "with an explicit deny in a service control policy". */
void wb_iam_decision_print_cause(const wb_iam_decision *decision, const char *action, char *out,
                                 size_t size);

/* Where to look, in our words: "policy.json:40:7: statement 'Tagging' would allow it but for ...";
 * "" when no statement came near. */
void wb_iam_decision_print_hint(const wb_iam_decision *decision, const wb_iam_request *request,
                                char *out, size_t size);

#endif
