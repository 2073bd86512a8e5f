/*
 * docs/scenario.schema.json and the loader say the same: each field that one of them has the other
 * has too, of the same kind; names to choose from are the same; the shipped scenarios are valid by
 * both, and what is wrong is wrong by both.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/autoscaler/autoscaler.h"
#include "scenarios/scenario_internal.h"
#include "tests/harness.h"
#include "tests/scenarios/json_schema.h"
#include "tests/scenarios/scenario_fixture.h"

#define PATH_SIZE 256

/* The schema as a tree, and where complaints go; per test. */
static wb_arena arena;
static const wb_node *root;
static wb_text complaints;

static void begin(void)
{
    char path[1024];
    const char *source = getenv("WERKBANK_SOURCE");
    (void)snprintf(path, sizeof path, "%s/docs/scenario.schema.json",
                   source != NULL ? source : ".");
    wb_arena_init(&arena, "schema", 0, NULL);
    wb_text_init(&complaints);
    wb_document_stream stream;
    CU_ASSERT_EQUAL_FATAL(wb_document_read_file(&arena, path, 0, &stream, NULL), WB_OK);
    CU_ASSERT_EQUAL_FATAL(stream.count, 1);
    root = stream.roots[0];
}

/* Fails, and prints them, when there are complaints. */
static void end(void)
{
    if (complaints.length > 0) {
        printf("\n%s", wb_text_string(&complaints));
    }
    CU_ASSERT_EQUAL(complaints.length, 0);
    wb_text_release(&complaints);
    wb_arena_release(&arena);
}

/* ---- fields ---- */

typedef enum part_kind {
    PART_SCALARS,     /* a map of anything to scalars */
    PART_PATHS,       /* a path or a list of paths */
    PART_LIST,        /* a list of objects with the fields of a table */
    PART_MIXED_LIST,  /* a list of texts and of such objects */
    PART_TEXT_OR_MAP, /* a path, or what that file would hold */
    PART_TEXT_OR_NUMBER,
    PART_TEXT_OR_TABLE /* a text, or an object with the fields of a table */
} part_kind;

/* What the loader's tables leave open (WB_ANY), since it is looked at where it is read. */
static const struct {
    const char *name;
    part_kind kind;
    const wb_schema *table;
} parts[] = {
    {"annotations", PART_SCALARS, NULL},
    {"labels", PART_SCALARS, NULL},
    {"tags", PART_SCALARS, NULL},
    {"sizes", PART_SCALARS, NULL},
    {"settings", PART_SCALARS, NULL},
    {"instanceTypes", PART_SCALARS, NULL},
    {"zones", PART_SCALARS, NULL},
    {"flags", PART_SCALARS, NULL},
    {"manifest", PART_PATHS, NULL},
    {"manifests", PART_PATHS, NULL},
    {"objects", PART_PATHS, NULL},
    {"apply", PART_PATHS, NULL},
    {"nodeGroupFiles", PART_PATHS, NULL},
    {"policies", PART_PATHS, NULL},
    {"serviceControlPolicies", PART_PATHS, NULL},
    {"taints", PART_LIST, &wb_schema_taint},
    {"boot", PART_TEXT_OR_TABLE, &wb_scenario_boot_schema},
    {"asg", PART_TEXT_OR_TABLE, &wb_scenario_phase_schema},
    {"health", PART_TEXT_OR_TABLE, &wb_scenario_phase_schema},
    {"api", PART_TEXT_OR_TABLE, &wb_scenario_phase_schema},
    {"start", PART_TEXT_OR_TABLE, &wb_scenario_phase_schema},
    {"join", PART_TEXT_OR_TABLE, &wb_scenario_phase_schema},
    {"ready", PART_TEXT_OR_TABLE, &wb_scenario_phase_schema},
    {"startupTaints", PART_TEXT_OR_TABLE, &wb_scenario_phase_schema},
    {"imagePull", PART_TEXT_OR_TABLE, &wb_scenario_phase_schema},
    {"attach", PART_TEXT_OR_TABLE, &wb_scenario_phase_schema},
    {"detach", PART_TEXT_OR_TABLE, &wb_scenario_phase_schema},
    {"shutdown", PART_TEXT_OR_TABLE, &wb_scenario_phase_schema},
    {"scheduler", PART_TEXT_OR_TABLE, &wb_scenario_scheduler_schema},
    {"config", PART_TEXT_OR_MAP, NULL},
    {"instanceClasses", PART_MIXED_LIST, &wb_scenario_boot_class_schema},
    {"decisionLatency", PART_TEXT_OR_NUMBER, NULL},
};

