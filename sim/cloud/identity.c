/*
 * The gate. Rows of the table that belong to one step are asked in their order; the first refusal
 * that matters decides the call, as AWS names one missing permission at a time. All rows of the
 * step before it are counted, those behind it are not: they were never reached.
 */
#include "sim/cloud/identity.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "kube/names.h"

/* A decision that was made before: the row of the table under a pool and a class. */
typedef struct memo {
    uint32_t node_pool, node_class; /* interned */
    bool is_set, is_allowed;
} memo;

struct wb_identity_gate {
    const wb_identity *identity; /* borrowed */
    wb_cloud *cloud;             /* borrowed */
    wb_iam_call_names names;     /* of the call at hand */
    wb_identity_count *counts;   /* per row of the table */
    memo *memos;                 /* likewise */
    uint32_t node_pool, node_class;
    bool has_credentials;
    const char *assume_message; /* without: what every call answers */
    bool asks_for_types;        /* some policy has a condition on ec2:InstanceType */
    uint8_t *types;             /* by index in the catalog: 0 not asked, 1 allowed, 2 refused */
    uint32_t types_pool, types_class; /* that types is about */
};

static const wb_identity_node_policy node_policies[] = {
    {"AmazonEKSWorkerNodePolicy", NULL,
     "the kubelet cannot describe its cluster and instance; the node never joins", true},
    {"AmazonEKS_CNI_Policy", "AmazonEKS_CNI_IPv6_Policy",
     "the VPC CNI gets no addresses; the node stays NotReady (unless aws-node has a role of its "
     "own)",
     true},
    {"AmazonEC2ContainerRegistryPullOnly", "AmazonEC2ContainerRegistryReadOnly",
     "images in ECR, those of kube-proxy and aws-node too, are not pulled; the node stays NotReady",
     true},
    {"AmazonSSMManagedInstanceCore", NULL, "no shell on the node through Session Manager", false},
};

const wb_identity_node_policy *wb_identity_node_policies(uint32_t *out_count)
{
    assert(out_count != NULL);
    *out_count = (uint32_t)(sizeof node_policies / sizeof node_policies[0]);
    return node_policies;
}

bool wb_identity_has_node_policy(const wb_identity *identity, const wb_identity_node_policy *wanted)
{
    assert(identity != NULL && wanted != NULL);
    for (uint32_t i = 0; i < identity->node_policy_count; i++) {
        const char *arn_end = strrchr(identity->node_policies[i], '/');
        const char *name = arn_end != NULL ? arn_end + 1 : identity->node_policies[i];
        if (strcmp(name, wanted->name) == 0 ||
            (wanted->alternative != NULL && strcmp(name, wanted->alternative) == 0)) {
            return true;
        }
    }
    return false;
}

/* Two conditions keys of a web identity, named after the provider. */
static wb_iam_request web_identity_request(wb_arena *arena, const wb_identity *identity)
{
    static const char *const audience[] = {"sts.amazonaws.com"};
    const char *provider = identity->oidc_provider;
    char text[512];
    wb_iam_context_value *items = WB_ARENA_ARRAY(arena, wb_iam_context_value, 2);
    (void)snprintf(text, sizeof text, "%s:aud", provider);
    items[0] = (wb_iam_context_value){wb_arena_copy_string(arena, text), audience, 1};
    (void)snprintf(text, sizeof text, "system:serviceaccount:%s", identity->service_account);
    const char **subject = WB_ARENA_ARRAY(arena, const char *, 1);
    subject[0] = wb_arena_copy_string(arena, text);
    (void)snprintf(text, sizeof text, "%s:sub", provider);
    items[1] = (wb_iam_context_value){wb_arena_copy_string(arena, text), subject, 1};
    (void)snprintf(text, sizeof text, "arn:%s:iam::%s:oidc-provider/%s", identity->names.partition,
                   identity->names.account, provider);
    return (wb_iam_request){
        .action = "sts:AssumeRoleWithWebIdentity",
        .resource = "*",
        .context = {items, 2},
        .principal_kind = "Federated",
        .principal = wb_arena_copy_string(arena, text),
    };
}

wb_iam_request wb_identity_assume_request(wb_arena *arena, const wb_identity *identity)
{
    assert(arena != NULL && identity != NULL);
    if (identity->oidc_provider[0] != '\0') {
        return web_identity_request(arena, identity);
    }
    return (wb_iam_request){
        /* EKS Pod Identity */
        .action = "sts:AssumeRole",
        .resource = "*",
        .principal_kind = "Service",
        .principal = "pods.eks.amazonaws.com",
    };
}

