/*
 * AWS' own files made into a catalog: small hand-made ones of tests/kube/catalog_import, alone and
 * together, and broken ones.
 */
#include <string.h>

#include "kube/catalog/catalog_import.h"
#include "kube/catalog/catalog_shipped.h"
#include "kube/names.h"
#include "tests/harness.h"
#include "tests/kube/catalog_equality.h"

#define FILES_MAX 5

typedef struct world {
    wb_arena arena;
    wb_intern intern;
    wb_catalog catalog;
    wb_catalog_import_counts counts;
    wb_error err;
} world;

static void make_world(world *w)
{
    *w = (world){.err = {.text = ""}};
    wb_arena_init(&w->arena, "test", 0, NULL);
    wb_intern_init(&w->intern, &w->arena);
    wb_names_init(&w->intern);
}

static void release_world(world *w)
{
    wb_intern_release(&w->intern);
    wb_arena_release(&w->arena);
}

/* The path of a file of tests/kube/catalog_import. */
static const char *sample(world *w, const char *name)
{
    const char *root = getenv("WERKBANK_SOURCE");
    char path[1024];
    (void)snprintf(path, sizeof(path), "%s/tests/kube/catalog_import/%s", root != NULL ? root : ".",
                   name);
    return wb_arena_copy_string(&w->arena, path);
}

static wb_status import_samples(world *w, const char *region, const char *const *names,
                                uint32_t count)
{
    const char *paths[FILES_MAX];
    CU_ASSERT_FATAL(count <= FILES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        paths[i] = sample(w, names[i]);
    }
    const wb_catalog_import_options options = {.paths = paths,
                                               .path_count = count,
                                               .region = region};
    return wb_catalog_import(&w->arena, &w->intern, &options, &w->catalog, &w->counts, &w->err);
}

/* "m5.large: on-demand a 0.107, spot a 0.0399; ..." of the whole catalog. */
static void print_offerings(const world *w, char *out, size_t size)
{
    size_t length = 0;
    for (uint32_t i = 0; i < w->catalog.type_count; i++) {
        const wb_catalog_type *type = &w->catalog.types[i];
        length += (size_t)snprintf(out + length, size - length, "%s%s:", i == 0 ? "" : "; ",
                                   wb_intern_text(&w->intern, type->name));
        for (uint32_t j = 0; j < type->offering_count; j++) {
            const wb_offering *offering = &type->offerings[j];
            const char *zone = wb_intern_text(&w->intern, offering->zone);
            length +=
                (size_t)snprintf(out + length, size - length, " %c %s %g", zone[strlen(zone) - 1],
                                 offering->capacity_type == WB_CAPACITY_SPOT ? "spot" : "od",
                                 offering->price_usd_per_hour);
        }
    }
    CU_ASSERT_FATAL(length < size);
}

static const struct {
    const char *name;
    const char *files[FILES_MAX];
    const char *offerings, *source;
} import_cases[] = {
    {"all kinds of files",
     {"instance_types.json", "type_offerings.json", "price_list.json", "spot_prices.json"},
     "g5.xlarge: a spot 0.51; m5.large: a od 0.107 a spot 0.0399 b od 0.107 b spot 0.0412 c od "
     "0.107; t4g.small: c od 0.0184; z9x.large: b od 0.15 b spot 0.03",
     "USD per hour; on-demand: AWS price list of 2026-08-01; spot: EC2 spot price history until "
     "2026-08-02T10:00:00Z"},
    {"the bulk file says the same as the price list",
     {"bulk_prices.json", "instance_types.json", "spot_prices.json", "type_offerings.json"},
     "g5.xlarge: a spot 0.51; m5.large: a od 0.107 a spot 0.0399 b od 0.107 b spot 0.0412 c od "
     "0.107; t4g.small: c od 0.0184; z9x.large: b od 0.15 b spot 0.03",
     "USD per hour; on-demand: AWS price list of 2026-08-01; spot: EC2 spot price history until "
     "2026-08-02T10:00:00Z"},
    {"prices alone: shipped sizes, the advisor's savings, three zones",
     {"price_list.json"},
     "c5.metal: a od 4.608 a spot 2.11968 b od 4.608 b spot 2.11968 c od 4.608 c spot 2.11968; "
     "inf2.xlarge: a od 0.8338 a spot 0.366872 b od 0.8338 b spot 0.366872 c od 0.8338 c spot "
     "0.366872; m5.large: a od 0.107 a spot 0.04601 b od 0.107 b spot 0.04601 c od 0.107 c spot "
     "0.04601; t4g.small: a od 0.0184 a spot 0.007912 b od 0.0184 b spot 0.007912 c od 0.0184 c "
     "spot 0.007912",
     "USD per hour; on-demand: AWS price list of 2026-08-01; spot: savings of the AWS Spot "
     "Instance Advisor of 2025-06-28"},
    {"spot alone: no on-demand prices are shipped for the region",
     {"spot_prices.json"},
     "g5.xlarge: a spot 0.51; m5.large: a spot 0.0399 b spot 0.0412",
     "USD per hour; on-demand: no data; spot: EC2 spot price history until 2026-08-02T10:00:00Z"},
};

