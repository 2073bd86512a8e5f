/*
 * The rules of Karpenter's AWS provider, type by type: some 20 labels and 5 to 8 resources each.
 *
 * Labels and resources are gathered on the stack in ascending id order, which the solver needs them
 * in, and copied once: 1,345 types make some 28,000 labels, and this way none of them is sorted.
 * The order of ids is that of names.h; an assert watches over it.
 */
#include "kube/catalog/catalog_facts.h"

#include <assert.h>
#include <string.h>

#include "kube/names.h"

#define MIB INT64_C(1048576)
#define GIB INT64_C(1073741824)

/* The root volume's 20 GiB, of which kubelet keeps 1 GiB and evicts below 10 %. */
#define EPHEMERAL_CAPACITY_BYTES (20 * GIB)
#define EPHEMERAL_OVERHEAD_BYTES (3 * GIB)

#define LABELS_MAX    24
#define RESOURCES_MAX 12

/* Labels in the making. Keys must come in ascending id order, which names.h has them in. */
typedef struct label_builder {
    wb_intern *intern;
    wb_label items[LABELS_MAX];
    uint32_t count;
} label_builder;

static void add_label(label_builder *builder, uint32_t key, uint32_t value)
{
    assert(builder->count < LABELS_MAX);
    assert(builder->count == 0 || builder->items[builder->count - 1].key < key);
    builder->items[builder->count++] = (wb_label){key, value};
}

/* Text that need not end in a zero byte, such as a part of the type's name. */
static void add_text_label(label_builder *builder, uint32_t key, const char *text, size_t length)
{
    add_label(builder, key, wb_intern_add_length(builder->intern, text, length));
}

