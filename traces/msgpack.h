/*
 * MessagePack to JSON text, for SimKube traces: whole files of some 100 KB, read once.
 *
 * JSON has fewer shapes than MessagePack; what it lacks is written as the nearest thing: a map key
 * that is an array of strings as the strings joined by '|', other keys as their digits (a map as a
 * key is refused), binary data as null. Integers keep all 64 bits as digits. Limits: nesting 100;
 * lengths must fit in what is left of the input, so that a lying header allocates nothing.
 */
#ifndef WB_TRACES_MSGPACK_H
#define WB_TRACES_MSGPACK_H

#include <stddef.h>

#include "base/status.h"
#include "base/text.h"

/* Appends the one value in bytes to out. WB_ERR_INPUT names the byte offset and what was found. */
WB_MUST_CHECK wb_status wb_msgpack_to_json(const unsigned char *bytes, size_t length, wb_text *out,
                                           wb_error *err);

#endif
