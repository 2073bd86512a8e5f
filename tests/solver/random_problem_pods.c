/* Templates of pods and DaemonSets, drawn. */
#include "kube/names.h"
#include "tests/solver/random_problem.h"

typedef wb_random_problem_dice dice;

static uint32_t roll(dice *from, uint32_t bound)
{
    return wb_random_problem_roll(from, bound);
}

static bool chance(dice *from, uint32_t percent)
{
    return wb_random_problem_chance(from, percent);
}

static uint32_t named(const dice *from, const char *prefix, uint32_t number)
{
    return wb_random_problem_name(from, prefix, number);
}

static uint32_t word(const dice *from, const char *text)
{
    return wb_intern_add(from->intern, text);
}

/* ---- rules between pods ---- */

static wb_label_selector select_app(dice *from)
{
    wb_label_expression *expression = WB_ARENA_NEW(from->arena, wb_label_expression);
    *expression = wb_random_problem_in(from, word(from, "app"), named(from, "app-", roll(from, 3)));
    if (chance(from, 10)) {
        expression->op = WB_OPERATOR_NOT_IN;
    }
    const uint32_t expression_count = chance(from, 5) ? 0 : 1; /* 0: selects everything */
    return (wb_label_selector){.is_set = !chance(from, 2),
                               .expression_count = expression_count,
                               .expressions = expression};
}

static uint32_t topology_key(dice *from)
{
    switch (roll(from, 12)) {
    case 0:
    case 1:
    case 2:
    case 3: return WB_NAME_HOSTNAME;
    case 4:
    case 5: return WB_NAME_CAPACITY_TYPE;
    case 6: return word(from, "rack");
    default: return WB_NAME_ZONE;
    }
}

static const uint32_t *generation_key(const dice *from)
{
    uint32_t *key = WB_ARENA_NEW(from->arena, uint32_t);
    *key = word(from, "generation");
    return key;
}

/* Namespaces: the pod's own; a list; those with a label; all. */
static void choose_namespaces(dice *from, wb_pod_term *term)
{
    wb_label_expression *expression = WB_ARENA_NEW(from->arena, wb_label_expression);
    *expression = wb_random_problem_in(from, word(from, "owner"), word(from, "us"));
    uint32_t *listed = WB_ARENA_NEW(from->arena, uint32_t);
    switch (roll(from, 10)) {
    case 0:
        *listed = wb_random_problem_namespace(from);
        term->namespaces = listed;
        term->namespace_count = 1;
        break;
    case 1: term->namespace_selector = (wb_label_selector){true, 1, expression}; break;
    case 2: term->namespace_selector = (wb_label_selector){.is_set = true}; break;
    default: break;
    }
}

static const wb_pod_term *make_term(dice *from)
{
    wb_pod_term *term = WB_ARENA_NEW(from->arena, wb_pod_term);
    *term = (wb_pod_term){.selector = select_app(from),
                          .topology_key = topology_key(from),
                          .weight = 1 + (int32_t)roll(from, 100)};
    choose_namespaces(from, term);
    if (chance(from, 8)) {
        term->match_label_keys = generation_key(from);
        term->match_label_key_count = 1;
    } else if (chance(from, 5)) {
        term->mismatch_label_keys = generation_key(from);
        term->mismatch_label_key_count = 1;
    }
    return term;
}

static void add_spreads(dice *from, wb_pod_template *pod)
{
    pod->spread_count = chance(from, 15) ? 2 : 1;
    wb_spread_constraint *spreads = WB_ARENA_ARRAY(from->arena, wb_spread_constraint, 2);
    for (uint32_t i = 0; i < pod->spread_count; i++) {
        spreads[i] = (wb_spread_constraint){
            .max_skew = 1 + (int32_t)roll(from, 2),
            .min_domains = chance(from, 10) ? 2 : 0,
            .topology_key = topology_key(from),
            .when_unsatisfiable =
                chance(from, 75) ? WB_SPREAD_DO_NOT_SCHEDULE : WB_SPREAD_SCHEDULE_ANYWAY,
            .selector = select_app(from),
            .node_affinity_policy = (wb_node_policy)roll(from, 3),
            .node_taints_policy = (wb_node_policy)roll(from, 3),
        };
        if (chance(from, 10)) {
            spreads[i].match_label_keys = generation_key(from);
            spreads[i].match_label_key_count = 1;
        }
    }
    pod->spreads = spreads;
}

