/* What each setting of a NodeClass makes of m5.large, and which leave the catalog alone. */
#include <string.h>

#include "kube/catalog/catalog_nodeclass.h"
#include "kube/manifest.h"
#include "tests/kube/manifest_fixture.h"

#define MIB                INT64_C(1048576)
#define GIB                (1024 * MIB)
#define DEFAULT_MEMORY_MIB (255 + 11 * 29 + 100) /* overhead of a type with 29 pods */
#define CLASS(alias, spec)                                                              \
    "apiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata: {name: default}\n" \
    "spec:\n  role: node\n  amiSelectorTerms: [{alias: " alias "@latest}]\n"            \
    "  subnetSelectorTerms: [{tags: {a: b}}]\n"                                         \
    "  securityGroupSelectorTerms: [{tags: {a: b}}]\n" spec

static const struct {
    const char *name, *nodeclass, *type;
    bool matters;
    int64_t pods, overhead_cpu_milli, overhead_memory_mib, disk_gib;
} rows[] = {
    {"defaults change nothing", CLASS("al2023", ""), "m5.large", false, 29, 70, DEFAULT_MEMORY_MIB,
     20},
    {"maxPods; AL2023's reserve follows the network interfaces all the same",
     CLASS("al2023", "  kubelet: {maxPods: 110}\n"), "m5.large", true, 110, 70, DEFAULT_MEMORY_MIB,
     20},
    {"maxPods; Bottlerocket's reserve follows it",
     CLASS("bottlerocket", "  kubelet: {maxPods: 110}\n"), "m5.large", true, 110, 70,
     255 + 11 * 110 + 100, 20},
    {"podsPerCore", CLASS("al2023", "  kubelet: {podsPerCore: 4}\n"), "m5.large", true, 8, 70,
     DEFAULT_MEMORY_MIB, 20},
    {"podsPerCore above the limit of the interfaces",
     CLASS("al2023", "  kubelet: {podsPerCore: 100}\n"), "m5.large", true, 29, 70,
     DEFAULT_MEMORY_MIB, 20},
    {"kubeReserved replaces the formula",
     CLASS("al2023", "  kubelet: {kubeReserved: {cpu: 200m, memory: 1Gi}}\n"), "m5.large", true, 29,
     200, 1124, 20},
    {"systemReserved comes on top",
     CLASS("al2023", "  kubelet: {systemReserved: {cpu: 100m, memory: 100Mi}}\n"), "m5.large", true,
     29, 170, DEFAULT_MEMORY_MIB + 100, 20},
    {"evictionHard as an amount",
     CLASS("al2023", "  kubelet: {evictionHard: {memory.available: 300Mi}}\n"), "m5.large", true,
     29, 70, DEFAULT_MEMORY_MIB + 200, 20},
    {"evictionHard as a percentage of the 7577 MiB",
     CLASS("al2023", "  kubelet: {evictionHard: {memory.available: 5%}}\n"), "m5.large", true, 29,
     70, DEFAULT_MEMORY_MIB - 100 + 378, 20},
    {"evictionHard of 100 % is none",
     CLASS("al2023", "  kubelet: {evictionHard: {memory.available: 100%}}\n"), "m5.large", true, 29,
     70, DEFAULT_MEMORY_MIB - 100, 20},
    {"of evictionHard and evictionSoft the larger counts",
     CLASS("al2023",
           "  kubelet: {evictionHard: {memory.available: 200Mi}, evictionSoft: "
           "{memory.available: 500Mi}, evictionSoftGracePeriod: {memory.available: 1m}}\n"),
     "m5.large", true, 29, 70, DEFAULT_MEMORY_MIB + 400, 20},
    {"evictionSoft alone takes the default's place",
     CLASS("al2023", "  kubelet: {evictionSoft: {memory.available: 50Mi}, "
                     "evictionSoftGracePeriod: {memory.available: 1m}}\n"),
     "m5.large", true, 29, 70, DEFAULT_MEMORY_MIB - 50, 20},
    {"Bottlerocket knows no evictionSoft",
     CLASS("bottlerocket", "  kubelet: {evictionSoft: {memory.available: 500Mi}, "
                           "evictionSoftGracePeriod: {memory.available: 1m}}\n"),
     "m5.large", true, 29, 70, DEFAULT_MEMORY_MIB, 20},
    {"a larger root volume",
     CLASS("al2023",
           "  blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeSize: 100Gi}}]\n"),
     "m5.large", true, 29, 70, DEFAULT_MEMORY_MIB, 100},
    {"instance disks as RAID0", CLASS("al2023", "  instanceStorePolicy: RAID0\n"), "m5d.large",
     true, 29, 70, DEFAULT_MEMORY_MIB, 69},
    {"RAID0 where there are none", CLASS("al2023", "  instanceStorePolicy: RAID0\n"), "m5.large",
     true, 29, 70, DEFAULT_MEMORY_MIB, 20},
};

static const wb_catalog_type *find_type(const wb_manifest_fixture *f, const wb_catalog *catalog,
                                        const char *name)
{
    const uint32_t index = wb_catalog_find(catalog, wb_intern_find(&f->intern, name));
    CU_ASSERT_NOT_EQUAL_FATAL(index, UINT32_MAX);
    return &catalog->types[index];
}

