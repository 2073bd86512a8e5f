/* werkbank explain: the story of one pod or node, or of a moment, from a recorded run. */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "sim/store/store.h"
#include "tools/cli/command_list.h"
#include "tools/cli/json_output.h"
#include "tools/cli/terminal.h"
#include "tools/report/story.h"
#include "tools/runs/run_set.h"

static const wb_option options[] = {
    {.name = "pod",
     .kind = WB_OPTION_TEXT,
     .value_name = "NAME",
     .help = "this pod (name, or namespace/name), with those that replaced it"},
    {.name = "node",
     .kind = WB_OPTION_TEXT,
     .value_name = "NAME",
     .help = "this node, by its name, its NodeClaim's, or i-N for instance N"},
    {.name = "at",
     .kind = WB_OPTION_DURATION,
     .value_name = "TIME",
     .minimum = 0,
     .maximum = INT64_MAX,
     .help = "what went on around this time since the start, such as 8h14m"},
    {.name = "window",
     .kind = WB_OPTION_DURATION,
     .value_name = "TIME",
     .default_text = "1m",
     .minimum = 0,
     .maximum = INT64_MAX / 4,
     .help = "with --at: so long before and after"},
    {.name = "contender",
     .kind = WB_OPTION_TEXT,
     .value_name = "NAME",
     .help = "only the run of this contender (each otherwise)"},
    {.name = "seed",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .minimum = 0,
     .maximum = INT64_MAX,
     .help = "the runs of this seed (the lowest one otherwise)"},
    WB_OPTION_OUTPUT("table|json"),
};

static void add_time(wb_text *out, int64_t at_ms)
{
    const int64_t second = at_ms / WB_MS_PER_SECOND;
    if (second >= 86400) {
        wb_text_add_format(out, "%lldd ", (long long)(second / 86400));
    }
    wb_text_add_format(out, "%02d:%02d:%02d.%03d", (int)(second / 3600 % 24),
                       (int)(second / 60 % 60), (int)(second % 60), (int)(at_ms % 1000));
}

static void print_for_people(const wb_story *story, const wb_run_set_item *run, wb_text *out)
{
    wb_text_add_format(out, "%s, under %s\n", story->title, run->contender);
    for (uint32_t i = 0; i < story->count; i++) {
        wb_text_add_string(out, "  ");
        add_time(out, story->moments[i].at_ms);
        wb_text_add_format(out, "  %s\n", story->moments[i].text);
    }
}

static cJSON *json_of(const wb_story *story, const wb_run_set_item *run)
{
    cJSON *json = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(json, "contender", run->contender);
    (void)cJSON_AddStringToObject(json, "subject", story->title);
    cJSON *moments = cJSON_AddArrayToObject(json, "moments");
    for (uint32_t i = 0; i < story->count; i++) {
        cJSON *moment = cJSON_CreateObject();
        (void)cJSON_AddNumberToObject(moment, "at_ms", (double)story->moments[i].at_ms);
        (void)cJSON_AddStringToObject(moment, "text", story->moments[i].text);
        (void)cJSON_AddItemToArray(moments, moment);
    }
    return json;
}

/* One of --pod, --node and --at. */
static wb_status check_subject(const wb_invocation *invocation, wb_error *err)
{
    const int count = (wb_command_text(invocation, "pod") != NULL) +
                      (wb_command_text(invocation, "node") != NULL) +
                      (wb_command_value(invocation, "at")->is_set ? 1 : 0);
    return count == 1 ? WB_OK
                      : wb_fail(err, WB_ERR_INPUT, "expected one of --pod, --node and --at");
}

static wb_status make_story(const wb_invocation *invocation, wb_store *store, int64_t run_id,
                            wb_story *out, wb_error *err)
{
    const char *pod = wb_command_text(invocation, "pod");
    const char *node = wb_command_text(invocation, "node");
    if (pod != NULL) {
        return wb_story_of_pod(store, run_id, pod, invocation->arena, out, err);
    }
    if (node != NULL) {
        return wb_story_of_node(store, run_id, node, invocation->arena, out, err);
    }
    const wb_story_window window = {.at_ms = wb_command_number(invocation, "at"),
                                    .around_ms = wb_command_number(invocation, "window")};
    return wb_story_of_moment(store, run_id, window, invocation->arena, out, err);
}

