/*
 * Every call of the table, decided: what is refused is missing; and the same calls for somebody
 * else's cluster, role, queue or region, decided too: what is not refused is wider than needed.
 */
#include <assert.h>
#include <string.h>

#include "scenarios/preflight/preflight_internal.h"

static wb_iam_decision decide(wb_preflight_checker *checker, const wb_iam_request *request)
{
    return wb_iam_decision_make(checker->arena, checker->in->policies, checker->in->policy_count,
                                request);
}

/* The part of an ARN that tells one resource from another: "instance/i-0abc". */
static const char *resource_part(const char *arn)
{
    const char *at = arn;
    for (int colons = 0; colons < 5 && at != NULL; colons++) {
        at = strchr(at, ':');
        at = at != NULL ? at + 1 : NULL;
    }
    return at != NULL ? at : arn;
}

/* Why, in a few words: the hint without its place, which the report shows apart. */
static const char *reason(wb_preflight_checker *checker, const wb_iam_request *request,
                          const wb_iam_decision *decision)
{
    char hint[512];
    char cause[160];
    wb_iam_decision_print_hint(decision, request, hint, sizeof hint);
    const char *text = strstr(hint, ": ");
    if (text != NULL) {
        return wb_arena_copy_string(checker->arena, text + 2);
    }
    if (decision->kind == WB_IAM_POLICY_IDENTITY) {
        return "no statement names the action";
    }
    wb_iam_decision_print_cause(decision, request->action, cause, sizeof cause);
    return wb_arena_copy_string(checker->arena, cause);
}

/* Adds one more resource to the finding of the same action, reason and consequence; false when
 * there is none. */
static bool fold(wb_preflight_checker *checker, const wb_iam_call *call, const char *why,
                 const char *resource)
{
    const size_t length = strlen(call->action);
    for (uint32_t i = 0; i < checker->count; i++) {
        wb_preflight_finding *one = &checker->findings[i];
        if (one->kind == WB_PREFLIGHT_MISSING && strncmp(one->subject, call->action, length) == 0 &&
            strncmp(one->subject + length, " on ", 4) == 0 && strcmp(one->text, why) == 0 &&
            one->therefore == call->consequence) {
            one->subject = wb_preflight_print(checker->arena, "%s, %s", one->subject, resource);
            return true;
        }
    }
    return false;
}

/* What a refused call looks like in the report. */
static void report_refusal(wb_preflight_checker *checker, const wb_iam_call *call,
                           const wb_iam_request *request, const wb_iam_decision *decision)
{
    const bool has_resource = strcmp(request->resource, "*") != 0;
    const char *resource = resource_part(request->resource);
    const char *why = reason(checker, request, decision);
    if (has_resource && fold(checker, call, why, resource)) {
        return;
    }
    const char *subject =
        wb_preflight_print(checker->arena, "%s%s%s", request->action, has_resource ? " on " : "",
                           has_resource ? resource : "");
    wb_text message;
    wb_text_init(&message);
    wb_iam_call_print_refusal(&checker->names, request, decision, &message);
    wb_preflight_finding *finding =
        wb_preflight_add(checker, WB_PREFLIGHT_MISSING, subject, "%s", why);
    finding->is_error = call->effect != WB_IAM_CALL_ONLY_LOGGED;
    finding->failing = wb_preflight_print(checker->arena, "%s: %s", wb_iam_call_error_code(call),
                                          wb_text_string(&message));
    finding->therefore = call->consequence;
    finding->where = decision->statement != NULL
                         ? wb_preflight_place(checker->arena, decision->statement->position)
                         : NULL;
    wb_text_release(&message);
}

static void check_call(wb_preflight_checker *checker, const wb_iam_call *call)
{
    const wb_iam_request request = wb_iam_call_request(checker->arena, call, &checker->names);
    const wb_iam_decision decision = decide(checker, &request);
    checker->call_count++;
    if (decision.outcome != WB_IAM_ALLOWED) {
        report_refusal(checker, call, &request, &decision);
    }
}