static wb_catalog load(wb_manifest_fixture *f)
{
    const wb_catalog_place place = {.region = "us-east-1"};
    wb_catalog catalog;
    wb_error err;
    CU_ASSERT_EQUAL_FATAL(wb_catalog_load(&f->arena, &f->intern, &place, &catalog, &err), WB_OK);
    return catalog;
}

static void each_setting_changes_what_it_should(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_manifest_fixture f;
        wb_manifest_fixture_init(&f);
        wb_manifest_fixture_load(&f, rows[i].nodeclass);
        CU_ASSERT_EQUAL_FATAL(f.manifest.nodeclass_count, 1);
        const wb_nodeclass *nodeclass = &f.manifest.nodeclasses[0];
        CU_ASSERT_EQUAL(wb_catalog_nodeclass_matters(nodeclass), rows[i].matters);
        const wb_catalog plain = load(&f);
        const wb_catalog made = wb_catalog_nodeclass_apply(&f.arena, &f.intern, &plain, nodeclass);
        const wb_catalog_type *type = find_type(&f, &made, rows[i].type);
        const int64_t pods = wb_resource_list_get(type->capacity, WB_NAME_PODS);
        const int64_t cpu = wb_resource_list_get(type->overhead, WB_NAME_CPU);
        const int64_t memory = wb_resource_list_get(type->overhead, WB_NAME_MEMORY) / MIB;
        const int64_t disk = wb_resource_list_get(type->capacity, WB_NAME_EPHEMERAL_STORAGE) / GIB;
        const bool is_right = pods == rows[i].pods && cpu == rows[i].overhead_cpu_milli &&
                              memory == rows[i].overhead_memory_mib && disk == rows[i].disk_gib;
        if (!is_right) {
            printf("\n%s: %lld pods, %lldm, %lld MiB, %lld GiB\n", rows[i].name, (long long)pods,
                   (long long)cpu, (long long)memory, (long long)disk);
        }
        CU_ASSERT_TRUE(is_right);
        wb_manifest_fixture_release(&f);
    }
}

/* 1 GiB of kube-reserved, and what evictionHard keeps of the 20 GiB. */
static const struct {
    const char *nodeclass;
    int64_t overhead_bytes;
} disk_rows[] = {
    {CLASS("al2023", ""), GIB + 2 * GIB},
    {CLASS("al2023", "  kubelet: {evictionHard: {nodefs.available: 5%}}\n"), GIB + GIB},
    {CLASS("al2023", "  kubelet: {evictionHard: {nodefs.available: 3Gi}}\n"), GIB + 3 * GIB},
    {CLASS("al2023", "  kubelet: {evictionHard: {nodefs.available: 100%}}\n"), GIB},
    {CLASS("al2023", "  kubelet: {evictionHard: {nodefs.available: 0.001%}}\n"), GIB + 214749},
};

static void thresholds_count_on_disks_too(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(disk_rows); i++) {
        wb_manifest_fixture f;
        wb_manifest_fixture_init(&f);
        wb_manifest_fixture_load(&f, disk_rows[i].nodeclass);
        CU_ASSERT_EQUAL_FATAL(f.manifest.nodeclass_count, 1);
        const wb_catalog plain = load(&f);
        const wb_catalog made =
            wb_catalog_nodeclass_apply(&f.arena, &f.intern, &plain, &f.manifest.nodeclasses[0]);
        CU_ASSERT_EQUAL(wb_resource_list_get(find_type(&f, &made, "m5.large")->overhead,
                                             WB_NAME_EPHEMERAL_STORAGE),
                        disk_rows[i].overhead_bytes);
        wb_manifest_fixture_release(&f);
    }
}

static void subnets_leave_their_zones(void)
{
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    wb_manifest_fixture_load(&f, CLASS("al2023", "status:\n  subnets: [{id: s-1, zone: us-east-1b},"
                                                 " {id: s-2, zone: us-east-1f}]\n"));
    CU_ASSERT_EQUAL_FATAL(f.manifest.nodeclass_count, 1);
    CU_ASSERT_TRUE(wb_catalog_nodeclass_matters(&f.manifest.nodeclasses[0]));
    const wb_catalog plain = load(&f);
    const wb_catalog made =
        wb_catalog_nodeclass_apply(&f.arena, &f.intern, &plain, &f.manifest.nodeclasses[0]);
    const wb_catalog_type *type = find_type(&f, &made, "m5.large");
    CU_ASSERT_EQUAL_FATAL(type->offering_count, 2);
    for (uint32_t i = 0; i < type->offering_count; i++) {
        CU_ASSERT_STRING_EQUAL(wb_intern_text(&f.intern, type->offerings[i].zone), "us-east-1b");
    }
    CU_ASSERT_EQUAL(find_type(&f, &plain, "m5.large")->offering_count, 6);
    wb_manifest_fixture_release(&f);
}

static const wb_test_case cases[] = {
    {"each setting changes what it should", each_setting_changes_what_it_should},
    {"thresholds count on disks too", thresholds_count_on_disks_too},
    {"subnets leave the offerings in their zones", subnets_leave_their_zones},
};

int main(void)
{
    return wb_test_run("catalog_nodeclass", cases, WB_TEST_COUNT(cases));
}
