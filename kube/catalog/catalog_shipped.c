/*
 * Joins the compiled-in tables for one region: types, on-demand prices, spot advice, EBS limits.
 *
 * Happens once per run, for 1,363 types. Nothing is kept: a second region is read anew.
 */
#include "kube/catalog/catalog_shipped.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kube/catalog/catalog_table.h"
#include "kube/names.h"

/* Columns of instance_types.tsv; README.md says what each holds. */
enum {
    TYPE_NAME,
    TYPE_VCPU,
    TYPE_MEMORY_MIB,
    TYPE_ARCH,
    TYPE_CPU,
    TYPE_CLOCK_MHZ,
    TYPE_HYPERVISOR,
    TYPE_ENCRYPTS,
    TYPE_NETWORK_MBPS,
    TYPE_EBS_MBPS,
    TYPE_NVME_GB,
    TYPE_GPU,
    TYPE_ACCELERATOR,
    TYPE_EFA,
    TYPE_POD_ENI,
    TYPE_ENIS,
    TYPE_CARDS,
    TYPE_CARD_ENIS,
    TYPE_ENI_IPV4,
    TYPE_PODS,
    TYPE_COLUMN_COUNT,
};

enum {
    EBS_NAME,
    EBS_VOLUMES,
    EBS_SLOTS
};

enum {
    REGION_NAME,
    REGION_CURRENCY,
    REGION_ON_DEMAND_DATE,
    REGION_SPOT_DATE
};

static uint32_t intern_cell(wb_intern *intern, wb_catalog_cell cell)
{
    return wb_intern_add_length(intern, cell.text, cell.length);
}

/* An empty cell is 0, which every figure here takes for "not known" or "none". */
static int64_t type_integer(const wb_catalog_table *types, uint32_t column)
{
    return wb_catalog_cell_integer(wb_catalog_table_cell(types, column));
}

/* "nvidia:a10g:4:22888": maker, name, how many, memory of one. */
static void read_gpu(wb_intern *intern, wb_catalog_cell cell, wb_catalog_facts *facts)
{
    if (cell.length == 0) {
        return;
    }
    facts->gpu_manufacturer = intern_cell(intern, wb_catalog_cell_split(&cell, ':'));
    facts->gpu_name = intern_cell(intern, wb_catalog_cell_split(&cell, ':'));
    facts->gpu_count = wb_catalog_cell_integer(wb_catalog_cell_split(&cell, ':'));
    facts->gpu_memory_mib = wb_catalog_cell_integer(wb_catalog_cell_split(&cell, ':'));
    assert(cell.length == 0 && facts->gpu_name != 0);
}

/* "aws:inferentia2:6:6:12": maker, name, how many; Neuron devices and cores as resources. */
static void read_accelerator(wb_intern *intern, wb_catalog_cell cell, wb_catalog_facts *facts)
{
    if (cell.length == 0) {
        return;
    }
    facts->accelerator_manufacturer = intern_cell(intern, wb_catalog_cell_split(&cell, ':'));
    facts->accelerator_name = intern_cell(intern, wb_catalog_cell_split(&cell, ':'));
    facts->accelerator_count = wb_catalog_cell_integer(wb_catalog_cell_split(&cell, ':'));
    facts->neuron_device_count = wb_catalog_cell_integer(wb_catalog_cell_split(&cell, ':'));
    facts->neuron_core_count = wb_catalog_cell_integer(wb_catalog_cell_split(&cell, ':'));
    assert(cell.length == 0 && facts->accelerator_name != 0);
}

