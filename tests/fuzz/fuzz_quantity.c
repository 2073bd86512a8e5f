/* Quantities: what parses prints as a text that parses to the same amount. */
#include <assert.h>
#include <string.h>

#include "base/quantity.h"
#include "tests/fuzz/fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[128] = "";
    memcpy(text, data, size < sizeof text ? size : sizeof text - 1);
    wb_quantity quantity;
    wb_error err;
    if (wb_quantity_parse(text, &quantity, &err) != WB_OK) {
        return 0;
    }
    char printed[48];
    wb_quantity_print(&quantity, printed);
    wb_quantity again;
    assert(wb_quantity_parse(printed, &again, &err) == WB_OK);
    assert(again.nanos == quantity.nanos);
    (void)wb_quantity_milli(&quantity);
    (void)wb_quantity_units(&quantity);
    return 0;
}
