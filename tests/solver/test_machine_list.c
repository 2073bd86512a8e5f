/*
 * Which machines a pod may have: eight options (two types, two zones, two markets), and a table of
 * what pods and NodePools say of them.
 */
#include "kube/names.h"
#include "solver/machine_list.h"
#include "tests/harness.h"
#include "tests/solver/small_world.h"

static const wb_small_type types[] = {{"two", 2}, {"four", 4}};

enum {
    OPTIONS = 8
};

/* What the NodePool and the pod say; 0 or NULL: nothing. Texts are interned. */
typedef struct list_case {
    const char *name;
    const char *pool_type;             /* requirement instance-type In */
    const char *pool_label;            /* the template's label "team" */
    const char *taint, *startup_taint; /* keys of NoSchedule taints of the pool */
    wb_taint_effect effect;            /* of taint; ANY: NoSchedule */
    const char *selector, *value;      /* the pod's nodeSelector */
    const char *terms[2];              /* required terms: zone In that one */
    const char *tolerated;             /* "" tolerates everything */
    uint32_t allowed_count;            /* options that such a pod may have */
    uint32_t carrying_count;           /* that would carry it as a DaemonSet's for certain */
} list_case;

static const list_case cases[] = {
    {.name = "a pod that asks for nothing may go anywhere",
     .allowed_count = 8,
     .carrying_count = 8},
    {.name = "a type that the pool excludes is no option",
     .pool_type = "two",
     .allowed_count = 4,
     .carrying_count = 4},
    {.name = "a zone by selector",
     .selector = "topology.kubernetes.io/zone",
     .value = "a",
     .allowed_count = 4,
     .carrying_count = 4},
    {.name = "a market by selector",
     .selector = "karpenter.sh/capacity-type",
     .value = "spot",
     .allowed_count = 4,
     .carrying_count = 4},
    {.name = "a label that no node has",
     .selector = "team",
     .value = "data",
     .allowed_count = 0,
     .carrying_count = 0},
    {.name = "the pool's label",
     .pool_label = "data",
     .selector = "team",
     .value = "data",
     .allowed_count = 8,
     .carrying_count = 8},
    {.name = "another value of it",
     .pool_label = "web",
     .selector = "team",
     .value = "data",
     .allowed_count = 0,
     .carrying_count = 0},
    {.name = "a host name is not known beforehand: allowed, and not certain",
     .selector = "kubernetes.io/hostname",
     .value = "node-1",
     .allowed_count = 8},
    {.name = "one of two terms is enough",
     .terms = {"a", "b"},
     .allowed_count = 8,
     .carrying_count = 8},
    {.name = "a term for a zone that is not there", .terms = {"c"}},
    {.name = "a taint that is not tolerated", .taint = "gpu"},
    {.name = "a taint that is tolerated",
     .taint = "gpu",
     .tolerated = "gpu",
     .allowed_count = 8,
     .carrying_count = 8},
    {.name = "a preference is no rule",
     .taint = "gpu",
     .effect = WB_TAINT_PREFER_NO_SCHEDULE,
     .allowed_count = 8,
     .carrying_count = 8},
    {.name = "a startup taint goes; whether a DaemonSet comes in time is not certain",
     .startup_taint = "agent",
     .allowed_count = 8},
    {.name = "a DaemonSet that tolerates it does",
     .startup_taint = "agent",
     .tolerated = "",
     .allowed_count = 8,
     .carrying_count = 8},
};

static uint32_t intern(wb_small_world *small, const char *text)
{
    return wb_intern_add(&small->intern, text);
}

/* A world of the case's pool. */
static wb_solver_world *make_world(wb_small_world *small, const list_case *one)
{
    wb_arena *arena = &small->arena;
    if (one->pool_type != NULL) {
        uint32_t *value = WB_ARENA_NEW(arena, uint32_t);
        *value = intern(small, one->pool_type);
        wb_label_expression *requirement = WB_ARENA_NEW(arena, wb_label_expression);
        *requirement = (wb_label_expression){
            .key = WB_NAME_INSTANCE_TYPE, .op = WB_OPERATOR_IN, .value_count = 1, .values = value};
        small->pool.requirements = requirement;
        small->pool.requirement_count = 1;
    }
    if (one->pool_label != NULL) {
        small->pool.labels = wb_labels_with(arena, small->pool.labels, intern(small, "team"),
                                            intern(small, one->pool_label));
    }
    wb_taint *taints = WB_ARENA_ARRAY(arena, wb_taint, 2);
    const bool is_preference = one->effect == WB_TAINT_PREFER_NO_SCHEDULE;
    if (one->taint != NULL) {
        taints[0] = (wb_taint){.key = intern(small, one->taint),
                               .effect = is_preference ? one->effect : WB_TAINT_NO_SCHEDULE};
        small->pool.taints = &taints[0];
        small->pool.taint_count = 1;
    }
    if (one->startup_taint != NULL) {
        taints[1] =
            (wb_taint){.key = intern(small, one->startup_taint), .effect = WB_TAINT_NO_SCHEDULE};
        small->pool.startup_taints = &taints[1];
        small->pool.startup_taint_count = 1;
    }
    const wb_solver_world_desc desc = {.intern = &small->intern,
                                       .pools = &small->world_pool,
                                       .pool_count = 1};
    return wb_solver_world_new(arena, &desc);
}

