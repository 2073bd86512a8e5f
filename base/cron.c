/*
 * Schedules as bitsets, one per field: whether a minute belongs to a schedule is five tests of a
 * bit.
 *
 * The next time is found by walking days (one that does not match is skipped whole), then the
 * hours and minutes of the first that does. At most 2,192 days are walked (five years and the rest
 * of one), since a schedule may never match (30 February); robfig/cron, which Kubernetes and
 * Karpenter use, gives up there as well. A CronJob asks once per run and a disruption budget once
 * per look at the cluster, so a cleverer search would gain nothing.
 */
#include "base/cron.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define CRON_SPAN_YEARS  5
#define CRON_FIELD_COUNT 5
#define MS_PER_MINUTE    INT64_C(60000)
#define MINUTES_PER_DAY  INT64_C(1440)

/* One field: its bounds, its names (for number first + i), and how messages call it. */
typedef struct cron_field {
    const char *title;
    const char *const *names;
    uint32_t lowest, highest;
} cron_field;

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
                                          "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const day_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};

static const cron_field fields[CRON_FIELD_COUNT] = {
    {"minute", NULL, 0, 59},          {"hour", NULL, 0, 23},
    {"day of month", NULL, 1, 31},    {"month", month_names, 1, 12},
    {"day of week", day_names, 0, 6},
};

static const struct {
    const char *name, *schedule;
} macros[] = {
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
};

/* What one part of a list ("1-5/2") says. */
typedef struct cron_range {
    uint32_t low, high, step;
    bool is_star; /* "*" or "?" without a step */
} cron_range;

/* A piece of the text that is being read; not zero-terminated. */
typedef struct cron_piece {
    const char *text;
    size_t length;
} cron_piece;

