/* Catalogs as JSON: what is read, what is refused and where, and that printing loses nothing. */
#include <string.h>

#include "base/document.h"
#include "base/text.h"
#include "kube/catalog/catalog.h"
#include "kube/names.h"
#include "tests/harness.h"
#include "tests/kube/catalog_equality.h"

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

static wb_status decode(world *w, const char *text, wb_catalog *out, wb_error *err)
{
    wb_document_stream stream;
    const wb_document_input input = {"c.json", text, strlen(text), WB_DOCUMENT_JSON};
    const wb_status status = wb_document_read_text(&w->arena, &input, &stream, err);
    CU_ASSERT_EQUAL_FATAL(status, WB_OK);
    return wb_catalog_decode(&w->arena, &w->intern, stream.roots[0], out, err);
}

static const char full_text[] =
    "{\"region\":\"eu-west-1\",\"currency\":\"EUR\",\"priceSource\":\"a test\","
    "\"instanceTypes\":[\n"
    "{\"name\":\"x1.small\",\"labels\":{\"kubernetes.io/arch\":\"arm64\",\"tier\":\"\"},"
    "\"capacity\":{\"cpu\":\"1500m\",\"memory\":\"2Gi\",\"pods\":8,\"nvidia.com/gpu\":\"2\"},"
    "\"overhead\":{\"cpu\":\"60m\"},\"offerings\":["
    "{\"zone\":\"eu-west-1b\",\"capacityType\":\"spot\",\"price\":1e-3,\"available\":false},"
    "{\"zone\":\"eu-west-1a\",\"capacityType\":\"reserved\",\"price\":0,\"reservationId\":\"cr-1\","
    "\"reservationCapacity\":2}],\"interruptionBand\":4,\"savingsPercent\":-62,"
    "\"volumeLimit\":27,\"volumeLimitIsShared\":true,\"eniCount\":3,\"eniIpv4Count\":10,"
    "\"extraRequirements\":{\"color\":[\"red\",\"blue\"],\"shape\":[]},"
    "\"plainInstanceRequirements\":true}]}";

static void every_field_is_read(void)
{
    world w;
    make_world(&w);
    wb_catalog catalog;
    wb_error err = {.text = ""};
    CU_ASSERT_EQUAL_FATAL(decode(&w, full_text, &catalog, &err), WB_OK);
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&w.intern, catalog.region), "eu-west-1");
    CU_ASSERT_STRING_EQUAL(catalog.currency, "EUR");
    CU_ASSERT_STRING_EQUAL(catalog.price_source, "a test");
    CU_ASSERT_EQUAL_FATAL(catalog.zone_count, 2); /* from the offerings, in their order */
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&w.intern, catalog.zones[0]), "eu-west-1b");
    CU_ASSERT_EQUAL_FATAL(catalog.type_count, 1);
    const wb_catalog_type *type = &catalog.types[0];
    CU_ASSERT_EQUAL(wb_catalog_find(&catalog, wb_intern_find(&w.intern, "x1.small")), 0);
    CU_ASSERT_EQUAL(wb_labels_get(type->labels, WB_NAME_ARCH), WB_NAME_ARM64);
    CU_ASSERT_TRUE(wb_labels_has(type->labels, wb_intern_find(&w.intern, "tier")));
    CU_ASSERT_EQUAL(wb_resource_list_get(type->capacity, WB_NAME_CPU), 1500);
    CU_ASSERT_EQUAL(wb_resource_list_get(type->capacity, WB_NAME_MEMORY), INT64_C(2147483648));
    CU_ASSERT_EQUAL(wb_resource_list_get(type->capacity, WB_NAME_PODS), 8);
    CU_ASSERT_EQUAL(wb_resource_list_get(type->capacity, WB_NAME_NVIDIA_GPU), 2);
    CU_ASSERT_EQUAL(wb_resource_list_get(type->overhead, WB_NAME_CPU), 60);
    CU_ASSERT_EQUAL_FATAL(type->offering_count, 2);
    CU_ASSERT_EQUAL(type->offerings[0].capacity_type, WB_CAPACITY_SPOT);
    CU_ASSERT_EQUAL(type->offerings[0].price_usd_per_hour, 0.001);
    CU_ASSERT_FALSE(type->offerings[0].is_available);
    CU_ASSERT_TRUE(type->offerings[1].is_available);
    CU_ASSERT_EQUAL(type->offerings[1].capacity_type, WB_CAPACITY_RESERVED);
    CU_ASSERT_EQUAL(type->offerings[1].reservation_id, wb_intern_find(&w.intern, "cr-1"));
    CU_ASSERT_EQUAL(type->offerings[1].reservation_count, 2);
    CU_ASSERT_EQUAL(type->interruption_band, 4);
    CU_ASSERT_EQUAL(type->savings_percent, -62);
    CU_ASSERT_EQUAL(type->volume_limit, 27);
    CU_ASSERT_TRUE(type->volume_limit_is_shared);
    CU_ASSERT_EQUAL(type->eni_count, 3);
    CU_ASSERT_EQUAL(type->eni_ipv4_count, 10);
    CU_ASSERT_EQUAL_FATAL(type->extra_requirement_count, 2);
    CU_ASSERT_EQUAL(type->extra_requirements[0].value_count, 2);
    CU_ASSERT_EQUAL(type->extra_requirements[1].value_count, 0);
    CU_ASSERT_TRUE(type->plain_requirements);
    release_world(&w);
}