static void files_become_a_catalog(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(import_cases); i++) {
        world w;
        make_world(&w);
        uint32_t count = 0;
        while (count < FILES_MAX && import_cases[i].files[count] != NULL) {
            count++;
        }
        const wb_status status = import_samples(&w, NULL, import_cases[i].files, count);
        CU_ASSERT_EQUAL_FATAL(status, WB_OK);
        char offerings[2048];
        print_offerings(&w, offerings, sizeof(offerings));
        if (strcmp(offerings, import_cases[i].offerings) != 0 ||
            strcmp(w.catalog.price_source, import_cases[i].source) != 0) {
            CU_FAIL("another catalog");
            printf("%s:\n  %s\n  %s\n", import_cases[i].name, offerings, w.catalog.price_source);
        }
        release_world(&w);
    }
}

/* The sample's figures are AWS' own, so what is made of them must be what is shipped. */
static void imported_types_equal_the_shipped_ones(void)
{
    static const char *const files[] = {"instance_types.json", "price_list.json"};
    world w;
    make_world(&w);
    CU_ASSERT_EQUAL_FATAL(import_samples(&w, "eu-west-1", files, 2), WB_OK);
    wb_catalog_shipped shipped;
    wb_catalog_shipped_open(&w.arena, "eu-west-1", &shipped);
    wb_catalog_shipped_row row;
    uint32_t count = 0;
    while (wb_catalog_shipped_next(&shipped, &w.intern, &row)) {
        const uint32_t index = wb_catalog_find(&w.catalog, row.facts.name);
        if (index != UINT32_MAX) {
            wb_catalog_type type;
            wb_catalog_facts_make_type(&w.arena, &w.intern, &row.facts, &type);
            const wb_catalog_type *imported = &w.catalog.types[index];
            CU_ASSERT_TRUE(wb_catalog_equality_of_labels(imported->labels, type.labels));
            CU_ASSERT_TRUE(wb_catalog_equality_of_resources(imported->capacity, type.capacity));
            CU_ASSERT_TRUE(wb_catalog_equality_of_resources(imported->overhead, type.overhead));
            CU_ASSERT_EQUAL(imported->volume_limit, type.volume_limit);
            CU_ASSERT_EQUAL(imported->eni_count, type.eni_count);
            count++;
        }
    }
    CU_ASSERT_EQUAL(count, 4); /* m5.large, t4g.small, c5.metal, inf2.xlarge */
    release_world(&w);
}

static void a_type_that_is_not_shipped_is_sized_by_the_same_rules(void)
{
    static const char *const files[] = {"instance_types.json", "price_list.json"};
    world w;
    make_world(&w);
    CU_ASSERT_EQUAL_FATAL(import_samples(&w, NULL, files, 2), WB_OK);
    const uint32_t index = wb_catalog_find(&w.catalog, wb_intern_find(&w.intern, "z9x.large"));
    CU_ASSERT_EQUAL_FATAL(index, w.catalog.type_count - 1); /* behind the shipped ones */
    const wb_catalog_type *type = &w.catalog.types[index];
    CU_ASSERT_EQUAL(wb_resource_list_get(type->capacity, WB_NAME_PODS), 59);
    CU_ASSERT_EQUAL(wb_resource_list_get(type->overhead, WB_NAME_CPU), 70);
    CU_ASSERT_STRING_EQUAL(
        wb_intern_text(&w.intern, wb_labels_get(type->labels, WB_NAME_INSTANCE_FAMILY)), "z9x");
    CU_ASSERT_STRING_EQUAL(
        wb_intern_text(&w.intern, wb_labels_get(type->labels, WB_NAME_INSTANCE_NETWORK_BANDWIDTH)),
        "1250");
    CU_ASSERT_EQUAL(type->volume_limit, 33);
    CU_ASSERT_FALSE(type->volume_limit_is_shared);
    CU_ASSERT_EQUAL(type->interruption_band, -1);
    CU_ASSERT_EQUAL(w.counts.instance_types, 6);
    CU_ASSERT_EQUAL(w.counts.on_demand_prices, 5);
    CU_ASSERT_EQUAL(w.counts.unpriced_types, 1); /* g5.xlarge */
    CU_ASSERT_EQUAL(w.counts.skipped, 4);        /* a Mac; Windows, dedicated, reserved */
    release_world(&w);
}

