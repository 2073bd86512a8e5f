/*
 * What solve, lint, consolidate and nodegroups suggest have in common: the options that say which
 * files are looked at and where, and the parts that reading them needs.
 */
#ifndef WB_TOOLS_CLI_ONE_SHOT_SESSION_H
#define WB_TOOLS_CLI_ONE_SHOT_SESSION_H

#include "base/arena.h"
#include "base/findings.h"
#include "base/intern.h"
#include "base/status.h"
#include "scenarios/one_shot/one_shot.h"
#include "tools/cli/command.h"

/* Rows of a subcommand's options. -f, whose help says what files are wanted: */
#define WB_OPTION_FILES(help_)                                                          \
    {                                                                                   \
        .name = "filename", .letter = 'f', .kind = WB_OPTION_TEXT, .is_repeated = true, \
        .value_name = "FILE", .help = (help_)                                           \
    }
#define WB_OPTION_DUMPS                                                                   \
    WB_OPTION_FILES("manifests or 'kubectl get -o json|yaml' dumps: a file, a folder, - " \
                    "for standard input")
#define WB_OPTION_REGION                                                            \
    {                                                                               \
        .name = "region", .kind = WB_OPTION_TEXT, .value_name = "NAME",             \
        .help = "the region; otherwise the one that the files name, else us-east-1" \
    }
#define WB_OPTION_ZONE                                                                     \
    {                                                                                      \
        .name = "zone", .kind = WB_OPTION_TEXT, .is_repeated = true, .value_name = "NAME", \
        .help = "a zone where nodes may be; otherwise a, b, c and those that the files "   \
                "name"                                                                     \
    }
#define WB_OPTION_CATALOG                                                  \
    {                                                                      \
        .name = "catalog", .kind = WB_OPTION_TEXT, .value_name = "FILE",   \
        .help = "a catalog from catalog import instead of the shipped one" \
    }
#define WB_OPTION_PREFERENCE_POLICY                                                    \
    {                                                                                  \
        .name = "preference-policy", .kind = WB_OPTION_CHOICE, .value_name = "POLICY", \
        .default_text = "Respect", .choices = "Respect|Ignore",                        \
        .help = "what preferred terms count for, as Karpenter's setting"               \
    }
#define WB_OPTION_MIN_VALUES_POLICY                                                    \
    {                                                                                  \
        .name = "min-values-policy", .kind = WB_OPTION_CHOICE, .value_name = "POLICY", \
        .default_text = "Strict", .choices = "Strict|BestEffort",                      \
        .help = "what minValues count for, as Karpenter's setting"                     \
    }
#define WB_OPTION_STRICT                                                \
    {                                                                   \
        .name = "strict", .kind = WB_OPTION_FLAG,                       \
        .help = "refuse unknown fields in manifests instead of warning" \
    }

/* One invocation's parts, released together. */
typedef struct wb_one_shot_session {
    const wb_invocation *invocation; /* borrowed; has the options above but for the two policies */
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_one_shot_input input; /* of the last read */
} wb_one_shot_session;

/* An empty session, whose findings refuse unknown fields under --strict; released by release, with
 * all that was read into it. */
void wb_one_shot_session_init(wb_one_shot_session *session, const wb_invocation *invocation);
void wb_one_shot_session_release(wb_one_shot_session *session);

/* Reads the files of -f into input, for the place that --region, --zone and --catalog say; what
 * else is wanted comes from base. WB_ERR_INPUT where there are no files, else as wb_one_shot_read;
 * the findings are the caller's to close. */
wb_status wb_one_shot_session_read(wb_one_shot_session *session, const wb_one_shot_options *base,
                                   wb_error *err);

/* The values of the policies' options, for base. */
wb_preference_policy wb_one_shot_session_preference_policy(const wb_invocation *invocation);
bool wb_one_shot_session_is_best_effort(const wb_invocation *invocation);

#endif
