#include <string.h>

#include "base/duration.h"
#include "base/hash_map.h"
#include "tests/harness.h"

static const struct {
    const char *text;
    int64_t ms;
    const char *printed;
} duration_rows[] = {
    {"0", 0, "0s"},
    {"-0", 0, "0s"},
    {"0s", 0, "0s"},
    {"1s", 1000, "1s"},
    {"250ms", 250, "250ms"},
    {"1.5s", 1500, "1.5s"},
    {"1.05s", 1050, "1.05s"},
    {".5s", 500, "500ms"},
    {"1.s", 1000, "1s"},
    {"1m", 60000, "1m0s"},
    {"90s", 90000, "1m30s"},
    {"1h30m", 5400000, "1h30m0s"},
    {"720h", 2592000000, "720h0m0s"},
    {"1h1m1.001s", 3661001, "1h1m1.001s"},
    {"1.5h", 5400000, "1h30m0s"},
    {"30m1h", 5400000, "1h30m0s"},
    {"1s1s", 2000, "2s"},
    {"+5s", 5000, "5s"},
    {"-5s", -5000, "-5s"},
    {"-1h30m", -5400000, "-1h30m0s"},
    {"1us", 1, "1ms"},
    {"1\xc2\xb5s", 1, "1ms"},
    {"1\xce\xbcs", 1, "1ms"},
    {"1ns", 1, "1ms"},
    {"1000001ns", 2, "2ms"},
    {"-1ns", -1, "-1ms"},
    {"0.1ns", 0, "0s"},
    {"1000000ns", 1, "1ms"},
    {"2562047h47m16.854775807s", 9223372036855, "2562047h47m16.855s"},
};

static void read_and_print_durations(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(duration_rows); i++) {
        int64_t ms = -7;
        char printed[48];
        CU_ASSERT_EQUAL(wb_duration_parse(duration_rows[i].text, &ms, NULL), WB_OK);
        wb_duration_print(ms, printed);
        if (ms != duration_rows[i].ms || strcmp(printed, duration_rows[i].printed) != 0) {
            printf("'%s' gave %lld ms, '%s'\n", duration_rows[i].text, (long long)ms, printed);
            CU_FAIL("a row differs");
        }
    }
}

static const char *const refused_durations[] = {
    "",
    "s",
    "1",
    "1.5",
    "-",
    "+",
    "1x",
    " 1s",
    "1s ",
    "--1s",
    "1h-1m",
    ".s",
    "1 s",
    "Never",
    "1d",
    "1S",
    "1e3s",
    "0x1s",
    "2562047h47m16.854775808s",
    "9223372036854775808ns",
    "99999999999999999999h",
    "5124095h",
};

static void refuse_durations(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(refused_durations); i++) {
        int64_t ms = -7;
        wb_error err = {WB_OK, ""};
        if (wb_duration_parse(refused_durations[i], &ms, &err) != WB_ERR_INPUT ||
            strstr(err.text, "expected") == NULL) {
            printf("'%s' was not refused: %s\n", refused_durations[i], err.text);
            CU_FAIL("a row is not refused");
        }
        CU_ASSERT_EQUAL(ms, -7);
    }
}

static void know_never(void)
{
    int64_t ms = 0;
    char text[48];
    CU_ASSERT_EQUAL(wb_duration_parse_or_never("Never", &ms, NULL), WB_OK);
    CU_ASSERT_EQUAL(ms, WB_DURATION_NEVER);
    wb_duration_print(ms, text);
    CU_ASSERT_STRING_EQUAL(text, "Never");
    CU_ASSERT_EQUAL(wb_duration_parse_or_never("30s", &ms, NULL), WB_OK);
    CU_ASSERT_EQUAL(ms, 30000);
    CU_ASSERT_EQUAL(wb_duration_parse_or_never("never", &ms, NULL), WB_ERR_INPUT);
    wb_duration_print(INT64_MIN, text);
    CU_ASSERT_STRING_EQUAL(text, "-2562047788015h12m55.808s");
}

static void round_trip_durations(void)
{
    for (uint64_t i = 0; i < 20000; i++) {
        /* Up to 2^42 ms, some 139 years: Go's limit is 292. */
        const int64_t ms = (int64_t)(wb_hash_map_mix(i) >> (22 + i % 42)) * (i % 2 == 0 ? 1 : -1);
        char text[48];
        int64_t again = 0;
        wb_duration_print(ms, text);
        CU_ASSERT_EQUAL(wb_duration_parse(text, &again, NULL), WB_OK);
        CU_ASSERT_EQUAL(again, ms);
    }
}

