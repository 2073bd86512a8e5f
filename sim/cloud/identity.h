/*
 * Who the controller is: its role's policies and trust, the node role, the names that must agree;
 * and the gate that asks IAM about each call of a run.
 *
 * Without an identity nothing is asked and nothing counted. With one, the calls of the start are
 * decided when the run begins (what they stop is written to wb_cloud_permissions), every other call
 * as it comes. A decision depends on the row of the table, NodePool and NodeClass alone, so each is
 * made once and remembered.
 */
#ifndef WB_SIM_CLOUD_IDENTITY_H
#define WB_SIM_CLOUD_IDENTITY_H

#include "sim/cloud/cloud.h"
#include "sim/cloud/iam_call.h"

/* What a scenario says about identity. Lives as long as the scenario. */
typedef struct wb_identity {
    wb_iam_call_names names;
    const wb_iam_policy *policies; /* identity, boundary, service control: any number */
    uint32_t policy_count;         /* 0: everything is allowed, and counted */
    const wb_iam_policy *trust;    /* of the controller's role; NULL: not asked */
    const char *oidc_provider;     /* "oidc.eks.eu-west-1.amazonaws.com/id/ABC"; "": Pod Identity */
    const char *service_account;   /* "kube-system:karpenter" */
    bool has_annotation;           /* the service account names the role (or need not) */
    const char *const *node_policies; /* names attached to the node role; NULL: not asked */
    uint32_t node_policy_count;
    bool node_role_is_mapped; /* access entry or aws-auth lets the nodes in */
} wb_identity;

/* How often a row of the table was asked for, and what came of it. */
typedef struct wb_identity_count {
    uint64_t allowed_count, refused_count;
    int64_t first_ms, first_refused_ms; /* -1: never */
    wb_iam_outcome outcome;             /* of the first refusal; else allowed */
    const char *resource;               /* pattern for policies */
    const char *condition;              /* JSON, of a least policy */
    const char *message, *hint;         /* of the first refusal; NULL */
} wb_identity_count;

typedef struct wb_identity_gate wb_identity_gate;

/* Puts itself into the cloud's authorise slot, before the contender is made. identity must outlive
 * the cloud. In cloud->arena, which lives as long. */
wb_identity_gate *wb_identity_attach(const wb_identity *identity, wb_cloud *cloud);

/* The calls of the start: to be made when the contender starts, so that observers hear of
 * refusals. */
void wb_identity_start(wb_identity_gate *gate);

/* Whether a policy's condition on ec2:InstanceType keeps one type out of a fleet that may be
 * launched otherwise: the error code, or NULL. Groups launch by AWS' own role: not asked. */
const char *wb_identity_refuse_type(wb_identity_gate *gate, const wb_fleet_request *request,
                                    uint32_t type_index);

/* A message lies in the interruption queue: whether the controller reads it. */
bool wb_identity_hears_message(wb_identity_gate *gate);

/* One per row of wb_iam_call_table. */
const wb_identity_count *wb_identity_counts(const wb_identity_gate *gate);

/* The request to take on the controller's role, in arena. */
wb_iam_request wb_identity_assume_request(wb_arena *arena, const wb_identity *identity);

/* The managed policies that a node role must have; what is missing without, or NULL behind the
 * last. ECR's is fulfilled by any of its two. */
typedef struct wb_identity_node_policy {
    const char *name, *alternative; /* NULL: none */
    const char *consequence;
    bool is_needed; /* else only something like a shell is missing */
} wb_identity_node_policy;
const wb_identity_node_policy *wb_identity_node_policies(uint32_t *out_count);

/* Whether the node role has a managed policy or its alternative. */
bool wb_identity_has_node_policy(const wb_identity *identity,
                                 const wb_identity_node_policy *wanted);

#endif
