/*
 * What a controller asks of AWS, as IAM sees it: each call split into the actions and resources
 * that are authorised one by one, with the tags that come along and what follows from a refusal.
 *
 * One table (iam_call.c) serves the simulation, which authorises as it goes, `werkbank preflight`,
 * which asks about all of it beforehand, and the least policy that a run needed. Pure.
 */
#ifndef WB_SIM_CLOUD_IAM_CALL_H
#define WB_SIM_CLOUD_IAM_CALL_H

#include "base/text.h"
#include "kube/iam/iam_decision.h"

/* The names that ARNs and tags are made of. All borrowed, none NULL; "" where there is none. */
typedef struct wb_iam_call_names {
    const char *partition, *account, *region, *cluster;
    const char *controller_role, *node_role; /* names, not ARNs */
    const char *queue;                       /* "": interruptions are not listened for */
    const char *instance_profile;            /* its name, or the one that Karpenter would give it */
    const char *node_pool, *node_class;      /* of the launch at hand; values of tags */
    const char *resource_id;   /* "i-0abc...", a group's name; "*": not known before the call */
    const char *instance_type; /* of the launch at hand; "": not known, then no condition key */
    bool brings_profile;       /* the EC2NodeClass names an instanceProfile instead of a role */
    bool uses_spot;
    bool is_isolated; /* settings.isolatedVPC: the price list is not asked */
    bool is_cluster_autoscaler;
} wb_iam_call_names;

/* When a call is made. */
typedef enum wb_iam_call_step {
    WB_IAM_CALL_START,     /* the controller starts, the EC2NodeClass gets ready */
    WB_IAM_CALL_LAUNCH,    /* CreateFleet, or SetDesiredCapacity; and what belongs to it */
    WB_IAM_CALL_SETTLE,    /* a machine has come up: tags, templates that are not used any more */
    WB_IAM_CALL_TERMINATE, /* TerminateInstances, or a group's */
    WB_IAM_CALL_MESSAGE,   /* the interruption queue */
    WB_IAM_CALL_CLEAN_UP,  /* an EC2NodeClass is deleted */
    WB_IAM_CALL_STEP_COUNT
} wb_iam_call_step;

/* What follows from a refusal. */
typedef enum wb_iam_call_effect {
    WB_IAM_CALL_ONLY_LOGGED,     /* the controller complains and goes on */
    WB_IAM_CALL_STOPS_LAUNCHES,  /* no node is launched at all */
    WB_IAM_CALL_REFUSES_LAUNCH,  /* this launch fails */
    WB_IAM_CALL_KEEPS_INSTANCES, /* machines are not ended, and cost on */
    WB_IAM_CALL_DEAFENS,         /* interruptions are not heard of */
} wb_iam_call_effect;

/* A row of the table. */
typedef struct wb_iam_call {
    wb_iam_call_step step;
    wb_iam_call_effect effect;
    const char *action;      /* "ec2:RunInstances" */
    const char *resource;    /* "instance": the kind, for tables; "": the action knows none */
    const char *arn;         /* with {p} partition, {r} region, {a} account, {c} cluster ... */
    unsigned tags;           /* what comes along: bits private to iam_call.c */
    unsigned when;           /* likewise: which controllers and settings make the call */
    const char *consequence; /* "no node is launched; pods stay Pending" */
} wb_iam_call;

/* All rows, by step. */
const wb_iam_call *wb_iam_call_table(uint32_t *out_count);

/* Whether a controller with these names and settings makes the call at all. */
bool wb_iam_call_is_made(const wb_iam_call *call, const wb_iam_call_names *names);

/* The request that IAM decides. In arena. */
wb_iam_request wb_iam_call_request(wb_arena *arena, const wb_iam_call *call,
                                   const wb_iam_call_names *names);

/* The narrowest Resource and Condition that let the call pass, as JSON ("{}": no condition). */
const char *wb_iam_call_pattern(wb_arena *arena, const wb_iam_call *call,
                                const wb_iam_call_names *names);
void wb_iam_call_print_condition(const wb_iam_call *call, const wb_iam_call_names *names,
                                 wb_text *out);

/* "UnauthorizedOperation" for EC2, "AccessDenied" or "AccessDeniedException" for other services. */
const char *wb_iam_call_error_code(const wb_iam_call *call);

/* What the user reads in the controller's log: "You are not authorized to perform this operation.
 * User: arn:aws:sts::...:assumed-role/... is not authorized to perform: ..." */
void wb_iam_call_print_refusal(const wb_iam_call_names *names, const wb_iam_request *request,
                               const wb_iam_decision *decision, wb_text *out);

/* "start", "launch", ... */
const char *wb_iam_call_step_name(wb_iam_call_step step);

#endif
