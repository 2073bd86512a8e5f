/*
 * The nearest known name to a misspelt one, for "did you mean": the edit distance by the usual
 * table, one row of it kept. Names are short and tables have at most some hundred entries, and it
 * runs only when a message is being made.
 */
#include "base/nearest.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

/* Edits (insert, delete, replace one byte) from a to b; SIZE_MAX for names that are too long. */
static size_t distance_between(const char *a, size_t a_length, const char *b)
{
    assert(a != NULL && b != NULL);
    const size_t b_length = strlen(b);
    if (a_length > WB_NEAREST_NAME_MAX || b_length > WB_NEAREST_NAME_MAX) {
        return SIZE_MAX;
    }
    size_t row[WB_NEAREST_NAME_MAX + 1];
    for (size_t j = 0; j <= b_length; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
            diagonal = row[j];
            const size_t inserted = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            row[j] = replaced < inserted ? replaced : inserted;
        }
    }
    return row[b_length];
}

const char *wb_nearest_name(const char *text, size_t length, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t nearest_distance = length / 3 + 2;
    for (size_t i = 0; i < count; i++) {
        const size_t distance = distance_between(text, length, names[i]);
        if (distance < nearest_distance) {
            nearest_distance = distance;
            nearest = names[i];
        }
    }
    return nearest;
}
