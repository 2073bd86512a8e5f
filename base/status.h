/*
 * How every call in this house says that it failed.
 *
 * Three kinds of error, never mixed: the user's (a manifest, an option) and the system's (disk
 * full) travel as a wb_status with a wb_error; the programmer's is an assert. Only tools/cli
 * prints and exits. A status can't be ignored: WB_MUST_CHECK with -Werror.
 */
#ifndef WB_BASE_STATUS_H
#define WB_BASE_STATUS_H

#define WB_MUST_CHECK             __attribute__((warn_unused_result))
#define WB_PRINTF(fmt_arg, first) __attribute__((format(printf, fmt_arg, first)))

typedef enum wb_status {
    WB_OK = 0,
    WB_ERR_INPUT, /* the user's file or option is wrong */
    WB_ERR_LIMIT, /* right, but beyond a stated limit */
    WB_ERR_IO,    /* the system refused: not found, disk full */
} wb_status;

typedef struct wb_error {
    wb_status status;
    char text[512]; /* one sentence: place, what was found, what was expected */
} wb_error;

/* Fills err (may be NULL) and returns status, so that a caller writes: return wb_fail(...); */
WB_PRINTF(3, 4) wb_status wb_fail(wb_error *err, wb_status status, const char *fmt, ...);

/* WB_ERR_IO with "<path>: cannot <verb>: <what error_number (an errno) means>". */
wb_status wb_fail_io(wb_error *err, const char *path, const char *verb, int error_number);

/* Turns control characters into blanks, in place: a message quotes input, which may hold line ends
 * or a terminal's escapes, and a message is one line. wb_fail and findings do this themselves. */
void wb_status_flatten_text(char *text);

/* The one macro that hides control flow: returns the status of expr unless it is WB_OK. */
#define WB_TRY(expr)                     \
    do {                                 \
        const wb_status try_st = (expr); \
        if (try_st != WB_OK) {           \
            return try_st;               \
        }                                \
    } while (0)

#endif