static void add_rules(dice *from, wb_pod_template *pod)
{
    if (chance(from, 25)) {
        add_spreads(from, pod);
    }
    if (chance(from, 12)) {
        pod->affinity_required = make_term(from);
        pod->affinity_required_count = 1;
    }
    if (chance(from, 15)) {
        pod->anti_affinity_required = make_term(from);
        pod->anti_affinity_required_count = 1;
    }
    if (chance(from, 10)) {
        pod->affinity_preferred = make_term(from);
        pod->affinity_preferred_count = 1;
    }
    if (chance(from, 10)) {
        pod->anti_affinity_preferred = make_term(from);
        pod->anti_affinity_preferred_count = 1;
    }
}

/* ---- node affinity ---- */

static wb_label_expression make_bound(dice *from)
{
    wb_label_expression bound =
        wb_random_problem_in(from, WB_NAME_INSTANCE_CPU, named(from, "", 1U << roll(from, 5)));
    bound.op = chance(from, 50) ? WB_OPERATOR_GT : WB_OPERATOR_LT;
    return bound;
}

static wb_label_expression make_wish(dice *from)
{
    static const wb_operator operators[] = {WB_OPERATOR_IN, WB_OPERATOR_NOT_IN, WB_OPERATOR_EXISTS,
                                            WB_OPERATOR_DOES_NOT_EXIST};
    static const struct {
        const char *custom, *prefix;
        uint32_t key; /* where it is not a custom one */
        uint32_t count;
    } things[] = {
        {NULL, "zone-", WB_NAME_ZONE, 3},
        {NULL, "family-", WB_NAME_INSTANCE_FAMILY, 3},
        {"team", "team-", 0, 2},
        {"rack", "rack-", 0, 2},
        {NULL, "type-", WB_NAME_INSTANCE_TYPE, 6},
    };
    if (chance(from, 12)) {
        return make_bound(from);
    }
    const uint32_t thing = roll(from, 5);
    const uint32_t key =
        things[thing].key != 0 ? things[thing].key : word(from, things[thing].custom);
    wb_label_expression wish =
        wb_random_problem_in(from, key,
                             named(from, things[thing].prefix, roll(from, things[thing].count)));
    wish.op = operators[roll(from, 4)];
    wish.value_count = wish.op <= WB_OPERATOR_NOT_IN ? 1 : 0;
    return wish;
}

static const wb_node_term *make_node_terms(dice *from, uint32_t count)
{
    wb_node_term *terms = WB_ARENA_ARRAY(from->arena, wb_node_term, count);
    for (uint32_t i = 0; i < count; i++) {
        wb_label_expression *wishes = WB_ARENA_ARRAY(from->arena, wb_label_expression, 2);
        wishes[0] = make_wish(from);
        wishes[1] = make_wish(from);
        terms[i] = (wb_node_term){.expressions = wishes,
                                  .expression_count = chance(from, 20) ? 2 : 1,
                                  .weight = 1 + (int32_t)roll(from, 100)};
    }
    return terms;
}

static const wb_toleration *make_toleration(dice *from)
{
    wb_toleration *made = WB_ARENA_NEW(from->arena, wb_toleration);
    *made = (wb_toleration){.key = named(from, "taint-", roll(from, 2)),
                            .op = WB_TOLERATION_EXISTS,
                            .seconds = -1};
    if (chance(from, 25)) {
        made->op = WB_TOLERATION_EQUAL;
        made->value = WB_NAME_TRUE;
    }
    if (chance(from, 15)) {
        made->effect = chance(from, 50) ? WB_TAINT_NO_SCHEDULE : WB_TAINT_PREFER_NO_SCHEDULE;
    }
    return made;
}

/* ---- what a pod takes ---- */

static const wb_host_port *make_port(dice *from)
{
    wb_host_port *made = WB_ARENA_NEW(from->arena, wb_host_port);
    *made = (wb_host_port){.port = (uint16_t)(8000 + roll(from, 2)),
                           .protocol = chance(from, 80) ? WB_PORT_TCP : WB_PORT_UDP,
                           .is_init_container = chance(from, 10)};
    if (chance(from, 30)) {
        made->ip = named(from, "10.0.0.", roll(from, 2));
    }
    return made;
}

