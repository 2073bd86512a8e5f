/*
 * Whole runs under an identity: what each missing permission comes to, in the words of the
 * database. The shipped scenario has three of them; the others are made here, from its files.
 */
#include <string.h>

#include "tests/harness.h"
#include "tests/scenarios/run_fixture.h"

static const char *shipped(const char *name)
{
    static char paths[4][1024];
    static size_t next;
    const char *source = getenv("WERKBANK_SOURCE");
    char *path = paths[next++ % 4];
    (void)snprintf(path, 1024, "%s/scenarios/missing-permission/%s", source != NULL ? source : ".",
                   name);
    return path;
}

static void expect(wb_run_fixture *fixture, int64_t run_id, const char *what, const char *sql)
{
    const uint32_t count = wb_run_fixture_count_rows(fixture, NULL, sql, run_id);
    if (count == 0) {
        printf("\n    run %lld: not so: %s\n", (long long)run_id, what);
    }
    CU_ASSERT(count > 0);
}

static void test_shipped(void)
{
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    CU_ASSERT_FATAL(wb_run_fixture_load_shipped(&fixture, "missing-permission"));
    CU_ASSERT_EQUAL_FATAL(fixture.scenario.contender_count, 4);
    wb_run_figures figures[4];
    for (uint32_t i = 0; i < 4; i++) {
        figures[i] = wb_run_fixture_run(&fixture, i, WB_EVENT_QUEUE_CALENDAR);
    }
    CU_ASSERT_EQUAL(figures[0].pods_unscheduled, 0);
    expect(&fixture, 1, "a complete policy is refused nothing",
           "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM iam_calls WHERE run_id = ?1 AND decision <>"
           " 'allowed') AND (SELECT count(*) FROM iam_calls WHERE run_id = ?1) > 30");
    CU_ASSERT_EQUAL(figures[1].nodes_launched, 0);
    CU_ASSERT_EQUAL(figures[1].pods_unscheduled, figures[1].pods_total);
    expect(&fixture, 2, "pods say what they wait for",
           "SELECT 1 FROM unscheduled WHERE run_id = ?1 AND reason LIKE '%not authorized to"
           " perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/KarpenterNodeRole-"
           "shop because no identity-based policy allows the iam:PassRole action'");
    CU_ASSERT(figures[2].cost_nusd > figures[0].cost_nusd);
    expect(&fixture, 3, "nobody ends a machine but EC2",
           "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM instances WHERE run_id = ?1 AND cause IS NOT"
           " NULL AND cause NOT IN ('interruption', 'horizon')) AND EXISTS (SELECT 1 FROM events"
           " WHERE run_id = ?1 AND detail LIKE 'TerminateInstances: UnauthorizedOperation: You are"
           " not%instance/i-%')");
    CU_ASSERT_EQUAL(figures[3].interruptions, figures[0].interruptions);
    CU_ASSERT_EQUAL(figures[0].interruptions_survived, figures[0].interruptions);
    CU_ASSERT_EQUAL(figures[3].interruptions_survived, 0);
    expect(&fixture, 4, "messages are not read",
           "SELECT 1 FROM decisions WHERE run_id = ?1 AND kind = 'interruption-unheard' AND reason"
           " LIKE '%sqs:ReceiveMessage on resource: arn:aws:sqs:us-east-1:111122223333:shop%'");
    wb_run_fixture_release(&fixture);
}

static const char deny_tags[] =
    "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Deny\", \"Action\":"
    " \"ec2:CreateTags\", \"Resource\": \"arn:aws:ec2:*:*:volume/*\"},"
    " {\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}]}\n";
static const char no_groups[] =
    "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\":"
    " [\"autoscaling:Describe*\", \"ec2:Describe*\"], \"Resource\": \"*\"}]}\n";

#define TYPES_SCP(types)                                                    \
    "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\"," \
    " \"Action\": \"*\", \"Resource\": \"*\"}, {\"Effect\": \"Deny\","      \
    " \"Action\": \"ec2:RunInstances\", \"Resource\":"                      \
    " \"arn:aws:ec2:*:*:instance/*\", \"Condition\": {\"StringNotLike\":"   \
    " {\"ec2:InstanceType\": " types "}}}]}\n"
static const char some_types[] = TYPES_SCP("[\"m6i.*\", \"c6i.*\"]");
static const char no_types[] = TYPES_SCP("\"t3.*\"");

