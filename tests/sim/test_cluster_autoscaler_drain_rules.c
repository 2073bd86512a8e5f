/* The table of drain rules, row by row. */
#include <string.h>

#include "base/duration.h"
#include "kube/names.h"
#include "sim/autoscaler/cluster_autoscaler/drain_rules.h"
#include "tests/harness.h"

#define NOW_MS (10 * WB_MS_PER_HOUR)

static wb_arena arena;
static wb_intern intern;
static int32_t stated_replicas;

static int32_t replicas(void *context, const wb_ca_snapshot_pod *pod)
{
    (void)context;
    (void)pod;
    return stated_replicas;
}

static const struct {
    const char *name;
    wb_owner_kind kind;       /* NONE: bare */
    wb_drain_outcome outcome; /* what is to come out, and for which reason */
    const char *reason;
    int64_t age_ms, deleted_ago_ms;
    const char *safe_to_evict, *local_volumes;
    const char *flag, *value;
    int32_t replicas; /* of the controller; 0: three */
    int32_t budget;   /* disruptions that a matching PDB allows; -1: no PDB */
    bool is_daemon, is_mirror, is_system, has_empty_dir, has_memory_dir;
} rules_table[] = {
    {"an ordinary pod of a ReplicaSet moves", WB_OWNER_REPLICA_SET, .budget = -1,
     .outcome = WB_DRAIN_MOVABLE},
    {"a static pod is ignored", WB_OWNER_NODE, .is_mirror = true, .budget = -1,
     .outcome = WB_DRAIN_IGNORED},
    {"a pod long told to end is ignored", WB_OWNER_NONE, .deleted_ago_ms = 61000, .budget = -1,
     .outcome = WB_DRAIN_IGNORED},
    {"a bare pod told to end just now still blocks", WB_OWNER_NONE, .deleted_ago_ms = 60000,
     .budget = -1, .outcome = WB_DRAIN_BLOCKED, .reason = "NotReplicated"},
    {"a controller that is gone blocks", WB_OWNER_REPLICA_SET, .replicas = -1, .budget = -1,
     .outcome = WB_DRAIN_BLOCKED, .reason = "ControllerNotFound"},
    {"safe-to-evict does not help then", WB_OWNER_JOB, .replicas = -1, .budget = -1,
     .safe_to_evict = "true", .outcome = WB_DRAIN_BLOCKED, .reason = "ControllerNotFound"},
    {"few replicas block", WB_OWNER_REPLICA_SET, .replicas = 1, .budget = -1,
     .flag = "min-replica-count", .value = "2", .outcome = WB_DRAIN_BLOCKED,
     .reason = "MinReplicasReached"},
    {"of a StatefulSet they don't", WB_OWNER_STATEFUL_SET, .replicas = 1, .budget = -1,
     .flag = "min-replica-count", .value = "2", .outcome = WB_DRAIN_MOVABLE},
    {"a DaemonSet's pod stays", WB_OWNER_DAEMON_SET, .is_daemon = true, .budget = -1,
     .outcome = WB_DRAIN_DAEMON},
    {"safe-to-evict true moves a bare pod", WB_OWNER_NONE, .safe_to_evict = "true", .budget = -1,
     .outcome = WB_DRAIN_MOVABLE},
    {"and wins over an exhausted PDB", WB_OWNER_REPLICA_SET, .safe_to_evict = "true", .budget = 0,
     .outcome = WB_DRAIN_MOVABLE},
    {"on-completion waits", WB_OWNER_JOB, .safe_to_evict = "on-completion", .budget = -1,
     .outcome = WB_DRAIN_ON_COMPLETION},
    {"a bare pod blocks", WB_OWNER_NONE, .budget = -1, .outcome = WB_DRAIN_BLOCKED,
     .reason = "NotReplicated"},
    {"a custom controller's blocks", WB_OWNER_OTHER, .budget = -1, .outcome = WB_DRAIN_BLOCKED,
     .reason = "NotReplicated"},
    {"unless the flag is off", WB_OWNER_OTHER, .budget = -1,
     .flag = "skip-nodes-with-custom-controller-pods", .value = "false",
     .outcome = WB_DRAIN_MOVABLE},
    {"a young pod of kube-system blocks", WB_OWNER_REPLICA_SET, .is_system = true,
     .age_ms = 59 * WB_MS_PER_MINUTE, .budget = -1, .outcome = WB_DRAIN_BLOCKED,
     .reason = "UnmovableKubeSystemPod"},
    {"an hour old it moves, local storage or not", WB_OWNER_REPLICA_SET, .is_system = true,
     .age_ms = WB_MS_PER_HOUR, .has_empty_dir = true, .budget = -1, .outcome = WB_DRAIN_MOVABLE},
    {"with a PDB it is an ordinary pod", WB_OWNER_REPLICA_SET, .is_system = true, .age_ms = 1000,
     .budget = 1, .outcome = WB_DRAIN_MOVABLE},
    {"the flag drops the rule", WB_OWNER_REPLICA_SET, .is_system = true, .age_ms = 1000,
     .budget = -1, .flag = "skip-nodes-with-system-pods", .value = "false",
     .outcome = WB_DRAIN_MOVABLE},
    {"safe-to-evict false blocks", WB_OWNER_REPLICA_SET, .safe_to_evict = "false", .budget = -1,
     .outcome = WB_DRAIN_BLOCKED, .reason = "NotSafeToEvictAnnotation"},
    {"local storage blocks", WB_OWNER_REPLICA_SET, .has_empty_dir = true, .budget = -1,
     .outcome = WB_DRAIN_BLOCKED, .reason = "LocalStorageRequested"},
    {"in memory it does not", WB_OWNER_REPLICA_SET, .has_memory_dir = true, .budget = -1,
     .outcome = WB_DRAIN_MOVABLE},
    {"named as safe it does not", WB_OWNER_REPLICA_SET, .has_empty_dir = true, .budget = -1,
     .local_volumes = "cache, scratch", .outcome = WB_DRAIN_MOVABLE},
    {"named by a prefix it does", WB_OWNER_REPLICA_SET, .has_empty_dir = true, .budget = -1,
     .local_volumes = "scratc", .outcome = WB_DRAIN_BLOCKED, .reason = "LocalStorageRequested"},
    {"the flag drops that rule too", WB_OWNER_REPLICA_SET, .has_empty_dir = true, .budget = -1,
     .flag = "skip-nodes-with-local-storage", .value = "false", .outcome = WB_DRAIN_MOVABLE},
    {"an exhausted PDB blocks", WB_OWNER_REPLICA_SET, .budget = 0, .outcome = WB_DRAIN_BLOCKED,
     .reason = "NotEnoughPdb"},
};

