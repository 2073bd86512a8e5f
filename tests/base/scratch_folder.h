/* A folder of its own for a test that writes files. */
#ifndef WB_TESTS_BASE_SCRATCH_FOLDER_H
#define WB_TESTS_BASE_SCRATCH_FOLDER_H

#include <stddef.h>

typedef struct wb_scratch_folder {
    char path[256];
    char joined[4][512]; /* what join returned last, in turn */
    unsigned next_joined;
} wb_scratch_folder;

/* Makes an empty folder under TMPDIR (else /tmp); ends the program when that fails. */
void wb_scratch_folder_init(wb_scratch_folder *folder);

/* Removes the folder and the files in it. */
void wb_scratch_folder_release(wb_scratch_folder *folder);

/* "<folder>/<name>", valid until the fourth call after. */
const char *wb_scratch_folder_join(wb_scratch_folder *folder, const char *name);

/* Writes length bytes to name, plainly, and returns its path as by join. */
const char *wb_scratch_folder_write(wb_scratch_folder *folder, const char *name, const void *bytes,
                                    size_t length);

/* How many files there are. */
size_t wb_scratch_folder_file_count(const wb_scratch_folder *folder);

#endif
