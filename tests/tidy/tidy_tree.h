/*
 * The files that the rules look at, sorted by path: every C file, script, build file and page of
 * the tree, loaded and outlined. Reads whole files into one arena: a tree of some hundred thousand
 * lines is a few dozen MiB. Data files and everything in hidden and build folders are left out.
 */
#ifndef WB_TESTS_TIDY_TIDY_TREE_H
#define WB_TESTS_TIDY_TIDY_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/status.h"
#include "tests/tidy/source_outline.h"
#include "tests/tidy/source_text.h"

typedef struct wb_tidy_file {
    wb_source_text source;
    wb_source_outline outline; /* empty unless source.is_c */
} wb_tidy_file;

struct wb_tidy_words;

typedef struct wb_tidy_tree {
    wb_arena *arena;     /* borrowed: where everything below lives */
    wb_tidy_file *files; /* by path */
    size_t count, capacity;
    const struct wb_tidy_words *words; /* borrowed: of all files, while rules run; else NULL */
} wb_tidy_tree;

/* Starts without files; all that is added lives in arena. */
void wb_tidy_tree_init(wb_tidy_tree *tree, wb_arena *arena);

/* Adds a file that need not exist; path and text must outlive the tree. For a whole tree, add in
 * the order of paths. */
void wb_tidy_tree_add(wb_tidy_tree *tree, const char *path, const char *text, size_t length);

/* Adds the files found under root, a folder of the file system. */
WB_MUST_CHECK wb_status wb_tidy_tree_load(wb_tidy_tree *tree, const char *root, wb_error *err);

/* The file at path, or NULL. */
const wb_tidy_file *wb_tidy_tree_find(const wb_tidy_tree *tree, const char *path);

/* The file called name in the folder of source, or NULL. */
const wb_tidy_file *wb_tidy_tree_find_beside(const wb_tidy_tree *tree, const wb_source_text *source,
                                             const char *name);

#endif
