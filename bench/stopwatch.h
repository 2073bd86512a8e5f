/*
 * CPU time of this process, and how much memory it took: the only place besides the command that
 * asks the machine. CPU and not wall time, since a measurement should not depend on who else uses
 * the machine; nothing that a simulation decides may come from here.
 */
#ifndef WB_BENCH_STOPWATCH_H
#define WB_BENCH_STOPWATCH_H

#include <stdint.h>

/* CPU time that all threads of the process used so far. */
int64_t wb_stopwatch_cpu_ns(void);

/* CPU time, user's and system's, that the child processes used that were waited for so far. */
int64_t wb_stopwatch_children_cpu_ns(void);

/* The largest resident memory of the process so far. */
int64_t wb_stopwatch_resident_bytes_max(void);

#endif
