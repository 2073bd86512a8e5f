/*
 * From JSON to statements. Fields are walked in the order of the file, so that messages come in the
 * order in which they are fixed.
 */
#include "kube/iam/iam_policy.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "kube/iam/iam_policy_internal.h"

static const char *const policy_fields[] = {"Version", "Id", "Statement"};
static const char *const statement_fields[] = {
    "Sid",         "Effect",    "Action",       "NotAction", "Resource",
    "NotResource", "Principal", "NotPrincipal", "Condition",
};

/* Where the AWS CLI puts a policy that it prints. */
static const char *const wrappings[] = {
    "PolicyVersion.Document",   "PolicyDocument", "Role.AssumeRolePolicyDocument",
    "AssumeRolePolicyDocument", "Document",
};

static const wb_node *unwrap(const wb_node *root)
{
    for (size_t i = 0; i < sizeof wrappings / sizeof wrappings[0]; i++) {
        const wb_node *inside = wb_node_find(root, wrappings[i]);
        if (inside != NULL && inside->kind == WB_NODE_MAP) {
            return inside;
        }
    }
    return root;
}

bool wb_iam_policy_is_one(const wb_node *root)
{
    const wb_node *policy = unwrap(root);
    return wb_node_get(policy, "Statement") != NULL && wb_node_get(policy, "kind") == NULL;
}

bool wb_iam_policy_is_trust(const wb_node *root)
{
    const wb_node *list = wb_node_get(unwrap(root), "Statement");
    const wb_node *first =
        list != NULL && list->kind == WB_NODE_LIST && list->count > 0 ? list->children[0] : list;
    return wb_node_get(first, "Principal") != NULL || wb_node_get(first, "NotPrincipal") != NULL;
}

const char *wb_iam_policy_kind_name(wb_iam_policy_kind kind)
{
    static const char *const names[WB_IAM_POLICY_KIND_COUNT] = {"identity-based policy",
                                                                "permissions boundary",
                                                                "service control policy",
                                                                "resource-based policy"};
    assert(kind < WB_IAM_POLICY_KIND_COUNT);
    return names[kind];
}

static void report_unknown(const wb_iam_policy_reader *reader, const wb_node *map,
                           const char *const *known, size_t known_count)
{
    for (uint32_t i = 0; i < map->count; i++) {
        size_t at = 0;
        while (at < known_count && strcmp(known[at], map->keys[i]) != 0) {
            at++;
        }
        if (at == known_count) {
            const char *near = wb_iam_policy_nearest(map->keys[i], known, known_count);
            wb_findings_add(reader->findings, WB_SEVERITY_ERROR, wb_node_key_position(map, i),
                            reader->path, "unknown element '%.60s'%s%s%s", map->keys[i],
                            near != NULL ? ": did you mean '" : "", near != NULL ? near : "",
                            near != NULL ? "'?" : "");
        }
    }
}

