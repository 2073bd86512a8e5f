#include "tests/solver/disruption_fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "tests/harness.h"

#define GIB (INT64_C(1) << 30)

static wb_resource_list resources(wb_arena *arena, int64_t cpu_milli, int64_t memory_bytes,
                                  int64_t pods)
{
    wb_resource_list made = {0};
    made = wb_resource_list_with(arena, made, WB_NAME_CPU, cpu_milli);
    made = wb_resource_list_with(arena, made, WB_NAME_MEMORY, memory_bytes);
    return wb_resource_list_with(arena, made, WB_NAME_PODS, pods);
}

static void make_type(wb_disruption_fixture *fixture, uint32_t number, wb_catalog_type *out)
{
    char name[16];
    (void)snprintf(name, sizeof(name), "t%u", number);
    wb_offering *offerings = WB_ARENA_ARRAY(&fixture->arena, wb_offering, 4);
    for (uint32_t i = 0; i < 4; i++) {
        const bool is_spot = i >= 2;
        offerings[i] = (wb_offering){
            .zone = fixture->catalog.zones[i % 2],
            .capacity_type = is_spot ? WB_CAPACITY_SPOT : WB_CAPACITY_ON_DEMAND,
            .price_usd_per_hour = (is_spot ? 0.04 : 0.10) * number,
            .is_available = true,
        };
    }
    wb_labels labels = {0};
    labels = wb_labels_with(&fixture->arena, labels, WB_NAME_ARCH, WB_NAME_AMD64);
    labels = wb_labels_with(&fixture->arena, labels, WB_NAME_OS, WB_NAME_LINUX);
    *out = (wb_catalog_type){
        .name = wb_intern_add(&fixture->intern, name),
        .labels = labels,
        .capacity =
            resources(&fixture->arena, (int64_t)number * 1000, (int64_t)number * 4 * GIB, 110),
        .offerings = offerings,
        .offering_count = 4,
    };
}

static void make_catalog(wb_disruption_fixture *fixture)
{
    uint32_t *zones = WB_ARENA_ARRAY(&fixture->arena, uint32_t, 2);
    zones[0] = wb_intern_add(&fixture->intern, "zone-a");
    zones[1] = wb_intern_add(&fixture->intern, "zone-b");
    fixture->catalog = (wb_catalog){
        .region = wb_intern_add(&fixture->intern, "region"),
        .zones = zones,
        .zone_count = 2,
        .type_count = WB_DISRUPTION_FIXTURE_TYPES,
        .currency = "USD",
        .price_source = "made up",
        .types = WB_ARENA_ARRAY(&fixture->arena, wb_catalog_type, WB_DISRUPTION_FIXTURE_TYPES),
    };
    for (uint32_t i = 0; i < WB_DISRUPTION_FIXTURE_TYPES; i++) {
        make_type(fixture, i + 1, &fixture->catalog.types[i]);
    }
}

void wb_disruption_fixture_init(wb_disruption_fixture *fixture)
{
    *fixture = (wb_disruption_fixture){0};
    wb_arena_init(&fixture->arena, "test", 0, NULL);
    wb_arena_init(&fixture->scratch, "test scratch", 0, NULL);
    wb_intern_init(&fixture->intern, &fixture->arena);
    wb_names_init(&fixture->intern);
    make_catalog(fixture);
    fixture->state = (wb_disruption_state){
        .now_ms = WB_DISRUPTION_FIXTURE_NOW,
        .pools = fixture->pools,
        .nodes = fixture->nodes,
        .pdbs = fixture->pdbs,
        .pending_pods = fixture->pending,
        .frame = &fixture->frame,
    };
    (void)wb_disruption_fixture_pool(fixture, "default");
}

void wb_disruption_fixture_release(wb_disruption_fixture *fixture)
{
    for (uint32_t i = 0; i < fixture->state.node_count; i++) {
        wb_solver_node_free(fixture->nodes[i].solver_node);
    }
    if (fixture->state.world != NULL) {
        wb_solver_world_release(fixture->state.world);
    }
    wb_intern_release(&fixture->intern);
    wb_arena_release(&fixture->scratch);
    wb_arena_release(&fixture->arena);
}