/* Prints, decodes what was printed, and holds the two against each other. */
static void check_round_trip(world *w, const wb_catalog *catalog)
{
    wb_text text;
    wb_text_init(&text);
    wb_catalog_print_json(catalog, &w->intern, &text);
    wb_catalog again;
    wb_error err = {.text = ""};
    CU_ASSERT_EQUAL_FATAL(decode(w, wb_text_string(&text), &again, &err), WB_OK);
    CU_ASSERT_EQUAL(wb_catalog_equality_find_difference(catalog, &again,
                                                        wb_catalog_equality_of_whole_types),
                    UINT32_MAX);
    CU_ASSERT_EQUAL(again.region, catalog->region);
    CU_ASSERT_STRING_EQUAL(again.currency, catalog->currency);
    CU_ASSERT_STRING_EQUAL(again.price_source, catalog->price_source);
    wb_text twice;
    wb_text_init(&twice);
    wb_catalog_print_json(&again, &w->intern, &twice);
    CU_ASSERT_STRING_EQUAL(wb_text_string(&text), wb_text_string(&twice));
    wb_text_release(&twice);
    wb_text_release(&text);
}

static void printing_loses_nothing(void)
{
    world w;
    make_world(&w);
    wb_catalog catalog;
    wb_error err = {.text = ""};
    CU_ASSERT_EQUAL_FATAL(decode(&w, full_text, &catalog, &err), WB_OK);
    check_round_trip(&w, &catalog);
    const char *const *regions = NULL;
    const uint32_t region_count = wb_catalog_regions(&regions);
    for (uint32_t i = 0; i < region_count; i++) {
        const wb_catalog_place place = {.region = regions[i]};
        CU_ASSERT_EQUAL_FATAL(wb_catalog_load(&w.arena, &w.intern, &place, &catalog, &err), WB_OK);
        check_round_trip(&w, &catalog);
    }
    release_world(&w);
}

#define TYPE(fields) "{\"region\":\"r\",\"zones\":[\"ra\"],\"instanceTypes\":[\n{" fields "}]}"
#define OFFERING(fields) \
    TYPE("\"name\":\"t\",\"labels\":{},\"capacity\":{},\"offerings\":[{" fields "}]")