/* The names of the n-th EC2NodeClass. */
static void take_node_class(wb_preflight_checker *checker, uint32_t n)
{
    const wb_preflight_input *in = checker->in;
    if (n >= in->manifest.nodeclass_count) {
        return;
    }
    const wb_nodeclass *nodeclass = &in->manifest.nodeclasses[n];
    const char *role = wb_intern_text(in->intern, nodeclass->role);
    const char *profile = wb_intern_text(in->intern, nodeclass->instance_profile);
    checker->names.node_class = wb_intern_text(in->intern, nodeclass->name);
    checker->names.brings_profile = role[0] == '\0' && profile[0] != '\0';
    if (role[0] != '\0') {
        checker->names.node_role = role;
    }
    if (profile[0] != '\0') {
        checker->names.instance_profile = profile;
        const char *in_profile = "";
        const wb_node *roles = wb_node_find(in->profile, "InstanceProfile.Roles");
        if (roles != NULL && roles->kind == WB_NODE_LIST && roles->count > 0) {
            in_profile = wb_node_string(wb_node_get(roles->children[0], "RoleName"), "");
        }
        checker->names.node_role = in_profile[0] != '\0' ? in_profile : checker->names.node_role;
    }
}

/* Whether a row depends on the EC2NodeClass. */
static bool is_of_node_class(const wb_iam_call *call)
{
    return strstr(call->arn, "{n}") != NULL || strstr(call->arn, "{f}") != NULL;
}

/* Whether an earlier row asks for the very same: a role is passed to a profile and to a machine. */
static bool is_repeated(const wb_preflight_checker *checker, const wb_iam_call *calls, uint32_t row)
{
    for (uint32_t i = 0; i < row; i++) {
        if (strcmp(calls[i].action, calls[row].action) == 0 &&
            strcmp(calls[i].arn, calls[row].arn) == 0 && calls[i].tags == calls[row].tags &&
            wb_iam_call_is_made(&calls[i], &checker->names)) {
            return true;
        }
    }
    return false;
}

/* Whether an earlier EC2NodeClass has the same role and profile. */
static bool is_like_earlier(const wb_preflight_input *in, uint32_t n)
{
    const wb_nodeclass *classes = in->manifest.nodeclasses;
    for (uint32_t i = 0; i < n; i++) {
        if (classes[i].role == classes[n].role &&
            classes[i].instance_profile == classes[n].instance_profile) {
            return true;
        }
    }
    return false;
}

void wb_preflight_check_calls(wb_preflight_checker *checker)
{
    assert(checker != NULL);
    if (!checker->in->has_identity_policy) {
        (void)wb_preflight_add(checker, WB_PREFLIGHT_NOTE, "policy",
                               "no policy of the controller's role among the files; its calls are "
                               "not checked");
        return;
    }
    uint32_t count = 0;
    const wb_iam_call *calls = wb_iam_call_table(&count);
    const uint32_t class_count = checker->in->manifest.nodeclass_count;
    for (uint32_t c = 0; c < (class_count > 0 ? class_count : 1); c++) {
        if (c > 0 && is_like_earlier(checker->in, c)) {
            continue;
        }
        take_node_class(checker, c);
        for (uint32_t i = 0; i < count; i++) {
            if (wb_iam_call_is_made(&calls[i], &checker->names) &&
                !is_repeated(checker, calls, i) && (c == 0 || is_of_node_class(&calls[i]))) {
                check_call(checker, &calls[i]);
            }
        }
    }
    take_node_class(checker, 0);
}

/* ---- wider than needed ---- */

/* Somebody else's things, one kind at a time; the calls that must not reach them. */
typedef struct probe {
    const char *what; /* "also on machines of other clusters" */
    const char *actions[8];
    bool changes_cluster, changes_role, changes_queue, changes_region;
} probe;

