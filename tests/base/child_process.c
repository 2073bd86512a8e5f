#include "tests/base/child_process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t read_all(int file, char *out, size_t size)
{
    size_t length = 0;
    ssize_t added = 1;
    while (added > 0 && length + 1 < size) {
        added = read(file, out + length, size - 1 - length);
        length += added > 0 ? (size_t)added : 0;
    }
    out[length] = '\0';
    return length;
}

bool wb_child_process_aborts(void (*run)(void), char *out, size_t size)
{
    int ends[2];
    fflush(stdout);
    if (pipe(ends) != 0) {
        return false;
    }
    const pid_t child = fork();
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        run();
        _exit(0);
    }
    close(ends[1]);
    read_all(ends[0], out, size);
    close(ends[0]);
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGABRT;
}