/* By hand and not by printf: some 8,000 numbers become labels each time a catalog is loaded. */
static void add_number_label(label_builder *builder, uint32_t key, int64_t number)
{
    assert(number >= 0);
    char digits[20];
    size_t start = sizeof(digits);
    do {
        digits[--start] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    add_text_label(builder, key, digits + start, sizeof(digits) - start);
}

/* Karpenter leaves a label out where EC2 does not say the figure. */
static void add_known_number_label(label_builder *builder, uint32_t key, int64_t number)
{
    if (number > 0) {
        add_number_label(builder, key, number);
    }
}

static size_t span_digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* "m7i-flex.large": category m, generation 7, family m7i-flex, size large. "u-12tb1.112xlarge" has
 * its memory between the two: category u, generation 1. */
static void add_name_labels(label_builder *builder, const char *name)
{
    const char *dot = strchr(name, '.');
    const size_t family_length = dot != NULL ? (size_t)(dot - name) : strlen(name);
    const char *size = dot != NULL ? dot + 1 : "";
    const size_t category_length = strspn(name, "abcdefghijklmnopqrstuvwxyz");
    const char *generation = name + category_length;
    if (generation[0] == '-') {
        const size_t terabytes_length = span_digits(generation + 1);
        if (strncmp(generation + 1 + terabytes_length, "tb", 2) == 0) {
            generation += 1 + terabytes_length + 2;
        }
    }
    const char *flex = strstr(name, "-flex");
    const bool is_flex = flex != NULL && (dot == NULL || flex < dot);
    add_text_label(builder, WB_NAME_INSTANCE_CATEGORY, name, category_length);
    add_label(builder, WB_NAME_INSTANCE_CAPABILITY_FLEX, is_flex ? WB_NAME_TRUE : WB_NAME_FALSE);
    add_text_label(builder, WB_NAME_INSTANCE_FAMILY, name, family_length);
    if (span_digits(generation) > 0) {
        add_text_label(builder, WB_NAME_INSTANCE_GENERATION, generation, span_digits(generation));
    }
    add_text_label(builder, WB_NAME_INSTANCE_SIZE, size, strlen(size));
}

/* A GPU count of 0 is said, and the label that goes with it: such a type has a part of a GPU. */
static void add_device_labels(label_builder *builder, const wb_catalog_facts *facts)
{
    if (facts->gpu_name != 0) {
        add_label(builder, WB_NAME_INSTANCE_GPU_NAME, facts->gpu_name);
        add_label(builder, WB_NAME_INSTANCE_GPU_MANUFACTURER, facts->gpu_manufacturer);
        add_number_label(builder, WB_NAME_INSTANCE_GPU_COUNT, facts->gpu_count);
        add_number_label(builder, WB_NAME_INSTANCE_GPU_MEMORY, facts->gpu_memory_mib);
    }
    if (facts->accelerator_name != 0) {
        add_label(builder, WB_NAME_INSTANCE_ACCELERATOR_NAME, facts->accelerator_name);
        add_label(builder, WB_NAME_INSTANCE_ACCELERATOR_MANUFACTURER,
                  facts->accelerator_manufacturer);
        add_number_label(builder, WB_NAME_INSTANCE_ACCELERATOR_COUNT, facts->accelerator_count);
    }
}

/* Every label that Karpenter derives from the type alone, in the order of their ids. */
static wb_labels make_labels(wb_arena *arena, wb_intern *intern, const wb_catalog_facts *facts)
{
    label_builder builder = {.intern = intern};
    add_label(&builder, WB_NAME_ARCH, facts->arch);
    add_label(&builder, WB_NAME_OS, WB_NAME_LINUX);
    add_label(&builder, WB_NAME_INSTANCE_TYPE, facts->name);
    add_label(&builder, WB_NAME_INSTANCE_HYPERVISOR, facts->hypervisor);
    add_label(&builder, WB_NAME_INSTANCE_ENCRYPTION,
              facts->encrypts_in_transit ? WB_NAME_TRUE : WB_NAME_FALSE);
    add_name_labels(&builder, wb_intern_text(intern, facts->name));
    add_known_number_label(&builder, WB_NAME_INSTANCE_LOCAL_NVME, facts->local_nvme_gb);
    add_number_label(&builder, WB_NAME_INSTANCE_CPU, facts->vcpu_count);
    add_label(&builder, WB_NAME_INSTANCE_CPU_MANUFACTURER, facts->cpu_manufacturer);
    add_number_label(&builder, WB_NAME_INSTANCE_CPU_CLOCK, facts->clock_mhz);
    add_number_label(&builder, WB_NAME_INSTANCE_MEMORY, facts->memory_mib);
    add_known_number_label(&builder, WB_NAME_INSTANCE_EBS_BANDWIDTH, facts->ebs_mbps);
    add_known_number_label(&builder, WB_NAME_INSTANCE_NETWORK_BANDWIDTH, facts->network_mbps);
    add_device_labels(&builder, facts);

    wb_label *items = WB_ARENA_ARRAY(arena, wb_label, builder.count);
    memcpy(items, builder.items, builder.count * sizeof(items[0]));
    return (wb_labels){items, builder.count};
}

typedef struct resource_builder {
    wb_resource items[RESOURCES_MAX];
    uint32_t count;
} resource_builder;

/* Names must come in ascending id order; amounts of 0 are left out. */
static void add_resource(resource_builder *builder, uint32_t name, int64_t amount)
{
    assert(amount >= 0);
    assert(builder->count == 0 || builder->items[builder->count - 1].name < name);
    if (amount > 0) {
        assert(builder->count < RESOURCES_MAX);
        builder->items[builder->count++] = (wb_resource){name, amount};
    }
}

static wb_resource_list finish_resources(wb_arena *arena, const resource_builder *builder)
{
    wb_resource *items = WB_ARENA_ARRAY(arena, wb_resource, builder->count);
    memcpy(items, builder->items, builder->count * sizeof(items[0]));
    return (wb_resource_list){items, builder->count};
}

/* The device plugins' resource of a GPU's maker; 0: no plugin that we know. */
static uint32_t gpu_resource(const wb_intern *intern, uint32_t manufacturer)
{
    static const struct {
        const char *manufacturer;
        uint32_t resource;
    } makers[] = {
        {"nvidia", WB_NAME_NVIDIA_GPU},
        {"amd", WB_NAME_AMD_GPU},
        {"habana", WB_NAME_HABANA_GAUDI},
    };
    for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
        if (strcmp(wb_intern_text(intern, manufacturer), makers[i].manufacturer) == 0) {
            return makers[i].resource;
        }
    }
    return 0;
}

