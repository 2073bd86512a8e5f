#include "tests/tidy/source_text.h"

#include <assert.h>
#include <string.h>

typedef enum scan_state {
    IN_CODE,
    IN_LINE_COMMENT,
    IN_BLOCK_COMMENT,
    IN_STRING,
    IN_CHARACTER,
} scan_state;

/* The views while they are being filled. */
typedef struct scan {
    const char *text;
    size_t length;
    char *code, *comments;
    scan_state state;
} scan;

bool wb_source_text_has_prefix(const char *text, const char *prefix)
{
    assert(text != NULL && prefix != NULL);
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool wb_source_text_has_prefix_of(const char *text, const char *prefixes)
{
    assert(text != NULL && prefixes != NULL);
    while (*prefixes != '\0') {
        const size_t length = strcspn(prefixes, " ");
        if (strncmp(text, prefixes, length) == 0) {
            return true;
        }
        prefixes += length + strspn(prefixes + length, " ");
    }
    return false;
}

bool wb_source_text_has_suffix(const char *text, const char *suffix)
{
    assert(text != NULL && suffix != NULL);
    const size_t text_length = strlen(text);
    const size_t suffix_length = strlen(suffix);
    return text_length >= suffix_length && strcmp(text + text_length - suffix_length, suffix) == 0;
}

bool wb_source_text_is_word_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_';
}

/* A copy of text with every byte but line ends turned into a blank. */
static char *blank_copy(wb_arena *arena, const char *text, size_t length)
{
    char *view = wb_arena_alloc(arena, length + 1);
    for (size_t i = 0; i < length; i++) {
        view[i] = text[i] == '\n' ? '\n' : ' ';
    }
    view[length] = '\0';
    return view;
}

/* Looks at one byte outside comments and literals; returns how many bytes were taken. */
static size_t scan_code(scan *s, size_t i)
{
    const char byte = s->text[i];
    if (byte == '/' && (s->text[i + 1] == '*' || s->text[i + 1] == '/')) {
        s->state = s->text[i + 1] == '*' ? IN_BLOCK_COMMENT : IN_LINE_COMMENT;
        s->comments[i] = byte;
        s->comments[i + 1] = s->text[i + 1];
        return 2;
    }
    if (byte == '"' || byte == '\'') {
        s->state = byte == '"' ? IN_STRING : IN_CHARACTER;
    }
    s->code[i] = byte;
    return 1;
}

static size_t scan_comment(scan *s, size_t i)
{
    if (s->state == IN_LINE_COMMENT && s->text[i] == '\n') {
        s->state = IN_CODE;
        return 1;
    }
    s->comments[i] = s->text[i];
    if (s->state == IN_BLOCK_COMMENT && s->text[i] == '*' && s->text[i + 1] == '/') {
        s->comments[i + 1] = '/';
        s->state = IN_CODE;
        return 2;
    }
    return 1;
}

/* Literals keep their quotes, so that an argument is still seen to be there. */
static size_t scan_literal(scan *s, size_t i)
{
    const char quote = s->state == IN_STRING ? '"' : '\'';
    if (s->text[i] == '\\' && i + 1 < s->length) {
        return 2;
    }
    if (s->text[i] == quote || s->text[i] == '\n') {
        s->code[i] = s->text[i];
        s->state = IN_CODE;
    }
    return 1;
}

static void split_views(scan *s)
{
    size_t i = 0;
    while (i < s->length) {
        switch (s->state) {
        case IN_CODE: i += scan_code(s, i); break;
        case IN_LINE_COMMENT:
        case IN_BLOCK_COMMENT: i += scan_comment(s, i); break;
        case IN_STRING:
        case IN_CHARACTER: i += scan_literal(s, i); break;
        }
    }
}

static void find_lines(wb_source_text *source, wb_arena *arena)
{
    uint32_t count = 1;
    for (size_t i = 0; i + 1 < source->length; i++) {
        count += source->text[i] == '\n' ? 1U : 0U;
    }
    source->line_starts = WB_ARENA_ARRAY(arena, size_t, count);
    source->line_count = count;
    uint32_t line = 1;
    for (size_t i = 0; i + 1 < source->length; i++) {
        if (source->text[i] == '\n') {
            source->line_starts[line++] = i + 1;
        }
    }
}