/* One row of instance_types.tsv. The name and the few repeated texts are interned on the way. */
static wb_catalog_facts read_facts(wb_intern *intern, const wb_catalog_table *types)
{
    const wb_catalog_cell hypervisor = wb_catalog_table_cell(types, TYPE_HYPERVISOR);
    const bool is_metal = wb_catalog_cell_equals(hypervisor, "metal");
    wb_catalog_facts facts = {
        .name = intern_cell(intern, wb_catalog_table_cell(types, TYPE_NAME)),
        .arch = intern_cell(intern, wb_catalog_table_cell(types, TYPE_ARCH)),
        .cpu_manufacturer = intern_cell(intern, wb_catalog_table_cell(types, TYPE_CPU)),
        .hypervisor = is_metal ? 0 : intern_cell(intern, hypervisor),
        .encrypts_in_transit =
            wb_catalog_cell_equals(wb_catalog_table_cell(types, TYPE_ENCRYPTS), "yes"),
        .vcpu_count = type_integer(types, TYPE_VCPU),
        .memory_mib = type_integer(types, TYPE_MEMORY_MIB),
        .clock_mhz = type_integer(types, TYPE_CLOCK_MHZ),
        .network_mbps = type_integer(types, TYPE_NETWORK_MBPS),
        .ebs_mbps = type_integer(types, TYPE_EBS_MBPS),
        .local_nvme_gb = type_integer(types, TYPE_NVME_GB),
        .efa_count = type_integer(types, TYPE_EFA),
        .pod_eni_count = type_integer(types, TYPE_POD_ENI),
        .eni_count = type_integer(types, TYPE_CARD_ENIS),
        .eni_ipv4_count = type_integer(types, TYPE_ENI_IPV4),
        .pods = type_integer(types, TYPE_PODS),
    };
    read_gpu(intern, wb_catalog_table_cell(types, TYPE_GPU), &facts);
    read_accelerator(intern, wb_catalog_table_cell(types, TYPE_ACCELERATOR), &facts);
    return facts;
}

/* One row of ebs_limits.tsv; where a limit comes from ("basis") decides nothing. */
static void read_volume_limit(const wb_catalog_table *limits, wb_catalog_facts *facts)
{
    facts->volume_limit = wb_catalog_cell_integer(wb_catalog_table_cell(limits, EBS_VOLUMES));
    facts->volume_limit_is_shared =
        wb_catalog_cell_equals(wb_catalog_table_cell(limits, EBS_SLOTS), "shared");
}

/* "70/1": savings in per cent, interruption band. False, and nothing written, for an empty cell. */
static bool read_advice(wb_catalog_cell cell, int32_t *out_savings_percent,
                        int32_t *out_interruption_band)
{
    if (cell.length == 0) {
        return false;
    }
    const int64_t savings_percent = wb_catalog_cell_integer(wb_catalog_cell_split(&cell, '/'));
    const int64_t band = wb_catalog_cell_integer(cell);
    assert(savings_percent > -1000 && savings_percent <= 100);
    assert(band >= 0 && band <= 4);
    *out_savings_percent = (int32_t)savings_percent;
    *out_interruption_band = (int32_t)band;
    return true;
}

/* NULL for an empty cell. */
static const char *copy_cell(wb_arena *arena, wb_catalog_cell cell)
{
    return cell.length > 0 ? wb_arena_copy_text(arena, cell.text, cell.length) : NULL;
}

/* A region that has no row is one of AWS that we know nothing of: only its currency is guessed. */
static void read_region(wb_arena *arena, const char *region, wb_catalog_shipped *out)
{
    out->currency = strncmp(region, "cn-", 3) == 0 ? "CNY" : "USD";
    wb_catalog_table table;
    wb_catalog_table_open(&table, WB_CATALOG_TABLE_REGIONS);
    while (wb_catalog_table_next(&table)) {
        if (wb_catalog_cell_equals(table.cells[REGION_NAME], region)) {
            out->currency = copy_cell(arena, wb_catalog_table_cell(&table, REGION_CURRENCY));
            out->on_demand_date =
                copy_cell(arena, wb_catalog_table_cell(&table, REGION_ON_DEMAND_DATE));
            out->spot_date = copy_cell(arena, wb_catalog_table_cell(&table, REGION_SPOT_DATE));
            return;
        }
    }
}

