/*
 * The parts of a statement: actions, resources, principals, conditions. Texts are checked here for
 * what IAM's grammar asks of them, so that deciding needs no second look.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "kube/iam/iam_pattern.h"
#include "kube/iam/iam_policy_internal.h"

static void add_finding(const wb_iam_policy_reader *reader, wb_severity severity,
                        const wb_node *node, const char *field, const char *message)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s%s%s", reader->path, field[0] != '\0' ? "." : "", field);
    wb_findings_add(reader->findings, severity, wb_node_position(node), path, "%s", message);
}

void wb_iam_policy_error(const wb_iam_policy_reader *reader, const wb_node *node, const char *field,
                         const char *fmt, ...)
{
    char message[384];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    add_finding(reader, WB_SEVERITY_ERROR, node, field, message);
}

void wb_iam_policy_warn(const wb_iam_policy_reader *reader, const wb_node *node, const char *field,
                        const char *fmt, ...)
{
    char message[384];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    add_finding(reader, WB_SEVERITY_WARNING, node, field, message);
}

const char *wb_iam_policy_nearest(const char *text, const char *const *known, size_t count)
{
    assert(text != NULL && known != NULL);
    for (size_t i = 0; i < count; i++) {
        if (wb_iam_pattern_same_name(text, known[i])) {
            return known[i];
        }
    }
    return wb_nearest_name(text, strlen(text), known, count);
}

/* Text that can stand in a pattern: no control characters, and no placeholder that CloudFormation
 * or a shell would have replaced. */
static bool is_text(const wb_iam_policy_reader *reader, const wb_node *node, const char *field)
{
    if (strlen(node->text) != node->text_length) {
        wb_iam_policy_error(reader, node, field, "holds a zero byte");
        return false;
    }
    for (const char *at = node->text; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ') {
            wb_iam_policy_error(reader, node, field, "'%.60s' holds a control character",
                                node->text);
            return false;
        }
    }
    for (const char *at = strstr(node->text, "${"); at != NULL; at = strstr(at + 2, "${")) {
        const size_t length =
            strcspn(at, "}"); /* a variable has a colon, or is ${*} and the like */
        const bool is_variable = memchr(at, ':', length) != NULL && strncmp(at, "${AWS::", 7) != 0;
        if (!is_variable && (length != 3 || strchr("*?$", at[2]) == NULL)) {
            wb_iam_policy_error(reader, node, field,
                                "'%.*s}' is a placeholder of a template: render it first",
                                length < 60 ? (int)length : 60, at);
            return false;
        }
    }
    return true;
}

/* A string or a list of strings; each is handed to check. Returns the texts in the arena. */
typedef bool (*text_check)(const wb_iam_policy_reader *reader, const wb_node *node,
                           const char *field);

static void read_texts(const wb_iam_policy_reader *reader, const wb_node *node, const char *field,
                       text_check check, wb_iam_patterns *out)
{
    assert(node != NULL && out->count == 0);
    const bool is_list = node->kind == WB_NODE_LIST;
    const uint32_t count = is_list ? node->count : 1;
    if (count == 0) {
        wb_iam_policy_error(reader, node, field, "is empty, expected at least one string");
    }
    out->texts = WB_ARENA_ARRAY(reader->findings->arena, const char *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_node *item = is_list ? node->children[i] : node;
        if (item->kind != WB_NODE_STRING) {
            wb_iam_policy_error(reader, item, field, "%s, expected a string or a list of strings",
                                wb_node_kind_name(item->kind));
        } else if (is_text(reader, item, field) && check(reader, item, field)) {
            out->texts[out->count++] =
                wb_arena_copy_text(reader->findings->arena, item->text, item->text_length);
        }
    }
}

