/*
 * The failures that a machine can answer with, planted into the very command that is shipped: this
 * file is linked with tools/main.c into werkbank_with_faults, and the linker's --wrap leads each
 * call below from our code through here. The shipped program has no hook for it.
 *
 *     heap         malloc, calloc, realloc and mmap of our own code refuse
 *     file         write, fsync, rename, close of our own files, and fwrite to standard output
 *     sqlite-heap  an allocation of SQLite's own fails, by its memory methods
 *     sqlite-io    a write, sync, truncate, or making of a file by SQLite fails, by its VFS
 *
 * WERKBANK_FAULT says what happens:
 *
 *     "<kind> count"      nothing fails; the points passed are counted
 *     "<kind> at N"       the N-th point fails, from 1
 *     "<kind> from N"     that and all later ones: a disk that stays full
 *     "<kind> each N"     at every N-th point a child process is forked in which it fails; the
 *                         parent goes on unharmed, so one run tries all of its points
 *
 * The count of points is printed to descriptor 3 at the end, by "each" with what went wrong in the
 * children. A child must end with status 3 and one line, or (a failure that was borne) with 0 and
 * the standard output that the file WERKBANK_FAULT_OUTPUT holds. Forking is why "each" suits memory
 * only: children share files with their parent.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#define REPORT_FILE     3
#define OUTPUT_BYTES    65536
#define VIOLATIONS_TOLD 20

typedef enum fault_kind {
    FAULT_HEAP,
    FAULT_FILE,
    FAULT_SQLITE_HEAP,
    FAULT_SQLITE_IO,
    FAULT_KIND_COUNT,
} fault_kind;

typedef enum fault_mode {
    FAULT_COUNT,
    FAULT_AT,
    FAULT_FROM,
    FAULT_EACH,
} fault_mode;

static const char *const kind_names[] = {"heap", "file", "sqlite-heap", "sqlite-io"};
static const char *const mode_names[] = {"count", "at", "from", "each"};

static struct {
    fault_kind kind;
    fault_mode mode;
    unsigned long number;
    unsigned long passed; /* points of the kind so far */
    unsigned long tried, violation_count;
    bool is_on, is_child;
} plan;

/* ---------------------------------------------------------------------------- children */

/* What a child printed, and how it ended. */
typedef struct child_end {
    char output[OUTPUT_BYTES];
    char errors[4096];
    int status;
} child_end;

static size_t read_all(int file, char *out, size_t size)
{
    size_t length = 0;
    ssize_t added = 1;
    while (added > 0 && length + 1 < size) {
        added = read(file, out + length, size - 1 - length);
        length += added > 0 ? (size_t)added : 0;
    }
    out[length] = 0;
    return length;
}

static bool is_one_line(const char *text)
{
    const char *end = strchr(text, '\n');
    return strncmp(text, "werkbank: ", 10) == 0 && end != NULL && end[1] == 0;
}

static bool is_expected_output(const char *output)
{
    static char expected[OUTPUT_BYTES];
    if (expected[0] == 0) {
        FILE *file = fopen(getenv("WERKBANK_FAULT_OUTPUT"), "rb");
        if (file != NULL) {
            expected[fread(expected, 1, sizeof expected - 1, file)] = 0;
            (void)fclose(file);
        }
    }
    return strcmp(output, expected) == 0;
}

static void judge(const child_end *end)
{
    const int code = WIFEXITED(end->status) ? WEXITSTATUS(end->status) : -1;
    const bool is_told =
        (code == 3 || code == 2) && is_one_line(end->errors) && end->output[0] == 0;
    const bool is_borne = code == 0 && end->errors[0] == 0 && is_expected_output(end->output);
    plan.tried++;
    if (is_told || is_borne) {
        return;
    }
    if (plan.violation_count++ < VIOLATIONS_TOLD) {
        (void)dprintf(REPORT_FILE, "point %lu: status %d, raw %d, standard error '%s'\n",
                      plan.passed, code, end->status, end->errors);
    }
}

/* The child returns true: the point fails in it. The pipes hold all that a run prints, so reading
 * one after the other cannot block. */
static bool fork_a_failure(void)
{
    static child_end end;
    int output[2];
    int errors[2];
    if (pipe(output) != 0 || pipe(errors) != 0) {
        abort();
    }
    const pid_t child = fork();
    if (child == 0) {
        plan.is_child = true;
        (void)dup2(output[1], STDOUT_FILENO);
        (void)dup2(errors[1], STDERR_FILENO);
        (void)close(output[0]);
        (void)close(errors[0]);
        (void)close(REPORT_FILE);
        return true;
    }
    (void)close(output[1]);
    (void)close(errors[1]);
    (void)read_all(errors[0], end.errors, sizeof end.errors);
    (void)read_all(output[0], end.output, sizeof end.output);
    (void)close(output[0]);
    (void)close(errors[0]);
    end.status = -1;
    (void)waitpid(child, &end.status, 0);
    judge(&end);
    return false;
}

