/* The parts that reading manifests and dumps once needs. */
#include "tools/cli/one_shot_session.h"

#include <assert.h>
#include <string.h>

#include "kube/names.h"

void wb_one_shot_session_init(wb_one_shot_session *session, const wb_invocation *invocation)
{
    assert(session != NULL && invocation != NULL);
    *session = (wb_one_shot_session){.invocation = invocation};
    wb_arena_init(&session->arena, "one-shot", 0, NULL);
    wb_intern_init(&session->intern, &session->arena);
    wb_names_init(&session->intern);
    wb_findings_init(&session->findings, &session->arena, wb_command_flag(invocation, "strict"));
}

void wb_one_shot_session_release(wb_one_shot_session *session)
{
    assert(session != NULL);
    wb_intern_release(&session->intern);
    wb_arena_release(&session->arena);
}

wb_status wb_one_shot_session_read(wb_one_shot_session *session, const wb_one_shot_options *base,
                                   wb_error *err)
{
    assert(session != NULL && base != NULL);
    const wb_option_value *files = wb_command_value(session->invocation, "filename");
    const wb_option_value *zones = wb_command_value(session->invocation, "zone");
    if (files->text_count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "no files: expected -f FILE, a folder, or -f -");
    }
    wb_one_shot_options wanted = *base;
    wanted.paths = files->texts;
    wanted.path_count = files->text_count;
    wanted.zones = zones->texts;
    wanted.zone_count = zones->text_count;
    wanted.region = wb_command_text(session->invocation, "region");
    wanted.catalog_path = wb_command_text(session->invocation, "catalog");
    return wb_one_shot_read(&session->arena, &session->intern, &wanted, &session->findings,
                            &session->input, err);
}

wb_preference_policy wb_one_shot_session_preference_policy(const wb_invocation *invocation)
{
    return strcmp(wb_command_text(invocation, "preference-policy"), "Ignore") == 0
               ? WB_PREFERENCE_IGNORE
               : WB_PREFERENCE_RESPECT;
}

bool wb_one_shot_session_is_best_effort(const wb_invocation *invocation)
{
    return strcmp(wb_command_text(invocation, "min-values-policy"), "BestEffort") == 0;
}
