#include "bench/figure_list.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const wb_figure figures[] = {
    {"cost", "cost_usd", offsetof(wb_run_figures, cost_nusd), WB_FIGURE_MONEY, WB_FIGURE_ALWAYS},
    {"  on-demand", "cost_on_demand_usd", offsetof(wb_run_figures, cost_on_demand_nusd),
     WB_FIGURE_MONEY, WB_FIGURE_DETAIL},
    {"  spot", "cost_spot_usd", offsetof(wb_run_figures, cost_spot_nusd), WB_FIGURE_MONEY,
     WB_FIGURE_DETAIL},
    {"  idle", "cost_idle_usd", offsetof(wb_run_figures, cost_idle_nusd), WB_FIGURE_MONEY,
     WB_FIGURE_ALWAYS},
    {"  as paid", "paid_usd", offsetof(wb_run_figures, paid_usd), WB_FIGURE_PAID, WB_FIGURE_IF_ANY},
    {"  above the bound", "cost_above_bound", offsetof(wb_run_figures, cost_above_bound),
     WB_FIGURE_SHARE, WB_FIGURE_ALWAYS},
    {"pod latency p50", "pod_latency_ms_p50", offsetof(wb_run_figures, pod_latency_ms_p50),
     WB_FIGURE_LATENCY, WB_FIGURE_ALWAYS},
    {"pod latency p90", "pod_latency_ms_p90", offsetof(wb_run_figures, pod_latency_ms_p90),
     WB_FIGURE_LATENCY, WB_FIGURE_ALWAYS},
    {"pod latency p99", "pod_latency_ms_p99", offsetof(wb_run_figures, pod_latency_ms_p99),
     WB_FIGURE_LATENCY, WB_FIGURE_ALWAYS},
    {"pod latency max", "pod_latency_ms_max", offsetof(wb_run_figures, pod_latency_ms_max),
     WB_FIGURE_LATENCY, WB_FIGURE_ALWAYS},
    {"waiting, summed", "pending_pod_ms", offsetof(wb_run_figures, pending_pod_ms),
     WB_FIGURE_POD_TIME, WB_FIGURE_ALWAYS},
    {"pods", "pods_total", offsetof(wb_run_figures, pods_total), WB_FIGURE_COUNT, WB_FIGURE_ALWAYS},
    {"  finished", "pods_finished", offsetof(wb_run_figures, pods_finished), WB_FIGURE_COUNT,
     WB_FIGURE_ALWAYS},
    {"  running at the end", "pods_running", offsetof(wb_run_figures, pods_running),
     WB_FIGURE_COUNT, WB_FIGURE_ALWAYS},
    {"  never ran", "pods_unscheduled", offsetof(wb_run_figures, pods_unscheduled), WB_FIGURE_COUNT,
     WB_FIGURE_ALWAYS},
    {"  lost", "pods_lost", offsetof(wb_run_figures, pods_lost), WB_FIGURE_COUNT, WB_FIGURE_ALWAYS},
    {"nodes launched", "nodes_launched", offsetof(wb_run_figures, nodes_launched), WB_FIGURE_COUNT,
     WB_FIGURE_ALWAYS},
    {"nodes at most", "nodes_max", offsetof(wb_run_figures, nodes_max), WB_FIGURE_COUNT,
     WB_FIGURE_ALWAYS},
    {"node hours", "node_hours", offsetof(wb_run_figures, node_ms), WB_FIGURE_HOURS,
     WB_FIGURE_ALWAYS},
    {"churn (launched, gone)", "churn", offsetof(wb_run_figures, churn), WB_FIGURE_COUNT,
     WB_FIGURE_ALWAYS},
    {"disruptions", "disruptions", offsetof(wb_run_figures, disruptions), WB_FIGURE_COUNT,
     WB_FIGURE_IF_ANY},
    {"evictions", "evictions", offsetof(wb_run_figures, evictions), WB_FIGURE_COUNT,
     WB_FIGURE_IF_ANY},
    {"evictions refused", "evictions_refused", offsetof(wb_run_figures, evictions_refused),
     WB_FIGURE_COUNT, WB_FIGURE_DETAIL},
    {"work lost", "work_lost_cpu_hours", offsetof(wb_run_figures, work_lost_cpu_milli_ms),
     WB_FIGURE_CPU_TIME, WB_FIGURE_IF_ANY},
    {"interruptions", "interruptions", offsetof(wb_run_figures, interruptions), WB_FIGURE_COUNT,
     WB_FIGURE_IF_ANY},
    {"  survived", "interruptions_survived", offsetof(wb_run_figures, interruptions_survived),
     WB_FIGURE_COUNT, WB_FIGURE_IF_ANY},
    {"blast radius", "blast_radius", offsetof(wb_run_figures, blast_radius), WB_FIGURE_SHARE,
     WB_FIGURE_ALWAYS},
    {"API calls", "api_calls", offsetof(wb_run_figures, api_calls), WB_FIGURE_COUNT,
     WB_FIGURE_ALWAYS},
    {"utilisation CPU", "utilisation_cpu", offsetof(wb_run_figures, utilisation_cpu),
     WB_FIGURE_SHARE, WB_FIGURE_ALWAYS},
    {"utilisation memory", "utilisation_memory", offsetof(wb_run_figures, utilisation_memory),
     WB_FIGURE_SHARE, WB_FIGURE_ALWAYS},
    {"committed CPU", "committed_cpu", offsetof(wb_run_figures, committed_cpu), WB_FIGURE_SHARE,
     WB_FIGURE_ALWAYS},
    {"  DaemonSets", "daemon_cpu", offsetof(wb_run_figures, daemon_cpu), WB_FIGURE_SHARE,
     WB_FIGURE_DETAIL},
    {"committed memory", "committed_memory", offsetof(wb_run_figures, committed_memory),
     WB_FIGURE_SHARE, WB_FIGURE_ALWAYS},
    {"  DaemonSets", "daemon_memory", offsetof(wb_run_figures, daemon_memory), WB_FIGURE_SHARE,
     WB_FIGURE_DETAIL},
    {"not modelled", "not_modelled", offsetof(wb_run_figures, not_modelled), WB_FIGURE_SHARE,
     WB_FIGURE_IF_ANY},
};

