/*
 * Rules about single words: calls that have a home or none at all, goto, and what a change must not
 * leave behind.
 */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/tidy/tidy_rule.h"

#define HEAP   "base/ tests/"
#define CLOCK  "bench/stopwatch.c tools/"
#define PRINTS "tools/ tests/"

/* Functions by name; homes are path prefixes separated by blanks, "" is nowhere. */
static const struct {
    const char *name, *homes, *instead;
} banned_calls[] = {
    {"strcpy", "", "snprintf, or wb_text"},
    {"strcat", "", "snprintf, or wb_text"},
    {"strncpy", "", "snprintf, or wb_text"},
    {"strncat", "", "snprintf, or wb_text"},
    {"sprintf", "", "snprintf, or wb_text_add_format"},
    {"vsprintf", "", "vsnprintf, or wb_text_add_format"},
    {"gets", "", "wb_line_reader"},
    {"atoi", "", "a reader that reports garbage and overflow"},
    {"atol", "", "a reader that reports garbage and overflow"},
    {"atoll", "", "a reader that reports garbage and overflow"},
    {"atof", "", "a reader that reports garbage and overflow"},
    {"strtok", "", "strcspn"},
    {"rand", "", "wb_random"},
    {"srand", "", "wb_random"},
    {"random", "", "wb_random"},
    {"drand48", "", "wb_random"},
    {"setlocale", "", "nothing: output is the same everywhere"},
    {"qsort", "", "wb_sort"},
    {"alloca", "", "a scratch arena"},
    {"longjmp", "tests/", "a status that is returned"},
    {"time", CLOCK, "the kernel's now_ms"},
    {"gettimeofday", CLOCK, "the kernel's now_ms"},
    {"clock_gettime", CLOCK, "the kernel's now_ms"},
    {"clock", CLOCK, "the kernel's now_ms"},
    {"localtime", "", "gmtime_r"},
    {"malloc", HEAP, "an arena, or wb_heap_memory"},
    {"calloc", HEAP, "an arena, or wb_heap_memory"},
    {"realloc", HEAP, "an arena, or wb_heap_memory"},
    {"free", HEAP, "an arena, or wb_heap_memory"},
    {"strdup", HEAP, "wb_arena_copy_string"},
    {"strndup", HEAP, "wb_arena_copy_text"},
    {"printf", PRINTS, "a text that tools/cli prints"},
    {"puts", PRINTS, "a text that tools/cli prints"},
    {"putchar", PRINTS, "a text that tools/cli prints"},
    {"exit", PRINTS, "a status that is returned"},
};

static const char *const leftovers[] = {"TODO", "FIXME", "XXX", "HACK"};

/* name( that is no member call (x->name(...)). */
static bool is_call(const wb_source_text *source, size_t offset, size_t length)
{
    const size_t next = wb_source_text_skip_blank(source, source->code, offset + length);
    const bool is_member = (offset > 0 && source->code[offset - 1] == '.') ||
                           (offset > 1 && strncmp(source->code + offset - 2, "->", 2) == 0);
    return next < source->length && source->code[next] == '(' && !is_member;
}

static void check_calls(const wb_tidy_tree *tree, const wb_tidy_file *file, wb_tidy_report *report)
{
    (void)tree;
    const wb_source_text *source = &file->source;
    for (size_t b = 0; b < sizeof banned_calls / sizeof *banned_calls; b++) {
        const char *name = banned_calls[b].name;
        if (wb_source_text_has_prefix_of(source->path, banned_calls[b].homes)) {
            continue;
        }
        size_t at = wb_source_text_find_word(source, source->code, 0, name);
        while (at < source->length) {
            if (is_call(source, at, strlen(name))) {
                wb_tidy_report_add(report, wb_source_text_line(source, at), "%s: use %s", name,
                                   banned_calls[b].instead);
            }
            at = wb_source_text_find_word(source, source->code, at + 1, name);
        }
    }
}

static void check_goto(const wb_tidy_tree *tree, const wb_tidy_file *file, wb_tidy_report *report)
{
    (void)tree;
    const wb_source_text *source = &file->source;
    const char *code = source->code;
    size_t at = wb_source_text_find_word(source, code, 0, "goto");
    while (at < source->length) {
        const size_t label = wb_source_text_skip_blank(source, code, at + strlen("goto"));
        const char *behind = strstr(code + at, "\ncleanup:");
        const char *function_end = strstr(code + at, "\n}");
        const bool is_forward = behind != NULL && function_end != NULL && behind < function_end;
        if (wb_source_text_find_word(source, code, label, "cleanup") != label || !is_forward) {
            wb_tidy_report_add(report, wb_source_text_line(source, at),
                               "goto other than forward to cleanup");
        }
        at = wb_source_text_find_word(source, code, at + 1, "goto");
    }
}

