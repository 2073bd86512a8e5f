/* Quantities as the API server reads and prints them (k8s.io/apimachinery, resource.Quantity). */
#include <string.h>

#include "base/hash_map.h"
#include "base/quantity.h"
#include "tests/harness.h"

#define MAX INT64_MAX

static const struct {
    const char *text, *printed;
    int64_t milli, units;
} rows[] = {
    /* plain numbers */
    {"0", "0", 0, 0},
    {"1", "1", 1000, 1},
    {"+1", "1", 1000, 1},
    {"-1", "-1", -1000, -1},
    {"007", "7", 7000, 7},
    {"10", "10", 10000, 10},
    {"100", "100", 100000, 100},
    {"1000", "1k", 1000000, 1000},
    {"1024", "1024", 1024000, 1024},
    {"1500", "1500", 1500000, 1500},
    {"1000000", "1M", 1000000000, 1000000},
    {"0.5", "500m", 500, 1},
    {"1.5", "1500m", 1500, 2},
    {".5", "500m", 500, 1},
    {"5.", "5", 5000, 5},
    {"1.000", "1", 1000, 1},
    {"0.1", "100m", 100, 1},
    {"0.001", "1m", 1, 1},
    {"0.0001", "100u", 1, 1},
    {"-0.5", "-500m", -500, -1},
    {"-0", "0", 0, 0},
    /* decimal suffixes */
    {"1n", "1n", 1, 1},
    {"1u", "1u", 1, 1},
    {"1m", "1m", 1, 1},
    {"100m", "100m", 100, 1},
    {"1000m", "1", 1000, 1},
    {"1500m", "1500m", 1500, 2},
    {"100000m", "100", 100000, 100},
    {"1001m", "1001m", 1001, 2},
    {"1k", "1k", 1000000, 1000},
    {"0.5k", "500", 500000, 500},
    {"3M", "3M", 3000000000, 3000000},
    {"2G", "2G", 2000000000000, 2000000000},
    {"1.5T", "1500G", 1500000000000000, 1500000000000},
    {"7P", "7P", 7000000000000000000, 7000000000000000},
    {"9E", "9E", MAX, 9000000000000000000},
    {"1000k", "1M", 1000000000, 1000000},
    {"0m", "0", 0, 0},
    {"-250m", "-250m", -250, -1},
    {"1000000n", "1m", 1, 1},
    {"1000001n", "1000001n", 2, 1},
    /* binary suffixes */
    {"1Ki", "1Ki", 1024000, 1024},
    {"1Mi", "1Mi", 1048576000, 1048576},
    {"1Gi", "1Gi", 1073741824000, 1073741824},
    {"1Ti", "1Ti", 1099511627776000, 1099511627776},
    {"1Pi", "1Pi", 1125899906842624000, 1125899906842624},
    {"7Ei", "7Ei", MAX, 8070450532247928832},
    {"1024Ki", "1Mi", 1048576000, 1048576},
    {"1023Ki", "1023Ki", 1047552000, 1047552},
    {"1.5Gi", "1536Mi", 1610612736000, 1610612736},
    {"0.5Gi", "512Mi", 536870912000, 536870912},
    {"0.5Ki", "512", 512000, 512},
    {"0.1Ki", "102400m", 102400, 103},
    {"1.1Ki", "1126400m", 1126400, 1127},
    {"0.0009765625Ki", "1", 1000, 1},
    {"0Gi", "0", 0, 0},
    {"-1Gi", "-1Gi", -1073741824000, -1073741824},
    {"-0.5Ki", "-512", -512000, -512},
    {"1000Ki", "1000Ki", 1024000000, 1024000},
    {"0.9765625Ki", "1k", 1000000, 1000},
    /* exponents */
    {"1e3", "1e3", 1000000, 1000},
    {"1E3", "1e3", 1000000, 1000},
    {"1e+3", "1e3", 1000000, 1000},
    {"12e0", "12", 12000, 12},
    {"1e4", "10e3", 10000000, 10000},
    {"1.5e3", "1500", 1500000, 1500},
    {"1500e-3", "1500e-3", 1500, 2},
    {"1e-3", "1e-3", 1, 1},
    {"5e-10", "1e-9", 1, 1},
    {"9e18", "9e18", MAX, 9000000000000000000},
    {"1e-999999999999", "1e-9", 1, 1},
    {"0e999999999999", "0", 0, 0},
    {"-2e3", "-2e3", -2000000, -2000},
    /* finer than nano: away from zero */
    {"0.0000000001", "1n", 1, 1},
    {"1.0000000001", "1000000001n", 1001, 2},
    {"0.1n", "1n", 1, 1},
    {"1.9n", "2n", 1, 1},
    {"0.0000000001Ki", "103n", 1, 1},
    {"0.0000000000001Ki", "1n", 1, 1},
    {"-0.1n", "-1n", -1, -1},
    {"0.123456789123456789", "123456790n", 124, 1},
    /* the edge */
    {"9223372036854775807", "9223372036854775807", MAX, MAX},
    {"-9223372036854775807", "-9223372036854775807", INT64_MIN, -MAX},
    {"9223372036854775.807k", "9223372036854775807", MAX, MAX},
    {"000000000000000000000000000000000000000000009", "9", 9000, 9},
};