/* Claims data-0 (bound in a zone), data-1 (bound, two zones), data-2 (waits for its consumer), or
 * one of the pod's own. */
static const wb_volume *make_volume(dice *from)
{
    wb_volume *made = WB_ARENA_NEW(from->arena, wb_volume);
    const uint32_t choice = roll(from, 4);
    *made = (wb_volume){.kind = choice < 3 ? WB_VOLUME_CLAIM : WB_VOLUME_EPHEMERAL,
                        .name = word(from, "volume")};
    if (choice < 3) {
        made->claim_name = named(from, "data-", choice);
    } else {
        made->storage_class = named(from, "class-", roll(from, 2));
    }
    return made;
}

static void add_demands(dice *from, wb_pod_template *pod)
{
    static const int64_t cpu_milli[] = {100, 250, 500, 1000, 1900, 3000, 7000};
    pod->requests = wb_random_problem_sizes(from, cpu_milli[roll(from, 7)],
                                            128 + 512 * (int64_t)roll(from, 8), 1);
    if (chance(from, 4)) {
        pod->requests = wb_resource_list_with(from->arena, pod->requests, WB_NAME_NVIDIA_GPU, 1);
    }
    if (chance(from, 10)) {
        pod->requests = wb_random_problem_with_disk(from, pod->requests, 1 + roll(from, 8));
    }
    if (chance(from, 8)) {
        pod->host_ports = make_port(from);
        pod->host_port_count = 1;
    }
    if (chance(from, 8)) {
        pod->volumes = make_volume(from);
        pod->volume_count = 1;
    }
}

const wb_pod_template *wb_random_problem_template(wb_random_problem_dice *from)
{
    wb_pod_template *pod = WB_ARENA_NEW(from->arena, wb_pod_template);
    pod->labels = wb_labels_with(from->arena, pod->labels, word(from, "app"),
                                 named(from, "app-", roll(from, 3)));
    if (chance(from, 30)) {
        pod->labels = wb_labels_with(from->arena, pod->labels, word(from, "generation"),
                                     named(from, "generation-", roll(from, 2)));
    }
    add_demands(from, pod);
    add_rules(from, pod);
    if (chance(from, 15)) {
        pod->node_selector = wb_labels_with(from->arena, pod->node_selector, WB_NAME_ZONE,
                                            named(from, "zone-", roll(from, 3)));
    }
    if (chance(from, 20)) {
        pod->required_term_count = 1 + roll(from, 2);
        pod->required_terms = make_node_terms(from, pod->required_term_count);
        pod->required_is_set = true;
    }
    if (chance(from, 15)) {
        pod->preferred_term_count = 1 + roll(from, 2);
        pod->preferred_terms = make_node_terms(from, pod->preferred_term_count);
    }
    if (chance(from, 30)) {
        pod->tolerations = make_toleration(from);
        pod->toleration_count = 1;
    }
    return pod;
}

const wb_pod_template *wb_random_problem_daemon(wb_random_problem_dice *from)
{
    wb_pod_template *daemon = WB_ARENA_NEW(from->arena, wb_pod_template);
    daemon->requests = wb_random_problem_sizes(from, 50 + 50 * (int64_t)roll(from, 4),
                                               64 + 64 * (int64_t)roll(from, 4), 1);
    if (chance(from, 30)) {
        daemon->requests = wb_random_problem_with_disk(from, daemon->requests, 1 + roll(from, 8));
    }
    if (chance(from, 40)) {
        daemon->required_term_count = 1 + roll(from, 2);
        daemon->required_terms = make_node_terms(from, daemon->required_term_count);
        daemon->required_is_set = true;
    }
    if (chance(from, 15)) {
        daemon->node_selector =
            wb_labels_with(from->arena, daemon->node_selector, word(from, "team"),
                           named(from, "team-", roll(from, 2)));
    }
    if (chance(from, 30)) {
        daemon->tolerations = make_toleration(from);
        daemon->toleration_count = 1;
    }
    if (chance(from, 15)) {
        daemon->host_ports = make_port(from);
        daemon->host_port_count = 1;
    }
    return daemon;
}