static void complain(const char *path, const char *what)
{
    wb_text_add_format(&complaints, "%s: %s\n", path, what);
}

/* Of several choices the one of that type, or NULL. */
static const wb_node *choice_of(const wb_node *schema, const char *type)
{
    const wb_node *choices = wb_node_get(schema, "oneOf");
    for (uint32_t i = 0; choices != NULL && i < choices->count; i++) {
        if (wb_json_schema_is(choices->children[i], type)) {
            return choices->children[i];
        }
    }
    return NULL;
}

/* NOLINTBEGIN(misc-no-recursion): along the loader's tables, which hold no cycle */

static void compare_table(const char *path, const wb_schema *table, const wb_node *schema);

static void compare_list(const char *path, const wb_schema *table, const wb_node *schema)
{
    const wb_node *items = wb_node_get(schema, "items");
    if (!wb_json_schema_is(schema, "array") || items == NULL) {
        complain(path, "a list for the loader only");
    } else {
        compare_table(path, table, items);
    }
}

static bool is_list_of_texts(const wb_node *schema)
{
    return wb_json_schema_is(schema, "array") &&
           wb_json_schema_is(wb_node_get(schema, "items"), "string");
}

static void compare_part(const char *path, const char *name, const wb_node *schema)
{
    size_t row = 0;
    while (row < WB_TEST_COUNT(parts) && strcmp(parts[row].name, name) != 0) {
        row++;
    }
    if (row == WB_TEST_COUNT(parts)) {
        complain(path, "left open by the loader: say in this test what it is");
        return;
    }
    const wb_node *choices = wb_node_get(schema, "oneOf");
    const bool has_two = choices != NULL && choices->count == 2 && choice_of(schema, "string");
    switch (parts[row].kind) {
    case PART_SCALARS:
        if (!wb_json_schema_is(schema, "object") ||
            wb_node_find(schema, "additionalProperties.type") == NULL) {
            complain(path, "a map of scalars for the loader only");
        }
        return;
    case PART_PATHS:
        if (!has_two || !is_list_of_texts(choice_of(schema, "array"))) {
            complain(path, "a path or a list of paths for the loader only");
        }
        return;
    case PART_TEXT_OR_NUMBER:
        if (!has_two || choice_of(schema, "number") == NULL) {
            complain(path, "a word or a number for the loader only");
        }
        return;
    case PART_TEXT_OR_MAP:
        if (!has_two || choice_of(schema, "object") == NULL) {
            complain(path, "a path or a map for the loader only");
        }
        return;
    case PART_LIST: compare_list(path, parts[row].table, schema); return;
    case PART_MIXED_LIST: {
        const wb_node *items = wb_node_get(schema, "items");
        if (!wb_json_schema_is(schema, "array") || items == NULL ||
            choice_of(items, "string") == NULL) {
            complain(path, "a list of texts and maps for the loader only");
            return;
        }
        compare_table(path, parts[row].table, choice_of(items, "object"));
        return;
    }
    case PART_TEXT_OR_TABLE:
        if (!has_two) {
            complain(path, "a text or a map for the loader only");
        }
        compare_table(path, parts[row].table, choice_of(schema, "object"));
        return;
    }
}

