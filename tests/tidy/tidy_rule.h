/*
 * What a rule is, and where it says what it found. A rule looks at one file, with the whole tree at
 * hand, and adds one finding per place; the runner knows which rule and file it is running. Rules
 * are rows in the tables of rules_*.c; test_tidy_rules.c plants a violation of each.
 */
#ifndef WB_TESTS_TIDY_TIDY_RULE_H
#define WB_TESTS_TIDY_TIDY_RULE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "tests/tidy/tidy_tree.h"

typedef struct wb_tidy_finding {
    const char *rule;
    const char *path;
    uint32_t line; /* from 1 */
    const char *message;
} wb_tidy_finding;

typedef struct wb_tidy_report {
    wb_arena *arena; /* borrowed: where the messages live */
    wb_tidy_finding *findings;
    size_t count, capacity;
    const char *rule; /* being run */
    const char *path; /* of the file being looked at */
} wb_tidy_report;

typedef enum wb_tidy_scope {
    WB_TIDY_SCOPE_C,     /* .c and .h */
    WB_TIDY_SCOPE_CODE,  /* C, assembler, scripts, build files */
    WB_TIDY_SCOPE_FILES, /* these and the pages of documentation */
} wb_tidy_scope;

typedef struct wb_tidy_rule {
    const char *name;
    wb_tidy_scope scope;
    void (*check)(const wb_tidy_tree *tree, const wb_tidy_file *file, wb_tidy_report *report);
    const char *law; /* what must be, in one line */
} wb_tidy_rule;

/* Starts without findings; their messages live in arena. */
void wb_tidy_report_init(wb_tidy_report *report, wb_arena *arena);

/* Adds a finding of the rule and file being run. */
WB_PRINTF(3, 4)
void wb_tidy_report_add(wb_tidy_report *report, uint32_t line, const char *fmt, ...);

/* How many findings the rule has. */
size_t wb_tidy_report_rule_count(const wb_tidy_report *report, const char *rule);

/* The tables, and how many rows each has. */
const wb_tidy_rule *wb_rules_layout(size_t *out_count);
const wb_tidy_rule *wb_rules_includes(size_t *out_count);
const wb_tidy_rule *wb_rules_names(size_t *out_count);
const wb_tidy_rule *wb_rules_functions(size_t *out_count);
const wb_tidy_rule *wb_rules_words(size_t *out_count);

/* The number of rules in all tables, and one of them. */
size_t wb_tidy_rule_count(void);
const wb_tidy_rule *wb_tidy_rule_at(size_t index);

/* Runs every rule over every file it is meant for. */
void wb_tidy_rule_run_all(const wb_tidy_tree *tree, wb_tidy_report *report);

#endif
