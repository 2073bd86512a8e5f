/*
 * What EC2 told about spot: interruptions and recommendations of single instances (EventBridge
 * events, CloudTrail's BidEvictedEvent), and price changes of pools (DescribeSpotPriceHistory, or a
 * table with the same columns).
 *
 * Prices are those of Linux: a node group's or NodePool's machines run it, and the archive holds
 * four products per pool. Zone ids (use1-az2) and account-specific names (us-east-1b) are kept as
 * they come: which is which differs by account.
 */
#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/line_reader.h"
#include "traces/recording_internal.h"

#define PRICE_MAX_NUSD INT64_C(1000000000000000) /* a million dollars an hour: a broken number */

static uint32_t intern(wb_recording *recording, const char *text)
{
    return wb_intern_add(&recording->intern, text);
}

/* Adds an event unless the same was told before (archives overlap, queues deliver twice). */
static void add_event(wb_recording *recording, const wb_recording_spot *event)
{
    const uint64_t parts[] = {
        (uint64_t)event->at_ms, event->type,           event->zone, event->instance,
        (uint64_t)event->event, (uint64_t)event->value};
    uint64_t key = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        key = wb_hash_map_join(key, parts[i]);
    }
    if (!wb_hash_map_put(&recording->spot_by_key, key, 1)) {
        wb_recording_count(recording, WB_RECORDING_SPOT_REPEATED, NULL);
        return;
    }
    wb_recording_spot *row = WB_RECORDING_ADD(recording->spots);
    *row = *event;
    row->sequence = recording->sequence++;
}

/* ---- events of one instance ---- */

/* "arn:aws:ec2:us-east-1b:instance/i-0a": where a region is usual stands the zone. */
static uint32_t zone_of(wb_recording *recording, const wb_node *root)
{
    const wb_node *resources = wb_node_get(root, "resources");
    const char *region = wb_node_string(wb_node_get(root, "region"), "");
    if (resources == NULL || resources->kind != WB_NODE_LIST || resources->count == 0) {
        return 0;
    }
    const char *arn = wb_node_string(resources->children[0], "");
    if (strncmp(arn, "arn:aws:ec2:", 12) != 0) {
        return 0;
    }
    const char *zone = arn + 12;
    const size_t length = strcspn(zone, ":");
    if (length <= strlen(region) || strncmp(zone, region, strlen(region)) != 0) {
        return 0;
    }
    return wb_intern_add_length(&recording->intern, zone, length);
}

static bool ends(const char *state)
{
    return strcmp(state, "shutting-down") == 0 || strcmp(state, "stopping") == 0;
}

static void take_bridge_event(wb_recording *recording, const wb_node *root)
{
    const char *type = wb_node_string(wb_node_get(root, "detail-type"), "");
    const wb_node *detail = wb_node_get(root, "detail");
    const char *instance = wb_node_string(wb_node_get(detail, "instance-id"), "");
    wb_recording_spot event = {
        .at_ms = wb_recording_clock_time(wb_node_get(root, "time")),
        .instance = intern(recording, instance),
        .zone = zone_of(recording, root),
    };
    if (strcmp(type, "EC2 Spot Instance Interruption Warning") == 0) {
        event.event = WB_TRACE_SPOT_INTERRUPTION;
    } else if (strcmp(type, "EC2 Instance Rebalance Recommendation") == 0) {
        event.event = WB_TRACE_SPOT_REBALANCE;
    } else if (strcmp(type, "EC2 Instance State-change Notification") == 0 &&
               ends(wb_node_string(wb_node_get(detail, "state"), ""))) {
        event.event = WB_TRACE_SPOT_ENDED;
    } else {
        wb_recording_count(recording, WB_RECORDING_OTHER_EVENT, type);
        return;
    }
    if (event.at_ms < 0 || event.instance == 0) {
        wb_recording_count(recording, WB_RECORDING_OTHER_EVENT,
                           "an event without time or instance");
        return;
    }
    add_event(recording, &event);
}

/* CloudTrail's record of the same, with several instances and without a warning before. */
static void take_trail_event(wb_recording *recording, const wb_node *root)
{
    const wb_node *ids = wb_node_find(root, "serviceEventDetails.instanceIdSet");
    const int64_t at_ms = wb_recording_clock_time(wb_node_get(root, "eventTime"));
    const bool is_it =
        strcmp(wb_node_string(wb_node_get(root, "eventName"), ""), "BidEvictedEvent") == 0;
    if (!is_it || ids == NULL || ids->kind != WB_NODE_LIST || at_ms < 0) {
        wb_recording_count(recording, WB_RECORDING_OTHER_EVENT,
                           wb_node_string(wb_node_get(root, "eventName"), ""));
        return;
    }
    for (uint32_t i = 0; i < ids->count; i++) {
        const wb_recording_spot event = {
            .at_ms = at_ms,
            .event = WB_TRACE_SPOT_INTERRUPTION,
            .instance = intern(recording, wb_node_string(ids->children[i], "")),
        };
        if (event.instance != 0) {
            add_event(recording, &event);
        }
    }
}

/* ---- prices ---- */