static void what_is_written_is_read_back(void)
{
    static const char *const files[] = {"instance_types.json", "type_offerings.json",
                                        "price_list.json", "spot_prices.json"};
    world w;
    make_world(&w);
    CU_ASSERT_EQUAL_FATAL(import_samples(&w, NULL, files, 4), WB_OK);
    char folder[] = "/tmp/wb-catalog-XXXXXX";
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    char path[64];
    (void)snprintf(path, sizeof(path), "%s/catalog.json", folder);
    CU_ASSERT_EQUAL_FATAL(wb_catalog_import_write(&w.catalog, &w.intern, path, &w.err), WB_OK);
    wb_catalog again;
    CU_ASSERT_EQUAL_FATAL(wb_catalog_import_read_back(&w.arena, &w.intern, path, &again, &w.err),
                          WB_OK);
    CU_ASSERT_EQUAL(wb_catalog_equality_find_difference(&w.catalog, &again,
                                                        wb_catalog_equality_of_whole_types),
                    UINT32_MAX);
    CU_ASSERT_STRING_EQUAL(again.price_source, w.catalog.price_source);
    remove(path);
    rmdir(folder);
    CU_ASSERT_EQUAL(wb_catalog_import_write(&w.catalog, &w.intern, path, &w.err), WB_ERR_IO);
    release_world(&w);
}

#define PRODUCT(region, type, price)                                                       \
    "{\"product\":{\"attributes\":{\"regionCode\":\"" region "\",\"instanceType\":\"" type \
    "\"}},\"terms\":{\"OnDemand\":{\"a\":{\"priceDimensions\":{\"b\":{\"unit\":\"Hrs\","   \
    "\"pricePerUnit\":{" price "}}}}}}}"
#define SPOT(zone, price)                                                                        \
    "{\"SpotPriceHistory\":[\n{\"AvailabilityZone\":\"" zone "\",\"InstanceType\":\"m5.large\"," \
    "\"ProductDescription\":\"Linux/UNIX\",\"SpotPrice\":\"" price                               \
    "\",\"Timestamp\":\"2026-08-01T00:00:00Z\"}]}"

