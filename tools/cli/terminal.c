/*
 * The one place where the command prints, and where signals arrive.
 *
 * A result goes out in one write that is checked and flushed: a full disk behind a redirection is
 * an error, not a short file. A signal only raises a flag, which the run looks at between events,
 * so that a run always ends between two of them; another signal, later, ends at once. Progress is
 * drawn over itself at most ten times a second and is gone before anything else is printed.
 */
#include "tools/cli/terminal.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SAME_SIGNAL_SECONDS 0.25

static volatile sig_atomic_t stop_signal;
static bool progress_is_shown;
static double progress_drawn_at;

void wb_terminal_error(const char *fmt, ...)
{
    assert(fmt != NULL);
    wb_terminal_finish_progress();
    char message[1024];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    (void)fprintf(stderr, "werkbank: %s\n", message);
}

void wb_terminal_print_error(const wb_error *err)
{
    assert(err != NULL);
    if (err->text[0] != '\0') {
        wb_terminal_error("%s", err->text);
    }
}

static void print_findings(const wb_findings *findings, bool is_quiet)
{
    wb_terminal_finish_progress();
    for (size_t i = 0; i < findings->warning_count && !is_quiet; i++) {
        (void)fprintf(stderr, "werkbank: warning: %s\n", findings->warnings[i].text);
    }
    for (size_t i = 0; i < findings->error_count; i++) {
        (void)fprintf(stderr, "werkbank: %s\n", findings->errors[i].text);
    }
    if (findings->dropped_count > 0) {
        (void)fprintf(stderr, "werkbank: and %zu more errors\n", findings->dropped_count);
    }
}

wb_status wb_terminal_close_findings(const wb_invocation *invocation, const wb_findings *findings,
                                     wb_status status, wb_error *err)
{
    assert(invocation != NULL && findings != NULL && err != NULL);
    print_findings(findings, wb_command_flag(invocation, "quiet"));
    if (status != WB_OK && findings->error_count > 0) {
        err->text[0] = '\0';
    }
    return status;
}

wb_exit wb_terminal_write_result(const wb_text *text)
{
    assert(text != NULL);
    wb_terminal_finish_progress();
    const char *bytes = wb_text_string(text);
    if (fwrite(bytes, 1, text->length, stdout) != text->length || fflush(stdout) != 0) {
        wb_error err;
        (void)wb_fail_io(&err, "standard output", "write", errno);
        wb_terminal_error("%s", err.text);
        return WB_EXIT_FAILED;
    }
    return WB_EXIT_DONE;
}

bool wb_terminal_has_color(const wb_invocation *invocation)
{
    assert(invocation != NULL);
    const char *when = wb_command_text(invocation, "color");
    if (strcmp(when, "auto") != 0) {
        return strcmp(when, "always") == 0;
    }
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment */
    const char *no_color = getenv("NO_COLOR");
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment */
    const char *term = getenv("TERM");
    return (no_color == NULL || *no_color == 0) && term != NULL && strcmp(term, "dumb") != 0 &&
           isatty(STDOUT_FILENO) != 0;
}

bool wb_terminal_has_progress(const wb_invocation *invocation)
{
    assert(invocation != NULL);
    return !wb_command_flag(invocation, "quiet") && isatty(STDERR_FILENO) != 0;
}

double wb_terminal_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void wb_terminal_show_progress(const char *fmt, ...)
{
    assert(fmt != NULL);
    const double now = wb_terminal_seconds();
    if (progress_is_shown && now - progress_drawn_at < 0.1) {
        return;
    }
    progress_is_shown = true;
    progress_drawn_at = now;
    char line[160];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    (void)fprintf(stderr, "\r\033[K%s", line);
    (void)fflush(stderr);
}

void wb_terminal_finish_progress(void)
{
    if (progress_is_shown) {
        (void)fprintf(stderr, "\r\033[K");
        (void)fflush(stderr);
        progress_is_shown = false;
    }
}

/* Async-signal-safe: it sets a flag, or ends the process. timeout(1) sends one signal twice, to the
 * process and to its group, so one that follows at once is the same. */
static void note_signal(int signal_number)
{
    static struct timespec first;
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    const double since =
        (double)(now.tv_sec - first.tv_sec) + (double)(now.tv_nsec - first.tv_nsec) / 1e9;
    if (stop_signal != 0 && since > SAME_SIGNAL_SECONDS) {
        _exit(128 + signal_number); /* the second time the user means now */
    }
    if (stop_signal == 0) {
        first = now;
        stop_signal = signal_number;
    }
}

void wb_terminal_catch_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note_signal;
    (void)sigaddset(&action.sa_mask, SIGINT); /* one at a time */
    (void)sigaddset(&action.sa_mask, SIGTERM);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    /* A closed pipe and a file at its limit (ulimit -f) are errors of write, reported as such. */
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &action, NULL);
    (void)sigaction(SIGXFSZ, &action, NULL);
}

const volatile sig_atomic_t *wb_terminal_stop_flag(void)
{
    return &stop_signal;
}

wb_exit wb_terminal_signal_exit(void)
{
    assert(stop_signal != 0);
    return stop_signal == SIGTERM ? WB_EXIT_TERMINATED : WB_EXIT_INTERRUPTED;
}
