/*
 * The VPC as a scenario describes it: subnets with so many free addresses, security groups, images;
 * which of them an EC2NodeClass's selector terms select, and how many addresses a machine's pods
 * take. Plain data and pure functions: nothing here knows machines or time.
 *
 * Addresses follow the VPC CNI's defaults. With secondary addresses (WARM_ENI_TARGET 1) a node
 * holds one network interface more than its pods fill, each with all its addresses. With prefix
 * delegation (WARM_PREFIX_TARGET 1) it holds one /28 prefix of 16 addresses more than its pods
 * fill, and one address of its own per interface; that a subnet may have no sixteen in a row left
 * is not modelled. Source: the VPC CNI's documentation, docs/eni-and-ip-target.md.
 */
#ifndef WB_SIM_CLOUD_NETWORK_H
#define WB_SIM_CLOUD_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "kube/nodeclass.h"

typedef struct wb_subnet {
    uint32_t id, zone;     /* interned */
    int64_t address_count; /* free when the run begins */
    wb_labels tags;
} wb_subnet;

/* A security group or an image: what selector terms can name. */
typedef struct wb_network_object {
    uint32_t id, name; /* interned; name may be 0 */
    wb_labels tags;
} wb_network_object;

typedef struct wb_network {
    const wb_subnet *subnets; /* all borrowed; none: addresses are unlimited, all terms match */
    const wb_network_object *security_groups; /* none: all terms match */
    const wb_network_object *images;          /* none: all terms match */
    uint32_t subnet_count, security_group_count, image_count;
    bool prefix_delegation;
} wb_network;

/* What may hold a machine's addresses: its interfaces and the addresses of one; 0, 0: not known,
 * then each pod takes one. */
typedef struct wb_network_card {
    int32_t eni_count, eni_ipv4_count;
} wb_network_card;

/* Whether the NodeClass's terms select a subnet, a security group, an image. A NodeClass without
 * terms of the kind selects none; an alias selects an image that need not be listed. */
bool wb_network_selects_subnet(const wb_network *network, const wb_intern *intern,
                               const wb_nodeclass *nodeclass, uint32_t index);
bool wb_network_selects_group(const wb_network *network, const wb_intern *intern,
                              const wb_nodeclass *nodeclass, uint32_t index);

/* Why the EC2NodeClass is not ready, as its condition says ("SubnetSelector did not match any
 * Subnets"), a literal; NULL: it is. */
const char *wb_network_not_ready(const wb_network *network, const wb_intern *intern,
                                 const wb_nodeclass *nodeclass);

/* Addresses of a subnet that a machine holds for so many pods of the pod network; and how many pods
 * so many addresses are enough for. */
int64_t wb_network_addresses_for(const wb_network *network, wb_network_card card, int64_t pods);
int64_t wb_network_pods_for(const wb_network *network, wb_network_card card, int64_t addresses);

/* What EKS recommends as maxPods with prefix delegation: 110 up to 30 vCPUs, 250 above, and not
 * more than the prefixes have addresses for. */
int64_t wb_network_prefix_pods(wb_network_card card, int64_t vcpus);

#endif
