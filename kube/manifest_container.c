/*
 * Containers of a pod: names, requests and limits, ports; and its volumes.
 *
 * One array holds all containers in start order, init containers first, since what a pod needs
 * depends on who started before whom.
 *
 * What is read, from where, and what must hold:
 *
 *   (init)containers[].name         a DNS label, unique over both lists
 *   …restartPolicy                  Always makes an init container a sidecar
 *   …resources.requests, limits     0 or more; request <= limit, and equal for what can't be
 *                                   overcommitted (devices, huge pages), which need a limit; whole
 *                                   numbers of devices; cpu, memory, ephemeral-storage or a name
 *                                   with a domain. A limit alone is a request too
 *   …ports[]                        1 to 65535; hostPort binds, and on the host network every port;
 *                                   one of an address, a port and a protocol each
 *   volumes[]                       a name of its own, one source; claims need a name
 *
 * Init containers that end before the others start hold no ports, sidecars do.
 * Source: k8s.io/kubernetes pkg/apis/core/validation (validateContainers, ValidateVolumes).
 */
#include <assert.h>
#include <string.h>

#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/syntax.h"

/* --- Resources ---------------------------------------------------------------------- */

/* A list in which each resource of limits that requests lack is asked for as well: the API server
 * does this to every pod, so a template means it too. */
static wb_resource_list fill_from_limits(wb_arena *arena, wb_resource_list requests,
                                         wb_resource_list limits)
{
    assert(arena != NULL);
    for (uint32_t i = 0; i < limits.count; i++) {
        if (!wb_resource_list_has(requests, limits.items[i].name)) {
            requests = wb_resource_list_with(arena, requests, limits.items[i].name,
                                             limits.items[i].amount);
        }
    }
    return requests;
}

/* CPU, memory and local disk may be overcommitted; huge pages and devices may not. Names that are
 * neither have been complained about. */
static bool is_overcommittable(const char *name)
{
    return strchr(name, '/') == NULL && strncmp(name, "hugepages-", 10) != 0;
}

/* Each request against its limit; entry values of the file are quoted as they were written. */
static void check_against_limits(const wb_field *resources, const wb_resource_list requests,
                                 const wb_resource_list limits)
{
    const wb_field request_map = wb_field_get(resources, "requests");
    const wb_field limit_map = wb_field_get(resources, "limits");
    for (uint32_t i = 0; i < requests.count; i++) {
        const uint32_t id = requests.items[i].name;
        const char *name = wb_intern_text(resources->context->intern, id);
        const wb_field request = wb_field_get(&request_map, name);
        const wb_field limit = wb_field_get(&limit_map, name);
        if (wb_syntax_check_qualified_name(name) != NULL) {
            continue;
        }
        if (!wb_resource_list_has(limits, id)) {
            if (!is_overcommittable(name)) {
                wb_field_error(&limit_map,
                               "Required value: Limit must be set for non overcommitable resources "
                               "(%s)",
                               name);
            }
            continue;
        }
        const int64_t amount = requests.items[i].amount;
        const int64_t most = wb_resource_list_get(limits, id);
        if (amount > most && is_overcommittable(name)) {
            wb_field_invalid(&request, "must be less than or equal to %s limit of %.60s", name,
                             wb_field_text(&limit));
        } else if (amount != most && !is_overcommittable(name)) {
            wb_field_invalid(&request, "must be equal to %s limit of %.60s", name,
                             wb_field_text(&limit));
        }
    }
}

/* Order matters: what was given is held to the limits, only then do limits fill the gaps. */
static void decode_container_resources(const wb_field *container, wb_container *out)
{
    const wb_field resources = wb_field_get(container, "resources");
    const wb_field requests = wb_field_get(&resources, "requests");
    const wb_field limits = wb_field_get(&resources, "limits");
    out->limits = wb_manifest_decode_resource_map(&limits, WB_RESOURCES_CONTAINER);
    const wb_resource_list given =
        wb_manifest_decode_resource_map(&requests, WB_RESOURCES_CONTAINER);
    check_against_limits(&resources, given, out->limits);
    out->requests = fill_from_limits(container->context->arena, given, out->limits);
}

/* --- Ports -------------------------------------------------------------------------- */

/* A port number, 0 when absent or after a finding. */
static uint16_t decode_port_number(const wb_field *port, const char *name)
{
    const wb_field field = wb_field_get(port, name);
    if (!wb_field_is_set(&field)) {
        return 0;
    }
    const int64_t number = wb_field_int64(&field, 1);
    if (number < 1 || number > UINT16_MAX) {
        wb_field_invalid(&field, "must be between 1 and 65535, inclusive");
        return 0;
    }
    return (uint16_t)number;
}

