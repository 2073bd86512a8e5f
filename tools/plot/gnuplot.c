#include "tools/plot/gnuplot.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The program goes through a temporary file: a pipe both ways could block on either end. */
static wb_status write_program(const wb_text *program, FILE **out, wb_error *err)
{
    FILE *file = tmpfile();
    if (file == NULL) {
        return wb_fail_io(err, "gnuplot", "make a temporary file", errno);
    }
    if (fwrite(program->bytes, 1, program->length, file) != program->length || fflush(file) != 0 ||
        fseek(file, 0, SEEK_SET) != 0) {
        const int reason = errno;
        (void)fclose(file);
        return wb_fail_io(err, "gnuplot", "write its program", reason);
    }
    *out = file;
    return WB_OK;
}

static wb_status read_back(FILE *file, wb_text *out, wb_error *err)
{
    char chunk[16384];
    size_t length = 0;
    if (fseek(file, 0, SEEK_SET) != 0) {
        return wb_fail_io(err, "gnuplot", "read what it wrote", errno);
    }
    while ((length = fread(chunk, 1, sizeof chunk, file)) > 0) {
        wb_text_add(out, chunk, length);
    }
    return ferror(file) == 0 ? WB_OK : wb_fail_io(err, "gnuplot", "read what it wrote", errno);
}

/* Three files as standard input, output and error of gnuplot; its wait status. */
static wb_status spawn_and_wait(FILE *const files[3], int *out_status, wb_error *err)
{
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        return wb_fail_io(err, "gnuplot", "start", ENOMEM);
    }
    int failure = 0;
    for (int i = 0; i < 3 && failure == 0; i++) {
        failure = posix_spawn_file_actions_adddup2(&actions, fileno(files[i]), i);
    }
    char name[] = "gnuplot";
    char *const arguments[] = {name, NULL};
    pid_t child = 0;
    if (failure == 0) {
        failure = posix_spawnp(&child, name, &actions, NULL, arguments, environ);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    if (failure == ENOENT) {
        return wb_fail(err, WB_ERR_IO,
                       "gnuplot is not installed (Debian: gnuplot-nox); --out FILE.gp writes its "
                       "program instead");
    }
    if (failure != 0) {
        return wb_fail_io(err, "gnuplot", "start", failure);
    }
    while (waitpid(child, out_status, 0) < 0) {
        if (errno != EINTR) {
            return wb_fail_io(err, "gnuplot", "wait for its end", errno);
        }
    }
    return WB_OK;
}

/* The line that says what is wrong: gnuplot shows the line of the program, a caret, and then
 * '"<stdin>" line 7: undefined variable'. */
static wb_status refuse(FILE *complaints, wb_error *err)
{
    char line[256] = "";
    char said[256] = "it did not say why";
    (void)fseek(complaints, 0, SEEK_SET);
    while (fgets(line, sizeof line, complaints) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strstr(line, "line ") != NULL) {
            (void)snprintf(said, sizeof said, "%s", line);
        }
    }
    return wb_fail(err, WB_ERR_IO, "gnuplot failed: %s", said);
}

static wb_status run_with(FILE *const files[3], wb_text *out, wb_error *err)
{
    int wait_status = 0;
    WB_TRY(spawn_and_wait(files, &wait_status, err));
    if (!WIFEXITED(wait_status) || WEXITSTATUS(wait_status) != 0) {
        return refuse(files[2], err);
    }
    return out != NULL ? read_back(files[1], out, err) : WB_OK;
}

wb_status wb_gnuplot_run(const wb_text *program, wb_text *out, wb_error *err)
{
    assert(program != NULL && program->length > 0);
    FILE *files[3] = {NULL, NULL, NULL};
    WB_TRY(write_program(program, &files[0], err));
    files[1] = tmpfile();
    files[2] = tmpfile();
    const wb_status status = files[1] != NULL && files[2] != NULL
                                 ? run_with(files, out, err)
                                 : wb_fail_io(err, "gnuplot", "make a temporary file", errno);
    for (int i = 0; i < 3; i++) {
        if (files[i] != NULL) {
            (void)fclose(files[i]);
        }
    }
    return status;
}
