/*
 * One Kubernetes object, or part of one, as JSON without names: what trace_anonymize.h promises for
 * whole traces.
 */
#ifndef WB_TRACES_ANONYMIZE_JSON_H
#define WB_TRACES_ANONYMIZE_JSON_H

#include "base/document.h"
#include "base/text.h"
#include "traces/keyed_hash.h"

/* Appends node with texts hashed and idle fields left out. */
void wb_anonymize_json_add(wb_keyed_hash_key key, const wb_node *node, wb_text *out);

/* The name that stands for text: a letter and 16 hexadecimal digits, valid wherever Kubernetes
 * takes a name or a label's value; "" stays "". */
void wb_anonymize_json_name(wb_keyed_hash_key key, const char *text, char out[24]);

#endif
