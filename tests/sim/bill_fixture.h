/* What a bill worked out by hand says of its items, held against the one that was made. */
#ifndef WB_TESTS_SIM_BILL_FIXTURE_H
#define WB_TESTS_SIM_BILL_FIXTURE_H

#include "sim/cloud/money.h"

/* An item by name and detail; without an item: the end of a list. */
typedef struct wb_bill_expected {
    const char *item, *detail;
    int64_t cost_nusd;
} wb_bill_expected;

/* What the bill asks for an item; -1: it has none of that name and detail. */
int64_t wb_bill_fixture_cost(const wb_bill *bill, const char *item, const char *detail);

/* Asserts the items (at most max of them) and the total; name is printed beside what differs. */
void wb_bill_fixture_check(const char *name, const wb_bill *bill, const wb_bill_expected *items,
                           size_t max, int64_t total_nusd);

#endif
