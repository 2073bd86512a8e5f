/*
 * The table, and how its rows become requests.
 *
 * Sources: which actions Karpenter calls, on which resources and with which tags, is what its
 * published controller policy (v1.x) has to allow, read together with refusals that users reported;
 * how EC2 splits CreateFleet is EC2's authorisation reference: the fleet and the launch template
 * under ec2:CreateFleet, what is launched under ec2:RunInstances, tags under ec2:CreateTags with
 * ec2:CreateAction. What an account adds by itself (KMS keys of encrypted volumes, capacity
 * reservations, placement groups) is not in it.
 */
#include "sim/cloud/iam_call.h"

#include <assert.h>
#include <string.h>

enum {                      /* tags */
    REQUEST_TAGS = 1 << 0,  /* of the launch: cluster, EKS name, pool, class */
    RESOURCE_TAGS = 1 << 1, /* the same, on what is there already */
    BY_FLEET = 1 << 2,      /* ec2:CreateAction */
    BY_RUN = 1 << 3,
    BY_TEMPLATE = 1 << 4,
    NAME_TAGS = 1 << 5, /* Name, NodeClaim, EKS name: put on a running machine */
    PASSED_TO_EC2 = 1 << 6,
    PROFILE_REQUEST_TAGS = 1 << 7, /* cluster, EKS name, class, region */
    PROFILE_RESOURCE_TAGS = 1 << 8,
    REGION = 1 << 9,          /* a least policy ties the action to the region */
    GROUP_TAGS = 1 << 10,     /* of an Auto Scaling group */
    TYPED = 1 << 12,          /* ec2:InstanceType, which policies of companies like to bound */
    DISCOVERY_TAGS = 1 << 11, /* of subnets and security groups; no policy need ask */
};

enum { /* when; none set: Karpenter, always */
    SPOT = 1 << 0,
    QUEUE = 1 << 1,
    OWN_PROFILE = 1 << 2, /* Karpenter makes the instance profile */
    CONNECTED = 1 << 3,   /* not isolated */
    GROUPS = 1 << 4,      /* Cluster Autoscaler */
};

#define START     WB_IAM_CALL_START
#define LAUNCH    WB_IAM_CALL_LAUNCH
#define SETTLE    WB_IAM_CALL_SETTLE
#define TERMINATE WB_IAM_CALL_TERMINATE
#define MESSAGE   WB_IAM_CALL_MESSAGE
#define CLEAN_UP  WB_IAM_CALL_CLEAN_UP
#define STOPS     WB_IAM_CALL_STOPS_LAUNCHES
#define REFUSES   WB_IAM_CALL_REFUSES_LAUNCH
#define KEEPS     WB_IAM_CALL_KEEPS_INSTANCES
#define DEAFENS   WB_IAM_CALL_DEAFENS
#define LOGGED    WB_IAM_CALL_ONLY_LOGGED

#define EC2(what)   "arn:{p}:ec2:{r}:{a}:" what
#define IMAGE(what) "arn:{p}:ec2:{r}::" what
#define IAM(what)   "arn:{p}:iam::{a}:" what
#define GROUP       "arn:{p}:autoscaling:{r}:{a}:autoScalingGroup:*:autoScalingGroupName/{id}"

static const char no_launch[] = "the launch fails; no node comes, pods stay Pending";
static const char not_ready[] = "the EC2NodeClass never becomes ready; no node is launched";
static const char no_types[] = "no instance types are known; no node is launched";
static const char keeps[] = "the instance stays after its node is drained, and is paid for";
static const char deaf[] = "interruption messages are not read; spot nodes go without a drain";
static const char logged_only[] = "only logged";

