/* Shares of the jobs, as an option or an engine says them. */
#include <stdlib.h>
#include <string.h>

#include "bench/shard.h"
#include "tests/harness.h"

static const char *const variables[] = {
    "SLURM_ARRAY_TASK_ID",       "SLURM_ARRAY_TASK_COUNT",   "SLURM_ARRAY_TASK_MIN",
    "SLURM_ARRAY_TASK_STEP",     "JOB_COMPLETION_INDEX",     "WERKBANK_SHARD_COUNT",
    "AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE",
};

/* "NAME=value NAME=value" and nothing else of what engines set. */
static void set_environment(const char *text)
{
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        (void)unsetenv(variables[i]);
    }
    while (*text != 0) {
        char name[64];
        char value[64];
        int used = 0;
        CU_ASSERT_EQUAL_FATAL(sscanf(text, "%63[^=]=%63[^ ]%n", name, value, &used), 2);
        (void)setenv(name, value, 1);
        text += used;
        text += *text == ' ' ? 1 : 0;
    }
}

static const struct {
    const char *name, *option, *environment;
    wb_status status;
    uint32_t index, count;
} cases[] = {
    {"no word of shares is all", NULL, "", WB_OK, 0, 0},
    {"an option", "3/20", "", WB_OK, 3, 20},
    {"one of one", "0/1", "", WB_OK, 0, 1},
    {"an option goes before an engine", "1/2", "JOB_COMPLETION_INDEX=9", WB_OK, 1, 2},
    {"all ignores an engine", "all", "SLURM_ARRAY_TASK_ID=3", WB_OK, 0, 0},
    {"Slurm from 0", NULL, "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=0",
     WB_OK, 3, 4},
    {"Slurm from 1", NULL, "SLURM_ARRAY_TASK_ID=4 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=1",
     WB_OK, 3, 4},
    {"Slurm in steps", NULL,
     "SLURM_ARRAY_TASK_ID=14 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=10 "
     "SLURM_ARRAY_TASK_STEP=2",
     WB_OK, 2, 3},
    {"Slurm's task 7 alone, of 20", NULL,
     "SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_COUNT=1 SLURM_ARRAY_TASK_MIN=7 "
     "WERKBANK_SHARD_COUNT=20",
     WB_OK, 7, 20},
    {"Batch", NULL, "AWS_BATCH_JOB_ARRAY_INDEX=0 AWS_BATCH_JOB_ARRAY_SIZE=5", WB_OK, 0, 5},
    {"Kubernetes", NULL, "JOB_COMPLETION_INDEX=4 WERKBANK_SHARD_COUNT=5", WB_OK, 4, 5},
    {"Kubernetes without a count", NULL, "JOB_COMPLETION_INDEX=4", WB_ERR_INPUT, 0, 0},
    {"Slurm off its steps", NULL,
     "SLURM_ARRAY_TASK_ID=13 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=10 "
     "SLURM_ARRAY_TASK_STEP=2",
     WB_ERR_INPUT, 0, 0},
    {"an index beyond the count", "20/20", "", WB_ERR_INPUT, 0, 0},
    {"a negative index", "-1/20", "", WB_ERR_INPUT, 0, 0},
    {"no shards", "0/0", "", WB_ERR_INPUT, 0, 0},
    {"more than there may be", "0/1000001", "", WB_ERR_INPUT, 0, 0},
    {"no slash", "3", "", WB_ERR_INPUT, 0, 0},
    {"nothing behind the slash", "3/", "", WB_ERR_INPUT, 0, 0},
    {"words behind it", "3/20x", "", WB_ERR_INPUT, 0, 0},
    {"an engine's garbage", NULL, "SLURM_ARRAY_TASK_ID=x SLURM_ARRAY_TASK_COUNT=4", WB_ERR_INPUT, 0,
     0},
};

static void test_shares(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        set_environment(cases[i].environment);
        wb_shard shard = {0, 0, ""};
        wb_error err = {0};
        const wb_status status = wb_shard_find(cases[i].option, &shard, &err);
        if (status != cases[i].status || shard.index != cases[i].index ||
            shard.count != cases[i].count) {
            printf("\n  %s: %u of %u, %s\n", cases[i].name, shard.index, shard.count, err.text);
            CU_FAIL("another share");
        }
    }
    set_environment("");
}

static void test_paths(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    const wb_shard none = {0, 0, ""};
    const wb_shard one = {3, 20, "--shard"};
    CU_ASSERT_STRING_EQUAL(wb_shard_path(&none, "a/b.db", &arena), "a/b.db");
    CU_ASSERT_STRING_EQUAL(wb_shard_path(&one, "a/b.db", &arena), "a/b.0003-of-0020.db");
    CU_ASSERT_STRING_EQUAL(wb_shard_path(&one, "a.d/b", &arena), "a.d/b.0003-of-0020");
    wb_arena_release(&arena);
}

int main(void)
{
    static const wb_test_case tests[] = {
        {"shares", test_shares},
        {"paths", test_paths},
    };
    return wb_test_run("shard", tests, WB_TEST_COUNT(tests));
}
