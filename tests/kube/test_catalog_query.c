/* Selecting, sorting and describing instance types of the shipped catalog. */
#include <string.h>

#include "kube/catalog/catalog_query.h"
#include "kube/names.h"
#include "tests/harness.h"

typedef struct world {
    wb_arena arena;
    wb_intern intern;
    wb_catalog catalog;
} world;

static void make_world(world *w)
{
    wb_arena_init(&w->arena, "test", 0, NULL);
    wb_intern_init(&w->intern, &w->arena);
    wb_names_init(&w->intern);
    wb_error err;
    const wb_catalog_place place = {.region = "us-east-1"};
    CU_ASSERT_EQUAL_FATAL(wb_catalog_load(&w->arena, &w->intern, &place, &w->catalog, &err), WB_OK);
}

static void release_world(world *w)
{
    wb_intern_release(&w->intern);
    wb_arena_release(&w->arena);
}

/* "m5.large m5.xlarge ...", with the zone's letter where rows are of one zone. */
static void print_rows(const world *w, wb_catalog_rows rows, char *out, size_t size)
{
    size_t length = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < rows.count && length < size; i++) {
        const wb_catalog_row *row = &rows.items[i];
        const char *zone = wb_intern_text(&w->intern, row->zone);
        length +=
            (size_t)snprintf(out + length, size - length, "%s%s%s%s", i == 0 ? "" : " ",
                             wb_intern_text(&w->intern, w->catalog.types[row->type_index].name),
                             row->zone != 0 ? "/" : "",
                             row->zone != 0 ? zone + strlen(zone) - 1 : "");
    }
}

static const struct {
    const char *name;
    wb_catalog_query query;
    const char *rows;
} row_cases[] = {
    {"a family, in catalog order",
     {.selector = "instance-family=m5,instance-cpu<=8"},
     "m5.large m5.xlarge m5.2xlarge"},
    {"full keys and short ones are the same",
     {.selector = "karpenter.k8s.aws/instance-family==m5, family in (m5) ,cpu>4,cpu<16"},
     "m5.2xlarge"},
    {"set operators",
     {.selector = "family in (m5, c5),size notin (metal),cpu>=96,arch!=arm64"},
     "c5.24xlarge m5.24xlarge"},
    {"a label that is there",
     {.selector = "instance-accelerator-name,cpu<8"},
     "inf1.xlarge inf2.xlarge"},
    {"a label that is not there",
     {.selector = "!network-bandwidth,family=t2,cpu<=2"},
     "t2.nano t2.micro t2.small t2.medium t2.large"},
    {"metal has no hypervisor", {.selector = "hypervisor=,family=m5"}, "m5.metal"},
    {"by price, cheapest first",
     {.selector = "family in (m5,m6g),cpu=2", .order = WB_CATALOG_ORDER_PRICE},
     "m6g.large m5.large"},
    {"by on-demand price, dearest first",
     {.selector = "family=m5,cpu<=8", .order = WB_CATALOG_ORDER_ON_DEMAND, .is_descending = true},
     "m5.2xlarge m5.xlarge m5.large"},
    {"equal prices stay in catalog order, whichever way",
     {.selector = "instance-type in (m5.24xlarge,m5.metal,m5.large)",
      .order = WB_CATALOG_ORDER_ON_DEMAND,
      .is_descending = true},
     "m5.24xlarge m5.metal m5.large"},
    {"without the price asked for comes last",
     {.selector = "family in (m8a,m5),cpu=2",
      .order = WB_CATALOG_ORDER_SPOT,
      .is_descending = true},
     "m5.large m8a.large"},
    {"by name",
     {.selector = "family=m5,cpu>=48", .order = WB_CATALOG_ORDER_NAME},
     "m5.12xlarge m5.16xlarge m5.24xlarge m5.metal"},
    {"only types with an offering of that market",
     {.selector = "capacity-type=spot,family in (m8a,m5),cpu=2"},
     "m5.large"},
    {"no offering in that zone", {.selector = "zone=us-east-1f,family=m5"}, ""},
    {"a row per zone",
     {.selector = "instance-type=m5.large,zone!=us-east-1b", .per_zone = true},
     "m5.large/a m5.large/c"},
    {"the first two", {.selector = "family=m5", .row_limit = 2}, "m5.large m5.xlarge"},
};

