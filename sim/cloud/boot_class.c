#include "sim/cloud/boot_class.h"

#include <assert.h>

#include "kube/catalog/catalog_selector.h"

#define UNSET WB_BOOT_PHASE_UNSET

/*
 * General, compute and memory families from t3 to r7i go from pending to running within 0.7 s of
 * each other (brevdev/ec2-coldboot-research, 16.4 to 16.6 s), so they are no classes. Bare metal:
 * "over 20 minutes to start" at worst, and past a time-out of 10 minutes in routine boot tests
 * (canonical/pycloudlib#192, 2022); i3.metal takes over 10 minutes to stop (aws/aws-sdk-go#2039,
 * 2018). GPU types "often take much longer to boot within EC2", types with disks "a little longer"
 * (an EKS maintainer in awslabs/amazon-eks-ami#1099, 2022); GPU nodes come close to Karpenter's 15
 * minutes where much is bootstrapped on them (kubernetes-sigs/karpenter#357). Only bounds and words
 * are published, no distributions: the medians and sigmas are ours, chosen to meet them.
 */
static const wb_boot_class typical[] = {
    {"instance-hypervisor=", {480000, 0.4}, UNSET, UNSET, UNSET, {600000, 0.3}},
    {"instance-gpu-count", {40000, 0.5}, UNSET, UNSET, UNSET, UNSET},
    {"instance-accelerator-count", {40000, 0.5}, UNSET, UNSET, UNSET, UNSET},
    {"instance-local-nvme", {8000, 0.3}, UNSET, UNSET, UNSET, UNSET},
};

const wb_boot_class *wb_boot_class_typical(uint32_t *out_count)
{
    assert(out_count != NULL);
    *out_count = sizeof(typical) / sizeof(typical[0]);
    return typical;
}

wb_status wb_boot_class_assign(const wb_boot_class_table *table, const wb_boot_class *boot_class,
                               uint32_t *out_count, wb_error *err)
{
    assert(table != NULL && boot_class != NULL && out_count != NULL);
    const wb_catalog *catalog = table->catalog;
    wb_catalog_selector selector;
    *out_count = 0;
    WB_TRY(wb_catalog_selector_parse(table->arena, table->intern, catalog, boot_class->selector,
                                     &selector, err));
    if (selector.of_offering_count > 0) {
        return wb_fail(err, WB_ERR_INPUT,
                       "'%s' names a zone or a capacity type, expected labels of instance types",
                       boot_class->selector);
    }
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        if (!wb_catalog_selector_matches_type(&selector, table->intern, &catalog->types[i])) {
            continue;
        }
        (*out_count)++;
        table->of_type[i] = table->of_type[i] != NULL ? table->of_type[i] : boot_class;
    }
    return WB_OK;
}
