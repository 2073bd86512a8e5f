/*
 * The shipped catalog against what is published: the catalog of the golden vectors, and the
 * allocatable of every documented type. Skipped where the shared folder is absent.
 */
#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/document.h"
#include "base/line_reader.h"
#include "base/text.h"
#include "kube/catalog/catalog.h"
#include "kube/catalog/catalog_shipped.h"
#include "kube/names.h"
#include "tests/harness.h"
#include "tests/kube/catalog_equality.h"

#define MIB INT64_C(1048576)

typedef struct world {
    wb_arena arena;
    wb_intern intern;
} world;

static void make_world(world *w)
{
    wb_arena_init(&w->arena, "test", 0, NULL);
    wb_intern_init(&w->intern, &w->arena);
    wb_names_init(&w->intern);
}

static void release_world(world *w)
{
    wb_intern_release(&w->intern);
    wb_arena_release(&w->arena);
}

static const char *shared_path(world *w, const char *relative)
{
    wb_text path;
    wb_text_init(&path);
    wb_text_add_format(&path, "%s/%s", wb_test_shared_folder(), relative);
    const char *copy = wb_arena_copy_string(&w->arena, wb_text_string(&path));
    wb_text_release(&path);
    return copy;
}

static void the_shipped_catalog_is_the_golden_one(void)
{
    world w;
    make_world(&w);
    wb_error err = {.status = WB_OK};
    const wb_catalog_place place = {.region = "us-east-1"};
    wb_catalog shipped;
    CU_ASSERT_EQUAL_FATAL(wb_catalog_load(&w.arena, &w.intern, &place, &shipped, &err), WB_OK);
    wb_document_stream stream;
    CU_ASSERT_EQUAL_FATAL(wb_document_read_file(&w.arena, shared_path(&w, "golden/catalog.json"), 0,
                                                &stream, &err),
                          WB_OK);
    wb_catalog golden;
    CU_ASSERT_EQUAL_FATAL(wb_catalog_decode(&w.arena, &w.intern, stream.roots[0], &golden, &err),
                          WB_OK);
    CU_ASSERT_EQUAL(golden.type_count, 1345);
    CU_ASSERT_EQUAL(shipped.region, golden.region);
    CU_ASSERT_EQUAL_FATAL(shipped.zone_count, golden.zone_count);
    for (uint32_t i = 0; i < golden.zone_count; i++) {
        CU_ASSERT_EQUAL(shipped.zones[i], golden.zones[i]);
    }
    const uint32_t difference =
        wb_catalog_equality_find_difference(&shipped, &golden, wb_catalog_equality_of_types);
    CU_ASSERT_EQUAL(difference, UINT32_MAX);
    if (difference != UINT32_MAX) {
        printf("they differ from type %u on: %s\n", difference,
               wb_intern_text(&w.intern, golden.types[difference].name));
    }
    release_world(&w);
}

/* The text of the column-th field of a CSV line without quotes. */
static const char *csv_field(world *w, const char *line, uint32_t column)
{
    for (uint32_t i = 0; i < column; i++) {
        const char *comma = strchr(line, ',');
        CU_ASSERT_PTR_NOT_NULL_FATAL(comma);
        line = comma == NULL ? "" : comma + 1;
    }
    return wb_arena_copy_text(&w->arena, line, strcspn(line, ",\n"));
}

static int64_t allocatable(const wb_catalog_type *type, uint32_t name)
{
    return wb_resource_list_get(type->capacity, name) - wb_resource_list_get(type->overhead, name);
}

