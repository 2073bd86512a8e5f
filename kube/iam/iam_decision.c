/*
 * The logic is two passes over all statements: any Deny that matches, then per kind of policy any
 * Allow. How near a statement came is counted as the parts that matched before the first that did
 * not: action, resource, conditions in their order.
 */
#include "kube/iam/iam_decision.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

typedef enum match_depth {
    MATCH_NOTHING,
    MATCH_ACTION,   /* and the resource did not */
    MATCH_RESOURCE, /* and a condition did not */
    MATCH_ALL,
} match_depth;

static bool any_action(const wb_iam_patterns *actions, const char *action)
{
    for (uint32_t i = 0; i < actions->count; i++) {
        if (wb_iam_pattern_matches(actions->texts[i], action, true)) {
            return true;
        }
    }
    return false;
}

static bool any_resource(wb_arena *scratch, const wb_iam_patterns *resources,
                         const wb_iam_request *request, bool has_variables)
{
    for (uint32_t i = 0; i < resources->count; i++) {
        const char *pattern =
            has_variables ? wb_iam_pattern_expand(scratch, resources->texts[i], &request->context)
                          : resources->texts[i];
        if (pattern != NULL && wb_iam_pattern_matches_arn(pattern, request->resource)) {
            return true;
        }
    }
    return false;
}

/* An account stands for all in it; any text may be "*". */
static bool is_principal(const wb_iam_principal *wanted, const wb_iam_request *request)
{
    if (strcmp(wanted->kind, "*") == 0) {
        return true;
    }
    if (request->principal_kind == NULL || strcmp(wanted->kind, request->principal_kind) != 0) {
        return false;
    }
    return strcmp(wanted->value, "*") == 0 || strcmp(wanted->value, request->principal) == 0;
}

static bool names_principal(const wb_iam_statement *statement, const wb_iam_request *request)
{
    bool is_named = false;
    for (uint32_t i = 0; i < statement->principal_count; i++) {
        is_named = is_named || is_principal(&statement->principals[i], request);
    }
    return statement->principal_count == 0 || is_named != statement->excludes_principals;
}

/* Whether one value of the request is among the policy's. */
static bool is_among(wb_arena *scratch, const wb_iam_condition *condition, const char *value,
                     const wb_iam_context *context, bool has_variables)
{
    for (uint32_t i = 0; i < condition->value_count; i++) {
        const char *pattern = has_variables && condition->use.rule->has_variables
                                  ? wb_iam_pattern_expand(scratch, condition->values[i], context)
                                  : condition->values[i];
        if (pattern != NULL && wb_iam_operator_compare(condition->use.rule, pattern, value)) {
            return true;
        }
    }
    return false;
}

/* A key that is not there, or holds nothing: see the table in docs/preflight.md. */
static bool holds_without_key(const wb_iam_operator_use *use)
{
    if (use->quantifier == WB_IAM_QUANTIFIER_ALL) {
        return true;
    }
    if (use->quantifier == WB_IAM_QUANTIFIER_ANY) {
        return false;
    }
    return use->if_exists || use->rule->is_negated;
}

static bool condition_holds(wb_arena *scratch, const wb_iam_condition *condition,
                            const wb_iam_context *context, bool has_variables)
{
    assert(condition->use.rule != NULL && context != NULL);
    const wb_iam_operator_use *use = &condition->use;
    const wb_iam_context_value *found = wb_iam_pattern_find_key(context, condition->key);
    const bool is_there = found != NULL && found->value_count > 0;
    if (use->rule->is_null) {
        return is_among(scratch, condition, is_there ? "false" : "true", context, false);
    }
    if (!is_there) {
        return holds_without_key(use);
    }
    uint32_t among_count = 0;
    for (uint32_t i = 0; i < found->value_count; i++) {
        among_count +=
            is_among(scratch, condition, found->values[i], context, has_variables) ? 1U : 0U;
    }
    const bool is_all = use->quantifier == WB_IAM_QUANTIFIER_ALL;
    const bool is_any = use->quantifier == WB_IAM_QUANTIFIER_ANY;
    if (use->rule->is_negated) { /* "is none of these", for any or all values */
        return is_any ? among_count < found->value_count : among_count == 0;
    }
    return is_all ? among_count == found->value_count : among_count > 0;
}