/* Blanks preprocessor directives, with the lines that a backslash joins to them. */
static void drop_directives(const wb_source_text *source, char *statements)
{
    bool is_continued = false;
    for (uint32_t line = 1; line <= source->line_count; line++) {
        const size_t begin = wb_source_text_line_begin(source, line);
        const size_t end = wb_source_text_line_end(source, line);
        const size_t first = wb_source_text_skip_blank(source, source->code, begin);
        if (is_continued || (first < end && source->code[first] == '#')) {
            is_continued = end > begin &&
                           wb_source_text_byte_before(source->code + begin, end - begin) == '\\';
            memset(statements + begin, ' ', end - begin);
        }
    }
}

/* name without its ending. */
static const char *stem_of(wb_arena *arena, const char *name)
{
    const char *dot = strrchr(name, '.');
    return wb_arena_copy_text(arena, name, dot != NULL ? (size_t)(dot - name) : strlen(name));
}

void wb_source_text_init(wb_source_text *out, wb_arena *arena, const char *path, const char *text,
                         size_t length)
{
    assert(path != NULL && text != NULL && text[length] == '\0');
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    char *code = blank_copy(arena, text, length);
    char *comments = blank_copy(arena, text, length);
    *out = (wb_source_text){.path = path,
                            .name = name,
                            .stem = stem_of(arena, name),
                            .is_c = wb_source_text_has_suffix(name, ".c") ||
                                    wb_source_text_has_suffix(name, ".h"),
                            .is_header = wb_source_text_has_suffix(name, ".h"),
                            .length = length,
                            .text = text,
                            .code = code,
                            .comments = comments};
    find_lines(out, arena);
    if (out->is_c) {
        scan s = {.text = text, .length = length, .code = code, .comments = comments};
        split_views(&s);
    }
    char *statements = wb_arena_copy_text(arena, code, length);
    drop_directives(out, statements);
    out->statements = statements;
}

uint32_t wb_source_text_line(const wb_source_text *source, size_t offset)
{
    assert(source->line_count > 0);
    uint32_t low = 0;
    uint32_t high = source->line_count;
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (source->line_starts[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low + 1;
}

size_t wb_source_text_line_begin(const wb_source_text *source, uint32_t line)
{
    assert(line >= 1 && line <= source->line_count);
    return source->line_starts[line - 1];
}

size_t wb_source_text_line_end(const wb_source_text *source, uint32_t line)
{
    assert(line >= 1 && line <= source->line_count);
    if (line < source->line_count) {
        return source->line_starts[line] - 1;
    }
    const bool has_line_end = source->length > 0 && source->text[source->length - 1] == '\n';
    return source->length - (has_line_end ? 1 : 0);
}

static bool is_blank_byte(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

bool wb_source_text_is_blank(const char *view, size_t begin, size_t end)
{
    assert(begin <= end);
    for (size_t i = begin; i < end; i++) {
        if (!is_blank_byte(view[i])) {
            return false;
        }
    }
    return true;
}

size_t wb_source_text_skip_blank(const wb_source_text *source, const char *view, size_t offset)
{
    assert(offset <= source->length);
    while (offset < source->length && is_blank_byte(view[offset])) {
        offset++;
    }
    return offset;
}

char wb_source_text_byte_before(const char *view, size_t offset)
{
    assert(view != NULL);
    while (offset > 0 && is_blank_byte(view[offset - 1])) {
        offset--;
    }
    if (offset == 0) {
        return '\0';
    }
    return view[offset - 1];
}

size_t wb_source_text_closing(const wb_source_text *source, const char *view, size_t offset)
{
    assert(offset < source->length);
    static const char openings[] = "({[";
    static const char closings[] = ")}]";
    const char opening = view[offset];
    const char *pair = strchr(openings, opening);
    assert(opening != '\0' && pair != NULL);
    const char closing = closings[pair - openings];
    size_t depth = 0;
    for (size_t i = offset; i < source->length; i++) {
        depth += view[i] == opening ? 1 : 0;
        if (view[i] == closing && --depth == 0) {
            return i;
        }
    }
    return source->length;
}

size_t wb_source_text_find_word(const wb_source_text *source, const char *view, size_t offset,
                                const char *word)
{
    assert(offset <= source->length && word[0] != '\0');
    const size_t word_length = strlen(word);
    const char *found = strstr(view + offset, word);
    while (found != NULL) {
        const bool begins = found == view || !wb_source_text_is_word_byte(found[-1]);
        if (begins && !wb_source_text_is_word_byte(found[word_length])) {
            return (size_t)(found - view);
        }
        found = strstr(found + 1, word);
    }
    return source->length;
}