void wb_catalog_shipped_open(wb_arena *arena, const char *region, wb_catalog_shipped *out)
{
    assert(region != NULL);
    *out = (wb_catalog_shipped){.currency = NULL};
    read_region(arena, region, out);
    wb_catalog_table_open(&out->types, WB_CATALOG_TABLE_INSTANCE_TYPES);
    wb_catalog_table_open(&out->prices, WB_CATALOG_TABLE_ON_DEMAND_PRICES);
    wb_catalog_table_open(&out->advice, WB_CATALOG_TABLE_SPOT_LINUX);
    wb_catalog_table_open(&out->limits, WB_CATALOG_TABLE_EBS_LIMITS);
    assert(out->types.column_count == TYPE_COLUMN_COUNT);
    out->price_column = wb_catalog_table_column(&out->prices, region);
    out->advice_column = wb_catalog_table_column(&out->advice, region);
}

/* All type tables have the order of instance_types.tsv, so that one walk joins them without an
 * index; rows of types that are not documented come last and are never reached. */
bool wb_catalog_shipped_next(wb_catalog_shipped *shipped, wb_intern *intern,
                             wb_catalog_shipped_row *out)
{
    assert(wb_intern_find(intern, "arm64") == WB_NAME_ARM64); /* wb_names_init was called */
    if (!wb_catalog_table_next(&shipped->types)) {
        return false;
    }
    wb_catalog_shipped_row row = {
        .facts = read_facts(intern, &shipped->types),
        .on_demand_per_hour = -1.0,
        .savings_percent = INT32_MIN,
        .interruption_band = -1,
    };
    const wb_catalog_cell name = shipped->types.cells[TYPE_NAME];
    if (wb_catalog_table_seek(&shipped->limits, name)) {
        read_volume_limit(&shipped->limits, &row.facts);
    }
    if (shipped->price_column != UINT32_MAX && wb_catalog_table_seek(&shipped->prices, name)) {
        const wb_catalog_cell price =
            wb_catalog_table_cell(&shipped->prices, shipped->price_column);
        row.on_demand_per_hour = price.length > 0 ? wb_catalog_cell_decimal(price) : -1.0;
    }
    if (shipped->advice_column != UINT32_MAX && wb_catalog_table_seek(&shipped->advice, name)) {
        read_advice(wb_catalog_table_cell(&shipped->advice, shipped->advice_column),
                    &row.savings_percent, &row.interruption_band);
    }
    *out = row;
    return true;
}

bool wb_catalog_shipped_advice(const char *region, const char *type, bool is_windows,
                               int32_t *out_savings_percent, int32_t *out_interruption_band)
{
    assert(region != NULL && type != NULL);
    wb_catalog_table table;
    wb_catalog_table_open(&table,
                          is_windows ? WB_CATALOG_TABLE_SPOT_WINDOWS : WB_CATALOG_TABLE_SPOT_LINUX);
    const uint32_t column = wb_catalog_table_column(&table, region);
    if (column == UINT32_MAX) {
        return false;
    }
    while (wb_catalog_table_next(&table)) {
        if (wb_catalog_cell_equals(table.cells[0], type)) {
            return read_advice(wb_catalog_table_cell(&table, column), out_savings_percent,
                               out_interruption_band);
        }
    }
    return false;
}

double wb_catalog_shipped_spot_price(double on_demand_per_hour, int32_t savings_percent)
{
    assert(on_demand_per_hour > 0.0 && savings_percent <= 100);
    const double price = on_demand_per_hour * (100 - savings_percent) / 100;
    /* Rounding in decimal, as the price lists are: printf rounds the exact value of the double,
     * half to even, whereas multiplying by 10^6 first would move some prices across the half. */
    char digits[48];
    const int length = snprintf(digits, sizeof(digits), "%.6f", price);
    assert(length > 0 && length < (int)sizeof(digits));
    return strtod(digits, NULL);
}
