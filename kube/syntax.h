/*
 * The spelling rules of names, label keys and label values (apimachinery's validation package).
 * Each check returns NULL for good text, else the API server's own sentence about what is wrong.
 */
#ifndef WB_KUBE_SYNTAX_H
#define WB_KUBE_SYNTAX_H

#include <stdbool.h>
#include <stdint.h>

/* A label, annotation or resource key: an optional DNS subdomain, a slash, a name of at most 63
 * letters, digits, '-', '_' and '.'. */
const char *wb_syntax_check_qualified_name(const char *text);

/* Empty, or at most 63 letters, digits, '-', '_' and '.', starting and ending alphanumeric. */
const char *wb_syntax_check_label_value(const char *text);

/* Names of most objects, and of containers, volumes and namespaces. */
const char *wb_syntax_check_dns_subdomain(const char *text);
const char *wb_syntax_check_dns_label(const char *text);

/* strconv.ParseInt(text, 10, 64): an optional sign, digits, nothing else. */
bool wb_syntax_parse_int64(const char *text, int64_t *out);

#endif