static wb_iam_decision decide(wb_identity_gate *gate, const wb_iam_request *request)
{
    if (gate->identity->policy_count == 0) {
        return (wb_iam_decision){.outcome = WB_IAM_ALLOWED};
    }
    return wb_iam_decision_make(gate->cloud->arena, gate->identity->policies,
                                gate->identity->policy_count, request);
}

/* The first refusal of a row, as the user reads it, and where to look. */
static void keep_refusal(wb_identity_gate *gate, wb_identity_count *count,
                         const wb_iam_request *request, const wb_iam_decision *decision)
{
    wb_text text;
    wb_text_init(&text);
    wb_iam_call_print_refusal(&gate->names, request, decision, &text);
    count->message = wb_arena_copy_string(gate->cloud->arena, wb_text_string(&text));
    wb_text_release(&text);
    char hint[512];
    wb_iam_decision_print_hint(decision, request, hint, sizeof hint);
    count->hint = wb_arena_copy_string(gate->cloud->arena, hint);
    count->outcome = decision->outcome;
}

/* Fills what a row's count says of it, once. */
static void describe(wb_identity_gate *gate, const wb_iam_call *call, wb_identity_count *count)
{
    if (count->resource != NULL) {
        return;
    }
    wb_text text;
    wb_text_init(&text);
    wb_iam_call_print_condition(call, &gate->names, &text);
    count->condition = wb_arena_copy_string(gate->cloud->arena, wb_text_string(&text));
    wb_text_release(&text);
    count->resource = wb_iam_call_pattern(gate->cloud->arena, call, &gate->names);
}

/* Asks for one row of the table, and counts. */
static bool ask(wb_identity_gate *gate, uint32_t row)
{
    uint32_t row_count = 0;
    const wb_iam_call *call = &wb_iam_call_table(&row_count)[row];
    assert(row < row_count);
    wb_identity_count *count = &gate->counts[row];
    memo *known = &gate->memos[row];
    describe(gate, call, count);
    const bool is_known = known->is_set && known->node_pool == gate->node_pool &&
                          known->node_class == gate->node_class;
    if (!is_known) {
        const wb_arena_mark mark = wb_arena_get_mark(gate->cloud->arena);
        const wb_iam_request request = wb_iam_call_request(gate->cloud->arena, call, &gate->names);
        const wb_iam_decision decision = decide(gate, &request);
        *known = (memo){gate->node_pool, gate->node_class, true,
                        decision.outcome == WB_IAM_ALLOWED && gate->has_credentials};
        if (!gate->has_credentials) {
            count->message = gate->assume_message;
            count->outcome = WB_IAM_IMPLICIT_DENY;
            wb_arena_rewind(gate->cloud->arena, mark);
        } else if (!known->is_allowed && count->message == NULL) {
            keep_refusal(gate, count, &request, &decision);
        } else {
            wb_arena_rewind(gate->cloud->arena, mark);
        }
    }
    const int64_t now_ms = gate->cloud->kernel->now_ms;
    count->first_ms = count->first_ms < 0 ? now_ms : count->first_ms;
    if (known->is_allowed) {
        count->allowed_count++;
        return true;
    }
    count->first_refused_ms = count->first_refused_ms < 0 ? now_ms : count->first_refused_ms;
    count->refused_count++;
    return false;
}

/* What a refusal takes from the controller for good. */
static void note_effect(wb_identity_gate *gate, const wb_iam_call *call, const char *message)
{
    wb_cloud_permissions *permissions = &gate->cloud->permissions;
    if (call->effect == WB_IAM_CALL_STOPS_LAUNCHES && permissions->no_launch == NULL) {
        permissions->no_launch = message;
    }
    if (call->effect == WB_IAM_CALL_DEAFENS && permissions->no_queue == NULL) {
        permissions->no_queue = message;
    }
}

/* Tells the observers of a refusal that no contender waits for: one of the start, one that is only
 * logged. */
static void announce(wb_identity_gate *gate, uint32_t row)
{
    uint32_t row_count = 0;
    const wb_iam_call *call = &wb_iam_call_table(&row_count)[row];
    const char *name = strchr(call->action, ':') + 1;
    note_effect(gate, call, gate->counts[row].message);
    WB_NOTIFY(gate->cloud->observers, cloud_error, name, wb_iam_call_error_code(call),
              gate->counts[row].message);
}