/* The API server refuses this within a pod; between pods it is the scheduler's business. */
static void check_host_port_is_new(const wb_field *port, const wb_pod_template *out,
                                   const wb_host_port *ports)
{
    static const char *const names[] = {"TCP", "UDP", "SCTP"};
    const wb_host_port *last = &ports[out->host_port_count];
    for (uint32_t i = 0; i < out->host_port_count; i++) {
        if (ports[i].port == last->port && ports[i].protocol == last->protocol &&
            ports[i].ip == last->ip && ports[i].is_init_container == last->is_init_container) {
            const wb_field field = wb_field_get(port, "hostPort");
            wb_field_error(&field, "Duplicate value: \"%s/%s/%u\"", names[last->protocol],
                           wb_intern_text(port->context->intern, last->ip), last->port);
            return;
        }
    }
}

/* Keeps what binds a port of the node; a containerPort alone is documentation. */
static void decode_port(const wb_field *field, bool is_init, wb_host_port *ports,
                        wb_pod_template *out)
{
    assert(ports != NULL);
    static const char *const names[] = {"TCP", "UDP", "SCTP"};
    const wb_field container_port = wb_field_get(field, "containerPort");
    const wb_field protocol = wb_field_get(field, "protocol");
    const wb_field ip = wb_field_get(field, "hostIP");
    if (!wb_field_is_set(&container_port)) {
        wb_field_error(&container_port, "Required value");
    }
    const uint16_t inside = decode_port_number(field, "containerPort");
    uint16_t outside = decode_port_number(field, "hostPort");
    if (out->is_host_network) {
        if (outside != 0 && outside != inside) {
            wb_field_error(&container_port,
                           "Invalid value: %u: must match `hostPort` when `hostNetwork` is true",
                           inside);
        }
        outside = inside; /* the API server fills it in */
    }
    if (outside == 0) {
        return;
    }
    const bool is_any = strcmp(wb_field_text(&ip), "0.0.0.0") == 0;
    ports[out->host_port_count] = (wb_host_port){
        .ip = is_any ? 0 : wb_field_id(&ip),
        .port = outside,
        .protocol = (wb_port_protocol)wb_field_choice(&protocol, names, 3, WB_PORT_TCP),
        .is_init_container = is_init,
    };
    check_host_port_is_new(field, out, ports);
    out->host_port_count++;
}

/* Ports of all containers whose pods would hold them on the node: init containers that end before
 * the others start do not. */
static void decode_ports(const wb_field *list, bool is_init, wb_host_port *ports,
                         wb_pod_template *out)
{
    for (uint32_t i = 0; i < wb_field_count(list); i++) {
        const wb_field container = wb_field_at(list, i);
        const wb_field container_ports = wb_field_get(&container, "ports");
        if (is_init && !wb_field_get_is(&container, "restartPolicy", "Always")) {
            continue;
        }
        for (uint32_t j = 0; j < wb_field_count(&container_ports); j++) {
            const wb_field port = wb_field_at(&container_ports, j);
            decode_port(&port, is_init, ports, out);
        }
    }
}

/* An upper bound, to take the array in one piece. */
static uint32_t port_count(const wb_field *list)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < wb_field_count(list); i++) {
        const wb_field container = wb_field_at(list, i);
        const wb_field ports = wb_field_get(&container, "ports");
        count += wb_field_count(&ports);
    }
    return count;
}

/* --- Containers --------------------------------------------------------------------- */

/* Names are unique over init containers and containers together: statuses go by name. */
static void check_name(const wb_field *field, const wb_container *containers, uint32_t index)
{
    assert(containers != NULL);
    const wb_field name = wb_field_get(field, "name");
    if (!wb_field_require(&name, NULL)) {
        return;
    }
    (void)wb_field_accept(&name, wb_syntax_check_dns_label(wb_field_text(&name)));
    for (uint32_t i = 0; i < index; i++) {
        if (containers[i].name == containers[index].name) {
            wb_field_error(&name, "Duplicate value: \"%s\"", wb_field_text(&name));
            return;
        }
    }
}

static void decode_container(const wb_field *field, bool is_init, wb_container *out)
{
    *out = (wb_container){
        .name = wb_field_get_id(field, "name"),
        .image = wb_field_get_id(field, "image"),
        .is_init = is_init,
        .is_sidecar = is_init && wb_field_get_is(field, "restartPolicy", "Always"),
    };
    decode_container_resources(field, out);
}

/* Appends the containers of one list, behind the *count that are there. */
static void decode_list(const wb_field *list, bool is_init, wb_container *containers,
                        uint32_t *count)
{
    for (uint32_t i = 0; i < wb_field_count(list); i++) {
        const wb_field element = wb_field_at(list, i);
        decode_container(&element, is_init, &containers[*count]);
        check_name(&element, containers, *count);
        (*count)++;
    }
}

