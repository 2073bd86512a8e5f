#include "tools/cli/sweep_manifests.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file_writer.h"
#include "tools/cli/sweep_output.h"
#include "tools/cli/terminal.h"
#include "tools/cli/yaml_output.h"

#define FILE_LIMIT_BYTES ((size_t)64 << 20)

/* A value of the best point, and the comment that goes with it. */
typedef struct noted_value {
    const wb_node *node;
    const char *note;
} noted_value;

typedef struct writer {
    const wb_sweep *sweep;
    wb_arena *arena;
    const char *folder;
    wb_scenario_patch patches[WB_SWEEP_PARAMETERS_MAX];
    noted_value notes[WB_SWEEP_PARAMETERS_MAX];
    uint32_t count;
    uint32_t hits[WB_SWEEP_PARAMETERS_MAX]; /* of all files */
} writer;

static const char *note_of(const void *context, const wb_node *node)
{
    const writer *of = context;
    for (uint32_t i = 0; i < of->count; i++) {
        if (of->notes[i].node == node) {
            return of->notes[i].note;
        }
    }
    return NULL;
}

/* The point that has all of the best one's changes but this. */
static const wb_sweep_point *copy_without(const wb_sweep *sweep, uint32_t parameter)
{
    for (uint32_t i = 0; i < sweep->point_count; i++) {
        if (sweep->points[i].role == WB_SWEEP_PUT_BACK && sweep->points[i].put_back == parameter) {
            return &sweep->points[i];
        }
    }
    return NULL;
}

/* "was 0s; without it: cost 1.2 % more; ..." */
static const char *make_note(writer *of, uint32_t parameter, const wb_node *before)
{
    const wb_sweep *sweep = of->sweep;
    wb_text note;
    wb_text_init(&note);
    wb_text_add_string(&note, "was ");
    if (before == NULL) {
        wb_text_add_string(&note, "not there");
    } else {
        wb_node_print_json(before, &note);
    }
    const wb_sweep_point *copy = copy_without(sweep, parameter);
    if (copy != NULL) {
        wb_text_add_string(&note, "; this alone: ");
        wb_sweep_output_print_change(sweep, &sweep->points[sweep->best], copy, &note);
    }
    const char *kept = wb_arena_copy_string(of->arena, wb_text_string(&note));
    wb_text_release(&note);
    return kept;
}

static bool is_same(const wb_node *a, const wb_node *b)
{
    wb_text texts[2];
    for (int i = 0; i < 2; i++) {
        wb_text_init(&texts[i]);
        if (a != NULL && b != NULL) {
            wb_node_print_json(i == 0 ? a : b, &texts[i]);
        }
    }
    const bool is_equal = strcmp(wb_text_string(&texts[0]), wb_text_string(&texts[1])) == 0;
    wb_text_release(&texts[0]);
    wb_text_release(&texts[1]);
    return a != NULL && b != NULL && is_equal;
}

/* Notes what is there before the best point's values are put in its place. */
static void note_document(writer *of, const wb_node *document, bool is_scenario)
{
    const wb_sweep_spec *spec = of->sweep->spec;
    const wb_sweep_point *best = &of->sweep->points[of->sweep->best];
    uint32_t at = 0;
    for (uint32_t p = 0; p < spec->parameter_count; p++) {
        if (best->values[p] == NULL) {
            continue;
        }
        const wb_node *before =
            wb_scenario_patch_find(document, is_scenario, spec->parameters[p].target,
                                   spec->parameters[p].path);
        if (before != NULL && is_same(before, best->values[p]->node)) {
            of->notes[at] = (noted_value){.note = ""};
        } else if (before != NULL || of->notes[at].note == NULL) {
            of->notes[at] =
                (noted_value){.node = best->values[p]->node, .note = make_note(of, p, before)};
        }
        at++;
    }
}

