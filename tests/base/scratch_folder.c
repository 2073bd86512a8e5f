#include "tests/base/scratch_folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void wb_scratch_folder_init(wb_scratch_folder *folder)
{
    const char *parent = getenv("TMPDIR");
    folder->next_joined = 0;
    (void)snprintf(folder->path, sizeof(folder->path), "%s/werkbank-test-XXXXXX",
                   parent == NULL ? "/tmp" : parent);
    if (mkdtemp(folder->path) == NULL) {
        perror(folder->path);
        exit(1);
    }
}

/* The next entry of directory that is a file of ours, or NULL. */
static const char *next_name(DIR *directory)
{
    for (const struct dirent *entry = readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            return entry->d_name;
        }
    }
    return NULL;
}

void wb_scratch_folder_release(wb_scratch_folder *folder)
{
    DIR *directory = opendir(folder->path);
    if (directory != NULL) {
        for (const char *name = next_name(directory); name != NULL; name = next_name(directory)) {
            (void)remove(wb_scratch_folder_join(folder, name));
        }
        (void)closedir(directory);
    }
    (void)rmdir(folder->path);
}

const char *wb_scratch_folder_join(wb_scratch_folder *folder, const char *name)
{
    char *joined = folder->joined[folder->next_joined++ % 4];
    char path[sizeof(folder->path)]; /* gcc 12 fears that source and target overlap */
    memcpy(path, folder->path, sizeof(path));
    (void)snprintf(joined, sizeof(folder->joined[0]), "%s/%s", path, name);
    return joined;
}

const char *wb_scratch_folder_write(wb_scratch_folder *folder, const char *name, const void *bytes,
                                    size_t length)
{
    const char *path = wb_scratch_folder_join(folder, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, length, file) != length || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
    return path;
}

size_t wb_scratch_folder_file_count(const wb_scratch_folder *folder)
{
    size_t count = 0;
    DIR *directory = opendir(folder->path);
    while (directory != NULL && next_name(directory) != NULL) {
        count++;
    }
    if (directory != NULL) {
        (void)closedir(directory);
    }
    return count;
}