static void read_and_print(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_quantity quantity;
        wb_error err = {WB_OK, ""};
        char printed[48];
        CU_ASSERT_EQUAL_FATAL(wb_quantity_parse(rows[i].text, &quantity, &err), WB_OK);
        wb_quantity_print(&quantity, printed);
        if (strcmp(printed, rows[i].printed) != 0 ||
            wb_quantity_milli(&quantity) != rows[i].milli ||
            wb_quantity_units(&quantity) != rows[i].units) {
            printf("'%s' gave '%s', %lld milli, %lld units\n", rows[i].text, printed,
                   (long long)wb_quantity_milli(&quantity),
                   (long long)wb_quantity_units(&quantity));
            CU_FAIL("a row differs");
        }
    }
}

static void print_canonically(void)
{
    /* What was printed is read back to the same amount and prints the same. */
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_quantity first;
        wb_quantity again;
        char printed[48];
        char reprinted[48];
        CU_ASSERT_EQUAL_FATAL(wb_quantity_parse(rows[i].text, &first, NULL), WB_OK);
        wb_quantity_print(&first, printed);
        CU_ASSERT_EQUAL_FATAL(wb_quantity_parse(printed, &again, NULL), WB_OK);
        CU_ASSERT(again.nanos == first.nanos);
        again.format = first.format;
        wb_quantity_print(&again, reprinted);
        CU_ASSERT_STRING_EQUAL(reprinted, printed);
    }
}

static const struct {
    const char *text, *reason;
} refused_rows[] = {
    {"", "expected a number first"},
    {" 1", "expected a number first"},
    {"--1", "expected a number first"},
    {"+-1", "expected a number first"},
    {"-", "expected a number first"},
    {"+", "expected a number first"},
    {".", "expected a number first"},
    {"Ki", "expected a number first"},
    {"m", "expected a number first"},
    {"e3", "expected a number first"},
    {"abc", "expected a number first"},
    {"1.5.2Gi", "expected after the number"},
    {"1 Gi", "expected after the number"},
    {"1Gi ", "expected after the number"},
    {"1Ki5", "expected after the number"},
    {"1e", "expected after the number"},
    {"1e+", "expected after the number"},
    {"1e3.5", "expected after the number"},
    {"1e3k", "expected after the number"},
    {"1K", "expected after the number"},
    {"1ki", "expected after the number"},
    {"1Gb", "expected after the number"},
    {"1mm", "expected after the number"},
    {"1,5", "expected after the number"},
    {"0x10", "expected after the number"},
    {"1\n", "expected after the number"},
    {"1\xc2\xb5", "expected after the number"},
    {"9223372036854775808", "too large"},
    {"-9223372036854775808", "too large"},
    {"9223372036854775807.1", "too large"},
    {"8Ei", "too large"},
    {"10E", "too large"},
    {"1e19", "too large"},
    {"1e99999999999999999999", "too large"},
    {"99999999999999999999999999999999999999999999", "too large"},
    {"99999999999999999999999999999999999999999999Ki", "too large"},
};

static void refuse(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(refused_rows); i++) {
        wb_quantity quantity = {.nanos = 42, .format = WB_QUANTITY_DECIMAL_SI};
        wb_error err = {WB_OK, ""};
        const wb_status status = wb_quantity_parse(refused_rows[i].text, &quantity, &err);
        if (status != WB_ERR_INPUT || strstr(err.text, refused_rows[i].reason) == NULL) {
            printf("'%s': %s\n", refused_rows[i].text, err.text);
            CU_FAIL("not refused, or for another reason");
        }
        CU_ASSERT(quantity.nanos == 42); /* untouched on failure */
    }
}

static const struct {
    int64_t amount;
    const char *as_milli, *as_bytes;
} amount_rows[] = {
    {0, "0", "0"},
    {1, "1m", "1"},
    {1000, "1", "1k"},
    {1023, "1023m", "1023"},
    {1024, "1024m", "1Ki"},
    {1500, "1500m", "1500"},
    {1 << 30, "1073741824m", "1Gi"},
    {-2048, "-2048m", "-2Ki"},
    {INT64_MAX, "9223372036854775807m", "9223372036854775807"},
};

static void print_amounts(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(amount_rows); i++) {
        char text[48];
        wb_quantity_print_milli(amount_rows[i].amount, text);
        CU_ASSERT_STRING_EQUAL(text, amount_rows[i].as_milli);
        wb_quantity_print_bytes(amount_rows[i].amount, text);
        CU_ASSERT_STRING_EQUAL(text, amount_rows[i].as_bytes);
    }
}

/* Every amount of milli-units that a trace may hold survives printing and reading. */
static void round_trip_amounts(void)
{
    for (uint64_t i = 0; i < 20000; i++) {
        const uint64_t bits = wb_hash_map_mix(i + 1);
        const int64_t amount = (int64_t)(bits >> (1 + i % 62)) * (i % 2 == 0 ? 1 : -1);
        wb_quantity quantity;
        char text[48];
        wb_quantity_print_milli(amount, text);
        CU_ASSERT_EQUAL_FATAL(wb_quantity_parse(text, &quantity, NULL), WB_OK);
        CU_ASSERT_EQUAL(wb_quantity_milli(&quantity), amount);
        wb_quantity_print_bytes(amount, text);
        CU_ASSERT_EQUAL_FATAL(wb_quantity_parse(text, &quantity, NULL), WB_OK);
        CU_ASSERT_EQUAL(wb_quantity_units(&quantity), amount);
    }
}

static const wb_test_case cases[] = {
    {"quantities are read, rounded and printed as Kubernetes does", read_and_print},
    {"printing is canonical", print_canonically},
    {"garbage and overflow are refused with a reason", refuse},
    {"plain amounts are printed", print_amounts},
    {"plain amounts survive printing and reading", round_trip_amounts},
};

int main(void)
{
    return wb_test_run("quantity", cases, WB_TEST_COUNT(cases));
}