static wb_machine_wish make_wish(wb_small_world *small, const list_case *one)
{
    wb_arena *arena = &small->arena;
    wb_pod_template *template = wb_small_world_template(small, 100, 100);
    if (one->selector != NULL) {
        template->node_selector =
            wb_labels_with(arena, template->node_selector, intern(small, one->selector),
                           intern(small, one->value));
    }
    wb_node_term *terms = WB_ARENA_ARRAY(arena, wb_node_term, 2);
    for (uint32_t i = 0; i < 2 && one->terms[i] != NULL; i++) {
        uint32_t *value = WB_ARENA_NEW(arena, uint32_t);
        *value = intern(small, one->terms[i]);
        wb_label_expression *zone = WB_ARENA_NEW(arena, wb_label_expression);
        *zone = (wb_label_expression){
            .key = WB_NAME_ZONE, .op = WB_OPERATOR_IN, .value_count = 1, .values = value};
        terms[i] = (wb_node_term){.expressions = zone, .expression_count = 1};
        template->required_terms = terms;
        template->required_term_count = i + 1;
        template->required_is_set = true;
    }
    if (one->tolerated != NULL) {
        wb_toleration *toleration = WB_ARENA_NEW(arena, wb_toleration);
        *toleration =
            (wb_toleration){.key = one->tolerated[0] != 0 ? intern(small, one->tolerated) : 0,
                            .op = WB_TOLERATION_EXISTS,
                            .seconds = -1};
        template->tolerations = toleration;
        template->toleration_count = 1;
    }
    return wb_machine_list_wish(arena, &small->intern, template);
}

static void follow_the_rules(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(cases); i++) {
        wb_small_world small;
        wb_small_world_init(&small, types, WB_TEST_COUNT(types));
        wb_solver_world *world = make_world(&small, &cases[i]);
        const wb_machine_wish wish = make_wish(&small, &cases[i]);
        const wb_machine_option *options = NULL;
        const uint32_t count = wb_machine_list_make(&small.arena, world, &options);
        CU_ASSERT_EQUAL(count, cases[i].pool_type != NULL ? OPTIONS / 2 : OPTIONS);
        uint32_t allowed = 0;
        uint32_t carrying = 0;
        for (uint32_t k = 0; k < count; k++) {
            allowed += wb_machine_list_allows(world, &options[k], &wish) ? 1U : 0U;
            carrying += wb_machine_list_carries(world, &options[k], &wish) ? 1U : 0U;
        }
        if (allowed != cases[i].allowed_count || carrying != cases[i].carrying_count) {
            printf("\n  %s: %u allowed, %u carrying, expected %u and %u\n", cases[i].name, allowed,
                   carrying, cases[i].allowed_count, cases[i].carrying_count);
            CU_FAIL("another list");
        }
        wb_solver_world_release(world);
        wb_small_world_release(&small);
    }
}

/* Equal wishes of two templates are one; another zone or toleration makes another. */
static void tell_wishes_apart(void)
{
    wb_small_world small;
    wb_small_world_init(&small, types, WB_TEST_COUNT(types));
    const wb_machine_wish plain = make_wish(&small, &cases[0]);
    const wb_machine_wish again = make_wish(&small, &cases[0]);
    const wb_machine_wish zone = make_wish(&small, &cases[2]);
    const wb_machine_wish tolerant = make_wish(&small, &cases[11]);
    CU_ASSERT_TRUE(wb_machine_list_same(&plain, &again));
    CU_ASSERT_FALSE(wb_machine_list_same(&plain, &zone));
    CU_ASSERT_FALSE(wb_machine_list_same(&plain, &tolerant));
    wb_small_world_release(&small);
}

int main(void)
{
    static const wb_test_case tests[] = {
        {"pods and pools say which machines are options", follow_the_rules},
        {"wishes are told apart", tell_wishes_apart},
    };
    return wb_test_run("machine list", tests, WB_TEST_COUNT(tests));
}
