/*
 * Finds where each document ends by counting brackets outside strings, and hands the text between
 * to the document reader. Strings are skipped by memchr, so that this first look costs a fraction
 * of the second.
 *
 *     buffer   | ... done ... | the document being looked at .....| read ahead |
 *              0              start                               at          length
 */
#include "traces/recording_stream.h"

#include <assert.h>
#include <string.h>

#include "base/byte_source.h"
#include "base/heap_memory.h"

#define READ_BYTES ((size_t)1 << 18)

typedef enum stream_place {
    PLACE_TOP,     /* between documents */
    PLACE_ARRAY,   /* between the elements of a top-level array */
    PLACE_WRAPPER, /* between the elements of a wrapper's array */
    PLACE_TAIL,    /* in a wrapper, behind its array */
} stream_place;

struct wb_recording_stream {
    wb_byte_source *source; /* owned */
    char *path;             /* owned */
    char *buffer;           /* owned */
    size_t start, at, length, capacity;
    uint64_t line, document_line, read_bytes;
    stream_place place;
    bool source_ended, was_cut, is_item;
};

static unsigned long long line_of(const wb_recording_stream *stream)
{
    return (unsigned long long)stream->line;
}

wb_status wb_recording_stream_open(const char *path, wb_recording_stream **out, wb_error *err)
{
    assert(path != NULL && out != NULL);
    wb_byte_source *source = NULL;
    WB_TRY(wb_byte_source_open(path, &source, err));
    wb_recording_stream *stream = wb_heap_memory_zalloc(1, sizeof *stream);
    const size_t size = strlen(path) + 1;
    stream->source = source;
    stream->path = wb_heap_memory_alloc(size, 1);
    memcpy(stream->path, path, size);
    stream->line = 1;
    *out = stream;
    return WB_OK;
}

void wb_recording_stream_close(wb_recording_stream *stream)
{
    if (stream == NULL) {
        return;
    }
    wb_byte_source_close(stream->source);
    wb_heap_memory_free(stream->path);
    wb_heap_memory_free(stream->buffer);
    wb_heap_memory_free(stream);
}

/* Moves the document at the front of the buffer and reads on behind what is there. */
static wb_status read_more(wb_recording_stream *stream, wb_error *err)
{
    assert(stream->start <= stream->at && stream->at <= stream->length);
    if (stream->start > 0) {
        memmove(stream->buffer, stream->buffer + stream->start, stream->length - stream->start);
        stream->at -= stream->start;
        stream->length -= stream->start;
        stream->start = 0;
    }
    if (stream->length > WB_RECORDING_DOCUMENT_MAX_BYTES) {
        return wb_fail(err, WB_ERR_LIMIT,
                       "%s:%llu: an object of more than %zu MiB, expected at most that",
                       stream->path, (unsigned long long)stream->document_line,
                       WB_RECORDING_DOCUMENT_MAX_BYTES >> 20);
    }
    if (stream->capacity - stream->length < READ_BYTES) {
        stream->capacity =
            wb_heap_memory_next_capacity(stream->capacity, stream->length + READ_BYTES);
        stream->buffer = wb_heap_memory_resize(stream->buffer, stream->capacity, 1);
    }
    size_t count = 0;
    WB_TRY(wb_byte_source_read(stream->source, stream->buffer + stream->length, READ_BYTES, &count,
                               err));
    stream->length += count;
    stream->read_bytes += count;
    stream->source_ended = count == 0;
    return WB_OK;
}

/* The byte at stream->at, or -1 at the end. */
static wb_status peek(wb_recording_stream *stream, int *out, wb_error *err)
{
    while (stream->at == stream->length && !stream->source_ended) {
        WB_TRY(read_more(stream, err));
    }
    *out = stream->at < stream->length ? (unsigned char)stream->buffer[stream->at] : -1;
    return WB_OK;
}

