/*
 * The instance types of `aws ec2 describe-instance-types`, and where they exist by
 * `describe-instance-type-offerings`.
 *
 * Which field becomes which fact follows the Karpenter AWS provider, so that a file of us-east-1
 * gives the labels and sizes of the shipped table.
 */
#include <assert.h>
#include <string.h>

#include "base/quantity.h"
#include "kube/catalog/catalog_import_internal.h"
#include "kube/names.h"

#define NANOS_PER_MILLI 1000000

/* Beyond these a figure is a mistake; within them no product of figures leaves 64 bits. The largest
 * type of today has 32 TiB of memory, 2^25 MiB, and 64 ENIs. */
#define FIGURE_MAX INT64_C(100000000)
#define SLOTS_MAX  INT64_C(10000)

/* A whole number that may be absent (0). */
/* 0 when absent; a finding, and 0, when it is no whole number from 0 to max. */
static int64_t read_figure_to(const wb_field *parent, const char *name, int64_t max)
{
    const wb_field field = wb_field_get(parent, name);
    if (!wb_field_is_set(&field)) {
        return 0;
    }
    const int64_t figure = wb_field_int64(&field, -1);
    if (figure < 0 || figure > max) {
        wb_field_error(&field, "expected a whole number from 0 to %lld", (long long)max);
        return 0;
    }
    return figure;
}

static int64_t read_count(const wb_field *parent, const char *name)
{
    return read_figure_to(parent, name, FIGURE_MAX);
}

/* ENIs, addresses, volumes. */
static int64_t read_slots(const wb_field *parent, const char *name)
{
    return read_figure_to(parent, name, SLOTS_MAX);
}

/* What no type can be without: a finding when it is absent or 0. Gives 1 then, so that the sizing
 * rules downstream need not mind. */
static int64_t require_count(const wb_field *parent, const char *name)
{
    const wb_field field = wb_field_get(parent, name);
    if (!wb_field_is_set(&field)) {
        wb_field_error(&field, "missing");
        return 1;
    }
    const int64_t count = read_count(parent, name);
    if (count == 0) {
        wb_field_error(&field, "expected a whole number above 0");
        return 1;
    }
    return count;
}

/* The same for ENIs and addresses. */
static int64_t require_slots(const wb_field *parent, const char *name)
{
    const int64_t slots = require_count(parent, name);
    const wb_field field = wb_field_get(parent, name);
    if (slots > SLOTS_MAX) {
        wb_field_error(&field, "expected a whole number from 1 to %lld", (long long)SLOTS_MAX);
        return 1;
    }
    return slots;
}

/* GHz as MHz, Gbit/s as Mbit/s: 0.9375 is 937, as Karpenter cuts it. Decimal all the way, since
 * 1000 times a double may fall just below the whole number. */
static int64_t read_thousandfold(const wb_field *parent, const char *name)
{
    const wb_field field = wb_field_get(parent, name);
    if (!wb_field_is_set(&field)) {
        return 0;
    }
    wb_quantity quantity;
    if (wb_quantity_parse(wb_field_text(&field), &quantity, NULL) != WB_OK || quantity.nanos < 0) {
        wb_field_error(&field, "expected a number of at least 0");
        return 0;
    }
    return (int64_t)(quantity.nanos / NANOS_PER_MILLI);
}

/* The form of label values: "Radeon Pro V520" is radeon-pro-v520; 0 when absent. */
static uint32_t read_kebab(const wb_field *parent, const char *name)
{
    const wb_field field = wb_field_get(parent, name);
    char kebab[64];
    const char *text = wb_field_text(&field);
    size_t length = 0;
    for (; text[length] != '\0' && length < sizeof(kebab); length++) {
        const char c = text[length];
        kebab[length] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (c == ' ' ? '-' : c));
    }
    return wb_intern_add_length(parent->context->intern, kebab, length);
}

static bool text_is(const wb_field *parent, const char *name, const char *text)
{
    return wb_field_get_is(parent, name, text);
}