static void check_leftovers(const wb_tidy_tree *tree, const wb_tidy_file *file,
                            wb_tidy_report *report)
{
    (void)tree;
    const wb_source_text *source = &file->source;
    for (size_t i = 0; i < sizeof leftovers / sizeof *leftovers; i++) {
        size_t at = wb_source_text_find_word(source, source->comments, 0, leftovers[i]);
        while (at < source->length) {
            wb_tidy_report_add(report, wb_source_text_line(source, at),
                               "%s: what is missing is an issue", leftovers[i]);
            at = wb_source_text_find_word(source, source->comments, at + 1, leftovers[i]);
        }
    }
    for (const char *at = strstr(source->code, "#if 0"); at != NULL; at = strstr(at + 1, "#if 0")) {
        wb_tidy_report_add(report, wb_source_text_line(source, (size_t)(at - source->code)),
                           "#if 0: delete it, git remembers");
    }
}

/* One line of a comment without its delimiters: where its words begin and end. */
typedef struct comment_line {
    const char *begin, *end;
    size_t indent; /* blanks behind the star or delimiter */
} comment_line;

static comment_line trim_comment(const wb_source_text *source, uint32_t line)
{
    comment_line out = {
        .begin = source->comments + wb_source_text_line_begin(source, line),
        .end = source->comments + wb_source_text_line_end(source, line),
    };
    while (out.begin < out.end && (strchr(" /*", *out.begin) != NULL)) {
        out.indent = *out.begin == ' ' ? out.indent + 1 : 0;
        out.begin++;
    }
    while (out.end > out.begin && strchr(" /*", out.end[-1]) != NULL) {
        out.end--;
    }
    return out;
}

/* Length of the name, with members and subscripts, that text begins with. */
static size_t designator_length(const char *text, const char *end)
{
    size_t length = 0;
    while (text + length < end &&
           (wb_source_text_is_word_byte(text[length]) || strchr("->.[]*", text[length]) != NULL)) {
        length++;
    }
    return length;
}

/* Prose that ends in a semicolon exists; prose that also begins like a call, an assignment or a
 * keyword of C does not. */
static bool reads_as_code(const char *text, const char *end)
{
    if (text >= end) {
        return false;
    }
    static const char *const openings[] = {"if (", "for (", "while (", "switch (", "} else"};
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        if (strncmp(text, openings[i], strlen(openings[i])) == 0 && end[-1] == '{') {
            return true;
        }
    }
    if (strncmp(text, "#include ", strlen("#include ")) == 0) {
        return true;
    }
    if (end[-1] != ';') {
        return false;
    }
    if (strncmp(text, "return ", strlen("return ")) == 0 || strncmp(text, "break;", 6) == 0) {
        return true;
    }
    const char *behind = text + designator_length(text, end);
    const bool is_call = behind > text && *behind == '(' && end - behind > 2 && end[-2] == ')';
    behind += behind < end && *behind == ' ' ? 1 : 0;
    const bool is_assignment = behind > text && *behind == '=' && behind[1] != '=';
    return is_call || is_assignment;
}

/* An example in a header's comment is welcome; it is indented by four, as in a page of text. */
static void check_commented_code(const wb_tidy_tree *tree, const wb_tidy_file *file,
                                 wb_tidy_report *report)
{
    (void)tree;
    for (uint32_t line = 1; line <= file->source.line_count; line++) {
        const comment_line words = trim_comment(&file->source, line);
        if (words.indent < 4 && reads_as_code(words.begin, words.end)) {
            wb_tidy_report_add(report, line, "code in a comment: delete it, git remembers");
        }
    }
}

static const wb_tidy_rule rules[] = {
    {"banned-call", WB_TIDY_SCOPE_C, check_calls, "some functions have a home, some have none"},
    {"goto", WB_TIDY_SCOPE_C, check_goto, "goto only forward, to cleanup"},
    {"leftover", WB_TIDY_SCOPE_C, check_leftovers, "no notes to oneself, no #if 0"},
    {"commented-code", WB_TIDY_SCOPE_C, check_commented_code, "no code in comments"},
};

const wb_tidy_rule *wb_rules_words(size_t *out_count)
{
    assert(out_count != NULL);
    *out_count = sizeof rules / sizeof *rules;
    return rules;
}
