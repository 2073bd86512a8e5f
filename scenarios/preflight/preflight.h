/*
 * The installation of a controller, checked before it runs: the files of its identity against the
 * table of calls that it makes (sim/cloud/iam_call.h) and against one another.
 *
 * Files are known by their content: policies and trust policies (also as the AWS CLI prints them),
 * values.yaml of Karpenter's chart, NodePools and EC2NodeClasses, ServiceAccounts, and what the AWS
 * CLI prints of clusters, instance profiles, attached policies, queues, subnets and security
 * groups. What no file says is not checked, and a note says so.
 */
#ifndef WB_SCENARIOS_PREFLIGHT_PREFLIGHT_H
#define WB_SCENARIOS_PREFLIGHT_PREFLIGHT_H

#include "base/findings.h"
#include "base/intern.h"
#include "sim/cloud/identity.h"

typedef enum wb_preflight_kind {
    WB_PREFLIGHT_INCONSISTENT, /* two files disagree: first, since it explains what is missing */
    WB_PREFLIGHT_MISSING,      /* a call would be refused */
    WB_PREFLIGHT_WIDE,         /* more is allowed than the controller needs */
    WB_PREFLIGHT_NOTE,         /* not checked, and why */
    WB_PREFLIGHT_KIND_COUNT
} wb_preflight_kind;

typedef struct wb_preflight_finding {
    wb_preflight_kind kind;
    bool is_error;         /* something that is needed is missing: the installation does not work */
    const char *subject;   /* "iam:PassRole on arn:...", "clusterName" */
    const char *text;      /* what is wrong */
    const char *failing;   /* the call that fails, and what the user reads; NULL: none */
    const char *therefore; /* what follows; NULL */
    const char *where;     /* file, line and statement to look at; NULL */
} wb_preflight_finding;

typedef struct wb_preflight_options {
    const char *const *paths;
    const char *const *boundary_paths; /* permissions boundaries among the policies */
    const char *const *scp_paths;      /* service control policies */
    uint32_t path_count, boundary_count, scp_count;
    const char *cluster, *account, *region, *namespace_name, *oidc_provider; /* NULL: from files */
    bool is_cluster_autoscaler;
} wb_preflight_options;

/* Lives in the arena that it was made in. */
typedef struct wb_preflight_report {
    wb_iam_call_names names;              /* as they were found */
    const char *names_sources;            /* "cluster shop (values.yaml:9), account ..." */
    const wb_preflight_finding *findings; /* by kind, then in the order of the checks */
    uint32_t count, error_count;
    uint32_t call_count; /* that were decided */
} wb_preflight_report;

/* Reads and checks. Files that can't be understood go to findings (then WB_ERR_INPUT). */
WB_MUST_CHECK wb_status wb_preflight_check(wb_arena *arena, wb_intern *intern,
                                           const wb_preflight_options *options,
                                           wb_findings *findings, wb_preflight_report *out,
                                           wb_error *err);

/* "missing", "inconsistent", "wide", "note". */
const char *wb_preflight_kind_name(wb_preflight_kind kind);

#endif
