/*
 * Cron schedules: what is read, what is refused and why, and the next hit after a given time.
 * Expected times were worked out by hand from a calendar.
 */
#include <string.h>

#include "base/cron.h"
#include "base/duration.h"
#include "tests/harness.h"

static const struct {
    const char *name, *schedule, *after, *next; /* next NULL: none within five years */
} next_rows[] = {
    {"every minute: strictly after", "* * * * *", "2026-01-15T10:00:00Z", "2026-01-15T10:01:00Z"},
    {"seconds within the minute do not matter", "* * * * *", "2026-01-15T10:00:59.999Z",
     "2026-01-15T10:01:00Z"},
    {"a hit one millisecond ahead", "30 10 * * *", "2026-01-15T10:29:59.999Z",
     "2026-01-15T10:30:00Z"},
    {"a hit now is not next", "30 10 * * *", "2026-01-15T10:30:00Z", "2026-01-16T10:30:00Z"},
    {"steps of a star", "*/15 * * * *", "2026-01-15T10:16:00Z", "2026-01-15T10:30:00Z"},
    {"a start with a step runs to the end of the field", "50/5 * * * *", "2026-01-15T10:50:00Z",
     "2026-01-15T10:55:00Z"},
    {"and starts again in the next hour", "50/5 * * * *", "2026-01-15T10:55:00Z",
     "2026-01-15T11:50:00Z"},
    {"a range with a step", "0 8-18/5 * * *", "2026-01-15T13:00:00Z", "2026-01-15T18:00:00Z"},
    {"a list", "0,7,3 * * * *", "2026-01-15T10:03:00Z", "2026-01-15T10:07:00Z"},
    {"over the end of the day", "5 0 * * *", "2026-01-15T10:00:00Z", "2026-01-16T00:05:00Z"},
    {"over the end of the year", "0 0 1 1 *", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
    {"working days: Friday evening to Monday", "0 9 * * 1-5", "2026-01-16T09:00:00Z",
     "2026-01-19T09:00:00Z"},
    {"names of days in any case", "0 9 * * Mon-FRI", "2026-01-16T09:00:00Z",
     "2026-01-19T09:00:00Z"},
    {"names of months", "0 0 1 feb,Aug *", "2026-02-01T00:00:00Z", "2026-08-01T00:00:00Z"},
    {"Sunday is 0", "0 0 * * 0", "2026-01-15T00:00:00Z", "2026-01-18T00:00:00Z"},
    {"two day fields: either suffices", "0 0 20 * 1", "2026-01-15T00:00:00Z",
     "2026-01-19T00:00:00Z"},
    {"two day fields: the other one", "0 0 20 * 1", "2026-01-19T00:00:00Z", "2026-01-20T00:00:00Z"},
    {"a star with a step is no star: either suffices", "0 0 */10 * 1", "2026-01-15T00:00:00Z",
     "2026-01-19T00:00:00Z"},
    {"a star with step 1 is one: both must hold", "0 0 */1 * 1", "2026-01-15T00:00:00Z",
     "2026-01-19T00:00:00Z"},
    {"a question mark is a star", "0 0 20 * ?", "2026-01-15T00:00:00Z", "2026-01-20T00:00:00Z"},
    {"31 only in long months", "0 0 31 * *", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z"},
    {"a leap day", "0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z"},
    {"no leap day within five years", "0 0 29 2 *", "2096-03-01T00:00:00Z", NULL},
    {"30 February never comes", "0 0 30 2 *", "2026-03-01T00:00:00Z", NULL},
    {"@hourly", "@hourly", "2026-01-15T10:00:00Z", "2026-01-15T11:00:00Z"},
    {"@daily", "@daily", "2026-01-15T10:00:00Z", "2026-01-16T00:00:00Z"},
    {"@midnight", "@midnight", "2026-01-15T10:00:00Z", "2026-01-16T00:00:00Z"},
    {"@weekly is Sunday", "@weekly", "2026-01-15T10:00:00Z", "2026-01-18T00:00:00Z"},
    {"@monthly", "@monthly", "2026-01-15T10:00:00Z", "2026-02-01T00:00:00Z"},
    {"@yearly", "@yearly", "2026-01-15T10:00:00Z", "2027-01-01T00:00:00Z"},
    {"@annually", "@annually", "2026-01-15T10:00:00Z", "2027-01-01T00:00:00Z"},
    {"blanks and tabs between fields", "  0 \t9  * *\t* ", "2026-01-15T09:00:00Z",
     "2026-01-16T09:00:00Z"},
    {"at the epoch, a Thursday", "0 0 * * 4", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z"},
    {"before the epoch", "0 12 * * *", "1969-12-31T12:00:00.001Z", "1970-01-01T12:00:00Z"},
    {"over a century that is no leap year", "0 0 1 3 *", "2100-02-28T00:00:00Z",
     "2100-03-01T00:00:00Z"},
};

static void test_next(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(next_rows); i++) {
        const unsigned failures = CU_get_number_of_failures();
        wb_cron cron;
        int64_t after_ms = 0;
        int64_t expected_ms = 0;
        int64_t next_ms = -77;
        CU_ASSERT_EQUAL_FATAL(wb_cron_parse(next_rows[i].schedule, &cron, NULL), WB_OK);
        CU_ASSERT_EQUAL(wb_duration_parse_time(next_rows[i].after, &after_ms, NULL), WB_OK);
        const bool is_found = wb_cron_next(&cron, after_ms, &next_ms);
        CU_ASSERT_EQUAL(is_found, next_rows[i].next != NULL);
        if (next_rows[i].next != NULL) {
            CU_ASSERT_EQUAL(wb_duration_parse_time(next_rows[i].next, &expected_ms, NULL), WB_OK);
            CU_ASSERT_EQUAL(next_ms, expected_ms);
        } else {
            CU_ASSERT_EQUAL(next_ms, -77); /* untouched */
        }
        if (CU_get_number_of_failures() != failures) {
            printf("\n    failed: %s\n", next_rows[i].name);
        }
    }
}

static const struct {
    const char *schedule, *message;
} refused_rows[] = {
    {"", "'' has 0 fields, a cron schedule has 5"},
    {"* * * *", "'* * * *' has 4 fields, a cron schedule has 5"},
    {"0 0 * * * *", "'0 0 * * * *' has 6 fields, a cron schedule has 5"},
    {"60 * * * *", "'60' in the field 'minute' of a cron schedule is outside 0 to 59"},
    {"0 24 * * *", "'24' in the field 'hour' of a cron schedule is outside 0 to 23"},
    {"0 0 0 * *", "'0' in the field 'day of month' of a cron schedule is outside 1 to 31"},
    {"0 0 1-32 * *", "'1-32' in the field 'day of month' of a cron schedule is outside 1 to 31"},
    {"0 0 * 13 *", "'13' in the field 'month' of a cron schedule is outside 1 to 12"},
    {"0 0 * * 7", "'7' in the field 'day of week' of a cron schedule is outside 0 to 6"},
    {"x * * * *", "'x' in the field 'minute' of a cron schedule is no number, name, range or step"},
    {"mon * * * *",
     "'mon' in the field 'minute' of a cron schedule is no number, name, range or step"},
    {"1,,2 * * * *",
     "'' in the field 'minute' of a cron schedule is no number, name, range or step"},
    {"1-2-3 * * * *",
     "'1-2-3' in the field 'minute' of a cron schedule is no number, name, range or step"},
    {"1/2/3 * * * *",
     "'1/2/3' in the field 'minute' of a cron schedule is no number, name, range or step"},
    {"-5 * * * *",
     "'-5' in the field 'minute' of a cron schedule is no number, name, range or step"},
    {"5-1 * * * *", "'5-1' in the field 'minute' of a cron schedule begins after its end"},
    {"*/0 * * * *", "'*/0' in the field 'minute' of a cron schedule needs a step of 1 or more"},
    {"*/ * * * *", "'*/' in the field 'minute' of a cron schedule needs a step of 1 or more"},
    {"*5 * * * *",
     "'*5' in the field 'minute' of a cron schedule is no number, name, range or step"},
    {"9999999 * * * *",
     "'9999999' in the field 'minute' of a cron schedule is no number, name, range or step"},
    {"@every 5m", "'@every 5m' is no cron macro (@yearly, @annually, @monthly, @weekly, @daily, "
                  "@midnight, @hourly)"},
    {"TZ=UTC 0 0 * * *", "'TZ=UTC 0 0 * * *' has 6 fields, a cron schedule has 5"},
};

static void test_refused(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(refused_rows); i++) {
        wb_cron cron = {.minutes = 77};
        wb_error err;
        CU_ASSERT_EQUAL(wb_cron_parse(refused_rows[i].schedule, &cron, &err), WB_ERR_INPUT);
        CU_ASSERT_STRING_EQUAL(err.text, refused_rows[i].message);
        CU_ASSERT_EQUAL(cron.minutes, 77); /* untouched */
        if (strcmp(err.text, refused_rows[i].message) != 0) {
            printf("\n    '%s': %s\n", refused_rows[i].schedule, err.text);
        }
    }
}

/* The days of 2026, by hand. */
typedef struct walk_day {
    unsigned month, day, weekday;
} walk_day;

static walk_day next_day(walk_day day)
{
    static const uint8_t month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    day.weekday = (day.weekday + 1) % 7;
    day.day++;
    if (day.day > month_days[day.month - 1]) {
        day.day = 1;
        day.month++;
    }
    return day;
}

static bool has_day(const wb_cron *cron, walk_day day)
{
    const bool by_month_day = (cron->days_of_month >> day.day & 1U) != 0;
    const bool by_week_day = (cron->days_of_week >> day.weekday & 1U) != 0;
    return (cron->months >> day.month & 1U) != 0 &&
           (cron->both_days_must_match ? by_month_day && by_week_day : by_month_day || by_week_day);
}

/* Hits of a whole year, one after another, against a walk over all its minutes. */
static unsigned count_differences(const wb_cron *cron, int64_t start_ms)
{
    int64_t next_ms = -1;
    unsigned differences = wb_cron_next(cron, start_ms - 1, &next_ms) ? 0 : 1;
    int64_t minute_ms = start_ms;
    for (walk_day day = {1, 1, 4}; day.month <= 12; day = next_day(day)) { /* a Thursday */
        for (unsigned minute = 0; minute < 1440; minute++, minute_ms += 60000) {
            const bool is_hit = has_day(cron, day) && (cron->hours >> (minute / 60) & 1U) != 0 &&
                                (cron->minutes >> (minute % 60) & 1U) != 0;
            differences += is_hit != (minute_ms == next_ms) ? 1U : 0U;
            if (is_hit) {
                differences += wb_cron_next(cron, minute_ms, &next_ms) ? 0 : 1;
            }
        }
    }
    return differences;
}

static void test_walk(void)
{
    static const char *const schedules[] = {"7/20 3-5 * * *", "0 0 1-7 * 1", "*/45 22 */9 2,11 ?"};
    for (size_t i = 0; i < WB_TEST_COUNT(schedules); i++) {
        wb_cron cron;
        int64_t start_ms;
        CU_ASSERT_EQUAL_FATAL(wb_cron_parse(schedules[i], &cron, NULL), WB_OK);
        CU_ASSERT_EQUAL(wb_duration_parse_time("2026-01-01T00:00:00Z", &start_ms, NULL), WB_OK);
        CU_ASSERT_EQUAL(count_differences(&cron, start_ms), 0);
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"the next hit is strictly after", test_next},
        {"what is no schedule is refused with the field", test_refused},
        {"the hits of a year are those of a walk over its minutes", test_walk},
    };
    return wb_test_run("base/cron", cases, WB_TEST_COUNT(cases));
}