/* What is wrong with an identity, and what shows in the database. */
static const struct {
    const char *name, *contender, *identity, *what, *sql;
} cases[] = {
    {"an SCP that denies tags refuses each launch", "kind: karpenter, manifests: [POOL]",
     "serviceControlPolicies: deny.json, policies: POLICY", "launches are given up in 5 minutes",
     "SELECT 1 FROM decisions WHERE run_id = ?1 AND kind = 'launch-timeout' AND reason LIKE"
     " '%UnauthorizedOperation'"},
    {"pods say so", "kind: karpenter, manifests: [POOL]",
     "serviceControlPolicies: deny.json, policies: POLICY", "the reason names the SCP",
     "SELECT 1 FROM unscheduled WHERE run_id = ?1 AND reason LIKE 'Karpenter: "
     "UnauthorizedOperation: %ec2:CreateTags on resource: %volume/* with an explicit deny in a "
     "service control policy'"},
    {"another service account gets no credentials", "kind: karpenter, manifests: [POOL]",
     "trustPolicy: TRUST, oidcProvider: "
     "oidc.eks.us-east-1.amazonaws.com/id/8E1F2A3B4C5D6E7F8091A2B3C4D5E6F7, serviceAccount: "
     "\"karpenter:karpenter\"",
     "no call passes",
     "SELECT 1 FROM unscheduled WHERE run_id = ?1 AND reason LIKE '%Not authorized to perform "
     "sts:AssumeRoleWithWebIdentity%' AND NOT EXISTS (SELECT 1 FROM iam_calls WHERE run_id = ?1 AND"
     " decision = 'allowed')"},
    {"a node role without the CNI's policy makes no nodes", "kind: karpenter, manifests: [POOL]",
     "nodeRolePolicies: [AmazonEKSWorkerNodePolicy, AmazonEC2ContainerRegistryReadOnly]",
     "machines are paid for and never join",
     "SELECT 1 WHERE EXISTS (SELECT 1 FROM unscheduled WHERE run_id = ?1 AND reason LIKE"
     " '%never join: the VPC CNI%') AND EXISTS (SELECT 1 FROM instances WHERE run_id = ?1 AND"
     " cost_nusd > 0 AND registered_ms IS NULL)"},
    {"a node role that nobody mapped makes no nodes", "kind: karpenter, manifests: [POOL]",
     "nodeRoleMapped: false", "no machine registers",
     "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM nodes WHERE run_id = ?1) AND EXISTS (SELECT 1 FROM"
     " instances WHERE run_id = ?1)"},
    {"Cluster Autoscaler may look and not act",
     "kind: cluster_autoscaler, nodeGroups: [{name: g, instanceTypes: [m5.xlarge], max: 9}]",
     "policies: no-groups.json", "the group does not grow",
     "SELECT 1 FROM unscheduled WHERE run_id = ?1 AND reason LIKE 'Cluster Autoscaler: %"
     "autoscaling:SetDesiredCapacity on resource: %autoScalingGroupName/g because%'"},
    {"an SCP on instance types leaves what it allows", "kind: karpenter, manifests: [POOL]",
     "serviceControlPolicies: types.json, policies: POLICY", "the dearer type is launched alone",
     "SELECT 1 FROM instances WHERE run_id = ?1 GROUP BY run_id HAVING min(instance_type) ="
     " 'm6i.xlarge' AND max(instance_type) = 'm6i.xlarge' AND EXISTS (SELECT 1 FROM events WHERE"
     " run_id = ?1 AND detail = 'CreateFleet: UnauthorizedOperation: m5.xlarge')"},
    {"an SCP on instance types that allows none refuses the call",
     "kind: karpenter, manifests: [POOL]",
     "serviceControlPolicies: no-types.json, policies: POLICY", "the hint names the type",
     "SELECT 1 FROM iam_calls WHERE run_id = ?1 AND decision = 'explicitDeny' AND action ="
     " 'ec2:RunInstances' AND hint LIKE '%no-types.json:1: the statement denies it'"},
    {"without policies all is allowed and counted", "kind: karpenter, manifests: [POOL]", "",
     "the calls are there",
     "SELECT 1 FROM iam_calls WHERE run_id = ?1 AND action = 'ec2:RunInstances' AND decision ="
     " 'allowed' AND resource = 'arn:aws:ec2:us-east-1:111122223333:instance/*'"},
};

/* Replaces POOL, POLICY and TRUST by the shipped files' paths. */
static void add_with_paths(wb_text *out, const char *text)
{
    static const struct {
        const char *word, *file;
    } words[] = {{"POOL", "nodepool.yaml"},
                 {"POLICY", "controller-policy.json"},
                 {"TRUST", "trust.json"}};
    while (*text != '\0') {
        size_t i = 0;
        while (i < 3 && strncmp(text, words[i].word, strlen(words[i].word)) != 0) {
            i++;
        }
        if (i < 3) {
            wb_text_add_string(out, shipped(words[i].file));
            text += strlen(words[i].word);
        } else {
            wb_text_add(out, text++, 1);
        }
    }
}

