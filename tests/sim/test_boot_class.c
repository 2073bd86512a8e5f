/* Classes of instance types: which types are in which, and that their machines boot by them. */
#include <string.h>

#include "kube/names.h"
#include "sim/cloud/boot_class.h"
#include "tests/harness.h"
#include "tests/sim/cloud_fixture.h"

#define UNSET WB_BOOT_PHASE_UNSET

/* ---- which types ---- */

static wb_arena arena;
static wb_intern intern;
static wb_catalog catalog;
static wb_boot_class_table table;

static void begin(void)
{
    wb_arena_init(&arena, "boot classes", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    wb_error err;
    const wb_catalog_place place = {.region = "us-east-1"};
    CU_ASSERT_EQUAL_FATAL(wb_catalog_load(&arena, &intern, &place, &catalog, &err), WB_OK);
    table = (wb_boot_class_table){
        .catalog = &catalog,
        .arena = &arena,
        .intern = &intern,
        .of_type = WB_ARENA_ARRAY(&arena, const wb_boot_class *, catalog.type_count),
    };
}

static void end(void)
{
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static const struct {
    const char *type;
    const char *selector; /* of its typical class; NULL: it has none */
} typical_rows[] = {
    {"m5.large", NULL},
    {"t3.medium", NULL},
    {"r7i.large", NULL},
    {"m5.metal", "instance-hypervisor="},
    {"c7i.metal-24xl", "instance-hypervisor="},
    {"i3en.metal", "instance-hypervisor="}, /* has disks too: the first class counts */
    {"g4dn.metal", "instance-hypervisor="},
    {"g5.xlarge", "instance-gpu-count"}, /* disks too */
    {"p5.48xlarge", "instance-gpu-count"},
    {"trn1.32xlarge", "instance-accelerator-count"},
    {"inf2.xlarge", "instance-accelerator-count"},
    {"m5d.large", "instance-local-nvme"},
    {"i4i.large", "instance-local-nvme"},
};

static void sort_the_shipped_types(void)
{
    begin();
    uint32_t count = 0;
    const wb_boot_class *classes = wb_boot_class_typical(&count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t picked = 0;
        CU_ASSERT_EQUAL(wb_boot_class_assign(&table, &classes[i], &picked, NULL), WB_OK);
        CU_ASSERT(picked > 0 && picked < catalog.type_count);
    }
    for (size_t i = 0; i < WB_TEST_COUNT(typical_rows); i++) {
        const uint32_t type_index =
            wb_catalog_find(&catalog, wb_intern_add(&intern, typical_rows[i].type));
        CU_ASSERT_FATAL(type_index < catalog.type_count);
        const char *found =
            table.of_type[type_index] != NULL ? table.of_type[type_index]->selector : "";
        const char *expected = typical_rows[i].selector != NULL ? typical_rows[i].selector : "";
        if (strcmp(found, expected) != 0) {
            printf("\n  %s: '%s', expected '%s'\n", typical_rows[i].type, found, expected);
            CU_FAIL("another class");
        }
    }
    end();
}

static const struct {
    const char *selector, *message; /* a part of it */
} bad_rows[] = {
    {"instance-colour=red", "instance-colour"},
    {"instance-family in (p5", ""},
    {"zone=us-east-1a",
     "'zone=us-east-1a' names a zone or a capacity type, expected labels of instance types"},
};

static void refuse_what_no_type_has(void)
{
    begin();
    for (size_t i = 0; i < WB_TEST_COUNT(bad_rows); i++) {
        const wb_boot_class bad = {.selector = bad_rows[i].selector};
        uint32_t picked = 7;
        wb_error err = {0};
        CU_ASSERT_EQUAL(wb_boot_class_assign(&table, &bad, &picked, &err), WB_ERR_INPUT);
        CU_ASSERT_EQUAL(picked, 0);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, bad_rows[i].message));
    }
    for (uint32_t i = 0; i < catalog.type_count; i++) {
        CU_ASSERT_PTR_NULL(table.of_type[i]);
    }
    end();
}

/* ---- how they boot ---- */

static const struct {
    const char *name;
    wb_boot_class boot_class;
    int64_t running_ms, registered_ms, ready_ms, gone_after_ms;
} boot_rows[] = {
    {"none of its own", {"a", UNSET, UNSET, UNSET, UNSET, UNSET}, 1000, 3000, 6000, 5000},
    {"a start", {"a", {9000, 0.0}, UNSET, UNSET, UNSET, UNSET}, 9000, 11000, 14000, 5000},
    {"a join", {"a", UNSET, {9000, 0.0}, UNSET, UNSET, UNSET}, 1000, 10000, 13000, 5000},
    {"a way to Ready", {"a", UNSET, UNSET, {9000, 0.0}, UNSET, UNSET}, 1000, 3000, 12000, 5000},
    {"nothing to wait for", {"a", {0, 0.0}, {0, 0.0}, {0, 0.0}, UNSET, {0, 0.0}}, 0, 0, 0, 0},
    {"a shutdown", {"a", UNSET, UNSET, UNSET, UNSET, {9000, 0.0}}, 1000, 3000, 6000, 9000},
};