/* What the node will report as capacity, as far as it can be known before there is one. */
static wb_resource_list make_capacity(wb_arena *arena, const wb_intern *intern,
                                      const wb_catalog_facts *facts, int64_t pods)
{
    const uint32_t gpu =
        facts->gpu_name != 0 ? gpu_resource(intern, facts->gpu_manufacturer) : WB_NAME_NONE;
    const int64_t memory_mib =
        wb_catalog_facts_capacity_memory_mib(facts->memory_mib, facts->arch == WB_NAME_ARM64);
    resource_builder builder = {.count = 0};
    add_resource(&builder, WB_NAME_CPU, facts->vcpu_count * 1000);
    add_resource(&builder, WB_NAME_MEMORY, memory_mib * MIB);
    add_resource(&builder, WB_NAME_PODS, pods);
    add_resource(&builder, WB_NAME_EPHEMERAL_STORAGE, EPHEMERAL_CAPACITY_BYTES);
    add_resource(&builder, WB_NAME_NVIDIA_GPU, gpu == WB_NAME_NVIDIA_GPU ? facts->gpu_count : 0);
    add_resource(&builder, WB_NAME_AMD_GPU, gpu == WB_NAME_AMD_GPU ? facts->gpu_count : 0);
    add_resource(&builder, WB_NAME_NEURON, facts->neuron_device_count);
    add_resource(&builder, WB_NAME_NEURON_CORE, facts->neuron_core_count);
    add_resource(&builder, WB_NAME_HABANA_GAUDI,
                 gpu == WB_NAME_HABANA_GAUDI ? facts->gpu_count : 0);
    add_resource(&builder, WB_NAME_EFA, facts->efa_count);
    add_resource(&builder, WB_NAME_POD_ENI, facts->pod_eni_count);
    return finish_resources(arena, &builder);
}

/* What kubelet keeps back of it. system-reserved is 0 with AL2023's defaults. */
static wb_resource_list make_overhead(wb_arena *arena, const wb_catalog_facts *facts, int64_t pods)
{
    resource_builder builder = {.count = 0};
    add_resource(&builder, WB_NAME_CPU, wb_catalog_facts_reserved_cpu_milli(facts->vcpu_count));
    add_resource(&builder, WB_NAME_MEMORY, wb_catalog_facts_overhead_memory_mib(pods) * MIB);
    add_resource(&builder, WB_NAME_EPHEMERAL_STORAGE, EPHEMERAL_OVERHEAD_BYTES);
    return finish_resources(arena, &builder);
}

void wb_catalog_facts_make_type(wb_arena *arena, wb_intern *intern, const wb_catalog_facts *facts,
                                wb_catalog_type *out)
{
    assert(facts->name != 0 && facts->vcpu_count > 0 && facts->memory_mib > 0);
    assert(facts->arch == WB_NAME_AMD64 || facts->arch == WB_NAME_ARM64);
    assert(facts->volume_limit <= INT32_MAX && facts->eni_count <= INT32_MAX);
    assert(facts->eni_ipv4_count <= INT32_MAX);
    const int64_t pods = facts->pods > 0
                             ? facts->pods
                             : wb_catalog_facts_eni_pods(facts->eni_count, facts->eni_ipv4_count);
    *out = (wb_catalog_type){
        .name = facts->name,
        .labels = make_labels(arena, intern, facts),
        .capacity = make_capacity(arena, intern, facts, pods),
        .overhead = make_overhead(arena, facts, pods),
        .interruption_band = -1,
        .savings_percent = INT32_MIN,
        .volume_limit = (int32_t)facts->volume_limit,
        .volume_limit_is_shared = facts->volume_limit_is_shared,
        .eni_count = (int32_t)facts->eni_count,
        .eni_ipv4_count = (int32_t)facts->eni_ipv4_count,
    };
}

int64_t wb_catalog_facts_capacity_memory_mib(int64_t memory_mib, bool is_arm64)
{
    assert(memory_mib > 0);
    const int64_t usable_mib = memory_mib - (is_arm64 ? 64 : 0);
    const int64_t vm_overhead_mib = (usable_mib * 75 + 999) / 1000;
    return usable_mib - vm_overhead_mib;
}

int64_t wb_catalog_facts_eni_pods(int64_t eni_count, int64_t eni_ipv4_count)
{
    assert(eni_count > 0 && eni_ipv4_count > 0);
    return eni_count * (eni_ipv4_count - 1) + 2;
}

int64_t wb_catalog_facts_reserved_cpu_milli(int64_t vcpu_count)
{
    assert(vcpu_count > 0);
    int64_t milli = 60;
    milli += vcpu_count > 1 ? 10 : 0;
    if (vcpu_count > 2) {
        milli += (vcpu_count < 4 ? vcpu_count - 2 : 2) * 5;
    }
    if (vcpu_count > 4) {
        milli += (vcpu_count - 4) * 5 / 2;
    }
    return milli;
}

int64_t wb_catalog_facts_overhead_memory_mib(int64_t pods)
{
    assert(pods >= 0);
    return 255 + 11 * pods + 100;
}