static const wb_iam_call table[] = {
    {START, STOPS, "eks:DescribeCluster", "cluster", "arn:{p}:eks:{r}:{a}:cluster/{c}", 0, 0,
     "version, endpoint and network of the cluster are unknown; the controller does not start"},
    {START, STOPS, "ec2:DescribeInstanceTypes", "", "*", REGION, 0, no_types},
    {START, STOPS, "ec2:DescribeInstanceTypeOfferings", "", "*", REGION, 0, no_types},
    {START, STOPS, "ec2:DescribeSubnets", "", "*", REGION, 0, not_ready},
    {START, STOPS, "ec2:DescribeSecurityGroups", "", "*", REGION, 0, not_ready},
    {START, STOPS, "ec2:DescribeImages", "", "*", REGION, 0, not_ready},
    {START, STOPS, "ssm:GetParameter", "parameter", "arn:{p}:ssm:{r}::parameter/aws/service/{s}", 0,
     0, not_ready},
    {START, LOGGED, "ec2:DescribeSpotPriceHistory", "", "*", REGION, 0,
     "spot offerings are priced as on-demand"},
    {START, LOGGED, "pricing:GetProducts", "", "*", 0, CONNECTED,
     "prices are those that the release was built with"},
    {START, STOPS, "ec2:DescribeInstances", "", "*", REGION, 0,
     "machines are not found again: none is adopted, none is collected"},
    {START, STOPS, "ec2:DescribeLaunchTemplates", "", "*", REGION, 0, no_launch},
    {START, LOGGED, "ec2:DescribeInstanceStatus", "", "*", REGION, 0,
     "failed status checks are not seen (v1.8 and later)"},
    {START, STOPS, "iam:GetInstanceProfile", "instance-profile", IAM("instance-profile/{f}"), 0, 0,
     not_ready},
    {START, STOPS, "iam:CreateInstanceProfile", "instance-profile", IAM("instance-profile/{f}"),
     PROFILE_REQUEST_TAGS, OWN_PROFILE, not_ready},
    {START, STOPS, "iam:TagInstanceProfile", "instance-profile", IAM("instance-profile/{f}"),
     PROFILE_REQUEST_TAGS | PROFILE_RESOURCE_TAGS, OWN_PROFILE, not_ready},
    {START, STOPS, "iam:AddRoleToInstanceProfile", "instance-profile", IAM("instance-profile/{f}"),
     PROFILE_RESOURCE_TAGS, OWN_PROFILE, not_ready},
    {START, STOPS, "iam:PassRole", "role", IAM("role/{n}"), PASSED_TO_EC2, OWN_PROFILE, not_ready},
    {START, LOGGED, "iam:ListInstanceProfiles", "", "*", 0, OWN_PROFILE,
     "instance profiles that nobody uses are not collected (v1.7 and later)"},
    {START, DEAFENS, "sqs:GetQueueUrl", "queue", "arn:{p}:sqs:{r}:{a}:{q}", 0, QUEUE, deaf},

    {LAUNCH, REFUSES, "ec2:CreateLaunchTemplate", "launch-template", EC2("launch-template/*"),
     REQUEST_TAGS, 0, no_launch},
    {LAUNCH, REFUSES, "ec2:CreateTags", "launch-template", EC2("launch-template/*"),
     REQUEST_TAGS | BY_TEMPLATE, 0, no_launch},
    {LAUNCH, REFUSES, "ec2:CreateFleet", "fleet", EC2("fleet/*"), REQUEST_TAGS, 0, no_launch},
    {LAUNCH, REFUSES, "ec2:CreateFleet", "launch-template", EC2("launch-template/*"), RESOURCE_TAGS,
     0, no_launch},
    {LAUNCH, REFUSES, "ec2:RunInstances", "launch-template", EC2("launch-template/*"),
     RESOURCE_TAGS, 0, no_launch},
    {LAUNCH, REFUSES, "ec2:RunInstances", "image", IMAGE("image/*"), 0, 0, no_launch},
    {LAUNCH, REFUSES, "ec2:RunInstances", "subnet", EC2("subnet/*"), DISCOVERY_TAGS, 0, no_launch},
    {LAUNCH, REFUSES, "ec2:RunInstances", "security-group", EC2("security-group/*"), DISCOVERY_TAGS,
     0, no_launch},
    {LAUNCH, REFUSES, "ec2:RunInstances", "instance", EC2("instance/*"), REQUEST_TAGS | TYPED, 0,
     no_launch},
    {LAUNCH, REFUSES, "ec2:RunInstances", "volume", EC2("volume/*"), REQUEST_TAGS, 0, no_launch},
    {LAUNCH, REFUSES, "ec2:RunInstances", "network-interface", EC2("network-interface/*"),
     REQUEST_TAGS, 0, no_launch},
    {LAUNCH, REFUSES, "ec2:RunInstances", "spot-instances-request", EC2("spot-instances-request/*"),
     REQUEST_TAGS, SPOT, "spot launches fail; pods stay Pending unless on-demand is allowed"},
    {LAUNCH, REFUSES, "ec2:CreateTags", "fleet", EC2("fleet/*"), REQUEST_TAGS | BY_FLEET, 0,
     no_launch},
    {LAUNCH, REFUSES, "ec2:CreateTags", "instance", EC2("instance/*"), REQUEST_TAGS | BY_FLEET, 0,
     no_launch},
    {LAUNCH, REFUSES, "ec2:CreateTags", "volume", EC2("volume/*"), REQUEST_TAGS | BY_FLEET, 0,
     no_launch},
    {LAUNCH, REFUSES, "ec2:CreateTags", "network-interface", EC2("network-interface/*"),
     REQUEST_TAGS | BY_RUN, 0, no_launch},
    {LAUNCH, REFUSES, "ec2:CreateTags", "spot-instances-request", EC2("spot-instances-request/*"),
     REQUEST_TAGS | BY_RUN, SPOT,
     "spot launches fail; pods stay Pending unless on-demand is allowed"},
    {LAUNCH, REFUSES, "iam:PassRole", "role", IAM("role/{n}"), PASSED_TO_EC2, 0, no_launch},

    {SETTLE, LOGGED, "ec2:CreateTags", "instance", EC2("instance/{id}"), NAME_TAGS | RESOURCE_TAGS,
     0, "instances carry neither Name nor the NodeClaim as tags"},
    {SETTLE, LOGGED, "ec2:DeleteLaunchTemplate", "launch-template", EC2("launch-template/*"),
     RESOURCE_TAGS, 0, "launch templates pile up, 5,000 at most in a region"},

    {TERMINATE, KEEPS, "ec2:TerminateInstances", "instance", EC2("instance/{id}"), RESOURCE_TAGS, 0,
     keeps},

    {MESSAGE, DEAFENS, "sqs:ReceiveMessage", "queue", "arn:{p}:sqs:{r}:{a}:{q}", 0, QUEUE, deaf},
    {MESSAGE, LOGGED, "sqs:DeleteMessage", "queue", "arn:{p}:sqs:{r}:{a}:{q}", 0, QUEUE,
     "messages come again every 20 s until they expire"},

    {CLEAN_UP, LOGGED, "iam:RemoveRoleFromInstanceProfile", "instance-profile",
     IAM("instance-profile/{f}"), PROFILE_RESOURCE_TAGS, OWN_PROFILE,
     "a deleted EC2NodeClass hangs in its finalizer"},
    {CLEAN_UP, LOGGED, "iam:DeleteInstanceProfile", "instance-profile", IAM("instance-profile/{f}"),
     PROFILE_RESOURCE_TAGS, OWN_PROFILE, "a deleted EC2NodeClass hangs in its finalizer"},

    {START, STOPS, "autoscaling:DescribeAutoScalingGroups", "", "*", 0, GROUPS,
     "no group is known; no node is launched"},
    {START, STOPS, "autoscaling:DescribeAutoScalingInstances", "", "*", 0, GROUPS,
     "no group's machines are known; the loop fails"},
    {START, LOGGED, "autoscaling:DescribeScalingActivities", "", "*", 0, GROUPS, logged_only},
    {START, LOGGED, "autoscaling:DescribeTags", "", "*", 0, GROUPS,
     "groups of size 0 have no labels and taints from tags"},
    {START, LOGGED, "ec2:DescribeInstanceTypes", "", "*", 0, GROUPS,
     "the built-in list of instance types is used"},
    {START, LOGGED, "ec2:DescribeLaunchTemplateVersions", "", "*", 0, GROUPS,
     "the type of a group with a launch template is unknown; it cannot grow from 0"},
    {LAUNCH, REFUSES, "autoscaling:SetDesiredCapacity", "autoScalingGroup", GROUP, GROUP_TAGS,
     GROUPS, "the group does not grow; pods stay Pending"},
    {TERMINATE, KEEPS, "autoscaling:TerminateInstanceInAutoScalingGroup", "autoScalingGroup", GROUP,
     GROUP_TAGS, GROUPS, keeps},
};

