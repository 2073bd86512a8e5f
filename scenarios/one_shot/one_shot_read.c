/* From files to an input: objects, region and catalog, pools, nodes, pods, storage. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kube/names.h"
#include "scenarios/one_shot/one_shot_catalog.h"
#include "scenarios/one_shot/one_shot_internal.h"

#define NOTE_SIZE 512

void wb_one_shot_note(wb_one_shot_reader *reader, const char *fmt, ...)
{
    assert(reader != NULL && fmt != NULL);
    char text[NOTE_SIZE];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    wb_one_shot_input *input = reader->input;
    for (uint32_t i = 0; i < input->note_count; i++) {
        if (strcmp(reader->notes[i], text) == 0) {
            return; /* said already, of another pool or volume */
        }
    }
    reader->notes = wb_arena_grow(reader->arena, reader->notes, input->note_count,
                                  input->note_count + 1U, sizeof(const char *));
    reader->notes[input->note_count++] = wb_arena_copy_string(reader->arena, text);
}

static wb_status read_files(wb_one_shot_reader *reader, wb_error *err)
{
    const wb_one_shot_options *options = &reader->input->options;
    const wb_decode_context context = {.arena = reader->arena,
                                       .intern = reader->intern,
                                       .findings = reader->findings};
    wb_manifest_init(&reader->input->manifest);
    for (uint32_t i = 0; i < options->path_count; i++) {
        WB_TRY(wb_manifest_add_path(&reader->input->manifest, &context, options->paths[i], err));
    }
    return wb_findings_status(reader->findings, err);
}

/* Copies, since claims and classes come on top. */
static void start_storage(wb_one_shot_reader *reader)
{
    const wb_manifest *manifest = &reader->input->manifest;
    reader->claims = wb_arena_grow(reader->arena, NULL, 0, manifest->volume_claim_count + 1U,
                                   sizeof(*reader->claims));
    reader->classes = wb_arena_grow(reader->arena, NULL, 0, manifest->storage_class_count + 1U,
                                    sizeof(*reader->classes));
    for (uint32_t i = 0; i < manifest->volume_claim_count; i++) {
        reader->claims[i] = manifest->volume_claims[i];
    }
    for (uint32_t i = 0; i < manifest->storage_class_count; i++) {
        reader->classes[i] = manifest->storage_classes[i];
    }
    reader->input->storage = (wb_solver_problem){
        .namespaces = manifest->namespaces,
        .namespace_count = manifest->namespace_count,
        .persistent_volumes = manifest->persistent_volumes,
        .persistent_volume_count = manifest->persistent_volume_count,
        .volume_claim_count = manifest->volume_claim_count,
        .storage_class_count = manifest->storage_class_count,
    };
}

static wb_status read_all(wb_one_shot_reader *reader, wb_error *err)
{
    WB_TRY(read_files(reader, err));
    WB_TRY(wb_one_shot_catalog_load(reader, err));
    WB_TRY(wb_one_shot_catalog_load_pools(reader, err));
    start_storage(reader);
    if (!reader->input->options.ignores_cluster) {
        wb_one_shot_read_nodes(reader);
    }
    WB_TRY(wb_one_shot_read_pods(reader, err));
    wb_one_shot_finish_storage(reader);
    reader->input->notes = reader->notes;
    return wb_findings_status(reader->findings, err);
}

wb_status wb_one_shot_read(wb_arena *arena, wb_intern *intern, const wb_one_shot_options *options,
                           wb_findings *findings, wb_one_shot_input *out, wb_error *err)
{
    assert(options->path_count > 0 && options->paths != NULL);
    *out = (wb_one_shot_input){.options = *options, .intern = intern};
    wb_one_shot_reader reader = {
        .arena = arena, .intern = intern, .findings = findings, .input = out};
    wb_hash_map *const maps[] = {&reader.node_by_name, &reader.group_by_name, &reader.pod_by_name,
                                 &reader.template_by_hash};
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        wb_hash_map_init(maps[i]);
    }
    const wb_status status = read_all(&reader, err);
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        wb_hash_map_release(maps[i]);
    }
    return status;
}