/* Steps behind blanks, and behind the commas that stand between the elements of an array. */
static wb_status skip_blanks(wb_recording_stream *stream, bool skips_commas, int *out,
                             wb_error *err)
{
    for (;;) {
        WB_TRY(peek(stream, out, err));
        const int c = *out;
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r' && !(c == ',' && skips_commas)) {
            return WB_OK;
        }
        stream->line += c == '\n' ? 1U : 0U;
        stream->at++;
    }
}

/* Steps over what is plain in a string, to behind its closing quote or an escaped byte's backslash.
 * *out: that byte; left alone where the buffer ends before either. */
static void skip_plain(wb_recording_stream *stream, char *out)
{
    const char *from = stream->buffer + stream->at;
    const size_t left = stream->length - stream->at;
    const char *quote = memchr(from, '"', left);
    const size_t plain = quote != NULL ? (size_t)(quote - from) : left;
    const char *backslash = memchr(from, '\\', plain);
    const char *mark = backslash != NULL ? backslash : quote;
    if (mark == NULL) {
        stream->at += left;
        return;
    }
    *out = *mark;
    stream->at += (size_t)(mark - from) + 1;
}

/* Steps behind the string whose opening quote is at stream->at; false: the file ends in it. */
static wb_status skip_string(wb_recording_stream *stream, bool *out_is_whole, wb_error *err)
{
    assert(stream->buffer[stream->at] == '"');
    stream->at++;
    char mark = 0;
    int c = 0;
    while (mark != '"' && c >= 0) {
        WB_TRY(peek(stream, &c, err));
        stream->at += mark == '\\' && c >= 0 ? 1U : 0U; /* what is escaped, be it a quote */
        mark = 0;
        skip_plain(stream, &mark);
    }
    *out_is_whole = mark == '"';
    return WB_OK;
}

/* Whether the string that ends at stream->at is the key of a wrapper's array. */
static bool is_wrapper_key(const wb_recording_stream *stream, size_t key_length)
{
    static const char *const keys[] = {"items", "Records", "SpotPriceHistory", "events",
                                       "Messages"};
    const char *key = stream->buffer + stream->at - 1 - key_length;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strlen(keys[i]) == key_length && memcmp(keys[i], key, key_length) == 0) {
            return true;
        }
    }
    return false;
}

/* A string directly in a document: if it is a wrapper's key with an array behind it, the stream
 * goes on in that array. */
static wb_status look_for_wrapper(wb_recording_stream *stream, size_t key_length, wb_error *err)
{
    int c = 0;
    if (!is_wrapper_key(stream, key_length)) {
        return WB_OK;
    }
    WB_TRY(skip_blanks(stream, false, &c, err));
    if (c != ':') {
        return WB_OK;
    }
    stream->at++;
    WB_TRY(skip_blanks(stream, false, &c, err));
    if (c == '[') {
        stream->at++;
        stream->place = PLACE_WRAPPER;
    }
    return WB_OK;
}

/* What the scan of one document came to. */
typedef enum scan_result {
    SCAN_WHOLE,
    SCAN_CUT,
    SCAN_WRAPPER, /* it wraps others */
} scan_result;

/* Steps over a string; a wrapper's key leads into its array (stream->place is then another). */
static wb_status scan_string(wb_recording_stream *stream, bool may_be_wrapper, wb_error *err)
{
    const size_t key_offset = stream->at + 1 - stream->start;
    bool is_whole = false;
    WB_TRY(skip_string(stream, &is_whole, err));
    return is_whole && may_be_wrapper
               ? look_for_wrapper(stream, stream->at - stream->start - 1 - key_offset, err)
               : WB_OK;
}

static uint32_t next_depth(uint32_t depth, int c)
{
    if (c == '{' || c == '[') {
        return depth + 1;
    }
    return c == '}' || c == ']' ? depth - 1 : depth;
}