wb_nodepool *wb_disruption_fixture_pool(wb_disruption_fixture *fixture, const char *name)
{
    static const wb_budget all[] = {{.is_percent = true, .nodes = 100}};
    CU_ASSERT_FATAL(fixture->state.pool_count < WB_DISRUPTION_FIXTURE_POOLS);
    uint32_t *market = WB_ARENA_NEW(&fixture->arena, uint32_t);
    *market = WB_NAME_ON_DEMAND;
    wb_label_expression *asked = WB_ARENA_NEW(&fixture->arena, wb_label_expression);
    *asked = (wb_label_expression){
        .key = WB_NAME_CAPACITY_TYPE, .op = WB_OPERATOR_IN, .values = market, .value_count = 1};
    const uint32_t index = fixture->state.pool_count++;
    fixture->nodepools[index] = (wb_nodepool){
        .name = wb_intern_add(&fixture->intern, name),
        .is_ready = true,
        .replicas = -1,
        .requirements = asked,
        .requirement_count = 1,
        .budgets = all,
        .budget_count = 1,
        .node_class_name = WB_NAME_DEFAULT,
        .expire_after_ms = WB_DURATION_NEVER,
        .termination_grace_period_ms = -1,
        .limit_nodes = -1,
    };
    fixture->pools[index] =
        (wb_disruption_pool){.nodepool = &fixture->nodepools[index], .catalog = &fixture->catalog};
    return &fixture->nodepools[index];
}

void wb_disruption_fixture_start(wb_disruption_fixture *fixture)
{
    wb_solver_pool *pools =
        WB_ARENA_ARRAY(&fixture->arena, wb_solver_pool, fixture->state.pool_count);
    for (uint32_t i = 0; i < fixture->state.pool_count; i++) {
        pools[i] = (wb_solver_pool){&fixture->nodepools[i], &fixture->catalog};
    }
    const wb_solver_world_desc desc = {.intern = &fixture->intern,
                                       .pools = pools,
                                       .pool_count = fixture->state.pool_count};
    fixture->state.world = wb_solver_world_new(&fixture->arena, &desc);
}

uint32_t wb_disruption_fixture_node(wb_disruption_fixture *fixture, const char *name,
                                    const char *pool, uint32_t type, uint32_t market)
{
    CU_ASSERT_FATAL(fixture->state.node_count < WB_DISRUPTION_FIXTURE_NODES);
    CU_ASSERT_FATAL(fixture->state.world != NULL);
    const wb_catalog_type *of_type = &fixture->catalog.types[type - 1];
    const uint32_t name_id = wb_intern_add(&fixture->intern, name);
    const uint32_t pool_id = wb_intern_add(&fixture->intern, pool);
    const struct {
        uint32_t key, value;
    } more[] = {{WB_NAME_NODEPOOL, pool_id},        {WB_NAME_INSTANCE_TYPE, of_type->name},
                {WB_NAME_CAPACITY_TYPE, market},    {WB_NAME_ZONE, fixture->catalog.zones[0]},
                {WB_NAME_HOSTNAME, name_id},        {WB_NAME_REGISTERED, WB_NAME_TRUE},
                {WB_NAME_INITIALIZED, WB_NAME_TRUE}};
    wb_labels labels = of_type->labels;
    for (size_t i = 0; i < WB_TEST_COUNT(more); i++) {
        labels = wb_labels_with(&fixture->arena, labels, more[i].key, more[i].value);
    }
    const wb_solver_node_desc desc = {
        .name = name_id,
        .nodepool = pool_id,
        .labels = labels,
        .is_managed = true,
        .is_initialized = true,
        .has_node = true,
        .capacity = of_type->capacity,
        .allocatable = of_type->capacity,
    };
    const uint32_t index = fixture->state.node_count++;
    fixture->pods[index] =
        WB_ARENA_ARRAY(&fixture->arena, wb_disruption_pod, WB_DISRUPTION_FIXTURE_PODS);
    fixture->nodes[index] = (wb_disruption_node){
        .solver_node = wb_solver_node_new(fixture->state.world, &desc),
        .pods = fixture->pods[index],
        .has_claim = true,
        .is_ready = true,
        .is_consolidatable = true,
        .created_ms = WB_DISRUPTION_FIXTURE_NOW - 2 * WB_MS_PER_DAY,
        .initialized_ms = WB_DISRUPTION_FIXTURE_NOW - 2 * WB_MS_PER_DAY,
        .last_pod_event_ms = -1,
        .drifted_ms = -1,
        .expire_after_ms = WB_DURATION_NEVER,
        .termination_grace_period_ms = -1,
    };
    return index;
}

