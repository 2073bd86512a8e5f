/*
 * Durations and times of day: what parses prints as a text that parses to the same moment. Go holds
 * durations in nanoseconds; the last millisecond of that range rounds out of it and is left alone.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "tests/fuzz/fuzz_target.h"

#define MS_MAX (INT64_MAX / 1000000 - 1)

typedef wb_status (*parser)(const char *text, int64_t *out_ms, wb_error *err);
typedef void (*printer)(int64_t ms, char out[48]);

static void check_round_trip(const char *text, parser parse, printer print)
{
    int64_t ms = 0;
    wb_error err;
    if (parse(text, &ms, &err) != WB_OK ||
        ((ms > MS_MAX || ms < -MS_MAX) && ms != WB_DURATION_NEVER)) {
        return;
    }
    char printed[48];
    print(ms, printed);
    int64_t again = 0;
    assert(parse(printed, &again, &err) == WB_OK);
    assert(again == ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[128] = "";
    memcpy(text, data, size < sizeof text ? size : sizeof text - 1);
    check_round_trip(text, wb_duration_parse_or_never, wb_duration_print);
    check_round_trip(text, wb_duration_parse_time, wb_duration_print_time);
    return 0;
}