static char to_lower(char c)
{
    static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
    if (c >= 'A' && c <= 'Z') {
        return lower[c - 'A'];
    }
    return c;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Cuts what lies before the first separator off *rest; false when nothing is left. */
static bool cut_piece(cron_piece *rest, char separator, cron_piece *out)
{
    if (rest->text == NULL) {
        return false;
    }
    const char *end = memchr(rest->text, separator, rest->length);
    if (end == NULL) {
        *out = *rest;
        *rest = (cron_piece){NULL, 0};
        return true;
    }
    *out = (cron_piece){rest->text, (size_t)(end - rest->text)};
    *rest = (cron_piece){end + 1, rest->length - out->length - 1};
    return true;
}

static bool read_name(const cron_field *field, cron_piece piece, uint32_t *out)
{
    if (field->names == NULL || piece.length != 3) {
        return false;
    }
    for (uint32_t i = 0; field->names[i] != NULL; i++) {
        const char *name = field->names[i];
        if (to_lower(piece.text[0]) == name[0] && to_lower(piece.text[1]) == name[1] &&
            to_lower(piece.text[2]) == name[2]) {
            *out = field->lowest + i;
            return true;
        }
    }
    return false;
}

/* Digits only, at most six: no field and no useful step is longer. */
static bool read_number(cron_piece piece, uint32_t *out)
{
    if (piece.length == 0 || piece.length > 6) {
        return false;
    }
    uint32_t value = 0;
    for (size_t i = 0; i < piece.length; i++) {
        if (piece.text[i] < '0' || piece.text[i] > '9') {
            return false;
        }
        value = value * 10 + (uint32_t)(piece.text[i] - '0');
    }
    *out = value;
    return true;
}

/* Names first: "mon" is no number, and no number is a name. */
static bool read_value(const cron_field *field, cron_piece piece, uint32_t *out)
{
    return read_name(field, piece, out) || read_number(piece, out);
}

static wb_status fail_part(const cron_field *field, cron_piece part, const char *why, wb_error *err)
{
    return wb_fail(err, WB_ERR_INPUT, "'%.*s' in the field '%s' of a cron schedule %s",
                   (int)(part.length < 64 ? part.length : 64), part.text, field->title, why);
}

/* The part before a step: "*", "?", "a" or "a-b". */
static bool read_bounds(const cron_field *field, cron_piece bounds, bool has_step, cron_range *out)
{
    if (bounds.length == 1 && (bounds.text[0] == '*' || bounds.text[0] == '?')) {
        *out = (cron_range){field->lowest, field->highest, 1, !has_step};
        return true;
    }
    cron_piece low;
    cron_piece high;
    cron_piece rest = bounds;
    *out = (cron_range){.step = 1};
    if (!cut_piece(&rest, '-', &low) || !read_value(field, low, &out->low)) {
        return false;
    }
    if (!cut_piece(&rest, '-', &high)) {
        out->high = has_step ? field->highest : out->low;
        return true;
    }
    return rest.text == NULL && read_value(field, high, &out->high);
}

static wb_status read_range(const cron_field *field, cron_piece part, cron_range *out,
                            wb_error *err)
{
    cron_piece bounds;
    cron_piece step;
    cron_piece rest = part;
    const bool has_bounds = cut_piece(&rest, '/', &bounds);
    const bool has_step = cut_piece(&rest, '/', &step);
    if (!has_bounds || rest.text != NULL || !read_bounds(field, bounds, has_step, out)) {
        return fail_part(field, part, "is no number, name, range or step", err);
    }
    if (has_step) {
        if (!read_number(step, &out->step) || out->step == 0) {
            return fail_part(field, part, "needs a step of 1 or more", err);
        }
        /* With a step of 1 it is still a star to the rule of the two day fields. */
        out->is_star = (bounds.text[0] == '*' || bounds.text[0] == '?') && out->step == 1;
    }
    if (out->low < field->lowest || out->high > field->highest) {
        return wb_fail(err, WB_ERR_INPUT,
                       "'%.*s' in the field '%s' of a cron schedule is outside %u to %u",
                       (int)(part.length < 64 ? part.length : 64), part.text, field->title,
                       field->lowest, field->highest);
    }
    if (out->low > out->high) {
        return fail_part(field, part, "begins after its end", err);
    }
    return WB_OK;
}

static wb_status read_field(const cron_field *field, cron_piece text, uint64_t *out_bits,
                            bool *out_is_star, wb_error *err)
{
    uint64_t bits = 0;
    bool is_star = false;
    cron_piece part;
    cron_piece rest = text;
    while (cut_piece(&rest, ',', &part)) {
        cron_range range = {0};
        WB_TRY(read_range(field, part, &range, err));
        is_star = is_star || range.is_star;
        for (uint32_t value = range.low; value <= range.high; value += range.step) {
            bits |= UINT64_C(1) << value;
        }
    }
    *out_bits = bits;
    *out_is_star = is_star;
    return WB_OK;
}

/* Returns how many fields there are, of which the first five are in out. Blanks and tabs part them;
 * how many and where does not matter, as in Go's strings.Fields. */
static uint32_t split_fields(const char *text, cron_piece out[CRON_FIELD_COUNT])
{
    uint32_t count = 0;
    const char *at = text;
    while (*at != '\0') {
        if (is_blank(*at)) {
            at++;
            continue;
        }
        const char *start = at;
        while (*at != '\0' && !is_blank(*at)) {
            at++;
        }
        if (count < CRON_FIELD_COUNT) {
            out[count] = (cron_piece){start, (size_t)(at - start)};
        }
        count++;
    }
    return count;
}

static const char *expand_macro(const char *text)
{
    for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++) {
        if (strcmp(text, macros[i].name) == 0) {
            return macros[i].schedule;
        }
    }
    return NULL;
}

wb_status wb_cron_parse(const char *text, wb_cron *out, wb_error *err)
{
    assert(text != NULL && out != NULL);
    const char *schedule = text;
    if (text[0] == '@') {
        schedule = expand_macro(text);
        if (schedule == NULL) {
            return wb_fail(err, WB_ERR_INPUT,
                           "'%.64s' is no cron macro (@yearly, @annually, @monthly, @weekly, "
                           "@daily, @midnight, @hourly)",
                           text);
        }
    }
    cron_piece pieces[CRON_FIELD_COUNT];
    const uint32_t count = split_fields(schedule, pieces);
    if (count != CRON_FIELD_COUNT) {
        return wb_fail(err, WB_ERR_INPUT, "'%.64s' has %u fields, a cron schedule has 5", text,
                       count);
    }
    uint64_t bits[CRON_FIELD_COUNT];
    bool is_star[CRON_FIELD_COUNT];
    for (uint32_t i = 0; i < CRON_FIELD_COUNT; i++) {
        WB_TRY(read_field(&fields[i], pieces[i], &bits[i], &is_star[i], err));
        assert(bits[i] != 0);
    }
    *out = (wb_cron){.minutes = bits[0],
                     .hours = (uint32_t)bits[1],
                     .days_of_month = (uint32_t)bits[2],
                     .months = (uint32_t)bits[3],
                     .days_of_week = (uint32_t)bits[4],
                     .both_days_must_match = is_star[2] || is_star[4]};
    return WB_OK;
}

