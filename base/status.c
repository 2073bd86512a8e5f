/*
 * Errors as values. A message is formatted once, where the failure is understood, and travels up
 * unchanged or wrapped by a caller that knows more ("pool.yaml: ..."). 512 bytes hold a path, a
 * place, what was found and what was expected; longer quotes are cut, never the process.
 */
#include "base/status.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void wb_status_flatten_text(char *text)
{
    assert(text != NULL);
    for (unsigned char *byte = (unsigned char *)text; *byte != '\0'; byte++) {
        if (*byte < ' ' || *byte == 0x7f) {
            *byte = ' ';
        }
    }
}

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
    wb_status_flatten_text(text);
    err->status = status;
    (void)snprintf(err->text, sizeof(err->text), "%s", text);
    return status;
}

wb_status wb_fail_io(wb_error *err, const char *path, const char *verb, int error_number)
{
    assert(path != NULL && verb != NULL);
    char reason[128] = "unknown error";
    (void)strerror_r(error_number, reason, sizeof(reason));
    return wb_fail(err, WB_ERR_IO, "%s: cannot %s: %s", path, verb, reason);
}