void wb_manifest_decode_containers(const wb_field *spec, wb_pod_template *out)
{
    assert(spec != NULL);
    assert(out != NULL);
    wb_arena *arena = spec->context->arena;
    const wb_field init = wb_field_get(spec, "initContainers");
    const wb_field main_list = wb_field_get(spec, "containers");
    const uint32_t count = wb_field_count(&init) + wb_field_count(&main_list);
    if (wb_field_count(&main_list) == 0) {
        wb_field_error(&main_list, "Required value");
    }
    wb_container *containers = WB_ARENA_ARRAY(arena, wb_container, count);
    uint32_t done = 0;
    decode_list(&init, true, containers, &done);
    decode_list(&main_list, false, containers, &done);
    assert(done == count);
    out->containers = containers;
    out->container_count = count;

    const uint32_t ports = port_count(&init) + port_count(&main_list);
    if (ports == 0) {
        return;
    }
    wb_host_port *host_ports = WB_ARENA_ARRAY(arena, wb_host_port, ports);
    decode_ports(&init, true, host_ports, out);
    decode_ports(&main_list, false, host_ports, out);
    assert(out->host_port_count <= ports);
    out->host_ports = host_ports;
}

/* --- Volumes ------------------------------------------------------------------------ */

static void decode_claim_volume(const wb_field *source, wb_volume *out)
{
    const wb_field claim_name = wb_field_get(source, "claimName");
    out->kind = WB_VOLUME_CLAIM;
    out->claim_name = wb_field_id(&claim_name);
    (void)wb_field_require(&claim_name, NULL);
}

/* The claim's name follows from the pod's, which a template does not know: the solver makes it. */
static void decode_ephemeral_volume(const wb_field *source, wb_volume *out)
{
    const wb_field claim = wb_field_get(source, "volumeClaimTemplate");
    const wb_field spec = wb_field_get(&claim, "spec");
    out->kind = WB_VOLUME_EPHEMERAL;
    out->storage_class = wb_field_get_id(&spec, "storageClassName");
    (void)wb_field_require(&claim, NULL);
}

/* Anything that ties the pod to nothing is one kind: some 25 sources of the API. */
static void decode_volume_source(const wb_field *field, wb_volume *out)
{
    const wb_field claim = wb_field_get(field, "persistentVolumeClaim");
    const wb_field ephemeral = wb_field_get(field, "ephemeral");
    const wb_field empty_dir = wb_field_get(field, "emptyDir");
    const wb_field host_path = wb_field_get(field, "hostPath");
    out->kind = WB_VOLUME_OTHER;
    if (wb_field_is_set(&claim)) {
        decode_claim_volume(&claim, out);
    } else if (wb_field_is_set(&ephemeral)) {
        decode_ephemeral_volume(&ephemeral, out);
    } else if (wb_field_is_set(&empty_dir)) {
        out->kind = wb_field_get_is(&empty_dir, "medium", "Memory") ? WB_VOLUME_EMPTY_DIR_MEMORY
                                                                    : WB_VOLUME_EMPTY_DIR;
    } else if (wb_field_is_set(&host_path)) {
        out->kind = WB_VOLUME_HOST_PATH;
    }
}

/* A volume has a name that is its own, and at most one source. */
static void check_volume(const wb_field *field, const wb_volume *volumes, uint32_t index)
{
    assert(volumes != NULL);
    const wb_field name = wb_field_get(field, "name");
    if (wb_field_require(&name, NULL)) {
        (void)wb_field_accept(&name, wb_syntax_check_dns_label(wb_field_text(&name)));
    }
    uint32_t sources = 0;
    for (uint32_t i = 0; i < wb_field_entry_count(field); i++) {
        const wb_field child = wb_field_at(field, i);
        sources += wb_field_is_set(&child) && strcmp(child.name, "name") != 0 ? 1U : 0U;
    }
    if (sources > 1) {
        wb_field_error(field, "Forbidden: may not specify more than 1 volume type");
    }
    for (uint32_t i = 0; i < index; i++) {
        if (volumes[i].name == volumes[index].name && volumes[index].name != 0) {
            wb_field_error(&name, "Duplicate value: \"%s\"", wb_field_text(&name));
            return;
        }
    }
}

void wb_manifest_decode_volumes(const wb_field *spec, wb_pod_template *out)
{
    assert(spec != NULL);
    assert(out != NULL);
    const wb_field list = wb_field_get(spec, "volumes");
    const uint32_t count = wb_field_count(&list);
    if (count == 0) {
        return;
    }
    wb_volume *volumes = WB_ARENA_ARRAY(spec->context->arena, wb_volume, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field element = wb_field_at(&list, i);
        if (!wb_field_is_set(&element) || element.node->kind != WB_NODE_MAP) {
            continue; /* stays a nameless volume without constraints; the schema has complained */
        }
        volumes[i].name = wb_field_get_id(&element, "name");
        decode_volume_source(&element, &volumes[i]);
        check_volume(&element, volumes, i);
    }
    out->volumes = volumes;
    out->volume_count = count;
}