/* The architecture that Linux nodes can have; 0: none (a Mac). */
static uint32_t read_arch(const wb_field *type)
{
    const wb_field processor = wb_field_get(type, "ProcessorInfo");
    const wb_field list = wb_field_get(&processor, "SupportedArchitectures");
    if (!wb_field_is_set(&list)) {
        wb_field_error(&list, "missing");
        return 0;
    }
    for (uint32_t i = 0; i < wb_field_count(&list); i++) {
        const wb_field arch = wb_field_at(&list, i);
        if (strcmp(wb_field_text(&arch), "x86_64") == 0) {
            return WB_NAME_AMD64;
        }
        if (strcmp(wb_field_text(&arch), "arm64") == 0) {
            return WB_NAME_ARM64;
        }
    }
    return 0;
}

/* Bandwidth is the sum over the cards; pods count only the ENIs of the default card. */
static void read_network(const wb_field *type, wb_catalog_facts *facts)
{
    const wb_field network = wb_field_get(type, "NetworkInfo");
    const wb_field cards = wb_field_get(&network, "NetworkCards");
    const wb_field efa = wb_field_get(&network, "EfaInfo");
    const int64_t default_card = read_count(&network, "DefaultNetworkCardIndex");
    facts->encrypts_in_transit = wb_field_get_bool(&network, "EncryptionInTransitSupported", false);
    facts->eni_ipv4_count = require_slots(&network, "Ipv4AddressesPerInterface");
    facts->efa_count = read_slots(&efa, "MaximumEfaInterfaces");
    for (uint32_t i = 0; i < wb_field_count(&cards); i++) {
        const wb_field card = wb_field_at(&cards, i);
        facts->network_mbps += read_thousandfold(&card, "BaselineBandwidthInGbps");
        if (read_count(&card, "NetworkCardIndex") == default_card) {
            facts->eni_count = require_slots(&card, "MaximumNetworkInterfaces");
        }
    }
    if (facts->eni_count == 0) {
        facts->eni_count = require_slots(&network, "MaximumNetworkInterfaces");
    }
}

/* The EBS label is there only where EBS-optimised is the default; an old HDD store is no NVMe. */
static void read_storage(const wb_field *type, wb_catalog_facts *facts)
{
    const wb_field ebs = wb_field_get(type, "EbsInfo");
    const wb_field optimized = wb_field_get(&ebs, "EbsOptimizedInfo");
    if (text_is(&ebs, "EbsOptimizedSupport", "default")) {
        facts->ebs_mbps = read_count(&optimized, "MaximumBandwidthInMbps");
    }
    facts->volume_limit = read_slots(&ebs, "MaximumEbsAttachments");
    facts->volume_limit_is_shared = text_is(&ebs, "AttachmentLimitType", "shared");
    const wb_field disks = wb_field_get(type, "InstanceStorageInfo");
    if (!text_is(&disks, "NvmeSupport", "unsupported")) {
        facts->local_nvme_gb = read_count(&disks, "TotalSizeInGB");
    }
}

/* Labels are those of the first kind of GPU, the resource counts all of them. */
static void read_gpus(const wb_field *type, wb_catalog_facts *facts)
{
    const wb_field info = wb_field_get(type, "GpuInfo");
    const wb_field gpus = wb_field_get(&info, "Gpus");
    for (uint32_t i = 0; i < wb_field_count(&gpus); i++) {
        const wb_field gpu = wb_field_at(&gpus, i);
        const wb_field memory = wb_field_get(&gpu, "MemoryInfo");
        facts->gpu_count += read_slots(&gpu, "Count");
        if (i == 0) {
            facts->gpu_name = read_kebab(&gpu, "Name");
            facts->gpu_manufacturer = read_kebab(&gpu, "Manufacturer");
            facts->gpu_memory_mib = read_count(&memory, "SizeInMiB");
        }
    }
}

/* AWS tells its own accelerators (Neuron) in a place of their own; older output has Inferentia in
 * the common one too. */
static void read_accelerators(const wb_field *type, wb_catalog_facts *facts)
{
    const wb_field info = wb_field_get(type, "InferenceAcceleratorInfo");
    const wb_field accelerators = wb_field_get(&info, "Accelerators");
    if (wb_field_count(&accelerators) > 0) {
        const wb_field first = wb_field_at(&accelerators, 0);
        facts->accelerator_name = read_kebab(&first, "Name");
        facts->accelerator_manufacturer = read_kebab(&first, "Manufacturer");
        facts->accelerator_count = read_count(&first, "Count");
    }
    const wb_field neuron = wb_field_get(type, "NeuronInfo");
    const wb_field devices = wb_field_get(&neuron, "NeuronDevices");
    for (uint32_t i = 0; i < wb_field_count(&devices); i++) {
        const wb_field device = wb_field_at(&devices, i);
        const wb_field cores = wb_field_get(&device, "CoreInfo");
        const int64_t device_count = read_slots(&device, "Count");
        facts->neuron_device_count += device_count;
        facts->neuron_core_count += device_count * read_slots(&cores, "Count");
        if (i == 0) {
            facts->accelerator_name = read_kebab(&device, "Name");
            facts->accelerator_manufacturer = wb_intern_add(type->context->intern, "aws");
        }
    }
    if (facts->neuron_device_count > 0) {
        facts->accelerator_count = facts->neuron_device_count;
    }
}