typedef struct story_list {
    wb_story stories[WB_RUN_SET_MAX];
    const wb_run_set_item *runs[WB_RUN_SET_MAX];
    uint32_t count;
} story_list;

/* A node belongs to one contender, so that the others don't know it is no error as long as one
 * does; the first complaint is kept for when none does. */
static wb_status gather(const wb_invocation *invocation, wb_store *store, const wb_run_set *set,
                        story_list *out, wb_error *err)
{
    const char *contender = wb_command_text(invocation, "contender");
    wb_error complaint = {.text = "no finished run of that contender"};
    for (uint32_t i = 0; i < set->run_count; i++) {
        if (contender != NULL && strcmp(contender, set->runs[i].contender) != 0) {
            continue;
        }
        wb_error failure = {0};
        const wb_status status =
            make_story(invocation, store, set->runs[i].run_id, &out->stories[out->count], &failure);
        if (status == WB_OK) {
            out->runs[out->count++] = &set->runs[i];
        } else if (status == WB_ERR_IO) {
            return wb_fail(err, status, "%s", failure.text);
        } else if (complaint.status == WB_OK) {
            complaint = failure;
        }
    }
    return out->count > 0 ? WB_OK : wb_fail(err, WB_ERR_INPUT, "%s", complaint.text);
}

static void print_json(const story_list *list, wb_text *out)
{
    cJSON *json = wb_json_output_new();
    (void)cJSON_AddStringToObject(json, "schema", "werkbank/story/v1");
    cJSON *stories = cJSON_AddArrayToObject(json, "stories");
    for (uint32_t i = 0; i < list->count; i++) {
        (void)cJSON_AddItemToArray(stories, json_of(&list->stories[i], list->runs[i]));
    }
    wb_json_output_print(json, out);
}

static wb_status explain(const wb_invocation *invocation, wb_text *out, wb_error *err)
{
    WB_TRY(check_subject(invocation, err));
    const wb_option_value *seed = wb_command_value(invocation, "seed");
    wb_store *store = NULL;
    WB_TRY(wb_store_open_readonly(invocation->operands[0], &store, err));
    wb_run_set set;
    story_list list = {.count = 0};
    wb_status status =
        wb_run_set_open(store, seed->is_set ? seed->number : -1, invocation->arena, &set, err);
    if (status == WB_OK) {
        status = gather(invocation, store, &set, &list, err);
    }
    const char *price_source = "";
    if (status == WB_OK) {
        status = wb_store_price_source(store, invocation->arena, &price_source, err);
    }
    wb_store_close(store);
    if (status == WB_OK && strcmp(wb_command_text(invocation, "output"), "json") == 0) {
        print_json(&list, out);
    } else if (status == WB_OK) {
        for (uint32_t i = 0; i < list.count; i++) {
            wb_text_add_string(out, i == 0 ? "" : "\n");
            print_for_people(&list.stories[i], list.runs[i], out);
        }
        if (strchr(wb_text_string(out), '$') != NULL) {
            wb_text_add_format(out, "\nprices: %s\n", price_source);
        }
    }
    return status;
}

static wb_exit run(wb_invocation *invocation)
{
    wb_text text;
    wb_text_init(&text);
    wb_error err = {0};
    const wb_status status = explain(invocation, &text, &err);
    wb_exit exit_status = WB_EXIT_DONE;
    if (status != WB_OK) {
        wb_terminal_error("%s", err.text);
        exit_status = status == WB_ERR_IO ? WB_EXIT_FAILED : WB_EXIT_USAGE;
    } else {
        exit_status = wb_terminal_write_result(&text);
    }
    wb_text_release(&text);
    return exit_status;
}

const wb_command wb_explain_command = {
    .name = "explain",
    .operands = "FILE.db",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "the story of a pod, a node or a moment of a recorded run",
    .description = "Tells, moment by moment, what a database has recorded: why a pod waited and\n"
                   "where it ran, why a node was made, what it cost and what ended it, or all\n"
                   "that went on around a time. Times are since the start of the scenario.",
    .examples = "  werkbank explain day.db --pod shop/web-12\n"
                "  werkbank explain day.db --node default-00012 --contender karpenter\n"
                "  werkbank explain day.db --at 8h14m --window 30s",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