static void compare_field(const char *path, const wb_schema_field *field, const wb_node *schema)
{
    static const char *const types[] = {
        [WB_SCHEMA_STRING] = "string",   [WB_SCHEMA_INTEGER] = "integer",
        [WB_SCHEMA_NUMBER] = "number",   [WB_SCHEMA_BOOL] = "boolean",
        [WB_SCHEMA_QUANTITY] = "string", [WB_SCHEMA_COUNT] = "string",
        [WB_SCHEMA_OBJECT] = "object",
    };
    if (field->kind == WB_SCHEMA_ANY) {
        compare_part(path, field->name, schema);
    } else if (field->kind == WB_SCHEMA_QUANTITY && choice_of(schema, "string") != NULL) {
        if (choice_of(schema, "number") == NULL) {
            complain(path, "a quantity, as text or number, for the loader only");
        }
    } else if (field->kind == WB_SCHEMA_OBJECT && field->shape == WB_SCHEMA_LIST) {
        compare_list(path, field->object, schema);
    } else if (field->kind == WB_SCHEMA_OBJECT) {
        compare_table(path, field->object, schema);
    } else if (field->shape == WB_SCHEMA_LIST &&
               (field->kind == WB_SCHEMA_NUMBER || field->kind == WB_SCHEMA_INTEGER)) {
        if (!wb_json_schema_is(schema, "array") ||
            !wb_json_schema_is(wb_node_get(schema, "items"), types[field->kind])) {
            complain(path, "a list of numbers for the loader only");
        }
    } else if (field->shape == WB_SCHEMA_MAP && field->kind == WB_SCHEMA_NUMBER) {
        if (!wb_json_schema_is(schema, "object") ||
            !wb_json_schema_is(wb_node_get(schema, "additionalProperties"), "number")) {
            complain(path, "a map of numbers for the loader only");
        }
    } else if (field->shape == WB_SCHEMA_LIST && field->kind == WB_SCHEMA_STRING) {
        if (!is_list_of_texts(schema)) {
            complain(path, "a list of texts for the loader only");
        }
    } else if (field->shape != WB_SCHEMA_ONE || !wb_json_schema_is(schema, types[field->kind])) {
        complain(path, "of another kind than the loader's");
    }
}

/* Both directions: fields that only one side has. */
static void compare_table(const char *path, const wb_schema *table, const wb_node *schema)
{
    const wb_node *properties = wb_node_get(schema, "properties");
    if (properties == NULL || !wb_json_schema_is(schema, "object") ||
        wb_node_bool(wb_node_get(schema, "additionalProperties"), true)) {
        complain(path, "must be an object with properties and no others");
        return;
    }
    for (size_t i = 0; i < table->field_count; i++) {
        char inner[PATH_SIZE];
        (void)snprintf(inner, sizeof inner, "%s.%s", path, table->fields[i].name);
        const wb_node *property = wb_node_get(properties, table->fields[i].name);
        if (property == NULL) {
            complain(inner, "the schema does not know it, the loader does");
        } else {
            compare_field(inner, &table->fields[i], property);
        }
    }
    for (uint32_t i = 0; i < properties->count; i++) {
        if (wb_schema_find(table, properties->keys[i]) == NULL) {
            char inner[PATH_SIZE];
            (void)snprintf(inner, sizeof inner, "%s.%s", path, properties->keys[i]);
            complain(inner, "the loader does not know it, the schema does");
        }
    }
}

/* NOLINTEND(misc-no-recursion) */

static void fields_are_the_loaders(void)
{
    begin();
    compare_table("scenario", &wb_scenario_schema, root);
    end();
}