static bool is_action(const wb_iam_policy_reader *reader, const wb_node *node, const char *field)
{
    static const char service[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    static const char action[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789*?";
    if (strcmp(node->text, "*") == 0) {
        return true;
    }
    const size_t length = strspn(node->text, service);
    const char *name = node->text + length + 1;
    if (length > 0 && node->text[length] == ':' && name[0] != '\0' &&
        name[strspn(name, action)] == '\0') {
        return true;
    }
    wb_iam_policy_error(reader, node, field,
                        "'%.80s', expected service:Action such as ec2:CreateFleet, or *",
                        node->text);
    return false;
}

static bool is_resource(const wb_iam_policy_reader *reader, const wb_node *node, const char *field)
{
    const char *text = node->text;
    if (strcmp(text, "*") == 0 || strncmp(text, "${", 2) == 0) {
        return true;
    }
    uint32_t colons = 0;
    for (const char *at = text; *at != '\0'; at++) {
        colons += *at == ':' ? 1U : 0U;
    }
    if (strncmp(text, "arn:", 4) != 0) {
        wb_iam_policy_error(reader, node, field,
                            "'%.100s', expected * or an ARN: "
                            "arn:partition:service:region:account:resource",
                            text);
        return false;
    }
    if (colons < 5) {
        wb_iam_policy_warn(reader, node, field,
                           "'%.100s' has %u of an ARN's 6 parts: IAM takes * for the others", text,
                           colons + 1);
    }
    return true;
}

/* Exactly one of name and its negation; both or neither is reported where one is needed. */
static void read_pair(const wb_iam_policy_reader *reader, const wb_node *map,
                      const char *const names[2], text_check check, wb_iam_patterns *out)
{
    const wb_node *plain = wb_node_get(map, names[0]);
    const wb_node *negated = wb_node_get(map, names[1]);
    if (plain != NULL && negated != NULL) {
        wb_iam_policy_error(reader, negated, names[1], "stands beside %s, expected one of them",
                            names[0]);
        return;
    }
    out->is_negated = negated != NULL;
    if (plain == NULL && negated == NULL) {
        wb_iam_policy_error(reader, map, names[0], "is missing, expected %s or %s", names[0],
                            names[1]);
        return;
    }
    read_texts(reader, plain != NULL ? plain : negated, names[plain != NULL ? 0 : 1], check, out);
}

void wb_iam_policy_read_actions(const wb_iam_policy_reader *reader, const wb_node *map,
                                wb_iam_statement *out)
{
    static const char *const names[2] = {"Action", "NotAction"};
    assert(map->kind == WB_NODE_MAP);
    read_pair(reader, map, names, is_action, &out->actions);
}

void wb_iam_policy_read_resources(const wb_iam_policy_reader *reader, const wb_node *map,
                                  wb_iam_statement *out)
{
    static const char *const names[2] = {"Resource", "NotResource"};
    assert(map->kind == WB_NODE_MAP);
    if (reader->policy->kind != WB_IAM_POLICY_TRUST) {
        read_pair(reader, map, names, is_resource, &out->resources);
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        const wb_node *node = wb_node_get(map, names[i]);
        if (node != NULL) {
            wb_iam_policy_error(reader, node, names[i],
                                "has no place in a trust policy, which is about its own role");
        }
    }
}

static bool is_any_text(const wb_iam_policy_reader *reader, const wb_node *node, const char *field)
{
    (void)reader;
    (void)field;
    return node->text[0] != '\0';
}

static void add_principals(const wb_iam_policy_reader *reader, const wb_node *node,
                           const char *kind, wb_iam_statement *out)
{
    wb_iam_patterns values = {.count = 0};
    read_texts(reader, node, "Principal", is_any_text, &values);
    out->principals =
        wb_arena_grow(reader->findings->arena, out->principals, out->principal_count,
                      out->principal_count + values.count + 1, sizeof out->principals[0]);
    for (uint32_t i = 0; i < values.count; i++) {
        out->principals[out->principal_count++] =
            (wb_iam_principal){.kind = kind, .value = values.texts[i]};
    }
}

static void read_principal_map(const wb_iam_policy_reader *reader, const wb_node *map,
                               wb_iam_statement *out)
{
    static const char *const kinds[] = {"AWS", "Federated", "Service", "CanonicalUser"};
    for (uint32_t i = 0; i < map->count; i++) {
        size_t at = 0;
        while (at < 4 && strcmp(kinds[at], map->keys[i]) != 0) {
            at++;
        }
        if (at == 4) {
            wb_iam_policy_error(reader, map->children[i], "Principal",
                                "'%.60s', expected AWS, Federated, Service or CanonicalUser",
                                map->keys[i]);
        } else {
            add_principals(reader, map->children[i], kinds[at], out);
        }
    }
}

void wb_iam_policy_read_principals(const wb_iam_policy_reader *reader, const wb_node *map,
                                   wb_iam_statement *out)
{
    const wb_node *plain = wb_node_get(map, "Principal");
    const wb_node *node = plain != NULL ? plain : wb_node_get(map, "NotPrincipal");
    out->excludes_principals = plain == NULL && node != NULL;
    const bool is_trust = reader->policy->kind == WB_IAM_POLICY_TRUST;
    assert(out->principal_count == 0);
    if (node == NULL) {
        if (is_trust) {
            wb_iam_policy_error(reader, map, "Principal", "is missing: who may take the role on?");
        }
        return;
    }
    if (!is_trust) {
        wb_iam_policy_error(reader, node, plain != NULL ? "Principal" : "NotPrincipal",
                            "has no place in a policy of a role (is this the trust policy?)");
    } else if (node->kind == WB_NODE_MAP) {
        read_principal_map(reader, node, out);
    } else if (node->kind == WB_NODE_STRING && strcmp(node->text, "*") == 0) {
        add_principals(reader, node, "*", out);
    } else {
        wb_iam_policy_error(reader, node, "Principal",
                            "expected \"*\" or a map such as {\"Federated\": \"arn:...\"}");
    }
}