/* How far request gets into a statement; *out_failed is the condition at which it ends. */
static match_depth match(wb_arena *scratch, const wb_iam_policy *policy,
                         const wb_iam_statement *statement, const wb_iam_request *request,
                         const wb_iam_condition **out_failed)
{
    *out_failed = NULL;
    if (any_action(&statement->actions, request->action) == statement->actions.is_negated ||
        (statement->actions.count == 0)) {
        return MATCH_NOTHING;
    }
    const wb_iam_patterns *resources = &statement->resources;
    if (policy->kind == WB_IAM_POLICY_TRUST) {
        if (!names_principal(statement, request)) {
            return MATCH_ACTION;
        }
    } else if (resources->count == 0 ||
               any_resource(scratch, resources, request, policy->has_variables) ==
                   resources->is_negated) {
        return MATCH_ACTION;
    }
    for (uint32_t i = 0; i < statement->condition_count; i++) {
        if (!condition_holds(scratch, &statement->conditions[i], &request->context,
                             policy->has_variables)) {
            *out_failed = &statement->conditions[i];
            return MATCH_RESOURCE;
        }
    }
    return MATCH_ALL;
}

/* Looks for a Deny, or among policies of one kind for an Allow. A decision of its own when one
 * matches all; else best is what came nearest. */
typedef struct search {
    bool wants_deny;
    wb_iam_policy_kind kind; /* of the Allow */
    match_depth depth;
    uint32_t nearness; /* among statements that fail at the resource */
    wb_iam_decision best;
} search;

static uint32_t nearest_resource(const wb_iam_statement *statement, const wb_iam_request *request)
{
    uint32_t nearest = 0;
    for (uint32_t i = 0; i < statement->resources.count; i++) {
        const uint32_t one =
            wb_iam_pattern_nearness(statement->resources.texts[i], request->resource);
        nearest = one > nearest ? one : nearest;
    }
    return nearest;
}

static void search_policy(wb_arena *scratch, const wb_iam_policy *policy,
                          const wb_iam_request *request, search *found)
{
    for (uint32_t i = 0; i < policy->statement_count && found->depth < MATCH_ALL; i++) {
        const wb_iam_statement *statement = &policy->statements[i];
        if (statement->is_deny != found->wants_deny) {
            continue;
        }
        const wb_iam_condition *failed = NULL;
        const match_depth depth = match(scratch, policy, statement, request, &failed);
        const uint32_t nearness = depth == MATCH_ACTION ? nearest_resource(statement, request) : 0;
        if (depth > found->depth || (depth == found->depth && nearness > found->nearness)) {
            found->depth = depth;
            found->nearness = nearness;
            found->best = (wb_iam_decision){.outcome = WB_IAM_IMPLICIT_DENY,
                                            .kind = policy->kind,
                                            .policy = policy,
                                            .statement = statement,
                                            .condition = failed};
        }
    }
}

/* The Allow that every present kind must have; a role always needs one of its own policies. */
static wb_iam_decision find_allows(wb_arena *scratch, const wb_iam_policy *policies,
                                   uint32_t policy_count, const wb_iam_request *request)
{
    static const wb_iam_policy_kind order[] = {WB_IAM_POLICY_SERVICE_CONTROL,
                                               WB_IAM_POLICY_BOUNDARY, WB_IAM_POLICY_IDENTITY,
                                               WB_IAM_POLICY_TRUST};
    wb_iam_decision decision = {.outcome = WB_IAM_IMPLICIT_DENY, .kind = WB_IAM_POLICY_IDENTITY};
    for (size_t k = 0; k < sizeof order / sizeof order[0]; k++) {
        search found = {.kind = order[k]};
        uint32_t present_count = 0;
        for (uint32_t i = 0; i < policy_count; i++) {
            if (policies[i].kind == order[k]) {
                present_count++;
                search_policy(scratch, &policies[i], request, &found);
            }
        }
        if (present_count == 0) {
            continue;
        }
        decision = found.best;
        decision.outcome = WB_IAM_IMPLICIT_DENY;
        decision.kind = order[k];
        if (found.depth < MATCH_ALL) {
            return decision;
        }
        decision.outcome = order[k] == WB_IAM_POLICY_IDENTITY || order[k] == WB_IAM_POLICY_TRUST
                               ? WB_IAM_ALLOWED
                               : WB_IAM_IMPLICIT_DENY;
    }
    if (decision.kind == WB_IAM_POLICY_BOUNDARY || decision.kind == WB_IAM_POLICY_SERVICE_CONTROL) {
        return (wb_iam_decision){.outcome = WB_IAM_IMPLICIT_DENY, .kind = WB_IAM_POLICY_IDENTITY};
    }
    return decision;
}