uint32_t wb_figure_list_count(void)
{
    return (uint32_t)(sizeof(figures) / sizeof(figures[0]));
}

const wb_figure *wb_figure_list_get(uint32_t index)
{
    assert(index < wb_figure_list_count());
    return &figures[index];
}

bool wb_figure_list_is_real(uint32_t index)
{
    assert(index < wb_figure_list_count());
    return figures[index].kind == WB_FIGURE_SHARE || figures[index].kind == WB_FIGURE_PAID;
}

static int64_t whole_figure(const wb_run_figures *run, size_t index)
{
    int64_t value = 0;
    memcpy(&value, (const char *)run + figures[index].offset, sizeof value);
    return value;
}

static double share_figure(const wb_run_figures *run, size_t index)
{
    double value = 0.0;
    memcpy(&value, (const char *)run + figures[index].offset, sizeof value);
    return value;
}

double wb_figure_list_value(const wb_run_figures *run, uint32_t index)
{
    assert(run != NULL && index < wb_figure_list_count());
    return wb_figure_list_is_real(index) ? share_figure(run, index)
                                         : (double)whole_figure(run, index);
}

void wb_figure_list_print_amount(uint32_t index, double amount, char *out, size_t size)
{
    assert(index < wb_figure_list_count() && out != NULL && amount >= 0.0);
    switch (figures[index].kind) {
    case WB_FIGURE_COUNT: /* of runs whole, a mean over seeds not always */
        (void)snprintf(out, size, amount == (double)(int64_t)amount ? "%.0f" : "%.1f", amount);
        break;
    case WB_FIGURE_MONEY: (void)snprintf(out, size, "$%.2f", amount / 1e9); break;
    case WB_FIGURE_LATENCY: (void)snprintf(out, size, "%.1f s", amount / 1e3); break;
    case WB_FIGURE_HOURS: (void)snprintf(out, size, "%.1f", amount / 3.6e6); break;
    case WB_FIGURE_POD_TIME: (void)snprintf(out, size, "%.0f pod-s", amount / 1e3); break;
    case WB_FIGURE_CPU_TIME: (void)snprintf(out, size, "%.1f CPU-h", amount / 3.6e9); break;
    case WB_FIGURE_SHARE: (void)snprintf(out, size, "%.1f %%", 100.0 * amount); break;
    case WB_FIGURE_PAID: (void)snprintf(out, size, "$%.2f", amount); break;
    }
}

void wb_figure_list_print(const wb_run_figures *run, uint32_t index, char *out, size_t size)
{
    assert(run != NULL && index < wb_figure_list_count() && out != NULL);
    const double value = wb_figure_list_value(run, index);
    if (value < 0.0) { /* a share that is not known */
        (void)snprintf(out, size, "-");
    } else {
        wb_figure_list_print_amount(index, value, out, size);
    }
}

bool wb_figure_list_has_ratio(uint32_t index, double value, double base)
{
    assert(index < wb_figure_list_count());
    const double least = figures[index].kind == WB_FIGURE_SHARE ? 0.0005 : 0.0;
    return value >= 0.0 && base > least;
}

double wb_figure_list_unit(uint32_t index)
{
    assert(index < wb_figure_list_count());
    switch (figures[index].kind) {
    case WB_FIGURE_MONEY: return 1e9;
    case WB_FIGURE_HOURS: return 3.6e6;
    case WB_FIGURE_CPU_TIME: return 3.6e9;
    case WB_FIGURE_COUNT:
    case WB_FIGURE_LATENCY:
    case WB_FIGURE_POD_TIME:
    case WB_FIGURE_PAID:
    case WB_FIGURE_SHARE: break;
    }
    return 1.0;
}

void wb_figure_list_print_bare(const wb_run_figures *run, uint32_t index, char *out, size_t size)
{
    assert(run != NULL && index < wb_figure_list_count() && out != NULL);
    const int64_t value = wb_figure_list_is_real(index) ? 0 : whole_figure(run, index);
    switch (figures[index].kind) {
    case WB_FIGURE_MONEY:
        (void)snprintf(out, size, "%lld.%09lld", (long long)(value / 1000000000),
                       (long long)(value % 1000000000));
        break;
    case WB_FIGURE_HOURS: (void)snprintf(out, size, "%.6f", (double)value / 3.6e6); break;
    case WB_FIGURE_CPU_TIME: (void)snprintf(out, size, "%.6f", (double)value / 3.6e9); break;
    case WB_FIGURE_PAID:
    case WB_FIGURE_SHARE: (void)snprintf(out, size, "%.6f", share_figure(run, index)); break;
    case WB_FIGURE_COUNT:
    case WB_FIGURE_LATENCY:
    case WB_FIGURE_POD_TIME: (void)snprintf(out, size, "%lld", (long long)value); break;
    }
}