/* ---------------------------------------------------------------------------- the plan */

/* Whether the point that is passed now fails. */
static bool fails(fault_kind kind)
{
    if (!plan.is_on || plan.is_child || kind != plan.kind) {
        return false;
    }
    plan.passed++;
    switch (plan.mode) {
    case FAULT_AT: return plan.passed == plan.number;
    case FAULT_FROM: return plan.passed >= plan.number;
    case FAULT_EACH: return plan.passed % plan.number == 0 && fork_a_failure();
    case FAULT_COUNT: break;
    }
    return false;
}

static size_t index_of(const char *word, size_t length, const char *const *names, size_t count)
{
    size_t i = 0;
    while (i < count && (strlen(names[i]) != length || strncmp(names[i], word, length) != 0)) {
        i++;
    }
    return i;
}

static void plant_in_sqlite(void);

/* Runs before main. */
__attribute__((constructor)) static void read_plan(void)
{
    const char *text = getenv("WERKBANK_FAULT");
    if (text == NULL) {
        return;
    }
    const size_t kind_length = strcspn(text, " ");
    const char *mode = text + kind_length + (text[kind_length] == ' ' ? 1 : 0);
    const size_t mode_length = strcspn(mode, " ");
    const size_t kind_index = index_of(text, kind_length, kind_names, FAULT_KIND_COUNT);
    const size_t mode_index = index_of(mode, mode_length, mode_names, 4);
    plan.number = strtoul(mode + mode_length, NULL, 10);
    if (kind_index == FAULT_KIND_COUNT || mode_index == 4 || (mode_index > 0 && plan.number == 0)) {
        (void)fprintf(stderr, "WERKBANK_FAULT is not '<kind> count|at|from|each N'\n");
        abort();
    }
    plan.kind = (fault_kind)kind_index;
    plan.mode = (fault_mode)mode_index;
    plant_in_sqlite();
    plan.is_on = true;
}

/* Runs after main: in a child, and where _exit is called, it does not. */
__attribute__((destructor)) static void report(void)
{
    if (plan.is_on && !plan.is_child) {
        (void)dprintf(REPORT_FILE, "points %lu tried %lu violations %lu\n", plan.passed, plan.tried,
                      plan.violation_count);
    }
}

/* ---------------------------------------------------------------------------- our own calls */

/* ld --wrap=malloc makes of each malloc in our objects __wrap_malloc, and of __real_malloc the one
 * of the C library (or of AddressSanitizer). mmap64 is what mmap is called with large files. */
void *wb_fault_points_malloc(size_t size) __asm__("__wrap_malloc");
void *wb_fault_points_calloc(size_t count, size_t size) __asm__("__wrap_calloc");
void *wb_fault_points_realloc(void *old, size_t size) __asm__("__wrap_realloc");
void *wb_fault_points_mmap(void *at, size_t size, int protection, int flags, int file,
                           off_t offset) __asm__("__wrap_mmap64");
ssize_t wb_fault_points_write(int file, const void *bytes, size_t size) __asm__("__wrap_write");
int wb_fault_points_fsync(int file) __asm__("__wrap_fsync");
int wb_fault_points_rename(const char *from, const char *to) __asm__("__wrap_rename");
int wb_fault_points_close(int file) __asm__("__wrap_close");
size_t wb_fault_points_fwrite(const void *bytes, size_t size, size_t count,
                              FILE *file) __asm__("__wrap_fwrite");

extern void *real_malloc(size_t size) __asm__("__real_malloc");
extern void *real_calloc(size_t count, size_t size) __asm__("__real_calloc");
extern void *real_realloc(void *old, size_t size) __asm__("__real_realloc");
extern void *real_mmap(void *at, size_t size, int protection, int flags, int file,
                       off_t offset) __asm__("__real_mmap64");
extern ssize_t real_write(int file, const void *bytes, size_t size) __asm__("__real_write");
extern int real_fsync(int file) __asm__("__real_fsync");
extern int real_rename(const char *from, const char *to) __asm__("__real_rename");
extern int real_close(int file) __asm__("__real_close");
extern size_t real_fwrite(const void *bytes, size_t size, size_t count,
                          FILE *file) __asm__("__real_fwrite");

void *wb_fault_points_malloc(size_t size)
{
    return fails(FAULT_HEAP) ? NULL : real_malloc(size);
}

void *wb_fault_points_calloc(size_t count, size_t size)
{
    return fails(FAULT_HEAP) ? NULL : real_calloc(count, size);
}

void *wb_fault_points_realloc(void *old, size_t size)
{
    return fails(FAULT_HEAP) ? NULL : real_realloc(old, size);
}

void *wb_fault_points_mmap(void *at, size_t size, int protection, int flags, int file, off_t offset)
{
    return fails(FAULT_HEAP) ? MAP_FAILED : real_mmap(at, size, protection, flags, file, offset);
}

