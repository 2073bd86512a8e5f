/*
 * The recording of a cluster as one of the importers: a single file of one goes the way of all
 * single files; several go through wb_recording_import at once (trace_import.c).
 *
 * A table of spot prices alone is left to the importer of that name.
 */
#include <assert.h>

#include "traces/import_internal.h"
#include "traces/recording.h"

static bool recognises(const wb_import *import)
{
    assert(import != NULL && import->text != NULL);
    return wb_recording_recognises(import->text, import->length);
}

static wb_status read(wb_import *import, wb_error *err)
{
    return wb_recording_import(import->options, import->arena, import->report, err);
}

const wb_importer wb_import_recording = {
    .name = "recording",
    .help = "kubectl lists and watches, audit logs, EC2 spot events and prices, as JSON",
    .is_streamed = true,
    .recognises = recognises,
    .read = read,
};