static void test_cases(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(cases); i++) {
        wb_run_fixture fixture;
        wb_run_fixture_init(&fixture);
        wb_text text;
        wb_text_init(&text);
        wb_text_add_format(&text,
                           "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: who}\n"
                           "spec:\n  horizon: 1h\n  workload: [{manifest: %s, at: 0s}]\n",
                           shipped("service.yaml"));
        wb_text_add_string(&text, "  contenders:\n    - {name: it, ");
        add_with_paths(&text, cases[i].contender);
        wb_text_add_string(&text, ", identity: {clusterName: shop, ");
        add_with_paths(&text, cases[i].identity);
        wb_text_add_string(&text, "}}\n");
        (void)wb_scratch_folder_write(&fixture.folder, "deny.json", deny_tags, strlen(deny_tags));
        (void)wb_scratch_folder_write(&fixture.folder, "types.json", some_types,
                                      strlen(some_types));
        (void)wb_scratch_folder_write(&fixture.folder, "no-types.json", no_types, strlen(no_types));
        (void)wb_scratch_folder_write(&fixture.folder, "no-groups.json", no_groups,
                                      strlen(no_groups));
        const char *path =
            wb_scratch_folder_write(&fixture.folder, "s.yaml", text.bytes, text.length);
        printf("\n    %s", cases[i].name);
        CU_ASSERT_FATAL(wb_run_fixture_load(&fixture, path));
        (void)wb_run_fixture_run(&fixture, 0, WB_EVENT_QUEUE_CALENDAR);
        expect(&fixture, 1, cases[i].what, cases[i].sql);
        wb_text_release(&text);
        wb_run_fixture_release(&fixture);
    }
}

static void test_values_feed_settings(void)
{
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    CU_ASSERT_FATAL(wb_run_fixture_load_shipped(&fixture, "missing-permission"));
    const wb_contender *contender = &fixture.scenario.contenders[0];
    bool has_idle = false;
    for (uint32_t i = 0; i < contender->setting_count; i++) {
        has_idle = has_idle || (strcmp(contender->settings[i].name, "batchIdleDuration") == 0 &&
                                strcmp(contender->settings[i].value, "1s") == 0);
    }
    CU_ASSERT(has_idle);
    wb_run_fixture_release(&fixture);
}

/* What is wrong with identity itself; the place is the scenario's, or the policy's own. */
static const struct {
    const char *identity, *told;
} mistakes[] = {
    {"account: \"12\"", "identity.account: '12', expected the 12 digits of an account"},
    {"account: \"111122223333\"", "clusterName is missing, expected it here or as "
                                  "settings.clusterName in values"},
    {"clusterName: shop, policy: p.json", "unknown field"},
    {"clusterName: shop, policies: nowhere.json", "nowhere.json"},
    {"clusterName: shop, policies: bad.json",
     "Statement[0].Effect: 'allow', expected \"Allow\" or \"Deny\""},
    {"clusterName: shop, trustPolicy: deny.json",
     "deny.json:1:41: Statement[0].Principal: is missing"},
    {"values: deny.json", "holds no values of Karpenter's chart, expected a map with settings"},
};

static const char bad_policy[] =
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"allow\",\"Action\":\"*\","
    "\"Resource\":\"*\"}]}\n";

static bool has_told(const wb_findings *findings, const char *text)
{
    for (size_t i = 0; i < findings->error_count; i++) {
        if (strstr(findings->errors[i].text, text) != NULL) {
            return true;
        }
    }
    for (size_t i = 0; i < findings->warning_count; i++) {
        if (strstr(findings->warnings[i].text, text) != NULL) {
            return true;
        }
    }
    return false;
}

static void test_mistakes(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(mistakes); i++) {
        wb_run_fixture fixture;
        wb_run_fixture_init(&fixture);
        wb_text text;
        wb_text_init(&text);
        wb_text_add_format(&text,
                           "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: who}\n"
                           "spec:\n  horizon: 1h\n  contenders:\n    - {name: it, kind: karpenter, "
                           "manifests: [%s], identity: {%s}}\n",
                           shipped("nodepool.yaml"), mistakes[i].identity);
        (void)wb_scratch_folder_write(&fixture.folder, "deny.json", deny_tags, strlen(deny_tags));
        (void)wb_scratch_folder_write(&fixture.folder, "bad.json", bad_policy, strlen(bad_policy));
        const char *path =
            wb_scratch_folder_write(&fixture.folder, "s.yaml", text.bytes, text.length);
        const wb_scenario_overrides overrides = {.findings = &fixture.findings};
        const wb_status status = wb_scenario_load(&fixture.arena, &fixture.intern, path, &overrides,
                                                  &fixture.scenario, NULL);
        CU_ASSERT(status != WB_OK || fixture.findings.warning_count > 0);
        const bool found = has_told(&fixture.findings, mistakes[i].told);
        if (!found) {
            printf("\n    %s: not told; but '%s'\n", mistakes[i].identity,
                   fixture.findings.error_count > 0 ? fixture.findings.errors[0].text : "nothing");
        }
        CU_ASSERT(found);
        wb_text_release(&text);
        wb_run_fixture_release(&fixture);
    }
}

int main(void)
{
    static const wb_test_case tests[] = {
        {"mistakes in identity are told", test_mistakes},
        {"the shipped scenario shows what three Actions are for", test_shipped},
        {"what is wrong with an identity has its consequence", test_cases},
        {"values.yaml feeds the settings", test_values_feed_settings},
    };
    return wb_test_run("identity_runs", tests, WB_TEST_COUNT(tests));
}
