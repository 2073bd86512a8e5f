/*
 * A parser by recursive descent without the recursion: terms, separated by commas, each a key, an
 * operator and values. Terms become label expressions as manifests have them, so that matching is
 * kube/label's and means the same here and there. Selectors come from a command line: they are
 * short, and each is matched against 1,345 types once.
 */
#include "kube/catalog/catalog_selector.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "kube/names.h"
#include "kube/syntax.h"

#define KEY_MAX 120 /* of a key that a message quotes */

typedef struct parser {
    wb_arena *arena;
    wb_intern *intern;
    const wb_catalog *catalog;
    const char *text;
    const char *at; /* the next character of text */
    wb_error *err;
} parser;

/* "label expression 'a=b,,c', column 5: <what>". */
WB_PRINTF(3, 4)
static wb_status fail_at(const parser *p, const char *at, const char *fmt, ...)
{
    assert(at >= p->text);
    char what[256];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    return wb_fail(p->err, WB_ERR_INPUT, "label expression '%.160s', column %d: %s", p->text,
                   (int)(at - p->text) + 1, what);
}

/* Blanks are allowed wherever kubectl allows them: between any two words and signs. */
static void skip_blanks(parser *p)
{
    p->at += strspn(p->at, " \t");
}

/* Keys and values are made of the same characters; which are good where is the label's affair. */
static size_t word_length(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./");
}

/* Zone and capacity type are labels of offerings, and every catalog has those. */
static bool catalog_has_key(const wb_catalog *catalog, uint32_t key)
{
    if (key == WB_NAME_ZONE || key == WB_NAME_CAPACITY_TYPE) {
        return true;
    }
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        if (wb_labels_has(catalog->types[i].labels, key)) {
            return true;
        }
    }
    return false;
}

/* The label that a key means: itself, or the first of these prefixes that makes it one. */
static wb_status resolve_key(const parser *p, const char *word, size_t length, uint32_t *out_key)
{
    static const char *const prefixes[] = {"",
                                           "karpenter.k8s.aws/",
                                           "karpenter.k8s.aws/instance-",
                                           "kubernetes.io/",
                                           "topology.kubernetes.io/",
                                           "node.kubernetes.io/",
                                           "karpenter.sh/"};
    wb_text name;
    wb_text_init(&name);
    uint32_t key = 0;
    for (size_t i = 0; key == 0 && i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        wb_text_clear(&name);
        wb_text_add_string(&name, prefixes[i]);
        wb_text_add(&name, word, length);
        const uint32_t candidate = wb_intern_find(p->intern, wb_text_string(&name));
        if (candidate != 0 && catalog_has_key(p->catalog, candidate)) {
            key = candidate;
        }
    }
    wb_text_release(&name);
    if (key == 0) {
        return fail_at(p, word, "no instance type has a label '%.*s'",
                       length < KEY_MAX ? (int)length : KEY_MAX, word);
    }
    *out_key = key;
    return WB_OK;
}

/* A key must be one that some type has. */
static wb_status read_key(parser *p, uint32_t *out_key)
{
    skip_blanks(p);
    const char *word = p->at;
    const size_t length = word_length(word);
    if (length == 0) {
        return fail_at(p, word, "expected a label key");
    }
    p->at += length;
    return resolve_key(p, word, length, out_key);
}

/* A value may be empty, as kubectl has it: "instance-hypervisor=" are the metal types. */
static uint32_t read_value(parser *p)
{
    skip_blanks(p);
    const size_t length = word_length(p->at);
    const uint32_t value = wb_intern_add_length(p->intern, p->at, length);
    p->at += length;
    return value;
}

/* "(a, b)": the brackets and the values between them. */
static wb_status read_value_list(parser *p, wb_label_expression *out)
{
    uint32_t *values = WB_ARENA_ARRAY(p->arena, uint32_t, WB_CATALOG_SELECTOR_VALUES_MAX);
    uint32_t count = 0;
    skip_blanks(p);
    if (*p->at != '(') {
        return fail_at(p, p->at, "expected '(' and a list of values");
    }
    do {
        p->at++; /* the parenthesis or the comma */
        if (count == WB_CATALOG_SELECTOR_VALUES_MAX) {
            return fail_at(p, p->at, "more than %d values", WB_CATALOG_SELECTOR_VALUES_MAX);
        }
        values[count++] = read_value(p);
        skip_blanks(p);
    } while (*p->at == ',');
    if (*p->at != ')') {
        return fail_at(p, p->at, "expected ',' or ')'");
    }
    p->at++;
    out->values = values;
    out->value_count = count;
    return WB_OK;
}

/* The value of =, != and the comparisons; the latter want a number. */
static wb_status read_single_value(parser *p, wb_label_expression *out)
{
    skip_blanks(p);
    const char *start = p->at;
    uint32_t *value = WB_ARENA_NEW(p->arena, uint32_t);
    *value = read_value(p);
    int64_t number = 0;
    if (out->op >= WB_OPERATOR_GT &&
        !wb_syntax_parse_int64(wb_intern_text(p->intern, *value), &number)) {
        return fail_at(p, start, "expected a whole number to compare with");
    }
    out->values = value;
    out->value_count = 1;
    return WB_OK;
}

