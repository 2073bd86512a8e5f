/* Shared by the files that read a policy. */
#ifndef WB_KUBE_IAM_IAM_POLICY_INTERNAL_H
#define WB_KUBE_IAM_IAM_POLICY_INTERNAL_H

#include "kube/iam/iam_policy.h"

typedef struct wb_iam_policy_reader {
    wb_findings *findings; /* borrowed; its arena keeps the policy */
    wb_iam_policy *policy; /* being filled */
    const char *path;      /* borrowed: of the statement, "Statement[3]" */
} wb_iam_policy_reader;

/* An error at node, below the statement's path; field may be "". */
WB_PRINTF(4, 5)
void wb_iam_policy_error(const wb_iam_policy_reader *reader, const wb_node *node, const char *field,
                         const char *fmt, ...);

/* The same as a warning. */
WB_PRINTF(4, 5)
void wb_iam_policy_warn(const wb_iam_policy_reader *reader, const wb_node *node, const char *field,
                        const char *fmt, ...);

/* The known name that is nearest, first by case alone, or NULL. */
const char *wb_iam_policy_nearest(const char *text, const char *const *known, size_t count);

/* The parts of a statement; map is the statement's. */
void wb_iam_policy_read_actions(const wb_iam_policy_reader *reader, const wb_node *map,
                                wb_iam_statement *out);
void wb_iam_policy_read_resources(const wb_iam_policy_reader *reader, const wb_node *map,
                                  wb_iam_statement *out);
void wb_iam_policy_read_principals(const wb_iam_policy_reader *reader, const wb_node *map,
                                   wb_iam_statement *out);

/* node is the value of Condition; NULL: none. */
void wb_iam_policy_read_conditions(const wb_iam_policy_reader *reader, const wb_node *node,
                                   wb_iam_statement *out);

#endif
