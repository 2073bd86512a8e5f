/*
 * CPU time and memory of this process. CPU and not wall: benchmarks run beside other work, and a
 * figure that depends on the neighbours is none. The only clock outside the command.
 */
#include "bench/stopwatch.h"

#include <assert.h>
#include <sys/resource.h>
#include <time.h>

int64_t wb_stopwatch_cpu_ns(void)
{
    struct timespec now;
    const int failed = clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    assert(failed == 0); /* the clock exists wherever POSIX timers do */
    (void)failed;
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t ns_of(struct timeval span)
{
    return (int64_t)span.tv_sec * 1000000000 + (int64_t)span.tv_usec * 1000;
}

int64_t wb_stopwatch_children_cpu_ns(void)
{
    struct rusage usage;
    const int failed = getrusage(RUSAGE_CHILDREN, &usage);
    assert(failed == 0);
    (void)failed;
    return ns_of(usage.ru_utime) + ns_of(usage.ru_stime);
}

int64_t wb_stopwatch_resident_bytes_max(void)
{
    struct rusage usage;
    const int failed = getrusage(RUSAGE_SELF, &usage);
    assert(failed == 0);
    (void)failed;
    return (int64_t)usage.ru_maxrss * 1024; /* Linux counts in KiB */
}