#define TABLE_COUNT (sizeof table / sizeof table[0])

const wb_iam_call *wb_iam_call_table(uint32_t *out_count)
{
    assert(out_count != NULL);
    *out_count = (uint32_t)TABLE_COUNT;
    return table;
}

bool wb_iam_call_is_made(const wb_iam_call *call, const wb_iam_call_names *names)
{
    assert(call != NULL && names != NULL);
    if (((call->when & GROUPS) != 0) != names->is_cluster_autoscaler) {
        return false;
    }
    return ((call->when & SPOT) == 0 || names->uses_spot) &&
           ((call->when & QUEUE) == 0 || names->queue[0] != '\0') &&
           ((call->when & OWN_PROFILE) == 0 || !names->brings_profile) &&
           ((call->when & CONNECTED) == 0 || !names->is_isolated);
}

/* What a placeholder of an ARN stands for. */
static const char *placeholder(char letter, const wb_iam_call_names *names, bool is_pattern)
{
    static const char image_parameter[] =
        "eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/image_id";
    switch (letter) {
    case 'p': return names->partition;
    case 'r': return names->region;
    case 'a': return names->account;
    case 'c': return names->cluster;
    case 'n': return names->node_role;
    case 'k': return names->controller_role;
    case 'q': return names->queue;
    case 'f': return is_pattern ? "*" : names->instance_profile;
    case 's': return is_pattern ? "*" : image_parameter;
    default: return is_pattern ? "*" : names->resource_id;
    }
}