static void read_sid(const wb_iam_policy_reader *reader, const wb_node *node,
                     wb_iam_statement *statement)
{
    statement->sid = "";
    if (node == NULL) {
        return;
    }
    if (node->kind != WB_NODE_STRING) {
        wb_iam_policy_error(reader, node, "Sid", "%s, expected a string",
                            wb_node_kind_name(node->kind));
        return;
    }
    statement->sid = wb_arena_copy_string(reader->findings->arena, node->text);
    for (const char *at = node->text; *at != '\0'; at++) {
        const bool is_plain =
            (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9');
        if (!is_plain && reader->policy->kind != WB_IAM_POLICY_TRUST) {
            wb_iam_policy_error(reader, node, "Sid", "'%.60s', expected letters and digits only",
                                node->text);
            return;
        }
    }
}

static void read_effect(const wb_iam_policy_reader *reader, const wb_node *map,
                        wb_iam_statement *statement)
{
    const wb_node *node = wb_node_get(map, "Effect");
    const char *text = wb_node_string(node, "");
    statement->is_deny = strcmp(text, "Deny") == 0;
    if (node == NULL) {
        wb_iam_policy_error(reader, map, "Effect", "is missing, expected \"Allow\" or \"Deny\"");
    } else if (!statement->is_deny && strcmp(text, "Allow") != 0) {
        wb_iam_policy_error(reader, node, "Effect",
                            "'%.60s', expected \"Allow\" or \"Deny\" (in this spelling)", text);
    }
}

/* The statement's place within the others: a second statement of the same name is an error. */
static void check_sid_is_new(const wb_iam_policy_reader *reader, const wb_node *map,
                             const wb_iam_statement *statement)
{
    const wb_iam_policy *policy = reader->policy;
    for (const wb_iam_statement *other = policy->statements; other < statement; other++) {
        if (statement->sid[0] != '\0' && strcmp(other->sid, statement->sid) == 0) {
            wb_iam_policy_error(reader, wb_node_get(map, "Sid"), "Sid",
                                "'%.60s' is the name of the statement at line %u too",
                                statement->sid, other->position.line);
            return;
        }
    }
}

static void read_statement(const wb_iam_policy_reader *reader, const wb_node *map,
                           wb_iam_statement *out)
{
    assert(out >= reader->policy->statements);
    *out = (wb_iam_statement){.sid = "", .position = wb_node_position(map)};
    if (map->kind != WB_NODE_MAP) {
        wb_iam_policy_error(reader, map, "", "%s, expected a statement (a map)",
                            wb_node_kind_name(map->kind));
        return;
    }
    report_unknown(reader, map, statement_fields,
                   sizeof statement_fields / sizeof statement_fields[0]);
    read_sid(reader, wb_node_get(map, "Sid"), out);
    check_sid_is_new(reader, map, out);
    read_effect(reader, map, out);
    wb_iam_policy_read_actions(reader, map, out);
    wb_iam_policy_read_resources(reader, map, out);
    wb_iam_policy_read_principals(reader, map, out);
    wb_iam_policy_read_conditions(reader, wb_node_get(map, "Condition"), out);
}

static void read_version(const wb_iam_policy_reader *reader, const wb_node *map)
{
    const wb_node *node = wb_node_get(map, "Version");
    const char *text = wb_node_string(node, "");
    reader->policy->has_variables = strcmp(text, "2012-10-17") == 0;
    if (node == NULL) {
        wb_findings_add(reader->findings, WB_SEVERITY_WARNING, wb_node_position(map), "Version",
                        "is missing, so IAM reads the policy as 2008-10-17, without policy "
                        "variables; expected \"2012-10-17\"");
    } else if (!reader->policy->has_variables && strcmp(text, "2008-10-17") != 0) {
        wb_findings_add(reader->findings, WB_SEVERITY_ERROR, wb_node_position(node), "Version",
                        "'%.60s', expected \"2012-10-17\"", text);
    }
}

static uint32_t count_characters(const wb_node *map)
{
    wb_text text;
    wb_text_init(&text);
    wb_node_print_json(map, &text);
    const uint32_t count = (uint32_t)text.length;
    wb_text_release(&text);
    return count;
}

void wb_iam_policy_read(const wb_node *root, wb_iam_policy_kind kind, wb_findings *findings,
                        wb_iam_policy *out)
{
    assert(root != NULL && findings != NULL && kind < WB_IAM_POLICY_KIND_COUNT);
    const wb_node *map = unwrap(root);
    *out = (wb_iam_policy){.kind = kind, .file = root->file};
    wb_iam_policy_reader reader = {.findings = findings, .policy = out, .path = ""};
    const wb_node *list = wb_node_get(map, "Statement");
    if (map->kind != WB_NODE_MAP || list == NULL) {
        wb_findings_add(findings, WB_SEVERITY_ERROR, wb_node_position(map), "",
                        "no policy, expected a map with Version and Statement");
        return;
    }
    report_unknown(&reader, map, policy_fields, sizeof policy_fields / sizeof policy_fields[0]);
    read_version(&reader, map);
    const bool is_list = list->kind == WB_NODE_LIST;
    const uint32_t count = is_list ? list->count : 1;
    if (count == 0) {
        wb_findings_add(findings, WB_SEVERITY_ERROR, wb_node_position(list), "Statement",
                        "is empty, expected at least one statement");
    }
    out->character_count = count_characters(map);
    out->statements = WB_ARENA_ARRAY(findings->arena, wb_iam_statement, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        char path[32] = "Statement";
        if (is_list) {
            (void)snprintf(path, sizeof path, "Statement[%u]", i);
        }
        reader.path = path;
        read_statement(&reader, is_list ? list->children[i] : list, &out->statements[i]);
        out->statement_count++;
    }
}

wb_status wb_iam_policy_read_file(const char *path, wb_iam_policy_kind kind, wb_findings *findings,
                                  wb_iam_policy *out, wb_error *err)
{
    assert(path != NULL && findings != NULL);
    wb_document_stream stream;
    WB_TRY(wb_document_read_file(findings->arena, path, 0, &stream, err));
    if (stream.count != 1) {
        return wb_fail(err, WB_ERR_INPUT, "%s: %zu documents, expected one policy", path,
                       stream.count);
    }
    wb_iam_policy_read(stream.roots[0], kind, findings, out);
    return wb_findings_status(findings, err);
}
