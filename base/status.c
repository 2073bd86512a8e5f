#include "base/status.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

wb_status wb_fail(wb_error *err, wb_status status, const char *fmt, ...)
{
    assert(status != WB_OK);
    assert(fmt != NULL);
    if (err == NULL) {
        return status;
    }
    /* Formatted beside the target first: callers wrap an error by passing err->text as argument. */
    char text[sizeof(err->text)];
    va_list args;
    va_start(args, fmt);
    const int length = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    assert(length >= 0);
    err->status = status;
    (void)snprintf(err->text, sizeof(err->text), "%s", text);
    return status;
}
