/*
 * IAM policies as users write them in JSON: read, checked, kept with the places of their parts.
 *
 * What IAM would refuse is an error with file, line and field; what it takes and nobody means is a
 * warning. Both are gathered, as in all of kube/. A policy of the account (SCP), a permissions
 * boundary and the controller's own policies read alike; a trust policy names who, not on what.
 * A file may also be what the AWS CLI prints around a policy (get-policy-version, get-role-policy,
 * get-role): the document is found inside.
 */
#ifndef WB_KUBE_IAM_IAM_POLICY_H
#define WB_KUBE_IAM_IAM_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/document.h"
#include "base/findings.h"
#include "kube/iam/iam_operator.h"

/* Characters without blanks that one managed policy may have. */
#define WB_IAM_POLICY_CHARACTERS_MAX 6144

typedef enum wb_iam_policy_kind {
    WB_IAM_POLICY_IDENTITY,        /* attached to the role */
    WB_IAM_POLICY_BOUNDARY,        /* the most that the role may do */
    WB_IAM_POLICY_SERVICE_CONTROL, /* the most that the account may do */
    WB_IAM_POLICY_TRUST,           /* who may take the role on */
    WB_IAM_POLICY_KIND_COUNT
} wb_iam_policy_kind;

/* Action or NotAction, Resource or NotResource. */
typedef struct wb_iam_patterns {
    const char **texts;
    uint32_t count; /* 0: the statement has neither */
    bool is_negated;
} wb_iam_patterns;

typedef struct wb_iam_principal {
    const char *kind;  /* "AWS", "Federated", "Service", "CanonicalUser"; "*": anybody */
    const char *value; /* an ARN, a service, an account, "*" */
} wb_iam_principal;

/* One operator on one key. All of a statement must hold. */
typedef struct wb_iam_condition {
    wb_iam_operator_use use;
    const char *operator_text; /* as written */
    const char *key;
    const char **values; /* at least one */
    uint32_t value_count;
    wb_position position;
} wb_iam_condition;

typedef struct wb_iam_statement {
    const char *sid; /* "": none */
    bool is_deny;
    wb_iam_patterns actions, resources;
    wb_iam_principal *principals;
    uint32_t principal_count;
    bool excludes_principals; /* NotPrincipal */
    wb_iam_condition *conditions;
    uint32_t condition_count;
    wb_position position;
} wb_iam_statement;

/* Lives as long as the arena that it was read into. */
typedef struct wb_iam_policy {
    wb_iam_policy_kind kind;
    const char *file;   /* borrowed */
    bool has_variables; /* Version 2012-10-17: ${...} means something */
    wb_iam_statement *statements;
    uint32_t statement_count;
    uint32_t character_count; /* as compact JSON, as IAM counts */
} wb_iam_policy;

/* Whether root looks like a policy or what the AWS CLI prints around one. */
bool wb_iam_policy_is_one(const wb_node *root);

/* Whether a document that is a policy names principals, as trust policies do. */
bool wb_iam_policy_is_trust(const wb_node *root);

/* Reads root. What is wrong goes to findings, whose arena keeps the policy; out is filled as far as
 * it can be understood. */
void wb_iam_policy_read(const wb_node *root, wb_iam_policy_kind kind, wb_findings *findings,
                        wb_iam_policy *out);

/* Reads a file that holds one policy. */
WB_MUST_CHECK wb_status wb_iam_policy_read_file(const char *path, wb_iam_policy_kind kind,
                                                wb_findings *findings, wb_iam_policy *out,
                                                wb_error *err);

/* "identity-based policy", "permissions boundary", ...: as IAM's messages call it. */
const char *wb_iam_policy_kind_name(wb_iam_policy_kind kind);

#endif
