/* Units of sizes by AWS' own tables (EC2 user guide, apply_ri), and what is a family. */
#include "sim/cloud/reserved_size.h"
#include "tests/harness.h"

typedef struct units_case {
    const char *type;
    int64_t vcpu_count;
    double units;
} units_case;

static void units_are_those_of_aws(void)
{
    static const units_case rows[] = {
        {"t3.nano", 2, 0.25},
        {"t3.micro", 2, 0.5},
        {"t3.small", 2, 1.0},
        {"t3.medium", 2, 2.0},
        {"m5.large", 2, 4.0},
        {"m5.xlarge", 4, 8.0},
        {"m5.2xlarge", 8, 16.0},
        {"g4ad.3xlarge", 12, 24.0},
        {"c5.9xlarge", 36, 72.0},
        {"r5.24xlarge", 96, 192.0},
        {"u-6tb1.112xlarge", 448, 896.0},
        {"c7i.metal-24xl", 96, 192.0},
        {"m8i.metal-96xl", 384, 768.0},
        /* AWS' table of bare metal */
        {"a1.metal", 16, 32.0},
        {"m5zn.metal", 48, 96.0},
        {"i3.metal", 64, 128.0},
        {"c6g.metal", 64, 128.0},
        {"c5n.metal", 72, 144.0},
        {"m5.metal", 96, 192.0},
        {"c6i.metal", 128, 256.0},
        {"u-12tb1.metal", 448, 896.0},
        {"u-24tb1.metal", 448, 448.0},
        /* no sizes */
        {"m5.xxlarge", 4, 0.0},
        {"m5.2xlarges", 4, 0.0},
        {"m5.0xlarge", 4, 0.0},
        {"m5.99999999999xlarge", 4, 0.0},
        {"m5.metal-big", 96, 0.0},
        {"m5.", 2, 0.0},
        {"machine", 2, 0.0},
    };
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        const double found = wb_reserved_size_units(rows[i].type, rows[i].vcpu_count);
        if (found < rows[i].units || found > rows[i].units) {
            printf("\n    %s: %g, expected %g", rows[i].type, found, rows[i].units);
        }
        CU_ASSERT_TRUE(found >= rows[i].units && found <= rows[i].units);
    }
}

static void families_are_names_up_to_the_dot(void)
{
    CU_ASSERT_TRUE(wb_reserved_size_is_same_family("m5.large", "m5.metal"));
    CU_ASSERT_TRUE(wb_reserved_size_is_same_family("m5.large", "m5"));
    CU_ASSERT_FALSE(wb_reserved_size_is_same_family("m5.large", "m5d.large"));
    CU_ASSERT_FALSE(wb_reserved_size_is_same_family("m5d.large", "m5.large"));
    CU_ASSERT_FALSE(wb_reserved_size_is_same_family("c5.large", "m5.large"));
    CU_ASSERT_FALSE(wb_reserved_size_is_same_family("m5", ""));
}

static void some_families_have_no_flexibility(void)
{
    static const char *const without[] = {
        "g4ad.xlarge", "g4dn.metal",    "g5.48xlarge", "g5g.metal",         "g6.xlarge",
        "g6e.xlarge",  "g6f.large",     "gr6.4xlarge", "gr6f.4xlarge",      "hpc7a.12xlarge",
        "inf1.xlarge", "inf2.48xlarge", "p5.48xlarge", "u7i-6tb.112xlarge", "u7i-8tb.112xlarge",
    };
    static const char *const with[] = {
        "m5.large",     "g3.4xlarge",     "g4.xlarge",  "p5en.48xlarge", "u7i-12tb.224xlarge",
        "p4d.24xlarge", "hpc6a.48xlarge", "inf.xlarge", "t3.nano",
    };
    for (size_t i = 0; i < WB_TEST_COUNT(without); i++) {
        CU_ASSERT_FALSE(wb_reserved_size_is_flexible(without[i]));
    }
    for (size_t i = 0; i < WB_TEST_COUNT(with); i++) {
        CU_ASSERT_TRUE(wb_reserved_size_is_flexible(with[i]));
    }
}

static const wb_test_case cases[] = {
    {"units are those of AWS' tables", units_are_those_of_aws},
    {"families are names up to the dot", families_are_names_up_to_the_dot},
    {"some families have no flexibility", some_families_have_no_flexibility},
};

int main(void)
{
    return wb_test_run("reserved_size", cases, WB_TEST_COUNT(cases));
}