static const struct {
    const char *name, *text, *message;
} refusals[] = {
    {"something else", "{\"Reservations\":[]}",
     ":1:1: not a file that can be imported: it has none of InstanceTypes, InstanceTypeOfferings, "
     "SpotPriceHistory, PriceList, products"},
    {"nothing", "", ": empty"},
    {"cut in the middle", "{\"InstanceTypes\":[", ":1:19: the text ends, expected a value"},
    {"a map of types", "{\"InstanceTypes\":{}}",
     ":1:18: InstanceTypes: a map where a list belongs"},
    {"a type without sizes", "{\"InstanceTypes\":[\n{\"InstanceType\":\"m5.large\"}]}",
     ":2:1: InstanceTypes[0].ProcessorInfo.SupportedArchitectures: missing (and 4 more)"},
    {"addresses beyond reason",
     "{\"InstanceTypes\":[\n{\"InstanceType\":\"m5.large\",\"VCpuInfo\":{\"DefaultVCpus\":2},"
     "\"MemoryInfo\":{\"SizeInMiB\":8192},\"ProcessorInfo\":{\"SupportedArchitectures\":"
     "[\"x86_64\"]},\n\"NetworkInfo\":{\"MaximumNetworkInterfaces\":3,"
     "\"Ipv4AddressesPerInterface\":10001}}]}",
     ":3:73: InstanceTypes[0].NetworkInfo.Ipv4AddressesPerInterface: expected a whole number from "
     "1 to 10000"},
    {"a price in words", SPOT("eu-west-1a", "cheap"),
     ":2:106: SpotPriceHistory[0].SpotPrice: 'cheap' is not a price of at least 0 per hour"},
    {"zone ids",
     "{\"InstanceTypeOfferings\":[\n{\"InstanceType\":\"m5.large\",\"LocationType\":"
     "\"availability-zone-id\",\"Location\":\"euw1-az1\"}]}",
     ":2:1: InstanceTypeOfferings[0]: LocationType is neither region nor availability-zone: ask "
     "for --location-type availability-zone"},
    {"two regions",
     "[" PRODUCT("eu-west-1", "m5.large", "\"USD\":\"1\"") ",\n" PRODUCT("eu-west-2", "m5.large",
                                                                         "\"USD\":\"1\"") "]",
     "the files name several regions, 'eu-west-1' and 'eu-west-2': say which to import"},
    {"two prices",
     "[" PRODUCT("eu-west-1", "m5.large", "\"USD\":\"1\"") ",\n" PRODUCT("eu-west-1", "m5.large",
                                                                         "\"USD\":\"2\"") "]",
     ":2:12: [1].product: a second price for m5.large: 2 after 1"},
    {"two currencies",
     "[" PRODUCT("eu-west-1", "m5.large", "\"USD\":\"1\"") ",\n" PRODUCT("eu-west-1", "c5.large",
                                                                         "\"CNY\":\"2\"") "]",
     ":2:165: [1].terms.OnDemand.a.priceDimensions.b.pricePerUnit.CNY: a price in CNY after prices "
     "in USD"},
    {"a product in a string that is no JSON", "{\"PriceList\":[\n\"{\\\"product\\\":\"]}",
     ":2:1: in PriceList[0]:1:12: the text ends, expected a value"},
    {"no price of any type", "{\"PriceList\":[]}",
     "the files do not name a region: say which to import"},
};

static void what_is_wrong_is_refused_with_its_place(void)
{
    char path[] = "/tmp/wb-catalog-XXXXXX";
    const int file = mkstemp(path);
    CU_ASSERT_FATAL(file >= 0);
    for (size_t i = 0; i < WB_TEST_COUNT(refusals); i++) {
        world w;
        make_world(&w);
        const ssize_t length = (ssize_t)strlen(refusals[i].text);
        CU_ASSERT_EQUAL_FATAL(ftruncate(file, 0), 0);
        CU_ASSERT_EQUAL_FATAL(pwrite(file, refusals[i].text, (size_t)length, 0), length);
        const char *const paths[] = {path};
        const wb_catalog_import_options options = {.paths = paths, .path_count = 1};
        CU_ASSERT_EQUAL(wb_catalog_import(&w.arena, &w.intern, &options, &w.catalog, NULL, &w.err),
                        WB_ERR_INPUT);
        const size_t path_length = strlen(path);
        const bool has_path = strncmp(w.err.text, path, path_length) == 0;
        const char *message = w.err.text + (has_path ? path_length : 0);
        if (strcmp(message, refusals[i].message) != 0) {
            CU_FAIL("another message");
            printf("%s:\n  %s\n  instead of\n  %s\n", refusals[i].name, message,
                   refusals[i].message);
        }
        release_world(&w);
    }
    close(file);
    remove(path);
}

static void a_region_without_prices_says_what_is_missing(void)
{
    static const char *const files[] = {"instance_types.json"};
    world w;
    make_world(&w);
    CU_ASSERT_EQUAL(import_samples(&w, "eu-west-1", files, 1), WB_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(w.err.text,
                           "no instance type has a price in region 'eu-west-1': add the output of "
                           "'aws pricing get-products' or 'aws ec2 describe-spot-price-history' "
                           "for it");
    /* With shipped prices the types are enough. */
    CU_ASSERT_EQUAL(import_samples(&w, "us-east-1", files, 1), WB_OK);
    CU_ASSERT_EQUAL(w.catalog.type_count, 5);
    release_world(&w);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"files become a catalog", files_become_a_catalog},
        {"imported types equal the shipped ones", imported_types_equal_the_shipped_ones},
        {"a type that is not shipped is sized by the same rules",
         a_type_that_is_not_shipped_is_sized_by_the_same_rules},
        {"what is written is read back", what_is_written_is_read_back},
        {"what is wrong is refused with its place", what_is_wrong_is_refused_with_its_place},
        {"a region without prices says what is missing",
         a_region_without_prices_says_what_is_missing},
    };
    return wb_test_run("catalog_import", cases, WB_TEST_COUNT(cases));
}