static wb_pod_template *make_template(wb_disruption_fixture *fixture, int64_t cpu_milli)
{
    wb_pod_template *template = WB_ARENA_NEW(&fixture->arena, wb_pod_template);
    template->requests = resources(&fixture->arena, cpu_milli, cpu_milli << 20, 1);
    return template;
}

wb_disruption_pod *wb_disruption_fixture_pod(wb_disruption_fixture *fixture, uint32_t node_index,
                                             int64_t cpu_milli)
{
    wb_disruption_node *node = &fixture->nodes[node_index];
    CU_ASSERT_FATAL(node->pod_count < WB_DISRUPTION_FIXTURE_PODS);
    char name[32];
    (void)snprintf(name, sizeof(name), "pod-%04u", fixture->pod_count++);
    wb_disruption_pod *pod = &fixture->pods[node_index][node->pod_count++];
    *pod = (wb_disruption_pod){
        .name = wb_intern_add(&fixture->intern, name),
        .namespace_name = WB_NAME_DEFAULT,
        .uid = wb_intern_add(&fixture->intern, name),
        .shape_id = UINT32_MAX, /* until it is bound */
        .template = make_template(fixture, cpu_milli),
        .created_ms = WB_DISRUPTION_FIXTURE_NOW - WB_MS_PER_DAY,
        .start_ms = WB_DISRUPTION_FIXTURE_NOW - WB_MS_PER_DAY,
        .owner_kind = WB_OWNER_REPLICA_SET,
        .phase = WB_POD_RUNNING,
    };
    return pod;
}

wb_pod_template *wb_disruption_fixture_template(const wb_disruption_pod *pod)
{
    union {
        const wb_pod_template *given;
        wb_pod_template *ours;
    } template = {.given = pod->template}; /* made above, in our arena */
    return template.ours;
}

void wb_disruption_fixture_label(wb_disruption_fixture *fixture, wb_disruption_pod *pod,
                                 const char *key, const char *value)
{
    wb_pod_template *template = wb_disruption_fixture_template(pod);
    template->labels =
        wb_labels_with(&fixture->arena, template->labels, wb_intern_add(&fixture->intern, key),
                       wb_intern_add(&fixture->intern, value));
}

void wb_disruption_fixture_annotate(wb_disruption_fixture *fixture, wb_disruption_pod *pod,
                                    uint32_t key, const char *value)
{
    wb_pod_template *template = wb_disruption_fixture_template(pod);
    template->annotations = wb_labels_with(&fixture->arena, template->annotations, key,
                                           wb_intern_add(&fixture->intern, value));
}

wb_pdb *wb_disruption_fixture_pdb(wb_disruption_fixture *fixture, const char *app)
{
    CU_ASSERT_FATAL(fixture->state.pdb_count < WB_DISRUPTION_FIXTURE_PDBS);
    uint32_t *value = WB_ARENA_NEW(&fixture->arena, uint32_t);
    *value = wb_intern_add(&fixture->intern, app);
    wb_label_expression *selects = WB_ARENA_NEW(&fixture->arena, wb_label_expression);
    *selects = (wb_label_expression){.key = wb_intern_add(&fixture->intern, "app"),
                                     .op = WB_OPERATOR_IN,
                                     .values = value,
                                     .value_count = 1};
    wb_pdb *pdb = &fixture->pdbs[fixture->state.pdb_count++];
    *pdb = (wb_pdb){
        .namespace_name = WB_NAME_DEFAULT,
        .selector = {.is_set = true, .expressions = selects, .expression_count = 1},
        .max_unavailable_kind = WB_BOUND_COUNT,
        .max_unavailable = 1,
        .status_is_set = true,
        .disruptions_allowed = 1,
    };
    return pdb;
}

