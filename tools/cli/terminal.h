/*
 * What the command shows people: messages on standard error, results on standard output, colour
 * and progress only where a person looks, and the flag that a signal raises.
 */
#ifndef WB_TOOLS_CLI_TERMINAL_H
#define WB_TOOLS_CLI_TERMINAL_H

#include <signal.h>
#include <stdbool.h>

#include "base/findings.h"
#include "base/text.h"
#include "tools/cli/command.h"

/* "werkbank: <message>" on standard error. */
WB_PRINTF(1, 2) void wb_terminal_error(const char *fmt, ...);

/* The text of err in the same way; nothing where it is empty, as it was said already. */
void wb_terminal_print_error(const wb_error *err);

/* At the end of a reading that returned status: every finding on standard error, one per line
 * ("warning: " in front of warnings, which --quiet leaves out). Where one of them is the error, err
 * is emptied, so that nothing is said twice. Returns status. */
wb_status wb_terminal_close_findings(const wb_invocation *invocation, const wb_findings *findings,
                                     wb_status status, wb_error *err);

/* Writes text to standard output, flushed; WB_EXIT_FAILED with a message when that fails (a full
 * disk behind a redirection must not look like success). */
wb_exit wb_terminal_write_result(const wb_text *text);

/* Whether tables may use colour: --color, NO_COLOR, TERM=dumb and the terminal decide. */
bool wb_terminal_has_color(const wb_invocation *invocation);

/* Whether progress is shown: standard error is a terminal, and not --quiet. */
bool wb_terminal_has_progress(const wb_invocation *invocation);

/* Redraws the progress line (at most ten times a second); finish removes it. */
WB_PRINTF(1, 2) void wb_terminal_show_progress(const char *fmt, ...);
void wb_terminal_finish_progress(void);

/* Seconds of a monotonic clock, for rates and ETA in the progress line only. */
double wb_terminal_seconds(void);

/* Installs handlers for SIGINT and SIGTERM that raise the flag; a second signal, unless it follows
 * within a quarter of a second, ends at once. */
void wb_terminal_catch_signals(void);
const volatile sig_atomic_t *wb_terminal_stop_flag(void);

/* 130 or 143 after a signal. */
wb_exit wb_terminal_signal_exit(void);

#endif
