#include "tests/tidy/tidy_tree.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/sort.h"

#define FOLDER_COUNT_MAX 1000
#define FILE_BYTES_MAX   ((size_t)16 << 20)

/* Scripts that have no ending in their name. */
static const char *const scripts[] = {"dev", ".ci/run"};

static const char *const endings[] = {".c", ".h", ".S", ".sh", ".md", ".cmake", "CMakeLists.txt"};

void wb_tidy_tree_init(wb_tidy_tree *tree, wb_arena *arena)
{
    assert(tree != NULL && arena != NULL);
    *tree = (wb_tidy_tree){.arena = arena};
}

void wb_tidy_tree_add(wb_tidy_tree *tree, const char *path, const char *text, size_t length)
{
    assert(path != NULL && path[0] != '/');
    if (tree->count == tree->capacity) {
        const size_t capacity = tree->capacity < 64 ? 64 : 2 * tree->capacity;
        tree->files =
            wb_arena_grow(tree->arena, tree->files, tree->count, capacity, sizeof *tree->files);
        tree->capacity = capacity;
    }
    wb_tidy_file *file = &tree->files[tree->count++];
    wb_source_text_init(&file->source, tree->arena, path, text, length);
    file->outline = (wb_source_outline){.items = NULL};
    if (file->source.is_c) {
        wb_source_outline_init(&file->outline, tree->arena, &file->source);
    }
}

static bool is_wanted(const char *path)
{
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        if (strcmp(path, scripts[i]) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (wb_source_text_has_suffix(path, endings[i])) {
            return true;
        }
    }
    return false;
}

/* Hidden files and build folders are no part of the tree; .ci is. */
static int is_visible(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".ci") == 0 ||
           (entry->d_name[0] != '.' && strcmp(entry->d_name, "build") != 0 &&
            strncmp(entry->d_name, "build-", strlen("build-")) != 0);
}

/* Two parts of a path, one behind the other. */
static const char *join(wb_arena *arena, const char *first, const char *second)
{
    const size_t size = strlen(first) + strlen(second) + 1;
    char *path = wb_arena_alloc(arena, size);
    snprintf(path, size, "%s%s", first, second);
    return path;
}

static wb_status load_file(wb_tidy_tree *tree, const char *root, const char *path, wb_error *err)
{
    char *text = NULL;
    size_t length = 0;
    const char *full_path = join(tree->arena, root, path);
    WB_TRY(wb_file_read(tree->arena, full_path, FILE_BYTES_MAX, &text, &length, err));
    wb_tidy_tree_add(tree, path, text, length);
    return WB_OK;
}

/* Folders still to be looked into: "" or a path with its slash. */
typedef struct folder_list {
    const char *paths[FOLDER_COUNT_MAX];
    size_t count;
} folder_list;

/* Loads path when it is a file that is wanted, remembers it when it is a folder. */
static wb_status take_entry(wb_tidy_tree *tree, const char *root, const char *path,
                            folder_list *folders, wb_error *err)
{
    struct stat info;
    if (stat(join(tree->arena, root, path), &info) != 0) {
        return WB_OK; /* a dangling link */
    }
    if (S_ISDIR(info.st_mode)) {
        if (folders->count == FOLDER_COUNT_MAX) {
            return wb_fail(err, WB_ERR_LIMIT, "'%s': more than %d folders", root, FOLDER_COUNT_MAX);
        }
        folders->paths[folders->count++] = join(tree->arena, path, "/");
        return WB_OK;
    }
    return is_wanted(path) ? load_file(tree, root, path, err) : WB_OK;
}

static wb_status load_folder(wb_tidy_tree *tree, const char *root, const char *folder,
                             folder_list *folders, wb_error *err)
{
    struct dirent **entries = NULL;
    const int count = scandir(join(tree->arena, root, folder), &entries, is_visible, alphasort);
    if (count < 0) {
        return wb_fail(err, WB_ERR_IO, "'%s%s': %s", root, folder, strerror(errno));
    }
    wb_status status = WB_OK;
    for (int i = 0; i < count; i++) {
        if (status == WB_OK) {
            const char *path = join(tree->arena, folder, entries[i]->d_name);
            status = take_entry(tree, root, path, folders, err);
        }
        free(entries[i]);
    }
    free(entries);
    return status;
}

static int compare_paths(const void *a, const void *b, void *context)
{
    (void)context;
    const wb_tidy_file *left = a;
    const wb_tidy_file *right = b;
    return strcmp(left->source.path, right->source.path);
}

wb_status wb_tidy_tree_load(wb_tidy_tree *tree, const char *root, wb_error *err)
{
    assert(root != NULL && root[0] != '\0');
    folder_list folders = {.paths = {""}, .count = 1};
    while (folders.count > 0) {
        const char *folder = folders.paths[--folders.count];
        WB_TRY(load_folder(tree, join(tree->arena, root, "/"), folder, &folders, err));
    }
    wb_sort(tree->files, tree->count, sizeof *tree->files, compare_paths, NULL);
    return WB_OK;
}

const wb_tidy_file *wb_tidy_tree_find(const wb_tidy_tree *tree, const char *path)
{
    assert(tree != NULL && path != NULL);
    for (size_t i = 0; i < tree->count; i++) {
        if (strcmp(tree->files[i].source.path, path) == 0) {
            return &tree->files[i];
        }
    }
    return NULL;
}

const wb_tidy_file *wb_tidy_tree_find_beside(const wb_tidy_tree *tree, const wb_source_text *source,
                                             const char *name)
{
    assert(tree != NULL && source != NULL && name != NULL);
    char path[1024];
    const int folder_length = (int)(source->name - source->path);
    snprintf(path, sizeof path, "%.*s%s", folder_length, source->path, name);
    return wb_tidy_tree_find(tree, path);
}
