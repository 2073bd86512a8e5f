/*
 * FOCUS 1.0 (FinOps Open Cost and Usage Specification): every mandatory column, in the order of
 * their names, and our own behind with the prefix x_. A row is the use of one instance in one
 * calendar month, since a charge lies within its billing period. Source of columns and their
 * meaning: the published specification.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "sim/store/store_rows.h"
#include "tools/export/export.h"

static const char head[] =
    "AvailabilityZone,BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,"
    "BillingPeriodEnd,BillingPeriodStart,ChargeCategory,ChargeClass,ChargeDescription,"
    "ChargeFrequency,ChargePeriodEnd,ChargePeriodStart,CommitmentDiscountCategory,"
    "CommitmentDiscountId,CommitmentDiscountName,CommitmentDiscountStatus,CommitmentDiscountType,"
    "ConsumedQuantity,ConsumedUnit,ContractedCost,ContractedUnitPrice,EffectiveCost,"
    "InvoiceIssuerName,ListCost,ListUnitPrice,PricingCategory,PricingQuantity,PricingUnit,"
    "ProviderName,PublisherName,RegionId,RegionName,ResourceId,ResourceName,ResourceType,"
    "ServiceCategory,ServiceName,SkuId,SkuPriceId,SubAccountId,SubAccountName,Tags,"
    "x_CapacityType,x_Contender,x_NodeGroup,x_NodePool,x_RunId,x_Scenario,x_Seed\r\n";

typedef struct focus_writer {
    const wb_run_set *set;
    const wb_run_set_item *run;
    wb_export_sink *sink;
} focus_writer;

/* One part of an instance's bill. */
typedef struct charge {
    int64_t from_ms, to_ms;             /* calendar */
    int64_t month_from_ms, month_to_ms; /* calendar */
    int64_t cost_nusd, price_nusd_per_hour;
} charge;

static int64_t first_of_month_ms(long year, long month)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%04ld-%02ld-01T00:00:00Z", year, month);
    int64_t out_ms = 0;
    wb_error err;
    const wb_status status = wb_duration_parse_time(text, &out_ms, &err);
    assert(status == WB_OK); /* it is a date */
    (void)status;
    return out_ms;
}

/* When the month of a calendar time begins, and when the next one does. */
static void find_month(int64_t epoch_ms, int64_t *out_from_ms, int64_t *out_to_ms)
{
    char text[48]; /* 2026-01-05T... */
    wb_duration_print_time(epoch_ms, text);
    char *rest = NULL;
    const long year = strtol(text, &rest, 10);
    assert(*rest == '-'); /* it is our own print */
    const long month = strtol(rest + 1, NULL, 10);
    assert(month >= 1 && month <= 12);
    *out_from_ms = first_of_month_ms(year, month);
    *out_to_ms = first_of_month_ms(month == 12 ? year + 1 : year, month % 12 + 1);
}

static void add_money(wb_text *out, int64_t nusd)
{
    wb_text_add_format(out, "%lld.%09lld,", (long long)(nusd / 1000000000),
                       (long long)(nusd % 1000000000));
}

static void add_time(wb_text *out, int64_t epoch_ms)
{
    char text[48];
    wb_duration_print_time(epoch_ms, text);
    wb_text_add_format(out, "%s,", text);
}

static void add_field(wb_text *out, const char *text)
{
    wb_text_add_csv_field(out, text);
    wb_text_add_string(out, ",");
}

/* The region is the zone without its letter. */
static void add_region(wb_text *out, const char *zone)
{
    const size_t length = strlen(zone);
    wb_text_add(out, zone, length > 0 ? length - 1 : 0);
    wb_text_add_string(out, ",");
}

enum {
    COL_TYPE,
    COL_ZONE,
    COL_MARKET,
    COL_NODE,
    COL_ID,
    COL_GROUP,
    COL_POOL
};