static void rows_are_picked_and_sorted(void)
{
    world w;
    make_world(&w);
    for (size_t i = 0; i < WB_TEST_COUNT(row_cases); i++) {
        wb_catalog_rows rows = {.count = 0};
        wb_error err = {.text = ""};
        CU_ASSERT_EQUAL(wb_catalog_query_rows(&w.arena, &w.intern, &w.catalog, &row_cases[i].query,
                                              &rows, &err),
                        WB_OK);
        char text[1024];
        print_rows(&w, rows, text, sizeof(text));
        if (strcmp(text, row_cases[i].rows) != 0) {
            CU_FAIL("other rows");
            printf("%s: '%s' instead of '%s' %s\n", row_cases[i].name, text, row_cases[i].rows,
                   err.text);
        }
    }
    release_world(&w);
}

static void a_row_has_sizes_and_prices(void)
{
    static const char *const globs[] = {"g5.12xlarge", "m8a.large"};
    world w;
    make_world(&w);
    const wb_catalog_query query = {.globs = globs, .glob_count = 2};
    wb_catalog_rows rows = {.count = 0};
    wb_error err;
    CU_ASSERT_EQUAL_FATAL(
        wb_catalog_query_rows(&w.arena, &w.intern, &w.catalog, &query, &rows, &err), WB_OK);
    CU_ASSERT_EQUAL_FATAL(rows.count, 2);
    CU_ASSERT_EQUAL(rows.items[0].gpu_count, 4);
    CU_ASSERT_EQUAL(rows.items[0].cpu_milli, 48000);
    CU_ASSERT_EQUAL(rows.items[0].on_demand_price, 5.672);
    CU_ASSERT_TRUE(rows.items[0].spot_price > 0.0);
    CU_ASSERT_EQUAL(rows.items[1].allocatable_cpu_milli, 1930);
    CU_ASSERT_EQUAL(rows.items[1].allocatable_memory_bytes, INT64_C(6573) * 1024 * 1024);
    CU_ASSERT_EQUAL(rows.items[1].pods, 59);
    CU_ASSERT_TRUE(rows.items[1].spot_price < 0.0);
    CU_ASSERT_TRUE(rows.items[1].reserved_price < 0.0);
    release_world(&w);
}

static const struct {
    const char *selector, *message;
} refusals[] = {
    {"a=b,,c", "column 1: no instance type has a label 'a'"},
    {"family=m5,,arch=arm64", "column 11: expected a label key"},
    {"family=m5,", "column 11: expected a label key"},
    {"famly=m5", "column 1: no instance type has a label 'famly'"},
    {"family in m5", "column 11: expected '(' and a list of values"},
    {"family in (m5", "column 14: expected ',' or ')'"},
    {"cpu>many", "column 5: expected a whole number to compare with"},
    {"cpu>", "column 5: expected a whole number to compare with"},
    {"family m5", "column 8: expected an operator, ',' or the end"},
    {"!family=m5", "column 8: expected ',' or the end"},
    {"family=m5 & x", "column 11: expected an operator, ',' or the end"},
};

static void a_wrong_selector_is_refused_with_its_column(void)
{
    world w;
    make_world(&w);
    for (size_t i = 0; i < WB_TEST_COUNT(refusals); i++) {
        const wb_catalog_query query = {.selector = refusals[i].selector};
        wb_catalog_rows rows = {.count = 7};
        wb_error err = {.text = ""};
        CU_ASSERT_EQUAL(wb_catalog_query_rows(&w.arena, &w.intern, &w.catalog, &query, &rows, &err),
                        WB_ERR_INPUT);
        CU_ASSERT_EQUAL(rows.count, 7);
        const char *message = strstr(err.text, "column");
        if (message == NULL || strcmp(message, refusals[i].message) != 0) {
            CU_FAIL("another message");
            printf("%s: %s\n", refusals[i].selector, err.text);
        }
    }
    release_world(&w);
}

static void a_type_is_found_or_a_near_one_named(void)
{
    world w;
    make_world(&w);
    uint32_t index = 0;
    wb_error err = {.text = ""};
    CU_ASSERT_EQUAL_FATAL(wb_catalog_query_find(&w.catalog, &w.intern, "m5.large", &index, &err),
                          WB_OK);
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&w.intern, w.catalog.types[index].name), "m5.large");
    CU_ASSERT_EQUAL(wb_catalog_query_find(&w.catalog, &w.intern, "m5.lagre", &index, &err),
                    WB_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(err.text, "'m5.lagre' is not an instance type of the catalog of "
                                     "us-east-1; did you mean 'm5.large'?");
    CU_ASSERT_EQUAL(wb_catalog_query_find(&w.catalog, &w.intern, "blue", &index, &err),
                    WB_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(err.text, "'blue' is not an instance type of the catalog of us-east-1");
    release_world(&w);
}

static const char *find_detail(const wb_catalog_detail *details, uint32_t count, const char *group,
                               const char *name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(details[i].group, group) == 0 && strcmp(details[i].name, name) == 0) {
            return details[i].value;
        }
    }
    return "absent";
}