static wb_pod_template *make_template(size_t row)
{
    wb_pod_template *template = WB_ARENA_NEW(&arena, wb_pod_template);
    template->grace_period_ms = 30000;
    template->labels = wb_labels_with(&arena, (wb_labels){0}, wb_intern_add(&intern, "app"),
                                      wb_intern_add(&intern, "web"));
    if (rules_table[row].safe_to_evict != NULL) {
        template->annotations =
            wb_labels_with(&arena, template->annotations, WB_NAME_SAFE_TO_EVICT,
                           wb_intern_add(&intern, rules_table[row].safe_to_evict));
    }
    if (rules_table[row].local_volumes != NULL) {
        template->annotations =
            wb_labels_with(&arena, template->annotations, wb_intern_add(&intern, "local"),
                           wb_intern_add(&intern, rules_table[row].local_volumes));
    }
    if (rules_table[row].has_empty_dir || rules_table[row].has_memory_dir) {
        wb_volume *volume = WB_ARENA_NEW(&arena, wb_volume);
        volume->name = wb_intern_add(&intern, "scratch");
        volume->kind =
            rules_table[row].has_memory_dir ? WB_VOLUME_EMPTY_DIR_MEMORY : WB_VOLUME_EMPTY_DIR;
        template->volumes = volume;
        template->volume_count = 1;
    }
    return template;
}

static void check_row(size_t row)
{
    wb_ca_flags flags;
    wb_findings findings;
    wb_findings_init(&findings, &arena, false);
    wb_ca_flags_init(&flags);
    const wb_setting setting = {.name = rules_table[row].flag, .value = rules_table[row].value};
    wb_ca_flags_apply(&flags, &setting, rules_table[row].flag != NULL ? 1 : 0, &findings);
    wb_ca_snapshot snapshot;
    wb_ca_snapshot_init(&snapshot, &intern);
    const uint32_t namespace_name =
        rules_table[row].is_system ? WB_NAME_KUBE_SYSTEM : WB_NAME_DEFAULT;
    stated_replicas = rules_table[row].replicas == 0 ? 3 : rules_table[row].replicas;
    const wb_pdb pdb = {.namespace_name = namespace_name, .selector = {.is_set = true}};
    const wb_ca_budget budget = {&pdb, rules_table[row].budget};
    const wb_ca_world world = {.replicas = replicas};
    const wb_drain_rules rules = {
        .snapshot = &snapshot,
        .flags = &flags,
        .world = &world,
        .budgets = &budget,
        .budget_count = rules_table[row].budget >= 0 ? 1 : 0,
        .annotation_local_volumes = wb_intern_add(&intern, "local"),
        .now_ms = NOW_MS,
    };
    const wb_ca_snapshot_pod pod = {
        .shape = wb_ca_snapshot_add_shape(&snapshot, make_template(row), namespace_name),
        .owner = rules_table[row].kind == WB_OWNER_NONE ? WB_CA_SNAPSHOT_NONE : 1,
        .owner_kind = rules_table[row].kind,
        .name = "pod",
        .created_ms = NOW_MS - rules_table[row].age_ms,
        .deletion_ms =
            rules_table[row].deleted_ago_ms > 0 ? NOW_MS - rules_table[row].deleted_ago_ms : -1,
        .is_daemon = rules_table[row].is_daemon,
        .is_mirror = rules_table[row].is_mirror,
    };
    const char *reason = NULL;
    const wb_drain_outcome outcome = wb_drain_rules_judge(&rules, &pod, &reason);
    const char *wanted = rules_table[row].reason;
    if (outcome != rules_table[row].outcome ||
        (wanted != NULL && (reason == NULL || strcmp(wanted, reason) != 0))) {
        CU_FAIL("row");
        printf("\n    %s: outcome %d, reason %s", rules_table[row].name, (int)outcome,
               reason != NULL ? reason : "none");
    }
    wb_ca_snapshot_release(&snapshot);
}

static void test_rules(void)
{
    for (size_t row = 0; row < WB_TEST_COUNT(rules_table); row++) {
        check_row(row);
    }
    CU_PASS("every row was looked at");
}

static const wb_test_case tests[] = {
    {"the first rule that applies decides", test_rules},
};

int main(void)
{
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    const int result = wb_test_run("cluster_autoscaler_drain_rules", tests, WB_TEST_COUNT(tests));
    wb_intern_release(&intern);
    wb_arena_release(&arena);
    return result;
}