/* One step in a document at depth: over a string, or the byte c (-1: none is left). */
static wb_status scan_step(wb_recording_stream *stream, uint32_t *depth, int c, wb_error *err)
{
    if (c == '"') {
        return scan_string(stream, *depth == 1 && stream->place == PLACE_TOP, err);
    }
    *depth = next_depth(*depth, c);
    stream->line += c == '\n' ? 1U : 0U;
    stream->at += c >= 0 ? 1U : 0U;
    return WB_OK;
}

/* Behind the closing quote of the string that goes on at at; NULL: the text ends before it. Most
 * strings are short, so they are looked through by the word instead of by memchr. */
static const char *end_of_string(const char *at, const char *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highs = UINT64_C(0x8080808080808080);
    while (at < end) {
        uint64_t word = 0;
        uint64_t special = highs;
        if (end - at >= 8) {
            memcpy(&word, at, sizeof word);
            const uint64_t quote = word ^ (ones * '"');
            const uint64_t backslash = word ^ (ones * '\\');
            special = ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash);
        }
        if ((special & highs) == 0) {
            at += 8;
        } else if (*at == '"') {
            return at + 1;
        } else {
            at += *at == '\\' ? 2 : 1;
        }
    }
    return NULL;
}

/* What scan_step does, for all that lies whole in the buffer: stops at a string that goes on behind
 * it, and where a wrapper's key may stand. */
static void scan_ahead(wb_recording_stream *stream, uint32_t *depth)
{
    const uint32_t lowest = stream->place == PLACE_TOP ? 1 : 0;
    const char *end = stream->buffer + stream->length;
    const char *at = stream->buffer + stream->at;
    uint32_t level = *depth;
    while (at < end && level > lowest) {
        if (*at == '"') {
            const char *behind = end_of_string(at + 1, end);
            if (behind == NULL) {
                break;
            }
            at = behind;
            continue;
        }
        level = next_depth(level, *at);
        stream->line += *at == '\n' ? 1U : 0U;
        at++;
    }
    stream->at = (size_t)(at - stream->buffer);
    *depth = level;
}

/* From the opening bracket at stream->at (depth 0), or from inside an object (depth 1), to behind
 * the closing one. */
static wb_status scan(wb_recording_stream *stream, uint32_t depth, scan_result *out, wb_error *err)
{
    const stream_place place = stream->place;
    int c = 0;
    do {
        WB_TRY(peek(stream, &c, err));
        WB_TRY(scan_step(stream, &depth, c, err));
        if (stream->place == place) {
            scan_ahead(stream, &depth);
        }
    } while (depth > 0 && c >= 0 && stream->place == place);
    *out = c < 0 ? SCAN_CUT : stream->place != place ? SCAN_WRAPPER : SCAN_WHOLE;
    return WB_OK;
}

/* Between documents of a log export stands their time; anything else is no recording. */
static wb_status skip_prefix(wb_recording_stream *stream, int *out, wb_error *err)
{
    static const char allowed[] = "0123456789-:.+TZ \t";
    const uint64_t line = stream->line;
    while (*out >= 0 && *out != '{' && strchr(allowed, *out) != NULL && *out != 0) {
        stream->at++;
        WB_TRY(peek(stream, out, err));
    }
    if (*out != '{' && *out >= 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: found '%c', expected a JSON object",
                       stream->path, (unsigned long long)line,
                       *out > ' ' && *out < 0x7f ? (char)*out : '?');
    }
    return WB_OK;
}

static bool is_in_array(const wb_recording_stream *stream)
{
    return stream->place == PLACE_ARRAY || stream->place == PLACE_WRAPPER;
}

/* Behind the bracket that ends an array: what is left of its wrapper tells nothing. */
static wb_status leave_array(wb_recording_stream *stream, wb_error *err)
{
    scan_result result = SCAN_WHOLE;
    stream->at++;
    if (stream->place == PLACE_WRAPPER) {
        stream->place = PLACE_TAIL;
        WB_TRY(scan(stream, 1, &result, err));
        stream->was_cut = result == SCAN_CUT;
    }
    stream->place = PLACE_TOP;
    return WB_OK;
}