static void set_patches(writer *of)
{
    const wb_sweep_spec *spec = of->sweep->spec;
    const wb_sweep_point *best = &of->sweep->points[of->sweep->best];
    for (uint32_t p = 0; p < spec->parameter_count; p++) {
        if (best->values[p] != NULL) {
            of->patches[of->count++] = (wb_scenario_patch){
                .target = spec->parameters[p].target,
                .path = spec->parameters[p].path,
                .value = best->values[p]->node,
            };
        }
    }
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static wb_status write_text(const writer *of, const char *path, const wb_text *text, wb_error *err)
{
    wb_text target;
    wb_text_init(&target);
    wb_text_add_format(&target, "%s/%s", of->folder, name_of(path));
    const wb_status status =
        wb_file_writer_write_file(wb_text_string(&target), text->bytes, text->length, err);
    if (status == WB_OK) {
        (void)fprintf(stderr, "wrote %s\n", wb_text_string(&target));
    }
    wb_text_release(&target);
    return status;
}

static wb_status print_documents(writer *of, const char *path, const wb_document_stream *stream,
                                 bool is_scenario, wb_text *out, wb_error *err)
{
    uint32_t hits[WB_SWEEP_PARAMETERS_MAX] = {0};
    const wb_scenario_patches patches = {of->patches, of->count, hits};
    wb_text_add_format(out,
                       "# %s with the best point of sweep %s. Made by werkbank: comments of the "
                       "original are not kept.\n",
                       name_of(path), of->sweep->spec->name);
    for (size_t i = 0; i < stream->count; i++) {
        note_document(of, stream->roots[i], is_scenario);
        WB_TRY(wb_scenario_patch_apply(&patches, stream->roots[i], is_scenario, of->arena, err));
        const wb_yaml_notes notes = {.note = note_of, .context = of, .has_plain_words = true};
        wb_text_add_string(out, i == 0 ? "" : "---\n");
        wb_yaml_output_print_noted(stream->roots[i], &notes, out);
    }
    uint32_t hit_count = 0;
    for (uint32_t i = 0; i < of->count; i++) {
        hit_count += hits[i];
        of->hits[i] += hits[i];
    }
    return hit_count > 0 ? write_text(of, path, out, err) : WB_OK;
}

/* One file, if the best point changes something in it. */
static wb_status write_file(writer *of, const char *path, bool is_scenario, wb_error *err)
{
    wb_document_stream stream;
    WB_TRY(wb_document_read_file(of->arena, path, FILE_LIMIT_BYTES, &stream, err));
    wb_text text;
    wb_text_init(&text);
    const wb_status status = print_documents(of, path, &stream, is_scenario, &text, err);
    wb_text_release(&text);
    return status;
}

/* A path of the scenario's, or a list of such. */
static wb_status write_paths(writer *of, const char *scenario_path, const wb_node *paths,
                             wb_error *err)
{
    const uint32_t count = paths == NULL ? 0 : paths->kind == WB_NODE_LIST ? paths->count : 1;
    for (uint32_t i = 0; i < count; i++) {
        const wb_node *entry = paths->kind == WB_NODE_LIST ? paths->children[i] : paths;
        const char *name = wb_node_string(entry, "");
        const char *slash = strrchr(scenario_path, '/');
        wb_text path;
        wb_text_init(&path);
        wb_text_add_format(&path, "%.*s%s",
                           *name == '/' || slash == NULL ? 0 : (int)(slash - scenario_path) + 1,
                           scenario_path, name);
        const char *kept = wb_arena_copy_string(of->arena, wb_text_string(&path));
        wb_text_release(&path);
        WB_TRY(write_file(of, kept, false, err));
    }
    return WB_OK;
}

/* Every file that the scenario names once; the contender's first. */
static wb_status write_all(writer *of, wb_error *err)
{
    const wb_sweep_spec *spec = of->sweep->spec;
    wb_document_stream stream;
    WB_TRY(wb_document_read_file(of->arena, spec->scenario_path, FILE_LIMIT_BYTES, &stream, err));
    const wb_node *root = stream.count > 0 ? stream.roots[0] : NULL;
    const wb_node *contenders = wb_node_find(root, "spec.contenders");
    for (uint32_t i = 0; contenders != NULL && i < contenders->count; i++) {
        const wb_node *contender = contenders->children[i];
        const wb_node *name = wb_node_get(contender, "name");
        const wb_node *kind = wb_node_get(contender, "kind");
        if (strcmp(wb_node_string(name != NULL ? name : kind, ""), spec->contender) == 0) {
            WB_TRY(write_paths(of, spec->scenario_path, wb_node_get(contender, "manifests"), err));
            WB_TRY(write_paths(of, spec->scenario_path, wb_node_get(contender, "nodeGroupFiles"),
                               err));
        }
    }
    WB_TRY(write_paths(of, spec->scenario_path, wb_node_find(root, "spec.objects"), err));
    const wb_node *steps = wb_node_find(root, "spec.workload");
    for (uint32_t i = 0; steps != NULL && i < steps->count; i++) {
        WB_TRY(
            write_paths(of, spec->scenario_path, wb_node_get(steps->children[i], "manifest"), err));
    }
    return write_file(of, spec->scenario_path, true, err);
}

wb_status wb_sweep_manifests_write(const wb_sweep *sweep, const char *folder, wb_error *err)
{
    assert(sweep != NULL && folder != NULL);
    if (sweep->best == UINT32_MAX || sweep->best == 0) {
        wb_text limits;
        wb_text_init(&limits);
        wb_sweep_output_print_limits(sweep->spec, &limits);
        wb_terminal_error("nothing to write: no point within the limits (%s) is better than what "
                          "is there",
                          wb_text_string(&limits));
        wb_text_release(&limits);
        return WB_OK;
    }
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        return wb_fail_io(err, folder, "make the folder", errno);
    }
    writer of = {.sweep = sweep, .arena = sweep->arena, .folder = folder};
    set_patches(&of);
    return write_all(&of, err);
}