/* The comparison can fail: a schema with a field less, one more, and one of another kind. */
static void a_drift_is_found(void)
{
    static const char drifted[] =
        "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
        "\"median\": {\"type\": \"integer\"}, \"mean\": {\"type\": \"string\"}}}";
    begin();
    const wb_document_input input = {.file = "drifted", .text = drifted, .length = strlen(drifted)};
    wb_document_stream stream;
    CU_ASSERT_EQUAL_FATAL(wb_document_read_text(&arena, &input, &stream, NULL), WB_OK);
    compare_table("phase", &wb_scenario_phase_schema, stream.roots[0]);
    CU_ASSERT_STRING_EQUAL(wb_text_string(&complaints),
                           "phase.median: of another kind than the loader's\n"
                           "phase.sigma: the schema does not know it, the loader does\n"
                           "phase.mean: the loader does not know it, the schema does\n");
    wb_text_clear(&complaints);
    end();
}

/* ---- names to choose from ---- */

static const wb_node *contender_properties(void)
{
    return wb_node_find(root, "properties.spec.properties.contenders.items.properties");
}

static void kinds_are_the_contenders(void)
{
    begin();
    const wb_node *kinds = wb_node_find(contender_properties(), "kind.enum");
    uint32_t count = 0;
    (void)wb_autoscaler_all(&count);
    CU_ASSERT_PTR_NOT_NULL_FATAL(kinds);
    CU_ASSERT_EQUAL(kinds->count, count);
    for (uint32_t i = 0; i < kinds->count; i++) {
        CU_ASSERT_PTR_NOT_NULL(wb_autoscaler_find(kinds->children[i]->text));
    }
    end();
}

static void presets_are_the_boot_models(void)
{
    begin();
    const wb_node *boot = choice_of(wb_node_get(contender_properties(), "boot"), "object");
    const wb_node *presets = wb_node_find(boot, "properties.preset.enum");
    CU_ASSERT_PTR_NOT_NULL_FATAL(presets);
    wb_error err = {0};
    wb_boot_model model;
    CU_ASSERT_NOT_EQUAL(wb_boot_model_preset("none", &model, &err), WB_OK); /* names them all */
    for (uint32_t i = 0; i < presets->count; i++) {
        CU_ASSERT_EQUAL(wb_boot_model_preset(presets->children[i]->text, &model, NULL), WB_OK);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, presets->children[i]->text));
    }
    CU_ASSERT_EQUAL(presets->count, 8);
    end();
}

/* ---- whole files ---- */

static const wb_node *read_scenario(const char *path)
{
    wb_document_stream stream;
    CU_ASSERT_EQUAL_FATAL(wb_document_read_file(&arena, path, 0, &stream, NULL), WB_OK);
    CU_ASSERT_EQUAL_FATAL(stream.count, 1);
    return stream.roots[0];
}

static void shipped_scenarios_are_valid(void)
{
    static const char *const names[] = {"day", "nginx-demo", "openb", "scale", "simkube"};
    begin();
    for (size_t i = 0; i < WB_TEST_COUNT(names); i++) {
        const char *source = getenv("WERKBANK_SOURCE");
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/scenarios/%s/scenario.yaml",
                       source != NULL ? source : ".", names[i]);
        wb_json_schema_check(root, read_scenario(path), names[i], &complaints);
    }
    end();
}

#define HEAD  "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: s}\nspec:\n"
#define CONT  "  contenders: [{kind: fixed, nodes: [{instanceType: m5.large}]}]\n"
#define ADDED "  contenders: [{kind: fixed, nodes: [{instanceType: m5.large}], "
#define WORK  "  workload: [{manifest: pod.yaml}]\n"

