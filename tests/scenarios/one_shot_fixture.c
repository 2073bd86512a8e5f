#include "tests/scenarios/one_shot_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kube/names.h"
#include "tests/harness.h"

const char wb_one_shot_fixture_pool[] =
    "apiVersion: karpenter.sh/v1\n"
    "kind: NodePool\n"
    "metadata: {name: general}\n"
    "spec:\n"
    "  template:\n"
    "    spec:\n"
    "      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}\n"
    "      requirements:\n"
    "        - {key: karpenter.k8s.aws/instance-category, operator: In, values: [c, m, r]}\n"
    "        - {key: kubernetes.io/arch, operator: In, values: [amd64]}\n"
    "        - {key: karpenter.sh/capacity-type, operator: In, values: [spot, on-demand]}\n"
    "---\n"
    "apiVersion: karpenter.k8s.aws/v1\n"
    "kind: EC2NodeClass\n"
    "metadata: {name: default}\n"
    "spec:\n"
    "  role: node\n"
    "  amiSelectorTerms: [{alias: al2023@latest}]\n"
    "  subnetSelectorTerms: [{tags: {a: b}}]\n"
    "  securityGroupSelectorTerms: [{tags: {a: b}}]\n";

/* A file of its own under /tmp, gone once it is read. */
static void write_file(const char *text, char *path)
{
    const int file = mkstemp(path);
    CU_ASSERT_FATAL(file >= 0);
    const size_t length = strlen(text);
    CU_ASSERT_EQUAL_FATAL(write(file, text, length), (ssize_t)length);
    (void)close(file);
}

void wb_one_shot_fixture_read(wb_one_shot_fixture *f, const char *first, const char *second,
                              bool ignores_cluster)
{
    *f = (wb_one_shot_fixture){.is_solved = false};
    wb_arena_init(&f->arena, "test", 0, NULL);
    wb_intern_init(&f->intern, &f->arena);
    wb_names_init(&f->intern);
    wb_findings_init(&f->findings, &f->arena, false);
    char paths[2][32] = {"/tmp/wb-one-shot-XXXXXX", "/tmp/wb-one-shot-XXXXXX"};
    const char *const names[] = {paths[0], paths[1]};
    write_file(first, paths[0]);
    if (second != NULL) {
        write_file(second, paths[1]);
    }
    const wb_one_shot_options options = {.paths = names,
                                         .path_count = second != NULL ? 2 : 1,
                                         .ignores_cluster = ignores_cluster};
    f->status = wb_one_shot_read(&f->arena, &f->intern, &options, &f->findings, &f->input, &f->err);
    (void)unlink(paths[0]);
    if (second != NULL) {
        (void)unlink(paths[1]);
    }
}

void wb_one_shot_fixture_solve(wb_one_shot_fixture *f, const char *first, const char *second)
{
    wb_one_shot_fixture_read(f, first, second, false);
    if (f->status != WB_OK) {
        printf("\n%s\n", f->err.text);
        CU_FAIL_FATAL("the test's own files are refused");
    }
    wb_one_shot_solve(&f->arena, &f->input, NULL, true, &f->solution);
    f->is_solved = true;
}

void wb_one_shot_fixture_release(wb_one_shot_fixture *f)
{
    if (f->is_solved) {
        wb_one_shot_release(&f->solution);
    }
    wb_intern_release(&f->intern);
    wb_arena_release(&f->arena);
}