static const char *fill(wb_arena *arena, const char *arn, const wb_iam_call_names *names,
                        bool is_pattern)
{
    wb_text text;
    wb_text_init(&text);
    for (const char *at = arn; *at != '\0'; at++) {
        if (*at != '{') {
            wb_text_add(&text, at, 1);
            continue;
        }
        wb_text_add_string(&text, placeholder(at[1], names, is_pattern));
        at = strchr(at, '}');
        assert(at != NULL);
    }
    const char *filled = wb_arena_copy_string(arena, wb_text_string(&text));
    wb_text_release(&text);
    return filled;
}

#define CONTEXT_MAX 32

/* A context that grows, in an arena. */
typedef struct context_maker {
    wb_arena *arena;
    wb_iam_context_value *items;
    uint32_t count;
} context_maker;

static void add_values(context_maker *maker, const char *key, const char *const *values,
                       uint32_t count)
{
    assert(maker->count < CONTEXT_MAX);
    maker->items[maker->count++] =
        (wb_iam_context_value){.key = key, .values = values, .value_count = count};
}

static void add(context_maker *maker, const char *key, const char *value)
{
    const char **values = WB_ARENA_ARRAY(maker->arena, const char *, 1);
    values[0] = wb_arena_copy_string(maker->arena, value);
    add_values(maker, key, values, 1);
}

/* The key "<prefix><a><b>". */
static const char *join(wb_arena *arena, const char *prefix, const char *a, const char *b)
{
    const size_t sizes[3] = {strlen(prefix), strlen(a), strlen(b)};
    char *joined = wb_arena_alloc(arena, sizes[0] + sizes[1] + sizes[2] + 1);
    memcpy(joined, prefix, sizes[0]);
    memcpy(joined + sizes[0], a, sizes[1]);
    memcpy(joined + sizes[0] + sizes[1], b, sizes[2] + 1);
    return joined;
}

