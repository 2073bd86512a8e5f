/*
 * From what EC2 says of an instance type (its facts) to what a node of that type is in Kubernetes:
 * labels, capacity, overhead. The shipped tables and catalog import both end here, so the rules
 * stand in one place.
 *
 * Sizing mirrors the Karpenter AWS provider with AL2023, default kubelet configuration and no
 * reserved ENIs: facts/aws-api.md section 4, equal to what is published for all 1,363 documented
 * types. Knows nothing of prices, zones or regions.
 */
#ifndef WB_KUBE_CATALOG_CATALOG_FACTS_H
#define WB_KUBE_CATALOG_CATALOG_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/intern.h"
#include "kube/catalog/catalog.h"

/* Texts are interned, in the form of label values ("nvidia", "a10g", "qualcomm-ai100"). Category,
 * family, generation, size and flex follow from the name. */
typedef struct wb_catalog_facts {
    uint32_t name;
    uint32_t arch; /* WB_NAME_AMD64 or WB_NAME_ARM64 */
    uint32_t cpu_manufacturer;
    uint32_t hypervisor; /* "nitro", "xen"; 0 ("") for metal */
    bool encrypts_in_transit;
    int64_t vcpu_count;
    int64_t memory_mib;    /* as advertised */
    int64_t clock_mhz;     /* sustained; 0 for types of old, and the label says so */
    int64_t network_mbps;  /* baseline; 0: not known, and so for all below */
    int64_t ebs_mbps;      /* maximum, where EBS-optimised is the default */
    int64_t local_nvme_gb; /* decimal GB over all disks */
    uint32_t gpu_name;     /* 0: no GPU */
    uint32_t gpu_manufacturer;
    int64_t gpu_count;         /* 0 with a name: a fraction of one GPU (g6f) */
    int64_t gpu_memory_mib;    /* of one GPU */
    uint32_t accelerator_name; /* 0: none; inference and training devices that are not GPUs */
    uint32_t accelerator_manufacturer;
    int64_t accelerator_count;
    int64_t neuron_device_count, neuron_core_count;
    int64_t efa_count;
    int64_t pod_eni_count;  /* security groups for pods: branch interfaces */
    int64_t eni_count;      /* on the default network card: this one counts for pods */
    int64_t eni_ipv4_count; /* addresses of one ENI */
    int64_t pods;           /* 0: by the ENI formula */
    int64_t volume_limit;   /* EBS attachments */
    bool volume_limit_is_shared;
} wb_catalog_facts;

/* Fills *out but for its offerings (none); lists live in arena. Spot advice is "not known". */
void wb_catalog_facts_make_type(wb_arena *arena, wb_intern *intern, const wb_catalog_facts *facts,
                                wb_catalog_type *out);

/* The rules one by one. Memory that a node offers: less 64 MiB on arm64, less 7.5 % (VM overhead,
 * rounded up). */
int64_t wb_catalog_facts_capacity_memory_mib(int64_t memory_mib, bool is_arm64);

/* ENIs x (addresses - 1) + 2. */
int64_t wb_catalog_facts_eni_pods(int64_t eni_count, int64_t eni_ipv4_count);

/* Kube-reserved CPU: 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the
 * rest, each step cut to whole milli-units. */
int64_t wb_catalog_facts_reserved_cpu_milli(int64_t vcpu_count);

/* Kube-reserved memory (255 + 11 per pod) plus the eviction threshold (100). */
int64_t wb_catalog_facts_overhead_memory_mib(int64_t pods);

#endif