static const struct {
    const char *group, *name, *value;
} detail_cases[] = {
    {"capacity", "memory", "7577Mi"},
    {"overhead", "cpu", "70m"},
    {"allocatable", "cpu", "1930m"},
    {"allocatable", "memory", "6903Mi"},
    {"allocatable", "ephemeral-storage", "17Gi"},
    {"labels", "karpenter.k8s.aws/instance-family", "m5"},
    {"spot", "savings", "66 %"},
    {"spot", "interrupted in a month", "15 to 20 %"},
    {"limits", "EBS volumes", "27, ENIs included"},
    {"limits", "ENIs", "3 of 10 IPv4 addresses"},
};

static void details_say_what_is_known(void)
{
    world w;
    make_world(&w);
    uint32_t index = 0;
    wb_error err;
    CU_ASSERT_EQUAL_FATAL(wb_catalog_query_find(&w.catalog, &w.intern, "m5.large", &index, &err),
                          WB_OK);
    const wb_catalog_detail *details = NULL;
    const uint32_t count =
        wb_catalog_query_details(&w.arena, &w.intern, &w.catalog, index, &details);
    for (size_t i = 0; i < WB_TEST_COUNT(detail_cases); i++) {
        CU_ASSERT_STRING_EQUAL(find_detail(details, count, detail_cases[i].group,
                                           detail_cases[i].name),
                               detail_cases[i].value);
    }
    release_world(&w);
}

static void gpus_are_listed_with_their_types(void)
{
    world w;
    make_world(&w);
    const wb_catalog_gpu *gpus = NULL;
    const uint32_t count = wb_catalog_query_gpus(&w.arena, &w.intern, &w.catalog, &gpus);
    CU_ASSERT_EQUAL(count, 14);
    uint32_t type_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        type_count += gpus[i].type_count;
        CU_ASSERT_TRUE(i == 0 || strcmp(wb_intern_text(&w.intern, gpus[i - 1].name),
                                        wb_intern_text(&w.intern, gpus[i].name)) < 0);
        if (strcmp(wb_intern_text(&w.intern, gpus[i].name), "l4") == 0) {
            CU_ASSERT_STRING_EQUAL(wb_intern_text(&w.intern, gpus[i].manufacturer), "nvidia");
            CU_ASSERT_EQUAL(gpus[i].memory_mib, 22888);
            CU_ASSERT_EQUAL(gpus[i].type_count, 15);
            CU_ASSERT_STRING_EQUAL(wb_intern_text(&w.intern,
                                                  w.catalog.types[gpus[i].type_indices[0]].name),
                                   "g6.xlarge");
        }
    }
    CU_ASSERT_EQUAL(type_count, 69);
    release_world(&w);
}

static void orders_have_words(void)
{
    wb_catalog_order order = WB_CATALOG_ORDER_CATALOG;
    CU_ASSERT_TRUE(wb_catalog_query_parse_order("on-demand", &order));
    CU_ASSERT_EQUAL(order, WB_CATALOG_ORDER_ON_DEMAND);
    CU_ASSERT_FALSE(wb_catalog_query_parse_order("cost", &order));
    CU_ASSERT_PTR_NOT_NULL(strstr(wb_catalog_query_order_names(), "on-demand"));
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"rows are picked and sorted", rows_are_picked_and_sorted},
        {"a row has sizes and prices", a_row_has_sizes_and_prices},
        {"a wrong selector is refused with its column",
         a_wrong_selector_is_refused_with_its_column},
        {"a type is found, or a near one named", a_type_is_found_or_a_near_one_named},
        {"details say what is known", details_say_what_is_known},
        {"GPUs are listed with their types", gpus_are_listed_with_their_types},
        {"orders have words", orders_have_words},
    };
    return wb_test_run("catalog_query", cases, WB_TEST_COUNT(cases));
}
