/* Runs what must not return in a child process: tests of abort() and of full disks. */
#ifndef WB_TESTS_BASE_CHILD_PROCESS_H
#define WB_TESTS_BASE_CHILD_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

/* True when run ends by abort(); what it printed to standard error is in out, zero-terminated. */
bool wb_child_process_aborts(void (*run)(void), char *out, size_t size);

#endif
