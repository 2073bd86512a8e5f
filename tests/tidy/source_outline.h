/*
 * What a C file declares and defines on its outermost level, in order: functions with their extent,
 * parameters and linkage, typedefs, enums, and the rest. Function-like macros in front of a
 * declaration (WB_PRINTF(3, 4)) are seen through: a name in capitals is never a function.
 */
#ifndef WB_TESTS_TIDY_SOURCE_OUTLINE_H
#define WB_TESTS_TIDY_SOURCE_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "tests/tidy/source_text.h"

typedef enum wb_source_item_kind {
    WB_SOURCE_ITEM_FUNCTION,    /* with a body */
    WB_SOURCE_ITEM_DECLARATION, /* of a function */
    WB_SOURCE_ITEM_TYPEDEF,
    WB_SOURCE_ITEM_OTHER, /* a struct, an enum, a variable, a static_assert */
} wb_source_item_kind;

typedef struct wb_source_item {
    wb_source_item_kind kind;
    const char *name;               /* of the function or typedef, "" for others; in the arena */
    size_t begin, end;              /* of the whole item, its ; or } included */
    size_t body_begin;              /* function: its {; else begin */
    uint32_t first_line, last_line; /* from 1 */
    uint32_t parameter_count;       /* function or declaration */
    bool is_static;                 /* function, declaration or variable */
    bool is_enum;                   /* an enum with its constants, typedef or not */
} wb_source_item;

typedef struct wb_source_outline {
    wb_source_item *items; /* in the arena */
    size_t count, capacity;
} wb_source_outline;

/* Outlines source, which must be C. */
void wb_source_outline_init(wb_source_outline *out, wb_arena *arena, const wb_source_text *source);

#endif
