/*
 * Size flexibility of reserved instances: how much of a reservation a machine of another size of
 * the same family takes up, and which families have none.
 *
 *     nano 0.25   micro 0.5   small 1   medium 2   large 4   xlarge 8   Nxlarge 8 N
 *     metal       as the virtual size with as many vCPUs (two units each)
 *
 * Source: AWS' EC2 user guide, "How Reserved Instance discounts are applied", as of 2025.
 */
#ifndef WB_SIM_CLOUD_RESERVED_SIZE_H
#define WB_SIM_CLOUD_RESERVED_SIZE_H

#include <stdbool.h>
#include <stdint.h>

/* The normalization factor of a type ("m5.2xlarge": 16); vcpu_count is for bare metal. 0: its name
 * has no size that AWS knows. */
double wb_reserved_size_units(const char *type_name, int64_t vcpu_count);

/* Whether two types are sizes of one family: "m5.large" and "m5.metal", not "m5d.large". */
bool wb_reserved_size_is_same_family(const char *type_name, const char *other);

/* Whether a regional reservation of that type counts for other sizes: not for the families that AWS
 * names as without. */
bool wb_reserved_size_is_flexible(const char *type_name);

#endif