void wb_disruption_fixture_pending(wb_disruption_fixture *fixture, int64_t cpu_milli)
{
    CU_ASSERT_FATAL(fixture->state.pending_pod_count < WB_DISRUPTION_FIXTURE_PODS);
    char name[32];
    (void)snprintf(name, sizeof(name), "pending-%04u", fixture->state.pending_pod_count);
    fixture->pending[fixture->state.pending_pod_count++] = (wb_solver_pod){
        .name = wb_intern_add(&fixture->intern, name),
        .namespace_name = WB_NAME_DEFAULT,
        .uid = wb_intern_add(&fixture->intern, name),
        .shape_id = wb_solver_world_shape(fixture->state.world, make_template(fixture, cpu_milli),
                                          WB_NAME_DEFAULT),
        .bound_node_index = UINT32_MAX,
    };
}

static void bind_pods(wb_disruption_fixture *fixture, uint32_t node_index)
{
    wb_disruption_node *node = &fixture->nodes[node_index];
    for (uint32_t i = 0; i < node->pod_count; i++) {
        wb_disruption_pod *pod = &fixture->pods[node_index][i];
        if (pod->shape_id != UINT32_MAX) {
            continue;
        }
        pod->shape_id =
            wb_solver_world_shape(fixture->state.world, pod->template, pod->namespace_name);
        if (pod->phase != WB_POD_SUCCEEDED && pod->phase != WB_POD_FAILED) {
            wb_solver_node_bind(fixture->state.world, node->solver_node, pod->shape_id, pod->name,
                                (pod->is_terminating ? WB_SOLVER_POD_TERMINATING : 0) |
                                    (pod->owner_kind == WB_OWNER_DAEMON_SET ? WB_SOLVER_POD_DAEMON
                                                                            : 0));
        }
    }
}

wb_disruption *wb_disruption_fixture_look(wb_disruption_fixture *fixture)
{
    for (uint32_t i = 0; i < fixture->state.node_count; i++) {
        bind_pods(fixture, i);
    }
    return wb_disruption_new(&fixture->arena, &fixture->scratch, &fixture->state);
}

static const char *take(wb_disruption_fixture *fixture, wb_text *text)
{
    const char *made = wb_arena_copy_string(&fixture->arena, wb_text_string(text));
    wb_text_release(text);
    return made;
}

const char *wb_disruption_fixture_names(wb_disruption_fixture *fixture,
                                        const wb_disruption_command *command)
{
    wb_text text;
    wb_text_init(&text);
    for (uint32_t i = 0; i < command->candidate_count; i++) {
        wb_text_add_format(&text, "%s%s", i > 0 ? " " : "",
                           wb_intern_text(&fixture->intern, command->candidate_names[i]));
    }
    return take(fixture, &text);
}

const char *wb_disruption_fixture_candidates(wb_disruption_fixture *fixture,
                                             wb_disruption_candidates candidates)
{
    wb_text text;
    wb_text_init(&text);
    for (uint32_t i = 0; i < candidates.count; i++) {
        const wb_solver_node *node = fixture->nodes[candidates.items[i].node_index].solver_node;
        wb_text_add_format(&text, "%s%s", i > 0 ? " " : "",
                           wb_intern_text(&fixture->intern, wb_solver_node_name(node)));
    }
    return take(fixture, &text);
}

const char *wb_disruption_fixture_types(wb_disruption_fixture *fixture,
                                        const wb_disruption_replacement *replacement)
{
    wb_text text;
    wb_text_init(&text);
    for (uint32_t i = 0; i < replacement->type_count; i++) {
        const uint32_t name =
            wb_solver_world_type(fixture->state.world, replacement->type_indices[i])->name;
        wb_text_add_format(&text, "%s%s", i > 0 ? " " : "", wb_intern_text(&fixture->intern, name));
    }
    return take(fixture, &text);
}