/* A class changes the phases that it has, of the types that are in it. */
static void boot_by_the_class(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(boot_rows); i++) {
        wb_cloud_fixture fixture;
        wb_cloud_fixture_init(&fixture, "instant", 3);
        const wb_boot_class *by_type[WB_CLOUD_FIXTURE_TYPES] = {[WB_CLOUD_FIXTURE_DEAR] =
                                                                    &boot_rows[i].boot_class};
        fixture.cloud.boot.start = (wb_boot_phase){1000, 0.0};
        fixture.cloud.boot.join = (wb_boot_phase){2000, 0.0};
        fixture.cloud.boot.ready = (wb_boot_phase){3000, 0.0};
        fixture.cloud.boot.shutdown = (wb_boot_phase){5000, 0.0};
        fixture.cloud.boot.class_of_type = by_type;
        const uint32_t in = wb_cloud_fixture_launch(&fixture, WB_CLOUD_FIXTURE_DEAR, 0);
        const uint32_t outside = wb_cloud_fixture_launch(&fixture, WB_CLOUD_FIXTURE_CHEAP, 0);
        wb_cluster_fixture_run(&fixture.base, 60000);
        const wb_instance *instances = fixture.cloud.instances;
        CU_ASSERT_EQUAL(instances[in].running_ms, boot_rows[i].running_ms);
        CU_ASSERT_EQUAL(instances[in].registered_ms, boot_rows[i].registered_ms);
        CU_ASSERT_EQUAL(instances[in].ready_ms, boot_rows[i].ready_ms);
        CU_ASSERT_EQUAL(instances[outside].running_ms, 1000);
        CU_ASSERT_EQUAL(instances[outside].registered_ms, 3000);
        CU_ASSERT_EQUAL(instances[outside].ready_ms, 6000);
        wb_cloud_terminate(&fixture.cloud, in, WB_CAUSE_EMPTINESS);
        if (boot_rows[i].gone_after_ms > 0) {
            wb_cluster_fixture_run(&fixture.base, 60000 + boot_rows[i].gone_after_ms - 1);
            CU_ASSERT_EQUAL(fixture.gone, 0);
        }
        wb_cluster_fixture_run(&fixture.base, 60000 + boot_rows[i].gone_after_ms);
        CU_ASSERT_EQUAL(fixture.gone, 1);
        wb_cloud_fixture_release(&fixture);
    }
}

/* Startup taints come off as late as the class says. */
static void lift_startup_taints_by_the_class(void)
{
    static const wb_boot_class slow_agent = {"a", UNSET, UNSET, UNSET, {70000, 0.0}, UNSET};
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "instant", 3);
    const wb_boot_class *by_type[WB_CLOUD_FIXTURE_TYPES] = {[WB_CLOUD_FIXTURE_DEAR] = &slow_agent};
    const wb_taint taint = {.key = wb_intern_add(&fixture.base.intern, "gpu/not-ready"),
                            .effect = WB_TAINT_NO_SCHEDULE};
    fixture.cloud.boot.class_of_type = by_type;
    fixture.launch_template.taints = &taint;
    fixture.launch_template.taint_count = 1;
    fixture.launch_template.startup_taints = &taint;
    fixture.launch_template.startup_taint_count = 1;
    const uint32_t id = wb_cloud_fixture_launch(&fixture, WB_CLOUD_FIXTURE_DEAR, 0);
    wb_cluster_fixture_run(&fixture.base, 69999);
    const uint32_t node_id = fixture.cloud.instances[id].node_id;
    CU_ASSERT_EQUAL(fixture.base.cluster.nodes[node_id].taint_count, 1);
    wb_cluster_fixture_run(&fixture.base, 70000);
    CU_ASSERT_EQUAL(fixture.base.cluster.nodes[node_id].taint_count, 0);
    wb_cloud_fixture_release(&fixture);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"the shipped types are sorted", sort_the_shipped_types},
        {"labels that no type has are refused", refuse_what_no_type_has},
        {"machines boot by their class", boot_by_the_class},
        {"startup taints come off by the class", lift_startup_taints_by_the_class},
    };
    return wb_test_run("boot class", cases, WB_TEST_COUNT(cases));
}