/* Asks for all rows of a step. Rows with an effect on the call end it at the first refusal. */
static const char *ask_step(wb_identity_gate *gate, wb_iam_call_step step)
{
    uint32_t row_count = 0;
    const wb_iam_call *calls = wb_iam_call_table(&row_count);
    wb_cloud_permissions *permissions = &gate->cloud->permissions;
    permissions->message = permissions->code = NULL;
    for (uint32_t i = 0; i < row_count; i++) {
        if (calls[i].step != step || !wb_iam_call_is_made(&calls[i], &gate->names)) {
            continue;
        }
        if (ask(gate, i)) {
            continue;
        }
        if (calls[i].effect == WB_IAM_CALL_REFUSES_LAUNCH ||
            calls[i].effect == WB_IAM_CALL_KEEPS_INSTANCES) {
            permissions->message = gate->counts[i].message;
            permissions->code = wb_iam_call_error_code(&calls[i]);
            return permissions->code;
        }
        if (gate->counts[i].refused_count == 1) {
            announce(gate, i);
        }
    }
    return NULL;
}

/* The tags that come with a launch, or lie on what was launched. */
static void take_tags(wb_identity_gate *gate, const wb_launch_template *launch_template)
{
    const wb_labels labels = launch_template->labels;
    gate->node_pool = wb_labels_get(labels, WB_NAME_NODEPOOL);
    gate->node_class = wb_labels_get(labels, WB_NAME_EC2NODECLASS);
    gate->names.node_pool = wb_intern_text(gate->cloud->intern, gate->node_pool);
    gate->names.node_class = wb_intern_text(gate->cloud->intern, gate->node_class);
}

/* The row of ec2:RunInstances on instances. */
static const wb_iam_call *instance_call(void)
{
    uint32_t count = 0;
    const wb_iam_call *call = wb_iam_call_table(&count);
    while (strcmp(call->action, "ec2:RunInstances") != 0 ||
           strcmp(call->resource, "instance") != 0) {
        call++;
    }
    return call;
}

static const char *type_name(const wb_identity_gate *gate, uint32_t type_index)
{
    return wb_intern_text(gate->cloud->intern, gate->cloud->catalog->types[type_index].name);
}

/* Whether the policies let a type of instance be launched; remembered per type. */
static bool allows_type(wb_identity_gate *gate, uint32_t type_index)
{
    if (gate->types_pool != gate->node_pool || gate->types_class != gate->node_class) {
        memset(gate->types, 0, gate->cloud->catalog->type_count);
        gate->types_pool = gate->node_pool;
        gate->types_class = gate->node_class;
    }
    if (gate->types[type_index] == 0) {
        wb_arena *arena = gate->cloud->arena;
        const wb_arena_mark mark = wb_arena_get_mark(arena);
        wb_iam_call_names names = gate->names;
        names.instance_type = type_name(gate, type_index);
        const wb_iam_request request = wb_iam_call_request(arena, instance_call(), &names);
        gate->types[type_index] = decide(gate, &request).outcome == WB_IAM_ALLOWED ? 1 : 2;
        wb_arena_rewind(arena, mark);
    }
    return gate->types[type_index] == 1;
}

const char *wb_identity_refuse_type(wb_identity_gate *gate, const wb_fleet_request *request,
                                    uint32_t type_index)
{
    assert(gate != NULL && request != NULL);
    const bool is_of_group = !wb_labels_has(request->launch_template->labels, WB_NAME_NODEPOOL);
    if (!gate->asks_for_types || is_of_group) {
        return NULL;
    }
    take_tags(gate, request->launch_template);
    return allows_type(gate, type_index) ? NULL : wb_iam_call_error_code(instance_call());
}

/* The type that the call as a whole is asked for: the first that may be launched, else the first,
 * so that the message names one. */
static void take_type(wb_identity_gate *gate, const wb_fleet_request *fleet)
{
    gate->names.instance_type = type_name(gate, fleet->overrides[0].type_index);
    for (uint32_t i = 0; gate->asks_for_types && i < fleet->override_count; i++) {
        if (allows_type(gate, fleet->overrides[i].type_index)) {
            gate->names.instance_type = type_name(gate, fleet->overrides[i].type_index);
            return;
        }
    }
}

static const char *check_launch(wb_identity_gate *gate, const wb_fleet_request *fleet)
{
    take_tags(gate, fleet->launch_template);
    gate->names.uses_spot = fleet->capacity_type == WB_CAPACITY_SPOT;
    gate->names.resource_id = "*";
    take_type(gate, fleet);
    const char *code = ask_step(gate, WB_IAM_CALL_LAUNCH);
    if (code == NULL) {
        (void)ask_step(gate, WB_IAM_CALL_SETTLE);
    }
    return code;
}