/* A tag of a call: its key, its value, and whether a least policy names the value or just "*". */
typedef struct call_tag {
    const char *key, *key_end; /* the key is both together */
    const char *value;
    bool is_fixed;
} call_tag;

#define TAGS_MAX 4

static uint32_t launch_tags(const wb_iam_call_names *names, call_tag *out)
{
    out[0] = (call_tag){"kubernetes.io/cluster/", names->cluster, "owned", true};
    out[1] = (call_tag){"eks:eks-cluster-name", "", names->cluster, true};
    out[2] = (call_tag){"karpenter.sh/nodepool", "", names->node_pool, false};
    out[3] = (call_tag){"karpenter.k8s.aws/ec2nodeclass", "", names->node_class, false};
    return 4;
}

static uint32_t profile_tags(const wb_iam_call_names *names, call_tag *out)
{
    out[0] = (call_tag){"kubernetes.io/cluster/", names->cluster, "owned", true};
    out[1] = (call_tag){"eks:eks-cluster-name", "", names->cluster, true};
    out[2] = (call_tag){"karpenter.k8s.aws/ec2nodeclass", "", names->node_class, false};
    out[3] = (call_tag){"topology.kubernetes.io/region", "", names->region, true};
    return 4;
}

static uint32_t name_tags(const wb_iam_call_names *names, call_tag *out)
{
    out[0] = (call_tag){"Name", "", names->node_pool, false};
    out[1] = (call_tag){"karpenter.sh/nodeclaim", "", names->node_pool, false};
    out[2] = (call_tag){"eks:eks-cluster-name", "", names->cluster, true};
    return 3;
}

static uint32_t group_tags(const wb_iam_call_names *names, call_tag *out)
{
    out[0] = (call_tag){"k8s.io/cluster-autoscaler/", names->cluster, "owned", true};
    out[1] = (call_tag){"k8s.io/cluster-autoscaler/", "enabled", "true", true};
    out[2] = (call_tag){"kubernetes.io/cluster/", names->cluster, "owned", true};
    return 3;
}

static uint32_t discovery_tags(const wb_iam_call_names *names, call_tag *out)
{
    out[0] = (call_tag){"karpenter.sh/discovery", "", names->cluster, false};
    return 1;
}

/* The sets of tags, each with the key that it comes under. */
static const struct {
    unsigned bit;
    const char *prefix;
    uint32_t (*list)(const wb_iam_call_names *names, call_tag *out);
} tag_sets[] = {
    {REQUEST_TAGS, "aws:RequestTag/", launch_tags},
    {NAME_TAGS, "aws:RequestTag/", name_tags},
    {PROFILE_REQUEST_TAGS, "aws:RequestTag/", profile_tags},
    {RESOURCE_TAGS, "aws:ResourceTag/", launch_tags},
    {PROFILE_RESOURCE_TAGS, "aws:ResourceTag/", profile_tags},
    {GROUP_TAGS, "aws:ResourceTag/", group_tags},
    {DISCOVERY_TAGS, "aws:ResourceTag/", discovery_tags},
};

#define TAG_SET_COUNT (sizeof tag_sets / sizeof tag_sets[0])

static void add_tags(context_maker *maker, const wb_iam_call *call, const wb_iam_call_names *names)
{
    for (size_t s = 0; s < TAG_SET_COUNT; s++) {
        if ((call->tags & tag_sets[s].bit) == 0) {
            continue;
        }
        call_tag tags[TAGS_MAX];
        const uint32_t count = tag_sets[s].list(names, tags);
        const char **keys = WB_ARENA_ARRAY(maker->arena, const char *, count);
        for (uint32_t i = 0; i < count; i++) {
            keys[i] = join(maker->arena, "", tags[i].key, tags[i].key_end);
            add(maker, join(maker->arena, tag_sets[s].prefix, keys[i], ""), tags[i].value);
        }
        if (strcmp(tag_sets[s].prefix, "aws:RequestTag/") == 0) {
            add_values(maker, "aws:TagKeys", keys, count);
        }
    }
}