/* What is valid and what is not: the loader and the schema must agree. */
static const struct {
    const char *name, *text;
    bool is_valid;
} files[] = {
    {"the smallest", HEAD WORK CONT, true},
    {"all of cluster",
     HEAD WORK CONT
     "  cluster: {podStart: 1s, podStop: 2s, schedulingDelay: 3s, jobDuration: 4s}\n",
     true},
    {"a boot model in parts",
     HEAD WORK ADDED
     "boot: {preset: instant, startupTaints: {median: 3s, sigma: 0.1}, api: 1s}}]\n",
     true},
    {"classes of instance types",
     HEAD WORK ADDED "boot: {instanceClasses: [{selector: instance-family=p5, start: 90s, join: "
                     "{median: 40s, sigma: 0.5}}, typical]}}]\n",
     true},
    {"a class of one word", HEAD WORK ADDED "boot: {instanceClasses: typical}}]\n", false},
    {"an unknown class", HEAD WORK ADDED "boot: {instanceClasses: [metal]}}]\n", false},
    {"a class of nothing", HEAD WORK ADDED "boot: {instanceClasses: [{start: 9s}]}}]\n", false},
    {"a class with a misspelt phase",
     HEAD WORK ADDED "boot: {instanceClasses: [{selector: instance-family=p5, redy: 9s}]}}]\n",
     false},
    {"taints and labels",
     HEAD WORK "  contenders: [{kind: fixed, nodes: [{instanceType: m5.large, labels: {a: b}, "
               "taints: [{key: a, effect: NoSchedule}]}]}]\n",
     true},
    {"a scheduler for all and one for one",
     HEAD WORK ADDED "scheduler: {ties: drawn, strategy: MostAllocated}}]\n"
                     "  scheduler: {preemption: false, percentageOfNodesToScore: 50}\n",
     true},
    {"decisions that take their time",
     HEAD WORK ADDED "decisionLatency: 1.5}]\n  decisionLatency: measured\n", true},
    {"decisions in no time", HEAD WORK CONT "  decisionLatency: \"off\"\n", true},
    {"decisions that take a word", HEAD WORK CONT "  decisionLatency: slow\n", false},
    {"decisions that end before they begin", HEAD WORK CONT "  decisionLatency: -1\n", false},
    {"decisions that take for ever", HEAD WORK CONT "  decisionLatency: 101\n", false},
    {"money",
     HEAD WORK CONT
     "  money: {source: s, discount: {onDemand: 0.1}, savingsPlans: [{usdPerHour: 10, discount: "
     "0.27}, {name: b, kind: instance, family: m5, usdPerHour: 1, discount: 0.3}], "
     "reservedInstances: [{instanceType: m5.large, count: 3, usdPerHour: 0.06}], surcharges: "
     "[{usdPerHour: 0.02, per: cpu}], rootVolume: {}, crossZone: {gibPerPodHour: 1}}\n",
     true},
    {"a discount of more than all", HEAD WORK CONT "  money: {discount: {spot: 1.5}}\n", false},
    {"a plan without a discount", HEAD WORK CONT "  money: {savingsPlans: [{usdPerHour: 10}]}\n",
     false},
    {"rates by family, and a reservation of one size",
     HEAD WORK CONT
     "  money: {savingsPlans: [{usdPerHour: 10, discount: 0.27, discounts: {m5: 0.31, "
     "m5.metal: 0}}], reservedInstances: [{instanceType: m5.large, usdPerHour: "
     "0.06, sizeFlexible: false}]}\n",
     true},
    {"a rate that is no share",
     HEAD WORK CONT
     "  money: {savingsPlans: [{usdPerHour: 10, discount: 0.27, discounts: {m5: 31}}]}\n",
     false},
    {"a rate that is a word",
     HEAD WORK CONT
     "  money: {savingsPlans: [{usdPerHour: 10, discount: 0.27, discounts: {m5: much}}]}\n",
     false},
    {"a rate that is not there",
     HEAD WORK CONT
     "  money: {savingsPlans: [{usdPerHour: 10, discount: 0.27, discounts: {m5: }}]}\n",
     false},
    {"rates as a list",
     HEAD WORK CONT
     "  money: {savingsPlans: [{usdPerHour: 10, discount: 0.27, discounts: [0.3]}]}\n",
     false},
    {"a reservation that is flexible at times",
     HEAD WORK CONT "  money: {reservedInstances: [{instanceType: m5.large, usdPerHour: 0.06, "
                    "sizeFlexible: zonal}]}\n",
     false},
    {"a surcharge per pod", HEAD WORK CONT "  money: {surcharges: [{usdPerHour: 1, per: pod}]}\n",
     false},
    {"no contenders", HEAD WORK "  contenders: []\n", false},
    {"another apiVersion",
     "apiVersion: werkbank/v2\nkind: Scenario\nmetadata: {name: s}\nspec:\n" WORK CONT, false},
    {"without a name", "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {}\nspec:\n" WORK CONT,
     false},
    {"without a spec", "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: s}\n", false},
    {"a misspelt field", HEAD WORK CONT "  horizn: 1h\n", false},
    {"a misspelt phase", HEAD WORK ADDED "boot: {redy: 1s}}]\n", false},
    {"a number for a duration", HEAD WORK CONT "  horizon: 3600\n", false},
    {"a text for a number", HEAD WORK CONT "  seed: one\n", false},
    {"an unknown kind", HEAD WORK "  contenders: [{kind: magic}]\n", false},
    {"an unknown preset", HEAD WORK ADDED "boot: {preset: fast}}]\n", false},
    {"an unknown strategy", HEAD WORK ADDED "scheduler: {strategy: Random}}]\n", false},
    {"a percentage beyond 100", HEAD WORK ADDED "scheduler: {percentageOfNodesToScore: 101}}]\n",
     false},
    {"a wide spread", HEAD WORK ADDED "boot: {ready: {median: 1s, sigma: 4}}}]\n", false},
    {"a market that is none",
     HEAD WORK
     "  contenders: [{kind: fixed, nodes: [{instanceType: m5.large, capacityType: x}]}]\n",
     false},
    {"a step without a name",
     HEAD "  workload: [{manifest: pod.yaml}, {delete: {kind: Job}}]\n" CONT, false},
    {"a step of another kind",
     HEAD "  workload: [{manifest: pod.yaml}, {delete: {kind: Pod, name: a}}]\n" CONT, false},
};