wb_iam_decision wb_iam_decision_make(wb_arena *scratch, const wb_iam_policy *policies,
                                     uint32_t policy_count, const wb_iam_request *request)
{
    assert(request->action != NULL && request->resource != NULL);
    assert(policies != NULL || policy_count == 0);
    const wb_arena_mark mark = wb_arena_get_mark(scratch);
    search denial = {.wants_deny = true};
    for (uint32_t i = 0; i < policy_count && denial.depth < MATCH_ALL; i++) {
        search_policy(scratch, &policies[i], request, &denial);
    }
    wb_iam_decision decision = denial.best;
    decision.outcome = WB_IAM_EXPLICIT_DENY;
    if (denial.depth < MATCH_ALL) {
        decision = find_allows(scratch, policies, policy_count, request);
    }
    wb_arena_rewind(scratch, mark);
    return decision;
}

const char *wb_iam_decision_outcome_name(wb_iam_outcome outcome)
{
    static const char *const names[WB_IAM_OUTCOME_COUNT] = {"allowed", "implicitDeny",
                                                            "explicitDeny"};
    assert(outcome < WB_IAM_OUTCOME_COUNT);
    return names[outcome];
}

void wb_iam_decision_print_cause(const wb_iam_decision *decision, const char *action, char *out,
                                 size_t size)
{
    assert(decision->outcome != WB_IAM_ALLOWED && size > 0);
    const char *kind = wb_iam_policy_kind_name(decision->kind);
    if (decision->outcome == WB_IAM_EXPLICIT_DENY) {
        (void)snprintf(out, size, "with an explicit deny in %s %s",
                       decision->kind == WB_IAM_POLICY_IDENTITY ? "an" : "a", kind);
    } else {
        (void)snprintf(out, size, "because no %s allows the %s action", kind, action);
    }
}

/* "ForAllValues:StringEquals aws:TagKeys = [Name, ...], and the request has [team]". */
static void print_condition(const wb_iam_condition *condition, const wb_iam_request *request,
                            char *out, size_t size)
{
    const wb_iam_context_value *found = wb_iam_pattern_find_key(&request->context, condition->key);
    char has[160] = "no such key";
    if (found != NULL && found->value_count > 0) {
        (void)snprintf(has, sizeof has, "'%.100s'%s", found->values[0],
                       found->value_count > 1 ? " and others" : "");
    }
    (void)snprintf(out, size, "%s %.120s '%.80s'%s, and the request has %s",
                   condition->operator_text, condition->key,
                   condition->value_count > 0 ? condition->values[0] : "",
                   condition->value_count > 1 ? " or others" : "", has);
}

void wb_iam_decision_print_hint(const wb_iam_decision *decision, const wb_iam_request *request,
                                char *out, size_t size)
{
    assert(size > 0);
    out[0] = '\0';
    if (decision->statement == NULL || decision->outcome == WB_IAM_ALLOWED) {
        return;
    }
    const wb_iam_statement *statement = decision->statement;
    char name[128] = "the statement";
    if (statement->sid[0] != '\0') {
        (void)snprintf(name, sizeof name, "statement '%.80s'", statement->sid);
    }
    char why[512] = "";
    if (decision->outcome == WB_IAM_EXPLICIT_DENY) {
        (void)snprintf(why, sizeof why, "denies it");
    } else if (decision->condition != NULL) {
        char text[480];
        print_condition(decision->condition, request, text, sizeof text);
        (void)snprintf(why, sizeof why, "asks for %s", text);
    } else if (decision->kind == WB_IAM_POLICY_TRUST) {
        (void)snprintf(why, sizeof why, "names another principal than %s",
                       request->principal != NULL ? request->principal : "this one");
    } else {
        (void)snprintf(why, sizeof why, "names other resources than %s", request->resource);
    }
    const char *file = statement->position.file != NULL ? statement->position.file : "policy";
    const char *slash = strrchr(file, '/'); /* a run's record must not depend on where it lies */
    (void)snprintf(out, size, "%s:%u: %s %s", slash != NULL ? slash + 1 : file,
                   statement->position.line, name, why);
}