/* Columns in the order of head; three lines of it a statement or so. */
static void add_charge(const focus_writer *writer, const wb_store_row *row, const charge *of)
{
    wb_text *out = &writer->sink->text;
    const char *type = wb_store_rows_text(row, COL_TYPE);
    const char *zone = wb_store_rows_text(row, COL_ZONE);
    const char *market = wb_store_rows_text(row, COL_MARKET);
    const bool is_spot = strcmp(market, "spot") == 0;
    const double hours = (double)(of->to_ms - of->from_ms) / 3.6e6;
    add_field(out, zone);
    add_money(out, of->cost_nusd);
    wb_text_add_string(out, "werkbank,,USD,");
    add_time(out, of->month_to_ms);
    add_time(out, of->month_from_ms);
    wb_text_add_format(out, "Usage,,%s %s instance in %s (simulated),Usage-Based,", type, market,
                       zone);
    add_time(out, of->to_ms);
    add_time(out, of->from_ms);
    wb_text_add_format(out, ",,,,,%.6f,Hours,", hours);
    add_money(out, of->cost_nusd);
    add_money(out, of->price_nusd_per_hour);
    add_money(out, of->cost_nusd);
    wb_text_add_string(out, "AWS,");
    add_money(out, of->cost_nusd);
    add_money(out, of->price_nusd_per_hour);
    wb_text_add_format(out, "%s,%.6f,Hours,AWS,werkbank,", is_spot ? "Dynamic" : "Standard", hours);
    add_region(out, zone);
    add_region(out, zone);
    wb_text_add_format(out, "i-%lld,", (long long)wb_store_rows_int(row, COL_ID));
    add_field(out, wb_store_rows_text(row, COL_NODE));
    wb_text_add_format(out, "EC2 instance,Compute,Amazon Elastic Compute Cloud,%s,%s-%s,werkbank,,",
                       type, type, market);
    wb_text_add_format(out, "\"{\"\"source\"\":\"\"werkbank\"\"}\",%s,", market);
    add_field(out, writer->run->contender);
    add_field(out, wb_store_rows_text(row, COL_GROUP));
    add_field(out, wb_store_rows_text(row, COL_POOL));
    wb_text_add_format(out, "%lld,", (long long)writer->run->run_id);
    add_field(out, writer->set->scenario);
    wb_text_add_format(out, "%llu\r\n", (unsigned long long)writer->set->seed);
}

/* Row: the columns above, running_ms, ended_ms, price, cost. The last month takes what rounding
 * left, so that the parts add up. */
static void see_instance(void *context, const wb_store_row *row)
{
    const focus_writer *writer = context;
    const int64_t epoch_ms = writer->set->epoch_ms > 0 ? writer->set->epoch_ms : 0;
    const int64_t from_ms = epoch_ms + wb_store_rows_int(row, COL_POOL + 1);
    const int64_t to_ms = epoch_ms + wb_store_rows_int(row, COL_POOL + 2);
    const int64_t cost_nusd = wb_store_rows_int(row, COL_POOL + 4);
    int64_t left_nusd = cost_nusd;
    charge part = {.from_ms = from_ms, .price_nusd_per_hour = wb_store_rows_int(row, COL_POOL + 3)};
    do {
        find_month(part.from_ms, &part.month_from_ms, &part.month_to_ms);
        const bool is_last = to_ms <= part.month_to_ms;
        part.to_ms = is_last ? to_ms : part.month_to_ms;
        part.cost_nusd =
            is_last ? left_nusd
                    : (int64_t)((double)cost_nusd *
                                ((double)(part.to_ms - part.from_ms) / (double)(to_ms - from_ms)));
        left_nusd -= part.cost_nusd;
        add_charge(writer, row, &part);
        part.from_ms = part.to_ms;
    } while (part.to_ms < to_ms);
    wb_export_sink_flush(writer->sink, false);
}

wb_status wb_export_focus(const wb_run_set *set, const char *view, wb_export_sink *sink,
                          wb_error *err)
{
    assert(set != NULL && sink != NULL);
    (void)view;
    wb_text_add_string(&sink->text, head);
    for (uint32_t i = 0; i < set->run_count; i++) {
        focus_writer writer = {.set = set, .run = &set->runs[i], .sink = sink};
        const wb_store_query query = {
            "SELECT i.instance_type, i.zone, i.capacity_type, coalesce(n.name, ''), i.instance_id,"
            " coalesce(i.node_group, ''), coalesce(c.nodepool, ''), i.running_ms,"
            " coalesce(i.ended_ms, ?2), i.price_nusd_per_hour, i.cost_nusd FROM instances i"
            " LEFT JOIN nodes n ON n.run_id = ?1 AND n.node_id = i.node_id"
            " LEFT JOIN claims c ON c.run_id = ?1 AND c.claim_id = i.claim_id"
            " WHERE i.run_id = ?1 AND i.running_ms IS NOT NULL ORDER BY i.instance_id",
            set->runs[i].run_id, set->runs[i].end_ms, NULL};
        WB_TRY(wb_store_rows_read(set->store, &query, see_instance, &writer, err));
    }
    return WB_OK;
}
