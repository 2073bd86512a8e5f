/*
 * Host ports: two pods on one node must not claim the same (address, port, protocol).
 * Source: spec/scheduling.md section 13b; init containers' ports do not count.
 */
#ifndef WB_SOLVER_HOST_PORTS_H
#define WB_SOLVER_HOST_PORTS_H

#include <stdbool.h>

#include "kube/pod.h"

/* The ports of a template that count, with every spelling of "any address" as ip 0; out has room
 * for template->host_port_count. Returns how many. */
uint32_t wb_host_ports_of(const wb_intern *intern, const wb_pod_template *template,
                          wb_host_port *out);

/* Whether some port of one list clashes with some of the other. */
bool wb_host_ports_clash(const wb_host_port *a, uint32_t a_count, const wb_host_port *b,
                         uint32_t b_count);

#endif