/* The facts of one type; false: a type that no Linux node can be, or a finding. */
static bool read_type(const wb_field *type, wb_catalog_facts *out)
{
    const wb_field cpu = wb_field_get(type, "VCpuInfo");
    const wb_field memory = wb_field_get(type, "MemoryInfo");
    const wb_field processor = wb_field_get(type, "ProcessorInfo");
    const size_t error_count = wb_field_error_count(type);
    *out = (wb_catalog_facts){
        .name = wb_field_get_id(type, "InstanceType"),
        .arch = read_arch(type),
        .cpu_manufacturer = read_kebab(&processor, "Manufacturer"),
        .hypervisor = wb_field_get_id(type, "Hypervisor"),
        .vcpu_count = require_count(&cpu, "DefaultVCpus"),
        .memory_mib = require_count(&memory, "SizeInMiB"),
        .clock_mhz = read_thousandfold(&processor, "SustainedClockSpeedInGhz"),
    };
    if (out->name == 0) {
        wb_field_error(type, "an instance type without InstanceType");
    }
    read_network(type, out);
    read_storage(type, out);
    read_gpus(type, out);
    read_accelerators(type, out);
    return wb_field_error_count(type) == error_count && out->arch != 0;
}

void wb_catalog_import_read_types(wb_catalog_importer *importer, const wb_field *root)
{
    assert(importer != NULL);
    const wb_field types = wb_field_get(root, "InstanceTypes");
    importer->has_types = true;
    for (uint32_t i = 0; i < wb_field_count(&types); i++) {
        const wb_field type = wb_field_at(&types, i);
        wb_catalog_facts facts;
        if (!read_type(&type, &facts)) {
            importer->skipped_count++;
            continue;
        }
        uint64_t known = 0;
        if (wb_hash_map_get(&importer->facts_by_type, facts.name, &known)) {
            importer->facts[known] = facts; /* the later file wins */
            continue;
        }
        importer->facts =
            wb_catalog_import_grow(importer->arena, importer->facts, importer->facts_count,
                                   &importer->facts_capacity, sizeof(importer->facts[0]));
        wb_hash_map_put(&importer->facts_by_type, facts.name, importer->facts_count);
        importer->facts[importer->facts_count++] = facts;
    }
}

void wb_catalog_import_read_sites(wb_catalog_importer *importer, const wb_field *root)
{
    assert(importer != NULL);
    const wb_field sites = wb_field_get(root, "InstanceTypeOfferings");
    for (uint32_t i = 0; i < wb_field_count(&sites); i++) {
        const wb_field entry = wb_field_at(&sites, i);
        const wb_catalog_import_site site = {
            .location = wb_field_get_id(&entry, "Location"),
            .type = wb_field_get_id(&entry, "InstanceType"),
        };
        if (site.location == 0 || site.type == 0) {
            wb_field_error(&entry, "expected Location and InstanceType");
            continue;
        }
        if (text_is(&entry, "LocationType", "availability-zone")) {
            importer->has_zone_sites = true;
        } else if (text_is(&entry, "LocationType", "region")) {
            importer->has_region_sites = true;
        } else {
            wb_field_error(&entry, "LocationType is neither region nor availability-zone: ask for "
                                   "--location-type availability-zone");
            continue;
        }
        const uint64_t key = wb_catalog_import_key(site.location, site.type);
        if (wb_hash_map_put(&importer->site_by_key, key, importer->site_count)) {
            importer->sites =
                wb_catalog_import_grow(importer->arena, importer->sites, importer->site_count,
                                       &importer->site_capacity, sizeof(importer->sites[0]));
            importer->sites[importer->site_count++] = site;
        }
    }
}