static const char *create_action(const wb_iam_call *call)
{
    return (call->tags & BY_FLEET) != 0      ? "CreateFleet"
           : (call->tags & BY_RUN) != 0      ? "RunInstances"
           : (call->tags & BY_TEMPLATE) != 0 ? "CreateLaunchTemplate"
                                             : NULL;
}

static const char *ec2_principal(const wb_iam_call_names *names)
{
    return strcmp(names->partition, "aws-cn") == 0 ? "ec2.amazonaws.com.cn" : "ec2.amazonaws.com";
}

/* IAM and the price list answer from one region, whatever the cluster's. */
static const char *asked_region(const wb_iam_call *call, const wb_iam_call_names *names)
{
    const bool is_global =
        strncmp(call->action, "iam:", 4) == 0 || strncmp(call->action, "pricing:", 8) == 0;
    return is_global && strcmp(names->partition, "aws") == 0 ? "us-east-1" : names->region;
}

wb_iam_request wb_iam_call_request(wb_arena *arena, const wb_iam_call *call,
                                   const wb_iam_call_names *names)
{
    assert(arena != NULL && call != NULL);
    context_maker maker = {
        .arena = arena,
        .items = WB_ARENA_ARRAY(arena, wb_iam_context_value, CONTEXT_MAX),
    };
    add(&maker, "aws:RequestedRegion", asked_region(call, names));
    add(&maker, "aws:SecureTransport", "true");
    add(&maker, "aws:PrincipalAccount", names->account);
    add(&maker, "aws:PrincipalArn", fill(arena, "arn:{p}:iam::{a}:role/{k}", names, false));
    if (call->resource[0] != '\0') {
        add(&maker, "aws:ResourceAccount", names->account);
    }
    add_tags(&maker, call, names);
    if ((call->tags & TYPED) != 0 && names->instance_type != NULL &&
        names->instance_type[0] != '\0') {
        add(&maker, "ec2:InstanceType", names->instance_type);
    }
    if (create_action(call) != NULL) {
        add(&maker, "ec2:CreateAction", create_action(call));
    }
    if ((call->tags & PASSED_TO_EC2) != 0) {
        add(&maker, "iam:PassedToService", ec2_principal(names));
    }
    return (wb_iam_request){
        .action = call->action,
        .resource = fill(arena, call->arn, names, false),
        .context = {maker.items, maker.count},
    };
}

const char *wb_iam_call_pattern(wb_arena *arena, const wb_iam_call *call,
                                const wb_iam_call_names *names)
{
    assert(arena != NULL && call != NULL);
    return fill(arena, call->arn, names, true);
}

/* Tags that a least policy need not ask for: the cluster's tag says already whose thing it is, and
 * policies have a limit of size. */
static bool is_spare(unsigned set, const call_tag *tag)
{
    const bool is_class = strcmp(tag->key, "karpenter.k8s.aws/ec2nodeclass") == 0;
    const bool is_eks_name = strcmp(tag->key, "eks:eks-cluster-name") == 0;
    return ((set == REQUEST_TAGS || set == RESOURCE_TAGS) && is_class) ||
           ((set == RESOURCE_TAGS || set == PROFILE_RESOURCE_TAGS) && is_eks_name);
}

/* Adds one operator's keys of those tags whose values a least policy names, or does not. */
static uint32_t print_tags(const wb_iam_call *call, const wb_iam_call_names *names, bool is_fixed,
                           wb_text *out)
{
    uint32_t printed = 0;
    for (size_t s = 0; s < TAG_SET_COUNT; s++) {
        const unsigned bit = tag_sets[s].bit;
        if ((call->tags & bit) == 0 || bit == DISCOVERY_TAGS || bit == NAME_TAGS) {
            continue;
        }
        call_tag tags[TAGS_MAX];
        const uint32_t count = tag_sets[s].list(names, tags);
        for (uint32_t i = 0; i < count; i++) {
            if (tags[i].is_fixed == is_fixed && !is_spare(bit, &tags[i])) {
                wb_text_add_format(out, "%s\"%s%s%s\":\"%s\"", printed > 0 ? "," : "",
                                   tag_sets[s].prefix, tags[i].key, tags[i].key_end,
                                   is_fixed ? tags[i].value : "*");
                printed++;
            }
        }
    }
    return printed;
}