/* A day of the Gregorian calendar. */
typedef struct cron_date {
    int64_t year;
    uint32_t month, day; /* from 1 */
} cron_date;

/* Days since 1970-01-01 as a date, by eras of 400 years (146,097 days) that start in March, so
 * that the leap day is the last of its year. */
static cron_date date_of_day(int64_t day_number)
{
    const int64_t shifted = day_number + 719468; /* days from 0000-03-01 to 1970-01-01 */
    const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    const int64_t day_of_era = shifted - era * 146097;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month_from_march = (5 * day_of_year + 2) / 153;
    const int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return (cron_date){.year = year_of_era + era * 400 + (month <= 2 ? 1 : 0),
                       .month = (uint32_t)month,
                       .day = (uint32_t)(day_of_year - (153 * month_from_march + 2) / 5 + 1)};
}

static int64_t divide_down(int64_t value, int64_t by)
{
    return value >= 0 ? value / by : -((-value + by - 1) / by);
}

/* 1970-01-01 was a Thursday. */
static uint32_t weekday_of_day(int64_t day_number)
{
    const int64_t remainder = (day_number + 4) % 7;
    return (uint32_t)(remainder < 0 ? remainder + 7 : remainder);
}

/* The rule of the two day fields is Vixie cron's, with robfig's notion of a star. */
static bool allows_day(const wb_cron *cron, int64_t day_number, cron_date date)
{
    if ((cron->months >> date.month & 1U) == 0) {
        return false;
    }
    const bool month_day = (cron->days_of_month >> date.day & 1U) != 0;
    const bool week_day = (cron->days_of_week >> weekday_of_day(day_number) & 1U) != 0;
    return cron->both_days_must_match ? month_day && week_day : month_day || week_day;
}

/* The first minute of the day at or after from that the schedule has; false when there is none. */
static bool find_minute(const wb_cron *cron, int64_t from, int64_t *out)
{
    for (int64_t minute = from; minute < MINUTES_PER_DAY; minute++) {
        if ((cron->hours >> (minute / 60) & 1U) == 0) {
            minute = (minute / 60) * 60 + 59; /* on to the next hour */
            continue;
        }
        if ((cron->minutes >> (minute % 60) & 1U) != 0) {
            *out = minute;
            return true;
        }
    }
    return false;
}

/* Walks days, then hours, then minutes: at most 2,192 days for a schedule without hits, which is
 * some microseconds. */
bool wb_cron_next(const wb_cron *cron, int64_t after_unix_ms, int64_t *out_unix_ms)
{
    assert(cron != NULL && out_unix_ms != NULL);
    const int64_t first_minute = divide_down(after_unix_ms, MS_PER_MINUTE) + 1;
    int64_t day_number = divide_down(first_minute, MINUTES_PER_DAY);
    int64_t minute = first_minute - day_number * MINUTES_PER_DAY;
    assert(minute >= 0 && minute < MINUTES_PER_DAY);
    const int64_t last_year = date_of_day(day_number).year + CRON_SPAN_YEARS;
    for (;;) {
        const cron_date date = date_of_day(day_number);
        if (date.year > last_year) {
            return false;
        }
        int64_t found;
        if (allows_day(cron, day_number, date) && find_minute(cron, minute, &found)) {
            *out_unix_ms = (day_number * MINUTES_PER_DAY + found) * MS_PER_MINUTE;
            return true;
        }
        day_number++;
        minute = 0;
    }
}