static const struct {
    const char *text;
    int64_t epoch_ms;
    const char *printed; /* NULL: as text */
} time_rows[] = {
    {"1970-01-01T00:00:00Z", 0, NULL},
    {"1969-12-31T23:59:59.999Z", -1, NULL},
    {"2026-01-15T10:00:00Z", 1768471200000, NULL},
    {"2026-01-15T10:00:00.123Z", 1768471200123, NULL},
    {"2026-01-15T10:00:00.1Z", 1768471200100, "2026-01-15T10:00:00.100Z"},
    {"2026-01-15T10:00:00.123999999Z", 1768471200123, "2026-01-15T10:00:00.123Z"},
    {"2026-01-15T12:00:00+02:00", 1768471200000, "2026-01-15T10:00:00Z"},
    {"2026-01-15T04:30:00-05:30", 1768471200000, "2026-01-15T10:00:00Z"},
    {"2024-02-29T23:59:59Z", 1709251199000, NULL},
    {"2000-02-29T00:00:00Z", 951782400000, NULL},
    {"1900-03-01T00:00:00Z", -2203891200000, NULL},
    {"0000-01-01T00:00:00Z", -62167219200000, NULL},
    {"9999-12-31T23:59:59.999Z", 253402300799999, NULL},
    {"2023-12-31T23:30:00-01:00", 1704069000000, "2024-01-01T00:30:00Z"},
};

static void read_and_print_times(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(time_rows); i++) {
        int64_t epoch_ms = -7;
        char printed[48];
        CU_ASSERT_EQUAL(wb_duration_parse_time(time_rows[i].text, &epoch_ms, NULL), WB_OK);
        wb_duration_print_time(epoch_ms, printed);
        const char *expected =
            time_rows[i].printed == NULL ? time_rows[i].text : time_rows[i].printed;
        if (epoch_ms != time_rows[i].epoch_ms || strcmp(printed, expected) != 0) {
            printf("'%s' gave %lld, '%s'\n", time_rows[i].text, (long long)epoch_ms, printed);
            CU_FAIL("a row differs");
        }
    }
}

static const char *const refused_times[] = {
    "",
    "2026-01-15",
    "2026-01-15T10:00:00",
    "2026-01-15 10:00:00Z",
    "2026-01-15t10:00:00Z",
    "2026-01-15T10:00:00z",
    "2026-1-15T10:00:00Z",
    "2026-13-15T10:00:00Z",
    "2026-00-15T10:00:00Z",
    "2026-01-32T10:00:00Z",
    "2026-01-00T10:00:00Z",
    "2026-02-29T10:00:00Z",
    "1900-02-29T10:00:00Z",
    "2026-04-31T10:00:00Z",
    "2026-01-15T24:00:00Z",
    "2026-01-15T10:60:00Z",
    "2026-01-15T10:00:60Z",
    "2026-01-15T10:00:00.Z",
    "2026-01-15T10:00:00+0200",
    "2026-01-15T10:00:00+24:00",
    "2026-01-15T10:00:00Zx",
    "12026-01-15T10:00:00Z",
    "-2026-01-15T10:00:00Z",
};

static void refuse_times(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(refused_times); i++) {
        int64_t epoch_ms = -7;
        if (wb_duration_parse_time(refused_times[i], &epoch_ms, NULL) != WB_ERR_INPUT) {
            printf("'%s' was not refused\n", refused_times[i]);
            CU_FAIL("a row is not refused");
        }
        CU_ASSERT_EQUAL(epoch_ms, -7);
    }
}

static int days_in(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return lengths[month - 1] + (month == 2 ? leap : 0);
}

static void check_day(int year, int month, int day, int64_t epoch_ms)
{
    char expected[64];
    char printed[48];
    int64_t read = 0;
    (void)snprintf(expected, sizeof(expected), "%04d-%02d-%02dT00:00:00Z", year, month, day);
    wb_duration_print_time(epoch_ms, printed);
    CU_ASSERT_STRING_EQUAL(printed, expected);
    CU_ASSERT_EQUAL(wb_duration_parse_time(expected, &read, NULL), WB_OK);
    CU_ASSERT_EQUAL(read, epoch_ms);
}

/* Every day of four centuries, the whole cycle of the calendar, counted by hand. */
static void count_every_day(void)
{
    int64_t epoch_ms = 0;
    for (int year = 1970; year < 2370; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int day = 1; day <= days_in(year, month); day++) {
                check_day(year, month, day, epoch_ms);
                epoch_ms += WB_MS_PER_DAY;
            }
        }
    }
}

static const wb_test_case cases[] = {
    {"durations are read and printed as Go does", read_and_print_durations},
    {"what is no duration is refused", refuse_durations},
    {"Never is a word where it is allowed", know_never},
    {"durations survive printing and reading", round_trip_durations},
    {"calendar times are read and printed", read_and_print_times},
    {"what is no calendar time is refused", refuse_times},
    {"every day of 400 years is where it belongs", count_every_day},
};

int main(void)
{
    return wb_test_run("duration", cases, WB_TEST_COUNT(cases));
}
