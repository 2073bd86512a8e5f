/*
 * "did you mean": the known name closest to a misspelt one. Used for options, fields of manifests
 * and scenarios, settings and flags; a few hundred known names at most, only when something is
 * wrong.
 */
#ifndef WB_BASE_NEAREST_H
#define WB_BASE_NEAREST_H

#include <stddef.h>

/* Names longer than this are never near anything. */
#define WB_NEAREST_NAME_MAX 63

/* The first of the names with the smallest distance, if that is at most a third of the length plus
 * one; else NULL. */
const char *wb_nearest_name(const char *text, size_t length, const char *const *names,
                            size_t count);

#endif
