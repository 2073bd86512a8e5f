/*
 * One place in a document that is being decoded: its node, and how the field path led there.
 *
 * Fields are made on the stack, each pointing to its parent's, so that the path of a message is
 * put together only when something is wrong. Readers of values are silent about wrong kinds (a
 * list where a string belongs): kube/schema.h has complained about those before.
 * For kube/ and for the loader of scenario files, which follow the same habits.
 */
#ifndef WB_KUBE_FIELD_H
#define WB_KUBE_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kube/manifest.h"

typedef struct wb_field {
    const wb_decode_context *context; /* borrowed */
    const struct wb_field *parent;    /* borrowed: an outer frame of the stack; NULL at the root */
    const wb_node *node;              /* borrowed; NULL when absent or null */
    const char *name; /* in the parent's map, at the root the path so far; NULL: list element */
    uint32_t index;   /* of a list element */
} wb_field;

/* The root of a decoder's work; path is what messages put in front ("" or NULL: nothing). */
wb_field wb_field_root(const wb_decode_context *context, const wb_node *node, const char *path);

/* The child of a map by name, absent where the map lacks it or is none. */
wb_field wb_field_get(const wb_field *parent, const char *name);

/* The index-th element of a list, or entry of a map; index must be below its count. */
wb_field wb_field_at(const wb_field *parent, uint32_t index);

/* Elements of a list; 0 for anything else, a map included. */
uint32_t wb_field_count(const wb_field *list);

/* Entries of a map; 0 for anything else, a list included. */
uint32_t wb_field_entry_count(const wb_field *map);

/* False for an absent field and for an explicit null. */
bool wb_field_is_set(const wb_field *field);

/* The text of a string or number ("" when absent), the same interned, and as other things. What
 * does not fit the range is a finding and gives the fallback. */
const char *wb_field_text(const wb_field *field);
uint32_t wb_field_id(const wb_field *field);
bool wb_field_bool(const wb_field *field, bool fallback);
int32_t wb_field_int32(const wb_field *field, int32_t fallback);
int64_t wb_field_int64(const wb_field *field, int64_t fallback);

/* RFC 3339 to epoch ms; -1 when absent or after a finding. */
int64_t wb_field_time_ms(const wb_field *field);

/* Seconds to ms; fallback when absent, negative or too large (the latter two with a finding). */
int64_t wb_field_seconds_ms(const wb_field *field, int64_t fallback);

/* The strings of a list, interned, in the context's arena; NULL for an empty one. */
const uint32_t *wb_field_ids(const wb_field *field, uint32_t *out_count);

/* Index of the text in names; fallback when absent, and after a finding when it is none of them. */
uint32_t wb_field_choice(const wb_field *field, const char *const *names, uint32_t name_count,
                         uint32_t fallback);

/* The same for the child of that name. */
uint32_t wb_field_get_id(const wb_field *parent, const char *name);
bool wb_field_get_bool(const wb_field *parent, const char *name, bool fallback);
int32_t wb_field_get_int32(const wb_field *parent, const char *name, int32_t fallback);
int64_t wb_field_get_time_ms(const wb_field *parent, const char *name);

/* Whether the child is set to exactly this text. */
bool wb_field_get_is(const wb_field *parent, const char *name, const char *text);

/* Whether a document's root may be read as this kind: it says so, or says nothing. Otherwise one
 * error, and the caller leaves its fields alone: all that could be said of them is noise. */
bool wb_field_check_kind(const wb_field *root, const char *kind);

/* An error at the field's place, the path in front: "<file>:<line>:<column>: <path>: ...". An
 * absent field is placed where its nearest present ancestor stands. */
WB_PRINTF(2, 3) void wb_field_error(const wb_field *field, const char *fmt, ...);
WB_PRINTF(2, 3) void wb_field_warn(const wb_field *field, const char *fmt, ...);

/* An error about the key of a map's entry: the place is the key's, the path the map's. */
WB_PRINTF(2, 3) void wb_field_key_error(const wb_field *entry, const char *fmt, ...);

/* "Invalid value: <the value>: ...", the API server's most common wording. */
WB_PRINTF(2, 3) void wb_field_invalid(const wb_field *field, const char *fmt, ...);

/* False, with "Required value" (and ": detail" unless detail is NULL), when the field is absent,
 * or an empty string. */
bool wb_field_require(const wb_field *field, const char *detail);

/* False, with "is missing, expected <what>", when the field is absent: the wording of werkbank's
 * own files, where require has the API server's. */
bool wb_field_expect(const wb_field *field, const char *what);

/* "Invalid value: ...: <problem>" and false, unless problem is NULL. */
bool wb_field_accept(const wb_field *field, const char *problem);

/* Writes the field's path, cut at size; out is always terminated. */
void wb_field_path(const wb_field *field, char *out, size_t size);

/* Errors so far, dropped ones too: a decoder that compares before and after knows whether it
 * complained. */
size_t wb_field_error_count(const wb_field *field);

#endif