/* Sets errno to what a full disk sets. */
static bool is_full(void)
{
    const bool is = fails(FAULT_FILE);
    errno = is ? ENOSPC : errno;
    return is;
}

ssize_t wb_fault_points_write(int file, const void *bytes, size_t size)
{
    return is_full() ? -1 : real_write(file, bytes, size);
}

int wb_fault_points_fsync(int file)
{
    return is_full() ? -1 : real_fsync(file);
}

int wb_fault_points_rename(const char *from, const char *to)
{
    return is_full() ? -1 : real_rename(from, to);
}

/* The descriptor is gone even when close fails, as on Linux. */
int wb_fault_points_close(int file)
{
    const bool is = is_full();
    const int closed = real_close(file);
    errno = is ? ENOSPC : errno;
    return is ? -1 : closed;
}

size_t wb_fault_points_fwrite(const void *bytes, size_t size, size_t count, FILE *file)
{
    return file == stdout && is_full() ? 0 : real_fwrite(bytes, size, count, file);
}

/* ---------------------------------------------------------------------------- SQLite's memory */

static sqlite3_mem_methods real_memory;

static void *alloc_for_sqlite(int size)
{
    return fails(FAULT_SQLITE_HEAP) ? NULL : real_memory.xMalloc(size);
}

static void *realloc_for_sqlite(void *old, int size)
{
    return fails(FAULT_SQLITE_HEAP) ? NULL : real_memory.xRealloc(old, size);
}

/* ---------------------------------------------------------------------------- SQLite's files */

/* A file of ours is the real one's with methods in front: the real file lies behind it. */
typedef struct faulty_file {
    sqlite3_file base;
    sqlite3_io_methods methods;
    sqlite3_file *real; /* behind this struct, in the same allocation of SQLite's */
} faulty_file;

static sqlite3_vfs faulty_vfs;
static sqlite3_vfs *real_vfs;

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((faulty_file *)file)->real;
}

static int close_file(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int read_file(sqlite3_file *file, void *out, int count, sqlite3_int64 offset)
{
    return real_of(file)->pMethods->xRead(real_of(file), out, count, offset);
}

static int write_file(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
    return fails(FAULT_SQLITE_IO)
               ? SQLITE_FULL
               : real_of(file)->pMethods->xWrite(real_of(file), bytes, count, offset);
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
    return fails(FAULT_SQLITE_IO) ? SQLITE_IOERR_TRUNCATE
                                  : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int sync_file(sqlite3_file *file, int flags)
{
    return fails(FAULT_SQLITE_IO) ? SQLITE_IOERR_FSYNC
                                  : real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int size_file(sqlite3_file *file, sqlite3_int64 *out)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), out);
}

static int lock_file(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int unlock_file(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int check_lock(sqlite3_file *file, int *out)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}

static int control_file(sqlite3_file *file, int operation, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int sector_size(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int characteristics(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int map_shared(sqlite3_file *file, int region, int size, int extends, void volatile **out)
{
    return extends != 0 && fails(FAULT_SQLITE_IO)
               ? SQLITE_IOERR_SHMSIZE
               : real_of(file)->pMethods->xShmMap(real_of(file), region, size, extends, out);
}

static int lock_shared(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void barrier_shared(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int unmap_shared(sqlite3_file *file, int deletes)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), deletes);
}

static const sqlite3_io_methods faulty_methods = {
    .iVersion = 2, /* no memory mapping of the database: its reads are no points */
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_file,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = barrier_shared,
    .xShmUnmap = unmap_shared,
};

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    faulty_file *opened = (faulty_file *)file;
    opened->base.pMethods = NULL;
    opened->real = (sqlite3_file *)(opened + 1);
    if ((flags & SQLITE_OPEN_CREATE) != 0 && fails(FAULT_SQLITE_IO)) {
        return SQLITE_CANTOPEN;
    }
    const int status = real_vfs->xOpen(real_vfs, name, opened->real, flags, out);
    if (opened->real->pMethods != NULL) {
        opened->methods = faulty_methods;
        opened->base.pMethods = &opened->methods;
    }
    return status;
}

static void plant_in_sqlite(void)
{
    if (plan.kind == FAULT_SQLITE_HEAP) {
        (void)sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory);
        sqlite3_mem_methods memory = real_memory;
        memory.xMalloc = alloc_for_sqlite;
        memory.xRealloc = realloc_for_sqlite;
        (void)sqlite3_config(SQLITE_CONFIG_MALLOC, &memory);
        /* A mutex that the parent's thread holds would never be free in a child. */
        (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    }
    if (plan.kind == FAULT_SQLITE_IO) {
        real_vfs = sqlite3_vfs_find(NULL);
        faulty_vfs = *real_vfs;
        faulty_vfs.pNext = NULL;
        faulty_vfs.zName = "faulty";
        faulty_vfs.szOsFile = (int)sizeof(faulty_file) + real_vfs->szOsFile;
        faulty_vfs.xOpen = open_file;
        (void)sqlite3_vfs_register(&faulty_vfs, 1);
    }
}
