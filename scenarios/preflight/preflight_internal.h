/* Shared by the files of scenarios/preflight. */
#ifndef WB_SCENARIOS_PREFLIGHT_PREFLIGHT_INTERNAL_H
#define WB_SCENARIOS_PREFLIGHT_PREFLIGHT_INTERNAL_H

#include "kube/helm_values.h"
#include "kube/manifest.h"
#include "scenarios/preflight/preflight.h"

#define WB_PREFLIGHT_DOCUMENTS_MAX 64

/* What the files hold, sorted by what they are. */
typedef struct wb_preflight_input {
    const wb_preflight_options *options;
    wb_arena *arena;
    wb_intern *intern;
    wb_findings *findings;
    wb_iam_policy policies[WB_PREFLIGHT_DOCUMENTS_MAX]; /* of the controller, and its bounds */
    wb_iam_policy trusts[WB_PREFLIGHT_DOCUMENTS_MAX];
    const char *trust_roles[WB_PREFLIGHT_DOCUMENTS_MAX]; /* RoleName; "": not said */
    uint32_t policy_count, trust_count;
    bool has_values, has_identity_policy;
    wb_helm_values values;
    wb_manifest manifest;
    const wb_node *cluster;          /* aws eks describe-cluster */
    const wb_node *profile;          /* aws iam get-instance-profile */
    const wb_node *attached;         /* aws iam list-attached-role-policies, of the node role */
    const wb_node *queue;            /* aws sqs get-queue-attributes */
    const wb_node *subnets, *groups; /* aws ec2 describe-subnets, describe-security-groups */
    const wb_node *account;          /* a ServiceAccount */
    const wb_node *association;      /* aws eks describe-pod-identity-association */
} wb_preflight_input;

/* A report under construction. */
typedef struct wb_preflight_checker {
    const wb_preflight_input *in;
    wb_arena *arena;
    wb_iam_call_names names;
    wb_preflight_finding *findings;
    uint32_t count, capacity, call_count;
} wb_preflight_checker;

/* Reads all files. */
WB_MUST_CHECK wb_status wb_preflight_read(wb_preflight_input *in, wb_error *err);

/* Adds a finding and returns it for the parts beyond kind, subject and text. */
WB_PRINTF(4, 5)
wb_preflight_finding *wb_preflight_add(wb_preflight_checker *checker, wb_preflight_kind kind,
                                       const char *subject, const char *fmt, ...);

/* Text in the arena. */
WB_PRINTF(2, 3) const char *wb_preflight_print(wb_arena *arena, const char *fmt, ...);

/* "policy.json:12". */
const char *wb_preflight_place(wb_arena *arena, wb_position position);

/* The names that the files agree on, or the first that say so; returns where each is from. */
const char *wb_preflight_find_names(const wb_preflight_input *in, wb_iam_call_names *out);

/* The OIDC provider of the cluster, without https://; "": none is known. */
const char *wb_preflight_oidc_provider(const wb_preflight_input *in);

/* The checks, in the order of the report. */
void wb_preflight_check_calls(wb_preflight_checker *checker);
void wb_preflight_check_trust(wb_preflight_checker *checker);
void wb_preflight_check_node_role(wb_preflight_checker *checker);
void wb_preflight_check_names(wb_preflight_checker *checker);
void wb_preflight_check_selectors(wb_preflight_checker *checker);
void wb_preflight_check_width(wb_preflight_checker *checker);

#endif