/* What stands between documents, c: steps over it, unless it is an opening brace or the end. */
static wb_status step_between(wb_recording_stream *stream, int c, wb_error *err)
{
    if (c == '{' || c < 0) {
        return WB_OK;
    }
    if (c == ']' && is_in_array(stream)) {
        return leave_array(stream, err);
    }
    if (c == '[' && stream->place == PLACE_TOP) {
        stream->place = PLACE_ARRAY;
        stream->at++;
        return WB_OK;
    }
    return skip_prefix(stream, &c, err);
}

/* Steps to the next opening brace; *out is -1 when there is none. */
static wb_status find_document(wb_recording_stream *stream, int *out, wb_error *err)
{
    *out = 0;
    while (*out != '{' && *out >= 0) {
        stream->start = stream->at;
        WB_TRY(skip_blanks(stream, is_in_array(stream), out, err));
        stream->start = stream->at;
        WB_TRY(step_between(stream, *out, err));
    }
    if (*out < 0 && is_in_array(stream)) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: the list is cut off, expected ']'",
                       stream->path, line_of(stream));
    }
    return WB_OK;
}

/* The text from start to at as a tree, without what managedFields say of single fields: of those
 * only the times are of use, and they are half of what an API server keeps. */
static wb_status parse(wb_recording_stream *stream, wb_arena *scratch, const wb_node **out,
                       wb_error *err)
{
    const wb_document_input input = {.file = "",
                                     .text = stream->buffer + stream->start,
                                     .length = stream->at - stream->start,
                                     .syntax = WB_DOCUMENT_JSON};
    wb_document_stream documents = {0};
    wb_error inner;
    wb_arena_clear(scratch);
    const wb_status status =
        wb_document_read_without(scratch, &input, "fieldsV1", &documents, &inner);
    if (status != WB_OK) {
        const char *place = strstr(inner.text, ": "); /* of this document only */
        return wb_fail(err, status, "%s:%llu: in the object that begins here: %s", stream->path,
                       (unsigned long long)stream->document_line,
                       place != NULL ? place + 2 : inner.text);
    }
    assert(documents.count == 1);
    *out = documents.roots[0];
    return WB_OK;
}

wb_status wb_recording_stream_next(wb_recording_stream *stream, wb_arena *scratch,
                                   const wb_node **out, wb_error *err)
{
    assert(stream != NULL && scratch != NULL && out != NULL);
    for (;;) {
        int c = 0;
        WB_TRY(find_document(stream, &c, err));
        if (c < 0) {
            *out = NULL;
            return WB_OK;
        }
        stream->document_line = stream->line;
        scan_result result = SCAN_WHOLE;
        WB_TRY(scan(stream, 0, &result, err));
        if (result == SCAN_WRAPPER) {
            continue;
        }
        if (result == SCAN_CUT && stream->place != PLACE_TOP) {
            return wb_fail(err, WB_ERR_INPUT, "%s:%llu: the list is cut off in this element",
                           stream->path, (unsigned long long)stream->document_line);
        }
        if (result == SCAN_CUT) {
            stream->was_cut = true;
            *out = NULL;
            return WB_OK;
        }
        stream->is_item = stream->place != PLACE_TOP;
        return parse(stream, scratch, out, err);
    }
}

uint64_t wb_recording_stream_line(const wb_recording_stream *stream)
{
    assert(stream != NULL);
    return stream->document_line;
}

bool wb_recording_stream_is_item(const wb_recording_stream *stream)
{
    assert(stream != NULL);
    return stream->is_item;
}

bool wb_recording_stream_was_cut(const wb_recording_stream *stream)
{
    assert(stream != NULL);
    return stream->was_cut;
}

uint64_t wb_recording_stream_bytes(const wb_recording_stream *stream)
{
    assert(stream != NULL);
    return stream->read_bytes;
}
