/*
 * Durations by Go's grammar (time.ParseDuration) and calendar times by RFC 3339, as Kubernetes
 * objects hold them.
 *
 * Go counts nanoseconds in an int64, so 292 years are its limit and ours; we keep milliseconds, the
 * resolution of the simulated clock, and round up: a timeout of 1 ns must not become none.
 */
#include "base/duration.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const int64_t nanos_per_ms = 1000000;

typedef struct unit {
    const char *text;
    int64_t nanos;
} unit;

/* Longer names before those they start with. Both micro signs (U+00B5, U+03BC) count, as in Go. */
static const unit units[] = {
    {"ns", 1},       {"us", 1000},      {"\xc2\xb5s", 1000},         {"\xce\xbcs", 1000},
    {"ms", 1000000}, {"s", 1000000000}, {"m", INT64_C(60000000000)}, {"h", INT64_C(3600000000000)},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Adds a * b to *sum; false when that goes beyond int64. a, b and *sum are not negative. */
static bool add_product(int64_t *sum, int64_t a, int64_t b)
{
    assert(a >= 0 && b >= 0 && *sum >= 0);
    int64_t product = 0;
    return !__builtin_mul_overflow(a, b, &product) && !__builtin_add_overflow(*sum, product, sum);
}

typedef enum part_result {
    PART_OK,
    PART_BAD,
    PART_TOO_LARGE
} part_result;

/* The nanoseconds of ".5" of a unit, cut at the nanosecond as Go does. */
static int64_t fraction_nanos(const char *fraction, size_t length, int64_t unit_nanos)
{
    int64_t nanos = 0;
    for (size_t i = length; i-- > 0;) {
        nanos = ((fraction[i] - '0') * unit_nanos + nanos) / 10;
    }
    assert(nanos >= 0 && nanos <= unit_nanos);
    return nanos;
}

/* Reads one "12.5h", adds it to *nanos and moves *text behind it. */
static part_result read_part(const char **text, int64_t *nanos)
{
    const char *at = *text;
    int64_t whole = 0;
    const char *const whole_start = at;
    for (; is_digit(*at); at++) {
        int64_t next = *at - '0';
        if (!add_product(&next, whole, 10)) {
            return PART_TOO_LARGE;
        }
        whole = next;
    }
    size_t digit_count = (size_t)(at - whole_start);
    const char *fraction = at;
    size_t fraction_length = 0;
    if (*at == '.') {
        fraction = ++at;
        while (is_digit(*at)) {
            at++;
        }
        fraction_length = (size_t)(at - fraction);
        digit_count += fraction_length;
    }
    if (digit_count == 0) {
        return PART_BAD;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        const size_t length = strlen(units[i].text);
        if (strncmp(at, units[i].text, length) != 0) {
            continue;
        }
        *text = at + length;
        const int64_t rest = fraction_nanos(fraction, fraction_length, units[i].nanos);
        return add_product(nanos, whole, units[i].nanos) && add_product(nanos, rest, 1)
                   ? PART_OK
                   : PART_TOO_LARGE;
    }
    return PART_BAD;
}

wb_status wb_duration_parse(const char *text, int64_t *out_ms, wb_error *err)
{
    assert(text != NULL);
    assert(out_ms != NULL);
    const bool is_negative = text[0] == '-';
    const char *rest = text + (text[0] == '-' || text[0] == '+' ? 1 : 0);
    int64_t nanos = 0;
    part_result result = *rest == '\0' ? PART_BAD : PART_OK;
    if (strcmp(rest, "0") == 0) { /* the one number that needs no unit */
        rest++;
    }
    while (result == PART_OK && *rest != '\0') {
        result = read_part(&rest, &nanos);
    }
    if (result == PART_BAD) {
        return wb_fail(err, WB_ERR_INPUT,
                       "'%.60s' is not a duration, expected numbers with units h m s ms us ns, "
                       "such as 1h30m or 250ms",
                       text);
    }
    if (result == PART_TOO_LARGE) {
        return wb_fail(err, WB_ERR_INPUT,
                       "'%.60s' is too large for a duration, expected at most 2562047h47m16s",
                       text);
    }
    const int64_t ms = nanos / nanos_per_ms + (nanos % nanos_per_ms != 0 ? 1 : 0);
    *out_ms = is_negative ? -ms : ms;
    return WB_OK;
}

wb_status wb_duration_parse_or_never(const char *text, int64_t *out_ms, wb_error *err)
{
    assert(text != NULL);
    assert(out_ms != NULL);
    if (strcmp(text, "Never") == 0) {
        *out_ms = WB_DURATION_NEVER;
        return WB_OK;
    }
    return wb_duration_parse(text, out_ms, err);
}

/* ".5" for 500 ms, "" for 0: no zeros at the end. */
static void print_fraction(uint64_t ms, char out[8])
{
    assert(ms < 1000);
    if (ms == 0) {
        out[0] = '\0';
        return;
    }
    (void)snprintf(out, 8, ".%03u", (unsigned)ms);
    for (size_t length = 4; out[length - 1] == '0'; length--) {
        out[length - 1] = '\0';
    }
}

void wb_duration_print(int64_t ms, char out[48])
{
    assert(out != NULL);
    if (ms == WB_DURATION_NEVER) {
        (void)snprintf(out, 48, "Never");
        return;
    }
    const char *sign = ms < 0 ? "-" : "";
    const uint64_t rest = ms < 0 ? -(uint64_t)ms : (uint64_t)ms;
    const unsigned long long hours = rest / (uint64_t)WB_MS_PER_HOUR;
    const unsigned minutes = (unsigned)(rest / (uint64_t)WB_MS_PER_MINUTE % 60);
    const unsigned seconds = (unsigned)(rest / (uint64_t)WB_MS_PER_SECOND % 60);
    char fraction[8];
    print_fraction(rest % 1000, fraction);
    if (rest == 0) {
        (void)snprintf(out, 48, "0s");
    } else if (rest < 1000) {
        (void)snprintf(out, 48, "%s%ums", sign, (unsigned)rest);
    } else if (hours > 0) {
        (void)snprintf(out, 48, "%s%lluh%um%u%ss", sign, hours, minutes, seconds, fraction);
    } else if (minutes > 0) {
        (void)snprintf(out, 48, "%s%um%u%ss", sign, minutes, seconds, fraction);
    } else {
        (void)snprintf(out, 48, "%s%u%ss", sign, seconds, fraction);
    }
}

typedef struct calendar {
    int64_t year;
    int month, day, hour, minute, second, ms; /* month and day from 1 */
    int zone_minutes;                         /* east of Greenwich */
} calendar;

/* Days since 1970-01-01 in the Gregorian calendar, also before 1582. Years are counted from March,
 * so that the leap day is a year's last and (153 * month + 2) / 5 days precede a month. */
static int64_t days_from_date(int64_t year, int month, int day)
{
    assert(month >= 1 && month <= 12);
    assert(day >= 1 && day <= 31);
    year -= month <= 2 ? 1 : 0;
    const int64_t era = (year >= 0 ? year : year - 399) / 400; /* 146,097 days each */
    const int64_t year_of_era = year - era * 400;
    const int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    const int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* The inverse. */
static void date_from_days(int64_t days, calendar *out)
{
    const int64_t from_march_0 = days + 719468;
    const int64_t era = (from_march_0 >= 0 ? from_march_0 : from_march_0 - 146096) / 146097;
    const int64_t day_of_era = from_march_0 - era * 146097;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t march_month = (5 * day_of_year + 2) / 153;
    out->day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
    out->month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    out->year = year_of_era + era * 400 + (out->month <= 2 ? 1 : 0);
}

/* Gregorian, for all years: RFC 3339 knows no other calendar. */
static int days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    assert(month >= 1 && month <= 12);
    const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/* Reads count digits and the byte behind them (0: none asked for); false when they are missing. */
static bool read_field(const char **text, int count, char behind, int *out)
{
    int value = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (!is_digit(**text)) {
            return false;
        }
        value = value * 10 + (**text - '0');
    }
    *out = value;
    if (behind == '\0') {
        return true;
    }
    return *(*text)++ == behind;
}

/* Reads "", ".5", ".123456789": the milliseconds, cut. */
static bool read_fraction(const char **text, int *out_ms)
{
    *out_ms = 0;
    if (**text != '.') {
        return true;
    }
    (*text)++;
    int weight = 100;
    const char *start = *text;
    for (; is_digit(**text); (*text)++) {
        *out_ms += (**text - '0') * weight;
        weight /= 10;
    }
    return *text > start;
}

/* Reads "Z", "+02:00", "-08:00". */
static bool read_zone(const char **text, int *out_minutes)
{
    *out_minutes = 0;
    if (**text == 'Z') {
        (*text)++;
        return true;
    }
    if (**text != '+' && **text != '-') {
        return false;
    }
    const int sign = *(*text)++ == '-' ? -1 : 1;
    int hours = 0;
    int minutes = 0;
    if (!read_field(text, 2, ':', &hours) || !read_field(text, 2, '\0', &minutes) || hours > 23 ||
        minutes > 59) {
        return false;
    }
    *out_minutes = sign * (hours * 60 + minutes);
    return true;
}

/* Checks the shape first and the ranges at the end, where the length of the month is known. A leap
 * second (60) is refused, as Go refuses it. */
static bool read_calendar(const char *text, calendar *out)
{
    int year = 0;
    if (!read_field(&text, 4, '-', &year) || !read_field(&text, 2, '-', &out->month) ||
        !read_field(&text, 2, 'T', &out->day) || !read_field(&text, 2, ':', &out->hour) ||
        !read_field(&text, 2, ':', &out->minute) || !read_field(&text, 2, '\0', &out->second) ||
        !read_fraction(&text, &out->ms) || !read_zone(&text, &out->zone_minutes)) {
        return false;
    }
    out->year = year;
    return *text == '\0' && out->month >= 1 && out->month <= 12 && out->day >= 1 &&
           out->day <= days_in_month(year, out->month) && out->hour <= 23 && out->minute <= 59 &&
           out->second <= 59;
}

wb_status wb_duration_parse_time(const char *text, int64_t *out_epoch_ms, wb_error *err)
{
    assert(text != NULL);
    assert(out_epoch_ms != NULL);
    calendar c;
    if (!read_calendar(text, &c)) {
        return wb_fail(err, WB_ERR_INPUT,
                       "'%.60s' is not a time, expected RFC 3339 such as 2026-01-15T10:00:00Z",
                       text);
    }
    const int64_t minutes = (int64_t)c.hour * 60 + c.minute - c.zone_minutes;
    *out_epoch_ms = days_from_date(c.year, c.month, c.day) * WB_MS_PER_DAY +
                    minutes * WB_MS_PER_MINUTE + c.second * WB_MS_PER_SECOND + c.ms;
    return WB_OK;
}

void wb_duration_print_time(int64_t epoch_ms, char out[48])
{
    assert(out != NULL);
    int64_t days = epoch_ms / WB_MS_PER_DAY;
    int64_t rest = epoch_ms % WB_MS_PER_DAY;
    if (rest < 0) {
        rest += WB_MS_PER_DAY;
        days--;
    }
    assert(rest >= 0 && rest < WB_MS_PER_DAY);
    calendar c;
    date_from_days(days, &c);
    char fraction[8] = "";
    if (rest % WB_MS_PER_SECOND != 0) {
        (void)snprintf(fraction, sizeof(fraction), ".%03u", (unsigned)(rest % WB_MS_PER_SECOND));
    }
    (void)snprintf(out, 48, "%04lld-%02d-%02dT%02d:%02d:%02d%sZ", (long long)c.year, c.month, c.day,
                   (int)(rest / WB_MS_PER_HOUR), (int)(rest / WB_MS_PER_MINUTE % 60),
                   (int)(rest / WB_MS_PER_SECOND % 60), fraction);
}