static const struct {
    const char *name, *text, *message;
} refusals[] = {
    {"a list", "[]", "c.json:1:1: a list where a map belongs"},
    {"no region", "{\"instanceTypes\":[]}", "c.json:1:1: region: missing"},
    {"a region without a name", "{\"region\":\"\",\"instanceTypes\":[]}",
     "c.json:1:1: a catalog needs a region"},
    {"fewer than no volumes",
     TYPE("\"name\":\"t\",\"labels\":{},\"capacity\":{},\"offerings\":[],\"volumeLimit\":-1"),
     "c.json:2:1: instanceTypes[0]: volumeLimit, eniCount and eniIpv4Count must be at least 0"},
    {"a type without capacity", TYPE("\"name\":\"t\",\"labels\":{},\"offerings\":[]"),
     "c.json:2:1: instanceTypes[0].capacity: missing"},
    {"a mistyped field", TYPE("\"name\":\"t\",\"labels\":{},\"capacity\":{},\"offers\":[]"),
     "c.json:2:48: instanceTypes[0].offers: unknown field 'offers' (and 1 more)"},
    {"a bad quantity",
     TYPE("\"name\":\"t\",\"labels\":{},\"capacity\":{\"memory\":\"1.5.2Gi\"},\"offerings\":[]"),
     "c.json:2:46: instanceTypes[0].capacity.memory: '1.5.2Gi' is not a quantity, expected after "
     "the number one of n u m k M G T P E, Ki Mi Gi Ti Pi Ei, an exponent such as e3, or nothing"},
    {"an unknown market", OFFERING("\"zone\":\"ra\",\"capacityType\":\"cheap\",\"price\":1"),
     "c.json:2:80: instanceTypes[0].offerings[0].capacityType: Invalid value: \"cheap\": must be "
     "one of on-demand, spot, reserved"},
    {"a negative price", OFFERING("\"zone\":\"ra\",\"capacityType\":\"spot\",\"price\":-1"),
     "c.json:2:95: instanceTypes[0].offerings[0].price: '-1' is not a price of at least 0 "
     "per hour"},
    {"a price in words", OFFERING("\"zone\":\"ra\",\"capacityType\":\"spot\",\"price\":\"1\""),
     "c.json:2:95: instanceTypes[0].offerings[0].price: a string where a number belongs"},
    {"a foreign zone", OFFERING("\"zone\":\"rb\",\"capacityType\":\"spot\",\"price\":1"),
     "c.json:2:60: instanceTypes[0].offerings[0].zone: 'rb' is not among the catalog's zones"},
    {"reserved without an id",
     OFFERING("\"zone\":\"ra\",\"capacityType\":\"reserved\",\"price\":1"),
     "c.json:2:52: instanceTypes[0].offerings[0]: a reserved offering needs a reservationId"},
    {"a type twice",
     TYPE("\"name\":\"t\",\"labels\":{},\"capacity\":{},\"offerings\":[]},\n{\"name\":\"t\","
          "\"labels\":{},\"capacity\":{},\"offerings\":[]"),
     "c.json:2:1: instanceTypes[0]: 't' is there twice"},
    {"a band beyond 4",
     TYPE("\"name\":\"t\",\"labels\":{},\"capacity\":{},\"offerings\":[],\"interruptionBand\":5"),
     "c.json:2:1: instanceTypes[0]: interruptionBand 5 is not one of 0 to 4"},
};

static void what_is_wrong_is_refused_with_its_place(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(refusals); i++) {
        world w;
        make_world(&w);
        wb_catalog catalog = {.type_count = 99};
        wb_error err = {.text = ""};
        CU_ASSERT_EQUAL(decode(&w, refusals[i].text, &catalog, &err), WB_ERR_INPUT);
        CU_ASSERT_EQUAL(catalog.type_count, 99);
        if (strcmp(err.text, refusals[i].message) != 0) {
            CU_FAIL("another message");
            printf("%s:\n  %s\n  instead of\n  %s\n", refusals[i].name, err.text,
                   refusals[i].message);
        }
        release_world(&w);
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"every field is read", every_field_is_read},
        {"printing loses nothing", printing_loses_nothing},
        {"what is wrong is refused with its place", what_is_wrong_is_refused_with_its_place},
    };
    return wb_test_run("catalog_decode", cases, WB_TEST_COUNT(cases));
}
