#include "solver/host_ports.h"

#include <assert.h>
#include <string.h>

static bool is_any_address(const wb_intern *intern, uint32_t ip)
{
    const char *text = wb_intern_text(intern, ip);
    return ip == 0 || strcmp(text, "0.0.0.0") == 0 || strcmp(text, "::") == 0;
}

uint32_t wb_host_ports_of(const wb_intern *intern, const wb_pod_template *template,
                          wb_host_port *out)
{
    assert(intern != NULL);
    assert(out != NULL || template->host_port_count == 0);
    uint32_t count = 0;
    for (uint32_t i = 0; i < template->host_port_count; i++) {
        if (!template->host_ports[i].is_init_container) {
            out[count] = template->host_ports[i];
            out[count].ip = is_any_address(intern, out[count].ip) ? 0 : out[count].ip;
            count++;
        }
    }
    return count;
}

bool wb_host_ports_clash(const wb_host_port *a, uint32_t a_count, const wb_host_port *b,
                         uint32_t b_count)
{
    assert((a != NULL || a_count == 0) && (b != NULL || b_count == 0));
    for (uint32_t i = 0; i < a_count; i++) {
        for (uint32_t j = 0; j < b_count; j++) {
            if (a[i].port == b[j].port && a[i].protocol == b[j].protocol &&
                (a[i].ip == 0 || b[j].ip == 0 || a[i].ip == b[j].ip)) {
                return true;
            }
        }
    }
    return false;
}