/* Moves past word when text begins with it and, for letters, the word ends there. */
static bool takes(parser *p, const char *word)
{
    const size_t length = strlen(word);
    if (strncmp(p->at, word, length) != 0) {
        return false;
    }
    if (word_length(word) > 0 && word_length(p->at) != length) {
        return false;
    }
    p->at += length;
    return true;
}

/* Longer signs stand before those that they begin with. Nothing of all this: the key must exist. */
static wb_status read_operator_and_values(parser *p, wb_label_expression *out)
{
    static const struct {
        const char *sign;
        wb_operator op;
        bool has_list;
    } signs[] = {
        {"==", WB_OPERATOR_IN, false},       {"=", WB_OPERATOR_IN, false},
        {"!=", WB_OPERATOR_NOT_IN, false},   {">=", WB_OPERATOR_GTE, false},
        {"<=", WB_OPERATOR_LTE, false},      {">", WB_OPERATOR_GT, false},
        {"<", WB_OPERATOR_LT, false},        {"in", WB_OPERATOR_IN, true},
        {"notin", WB_OPERATOR_NOT_IN, true},
    };
    skip_blanks(p);
    out->op = WB_OPERATOR_EXISTS;
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (takes(p, signs[i].sign)) {
            out->op = signs[i].op;
            return signs[i].has_list ? read_value_list(p, out) : read_single_value(p, out);
        }
    }
    return WB_OK;
}

/* One condition, up to the comma or the end. */
static wb_status read_term(parser *p, wb_label_expression *out)
{
    *out = (wb_label_expression){.op = WB_OPERATOR_EXISTS};
    skip_blanks(p);
    const bool is_negated = takes(p, "!");
    WB_TRY(read_key(p, &out->key));
    if (is_negated) {
        out->op = WB_OPERATOR_DOES_NOT_EXIST;
    } else {
        WB_TRY(read_operator_and_values(p, out));
    }
    skip_blanks(p);
    if (*p->at != '\0' && *p->at != ',') {
        return fail_at(p, p->at,
                       is_negated ? "expected ',' or the end"
                                  : "expected an operator, ',' or the end");
    }
    return WB_OK;
}

/* Terms of the types to the front of the array, those of offerings to its back. */
static wb_status read_terms(parser *p, wb_catalog_selector *out)
{
    wb_label_expression *terms =
        WB_ARENA_ARRAY(p->arena, wb_label_expression, WB_CATALOG_SELECTOR_TERMS_MAX);
    uint32_t front = 0;
    uint32_t back = WB_CATALOG_SELECTOR_TERMS_MAX;
    for (;;) {
        wb_label_expression term;
        WB_TRY(read_term(p, &term));
        if (front == back) {
            return fail_at(p, p->at, "more than %d terms", WB_CATALOG_SELECTOR_TERMS_MAX);
        }
        const bool is_of_offering = term.key == WB_NAME_ZONE || term.key == WB_NAME_CAPACITY_TYPE;
        if (is_of_offering) {
            terms[--back] = term;
        } else {
            terms[front++] = term;
        }
        if (*p->at == '\0') {
            break;
        }
        p->at++; /* the comma */
    }
    *out = (wb_catalog_selector){
        .of_type = terms,
        .of_type_count = front,
        .of_offering = terms + back,
        .of_offering_count = WB_CATALOG_SELECTOR_TERMS_MAX - back,
    };
    return WB_OK;
}

wb_status wb_catalog_selector_parse(wb_arena *arena, wb_intern *intern, const wb_catalog *catalog,
                                    const char *text, wb_catalog_selector *out, wb_error *err)
{
    assert(catalog != NULL && out != NULL);
    parser p = {.arena = arena, .intern = intern, .catalog = catalog, .err = err};
    p.text = text != NULL ? text : "";
    p.at = p.text;
    skip_blanks(&p);
    if (*p.at == '\0') {
        *out = (wb_catalog_selector){.of_type = NULL};
        return WB_OK;
    }
    return read_terms(&p, out);
}

/* Conditions are "and"ed; none of them match everything. */
static bool matches_all(const wb_intern *intern, const wb_label_expression *terms, uint32_t count,
                        wb_labels labels)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!wb_label_expression_matches(intern, &terms[i], labels)) {
            return false;
        }
    }
    return true;
}

bool wb_catalog_selector_matches_type(const wb_catalog_selector *selector, const wb_intern *intern,
                                      const wb_catalog_type *type)
{
    assert(selector != NULL && type != NULL);
    return matches_all(intern, selector->of_type, selector->of_type_count, type->labels);
}

bool wb_catalog_selector_matches_offering(const wb_catalog_selector *selector,
                                          const wb_intern *intern, const wb_offering *offering)
{
    static const uint32_t markets[] = {
        [WB_CAPACITY_ON_DEMAND] = WB_NAME_ON_DEMAND,
        [WB_CAPACITY_SPOT] = WB_NAME_SPOT,
        [WB_CAPACITY_RESERVED] = WB_NAME_RESERVED,
    };
    static_assert(WB_NAME_ZONE < WB_NAME_CAPACITY_TYPE, "labels are sorted by key");
    assert(selector != NULL && offering != NULL);
    const wb_label items[] = {
        {WB_NAME_ZONE, offering->zone},
        {WB_NAME_CAPACITY_TYPE, markets[offering->capacity_type]},
    };
    const wb_labels labels = {items, 2};
    return matches_all(intern, selector->of_offering, selector->of_offering_count, labels);
}
