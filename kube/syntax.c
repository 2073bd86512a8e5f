/*
 * Spelling rules, checked by hand: regular expressions of the C library depend on the locale, and
 * these run for every label of every pod.
 *
 * Sentences are those of k8s.io/apimachinery pkg/util/validation, less the regular expression that
 * they end with.
 */
#include "kube/syntax.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_LIMIT = 63,
    SUBDOMAIN_LIMIT = 253
};

/* Not isalnum: that one asks the locale. */
static bool is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alphanumeric(char c)
{
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

/* ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9] */
static bool is_name(const char *text, size_t length)
{
    if (length == 0 || !is_alphanumeric(text[0]) || !is_alphanumeric(text[length - 1])) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!is_alphanumeric(text[i]) && strchr("-_.", text[i]) == NULL) {
            return false;
        }
    }
    return true;
}

/* [a-z0-9]([-a-z0-9]*[a-z0-9])? */
static bool is_dns_part(const char *text, size_t length)
{
    if (length == 0 || !is_lower_or_digit(text[0]) || !is_lower_or_digit(text[length - 1])) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!is_lower_or_digit(text[i]) && text[i] != '-') {
            return false;
        }
    }
    return true;
}

/* Parts of a DNS name, each on its own: an empty part means two dots or one at an end. */
static bool is_subdomain(const char *text, size_t length)
{
    size_t start = 0;
    for (size_t i = 0; i <= length; i++) {
        if (i == length || text[i] == '.') {
            if (!is_dns_part(text + start, i - start)) {
                return false;
            }
            start = i + 1;
        }
    }
    return true;
}

/* The prefix is a DNS name, the name part is freer: capitals, underscores, inner dots. */
const char *wb_syntax_check_qualified_name(const char *text)
{
    assert(text != NULL);
    const char *slash = strchr(text, '/');
    const char *name = slash != NULL ? slash + 1 : text;
    if (slash != NULL) {
        const size_t prefix_length = (size_t)(slash - text);
        if (prefix_length == 0) {
            return "prefix part must be non-empty";
        }
        if (prefix_length > SUBDOMAIN_LIMIT) {
            return "prefix part must be no more than 253 bytes";
        }
        if (!is_subdomain(text, prefix_length)) {
            return "prefix part a lowercase RFC 1123 subdomain must consist of lower case "
                   "alphanumeric characters, '-' or '.', and must start and end with an "
                   "alphanumeric character (e.g. 'example.com')";
        }
        if (strchr(name, '/') != NULL) {
            return "a qualified name must consist of a name with an optional DNS subdomain prefix "
                   "and '/' (e.g. 'example.com/MyName')";
        }
    }
    const size_t length = strlen(name);
    if (length == 0) {
        return "name part must be non-empty";
    }
    if (length > NAME_LIMIT) {
        return "name part must be no more than 63 bytes";
    }
    if (!is_name(name, length)) {
        return "name part must consist of alphanumeric characters, '-', '_' or '.', and must "
               "start and end with an alphanumeric character (e.g. 'MyName' or '123-abc')";
    }
    return NULL;
}

/* No prefix here, and empty is fine: "the label is there" is a statement. */
const char *wb_syntax_check_label_value(const char *text)
{
    assert(text != NULL);
    const size_t length = strlen(text);
    if (length > NAME_LIMIT) {
        return "must be no more than 63 bytes";
    }
    if (length > 0 && !is_name(text, length)) {
        return "a valid label must be an empty string or consist of alphanumeric characters, '-', "
               "'_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue' "
               "or '12345')";
    }
    return NULL;
}

const char *wb_syntax_check_dns_subdomain(const char *text)
{
    assert(text != NULL);
    const size_t length = strlen(text);
    if (length > SUBDOMAIN_LIMIT) {
        return "must be no more than 253 bytes";
    }
    if (!is_subdomain(text, length)) {
        return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
               "characters, '-' or '.', and must start and end with an alphanumeric character "
               "(e.g. 'example.com')";
    }
    return NULL;
}

const char *wb_syntax_check_dns_label(const char *text)
{
    assert(text != NULL);
    const size_t length = strlen(text);
    if (length > NAME_LIMIT) {
        return "must be no more than 63 bytes";
    }
    if (!is_dns_part(text, length)) {
        return "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or "
               "'-', and must start and end with an alphanumeric character (e.g. 'my-name' or "
               "'123-abc')";
    }
    return NULL;
}

bool wb_syntax_parse_int64(const char *text, int64_t *out)
{
    assert(text != NULL);
    assert(out != NULL);
    const char *digits = text[0] == '-' || text[0] == '+' ? text + 1 : text;
    if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0') {
        return false;
    }
    errno = 0;
    const long long value = strtoll(text, NULL, 10);
    if (errno != 0) {
        return false;
    }
    *out = value;
    return true;
}