static const char *check(void *context, wb_cloud_call *call)
{
    wb_identity_gate *gate = context;
    char id[64] = "*";
    if (call->action == WB_CLOUD_CREATE_FLEET) {
        return check_launch(gate, call->fleet);
    }
    if (call->asg_id != WB_NO_ID) {
        gate->names.resource_id = gate->cloud->asgs[call->asg_id].name;
    } else if (call->instance_id != WB_NO_ID) {
        (void)snprintf(id, sizeof id, "i-%017x", call->instance_id);
        gate->names.resource_id = id;
        take_tags(gate, gate->cloud->instances[call->instance_id].launch_template);
    }
    const char *code = NULL;
    if (call->action == WB_CLOUD_TERMINATE_INSTANCES ||
        call->action == WB_CLOUD_TERMINATE_IN_GROUP) {
        code = ask_step(gate, WB_IAM_CALL_TERMINATE);
    } else if (call->action == WB_CLOUD_SET_DESIRED_CAPACITY) {
        code = ask_step(gate, WB_IAM_CALL_LAUNCH);
    }
    gate->names.resource_id = "*";
    return code;
}

/* Whether the controller gets credentials at all. */
static void assume_role(wb_identity_gate *gate)
{
    const wb_identity *identity = gate->identity;
    gate->has_credentials = true;
    if (identity->trust == NULL) {
        return;
    }
    wb_arena *arena = gate->cloud->arena;
    const wb_iam_request request = wb_identity_assume_request(arena, identity);
    const wb_iam_decision decision = wb_iam_decision_make(arena, identity->trust, 1, &request);
    gate->has_credentials = decision.outcome == WB_IAM_ALLOWED && identity->has_annotation;
    if (gate->has_credentials) {
        return;
    }
    char message[512];
    (void)snprintf(message, sizeof message,
                   identity->has_annotation
                       ? "Not authorized to perform %s: the trust policy of role %s does not let "
                         "service account %s in"
                       : "no credentials: %s is not possible for role %s, since service account %s "
                         "lacks the annotation eks.amazonaws.com/role-arn",
                   request.action, identity->names.controller_role, identity->service_account);
    gate->assume_message = wb_arena_copy_string(arena, message);
}

/* Why machines that come up never join; NULL: they do. */
static const char *find_node_trouble(const wb_identity *identity)
{
    uint32_t count = 0;
    const wb_identity_node_policy *wanted = wb_identity_node_policies(&count);
    if (!identity->node_role_is_mapped) {
        return "the node role is in no access entry and not in aws-auth; the API server knows no "
               "such node";
    }
    for (uint32_t i = 0; identity->node_policies != NULL && i < count; i++) {
        if (wanted[i].is_needed && !wb_identity_has_node_policy(identity, &wanted[i])) {
            return wanted[i].consequence;
        }
    }
    return NULL;
}

static bool asks_for_types(const wb_identity *identity)
{
    for (uint32_t p = 0; p < identity->policy_count; p++) {
        for (uint32_t s = 0; s < identity->policies[p].statement_count; s++) {
            const wb_iam_statement *statement = &identity->policies[p].statements[s];
            for (uint32_t i = 0; i < statement->condition_count; i++) {
                if (wb_iam_pattern_same_name(statement->conditions[i].key, "ec2:InstanceType")) {
                    return true;
                }
            }
        }
    }
    return false;
}

wb_identity_gate *wb_identity_attach(const wb_identity *identity, wb_cloud *cloud)
{
    assert(identity != NULL && cloud != NULL);
    uint32_t row_count = 0;
    (void)wb_iam_call_table(&row_count);
    wb_identity_gate *gate = WB_ARENA_NEW(cloud->arena, wb_identity_gate);
    *gate = (wb_identity_gate){
        .identity = identity,
        .cloud = cloud,
        .names = identity->names,
        .counts = WB_ARENA_ARRAY(cloud->arena, wb_identity_count, row_count),
        .memos = WB_ARENA_ARRAY(cloud->arena, memo, row_count),
        .asks_for_types = asks_for_types(identity),
        .types = WB_ARENA_ARRAY(cloud->arena, uint8_t, (size_t)cloud->catalog->type_count + 1),
    };
    for (uint32_t i = 0; i < row_count; i++) {
        gate->counts[i].first_ms = gate->counts[i].first_refused_ms = -1;
    }
    const wb_cloud_gate slot = {.context = gate, .check = check};
    wb_cloud_api_set_gate(&cloud->api, WB_CLOUD_GATE_AUTHORISE, &slot);
    cloud->identity = gate;
    return gate;
}

void wb_identity_start(wb_identity_gate *gate)
{
    assert(gate != NULL);
    assume_role(gate);
    (void)ask_step(gate, WB_IAM_CALL_START);
    gate->cloud->permissions.no_join = find_node_trouble(gate->identity);
}

bool wb_identity_hears_message(wb_identity_gate *gate)
{
    assert(gate != NULL);
    (void)ask_step(gate, WB_IAM_CALL_MESSAGE);
    return gate->cloud->permissions.no_queue == NULL;
}

const wb_identity_count *wb_identity_counts(const wb_identity_gate *gate)
{
    assert(gate != NULL);
    return gate->counts;
}