/* "0.466400" in nano-dollars, or -1. */
static int64_t price_nusd(const char *text)
{
    int64_t value = 0;
    int decimals = -1; /* digits seen behind the point */
    bool has_digit = false;
    for (const char *at = text; *at != 0; at++) {
        if (*at == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (*at < '0' || *at > '9' || value > PRICE_MAX_NUSD) {
            return -1;
        }
        has_digit = true;
        if (decimals < 9) {
            value = value * 10 + (*at - '0');
            decimals += decimals >= 0 ? 1 : 0;
        }
    }
    for (int i = decimals < 0 ? 0 : decimals; i < 9; i++) {
        value = value > PRICE_MAX_NUSD ? value : value * 10;
    }
    return has_digit && value <= PRICE_MAX_NUSD ? value : -1;
}

typedef struct price_change {
    const char *zone, *type, *product, *price, *time;
} price_change;

/* False: something is wrong with it. */
static bool take_price(wb_recording *recording, const price_change *change, int64_t at_ms)
{
    const wb_recording_spot event = {
        .at_ms = at_ms,
        .event = WB_TRACE_SPOT_PRICE,
        .type = intern(recording, change->type),
        .zone = intern(recording, change->zone),
        .value = price_nusd(change->price),
    };
    if (event.at_ms < 0 || event.value < 0 || event.type == 0 || event.zone == 0) {
        return false;
    }
    if (strncmp(change->product, "Linux/UNIX", 10) != 0) {
        wb_recording_count(recording, WB_RECORDING_OTHER_PRODUCT, change->product);
        return true;
    }
    add_event(recording, &event);
    return true;
}

static void take_history(wb_recording *recording, const wb_node *root)
{
    const price_change change = {
        .zone = wb_node_string(wb_node_get(root, "AvailabilityZone"),
                               wb_node_string(wb_node_get(root, "AvailabilityZoneId"), "")),
        .type = wb_node_string(wb_node_get(root, "InstanceType"), ""),
        .product = wb_node_string(wb_node_get(root, "ProductDescription"), ""),
        .price = wb_node_string(wb_node_get(root, "SpotPrice"), ""),
    };
    if (!take_price(recording, &change, wb_recording_clock_time(wb_node_get(root, "Timestamp")))) {
        wb_recording_count(recording, WB_RECORDING_OTHER_EVENT, "a price without time or pool");
    }
}

bool wb_recording_spot_take(wb_recording *recording, const wb_node *document)
{
    assert(recording != NULL && document != NULL);
    if (wb_node_get(document, "detail-type") != NULL) {
        take_bridge_event(recording, document);
    } else if (wb_node_get(document, "eventName") != NULL) {
        take_trail_event(recording, document);
    } else if (wb_node_get(document, "SpotPrice") != NULL) {
        take_history(recording, document);
    } else {
        return false;
    }
    return true;
}

/* ---- the table ---- */

enum {
    TABLE_COLUMNS = 5
};

/* Splits line at tabs in place; the number of fields. */
static uint32_t split(char *line, const char *fields[TABLE_COLUMNS])
{
    uint32_t count = 0;
    for (char *at = line; at != NULL;) {
        char *tab = strchr(at, '\t');
        if (count < TABLE_COLUMNS) {
            fields[count] = at;
        }
        count++;
        if (tab != NULL) {
            *tab++ = 0;
        }
        at = tab;
    }
    return count;
}

/* A zone, a type with a point in it, and three more fields, in the first line. */
bool wb_recording_spot_is_table(const char *head, size_t length)
{
    uint32_t tabs = 0;
    bool has_point = false;
    for (size_t i = 0; i < length && head[i] != '\n'; i++) {
        tabs += head[i] == '\t' ? 1U : 0U;
        has_point = has_point || (tabs == 1 && head[i] == '.');
        if (tabs == 0 && (head[i] == '{' || head[i] == '"' || head[i] == ',')) {
            return false;
        }
    }
    return tabs == TABLE_COLUMNS - 1 && has_point;
}

static wb_status take_line(wb_recording *recording, char *line, uint64_t number, wb_error *err)
{
    const char *fields[TABLE_COLUMNS] = {"", "", "", "", ""};
    if (split(line, fields) != TABLE_COLUMNS) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: expected five fields with tabs between: zone, instance type, "
                       "product, USD per hour, time",
                       recording->path, (unsigned long long)number);
    }
    const price_change change = {fields[0], fields[1], fields[2], fields[3], fields[4]};
    const wb_node time = {.kind = WB_NODE_STRING,
                          .text = change.time,
                          .text_length = strlen(change.time)};
    if (!take_price(recording, &change, wb_recording_clock_time(&time))) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: '%.40s' at '%.40s' is no price at a time, expected USD per hour "
                       "and an RFC 3339 time",
                       recording->path, (unsigned long long)number, change.price, change.time);
    }
    recording->event_count++;
    return WB_OK;
}

wb_status wb_recording_spot_read_table(wb_recording *recording, wb_error *err)
{
    wb_line_reader *lines = NULL;
    WB_TRY(wb_line_reader_open(recording->path, &lines, err));
    wb_status status = WB_OK;
    for (;;) {
        char *line = NULL;
        size_t length = 0;
        bool is_cut = false;
        status = wb_line_reader_next(lines, &line, &length, &is_cut, err);
        if (status != WB_OK || line == NULL) {
            break;
        }
        recording->bytes += length + 1;
        if (length > 0) {
            status = take_line(recording, line, wb_line_reader_line(lines), err);
        }
        if (status != WB_OK) {
            break;
        }
    }
    wb_line_reader_close(lines);
    return status;
}