static const probe probes[] = {
    {"also of other clusters: ask for aws:ResourceTag/kubernetes.io/cluster/<name>: owned",
     {"ec2:TerminateInstances", "ec2:DeleteLaunchTemplate", "iam:AddRoleToInstanceProfile",
      "iam:RemoveRoleFromInstanceProfile", "iam:DeleteInstanceProfile",
      "autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"},
     true,
     false,
     false,
     false},
    {"without this cluster's tags: ask for aws:RequestTag/kubernetes.io/cluster/<name>: owned",
     {"ec2:RunInstances", "ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:CreateTags",
      "iam:CreateInstanceProfile", "iam:TagInstanceProfile"},
     true,
     false,
     false,
     false},
    {"of any cluster of the account", {"eks:DescribeCluster"}, true, false, false, false},
    {"of any role, an administrator's too: name the node role",
     {"iam:PassRole"},
     false,
     true,
     false,
     false},
    {"of other queues",
     {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueUrl"},
     false,
     false,
     true,
     false},
    {"in other regions: ask for aws:RequestedRegion",
     {"ec2:DescribeInstances", "ec2:DescribeSubnets", "ec2:DescribeInstanceTypes"},
     false,
     false,
     false,
     true},
};

/* What a call on tagged resources is allowed to reach is told by its tags; on others the same
 * request comes again. */
static bool depends_on_cluster(const wb_iam_call *call, const wb_iam_call_names *names)
{
    wb_text condition;
    wb_text_init(&condition);
    wb_iam_call_print_condition(call, names, &condition);
    const bool depends = strstr(wb_text_string(&condition), names->cluster) != NULL ||
                         strstr(call->arn, "{c}") != NULL;
    wb_text_release(&condition);
    return depends;
}

static bool run_probe(wb_preflight_checker *checker, const probe *of, const wb_iam_call *call,
                      wb_iam_decision *out)
{
    wb_iam_call_names other = checker->names;
    if (of->changes_cluster) {
        if (!depends_on_cluster(call, &other)) {
            return false;
        }
        other.cluster = "werkbank-other-cluster";
    }
    other.node_role = of->changes_role ? "werkbank-other-role" : other.node_role;
    other.queue = of->changes_queue ? "werkbank-other-queue" : other.queue;
    other.region = of->changes_region ? "xx-other-1" : other.region;
    const wb_iam_request request = wb_iam_call_request(checker->arena, call, &other);
    *out = decide(checker, &request);
    return out->outcome == WB_IAM_ALLOWED;
}

static const char *statement_place(wb_preflight_checker *checker, const wb_iam_statement *statement)
{
    const char *place = wb_preflight_place(checker->arena, statement->position);
    return statement->sid[0] != '\0'
               ? wb_preflight_print(checker->arena, "%s: statement '%s'", place, statement->sid)
               : place;
}

/* Adds a finding, or its subject to one that says the same of the same statement. */
static void add_wide(wb_preflight_checker *checker, const char *subject, const char *text,
                     const char *where)
{
    for (uint32_t i = 0; i < checker->count; i++) {
        wb_preflight_finding *one = &checker->findings[i];
        if (one->kind == WB_PREFLIGHT_WIDE && strcmp(one->text, text) == 0 &&
            strcmp(one->where, where) == 0) {
            one->subject = wb_preflight_print(checker->arena, "%s; %s", one->subject, subject);
            return;
        }
    }
    wb_preflight_finding *finding =
        wb_preflight_add(checker, WB_PREFLIGHT_WIDE, subject, "%s", text);
    finding->where = where;
}

/* One finding per probe and statement, naming actions and kinds of resources. */
static void probe_action(wb_preflight_checker *checker, const probe *of, const char *action)
{
    uint32_t count = 0;
    const wb_iam_call *calls = wb_iam_call_table(&count);
    wb_text kinds;
    wb_text_init(&kinds);
    const wb_iam_statement *statement = NULL;
    bool is_open = false;
    for (uint32_t i = 0; i < count; i++) {
        wb_iam_decision decision;
        if (strcmp(calls[i].action, action) == 0 &&
            wb_iam_call_is_made(&calls[i], &checker->names) &&
            run_probe(checker, of, &calls[i], &decision)) {
            is_open = true;
            statement = decision.statement;
            const char *kind = calls[i].resource;
            if (strstr(wb_text_string(&kinds), kind) == NULL || kinds.length == 0) {
                wb_text_add_format(&kinds, "%s%s", kinds.length > 0 ? ", " : "", kind);
            }
        }
    }
    if (is_open) {
        const char *subject = kinds.length > 0 ? wb_preflight_print(checker->arena, "%s on %s",
                                                                    action, wb_text_string(&kinds))
                                               : action;
        add_wide(checker, subject, wb_preflight_print(checker->arena, "allowed %s", of->what),
                 statement_place(checker, statement));
    }
    wb_text_release(&kinds);
}

/* Actions that some release or setup of the controllers calls, beyond the table: no finding. */
static const char *const tolerated[] = {
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeCapacityReservations",
    "ec2:DescribePlacementGroups",
    "sqs:GetQueueAttributes",
    "iam:CreateServiceLinkedRole",
    "ec2:DescribeVpcs",
    "ec2:DescribeImageAttribute",
    "eks:DescribeNodegroup",
    "ec2:GetInstanceTypesFromInstanceRequirements",
    "autoscaling:DescribeLaunchConfigurations",
};

static bool is_called(const char *action)
{
    uint32_t count = 0;
    const wb_iam_call *calls = wb_iam_call_table(&count);
    for (uint32_t i = 0; i < count; i++) {
        if (wb_iam_pattern_same_name(calls[i].action, action)) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof tolerated / sizeof tolerated[0]; i++) {
        if (wb_iam_pattern_same_name(tolerated[i], action)) {
            return true;
        }
    }
    return strncmp(action, "kms:", 4) == 0; /* encrypted volumes: keys have policies of their own */
}

/* Names that no call needs, and patterns that cover more than calls. */
static void check_actions(wb_preflight_checker *checker, const wb_iam_statement *statement)
{
    for (uint32_t i = 0; i < statement->actions.count; i++) {
        const char *action = statement->actions.texts[i];
        const bool is_pattern = strpbrk(action, "*?") != NULL;
        if (!is_pattern && is_called(action)) {
            continue;
        }
        const bool is_describe = strstr(action, ":Describe") != NULL;
        if (is_pattern && is_describe) {
            continue; /* reading is not worth a warning */
        }
        add_wide(checker, action,
                 is_pattern ? "covers actions that the controller never calls: name those it does"
                            : "the controller never calls it",
                 statement_place(checker, statement));
    }
    if (statement->actions.is_negated) {
        add_wide(checker, "NotAction", "allows every action of AWS but those that it names",
                 statement_place(checker, statement));
    }
}

void wb_preflight_check_width(wb_preflight_checker *checker)
{
    assert(checker != NULL);
    const wb_preflight_input *in = checker->in;
    for (uint32_t p = 0; p < in->policy_count; p++) {
        if (in->policies[p].kind != WB_IAM_POLICY_IDENTITY) {
            continue;
        }
        for (uint32_t s = 0; s < in->policies[p].statement_count; s++) {
            if (!in->policies[p].statements[s].is_deny) {
                check_actions(checker, &in->policies[p].statements[s]);
            }
        }
    }
    for (size_t i = 0; in->has_identity_policy && i < sizeof probes / sizeof probes[0]; i++) {
        for (size_t a = 0; a < 8 && probes[i].actions[a] != NULL; a++) {
            probe_action(checker, &probes[i], probes[i].actions[a]);
        }
    }
}
