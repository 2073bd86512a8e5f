#include "sim/cloud/network.h"

#include <assert.h>
#include <string.h>

#define PREFIX_ADDRESSES   16 /* a /28 */
#define PREFIX_PODS_SMALL  110
#define PREFIX_PODS_LARGE  250
#define PREFIX_LARGE_VCPUS 30

/* ---- what terms select ---- */

/* Every tag of the term, "*" standing for any value. */
static bool tags_match(const wb_intern *intern, wb_labels wanted, wb_labels tags)
{
    for (uint32_t i = 0; i < wanted.count; i++) {
        const bool is_any = strcmp(wb_intern_text(intern, wanted.items[i].value), "*") == 0;
        if (!wb_labels_has(tags, wanted.items[i].key) ||
            (!is_any && wb_labels_get(tags, wanted.items[i].key) != wanted.items[i].value)) {
            return false;
        }
    }
    return true;
}

/* All that a term gives must be so; one term of several is enough. An alias names no object. */
static bool any_term_matches(const wb_intern *intern, const wb_selector_term *terms, uint32_t count,
                             const wb_network_object *object)
{
    for (uint32_t i = 0; i < count; i++) {
        const wb_selector_term *term = &terms[i];
        if (term->alias == 0 && (term->id == 0 || term->id == object->id) &&
            (term->name == 0 || term->name == object->name) &&
            tags_match(intern, term->tags, object->tags)) {
            return true;
        }
    }
    return false;
}

bool wb_network_selects_subnet(const wb_network *network, const wb_intern *intern,
                               const wb_nodeclass *nodeclass, uint32_t index)
{
    assert(index < network->subnet_count && nodeclass != NULL);
    const wb_subnet *subnet = &network->subnets[index];
    const wb_network_object object = {.id = subnet->id, .tags = subnet->tags};
    return any_term_matches(intern, nodeclass->subnets, nodeclass->subnet_count, &object);
}

bool wb_network_selects_group(const wb_network *network, const wb_intern *intern,
                              const wb_nodeclass *nodeclass, uint32_t index)
{
    assert(index < network->security_group_count && nodeclass != NULL);
    return any_term_matches(intern, nodeclass->security_groups, nodeclass->security_group_count,
                            &network->security_groups[index]);
}

static bool selects_image(const wb_network *network, const wb_intern *intern,
                          const wb_nodeclass *nodeclass)
{
    for (uint32_t i = 0; i < nodeclass->ami_count; i++) {
        if (nodeclass->amis[i].alias != 0) {
            return true;
        }
    }
    for (uint32_t i = 0; i < network->image_count; i++) {
        if (any_term_matches(intern, nodeclass->amis, nodeclass->ami_count, &network->images[i])) {
            return true;
        }
    }
    return false;
}

const char *wb_network_not_ready(const wb_network *network, const wb_intern *intern,
                                 const wb_nodeclass *nodeclass)
{
    assert(network != NULL && nodeclass != NULL);
    uint32_t subnets = 0;
    uint32_t groups = 0;
    for (uint32_t i = 0; i < network->subnet_count; i++) {
        subnets += wb_network_selects_subnet(network, intern, nodeclass, i) ? 1U : 0U;
    }
    for (uint32_t i = 0; i < network->security_group_count; i++) {
        groups += wb_network_selects_group(network, intern, nodeclass, i) ? 1U : 0U;
    }
    if (network->subnet_count > 0 && subnets == 0) {
        return "SubnetSelector did not match any Subnets";
    }
    if (network->security_group_count > 0 && groups == 0) {
        return "SecurityGroupSelector did not match any SecurityGroups";
    }
    return network->image_count > 0 && !selects_image(network, intern, nodeclass)
               ? "AMISelector did not match any AMIs"
               : NULL;
}

/* ---- addresses ---- */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t divide_up(int64_t a, int64_t b)
{
    assert(a >= 0 && b > 0);
    return (a + b - 1) / b;
}

/* Interfaces that so many prefixes need; there is always one. */
static int64_t enis_of_prefixes(wb_network_card card, int64_t prefixes)
{
    return prefixes == 0 ? 1 : divide_up(prefixes, card.eni_ipv4_count - 1);
}

int64_t wb_network_addresses_for(const wb_network *network, wb_network_card card, int64_t pods)
{
    assert(pods >= 0);
    const int64_t slots = card.eni_ipv4_count - 1; /* the first is the interface's own */
    if (card.eni_count <= 0 || slots <= 0) {
        return 1 + pods;
    }
    if (network->prefix_delegation) {
        const int64_t wanted = divide_up(pods, PREFIX_ADDRESSES) + 1;
        const int64_t prefixes = least(wanted, slots * card.eni_count);
        return prefixes * PREFIX_ADDRESSES + enis_of_prefixes(card, prefixes);
    }
    return least(divide_up(pods, slots) + 1, card.eni_count) * card.eni_ipv4_count;
}

int64_t wb_network_pods_for(const wb_network *network, wb_network_card card, int64_t addresses)
{
    assert(addresses >= 0);
    const int64_t slots = card.eni_ipv4_count - 1;
    if (card.eni_count <= 0 || slots <= 0) {
        return addresses > 0 ? addresses - 1 : 0;
    }
    if (network->prefix_delegation) {
        /* Interfaces are full of prefixes but for the last. */
        const int64_t full = slots * PREFIX_ADDRESSES + 1;
        const int64_t rest = addresses % full;
        const int64_t of_rest = rest > 0 ? (rest - 1) / PREFIX_ADDRESSES * PREFIX_ADDRESSES : 0;
        return addresses / full * (full - 1) + of_rest;
    }
    return addresses - divide_up(addresses, card.eni_ipv4_count);
}

int64_t wb_network_prefix_pods(wb_network_card card, int64_t vcpus)
{
    assert(vcpus >= 0);
    const int64_t rule = vcpus <= PREFIX_LARGE_VCPUS ? PREFIX_PODS_SMALL : PREFIX_PODS_LARGE;
    const int64_t slots = card.eni_ipv4_count - 1;
    if (card.eni_count <= 0 || slots <= 0) {
        return rule;
    }
    return least(rule, card.eni_count * slots * PREFIX_ADDRESSES + 2);
}
