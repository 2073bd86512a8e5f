#include "tests/sim/bill_fixture.h"

#include <string.h>

#include "tests/harness.h"

int64_t wb_bill_fixture_cost(const wb_bill *bill, const char *item, const char *detail)
{
    for (uint32_t i = 0; i < bill->item_count; i++) {
        if (strcmp(bill->items[i].item, item) == 0 && strcmp(bill->items[i].detail, detail) == 0) {
            return bill->items[i].cost_nusd;
        }
    }
    return -1;
}

void wb_bill_fixture_check(const char *name, const wb_bill *bill, const wb_bill_expected *items,
                           size_t max, int64_t total_nusd)
{
    for (size_t i = 0; i < max && items[i].item != NULL; i++) {
        const int64_t found = wb_bill_fixture_cost(bill, items[i].item, items[i].detail);
        if (found != items[i].cost_nusd) {
            printf("\n    %s: %s %s: %lld", name, items[i].item, items[i].detail, (long long)found);
        }
        CU_ASSERT_EQUAL(found, items[i].cost_nusd);
    }
    CU_ASSERT_EQUAL(bill->total_nusd, total_nusd);
}
