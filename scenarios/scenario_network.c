/* spec.network: subnets, security groups, images and prefix delegation, off where it is absent. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "kube/manifest.h"
#include "kube/names.h"
#include "scenarios/scenario_internal.h"

#define CIDR_LONGEST  28 /* as a VPC allows */
#define CIDR_SHORTEST 16
#define AWS_RESERVES  5 /* addresses of each subnet */

static wb_labels load_tags(const wb_scenario_loader *loader, const wb_field *entry)
{
    const wb_field tags = wb_field_get(entry, "tags");
    return wb_field_is_set(&tags)
               ? wb_manifest_decode_labels(&loader->context, tags.node, "spec.network.tags")
               : (wb_labels){0};
}

/* "10.0.1.0/24": 251 addresses, for AWS keeps five. 0 after a finding. */
static int64_t load_cidr(const wb_field *cidr)
{
    const char *slash = strchr(wb_field_text(cidr), '/');
    const long bits = slash != NULL ? strtol(slash + 1, NULL, 10) : 0;
    if (bits < CIDR_SHORTEST || bits > CIDR_LONGEST) {
        wb_field_error(cidr, "is '%s', expected an IPv4 block from /16 to /28: 10.0.1.0/24",
                       wb_field_text(cidr));
        return 0;
    }
    return (INT64_C(1) << (32 - bits)) - AWS_RESERVES;
}

static void require_id(const wb_field *entry, const char *prefix)
{
    const wb_field id = wb_field_get(entry, "id");
    if (!wb_field_is_set(&id) || strncmp(wb_field_text(&id), prefix, strlen(prefix)) != 0) {
        wb_field_error(&id, "is '%s', expected an id that begins with %s", wb_field_text(&id),
                       prefix);
    }
}

static void load_subnet(wb_scenario_loader *loader, const wb_field *entry, wb_subnet *out)
{
    const wb_field zone = wb_field_get(entry, "zone");
    const wb_field cidr = wb_field_get(entry, "cidr");
    const wb_field addresses = wb_field_get(entry, "freeAddresses");
    require_id(entry, "subnet-");
    (void)wb_field_expect(&zone, "the subnet's zone");
    if (wb_field_is_set(&cidr) == wb_field_is_set(&addresses)) {
        wb_field_error(entry, "has %s of cidr and freeAddresses, expected one",
                       wb_field_is_set(&cidr) ? "both" : "none");
        return;
    }
    *out = (wb_subnet){
        .id = wb_field_get_id(entry, "id"),
        .zone = wb_scenario_zone(loader, &zone),
        .address_count = wb_field_is_set(&cidr) ? load_cidr(&cidr) : wb_field_int64(&addresses, 0),
        .tags = load_tags(loader, entry),
    };
    if (out->address_count < 0) {
        wb_field_error(&addresses, "is %lld, expected 0 or more", (long long)out->address_count);
    }
}

static const wb_subnet *load_subnets(wb_scenario_loader *loader, const wb_field *list,
                                     uint32_t count)
{
    wb_subnet *subnets = WB_ARENA_ARRAY(loader->context.arena, wb_subnet, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(list, i);
        load_subnet(loader, &entry, &subnets[i]);
        for (uint32_t j = 0; j < i; j++) {
            if (subnets[j].id == subnets[i].id && subnets[i].id != 0) {
                const wb_field id = wb_field_get(&entry, "id");
                wb_field_error(&id, "'%s' is there twice", wb_field_text(&id));
            }
        }
    }
    return subnets;
}

static const wb_network_object *load_objects(const wb_scenario_loader *loader, const wb_field *list,
                                             const char *prefix, uint32_t count)
{
    wb_network_object *objects =
        WB_ARENA_ARRAY(loader->context.arena, wb_network_object, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(list, i);
        require_id(&entry, prefix);
        objects[i] = (wb_network_object){
            .id = wb_field_get_id(&entry, "id"),
            .name = wb_field_get_id(&entry, "name"),
            .tags = load_tags(loader, &entry),
        };
    }
    return objects;
}

/* With prefixes a node has room for more pods; the reserve stays as the ENI limit sizes it. */
static void widen_nodes(const wb_scenario_loader *loader)
{
    const wb_catalog *catalog = &loader->scenario->catalog;
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        wb_catalog_type *type = &catalog->types[i];
        const wb_network_card card = {type->eni_count, type->eni_ipv4_count};
        const int64_t vcpus = wb_resource_list_get(type->capacity, WB_NAME_CPU) / 1000;
        type->capacity = wb_resource_list_with(loader->context.arena, type->capacity, WB_NAME_PODS,
                                               wb_network_prefix_pods(card, vcpus));
    }
}

void wb_scenario_load_network(wb_scenario_loader *loader, const wb_field *spec)
{
    assert(loader != NULL && spec != NULL);
    const wb_field network = wb_field_get(spec, "network");
    const wb_field subnets = wb_field_get(&network, "subnets");
    const wb_field groups = wb_field_get(&network, "securityGroups");
    const wb_field images = wb_field_get(&network, "images");
    wb_network *out = &loader->scenario->network;
    *out = (wb_network){
        .subnet_count = wb_field_count(&subnets),
        .security_group_count = wb_field_count(&groups),
        .image_count = wb_field_count(&images),
        .prefix_delegation = wb_field_get_bool(&network, "prefixDelegation", false),
    };
    out->subnets = load_subnets(loader, &subnets, out->subnet_count);
    out->security_groups = load_objects(loader, &groups, "sg-", out->security_group_count);
    out->images = load_objects(loader, &images, "ami-", out->image_count);
    if (out->prefix_delegation) {
        widen_nodes(loader);
    }
}