void wb_iam_call_print_condition(const wb_iam_call *call, const wb_iam_call_names *names,
                                 wb_text *out)
{
    assert(call != NULL && out != NULL);
    wb_text equals;
    wb_text like;
    wb_text_init(&equals);
    wb_text_init(&like);
    uint32_t count = print_tags(call, names, true, &equals);
    (void)print_tags(call, names, false, &like);
    if (create_action(call) != NULL) {
        wb_text_add_format(&equals, "%s\"ec2:CreateAction\":\"%s\"", count > 0 ? "," : "",
                           create_action(call));
        count++;
    }
    if ((call->tags & REGION) != 0) {
        wb_text_add_format(&equals, "%s\"aws:RequestedRegion\":\"%s\"", count > 0 ? "," : "",
                           names->region);
    }
    if ((call->tags & PASSED_TO_EC2) != 0) {
        wb_text_add_format(&equals, "\"iam:PassedToService\":\"%s\"", ec2_principal(names));
    }
    wb_text_add_string(out, "{");
    if ((call->tags & NAME_TAGS) != 0) {
        wb_text_add_string(out, "\"ForAllValues:StringEquals\":{\"aws:TagKeys\":[\"Name\","
                                "\"eks:eks-cluster-name\",\"karpenter.sh/nodeclaim\"]}");
    }
    if (equals.length > 0) {
        wb_text_add_format(out, "%s\"StringEquals\":{%s}", (call->tags & NAME_TAGS) != 0 ? "," : "",
                           equals.bytes);
    }
    if (like.length > 0) {
        wb_text_add_format(out, ",\"StringLike\":{%s}", like.bytes);
    }
    wb_text_add_string(out, "}");
    wb_text_release(&equals);
    wb_text_release(&like);
}

const char *wb_iam_call_error_code(const wb_iam_call *call)
{
    assert(call != NULL);
    if (strncmp(call->action, "ec2:", 4) == 0) {
        return "UnauthorizedOperation";
    }
    const bool is_json_service = strncmp(call->action, "ssm:", 4) == 0 ||
                                 strncmp(call->action, "eks:", 4) == 0 ||
                                 strncmp(call->action, "pricing:", 8) == 0;
    return is_json_service ? "AccessDeniedException" : "AccessDenied";
}

void wb_iam_call_print_refusal(const wb_iam_call_names *names, const wb_iam_request *request,
                               const wb_iam_decision *decision, wb_text *out)
{
    assert(decision->outcome != WB_IAM_ALLOWED);
    char cause[160];
    wb_iam_decision_print_cause(decision, request->action, cause, sizeof cause);
    const bool is_ec2 = strncmp(request->action, "ec2:", 4) == 0;
    wb_text_add_format(out,
                       "%sUser: arn:%s:sts::%s:assumed-role/%s/karpenter is not authorized to "
                       "perform: %s%s%s %s",
                       is_ec2 ? "You are not authorized to perform this operation. " : "",
                       names->partition, names->account, names->controller_role, request->action,
                       strcmp(request->resource, "*") == 0 ? "" : " on resource: ",
                       strcmp(request->resource, "*") == 0 ? "" : request->resource, cause);
}

const char *wb_iam_call_step_name(wb_iam_call_step step)
{
    static const char *const names[WB_IAM_CALL_STEP_COUNT] = {"start",     "launch",  "settle",
                                                              "terminate", "message", "clean-up"};
    assert(step < WB_IAM_CALL_STEP_COUNT);
    return names[step];
}