static void both_judge_alike(void)
{
    begin();
    for (size_t i = 0; i < WB_TEST_COUNT(files); i++) {
        wb_scenario_fixture fixture;
        wb_scenario_fixture_init(&fixture);
        fixture.findings.strict = true;
        (void)wb_scenario_fixture_write(&fixture, "pod.yaml",
                                        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
                                        "spec: {containers: [{name: c, image: i}]}\n");
        const char *path = wb_scenario_fixture_write(&fixture, "s.yaml", files[i].text);
        wb_text found;
        wb_text_init(&found);
        wb_json_schema_check(root, read_scenario(path), "s", &found);
        wb_scenario_fixture_load(&fixture, "s.yaml");
        if ((found.length == 0) != files[i].is_valid) {
            wb_text_add_format(&complaints, "%s: by the schema: %s\n", files[i].name,
                               found.length == 0 ? "valid" : wb_text_string(&found));
        }
        if ((fixture.status == WB_OK) != files[i].is_valid) {
            wb_text_add_format(&complaints, "%s: by the loader: %s\n", files[i].name,
                               fixture.status == WB_OK ? "valid" : fixture.findings.errors[0].text);
        }
        wb_text_release(&found);
        wb_scenario_fixture_release(&fixture);
    }
    end();
}

static const wb_test_case cases[] = {
    {"the fields are the loader's", fields_are_the_loaders},
    {"a drift is found", a_drift_is_found},
    {"the kinds are the contenders", kinds_are_the_contenders},
    {"the presets are the boot models", presets_are_the_boot_models},
    {"the shipped scenarios are valid", shipped_scenarios_are_valid},
    {"schema and loader judge alike", both_judge_alike},
};

int main(void)
{
    return wb_test_run("scenario_schema", cases, WB_TEST_COUNT(cases));
}