static void every_documented_type_has_the_published_allocatable(void)
{
    enum {
        PODS = 33,
        CPU_MILLI = 38,
        MEMORY_MIB = 39,
        EPHEMERAL_GIB = 40
    };
    world w;
    make_world(&w);
    wb_error err;
    wb_line_reader *reader = NULL;
    CU_ASSERT_EQUAL_FATAL(
        wb_line_reader_open(shared_path(&w, "facts/aws-instance-types.csv"), &reader, &err), WB_OK);
    char *line = NULL;
    size_t length = 0;
    bool is_cut = false;
    CU_ASSERT_EQUAL_FATAL(wb_line_reader_next(reader, &line, &length, &is_cut, &err), WB_OK);
    CU_ASSERT_STRING_EQUAL(csv_field(&w, line, CPU_MILLI), "allocatable_cpu_milli");
    wb_catalog_shipped shipped;
    wb_catalog_shipped_open(&w.arena, "us-east-1", &shipped);
    wb_catalog_shipped_row row;
    uint32_t count = 0;
    while (wb_catalog_shipped_next(&shipped, &w.intern, &row)) {
        CU_ASSERT_EQUAL_FATAL(wb_line_reader_next(reader, &line, &length, &is_cut, &err), WB_OK);
        CU_ASSERT_PTR_NOT_NULL_FATAL(line);
        wb_catalog_type type;
        wb_catalog_facts_make_type(&w.arena, &w.intern, &row.facts, &type);
        CU_ASSERT_STRING_EQUAL(wb_intern_text(&w.intern, type.name), csv_field(&w, line, 0));
        CU_ASSERT_EQUAL(wb_resource_list_get(type.capacity, WB_NAME_PODS),
                        strtoll(csv_field(&w, line, PODS), NULL, 10));
        CU_ASSERT_EQUAL(allocatable(&type, WB_NAME_CPU),
                        strtoll(csv_field(&w, line, CPU_MILLI), NULL, 10));
        CU_ASSERT_EQUAL(allocatable(&type, WB_NAME_MEMORY),
                        strtoll(csv_field(&w, line, MEMORY_MIB), NULL, 10) * MIB);
        CU_ASSERT_EQUAL(allocatable(&type, WB_NAME_EPHEMERAL_STORAGE),
                        strtoll(csv_field(&w, line, EPHEMERAL_GIB), NULL, 10) * 1024 * MIB);
        count++;
    }
    CU_ASSERT_EQUAL(count, 1363);
    wb_line_reader_close(reader);
    release_world(&w);
}

/* Decodes a case's inline catalog, prints it, decodes that, and compares; false: it has none. */
static bool check_inline_catalog(const char *path)
{
    world w;
    make_world(&w);
    wb_error err;
    wb_document_stream stream;
    CU_ASSERT_EQUAL_FATAL(wb_document_read_file(&w.arena, path, 0, &stream, &err), WB_OK);
    const wb_node *node = wb_node_get(stream.roots[0], "catalogInline");
    if (node != NULL) {
        wb_catalog first;
        const wb_status status = wb_catalog_decode(&w.arena, &w.intern, node, &first, &err);
        CU_ASSERT_EQUAL(status, WB_OK);
        if (status != WB_OK) {
            printf("%s\n", err.text);
        } else {
            wb_text text;
            wb_text_init(&text);
            wb_catalog_print_json(&first, &w.intern, &text);
            const wb_document_input input = {.file = "printed",
                                             .text = text.bytes,
                                             .length = text.length,
                                             .syntax = WB_DOCUMENT_JSON};
            CU_ASSERT_EQUAL_FATAL(wb_document_read_text(&w.arena, &input, &stream, &err), WB_OK);
            wb_catalog second;
            CU_ASSERT_EQUAL_FATAL(
                wb_catalog_decode(&w.arena, &w.intern, stream.roots[0], &second, &err), WB_OK);
            CU_ASSERT_EQUAL(wb_catalog_equality_find_difference(&first, &second,
                                                                wb_catalog_equality_of_whole_types),
                            UINT32_MAX);
            wb_text_release(&text);
        }
    }
    release_world(&w);
    return node != NULL;
}

static void inline_catalogs_of_cases_survive_a_round_trip(void)
{
    static const char *const folders[] = {"golden/scheduling", "golden/disruption"};
    uint32_t count = 0;
    for (size_t i = 0; i < WB_TEST_COUNT(folders); i++) {
        char path[1024];
        snprintf(path, sizeof(path), "%s/%s", wb_test_shared_folder(), folders[i]);
        DIR *folder = opendir(path);
        assert(folder != NULL);
        const struct dirent *entry = NULL;
        while ((entry = readdir(folder)) != NULL) {
            const char *suffix = strrchr(entry->d_name, '.');
            if (suffix != NULL && strcmp(suffix, ".json") == 0) {
                char file[2048];
                snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
                count += check_inline_catalog(file) ? 1 : 0;
            }
        }
        closedir(folder);
    }
    CU_ASSERT_TRUE(count >= 14);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"the shipped catalog is the golden one", the_shipped_catalog_is_the_golden_one},
        {"every documented type has the published allocatable",
         every_documented_type_has_the_published_allocatable},
        {"inline catalogs of cases survive a round trip",
         inline_catalogs_of_cases_survive_a_round_trip},
    };
    if (wb_test_shared_folder() == NULL) {
        wb_test_skip("the shared folder is absent");
    }
    return wb_test_run("catalog_golden", cases, WB_TEST_COUNT(cases));
}
